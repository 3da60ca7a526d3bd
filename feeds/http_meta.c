/* SPDX-License-Identifier: ISC */
/*
 * Each header that matters is a row of a table with a function that reads it.
 * A server writes what it likes: what cannot be read counts as not said, a
 * header that comes twice counts once, the first time.
 */
#include "feeds/http_meta.h"

#include <stdlib.h>

#include "base/item.h"
#include "base/time_text.h"

enum {
	MAX_VALUE = 4096,
	DAY_S = 86400,
	/* Larger numbers mean this (RFC 9111, 1.2.2). */
	MAX_DELTA_S = INT32_MAX,
	/*
	 * RFC 9110, 5.6.7 wants two digits read as at most 50 years ahead;
	 * no feed is older than HTTP, so a fixed border will do.
	 */
	FIRST_SHORT_YEAR = 1970
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 1*DIGIT; -1 for anything else. */
static int64_t
read_delta(struct str s)
{
	int64_t n = 0;

	if (s.n == 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return -1;
		n = n * 10 + (s.p[i] - '0');
		if (n > MAX_DELTA_S)
			n = MAX_DELTA_S;
	}
	return n;
}

/*
 * HTTP dates (RFC 9110, 5.6.7)
 */

struct date {
	int	year, month, day;
	int	hour, minute, second;
};

static bool
take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_sub(*s, 1, s->n);
	return true;
}

static void
skip_spaces(struct str *s)
{
	while (take_char(s, ' '))
		continue;
}

static struct str
take_letters(struct str *s)
{
	size_t n = 0;
	struct str word;

	while (n < s->n && ((s->p[n] >= 'A' && s->p[n] <= 'Z') ||
	    (s->p[n] >= 'a' && s->p[n] <= 'z')))
		n++;
	word = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return word;
}

/* From min to max digits; -1 when there are fewer. */
static int
take_number(struct str *s, size_t min, size_t max)
{
	size_t n = 0;
	int value = 0;

	while (n < s->n && n < max && is_digit(s->p[n]))
		value = value * 10 + (s->p[n++] - '0');
	*s = str_sub(*s, n, s->n);
	return n < min ? -1 : value;
}

static bool
take_month(struct str *s, struct date *d)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct str word = take_letters(s);

	for (d->month = 1; d->month <= 12; d->month++)
		if (str_eq_nocase(word,
		    (struct str){ names + 3 * (d->month - 1), 3 }))
			return true;
	return false;
}

static bool
take_clock(struct str *s, struct date *d)
{
	d->hour = take_number(s, 2, 2);
	if (!take_char(s, ':'))
		return false;
	d->minute = take_number(s, 2, 2);
	if (!take_char(s, ':'))
		return false;
	d->second = take_number(s, 2, 2);
	return true;
}

/* "GMT" is the only zone there is; some servers write "UTC". */
static bool
take_zone(struct str *s)
{
	struct str word;

	skip_spaces(s);
	word = take_letters(s);
	return str_eq_nocase(word, STR("GMT")) ||
	    str_eq_nocase(word, STR("UTC"));
}

/* "06 Nov 1994 08:49:37 GMT", "06-Nov-94 08:49:37 GMT": after the comma. */
static bool
take_rfc_date(struct str *s, struct date *d)
{
	char between = ' ';
	size_t digits;

	skip_spaces(s);
	d->day = take_number(s, 1, 2);
	if (!take_char(s, between) && !take_char(s, between = '-'))
		return false;
	if (!take_month(s, d) || !take_char(s, between))
		return false;
	digits = s->n;
	d->year = take_number(s, 2, 4);
	digits -= s->n;
	if (digits == 3)
		return false;
	if (digits == 2)
		d->year += d->year < FIRST_SHORT_YEAR % 100 ? 2000 : 1900;
	skip_spaces(s);
	return take_clock(s, d) && take_zone(s);
}

/* "Nov  6 08:49:37 1994": after the day's name. */
static bool
take_asctime(struct str *s, struct date *d)
{
	skip_spaces(s);
	if (!take_month(s, d))
		return false;
	skip_spaces(s);
	d->day = take_number(s, 1, 2);
	skip_spaces(s);
	if (!take_clock(s, d))
		return false;
	skip_spaces(s);
	d->year = take_number(s, 4, 4);
	return true;
}

