/* SPDX-License-Identifier: ISC */
/*
 * A row of page is written three or four times in its life and read once or
 * twice, always as a whole: what of it no statement asks for is one record,
 * JSON (feeds/page_record.h).
 *
 * Rows of page_asked have the number of the row of page that asked first. As
 * numbers only grow the oldest stand at the left end of the tree, and no index
 * by time is needed.
 */
#include "feeds/page_store.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/feed_store.h"
#include "feeds/page_name.h"
#include "feeds/page_record.h"

enum { DAY_S = 86400, AGAIN_MOST_S = 60 };

/*
 * AUTOINCREMENT, because readers keep a cursor over id: a number must not come
 * again. due, at, last_at, away: seconds of steady time. url_hash: 64 bits of
 * SHA-256, so that nobody can make a page that passes for another's. name_hash:
 * the same of its key (feeds/page_name.h), where the page has said that it is
 * its own. outcome: its word; NULL until the page has come to something. In
 * page_led url_hash is that of an address that the page was led to or from;
 * on_way: by what its server has said in the last try, and may take back.
 */
const char page_store_schema[] =
    "CREATE TABLE page ("
    "    id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    feed INTEGER NOT NULL REFERENCES feed,"
    "    id_hash INTEGER NOT NULL,"
    "    seen INTEGER NOT NULL,"
    "    due INTEGER NOT NULL,"
    "    tries INTEGER NOT NULL DEFAULT 0,"
    "    url TEXT NOT NULL,"
    "    record TEXT NOT NULL);"
    "CREATE INDEX page_of_feed ON page (feed);"
    "CREATE UNIQUE INDEX page_of_item ON page (feed, id_hash);"
    "CREATE TABLE page_asked ("
    "    page INTEGER PRIMARY KEY,"
    "    url_hash INTEGER NOT NULL UNIQUE,"
    "    at INTEGER NOT NULL,"
    "    feed INTEGER NOT NULL REFERENCES feed,"
    "    id_hash INTEGER NOT NULL,"
    "    outcome TEXT,"
    "    name_hash INTEGER);"
    "CREATE INDEX page_asked_name ON page_asked (name_hash)"
    "    WHERE name_hash IS NOT NULL;"
    "CREATE TABLE page_text ("
    "    page INTEGER PRIMARY KEY,"
    "    text TEXT NOT NULL);"
    "CREATE TABLE page_feed ("
    "    feed INTEGER PRIMARY KEY REFERENCES feed,"
    "    waiting INTEGER NOT NULL DEFAULT 0,"
    "    day INTEGER NOT NULL DEFAULT 0,"
    "    requests INTEGER NOT NULL DEFAULT 0,"
    "    last TEXT,"
    "    last_at INTEGER NOT NULL DEFAULT 0,"
    "    n_read INTEGER NOT NULL DEFAULT 0,"
    "    n_short INTEGER NOT NULL DEFAULT 0,"
    "    n_no_article INTEGER NOT NULL DEFAULT 0,"
    "    n_robots INTEGER NOT NULL DEFAULT 0,"
    "    n_refused INTEGER NOT NULL DEFAULT 0,"
    "    n_consent INTEGER NOT NULL DEFAULT 0,"
    "    n_paywall INTEGER NOT NULL DEFAULT 0,"
    "    n_bot_wall INTEGER NOT NULL DEFAULT 0,"
    "    n_not_html INTEGER NOT NULL DEFAULT 0,"
    "    n_gone INTEGER NOT NULL DEFAULT 0,"
    "    n_failed INTEGER NOT NULL DEFAULT 0,"
    "    n_private INTEGER NOT NULL DEFAULT 0,"
    "    n_shared INTEGER NOT NULL DEFAULT 0,"
    "    n_left INTEGER NOT NULL DEFAULT 0);"
    "CREATE INDEX page_feed_waiting ON page_feed (feed) WHERE waiting > 0;"
    "CREATE TABLE page_total (waiting INTEGER NOT NULL);"
    "INSERT INTO page_total VALUES (0);";

