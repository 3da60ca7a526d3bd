/* SPDX-License-Identifier: ISC */
/*
 * Where redirects lead, and which are followed.
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

static const struct outcome_case redirects[] = {
	{ "301 moves for good", {
	    { "http://a.example/x", GO("301", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", FEED, 0, 0 } },
	    FETCH_FRESH, 200, "ok", NULL, "http://b.example/y", true, 2,
	    NULL },
	{ "308 too", {
	    { "http://a.example/x", GO("308", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", FEED, 0, 0 } },
	    FETCH_FRESH, 200, "ok", NULL, "http://b.example/y", true, 2,
	    NULL },
	{ "302 does not", {
	    { "http://a.example/x", GO("302", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", FEED, 0, 0 } },
	    FETCH_FRESH, 200, "ok", NULL, "http://b.example/y", false, 2,
	    NULL },
	{ "303 does not", {
	    { "http://a.example/x", GO("303", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", FEED, 0, 0 } },
	    FETCH_FRESH, 200, "ok", NULL, "http://b.example/y", false, 2,
	    NULL },
	{ "307 does not", {
	    { "http://a.example/x", GO("307", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", FEED, 0, 0 } },
	    FETCH_FRESH, 200, "ok", NULL, "http://b.example/y", false, 2,
	    NULL },
	{ "one 302 in the chain and it is not for good", {
	    { "http://a.example/x", GO("301", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", GO("302", "http://c.example/z"), 0, 0 },
	    { "http://c.example/z", FEED, 0, 0 } },
	    FETCH_FRESH, 200, "ok", NULL, "http://c.example/z", false, 3,
	    NULL },
	{ "relative, and without the fragment", {
	    { "http://a.example/x", GO("301", "../f/y?q=1#top"), 0, 0 },
	    { "http://a.example/f/y?q=1", FEED, 0, 0 } },
	    FETCH_FRESH, 200, "ok", NULL, "http://a.example/f/y?q=1", true,
	    2, NULL },
	{ "five redirects are followed", {
	    { "http://a.example/x", GO("302", "/1"), 0, 0 },
	    { "http://a.example/1", GO("302", "/2"), 0, 0 },
	    { "http://a.example/2", GO("302", "/3"), 0, 0 },
	    { "http://a.example/3", GO("302", "/4"), 0, 0 },
	    { "http://a.example/4", GO("302", "/5"), 0, 0 },
	    { "http://a.example/5", FEED, 0, 0 } },
	    FETCH_FRESH, 200, "ok", NULL, "http://a.example/5", false, 6,
	    NULL },
	{ "six are not", {
	    { "http://a.example/x", GO("302", "/1"), 0, 0 },
	    { "http://a.example/1", GO("302", "/2"), 0, 0 },
	    { "http://a.example/2", GO("302", "/3"), 0, 0 },
	    { "http://a.example/3", GO("302", "/4"), 0, 0 },
	    { "http://a.example/4", GO("302", "/5"), 0, 0 },
	    { "http://a.example/5", GO("302", "/6"), 0, 0 },
	    { "http://a.example/6", FEED, 0, 0 } },
	    FETCH_FAILED, 302, "redirect_limit",
	    "a.example: redirects too often: http://a.example/6",
	    "http://a.example/5", false, 6, NULL },
	{ "to itself", {
	    { "http://a.example/x", GO("301", "/x#again"), 0, 0 } },
	    FETCH_FAILED, 301, "redirect_loop",
	    "a.example: redirects in a circle: http://a.example/x", NULL,
	    false, 1, NULL },
	{ "to and fro", {
	    { "http://a.example/x", GO("302", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", GO("302", "http://a.example/x"), 0, 0 } },
	    FETCH_FAILED, 302, "redirect_loop",
	    "b.example: redirects in a circle: http://a.example/x",
	    "http://b.example/y", false, 2, NULL },
	{ "to a file", {
	    { "http://a.example/x", GO("302", "file:///etc/passwd"), 0, 0 } },
	    FETCH_FAILED, 302, "redirect_bad",
	    "a.example: redirects to what is no http or https URL: "
	    "file:///etc/passwd", NULL, false, 1, NULL },
	{ "to another protocol", {
	    { "http://a.example/x", GO("302", "ftp://a.example/x"), 0, 0 } },
	    FETCH_FAILED, 302, "redirect_bad",
	    "a.example: redirects to what is no http or https URL: "
	    "ftp://a.example/x", NULL, false, 1, NULL },
	{ "to what is no URL", {
	    { "http://a.example/x", GO("302", "http://[::bad"), 0, 0 } },
	    FETCH_FAILED, 302, "redirect_bad",
	    "a.example: redirects to what is no http or https URL: "
	    "http://[::bad", NULL, false, 1, NULL },
	{ "to nowhere", {
	    { "http://a.example/x", ANSWER("302"), 0, 0 } },
	    FETCH_FAILED, 302, "redirect_bad",
	    "a.example: redirects to nowhere", NULL, false, 1, NULL },
	{ "to a private address by name of a number", {
	    { "http://a.example/x", GO("302", "http://10.0.0.1/"), 0, 0 } },
	    FETCH_FAILED, 0, "private",
	    "a.example: redirects to where the address is not public: "
	    "http://10.0.0.1/", "http://10.0.0.1/", false, 1, NULL },
	{ "without the password in it", {
	    { "http://a.example/x", GO("302", "ftp://u:S3CRET@c.example/"), 0,
	      0 } }, FETCH_FAILED, 302, "redirect_bad",
	    "a.example: redirects to what is no http or https URL: "
	    "ftp://c.example/", NULL, false, 1, NULL },
	{ "without what a terminal would obey", {
	    { "http://a.example/x", GO("302", "ftp:\xc2\x9b" "31m"), 0, 0 } },
	    FETCH_FAILED, 302, "redirect_bad",
	    "a.example: redirects to what is no http or https URL: "
	    "ftp: 31m", NULL, false, 1, NULL },
	{ "who it led to wants a login", {
	    { "http://a.example/x", GO("302", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", ANSWER("401"), 0, 0 } },
	    FETCH_REFUSED, 401, "http_401", "b.example: answered 401: it "
	    "wants a login, and has none as another server led there",
	    "http://b.example/y", false, 2, NULL },
	{ "to a page that is gone", {
	    { "http://a.example/x", GO("301", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", ANSWER("410"), 0, 0 } },
	    FETCH_GONE, 410, "http_410", "b.example: answered 410",
	    "http://b.example/y", true, 2, NULL },
};

static void
test_redirects(void **state)
{
	check_outcomes(state, redirects,
	    sizeof(redirects) / sizeof(redirects[0]));
}

/*
 * What the caller is told, and makes of it
 */

