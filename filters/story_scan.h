/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_STORY_SCAN_H
#define HEADLINED_FILTERS_STORY_SCAN_H

/*
 * Text to words as signatures see them, in linear time: of 64 bytes at a time
 * it is known of what kind they are.
 *
 *	story_scan_begin -> next ... false
 *
 * It parts words more coarsely than filters/token.h (apostrophes and hyphens
 * always part, U.S. is one word), and tells of each what tokens do not: was it
 * capitalised, did a sentence begin with it, does it stand in quotes. Any bytes
 * are allowed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "filters/fold.h"
#include "filters/story_words.h"

enum story_case { CASE_LOWER, CASE_CAPITAL, CASE_ACRONYM };

struct story_token {
	struct story_letters letters;	/* folded; of a number 3000, 1.75 */
	uint32_t	 offset;	/* in the text */
	uint8_t		 written;	/* enum story_case */
	bool		 is_number;
	bool		 is_single;	/* of a script without spaces */
	bool		 begins;	/* a sentence, or a quote */
	bool		 quoted;
	bool		 apart;		/* a line end or a quote's edge since
					 * the last */
	bool		 touches;	/* only spaces since the last */
};

enum { STORY_SCAN_BLOCK = 64 };

/* It is not to be copied. */
struct story_scan {
	const char	*text, *at, *end;	/* of the caller's, or last */
	uint32_t	 before;	/* bytes of the caller's before text */
	const char	*block;		/* bytes of which it is known: */
	uint64_t	 words, capitals;	/* which of them are, by bit */
	bool		 begins, quoted, apart, touches;
	struct fold_cache *cache;
	char		 last[2 * STORY_SCAN_BLOCK];	/* and zeros */
};

/* The cache is the caller's, zeroed at first. The text stays where it is until
 * the last word is read. */
void	story_scan_begin(struct story_scan *, struct str text,
	    struct fold_cache *);
bool	story_scan_next(struct story_scan *, struct story_token *);

#endif
