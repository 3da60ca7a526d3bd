/* SPDX-License-Identifier: ISC */
/*
 * Feeds are rows, keyed by their configured URL; known items are pairs of
 * hashes beside the feed's number, some thirty bytes each, because there are a
 * thousand times as many of them.
 */
#include "feeds/feed_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "feeds/feed_memo.h"
#include "feeds/identity.h"
#include "feeds/known_item.h"

/*
 * Times are seconds of steady time (base/clock.h), 0 when never; those of an
 * older store were Unix seconds, which is where it began. Hashes have 64 bits
 * and SQLite's numbers a sign: they are stored as the signed number with the
 * same bits.
 *
 * known has no index by `seen`: it would cost as much as the table, to save one
 * scan a day.
 */
const char feed_store_schema[] =
    "CREATE TABLE feed ("
    "    id INTEGER PRIMARY KEY,"
    "    url TEXT NOT NULL UNIQUE,"
    "    title TEXT,"
    "    etag TEXT,"
    "    last_modified TEXT,"
    "    validators_url TEXT,"
    "    body_hash INTEGER NOT NULL DEFAULT 0,"
    "    first_asked INTEGER NOT NULL DEFAULT 0,"
    "    last_asked INTEGER NOT NULL DEFAULT 0,"
    "    last_good INTEGER NOT NULL DEFAULT 0,"
    "    due INTEGER NOT NULL DEFAULT 0,"
    "    rhythm INTEGER NOT NULL DEFAULT 0,"
    "    items_total INTEGER NOT NULL DEFAULT 0,"
    "    status INTEGER NOT NULL DEFAULT 0,"
    "    failures INTEGER NOT NULL DEFAULT 0,"
    "    trouble TEXT,"
    "    message TEXT,"
    "    gone INTEGER NOT NULL DEFAULT 0,"
    "    baseline_done INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE known ("
    "    feed INTEGER NOT NULL REFERENCES feed,"
    "    id_hash INTEGER NOT NULL,"
    "    content_hash INTEGER NOT NULL,"
    "    seen INTEGER NOT NULL,"
    "    PRIMARY KEY (feed, id_hash)) WITHOUT ROWID;";

const char feed_store_schema_2[] =
    "ALTER TABLE feed ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN listed INTEGER NOT NULL DEFAULT 0;"
    "UPDATE feed SET listed = last_good;";

/* What was known before gets its alias when it is listed again. */
const char feed_store_schema_3[] =
    "ALTER TABLE known ADD COLUMN alias INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE known ADD COLUMN name TEXT;"
    "ALTER TABLE feed ADD COLUMN ids_moved INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN duplicate_ids INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN items_listed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN items_new INTEGER NOT NULL DEFAULT 0;";

/*
 * feed_move: the history of a feed's address, which feed_store_save writes.
 * feed_led: the few feeds that are led elsewhere, for a start with many.
 */
const char feed_store_schema_4[] =
    "ALTER TABLE feed ADD COLUMN hint INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN skip_hours INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN skip_days INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN gap_at INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN news INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN haste INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN asked_url TEXT;"
    "ALTER TABLE feed ADD COLUMN move_url TEXT;"
    "ALTER TABLE feed ADD COLUMN move_seen INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN move_since INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE feed ADD COLUMN kept_from TEXT;"
    "ALTER TABLE feed ADD COLUMN same_as TEXT;"
    "CREATE TABLE feed_move ("
    "    feed INTEGER NOT NULL REFERENCES feed,"
    "    at INTEGER NOT NULL,"
    "    from_url TEXT NOT NULL,"
    "    to_url TEXT NOT NULL);"
    "CREATE INDEX feed_move_feed ON feed_move (feed);"
    "CREATE INDEX feed_led ON feed (id) WHERE"
    "    coalesce(asked_url, validators_url, same_as) IS NOT NULL;";

/* since: NULL where it is as seen, as nearly always when an item comes: so the
 * column costs nothing, and what was known before needs no pass over the
 * table. */
const char feed_store_schema_5[] =
    "ALTER TABLE known ADD COLUMN since INTEGER;";

/* A table of its own: the row of a feed is written at each poll, this one when
 * the bytes of its items have changed. */
