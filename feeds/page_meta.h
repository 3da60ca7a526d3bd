/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_META_H
#define HEADLINED_FEEDS_PAGE_META_H

/*
 * What a news page says of itself, for machines: gathered from the events of
 * base/html as they come, beside whoever looks for the article:
 *
 *	page_meta_new -> start, end, text ... -> page_meta_finish -> get -> free
 *
 * Sources: JSON-LD (feeds/page_json_ld), meta elements (Open Graph, article:*,
 * Dublin Core, parsely, sailthru, twitter), microdata (feeds/page_microdata),
 * link elements, <html lang>, <time>, rel=author, <title>, the first <h1>. Of
 * what several say the best counts: one table, page_sources.c.
 *
 * Pages come from strangers: nothing fails, what is no date, URL or language
 * is passed over, each value has a cap, JSON-LD is bounded in bytes, depth
 * and values. Linear in the page. One thread.
 */

#include "base/html.h"
#include "base/str.h"
#include "feeds/page_said.h"

struct page_meta;

/* base_url: the page's own address, or empty; copied. NULL when memory is
 * out. */
struct page_meta	*page_meta_new(struct str base_url);
void			 page_meta_free(struct page_meta *);

/* As html_ops has them, of every element, none left out; html_settings.max_raw
 * decides how much of a script is seen (PAGE_META_JSON_MAX is enough). Non-zero
 * when memory is out. */
int	 page_meta_start(struct page_meta *, struct str name,
	    const struct html_attr *, size_t n_attrs);
int	 page_meta_end(struct page_meta *, struct str name);
int	 page_meta_text(struct page_meta *, struct str);

/* Once, then what was said. -1 when memory is out. */
int	 page_meta_finish(struct page_meta *);
const struct page_meta_said	*page_meta_get(const struct page_meta *);

#endif
