/* SPDX-License-Identifier: ISC */
/*
 * How fast a body flows. A pause is a flag. Body bytes that come in spite of it
 * are held, and the turn tells libcurl to read no more; after a resume the turn
 * gives them out and lets libcurl read again. So a body callback is never
 * entered from within itself, and what libcurl says of an end waits for the
 * bytes before it.
 *
 * A server that sends fast would keep libcurl reading, and the loop with it. So
 * a transfer that has given its owner enough since it last did rests until the
 * loop has been round once: as if paused, by itself.
 */
#include "base/http_private.h"

#include <event2/event.h>

void
http_flow_settled(struct http_transfer *t)
{
	if (t->unsettled)
		TAILQ_REMOVE(&t->http->unsettled, t, unsettled_link);
	t->unsettled = false;
}

void
http_flow_rested(struct http_transfer *t)
{
	if (t->resting)
		TAILQ_REMOVE(&t->http->resting, t, resting_link);
	t->resting = t->rests = false;
	t->turn_bytes = 0;
}

/* libcurl keeps what is left of its last read. */
static void
stop_reading(struct http_transfer *t)
{
	/* There is none to stop when the connection is gone already. */
	if (!t->deaf)
		(void)curl_easy_pause(t->easy, CURLPAUSE_RECV);
	t->deaf = true;
}

/*
 * What libcurl kept comes from in here, and whether that was refused is said
 * here and nowhere else. Of what came before some may be held again.
 */
static void
go_on_reading(struct http_transfer *t)
{
	struct http *h = t->http;
	CURLcode code;

	if (!t->deaf)
		return;
	h->in_curl = true;
	code = curl_easy_pause(t->easy, CURLPAUSE_CONT);
	h->in_curl = false;
	t->deaf = false;
	if (code == CURLE_OK)
		return;
	t->over = true;
	t->code = t->stopping ? code : CURLE_OUT_OF_MEMORY;
	http_unsettle(t);
}

/* Too early where memory is out, but not never. */
static void
wake_after(struct event *timer, const struct timeval *tv)
{
	if (evtimer_add(timer, tv) == -1)
		event_active(timer, EV_TIMEOUT, 1);
}

/* A timer, though it is due at once: what is made active goes before sockets
 * and other timers. */
static void
rest(struct http_transfer *t)
{
	static const struct timeval at_once = { 0, 0 };
	struct http *h = t->http;

	if (!t->over)
		stop_reading(t);
	if (t->resting)
		return;
	if (TAILQ_EMPTY(&h->resting))
		wake_after(h->rest_timer, &at_once);
	TAILQ_INSERT_TAIL(&h->resting, t, resting_link);
	t->resting = true;
}

static void
settle(struct http_transfer *t)
{
	if (http_response_give_held(t) == -1)
		http_end_with(t, CURLE_WRITE_ERROR);
	else if (t->held.n == 0 && t->over)
		http_end_with(t, t->code);
	else if (t->rests)
		rest(t);
	else if (t->held.n == 0)
		go_on_reading(t);
	else if (!t->over)
		stop_reading(t);
}

void
http_flow_settle(struct http *h)
{
	struct http_transfer *t;

	while ((t = TAILQ_FIRST(&h->unsettled)) != NULL) {
		http_flow_settled(t);
		settle(t);
	}
}

void
http_flow_on_rested(evutil_socket_t fd, short what, void *arg)
{
	struct http *h = arg;
	struct http_transfer *t;

	(void)fd;
	(void)what;
	while ((t = TAILQ_FIRST(&h->resting)) != NULL) {
		http_flow_rested(t);
		http_unsettle(t);
	}
	http_turn(h);
}

void
http_unsettle(struct http_transfer *t)
{
	if (!t->unsettled)
		TAILQ_INSERT_TAIL(&t->http->unsettled, t, unsettled_link);
	t->unsettled = true;
}

void
http_pause(struct http_transfer *t)
{
	t->paused = true;
	if (t->idle_timer != NULL)
		(void)evtimer_del(t->idle_timer);	/* cannot fail */
}

void
http_resume(struct http_transfer *t)
{
	if (!t->paused)
		return;
	t->paused = false;
	if (t->state == HTTP_RUNNING)
		http_touch(t);
	if (t->held.n == 0)
		return;
	http_unsettle(t);
	event_active(t->http->kick, EV_TIMEOUT, 1);
}
