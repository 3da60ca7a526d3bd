/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_DATE_PRIVATE_H
#define HEADLINED_FEEDS_FEED_DATE_PRIVATE_H

/* What the parts of feeds/feed_date share. Pure, any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { UNSET = -1, DATE_MAX = 128 };

struct date {
	int64_t	year;
	int	month, day;		/* from 1 */
	int	hour, minute, second;
	int	zone_min;		/* east of UTC */
};

/* -- feed_date.c ---------------------------------------------------------- */

/* ITEM_NO_TIME when no clock and no calendar ever showed it. */
int64_t	feed_date_to_unix(const struct date *);

int	feed_date_days_in(int64_t year, int month);

/* RFC 5322, 4.3: of two digits 00 to 49 are 20xx; three are 1900 and more. */
int64_t	feed_date_full_year(int year, size_t digits);

/*
 * "+0100", "-01:00", "+1", "-700", "+01:00:00" off *s; false when there is
 * none or a wrong one.
 */
bool	feed_date_take_offset(struct str *s, struct date *);

/* -- feed_date_iso.c: dates of digits only, the year first ---------------- */

/* Any case; the whole of it, or ITEM_NO_TIME. */
int64_t	feed_date_parse_iso(struct str);

/* -- feed_date_named.c, feed_date_number.c: words and numbers in any order  */

/* Takes what feed_date_fold() has made. */
int64_t	feed_date_parse_named(struct str);

/* How far a text is read. */
struct reading {
	struct str	s;		/* what is left */
	struct date	d;		/* UNSET what was not read */
	int		half;		/* WORD_AM, WORD_PM, or 0 */
	bool		spaced;		/* white space stood before s */
	bool		month_is_word;
	bool		month_is_weak;	/* perhaps it was a weekday */
	bool		month_next;	/* the next number is the month */
	bool		zone_next;	/* a clock was just read */
	bool		zoned, offset;	/* a zone was read; it was digits */
};

/* What begins with a digit: a clock, three numbers, one; false if none. */
bool	feed_date_read_digits(struct reading *);

/* -- feed_date_words.c, feed_date_names.c --------------------------------- */

/*
 * Makes what people write alike: small letters without accents, ASCII digits
 * for those of other scripts, ' ' for any white space, no apostrophes and no
 * direction marks. Never longer than s, which has at most DATE_MAX bytes.
 */
size_t	feed_date_fold(struct str s, char out[DATE_MAX]);

/* What a word means: a month from 1 to 12, or one of these. */
enum {
	WORD_SKIP,			/* a weekday, or "at", "of", "Uhr" */
	WORD_AM = 13,
	WORD_PM,
	WORD_MONTH_NUMBER,		/* "tháng 5": the month's number */
	WORD_FIRST,			/* of two words: look up both as one */
	WORD_EITHER = 32		/* flag: a month, or else a weekday */
};

struct date_word {
	const char	*text;		/* folded */
	int		 means;
};

/* Sorted by strcmp(). */
extern const struct date_word feed_date_names[];
extern const size_t feed_date_n_names;

/*
 * Of a folded word; UNSET when it means nothing. Three characters or more
 * that begin words of one meaning only are their abbreviation.
 */
int	feed_date_word(struct str word);

struct date_zone {
	const char	*name;		/* lower case */
	int		 minutes;	/* east of UTC */
};

/* Sorted by strcmp(). */
extern const struct date_zone feed_date_zones[];
extern const size_t feed_date_n_zones;

/*
 * The name of a zone off *s, with an offset behind it if there is one, which
 * then decides ("GMT+2", "MST-0700"); any case. False when it is not known.
 */
bool	feed_date_take_zone(struct str *s, struct date *);

/* -- Pieces: each takes its bytes off *s ---------------------------------- */

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline void
skip_bytes(struct str *s, size_t n)
{
	*s = str_sub(*s, n, s->n);
}

static inline bool
take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	skip_bytes(s, 1);
	return true;
}

static inline size_t
count_digits(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}

/* Exactly n digits (at most 4), whatever follows; UNSET when not. */
static inline int
take_digits(struct str *s, size_t n)
{
	int v = 0;

	if (s->n < n)
		return UNSET;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(s->p[i]))
			return UNSET;
		v = v * 10 + (s->p[i] - '0');
	}
	skip_bytes(s, n);
	return v;
}

/* The byte at i, or '\0' behind the end. */
static inline char
char_at(struct str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

/* Folded. */
static inline bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* From min to max digits (at most 4), and no digit behind them. */
static inline int
take_number(struct str *s, size_t min, size_t max)
{
	size_t n = count_digits(*s);

	return n < min || n > max ? UNSET : take_digits(s, n);
}

static inline bool
has_day(const struct reading *r)
{
	return r->d.year != UNSET && r->d.month != UNSET &&
	    r->d.day != UNSET;
}

static inline bool
has_clock(const struct reading *r)
{
	return r->d.hour != UNSET;
}

#endif
