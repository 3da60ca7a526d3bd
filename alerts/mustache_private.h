/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_ALERTS_MUSTACHE_PRIVATE_H
#define HEADLINED_ALERTS_MUSTACHE_PRIVATE_H

/*
 * A compiled template: a flat row of steps over a copy of its text.
 *
 *	Hits: {{#hits}}{{term}}, {{/hits}}!
 *
 *	0 OP_TEXT "Hits: "	3 OP_TEXT ", "
 *	1 OP_SECTION hits -> 4	4 OP_END -> 1
 *	2 OP_VALUE term		5 OP_TEXT "!"
 */

#include <stddef.h>

#include "alerts/mustache.h"

enum mustache_op_kind {
	OP_TEXT, OP_VALUE, OP_RAW, OP_SECTION, OP_INVERTED, OP_END
};

struct mustache_op {
	enum mustache_op_kind	 kind;
	struct str		 text;	/* as it stands, or a name */
	size_t			 other;	/* a section's end, an end's section */
};

struct mustache {
	enum mustache_escape	 escape;
	char			*text;
	struct mustache_op	*ops;
	size_t			 n_ops, cap_ops;
};

/*
 * The names within reach at one place of a template: those of the sections
 * that are open, the innermost last. A frame is NULL where it has no names.
 */
struct mustache_scope {
	const struct mustache_name *frames[MUSTACHE_MAX_NESTING + 1];
	size_t			 n;
};

/*
 * What stands at a name. 0 and *out; or -1 and why, a sentence without its
 * place.
 */
int	mustache_find_name(const struct mustache_scope *, struct str name,
	    const struct mustache_name **out, struct err *why);

/* The part before the first dot; *rest is what is behind it. */
struct str mustache_first_part(struct str name, struct str *rest);

#endif