struct told {
	char	url[64];
	int64_t	wait;
	bool	done;

	/* Of the end. */
	enum fetch_outcome outcome;
	char	hops[128], left[64];
	bool	for_good;
	size_t	asked;		/* redirects, once on_ask said so */
	unsigned	 requests;	/* written, in all */
};

static void
on_request(const char *url, void *ctx)
{
	struct told *t = ctx;

	assert_true(strstr(url, ".example/") != NULL);
	t->requests++;
}

static void
on_answer(int status, const struct http_meta *meta, const char *url,
    void *ctx)
{
	struct told *t = ctx;

	assert_false(t->done);
	assert_true(t->requests > 0);
	if (status != 429 && status != 503)
		return;
	snprintf(t->url, sizeof(t->url), "%s", url);
	t->wait = http_meta_retry_s(meta, 0, 3600);
}

/* The path says what is to become of it. */
static enum fetch_way
on_redirect(const char *url, void *ctx)
{
	(void)ctx;
	if (strstr(url, "/told-off") != NULL)
		return FETCH_UNWELCOME;
	if (strstr(url, "/anothers") != NULL)
		return FETCH_LEAVE;
	if (strstr(url, "/afresh") != NULL)
		return FETCH_FOLLOW_AFRESH;
	return strstr(url, "/circle") != NULL ? FETCH_CIRCLE : FETCH_FOLLOW;
}

