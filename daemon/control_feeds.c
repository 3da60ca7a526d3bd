/* SPDX-License-Identifier: ISC */
/*
 *	feeds_answer_start -> send_piece -> (it is written) -> on_written
 *	    -> on_turn -> send_piece ... -> evhttp_send_reply_end
 *	on_close: whoever asked has hung up
 */
#include "daemon/control_feeds.h"

#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/conf.h"
#include "daemon/feeds_view.h"
#include "daemon/status.h"

/* A piece ends soon after what feeds_view.c calls enough. */
enum { MAX_PIECE = 4 << 20 };

struct feeds_answer {
	LIST_ENTRY(feeds_answer) link;
	struct evhttp_request	*req;
	struct feeds_view	*view;
	struct conf		*conf;		/* a reference */
	struct buf		 piece;
	struct event		*turn;
	bool			 more;
};

static void
answer_free(struct feeds_answer *a)
{
	feeds_view_free(a->view);
	buf_clear(&a->piece);
	if (a->turn != NULL)
		event_free(a->turn);
	conf_unref(a->conf);
	free(a);
}

static void
forget_close(struct feeds_answer *a)
{
	evhttp_connection_set_closecb(evhttp_request_get_connection(a->req),
	    NULL, NULL);
}

/* Main loop: the connection goes. Its request goes with it, or, where libevent
 * has parted them already, is ours. */
static void
answer_on_close(struct evhttp_connection *connection, void *arg)
{
	struct feeds_answer *a = arg;

	(void)connection;
	LIST_REMOVE(a, link);
	if (evhttp_request_get_connection(a->req) == NULL)
		evhttp_request_free(a->req);
	answer_free(a);
}

/* Main loop: libevent has written the piece; the next one is made in a turn of
 * its own, so that others have theirs. */
static void
answer_on_written(struct evhttp_connection *connection, void *arg)
{
	static const struct timeval at_once = { 0, 0 };
	struct feeds_answer *a = arg;

	(void)connection;
	(void)evtimer_add(a->turn, &at_once);	/* was added before: cannot
						 * fail */
}

/* Hands over what is in the piece; without anything in it, in the next turn. */
static void
send_piece(struct feeds_answer *a)
{
	struct evbuffer *out = a->piece.n > 0 ? evbuffer_new() : NULL;

	if (out != NULL && evbuffer_add(out, a->piece.p, a->piece.n) == 0)
		evhttp_send_reply_chunk_with_cb(a->req, out,
		    answer_on_written, a);
	else if (a->piece.n > 0)
		a->piece.failed = true;		/* the next turn ends it */
	if (out == NULL || a->piece.failed)
		answer_on_written(NULL, a);
	if (out != NULL)
		evbuffer_free(out);
}

/* Main loop: what was written last is out. An answer that cannot go on is cut
 * off, so that nobody takes it for whole. */
static void
answer_on_turn(evutil_socket_t unused, short what, void *arg)
{
	struct feeds_answer *a = arg;
	struct err err = { .msg = "out of memory" };

	(void)unused;
	(void)what;
	if (!a->more && !a->piece.failed) {
		forget_close(a);
		evhttp_send_reply_end(a->req);
		LIST_REMOVE(a, link);
		answer_free(a);
		return;
	}
	if (!a->piece.failed) {
		buf_reset(&a->piece);
		if (feeds_view_write(a->view, &a->more, &err) == 0) {
			send_piece(a);
			return;
		}
	}
	log_warn("answer_cut_off", LOG_S("path", "/feeds"),
	    LOG_S("why", err.msg));
	/* Calls answer_on_close. */
	evhttp_connection_free(evhttp_request_get_connection(a->req));
}

/* -1 and *err: nothing was sent yet. */
static int
begin(struct feeds_answer *a, const struct status_env *env, bool failing,
    struct err *err)
{
	static const struct timeval at_once = { 0, 0 };
	struct event_base *base = evhttp_connection_get_base(
	    evhttp_request_get_connection(a->req));

	a->conf = conf_ref(env->conf);
	buf_init(&a->piece, MAX_PIECE);
	a->view = feeds_view_new(env, failing, &a->piece);
	a->turn = evtimer_new(base, answer_on_turn, a);
	if (a->view == NULL || a->turn == NULL ||
	    evtimer_add(a->turn, &at_once) == -1 ||
	    evtimer_del(a->turn) == -1)
		return err_set(err, "out of memory");
	return feeds_view_write(a->view, &a->more, err);
}

void
feeds_answer_start(struct feeds_answers *list, struct evhttp_request *req,
    const struct status_env *env, bool failing)
{
	struct feeds_answer *a = calloc(1, sizeof(*a));
	struct err err;

	if (a == NULL) {
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
		return;
	}
	a->req = req;
	if (begin(a, env, failing, &err) == -1) {
		log_warn("answer_refused", LOG_S("path", "/feeds"),
		    LOG_S("why", err.msg));
		evhttp_send_error(req, HTTP_INTERNAL, NULL);
		answer_free(a);
		return;
	}
	LIST_INSERT_HEAD(list, a, link);
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    answer_on_close, a);
	evhttp_add_header(evhttp_request_get_output_headers(req),
	    "Content-Type", "application/json");
	evhttp_send_reply_start(req, HTTP_OK, NULL);
	send_piece(a);
}

void
feeds_answers_drop(struct feeds_answers *list)
{
	struct feeds_answer *a;

	while ((a = LIST_FIRST(list)) != NULL) {
		LIST_REMOVE(a, link);
		forget_close(a);
		answer_free(a);
	}
}
