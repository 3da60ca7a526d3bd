/* SPDX-License-Identifier: ISC */
#include "feeds/robots_store.h"

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"

const char robots_store_schema[] =
	"CREATE TABLE robots ("
	" origin TEXT PRIMARY KEY,"
	" put_at INTEGER NOT NULL,"
	" saved TEXT NOT NULL"
	") WITHOUT ROWID;"
	"CREATE INDEX robots_by_age ON robots (put_at);";

static int
make_room(struct db *db, int64_t now_s, struct err *err)
{
	if (db_run(db, "DELETE FROM robots WHERE put_at < ?",
	    DB_ARGS(DB_I(now_s - ROBOTS_STORE_KEEP_S)), err) == -1)
		return -1;
	/* One is put at a time: no more than one is too many. */
	return db_run(db, "DELETE FROM robots WHERE origin IN"
	    " (SELECT origin FROM robots ORDER BY put_at"
	    " LIMIT max(0, (SELECT count(*) FROM robots) - ?))",
	    DB_ARGS(DB_I(ROBOTS_STORE_MOST)), err);
}

int
robots_store_put(struct db *db, const char *origin, struct str saved,
    int64_t now_s, struct err *err)
{
	if (db_run(db, "INSERT OR REPLACE INTO robots (origin, put_at, saved)"
	    " VALUES (?, ?, ?)", DB_ARGS(DB_S(str_from(origin)), DB_I(now_s),
	    DB_S(saved)), err) == -1 || make_room(db, now_s, err) == -1)
		return err_wrap(err, "keeping a robots.txt");
	return 0;
}

int
robots_store_drop(struct db *db, const char *origin, struct err *err)
{
	return db_run(db, "DELETE FROM robots WHERE origin = ?",
	    DB_ARGS(DB_S(str_from(origin))), err) == 0 ? 0 :
	    err_wrap(err, "forgetting a robots.txt");
}

int
robots_store_find(struct db *db, const char *origin, struct buf *out,
    struct err *err)
{
	struct db_stmt *q = db_query(db,
	    "SELECT saved FROM robots WHERE origin = ?",
	    DB_ARGS(DB_S(str_from(origin))), err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW)
		buf_add_str(out, db_str(q, 0));
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "reading a robots.txt");
}
