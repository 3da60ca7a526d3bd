/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_FACTS_H
#define HEADLINED_FEEDS_PAGE_FACTS_H

/*
 * Who on a page says what, and whom to believe. Those who read the page's
 * parts (feeds/page_meta, page_json_ld, page_microdata) say what they meet as
 * it stands; when the page has ended the best source of each thing counts:
 *
 *	new -> say, refer, name ... -> settle -> free
 *
 *	META "og:title" "Oil falls | Example"	\
 *	LD_ARTICLE "headline" "Oil falls"	 > title: Oil falls
 *	ELEMENT "title" "Example"		/
 *
 * Which sources there are, and their ranks, is one table in page_sources.c;
 * what has no row there is ignored. Of each source the first value counts that
 * can be one (a date that is a date), of authors the first sixteen. Memory is
 * bounded: each value has a ceiling. One thread.
 */

#include <stdbool.h>

#include "base/str.h"
#include "feeds/page_sources.h"

struct page_facts;
struct page_meta_said;

/* base_url: the page's own address, or empty; copied. NULL when memory is
 * out. */
struct page_facts	*page_facts_new(struct str base_url);
void	 page_facts_free(struct page_facts *);	/* NULL is fine */

/* value is UTF-8 as it stands there, character references decoded once;
 * copied. name: ASCII case does not count. */
void	 page_facts_say(struct page_facts *, enum page_source, struct str name,
	    struct str value);

/* The value is the name of what has this identifier; it may still come. */
void	 page_facts_refer(struct page_facts *, enum page_source,
	    struct str name, struct str id);
void	 page_facts_name(struct page_facts *, struct str id, struct str name);

/* <base href>: the first counts. */
void	 page_facts_set_base(struct page_facts *, struct str href);

/* One source is enough. */
void	 page_facts_set_article(struct page_facts *);
void	 page_facts_set_amp(struct page_facts *);
void	 page_facts_set_paid(struct page_facts *);

/* Memory is out: what is said from now on is not kept. */
bool	 page_facts_failed(const struct page_facts *);

/* Once. Its slices live as long as the facts. */
void	 page_facts_settle(struct page_facts *, struct page_meta_said *);

#endif
