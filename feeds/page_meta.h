/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_META_H
#define HEADLINED_FEEDS_PAGE_META_H

/*
 * What a news page says of itself, for machines: gathered from the events of
 * base/html as they come, beside whoever looks for the article:
 *
 *	page_meta_new -> start, end, text ... -> page_meta_finish -> get -> free
 *
 * Sources, each ranked in one table (page_meta.c) for each thing: JSON-LD
 * (schema.org's NewsArticle and its kin, also within @graph and arrays), meta
 * elements (Open Graph, article:*, Dublin Core, parsely, sailthru), microdata
 * (itemprop), link elements, <html lang>, <time>, <title>.
 *
 * Pages come from strangers: nothing fails, what is no date, URL or language
 * is passed over, each value has a cap, JSON-LD is bounded in bytes, depth
 * and members. Linear in the page. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/html.h"
#include "base/str.h"

struct page_meta;

enum {
	PAGE_META_AUTHORS_MAX = 16,
	PAGE_META_JSON_MAX = 1 << 20	/* bytes of all JSON-LD of a page */
};

/* Empty is: not said. Until page_meta_free. */
struct page_meta_said {
	struct str	title;		/* one clean line, without the site's
					 * name where that can be told */
	struct str	summary;	/* plain text */
	struct str	authors[PAGE_META_AUTHORS_MAX];
	size_t		n_authors;
	bool		has_published;
	int64_t		published_s;	/* UTC */
	struct str	language;	/* BCP 47, as in "pt-BR" */
	struct str	canonical;	/* absolute http or https */
	struct str	amp;		/* its AMP twin; or empty */
	struct str	site;		/* og:site_name, publisher */
	struct str	article_body;	/* JSON-LD's or microdata's content;
					 * plain text, paragraphs kept */
	bool		is_article;	/* JSON-LD or og:type says so */
	bool		is_amp;		/* the page itself is an AMP page */
	bool		is_paid;	/* isAccessibleForFree: false */
};

/* base_url: the page's own address, or empty; copied. NULL when memory is
 * out. */
struct page_meta	*page_meta_new(struct str base_url);
void			 page_meta_free(struct page_meta *);

/* As html_ops has them; non-zero when memory is out. */
int	 page_meta_start(struct page_meta *, struct str name,
	    const struct html_attr *, size_t n_attrs);
int	 page_meta_end(struct page_meta *, struct str name);
int	 page_meta_text(struct page_meta *, struct str);

/* Once, then what was said. */
int	 page_meta_finish(struct page_meta *);
const struct page_meta_said	*page_meta_get(const struct page_meta *);

#endif
