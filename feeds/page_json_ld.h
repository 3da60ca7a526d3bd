/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_JSON_LD_H
#define HEADLINED_FEEDS_PAGE_JSON_LD_H

/*
 * What the JSON-LD of a page says of its article (JSON-LD 1.1 as far as sites
 * use schema.org with it; no context is fetched, none is needed):
 *
 *	new -> (push ... end, for each script) ... -> free
 *
 * Looked at are the outermost objects, what is in arrays, "@graph" and
 * "mainEntity"; not what a page lists, mentions or embeds. Of several articles
 * the first is the page's own; another counts when its headline is the same.
 * "author": a string, an object, a reference ("@id") to one that may stand
 * elsewhere, or an array of these.
 *
 * As sites write it: a script may hold several values, with comments, CDATA
 * marks or anything else around them; base/json_events mends texts and commas.
 * Where a value is broken for good, what stands before that place counts, but
 * for a text that ends just there.
 *
 * Bounded: PAGE_META_JSON_MAX bytes and 256 values of all scripts of a page,
 * 64 levels. Linear. One thread.
 */

#include "base/str.h"

struct page_facts;
struct page_json_ld;

/* facts is borrowed. NULL when memory is out. */
struct page_json_ld	*page_json_ld_new(struct page_facts *facts);
void	 page_json_ld_free(struct page_json_ld *);	/* NULL is fine */

/* Bytes of a script as they come, then its end. -1 when memory is out. */
int	 page_json_ld_push(struct page_json_ld *, struct str);
int	 page_json_ld_end(struct page_json_ld *);

#endif
