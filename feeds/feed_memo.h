/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_FEED_MEMO_H
#define HEADLINED_FEEDS_FEED_MEMO_H

#include <stdint.h>

#include "base/str.h"

/*
 * A document whose items were all known, and nothing had to be written for
 * them: what it was like from its first item on (feeds/feed_tail.h), what its
 * dates said of the feed's rhythm (0: nothing), and until when (steady time)
 * one like it needs no look at its items: later their being listed is noted
 * again. An open record; no chain: none.
 */
struct feed_memo {
	int64_t		until_s, rhythm_s;
	struct str	chain;
};

#endif
