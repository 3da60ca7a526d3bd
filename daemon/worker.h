/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_WORKER_H
#define HEADLINED_DAEMON_WORKER_H

/*
 * A thread that polls its share of the feeds: its own event loop, its own
 * schedule, its own matcher, a read-only connection to the store.
 *
 *	worker_start -> worker_drain -> worker_stop
 *
 * A feed belongs to one worker. A poll (daemon/poll.h) ends when the ledger
 * has acknowledged it; only then do its validators and its next due time
 * hold. Called from the main thread.
 */

#include <stddef.h>

struct clock;
struct conf;
struct conf_feed;
struct counters;
struct db;
struct err;
struct host_gate;
struct ledger;
struct worker;

/* What workers share; all borrowed until worker_stop. */
struct worker_env {
	struct conf		*conf;
	const struct clock	*clock;
	struct ledger		*ledger;
	struct host_gate	*gate;
	struct counters		*counters;
	const char		*instance;
	const char		*user_agent;
};

/*
 * Takes the reader's connection; feeds are the worker's share of conf's (the
 * array is copied). NULL and *err.
 */
struct worker	*worker_start(const struct worker_env *, struct db *reader,
		    const struct conf_feed *const *feeds, size_t n,
		    struct err *);

/*
 * Tells the thread to start nothing new, to give what is under way grace_ms
 * (real time), and to end when the ledger has answered; returns at once.
 */
void		 worker_drain(struct worker *, int grace_ms);

/* Waits for the thread's end (drain first), frees. NULL is fine. */
void		 worker_stop(struct worker *);

#endif
