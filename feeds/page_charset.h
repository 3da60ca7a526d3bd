/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_CHARSET_H
#define HEADLINED_FEEDS_PAGE_CHARSET_H

/*
 * A whole HTML page in any charset, as UTF-8. Asked in this order: byte order
 * mark; the HTTP header; the page's own meta elements, in its first KiB (WHATWG
 * HTML, 13.2.3.2); the bytes, of which a detector may know the charset
 * (feeds/charset). What nobody knows and is no UTF-8 is windows-1252.
 */

#include "base/str.h"

/* content_type: the header's value, or empty. Calls emit as charset_new has
 * it. 0, or what emit gave, or CHARSET_NO_MEMORY. */
int	page_charset_read(struct str page, struct str content_type,
	    int (*emit)(const char *, size_t, void *ctx), void *ctx);

#endif
