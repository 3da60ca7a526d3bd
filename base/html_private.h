/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_HTML_PRIVATE_H
#define HEADLINED_BASE_HTML_PRIVATE_H

/*
 * What the files of base/html share: html.c (blocks, libxml2) and html_trim.c,
 * which goes over each character before libxml2 sees it and takes away what
 * would cost too much or says nothing.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/html.h"

enum html_place {
	HTML_IN_TEXT, HTML_IN_RAW,		/* script, style */
	HTML_IN_OPEN, HTML_IN_SLASH,		/* behind "<", "</" */
	HTML_IN_BANG, HTML_IN_DASH,		/* behind "<!", "<!-" */
	HTML_IN_COMMENT, HTML_IN_BOGUS,		/* dropped; up to "-->", ">" */
	HTML_IN_NAME, HTML_IN_END_NAME, HTML_IN_END_REST,
	HTML_IN_GAP, HTML_IN_ATTR, HTML_IN_EQUALS,
	HTML_IN_VALUE, HTML_IN_BARE		/* quoted; not */
};

enum { HTML_NAME_MAX = 64 };

struct html_trim {
	enum html_place	 place;
	struct buf	*out;			/* what libxml2 will read */
	struct buf	 tag;			/* a start tag so far */
	char		 name[HTML_NAME_MAX];	/* of the tag, lower case */
	size_t		 n_name;
	size_t		 attr_at;		/* in tag */
	unsigned	 n_attrs;
	bool		 skip_attr;
	bool		 named;			/* "=" may still follow */
	bool		 slash;			/* just read */
	char		 quote;
	bool		 has_begun;		/* something is open */
	size_t		 max_raw, max_code, n_raw;
	size_t		 most_raw;		/* of this one */
	size_t		 n_text;		/* since a tag */
	unsigned	 match;			/* of a closing mark, so far */
	char		 held[HTML_NAME_MAX + 2];	/* what matched */
};

void	html_trim_init(struct html_trim *, struct buf *out, size_t max_raw,
	    size_t max_code);
void	html_trim_clear(struct html_trim *);

/* One character: n bytes of valid UTF-8, no NUL. */
void	html_trim_char(struct html_trim *, const char *, size_t n);

/*
 * The same for many at once: what stands at the beginning of the n bytes and
 * means nothing but itself where it stands, ASCII without control characters.
 * How many bytes that is; 0: the next one must be looked at.
 */
size_t	html_trim_run(struct html_trim *, const char *, size_t n);

/* No more comes. */
void	html_trim_finish(struct html_trim *);

#endif
