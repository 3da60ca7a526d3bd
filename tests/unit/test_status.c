/* SPDX-License-Identifier: ISC */
/*
 * daemon/status: what it says of feeds, sinks, the store and the daemon is what
 * stands in the store; lists are bounded, secrets stay out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <sched.h>
#include <stdint.h>
#include <cmocka.h>

#include "health_rig.h"

#include "base/buf.h"
#include "base/json.h"
#include "daemon/counters.h"
#include "daemon/poll_next.h"
#include "daemon/sink_counts.h"
#include "daemon/status.h"
#include "daemon/watchdog.h"
#include "daemon/watchdog_private.h"
#include "feeds/item_store.h"

struct asked {
	struct fixture		*f;
	struct counters		 counters;
	struct status_env	 env;
	struct buf		 out;
	struct json_tree	*tree;
};

static void
begin(struct asked *a, struct fixture *f)
{
	*a = (struct asked){ .f = f };
	a->env = (struct status_env){ .conf = &f->conf, .clock = &f->clock,
		.reader = f->reader, .counters = &a->counters,
		.instance = "desk-1", .n_workers = 3, .ledger = f->ledger,
		.health = f->health };
	clock_advance(&f->clock, 90 * CLOCK_US_PER_S);
	buf_init(&a->out, 1 << 20);
}

/* The status as it is now. */
static const struct json *
ask(struct asked *a)
{
	struct err err;

	json_tree_free(a->tree);
	buf_reset(&a->out);
	assert_int_equal(status_write(&a->out, &a->env, &err), 0);
	a->tree = json_parse(buf_str(&a->out), &err);
	assert_non_null(a->tree);
	return json_root(a->tree);
}

static void
end(struct asked *a)
{
	json_tree_free(a->tree);
	buf_clear(&a->out);
	close_fixture(a->f);
}

static bool
says(const struct asked *a, const char *text)
{
	return strstr(buf_cstr(&a->out), text) != NULL;
}

static void
a_new_daemon_has_little_to_say(void **state)
{
	const struct json *s;
	struct asked a;

	(void)state;
	begin(&a, open_fixture());
	s = ask(&a);
	assert_str(json_get_str(s, "instance"), "desk-1");
	assert_int_equal(json_get_int(s, "uptime_s", -1), 90);
	assert_int_equal(json_get_int(s, "workers", -1), 3);
	assert_int_equal(json_get_int(json_get(s, "feeds"), "total", -1), 2);
	assert_int_equal(json_get_int(json_get(s, "feeds"), "waiting", -1), 2);
	assert_int_equal(json_length(json_get(s, "sinks")), 2);
	assert_true(says(&a, "\"silent_thread\":null"));
	assert_true(says(&a, "\"paused\":false,\"paused_why\":null"));
	assert_true(says(&a, "\"degraded\":false,\"faults\":[]"));
	assert_true(says(&a, "\"reload\":null"));
	assert_true(says(&a, "\"regexes_cut_off\":0,\"searches_cut_off\":0"));
	assert_true(says(&a, "\"health\":{\"open\":0,\"conditions\":[]}"));
	end(&a);
}

/* How often a sink was tried again is counted by the process alone. */
static void
retries_are_told(void **state)
{
	struct sink_count *pager;
	struct asked a;

	(void)state;
	begin(&a, open_fixture());
	(void)ask(&a);
	assert_false(says(&a, "\"retried\""));
	a.env.sink_counts = sink_counts_new();
	assert_non_null(a.env.sink_counts);
	pager = sink_counts_find(a.env.sink_counts, "pager");
	assert_non_null(pager);
	counters_add(&pager->retried, 7);
	assert_int_equal(json_get_int(json_at(json_get(ask(&a), "sinks"), 0),
	    "retried", -1), 0);
	assert_int_equal(json_get_int(json_at(json_get(json_root(a.tree),
	    "sinks"), 1), "retried", -1), 7);
	sink_counts_free(a.env.sink_counts);
	end(&a);
}