static int
on_ask(const char *url, void *ctx)
{
	struct told *t = ctx;

	t->asked++;
	return strstr(url, "/not-noted") != NULL;
}

static void
on_end_told(const struct fetch_result *res, void *ctx)
{
	struct told *t = ctx;

	if (t->url[0] == '\0')
		snprintf(t->url, sizeof(t->url), "%s", res->word);
	t->outcome = res->outcome;
	t->for_good = res->moved_for_good;
	snprintf(t->left, sizeof(t->left), "%s",
	    res->left_url != NULL ? res->left_url : "");
	for (size_t i = 0; i < res->n_hops; i++) {
		size_t at = strlen(t->hops);

		snprintf(t->hops + at, sizeof(t->hops) - at, "%s ",
		    res->hops[i]);
	}
	t->done = true;
}

static const struct fetch_ops told_ops = { .on_open = on_open,
	.on_body = on_body, .on_request = on_request, .on_answer = on_answer,
	.on_redirect = on_redirect, .on_ask = on_ask,
	.on_end = on_end_told };

/* A refusal is told by its headers, of the hop that said it; its body may
 * take for ever. */
static void
test_refusal_is_told_at_once(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ "http://b.example/y", "HTTP/1.1 503 Busy\r\n"
		    "Retry-After: 77\r\nContent-Length: 5\r\n\r\nab", 0, 0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct told t = { .wait = -1 };
	struct fetch *f;
	struct err err;

	w->server.routes = routes;
	r.proxy = w->proxy;
	f = fetch_start(&w->env, &r, &told_ops, &t, &err);
	assert_non_null(f);
	while (t.wait == -1)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_int_equal(t.wait, 77);
	assert_string_equal(t.url, "http://b.example/y");
	assert_int_equal(t.requests, 2);
	if (!t.done)
		fetch_cancel(f);
}

/* Whose validators go with a redirect: what is asked afresh, or has been read
 * by another one last, is not asked with the feed's own. */
