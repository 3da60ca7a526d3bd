/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_DOC_FREQ_H
#define HEADLINED_FILTERS_DOC_FREQ_H

/*
 * In how many news items words stand, as shipped: what is known of them before
 * a daemon has learned from its own feeds (filters/word_counts.h). Data alone;
 * how it was counted stands above it.
 */

#include <stddef.h>
#include <stdint.h>

struct doc_freq_row {
	uint16_t	 per_10000;	/* items that have the word */
	const char	*stems;		/* parted by spaces; story_words_stem */
};

extern const struct doc_freq_row doc_freq_rows[];
extern const size_t	 doc_freq_n_rows;

#endif
