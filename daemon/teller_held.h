/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TELLER_HELD_H
#define HEADLINED_DAEMON_TELLER_HELD_H

/*
 * What the teller has decided not to tell, written down: who asks for the item
 * is told why nothing came, and who looks at the alert that told it first finds
 * the item there.
 */

struct batch_alert;
struct batch_story;
struct db;
struct err;

/* Of an alert that is held; behind story_store_put_told for what it is held
 * for. Inside the transaction. 0, or -1 and *err. */
int	teller_held_write(const struct batch_alert *,
	    const struct batch_story *, struct db *, struct err *);

#endif
