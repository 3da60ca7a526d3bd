/* SPDX-License-Identifier: ISC */
/*
 * The waiting alerts as tables. A sink's queue is one range of one index, in
 * the order of seq:
 *
 *	(sink, state)	 (3, waiting)        (3, sent)
 *	seq		 17 18 21 22 ...     1 2 5 9 16 ...
 *
 * so that reading what waits costs what waits, however much was sent. (Of the
 * sinks themselves: outbox_sink.c; how many there are: outbox_count.c.)
 */
#include "alerts/outbox.h"

#include "base/db.h"
#include "base/err.h"

/*
 * AUTOINCREMENT, because readers keep a cursor over seq: a number must not come
 * back when old rows are removed. Sinks are numbers, so that a row of the
 * outbox stays at some tens of bytes.
 *
 * outbox.tried, first_tried and due are Unix seconds, 0 when never.
 */
const char outbox_schema[] =
    "CREATE TABLE alert ("
    "    seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    id TEXT NOT NULL UNIQUE,"
    "    topic TEXT NOT NULL,"
    "    feed TEXT NOT NULL,"
    "    time INTEGER NOT NULL,"
    "    body TEXT NOT NULL);"
    "CREATE TABLE sink ("
    "    id INTEGER PRIMARY KEY,"
    "    name TEXT NOT NULL UNIQUE,"
    "    disabled INTEGER NOT NULL DEFAULT 0,"
    "    since INTEGER NOT NULL DEFAULT 0,"
    "    reason TEXT NOT NULL DEFAULT '');"
    "CREATE TABLE outbox ("
    "    seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    alert INTEGER NOT NULL REFERENCES alert,"
    "    sink INTEGER NOT NULL REFERENCES sink,"
    "    state INTEGER NOT NULL DEFAULT 0,"
    "    tries INTEGER NOT NULL DEFAULT 0,"
    "    first_tried INTEGER NOT NULL DEFAULT 0,"
    "    tried INTEGER NOT NULL DEFAULT 0,"
    "    due INTEGER NOT NULL DEFAULT 0,"
    "    error TEXT);"
    "CREATE INDEX outbox_queue ON outbox (sink, state, seq);"
    "CREATE UNIQUE INDEX outbox_way ON outbox (alert, sink);";

/* What became of an alert is forgotten one day, that it was raised never is. */
const char outbox_schema_2[] =
    "CREATE TABLE raised (id TEXT PRIMARY KEY) WITHOUT ROWID;";

_Static_assert(OUTBOX_WAITING == 0, "the default of outbox.state");

static int
make_sink(struct db *db, struct str name, struct err *err)
{
	return db_run(db, "INSERT INTO sink (name) VALUES (?)"
	    " ON CONFLICT (name) DO NOTHING", DB_ARGS(DB_S(name)), err);
}

/* A sink that is named twice gets the alert once. */
static int
add_way(struct db *db, int64_t alert, struct str sink, struct err *err)
{
	if (make_sink(db, sink, err) == -1)
		return -1;
	return db_run(db, "INSERT INTO outbox (alert, sink)"
	    " SELECT ?, id FROM sink WHERE name = ?"
	    " ON CONFLICT (alert, sink) DO NOTHING",
	    DB_ARGS(DB_I(alert), DB_S(sink)), err);
}

int
outbox_add(struct db *db, const struct outbox_alert *a,
    const struct str *sinks, size_t n_sinks, bool *added, struct err *err)
{
	int64_t alert;

	*added = false;
	if (db_run(db, "INSERT INTO alert (id, topic, feed, time, body)"
	    " SELECT ?1, ?2, ?3, ?4, ?5"
	    " WHERE NOT EXISTS (SELECT 1 FROM raised WHERE id = ?1)"
	    " ON CONFLICT (id) DO NOTHING",
	    DB_ARGS(DB_S(a->id), DB_S(a->topic), DB_S(a->feed),
	    DB_I(a->time_s), DB_S(a->body)), err) == -1)
		return err_wrap(err, "adding an alert");
	if (db_changes(db) == 0)
		return 0;
	alert = db_last_id(db);
	for (size_t i = 0; i < n_sinks; i++)
		if (add_way(db, alert, sinks[i], err) == -1)
			return err_wrap(err, "adding an alert for %.*s",
			    STR_ARG(sinks[i]));
	*added = true;
	return 0;
}

