/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_WORKER_PRIVATE_H
#define HEADLINED_DAEMON_WORKER_PRIVATE_H

/*
 * What the files behind daemon/worker.h share and nobody else sees:
 *
 *	worker.c	the thread, its loop, which poll begins when
 *	worker_follow.c	another configuration: who comes, stays and goes
 *	worker_order.c	the orders that bring one (main thread)
 *	worker_wish.c	what an administrator wants of one feed
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/poll.h"
#include "daemon/worker.h"
#include "daemon/worker_feeds.h"

struct event;
struct event_base;
struct http;
struct manners;
struct pages;
struct schedule;
struct worker_wish;

struct worker {
	struct poll_env		 env;		/* conf: the reference */
	struct host_gate	*gate;		/* borrowed */
	struct heartbeat	*heartbeat;	/* borrowed */
	struct event_base	*base;
	struct event		*due_timer;	/* at the next due feed */
	struct event		*on_box, *on_order, *on_wish, *grace_timer;
	struct event		*beat;
	struct http		*http;
	struct mailbox		*box;		/* replies and wake-ups */
	struct mailbox		*orders;
	struct mailbox		*wishes;	/* also back from the ledger */
	struct mail		*held, **held_last; /* of them: each waits for
						 * its feed's poll to end */
	struct worker_wish	*posted;	/* of them: at the ledger */
	struct schedule		*schedule;
	struct matcher		*matcher;
	struct learner		*learner;
	struct story_signer	*signer;
	struct keeper		*keeper;
	struct pages		*pages;
	struct db		*reader;
	struct worker_feeds	 feeds;
	struct worker_live_list	 leaving;	/* with a poll under way */
	size_t			 in_flight;	/* polls, and wishes that are
						 * at the ledger */
	size_t			 waiting;	/* of those: nothing is sent */
	pthread_t		 thread;
	bool			 started;
	bool			 draining;	/* the thread's own view */
	bool			 bounds_changed; /* by the order at hand:
						 * poll.min or poll.max */
	atomic_int		 grace_ms;	/* -1: not told to end */
};

/* worker.c */

/* Puts the feed into the schedule: when its state, its claim and manners allow
 * the next request. */
void	worker_set_due(struct worker *, struct worker_feed *);

/* What is known about its manners, but for its host's. */
void	worker_fill_manners(const struct worker *, const struct worker_feed *,
	    const struct feed_state *, struct manners *);

/* Into the schedule for this second of steady time, whatever it is. */
void	worker_set_due_at(struct worker *, struct worker_feed *,
	    int64_t due_s);

/* Sets the one timer to the earliest due time. */
void	worker_arm_timer(struct worker *);

/* The feed comes to those counted as failing, gone or never asked (1), or
 * leaves them (-1), as it is now. */
void	worker_count_feed(struct worker *, const struct worker_feed *,
	    int64_t one);

/* Something has ended: the timer, or, in a drain, the end. */
void	worker_go_on(struct worker *);

/* worker_follow.c */

/* Orders have come: follows each and sends it back. */
void	worker_follow_orders(struct worker *);

/*
 * What this configuration has of poll.min, poll.max and `every` holds from now
 * on (daemon/poll_due.h). A feed that is asked has it done when its poll has
 * ended.
 */
void	worker_keep_within_bounds(struct worker *, struct worker_feed *);

/* The worker ends: orders that came too late go back. */
void	worker_return_orders(struct worker *);

/* worker_wish.c */

/* Wishes have come, or are back from the ledger. */
void	worker_grant_wishes(struct worker *);

/* A poll has ended: those that waited for it. */
void	worker_resume_wishes(struct worker *);

/* Is a move of this feed being taken back, at the ledger? Until it is back
 * nobody asks the feed: its poll would store the move again. */
bool	worker_is_being_kept(const struct worker *,
	    const struct worker_feed *);

/* The worker ends: what came too late goes back. */
void	worker_return_wishes(struct worker *);

#endif
