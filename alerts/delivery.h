/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_DELIVERY_H
#define HEADLINED_ALERTS_DELIVERY_H

/*
 * Takes due rows of the outbox, hands them to their sinks, and says what
 * became of each. One queue a sink, in order; a sink that fails waits as a
 * whole and holds up no other.
 *
 * A sink with `parallel` takes several at once, in no promised order; while it
 * fails one alone knocks. One with a rate (alerts/quota.h) gets single alerts
 * as long as tokens are left; the last token goes to one digest of all that
 * waits. One with digest_s gets alerts as a digest, once the oldest has waited
 * so long (a single one as it is). What is no alert waits for no digest.
 *
 * A digest that is rejected is not given up, as one title in it may be what the
 * receiver does not take: the alerts that it names go alone from then on, those
 * that it only counts may be in the next one (they are no part of its text; and
 * ten thousand messages would take a rate of 20 a minute eight hours). After
 * three in a row none of its alerts is in a digest again: this receiver takes
 * none. So what is sent in all is the alerts, and a few digests.
 *
 *	new -> set_sinks (again after a reload)
 *	    -> look (whenever rows may have come) ... -> stop -> free
 *
 * On one thread (the courier's), reading the store through a connection of
 * its own. It never writes: marks go to the ops' owner, who has the ledger
 * commit them. A row under way or just marked is not taken again while this
 * process lives; after a crash it is: delivery is at least once.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/outbox.h"
#include "alerts/sink.h"

struct db;
struct delivery;
struct err;
struct outbox_split;

struct delivery_ops {
	/* What became of one row of this sink, and how long after it came into
	 * the outbox: to the microsecond (from when delivery_look was called
	 * for it), but for a row from before the start, or older than a
	 * thousand commits: by the alert's own time then, in seconds. 0, or
	 * -1: memory is out, and the mark is lost. */
	int	(*on_mark)(const char *sink, const struct outbox_mark *,
		    int64_t age_us, void *ctx);
	/* A sink was disabled; give_up: what waits for it is given up. */
	void	(*on_sink_off)(const char *sink,
		    const struct outbox_sink_state *, bool give_up,
		    void *ctx);
	/* This digest is to take the place of these rows (outbox_add_digest);
	 * delivery_digest_stored says when it has. Borrowed until then. -1 and
	 * *err: it cannot be asked for now. */
	int	(*on_digest)(const struct outbox_digest *, void *ctx,
		    struct err *);
	/* A digest was rejected: its alerts are to wait again
	 * (outbox_split_digest). -1 and *err as above. */
	int	(*on_split)(const struct outbox_split *, void *ctx,
		    struct err *);
};

/* env and reader are borrowed. NULL when memory is out. */
struct delivery	*delivery_new(const struct sink_env *, struct db *reader,
		    const struct delivery_ops *, void *ctx);

/*
 * From now on these sinks and no others; settings are copied. One whose
 * settings did not change keeps its queue, its back-off and what is under way.
 * One that changed, or that is gone, first ends what it has under way (so that
 * no alert is sent twice) and is then replaced, or let go: what waits for it
 * stays in the store. One that was disabled and is not any more (the store says
 * so) is taken up again. A sink that cannot work is told to `left_out` and left
 * out; the others run. A changed sink begins afresh, whatever the rows met
 * before: no hold, no failures. Not from inside the ops. 0, or -1 and *err: out
 * of memory, or the store cannot be read; the sinks are as before then.
 */
int		 delivery_set_sinks(struct delivery *,
		    const struct sink_settings *, size_t n,
		    void (*left_out)(const char *sink, const struct err *,
		    void *ctx), void *ctx, struct err *);

/* Reads what waits and starts what can start. Cheap when nothing waits. */
void		 delivery_look(struct delivery *);

/* The store has the digest that was asked for. */
void		 delivery_digest_stored(struct delivery *, const char *sink);

/*
 * Rows were dropped in the store (outbox_edit.h): those that were read already
 * are not sent. How many of them are under way all the same: should one arrive,
 * its mark says so.
 */
size_t		 delivery_doubt(struct delivery *);

/* Starts nothing new; what is under way goes on. */
void		 delivery_stop(struct delivery *);
bool		 delivery_is_idle(const struct delivery *);

/* Cancels what is under way. NULL is fine. */
void		 delivery_free(struct delivery *);

/* The rule of waiting, pure: see delivery_next. */
enum delivery_step {
	DELIVERY_SENT,		/* mark it; next row */
	DELIVERY_SINK_WAITS,	/* the same row again after wait_s */
	DELIVERY_ROW_LATER,	/* this row again after wait_s; next row now */
	DELIVERY_ROW_GIVEN_UP,	/* mark it; next row */
	DELIVERY_SINK_OFF,	/* disable the sink; its rows stay waiting */
	DELIVERY_SINK_GIVEN_UP	/* disable it, give up what waits */
};

struct delivery_try {
	struct send_outcome	outcome;
	unsigned		row_rejections;	/* of this row, this one too */
	unsigned		sink_failures;	/* in a row, this one too */
	int64_t			failing_for_s;	/* since the sink's first */
	int64_t			keep_trying_s;
	uint32_t		random;
};

/*
 * What follows a try. A sink that fails waits 5 s, 10 s, 20 s ... each +-20 %,
 * 15 min at most, or as long as Retry-After says (a day at most); after
 * keep_trying it is given up, at a 410 switched off. A rejected alert is tried
 * once more after a minute.
 */
enum delivery_step delivery_next(const struct delivery_try *,
		    int64_t *wait_s);

#endif
