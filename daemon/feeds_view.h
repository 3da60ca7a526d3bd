/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_FEEDS_VIEW_H
#define HEADLINED_DAEMON_FEEDS_VIEW_H

/*
 * A row for each feed, as the JSON that `headlinectl feeds --json` prints and
 * headlinectl(1) describes, in the configuration's order.
 *
 *	new -> write ... until there is no more -> free
 *
 * In pieces, because there may be 100,000 feeds: each write looks some of them
 * up in the store, in transactions of their own, so that neither the caller's
 * loop nor the log's checkpoint waits for all. So rows may be of different
 * moments. Asks no other thread.
 */

#include <stdbool.h>

struct buf;
struct err;
struct feeds_view;
struct status_env;

/* Of the feeds that env->conf has now, which the caller keeps until free; env
 * is borrowed. failing: only feeds whose last poll failed. NULL when memory is
 * out. */
struct feeds_view	*feeds_view_new(const struct status_env *,
			    bool failing, struct buf *out);
void			 feeds_view_free(struct feeds_view *); /* NULL is
								* fine */

/*
 * Appends the next rows to `out` of new, some tens of KiB at most, perhaps
 * none; the caller may empty it in between. *more: there may be more. 0, or -1
 * and *err: the store cannot be read.
 */
int			 feeds_view_write(struct feeds_view *, bool *more,
			    struct err *);

#endif
