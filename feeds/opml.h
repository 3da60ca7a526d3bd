/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_OPML_H
#define HEADLINED_FEEDS_OPML_H

/*
 * Lists of feeds as programs exchange them: OPML 1.0 and 2.0, read as
 * exporters really write it and written as the specification has it.
 *
 *	new -> push ... push -> finish -> counts -> free
 *
 *	bytes -> charset (to UTF-8) -> scrub (mend) -> libxml2 push parser
 *	      -> outlines -> on_feed
 *
 *	<outline text="World">				no address: a folder
 *	  <outline text="Asia">
 *	    <outline type="rss" text="A" xmlUrl="http://a.example/f"
 *		category="/press/daily,free"/>
 *	  </outline>
 *	</outline>
 *
 *	url http://a.example/f, title A, tags World Asia press daily free
 *
 * A document belongs to one thread and comes from a stranger: nothing outside
 * of it is ever opened, a DOCTYPE with declarations of its own is refused, and
 * the settings bound what is read; time is linear in it. The door to
 * libxml2's XML parser for lists of feeds.
 */

#include <stddef.h>

#include "base/str.h"

struct buf;
struct err;
struct opml;

enum {
	OPML_TITLE_MAX = 256,	/* bytes; longer ones are cut at a character */
	OPML_TAG_MAX = 128,	/* likewise */
	OPML_TAGS_MAX = 64	/* of one feed; the rest is left out */
};

/* Titles and tags are one line each, without blanks at their ends. */
struct opml_feed {
	struct str		 url;		/* unchecked, not empty */
	struct str		 title;		/* empty: none but the URL */
	struct str		 home_url;	/* or empty */
	const struct str	*tags;		/* each once */
	size_t			 n_tags;
	unsigned		 line;		/* of the document, where its
						 * outline begins; 0: unknown */
};

struct opml_settings {
	size_t		 max_bytes, max_outlines;
	size_t		 max_tags;		/* of all feeds together */
	unsigned	 max_depth;		/* of elements */
};

/* 64 MiB, 1,000,000, 4,000,000, 80. */
extern const struct opml_settings opml_defaults;

struct opml_counts {
	size_t	outlines;
	size_t	feeds, tags;		/* given to on_feed */
	size_t	comments;		/* isComment, and what is in them */
	size_t	skipped;		/* no address and nothing inside, or
					 * another list's address */
};

enum opml_end {
	OPML_COMPLETE,		/* the root's end tag was read */
	OPML_TRUNCATED,		/* it was not: feeds so far count */
	OPML_STRANGE,		/* no OPML: *err says what it is instead */
	OPML_FAILED		/* over a cap, refused, stopped: *err */
};

/*
 * The address of a feed is its xmlUrl, in any letter case; else, where its
 * type is rss, atom or feed, its url; else, where the type is link or there is
 * none, its url if that looks like a feed's (feeds/discover): links mostly lead
 * to pages. Addresses that begin with feed: (itpc:, pcast:) mean http.
 */

/*
 * on_feed gets each feed at its start tag, its slices living until it
 * returns; non-zero stops. Settings are copied. NULL when memory is out.
 */
struct opml		*opml_new(int (*on_feed)(const struct opml_feed *,
			    void *ctx), void *ctx,
			    const struct opml_settings *);
/* 0, or -1 and *err; after it only finish, counts and free. What stands behind
 * the root's end tag is ignored. */
int			 opml_push(struct opml *, const char *, size_t,
			    struct err *);
/* *err is set unless OPML_COMPLETE. */
enum opml_end		 opml_finish(struct opml *, struct err *);
const struct opml_counts *opml_counts(const struct opml *);
void			 opml_free(struct opml *);	/* NULL is fine */

/* All of it at once, within the default settings; *counts is filled in any
 * case. OPML_FAILED when memory is out. */
enum opml_end		 opml_read(struct str document,
			    int (*on_feed)(const struct opml_feed *,
			    void *ctx), void *ctx, struct opml_counts *counts,
			    struct err *);

/*
 * Appends a whole OPML 2.0 document: feeds without tags first, the others in
 * folders by their first tag, sorted by its bytes, in their own order inside.
 * Further tags stand in `category`; where one of them holds a comma or a
 * slash, which mean something there, the tags up to it are folders in
 * folders. Reading it gives the same feeds and tags, but for more than
 * OPML_TAGS_MAX of them. 0, or -1: over the buffer's ceiling, or memory is
 * out.
 */
int			 opml_write(struct buf *out,
			    const struct opml_feed *, size_t n);

#endif
