/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_ITEM_TEXT_H
#define HEADLINED_DAEMON_ITEM_TEXT_H

/*
 * An item as the matcher reads it: plain text, field by field. Shared by the
 * pipeline and by `headlinectl match`, so that both see the same. One thread;
 * made once, filled for one item after another.
 */

#include "base/buf.h"
#include "base/item.h"
#include "filters/document.h"

struct item_text {
	struct buf	summary, content, authors, tags;
};

void	item_text_init(struct item_text *);
void	item_text_clear(struct item_text *);

/*
 * Fills the document's text fields from the item; slices live until the next
 * fill, and as long as the item: what is plain text already is not copied.
 * Facts about the source (feed, site, language, age) are left to the caller.
 * 0, or -1: the text does not fit in memory.
 */
int	item_text_fill(struct item_text *, const struct item *,
	    struct document *);

/*
 * How an author is called in matching and in alerts: the name, else the e-mail
 * address; empty when there is neither. A slice of the person's.
 */
struct str	item_text_author(const struct item_person *);

#endif
