/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_COURIER_ERRAND_H
#define HEADLINED_DAEMON_COURIER_ERRAND_H

/*
 * What somebody else's thread wants of the courier beside its sinks: an errand
 * travels there and comes back to its `reply`, answered.
 *
 *	ERRAND_DOUBT	rows were dropped in the store: none of them is to be
 *			sent. At once.
 *	ERRAND_WATCH	what becomes of a row's first try, as the store has it;
 *			as soon as it is known, at the latest after patience_ms
 *
 * errands_* is the courier's own, on its thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "alerts/outbox.h"
#include "base/mailbox.h"

struct db;
struct delivery;
struct errands;
struct event;
struct event_base;

enum errand_kind { ERRAND_DOUBT, ERRAND_WATCH };

struct courier_errand {
	struct mail		 mail;		/* first: the boxes' */
	enum errand_kind	 kind;
	struct mailbox		*reply;
	void			*ctx;		/* the sender's */
	int64_t			 seq;		/* of the row to be watched */
	int			 patience_ms;	/* real time */
	/* Then */
	size_t			 under_way;	/* of what was dropped */
	bool			 known;		/* false: no time was left */
	struct outbox_mark	 mark;		/* what became of it; a row
						 * that is gone: dropped */
	/* The courier's */
	LIST_ENTRY(courier_errand) link;
	struct errands		*owner;
	struct event		*timer;
};

/* All borrowed. NULL: memory is out. */
struct errands	*errands_new(struct event_base *, struct delivery *,
		    struct db *reader);

/* The errand is theirs until it comes back. */
void		 errands_take(struct errands *, struct courier_errand *);

/* Marks have been committed. */
void		 errands_look(struct errands *);

/* All come back as they are. NULL is fine. */
void		 errands_free(struct errands *);

#endif
