/* SPDX-License-Identifier: ISC */
/* A loop for the one fetch, and a gate that nobody else wants to pass. */
#include "daemon/ctl_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/http.h"
#include "feeds/fetch.h"
#include "feeds/host_gate.h"

enum { TIMEOUT_MS = 30000, ACCEPT_SIZE = 256, HOST_SIZE = 512 };

struct fetching {
	struct event_base	*base;
	struct ctl_fetched	*got;
	struct err		*err;
	int			 rc;
};

static int
fetching_on_open(const struct http_meta *meta, const char *url, void *ctx)
{
	(void)meta;
	(void)url;
	(void)ctx;
	return 0;
}

static int
fetching_on_body(const char *bytes, size_t n, void *ctx)
{
	struct fetching *f = ctx;
	struct buf *body = &f->got->body;
	size_t room = body->max - body->n;

	buf_add(body, bytes, n < room ? n : room);
	f->got->is_cut = n > room;
	return body->failed || f->got->is_cut;
}

static int
take_result(struct fetching *f, const struct fetch_result *r)
{
	struct ctl_fetched *got = f->got;
	bool whole = r->outcome == FETCH_FRESH ||
	    (r->outcome == FETCH_STOPPED && got->is_cut);

	if (!whole)
		return err_set(f->err, "%s", r->outcome == FETCH_STOPPED ?
		    "out of memory" : r->message);
	got->url = strdup(r->url);
	if (r->meta->content_type != NULL)
		got->content_type = strdup(r->meta->content_type);
	if (got->body.failed || got->url == NULL ||
	    (got->content_type == NULL && r->meta->content_type != NULL))
		return err_set(f->err, "out of memory");
	return 0;
}

static void
fetching_on_end(const struct fetch_result *r, void *ctx)
{
	struct fetching *f = ctx;

	f->rc = take_result(f, r);
	/* libcurl leaves its timers in the loop: ten seconds of them. What
	 * fails here only makes it wait for those. */
	(void)event_base_loopexit(f->base, NULL);
}

/* The gate is entered by whom starts a fetch, which leaves it. */
static int
run(const struct fetch_env *env, const struct fetch_request *request,
    struct fetching *f)
{
	static const struct fetch_ops ops = { .on_open = fetching_on_open,
		.on_body = fetching_on_body, .on_end = fetching_on_end };
	char host[HOST_SIZE];

	if (fetch_host_of(request->url, host, sizeof(host), f->err) == -1)
		return -1;
	if (host_gate_enter(env->gate, host, clock_mono_us(env->clock)) != 0)
		return err_set(f->err, "out of memory");
	f->base = env->base;
	if (fetch_start(env, request, &ops, f, f->err) == NULL)
		return -1;
	/* Ends when the fetch has. */
	if (event_base_dispatch(env->base) == -1)
		return err_set(f->err, "the event loop failed");
	return f->rc;
}

static int
run_in_loop(const struct fetch_request *request, struct fetching *f)
{
	static const struct host_gate_settings open = { .per_host = 1 };
	struct clock clock;
	struct fetch_env env = { .clock = &clock };
	int rc = -1;

	if (clock_init(&clock, f->err) == -1)
		return -1;
	env.base = event_base_new();
	env.http = env.base != NULL ? http_new(env.base, 1) : NULL;
	env.gate = host_gate_new(&open);
	if (env.http == NULL || env.gate == NULL)
		(void)err_set(f->err, "out of memory");	/* always -1 */
	else
		rc = run(&env, request, f);
	http_free(env.http);
	host_gate_free(env.gate);
	if (env.base != NULL)
		event_base_free(env.base);
	return rc;
}

bool
ctl_is_url(const char *s)
{
	struct str all = str_from(s);

	return str_eq_nocase(str_sub(all, 0, 7), STR("http://")) ||
	    str_eq_nocase(str_sub(all, 0, 8), STR("https://"));
}

bool
ctl_is_meant_as_url(const char *arg)
{
	return access(arg, F_OK) == -1 && strpbrk(arg, ".:") != NULL &&
	    strpbrk(arg, " \t\n") == NULL;
}

int
ctl_fetch(const char *url, const char *accept, size_t max_bytes,
    struct ctl_fetched *got, struct err *err)
{
	char line[ACCEPT_SIZE];
	const char *const lines[] = { line, NULL };
	const struct fetch_request request = { .url = url,
		.headers = accept != NULL ? lines : NULL,
		.user_agent = "headlined/" HEADLINED_VERSION,
		.timeout_ms = TIMEOUT_MS };
	struct fetching f = { .got = got, .err = err, .rc = -1 };
	int rc;

	snprintf(line, sizeof(line), "Accept: %s",
	    accept != NULL ? accept : "");
	*got = (struct ctl_fetched){ 0 };
	buf_init(&got->body, max_bytes);
	rc = run_in_loop(&request, &f);
	if (rc == -1)
		ctl_fetched_clear(got);
	return rc;
}

void
ctl_fetched_clear(struct ctl_fetched *got)
{
	buf_clear(&got->body);
	free(got->url);
	free(got->content_type);
	got->url = got->content_type = NULL;
}
