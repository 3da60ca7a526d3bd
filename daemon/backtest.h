/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_BACKTEST_H
#define HEADLINED_DAEMON_BACKTEST_H

/*
 * What topics, or one query, would have alerted on the items that the store
 * keeps: matched again as they were, the newest first, on all cores, behind
 * everything else that the machine has to do.
 *
 *	backtest_start -> (backtest_look ...) -> its mail -> backtest_end
 *	    -> result -> backtest_free
 *
 * Threads of its own, each with a read-only connection and a matcher; they take
 * turns at reading a bundle of items and match it side by side. No reading
 * lasts, so the store's log is not kept from being emptied.
 *
 * An item alerts once: where it was edited, or its page was read, what held in
 * an earlier text of it is no news. Topics look at the feeds that they are
 * configured for now, until they expire; a query looks at all, also at feeds
 * that are configured no more. Items that were passed over (poll.first) are.
 *
 * All functions: one thread, that of the owner.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct backtest;
struct conf;
struct err;
struct mailbox;
struct topic_set;

enum { BACKTEST_MOST_DAYS = 400, BACKTEST_MOST_ALERTS = 10000 };

struct backtest_ask {
	const char		*store_path;	/* copied */
	struct conf		*conf;		/* referenced */
	struct topic_set	*query;		/* referenced; NULL: topics */
	size_t			 query_number;	/* the query's, in that set */
	size_t			 topic;		/* its number; SIZE_MAX: all */
	int64_t			 since_s, now_s; /* of wall time */
	size_t			 limit;		/* alerts that are listed */
	unsigned		 threads;	/* 0: as many as cores */
};

/* mail: put into the box, which is borrowed, once all threads have ended, also
 * after cancel. NULL and *err: memory or threads are out. */
struct backtest	*backtest_start(const struct backtest_ask *,
		    struct mailbox *, struct err *);

struct backtest_progress {
	unsigned	percent;	/* of the time looked at */
	int64_t		items, alerts;	/* so far */
};
void		 backtest_look(struct backtest *, struct backtest_progress *);

/* They end soon. */
void		 backtest_cancel(struct backtest *);

/* After the mail came. 0, or -1 and *err: it failed, or was cancelled. */
int		 backtest_end(struct backtest *, struct err *);

/* Then */

struct backtest_counts {
	int64_t	items;			/* texts that were matched */
	int64_t	alerts;
	int64_t	passed_over;		/* of poll.first, left out */
	int64_t	unwatched;		/* of feeds configured no more */
	int64_t	cut, unreadable;	/* kept in part; damaged */
	int64_t	oldest_s;		/* seen; 0: none was looked at */
};
void		 backtest_counts(const struct backtest *,
		    struct backtest_counts *);

/* Alerts of a topic on the i-th day, the earliest first; *day_s: when it
 * begins (UTC). False: there is no such day. */
bool		 backtest_day(const struct backtest *, size_t i,
		    int64_t *day_s, const uint32_t **by_topic);

struct backtest_alert {
	int64_t		seq, seen_s;
	size_t		topic;		/* 0 of a query */
	char		*title, *url, *feed;	/* cut; feed: its URL */
};

/* The newest of them, in order of time; NULL: there are no more. */
const struct backtest_alert *backtest_alert(const struct backtest *, size_t i);

size_t		 backtest_topics(const struct backtest *);
const char	*backtest_topic_name(const struct backtest *, size_t topic);

/* Cancels it, waits for its threads, takes its mail out of the box. NULL is
 * fine. */
void		 backtest_free(struct backtest *);

#endif
