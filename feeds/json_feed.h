/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_JSON_FEED_H
#define HEADLINED_FEEDS_JSON_FEED_H

/*
 * JSON Feed 1.0 and 1.1 (jsonfeed.org) in, items out, each as its map ends.
 * UTF-8 in, or what was meant as such. Private to feeds/feed_parser. One
 * thread.
 *
 *	new -> push ... push -> end -> free
 *
 * The document begins with a bracket. It is a feed when its version says so,
 * or when it has a list of items, which may come before anything else. A list
 * may be one value without brackets, a number stand for a text; keys that
 * nobody knows, extensions among them, are passed over with all that is in
 * them.
 */

#include <stddef.h>

#include "feeds/feed_document.h"

struct draft;
struct err;
struct json_feed;
struct json_mends;

enum json_feed_state {
	JSON_FEED_MORE,
	JSON_FEED_DONE,		/* the outermost map has ended */
	JSON_FEED_STRANGER,	/* no feed; *err says what it is */
	JSON_FEED_FAILED	/* over a cap, broken, stopped, memory: *err */
};

/* ops, ctx borrowed; NULL when memory is out. */
struct json_feed	*json_feed_new(const struct feed_parser_ops *,
			    void *ctx, const struct feed_parser_settings *);
void			 json_feed_free(struct json_feed *);	/* NULL: fine */

/* Any state but MORE stays; *err is filled where it says so. */
enum json_feed_state	 json_feed_push(struct json_feed *, const char *,
			    size_t, struct err *);

/*
 * No more comes. MORE: the document of a feed was cut short; STRANGER: it was
 * before it had shown to be one.
 */
enum json_feed_state	 json_feed_end(struct json_feed *, struct err *);

struct feed_info	*json_feed_info(struct json_feed *);

/* C1 controls that were read as windows-1252. */
size_t			 json_feed_n_c1(const struct json_feed *);

/* With its counts of what could not be read; what was mended in texts. */
const struct draft	*json_feed_draft(const struct json_feed *);
const struct json_mends	*json_feed_mends(const struct json_feed *);

#endif
