/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/item.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const char scale_name[] = "HEADLINED_TIME_SCALE";
static const char origin_name[] = "HEADLINED_TIME_ORIGIN";

static struct err err;

static void
set_env(const char *name, const char *value)
{
	if (value != NULL)
		assert_int_equal(setenv(name, value, 1), 0);
	else
		assert_int_equal(unsetenv(name), 0);
}

static int64_t
machine_us(clockid_t id)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(id, &ts), 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void
the_machines_clock_is_the_default(void **state)
{
	struct clock c;
	int64_t before, now, after;

	(void)state;
	set_env(scale_name, NULL);
	set_env(origin_name, NULL);
	assert_int_equal(clock_init(&c, &err), 0);
	before = machine_us(CLOCK_REALTIME);
	now = clock_wall_us(&c);
	after = machine_us(CLOCK_REALTIME);
	assert_true(before <= now && now <= after);
	before = machine_us(CLOCK_MONOTONIC);
	now = clock_mono_us(&c);
	after = machine_us(CLOCK_MONOTONIC);
	assert_true(before <= now && now <= after);
	assert_true(clock_real_us(&c, 1234) == 1234);
	assert_true(clock_real_us(&c, INT64_MAX) == INT64_MAX);
	assert_true(clock_real_us(&c, -1) == 0);
	assert_true(clock_real_us(&c, INT64_MIN) == 0);
	before = time(NULL);
	now = clock_real_wall_s();
	assert_true(before <= now && now <= time(NULL) + 1);
}

/* What the wall of a scaled clock says, between two readings of ours. */
static void
a_scaled_clock_runs_from_its_origin(void **state)
{
	const int64_t origin = INT64_C(1700000000000000);
	struct clock c, again;
	int64_t before, now, after, mono;

	(void)state;
	set_env(scale_name, "1000");
	set_env(origin_name, "1700000000");
	assert_int_equal(clock_init(&c, &err), 0);
	before = machine_us(CLOCK_REALTIME);
	now = clock_wall_us(&c);
	after = machine_us(CLOCK_REALTIME);
	/* A double's rounding at this size is under 1,000 us of ours. */
	assert_true(now >= origin + (before - origin) * 1000 - 1000);
	assert_true(now <= origin + (after - origin) * 1000 + 1000);

	assert_int_equal(clock_init(&again, &err), 0);
	assert_true(clock_wall_us(&again) >= now);

	mono = clock_mono_us(&c);
	before = machine_us(CLOCK_MONOTONIC);
	while (machine_us(CLOCK_MONOTONIC) - before < 2000)
		continue;
	assert_true(clock_mono_us(&c) - mono >= 2000 * 999);
	assert_true(clock_real_us(&c, 5000000) == 5000);
	set_env(scale_name, NULL);
	set_env(origin_name, NULL);
}

static void
without_an_origin_it_starts_now(void **state)
{
	struct clock c;
	int64_t before;

	(void)state;
	set_env(scale_name, "2");
	set_env(origin_name, NULL);
	before = machine_us(CLOCK_REALTIME);
	assert_int_equal(clock_init(&c, &err), 0);
	assert_true(clock_wall_us(&c) >= before);
	assert_true(c.origin_wall_us >= before);
	assert_true(c.origin_wall_us <= machine_us(CLOCK_REALTIME));
	set_env(scale_name, NULL);
}

static void
the_fastest_clock_stays_in_range(void **state)
{
	struct clock c;
	int64_t now;

	(void)state;
	set_env(scale_name, "1000000");
	set_env(origin_name, "0");
	assert_int_equal(clock_init(&c, &err), 0);
	now = clock_wall_us(&c);
	assert_true(now > INT64_C(1000000000000000000));
	assert_true(clock_wall_us(&c) >= now);
	set_env(origin_name, "100000000000");
	assert_int_equal(clock_init(&c, &err), 0);
	assert_true(clock_wall_us(&c) < 0);
	set_env(scale_name, NULL);
	set_env(origin_name, NULL);
}

