/* SPDX-License-Identifier: ISC */
/*
 * From the outside in: pieces between strong marks (";", "|"), in each of them
 * those between commas, in each of these the ones that a word joins. The first
 * piece of a line is taken for a name; later ones may be what he or she is.
 *
 *	Jane Doe, John Roe and Ann Poe | Example Media
 *	--------  --------     -------   = an employer
 */
#include "feeds/page_byline.h"

#include <stdbool.h>

enum {
	NAME_BYTES = 100, NAME_WORDS = 6, JOINED_WORDS = 2,
	SENTENCE_WORDS = 4, SENTENCE_SMALL = 2
};

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define S(lit)	{ (lit), sizeof(lit) - 1 }

/* A word that leads in, with a colon behind it, or without one where so many
 * words follow (0: never): some of them are names. */
static const struct lead {
	struct str	word;
	size_t		n_behind;
} leads[] = {
	{ S("by"), 1 }, { S("written by"), 1 }, { S("posted by"), 1 },
	{ S("reported by"), 1 }, { S("words by"), 1 }, { S("story by"), 1 },
	{ S("published by"), 1 }, { S("text by"), 1 }, { S("author"), 0 },
	{ S("authors"), 0 }, { S("autor"), 0 }, { S("autore"), 0 },
	{ S("auteur"), 0 }, { S("text"), 0 }, { S("von"), 2 }, { S("par"), 2 },
	{ S("por"), 2 }, { S("door"), 2 }, { S("av"), 2 },
	{ S("\xD0\xA2\xD0\xB5\xD0\xBA\xD1\x81\xD1\x82"), 0 }, /* "Tekst" */
	{ S("\xD0\x90\xD0\xB2\xD1\x82\xD0\xBE\xD1\x80"), 0 }  /* "Avtor" */
};

/* What stands between two people, each with a space around it. */
static const struct str joints[] = {
	S(" and "), S(" & "), S(" und "), S(" et "), S(" y "), S(" e "),
	S(" och "), S(" og "), S(" en "), S(" with "),
	S(" \xD0\xB8 ")					/* Russian "i" */
};

/* Between pieces that need not be of one kind. */
static const struct str strong_marks[] = {
	S(";"), S("|"), S(" / "), S(" \xE2\x80\xA2 "), S(" \xC2\xB7 "),
	S(" - "), S(" \xE2\x80\x93 "), S(" \xE2\x80\x94 ")
};

/* One of these words makes a later piece an office or an employer. */
static const struct str offices[] = {
	S("writer"), S("editor"), S("editors"), S("reporter"), S("reporters"),
	S("correspondent"), S("columnist"), S("contributor"), S("producer"),
	S("analyst"), S("author"), S("chief"), S("staff"), S("special"),
	S("press"), S("news"), S("newspaper"), S("newspapers"), S("media"),
	S("magazine"), S("journal"), S("times"), S("post"), S("tribune"),
	S("business"), S("agency"), S("service"), S("services"), S("desk"),
	S("team"), S("network"), S("university"), S("institute"),
	S("professor"), S("director"), S("redaktion"), S("for"), S("of"),
	S("at"), S("the"), S("in")
};

/* Small words in names. */
static const struct str particles[] = {
	S("van"), S("von"), S("de"), S("der"), S("den"), S("di"), S("da"),
	S("do"), S("dos"), S("du"), S("del"), S("della"), S("la"), S("le"),
	S("el"), S("al"), S("bin"), S("ibn"), S("ter"), S("ten"), S("zu"),
	S("y"), S("e"), S("the"), S("of"), S("and")
};

/* Names of nobody, which systems fill in. */
static const struct str nobodies[] = {
	S("admin"), S("administrator"), S("webmaster"), S("root"), S("user"),
	S("guest"), S("anonymous"), S("unknown"), S("null"), S("none"),
	S("undefined"), S("n/a"), S("author"), S("by"), S("default")
};

/* -- Words ---------------------------------------------------------------- */

static bool
is_one_of(struct str s, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_nocase(s, list[i]))
			return true;
	return false;
}

