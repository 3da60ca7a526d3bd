/* SPDX-License-Identifier: ISC */
/*
 * What touches a name: in "Michael Jordan" the name is somebody else's, in
 * "Meanwhile Jordan" it is not, and in "Jordan Wins" the title's other words,
 * or the body, must say.
 */
#include "filters/entity_finder_private.h"

#include <string.h>

enum {
	MAX_LOOKS = 64,		/* in the item, for words of the title */
	NEUTRAL = ENTITY_WORD_FUNCTION | ENTITY_WORD_CALENDAR
};

bool
beside_is_space(struct str s)
{
	static const char nbsp[] = "\xc2\xa0";

	while (s.n > 0) {
		if (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == '\n')
			s = str_sub(s, 1, s.n);
		else if (str_starts(s, str_from(nbsp)))
			s = str_sub(s, 2, s.n);
		else
			return false;
	}
	return true;
}

/* Egypt's: what stands behind it is another name. */
bool
beside_is_possessive(const struct entity_finder *f, const struct word *w)
{
	struct str s = written(f, w);
	char last = s.n > 0 ? s.p[s.n - 1] : '\0';

	if ((last == 's' || last == 'S') && s.n > 1)
		s = str_sub(s, 0, s.n - 1);
	return (s.n > 0 && s.p[s.n - 1] == '\'') || (s.n >= 3 &&
	    memcmp(s.p + s.n - 3, "\xe2\x80\x99", 3) == 0);
}

/* "Michael B. Jordan", "Gov. Wagner": their full stop parts nothing. */
bool
beside_touches(const struct entity_finder *f, const struct word *a,
    const struct word *b)
{
	struct str gap = between(f, a, b);

	if (a->field != b->field || gap.n == 0 || beside_is_possessive(f, a))
		return false;
	if (gap.p[0] == '.' && (a->n_folded == 1 ||
	    (kinds_of(f, a) & ENTITY_WORD_TITLE) != 0))
		gap = str_sub(gap, 1, gap.n);
	return beside_is_space(gap);
}

/* Whether a country's or organisation's name holds the word: spans stand in
 * order, the one looked for is beside span s. */
bool
beside_is_known(const struct entity_finder *f, uint32_t s, uint32_t word,
    int side)
{
	const struct span *x;
	uint32_t beside = side < 0 ? s - 1 : s + 1;

	if ((side < 0 && s == 0) || beside >= f->spans.n)
		return false;
	x = span_at(f, beside);
	if (word < x->word || word >= x->word + x->n)
		return false;
	for (uint32_t c = f->senses->nodes[x->node].claims; c != SENSE_NONE;
	    c = f->senses->claims[c].next) {
		enum entity_kind kind = entity_of(f,
		    &f->senses->claims[c])->kind;

		if (kind == ENTITY_COUNTRY || kind == ENTITY_ORG)
			return true;
	}
	return false;
}

/* Jordan, Chad, Georgia: a surname may follow. */
static bool
is_given(const struct entity_finder *f, const struct span *s)
{
	return s->n == 1 && (kinds_of(f, word_at(f, s->word)) &
	    ENTITY_WORD_GIVEN) != 0;
}

/* Whether the name's nearest word stands on the other side of o too. */
static bool
is_same_pair(const struct entity_finder *f, const struct span *s,
    uint32_t o, bool behind)
{
	uint32_t name = behind ? s->word + s->n - 1 : s->word;
	uint32_t beside = behind ? o - 1 : o + 1;

	if ((behind && o == 0) || beside >= f->words.n)
		return false;
	return str_eq(folded_of(f, word_at(f, beside)),
	    folded_of(f, word_at(f, name)));
}

/* A word whose capital says nothing: how the rest of the item writes it. */
static enum beside
look_elsewhere(struct entity_finder *f, const struct span *s, uint32_t word,
    bool behind)
{
	struct str folded = folded_of(f, word_at(f, word));
	bool is_known_name = false;

	if (f->n_looks++ >= MAX_LOOKS)
		return BESIDE_UNKNOWN;
	for (uint32_t i = 0; i < f->words.n; i++) {
		const struct word *o = word_at(f, i);

		if (i == word || o->n_folded != folded.n ||
		    !str_eq(folded_of(f, o), folded) || capital_is_idle(f, i))
			continue;
		if (!o->upper)
			return BESIDE_CLEAR;
		if (is_same_pair(f, s, i, behind))
			return BESIDE_NAME;
		is_known_name = true;
	}
	if (!is_given(f, s))
		return BESIDE_CLEAR;
	return is_known_name ? BESIDE_NAME : BESIDE_UNKNOWN;
}

