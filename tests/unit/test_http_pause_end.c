/* SPDX-License-Identifier: ISC */
/* How transfers end that were paused: limits, stops, bombs, a lost peer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>

#include "http_pause_rig.h"

static void
test_closed_while_paused(void **state)
{
	static const struct {
		const char	*says;
		size_t		 cut;
		enum http_end	 end;
	} cases[] = {
		{ "all was sent", 0, HTTP_END_DONE },
		{ "a byte is missing", 1, HTTP_END_TRUNCATED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen s = { .pause_at_head = true };
		size_t n = 400 * BLOCK;
		struct http_request r;
		struct world *w;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		make_answer(w, n, NULL, LENGTH);
		const struct route routes[] = { { "/x", w->answer,
		    w->answer_n - cases[i].cut, CLOSE }, { 0 } };
		w->server.routes = routes;
		r = get(w);
		start(w, &r, &s);
		while (s.n_head == 0)
			event_base_loop(w->base, EVLOOP_ONCE);
		settle(w);
		assert_true(TAILQ_EMPTY(&w->server.peers));
		assert_int_equal(s.n_body + s.n_end, 0);
		resume(&s);
		finish(w, &s);
		assert_string_equal(http_end_word(s.result.end),
		    http_end_word(cases[i].end));
		assert_int_equal(s.got, n - cases[i].cut);
		assert_int_equal(teardown(state), 0);
	}
}

/* Had the idle limit run, it would have been the first of the two. */
static void
test_limits_while_paused(void **state)
{
	struct world *w = *state;
	struct http_request r = get(w);
	struct seen s = { .pause_at_body = 1 };

	make_answer(w, 400 * BLOCK, NULL, LENGTH);
	const struct route routes[] = { { "/x", w->answer, w->answer_n,
	    KEEP_OPEN }, { 0 } };
	w->server.routes = routes;
	r.idle_timeout_ms = 40;
	r.timeout_ms = 200;
	start(w, &r, &s);
	loop_until(w->base, &s.done);
	assert_int_equal(s.n_body, 1);
	assert_int_equal(s.n_end, 1);
	assert_int_equal(s.result.end, HTTP_END_TIMEOUT);
	assert_string_equal(s.result.message,
	    "127.0.0.1: no end within 200 ms");
}

/* The server has sent all that it ever will. */
static void
test_idle_limit_after_resume(void **state)
{
	struct world *w = *state;
	struct http_request r = get(w);
	struct seen s = { .pause_at_body = 1 };

	make_answer(w, 400 * BLOCK, NULL, LENGTH);
	const struct route routes[] = { { "/x", w->answer,
	    w->answer_n - BLOCK, KEEP_OPEN }, { 0 } };
	w->server.routes = routes;
	r.idle_timeout_ms = 60;
	start(w, &r, &s);
	finish(w, &s);
	assert_int_equal(s.result.end, HTTP_END_TIMEOUT);
	assert_string_equal(s.result.message,
	    "127.0.0.1: no byte within 60 ms");
	assert_int_equal(s.got, 399 * BLOCK);
}

static void
test_size_limit(void **state)
{
	static const struct {
		const char	*says;
		const char	*coded;
		size_t		 n, max;
		enum http_end	 end;
	} cases[] = {
		{ "exactly the limit", NULL, 400 * BLOCK, 400 * BLOCK,
		    HTTP_END_DONE },
		{ "a byte over", NULL, 400 * BLOCK, 400 * BLOCK - 1,
		    HTTP_END_TOO_BIG },
		{ "exactly the limit, unfolded", GZIP, 4000 * BLOCK,
		    4000 * BLOCK, HTTP_END_DONE },
		{ "a byte over, unfolded", GZIP, 4000 * BLOCK,
		    4000 * BLOCK - 1, HTTP_END_TOO_BIG },
		{ "exactly the limit, unfolded twice", TWO, 4000 * BLOCK,
		    4000 * BLOCK, HTTP_END_DONE },
		{ "a byte over, unfolded twice", TWO, 4000 * BLOCK,
		    4000 * BLOCK - 1, HTTP_END_TOO_BIG },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen s = { .pause_at_body = UINT_MAX,
			.pause_at_head = true };
		struct http_request r;
		struct world *w;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		make_answer(w, cases[i].n, cases[i].coded, LENGTH);
		const struct route routes[] = { { "/x", w->answer,
		    w->answer_n, KEEP_OPEN }, { 0 } };
		w->server.routes = routes;
		r = get(w);
		r.max_body_bytes = cases[i].max;
		start(w, &r, &s);
		finish(w, &s);
		assert_string_equal(http_end_word(s.result.end),
		    http_end_word(cases[i].end));
		assert_int_equal(s.result.body_bytes, s.got);
		assert_true(s.got <= cases[i].max);
		assert_true(s.got + 16384 > cases[i].n);
		assert_int_equal(http_in_flight(w->http), 0);
		assert_int_equal(teardown(state), 0);
	}
}

