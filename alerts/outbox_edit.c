/* SPDX-License-Identifier: ISC */
/* Rows are looked at in the order of seq, whatever is picked: one query, whose
 * cost has a bound that does not depend on what is asked. */
#include "alerts/outbox_edit.h"

#include <stdio.h>

#include "alerts/digest.h"
#include "alerts/outbox.h"
#include "base/arena.h"
#include "base/db.h"
#include "base/err.h"

struct picked_row {
	int64_t	seq, alert, sink;
};

struct picks {
	struct picked_row	rows[OUTBOX_EDIT_STEP];
	size_t			n;
};

/* Of a sink that is not there: -1 is no row's. */
static int
find_sink(struct db *db, struct str name, int64_t *sink, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT id FROM sink WHERE name = ?",
	    DB_ARGS(DB_S(name)), err);
	enum db_step step = db_next(q, err);

	*sink = step == DB_ROW ? db_int(q, 0) : -1;
	db_done(q);
	return step != DB_FAILED ? 0 : -1;
}

/* Narrows the rows to those of the alert. */
static int
bound_by_alert(struct db *db, struct outbox_edit *e, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT min(o.seq), max(o.seq)"
	    " FROM outbox o JOIN alert a ON a.seq = o.alert WHERE a.id = ?",
	    DB_ARGS(DB_S(e->alert_id)), err);
	enum db_step step = db_next(q, err);
	int64_t from = step == DB_ROW ? db_int(q, 0) : 0;
	int64_t to = step == DB_ROW ? db_int(q, 1) : 0;

	db_done(q);
	if (e->from < from)
		e->from = from;
	if (e->to > to)
		e->to = to;
	return step != DB_FAILED ? 0 : -1;
}

/* Rows that a step adds must not be met by the next one. */
static int
bound_by_last(struct db *db, struct outbox_edit *e, struct err *err)
{
	return e->to == INT64_MAX ? outbox_find_last(db, &e->to, err) : 0;
}

static bool
is_wanted(const struct outbox_edit *e, bool replay, int64_t state)
{
	if (!replay)
		return state == OUTBOX_WAITING;
	return state == OUTBOX_GIVEN_UP || state == OUTBOX_DROPPED ||
	    (e->sent_too && (state == OUTBOX_SENT ||
	    state == OUTBOX_IN_DIGEST));
}

/* Looks at the next rows, and moves e->from behind them. */
static int
pick(struct db *db, struct outbox_edit *e, bool replay, struct picks *picks,
    struct err *err)
{
	int64_t sink = 0;
	struct db_stmt *q;
	enum db_step step;
	size_t looked = 0;

	if (e->sink.n > 0 && find_sink(db, e->sink, &sink, err) == -1)
		return -1;
	q = db_query(db, "SELECT o.seq, o.alert, o.sink, o.state, a.time, a.id"
	    " FROM outbox o JOIN alert a ON a.seq = o.alert"
	    " WHERE o.seq BETWEEN ? AND ? ORDER BY o.seq LIMIT ?",
	    DB_ARGS(DB_I(e->from), DB_I(e->to), DB_I(OUTBOX_EDIT_STEP)), err);
	while ((step = db_next(q, err)) == DB_ROW && picks->n <
	    OUTBOX_EDIT_STEP) {
		const struct picked_row row = { db_int(q, 0), db_int(q, 1),
			db_int(q, 2) };

		looked++;
		e->from = row.seq + 1;
		if (e->alert_id.n > 0 && !str_eq(e->alert_id, db_str(q, 5)))
			continue;
		e->met = true;
		if (is_wanted(e, replay, db_int(q, 3)) &&
		    (sink == 0 || sink == row.sink) &&
		    db_int(q, 4) >= e->since_s)
			picks->rows[picks->n++] = row;
	}
	db_done(q);
	e->is_done = looked < OUTBOX_EDIT_STEP || e->from > e->to;
	return step != DB_FAILED ? 0 : -1;
}

/* The old one first: an alert goes to a sink once. tried_s: not 0 where it must
 * not be in a digest (delivery_rows.h). */
