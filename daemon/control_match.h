/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_MATCH_H
#define HEADLINED_DAEMON_CONTROL_MATCH_H

/*
 * POST /match[?limit=50][&items=1000]: the query is the body, as text or as
 * {"query": ...} where the Content-Type says JSON; the answer is what
 * daemon/try_out.h says. A thread aside reads and matches.
 *
 *	control_matches_new -> start ... -> control_matches_free
 *
 * 200; 400 the query is in error, with its faults as POST /backtest has them,
 * or another value is; 503 too many ask at once. All functions: main loop.
 */

struct control_asides;
struct control_matches;
struct event_base;
struct evhttp_request;
struct status_env;

/* asides: borrowed. NULL: memory or descriptors are out. */
struct control_matches *control_matches_new(struct event_base *,
		    struct control_asides *);

/* Answers, now or later. env is borrowed until this returns. */
void	control_matches_start(struct control_matches *,
	    struct evhttp_request *, const struct status_env *);

/* Before the asides, and the server of the requests. NULL is fine. */
void	control_matches_free(struct control_matches *);

#endif