static void
test_validators_of_a_redirect(void **state)
{
	static const struct {
		const char	*says, *path, *inherited;
		bool		 inherits;
		const char	*sent;		/* NULL: none */
	} cases[] = {
		{ "its own", "/y", NULL, false, "own" },
		{ "another's, which is newer", "/y", "/y", true, "theirs" },
		{ "another's, which is older", "/y", "/y", false, "own" },
		{ "another's, of elsewhere", "/y", "/z", true, "own" },
		{ "afresh", "/afresh", NULL, false, NULL },
		{ "afresh, another's", "/afresh", "/afresh", false, "theirs" },
		{ "afresh, of elsewhere", "/afresh", "/z", true, NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fetch_request r = request("http://a.example/x");
		struct told t = { .wait = -1 };
		struct route routes[3] = { { 0 } };
		char to[64], theirs[64], answer[128];
		const char *sent, *header = "If-None-Match: \"";
		struct world *w;
		struct err err;

		print_message("# %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		snprintf(to, sizeof(to), "http://a.example%s", cases[i].path);
		snprintf(answer, sizeof(answer), GO("302", "%s"), to);
		routes[0] = (struct route){ "http://a.example/x", answer, 0,
			0 };
		routes[1] = (struct route){ to, "HTTP/1.1 304 Same\r\n\r\n",
			0, 0 };
		w->server.routes = routes;
		r.proxy = w->proxy;
		r.etag = "\"own\"";
		r.validators_url = to;
		r.inherits = cases[i].inherits;
		if (cases[i].inherited != NULL) {
			snprintf(theirs, sizeof(theirs), "http://a.example%s",
			    cases[i].inherited);
			r.inherited = (struct fetch_validators){
				"\"theirs\"", NULL, theirs };
		}
		assert_non_null(fetch_start(&w->env, &r, &told_ops, &t, &err));
		while (!t.done)
			event_base_loop(w->base, EVLOOP_ONCE);
		assert_int_equal(w->server.n_requests, 2);
		sent = strstr(w->server.requests[1], header);
		if (cases[i].sent == NULL)
			assert_null(sent);
		else
			assert_memory_equal(sent + strlen(header),
			    cases[i].sent, strlen(cases[i].sent));
		assert_int_equal(teardown(state), 0);
	}
}

/* What the caller makes of a redirect; nothing that it does not want asked
 * is, and what is asked was said before. */
static void
test_ways_of_a_redirect(void **state)
{
	static const struct {
		const char		*says;
		struct route		 routes[3];
		enum fetch_outcome	 outcome;
		const char		*word, *hops;
		size_t			 asked, n_requests;
		const char		*left;
		bool			 for_good;
	} cases[] = {
		{ "told off", {
		    { "http://a.example/x", GO("302", "/told-off"), 0, 0 },
		    { "http://a.example/told-off", FEED, 0, 0 } },
		    FETCH_HELD, "redirect_refused", "http://a.example/x ",
		    0, 1, "", false },
		{ "somebody else reads it", {
		    { "http://a.example/x", GO("301", "/anothers"), 0, 0 },
		    { "http://a.example/anothers", FEED, 0, 0 } },
		    FETCH_LEFT, "ok", "http://a.example/x ", 0, 1,
		    "http://a.example/anothers", true },
		{ "somebody else reads it, for a while", {
		    { "http://a.example/x", GO("307", "/anothers"), 0, 0 },
		    { "http://a.example/anothers", FEED, 0, 0 } },
		    FETCH_LEFT, "ok", "http://a.example/x ", 0, 1,
		    "http://a.example/anothers", false },
		{ "a circle over another feed", {
		    { "http://a.example/x", GO("301", "/circle"), 0, 0 },
		    { "http://a.example/circle", FEED, 0, 0 } },
		    FETCH_FAILED, "redirect_loop", "http://a.example/x ", 0,
		    1, "", false },
		{ "cannot be noted", {
		    { "http://a.example/x", GO("301", "/not-noted"), 0, 0 },
		    { "http://a.example/not-noted", FEED, 0, 0 } },
		    FETCH_FAILED, "failed",
		    "http://a.example/x http://a.example/not-noted ", 1, 1,
		    "", true },
		{ "followed", {
		    { "http://a.example/x", GO("301", "/y"), 0, 0 },
		    { "http://a.example/y", ANSWER("404"), 0, 0 } },
		    FETCH_REFUSED, "http_404",
		    "http://a.example/x http://a.example/y ", 1, 2, "",
		    true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fetch_request r = request("http://a.example/x");
		struct told t = { .wait = -1 };
		struct world *w;
		struct err err;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		w->server.routes = cases[i].routes;
		r.proxy = w->proxy;
		assert_int_equal(host_gate_enter(w->gate, "a.example:80", 0),
		    0);
		assert_non_null(fetch_start(&w->env, &r, &told_ops, &t,
		    &err));
		while (!t.done)
			event_base_loop(w->base, EVLOOP_ONCE);
		assert_string_equal(t.url, cases[i].word);
		assert_int_equal(t.outcome, cases[i].outcome);
		assert_string_equal(t.hops, cases[i].hops);
		assert_string_equal(t.left, cases[i].left);
		assert_int_equal(t.for_good, cases[i].for_good);
		assert_int_equal(t.asked, cases[i].asked);
		assert_int_equal(w->server.n_requests, cases[i].n_requests);
		assert_gate_is_free(w, "http://a.example/x");
		assert_int_equal(teardown(state), 0);
	}
}

/*
 * URLs
 */

#define TEN_TIMES(s)	s s s s s s s s s s

/* A server cannot silence what is said of it by a name that is long. */
static void
test_says_what_is_long(void **state)
{
	static const char bytes[] = GO("301", "http://a.example/x?" TEN_TIMES(
	    TEN_TIMES("0123456789abcdef")));
	static const char redacted[] = "a.example: redirects in a circle: "
	    "http://a.example/";
	struct world *w = *state;
	char *url = strdup(strstr(bytes, "http"));
	const struct route routes[] = { { url + strlen("http://a.example"),
		bytes, 0, 0 }, { url, bytes, 0, 0 }, { 0 } };
	struct fetch_request r = request(url);
	struct seen s = { 0 };

	url[strcspn(url, "\r")] = '\0';
	w->server.routes = routes;
	r.proxy = w->proxy;
	run(w, &r, &s);
	assert_string_equal(s.word, "redirect_loop");
	assert_memory_equal(s.result.message, redacted, strlen(redacted));
	free(url);
}

/* What is not sent makes no URL another one. */
static void
test_circles_by_other_spellings(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("301", "http://a.example/x"), 0,
		    0 },
		{ 0 }
	};
	static const char *const urls[] = { "http://a.example/x#part",
		"HTTP://a.example/x" };

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct fetch_request r = request(urls[i]);
		struct seen s = { 0 };
		struct world *w;

		print_message("  %s\n", urls[i]);
		assert_int_equal(setup(state), 0);
		w = *state;
		w->server.routes = routes;
		r.proxy = w->proxy;
		run(w, &r, &s);
		assert_string_equal(s.word, "redirect_loop");
		assert_int_equal(w->server.n_requests, 1);
		assert_int_equal(teardown(state), 0);
	}
}

