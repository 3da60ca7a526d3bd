/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_WORKER_FEEDS_H
#define HEADLINED_DAEMON_WORKER_FEEDS_H

/*
 * The feeds of one worker, found by URL, and what a reload changes of them.
 * One thread, the worker's.
 *
 *	worker_feeds_plan -> worker_feeds_adopt	a reload in two steps: the
 *	    first may run out of memory and changes nothing, the second cannot
 *	    fail
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/str.h"
#include "feeds/feed_store.h"
#include "feeds/schedule.h"

struct conf_feed;
struct poll;
struct worker;

struct worker_feed {
	struct schedule_entry	 entry;		/* first: the worker casts */
	bool			 leaving;	/* not configured any more; goes
						 * when its poll has ended */
	bool			 every_changed;	/* since its poll began */
	struct worker		*worker;
	const struct conf_feed	*conf;		/* of the running configuration;
						 * NULL where it leaves */
	char			*url;		/* where it leaves: owned, or
						 * NULL; and what every was */
	int64_t			 left_every_s;
	struct feed_state	 state;
	struct poll		*poll;		/* under way, or NULL */
	LIST_ENTRY(worker_feed)	 link;		/* of those that leave */
};

LIST_HEAD(worker_feed_list, worker_feed);

/* Sorted by a hash of the URL, so that a reload is a merge. */
struct worker_feeds_slot {
	uint64_t		 hash;
	struct worker_feed	*feed;
	const struct conf_feed	*conf;
	bool			 is_new;
};

struct worker_feeds {
	struct worker_feeds_slot *slots;
	size_t			 n;
};

/*
 * What will be: feeds that stay keep their struct, new ones get a zeroed one
 * (is_new). 0, or -1 when memory is out; *next is empty then.
 */
int	worker_feeds_plan(const struct worker_feeds *now,
	    const struct conf_feed *const *, size_t n,
	    struct worker_feeds *next);

/* The slot of the feed with this URL, or NULL. */
struct worker_feeds_slot *worker_feeds_find(const struct worker_feeds *,
	    struct str url);

/* Frees a plan that is not adopted, and the new feeds in it. */
void	worker_feeds_discard(struct worker_feeds *next);

/*
 * Calls `leave` for each feed of *now that *next does not have, points the
 * others at their new configuration after `stay` saw both, and makes *next
 * *now.
 */
struct worker_feeds_ops {
	void	(*leave)(struct worker_feed *);
	void	(*stay)(struct worker_feed *, const struct conf_feed *next);
	/* Gives the feed that takes the place: this one, or an old one. */
	struct worker_feed *(*come)(struct worker_feed *);
};
void	worker_feeds_adopt(struct worker_feeds *now,
	    struct worker_feeds *next, const struct worker_feeds_ops *);

void	worker_feed_free(struct worker_feed *);		/* NULL is fine */
void	worker_feeds_clear(struct worker_feeds *);	/* and all its feeds */

#endif
