/* SPDX-License-Identifier: ISC */
/*
 * Two tables. `health` holds what was told and is not over. `health_feed`
 * holds the two moments that decide about a feed, a score of bytes each, so
 * that a look over 100,000 feeds reads two megabytes and then only the rows of
 * feeds in doubt.
 */
#include "daemon/health.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/url.h"
#include "daemon/health_private.h"

/*
 * Times are Unix seconds, 0 when never; those of feeds are of steady time
 * (base/clock.h). The triggers look at what the row was before: a poll without
 * news or failure writes nothing here. Feeds of an older store begin with what
 * can be known of them.
 */
const char health_schema[] =
    "CREATE TABLE health ("
    "    condition TEXT NOT NULL,"
    "    about TEXT NOT NULL,"
    "    since INTEGER NOT NULL,"
    "    told INTEGER NOT NULL,"
    "    message TEXT NOT NULL,"
    "    PRIMARY KEY (condition, about)) WITHOUT ROWID;"
    "CREATE TABLE health_feed ("
    "    feed INTEGER PRIMARY KEY REFERENCES feed ON DELETE CASCADE,"
    "    last_new INTEGER NOT NULL DEFAULT 0,"
    "    failing_since INTEGER NOT NULL DEFAULT 0);"
    "INSERT INTO health_feed SELECT id,"
    "    CASE WHEN items_total > 0 THEN last_good ELSE 0 END,"
    "    CASE WHEN failures > 0 THEN last_asked ELSE 0 END"
    "    FROM feed WHERE items_total > 0 OR failures > 0;"
    "CREATE TRIGGER health_feed_new AFTER UPDATE OF items_total ON feed"
    "    WHEN NEW.items_total > OLD.items_total BEGIN"
    "    INSERT INTO health_feed (feed, last_new)"
    "        VALUES (NEW.id, NEW.last_asked) ON CONFLICT (feed)"
    "        DO UPDATE SET last_new = excluded.last_new;"
    "    END;"
    "CREATE TRIGGER health_feed_fails AFTER UPDATE OF failures ON feed"
    "    WHEN (NEW.failures > 0) != (OLD.failures > 0) BEGIN"
    "    INSERT INTO health_feed (feed, failing_since) VALUES (NEW.id,"
    "        CASE WHEN NEW.failures > 0 THEN NEW.last_asked ELSE 0 END)"
    "        ON CONFLICT (feed)"
    "        DO UPDATE SET failing_since = excluded.failing_since;"
    "    END;";

const struct health_rule health_rules[HEALTH_KINDS] = {
	[HEALTH_STORE_FULL] = { "store_full", SEVERITY_ERR, HEALTH_OF_ALL },
	[HEALTH_DEGRADED] = { "degraded", SEVERITY_WARNING, HEALTH_OF_ALL },
	[HEALTH_SINK_DISABLED] = { "sink_disabled", SEVERITY_ERR,
	    HEALTH_OF_SINK },
	[HEALTH_SINK_FAILING] = { "sink_failing", SEVERITY_ERR,
	    HEALTH_OF_SINK },
	[HEALTH_GIVEN_UP] = { "alerts_given_up", SEVERITY_ERR,
	    HEALTH_OF_SINK },
	[HEALTH_FEED_FAILING] = { "feed_failing", SEVERITY_WARNING,
	    HEALTH_OF_FEED },
	[HEALTH_FEED_SILENT] = { "feed_silent", SEVERITY_WARNING,
	    HEALTH_OF_FEED },
};

/* HEALTH_KINDS: a word of some other program's. */
static enum health_kind
find_kind(struct str word)
{
	enum health_kind kind = 0;

	while (kind < HEALTH_KINDS &&
	    !str_eq_c(word, health_rules[kind].word))
		kind++;
	return kind;
}

/* What was told */

static int
add_told(struct health_look *look, enum health_kind kind, struct str about,
    int64_t since_s)
{
	struct health_told *t = arena_alloc(look->arena, sizeof(*t)), *found;

	if (t == NULL)
		return -1;
	t->about = arena_copy(look->arena, about);
	t->since_s = since_s;
	if (t->about.p == NULL)
		return -1;
	HASH_ADD_KEYPTR(hh, look->told[kind], t->about.p, t->about.n, t);
	/* uthash had no memory: it is not in. */
	HASH_FIND(hh, look->told[kind], t->about.p, t->about.n, found);
	return found == t ? 0 : -1;
}

