/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_H
#define HEADLINED_DAEMON_CONTROL_H

/*
 * The control socket: HTTP on a Unix socket, for headlinectl and for
 * `curl --unix-socket`. Paths are rows of a table in control.c.
 *
 *	control_new -> (the loop runs) -> control_free
 *
 * On the main thread's loop. The socket is 0660: who may connect may ask.
 */

struct control;
struct err;
struct event_base;
struct status_env;

/*
 * Listens. env is borrowed and read anew at each request. NULL and *err, one
 * sentence: another headlined answers there, the place cannot be written.
 */
struct control	*control_new(struct event_base *, const char *socket_path,
		    const struct status_env *, struct err *);

/* Closes the socket and removes it. NULL is fine. */
void		 control_free(struct control *);

#endif
