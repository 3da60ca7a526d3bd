/* SPDX-License-Identifier: ISC */
#include "daemon/teller_store.h"

#include "base/db.h"
#include "base/err.h"
#include "base/utf8.h"

/*
 * Rows come in the order of seq, which is that of time but for clocks that were
 * set: what is old is the left end of the tree.
 */
const char teller_store_schema[] =
    "CREATE TABLE story_item ("
    "    seq INTEGER PRIMARY KEY,"
    "    key INTEGER NOT NULL,"
    "    time INTEGER NOT NULL,"
    "    site TEXT NOT NULL,"
    "    domain INTEGER NOT NULL,"
    "    story INTEGER NOT NULL,"
    "    copy_of INTEGER NOT NULL,"
    "    sign BLOB NOT NULL);"
    "CREATE TABLE story_told ("
    "    key INTEGER PRIMARY KEY,"
    "    time INTEGER NOT NULL,"
    "    owners BLOB NOT NULL);"
    "CREATE TABLE story_held ("
    "    seq INTEGER PRIMARY KEY,"
    "    alert TEXT NOT NULL UNIQUE,"
    "    time INTEGER NOT NULL,"
    "    story INTEGER NOT NULL,"
    "    is_copy INTEGER NOT NULL);";

/* Which alert told it first; and what was held back behind that one. */
const char teller_store_schema_2[] =
    "ALTER TABLE story_told ADD COLUMN alert TEXT;"
    "ALTER TABLE story_held ADD COLUMN told_by TEXT;"
    "ALTER TABLE story_held ADD COLUMN title TEXT;"
    "ALTER TABLE story_held ADD COLUMN url TEXT;"
    "ALTER TABLE story_held ADD COLUMN feed TEXT;"
    "ALTER TABLE story_held ADD COLUMN site TEXT;"
    "CREATE INDEX story_held_by ON story_held (told_by, is_copy)"
    "    WHERE told_by NOT NULL;";

int
story_store_put(struct db *db, const struct story_row *row, struct err *err)
{
	if (db_run(db, "INSERT OR REPLACE INTO story_item (seq, key, time,"
	    " site, domain, story, copy_of, sign)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", DB_ARGS(DB_I(row->seq),
	    DB_I(db_signed(row->key)), DB_I(row->time_s), DB_S(row->site),
	    DB_I(db_signed(row->domain)), DB_I(db_signed(row->story)),
	    DB_I(db_signed(row->copy_of)), DB_B(row->sign)), err) == -1)
		return err_wrap(err, "keeping an item's story");
	return 0;
}

int
story_store_put_told(struct db *db, const struct told_row *row,
    struct err *err)
{
	/* A row that is forgotten already may stand there still. */
	if (db_run(db, "INSERT INTO story_told (key, time, owners, alert)"
	    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key) DO UPDATE SET"
	    " time = ?2, owners = ?3, alert = CASE WHEN ?5 THEN ?4"
	    " ELSE ifnull(alert, ?4) END", DB_ARGS(DB_I(db_signed(row->key)),
	    DB_I(row->time_s), DB_B(row->owners), DB_S(row->alert),
	    DB_I(row->is_first)), err) == -1)
		return err_wrap(err, "keeping what was told");
	return 0;
}

int
story_store_put_held(struct db *db, const struct held_row *row,
    struct err *err)
{
	/* A URL that was cut leads elsewhere: whole, or none. */
	struct str url = row->url.n <= HELD_MOST_URL ? row->url : STR_NONE;
	struct str feed = row->feed.n <= HELD_MOST_URL ? row->feed : STR_NONE;

	if (db_run(db, "INSERT OR REPLACE INTO story_held (alert, time, story,"
	    " is_copy, told_by, title, url, feed, site) VALUES (?, ?, ?, ?,"
	    " (SELECT alert FROM story_told WHERE key = ?), ?, ?, ?, ?)",
	    DB_ARGS(DB_S(row->alert), DB_I(row->time_s),
	    DB_I(db_signed(row->story)), DB_I(row->is_copy),
	    DB_I(db_signed(row->told)),
	    DB_S(utf8_cut(row->title, HELD_MOST_TITLE)), DB_S(url),
	    DB_S(feed), DB_S(row->site)), err) == -1)
		return err_wrap(err, "keeping what was held back");
	return 0;
}

int
story_store_drop_held(struct db *db, struct str alert, struct err *err)
{
	if (db_run(db, "DELETE FROM story_held WHERE alert = ?",
	    DB_ARGS(DB_S(alert)), err) == -1)
		return err_wrap(err, "dropping what was held back");
	return 0;
}

/* The index alone is read, and of a flood a piece. */
static int
count_kind(struct db *db, struct str alert, bool is_copy, int64_t *n,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT count(*) FROM (SELECT 1"
	    " FROM story_held WHERE told_by = ? AND is_copy = ? LIMIT ?)",
	    DB_ARGS(DB_S(alert), DB_I(is_copy), DB_I(HELD_MOST_COUNTED)),
	    err);
	enum db_step step = db_next(q, err);

	*n = step == DB_ROW ? db_int(q, 0) : 0;
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "counting what was held "
	    "back");
}