const char feed_store_schema_6[] =
    "CREATE TABLE feed_memo ("
    "    feed INTEGER PRIMARY KEY REFERENCES feed,"
    "    until INTEGER NOT NULL,"
    "    rhythm INTEGER NOT NULL,"
    "    chain BLOB NOT NULL);";

enum { FORGET_FEEDS = 1000 };	/* some 10,000 known items a step */

/* "seen" is written once a day: so much older may be what is listed still. */
#define SEEN_RENEWED_S	INT64_C(86400)

void
feed_state_clear(struct feed_state *st)
{
	if (st == NULL)
		return;
	free(st->title);
	free(st->etag);
	free(st->last_modified);
	free(st->validators_url);
	free(st->trouble);
	free(st->message);
	free(st->asked_url);
	free(st->move_url);
	free(st->kept_from);
	free(st->same_as);
	*st = (struct feed_state){ 0 };
}

bool
feed_state_ids_change(const struct feed_state *st)
{
	return st->ids_moved >= IDENTITY_MARKS_AT;
}

bool
feed_state_is_held(const struct feed_state *st)
{
	return st->trouble != NULL && st->failures == 0 && !st->gone;
}

/* The bits of a hash as SQLite's signed number, and back. */
static uint64_t
to_hash(int64_t stored)
{
	return (uint64_t)stored;
}

static struct db_arg
text_or_null(const char *s)
{
	if (s == NULL)
		return (struct db_arg)DB_NULL;
	return (struct db_arg)DB_S(str_from(s));
}

/*
 * Reading
 */

/* false: memory is out. */
static bool
read_text(struct db_stmt *q, int col, char **out)
{
	if (db_is_null(q, col))
		return true;
	*out = str_dup(db_str(q, col));
	return *out != NULL;
}

/* What stands in the file may be anybody's: numbers are clamped. */
static int
clamped(int64_t v)
{
	return v < 0 ? 0 : v > 1000000 ? 1000000 : (int)v;
}

#define FEED_COLUMNS							\
	"id, body_hash, first_asked, last_asked, last_good, due,"	\
	" rhythm, items_total, status, failures, gone, baseline_done,"	\
	" title, etag, last_modified, validators_url, trouble,"		\
	" message, quiet, listed, ids_moved, duplicate_ids,"		\
	" items_listed, items_new, hint, skip_hours, skip_days, gaps,"	\
	" gap_at, asked_url, move_url, move_seen, move_since,"		\
	" kept_from, same_as, fresh, news, haste"
enum { FEED_N_COLUMNS = 38 };

static int
read_feed(struct db_stmt *q, struct feed_state *st, struct err *err)
{
	st->id = db_int(q, 0);
	st->body_hash = db_int(q, 1);
	st->first_asked_s = db_int(q, 2);
	st->last_asked_s = db_int(q, 3);
	st->last_good_s = db_int(q, 4);
	st->due_s = db_int(q, 5);
	st->rhythm_s = db_int(q, 6);
	st->items_total = db_int(q, 7);
	st->status = clamped(db_int(q, 8));
	st->failures = (unsigned)clamped(db_int(q, 9));
	st->gone = db_int(q, 10) != 0;
	st->baseline_done = db_int(q, 11) != 0;
	st->quiet = db_int(q, 18) != 0;
	st->listed_s = db_int(q, 19);
	st->ids_moved = clamped(db_int(q, 20));
	st->duplicate_ids = clamped(db_int(q, 21));
	st->items_listed = clamped(db_int(q, 22));
	st->items_new = clamped(db_int(q, 23));
	st->hint_s = db_int(q, 24);
	st->skip_hours = (uint32_t)db_int(q, 25);
	st->skip_days = (uint8_t)db_int(q, 26);
	st->gaps = clamped(db_int(q, 27));
	st->gap_at_s = db_int(q, 28);
	st->move_seen = clamped(db_int(q, 31));
	st->move_since_s = db_int(q, 32);
	st->fresh_s = db_int(q, 35);
	st->news_s = db_int(q, 36);
	st->haste = (unsigned)clamped(db_int(q, 37));
	if (read_text(q, 12, &st->title) && read_text(q, 13, &st->etag) &&
	    read_text(q, 14, &st->last_modified) &&
	    read_text(q, 15, &st->validators_url) &&
	    read_text(q, 16, &st->trouble) && read_text(q, 17, &st->message) &&
	    read_text(q, 29, &st->asked_url) &&
	    read_text(q, 30, &st->move_url) &&
	    read_text(q, 33, &st->kept_from) &&
	    read_text(q, 34, &st->same_as))
		return 0;
	return err_set(err, "out of memory");
}

