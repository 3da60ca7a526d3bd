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
quota_init(struct quota *q, int64_t rate, int64_t period_s, int64_t burst)
{
	int64_t refills = rate;

	*q = (struct quota){ .burst = rate };
	if (rate <= 0 || period_s <= 0)
		return;
	if (period_s > LONGEST_S)
		period_s = LONGEST_S;
	/* A stretch that begins with a burst has the refills that follow within
	 * it, but not the one at its end. */
	if (burst > 0 && burst <= rate) {
		q->burst = burst;
		refills = rate - burst + 1;
	}
	/* Rounded up: in the long run never one more. */
	q->period_us = (period_s * CLOCK_US_PER_S + refills - 1) / refills;
}

void
quota_resume(struct quota *q, int64_t then_us)
{
	/* About a period of the rate at most: it does not overflow. */
	int64_t full_us = then_us + q->burst * q->period_us;

	if (q->period_us > 0 && q->full_us < full_us)
		q->full_us = full_us;
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