/* All that reads a URL afterwards, claims and owners, sees one spelling. */
static void
test_locations_are_spelled_in_one_way(void **state)
{
	static const struct {
		const char	*location, *want;
	} cases[] = {
		{ "http://B.Example/y", "http://b.example/y" },
		{ "HTTP://b.example./y", "http://b.example/y" },
		{ "http://b.example:80/y", "http://b.example/y" },
		{ "http://b.example:/x/../y", "http://b.example/y" },
		{ "//B.EXAMPLE.:80/y#z", "http://b.example/y" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char go[256];
		const struct route routes[] = {
			{ "http://a.example/x", go, 0, 0 },
			{ "http://b.example/y", FEED, 0, 0 }, { 0 }
		};
		struct fetch_request r = request("http://a.example/x");
		struct seen s = { 0 };

		snprintf(go, sizeof(go), "HTTP/1.1 302 Go\r\nLocation: %s\r\n"
		    "Content-Length: 0\r\n\r\n", cases[i].location);
		w->server.routes = routes;
		r.proxy = w->proxy;
		run(w, &r, &s);
		if (s.result.outcome != FETCH_FRESH ||
		    strcmp(s.url, cases[i].want) != 0)
			fail_msg("%s: %s, %s", cases[i].location, s.word,
			    s.url);
	}
}

/* A stored move's host is as foreign as a redirect's. */
static void
test_asked_in_place_of_the_own(void **state)
{
	static const struct route routes[] = {
		{ "http://b.example/y", GO("302", "http://a.example/x"), 0,
		    0 },
		{ "http://a.example/x", FEED, 0, 0 },
		{ 0 }
	};
	static const char *const headers[] = { "X-Token: abc", NULL };
	struct world *w = *state;
	struct fetch_request r = request("http://b.example/y");
	struct seen s = { 0 };

	w->server.routes = routes;
	r.proxy = w->proxy;
	r.own_url = "http://a.example/x";
	r.headers = headers;
	r.user_password = "me:secret";
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_FRESH);
	assert_int_equal(w->server.n_requests, 2);
	assert_null(strstr(w->server.requests[0], "X-Token"));
	assert_null(strstr(w->server.requests[0], "Authorization"));
	assert_non_null(strstr(w->server.requests[1], "X-Token"));
	assert_non_null(strstr(w->server.requests[1], "Authorization"));
}

/* Who we are is not for a Location to say; what the administrator wrote goes
 * on within its origin. */
