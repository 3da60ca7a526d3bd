/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "feeds/url_turn.h"

enum { FLOOR = 100 };

static int
set_up(void **state)
{
	*state = url_turns_new();
	return *state != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	url_turns_free(*state);
	return 0;
}

static void
announce(struct url_turns *o, const char *feed, int64_t now_s, int64_t at_s)
{
	const struct url_turn_plan plan = { now_s, at_s, FLOOR };

	url_turns_announce(o, "m", feed, &plan);
}

/* Only others, and only where they would be in the way. */
static void
test_room(void **state)
{
	assert_int_equal(url_turns_until_s(*state, "m", "a", 5), 0);
	announce(*state, "b", 10, 200);
	assert_int_equal(url_turns_until_s(*state, "m", "a", 98), 0);
	assert_true(url_turns_until_s(*state, "m", "a", 99) > 200);
	assert_true(url_turns_until_s(*state, "m", "a", 200) > 200);
	assert_int_equal(url_turns_until_s(*state, "m", "b", 200), 0);
	assert_int_equal(url_turns_until_s(*state, "n", "a", 200), 0);
	assert_int_equal(url_turns_until_s(*state, "m", "a",
	    url_turns_until_s(*state, "m", "a", 200)), 0);
}

/* The owner has room after a turn, whoever else waits. */
static void
test_in_turns(void **state)
{
	announce(*state, "b", 10, 200);
	announce(*state, "c", 20, 190);
	assert_int_equal(url_turns_until_s(*state, "m", "b", 195), 0);
	url_turns_take(*state, "m", "c", 195);
	assert_true(url_turns_until_s(*state, "m", "c", 195) > 0);
	url_turns_take(*state, "m", "b", 201);
	assert_int_equal(url_turns_until_s(*state, "m", "a", 201), 0);
	announce(*state, "c", 220, 330);
	assert_int_equal(url_turns_until_s(*state, "m", "a", 302), 0);
	announce(*state, "c", 310, 420);
	assert_int_equal(url_turns_until_s(*state, "m", "a", 318), 0);
	assert_true(url_turns_until_s(*state, "m", "a", 319) > 0);
}

/* Who does not come has lost it. */
static void
test_lost(void **state)
{
	int64_t until;

	announce(*state, "b", 10, 200);
	until = url_turns_until_s(*state, "m", "a", 200);
	announce(*state, "c", until, until + 200);
	assert_true(url_turns_until_s(*state, "m", "b", until + 200) > 0);
	assert_int_equal(url_turns_until_s(*state, "m", "c", until + 200), 0);
}

/* Whatever redirects invent, what is over does not stay. */
static void
test_swept(void **state)
{
	char url[16];

	for (int i = 0; i < 100000; i++) {
		const struct url_turn_plan plan = { 1000 * i, 1000 * i + 101,
			FLOOR };

		snprintf(url, sizeof(url), "m%d", i);
		url_turns_announce(*state, url, "a", &plan);
	}
	assert_in_range(url_turns_count(*state), 1, 1000);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_room),
		TEST(test_in_turns),
		TEST(test_lost),
		TEST(test_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
