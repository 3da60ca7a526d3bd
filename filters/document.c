/* SPDX-License-Identifier: ISC */
/* The names of a document's fields, as alerts and reports show them. */
#include "filters/document.h"

#include <string.h>

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

void
document_of_text(struct document *doc, struct str text)
{
	const char *end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
	size_t first = end != NULL ? (size_t)(end - text.p) : text.n;

	*doc = (struct document){ 0 };
	doc->text[FIELD_TITLE] = str_trim(str_sub(text, 0, first));
	doc->text[FIELD_CONTENT] = str_sub(text, first + 1, text.n);
}
