/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_LOOKUP_SLOTS_H
#define HEADLINED_BASE_LOOKUP_SLOTS_H

/*
 * How many names are looked up at once, by all threads together. libcurl
 * looks each name up in a thread of its own, in getaddrinfo, which nobody can
 * stop: a name whose server never answers keeps its thread long after the
 * transfer has given up.
 *
 *	lookup_slots_take -> (getaddrinfo) -> lookup_slots_done
 *	                                   or lookup_slots_abandon
 *
 * An abandoned slot is free again LOOKUP_LIFE_MS after it was taken: three
 * servers that never answer take glibc 28 s (resolv.conf(5): 5 s, then less,
 * two attempts), fewer take less.
 *
 * What never answers must not stop what does. So how long each name took the
 * last time is remembered, in one byte by the name's hash:
 *
 *	quick		may have any slot
 *	not known yet	all but LOOKUP_KEPT_QUICK, which only the quick have
 *	slow (2 s, or	LOOKUP_MOST_SLOW of those
 *	abandoned)
 *
 * and no name has more than LOOKUP_PER_NAME at once. Two names of one hash are
 * taken for one: the hash has a seed of its own in each process, so nobody can
 * choose a name that is taken for another.
 *
 * Any thread; one mutex inside (a leaf, see base/mailbox.h).
 */

#include <stdint.h>

enum {
	LOOKUP_SLOTS = 64,
	LOOKUP_KEPT_QUICK = 16,
	LOOKUP_MOST_SLOW = 16,
	LOOKUP_PER_NAME = 4,
	LOOKUP_SLOW_MS = 2000,
	LOOKUP_LIFE_MS = 30000
};

struct lookup_slots;

/* seed: of the hash; 0: a random one. NULL when memory is out. */
struct lookup_slots *lookup_slots_new(uint64_t seed);
void		 lookup_slots_free(struct lookup_slots *); /* NULL is fine */

/*
 * A slot for a look-up of the name, or -1: none is free for it now. now_ms:
 * the machine's monotonic time, the same for all threads.
 */
int		 lookup_slots_take(struct lookup_slots *, const char *name,
		    int64_t now_ms);

/* The look-up is over, whatever it found. */
void		 lookup_slots_done(struct lookup_slots *, int slot,
		    int64_t now_ms);

/* Nobody waits for it any more, but it may still run. */
void		 lookup_slots_abandon(struct lookup_slots *, int slot);

#endif