static int
send_again(struct db *db, const struct picked_row *row, int64_t tried_s,
    struct err *err)
{
	if (db_run(db, "DELETE FROM outbox WHERE seq = ?",
	    DB_ARGS(DB_I(row->seq)), err) == -1)
		return -1;
	return db_run(db, "INSERT INTO outbox (alert, sink, tried)"
	    " VALUES (?, ?, ?)", DB_ARGS(DB_I(row->alert), DB_I(row->sink),
	    DB_I(tried_s)), err);
}

static int
replay_row(struct db *db, const struct picked_row *row, struct err *err)
{
	return send_again(db, row, 0, err);
}

static int
drop_row(struct db *db, const struct picked_row *row, struct err *err)
{
	return db_run(db, "UPDATE outbox SET state = 3 WHERE seq = ?"
	    " AND state = 0", DB_ARGS(DB_I(row->seq)), err);
}

_Static_assert(OUTBOX_WAITING == 0 && OUTBOX_DROPPED == 3, "as drop_row says");

static int
edit(struct db *db, struct outbox_edit *e, bool replay, struct err *err)
{
	struct picks picks = { .n = 0 };

	e->is_done = false;
	if (e->alert_id.n > 0 && bound_by_alert(db, e, err) == -1)
		return -1;
	if (bound_by_last(db, e, err) == -1 ||
	    pick(db, e, replay, &picks, err) == -1)
		return -1;
	for (size_t i = 0; i < picks.n; i++)
		if ((replay ? replay_row : drop_row)(db, &picks.rows[i],
		    err) == -1)
			return -1;
	e->n += picks.n;
	return 0;
}

int
outbox_replay(struct db *db, struct outbox_edit *e, struct err *err)
{
	return edit(db, e, true, err) == 0 ? 0 :
	    err_wrap(err, "replaying alerts");
}

int
outbox_drop(struct db *db, struct outbox_edit *e, struct err *err)
{
	return edit(db, e, false, err) == 0 ? 0 :
	    err_wrap(err, "dropping alerts");
}

/*
 * Splitting a digest
 */

struct splitting {
	struct picked_row	digest;
	char			id[ALERT_ID_SIZE];
	int64_t			from;	/* seq: its rows begin there */
	size_t			alone;	/* so many of them; SIZE_MAX: all */
};

/* Where the row of the first alert that it names stands: no row of it is older.
 * 0 where that is not known: all rows before the digest are looked at. */
static int
find_first(struct db *db, struct splitting *s, struct str first,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT o.seq FROM outbox o"
	    " JOIN alert a ON a.seq = o.alert WHERE a.id = ? AND o.sink = ?"
	    " AND o.state = 4 AND o.error = ?", DB_ARGS(DB_S(first),
	    DB_I(s->digest.sink), DB_S(str_from(s->id))), err);
	enum db_step step = db_next(q, err);

	s->from = step == DB_ROW ? db_int(q, 0) : 0;
	db_done(q);
	return step != DB_FAILED ? 0 : -1;
}

/* One that cannot be read names nothing: then all go alone. */
static int
read_named(struct db *db, struct splitting *s, struct str body,
    struct err *err)
{
	struct arena *arena = arena_new(1 << 20);
	struct digest d = { .n_alerts = 0 };
	struct err unread;
	int rc = 0;

	s->alone = SIZE_MAX;
	if (arena != NULL && digest_from_json(arena, body, &d, &unread) == 1 &&
	    d.n_alerts > 0) {
		s->alone = d.n_alerts;
		rc = find_first(db, s, d.alerts[0].id, err);
	}
	arena_free(arena);
	return rc;
}

/* 1: it was found; 0: it is gone, or somebody dropped it; -1 and *err. */
static int
find_digest(struct db *db, int64_t seq, struct splitting *s, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT o.alert, o.sink, a.id, a.body"
	    " FROM outbox o JOIN alert a ON a.seq = o.alert"
	    " WHERE o.seq = ? AND o.state = 0", DB_ARGS(DB_I(seq)), err);
	enum db_step step = db_next(q, err);
	int rc = step == DB_FAILED ? -1 : step == DB_ROW;

	if (rc == 1) {
		s->digest = (struct picked_row){ seq, db_int(q, 0),
			db_int(q, 1) };
		(void)snprintf(s->id, sizeof(s->id), "%.*s",
		    STR_ARG(db_str(q, 2)));
		if (read_named(db, s, db_str(q, 3), err) == -1)
			rc = -1;
	}
	db_done(q);
	return rc;
}

