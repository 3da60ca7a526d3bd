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
	{ "after a silence no news is expected at once",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = 10 * M,
	    .silence_s = 50 * H }, 5 * H },
	{ "a short one changes nothing",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = 2 * H,
	    .silence_s = 9 * H }, H },
	{ "a long one is asked every max",
	    { .min_s = 5 * M, .max_s = D, .silence_s = 90 * D }, D },
	{ "a feed that lost items is asked twice as often",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = 4 * H,
	    .haste = SCHEDULE_HASTE_GAP }, H },
	{ "some of that is left until all is taken back",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = 4 * H, .haste = 1 },
	    H },
	{ "two gaps halve it twice",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = 4 * H,
	    .haste = 2 * SCHEDULE_HASTE_GAP }, 30 * M },
	{ "also where max held it",
	    { .min_s = 5 * M, .max_s = 4 * H, .rhythm_s = 30 * D,
	    .haste = SCHEDULE_HASTE_GAP }, 2 * H },
	{ "haste stops at min",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = H,
	    .haste = SCHEDULE_HASTE_MOST }, 5 * M },
	{ "and at a hint",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = H, .hint_s = 2 * H,
	    .haste = SCHEDULE_HASTE_MOST }, 2 * H },
	{ "haste without end",
	    { .min_s = 5 * M, .max_s = D, .rhythm_s = H,
	    .haste = UINT32_MAX }, 5 * M },
	{ "a max below min",
	    { .min_s = 2 * H, .max_s = H, .rhythm_s = 30 * D }, 2 * H },
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
	{ "kept from asking is no failure",
	    { .end = POLL_HELD, .min_s = 5 * M, .max_s = D,
	    .rhythm_s = 2 * H, .failures = 3, .waited_s = 9 * H }, H },
	{ "but what was said to another one holds",
	    { .end = POLL_HELD, .every_s = M, .retry_after_s = 2 * H }, 2 * H },
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
	{ "at least twice what was waited",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .rhythm_s = 4 * H, .waited_s = 3 * H, .failures = 1 }, 6 * H },
	{ "and so each time",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .rhythm_s = 4 * H, .waited_s = 7 * H, .failures = 2 }, 14 * H },
	{ "also past a day, once",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .waited_s = 20 * H, .failures = 3 }, 40 * H },
	{ "then as long again",
	    { .end = POLL_TOLD_OFF, .min_s = 5 * M, .max_s = D,
	    .waited_s = 40 * H, .failures = 4 }, 40 * H },
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
	{ "a failure is not followed by a shorter wait than before it",
	    { .end = POLL_FAILED, .min_s = 5 * M, .max_s = D,
	    .waited_s = 3 * H, .failures = 1 }, 3 * H },
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

/*
 * skipHours and skipDays. Monday, 23 November 2026, 00:00 UTC:
 */
#define MONDAY	INT64_C(1795392000)

/* A bit for each hour from..to, these included. */
#define HOURS(from, to)	((uint32_t)((UINT64_C(2) << (to)) - \
			    (UINT64_C(1) << (from))))
enum { SUN = 1, MON = 2, TUE = 4 };

static const struct {
	const char	*says;
	int64_t		 now_s, hint_s;		/* from Monday 00:00 on */
	uint32_t	 hours;
	uint8_t		 days;
	int64_t		 want_s;		/* from Monday 00:00 on */
} skips[] = {
	{ "an open hour is kept to", 10 * H, H, HOURS(0, 5), 0, 11 * H },
	{ "a skipped one leads to its end", 10 * H, H, HOURS(11, 11), 0,
	    12 * H },
	{ "several do", 10 * H, 90 * M, HOURS(11, 16), 0, 17 * H },
	{ "over midnight", 20 * H, 2 * H, HOURS(22, 23) | HOURS(0, 5), 0,
	    30 * H },
	{ "only one hour is open", 6 * H, H, HOURS(0, 5) | HOURS(7, 23), 0,
	    30 * H },
	{ "a minute before a skipped hour is too near", 10 * H - 30, H,
	    HOURS(11, 11), 0, 12 * H },
	{ "two are not", 10 * H - 120, H, HOURS(11, 11), 0, 11 * H - 120 },
	{ "a skipped day leads to the next", 20 * H, 5 * H, 0, TUE, 2 * D },
	{ "a Sunday evening", -3 * H, 2 * H, 0, SUN, 0 },
	{ "a day and hours", 20 * H, 5 * H, HOURS(0, 5), TUE,
	    2 * D + 6 * H },
	{ "all days but one", 20 * H, 5 * H, 0, 127 - MON, 7 * D },
	{ "one hour a week", 20 * H, 5 * H,
	    HOURS(0, 21) | HOURS(23, 23), 127 - MON, 7 * D + 22 * H },
	{ "all hours: not said", 10 * H, H, HOURS(0, 23), 0, 11 * H },
	{ "all days: not said", 10 * H, H, 0, 127, 11 * H },
	{ "all days, but some hours", 10 * H, H, HOURS(11, 11), 127,
	    12 * H },
	{ "bits beyond hours and days mean nothing", 10 * H, H,
	    UINT32_C(0xff000000), 128, 11 * H },
};

