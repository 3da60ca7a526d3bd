/* SPDX-License-Identifier: ISC */
/* How transfers end, and what is said of it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "http_rig.h"

/*
 * Ends, as a server can bring them about
 */

struct end_case {
	const char	*says;
	const char	*bytes;		/* of the server; NULL: silence */
	enum after	 after;
	enum http_end	 end;
	int		 status;
	const char	*body;
	const char	*message;	/* a part of it; NULL: empty */
	int		 whole_ms, idle_ms;
	size_t		 max_body;
	bool		 stop_at_header, stop_at_head, stop_at_body;
};

static const struct end_case end_cases[] = {
	{ .says = "a whole body is done", .bytes = OK_HEAD "hello",
	    .end = HTTP_END_DONE, .status = 200, .body = "hello" },
	{ .says = "any status is an answer",
	    .bytes = "HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno",
	    .end = HTTP_END_DONE, .status = 503, .body = "no" },
	{ .says = "a redirect is not followed",
	    .bytes = "HTTP/1.1 302 Go\r\nLocation: /other\r\n"
	    "Content-Length: 0\r\n\r\n",
	    .end = HTTP_END_DONE, .status = 302, .body = "" },
	{ .says = "a 1xx is not the answer",
	    .bytes = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
	    OK_HEAD "hello",
	    .end = HTTP_END_DONE, .status = 200, .body = "hello" },
	{ .says = "a body without a length ends with the connection",
	    .bytes = "HTTP/1.1 200 OK\r\n\r\nhello", .after = CLOSE,
	    .end = HTTP_END_DONE, .status = 200, .body = "hello" },
	{ .says = "a body of exactly the limit passes",
	    .bytes = OK_HEAD "hello", .max_body = 5,
	    .end = HTTP_END_DONE, .status = 200, .body = "hello" },
	{ .says = "a byte over the limit does not",
	    .bytes = OK_HEAD "hello", .max_body = 4,
	    .end = HTTP_END_TOO_BIG, .status = 200, .body = "",
	    .message = "127.0.0.1: the body is over the size limit" },
	{ .says = "closed before the announced length",
	    .bytes = OK_HEAD "hel", .after = CLOSE,
	    .end = HTTP_END_TRUNCATED, .status = 200, .body = "hel",
	    .message = "127.0.0.1: connection closed before the end" },
	{ .says = "closed inside a chunk",
	    .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "5\r\nhel", .after = CLOSE,
	    .end = HTTP_END_TRUNCATED, .status = 200, .body = "hel",
	    .message = "closed before the end" },
	{ .says = "reset without an answer", .bytes = NULL, .after = RESET,
	    .end = HTTP_END_TRUNCATED, .status = 0, .body = "",
	    .message = "127.0.0.1: connection lost" },
	{ .says = "closed without an answer", .bytes = "", .after = CLOSE,
	    .end = HTTP_END_TRUNCATED, .status = 0, .body = "",
	    .message = "closed without an answer" },
	{ .says = "silence ends at the limit of the whole", .bytes = NULL,
	    .whole_ms = 60, .end = HTTP_END_TIMEOUT, .status = 0, .body = "",
	    .message = "127.0.0.1: no answer within 60 ms" },
	{ .says = "half a body ends at the limit of the whole",
	    .bytes = OK_HEAD "hel", .whole_ms = 60,
	    .end = HTTP_END_TIMEOUT, .status = 200, .body = "hel",
	    .message = "no end within 60 ms" },
	{ .says = "a stall ends at the idle limit",
	    .bytes = OK_HEAD "hel", .idle_ms = 60,
	    .end = HTTP_END_TIMEOUT, .status = 200, .body = "hel",
	    .message = "127.0.0.1: no byte within 60 ms" },
	{ .says = "a headers callback stops", .bytes = OK_HEAD "hello",
	    .stop_at_header = true,
	    .end = HTTP_END_STOPPED, .status = 200, .body = "",
	    .message = "stopped" },
	{ .says = "the end of the headers stops", .bytes = OK_HEAD "hello",
	    .stop_at_head = true,
	    .end = HTTP_END_STOPPED, .status = 200, .body = "",
	    .message = "stopped" },
	{ .says = "a body callback stops", .bytes = OK_HEAD "hello",
	    .stop_at_body = true,
	    .end = HTTP_END_STOPPED, .status = 200, .body = "hello",
	    .message = "stopped" },
	{ .says = "what is no HTTP is refused",
	    .bytes = "220 mail.example.org ESMTP\r\n", .after = CLOSE,
	    .end = HTTP_END_PROTOCOL, .status = 0, .body = "",
	    .message = "127.0.0.1: the answer is not HTTP" },
	{ .says = "what says gzip and is not",
	    .bytes = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	    "Content-Length: 5\r\n\r\nhello",
	    .end = HTTP_END_PROTOCOL, .status = 200, .body = "",
	    .message = "content encoding" },
};

