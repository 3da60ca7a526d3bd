/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_HEAP_RIG_H
#define HEADLINED_TESTS_UNIT_HEAP_RIG_H

/*
 * How many bytes of heap live, and the most that ever did: for one test
 * program of one thread. Every allocation of the process is seen, libxml2's
 * and iconv's too: a sanitizer tells of each, else the allocator's own names
 * are taken over here.
 *
 *	heap_watch -> heap_most = heap_live -> (do it) -> heap_most
 */

#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>

static size_t	heap_live, heap_most;

static void
heap_grow(size_t n)
{
	heap_live += n;
	if (heap_live > heap_most)
		heap_most = heap_live;
}

static void
heap_shrink(size_t n)
{
	heap_live -= n;
}

#if defined(__has_feature)
#define HAS(f)	__has_feature(f)
#else
#define HAS(f)	0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    HAS(address_sanitizer) || HAS(thread_sanitizer)

/* <sanitizer/allocator_interface.h>, which gcc does not bring along. */
int	__sanitizer_install_malloc_and_free_hooks(
	    void (*)(const volatile void *, size_t),
	    void (*)(const volatile void *));
size_t	__sanitizer_get_allocated_size(const volatile void *);

/* Its realloc always copies: old and new stand there at the same time. */
enum { REALLOC_COPIES = 1 };

static void
heap_on_malloc(const volatile void *p, size_t n)
{
	(void)p;
	heap_grow(n);
}

static void
heap_on_free(const volatile void *p)
{
	if (p != NULL)
		heap_shrink(__sanitizer_get_allocated_size(p));
}

static int
heap_watch(void)
{
	return __sanitizer_install_malloc_and_free_hooks(heap_on_malloc,
	    heap_on_free);
}

#else

enum { REALLOC_COPIES = 0 };

void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);
void	 __libc_free(void *);

void *
malloc(size_t n)
{
	void *p = __libc_malloc(n);

	heap_grow(p != NULL ? malloc_usable_size(p) : 0);
	return p;
}

void *
calloc(size_t n, size_t size)
{
	void *p = __libc_calloc(n, size);

	heap_grow(p != NULL ? malloc_usable_size(p) : 0);
	return p;
}

void *
realloc(void *old, size_t n)
{
	size_t before = old != NULL ? malloc_usable_size(old) : 0;
	void *p = __libc_realloc(old, n);

	if (p == NULL && n > 0)
		return NULL;
	heap_shrink(before);
	heap_grow(p != NULL ? malloc_usable_size(p) : 0);
	return p;
}

void
free(void *p)
{
	if (p != NULL)
		heap_shrink(malloc_usable_size(p));
	__libc_free(p);
}

static int
heap_watch(void)
{
	return 1;
}

#endif

#endif
