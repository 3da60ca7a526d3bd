/* SPDX-License-Identifier: ISC */
/* What else stands around a name: a state, an age, quotation marks; and what
 * a name in capitals is short for. */
#include "filters/entity_finder_private.h"

#include <string.h>

enum {
	MAX_AGE_DIGITS = 2,
	MIN_LETTERS = 3,	/* of a name in capitals, spelled out */
	MAX_LETTERS = 6,
	MAX_SEARCHES = 64,	/* for what is spelled out */
};

bool
around_is_town(const struct entity_finder *f, const struct span *s)
{
	uint32_t behind = s->word + s->n;
	const struct word *w = word_at(f, behind);
	struct str gap, word;

	if (behind >= f->words.n || w->field != w[-1].field || !w->upper ||
	    (kinds_of(f, w) & ENTITY_WORD_STATE) == 0)
		return false;
	gap = between(f, w - 1, w);
	if (!str_starts(gap, str_from(", ")) &&
	    !str_starts(gap, str_from(" (")))
		return false;
	/* In a list states stand for themselves: "Mexico, Texas and Ohio". */
	if (behind + 1 >= f->words.n || w[1].field != w->field)
		return true;
	word = folded_of(f, w + 1);
	return !((str_eq_c(word, "and") || str_eq_c(word, "or")) &&
	    beside_is_space(between(f, w, w + 1)));
}

bool
around_is_aged(const struct entity_finder *f, const struct span *s)
{
	uint32_t behind = s->word + s->n;
	const struct word *w = word_at(f, behind);
	struct str word;

	if (behind >= f->words.n || w->field != w[-1].field ||
	    w->n_folded > MAX_AGE_DIGITS ||
	    !str_starts(between(f, w - 1, w), str_from(",")))
		return false;
	word = folded_of(f, w);
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
	return true;
}

static unsigned
kinds_before(const struct entity_finder *f, uint32_t word)
{
	if (word == 0 ||
	    !beside_touches(f, word_at(f, word - 1), word_at(f, word)))
		return 0;
	return kinds_of(f, word_at(f, word - 1));
}

bool
around_is_part(const struct entity_finder *f, const struct span *s)
{
	return (kinds_before(f, s->word) & ENTITY_WORD_COMPASS) != 0;
}

bool
around_is_inside(const struct entity_finder *f, const struct span *s)
{
	uint32_t at = s->word;

	if (around_is_part(f, s))
		at--;
	return at < s->word || (kinds_before(f, at) & ENTITY_WORD_INSIDE) != 0;
}

/* The letter a word of a name in capitals stands for. */
static char
initial_of(const struct entity_finder *f, const struct word *w)
{
	return w->upper && w->n_folded > 0 ? f->text.p[w->folded] : '\0';
}

/* Whether words from here on begin with these letters, small function words
 * aside. */
static bool
spells(const struct entity_finder *f, uint32_t word, struct str letters)
{
	const struct word *w = word_at(f, word);
	uint8_t field = w->field;

	if (initial_of(f, w) != letters.p[0])
		return false;
	for (size_t i = 0; word < f->words.n && w->field == field; w++,
	    word++) {
		if (initial_of(f, w) == letters.p[i]) {
			if (++i == letters.n)
				return true;
		} else if (w->upper || (kinds_of(f, w) &
		    ENTITY_WORD_FUNCTION) == 0)
			return false;
	}
	return false;
}

bool
around_is_spelled_out(struct entity_finder *f, const struct span *s)
{
	const struct word *w = word_at(f, s->word);
	struct str letters = folded_of(f, w);

	if (s->n > 1 || letters.n < MIN_LETTERS || letters.n > MAX_LETTERS ||
	    !entity_senses_in_capitals(written(f, w)) ||
	    f->n_searches++ >= MAX_SEARCHES)
		return false;
	for (uint32_t i = 0; i < f->words.n; i++)
		if (!(f->title_shouts && i < f->n_title) &&
		    spells(f, i, letters))
			return true;
	return false;
}

static bool
ends_in_any(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str sign = str_from(list[i]);

		if (s.n >= sign.n && str_eq(str_sub(s, s.n - sign.n, s.n),
		    sign))
			return true;
	}
	return false;
}

