/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_COUNT_H
#define HEADLINED_FILTERS_ENTITY_COUNT_H

/*
 * Who is mentioned in a document, and how often: mentions (entity_sense.h) by
 * entity, who is mentioned most first, then who comes first.
 *
 *	zeroed -> make ... make -> clear
 */

#include <stddef.h>
#include <stdint.h>

#include "filters/entity_sense.h"

struct entity_count {
	const struct entity	*entity;
	uint32_t		 number;	/* of it */
	size_t			 mentions;
	size_t			 first;		/* mention of it */
};

struct entity_census {
	struct entity_count	*list;
	size_t			 n, cap;
};

/* 0; -1: memory is out. */
int	 entity_count_make(struct entity_census *,
	    const struct entity_mention *, size_t n);
void	 entity_count_clear(struct entity_census *);

#endif