int
outbox_find_last(struct db *db, int64_t *seq, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT max(seq) FROM outbox",
	    DB_NO_ARGS, err);
	enum db_step step = db_next(q, err);

	*seq = step == DB_ROW ? db_int(q, 0) : 0;
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "looking for the outbox's end");
}

unsigned
outbox_read_tries(int64_t v)
{
	return v < 0 ? 0 : v > 1000000 ? 1000000 : (unsigned)v;
}

enum outbox_state
outbox_read_state(int64_t n)
{
	return n > OUTBOX_WAITING && n <= OUTBOX_IN_DIGEST ?
	    (enum outbox_state)n : OUTBOX_WAITING;
}

static void
read_row(struct db_stmt *q, struct outbox_row *row)
{
	*row = (struct outbox_row){
		.seq = db_int(q, 0),
		.alert_id = db_str(q, 1),
		.topic = db_str(q, 2),
		.body = db_str(q, 3),
		.time_s = db_int(q, 4),
		.first_tried_s = db_int(q, 5),
		.due_s = db_int(q, 6),
		.tries = outbox_read_tries(db_int(q, 7)),
		.tried_s = db_int(q, 8),
	};
}

int
outbox_each_waiting(struct db *db, const char *sink, int64_t after,
    size_t limit, void (*each)(const struct outbox_row *, void *ctx),
    void *ctx, struct err *err)
{
	struct outbox_row row;
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT o.seq, a.id, a.topic, a.body, a.time,"
	    " o.first_tried, o.due, o.tries, o.tried"
	    " FROM outbox o JOIN alert a ON a.seq = o.alert"
	    " WHERE o.sink = (SELECT id FROM sink WHERE name = ?)"
	    " AND o.state = 0 AND o.seq > ? ORDER BY o.seq LIMIT ?",
	    DB_ARGS(DB_S(str_from(sink)), DB_I(after),
	    DB_I((int64_t)(limit < 1000000 ? limit : 1000000))), err);
	while ((step = db_next(q, err)) == DB_ROW) {
		read_row(q, &row);
		each(&row, ctx);
	}
	db_done(q);
	return step == DB_END ? 0 :
	    err_wrap(err, "reading what waits for %s", sink);
}

/*
 * A row that somebody dropped or gave up meanwhile stays so; but that it was
 * sent is a fact. first_tried is where keep_trying is counted from: a mark that
 * waits with 0 tries makes the row as if it had never been tried, and one with
 * a first try counts from there, also where a sink that was changed began
 * afresh.
 */
static int
apply(struct db *db, const struct outbox_mark *m, struct err *err)
{
	const char *end = memchr(m->error, '\0', sizeof(m->error));
	struct str error = { m->error, end != NULL ?
	    (size_t)(end - m->error) : sizeof(m->error) };

	return db_run(db, "UPDATE outbox SET state = ?1, tries = ?2,"
	    " tried = ?3, due = ?4, error = nullif(?5, ''),"
	    " first_tried = CASE WHEN ?2 = 0 THEN 0"
	    "  WHEN ?2 = 1 OR first_tried = 0 THEN ?3"
	    "  ELSE first_tried END"
	    " WHERE seq = ?6 AND (state = 0 OR ?1 = 1)",
	    DB_ARGS(DB_I(m->state), DB_I(m->tries), DB_I(m->tried_s),
	    DB_I(m->due_s), DB_S(error), DB_I(m->seq)), err);
}

int
outbox_apply(struct db *db, const struct outbox_mark *marks, size_t n,
    struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (apply(db, &marks[i], err) == -1)
			return err_wrap(err, "marking what was sent");
	return 0;
}

static int
note_digest(struct db *db, const struct outbox_digest *d, struct err *err)
{
	for (size_t i = 0; i < d->n; i++)
		if (db_run(db, "UPDATE outbox SET state = 4, error = ?"
		    " WHERE seq = ? AND state = 0", DB_ARGS(DB_S(d->id),
		    DB_I(d->seqs[i])), err) == -1)
			return err_wrap(err, "noting what is in a digest");
	return 0;
}

/* Without a topic, as it is no topic's alert. */
int
outbox_add_digest(struct db *db, const struct outbox_digest *d,
    struct err *err)
{
	const struct outbox_alert a = { .id = d->id, .time_s = d->time_s,
		.topic = STR(""), .feed = STR(""), .body = d->body };
	const struct str sink = str_from(d->sink);
	bool added;

