/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_ROBOTS_STORE_H
#define HEADLINED_FEEDS_ROBOTS_STORE_H

/*
 * What is known of each origin's robots.txt, as page_robots_save writes it, so
 * that a restart asks nobody anew. Functions over a struct db; what writes is
 * called inside the ledger's transaction only.
 *
 * A document may name any origin: what is older than ROBOTS_STORE_KEEP_S goes
 * whenever something is put, and the oldest where there are more than
 * ROBOTS_STORE_MOST.
 */

#include <stdint.h>

#include "base/str.h"

struct buf;
struct db;
struct err;

enum {
	ROBOTS_STORE_KEEP_S = 30 * 24 * 3600,
	ROBOTS_STORE_MOST = 8192,
	ROBOTS_STORE_BYTES = 16 << 10	/* of one; a larger one is asked for
					 * anew after a restart */
};

/* The table, as a step of the store's schema. */
extern const char robots_store_schema[];

/* In place of what was known. 0, or -1 and *err. */
int	robots_store_put(struct db *, const char *origin, struct str saved,
	    int64_t now_s, struct err *);

/* Nothing is known of it any more. 0, or -1 and *err. */
int	robots_store_drop(struct db *, const char *origin, struct err *);

/* Appends it to out; nothing where nothing is known. 0, or -1 and *err. */
int	robots_store_find(struct db *, const char *origin, struct buf *out,
	    struct err *);

#endif
