/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_SOURCES_H
#define HEADLINED_DAEMON_SOURCES_H

/*
 * The feeds that a document is read for beside the one that reads it
 * (feeds/url_owner.h), as topics see them: `feed:` and `site:` find its items
 * by any of them, `lang:` by what is configured for one where nothing else says
 * it. An alert names the feed that has read it.
 *
 *	init -> add ... -> names, sites, lang -> clear
 *
 * One thread.
 */

#include "base/buf.h"
#include "base/str.h"

struct conf_feed;

struct sources {
	struct buf	 names;		/* as configured, one a line */
	struct buf	 sites;		/* a space between two */
	const char	*lang;		/* the first one's that has one; NULL */
};

void	sources_init(struct sources *);
void	sources_clear(struct sources *);

/* Twice is as once. The feed's configuration outlives this. Memory that is out
 * shows in names.failed or sites.failed. */
void	sources_add(struct sources *, const struct conf_feed *);

/* The feed's host as people know it, without www.; nothing where its URL has
 * none. */
void	sources_add_site(struct buf *, const struct conf_feed *);

/* One after the other, by that byte; out is overwritten. `first` itself where
 * `more` is empty. */
struct str sources_join(struct buf *out, struct str first, char by,
	    const struct buf *more);

#endif
