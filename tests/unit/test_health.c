/* SPDX-License-Identifier: ISC */
/*
 * daemon/health: each condition is told once when it begins and once when it
 * is over, over restarts; what is not yet one is not told, and what is not
 * configured any more goes without a word.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "health_rig.h"

#include "daemon/poll_next.h"

struct condition_case {
	const char	*says;
	void		(*begin)(struct fixture *);
	void		(*end)(struct fixture *);
	const char	*condition, *about;
	enum severity	 severity;
	int64_t		 since_s;
	const char	*begun, *over;
};

static const struct condition_case condition_cases[] = {
	{ "a feed fails for a day", feed_fails, feed_answers,
	    "feed_failing", URL, SEVERITY_WARNING, NOW - DAY,
	    "The feed \"Example [31m News\" (" URL ") has failed since "
	    "2026-11-23T06:00:00Z, 9 times in a row, last with: no answer "
	    "within 30 s; it is asked again at 2026-11-24T06:10:00Z: see "
	    "whether its address still holds, or take it out of the "
	    "configuration.",
	    "The feed " URL " answers again; it had failed since "
	    "2026-11-23T06:00:00Z." },
	{ "a feed answers 410", feed_goes, feed_answers,
	    "feed_failing", URL, SEVERITY_WARNING, NOW - 60,
	    "The feed " URL " has answered 410 Gone and is not asked any more "
	    "since 2026-11-24T05:59:00Z: give its new address, or take it "
	    "out of the configuration.",
	    "The feed " URL " answers again; it had failed since "
	    "2026-11-24T05:59:00Z." },
	{ "a feed has nothing new for long", feed_falls_silent, feed_speaks,
	    "feed_silent", URL, SEVERITY_WARNING, NOW - 4 * DAY,
	    "The feed " URL " answers, but has had nothing new since "
	    "2026-11-20T06:00:00Z, though it used to have something every "
	    "2 hours: see on its site whether it has moved or ended.",
	    "The feed " URL " has something new again, the first since "
	    "2026-11-20T06:00:00Z." },
	{ "a sink takes nothing for an hour", sink_fails, sink_takes,
	    "sink_failing", "newsroom", SEVERITY_ERR, NOW - HOUR,
	    "The sink newsroom has taken no alert since "
	    "2026-11-24T05:00:00Z (17 tries, the last: HTTP 503): mend what "
	    "receives them; 1 alert waits, and what waits is sent as soon "
	    "as it can be.",
	    "No alert is held back any more by the sink newsroom; it had "
	    "taken none since 2026-11-24T05:00:00Z." },
	{ "a sink is switched off", sink_goes_off, sink_goes_on,
	    "sink_disabled", "newsroom", SEVERITY_ERR, NOW - 5,
	    "The sink newsroom is off since 2026-11-24T05:59:55Z (410 Gone): "
	    "`headlinectl sink enable newsroom` switches it on, once its "
	    "receiver is in order; what comes for it waits as long as "
	    "store.keep says.",
	    "The sink newsroom is on again; it had been off since "
	    "2026-11-24T05:59:55Z." },
	{ "an alert is given up", alert_is_given_up, sink_takes,
	    "alerts_given_up", "newsroom", SEVERITY_ERR, NOW - 7,
	    "1 alert for the sink newsroom was given up, the first at "
	    "2026-11-24T05:59:53Z (tried for a week), and did not arrive "
	    "there: look into its receiver, then `headlinectl outbox replay "
	    "--sink newsroom`; they are kept as long as store.keep says.",
	    "No alert for the sink newsroom is given up any more; what had "
	    "been since 2026-11-24T05:59:53Z was sent again, dropped or "
	    "forgotten." },
	{ "the configuration is not whole", conf_is_degraded, conf_is_whole,
	    "degraded", "", SEVERITY_WARNING, NOW,
	    "The configuration does not run as its file has it since "
	    "2026-11-24T06:00:00Z (desk.yaml:3:1: no such key): mend the "
	    "file and reload.",
	    "The whole configuration runs again; it had not since "
	    "2026-11-24T06:00:00Z." },
	{ "the store is over its size", store_fills, store_has_room,
	    "store_full", "", SEVERITY_ERR, NOW,
	    "The store is over its size and holds no item texts to drop any "
	    "more since 2026-11-24T06:00:00Z: raise store.max_size, or "
	    "lower store.keep.",
	    "The store has room again and feeds are asked; it had been full "
	    "since 2026-11-24T06:00:00Z." },
};

enum { N_CONDITION_CASES = sizeof(condition_cases) /
    sizeof(condition_cases[0]) };

static void
check_notice(struct fixture *f, const struct condition_case *c, bool over)
{
	struct arena *arena = arena_new(1 << 20);
	struct notice n = last_notice(f, arena);

	assert_str(n.instance, "desk-1");
	assert_str(n.condition, c->condition);
	assert_str(n.about, c->about);
	assert_int_equal(n.over, over);
	assert_int_equal(n.severity, over ? SEVERITY_NOTICE : c->severity);
	assert_int_equal(n.since_s, c->since_s);
	assert_int_equal(n.time_s, clock_wall_us(&f->clock) / CLOCK_US_PER_S);
	assert_str(n.message, over ? c->over : c->begun);
	arena_free(arena);
}

/* Nothing more is told, whatever happens but the end. */
static void
check_quiet(struct fixture *f, const struct condition_case *c, int64_t told,
    int64_t open)
{
	for (int i = 0; i < 3; i++) {
		look(f);
		assert_int_equal(notices(f), told);
		assert_int_equal(conditions(f), open);
		restart(f);
		if (open > 0 && c->begin == conf_is_degraded)
			c->begin(f);	/* as a start with faults says */
	}
}

