/* SPDX-License-Identifier: ISC */
/*
 * Fetches against a scripted server on the same loop. Where a chain of
 * redirects crosses hosts the server plays the proxy, so that the hosts may
 * have public names.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address_cap.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/http.h"
#include "base/lookup_slots.h"
#include "feeds/fetch.h"
#include "feeds/host_gate.h"
#include "loopback.h"

struct world {
	struct event_base	*base;
	struct server		 server, other;
	struct http		*http;
	struct host_gate	*gate;
	struct clock		 clock;
	struct fetch_env	 env;
	char			 proxy[64];
};

struct seen {
	unsigned		 n_open, n_end;
	char			 open_url[256], open_type[64];
	char			 body[8192];
	struct fetch_result	 result;	/* without meta, url */
	char			 url[256], word[32], etag[64];
	bool			 stop_at_open, stop_at_body, done;
	bool			 waits;
	unsigned		 n_waits;
};

static int
on_open(const struct http_meta *meta, const char *url, void *ctx)
{
	struct seen *s = ctx;

	s->n_open++;
	snprintf(s->open_url, sizeof(s->open_url), "%s", url);
	snprintf(s->open_type, sizeof(s->open_type), "%s",
	    meta->content_type != NULL ? meta->content_type : "");
	return s->stop_at_open;
}

static int
on_body(const char *p, size_t n, void *ctx)
{
	struct seen *s = ctx;
	size_t at = strlen(s->body);

	assert_int_equal(s->n_open, 1);
	snprintf(s->body + at, sizeof(s->body) - at, "%.*s", (int)n, p);
	return s->stop_at_body;
}

static void
on_wait(bool waits, void *ctx)
{
	struct seen *s = ctx;

	assert_int_equal(s->waits, !waits);
	s->waits = waits;
	s->n_waits += waits;
}

static void
on_end(const struct fetch_result *res, void *ctx)
{
	struct seen *s = ctx;

	s->n_end++;
	s->result = *res;
	snprintf(s->url, sizeof(s->url), "%s", res->url);
	snprintf(s->word, sizeof(s->word), "%s", res->word);
	snprintf(s->etag, sizeof(s->etag), "%s",
	    res->meta->etag != NULL ? res->meta->etag : "");
	s->done = true;
}

static const struct fetch_ops ops = { .on_open = on_open,
	.on_body = on_body, .on_wait = on_wait, .on_end = on_end };

static int
setup_with(void **state, const struct host_gate_settings *set)
{
	struct world *w = calloc(1, sizeof(*w));
	struct err err;

	w->base = event_base_new();
	server_start(&w->server, w->base);
	server_start(&w->other, w->base);
	w->http = http_new(w->base, 8);
	w->gate = host_gate_new(set);
	assert_int_equal(clock_init(&w->clock, &err), 0);
	w->env = (struct fetch_env){ w->base, w->http, w->gate, &w->clock };
	snprintf(w->proxy, sizeof(w->proxy), "http://127.0.0.1:%d",
	    w->server.port);
	*state = w;
	return 0;
}

static int
setup(void **state)
{
	static const struct host_gate_settings set = { 1, 0 };

	return setup_with(state, &set);
}

/* 100 s of the daemon's clock are a tenth of a second here. */
static int
setup_with_gap(void **state)
{
	static const struct host_gate_settings set = {
		1, 100 * CLOCK_US_PER_S
	};
	int rc;

	setenv("HEADLINED_TIME_SCALE", "1000", 1);
	rc = setup_with(state, &set);
	unsetenv("HEADLINED_TIME_SCALE");
	return rc;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	http_free(w->http);
	loop_drain(w->base);
	server_stop(&w->server);
	server_stop(&w->other);
	host_gate_free(w->gate);
	event_base_free(w->base);
	free(w);
	return 0;
}

static struct fetch *
start(struct world *w, const struct fetch_request *r, struct seen *s)
{
	struct fetch *f;
	struct err err;
	char host[300];

	assert_int_equal(fetch_host_of(r->url, host, sizeof(host), &err), 0);
	assert_int_equal(host_gate_enter(w->gate, host,
	    clock_mono_us(&w->clock)), 0);
	f = fetch_start(&w->env, r, &ops, s, &err);
	assert_non_null(f);
	assert_false(s->done);
	return f;
}

/* One at once is allowed: whoever is let in finds nobody there. */
static void
assert_gate_is_free(struct world *w, const char *url)
{
	struct err err;
	char host[300];

	assert_int_equal(fetch_host_of(url, host, sizeof(host), &err), 0);
	assert_int_equal(host_gate_enter(w->gate, host,
	    clock_mono_us(&w->clock)), 0);
	host_gate_leave(w->gate, host, clock_mono_us(&w->clock));
}

