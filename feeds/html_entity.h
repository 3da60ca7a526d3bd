/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_HTML_ENTITY_H
#define HEADLINED_FEEDS_HTML_ENTITY_H

/*
 * Character references as HTML reads them (HTML Living Standard, 13.2.5.72 to
 * 13.2.5.80). Pure, any thread.
 */

#include <stdint.h>

#include "base/str.h"

struct buf;

enum {
	HTML_ENTITY_MAX_NAME = 31,	/* the longest, without & and ; */
	HTML_ENTITY_MAX_BYTES = 8	/* of UTF-8 that one reference gives */
};

/*
 * The reference named `name` (without & and ;): its UTF-8 into out, and how
 * many bytes that is; 0 when there is no such name. Case counts.
 */
size_t		html_entity_find(struct str name,
		    char out[HTML_ENTITY_MAX_BYTES]);

/*
 * The reference at the start of s, which begins with '&': its UTF-8 into out,
 * the length of that in *n_out, and how many bytes of s it took. 0: no
 * reference, the '&' is text. Old names may lack their semicolon: the longest
 * one that fits is taken ("&notit" is "&not" and "it"). Numbers that are no
 * character give U+FFFD, 128 to 159 what windows-1252 has there.
 */
size_t		html_entity_decode(struct str s,
		    char out[HTML_ENTITY_MAX_BYTES], size_t *n_out);

/* Appends s with each of its references decoded, once. */
void		html_entity_decode_all(struct buf *out, struct str s);

/*
 * The number at the start of s, which begins with "&#"; its value (UINT32_MAX
 * when too large) in *value. How many bytes the digits end behind, the
 * semicolon not counted; 0: there are none.
 */
size_t		html_entity_number(struct str s, uint32_t *value);

/* What windows-1252 has at byte c, 0x80 to 0x9F; c itself where nothing. */
uint32_t	html_entity_c1(uint32_t c);

#endif
