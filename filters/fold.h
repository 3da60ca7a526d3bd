/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_FOLD_H
#define HEADLINED_FILTERS_FOLD_H

/*
 * What a character is to a tokeniser, and what it becomes when case, accents
 * and compatibility forms count for nothing. The door to utf8proc. Pure, any
 * thread; a cache belongs to one.
 *
 * Folding is Unicode's NFKC_Casefold (3.13), decomposed, less the marks that
 * are accents (Latin, Greek, Cyrillic, Hebrew points, Arabic harakat). Marks
 * that spell a vowel or a consonant (Devanagari, Thai, the voicing of kana)
 * stay. Beyond Unicode: stroked letters lose their stroke (Lodz finds its
 * Polish spelling), ligatures ae and oe are two letters, the dotless i is an
 * i. Precomposed Hangul stays as it is; loose jamo are not composed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum fold_class {
	FOLD_OTHER,		/* parts words: space, punctuation, symbols */
	FOLD_NEWLINE,
	FOLD_LETTER,
	FOLD_DIGIT,
	FOLD_SINGLE,		/* a word by itself: Han, Kana, Thai, ... */
	FOLD_MARK,		/* belongs to the character before */
	FOLD_IGNORED,		/* soft hyphen, joiners, tatweel */
	FOLD_APOSTROPHE,
	FOLD_HYPHEN,
	FOLD_DOT,
	FOLD_AMPERSAND,
	FOLD_COMMA,
	FOLD_BREAK		/* U+001E: what stood there was left out */
};

/*
 * Bytes one character may become. The few that would need more (U+FDFA spells
 * a sentence) are cut at a character, alike in text and query.
 */
enum { FOLD_MAX_BYTES = 10, FOLD_CACHE_SLOTS = 512 };

struct fold_char {
	uint32_t	cp;
	uint8_t		class;		/* enum fold_class */
	uint8_t		n;		/* may be 0: a stripped accent */
	char		bytes[FOLD_MAX_BYTES];
};

/* Zeroed storage is an empty cache. */
struct fold_cache {
	struct fold_char slots[FOLD_CACHE_SLOTS];
};

/* By byte; 0x80 and over are FOLD_OTHER here. */
extern const uint8_t fold_ascii_class[256];

/* By byte: a letter or digit of ASCII in lower case, 0 for all else. */
extern const char fold_ascii_word[256];

/* keep_case: all of the folding but the case. */
void		 fold_char(uint32_t cp, bool keep_case, struct fold_char *out);

/* The same, case folded, remembered. cp is not 0. Lives until the next call. */
const struct fold_char *fold_cached(struct fold_cache *, uint32_t cp);

bool		 fold_is_upper(uint32_t cp);
bool		 fold_is_lower(uint32_t cp);
bool		 fold_has_lower(struct str);	/* UTF-8 */

static inline char
fold_ascii(char c)
{
	return (char)(c | ((unsigned)(c - 'A') < 26U) << 5);
}

static inline bool
fold_is_word(uint8_t class)
{
	return class == FOLD_LETTER || class == FOLD_DIGIT;
}

#endif
