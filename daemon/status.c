/* SPDX-License-Identifier: ISC */
/*
 * One scan over the feeds, a few queries for each sink; what is listed is
 * bounded. A part that is not there yet (a daemon that is still starting) is
 * told as absent.
 */
#include "daemon/status.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/health.h"
#include "daemon/ledger.h"
#include "daemon/poll_next.h"
#include "daemon/sinks_view.h"
#include "daemon/watchdog.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"

/* More feeds in trouble, and more conditions, are counted, not listed. */
enum { TROUBLE_LISTED = 100, HEALTH_LISTED = 100 };

struct tally {
	struct json_out		*j;
	const struct conf	*conf;
	const struct poll_next	*next;
	int64_t			 ahead_s;	/* wall less steady time */
	int64_t			 failing, gone, known, listed;
};

static void
write_strings(struct json_out *j, const char *key, const char *const *list,
    size_t n)
{
	json_key(j, key);
	json_open_array(j);
	for (size_t i = 0; i < n; i++)
		json_cstr(j, list[i]);
	json_close_array(j);
}

/* Feeds */

static void
write_trouble(const struct tally *t, const struct conf_feed *f,
    const struct feed_state *st)
{
	struct json_out *j = t->j;
	int64_t next_s = st->due_s;
	struct buf url;

	if (t->next != NULL)
		next_s = poll_next_find(t->next, f, st).at_s;

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
	json_pair_time(j, "next", st->gone || next_s == INT64_MAX ?
	    ITEM_NO_TIME : clock_shown_s(next_s, t->ahead_s));
	json_close_map(j);
	buf_clear(&url);
}

/* Rows of feeds that are not configured any more are passed over. */
static void
tally_feed(struct str url, struct feed_state *st, void *ctx)
{
	struct tally *t = ctx;
	const struct conf_feed *f = conf_find_url(t->conf, url);

	t->known += st->last_good_s != 0 || st->failures > 0 || st->gone;
	t->gone += st->gone;
	t->failing += st->failures > 0 && !st->gone;
	if (st->failures > 0 && t->listed++ < TROUBLE_LISTED)
		write_trouble(t, f, st);
}

static bool
is_configured(struct str url, void *ctx)
{
	struct tally *t = ctx;

	return conf_find_url(t->conf, url) != NULL;
}

static const struct feed_store_scan scan = { .wants = is_configured,
	.each = tally_feed };

static int
write_feeds(struct json_out *j, const struct status_env *env, struct err *err)
{
	struct tally t = { .j = j, .conf = env->conf, .next = env->next,
		.ahead_s = clock_wall_ahead_s(env->clock) };
	int64_t total = (int64_t)env->conf->n_feeds;
	int rc;

	json_key(j, "trouble");
	json_open_array(j);
	rc = feed_store_each(env->reader, &scan, &t, err);
	json_close_array(j);
	json_key(j, "feeds");
	json_open_map(j);
	json_pair_int(j, "total", total);
	json_pair_int(j, "failing", t.failing);
	json_pair_int(j, "gone", t.gone);
	json_pair_int(j, "waiting", total - t.known);
	json_close_map(j);
	return rc;
}

static int
write_sinks(struct json_out *j, const struct status_env *env, struct err *err)
{
	json_key(j, "sinks");
	return sinks_view_write(j, env->conf, env->reader, env->sink_counts,
	    err);
}

/* The daemon itself */

struct conditions {
	struct json_out	*j;
	int64_t		 ahead_s;	/* wall less steady time */
};

static void
write_condition(const struct health_condition *c, void *ctx)
{
	const struct conditions *to = ctx;
	struct json_out *j = to->j;

	json_open_map(j);
	json_pair_str(j, "condition", c->condition);
	json_pair_str(j, "about", c->about);
	json_pair_time(j, "since", clock_shown_s(c->since_s,
	    c->in_steady ? to->ahead_s : 0));
	json_pair_str(j, "message", c->message);
	json_close_map(j);
}

static int
write_health(struct json_out *j, const struct status_env *env,
    struct err *err)
{
	struct conditions to = { j, clock_wall_ahead_s(env->clock) };
	int rc;

