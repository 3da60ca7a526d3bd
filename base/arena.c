/* SPDX-License-Identifier: ISC */
/*
 * A chain of blocks, newest first; each twice the size of the one before, so
 * that a large item costs few. The first is short and comes with the arena, in
 * one piece of memory that malloc keeps at hand (glibc: up to 1032 bytes): most
 * polls need no other.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"

enum { OWN_BLOCK = 928, SECOND_BLOCK = 2048, LARGEST_STEP = 1 << 20 };

struct block {
	struct block	*older;
	size_t		 cap, used;
	alignas(max_align_t) char data[];
};

/* Memory that was somebody's buffer. */
struct taken {
	struct taken	*older;
	char		*p;
};

struct arena {
	struct block	*newest;
	struct taken	*taken;
	size_t		 given, max;
	bool		 failed;
	alignas(max_align_t) char own[sizeof(struct block) + OWN_BLOCK];
};
_Static_assert(sizeof(struct arena) <= 1032, "at hand");

static struct block *
own_block(struct arena *a)
{
	return (struct block *)(void *)a->own;
}

struct arena *
arena_new(size_t max_bytes)
{
	struct arena *a = malloc(sizeof(*a));

	if (a == NULL)
		return NULL;
	*own_block(a) = (struct block){ .cap = OWN_BLOCK };
	a->newest = own_block(a);
	a->taken = NULL;
	a->given = 0;
	a->max = max_bytes;
	a->failed = false;
	return a;
}

static void
free_taken(struct arena *a)
{
	struct taken *t;

	while ((t = a->taken) != NULL) {
		a->taken = t->older;
		free(t->p);
		free(t);
	}
}

/* Down to this one. */
static void
free_blocks(struct arena *a, const struct block *last)
{
	struct block *b;

	while ((b = a->newest) != last) {
		a->newest = b->older;
		free(b);
	}
}

/* Who needed the second block will again. */
void
arena_reset(struct arena *a)
{
	struct block *b = a->newest;

	free_taken(a);
	while (b->older != NULL && b->older->older != NULL)
		b = b->older;
	free_blocks(a, b);
	b->used = 0;
	a->given = 0;
	a->failed = false;
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_taken(a);
	free_blocks(a, own_block(a));
	free(a);
}

static struct block *
add_block(struct arena *a, size_t need)
{
	size_t cap = a->newest == own_block(a) ? SECOND_BLOCK :
	    a->newest->cap * 2;
	struct block *b;

	if (cap > LARGEST_STEP)
		cap = LARGEST_STEP;
	if (cap < need)
		cap = need;
	if (cap > PTRDIFF_MAX - sizeof(*b))
		return NULL;
	b = malloc(sizeof(*b) + cap);
	if (b == NULL)
		return NULL;
	b->older = a->newest;
	b->cap = cap;
	b->used = 0;
	a->newest = b;
	return b;
}

static void *
fail(struct arena *a)
{
	a->failed = true;
	return NULL;
}

/* n bytes at a multiple of align, not zeroed. */
static char *
take(struct arena *a, size_t n, size_t align)
{
	struct block *b = a->newest;
	size_t at;

	if (a->failed || n > a->max - a->given)
		return fail(a);
	at = (b->used + align - 1) & ~(align - 1);
	if (at > b->cap || n > b->cap - at) {
		if ((b = add_block(a, n)) == NULL)
			return fail(a);
		at = 0;
	}
	b->used = at + n;
	a->given += n;
	return b->data + at;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	char *p = take(a, n, alignof(max_align_t));

	return p != NULL ? memset(p, 0, n) : NULL;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return fail(a);
	return arena_alloc(a, count * size);
}

struct str
arena_copy(struct arena *a, struct str s)
{
	char *p;

	if (s.n == SIZE_MAX || (p = take(a, s.n + 1, 1)) == NULL)
		return STR_NONE;
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

struct str
arena_take(struct arena *a, struct buf *b, struct str s)
{
	struct taken *t;

	if (a->failed || s.n >= a->max - a->given ||
	    (t = malloc(sizeof(*t))) == NULL)
		return (void)fail(a), STR_NONE;
	*t = (struct taken){ .older = a->taken, .p = b->p };
	t->p[(size_t)(s.p - b->p) + s.n] = '\0';
	a->taken = t;
	a->given += s.n + 1;
	b->p = NULL;
	buf_clear(b);
	return s;
}

bool
arena_failed(const struct arena *a)
{
	return a->failed;
}

size_t
arena_bytes(const struct arena *a)
{
	return a->given;
}
