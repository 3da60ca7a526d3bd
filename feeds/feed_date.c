/* SPDX-License-Identifier: ISC */
/*
 * Two readers. One for dates that begin with their year (RFC 3339, W3C-DTF,
 * ISO 8601's basic form), strict in order. One for dates with the name of a
 * month (RFC 822 and 2822, asctime, and what people make of them), which takes
 * the words in any order, since each tells by its look what it is:
 *
 *	Sun, 4 Jan 2004 16:29:06 EST	Sun Jan  4 16:29:06 2004
 */
#include "feeds/feed_date.h"

#include <stdbool.h>

#include "base/item.h"
#include "base/time_text.h"

enum { UNSET = -1, DATE_MAX = 128 };

struct date {
	int64_t	year;
	int	month, day;		/* from 1 */
	int	hour, minute, second;
	int	zone_min;		/* east of UTC */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in(int64_t year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* A leap second is read; 24:00 is the end of the day (ISO 8601). */
static int64_t
to_unix(const struct date *d)
{
	bool late = d->hour == 24 && (d->minute > 0 || d->second > 0);

	if (d->month < 1 || d->month > 12 || d->day < 1 ||
	    d->day > days_in(d->year, d->month))
		return ITEM_NO_TIME;
	if (d->hour > 24 || late || d->minute > 59 || d->second > 60 ||
	    d->zone_min < -1439 || d->zone_min > 1439)
		return ITEM_NO_TIME;
	return time_days_from_civil(d->year, d->month, d->day) * 86400 +
	    d->hour * 3600 + d->minute * 60 + d->second -
	    (int64_t)d->zone_min * 60;
}

/* -- Pieces: each takes its bytes off *s ---------------------------------- */

static void
skip(struct str *s, size_t n)
{
	*s = str_sub(*s, n, s->n);
}

static bool
take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	skip(s, 1);
	return true;
}

static size_t
count_digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}

/* From min to max digits, and no digit behind them. UNSET when not. */
static int
take_number(struct str *s, size_t min, size_t max)
{
	size_t n = count_digits(*s);
	int v = 0;

	if (n < min || n > max)
		return UNSET;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (s->p[i] - '0');
	skip(s, n);
	return v;
}

/* Exactly n digits, whatever follows. */
static int
take_digits(struct str *s, size_t n)
{
	struct str head = str_sub(*s, 0, n);
	int v = take_number(&head, n, n);

	if (v != UNSET)
		skip(s, n);
	return v;
}

/* ":30", ".125"; false when what stands there is wrong. */
static bool
take_minutes(struct str *s, struct date *d)
{
	d->second = 0;
	if (!take_char(s, ':') || (d->minute = take_number(s, 1, 2)) == UNSET)
		return false;
	if (!take_char(s, ':'))
		return true;
	if ((d->second = take_number(s, 1, 2)) == UNSET)
		return false;
	if (take_char(s, '.') || take_char(s, ','))
		skip(s, count_digits(*s));
	return true;
}

/* "+0100", "-01:00", "+1"; false when no offset or a wrong one. */
static bool
take_offset(struct str *s, struct date *d)
{
	int sign = take_char(s, '-') ? -1 : 1, hours, minutes = 0;

	if (sign == 1 && !take_char(s, '+'))
		return false;
	switch (count_digits(*s)) {
	case 1:
	case 2:
		hours = take_number(s, 1, 2);
		if (take_char(s, ':') &&
		    (minutes = take_number(s, 2, 2)) == UNSET)
			return false;
		break;
	case 4:
		hours = take_digits(s, 2);
		minutes = take_digits(s, 2);
		break;
	default:
		return false;
	}
	d->zone_min = sign * (hours * 60 + minutes);
	return minutes < 60;
}

/* -- The year first ------------------------------------------------------- */

