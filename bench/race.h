/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_RACE_H
#define HEADLINED_BENCH_RACE_H

/*
 * Polls that a second of CPU time pays for, all threads of the complete daemon
 * (with one worker) counted, user and system; against a bare libcurl loop that
 * asks the same of the same server.
 *
 *	fill in -> race_start -> race_measure_* by turns -> race_stop
 *
 * The daemon's clock runs fast, so that every feed is always due and it polls
 * as fast as it can. While one side is measured the other is held (SIGSTOP).
 * CPU time, not wall time: a machine that does other things too hurts less.
 */

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/asker.h"
#include "bench/setup.h"

struct answerer;
struct bench;
struct err;

struct race {
	/* To fill in; the setup without port. */
	struct setup	 setup;
	struct answerer	*answerer;
	int		(*serve)(void *ctx);	/* runs the server */
	void		*serve_ctx;
	atomic_llong	*counter;	/* what counts as a poll */
	struct asker	 asker;		/* its manner; urls are filled in */
	int		 window_ms;
	bool		 alone;		/* no peer */

	char		(*url_bytes)[SETUP_URL_SIZE];
	pid_t		 server, daemon, peer;
	long long	 our_polls, our_connections;
};

/* Server, peer and daemon run, each feed was read once. 0, or -1 and *err;
 * race_stop either way. */
int	race_start(struct race *, const struct bench *, struct err *);
void	race_stop(struct race *);

/* One round: *figure gets polls in a CPU second. For bench_sides; ctx is the
 * race. */
int	race_measure_ours(void *ctx, double *figure, struct err *);
int	race_measure_theirs(void *ctx, double *figure, struct err *);

/*
 * The rows' last words: how many feeds, answers, connections. -1 and *err where
 * requests were not understood.
 */
int	race_say(const struct race *, struct err *);

#endif
