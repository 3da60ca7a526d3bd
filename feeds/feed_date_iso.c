/* SPDX-License-Identifier: ISC */
/*
 * Digits with the year first, strict in order: RFC 3339, W3C-DTF, ISO 8601
 * with its weeks, ordinal days and short years; and seconds since 1970.
 */
#include "base/item.h"
#include "base/time_text.h"
#include "feeds/feed_date_private.h"

/* -- Days ------------------------------------------------------------------ */

static int
days_of_year(int64_t year)
{
	return 337 + feed_date_days_in(year, 2);
}

/* Day `day` of d's year, from 1. */
static bool
set_day_of_year(struct date *d, int day)
{
	if (day < 1 || day > days_of_year(d->year))
		return false;
	d->month = 1;
	while (day > feed_date_days_in(d->year, d->month))
		day -= feed_date_days_in(d->year, d->month++);
	d->day = day;
	return true;
}

/* 0 is Monday. 1970-01-01 was a Thursday. */
static int
weekday_of(int64_t days)
{
	return (int)(((days + 3) % 7 + 7) % 7);
}

/*
 * Week 1 is the one with 4 January (ISO 8601). Its days may lie in the year
 * before, those of the last one in the year behind; there is a week 53 only
 * when its Thursday is in the year.
 */
static bool
set_week(struct date *d, int week, int weekday)
{
	int64_t jan1 = time_days_from_civil(d->year, 1, 1);
	int first = 3 - weekday_of(jan1 + 3);	/* week 1's Monday, from 0 */
	int day = first + (week - 1) * 7 + weekday - 1;

	if (week < 1 || weekday < 1 || weekday > 7 ||
	    first + (week - 1) * 7 + 3 >= days_of_year(d->year))
		return false;
	if (day < 0)
		day += days_of_year(--d->year);
	else if (day >= days_of_year(d->year))
		day -= days_of_year(d->year++);
	return set_day_of_year(d, day + 1);
}

/* -- Dates ----------------------------------------------------------------- */

/* "52", "523", "52-3" behind a year and 'W'. */
static bool
take_week(struct str *s, struct date *d)
{
	int week = take_digits(s, 2), weekday = 1;

	if (take_char(s, '-') || count_digits(*s) == 1)
		weekday = take_number(s, 1, 1);
	return week != UNSET && weekday != UNSET && set_week(d, week, weekday);
}

/* "012" before a day: one zero too many (a blog program did so for years). */
static bool
is_long_month(struct str s, char separator)
{
	return s.n > 4 && s.p[0] == '0' && s.p[3] == separator &&
	    is_digit(s.p[4]);
}

/* "-12-31", "/12/31", "-12", "-365", "-W52-3" behind a year. */
static bool
take_separated(struct str *s, struct date *d)
{
	char separator = s->p[0];

	if (!take_char(s, '-') && !take_char(s, '/'))
		return false;
	if (separator == '-' && (take_char(s, 'W') || take_char(s, 'w')))
		return take_week(s, d);
	if (count_digits(*s) == 3 && is_long_month(*s, separator))
		skip_bytes(s, 1);
	else if (count_digits(*s) == 3)
		return set_day_of_year(d, take_digits(s, 3));
	d->month = take_number(s, 1, 2);
	if (d->month == UNSET || s->n == 0)
		return d->month != UNSET;
	return take_char(s, separator) &&
	    (d->day = take_number(s, 1, 2)) != UNSET;
}

/* "-0312", "-03-12": the short years of ISO 8601:1988, nothing behind. */
static bool
take_short_month(struct str *s, struct date *d)
{
	int year;

	skip_bytes(s, 1);
	year = take_digits(s, 2);
	if (year == UNSET)
		return false;
	(void)take_char(s, '-');	/* either way */
	d->year = feed_date_full_year(year, 2);
	return (d->month = take_number(s, 2, 2)) != UNSET && s->n == 0;
}

/*
 * "031231", "03-12-31", "03-365", "03335". Five digits only with a 0 in
 * front: "22013" is rather a number that went wrong.
 */