static void
test_skips(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++) {
		struct schedule_input in = { .wall_s = MONDAY +
			skips[i].now_s, .max_s = D, .min_s = M,
			.hint_s = skips[i].hint_s,
			.skip_hours = skips[i].hours,
			.skip_days = skips[i].days };

		print_message("  %s\n", skips[i].says);
		assert_int_equal(in.wall_s + schedule_next_s(&in) - MONDAY,
		    skips[i].want_s);
		in.every_s = 7 * M;
		assert_int_equal(schedule_next_s(&in), 7 * M);
		assert_int_equal(schedule_open_s(skips[i].hours,
		    skips[i].days, in.wall_s + in.hint_s) - MONDAY,
		    skips[i].want_s);
	}
}

static void
test_open_at_any_time(void **state)
{
	(void)state;
	assert_true(schedule_open_s(1, 1, INT64_MIN) == INT64_MIN);
	assert_true(schedule_open_s(1, 1, INT64_MAX) == INT64_MAX);
	assert_true(schedule_open_s(1, 0, 0) == H);
}

/* Whoever comes only from 6 to 7 does not all come at 6. */
static void
test_skips_spread(void **state)
{
	struct schedule_input in = { .wall_s = MONDAY + 6 * H, .min_s = M,
		.max_s = D, .hint_s = H,
		.skip_hours = HOURS(0, 5) | HOURS(7, 23) };
	int64_t least = INT64_MAX, most = 0, at;
	uint32_t x = 3;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		in.random = next_random(&x) << 8;
		at = in.wall_s + schedule_next_s(&in) - MONDAY;
		assert_in_range(at, D + 6 * H, D + 7 * H - 60);
		least = at < least ? at : least;
		most = at > most ? at : most;
	}
	assert_true(most - least > 50 * M);
}

/*
 * Properties, over many inputs
 */

static int64_t
random_span(uint32_t *x)
{
	static const int64_t odd[] = { 0, 0, 1, -1, M, H, D, 365 * D,
	    INT64_MAX, INT64_MIN };
	uint32_t kind = next_random(x) % 20;

	if (kind < sizeof(odd) / sizeof(odd[0]))
		return odd[kind];
	return (int64_t)(next_random(x) >> next_random(x) % 20) % (30 * D);
}

static void
fill_random(struct schedule_input *in, uint32_t *x)
{
	*in = (struct schedule_input){
		.end = (enum poll_end)(next_random(x) % (POLL_FAILED + 1)),
		.wall_s = MONDAY + next_random(x),
		.every_s = next_random(x) % 4 == 0 ? random_span(x) : 0,
		.min_s = 1 + next_random(x) % H,
		.rhythm_s = random_span(x), .silence_s = random_span(x),
		.haste = next_random(x) % 60, .hint_s = random_span(x),
		.retry_after_s = next_random(x) % 2 == 0 ? 0 :
		    random_span(x), .waited_s = random_span(x),
		.failures = 1 + next_random(x) % 40,
		.random = next_random(x) << 8,
	};
	in->max_s = in->min_s + next_random(x) % (2 * D);
	if (next_random(x) % 2 == 0)
		in->skip_hours = next_random(x);
	if (next_random(x) % 2 == 0)
		in->skip_days = (uint8_t)next_random(x);
}

static int64_t
at_most(int64_t s, int64_t most)
{
	return s < most ? s : most;
}

static bool
lands_in_skipped(const struct schedule_input *in, int64_t s)
{
	uint32_t hours = in->skip_hours & HOURS(0, 23);
	uint8_t days = in->skip_days & 127;
	int64_t at = in->wall_s + s;

	if (hours == HOURS(0, 23))
		hours = 0;
	if (days == 127)
		days = 0;
	/* MONDAY is a Monday, so bit 1. */
	return (hours >> ((at - MONDAY) / H % 24) & 1) != 0 ||
	    (days >> (((at - MONDAY) / D + 1) % 7) & 1) != 0;
}

