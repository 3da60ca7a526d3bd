/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_POLL_NEXT_H
#define HEADLINED_DAEMON_POLL_NEXT_H

/*
 * When each feed is asked next, for those who show it. The schedule is the
 * workers', who are not asked: from the feed's row the same rules
 * (daemon/poll_due.h, daemon/manners.h) come to the same time. Two things are
 * not in the row, and are noted here:
 *
 * - since when this configuration runs: a row that was written since was made
 *   due by it, an older one is taken as the workers took it;
 * - what administrators were promised (daemon/worker_wish.h): until the feed is
 *   asked, or a reload that says something of it takes the promise back.
 *
 *	poll_next_new -> (poll_next_promise, poll_next_set_conf, poll_next_find)
 *	    -> poll_next_free
 *
 * One thread, the main one.
 */

#include <stdbool.h>
#include <stdint.h>

struct claims;
struct clock;
struct conf;
struct conf_feed;
struct feed_state;
struct poll_next;

/* All borrowed; the configuration until poll_next_set_conf. NULL when memory
 * is out. */
struct poll_next	*poll_next_new(struct conf *, struct claims *,
			    const struct clock *);
void			 poll_next_free(struct poll_next *);	/* NULL is
								 * fine */

/* Another one runs from now on. The old one is looked at once more. */
void			 poll_next_set_conf(struct poll_next *,
			    struct conf *);

/*
 * The feed with this URL is asked at due_s (steady time), though its row says
 * later: asked_s is when it was asked last, by its row or its claim. Of
 * promises there is room for ten thousand, the newest; one that finds no memory
 * is not shown.
 */
void			 poll_next_promise(struct poll_next *,
			    const char *url, int64_t asked_s, int64_t due_s);

/* Its schedule was made anew from its row. */
void			 poll_next_forget(struct poll_next *,
			    const char *url);

struct poll_next_time {
	int64_t	at_s;		/* steady time; INT64_MAX: never, as one that
				 * is gone, or a file, which is looked at all
				 * the time */
	bool	host_held;	/* what its host said to another feed (429) is
				 * what takes longest */
};

struct poll_next_time	 poll_next_find(const struct poll_next *,
			    const struct conf_feed *,
			    const struct feed_state *);

#endif
