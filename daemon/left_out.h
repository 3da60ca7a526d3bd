/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_LEFT_OUT_H
#define HEADLINED_DAEMON_LEFT_OUT_H

/*
 * What of an item's text topics do not look at: the lines that its feed repeats
 * (filters/boilerplate.h). In their place stands TOKEN_LEFT_OUT (filters/
 * token.h), byte by byte, so that hits point into the text as the item has it
 * and nothing reaches over what was left out.
 *
 * The store keeps the whole text and the places that were left out of it, so
 * `why` and `backtest` see what topics saw, whatever the feed has repeated
 * since.
 *
 * Topics of `boilerplate: keep` look at the whole text: an item of which
 * something was left out is matched twice where there are such topics.
 *
 * One thread; made once, used for one item after another.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "filters/document.h"
#include "filters/matcher.h"

struct err;
struct json_out;
struct left_out;
struct topic_set;

/* An item's text, and what is left of it. Borrowed. */
struct left_out_item {
	const struct document	*whole;
	const struct document	*rest;		/* the same where nothing was
						 * left out */
	struct str		 places;	/* that were; or empty */
};

/* NULL when memory is out. */
struct left_out	*left_out_new(void);
void		 left_out_free(struct left_out *);	/* NULL is fine */

/* From now on items of a feed of which this was saved (empty: nothing yet). 0,
 * or -1: memory is out. */
int		 left_out_open(struct left_out *, struct str saved);
void		 left_out_save(const struct left_out *, struct buf *saved);

/*
 * The feed's next item: what of it repeats what came before. is_new: its own
 * lines are learned then. What comes out lives until the next call, as long as
 * the document. 0, or -1: memory is out.
 */
int		 left_out_look(struct left_out *, const struct document *,
		    int64_t steady_s, bool is_new, struct left_out_item *);

/* An item with these places, as a look said once; ones that the text does not
 * have are passed over. As look. */
int		 left_out_again(struct left_out *, const struct document *,
		    struct str places, struct left_out_item *);

/* Calls back for each piece that was left out, in order. */
void		 left_out_each(const struct left_out_item *,
		    void (*each)(enum field, struct str text, size_t offset,
		    void *ctx), void *ctx);

/* The same as the pair "left_out" of the map that is open. */
void		 left_out_write(const struct left_out_item *,
		    struct json_out *);

/* How many lines are known, and the first of them as boilerplate_store.h has
 * them (appended). */
size_t		 left_out_show(const struct left_out *, int64_t steady_s,
		    struct buf *shown);

/*
 * matcher_run, with the topics of `keeps` (a bit set as `wanted`, of as many
 * words; NULL: none) looking at the whole, all others at the rest. Those come
 * first.
 */
struct left_out_match {
	struct topic_set		*set;
	const uint64_t			*wanted;	/* NULL: all */
	const uint64_t			*keeps;
	size_t				 words;		/* of keeps */
	const struct matcher_ops	*ops;
	void				*ctx;
};
int		 left_out_run(struct matcher *, const struct left_out_item *,
		    const struct left_out_match *, struct err *);

/* The one that this topic looks at. */
const struct document *left_out_of(const struct left_out_item *,
		    const uint64_t *keeps, uint32_t topic);

#endif
