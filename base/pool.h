/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_POOL_H
#define HEADLINED_BASE_POOL_H

/*
 * Many small pieces of one size: malloc needs eight bytes beside each of them
 * and rounds up to sixteen. A piece that is put back is the next to be got;
 * memory goes back with the pool.
 *
 *	struct pool p = { 0 };  pool_get ... pool_put ...  pool_clear
 *
 * One thread at a time.
 */

#include <stddef.h>

struct pool {
	struct pool_block	*blocks;	/* owned */
	struct pool_piece	*free;		/* put back, or never got */
};

/* Zeroed, aligned for pointers and int64_t; size is the same at each call.
 * NULL when memory is out. */
void	*pool_get(struct pool *, size_t size);

void	 pool_put(struct pool *, void *, size_t size);	/* NULL is fine */

/* And all that was got from it. */
void	 pool_clear(struct pool *);

#endif
