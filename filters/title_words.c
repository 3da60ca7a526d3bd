/* SPDX-License-Identifier: ISC */
#include "filters/title_words.h"

#include "base/digest.h"
#include "filters/token.h"
#include "filters/topic_filing.h"

void
title_words_read(struct title_words *w, struct token_reader *reader,
    struct str title)
{
	struct token t;

	w->n = 0;
	token_begin(reader, title, false);
	while (w->n < TITLE_WORDS_MOST && token_next(reader, &t)) {
		struct str folded = { t.folded, t.n_folded };

		/* A joined form stands before its parts; a letter may be that
		 * of a series. */
		if (t.span == 1 && (t.n_folded == 1 ||
		    !topic_filing_is_common(NULL, folded)))
			w->hash[w->n++] = (uint16_t)digest_hash64(0, folded);
	}
}

/* How many words of a stand in b, each of those once. */
static unsigned
count_shared(const struct title_words *a, const struct title_words *b)
{
	bool used[TITLE_WORDS_MOST] = { false };
	unsigned n = 0;

	for (unsigned i = 0; i < a->n; i++)
		for (unsigned k = 0; k < b->n; k++)
			if (!used[k] && a->hash[i] == b->hash[k]) {
				used[k] = true;
				n++;
				break;
			}
	return n;
}

bool
title_words_vary(const struct title_words *a, const struct title_words *b)
{
	unsigned shared = count_shared(a, b);
	unsigned own_a = a->n - shared, own_b = b->n - shared;

	if (a->n == 2 && b->n == 2)
		return shared == 1 && (a->hash[0] == b->hash[0] ||
		    a->hash[1] == b->hash[1]);
	return own_a > 0 && own_b > 0 &&
	    shared >= 2 * (own_a > own_b ? own_a : own_b);
}

bool
title_words_same(const struct title_words *a, const struct title_words *b)
{
	unsigned shared = count_shared(a, b);
	unsigned poorer = a->n < b->n ? a->n : b->n;

	return shared == poorer && 2 * shared >= (unsigned)a->n &&
	    2 * shared >= (unsigned)b->n;
}
