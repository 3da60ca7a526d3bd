/* SPDX-License-Identifier: ISC */
#include "feeds/boilerplate_store.h"

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "feeds/feed_store.h"

/* The number of a row is twice its feed's, and one more for pages. The table
 * stands last, so that the rest is read without it. */
const char boilerplate_store_schema[] =
    "CREATE TABLE boilerplate ("
    "    id INTEGER PRIMARY KEY,"
    "    seen INTEGER NOT NULL,"
    "    lines INTEGER NOT NULL,"
    "    shown TEXT NOT NULL,"
    "    saved BLOB NOT NULL);";

int
boilerplate_store_put(struct db *db, const char *feed_url, bool of_pages,
    const struct boilerplate_row *row, struct err *err)
{
	int64_t feed = feed_store_find_or_make(db, feed_url, err);

	if (feed == -1 || db_run(db, "INSERT OR REPLACE INTO boilerplate"
	    " (id, seen, lines, shown, saved) VALUES (?, ?, ?, ?, ?)",
	    DB_ARGS(DB_I(2 * feed + of_pages), DB_I(row->seen_s),
	    DB_I(row->lines), DB_S(row->shown), DB_B(row->saved)), err) == -1)
		return err_wrap(err, "keeping which lines a feed repeats");
	return 0;
}

int
boilerplate_store_find(struct db *db, const char *feed_url, bool of_pages,
    struct buf *out, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT saved FROM boilerplate"
	    " WHERE id = 2 * (SELECT id FROM feed WHERE url = ?) + ?",
	    DB_ARGS(DB_S(str_from(feed_url)), DB_I(of_pages)), err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW)
		buf_add_str(out, db_str(q, 0));
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "reading which lines a feed repeats");
}

int
boilerplate_store_show(struct db *db, int64_t feed, bool of_pages,
    int64_t *lines, struct buf *out, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT lines, shown FROM boilerplate"
	    " WHERE id = ?", DB_ARGS(DB_I(2 * feed + of_pages)), err);
	enum db_step step = db_next(q, err);

	*lines = step == DB_ROW ? db_int(q, 0) : 0;
	if (step == DB_ROW)
		buf_add_str(out, db_str(q, 1));
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "reading which lines a feed repeats");
}

int
boilerplate_store_forget(struct db *db, int64_t before_s, int64_t from,
    int64_t to, struct err *err)
{
	return db_run(db, "DELETE FROM boilerplate"
	    " WHERE id >= ? AND id < ? AND seen < ?",
	    DB_ARGS(DB_I(2 * from), DB_I(to != 0 ? 2 * to : INT64_MAX),
	    DB_I(before_s)), err) == 0 ? 0 :
	    err_wrap(err, "forgetting which lines feeds repeat");
}
