/* SPDX-License-Identifier: ISC */
/* Whom a transfer may reach: private addresses, proxies, names. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http_rig.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_private_address),
		EACH(test_private_name),
		EACH(test_private_reused),
		EACH(test_guard_behind_proxy),
		EACH(test_proxy_is_blamed),
		EACH(test_international_name),
		EACH(test_environment_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
