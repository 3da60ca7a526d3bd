/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_STORE_H
#define HEADLINED_FEEDS_FEED_STORE_H

/*
 * What is remembered of each feed over restarts: validators, due time, how
 * the last poll ended, and which items are known, as hashes of who they are
 * and what they said (feeds/identity.h). Functions over a struct db; what
 * writes is called inside the ledger's transaction only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct db;
struct err;
struct feed_memo;
struct known_item;

/* The tables, as steps of the store's schema: the first, and what each of the
 * others adds. */
extern const char feed_store_schema[];
extern const char feed_store_schema_2[];
extern const char feed_store_schema_3[];
extern const char feed_store_schema_4[];
extern const char feed_store_schema_5[];
extern const char feed_store_schema_6[];

/* A feed's row: an open record; strings are heap, NULL when absent. Times are
 * seconds of steady time (base/clock.h), as those of known items are. */
struct feed_state {
	int64_t	 id;			/* of its row; 0: not stored yet */
	char	*title;			/* the feed's own, plain text */
	char	*etag;			/* as one pair, */
	char	*last_modified;		/* from the last whole 200 */
	char	*validators_url;	/* who gave them, when redirected */
	int64_t	 body_hash;		/* of the last whole body; 0: none */
	int64_t	 first_asked_s;		/* 0: never */
	int64_t	 last_asked_s;
	int64_t	 last_good_s;		/* last 200 or 304 */
	int64_t	 listed_s;		/* when a document was last read to its
					 * end: what it listed */
	int64_t	 due_s;			/* next poll; 0: now */
	int64_t	 rhythm_s;		/* gap between items, by their dates or
					 * as polls found them; 0: unknown */
	int64_t	 items_total;		/* ever seen */
	int	 items_listed;		/* in the last document; of these */
	int	 items_new;		/* new or edited */
	int	 duplicate_ids;		/* under an id that another of that
					 * document has */
	int	 ids_moved;		/* documents in which known items came
					 * under new ids (feeds/identity.h) */
	int	 status;		/* of the last poll; 0: no answer */
	unsigned failures;		/* in a row */
	char	*trouble;		/* word of the last failure; without
					 * failures, of what keeps it from
					 * being asked; or NULL */
	char	*message;		/* for people, or NULL */
	bool	 gone;			/* 410: not asked any more */
	bool	 baseline_done;		/* one document was read whole */
	bool	 quiet;			/* its first document is remembered
					 * only, whatever poll.first says */

	/* What the last document asked for: it holds until the next one, also
	 * over the 304s between them. */
	int64_t	 hint_s;		/* largest of ttl and sy:*; 0: none */
	uint32_t skip_hours;		/* bit 0: 00-01 h UTC */
	uint8_t	 skip_days;		/* bit 0: Sunday */
	int64_t	 fresh_s;		/* by the headers that came with it,
					 * or those of a later 304 */

	int64_t	 news_s;		/* when a poll last found a new item,
					 * or it began to read by itself;
					 * 0: never */

	/* Documents that shared no item with the one before them, which had
	 * some: between the two, items may have come and gone unseen. */
	int	 gaps;
	int64_t	 gap_at_s;		/* of the last one; 0: never */
	unsigned haste;			/* as they have left it: see
					 * schedule_haste */

	/* Moves (feeds/feed_move.h). */
	char	*asked_url;		/* a stored move's: asked in place of
					 * the configured one; or NULL */
	char	*move_url;		/* where 301 or 308 led last; or NULL */
	int	 move_seen;		/* so often in a row, */
	int64_t	 move_since_s;		/* first then */
	char	*kept_from;		/* whose move was taken back: never
					 * stored again; or NULL */
	/* The feed (its configured URL) that reads the document this one leads
	 * to as well (feeds/url_owner.h); NULL: it reads its own. */
	char	*same_as;
};

void	feed_state_clear(struct feed_state *);	/* zeroed storage is fine */

/* Did so many documents show it that the feed's ids are not believed? */
bool	feed_state_ids_change(const struct feed_state *);

/* Was it kept from being asked last time, and has no failure to tell? */
bool	feed_state_is_held(const struct feed_state *);

/*
 * Reads the row of the feed with this configured URL; a feed never seen gives
 * a zeroed state. 0, or -1 and *err.
 */
int	feed_store_load(struct db *, const char *url, struct feed_state *,
	    struct err *);

/*
 * Every row, in one scan, for a start with many feeds. each() may steal the
 * state's strings (and zero it). 0, or -1 and *err.
 */
struct feed_store_scan {
	/* Is this row wanted at all? NULL: every one is. */
	bool	(*wants)(struct str url, void *ctx);
	void	(*each)(struct str url, struct feed_state *, void *ctx);
};
int	feed_store_each(struct db *, const struct feed_store_scan *,
	    void *ctx, struct err *);

/*
 * The history of a feed's address: each change of asked_url, the oldest first.
 * The rows come with feed_store_save. Texts live until each() returns. 0, or -1
 * and *err.
 */
struct feed_store_move {
	int64_t		at_s;		/* steady time */
	struct str	from, to;
};
int	feed_store_each_move(struct db *, int64_t feed,
	    void (*each)(const struct feed_store_move *, void *ctx), void *ctx,
	    struct err *);

