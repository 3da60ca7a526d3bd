/* SPDX-License-Identifier: ISC */
#include "filters/topic_block.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "filters/query_plan.h"

enum { LINE = 64, LARGE_PAGE = 2 << 20 };

/* What is done with an array of n bytes: what stands in its place then. */
typedef void	*array_fn(struct topic_block *, void *, size_t n);

static size_t
room_for(size_t n)
{
	return (n + LINE - 1) & ~(size_t)(LINE - 1);
}

static void *
count(struct topic_block *b, void *array, size_t n)
{
	b->n += room_for(n);
	return array;
}

static void *
move(struct topic_block *b, void *array, size_t n)
{
	char *to = b->p + b->n;

	if (n == 0)
		return array;
	memcpy(to, array, n);
	free(array);
	b->n += room_for(n);
	return to;
}

static void *
forget(struct topic_block *b, void *array, size_t n)
{
	(void)b;
	return n == 0 ? array : NULL;
}

static void
each_of_pool(struct term_pool *p, struct topic_block *b, array_fn *fn)
{
	size_t n = p->n > 0 ? p->cap : 0;

	p->ends = fn(b, p->ends, n * sizeof(*p->ends));
	p->bytes = fn(b, p->bytes, p->n > 0 ? p->cap_bytes : 0);
}

static void
each_of_filter(struct term_filter *f, struct topic_block *b, array_fn *fn)
{
	f->bits = fn(b, f->bits, ((size_t)f->mask + 1) / 8);
}

static void
each_of_index(struct term_index *ix, struct topic_block *b, array_fn *fn)
{
	ix->slots = fn(b, ix->slots, ix->n_slots * sizeof(*ix->slots));
	each_of_filter(&ix->word_filter, b, fn);
	each_of_filter(&ix->prefix_filter, b, fn);
	ix->plain = fn(b, ix->plain, ix->n_atoms * sizeof(*ix->plain));
	ix->atoms = fn(b, ix->atoms, ix->n_atoms * sizeof(*ix->atoms));
	each_of_pool(&ix->words.pool, b, fn);
	each_of_pool(&ix->prefixes.pool, b, fn);
	each_of_pool(&ix->phrases, b, fn);
}

/* The first are those that each word asks, the last those of hits. */
static void
each_array(struct topic_set *set, struct topic_block *b, array_fn *fn)
{
	struct query_plan *p = &set->plan;
	size_t n_atoms = set->index.n_atoms, n_exprs = p->exprs.n;
	size_t n_filed = set->exprs[n_exprs].filed;

	each_of_index(&set->index, b, fn);
	set->filed_at = fn(b, set->filed_at,
	    (n_atoms + 1) * sizeof(*set->filed_at));
	set->filed = fn(b, set->filed, n_filed * sizeof(*set->filed));
	set->topics = fn(b, set->topics, p->n_topics * sizeof(*set->topics));
	p->topic_expr = fn(b, p->topic_expr,
	    p->n_topics * sizeof(*p->topic_expr));
	p->exprs.bytes = fn(b, p->exprs.bytes, n_exprs > 0 ?
	    p->exprs.cap_bytes : 0);
	each_of_pool(&p->texts, b, fn);
	/* Asked above how many are filed: the last to go. */
	set->exprs = fn(b, set->exprs, (n_exprs + 2) * sizeof(*set->exprs));
}

/* What is no whole page at the end has small ones: none is wasted. */
static char *
large_pages(size_t n)
{
	size_t cap = (n + LARGE_PAGE - 1) & ~(size_t)(LARGE_PAGE - 1);
	char *p = cap >= n ? aligned_alloc(LARGE_PAGE, cap) : NULL;

	if (p != NULL)	/* where the system has none, small ones will do */
		(void)madvise(p, n & ~(size_t)(LARGE_PAGE - 1),
		    MADV_HUGEPAGE);
	return p;
}

void
topic_block_settle(struct topic_set *set)
{
	struct topic_block b = { .n = 0 };

	each_array(set, &b, count);
	if (b.n < LARGE_PAGE || (b.p = large_pages(b.n)) == NULL)
		return;
	b.n = 0;
	each_array(set, &b, move);
	set->block = b;
}

void
topic_block_clear(struct topic_set *set)
{
	if (set->block.p == NULL)
		return;
	each_array(set, &set->block, forget);
	free(set->block.p);
	set->block = (struct topic_block){ .n = 0 };
}
