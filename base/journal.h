/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_BASE_JOURNAL_H
#define HEADLINED_BASE_JOURNAL_H

/*
 * systemd's journal in its own protocol: an entry is a datagram of fields,
 *
 *	NAME=value LF			a value of one line
 *	NAME LF length value LF		any bytes; length: 8 of them, little end
 *					first
 *
 * and one that no datagram has room for is a sealed file in memory, whose
 * descriptor is sent in its place. Whether there is a journal tells its socket,
 * JOURNAL_SOCKET.
 *
 *	journal_add ... -> journal_send
 *
 * Any thread.
 */

#include "base/str.h"

struct buf;

#define JOURNAL_SOCKET	"/run/systemd/journal/socket"

/* Appends a field. name: capitals, digits and _, at most 64, a capital first:
 * the journal drops others. */
void	journal_add(struct buf *, const char *name, struct str value);

/*
 * Sends a whole entry over a datagram socket that is connected to the journal;
 * does not wait. 0, or -1 and errno: EAGAIN where it does not read.
 */
int	journal_send(int fd, struct str entry);

#endif