int
feed_store_load(struct db *db, const char *url, struct feed_state *st,
    struct err *err)
{
	struct db_stmt *q;
	enum db_step step;
	int rc = 0;

	*st = (struct feed_state){ 0 };
	q = db_query(db, "SELECT " FEED_COLUMNS " FROM feed WHERE url = ?",
	    DB_ARGS(DB_S(str_from(url))), err);
	step = db_next(q, err);
	if (step == DB_FAILED ||
	    (step == DB_ROW && read_feed(q, st, err) == -1)) {
		feed_state_clear(st);
		rc = err_wrap(err, "reading what is known of a feed");
	}
	db_done(q);
	return rc;
}

int
feed_store_each(struct db *db, const struct feed_store_scan *scan, void *ctx,
    struct err *err)
{
	struct feed_state st;
	struct db_stmt *q;
	enum db_step step;
	int rc = 0;

	q = db_query(db, "SELECT " FEED_COLUMNS ", url FROM feed", DB_NO_ARGS,
	    err);
	while (rc == 0 && (step = db_next(q, err)) == DB_ROW) {
		struct str url = db_str(q, FEED_N_COLUMNS);

		if (scan->wants != NULL && !scan->wants(url, ctx))
			continue;
		st = (struct feed_state){ 0 };
		rc = read_feed(q, &st, err);
		if (rc == 0)
			scan->each(url, &st, ctx);
		feed_state_clear(&st);
	}
	db_done(q);
	return rc == 0 && step == DB_END ? 0 :
	    err_wrap(err, "reading what is known of the feeds");
}

static int
read_known(struct db *db, int64_t feed,
    void (*each)(const struct known_item *, void *ctx), void *ctx,
    struct err *err)
{
	struct known_item item;
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT id_hash, content_hash, seen, alias, name,"
	    " coalesce(since, seen) FROM known WHERE feed = ?",
	    DB_ARGS(DB_I(feed)), err);
	while ((step = db_next(q, err)) == DB_ROW) {
		item = (struct known_item){
			.id_hash = to_hash(db_int(q, 0)),
			.content_hash = to_hash(db_int(q, 1)),
			.seen_s = db_int(q, 2),
			.alias = to_hash(db_int(q, 3)),
			.name = db_str(q, 4),
			.since_s = db_int(q, 5),
		};
		each(&item, ctx);
	}
	db_done(q);
	return step == DB_END ? 0 : -1;
}

/* Without memory for it, or over the buffer's ceiling, there is none. */
static void
read_memo(struct db_stmt *q, const struct feed_store_ask *ask)
{
	if (ask->memo == NULL)
		return;
	*ask->memo = (struct feed_memo){ .until_s = db_int(q, 2),
		.rhythm_s = db_int(q, 3) };
	if (db_is_null(q, 4) || ask->memo->until_s < ask->now_s)
		return;
	buf_reset(ask->chain);
	buf_add_str(ask->chain, db_str(q, 4));
	if (!ask->chain->failed)
		ask->memo->chain = buf_str(ask->chain);
}

/* The first query stays open until the second is done: so both are one
 * transaction, which is the dear part of them. */
int
feed_store_recall(struct db *db, const char *url,
    const struct feed_store_ask *ask, struct err *err)
{
	struct db_stmt *q = db_query(db, ask->memo == NULL ?
	    "SELECT id, title FROM feed WHERE url = ?" :
	    "SELECT id, title, until, feed_memo.rhythm, chain FROM feed"
	    " LEFT JOIN feed_memo ON feed_memo.feed = feed.id WHERE url = ?",
	    DB_ARGS(DB_S(str_from(url))), err);
	enum db_step step = db_next(q, err);
	int rc = step == DB_FAILED ? -1 : 0;

	if (ask->memo != NULL)
		*ask->memo = (struct feed_memo){ 0 };
	if (step == DB_ROW && ask->title != NULL &&
	    !read_text(q, 1, ask->title))
		rc = err_set(err, "out of memory");
	if (step == DB_ROW && rc == 0)
		read_memo(q, ask);
	if (step == DB_ROW && rc == 0 &&
	    (ask->memo == NULL || ask->memo->chain.n == 0))
		rc = read_known(db, db_int(q, 0), ask->each, ask->ctx, err);
	db_done(q);
	return rc == 0 ? 0 :
	    err_wrap(err, "reading the known items of a feed");
}

