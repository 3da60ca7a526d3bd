/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_QUERY_ASIDE_H
#define HEADLINED_DAEMON_QUERY_ASIDE_H

/*
 * Compiles one query that names topics, lists or entities: what they are
 * stands in the configuration's files, which are read for it, on a thread of
 * its own, since a hundred thousand topics take seconds.
 *
 *	query_aside_start -> its mail -> query_aside_end -> query_aside_free
 *
 * All functions: one thread, that of the owner.
 */

#include "base/err.h"
#include "base/str.h"
#include "filters/query_fault.h"

struct mailbox;
struct query_aside;
struct topic_set;

/* path and query are copied; the query holds no NUL. mail: put into the box,
 * which is borrowed, when it is done. NULL and *err. */
struct query_aside	*query_aside_start(const char *path, struct str query,
			    struct mailbox *, struct err *);

/* What came of it; the aside's own. */
struct query_aside_result {
	struct topic_set	*set;		/* NULL: it failed */
	size_t			 number;	/* of the query, in it */
	struct query_faults	 faults;	/* of the query */
	struct err		 err;		/* without such: why */
};

/* After the mail came. */
const struct query_aside_result *query_aside_end(struct query_aside *);

/* Waits for its thread, takes its mail out of the box. NULL is fine. */
void			 query_aside_free(struct query_aside *);

#endif
