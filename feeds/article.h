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
 * base/html's events fill a compact tree (article_tree.h) and tell what the
 * page says of itself (feeds/page_meta). At the end the element that holds the
 * article is chosen (article_pick.c): by microdata, by class, by article and
 * main, else by where the text is that reads like one, the headline with it;
 * then what stands in it and is none of the article's is left out
 * (article_trim.c): by elements, class words, labels, links, repetition. The
 * words are tables in article_rules.c and article_rules_text.c. JSON-LD's
 * articleBody is preferred where the tree bears it out, or has nothing.
 *
 * Pages come from strangers: time is linear in the page, memory at most
 * twelve times the page's bytes (of a small one, 256 KiB more), depth and
 * elements are bounded; what is cut off by a bound still gives the article of
 * the part before. One thread.
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
	ARTICLE_JSON_LD,		/* the page gives it to machines */
	ARTICLE_MICRODATA,		/* itemprop="articleBody" */
	ARTICLE_ELEMENT,		/* <article>, or <main> */
	ARTICLE_SCORED			/* by class words and text alone */
};

/*
 * In place of an article, or before one. A paywall may let the beginning be
 * read; beside the others the text, if any, is the wall's own.
 */
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
