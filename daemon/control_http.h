/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_HTTP_H
#define HEADLINED_DAEMON_CONTROL_HTTP_H

/*
 * control.http: a loopback port for browsers and readers on this machine. It
 * serves the pages (daemon/ui.h); every GET and POST /match it asks on the
 * control socket, as anybody else would, and passes the answer on. What changes
 * something is refused.
 *
 *	control_http_new -> begin -> (prepare -> settle ...) -> free
 *
 * Whoever may log in here may connect, so nobody is trusted: one request a
 * connection; connections, bytes of a request, bytes that wait for a reader,
 * time to ask and time to read are all bounded. A browser asks for any page
 * that it has open: Host and Origin are looked at (daemon/control_http_head.h).
 *
 * All functions: the thread of the loop.
 */

#include <stdbool.h>

struct control_http;
struct err;
struct event_base;

enum {
	CONTROL_HTTP_CONNECTIONS = 320,
	CONTROL_HTTP_FOLLOWING = 256,	/* of them, /stream */
	CONTROL_HTTP_ASKING = 32,	/* and something else, at once */
	CONTROL_HTTP_WAITING_BYTES = 128 << 10,	/* of each, for its reader */
	CONTROL_HTTP_ASK_S = 10,	/* a whole request, from the first */
	CONTROL_HTTP_READ_S = 20,	/* without a byte read */
	CONTROL_HTTP_ANSWER_S = 120	/* a whole answer, but /stream's */
};

/* Listens nowhere yet. socket_path: the control socket's, copied. NULL: memory
 * is out. */
struct control_http	*control_http_new(struct event_base *,
			    const char *socket_path);

/* Listens at a place as loopback_read has it; NULL: nowhere. Where the place is
 * not free that is logged, and tried again every few seconds. */
void			 control_http_begin(struct control_http *,
			    const char *place);

/*
 * A reload, in two steps, so that a place that is not free refuses it whole.
 * First listens at the new place as well; 0, or -1 and *err, one sentence. Then
 * only there, or, if it is not taken, as before.
 */
int			 control_http_prepare(struct control_http *,
			    const char *place, struct err *);
void			 control_http_settle(struct control_http *,
			    bool is_taken);

/* Cuts all off. NULL is fine. */
void			 control_http_free(struct control_http *);

#endif
