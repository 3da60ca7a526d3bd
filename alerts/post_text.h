/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_POST_TEXT_H
#define HEADLINED_ALERTS_POST_TEXT_H

/*
 * Texts as services read them: cleaned, escaped, at most so long, cut at a
 * character with U+2026. What is counted is what is written, escapes and marks
 * with it. Pure, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerts/alert.h"
#include "base/str.h"

struct buf;
struct message_view;

/* How a service counts; U+1F600 is 4, 1, 2. */
enum post_unit { POST_BYTES, POST_CHARACTERS, POST_UTF16 };

/* A character and what stands beside it. */
struct post_char {
	uint32_t	c;
	uint32_t	next;		/* 0: the line ends */
	/* Only digits, if anything, stand before it in its line: where markup
	 * reads lists, headings and quotes. */
	bool		at_start;
};

/* Appends it so that it shows as itself; at most POST_MAX_ESCAPED bytes. */
typedef void	post_escape_fn(struct buf *, const struct post_char *);

enum { POST_MAX_ESCAPED = 32 };

/* A service's markup. */
struct post_style {
	enum post_unit	 unit;
	post_escape_fn	*escape;	/* NULL: every text is plain */
	const char	*hit, *hit_end;	/* around the words of a hit, or NULL */
};

/* What a text may say beside itself. */
struct post_source {
	struct str		 text;
	bool			 lines;	/* its line feeds break lines */
	const struct hit	*hits;	/* to mark, where the style does */
	size_t			 n_hits;
};

/* Appends at most max units; how many it were. */
size_t	post_text_add(struct buf *, const struct post_style *,
	    const struct post_source *, size_t max);

/* The same of a text that is one line and has no hits. */
size_t	post_text_add_line(struct buf *, const struct post_style *,
	    struct str text, size_t max);

/* The view's text, with its lines and its hits. */
struct post_source post_text_of(const struct message_view *);

/* For services that take marked words as pieces of their own: each piece of a
 * text that post_text_add has made plain, in order. At most POST_MAX_MARKS are
 * marked: a piece takes far more room than its words. */
enum { POST_MAX_MARKS = 20 };
typedef void	post_piece_fn(struct str piece, bool is_hit, void *ctx);
void	post_text_split(struct str plain, const struct post_source *,
	    post_piece_fn *, void *ctx);

/* Appends "WARNING · ukraine · Example News · 2026-11-23 10:00 UTC", label and
 * source at most max units each. */
void	post_text_add_meta(struct buf *, const struct post_style *,
	    const struct message_view *, size_t max);

/*
 * Appends a URL of only such characters as RFC 3986 knows, all others, those of
 * `also` and a percent sign that begins no escape percent-encoded (not the
 * brackets of an IPv6 address). False, and nothing is appended: it is empty, or
 * longer than max bytes then.
 */
bool	post_text_add_url(struct buf *, struct str url, const char *also,
	    size_t max);

/* 0xRRGGBB. */
uint32_t	post_text_colour(enum severity);

#endif
