/* SPDX-License-Identifier: ISC */
#include "base/pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What is free is out of bounds for all but us, where somebody looks. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(HAS_ASAN)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)		((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n)	((void)(p), (void)(n))
#endif

enum { BLOCK_BYTES = 16384 };

struct pool_block {
	struct pool_block	*next;
};

struct pool_piece {
	struct pool_piece	*next;
};

/* In steps of a pointer, from one pointer on. */
static size_t
room_for(size_t size)
{
	const size_t step = sizeof(struct pool_piece);

	return size == 0 ? step : (size + step - 1) / step * step;
}

static int
add_block(struct pool *pool, size_t room)
{
	size_t n = room < BLOCK_BYTES ? BLOCK_BYTES / room : 1;
	struct pool_block *b;
	char *piece;

	if (room > SIZE_MAX - sizeof(*b) ||
	    (b = malloc(sizeof(*b) + n * room)) == NULL)
		return -1;
	b->next = pool->blocks;
	pool->blocks = b;
	piece = (char *)(b + 1) + n * room;
	while (n-- > 0)
		pool_put(pool, piece -= room, room);
	return 0;
}

void *
pool_get(struct pool *pool, size_t size)
{
	struct pool_piece *p;

	if (pool->free == NULL && add_block(pool, room_for(size)) == -1)
		return NULL;
	p = pool->free;
	ASAN_UNPOISON_MEMORY_REGION(p, room_for(size));
	pool->free = p->next;
	memset(p, 0, size);
	return p;
}

void
pool_put(struct pool *pool, void *piece, size_t size)
{
	struct pool_piece *p = piece;

	if (p == NULL)
		return;
	p->next = pool->free;
	pool->free = p;
	ASAN_POISON_MEMORY_REGION(p, room_for(size));
}

void
pool_clear(struct pool *pool)
{
	struct pool_block *b;

	while ((b = pool->blocks) != NULL) {
		pool->blocks = b->next;
		free(b);
	}
	pool->free = NULL;
}
