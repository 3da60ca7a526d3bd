/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TELLER_H
#define HEADLINED_DAEMON_TELLER_H

/*
 * The one stage that all items pass through, in the order in which they are
 * stored: whether an item is a copy of an earlier text, which story it tells
 * (filters/story_window.h), and so which of its alerts go out.
 *
 *	teller_new -> teller_restore -> (ledger_start) decide, undo, decide ...
 *	    -> (ledger_stop) -> teller_free
 *
 * A topic says what it wants to hear of (enum alert_per):
 *
 *	item	each item
 *	text	no copy of a text that it has told, unless that holds a hit
 *		that none of those told had; or its title is that of one of
 *		them with words exchanged (filters/title_words.h), or quite
 *		another, and all hits are in the title: then it may be the
 *		text that is always the same
 *	story	of a story the first item alone,
 *		and the first one behind the window's time after that
 *
 * With realert_at_sites an item goes out once more, when so many sites carry
 * the story, copies not counted. Items that were edited, or whose page came
 * later, are the items they were: their alerts have their ids, and the outbox
 * drops what it has. Where the feed gave a title and hardly more, a page is no
 * copy: nothing is known of what it is one of.
 *
 * All of it runs on the ledger's thread, inside the transaction: what it
 * decided is written there too, so that after a restart the same is known. What
 * is undone is taken back before anything else is decided: a copy must never be
 * held back for an alert that nobody got. For the same reason, where memory is
 * out or the bounds are met everything goes out.
 */

#include <stddef.h>
#include <stdint.h>

#include "filters/story_window.h"

struct db;
struct err;
struct teller;
struct telling;

enum { TELLER_MAX_TOLD = 200000 };	/* texts and stories of topics that are
					 * remembered; the oldest go */

/* NULL when memory is out. */
struct teller	*teller_new(const struct story_window_limits *);
void		 teller_free(struct teller *);		/* NULL is fine */

/* What the store remembers of the last keep_s. 0, or -1 and *err. */
int		 teller_restore(struct teller *, struct db *, int64_t now_s,
		    struct err *);

/* Fills in what is the teller's of stories and alerts. */
void		 teller_decide(struct teller *, const struct telling *);

/* What it decided was not stored. */
void		 teller_undo(struct teller *, const struct telling *);

/* Inside the transaction, behind teller_decide. 0, or -1 and *err. */
int		 teller_write(struct teller *, const struct telling *,
		    struct db *, struct err *);

#endif
