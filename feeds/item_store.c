/* SPDX-License-Identifier: ISC */
/*
 * A text's row number is its age:
 *
 *	seq = second it was read << 24 | counts within that second
 *
 * so that new rows stand at the right end of one tree, the oldest at the left,
 * and what is older than a moment is one range: no index by time is needed. The
 * first index finds the texts of an item; items of one feed come together, and
 * stand there together, as do those of one host in the second.
 */
#include "feeds/item_store.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/item.h"
#include "feeds/feed_store.h"

enum {
	COUNT_BITS = 24,
	LAST_COUNT = (1 << COUNT_BITS) - 1,
	MAKE_ROOM_ROWS = 16,
	MAKE_ROOM_TIMES = 8,
	UNSEEN_BYTES = 8 << 10		/* of texts, between two looks */
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

/*
 * packed: the words of an item (feeds/kept_text.h); url, title and text of
 * such a row are empty. Rows of the first version have them, and no packed:
 * they are found by the URL as it is spelled, as long as they last.
 *
 * Upper 32 bits of url_key: the host. Items of one host stand together by age,
 * so that a new one comes behind the others: were they in order of their keys,
 * each would change a page of its own (a third more of the log, for a poll with
 * twenty). A URL is looked for among those of its host, two millions a second.
 */
const char item_store_schema_2[] =
    "ALTER TABLE item_text ADD COLUMN part INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE item_text ADD COLUMN passed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE item_text ADD COLUMN url_key INTEGER;"
    "ALTER TABLE item_text ADD COLUMN packed BLOB;"
    "DROP INDEX item_text_item;"
    "CREATE UNIQUE INDEX item_text_part ON item_text (feed, id_hash, part);"
    "CREATE INDEX item_text_host ON item_text (url_key >> 32, seq, url_key)"
    "    WHERE url_key IS NOT NULL;"
    "CREATE INDEX item_text_plain ON item_text (url) WHERE packed IS NULL;";

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

static struct db_arg
key_or_null(uint64_t key)
{
	if (key == 0)
		return (struct db_arg)DB_NULL;
	return (struct db_arg)DB_I(db_signed(key));
}

static struct db_arg
packed_or_null(struct str packed)
{
	if (packed.n == 0)
		return (struct db_arg)DB_NULL;
	return (struct db_arg)DB_B(packed);
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
 * not be would be refused. Bounded: a few pages of texts make room for
 * themselves, not for what else has grown (daemon/tidy does).
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

/* Texts of one feed on their way in. What is asked for once holds for as many
 * as may be: to ask costs as much as to write a short one. */
struct putting {
	struct db	*db;
	int64_t		 feed;
	int64_t		 first, next;	/* seq, in the second under way */
	size_t		 unseen;	/* bytes since the last look at room */
};

static int
see_to_room(struct putting *p, const struct item_text_row *row,
    struct err *err)
{
	if (p->unseen == 0 && make_room(p->db, err) == -1)
		return -1;
	p->unseen += row->packed.n + row->url.n + row->title.n + row->text.n;
	if (p->unseen >= UNSEEN_BYTES)
		p->unseen = 0;
	return 0;
}

/* The first number of this second that no text has. */
static int
ask_next(struct putting *p, int64_t first, struct err *err)
{
	struct db_stmt *q = db_query(p->db, "SELECT max(seq) + 1"
	    " FROM item_text WHERE seq BETWEEN ? AND ?",
	    DB_ARGS(DB_I(first), DB_I(first + LAST_COUNT)), err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW)
		p->next = db_is_null(q, 0) ? first : db_int(q, 0);
	db_done(q);
	return step == DB_ROW ? 0 : -1;
}

/* Whoever comes when a second is full takes the place of its last. */
static int
take_seq(struct putting *p, int64_t seen_s, int64_t *seq, struct err *err)
{
	int64_t first = first_seq(seen_s);

	if (p->first != first && ask_next(p, first, err) == -1)
		return -1;
	p->first = first;
	*seq = p->next < first + LAST_COUNT ? p->next++ : first + LAST_COUNT;
	return 0;
}

#define VALUES	" INTO item_text VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

/*
 * Nearly all are new. A statement that may have to replace a row keeps what
 * undoes it, which takes longer than to write the row: that one only where
 * there is something to replace.
 */
static int
insert(struct putting *p, const struct item_text_row *row, int64_t seq,
    struct err *err)
{
	const struct db_args args = DB_ARGS(DB_I(seq), DB_I(p->feed),
	    DB_I(db_signed(row->id_hash)), time_or_null(row->published_s),
	    DB_S(row->url), DB_S(row->title), DB_S(row->text),
	    DB_I(row->part), DB_I(row->passed_over), key_or_null(row->url_key),
	    packed_or_null(row->packed));

	if (db_run(p->db, "INSERT OR IGNORE" VALUES, args, err) == -1)
		return -1;
	return db_changes(p->db) > 0 ? 0 :
	    db_run(p->db, "INSERT OR REPLACE" VALUES, args, err);
}

static int
put(struct putting *p, const struct item_text_row *row, struct err *err)
{
	int64_t seq;

	if (see_to_room(p, row, err) == -1 ||
	    take_seq(p, row->seen_s, &seq, err) == -1)
		return -1;
	return insert(p, row, seq, err);
}

int
item_store_put(struct db *db, const char *feed_url,
    const struct item_text_row *rows, size_t n, struct err *err)
{
	struct putting p = { .db = db, .first = -1 };
	int rc = 0;

	if (n > 0 && (p.feed = feed_store_find_or_make(db, feed_url,
	    err)) == -1)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = put(&p, &rows[i], err);
	return rc == 0 ? 0 : err_wrap(err, "keeping the texts of items");
}

/*
 * Out: each statement gives the columns that read_row expects.
 */

#define COLUMNS	"t.seq, f.url, t.id_hash, t.part, t.passed, t.published," \
	" t.url_key, t.packed, t.url, t.title, t.text"

static struct item_text_row
read_row(struct db_stmt *q)
{
	int64_t part = db_int(q, 3);

	return (struct item_text_row){
		.seq = db_int(q, 0),
		.seen_s = db_int(q, 0) >> COUNT_BITS,
		.feed_url = db_str(q, 1),
		.id_hash = db_unsigned(db_int(q, 2)),
		.part = part == ITEM_EDITED || part == ITEM_PAGE ?
		    (enum item_part)part : ITEM_FIRST,
		.passed_over = db_int(q, 4) != 0,
		.published_s = db_is_null(q, 5) ? ITEM_NO_TIME :
		    db_int(q, 5),
		.url_key = db_unsigned(db_int(q, 6)),
		.packed = db_str(q, 7),
		.url = db_str(q, 8),
		.title = db_str(q, 9),
		.text = db_str(q, 10),
	};
}

static int
read_rows(struct db_stmt *q, item_store_each each, void *ctx,
    struct err *err)
{
	enum db_step step = DB_ROW;
	int stop = 0;

	while (stop == 0 && (step = db_next(q, err)) == DB_ROW) {
		const struct item_text_row row = read_row(q);

		stop = each(&row, ctx);
	}
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "reading the texts of items");
}

int
item_store_find(struct db *db, const char *feed_url, uint64_t id_hash,
    item_store_each each, void *ctx, struct err *err)
{
	return read_rows(db_query(db, "SELECT " COLUMNS
	    " FROM feed f JOIN item_text t ON t.feed = f.id"
	    " WHERE f.url = ? AND t.id_hash = ? ORDER BY t.part",
	    DB_ARGS(DB_S(str_from(feed_url)), DB_I(db_signed(id_hash))),
	    err), each, ctx, err);
}

/* The one index that knows id_hash has the feed before it: each is asked. */
int
item_store_find_any(struct db *db, uint64_t id_hash, item_store_each each,
    void *ctx, struct err *err)
{
	return read_rows(db_query(db, "SELECT " COLUMNS
	    " FROM feed f CROSS JOIN item_text t ON t.feed = f.id"
	    " AND t.id_hash = ? ORDER BY t.seq DESC",
	    DB_ARGS(DB_I(db_signed(id_hash))), err), each, ctx, err);
}

/* With a +, or what url_key is would be put into url_key >> 32, and no index be
 * asked for that. */
int
item_store_find_url(struct db *db, uint64_t url_key, struct str url,
    int64_t n, item_store_each each, void *ctx, struct err *err)
{
	return read_rows(db_query(db, "SELECT " COLUMNS
	    " FROM (SELECT seq FROM item_text"
	    "   WHERE url_key >> 32 = ?1 >> 32 AND +url_key = ?1"
	    "   AND url_key IS NOT NULL"
	    "   UNION SELECT seq FROM item_text"
	    "   WHERE packed IS NULL AND url = ?2) s"
	    " JOIN item_text t ON t.seq = s.seq"
	    " JOIN feed f ON f.id = t.feed"
	    " ORDER BY s.seq DESC LIMIT ?3",
	    DB_ARGS(key_or_null(url_key), DB_S(url), DB_I(n)), err), each, ctx,
	    err);
}

int
item_store_find_host(struct db *db, uint64_t url_key, int64_t n,
    item_store_each each, void *ctx, struct err *err)
{
	return read_rows(db_query(db, "SELECT " COLUMNS
	    " FROM (SELECT seq FROM item_text"
	    "   WHERE url_key >> 32 = ?1 >> 32 AND url_key IS NOT NULL"
	    "   ORDER BY seq DESC LIMIT ?2) s"
	    " JOIN item_text t ON t.seq = s.seq"
	    " JOIN feed f ON f.id = t.feed"
	    " ORDER BY s.seq DESC",
	    DB_ARGS(key_or_null(url_key), DB_I(n)), err), each, ctx, err);
}

int
item_store_each_before(struct db *db, int64_t before, int64_t since_s,
    int64_t n, item_store_each each, void *ctx, struct err *err)
{
	return read_rows(db_query(db, "SELECT " COLUMNS
	    " FROM item_text t JOIN feed f ON f.id = t.feed"
	    " WHERE t.seq < ? AND t.seq >= ? ORDER BY t.seq DESC LIMIT ?",
	    DB_ARGS(DB_I(before), DB_I(first_seq(since_s)), DB_I(n)), err),
	    each, ctx, err);
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
