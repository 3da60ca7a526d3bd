/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_ARTICLE_RULES_H
#define HEADLINED_FEEDS_ARTICLE_RULES_H

/*
 * What feeds/article knows of news pages, as tables: elements, the words that
 * stand in class and id, the words that stand around an article. Pure, any
 * thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/html.h"
#include "base/str.h"

enum article_tag {
	ARTICLE_TEXT,			/* text behind a child */
	ARTICLE_OTHER,			/* flows in its line */
	ARTICLE_A, ARTICLE_BR,
	ARTICLE_UNSEEN,			/* script, form controls, ... */
	ARTICLE_P, ARTICLE_DIV, ARTICLE_SECTION, ARTICLE_ARTICLE,
	ARTICLE_MAIN, ARTICLE_BODY, ARTICLE_H1, ARTICLE_HEADING,
	ARTICLE_LIST, ARTICLE_LI, ARTICLE_TABLE, ARTICLE_ROW, ARTICLE_CELL,
	ARTICLE_QUOTE, ARTICLE_PRE, ARTICLE_FIGURE, ARTICLE_CAPTION,
	ARTICLE_ASIDE, ARTICLE_NAV, ARTICLE_HEADER, ARTICLE_FOOTER,
	ARTICLE_FORM, ARTICLE_TIME, ARTICLE_ADDRESS
};

/* What class, id, role, itemprop and the like say an element is. */
enum article_hint {
	ARTICLE_HINT_BODY	= 1 << 0,	/* the article's text */
	ARTICLE_HINT_PROP	= 1 << 1,	/* itemprop=articleBody */
	ARTICLE_HINT_COMMENT	= 1 << 3,
	ARTICLE_HINT_RELATED	= 1 << 4,
	ARTICLE_HINT_SHARE	= 1 << 5,
	ARTICLE_HINT_AD		= 1 << 6,
	ARTICLE_HINT_SIGNUP	= 1 << 7,	/* newsletters, accounts */
	ARTICLE_HINT_CAPTION	= 1 << 8,
	ARTICLE_HINT_BYLINE	= 1 << 9,
	ARTICLE_HINT_NAV	= 1 << 10,
	ARTICLE_HINT_TAGS	= 1 << 11,
	ARTICLE_HINT_COOKIE	= 1 << 12,
	ARTICLE_HINT_HIDDEN	= 1 << 13,
	ARTICLE_HINT_TITLE	= 1 << 14,
	ARTICLE_HINT_FOOT	= 1 << 15,	/* about, corrections box */
	ARTICLE_HINT_PAYWALL	= 1 << 16,
	ARTICLE_HINT_EMBED	= 1 << 17,	/* a post of elsewhere */
	ARTICLE_HINT_DEK	= 1 << 18	/* lines below the headline */
};

/* Some sites call their text so. */
#define ARTICLE_HINTS_UNSURE	(ARTICLE_HINT_SHARE | ARTICLE_HINT_AD | \
	ARTICLE_HINT_SIGNUP | ARTICLE_HINT_CAPTION | ARTICLE_HINT_BYLINE | \
	ARTICLE_HINT_NAV | ARTICLE_HINT_TAGS | ARTICLE_HINT_FOOT)

enum article_tag	article_rules_tag(struct str name);

/* Does it part lines? */
bool	article_rules_parts(enum article_tag);

uint32_t	article_rules_hints(const struct html_attr *, size_t n);

/* What a short block is, by its words. */
enum article_label {
	ARTICLE_NO_LABEL,
	ARTICLE_LABEL,			/* "Advertisement", "Share this" */
	ARTICLE_LABEL_END,		/* "Related stories": what follows is
					 * none of the article's */
	ARTICLE_LABEL_COMMENTS		/* likewise, readers' comments */
};
enum article_label	article_rules_label(struct str);

/* Does it end as sentences do? */
bool	article_rules_is_sentence(struct str);

/* Does the beginning of a page ask for consent to cookies and the like; is a
 * line one of a paywall's ("Subscribe to continue reading")? */
bool	article_rules_asks_consent(struct str);
bool	article_rules_asks_payment(struct str);

/* Does a text of some length speak of cookies, rights, accounts, not of the
 * news: "We use cookies to ..."? */
bool	article_rules_is_notice(struct str);

#endif
