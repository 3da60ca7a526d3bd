/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_CHARSET_H
#define HEADLINED_FEEDS_CHARSET_H

/*
 * Finds out which charset a document is written in and gives it on as UTF-8,
 * as it arrives. Asked in this order, the first that answers wins:
 *
 *	byte order mark; the byte pattern of UTF-16 and UTF-32; the charset of
 *	the HTTP header; the XML declaration; else a guess
 *
 * A label that nobody knows, or that cannot be true (UTF-16 without its zero
 * bytes), is no answer. Labels mean what they mean on the web (WHATWG
 * Encoding Standard, 4.2): iso-8859-1 and us-ascii are windows-1252.
 *
 *	new -> push ... push -> finish -> free
 *
 * UTF-8 and guessed documents are handed on as they are, without their mark
 * and unchecked: feeds/scrub reads each byte anyway and mends what is bad.
 * One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct charset;

/*
 * content_type is the HTTP header's value, or empty; it is copied. emit gets
 * the text in pieces, never cut inside a character that was converted; when
 * it gives non-zero nothing more is emitted. NULL when memory is out.
 */
struct charset	*charset_new(struct str content_type,
		    int (*emit)(const char *, size_t, void *ctx), void *ctx);
void		 charset_free(struct charset *);	/* NULL is fine */

/*
 * 0, or what emit gave. The first bytes are kept back until the charset is
 * known, at most 1024.
 */
int		 charset_push(struct charset *, const char *, size_t);
int		 charset_finish(struct charset *);

/* What it is read as, lower case: "utf-8" before it is known. */
const char	*charset_name(const struct charset *);

/* Nothing said which: UTF-8, and windows-1252 where that is not valid. */
bool		 charset_is_guess(const struct charset *);

/* How many characters could not be converted and became U+FFFD. */
size_t		 charset_n_bad(const struct charset *);

#endif
