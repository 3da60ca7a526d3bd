/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_BACKTEST_H
#define HEADLINED_DAEMON_CONTROL_BACKTEST_H

/*
 * POST /backtest: lines of JSON, as they come; see headlinectl(1). One at a
 * time; who hangs up ends it. On the main thread's loop.
 *
 *	control_backtests_new -> start ... -> control_backtests_free
 */

struct control_backtests;
struct event_base;
struct evhttp_request;
struct status_env;

/* NULL: memory or descriptors are out. */
struct control_backtests *control_backtests_new(struct event_base *);

/* Answers, or says why it cannot. env is borrowed until this returns. */
void	control_backtests_start(struct control_backtests *,
	    struct evhttp_request *, const struct status_env *);

/* Before the server of its request is freed. NULL is fine. */
void	control_backtests_free(struct control_backtests *);

#endif