/* The next rows that went out as a part of it. */
static int
pick_parts(struct db *db, struct splitting *s, struct picks *picks,
    struct err *err)
{
	enum db_step step = DB_END;
	struct db_stmt *q = db_query(db, "SELECT seq, alert FROM outbox"
	    " INDEXED BY outbox_queue WHERE sink = ? AND state = 4"
	    " AND seq BETWEEN ? AND ? AND error = ? ORDER BY seq LIMIT ?",
	    DB_ARGS(DB_I(s->digest.sink), DB_I(s->from),
	    DB_I(s->digest.seq), DB_S(str_from(s->id)),
	    DB_I(OUTBOX_EDIT_STEP)), err);

	picks->n = 0;
	while (picks->n < OUTBOX_EDIT_STEP &&
	    (step = db_next(q, err)) == DB_ROW) {
		picks->rows[picks->n++] = (struct picked_row){ db_int(q, 0),
			db_int(q, 1), s->digest.sink };
		s->from = db_int(q, 0) + 1;
	}
	db_done(q);
	return picks->n == OUTBOX_EDIT_STEP || step == DB_END ? 0 : -1;
}

static int
send_parts(struct db *db, struct splitting *s, const struct outbox_split *ask,
    size_t *n, struct err *err)
{
	struct picks picks;

	do {
		if (pick_parts(db, s, &picks, err) == -1)
			return -1;
		for (size_t i = 0; i < picks.n; i++, ++*n)
			if (send_again(db, &picks.rows[i], ask->all ||
			    *n < s->alone ? ask->now_s : 0, err) == -1)
				return -1;
	} while (picks.n == OUTBOX_EDIT_STEP);
	return 0;
}

/* Or it is given up, as what it held was forgotten meanwhile. */
static int
end_digest(struct db *db, const struct splitting *s,
    const struct outbox_split *ask, size_t n, struct err *err)
{
	if (n == 0)
		return db_run(db, "UPDATE outbox SET state = 2, tried = ?,"
		    " error = ? WHERE seq = ?", DB_ARGS(DB_I(ask->now_s),
		    DB_S(str_from(ask->error)), DB_I(ask->seq)), err);
	if (db_run(db, "DELETE FROM outbox WHERE seq = ?",
	    DB_ARGS(DB_I(ask->seq)), err) == -1)
		return -1;
	return db_run(db, "DELETE FROM alert WHERE seq = ?",
	    DB_ARGS(DB_I(s->digest.alert)), err);
}

int
outbox_split_digest(struct db *db, const struct outbox_split *ask, size_t *n,
    struct err *err)
{
	struct splitting s = { .from = 0 };
	int rc = find_digest(db, ask->seq, &s, err);

	*n = 0;
	if (rc == 1 && (send_parts(db, &s, ask, n, err) == -1 ||
	    end_digest(db, &s, ask, *n, err) == -1))
		rc = -1;
	return rc != -1 ? 0 : err_wrap(err, "splitting a digest");
}

int
outbox_is_waiting(struct db *db, int64_t seq, bool *waits, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT 1 FROM outbox"
	    " WHERE seq = ? AND state = 0", DB_ARGS(DB_I(seq)), err);
	enum db_step step = db_next(q, err);

	*waits = step == DB_ROW;
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "looking whether an alert waits");
}

/* A try that was not among them is older than all of these, but for the few
 * that a rejection put off. Rows that went into a digest were not tried
 * themselves. */
int
outbox_find_past(struct db *db, const char *sink, struct outbox_past *past,
    struct err *err)
{
	*past = (struct outbox_past){ 0 };
	for (int state = OUTBOX_WAITING; state <= OUTBOX_DROPPED; state++) {
		struct db_stmt *q = db_query(db, "SELECT max(tried), max(seq)"
		    " FROM (SELECT tried, seq FROM outbox WHERE sink ="
		    "  (SELECT id FROM sink WHERE name = ?) AND state = ?"
		    "  ORDER BY seq DESC LIMIT 100)",
		    DB_ARGS(DB_S(str_from(sink)), DB_I(state)), err);
		enum db_step step = db_next(q, err);

		if (step == DB_ROW && db_int(q, 0) > past->tried_s)
			past->tried_s = db_int(q, 0);
		if (step == DB_ROW && state == OUTBOX_WAITING)
			past->waits_to = db_int(q, 1);
		db_done(q);
		if (step == DB_FAILED)
			return err_wrap(err, "looking when the sink %s was "
			    "last tried", sink);
	}
	return 0;
}

