/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_MICRODATA_H
#define HEADLINED_FEEDS_PAGE_MICRODATA_H

/*
 * What a page's own markup says of its article, and the text of elements that
 * somebody wants to know: microdata (WHATWG HTML, 5) as far as news sites use
 * it with schema.org.
 *
 *	new -> start, text, end ... -> free
 *
 *	<div itemscope itemtype="http://schema.org/NewsArticle">
 *	 <h1 itemprop="headline">Oil falls</h1>	  ITEM "headline"
 *	 <p itemprop="author" itemscope>
 *	  <b itemprop="name">Jane Doe</b></p>	  ITEM "author"
 *	 <div itemprop="comment" itemscope>
 *	  <i itemprop="author">x</i></div></div>  nothing: a comment's
 *
 * A value is what the attribute content or datetime says, else the
 * element's text, of which 1 KiB counts. Properties outside of any item, or of
 * a web page, are said as SOURCE_ITEM_LOOSE; so are those of a second article.
 * Items nested more than 32 deep and all in them are passed over. Linear. One
 * thread.
 */

#include "base/html.h"
#include "feeds/page_facts.h"

struct page_microdata;

/* facts is borrowed. NULL when memory is out. */
struct page_microdata	*page_microdata_new(struct page_facts *facts);
void	 page_microdata_free(struct page_microdata *);	/* NULL is fine */

/* Of every element, in turn. */
void	 page_microdata_start(struct page_microdata *,
	    const struct html_attr *, size_t n_attrs);
void	 page_microdata_end(struct page_microdata *);
void	 page_microdata_text(struct page_microdata *, struct str);

/* The text of the element that has just started is said to the facts when it
 * ends. name is static. */
void	 page_microdata_listen(struct page_microdata *, enum page_source,
	    const char *name);

/* Memory is out. */
bool	 page_microdata_failed(const struct page_microdata *);

#endif
