/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FILTERS_DOCUMENT_H
#define HEADLINED_FILTERS_DOCUMENT_H

/*
 * What the matcher reads: the plain text of one item, field by field, and
 * facts about where it came from. An open record of borrowed slices; UTF-8.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum field {
	FIELD_TITLE,
	FIELD_SUMMARY,
	FIELD_CONTENT,		/* a term without a field: these three */
	FIELD_AUTHOR,		/* names, one a line */
	FIELD_TAG,		/* one a line */
	FIELD_URL,
	FIELD_FEED,		/* the feed's name, and those of others that
				 * it stands for, one a line */
	FIELD_COUNT,
	/* No text of its own: the first paragraph of the content (of the
	 * summary where there is no content), at most DOCUMENT_LEAD_WORDS. */
	FIELD_LEAD = FIELD_COUNT
};

enum { DOCUMENT_LEAD_WORDS = 50 };

struct document {
	struct str	text[FIELD_COUNT];
	/* Hosts without www., a space between two: the feed's, and those of
	 * others that it stands for. */
	struct str	sites;
	struct str	language;
	int64_t		age_s;		/* at the time of matching */
};

/* An article as people write it down: the first line is the title, what follows
 * the content. The other fields are empty. */
void		 document_of_text(struct document *, struct str text);

/* "title", "summary", ... */
const char	*field_name(enum field);

#endif
