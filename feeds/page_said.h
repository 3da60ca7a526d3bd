/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_SAID_H
#define HEADLINED_FEEDS_PAGE_SAID_H

/* What a news page says of itself: the record that feeds/page_meta gives. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

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
	struct str	canonical;	/* absolute http or https, spelled as
					 * url_canonical has it. Whoever takes
					 * it for an identity must ask whether
					 * a stranger may claim it. */
	struct str	amp;		/* its AMP twin; or empty */
	struct str	site;		/* og:site_name, publisher */
	struct str	article_body;	/* JSON-LD's, or the attribute content
					 * of itemprop="articleBody"; plain
					 * text, paragraphs kept */
	bool		is_article;	/* JSON-LD, og:type or microdata says
					 * so */
	bool		is_amp;		/* the page itself is an AMP page */
	bool		is_paid;	/* isAccessibleForFree is false, or
					 * article:content_tier is locked */
};

#endif