/* The feeds that read another URL than their own, or leave it to another feed,
 * who read last first: what is absent is empty. As each_move. */
struct feed_store_led {
	struct str	url, asked, validators, same_as;
	int64_t		last_good_s;
	bool		is_well;	/* its last poll did not fail */
};
int	feed_store_each_led(struct db *,
	    void (*each)(const struct feed_store_led *, void *ctx), void *ctx,
	    struct err *);

/*
 * The feeds that `what` may mean: their own title (or, from FEED_STORE_BEGUN
 * bytes on, its beginning); or the address, as it stands or as `spelled`, where
 * they are asked since a move or may be one day, of who reads for himself. A
 * look at each row. As each_move.
 */
enum { FEED_STORE_BEGUN = 30 };
struct feed_store_called {
	struct str	url;
	bool		by_address;
};
int	feed_store_each_called(struct db *, struct str what,
	    struct str spelled,
	    void (*each)(const struct feed_store_called *, void *ctx),
	    void *ctx, struct err *);

/* Sets quiet where no document of the feed was read whole yet; the row is made
 * where there is none. 0, or -1 and *err. */
int	feed_store_make_quiet(struct db *, const char *url, struct err *);

/*
 * Writes the row (made where there is none). A state without a title leaves
 * the stored one: it may not have been read. Where asked_url changes the move
 * is noted: as of the state's poll, or of another moment (steady time) that the
 * caller knows. 0, or -1 and *err.
 */
int	feed_store_save(struct db *, const char *url,
	    const struct feed_state *, struct err *);
int	feed_store_save_moved(struct db *, const char *url,
	    const struct feed_state *, int64_t moved_s, struct err *);

/* The number of the feed's row, which is made where there is none: for tables
 * that refer to it. -1 and *err. */
int64_t	feed_store_find_or_make(struct db *, const char *url, struct err *);

/*
 * The same where nothing but the times, the status, the freshness and the
 * body's hash of the last poll are others than stored (feed_state_is_touch), as
 * after most 304s, and after a document that lists what the last one did where
 * a server sends no validators: a small part of the work. The row's id is noted
 * in the state, for the next time.
 */
int	feed_store_touch(struct db *, const char *url, struct feed_state *,
	    struct err *);

/* Does `after` differ from `before` only in what feed_store_touch writes? */
bool	feed_state_is_touch(const struct feed_state *before,
	    const struct feed_state *after);

/*
 * Calls back for each known item of the feed; its name lives until each()
 * returns. Where title is not NULL *title gets the feed's, from the same look
 * at the store: heap, and as it was (NULL) where there is none. 0, or -1 and
 * *err.
 */
int	feed_store_each_known(struct db *, const char *url, char **title,
	    void (*each)(const struct known_item *, void *ctx), void *ctx,
	    struct err *);

/*
 * The same, but where there is a memo that holds at now_s: then *memo is it,
 * its chain in the buffer, and no item is called back for. Else *memo has no
 * chain.
 */
struct feed_store_ask {
	void		(*each)(const struct known_item *, void *ctx);
	void		*ctx;
	char		**title;
	int64_t		 now_s;
	struct feed_memo *memo;
	struct buf	*chain;
};
int	feed_store_recall(struct db *, const char *url,
	    const struct feed_store_ask *, struct err *);

/* Keeps the memo of a feed that has a row, in place of the one before. It is
 * gone once known items are added, or too many forgotten: what it stands for
 * are the items as they are. 0, or -1 and *err. */
int	feed_store_save_memo(struct db *, const char *url,
	    const struct feed_memo *, struct err *);

/* Adds or replaces items; seen_s never goes back, and since_s is reckoned. The
 * feed's row is made where there is none. 0, or -1 and *err. */
int	feed_store_add_known(struct db *, const char *url,
	    const struct known_item *, size_t n, struct err *);

/* What another feed has known since until_s at the latest this one knows as
 * well, if it does not already know an item of that id. The feed's row is made
 * where there is none. 0, or -1 and *err. */
int	feed_store_inherit(struct db *, const char *url, const char *from,
	    int64_t until_s, struct err *);

/*
 * What is forgotten of the known items: those that no document listed in the
 * keep_s before the last one that was read to its end. Time in which nobody
 * asked, or the feed answered 304, counts for nothing: what was listed then is
 * listed still. And all of a feed that should have been asked before
 * overdue_since_s and was not: nobody watches it any more (but for watched
 * files, which are asked only when they change).
 */
struct feed_store_age {
	int64_t	keep_s;
	int64_t	overdue_since_s;	/* INT64_MIN: no feed is */
};

/*
 * Forgets by age; some feeds only, so that nobody waits long: from the row
 * *next on (0: the first), which is then where to go on; 0: that was all. 0, or
 * -1 and *err.
 */
int	feed_store_forget(struct db *, const struct feed_store_age *,
	    int64_t *next, struct err *);

/* Keeps the n known items of the feed that were seen last. 0, or -1 and
 * *err. */
int	feed_store_trim(struct db *, const char *url, int64_t n,
	    struct err *);

#endif
