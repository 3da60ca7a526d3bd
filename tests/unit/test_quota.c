/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "alerts/quota.h"

enum { S = 1000000 };

static void
test_no_limit(void **state)
{
	struct quota q;

	(void)state;
	quota_init(&q, 0, 60, 0);
	for (int i = 0; i < 10000; i++)
		assert_true(quota_take(&q, 5));
	assert_true(quota_left(&q, 5) == INT64_MAX);
	assert_int_equal(quota_next(&q, 5), 5);
}

/* 30/m: 30 at once, then one every two seconds. */
static void
test_burst_then_trickle(void **state)
{
	struct quota q;
	int64_t now = 1000 * (int64_t)S;

	(void)state;
	quota_init(&q, 30, 60, 0);
	for (int i = 30; i > 0; i--) {
		assert_int_equal(quota_left(&q, now), i);
		assert_true(quota_take(&q, now));
	}
	assert_int_equal(quota_left(&q, now), 0);
	assert_false(quota_take(&q, now));
	assert_int_equal(quota_next(&q, now), now + 2 * S);
	assert_false(quota_take(&q, now + 2 * S - 1));
	assert_true(quota_take(&q, now + 2 * S));
	assert_false(quota_take(&q, now + 2 * S));
	assert_int_equal(quota_next(&q, now + 3 * S), now + 4 * S);
	now += 62 * S;			/* all are back, and no more */
	assert_int_equal(quota_left(&q, now), 30);
}

/* Whoever takes all he can gets 30 + 30 a minute, whatever the steps. */
static void
test_long_run(void **state)
{
	static const int64_t steps[] = { 1, 333, 9999, S / 3, S, 7 * S };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct quota q;
		int64_t taken = 0, now = 0, end = 20 * (int64_t)60 * S;

		if (steps[i] < 10000)
			end = 3 * (int64_t)S;
		quota_init(&q, 30, 60, 0);
		for (; now <= end; now += steps[i])
			while (quota_take(&q, now))
				taken++;
		assert_true(taken <= 30 + end / (2 * S));
		assert_true(taken >= 30 + end / (2 * S) - 1 -
		    steps[i] / (2 * S));
	}
}

/* Three in a second divide no microsecond evenly: never a fourth in it. */
static void
test_uneven(void **state)
{
	struct quota q;
	int taken = 0;

	(void)state;
	quota_init(&q, 3, 1, 0);
	for (int i = 0; i < 3; i++)
		assert_true(quota_take(&q, 0));
	for (int64_t now = 1; now < S; now += 100)
		taken += quota_take(&q, now);
	assert_int_equal(taken, 2);
}

/* next names the first time at which take succeeds. */
static void
test_next_is_exact(void **state)
{
	static const struct { int64_t rate, period_s; } rates[] = {
		{ 1, 1 }, { 1, 60 }, { 7, 60 }, { 30, 60 }, { 1000, 1 },
		{ 5, 86400 }, { 1, INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct quota q;
		int64_t now = 12345, next;

		quota_init(&q, rates[i].rate, rates[i].period_s, 0);
		for (int n = 0; n < 50; n++) {
			while (quota_take(&q, now))
				continue;
			next = quota_next(&q, now);
			assert_true(next > now);
			assert_false(quota_take(&q, next - 1));
			assert_true(quota_take(&q, next));
			now = next;
		}
	}
}

/* A burst, then spaced: whoever takes all he can gets no more than the rate in
 * any stretch of the period, and nearly that. */
static void
test_no_stretch_has_more(void **state)
{
	static const struct { int64_t rate, period_s, burst; } rates[] = {
		{ 1, 1, 1 }, { 30, 60, 5 }, { 20, 60, 3 }, { 60, 300, 10 },
		{ 120, 60, 20 }, { 7, 60, 7 }, { 2, 1, 1 },
	};
	int64_t taken[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		int64_t period = rates[i].period_s * S, now = 777;
		size_t n = 0, from = 0, most = 0;
		struct quota q;

		quota_init(&q, rates[i].rate, rates[i].period_s,
		    rates[i].burst);
		while (n < 4 * (size_t)rates[i].rate) {
			/* Idle for a while, at times: the burst is back. */
			if (n == (size_t)rates[i].rate + 1)
				now += period / 3;
			for (now = quota_next(&q, now); quota_take(&q, now);)
				taken[n++] = now;
			while (taken[n - 1] - taken[from] >= period)
				from++;
			most = n - from > most ? n - from : most;
		}
		assert_true(most <= (size_t)rates[i].rate);
		assert_true(most >= (size_t)(rates[i].rate -
		    rates[i].burst));
	}
}

/* What was there before is not known: at worst nothing was left. */
static void
test_resume(void **state)
{
	struct quota q;

	(void)state;
	quota_init(&q, 30, 60, 5);
	quota_resume(&q, 1000 * (int64_t)S);
	assert_int_equal(quota_left(&q, 1000 * (int64_t)S), 0);
	assert_int_equal(quota_next(&q, 1000 * (int64_t)S),
	    1000 * (int64_t)S + (60 * S + 25) / 26);
	assert_int_equal(quota_left(&q, 1012 * (int64_t)S), 5);
	/* Nothing is won by an older time. */
	quota_resume(&q, 5);
	assert_int_equal(quota_left(&q, 1000 * (int64_t)S), 0);
	quota_init(&q, 0, 60, 0);
	quota_resume(&q, 5);
	assert_true(quota_left(&q, 5) == INT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_burst_then_trickle),
		cmocka_unit_test(test_long_run),
		cmocka_unit_test(test_uneven),
		cmocka_unit_test(test_next_is_exact),
		cmocka_unit_test(test_no_stretch_has_more),
		cmocka_unit_test(test_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
