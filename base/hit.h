/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_HIT_H
#define HEADLINED_BASE_HIT_H

/* One place in an item where a topic's term stands: an open record. */

#include <stddef.h>

#include "base/str.h"

struct hit {
	struct str	 term;		/* as the query writes it: peacekeep* */
	const char	*field;		/* "title", "summary", "content", ... */
	struct str	 text;		/* as the item writes it */
	struct str	 context;	/* its sentence, cut around the hit */
	size_t		 offset;	/* bytes into the field's plain text */
};

#endif
