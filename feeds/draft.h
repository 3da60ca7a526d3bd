/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_DRAFT_H
#define HEADLINED_FEEDS_DRAFT_H

/*
 * What the readers of every format write to: the record of the feed, and the
 * item that is open. Text that is kept is copied into the arena of its owner,
 * the feed or the item; a failed arena gives empty slices and is noticed once,
 * at the item's end.
 *
 *	init -> begin_item, set ..., end_item -> ... -> end_feed -> clear
 *
 * Private to feeds/feed_parser; one document, one thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/item.h"
#include "feeds/feed_document.h"

struct arena;

enum draft_field {
	FIELD_ID, FIELD_URL, FIELD_TITLE, FIELD_SUMMARY, FIELD_CONTENT,
	FIELD_LANGUAGE, FIELD_PUBLISHED, FIELD_UPDATED, FIELD_RIGHTS,
	FIELD_GENERATOR, FIELD_ICON, FIELD_SELF, FIELD_HUB, FIELD_TTL,
	FIELD_COUNT
};

/*
 * Ranks of authors: what the format itself says goes before what a module
 * says. An entry taken from elsewhere has its source's authors at worst.
 */
enum {
	RANK_SOURCE_AUTHOR = 1, RANK_ITUNES_AUTHOR, RANK_DC_AUTHOR, RANK_AUTHOR
};

/* What rows write to: the feed, and the item that is open. */
struct draft {
	struct feed_info	*info;
	struct item		 item;
	bool			 in_item;
	struct arena		*info_arena, *item_arena;
	const char		*base;		/* URL in effect, or NULL */
	struct str		 kept_base;	/* its last copy in the arena */
	struct buf		 scratch;
	struct buf		*gathered;	/* where an element's text
						 * stands: a large one is taken
						 * out of it; or NULL */
	size_t			 resolved;	/* bytes of bases and links */
	struct item_person	*person;	/* open; NULL: none, too many */
	uint8_t			 person_rank;	/* of the open element; 0: it
						 * has got its person */
	uint8_t			 info_authors[ITEM_MAX_AUTHORS];
	uint8_t			 item_authors[ITEM_MAX_AUTHORS]; /* ranks */
	struct str		 permalink;	/* the item's guid or about */
	struct text		 description;	/* beside a summary */
	bool			 is_description;	/* what stands as the
						 * item's summary is one */
	bool			 has_summary;	/* an element of that name */
	bool			 only_media;	/* attachments, so far */
	int64_t			 now_s;		/* 0: dates are not judged */
	uint8_t			 info_ranks[FIELD_COUNT];
	uint8_t			 item_ranks[FIELD_COUNT];
	int64_t			 sy_period_s, sy_frequency;
	size_t			 n_bad_dates, n_future;
	size_t			 n_dropped;	/* parts over the item record's
						 * room */
};

/*
 * For one document: the record it fills is borrowed until clear. 0, or -1 when
 * memory is out; clear is due in both cases.
 */
int		draft_init(struct draft *, struct feed_info *,
		    const struct feed_parser_settings *);
void		draft_clear(struct draft *);

void		draft_begin_item(struct draft *);
void		draft_end_item(struct draft *);	/* what follows from the rest */
void		draft_end_feed(struct draft *);

/*
 * May this rank (from 1) speak for the field? It then holds it against its
 * equals and all lower ones.
 */
bool		draft_claims(struct draft *, enum draft_field, uint8_t rank);

/*
 * One more author, empty, of the item, or of the feed outside of items; the
 * element's rank says who stays in the end. Whoever was added before is done
 * with: the same person again is folded into the first. NULL: no room.
 */
struct item_person *draft_add_person(struct draft *, uint8_t rank);

/*
 * At the item's or the feed's end: those of the highest rank stay. Where none
 * of them has a name, the next rank lends theirs. end_item, end_feed do this.
 */
void		draft_settle_people(struct draft *);

/* A copy in the arena of the item, or of the feed outside of items. */
struct str	draft_keep(struct draft *, struct str);

/* The same with white space collapsed, for names and tags. */
struct str	draft_keep_words(struct draft *, struct str);

/* A copy, made absolute against the base in effect. */
struct str	draft_keep_url(struct draft *, struct str ref);

/* A text with the base in effect. A large one is not copied but taken out of
 * d->gathered, for it would stand there twice. */
struct text	draft_keep_text(struct draft *, struct str, enum text_kind);

/*
 * The id as it stands: what names an item must not change with the base. The
 * feed's own is made absolute.
 */
void		draft_keep_id(struct draft *, struct str, bool is_link);

/* Decimal digits and nothing else, at most max_digits (up to 15); or -1. */
int64_t		draft_read_number(struct str, size_t max_digits);

/* http and https, in any case. */
bool		draft_is_web_url(struct str);

/* May ref be made absolute against base (or NULL)? Counts both: each costs
 * time, so the sum is bounded in a document. */
bool		draft_may_resolve(struct draft *, const char *base,
		    struct str ref);

void		draft_set_language(struct draft *, struct str, uint8_t rank);

#endif
