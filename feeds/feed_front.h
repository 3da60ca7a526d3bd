/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_FRONT_H
#define HEADLINED_FEEDS_FEED_FRONT_H

/*
 * HTML in front of a feed, as PHP writes its notices:
 *
 *	<br />\n<b>Warning</b>: ...<br />\n<?xml version="1.0"?><rss>
 *
 * A document whose first element is one that pages do not begin with by
 * themselves (br, b, p, div ...; a DOCTYPE or <html> before it speaks for a
 * page) is held back until a feed's begin is seen: "<?xml", "<rss", "<feed",
 * "<rdf:RDF", "<RDF". What stands before that is left out. When none comes
 * within 4 KiB all goes on as it is, and so does every other document. Private
 * to feeds/feed_parser. One thread.
 *
 *	init -> push ... push -> finish -> clear
 */

#include <stdbool.h>

#include "base/buf.h"

enum { FEED_FRONT_MAX = 4096, FEED_FRONT_NO_MEMORY = -1 };

enum feed_front_state {
	FRONT_TEXT,		/* no '<' yet */
	FRONT_NAME,		/* of the first element */
	FRONT_HOLDING,		/* till a feed begins */
	FRONT_OPEN		/* all goes through */
};

struct feed_front {
	int			 (*emit)(const char *, size_t, void *ctx);
	void			*ctx;
	enum feed_front_state	 state;
	struct buf		 held;		/* from the first '<' on */
	size_t			 searched;	/* of it */
	bool			 left_out;	/* something was */
};

void	feed_front_init(struct feed_front *,
	    int (*emit)(const char *, size_t, void *ctx), void *ctx);
void	feed_front_clear(struct feed_front *);

/* 0, what emit gave when that is not 0 (nothing more may be pushed then), or
 * FEED_FRONT_NO_MEMORY. */
int	feed_front_push(struct feed_front *, const char *, size_t);
int	feed_front_finish(struct feed_front *);

#endif
