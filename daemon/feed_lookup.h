/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_FEED_LOOKUP_H
#define HEADLINED_DAEMON_FEED_LOOKUP_H

/*
 * The feeds of a configuration, found by their URL: for one scan over the
 * store's feeds in place of a query for each, 6 bytes a feed.
 *
 *	feed_lookup_new -> feed_lookup_find ... -> feed_lookup_free
 *
 * One thread.
 */

#include "base/str.h"

struct conf;
struct conf_feed;
struct feed_lookup;

/* conf is borrowed until free. NULL when memory is out. */
struct feed_lookup	*feed_lookup_new(const struct conf *);
void			 feed_lookup_free(struct feed_lookup *);	/* NULL
								 * is fine */

/* The feed with this configured URL; NULL: there is none. */
const struct conf_feed	*feed_lookup_find(const struct feed_lookup *,
			    struct str url);

#endif
