/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_QUERY_PLAN_H
#define HEADLINED_FILTERS_QUERY_PLAN_H

/*
 * Topics as rows of nodes, and their evaluation over what a document showed.
 *
 *	a AND (b OR "c d") NOT e
 *
 *	0 AND	end 7
 *	1  WORD	a
 *	2  OR	end 5
 *	3   WORD b
 *	4   PHRASE c d
 *	5  NOT	end 7
 *	6   WORD e
 *
 * A subtree is a run of nodes; skipping it is one jump. A word costs one look
 * at whether its atom was seen; the places where words stand are compared only
 * for a phrase all of whose words were seen, once in a document, however many
 * topics ask for it.
 *
 * Also here: what a compiled set of topics is made of, for those who build it
 * (topic_set) and those who ask it (matcher).
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filters/document.h"
#include "filters/term_index.h"

struct query;
struct token;

enum plan_kind { PLAN_WORD, PLAN_PHRASE, PLAN_AND, PLAN_OR, PLAN_NOT };

struct plan_node {
	uint8_t		kind;		/* enum plan_kind */
	uint8_t		fields;		/* of a word or phrase: where */
	uint32_t	arg;		/* atom, phrase, or subtree's end */
	uint32_t	text;		/* in texts: what hits call it */
};

struct query_plan {
	struct plan_node *nodes;
	uint32_t	 n_nodes, cap_nodes;
	uint32_t	*topics;	/* where each begins; one more at end */
	uint32_t	 n_topics, cap_topics;
	struct term_pool texts;
	uint8_t		 fields;	/* that any term asks for */
};

/* Immutable once compiled. */
struct topic_set {
	atomic_uint	  refs;
	struct term_index index;
	struct query_plan plan;

	/*
	 * The topics filed under atom a, which no document without a can
	 * hold: filed[filed_at[a] .. filed_at[a + 1]]. A topic that needs one
	 * of several (an OR) is filed under each.
	 */
	uint32_t	 *filed_at, *filed;
};

/*
 * Adds the tree as the next topic. 0; -1: memory is out, and the plan is of no
 * more use but to be cleared.
 */
int		 query_plan_add(struct query_plan *, struct term_index *,
		    const struct query *);

/* Nothing more will be added. */
void		 query_plan_freeze(struct query_plan *);
void		 query_plan_clear(struct query_plan *);
size_t		 query_plan_bytes(const struct query_plan *);

/* The node behind the subtree at i. */
static inline uint32_t
query_plan_next(const struct query_plan *p, uint32_t i)
{
	return p->nodes[i].kind >= PLAN_AND ? p->nodes[i].arg : i + 1;
}

/*
 * What a document showed: a sighting is one atom at one place. They stand in
 * order of position (see filters/token.h), those of one atom chained. Of an
 * atom that no phrase asks for only the first PLAN_MAX_KEPT of each field are
 * kept: twice the places, as a prefix stands twice where a hyphenated word and
 * its first part both begin with it.
 */
enum { PLAN_MAX_PLACES = 32, PLAN_MAX_KEPT = 2 * PLAN_MAX_PLACES };

struct sighting {
	uint32_t	next;		/* of the atom, or TERM_NONE */
	uint32_t	atom;
	uint32_t	position;
	uint32_t	offset, length;
	uint8_t		span;
	uint8_t		field;
};

/* Valid where run is that of the sightings; whatever else stands there. */
struct atom_state {
	uint32_t	run;
	uint32_t	n;		/* all sightings kept */
	uint32_t	n_field;	/* those of last_field */
	uint32_t	last;
	uint8_t		fields;		/* where it was seen */
	uint8_t		last_field;
	uint32_t	first[FIELD_COUNT];
};

struct phrase_state {
	uint32_t	run;
	uint8_t		fields;		/* where it stands */
};

struct sightings {
	uint32_t		 run;	/* counts documents, never 0 */
	struct atom_state	*atoms;
	struct phrase_state	*phrases;
	size_t			 n_atoms, n_phrases;
	struct sighting		*list;
	uint32_t		 n, cap;
};

/* Begins a document. 0; -1: memory is out. */
int		 sightings_begin(struct sightings *, const struct topic_set *);
void		 sightings_clear(struct sightings *);

static inline bool
sightings_has(const struct sightings *s, uint32_t atom)
{
	return s->atoms[atom].run == s->run;
}

/* 0; -1: memory is out. */
int		 sightings_add(struct sightings *, const struct topic_set *,
		    uint32_t atom, const struct token *, enum field);

/* Whether the topic holds for what was seen. */
bool		 query_plan_holds(const struct topic_set *,
		    struct sightings *, uint32_t topic);

struct plan_place {
	uint32_t	offset, length;
	uint32_t	text;		/* in texts */
	uint32_t	node;		/* of the term */
	enum field	field;
};

/*
 * The places that make a topic which holds true, in order of field and offset,
 * the longer first, each once, the first PLAN_MAX_PLACES; how many.
 */
size_t		 query_plan_places(const struct topic_set *,
		    struct sightings *, uint32_t topic,
		    struct plan_place out[PLAN_MAX_PLACES]);

#endif