/* Of those that waited before, what was begun had come to something: the
 * difference did not exist. */
const char page_store_schema_2[] =
    "ALTER TABLE page ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;"
    "UPDATE page SET begun = tries;"
    "ALTER TABLE page_feed ADD COLUMN away INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE page_led ("
    "    url_hash INTEGER PRIMARY KEY,"
    "    page INTEGER NOT NULL,"
    "    on_way INTEGER NOT NULL);"
    "CREATE INDEX page_led_page ON page_led (page);";

static const char *const words[PAGE_OUTCOMES] = {
	[PAGE_READ] = "read",
	[PAGE_SHORT] = "short",
	[PAGE_NO_ARTICLE] = "no_article",
	[PAGE_ROBOTS] = "robots",
	[PAGE_REFUSED] = "refused",
	[PAGE_CONSENT] = "consent",
	[PAGE_PAYWALL] = "paywall",
	[PAGE_BOT_WALL] = "bot_wall",
	[PAGE_NOT_HTML] = "not_html",
	[PAGE_GONE] = "gone",
	[PAGE_FAILED] = "failed",
	[PAGE_PRIVATE] = "private",
	[PAGE_SHARED] = "shared",
	[PAGE_LEFT] = "left",
};

const char *
page_outcome_word(enum page_outcome outcome)
{
	return words[outcome];
}

/* PAGE_OUTCOMES: none of them. */
static enum page_outcome
outcome_of(struct str word)
{
	int i = 0;

	while (i < PAGE_OUTCOMES && !str_eq_c(word, words[i]))
		i++;
	return (enum page_outcome)i;
}

/* The bits of a hash as SQLite's signed number. */
static int64_t
hash_of_url(struct str url)
{
	uint8_t sha[DIGEST_SHA256_BYTES];
	int64_t v;

	digest_sha256(&url, 1, sha);
	memcpy(&v, sha, sizeof(v));
	return v;
}

/* 0: it has none, and none is believed. */
static int64_t
hash_of_key(struct str url)
{
	char copy[URL_MAX_BYTES + 1];
	struct buf key;
	int64_t hash = 0;

	if (url.n > URL_MAX_BYTES)
		return 0;
	memcpy(copy, url.p, url.n);
	copy[url.n] = '\0';
	buf_init(&key, 2 * URL_MAX_BYTES);
	if (page_name_key(&key, copy))
		hash = hash_of_url(buf_str(&key));
	buf_clear(&key);
	return hash;
}

/*
 * In
 */

/* A column for each outcome, in the order of their numbers. */
static int
count_outcome(struct db *db, int64_t feed, enum page_outcome outcome,
    int64_t steady_s, struct err *err)
{
	return db_run(db, "UPDATE page_feed SET last = ?3, last_at = ?4,"
	    " n_read = n_read + (?2 = 0),"
	    " n_short = n_short + (?2 = 1),"
	    " n_no_article = n_no_article + (?2 = 2),"
	    " n_robots = n_robots + (?2 = 3),"
	    " n_refused = n_refused + (?2 = 4),"
	    " n_consent = n_consent + (?2 = 5),"
	    " n_paywall = n_paywall + (?2 = 6),"
	    " n_bot_wall = n_bot_wall + (?2 = 7),"
	    " n_not_html = n_not_html + (?2 = 8),"
	    " n_gone = n_gone + (?2 = 9),"
	    " n_failed = n_failed + (?2 = 10),"
	    " n_private = n_private + (?2 = 11),"
	    " n_shared = n_shared + (?2 = 12),"
	    " n_left = n_left + (?2 = 13) WHERE feed = ?1",
	    DB_ARGS(DB_I(feed), DB_I(outcome), DB_S(str_from(words[outcome])),
	    DB_I(steady_s)), err);
}

/* n more or less rows wait. */
static int
count_waiting(struct db *db, int64_t feed, int64_t n, struct err *err)
{
	if (db_run(db, "UPDATE page_feed SET waiting = waiting + ?2"
	    " WHERE feed = ?1", DB_ARGS(DB_I(feed), DB_I(n)), err) == -1)
		return -1;
	return db_run(db, "UPDATE page_total SET waiting = waiting + ?",
	    DB_ARGS(DB_I(n)), err);
}

