/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_PIPELINE_H
#define HEADLINED_DAEMON_PIPELINE_H

/*
 * One document: bytes in, batches out. Parser, identity, known or not, text,
 * topics, alerts; no clock, no thread, no network, no store.
 *
 *	new -> push ... push -> finish -> take_batch -> free
 *
 *	bytes -> feed_parser -> item -> identity (markup_to_text) -> known?
 *	      -> lines left out -> judge (matcher, alert) -> batch
 *
 * A document that goes on from its first item on as the one that the memo was
 * made of is not parsed from there on, and what comes out is the same: of its
 * items nothing is new, nothing is to be written, and their number and what
 * their dates say are those of the memo.
 *
 * Lines that the feed repeats are left out before topics look (daemon/
 * left_out.h), but for a feed of `boilerplate: keep`: what is known of them is
 * asked for with the first item that is new or edited, and given back with the
 * result.
 *
 * Under `text: page` a new item that has come with less than its full text goes
 * into the batch as one that waits for its page, too.
 *
 * An item's identity is its guid or id, else its link, else a hash of what it
 * says (feeds/identity.h); within the feed's configured URL. A pipeline belongs
 * to one thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "feeds/boilerplate_store.h"
#include "feeds/feed_memo.h"
#include "feeds/feed_parser.h"

struct batch;
struct buf;
struct conf;
struct conf_feed;
struct counters;
struct err;
struct keeper;
struct known_set;
struct learner;
struct matcher;
struct parties;
struct sources;
struct pipeline;
struct poll_token;
struct story_signer;

/* Borrowed until free; conf, matcher and keeper outlive
 * the pipeline. */
struct pipeline_env {
	struct conf		*conf;
	struct matcher		*matcher;
	struct learner		*learner;	/* or NULL */
	struct story_signer	*signer;	/* or NULL */
	struct keeper		*keeper;
	struct counters		*counters;	/* or NULL */
	const char		*instance;
	const struct conf_feed	*feed;
	/* Bit set of the topics that look at its items; NULL: all. */
	const uint64_t		*wanted;
	/* They depend on the item (daemon/parties.h); NULL: they do not. */
	struct parties		*parties;
	/* For whom the document is read, too; NULL: nobody. */
	const struct sources	*others;
	struct poll_token	*token;
	/* What is known of the feed; the document's items are added. Where
	 * there is a memo that holds (NULL: none), not yet: on_doubt. */
	struct known_set	*known;
	const struct feed_memo	*memo;
	/* The items are told apart by the set alone, which is what the store
	 * has of this feed: a memo may be made of the document. */
	bool			 makes_memo;
	/* No document of this feed was read whole before: items older than
	 * poll.first are only remembered. */
	bool			 baseline;
	/* Then nothing of it is alerted, whatever poll.first says. */
	bool			 quiet;
	/* The feed's ids are not believed. */
	bool			 ids_change;
	/* The feed's title as it was known before this document. */
	const char		*title;
	/* Where relative links start, and what the response's headers say. */
	const char		*base_url;
	struct str		 content_type, content_language;
	/* Unix seconds, when the document began: dates ahead of it. */
	int64_t			 begun_s;
	/* Steady time less that: known items are remembered in it, because it
	 * is what they are forgotten by (feeds/feed_store.h). */
	int64_t			 steady_ahead_s;
};

struct pipeline_ops {
	/* A batch with an alert, as soon as its item is complete, or one that
	 * is full: the receiver's from now on. */
	void	(*on_batch)(struct batch *, void *ctx);
	/* There are items that the memo does not speak of: before the first of
	 * the document, once, fill the set. 0, or -1 and *err: the document is
	 * over. */
	int	(*on_doubt)(void *ctx, struct err *);
	/* Before the first item that is new or edited, once: append what is
	 * known of the lines that the feed repeats (NULL: nothing). 0, or -1
	 * and *err: the document is over. */
	int	(*on_lines)(struct buf *saved, void *ctx, struct err *);
};

/* What the document as a whole has shown. */
struct pipeline_result {
	enum feed_end	end;
	const char	*stranger;	/* see feed_parser_stranger; static */
	const char	*title;		/* or NULL; until free */
	int64_t		 hint_s;	/* of ttl and sy:*; 0: none */
	uint32_t	 skip_hours;	/* as feeds/feed_document.h */
	uint8_t		 skip_days;
	int64_t		 rhythm_s;	/* mean gap between its ten newest
					 * dates; 0: they do not say */
	int64_t		 items;		/* all of them */
	int64_t		 fresh_items;	/* new and edited ones */
	int64_t		 new_items;	/* the former */
	int64_t		 duplicate_ids;	/* under an id that another has */
	bool		 ids_moved;	/* most known ones had new ids */
	bool		 skipped;	/* the memo told all of its items */
	struct feed_memo memo;		/* for the next document; its chain
					 * until free, or none */
	struct boilerplate_row lines;	/* likewise; nothing saved: none were
					 * learned */
};

/* ops, ctx: borrowed. NULL when memory is out. */
struct pipeline	*pipeline_new(const struct pipeline_env *,
		    const struct pipeline_ops *, void *ctx);

/*
 * wall_s: Unix seconds, for first_seen and the age of items. 0, or -1 and *err:
 * the document is over (not a feed, too large, out of memory); what was found
 * so far stands.
 */
int		 pipeline_push(struct pipeline *, const char *, size_t,
		    int64_t wall_s, struct err *);

/* After the last byte, or after push gave -1. *err is set when the end is
 * FEED_END_NOT_A_FEED or FEED_END_FAILED. */
void		 pipeline_finish(struct pipeline *, struct pipeline_result *,
		    struct err *);

/* What has not gone to on_batch; the caller's. NULL when memory is out. */
struct batch	*pipeline_take_batch(struct pipeline *);

void		 pipeline_free(struct pipeline *);	/* NULL is fine */

#endif
