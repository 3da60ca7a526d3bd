/* SPDX-License-Identifier: ISC */
/*
 * daemon/metrics: what it tells is what stands in the store and in the counts,
 * and headlined(8) has a line for each metric.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <sched.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include <event2/event.h>

#include "health_rig.h"

#include "base/buf.h"
#include "daemon/counters.h"
#include "daemon/metrics.h"
#include "daemon/sink_counts.h"
#include "daemon/status.h"
#include "daemon/watchdog.h"
#include "daemon/watchdog_private.h"
#include "feeds/host_gate.h"
#include "feeds/schedule.h"

static const struct host_gate_settings gate = { .per_host = 2,
	.gap_us = 1000000 };

struct asked {
	struct fixture		*f;
	struct event_base	*base;
	struct counters		 counters;
	struct status_env	 env;
	struct buf		 out;
};

static void
begin(struct asked *a)
{
	struct fixture *f = open_fixture();

	*a = (struct asked){ .f = f };
	a->env = (struct status_env){ .conf = &f->conf, .clock = &f->clock,
		.reader = f->reader, .counters = &a->counters,
		.sink_counts = sink_counts_new(), .ledger = f->ledger,
		.health = f->health, .started_wall_us = 1500000 };
	assert_non_null(a->env.sink_counts);
	counters_init(&a->counters);
	a->base = event_base_new();
	assert_non_null(a->base);
	a->env.watchdog = watchdog_new(a->base, 0);
	assert_non_null(a->env.watchdog);
	a->env.gate = host_gate_new(&gate);
	assert_non_null(a->env.gate);
	buf_init(&a->out, 1 << 20);
}

static void
ask(struct asked *a)
{
	struct err err;

	buf_reset(&a->out);
	if (metrics_write(&a->out, &a->env, &err) == -1)
		fail_msg("%s", err.msg);
}

static void
end(struct asked *a)
{
	sink_counts_free(a->env.sink_counts);
	watchdog_free(a->env.watchdog);
	host_gate_free(a->env.gate);
	event_base_free(a->base);
	buf_clear(&a->out);
	close_fixture(a->f);
}

/* One whole line. */
static bool
says(const struct asked *a, const char *line)
{
	const char *at = buf_cstr(&a->out);
	size_t n = strlen(line);

	while ((at = strstr(at, line)) != NULL) {
		if ((at == a->out.p || at[-1] == '\n') && at[n] == '\n')
			return true;
		at += n;
	}
	return false;
}

static void
a_new_daemon(void **state)
{
	struct asked a;

	(void)state;
	begin(&a);
	ask(&a);
	assert_true(says(&a, "headlined_build_info{version=\""
	    HEADLINED_VERSION "\"} 1"));
	assert_true(says(&a, "process_start_time_seconds 1.5"));
	assert_true(says(&a, "headlined_paused 0"));
	assert_true(says(&a, "headlined_sink_waiting{sink=\"newsroom\"} 0"));
	assert_true(says(&a, "headlined_sink_sent_total{sink=\"pager\"} 0"));
	assert_true(says(&a, "headlined_sink_delivery_duration_seconds_count"
	    "{sink=\"pager\"} 0"));
	assert_null(strstr(buf_cstr(&a.out), "timestamp_seconds{"));
	end(&a);
}

static void
counters_are_told(void **state)
{
	struct sink_count *pager;
	struct asked a;

	(void)state;
	begin(&a);
	counters_add(&a.counters.polls, 12);
	counters_add(&a.counters.regexes_cut_off, 3);
	pager = sink_counts_find(a.env.sink_counts, "pager");
	assert_ptr_equal(pager, sink_counts_find(a.env.sink_counts, "pager"));
	counters_add(&pager->sent, 4);
	counters_add(&pager->retried, 5);
	counters_add(&pager->given_up, 6);
	histogram_add(&pager->took, 40000);
	ask(&a);
	assert_true(says(&a, "headlined_polls_total 12"));
	assert_true(says(&a, "headlined_regexes_cut_off_total 3"));
	assert_true(says(&a, "headlined_sink_sent_total{sink=\"pager\"} 4"));
	assert_true(says(&a, "headlined_sink_retried_total{sink=\"pager\"} 5"));
	assert_true(says(&a,
	    "headlined_sink_given_up_total{sink=\"pager\"} 6"));
	assert_true(says(&a, "headlined_sink_given_up_total"
	    "{sink=\"newsroom\"} 0"));
	assert_true(says(&a, "headlined_sink_delivery_duration_seconds_bucket"
	    "{sink=\"pager\",le=\"0.025\"} 0"));
	assert_true(says(&a, "headlined_sink_delivery_duration_seconds_bucket"
	    "{sink=\"pager\",le=\"0.05\"} 1"));
	assert_true(says(&a, "headlined_sink_delivery_duration_seconds_sum"
	    "{sink=\"pager\"} 0.04"));
	end(&a);
}

