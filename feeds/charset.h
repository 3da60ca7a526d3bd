/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_CHARSET_H
#define HEADLINED_FEEDS_CHARSET_H

/*
 * Finds out which charset a document is written in and gives it on as UTF-8,
 * as it arrives. Asked in this order, the first that answers wins:
 *
 *	byte order mark; the byte pattern of UTF-16 and UTF-32; the charset of
 *	the HTTP header; the XML declaration; the bytes
 *
 * A label that nobody knows, or that cannot be true (UTF-16 without its zero
 * bytes), is no answer. Labels mean what they mean on the web (WHATWG
 * Encoding Standard, 4.2), where iso-8859-1 and us-ascii are windows-1252;
 * those that it lacks mean what iconv knows under them.
 *
 * Servers put a charset on whatever they send. Two of their lies are told by
 * the bytes, from the first that is not ASCII on:
 *
 *	header utf-8, declaration another	the declaration, unless the
 *						bytes are UTF-8
 *	header iso-8859-1 or us-ascii,		UTF-8, if the bytes are
 *	declaration utf-8
 *
 * Bytes are UTF-8 as soon as enough valid sequences came and none that is not:
 * one of three or four bytes, three of two, three or six where none of their
 * tails is below A0; or when 1 KiB from the first that is not ASCII on is
 * valid. Where no label says which charset they are in and they are not
 * UTF-8, what a detector says of the first 4 KiB counts if the text bears it
 * out (feeds/charset_guess); it never does for Latin scripts. Then they are a
 * guess: UTF-8, and windows-1252 where that is not valid.
 *
 *	new -> push ... push -> finish -> free
 *
 * UTF-8 and guessed documents are handed on as they are, without their mark
 * and unchecked: feeds/scrub reads each byte anyway and mends what is bad.
 * Other bytes that cannot be decoded become U+FFFD. What is held back depends
 * on the bytes alone, never on how they were cut. One thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct charset;

enum { CHARSET_NO_MEMORY = -1 };	/* emit gives no such */

/*
 * content_type is the HTTP header's value, or empty; it is copied. emit gets
 * the text in pieces, never cut inside a character that was converted; when
 * it gives non-zero nothing more is emitted. NULL when memory is out.
 */
struct charset	*charset_new(struct str content_type,
		    int (*emit)(const char *, size_t, void *ctx), void *ctx);
void		 charset_free(struct charset *);	/* NULL is fine */

/*
 * 0, or what emit gave, or CHARSET_NO_MEMORY. The first bytes are kept back
 * until it is known which charset is asked for, at most 1 KiB; from the first
 * byte that is not ASCII on at most 4 KiB where the bytes decide.
 */
int		 charset_push(struct charset *, const char *, size_t);
int		 charset_finish(struct charset *);

/* No more comes: all is given out but a character that the end has cut off,
 * for which finish gives U+FFFD. For who wants to tell them apart. */
int		 charset_flush(struct charset *);

/*
 * The label it goes by, lower case and in the form that IANA prefers:
 * "iso-8859-1", although that is read as windows-1252. "utf-8" where nothing
 * says which, and before it is known. What was sent as text without a charset
 * is "us-ascii" while all its bytes were (RFC 3023, 3.1), whatever it declares
 * itself. A detector's word is spelled as detectors do: "KOI8-R", "Big5",
 * "windows-1251", "GB2312".
 */
const char	*charset_name(const struct charset *);

/* The bytes go on as they are, and nothing said that they are UTF-8. */
bool		 charset_is_guess(const struct charset *);

/* How many characters could not be converted and became U+FFFD; one that the
 * end of the bytes has cut off is not counted. */
size_t		 charset_n_bad(const struct charset *);

/*
 * A label of the header or the declaration is not what the bytes are read as:
 * nobody knows it, it cannot be true, or a mark or the other one won. Labels of
 * one charset agree (iso-8859-1, windows-1252).
 */
bool		 charset_has_wrong_label(const struct charset *);

/*
 * The document has ended, what follows is no part of it: it is decoded still,
 * but changes nothing of the above. From emit, or between calls.
 */
void		 charset_freeze(struct charset *);

#endif
