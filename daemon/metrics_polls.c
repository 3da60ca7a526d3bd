/* SPDX-License-Identifier: ISC */
/* Feeds, and what comes of asking them. All of it is counted where it happens:
 * a scrape goes over no feed. */
#include "daemon/metrics.h"

#include "base/clock.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/metrics_text.h"
#include "daemon/status.h"
#include "feeds/host_gate.h"
#include "feeds/schedule.h"

static const struct metric feeds = { "headlined_feeds", METRIC_GAUGE,
	"Feeds that are configured." };
static const struct metric failing = { "headlined_feeds_failing", METRIC_GAUGE,
	"Those of them whose last poll failed." };
static const struct metric gone = { "headlined_feeds_gone", METRIC_GAUGE,
	"Those of them that answered 410 and are not asked any more." };
static const struct metric waiting = { "headlined_feeds_waiting", METRIC_GAUGE,
	"Those of them that no poll has read yet." };
static const struct metric closed = { "headlined_hosts_paused", METRIC_GAUGE,
	"Hosts that asked not to be asked for a while, and are not." };
static const struct metric results = { "headlined_poll_results_total",
	METRIC_COUNTER, "Polls that have ended, by how." };
static const struct metric answers = { "headlined_poll_answers_total",
	METRIC_COUNTER, "Polls over the network that have ended, by the class "
	"of the last answer; none: there was no whole one." };
static const struct metric took = { "headlined_poll_duration_seconds",
	METRIC_HISTOGRAM, "From the start of a poll to the end of its "
	"document." };
static const struct metric late = { "headlined_poll_lateness_seconds",
	METRIC_HISTOGRAM, "How long after its due time a poll began: the host "
	"was busy, the daemon, or it was off." };

static const char *const result_words[COUNTERS_RESULTS] = {
	[POLL_FRESH] = "fresh", [POLL_UNCHANGED] = "unchanged",
	[POLL_HELD] = "held", [POLL_TOLD_OFF] = "told_off",
	[POLL_FAILED] = "failed", [POLL_GONE] = "gone",
};

static const char *const answer_words[COUNTERS_ANSWERS] = {
	"none", "1xx", "2xx", "3xx", "4xx", "5xx",
};

static void
write_one(struct metrics_text *t, const struct metric *m, int64_t n)
{
	metrics_text_family(t, m);
	metrics_text_int(t, NULL, 0, n);
}

static void
write_each(struct metrics_text *t, const char *label,
    const char *const *words, _Atomic int64_t *counts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct metric_label l = { label, str_from(words[i]) };

		metrics_text_int(t, &l, 1, counters_get(&counts[i]));
	}
}

static void
write_histogram(struct metrics_text *t, const struct metric *m,
    struct histogram *h)
{
	struct histogram_reading r;

	histogram_read(h, &r);
	metrics_text_family(t, m);
	metrics_text_histogram(t, NULL, 0, &r);
}

int
metrics_write_polls(struct metrics_text *t, const struct status_env *env,
    struct err *err)
{
	struct counters *c = env->counters;

	(void)err;
	write_one(t, &feeds, (int64_t)env->conf->n_feeds);
	write_one(t, &failing, counters_get(&c->feeds_failing));
	write_one(t, &gone, counters_get(&c->feeds_gone));
	write_one(t, &waiting, counters_get(&c->feeds_waiting));
	if (env->gate != NULL)
		write_one(t, &closed, (int64_t)host_gate_count_closed(
		    env->gate, clock_mono_us(env->clock)));
	metrics_text_family(t, &results);
	write_each(t, "result", result_words, c->poll_results,
	    COUNTERS_RESULTS);
	metrics_text_family(t, &answers);
	write_each(t, "class", answer_words, c->poll_answers,
	    COUNTERS_ANSWERS);
	write_histogram(t, &took, &c->polls_took);
	write_histogram(t, &late, &c->polls_late);
	return 0;
}
