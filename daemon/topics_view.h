/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_TOPICS_VIEW_H
#define HEADLINED_DAEMON_TOPICS_VIEW_H

/*
 * Topics, as the JSON that `headlinectl topics --json` prints and
 * headlinectl(1) describes: each with its alerts in each of the last 24 hours.
 * Any thread that has a reader of its own.
 */

#include <stdint.h>

struct buf;
struct conf;
struct db;
struct err;
struct topic_hits;

/* Appends the document. 0, or -1 and *err. */
int	topics_view_write(struct buf *, const struct conf *,
	    struct topic_hits *, struct db *, int64_t now_s, struct err *);

#endif
