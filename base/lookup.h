/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_LOOKUP_H
#define HEADLINED_BASE_LOOKUP_H

/*
 * Names of hosts looked up aside, as the machine is set up to do it
 * (getaddrinfo: nsswitch.conf, /etc/hosts, DNS), for a loop that must not wait.
 * Each is a thread that nobody can stop: one whose servers never answer lives
 * on for half a minute after lookup_cancel, and touches nothing of its caller.
 *
 *	lookup_start ... done, or lookup_cancel
 *
 * One loop's thread; look-ups of several loops know nothing of each other but
 * their number.
 */

#include <stddef.h>

struct addrinfo;
struct event_base;
struct lookup;

/* Under way at once, the cancelled too. Those of HTTP are libcurl's own, and
 * have their bound in base/lookup_slots.h. */
enum { LOOKUP_MOST = 16 };

/* From the loop, once; the look-up is gone then. found: until the call
 * returns; NULL: why says what is wrong, for people. */
typedef void	lookup_done_fn(const struct addrinfo *found, const char *why,
		    void *ctx);

struct lookup_question {
	const char	*host;		/* a name or an address; copied */
	const char	*port;		/* a number; copied */
	int		 socktype;	/* SOCK_STREAM or SOCK_DGRAM */
};

/* NULL: LOOKUP_MOST are under way, or memory or threads are out. */
struct lookup	*lookup_start(struct event_base *,
		    const struct lookup_question *, lookup_done_fn *,
		    void *ctx);
void		 lookup_cancel(struct lookup *);	/* NULL is fine */

#endif
