/* SPDX-License-Identifier: ISC */
/* daemon/control_http_head and daemon/loopback: what is read, and admitted. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/control_http_head.h"
#include "daemon/loopback.h"

#define GET	"GET /status HTTP/1.1\r\n"
#define HOST	"Host: localhost:7878\r\n"
#define POST	"POST /match HTTP/1.1\r\n" HOST
#define END	"\r\n"

static const struct {
	const char	*says;
	const char	*text;
	int		 read, admitted;
} requests[] = {
	{ "a browser's", GET HOST "Accept: */*\r\n" END, 0, 0 },
	{ "HTTP/1.0", "GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", 0, 0 },
	{ "a query", "GET /feeds?failing=1 HTTP/1.1\r\n" HOST END, 0, 0 },
	{ "IPv6", GET "Host: [::1]:80\r\n" END, 0, 0 },
	{ "IPv6 without a port", GET "Host: [::1]\r\n" END, 0, 0 },
	{ "all of 127/8", GET "Host: 127.9.8.7:1\r\n" END, 0, 0 },
	{ "a host in capitals", GET "HOST: LOCALHOST\r\n" END, 0, 0 },
	{ "a try-out", POST "Content-Length: 3\r\n" END, 0, 0 },
	{ "a try-out of the page here", POST "Content-Length: 0\r\n"
	    "Origin: http://localhost:7878\r\n" END, 0, 0 },
	{ "and behind a proxy with TLS", POST "Content-Length: 0\r\n"
	    "Origin: https://localhost:7878\r\n" END, 0, 0 },
	{ "a body that is waited for", POST "Content-Length: 9\r\n"
	    "Expect: 100-continue\r\n" END, 0, 0 },

	{ "no host", GET END, 0, 421 },
	{ "an empty host", GET "Host:\r\n" END, 0, 421 },
	{ "another name that leads here", GET "Host: evil.example\r\n" END, 0,
	    421 },
	{ "ours in front of another", GET "Host: localhost.evil.example\r\n"
	    END, 0, 421 },
	{ "ours behind a user", GET "Host: evil@localhost\r\n" END, 0, 421 },
	{ "a public address", GET "Host: 192.0.2.1\r\n" END, 0, 421 },
	{ "any address", GET "Host: 0.0.0.0:7878\r\n" END, 0, 421 },
	{ "a host with a port that is none", GET "Host: localhost:x\r\n" END,
	    0, 421 },
	{ "a mapped one", GET "Host: [::ffff:127.0.0.1]\r\n" END, 0, 421 },
	{ "another origin", POST "Content-Length: 0\r\nOrigin: "
	    "http://evil.example\r\n" END, 0, 403 },
	{ "another port's", POST "Content-Length: 0\r\nOrigin: "
	    "http://localhost:8080\r\n" END, 0, 403 },
	{ "an origin that hides", POST "Content-Length: 0\r\nOrigin: null\r\n"
	    END, 0, 403 },
	{ "an origin that is empty", POST "Content-Length: 0\r\nOrigin:\r\n"
	    END, 0, 403 },
	{ "another origin asks", GET HOST "Origin: http://a.example\r\n" END,
	    0, 403 },

	{ "a reload", "POST /reload HTTP/1.1\r\n" HOST "Content-Length: 0\r\n"
	    END, 0, 403 },
	{ "a poll", "POST /poll?feed=x HTTP/1.1\r\n" HOST
	    "Content-Length: 0\r\n" END, 0, 403 },
	{ "a match that is spelled otherwise", "POST /%6datch HTTP/1.1\r\n"
	    HOST "Content-Length: 0\r\n" END, 0, 403 },
	{ "what is below it", "POST /match/ HTTP/1.1\r\n" HOST
	    "Content-Length: 0\r\n" END, 0, 403 },
	{ "DELETE", "DELETE /outbox HTTP/1.1\r\n" HOST END, 0, 403 },
	{ "a preflight", "OPTIONS /match HTTP/1.1\r\n" HOST END, 0, 405 },
	{ "HEAD", "HEAD / HTTP/1.1\r\n" HOST END, 0, 405 },
	{ "a GET with a body", GET HOST "Content-Length: 1\r\n" END, 0, 400 },

	{ "nothing", "", 400, 0 },
	{ "only an end", END END, 400, 0 },
	{ "HTTP/0.9", "GET /\r\n\r\n", 400, 0 },
	{ "HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505, 0 },
	{ "TLS", "\x16\x03\x01\x02\r\n\r\n", 400, 0 },
	{ "a proxy's form", "GET http://localhost/ HTTP/1.1\r\n" HOST END,
	    400, 0 },
	{ "a small method", "get / HTTP/1.1\r\n" HOST END, 400, 0 },
	{ "a space in the path", "GET /a b HTTP/1.1\r\n" HOST END, 400, 0 },
	{ "two spaces", "GET  / HTTP/1.1\r\n" HOST END, 400, 0 },
	{ "bytes over ASCII", "GET /\xc3\xa4 HTTP/1.1\r\n" HOST END, 400, 0 },
	{ "a fragment", "GET /#x HTTP/1.1\r\n" HOST END, 400, 0 },
	{ "no line ends but LF", "GET / HTTP/1.1\nHost: localhost\n\n", 400,
	    0 },
	{ "a bare CR", GET "Host: local\rhost\r\n" END, 400, 0 },
	{ "a control character", GET "Host: localhost\x01\r\n" END, 400, 0 },
	{ "a folded line", GET HOST " folded\r\n" END, 400, 0 },
	{ "a space before the colon", GET "Host : localhost\r\n" END, 400,
	    0 },
	{ "no colon", GET HOST "x\r\n" END, 400, 0 },
	{ "two hosts", GET HOST HOST END, 400, 0 },
	{ "two lengths", POST "Content-Length: 1\r\nContent-Length: 1\r\n" END,
	    400, 0 },
	{ "two origins", POST "Origin: http://localhost:7878\r\n"
	    "Origin: http://localhost:7878\r\nContent-Length: 0\r\n" END, 400,
	    0 },
	{ "a length with a sign", POST "Content-Length: +1\r\n" END, 400, 0 },
	{ "a length that is a list", POST "Content-Length: 1, 1\r\n" END, 400,
	    0 },
	{ "an empty length", POST "Content-Length:\r\n" END, 400, 0 },
	{ "no length", POST END, 411, 0 },
	{ "chunks", POST "Transfer-Encoding: chunked\r\n" END, 501, 0 },
	{ "chunks and a length", POST "Content-Length: 3\r\n"
	    "Transfer-Encoding: chunked\r\n" END, 501, 0 },
	{ "a byte too many", POST "Content-Length: 131073\r\n" END, 413, 0 },
	{ "more than any number", POST "Content-Length: "
	    "99999999999999999999999999\r\n" END, 413, 0 },
	{ "as much as there may be", POST "Content-Length: 131072\r\n" END, 0,
	    0 },
	{ "something else expected", POST "Content-Length: 0\r\nExpect: x\r\n"
	    END, 417, 0 },
	{ "no end", GET HOST, 400, 0 },
	{ "something behind the end", GET HOST END "x", 400, 0 },
};

