/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_MARKUP_TAG_H
#define HEADLINED_FEEDS_MARKUP_TAG_H

/*
 * How tags are found in HTML (HTML Living Standard, 13.2.5.6): '<' and a
 * letter, '/', '!' or '?'; every other '<' is text. For what walks over
 * fragments (feeds/markup, feeds/markup_links); linear, nothing is copied.
 */

#include "base/str.h"

/* From p on nothing has been read. */
struct markup_reader {
	const char	*p, *end;
	bool		 no_double, no_single;	/* no such quote from p on */
};

/* Slices of the text, character references as they stand. */
struct markup_attr {
	struct str	name, value;
	char		quote;		/* around the value; 0: none */
};

static inline bool
markup_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static inline bool
markup_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Is the '<' at p the begin of something, and no text? */
static inline bool
markup_opens_tag(const char *p, const char *end)
{
	if (end - p < 2)
		return false;
	if (p[1] == '/')
		return end - p > 2 && markup_is_letter(p[2]);
	return markup_is_letter(p[1]) || p[1] == '!' || p[1] == '?';
}

/* The name at p, which is behind '<' or "</". */
static inline struct str
markup_tag_name(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && !markup_is_space(*q) && *q != '>' && *q != '/')
		q++;
	return (struct str){ p, (size_t)(q - p) };
}

/*
 * The next attribute of the tag that r->p stands in, behind its name or an
 * attribute; false when there is none, and r->p is behind the tag's '>'. A
 * quote that is never closed is part of the value.
 */
bool		markup_next_attr(struct markup_reader *, struct markup_attr *);

/* Past all of them, behind the '>'. */
void		markup_skip_tag(struct markup_reader *);

#endif