int
health_load_told(struct health_look *look, struct err *err)
{
	enum db_step step = DB_END;
	enum health_kind kind;
	struct db_stmt *q;
	int rc = 0;

	q = db_query(look->env->reader, "SELECT condition, about, since"
	    " FROM health", DB_NO_ARGS, err);
	while (rc == 0 && (step = db_next(q, err)) == DB_ROW) {
		kind = find_kind(db_str(q, 0));
		if (kind != HEALTH_KINDS && add_told(look, kind, db_str(q, 1),
		    db_int(q, 2)) == -1)
			rc = err_set(err, "out of memory");
	}
	db_done(q);
	if (rc == 0 && step == DB_FAILED)
		rc = -1;
	return rc == 0 ? 0 : err_wrap(err, "reading what was told");
}

int
health_count_told(struct db *db, size_t *n, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT count(*) FROM health",
	    DB_NO_ARGS, err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW)
		*n = (size_t)db_int(q, 0);
	db_done(q);
	return step == DB_ROW ? 0 : err_wrap(err, "reading what was told");
}

int
health_save_change(struct db *db, const struct health_change *c,
    int64_t now_s, bool *changed, struct err *err)
{
	struct str word = str_from(health_rules[c->kind].word);
	int rc;

	if (c->step == HEALTH_BEGUN)
		rc = db_run(db, "INSERT INTO health VALUES (?, ?, ?, ?, ?)"
		    " ON CONFLICT (condition, about) DO NOTHING",
		    DB_ARGS(DB_S(word), DB_S(c->about), DB_I(c->since_s),
		    DB_I(now_s), DB_S(c->message)), err);
	else
		rc = db_run(db, "DELETE FROM health WHERE condition = ?"
		    " AND about = ?", DB_ARGS(DB_S(word), DB_S(c->about)),
		    err);
	*changed = rc == 0 && db_changes(db) > 0;
	return rc == 0 ? 0 : err_wrap(err, "noting what is told");
}


struct listing {
	enum health_kind	 kind;
	size_t			 left;
	struct buf		 url;
	void			(*each)(const struct health_condition *,
				    void *);
	void			*ctx;
};

static void
list_row(struct listing *l, struct db_stmt *q)
{
	const struct health_rule *rule = &health_rules[l->kind];
	struct health_condition c = { .condition = str_from(rule->word),
		.about = db_str(q, 0), .since_s = db_int(q, 1),
		.message = db_str(q, 2),
		.in_steady = rule->subject == HEALTH_OF_FEED };
	char *url;

	if (rule->subject == HEALTH_OF_FEED) {
		buf_reset(&l->url);
		url = str_dup(c.about);
		if (url != NULL)
			url_redact(&l->url, url);
		free(url);
		c.about = buf_str(&l->url);
	}
	l->left--;
	l->each(&c, l->ctx);
}

static int
list_kind(struct db *db, struct listing *l, struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT about, since, message FROM health"
	    " WHERE condition = ? ORDER BY since DESC, about LIMIT ?",
	    DB_ARGS(DB_S(str_from(health_rules[l->kind].word)),
	    DB_I((int64_t)l->left)), err);
	while ((step = db_next(q, err)) == DB_ROW)
		list_row(l, q);
	db_done(q);
	return step == DB_END ? 0 : -1;
}

int
health_each(struct db *db, size_t limit,
    void (*each)(const struct health_condition *, void *ctx), void *ctx,
    struct err *err)
{
	struct listing l = { .left = limit, .each = each, .ctx = ctx };
	int rc = 0;

	buf_init(&l.url, URL_MAX_BYTES);
	for (; l.kind < HEALTH_KINDS && l.left > 0 && rc == 0; l.kind++)
		rc = list_kind(db, &l, err);
	buf_clear(&l.url);
	return rc == 0 ? 0 : err_wrap(err, "reading what was told");
}

/* Feeds */

/*
 * A feed that fails is well when an answer came, a silent one when something
 * new did, to it or to the feed that reads its document: not when a limit
 * happens to be no longer reached.
 */
