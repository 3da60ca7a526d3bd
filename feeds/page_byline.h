/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_BYLINE_H
#define HEADLINED_FEEDS_PAGE_BYLINE_H

/*
 * Who wrote it, from the line that says so:
 *
 *	"By Jane Doe, AP Writer"	Jane Doe
 *	"Jane Doe and John Roe"		Jane Doe, John Roe
 *	"https://example.com/jane"	nobody
 *
 * Words that lead in go ("By", "Von", "Text:"), so do offices, employers and
 * degrees behind a name. What joins ("and", "&", "et") parts only where two
 * words stand on either side, so that "Science and Health" stays whole.
 * Addresses, handles, templates that were not filled in and what has no
 * letter are no names; neither is a whole sentence. Pure, any thread.
 */

#include <stddef.h>

#include "base/str.h"

enum { PAGE_BYLINE_MAX = 512 };		/* bytes; of a longer line nobody */

/* line is one clean line. Gives how many are in names: slices of line, at
 * most max. */
size_t	 page_byline_split(struct str line, struct str *names, size_t max);

#endif
