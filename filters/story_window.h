/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_STORY_WINDOW_H
#define HEADLINED_FILTERS_STORY_WINDOW_H

/*
 * The items of the last days, in one order, each with what it is a copy of and
 * which story it tells: what the teller asks of every new item.
 *
 *	new -> restore ... -> add, add ... -> free
 *
 * An item is a copy when its text is known to the letter; or when it shares
 * facts with another (numbers, quotes, names), nearly all that the poorer one
 * of the two has, and their other words are alike, or neither has a name of its
 * own: reports written by themselves share the facts, not the words; or, where
 * there are hardly any facts, when their runs of words are the same (MinHash).
 * It tells a story when it is like an item of it (a lower cosine) and shares a
 * rare name, a quote or facts with it, or a place and several terms. Stories
 * are never merged: an item that is like two goes to the one it is more like. A
 * copy must tell the same event, too, and name no other day of the week. And
 * where the item that one is like is of a story with others, four of those are
 * asked, as one may be like it by chance.
 *
 *	1  Blast kills 114 in Moptia		story 1
 *	2  114 dead in blast	(a copy)	story 1, copy of 1
 *	3  "Never seen such a blast"		story 1, link to 2: same name
 *
 * Items are found by what is rare in them: an index of facts, names and terms,
 * what few items have first, each a chain from the newest item that has it to
 * the oldest. A chain is followed for a bounded number of steps, and a bounded
 * number of items is compared, so that no word, however popular and whoever
 * made it so, makes an item cost more than another.
 *
 * What is older than keep_s, or too much for max_items or max_bytes, is
 * forgotten, the oldest first; and all of it where an item lies more than
 * keep_s before the last one: the clock was wrong. The same items in the same
 * order give the same verdicts. One thread; no clock: time is the items' own.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct story_sign;
struct story_window;

struct story_window_limits {
	size_t		max_items;	/* at most 1 << 24 */
	size_t		max_bytes;	/* all memory of the window; of more
					 * than some 1 GiB the rest is unused */
	int64_t		keep_s;
};

/* 1,000,000 items, 200 MB, 72 h. Memory is reserved at once, and taken as it is
 * filled. */
extern const struct story_window_limits story_window_defaults;

struct story_item {
	uint64_t	number;		/* the caller's, told in verdicts; in
					 * any order, but none twice */
	uint64_t	key;		/* hash of the item's identity: the id
					 * of a story that it begins; not 0 */
	int64_t		time_s;		/* first seen; one that lies before the
					 * last item's counts as that */
	uint64_t	site;		/* hash of the registrable domain */
};

enum story_link {
	LINK_NONE,		/* a story of its own */
	LINK_TEXT,		/* a copy: the same words */
	LINK_FACTS,		/* a copy: the same facts */
	LINK_RUNS,		/* a copy: the same runs of words */
	LINK_EVENT		/* another text about the same */
};

/* What an item and the one it is linked to have in common. */
struct story_evidence {
	uint8_t		numbers, quotes, names, terms;
	uint8_t		cosine;		/* of 100 */
	uint8_t		runs;		/* of 100; LINK_RUNS */
};

struct story_verdict {
	uint64_t	story;		/* its id: the key of its first item */
	enum story_link	link;
	bool		is_copy;
	uint64_t	copy_of;	/* number of the first item of its text
					 * that is remembered */
	uint64_t	to;		/* number of the item it is linked to:
					 * unless LINK_NONE */
	struct story_evidence evidence;

	/* Of the story with this item, since it was last not remembered. */
	uint32_t	items, copies;	/* copies are among the items */
	uint32_t	sites;		/* different ones of those that are no
					 * copies; at most STORY_MAX_SITES */
};

enum { STORY_MAX_SITES = 64 };

/* NULL when memory is out, or limits are too small for a single item; free
 * takes NULL. */
struct story_window	*story_window_new(const struct story_window_limits *);
void			 story_window_free(struct story_window *);

/* Decides about an item and remembers it. All memory is had by now. */
void			 story_window_add(struct story_window *,
			    const struct story_item *,
			    const struct story_sign *,
			    struct story_verdict *);

/*
 * The item of this number, if it is remembered: its verdict as it was, but for
 * the link, and the story's counts as they are now.
 */
bool			 story_window_find(const struct story_window *,
			    uint64_t number, struct story_verdict *);

/* Sites of a story that are not those of copies alone, the newest first, each
 * once, n at most: story_window_site(item.site). How many. */
size_t			 story_window_sites(const struct story_window *,
			    uint64_t story, uint32_t *sites, size_t n);

/* A site as it is remembered. */
static inline uint32_t
story_window_site(uint64_t site)
{
	return (uint32_t)(site ^ site >> 32);
}

/*
 * Remembers an item as it was decided before: of its verdict story, is_copy
 * and copy_of are read. Rows come in the order in which they were added.
 */
void			 story_window_restore(struct story_window *,
			    const struct story_item *,
			    const struct story_sign *,
			    const struct story_verdict *);

/* Forgets what is older than keep_s at this time. add and restore do too. */
void			 story_window_forget(struct story_window *,
			    int64_t now_s);

size_t			 story_window_items(const struct story_window *);
size_t			 story_window_bytes(const struct story_window *);

/* Why, for people: "same 3 numbers, same quote"; nothing for LINK_NONE. */
void			 story_why(struct buf *,
			    const struct story_verdict *);

#endif