int
feed_store_each_known(struct db *db, const char *url, char **title,
    void (*each)(const struct known_item *, void *ctx), void *ctx,
    struct err *err)
{
	const struct feed_store_ask ask = { .each = each, .ctx = ctx,
		.title = title };

	return feed_store_recall(db, url, &ask, err);
}

int
feed_store_each_move(struct db *db, int64_t feed,
    void (*each)(const struct feed_store_move *, void *ctx), void *ctx,
    struct err *err)
{
	struct feed_store_move move;
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT at, from_url, to_url FROM feed_move"
	    " WHERE feed = ? ORDER BY rowid", DB_ARGS(DB_I(feed)), err);
	while ((step = db_next(q, err)) == DB_ROW) {
		move = (struct feed_store_move){ .at_s = db_int(q, 0),
			.from = db_str(q, 1), .to = db_str(q, 2) };
		each(&move, ctx);
	}
	db_done(q);
	return step == DB_END ? 0 :
	    err_wrap(err, "reading where a feed has moved");
}

int
feed_store_each_led(struct db *db,
    void (*each)(const struct feed_store_led *, void *ctx), void *ctx,
    struct err *err)
{
	struct feed_store_led led;
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT url, asked_url, validators_url, same_as,"
	    " last_good, failures = 0 AND NOT gone FROM feed WHERE"
	    " coalesce(asked_url, validators_url, same_as) IS NOT NULL"
	    " ORDER BY last_good DESC, id",
	    DB_NO_ARGS, err);
	while ((step = db_next(q, err)) == DB_ROW) {
		led = (struct feed_store_led){ .url = db_str(q, 0),
			.asked = db_str(q, 1), .validators = db_str(q, 2),
			.same_as = db_str(q, 3),
			.last_good_s = db_int(q, 4),
			.is_well = db_int(q, 5) != 0 };
		each(&led, ctx);
	}
	db_done(q);
	return step == DB_END ? 0 :
	    err_wrap(err, "reading where feeds are led");
}

int
feed_store_each_called(struct db *db, struct str what, struct str spelled,
    void (*each)(const struct feed_store_called *, void *ctx), void *ctx,
    struct err *err)
{
	struct feed_store_called called;
	int64_t begun = what.n >= FEED_STORE_BEGUN;
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT url, same_as IS NULL AND (asked_url IN"
	    " (?1, ?2) OR move_url IN (?1, ?2)) AS there FROM feed WHERE"
	    " title = ?1 OR there IS TRUE"
	    " OR (?3 AND substr(title, 1, length(?1)) = ?1)",
	    DB_ARGS(DB_S(what), DB_S(spelled), DB_I(begun)), err);
	while ((step = db_next(q, err)) == DB_ROW) {
		called = (struct feed_store_called){ .url = db_str(q, 0),
			.by_address = db_int(q, 1) != 0 };
		each(&called, ctx);
	}
	db_done(q);
	return step == DB_END ? 0 : err_wrap(err, "looking a feed up");
}

/*
 * Writing
 */

/* The number of the feed's row; 0: there is none. -1 and *err. */
static int64_t
find_row(struct db *db, const char *url, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT id FROM feed WHERE url = ?",
	    DB_ARGS(DB_S(str_from(url))), err);
	enum db_step step = db_next(q, err);
	int64_t id = step == DB_ROW ? db_int(q, 0) : 0;

	db_done(q);
	return step == DB_FAILED ? -1 : id;
}

int64_t
feed_store_find_or_make(struct db *db, const char *url, struct err *err)
{
	int64_t id = find_row(db, url, err);

	if (id != 0)
		return id;
	if (db_run(db, "INSERT INTO feed (url) VALUES (?)",
	    DB_ARGS(DB_S(str_from(url))), err) == -1)
		return -1;
	return db_last_id(db);
}

