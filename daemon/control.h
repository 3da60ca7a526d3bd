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

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "daemon/worker_wish.h"

struct control;
struct err;
struct event_base;
struct outbox_edit;
struct status_env;

/* What somebody wants of the outbox or of a sink. */
enum control_order {
	ORDER_REPLAY, ORDER_DROP,	/* as the edit says */
	ORDER_SINK_TEST, ORDER_SINK_ENABLE, ORDER_SINK_DISABLE
};

struct control_ops {
	/* POST /reload: control_reload_done answers it, from here or later. */
	void	(*on_reload)(void *ctx);
	/* POST /poll, POST /feed/keep-url: control_answer, with this ticket,
	 * answers it, from here or later. */
	void	(*on_wish)(enum wish_kind, struct str feed, uint64_t ticket,
		    void *ctx);
	/* POST /outbox/replay and its like: likewise. edit or sink, of the
	 * configuration: the other one is NULL. */
	void	(*on_order)(enum control_order, const struct outbox_edit *,
		    const char *sink, uint64_t ticket, void *ctx);
};

/*
 * Listens. env, ops and ctx are borrowed; env is read anew at each request.
 * NULL and *err, one sentence: another headlined answers there, the place
 * cannot be written.
 */
struct control	*control_new(struct event_base *, const char *socket_path,
		    const struct status_env *, const struct control_ops *,
		    void *ctx, struct err *);

/* Answers all who wait for a reload: 200 or 409 with this JSON. */
void		 control_reload_done(struct control *, bool ok,
		    struct str json);

/* Answers the one with this ticket, if it is still there, with this JSON. */
void		 control_answer(struct control *, uint64_t ticket, int code,
		    struct str json);

/* Closes the socket and removes it. NULL is fine. */
void		 control_free(struct control *);

#endif