static int
days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
	    31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Second 60 is a leap second (RFC 5322, 3.3). */
static bool
is_possible(const struct date *d)
{
	return d->year >= 0 && d->day >= 1 &&
	    d->day <= days_of(d->year, d->month) &&
	    d->hour >= 0 && d->hour <= 23 &&
	    d->minute >= 0 && d->minute <= 59 &&
	    d->second >= 0 && d->second <= 60;
}

static int64_t
read_date(struct str s)
{
	struct date d = { .month = 1 };
	bool good;

	if (take_letters(&s).n < 3)
		return ITEM_NO_TIME;
	good = take_char(&s, ',') ? take_rfc_date(&s, &d) :
	    take_asctime(&s, &d);
	if (!good || s.n != 0 || !is_possible(&d))
		return ITEM_NO_TIME;
	return time_days_from_civil(d.year, d.month, d.day) * DAY_S +
	    d.hour * 3600 + d.minute * 60 + d.second;
}

/*
 * Headers
 */

/*
 * Kept to be sent again or shown: a control character in it (RFC 9110, 5.5)
 * makes it unfit for either. Without memory it counts as absent.
 */
static void
keep(char **to, struct str value)
{
	if (*to != NULL || value.n == 0)
		return;
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return;
	}
	*to = str_dup(value);
}

static void
note_etag(struct http_meta *m, struct str value)
{
	keep(&m->etag, value);
}

static void
note_last_modified(struct http_meta *m, struct str value)
{
	keep(&m->last_modified, value);
}

static void
note_location(struct http_meta *m, struct str value)
{
	keep(&m->location, value);
}

static void
note_content_type(struct http_meta *m, struct str value)
{
	keep(&m->content_type, value);
}

static void
note_content_language(struct http_meta *m, struct str value)
{
	keep(&m->content_language, value);
}

static void
note_im(struct http_meta *m, struct str value)
{
	keep(&m->im, value);
}

static void
note_date(struct http_meta *m, struct str value)
{
	if (m->date_s == ITEM_NO_TIME)
		m->date_s = read_date(value);
}

static void
note_expires(struct http_meta *m, struct str value)
{
	m->says_fresh = true;
	if (m->expires_s == ITEM_NO_TIME)
		m->expires_s = read_date(value);
}

static void
note_retry_after(struct http_meta *m, struct str value)
{
	if (m->retry_after_s >= 0 || m->retry_at_s != ITEM_NO_TIME)
		return;
	m->retry_after_s = read_delta(value);
	if (m->retry_after_s < 0)
		m->retry_at_s = read_date(value);
}

static void
note_age(struct http_meta *m, struct str value)
{
	int64_t age = read_delta(value);

	if (m->age_s == 0 && age > 0)
		m->age_s = age;
}

static bool
is_token_char(char c)
{
	return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?={}", c) == NULL;
}

static struct str
take_token(struct str *s)
{
	size_t n = 0;
	struct str token;

	while (n < s->n && is_token_char(s->p[n]))
		n++;
	token = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return token;
}

/* What stands between quotes, escapes and all; an open one goes to the end. */
static struct str
take_quoted(struct str *s)
{
	struct str inside;
	size_t n = 1;

	while (n < s->n && s->p[n] != '"')
		n += s->p[n] == '\\' ? 2 : 1;
	inside = str_sub(*s, 1, n - 1);
	*s = str_sub(*s, n < s->n ? n + 1 : s->n, s->n);
	return inside;
}

/*
 * no-cache="Set-Cookie" speaks of that one header only (RFC 9111, 5.2.2.4), so
 * a value takes its force away.
 */
static void
note_directive(struct http_meta *m, struct str name, bool has_value,
    struct str value)
{
	if (str_eq_nocase(name, STR("max-age")) && m->max_age_s < 0)
		m->max_age_s = read_delta(value);
	else if (str_eq_nocase(name, STR("no-store")) ||
	    (str_eq_nocase(name, STR("no-cache")) && !has_value))
		m->no_cache = true;
}

