/* SPDX-License-Identifier: ISC */
/*
 * Words and numbers in any order, since each tells by its look what it is:
 *
 *	Sun, 4 Jan 2004 16:29:06 EST	Sun Jan  4 16:29:06 2004
 *	2004-julius-13T9:15-05:00	04.01.2004 - 4:29 pm
 *	2004年1月4日 16時29分		4 de enero de 2004 a las 16.29 h
 *
 * The text is folded. Each reader takes one token off the front or says no.
 */
#include "base/item.h"
#include "base/utf8.h"
#include "feeds/feed_date_private.h"

/* -- Words ----------------------------------------------------------------- */

static bool
set_month(struct reading *r, int means)
{
	int month = means & ~WORD_EITHER;
	bool weak = (means & WORD_EITHER) != 0;

	if (weak && r->d.month != UNSET && !r->month_is_weak)
		return true;		/* the weekday, then */
	if (!weak && r->d.month != UNSET && !r->month_is_weak)
		return r->d.month == month;
	r->d.month = month;
	r->zone_next = false;
	r->month_is_weak = weak;
	r->month_is_word = true;
	return true;
}

static bool
use_word(struct reading *r, int means)
{
	switch (means) {
	case WORD_SKIP:
		return true;
	case WORD_AM:
	case WORD_PM:
		r->half = means;
		return true;
	case WORD_MONTH_NUMBER:
		r->month_next = true;
		return true;
	case WORD_FIRST:
		return false;
	default:
		return set_month(r, means);
	}
}

/* Written without spaces, so each is known by how it begins. */
static const struct han_word {
	const char	*text;
	int		 means;
	int		 more;		/* characters that belong to it */
} han_words[] = {
	{ "上午", WORD_AM, 0 }, { "早上", WORD_AM, 0 },
	{ "凌晨", WORD_AM, 0 }, { "午前", WORD_AM, 0 },
	{ "오전", WORD_AM, 0 }, { "下午", WORD_PM, 0 },
	{ "中午", WORD_PM, 0 }, { "晚上", WORD_PM, 0 },
	{ "午後", WORD_PM, 0 }, { "오후", WORD_PM, 0 },
	{ "星期", WORD_SKIP, 1 }, { "礼拜", WORD_SKIP, 1 },
	{ "禮拜", WORD_SKIP, 1 }, { "周", WORD_SKIP, 1 },
	{ "週", WORD_SKIP, 1 }, { "日曜", WORD_SKIP, 0 },
	{ "月曜", WORD_SKIP, 0 }, { "火曜", WORD_SKIP, 0 },
	{ "水曜", WORD_SKIP, 0 }, { "木曜", WORD_SKIP, 0 },
	{ "金曜", WORD_SKIP, 0 }, { "土曜", WORD_SKIP, 0 },
	{ "日", WORD_SKIP, 0 }, { "일요일", WORD_SKIP, 0 },
	{ "월요일", WORD_SKIP, 0 }, { "화요일", WORD_SKIP, 0 },
	{ "수요일", WORD_SKIP, 0 }, { "목요일", WORD_SKIP, 0 },
	{ "금요일", WORD_SKIP, 0 }, { "토요일", WORD_SKIP, 0 },
	{ "一月", 1, 0 }, { "二月", 2, 0 }, { "三月", 3, 0 },
	{ "四月", 4, 0 }, { "五月", 5, 0 }, { "六月", 6, 0 },
	{ "七月", 7, 0 }, { "八月", 8, 0 }, { "九月", 9, 0 },
	{ "十月", 10, 0 }, { "十一月", 11, 0 }, { "十二月", 12, 0 }
};

static bool
read_han_word(struct reading *r)
{
	for (size_t i = 0; i < sizeof(han_words) / sizeof(han_words[0]); i++) {
		const struct han_word *w = &han_words[i];
		size_t len;

		if (!str_starts(r->s, str_from(w->text)))
			continue;
		skip_bytes(&r->s, strlen(w->text));
		if (w->more > 0 && r->s.n > 0) {
			(void)utf8_decode(r->s.p, r->s.n, &len); /* for len */
			skip_bytes(&r->s, len);
		}
		return use_word(r, w->means);
	}
	return false;
}