static void
test_ends(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(end_cases) / sizeof(end_cases[0]); i++) {
		const struct end_case *c = &end_cases[i];
		const struct route routes[] = {
			{ "/x", c->bytes, 0, c->after }, { 0 }
		};
		struct http_request r = get(url_of(w, "http", "/x"));
		struct seen s = { .stop_at_header = c->stop_at_header,
			.stop_at_head = c->stop_at_head,
			.stop_at_body = c->stop_at_body };

		print_message("  %s\n", c->says);
		w->server.routes = routes;
		if (c->whole_ms > 0)
			r.timeout_ms = c->whole_ms;
		r.idle_timeout_ms = c->idle_ms;
		r.max_body_bytes = c->max_body;
		run(w, &r, &s);
		assert_string_equal(http_end_word(s.result.end),
		    http_end_word(c->end));
		assert_int_equal(s.result.status, c->status);
		assert_string_equal(s.body, c->body);
		if (c->message == NULL)
			assert_string_equal(s.result.message, "");
		else
			assert_non_null(strstr(s.result.message, c->message));
		assert_int_equal(http_in_flight(w->http), 0);
	}
}

/*
 * Ends that need no server
 */

static void
test_refused_connection(void **state)
{
	struct world *w = *state;
	struct http_request r;
	struct seen s = { 0 };
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", unused_port());
	r = get(url);
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_CONNECT);
	assert_int_equal(s.result.status, 0);
	assert_string_equal(s.result.message,
	    "127.0.0.1: connection refused");
}

/* A label of 64 bytes: the resolver gives up without asking anybody. */
static void
test_no_such_host(void **state)
{
	struct world *w = *state;
	struct http_request r = get("http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid/");
	struct seen s = { 0 };

	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_DNS);
	assert_non_null(strstr(s.result.message, ".invalid: no such host"));
}

static void
test_not_tls(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "https", "/"));
	struct seen s = { 0 };

	w->server.greeting = "220 mail.example.org ESMTP\r\n";
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_TLS);
	assert_non_null(strstr(s.result.message,
	    "no TLS is spoken there (wrong version number)"));
	assert_null(strstr(s.result.message, "error:"));
}

/* Accepted, but no TLS handshake follows. */
static void
test_connect_timeout(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "https", "/"));
	struct seen s = { 0 };

	r.connect_timeout_ms = 80;
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_TIMEOUT);
	assert_string_equal(s.result.message,
	    "127.0.0.1: no connection within 80 ms");
}

static void
test_no_descriptors(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/"));
	struct seen s = { 0 };
	struct rlimit old, none;

	start(w, &r, &s);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	loop_until(w->base, &s.done);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(s.result.end, HTTP_END_FAILED);
	assert_string_equal(s.result.message,
	    "127.0.0.1: too many open files");
}

static void
test_bad_requests(void **state)
{
	static const struct {
		const char	*says, *url, *header;
	} cases[] = {
		{ "no scheme", "example.org", NULL },
		{ "a file", "file:///etc/passwd", NULL },
		{ "another protocol", "ftp://127.0.0.1/x", NULL },
		{ "nothing", "", NULL },
		{ "a header with a line end in it", "http://127.0.0.1/",
		    "X-A: 1\r\nX-B: 2" },
		{ "a header without a colon", "http://127.0.0.1/", "X-A" },
		{ "a header without a name", "http://127.0.0.1/", ": x" },
		{ "a header with a space in its name", "http://127.0.0.1/",
		    "X A: x" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *headers[] = { cases[i].header, NULL };
		struct http_request r = get(cases[i].url);
		struct seen s = { 0 };
		struct err err = { .msg = "" };

		print_message("  %s\n", cases[i].says);
		r.headers = headers;
		assert_null(http_start(w->http, &r, &ops, &s, &err));
		assert_string_not_equal(err.msg, "");
		assert_int_equal(http_in_flight(w->http), 0);
	}
}

static void
test_words(void **state)
{
	(void)state;
	for (int e = HTTP_END_DONE; e <= HTTP_END_FAILED; e++)
		for (int o = HTTP_END_DONE; o < e; o++)
			assert_string_not_equal(
			    http_end_word((enum http_end)e),
			    http_end_word((enum http_end)o));
	assert_non_null(strstr(http_library_version(), "libcurl/"));
	http_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_ends),
		EACH(test_refused_connection),
		EACH(test_no_such_host),
		EACH(test_not_tls),
		EACH(test_connect_timeout),
		EACH(test_no_descriptors),
		EACH(test_bad_requests),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