static bool
take_short_date(struct str *s, struct date *d, size_t digits)
{
	bool zero = s->p[0] == '0';

	d->year = feed_date_full_year(take_digits(s, 2), 2);
	if (digits == 5)
		return zero && set_day_of_year(d, take_digits(s, 3));
	if (digits == 6) {
		d->month = take_digits(s, 2);
		d->day = take_digits(s, 2);
		return true;
	}
	if (!take_char(s, '-'))
		return false;
	if (count_digits(*s) == 3)
		return set_day_of_year(d, take_digits(s, 3));
	d->month = take_number(s, 2, 2);
	return d->month != UNSET && take_char(s, '-') &&
	    (d->day = take_number(s, 2, 2)) != UNSET;
}

static bool
take_date(struct str *s, struct date *d)
{
	size_t digits = count_digits(*s);

	d->month = d->day = 1;
	if (digits == 0)
		return take_short_month(s, d);
	if (digits == 2 || digits == 5 || digits == 6)
		return take_short_date(s, d, digits);
	d->year = take_digits(s, 4);
	switch (digits) {
	case 4:
		if (take_char(s, 'W') || take_char(s, 'w'))
			return take_week(s, d);
		return s->n == 0 || take_separated(s, d);
	case 7:
		return set_day_of_year(d, take_digits(s, 3));
	case 8:
	case 12:		/* no T between day and time */
	case 14:
		d->month = take_digits(s, 2);
		d->day = take_digits(s, 2);
		return true;
	default:
		return false;
	}
}

/* -- Times ----------------------------------------------------------------- */

/* "10:14:55.12", "10:14", "101455", "1014", "10" */
static bool
take_time(struct str *s, struct date *d)
{
	size_t n = count_digits(*s);
	bool colons = n <= 2;

	if (n == 0 || (n > 2 && n != 4 && n != 6))
		return false;
	d->hour = take_digits(s, colons ? n : 2);
	if (colons && !take_char(s, ':'))
		return n == 2;
	d->minute = colons ? take_number(s, 1, 2) : take_digits(s, 2);
	if (d->minute == UNSET || (colons ? !take_char(s, ':') : n == 4))
		return d->minute != UNSET;
	d->second = colons ? take_number(s, 1, 2) : take_digits(s, 2);
	if (d->second == UNSET)
		return false;
	if (take_char(s, '.') || take_char(s, ','))
		skip_bytes(s, count_digits(*s));
	if (s->n > 1 && s->p[0] == ':' && (s->p[1] == '+' || s->p[1] == '-'))
		skip_bytes(s, 1);		/* "10:14:55:-0700" */
	return true;
}

static bool
take_utc(struct str *s)
{
	if (str_eq_nocase(*s, STR("Z")) || str_eq_nocase(*s, STR("UTC")) ||
	    str_eq_nocase(*s, STR("GMT")))
		skip_bytes(s, s->n);
	return s->n == 0;
}

/* "2003-12-31+01:00" (XML Schema, 3.2.9); a lone "-01" is no zone. */
static bool
take_date_zone(struct str *s, struct date *d)
{
	bool colon = s->n == 6 && s->p[3] == ':';

	return take_utc(s) || (colon && feed_date_take_offset(s, d));
}

/* 10 digits are seconds, 13 are milliseconds since 1970. */
static int64_t
read_count(struct str s)
{
	int64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v = v * 10 + (s.p[i] - '0');
	return s.n == 13 ? v / 1000 : v;
}

int64_t
feed_date_parse_iso(struct str s)
{
	struct date d = { .year = 0 };
	bool joined = s.n == 12 || s.n == 14;

	if ((s.n == 10 || s.n == 13) && count_digits(s) == s.n)
		return read_count(s);
	joined = joined && count_digits(s) == s.n;
	if (!take_date(&s, &d))
		return ITEM_NO_TIME;
	if (s.n == 0)
		return feed_date_to_unix(&d);
	if (!joined && !take_char(&s, 'T') && !take_char(&s, 't') &&
	    !take_char(&s, ' '))
		return take_date_zone(&s, &d) && s.n == 0 ?
		    feed_date_to_unix(&d) : ITEM_NO_TIME;
	s = str_trim(s);
	if (!take_time(&s, &d))
		return ITEM_NO_TIME;
	s = str_trim(s);
	if (!take_utc(&s) && (!feed_date_take_offset(&s, &d) || s.n > 0))
		return ITEM_NO_TIME;
	return feed_date_to_unix(&d);
}
