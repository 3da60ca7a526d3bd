/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_DOCUMENT_H
#define HEADLINED_FEEDS_FEED_DOCUMENT_H

/*
 * The records of feeds/feed_parser: what a document says of the feed itself,
 * who takes its items, and within which limits it is read. Apart from
 * feed_parser.h so that the files below the parser know them and not it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/item.h"

enum feed_format {
	FEED_FORMAT_UNKNOWN,
	FEED_FORMAT_RSS09X, FEED_FORMAT_RSS10, FEED_FORMAT_RSS20,
	FEED_FORMAT_ATOM03, FEED_FORMAT_ATOM10, FEED_FORMAT_JSON
};

/* What a document says about the feed itself. */
struct feed_info {
	enum feed_format	format;
	struct str		encoding;	/* what it was read as */
	struct str		id;
	struct str		title;		/* plain text */
	struct str		home_url;
	struct str		self_url;
	struct str		hub_url;
	struct text		description;
	struct str		language;
	struct str		rights;
	struct str		generator;
	struct str		icon_url;
	int64_t			published;	/* Unix seconds */
	int64_t			updated;
	int64_t			ttl_minutes;	/* 0: not said */
	int64_t			sy_period_s;	/* sy:updatePeriod over its
						 * frequency; 0: none */
	uint32_t		skip_hours;	/* bit 0: 00-01 h UTC */
	uint8_t			skip_days;	/* bit 0: Sunday */
	size_t			n_authors;
	struct item_person	authors[ITEM_MAX_AUTHORS];
};

struct feed_parser_ops {
	/*
	 * One complete item. Its slices are valid until on_item returns; copy
	 * what must live longer. Return non-zero to stop the document: push
	 * then gives -1. Must not free the parser.
	 */
	int	(*on_item)(const struct item *, void *ctx);
};

struct feed_parser_settings {
	const char	*base_url;	/* of relative links; may be NULL */
	struct str	 content_type;	/* HTTP header; a hint, never trusted */
	struct str	 content_language;	/* HTTP header, or empty */
	int64_t		 now_s;		/* Unix seconds: dates more than a day
					 * later are taken for now. 0: none */
	/* The document's tail (feeds/feed_tail.h) is to be hashed, and where
	 * it is this chain (or empty) its items are not given. */
	bool		 notes_tail;
	struct str	 known_tail;
	size_t		 max_document_bytes;
	size_t		 max_item_bytes;
	unsigned	 max_depth;	/* of elements */
};

#endif
