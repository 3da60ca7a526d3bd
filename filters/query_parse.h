/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_QUERY_PARSE_H
#define HEADLINED_FILTERS_QUERY_PARSE_H

/*
 * Query text to syntax tree (query_ast.h). The whole language stands in
 * headlined-query(7). Pure, any thread; recursion is bounded.
 */

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "filters/query_fault.h"

struct arena;
struct buf;
struct query;			/* see query_ast.h */
struct query_set;

enum { QUERY_MAX_BYTES = 65536, QUERY_MAX_DEPTH = 64 };

enum query_entity {
	QUERY_ENTITY_ANY,	/* entity: */
	QUERY_ENTITY_COUNTRY, QUERY_ENTITY_PERSON, QUERY_ENTITY_ORG,
	QUERY_ENTITY_PLACE,
	QUERY_ENTITY_GROUP	/* group: all that say they are of it */
};

/*
 * What a query may name that stands elsewhere. Each gives what the name means;
 * or nothing, and in `why` what is wrong and what would be right ("no such
 * topic (did you mean x?)"). Names come as written, without quotes. What comes
 * back must live as long as the tree.
 */
struct query_names {
	/* The topic's number in the set that the query is for, or -1. */
	int64_t			 (*topic)(struct str name, struct buf *why,
				    void *ctx);
	/* The terms of a list file. */
	const struct query_set	*(*list)(struct str name, struct buf *why,
				    void *ctx);
	/* By name, alias or id; "any" with a kind: all of that kind; a
	 * group by its name. */
	const struct query_set	*(*entity)(enum query_entity, struct str name,
				    struct buf *why, void *ctx);
	void			*ctx;
};

/*
 * The tree, in the arena, with slices into text; or NULL when faults->errors
 * is not 0 (all that could be found in one run). Out of memory is an error in
 * faults too. names: NULL where a query stands alone: it can name nothing.
 */
struct query	*query_parse(struct arena *, struct str text,
		    const struct query_names *, struct query_faults *);

/*
 * The short form: any of these words and phrases, literally (no operators,
 * fields or brackets), a * at an end allowed. The tree is their OR. On error
 * *bad is the index of the term at fault; offsets count in that term.
 */
struct query	*query_from_terms(struct arena *, const struct str *terms,
		    size_t n, size_t *bad, struct query_faults *);

#endif
