/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_MANNERS_H
#define HEADLINED_DAEMON_MANNERS_H

/*
 * When a feed may be asked again, from what the store and the claims remember.
 * Pure.
 */

#include <stdint.h>

#include "feeds/claims.h"

struct manners {
	int64_t		now_s;		/* Unix seconds, all of them */
	int64_t		last_asked_s;	/* as stored; 0: never */
	int64_t		due_s;		/* as stored with it */
	int64_t		floor_s;	/* every, else poll.min */
	struct claim	claim;
};

/*
 * The latest of: what was stored as due; a floor after a claim that the store
 * knows nothing of (that poll never came to its end: a kill, a refused
 * commit); what a refusal said. A moment of asking that lies in the future was
 * written before the clock was set back: what was to be waited then is waited
 * from now on, neither less nor longer.
 */
int64_t	manners_allowed_s(const struct manners *);

#endif
