/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_ADDRESS_CAP_H
#define HEADLINED_BASE_ADDRESS_CAP_H

/*
 * How many connections are open at one numeric address: a thousand host names
 * may lie on one machine, and each may have its own gate. One table for all
 * threads; what is not open is not remembered, so that it is never larger than
 * the number of open connections, whatever names and addresses a stranger
 * brings.
 *
 *	address_cap_enter -> (connection, also while it is idle)
 *	    -> address_cap_leave
 *
 * An IPv4 address inside IPv6 (::ffff:192.0.2.1) is that IPv4 address; ports
 * and zones make no difference. Addresses of other families are not counted.
 *
 * Any thread; one mutex inside (a leaf, see base/mailbox.h).
 */

#include <stdbool.h>
#include <stddef.h>

struct address_cap;
struct sockaddr;

/* most: open at once at one address, from 1. NULL when memory is out. */
struct address_cap *address_cap_new(unsigned most);
/* From the next connection on; what is open stays open. */
void		  address_cap_set(struct address_cap *, unsigned most);
/* Only when nothing is open any more. NULL is fine. */
void		  address_cap_free(struct address_cap *);

/* One more is open now, and must leave. False: as many as may be are open
 * there, or memory is out. */
bool		  address_cap_enter(struct address_cap *,
		    const struct sockaddr *);
void		  address_cap_leave(struct address_cap *,
		    const struct sockaddr *);

/* More than half of what may be is open there: whoever has no use for his
 * connection closes it, or idle ones would keep others out. */
bool		  address_cap_is_crowded(struct address_cap *,
		    const struct sockaddr *);

size_t		  address_cap_count(struct address_cap *); /* addresses */

#endif
