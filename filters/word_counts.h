/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_WORD_COUNTS_H
#define HEADLINED_FILTERS_WORD_COUNTS_H

/*
 * In how many documents words stand, learned from those that come by: what a
 * topic is filed under is its rarest word (see topic_filing.h), and whoever
 * looks for one that nearly every document has is warned.
 *
 *	new -> note ... note, share ... -> free
 *
 * A sketch of one size: words share counters, so that a count is never too
 * small, and seldom too large:
 *
 *	row 0	[ 3 | 0 | 9 | 1 ... ]	"war" is counter 2 here,
 *	row 1	[ 0 | 4 | 1 | 7 ... ]	0 there: in 0 documents at most
 *
 * A counter is the number of documents with any of its words; all are halved
 * before one could overflow, so that what is long past fades. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct document;
struct word_counts;

/* A share of documents, of this many. */
enum { WORD_SHARE_ALL = 1 << 16 };

/* Documents after which counts say more than guesses. */
enum { WORD_COUNTS_FEW = 64 };

/* The blob's size; it is no other. */
enum { WORD_COUNTS_BYTES = 16 + 3 * 2 * (1 << 15) };

/* NULL when memory is out. */
struct word_counts	*word_counts_new(void);
void			 word_counts_free(struct word_counts *); /* NULL: ok */

/* The words of its title, summary and content. */
void			 word_counts_note(struct word_counts *,
			    const struct document *);

/* Adds what another has counted. */
void			 word_counts_add(struct word_counts *,
			    const struct word_counts *more);

/* How many documents its counters remember; fewer than were noted. */
uint32_t		 word_counts_documents(const struct word_counts *);

/*
 * How many of WORD_SHARE_ALL documents have a folded word. guess is what it
 * would be taken for if nothing were known, and counts as much as some
 * documents do.
 */
uint32_t		 word_counts_share(const struct word_counts *,
			    struct str folded, uint32_t guess);

/* Says that this word's share will be asked for soon: its counters are brought
 * into the cache meanwhile. Changes nothing. */
void			 word_counts_fetch(const struct word_counts *,
			    struct str folded);

/*
 * As bytes that are the same on each machine. read: 0; -1: it is no such blob,
 * or one that is damaged: nothing has changed.
 */
void			 word_counts_write(const struct word_counts *,
			    struct buf *);
int			 word_counts_read(struct word_counts *,
			    struct str blob);

#endif
