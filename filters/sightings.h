/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_SIGHTINGS_H
#define HEADLINED_FILTERS_SIGHTINGS_H

/*
 * What a document showed of the terms of a topic_set, and what was found out
 * about it since: a thread's scratch memory, used for one document after
 * another, of one set or another.
 *
 *	zeroed -> begin -> begin_field, add ... -> (evaluate) -> begin ... clear
 *
 * A sighting is one atom at one place. They stand in order of position (see
 * filters/token.h), those of one atom chained. Of an atom none of whose
 * places any topic asks for only the first PLAN_MAX_KEPT of each field are
 * kept: twice the places that hits have, as a prefix stands twice where a
 * hyphenated word and its first part both begin with it.
 *
 * States are valid where their run is that of the sightings; whatever else
 * stands there. So a new document costs nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filters/document.h"
#include "filters/places.h"
#include "filters/token.h"

struct plan_node;
struct regex_finder;
struct topic_set;

enum { PLAN_MAX_PLACES = 32, PLAN_MAX_KEPT = 2 * PLAN_MAX_PLACES };

struct sighting {
	uint32_t	next;		/* of the atom, or TERM_NONE */
	uint32_t	atom;
	uint32_t	position;
	uint32_t	offset, length;
	uint8_t		span;
	uint8_t		field;
};

/* Of an atom that was seen. */
struct atom_state {
	uint32_t	n;		/* all sightings kept */
	uint32_t	n_field;	/* those of the last field */
	uint32_t	last;
	uint8_t		fields;		/* where it was seen */
	uint32_t	first[FIELD_COUNT];
};

/* Of a phrase, and of a regex: where it stands, of the fields looked at. */
struct field_state {
	uint32_t	run;
	uint8_t		asked, fields;
};

/* Of an expression: a byte of each, that those of all topics stay in a cache.
 * Their run has seven bits: every 127 documents all are zeroed. */
struct expr_mark {
	uint8_t		candidate;	/* the run that it was one in */
	uint8_t		answer;		/* run * 2, + 1: it holds */
};

enum { MARK_RUNS = 127 };

/* Of a set, and of what a topic names: a row may be both. */
struct set_state {
	uint32_t	run;
	uint32_t	first, n;	/* in leaves */
	uint32_t	gathered;	/* the gathering its places were in */
};

/* Ends of sentences or paragraphs of a field, bytes. */
struct ends {
	uint32_t	*at;
	uint32_t	 n, cap;
	uint32_t	 run;
};

/*
 * What was shown around a place; in the slot that its offset says. Most topics
 * that hold by it call it alike: what the last one called it stands here, too.
 */
struct shown {
	uint32_t	run;
	uint32_t	offset, length;		/* of the place */
	uint32_t	from, n;		/* what was shown, bytes */
	uint32_t	text;			/* or TERM_NONE: has no name */
	uint8_t		field;
	struct str	name;			/* of that text */
};

enum { SIGHTINGS_MAX_AROUND = 300, SHOWN_SLOTS = 1024 };

struct sightings {
	uint32_t		 run;	/* counts documents, never 0 */
	const struct document	*doc;
	uint32_t		*number; /* of atom a that was seen: in met */
	uint64_t		*has;	/* atom a was seen: bit a */
	size_t			 n_has;	/* words of it */
	uint32_t		*met;	/* those, in order of first sight */
	struct atom_state	*states; /* and of each its state */
	uint32_t		 n_met, cap_met, cap_states;
	struct field_state	*phrases, *regexes;
	struct expr_mark	*marks;	/* by expression */
	struct set_state	*sets;	/* likewise */
	uint8_t			 mark_run;
	uint32_t		 gatherings;	/* of places, so far */
	size_t			 n_numbers, n_phrases, n_regexes, n_marks;
	size_t			 n_sets;
	struct sighting		*list;
	uint32_t		 n, cap;
	uint32_t		 n_words; /* those behind are of entities,
					   * once more in order of position */
	const struct plan_node	**leaves;
	uint32_t		 n_leaves, cap_leaves;
	uint32_t		 words[FIELD_COUNT];
	bool			 has_lead;
	uint32_t		 lead_end;	/* bytes */
	struct ends		 ends[2][FIELD_COUNT];
	struct shown		 shown[SHOWN_SLOTS];
	enum token_layout	 layout[FIELD_COUNT];
	bool			 has_layout[FIELD_COUNT];
	struct token_reader	*reader;	/* idle while evaluating */
	struct regex_finder	*finder;	/* where regexes are asked */
	uint8_t			 checked, valid; /* fields: UTF-8 */
	struct places		 places, events;
	uint64_t		 steps;		/* but those of places */
	uint64_t		 steps_end;	/* of this document's */
	uint64_t		 regex_limits;	/* hit: does not hold */
	uint64_t		 search_limits;
	bool			 failed;	/* memory is out */
};

/* Begins a document. 0; -1: memory is out. */
int		 sightings_begin(struct sightings *, const struct topic_set *,
		    const struct document *);
void		 sightings_clear(struct sightings *);

static inline bool
sightings_has(const struct sightings *s, uint32_t atom)
{
	return (s->has[atom / 64] >> atom % 64 & 1) != 0;
}

/* Of an atom that was seen. Lives until the next is added. */
static inline struct atom_state *
sightings_of(const struct sightings *s, uint32_t atom)
{
	return &s->states[s->number[atom]];
}

/* 0; -1: memory is out. */
int		 sightings_add(struct sightings *, const struct topic_set *,
		    uint32_t atom, const struct token *, enum field);

/*
 * What was read of the document, once all is: the field that the lead is the
 * beginning of (content, or summary where content has no word), where it ends,
 * how the lines of a field part it.
 */
enum field	 sightings_body(const struct sightings *);
uint32_t	 sightings_lead_end(struct sightings *);
enum token_layout sightings_layout(struct sightings *, enum field);

/*
 * The sentence, or paragraph, that all of the bytes offset .. stop stand in;
 * or PLACE_NONE. *near is where to begin to look: the last answer, or 0.
 */
uint32_t	 sightings_unit(struct sightings *, enum field, bool paragraph,
		    const struct place *, uint32_t *near);

/*
 * What to show around a slice of the field's text: the sentences that it stands
 * in, SIGHTINGS_MAX_AROUND bytes at most. Many topics hold by the same word: it
 * is looked for once, as far as there is room to remember it. Lives until the
 * next call; text and name are the caller's to set.
 */
struct shown	*sightings_around(struct sightings *, enum field,
		    uint32_t offset, uint32_t length);

/*
 * What has been done: looks at a place or a term, of all documents. One topic
 * takes a number of them that is linear in the text; a hundred thousand may be
 * too many. False, and counted in search_limits: the document's are spent, and
 * nothing more is searched in it, so that neither a text nor those who write
 * topics can hold a thread for seconds.
 */
uint64_t	 sightings_steps(const struct sightings *);
bool		 sightings_may_search(struct sightings *);

/* Room in an array for one more than n; s->failed when there is none. */
void		*sightings_grow(struct sightings *, void *old, uint32_t n,
		    uint32_t *cap, size_t size);

#endif