int
story_store_count_held(struct db *db, struct str alert,
    struct held_counts *n, struct err *err)
{
	if (count_kind(db, alert, true, &n->copies, err) == -1)
		return -1;
	return count_kind(db, alert, false, &n->others, err);
}

int
story_store_each_held(struct db *db, struct str alert, int64_t n,
    void (*each)(const struct held_row *, void *), void *ctx,
    struct err *err)
{
	/* In this order the index has them; or all were sorted. */
	struct db_stmt *q = db_query(db, "SELECT alert, time, story, is_copy,"
	    " title, url, feed, site FROM story_held WHERE told_by = ?"
	    " ORDER BY is_copy DESC, seq DESC LIMIT ?",
	    DB_ARGS(DB_S(alert), DB_I(n)), err);
	enum db_step step;

	while ((step = db_next(q, err)) == DB_ROW) {
		const struct held_row row = { .alert = db_str(q, 0),
			.time_s = db_int(q, 1),
			.story = db_unsigned(db_int(q, 2)),
			.is_copy = db_int(q, 3) != 0, .title = db_str(q, 4),
			.url = db_str(q, 5), .feed = db_str(q, 6),
			.site = db_str(q, 7) };

		each(&row, ctx);
	}
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "reading what was held "
	    "back");
}

int
story_store_find_held(struct db *db, struct str alert, struct held_row *row,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT time, story, is_copy"
	    " FROM story_held WHERE alert = ?", DB_ARGS(DB_S(alert)), err);
	enum db_step step = db_next(q, err);

	row->time_s = 0;
	if (step == DB_ROW) {
		row->time_s = db_int(q, 0);
		row->story = db_unsigned(db_int(q, 1));
		row->is_copy = db_int(q, 2) != 0;
	}
	db_done(q);
	return step == DB_FAILED ? err_wrap(err, "looking for what was held "
	    "back") : 0;
}

int
story_store_forget_held(struct db *db, int64_t before_s, struct err *err)
{
	/* As story_store_forget: up to the first that is young enough. */
	if (db_run(db, "DELETE FROM story_held WHERE seq < ifnull((SELECT seq"
	    " FROM story_held WHERE time >= ? ORDER BY seq LIMIT 1),"
	    " 9223372036854775807)", DB_ARGS(DB_I(before_s)), err) == -1)
		return err_wrap(err, "forgetting what was held back");
	return 0;
}

int
story_store_each(struct db *db, const struct story_span *span,
    int (*each)(const struct story_row *, void *), void *ctx,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT seq, key, time, site, domain,"
	    " story, copy_of, sign FROM story_item WHERE time >= ?"
	    " AND time <= ? ORDER BY seq", DB_ARGS(DB_I(span->since_s),
	    DB_I(span->until_s)), err);
	enum db_step step;

	while ((step = db_next(q, err)) == DB_ROW) {
		const struct story_row row = { .seq = db_int(q, 0),
			.key = db_unsigned(db_int(q, 1)),
			.time_s = db_int(q, 2), .site = db_str(q, 3),
			.domain = db_unsigned(db_int(q, 4)),
			.story = db_unsigned(db_int(q, 5)),
			.copy_of = db_unsigned(db_int(q, 6)),
			.sign = db_str(q, 7) };

		if (each(&row, ctx) != 0)
			break;
	}
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "reading stories");
}

int
story_store_each_told(struct db *db, const struct story_span *span,
    int (*each)(const struct told_row *, void *), void *ctx,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT key, time, owners"
	    " FROM story_told WHERE time >= ? AND time <= ?"
	    " ORDER BY time, key", DB_ARGS(DB_I(span->since_s),
	    DB_I(span->until_s)), err);
	enum db_step step;

	while ((step = db_next(q, err)) == DB_ROW) {
		const struct told_row row = { .key = db_unsigned(db_int(q, 0)),
			.time_s = db_int(q, 1), .owners = db_str(q, 2) };

		if (each(&row, ctx) != 0)
			break;
	}
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "reading what was told");
}

int
story_store_forget(struct db *db, const struct story_span *span, int64_t n,
    int64_t *dropped, struct err *err)
{
	*dropped = 0;
	/* From the left end up to the first that is in it. */
	if (db_run(db, "DELETE FROM story_item WHERE seq IN (SELECT seq"
	    " FROM story_item WHERE seq < ifnull((SELECT seq FROM story_item"
	    " WHERE time >= ?1 AND time <= ?2 ORDER BY seq LIMIT 1),"
	    " 9223372036854775807) ORDER BY seq LIMIT ?3)",
	    DB_ARGS(DB_I(span->since_s), DB_I(span->until_s), DB_I(n)),
	    err) == -1)
		return err_wrap(err, "forgetting stories");
	*dropped = db_changes(db);
	if (db_run(db, "DELETE FROM story_told WHERE key IN (SELECT key"
	    " FROM story_told WHERE time < ? OR time > ? LIMIT ?)",
	    DB_ARGS(DB_I(span->since_s), DB_I(span->until_s), DB_I(n)),
	    err) == -1)
		return err_wrap(err, "forgetting what was told");
	*dropped += db_changes(db);
	return 0;
}
