/* SPDX-License-Identifier: ISC */
/*
 * daemon/health: what is told gets through refusals, reloads, pauses and
 * floods, and carries nobody's secrets or control characters.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <cmocka.h>

#include "health_rig.h"

static void
a_refused_job_is_told_by_the_next_look(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	write_it(f, exec_sql, "CREATE TRIGGER no BEFORE INSERT ON alert BEGIN"
	    " SELECT raise(ABORT, 'not now'); END");
	feed_fails(f);
	sink_goes_off(f);
	look(f);
	assert_int_equal(conditions(f), 0);
	assert_int_equal(notices(f), 0);
	write_it(f, exec_sql, "DROP TRIGGER no");
	look(f);
	assert_int_equal(conditions(f), 2);
	assert_int_equal(notices(f), 2);
	close_fixture(f);
}

/* The job must not hold on to the configuration that it was made with. */
static void
a_reload_may_come_while_a_job_is_away(void **state)
{
	struct fixture *f = open_fixture();
	struct conf *brief = malloc(sizeof(*brief));
	char *url = strdup(URL), *sink = strdup("pager");
	struct conf_feed *feed = calloc(1, sizeof(*feed));
	struct sink_settings *sinks = calloc(2, sizeof(*sinks));

	(void)state;
	assert_true(brief && url && sink && feed && sinks);
	*brief = f->conf;
	*feed = (struct conf_feed){ .url = url,
		.set = &conf_feed_plain };
	sinks[0].name = sinks[1].name = sink;
	brief->feeds = feed;
	brief->n_feeds = 1;
	index_feeds(f, brief);
	brief->sinks = sinks;
	feed_fails(f);
	health_set_conf(f->health, brief);
	event_base_loop(f->base, EVLOOP_NONBLOCK);	/* posts */
	health_set_conf(f->health, &f->conf);
	free(url);
	free(sink);
	free(feed);
	free(sinks);
	free(brief);
	look(f);
	assert_int_equal(notices(f), 1);
	assert_int_equal(conditions(f), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM outbox o JOIN sink s"
	    " ON s.id = o.sink WHERE s.name = 'pager'"), 1);
	close_fixture(f);
}

/* As long as it is too big, the store has no room for it. */
static int
write_big(struct db *db, const void *what, struct err *err)
{
	if (!atomic_load((const atomic_bool *)what))
		return 0;
	return db_run(db, "INSERT INTO meta VALUES ('big', zeroblob(?))",
	    DB_ARGS(DB_I(4 << 20)), err);
}

/* The notice lies in the store as soon as there is room for it. */
static void
a_pause_of_the_intake_is_told(void **state)
{
	struct fixture *f = open_fixture_within(1 << 20);
	atomic_bool big = true;
	struct writing w = { .write = write_big, .what = &big };
	struct arena *arena = arena_new(1 << 20);
	struct notice n;

	(void)state;
	w.job.write = writing_write;
	w.job.reply = f->box;
	ledger_post(f->ledger, &w.job);
	while (!ledger_is_paused(f->ledger, NULL))
		sched_yield();
	health_look(f->health);
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	atomic_store(&big, false);
	assert_true(mailbox_wait(f->box, 60000));
	assert_ptr_equal(mailbox_take(f->box), &w.job);
	while (ledger_is_paused(f->ledger, NULL))
		sched_yield();
	look(f);
	assert_int_equal(notices(f), 2);
	assert_int_equal(conditions(f), 0);
	n = last_notice(f, arena);
	assert_true(n.over);
	assert_str(n.condition, "store_full");
	assert_int_equal(count(f, "SELECT count(*) FROM alert WHERE body LIKE"
	    " '%No feed is asked since 2026-11-24T06:00:00Z: %disk is full%;"
	    " nothing is lost%'"), 1);
	arena_free(arena);
	close_fixture(f);
}

static void
keep_about(const struct health_condition *c, void *ctx)
{
	char *text = ctx;

	snprintf(text + strlen(text), 512 - strlen(text), "%.*s %.*s\n",
	    STR_ARG(c->condition), STR_ARG(c->about));
}

