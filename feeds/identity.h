/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_IDENTITY_H
#define HEADLINED_FEEDS_IDENTITY_H

/*
 * Which item is this, and was it seen before? Stands between the parser and
 * whoever looks at items, for one document of one feed.
 *
 *	new -> take ... -> finish -> free
 *
 * An item is what its id says (guid, atom:id), else its link, else a hash of
 * its title and content. Content is what is read of it, the plain text: tokens
 * in its markup, new at each fetch, neither edit an item nor make another of
 * it. Feeds break this in two ways:
 *
 *	one id, many items	In one document, a second item under an id
 *		    with another link or title is an item of its own: its
 *		    identity is id and link, or id, link and title. With the
 *		    same link and title it is one item told twice.
 *	one item, many ids	An item whose id is new, and whose link, title
 *		    and content are those of a known item, is that item; when
 *		    two documents had two such items or more and few that
 *		    kept their ids (a site that moves once makes one), the
 *		    feed's ids are believed no more, for good: from then on
 *		    link and title (without a link: title and content) are the
 *		    identity, and a third thing is content, where a document
 *		    has link and title twice.
 *
 * What decides may stand further down in the document. Items in doubt are
 * held back until it is known, at the latest until finish:
 *
 *	new id, known link and title	new, when the known one is listed too
 *	new id, known title and content	new, when the known one is listed too
 *	known id, other link or title	an item of its own, when the known one
 *	(marked: other content)		is listed too, or others under its id
 *					are; else an edit
 *
 * Otherwise, with the same link, title and content it is the known item. With
 * the one or the other it is so where ids of this document move, else new:
 * better one alert too many than none. Ids move where few items of the document
 * have kept theirs, and
 *
 *	one other has kept its link, title and content, or
 *	two have kept title and content, of 40 bytes or more and like those of
 *	no other item (their links have tokens too), or
 *	two have kept link and title, and none its id;
 *
 * the latter two only where there are no more items that have nothing of a
 * known one (a feed that was not asked for long, with two of its columns).
 *
 * So what cannot be known is whether an item was edited or replaced when its
 * id moved too, where no other item gives the proof; a feed that lists no
 * other than some items under the same links and titles each time (the weather
 * of two towns) is taken for one whose ids change, and the next ones for edits.
 * And an item whose id and link change at each fetch is new when it is edited,
 * and always where it is short or is the only one of its feed.
 *
 * Copies of what is held have IDENTITY_HOLD_BYTES, enough for 256 items of a
 * thousand bytes, and are at most IDENTITY_MAX_HELD. Past that each further
 * item in doubt is decided on at once, by what the document has shown until
 * then.
 *
 * An item that has raised an alert is called in alerts as it was then, over
 * changes of its id and over the mark: its name is kept with it (one longer
 * than NAME_BYTES is not).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feeds/known_item.h"

struct err;
struct identity;
struct item;
struct known_set;

/* This many documents in which ids moved mark a feed. */
enum { IDENTITY_MARKS_AT = 2, IDENTITY_HOLD_BYTES = 1 << 20,
    IDENTITY_MAX_HELD = 256, IDENTITY_TEXT_LEAST = 40,
    IDENTITY_NAME_BYTES = 1024, IDENTITY_CONTENT_NAME_SIZE = 33 };

enum identity_verdict {
	IDENTITY_NEW,
	IDENTITY_EDITED,
	IDENTITY_SAME
};

struct identified {
	const struct item	*item;		/* its texts are plain */
	enum identity_verdict	 verdict;
	struct str		 name;		/* what alerts call it */
	/* What is to be stored of it, with seen_s as it is stored now (0: new
	 * in the store); only for new and edited items, and where stale. */
	struct known_item	 known;
	bool			 stale;
	/* It was known as this, which is to be stored too (left.id_hash of
	 * another item; else has_left is false). */
	struct known_item	 left;
	bool			 has_left;
};

struct identity_ops {
	/*
	 * Each item once, though not in the document's order; all borrowed
	 * until it returns. It may set known.seen_s and known.name, which the
	 * set takes over. -1 ends the document.
	 */
	int	(*on_item)(struct identified *, void *ctx);
};

/* What the document has shown of its ids. */
struct identity_result {
	int64_t		 kept;		/* items known under their ids */
	int64_t		 exact;		/* of them, that say the same, and
					 * whom nobody contests it */
	int64_t		 moved;		/* known ones under new ids */
	int64_t		 duplicates;	/* under an id that another has */
	bool		 ids_moved;	/* one of the documents that mark */
};

/* The set, which is added to, and ops and ctx are borrowed until free. marked:
 * ids are not believed. NULL when memory is out. */
struct identity	*identity_new(struct known_set *, bool marked,
		    const struct identity_ops *, void *ctx);
void		 identity_free(struct identity *);	/* NULL is fine */

/*
 * What an item is called that has neither id nor link: hex of a hash of its
 * title and of the plain text (markup_to_text) of summary and content.
 */
void		 identity_content_name(struct str title, struct str summary,
		    struct str content, char out[IDENTITY_CONTENT_NAME_SIZE]);

/* One item of the document. 0, or -1: memory is out (*err says so), or on_item
 * gave -1 (*err is left alone). */
int		 identity_take(struct identity *, const struct item *,
		    struct err *);

/* The document is over: decides on what was held back. As take. */
int		 identity_finish(struct identity *, struct err *);

/* After finish, also a failed one. */
void		 identity_result(const struct identity *,
		    struct identity_result *);

#endif