static void
conditions_are_told_once_and_once_when_over(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_CONDITION_CASES; i++) {
		const struct condition_case *c = &condition_cases[i];
		struct fixture *f = open_fixture();

		print_message("# %s\n", c->says);
		check_quiet(f, c, 0, 0);
		c->begin(f);
		look(f);
		assert_int_equal(notices(f), 1);
		check_notice(f, c, false);
		check_quiet(f, c, 1, 1);
		clock_advance(&f->clock, 60 * CLOCK_US_PER_S);
		check_quiet(f, c, 1, 1);
		c->end(f);
		look(f);
		assert_int_equal(notices(f), 2);
		check_notice(f, c, true);
		check_quiet(f, c, 2, 0);
		assert_int_equal(count(f, "SELECT count(*) FROM outbox o JOIN"
		    " sink s ON s.id = o.sink WHERE s.name = 'pager'"), 2);
		close_fixture(f);
	}
}

/* A feed's day is a day, whatever the wall clock was set to; it is told with
 * the times that the wall clock makes of it. */
static void
a_clock_that_was_set_begins_nothing(void **state)
{
	struct fixture *f = open_fixture();
	struct arena *arena = arena_new(1 << 20);
	struct notice n;

	(void)state;
	feed_fails(f);
	f->clock.manual_wall_us += 30 * DAY * CLOCK_US_PER_S;
	clock_advance(&f->clock, -60 * CLOCK_US_PER_S);
	look(f);
	assert_int_equal(notices(f), 0);	/* a minute is missing */
	clock_advance(&f->clock, 60 * CLOCK_US_PER_S);
	look(f);
	assert_int_equal(notices(f), 1);
	n = last_notice(f, arena);
	assert_int_equal(n.since_s, NOW + 29 * DAY);
	assert_non_null(strstr(n.message.p, "since 2026-12-23T06:00:00Z"));
	assert_non_null(strstr(n.message.p, "at 2026-12-24T06:10:00Z"));
	arena_free(arena);
	close_fixture(f);
}

/* The row's time is of the configuration before. */
static void
the_next_try_is_by_what_runs(void **state)
{
	struct fixture *f = open_fixture();
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	f->conf.poll.min_s = 2 * HOUR;
	f->next = poll_next_new(&f->conf, NULL, &f->clock);
	assert_non_null(f->next);
	health_free(f->health);
	start_health(f);
	feed_fails(f);
	look(f);
	assert_int_equal(notices(f), 1);
	assert_non_null(strstr(last_notice(f, arena).message.p,
	    "it is asked again at 2026-11-24T07:50:01Z"));
	arena_free(arena);
	health_free(f->health);
	f->health = NULL;
	poll_next_free(f->next);
	close_fixture(f);
}

