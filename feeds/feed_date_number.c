/* SPDX-License-Identifier: ISC */
/*
 * What begins with a digit, where words and numbers come in any order: clocks
 * ("16:29", "16h29"), three numbers ("28.05.2004"), and numbers alone, whose
 * place, length or unit ("28th", "2004", "5月") tells what they are.
 */
#include "feeds/feed_date_private.h"

/* -- Three numbers --------------------------------------------------------- */

struct triple {
	int	v[3];
	size_t	digits[3];
	char	separator;
};

/* What joins the first two joins the others; a dot may have a space. */
static bool
take_separator(struct str *s, char want)
{
	if (want != '-' && want != '/' && want != '.' && want != ' ')
		return false;
	if (!take_char(s, want))
		return false;
	if (want == '.')
		(void)take_char(s, ' ');	/* or none */
	return true;
}

/*
 * "28.05.2004", "2004. 5. 28", "5/28/04"; with spaces one must be a whole
 * year, and the last no hour: "28 05 2004". False, and *s as it was, if none.
 */
static bool
take_triple(struct str *s, struct triple *t)
{
	struct str rest = *s;

	t->separator = char_at(rest, count_digits(rest));
	for (int i = 0; i < 3; i++) {
		t->digits[i] = count_digits(rest);
		t->v[i] = take_number(&rest, 1, 4);
		if (t->v[i] == UNSET ||
		    (i < 2 && !take_separator(&rest, t->separator)))
			return false;
	}
	if (t->digits[1] > 2 || (t->separator == ' ' &&
	    ((t->digits[0] != 4 && t->digits[2] != 4) ||
	    char_at(rest, 0) == ':')))
		return false;
	*s = rest;
	return true;
}

/* Which of the three is the year, the month and the day? */
static bool
order_triple(const struct triple *t, int *y, int *m, int *d)
{
	char c = t->separator;
	bool short_years = t->digits[0] <= 2 && t->digits[2] <= 2;
	bool year_first = t->digits[0] == 4;

	if (short_years)	/* "03-12-31", "31.12.03", "12/31/03" */
		year_first = t->v[0] > 31 || (c == '/' && t->digits[2] == 1) ||
		    (c == '-' && t->v[1] <= 12);
	*y = year_first ? 0 : 2;
	*d = year_first ? 2 : c == '/' ? 1 : 0;
	*m = 3 - *y - *d;
	if (!year_first && t->v[*m] > 12 && t->v[*d] <= 12) {
		*m = *d;
		*d = 1 - *m;
	}
	return t->digits[*d] <= 2 && t->digits[*m] <= 2 &&
	    (t->digits[*y] == 4 || (short_years && t->digits[*y] == 2));
}

static bool
read_triple(struct reading *r)
{
	struct triple t;
	int y, m, d;

	if (r->d.year != UNSET || r->d.month != UNSET || r->d.day != UNSET ||
	    !take_triple(&r->s, &t))
		return false;
	if (!order_triple(&t, &y, &m, &d))
		return false;
	r->d.year = feed_date_full_year(t.v[y], t.digits[y]);
	r->d.month = t.v[m];
	r->d.day = t.v[d];
	return true;
}

/* -- Clocks ---------------------------------------------------------------- */

/* A clock that shows midnight only says that the day is all. */
static bool
wants_clock(const struct reading *r)
{
	return !has_clock(r) || (r->d.hour == 0 && r->d.minute == 0 &&
	    r->d.second == 0);
}

/*
 * Is it "16:29", "16h29", "16h", or behind the day "16.29"? The character
 * between; '\0' when it is no clock.
 */
static char
clock_separator(const struct reading *r, size_t digits)
{
	char c = char_at(r->s, digits), after = char_at(r->s, digits + 1);

	if (digits > 2 || !wants_clock(r))
		return '\0';
	if (c == ':' || (c == 'h' && !is_letter(after)) ||
	    (c == '.' && has_day(r) && is_digit(after)))
		return c;
	return '\0';
}

