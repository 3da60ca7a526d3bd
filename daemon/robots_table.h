/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_ROBOTS_TABLE_H
#define HEADLINED_DAEMON_ROBOTS_TABLE_H

/*
 * feeds/page_robots for all workers: who asks first for an origin that nobody
 * knows fetches its robots.txt, others wait for him.
 *
 *	ask: ROBOTS_FETCH -> (the request) -> got, or give_up
 *	ask: ROBOTS_WAIT -> (the mailbox is woken) -> ask
 *
 * Who is to fetch what the table does not know (knows) looks into the store
 * first (feeds/robots_store.h): load, then give_up and ask once more; and what
 * came is kept there (save). Times are
 * steady seconds. Any thread; one mutex inside (a leaf, see base/mailbox.h; a
 * wake is no more than a write to a descriptor). Rules and path are compared
 * without it: a hostile robots.txt delays the worker that asks (a few
 * milliseconds, see base/robots.h) and no other.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct mailbox;
struct robots_table;

enum robots_way {
	ROBOTS_ALLOWED,
	ROBOTS_FORBIDDEN,	/* by a rule */
	ROBOTS_UNREACHABLE,	/* nobody knows the rules: not allowed */
	ROBOTS_FETCH,		/* the caller's now: got or give_up follows */
	ROBOTS_WAIT		/* somebody fetches it, who will wake box */
};

/* NULL when memory is out; NULL may be freed. */
struct robots_table	*robots_table_new(void);
void			 robots_table_free(struct robots_table *);

/* origin, path: see page_robots_origin, page_robots_path. */
enum robots_way		 robots_table_ask(struct robots_table *,
			    const char *origin, struct str path,
			    int64_t now_s, struct mailbox *box);

/*
 * Ends the fetch: what came (see page_robots_got), or nothing that says
 * anything about the origin. -1: memory is out, nothing was learnt.
 */
int			 robots_table_got(struct robots_table *,
			    const char *origin, int status, struct str body,
			    int64_t now_s);
void			 robots_table_give_up(struct robots_table *,
			    const char *origin);

/* Is anything known of it? Then the store's is no newer. */
bool			 robots_table_knows(struct robots_table *,
			    const char *origin);

/* page_robots_save, page_robots_load: to and from the store. */
bool			 robots_table_save(struct robots_table *,
			    const char *origin, struct buf *out);
int			 robots_table_load(struct robots_table *,
			    const char *origin, struct str saved);

/* It waits no more: may be freed after this. */
void			 robots_table_leave(struct robots_table *,
			    const struct mailbox *);

#endif