	json_key(j, "health");
	json_open_map(j);
	json_pair_int(j, "open", env->health != NULL ?
	    (int64_t)health_count(env->health) : 0);
	json_key(j, "conditions");
	json_open_array(j);
	rc = health_each(env->reader, HEALTH_LISTED, write_condition, &to,
	    err);
	json_close_array(j);
	json_close_map(j);
	return rc;
}

static int
write_store(struct json_out *j, const struct status_env *env,
    struct err *err)
{
	struct db_size size = { 0 };
	int64_t texts = 0, oldest_s = 0;

	if (db_size(env->reader, &size, err) == -1 ||
	    item_store_count(env->reader, &texts, &oldest_s, err) == -1)
		return -1;
	json_key(j, "store");
	json_open_map(j);
	json_pair_int(j, "bytes", size.used_bytes);
	json_pair_int(j, "max_bytes", (int64_t)env->conf->store.max_bytes);
	json_pair_int(j, "texts", texts);
	if (oldest_s != 0) {
		json_pair_time(j, "texts_since", oldest_s);
	} else {
		json_key(j, "texts_since");
		json_null(j);
	}
	json_close_map(j);
	return 0;
}

static void
write_paused(struct json_out *j, const struct status_env *env)
{
	struct err why = { .msg = "" };
	bool paused = env->ledger != NULL &&
	    ledger_is_paused(env->ledger, &why);

	json_pair_bool(j, "paused", paused);
	json_key(j, "paused_why");
	json_cstr(j, paused ? why.msg : NULL);
}

static void
write_reload(struct json_out *j, const struct status_reload *r)
{
	json_key(j, "reload");
	if (r == NULL || r->at_s == 0) {
		json_null(j);
		return;
	}
	json_open_map(j);
	json_pair_time(j, "at", r->at_s);
	json_pair_bool(j, "ok", r->ok);
	write_strings(j, "faults", r->faults, r->n_faults);
	json_close_map(j);
}

static bool
is_degraded(const struct status_env *env)
{
	return env->conf->left_out > 0 ||
	    (env->reload != NULL && env->reload->at_s != 0 &&
	    !env->reload->ok) ||
	    (env->health != NULL && health_degraded(env->health) != NULL);
}

static void
write_counters(struct json_out *j, struct counters *c)
{
	json_pair_int(j, "polls", counters_get(&c->polls));
	json_pair_int(j, "polls_failed", counters_get(&c->polls_failed));
	json_pair_int(j, "items_seen", counters_get(&c->items_seen));
	json_pair_int(j, "pages_ended", counters_get(&c->pages_ended));
	json_pair_int(j, "pages_read", counters_get(&c->pages_read));
	json_pair_int(j, "regexes_cut_off",
	    counters_get(&c->regexes_cut_off));
	json_pair_int(j, "searches_cut_off",
	    counters_get(&c->searches_cut_off));
	json_pair_int(j, "alerts_raised", counters_get(&c->alerts_raised));
	json_pair_int(j, "alerts_held", counters_get(&c->alerts_held));
	json_pair_int(j, "commits_refused",
	    counters_get(&c->commits_refused));
}

static void
write_head(struct json_out *j, const struct status_env *env)
{
	int64_t up_us = clock_mono_us(env->clock) - env->started_mono_us;

	json_pair_str(j, "version", str_from(HEADLINED_VERSION));
	json_pair_str(j, "instance", str_from(env->instance));
	json_pair_int(j, "uptime_s", up_us / CLOCK_US_PER_S);
	json_pair_int(j, "workers", (int64_t)env->n_workers);
	json_key(j, "silent_thread");
	json_cstr(j, env->watchdog != NULL ?
	    watchdog_silent(env->watchdog) : NULL);
	write_paused(j, env);
	json_pair_bool(j, "degraded", is_degraded(env));
	write_strings(j, "faults", env->faults, env->n_faults);
	write_reload(j, env->reload);
	json_key(j, "needs_restart");
	json_cstr(j, env->needs_restart != NULL &&
	    env->needs_restart[0] != '\0' ? env->needs_restart : NULL);
	json_pair_int(j, "topics", (int64_t)env->conf->n_topics);
	write_counters(j, env->counters);
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
	if (rc == 0)
		rc = write_health(j, env, err);
	if (rc == 0)
		rc = write_store(j, env, err);
	json_close_map(j);
	if (json_out_finish(j) == -1 && rc == 0)
		return err_set(err, "out of memory");
	return rc;
}
