/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/item.h"
#include "base/time_text.h"
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

	{ "RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
	{ "a comma behind the day", "Fri, 28, May 2004 13:31:15", 1085751075 },
	{ "a space before the comma", "Fri , 28 May 2004 13:31:15 GMT",
	    1085751075 },
	{ "two commas", "Fri,, 28 May 2004, 13:31:15 GMT", 1085751075 },
	{ "the wrong weekday", "Mon, 28 May 2004 13:31:15 GMT", 1085751075 },
	{ "four letters of a weekday", "Tues, 28 May 2004 13:31:15 GMT",
	    1085751075 },
	{ "four letters of a month", "28 Sept 2004", 1096329600 },
	{ "a month cut anywhere", "28 Decem 2004", 1104192000 },
	{ "a dot behind the month", "28 Jan. 2004", 1075248000 },
	{ "the weekday in an unknown language", "Dydd, 28 May 2004",
	    1085702400 },
	{ "an unknown weekday with a dot", "Dydd., 28 May 2004", 1085702400 },
	{ "the weekday behind the day", "28 Friday, May 2004 13:31",
	    1085751060 },
	{ "the year first", "2004 May 28", 1085702400 },
	{ "the time first", "13:31:15 Fri, 28 May 2004", 1085751075 },
	{ "the time and a zone first", "15:31:15 CEST, 28 May 2004",
	    1085751075 },
	{ "a colon before the time", "28/May/2004:15:31:15 +0200", 1085751075 },
	{ "no space before the offset", "Fri, 28 May 2004 15:31:15+02:00",
	    1085751075 },
	{ "no space before the zone", "Fri, 28 May 2004 09:31:15EDT",
	    1085751075 },
	{ "numbers of one digit", "Fri, 28 May 2004 1:3:5 Z", 1085706185 },
	{ "an ordinal", "May 28th, 2004 at 1:31 pm", 1085751060 },
	{ "\"of\"", "28th of May 2004", 1085702400 },
	{ "\"o'clock\"", "28 May 2004, 1 o'clock pm", 1085749200 },
	{ "a short year with an apostrophe", "28 May '04", 1085702400 },
	{ "a short year over 31 first", "99 Dec 31", 946598400 },
	{ "a year of three digits", "28 May 104 13:31:15 GMT", 1085751075 },
	{ "the year 50 is 1950", "28 May 50", -618451200 },
	{ "the year 49 is 2049", "28 May 49", 2505772800 },
	{ "the year 1", "Mon, 01 Jan 0001 00:00:00 UTC", -62135596800 },
	{ "p.m.", "May 28, 2004, 1:31 p.m.", 1085751060 },
	{ "p. m.", "28 May 2004 1:31 p. m.", 1085751060 },
	{ "pm, joined", "May 28 2004 01:31:15PM", 1085751075 },
	{ "an hour alone", "28 May 2004 1pm", 1085749200 },
	{ "an hour alone, with its zone", "Fri, 28 May 2004 15 +0200",
	    1085749200 },
	{ "12 am is midnight", "28 May 2004 12:31 AM", 1085704260 },
	{ "12 pm is noon", "28 May 2004 12:31 PM", 1085747460 },
	{ "0 pm is noon too", "28 May 2004 0:31 PM", 1085747460 },
	{ "13:31 pm", "28 May 2004 13:31 PM", 1085751060 },
	{ "24 is the hour 0 with a word", "5 Jun 2017 24:05 PDT", 1496646300 },
	{ "hours by an h", "28 May 2004 13h31", 1085751060 },
	{ "hours by an h alone", "28 May 2004, 13h", 1085749200 },
	{ "hours by a dot", "28 May 2004 13.31", 1085751060 },
	{ "hours, seconds by dots", "28 May 2004 13.31.15", 1085751075 },
	{ "a fraction with a word", "28 May 2004 13:31:15.123456 GMT",
	    1085751075 },
	{ "a clock at midnight before the clock",
	    "2004-05-28 00:00:00.0 15:31:15.0 +0200", 1085751075 },
	{ "an offset of two digits", "Fri, 28 May 2004 15:31:15 +02",
	    1085751075 },
	{ "an offset of one digit", "Fri, 28 May 2004 15:31:15 +2",
	    1085751075 },
	{ "an offset of three digits", "Fri, 28 May 2004 06:31:15 -700",
	    1085751075 },
	{ "an offset +0:00", "Fri, 28 May 2004 13:31:15 +0:00", 1085751075 },
	{ "an offset with seconds", "2004-05-28T06:31:15-07:00:00",
	    1085751075 },
	{ "an offset behind a hyphen", "Fri, 28 May 2004 06:31:15 --0700",
	    1085751075 },
	{ "an offset behind a colon", "2004-05-28T06:31:15:-0700", 1085751075 },
	{ "a zone that lost its sign", "2004-05-28T13:31:15:00", 1085751075 },
	{ "a zone of zeros", "Fri, 28 May 2004 13:31:15 00", 1085751075 },
	{ "four zeros", "Fri, 28 May 2004 13:31:15 0000", 1085751075 },
	{ "GMT+2", "Fri, 28 May 2004 15:31:15 GMT+2", 1085751075 },
	{ "UTC+02:00", "Fri, 28 May 2004 15:31:15 UTC+02:00", 1085751075 },
	{ "the offset decides", "Fri, 28 May 2004 06:31:15 MST-0700",
	    1085751075 },
	{ "the offset behind the name decides",
	    "Fri, 28 May 2004 06:31:15 EST -0700", 1085751075 },
	{ "an offset and its name", "Fri, 28 May 2004 06:31:15 -0700 MST",
	    1085751075 },
	{ "an offset and its name in brackets",
	    "Fri May 28 2004 06:31:15 GMT-0700 (MST)", 1085751075 },
	{ "a zone in brackets only", "Fri, 28 May 2004 20:31:15 (GMT+7)",
	    1085751075 },
	{ "a comment within a comment",
	    "Fri, 28 May 2004 13:31:15 (a (b) c) GMT", 1085751075 },
	{ "a region in brackets",
	    "2004-05-28T15:31:15+02:00[Europe/Paris]", 1085751075 },
	{ "an offset and its name, of Go", "2004-05-28 15:31:15 +0200 CEST",
	    1085751075 },
	{ "EST5EDT", "Fri, 28 May 2004 08:31:15 EST5EDT", 1085751075 },
	{ "Etc/GMT", "Fri, 28 May 2004 13:31:15 Etc/GMT", 1085751075 },
	{ "Etc/GMT+5 is west", "Fri, 28 May 2004 08:31:15 Etc/GMT+5",
	    1085751075 },
	{ "IST is India's", "Fri, 28 May 2004 19:01:15 IST", 1085751075 },
	{ "a zone of half an hour", "Fri, 28 May 2004 23:01:15 ACST",
	    1085751075 },
	{ "a military letter is UTC", "Fri, 28 May 2004 13:31:15 A",
	    1085751075 },
	{ "Z in words", "Fri, 28 May 2004 13:31:15 Z", 1085751075 },
	{ "an unknown name is UTC", "Fri, 28 May 2004 13:31:15 XYZT",
	    1085751075 },
	{ "a region is UTC", "Fri, 28 May 2004 13:31:15 Mars/Olympus_Mons",
	    1085751075 },
	{ "an unknown name and an offset",
	    "Fri, 28 May 2004 15:31:15 XYZT+0200", 1085751075 },
	{ "an offset behind a day", "28.05.2004 +0200", 1085695200 },
	{ "a zone behind a day", "Fri, 28 May 2004 GMT", 1085702400 },
	{ "the last day has no offset of a day",
	    "Sun, 31 Dec 9999 23:59:59 -9999", NONE },
	{ "American", "05/28/2004 01:31 PM", 1085751060 },
	{ "American, short", "5/28/04", 1085702400 },
	{ "the month first when both could be", "03/04/2004", 1078358400 },
	{ "the day first when the month cannot", "28/05/2004 13:31",
	    1085751060 },
	{ "a hyphen before the time", "28/05/2004 - 13:31", 1085751060 },
	{ "European", "28.05.2004 13:31:15", 1085751075 },
	{ "the day first when both could be", "03.04.2004", 1080950400 },
	{ "European, short", "28.5.04", 1085702400 },
	{ "European with spaces", "28. 5. 2004 13:31", 1085751060 },
	{ "day, month and year by hyphens", "28-05-2004", 1085702400 },
	{ "month, day and year by hyphens", "05-28-2004", 1085702400 },
	{ "month, day and short year by hyphens", "05-28-04", 1085702400 },
	{ "the year first, dots", "2004.05.28 13:31", 1085751060 },
	{ "the year first, dots and spaces", "2004. 5. 28.", 1085702400 },
	{ "a short year first, slashes", "04/5/8 13:31", 1084023060 },
	{ "a short year first, dots", "99.05.28", 927849600 },
	{ "a weekday before numbers", "Fri, 2004/05/28 09:31:15 EDT",
	    1085751075 },
	{ "the time before numbers", "15:31 28.05.2004 +0200", 1085751060 },
	{ "a weekday, numbers and a hyphen", "Fri, 05/28/2004 - 13:31",
	    1085751060 },
	{ "three numbers by spaces",
	    "Fri, 28 05 2004 13:31:15 GMT", 1085751075 },
	{ "the year first, by spaces", "2004 05 28 13:31:15", 1085751075 },
	{ "two numbers and a clock", "28 05 13:31", NONE },
	{ "an at sign", "May 28, 2004 @ 1:31 pm", 1085751060 },
	{ "half days behind numbers", "2004-05-28 01:31:15 PM", 1085751075 },
	{ "\"at\"", "2004-05-28 at 13:31:15", 1085751075 },
	{ "slashes", "2004/05/28", 1085702400 },
	{ "a comma in the fraction", "2004-05-28T13:31:15,999Z", 1085751075 },
	{ "a long fraction", "2004-05-28T13:31:15.12345678901234567890Z",
	    1085751075 },
	{ "an offset of two digits", "2004-05-28T15:31:15+02", 1085751075 },
	{ "an offset over midnight", "2004-07-08 23:56:58 -00:20", 1089332218 },
	{ "numbers of one digit", "2004-5-8 1:3:5", 1083978185 },
	{ "an hour alone", "2004-05-28T13Z", 1085749200 },
	{ "the basic form with an offset", "20040528T153115+0200", 1085751075 },
	{ "the basic form without a time", "20040528", 1085702400 },
	{ "the basic form without seconds", "20040528T1331", 1085751060 },
	{ "no T", "20040528133115", 1085751075 },
	{ "no T, no seconds", "200405281331", 1085751060 },
	{ "a week and its day", "2003-W52-3", 1072224000 },
	{ "the same, basic", "2003W523", 1072224000 },
	{ "a week is its Monday", "2003-W52", 1072051200 },
	{ "a week and a time", "2003-W52-3T13:31:15Z", 1072272675 },
	{ "the first week begins in the year before", "2004-W01-1",
	    1072656000 },
	{ "the first week begins late", "2005-W01-1", 1104710400 },
	{ "the last week ends in the year behind", "2009-W53-7", 1262476800 },
	{ "no week 53", "2010-W53-1", NONE },
	{ "no week 0", "2010-W00-1", NONE },
	{ "no weekday 8", "2010-W01-8", NONE },
	{ "the day of the year, basic", "2003335", 1070236800 },
	{ "the last day of a leap year", "2004-366", 1104451200 },
	{ "a short year", "03-12-31", 1072828800 },
	{ "a short year, basic", "031231", 1072828800 },
	{ "a short year, its month", "-0312", 1070236800 },
	{ "a short year, its month, hyphens", "-03-12", 1070236800 },
	{ "a short year, its day", "03-335", 1070236800 },
	{ "a short year, its day, basic", "03335", 1070236800 },
	{ "a short year and a time", "03-12-31T10:14:55Z", 1072865695 },
	{ "a zero too many", "2003-012-31T10:14:55+00:00", 1072865695 },
	{ "a day in UTC", "2003-12-31Z", 1072828800 },
	{ "a day and its zone", "2003-12-31+01:00", 1072825200 },
	{ "no zone without a colon", "2013-01-27-01", NONE },
	{ "seconds since 1970", "1085751075", 1085751075 },
	{ "milliseconds since 1970", "1085751075999", 1085751075 },
	{ "the year 9999", "9999-12-31T23:59:59Z", 253402300799 },
	{ "the year 0", "0000-01-01", -62167219200 },
	{ "the last second", "2004-05-28T23:59:60", 1085788800 },
	{ "31 February", "31 Feb 2004", NONE },
	{ "no day", "May 2004", NONE },
	{ "no year", "Fri, 28 May 13:31:15 GMT", NONE },
	{ "two years", "28 May 2004 2005", NONE },
	{ "two months", "28 May June 2004", NONE },
	{ "two clocks", "28 May 2004 13:31 14:31", NONE },
	{ "two offsets", "28 May 2004 13:31 +0100 +0200", NONE },
	{ "a word behind the offset", "28 May 2004 13:31 +0100 foo", NONE },
	{ "letters on the offset", "2004-05-28T13:31:15-05:00foo", NONE },
	{ "a word before the day", "foo 28 May 2004", NONE },
	{ "a word for the year", "Sun, 16 Dec zz 11:47:32 GMT", NONE },
	{ "minutes of an offset in letters", "Sun, 16 Dec 2012 11:47:32 +00:zz",
	    NONE },
	{ "60 minutes in an offset", "16 Dec 2012 11:47:32 +0060", NONE },
	{ "letters in the date", "2013-xx-27", NONE },
	{ "letters in the time", "2013-01-28T09:xx:00Z", NONE },
	{ "letters in the offset", "2013-01-28T09:00:00+00:xx", NONE },
	{ "a year of five digits", "28 May 20040", NONE },
	{ "two letters", "28 Ja 2004", NONE },
	{ "nine digits", "170000000", NONE },
	{ "eleven digits", "17000000000", NONE },
	{ "an opened bracket", "(", NONE },
	{ "a hyphen at the end", "28 May -", NONE },

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

/* -- What is written is read ----------------------------------------------- */

static const char *const months[] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December"
};

