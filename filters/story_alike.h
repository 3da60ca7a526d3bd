/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_STORY_ALIKE_H
#define HEADLINED_FILTERS_STORY_ALIKE_H

/*
 * How alike two signatures are: what they share, kind by kind, and what is to
 * be thought of it.
 *
 *	story_ready_make (of one) -> story_compare (with others) ...
 *
 * The judgement is a sum of evidence for and against; see story_alike.c. Pure,
 * any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filters/story_sign.h"

enum { READY_SLOTS = 128, READY_BITS = 1024 };

/* A signature laid out to be compared with many. */
struct story_ready {
	const struct story_sign	*sign;
	float		sum[4], squares[4];	/* of weights, by kind */
	uint8_t		n_telling;	/* numbers; see story_alike.c */
	uint8_t		n_called;	/* names, places among them */
	uint64_t	may_have[READY_BITS / 64];	/* by hash */
	uint32_t	slots[READY_SLOTS];	/* parts by hash; 0: empty */
};

/* What is shared, in weights, and how much of it there is. */
struct story_alike {
	float		cosine;			/* of all parts but quotes */
	float		cosine_terms, cosine_names;
	float		terms, names, numbers;	/* sums of the lesser weights */
	float		rare_names, places;	/* likewise, of the names */
	float		of_terms, of_numbers;	/* of the poorer's */
	float		of_quotes;
	float		runs;			/* MinHash; -1: not known */
	uint8_t		n_terms, n_names;	/* places are none */
	uint8_t		n_numbers, n_quotes;
	uint8_t		n_facts;		/* numbers that say much */
	uint8_t		n_telling;		/* of two digits or more */
	uint8_t		fewer_telling;		/* so many has one of them */
	uint8_t		n_called;		/* names, places among them */
	uint8_t		fewer_called;		/* so many has one of them */
	bool		may_tell;	/* one has telling numbers */
	bool		days_differ;	/* of the week; both name one */
	bool		other_day;	/* likewise, and none is shared */
	bool		other_names;		/* both have, none shared */
	bool		is_short;		/* one of the two is */
};

/* The hash that parts are compared by: a part's highest bits and its kind. */
enum { STORY_ALIKE_BITS = 17 };

void	story_ready_make(struct story_ready *, const struct story_sign *);
void	story_compare(const struct story_ready *, const struct story_sign *,
	    struct story_alike *);

/* Over 0: it is one; the more, the surer. The sum: whatever else they must have
 * in common to be of one event. */
float	story_alike_copy(const struct story_alike *);
float	story_alike_event(const struct story_alike *);
float	story_alike_event_sum(const struct story_alike *);

/* Is an item of a story, given what story_alike_event says of the item of it
 * that is most like it, and the mean of the sums of some others? */
bool	story_alike_joins(float event, float others);

/* Runs of words alike: a copy without facts. */
bool	story_alike_runs(const struct story_alike *);

/*
 * Each has numbers that the other has not, or both name somebody or some place
 * and none of them is the same, however alike the rest is: reports made after
 * one pattern (of quakes, advisories, prices; of alarms, recalls, notices) are
 * no copies, and one that was taken for a copy would be held back. Who copies
 * leaves numbers and names out, and adds some; where most of many names are the
 * same, one number of four may be told in another way. Of short items whose
 * other words are nearly the same it is enough that each has a name that the
 * other has not, unless they have the same numbers, two at least; in longer
 * ones adverts have names.
 */
bool	story_alike_contradict(const struct story_alike *);

#endif