/* The feed's row of counts: it reads pages, whatever was said of it while none
 * waited. *room: one more may wait. */
static int
find_room(struct db *db, int64_t feed, int64_t most, bool *room,
    struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	if (db_run(db, "INSERT INTO page_feed (feed) VALUES (?)"
	    " ON CONFLICT (feed) DO UPDATE SET away = 0 WHERE away != 0",
	    DB_ARGS(DB_I(feed)), err) == -1)
		return -1;
	q = db_query(db, "SELECT f.waiting < ?2 AND t.waiting < ?3"
	    " FROM page_feed f, page_total t WHERE f.feed = ?1",
	    DB_ARGS(DB_I(feed), DB_I(most), DB_I(PAGE_WAITING_MOST)), err);
	step = db_next(q, err);
	*room = step == DB_ROW && db_int(q, 0) != 0;
	db_done(q);
	return step == DB_FAILED ? -1 : 0;
}

static int
insert(struct db *db, int64_t feed, struct page_wait *wait, struct err *err)
{
	struct buf record;
	int rc;

	buf_init(&record, PAGE_RECORD_MOST);
	rc = page_record_write(&record, wait);
	if (rc == -1)
		err_set(err, "out of memory");
	if (rc == 0)
		rc = db_run(db, "INSERT INTO page (feed, id_hash, seen, due,"
		    " tries, url, record) VALUES (?, ?, ?, ?, ?, ?, ?)"
		    " ON CONFLICT (feed, id_hash) DO NOTHING",
		    DB_ARGS(DB_I(feed), DB_I(db_signed(wait->id_hash)),
		    DB_I(wait->seen_s), DB_I(wait->due_s), DB_I(wait->tries),
		    DB_S(wait->url), DB_S(buf_str(&record))), err);
	buf_clear(&record);
	if (rc == -1 || db_changes(db) == 0)
		return rc;
	wait->id = db_last_id(db);
	return count_waiting(db, feed, 1, err);
}

static bool
may_wait(const struct page_wait *wait)
{
	return wait->url.n > 0 && wait->url.n <= URL_MAX_BYTES &&
	    wait->name.n <= PAGE_NAME_MOST;
}

int
page_store_add(struct db *db, const char *feed_url, struct page_wait *wait,
    struct err *err)
{
	int64_t feed = feed_store_find_or_make(db, feed_url, err);
	int64_t most = wait->most > 0 ? wait->most : PAGE_WAITING_MOST;
	bool room = false;
	int rc;

	wait->id = 0;
	if (feed == -1 || find_room(db, feed, most, &room, err) == -1)
		return -1;
	rc = room && may_wait(wait) ? insert(db, feed, wait, err) :
	    count_outcome(db, feed, PAGE_LEFT, wait->due_s, err);
	return rc == 0 ? 0 : err_wrap(err, "noting that an item waits for its "
	    "page");
}

/*
 * Out
 */

/* Slices are the statement's. */
static void
read_row(struct db_stmt *q, struct page_wait *wait)
{
	int64_t tries = db_int(q, 4);

	wait->id = db_int(q, 0);
	wait->id_hash = (uint64_t)db_int(q, 1);
	wait->seen_s = db_int(q, 2);
	wait->due_s = db_int(q, 3);
	wait->tries = tries < 0 || tries > PAGE_TRIES ? PAGE_TRIES :
	    (unsigned)tries;
	wait->url = db_str(q, 5);
}

static int
read_record(struct db_stmt *q, struct arena *arena, struct page_wait *wait,
    struct err *err)
{
	wait->url = arena_copy(arena, wait->url);
	return page_record_read(db_str(q, 6), arena, wait, err);
}

/* Its last column is the record, or it has none and arena is NULL. */
static int
each_of(struct db_stmt *q, struct arena *arena,
    int (*each)(const struct page_wait *, void *ctx), void *ctx,
    struct err *err)
{
	enum db_step step;
	int rc = 0;

