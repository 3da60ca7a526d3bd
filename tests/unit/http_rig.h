/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_HTTP_RIG_H
#define HEADLINED_TESTS_UNIT_HTTP_RIG_H

/*
 * Transfers against a scripted server on the same loop, and what a client saw
 * of each. After cmocka.h.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/http.h"
#include "loopback.h"

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)
#define OK_HEAD "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

static const struct route hello[] = {
	{ "/x", OK_HEAD "hello", 0, KEEP_OPEN },
	{ "http://public.example/x", OK_HEAD "proxy", 0, KEEP_OPEN },
	{ "http://xn--bcher-kva.example/x", OK_HEAD "proxy", 0, KEEP_OPEN },
	{ 0 }
};

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

static inline int
on_header(struct str name, struct str value, void *ctx)
{
	struct seen *s = ctx;
	size_t n = strlen(s->headers);

	snprintf(s->headers + n, sizeof(s->headers) - n, "%.*s=%.*s\n",
	    STR_ARG(name), STR_ARG(value));
	return s->stop_at_header;
}

static inline int
on_headers_end(int status, void *ctx)
{
	struct seen *s = ctx;

	s->headers_end_status = status;
	s->n_headers_end++;
	return s->stop_at_head;
}

static inline int
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

static inline void
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

static inline int
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

static inline int
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

static inline struct http_transfer *
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

static inline void
run(struct world *w, const struct http_request *r, struct seen *s)
{
	start(w, r, s);
	loop_until(w->base, &s->done);
	assert_int_equal(s->n_end, 1);
}

static inline struct http_request
get(const char *url)
{
	return (struct http_request){ .url = url, .user_agent = "test/1",
		.timeout_ms = 10000 };
}

#endif
