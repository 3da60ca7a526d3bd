/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_ITEM_H
#define HEADLINED_BASE_ITEM_H

/*
 * One entry of a feed, of whatever format: an open record. Its slices are
 * UTF-8 and live as long as its giver says; who keeps something copies it. An
 * element that the feed does not have is an empty slice, ITEM_NO_TIME, or 0.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define ITEM_NO_TIME	INT64_MIN

/* How a text is written: RSS 2.0 means HTML, Atom says (RFC 4287, 3.1). */
enum text_kind { TEXT_NONE, TEXT_PLAIN, TEXT_HTML };

struct text {
	struct str	s;
	enum text_kind	kind;
	struct str	base;			/* URL that links within are
						 * relative to; empty: none */
};

struct item_person {
	struct str	name, email, url;
};

struct item_attachment {
	struct str	url, type;
	int64_t		bytes;			/* 0: not said */
};

enum { ITEM_MAX_AUTHORS = 16, ITEM_MAX_TAGS = 64, ITEM_MAX_ATTACHMENTS = 16 };

struct item {
	struct str		id;		/* guid, atom:id; as written */
	struct str		id_base;	/* of an id that may be a
						 * relative link; or empty */
	struct str		url;		/* absolute if base known */
	struct str		title;		/* plain text */
	struct text		summary;
	struct text		content;
	struct str		language;
	int64_t			published;	/* Unix seconds */
	int64_t			updated;
	bool			in_future;	/* a date lay ahead of the
						 * clock: now it is its */
	size_t			n_authors, n_tags, n_attachments;
	struct item_person	authors[ITEM_MAX_AUTHORS];
	struct str		tags[ITEM_MAX_TAGS];
	struct item_attachment	attachments[ITEM_MAX_ATTACHMENTS];
};

struct arena;

/*
 * Makes *to a copy that lives as long as the arena: each slice of an item must
 * have its line in item.c. 0, or -1 when the arena is full.
 */
int	item_copy(struct arena *, const struct item *, struct item *to);

#endif
