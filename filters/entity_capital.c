/* SPDX-License-Identifier: ISC */
/* What a capital says: nothing where a sentence begins, in a title that has
 * capitals, and in German. */
#include "filters/entity_finder_private.h"

#include <string.h>

#include "base/utf8.h"
#include "filters/fold.h"

enum {
	MAX_TOLD = 256,		/* words that tell the language */
	MAX_GAP = 64,		/* bytes between two words */
};

/* Whether the item is German, where each noun has a capital and so none of them
 * tells a name: of its first words one in twelve, and two at least, are of the
 * kind ENTITY_WORD_GERMAN. */
static bool
has_capital_nouns(const struct entity_finder *f)
{
	uint32_t n = 0, all = f->words.n < MAX_TOLD ? f->words.n : MAX_TOLD;

	for (uint32_t i = 0; i < all; i++)
		n += (kinds_of(f, word_at(f, i)) & ENTITY_WORD_GERMAN) != 0;
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
	    !fold_has_lower(f->doc->text[FIELD_TITLE]);
	f->title_capped = upper >= 3 && lower == 0;
}

void
capital_look(struct entity_finder *f)
{
	look_at_title(f);
	f->capital_nouns = has_capital_nouns(f);
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

bool
capital_is_first(const struct entity_finder *f, uint32_t word)
{
	const struct word *w = word_at(f, word), *before;

	if (word == 0)
		return true;
	before = w - 1;
	return before->field != w->field ||
	    may_begin(f, before, between(f, before, w));
}

bool
capital_is_title(const struct entity_finder *f, const struct word *w)
{
	return w->field == FIELD_TITLE && (f->title_capped ||
	    f->title_shouts);
}

/* Whether a word's capital is due to where it stands. */
bool
capital_is_idle(const struct entity_finder *f, uint32_t word)
{
	return f->capital_nouns || capital_is_title(f, word_at(f, word)) ||
	    capital_is_first(f, word);
}

bool
capital_is_written(const struct entity_finder *f, const struct span *s)
{
	return !capital_is_idle(f, s->word) &&
	    !capital_is_function(f, s);
}

bool
capital_is_common(const struct entity_finder *f, const struct span *s)
{
	const struct cue key = { s->node, 0 }, *all = f->smalls.at;
	uint32_t from = 0, to = f->smalls.n, middle;

	if (s->n > 1 || !capital_is_idle(f, s->word))
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

bool
capital_is_function(const struct entity_finder *f, const struct span *s)
{
	const struct word *w = word_at(f, s->word);

	if (s->word == 0 && str_eq_c(folded_of(f, w), "us"))
		return false;		/* no sentence begins with it */
	return s->n == 1 && (kinds_of(f, w) & ENTITY_WORD_FUNCTION) != 0;
}
