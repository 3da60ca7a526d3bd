/* SPDX-License-Identifier: ISC */
/* What is sent, and what of the answer is given. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http_rig.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
