/* SPDX-License-Identifier: ISC */
/*
 * The front: what nearly every feed writes is read at once, by position. All
 * else is folded and goes to the reader that takes words in any order:
 *
 *	"2004-01-04T16:29:06Z"		  feed_date_iso.c
 *	"Sun, 04 Jan 2004 16:29:06 EST"	  read_common(), here
 *	"Κυρ, 4 Ιαν 2004 4:29 μ.μ."	  feed_date_named.c
 */
#include "feeds/feed_date.h"

#include "base/item.h"
#include "base/time_text.h"
#include "feeds/feed_date_private.h"

/* "Sun, " */
enum { WEEKDAY_SIZE = 5 };

/* -- What all readers share ------------------------------------------------ */

static bool
is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int
feed_date_days_in(int64_t year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* A leap second is read; 24:00 is the end of the day (ISO 8601). */
int64_t
feed_date_to_unix(const struct date *d)
{
	bool late = d->hour == 24 && (d->minute > 0 || d->second > 0);

	if (d->month < 1 || d->month > 12 || d->day < 1 ||
	    d->day > feed_date_days_in(d->year, d->month))
		return ITEM_NO_TIME;
	if (d->hour > 24 || late || d->minute > 59 || d->second > 60 ||
	    d->zone_min < -1439 || d->zone_min > 1439)
		return ITEM_NO_TIME;
	return time_days_from_civil(d->year, d->month, d->day) * 86400 +
	    d->hour * 3600 + d->minute * 60 + d->second -
	    (int64_t)d->zone_min * 60;
}

int64_t
feed_date_full_year(int year, size_t digits)
{
	if (digits == 2)
		return year < 50 ? year + 2000 : year + 1900;
	return digits == 3 ? year + 1900 : year;
}

/* ":30" or nothing: minutes of an offset, and seconds, which do not count. */
static int
take_offset_minutes(struct str *s)
{
	int minutes = 0;

	if (take_char(s, ':') && (minutes = take_number(s, 2, 2)) != UNSET &&
	    take_char(s, ':') && take_number(s, 2, 2) == UNSET)
		return UNSET;
	return minutes;
}

bool
feed_date_take_offset(struct str *s, struct date *d)
{
	int sign = take_char(s, '-') ? -1 : 1, hours, minutes;
	size_t n;

	if (sign == 1 && !take_char(s, '+'))
		return false;
	n = count_digits(*s);
	if (n < 1 || n > 4)
		return false;
	hours = take_digits(s, n <= 2 ? n : n - 2);
	minutes = n <= 2 ? take_offset_minutes(s) : take_digits(s, 2);
	d->zone_min = sign * (hours * 60 + minutes);
	return minutes >= 0 && minutes < 60;
}

/* -- The common form ------------------------------------------------------- */

/* 1 to 12 of "Jan", "Feb" ...; 0 when it is none. Three bytes at p. */
static int
read_month(const char *p)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	char a = p[0] | 0x20, b = p[1] | 0x20, c = p[2] | 0x20;

	for (int i = 0; i < 12; i++) {
		const char *m = months + (size_t)i * 3;

		if (m[0] == a && m[1] == b && m[2] == c)
			return i + 1;
	}
	return 0;
}

/* "16:29:06", "16:29" */
static bool
take_clock(struct str *s, struct date *d)
{
	d->hour = take_digits(s, 2);
	if (d->hour == UNSET || !take_char(s, ':') ||
	    (d->minute = take_digits(s, 2)) == UNSET)
		return false;
	d->second = 0;
	return !take_char(s, ':') || (d->second = take_digits(s, 2)) != UNSET;
}

/*
 * RFC 822 and 5322 as they are meant: false sends it to the patient reader,
 * which reads the same and more.
 */
static bool
read_common(struct str s, int64_t *t)
{
	struct date d = { .year = 0 };

	if (s.n > WEEKDAY_SIZE && !is_digit(s.p[0]) && s.p[3] == ',' &&
	    s.p[4] == ' ')
		skip_bytes(&s, WEEKDAY_SIZE);
	d.day = take_number(&s, 1, 2);
	if (d.day == UNSET || s.n < 16 || s.p[0] != ' ' || s.p[4] != ' ')
		return false;
	d.month = read_month(s.p + 1);
	skip_bytes(&s, 5);
	d.year = take_number(&s, 4, 4);
	if (d.month == 0 || d.year == UNSET || !take_char(&s, ' ') ||
	    !take_clock(&s, &d) || d.hour >= 24 || !take_char(&s, ' ') ||
	    s.n == 0)
		return false;
	if (s.p[0] == '+' || s.p[0] == '-' ?
	    !feed_date_take_offset(&s, &d) : !feed_date_take_zone(&s, &d))
		return false;
	*t = feed_date_to_unix(&d);
	return s.n == 0;
}

/* A weekday that is none is left to the patient reader. */
static bool
may_be_common(struct str s)
{
	for (size_t i = 0; i < 3; i++)
		if ((s.p[i] | 0x20) < 'a' || (s.p[i] | 0x20) > 'z')
			return is_digit(s.p[0]);
	return true;
}

/* -- The front ------------------------------------------------------------- */

static bool
may_be_iso(struct str s)
{
	return s.p[0] == '-' || (is_digit(s.p[0]) && is_digit(s.p[1]) &&
	    (is_digit(s.p[2]) || s.p[2] == '-'));
}

/* The two forms that nearly all dates have. */
static bool
read_usual(struct str s, int64_t *t)
{
	if (!may_be_iso(s))
		return may_be_common(s) && read_common(s, t);
	*t = feed_date_parse_iso(s);
	return *t != ITEM_NO_TIME;
}

int64_t
feed_date_parse(struct str s)
{
	char folded[DATE_MAX];
	struct str f;
	int64_t t;

	s = str_trim(s);
	if (s.n < 4 || s.n > DATE_MAX)
		return ITEM_NO_TIME;
	if (read_usual(s, &t))
		return t;
	f = str_trim((struct str){ folded, feed_date_fold(s, folded) });
	if (f.n < 4)
		return ITEM_NO_TIME;
	if (!str_eq(f, s) && read_usual(f, &t))
		return t;
	return feed_date_parse_named(f);
}
