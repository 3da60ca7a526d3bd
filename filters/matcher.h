/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_MATCHER_H
#define HEADLINED_FILTERS_MATCHER_H

/*
 * Which topics a document holds, and where.
 *
 *	new -> run ... run -> free
 *
 * A matcher is one thread's scratch memory: it grows to what the largest
 * document needs and is used again and again. It may be used with one set
 * after another.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/hit.h"

struct document;
struct err;
struct matcher;
struct topic_set;

struct matcher_ops {
	/*
	 * A topic that holds, in order of number, with its hits: the places
	 * that made it true, by field and offset, at most MATCHER_MAX_HITS.
	 * A topic that holds by what is absent alone has none. Slices live
	 * until on_topic returns. Non-zero stops the document.
	 */
	int	(*on_topic)(uint32_t topic, const struct hit *, size_t n_hits,
		    void *ctx);
};

enum { MATCHER_MAX_HITS = 32, MATCHER_MAX_CONTEXT = 300 };

/* NULL when memory is out. */
struct matcher	*matcher_new(void);
void		 matcher_free(struct matcher *);	/* NULL is fine */

/*
 * Only topics whose bit is set in `wanted` (topic i: bit i % 64 of word
 * i / 64) are looked at; NULL: all. 0, or -1 and *err: memory is out, or
 * on_topic stopped.
 */
int		 matcher_run(struct matcher *, struct topic_set *,
		    const struct document *, const uint64_t *wanted,
		    const struct matcher_ops *, void *ctx, struct err *);

#endif
