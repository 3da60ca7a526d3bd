/* SPDX-License-Identifier: ISC */
#include "daemon/metrics.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/err.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/health.h"
#include "daemon/ledger.h"
#include "daemon/metrics_text.h"
#include "daemon/status.h"
#include "daemon/watchdog.h"

/* What is counted */

#define COUNTER(n, field, says)	{ { "headlined_" n "_total", METRIC_COUNTER, \
	says }, offsetof(struct counters, field) }

static const struct {
	struct metric	metric;
	size_t		at;		/* in struct counters */
} counters[] = {
	COUNTER("polls", polls, "Polls of feeds that have ended."),
	COUNTER("polls_failed", polls_failed, "Those of them that failed."),
	COUNTER("document_bytes", body_bytes,
	    "Bytes of feeds' documents, decompressed."),
	COUNTER("feed_gaps", feed_gaps, "Documents that share no item with the "
	    "one before: some may have been missed."),
	COUNTER("hosts_told_off", hosts_told_off,
	    "Answers of a host that it is asked too much (429)."),
	COUNTER("items_seen", items_seen, "Items that were new or edited."),
	COUNTER("texts_matched", texts_matched,
	    "Texts that topics have looked at."),
	COUNTER("topic_hits", topic_hits, "Topics that held on a text, whether "
	    "that was told before or not."),
	COUNTER("pages_ended", pages_ended,
	    "Pages that nobody waits for any more."),
	COUNTER("pages_read", pages_read,
	    "Those of them whose text was matched."),
	COUNTER("regexes_cut_off", regexes_cut_off, "Looks of a regular "
	    "expression at a text that were given up at a bound."),
	COUNTER("searches_cut_off", searches_cut_off, "Searches of words near "
	    "each other that were given up at a bound."),
	COUNTER("alerts_raised", alerts_raised, "Alerts that were raised."),
	COUNTER("alerts_held", alerts_held,
	    "Alerts that were not, as their story was told already."),
	COUNTER("commits_refused", commits_refused,
	    "Polls whose outcome the store refused."),
};

static int
write_counters(struct metrics_text *t, const struct status_env *env,
    struct err *err)
{
	(void)err;
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		_Atomic int64_t *c = (_Atomic int64_t *)(void *)
		    ((char *)env->counters + counters[i].at);

		metrics_text_family(t, &counters[i].metric);
		metrics_text_int(t, NULL, 0, counters_get(c));
	}
	return 0;
}

/* The daemon itself */

static const struct metric build = { "headlined_build_info", METRIC_GAUGE,
	"1; the label says which version runs." };
static const struct metric paused = { "headlined_paused", METRIC_GAUGE,
	"1 while the store cannot be written and nothing new is begun." };
static const struct metric conditions = { "headlined_health_conditions",
	METRIC_GAUGE, "Conditions that are open, as headlinectl status lists "
	"them." };

static int
write_daemon(struct metrics_text *t, const struct status_env *env,
    struct err *err)
{
	const struct metric_label version = { "version",
		STR(HEADLINED_VERSION) };

	(void)err;
	metrics_text_family(t, &build);
	metrics_text_int(t, &version, 1, 1);
	metrics_text_family(t, &paused);
	metrics_text_int(t, NULL, 0, env->ledger != NULL &&
	    ledger_is_paused(env->ledger, NULL));
	metrics_text_family(t, &conditions);
	metrics_text_int(t, NULL, 0, env->health != NULL ?
	    (int64_t)health_count(env->health) : 0);
	return 0;
}

/* Its threads */

static const struct metric silent = { "headlined_threads_silent", METRIC_GAUGE,
	"1 while a thread gives no sign of life for longer than it may." };
static const struct metric beats = { "headlined_watchdog_beats_total",
	METRIC_COUNTER, "Looks that found every thread well." };
static const struct metric missed = { "headlined_watchdog_missed_total",
	METRIC_COUNTER, "Looks that found a silent thread: the service "
	"manager was not told." };
static const struct metric hangs = { "headlined_thread_hangs_total",
	METRIC_COUNTER, "Times that a thread has become silent." };
static const struct metric late = { "headlined_main_loop_late_total",
	METRIC_COUNTER, "Times that the main loop, or the whole process, "
	"stood still." };

static int
write_threads(struct metrics_text *t, const struct status_env *env,
    struct err *err)
{
	struct watchdog_counts n;

	(void)err;
	if (env->watchdog == NULL)
		return 0;
	n = watchdog_counts(env->watchdog);
	metrics_text_family(t, &silent);
	metrics_text_int(t, NULL, 0, watchdog_silent(env->watchdog) != NULL);
	metrics_text_family(t, &beats);
	metrics_text_int(t, NULL, 0, n.beats);
	metrics_text_family(t, &missed);
	metrics_text_int(t, NULL, 0, n.missed);
	metrics_text_family(t, &hangs);
	metrics_text_int(t, NULL, 0, n.hangs);
	metrics_text_family(t, &late);
	metrics_text_int(t, NULL, 0, n.main_late);
	return 0;
}

/* Its configuration, under the names that Prometheus has for its own */

static const struct metric topics = { "headlined_topics", METRIC_GAUGE,
	"Topics that are configured." };
static const struct metric left_out = { "headlined_config_left_out",
	METRIC_GAUGE, "Feeds, topics and sinks that were left out at the "
	"start, as they are in error." };
static const struct metric reloads = { "headlined_config_reloads_total",
	METRIC_COUNTER, "Reloads, by their result." };
static const struct metric reload_ok = {
	"headlined_config_last_reload_successful", METRIC_GAUGE,
	"0 where the last reload was refused." };
static const struct metric reload_at = {
	"headlined_config_last_reload_success_timestamp_seconds", METRIC_GAUGE,
	"When the running configuration was taken up, as Unix time." };

static int
write_config(struct metrics_text *t, const struct status_env *env,
    struct err *err)
{
	const struct metric_label good = { "result", STR("good") };
	const struct metric_label bad = { "result", STR("bad") };
	const struct status_reload *r = env->reload;

	(void)err;
	metrics_text_family(t, &topics);
	metrics_text_int(t, NULL, 0, (int64_t)env->conf->n_topics);
	metrics_text_family(t, &left_out);
	metrics_text_int(t, NULL, 0, (int64_t)env->conf->left_out);
	metrics_text_family(t, &reloads);
	metrics_text_int(t, &good, 1, r != NULL ? r->good : 0);
	metrics_text_int(t, &bad, 1, r != NULL ? r->bad : 0);
	metrics_text_family(t, &reload_ok);
	metrics_text_int(t, NULL, 0, r == NULL || r->at_s == 0 || r->ok);
	metrics_text_family(t, &reload_at);
	metrics_text_int(t, NULL, 0, r != NULL && r->good_at_s != 0 ?
	    r->good_at_s : env->started_wall_us / CLOCK_US_PER_S);
	return 0;
}

/* All */

static int	(*const parts[])(struct metrics_text *,
		    const struct status_env *, struct err *) = {
	write_daemon, metrics_write_process, write_config, write_threads,
	write_counters, metrics_write_polls, metrics_write_store,
	metrics_write_sinks,
};

int
metrics_write(struct buf *out, const struct status_env *env, struct err *err)
{
	struct metrics_text t;
	int rc = 0;

	metrics_text_init(&t, out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && rc == 0;
	    i++)
		rc = parts[i](&t, env, err);
	metrics_text_clear(&t);
	if (rc == 0 && out->failed)
		return err_set(err, "the metrics are too many, or memory is "
		    "out");
	return rc;
}
