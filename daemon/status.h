/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_STATUS_H
#define HEADLINED_DAEMON_STATUS_H

/*
 * Health at a glance, as the JSON that `headlinectl status --json` prints and
 * headlinectl(1) describes. Reads the store, where the truth stands, and the
 * counters; asks no other thread.
 */

#include <stddef.h>
#include <stdint.h>

struct buf;
struct clock;
struct conf;
struct counters;
struct db;
struct err;

/* All borrowed. */
struct status_env {
	const struct conf	*conf;
	const struct clock	*clock;
	struct db		*reader;
	struct counters		*counters;
	const char		*instance;
	int64_t			 started_mono_us;
	/* What a start with faults left out, one line each. */
	const char *const	*faults;
	size_t			 n_faults;
};

/* Appends the document. 0, or -1 and *err: the store cannot be read. */
int	status_write(struct buf *, const struct status_env *, struct err *);

#endif
