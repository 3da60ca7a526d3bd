/* SPDX-License-Identifier: ISC */
/*
 * The rows of some sinks and some states, in one order. Each sink and state is
 * a range of an index:
 *
 *	desk, waiting	17 20 21 ...
 *	desk, given up	 3  4 18 ... (looked at up to 18)
 *	bell, waiting	19
 *
 * Of each only so many are looked at. Where that was not its end, nothing
 * behind the last one (18) can be listed yet: it is the horizon, and where the
 * next piece begins.
 */
#include "alerts/outbox_list.h"

#include <string.h>

#include "base/db.h"
#include "base/err.h"

enum { MOST_LOOKED = 2000 };

struct gathering {
	struct db		*db;
	const struct outbox_rows *ask;
	int64_t			 found[OUTBOX_ROWS_MOST];	/* in order */
	size_t			 n;
	int64_t			 horizon;
};

static void
lower(struct gathering *g, int64_t seq)
{
	if (g->horizon > seq)
		g->horizon = seq;
}

/* The last one goes where there is no room: it is for the next piece. */
static void
insert(struct gathering *g, int64_t seq)
{
	size_t at = g->n;

	while (at > 0 && g->found[at - 1] > seq)
		at--;
	if (g->n == g->ask->limit) {
		lower(g, (at == g->n ? seq : g->found[g->n - 1]) - 1);
		if (at == g->n)
			return;
		g->n--;
	}
	memmove(g->found + at + 1, g->found + at,
	    (g->n - at) * sizeof(g->found[0]));
	g->found[at] = seq;
	g->n++;
}

static int
gather_range(struct gathering *g, int64_t sink, int state, struct err *err)
{
	const struct outbox_rows *ask = g->ask;
	struct db_stmt *q = db_query(g->db, "SELECT o.seq, a.time, a.topic"
	    " FROM outbox o INDEXED BY outbox_queue"
	    " CROSS JOIN alert a ON a.seq = o.alert"
	    " WHERE o.sink = ? AND o.state = ? AND o.seq > ?"
	    " ORDER BY o.seq LIMIT ?",
	    DB_ARGS(DB_I(sink), DB_I(state), DB_I(ask->after),
	    DB_I(MOST_LOOKED)), err);
	enum db_step step;
	int64_t seq = 0;
	size_t n = 0;

	while ((step = db_next(q, err)) == DB_ROW) {
		seq = db_int(q, 0);
		if (seq > g->horizon)
			break;
		n++;
		if (db_int(q, 1) >= ask->since_s && (ask->topic.n == 0 ||
		    str_eq(db_str(q, 2), ask->topic)))
			insert(g, seq);
	}
	db_done(q);
	if (n == MOST_LOOKED)
		lower(g, seq);
	return step != DB_FAILED ? 0 : -1;
}

static int
gather(struct gathering *g, struct err *err)
{
	struct db_stmt *q = db_query(g->db, "SELECT id FROM sink"
	    " WHERE ?1 = '' OR name = ?1", DB_ARGS(DB_S(g->ask->sink)), err);
	enum db_step step = DB_END;
	int rc = 0;

	while (rc == 0 && (step = db_next(q, err)) == DB_ROW)
		for (int state = OUTBOX_WAITING; state <= OUTBOX_IN_DIGEST &&
		    rc == 0; state++)
			if (g->ask->states & 1U << state)
				rc = gather_range(g, db_int(q, 0), state,
				    err);
	db_done(q);
	return rc == 0 && step != DB_FAILED ? 0 : -1;
}

struct telling {
	int	(*each)(const struct outbox_entry *, void *);
	void	*ctx;
	int	 stop;		/* what each has said */
};

/* One that is gone since is passed over. */
static int
tell(struct db *db, int64_t seq, struct telling *to, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT a.id, a.topic, a.body,"
	    " s.name, o.error, a.time, o.state, o.tries, o.tried, o.due"
	    " FROM outbox o JOIN alert a ON a.seq = o.alert"
	    " JOIN sink s ON s.id = o.sink WHERE o.seq = ?",
	    DB_ARGS(DB_I(seq)), err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW) {
		const struct outbox_entry e = { .seq = seq,
			.id = db_str(q, 0), .topic = db_str(q, 1),
			.body = db_str(q, 2), .sink = db_str(q, 3),
			.error = db_str(q, 4), .time_s = db_int(q, 5),
			.state = outbox_read_state(db_int(q, 6)),
			.tries = outbox_read_tries(db_int(q, 7)),
			.tried_s = db_int(q, 8), .due_s = db_int(q, 9) };

		to->stop = to->each(&e, to->ctx);
	}
	db_done(q);
	return step != DB_FAILED ? 0 : -1;
}

int
outbox_rows_each(struct db *db, struct outbox_rows *ask,
    int (*each)(const struct outbox_entry *, void *), void *ctx,
    struct err *err)
{
	struct gathering g = { .db = db, .ask = ask, .horizon = INT64_MAX };
	struct telling to = { .each = each, .ctx = ctx };
	size_t i;

	if (gather(&g, err) == -1)
		return err_wrap(err, "listing the outbox");
	ask->next = ask->after;
	for (i = 0; i < g.n && g.found[i] <= g.horizon && to.stop == 0; i++) {
		if (tell(db, g.found[i], &to, err) == -1)
			return err_wrap(err, "listing the outbox");
		ask->next = g.found[i];
	}
	ask->is_end = i == g.n && g.horizon == INT64_MAX;
	if (to.stop == 0 && g.horizon != INT64_MAX)
		ask->next = g.horizon;
	return 0;
}
