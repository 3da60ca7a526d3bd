/* SPDX-License-Identifier: ISC */
/*
 * How a fetch begins and ends: outcomes, limits, and what is said of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch_rig.h"

#define DELTA(im) "HTTP/1.1 226 IM Used\r\nETag: \"new\"\r\n" im \
	"\r\nContent-Type: text/xml\r\nContent-Length: 6\r\n\r\n<rss/>"
#define STRANGE_FORM "a.example: answered 226, a change in a form that was " \
	"not asked for"

/*
 * Outcomes
 */

static const struct outcome_case outcomes[] = {
	{ "a feed", { { "http://a.example/x", FEED, 0, 0 } },
	    FETCH_FRESH, 200, "ok", NULL, NULL, false, 1, NULL },
	{ "what is new of it", { { "http://a.example/x", DELTA("IM: feed"),
	    0, 0 } },
	    FETCH_FRESH, 226, "ok", NULL, NULL, false, 1, "\"old\"" },
	{ "what is new since nobody knows when", { { "http://a.example/x",
	    DELTA("IM: feed"), 0, 0 } },
	    FETCH_REFUSED, 226, "http_226", STRANGE_FORM, NULL, false, 1,
	    NULL },
	{ "a change in another form", { { "http://a.example/x",
	    DELTA("IM: vcdiff"), 0, 0 } },
	    FETCH_REFUSED, 226, "http_226", STRANGE_FORM, NULL, false, 1,
	    "\"old\"" },
	{ "a change in no form", { { "http://a.example/x", DELTA("X: y"),
	    0, 0 } },
	    FETCH_REFUSED, 226, "http_226", STRANGE_FORM, NULL, false, 1,
	    "\"old\"" },
	{ "304 to a condition", { { "http://a.example/x",
	    "HTTP/1.1 304 Same\r\n\r\n", 0, 0 } },
	    FETCH_NOT_MODIFIED, 304, "ok", NULL, NULL, false, 1, "\"old\"" },
	{ "304 to no condition is none", { { "http://a.example/x",
	    "HTTP/1.1 304 Same\r\n\r\n", 0, 0 } },
	    FETCH_REFUSED, 304, "http_304", "a.example: answered 304", NULL,
	    false, 1, NULL },
	{ "410", { { "http://a.example/x", ANSWER("410"), 0, 0 } },
	    FETCH_GONE, 410, "http_410", "a.example: answered 410", NULL,
	    false, 1, NULL },
	{ "429", { { "http://a.example/x", ANSWER("429"), 0, 0 } },
	    FETCH_TOLD_OFF, 429, "http_429",
	    "a.example: answered 429, no Retry-After", NULL,
	    false, 1, NULL },
	{ "503 for two hours", { { "http://a.example/x", "HTTP/1.1 503 X\r\n"
	    "Retry-After: 7200\r\nContent-Length: 0\r\n\r\n", 0, 0 } },
	    FETCH_TOLD_OFF, 503, "http_503",
	    "a.example: answered 503, Retry-After 7200 s", NULL, false, 1,
	    NULL },
	{ "429 until then", { { "http://a.example/x", "HTTP/1.1 429 X\r\n"
	    "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n"
	    "Content-Length: 0\r\n\r\n", 0, 0 } },
	    FETCH_TOLD_OFF, 429, "http_429",
	    "a.example: answered 429, Retry-After 2100-12-31T23:59:59Z", NULL,
	    false, 1, NULL },
	{ "503", { { "http://a.example/x", ANSWER("503"), 0, 0 } },
	    FETCH_TOLD_OFF, 503, "http_503",
	    "a.example: answered 503, no Retry-After", NULL,
	    false, 1, NULL },
	{ "404", { { "http://a.example/x", ANSWER("404"), 0, 0 } },
	    FETCH_REFUSED, 404, "http_404", "a.example: answered 404", NULL,
	    false, 1, NULL },
	{ "403 of a bot wall", { { "http://a.example/x", "HTTP/1.1 403 X\r\n"
	    "CF-Mitigated: challenge\r\nContent-Length: 2\r\n\r\nno", 0, 0 } },
	    FETCH_REFUSED, 403, "http_403",
	    "a.example: answered 403, a bot wall", NULL, false, 1, NULL },
	{ "500", { { "http://a.example/x", ANSWER("500"), 0, 0 } },
	    FETCH_REFUSED, 500, "http_500", "a.example: answered 500", NULL,
	    false, 1, NULL },
	{ "206 was not asked for", { { "http://a.example/x", ANSWER("206"),
	    0, 0 } },
	    FETCH_REFUSED, 206, "http_206", "a.example: answered 206", NULL,
	    false, 1, NULL },
	{ "an error page cut short is an error all the same",
	    { { "http://a.example/x",
	    "HTTP/1.1 404 X\r\nContent-Length: 20\r\n\r\nno", 0, CLOSE } },
	    FETCH_REFUSED, 404, "http_404", "a.example: answered 404", NULL,
	    false, 1, NULL },
	{ "a feed cut short is not a feed", { { "http://a.example/x",
	    "HTTP/1.1 200 X\r\nContent-Length: 20\r\n\r\n<rss/>", 0,
	    CLOSE } },
	    FETCH_FAILED, 200, "truncated",
	    "a.example: connection closed before the end", NULL, false, 1,
	    NULL },
	{ "no answer", { { "http://a.example/x", NULL, 0, RESET } },
	    FETCH_FAILED, 0, "truncated", "a.example: connection lost", NULL,
	    false, 1, NULL },
	{ "300 offers a choice and moves nothing", { { "http://a.example/x",
	    GO("300", "/y"), 0, 0 } },
	    FETCH_REFUSED, 300, "http_300", "a.example: answered 300", NULL,
	    false, 1, NULL },
	{ "it wants a login", { { "http://a.example/x", ANSWER("401"), 0,
	      0 } }, FETCH_REFUSED, 401, "http_401", "a.example: answered "
	    "401: it wants user and password (credentials_file: FILE)", NULL,
	    false, 1, NULL },
	{ "the proxy wants one", { { "http://a.example/x", ANSWER("407"), 0,
	      0 } }, FETCH_REFUSED, 407, "http_407", "a.example: answered "
	    "407: the proxy wants user and password (proxy: "
	    "http://USER:PASSWORD@HOST:PORT)", NULL, false, 1, NULL },
};

