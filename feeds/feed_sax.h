/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_SAX_H
#define HEADLINED_FEEDS_FEED_SAX_H

/*
 * Well-formed XML (what feeds/scrub gives) in, items out: libxml2's push
 * parser with our own SAX handlers, and the walk through a dialect's tables.
 * No tree is built. Private to feeds/feed_parser. One thread.
 *
 *	new -> push ... push -> end -> free
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feeds/feed_document.h"

struct draft;
struct err;
struct feed_sax;

enum feed_sax_state {
	FEED_SAX_MORE,
	FEED_SAX_STRANGER,	/* no feed; *err says what it is */
	FEED_SAX_PAGE,		/* likewise: HTML */
	FEED_SAX_FAILED		/* over a cap, stopped, memory: *err */
};

/* ops, ctx borrowed; NULL when memory is out. */
struct feed_sax		*feed_sax_new(const struct feed_parser_ops *,
			    void *ctx, const struct feed_parser_settings *);
void			 feed_sax_free(struct feed_sax *);	/* NULL: fine */

/* Any state but MORE stays; *err is filled each time. */
enum feed_sax_state	 feed_sax_push(struct feed_sax *, const char *,
			    size_t, struct err *);

/* No more comes. STRANGER when what was read has turned out to be no feed. */
enum feed_sax_state	 feed_sax_end(struct feed_sax *, struct err *);

/* A root element was seen. */
bool			 feed_sax_has_root(const struct feed_sax *);

/* An element in it was understood, other than those that hold the others. */
bool			 feed_sax_understood(const struct feed_sax *);

/*
 * The first item is about to come (the parser has all before it). True: none
 * came yet, and nothing is open but what holds items; *context stands for all
 * that has a say in what items say: the tags around them.
 */
bool			 feed_sax_begin_items(struct feed_sax *,
			    uint64_t *context);

/* Since then nothing was read that is not of an item. */
bool			 feed_sax_only_items(const struct feed_sax *);

/* There were items, which are known and were not pushed. */
void			 feed_sax_skip_items(struct feed_sax *);
struct feed_info	*feed_sax_info(struct feed_sax *);

/* With its counts of what could not be read. */
const struct draft	*feed_sax_draft(const struct feed_sax *);

#endif
