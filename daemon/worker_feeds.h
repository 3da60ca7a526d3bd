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
 *
 * Nearly all of a million feeds wait: a feed that nobody asks is 24 bytes and
 * a packed state (feeds/feed_pack.h); what a poll needs beside them is made
 * when it begins and goes when it has ended.
 *
 *	worker_feed_wake -> (poll) -> worker_feed_rest
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/pool.h"
#include "base/str.h"
#include "feeds/feed_store.h"
#include "feeds/schedule.h"

struct conf_feed;
struct feed_pack;
struct poll;
struct worker;
struct worker_feed;

/* A feed that is being asked. */
struct worker_live {
	struct worker_feed	*feed;
	struct worker		*worker;
	struct poll		*poll;		/* under way, or NULL */
	struct feed_state	 state;
	bool			 leaving;	/* not configured any more; goes
						 * when its poll has ended */
	bool			 bounds_changed; /* since its poll began:
						 * poll.min, poll.max, every */
	char			*url;		/* where it leaves: owned, or
						 * NULL */
	LIST_ENTRY(worker_live)	 link;		/* of those that leave */
};

LIST_HEAD(worker_live_list, worker_live);

/* There may be a million of them. */
struct worker_feed {
	struct schedule_entry	 entry;		/* first: the worker casts */
	uint32_t		 hash : 31;	/* of its URL */
	uint32_t		 is_live : 1;	/* which of the two below */
	const struct conf_feed	*conf;		/* of the running configuration;
						 * NULL where it leaves */
	union {
		struct feed_pack	*pack;
		struct worker_live	*live;
	};
};
_Static_assert(sizeof(void *) != 8 || sizeof(struct worker_feed) == 24,
    "a feed that waits is small");

/* Sorted by hash, then URL, so that a reload is a merge. Zeroed: none. */
struct worker_feeds {
	struct worker_feed	**list;
	size_t			 n;
	struct pool		 pool;		/* of the feeds; also of those
						 * that leave */
};

/* What will be, in the same order. */
struct worker_feeds_slot {
	uint32_t		 hash;
	bool			 is_new;
	struct worker_feed	*feed;
	const struct conf_feed	*conf;
};

struct worker_feeds_plan {
	struct worker_feeds_slot *slots;
	uint32_t		*hashes;	/* theirs, close together: what
						 * a scan of the store's feeds
						 * looks through */
	struct worker_feed	**list;		/* room for the feeds */
	size_t			 n;
	struct pool		*pool;		/* that of *now */
};

/*
 * What will be: feeds that stay keep their struct, new ones get one that waits
 * and knows nothing (is_new). 0, or -1 when memory is out; *next is empty then.
 */
int	worker_feeds_plan(struct worker_feeds *now,
	    const struct conf_feed *const *, size_t n,
	    struct worker_feeds_plan *next);

/* The slot of the feed with this URL, or NULL. */
struct worker_feeds_slot *worker_feeds_plan_find(
	    const struct worker_feeds_plan *, struct str url);

/* The feed with this URL, or NULL. */
struct worker_feed *worker_feeds_find(const struct worker_feeds *,
	    struct str url);

/* Frees a plan that is not adopted, and the new feeds in it. */
void	worker_feeds_discard(struct worker_feeds_plan *next);

/*
 * Calls `leave` for each feed of *now that *next does not have, points the
 * others at their new configuration after `stay` saw both, and makes *next
 * *now.
 */
struct worker_feeds_ops {
	void	(*leave)(struct worker_feed *, void *ctx);
	void	(*stay)(struct worker_feed *, const struct conf_feed *next,
		    void *ctx);
	/* Gives the feed that takes the place: this one, or an old one. */
	struct worker_feed *(*come)(struct worker_feed *, void *ctx);
};
void	worker_feeds_adopt(struct worker_feeds *now,
	    struct worker_feeds_plan *next, const struct worker_feeds_ops *,
	    void *ctx);

/* Of one that is in the list no more, or not yet. NULL is fine. */
void	worker_feed_free(struct worker_feeds *, struct worker_feed *);
void	worker_feeds_clear(struct worker_feeds *);	/* and all its feeds */

/* A feed that is asked: its state, and what its poll needs. NULL: memory is
 * out; it waits as before. */
struct worker_live *worker_feed_wake(struct worker_feed *, struct worker *);

/* Its poll has ended, it waits again. Without memory to pack its state it
 * stays as it is. */
void	worker_feed_rest(struct worker_feed *);

/* Has it a poll under way? */
bool	worker_feed_is_asked(const struct worker_feed *);

/* What is known of it; of texts nothing, or what is borrowed. */
void	worker_feed_peek(const struct worker_feed *, struct feed_state *);

/* 0, or -1 when memory is out: all is as it was. */
int	worker_feed_set_state(struct worker_feed *, const struct feed_state *);
int	worker_feed_set_due(struct worker_feed *, int64_t due_s);

#endif
