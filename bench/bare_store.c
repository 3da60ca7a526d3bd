/* SPDX-License-Identifier: ISC */
/* A row of `sqls` is a statement; put_* bind one and step it. */
#include "bench/bare_store.h"

#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "alerts/outbox.h"
#include "base/err.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"
#include "feeds/known_item.h"

/* The page cache is as large as our writer's. */
static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "PRAGMA cache_size = -16384;"
    "CREATE TABLE feed (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE,"
    "    title TEXT, etag TEXT, last_modified TEXT, body_hash INTEGER,"
    "    first_asked INTEGER, last_asked INTEGER, last_good INTEGER,"
    "    due INTEGER, rhythm INTEGER, items_total INTEGER, status INTEGER);"
    "CREATE TABLE known (feed INTEGER, id_hash INTEGER,"
    "    content_hash INTEGER, seen INTEGER,"
    "    PRIMARY KEY (feed, id_hash)) WITHOUT ROWID;"
    "CREATE TABLE item_text (seq INTEGER PRIMARY KEY, feed INTEGER,"
    "    id_hash INTEGER, published INTEGER, url_key INTEGER,"
    "    packed BLOB, UNIQUE (feed, id_hash));"
    "CREATE INDEX item_text_host ON item_text (url_key >> 32, seq,"
    "    url_key);"
    "CREATE TABLE alert (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    "    topic TEXT, feed TEXT, time INTEGER, body TEXT);"
    "CREATE TABLE outbox (seq INTEGER PRIMARY KEY, alert INTEGER,"
    "    sink INTEGER, state INTEGER, tries INTEGER, due INTEGER);"
    "CREATE INDEX outbox_queue ON outbox (sink, state, seq);"
    "CREATE UNIQUE INDEX outbox_way ON outbox (alert, sink);";

enum { BEGIN, COMMIT, PUT_FEED, PUT_KNOWN, PUT_TEXT, PUT_ALERT, PUT_WAY,
    N_SQLS };

static const char *const sqls[N_SQLS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[PUT_FEED] = ("INSERT INTO feed VALUES"
	    " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT (id) DO UPDATE SET title = ?3, etag = ?4,"
	    " last_modified = ?5, body_hash = ?6, last_asked = ?8,"
	    " last_good = ?9, due = ?10, rhythm = ?11, items_total = ?12,"
	    " status = ?13"),
	[PUT_KNOWN] = "INSERT INTO known VALUES (?, ?, ?, ?)",
	[PUT_TEXT] = ("INSERT INTO item_text"
	    " VALUES (NULL, ?, ?, ?, ?, ?)"),
	[PUT_ALERT] = "INSERT INTO alert VALUES (?, ?, ?, ?, ?, ?)",
	[PUT_WAY] = "INSERT INTO outbox VALUES (NULL, ?, 1, 0, 0, 0)",
};

struct bare_store {
	sqlite3		*raw;
	sqlite3_stmt	*stmts[N_SQLS];
};

static int
fail(sqlite3 *raw, struct err *err)
{
	return err_set(err, "bare SQLite: %s", sqlite3_errmsg(raw));
}

