/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_HOLDERS_H
#define HEADLINED_FILTERS_HOLDERS_H

/*
 * The topics that hold in a document, found in any order and told in that of
 * their numbers. Each carries its expression: to ask the set for it once more
 * is a look at memory that nothing else wanted.
 *
 *	zeroed -> begin -> add ... -> sort -> (read) -> begin ... clear
 */

#include <stddef.h>
#include <stdint.h>

struct holder {
	uint32_t	topic, expr;
};

struct holders {
	struct holder	*list;
	uint32_t	 n;
	struct holder	*spare;		/* to sort with */
	size_t		 cap;		/* of each */
};

/* None so far, and room for this many. 0; -1: memory is out. */
int	 holders_begin(struct holders *, size_t n_topics);

/* In order of topic. All topics are below n_topics. */
void	 holders_sort(struct holders *, uint32_t n_topics);
void	 holders_clear(struct holders *);

/* At most as many as begin was told. */
static inline void
holders_add(struct holders *h, uint32_t topic, uint32_t expr)
{
	h->list[h->n++] = (struct holder){ topic, expr };
}

#endif
