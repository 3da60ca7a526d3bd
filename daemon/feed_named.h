/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_FEED_NAMED_H
#define HEADLINED_DAEMON_FEED_NAMED_H

/*
 * Which feed somebody means: by its URL in any spelling, by its name, or by
 * what `headlinectl feeds` shows of it. One thread, that of the reader.
 */

#include <stdbool.h>

#include "base/str.h"

struct conf;
struct conf_feed;
struct db;
struct err;

/*
 * The first of these that finds any:
 *
 *	its URL, as configured or spelled otherwise
 *	its configured name; its URL without the password
 *	its own title, where it has no such name, or the beginning of either
 *	    that the table shows; where it has moved or is moving to
 *
 * NULL: there is none, or (*many) several, and no URL decides. *failed and
 * *err: the store cannot be read.
 */
struct feed_named {
	const struct conf_feed	*feed;
	bool			 many;
	bool			 failed;
};
struct feed_named	feed_named_find(const struct conf *, struct db *reader,
			    struct str what, struct err *);

/* The name or URL that may be meant, or NULL. Never one with credentials. */
const char		*feed_named_guess(const struct conf *,
			    struct str what);

#endif
