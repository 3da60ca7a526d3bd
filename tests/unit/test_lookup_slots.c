/* SPDX-License-Identifier: ISC */
/* Who may look a name up, and when; time is a number that the test chooses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/lookup_slots.h"

static struct lookup_slots *
slots(void)
{
	/* With this seed none of the names here have one hash. */
	struct lookup_slots *s = lookup_slots_new(2);

	assert_non_null(s);
	return s;
}

/* A slot for each of the names prefix-0, prefix-1 ... that gets one; how many
 * do. */
static int
take_of(struct lookup_slots *s, const char *prefix, int most, int64_t now_ms)
{
	char name[64];
	int n = 0;

	for (int i = 0; i < most; i++) {
		snprintf(name, sizeof(name), "%s-%d.example", prefix, i);
		n += lookup_slots_take(s, name, now_ms) != -1;
	}
	return n;
}

static int
take_all(struct lookup_slots *s, const char *prefix, int64_t now_ms)
{
	return take_of(s, prefix, 3 * LOOKUP_SLOTS, now_ms);
}

static void
make_quick(struct lookup_slots *s, const char *prefix)
{
	char name[64];

	for (int i = 0; i < 3 * LOOKUP_SLOTS; i++) {
		snprintf(name, sizeof(name), "%s-%d.example", prefix, i);
		lookup_slots_done(s, lookup_slots_take(s, name, 0), 10);
	}
}

static void
make_slow(struct lookup_slots *s, const char *prefix)
{
	char name[64];

	for (int i = 0; i < 3 * LOOKUP_SLOTS; i++) {
		snprintf(name, sizeof(name), "%s-%d.example", prefix, i);
		lookup_slots_done(s, lookup_slots_take(s, name, 0),
		    LOOKUP_SLOW_MS);
	}
}

static void
test_all_are_used(void **state)
{
	struct lookup_slots *s = slots();

	(void)state;
	make_quick(s, "quick");
	assert_int_equal(take_all(s, "quick", 20), LOOKUP_SLOTS);
	assert_int_equal(lookup_slots_take(s, "another.example", 20), -1);
	lookup_slots_done(s, 7, 30);
	assert_int_equal(lookup_slots_take(s, "quick-0.example", 30), 7);
	lookup_slots_free(s);
	lookup_slots_free(NULL);
}

static void
test_some_are_kept_for_the_quick(void **state)
{
	struct lookup_slots *s = slots();

	(void)state;
	make_quick(s, "quick");
	make_slow(s, "slow");
	assert_int_equal(take_all(s, "slow", 20), LOOKUP_MOST_SLOW);
	assert_int_equal(take_all(s, "new", 20),
	    LOOKUP_SLOTS - LOOKUP_KEPT_QUICK - LOOKUP_MOST_SLOW);
	assert_int_equal(take_all(s, "quick", 20), LOOKUP_KEPT_QUICK);
	lookup_slots_free(s);
}

static void
test_a_name_has_only_some(void **state)
{
	struct lookup_slots *s = slots();

	(void)state;
	for (int i = 0; i < LOOKUP_PER_NAME; i++)
		assert_int_equal(lookup_slots_take(s, "a.example", 0), i);
	assert_int_equal(lookup_slots_take(s, "a.example", 0), -1);
	lookup_slots_done(s, 2, 5);
	assert_int_equal(lookup_slots_take(s, "a.example", 5), 2);
	lookup_slots_free(s);
}

/* Sixty names that never answer, given up after ten seconds each. */
static void
test_abandoned(void **state)
{
	struct lookup_slots *s = slots();
	int n = LOOKUP_SLOTS - LOOKUP_KEPT_QUICK;

	(void)state;
	make_quick(s, "quick");
	assert_int_equal(take_all(s, "dead", 1000), n);
	for (int i = 0; i < n; i++)
		lookup_slots_abandon(s, i);
	assert_int_equal(take_all(s, "new", 1000 + LOOKUP_LIFE_MS - 1), 0);
	assert_int_equal(lookup_slots_take(s, "quick-1.example",
	    1000 + LOOKUP_LIFE_MS - 1), n);

	/* Their threads are gone, and what they are is known. */
	assert_int_equal(take_of(s, "dead", n, 1000 + LOOKUP_LIFE_MS),
	    LOOKUP_MOST_SLOW);
	assert_true(lookup_slots_take(s, "new.example",
	    1000 + LOOKUP_LIFE_MS) != -1);
	lookup_slots_free(s);
}

/* A slow name that answers is quick again. */
static void
test_recovers(void **state)
{
	struct lookup_slots *s = slots();
	int slot = lookup_slots_take(s, "a.example", 0);

	(void)state;
	lookup_slots_abandon(s, slot);
	make_slow(s, "slow");
	assert_int_equal(take_all(s, "slow", 20), LOOKUP_MOST_SLOW);
	assert_int_equal(lookup_slots_take(s, "a.example", 20), -1);
	lookup_slots_free(s);

	s = slots();
	lookup_slots_abandon(s, lookup_slots_take(s, "a.example", 0));
	lookup_slots_done(s, lookup_slots_take(s, "a.example", 1), 2);
	make_slow(s, "slow");
	assert_int_equal(take_all(s, "slow", 20), LOOKUP_MOST_SLOW);
	assert_true(lookup_slots_take(s, "a.example", 20) != -1);
	lookup_slots_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_used),
		cmocka_unit_test(test_some_are_kept_for_the_quick),
		cmocka_unit_test(test_a_name_has_only_some),
		cmocka_unit_test(test_abandoned),
		cmocka_unit_test(test_recovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