static void
credentials_stay_at_home(void **state)
{
	static const char mine[] = "http://me:secret@news.example.org/rss";
	static const char yours[] = "http://you:hidden@news.example.org/rss";
	const struct feed_state st = { .failures = 1, .gone = true,
		.last_asked_s = NOW };
	struct fixture *f = open_fixture();
	char listed[512] = "";
	struct err err;

	(void)state;
	f->feeds[0].url = mine;
	f->feeds[1] = (struct conf_feed){ .url = yours,
		.set = &conf_feed_plain };
	index_feeds(f, &f->conf);
	health_set_conf(f->health, &f->conf);
	poll(f, mine, &st);
	poll(f, yours, &st);
	sink_goes_off(f);
	look(f);
	assert_int_equal(notices(f), 3);
	assert_int_equal(conditions(f), 3);
	assert_int_equal(count(f, "SELECT count(*) FROM alert WHERE body LIKE"
	    " '%secret%' OR body LIKE '%hidden%'"), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM health WHERE message"
	    " LIKE '%secret%' OR message LIKE '%hidden%'"), 0);
	assert_int_equal(health_each(f->reader, 100, keep_about, listed,
	    &err), 0);
	assert_string_equal(listed, "sink_disabled newsroom\n"
	    "feed_failing http://news.example.org/rss\n"
	    "feed_failing http://news.example.org/rss\n");
	listed[0] = '\0';
	assert_int_equal(health_each(f->reader, 1, keep_about, listed, &err),
	    0);
	assert_string_equal(listed, "sink_disabled newsroom\n");
	close_fixture(f);
}

/* More than fit into one job; a kill between two of them loses nothing. */
static void
a_flood_is_told_piece_by_piece(void **state)
{
	enum { MANY = 2500 };
	struct fixture *f = open_fixture();
	struct conf_feed *feeds = calloc(MANY, sizeof(*feeds));
	char (*urls)[40] = calloc(MANY, sizeof(*urls));

	(void)state;
	assert_true(feeds != NULL && urls != NULL);
	for (int i = 0; i < MANY; i++) {
		snprintf(urls[i], sizeof(urls[i]), "http://127.0.0.1/%d", i);
		feeds[i].url = urls[i];
		feeds[i].set = &conf_feed_plain;
	}
	f->conf.feeds = feeds;
	f->conf.n_feeds = MANY;
	index_feeds(f, &f->conf);
	health_set_conf(f->health, &f->conf);
	write_it(f, exec_sql, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < 2499) INSERT INTO feed (url)"
	    " SELECT 'http://127.0.0.1/' || i FROM n;"
	    "UPDATE feed SET failures = 1, last_asked = 1795500000 - 86400,"
	    " due = 1795500600");
	sink_goes_off(f);
	health_look(f->health);
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	write_it(f, exec_sql, "");
	restart(f);			/* the first job stands, no more */
	assert_int_equal(notices(f), 1000);
	assert_int_equal(count(f, "SELECT count(*) FROM health WHERE"
	    " condition = 'sink_disabled'"), 1);
	look(f);
	look(f);
	assert_int_equal(notices(f), MANY + 1);
	assert_int_equal(conditions(f), MANY + 1);
	write_it(f, exec_sql, "UPDATE feed SET failures = 0");
	look(f);
	look(f);
	assert_int_equal(notices(f), 2 * MANY + 1);
	assert_int_equal(conditions(f), 1);
	close_fixture(f);
	free(feeds);
	free(urls);
}

/* Longest and worst that a feed and a sink can say. */
static void
hostile_words_stay_words(void **state)
{
	struct feed_state st = { .failures = 1, .gone = true,
		.last_asked_s = NOW };
	struct fixture *f = open_fixture();
	char *flood = malloc(100001);

	(void)state;
	assert_non_null(flood);
	for (int i = 0; i < 100000; i++)
		flood[i] = "\x01\xff\"\n\xe2\x80\xae%s<"[i % 9];
	flood[100000] = '\0';
	st.title = flood;
	st.message = flood;
	poll(f, URL, &st);
	st = (struct feed_state){ .failures = 1, .message = flood,
		.last_asked_s = NOW - DAY, .due_s = INT64_MAX,
		.title = flood };
	poll(f, OTHER, &st);
	look(f);
	assert_int_equal(notices(f), 2);
	assert_int_equal(count(f, "SELECT max(length(message)) < 2000 FROM"
	    " health"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM alert WHERE"
	    " length(body) > 20000"), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM health WHERE instr("
	    "message, char(10)) OR instr(message, char(8238)) OR"
	    " instr(message, char(1))"), 0);
	close_fixture(f);
	free(flood);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_job_is_told_by_the_next_look),
		cmocka_unit_test(a_reload_may_come_while_a_job_is_away),
		cmocka_unit_test(a_pause_of_the_intake_is_told),
		cmocka_unit_test(credentials_stay_at_home),
		cmocka_unit_test(a_flood_is_told_piece_by_piece),
		cmocka_unit_test(hostile_words_stay_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
