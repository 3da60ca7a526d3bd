/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_ARRIVALS_H
#define HEADLINED_ALERTS_ARRIVALS_H

/*
 * When rows came into the outbox, for how long each took to its receiver: to
 * the moment where the store's own time is in whole seconds of a clock that may
 * be set. Whoever is woken after a commit notes how far the rows go then:
 *
 *	noted	  base 40	43 at 10.0 s	44 at 12.5 s
 *	row	41 42 43 came at 10.0 s, 44 at 12.5 s, 40 before all that is
 *		remembered
 *
 * The newest ARRIVALS_KEPT notes are kept, whatever waits: 16 KiB. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARRIVALS_KEPT = 1024 };

struct arrival {
	int64_t	seq;			/* the last that was there */
	int64_t	at_us;			/* mono */
};

/* Zeroed: nothing was noted. */
struct arrivals {
	int64_t		base;		/* what came up to it is forgotten */
	size_t		first, n;	/* of the ring */
	struct arrival	ring[ARRIVALS_KEPT];
	bool		has_base;
};

/* The rows up to last_seq are there. What the first note finds came at no known
 * time. */
void	arrivals_note(struct arrivals *, int64_t last_seq, int64_t now_us);

/* How long ago this row came; 0: since the last note, -1: it is not
 * remembered. */
int64_t	arrivals_age_us(const struct arrivals *, int64_t seq, int64_t now_us);

#endif