/* In memory of its own size, so that a byte read behind it is found out. */
static int
read_it(struct control_http_head *h, const char *text, char **copy,
    const char **why)
{
	size_t n = strlen(text);

	*copy = malloc(n > 0 ? n : 1);
	assert_non_null(*copy);
	memcpy(*copy, text, n);
	return control_http_head_read(h, (struct str){ *copy, n }, why);
}

static void
test_requests(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct control_http_head h;
		const char *why = NULL;
		char *copy;
		int read = read_it(&h, requests[i].text, &copy, &why);
		int admitted = read == 0 ? control_http_head_admit(&h, &why) :
		    0;

		if (read != requests[i].read ||
		    admitted != requests[i].admitted)
			fail_msg("%s: %d, %d", requests[i].says, read,
			    admitted);
		if (read + admitted > 0 && (why == NULL || strlen(why) < 10))
			fail_msg("%s: says nothing", requests[i].says);
		free(copy);
	}
}

static void
test_parts(void **state)
{
	struct control_http_head h;
	const char *why;
	char *copy;

	(void)state;
	assert_int_equal(read_it(&h, "POST /match?x=1 HTTP/1.0\r\n"
	    "host:  localhost \r\nLast-Event-ID: 7\r\n"
	    "content-type:application/json\r\nCONTENT-LENGTH: 007\r\n"
	    "Expect: 100-Continue\r\n\r\n", &copy, &why), 0);
	assert_true(str_eq(h.method, STR("POST")));
	assert_true(str_eq(h.target, STR("/match?x=1")));
	assert_true(str_eq(h.path, STR("/match")));
	assert_true(str_eq(h.host, STR("localhost")));
	assert_true(str_eq(h.last_event_id, STR("7")));
	assert_true(str_eq(h.content_type, STR("application/json")));
	assert_int_equal(h.body_bytes, 7);
	assert_true(h.is_1_0);
	assert_true(h.expects);
	assert_null(h.origin.p);
	free(copy);
}

