/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_TERM_POOL_H
#define HEADLINED_FILTERS_TERM_POOL_H

/*
 * Byte strings numbered from 0, each once.
 *
 *	zeroed -> add ... find -> (reorder, freeze) -> find ... -> clear
 *
 * At most about 2^31 bytes, and 2^30 strings. One writer; while nobody writes,
 * any number of readers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define TERM_NONE	UINT32_MAX

/*
 * Open addressing, at most half full, one byte of the hash beside each slot so
 * that a miss touches nothing else.
 *
 *	tags	[ 0 | 9c | 0 | 31 ]	0: free
 *	slots	[   |  0 |   |  1 ]	number of the string
 *	ends	[ 0, 4, 13 ]		string i: bytes[ends[i] .. ends[i + 1]]
 */
struct term_pool {
	uint32_t	 n;
	uint32_t	 n_slots;	/* a power of two, or 0 */
	uint32_t	 cap;		/* of ends */
	size_t		 cap_bytes;
	uint8_t		*tags;
	uint32_t	*slots;
	uint32_t	*ends;
	char		*bytes;
};

/* 0 and the number of s, new or old; -1: memory is out. */
int		 term_pool_add(struct term_pool *, struct str, uint32_t *);
void		 term_pool_clear(struct term_pool *);

/* The number of s, or TERM_NONE; hash: where it is known (term_hash). */
uint32_t	 term_pool_find(const struct term_pool *, struct str);
uint32_t	 term_pool_find_hashed(const struct term_pool *, struct str,
		    uint64_t hash);

/*
 * Nothing more will be added: gives back what is not needed; what is not to be
 * findable any more, its table as well.
 */
void		 term_pool_freeze(struct term_pool *, bool findable);
size_t		 term_pool_bytes(const struct term_pool *);

/* String order[i] becomes string i; now (as many) says the new number of each.
 * 0; -1: memory is out, and nothing has changed. */
int		 term_pool_reorder(struct term_pool *, const uint32_t *order,
		    uint32_t *now);

/* Lives until the next add. */
static inline struct str
term_pool_str(const struct term_pool *p, uint32_t i)
{
	return (struct str){ p->bytes + p->ends[i],
	    p->ends[i + 1] - p->ends[i] };
}

/*
 * Arrays that stand beside a pool, one element a string, grow and shrink as its
 * own do. Room for one more than n: the cap doubles; NULL: memory is out, and
 * the old array stays. Less memory or, when that fails, what there was.
 */
void		*term_pool_grow(void *old, uint32_t n, uint32_t *cap,
		    size_t size);
void		*term_pool_fit(void *, size_t bytes);

#endif
