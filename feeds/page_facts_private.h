/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_FACTS_PRIVATE_H
#define HEADLINED_FEEDS_PAGE_FACTS_PRIVATE_H

/*
 * What the two files of feeds/page_facts share: page_facts.c keeps what is
 * said, page_facts_settle.c makes up its mind.
 */

#include <stdint.h>

#include "base/arena.h"
#include "feeds/page_sources.h"

enum {
	PAGE_NAMED_MAX = 64,
	PAGE_TITLE_MAX = 1024, PAGE_SUMMARY_MAX = 8192, PAGE_SITE_MAX = 256
};

struct page_value {
	struct str		 s;
	bool			 is_id;		/* of what has a name */
	struct page_value	*next;		/* of authors */
};

struct page_named {
	struct str	 id, name;
};

struct page_facts {
	struct arena		*arena;
	struct page_value	*said[PAGE_SOURCES_MAX];
	size_t			 n_said[PAGE_SOURCES_MAX];
	struct page_named	 named[PAGE_NAMED_MAX];
	size_t			 n_named;
	const char		*page_url;	/* or NULL */
	const char		*base;		/* of links; or NULL */
	struct str		 base_href;
	bool			 is_article, is_amp, is_paid;
	bool			 failed;
};

/* Unix seconds, or ITEM_NO_TIME where it is no date an article can have. */
int64_t	page_facts_date(struct str);

#endif