struct bare_store *
bare_store_open(const char *path, struct err *err)
{
	struct bare_store *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	rc = sqlite3_open_v2(path, &s->raw, SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->raw, schema, NULL, NULL, NULL);
	for (int i = 0; i < N_SQLS && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(s->raw, sqls[i], -1,
		    SQLITE_PREPARE_PERSISTENT, &s->stmts[i], NULL);
	if (rc == SQLITE_OK)
		return s;
	(void)fail(s->raw, err);	/* told by NULL */
	bare_store_close(s);
	return NULL;
}

void
bare_store_close(struct bare_store *s)
{
	if (s == NULL)
		return;
	for (int i = 0; i < N_SQLS; i++)
		(void)sqlite3_finalize(s->stmts[i]);	/* repeats old news */
	(void)sqlite3_close(s->raw);	/* nothing is open any more */
	free(s);
}

/* Steps a statement whose values are bound; they are static while it runs. */
static int
run(struct bare_store *s, int which, struct err *err)
{
	int rc = sqlite3_step(s->stmts[which]);

	(void)sqlite3_reset(s->stmts[which]);	/* repeats the step's result */
	return rc == SQLITE_DONE ? 0 : fail(s->raw, err);
}

/* A place that cannot be bound stays NULL: the counts at the end tell. */
static void
bind_int(sqlite3_stmt *q, int at, int64_t v)
{
	(void)sqlite3_bind_int64(q, at, v);
}

static void
bind_str(sqlite3_stmt *q, int at, struct str v)
{
	(void)sqlite3_bind_text(q, at, v.p, (int)v.n, SQLITE_STATIC);
}

/* A hash as SQLite's signed number with the same bits. */
static void
bind_hash(sqlite3_stmt *q, int at, uint64_t hash)
{
	int64_t v;

	memcpy(&v, &hash, sizeof(v));
	bind_int(q, at, v);
}

int
bare_store_begin(struct bare_store *s, struct err *err)
{
	return run(s, BEGIN, err);
}

int
bare_store_commit(struct bare_store *s, struct err *err)
{
	return run(s, COMMIT, err);
}

int
bare_store_put_feed(struct bare_store *s, int64_t feed, struct str url,
    const struct feed_state *st, struct err *err)
{
	sqlite3_stmt *q = s->stmts[PUT_FEED];

	bind_int(q, 1, feed);
	bind_str(q, 2, url);
	bind_str(q, 3, str_from(st->title));
	bind_str(q, 4, str_from(st->etag));
	bind_str(q, 5, str_from(st->last_modified));
	bind_int(q, 6, st->body_hash);
	bind_int(q, 7, st->first_asked_s);
	bind_int(q, 8, st->last_asked_s);
	bind_int(q, 9, st->last_good_s);
	bind_int(q, 10, st->due_s);
	bind_int(q, 11, st->rhythm_s);
	bind_int(q, 12, st->items_total);
	bind_int(q, 13, st->status);
	return run(s, PUT_FEED, err);
}

int
bare_store_put_known(struct bare_store *s, int64_t feed,
    const struct known_item *k, struct err *err)
{
	sqlite3_stmt *q = s->stmts[PUT_KNOWN];

	bind_int(q, 1, feed);
	bind_hash(q, 2, k->id_hash);
	bind_hash(q, 3, k->content_hash);
	bind_int(q, 4, k->seen_s);
	return run(s, PUT_KNOWN, err);
}

int
bare_store_put_text(struct bare_store *s, int64_t feed,
    const struct item_text_row *t, struct err *err)
{
	sqlite3_stmt *q = s->stmts[PUT_TEXT];

	bind_int(q, 1, feed);
	bind_hash(q, 2, t->id_hash);
	bind_int(q, 3, t->published_s);
	bind_hash(q, 4, t->url_key);
	(void)sqlite3_bind_blob(q, 5, t->packed.p, (int)t->packed.n,
	    SQLITE_STATIC);
	return run(s, PUT_TEXT, err);
}

int
bare_store_put_alert(struct bare_store *s, int64_t alert,
    const struct outbox_alert *a, struct err *err)
{
	sqlite3_stmt *q = s->stmts[PUT_ALERT];

	bind_int(q, 1, alert);
	bind_str(q, 2, a->id);
	bind_str(q, 3, a->topic);
	bind_str(q, 4, a->feed);
	bind_int(q, 5, a->time_s);
	bind_str(q, 6, a->body);
	if (run(s, PUT_ALERT, err) == -1)
		return -1;
	bind_int(s->stmts[PUT_WAY], 1, alert);
	return run(s, PUT_WAY, err);
}

/*
 * Watching from outside
 */

struct store_watch {
	sqlite3		*raw;
	sqlite3_stmt	*version;
};

struct store_watch *
store_watch_open(const char *path, struct err *err)
{
	struct store_watch *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	if (sqlite3_open_v2(path, &w->raw, SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(w->raw, "PRAGMA data_version", -1, &w->version,
	    NULL) == SQLITE_OK)
		return w;
	(void)fail(w->raw, err);	/* told by NULL */
	store_watch_close(w);
	return NULL;
}

static int64_t
read_number(struct store_watch *w, sqlite3_stmt *q, struct err *err)
{
	int64_t v = sqlite3_step(q) == SQLITE_ROW ?
	    sqlite3_column_int64(q, 0) : fail(w->raw, err);

	(void)sqlite3_reset(q);		/* repeats the step's result */
	return v;
}

int64_t
store_watch_version(struct store_watch *w, struct err *err)
{
	return read_number(w, w->version, err);
}

int64_t
store_watch_count(struct store_watch *w, const char *table, struct err *err)
{
	sqlite3_stmt *q = NULL;
	char sql[80];
	int64_t n;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	if (sqlite3_prepare_v2(w->raw, sql, -1, &q, NULL) != SQLITE_OK)
		return fail(w->raw, err);
	n = read_number(w, q, err);
	(void)sqlite3_finalize(q);	/* repeats the step's result */
	return n;
}

void
store_watch_close(struct store_watch *w)
{
	if (w == NULL)
		return;
	(void)sqlite3_finalize(w->version);
	(void)sqlite3_close(w->raw);	/* nothing is open any more */
	free(w);
}
