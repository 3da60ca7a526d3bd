/* SPDX-License-Identifier: ISC */
/*
 * Pausing fetches. The scripted server plays the proxy, so that redirects may
 * cross hosts; one request at a time is let in to each.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/http.h"
#include "feeds/fetch.h"
#include "feeds/host_gate.h"
#include "loopback.h"

enum { BODY = 8 << 20 };

struct world {
	struct event_base	*base;
	struct server		 server;
	struct http		*http;
	struct host_gate	*gate;
	struct clock		 clock;
	struct fetch_env	 env;
	char			 proxy[64];
	char			*feed;		/* an answer of BODY bytes */
	size_t			 feed_n;
};

struct seen {
	struct fetch		*fetch;
	size_t			 got;
	unsigned		 n_open, n_body, n_end;
	bool			 paused, done;
	bool			 pause_at_open;
	unsigned		 pause_at_body;		/* so many times */
	enum fetch_outcome	 outcome;
	char			 word[32];
	int64_t			 body_bytes;
};

static char
byte_at(size_t i)
{
	return (char)('a' + (i / 1000 + i) % 26);
}

static void
pause_me(struct seen *s)
{
	s->paused = true;
	fetch_pause(s->fetch);
}

static int
on_open(const struct http_meta *meta, const char *url, void *ctx)
{
	struct seen *s = ctx;

	(void)meta;
	(void)url;
	s->n_open++;
	if (s->pause_at_open)
		pause_me(s);
	return 0;
}

static int
on_body(const char *p, size_t n, void *ctx)
{
	struct seen *s = ctx;

	assert_false(s->paused);
	for (size_t i = 0; i < n; i++, s->got++)
		if (p[i] != byte_at(s->got))
			fail_msg("byte %zu is another one", s->got);
	s->n_body++;
	if (s->pause_at_body > 0) {
		s->pause_at_body--;
		pause_me(s);
	}
	return 0;
}

static void
on_end(const struct fetch_result *res, void *ctx)
{
	struct seen *s = ctx;

	s->n_end++;
	s->outcome = res->outcome;
	s->body_bytes = res->body_bytes;
	snprintf(s->word, sizeof(s->word), "%s", res->word);
	s->done = true;
}

static const struct fetch_ops ops = { .on_open = on_open,
	.on_body = on_body, .on_end = on_end };