static void
feeds_are_counted_as_they_stand(void **state)
{
	const struct json *feeds, *t;
	struct asked a;

	(void)state;
	begin(&a, open_fixture());
	feed_fails(a.f);
	poll(a.f, "http://left.example.org/", &(struct feed_state){
	    .last_asked_s = NOW, .failures = 4 });
	feeds = json_get(ask(&a), "feeds");
	assert_int_equal(json_get_int(feeds, "failing", -1), 1);
	assert_int_equal(json_get_int(feeds, "gone", -1), 0);
	assert_int_equal(json_get_int(feeds, "waiting", -1), 1);
	t = json_get(json_root(a.tree), "trouble");
	assert_int_equal(json_length(t), 1);
	t = json_at(t, 0);
	assert_str(json_get_str(t, "url"), URL);
	assert_int_equal(json_get_int(t, "failures", -1), 9);
	assert_str(json_get_str(t, "next"), "2026-11-24T06:10:00Z");
	feed_goes(a.f);
	feeds = json_get(ask(&a), "feeds");
	assert_int_equal(json_get_int(feeds, "failing", -1), 0);
	assert_int_equal(json_get_int(feeds, "gone", -1), 1);
	assert_true(says(&a, "\"next\":null"));
	feed_answers(a.f);
	feeds = json_get(ask(&a), "feeds");
	assert_int_equal(json_get_int(feeds, "gone", -1), 0);
	assert_int_equal(json_length(json_get(json_root(a.tree), "trouble")),
	    0);
	end(&a);
}

/* The row's time is of the configuration before. */
static void
the_next_try_is_by_what_runs(void **state)
{
	struct poll_next *next;
	struct asked a;

	(void)state;
	begin(&a, open_fixture());
	feed_fails(a.f);
	a.f->conf.poll.min_s = 2 * HOUR;
	a.env.next = next = poll_next_new(&a.f->conf, NULL, &a.f->clock);
	assert_non_null(next);
	(void)ask(&a);
	assert_true(says(&a, "\"2026-11-24T07:50:01Z\""));
	poll_next_free(next);
	end(&a);
}

/* The clock was set, and the store may be anybody's. */
static void
times_are_shown_that_there_are(void **state)
{
	struct feed_state st = { .failures = 1, .trouble = rig_timeout,
		.last_asked_s = NOW, .due_s = INT64_MAX - 1 };
	struct asked a;

	(void)state;
	begin(&a, open_fixture());
	a.f->clock.manual_wall_us += HOUR * CLOCK_US_PER_S;
	poll(a.f, URL, &st);
	(void)ask(&a);
	assert_true(says(&a, "\"next\": null") || says(&a,
	    "\"next\":null"));
	end(&a);
}

static void
lists_are_bounded_and_counts_are_not(void **state)
{
	enum { MANY = 250 };
	struct conf_feed *feeds = calloc(MANY, sizeof(*feeds));
	char (*urls)[40] = calloc(MANY, sizeof(*urls));
	const struct json *s;
	struct asked a;

	(void)state;
	assert_true(feeds != NULL && urls != NULL);
	begin(&a, open_fixture());
	for (int i = 0; i < MANY; i++) {
		snprintf(urls[i], sizeof(urls[i]), "http://127.0.0.1/%d", i);
		feeds[i].url = urls[i];
		feeds[i].set = &conf_feed_plain;
	}
	a.f->conf.feeds = feeds;
	a.f->conf.n_feeds = MANY;
	index_feeds(a.f, &a.f->conf);
	health_set_conf(a.f->health, &a.f->conf);
	write_it(a.f, exec_sql, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < 249) INSERT INTO feed (url)"
	    " SELECT 'http://127.0.0.1/' || i FROM n;"
	    "UPDATE feed SET failures = 1, last_asked = 1795500000 - 86400,"
	    " due = 1795500600");
	sink_goes_off(a.f);
	look(a.f);
	s = ask(&a);
	assert_int_equal(json_get_int(json_get(s, "feeds"), "failing", -1),
	    MANY);
	assert_int_equal(json_length(json_get(s, "trouble")), 100);
	s = json_get(s, "health");
	assert_int_equal(json_get_int(s, "open", -1), MANY + 1);
	s = json_get(s, "conditions");
	assert_int_equal(json_length(s), 100);
	assert_str(json_get_str(json_at(s, 0), "condition"), "sink_disabled");
	assert_str(json_get_str(json_at(s, 0), "about"), "newsroom");
	assert_str(json_get_str(json_at(s, 0), "since"),
	    "2026-11-24T05:59:55Z");
	assert_true(json_get_str(json_at(s, 0), "message").n > 0);
	assert_str(json_get_str(json_at(s, 99), "condition"), "feed_failing");
	end(&a);
	free(feeds);
	free(urls);
}

