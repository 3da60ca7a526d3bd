/* SPDX-License-Identifier: ISC */
/* The names of a document's fields, as alerts and reports show them. */
#include "filters/document.h"

static const char *const names[FIELD_LEAD + 1] = {
	[FIELD_TITLE] = "title",
	[FIELD_SUMMARY] = "summary",
	[FIELD_CONTENT] = "content",
	[FIELD_AUTHOR] = "author",
	[FIELD_TAG] = "tag",
	[FIELD_URL] = "url",
	[FIELD_FEED] = "feed",
	[FIELD_LEAD] = "lead",
};

const char *
field_name(enum field f)
{
	return names[f];
}