static void
make_feed(struct world *w)
{
	w->feed = malloc(BODY + 128);
	w->feed_n = (size_t)snprintf(w->feed, 128, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: %d\r\n\r\n", BODY);
	for (size_t i = 0; i < BODY; i++)
		w->feed[w->feed_n++] = byte_at(i);
}

static int
setup(void **state)
{
	static const struct host_gate_settings set = { 1, 0 };
	struct world *w = calloc(1, sizeof(*w));
	struct err err;

	w->base = event_base_new();
	server_start(&w->server, w->base);
	w->http = http_new(w->base, 8);
	w->gate = host_gate_new(&set);
	/* What waits for a gate is not kept waiting long by the machine. */
	setenv("HEADLINED_TIME_SCALE", "1000", 1);
	assert_int_equal(clock_init(&w->clock, &err), 0);
	unsetenv("HEADLINED_TIME_SCALE");
	w->env = (struct fetch_env){ w->base, w->http, w->gate, &w->clock };
	snprintf(w->proxy, sizeof(w->proxy), "http://127.0.0.1:%d",
	    w->server.port);
	make_feed(w);
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	http_free(w->http);
	loop_drain(w->base);
	server_stop(&w->server);
	host_gate_free(w->gate);
	event_base_free(w->base);
	free(w->feed);
	free(w);
	return 0;
}

static void
start(struct world *w, struct seen *s)
{
	const struct fetch_request r = { .url = "http://a.example/x",
		.user_agent = "test/1", .proxy = w->proxy,
		.timeout_ms = 20000, .max_body_bytes = BODY };
	struct err err;

	assert_int_equal(host_gate_enter(w->gate, "a.example:80",
	    clock_mono_us(&w->clock)), 0);
	s->fetch = fetch_start(&w->env, &r, &ops, s, &err);
	assert_non_null(s->fetch);
}

static void
settle(struct world *w)
{
	for (int i = 0; i < 20; i++)
		loop_drain(w->base);
}

static void
resume(struct seen *s)
{
	unsigned before = s->n_body;

	s->paused = false;
	fetch_resume(s->fetch);
	assert_int_equal(s->n_body, before);
}

static void
finish(struct world *w, struct seen *s)
{
	struct event *dog = evtimer_new(w->base, loop_on_watchdog, NULL);
	struct timeval tv = { .tv_sec = 60 };

	evtimer_add(dog, &tv);
	while (!s->done) {
		if (s->paused)
			resume(s);
		event_base_loop(w->base, EVLOOP_ONCE);
	}
	event_free(dog);
	assert_int_equal(s->n_end, 1);
}

static void
assert_whole(const struct seen *s)
{
	assert_string_equal(s->word, "ok");
	assert_int_equal(s->outcome, FETCH_FRESH);
	assert_int_equal(s->n_open, 1);
	assert_int_equal(s->got, BODY);
	assert_int_equal(s->body_bytes, BODY);
}

static bool
gate_is_free(struct world *w, const char *host)
{
	int64_t now = clock_mono_us(&w->clock);

	if (host_gate_enter(w->gate, host, now) != 0)
		return false;
	host_gate_leave(w->gate, host, now);
	return true;
}

/* Whoever pauses keeps the place in the gate. */
static void
test_pause_and_resume(void **state)
{
	static const struct {
		const char	*says;
		bool		 at_open;
		unsigned	 at_body;
	} cases[] = {
		{ "when the body opens", true, 0 },
		{ "at the first bytes", false, 1 },
		{ "at all of them", true, UINT32_MAX },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen s = { .pause_at_open = cases[i].at_open,
			.pause_at_body = cases[i].at_body };
		struct world *w;
		unsigned before;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		const struct route routes[] = {
			{ "http://a.example/x", w->feed, w->feed_n, 0 },
			{ 0 }
		};
		w->server.routes = routes;
		start(w, &s);
		while (!s.paused)
			event_base_loop(w->base, EVLOOP_ONCE);
		before = s.n_body;
		settle(w);
		assert_int_equal(s.n_body, before);
		assert_int_equal(s.n_end, 0);
		assert_false(gate_is_free(w, "a.example:80"));
		assert_true(evbuffer_get_length(bufferevent_get_output(
		    w->server.last->bev)) > BODY / 8);
		finish(w, &s);
		assert_whole(&s);
		assert_true(gate_is_free(w, "a.example:80"));
		assert_int_equal(teardown(state), 0);
	}
}

/* While the fetch waits for the next host's gate there is nothing to pause. */
static void
test_between_hops(void **state)
{
	static const struct {
		const char	*says;
		bool		 resumed;	/* still while waiting */
	} cases[] = {
		{ "paused while it waits", false },
		{ "and resumed", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen s = { 0 };
		struct world *w;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		const struct route routes[] = {
			{ "http://a.example/x", "HTTP/1.1 302 Go\r\n"
			    "Location: http://b.example/y\r\n"
			    "Content-Length: 0\r\n\r\n", 0, 0 },
			{ "http://b.example/y", w->feed, w->feed_n, 0 },
			{ 0 }
		};
		w->server.routes = routes;
		assert_int_equal(host_gate_enter(w->gate, "b.example:80",
		    clock_mono_us(&w->clock)), 0);
		start(w, &s);
		while (w->server.n_requests < 1 || http_in_flight(w->http) > 0)
			event_base_loop(w->base, EVLOOP_ONCE);
		pause_me(&s);
		if (cases[i].resumed)
			resume(&s);
		host_gate_leave(w->gate, "b.example:80",
		    clock_mono_us(&w->clock));
		while (s.n_open == 0)
			event_base_loop(w->base, EVLOOP_ONCE);
		settle(w);
		assert_int_equal(w->server.n_requests, 2);
		assert_int_equal(s.n_body > 0, cases[i].resumed);
		finish(w, &s);
		assert_whole(&s);
		assert_int_equal(teardown(state), 0);
	}
}

/* Paused from before the first request to the last hop's body. */
static void
test_over_redirects(void **state)
{
	struct world *w = *state;
	struct seen s = { 0 };
	const struct route routes[] = {
		{ "http://a.example/x", "HTTP/1.1 301 Go\r\n"
		    "Location: /y\r\nContent-Length: 0\r\n\r\n", 0, 0 },
		{ "http://a.example/y", "HTTP/1.1 302 Go\r\n"
		    "Location: http://b.example/z\r\n"
		    "Content-Length: 0\r\n\r\n", 0, 0 },
		{ "http://b.example/z", w->feed, w->feed_n, 0 },
		{ 0 }
	};

	w->server.routes = routes;
	start(w, &s);
	pause_me(&s);
	while (s.n_open == 0)
		event_base_loop(w->base, EVLOOP_ONCE);
	settle(w);
	assert_int_equal(w->server.n_requests, 3);
	assert_int_equal(s.n_body, 0);
	finish(w, &s);
	assert_whole(&s);
}

static void
test_cancel_while_paused(void **state)
{
	static const bool resumed[] = { false, true };

	for (size_t i = 0; i < 2; i++) {
		struct seen s = { .pause_at_body = 1 }, after = { 0 };
		struct world *w;

		print_message("  %s\n", resumed[i] ? "resumed before" :
		    "paused");
		assert_int_equal(setup(state), 0);
		w = *state;
		const struct route routes[] = {
			{ "http://a.example/x", w->feed, w->feed_n, 0 },
			{ 0 }
		};
		w->server.routes = routes;
		start(w, &s);
		while (!s.paused)
			event_base_loop(w->base, EVLOOP_ONCE);
		settle(w);
		if (resumed[i])
			resume(&s);
		fetch_cancel(s.fetch);
		settle(w);
		assert_int_equal(s.n_body, 1);
		assert_int_equal(s.n_end, 0);
		start(w, &after);	/* the gate is free */
		finish(w, &after);
		assert_whole(&after);
		assert_int_equal(teardown(state), 0);
	}
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pause_and_resume),
		cmocka_unit_test(test_between_hops),
		EACH(test_over_redirects),
		cmocka_unit_test(test_cancel_while_paused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
