/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_STORE_H
#define HEADLINED_FEEDS_PAGE_STORE_H

/*
 * Items that wait for the text of the page behind their link, and which pages
 * were asked for: each once ever, PAGE_TRIES times at most. Functions over a
 * struct db; what writes is called inside the ledger's transaction only.
 *
 *	page_store_add (with the item's batch: a new item is known and waits in
 *	    one transaction) -> page_store_begin (before a request leaves)
 *	    -> page_store_end (with what the page gave), or page_store_put_off
 *
 *	page		an item that waits: all that a match and an alert need
 *	page_asked	a page's URL, as a hash: when, and under which item its
 *			text is kept (feeds/item_store.h), so that a second feed
 *			with the same link reads it there
 *	page_feed	what a feed's pages have come to: counts by outcome, how
 *			many requests this day of steady time had
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/item.h"
#include "base/str.h"

struct arena;
struct db;
struct err;

enum {
	PAGE_TRIES = 2,			/* requests for one page */
	PAGE_WAITING_MOST = 100000	/* items in all; more: the feed's text
					 * stands, counted as LEFT */
};

/* What became of a page; the words are those of `headlinectl feeds`. */
enum page_outcome {
	PAGE_READ,		/* its text was matched */
	PAGE_SHORT,		/* less text than the feed's */
	PAGE_NO_ARTICLE,	/* HTML, but no article in it */
	PAGE_ROBOTS,		/* robots.txt forbids; not asked */
	PAGE_REFUSED,		/* 403, 401, 451 */
	PAGE_CONSENT,		/* a consent wall */
	PAGE_PAYWALL,
	PAGE_BOT_WALL,
	PAGE_NOT_HTML,		/* a PDF, a picture */
	PAGE_GONE,		/* 404, 410 */
	PAGE_FAILED,		/* no whole answer, twice; any other status */
	PAGE_PRIVATE,		/* led to an address that is not public */
	PAGE_LEFT,		/* over page_limit, or too many wait */
	PAGE_OUTCOMES
};

/* "read", "short", "no_article", "robots", "refused", ...; static. */
const char	*page_outcome_word(enum page_outcome);

/* The tables, as a step of the store's schema. */
extern const char page_store_schema[];

/* An item that waits. Slices are borrowed (add) or in the arena (each). */
struct page_wait {
	int64_t		id;		/* of its row; 0: not stored yet */
	uint64_t	id_hash;	/* as in known items, item_text */
	struct str	name;		/* its identity, as alerts call it */
	struct str	url;		/* the page's: canonical spelling, no
					 * fragment, http or https */
	int64_t		seen_s;		/* wall time, when the item was new */
	int64_t		due_s;		/* steady time; not before */
	unsigned	tries;		/* requests begun */
	struct str	feed_title, site, language;	/* as matched then */
	struct item	item;		/* title, url, summary, content, authors,
					 * tags, dates, language */
};

/* 0, or -1 and *err. Where PAGE_WAITING_MOST wait it is counted as LEFT and
 * not added. wait->id is set (0: not added). */
int	page_store_add(struct db *, const char *feed_url, struct page_wait *,
	    struct err *);

/* Rows of this feed with id > after, by id, at most limit; the callback's
 * non-zero ends it. 0, or -1 and *err. */
int	page_store_each(struct db *, const char *feed_url, int64_t after,
	    size_t limit, struct arena *,
	    int (*each)(const struct page_wait *, void *ctx), void *ctx,
	    struct err *);

/* What page_store_begin has found. */
enum page_way {
	PAGE_ASK,		/* counted: the request may leave */
	PAGE_KNOWN,		/* it was asked for another item: its text is
				 * that item's, *from_feed, *from_hash */
	PAGE_OVER_LIMIT,	/* today's are used up: put off */
	PAGE_TRIED		/* PAGE_TRIES requests were begun */
};
struct page_begun {
	enum page_way	 way;
	int64_t		 from_feed;	/* row of the feed */
	uint64_t	 from_hash;
};

/* Before a request of this row leaves: tries is one more, the page is asked
 * for, the day's count is one more. limit: requests a feed and day of steady
 * time. 0, or -1 and *err. */
int	page_store_begin(struct db *, int64_t id, int64_t limit,
	    int64_t steady_s, struct page_begun *, struct err *);

/* Not before due_s. */
int	page_store_put_off(struct db *, int64_t id, int64_t due_s,
	    struct err *);

/* The row goes, the outcome is counted for its feed. */
int	page_store_end(struct db *, int64_t id, enum page_outcome,
	    int64_t steady_s, struct err *);

/* What a feed's pages have come to. */
struct page_counts {
	int64_t	waiting;
	int64_t	by_outcome[PAGE_OUTCOMES];
	enum page_outcome last;		/* the last one, */
	int64_t	last_s;			/* steady time; 0: none yet */
	int64_t	today;			/* requests */
};
int	page_store_count(struct db *, const char *feed_url,
	    int64_t steady_s, struct page_counts *, struct err *);

/* Rows of feeds that are configured no more, or read no pages any more, go
 * with this; what was asked before before_s (steady) is forgotten. */
int	page_store_drop(struct db *, const char *feed_url, struct err *);
int	page_store_forget(struct db *, int64_t before_s, struct err *);

#endif
