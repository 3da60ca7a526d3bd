/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_QUERY_PARSE_H
#define HEADLINED_FILTERS_QUERY_PARSE_H

/*
 * Query text to syntax tree (query_ast.h). The whole language stands in
 * headlined.yaml(5) under QUERY LANGUAGE. Pure, any thread; recursion is
 * bounded.
 */

#include <stddef.h>

#include "base/str.h"
#include "filters/query_fault.h"

struct arena;
struct query;			/* see query_ast.h */

enum { QUERY_MAX_BYTES = 65536, QUERY_MAX_DEPTH = 64 };

/*
 * The tree, in the arena, with slices into text; or NULL when faults->errors
 * is not 0 (all that could be found in one run). Out of memory is an error in
 * faults too.
 */
struct query	*query_parse(struct arena *, struct str text,
		    struct query_faults *);

/*
 * The short form: any of these words and phrases, literally (no operators,
 * fields or brackets), a * at an end allowed. The tree is their OR. On error
 * *bad is the index of the term at fault; offsets count in that term.
 */
struct query	*query_from_terms(struct arena *, const struct str *terms,
		    size_t n, size_t *bad, struct query_faults *);

#endif
