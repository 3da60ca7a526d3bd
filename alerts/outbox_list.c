/* SPDX-License-Identifier: ISC */
/*
 * seq is the order of time but for clocks that were set: an index by time says
 * where to begin, and from there on rows are read as they stand. An index by
 * topic holds seq as well, so that a topic's rows are read alone.
 */
#include "alerts/outbox_list.h"

#include "base/db.h"
#include "base/err.h"

const char outbox_list_schema[] =
    "CREATE INDEX alert_time ON alert (time);"
    "CREATE INDEX alert_topic ON alert (topic);";

/* Without the bodies: SQLite fetches all that is asked of a row, wanted or not,
 * and a body may lie on pages of its own. */
static struct db_stmt *
begin_list(struct db *db, const struct outbox_list *l, struct err *err)
{
	if (l->topic.n > 0)
		return db_query(db, "SELECT seq, time FROM alert"
		    " WHERE topic = ? AND seq > ? ORDER BY seq",
		    DB_ARGS(DB_S(l->topic), DB_I(l->after)), err);
	return db_query(db, "SELECT seq, time, topic = '' FROM alert"
	    " WHERE seq > ? ORDER BY seq", DB_ARGS(DB_I(l->after)), err);
}

struct listing {
	struct db	*db;
	int		(*each)(const struct outbox_listed *, void *);
	void		*ctx;
	int		 stop;		/* what each has said */
};

/* The list's query is open: both see the same store. 0, or -1 and *err. */
static int
list_row(struct listing *to, int64_t seq, struct err *err)
{
	struct db_stmt *q = db_query(to->db, "SELECT time, id, topic, feed,"
	    " body FROM alert WHERE seq = ?", DB_ARGS(DB_I(seq)), err);
	enum db_step step = db_next(q, err);

	if (step == DB_ROW) {
		const struct outbox_listed row = { .seq = seq,
			.time_s = db_int(q, 0), .id = db_str(q, 1),
			.topic = db_str(q, 2), .feed = db_str(q, 3),
			.body = db_str(q, 4) };

		to->stop = to->each(&row, to->ctx);
	}
	db_done(q);
	return step != DB_FAILED ? 0 : -1;
}

int
outbox_list_each(struct db *db, struct outbox_list *l,
    int (*each)(const struct outbox_listed *, void *), void *ctx,
    struct err *err)
{
	struct db_stmt *q = begin_list(db, l, err);
	struct listing to = { .db = db, .each = each, .ctx = ctx };
	enum db_step step = DB_ROW;
	int rc = 0;

	l->last = l->after;
	for (size_t n = 0; n < l->most && to.stop == 0 && rc == 0; n++) {
		step = db_next(q, err);
		if (step != DB_ROW)
			break;
		l->last = db_int(q, 0);
		if (db_int(q, 1) >= l->since_s && db_int(q, 2) == 0)
			rc = list_row(&to, l->last, err);
	}
	l->is_end = step == DB_END;
	db_done(q);
	return step != DB_FAILED && rc == 0 ? 0 :
	    err_wrap(err, "listing alerts");
}

int
outbox_list_times(struct db *db, int64_t after,
    int (*each)(int64_t, int64_t, struct str, void *), void *ctx,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT seq, time, topic FROM alert"
	    " WHERE seq > ? ORDER BY seq", DB_ARGS(DB_I(after)), err);
	enum db_step step = DB_END;
	int stop = 0;

	while (stop == 0 && (step = db_next(q, err)) == DB_ROW)
		if (db_str(q, 2).n > 0)		/* else a test of a sink */
			stop = each(db_int(q, 0), db_int(q, 1), db_str(q, 2),
			    ctx);
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "reading "
	    "when alerts were raised");
}

/* *n stays where there is none. */
static int
read_number(struct db_stmt *q, int64_t *n, struct err *err)
{
	enum db_step step = db_next(q, err);

	if (step == DB_ROW && !db_is_null(q, 0))
		*n = db_int(q, 0);
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "looking for alerts");
}

int
outbox_list_last(struct db *db, int64_t *seq, struct err *err)
{
	*seq = 0;
	return read_number(db_query(db, "SELECT max(seq) FROM alert",
	    DB_NO_ARGS, err), seq, err);
}

int
outbox_list_begin(struct db *db, int64_t since_s, int64_t *after,
    struct err *err)
{
	int64_t first = 0;

	/* Or the first row that is young enough were looked for, through all
	 * that are not. */
	if (outbox_list_last(db, after, err) == -1 ||
	    read_number(db_query(db, "SELECT min(+seq) FROM alert"
	    " INDEXED BY alert_time WHERE time >= ?",
	    DB_ARGS(DB_I(since_s)), err), &first, err) == -1)
		return -1;
	if (first > 0)
		*after = first - 1;
	return 0;
}

int
outbox_list_has_topic(struct db *db, struct str topic, bool *has,
    struct err *err)
{
	int64_t seq = 0;

	if (read_number(db_query(db, "SELECT seq FROM alert WHERE topic = ?"
	    " LIMIT 1", DB_ARGS(DB_S(topic)), err), &seq, err) == -1)
		return -1;
	*has = seq != 0;
	return 0;
}

int
outbox_list_topics(struct db *db, size_t most,
    void (*each)(struct str, void *), void *ctx, struct err *err)
{
	/* DISTINCT reads the whole index. */
	struct db_stmt *q = db_query(db, "WITH RECURSIVE t (name) AS ("
	    " SELECT min(topic) FROM alert WHERE topic > '' UNION ALL"
	    " SELECT (SELECT min(topic) FROM alert WHERE topic > t.name)"
	    " FROM t WHERE t.name IS NOT NULL)"
	    " SELECT name FROM t WHERE name IS NOT NULL LIMIT ?",
	    DB_ARGS(DB_I((int64_t)most)), err);
	enum db_step step;

	while ((step = db_next(q, err)) == DB_ROW)
		each(db_str(q, 0), ctx);
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "reading which topics "
	    "have alerts");
}

int
outbox_list_ways(struct db *db, int64_t alert_seq,
    void (*each)(const struct outbox_way *, void *), void *ctx,
    struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT s.name, o.state, o.tries,"
	    " o.tried, o.due, o.error FROM outbox o"
	    " JOIN sink s ON s.id = o.sink WHERE o.alert = ?"
	    " ORDER BY s.name", DB_ARGS(DB_I(alert_seq)), err);
	enum db_step step;

	while ((step = db_next(q, err)) == DB_ROW) {
		const struct outbox_way way = { .sink = db_str(q, 0),
			.state = outbox_read_state(db_int(q, 1)),
			.tries = outbox_read_tries(db_int(q, 2)),
			.tried_s = db_int(q, 3), .due_s = db_int(q, 4),
			.error = db_str(q, 5) };

		each(&way, ctx);
	}
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "reading which sinks have "
	    "an alert");
}

const char *
outbox_state_word(enum outbox_state state)
{
	switch (state) {
	case OUTBOX_WAITING:
		return "waiting";
	case OUTBOX_SENT:
		return "sent";
	case OUTBOX_GIVEN_UP:
		return "given_up";
	case OUTBOX_DROPPED:
		return "dropped";
	case OUTBOX_IN_DIGEST:
		return "in_digest";
	}
	return "waiting";
}