static size_t
count_words(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] != ' ' && (i == 0 || s.p[i - 1] == ' ');
	return n;
}

/* The word at the front of *s, which is then behind it; empty: no more. */
static struct str
next_word(struct str *s)
{
	struct str word;
	size_t n = 0;

	*s = str_trim(*s);
	while (n < s->n && s->p[n] != ' ')
		n++;
	word = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return word;
}

static bool
is_letter(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	    (unsigned char)c >= 0x80;
}

/* Without marks at its ends; the dot of "Jr." stays. */
static struct str
without_marks(struct str s)
{
	static const char at_start[] = " \t,;:|-/*.~", at_end[] = " \t,;:|-/*~";

	while (s.n > 0 && strchr(at_start, s.p[0]) != NULL)
		s = str_sub(s, 1, s.n);
	while (s.n > 0 && strchr(at_end, s.p[s.n - 1]) != NULL)
		s.n--;
	return s;
}

/* -- What is a name ------------------------------------------------------- */

/* "NJ.com", "example.org/jane", but not "J.Doe" at its front. */
static bool
has_domain(struct str s)
{
	for (size_t i = 2; i + 2 < s.n; i++)
		if (s.p[i] == '.' && is_letter(s.p[i - 1]) &&
		    s.p[i - 2] != ' ' && s.p[i - 2] != '.' &&
		    s.p[i + 1] >= 'a' && s.p[i + 1] <= 'z' &&
		    is_letter(s.p[i + 2]))
			return true;
	return false;
}

static bool
has_any(struct str s, const char *chars)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(chars, s.p[i]) != NULL)
			return true;
	return false;
}

static bool
is_address(struct str s)
{
	return memmem(s.p, s.n, "://", 3) != NULL ||
	    str_eq_nocase(str_sub(s, 0, 4), STR("www.")) ||
	    (count_words(s) == 1 && has_any(s, "@/"));
}

/* "She writes about oil": words that no name writes small. */
static bool
is_sentence(struct str s)
{
	struct str rest = s, word;
	size_t n = 0, n_small = 0;

	for (; (word = next_word(&rest)).n > 0; n++)
		n_small += word.p[0] >= 'a' && word.p[0] <= 'z' &&
		    !is_one_of(word, particles, N(particles));
	return n >= SENTENCE_WORDS && n_small >= SENTENCE_SMALL;
}

static bool
is_name(struct str s)
{
	bool has_letter = false;

	if (s.n == 0 || s.n > NAME_BYTES || count_words(s) > NAME_WORDS)
		return false;
	for (size_t i = 0; i < s.n && !has_letter; i++)
		has_letter = is_letter(s.p[i]);
	return has_letter && !has_any(s, "{}<>[]\\=") && !is_address(s) &&
	    !is_sentence(s) && !is_one_of(s, nobodies, N(nobodies));
}

/* Capitals and one word are a degree or an agency: "MS", "AFP", "Jr.". */
static bool
is_office(struct str s)
{
	struct str rest = s, word;

	if (count_words(s) < JOINED_WORDS || has_domain(s))
		return true;
	while ((word = next_word(&rest)).n > 0)
		if (is_one_of(word, offices, N(offices)))
			return true;
	return false;
}

/* -- Splitting ------------------------------------------------------------ */

struct splitter {
	struct str	*names;
	size_t		 n, max;
	bool		 is_later;	/* behind the line's first piece */
};

static bool
lead_fits(const struct lead *lead, struct str s)
{
	struct str rest = str_sub(s, lead->word.n, s.n);

	if (rest.n == 0 ||
	    !str_eq_nocase(str_sub(s, 0, lead->word.n), lead->word))
		return false;
	return rest.p[0] == ':' || (rest.p[0] == ' ' && lead->n_behind > 0 &&
	    count_words(rest) >= lead->n_behind);
}

static bool
take_lead(struct str *s)
{
	for (size_t i = 0; i < N(leads); i++)
		if (lead_fits(&leads[i], *s)) {
			*s = without_marks(str_sub(*s, leads[i].word.n, s->n));
			return true;
		}
	return false;
}

