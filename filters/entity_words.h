/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_ENTITY_WORDS_H
#define HEADLINED_FILTERS_ENTITY_WORDS_H

/*
 * Words by which the rules of names see what stands beside a name: the
 * language's own, not those of a pack.
 *
 *	FUNCTION	may have a capital at a sentence's beginning, and is
 *			small in a title that has capitals: the, after, says
 *	TITLE		stands before a politician's surname: president, sir
 *	ROLE		so does this, but of no politician: professor, coach
 *	CALENDAR	weekdays, months, feasts
 *	OFFICE		may follow whom it belongs to: government, embassy
 *	BODY		may follow a people: the Iranian Supreme Leader, not the
 *			Georgia Supreme Court
 *	NAMING		what has a name, behind it: Denmark Street, Peru College
 *	INSIDE		says that a place follows: in, across
 *	COMPASS		northern, southeast
 *	STATE		of America or Canada, as it stands behind a town and a
 *			comma; shortened too (Ohio, Calif., TX)
 *	GIVEN		a given name, unless that is more often another word
 *			(Will, May)
 *	GERMAN		stands in nearly every German text and in few others:
 *			nicht, wird. Enough of them tell that an item is German
 *
 * Pure.
 */

#include <stddef.h>

#include "base/str.h"

enum {
	ENTITY_WORD_FUNCTION = 1, ENTITY_WORD_TITLE = 2,
	ENTITY_WORD_CALENDAR = 4, ENTITY_WORD_OFFICE = 8,
	ENTITY_WORD_INSIDE = 16, ENTITY_WORD_COMPASS = 32,
	ENTITY_WORD_STATE = 64, ENTITY_WORD_GIVEN = 128,
	ENTITY_WORD_ROLE = 256, ENTITY_WORD_BODY = 512,
	ENTITY_WORD_NAMING = 1024, ENTITY_WORD_GERMAN = 2048
};

struct entity_word {
	const char	*text;		/* folded */
	unsigned	 kinds;
};

/* What a folded word is, or 0. */
unsigned		 entity_word_kinds(struct str folded);

/* All of them, sorted by their bytes. */
const struct entity_word *entity_words_all(size_t *n);

#endif