/* Each poll is in one line of each family, and in both histograms. */
static void
polls_are_told(void **state)
{
	struct asked a;

	(void)state;
	begin(&a);
	counters_add(&a.counters.poll_results[POLL_TOLD_OFF], 3);
	counters_add(&a.counters.poll_answers[4], 5);
	counters_add(&a.counters.poll_answers[0], 6);
	counters_add(&a.counters.feeds_failing, 2);
	counters_add(&a.counters.feeds_failing, -1);
	histogram_add(&a.counters.polls_took, 300000);
	histogram_add(&a.counters.polls_late, 2000000);
	host_gate_close_until(a.env.gate, "a:80", INT64_MAX);
	assert_int_equal(host_gate_enter(a.env.gate, "b:80",
	    clock_mono_us(a.env.clock)), 0);
	ask(&a);
	assert_true(says(&a, "headlined_poll_results_total"
	    "{result=\"told_off\"} 3"));
	assert_true(says(&a, "headlined_poll_results_total"
	    "{result=\"fresh\"} 0"));
	assert_true(says(&a, "headlined_poll_answers_total{class=\"4xx\"} 5"));
	assert_true(says(&a, "headlined_poll_answers_total{class=\"none\"} "
	    "6"));
	assert_true(says(&a, "headlined_feeds_failing 1"));
	assert_true(says(&a, "headlined_hosts_paused 1"));
	assert_true(says(&a, "headlined_poll_duration_seconds_bucket"
	    "{le=\"0.25\"} 0"));
	assert_true(says(&a, "headlined_poll_duration_seconds_bucket"
	    "{le=\"0.5\"} 1"));
	assert_true(says(&a, "headlined_poll_lateness_seconds_sum 2"));
	end(&a);
}

/* A thread that is silent, and then turns again. */
static void
threads_are_told(void **state)
{
	int64_t now = watchdog_now_us();
	struct heartbeat *h;
	struct asked a;

	(void)state;
	begin(&a);
	h = watchdog_add(a.env.watchdog, "worker-0");
	assert_non_null(h);
	heartbeat_beat_at(h, now);
	watchdog_look(a.env.watchdog, now);
	for (int i = 0; i < 100; i++)
		watchdog_look(a.env.watchdog, now += 1000000);
	ask(&a);
	assert_null(strstr(buf_cstr(&a.out), "_missed_total 0\n"));
	assert_true(says(&a, "headlined_thread_hangs_total 1"));
	heartbeat_beat_at(h, now);
	watchdog_look(a.env.watchdog, now);
	ask(&a);
	assert_true(says(&a, "headlined_thread_hangs_total 1"));
	end(&a);
}

/* Under the names of Prometheus' own: the start counts as a good one. */
static void
reloads_are_told(void **state)
{
	struct status_reload r = { 0 };
	struct asked a;

	(void)state;
	begin(&a);
	a.env.reload = &r;
	ask(&a);
	assert_true(says(&a, "headlined_config_last_reload_successful 1"));
	assert_true(says(&a, "headlined_config_last_reload_success_timestamp"
	    "_seconds 1"));
	r = (struct status_reload){ .at_s = 50, .ok = false, .good = 2,
		.bad = 1, .good_at_s = 40 };
	ask(&a);
	assert_true(says(&a, "headlined_config_last_reload_successful 0"));
	assert_true(says(&a, "headlined_config_last_reload_success_timestamp"
	    "_seconds 40"));
	assert_true(says(&a, "headlined_config_reloads_total{result=\"good\"}"
	    " 2"));
	assert_true(says(&a, "headlined_config_reloads_total{result=\"bad\"}"
	    " 1"));
	end(&a);
}

/* What waits for a sink that the configuration does not have any more is
 * somebody's to look after. */
static void
a_sink_that_left_is_told(void **state)
{
	struct asked a;

	(void)state;
	begin(&a);
	sink_fails(a.f);
	for (size_t i = 0; i < a.f->conf.n_sinks; i++)
		if (strcmp(a.f->sinks[i].name, "newsroom") == 0)
			a.f->sinks[i].name = "renamed";
	ask(&a);
	assert_true(says(&a, "headlined_sink_waiting{sink=\"newsroom\"} 1"));
	assert_true(says(&a, "headlined_sink_configured{sink=\"newsroom\"} "
	    "0"));
	assert_true(says(&a, "headlined_sink_waiting{sink=\"renamed\"} 0"));
	assert_true(says(&a, "headlined_sink_configured{sink=\"renamed\"} "
	    "1"));
	end(&a);
}

