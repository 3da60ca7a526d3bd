/* SPDX-License-Identifier: ISC */
/* The heap against a plain search, and the rule against its description. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "feeds/schedule.h"

struct feed {
	struct schedule_entry	entry;
	int64_t			due_us;		/* the test's own record */
	bool			in;
};

static uint32_t
next_random(uint32_t *x)
{
	*x = *x * 1664525 + 1013904223;
	return *x >> 8;
}

static void
test_order(void **state)
{
	static const int64_t due[] = { 50, 10, 40, 20, 30, 10, -5,
	    INT64_MAX, 0 };
	enum { N = sizeof(due) / sizeof(due[0]) };
	struct schedule *s = schedule_new();
	struct feed feeds[N];
	int64_t last = INT64_MIN;

	(void)state;
	assert_true(schedule_next_us(s) == INT64_MAX);
	assert_null(schedule_pop_due(s, INT64_MAX));
	for (size_t i = 0; i < N; i++) {
		feeds[i].entry.place = SCHEDULE_NOWHERE;
		feeds[i].due_us = due[i];
		assert_int_equal(schedule_set(s, &feeds[i].entry, due[i]), 0);
	}
	assert_int_equal(schedule_count(s), N);
	assert_true(schedule_next_us(s) == -5);
	for (size_t i = 0; i < N; i++) {
		struct feed *f = (struct feed *)schedule_pop_due(s,
		    INT64_MAX);

		assert_non_null(f);
		assert_true(f->due_us >= last);
		assert_true(f->entry.place == SCHEDULE_NOWHERE);
		last = f->due_us;
	}
	assert_int_equal(schedule_count(s), 0);
	schedule_free(s);
	schedule_free(NULL);
}

static void
test_only_what_is_due(void **state)
{
	struct schedule *s = schedule_new();
	struct schedule_entry a = { SCHEDULE_NOWHERE }, b = a;

	(void)state;
	schedule_set(s, &a, 100);
	schedule_set(s, &b, 200);
	assert_null(schedule_pop_due(s, 99));
	assert_ptr_equal(schedule_pop_due(s, 100), &a);
	assert_null(schedule_pop_due(s, 199));
	assert_true(schedule_next_us(s) == 200);
	schedule_free(s);
}

static void
test_move_and_remove(void **state)
{
	struct schedule *s = schedule_new();
	struct schedule_entry a = { SCHEDULE_NOWHERE }, b = a, zeroed = { 0 };

	(void)state;
	schedule_set(s, &a, 100);
	schedule_set(s, &b, 200);
	schedule_set(s, &a, 300);
	assert_int_equal(schedule_count(s), 2);
	assert_true(schedule_next_us(s) == 200);
	schedule_set(s, &a, 100);
	assert_true(schedule_next_us(s) == 100);
	schedule_remove(s, &zeroed);	/* says slot 0, and lies */
	assert_int_equal(schedule_count(s), 2);
	schedule_remove(s, &a);
	schedule_remove(s, &a);
	assert_int_equal(schedule_count(s), 1);
	assert_ptr_equal(schedule_pop_due(s, 200), &b);
	schedule_free(s);
}

static int64_t
earliest(const struct feed *feeds, size_t n)
{
	int64_t best = INT64_MAX;

	for (size_t i = 0; i < n; i++)
		if (feeds[i].in && feeds[i].due_us < best)
			best = feeds[i].due_us;
	return best;
}

/* 20,000 random steps; after each the heap knows what a search finds. */
static void
test_against_search(void **state)
{
	enum { N = 200 };
	static struct feed feeds[N];
	struct schedule *s = schedule_new();
	struct feed *f;
	uint32_t x = 7;
	size_t in = 0;

	(void)state;
	for (size_t i = 0; i < N; i++)
		feeds[i] = (struct feed){ .entry.place = SCHEDULE_NOWHERE };
	for (int step = 0; step < 20000; step++) {
		f = &feeds[next_random(&x) % N];
		switch (next_random(&x) % 4) {
		case 0:
			schedule_remove(s, &f->entry);
			in -= f->in;
			f->in = false;
			break;
		case 1:
			f = (struct feed *)schedule_pop_due(s, INT64_MAX);
			if (f == NULL)
				break;
			assert_true(f->in);
			assert_true(f->due_us == earliest(feeds, N));
			f->in = false;
			in--;
			break;
		default:
			f->due_us = next_random(&x) % 1000;
			schedule_set(s, &f->entry, f->due_us);
			in += !f->in;
			f->in = true;
			break;
		}
		assert_int_equal(schedule_count(s), in);
		assert_true(schedule_next_us(s) == earliest(feeds, N));
	}
	schedule_free(s);
}

/*
 * The rule
 */

enum { M = 60, H = 3600, D = 86400 };

