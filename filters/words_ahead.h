/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_WORDS_AHEAD_H
#define HEADLINED_FILTERS_WORDS_AHEAD_H

/*
 * The words of a text for who looks each of them up in a term_index. Where the
 * index is too large for a core's own cache a look-up waits for memory each
 * time: there the words behind are read while it is on its way.
 *
 *	token_begin -> begin -> next ... false -> token_begin ...
 *
 * The words come as token_next gives them, all of them, in its order.
 */

#include <stdbool.h>
#include <stdint.h>

#include "filters/term_hash.h"
#include "filters/term_index.h"
#include "filters/token.h"

enum { WORDS_AHEAD = 8 };	/* a power of two */

/* A word on its way: its letters are its own, the reader's are gone. */
struct word_ahead {
	struct token	 token;
	uint64_t	 hash;
	char		 folded[TOKEN_MAX_FOLDED + TOKEN_READ_AHEAD];
};

struct words_ahead {
	struct token_reader	*reader;
	const struct term_index	*index;
	bool			 is_large;
	uint32_t		 n_read, n_given;
	struct word_ahead	 ring[WORDS_AHEAD];
};

/* The reader, which has begun a text, is borrowed until the last next. */
void		 words_ahead_begin(struct words_ahead *, struct token_reader *,
		    const struct term_index *);

/* Only where the index is large: see below. */
bool		 words_ahead_take(struct words_ahead *, struct token *,
		    uint64_t *hash);

/*
 * The next word, whose letters live until the next call and have as many
 * readable behind them as the reader's; and what term_index_find_hashed wants.
 */
static inline bool
words_ahead_next(struct words_ahead *w, struct token *t, uint64_t *hash)
{
	if (w->is_large)
		return words_ahead_take(w, t, hash);
	if (!token_next(w->reader, t))
		return false;
	*hash = term_hash_token(t->folded, t->n_folded);
	return true;
}

#endif
