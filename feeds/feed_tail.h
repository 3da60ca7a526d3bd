/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_TAIL_H
#define HEADLINED_FEEDS_FEED_TAIL_H

/*
 * A document from its first item on, as hashes: when the next document of the
 * feed goes on as the last one did, to the last byte, it needs no parsing from
 * there on. Most documents that are not the last one again differ in a stamp
 * before their items.
 *
 *	init (or zeroed) -> begin -> push ... push -> finish -> clear
 *
 *	<rss><channel>...<item | >...</item> | >...</item> | </channel></rss>
 *	  context, name          hash 0        hash 1        hash 2
 *
 * Each hash is of all before it too, and the first one of the context: what
 * stood before the first item, as far as it has a say in what follows. So the
 * same hash means that the same bytes were read in the same state. They are
 * keyed (base/digest.h, digest_own_key), or who writes a feed could have two
 * items of one hash; a process parses once what the one before it knew.
 *
 * While all is as expected the bytes are kept back. With the first item that
 * is another one, at its end tag, all of them are given out; from then on they
 * go through, and the hashes are for the next document. One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

/* More items than that have no chain. Longer documents, and those that would
 * have more than ALL_BYTES kept back in the whole process, are given out. */
enum { FEED_TAIL_MOST_ITEMS = 512, FEED_TAIL_MOST_BYTES = 1 << 20,
    FEED_TAIL_ALL_BYTES = 16 << 20, FEED_TAIL_NAME_MOST = 32,
    FEED_TAIL_CHAIN_MOST = (FEED_TAIL_MOST_ITEMS + 1) * 8 };

enum feed_tail_way {
	FEED_TAIL_PASS,		/* the bytes go on as they are */
	FEED_TAIL_KEEP,		/* they are kept back: as expected so far */
	FEED_TAIL_RELEASE	/* feed_tail_kept goes on before them; then
				 * feed_tail_release is called */
};

struct feed_tail {
	struct str	 expected;	/* hashes; empty: nothing is */
	char		 end_tag[FEED_TAIL_NAME_MOST + 4];
	size_t		 n_end_tag;
	struct buf	 bytes;		/* kept back; else of one item */
	size_t		 n_kept;	/* of them, before the last push */
	size_t		 n_claimed;	/* of ALL_BYTES */
	size_t		 n_hashed;	/* of them, up to an end tag */
	size_t		 n_searched;	/* likewise, for the next end tag */
	uint64_t	 last;		/* hash */
	struct buf	 chain;		/* the hashes so far */
	bool		 begun, keeps;
};

/* expected: a chain, or empty; borrowed until clear. */
void			 feed_tail_init(struct feed_tail *,
			    struct str expected);
void			 feed_tail_clear(struct feed_tail *);

/* What contexts are made of: parts, each with the result of the one before. */
uint64_t		 feed_tail_hash(uint64_t before, struct str);

/* Behind the name of the first item's start tag; the name is copied. */
void			 feed_tail_begin(struct feed_tail *, uint64_t context,
			    struct str name);

/* Before begin, and where it is too long, all passes. */
enum feed_tail_way	 feed_tail_push(struct feed_tail *, const char *,
			    size_t);

/* What is kept back, without the bytes of a push that gave RELEASE; after it
 * has gone on: release. */
struct str		 feed_tail_kept(const struct feed_tail *);
void			 feed_tail_release(struct feed_tail *);

/* The last byte was pushed. True: all is as expected, and nothing else. Else
 * what is kept back (if anything) goes on, as above. */
bool			 feed_tail_finish(struct feed_tail *);

/* After finish, for the next document: a hash for each item and one for the
 * rest; empty: there is none. Until clear. */
struct str		 feed_tail_chain(const struct feed_tail *);
size_t			 feed_tail_items(struct str chain);

#endif