static void
test_outcomes(void **state)
{
	check_outcomes(state, outcomes, sizeof(outcomes) / sizeof(outcomes[0]));
}

/* meta is borrowed until on_end returns, so the question is put there. */
static void
on_end_retry(const struct fetch_result *res, void *ctx)
{
	int64_t *wait = ctx;

	*wait = http_meta_retry_s(res->meta, 0, 3600);
}

static void
test_meta_in_on_end(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ "http://b.example/y", "HTTP/1.1 503 Busy\r\n"
		    "Retry-After: 77\r\nContent-Length: 0\r\n\r\n", 0, 0 },
		{ 0 }
	};
	static const struct fetch_ops retry_ops = { .on_open = on_open,
		.on_body = on_body, .on_end = on_end_retry };
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct err err;
	int64_t wait = -1;

	w->server.routes = routes;
	r.proxy = w->proxy;
	assert_non_null(fetch_start(&w->env, &r, &retry_ops, &wait, &err));
	while (wait == -1)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_int_equal(wait, 77);
}

/*
 * Hosts that keep us waiting, or give us too much
 */

static void
test_stall(void **state)
{
	static const struct route routes[] = {
		{ "/x", "HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n<rss",
		    0, 0 }, { 0 }
	};
	struct world *w = *state;
	char url[64];
	struct fetch_request r = request(url);
	struct seen s = { 0 };

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", w->server.port);
	w->server.routes = routes;
	r.patience = &(struct fetch_patience){ .idle_ms = 80 };
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_FAILED);
	assert_string_equal(s.word, "timeout");
	assert_string_equal(s.result.message,
	    "127.0.0.1: no byte within 80 ms");
	assert_string_equal(s.body, "<rss");
}

/* 400,000 of them are 3 MB; a sixteenth of that is read. */
static void
test_header_flood(void **state)
{
	enum { LINES = 400000, LINE = 8 };
	static const char status[] = "HTTP/1.1 200 OK";
	struct world *w = *state;
	char *flood = malloc(sizeof(status) + LINES * LINE), url[64];
	const struct route routes[] = { { "/x", flood, 0, 0 }, { 0 } };
	struct fetch_request r = request(url);
	struct seen s = { 0 };

	memcpy(flood, status, sizeof(status));
	for (size_t i = 0; i < LINES; i++)
		memcpy(flood + sizeof(status) - 1 + i * LINE, "\r\nX: abc",
		    LINE + 1);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", w->server.port);
	w->server.routes = routes;
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_FAILED);
	assert_string_equal(s.word, "protocol");
	assert_int_equal(s.n_open, 0);
	w->server.routes = NULL;
	free(flood);
}

/*
 * Stopping, limits, beginnings
 */

