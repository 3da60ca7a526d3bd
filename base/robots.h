/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_ROBOTS_H
#define HEADLINED_BASE_ROBOTS_H

/*
 * robots.txt (RFC 9309): which paths of a host one robot may ask for.
 *
 *	robots_parse(text, "headlined") -> robots_allows(path) ... -> free
 *
 * Only the rules of our own groups are kept (those that name the product
 * token, without regard to case; where none does, those of "*"; 2.2.1), in one
 * block of memory. The longest matching rule decides, allow where two are
 * equally long (2.2.2); '*' and '$' have their meaning; /robots.txt itself is
 * always allowed. Text beyond ROBOTS_MAX bytes is not read (2.5), a line that
 * is none of the grammar's is passed over. Matching is linear in rule times
 * path at worst, without recursion. Immutable after parsing.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct robots;

enum {
	ROBOTS_MAX = 500 * 1024,	/* bytes that are read */
	ROBOTS_RULES_MAX = 4096		/* of our groups; more: all is
					 * disallowed that comes behind */
};

/* agent: the product token, as in "headlined". NULL when memory is out. */
struct robots	*robots_parse(struct str text, const char *agent);
void		 robots_free(struct robots *);	/* NULL is fine */

/* path: that of the URL with its query ("/a?b"), percent-encoded as sent. */
bool		 robots_allows(const struct robots *, struct str path);

/* Bytes it holds in all. */
size_t		 robots_size(const struct robots *);

/* For a store: the rules in a form of their own that robots_parse reads
 * again as the same rules (a group of "*"). Appended; false when memory is
 * out. */
struct buf;
bool		 robots_write(const struct robots *, struct buf *);

#endif
