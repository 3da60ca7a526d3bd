/* SPDX-License-Identifier: ISC */
/*
 * Pausing transfers: whatever is paused and resumed when, each byte comes
 * once, in order, from the loop, and never while paused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>

#include "http_pause_rig.h"

/*
 * Each byte once
 */

static void
test_every_byte(void **state)
{
	static const struct {
		const char	*says;
		size_t		 n;
		const char	*coded;
		int		 frame;
	} cases[] = {
		{ "a body with a length", 16000 * BLOCK, NULL, LENGTH },
		{ "in chunks", 16000 * BLOCK, NULL, CHUNKED },
		{ "to the end of the connection", 16000 * BLOCK, NULL,
		    TO_THE_END },
		{ "gzip", 32000 * BLOCK, GZIP, LENGTH },
		{ "gzip in chunks", 32000 * BLOCK, GZIP, CHUNKED },
		{ "gzip to the end of the connection", 32000 * BLOCK, GZIP,
		    TO_THE_END },
		{ "two codings", 32000 * BLOCK, TWO, LENGTH },
		{ "two codings in two headers", 32000 * BLOCK, TWICE,
		    CHUNKED },
		{ "two codings to the end", 32000 * BLOCK, TWO, TO_THE_END },
		{ "one read", 3 * BLOCK, NULL, LENGTH },
		{ "one read of gzip", 3 * BLOCK, GZIP, CHUNKED },
		{ "one read of two", 3 * BLOCK, TWICE, LENGTH },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen paused = { .pause_at_body = UINT_MAX };
		struct seen after = { 0 };
		struct http_request r;
		struct world *w;

		print_message("  %s, paused at each piece\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		make_answer(w, cases[i].n, cases[i].coded, cases[i].frame);
		const struct route routes[] = { { "/x", w->answer,
		    w->answer_n, cases[i].frame == TO_THE_END ? CLOSE :
		    KEEP_OPEN }, { 0 } };
		w->server.routes = routes;
		r = get(w);
		start(w, &r, &paused);
		finish(w, &paused);
		assert_string_equal(paused.result.message, "");
		assert_int_equal(paused.result.end, HTTP_END_DONE);
		assert_int_equal(paused.got, cases[i].n);
		assert_int_equal(paused.result.body_bytes, cases[i].n);
		assert_true(paused.n_body >= cases[i].n / 16384);
		start(w, &r, &after);
		finish(w, &after);
		assert_int_equal(after.got, cases[i].n);
		assert_int_equal(w->server.n_connections,
		    cases[i].frame == TO_THE_END ? 2 : 1);
		assert_int_equal(teardown(state), 0);
	}
}

static size_t
left_at_server(const struct world *w)
{
	return evbuffer_get_length(bufferevent_get_output(
	    w->server.last->bev));
}

static void
test_the_server_blocks(void **state)
{
	static const char *const codings[] = { NULL, NONE };
	size_t n = 64000 * BLOCK, left;

	for (size_t i = 0; i < 2; i++) {
		struct route routes[2] = { { 0 } };
		struct seen s = { 0 };
		struct world *w;

		assert_int_equal(setup(state), 0);
		w = *state;
		start_coded(w, routes, codings[i], n, &s);
		assert_int_equal(s.n_body, 1);
		left = left_at_server(w);
		print_message("  %zu of %zu bytes wait at the server\n",
		    left, n);
		assert_true(left > n / 4);
		/* The kernel's buffers may still grow, nothing else takes. */
		settle(w);
		assert_int_equal(s.n_body, 1);
		assert_true(left_at_server(w) > n / 4);
		resume(&s);
		finish(w, &s);
		assert_int_equal(s.result.end, HTTP_END_DONE);
		assert_int_equal(s.got, n);
		assert_int_equal(teardown(state), 0);
	}
}

/* on_body itself asserts that it is not entered again. */
static void
test_resume_in_the_callback(void **state)
{
	struct world *w = *state;
	struct seen s = { .pause_at_body = UINT_MAX, .pause_at_header = true,
		.pause_at_head = true, .resume_at_once = true };
	struct http_request r = get(w);

	make_answer(w, 4000 * BLOCK, GZIP, CHUNKED);
	const struct route routes[] = { { "/x", w->answer, w->answer_n,
	    KEEP_OPEN }, { 0 } };
	w->server.routes = routes;
	start(w, &r, &s);
	loop_until(w->base, &s.done);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_int_equal(s.got, 4000 * BLOCK);
}

static void
test_paused_before_the_body(void **state)
{
	static const struct {
		const char	*says;
		bool		 at_start, at_header, at_head;
	} cases[] = {
		{ "before it runs", true, false, false },
		{ "at a header", false, true, false },
		{ "at the end of the headers", false, false, true },
		{ "everywhere", true, true, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen s = { .pause_at_header = cases[i].at_header,
			.pause_at_head = cases[i].at_head };
		struct http_request r;
		struct world *w;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		make_answer(w, 100 * BLOCK, NULL, LENGTH);
		const struct route routes[] = { { "/x", w->answer,
		    w->answer_n, KEEP_OPEN }, { 0 } };
		w->server.routes = routes;
		r = get(w);
		start(w, &r, &s);
		if (cases[i].at_start)
			pause_me(&s);
		while (s.n_head == 0)
			event_base_loop(w->base, EVLOOP_ONCE);
		settle(w);
		assert_int_equal(s.n_body, 0);
		assert_int_equal(s.n_end, 0);
		resume(&s);
		finish(w, &s);
		assert_int_equal(s.got, 100 * BLOCK);
		assert_int_equal(s.n_head, 1);
		assert_int_equal(teardown(state), 0);
	}
}

static void
test_twice_is_fine(void **state)
{
	struct world *w = *state;
	struct route routes[2] = { { 0 } };
	struct seen s = { 0 };

	start_paused(w, routes, 1000 * BLOCK, &s);
	http_pause(s.transfer);
	http_pause(s.transfer);
	resume(&s);
	http_resume(s.transfer);
	/* Paused again before the loop could go on. */
	s.paused = true;
	http_pause(s.transfer);
	settle(w);
	assert_int_equal(s.n_body, 1);
	resume(&s);
	http_resume(s.transfer);
	finish(w, &s);
	assert_int_equal(s.got, 1000 * BLOCK);
}

/*
 * Others
 */

static void
test_cancel_while_paused(void **state)
{
	static const struct {
		const char	*says;
		const char	*coded;
		bool		 resumed, free;
	} cases[] = {
		{ "held", NULL, false, false },
		{ "resumed, not yet gone on", NULL, true, false },
		{ "held, by freeing all", NULL, false, true },
		{ "resumed, by freeing all", NULL, true, true },
		{ "gzip held", GZIP, false, false },
		{ "gzip resumed, not yet gone on", GZIP, true, false },
		{ "all read and held", TWO, false, false },
		{ "all read, resumed", TWO, true, false },
		{ "all read, by freeing all", TWO, true, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct route routes[2] = { { 0 } };
		struct seen s = { 0 }, after = { 0 };
		struct http_request r;
		struct world *w;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		start_coded(w, routes, cases[i].coded, 2000 * BLOCK, &s);
		if (cases[i].resumed)
			resume(&s);
		if (cases[i].free) {
			http_free(w->http);
			w->http = http_new(w->base, 8);
		} else
			http_cancel(s.transfer);
		settle(w);
		assert_int_equal(s.n_body, 1);
		assert_int_equal(s.n_end, 0);
		r = get(w);
		start(w, &r, &after);
		finish(w, &after);
		assert_int_equal(after.got, 2000 * BLOCK);
		assert_int_equal(teardown(state), 0);
	}
}

/* From inside of libcurl, and from inside of the turn. */
static void
test_others_in_the_callback(void **state)
{
	struct world *w = *state;
	struct route routes[2] = { { 0 } };
	struct seen a = { 0 }, b = { 0 }, c = { 0 };
	struct http_request r = get(w);

	start_paused(w, routes, 4000 * BLOCK, &a);
	c.pause_at_body = 1;
	start(w, &r, &c);
	while (!c.paused)
		event_base_loop(w->base, EVLOOP_ONCE);
	b.pause_at_body = 1;
	b.resume_other = a.transfer;
	a.paused = false;
	a.cancel_other = c.transfer;
	start(w, &r, &b);
	while (!b.paused)
		event_base_loop(w->base, EVLOOP_ONCE);
	loop_until(w->base, &a.done);
	settle(w);
	assert_int_equal(a.got, 4000 * BLOCK);
	assert_int_equal(b.n_body, 1);
	assert_int_equal(c.n_body, 1);
	assert_int_equal(c.n_end, 0);
	assert_int_equal(http_in_flight(w->http), 1);
	finish(w, &b);
	assert_int_equal(b.got, 4000 * BLOCK);
}

/* Two that pause each other never see a byte too many. */
static void
test_pausing_another(void **state)
{
	struct world *w = *state;
	struct route routes[2] = { { 0 } };
	struct seen a = { 0 }, b = { 0 };
	struct http_request r = get(w);

	start_paused(w, routes, 4000 * BLOCK, &a);
	start(w, &r, &b);
	b.pause_at_body = 0;
	a.pause_other = b.transfer;
	resume(&a);
	while (a.pause_other != NULL)
		event_base_loop(w->base, EVLOOP_ONCE);
	b.paused = true;
	loop_until(w->base, &a.done);
	settle(w);
	assert_int_equal(a.got, 4000 * BLOCK);
	assert_false(b.done);
	finish(w, &b);
	assert_int_equal(b.got, 4000 * BLOCK);
}

static void
test_many_paused(void **state)
{
	enum { N = 24 };	/* so many may wait for the server */
	static struct seen seen[N];
	struct world *w = *state;
	struct route routes[2] = { { 0 } };
	struct http_request r = get(w);

	memset(seen, 0, sizeof(seen));
	start_paused(w, routes, 500 * BLOCK, &seen[0]);
	for (size_t i = 1; i < N; i++) {
		seen[i].pause_at_body = UINT_MAX;
		start(w, &r, &seen[i]);
	}
	settle(w);
	for (size_t i = N; i-- > 0;) {
		finish(w, &seen[i]);
		assert_int_equal(seen[i].got, 500 * BLOCK);
		assert_int_equal(seen[i].result.end, HTTP_END_DONE);
	}
	assert_int_equal(http_in_flight(w->http), 0);
}

/* All of it is there at once, on a loop that others wait for too. */
static void
test_fair_turns(void **state)
{
	static const struct {
		const char	*says, *coded;
		size_t		 n;
	} cases[] = {
		{ "a fast body", NULL, 16000 * BLOCK },
		{ "one that swells", GZIP, 900 * BLOCK },
		{ "one that knows no bounds", TWO, 900 * BLOCK },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct route routes[2] = { { 0 } };
		struct http_request r;
		struct seen s = { 0 };
		time_t begun = time(NULL);
		struct world *w;
		size_t before;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		make_answer(w, cases[i].n, cases[i].coded, LENGTH);
		routes[0] = (struct route){ "/x", w->answer, w->answer_n,
			KEEP_OPEN };
		w->server.routes = routes;
		r = get(w);
		start(w, &r, &s);
		while (!s.done && time(NULL) - begun < 60) {
			before = s.got;
			event_base_loop(w->base,
			    EVLOOP_ONCE | EVLOOP_NONBLOCK);
			assert_in_range(s.got - before, 0, 2 * 16384);
		}
		assert_int_equal(s.result.end, HTTP_END_DONE);
		assert_int_equal(s.got, cases[i].n);
		assert_int_equal(s.n_end, 1);
		assert_int_equal(teardown(state), 0);
	}
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_the_server_blocks),
		EACH(test_resume_in_the_callback),
		cmocka_unit_test(test_paused_before_the_body),
		EACH(test_twice_is_fine),
		cmocka_unit_test(test_cancel_while_paused),
		EACH(test_others_in_the_callback),
		EACH(test_pausing_another),
		EACH(test_many_paused),
		cmocka_unit_test(test_fair_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