/*
 * 96 MiB of zeros as 80 bytes of brotli. The limit holds for what is read while
 * paused, and that much is given out before it is told.
 */
static const char bomb[] = "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n"
    "Content-Length: 80\r\n\r\n"
    "\317\377\377\177\370\47\0\342\261\100\40\367\376\237\377\377\377\360\117"
    "\0\304\141\1\200\356\375\77\377\377\377\341\237\0\210\303\42\0\335\373"
    "\177\376\377\377\303\77\1\20\207\5\0\272\367\377\374\377\377\207\177\2"
    "\40\16\13\0\164\357\377\363\377\377\37\377\4\100\34\26\0\350\336\377"
    "\3";

static int
on_zeros(const char *p, size_t n, void *ctx)
{
	struct seen *s = ctx;

	assert_false(s->paused);
	assert_int_equal(p[0], 0);
	s->got += n;
	pause_me(s);
	return 0;
}

static void
test_bomb_while_paused(void **state)
{
	static const struct route routes[] = {
		{ "/x", bomb, sizeof(bomb) - 1, KEEP_OPEN }, { 0 }
	};
	static const struct http_ops zeros_ops = {
		.on_header = on_header, .on_headers_end = on_headers_end,
		.on_body = on_zeros, .on_end = on_end
	};
	struct world *w = *state;
	struct http_request r = get(w);
	struct seen s = { .pause_at_head = true };
	struct err err;

	if (strstr(http_library_version(), "brotli") == NULL)
		skip();
	w->server.routes = routes;
	r.max_body_bytes = 1 << 20;
	s.transfer = http_start(w->http, &r, &zeros_ops, &s, &err);
	assert_non_null(s.transfer);
	finish(w, &s);
	assert_string_equal(http_end_word(s.result.end), "too_big");
	assert_true(s.got > 1 << 19 && s.got <= 1 << 20);
	assert_int_equal(s.result.body_bytes, s.got);
}

/* The byte to stop at waits already, here or in libcurl; the server sends no
 * other that would remind libcurl. */
static void
test_stop_after_resume(void **state)
{
	static const struct {
		const char	*says, *coded;
		unsigned	 pieces;
	} cases[] = {
		{ "at the next piece", NULL, 1 },
		{ "at the next piece of gzip", GZIP, 1 },
		{ "at the third of gzip", GZIP, 3 },
		{ "at the next piece of two codings", TWO, 1 },
		{ "at the third of two codings", TWO, 3 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen s = { 0 }, after = { 0 };
		struct route routes[2] = { { 0 } };
		struct http_request r;
		struct world *w;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		w->cut = 1;
		start_coded(w, routes, cases[i].coded, 400 * BLOCK, &s);
		s.stop_at = s.got + (cases[i].pieces - 1) * 16384 + 1;
		resume(&s);
		settle(w);
		assert_int_equal(s.n_end, 1);
		assert_int_equal(s.result.end, HTTP_END_STOPPED);
		assert_int_equal(s.n_body, 1 + cases[i].pieces);
		assert_int_equal(http_in_flight(w->http), 0);
		routes[0].n = w->answer_n;
		r = get(w);
		start(w, &r, &after);
		finish(w, &after);
		assert_int_equal(after.got, 400 * BLOCK);
		assert_int_equal(teardown(state), 0);
	}
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed_while_paused),
		EACH(test_limits_while_paused),
		EACH(test_idle_limit_after_resume),
		cmocka_unit_test(test_size_limit),
		EACH(test_bomb_while_paused),
		cmocka_unit_test(test_stop_after_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