	while ((step = db_next(q, err)) == DB_ROW && rc == 0) {
		struct page_wait wait = { .id = 0 };

		read_row(q, &wait);
		if (arena != NULL)
			rc = read_record(q, arena, &wait, err);
		if (rc == 0 && each(&wait, ctx) != 0)
			break;
	}
	db_done(q);
	return rc == 0 && step != DB_FAILED ? 0 :
	    err_wrap(err, "reading which items wait for their pages");
}

#define ROWS_OF_FEED " FROM page"					\
	" WHERE feed = (SELECT id FROM feed WHERE url = ?)"		\
	" AND id > ? ORDER BY id LIMIT ?"

static int64_t
limit_of(size_t limit)
{
	return limit < INT32_MAX ? (int64_t)limit : INT32_MAX;
}

int
page_store_each(struct db *db, const char *feed_url, int64_t after,
    size_t limit, struct arena *arena,
    int (*each)(const struct page_wait *, void *ctx), void *ctx,
    struct err *err)
{
	return each_of(db_query(db, "SELECT id, id_hash, seen, due, tries,"
	    " url, record" ROWS_OF_FEED, DB_ARGS(DB_S(str_from(feed_url)),
	    DB_I(after), DB_I(limit_of(limit))), err), arena, each, ctx, err);
}

int
page_store_each_row(struct db *db, const char *feed_url, int64_t after,
    size_t limit, int (*each)(const struct page_wait *, void *ctx),
    void *ctx, struct err *err)
{
	return each_of(db_query(db, "SELECT id, id_hash, seen, due, tries,"
	    " url" ROWS_OF_FEED, DB_ARGS(DB_S(str_from(feed_url)),
	    DB_I(after), DB_I(limit_of(limit))), err), NULL, each, ctx, err);
}

/*
 * Before a request, and after it
 */

/* The row, as begin needs it. */
struct asker {
	int64_t	id, feed, id_hash, url_hash, name_hash;
	int64_t	begun, tries;
	bool	over_limit;
	bool	on_way;		/* the first asker was led to it */
};

/* 1: it is there. */
static int
find_asker(struct db *db, int64_t limit, int64_t day, struct asker *a,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT p.feed, id_hash, tries, url,"
	    " f.day = ?2 AND f.requests >= ?3, begun"
	    " FROM page p LEFT JOIN page_feed f ON f.feed = p.feed"
	    " WHERE id = ?1", DB_ARGS(DB_I(a->id), DB_I(day), DB_I(limit)),
	    err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW) {
		a->feed = db_int(q, 0);
		a->id_hash = db_int(q, 1);
		a->tries = db_int(q, 2);
		a->url_hash = hash_of_url(db_str(q, 3));
		a->name_hash = hash_of_key(db_str(q, 3));
		a->over_limit = db_int(q, 4) != 0;
		a->begun = db_int(q, 5);
	}
	db_done(q);
	return step == DB_FAILED ? -1 : step == DB_ROW;
}

/* Its page may come any moment; the longer it takes the longer it may take. */
static int64_t
look_again_s(int64_t asked_s, int64_t steady_s)
{
	int64_t age_s = steady_s - asked_s;

	return steady_s + (age_s < 1 ? 1 : age_s < AGAIN_MOST_S ? age_s :
	    AGAIN_MOST_S);
}

/* 1: another row asked for this page first, or was led to it. Where another
 * feed's way to it has failed, or was given up before its end, that says
 * nothing of a straight one. */
