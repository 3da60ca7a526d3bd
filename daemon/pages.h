/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_PAGES_H
#define HEADLINED_DAEMON_PAGES_H

/*
 * `text: page`: reads the pages behind the links of new items, and has each
 * item judged again with its page's text. One of each worker, on its loop.
 *
 *	pages_new -> pages_follow (a configuration begins) -> pages_add ...
 *	    -> pages_drain (-> pages_cancel) -> pages_free
 *
 *	row in the store (feeds/page_store.h)
 *	    -> robots.txt of its origin (daemon/robots_table.h)
 *	    -> host gate is open -> job: page_store_begin -> host gate
 *	    -> request
 *	    -> daemon/extractor -> daemon/judge -> job: alerts, text,
 *	       page_store_end
 *
 * A redirect is no request of the fetch's: the page goes into the line of the
 * host that it is led to, once a job has found that nobody has asked for what
 * stands there (page_store_lead). Else it is read as that one is.
 *
 * A page is asked for with the manners of a feed: the host's gate, the claims
 * of its host (a 429 is the host's), five redirects, the address guard (a link
 * leads to a private address only at the feed's own host and port, and by name
 * only where the feed's document came from one), our User-Agent; without the
 * feed's headers and credentials: the feed's document chose the URL, not the
 * administrator. robots.txt is obeyed under the product token "headlined", also
 * where a redirect leads to another origin. One that cannot be read is waited
 * for, for PAGES_ROBOTS_S. page_limit does not count it, but in a day no more
 * of them are asked for because of one feed than it allows pages (a restart
 * counts anew).
 *
 * Memory: PAGES_HELD rows a worker are held at once, of each host PAGES_A_HOST;
 * others stay in the store until there is room. Of an item that waits nothing
 * is held but its URL. PAGES_IN_FLIGHT pages are read at once, PAGES_A_FEED of
 * each feed, so that none whose links lead nowhere holds up the others; at most
 * ARTICLE_PAGE_MAX of each. A host that is closed for longer than PAGES_RETRY_S
 * holds no pages: they are put off until it is open.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/poll.h"

struct batch;
struct extractor;
struct pages;
struct robots_table;

enum {
	PAGES_HELD = 1024,
	PAGES_A_HOST = 64,
	PAGES_IN_FLIGHT = 16,
	PAGES_A_FEED = 4,
	PAGES_RETRY_S = 600,		/* from the first try to the second */
	PAGES_ROBOTS_S = 7200		/* since the item was seen */
};

struct pages_env {
	const struct poll_env	*poll;	/* of the worker's polls; its conf is
					 * read at each use */
	struct robots_table	*robots;
	struct extractor	*extractor;
};

/* Something has ended: a worker that drains may look again. */
typedef void	pages_idle_fn(void *ctx);

/* All borrowed. NULL when memory or descriptors are out. */
struct pages	*pages_new(const struct pages_env *, pages_idle_fn *,
		    void *ctx);
void		 pages_free(struct pages *);	/* none in flight; NULL: fine */

/* The worker's feeds have changed: reads what waits of those with `text:
 * page`. 0, or -1 and *err: the store cannot be read. */
int		 pages_follow(struct pages *, const struct conf_feed *const *,
		    size_t n, struct err *);

/* A batch has been committed: what in it waits for pages, and where its
 * document came from. */
void		 pages_add(struct pages *, const struct batch *);

/* Begins nothing more; what waits is let go, with the tries that it did not
 * use: the job that says so is in flight. What is in flight ends, or is given
 * up: its row stays, for the next start. */
void		 pages_drain(struct pages *);
void		 pages_cancel(struct pages *);
size_t		 pages_in_flight(const struct pages *);

#endif
