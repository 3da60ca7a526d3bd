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
 * its title and content. Feeds break this in two ways:
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
 * held back until it is known, at the latest until finish, as long as their
 * copies have HOLD_BYTES:
 *
 *	new id, known link and title	new, when the known one is listed too
 *	known id, other link or title	an item of its own, when the known one
 *	(marked: other content)		is listed too, or others under its id
 *					are; else an edit
 *
 * Otherwise, with the same content it is the known item; with another one it
 * is edited where ids of this document move, else new: better one alert too
 * many than none. So what cannot be known is whether an item was edited or
 * replaced at the moment when its id moved too, in a feed not yet marked, in a
 * document in which no other item gives the proof.
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
enum { IDENTITY_MARKS_AT = 2, IDENTITY_HOLD_BYTES = 64 << 10,
    IDENTITY_NAME_BYTES = 1024 };

enum identity_verdict {
	IDENTITY_NEW,
	IDENTITY_EDITED,
	IDENTITY_SAME
};

struct identified {
	const struct item	*item;
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
	int64_t		 moved;		/* known ones under new ids */
	int64_t		 duplicates;	/* under an id that another has */
	bool		 ids_moved;	/* one of the documents that mark */
};

/* The set, which is added to, and ops and ctx are borrowed until free. marked:
 * ids are not believed. NULL when memory is out. */
struct identity	*identity_new(struct known_set *, bool marked,
		    const struct identity_ops *, void *ctx);
void		 identity_free(struct identity *);	/* NULL is fine */

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
