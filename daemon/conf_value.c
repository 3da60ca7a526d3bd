/* SPDX-License-Identifier: ISC */
/*
 * Reads durations, sizes, dates and numbers from left to right; a reader takes
 * what it knows off the front of the text, and what is left over is wrong.
 */
#include "daemon/conf_value.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/time_text.h"
#include "base/url.h"

struct unit {
	const char	*name;
	int64_t		 worth;
};

/* Largest first. */
static const struct unit durations[] = {
	{ "w", 7 * 24 * 3600 },
	{ "d", 24 * 3600 },
	{ "h", 3600 },
	{ "m", 60 },
	{ "s", 1 },
	{ NULL, 0 }
};

static const struct unit sizes[] = {
	{ "GiB", INT64_C(1) << 30 },
	{ "MiB", INT64_C(1) << 20 },
	{ "KiB", INT64_C(1) << 10 },
	{ "B", 1 },
	{ NULL, 0 }
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* -1: none, or too large. */
static int
take_number(struct str *s, int64_t *number)
{
	size_t i = 0;

	*number = 0;
	for (; i < s->n && is_digit(s->p[i]); i++) {
		if (*number > (INT64_MAX - 9) / 10)
			return -1;
		*number = *number * 10 + (s->p[i] - '0');
	}
	*s = str_sub(*s, i, s->n);
	return i > 0 ? 0 : -1;
}

/* The row from `u` on that the text begins with, cut off; NULL: none. */
static const struct unit *
take_unit(struct str *s, const struct unit *u)
{
	size_t letters = 0;

	while (letters < s->n && !is_digit(s->p[letters]))
		letters++;
	for (; u->name != NULL; u++)
		if (str_eq_c(str_sub(*s, 0, letters), u->name)) {
			*s = str_sub(*s, letters, s->n);
			return u;
		}
	return NULL;
}

int
conf_value_duration(struct str s, int64_t *seconds)
{
	const struct unit *u = durations;
	int64_t sum = 0, n;

	if (str_eq_c(s, "0")) {
		*seconds = 0;
		return 0;
	}
	do {
		if (take_number(&s, &n) == -1 ||
		    (u = take_unit(&s, u)) == NULL ||
		    n > (INT64_MAX - sum) / u->worth)
			return -1;
		sum += n * u->worth;
		u++;
	} while (s.n > 0);
	*seconds = sum;
	return 0;
}

int
conf_value_rate(struct str s, int64_t *n, int64_t *seconds)
{
	const struct unit *u = durations;
	struct str unit;

	*n = *seconds = 0;
	if (str_eq_c(s, "none"))
		return 0;
	if (take_number(&s, n) == -1 || *n == 0 || s.n < 2 || s.p[0] != '/')
		return -1;
	s = str_sub(s, 1, s.n);
	unit = s;
	if ((u = take_unit(&unit, u)) != NULL && unit.n == 0) {
		*seconds = u->worth;
		return 0;
	}
	return conf_value_duration(s, seconds) == 0 && *seconds > 0 ? 0 : -1;
}

int
conf_value_size(struct str s, int64_t *bytes)
{
	const struct unit *u;
	int64_t n;

	if (take_number(&s, &n) == -1 || (u = take_unit(&s, sizes)) == NULL ||
	    s.n > 0 || n > INT64_MAX / u->worth)
		return -1;
	*bytes = n * u->worth;
	return 0;
}

int
conf_value_number(struct str s, int64_t *number)
{
	int64_t n;

	if (take_number(&s, &n) == -1 || s.n > 0)
		return -1;
	*number = n;
	return 0;
}

/* Exactly `digits` digits, from min to max. */
static int
take_field(struct str *s, size_t digits, int min, int max, int *out)
{
	*out = 0;
	if (s->n < digits)
		return -1;
	for (size_t i = 0; i < digits; i++) {
		if (!is_digit(s->p[i]))
			return -1;
		*out = *out * 10 + (s->p[i] - '0');
	}
	*s = str_sub(*s, digits, s->n);
	return *out >= min && *out <= max ? 0 : -1;
}

/* One of the bytes of `any`. */
static int
take_mark(struct str *s, const char *any, char *out)
{
	if (s->n == 0 || strchr(any, s->p[0]) == NULL)
		return -1;
	*out = s->p[0];
	*s = str_sub(*s, 1, s->n);
	return 0;
}

static int
days_in(int year, int month)
{
	int64_t from = time_days_from_civil(year, month, 1);
	int64_t to = month == 12 ? time_days_from_civil(year + 1, 1, 1) :
	    time_days_from_civil(year, month + 1, 1);

	return (int)(to - from);
}

static int
take_day(struct str *s, int64_t *days)
{
	int year, month, day;
	char mark;

	if (take_field(s, 4, 0, 9999, &year) == -1 ||
	    take_mark(s, "-", &mark) == -1 ||
	    take_field(s, 2, 1, 12, &month) == -1 ||
	    take_mark(s, "-", &mark) == -1 ||
	    take_field(s, 2, 1, days_in(year, month), &day) == -1)
		return -1;
	*days = time_days_from_civil(year, month, day);
	return 0;
}

/* RFC 3339, 5.6: partial-time; a leap second counts as the next one, a
 * fraction as nothing. */
static int
take_time(struct str *s, int64_t *seconds)
{
	int hour, minute, second;
	int64_t fraction;
	char mark;

	if (take_field(s, 2, 0, 23, &hour) == -1 ||
	    take_mark(s, ":", &mark) == -1 ||
	    take_field(s, 2, 0, 59, &minute) == -1 ||
	    take_mark(s, ":", &mark) == -1 ||
	    take_field(s, 2, 0, 60, &second) == -1)
		return -1;
	*seconds = hour * 3600 + minute * 60 + second;
	if (take_mark(s, ".", &mark) == 0)
		return take_number(s, &fraction);
	return 0;
}

/* RFC 3339, 5.6: time-offset, in seconds east. */
static int
take_offset(struct str *s, int64_t *east)
{
	int hour, minute;
	char mark, colon;

	*east = 0;
	if (take_mark(s, "Zz+-", &mark) == -1)
		return -1;
	if (mark == 'Z' || mark == 'z')
		return 0;
	if (take_field(s, 2, 0, 23, &hour) == -1 ||
	    take_mark(s, ":", &colon) == -1 ||
	    take_field(s, 2, 0, 59, &minute) == -1)
		return -1;
	*east = (hour * 3600 + minute * 60) * (mark == '+' ? 1 : -1);
	return 0;
}

int
conf_value_date(struct str s, int64_t *unix_s)
{
	int64_t days, seconds = 0, east = 0;
	char mark;

	if (take_day(&s, &days) == -1)
		return -1;
	if (s.n > 0 && (take_mark(&s, "Tt ", &mark) == -1 ||
	    take_time(&s, &seconds) == -1 || take_offset(&s, &east) == -1))
		return -1;
	if (s.n > 0)
		return -1;
	*unix_s = days * 86400 + seconds - east;
	return 0;
}

static void
show(int64_t value, const struct unit *u, char out[CONF_VALUE_TEXT_SIZE])
{
	while (u->worth > 1 && (value == 0 || value % u->worth != 0))
		u++;
	snprintf(out, CONF_VALUE_TEXT_SIZE, "%" PRId64 "%s", value / u->worth,
	    u->name);
}

void
conf_value_show_duration(int64_t seconds, char out[CONF_VALUE_TEXT_SIZE])
{
	show(seconds, durations, out);
}

void
conf_value_show_size(int64_t bytes, char out[CONF_VALUE_TEXT_SIZE])
{
	show(bytes, sizes, out);
}

int
conf_value_url(struct str url, struct url_parts *parts, struct err *err)
{
	if (url.n > URL_MAX_BYTES)
		return err_set(err, "longer than %d bytes", URL_MAX_BYTES);
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= ' ' || url.p[i] == 0x7f)
			return err_set(err, "not a URL (white space or a "
			    "control character in it)");
	return url_split(url.p, parts, err);
}
