/* SPDX-License-Identifier: ISC */
/*
 * A text's row number is its age:
 *
 *	seq = second it was read << 24 | counts within that second
 *
 * so that new rows stand at the right end of one tree, the oldest at the left,
 * and what is older than a moment is one range: no index by time is needed. The
 * one index finds the text of an item; items of one feed come together, and
 * stand there together.
 */
#include "feeds/item_store.h"

#include "base/db.h"
#include "base/err.h"
#include "base/item.h"
#include "feeds/feed_store.h"

enum {
	COUNT_BITS = 24,
	MAKE_ROOM_ROWS = 16,
	MAKE_ROOM_TIMES = 8
};

/* 17,000 years, so that the shift cannot overflow whatever a clock says. */
static const int64_t max_second = (INT64_C(1) << (63 - COUNT_BITS)) - 2;

/* published: NULL when not said. */
const char item_store_schema[] =
    "CREATE TABLE item_text ("
    "    seq INTEGER PRIMARY KEY,"
    "    feed INTEGER NOT NULL REFERENCES feed,"
    "    id_hash INTEGER NOT NULL,"
    "    published INTEGER,"
    "    url TEXT NOT NULL,"
    "    title TEXT NOT NULL,"
    "    text TEXT NOT NULL);"
    "CREATE UNIQUE INDEX item_text_item ON item_text (feed, id_hash);";

/* SQLite's numbers have a sign: the same bits. */
static int64_t
to_signed(uint64_t hash)
{
	int64_t v;

	memcpy(&v, &hash, sizeof(v));
	return v;
}

/* The first row number of a second. */
static int64_t
first_seq(int64_t second)
{
	if (second < 0)
		second = 0;
	if (second > max_second)
		second = max_second;
	return second << COUNT_BITS;
}

static struct db_arg
time_or_null(int64_t s)
{
	if (s == ITEM_NO_TIME)
		return (struct db_arg)DB_NULL;
	return (struct db_arg)DB_I(s);
}

static int
drop(struct db *db, int64_t before_seq, int64_t n, int64_t *dropped,
    struct err *err)
{
	*dropped = 0;
	if (n <= 0)		/* SQL takes a negative limit for none */
		return 0;
	if (db_run(db, "DELETE FROM item_text WHERE seq IN (SELECT seq"
	    " FROM item_text WHERE seq < ? ORDER BY seq LIMIT ?)",
	    DB_ARGS(DB_I(before_seq), DB_I(n)), err) == -1)
		return err_wrap(err, "dropping item texts");
	*dropped = db_changes(db);
	return 0;
}

/*
 * The store's limit must never be met by what may be dropped: then what may
 * not be would be refused. Bounded: one text makes room for itself, not for
 * what else has grown (daemon/tidy does).
 */
static int
make_room(struct db *db, struct err *err)
{
	int64_t dropped = 1;
	bool crowded = false;

	for (int i = 0; i < MAKE_ROOM_TIMES && dropped > 0; i++) {
		if (db_is_crowded(db, &crowded, err) == -1)
			return -1;
		if (!crowded)
			break;
		if (item_store_drop_oldest(db, MAKE_ROOM_ROWS, &dropped,
		    err) == -1)
			return -1;
	}
	return 0;
}

int
item_store_put(struct db *db, const char *feed_url,
    const struct item_text_row *row, struct err *err)
{
	int64_t feed, first = first_seq(row->seen_s);

	if (make_room(db, err) == -1 ||
	    (feed = feed_store_find_or_make(db, feed_url, err)) == -1 ||
	    db_run(db, "INSERT OR REPLACE INTO item_text VALUES"
	    " (ifnull((SELECT max(seq) FROM item_text"
	    "   WHERE seq BETWEEN ?1 AND ?2), ?1 - 1) + 1,"
	    " ?3, ?4, ?5, ?6, ?7, ?8)",
	    DB_ARGS(DB_I(first), DB_I(first + (1 << COUNT_BITS) - 2),
	    DB_I(feed), DB_I(to_signed(row->id_hash)),
	    time_or_null(row->published_s), DB_S(row->url),
	    DB_S(row->title), DB_S(row->text)), err) == -1)
		return err_wrap(err, "keeping the text of an item");
	return 0;
}

int
item_store_find(struct db *db, const char *feed_url, uint64_t id_hash,
    void (*each)(const struct item_text_row *, void *ctx), void *ctx,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT seq, published, url, title,"
	    " text FROM item_text"
	    " WHERE feed = (SELECT id FROM feed WHERE url = ?)"
	    " AND id_hash = ?", DB_ARGS(DB_S(str_from(feed_url)),
	    DB_I(to_signed(id_hash))), err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW) {
		const struct item_text_row row = {
			.id_hash = id_hash,
			.seen_s = db_int(q, 0) >> COUNT_BITS,
			.published_s = db_is_null(q, 1) ? ITEM_NO_TIME :
			    db_int(q, 1),
			.url = db_str(q, 2),
			.title = db_str(q, 3),
			.text = db_str(q, 4),
		};

		each(&row, ctx);
	}
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "reading the text of an item");
}

int
item_store_forget(struct db *db, int64_t before_s, int64_t n,
    int64_t *dropped, struct err *err)
{
	return drop(db, first_seq(before_s), n, dropped, err);
}

int
item_store_drop_oldest(struct db *db, int64_t n, int64_t *dropped,
    struct err *err)
{
	return drop(db, INT64_MAX, n, dropped, err);
}

int
item_store_count(struct db *db, int64_t *n, int64_t *oldest_s,
    struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	*n = *oldest_s = 0;
	q = db_query(db, "SELECT (SELECT count(*) FROM item_text),"
	    " (SELECT min(seq) FROM item_text)", DB_NO_ARGS, err);
	step = db_next(q, err);
	if (step == DB_ROW) {
		*n = db_int(q, 0);
		*oldest_s = db_int(q, 1) >> COUNT_BITS;
	}
	db_done(q);
	return step == DB_ROW ? 0 :
	    err_wrap(err, "counting the texts of items");
}
