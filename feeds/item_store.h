/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_ITEM_STORE_H
#define HEADLINED_FEEDS_ITEM_STORE_H

/*
 * The texts of the items that were seen: what a topic would have matched, what
 * became of an item. They are the part of the store that may be dropped: the
 * oldest go first when it grows over its size, and after their time. Functions
 * over a struct db; what writes is called inside the ledger's transaction only.
 */

#include <stdint.h>

#include "base/str.h"

struct db;
struct err;

/* The table, as a step of the store's schema. */
extern const char item_store_schema[];

/* Plain text, UTF-8; each slice borrowed. */
struct item_text_row {
	uint64_t	id_hash;	/* of its identity, as in known items */
	int64_t		seen_s;		/* when this text was read */
	int64_t		published_s;	/* ITEM_NO_TIME: not said */
	struct str	url, title;
	struct str	text;		/* summary and content, paragraphs
					 * parted by an empty line */
};

/*
 * Keeps the text of an item of this feed; one with the same id_hash is
 * replaced and is as young as its seen_s. The feed's row is made where there is
 * none. In a crowded store (db_is_crowded) older texts make room first, so that
 * what must not be lost finds some. 0, or -1 and *err.
 */
int	item_store_put(struct db *, const char *feed_url,
	    const struct item_text_row *, struct err *);

/* The text of one item; slices live until each() returns, which is called at
 * most once. 0, or -1 and *err. */
int	item_store_find(struct db *, const char *feed_url, uint64_t id_hash,
	    void (*each)(const struct item_text_row *, void *ctx), void *ctx,
	    struct err *);

/* Drops the oldest of what was read before before_s, n at most; *dropped: how
 * many there were. 0, or -1 and *err. */
int	item_store_forget(struct db *, int64_t before_s, int64_t n,
	    int64_t *dropped, struct err *);

/* Drops the n oldest; *dropped: how many there were. 0, or -1 and *err. */
int	item_store_drop_oldest(struct db *, int64_t n, int64_t *dropped,
	    struct err *);

/* How many texts are kept and since when; oldest_s 0: none. */
int	item_store_count(struct db *, int64_t *n, int64_t *oldest_s,
	    struct err *);

#endif
