/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_POLL_DUE_H
#define HEADLINED_DAEMON_POLL_DUE_H

/*
 * What a configuration that changed since a feed's last poll makes of the time
 * that was then said for the next one: after a reload, and also after a start,
 * for the store does not say by which configuration a row was made due. Pure:
 * who shows when a feed is due (daemon/poll_next.h) comes to the same time as
 * the worker that asks it.
 *
 * A time goes forth without asking, and back with care: never before what the
 * last document and its headers ask for, and what a failure or a refusal made
 * due never goes back at all.
 */

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct conf_feed;
struct feed_state;

/* All borrowed. */
struct poll_due {
	const struct conf	*conf;		/* from now on */
	const struct conf_feed	*feed;		/* in it */
	const struct feed_state	*st;
	int64_t			 wall_ahead_s;	/* clock_wall_ahead_s */
	/* What the headers of the last answer asked for may be in its claim
	 * only (struct claim); 0: nothing. */
	int64_t			 claim_hint_s;
	/* It went by the same wall clock when this was made due: else what a
	 * document skips may lie elsewhere now, and its time stays. */
	bool			 same_wall;
};

/* The time that stands (steady time) where this configuration may have said it
 * itself; else the earliest that it may have said: whoever wrote a shorter
 * interval waits to see it. */
int64_t	poll_due_within(const struct poll_due *);

#endif
