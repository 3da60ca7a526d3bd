/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_ARENA_H
#define HEADLINED_BASE_ARENA_H

/*
 * Memory that dies together: a document's, an item's, a batch's.
 *
 *	new -> alloc, copy ... -> reset -> alloc ... -> free
 *
 * Failure sticks: after the ceiling or the machine's memory is reached every
 * further call gives NULL or the empty slice, and arena_failed() says so; a
 * builder of many parts checks once, at its end. One thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct buf;

/* max_bytes bounds the sum of what is given out. NULL when memory is out. */
struct arena	*arena_new(size_t max_bytes);

/* Gives all memory back but a block or two, clears the failure. */
void		 arena_reset(struct arena *);
void		 arena_free(struct arena *);		/* NULL is fine */

/* Zeroed, aligned for any type. NULL after failure; n may be 0. */
void		*arena_alloc(struct arena *, size_t n);

/* count * size, refused when the product overflows. */
void		*arena_array(struct arena *, size_t count, size_t size);

/* A copy, with a NUL behind it that is not counted. */
struct str	 arena_copy(struct arena *, struct str);

/*
 * The same without copying, for what is large: the buffer's memory becomes the
 * arena's, the buffer is empty after it. s is a slice of its text.
 */
struct str	 arena_take(struct arena *, struct buf *, struct str s);

bool		 arena_failed(const struct arena *);
size_t		 arena_bytes(const struct arena *);	/* given out so far */

#endif
