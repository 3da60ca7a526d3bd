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
	int64_t		min_s;		/* poll.min */
	bool		told_off;	/* due was made by a 429 or 503 */
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

/* What an administrator who wants it polled now has to wait for. */
enum manners_why {
	MANNERS_NOTHING,
	MANNERS_MIN,		/* poll.min since it was asked last */
	MANNERS_REFUSAL,	/* what its server said */
	MANNERS_HOST		/* what its host said to another feed (429) */
};

/*
 * The earliest moment that poll.min and refusals allow: neither rhythm nor
 * hints nor failures count. What is not after now_s: now.
 */
int64_t	manners_wish_s(const struct manners *, enum manners_why *);

#endif
