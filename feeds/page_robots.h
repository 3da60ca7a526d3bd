/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_PAGE_ROBOTS_H
#define HEADLINED_FEEDS_PAGE_ROBOTS_H

/*
 * What is known of each host's robots.txt (RFC 9309, 2.3 and 2.4), so that a
 * page is asked for only where its host lets us. A table: no network, no
 * clock, one thread.
 *
 *	page_robots_origin(url)		"https://example.org"
 *	page_robots_ask(origin, path)	MUST_FETCH: the caller gets
 *					origin "/robots.txt" and tells
 *	page_robots_got(status, body)	what came; then
 *	page_robots_ask(origin, path)	ALLOWED, FORBIDDEN, UNREACHABLE
 *
 * Rules are an origin's (scheme, host and port) and hold for 24 hours. What an
 * answer means:
 *
 *	2xx			its rules; none, where it has none
 *	3xx			the caller follows five hops, to other hosts
 *				too, and what is at their end holds for the
 *				origin that was asked first; a sixth is as 4xx
 *	4xx			there is no robots.txt: all is allowed
 *	429, 5xx, no answer	unreachable. Rules from before hold on, however
 *				old; where there are none nothing is allowed,
 *				and after 30 days of it everything
 *
 * (2.3.1.3 lets a crawler take 429 as 4xx. A host that says "too many" is not
 * understood as "take all".) One that cannot be reached is tried again after
 * an hour, when next somebody asks for a page of it.
 *
 * So many origins are kept, and so many bytes; who was not asked for longest
 * leaves. Rules of a single origin are kept even where they alone are more:
 * ROBOTS_SIZE_MAX at most (base/robots.h; one that has more forbids all).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf;
struct page_robots;
struct robots;

enum {
	PAGE_ROBOTS_LIFE_S = 24 * 3600,
	PAGE_ROBOTS_RETRY_S = 3600,
	PAGE_ROBOTS_GIVE_UP_S = 30 * 24 * 3600
};

enum page_robots_says {
	PAGE_ROBOTS_ALLOWED,
	PAGE_ROBOTS_FORBIDDEN,		/* by a rule */
	PAGE_ROBOTS_UNREACHABLE,	/* not allowed: nobody knows the
					 * rules */
	PAGE_ROBOTS_MUST_FETCH		/* and ask again */
};

struct page_robots_settings {
	const char	*agent;		/* product token; borrowed for good */
	size_t		 max_origins;	/* from 1 */
	size_t		 max_bytes;
};

/* NULL when memory is out. */
struct page_robots *page_robots_new(const struct page_robots_settings *);
void		 page_robots_free(struct page_robots *); /* NULL is fine */

/*
 * Appends an http or https URL's origin, a URL itself: as url_canonical spells
 * it, without user and path. False: it is no such URL, or memory is out.
 */
bool		 page_robots_origin(struct buf *out, const char *url);

/* Path and query of a URL in its canonical spelling, as page_robots_ask wants
 * them; a slice of url. */
struct str	 page_robots_path(const char *url);

/* Is anything known of the origin, however old? */
bool		 page_robots_knows(const struct page_robots *,
		    const char *origin);

/* now_s is steady time, here and below: rules outlive the process, and no jump
 * of the wall clock makes them older or younger. */
enum page_robots_says page_robots_ask(struct page_robots *,
		    const char *origin, struct str path, int64_t now_s);

/*
 * For who holds a lock: the same without the decision. Where the origin's rules
 * make it, *rules is a reference of the caller's, and ALLOWED means nothing
 * until robots_allows has been asked; else *rules is NULL.
 */
enum page_robots_says page_robots_look(struct page_robots *,
		    const char *origin, int64_t now_s, struct robots **rules);

/*
 * What the robots.txt that was asked for gave. status: of the last hop; 0: no
 * answer (names, connections, TLS, time, a body cut short, a hop that was not
 * allowed). body: as it is after content coding, of 2xx only; one byte more
 * than ROBOTS_MAX is enough. 0, or -1 when memory is out: nothing was learnt.
 */
int		 page_robots_got(struct page_robots *, const char *origin,
		    int status, struct str body, int64_t now_s);

/*
 * For the store: appends what is known of the origin; false where that is
 * nothing or memory is out. page_robots_load takes it back, in place of what
 * is known: 0, or -1 for what was not written so (the origin is asked for
 * anew) or when memory is out.
 */
bool		 page_robots_save(const struct page_robots *,
		    const char *origin, struct buf *out);
int		 page_robots_load(struct page_robots *, const char *origin,
		    struct str saved);

size_t		 page_robots_count(const struct page_robots *);
size_t		 page_robots_bytes(const struct page_robots *);

#endif
