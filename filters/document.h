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
	FIELD_COUNT
};

struct document {
	struct str	text[FIELD_COUNT];
	struct str	feed;		/* the feed's name */
	struct str	site;		/* the feed's host, without www. */
	struct str	language;
	int64_t		age_s;		/* at the time of matching */
};

/* "title", "summary", ... */
const char	*field_name(enum field);

#endif
