/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_ALERTS_H
#define HEADLINED_DAEMON_CONTROL_ALERTS_H

/*
 * GET /alerts[?since=24h][&topic=TOPIC][&limit=N][&held=N][&after=N][&wait=30s]
 * : what was alerted (daemon/alerts_view.h). A thread of its own reads it, so
 * that neither the main loop nor the ledger waits; it begins with the first who
 * asks. With wait, an answer that would be empty waits for the next commit that
 * holds alerts: who follows asks again from where the last answer ended.
 *
 *	control_alerts_new -> start ... -> control_alerts_free
 *
 * 200; 400 the question is wrong; 404 the topic is not configured and has no
 * alert; 503 too many ask or wait, or the store could not be read. All but the
 * first say so as {"message": ...}.
 */

struct control_alerts;
struct event_base;
struct evhttp_request;
struct mailbox;
struct status_env;

/* Each has a place until its answer is sent. Those who wait have others than
 * those who only ask, so that these are answered however many wait. */
enum { CONTROL_ALERTS_AT_ONCE = 64, CONTROL_ALERTS_WAITING = 64 };

/* watcher: readable after each commit that holds alerts (struct ledger_env),
 * borrowed; or NULL: nobody tells. NULL: memory or descriptors are out. */
struct control_alerts *control_alerts_new(struct event_base *,
		    struct mailbox *watcher);

/* Calls this, on the main loop, soon after each commit that holds alerts. */
void	control_alerts_tell(struct control_alerts *,
	    void (*on_alerts)(void *ctx), void *ctx);

/* Answers, now or later. env is borrowed until this returns. */
void	control_alerts_start(struct control_alerts *, struct evhttp_request *,
	    const struct status_env *);

/* Waits for its thread. Before the server of their requests is freed. NULL is
 * fine. */
void	control_alerts_free(struct control_alerts *);

#endif