static const struct {
	const char		*says;
	struct schedule_input	 in;	/* random: 0, no jitter */
	int64_t			 want;
} rules[] = {
	{ "a feed of unknown rhythm is asked as often as may be",
	    { .min_s = 5 * M, .max_s = D }, 5 * M },
	{ "twice in its rhythm",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = 2 * H }, H },
	{ "not more often than min",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = M }, 5 * M },
	{ "not more rarely than max",
	    { .min_s = 5 * M, .max_s = 6 * H, .rhythm_s = 30 * D }, 6 * H },
	{ "a hint makes it rarer",
	    { .min_s = 5 * M, .max_s = 6 * H, .rhythm_s = 2 * H,
	    .hint_s = 3 * H }, 3 * H },
	{ "a hint may pass max",
	    { .min_s = 5 * M, .max_s = H, .hint_s = 12 * H }, 12 * H },
	{ "but not a day",
	    { .min_s = 5 * M, .max_s = H, .hint_s = 30 * D }, D },
	{ "a hint never makes it more frequent",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = 2 * H, .hint_s = M },
	    H },
	{ "every replaces rhythm and hints",
	    { .every_s = 2 * M, .min_s = 5 * M, .max_s = D, .rhythm_s = 2 * H,
	    .hint_s = 3 * H }, 2 * M },
	{ "unchanged is as good as fresh",
	    { .end = POLL_UNCHANGED, .min_s = 5 * M, .max_s = D,
	    .rhythm_s = 2 * H }, H },
	{ "Retry-After holds",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .retry_after_s = 2 * H, .failures = 3 }, 2 * H },
	{ "a short Retry-After is no invitation",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .rhythm_s = 8 * H, .retry_after_s = 1, .failures = 1 }, 4 * H },
	{ "Retry-After holds against every",
	    { .end = POLL_TOLD_OFF, .every_s = M, .retry_after_s = 2 * H,
	    .failures = 1 }, 2 * H },
	{ "Retry-After may be over a day",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .retry_after_s = 3 * D, .failures = 1 }, 3 * D },
	{ "told off without a time: an hour",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .failures = 1 }, H },
	{ "the second time two",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .failures = 2 }, 2 * H },
	{ "the fifth sixteen",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .failures = 5 }, 16 * H },
	{ "a day at most",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .failures = 4000000000u }, D },
	{ "never sooner than when all is well",
	    { .end = POLL_TOLD_OFF, .every_s = 7 * D, .failures = 1 },
	    7 * D },
	{ "a first failure doubles",
	    { .end = POLL_FAILED, .min_s = 5 * M, .max_s = D,
	    .failures = 1 }, 10 * M },
	{ "a third doubles three times",
	    { .end = POLL_FAILED, .min_s = 5 * M, .max_s = D,
	    .failures = 3 }, 40 * M },
	{ "failures stop at a day",
	    { .end = POLL_FAILED, .min_s = 5 * M, .max_s = D,
	    .failures = 4000000000u }, D },
	{ "a weekly feed stays weekly",
	    { .end = POLL_FAILED, .every_s = 7 * D, .failures = 2 }, 7 * D },
	{ "a failure with Retry-After keeps to it",
	    { .end = POLL_FAILED, .min_s = 5 * M, .max_s = D,
	    .retry_after_s = 2 * H, .failures = 1 }, 2 * H },
	{ "gone is for ever", { .end = POLL_GONE, .every_s = M }, INT64_MAX },
	{ "absurd numbers stay numbers",
	    { .every_s = INT64_MAX }, INT64_C(3650) * D },
	{ "negative ones too",
	    { .min_s = -5, .max_s = -9, .rhythm_s = -1, .hint_s = -1,
	    .retry_after_s = -1 }, 0 },
};

static void
test_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct schedule_input in = rules[i].in;
		int64_t most = rules[i].want == INT64_MAX ? INT64_MAX :
		    rules[i].want + rules[i].want / 10;

		print_message("  %s\n", rules[i].says);
		assert_true(schedule_next_s(&in) == rules[i].want);
		in.random = UINT32_MAX;
		assert_true(schedule_next_s(&in) <= most);
		assert_true(schedule_next_s(&in) >= most - 1 ||
		    rules[i].want > D * 100);
	}
}

static void
test_jitter_grows_with_random(void **state)
{
	struct schedule_input in = { .every_s = 10000 };

	(void)state;
	in.random = UINT32_MAX / 2;
	assert_in_range(schedule_next_s(&in), 10499, 10500);
	in.random = UINT32_MAX / 4;
	assert_in_range(schedule_next_s(&in), 10249, 10250);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_only_what_is_due),
		cmocka_unit_test(test_move_and_remove),
		cmocka_unit_test(test_against_search),
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_jitter_grows_with_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
