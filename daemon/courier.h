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
 *	    -> courier_drain -> courier_stop
 *
 * Called from the main thread.
 */

#include <stddef.h>

#include "alerts/sink.h"

struct clock;
struct courier;
struct db;
struct err;
struct ledger;
struct mailbox;

/* Takes the reader's connection; clock is borrowed. NULL and *err. */
struct courier	*courier_new(struct db *reader, const struct clock *,
		    struct err *);

/* Adds a sink before the start; settings are borrowed until courier_stop.
 * 0, or -1 and *err: the sink's settings cannot work. */
int		 courier_add_sink(struct courier *,
		    const struct sink_settings *, struct err *);

/* Waking it makes the courier look for new rows. */
struct mailbox	*courier_mailbox(struct courier *);

/* 0, or -1 and *err. */
int		 courier_start(struct courier *, struct ledger *,
		    struct err *);

/*
 * Tells the thread to start nothing new, to give what is under way grace_ms
 * (real time), and then to end; returns at once. What waits stays in the
 * store for the next start.
 */
void		 courier_drain(struct courier *, int grace_ms);

/* Waits for the thread's end (drain first), frees. NULL is fine. */
void		 courier_stop(struct courier *);

#endif