static void
run(struct world *w, const struct fetch_request *r, struct seen *s)
{
	start(w, r, s);
	loop_until(w->base, &s->done);
	assert_int_equal(s->n_end, 1);
}

static struct fetch_request
request(const char *url)
{
	return (struct fetch_request){ .url = url, .user_agent = "test/1",
		.timeout_ms = 10000, .max_body_bytes = 4096 };
}

#define GO(status, to) "HTTP/1.1 " status " Go\r\nLocation: " to "\r\n" \
	"Content-Length: 0\r\n\r\n"
#define ANSWER(status)	"HTTP/1.1 " status " X\r\nContent-Length: 2\r\n\r\nno"
#define FEED "HTTP/1.1 200 OK\r\nETag: \"new\"\r\nContent-Type: text/xml\r\n" \
	"Content-Length: 6\r\n\r\n<rss/>"

#define DELTA(im) "HTTP/1.1 226 IM Used\r\nETag: \"new\"\r\n" im \
	"\r\nContent-Type: text/xml\r\nContent-Length: 6\r\n\r\n<rss/>"
#define STRANGE_FORM "a.example: answered 226, a change in a form that was " \
	"not asked for"

/*
 * Outcomes: each case is one URL, a list of routes, and what must be said
 */

static const struct outcome_case {
	const char		*says;
	struct route		 routes[8];
	enum fetch_outcome	 outcome;
	int			 status;
	const char		*word;
	const char		*message;	/* NULL: empty */
	const char		*url;		/* of the last hop; NULL: x */
	bool			 moved_for_good;
	size_t			 n_requests;
	const char		*etag;		/* sent */
} outcomes[] = {
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
	{ "it wants a login", { { "http://a.example/x", ANSWER("401"), 0,
	      0 } }, FETCH_REFUSED, 401, "http_401", "a.example: answered "
	    "401: it wants user and password (credentials_file: FILE)", NULL,
	    false, 1, NULL },
	{ "so does who it led to", {
	    { "http://a.example/x", GO("302", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", ANSWER("401"), 0, 0 } },
	    FETCH_REFUSED, 401, "http_401", "b.example: answered 401: it "
	    "wants a login, and has none as another server led there",
	    "http://b.example/y", false, 2, NULL },
	{ "the proxy wants one", { { "http://a.example/x", ANSWER("407"), 0,
	      0 } }, FETCH_REFUSED, 407, "http_407", "a.example: answered "
	    "407: the proxy wants user and password (proxy: "
	    "http://USER:PASSWORD@HOST:PORT)", NULL, false, 1, NULL },
	{ "to a page that is gone", {
	    { "http://a.example/x", GO("301", "http://b.example/y"), 0, 0 },
	    { "http://b.example/y", ANSWER("410"), 0, 0 } },
	    FETCH_GONE, 410, "http_410", "b.example: answered 410",
	    "http://b.example/y", true, 2, NULL },
};

static void
check_outcome(struct world *w, const struct outcome_case *c)
{
	const char *url = c->url != NULL ? c->url : "http://a.example/x";
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };
	size_t before = w->server.n_requests;

	w->server.routes = c->routes;
	r.proxy = w->proxy;
	r.etag = c->etag;
	run(w, &r, &s);
	assert_string_equal(s.word, c->word);
	assert_int_equal(s.result.outcome, c->outcome);
	assert_int_equal(s.result.status, c->status);
	assert_string_equal(s.result.message,
	    c->message != NULL ? c->message : "");
	assert_string_equal(s.url, url);
	assert_int_equal(s.result.moved_for_good, c->moved_for_good);
	assert_int_equal(w->server.n_requests - before, c->n_requests);
	if (c->outcome == FETCH_FRESH) {
		assert_string_equal(s.body, "<rss/>");
		assert_string_equal(s.open_url, url);
		assert_string_equal(s.open_type, "text/xml");
		assert_string_equal(s.etag, "\"new\"");
		assert_int_equal(s.result.body_bytes, 6);
	} else if (c->status != 200)
		assert_int_equal(s.n_open, 0);
	assert_gate_is_free(w, "http://a.example/x");
	assert_gate_is_free(w, url);
}

static void
test_outcomes(void **state)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		print_message("  %s\n", outcomes[i].says);
		assert_int_equal(setup(state), 0);
		check_outcome(*state, &outcomes[i]);
		assert_int_equal(teardown(state), 0);
	}
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
 * What is sent
 */

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

/*
 * The address guard: no proxy here, real addresses of this machine
 */

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

/*
 * The gate
 */

static void
test_waits_for_another_gate(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ "http://b.example/y", GO("302", "/z"), 0, 0 },
		{ "http://b.example/z", FEED, 0, 0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };
	int64_t begun = clock_mono_us(&w->clock), b_entered;

	w->server.routes = routes;
	r.proxy = w->proxy;
	b_entered = clock_mono_us(&w->clock);
	assert_int_equal(host_gate_enter(w->gate, "b.example:80", b_entered),
	    0);
	host_gate_leave(w->gate, "b.example:80", b_entered);
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_FRESH);
	/* The second hop on b waited for another gap. */
	assert_true(clock_mono_us(&w->clock) - begun >=
	    200 * CLOCK_US_PER_S);
	assert_true(host_gate_enter(w->gate, "b.example:80", b_entered +
	    250 * CLOCK_US_PER_S) > 0);
}