static void
check_properties(const struct schedule_input *in)
{
	enum { TOO_LONG = 3650 };
	int64_t s = schedule_next_s(in);
	int64_t asked = at_most(in->retry_after_s, TOO_LONG * (int64_t)D);

	assert_true(s >= 0);
	assert_true(s <= TOO_LONG * (int64_t)D * 11 / 10 + 9 * D);
	if (in->every_s > 0)
		assert_true(s >= at_most(in->every_s, TOO_LONG * (int64_t)D));
	else {
		assert_true(s >= in->min_s);
		assert_true(s >= at_most(in->hint_s, D));
		assert_false(lands_in_skipped(in, s));
	}
	if (in->end == POLL_TOLD_OFF || in->end == POLL_FAILED)
		assert_true(s >= asked);
	if (in->end == POLL_TOLD_OFF && in->retry_after_s <= 0) {
		assert_true(s >= H);
		assert_true(s >= at_most(in->waited_s,
		    TOO_LONG * (int64_t)D));
		assert_true(in->waited_s >= D || in->waited_s < 0 ||
		    s >= 2 * in->waited_s);
	}
	if (in->end == POLL_FAILED)
		assert_true(s >= at_most(in->waited_s, D));
	if (in->end == POLL_TOLD_OFF)
		assert_true(s >= schedule_told_off_s(in));
	/* Without skips nothing waits longer than a reason says. */
	if (in->end <= POLL_UNCHANGED && in->every_s <= 0 &&
	    in->skip_hours == 0 && in->skip_days == 0)
		assert_true(s <= (in->max_s > D ? in->max_s : D) * 11 / 10);
}

static void
test_properties(void **state)
{
	struct schedule_input in;
	uint32_t x = 20261123;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		fill_random(&in, &x);
		check_properties(&in);
	}
}

/* A feed that fails for ever, from any state: its gaps never shrink, and
 * settle at a day or a little more. */
static void
test_failures_only_slow_down(void **state)
{
	uint32_t x = 99;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct schedule_input in;
		int64_t s;

		fill_random(&in, &x);
		in.end = POLL_FAILED;
		in.retry_after_s = in.waited_s = 0;
		in.skip_hours = in.skip_days = 0;
		in.every_s = 0;
		in.hint_s = 0;
		in.max_s = at_most(in.max_s, D);
		for (in.failures = 1; in.failures < 60; in.failures++) {
			in.random = next_random(&x) << 8;
			s = schedule_next_s(&in);
			assert_true(s >= in.waited_s);
			assert_true(s <= D * 11 / 10);
			in.wall_s += s;
			in.waited_s = s;
		}
		assert_true(s >= D);
	}
}

/* A server that asks for patience again and again gets it. */
static void
test_told_off_doubles(void **state)
{
	struct schedule_input in = { .end = POLL_TOLD_OFF, .min_s = 5 * M,
		.max_s = D, .waited_s = 5 * M };
	uint32_t x = 5;

	(void)state;
	for (in.failures = 1; in.failures < 9; in.failures++) {
		int64_t s;

		in.random = next_random(&x) << 8;
		s = schedule_next_s(&in);
		assert_true(s >= H);
		assert_true(s >= (in.waited_s < D ? 2 : 1) * in.waited_s);
		assert_true(s < 4 * D);
		in.waited_s = s;
	}
	assert_true(in.waited_s >= D);
}

static void
test_haste(void **state)
{
	static const struct {
		const char	*says;
		unsigned	 before;
		int64_t		 listed, fresh;
		unsigned	 want;
	} cases[] = {
		{ "nothing shared is a gap", 0, 20, 20, 8 },
		{ "one item shared is none, but near", 3, 20, 19, 3 },
		{ "half shared is good", 3, 20, 10, 2 },
		{ "all shared is", 3, 20, 0, 2 },
		{ "no haste, no less", 0, 20, 0, 0 },
		{ "a list of one that changed is a gap", 8, 1, 1, 16 },
		{ "a list of one that did not", 8, 1, 0, 7 },
		{ "an empty document says nothing", 8, 0, 0, 8 },
		{ "it has an end", 45, 20, 20, 48 },
		{ "whatever was stored", 1000000, 20, 20, 48 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("  %s\n", cases[i].says);
		assert_int_equal(schedule_haste(cases[i].before,
		    cases[i].listed, cases[i].fresh), cases[i].want);
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
		cmocka_unit_test(test_skips),
		cmocka_unit_test(test_open_at_any_time),
		cmocka_unit_test(test_skips_spread),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_failures_only_slow_down),
		cmocka_unit_test(test_told_off_doubles),
		cmocka_unit_test(test_haste),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
