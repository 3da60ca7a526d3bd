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
 *	    -> page_store_lead (before one leaves to where a redirect leads)
 *	    -> page_store_keep_text, page_store_end (with what the page gave),
 *	    or page_store_put_off (and page_store_take_back, where no request
 *	    left)
 *
 *	page		an item that waits: all that a match and an alert need
 *	page_asked	a page's URL, as a hash: when, for which item, and what
 *			became of it
 *	page_led	addresses that pages were led to, or from, as hashes:
 *			who else is led there, or links there, has that page.
 *			Not when the try in which it was led there is over and
 *			has come to nothing: the next may lead elsewhere
 *	page_text	a page's own text, so that a second feed with the same
 *			link is judged by it without a request. Not that of
 *			feeds/item_store.h: there the first feed's words stand
 *			beside it, which are not the second feed's
 *	page_feed	what a feed's pages have come to: how many wait, counts
 *			by outcome, requests of this day of steady time
 *	page_total	how many wait in all
 *
 * A day is a day of steady time: no jump of the wall clock gives a feed a
 * second day's requests, or takes them from it.
 *
 * Two tries are what a server answered, or let time out. A request that ended
 * with our own process, or whose end could not be stored, says nothing of the
 * server: it is begun, and no try. But the page may be what ends us each time:
 * of those begun there are PAGE_BEGUN_MOST. So that some deaths within a second
 * do not use them up, a page whose request was cut off comes behind those that
 * were not asked yet, and from the second time on not before PAGE_CUT_S, then
 * twice that.
 *
 *	begun	tries
 *	0	0	it waits
 *	1	0	asked; or cut off: in the next life, behind the others
 *	2	0	cut off again: in a minute
 *	2	1	put off: the server had an error, ...
 *	3	2	... twice: PAGE_TRIED
 *	4	0	cut off four times: PAGE_TRIED
 *
 * What waits of a feed that left the configuration waits on for PAGE_AWAY_S, in
 * case that it comes back.
 *
 * Texts of pages are kept for PAGE_TEXT_KEPT_S and in an uncrowded store only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "feeds/page_wait.h"

struct arena;
struct db;
struct err;

enum {
	PAGE_TRIES = 2,			/* requests for one page, that came to
					 * something, */
	PAGE_BEGUN_MOST = 4,		/* with those that our end cut off; */
	PAGE_CUT_S = 60,		/* from the second one of them on */
	PAGE_AWAY_S = 86400,		/* since a feed reads no pages */
	PAGE_WAITING_MOST = 100000,	/* items in all; more: the feed's text
					 * stands, counted as LEFT */
	PAGE_TEXT_KEPT_S = 86400,	/* so long others may have a page's
					 * text, for it may change */
	PAGE_NAME_MOST = 64 << 10	/* bytes of a name: it makes the ids of
					 * alerts, and so is never cut */
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
	PAGE_SHARED,		/* the link is another item's, too, or leads
				 * where another's does: see page_store_begin */
	PAGE_LEFT,		/* over page_limit, or too many wait; or the
				 * text that another feed read is kept no
				 * more */
	PAGE_OUTCOMES
};

/* "read", "short", "no_article", "robots", "refused", ...; static. */
const char	*page_outcome_word(enum page_outcome);

/* The tables, as steps of the store's schema. */
extern const char page_store_schema[];
extern const char page_store_schema_2[];

/*
 * The feed's rows are made where there are none. wait->id is set; 0: it was not
 * added, because it waits already, or was counted as LEFT: as many as may wait
 * do, its URL is none or too long (URL_MAX_BYTES), or its name is. 0, or -1 and
 * *err.
 */
int	page_store_add(struct db *, const char *feed_url, struct page_wait *,
	    struct err *);

/* Rows of this feed with id > after, by id, at most limit; the callback's
 * non-zero ends it. No id comes twice, whatever has gone. 0, or -1 and *err. */
int	page_store_each(struct db *, const char *feed_url, int64_t after,
	    size_t limit, struct arena *,
	    int (*each)(const struct page_wait *, void *ctx), void *ctx,
	    struct err *);

/* The same without what is kept of the item: id, id_hash, seen_s, due_s and
 * tries, and url, which lives until each() returns. */
int	page_store_each_row(struct db *, const char *feed_url, int64_t after,
	    size_t limit,
	    int (*each)(const struct page_wait *, void *ctx), void *ctx,
	    struct err *);

/* What page_store_begin has found. */
enum page_way {
	PAGE_ASK,		/* counted: the request may leave */
	PAGE_KNOWN,		/* it was asked for another feed's item, or
				 * for this one in another row */
	PAGE_NOBODYS,		/* for another of this feed's, or long ago:
				 * ends as PAGE_SHARED */
	PAGE_OVER_LIMIT,	/* today's are used up: put off, to again_s */
	PAGE_TRIED		/* PAGE_TRIES came to something, or
				 * PAGE_BEGUN_MOST were begun, or the row has
				 * gone */
};
struct page_begun {
	enum page_way	 way;
	int64_t		 first;		/* known: the row that asked, for
					 * page_store_find_text, */
	bool		 first_waits;	/* which waits still: look again; */
	enum page_outcome outcome;	/* else what the page has come to */
	int64_t		 again_s;	/* steady: when to look again; when the
					 * next day begins */
};

