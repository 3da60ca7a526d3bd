/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_SCHEMA_H
#define HEADLINED_FEEDS_PAGE_SCHEMA_H

/* Which of schema.org's types are what to us. Pure, any thread. */

#include "base/str.h"

enum schema_class {
	SCHEMA_OTHER,		/* comments, pictures, lists, ... */
	SCHEMA_SITE,		/* WebSite */
	SCHEMA_PAGE,		/* WebPage and its kin, single works */
	SCHEMA_ARTICLE		/* Article and its kin; the strongest */
};

/* "NewsArticle", "http://schema.org/NewsArticle", "schema:NewsArticle"; ASCII
 * case does not count. */
enum schema_class	 page_schema_class(struct str type);

/* The same of several, parted by white space: the strongest. */
enum schema_class	 page_schema_class_of_list(struct str types);

#endif
