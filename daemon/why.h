/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_WHY_H
#define HEADLINED_DAEMON_WHY_H

/*
 * What became of one item, as the JSON that `headlinectl why --json` prints and
 * headlinectl(1) describes: when it was seen, its texts as topics saw them,
 * which topics looked at each, what of them held and what did not, and what was
 * alerted.
 *
 * Topics are those of the configuration, which may be another one than when the
 * item came. A topic looks at an item when its feed is among the topic's and a
 * word that it cannot do without stands there; of all others there is nothing
 * to tell but their number.
 *
 * Reads the store; any thread that has a reader of its own.
 */

#include <stddef.h>
#include <stdint.h>

struct buf;
struct conf;
struct db;
struct err;

enum { WHY_MOST_TOPICS = 1000, WHY_USUAL_TOPICS = 20 };

/* Borrowed. */
struct why_ask {
	struct conf	*conf;
	const char	*instance;
	const char	*url;		/* of the item */
	size_t		 topic;		/* this one alone, whether it looked
					 * or not; SIZE_MAX: all */
	size_t		 limit;		/* topics told part by part, of those
					 * that hold and of the others */
};

enum why_found {
	WHY_FOUND,		/* the document is in `out` */
	WHY_NONE,		/* no such item: what is near it */
	WHY_FAILED		/* *err */
};

enum why_found	why_write(const struct why_ask *, struct db *,
		    struct buf *out, struct err *);

#endif
