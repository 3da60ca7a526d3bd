/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_LEDGER_H
#define HEADLINED_DAEMON_LEDGER_H

/*
 * The one writer of the store: a thread that takes jobs, writes them in one
 * transaction as they have gathered (group commit), and sends each back with
 * its acknowledgement. What is not acknowledged has not happened.
 *
 *	ledger_start -> ledger_post ... -> (ledger_drain) -> ledger_stop
 *
 *	somebody -- job --> ledger: BEGIN, write, write, ... COMMIT
 *	somebody <-- job, committed or refused --+
 *
 * A job is any struct that begins with a struct ledger_job. Jobs are written
 * in the order in which they were posted, and come back in it. A job waits for
 * the commit under way before it and for no timer: while one group is synced
 * the next gathers. Only where all that wait are patient are they left to
 * gather for some milliseconds: a commit costs more than what most of them
 * have to write. A job may be written more than once before it stands: its
 * write begins anew each time, and what it notes outside of the store too.
 *
 * When the store has no room or cannot be written (disk full, read-only, an
 * I/O error) nothing is refused: the group is undone and kept, the reserve
 * (daemon/reserve.h) is given up to make room, the group is written again at
 * once and then every second until it stands. Meanwhile ledger_has_room says
 * no, so that nothing new is begun: memory is bounded by what was under way.
 * Intake goes on when the group stands and the reserve could be made again.
 * One log line says when this begins (with what would help), one when it ends.
 * Only a job that is itself at fault (a constraint, text too large, a corrupt
 * page) is refused.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mailbox.h"
#include "daemon/histogram.h"

struct db;
struct heartbeat;
struct ledger;
struct reserve;

struct ledger_job {
	struct mail	  mail;
	/*
	 * Writes inside the transaction; runs on the ledger's thread. -1 and
	 * *err: this job is undone and refused, others stand; but where the
	 * store was at fault (db_last_fault) all is held.
	 */
	int		(*write)(struct ledger_job *, struct db *,
			    struct err *);
	/* What it wrote was undone: runs on the ledger's thread before this
	 * or any other job is written. It may be written again, or be refused.
	 * May be NULL. */
	void		(*on_undone)(struct ledger_job *);
	/* It will not be written any more: likewise. May be NULL. */
	void		(*on_refused)(struct ledger_job *);
	struct mailbox	 *reply;	/* where it goes back to */
	bool		  has_alerts;	/* deliverers are woken after it */
	bool		  patient;	/* may wait some milliseconds for more
					 * of its kind */
	size_t		  rows;		/* about how many it writes: bounds a
					 * transaction, and so the log */
	bool		  makes_room;	/* it drops what is old: may be written
					 * before what the store has no room
					 * for */
	bool		  is_bulky;	/* went through much of the store: the
					 * memory that it took is given back */
	bool		  follows;	/* set by write (false before): refused
					 * only because an earlier job was */

	/* The acknowledgement: one of the two. */
	bool		  committed;
	bool		  refused;
	struct err	  err;		/* why not */
};

/* db: the writer's connection. Both are the ledger's from ledger_start on,
 * also when that fails; reserve may be NULL (none is kept). */
struct ledger_env {
	struct db		*db;
	struct reserve		*reserve;
	struct mailbox		*deliverer;	/* woken after a commit that
						 * holds alerts; borrowed */
	struct mailbox		*watcher;	/* likewise; or NULL */
	struct heartbeat	*heartbeat;	/* borrowed, or NULL */
};

/* NULL and *err. */
struct ledger	*ledger_start(const struct ledger_env *, struct err *);

/* Any thread. The job is the ledger's until it comes back. Never refuses:
 * ask ledger_has_room before starting work that will end in a job. */
void		 ledger_post(struct ledger *, struct ledger_job *);

/* Any thread: room for so many jobs, and the store takes what is written. */
bool		 ledger_has_room(struct ledger *, size_t jobs);

/* Any thread: intake pauses because the store cannot be written; *why then
 * says it in one sentence. */
bool		 ledger_is_paused(struct ledger *, struct err *why);

/* What it has done since it began, and what it has to do. Any thread. */
struct ledger_counts {
	int64_t	jobs;		/* that stand */
	int64_t	waiting;	/* jobs */
	struct histogram_reading took;	/* a transaction, with its sync */
};
void		 ledger_counts(struct ledger *, struct ledger_counts *);

/*
 * A stop begins: from now on what the store does not take is refused, after one
 * more try, instead of held: nobody who waits for an answer waits for a disk.
 */
void		 ledger_drain(struct ledger *);

/*
 * Writes what was posted, ends the thread, closes the connection. Only when
 * nobody posts any more. What the store still cannot take is refused then.
 * NULL is fine.
 */
void		 ledger_stop(struct ledger *);

#endif
