/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_ALERT_BRIEF_H
#define HEADLINED_ALERTS_ALERT_BRIEF_H

/*
 * What a list shows of an alert, out of the JSON that the outbox keeps. For
 * the whole of it see alert_from_json.
 */

#include "base/str.h"

struct err;
struct json_tree;

struct alert_brief {
	struct str	severity;	/* the word */
	struct str	title, url;	/* of the item */
	struct str	feed_title, site;
	struct str	story;		/* its id */
};

/* Empty where it says nothing. Slices live as long as the tree, which is the
 * caller's to free; NULL and *err: that is no JSON (all of it is empty). */
struct json_tree	*alert_brief_read(struct str json,
			    struct alert_brief *, struct err *);

#endif