/* "2003", "2003-12", "2003-12-31", "20031231", "2003-365". */
static bool
take_iso_date(struct str *s, struct date *d)
{
	bool dashed;

	if ((d->year = take_digits(s, 4)) == UNSET)
		return false;
	d->month = d->day = 1;
	if (s->n == 0)
		return true;
	dashed = take_char(s, '-') || take_char(s, '/');
	if (!dashed && count_digits(*s) != 4)
		return false;
	if (dashed && count_digits(*s) == 3) {
		d->day = take_number(s, 3, 3);
		while (d->month < 12 && d->day > days_in(d->year, d->month))
			d->day -= days_in(d->year, d->month++);
		return d->day > 0;
	}
	d->month = dashed ? take_number(s, 1, 2) : take_digits(s, 2);
	if (dashed && s->n == 0)
		return d->month != UNSET;
	if (dashed && !take_char(s, '-') && !take_char(s, '/'))
		return false;
	d->day = take_number(s, 1, 2);
	return d->month != UNSET && d->day != UNSET;
}

/* "10:14:55.12", "101455", "10:14". */
static bool
take_iso_time(struct str *s, struct date *d)
{
	size_t n = count_digits(*s);

	if (n == 4 || n == 6) {
		d->hour = take_digits(s, 2);
		d->minute = take_digits(s, 2);
		d->second = n == 6 ? take_digits(s, 2) : 0;
		return true;
	}
	d->hour = take_number(s, 1, 2);
	return d->hour != UNSET && take_minutes(s, d);
}

static int64_t
parse_iso(struct str s)
{
	struct date d = { .year = 0 };

	if (!take_iso_date(&s, &d))
		return ITEM_NO_TIME;
	if (s.n == 0)
		return to_unix(&d);
	if (!take_char(&s, 'T') && !take_char(&s, 't') && !take_char(&s, ' '))
		return ITEM_NO_TIME;
	s = str_trim(s);
	if (!take_iso_time(&s, &d))
		return ITEM_NO_TIME;
	s = str_trim(s);
	if (s.n == 0 || str_eq_nocase(s, STR("Z")) ||
	    str_eq_nocase(s, STR("UTC")) || str_eq_nocase(s, STR("GMT")))
		return to_unix(&d);
	return take_offset(&s, &d) && s.n == 0 ? to_unix(&d) : ITEM_NO_TIME;
}

/* -- A month's name somewhere --------------------------------------------- */

static const struct zone {
	const char	*name;
	int		 hours;
} zones[] = {
	{ "UT", 0 }, { "UTC", 0 }, { "GMT", 0 }, { "Z", 0 }, { "WET", 0 },
	{ "Etc/GMT", 0 }, { "Etc/UTC", 0 },
	{ "EST", -5 }, { "EDT", -4 }, { "ET", -5 },
	{ "CST", -6 }, { "CDT", -5 }, { "CT", -6 },
	{ "MST", -7 }, { "MDT", -6 }, { "MT", -7 },
	{ "PST", -8 }, { "PDT", -7 }, { "PT", -8 },
	{ "AST", -4 }, { "ADT", -3 }, { "AT", -4 },
	{ "BST", 1 }, { "CET", 1 }, { "CEST", 2 }, { "MET", 1 }, { "MEST", 2 },
	{ "MEZ", 1 }, { "MESZ", 2 }, { "EET", 2 }, { "EEST", 3 },
	{ "MSK", 3 }, { "SGT", 8 }, { "JST", 9 }, { "KST", 9 }
};

static bool
read_zone(struct str word, struct date *d)
{
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (str_eq_nocase(word, str_from(zones[i].name))) {
			d->zone_min = zones[i].hours * 60;
			return true;
		}
	if (word.n > 3 && str_eq_nocase(str_sub(word, 0, 3), STR("GMT")))
		word = str_sub(word, 3, word.n);
	return take_offset(&word, d) && word.n == 0;
}

/* 1 to 12, by the first three letters; 0 when no month. */
static int
read_month(struct str word)
{
	static const char *const months[] = {
		"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November",
		"December"
	};

	for (int i = 0; word.n >= 3 && i < 12; i++) {
		struct str full = str_from(months[i]);

		if (str_eq_nocase(word, str_sub(full, 0, word.n)) ||
		    (i == 8 && str_eq_nocase(word, STR("Sept"))))
			return i + 1;
	}
	return 0;
}