int
health_each_feed_still(struct db *db, void (*each)(enum health_kind,
    struct str about, void *ctx), void *ctx, struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT c.condition, c.about"
	    " FROM health c CROSS JOIN feed f ON f.url = c.about"
	    " LEFT JOIN health_feed h ON h.feed = f.id"
	    " LEFT JOIN feed r ON r.url = f.same_as"
	    " LEFT JOIN health_feed g ON g.feed = r.id"
	    " WHERE (c.condition = 'feed_failing' AND"
	    "  (f.failures > 0 OR f.gone))"
	    " OR (c.condition = 'feed_silent' AND"
	    "  max(ifnull(h.last_new, 0), ifnull(g.last_new, 0)) <= c.since)",
	    DB_NO_ARGS, err);
	while ((step = db_next(q, err)) == DB_ROW)
		each(find_kind(db_str(q, 0)), db_str(q, 1), ctx);
	db_done(q);
	return step == DB_END ? 0 : err_wrap(err, "reading what feeds do");
}

static void
read_feed(struct db_stmt *q, struct health_facts *f)
{
	bool fails = db_int(q, 2) > 0;

	*f = (struct health_facts){
		.kind = fails ? HEALTH_FEED_FAILING : HEALTH_FEED_SILENT,
		.about = db_str(q, 0), .name = db_str(q, 1),
		.times = db_int(q, 2), .gone = db_int(q, 3) != 0,
		.next_s = db_int(q, 4), .rhythm_s = db_int(q, 5),
		.since_s = fails ? db_int(q, 6) : db_int(q, 7),
		.why = db_str(q, 8),
	};
}

/*
 * The first condition is met by the small table alone. A feed whose poll is
 * owed (the daemon was off) is judged after that poll; silence counts up to
 * the last answer, for the same reason. Of a feed whose document another one
 * reads only that one has anything new, or nothing; when it reads its own again
 * its silence begins (poll_state.c, news).
 */
int
health_each_feed(struct db *db, int64_t now_s,
    void (*each)(const struct health_facts *, void *ctx), void *ctx,
    struct err *err)
{
	struct health_facts facts;
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT f.url, f.title, f.failures, f.gone, f.due,"
	    " f.rhythm, h.failing_since, max(h.last_new, f.news),"
	    " ifnull(f.message, f.trouble)"
	    " FROM health_feed h CROSS JOIN feed f ON f.id = h.feed"
	    " WHERE (h.failing_since > 0 OR h.last_new < ?1 - 3 * 86400)"
	    " AND CASE WHEN f.failures > 0 THEN f.gone OR (f.due > ?1 AND"
	    "  h.failing_since BETWEEN 1 AND ?1 - 86400)"
	    " ELSE f.rhythm > 0 AND h.last_new > 0 AND f.same_as IS NULL"
	    "  AND f.last_good - max(h.last_new, f.news) >"
	    "  max(10 * f.rhythm, 3 * 86400)"
	    " END", DB_ARGS(DB_I(now_s)), err);
	while ((step = db_next(q, err)) == DB_ROW) {
		read_feed(q, &facts);
		each(&facts, ctx);
	}
	db_done(q);
	return step == DB_END ? 0 : err_wrap(err, "reading what feeds do");
}

/* The outbox */

int
health_count_outbox(struct db *db, const char *sink, int state, int64_t *n,
    struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	*n = 0;
	q = db_query(db, "SELECT count(*) FROM (SELECT 1 FROM outbox"
	    " WHERE sink = (SELECT id FROM sink WHERE name = ?)"
	    " AND state = ? LIMIT ?)", DB_ARGS(DB_S(str_from(sink)),
	    DB_I(state), DB_I(HEALTH_COUNT_MAX + 1)), err);
	step = db_next(q, err);
	if (step == DB_ROW)
		*n = db_int(q, 0);
	db_done(q);
	return step == DB_ROW ? 0 : err_wrap(err, "counting the outbox");
}

int
health_first_outbox(struct db *db, const char *sink, int state,
    struct health_first *first, struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	*first = (struct health_first){ 0 };
	q = db_query(db, "SELECT first_tried, tried, tries, error FROM outbox"
	    " WHERE sink = (SELECT id FROM sink WHERE name = ?)"
	    " AND state = ? ORDER BY seq LIMIT 1",
	    DB_ARGS(DB_S(str_from(sink)), DB_I(state)), err);
	step = db_next(q, err);
	if (step == DB_ROW) {
		first->found = true;
		first->first_tried_s = db_int(q, 0);
		first->tried_s = db_int(q, 1);
		first->tries = db_int(q, 2);
		(void)snprintf(first->error, sizeof(first->error), "%.*s",
		    STR_ARG(db_str(q, 3)));	/* cut: for people */
	}
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "reading the outbox");
}