static int
find_first_asker(struct db *db, struct asker *a, int64_t steady_s,
    struct page_begun *begun, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT page, outcome, EXISTS"
	    " (SELECT 1 FROM page WHERE id = page_asked.page), at,"
	    " at >= ?5 AND (feed != ?3 OR id_hash = ?6),"
	    " url_hash != ?1 AND EXISTS (SELECT 1 FROM page_led"
	    "  WHERE url_hash = ?1 AND on_way)"
	    " FROM page_asked WHERE page != ?2 AND (url_hash = ?1 OR"
	    " page = (SELECT page FROM page_led WHERE url_hash = ?1) OR"
	    " (name_hash = ?7 AND name_hash IS NOT NULL AND feed != ?3))"
	    " AND (feed = ?3 OR outcome IS NOT ?4)"
	    " AND (feed = ?3 OR url_hash = ?1 OR"
	    "  (outcome IS NULL AND page IN (SELECT id FROM page)) OR"
	    "  outcome NOT IN (?8, ?9))"
	    " ORDER BY url_hash != ?1, name_hash IS ?7, page LIMIT 1",
	    DB_ARGS(DB_I(a->url_hash), DB_I(a->id), DB_I(a->feed),
	    DB_S(str_from(words[PAGE_PRIVATE])),
	    DB_I(steady_s - PAGE_TEXT_KEPT_S), DB_I(a->id_hash),
	    DB_I(a->name_hash), DB_S(str_from(words[PAGE_FAILED])),
	    DB_S(str_from(words[PAGE_LEFT]))), err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW) {
		begun->way = db_int(q, 4) != 0 ? PAGE_KNOWN : PAGE_NOBODYS;
		begun->first = db_int(q, 0);
		begun->outcome = outcome_of(db_str(q, 1));
		begun->first_waits = db_int(q, 2) != 0;
		begun->again_s = look_again_s(db_int(q, 3), steady_s);
		a->on_way = db_int(q, 5) != 0;
		if (begun->outcome == PAGE_OUTCOMES)	/* was dropped */
			begun->outcome = PAGE_LEFT;
	}
	db_done(q);
	return step == DB_FAILED ? -1 : step == DB_ROW;
}

/* Where its last try was led. It may be led elsewhere in the next one, and
 * nobody waits for that, nor has the text that it gets there. */
static int
forget_way(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, "DELETE FROM page_led WHERE page = ? AND on_way",
	    DB_ARGS(DB_I(id)), err);
}

static int
note_request(struct db *db, const struct asker *a, int64_t steady_s,
    int64_t day, struct err *err)
{
	/* If we end with it: a second on it is behind all that wait. */
	int64_t due_s = steady_s + 1 + a->begun * PAGE_CUT_S;

	if (forget_way(db, a->id, err) == -1 ||
	    db_run(db, "UPDATE page SET begun = begun + 1, due = ?2"
	    " WHERE id = ?1", DB_ARGS(DB_I(a->id), DB_I(due_s)), err) == -1 ||
	    db_run(db, "INSERT OR REPLACE INTO page_asked"
	    " VALUES (?, ?, ?, ?, ?, NULL, NULL)",
	    DB_ARGS(DB_I(a->id), DB_I(a->url_hash), DB_I(steady_s),
	    DB_I(a->feed), DB_I(a->id_hash)), err) == -1)
		return -1;
	return db_run(db, "UPDATE page_feed SET"
	    " requests = CASE day WHEN ?2 THEN requests ELSE 0 END + 1,"
	    " day = ?2 WHERE feed = ?1", DB_ARGS(DB_I(a->feed), DB_I(day)),
	    err);
}

static int
begin(struct db *db, struct asker *a, int64_t limit, int64_t steady_s,
    struct page_begun *begun, struct err *err)
{
	int64_t day = steady_s / DAY_S;
	int there = find_asker(db, limit, day, a, err), known;

	if (there != 1)
		return there;
	known = find_first_asker(db, a, steady_s, begun, err);
	if (known != 0)
		return known == -1 ? -1 : 0;
	if (a->tries >= PAGE_TRIES || a->begun >= PAGE_BEGUN_MOST)
		return 0;
	begun->way = a->over_limit ? PAGE_OVER_LIMIT : PAGE_ASK;
	if (begun->way == PAGE_OVER_LIMIT)
		begun->again_s = (day + 1) * DAY_S;
	return begun->way != PAGE_ASK ? 0 :
	    note_request(db, a, steady_s, day, err);
}

