/* SPDX-License-Identifier: ISC */
/*
 * What a hop is sent, and what it is not.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "fetch_rig.h"

static void
test_validators_verbatim(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", "HTTP/1.1 304 Same\r\n\r\n", 0, 0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };
	const char *sent;

	w->server.routes = routes;
	r.proxy = w->proxy;
	r.etag = "W/\"a  b\xc3\xa9\\\"";
	r.last_modified = "yesterday, 8 o'clock";
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_NOT_MODIFIED);
	sent = w->server.requests[0];
	assert_non_null(strstr(sent,
	    "\r\nIf-None-Match: W/\"a  b\xc3\xa9\\\"\r\n"));
	assert_non_null(strstr(sent,
	    "\r\nIf-Modified-Since: yesterday, 8 o'clock\r\n"));
	assert_non_null(strstr(sent, "\r\nA-IM: feed\r\n"));
	assert_non_null(strstr(sent, "\r\nAccept: application/atom+xml, "));
	assert_non_null(strstr(sent, "\r\nUser-Agent: test/1\r\n"));
}

/* A page is no feed, and is asked for as one. */
static void
test_accept(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", FEED, 0, 0 }, { 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };

	w->server.routes = routes;
	r.proxy = w->proxy;
	r.accept = "Accept: text/html";
	run(w, &r, &s);
	assert_non_null(strstr(w->server.requests[0],
	    "\r\nAccept: text/html\r\n"));
	assert_null(strstr(w->server.requests[0], "rss"));
}

/* A change is one to something: an ETag names it, a date does not. */
static void
test_no_change_is_asked_for_without_etag(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", "HTTP/1.1 304 Same\r\n\r\n", 0, 0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };

	w->server.routes = routes;
	r.proxy = w->proxy;
	r.last_modified = "then";
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_NOT_MODIFIED);
	assert_null(strstr(w->server.requests[0], "A-IM"));
}

static void
test_validators_only_to_their_giver(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ "http://b.example/y", "HTTP/1.1 304 Same\r\n\r\n", 0, 0 },
		{ 0 }
	};
	static const struct {
		const char	*says, *giver;
		size_t		 with, without;
	} cases[] = {
		{ "the configured URL gave them", NULL, 0, 1 },
		{ "the end of the chain gave them", "http://b.example/y", 1,
		    0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fetch_request r = request("http://a.example/x");
		struct seen s = { 0 };
		struct world *w;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		w->server.routes = routes;
		r.proxy = w->proxy;
		r.etag = "\"old\"";
		r.last_modified = "then";
		r.validators_url = cases[i].giver;
		run(w, &r, &s);
		assert_int_equal(w->server.n_requests, 2);
		assert_non_null(strstr(w->server.requests[cases[i].with],
		    "If-None-Match: \"old\""));
		assert_non_null(strstr(w->server.requests[cases[i].with],
		    "If-Modified-Since: then"));
		assert_null(strstr(w->server.requests[cases[i].without],
		    "If-"));
		assert_null(strstr(w->server.requests[cases[i].without],
		    "A-IM"));
		/* Only where the question was put is 304 an answer. */
		assert_int_equal(s.result.outcome, cases[i].with == 1 ?
		    FETCH_NOT_MODIFIED : FETCH_REFUSED);
		assert_int_equal(teardown(state), 0);
	}
}

/* Those of who read a URL before go there, the own ones elsewhere. */
static void
test_inherited_validators(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ "http://b.example/y", "HTTP/1.1 304 Same\r\n\r\n", 0, 0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };

	w->server.routes = routes;
	r.proxy = w->proxy;
	r.etag = "\"own\"";
	r.inherited = (struct fetch_validators){ "\"theirs\"", "then",
		"http://b.example/y" };
	r.inherits = true;
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_NOT_MODIFIED);
	assert_int_equal(w->server.n_requests, 2);
	assert_non_null(strstr(w->server.requests[0],
	    "If-None-Match: \"own\"\r\n"));
	assert_null(strstr(w->server.requests[0], "If-Modified-Since"));
	assert_non_null(strstr(w->server.requests[1],
	    "If-None-Match: \"theirs\"\r\n"));
	assert_non_null(strstr(w->server.requests[1],
	    "If-Modified-Since: then\r\n"));
}

static void
test_secrets_stay_with_their_origin(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "/own"), 0, 0 },
		{ "http://a.example/own", GO("302", "http://a.example:81/p"),
		    0, 0 },
		{ "http://a.example:81/p", GO("302", "http://b.example/y"),
		    0, 0 },
		{ "http://b.example/y", GO("302", "http://a.example/back"),
		    0, 0 },
		{ "http://a.example/back", FEED, 0, 0 },
		{ 0 }
	};
	static const bool own[] = { true, true, false, false, true };
	static const char *const headers[] = {
		"X-Token: abc", "Accept: text/xml", NULL
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };

	w->server.routes = routes;
	r.proxy = w->proxy;
	r.headers = headers;
	r.user_password = "me:secret";
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_FRESH);
	assert_int_equal(w->server.n_requests, 5);
	for (size_t i = 0; i < 5; i++) {
		const char *sent = w->server.requests[i];

		assert_int_equal(strstr(sent, "X-Token: abc") != NULL,
		    own[i]);
		assert_int_equal(strstr(sent,
		    "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n") != NULL,
		    own[i]);
		/* Its own Accept replaces ours. */
		assert_int_equal(strstr(sent, "Accept: text/xml\r\n") != NULL,
		    own[i]);
		assert_int_equal(strstr(sent, "application/atom") == NULL,
		    own[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_validators_verbatim),
		EACH(test_accept),
		EACH(test_no_change_is_asked_for_without_etag),
		cmocka_unit_test(test_validators_only_to_their_giver),
		EACH(test_inherited_validators),
		EACH(test_secrets_stay_with_their_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
