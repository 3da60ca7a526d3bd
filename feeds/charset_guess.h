/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_CHARSET_GUESS_H
#define HEADLINED_FEEDS_CHARSET_GUESS_H

/*
 * Which charset bytes are in that nothing labels and that are not UTF-8. The
 * door to libuchardet. Private to feeds/charset; any thread.
 *
 * A detector always finds something; here its word counts only where the text
 * bears it out. Read as it says, the bytes must give a script other than
 * Latin, whose letters stand beside each other and hardly ever beside Latin
 * ones: accented letters, read in the wrong charset, stand alone among Latin
 * letters. So Latin texts are never found here.
 */

#include "base/str.h"

struct charset_guess {
	const char	*found;		/* the detector's own word */
	const char	*name;		/* what people call it: "GB2312" */
	const char	*iconv;
};

/*
 * NULL: nothing, or nothing to be sure of. The bytes are some thousand at
 * most, from the first that is not ASCII on, and may end inside a character.
 */
const struct charset_guess	*charset_guess(struct str bytes);

#endif
