/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_OUTBOX_AGREES_H
#define HEADLINED_TESTS_OUTBOX_AGREES_H

/* The numbers that outbox_count keeps are those of the rows, whatever the test
 * has done: for its tear-down. Included after cmocka.h. */

#include "base/db.h"
#include "base/err.h"

static inline int64_t
outbox_disagrees(struct db *db)
{
	struct err err;
	struct db_stmt *q = db_query(db, "WITH rows AS (SELECT sink, state,"
	    " count(*) AS n FROM outbox GROUP BY 1, 2), kept AS (SELECT sink,"
	    " state, n FROM outbox_count WHERE n <> 0) SELECT (SELECT count(*)"
	    " FROM (SELECT * FROM rows EXCEPT SELECT * FROM kept)) + (SELECT"
	    " count(*) FROM (SELECT * FROM kept EXCEPT SELECT * FROM rows))",
	    DB_NO_ARGS, &err);
	int64_t n = -1;

	if (db_next(q, &err) == DB_ROW)
		n = db_int(q, 0);
	db_done(q);
	return n;
}

#endif
