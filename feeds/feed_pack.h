/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_PACK_H
#define HEADLINED_FEEDS_FEED_PACK_H

/*
 * A feed's state as one small piece of memory, for the time in which nobody
 * asks it: of a million feeds nearly all wait, and a struct feed_state has some
 * 300 bytes and up to ten texts beside them. Pure.
 *
 *	feed_pack_set (a poll has ended, a row was read)
 *	    -> feed_pack_peek ... -> feed_pack_open (the next poll begins)
 *
 * What a feed that waits does not need stays in the store: title and message
 * are not packed. What is left of a usual feed takes 60 bytes:
 *
 *	which fields are other than expected: a bit each, 7 to a byte
 *	those fields, in the order of the table in feed_pack.c:
 *	    times, counts	difference to what was expected, zigzag, 7 bits
 *				to a byte; most times are expected to be that of
 *				the last poll, the status to be 304
 *	    a body's hash	8 bytes
 *	    a text		its length, its bytes
 *	    Last-Modified	as a time where it is an IMF-fixdate (RFC 9110,
 *				5.6.7) that can be written again byte for byte;
 *				else a text
 *
 * A zeroed state needs no memory at all: it is NULL.
 */

struct feed_pack;
struct feed_state;

/* Frees what *pack was and makes it the state. 0, or -1 when memory is out:
 * *pack is what it was. */
int	feed_pack_set(struct feed_pack **pack, const struct feed_state *);

/* The state that was packed, but for title and message: NULL. 0, or -1 when
 * memory is out, *state is zeroed then. It is the caller's to clear. */
int	feed_pack_open(const struct feed_pack *, struct feed_state *);

/* The same without its texts (NULL): needs no memory and nothing to clear. */
void	feed_pack_peek(const struct feed_pack *, struct feed_state *);

void	feed_pack_free(struct feed_pack *);	/* NULL is fine */

#endif
