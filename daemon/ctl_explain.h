/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CTL_EXPLAIN_H
#define HEADLINED_DAEMON_CTL_EXPLAIN_H

/*
 * How headlinectl shows where a topic's words stand in an item, and its query
 * as a tree of what held and what did not: for `match` and for `why`.
 *
 *	+ AND
 *	  + NEAR/25  title 10, title 31
 *	    + peacekeep*
 *	        title 10    More [peacekeepers] for Ukraine, says Macron.
 *	    - country:ukraine
 *
 * Colour and brackets are one or the other. What comes from outside is made
 * safe for a terminal.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct hit;
struct matcher_node;

struct ctl_show {
	struct buf	*out;
	bool		 colour;
};

/* A hit in its sentence, the surface text standing out: behind its field, on a
 * line of its own. */
void	ctl_show_hit(const struct ctl_show *, const struct hit *);

/* A node, and the first places of a part that has no parts. */
void	ctl_show_node(const struct ctl_show *, const struct matcher_node *);

/* A topic's name, and in brackets what is said of it. */
void	ctl_show_topic(const struct ctl_show *, const char *name,
	    const char *says);

/* Of the text, what no topic looked at: "  left out, content 120: ..." */
void	ctl_show_left_out(const struct ctl_show *, struct str field,
	    int64_t offset, struct str text);

#endif