static void
sinks_say_what_waits_and_why(void **state)
{
	const struct json *k;
	struct asked a;

	(void)state;
	begin(&a, open_fixture());
	sink_fails(a.f);
	k = json_at(json_get(ask(&a), "sinks"), 0);
	assert_str(json_get_str(k, "name"), "newsroom");
	assert_int_equal(json_get_int(k, "waiting", -1), 1);
	assert_str(json_get_str(k, "reason"), "HTTP 503");
	sink_takes(a.f);
	sink_goes_off(a.f);
	k = json_at(json_get(ask(&a), "sinks"), 0);
	assert_int_equal(json_get_int(k, "waiting", -1), 0);
	assert_int_equal(json_get_int(k, "sent", -1), 1);
	assert_true(json_get_bool(k, "disabled"));
	assert_str(json_get_str(k, "reason"), "410 Gone");
	end(&a);
}

struct reload_case {
	const char		*says;
	struct status_reload	 reload;
	bool			 degraded;
	const char		*text;
};

static const char *const reload_faults[] = { "a.yaml:1:2: \"x\"" };
static const struct reload_case reload_cases[] = {
	{ "there was none", { .at_s = 0 }, false, "\"reload\":null" },
	{ "the last one was refused",
	    { .at_s = NOW, .faults = reload_faults, .n_faults = 1 }, true,
	    "\"reload\":{\"at\":\"2026-11-24T06:00:00Z\",\"ok\":false,"
	    "\"faults\":[\"a.yaml:1:2: \\\"x\\\"\"]}" },
	{ "the last one held", { .at_s = NOW, .ok = true }, false,
	    "\"reload\":{\"at\":\"2026-11-24T06:00:00Z\",\"ok\":true,"
	    "\"faults\":[]}" },
};

static void
the_last_reload_is_told(void **state)
{
	struct asked a;

	(void)state;
	begin(&a, open_fixture());
	for (size_t i = 0; i < sizeof(reload_cases) / sizeof(reload_cases[0]);
	    i++) {
		const struct reload_case *c = &reload_cases[i];

		print_message("# %s\n", c->says);
		a.env.reload = &c->reload;
		assert_int_equal(json_get_bool(ask(&a), "degraded"),
		    c->degraded);
		assert_true(says(&a, c->text));
	}
	health_set_degraded(a.f->health, "a topic is left out");
	assert_true(json_get_bool(ask(&a), "degraded"));
	health_set_degraded(a.f->health, NULL);
	assert_false(json_get_bool(ask(&a), "degraded"));
	end(&a);
}

static int
put_text(struct db *db, const void *what, struct err *err)
{
	const struct item_text_row row = { .id_hash = 7, .seen_s = NOW,
		.url = STR(URL), .title = STR("title"), .text = STR("text") };

	(void)what;
	return item_store_put(db, URL, &row, 1, err);
}

