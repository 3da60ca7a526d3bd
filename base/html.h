/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_HTML_H
#define HEADLINED_BASE_HTML_H

/*
 * Reads an HTML page as its bytes arrive and tells what stands in it: start
 * tags with their attributes, end tags, text. No tree is built, no script is
 * run, nothing is fetched. The door to libxml2's HTML parser.
 *
 *	html_new -> html_push ... -> html_finish -> html_free
 *
 * Pages come from strangers: none may crash it, none is complained about. UTF-8
 * is expected; bad bytes become U+FFFD and most control characters go.
 * Comments, the doctype and processing instructions are not told of.
 *
 * What is told does not depend on how the bytes were cut, and comes at the
 * latest with the 4 KiB that follow. Time is linear in the bytes, memory
 * bounded by the limits below. libxml2 alone is quadratic in the attributes of
 * a tag and in end tags times depth, and holds a text or a script until its
 * end is there. One thread.
 */

#include <stddef.h>

#include "base/str.h"

struct html;

enum {
	HTML_ATTRS_MAX = 128,		/* of a tag; the rest is left out */
	HTML_ATTR_MAX = 16384,		/* bytes; a longer one is left out */
	HTML_TAG_MAX = 16384		/* bytes; no attribute begins behind */
};

enum html_state {
	HTML_MORE,
	HTML_STOPPED,			/* a handler gave non-zero */
	HTML_FULL,			/* max_bytes are read */
	HTML_TOO_DEEP,			/* more than max_depth are open */
	HTML_NO_MEMORY
};

/* name is lower case; value has its character references decoded. */
struct html_attr {
	struct str	name, value;
};

/*
 * Any may be NULL. Slices live until the handler returns. Non-zero stops.
 * Names are lower case. html, head, body and p are told of where the page
 * leaves them out, an element that another one closes ends first, and what is
 * open at the page's end, body and html always, is ended by html_finish. One
 * run of text may come in pieces; that of script and style comes too, its
 * first max_raw or max_code bytes.
 */
struct html_ops {
	int	(*on_start)(struct str name, const struct html_attr *,
		    size_t n_attrs, void *ctx);
	int	(*on_end)(struct str name, void *ctx);
	int	(*on_text)(struct str, void *ctx);
};

struct html_settings {
	size_t		max_bytes;	/* of the page, from 1 */
	unsigned	max_depth;	/* of open elements, from 8 */
	size_t		max_raw;	/* bytes of each script and style */
	size_t		max_code;	/* likewise of what is no JSON, where
					 * that is less; 0: no less */
};

/* ops, ctx are borrowed until free. NULL when memory is out. */
struct html	*html_new(const struct html_settings *,
		    const struct html_ops *, void *ctx);
void		 html_free(struct html *);	/* NULL is fine */

/* Once it is not HTML_MORE it stays so and input is ignored: what was told so
 * far counts. */
enum html_state	 html_push(struct html *, const char *, size_t);

/* No more comes. Once. */
enum html_state	 html_finish(struct html *);

/* The value of the first attribute of that name; empty when absent. */
struct str	 html_attr_of(const struct html_attr *, size_t n_attrs,
		    const char *name);

#endif
