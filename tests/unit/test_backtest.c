/* SPDX-License-Identifier: ISC */
/* daemon/backtest: what its threads find in a store, and how they end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/mailbox.h"
#include "conf_fixture.h"
#include "daemon/backtest.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"
#include "texts_rig.h"

#define R(test)	\
	cmocka_unit_test_setup_teardown(test, texts_setup, texts_teardown)

enum { PEACE, WAR, OF_B, OVER, ALL = -1, QUERY = -2, MANY = 1000 };

/* The day before NOW_S, by its noon. */
enum { TODAY_S = NOW_S - NOW_S % DAY_S, NOON_S = TODAY_S - DAY_S / 2,
    BEFORE_S = NOON_S - DAY_S };

static const char conf_text[] =
    "feeds:\n"
    "  - {url: '" FEED "', tags: [a]}\n"
    "  - {url: '" OTHER "', tags: [b]}\n"
    "topics:\n"
    "  peace: {match: peace}\n"
    "  war: {match: war NOT peace}\n"
    "  of_b: {match: peace, feeds: b}\n"
    "  over: {match: peace, until: 2020-01-01}\n";

struct asked {
	struct backtest		*test;
	struct mailbox		*box;
	struct topic_set	*query;
};

static struct topic_set *
compile(const char *text)
{
	struct topic_set_builder *builder = topic_set_builder_new();
	struct arena *arena = arena_new(1 << 20);
	struct query_faults faults = { 0 };
	struct topic_set *set;
	struct err err;

	assert_int_equal(topic_set_builder_add(builder, query_parse(arena,
	    str_from(text), NULL, &faults), &faults), 0);
	set = topic_set_compile(builder, &err);
	assert_non_null(set);
	arena_free(arena);
	return set;
}

static void
start(struct texts_rig *r, struct asked *a, int topic, size_t limit)
{
	struct backtest_ask ask = { .store_path = r->store_path,
		.conf = r->f.conf, .topic = topic >= 0 ? (size_t)topic :
		    SIZE_MAX, .since_s = NOW_S - 10 * DAY_S, .now_s = NOW_S,
		.limit = limit, .threads = 2 };

	*a = (struct asked){ .box = mailbox_new(1) };
	if (topic == QUERY)
		ask.query = a->query = compile("peace OR war");
	a->test = backtest_start(&ask, a->box, &r->err);
	assert_non_null(a->test);
}

static void
finish(struct texts_rig *r, struct asked *a)
{
	assert_true(mailbox_wait(a->box, 60000));
	assert_non_null(mailbox_take(a->box));
	if (backtest_end(a->test, &r->err) == -1)
		fail_msg("%s", r->err.msg);
}

static void
clear(struct asked *a)
{
	backtest_free(a->test);
	mailbox_free(a->box);
	topic_set_unref(a->query);
}

/* Alerts of all topics together, day by day: "2:3 1:2" is two yesterday and
 * three the day before. */
static void
days_of(const struct backtest *b, char *out, size_t size)
{
	const uint32_t *by_topic;
	int64_t day_s;
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; backtest_day(b, i, &day_s, &by_topic); i++) {
		uint32_t n = 0;

		for (size_t t = 0; t < backtest_topics(b); t++)
			n += by_topic[t];
		at += (size_t)snprintf(out + at, size - at, "%s%d:%u",
		    i > 0 ? " " : "", (int)((TODAY_S - day_s) / DAY_S), n);
		assert_true(at < size);
	}
}