/* A time in its parts, as time_text_rfc3339() has them. */
struct parts {
	int	year, month, day, hour, minute, second;
};

static struct parts
split_time(int64_t t)
{
	char text[TIME_TEXT_SIZE], *end;
	struct parts p;

	time_text_rfc3339(t, text);
	p.year = (int)strtol(text, &end, 10);
	p.month = (int)strtol(end + 1, &end, 10);
	p.day = (int)strtol(end + 1, &end, 10);
	p.hour = (int)strtol(end + 1, &end, 10);
	p.minute = (int)strtol(end + 1, &end, 10);
	p.second = (int)strtol(end + 1, NULL, 10);
	return p;
}

enum { LAYOUTS = 16 };

static void
write_layout(int layout, struct parts p, char *out, size_t size)
{
	const char *month = months[p.month - 1];
	int y = p.year, m = p.month, d = p.day, H = p.hour, M = p.minute,
	    S = p.second, half = H % 12 == 0 ? 12 : H % 12;

	switch (layout) {
	case 0:
		(void)snprintf(out, size, "Xyz, %02d %.3s %04d %02d:%02d:%02d "
		    "GMT", d, month, y, H, M, S);
		break;
	case 1:
		(void)snprintf(out, size, "%d %s %04d %d:%d:%d +0000", d,
		    month, y, H, M, S);
		break;
	case 2:
		(void)snprintf(out, size, "Fri %.3s %2d %02d:%02d:%02d %04d",
		    month, d, H, M, S, y);
		break;
	case 3:
		(void)snprintf(out, size, "Friday, %02d-%.3s-%04d "
		    "%02d:%02d:%02d UTC", d, month, y, H, M, S);
		break;
	case 4:
		(void)snprintf(out, size, "%s %d, %04d at %d:%02d:%02d %s",
		    month, d, y, half, M, S, H < 12 ? "a.m." : "p.m.");
		break;
	case 5:
		(void)snprintf(out, size, "%02d/%02d/%04d %d:%02d:%02d%s",
		    m, d, y, half, M, S, H < 12 ? "AM" : "PM");
		break;
	case 6:
		(void)snprintf(out, size, "%d.%d.%04d %d.%02d.%02d", d, m, y,
		    H, M, S);
		break;
	case 7:
		(void)snprintf(out, size, "%04d\xE5\xB9\xB4%d\xE6\x9C\x88%d"
		    "\xE6\x97\xA5 %02d:%02d:%02d", y, m, d, H, M, S);
		break;
	case 8:
		(void)snprintf(out, size, "%04d-%02d-%02dT%02d:%02d:%02dZ", y,
		    m, d, H, M, S);
		break;
	case 9:
		(void)snprintf(out, size, "%04d%02d%02dT%02d%02d%02d", y, m,
		    d, H, M, S);
		break;
	case 10:
		(void)snprintf(out, size, "%04d%02d%02d%02d%02d%02d", y, m,
		    d, H, M, S);
		break;
	case 11:
		(void)snprintf(out, size, "Fri, %04d/%02d/%02d %02d:%02d:%02d "
		    "-00:00", y, m, d, H, M, S);
		break;
	case 12:
		(void)snprintf(out, size, "%02d-%02d-%04d %02d:%02d:%02d.25",
		    d, m, y, H, M, S);
		break;
	case 13:
		(void)snprintf(out, size, "%02d:%02d:%02d Z %.3s %d %04d", H,
		    M, S, month, d, y);
		break;
	case 14:
		(void)snprintf(out, size, "%04d %s %d %02d:%02d:%02d", y,
		    month, d, H, M, S);
		break;
	default:
		(void)snprintf(out, size, "%04d. %d. %d. %02d:%02d:%02d", y,
		    m, d, H, M, S);
		break;
	}
}

