/* SPDX-License-Identifier: ISC */
/* Transfers against a scripted server on the same loop. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/http.h"
#include "loopback.h"

/* A client's view of one transfer. */
struct seen {
	struct http		*http;
	char			 headers[4096];
	char			 body[8192];
	size_t			 body_n;
	int			 headers_end_status;
	unsigned		 n_headers_end, n_end;
	struct http_result	 result;
	bool			 done;

	/* What the callbacks do. */
	bool			 stop_at_header, stop_at_head, stop_at_body;
	struct http_transfer	*cancel_at_body;	/* another one */
	const struct http_request *start_at_body;
	struct seen		*start_for;
	struct server		*send_at_body;
};

struct world {
	struct event_base	*base;
	struct server		 server;
	struct http		*http;
	char			 url[128];
};

static const struct http_ops ops;

static int
on_header(struct str name, struct str value, void *ctx)
{
	struct seen *s = ctx;
	size_t n = strlen(s->headers);

	snprintf(s->headers + n, sizeof(s->headers) - n, "%.*s=%.*s\n",
	    STR_ARG(name), STR_ARG(value));
	return s->stop_at_header;
}

static int
on_headers_end(int status, void *ctx)
{
	struct seen *s = ctx;

	s->headers_end_status = status;
	s->n_headers_end++;
	return s->stop_at_head;
}

static int
on_body(const char *p, size_t n, void *ctx)
{
	struct seen *s = ctx;
	struct err err;

	if (n < sizeof(s->body) - s->body_n) {
		memcpy(s->body + s->body_n, p, n);
		s->body_n += n;
	}
	if (s->send_at_body != NULL && s->send_at_body->last != NULL)
		peer_send(s->send_at_body->last, "second", 6, KEEP_OPEN);
	s->send_at_body = NULL;
	if (s->cancel_at_body != NULL)
		http_cancel(s->cancel_at_body);
	s->cancel_at_body = NULL;
	if (s->start_at_body != NULL)
		assert_non_null(http_start(s->http, s->start_at_body, &ops,
		    s->start_for, &err));
	s->start_at_body = NULL;
	return s->stop_at_body;
}

static void
on_end(const struct http_result *result, void *ctx)
{
	struct seen *s = ctx;

	s->result = *result;
	s->n_end++;
	s->done = true;
}

static const struct http_ops ops = {
	.on_header = on_header, .on_headers_end = on_headers_end,
	.on_body = on_body, .on_end = on_end
};

static int
setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->base = event_base_new();
	server_start(&w->server, w->base);
	w->http = http_new(w->base, 8);
	assert_non_null(w->http);
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
	event_base_free(w->base);
	free(w);
	return 0;
}

static const char *
url_of(struct world *w, const char *scheme, const char *path)
{
	snprintf(w->url, sizeof(w->url), "%s://127.0.0.1:%d%s", scheme,
	    w->server.port, path);
	return w->url;
}

static struct http_transfer *
start(struct world *w, const struct http_request *r, struct seen *s)
{
	struct err err;
	struct http_transfer *t;

	s->http = w->http;
	t = http_start(w->http, r, &ops, s, &err);
	assert_non_null(t);
	assert_false(s->done);
	return t;
}

static void
run(struct world *w, const struct http_request *r, struct seen *s)
{
	start(w, r, s);
	loop_until(w->base, &s->done);
	assert_int_equal(s->n_end, 1);
}

static struct http_request
get(const char *url)
{
	return (struct http_request){ .url = url, .user_agent = "test/1",
		.timeout_ms = 10000 };
}

/*
 * Ends, as a server can bring them about
 */

#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

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
	assert_non_null(strstr(s.result.message, "wrong version number"));
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

/*
 * What is sent and what is given
 */