bool
around_is_quoted(const struct entity_finder *f, const struct span *s)
{
	static const char *const opening[] = { "\"", "\xe2\x80\x9c",
		" '", "\xe2\x80\x98", "\xc2\xab" };
	static const char *const closing[] = { "\"", "\xe2\x80\x9d", "'",
		"\xe2\x80\x99", "\xc2\xbb" };
	const struct word *from = word_at(f, s->word), *to = from + s->n - 1;
	struct str text = f->doc->text[from->field];
	struct str before = str_sub(text, 0, from->offset);
	struct str behind = str_sub(text, to->offset + to->length, text.n);

	if (!ends_in_any(before, opening, sizeof(opening) /
	    sizeof(opening[0])))
		return false;
	for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++)
		if (str_starts(behind, str_from(closing[i])))
			return true;
	return false;
}

bool
around_is_owned(const struct entity_finder *f, uint32_t span)
{
	const struct span *s = span_at(f, span);
	const struct word *w;

	if (s->word == 0)
		return false;
	w = word_at(f, s->word - 1);
	return w->upper && w->field == w[1].field &&
	    beside_is_possessive(f, w) &&
	    beside_is_space(between(f, w, w + 1)) &&
	    !beside_is_known(f, span, s->word - 1, -1);
}

/* The span that holds the word, or NULL: they stand in order. */
static const struct span *
span_with(const struct entity_finder *f, uint32_t word)
{
	uint32_t from = 0, to = f->spans.n, middle;
	const struct span *s;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (span_at(f, middle)->word <= word)
			from = middle + 1;
		else
			to = middle;
	}
	s = from > 0 ? span_at(f, from - 1) : NULL;
	return s != NULL && word < s->word + s->n ? s : NULL;
}

static bool
are_same_words(const struct entity_finder *f, uint32_t a, uint32_t b,
    uint32_t n)
{
	while (n > 0 && str_eq(folded_of(f, word_at(f, a)),
	    folded_of(f, word_at(f, b)))) {
		a++;
		b++;
		n--;
	}
	return n == 0;
}

bool
around_is_sibling(const struct entity_finder *f, const struct span *s,
    uint32_t word, uint32_t n)
{
	const struct span *x = span_with(f, word);

	if (x == NULL || x == s || x->n <= s->n || word + n > x->word + x->n)
		return false;
	for (uint32_t i = 0; i + s->n <= x->n; i++)
		if (are_same_words(f, s->word, x->word + i, s->n))
			return true;
	return false;
}

/* Whether the words from a up to b join two names: "and", ",", "or the". */
static bool
are_joining(const struct entity_finder *f, uint32_t a, uint32_t b)
{
	static const char *const words[] = { "and", "or", "the" };
	bool known = true;

	if (b >= f->words.n || word_at(f, a - 1)->field !=
	    word_at(f, b)->field || b > a + 2)
		return false;
	for (uint32_t i = a; i < b && known; i++) {
		known = false;
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			known |= str_eq_c(folded_of(f, word_at(f, i)),
			    words[k]);
	}
	if (a == b)
		return str_eq_c(between(f, word_at(f, a - 1), word_at(f, b)),
		    ", ");
	for (uint32_t i = a; i <= b && known; i++)
		known = beside_is_space(between(f, word_at(f, i - 1),
		    word_at(f, i)));
	return known && !str_eq_c(folded_of(f, word_at(f, a)), "the");
}

bool
around_are_joined(const struct entity_finder *f, const struct span *a,
    const struct span *b)
{
	return a->word < b->word && a->word + a->n <= b->word &&
	    are_joining(f, a->word + a->n, b->word);
}

/* A country, and no given name, as Jordan is. */
static bool
is_plain_country(const struct entity_finder *f, const struct span *s)
{
	uint32_t c = f->senses->nodes[s->node].claims;

	if (s->n == 1 && (kinds_of(f, word_at(f, s->word)) &
	    ENTITY_WORD_GIVEN) != 0)
		return false;
	for (; c != SENSE_NONE; c = f->senses->claims[c].next)
		if (entity_of(f, &f->senses->claims[c])->kind !=
		    ENTITY_COUNTRY)
			return false;
	return true;
}

bool
around_is_paired(const struct entity_finder *f, uint32_t span)
{
	const struct span *s = span_at(f, span);

	if (span > 0 && around_are_joined(f, s - 1, s) &&
	    is_plain_country(f, s - 1))
		return true;
	return span + 1 < f->spans.n && around_are_joined(f, s, s + 1) &&
	    is_plain_country(f, s + 1);
}