/* Times from 1800 to 2199, each in each layout. */
static void
reads_what_is_written(void **state)
{
	uint64_t random = 20040528;
	char text[128];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t t;

		random = random * UINT64_C(6364136223846793005) + 1;
		t = (int64_t)((random >> 20) % UINT64_C(12622780800)) -
		    INT64_C(5364662400);
		write_layout(i % LAYOUTS, split_time(t), text, sizeof(text));
		if (feed_date_parse(str_from(text)) != t)
			fail_msg("\"%s\" gave %lld, not %lld", text,
			    (long long)feed_date_parse(str_from(text)),
			    (long long)t);
	}
}

/* Each day of 400 years by its week and by its number. */
static void
reads_weeks_and_ordinals(void **state)
{
	int64_t first = time_days_from_civil(1800, 1, 1);
	int64_t end = time_days_from_civil(2200, 1, 1);
	int ordinal = 1, year = 1800;

	(void)state;
	for (int64_t day = first; day < end; day++, ordinal++) {
		/* The Thursday of its week tells the week's year. */
		int weekday = (int)(((day + 3) % 7 + 7) % 7);
		struct parts p = split_time((day - weekday + 3) * 86400);
		int64_t jan1 = time_days_from_civil(p.year, 1, 1);
		int week = (int)((day - weekday + 3 - jan1) / 7) + 1;
		char text[32];

		if (day == time_days_from_civil(year + 1, 1, 1)) {
			year++;
			ordinal = 1;
		}
		(void)snprintf(text, sizeof(text), "%04d-W%02d-%d", p.year,
		    week, weekday + 1);
		if (feed_date_parse(str_from(text)) != day * 86400)
			fail_msg("%s", text);
		(void)snprintf(text, sizeof(text), "%04d%03d", year, ordinal);
		if (feed_date_parse(str_from(text)) != day * 86400)
			fail_msg("%s", text);
	}
}

