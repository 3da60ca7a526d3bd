/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_PARSER_H
#define HEADLINED_FEEDS_FEED_PARSER_H

/*
 * Reads one feed document as its bytes arrive and gives out items: each at
 * its own end tag, while the rest may not even have been sent.
 *
 *	new -> push ... push -> finish -> info, warnings -> free
 *
 *	bytes -> charset (to UTF-8) -> scrub (mend) -> libxml2 push parser
 *	      -> a dialect's table (RSS, RDF, Atom) -> item
 *	bytes -> charset -> JSON Feed's table -> item
 *
 * A parser belongs to one thread and one document. Documents come from
 * strangers: no input may crash it, nothing outside the document is ever
 * opened, and the settings bound what it keeps. The door to libxml2's XML
 * parser.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feeds/feed_document.h"

struct err;
struct feed_parser;

/* For feeds from the network: 10 MiB, 4 MiB, 256. */
extern const struct feed_parser_settings feed_parser_defaults;

enum feed_end {
	FEED_END_COMPLETE,	/* the root's end tag or bracket was read */
	FEED_END_TRUNCATED,	/* it was not: items so far count */
	FEED_END_NOT_A_FEED,	/* *err says what it is instead */
	FEED_END_FAILED		/* push gave -1 before: *err says it again */
};

/* ops, ctx are borrowed until free; settings are copied. NULL when memory is
 * out. */
struct feed_parser	*feed_parser_new(const struct feed_parser_ops *,
			    void *ctx, const struct feed_parser_settings *);

/*
 * 0, or -1 with *err set: not a feed, over a cap (the message names it), or
 * stopped. After -1 only finish, info, warnings and free are allowed. Items
 * already given stay given. Bytes behind the root's end are searched for junk,
 * which is a warning, and ignored. An HTML page is known by its first element;
 * as much of it is read as is needed to say which feeds it announces (at most
 * 256 KiB). HTML in front of a feed is left out (feeds/feed_front).
 */
int			 feed_parser_push(struct feed_parser *, const char *,
			    size_t, struct err *);
enum feed_end		 feed_parser_finish(struct feed_parser *,
			    struct err *);

/*
 * After FEED_END_NOT_A_FEED, a word for logs and status: "html", "bot_wall",
 * "empty", else "not_a_feed".
 */
const char		*feed_parser_stranger(const struct feed_parser *);

/* Likewise: is it an HTML page, a wall or not? */
bool			 feed_parser_is_page(const struct feed_parser *);

/*
 * After FEED_END_COMPLETE, where the settings ask for it. Skipped: its items
 * are those of the known tail, which were not given. Else its own chain, until
 * free; empty: it has none, or more than items follows its first one.
 */
bool			 feed_parser_skipped(const struct feed_parser *);
struct str		 feed_parser_tail(const struct feed_parser *);

/* Grows as the document is read; lives as long as the parser. */
const struct feed_info	*feed_parser_info(const struct feed_parser *);

/*
 * What was mended, each kind once, with how often: "bare_ampersand", 3. Index
 * from 0; NULL past the last.
 */
const char		*feed_parser_warning(const struct feed_parser *,
			    size_t index, size_t *times);

void			 feed_parser_free(struct feed_parser *);

/* "rss20", ...: as headlinectl(1) lists them; "unknown" else. */
const char		*feed_format_word(enum feed_format);

#endif
