/* SPDX-License-Identifier: ISC */
/*
 * schedule: what the scheduling of a million feeds takes of one core when each
 * is asked once an hour, by a clock that is moved by hand. A poll is: the heap
 * gives the earliest feed, its host's gate is passed, a 304 with validators and
 * a hint comes (made up, nothing is sent), the feed's new state is made of the
 * old one and that, the rule says when next, the heap takes it back. Nothing
 * is stored.
 *
 * The figure is polls in a CPU second. The ceiling is a quarter of a core: an
 * hour has 900 CPU seconds for a million polls. R is how many times over the
 * work would fit into them.
 */
#include "bench/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "daemon/conf.h"
#include "daemon/pipeline.h"
#include "daemon/poll_state.h"
#include "feeds/feed_store.h"
#include "feeds/fetch.h"
#include "feeds/host_gate.h"
#include "feeds/http_meta.h"
#include "feeds/schedule.h"

enum { FEEDS_A_HOST = 4, HOUR_S = 3600, MILLION = 1000000,
    MAX_HOST = 300 };

/* Monday, 23 November 2026, 10:00 UTC. */
#define START_S		INT64_C(1795428000)
/* A quarter of a core for an hour. */
#define ALLOWED_CPU_S	(0.25 * HOUR_S)

struct feed {
	struct schedule_entry	 entry;		/* first: pop is cast */
	int			 number;
	int64_t			 asked_s, due_s;
};

struct scheduling {
	struct feed		*feeds;
	int			 n_feeds;
	struct schedule		*schedule;
	struct host_gate	*gate;
	struct clock		 clock;
	struct conf		 conf;
	struct http_meta	 meta;
	uint32_t		 random;
	int64_t			 polls, gated;
};

/* Some feeds share a host, as they do in lists. */
static void
write_url(const struct feed *f, char *url, size_t size)
{
	(void)snprintf(url, size, "https://news-%d.example.org/world/%d.xml",
	    f->number / FEEDS_A_HOST, f->number);
}

/* What the feed's row says after a 304. */
static void
conclude(struct scheduling *s, struct feed *f, const char *url)
{
	char title[] = "Example News of the World",
	    etag[] = "\"5f3c-61a8d2c7e4b40\"",
	    date[] = "Mon, 02 Mar 2026 08:00:00 GMT";
	const struct conf_feed feed = { .url = url,
		.set = &conf_feed_plain };
	const struct feed_state before = { .title = title, .etag = etag,
		.last_modified = date, .first_asked_s = START_S - 86400,
		.last_asked_s = f->asked_s, .last_good_s = f->asked_s,
		.due_s = f->due_s, .rhythm_s = HOUR_S, .items_listed = 20,
		.hint_s = 600, .skip_hours = 1U << 3, .status = 304,
		.news_s = f->asked_s, .baseline_done = true };
	const struct poll_source source = { .end = POLL_UNCHANGED,
		.status = 304, .meta = &s->meta, .url = url };
	static const struct pipeline_result none = { .items = 0 };
	const struct poll_seen seen = { .conf = &s->conf, .feed = &feed,
		.before = &before, .source = &source, .document = &none,
		.wall_s = clock_wall_us(&s->clock) / CLOCK_US_PER_S,
		.steady_s = clock_steady_s(&s->clock), .random = s->random };
	struct feed_state after = { 0 };

	poll_state_fill(&after, &seen);
	f->asked_s = after.last_asked_s;
	f->due_s = after.due_s;
	feed_state_clear(&after);
}

static int
poll_feed(struct scheduling *s, struct feed *f, struct err *err)
{
	int64_t now_us = clock_mono_us(&s->clock), wait_us;
	char url[96], host[MAX_HOST];

	write_url(f, url, sizeof(url));
	if (fetch_host_of(url, host, sizeof(host), err) == -1)
		return -1;
	wait_us = host_gate_enter(s->gate, host, now_us);
	if (wait_us == 0) {
		s->random = s->random * 1664525 + 1013904223;
		conclude(s, f, url);
		host_gate_leave(s->gate, host, now_us);
		s->polls++;
		wait_us = f->due_s * CLOCK_US_PER_S -
		    clock_steady_us(&s->clock);
	} else
		s->gated++;
	/* Its wait is half an hour at least: the rule is at work. */
	if (f->due_s - f->asked_s < HOUR_S / 2)
		return err_set(err, "the feed %d is due %" PRId64 " s after "
		    "it was asked", f->number, f->due_s - f->asked_s);
	if (schedule_set(s->schedule, &f->entry, now_us + wait_us) == -1)
		return err_set(err, "out of memory");
	return 0;
}

