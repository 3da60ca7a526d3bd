/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_KNOWN_SET_H
#define HEADLINED_FEEDS_KNOWN_SET_H

/*
 * The known items of one feed while one document of it is read: identity hash
 * to content hash. Filled from the store, added to as items come.
 *
 *	init (or zeroed) -> put ... -> judge, put ... -> clear
 *
 * Open addressing over the identity hash itself, which is already mixed:
 *
 *	slots[hash & mask], the next one, and so on, until an unused one
 *
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feeds/feed_store.h"

struct known_slot {
	struct known_item	item;
	bool			used;
};

struct known_set {
	struct known_slot	*slots;
	size_t			 size;		/* a power of two, or 0 */
	size_t			 n;
};

enum known_verdict {
	KNOWN_NEW,		/* never seen */
	KNOWN_EDITED,		/* seen, and said something else then */
	KNOWN_SAME
};

void			 known_set_clear(struct known_set *);

/* Adds or replaces by identity hash. 0, or -1 when memory is out. */
int			 known_set_put(struct known_set *,
			    const struct known_item *);
enum known_verdict	 known_set_judge(const struct known_set *,
			    const struct known_item *);

/* When it was last written as seen; 0: it is not in the set. */
int64_t			 known_set_seen_s(const struct known_set *,
			    uint64_t id_hash);

#endif
