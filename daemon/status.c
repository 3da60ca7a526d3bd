/* SPDX-License-Identifier: ISC */
/* A query for each feed, a few for each sink; what is listed is bounded. */
#include "daemon/status.h"

#include <stdlib.h>

#include "alerts/outbox.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "feeds/feed_store.h"

/* More feeds in trouble are counted, not listed. */
enum { TROUBLE_LISTED = 100 };

struct tally {
	int64_t	failing, gone, waiting;
};

static void
write_trouble(struct json_out *j, const struct conf_feed *f,
    const struct feed_state *st)
{
	struct buf url;

	buf_init(&url, URL_MAX_BYTES);
	url_redact(&url, f->url);
	json_open_map(j);
	json_pair_str(j, "feed", f->name != NULL ? str_from(f->name) :
	    st->title != NULL ? str_from(st->title) : buf_str(&url));
	json_pair_str(j, "url", buf_str(&url));
	json_pair_int(j, "status", st->status);
	json_pair_str(j, "word", str_from(st->trouble));
	json_pair_str(j, "message", str_from(st->message));
	json_pair_int(j, "failures", st->failures);
	json_pair_time(j, "next", st->gone ? ITEM_NO_TIME : st->due_s);
	json_close_map(j);
	buf_clear(&url);
}

static int
tally_feeds(struct json_out *j, const struct status_env *env,
    struct tally *t, struct err *err)
{
	int64_t listed = 0;

	for (size_t i = 0; i < env->conf->n_feeds; i++) {
		const struct conf_feed *f = &env->conf->feeds[i];
		struct feed_state st = { 0 };

		if (feed_store_load(env->reader, f->url, &st, err) == -1)
			return -1;
		t->waiting += st.last_asked_s == 0;
		t->gone += st.gone;
		t->failing += st.failures > 0 && !st.gone;
		if (st.failures > 0 && listed++ < TROUBLE_LISTED)
			write_trouble(j, f, &st);
		feed_state_clear(&st);
	}
	return 0;
}

static int
write_sink(struct json_out *j, const struct status_env *env,
    const struct sink_settings *s, struct err *err)
{
	struct outbox_sink_state state = { 0 };
	struct outbox_counts n = { 0 };

	if (outbox_count(env->reader, s->name, &n, err) == -1 ||
	    outbox_load_sink(env->reader, s->name, &state, err) == -1)
		return -1;
	json_open_map(j);
	json_pair_str(j, "name", str_from(s->name));
	json_pair_str(j, "kind", str_from(s->kind));
	json_pair_int(j, "waiting", n.waiting);
	json_pair_int(j, "sent", n.sent);
	json_pair_int(j, "given_up", n.given_up);
	json_pair_time(j, "oldest_waiting", n.oldest_s != 0 ? n.oldest_s :
	    ITEM_NO_TIME);
	json_pair_bool(j, "disabled", state.disabled);
	json_key(j, "reason");
	json_cstr(j, state.disabled ? state.reason :
	    n.oldest_error[0] != '\0' ? n.oldest_error : NULL);
	json_pair_int(j, "tries", n.oldest_tries);
	json_pair_time(j, "next", n.oldest_tries > 0 && !state.disabled ?
	    n.oldest_due_s : ITEM_NO_TIME);
	json_close_map(j);
	return 0;
}

static int
write_feeds(struct json_out *j, const struct status_env *env, struct err *err)
{
	struct tally t = { 0 };
	int rc;

	json_key(j, "trouble");
	json_open_array(j);
	rc = tally_feeds(j, env, &t, err);
	json_close_array(j);
	json_key(j, "feeds");
	json_open_map(j);
	json_pair_int(j, "total", (int64_t)env->conf->n_feeds);
	json_pair_int(j, "failing", t.failing);
	json_pair_int(j, "gone", t.gone);
	json_pair_int(j, "waiting", t.waiting);
	json_close_map(j);
	return rc;
}

static int
write_sinks(struct json_out *j, const struct status_env *env, struct err *err)
{
	int rc = 0;

	json_key(j, "sinks");
	json_open_array(j);
	for (size_t i = 0; i < env->conf->n_sinks && rc == 0; i++)
		rc = write_sink(j, env, &env->conf->sinks[i], err);
	json_close_array(j);
	return rc;
}

static void
write_head(struct json_out *j, const struct status_env *env)
{
	int64_t up_us = clock_mono_us(env->clock) - env->started_mono_us;

	json_pair_str(j, "version", str_from(HEADLINED_VERSION));
	json_pair_str(j, "instance", str_from(env->instance));
	json_pair_int(j, "uptime_s", up_us / CLOCK_US_PER_S);
	json_pair_bool(j, "degraded", env->conf->left_out > 0);
	json_key(j, "faults");
	json_open_array(j);
	for (size_t i = 0; i < env->n_faults; i++)
		json_cstr(j, env->faults[i]);
	json_close_array(j);
	json_pair_int(j, "topics", (int64_t)env->conf->n_topics);
	json_pair_int(j, "polls", counters_get(&env->counters->polls));
	json_pair_int(j, "polls_failed",
	    counters_get(&env->counters->polls_failed));
	json_pair_int(j, "items_seen",
	    counters_get(&env->counters->items_seen));
	json_pair_int(j, "alerts_raised",
	    counters_get(&env->counters->alerts_raised));
	json_pair_int(j, "commits_refused",
	    counters_get(&env->counters->commits_refused));
}

int
status_write(struct buf *out, const struct status_env *env, struct err *err)
{
	struct json_out *j = json_out_new(out, false);
	int rc;

	if (j == NULL)
		return err_set(err, "out of memory");
	json_open_map(j);
	write_head(j, env);
	rc = write_feeds(j, env, err);
	if (rc == 0)
		rc = write_sinks(j, env, err);
	json_close_map(j);
	if (json_out_finish(j) == -1 && rc == 0)
		return err_set(err, "out of memory");
	return rc;
}
