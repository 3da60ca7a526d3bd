/* SPDX-License-Identifier: ISC */
#include "daemon/sinks_view.h"

#include <string.h>

#include "alerts/outbox.h"
#include "alerts/sink.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/sink_counts.h"

/* One that was off is that, whatever its first alert met; and one that was
 * changed or switched on begins as if untried. */
static void
write_state(struct json_out *j, bool configured,
    const struct outbox_sink_state *state, const struct outbox_counts *n)
{
	bool failing = !state->disabled && n->oldest_tries > 0 &&
	    n->oldest_error[0] != '\0';

	json_pair_str(j, "state", str_from(!configured ? "not configured" :
	    state->disabled ? "disabled" : failing ? "failing" : "works"));
	json_pair_bool(j, "disabled", state->disabled);
	json_pair_time(j, "since", state->disabled ? state->since_s :
	    failing && n->oldest_first_s > 0 ? n->oldest_first_s :
	    ITEM_NO_TIME);
	json_key(j, "reason");
	json_cstr(j, state->disabled ? state->reason :
	    n->oldest_error[0] != '\0' ? n->oldest_error : NULL);
	json_pair_int(j, "tries", n->oldest_tries);
	json_pair_time(j, "next", n->oldest_tries > 0 && !state->disabled &&
	    configured ? n->oldest_due_s : ITEM_NO_TIME);
}

/* Of the rest the store knows; how often it was tried is in no row. */
static int
write_retried(struct json_out *j, const char *sink, struct sink_counts *counts,
    struct err *err)
{
	struct sink_count *c;

	if (counts == NULL)
		return 0;
	c = sink_counts_find(counts, sink);
	if (c == NULL)
		return err_set(err, "out of memory");
	json_pair_int(j, "retried", counters_get(&c->retried));
	return 0;
}

/* Of one that is not configured the name is all that is known: no kind. */
static int
write_sink(struct json_out *j, struct db *db, const struct sink_settings *s,
    struct sink_counts *counts, struct err *err)
{
	struct outbox_sink_state state = { 0 };
	struct outbox_counts n = { 0 };
	int rc;

	if (outbox_count(db, s->name, &n, err) == -1 ||
	    outbox_load_sink(db, s->name, &state, err) == -1)
		return -1;
	json_open_map(j);
	json_pair_str(j, "name", str_from(s->name));
	json_key(j, "kind");
	json_cstr(j, s->kind);
	json_key(j, "format");
	json_cstr(j, s->format);
	json_pair_int(j, "waiting", n.waiting);
	json_pair_int(j, "sent", n.sent);
	json_pair_int(j, "given_up", n.given_up);
	json_pair_int(j, "dropped", n.dropped);
	json_pair_int(j, "in_digest", n.in_digest);
	json_pair_time(j, "oldest_waiting", n.oldest_s != 0 ? n.oldest_s :
	    ITEM_NO_TIME);
	rc = write_retried(j, s->name, counts, err);
	write_state(j, s->kind != NULL, &state, &n);
	json_close_map(j);
	return rc;
}

struct rest {
	struct json_out		*j;
	const struct conf	*conf;
	struct db		*db;
	struct sink_counts	*counts;
	struct err		*err;
	int			 rc;
};

static void
add_rest(const char *name, void *ctx)
{
	const struct sink_settings bare = { .name = name };
	struct rest *r = ctx;

	for (size_t i = 0; i < r->conf->n_sinks; i++)
		if (strcmp(r->conf->sinks[i].name, name) == 0)
			return;
	if (r->rc == 0)
		r->rc = write_sink(r->j, r->db, &bare, r->counts, r->err);
}

int
sinks_view_write(struct json_out *j, const struct conf *conf, struct db *db,
    struct sink_counts *counts, struct err *err)
{
	struct rest rest = { j, conf, db, counts, err, 0 };
	int rc = 0;

	json_open_array(j);
	for (size_t i = 0; i < conf->n_sinks && rc == 0; i++)
		rc = write_sink(j, db, &conf->sinks[i], counts, err);
	if (rc == 0)
		rc = outbox_each_sink_waited_for(db, add_rest, &rest, err);
	json_close_array(j);
	return rc == 0 ? rest.rc : -1;
}
