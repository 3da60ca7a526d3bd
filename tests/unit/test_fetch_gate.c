/* SPDX-License-Identifier: ISC */
/*
 * What a fetch waits for: the gate of a hop, an address, a look-up.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address_cap.h"
#include "base/lookup_slots.h"
#include "fetch_rig.h"

#define EACH_GAP(test)							\
	cmocka_unit_test_setup_teardown(test, setup_with_gap, teardown)

/* 100 s of the daemon's clock are a tenth of a second here. */
static int
setup_with_gap(void **state)
{
	static const struct host_gate_settings set = {
		1, 100 * CLOCK_US_PER_S
	};
	int rc;

	setenv("HEADLINED_TIME_SCALE", "1000", 1);
	rc = setup_with(state, &set);
	unsetenv("HEADLINED_TIME_SCALE");
	return rc;
}

/*
 * The gate
 */

static void
test_waits_for_another_gate(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ "http://b.example/y", GO("302", "/z"), 0, 0 },
		{ "http://b.example/z", FEED, 0, 0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };
	int64_t begun = clock_mono_us(&w->clock), b_entered;

	w->server.routes = routes;
	r.proxy = w->proxy;
	b_entered = clock_mono_us(&w->clock);
	assert_int_equal(host_gate_enter(w->gate, "b.example:80", b_entered),
	    0);
	host_gate_leave(w->gate, "b.example:80", b_entered);
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_FRESH);
	/* The second hop on b waited for another gap. */
	assert_true(clock_mono_us(&w->clock) - begun >=
	    200 * CLOCK_US_PER_S);
	assert_true(host_gate_enter(w->gate, "b.example:80", b_entered +
	    250 * CLOCK_US_PER_S) > 0);
}

static void
test_leaves_the_first_gate(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ "http://b.example/y", NULL, 0, 0 },	/* silence */
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };
	struct fetch *f;

	w->server.routes = routes;
	r.proxy = w->proxy;
	f = start(w, &r, &s);
	while (w->server.n_requests < 2)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_gate_is_free(w, "http://a.example/x");
	assert_true(host_gate_enter(w->gate, "b.example:80",
	    clock_mono_us(&w->clock)) > 0);
	fetch_cancel(f);
	assert_gate_is_free(w, "http://b.example/y");
	loop_drain(w->base);
	assert_int_equal(s.n_end, 0);
}

static void
test_does_not_wait_for_ever(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };

	w->server.routes = routes;
	r.proxy = w->proxy;
	host_gate_close_until(w->gate, "b.example:80",
	    clock_mono_us(&w->clock) + 3600 * CLOCK_US_PER_S);
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_HELD);
	assert_string_equal(s.word, "host_busy");
	assert_gate_is_free(w, "http://a.example/x");
}

static void
test_cancel_while_waiting(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };
	struct fetch *f;

	w->server.routes = routes;
	r.proxy = w->proxy;
	assert_int_equal(host_gate_enter(w->gate, "b.example:80",
	    clock_mono_us(&w->clock)), 0);
	f = start(w, &r, &s);
	while (w->server.n_requests < 1 || http_in_flight(w->http) > 0)
		event_base_loop(w->base, EVLOOP_ONCE);
	fetch_cancel(f);
	loop_drain(w->base);
	assert_int_equal(s.n_end, 0);
	assert_int_equal(w->server.n_requests, 1);
}

/*
 * A connection
 */

/* Nothing is sent while it waits, and it is no failure. It stays in the gate,
 * and so its gap does not begin anew. */
