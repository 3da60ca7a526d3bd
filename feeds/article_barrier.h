/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_ARTICLE_BARRIER_H
#define HEADLINED_FEEDS_ARTICLE_BARRIER_H

/*
 * Does something stand in an article's place: a bot wall (feeds/bot_wall), a
 * consent wall, a paywall? Beginnings of the page's title, text and scripts
 * are gathered from base/html's events:
 *
 *	init -> start, end, text ... -> article_barrier_of -> clear
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/html.h"
#include "feeds/article.h"

/* An article of more bytes is not behind a paywall. */
enum { ARTICLE_PAYWALL_BELOW = 2500 };

/* What the text just now is of. */
enum article_inside {
	ARTICLE_IN_TEXT, ARTICLE_IN_TITLE, ARTICLE_IN_SCRIPT, ARTICLE_IN_UNSEEN
};

struct article_marks {
	enum article_inside	 inside;
	struct buf		 title, text, script;
	const char		*wall;	/* whose bot wall; or NULL */
	unsigned		 n_asked;	/* attributes */
};

struct article_evidence {
	struct str	url;		/* the page's own, or empty */
	struct str	text;		/* of the article found */
	bool		is_paid;	/* the page says so */
	bool		has_paywall;	/* an element or a text says so */
};

void	article_barrier_init(struct article_marks *);
void	article_barrier_clear(struct article_marks *);
void	article_barrier_start(struct article_marks *, struct str name,
	    const struct html_attr *, size_t n_attrs);
void	article_barrier_end(struct article_marks *, struct str name);
void	article_barrier_text(struct article_marks *, struct str);

/* Sets the marks' wall, too. Once. */
enum article_barrier	article_barrier_of(struct article_marks *,
			    const struct article_evidence *);

#endif
