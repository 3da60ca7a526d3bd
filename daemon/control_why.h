/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_WHY_H
#define HEADLINED_DAEMON_CONTROL_WHY_H

/*
 * GET /why?url=URL[&topic=TOPIC][&limit=N]: what became of an item
 * (daemon/why.h). An item may be long and topics many: each answer is found
 * beside the main loop (daemon/control_aside.h).
 *
 * 200 found; 400 the question is wrong; 404 no such item, or topic; 503 too
 * many ask, or it could not be found out. All of them say so in JSON.
 */

struct control_asides;
struct evhttp_request;
struct status_env;

/* Answers, now or later. env is borrowed until this returns. */
void	control_why(struct control_asides *, struct evhttp_request *,
	    const struct status_env *);

#endif