	if (outbox_add(db, &a, &sink, 1, &added, err) == -1)
		return -1;
	return added ? note_digest(db, d, err) : 0;
}

int
outbox_give_up(struct db *db, const char *sink, const char *error,
    int64_t now_s, struct err *err)
{
	if (db_run(db, "UPDATE outbox SET state = 2, tried = ?, error = ?"
	    " WHERE sink = (SELECT id FROM sink WHERE name = ?)"
	    " AND state = 0", DB_ARGS(DB_I(now_s), DB_S(str_from(error)),
	    DB_S(str_from(sink))), err) == -1)
		return err_wrap(err, "giving up what waits for %s", sink);
	return 0;
}

/* Forgetting */

enum { FORGET_AT_ONCE = 500 };

struct old_alerts {
	int64_t	seq[FORGET_AT_ONCE];	/* to be dropped */
	size_t	n;
	int64_t	last;			/* seq; 0: there was no row */
	bool	any_old;
};

/* When the newest alert was raised: as good as now. INT64_MIN: there is none */
static int
newest_time(struct db *db, int64_t *newest_s, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT time FROM alert"
	    " ORDER BY seq DESC LIMIT 1", DB_NO_ARGS, err);
	enum db_step step = db_next(q, err);

	*newest_s = step == DB_ROW ? db_int(q, 0) : INT64_MIN;
	db_done(q);
	return step != DB_FAILED ? 0 : -1;
}

/*
 * A time that is later than the newest alert's was written by a clock that was
 * set back since: it tells nothing about what stands behind it.
 */
static int
find_old(struct db *db, int64_t before_s, int64_t newest_s,
    struct old_alerts *old, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT a.seq, a.time, EXISTS"
	    " (SELECT 1 FROM outbox o JOIN sink s ON s.id = o.sink"
	    "  WHERE o.alert = a.seq AND o.state = 0 AND s.disabled = 0)"
	    " FROM alert a WHERE a.seq > ? ORDER BY a.seq LIMIT ?",
	    DB_ARGS(DB_I(old->last), DB_I(FORGET_AT_ONCE)), err);
	enum db_step step;

	*old = (struct old_alerts){ 0 };
	while ((step = db_next(q, err)) == DB_ROW) {
		bool is_old = db_int(q, 1) < before_s;

		old->last = db_int(q, 0);
		old->any_old |= is_old || db_int(q, 1) > newest_s;
		if (is_old && db_int(q, 2) == 0 && old->n < FORGET_AT_ONCE)
			old->seq[old->n++] = old->last;
	}
	db_done(q);
	return step == DB_END ? 0 : -1;
}

static int
drop_alert(struct db *db, int64_t seq, struct err *err)
{
	if (db_run(db, "INSERT OR IGNORE INTO raised"
	    " SELECT id FROM alert WHERE seq = ?",
	    DB_ARGS(DB_I(seq)), err) == -1 ||
	    db_run(db, "DELETE FROM outbox WHERE alert = ?",
	    DB_ARGS(DB_I(seq)), err) == -1)
		return -1;
	return db_run(db, "DELETE FROM alert WHERE seq = ?",
	    DB_ARGS(DB_I(seq)), err);
}

/*
 * In the order of seq, which is the order of time but for clocks that were set;
 * it ends at the first stretch that holds nothing old, so that the cost is what
 * is forgotten and not what is kept.
 */
int
outbox_forget(struct db *db, int64_t before_s, struct err *err)
{
	struct old_alerts old = { 0 };
	int64_t newest_s;

	if (newest_time(db, &newest_s, err) == -1)
		return err_wrap(err, "looking for old alerts");
	do {
		if (find_old(db, before_s, newest_s, &old, err) == -1)
			return err_wrap(err, "looking for old alerts");
		for (size_t i = 0; i < old.n; i++)
			if (drop_alert(db, old.seq[i], err) == -1)
				return err_wrap(err, "dropping an old alert");
	} while (old.any_old);
	return 0;
}

int
outbox_find_time(struct db *db, struct str id, int64_t *time_s,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT time FROM alert WHERE id = ?",
	    DB_ARGS(DB_S(id)), err);
	enum db_step step = db_next(q, err);

	*time_s = step == DB_ROW ? db_int(q, 0) : 0;
	db_done(q);
	return step == DB_FAILED ? err_wrap(err, "looking for an alert") : 0;
}
