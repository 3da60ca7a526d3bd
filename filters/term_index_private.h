/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TERM_INDEX_PRIVATE_H
#define HEADLINED_FILTERS_TERM_INDEX_PRIVATE_H

/*
 * What the files of the index share; nobody else includes it.
 *
 *	term_index.c		words, prefixes, patterns; looking them up
 *	term_index_phrase.c	phrases, which name them by their atoms
 */

#include "filters/term_index.h"

/* What an atom is called from now on. */
static inline uint32_t
term_index_renamed(const uint32_t *now, uint32_t atom)
{
	return atom != TERM_NONE ? now[atom] : TERM_NONE;
}

/* In their bytes, which nobody looks for any more. */
void		 term_index_rename_in_phrases(struct term_index *,
		    const uint32_t *now);

#endif
