/* SPDX-License-Identifier: ISC */
/* Header lines in, what they say out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/item.h"
#include "feeds/http_meta.h"

#define NOV_6_1994	INT64_C(784111777)	/* Sun 08:49:37 GMT */

/* "Name: value|Name: value" */
static void
note_all(struct http_meta *m, const char *lines)
{
	size_t n, colon;

	http_meta_init(m);
	for (; *lines != '\0'; lines += n + (lines[n] == '|')) {
		n = strcspn(lines, "|");
		colon = strcspn(lines, ":");
		http_meta_note(m, (struct str){ lines, colon }, str_trim(
		    (struct str){ lines + colon + 1, n - colon - 1 }));
	}
}

static void
test_dates(void **state)
{
	static const struct {
		const char	*says, *value;
		int64_t		 want;
	} cases[] = {
		{ "IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT",
		    NOV_6_1994 },
		{ "RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", NOV_6_1994 },
		{ "asctime", "Sun Nov  6 08:49:37 1994", NOV_6_1994 },
		{ "asctime with a day of two digits",
		    "Wed Nov 16 08:49:37 1994", NOV_6_1994 + 864000 },
		{ "the epoch", "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "a leap day", "Thu, 29 Feb 2024 12:00:00 GMT", 1709208000 },
		{ "a leap second", "Sat, 31 Dec 2016 23:59:60 GMT",
		    1483228800 },
		{ "69 is 2069", "Tuesday, 01-Jan-69 00:00:00 GMT",
		    INT64_C(3124224000) },
		{ "70 is 1970", "Thursday, 01-Jan-70 00:00:00 GMT", 0 },
		{ "a day of one digit", "Sun, 6 Nov 1994 08:49:37 GMT",
		    NOV_6_1994 },
		{ "letters of any case", "SUN, 06 NOV 1994 08:49:37 gmt",
		    NOV_6_1994 },
		{ "UTC for GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
		    NOV_6_1994 },
		{ "no 29 February in 2023", "Wed, 29 Feb 2023 12:00:00 GMT",
		    ITEM_NO_TIME },
		{ "no day 0", "Sun, 00 Nov 1994 08:49:37 GMT",
		    ITEM_NO_TIME },
		{ "no hour 24", "Sun, 06 Nov 1994 24:00:00 GMT",
		    ITEM_NO_TIME },
		{ "no month Foo", "Sun, 06 Foo 1994 08:49:37 GMT",
		    ITEM_NO_TIME },
		{ "no other zone", "Sun, 06 Nov 1994 08:49:37 CET",
		    ITEM_NO_TIME },
		{ "no year of three digits", "Sun, 06 Nov 994 08:49:37 GMT",
		    ITEM_NO_TIME },
		{ "nothing behind it", "Sun, 06 Nov 1994 08:49:37 GMT x",
		    ITEM_NO_TIME },
		{ "nothing missing", "Sun, 06 Nov 1994 08:49", ITEM_NO_TIME },
		{ "a zero is no date", "0", ITEM_NO_TIME },
		{ "minus one neither", "-1", ITEM_NO_TIME },
		{ "nor is emptiness", "", ITEM_NO_TIME },
		{ "nor a comma", ",,,", ITEM_NO_TIME },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_meta m;

		print_message("  %s\n", cases[i].says);
		http_meta_init(&m);
		http_meta_note(&m, STR("Date"), str_from(cases[i].value));
		assert_true(m.date_s == cases[i].want);
		http_meta_clear(&m);
	}
}

static void
test_texts(void **state)
{
	struct http_meta m = { 0 };

	(void)state;
	http_meta_clear(&m);		/* zeroed storage is fine */
	note_all(&m, "ETAG: W/\"x  y\xe9\"|etag: \"second\"|"
	    "Last-Modified: yesterday, about noon|Location: ../new?a=b#c|"
	    "content-type: application/rss+xml; charset=koi8-r|X-Etag: no");
	assert_string_equal(m.etag, "W/\"x  y\xe9\"");
	assert_string_equal(m.last_modified, "yesterday, about noon");
	assert_string_equal(m.location, "../new?a=b#c");
	assert_string_equal(m.content_type,
	    "application/rss+xml; charset=koi8-r");
	http_meta_clear(&m);
	assert_null(m.etag);
	assert_true(m.date_s == ITEM_NO_TIME);
}

static void
test_unfit_texts(void **state)
{
	char *big = malloc(4098);
	struct http_meta m;

	(void)state;
	memset(big, 'e', 4097);
	http_meta_init(&m);
	http_meta_note(&m, STR("etag"), (struct str){ big, 4097 });
	assert_null(m.etag);
	http_meta_note(&m, STR("etag"), STR("a\rX-Injected: 1"));
	assert_null(m.etag);
	http_meta_note(&m, STR("etag"), STR("a\0b"));
	assert_null(m.etag);
	http_meta_note(&m, STR("etag"), STR(""));
	assert_null(m.etag);
	http_meta_note(&m, STR("etag"), (struct str){ big, 4096 });
	assert_non_null(m.etag);
	assert_int_equal(strlen(m.etag), 4096);
	http_meta_clear(&m);
	free(big);
}

#define DATE	"Date: Sun, 06 Nov 1994 08:49:37 GMT|"

static void
test_freshness(void **state)
{
	static const struct {
		const char	*says, *lines;
		int64_t		 want;
	} cases[] = {
		{ "nothing said is nothing", "", 0 },
		{ "max-age", "Cache-Control: max-age=600", 600 },
		{ "less what it is old already",
		    "Cache-Control: max-age=600|Age: 100", 500 },
		{ "never negative", "Cache-Control: max-age=60|Age: 100", 0 },
		{ "a day at most", "Cache-Control: max-age=31536000", 86400 },
		{ "a number without end",
		    "Cache-Control: max-age=99999999999999999999999", 86400 },
		{ "an age without end", "Cache-Control: max-age=600|"
		    "Age: 99999999999999999999999", 0 },
		{ "among others", "Cache-Control: public, s-maxage=5 ,"
		    "MAX-AGE=600, must-revalidate", 600 },
		{ "in quotes", "Cache-Control: max-age=\"600\"", 600 },
		{ "not inside another's quotes",
		    "Cache-Control: x=\"a, max-age=5\", max-age=600", 600 },
		{ "not behind an escaped quote",
		    "Cache-Control: x=\"\\\", max-age=5\", max-age=600",
		    600 },
		{ "the first counts",
		    "Cache-Control: max-age=600, max-age=5", 600 },
		{ "in a second line",
		    "Cache-Control: public|Cache-Control: max-age=600", 600 },
		{ "no number", "Cache-Control: max-age=soon", 0 },
		{ "a negative number", "Cache-Control: max-age=-1", 0 },
		{ "an open quote", "Cache-Control: max-age=\"600", 600 },
		{ "junk between", "Cache-Control: ;;=,=, \"max-age=600", 600 },
		{ "no-cache", "Cache-Control: no-cache, max-age=600", 0 },
		{ "no-store", "Cache-Control: max-age=600, no-store", 0 },
		{ "no-cache for one header only", "Cache-Control: "
		    "no-cache=\"Set-Cookie\", max-age=600", 600 },
		{ "Expires less Date", DATE
		    "Expires: Sun, 06 Nov 1994 08:59:37 GMT", 600 },
		{ "Expires less now",
		    "Expires: Sun, 06 Nov 1994 08:59:37 GMT", 300 },
		{ "Expires of the past", DATE
		    "Expires: Sun, 06 Nov 1994 08:40:37 GMT", 0 },
		{ "Expires: 0", DATE "Expires: 0", 0 },
		{ "Expires less what it is old already", DATE "Age: 100|"
		    "Expires: Sun, 06 Nov 1994 08:59:37 GMT", 500 },
		{ "max-age is stronger", DATE "Cache-Control: max-age=60|"
		    "Expires: Sun, 06 Nov 1994 08:59:37 GMT", 60 },
		{ "a day at most here too", DATE
		    "Expires: Sun, 06 Nov 2094 08:59:37 GMT", 86400 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_meta m;

		print_message("  %s\n", cases[i].says);
		note_all(&m, cases[i].lines);
		assert_int_equal(http_meta_fresh_s(&m, NOV_6_1994 + 300),
		    cases[i].want);
		http_meta_clear(&m);
	}
}

static void
test_fresh_far_from_now(void **state)
{
	struct http_meta m;

	(void)state;
	note_all(&m, "Expires: Sun, 06 Nov 1994 08:59:37 GMT|"
	    "Retry-After: Sun, 06 Nov 1994 08:59:37 GMT");
	assert_int_equal(http_meta_fresh_s(&m, INT64_MAX), 0);
	assert_int_equal(http_meta_fresh_s(&m, INT64_MIN), 0);
	assert_int_equal(http_meta_retry_s(&m, INT64_MIN, 9), 0);
	http_meta_clear(&m);
}

static void
test_retry(void **state)
{
	static const struct {
		const char	*says, *lines;
		int64_t		 want;
	} cases[] = {
		{ "nothing said", "", 0 },
		{ "seconds", "Retry-After: 120", 120 },
		{ "at most the limit", "Retry-After: 100000", 9000 },
		{ "a number without end",
		    "Retry-After: 99999999999999999999999", 9000 },
		{ "a date", "Retry-After: Sun, 06 Nov 1994 08:59:37 GMT",
		    600 },
		{ "a date of the past",
		    "Retry-After: Sun, 06 Nov 1994 08:19:37 GMT", 0 },
		{ "a date beyond the limit",
		    "Retry-After: Sun, 06 Nov 2094 08:19:37 GMT", 9000 },
		{ "a date by the server's clock, which is behind ours",
		    "Date: Sun, 06 Nov 1994 07:49:37 GMT|"
		    "Retry-After: Sun, 06 Nov 1994 08:04:37 GMT", 900 },
		{ "or ahead: ours may have been set back by a day",
		    "Date: Mon, 07 Nov 1994 08:49:37 GMT|"
		    "Retry-After: Mon, 07 Nov 1994 08:59:37 GMT", 600 },
		{ "a Date that cannot be read is none", "Date: today|"
		    "Retry-After: Sun, 06 Nov 1994 08:59:37 GMT", 600 },
		{ "a Date behind the date", DATE
		    "Retry-After: Sun, 06 Nov 1994 08:29:37 GMT", 0 },
		{ "a Date beyond the limit",
		    "Date: Thu, 01 Jan 1970 00:00:00 GMT|"
		    "Retry-After: Sun, 06 Nov 1994 08:59:37 GMT", 9000 },
		{ "seconds need no clock",
		    "Date: Thu, 01 Jan 1970 00:00:00 GMT|Retry-After: 120",
		    120 },
		{ "a negative number", "Retry-After: -5", 0 },
		{ "a fraction", "Retry-After: 1.5", 0 },
		{ "a word", "Retry-After: later", 0 },
		{ "the first counts", "Retry-After: 120|Retry-After: 5",
		    120 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_meta m;

		print_message("  %s\n", cases[i].says);
		note_all(&m, cases[i].lines);
		assert_int_equal(http_meta_retry_s(&m, NOV_6_1994, 9000),
		    cases[i].want);
		http_meta_clear(&m);
	}
}

static void
test_says_fresh(void **state)
{
	static const struct {
		const char	*lines;
		bool		 want;
	} cases[] = {
		{ "ETag: \"a\"|Age: 5", false },
		{ "Cache-Control: max-age=5", true },
		{ "Cache-Control: public", true },
		{ "Cache-Control: no-cache", true },
		{ "Expires: 0", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_meta m;

		print_message("  %s\n", cases[i].lines);
		note_all(&m, cases[i].lines);
		assert_int_equal(m.says_fresh, cases[i].want);
		http_meta_clear(&m);
	}
}

static void
test_feed_delta(void **state)
{
	static const struct {
		const char	*lines;
		bool		 want;
	} cases[] = {
		{ "ETag: \"a\"", false },
		{ "IM: feed", true },
		{ "im: Feed", true },
		{ "IM: feed, gzip", false },
		{ "IM: vcdiff", false },
		{ "IM: feeds", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_meta m;

		print_message("  %s\n", cases[i].lines);
		note_all(&m, cases[i].lines);
		assert_int_equal(http_meta_is_feed_delta(&m), cases[i].want);
		http_meta_clear(&m);
	}
}

static void
test_wall(void **state)
{
	static const struct {
		const char	*lines;
		bool		 want;
	} cases[] = {
		{ "", false }, { "cf-mitigated: challenge", true },
		{ "X-Amzn-Waf-Action: captcha", true },
		{ "CF-Ray: challenge|cf-mitigated: none", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_meta m;

		note_all(&m, cases[i].lines);
		assert_int_equal(m.is_wall, cases[i].want);
		http_meta_clear(&m);
	}
}

/* Any bytes under any of the names: nothing to see but the sanitizers. */
static void
test_any_bytes(void **state)
{
	static const char *const names[] = { "etag", "date", "expires",
	    "retry-after", "cache-control", "age", "location" };
	static const char pieces[] = "\"\\=, :-09aGMTnov\t\x80 max-age "
	    "no-cache";
	uint32_t x = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct http_meta m;
		char *value = malloc(24);	/* exact: ASan sees the end */
		size_t n = (size_t)round % 24;

		http_meta_init(&m);
		for (size_t i = 0; i < n; i++) {
			x = x * 1664525 + 1013904223;
			value[i] = pieces[(x >> 16) % (sizeof(pieces) - 1)];
		}
		value = realloc(value, n > 0 ? n : 1);
		http_meta_note(&m, str_from(names[round % 7]),
		    (struct str){ value, n });
		assert_in_range(http_meta_fresh_s(&m, 0), 0, 86400);
		assert_in_range(http_meta_retry_s(&m, 0, 9), 0, 9);
		http_meta_clear(&m);
		free(value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_unfit_texts),
		cmocka_unit_test(test_freshness),
		cmocka_unit_test(test_fresh_far_from_now),
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_says_fresh),
		cmocka_unit_test(test_feed_delta),
		cmocka_unit_test(test_wall),
		cmocka_unit_test(test_any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