static int
read_long(const char *before, char c, size_t n, const char *after)
{
	size_t size = strlen(before) + n + strlen(after) + 1;
	struct control_http_head h;
	char *text = malloc(size), *copy;
	const char *why;
	int code;

	assert_non_null(text);
	memcpy(text, before, strlen(before));
	memset(text + strlen(before), c, n);
	memcpy(text + strlen(before) + n, after, strlen(after) + 1);
	code = read_it(&h, text, &copy, &why);
	free(copy);
	free(text);
	return code;
}

static void
test_bounds(void **state)
{
	char fields[CONTROL_HTTP_MOST_FIELDS * 4 + 8] = "";

	(void)state;
	assert_int_equal(read_long("GET /", 'a', CONTROL_HTTP_MOST_TARGET - 1,
	    " HTTP/1.1\r\n" HOST END), 0);
	assert_int_equal(read_long("GET /", 'a', CONTROL_HTTP_MOST_TARGET,
	    " HTTP/1.1\r\n" HOST END), 431);
	assert_int_equal(read_long(GET HOST "X: ", 'a',
	    CONTROL_HTTP_MOST_HEAD, "\r\n" END), 431);
	for (int i = 0; i < CONTROL_HTTP_MOST_FIELDS; i++)
		memcpy(fields + 4 * i, "a:\r\n", 5);
	assert_int_equal(read_long(GET, 'a', 0, fields), 400);
	memcpy(fields + 4 * CONTROL_HTTP_MOST_FIELDS, END, 3);
	assert_int_equal(read_long(GET, 'a', 0, fields), 0);
	memcpy(fields + 4 * CONTROL_HTTP_MOST_FIELDS, "a:\r\n", 5);
	assert_int_equal(read_long(GET, 'a', 0, fields), 431);
}

static const struct {
	const char	*place;
	int		 family, port;		/* 0: it is none */
} places[] = {
	{ "127.0.0.1:7878", AF_INET, 7878 },
	{ "127.255.0.9:1", AF_INET, 1 },
	{ "localhost:65535", AF_INET, 65535 },
	{ "[::1]:7878", AF_INET6, 7878 },
	{ "", 0, 0 }, { ":", 0, 0 }, { "7878", 0, 0 }, { ":7878", 0, 0 },
	{ "localhost", 0, 0 }, { "127.0.0.1", 0, 0 }, { "[::1]", 0, 0 },
	{ "127.0.0.1:", 0, 0 }, { "127.0.0.1:0", 0, 0 },
	{ "127.0.0.1:65536", 0, 0 }, { "127.0.0.1:655350", 0, 0 },
	{ "127.0.0.1:7878x", 0, 0 }, { "127.0.0.1:-1", 0, 0 },
	{ "127.1:80", 0, 0 }, { "0.0.0.0:80", 0, 0 }, { "*:80", 0, 0 },
	{ "192.168.0.1:80", 0, 0 }, { "[::]:80", 0, 0 }, { "::1:80", 0, 0 },
	{ "[::ffff:127.0.0.1]:80", 0, 0 }, { "http://127.0.0.1:80", 0, 0 },
	{ "[]:80", 0, 0 }, { "[127.0.0.1]:80", 0, 0 },
	{ "myhost.example:80", 0, 0 },
};

static void
test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct sockaddr_storage ss;
		socklen_t size = 0;
		const char *why = loopback_read(str_from(places[i].place),
		    &ss, &size);

		if ((why == NULL) != (places[i].family != 0))
			fail_msg("%s: %s", places[i].place,
			    why != NULL ? why : "taken");
		if (why != NULL)
			continue;
		assert_int_equal(ss.ss_family, places[i].family);
		/* Both have it in the same place. */
		assert_int_equal(ntohs(((struct sockaddr_in *)(void *)
		    &ss)->sin_port), places[i].port);
		assert_int_equal(size, places[i].family == AF_INET ?
		    sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	}
}

static const struct {
	int		 number;
	bool		 in_unit;
	const char	*has;
} refusals[] = {
	{ EADDRINUSE, false, "ss -ltnp" },
	{ EADDRINUSE, true, "ss -ltnp" },
	{ EACCES, true, "1024" },
	{ EPERM, true, "SocketBindAllow=tcp:" },
	{ EPERM, false, NULL },
	{ EINVAL, true, NULL },
};

static void
test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const char *hint = loopback_hint(refusals[i].number,
		    refusals[i].in_unit);

		if (refusals[i].has == NULL)
			assert_string_equal(hint, "");
		else
			assert_non_null(strstr(hint, refusals[i].has));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