static void
test_request_bytes(void **state)
{
	static const struct route routes[] = {
		{ "/in?x=1", "HTTP/1.1 204 No\r\n\r\n", 0, KEEP_OPEN }, { 0 }
	};
	static const char *const headers[] = {
		"If-None-Match: W/\"a\xc3\xa9  b\"", "X-Empty:", "X-Tight:t",
		NULL
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/in?x=1"));
	struct seen s = { 0 };
	const char *sent;

	w->server.routes = routes;
	r.headers = headers;
	r.user_password = "me:se:cret";
	run(w, &r, &s);
	assert_int_equal(s.result.status, 204);
	sent = w->server.requests[0];
	assert_ptr_equal(strstr(sent, "GET /in?x=1 HTTP/1.1\r\n"), sent);
	assert_non_null(strstr(sent,
	    "\r\nIf-None-Match: W/\"a\xc3\xa9  b\"\r\n"));
	assert_non_null(strstr(sent, "\r\nX-Empty:\r\n"));
	assert_non_null(strstr(sent, "\r\nX-Tight:t\r\n"));
	assert_non_null(strstr(sent, "\r\nUser-Agent: test/1\r\n"));
	assert_non_null(strstr(sent, "\r\nAccept-Encoding: "));
	assert_non_null(strstr(sent, "gzip"));
	assert_non_null(strstr(sent,
	    "\r\nAuthorization: Basic bWU6c2U6Y3JldA==\r\n"));
	assert_null(strcasestr(sent, "\r\ncookie:"));
	assert_null(strcasestr(sent, "\r\nreferer:"));
	assert_null(strstr(s.result.message, "cret"));
}

static void
test_post(void **state)
{
	static const struct route routes[] = {
		{ "/hook", OK_HEAD "taken", 0, KEEP_OPEN }, { 0 }
	};
	static const char *const headers[] = {
		"Content-Type: application/json", NULL
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/hook"));
	struct seen s = { 0 }, again = { 0 };
	char body[] = "{\"a\": \"\xe2\x82\xac\"}\n";
	const char *sent;

	w->server.routes = routes;
	r.headers = headers;
	r.body = str_from(body);
	start(w, &r, &s);
	memset(body, '!', sizeof(body) - 1);	/* it was copied */
	loop_until(w->base, &s.done);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	sent = w->server.requests[0];
	assert_ptr_equal(strstr(sent, "POST /hook HTTP/1.1\r\n"), sent);
	assert_non_null(strstr(sent, "\r\nContent-Length: 13\r\n"));
	assert_non_null(strstr(sent, "\r\nContent-Type: application/json\r\n"));
	assert_non_null(strstr(sent,
	    "\r\n\r\n{\"a\": \"\xe2\x82\xac\"}\n"));

	/* On the same connection: nothing of the POST may cling to it. */
	r = get(url_of(w, "http", "/hook"));
	run(w, &r, &again);
	sent = w->server.requests[1];
	assert_ptr_equal(strstr(sent, "GET /hook"), sent);
	assert_null(strcasestr(sent, "content-"));
	assert_int_equal(w->server.n_connections, 1);
}

static void
test_big_post_asks_no_leave(void **state)
{
	static const struct route routes[] = {
		{ "/hook", OK_HEAD "taken", 0, KEEP_OPEN }, { 0 }
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/hook"));
	struct seen s = { 0 };
	size_t n = 3 * 1024 * 1024;
	char *body = malloc(n);

	memset(body, 'x', n);
	w->server.routes = routes;
	r.body = (struct str){ body, n };
	run(w, &r, &s);
	free(body);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_null(strcasestr(w->server.requests[0], "expect:"));
	assert_null(strcasestr(w->server.requests[0], "content-type:"));
}

static void
test_empty_post(void **state)
{
	static const struct route routes[] = {
		{ "/hook", OK_HEAD "taken", 0, KEEP_OPEN }, { 0 }
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/hook"));
	struct seen s = { 0 };

	w->server.routes = routes;
	r.body = STR("");
	run(w, &r, &s);
	assert_ptr_equal(strstr(w->server.requests[0], "POST /hook"),
	    w->server.requests[0]);
	assert_non_null(strstr(w->server.requests[0],
	    "\r\nContent-Length: 0\r\n"));
}

static void
test_headers_given(void **state)
{
	static const struct route routes[] = {
		{ "/x", "HTTP/1.1 103 Early\r\nLink: </early>\r\n\r\n"
		    "HTTP/1.1 200 OK\r\nETag:  W/\"a  b\" \r\nX-Empty:\r\n"
		    "Transfer-Encoding: chunked\r\nX: a:b\r\n\r\n"
		    "3\r\nabc\r\n0\r\nX-Trailer: late\r\n\r\n", 0, KEEP_OPEN },
		{ 0 }
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen s = { 0 };

	w->server.routes = routes;
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_string_equal(s.headers, "ETag=W/\"a  b\"\nX-Empty=\n"
	    "Transfer-Encoding=chunked\nX=a:b\n");
	assert_int_equal(s.n_headers_end, 1);
	assert_int_equal(s.headers_end_status, 200);
	assert_string_equal(s.body, "abc");
	assert_int_equal(s.result.body_bytes, 3);
}

/*
 * The second response begins with a line folded onto nothing. libcurl 7.88
 * folds it onto the last header of the handle's transfer before, freed long
 * ago, when handles are used again; ASan sees it.
 */
static void
test_folded_onto_nothing(void **state)
{
	static const struct route routes[] = {
		{ "/x", OK_HEAD "hello", 0, KEEP_OPEN },
		{ "/folded", "HTTP/1.1 200 OK\r\n folded: line\r\n"
		    "Content-Length: 5\r\n\r\nhello", 0, CLOSE },
		{ "/later", "HTTP/1.1 200 OK\r\nX: a\r\n b: c\r\n"
		    "Content-Length: 5\r\n\r\nhello", 0, CLOSE }, { 0 }
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen first = { 0 }, folded = { 0 }, later = { 0 };

	w->server.routes = routes;
	run(w, &r, &first);
	assert_int_equal(first.result.end, HTTP_END_DONE);
	r = get(url_of(w, "http", "/folded"));
	run(w, &r, &folded);
	assert_int_equal(folded.result.end, HTTP_END_PROTOCOL);
	assert_string_equal(folded.result.message,
	    "127.0.0.1: broken headers");
	r = get(url_of(w, "http", "/later"));
	run(w, &r, &later);
	assert_int_equal(later.result.end, HTTP_END_DONE);
	assert_string_equal(later.headers, "X=a\nContent-Length=5\n");
}

/* Many headers, one without an end, and a first line without one. */
static void
test_header_floods(void **state)
{
	static const char *const heads[] = {
		"HTTP/1.1 200 OK\r\nX: 1", "HTTP/1.1 200 OK\r\nX: ",
		"HTTP/1.1 200 "
	};
	struct world *w = *state;
	size_t room = 1024 * 1024;
	char *flood = malloc(room);

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		const struct route routes[] = {
			{ "/x", flood, 0, KEEP_OPEN }, { 0 }
		};
		struct http_request r = get(url_of(w, "http", "/x"));
		struct seen s = { 0 };

		for (size_t n = 0; i == 0 && n < room - 8; n += 8)
			memcpy(flood + n, "\r\nX: abc", 8);
		if (i > 0)
			memset(flood, 'a', room - 8);
		memset(flood + room - 8, '\0', 8);
		memcpy(flood, heads[i], strlen(heads[i]));
		w->server.routes = routes;
		run(w, &r, &s);
		w->server.routes = NULL;
		assert_string_equal(http_end_word(s.result.end), "protocol");
		assert_string_equal(s.result.message,
		    "127.0.0.1: the headers are over the size limit");
		assert_int_equal(s.n_headers_end, 0);
	}
	free(flood);
}

/* The rest is sent only when the first part was given out. */
static void
test_streaming(void **state)
{
	static const struct route routes[] = {
		{ "/x", "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nfirst",
		    0, KEEP_OPEN }, { 0 }
	};
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen s = { .send_at_body = &w->server };

	w->server.routes = routes;
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_string_equal(s.body, "firstsecond");
}

/*
 * Zero bytes as gzip (RFC 1952), by hand: one deflate block (RFC 1951, 3.2.6)
 * of a literal and then the same match over and over, each of 13 bits for 258
 * bytes.
 */
struct bits {
	uint8_t		*p;
	size_t		 n;		/* bits so far */
};

static void
add_bits(struct bits *b, const char *digits)
{
	for (; *digits != '\0'; digits++, b->n++)
		if (*digits == '1')
			b->p[b->n / 8] |= (uint8_t)(1 << b->n % 8);
}

static uint32_t
crc_of_zeros(size_t n)
{
	uint32_t crc = UINT32_MAX;

	while (n-- > 0)
		for (int i = 0; i < 8; i++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
	return ~crc;
}

/* 1 + 258 * matches bytes behind a response head; the caller frees. */
static char *
make_zeros(size_t matches, bool with_crc, size_t *n)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n"
	    "Content-Encoding: gzip\r\n\r\n"
	    "\x1f\x8b\x08\0\0\0\0\0\0\xff";
	size_t size = 1 + 258 * matches;
	uint32_t tail[2] = { with_crc ? crc_of_zeros(size) : 0,
		(uint32_t)size };
	struct bits b = { .p = calloc(1, sizeof(head) + 32 + matches * 2),
		.n = (sizeof(head) - 1) * 8 };

	memcpy(b.p, head, sizeof(head) - 1);
	add_bits(&b, "1" "10" "00110000");	/* last, fixed codes; 0 */
	while (matches-- > 0)
		add_bits(&b, "11000101" "00000");
	add_bits(&b, "0000000");		/* end of block */
	*n = (b.n + 7) / 8;
	for (size_t i = 0; i < 8; i++)
		b.p[(*n)++] = (uint8_t)(tail[i / 4] >> i % 4 * 8);
	return (char *)b.p;
}

static void
test_gzip_bomb(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen s = { 0 };
	size_t n;
	char *bomb = make_zeros(260000, false, &n);
	const struct route routes[] = { { "/x", bomb, n, CLOSE }, { 0 } };

	assert_true(n < 430000);		/* it would be 64 MiB */
	w->server.routes = routes;
	r.max_body_bytes = 1 << 20;
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_TOO_BIG);
	assert_true(s.result.body_bytes <= 1 << 20);
	assert_true(s.result.body_bytes > 1 << 19);
	w->server.routes = NULL;
	free(bomb);
}

static void
test_gzip_is_decoded(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen s = { 0 };
	size_t n;
	char *small = make_zeros(1000, true, &n);
	const struct route routes[] = { { "/x", small, n, CLOSE }, { 0 } };

	w->server.routes = routes;
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_int_equal(s.result.body_bytes, 258001);
	w->server.routes = NULL;
	free(small);
}

static void
test_unix_socket(void **state)
{
	static const struct route routes[] = {
		{ "/status", OK_HEAD "hello", 0, KEEP_OPEN }, { 0 }
	};
	struct world *w = *state;
	char dir[] = "/tmp/test_http.XXXXXX", path[64];
	struct http_request r = get("http://localhost/status");
	struct seen s = { 0 };
	struct server local;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	server_start_unix(&local, w->base, path);
	local.routes = routes;
	r.unix_socket = path;
	run(w, &r, &s);
	server_stop(&local);
	unlink(path);
	rmdir(dir);
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_string_equal(s.body, "hello");
	assert_int_equal(w->server.n_connections, 0);
}

/*
 * The address guard
 */

static const struct route hello[] = {
	{ "/x", OK_HEAD "hello", 0, KEEP_OPEN },
	{ "http://public.example/x", OK_HEAD "proxy", 0, KEEP_OPEN },
	{ "http://xn--bcher-kva.example/x", OK_HEAD "proxy", 0, KEEP_OPEN },
	{ 0 }
};

static void
test_private_address(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen s = { 0 };

	w->server.routes = hello;
	r.public_only = true;
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_PRIVATE);
	assert_string_equal(s.result.message,
	    "127.0.0.1: the address is not public");
	loop_drain(w->base);
	assert_int_equal(w->server.n_connections, 0);
}

static void
test_private_name(void **state)
{
	struct world *w = *state;
	char url[64];
	struct http_request r;
	struct seen s = { 0 };

	snprintf(url, sizeof(url), "http://localhost:%d/x", w->server.port);
	r = get(url);
	r.public_only = true;
	run(w, &r, &s);
	assert_int_equal(s.result.end, HTTP_END_PRIVATE);
	loop_drain(w->base);
	assert_int_equal(w->server.n_connections, 0);
}

/* No socket is opened for the second request; the guard must see it still. */
static void
test_private_reused(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen first = { 0 }, guarded = { 0 }, third = { 0 };

	w->server.routes = hello;
	run(w, &r, &first);
	assert_int_equal(first.result.end, HTTP_END_DONE);
	r.public_only = true;
	run(w, &r, &guarded);
	assert_int_equal(guarded.result.end, HTTP_END_PRIVATE);
	assert_string_equal(guarded.result.message,
	    "127.0.0.1: the address is not public");
	assert_int_equal(w->server.n_requests, 1);
	assert_int_equal(w->server.n_connections, 1);
	r.public_only = false;
	run(w, &r, &third);
	assert_int_equal(third.result.end, HTTP_END_DONE);
	assert_int_equal(w->server.n_requests, 2);
}

static void
test_guard_behind_proxy(void **state)
{
	static const struct {
		const char	*says, *url;
		enum http_end	 end;
	} cases[] = {
		{ "a near proxy may be used", "http://public.example/x",
		    HTTP_END_DONE },
		{ "a private address not", "http://127.0.0.1/x",
		    HTTP_END_PRIVATE },
		{ "nor in IPv6", "http://[::1]/x", HTTP_END_PRIVATE },
		{ "nor as one number", "http://2130706433/x",
		    HTTP_END_PRIVATE },
		{ "nor localhost", "http://localhost/x", HTTP_END_PRIVATE },
		{ "nor below it", "http://a.localhost/x", HTTP_END_PRIVATE },
		{ "nor in wide letters", "http://\357\275\214ocalhost/x",
		    HTTP_END_PRIVATE },
		{ "nor in wide digits",
		    "http://\357\274\221\357\274\222\357\274\227.0.0.1/x",
		    HTTP_END_PRIVATE },
	};
	struct world *w = *state;
	char proxy[64];

	w->server.routes = hello;
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", w->server.port);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_request r = get(cases[i].url);
		struct seen s = { 0 };

		print_message("  %s\n", cases[i].says);
		r.proxy = proxy;
		r.public_only = true;
		run(w, &r, &s);
		assert_int_equal(s.result.end, cases[i].end);
	}
	assert_int_equal(w->server.n_requests, 1);
}

/* Not the publisher's: who is told must know where to look. */
static void
test_proxy_is_blamed(void **state)
{
	static const struct route routes[] = {
		{ "a.example:443", "HTTP/1.1 501 No\r\nContent-Length: 0\r\n"
		    "\r\n", 0, 0 },
		{ "b.example:443", "HTTP/1.1 407 No\r\nProxy-Authenticate: "
		    "Basic realm=x\r\nContent-Length: 0\r\n\r\n", 0, 0 },
		{ "http://c.example/", "HTTP/1.1 502 No\r\nContent-Length: 0"
		    "\r\n\r\n", 0, 0 },
		{ 0 }
	};
	static const struct {
		const char	*says, *url;
		const char	*proxy;		/* NULL: the server */
		enum http_end	 end;
		const char	*message;	/* $: the server */
	} cases[] = {
		{ "nobody there", "http://a.example/",
		    "http://me:S3CRET@127.0.0.1:1", HTTP_END_CONNECT,
		    "a.example: proxy 127.0.0.1:1: connection refused" },
		{ "nor for https", "https://a.example/",
		    "http://127.0.0.1:1/", HTTP_END_CONNECT,
		    "a.example: proxy 127.0.0.1:1: connection refused" },
		{ "nor a SOCKS proxy", "http://a.example/",
		    "socks5h://me:S3CRET@127.0.0.1:1", HTTP_END_CONNECT,
		    "a.example: proxy 127.0.0.1:1: connection refused" },
		{ "no such name", "http://a.example/",
		    "http://proxy.invalid:3128", HTTP_END_DNS,
		    "a.example: proxy proxy.invalid:3128: no such host" },
		{ "it knows no CONNECT", "https://a.example/", NULL,
		    HTTP_END_CONNECT,
		    "a.example: proxy $: answered 501 to CONNECT" },
		{ "it wants a login", "https://b.example/", NULL,
		    HTTP_END_CONNECT,
		    "b.example: proxy $: answered 407 to CONNECT: it wants "
		    "user and password (proxy: http://USER:PASSWORD@HOST:PORT)"
		    },
		{ "an answer is one, whosever", "http://c.example/", NULL,
		    HTTP_END_DONE, "" },
	};
	struct world *w = *state;
	char here[64], proxy[80], want[256];

	w->server.routes = routes;
	snprintf(here, sizeof(here), "127.0.0.1:%d", w->server.port);
	snprintf(proxy, sizeof(proxy), "http://%s", here);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct http_request r = get(cases[i].url);
		const char *m = cases[i].message, *at = strchr(m, '$');
		struct seen s = { 0 };

		print_message("  %s\n", cases[i].says);
		snprintf(want, sizeof(want), "%.*s%s%s",
		    at != NULL ? (int)(at - m) : (int)strlen(m), m,
		    at != NULL ? here : "", at != NULL ? at + 1 : "");
		r.proxy = cases[i].proxy != NULL ? cases[i].proxy : proxy;
		run(w, &r, &s);
		assert_string_equal(s.result.message, want);
		assert_int_equal(s.result.end, cases[i].end);
	}
}

/* Whatever locale the program runs in: a daemon has none. */
static void
test_international_name(void **state)
{
	struct world *w = *state;
	struct http_request r = get("http://b\303\274cher.example/x");
	struct seen s = { 0 };
	char proxy[64];

	w->server.routes = hello;
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", w->server.port);
	r.proxy = proxy;
	run(w, &r, &s);
	assert_string_equal(s.result.message, "");
	assert_int_equal(s.result.end, HTTP_END_DONE);
	assert_non_null(strstr(w->server.requests[0],
	    "GET http://xn--bcher-kva.example/x HTTP/1.1\r\n"
	    "Host: xn--bcher-kva.example\r\n"));
}

static void
test_environment_is_ignored(void **state)
{
	struct world *w = *state;
	struct http_request r = get(url_of(w, "http", "/x"));
	struct seen s = { 0 };

	w->server.routes = hello;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	run(w, &r, &s);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	assert_int_equal(s.result.end, HTTP_END_DONE);
}

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

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

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
		EACH(test_request_bytes),
		EACH(test_post),
		EACH(test_big_post_asks_no_leave),
		EACH(test_empty_post),
		EACH(test_headers_given),
		EACH(test_folded_onto_nothing),
		EACH(test_header_floods),
		EACH(test_streaming),
		EACH(test_gzip_bomb),
		EACH(test_gzip_is_decoded),
		EACH(test_unix_socket),
		EACH(test_private_address),
		EACH(test_private_name),
		EACH(test_private_reused),
		EACH(test_guard_behind_proxy),
		EACH(test_proxy_is_blamed),
		EACH(test_international_name),
		EACH(test_environment_is_ignored),
		EACH(test_cancel_in_flight),
		EACH(test_cancel_before_it_runs),
		EACH(test_cancel_and_start_in_callback),
		EACH(test_many_at_once),
		EACH(test_connection_is_reused),
		EACH(test_never_asks_twice),
		EACH(test_never_asks_twice_on_another),
		EACH(test_server_ends_idle_ones),
		EACH(test_free_cancels),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
