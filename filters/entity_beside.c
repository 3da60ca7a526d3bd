/* SPDX-License-Identifier: ISC */
/*
 * What stands beside a name, and what capitals say there: in "Michael Jordan"
 * the name is somebody else's, in "Meanwhile Jordan" it is not, and in "Jordan
 * Wins" the title's other words, or the body, must say.
 */
#include "filters/entity_finder_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "filters/entity_words.h"
#include "filters/fold.h"

enum {
	MAX_LOOKS = 64,		/* in the body, for words of the title */
	MAX_AGE_DIGITS = 2,
	MIN_LETTERS = 3,	/* of a name in capitals, spelled out */
	MAX_LETTERS = 6,
	LONGEST_GERMAN = 5,
	MAX_TOLD = 256,		/* words that tell the language */
	MAX_GAP = 64,		/* bytes between two words */
	NEUTRAL = ENTITY_WORD_FUNCTION | ENTITY_WORD_CALENDAR
};

static unsigned
kinds_of(const struct entity_finder *f, const struct word *w)
{
	return w->number != SENSE_NONE ? f->senses->kinds[w->number] : 0;
}

/* How the title is set */

static bool
has_lower(struct str s)
{
	size_t len;

	for (size_t i = 0; i < s.n; i += len)
		if (fold_is_lower(utf8_decode(s.p + i, s.n - i, &len)))
			return true;
	return false;
}

static int
compare_word(const void *key, const void *row)
{
	const struct str *k = key;
	struct str word = str_from(*(const char *const *)row);
	int rc = memcmp(k->p, word.p, k->n < word.n ? k->n : word.n);

	return rc != 0 ? rc : (k->n > word.n) - (k->n < word.n);
}

/* In German each noun has a capital: words that no other language has tell it,
 * one in twelve of all. */
static bool
has_capital_nouns(const struct entity_finder *f)
{
	static const char *const german[] = {
		"auf", "das", "dem", "der", "die", "ein", "eine", "fur", "im",
		"ist", "mit", "nicht", "sich", "und", "von", "wird", "zu",
		"zum", "zur",
	};
	size_t n_german = sizeof(german) / sizeof(german[0]);
	uint32_t n = 0, all = f->words.n < MAX_TOLD ? f->words.n : MAX_TOLD;

	for (uint32_t i = 0; i < all; i++) {
		struct str word = folded_of(f, word_at(f, i));

		n += word.n <= LONGEST_GERMAN && bsearch(&word, german,
		    n_german, sizeof(*german), compare_word) != NULL;
	}
	return n >= 2 && n * 12 >= all;
}

/* Three words say it, fewer nothing. */
static void
look_at_title(struct entity_finder *f)
{
	uint32_t upper = 0, lower = 0;

	for (uint32_t i = 0; i < f->n_title; i++) {
		const struct word *w = word_at(f, i);
		size_t len;
		uint32_t cp = utf8_decode(f->doc->text[FIELD_TITLE].p +
		    w->offset, w->length, &len);

		upper += w->upper;
		lower += fold_is_lower(cp) && (kinds_of(f, w) &
		    ENTITY_WORD_FUNCTION) == 0;
	}
	f->title_shouts = upper >= 2 &&
	    !has_lower(f->doc->text[FIELD_TITLE]);
	f->title_capped = upper >= 3 && lower == 0;
}

void
beside_look_at_text(struct entity_finder *f)
{
	look_at_title(f);
	f->capital_nouns = has_capital_nouns(f);
}

/* Signs */

static bool
is_space(struct str s)
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

/* What stands between two words of a field. */
static struct str
between(const struct entity_finder *f, const struct word *a,
    const struct word *b)
{
	uint32_t from = a->offset + a->length;

	if (b->offset <= from)
		return STR_NONE;
	return str_sub(f->doc->text[a->field], from, b->offset - from);
}

static struct str
written(const struct entity_finder *f, const struct word *w)
{
	return str_sub(f->doc->text[w->field], w->offset, w->length);
}