static size_t
count_letters(struct str s)
{
	size_t n = 0;

	while (is_letter(char_at(s, n)))
		n++;
	return n;
}

static bool
is_one_character(struct str word)
{
	size_t len = 0;

	if (word.n > 0)
		(void)utf8_decode(word.p, word.n, &len);	/* for len */
	return len > 0 && len == word.n;
}

/* "p.m.", "p. m.", "μ.μ.": joined to what they mean. */
static bool
read_dotted(struct reading *r, struct str word)
{
	struct str rest = str_sub(r->s, word.n, r->s.n), second;
	char joined[8];
	int means;

	if (!is_one_character(word) || !take_char(&rest, '.'))
		return false;
	(void)take_char(&rest, ' ');	/* or none */
	second = str_sub(rest, 0, count_letters(rest));
	if (!is_one_character(second))
		return false;
	memcpy(joined, word.p, word.n);
	memcpy(joined + word.n, second.p, second.n);
	means = feed_date_word((struct str){ joined, word.n + second.n });
	if (means != WORD_AM && means != WORD_PM)
		return false;
	r->half = means;
	skip_bytes(&rest, second.n);
	r->s = rest;
	return true;
}

/* A word that means nothing alone: كانون الثاني is January. */
static int
look_up(struct str s, struct str *word)
{
	int means = feed_date_word(*word);
	size_t more;

	if (means != WORD_FIRST || char_at(s, word->n) != ' ')
		return means;
	more = count_letters(str_sub(s, word->n + 1, s.n));
	*word = str_sub(s, 0, word->n + 1 + more);
	return feed_date_word(*word);
}

/*
 * "am" and "pm" in Latin letters stand behind the clock; before it German
 * says "am 5. Mai". Elsewhere they stand on either side.
 */
static int
as_it_stands(const struct reading *r, struct str word, int means)
{
	bool latin = (unsigned char)word.p[0] < 0x80;

	if ((means == WORD_AM || means == WORD_PM) && latin && !has_clock(r))
		return WORD_SKIP;
	return means;
}

/* In a zone the offset decides, and the first name of two. */
static bool
read_zone(struct reading *r)
{
	struct date d = r->d;

	if (!feed_date_take_zone(&r->s, &d))
		return false;
	if (!r->zoned)
		r->d.zone_min = d.zone_min;
	r->zoned = true;
	return true;
}

/* "America/New_York", whatever the first word means elsewhere. */
static bool
is_region(const struct reading *r, struct str word)
{
	return r->zone_next && char_at(r->s, word.n) == '/' &&
	    is_letter(char_at(r->s, word.n + 1));
}

/* Letters behind the clock that no table has are a zone; its time is UTC. */
static bool
read_unknown(struct reading *r, struct str word)
{
	bool zone = r->zone_next && !r->zoned;

	for (size_t i = 0; i < word.n; i++)
		zone = zone && (unsigned char)word.p[i] < 0x80;
	if (zone) {
		while (is_letter(char_at(r->s, 0)) ||
		    char_at(r->s, 0) == '/' || char_at(r->s, 0) == '_')
			skip_bytes(&r->s, 1);
		r->zoned = true;
		return true;
	}
	/* The weekday of a language that the table does not know. */
	skip_bytes(&r->s, word.n);
	(void)take_char(&r->s, '.');	/* or none */
	return r->d.year == UNSET && r->d.month == UNSET &&
	    r->d.day == UNSET && !has_clock(r) && take_char(&r->s, ',');
}

static bool
read_word(struct reading *r)
{
	struct str word = str_sub(r->s, 0, count_letters(r->s));
	int means;

	if (!has_clock(r) && take_char(&r->s, 't') &&
	    is_digit(char_at(r->s, 0)))
		return true;		/* "2004-julius-13T9:15" */
	r->s = (struct str){ word.p, r->s.n + (size_t)(r->s.p - word.p) };
	if (read_han_word(r) || read_dotted(r, word))
		return true;
	means = is_region(r, word) ? UNSET : look_up(r->s, &word);
	if (has_clock(r) && means != WORD_AM && means != WORD_PM &&
	    read_zone(r)) {
		r->zone_next = false;
		return true;
	}
	if (means == UNSET && has_day(r) && read_zone(r))
		return true;
	if (means == UNSET)
		return read_unknown(r, word);
	skip_bytes(&r->s, word.n);
	return use_word(r, as_it_stands(r, word, means));
}

