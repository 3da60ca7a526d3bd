/* SPDX-License-Identifier: ISC */
/*
 * What is kept of the sinks themselves: which one is switched off and why, and
 * what tells its settings from the next ones. The fingerprints stand in the
 * store's table of single values,
 *
 *	meta	key "sink:NAME"		value FINGERPRINT
 *
 * as they did in its first version.
 */
#include "alerts/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"

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
outbox_has_sink(struct db *db, const char *sink, bool *has, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT 1 FROM sink WHERE name = ?",
	    DB_ARGS(DB_S(str_from(sink))), err);
	enum db_step step = db_next(q, err);

	*has = step == DB_ROW;
	db_done(q);
	return step != DB_FAILED ? 0 : err_wrap(err, "looking for the sink %s",
	    sink);
}

int
outbox_each_sink_waited_for(struct db *db, void (*each)(const char *, void *),
    void *ctx, struct err *err)
{
	struct db_stmt *q = db_query(db, "SELECT name FROM sink s WHERE EXISTS"
	    " (SELECT 1 FROM outbox o WHERE o.sink = s.id AND o.state = 0)"
	    " ORDER BY name", DB_NO_ARGS, err);
	enum db_step step;
	char *name;

	while ((step = db_next(q, err)) == DB_ROW) {
		name = strndup(db_str(q, 0).n > 0 ? db_str(q, 0).p : "",
		    db_str(q, 0).n);
		if (name == NULL)
			break;
		each(name, ctx);
		free(name);
	}
	db_done(q);
	if (step == DB_ROW)
		return err_set(err, "out of memory");
	return step == DB_END ? 0 : err_wrap(err, "looking for sinks");
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

/* *differs: there was another fingerprint, or none. */
static int
keep_print(struct db *db, const char *sink, struct str print, bool *differs,
    struct err *err)
{
	char *key = NULL;
	int rc;

	if (asprintf(&key, "sink:%s", sink) == -1)
		return err_set(err, "out of memory");
	rc = db_run(db, "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key)"
	    " DO UPDATE SET value = excluded.value"
	    " WHERE value != excluded.value",
	    DB_ARGS(DB_S(str_from(key)), DB_S(print)), err);
	*differs = rc == 0 && db_changes(db) > 0;
	free(key);
	return rc;
}

static int
switch_on(struct db *db, const char *sink, bool *enabled, struct err *err)
{
	struct outbox_sink_state state;

	if (outbox_load_sink(db, sink, &state, err) == -1)
		return -1;
	*enabled = state.disabled;
	if (!state.disabled)
		return 0;
	return outbox_save_sink(db, sink, &(struct outbox_sink_state){ 0 },
	    err);
}

/*
 * What waits becomes as if it had never been tried: else the new settings would
 * wait until the old ones' next time, and have only what is left of their
 * keep_trying.
 */
static int
forget_tries(struct db *db, const char *sink, struct err *err)
{
	return db_run(db, "UPDATE outbox SET tries = 0, first_tried = 0,"
	    " due = 0 WHERE sink = (SELECT id FROM sink WHERE name = ?)"
	    " AND state = 0 AND (tries > 0 OR due > 0)",
	    DB_ARGS(DB_S(str_from(sink))), err);
}

int
outbox_note_sink(struct db *db, const char *sink, const char *fingerprint,
    bool *enabled, struct err *err)
{
	bool differs = false;

	*enabled = false;
	if (keep_print(db, sink, str_from(fingerprint), &differs, err) == 0 &&
	    (!differs || (switch_on(db, sink, enabled, err) == 0 &&
	    forget_tries(db, sink, err) == 0)))
		return 0;
	*enabled = false;
	return err_wrap(err, "noting the settings of the sink %s", sink);
}

int
outbox_enable_sink(struct db *db, const char *sink, bool *changed,
    struct err *err)
{
	if (switch_on(db, sink, changed, err) == 0 && (!*changed ||
	    forget_tries(db, sink, err) == 0))
		return 0;
	*changed = false;
	return err_wrap(err, "switching on the sink %s", sink);
}

int
outbox_disable_sink(struct db *db, const char *sink, const char *why,
    int64_t now_s, bool *changed, struct err *err)
{
	struct outbox_sink_state state;

	*changed = false;
	if (outbox_load_sink(db, sink, &state, err) == -1)
		return -1;
	if (state.disabled)
		return 0;
	state = (struct outbox_sink_state){ .disabled = true,
		.since_s = now_s };
	(void)snprintf(state.reason, sizeof(state.reason), "%s", why);
	if (outbox_save_sink(db, sink, &state, err) == -1)
		return -1;
	*changed = true;
	return 0;
}
