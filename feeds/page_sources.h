/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_SOURCES_H
#define HEADLINED_FEEDS_PAGE_SOURCES_H

/*
 * Which places of a page tell which fact, and which of them to believe: one
 * table, part of feeds/page_facts. A place is a source and a name:
 *
 *	META "og:title"		<meta property="og:title" content="...">
 *	LD_ARTICLE "headline"	a member of an object in JSON-LD
 *	ITEM "headline"		itemprop="headline" in an article's item
 *	LINK "canonical"	<link rel="canonical">
 *	ELEMENT "h1"		<h1>
 */

#include <stddef.h>

enum page_source {
	SOURCE_LD_ARTICLE,	/* JSON-LD: the article */
	SOURCE_LD_PAGE,		/* the page it is on, or another work */
	SOURCE_LD_SITE,
	SOURCE_META,		/* a meta element's name or property */
	SOURCE_ITEM,		/* microdata: of the article */
	SOURCE_ITEM_LOOSE,	/* of what is not said to be one */
	SOURCE_LINK,		/* a link element's rel */
	SOURCE_ELEMENT		/* an element's name, or a note on it */
};

enum page_fact {
	FACT_TITLE, FACT_SUMMARY, FACT_AUTHOR, FACT_PUBLISHED, FACT_LANGUAGE,
	FACT_CANONICAL, FACT_AMP, FACT_SITE, FACT_BODY
};

struct page_source_row {
	enum page_fact		 fact;
	enum page_source	 source;
	const char		*name;
};

enum { PAGE_SOURCES_MAX = 112 };

/* The rows of a fact stand together, the best first. */
extern const struct page_source_row	page_sources[];
extern const size_t			page_n_sources;

#endif