int
outbox_find_mark(struct db *db, int64_t seq, struct outbox_mark *m,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT state, tries, tried, due,"
	    " error FROM outbox WHERE seq = ?", DB_ARGS(DB_I(seq)), err);
	enum db_step step = db_next(q, err);

	*m = (struct outbox_mark){ .seq = seq, .state = OUTBOX_DROPPED };
	if (step == DB_ROW) {
		m->state = outbox_read_state(db_int(q, 0));
		m->tries = outbox_read_tries(db_int(q, 1));
		m->tried_s = db_int(q, 2);
		m->due_s = db_int(q, 3);
		snprintf(m->error, sizeof(m->error), "%.*s",
		    STR_ARG(db_str(q, 4)));
	}
	db_done(q);
	return step != DB_FAILED ? 0 :
	    err_wrap(err, "looking what became of an alert");
}

int
outbox_add_trial(struct db *db, const struct outbox_alert *a,
    struct str sink, int64_t *seq, struct err *err)
{
	bool added;

	if (outbox_add(db, a, &sink, 1, &added, err) == -1)
		return -1;
	if (!added)
		return err_set(err, "there is such a test already");
	*seq = db_last_id(db);		/* of the outbox, added last */
	return 0;
}

int
outbox_forget_trial(struct db *db, struct str id, struct err *err)
{
	if (db_run(db, "DELETE FROM outbox WHERE alert ="
	    " (SELECT seq FROM alert WHERE id = ? AND topic = '')",
	    DB_ARGS(DB_S(id)), err) == -1 ||
	    db_run(db, "DELETE FROM alert WHERE id = ? AND topic = ''",
	    DB_ARGS(DB_S(id)), err) == -1)
		return err_wrap(err, "forgetting a test");
	return 0;
}

enum { TRIALS_AT_ONCE = 64 };

/*
 * Beside tests, digests and notices have no topic; a body is read only of what
 * waits. Its type stands at its beginning, and no text can hold these bytes
 * (delivery_rows.c).
 */
static int
find_trials(struct db *db, int64_t alerts[TRIALS_AT_ONCE], size_t *n,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "WITH w AS MATERIALIZED (SELECT"
	    " DISTINCT a.seq AS seq FROM alert a CROSS JOIN outbox o"
	    " ON o.alert = a.seq AND o.state = 0 WHERE a.topic = '')"
	    " SELECT w.seq FROM w CROSS JOIN alert a ON a.seq = w.seq"
	    " WHERE instr(substr(a.body, 1, 1024), ?) > 0 LIMIT ?",
	    DB_ARGS(DB_S(STR("\"type\":\"io.headlined.test.")),
	    DB_I(TRIALS_AT_ONCE)), err);
	enum db_step step = DB_END;

	*n = 0;
	while (*n < TRIALS_AT_ONCE && (step = db_next(q, err)) == DB_ROW)
		alerts[(*n)++] = db_int(q, 0);
	db_done(q);
	return *n == TRIALS_AT_ONCE || step == DB_END ? 0 : -1;
}

static int
forget_alert(struct db *db, int64_t seq, struct err *err)
{
	if (db_run(db, "DELETE FROM outbox WHERE alert = ?",
	    DB_ARGS(DB_I(seq)), err) == -1)
		return -1;
	return db_run(db, "DELETE FROM alert WHERE seq = ?",
	    DB_ARGS(DB_I(seq)), err);
}

int
outbox_forget_trials(struct db *db, size_t *n, struct err *err)
{
	int64_t alerts[TRIALS_AT_ONCE];
	size_t found;

	*n = 0;
	do {
		if (find_trials(db, alerts, &found, err) == -1)
			return err_wrap(err, "looking for tests");
		for (size_t i = 0; i < found; i++, ++*n)
			if (forget_alert(db, alerts[i], err) == -1)
				return err_wrap(err, "forgetting a test");
	} while (found == TRIALS_AT_ONCE);
	return 0;
}