/* Nothing is sent while it waits, and it is no failure. It stays in the gate,
 * and so its gap does not begin anew. */
static void
test_waits_for_an_address(void **state)
{
	static const struct route silent[] = { { "/x", NULL, 0, 0 }, { 0 } };
	static const struct route feed[] = { { "/x", FEED, 0, 0 }, { 0 } };
	struct world *w = *state;
	struct address_cap *cap = address_cap_new(1);
	char first_url[64], url[64], host[64];
	struct fetch_request first = request(first_url), r = request(url);
	struct seen held = { 0 }, s = { 0 };
	struct fetch *f;

	http_share_limits(w->http, cap, NULL);
	snprintf(first_url, sizeof(first_url), "http://127.0.0.1:%d/x",
	    w->server.port);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", w->other.port);
	w->server.routes = silent;
	w->other.routes = feed;
	f = start(w, &first, &held);
	while (w->server.n_requests < 1)
		event_base_loop(w->base, EVLOOP_ONCE);
	start(w, &r, &s);
	while (s.n_waits < 2)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_true(s.waits);
	snprintf(host, sizeof(host), "127.0.0.1:%d", w->other.port);
	assert_true(host_gate_enter(w->gate, host,
	    clock_mono_us(&w->clock)) > 0);
	assert_int_equal(w->other.n_connections, 0);
	fetch_cancel(f);
	loop_until(w->base, &s.done);
	assert_false(s.waits);
	assert_int_equal(s.result.outcome, FETCH_FRESH);
	assert_int_equal(w->other.n_requests, 1);
	assert_int_equal(held.n_waits, 0);
	assert_gate_is_free(w, url);
	http_free(w->http);
	w->http = NULL;
	address_cap_free(cap);
}

/* So is a name that finds no slot. */
static void
test_waits_for_a_look_up(void **state)
{
	static const struct route feed[] = { { "/x", FEED, 0, 0 }, { 0 } };
	struct world *w = *state;
	struct lookup_slots *lookups = lookup_slots_new(1);
	int slots[LOOKUP_PER_NAME];
	char url[64];
	struct fetch_request r = request(url);
	struct seen s = { 0 };

	http_share_limits(w->http, NULL, lookups);
	for (int i = 0; i < LOOKUP_PER_NAME; i++)
		slots[i] = lookup_slots_take(lookups, "localhost", 0);
	snprintf(url, sizeof(url), "http://localhost:%d/x", w->other.port);
	w->other.routes = feed;
	start(w, &r, &s);
	loop_until(w->base, &s.waits);
	assert_int_equal(w->other.n_connections, 0);
	lookup_slots_done(lookups, slots[0], 0);
	loop_until(w->base, &s.done);
	assert_int_equal(s.result.outcome, FETCH_FRESH);
	http_free(w->http);
	w->http = NULL;
	lookup_slots_free(lookups);
}

/* Not for ever, and a try counts, which stands in the line for HTTP_LINE_MS:
 * the second one is the last. Nobody has failed. */
static void
test_gives_up_a_look_up(void **state)
{
	struct world *w = *state;
	struct lookup_slots *lookups = lookup_slots_new(1);
	char url[64];
	struct fetch_request r = request(url);
	struct seen s = { 0 };

	http_share_limits(w->http, NULL, lookups);
	for (int i = 0; i < LOOKUP_PER_NAME; i++)
		(void)lookup_slots_take(lookups, "localhost", 0);
	snprintf(url, sizeof(url), "http://localhost:%d/x", w->other.port);
	r.patience = &(struct fetch_patience){ .idle_ms = 10000,
		.busy_ms = HTTP_LINE_MS / 2 };
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_HELD);
	assert_string_equal(s.word, "busy");
	assert_int_equal(s.n_waits, 1);
	assert_int_equal(w->other.n_connections, 0);
	assert_gate_is_free(w, url);
	http_free(w->http);
	w->http = NULL;
	lookup_slots_free(lookups);
}

