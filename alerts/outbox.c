/* SPDX-License-Identifier: ISC */
/*
 * The waiting alerts as tables. A sink's queue is one range of one index, in
 * the order of seq:
 *
 *	(sink, state)	 (3, waiting)        (3, sent)
 *	seq		 17 18 21 22 ...     1 2 5 9 16 ...
 *
 * so that reading what waits costs what waits, however much was sent.
 */
#include "alerts/outbox.h"

#include <stdio.h>

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
	    " VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
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

/* What stands in the file may be anybody's: numbers are clamped. */
static unsigned
to_unsigned(int64_t v)
{
	return v < 0 ? 0 : v > 1000000 ? 1000000 : (unsigned)v;
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
		.tries = to_unsigned(db_int(q, 7)),
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
	    " o.first_tried, o.due, o.tries"
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
 * sent is a fact. A mark that waits with 0 tries makes the row as if it had
 * never been tried (first_tried is where keep_trying is counted from).
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
	    "  WHEN first_tried = 0 THEN ?3 ELSE first_tried END"
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
count_states(struct db *db, const char *sink, struct outbox_counts *n,
    struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT state, count(*) FROM outbox"
	    " WHERE sink = (SELECT id FROM sink WHERE name = ?)"
	    " GROUP BY state", DB_ARGS(DB_S(str_from(sink))), err);
	while ((step = db_next(q, err)) == DB_ROW) {
		int64_t state = db_int(q, 0), count = db_int(q, 1);

		if (state == OUTBOX_WAITING)
			n->waiting = count;
		else if (state == OUTBOX_SENT)
			n->sent = count;
		else if (state == OUTBOX_GIVEN_UP)
			n->given_up = count;
	}
	db_done(q);
	return step == DB_END ? 0 : -1;
}

/* The first in the queue is the oldest, but for clocks that were set. */
static int
find_oldest(struct db *db, const char *sink, struct outbox_counts *n,
    struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	q = db_query(db, "SELECT a.time, o.tries, o.due, o.error FROM outbox o"
	    " JOIN alert a ON a.seq = o.alert"
	    " WHERE o.sink = (SELECT id FROM sink WHERE name = ?)"
	    " AND o.state = 0 ORDER BY o.seq LIMIT 1",
	    DB_ARGS(DB_S(str_from(sink))), err);
	step = db_next(q, err);
	if (step == DB_ROW) {
		n->oldest_s = db_int(q, 0);
		n->oldest_tries = db_int(q, 1);
		n->oldest_due_s = db_int(q, 2);
		snprintf(n->oldest_error, sizeof(n->oldest_error), "%.*s",
		    STR_ARG(db_str(q, 3)));
	}
	db_done(q);
	return step != DB_FAILED ? 0 : -1;
}

int
outbox_count(struct db *db, const char *sink, struct outbox_counts *n,
    struct err *err)
{
	*n = (struct outbox_counts){ 0 };
	if (count_states(db, sink, n, err) == -1 ||
	    find_oldest(db, sink, n, err) == -1)
		return err_wrap(err, "counting the outbox of %s", sink);
	return 0;
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

int
outbox_load_sink(struct db *db, const char *sink,
    struct outbox_sink_state *state, struct err *err)
{
	struct db_stmt *q;
	enum db_step step;

	*state = (struct outbox_sink_state){ 0 };
	q = db_query(db, "SELECT disabled, since, reason FROM sink"
	    " WHERE name = ?", DB_ARGS(DB_S(str_from(sink))), err);
	step = db_next(q, err);
	if (step == DB_ROW) {
		state->disabled = db_int(q, 0) != 0;
		state->since_s = db_int(q, 1);
		(void)snprintf(state->reason, sizeof(state->reason), "%.*s",
		    STR_ARG(db_str(q, 2)));	/* cut: for people */
	}
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "reading the state of the sink %s", sink);
}

int
outbox_save_sink(struct db *db, const char *sink,
    const struct outbox_sink_state *state, struct err *err)
{
	if (db_run(db, "INSERT INTO sink (name, disabled, since, reason)"
	    " VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
	    " disabled = excluded.disabled, since = excluded.since,"
	    " reason = excluded.reason",
	    DB_ARGS(DB_S(str_from(sink)), DB_I(state->disabled),
	    DB_I(state->since_s), DB_S(str_from(state->reason))), err) == -1)
		return err_wrap(err, "writing the state of the sink %s", sink);
	return 0;
}