/* Egypt's: what stands behind it is another name. */
static bool
is_possessive(const struct entity_finder *f, const struct word *w)
{
	struct str s = written(f, w);
	char last = s.n > 0 ? s.p[s.n - 1] : '\0';

	if ((last == 's' || last == 'S') && s.n > 1)
		s = str_sub(s, 0, s.n - 1);
	return (s.n > 0 && s.p[s.n - 1] == '\'') || (s.n >= 3 &&
	    memcmp(s.p + s.n - 3, "\xe2\x80\x99", 3) == 0);
}

/* Whether what stands between two words lets a sentence, or a quotation, begin
 * at the second. */
static bool
may_begin(const struct entity_finder *f, const struct word *before,
    struct str gap)
{
	static const char *const parting[] = {
		"!", "?", ":", ";", "\n", "\"", "|", "\xe2\x80\x9c",
		"\xe2\x80\x9d", "\xe2\x80\x98", "\xc2\xab", "\xe2\x80\x93",
		"\xe2\x80\x94", "\xe2\x80\xa2", " - ", " '", "\xe2\x80\xa6",
	};

	gap = str_sub(gap, 0, MAX_GAP);
	if (gap.n < 2)
		return gap.n == 1 && (gap.p[0] == '\n' || gap.p[0] == '"');
	if (memchr(gap.p, '.', gap.n) != NULL)
		return before->n_folded > 1 && (kinds_of(f, before) &
		    ENTITY_WORD_TITLE) == 0;
	for (size_t i = 0; i < sizeof(parting) / sizeof(parting[0]); i++)
		if (str_find_nocase(gap, str_from(parting[i])) < gap.n)
			return true;
	return false;
}

static bool
is_first(const struct entity_finder *f, uint32_t word)
{
	const struct word *w = word_at(f, word), *before;

	if (word == 0)
		return true;
	before = w - 1;
	return before->field != w->field ||
	    may_begin(f, before, between(f, before, w));
}

/* "Michael B. Jordan", "Gov. Wagner": their full stop parts nothing. */
static bool
touches(const struct entity_finder *f, const struct word *a,
    const struct word *b)
{
	struct str gap = between(f, a, b);

	if (a->field != b->field || gap.n == 0 || is_possessive(f, a))
		return false;
	if (gap.p[0] == '.' && (a->n_folded == 1 ||
	    (kinds_of(f, a) & ENTITY_WORD_TITLE) != 0))
		gap = str_sub(gap, 1, gap.n);
	return is_space(gap);
}

/* Whether a country's or organisation's name holds the word: spans stand in
 * order, the one looked for is beside span s. */
static bool
is_known(const struct entity_finder *f, uint32_t s, uint32_t word, int side)
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

/* Capitals */

static bool
is_in_capped_title(const struct entity_finder *f, const struct word *w)
{
	return w->field == FIELD_TITLE && (f->title_capped ||
	    f->title_shouts);
}

