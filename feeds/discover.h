/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_DISCOVER_H
#define HEADLINED_FEEDS_DISCOVER_H

/*
 * Which feeds does an HTML page announce? Read as its bytes arrive:
 *
 *	discover_new -> push ... push -> finish -> feed, wall, say -> free
 *
 * Announced is what a link element with rel "alternate" and a feed's type, or
 * with rel "feed", leads to (WHATWG HTML, 4.6.6.1, 4.6.6.6), wherever in the
 * page it stands. Only where there is none, plain links that look like one are
 * given, marked as guesses. Addresses are absolute (base element, else the
 * page's own), each comes once, in the page's order but for feeds of comments,
 * which come last.
 *
 * Costs and limits are those of base/html. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct discover;
struct err;

struct discover_feed {
	struct str	url;		/* http or https; as it stands where
					 * the page's own address is unknown */
	struct str	type;		/* media type, lower case; or empty */
	struct str	title;		/* one clean line; or empty */
	bool		is_guess;
};

struct discover_settings {
	const char	*base_url;	/* the page's own; may be NULL */
	size_t		 max_bytes;	/* of the page; what follows is not
					 * read */
	bool		 head_only;	/* stop at the body once something is
					 * announced */
};

/* For a page that was asked for: 2 MiB. For one in a feed's place: 256 KiB,
 * the head. */
extern const struct discover_settings discover_defaults, discover_in_passing;

/* base_url is copied. NULL when memory is out. */
struct discover	*discover_new(const struct discover_settings *);
void		 discover_free(struct discover *);	/* NULL is fine */

/* UTF-8, as feeds/charset gives it. False: it has read enough. */
bool		 discover_push(struct discover *, const char *, size_t);
void		 discover_finish(struct discover *);	/* once */

/* Does a plain link lead to a feed, by the custom of many sites? Its path ends
 * in /feed, .rss, ..., or its query says so. Pure. */
bool		 discover_looks_like_feed(struct str href);

/* After finish; index from 0, NULL past the last. Until free. */
const struct discover_feed *discover_feed(const struct discover *,
		    size_t index);

/* Whose bot wall the page is ("Cloudflare challenge"); NULL: it is none, or
 * announces feeds. After finish. */
const char	*discover_wall(const struct discover *);

/* "an HTML page, not a feed; it announces https://... (Title)": at most three
 * feeds, then how many more. Or which bot wall it is. After finish; gives
 * -1. */
int		 discover_say(const struct discover *, struct err *);

/*
 * A whole page in any charset (feeds/page_charset); content_type is the HTTP
 * header's value, or empty. All of the above in one; NULL when memory is out.
 */
struct discover	*discover_page(const struct discover_settings *,
		    struct str page, struct str content_type);

#endif
