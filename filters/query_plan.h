/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_QUERY_PLAN_H
#define HEADLINED_FILTERS_QUERY_PLAN_H

/*
 * Topics as rows of nodes: what a compiled set is made of, for those who build
 * it (topic_set, topic_filing) and those who ask it (evaluate, matcher).
 *
 *	zeroed -> add_query, add_topic ... -> freeze -> (read) -> clear
 *
 *	a AND (b NEAR/5 "c d") NOT e
 *
 *	0 AND	size 7
 *	1  WORD	a
 *	2  NEAR	size 3
 *	3   WORD b
 *	4   PHRASE c d	5 words from b
 *	5  NOT	size 2
 *	6   WORD e
 *
 * A subtree is a run of nodes; skipping it is one jump. The children of an AND
 * stand in the order of what they cost: a regular expression comes last.
 *
 * A row is an expression, and each row there once: topics with the same query
 * share it. So do sets, and topics that name a topic. What an expression gives
 * for a document is found once (see filters/sightings.h).
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filters/document.h"
#include "filters/entity_atom.h"
#include "filters/query_ast.h"
#include "filters/term_index.h"

struct entity_senses;
struct regex;

enum plan_kind {
	PLAN_WORD, PLAN_PHRASE,		/* arg: atom, phrase */
	PLAN_SET,			/* arg: expression, of terms alone */
	PLAN_TOPIC,			/* arg: topic */
	PLAN_REGEX,			/* arg: in regexes */
	PLAN_SOURCE,			/* fields: enum query_source */
	PLAN_NUMBER,			/* fields: enum query_number, << 4:
					 * enum query_order; arg: in numbers */
	PLAN_AND, PLAN_OR, PLAN_NOT,	/* arg of these: nodes in the subtree */
	PLAN_NEAR,			/* fields: enum query_near, and
					 * PLAN_IN_ORDER */
	PLAN_ATLEAST			/* text: how many */
};

enum { PLAN_IN_ORDER = 0x80 };

struct plan_node {
	uint8_t		kind;		/* enum plan_kind */
	uint8_t		fields;		/* of what has places: where */
	uint16_t	number;		/* of a NEAR's operand: words between;
					 * of an AND's child: as written */
	uint32_t	arg;
	uint32_t	text;		/* in texts: what hits call it */
	uint32_t	needs;		/* of a word or phrase: the rarest atom
					 * of it: a look at this one ends most
					 * questions */
};

struct query_plan {
	struct term_pool exprs;		/* arrays of nodes, as bytes */
	uint32_t	*topic_expr;
	uint32_t	 n_topics, cap_topics;
	struct term_pool texts;
	struct term_pool sets;		/* ids */
	uint32_t	*set_expr;
	uint32_t	 cap_sets;
	struct term_pool patterns;	/* of regexes; 'i' or '-' before them */
	struct regex	**regexes;
	uint32_t	 cap_regexes;
	struct term_pool numbers;	/* each an int64_t, as bytes */
	uint8_t		 fields;	/* that any term asks for */
	bool		 measured;	/* content's words, or the lead */
	struct plan_node *nodes;	/* while building: the row so far */
	uint32_t	 n_nodes, cap_nodes;
};

/*
 * An expression that is filed somewhere, and another atom that a document must
 * have for it to hold by what it is filed under there: a further word of the
 * AND, or of the phrase, where it must stand beside that word.
 */
struct plan_filing {
	uint32_t	expr;
	uint32_t	witness : 30;
	uint32_t	beside : 2;	/* enum plan_beside */
};

enum plan_beside {
	PLAN_NO_WITNESS,
	PLAN_ANYWHERE,
	PLAN_BEHIND, PLAN_BEFORE	/* the witness, no word between */
};

/* What is known of an expression, on one cache line; each ends where the next
 * one's begin. */
struct plan_expr {
	uint32_t	row;		/* its nodes */
	uint32_t	topics;		/* in topics */
	uint32_t	filed;		/* what is filed under it: in filed */
};

/* See filters/topic_block.h. */
struct topic_block {
	char	*p;		/* NULL: each array is its own */
	size_t	 n;
};

/* Immutable once compiled. */
struct topic_set {
	atomic_uint	  refs;
	struct term_index index;
	struct query_plan plan;
	struct entity_senses *senses;	/* or NULL; counted */
	struct entity_atoms entities;	/* by their numbers there */

	/*
	 * The expressions filed under atom a, which hold in no document
	 * without it: filed[filed_at[a] .. filed_at[a + 1]]. What needs one of
	 * several (an OR) is filed under each. Expressions are filed under
	 * sets and topics too, which are expressions.
	 */
	uint32_t	 *filed_at;
	struct plan_filing *filed;

	/* Those that ask for no word: looked at in every document. */
	uint32_t	 *always, n_always;

	struct plan_expr *exprs;
	uint32_t	 *topics;	/* by expression */
	struct topic_block block;	/* most of the above lie in it */
};

enum plan_fault {
	PLAN_FINE,
	PLAN_NO_MEMORY,		/* and the plan is of no more use */
	PLAN_SHAPES_FULL,	/* ? stands in too many ways in all topics */
	PLAN_BAD_REGEX
};

/* The tree as an expression, new or old. */
enum plan_fault	 query_plan_add_query(struct query_plan *, struct term_index *,
		    const struct query *, uint32_t *expr);

/* The next topic is this expression. 0; -1: memory is out. */
int		 query_plan_add_topic(struct query_plan *, uint32_t expr);

/* Nothing more will be added; rows are asked for by topic_set_row now. */
void		 query_plan_freeze(struct query_plan *);
void		 query_plan_clear(struct query_plan *);
size_t		 query_plan_bytes(const struct query_plan *);

/* All nodes of all expressions, to be changed while compiling. */
static inline struct plan_node *
query_plan_nodes(struct query_plan *p, size_t *n)
{
	*n = p->exprs.n > 0 ? p->exprs.ends[p->exprs.n] /
	    sizeof(struct plan_node) : 0;
	return (struct plan_node *)(void *)p->exprs.bytes;
}

/* The nodes of an expression: its root; live as the plan. */
static inline const struct plan_node *
query_plan_root(const struct query_plan *p, uint32_t expr)
{
	return (const struct plan_node *)(const void *)(p->exprs.bytes +
	    p->exprs.ends[expr]);
}

/* The same of a compiled set; expr + 1 is where it ends. */
static inline const struct plan_node *
topic_set_row(const struct topic_set *set, uint32_t expr)
{
	return (const struct plan_node *)(const void *)
	    set->plan.exprs.bytes + set->exprs[expr].row;
}

/* Behind its last node. */
static inline const struct plan_node *
query_plan_end(const struct query_plan *p, uint32_t expr)
{
	return (const struct plan_node *)(const void *)(p->exprs.bytes +
	    p->exprs.ends[expr + 1]);
}

/* The node behind the subtree. */
static inline const struct plan_node *
plan_next(const struct plan_node *node)
{
	return node->kind >= PLAN_AND ? node + node->arg : node + 1;
}

/* for (c = node + 1; c < plan_end(node); c = plan_next(c)) */
static inline const struct plan_node *
plan_end(const struct plan_node *node)
{
	return node + node->arg;
}

#endif