/* Whether a word's capital is due to where it stands. */
static bool
is_capital_idle(const struct entity_finder *f, uint32_t word)
{
	return f->capital_nouns || is_in_capped_title(f, word_at(f, word)) ||
	    is_first(f, word);
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
		    !str_eq(folded_of(f, o), folded) || is_capital_idle(f, i))
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
	if (!is_capital_idle(f, word) || (behind &&
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
	if (!is_first(f, at))
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
	if (!str_eq_c(folded_of(f, of), "of") || !touches(f, of, of + 1) ||
	    !touches(f, w, of) || !w->upper || is_capital_idle(f, s->word - 2))
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
	if (!touches(f, w, w + 1))
		return BESIDE_CLEAR;
	kinds = kinds_of(f, w);
	if (kind == ENTITY_PERSON && (kinds & ENTITY_WORD_TITLE) != 0)
		return BESIDE_TITLED;
	if (kind == ENTITY_PERSON && (kinds & ENTITY_WORD_ROLE) != 0)
		return BESIDE_ROLE;
	if (kind == ENTITY_COUNTRY && is_of_something(f, s))
		return BESIDE_NAME;
	if (!w->upper || (kinds & NEUTRAL) != 0 ||
	    is_known(f, r->span, s->word - 1, -1))
		return BESIDE_CLEAR;
	if ((kinds & (ENTITY_WORD_TITLE | ENTITY_WORD_ROLE |
	    ENTITY_WORD_GIVEN)) != 0)
		return BESIDE_NAME;
	if ((kinds & (ENTITY_WORD_COMPASS | ENTITY_WORD_INSIDE)) != 0)
		return BESIDE_CLEAR;
	if (w->n_folded == 1)
		return BESIDE_NAME;
	if (kind == ENTITY_PERSON && !is_in_capped_title(f, w))
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
	if (behind >= f->words.n || !touches(f, w - 1, w) || !w->upper ||
	    (kinds_of(f, w) & clear) != 0 ||
	    is_known(f, r->span, behind, 1))
		return BESIDE_CLEAR;
	if (!(w->field == FIELD_TITLE && f->title_shouts) &&
	    entity_senses_in_capitals(written(f, w)))
		return BESIDE_CLEAR;	/* Jordan FA, Turkey GDP */
	return judge_capital(f, s, behind, true);
}

bool
beside_is_function(const struct entity_finder *f, const struct span *s)
{
	const struct word *w = word_at(f, s->word);

	if (s->word == 0 && str_eq_c(folded_of(f, w), "us"))
		return false;		/* no sentence begins with it */
	return s->n == 1 && (kinds_of(f, w) & ENTITY_WORD_FUNCTION) != 0;
}

/* Places */

bool
beside_is_town(const struct entity_finder *f, const struct span *s)
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
	    is_space(between(f, w, w + 1)));
}

bool
beside_is_aged(const struct entity_finder *f, const struct span *s)
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
beside_is_quoted(const struct entity_finder *f, const struct span *s)
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
beside_is_owned(const struct entity_finder *f, uint32_t span)
{
	const struct span *s = span_at(f, span);
	const struct word *w;

	if (s->word == 0)
		return false;
	w = word_at(f, s->word - 1);
	return w->upper && w->field == w[1].field && is_possessive(f, w) &&
	    is_space(between(f, w, w + 1)) &&
	    !is_known(f, span, s->word - 1, -1);
}

static unsigned
kinds_before(const struct entity_finder *f, uint32_t word)
{
	if (word == 0 || !touches(f, word_at(f, word - 1), word_at(f, word)))
		return 0;
	return kinds_of(f, word_at(f, word - 1));
}

bool
beside_is_part(const struct entity_finder *f, const struct span *s)
{
	return (kinds_before(f, s->word) & ENTITY_WORD_COMPASS) != 0;
}

bool
beside_is_inside(const struct entity_finder *f, const struct span *s)
{
	uint32_t at = s->word;

	if (beside_is_part(f, s))
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
beside_is_spelled_out(struct entity_finder *f, const struct span *s)
{
	const struct word *w = word_at(f, s->word);
	struct str letters = folded_of(f, w);

	if (s->n > 1 || letters.n < MIN_LETTERS || letters.n > MAX_LETTERS ||
	    !entity_senses_in_capitals(written(f, w)) ||
	    f->n_looks++ >= MAX_LOOKS)
		return false;
	for (uint32_t i = 0; i < f->words.n; i++)
		if (!(f->title_shouts && i < f->n_title) &&
		    spells(f, i, letters))
			return true;
	return false;
}

bool
beside_is_written(const struct entity_finder *f, const struct span *s)
{
	return !is_capital_idle(f, s->word) &&
	    !beside_is_function(f, s);
}

bool
beside_is_common(const struct entity_finder *f, const struct span *s)
{
	const struct cue key = { s->node, 0 }, *all = f->smalls.at;
	uint32_t from = 0, to = f->smalls.n, middle;

	if (s->n > 1 || !is_capital_idle(f, s->word))
		return false;
	while (from < to) {
		middle = from + (to - from) / 2;
		if (finder_by_node(&all[middle], &key) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from < f->smalls.n && all[from].node == s->node;
}
