/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_WHY_H
#define HEADLINED_DAEMON_CONTROL_WHY_H

/*
 * GET /why?url=URL[&topic=TOPIC][&limit=N]: what became of an item
 * (daemon/why.h). An item may be long and topics many: each answer is found by
 * a thread of its own, so that the main loop waits for none; a few at a time.
 *
 *	control_whys_new -> start ... -> control_whys_free
 *
 * 200 found; 400 the question is wrong; 404 no such item, or topic; 503 too
 * many ask, or it could not be found out. All of them say so in JSON.
 */

struct control_whys;
struct event_base;
struct evhttp_request;
struct status_env;

/* NULL: memory or descriptors are out. */
struct control_whys *control_whys_new(struct event_base *);

/* Answers, now or later. env is borrowed until this returns. */
void	control_whys_start(struct control_whys *, struct evhttp_request *,
	    const struct status_env *);

/* Waits for its threads. Before the server of their requests is freed. NULL is
 * fine. */
void	control_whys_free(struct control_whys *);

#endif
