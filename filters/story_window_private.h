/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_STORY_WINDOW_PRIVATE_H
#define HEADLINED_FILTERS_STORY_WINDOW_PRIVATE_H

/*
 * What the files of the window share; nobody else includes it.
 *
 *	story_window.c		adding an item, and what is said of it
 *	story_window_find.c	items that it may be linked to, and the best
 *	story_window_ring.c	records, and the chains through them
 *
 * Items stand as records of unequal length in one ring of 32-bit words, the
 * oldest at its tail. A record is what the signature says, smaller, and the
 * links of the chains that it is in, those of the text, the story and the
 * number among its first words. In words of the ring:
 *
 *	13			struct story_what, with three links
 *	2 * n_indexed		a part and its link, again and again
 *	3 * n_others / 4	the other parts, three bytes each
 *	3			runs (MinHash), where it has any
 *	1			the root, of copies alone: the first item of
 *				the text
 *
 * There is a chain for each part that is indexed, for the text, the story, and
 * the number. heads[] has the newest link of each, by hash: a chain has several
 * keys in it where hashes meet, and who follows it looks at the key. Texts and
 * numbers have heads of their own: one item of a chain is looked for, and what
 * many items have would stand before it. A link says where a record begins, and
 * which of its chains it is:
 *
 *	link     | place in the ring | chain |
 *	           28 bits             4
 *
 * Each link has its place in a record, whatever else is in it, beside the key:
 * a step of a chain is a look at one line of memory, as a rule, and steps of
 * several chains wait for memory at the same time.
 *
 * A head that leads to an item which is forgotten is emptied. Links need not
 * be: they lead to older items only, so what is younger by its place in the
 * ring than the item it was linked from, or older than the oldest, is not what
 * it was. Of the same item they lead to lower chains, where two of its keys
 * meet. So each walk ends.
 *
 * Where the next record is too long for the ring's end, the ring turns there,
 * and leaves a gap: what stands in it is from the turn before. No walk comes to
 * it. All of it was forgotten before the ring turned, with its heads, so no
 * item that came later links to it; and to those that came earlier and did, it
 * lies nearer to the head than they do themselves, which is too young.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "filters/story_alike.h"
#include "filters/story_sign.h"
#include "filters/story_window.h"

enum {
	MOST_ITEMS = 1 << 24, LEAST_ITEMS = 16,
	INDEXED = 8,
	CHAIN_TEXT = INDEXED, CHAIN_STORY, CHAIN_NUMBER, CHAINS,
	PLACE_BITS = 28, CHAIN_BITS = 32 - PLACE_BITS,
	MOST_WORDS = 1 << PLACE_BITS,	/* of the ring */
	WHAT_WORDS = 13,
	MIN_WORDS = STORY_SIGN_MIN / 4,	/* a byte of each is kept */
	TAIL_HASH_BITS = STORY_ALIKE_BITS,
	MAX_WORDS = WHAT_WORDS + 2 * INDEXED +
	    (3 * STORY_SIGN_MAX_PARTS + 3) / 4 + MIN_WORDS + 1,

	/* What an item may cost. */
	MAX_STEPS = 12,			/* of a chain */
	MAX_ONE_STEPS = 64,		/* one item of it is looked for */
	MAX_ALL_STEPS = 40,
	MAX_WALKS = 20,			/* chains followed */
	MAX_TERM_WALKS = 8,
	MAX_FOUND = MAX_ALL_STEPS + MAX_WALKS,
	FOUND_SLOTS = 256,
	MAX_COMPARED = 6,
	TYPICAL_BYTES = 256,		/* of a record */
	MAX_ASKED = 4,			/* of the story it seems to be of */
	MAX_MEMBERS = 128,		/* of a story, for its sites */
	LOOKED_WEIGHT = 8,		/* parts below: too many have them */
	FEW_TIMES = 4,			/* what few have counts so often */
	LEAST_WEIGHT = 16		/* of parts shared, to be compared */
};

_Static_assert(MAX_WALKS <= 32, "a bit each");
_Static_assert(CHAINS <= 1 << CHAIN_BITS, "a link has room for it");

/* The first words of a record. A key and its link are near each other. */
struct story_what {
	uint64_t	text;
	uint32_t	text_link, story_link;
	uint64_t	story, number;
	uint32_t	number_link;
	uint32_t	time_s;		/* since the window's first item */
	uint32_t	site;
	uint16_t	items, copies;	/* of its story by then */
	uint8_t		sites;		/* likewise */
	uint8_t		days;
	uint8_t		n_others;	/* parts that are not indexed */
	uint8_t		n_indexed : 4, is_copy : 1, has_min : 1, is_short : 1;
};

/* What follows the last field is not kept. */
_Static_assert(offsetof(struct story_what, n_others) + 2 == WHAT_WORDS * 4,
    "as drawn above");
_Static_assert(INDEXED < 1 << 4 && STORY_MAX_SITES <= UINT8_MAX,
    "the fields have room for them");

/* An item that shares something: the walks that led to it, and how much. */
struct story_found {
	uint32_t	place;
	uint32_t	walks;		/* bits */
	uint32_t	weight;
};

struct story_window {
	struct story_window_limits limits;
	uint32_t	*ring;
	size_t		 n_ring;		/* words */
	size_t		 most_used;		/* of them, ever */
	uint32_t	 head, tail;		/* places: no item is at 0 */
	uint32_t	 end;			/* where the ring turns, or 0 */
	size_t		 n_items;
	uint32_t	*heads;
	size_t		 n_heads, n_ones;	/* those of one come last */
	bool		 has_begun;		/* an item came, ever */
	int64_t		 origin_s, last_s;

