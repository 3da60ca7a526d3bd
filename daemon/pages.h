/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_PAGES_H
#define HEADLINED_DAEMON_PAGES_H

/*
 * `text: page`: reads the pages behind the links of new items, and has each
 * item judged again with its page's text. One of each worker, on its loop.
 *
 *	pages_new -> pages_follow (a configuration begins) -> pages_add ...
 *	    -> pages_acknowledge (a job is back from the ledger) ...
 *	    -> pages_drain -> pages_free
 *
 *	row in the store (feeds/page_store.h)
 *	    -> robots.txt of its origin (feeds/page_robots.h)
 *	    -> host gate -> job: page_store_begin -> request
 *	    -> feeds/article -> daemon/judge -> job: alerts, text,
 *	       page_store_end
 *
 * A page is asked for with the manners of a feed: the host's gate, the claims
 * of its host (a 429 is the host's), five redirects, the address guard (a link
 * leads to a private address only at the feed's own host and port), our
 * User-Agent; without the feed's headers and credentials: the feed's document
 * chose the URL, not the administrator. robots.txt is obeyed under the product
 * token "headlined".
 *
 * Memory: PAGES_HELD rows a worker are held at once, of each host PAGES_A_HOST;
 * others stay in the store until there is room. PAGES_IN_FLIGHT pages are read
 * at once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/poll.h"

struct batch;
struct pages;
struct robots_table;

enum {
	PAGES_HELD = 1024,
	PAGES_A_HOST = 64,
	PAGES_IN_FLIGHT = 16,
	PAGES_RETRY_S = 600		/* from the first try to the second */
};

/* Something has ended: a worker that drains may look again. */
typedef void	pages_idle_fn(void *ctx);

/* env: that of the worker's polls, borrowed; conf is read from it at each use
 * (pages_follow says when it changed). NULL when memory is out. */
struct pages	*pages_new(const struct poll_env *, struct robots_table *,
		    pages_idle_fn *, void *ctx);
void		 pages_free(struct pages *);	/* cancels; NULL is fine */

/* The worker's feeds have changed: reads what waits of those with `text:
 * page`. 0, or -1 and *err: the store cannot be read. */
int		 pages_follow(struct pages *, const struct conf_feed *const *,
		    size_t n, struct err *);

/* A batch has been committed: what in it waits for pages. */
void		 pages_add(struct pages *, const struct batch *);

/* A job of ours is back from the ledger (see pages_is_mail). */
bool		 pages_is_mail(const void *job);
void		 pages_acknowledge(struct pages *, void *job);

/* Begins nothing more. What is under way ends or is given up. */
void		 pages_drain(struct pages *);
size_t		 pages_in_flight(const struct pages *);

#endif
