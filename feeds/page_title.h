/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_TITLE_H
#define HEADLINED_FEEDS_PAGE_TITLE_H

/*
 * A page's title without the name of its site, which says nothing of the
 * article:
 *
 *	"Oil falls | Markets - Example News"	Oil falls | Markets
 *
 * Pure, any thread.
 */

#include <stddef.h>

#include "base/str.h"

/*
 * Names are alike where their letters and digits are, whatever the case, with
 * or without "The" before them. Only what stands behind (or before) a dash, a
 * bar, a colon or the like goes, and only as a whole; what is left is a slice
 * of title and never empty. Empty names are passed over.
 */
struct str	 page_title_without_site(struct str title,
		    const struct str *names, size_t n_names);

/*
 * The other title, where the first is only its beginning: it ends with an
 * ellipsis, or is as long as a headline may be in JSON-LD (110 characters, to
 * Google) and the other goes on without a mark. Else the first.
 */
struct str	 page_title_uncut(struct str title, struct str other);

#endif
