/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_EVALUATE_PRIVATE_H
#define HEADLINED_FILTERS_EVALUATE_PRIVATE_H

/*
 * What the two files that evaluate expressions share; nobody else includes it.
 *
 *	evaluate.c		whether a node holds, in which fields
 *	evaluate_places.c	by which places: what hits are made of
 *
 * Places that are collected stand at the end of seen->places, from where the
 * run says on, until the caller sets their number back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "filters/document.h"
#include "filters/evaluate.h"
#include "filters/places.h"
#include "filters/query_ast.h"
#include "filters/regex.h"

/* What evaluation carries along. */
struct view {
	const struct topic_set	*set;
	struct sightings	*seen;
};

/* Places of a term to be collected, from one field. */
struct collect {
	unsigned	fields;		/* that the term is asked for in */
	enum field	field;		/* this one */
	uint32_t	text;
	bool		of_set;		/* the above stand for what terms say */
	bool		every;		/* see phrase.h */
	uint32_t	max;		/* of each term */
};

/* A NEAR in one field: its operands' places. */
struct chain {
	struct place_run	run[QUERY_MAX_CHAIN];
	struct nearness		link[QUERY_MAX_CHAIN];
	size_t			n;
};

/* The fields that a word, or anything with places, stands in: bits. */
unsigned	 evaluate_word_fields(const struct view *, uint32_t atom,
		    unsigned asked);
unsigned	 evaluate_term_fields(const struct view *,
		    const struct plan_node *);

/* The places of a term in one field, settled. */
struct place_run evaluate_collect(const struct view *,
		    const struct plan_node *, const struct collect *);

/* The fields where all operands of a NEAR stand; whether it holds in one:
 * leaves the places of all its operands, marked. */
unsigned	 evaluate_near_fields(const struct view *,
		    const struct plan_node *);
bool		 evaluate_near_in(const struct view *,
		    const struct plan_node *, enum field, struct chain *);

/* The first match of a regex of the plan in a field. */
enum regex_result evaluate_regex(const struct view *, uint32_t regex,
		    enum field, struct str *match);

#endif
