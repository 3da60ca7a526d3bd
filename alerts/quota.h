/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_QUOTA_H
#define HEADLINED_ALERTS_QUOTA_H

/*
 * A token bucket: at most `burst` at once, and so many a period in the long
 * run. Open; time is the caller's (monotonic, microseconds). Pure, one thread.
 *
 *	30/m: 30 at once, then one every two seconds
 */

#include <stdbool.h>
#include <stdint.h>

struct quota {
	int64_t	period_us;	/* of one message; 0: no limit */
	int64_t	burst;
	int64_t	full_us;	/* when all tokens are there again */
};

/* rate messages in period_s; rate 0: no limit. Full. */
void	quota_init(struct quota *, int64_t rate, int64_t period_s);

/* How many may go now. INT64_MAX: no limit. */
int64_t	quota_left(const struct quota *, int64_t now_us);

/* Takes one; false: none is left. */
bool	quota_take(struct quota *, int64_t now_us);

/* When the next one may go; now_us where one may. */
int64_t	quota_next(const struct quota *, int64_t now_us);

#endif
