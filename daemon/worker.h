/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_WORKER_H
#define HEADLINED_DAEMON_WORKER_H

/*
 * A thread that polls its share of the feeds: its own event loop, its own
 * schedule, its own matcher, a read-only connection to the store.
 *
 *	worker_start -> worker_take (first, and at each reload) ...
 *	    -> worker_drain -> worker_stop
 *
 * A feed belongs to one worker for as long as the process lives: by a hash of
 * its host (worker_of). A poll (daemon/poll.h) ends when the ledger has
 * acknowledged it; only then do its validators and its next due time hold.
 * What its document brought may wait for pages (daemon/pages.h).
 * Called from the main thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mailbox.h"

struct address_cap;
struct claims;
struct clock;
struct conf;
struct conf_feed;
struct counters;
struct db;
struct extractor;
struct heartbeat;
struct host_gate;
struct ledger;
struct lookup_slots;
struct robots_table;
struct teller;
struct url_owners;
struct url_turns;
struct worker;

/* What workers share; all borrowed until worker_stop. */
struct worker_env {
	const struct clock	*clock;
	struct ledger		*ledger;
	struct teller		*teller;	/* the ledger's */
	struct host_gate	*gate;
	struct address_cap	*addresses;
	struct lookup_slots	*lookups;
	struct claims		*claims;
	struct url_owners	*owners;
	struct url_turns	*turns;
	struct robots_table	*robots;
	struct extractor	*extractor;
	struct counters		*counters;
	const char		*instance;
};

/*
 * A configuration and the feeds of it that are this worker's. It travels to
 * the worker and comes back to `reply` once it holds: polls that begin after
 * that follow it, those under way end with the one they began with.
 */
struct worker_order {
	struct mail		 mail;
	struct conf		*conf;		/* a reference of the order's */
	const struct conf_feed	**feeds;	/* the order's */
	size_t			 n_feeds;
	struct mailbox		*reply;
	bool			 failed;	/* the worker goes on as
						 * before; why: */
	struct err		 err;
};

/* Which of n workers the feed belongs to: all of one host to one of them, so
 * that its connections are kept in one place. */
size_t		 worker_of(const struct conf_feed *, size_t n);

/* The shares of n workers, one order each, into orders. 0, or -1 when memory
 * is out (none is made then). */
int		 worker_orders_new(struct conf *, struct worker_order **orders,
		    size_t n);
void		 worker_order_free(struct worker_order *); /* NULL is fine */

struct worker_part {
	struct db		*reader;	/* the worker's from now on */
	struct heartbeat	*heartbeat;	/* borrowed */
	size_t			 index;		/* its name: worker-0 ... */
};

/* Starts the thread, without a feed: its first order brings them. NULL and
 * *err; the reader is closed then. */
struct worker	*worker_start(const struct worker_env *,
		    const struct worker_part *, struct err *);

/* A configuration, the first or another one. The order is the worker's until
 * it comes back. Not after worker_drain. */
void		 worker_take(struct worker *, struct worker_order *);

/*
 * Tells the thread to start nothing new, to give what is under way grace_ms
 * (real time), and to end when the ledger has answered; returns at once.
 */
void		 worker_drain(struct worker *, int grace_ms);

/* Waits for the thread's end (drain first), frees. NULL is fine. */
void		 worker_stop(struct worker *);

#endif
