/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TITLE_WORDS_H
#define HEADLINED_FILTERS_TITLE_WORDS_H

/*
 * The words of a title, small enough to be kept, to tell a copy under another
 * headline from the next one of a series: what is written after a pattern has
 * the words of the last one but for those that matter.
 *
 *	Recall of peanut butter, brand A	two of a series
 *	Recall of peanut butter, brand B
 *
 *	Recall of peanut butter, brand A	one text, perhaps
 *	Do not eat this peanut butter
 *
 * Words that nearly every text has are passed over. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct token_reader;

enum { TITLE_WORDS_MOST = 12 };

struct title_words {
	uint8_t		n;
	uint16_t	hash[TITLE_WORDS_MOST];	/* the first of them */
};

void		 title_words_read(struct title_words *, struct token_reader *,
		    struct str title);

/* Whether the one is the other with some words exchanged: both have words of
 * their own, and share twice as many as the richer has; or both have two, one
 * of them the same and in the same place. */
bool		 title_words_vary(const struct title_words *,
		    const struct title_words *);

/* Whether the one has all words of the other, and no more of its own: a
 * headline, and the same with a word before or behind it. */
bool		 title_words_same(const struct title_words *,
		    const struct title_words *);

#endif
