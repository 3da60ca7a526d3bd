/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_HTTP_HEAD_H
#define HEADLINED_DAEMON_CONTROL_HTTP_HEAD_H

/*
 * The head of a request on control.http (RFC 9112), read strictly: what two
 * readers could take differently is refused. And whether it may be asked there
 * at all. Pure; any thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { CONTROL_HTTP_MOST_HEAD = 16 << 10, CONTROL_HTTP_MOST_TARGET = 8 << 10,
    CONTROL_HTTP_MOST_BODY = 128 << 10, CONTROL_HTTP_MOST_FIELDS = 100 };

/* Slices of the text; p NULL: it has none of that. */
struct control_http_head {
	struct str	method;		/* one or more letters */
	struct str	target;		/* begins with /; printable ASCII */
	struct str	path;		/* of the target, as it stands: before
					 * the ? */
	struct str	host, origin, length, content_type, last_event_id;
	size_t		body_bytes;	/* CONTROL_HTTP_MOST_BODY at most */
	bool		is_1_0;		/* HTTP/1.0, else 1.1 */
	bool		expects;	/* waits for 100 before the body */
};

/* text: up to and with the empty line. 0, or the status that refuses it (400,
 * 411, 413, 417, 431, 501, 505) and *why, a constant sentence. */
int	control_http_head_read(struct control_http_head *, struct str text,
	    const char **why);

/*
 * Every GET and POST /match of a browser's page from here, or of no browser. 0,
 * or 403 (what changes something, another origin), 405 or 421 (a Host that is
 * none of this machine's names) and *why, likewise.
 */
int	control_http_head_admit(const struct control_http_head *,
	    const char **why);

#endif