/* There may be several: "Text: By Jane Doe". */
static struct str
without_lead(struct str s)
{
	s = without_marks(s);
	while (take_lead(&s))
		;
	return s;
}

/* "Jane Doe for Example Media", "Jane Doe in Berlin" */
static struct str
without_tail(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		struct str rest = str_sub(s, i, s.n);

		if ((str_starts(rest, STR(" in ")) ||
		    str_eq_nocase(str_sub(rest, 0, 5), STR(" for "))) &&
		    count_words(str_sub(s, 0, i)) >= JOINED_WORDS)
			return str_sub(s, 0, i);
	}
	return s;
}

static bool
is_known(const struct splitter *sp, struct str name)
{
	return is_one_of(name, sp->names, sp->n);
}

static void
add_name(struct splitter *sp, struct str s)
{
	s = without_tail(without_lead(s));
	if (is_name(s) && !(sp->is_later && is_office(s)) &&
	    !is_known(sp, s) && sp->n < sp->max)
		sp->names[sp->n++] = s;
	sp->is_later = sp->is_later || s.n > 0;
}

/* The mark of the list at place i, or empty. */
static struct str
mark_at(struct str s, size_t i, const struct str *list, size_t n)
{
	struct str rest = str_sub(s, i, s.n);

	for (size_t k = 0; k < n; k++)
		if (rest.n >= list[k].n &&
		    str_eq_nocase(str_sub(rest, 0, list[k].n), list[k]))
			return list[k];
	return STR_NONE;
}

static void
split_joined(struct splitter *sp, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		struct str mark = mark_at(s, i, joints, N(joints));

		if (mark.n == 0 || count_words(str_sub(s, 0, i)) <
		    JOINED_WORDS || count_words(str_sub(s, i + mark.n, s.n)) <
		    JOINED_WORDS)
			continue;
		add_name(sp, str_sub(s, 0, i));
		s = str_sub(s, i + mark.n, s.n);
		i = 0;
	}
	add_name(sp, s);
}

/* ", and Ann Poe" */
static struct str
without_joint(struct str s)
{
	for (size_t i = 0; i < N(joints); i++) {
		struct str bare = str_sub(joints[i], 1, joints[i].n);

		if (s.n > bare.n &&
		    str_eq_nocase(str_sub(s, 0, bare.n), bare))
			return str_sub(s, bare.n, s.n);
	}
	return s;
}

static size_t
comma_at(struct str s)
{
	const char *p = s.n > 0 ? memchr(s.p, ',', s.n) : NULL;

	return p != NULL ? (size_t)(p - s.p) : s.n;
}

/* Libraries write "Doe, Jane". */
static bool
is_turned(struct str s)
{
	size_t at = comma_at(s);
	struct str behind = str_sub(s, at + 1, s.n);

	return at < s.n && count_words(str_sub(s, 0, at)) == 1 &&
	    count_words(behind) == 1 && comma_at(behind) == behind.n;
}

static void
split_commas(struct splitter *sp, struct str s)
{
	if (is_turned(s)) {
		add_name(sp, s);
		return;
	}
	while (s.n > 0) {
		size_t at = comma_at(s);

		split_joined(sp, without_joint(str_trim(str_sub(s, 0, at))));
		s = str_sub(s, at + 1, s.n);
	}
}

size_t
page_byline_split(struct str line, struct str *names, size_t max)
{
	struct splitter sp = { .names = names, .max = max };
	size_t from = 0;

	if (line.n > PAGE_BYLINE_MAX)
		return 0;
	line = without_lead(line);
	for (size_t i = 0; i < line.n; i++) {
		struct str mark = mark_at(line, i, strong_marks,
		    N(strong_marks));

		if (mark.n == 0)
			continue;
		split_commas(&sp, str_sub(line, from, i - from));
		from = i + mark.n;
		i = from - 1;
	}
	split_commas(&sp, str_sub(line, from, line.n));
	return sp.n;
}