/* The ledger has written what the fixture posted. */
static void
commits_are_told(void **state)
{
	struct asked a;

	(void)state;
	begin(&a);
	sink_fails(a.f);
	sink_goes_off(a.f);
	ask(&a);
	assert_true(says(&a, "headlined_ledger_jobs_waiting 0"));
	assert_null(strstr(buf_cstr(&a.out), "headlined_store_pages 0\n"));
	assert_non_null(strstr(buf_cstr(&a.out),
	    "\nheadlined_ledger_commit_duration_seconds_count "));
	end(&a);
}

/* What waits and what is off stands in the store alone. */
static void
the_store_is_told(void **state)
{
	struct asked a;
	char line[128];

	(void)state;
	begin(&a);
	sink_fails(a.f);
	ask(&a);
	assert_true(says(&a, "headlined_sink_waiting{sink=\"newsroom\"} 1"));
	snprintf(line, sizeof(line), "headlined_sink_oldest_waiting_timestamp"
	    "_seconds{sink=\"newsroom\"} %d", NOW);
	assert_true(says(&a, line));
	assert_true(says(&a, "headlined_sink_disabled{sink=\"newsroom\"} 0"));
	sink_goes_off(a.f);
	ask(&a);
	assert_true(says(&a, "headlined_sink_disabled{sink=\"newsroom\"} 1"));
	end(&a);
}

/* A sink's name that would end the line, or the answer. */
static void
a_name_stays_in_its_label(void **state)
{
	struct asked a;

	(void)state;
	begin(&a);
	a.f->sinks[1].name = "a\"} 1\n\xff";
	ask(&a);
	assert_true(says(&a, "headlined_sink_waiting{sink="
	    "\"a\\\"} 1\\n\xef\xbf\xbd\"} 0"));
	end(&a);
}

/* Larger than the answer may be: said, not cut. */
static void
no_room_is_said(void **state)
{
	struct asked a;
	struct err err;

	(void)state;
	begin(&a);
	buf_clear(&a.out);
	buf_init(&a.out, 1000);
	assert_int_equal(metrics_write(&a.out, &a.env, &err), -1);
	assert_true(a.out.n <= 1000);
	end(&a);
}

static void
the_manual_has_each(void **state)
{
	const char *srcdir = getenv("srcdir");
	struct asked a;
	char path[512], name[128];
	struct buf page;
	char part[4096];
	size_t n, all = 0;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/doc/headlined.8",
	    srcdir != NULL ? srcdir : ".");
	f = fopen(path, "re");
	assert_non_null(f);
	buf_init(&page, 1 << 20);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&page, part, n);
	fclose(f);
	begin(&a);
	ask(&a);
	for (const char *at = buf_cstr(&a.out); (at = strstr(at, "# TYPE "))
	    != NULL; all++) {
		at += strlen("# TYPE ");
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, " "),
		    at);
		if (strstr(buf_cstr(&page), name) == NULL)
			fail_msg("headlined.8 does not tell %s", name);
	}
	assert_true(all > 50);
	buf_clear(&page);
	end(&a);
}

enum { FINDERS = 4, ROUNDS = 2000 };

static void *
find_and_count(void *arg)
{
	char name[32];

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(name, sizeof(name), "sink-%d", i % 16);
		counters_add(&sink_counts_find(arg, name)->sent, 1);
	}
	return NULL;
}

/* Threads that name the same sinks at once count in one place. */
static void
threads_find_the_same(void **state)
{
	struct sink_counts *all = sink_counts_new();
	pthread_t threads[FINDERS];
	int64_t sum = 0;
	char name[32];

	(void)state;
	assert_non_null(all);
	for (int i = 0; i < FINDERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
		    find_and_count, all), 0);
	for (int i = 0; i < FINDERS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "sink-%d", i);
		sum += counters_get(&sink_counts_find(all, name)->sent);
	}
	assert_int_equal(sum, FINDERS * ROUNDS);
	sink_counts_free(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_daemon),
		cmocka_unit_test(counters_are_told),
		cmocka_unit_test(polls_are_told),
		cmocka_unit_test(threads_are_told),
		cmocka_unit_test(reloads_are_told),
		cmocka_unit_test(a_sink_that_left_is_told),
		cmocka_unit_test(commits_are_told),
		cmocka_unit_test(the_store_is_told),
		cmocka_unit_test(a_name_stays_in_its_label),
		cmocka_unit_test(no_room_is_said),
		cmocka_unit_test(the_manual_has_each),
		cmocka_unit_test(threads_find_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
