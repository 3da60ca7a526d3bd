/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_FORMS_H
#define HEADLINED_FILTERS_ENTITY_FORMS_H

/*
 * Closed endings: the forms that a name with braces stands for.
 *
 *	Україн{а,и,і}		Україна, України, Україні
 *	Macron{,s}		Macron, Macrons
 *	{Kyiv,Kiev} Oblast{,s}	four of them
 *
 * Pure.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct buf;

enum entity_forms {
	ENTITY_FORMS_FINE,
	ENTITY_FORMS_OPEN,		/* a brace never closed */
	ENTITY_FORMS_CLOSED,		/* or never opened */
	ENTITY_FORMS_NESTED,
	ENTITY_FORMS_ALONE,		/* only one ending */
	ENTITY_FORMS_MANY		/* over the most */
};

/* How many forms there are, at most max; *at: the byte at fault. */
enum entity_forms	 entity_forms_count(struct str, size_t max, size_t *n,
			    size_t *at);

/* Appends form `which` (from 0) of a name that was counted. */
void			 entity_forms_write(struct buf *, struct str,
			    size_t which);

#endif