static bool
read_clock(struct reading *r, char separator)
{
	struct date *d = &r->d;

	d->hour = take_number(&r->s, 1, 2);
	skip_bytes(&r->s, 1);
	d->minute = d->second = 0;
	r->zone_next = true;
	if (separator == 'h' && !is_digit(char_at(r->s, 0)))
		return true;
	if ((d->minute = take_number(&r->s, 1, 2)) == UNSET)
		return false;
	if (char_at(r->s, 0) != separator ||
	    !is_digit(char_at(r->s, 1)))
		return char_at(r->s, 0) != ':';
	skip_bytes(&r->s, 1);
	if ((d->second = take_number(&r->s, 1, 2)) == UNSET)
		return false;
	if (is_digit(char_at(r->s, 1)) &&
	    (take_char(&r->s, '.') || take_char(&r->s, ',')))
		skip_bytes(&r->s, count_digits(r->s));
	if (str_eq(r->s, STR(":00")))
		skip_bytes(&r->s, 3);		/* a zone that lost its sign */
	return char_at(r->s, 0) != ':';
}

/* -- Numbers --------------------------------------------------------------- */

/* "28th", "1er", "2e": the letters go. */
static void
skip_ordinal(struct reading *r)
{
	static const char *const endings[] = {
		"st", "nd", "rd", "th", "er", "re", "e", "eme"
	};
	size_t n = 0;

	while (is_letter(char_at(r->s, n)))
		n++;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (str_eq_c(str_sub(r->s, 0, n), endings[i])) {
			skip_bytes(&r->s, n);
			return;
		}
}

static bool
set(int *field, int v)
{
	if (*field != UNSET)
		return false;
	*field = v;
	return true;
}

/* "15" behind the whole day is an hour; "00" behind the clock is a zone. */
static bool
set_late_number(struct reading *r, int v, size_t digits)
{
	if (!has_day(r))
		return false;
	if (has_clock(r)) {
		r->zoned = true;
		return v == 0 && digits % 2 == 0;
	}
	if (digits > 2)
		return false;
	r->d.hour = v;
	r->d.minute = r->d.second = 0;
	r->zone_next = true;
	return true;
}

/* Of bare numbers the first of one or two digits, up to 31, is the day. */
static bool
set_number(struct reading *r, int v, size_t digits)
{
	if (r->month_next) {
		r->month_next = false;
		return digits <= 2 && set(&r->d.month, v);
	}
	if (digits <= 2 && v <= 31 && r->d.day == UNSET) {
		r->d.day = v;
		return true;
	}
	if (digits < 2 || r->d.year != UNSET)
		return set_late_number(r, v, digits);
	r->d.year = feed_date_full_year(v, digits);
	return true;
}

/* What stands behind a number where Han and Hangul are written. */
static const struct unit {
	const char	*text;
	char		 field;
} units[] = {
	{ "年", 'y' }, { "년", 'y' }, { "月", 'm' }, { "월", 'm' },
	{ "日", 'd' }, { "号", 'd' }, { "號", 'd' }, { "일", 'd' },
	{ "時", 'H' }, { "时", 'H' }, { "点", 'H' }, { "點", 'H' },
	{ "시", 'H' }, { "分", 'M' }, { "분", 'M' }, { "秒", 'S' },
	{ "초", 'S' }
};

static char
take_unit(struct str *s)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_starts(*s, str_from(units[i].text))) {
			skip_bytes(s, strlen(units[i].text));
			return units[i].field;
		}
	return '\0';
}

static bool
set_unit(struct reading *r, char unit, int v, size_t digits)
{
	struct date *d = &r->d;

	if (unit == 'y' ? digits != 2 && digits != 4 : digits > 2)
		return false;
	switch (unit) {
	case 'y':
		if (d->year != UNSET)
			return false;
		d->year = feed_date_full_year(v, digits);
		return true;
	case 'm':
		return set(&d->month, v);
	case 'd':
		return set(&d->day, v);
	case 'H':
		d->minute = d->second = 0;
		return set(&d->hour, v);
	case 'M':
		d->minute = v;
		return has_clock(r);
	default:
		d->second = v;
		return has_clock(r);
	}
}

bool
feed_date_read_digits(struct reading *r)
{
	size_t digits = count_digits(r->s);
	char c = clock_separator(r, digits);
	int v;

	r->zone_next = false;
	if (c != '\0')
		return read_clock(r, c);
	if (read_triple(r))
		return true;
	if ((v = take_number(&r->s, 1, 4)) == UNSET)
		return false;
	if ((c = take_unit(&r->s)) != '\0')
		return set_unit(r, c, v, digits);
	skip_ordinal(r);
	return set_number(r, v, digits);
}