static void
test_waits_for_an_address(void **state)
{
	static const struct route silent[] = { { "/x", NULL, 0, 0 }, { 0 } };
	static const struct route feed[] = { { "/x", FEED, 0, 0 }, { 0 } };
	struct world *w = *state;
	struct address_cap *cap = address_cap_new(1);
	char first_url[64], url[64], host[64];
	struct fetch_request first = request(first_url), r = request(url);
	struct seen held = { 0 }, s = { 0 };
	struct fetch *f;

	http_share_limits(w->http, cap, NULL);
	snprintf(first_url, sizeof(first_url), "http://127.0.0.1:%d/x",
	    w->server.port);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", w->other.port);
	w->server.routes = silent;
	w->other.routes = feed;
	f = start(w, &first, &held);
	while (w->server.n_requests < 1)
		event_base_loop(w->base, EVLOOP_ONCE);
	start(w, &r, &s);
	while (s.n_waits < 2)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_true(s.waits);
	snprintf(host, sizeof(host), "127.0.0.1:%d", w->other.port);
	assert_true(host_gate_enter(w->gate, host,
	    clock_mono_us(&w->clock)) > 0);
	assert_int_equal(w->other.n_connections, 0);
	fetch_cancel(f);
	loop_until(w->base, &s.done);
	assert_false(s.waits);
	assert_int_equal(s.result.outcome, FETCH_FRESH);
	assert_int_equal(w->other.n_requests, 1);
	assert_int_equal(held.n_waits, 0);
	assert_gate_is_free(w, url);
	http_free(w->http);
	w->http = NULL;
	address_cap_free(cap);
}

/* So is a name that finds no slot. */
static void
test_waits_for_a_look_up(void **state)
{
	static const struct route feed[] = { { "/x", FEED, 0, 0 }, { 0 } };
	struct world *w = *state;
	struct lookup_slots *lookups = lookup_slots_new(1);
	int slots[LOOKUP_PER_NAME];
	char url[64];
	struct fetch_request r = request(url);
	struct seen s = { 0 };

	http_share_limits(w->http, NULL, lookups);
	for (int i = 0; i < LOOKUP_PER_NAME; i++)
		slots[i] = lookup_slots_take(lookups, "localhost", 0);
	snprintf(url, sizeof(url), "http://localhost:%d/x", w->other.port);
	w->other.routes = feed;
	start(w, &r, &s);
	loop_until(w->base, &s.waits);
	assert_int_equal(w->other.n_connections, 0);
	lookup_slots_done(lookups, slots[0], 0);
	loop_until(w->base, &s.done);
	assert_int_equal(s.result.outcome, FETCH_FRESH);
	http_free(w->http);
	w->http = NULL;
	lookup_slots_free(lookups);
}

/* Not for ever, and a try counts, which stands in the line for HTTP_LINE_MS:
 * the second one is the last. Nobody has failed. */
static void
test_gives_up_a_look_up(void **state)
{
	struct world *w = *state;
	struct lookup_slots *lookups = lookup_slots_new(1);
	char url[64];
	struct fetch_request r = request(url);
	struct seen s = { 0 };

	http_share_limits(w->http, NULL, lookups);
	for (int i = 0; i < LOOKUP_PER_NAME; i++)
		(void)lookup_slots_take(lookups, "localhost", 0);
	snprintf(url, sizeof(url), "http://localhost:%d/x", w->other.port);
	r.patience = &(struct fetch_patience){ .idle_ms = 10000,
		.busy_ms = HTTP_LINE_MS / 2 };
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_HELD);
	assert_string_equal(s.word, "busy");
	assert_int_equal(s.n_waits, 1);
	assert_int_equal(w->other.n_connections, 0);
	assert_gate_is_free(w, url);
	http_free(w->http);
	w->http = NULL;
	lookup_slots_free(lookups);
}

static void
test_cancel_while_it_waits(void **state)
{
	struct world *w = *state;
	struct address_cap *cap = address_cap_new(1);
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char url[64];
	struct fetch_request r = request(url);
	struct seen s = { 0 };
	struct fetch *f;

	http_share_limits(w->http, cap, NULL);
	assert_true(address_cap_enter(cap, (const struct sockaddr *)&in));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", w->other.port);
	f = start(w, &r, &s);
	loop_until(w->base, &s.waits);
	fetch_cancel(f);
	loop_drain(w->base);
	assert_int_equal(s.n_end, 0);
	assert_gate_is_free(w, url);
	http_free(w->http);
	w->http = NULL;
	address_cap_free(cap);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH_GAP(test_waits_for_another_gate),
		EACH(test_leaves_the_first_gate),
		EACH(test_does_not_wait_for_ever),
		EACH_GAP(test_cancel_while_waiting),
		EACH(test_waits_for_an_address),
		EACH(test_waits_for_a_look_up),
		EACH(test_gives_up_a_look_up),
		EACH(test_cancel_while_it_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
