/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/item.h"
#include "feeds/feed_date.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define NONE	ITEM_NO_TIME

static const struct {
	const char	*says, *text;
	int64_t		 want;
} cases[] = {
	{ "RFC 2822", "Thu, 01 Jan 2004 19:48:21 GMT", 1072986501 },
	{ "a two-digit year", "Thu, 01 Jan 04 19:48:21 GMT", 1072986501 },
	{ "a two-digit year before 1970", "01 Jan 69 00:00:00 GMT",
	    -31536000 },
	{ "no weekday", "01 Jan 2004 19:48:21 GMT", 1072986501 },
	{ "no seconds", "Thu, 01 Jan 2004 19:48 GMT", 1072986480 },
	{ "no time", "Thu, 01 Jan 2004", 1072915200 },
	{ "no zone is UTC", "Thu, 01 Jan 2004 19:48:21", 1072986501 },
	{ "a day of one digit", "Thu,  1 Jan 2004 19:48:21 GMT", 1072986501 },
	{ "an offset west", "Thu, 01 Jan 2004 14:48:21 -0500", 1072986501 },
	{ "an offset east", "Thu, 01 Jan 2004 20:48:21 +0100", 1072986501 },
	{ "an offset with a colon", "Thu, 01 Jan 2004 20:48:21 +01:00",
	    1072986501 },
	{ "American zones", "Thu, 01 Jan 2004 14:48:21 EST", 1072986501 },
	{ "in summer", "Thu, 01 Jul 2004 15:48:21 EDT", 1088711301 },
	{ "GMT and an offset", "Thu, 01 Jan 2004 20:48:21 GMT+1",
	    1072986501 },
	{ "a comma too many", "Mon, 13 Feb, 2012 06:28:00 UTC", 1329114480 },
	{ "no space at all", "Thu,01 Jan 2004 19:48:21 GMT", 1072986501 },
	{ "the month in full", "1 January 2004 19:48:21 GMT", 1072986501 },
	{ "the month first", "January 1, 2004 19:48:21 GMT", 1072986501 },
	{ "dashes", "01-Jan-2004 19:48:21 GMT", 1072986501 },
	{ "dashes and a short year", "Thu, 01-Jan-04 19:48:21 GMT",
	    1072986501 },
	{ "half days", "1 Jan 2004 07:48:21 PM GMT", 1072986501 },
	{ "a comment behind", "Thu, 01 Jan 2004 19:48:21 +0000 (UTC)",
	    1072986501 },
	{ "asctime", "Thu Jan  1 19:48:21 2004", 1072986501 },
	{ "asctime with a zone", "Thu Jan 1 14:48:21 -0500 2004",
	    1072986501 },
	{ "white space around", "\n Thu, 01 Jan 2004 19:48:21 GMT ",
	    1072986501 },
	{ "any case", "thu, 01 JAN 2004 19:48:21 gmt", 1072986501 },
	{ "RFC 3339", "2003-12-31T10:14:55Z", 1072865695 },
	{ "with a fraction", "2003-12-31T10:14:55.999Z", 1072865695 },
	{ "with an offset", "2003-12-31T02:14:55-08:00", 1072865695 },
	{ "an offset without a colon", "2003-12-31T02:14:55-0800",
	    1072865695 },
	{ "a space for the T", "2003-12-31 10:14:55", 1072865695 },
	{ "a space before the offset", "2003-12-31 02:14:55 -08:00",
	    1072865695 },
	{ "small t and z", "2003-12-31t10:14:55z", 1072865695 },
	{ "without seconds", "2003-12-31T10:14Z", 1072865640 },
	{ "a day", "2003-12-31", 1072828800 },
	{ "a month is its first day", "2003-12", 1070236800 },
	{ "a year is its first day", "2003", 1041379200 },
	{ "the basic form", "20031231T101455Z", 1072865695 },
	{ "the day of the year", "2003-365", 1072828800 },
	{ "the leap day", "2004-02-29", 1078012800 },
	{ "2000 was a leap year", "2000-02-29", 951782400 },
	{ "a leap second", "2016-12-31T23:59:60Z", 1483228800 },
	{ "the end of the day", "2003-12-31T24:00:00Z", 1072915200 },
	{ "before the epoch", "1969-12-31T23:59:59Z", -1 },

	{ "1900 was no leap year", "1900-02-29", NONE },
	{ "30 February", "2004-02-30", NONE },
	{ "month 13", "2003-13-01", NONE },
	{ "month 0", "2003-00-01", NONE },
	{ "day 366 of a common year", "2003-366", NONE },
	{ "hour 25", "2003-12-31T25:14:55Z", NONE },
	{ "past the end of the day", "2003-12-31T24:00:01Z", NONE },
	{ "minute 61", "2003-12-31T10:61:55Z", NONE },
	{ "second 61", "2003-12-31T10:14:61Z", NONE },
	{ "an offset of 99 hours", "2003-12-31T10:14:55-99:99", NONE },
	{ "something behind", "2013-01-28T11:30:00-06:00Textra", NONE },
	{ "five digits", "22013", NONE },
	{ "three digits", "013", NONE },
	{ "day 99", "Sun, 99 Jun 2009 12:00:00 GMT", NONE },
	{ "no such month", "Sun, 16 zzz 2012 11:47:32 GMT", NONE },
	{ "no such zone", "Sun, 16 Dec 2012 11:47:32 +zz:00", NONE },
	{ "four parts of a time", "Sun, 16 Dec 2012 1:2:3:4 GMT", NONE },
	{ "13 o'clock in the morning", "16 Dec 2012 13:00 AM", NONE },
	{ "a word", "yesterday", NONE },
	{ "nothing", "", NONE },
	{ "only separators", " , - , ", NONE },
	{ "very long", "01 Jan 2004                                        "
	    "                                                              "
	    "                           19:48:21 GMT", NONE },
};

static void
reads_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		int64_t got = feed_date_parse(str_from(cases[i].text));

		if (got != cases[i].want)
			fail_msg("%s: \"%s\" gave %lld", cases[i].says,
			    cases[i].text, (long long)got);
	}
}

/* Each prefix of a date is a date or none, and never read past its end. */
static void
reads_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct str s = str_from(cases[i].text);
		char copy[256];

		for (size_t n = 0; n <= s.n && n < sizeof(copy); n++) {
			char *tail = copy + sizeof(copy) - n;

			memcpy(tail, s.p, n);
			(void)feed_date_parse((struct str){ tail, n });
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_dates),
		cmocka_unit_test(reads_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