int
feed_store_make_quiet(struct db *db, const char *url, struct err *err)
{
	if (db_run(db, "INSERT INTO feed (url, quiet) VALUES (?, 1)"
	    " ON CONFLICT (url) DO UPDATE SET quiet = 1"
	    " WHERE baseline_done = 0",
	    DB_ARGS(DB_S(str_from(url))), err) == -1)
		return err_wrap(err, "making the row of a feed");
	return 0;
}

/* Does asked_url change with this state? Where it does the move is noted. */
static int
note_move(struct db *db, int64_t id, const struct feed_state *st,
    int64_t moved_s, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT asked_url IS NOT ?2 FROM feed"
	    " WHERE id = ?1", DB_ARGS(DB_I(id), text_or_null(st->asked_url)),
	    err);
	enum db_step step = db_next(q, err);
	bool moves = step == DB_ROW && db_int(q, 0) != 0;

	db_done(q);
	if (step == DB_FAILED)
		return -1;
	return !moves ? 0 : db_run(db, "INSERT INTO feed_move SELECT id, ?3,"
	    " coalesce(asked_url, url), coalesce(?2, url) FROM feed"
	    " WHERE id = ?1", DB_ARGS(DB_I(id), text_or_null(st->asked_url),
	    DB_I(moved_s)), err);
}

int
feed_store_save(struct db *db, const char *url, const struct feed_state *st,
    struct err *err)
{
	return feed_store_save_moved(db, url, st, st->last_asked_s, err);
}

int
feed_store_save_moved(struct db *db, const char *url,
    const struct feed_state *st, int64_t moved_s, struct err *err)
{
	int64_t id = feed_store_find_or_make(db, url, err);

	if (id == -1 || note_move(db, id, st, moved_s, err) == -1 ||
	    db_run(db, "UPDATE feed SET"
	    " title = coalesce(?2, title), etag = ?3,"
	    " last_modified = ?4, validators_url = ?5, body_hash = ?6,"
	    " first_asked = ?7, last_asked = ?8, last_good = ?9, due = ?10,"
	    " rhythm = ?11, items_total = ?12, status = ?13, failures = ?14,"
	    " trouble = ?15, message = ?16, gone = ?17, baseline_done = ?18,"
	    " quiet = ?19, listed = ?20, ids_moved = ?21,"
	    " duplicate_ids = ?22, items_listed = ?23, items_new = ?24,"
	    " hint = ?25, skip_hours = ?26, skip_days = ?27, gaps = ?28,"
	    " gap_at = ?29, asked_url = ?30, move_url = ?31, move_seen = ?32,"
	    " move_since = ?33, kept_from = ?34, same_as = ?35,"
	    " fresh = ?36, news = ?37, haste = ?38"
	    " WHERE id = ?1",
	    DB_ARGS(DB_I(id), text_or_null(st->title), text_or_null(st->etag),
	    text_or_null(st->last_modified), text_or_null(st->validators_url),
	    DB_I(st->body_hash), DB_I(st->first_asked_s),
	    DB_I(st->last_asked_s), DB_I(st->last_good_s), DB_I(st->due_s),
	    DB_I(st->rhythm_s), DB_I(st->items_total), DB_I(st->status),
	    DB_I(st->failures), text_or_null(st->trouble),
	    text_or_null(st->message), DB_I(st->gone),
	    DB_I(st->baseline_done), DB_I(st->quiet),
	    DB_I(st->listed_s), DB_I(st->ids_moved),
	    DB_I(st->duplicate_ids), DB_I(st->items_listed),
	    DB_I(st->items_new), DB_I(st->hint_s), DB_I(st->skip_hours),
	    DB_I(st->skip_days), DB_I(st->gaps), DB_I(st->gap_at_s),
	    text_or_null(st->asked_url), text_or_null(st->move_url),
	    DB_I(st->move_seen), DB_I(st->move_since_s),
	    text_or_null(st->kept_from), text_or_null(st->same_as),
	    DB_I(st->fresh_s), DB_I(st->news_s), DB_I(st->haste)),
	    err) == -1)
		return err_wrap(err, "writing what is known of a feed");
	return 0;
}

/* The row with the state's id, should it be this feed's: it may be gone, and
 * its number another's. False: it is not, or *rc is -1. */