/* What is in the store, in order; and what each topic makes of it. */
static const struct {
	const char		*says;
	struct told_text	 texts[4];
	int			 topic;
	const char		*days;
	struct backtest_counts	 counts;
} cases[] = {
	{ "nothing is kept", { { .feed = NULL } }, ALL, "", { 0 } },
	{ "each topic of each item, by its day",
	    { { FEED, 1, ITEM_FIRST, BEFORE_S, "peace", NULL, NULL, false },
	    { FEED, 2, ITEM_FIRST, NOON_S, "peace", NULL, NULL, false },
	    { FEED, 3, ITEM_FIRST, NOON_S + 1, "war", NULL, NULL, false } },
	    ALL, "2:1 1:2",
	    { .items = 3, .alerts = 3, .oldest_s = BEFORE_S } },
	{ "one topic alone",
	    { { FEED, 1, ITEM_FIRST, NOON_S, "peace", NULL, NULL, false },
	    { FEED, 2, ITEM_FIRST, NOON_S, "war", NULL, NULL, false } },
	    WAR, "1:1", { .items = 2, .alerts = 1, .oldest_s = NOON_S } },
	{ "a query looks at feeds that are configured no more",
	    { { "http://gone.example/", 1, ITEM_FIRST, NOON_S, "peace", NULL,
	    NULL, false },
	    { FEED, 2, ITEM_FIRST, NOON_S, "war", NULL, NULL, false } },
	    QUERY, "1:2", { .items = 2, .alerts = 2, .oldest_s = NOON_S } },
	{ "topics do not",
	    { { "http://gone.example/", 1, ITEM_FIRST, NOON_S, "peace", NULL,
	    NULL, false } },
	    ALL, "", { .unwatched = 1, .oldest_s = NOON_S } },
	{ "a topic looks at its feeds",
	    { { FEED, 1, ITEM_FIRST, NOON_S, "peace", NULL, NULL, false },
	    { OTHER, 2, ITEM_FIRST, NOON_S, "peace", NULL, NULL, false } },
	    OF_B, "1:1", { .items = 2, .alerts = 1, .oldest_s = NOON_S } },
	{ "one that had expired does not",
	    { { FEED, 1, ITEM_FIRST, NOON_S, "peace", NULL, NULL, false } },
	    OVER, "", { .items = 1, .oldest_s = NOON_S } },
	{ "what was passed over is left out",
	    { { FEED, 1, ITEM_FIRST, NOON_S, "peace", NULL, NULL, true } },
	    ALL, "", { .passed_over = 1, .oldest_s = NOON_S } },
	{ "an edit is no news where the topic held before",
	    { { FEED, 1, ITEM_FIRST, BEFORE_S, "peace", NULL, NULL, false },
	    { FEED, 1, ITEM_EDITED, NOON_S, "peace", NULL, NULL, false } },
	    PEACE, "2:1", { .items = 2, .alerts = 1, .oldest_s = BEFORE_S } },
	{ "it is where the topic did not",
	    { { FEED, 1, ITEM_FIRST, BEFORE_S, "talks", NULL, NULL, false },
	    { FEED, 1, ITEM_EDITED, NOON_S, "peace", NULL, NULL, false } },
	    PEACE, "1:1", { .items = 2, .alerts = 1, .oldest_s = BEFORE_S } },
	{ "the text of a page is one more",
	    { { FEED, 1, ITEM_FIRST, BEFORE_S, "talks", NULL, NULL, false },
	    { FEED, 1, ITEM_PAGE, NOON_S, "talks", "of peace", NULL,
	    false } },
	    PEACE, "1:1", { .items = 2, .alerts = 1, .oldest_s = BEFORE_S } },
	{ "which alerts once with the first text and the edit",
	    { { FEED, 1, ITEM_FIRST, BEFORE_S, "peace", NULL, NULL, false },
	    { FEED, 1, ITEM_EDITED, NOON_S + 9, "peace", NULL, NULL, false },
	    { FEED, 1, ITEM_PAGE, NOON_S, "talks", "of peace", NULL,
	    false } },
	    PEACE, "2:1", { .items = 3, .alerts = 1, .oldest_s = BEFORE_S } },
	{ "what was passed over had told nobody",
	    { { FEED, 1, ITEM_FIRST, BEFORE_S, "peace", NULL, NULL, true },
	    { FEED, 1, ITEM_EDITED, NOON_S, "peace", NULL, NULL, false } },
	    PEACE, "1:1", { .items = 1, .alerts = 1, .passed_over = 1,
	    .oldest_s = BEFORE_S } },
	{ "what is older than asked for is not looked at",
	    { { FEED, 1, ITEM_FIRST, NOW_S - 11 * DAY_S, "peace", NULL, NULL,
	    false } }, ALL, "", { 0 } },
};

static void
test_cases(void **state)
{
	struct texts_rig *r = *state;
	struct backtest_counts n;
	struct asked a;
	char days[128];

	load_whole(&r->f, conf_text);
	for (size_t i = 0; i < N(cases); i++) {
		assert_int_equal(db_exec(r->db, "DELETE FROM item_text",
		    &r->err), 0);
		for (size_t k = 0; k < 4 && cases[i].texts[k].feed != NULL;
		    k++)
			put_text(r, &cases[i].texts[k]);
		start(r, &a, cases[i].topic, 10);
		finish(r, &a);
		days_of(a.test, days, sizeof(days));
		if (strcmp(days, cases[i].days) != 0)
			fail_msg("%s: %s, not %s", cases[i].says, days,
			    cases[i].days);
		backtest_counts(a.test, &n);
		if (memcmp(&n, &cases[i].counts, sizeof(n)) != 0)
			fail_msg("%s: other counts: %d items, %d alerts",
			    cases[i].says, (int)n.items, (int)n.alerts);
		clear(&a);
	}
}