int
page_store_begin(struct db *db, int64_t id, int64_t limit, int64_t steady_s,
    struct page_begun *begun, struct err *err)
{
	struct asker a = { .id = id };

	*begun = (struct page_begun){ .way = PAGE_TRIED };
	return begin(db, &a, limit, steady_s, begun, err) == 0 ? 0 :
	    err_wrap(err, "noting that a page is asked for");
}

/* What this row was led to, and from, is the first asker's page: for as long as
 * what this one has met is. */
static int
point_to_first(struct db *db, const struct asker *a, int64_t first,
    struct err *err)
{
	if (db_run(db, "INSERT OR REPLACE INTO page_led"
	    " SELECT url_hash, ?2, ?3 FROM page_asked WHERE page = ?1",
	    DB_ARGS(DB_I(a->id), DB_I(first), DB_I(a->on_way)), err) == -1 ||
	    db_run(db, "UPDATE page_led SET page = ?2, on_way = ?3"
	    " WHERE page = ?1", DB_ARGS(DB_I(a->id), DB_I(first),
	    DB_I(a->on_way)), err) == -1)
		return -1;
	return db_run(db, "DELETE FROM page_asked WHERE page = ?",
	    DB_ARGS(DB_I(a->id)), err);
}

static int
lead(struct db *db, struct asker *a, struct str url, int64_t steady_s,
    struct page_begun *begun, struct err *err)
{
	int there = find_asker(db, 0, 0, a, err), known;

	if (there != 1)
		return there;
	a->url_hash = hash_of_url(url);
	a->name_hash = hash_of_key(url);
	known = find_first_asker(db, a, steady_s, begun, err);
	if (known != 0)
		return known == -1 ? -1 :
		    point_to_first(db, a, begun->first, err);
	begun->way = PAGE_ASK;
	return db_run(db, "INSERT OR REPLACE INTO page_led VALUES (?, ?, 1)",
	    DB_ARGS(DB_I(a->url_hash), DB_I(a->id)), err);
}

int
page_store_lead(struct db *db, int64_t id, struct str url, int64_t steady_s,
    struct page_begun *begun, struct err *err)
{
	struct asker a = { .id = id };

	*begun = (struct page_begun){ .way = PAGE_TRIED };
	return lead(db, &a, url, steady_s, begun, err) == 0 ? 0 :
	    err_wrap(err, "noting where a page leads");
}

/* The page stays asked for where it was once before. */
static int
take_back(struct db *db, int64_t id, int64_t began_s, struct err *err)
{
	if (db_run(db, "UPDATE page SET begun = begun - 1, due = ?2"
	    " WHERE id = ?1 AND begun > tries",
	    DB_ARGS(DB_I(id), DB_I(began_s)), err) == -1)
		return -1;
	if (db_changes(db) == 0)
		return 0;
	if (db_run(db, "DELETE FROM page_asked WHERE page = ?1 AND EXISTS"
	    " (SELECT 1 FROM page WHERE id = ?1 AND begun = 0)",
	    DB_ARGS(DB_I(id)), err) == -1)
		return -1;
	return db_run(db, "UPDATE page_feed SET requests = requests - 1"
	    " WHERE feed = (SELECT feed FROM page WHERE id = ?1)"
	    " AND day = ?2 AND requests > 0",
	    DB_ARGS(DB_I(id), DB_I(began_s / DAY_S)), err);
}

int
page_store_take_back(struct db *db, int64_t id, int64_t began_s,
    struct err *err)
{
	return take_back(db, id, began_s, err) == 0 ? 0 :
	    err_wrap(err, "noting that a page was not asked for");
}

int
page_store_put_off(struct db *db, int64_t id, int64_t due_s, bool tried,
    struct err *err)
{
	if (db_run(db, "UPDATE page SET due = ?2, tries = tries + ?3"
	    " WHERE id = ?1", DB_ARGS(DB_I(id), DB_I(due_s), DB_I(tried)),
	    err) == -1 || forget_way(db, id, err) == -1)
		return err_wrap(err, "putting off a page");
	return 0;
}

