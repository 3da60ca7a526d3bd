/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_KEPT_TEXT_H
#define HEADLINED_FEEDS_KEPT_TEXT_H

/*
 * What the store keeps of an item's words, as topics saw them, as one record:
 * its fields one behind the other, squeezed. And under which number an item is
 * found by its URL.
 *
 *	kept_texts_new -> pack, open ... -> kept_texts_free
 *
 *	1, then for each field its length (7 bits a byte, the highest bit set
 *	on all but the last) and its bytes, in the order of enum kept_field;
 *	the last ones may be missing, and there may be more
 *
 * One thread; made once, used for one item after another.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct err;
struct item_text_row;
struct kept_texts;

enum kept_field {
	KEPT_TITLE, KEPT_SUMMARY, KEPT_CONTENT,
	KEPT_AUTHORS, KEPT_TAGS,	/* one a line */
	KEPT_URL,
	KEPT_NAME,			/* its identity, as alerts call it */
	/* As topics see them (filters/document.h). */
	KEPT_FEED, KEPT_SITES, KEPT_LANGUAGE,
	KEPT_CUT,			/* "1": it was longer than this */
	/* Older records end here, and newer ones may go on. */
	KEPT_LEFT_OUT,			/* places that no topic looked at, but
					 * those that keep */
	KEPT_FIELDS
};

/* A text over this is cut, summary and content first. */
enum { KEPT_TEXT_MOST = 1 << 20 };

struct kept_text {
	struct str	field[KEPT_FIELDS];
};

/* NULL when memory is out. */
struct kept_texts *kept_texts_new(void);
void		 kept_texts_free(struct kept_texts *);	/* NULL is fine */

/* Sets row->packed, which lives until the next call, and row->url_key. 0, or
 * -1: memory is out. */
int		 kept_text_pack(struct kept_texts *, const struct kept_text *,
		    struct item_text_row *);

/*
 * The fields of a row, until the next call and as long as the row. One that an
 * older version wrote has a title, its texts as content, and a URL; the rest is
 * empty. 0, or -1 and *err: it cannot be read.
 */
int		 kept_text_open(struct kept_texts *,
		    const struct item_text_row *, struct kept_text *,
		    struct err *);

/*
 * The number of an http or https URL, whatever marks of who sends the reader it
 * has (feeds/page_name.h): those of one host are all that share the upper 32
 * bits. 0: it is no such URL.
 */
uint64_t	 kept_text_url_key(struct str url);

#endif
