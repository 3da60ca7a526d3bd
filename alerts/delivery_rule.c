/* SPDX-License-Identifier: ISC */
/*
 * The rule of waiting: what follows one try. Pure; what it is given and what
 * becomes of its answer is delivery_queue's.
 */
#include "alerts/delivery.h"

enum {
	FIRST_WAIT_S = 5,
	LONGEST_WAIT_S = 750,	/* and a fifth is a quarter of an hour */
	LONGEST_RETRY_AFTER_S = 24 * 3600,
	ROW_WAIT_S = 60,
	MAX_REJECTIONS = 2
};

/* 5 s, 10 s, 20 s ... 750 s; 80 % to 120 % of it. */
static int64_t
back_off(unsigned failures, uint32_t random)
{
	int64_t wait_s = FIRST_WAIT_S;

	for (unsigned i = 1; i < failures && wait_s < LONGEST_WAIT_S; i++)
		wait_s *= 2;
	if (wait_s > LONGEST_WAIT_S)
		wait_s = LONGEST_WAIT_S;
	return wait_s * (800 + random % 401) / 1000;
}

static enum delivery_step
after_failure(const struct delivery_try *t, int64_t *wait_s)
{
	int64_t said_s = t->outcome.retry_after_s;

	if (t->failing_for_s >= t->keep_trying_s)
		return DELIVERY_SINK_GIVEN_UP;
	if (said_s <= 0)
		*wait_s = back_off(t->sink_failures, t->random);
	else if (said_s < LONGEST_RETRY_AFTER_S)
		*wait_s = said_s;
	else
		*wait_s = LONGEST_RETRY_AFTER_S;
	return DELIVERY_SINK_WAITS;
}

enum delivery_step
delivery_next(const struct delivery_try *t, int64_t *wait_s)
{
	*wait_s = 0;
	switch (t->outcome.result) {
	case SEND_DELIVERED:
		return DELIVERY_SENT;
	case SEND_SINK_GONE:
		return DELIVERY_SINK_OFF;
	case SEND_REJECTED:
		if (t->row_rejections >= MAX_REJECTIONS)
			return DELIVERY_ROW_GIVEN_UP;
		*wait_s = ROW_WAIT_S;
		return DELIVERY_ROW_LATER;
	case SEND_SINK_WAITS:
		break;
	}
	return after_failure(t, wait_s);
}
