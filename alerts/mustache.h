/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_MUSTACHE_H
#define HEADLINED_ALERTS_MUSTACHE_H

/*
 * Templates in mustache's syntax (mustache(5), spec 1.4), for bodies that an
 * administrator writes: compiled and checked once, rendered often.
 *
 *	mustache_compile -> mustache_render ... -> mustache_free
 *
 *	{{name}}		the value, escaped; {{a.b}} is b of a
 *	{{{name}}} {{&name}}	the value as it stands
 *	{{#name}}...{{/name}}	once for each of a list; once with the names of
 *				a map; once where a value is true
 *	{{^name}}...{{/name}}	once where a value is not true
 *	{{.}}			the value that a section is at
 *	{{! comment}}		nothing
 *	{{=<% %>=}}		from here on tags are written <%name%>
 *
 * Not true are what is absent, null, false, 0, the empty text and the empty
 * list. A line with nothing on it but a section's tag, a comment or new
 * delimiters leaves no empty line. Partials, inheritance and lambdas are errors
 * at compiling.
 *
 * Values are JSON, and what is written of one is its text, a number as it
 * stands there. Time and memory are linear in template and output; both are
 * bounded. Pure, any thread; a compiled one may be used by many at a time.
 */

#include <stddef.h>

#include "base/str.h"

struct buf;
struct err;
struct json;
struct mustache;

enum {
	MUSTACHE_MAX_BYTES = 64 * 1024,	/* of a template */
	MUSTACHE_MAX_NESTING = 16,	/* sections in sections */
	MUSTACHE_MAX_STEPS = 200000	/* texts and tags in one rendering */
};

enum mustache_escape {
	MUSTACHE_PLAIN,		/* none */
	MUSTACHE_JSON,		/* within a string's quotes (RFC 8259, 7) */
	MUSTACHE_HTML,		/* in text and quoted attributes; XML, too */
	MUSTACHE_PERCENT	/* in a form's or URL's value (RFC 3986, 2.1) */
};

/* By a body's media type, parameters aside: .../json, ...+json, .../html,
 * .../xml, ...+xml, application/x-www-form-urlencoded; all others plain. */
enum mustache_escape mustache_escape_of(const char *content_type);

/*
 * The names that there may be, so that a wrong one is found at compiling. A
 * list of them ends with a row without a name.
 */
enum mustache_kind {
	MUSTACHE_TEXT, MUSTACHE_FLAG, MUSTACHE_MAP, MUSTACHE_LIST
};

struct mustache_name {
	const char			*name;
	enum mustache_kind		 kind;
	const struct mustache_name	*below;	/* of a map, or of each in a
						 * list; NULL: texts */
};

/*
 * names: NULL: any. Copies the text. NULL and *err, with file (borrowed, may
 * be NULL), line and column: what is wrong, and what would be right.
 */
struct mustache	*mustache_compile(struct str text, const char *file,
		    enum mustache_escape, const struct mustache_name *names,
		    struct err *);
void		 mustache_free(struct mustache *);	/* NULL is fine */

/*
 * Appends. contexts: where names are looked for, the last one first; 1 or 2.
 * 0, or -1 and *err: it does not fit, or takes more than MUSTACHE_MAX_STEPS.
 */
int		 mustache_render(const struct mustache *,
		    const struct json *const *contexts, size_t n, struct buf *,
		    struct err *);

#endif