/* One hour goes by. */
static int
run_hour(struct scheduling *s, struct err *err)
{
	int64_t end_us = clock_mono_us(&s->clock) + HOUR_S * CLOCK_US_PER_S;
	struct schedule_entry *e;
	int64_t next_us;

	while ((next_us = schedule_next_us(s->schedule)) < end_us) {
		if (next_us > clock_mono_us(&s->clock))
			clock_advance(&s->clock, next_us -
			    clock_mono_us(&s->clock));
		while ((e = schedule_pop_due(s->schedule,
		    clock_mono_us(&s->clock))) != NULL)
			if (poll_feed(s, (struct feed *)(void *)e, err) == -1)
				return -1;
	}
	clock_advance(&s->clock, end_us - clock_mono_us(&s->clock));
	return 0;
}

static int
measure(struct scheduling *s, const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "schedule",
		.unit = "polls/cpu-s", .of = "quarter_core", .target = 1.0 };
	double v[BENCH_MAX_ROUNDS], median, hour_s;
	int rounds = b->quick ? 3 : 5;

	for (int i = 0; i <= rounds; i++) {
		int64_t start_us = bench_cpu_us();

		s->polls = s->gated = 0;
		if (run_hour(s, err) == -1)
			return -1;
		/* The first hour, in which memory is laid out, is not told. */
		v[i > 0 ? i - 1 : 0] = (double)s->polls /
		    ((double)(bench_cpu_us() - start_us) / 1e6);
		if (s->polls < s->n_feeds / 2)
			return err_set(err, "only %" PRId64 " polls in an "
			    "hour", s->polls);
	}
	median = bench_median(v, (size_t)rounds);
	hour_s = MILLION / median;
	bench_say("schedule: %d feeds on %d hosts; in the last hour %" PRId64
	    " polls, %" PRId64 " waits for a host; from %.0f to %.0f polls a "
	    "CPU second in %d hours", s->n_feeds, s->n_feeds / FEEDS_A_HOST,
	    s->polls, s->gated, v[0], v[rounds - 1], rounds);
	bench_say("schedule: a million feeds hourly take %.2f CPU seconds an "
	    "hour, %.2f %% of a core; %.0f are allowed", hour_s,
	    100 * hour_s / HOUR_S, ALLOWED_CPU_S);
	bench_report(&row, median, ALLOWED_CPU_S / hour_s);
	return 0;
}

static int
prepare(struct scheduling *s, struct err *err)
{
	static const struct host_gate_settings manners = { .per_host = 2,
		.gap_us = CLOCK_US_PER_S };

	s->feeds = calloc((size_t)s->n_feeds, sizeof(*s->feeds));
	s->schedule = schedule_new();
	s->gate = host_gate_new(&manners);
	if (s->feeds == NULL || s->schedule == NULL || s->gate == NULL)
		return err_set(err, "out of memory");
	clock_init_manual(&s->clock, START_S * CLOCK_US_PER_S);
	s->conf.poll.min_s = HOUR_S;
	s->conf.poll.max_s = 24 * HOUR_S;
	http_meta_note(&s->meta, STR("ETag"), STR("\"5f3c-61a8d2c7e4b40\""));
	http_meta_note(&s->meta, STR("Cache-Control"), STR("max-age=300"));
	/* Scattered over the hour, in an order that is not theirs. */
	for (int i = 0; i < s->n_feeds; i++) {
		struct feed *f = &s->feeds[i];
		int64_t at_us = (int64_t)i * 7919 % s->n_feeds *
		    (HOUR_S * CLOCK_US_PER_S / s->n_feeds);

		*f = (struct feed){ .entry.place = SCHEDULE_NOWHERE,
			.number = i, .asked_s = START_S - HOUR_S };
		f->due_s = START_S + at_us / CLOCK_US_PER_S;
		if (schedule_set(s->schedule, &f->entry,
		    clock_mono_us(&s->clock) + at_us) == -1)
			return err_set(err, "out of memory");
	}
	return 0;
}

int
row_schedule(const struct bench *b, struct err *err)
{
	struct scheduling s = { .n_feeds = b->quick ? MILLION / 10 : MILLION,
		.random = 24 };
	int rc;

	http_meta_init(&s.meta);
	rc = prepare(&s, err);
	if (rc == 0)
		rc = measure(&s, b, err);
	http_meta_clear(&s.meta);
	host_gate_free(s.gate);
	schedule_free(s.schedule);
	free(s.feeds);
	return rc;
}
