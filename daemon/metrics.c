/* SPDX-License-Identifier: ISC */
#include "daemon/metrics.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/health.h"
#include "daemon/ledger.h"
#include "daemon/metrics_text.h"
#include "daemon/status.h"

/* What is counted */

#define COUNTER(n, field, says)	{ { "headlined_" n "_total", METRIC_COUNTER, \
	says }, offsetof(struct counters, field) }

static const struct {
	struct metric	metric;
	size_t		at;		/* in struct counters */
} counters[] = {
	COUNTER("polls", polls, "Polls of feeds that have ended."),
	COUNTER("polls_failed", polls_failed, "Those of them that failed."),
	COUNTER("items_seen", items_seen, "Items that were new or edited."),
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

/* The process, under the names that all of Prometheus' libraries give it. */

static const struct metric started = { "process_start_time_seconds",
	METRIC_GAUGE, "When the process was started, as Unix time." };
static const struct metric cpu = { "process_cpu_seconds_total",
	METRIC_COUNTER, "Processor time of user and system." };
static const struct metric resident = { "process_resident_memory_bytes",
	METRIC_GAUGE, "Memory that is resident." };

static int64_t
us_of(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * CLOCK_US_PER_S + tv->tv_usec;
}

/* proc(5): sizes in pages; -1 where it cannot be read. */
static int64_t
read_resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[128] = "", *second;
	long long pages;

	if (f == NULL)
		return -1;
	second = fgets(line, sizeof(line), f) != NULL ? strchr(line, ' ') :
	    NULL;
	fclose(f);
	pages = second != NULL ? strtoll(second, NULL, 10) : 0;
	return pages > 0 ? (int64_t)pages * sysconf(_SC_PAGESIZE) : -1;
}

static int
write_process(struct metrics_text *t, const struct status_env *env,
    struct err *err)
{
	int64_t bytes = read_resident_bytes();
	struct rusage usage;

	(void)err;
	metrics_text_family(t, &started);
	metrics_text_us(t, NULL, 0, env->started_wall_us);
	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		metrics_text_family(t, &cpu);
		metrics_text_us(t, NULL, 0, us_of(&usage.ru_utime) +
		    us_of(&usage.ru_stime));
	}
	if (bytes == -1)
		return 0;
	metrics_text_family(t, &resident);
	metrics_text_int(t, NULL, 0, bytes);
	return 0;
}

/* All */

static int	(*const parts[])(struct metrics_text *,
		    const struct status_env *, struct err *) = {
	write_daemon, write_process, write_counters, metrics_write_sinks,
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
