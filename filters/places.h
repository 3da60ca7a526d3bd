/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_PLACES_H
#define HEADLINED_FILTERS_PLACES_H

/*
 * Where terms stand in one field, as lists in order, and which of two lists'
 * places are near each other. Nothing here knows of queries or documents.
 *
 *	zeroed -> add ... settle -> (use) -> n = 0 -> add ... -> clear
 *
 * A list is also a stack: who adds behind what is there settles from there on
 * and cuts it back when done.
 *
 * Work is counted in steps, a look at one place each: linear in the places,
 * n log k where k lists were put together.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLACE_NONE	UINT32_MAX

enum { PLACE_AHEAD = 1, PLACE_BACK = 2 };

struct place {
	uint32_t	begin, end;	/* positions; end is behind it */
	uint32_t	offset, stop;	/* bytes; stop is behind it */
	uint32_t	text;		/* what hits call it */
	uint32_t	unit;		/* the sentence or paragraph that all
					 * of it stands in, or PLACE_NONE */
	uint32_t	from;		/* the place before in a chain */
	uint32_t	marks;		/* PLACE_AHEAD: a chain leads here */
};

struct places {
	struct place	*at;
	uint32_t	 n, cap;
	struct place	*spare;		/* to merge in */
	uint32_t	 cap_spare;
	uint64_t	 steps;
	bool		 failed;	/* memory is out: sticks */
};

void		 places_add(struct places *, const struct place *);

/*
 * Puts the places from `from` on, which are runs in order of begin, in order
 * of begin, the longer first; settle: each (begin, end) once, the first added.
 */
void		 places_sort(struct places *, uint32_t from);
void		 places_settle(struct places *, uint32_t from);
void		 places_forget(struct places *);	/* but its count */
void		 places_clear(struct places *);

/* What it is to be near. Not within a unit: at most `distance` between. */
struct nearness {
	bool		in_unit;
	unsigned	distance;
	bool		before, behind;	/* on which side the other may stand */
};

/* A run of settled places in a list. */
struct place_run {
	uint32_t	from, n;
};

/*
 * Marks with `mark` each place of `to` that has a place of `from` so marked
 * near it, apart from it: behind: `to` may stand behind that, before: before
 * it. One such place is noted in its `from`. How many.
 */
uint32_t	 places_mark_near(struct places *, struct place_run from,
		    struct place_run to, const struct nearness *,
		    uint32_t mark);

/* Whether two places are near, as above, b being the `to`. */
bool		 places_are_near(const struct place *a, const struct place *b,
		    const struct nearness *);

/*
 * Whether there is a chain: one place of each run, each near the next, no two
 * of them overlapping. link[i] is from run i to run i + 1. Leaves PLACE_AHEAD
 * on what a chain of neighbours leads to. *gave_up is set where that is so
 * hidden that a bounded search does not find it.
 */
bool		 places_have_chain(struct places *, const struct place_run *,
		    size_t n, const struct nearness *link, bool *gave_up);

#endif
