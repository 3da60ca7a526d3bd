/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_BOILERPLATE_STORE_H
#define HEADLINED_FEEDS_BOILERPLATE_STORE_H

/*
 * Which lines a feed repeats, as filters/boilerplate.h saves it: a table of the
 * feed's own text, and one of the pages behind its links. Functions over a
 * struct db; what writes is called inside the ledger's transaction only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct db;
struct err;

/* The table, as a step of the store's schema. */
extern const char boilerplate_store_schema[];

/* Slices borrowed. */
struct boilerplate_row {
	struct str	saved;		/* the table; empty: nothing to keep */
	int64_t		lines;		/* that are left out */
	struct str	shown;		/* the first of them: for each how many
					 * items, a space, how it begins, a
					 * line end */
	int64_t		seen_s;		/* steady time */
};

/* In place of what was known; the feed's row is made where there is none. 0, or
 * -1 and *err. */
int	boilerplate_store_put(struct db *, const char *feed_url, bool of_pages,
	    const struct boilerplate_row *, struct err *);

/* Appends the saved table to out; nothing where there is none. 0, or -1 and
 * *err. */
int	boilerplate_store_find(struct db *, const char *feed_url,
	    bool of_pages, struct buf *out, struct err *);

/* What is shown of the feed with this row (feeds/feed_store.h), without the
 * table; no lines where nothing is known. `shown` is appended to out. 0, or -1
 * and *err. */
int	boilerplate_store_show(struct db *, int64_t feed, bool of_pages,
	    int64_t *lines, struct buf *out, struct err *);

/* Drops what was written before before_s, of the feeds with the rows from ..
 * to - 1 (0: all from there on). 0, or -1 and *err. */
int	boilerplate_store_forget(struct db *, int64_t before_s, int64_t from,
	    int64_t to, struct err *);

#endif