static void
note_cache_control(struct http_meta *m, struct str s)
{
	struct str name, value;
	bool has_value;

	m->says_fresh = true;
	while (s.n > 0) {
		name = take_token(&s);
		value = STR_NONE;
		has_value = name.n > 0 && take_char(&s, '=');
		if (has_value)
			value = s.n > 0 && s.p[0] == '"' ? take_quoted(&s) :
			    take_token(&s);
		if (name.n > 0)
			note_directive(m, name, has_value, value);
		else
			s = str_sub(s, 1, s.n);	/* a comma, or no token */
	}
}

/* "cf-mitigated: challenge", "x-amzn-waf-action: captcha" */
static void
note_mitigation(struct http_meta *m, struct str value)
{
	m->is_wall = str_eq_nocase(value, STR("challenge")) ||
	    str_eq_nocase(value, STR("captcha"));
}

static const struct {
	const char	*name;
	void		(*note)(struct http_meta *, struct str);
} headers[] = {
	{ "etag",		note_etag },
	{ "last-modified",	note_last_modified },
	{ "location",		note_location },
	{ "content-type",	note_content_type },
	{ "content-language",	note_content_language },
	{ "im",			note_im },
	{ "date",		note_date },
	{ "expires",		note_expires },
	{ "retry-after",	note_retry_after },
	{ "cache-control",	note_cache_control },
	{ "age",		note_age },
	{ "cf-mitigated",	note_mitigation },
	{ "x-amzn-waf-action",	note_mitigation },
};

void
http_meta_init(struct http_meta *m)
{
	*m = (struct http_meta){
		.date_s = ITEM_NO_TIME,
		.expires_s = ITEM_NO_TIME,
		.retry_after_s = -1,
		.retry_at_s = ITEM_NO_TIME,
		.max_age_s = -1,
	};
}

void
http_meta_clear(struct http_meta *m)
{
	free(m->etag);
	free(m->last_modified);
	free(m->location);
	free(m->content_type);
	free(m->content_language);
	free(m->im);
	http_meta_init(m);
}

void
http_meta_note(struct http_meta *m, struct str name, struct str value)
{
	if (value.n > MAX_VALUE)
		return;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (str_eq_nocase(name, str_from(headers[i].name))) {
			headers[i].note(m, value);
			return;
		}
}

/*
 * What the notes add up to
 */

/* later - sooner; 0 when that is negative or more than fits. */
static int64_t
gap(int64_t later, int64_t sooner)
{
	int64_t n;

	if (__builtin_sub_overflow(later, sooner, &n) || n < 0)
		return 0;
	return n;
}

int64_t
http_meta_fresh_s(const struct http_meta *m, int64_t now_s)
{
	int64_t fresh = 0;

	if (m->no_cache)
		return 0;
	if (m->max_age_s >= 0)
		fresh = m->max_age_s;
	else if (m->expires_s != ITEM_NO_TIME)
		fresh = gap(m->expires_s,
		    m->date_s != ITEM_NO_TIME ? m->date_s : now_s);
	fresh = gap(fresh, m->age_s);
	return fresh < DAY_S ? fresh : DAY_S;
}

/* By the server's own clock, which gave both dates; ours may be set wrong, and
 * counts only where that one is not told. */
static int64_t
gap_to_date(const struct http_meta *m, int64_t now_s)
{
	return gap(m->retry_at_s, m->date_s != ITEM_NO_TIME ? m->date_s :
	    now_s);
}

int64_t
http_meta_retry_s(const struct http_meta *m, int64_t now_s, int64_t limit_s)
{
	int64_t wait = 0;

	if (m->retry_after_s >= 0)
		wait = m->retry_after_s;
	else if (m->retry_at_s != ITEM_NO_TIME)
		wait = gap_to_date(m, now_s);
	return wait < limit_s ? wait : limit_s;
}

bool
http_meta_is_feed_delta(const struct http_meta *m)
{
	return m->im != NULL &&
	    str_eq_nocase(str_from(m->im), STR("feed"));
}
