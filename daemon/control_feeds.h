/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_CONTROL_FEEDS_H
#define HEADLINED_DAEMON_CONTROL_FEEDS_H

/*
 * GET /feeds: an answer in pieces, each made when the one before it is
 * written; so neither memory nor the main loop's patience grows with the feeds
 * or with a reader that is slow. On the main thread's loop.
 */

#include <stdbool.h>
#include <sys/queue.h>

struct evhttp_request;
struct feeds_answer;
struct status_env;

/* Answers under way; the holder's, initialised by LIST_INIT. */
LIST_HEAD(feeds_answers, feeds_answer);

/* Begins an answer, which ends by itself, or says why it cannot. env is
 * borrowed until then. */
void	feeds_answer_start(struct feeds_answers *, struct evhttp_request *,
	    const struct status_env *, bool failing);

/* Gives all of them up, before the server of their requests is freed. */
void	feeds_answers_drop(struct feeds_answers *);

#endif
