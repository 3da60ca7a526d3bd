/* SPDX-License-Identifier: ISC */
/*
 * What transfers share with those of other threads: connections at one address
 * and look-ups at once; and how many connections are kept for reuse. Two
 * structs http on one loop stand for two threads.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/resource.h>

#include "base/address_cap.h"
#include "base/err.h"
#include "base/http.h"
#include "base/lookup_slots.h"
#include "loopback.h"

enum { CAP = 4, MAX_IDLE_HERE = 3 };

struct seen {
	struct http_result	 result;
	bool			 done;
};

struct world {
	struct event_base	*base;
	struct server		 server;
	struct address_cap	*cap;
	struct lookup_slots	*lookups;
	struct http		*http, *other;
	char			 url[64], silent[64], named[64];
};

static const struct route routes[] = {
	{ "/x", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 0,
	    KEEP_OPEN },
	{ "/304", "HTTP/1.1 304 No\r\n\r\n", 0, KEEP_OPEN },
	{ "/silent", NULL, 0, KEEP_OPEN }, { 0 }
};

static void
on_end(const struct http_result *result, void *ctx)
{
	struct seen *s = ctx;

	s->result = *result;
	s->done = true;
}

static const struct http_ops ops = { .on_end = on_end };

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->base = event_base_new();
	server_start(&w->server, w->base);
	w->server.routes = routes;
	w->cap = address_cap_new(CAP);
	w->lookups = lookup_slots_new(1);
	w->http = http_new(w->base, MAX_IDLE_HERE);
	w->other = http_new(w->base, MAX_IDLE_HERE);
	http_share_limits(w->http, w->cap, w->lookups);
	http_share_limits(w->other, w->cap, w->lookups);
	snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%d/x",
	    w->server.port);
	snprintf(w->silent, sizeof(w->silent), "http://127.0.0.1:%d/silent",
	    w->server.port);
	snprintf(w->named, sizeof(w->named), "http://localhost:%d/x",
	    w->server.port);
	*state = w;
	return 0;
}

/* Whatever a test did, nothing may be counted as open after it. */
static int
teardown(void **state)
{
	struct world *w = *state;

	http_free(w->http);
	http_free(w->other);
	assert_int_equal(address_cap_count(w->cap), 0);
	loop_drain(w->base);
	server_stop(&w->server);
	address_cap_free(w->cap);
	lookup_slots_free(w->lookups);
	event_base_free(w->base);
	free(w);
	return 0;
}

static struct http_transfer *
start(struct http *h, const char *url, struct seen *s)
{
	const struct http_request r = { .url = url, .user_agent = "test/1",
		.timeout_ms = 10000, .connect_timeout_ms = 5000 };
	struct http_transfer *t;
	struct err err;

	*s = (struct seen){ .done = false };
	t = http_start(h, &r, &ops, s, &err);
	assert_non_null(t);
	return t;
}

static void
run(struct world *w, struct http *h, const char *url, struct seen *s)
{
	start(h, url, s);
	loop_until(w->base, &s->done);
}

/* Until the server has so many requests. */
static void
wait_for_requests(struct world *w, size_t n)
{
	while (w->server.n_requests < n)
		event_base_loop(w->base, EVLOOP_ONCE);
}

static size_t
open_peers(struct world *w)
{
	struct peer *p;
	size_t n = 0;

	loop_drain(w->base);
	TAILQ_FOREACH(p, &w->server.peers, link)
		n++;
	return n;
}

/*
 * The cap
 */

static void
test_one_too_many(void **state)
{
	struct world *w = *state;
	struct http_transfer *held[CAP];
	struct seen silent[CAP], s;

	for (size_t i = 0; i < CAP; i++)
		held[i] = start(i % 2 == 0 ? w->http : w->other, w->silent,
		    &silent[i]);
	wait_for_requests(w, CAP);
	run(w, w->http, w->url, &s);
	assert_string_equal(http_end_word(s.result.end), "busy");
	assert_string_equal(s.result.message,
	    "127.0.0.1: too many connections to its address are open");
	assert_int_equal(s.result.status, 0);
	assert_int_equal(w->server.n_connections, CAP);

	http_cancel(held[0]);		/* the other thread's place */
	run(w, w->other, w->url, &s);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	for (size_t i = 1; i < CAP; i++)
		http_cancel(held[i]);
}