int
page_store_keep_text(struct db *db, int64_t id, struct str text,
    struct err *err)
{
	bool crowded = false;

	if (db_is_crowded(db, &crowded, err) == -1 || (!crowded &&
	    db_run(db, "INSERT OR REPLACE INTO page_text SELECT page, ?2"
	    " FROM page_asked WHERE page = ?1", DB_ARGS(DB_I(id),
	    DB_S(utf8_cut(text, PAGE_TEXT_MOST))), err) == -1))
		return err_wrap(err, "keeping the text of a page");
	return 0;
}

int
page_store_name(struct db *db, int64_t id, struct str url, struct err *err)
{
	int64_t hash = hash_of_key(url);

	if (hash == 0)
		return 0;
	return db_run(db, "UPDATE page_asked SET name_hash = ?2"
	    " WHERE page = ?1", DB_ARGS(DB_I(id), DB_I(hash)), err) == 0 ? 0 :
	    err_wrap(err, "noting a page's own name");
}

int
page_store_find_text(struct db *db, int64_t first,
    void (*each)(struct str text, void *ctx), void *ctx, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT text FROM page_text"
	    " WHERE page = ?", DB_ARGS(DB_I(first)), err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW)
		each(db_str(q, 0), ctx);
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "reading the text of a page");
}

/* The feed of a row; 0: there is no row. */
static int64_t
feed_of(struct db *db, int64_t id, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT feed FROM page WHERE id = ?",
	    DB_ARGS(DB_I(id)), err);
	enum db_step step = db_next(q, err);
	int64_t feed = step == DB_ROW ? db_int(q, 0) : 0;

	db_done(q);
	return step == DB_FAILED ? -1 : feed;
}

static int
end(struct db *db, int64_t id, enum page_outcome outcome, int64_t steady_s,
    struct err *err)
{
	int64_t feed = feed_of(db, id, err);

	if (feed == 0 || feed == -1)
		return (int)feed;
	if (db_run(db, "DELETE FROM page WHERE id = ?", DB_ARGS(DB_I(id)),
	    err) == -1 || count_waiting(db, feed, -1, err) == -1 ||
	    db_run(db, "UPDATE page_asked SET outcome = ?2 WHERE page = ?1",
	    DB_ARGS(DB_I(id), DB_S(str_from(words[outcome]))), err) == -1)
		return -1;
	return count_outcome(db, feed, outcome, steady_s, err);
}

int
page_store_end(struct db *db, int64_t id, enum page_outcome outcome,
    int64_t steady_s, struct err *err)
{
	return end(db, id, outcome, steady_s, err) == 0 ? 0 :
	    err_wrap(err, "noting what became of a page");
}

/*
 * What has come of them
 */

static void
read_last(struct page_counts *c, struct str word, int64_t at_s)
{
	enum page_outcome last = outcome_of(word);

	if (last == PAGE_OUTCOMES)
		return;
	c->last = last;
	c->last_s = at_s;
}

int
page_store_count(struct db *db, const char *feed_url, int64_t steady_s,
    struct page_counts *c, struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	*c = (struct page_counts){ 0 };
	q = db_query(db, "SELECT waiting, last, last_at,"
	    " CASE day WHEN ?2 THEN requests ELSE 0 END,"
	    " n_read, n_short, n_no_article, n_robots, n_refused, n_consent,"
	    " n_paywall, n_bot_wall, n_not_html, n_gone, n_failed, n_private,"
	    " n_shared, n_left FROM page_feed"
	    " WHERE feed = (SELECT id FROM feed WHERE url = ?1)",
	    DB_ARGS(DB_S(str_from(feed_url)), DB_I(steady_s / DAY_S)), err);
	step = db_next(q, err);
	if (step == DB_ROW) {
		c->waiting = db_int(q, 0);
		read_last(c, db_str(q, 1), db_int(q, 2));
		c->today = db_int(q, 3);
		for (int i = 0; i < PAGE_OUTCOMES; i++)
			c->by_outcome[i] = db_int(q, 4 + i);
	}
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "counting the pages of a feed");
}