	struct story_ready ready;		/* of the item at hand */
	struct story_found found[MAX_FOUND];
	size_t		 n_found;
	struct story_found best[MAX_COMPARED];	/* the heaviest of them */
	size_t		 n_best;
	uint16_t	 slots[FOUND_SLOTS];	/* into found, + 1 */
};

/* Of an item that is to be added. */
struct story_addition {
	const struct story_item	*item;
	const struct story_sign	*sign;
	uint8_t		 order[STORY_SIGN_MAX_PARTS];	/* indexed first */
	size_t		 n_indexed;
	struct story_what what;
	uint32_t	 root;		/* of a copy; 0: forgotten */
};

/* Along a chain. */
struct story_walk {
	const struct story_window *w;
	uint32_t	 part;		/* that all of it have */
	unsigned	 number;
	uint32_t	 link;
	uint32_t	 place;		/* of the last item, and its chain: the
					 * next is older, or of the same item a
					 * chain that was linked earlier */
	uint32_t	 age, chain;
	size_t		 steps;
};

/* The best link of an item, so far. */
struct story_best {
	enum story_link		link;
	uint32_t		place;
	float			score;
	struct story_alike	alike;
};

static inline uint64_t
mix(uint64_t h)
{
	h ^= h >> 31;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	h ^= h >> 29;
	return h * UINT64_C(0xbf58476d1ce4e5b9);
}

/* Of a text or a number. */
static inline bool
is_of_one(uint64_t key)
{
	return key >> 63 != 0;
}

static inline uint32_t *
head_of(const struct story_window *w, uint64_t key)
{
	size_t i = (size_t)(mix(key) >> 16);

	return is_of_one(key) ? &w->heads[w->n_heads + (i & (w->n_ones - 1))] :
	    &w->heads[i & (w->n_heads - 1)];
}

/* Keys of chains; those of parts differ from the story's by their size. */
static inline uint64_t
part_key(uint32_t part)
{
	return (part >> 8) << 2 | (uint32_t)story_part_kind(part);
}

static inline uint32_t *
record_at(const struct story_window *w, uint32_t place)
{
	return &w->ring[place];
}

static inline size_t
record_words(const struct story_what *what)
{
	return WHAT_WORDS + 2 * (size_t)what->n_indexed +
	    (3 * (size_t)what->n_others + 3) / 4 +
	    (what->has_min ? MIN_WORDS : 0) + what->is_copy;
}

/* Where the part of a chain stands in a record, and the link of any. */
static inline size_t
part_at(size_t chain)
{
	return WHAT_WORDS + 2 * chain;
}

static inline size_t
link_at(size_t chain)
{
	switch (chain) {
	case CHAIN_TEXT:
		return offsetof(struct story_what, text_link) / 4;
	case CHAIN_STORY:
		return offsetof(struct story_what, story_link) / 4;
	case CHAIN_NUMBER:
		return offsetof(struct story_what, number_link) / 4;
	}
	return part_at(chain) + 1;
}

static inline void
read_what(const struct story_window *w, uint32_t place, struct story_what *what)
{
	memcpy(what, record_at(w, place), WHAT_WORDS * sizeof(*w->ring));
}

/* How many words ago it was written. */
static inline uint32_t
age_of(const struct story_window *w, uint32_t place)
{
	return w->head - place + (place < w->head ? 0 : (uint32_t)w->n_ring);
}

/* Is it there still? Of places that were an item's. */
static inline bool
is_kept(const struct story_window *w, uint32_t place)
{
	return place != 0 && age_of(w, place) <= age_of(w, w->tail);
}

static inline uint64_t
story_key(uint64_t story)
{
	return (mix(story) | UINT64_C(1) << 61) & ~(UINT64_C(1) << 63);
}

static inline uint64_t
number_key(uint64_t number)
{
	return (mix(number) | UINT64_C(1) << 63) & ~(UINT64_C(1) << 62);
}

static inline uint64_t
text_key(uint64_t text)
{
	return text | UINT64_C(3) << 62;
}

/* What leads to few items. */
static inline bool
is_rare(uint32_t part)
{
	switch (story_part_kind(part)) {
	case PART_NAME:
	case PART_TERM:
		return story_part_is_rare(part);
	case PART_NUMBER:
		return story_part_weight(part) >= LOOKED_WEIGHT;
	case PART_QUOTE:
		break;
	}
	return true;
}

/* The parts of a record as those of a signature, and its runs. */
void		 story_ring_unpack(const struct story_window *, uint32_t place,
		    struct story_sign *);

/* The newest item from now on; forgets what is in its way. */
void		 story_ring_put(struct story_window *,
		    struct story_addition *);
void		 story_ring_forget_first(struct story_window *);
void		 story_ring_forget_all(struct story_window *);

/* The newest item of that text, of that number; 0: none. */
uint32_t	 story_ring_find_text(const struct story_window *,
		    uint64_t text);
uint32_t	 story_ring_find_number(const struct story_window *,
		    uint64_t number);

/* Steps: the next item of a chain, or of a story (its walk has begun with
 * story_key); 0: there is no more. */
void		 story_walk_begin(struct story_walk *,
		    const struct story_window *, uint64_t key);
uint32_t	 story_walk_step(struct story_walk *);
uint32_t	 story_walk_next_of_story(struct story_walk *, uint64_t story,
		    struct story_what *);

/* What an item of that signature, which may begin that story, is linked to, in
 * two steps; LINK_NONE: nothing. Between them its text may be looked for. */
void		 story_window_find_candidates(struct story_window *,
		    const struct story_sign *, uint64_t story);
void		 story_window_find_best(struct story_window *,
		    const struct story_sign *, struct story_best *);

#endif
