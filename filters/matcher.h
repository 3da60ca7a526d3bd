/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_MATCHER_H
#define HEADLINED_FILTERS_MATCHER_H

/*
 * Which topics a document holds, where, and why or why not.
 *
 *	new -> run ... explain ... run -> free
 *
 * A matcher is one thread's scratch memory: it grows to what the largest
 * document needs and is used again and again. It may be used with one set
 * after another.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hit.h"
#include "filters/query_ast.h"

struct document;
struct entity_mention;
struct err;
struct matcher;
struct topic_set;

struct matcher_ops {
	/*
	 * A topic that holds, in order of number, with its hits: the places
	 * that made it true, by field and offset, at most MATCHER_MAX_HITS: of
	 * each term one at least, as long as there is room.
	 * A topic that holds by what is absent alone, or by numbers and
	 * sources, has none. Slices live until on_topic returns. Non-zero
	 * stops the document.
	 */
	int	(*on_topic)(uint32_t topic, const struct hit *, size_t n_hits,
		    void *ctx);
	/*
	 * NULL, or told, before all that hold and in no order, of each topic
	 * that was asked and does not hold: a word that it is filed under is
	 * there, or it has none. Of all others no such word is.
	 */
	void	(*on_miss)(uint32_t topic, void *ctx);
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

/*
 * The entities of the document last run or explained, whether topics ask for
 * them or not (filters/entity_sense.h): from within on_topic or on_node, or
 * after that while set and document live. Until the next run. 0, or -1 and
 * *err: memory is out.
 */
int		 matcher_mentions(struct matcher *,
		    const struct entity_mention **, size_t *n, struct err *);

/* A node of a topic's tree, and what it found. */
struct matcher_node {
	unsigned		 depth;		/* the root: 0 */
	enum query_kind		 kind;
	struct str		 text;		/* AND, NEAR/5, title:"x y*" */
	bool			 held;
	const struct hit	*hits;		/* places of it, the first */
	size_t			 n_hits;
};

/*
 * The nodes of a topic, in the order they were written in, parents first; those
 * of a NOT, and of an AND that fails, too. What is in a set or another topic is
 * not told node by node. Slices live until on_node returns; non-zero stops. 0,
 * or -1 and *err.
 */
int		 matcher_explain(struct matcher *, struct topic_set *,
		    const struct document *, uint32_t topic,
		    int (*on_node)(const struct matcher_node *, void *ctx),
		    void *ctx, struct err *);

/* What all documents so far took. */
struct matcher_counters {
	uint64_t	regex_limits;	/* a regex gave up: it does not hold */
	uint64_t	search_limits;	/* a NEAR, ATLEAST or phrase gave up: it
					 * has too many choices, or the document
					 * took too many steps in all */
	uint64_t	steps;		/* looks at a place to compare places */
};

struct matcher_counters matcher_counters(const struct matcher *);

#endif
