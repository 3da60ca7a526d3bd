/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TOPIC_ORDER_H
#define HEADLINED_FILTERS_TOPIC_ORDER_H

/*
 * How the parts of a set are numbered: those that documents ask for together
 * stand together. A hundred thousand topics fit in no cache, but of their words
 * a text has the commonest again and again, and what is filed under one word is
 * looked at one after the other.
 *
 *	atoms		by how many texts have the word, the commonest first
 *	expressions	by the commonest word that they are filed under
 *
 * Numbers are of the set alone: nothing else knows them.
 */

#include <stddef.h>
#include <stdint.h>

struct topic_set;
struct word_counts;

/* Before the index is sealed. Without counts, or where they know too little,
 * all stay as they are. 0; -1: memory is out. */
int	 topic_order_atoms(struct topic_set *, const struct word_counts *);

/*
 * home: by expression, the key that it is to stand by (TERM_NONE: last). Its
 * rows move; now (as many) is filled with their new numbers, for whoever holds
 * old ones. 0; -1: memory is out, and nothing has changed.
 */
int	 topic_order_exprs(struct topic_set *, const uint32_t *home,
	    uint32_t *now);

#endif