/* -- The rest -------------------------------------------------------------- */

/* Behind a day alone only " -0500" and " +02:00" are offsets. */
static bool
read_offset(struct reading *r)
{
	size_t digits = count_digits(str_sub(r->s, 1, r->s.n));
	bool whole = digits == 4 ||
	    (digits == 2 && char_at(r->s, 3) == ':');

	if (r->offset || (!has_clock(r) && !(has_day(r) && r->spaced &&
	    whole)))
		return false;
	r->zoned = r->offset = true;
	r->zone_next = false;
	return feed_date_take_offset(&r->s, &r->d);
}

/*
 * RFC 5322, 3.2.2, and "[Europe/Paris]" as Java has it. What it says counts
 * only where nothing else has told the zone: "13:31 (GMT+7)".
 */
static void
read_comment(struct reading *r)
{
	char open = r->s.p[0], close = open == '(' ? ')' : ']';
	size_t n = 0;
	int depth = 0;
	struct str inside;

	do {
		depth += r->s.p[n] == open;
		depth -= r->s.p[n] == close;
		n++;
	} while (depth > 0 && n < r->s.n);
	inside = depth > 0 ? STR_NONE : str_trim(str_sub(r->s, 1, n - 2));
	skip_bytes(&r->s, n);
	if (!r->zoned && has_clock(r)) {
		struct date d = r->d;

		r->zoned = feed_date_take_zone(&inside, &d) && inside.n == 0;
		if (r->zoned)
			r->d.zone_min = d.zone_min;
	}
}

/* A '-' before a digit joins "Dec-2012", and begins "-0500". */
static bool
is_joint(const struct reading *r)
{
	return !is_digit(char_at(r->s, 1)) ||
	    (!has_day(r) && !r->spaced && !r->zone_next) ||
	    (!has_day(r) && !has_clock(r));
}

static void
skip_between(struct reading *r)
{
	r->spaced = false;
	for (; r->s.n > 0; skip_bytes(&r->s, 1))
		switch (r->s.p[0]) {
		case ' ':
			r->spaced = true;
			break;
		case ',':
		case ';':
		case '.':
		case '/':
		case '|':
		case '@':
		case ')':
			break;
		case ':':	/* "28/May/2004:13:31" (web servers) */
			if (has_clock(r))
				return;
			break;
		case '-':
			if (!is_joint(r))
				return;
			break;
		default:
			return;
		}
}

static bool
read_token(struct reading *r)
{
	char c = r->s.p[0];

	if (is_digit(c))
		return feed_date_read_digits(r);
	if (is_letter(c))
		return read_word(r);
	if (c == '(' || c == '[') {
		read_comment(r);
		return true;
	}
	return (c == '-' || c == '+') && read_offset(r);
}

/* The hour has come; 24 is none that a half day has. */
static bool
apply_half(struct reading *r)
{
	int hour = r->d.hour;

	if (r->half == 0 || hour == UNSET)
		return true;
	if (r->half == WORD_AM && hour > 12)
		return false;
	if (hour <= 12)
		r->d.hour = hour % 12 + (r->half == WORD_PM ? 12 : 0);
	return true;
}

/*
 * Korea has one zone, and who writes Hangul is there: programs of Korean
 * blogs left it out. Other scripts and words are at home in several.
 */
static bool
has_hangul(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0xEA &&
		    (unsigned char)s.p[i] <= 0xED)
			return true;
	return false;
}

int64_t
feed_date_parse_named(struct str s)
{
	struct reading r = {
		.s = s, .d = { UNSET, UNSET, UNSET, UNSET, 0, 0, 0 }
	};

	for (skip_between(&r); r.s.n > 0; skip_between(&r))
		if (!read_token(&r))
			return ITEM_NO_TIME;
	if (!has_day(&r) || !apply_half(&r))
		return ITEM_NO_TIME;
	if (!has_clock(&r))
		r.d.hour = 0;
	if (r.d.hour == 24 && r.month_is_word)
		r.d.hour = 0;		/* clocks that count from 1 to 24 */
	if (!r.zoned && has_hangul(s))
		r.d.zone_min = 9 * 60;
	return feed_date_to_unix(&r.d);
}