static void
test_cancel_while_it_waits(void **state)
{
	struct world *w = *state;
	struct address_cap *cap = address_cap_new(1);
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char url[64];
	struct fetch_request r = request(url);
	struct seen s = { 0 };
	struct fetch *f;

	http_share_limits(w->http, cap, NULL);
	assert_true(address_cap_enter(cap, (const struct sockaddr *)&in));
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", w->other.port);
	f = start(w, &r, &s);
	loop_until(w->base, &s.waits);
	fetch_cancel(f);
	loop_drain(w->base);
	assert_int_equal(s.n_end, 0);
	assert_gate_is_free(w, url);
	http_free(w->http);
	w->http = NULL;
	address_cap_free(cap);
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

static void
test_leaves_the_first_gate(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ "http://b.example/y", NULL, 0, 0 },	/* silence */
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };
	struct fetch *f;

	w->server.routes = routes;
	r.proxy = w->proxy;
	f = start(w, &r, &s);
	while (w->server.n_requests < 2)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_gate_is_free(w, "http://a.example/x");
	assert_true(host_gate_enter(w->gate, "b.example:80",
	    clock_mono_us(&w->clock)) > 0);
	fetch_cancel(f);
	assert_gate_is_free(w, "http://b.example/y");
	loop_drain(w->base);
	assert_int_equal(s.n_end, 0);
}

static void
test_does_not_wait_for_ever(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };

	w->server.routes = routes;
	r.proxy = w->proxy;
	host_gate_close_until(w->gate, "b.example:80",
	    clock_mono_us(&w->clock) + 3600 * CLOCK_US_PER_S);
	run(w, &r, &s);
	assert_int_equal(s.result.outcome, FETCH_HELD);
	assert_string_equal(s.word, "host_busy");
	assert_gate_is_free(w, "http://a.example/x");
}

static void
test_cancel_while_waiting(void **state)
{
	static const struct route routes[] = {
		{ "http://a.example/x", GO("302", "http://b.example/y"), 0,
		    0 },
		{ 0 }
	};
	struct world *w = *state;
	struct fetch_request r = request("http://a.example/x");
	struct seen s = { 0 };
	struct fetch *f;

	w->server.routes = routes;
	r.proxy = w->proxy;
	assert_int_equal(host_gate_enter(w->gate, "b.example:80",
	    clock_mono_us(&w->clock)), 0);
	f = start(w, &r, &s);
	while (w->server.n_requests < 1 || http_in_flight(w->http) > 0)
		event_base_loop(w->base, EVLOOP_ONCE);
	fetch_cancel(f);
	loop_drain(w->base);
	assert_int_equal(s.n_end, 0);
	assert_int_equal(w->server.n_requests, 1);
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

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)
#define EACH_GAP(test)							\
	cmocka_unit_test_setup_teardown(test, setup_with_gap, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outcomes),
		EACH(test_meta_in_on_end),
		EACH(test_refusal_is_told_at_once),
		cmocka_unit_test(test_ways_of_a_redirect),
		EACH(test_locations_are_spelled_in_one_way),
		cmocka_unit_test(test_circles_by_other_spellings),
		cmocka_unit_test_setup_teardown(test_says_what_is_long, setup,
		    teardown),
		EACH(test_asked_in_place_of_the_own),
		EACH(test_asked_in_place_may_not_be_private),
		cmocka_unit_test(test_users_in_locations),
		EACH(test_validators_verbatim),
		EACH(test_accept),
		EACH(test_no_change_is_asked_for_without_etag),
		cmocka_unit_test(test_validators_only_to_their_giver),
		EACH(test_inherited_validators),
		EACH(test_secrets_stay_with_their_origin),
		cmocka_unit_test(test_private_redirects),
		EACH_GAP(test_waits_for_another_gate),
		EACH(test_leaves_the_first_gate),
		EACH(test_waits_for_an_address),
		EACH(test_waits_for_a_look_up),
		EACH(test_gives_up_a_look_up),
		EACH(test_cancel_while_it_waits),
		EACH(test_stall),
		EACH(test_header_flood),
		EACH(test_does_not_wait_for_ever),
		EACH_GAP(test_cancel_while_waiting),
		EACH(test_stopped),
		EACH(test_too_big_and_too_late),
		EACH(test_long_error_page),
		EACH(test_cannot_begin),
		EACH(test_host_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
