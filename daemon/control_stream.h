/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_STREAM_H
#define HEADLINED_DAEMON_CONTROL_STREAM_H

/*
 * GET /stream[?after=SEQ][&last=N]: alerts as server-sent events (HTML, 9.2),
 * as daemon/alerts_view.h has them, from now on; or from those behind SEQ on,
 * or with the last N before. Last-Event-ID goes before both: who was cut off
 * goes on where it was.
 *
 *	control_streams_new -> start ... -> control_streams_free
 *
 * A thread of its own reads them, once for all who are equally far. Each has at
 * most one piece of some 256 KiB in memory, and gets the next one when that is
 * written: whoever does not read is cut off by the server's time limit, holds
 * nobody up and misses nothing, since the store has it all. A comment comes
 * every 15 seconds.
 *
 * 200; 400 a value is wrong; 503 too many follow. All functions: main loop.
 */

struct control_alerts;
struct control_streams;
struct event_base;
struct evhttp_request;
struct status_env;

enum { CONTROL_STREAMS_MOST = 256, CONTROL_STREAMS_BEAT_S = 15,
    CONTROL_STREAMS_MOST_LAST = 1000 };

/* The alerts, borrowed, tell it of each commit. NULL: memory or descriptors are
 * out. */
struct control_streams *control_streams_new(struct event_base *,
		    struct control_alerts *);

/* Answers. env is borrowed until this returns. */
void	control_streams_start(struct control_streams *,
	    struct evhttp_request *, const struct status_env *);

/* Waits for its thread. Before the alerts, and the server of the requests. NULL
 * is fine. */
void	control_streams_free(struct control_streams *);

#endif
