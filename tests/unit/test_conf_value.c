/* SPDX-License-Identifier: ISC */
/* daemon/conf_value: durations, sizes and dates as people write them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>

#include "daemon/conf_value.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*text;
	int64_t		 seconds;	/* -1: not a duration */
} durations[] = {
	{ "0", 0 }, { "0s", 0 }, { "90s", 90 }, { "5m", 300 },
	{ "24h", 86400 }, { "7d", 604800 }, { "2w", 1209600 },
	{ "1h30m", 5400 }, { "1w2d3h4m5s", 788645 },
	{ "", -1 }, { "5", -1 }, { "m", -1 }, { "5 m", -1 }, { " 5m", -1 },
	{ "-5m", -1 }, { "1.5h", -1 }, { "5M", -1 }, { "5min", -1 },
	{ "30m1h", -1 }, { "1m1m", -1 }, { "1h5", -1 },
	{ "99999999999999999999s", -1 }, { "9223372036854775807w", -1 },
	{ "15250284452471w9223372036854775s", -1 },
};

static const struct {
	const char	*text;
	int64_t		 bytes;
} sizes[] = {
	{ "0B", 0 }, { "512B", 512 }, { "64KiB", 65536 },
	{ "10MiB", 10485760 }, { "4GiB", INT64_C(4) << 30 },
	{ "10", -1 }, { "10MB", -1 }, { "10M", -1 }, { "10mib", -1 },
	{ "MiB", -1 }, { "1MiB1KiB", -1 }, { "-1B", -1 }, { "", -1 },
	{ "9223372036854775807GiB", -1 },
};

#define NO_DATE	INT64_MIN

static const struct {
	const char	*text;
	int64_t		 unix_s;
} dates[] = {
	{ "1970-01-01", 0 }, { "2027-03-01", 1803859200 },
	{ "2027-03-01T12:00:00Z", 1803902400 },
	{ "2027-03-01 12:00:00z", 1803902400 },
	{ "2027-03-01T12:00:00.250+02:00", 1803895200 },
	{ "2027-03-01T12:00:00-05:30", 1803922200 },
	{ "2016-12-31T23:59:60Z", 1483228800 },
	{ "2028-02-29", 1835395200 },
	{ "2027-02-29", NO_DATE }, { "2027-13-01", NO_DATE },
	{ "2027-00-01", NO_DATE }, { "2027-04-31", NO_DATE },
	{ "2027-3-1", NO_DATE }, { "27-03-01", NO_DATE },
	{ "2027-03-01T12:00Z", NO_DATE }, { "2027-03-01T12:00:00", NO_DATE },
	{ "2027-03-01T24:00:00Z", NO_DATE }, { "2027-03-01x", NO_DATE },
	{ "2027-03-01T12:00:00.Z", NO_DATE }, { "", NO_DATE },
};

static const struct {
	const char	*text;
	int64_t		 n, seconds;	/* n -1: refused */
} rates[] = {
	{ "30/m", 30, 60 }, { "1/s", 1, 1 }, { "5/10s", 5, 10 },
	{ "100/h", 100, 3600 }, { "7/1h30m", 7, 5400 }, { "2/d", 2, 86400 },
	{ "none", 0, 0 },
	{ "", -1, 0 }, { "30", -1, 0 }, { "30/", -1, 0 }, { "/m", -1, 0 },
	{ "0/m", -1, 0 }, { "-1/m", -1, 0 }, { "30/0s", -1, 0 },
	{ "30 / m", -1, 0 }, { "30/min", -1, 0 }, { "30/m/m", -1, 0 },
	{ "3.5/m", -1, 0 }, { "99999999999999999999/m", -1, 0 },
};

static void
reads_values(void **state)
{
	int64_t v;

	(void)state;
	for (size_t i = 0; i < N(durations); i++) {
		if (conf_value_duration(str_from(durations[i].text), &v) == -1)
			v = -1;
		if (v != durations[i].seconds)
			fail_msg("duration %s: %" PRId64, durations[i].text,
			    v);
	}
	for (size_t i = 0; i < N(sizes); i++) {
		if (conf_value_size(str_from(sizes[i].text), &v) == -1)
			v = -1;
		if (v != sizes[i].bytes)
			fail_msg("size %s: %" PRId64, sizes[i].text, v);
	}
	for (size_t i = 0; i < N(rates); i++) {
		int64_t seconds;

		if (conf_value_rate(str_from(rates[i].text), &v, &seconds) ==
		    -1)
			v = -1;
		if (v != rates[i].n || (v != -1 && seconds !=
		    rates[i].seconds))
			fail_msg("rate %s: %" PRId64, rates[i].text, v);
	}
	for (size_t i = 0; i < N(dates); i++) {
		if (conf_value_date(str_from(dates[i].text), &v) == -1)
			v = NO_DATE;
		if (v != dates[i].unix_s)
			fail_msg("date %s: %" PRId64, dates[i].text, v);
	}
}

static void
shows_values_as_it_reads_them(void **state)
{
	static const struct { int64_t v; const char *text; } shown[] = {
		{ 0, "0s" }, { 90, "90s" }, { 300, "5m" }, { 5400, "90m" },
		{ 604800, "1w" }, { 31536000, "365d" }
	};
	char text[CONF_VALUE_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < N(shown); i++) {
		conf_value_show_duration(shown[i].v, text);
		assert_string_equal(text, shown[i].text);
	}
	conf_value_show_size(10 << 20, text);
	assert_string_equal(text, "10MiB");
	conf_value_show_size(1500, text);
	assert_string_equal(text, "1500B");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_values),
		cmocka_unit_test(shows_values_as_it_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
