/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_COURIER_H
#define HEADLINED_DAEMON_COURIER_H

/*
 * The delivery thread: an event loop of its own, a read-only connection to
 * the store, and alerts/delivery on top. What became of each try goes to the
 * ledger in batches; until the ledger has acknowledged a mark, the courier
 * keeps it and posts it again.
 *
 *	courier_new -> (ledger_start with courier_mailbox) -> courier_start
 *	    -> courier_take (first, and at each reload) ...
 *	    -> courier_drain -> courier_stop -> (ledger_stop) -> courier_free
 *
 * Called from the main thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mailbox.h"

struct clock;
struct conf;
struct courier;
struct courier_errand;
struct db;
struct heartbeat;
struct ledger;
struct sink_counts;

/*
 * A configuration's sinks. It travels to the courier and comes back to `reply`
 * once they hold; a sink that cannot work is named in the log and left out. The
 * same again takes up sinks that were switched on in the store meanwhile.
 */
struct courier_order {
	struct mail	 mail;
	struct conf	*conf;		/* a reference of the order's */
	struct mailbox	*reply;
	bool		 of_reload;	/* the sender's own mark */
	bool		 failed;	/* the courier goes on as before: */
	struct err	 err;		/* why */
};

/* NULL: memory is out. */
struct courier_order *courier_order_new(struct conf *);
void		 courier_order_free(struct courier_order *); /* NULL: fine */

/* Takes the reader's connection; the rest is borrowed. What the ledger has
 * committed is added to the counts. NULL and *err. */
struct courier	*courier_new(struct db *reader, const struct clock *,
		    struct heartbeat *, struct sink_counts *, struct err *);

/* Waking it makes the courier look for new rows. */
struct mailbox	*courier_mailbox(struct courier *);

/* 0, or -1 and *err. */
int		 courier_start(struct courier *, struct ledger *,
		    struct err *);

/* The order is the courier's until it comes back. Not after courier_drain. */
void		 courier_take(struct courier *, struct courier_order *);

/* Likewise (courier_errand.h): once it has come back, as it is if there was no
 * time for it. */
void		 courier_send(struct courier *, struct courier_errand *);

/*
 * Tells the thread to start nothing new, to give what is under way grace_ms
 * (real time), and then to end; returns at once. What waits stays in the
 * store for the next start.
 */
void		 courier_drain(struct courier *, int grace_ms);

/* Waits for the thread's end (drain first). NULL is fine. */
void		 courier_stop(struct courier *);

/* After courier_stop, and after the ledger has stopped: until then it may wake
 * courier_mailbox. NULL is fine. */
void		 courier_free(struct courier *);

#endif