/* A word with a capital that touches the name. */
static enum beside
judge_capital(struct entity_finder *f, const struct span *s, uint32_t word,
    bool behind)
{
	if (!capital_is_idle(f, word) || (behind &&
	    !f->capital_nouns && (kinds_of(f, word_at(f, word)) &
	    ENTITY_WORD_NAMING) != 0))
		return BESIDE_NAME;
	return look_elsewhere(f, s, word, behind);
}

/* A capital before a surname: prose puts a given name there, a headline may
 * begin with any word. */
static enum beside
judge_forename(const struct entity_finder *f, uint32_t at)
{
	static const char *const endings[] = { "ly", "ing", "ed" };
	struct str word = folded_of(f, word_at(f, at));
	size_t n;

	if (f->capital_nouns)
		return BESIDE_CLEAR;
	if (!capital_is_first(f, at))
		return BESIDE_NAME;
	if (at < f->n_title)
		return BESIDE_UNKNOWN;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		n = strlen(endings[i]);
		if (word.n > n + 2 && memcmp(word.p + word.n - n, endings[i],
		    n) == 0)
			return BESIDE_CLEAR;	/* Privately, Asked */
	}
	return BESIDE_NAME;
}

/* "Gulf of Oman", "the Kirk of Scotland"; not "President of Georgia", nor the
 * surname in "Nakai of Japan". */
static bool
is_of_something(const struct entity_finder *f, const struct span *s)
{
	const struct word *of, *w;
	unsigned kinds;

	if (s->word < 2)
		return false;
	of = word_at(f, s->word - 1);
	w = of - 1;
	if (!str_eq_c(folded_of(f, of), "of") ||
	    !beside_touches(f, of, of + 1) || !beside_touches(f, w, of) ||
	    !w->upper || capital_is_idle(f, s->word - 2))
		return false;
	kinds = kinds_of(f, w);
	if ((kinds & ENTITY_WORD_NAMING) != 0)
		return true;
	return s->word > 2 && str_eq_c(folded_of(f, w - 1), "the") &&
	    (kinds & (NEUTRAL | ENTITY_WORD_TITLE | ENTITY_WORD_OFFICE |
	    ENTITY_WORD_BODY)) == 0;
}

enum beside
beside_before(struct entity_finder *f, const struct reading *r)
{
	const struct span *s = span_at(f, r->span);
	enum entity_kind kind = entity_of(f, claim_of(f, r))->kind;
	const struct word *w;
	unsigned kinds;

	if (s->word == 0)
		return BESIDE_CLEAR;
	w = word_at(f, s->word - 1);
	if (!beside_touches(f, w, w + 1))
		return BESIDE_CLEAR;
	kinds = kinds_of(f, w);
	if (kind == ENTITY_PERSON && (kinds & ENTITY_WORD_TITLE) != 0)
		return BESIDE_TITLED;
	if (kind == ENTITY_PERSON && (kinds & ENTITY_WORD_ROLE) != 0)
		return BESIDE_ROLE;
	if (kind == ENTITY_COUNTRY && is_of_something(f, s))
		return BESIDE_NAME;
	if (!w->upper || (kinds & NEUTRAL) != 0 ||
	    beside_is_known(f, r->span, s->word - 1, -1))
		return BESIDE_CLEAR;
	if ((kinds & (ENTITY_WORD_TITLE | ENTITY_WORD_ROLE |
	    ENTITY_WORD_GIVEN)) != 0)
		return BESIDE_NAME;
	if ((kinds & (ENTITY_WORD_COMPASS | ENTITY_WORD_INSIDE)) != 0)
		return BESIDE_CLEAR;
	if (w->n_folded == 1)
		return BESIDE_NAME;
	if (kind == ENTITY_PERSON && !capital_is_title(f, w))
		return judge_forename(f, s->word - 1);
	return judge_capital(f, s, s->word - 1, false);
}

enum beside
beside_behind(struct entity_finder *f, const struct reading *r)
{
	const struct span *s = span_at(f, r->span);
	uint32_t behind = s->word + s->n;
	const struct word *w = word_at(f, behind);
	unsigned clear = NEUTRAL | ENTITY_WORD_TITLE | ENTITY_WORD_OFFICE;

	if (claim_of(f, r)->name->use == ENTITY_DEMONYM)
		clear |= ENTITY_WORD_BODY;
	if (behind >= f->words.n || !beside_touches(f, w - 1, w) || !w->upper ||
	    (kinds_of(f, w) & clear) != 0 ||
	    beside_is_known(f, r->span, behind, 1))
		return BESIDE_CLEAR;
	if (!(w->field == FIELD_TITLE && f->title_shouts) &&
	    (kinds_of(f, w) & ENTITY_WORD_NAMING) == 0 &&
	    entity_senses_in_capitals(written(f, w)))
		return BESIDE_CLEAR;	/* Jordan FA, Turkey GDP */
	return judge_capital(f, s, behind, true);
}
