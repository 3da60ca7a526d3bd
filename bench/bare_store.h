/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_BARE_STORE_H
#define HEADLINED_BENCH_BARE_STORE_H

/*
 * SQLite and nothing else: the same facts in the same kinds of tables and
 * indices as the product's store, WAL, synchronous=FULL, statements prepared
 * once, ids known to the caller. What a store of ours can at best be.
 *
 *	open -> begin, put ..., commit ... -> close
 */

#include <stdint.h>

#include "base/str.h"

struct bare_store;
struct err;
struct feed_state;
struct item_text_row;
struct known_item;
struct outbox_alert;

/* A new file. NULL and *err. */
struct bare_store *bare_store_open(const char *path, struct err *);
void		 bare_store_close(struct bare_store *);	/* NULL is fine */

/* 0, or -1 and *err, all of them. */
int		 bare_store_begin(struct bare_store *, struct err *);
int		 bare_store_commit(struct bare_store *, struct err *);
int		 bare_store_put_feed(struct bare_store *, int64_t feed,
		    struct str url, const struct feed_state *, struct err *);
int		 bare_store_put_known(struct bare_store *, int64_t feed,
		    const struct known_item *, struct err *);
int		 bare_store_put_text(struct bare_store *, int64_t feed,
		    const struct item_text_row *, struct err *);
int		 bare_store_put_alert(struct bare_store *, int64_t alert,
		    const struct outbox_alert *, struct err *);

/*
 * A store seen from outside, ours or the bare one. Its version is another
 * number once somebody has committed since the last call; rows are counted by
 * the table's name. NULL or -1 and *err on failure.
 */
struct store_watch;
struct store_watch *store_watch_open(const char *path, struct err *);
void		 store_watch_close(struct store_watch *); /* NULL is fine */
int64_t		 store_watch_version(struct store_watch *, struct err *);
int64_t		 store_watch_count(struct store_watch *, const char *table,
		    struct err *);

#endif