/* -- Dates from outside ---------------------------------------------------- */

/* A string as Python writes it: '...' or "..."; false when it is none. */
static bool
read_repr(struct str s, char *out, size_t size)
{
	size_t n = 0;

	if (s.n < 2 || (s.p[0] != '\'' && s.p[0] != '"') ||
	    s.p[s.n - 1] != s.p[0])
		return false;
	for (size_t i = 1; i + 1 < s.n; i++) {
		char c = s.p[i];

		if (c == '\\') {
			c = s.p[++i];
			if (c == 'n' || c == 't')
				c = c == 'n' ? '\n' : '\t';
			else if (c != '\\' && c != '\'' && c != '"')
				return false;
		}
		if (n + 1 >= size)
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return true;
}

/* "(2004, 1, 4, 16, 29, 6, ...", a time in UTC, or "None". */
static bool
read_tuple(const char *s, int64_t *t)
{
	long v[6];
	char *end;

	*t = ITEM_NO_TIME;
	if (strncmp(s, "None", 4) == 0)
		return true;
	for (int i = 0; i < 6; i++) {
		v[i] = strtol(s + 1, &end, 10);
		if (end == s + 1 || *end != ',')
			return false;
		s = end;
	}
	*t = time_days_from_civil(v[0], (int)v[1], (int)v[2]) * 86400 +
	    v[3] * 3600 + v[4] * 60 + v[5];
	return true;
}

/* One line of a table: who reads it so, the text, the time. */
static void
read_line(const char *line, int number)
{
	const char *text = strchr(line, '\t');
	const char *time = text != NULL ? strchr(text + 1, '\t') : NULL;
	char date[512];
	int64_t want = ITEM_NO_TIME, got;

	if (time == NULL || !read_tuple(time + 1, &want) ||
	    !read_repr((struct str){ text + 1, (size_t)(time - text) - 1 },
	    date, sizeof(date)))
		fail_msg("dates.tsv:%d: no such line", number);
	got = feed_date_parse(str_from(date));
	if (got != want)
		fail_msg("dates.tsv:%d: \"%s\" gave %lld, not %lld", number,
		    date, (long long)got, (long long)want);
}

/* What others' tests say, where HEADLINED_SUITES names the folder. */
static void
reads_suite(void **state)
{
	const char *folder = getenv("HEADLINED_SUITES");
	char path[4096], line[1024];
	int number = 0;
	FILE *f;

	(void)state;
	if (folder == NULL) {
		/* cmocka's skip() is no skip in TAP. */
		print_message("# HEADLINED_SUITES names no folder: only "
		    "the dates of this file are read\n");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/dates.tsv", folder);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		read_line(line, ++number);
	assert_int_equal(fclose(f), 0);
	assert_true(number > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_dates),
		cmocka_unit_test(reads_prefixes),
		cmocka_unit_test(reads_what_is_written),
		cmocka_unit_test(reads_weeks_and_ordinals),
		cmocka_unit_test(reads_suite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
