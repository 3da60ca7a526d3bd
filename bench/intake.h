/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BENCH_INTAKE_H
#define HEADLINED_BENCH_INTAKE_H

/*
 * What polls would bring to the store: new items of many feeds, one in a
 * hundred with an alert, cut into batches as the pipeline cuts them: a batch
 * ends behind an item with an alert, and with its poll.
 *
 *	poll	. . . . ! . . | . . . . .	!: has an alert
 *	batch	[ - - - - ] [ - ] [ - - - - ]
 *
 * Made of numbers alone: asked twice, it says the same. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/outbox.h"
#include "base/buf.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"

enum { INTAKE_POLL = 20, INTAKE_FEEDS = 2000, INTAKE_HIT_EVERY = 100,
    INTAKE_TEXTS = 512 };

struct intake_batch {
	uint32_t	first, n;	/* items */
	bool		ends_poll;
};

struct intake {
	size_t			 n_items;
	int64_t			 n_hits;
	struct intake_batch	*batches;
	size_t			 n_batches;
	struct buf		 packed[INTAKE_TEXTS];	/* as a poll packs it */
	struct buf		 body;		/* of every alert */
	/* The last answers' strings. */
	char			 feed_url[64], alert_id[48];
	char			 etag[48], title[32], date[40];
};

/* 0, or -1: memory is out; clear it in any case. */
int	intake_init(struct intake *, size_t n_items);
void	intake_clear(struct intake *);

/* Of an item, by number. Slices live until the same is asked again. */
void	intake_known(const struct intake *, uint32_t item,
	    struct known_item *);
void	intake_text(struct intake *, uint32_t item, struct item_text_row *);
bool	intake_is_hit(uint32_t item);
void	intake_alert(struct intake *, uint32_t item, struct outbox_alert *);

/* Of the feed whose poll brings the item: number from 1, URL, and the state at
 * the end of that poll, with borrowed strings. */
int64_t	intake_feed(uint32_t item);
const char *intake_feed_url(struct intake *, uint32_t item);
void	intake_state(struct intake *, uint32_t item, struct feed_state *);

#endif