static bool
is_weekday(struct str word)
{
	static const char *const days[] = {
		"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday",
		"Friday", "Saturday"
	};

	for (size_t i = 0; word.n >= 2 && i < 7; i++)
		if (str_eq_nocase(word, str_sub(str_from(days[i]), 0, word.n)))
			return true;
	return str_eq_nocase(word, STR("Tues")) ||
	    str_eq_nocase(word, STR("Thur")) ||
	    str_eq_nocase(word, STR("Thurs"));
}

/* RFC 5322, 4.3: two and three digits. */
static int64_t
full_year(int year, size_t digits)
{
	if (digits == 2)
		return year < 50 ? year + 2000 : year + 1900;
	return digits == 3 ? year + 1900 : year;
}

/* Of bare numbers the first of one or two digits is the day. */
static bool
read_number(struct str word, struct date *d)
{
	size_t n = word.n;
	int v = take_number(&word, 1, 4);

	if (v == UNSET || word.n > 0)
		return false;
	if (n <= 2 && d->day == UNSET) {
		d->day = v;
		return true;
	}
	if (n < 2 || d->year != UNSET)
		return false;
	d->year = full_year(v, n);
	return true;
}

static bool
read_clock(struct str word, struct date *d)
{
	if (d->hour != UNSET ||
	    (d->hour = take_number(&word, 1, 2)) == UNSET ||
	    !take_minutes(&word, d))
		return false;
	return word.n == 0 || read_zone(word, d);
}

static bool
read_half(struct str word, struct date *d)
{
	bool pm = str_eq_nocase(word, STR("PM"));

	if ((!pm && !str_eq_nocase(word, STR("AM"))) || d->hour < 1 ||
	    d->hour > 12)
		return false;
	d->hour = d->hour % 12 + (pm ? 12 : 0);
	return true;
}

static bool
read_word(struct str word, struct date *d)
{
	int month;

	if (is_digit(word.p[0]))
		return memchr(word.p, ':', word.n) != NULL ?
		    read_clock(word, d) : read_number(word, d);
	if (d->month == UNSET && (month = read_month(word)) != 0) {
		d->month = month;
		return true;
	}
	return is_weekday(word) || read_half(word, d) ||
	    (d->hour != UNSET && read_zone(word, d));
}

/* "12-Dec-2012" is three words, "-0500" is one. */
static size_t
word_length(struct str s)
{
	size_t n = 1;

	while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t' && s.p[n] != '\n' &&
	    s.p[n] != '\r' && s.p[n] != ',' &&
	    !(s.p[n] == '-' && (is_letter(s.p[0]) || is_digit(s.p[0])) &&
	    memchr(s.p, ':', n) == NULL &&
	    !str_eq_nocase(str_sub(s, 0, n), STR("GMT"))))
		n++;
	return n;
}

/* Passes over white space, commas, and a '-' that only joins. */
static struct str
next_word(struct str s, const struct date *d)
{
	do
		s = str_trim(s);
	while (take_char(&s, ','));
	if (s.n > 1 && s.p[0] == '-' && d->hour == UNSET)
		skip(&s, 1);
	return s;
}

static int64_t
parse_named(struct str s)
{
	struct date d = { UNSET, UNSET, UNSET, UNSET, 0, 0, 0 };
	size_t n;

	for (s = next_word(s, &d); s.n > 0; s = next_word(s, &d)) {
		if (s.p[0] == '(' && d.hour != UNSET)
			break;		/* RFC 5322, 3.2.2: a comment */
		n = word_length(s);
		if (!read_word(str_sub(s, 0, n), &d))
			return ITEM_NO_TIME;
		skip(&s, n);
	}
	if (d.year == UNSET || d.month == UNSET || d.day == UNSET)
		return ITEM_NO_TIME;
	if (d.hour == UNSET)
		d.hour = 0;
	return to_unix(&d);
}

int64_t
feed_date_parse(struct str s)
{
	s = str_trim(s);
	if (s.n < 4 || s.n > DATE_MAX)
		return ITEM_NO_TIME;
	if (count_digits(s) == 4 || count_digits(s) == 8)
		return parse_iso(s);
	return parse_named(s);
}
