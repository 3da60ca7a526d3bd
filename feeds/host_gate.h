/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_FEEDS_HOST_GATE_H
#define HEADLINED_FEEDS_HOST_GATE_H

/*
 * Manners towards a host: so many requests open at once, so long between the
 * starts of two. One gate for all workers; redirect hops pass it as well.
 *
 * A host is a name with its port, as for robots.txt (RFC 9309, 2.3) and for
 * what a 429 closes: one server answers there, and it alone has said so. Two
 * ports of a name are often two servers of two people (and several scripted
 * ones on 127.0.0.1 in tests); that http and https of a site are two hosts is
 * the price: they may be asked at once, each with its gap.
 *
 *	host_gate_enter -> (request) -> host_gate_leave
 *
 * Any thread; one mutex inside (a leaf, see base/mailbox.h). Hosts that are
 * idle and past their gap are forgotten.
 */

#include <stddef.h>
#include <stdint.h>

struct host_gate;

struct host_gate_settings {
	unsigned	per_host;	/* open at once, from 1 */
	int64_t		gap_us;		/* between two starts */
};

/* NULL when memory is out. */
struct host_gate *host_gate_new(const struct host_gate_settings *);
/* From the next request on; what is open stays open. */
void		  host_gate_set(struct host_gate *,
		    const struct host_gate_settings *);
void		  host_gate_free(struct host_gate *);	/* NULL is fine */

/*
 * May a request to this host (lower case, "name:port") start at now_us (mono)?
 * 0: yes, it counts as open now and must leave. Else how many microseconds to
 * wait before asking again; -1 when memory is out.
 */
int64_t		  host_gate_enter(struct host_gate *, const char *host,
		    int64_t now_us);
void		  host_gate_leave(struct host_gate *, const char *host,
		    int64_t now_us);

/* What host_gate_enter would say now; nobody enters. Another may be first. */
int64_t		  host_gate_look(struct host_gate *, const char *host,
		    int64_t now_us);

/* Nobody may start towards host before until_us (429). */
void		  host_gate_close_until(struct host_gate *, const char *host,
		    int64_t until_us);

size_t		  host_gate_count(struct host_gate *);	/* hosts remembered */

/* Of them: those that nobody may ask before a time further off than their gap.
 * Goes over all of them. */
size_t		  host_gate_count_closed(struct host_gate *, int64_t now_us);

#endif
