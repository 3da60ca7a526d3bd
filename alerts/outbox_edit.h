/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_OUTBOX_EDIT_H
#define HEADLINED_ALERTS_OUTBOX_EDIT_H

/*
 * What becomes of rows but by their delivery, and what is asked of single ones:
 *
 *	replay, drop		an administrator's, of many
 *	split_digest		the delivery's: its receiver takes no such thing
 *	add_trial, forget_...	tests of a sink (alerts/trial.h)
 *	is_waiting, find_...	readers, of any thread's connection
 *
 * Those that write do it inside the ledger's transaction, but for
 * forget_trials, before there is a ledger. An administrator's go in steps, so
 * that a million rows hold up nobody:
 *
 *	do outbox_replay(db, &edit, &err) ... while (!edit.is_done)
 *
 * A row that is sent once more gets a number of its own, behind all others:
 *
 *	seq	17 given up   18 waiting   19 given up
 *	then	              18 waiting   20 waiting   21 waiting
 *
 * So a delivery that runs, and has read up to 19, meets it as any new row, and
 * a mark of the old one that is still on its way (delivery_rows.h) finds
 * nothing. What waited before goes first; the order among them is kept.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct db;
struct err;
struct outbox_alert;
struct outbox_mark;

enum { OUTBOX_EDIT_STEP = 2000 };	/* rows that one step looks at */

struct outbox_edit {
	int64_t		from, to;	/* seq of rows, both included;
					 * INT64_MAX: all that there are */
	struct str	alert_id;	/* of this alert alone; empty: of any */
	struct str	sink;		/* on their way to it; empty: to any */
	int64_t		since_s;	/* raised since; INT64_MIN: whenever */
	bool		sent_too;	/* replay: also what was sent */
	/* Then */
	size_t		n;		/* rows changed, by all steps */
	bool		met;		/* there are rows from .. to of the
					 * alert, whatever else is asked */
	bool		is_done;	/* else from is where to go on */
};

/* What was given up or dropped waits again, as if it had never been tried. 0,
 * or -1 and *err. */
int	outbox_replay(struct db *, struct outbox_edit *, struct err *);

/* What waits is dropped. 0, or -1 and *err. */
int	outbox_drop(struct db *, struct outbox_edit *, struct err *);

/*
 * A digest that its receiver does not take, under no circumstances: its alerts
 * wait again, behind all others, and it is gone.
 */
struct outbox_split {
	int64_t	seq;		/* of the digest's row */
	bool	all;		/* each of its alerts is to go alone; else
				 * those that it names, and those that it only
				 * counts may be in another one */
	int64_t	now_s;
	char	error[96];	/* the receiver's: should there be no alert left
				 * the digest is given up */
};

/* *n: so many wait again. 0, or -1 and *err. */
int	outbox_split_digest(struct db *, const struct outbox_split *,
	    size_t *n, struct err *);

/* Does this row wait still? 0, or -1 and *err. */
int	outbox_is_waiting(struct db *, int64_t seq, bool *waits,
	    struct err *);

/*
 * A test of a sink (alerts/trial.h), on its way to it alone: *seq is its row's.
 * It is no alert: under no topic, and once it is forgotten nothing of it stays.
 * 0, or -1 and *err.
 */
int	outbox_add_trial(struct db *, const struct outbox_alert *,
	    struct str sink, int64_t *seq, struct err *);
int	outbox_forget_trial(struct db *, struct str id, struct err *);

/* All tests that wait: of a process that has ended, and so has whoever waited
 * for them. *n: so many. 0, or -1 and *err. */
int	outbox_forget_trials(struct db *, size_t *n, struct err *);

/* What a sink met before this process began. */
struct outbox_past {
	int64_t	tried_s;	/* the last try that is known; 0: none */
	int64_t	waits_to;	/* seq of the last row that waits; 0: none */
};

/* Looks at the youngest rows. 0, or -1 and *err. */
int	outbox_find_past(struct db *, const char *sink, struct outbox_past *,
	    struct err *);

/* What the store says of a row, as its last mark; of one that is gone, that it
 * was dropped. 0, or -1 and *err. */
int	outbox_find_mark(struct db *, int64_t seq, struct outbox_mark *,
	    struct err *);

#endif
