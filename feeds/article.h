/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_ARTICLE_H
#define HEADLINED_FEEDS_ARTICLE_H

/*
 * Finds the article in a news page: its plain text, and what the page says of
 * it (title, authors, date, language, canonical address).
 *
 *	article_new -> push ... push -> article_finish -> article_free
 *
 * or article_of_page in one, which also finds the charset.
 *
 * base/html's events fill a compact tree in an arena (blocks, their text,
 * lengths, links; no attribute is kept whole). At the end ways are tried from
 * the surest to the least sure (enum article_way); within a container the
 * scoring of blocks decides what is article and what is around it. Rules are
 * tables in article_rules.c, each with its reason.
 *
 * Pages come from strangers: time is linear in the page, memory at most
 * twelve times the page's bytes, depth and elements are bounded; what is cut
 * off by a bound still gives the article of the part before. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/html.h"
#include "base/str.h"
#include "feeds/page_meta.h"

struct article;

enum { ARTICLE_PAGE_MAX = 5 << 20 };	/* bytes, decoded; the rest is not
					 * read */

/* How the text was found; ARTICLE_NONE: the page has none. */
enum article_way {
	ARTICLE_NONE,
	ARTICLE_JSON_LD,		/* articleBody */
	ARTICLE_MICRODATA,		/* itemprop="articleBody" */
	ARTICLE_ELEMENT,		/* one <article>, or <main> */
	ARTICLE_SCORED			/* the best block by score */
};

/* In place of an article, or before one; may be set beside a text. */
enum article_barrier {
	ARTICLE_OPEN,
	ARTICLE_CONSENT,		/* a consent or cookie wall */
	ARTICLE_PAYWALL,
	ARTICLE_BOT_WALL
};

/* Until article_free. */
struct article_found {
	struct str		 text;	/* UTF-8; paragraphs parted by an
					 * empty line; or empty */
	enum article_way	 way;
	enum article_barrier	 barrier;
	const char		*wall;	/* whose bot wall; or NULL */
	const struct page_meta_said *said;
	bool			 is_cut;	/* by a bound */
};

/* base_url: the page's own, or empty; copied. NULL when memory is out. */
struct article	*article_new(struct str base_url);
void		 article_free(struct article *);	/* NULL is fine */

/* UTF-8, as feeds/charset gives it. False: it has read enough, or memory is
 * out (finish tells). */
bool		 article_push(struct article *, const char *, size_t);

/* Once. NULL when memory is out. */
const struct article_found	*article_finish(struct article *);

/* A whole page in any charset (as discover_page). NULL when memory is out;
 * then *found is not set. */
struct article	*article_of_page(struct str base_url, struct str page,
		    struct str content_type,
		    const struct article_found **found);

/* "json-ld", "microdata", "element", "score", "none"; "open", "consent",
 * "paywall", "bot wall". Static. */
const char	*article_way_name(enum article_way);
const char	*article_barrier_name(enum article_barrier);

#endif