/* The same again later is told again. */
static void
what_begins_anew_is_told_anew(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	for (int64_t i = 1; i <= 3; i++) {
		conf_is_degraded(f);
		look(f);
		assert_int_equal(notices(f), 2 * i - 1);
		conf_is_whole(f);
		look(f);
		assert_int_equal(notices(f), 2 * i);
		clock_advance(&f->clock, CLOCK_US_PER_S);
	}
	close_fixture(f);
}

struct not_yet_case {
	const char		*says;
	const char		*url;
	struct feed_state	 first, second;	/* two polls */
	const char		*sql;		/* instead */
};

static const struct not_yet_case not_yet_cases[] = {
	{ "a feed has failed for a day less a second", URL,
	    { .failures = 1, .last_asked_s = NOW - DAY + 1 },
	    { .failures = 5, .last_asked_s = NOW - 60, .due_s = NOW + 60 },
	    NULL },
	{ "the last answer is old, but it fails since an hour only", URL,
	    { .last_asked_s = NOW - 9 * DAY, .last_good_s = NOW - 9 * DAY },
	    { .failures = 3, .last_asked_s = NOW - HOUR,
	    .last_good_s = NOW - 9 * DAY, .due_s = NOW + 60 }, NULL },
	{ "its next poll is owed since the daemon was off", URL,
	    { .failures = 1, .last_asked_s = NOW - 9 * DAY },
	    { .failures = 2, .last_asked_s = NOW - 8 * DAY,
	    .due_s = NOW - 7 * DAY }, NULL },
	{ "a feed that is not configured fails", "http://gone.example.org/",
	    { .failures = 1, .last_asked_s = NOW - 9 * DAY },
	    { .failures = 9, .last_asked_s = NOW - 60, .due_s = NOW + 60 },
	    NULL },
	{ "silent for three days", URL,
	    { .items_total = 1, .last_asked_s = NOW - 3 * DAY },
	    { .items_total = 1, .rhythm_s = 60, .last_asked_s = NOW,
	    .last_good_s = NOW }, NULL },
	{ "silent for ten gaps", URL,
	    { .items_total = 1, .last_asked_s = NOW - 20 * DAY },
	    { .items_total = 1, .rhythm_s = 2 * DAY, .last_asked_s = NOW,
	    .last_good_s = NOW }, NULL },
	{ "silent, but its rhythm is unknown", URL,
	    { .items_total = 1, .last_asked_s = NOW - 90 * DAY },
	    { .items_total = 1, .last_asked_s = NOW, .last_good_s = NOW },
	    NULL },
	{ "silent because nobody asked", URL,
	    { .items_total = 1, .last_asked_s = NOW - 90 * DAY },
	    { .items_total = 1, .rhythm_s = 60, .last_asked_s = NOW - 89 *
	    DAY, .last_good_s = NOW - 89 * DAY }, NULL },
	{ "silent, but another feed reads its document", URL,
	    { .items_total = 1, .last_asked_s = NOW - 90 * DAY },
	    { .items_total = 1, .rhythm_s = 60, .last_asked_s = NOW,
	    .last_good_s = NOW, .same_as = (char[]){ OTHER } }, NULL },
	{ "another feed did until three days ago", URL,
	    { .items_total = 1, .last_asked_s = NOW - 90 * DAY },
	    { .items_total = 1, .rhythm_s = 60, .last_asked_s = NOW,
	    .last_good_s = NOW, .news_s = NOW - 3 * DAY }, NULL },
	{ "a rhythm that overflows", URL,
	    { .items_total = 1, .last_asked_s = NOW - 90 * DAY },
	    { .items_total = 1, .rhythm_s = INT64_MAX, .last_asked_s = NOW,
	    .last_good_s = NOW }, NULL },
	{ "a sink is tried for an hour less a second", NULL, { .id = 0 },
	    { .id = 0 }, "UPDATE outbox SET tries = 9, first_tried = "
	    "1795500000 - 3599" },
	{ "an old alert waits and was never tried", NULL, { .id = 0 },
	    { .id = 0 }, "UPDATE alert SET time = 1" },
	{ "a sink that is not configured fails", NULL, { .id = 0 },
	    { .id = 0 }, "UPDATE outbox SET tries = 9, first_tried = 1;"
	    "UPDATE sink SET name = 'gone', disabled = 1" },
};

