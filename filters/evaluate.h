/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_EVALUATE_H
#define HEADLINED_FILTERS_EVALUATE_H

/*
 * Whether an expression of a topic_set holds for what a document showed, and
 * by what. An expression is evaluated once in a document, however many topics
 * are it or name it; so is a phrase, a regex, a set.
 *
 * Places are compared only where an operator asks for it and all its operands
 * stand in the field. All work is linear in the places (n log k for k terms),
 * or bounded and counted in seen->search_limits and regex_limits: what is not
 * found within the bound does not hold.
 *
 * Memory that is out sets seen->failed; no answer is right then.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filters/document.h"
#include "filters/sightings.h"

struct plan_node;
struct topic_set;

bool		 evaluate_expr(const struct topic_set *, struct sightings *,
		    uint32_t expr);

/* A part of one: any node. */
bool		 evaluate_node(const struct topic_set *, struct sightings *,
		    const struct plan_node *);

struct plan_place {
	uint32_t	offset, length;
	uint32_t	text;		/* in the plan's texts */
	uint32_t	rank;		/* of the term, as written */
	enum field	field;
};

/*
 * The places that make a node true, in order of field and offset, the longer
 * first, each once, PLAN_MAX_PLACES at most: one of each term as long as there
 * is room, then the first of all; how many. For a NOT none; for a node that
 * does not hold, those that its terms have all the same.
 */
size_t		 evaluate_places(const struct topic_set *, struct sightings *,
		    const struct plan_node *,
		    struct plan_place out[PLAN_MAX_PLACES]);

#endif
