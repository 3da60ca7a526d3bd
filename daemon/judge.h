/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_JUDGE_H
#define HEADLINED_DAEMON_JUDGE_H

/*
 * What topics make of one item: matched, and an alert for each topic that
 * holds added to a batch. Shared by the pipeline, which has the feed's text,
 * and by pages, which have that of the page. One thread; made once, used for
 * one item after another.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct batch;
struct conf;
struct conf_feed;
struct err;
struct item;
struct judge;
struct matcher;

/* Borrowed until free. */
struct judge_env {
	struct conf		*conf;
	struct matcher		*matcher;
	const char		*instance;
	const struct conf_feed	*feed;
	const uint64_t		*wanted;	/* topics; NULL: all */
};

/* One item and where it is from; borrowed for the call. */
struct judge_item {
	const struct item	*item;
	struct str		 name;		/* its identity */
	struct str		 feed_title, site, language;
	struct str		 text_from;	/* "feed", "page" */
	int64_t			 wall_s;	/* now */
	int64_t			 first_seen_s;
	/* An alert whose id was raised before is none: the store sees to
	 * it. */
};

/* NULL when memory is out. */
struct judge	*judge_new(const struct judge_env *);
void		 judge_free(struct judge *);		/* NULL is fine */

/* Alerts go into the batch. *n_alerts: how many (they may be old ones). 0, or
 * -1 and *err: memory is out, too many alerts. */
int		 judge_item(struct judge *, const struct judge_item *,
		    struct batch *, size_t *n_alerts, struct err *);

#endif
