/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_LOOPBACK_H
#define HEADLINED_DAEMON_LOOPBACK_H

/*
 * Places on this machine alone, as control.http has them, and the names by
 * which a browser on it may call them. Pure; any thread.
 */

#include <stdbool.h>
#include <sys/socket.h>

#include "base/str.h"

/* An address and a port: 127.0.0.1:7878 and all of 127/8, [::1]:7878, and
 * localhost:7878, which is the first. NULL, or what is wrong with it and what
 * would be right, a constant. */
const char	*loopback_read(struct str place, struct sockaddr_storage *,
		    socklen_t *size);

/*
 * Is it one of these, with any port or none, as a Host header has it? Any other
 * name may be a stranger's that leads here (DNS rebinding). A tunnel may have
 * another port than the place itself.
 */
bool		 loopback_is_named(struct str host);

/* What may be done about a bind(2) that failed with this errno, as the end of a
 * sentence; "": nothing is known. in_unit: a unit of systemd runs us. */
const char	*loopback_hint(int number, bool in_unit);

#endif
