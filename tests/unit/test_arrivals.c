/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alerts/arrivals.h"

enum { S = 1000000 };

static void
test_nothing_noted(void **state)
{
	static struct arrivals a;

	(void)state;
	assert_int_equal(arrivals_age_us(&a, 1, 5 * S), -1);
}

static void
test_ages(void **state)
{
	static const struct {
		int64_t		 seq, age_us;
		const char	*says;
	} cases[] = {
		{ 1, -1, "long before" },
		{ 40, -1, "there at the first note" },
		{ 41, 10 * S, "first of a commit" },
		{ 43, 10 * S, "last of it" },
		{ 44, 7 * S, "alone in its commit" },
		{ 45, 0, "not noted yet" },
		{ INT64_MAX, 0, "never" },
	};
	static struct arrivals a;

	(void)state;
	arrivals_note(&a, 40, 5 * S);
	assert_int_equal(arrivals_age_us(&a, 40, 20 * S), -1);
	assert_int_equal(arrivals_age_us(&a, 41, 20 * S), 0);
	arrivals_note(&a, 43, 10 * S);
	arrivals_note(&a, 43, 11 * S);	/* woken for something else, */
	arrivals_note(&a, 42, 12 * S);	/* or the newest were forgotten */
	arrivals_note(&a, 44, 13 * S);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].says);
		assert_int_equal(arrivals_age_us(&a, cases[i].seq, 20 * S),
		    cases[i].age_us);
	}
}

/* An empty outbox at the start: its first row is the first of a commit. */
static void
test_from_nothing(void **state)
{
	static struct arrivals a;

	(void)state;
	arrivals_note(&a, 0, 0);
	arrivals_note(&a, 1, 2 * S);
	assert_int_equal(arrivals_age_us(&a, 1, 5 * S), 3 * S);
}

/* However many commits there are, the newest are remembered, each as it was. */
static void
test_bound(void **state)
{
	enum { NOTES = 5 * ARRIVALS_KEPT + 17, STEP = 3 };
	static struct arrivals a;
	int64_t seq;

	(void)state;
	arrivals_note(&a, 0, 0);
	for (int i = 1; i <= NOTES; i++)
		arrivals_note(&a, (int64_t)i * STEP, i);
	for (int i = 1; i <= NOTES; i++) {
		seq = (int64_t)i * STEP;
		assert_int_equal(arrivals_age_us(&a, seq, NOTES),
		    i > NOTES - ARRIVALS_KEPT ? NOTES - i : -1);
		assert_int_equal(arrivals_age_us(&a, seq - STEP + 1, NOTES),
		    i > NOTES - ARRIVALS_KEPT ? NOTES - i : -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_noted),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_from_nothing),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
