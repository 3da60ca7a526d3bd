/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_BATCH_H
#define HEADLINED_DAEMON_BATCH_H

/*
 * What a poll has found and not yet told the ledger: known items, alerts, items
 * that wait for their pages, and at its end how the poll ended. Owns all it
 * holds, and so may travel.
 *
 *	new -> add_known, add_item, add_page, add_alert ... -> (end)
 *	    -> ledger_post -> back with its acknowledgement -> free
 *
 * One poll may send several: an alert does not wait for the rest of the
 * document. They share a poll_token: once one of them is refused the ledger
 * refuses all later ones of the same poll too, so that validators can never
 * be stored for a document whose items were not.
 *
 * One thread at a time: who holds it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger.h"
#include "daemon/telling.h"
#include "feeds/boilerplate_store.h"
#include "feeds/feed_memo.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"
#include "feeds/page_wait.h"

struct arena;
struct teller;
struct word_counts;

/* Lives as long as the poll; the ledger's thread alone reads and writes it. */
struct poll_token {
	bool	refused;
};

/*
 * More known items than BATCH_KNOWN_MOST of one feed are no memory of it but
 * an attack on ours: then so many of the youngest are kept.
 */
enum { BATCH_KNOWN_MOST = 50000, BATCH_KNOWN_KEPT = 40000 };

/* What another feed knew then is this one's (feed_store_inherit). */
struct batch_heritage {
	const char	*from;		/* its configured URL; in arena */
	int64_t		 until_s;
};

/* Whether a document was read whole from a private address. */
enum batch_from { BATCH_UNKNOWN, BATCH_NEAR, BATCH_ABROAD };

struct batch {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct poll_token	*token;		/* borrowed from the poll */
	void			*owner;		/* whoever gets the reply */
	int64_t			 raised, held;	/* alerts that were new, and
						 * that the teller held back;
						 * once it is committed */
	struct arena		*arena;		/* of all text in it */
	const char		*feed_url;	/* configured URL; in arena */
	struct known_item	*known;
	size_t			 n_known, cap_known;
	struct item_text_row	*items;		/* texts of new and edited */
	size_t			 n_items, cap_items;
	size_t			 text_bytes;	/* of them, and of pages */
	struct page_wait	*pages;		/* items that wait for them; ids
						 * once it is committed */
	size_t			 n_pages, cap_pages;
	struct batch_story	*stories;
	size_t			 n_stories, cap_stories;
	struct batch_alert	*alerts;
	size_t			 n_alerts, cap_alerts;
	struct teller		*teller;	/* borrowed; NULL: all goes
						 * out */
	bool			 ends_poll;
	enum batch_from		 came_from;	/* where it ends */
	struct batch_heritage	*heritage;	/* likewise */
	size_t			 n_heritage, cap_heritage;
	bool			 inherits;	/* all that; else nothing */
	bool			 touches;	/* feed_state_is_touch */
	bool			 trims;		/* the feed has too many known
						 * items: the oldest go */
	struct word_counts	*words;		/* to store, or NULL; owned */
	struct feed_state	 state;		/* where it ends: to store */
	struct feed_memo	 memo;		/* likewise, if it has a chain;
						 * in arena */
	struct boilerplate_row	 lines;		/* the feed's, or of its pages:
						 * likewise */
	bool			 of_pages;
};

/* token is borrowed. NULL when memory is out. */
struct batch	*batch_new(struct poll_token *, const char *feed_url);
void		 batch_free(struct batch *);		/* NULL is fine */

/*
 * One row more; its text, and the names of an alert's sinks, are copied. 0, or
 * -1 when memory is out: this row is not in the batch, which may take no more
 * of them, but still go to the ledger. What is the teller's is not copied.
 */
int		 batch_add_known(struct batch *, const struct known_item *);
int		 batch_add_item(struct batch *, const struct item_text_row *);
int		 batch_add_page(struct batch *, const struct page_wait *);
int		 batch_add_heritage(struct batch *, const char *from,
		    int64_t until_s);
int		 batch_add_story(struct batch *, const struct batch_story *);
int		 batch_add_alert(struct batch *, const struct batch_alert *);

/* For the one that ends the poll. Without memory for it: none. */
void		 batch_set_memo(struct batch *, const struct feed_memo *);

/* What is known of the lines that the feed repeats. Without memory for it:
 * nothing is stored. */
void		 batch_set_lines(struct batch *, const struct boilerplate_row *,
		    bool of_pages);

/* Large enough to go to the ledger by itself, so that neither memory nor one
 * transaction grows with a document. */
bool		 batch_is_full(const struct batch *);

#endif
