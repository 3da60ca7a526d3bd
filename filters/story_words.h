/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_STORY_WORDS_H
#define HEADLINED_FILTERS_STORY_WORDS_H

/*
 * What signatures know of words: their stems, which of them mean the same to a
 * newsroom, which say nothing, and how rare they are.
 *
 *	new -> stem, find ... -> free
 *
 * Words of one row of story_words_rows are one word:
 *
 *	"kill killed killing dead deadly death deaths died ..."
 *
 * and so are all words of one stem. Rows are coarse on purpose: two reports of
 * one event choose other words for the same, and rarely mean something else by
 * a word of such a row. A table is read only once it is made: any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct story_words;

enum story_word_class {
	WORD_PLAIN,
	WORD_ROW,		/* has a row of its own */
	WORD_SAYS_NOTHING,	/* the, said, would */
	WORD_NUMBER,		/* seven: number is 7 */
	WORD_DAY,		/* tuesday: number is 1 */
	WORD_PLACE		/* a country, its people, its capital */
};

struct story_word {
	uint32_t		hash;	/* 24 bits, one for a whole row */
	uint8_t			class;	/* enum story_word_class */
	uint8_t			number;
	uint8_t			rarity;	/* ln(1 / share) in STORY_RARITY_ONEs */
	bool			is_known;
};

enum {
	STORY_WORD_BYTES = 16,		/* of a word; the rest is left out */
	STORY_RARITY_ONE = 16,
	STORY_RARITY_MOST = 8 * STORY_RARITY_ONE /* of what is unknown */
};

/* A folded word, zeros behind it. */
struct story_letters {
	union {
		char		c[STORY_WORD_BYTES];
		uint64_t	w[STORY_WORD_BYTES / 8];
	};
	size_t			n;
};

/* NULL when memory is out; free takes NULL. */
struct story_words	*story_words_new(void);
void			 story_words_free(struct story_words *);

/* Cuts an English ending off: attacks, attacked, attacking. */
void			 story_words_stem(struct story_letters *);

/* Not for what is hostile: whoever makes words collide makes items look alike
 * to a degree, as they could by writing the same words. */
static inline uint64_t
story_words_hash(const struct story_letters *l)
{
	uint64_t h = l->w[0] * UINT64_C(0x9e3779b97f4a7c15);

	h ^= h >> 29;
	h += l->w[1] * UINT64_C(0xc2b2ae3d27d4eb4f) + l->n;
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return h ^ h >> 32;
}

/* The 24 bits of it that a signature keeps; those of places are less. */
enum { STORY_WORDS_PLACES = 0x10000 };

static inline uint32_t
story_words_short(uint64_t hash)
{
	return (uint32_t)(hash >> 40) | STORY_WORDS_PLACES;
}

/* Is a word, as it is written but folded, one that says nothing? True for most
 * that do: half of all words are asked no further. */
bool			 story_words_is_silent(const struct story_words *,
			    uint64_t hash);

/* What is known of a stem with this hash. */
struct story_word	 story_words_find(const struct story_words *,
			    uint64_t hash);

/* ln(WORD_SHARE_ALL / share), likewise in STORY_RARITY_ONEs. */
uint8_t			 story_words_rarity(uint32_t share);

/* The rows, and how many; see story_words_rows.c. The first n_plain are words,
 * the others are places. */
extern const char *const story_words_rows[];
extern const size_t	 story_words_n_rows, story_words_n_plain;

#endif
