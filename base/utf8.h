/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_UTF8_H
#define HEADLINED_BASE_UTF8_H

/* UTF-8 (RFC 3629) read, written and made harmless. Pure, any thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf;

#define UTF8_REPLACEMENT	UINT32_C(0xFFFD)

/*
 * The code point at s (n > 0 bytes left) and its length in *len. A bad
 * sequence gives UTF8_REPLACEMENT and the length of its maximal subpart
 * (Unicode, 3.9, U+FFFD substitution), never 0. To tell it from a U+FFFD that
 * stands in the text: that one has length 3 and begins with the byte EF.
 */
uint32_t	utf8_decode(const char *s, size_t n, size_t *len);

/* 1 to 4 bytes; surrogates and what is over 10FFFF give U+FFFD. */
size_t		utf8_encode(uint32_t, char out[4]);

bool		utf8_is_valid(struct str);

/*
 * Appends s as one line that is safe in a log, a terminal or a message: valid
 * UTF-8, white space and control characters (C0, DEL, C1, line and paragraph
 * separators) as one space between words and none at the ends, no
 * bidirectional overrides, isolates or marks, no zero-width no-break space,
 * no tags (U+E0000..). At most max_bytes, cut at a character with U+2026.
 */
void		utf8_clean_line(struct buf *, struct str s, size_t max_bytes);

/* The same of a whole text: line feeds, tabs and white space stay as they are,
 * each other control character is one space, and nothing is cut. */
void		utf8_clean_text(struct buf *, struct str s);

/* The longest prefix of at most n bytes that ends at a character. */
struct str	utf8_cut(struct str, size_t n);

#endif
