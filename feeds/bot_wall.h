/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_BOT_WALL_H
#define HEADLINED_FEEDS_BOT_WALL_H

/*
 * Tells the pages that stand in a feed's place to keep programs out
 * (challenges, captchas, refusals) by the marks that their makers leave in
 * them. Pure, any thread.
 *
 * Scripts of the same makers stand in ordinary pages too: a mark counts only
 * where they put it into nothing but a wall, and the caller asks only of pages
 * that announce no feed.
 */

#include "base/str.h"

enum bot_wall_place {
	BOT_WALL_TITLE,		/* the page's title */
	BOT_WALL_TEXT,		/* what it says, its beginning */
	BOT_WALL_SCRIPT,	/* scripts that stand in it, likewise */
	BOT_WALL_ATTR		/* one attribute's value */
};

/*
 * "Cloudflare challenge", "captcha": whose wall it is, when s bears a mark of
 * that place; else NULL. Where several do, the caller's first one counts.
 */
const char	*bot_wall_find(enum bot_wall_place, struct str s);

#endif
