/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_EXTRACTOR_H
#define HEADLINED_DAEMON_EXTRACTOR_H

/*
 * A thread that looks for the article in whole pages (feeds/article.h), one
 * after the other, for all workers: 5 MiB of HTML take a quarter of a second,
 * for which no worker's loop stands still.
 *
 *	extractor_start -> extractor_post ... (back in reply) -> extractor_stop
 */

#include <stdatomic.h>

#include "base/mailbox.h"
#include "base/str.h"

struct article;
struct article_found;
struct err;
struct extractor;
struct heartbeat;

/* Whose owner keeps still from extractor_post until it is back. */
struct extraction {
	struct mail			 mail;
	struct mailbox			*reply;
	struct str			 base_url, page, content_type;
	atomic_bool			 is_cancelled;	/* false at first */

	/* What came of it: the owner's to free. NULL: memory is out, or it was
	 * cancelled in time. */
	struct article			*article;
	const struct article_found	*found;	/* as long as that lives */
};

/* heartbeat: borrowed, or NULL. NULL and *err. */
struct extractor	*extractor_start(struct heartbeat *, struct err *);

/* Any thread. */
void			 extractor_post(struct extractor *,
			    struct extraction *);

/* Any thread, until it is back: unless it is being read it comes back unread,
 * so that an end waits for one page at most. */
void			 extractor_cancel(struct extraction *);

/* When all are back. NULL is fine. */
void			 extractor_stop(struct extractor *);

#endif