static const struct {
	const char	*scale, *origin;
	int		 want;
} settings[] = {
	{ "1", "0", 0 }, { "3600", NULL, 0 }, { "1.5", NULL, 0 },
	{ "", "", 0 }, { "1e6", NULL, 0 },
	{ "0", NULL, -1 }, { "0.5", NULL, -1 }, { "-3", NULL, -1 },
	{ "1000001", NULL, -1 }, { "fast", NULL, -1 }, { "10x", NULL, -1 },
	{ "nan", NULL, -1 }, { "inf", NULL, -1 }, { "1e999", NULL, -1 },
	{ "2", "-1", -1 }, { "2", "yesterday", -1 }, { "2", "1e300", -1 },
};

static void
what_cannot_be_read_is_told(void **state)
{
	struct clock c;

	(void)state;
	for (size_t i = 0; i < N(settings); i++) {
		set_env(scale_name, settings[i].scale);
		set_env(origin_name, settings[i].origin);
		err.msg[0] = '\0';
		if (clock_init(&c, &err) != settings[i].want)
			fail_msg("%s, %s", settings[i].scale,
			    settings[i].origin != NULL ? settings[i].origin :
			    "unset");
		if (settings[i].want == -1)
			assert_non_null(strstr(err.msg, "HEADLINED_TIME_"));
	}
	set_env(scale_name, NULL);
	set_env(origin_name, NULL);
}

static void
a_manual_clock_stands_until_moved(void **state)
{
	struct clock c;
	int64_t mono;

	(void)state;
	clock_init_manual(&c, 5000000);
	mono = clock_mono_us(&c);
	assert_true(clock_wall_us(&c) == 5000000);
	assert_true(clock_mono_us(&c) == mono);
	clock_advance(&c, 250);
	assert_true(clock_wall_us(&c) == 5000250);
	assert_true(clock_mono_us(&c) == mono + 250);
}

/* Numbers of a store that may be anybody's. */
static void
what_is_shown_never_overflows(void **state)
{
	(void)state;
	assert_true(clock_shown_s(5000, 3600) == 8600);
	assert_true(clock_shown_s(5000, -3600) == 1400);
	assert_true(clock_shown_s(0, 3600) == ITEM_NO_TIME);
	assert_true(clock_shown_s(INT64_MAX, 1) == ITEM_NO_TIME);
	assert_true(clock_shown_s(INT64_MIN, -1) == ITEM_NO_TIME);
	assert_true(clock_shown_s(INT64_MAX, 0) == INT64_MAX);
}

/* Between starts and jumps: what steady time does. */
static void
steady_time_does_not_jump(void **state)
{
	struct clock c;

	(void)state;
	clock_init_manual(&c, 5000000000);
	assert_true(clock_steady_us(&c) == 5000000000);
	assert_true(clock_wall_ahead_s(&c) == 0);
	clock_advance(&c, 250);
	c.manual_wall_us += 3600 * CLOCK_US_PER_S;	/* it is set */
	assert_true(clock_steady_us(&c) == 5000000250);
	assert_true(clock_steady_s(&c) == 5000);
	assert_true(clock_wall_ahead_s(&c) == 3600);
	c.manual_wall_us -= 7200 * CLOCK_US_PER_S;
	assert_true(clock_steady_us(&c) == 5000000250);
	assert_true(clock_wall_ahead_s(&c) == -3600);
}

/* A frame that says that it was `steady` at machine time `mono`. */
static void
say_frame(const struct clock *c, int64_t mono, int64_t steady,
    char out[CLOCK_FRAME_SIZE])
{
	char *end;

	clock_frame(c, out);
	end = strrchr(out, ' ');
	*end = '\0';
	end = strrchr(out, ' ');
	snprintf(end, CLOCK_FRAME_SIZE - (size_t)(end - out), " %lld %lld",
	    (long long)mono, (long long)steady);
}

static const struct {
	const char	*says, *scale, *origin;
	double		 rate;
} goes_on[] = {
	{ "the machine's clock", NULL, NULL, 1 },
	{ "a fast one", "1000", "1700000000", 1000 },
	{ "a fast one that begins now", "50", NULL, 50 },
};

