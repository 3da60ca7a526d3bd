/* SPDX-License-Identifier: ISC */
/*
 * Calendar arithmetic on years that begin in March: the leap day is then the
 * last of its year, and the day of a month's begin is (153 * m + 2) / 5, m
 * counted from March. 400 years are an era of 146,097 days, always.
 */
#include "base/time_text.h"

#include <stdio.h>

enum { DAYS_PER_ERA = 146097, S_PER_DAY = 86400 };

#define FIRST_S		INT64_C(-62167219200)	/* 0000-01-01T00:00:00Z */
#define LAST_S		INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */
#define EPOCH_DAY	INT64_C(719468)		/* 1970-01-01 from 0000-03-01 */

struct civil {
	int	year, month, day;		/* month and day from 1 */
	int	hour, minute, second;
};

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

int64_t
time_days_from_civil(int64_t year, int month, int day)
{
	int64_t march_year = month > 2 ? year : year - 1;
	int64_t era = floor_div(march_year, 400);
	int64_t in_era = march_year - era * 400;
	int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 +
	    day - 1;

	return era * DAYS_PER_ERA + in_era * 365 + in_era / 4 - in_era / 100 +
	    in_year - EPOCH_DAY;
}

static void
civil_from_days(int64_t days, struct civil *c)
{
	int64_t since = days + EPOCH_DAY;
	int64_t era = floor_div(since, DAYS_PER_ERA);
	int64_t in_era = since - era * DAYS_PER_ERA;
	int64_t year, in_year, month;

	/* Without the leap days (one in 4 years, 100, 400) a year has 365. */
	year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) /
	    365;
	in_year = in_era - (365 * year + year / 4 - year / 100);
	month = (5 * in_year + 2) / 153;
	c->day = (int)(in_year - (153 * month + 2) / 5 + 1);
	c->month = (int)(month < 10 ? month + 3 : month - 9);
	c->year = (int)(era * 400 + year + (month >= 10 ? 1 : 0));
}

static void
civil_from_unix(int64_t unix_s, struct civil *c)
{
	int64_t days;
	int rest;

	if (unix_s < FIRST_S)
		unix_s = FIRST_S;
	if (unix_s > LAST_S)
		unix_s = LAST_S;
	days = floor_div(unix_s, S_PER_DAY);
	rest = (int)(unix_s - days * S_PER_DAY);
	civil_from_days(days, c);
	c->hour = rest / 3600;
	c->minute = rest / 60 % 60;
	c->second = rest % 60;
}

void
time_text_rfc3339(int64_t unix_s, char out[TIME_TEXT_SIZE])
{
	struct civil c;

	civil_from_unix(unix_s, &c);
	snprintf(out, TIME_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year,
	    c.month, c.day, c.hour, c.minute, c.second);
}

/* RFC 3164, 4.1.2: a day below 10 has a space before it. */
void
time_text_syslog(int64_t unix_s, char out[TIME_TEXT_SIZE])
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
		"May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct civil c;

	civil_from_unix(unix_s, &c);
	snprintf(out, TIME_TEXT_SIZE, "%s %2d %02d:%02d:%02d",
	    months[c.month - 1], c.day, c.hour, c.minute, c.second);
}