static bool
touch_row(struct db *db, const char *url, const struct feed_state *st,
    int *rc, struct err *err)
{
	if (st->id == 0)
		return false;
	*rc = db_run(db, "UPDATE feed SET last_asked = ?3, last_good = ?4,"
	    " due = ?5, status = ?6, fresh = ?7, body_hash = ?8, listed = ?9"
	    " WHERE id = ?1 AND url = ?2",
	    DB_ARGS(DB_I(st->id), DB_S(str_from(url)),
	    DB_I(st->last_asked_s), DB_I(st->last_good_s), DB_I(st->due_s),
	    DB_I(st->status), DB_I(st->fresh_s), DB_I(st->body_hash),
	    DB_I(st->listed_s)), err);
	return *rc == 0 && db_changes(db) > 0;
}

int
feed_store_touch(struct db *db, const char *url, struct feed_state *st,
    struct err *err)
{
	int rc = 0;

	if (touch_row(db, url, st, &rc, err))
		return 0;
	if (rc == 0 && (st->id = find_row(db, url, err)) == -1) {
		st->id = 0;
		rc = -1;
	}
	if (rc == 0 && touch_row(db, url, st, &rc, err))
		return 0;
	if (rc == -1)
		return err_wrap(err, "writing what is known of a feed");
	return feed_store_save(db, url, st, err);
}

bool
feed_state_is_touch(const struct feed_state *a, const struct feed_state *b)
{
	return str_same(a->title, b->title) && str_same(a->etag, b->etag) &&
	    str_same(a->last_modified, b->last_modified) &&
	    str_same(a->validators_url, b->validators_url) &&
	    str_same(a->trouble, b->trouble) &&
	    str_same(a->message, b->message) &&
	    a->first_asked_s == b->first_asked_s &&
	    a->ids_moved == b->ids_moved &&
	    a->duplicate_ids == b->duplicate_ids &&
	    a->items_listed == b->items_listed &&
	    a->items_new == b->items_new &&
	    a->rhythm_s == b->rhythm_s && a->items_total == b->items_total &&
	    a->failures == b->failures && a->gone == b->gone &&
	    a->baseline_done == b->baseline_done && a->quiet == b->quiet &&
	    a->hint_s == b->hint_s && a->skip_hours == b->skip_hours &&
	    a->skip_days == b->skip_days && a->gaps == b->gaps &&
	    a->gap_at_s == b->gap_at_s && a->news_s == b->news_s &&
	    a->haste == b->haste &&
	    a->move_seen == b->move_seen &&
	    a->move_since_s == b->move_since_s &&
	    str_same(a->asked_url, b->asked_url) &&
	    str_same(a->move_url, b->move_url) &&
	    str_same(a->kept_from, b->kept_from) &&
	    str_same(a->same_as, b->same_as);
}

static struct db_arg
name_or_null(struct str name)
{
	if (name.n == 0)
		return (struct db_arg)DB_NULL;
	return (struct db_arg)DB_S(name);
}

int
feed_store_save_memo(struct db *db, const char *url,
    const struct feed_memo *memo, struct err *err)
{
	if (db_run(db, "INSERT OR REPLACE INTO feed_memo"
	    " SELECT id, ?2, ?3, ?4 FROM feed WHERE url = ?1",
	    DB_ARGS(DB_S(str_from(url)), DB_I(memo->until_s),
	    DB_I(memo->rhythm_s), DB_B(memo->chain)), err) == -1)
		return err_wrap(err, "noting what a feed lists");
	return 0;
}

static int
drop_memo(struct db *db, int64_t feed, struct err *err)
{
	return db_run(db, "DELETE FROM feed_memo WHERE feed = ?",
	    DB_ARGS(DB_I(feed)), err);
}

