/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FULL_TEXT_H
#define HEADLINED_FEEDS_FULL_TEXT_H

/*
 * Did an item come with its full text, so that nobody need ask for the page
 * behind its link? Pure.
 */

#include <stdbool.h>

struct item;

enum { FULL_TEXT_LEAST = 1200 };	/* bytes */

/*
 * The item's texts are plain. True when the longer of content and summary has
 * FULL_TEXT_LEAST bytes or more and does not end as a beginning does: in an
 * ellipsis, or in words that lead to the rest ("Read more", "Lire la suite"),
 * which the footer that WordPress adds does not hide ("The post ... appeared
 * first on ..."). Linear in the last lines of the text.
 */
bool	full_text_is_there(const struct item *);

#endif