static void
test_users_in_locations(void **state)
{
	static const struct {
		const char	*says, *url;
		struct route	 routes[3];
		const char	*sent, *end;
	} cases[] = {
		{ "another's", "http://a.example/x", {
		    { "http://a.example/x", GO("302",
		    "http://me:pw@b.example/y"), 0, 0 },
		    { "http://b.example/y", FEED, 0, 0 } },
		    NULL, "http://b.example/y" },
		{ "for its own host", "http://a.example/x", {
		    { "http://a.example/x", GO("302",
		    "http://me:pw@a.example/y"), 0, 0 },
		    { "http://a.example/y", FEED, 0, 0 } },
		    NULL, "http://a.example/y" },
		{ "the configured one, within its origin",
		    "http://me:pw@a.example/x", {
		    { "http://a.example/x", GO("302", "y"), 0, 0 },
		    { "http://a.example/y", FEED, 0, 0 } },
		    "Authorization: Basic bWU6cHc=",
		    "http://me:pw@a.example/y" },
		{ "the configured one, elsewhere",
		    "http://me:pw@a.example/x", {
		    { "http://a.example/x", GO("302", "//me:pw@b.example/y"),
		    0, 0 },
		    { "http://b.example/y", FEED, 0, 0 } },
		    NULL, "http://b.example/y" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fetch_request r = request(cases[i].url);
		struct seen s = { 0 };
		struct world *w;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		w->server.routes = cases[i].routes;
		r.proxy = w->proxy;
		run(w, &r, &s);
		assert_int_equal(s.result.outcome, FETCH_FRESH);
		assert_string_equal(s.url, cases[i].end);
		assert_int_equal(w->server.n_requests, 2);
		if (cases[i].sent != NULL)
			assert_non_null(strstr(w->server.requests[1],
			    cases[i].sent));
		else
			assert_null(strstr(w->server.requests[1],
			    "Authorization"));
		assert_int_equal(teardown(state), 0);
	}
}

/*
 * The address guard: no proxy here, real addresses of this machine
 */

static void
test_asked_in_place_may_not_be_private(void **state)
{
	static const struct route routes[] = { { "/x", FEED, 0, 0 }, { 0 } };
	struct world *w = *state;
	struct seen s = { 0 };
	struct fetch_request r;
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", w->server.port);
	w->server.routes = routes;
	r = request(url);
	r.own_url = "http://a.example/x";
	run(w, &r, &s);
	assert_string_equal(s.word, "private");
	assert_int_equal(w->server.n_connections, 0);
}

static void
test_private_redirects(void **state)
{
	static const struct {
		const char		*says, *host;
		bool			 other;
		enum fetch_outcome	 outcome;
		const char		*word;
	} cases[] = {
		{ "its own host and port", "127.0.0.1", false, FETCH_FRESH,
		    "ok" },
		{ "another port", "127.0.0.1", true, FETCH_FAILED,
		    "private" },
		{ "another name of the same", "localhost", false,
		    FETCH_FAILED, "private" },
		{ "IPv6", "[::1]", false, FETCH_FAILED, "private" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char go[256], url[128];
		const struct route routes[] = {
			{ "/x", go, 0, 0 }, { "/y", FEED, 0, 0 }, { 0 }
		};
		struct fetch_request r;
		struct seen s = { 0 };
		struct world *w;

		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		w = *state;
		snprintf(go, sizeof(go), "HTTP/1.1 301 Go\r\n"
		    "Location: http://%s:%d/y\r\nContent-Length: 0\r\n\r\n",
		    cases[i].host, cases[i].other ? w->other.port :
		    w->server.port);
		snprintf(url, sizeof(url), "http://127.0.0.1:%d/x",
		    w->server.port);
		w->server.routes = w->other.routes = routes;
		r = request(url);
		run(w, &r, &s);
		assert_string_equal(s.word, cases[i].word);
		assert_int_equal(s.result.outcome, cases[i].outcome);
		loop_drain(w->base);
		assert_int_equal(w->other.n_connections, 0);
		assert_int_equal(w->server.n_requests,
		    cases[i].outcome == FETCH_FRESH ? 2 : 1);
		assert_int_equal(teardown(state), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redirects),
		EACH(test_refusal_is_told_at_once),
		cmocka_unit_test(test_validators_of_a_redirect),
		cmocka_unit_test(test_ways_of_a_redirect),
		EACH(test_locations_are_spelled_in_one_way),
		cmocka_unit_test(test_circles_by_other_spellings),
		EACH(test_says_what_is_long),
		EACH(test_asked_in_place_of_the_own),
		EACH(test_asked_in_place_may_not_be_private),
		cmocka_unit_test(test_users_in_locations),
		cmocka_unit_test(test_private_redirects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