static void
the_store_says_how_full_it_is(void **state)
{
	const struct json *store;
	struct asked a;
	int64_t bytes;

	(void)state;
	begin(&a, open_fixture());
	a.f->conf.store.max_bytes = 8 << 20;
	store = json_get(ask(&a), "store");
	bytes = json_get_int(store, "bytes", 0);
	assert_true(bytes > 4096 && bytes < 1 << 20);
	assert_int_equal(json_get_int(store, "max_bytes", -1), 8 << 20);
	assert_int_equal(json_get_int(store, "texts", -1), 0);
	assert_true(says(&a, "\"texts_since\":null"));
	write_it(a.f, put_text, NULL);
	write_it(a.f, exec_sql, "INSERT INTO meta VALUES ('big',"
	    " zeroblob(100000))");
	store = json_get(ask(&a), "store");
	assert_int_equal(json_get_int(store, "texts", -1), 1);
	assert_int_equal(json_get_str(store, "texts_since").n, 20);
	assert_true(json_get_int(store, "bytes", 0) > bytes + 90000);
	end(&a);
}

static void
a_pause_is_told_with_its_reason(void **state)
{
	struct writing w = { .write = exec_sql,
		.what = "INSERT INTO meta VALUES ('big', zeroblob(4000000))" };
	const struct json *s;
	struct asked a;

	(void)state;
	begin(&a, open_fixture_within(1 << 20));
	w.job.write = writing_write;
	w.job.reply = a.f->box;
	ledger_post(a.f->ledger, &w.job);
	while (!ledger_is_paused(a.f->ledger, NULL))
		sched_yield();
	s = ask(&a);
	assert_true(json_get_bool(s, "paused"));
	assert_non_null(strstr(buf_cstr(&a.out), "disk is full"));
	end(&a);
}

static void
a_silent_thread_is_named(void **state)
{
	struct heartbeat *h;
	struct watchdog *w;
	struct asked a;

	(void)state;
	begin(&a, open_fixture());
	w = watchdog_new(a.f->base, 0);
	assert_non_null(w);
	a.env.watchdog = w;
	h = watchdog_add(w, "worker");
	heartbeat_beat(h);
	ask(&a);
	assert_true(says(&a, "\"silent_thread\":null"));
	heartbeat_beat_at(h, watchdog_now_us() - INT64_C(61000000));
	assert_str(json_get_str(ask(&a), "silent_thread"), "worker");
	watchdog_free(w);
	end(&a);
}

static void
secrets_and_control_characters_stay_out(void **state)
{
	static char words[] = "\x1b[31m\"\xff\n";
	struct asked a;

	(void)state;
	begin(&a, open_fixture());
	a.f->feeds[0].url = "http://me:secret@news.example.org/rss";
	poll(a.f, a.f->feeds[0].url, &(struct feed_state){ .failures = 1,
	    .gone = true, .last_asked_s = NOW, .title = words,
	    .message = words, .trouble = words });
	index_feeds(a.f, &a.f->conf);
	health_set_conf(a.f->health, &a.f->conf);
	look(a.f);
	ask(&a);
	assert_true(says(&a, "http://news.example.org/rss"));
	assert_false(says(&a, "secret"));
	assert_false(says(&a, "\x1b"));
	assert_false(says(&a, "\n"));
	end(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_daemon_has_little_to_say),
		cmocka_unit_test(retries_are_told),
		cmocka_unit_test(feeds_are_counted_as_they_stand),
		cmocka_unit_test(the_next_try_is_by_what_runs),
		cmocka_unit_test(times_are_shown_that_there_are),
		cmocka_unit_test(lists_are_bounded_and_counts_are_not),
		cmocka_unit_test(sinks_say_what_waits_and_why),
		cmocka_unit_test(the_last_reload_is_told),
		cmocka_unit_test(the_store_says_how_full_it_is),
		cmocka_unit_test(a_pause_is_told_with_its_reason),
		cmocka_unit_test(a_silent_thread_is_named),
		cmocka_unit_test(secrets_and_control_characters_stay_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
