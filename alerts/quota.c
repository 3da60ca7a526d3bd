/* SPDX-License-Identifier: ISC */
/*
 * Kept as one time, when the bucket is full again: each message puts it a
 * period off, and it may lie burst periods ahead of now at most (the generic
 * cell rate algorithm, ITU-T I.371). Nothing has to be topped up.
 */
#include "alerts/quota.h"

#include "base/clock.h"

enum { LONGEST_S = 366 * 24 * 3600 };

void
quota_init(struct quota *q, int64_t rate, int64_t period_s)
{
	*q = (struct quota){ .burst = rate };
	if (rate <= 0 || period_s <= 0)
		return;
	if (period_s > LONGEST_S)
		period_s = LONGEST_S;
	/* Rounded up: in the long run never one more. */
	q->period_us = (period_s * CLOCK_US_PER_S + rate - 1) / rate;
}

/* How long until the bucket is full. */
static int64_t
missing_us(const struct quota *q, int64_t now_us)
{
	return q->full_us > now_us ? q->full_us - now_us : 0;
}

int64_t
quota_left(const struct quota *q, int64_t now_us)
{
	int64_t used;

	if (q->period_us == 0)
		return INT64_MAX;
	used = (missing_us(q, now_us) + q->period_us - 1) / q->period_us;
	return used < q->burst ? q->burst - used : 0;
}

bool
quota_take(struct quota *q, int64_t now_us)
{
	if (q->period_us == 0)
		return true;
	if (quota_left(q, now_us) == 0)
		return false;
	q->full_us = now_us + missing_us(q, now_us) + q->period_us;
	return true;
}

int64_t
quota_next(const struct quota *q, int64_t now_us)
{
	if (quota_left(q, now_us) > 0)
		return now_us;
	return q->full_us - (q->burst - 1) * q->period_us;
}
