/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_STATUS_H
#define HEADLINED_DAEMON_STATUS_H

/*
 * Health at a glance, as the JSON that `headlinectl status --json` prints and
 * headlinectl(1) describes. Reads the store, where the truth stands, and the
 * counters; asks no other thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct claims;
struct clock;
struct conf;
struct counters;
struct db;
struct err;
struct health;
struct host_gate;
struct ledger;
struct mailbox;
struct poll_next;
struct sink_counts;
struct watchdog;

/* How the last reload ended. */
struct status_reload {
	int64_t			 at_s;		/* Unix seconds; 0: none yet */
	bool			 ok;
	const char *const	*faults;	/* one line each, why not */
	size_t			 n_faults;
	int64_t			 good, bad;	/* how many, since the start */
	int64_t			 good_at_s;	/* the last good one; 0: none */
};

/* All borrowed; what is NULL is told as absent. */
struct status_env {
	struct conf		*conf;
	const struct clock	*clock;
	struct db		*reader;	/* the main thread's */
	struct counters		*counters;
	struct sink_counts	*sink_counts;
	const char		*instance;
	int64_t			 started_mono_us;
	int64_t			 started_wall_us;
	size_t			 n_workers;	/* that run; conf may say
						 * another for the next start */
	/* What a start with faults left out, one line each. */
	const char *const	*faults;
	size_t			 n_faults;
	struct claims		*claims;
	const struct poll_next	*next;		/* when feeds are asked; NULL:
						 * when their rows in the store
						 * say */
	struct ledger		*ledger;
	struct health		*health;
	struct watchdog		*watchdog;
	struct host_gate	*gate;
	const struct status_reload *reload;
	struct mailbox		*watcher;	/* gets a message whenever
						 * alerts were stored, for those
						 * who follow them */
	const char		*needs_restart;	/* keys of the configuration
						 * that have changed and count
						 * from the next start on:
						 * "workers"; NULL, "": none */
};

/* Appends the document. 0, or -1 and *err: the store cannot be read. */
int	status_write(struct buf *, const struct status_env *, struct err *);

#endif