static void
a_frame_goes_on_over_a_restart(void **state)
{
	const int64_t hour = 3600 * CLOCK_US_PER_S, then = hour * 24 * 365;
	char frame[CLOCK_FRAME_SIZE];
	int64_t mono, before, now;
	struct clock c;

	(void)state;
	for (size_t i = 0; i < N(goes_on); i++) {
		set_env(scale_name, goes_on[i].scale);
		set_env(origin_name, goes_on[i].origin);
		assert_int_equal(clock_init(&c, &err), 0);
		mono = machine_us(CLOCK_MONOTONIC);
		/* Half of the machine's life ago it was `then`. */
		say_frame(&c, mono / 2, then, frame);
		before = machine_us(CLOCK_MONOTONIC);
		if (!clock_resume(&c, frame))
			fail_msg("%s", goes_on[i].says);
		now = clock_steady_us(&c);
		assert_true(now + 1000 >= then +
		    (int64_t)((double)(before - mono / 2) * goes_on[i].rate));
		before = machine_us(CLOCK_MONOTONIC);
		assert_true(now - 1000 <= then +
		    (int64_t)((double)(before - mono / 2) * goes_on[i].rate));
		/* And the frame that it tells is the same one. */
		clock_frame(&c, frame);
		now = clock_steady_us(&c);
		assert_int_equal(clock_init(&c, &err), 0);
		assert_true(clock_resume(&c, frame));
		assert_true(clock_steady_us(&c) + 1000 >= now);
		assert_true(clock_steady_us(&c) - now < hour);
	}
	set_env(scale_name, NULL);
	set_env(origin_name, NULL);
}

static void
another_frame_begins_at_wall_time(void **state)
{
	char good[CLOCK_FRAME_SIZE], bad[CLOCK_FRAME_SIZE + 8];
	const int64_t mono = machine_us(CLOCK_MONOTONIC);
	struct clock c;

	(void)state;
	assert_int_equal(clock_init(&c, &err), 0);
	say_frame(&c, mono, 1000000, good);
	assert_true(clock_resume(&c, good));
	assert_int_equal(clock_init(&c, &err), 0);
	/* A boot that was older then than it is now. */
	say_frame(&c, mono + 3600 * CLOCK_US_PER_S, 1000000, bad);
	assert_false(clock_resume(&c, bad));
	say_frame(&c, mono, -5, bad);
	assert_false(clock_resume(&c, bad));
	say_frame(&c, -5, 1000000, bad);
	assert_false(clock_resume(&c, bad));
	say_frame(&c, mono, INT64_MAX, bad);
	assert_false(clock_resume(&c, bad));
	snprintf(bad, sizeof(bad), "%s", good);
	bad[0] = bad[0] == '0' ? '1' : '0';	/* another boot */
	assert_false(clock_resume(&c, bad));
	snprintf(bad, sizeof(bad), "%s5x", good);
	assert_false(clock_resume(&c, bad));
	for (size_t n = strlen(good) - 7; n > 0; n--) {
		snprintf(bad, sizeof(bad), "%.*s", (int)n - 1, good);
		assert_false(clock_resume(&c, bad));
	}
	/* Refused ones have changed nothing. */
	assert_true(clock_wall_ahead_s(&c) == 0);
	/* Another scale, another origin. */
	set_env(scale_name, "2");
	assert_int_equal(clock_init(&c, &err), 0);
	assert_false(clock_resume(&c, good));
	clock_frame(&c, good);
	set_env(origin_name, "1700000000");
	assert_int_equal(clock_init(&c, &err), 0);
	assert_false(clock_resume(&c, good));
	set_env(scale_name, NULL);
	set_env(origin_name, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_machines_clock_is_the_default),
		cmocka_unit_test(a_scaled_clock_runs_from_its_origin),
		cmocka_unit_test(without_an_origin_it_starts_now),
		cmocka_unit_test(the_fastest_clock_stays_in_range),
		cmocka_unit_test(what_cannot_be_read_is_told),
		cmocka_unit_test(a_manual_clock_stands_until_moved),
		cmocka_unit_test(steady_time_does_not_jump),
		cmocka_unit_test(what_is_shown_never_overflows),
		cmocka_unit_test(a_frame_goes_on_over_a_restart),
		cmocka_unit_test(another_frame_begins_at_wall_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
