/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_ROBOTS_PATTERN_H
#define HEADLINED_BASE_ROBOTS_PATTERN_H

/*
 * The paths of a robots.txt and of URLs in the one spelling in which they are
 * compared (RFC 9309, 2.2.2 and 2.2.3), and the comparison. Pure.
 *
 *	robots_pattern_spell(rule) \
 *	robots_path_spell(path)     > robots_pattern_matches
 *	    -> robots_path_resolve, robots_path_merge
 *
 * Spelled so, each octet of a path stands in one way only:
 *
 *	a-z A-Z 0-9 - . _ ~		as itself, also where it was escaped
 *	/ ? = &				as itself where it was; escaped it is
 *					data and no delimiter, and stays so
 *	/ ? in a query			as itself, also where it was escaped:
 *					nothing is delimited by it there
 *	all others			%XX: reserved, beyond ASCII, blank, a
 *					'%' that escapes nothing, control
 *
 *	/foo/bar?baz=https://foo.bar		/foo/bar?baz=https%3A//foo.bar
 *	/foo/bar?baz=https%3A%2F%2Ffoo.bar	/foo/bar?baz=https%3A//foo.bar
 *	/a%2fb					/a%2Fb
 *	/foo/%62%61%7A				/foo/baz
 *	(U+30C4)				%E3%83%84
 *
 * so that in a pattern '*' (any octets, or none) and '$' (the path ends here)
 * are the special ones and "%2A" and "%24" the path's own. A '$' that does not
 * stand last is the path's own. A run of '*' is one.
 *
 * A pattern's length, of which the longest decides, is what it takes in this
 * spelling, '*' and '$' included.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Writes at most 3 * n bytes, without a NUL, and gives how many; out may be
 * NULL: gives only that. */
size_t		 robots_pattern_spell(struct str pattern, char *out);

/*
 * Likewise of a path. A slash or question mark in a query is given as itself,
 * or with `escaped` as %2F and %3F: a pattern such as "*%2F%2F" does not tell
 * whether it means a path's or a query's, so it is tried on both.
 */
size_t		 robots_path_spell(struct str path, bool escaped, char *out);

/*
 * A spelled path as a server would understand it that walks it: without dot
 * segments (RFC 3986, 5.2.4), with one slash for each run of them. Both are
 * done in place, leave the query as it is, and give the new length, which is
 * the old one where nothing was to be done. Linear.
 *
 *	/a/b/../c	/a/c
 *	//a///b		/a/b
 *
 * Which is done first counts: /a//../b is /a/b or /b.
 */
size_t		 robots_path_resolve(char *path, size_t n);
size_t		 robots_path_merge(char *path, size_t n);

/*
 * How many octets may still be compared. 0: too many were wanted. To look for
 * the next place where a part of a pattern may stand costs as much as some
 * octets, and counts as ROBOTS_LOOK of them beside those that it passes.
 */
enum { ROBOTS_LOOK = 8 };

struct robots_meter {
	size_t	left;
};

/*
 * Both as spelled. Octet by octet from the path's first; costs at most
 * (length of pattern + ROBOTS_LOOK) x (length of path + 1), against the meter.
 * Where that runs out: false, and left is 0.
 */
bool		 robots_pattern_matches(struct str pattern, struct str path,
		    struct robots_meter *);

#endif
