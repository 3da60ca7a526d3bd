/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_STORE_H
#define HEADLINED_FEEDS_FEED_STORE_H

/*
 * What is remembered of each feed over restarts: validators, due time, how
 * the last poll ended, and which items are known, as pairs of identity hash
 * and content hash. Functions over a struct db; what writes is called inside
 * the ledger's transaction only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct db;
struct err;

/* The tables, as the first step of the store's schema. */
extern const char feed_store_schema[];

/* A feed's row: an open record; strings are heap, NULL when absent. */
struct feed_state {
	int64_t	 id;			/* of its row; 0: not stored yet */
	char	*title;			/* the feed's own, plain text */
	char	*etag;			/* as one pair, */
	char	*last_modified;		/* from the last whole 200 */
	char	*validators_url;	/* who gave them, when redirected */
	int64_t	 body_hash;		/* of the last whole body; 0: none */
	int64_t	 first_asked_s;		/* Unix seconds; 0: never */
	int64_t	 last_asked_s;
	int64_t	 last_good_s;		/* last 200 or 304 */
	int64_t	 due_s;			/* next poll; 0: now */
	int64_t	 rhythm_s;		/* mean gap between items; 0: unknown */
	int64_t	 items_total;		/* ever seen */
	int	 status;		/* of the last poll; 0: no answer */
	unsigned failures;		/* in a row */
	char	*trouble;		/* word of the last failure, or NULL */
	char	*message;		/* for people, or NULL */
	bool	 gone;			/* 410: not asked any more */
	bool	 baseline_done;		/* one document was read whole */
};

void	feed_state_clear(struct feed_state *);	/* zeroed storage is fine */

/*
 * Reads the row of the feed with this configured URL; a feed never seen gives
 * a zeroed state. 0, or -1 and *err.
 */
int	feed_store_load(struct db *, const char *url, struct feed_state *,
	    struct err *);

/* Writes the row (made where there is none). 0, or -1 and *err. */
int	feed_store_save(struct db *, const char *url,
	    const struct feed_state *, struct err *);

/* One known item: who it is, what it said, when a document last listed it
 * (Unix seconds, written at most once a day). */
struct known_item {
	uint64_t	id_hash, content_hash;
	int64_t		seen_s;
};

/* 0, or -1 and *err. Calls back for each known item of the feed. */
int	feed_store_each_known(struct db *, const char *url,
	    void (*each)(const struct known_item *, void *ctx), void *ctx,
	    struct err *);

/* Adds or renews items, with their seen_s. The feed's row is made where there
 * is none. 0, or -1 and *err. */
int	feed_store_add_known(struct db *, const char *url,
	    const struct known_item *, size_t n, struct err *);

/* Forgets what no document listed since before_s. 0, or -1 and *err. */
int	feed_store_forget(struct db *, int64_t before_s, struct err *);

#endif