int
page_store_has_any(struct db *db, bool *any, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT EXISTS (SELECT 1"
	    " FROM page_feed)", DB_NO_ARGS, err);
	enum db_step step = db_next(q, err);

	*any = step == DB_ROW && db_int(q, 0) != 0;
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "counting the pages of feeds");
}

int
page_store_each_feed(struct db *db,
    void (*each)(struct str url, int64_t away_s, void *ctx), void *ctx,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT url, away FROM page_feed"
	    " JOIN feed ON id = feed WHERE waiting > 0", DB_NO_ARGS, err);
	enum db_step step;

	while ((step = db_next(q, err)) == DB_ROW)
		each(db_str(q, 0), db_int(q, 1), ctx);
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "reading which feeds wait for pages");
}

int
page_store_set_away(struct db *db, const char *feed_url, int64_t away_s,
    struct err *err)
{
	if (db_run(db, "UPDATE page_feed SET away = ?2"
	    " WHERE feed = (SELECT id FROM feed WHERE url = ?1)",
	    DB_ARGS(DB_S(str_from(feed_url)), DB_I(away_s)), err) == -1)
		return err_wrap(err, "noting that a feed reads no pages");
	return 0;
}

static int
drop(struct db *db, int64_t feed, int64_t n, int64_t *dropped,
    struct err *err)
{
	if (db_run(db, "DELETE FROM page WHERE id IN (SELECT id FROM page"
	    " WHERE feed = ? ORDER BY id LIMIT ?)",
	    DB_ARGS(DB_I(feed), DB_I(n)), err) == -1)
		return -1;
	*dropped = db_changes(db);
	return count_waiting(db, feed, -*dropped, err);
}

int
page_store_drop(struct db *db, const char *feed_url, int64_t n,
    int64_t *dropped, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT id FROM feed WHERE url = ?",
	    DB_ARGS(DB_S(str_from(feed_url))), err);
	enum db_step step = db_next(q, err);
	int64_t feed = step == DB_ROW ? db_int(q, 0) : 0;
	int rc = step == DB_FAILED ? -1 : 0;

	db_done(q);
	*dropped = 0;
	if (feed != 0 && n > 0)		/* SQL takes a negative limit for
					 * none */
		rc = drop(db, feed, n, dropped, err);
	return rc == 0 ? 0 :
	    err_wrap(err, "dropping what waits for pages");
}

int
page_store_forget(struct db *db, int64_t before_s, int64_t n,
    int64_t *dropped, struct err *err)
{
	*dropped = 0;
	if (n <= 0)		/* SQL takes a negative limit for none */
		return 0;
	if (db_run(db, "DELETE FROM page_asked WHERE at < ? AND page IN"
	    " (SELECT page FROM page_asked ORDER BY page LIMIT ?)",
	    DB_ARGS(DB_I(before_s), DB_I(n)), err) == -1)
		return err_wrap(err, "forgetting which pages were asked");
	*dropped = db_changes(db);
	if (db_run(db, "DELETE FROM page_led WHERE page <"
	    " ifnull((SELECT min(page) FROM page_asked), ?)",
	    DB_ARGS(DB_I(INT64_MAX)), err) == -1)
		return err_wrap(err, "forgetting where pages have led");
	return 0;
}

int
page_store_forget_texts(struct db *db, int64_t before_s, int64_t n,
    int64_t *dropped, struct err *err)
{
	*dropped = 0;
	if (n <= 0)
		return 0;
	if (db_run(db, "DELETE FROM page_text WHERE page IN"
	    " (SELECT page FROM page_text ORDER BY page LIMIT ?2)"
	    " AND NOT EXISTS (SELECT 1 FROM page_asked"
	    " WHERE page_asked.page = page_text.page AND at >= ?1)",
	    DB_ARGS(DB_I(before_s), DB_I(n)), err) == -1)
		return err_wrap(err, "forgetting the texts of pages");
	*dropped = db_changes(db);
	return 0;
}
