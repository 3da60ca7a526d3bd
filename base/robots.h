/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_ROBOTS_H
#define HEADLINED_BASE_ROBOTS_H

/*
 * robots.txt (RFC 9309): which paths of a host one robot may ask for.
 *
 *	robots_parse(text, "headlined") -> robots_allows(path) ... -> unref
 *
 * Only the rules of our own groups are kept: those that name the product
 * token, without regard to case, merged; where none does, those of "*"
 * (2.2.1). The longest rule that matches decides, allow where two are equally
 * long, and what no rule matches is allowed (2.2.2). How a rule and a path are
 * compared, and what length is: base/robots_pattern.h.
 *
 * A line that is none of the grammar's is passed over: it ends no group
 * (2.2.4) and spoils none (2.3.1.5). So are a rule before any group and a
 * path that begins with neither '/' nor '*'. A few lines more are understood
 * than the grammar has, each as what its writer must have meant, since who
 * asks for less than is allowed does no harm:
 *
 *	useragent: user agent:		"user-agent:"
 *	dissallow: disalow: ...		"disallow:" (the table in robots.c)
 *	disallow /x			without its colon, where a single word
 *					follows
 *	user-agent: headlined/1.2 (x)	the token is what stands before the
 *					first octet that no token can have
 *	user-agent: * and more		"*"
 *
 * A server walks a path before it looks at what that names, so a path is also
 * compared as it may understand it: without dot segments, with one slash for
 * each run of them, and with both, in either order. It is allowed where all of
 * these are.
 *
 *	disallow: /private	forbids /x/%2e%2e/private and //private too
 *
 * Everything is a stranger's: of the text ROBOTS_MAX bytes are read, the rules
 * take at most ROBOTS_SIZE_MAX in one block of memory, and a decision compares
 * at most ROBOTS_STEPS_MAX octets (struct robots_meter), without recursion and
 * without memory but 48 KiB of stack. (Looking through a path of 200 octets for
 * 1,000 rules' sake takes 200,000.) What would need more is not allowed.
 *
 * Of a text whose rules for us take more than ROBOTS_SIZE_MAX nothing is:
 * "disallow: /" is kept in place of them all. RFC 9309, 2.5, wants 500 KiB
 * parsed, and they are; no crawler has to ask for all that it may, whereas to
 * keep a part of the rules would be to ask for what the others forbid.
 *
 * Immutable after parsing, and counted; any thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct buf;
struct robots;

enum {
	ROBOTS_MAX = 500 * 1024,	/* bytes that are read (2.5); the line
					 * that is cut by it is not */
	ROBOTS_SIZE_MAX = 64 * 1024,	/* some 1,500 rules */
	ROBOTS_PATH_MAX = 8192,		/* longer ones are not allowed where
					 * there is any rule */
	ROBOTS_STEPS_MAX = 2 << 20	/* some 2 to 4 ms */
};

/* agent: the product token, as in "headlined". NULL when memory is out. */
struct robots	*robots_parse(struct str text, const char *agent);
struct robots	*robots_ref(struct robots *);
void		 robots_unref(struct robots *);	/* NULL is fine */

/*
 * path: that of the URL with its query ("/a?b"), escaped as sent or not; what
 * begins otherwise ("", "?b") has "/" before it (RFC 3986, 6.2.3), a fragment
 * is left out. /robots.txt itself is always allowed.
 */
bool		 robots_allows(const struct robots *, struct str path);

/* The same. *steps: what it took of ROBOTS_STEPS_MAX. */
bool		 robots_allows_in(const struct robots *, struct str path,
		    size_t *steps);

/* Bytes it holds in all. */
size_t		 robots_size(const struct robots *);

/*
 * For a store: appends the rules as a robots.txt of one group, "*", at most
 * robots_size bytes. robots_read gives the same rules again (robots_parse does
 * as well). False, NULL: memory, or the buffer's ceiling, is out.
 */
bool		 robots_write(const struct robots *, struct buf *);
struct robots	*robots_read(struct str written);

#endif
