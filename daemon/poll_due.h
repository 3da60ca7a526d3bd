/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_POLL_DUE_H
#define HEADLINED_DAEMON_POLL_DUE_H

/*
 * What a configuration that changed since a feed's last poll makes of the time
 * that was then said for the next one: after a reload, and also after a start,
 * for the store does not say by which configuration a row was made due. Pure.
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
	/* It went by the same wall clock when this was made due: else what a
	 * document skips may lie elsewhere now, and its time stays. */
	bool			 same_wall;
};

/* The time that stands (steady time), moved into what this configuration may
 * have said: what it has said itself stays as it is. */
int64_t	poll_due_within(const struct poll_due *);

/* The earliest that this configuration may have said: for an interval that was
 * just written, whose writer waits to see it. */
int64_t	poll_due_anew(const struct poll_due *);

#endif