/* "seen" never goes back: batches of two polls may arrive in any order. */
int
feed_store_add_known(struct db *db, const char *url,
    const struct known_item *items, size_t n, struct err *err)
{
	int64_t feed = feed_store_find_or_make(db, url, err);
	int rc = feed != -1 ? drop_memo(db, feed, err) : -1;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = db_run(db, "INSERT INTO known (feed, id_hash,"
		    " content_hash, seen, alias, name)"
		    " VALUES (?, ?, ?, ?, ?, ?)"
		    " ON CONFLICT (feed, id_hash) DO UPDATE SET"
		    " since = CASE WHEN content_hash = excluded.content_hash"
		    "  THEN coalesce(since, seen) ELSE excluded.seen END,"
		    " content_hash = excluded.content_hash,"
		    " seen = max(seen, excluded.seen),"
		    " alias = excluded.alias,"
		    " name = coalesce(excluded.name, name)",
		    DB_ARGS(DB_I(feed), DB_I(db_signed(items[i].id_hash)),
		    DB_I(db_signed(items[i].content_hash)),
		    DB_I(items[i].seen_s), DB_I(db_signed(items[i].alias)),
		    name_or_null(items[i].name)), err);
	return rc == 0 ? 0 :
	    err_wrap(err, "writing the known items of a feed");
}

int
feed_store_inherit(struct db *db, const char *url, const char *from,
    int64_t until_s, struct err *err)
{
	int64_t feed = feed_store_find_or_make(db, url, err);

	if (feed != -1 && drop_memo(db, feed, err) == 0 &&
	    db_run(db, "INSERT OR IGNORE INTO known (feed, id_hash,"
	    " content_hash, seen, alias, name, since)"
	    " SELECT ?, id_hash, content_hash, seen, alias, name, since"
	    " FROM known WHERE feed = (SELECT id FROM feed WHERE url = ?)"
	    " AND coalesce(since, seen) <= ?",
	    DB_ARGS(DB_I(feed), DB_S(str_from(from)), DB_I(until_s)),
	    err) == 0)
		return 0;
	return err_wrap(err, "writing what another feed knew");
}

/* Where the step that begins at this row ends: a row, or 0 for the last. */
static int
find_end(struct db *db, int64_t from, int64_t *end, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT id FROM feed WHERE id >= ?"
	    " ORDER BY id LIMIT 1 OFFSET ?",
	    DB_ARGS(DB_I(from), DB_I(FORGET_FEEDS)), err);
	enum db_step step = db_next(q, err);

	*end = step == DB_ROW ? db_int(q, 0) : 0;
	db_done(q);
	return step == DB_FAILED ? -1 : 0;
}

int
feed_store_forget(struct db *db, const struct feed_store_age *age,
    int64_t *next, struct err *err)
{
	int64_t from = *next, end;

	if (find_end(db, from, &end, err) == -1 ||
	    db_run(db, "DELETE FROM known WHERE feed >= ? AND feed < ?"
	    " AND (seen < (SELECT listed FROM feed WHERE id = known.feed) - ?"
	    "  OR (SELECT due < ? AND url NOT LIKE 'file:%' FROM feed"
	    "      WHERE id = known.feed))",
	    DB_ARGS(DB_I(from), DB_I(end != 0 ? end : INT64_MAX),
	    DB_I(age->keep_s + SEEN_RENEWED_S),
	    DB_I(age->overdue_since_s)), err) == -1)
		return err_wrap(err, "forgetting items");
	/* What is forgotten was not listed for long: no memo that holds
	 * speaks of it. Those of feeds that nobody watches go. */
	if (db_run(db, "DELETE FROM feed_memo WHERE feed >= ? AND feed < ?"
	    " AND until < ?", DB_ARGS(DB_I(from),
	    DB_I(end != 0 ? end : INT64_MAX), DB_I(age->overdue_since_s)),
	    err) == -1)
		return err_wrap(err, "forgetting items");
	*next = end;
	return 0;
}

/* The n-th youngest is found, and those older than it go. */
int
feed_store_trim(struct db *db, const char *url, int64_t n, struct err *err)
{
	int64_t feed = find_row(db, url, err);

	if (feed == -1 || drop_memo(db, feed, err) == -1 ||
	    db_run(db, "DELETE FROM known"
	    " WHERE feed = (SELECT id FROM feed WHERE url = ?1)"
	    " AND id_hash IN (SELECT id_hash FROM known"
	    "  WHERE feed = (SELECT id FROM feed WHERE url = ?1)"
	    "  ORDER BY seen DESC LIMIT -1 OFFSET ?2)",
	    DB_ARGS(DB_S(str_from(url)), DB_I(n)), err) == -1)
		return err_wrap(err, "forgetting items of a feed");
	return 0;
}
