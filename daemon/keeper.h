/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_KEEPER_H
#define HEADLINED_DAEMON_KEEPER_H

/*
 * What the store keeps of an item, so that `backtest` and `why` see it as
 * topics did: made here, and made a document again.
 *
 *	keeper_new -> keeper_add, keeper_open ... -> keeper_free
 *
 * One thread; made once, used for one item after another.
 */

#include <stdbool.h>
#include <stdint.h>

#include "feeds/item_store.h"
#include "feeds/kept_text.h"
#include "daemon/left_out.h"
#include "filters/document.h"

struct batch;
struct err;
struct judge_item;
struct keeper;

struct keeper_how {
	uint64_t	id_hash;
	enum item_part	part;
	bool		passed_over;
};

/* NULL when memory is out. */
struct keeper	*keeper_new(void);
void		 keeper_free(struct keeper *);		/* NULL is fine */

/* Adds the item's words to the batch. 0, or -1: memory is out. */
int		 keeper_add(struct keeper *, const struct judge_item *,
		    const struct keeper_how *, struct batch *);

/* A kept item, borrowed until the next one is opened, as long as its row; it
 * stays where it was opened. */
struct kept_item {
	struct document	 doc;
	struct left_out_item seen;	/* what topics looked at of it */
	struct kept_text text;
};

/* 0, or -1 and *err: it cannot be read. */
int		 keeper_open(struct keeper *, const struct item_text_row *,
		    struct kept_item *, struct err *);

#endif
