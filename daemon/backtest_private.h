/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_BACKTEST_PRIVATE_H
#define HEADLINED_DAEMON_BACKTEST_PRIVATE_H

/*
 * What the files behind daemon/backtest.h share:
 *
 *	backtest.c		threads, what they have found together
 *	backtest_scan.c		one thread: bundles of items, matched
 */

#include <pthread.h>
#include <stdatomic.h>

#include "base/err.h"
#include "base/mailbox.h"
#include "daemon/backtest.h"

struct db;
struct item_text_row;
struct kept_item;

struct backtest_day {
	int64_t		 day;		/* since 1970 */
	uint32_t	*by_topic;
};

struct backtest {
	struct mail		 mail;		/* the first: the box's */
	struct backtest_ask	 ask;
	char			*store_path;
	struct mailbox		*box;
	size_t			 n_topics;
	atomic_bool		 cancelled;
	pthread_t		*threads;
	size_t			 n_threads;
	bool			 mailed;	/* the owner's */
	bool			 joined;

	/* Guards where the next bundle begins. A leaf. */
	pthread_mutex_t		 turn;
	int64_t			 cursor;	/* seq */
	int64_t			 oldest_s;	/* that there is to read */

	/* Guards what follows. A leaf. */
	pthread_mutex_t		 lock;
	size_t			 running;	/* threads */
	int64_t			 cursor_s;
	struct backtest_counts	 counts;
	struct backtest_day	*days;
	size_t			 n_days;
	struct backtest_alert	*alerts;	/* up to twice the limit */
	size_t			 n_alerts;
	int64_t			 floor;		/* seq: older ones are too
						 * many */
	bool			 failed;
	struct err		 err;
};

/* A thread: reads and matches until nothing is left. 0, or -1 and *err. */
int	backtest_scan(struct backtest *, struct err *);

/* One alert more; any thread. 0, or -1: memory is out. */
int	backtest_add(struct backtest *, size_t topic,
	    const struct item_text_row *, const struct kept_item *);

#endif