/* Names do not matter, numbers do. */
static void
test_names_of_one_address(void **state)
{
	struct world *w = *state;
	struct http_transfer *held[CAP];
	struct seen silent[CAP], s;

	for (size_t i = 0; i < CAP; i++)
		held[i] = start(w->http, w->silent, &silent[i]);
	wait_for_requests(w, CAP);
	run(w, w->other, w->named, &s);
	/* localhost may be ::1 as well, where nobody listens. */
	assert_string_equal(http_end_word(s.result.end), "busy");
	for (size_t i = 0; i < CAP; i++)
		http_cancel(held[i]);
}

/* At most half of the places are held by connections that nobody uses. */
static void
test_idle_ones_leave_room(void **state)
{
	static const char *const paths[] = { "x", "304" };
	struct world *w = *state;
	struct seen seen[CAP], s;
	char url[64];

	for (size_t p = 0; p < 2; p++) {
		snprintf(url, sizeof(url), "http://127.0.0.1:%d/%s",
		    w->server.port, paths[p]);
		for (size_t i = 0; i < CAP; i++)
			start(w->http, url, &seen[i]);
		for (size_t i = 0; i < CAP; i++) {
			loop_until(w->base, &seen[i].done);
			assert_int_equal(seen[i].result.end, HTTP_END_DONE);
		}
		assert_int_equal(open_peers(w), CAP / 2);
	}
	run(w, w->other, w->url, &s);
	assert_int_equal(s.result.end, HTTP_END_DONE);
}

/* A connection that could not be made is no longer counted. */
static void
test_failures_leave(void **state)
{
	struct world *w = *state;
	char url[64];
	struct seen s;

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", unused_port());
	for (int i = 0; i < 3 * CAP; i++) {
		run(w, w->http, url, &s);
		assert_string_equal(http_end_word(s.result.end), "connect");
	}
	assert_int_equal(address_cap_count(w->cap), 0);
}

static void
test_no_descriptor_leaves(void **state)
{
	struct world *w = *state;
	struct rlimit old, none;
	struct seen s;

	start(w->http, w->url, &s);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	loop_until(w->base, &s.done);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_string_equal(http_end_word(s.result.end), "failed");
	assert_int_equal(address_cap_count(w->cap), 0);
}

/* All that goes through a proxy lies at its address: it is not capped. */
static void
test_proxy_is_not_capped(void **state)
{
	static const struct route proxied[] = {
		{ "http://public.example/", NULL, 0, KEEP_OPEN }, { 0 }
	};
	struct world *w = *state;
	struct http_transfer *held[2 * CAP];
	struct seen seen[2 * CAP];
	char proxy[64];
	struct err err;

	w->server.routes = proxied;
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d",
	    w->server.port);
	for (size_t i = 0; i < 2 * CAP; i++) {
		const struct http_request r = { .user_agent = "test/1",
			.url = "http://public.example/", .proxy = proxy,
			.timeout_ms = 10000 };

		held[i] = http_start(w->http, &r, &ops, &seen[i], &err);
		assert_non_null(held[i]);
	}
	wait_for_requests(w, 2 * CAP);
	assert_int_equal(address_cap_count(w->cap), 0);
	for (size_t i = 0; i < 2 * CAP; i++)
		http_cancel(held[i]);
}

/*
 * Look-ups
 */

static void
fill_slots(struct world *w)
{
	char name[32];

	for (int i = 0, n = 0; n < LOOKUP_SLOTS; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		/* Known and quick: may have all. */
		lookup_slots_done(w->lookups,
		    lookup_slots_take(w->lookups, name, 0), 0);
		n += lookup_slots_take(w->lookups, name, INT64_MAX / 2) != -1;
	}
}

static void
test_numbers_do_not_wait(void **state)
{
	struct world *w = *state;
	struct seen s;

	fill_slots(w);
	run(w, w->http, w->url, &s);
	assert_int_equal(s.result.end, HTTP_END_DONE);
}

static void
test_names_stand_in_line(void **state)
{
	struct world *w = *state;
	struct seen s, behind;

	fill_slots(w);
	start(w->http, w->named, &s);
	start(w->other, w->named, &behind);
	loop_drain(w->base);
	assert_false(s.done || behind.done);
	assert_int_equal(http_in_flight(w->http), 1);
	lookup_slots_done(w->lookups, 0, 0);
	/* One slot serves both, one after the other. */
	loop_until(w->base, &s.done);
	loop_until(w->base, &behind.done);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_int_equal(behind.result.end, HTTP_END_DONE);
}

/* Too long in line: told, and nothing was sent. The limit of the connect, 1 ms
 * here, has not begun. */