static void
test_stopped(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", FEED, 0, 0 }, { 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen at_open = { .stop_at_open = true };
	struct seen at_body = { .stop_at_body = true };

	w->server.routes = routes;
	r.proxy = w->proxy;
	run(w, &r, &at_open);
	assert_int_equal(at_open.result.outcome, FETCH_STOPPED);
	assert_string_equal(at_open.body, "");
	assert_gate_is_free(w, r.url);
	run(w, &r, &at_body);
	assert_int_equal(at_body.result.outcome, FETCH_STOPPED);
	assert_string_equal(at_body.word, "stopped");
	assert_string_equal(at_body.body, "<rss/>");
	assert_int_equal(at_body.result.status, 200);
	assert_gate_is_free(w, r.url);
}

static void
test_too_big_and_too_late(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", FEED, 0, 0 },
		{ "http://a.example/y", NULL, 0, 0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request big = request("http://a.example/x");
	struct fetch_request late = request("http://a.example/y");
	struct seen s = { 0 }, t = { 0 };

	w->server.routes = routes;
	big.proxy = late.proxy = w->proxy;
	big.max_body_bytes = 5;
	late.timeout_ms = 60;
	run(w, &big, &s);
	assert_int_equal(s.result.outcome, FETCH_FAILED);
	assert_string_equal(s.word, "too_big");
	assert_int_equal(s.n_open, 1);
	run(w, &late, &t);
	assert_int_equal(t.result.outcome, FETCH_FAILED);
	assert_string_equal(t.word, "timeout");
	assert_string_equal(t.result.message,
	    "a.example: no answer within 60 ms");
}

/* A megabyte of error page is not read to its end. */
static void
test_long_error_page(void **state)
{
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };
	size_t n = 1 << 20;
	char *page = malloc(n);
	const struct route routes[] = {
		{ "http://a.example/x", page, n, 0 }, { 0 }
	};

	memset(page, 'x', n);
	memcpy(page, "HTTP/1.1 404 X\r\n\r\n", 18);
	w->server.routes = routes;
	r.proxy = w->proxy;
	r.max_body_bytes = 1 << 30;
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_REFUSED);
	assert_string_equal(s.word, "http_404");
	assert_true(s.result.body_bytes < 200000);
	w->server.routes = NULL;
	free(page);
}

static void
test_cannot_begin(void **state)
{
	static const char *const bad_headers[] = { "X: 1\r\nY: 2", NULL };
	static const struct {
		const char		*says, *url;
		const char *const	*headers;
	} cases[] = {
		{ "not a URL", "nonsense", NULL },
		{ "a file", "file:///etc/passwd", NULL },
		{ "a header that is two", "http://a.example/x", bad_headers },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fetch_request r = request(cases[i].url);
		struct seen s = { 0 };
		struct err err = { .msg = "" };
		char host[300];

		print_message("  %s\n", cases[i].says);
		r.headers = cases[i].headers;
		if (fetch_host_of(r.url, host, sizeof(host), &err) == 0)
			assert_int_equal(host_gate_enter(w->gate, host, 0),
			    0);
		assert_null(fetch_start(&w->env, &r, &ops, &s, &err));
		assert_string_not_equal(err.msg, "");
		loop_drain(w->base);
		assert_int_equal(s.n_end, 0);
	}
	assert_gate_is_free(w, "http://a.example/x");
}

static void
test_host_of(void **state)
{
	static const struct {
		const char	*says, *url, *want;	/* NULL: refused */
	} cases[] = {
		{ "http is port 80", "http://A.Example/x", "a.example:80" },
		{ "https is port 443", "https://a.example", "a.example:443" },
		{ "or what is written", "https://a.example:8443/",
		    "a.example:8443" },
		{ "without the user", "http://me:pw@a.example/",
		    "a.example:80" },
		{ "another protocol", "ftp://a.example/", NULL },
		{ "nothing", "", NULL },
	};
	struct err err;
	char host[300], small[8];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("  %s\n", cases[i].says);
		assert_int_equal(fetch_host_of(cases[i].url, host,
		    sizeof(host), &err), cases[i].want != NULL ? 0 : -1);
		if (cases[i].want != NULL)
			assert_string_equal(host, cases[i].want);
	}
	assert_int_equal(fetch_host_of("http://a.example/", small,
	    sizeof(small), &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		EACH(test_meta_in_on_end),
		EACH(test_stall),
		EACH(test_header_flood),
		EACH(test_stopped),
		EACH(test_too_big_and_too_late),
		EACH(test_long_error_page),
		EACH(test_cannot_begin),
		EACH(test_host_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
