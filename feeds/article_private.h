/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_ARTICLE_PRIVATE_H
#define HEADLINED_FEEDS_ARTICLE_PRIVATE_H

/*
 * What the files of feeds/article share beside the tree: article_pick.c
 * chooses the element that holds the article, article_trim.c what of it is
 * left out.
 */

#include "feeds/article.h"
#include "feeds/article_tree.h"

enum { ARTICLE_ENOUGH = 400 };		/* bytes, for an article */

/*
 * The node that holds the article, ARTICLE_NOWHERE: none does. title: what
 * the page says of its own, or empty. Hints that are ignored mean nothing,
 * for article_trim neither.
 */
uint32_t	article_pick(struct article_tree *, struct str title,
		    uint32_t ignored, enum article_way *);

/* Is it none of an article's, by what it says of itself? */
bool		article_is_beside(const struct article_tree *,
		    const struct article_node *);

/* Does an element's class, or a short block's words, speak of a paywall? */
bool		article_has_paywall(const struct article_tree *);

/* Its own text, as far as it reads like an article's: bytes. */
uint32_t	article_good_of(const struct article_tree *, uint32_t at);

/* Appends the text of the element at `at`. title: of the page. */
void		article_trim(struct article_tree *, uint32_t at,
		    struct str title, struct buf *out);

#endif
