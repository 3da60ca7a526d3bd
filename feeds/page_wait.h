/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_WAIT_H
#define HEADLINED_FEEDS_PAGE_WAIT_H

#include <stdint.h>

#include "base/item.h"
#include "base/str.h"

/* Of a summary or a content so much is kept. */
enum { PAGE_TEXT_MOST = 64 << 10 };

/*
 * An item that waits for its page (feeds/page_store.h). Slices are borrowed
 * (page_store_add) or in the arena (page_store_each). Of the item come back
 * title, url, summary, content, language, authors, tags and both times; texts
 * are cut, what is not UTF-8 is mended.
 */
struct page_wait {
	int64_t		id;		/* of its row; 0: not stored yet */
	uint64_t	id_hash;	/* as in known items, item_text */
	struct str	name;		/* its identity, as alerts call it */
	struct str	url;		/* the page's: canonical spelling, no
					 * fragment, http or https */
	int64_t		seen_s;		/* wall time, when the item was new */
	int64_t		due_s;		/* steady time; not before */
	unsigned	tries;		/* requests that came to something */
	struct str	feed_title, site, language;	/* as matched then */
	struct item	item;
	int64_t		most;		/* for add: so many of the feed may
					 * wait; 0: as many as of all */
};

#endif
