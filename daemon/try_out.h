/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TRY_OUT_H
#define HEADLINED_DAEMON_TRY_OUT_H

/*
 * Which of the last items a query would have alerted, and why, for somebody who
 * is writing it: at most so many items and so long, the newest first, by the
 * matcher that topics have (daemon/backtest.h is for whole weeks).
 *
 *	{"items": 812, "matched": 3, "complete": true, "oldest": "...",
 *	 "hits": [{"seen": "...", "title": "...", "url": "...", "feed": "...",
 *	   "matches": [as in daemon/explain.h], "explain": [likewise]}]}
 *
 * complete: all that is kept was looked at, up to the items asked for. Each
 * item is told once, with the newest of its texts that holds. Items that were
 * passed over with a feed's first document would not have alerted.
 *
 * Reads the store; any thread that has a reader of its own.
 */

#include <stddef.h>
#include <stdint.h>

struct buf;
struct db;
struct err;
struct topic_set;

enum { TRY_OUT_MOST_ITEMS = 5000, TRY_OUT_MOST_HITS = 200,
    TRY_OUT_MAX_BYTES = 16 << 20, TRY_OUT_MOST_MS = 2000 };

struct try_out {
	struct topic_set	*set;		/* borrowed */
	size_t			 number;	/* the query's, in it */
	size_t			 items, hits;	/* at most */
};

/* Appends the document. 0, or -1 and *err. */
int	try_out_write(const struct try_out *, struct db *, struct buf *out,
	    struct err *);

#endif
