/* SPDX-License-Identifier: ISC */
/* Transfers beside and after each other: cancelled, and on connections kept. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "http_rig.h"

/*
 * Starting and cancelling
 */

static void
test_cancel_in_flight(void **state)
{
	static const struct route routes[] = {
		{ "/half", OK_HEAD "hel", 0, KEEP_OPEN },
		{ "/x", OK_HEAD "hello", 0, KEEP_OPEN }, { 0 }
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/half"));
	struct seen half = { 0 }, after = { 0 };
	struct http_transfer *t;

	w->server.routes = routes;
	r.idle_timeout_ms = 10000;
	t = start(w, &r, &half);
	assert_int_equal(http_in_flight(w->http), 1);
	while (half.body_n < 3)
		event_base_loop(w->base, EVLOOP_ONCE);
	http_cancel(t);
	assert_int_equal(http_in_flight(w->http), 0);
	r = get(url_of(w, "http", "/x"));
	run(w, &r, &after);
	assert_int_equal(half.n_end, 0);
	assert_int_equal(after.result.end, HTTP_END_DONE);
}

static void
test_cancel_before_it_runs(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen s = { 0 };

	http_cancel(start(w, &r, &s));
	loop_drain(w->base);
	assert_int_equal(s.n_end, 0);
	assert_int_equal(w->server.n_connections, 0);
}

/* From inside of libcurl, where libcurl itself may not be called. */
static void
test_cancel_and_start_in_callback(void **state)
{
	static const struct route routes[] = {
		{ "/half", OK_HEAD "hel", 0, KEEP_OPEN },
		{ "/x", OK_HEAD "hello", 0, KEEP_OPEN }, { 0 }
	};
	struct world *w = *state;
	char half_url[128];
	struct http_request r, half_r, more_r;
	struct seen half = { 0 }, s = { 0 }, more = { 0 };

	w->server.routes = routes;
	snprintf(half_url, sizeof(half_url), "%s", url_of(w, "http", "/half"));
	half_r = get(half_url);
	r = more_r = get(url_of(w, "http", "/x"));
	s.cancel_at_body = start(w, &half_r, &half);
	while (half.body_n < 3)
		event_base_loop(w->base, EVLOOP_ONCE);
	s.start_at_body = &more_r;
	s.start_for = &more;
	run(w, &r, &s);
	loop_until(w->base, &more.done);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_int_equal(more.result.end, HTTP_END_DONE);
	assert_string_equal(more.body, "hello");
	assert_int_equal(half.n_end, 0);
	assert_int_equal(http_in_flight(w->http), 0);
}

static void
test_many_at_once(void **state)
{
	enum { N = 24 };	/* so many may wait for the server */
	static const struct route routes[] = {
		{ "/x", OK_HEAD "hello", 0, KEEP_OPEN }, { 0 }
	};
	static struct seen seen[N];
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	unsigned good = 0;

	memset(seen, 0, sizeof(seen));
	w->server.routes = routes;
	for (size_t i = 0; i < N; i++)
		start(w, &r, &seen[i]);
	assert_int_equal(http_in_flight(w->http), N);
	for (size_t i = 0; i < N; i++) {
		loop_until(w->base, &seen[i].done);
		good += seen[i].result.end == HTTP_END_DONE &&
		    seen[i].body_n == 5;
	}
	assert_int_equal(good, N);
}

static void
test_connection_is_reused(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));

	w->server.routes = hello;
	for (int i = 0; i < 5; i++) {
		struct seen s = { 0 };

		run(w, &r, &s);
		assert_int_equal(s.result.end, HTTP_END_DONE);
	}
	assert_int_equal(w->server.n_requests, 5);
	assert_int_equal(w->server.n_connections, 1);
}

/* One kept connection to the server, which has answered once. */
static void
keep_one(struct world *w)
{
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen s = { 0 };

	w->server.routes = hello;
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_int_equal(w->server.n_connections, 1);
}