static void
what_is_no_condition_yet_is_not_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(not_yet_cases) /
	    sizeof(not_yet_cases[0]); i++) {
		const struct not_yet_case *c = &not_yet_cases[i];
		struct fixture *f = open_fixture();

		print_message("# %s\n", c->says);
		if (c->sql == NULL) {
			poll(f, c->url, &c->first);
			poll(f, c->url, &c->second);
		} else {
			write_it(f, add_alert, NULL);
			write_it(f, exec_sql, c->sql);
		}
		look(f);
		assert_int_equal(conditions(f), 0);
		assert_int_equal(notices(f), 0);
		close_fixture(f);
	}
}

/* Whoever reads its document has something new. */
static void
a_silent_feed_speaks_through_its_reader(void **state)
{
	struct fixture *f = open_fixture();
	struct feed_state st = { .last_asked_s = NOW - 5 * DAY,
		.items_total = 20, .rhythm_s = 9 * DAY };

	(void)state;
	poll(f, OTHER, &st);
	feed_falls_silent(f);
	look(f);
	assert_int_equal(conditions(f), 1);
	st.same_as = (char[]){ OTHER };
	st.last_asked_s = st.last_good_s = NOW;
	poll(f, URL, &st);
	look(f);
	assert_int_equal(conditions(f), 1);	/* that had its own before */
	st.same_as = NULL;
	st.items_total = 21;
	poll(f, OTHER, &st);
	look(f);
	assert_int_equal(conditions(f), 0);
	assert_int_equal(notices(f), 2);
	close_fixture(f);
}

static void
what_left_the_configuration_goes_without_a_word(void **state)
{
	struct fixture *f = open_fixture();
	struct conf less = f->conf;

	(void)state;
	feed_fails(f);
	feed_falls_silent(f);	/* answers again: the first is over */
	feed_fails(f);
	alert_is_given_up(f);
	sink_goes_off(f);
	look(f);
	assert_int_equal(conditions(f), 3);
	assert_int_equal(notices(f), 3);
	less.feeds = &f->feeds[1];
	less.n_feeds = 1;
	index_feeds(f, &less);
	less.sinks = &f->sinks[1];
	less.n_sinks = 1;
	less.health.sinks = (const size_t[]){ 0 };
	health_set_conf(f->health, &less);
	look(f);
	assert_int_equal(conditions(f), 0);
	assert_int_equal(notices(f), 3);
	close_fixture(f);
}

static void
a_sink_that_is_off_fails_no_more(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	sink_fails(f);
	look(f);
	assert_int_equal(notices(f), 1);
	sink_goes_off(f);
	look(f);
	assert_int_equal(notices(f), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM health WHERE"
	    " condition = 'sink_disabled'"), 1);
	assert_int_equal(conditions(f), 1);
	close_fixture(f);
}

static void
without_sinks_it_is_noted_and_not_told(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	f->conf.health.n_sinks = 0;
	feed_fails(f);
	sink_goes_off(f);
	look(f);
	assert_int_equal(conditions(f), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM alert"), 0);
	feed_answers(f);
	look(f);
	assert_int_equal(conditions(f), 1);
	close_fixture(f);
}

/* Told to all named sinks, that one which is off included. */
static void
every_named_sink_gets_it(void **state)
{
	struct fixture *f = open_fixture();

	(void)state;
	f->conf.health.sinks = (const size_t[]){ 0, 1 };
	f->conf.health.n_sinks = 2;
	sink_goes_off(f);
	look(f);
	assert_int_equal(notices(f), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM outbox WHERE"
	    " state = 0"), 2);
	close_fixture(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conditions_are_told_once_and_once_when_over),
		cmocka_unit_test(a_clock_that_was_set_begins_nothing),
		cmocka_unit_test(the_next_try_is_by_what_runs),
		cmocka_unit_test(what_begins_anew_is_told_anew),
		cmocka_unit_test(what_is_no_condition_yet_is_not_told),
		cmocka_unit_test(a_silent_feed_speaks_through_its_reader),
		cmocka_unit_test(
		    what_left_the_configuration_goes_without_a_word),
		cmocka_unit_test(a_sink_that_is_off_fails_no_more),
		cmocka_unit_test(without_sinks_it_is_noted_and_not_told),
		cmocka_unit_test(every_named_sink_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
