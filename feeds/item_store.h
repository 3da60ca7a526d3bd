/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_ITEM_STORE_H
#define HEADLINED_FEEDS_ITEM_STORE_H

/*
 * The texts of the items that were seen: what a topic would have matched, what
 * became of an item. They are the part of the store that may be dropped: the
 * oldest go first when it grows over its size, and after their time. Functions
 * over a struct db; what writes is called inside the ledger's transaction only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct db;
struct err;

/* The table, as two steps of the store's schema. */
extern const char item_store_schema[], item_store_schema_2[];

/* An item may have been matched more than once: three texts at most. */
enum item_part {
	ITEM_FIRST,		/* as it was new */
	ITEM_EDITED,		/* as it is since its last edit */
	ITEM_PAGE		/* with the text of its page */
};

/* Each slice borrowed. */
struct item_text_row {
	int64_t		seq;		/* its place; when it is read */
	struct str	feed_url;	/* likewise */
	uint64_t	id_hash;	/* of its identity, as in known items */
	enum item_part	part;
	bool		passed_over;	/* old news with a feed's first
					 * document: nobody looked at it */
	int64_t		seen_s;		/* when this text was read */
	int64_t		published_s;	/* ITEM_NO_TIME: not said */
	uint64_t	url_key;	/* feeds/kept_text.h; 0: none */
	struct str	packed;		/* likewise; or empty, where an older
					 * version wrote plain text, UTF-8: */
	struct str	url, title;
	struct str	text;		/* summary and content, paragraphs
					 * parted by an empty line */
};

/* Non-zero stops the reading. */
typedef int	(*item_store_each)(const struct item_text_row *, void *ctx);

/*
 * Keeps texts of items of this feed; one with the same id_hash and part is
 * replaced and is as young as its seen_s. The feed's row is made where there is
 * none. In a crowded store (db_is_crowded) older texts make room first, so that
 * what must not be lost finds some. 0, or -1 and *err: some of them are not
 * kept.
 */
int	item_store_put(struct db *, const char *feed_url,
	    const struct item_text_row *, size_t n, struct err *);

/* The texts of one item, in order of part; slices live until each() returns.
 * 0, or -1 and *err. */
int	item_store_find(struct db *, const char *feed_url, uint64_t id_hash,
	    item_store_each, void *ctx, struct err *);

/* The same, whosever item it is; slow where there are many feeds. */
int	item_store_find_any(struct db *, uint64_t id_hash, item_store_each,
	    void *ctx, struct err *);

/* Texts of items with this URL (its key and, for what an older version wrote,
 * the URL as it is spelled), the newest first, n at most. */
int	item_store_find_url(struct db *, uint64_t url_key, struct str url,
	    int64_t n, item_store_each, void *ctx, struct err *);

/* Texts of items at the host of this key, likewise. */
int	item_store_find_host(struct db *, uint64_t url_key, int64_t n,
	    item_store_each, void *ctx, struct err *);

/* Texts with seq < before that were read from since_s on, the newest first, n
 * at most. */
int	item_store_each_before(struct db *, int64_t before, int64_t since_s,
	    int64_t n, item_store_each, void *ctx, struct err *);

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