/* On a kept connection libcurl would ask once more by itself. */
static void
test_never_asks_twice(void **state)
{
	static const struct {
		const char	*says, *method;
		struct route	 route;
	} cases[] = {
		{ "closed without an answer", "GET",
		    { "/y", "", 0, CLOSE } },
		{ "reset without an answer", "GET",
		    { "/y", NULL, 0, RESET } },
		{ "nor is a body sent again", "POST",
		    { "/y", NULL, 0, RESET } },
	};
	struct world *w;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct route routes[2] = { cases[i].route, { 0 } };
		struct http_request r;
		struct seen s = { 0 };

		print_message("  %s\n", cases[i].says);
		if (i > 0) {
			teardown(state);
			setup(state);
		}
		w = *state;
		keep_one(w);
		w->server.routes = routes;
		r = get(url_of(w, "http", "/y"));
		if (strcmp(cases[i].method, "POST") == 0)
			r.body = STR("hits");
		run(w, &r, &s);
		loop_drain(w->base);
		assert_int_equal(s.result.end, HTTP_END_TRUNCATED);
		assert_string_equal(s.result.message,
		    "127.0.0.1: connection closed without an answer");
		assert_int_equal(s.result.status, 0);
		assert_int_equal(w->server.n_requests, 2);
		assert_int_equal(w->server.n_connections, 1);
	}
}

/* Another one that is kept is no way out either. */
static void
test_never_asks_twice_on_another(void **state)
{
	static const struct route bad[] = {
		{ "/y", "", 0, CLOSE }, { 0 }
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen a = { 0 }, b = { 0 }, s = { 0 };

	w->server.routes = hello;
	start(w, &r, &a);
	start(w, &r, &b);
	loop_until(w->base, &a.done);
	loop_until(w->base, &b.done);
	assert_int_equal(w->server.n_connections, 2);
	w->server.routes = bad;
	r = get(url_of(w, "http", "/y"));
	run(w, &r, &s);
	loop_drain(w->base);
	assert_int_equal(s.result.end, HTTP_END_TRUNCATED);
	assert_int_equal(w->server.n_requests, 3);
}

/* Its end came before the request: nobody has failed. */
static void
test_server_ends_idle_ones(void **state)
{
	struct world *w = *state;
	struct http_request r;
	struct seen s = { 0 };

	for (int i = 0; i < 2; i++) {
		if (i > 0) {
			teardown(state);
			setup(state);
			w = *state;
		}
		s = (struct seen){ 0 };
		keep_one(w);
		if (i == 0)
			peer_close(w->server.last);
		else
			peer_reset(w->server.last);
		r = get(url_of(w, "http", "/x"));
		run(w, &r, &s);
		assert_int_equal(s.result.end, HTTP_END_DONE);
		assert_int_equal(w->server.n_requests, 2);
		assert_int_equal(w->server.n_connections, 2);
	}
}

static void
test_free_cancels(void **state)
{
	static const struct route routes[] = {
		{ "/half", OK_HEAD "hel", 0, KEEP_OPEN }, { 0 }
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/half"));
	struct seen running = { 0 }, waiting = { 0 };

	w->server.routes = routes;
	start(w, &r, &running);
	while (running.body_n < 3)
		event_base_loop(w->base, EVLOOP_ONCE);
	start(w, &r, &waiting);
	http_free(w->http);
	w->http = NULL;
	loop_drain(w->base);
	assert_int_equal(running.n_end + waiting.n_end, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_cancel_in_flight),
		EACH(test_cancel_before_it_runs),
		EACH(test_cancel_and_start_in_callback),
		EACH(test_many_at_once),
		EACH(test_connection_is_reused),
		EACH(test_never_asks_twice),
		EACH(test_never_asks_twice_on_another),
		EACH(test_server_ends_idle_ones),
		EACH(test_free_cancels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
