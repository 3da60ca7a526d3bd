/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_PRESS_H
#define HEADLINED_BENCH_PRESS_H

/*
 * Feeds that are written while they are read: one on each address of an
 * answerer's sockets. Once every feed is being read, items follow at moments
 * that are chosen at random, so many a second over all feeds in turn, each
 * whole in one write; then the documents end. So no poll's interval stands
 * between an item and its reader.
 *
 *	answerer_listen, trail_new, press_new -> (fork) press_run
 */

#include <stdatomic.h>

struct answerer;
struct err;
struct trail;

enum press_state { PRESS_WAITS, PRESS_PRINTS, PRESS_DONE, PRESS_BROKEN };

struct press {
	struct answerer	*sockets;	/* borrowed; nobody else answers */
	struct trail	*trail;		/* borrowed: how many items */
	int		 a_second;
	atomic_int	 state;
	atomic_llong	 took_us;	/* from first item to last */
};

/* Shared memory, to fill in. NULL and *err. Freed with the process. */
struct press	*press_new(struct err *);

/* Prints once and waits to be killed; gives what main gives. */
int		 press_run(void *press);

#endif
