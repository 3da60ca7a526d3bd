/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TOPIC_BLOCK_H
#define HEADLINED_FILTERS_TOPIC_BLOCK_H

/*
 * The arrays that documents ask a topic_set by, one behind the other in one
 * piece of memory that has large pages where the system gives any. A document
 * looks here and there in all of them: with small pages each look is a walk
 * through the page tables, too. Small sets, which caches hold, stay as they
 * are.
 *
 *	compiled -> settle -> (read) -> clear -> the arrays' own clear
 */

struct topic_set;

/* Once compiled. Where memory is out all stays as it was. */
void	 topic_block_settle(struct topic_set *);

/* Frees it, and leaves NULL for what was in it; what was not stays. */
void	 topic_block_clear(struct topic_set *);

#endif