/* Whom a follower leaves its document to brings its items. */
static void
test_followers(void **state)
{
	static const struct told_text text = { FEED, 1, ITEM_FIRST, NOON_S,
		"peace", NULL, NULL, false };
	struct texts_rig *r = *state;
	struct asked a;
	char days[128];

	load_whole(&r->f, conf_text);
	put_text(r, &text);
	put_follower(r, OTHER, FEED);
	start(r, &a, OF_B, 10);
	finish(r, &a);
	days_of(a.test, days, sizeof(days));
	assert_string_equal(days, "1:1");
	assert_string_equal(backtest_alert(a.test, 0)->feed, FEED);
	clear(&a);
}

static void
put_many(struct texts_rig *r)
{
	char title[32];

	for (int i = 0; i < MANY; i++) {
		struct told_text t = { FEED, (uint64_t)i + 1, ITEM_FIRST,
			NOON_S + i, title, NULL, NULL, false };

		snprintf(title, sizeof(title), "peace %d", i);
		put_text(r, &t);
	}
}

/* Whatever the order in which threads end, the newest are listed. */
static void
test_the_newest_are_listed(void **state)
{
	static const size_t limits[] = { 0, 1, 7, MANY, BACKTEST_MOST_ALERTS };
	struct texts_rig *r = *state;
	struct backtest_progress p;
	struct asked a;

	load_whole(&r->f, conf_text);
	put_many(r);
	for (size_t i = 0; i < N(limits); i++) {
		size_t n = limits[i] < MANY ? limits[i] : MANY;
		const struct backtest_alert *alert;

		start(r, &a, PEACE, limits[i]);
		finish(r, &a);
		for (size_t k = 0; k < n; k++) {
			alert = backtest_alert(a.test, k);
			assert_non_null(alert);
			assert_int_equal(alert->seen_s,
			    NOON_S + MANY - (int)n + (int)k);
			assert_string_equal(backtest_topic_name(a.test,
			    alert->topic), "peace");
		}
		assert_null(backtest_alert(a.test, n));
		backtest_look(a.test, &p);
		assert_int_equal(p.alerts, MANY);
		assert_int_equal(p.items, MANY);
		assert_true(p.percent >= 99);
		clear(&a);
	}
}

/* At any moment, with its mail or without. */
static void
test_it_may_end_early(void **state)
{
	struct texts_rig *r = *state;
	struct asked a;

	load_whole(&r->f, conf_text);
	put_many(r);
	start(r, &a, ALL, 10);
	clear(&a);
	start(r, &a, ALL, 10);
	backtest_cancel(a.test);
	assert_true(mailbox_wait(a.box, 60000));
	assert_non_null(mailbox_take(a.box));
	assert_int_equal(backtest_end(a.test, &r->err), -1);
	assert_string_equal(r->err.msg, "cancelled");
	clear(&a);
	start(r, &a, ALL, 10);
	finish(r, &a);
	clear(&a);
	backtest_free(NULL);
}

/* A text that cannot be read is counted, and the others are. */
static void
test_harmed_text(void **state)
{
	static const struct told_text text = { FEED, 1, ITEM_FIRST, NOON_S,
		"peace", NULL, NULL, false };
	static const struct item_text_row harmed = { .id_hash = 2,
		.seen_s = NOON_S, .packed = { "\x28\xb5\x2f\xfd!", 5 } };
	struct texts_rig *r = *state;
	struct backtest_counts n;
	struct asked a;

	load_whole(&r->f, conf_text);
	put_text(r, &text);
	put_row(r, FEED, &harmed);
	start(r, &a, ALL, 10);
	finish(r, &a);
	backtest_counts(a.test, &n);
	assert_int_equal(n.unreadable, 1);
	assert_int_equal(n.alerts, 1);
	clear(&a);
}

static void
test_no_store(void **state)
{
	struct texts_rig *r = *state;
	struct asked a;

	load_whole(&r->f, conf_text);
	in_dir(&r->f, "store.none", r->store_path);
	start(r, &a, ALL, 10);
	assert_true(mailbox_wait(a.box, 60000));
	assert_non_null(mailbox_take(a.box));
	assert_int_equal(backtest_end(a.test, &r->err), -1);
	assert_non_null(strstr(r->err.msg, ".none"));
	clear(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		R(test_cases),
		R(test_followers),
		R(test_the_newest_are_listed),
		R(test_it_may_end_early),
		R(test_harmed_text),
		R(test_no_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
