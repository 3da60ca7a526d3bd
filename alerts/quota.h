/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_QUOTA_H
#define HEADLINED_ALERTS_QUOTA_H

/*
 * A token bucket. Open; time is the caller's (monotonic, microseconds). Pure,
 * one thread.
 *
 *	30/m			30 at once, then one every two seconds: 30 a
 *				minute in the long run, but 60 in the first
 *	30/m, 5 at once		then one every 2.3 seconds: in no minute more
 *				than 30
 */

#include <stdbool.h>
#include <stdint.h>

struct quota {
	int64_t	period_us;	/* of one message; 0: no limit */
	int64_t	burst;
	int64_t	full_us;	/* when all tokens are there again */
};

/*
 * rate messages in period_s; rate 0: no limit. Full. burst 0: as many at once
 * as the rate names, which holds in the long run. Else (rate at most) so many
 * at once, and in no stretch of period_s more than the rate, wherever it
 * begins: what a service counts that closes its door.
 */
void	quota_init(struct quota *, int64_t rate, int64_t period_s,
	    int64_t burst);

/* Empty, as it was at most, when one was taken at then_us: a time of the same
 * clock, before 0 where that was before the machine began. */
void	quota_resume(struct quota *, int64_t then_us);

/* How many may go now. INT64_MAX: no limit. */
int64_t	quota_left(const struct quota *, int64_t now_us);

/* Takes one; false: none is left. */
bool	quota_take(struct quota *, int64_t now_us);

/* When the next one may go; now_us where one may. */
int64_t	quota_next(const struct quota *, int64_t now_us);

#endif
