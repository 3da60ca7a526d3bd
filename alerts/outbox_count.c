/* SPDX-License-Identifier: ISC */
/*
 * How many rows each sink has in each state. Whoever looks at the daemon asks
 * for that, and going over an index of a million rows takes longer than the
 * main loop may stand; so the number is kept, beside the rows:
 *
 *	outbox_count	sink  state	   n
 *			   3  waiting	   4
 *			   3  sent	9812
 *
 * Triggers keep it, as part of the statement that changes the rows: it agrees
 * with them whoever wrote, and whatever of it was rolled back.
 */
#include "alerts/outbox.h"

#include <stdio.h>

#include "base/db.h"
#include "base/err.h"

#define ONE_MORE	" INSERT INTO outbox_count VALUES (new.sink," \
	" new.state, 1) ON CONFLICT (sink, state) DO UPDATE SET n = n + 1; "
#define ONE_LESS	" UPDATE outbox_count SET n = n - 1" \
	" WHERE sink = old.sink AND state = old.state; "

const char outbox_count_schema[] =
    "CREATE TABLE outbox_count ("
    "    sink INTEGER NOT NULL,"
    "    state INTEGER NOT NULL,"
    "    n INTEGER NOT NULL,"
    "    PRIMARY KEY (sink, state)) WITHOUT ROWID;"
    "INSERT INTO outbox_count"
    "    SELECT sink, state, count(*) FROM outbox GROUP BY sink, state;"
    "CREATE TRIGGER outbox_count_in AFTER INSERT ON outbox"
    " BEGIN" ONE_MORE "END;"
    "CREATE TRIGGER outbox_count_out AFTER DELETE ON outbox"
    " BEGIN" ONE_LESS "END;"
    "CREATE TRIGGER outbox_count_over AFTER UPDATE OF sink, state ON outbox"
    " WHEN old.state <> new.state OR old.sink <> new.sink"
    " BEGIN" ONE_LESS ONE_MORE "END;";

static void
take_count(struct outbox_counts *n, int64_t state, int64_t count)
{
	if (state == OUTBOX_WAITING)
		n->waiting = count;
	else if (state == OUTBOX_SENT)
		n->sent = count;
	else if (state == OUTBOX_GIVEN_UP)
		n->given_up = count;
	else if (state == OUTBOX_DROPPED)
		n->dropped = count;
	else if (state == OUTBOX_IN_DIGEST)
		n->in_digest = count;
}

static int
read_counts(struct db *db, const char *sink, struct outbox_counts *n,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT state, n FROM outbox_count"
	    " WHERE sink = (SELECT id FROM sink WHERE name = ?)",
	    DB_ARGS(DB_S(str_from(sink))), err);
	enum db_step step;

	while ((step = db_next(q, err)) == DB_ROW)
		take_count(n, db_int(q, 0), db_int(q, 1));
	db_done(q);
	return step == DB_END ? 0 : -1;
}

/* The first in the queue is the oldest, but for clocks that were set and what
 * was replayed. */
static int
find_oldest(struct db *db, const char *sink, struct outbox_counts *n,
    struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT a.time, o.tries, o.due, o.error,"
	    " o.first_tried FROM outbox o JOIN alert a ON a.seq = o.alert"
	    " WHERE o.sink = (SELECT id FROM sink WHERE name = ?)"
	    " AND o.state = 0 ORDER BY o.seq LIMIT 1",
	    DB_ARGS(DB_S(str_from(sink))), err);
	step = db_next(q, err);
	if (step == DB_ROW) {
		n->oldest_s = db_int(q, 0);
		n->oldest_tries = db_int(q, 1);
		n->oldest_due_s = db_int(q, 2);
		n->oldest_first_s = db_int(q, 4);
		snprintf(n->oldest_error, sizeof(n->oldest_error), "%.*s",
		    STR_ARG(db_str(q, 3)));
	}
	db_done(q);
	return step != DB_FAILED ? 0 : -1;
}

int
outbox_count(struct db *db, const char *sink, struct outbox_counts *n,
    struct err *err)
{
	*n = (struct outbox_counts){ 0 };
	if (read_counts(db, sink, n, err) == -1 ||
	    find_oldest(db, sink, n, err) == -1)
		return err_wrap(err, "counting the outbox of %s", sink);
	return 0;
}
