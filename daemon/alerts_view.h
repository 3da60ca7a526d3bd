/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_ALERTS_VIEW_H
#define HEADLINED_DAEMON_ALERTS_VIEW_H

/*
 * What was alerted, as the JSON that GET /alerts answers and headlinectl(1)
 * describes: the oldest first, in pieces of which each says where the next one
 * begins; each alert with where it went and what was held back behind it.
 *
 * Reads the store; any thread that has a reader of its own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct db;
struct err;

/* A piece ends soon after so many bytes, whatever its limit. */
enum { ALERTS_MOST = 1000, ALERTS_MOST_HELD = 1000, ALERTS_ENOUGH = 256 << 10,
    ALERTS_MAX_BYTES = 32 << 20, ALERTS_NEAR_SIZE = 128 };

struct alerts_ask {
	int64_t		 since_s;	/* raised since; INT64_MIN: ever */
	int64_t		 after;		/* next of the last piece; -1: none,
					 * the first that was raised since */
	bool		 from_end;	/* where after is -1: behind the last
					 * one that is stored, */
	int64_t		 newest;	/* or about so many before it */
	const char	*topic;		/* of this alone; NULL: of all */
	bool		 suggests;	/* where it has none, the nearest name
					 * is wanted: a look at all topics */
	const char	*near;		/* the nearest one known so far, for
					 * that; or NULL */
	size_t		 limit;		/* alerts, at least 1 */
	bool		 as_events;	/* server-sent ones, see below */
	size_t		 held;		/* items named of what was held back
					 * behind each; all are counted */
};

struct alerts_page {
	size_t		n;		/* alerts in it */
	bool		more;		/* there may be */
	int64_t		next;		/* where to go on */
	bool		no_topic;	/* no alert of that is stored */
	char		near[ALERTS_NEAR_SIZE];	/* then, if asked for: the
					 * nearest of the topics that have
					 * alerts and of the ask's near; or
					 * empty */
};

/*
 * Appends the document, an alert a line; the buffer should take
 * ALERTS_MAX_BYTES. As events (HTML, 9.2): of each "id: SEQ", "event: alert"
 * and "data: " with that line, and nothing around them. 0, or -1 and *err.
 */
int	alerts_view_write(const struct alerts_ask *, struct db *,
	    struct buf *out, struct alerts_page *, struct err *);

#endif
