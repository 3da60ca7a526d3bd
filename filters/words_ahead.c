/* SPDX-License-Identifier: ISC */
#include "filters/words_ahead.h"

#include <string.h>

_Static_assert((int)TOKEN_READ_AHEAD >= (int)TERM_READ_AHEAD,
    "tokens are looked up where they were folded");

void
words_ahead_begin(struct words_ahead *w, struct token_reader *reader,
    const struct term_index *index)
{
	w->reader = reader;
	w->index = index;
	w->is_large = term_index_is_large(index);
	w->n_read = w->n_given = 0;
}

/* Its letters; of a short one eight bytes, which are quicker than a few. */
static void
keep(struct words_ahead *w, const struct token *t)
{
	struct word_ahead *to = &w->ring[w->n_read++ % WORDS_AHEAD];

	to->token = *t;
	to->token.folded = to->folded;
	if (t->n_folded > TOKEN_READ_AHEAD)
		memcpy(to->folded, t->folded, t->n_folded);
	else
		memcpy(to->folded, t->folded, TOKEN_READ_AHEAD);
	to->hash = term_index_fetch(w->index,
	    (struct str){ to->folded, t->n_folded });
}

bool
words_ahead_take(struct words_ahead *w, struct token *t, uint64_t *hash)
{
	const struct word_ahead *next;

	while (w->n_read - w->n_given < WORDS_AHEAD &&
	    token_next(w->reader, t))
		keep(w, t);
	if (w->n_read == w->n_given)
		return false;
	next = &w->ring[w->n_given++ % WORDS_AHEAD];
	*t = next->token;
	*hash = next->hash;
	return true;
}
