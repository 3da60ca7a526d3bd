/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_LEDGER_H
#define HEADLINED_DAEMON_LEDGER_H

/*
 * The one writer of the store: a thread that takes jobs, writes them in one
 * transaction as they have gathered (group commit), and sends each back with
 * its acknowledgement. What is not acknowledged has not happened.
 *
 *	ledger_start -> ledger_post ... -> ledger_stop
 *
 *	somebody ── job ──> ledger: BEGIN, write, write, ... COMMIT
 *	somebody <── job, committed or refused ──┘
 *
 * A job is any struct that begins with a struct ledger_job. Jobs are written
 * in the order in which they were posted.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mailbox.h"

struct db;
struct ledger;

struct ledger_job {
	struct mail	  mail;
	/*
	 * Writes inside the transaction; runs on the ledger's thread. -1 and
	 * *err: this job is undone and refused, others stand.
	 */
	int		(*write)(struct ledger_job *, struct db *,
			    struct err *);
	/* It was undone: runs on the ledger's thread, before any later job is
	 * written. May be NULL. */
	void		(*on_refused)(struct ledger_job *);
	struct mailbox	 *reply;	/* where it goes back to */
	bool		  has_alerts;	/* deliverers are woken after it */
	bool		  follows;	/* set by write: refused only because
					 * an earlier job was */

	/* The acknowledgement. */
	bool		  committed;
	struct err	  err;		/* why not */
};

/*
 * Takes the writer's connection. deliverer is woken after a commit that holds
 * alerts. NULL and *err (db is closed then).
 */
struct ledger	*ledger_start(struct db *, struct mailbox *deliverer,
		    struct err *);

/* Any thread. The job is the ledger's until it comes back. Never refuses:
 * ask ledger_has_room before starting work that will end in a job. */
void		 ledger_post(struct ledger *, struct ledger_job *);
bool		 ledger_has_room(struct ledger *, size_t jobs);

/*
 * Writes what was posted, ends the thread, closes the connection. Only when
 * nobody posts any more. NULL is fine.
 */
void		 ledger_stop(struct ledger *);

#endif
