/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_FETCH_RIG_H
#define HEADLINED_TESTS_UNIT_FETCH_RIG_H

/*
 * Fetches against a scripted server on the same loop. Where a chain of
 * redirects crosses hosts the server plays the proxy, so that the hosts may
 * have public names. After cmocka.h.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/http.h"
#include "feeds/fetch.h"
#include "feeds/host_gate.h"
#include "loopback.h"

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

#define GO(status, to) "HTTP/1.1 " status " Go\r\nLocation: " to "\r\n" \
	"Content-Length: 0\r\n\r\n"
#define ANSWER(status)	"HTTP/1.1 " status " X\r\nContent-Length: 2\r\n\r\nno"
#define FEED "HTTP/1.1 200 OK\r\nETag: \"new\"\r\nContent-Type: text/xml\r\n" \
	"Content-Length: 6\r\n\r\n<rss/>"

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

static inline int
on_open(const struct http_meta *meta, const char *url, void *ctx)
{
	struct seen *s = ctx;

	s->n_open++;
	snprintf(s->open_url, sizeof(s->open_url), "%s", url);
	snprintf(s->open_type, sizeof(s->open_type), "%s",
	    meta->content_type != NULL ? meta->content_type : "");
	return s->stop_at_open;
}

static inline int
on_body(const char *p, size_t n, void *ctx)
{
	struct seen *s = ctx;
	size_t at = strlen(s->body);

	assert_int_equal(s->n_open, 1);
	snprintf(s->body + at, sizeof(s->body) - at, "%.*s", (int)n, p);
	return s->stop_at_body;
}

static inline void
on_wait(bool waits, void *ctx)
{
	struct seen *s = ctx;

	assert_int_equal(s->waits, !waits);
	s->waits = waits;
	s->n_waits += waits;
}

static inline void
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

static inline int
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

static inline int
setup(void **state)
{
	static const struct host_gate_settings set = { 1, 0 };

	return setup_with(state, &set);
}

static inline int
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

static inline struct fetch *
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
static inline void
assert_gate_is_free(struct world *w, const char *url)
{
	struct err err;
	char host[300];

	assert_int_equal(fetch_host_of(url, host, sizeof(host), &err), 0);
	assert_int_equal(host_gate_enter(w->gate, host,
	    clock_mono_us(&w->clock)), 0);
	host_gate_leave(w->gate, host, clock_mono_us(&w->clock));
}

static inline void
run(struct world *w, const struct fetch_request *r, struct seen *s)
{
	start(w, r, s);
	loop_until(w->base, &s->done);
	assert_int_equal(s->n_end, 1);
}

static inline struct fetch_request
request(const char *url)
{
	return (struct fetch_request){ .url = url, .user_agent = "test/1",
		.timeout_ms = 10000, .max_body_bytes = 4096 };
}

/*
 * Outcomes: each case is one URL, a list of routes, and what must be said
 */

struct outcome_case {
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
};

static inline void
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

static inline void
check_outcomes(void **state, const struct outcome_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		print_message("  %s\n", cases[i].says);
		assert_int_equal(setup(state), 0);
		check_outcome(*state, &cases[i]);
		assert_int_equal(teardown(state), 0);
	}
}

#endif
