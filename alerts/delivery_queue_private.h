/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_DELIVERY_QUEUE_PRIVATE_H
#define HEADLINED_ALERTS_DELIVERY_QUEUE_PRIVATE_H

/*
 * The insides of a queue, for the two files that it is made of: which row goes
 * next (delivery_choose.c), and what becomes of it (delivery_queue.c).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/delivery_digest.h"
#include "alerts/delivery_queue.h"
#include "alerts/delivery_rows.h"
#include "alerts/quota.h"
#include "alerts/sink.h"
#include "base/clock.h"

struct event;

/* One message at a time. */
struct lane {
	struct delivery_queue	*queue;
	struct delivery_row	*row;		/* under way, or NULL */
	int64_t			 since_us;	/* mono */
};

struct delivery_queue {
	struct delivery_hub	*hub;		/* borrowed */
	char			*name;		/* owned */
	struct delivery_outlet	 now, next;	/* owned */
	struct event		*timer;		/* owned: pump again */
	struct delivery_rows	 rows;
	struct lane		 lanes[SINK_MAX_PARALLEL];
	size_t			 n_sending;	/* lanes with a row */
	struct quota		 quota;
	struct delivery_digest	 digest;	/* being made */
	int64_t			 digest_due_us;	/* mono: of what is collected */
	bool			 storing;	/* it, by the ledger */
	unsigned		 digests_rejected;	/* in a row */
	int64_t			 cursor;	/* last seq that was read */
	int64_t			 doubtful;	/* up to this seq one that was
						 * read may wait no more */
	bool			 more;		/* the store may hold more */
	bool			 off;		/* disabled */
	bool			 changing;	/* to `next`, when idle */
	bool			 next_off;
	bool			 used;		/* had an outlet before */
	bool			 fresh;		/* stored tries do not count */
	int64_t			 tried_us;	/* mono: the last one began;
						 * INT64_MIN: none that is
						 * known */
	/* First tries of alerts whose marks may not be in the store yet (see
	 * delivery_choose.c). */
	int64_t			 unmarked[SINK_MAX_PARALLEL];	/* seq */
	size_t			 n_unmarked;
	/* So many of the last process, among the rows up to this seq. */
	size_t			 n_suspects;
	int64_t			 suspects_to;
	bool			 pumping;
	int64_t			 hold_us;	/* mono: nothing before it */
	unsigned		 failures;	/* in a row */
	int64_t			 failing_since_us;	/* mono */
	int64_t			 failed_us;	/* mono: the last one */
};

static inline int64_t
delivery_mono_us(const struct delivery_queue *q)
{
	return clock_mono_us(q->hub->env.clock);
}

static inline int64_t
delivery_wall_s(const struct delivery_queue *q)
{
	return clock_wall_us(q->hub->env.clock) / CLOCK_US_PER_S;
}

/* Alerts may go out as a part of a digest. */
static inline bool
delivery_makes_digests(const struct delivery_queue *q)
{
	return q->now.settings->digest_s > 0 || q->quota.period_us > 0;
}

/* Nothing is sent for so long, or longer where more was asked for. */
void	delivery_hold(struct delivery_queue *, int64_t wait_s);

/* All that waits, from the beginning; but what is on its way into the store. */
void	delivery_read_again(struct delivery_queue *);

/* Whether a row was not dropped by hand after it was read. False: it was, and
 * is let go; or the store cannot be read, and it stays. */
bool	delivery_still_waits(struct delivery_queue *, struct delivery_row *);

/*
 * The row to send now, out of its list; NULL: none, with the time in *at_us
 * when there may be one (INT64_MAX: after a look).
 */
struct delivery_row *delivery_choose(struct delivery_queue *, int64_t *at_us);

#endif
