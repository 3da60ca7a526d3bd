/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_DOC_FREQ_H
#define HEADLINED_FILTERS_DOC_FREQ_H

/*
 * In how many news items a word stands, as shipped: what a daemon knows of
 * words before it has learned from its own feeds (filters/word_counts.h).
 * filters/doc_freq.tsv says how it was counted. Pure, any thread.
 */

#include <stdint.h>

#include "base/str.h"

/* Of WORD_SHARE_ALL items; what is not in the table is in fewer than all that
 * are. */
uint32_t	 doc_freq_share(struct str folded);

#endif
