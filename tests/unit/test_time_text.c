/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/time_text.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*says;
	int64_t		 unix_s;
	const char	*rfc3339, *syslog;
} times[] = {
	{ "the epoch", 0, "1970-01-01T00:00:00Z", "Jan  1 00:00:00" },
	{ "a second before it", -1, "1969-12-31T23:59:59Z",
	    "Dec 31 23:59:59" },
	{ "a day of two digits", 1795428000, "2026-11-23T10:00:00Z",
	    "Nov 23 10:00:00" },
	{ "a leap day", 1709164800 + 86399, "2024-02-29T23:59:59Z",
	    "Feb 29 23:59:59" },
	{ "the day after", 1709251200, "2024-03-01T00:00:00Z",
	    "Mar  1 00:00:00" },
	{ "2000 was a leap year", 951782400, "2000-02-29T00:00:00Z",
	    "Feb 29 00:00:00" },
	{ "1900 was none", INT64_C(-2203891200), "1900-03-01T00:00:00Z",
	    "Mar  1 00:00:00" },
	{ "over 32 bits", INT64_C(2147483648), "2038-01-19T03:14:08Z",
	    "Jan 19 03:14:08" },
	{ "the last second", INT64_C(253402300799), "9999-12-31T23:59:59Z",
	    "Dec 31 23:59:59" },
	{ "clamped above", INT64_C(253402300800), "9999-12-31T23:59:59Z",
	    "Dec 31 23:59:59" },
	{ "far above", INT64_MAX, "9999-12-31T23:59:59Z",
	    "Dec 31 23:59:59" },
	{ "the first second", INT64_C(-62167219200), "0000-01-01T00:00:00Z",
	    "Jan  1 00:00:00" },
	{ "clamped below", INT64_C(-62167219201), "0000-01-01T00:00:00Z",
	    "Jan  1 00:00:00" },
	{ "far below", INT64_MIN, "0000-01-01T00:00:00Z",
	    "Jan  1 00:00:00" },
};

static void
times_are_written(void **state)
{
	char got[TIME_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < N(times); i++) {
		time_text_rfc3339(times[i].unix_s, got);
		if (strcmp(got, times[i].rfc3339) != 0)
			fail_msg("%s: %s", times[i].says, got);
		time_text_syslog(times[i].unix_s, got);
		if (strcmp(got, times[i].syslog) != 0)
			fail_msg("%s: %s", times[i].says, got);
	}
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Counted up one by one, there and back. */
static void
each_day_of_ten_thousand_years(void **state)
{
	char got[TIME_TEXT_SIZE], want[64];
	int64_t day = -719528;

	(void)state;
	for (int y = 0; y <= 9999; y++)
		for (int m = 1; m <= 12; m++)
			for (int d = 1; d <= month_days(y, m); d++, day++) {
				if (time_days_from_civil(y, m, d) != day)
					fail_msg("%d-%d-%d", y, m, d);
				if (d != 1 && d != month_days(y, m))
					continue;
				time_text_rfc3339(day * 86400, got);
				snprintf(want, sizeof(want),
				    "%04d-%02d-%02dT00:00:00Z", y, m, d);
				assert_string_equal(got, want);
			}
	assert_int_equal(time_days_from_civil(-1, 12, 31), -719529);
	assert_int_equal(time_days_from_civil(-400, 3, 1), -719468 - 146097);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written),
		cmocka_unit_test(each_day_of_ten_thousand_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
