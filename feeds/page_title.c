/* SPDX-License-Identifier: ISC */
#include "feeds/page_title.h"

#include <stdbool.h>

/* Some cut before a word that would be too long. */
enum { CUT_BYTES = 90 };

/* As they stand between words; the longer before what it begins with. */
static const struct str marks[] = {
	{ " :: ", 4 }, { " -- ", 4 }, { " | ", 3 }, { " - ", 3 },
	{ " \xE2\x80\x93 ", 5 }, { " \xE2\x80\x94 ", 5 },	/* dashes */
	{ " \xE2\x80\xA2 ", 5 }, { " \xC2\xB7 ", 4 },		/* dots */
	{ " \xC2\xAB ", 4 }, { " \xC2\xBB ", 4 },		/* quotes */
	{ " : ", 3 }, { " / ", 3 }, { " ~ ", 3 },
	{ " \xEF\xBD\x9C ", 5 },		/* the wide bar of Japanese */
	/* Without a space before them they end a name, and begin none. */
	{ ": ", 2 }, { "\xEF\xBD\x9C", 3 }, { "|", 1 }
};

/* The mark at place i; empty: none. */
static struct str
mark_at(struct str s, size_t i)
{
	struct str rest = str_sub(s, i, s.n);

	for (size_t k = 0; k < sizeof(marks) / sizeof(marks[0]); k++)
		if (str_starts(rest, marks[k]))
			return marks[k];
	return STR_NONE;
}

/* Letters and digits; bytes of other scripts count as letters. */
static bool
counts(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' &&
	    (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

/* The next character that counts, in lower case; 0 at the end. */
static int
next_of(struct str *s)
{
	while (s->n > 0) {
		char c = *s->p;

		*s = str_sub(*s, 1, s->n);
		if (counts(c))
			return (unsigned char)(c >= 'A' && c <= 'Z' ?
			    c | 0x20 : c);
	}
	return 0;
}

static struct str
without_the(struct str s)
{
	s = str_trim(s);
	return str_eq_nocase(str_sub(s, 0, 4), STR("the ")) ?
	    str_sub(s, 4, s.n) : s;
}

static bool
are_spelled_alike(struct str a, struct str b)
{
	bool any = false;
	int c;

	while ((c = next_of(&a)) == next_of(&b)) {
		if (c == 0)
			return any;
		any = true;
	}
	return false;
}

/* Of "The Example", an address may be theexample.com or example.com. */
static bool
are_alike(struct str a, struct str b)
{
	return are_spelled_alike(a, b) ||
	    are_spelled_alike(without_the(a), b) ||
	    are_spelled_alike(a, without_the(b));
}

static bool
is_a_name(struct str s, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (are_alike(s, names[i]))
			return true;
	return false;
}

/* Names may have marks in them: the first cut that fits is the right one. */
static struct str
without_end(struct str s, const struct str *names, size_t n)
{
	for (size_t i = 1; i < s.n; i++) {
		struct str mark = mark_at(s, i);

		if (mark.n > 0 && is_a_name(str_sub(s, i + mark.n, s.n),
		    names, n))
			return str_trim(str_sub(s, 0, i));
	}
	return s;
}

/* One word before a colon may be what the story is of: "Space: a history". */
static bool
may_lead(struct str name, struct str mark)
{
	return mark.p[0] != ':' || memchr(name.p, ' ', name.n) != NULL;
}

static struct str
without_start(struct str s, const struct str *names, size_t n)
{
	for (size_t i = s.n; i-- > 1; ) {
		struct str mark = mark_at(s, i);

		if (mark.n > 0 && may_lead(str_sub(s, 0, i), mark) &&
		    is_a_name(str_sub(s, 0, i), names, n))
			return str_trim(str_sub(s, i + mark.n, s.n));
	}
	return s;
}

struct str
page_title_without_site(struct str title, const struct str *names,
    size_t n_names)
{
	struct str s = without_end(title, names, n_names);

	if (s.n == title.n)
		s = without_start(title, names, n_names);
	return s.n > 0 ? s : title;
}

static struct str
without_ellipsis(struct str s)
{
	static const struct str ends[] = { { "...", 3 },
		{ "\xE2\x80\xA6", 3 } };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (s.n >= ends[i].n && str_eq(str_sub(s, s.n - ends[i].n,
		    ends[i].n), ends[i]))
			return str_trim(str_sub(s, 0, s.n - ends[i].n));
	return s;
}

struct str
page_title_uncut(struct str title, struct str other)
{
	struct str stem = without_ellipsis(title);

	if (stem.n == 0 || other.n <= title.n || !str_starts(other, stem))
		return title;
	if (stem.n == title.n && (stem.n < CUT_BYTES ||
	    mark_at(other, stem.n).n > 0))
		return title;
	return other;
}