static void
test_line_too_long(void **state)
{
	struct world *w = *state;
	struct http_request r = { .url = w->named, .user_agent = "test/1",
		.connect_timeout_ms = 1, .timeout_ms = 1000 };
	struct seen s = { .done = false };
	struct err err;

	fill_slots(w);
	assert_non_null(http_start(w->http, &r, &ops, &s, &err));
	loop_until(w->base, &s.done);
	assert_string_equal(http_end_word(s.result.end), "busy");
	assert_string_equal(s.result.message,
	    "localhost: too many names are being looked up");
	assert_int_equal(w->server.n_connections, 0);
}

static void
test_cancel_in_line(void **state)
{
	struct world *w = *state;
	struct seen s, waits;

	fill_slots(w);
	http_cancel(start(w->http, w->named, &s));
	start(w->http, w->named, &waits);
	loop_drain(w->base);
	assert_int_equal(http_in_flight(w->http), 1);
	http_free(w->http);
	w->http = NULL;
	loop_drain(w->base);
	assert_false(s.done || waits.done);
}

/* Each way to end gives its slot back: more transfers than there are slots. */
static void
test_slots_come_back(void **state)
{
	struct world *w = *state;
	char refused[64];
	struct seen s;

	snprintf(refused, sizeof(refused), "http://localhost:%d/",
	    unused_port());
	for (int i = 0; i < LOOKUP_SLOTS; i++) {
		run(w, w->http, refused, &s);
		assert_string_equal(http_end_word(s.result.end), "connect");
		run(w, w->http, "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid/", &s);
		assert_string_equal(http_end_word(s.result.end), "dns");
	}
	for (size_t i = 0; i < MAX_REQUESTS; i++) {
		run(w, w->http, w->named, &s);
		assert_string_equal(http_end_word(s.result.end), "done");
	}
	for (int i = 0; i < LOOKUP_PER_NAME; i++)
		assert_true(lookup_slots_take(w->lookups, "localhost",
		    INT64_MAX / 2) != -1);
}

/*
 * Kept connections: libcurl's own limit counts those in use, so that a busy
 * loop would keep none.
 */

static void
test_idle_beside_busy(void **state)
{
	enum { BUSY = 12 };
	struct world *w = *state;
	struct http *h = http_new(w->base, MAX_IDLE_HERE);
	struct http_transfer *held[BUSY];
	struct seen busy[BUSY], s[BUSY];
	size_t before;

	for (size_t i = 0; i < BUSY; i++)
		held[i] = start(h, w->silent, &busy[i]);
	wait_for_requests(w, BUSY);
	for (int round = 0; round < 3; round++) {
		before = w->server.n_connections;
		for (size_t i = 0; i < MAX_IDLE_HERE; i++)
			start(h, w->url, &s[i]);
		for (size_t i = 0; i < MAX_IDLE_HERE; i++)
			loop_until(w->base, &s[i].done);
		assert_int_equal(w->server.n_connections - before,
		    round == 0 ? MAX_IDLE_HERE : 0);
	}
	for (size_t i = 0; i < BUSY; i++)
		http_cancel(held[i]);
	run(w, h, w->url, &s[0]);
	assert_in_range(open_peers(w), 1, MAX_IDLE_HERE);
	http_free(h);
}

/* They ended together, as polls do. The next group finds them; who comes when
 * the time is over does not. */
static void
test_idle_ones_stay_a_while(void **state)
{
	enum { N = 12 };
	struct world *w = *state;
	struct http *h = http_new(w->base, MAX_IDLE_HERE);
	struct seen s[N];
	time_t begun;

	for (size_t i = 0; i < N; i++)
		start(h, w->url, &s[i]);
	for (size_t i = 0; i < N; i++)
		loop_until(w->base, &s[i].done);
	assert_int_equal(w->server.n_connections, N);
	for (size_t i = 0; i < N; i++)
		start(h, w->url, &s[i]);
	for (size_t i = 0; i < N; i++)
		loop_until(w->base, &s[i].done);
	assert_int_equal(w->server.n_connections, N);
	assert_int_equal(open_peers(w), N);
	begun = time(NULL);
	while (open_peers(w) > 0) {
		event_base_loop(w->base, EVLOOP_ONCE);
		assert_true(time(NULL) - begun < 60);
	}
	assert_int_equal(w->server.n_connections, N);
	http_free(h);
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_one_too_many),
		EACH(test_names_of_one_address),
		EACH(test_idle_ones_leave_room),
		EACH(test_failures_leave),
		EACH(test_no_descriptor_leaves),
		EACH(test_proxy_is_not_capped),
		EACH(test_numbers_do_not_wait),
		EACH(test_names_stand_in_line),
		EACH(test_line_too_long),
		EACH(test_cancel_in_line),
		EACH(test_slots_come_back),
		EACH(test_idle_beside_busy),
		EACH(test_idle_ones_stay_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
