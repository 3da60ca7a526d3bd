/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_MANNERS_H
#define HEADLINED_DAEMON_MANNERS_H

/*
 * When a feed may be asked again, from what the store and the claims remember.
 * Pure. All times are seconds of steady time (base/clock.h).
 *
 * A moment of asking that lies in the future is of another boot, whose clock
 * was ahead of this one's: what was to be waited then is waited from now on,
 * neither less nor longer.
 */

#include <stdbool.h>
#include <stdint.h>

#include "feeds/claims.h"

struct manners {
	int64_t		now_s;
	int64_t		last_asked_s;	/* as stored; 0: never */
	int64_t		due_s;		/* as stored with it */
	int64_t		floor_s;	/* every, else poll.min */
	struct claim	claim;		/* the feed's */
	/* For wishes only: */
	struct claim	host;		/* its host's */
	int64_t		min_s;		/* poll.min, or every if that is less */
	int64_t		hint_s;		/* how long what was read last asks for;
					 * 0: nothing, or every replaces it */
	bool		failing;	/* due was made by a failure */
};

/*
 * The latest of: what was stored as due; what a refusal said; after a claim
 * that the store knows nothing of (that poll never came to its end: a kill, a
 * refused commit) as long as was to be waited last time (at most a day), but
 * the floor, and what its answer's hint said. 5 to 10 % are added to such a
 * wait: nobody knows when that request arrived.
 */
int64_t	manners_allowed_s(const struct manners *);

/* Until when a refusal holds; what is not after now_s: none does. */
int64_t	manners_refused_s(int64_t now_s, const struct claim *);

/*
 * When its turn has come: until when its URL is to be left alone by what others
 * did who were led there since the feed was asked last. A refusal, or floor_s
 * since a claim. What is not after now_s: it is asked.
 */
int64_t	manners_claimed_s(const struct manners *);

/* How long a claim keeps others off: the floor, and the second that it was
 * rounded down by. What is not after now_s: it does not. */
int64_t	manners_floor_end_s(int64_t now_s, const struct claim *,
	    int64_t floor_s);

/* How long after it was made a claim may still hold somebody up, refusals and
 * hints apart, where no feed's floor is longer than this. */
int64_t	manners_claim_end_s(int64_t longest_floor_s);

/* What an administrator who wants it polled now has to wait for. */
enum manners_why {
	MANNERS_NOTHING,
	MANNERS_MIN,		/* min_s since it was asked last */
	MANNERS_HINT,		/* what the publisher asks for */
	MANNERS_REFUSAL,	/* what its server said */
	MANNERS_HOST,		/* what its host said to another feed (429) */
	MANNERS_BACKOFF		/* it failed last time */
};

/*
 * The earliest moment that all but the feed's rhythm allows: min_s, what its
 * publisher asks for, refusals, and the patience after a failure. What is not
 * after now_s: now. *why: the one that takes longest. Hours and days that a
 * document skips are the wall clock's, and the caller's to know.
 */
int64_t	manners_wish_s(const struct manners *, enum manners_why *);

#endif
