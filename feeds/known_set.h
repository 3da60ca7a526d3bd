/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_KNOWN_SET_H
#define HEADLINED_FEEDS_KNOWN_SET_H

/*
 * The known items of one feed while one document of it is read. Filled from
 * the store, added to as items come. An item is found by who it is, by its
 * link and title (its alias), by its alias and what it said, or by what it said
 * alone. (Without an alias: by who it is only.)
 *
 *	init (or zeroed) -> put ... -> begin -> find, put, list ... -> clear
 *
 * Open addressing over hashes that are mixed already:
 *
 *	slots[id hash & mask], the next one, ... until an unused one
 *	ways[alias & mask], ...		-> id hash of the item
 *	ways[alias and content & mask], ... -> id hash of the item
 *	ways[content & mask], ...	-> id hash of the item
 *
 * A hash has one way, however many items want it: no document makes it slow.
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feeds/known_item.h"

struct arena;

struct known_slot {
	struct known_item	item;		/* name: in names, below */
	bool			used;

	/* Which item of the document at hand is this: */
	unsigned		listed_in;	/* which document it was */
	uint64_t		look, place;	/* as given to list */
	unsigned		shared_in;	/* in which others claim it */
};

struct known_way {
	uint64_t		hash;
	uint64_t		id_hash;	/* of the last one put */
	unsigned char		n;		/* items it leads to: 0, 1, or
						 * 2 for several */
	bool			used;
};

struct known_set {
	struct known_slot	*slots;
	size_t			 size;		/* a power of two, or 0 */
	size_t			 n;
	struct known_way	*ways;
	size_t			 ways_size, n_ways;
	struct arena		*names;
	unsigned		 document;
};

void			 known_set_clear(struct known_set *);

/* Another document begins: nothing of it is listed yet. */
void			 known_set_begin(struct known_set *);

/* Adds or replaces by identity hash; the name is copied. 0, or -1 when memory
 * is out. */
int			 known_set_put(struct known_set *,
			    const struct known_item *);

/* The item with this identity hash, or NULL; as the other finders, until the
 * next put. */
const struct known_slot	*known_set_find(const struct known_set *,
			    uint64_t id_hash);

/* One with this link and title, or NULL. *alone: it is the only one. */
const struct known_slot	*known_set_find_alias(const struct known_set *,
			    uint64_t alias, bool *alone);

/* One that has, or had since the set was filled, this alias with this
 * content; or NULL. */
const struct known_slot	*known_set_find_text(const struct known_set *,
			    uint64_t alias, uint64_t content_hash);

/* One that says this, or NULL. *alone: it is the only one. */
const struct known_slot	*known_set_find_content(const struct known_set *,
			    uint64_t content_hash, bool *alone);

/* The document lists the item, which is in the set; look and place tell apart
 * those of the document that claim one identity. */
void			 known_set_list(struct known_set *, uint64_t id_hash,
			    uint64_t look, uint64_t place);
bool			 known_set_is_listed(const struct known_set *,
			    const struct known_slot *);

/* The document has an item that would be this one, were its identity not
 * another's. Nothing where the set does not have it. */
void			 known_set_share(struct known_set *, uint64_t id_hash);
bool			 known_set_is_shared(const struct known_set *,
			    const struct known_slot *);

#endif
