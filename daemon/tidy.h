/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TIDY_H
#define HEADLINED_DAEMON_TIDY_H

/*
 * Keeps the store from growing for ever: once an hour it has the ledger
 * forget the known items that no document has listed for `store.keep`.
 *
 *	tidy_new -> (the loop runs) -> ledger_stop -> tidy_free
 *
 * On the main thread's loop.
 */

#include <stdint.h>

struct clock;
struct event_base;
struct ledger;
struct tidy;

/* All borrowed. The first round comes at once. NULL when memory is out. */
struct tidy	*tidy_new(struct event_base *, struct ledger *,
		    const struct clock *, int64_t keep_s);

/* Only when the ledger is stopped: a job may be with it. NULL is fine. */
void		 tidy_free(struct tidy *);

#endif