/*
 * Before a request of this row leaves: one more is begun, the page is asked
 * for, the day's count is one more; all that where the answer is PAGE_ASK only.
 * limit: requests a feed and day of steady time.
 *
 * Two feeds tell of one story; but a page that several items of one feed link
 * to (a home page, a status page, a live blog) is the text of none of them, and
 * what stood there over PAGE_TEXT_KEPT_S ago may have changed.
 *
 * A page that is private for one feed may be public, or its own host's, for
 * another, which asks itself; so does who links to a page on another feed's way
 * to which something has failed, or that was dropped or left on its way there.
 * 0, or -1 and *err.
 */
int	page_store_begin(struct db *, int64_t id, int64_t limit,
	    int64_t steady_s, struct page_begun *, struct err *);

/*
 * The request of this row was answered with a redirect to url (canonical
 * spelling): as page_store_begin, but the address is noted only, and nothing is
 * counted: it is the same try. Never PAGE_OVER_LIMIT. Where another row has
 * asked for that page, or was led to it, the address that this one asked for is
 * that page's, too, from now on. Whether the row itself has been there in this
 * try is for the caller to know. 0, or -1 and *err.
 */
int	page_store_lead(struct db *, int64_t id, struct str url,
	    int64_t steady_s, struct page_begun *, struct err *);

/* A request that page_store_begin counted at began_s has not left: what that
 * did is taken back. No row: nothing. 0, or -1 and *err. */
int	page_store_take_back(struct db *, int64_t id, int64_t began_s,
	    struct err *);

/* Not before due_s; tried: what was begun last has come to something. No row:
 * nothing. 0, or -1 and *err. */
int	page_store_put_off(struct db *, int64_t id, int64_t due_s, bool tried,
	    struct err *);

/*
 * The text of the article on this row's page, and nothing else, for others who
 * link to it; whatever the row's item is with it. Before page_store_end, in its
 * transaction. Cut to PAGE_TEXT_MOST. Nothing is kept where the page was not
 * asked for, or in a crowded store (db_is_crowded). 0, or -1 and *err.
 */
int	page_store_keep_text(struct db *, int64_t id, struct str text,
	    struct err *);

/*
 * The page at url, where this row's page was read, says that this is its own
 * address (page_name_is_claimed): items of other feeds that link to it by
 * another spelling of it need not ask again. Before page_store_end, in its
 * transaction. 0, or -1 and *err.
 */
int	page_store_name(struct db *, int64_t id, struct str url,
	    struct err *);

/* The text of the page that this row has asked for (page_begun.first); lives
 * until each() returns, which is not called where none is kept. 0, or -1 and
 * *err. */
int	page_store_find_text(struct db *, int64_t first,
	    void (*each)(struct str text, void *ctx), void *ctx, struct err *);

/* The row goes, the outcome is counted for its feed. No row (its feed was
 * dropped): nothing is counted. 0, or -1 and *err. */
int	page_store_end(struct db *, int64_t id, enum page_outcome,
	    int64_t steady_s, struct err *);

/* What a feed's pages have come to; zeroed when nothing has. */
struct page_counts {
	int64_t	waiting;
	int64_t	by_outcome[PAGE_OUTCOMES];
	enum page_outcome last;		/* the last one, */
	int64_t	last_s;			/* steady time; 0: none yet */
	int64_t	today;			/* requests */
};
int	page_store_count(struct db *, const char *feed_url,
	    int64_t steady_s, struct page_counts *, struct err *);

/* *any: has a page of any feed come to something, or does one wait? Else none
 * need be counted. 0, or -1 and *err. */
int	page_store_has_any(struct db *, bool *any, struct err *);

/* The feeds of which items wait, and what page_store_set_away has said of them;
 * url lives until each() returns. 0, or -1 and *err. */
int	page_store_each_feed(struct db *,
	    void (*each)(struct str url, int64_t away_s, void *ctx),
	    void *ctx, struct err *);

/* Since when (steady) the feed reads no pages; 0: it does, as after each
 * page_store_add. No row of counts: nothing. 0, or -1 and *err. */
int	page_store_set_away(struct db *, const char *feed_url, int64_t away_s,
	    struct err *);

/* What waits of a feed that is configured no more, or reads no pages any more,
 * goes, n at most; its counts stay. *dropped: how many there were. 0, or -1 and
 * *err. */
int	page_store_drop(struct db *, const char *feed_url, int64_t n,
	    int64_t *dropped, struct err *);

/* Forgets which pages were asked before before_s (steady), the oldest first, n
 * at most, and where those have led; *dropped: how many there were. 0, or -1
 * and *err. */
int	page_store_forget(struct db *, int64_t before_s, int64_t n,
	    int64_t *dropped, struct err *);

/* The same of their texts; before_s INT64_MAX: of all. */
int	page_store_forget_texts(struct db *, int64_t before_s, int64_t n,
	    int64_t *dropped, struct err *);

#endif
