/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CTL_FETCH_H
#define HEADLINED_DAEMON_CTL_FETCH_H

/*
 * One document off the web, into memory, for a verb of headlinectl: asked for
 * as the daemon would ask (feeds/fetch: redirects hop by hop, at most five,
 * none to a private address but the URL's own host and port), without any of
 * its state.
 *
 *	ctl_fetch -> read -> ctl_fetched_clear
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct err;

struct ctl_fetched {
	struct buf	 body;		/* decoded */
	bool		 is_cut;	/* there was more than max_bytes */
	char		*url;		/* of the last hop */
	char		*content_type;	/* or NULL */
};

/* Is it a URL of http or https rather than a file's name? */
bool	ctl_is_url(const char *);

/* Neither one nor a file's name, but like an address: "example.com",
 * "ftp://example.com/". */
bool	ctl_is_meant_as_url(const char *);

/*
 * Waits until it is there, 30 seconds at most. accept: an Accept header's
 * value, NULL for that of feeds. 0, or -1 and *err (the host and what was
 * wrong) with nothing to clear.
 */
int	ctl_fetch(const char *url, const char *accept, size_t max_bytes,
	    struct ctl_fetched *, struct err *);

void	ctl_fetched_clear(struct ctl_fetched *);  /* zeroed storage is fine */

#endif
