/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_JUDGE_H
#define HEADLINED_DAEMON_JUDGE_H

/*
 * What topics make of one item: matched, and an alert for each topic that
 * holds added to a batch. Shared by the pipeline, which has the feed's text,
 * and by pages, which have that of the page.
 *
 *	judge_new -> judge_item ... judge_item -> judge_free
 *
 * One thread; made once, used for one item of its feed after another.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct batch;
struct conf;
struct conf_feed;
struct counters;
struct err;
struct item;
struct judge;
struct learner;
struct left_out_item;
struct matcher;
struct story_signer;

/* What is queued for the ledger must stay bounded: alerts of one document. */
enum { JUDGE_MAX_ALERTS = 5000 };

/* Borrowed until free. */
struct judge_env {
	struct conf		*conf;
	struct matcher		*matcher;
	struct learner		*learner;	/* of its words; or NULL */
	struct story_signer	*signer;	/* NULL: no story hears of it */
	struct counters		*counters;	/* of what was cut off; or
						 * NULL */
	const char		*instance;
	const struct conf_feed	*feed;
};

/* One item and where it is from; borrowed for the call. */
struct judge_item {
	const struct item	*item;		/* texts may be markup */
	/* They as plain text (daemon/item_text.h), and what topics look at. */
	const struct left_out_item *text;
	struct str		 name;		/* its identity */
	const uint64_t		*wanted;	/* bit set of the topics that
						 * look at it; NULL: all */
	struct str		 feed_title, site, language;
	/* What topics see of the first two: of other feeds, too
	 * (daemon/sources.h). */
	struct str		 names, sites;
	struct str		 text_from;	/* "feed", "page" */
	int64_t			 wall_s;	/* now */
	int64_t			 first_seen_s;
	size_t			 alerts_before;	/* of the same document; a page
						 * has none */
	uint64_t		 id_hash;	/* of its identity */
	bool			 is_new;	/* stories have not seen it */
};

/* NULL when memory is out. */
struct judge	*judge_new(const struct judge_env *);
void		 judge_free(struct judge *);		/* NULL is fine */

/*
 * Alerts go into the batch. Their ids are those of the topic and the item
 * (alerts/alert.h), wherever the text is from: one that was raised before is
 * dropped by the store. *n_alerts: how many (of them old ones may be). A new
 * item, and one with an alert, is in the batch's stories, too. 0, or -1 and
 * *err: memory is out, too many alerts.
 */
int		 judge_item(struct judge *, const struct judge_item *,
		    struct batch *, size_t *n_alerts, struct err *);

#endif
