/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_RECORD_H
#define HEADLINED_FEEDS_PAGE_RECORD_H

/*
 * An item that waits for its page, as one text in the store: what a match and
 * an alert need of it, and no more. Private to feeds/page_store. Pure.
 *
 *	{"name": "g-1", "feed_title": "Example", "site": "example.org",
 *	 "language": "en", "item": {"url": "https://...", "title": "...",
 *	 "summary": {"kind": 1, "text": "..."}, "published": 1795500000,
 *	 "authors": [["Jo", "jo@example.org", ""]], "tags": ["a", "b"]}}
 */

#include "base/str.h"

struct arena;
struct buf;
struct err;
struct page_wait;

/* Room for every record: each text cut, and each byte of it escaped. */
enum { PAGE_RECORD_MOST = 4 << 20 };

/* Appends name, feed_title, site, language and item. 0, or -1: memory is out,
 * or the buffer's ceiling is below PAGE_RECORD_MOST. */
int	page_record_write(struct buf *, const struct page_wait *);

/* Fills these, with slices in the arena. 0, or -1 and *err: it is no record,
 * memory is out. */
int	page_record_read(struct str, struct arena *, struct page_wait *,
	    struct err *);

#endif
