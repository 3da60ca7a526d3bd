/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_REGEX_H
#define HEADLINED_FILTERS_REGEX_H

/*
 * Regular expressions over UTF-8: the door to PCRE2. Whatever the text, a look
 * for a match takes time linear in its length, or gives up.
 *
 *	regex_new -> regex_find ... -> regex_free
 *
 * An expression is immutable and may be shared by threads; each thread brings
 * a finder of its own. \w, \d, \b and /i go by Unicode; ^ and $ are the ends
 * of the text, . is no line end (Perl's defaults; (?m) and (?s) work as there).
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct regex;
struct regex_finder;

struct regex_fault {
	size_t	offset;			/* bytes into the pattern */
	char	message[128];		/* PCRE2's own, in English */
};

enum regex_result {
	REGEX_NONE,			/* it stands nowhere in the text */
	REGEX_FOUND,
	REGEX_LIMIT			/* given up: too much to try, or no
					 * memory to try it with */
};

/*
 * The pattern compiled, to machine code where the system lets it; NULL and
 * *fault: PCRE2 refuses it, or memory is out. The pattern is copied.
 */
struct regex	*regex_new(struct str pattern, bool caseless,
		    struct regex_fault *);
void		 regex_free(struct regex *);		/* NULL is fine */

/* Whether regex_new would take it, for less. */
bool		 regex_check(struct str pattern, bool caseless,
		    struct regex_fault *);

/* Memory of a thread's searches, for any expressions. NULL: memory is out. */
struct regex_finder *regex_finder_new(void);
void		 regex_finder_free(struct regex_finder *);	/* NULL too */

/*
 * The first match that begins at byte `from` or behind it; what stands before
 * `from` is seen by \b and looks behind. The text must be valid UTF-8, `from`
 * the start of a character or the text's end. *match is a slice of the text,
 * empty where an empty string matches.
 */
enum regex_result regex_find(const struct regex *, struct regex_finder *,
		    struct str text, size_t from, struct str *match);

#endif
