/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_WORKER_WISH_H
#define HEADLINED_DAEMON_WORKER_WISH_H

/*
 * What an administrator wants of one feed: a message to the worker that has
 * it, which comes back with how it ended.
 *
 *	worker_wish_new -> worker_wish -> (the worker, perhaps the ledger)
 *	    -> wish->reply, ended -> worker_wish_free
 *
 * A wish never breaks manners: it shortens what the feed's own rhythm would
 * wait, and nothing else (daemon/manners.h); its poll takes the host gate
 * like any other.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger.h"
#include "daemon/manners.h"

struct mailbox;
struct worker;

enum wish_kind {
	WISH_POLL,		/* now, or as soon as may be */
	WISH_KEEP_URL		/* takes a stored move back */
};

enum wish_end {
	WISH_FAILED,		/* job.err says why */
	WISH_NOW,		/* it is polled as soon as its host is free */
	WISH_PAUSED,		/* once the store can be written; job.err
				 * says what hinders that */
	WISH_LATER,		/* in wait_s, for `why` */
	WISH_UNDER_WAY,		/* a poll of it is */
	WISH_GONE,		/* 410: it is asked no more */
	WISH_WATCHED,		/* a file, looked at all the time */
	WISH_KEPT,		/* the configured URL is asked again, not
				 * `moved_to` */
	WISH_NOT_MOVED		/* it is asked there anyway */
};

struct worker_wish {
	struct ledger_job	 job;		/* first: what travels */
	enum wish_kind		 kind;
	char			*url;		/* the feed's, as configured */
	uint64_t		 ticket;	/* the sender's own */
	char			*named;		/* the sender's: whom it named,
						 * whose document `url` reads;
						 * heap, or NULL */
	struct mailbox		*reply;		/* borrowed */

	enum wish_end		 end;
	enum manners_why	 why;
	int64_t			 wait_s;
	/* The schedule has it at due_s (steady time) though its state says
	 * later: for poll_next_promise. */
	bool			 hastened;
	int64_t			 asked_s, due_s;
	char			*moved_to;	/* or NULL */

	/* The worker's and the ledger's own: */
	bool			 posted;	/* to the ledger, */
	int64_t			 posted_s;	/* then: steady time */
	struct worker_wish	*next_posted;
};

/* url is copied. NULL when memory is out. */
struct worker_wish	*worker_wish_new(enum wish_kind, const char *url);
void			 worker_wish_free(struct worker_wish *); /* NULL is
								  * fine */

/* From the main thread, not after worker_drain. The wish is the worker's until
 * it is in its reply box. */
void			 worker_wish(struct worker *, struct worker_wish *);

#endif
