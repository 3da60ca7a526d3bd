/* SPDX-License-Identifier: ISC */
/*
 * daemon/control_backtest and daemon/control_why: questions over HTTP on one
 * loop, with the threads behind them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "base/buf.h"
#include "base/clock.h"
#include "conf_fixture.h"
#include "daemon/control_aside.h"
#include "daemon/control_backtest.h"
#include "daemon/control_why.h"
#include "daemon/status.h"
#include "texts_rig.h"

#define R(test)	cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define URL	"http://a.example/g-1"
#define LONG	"a-topic-of-which-the-name-is-as-long-as-one-that-may-be-" \
	"meant-i"

enum { MANY = 2000, WATCH_S = 60 };

struct rig {
	struct texts_rig	 r;		/* the first */
	struct event_base	*base;
	struct evhttp		*http;
	struct evhttp_bound_socket *bound;
	struct control_backtests *backtests;
	struct control_asides	*asides;
	struct clock		 clock;
	struct status_env	 env;
};

/* One that asks. */
struct client {
	struct rig			*rig;
	struct evhttp_connection	*connection;
	struct buf			 body;
	int				 code;	/* 0: no answer yet */
	bool				 ended, stops;	/* the loop, at its
							 * first bytes */
};

static const char conf_text[] =
    "feeds: ['" FEED "']\n"
    "topics:\n"
    "  peace: {match: peace}\n"
    "  war: {match: war}\n"
    "  " LONG "s: {match: zebra}\n";

static void
on_request(struct evhttp_request *req, void *ctx)
{
	const char *path = evhttp_uri_get_path(
	    evhttp_request_get_evhttp_uri(req));
	struct rig *r = ctx;

	if (strcmp(path, "/why") == 0)
		control_why(r->asides, req, &r->env);
	else
		control_backtests_start(r->backtests, req, &r->env);
}

static int
set_up(void **state)
{
	struct texts_rig *texts = NULL;
	struct rig *r;

	assert_int_equal(texts_setup((void **)&texts), 0);
	r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->r = *texts;
	free(texts);
	clock_init_manual(&r->clock, INT64_C(1) * NOW_S * CLOCK_US_PER_S);
	r->base = event_base_new();
	r->http = evhttp_new(r->base);
	r->bound = evhttp_bind_socket_with_handle(r->http, "127.0.0.1", 0);
	assert_non_null(r->bound);
	evhttp_set_gencb(r->http, on_request, r);
	r->backtests = control_backtests_new(r->base);
	r->asides = control_asides_new(r->base);
	assert_non_null(r->backtests);
	assert_non_null(r->asides);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	control_backtests_free(r->backtests);
	control_asides_free(r->asides);
	evhttp_free(r->http);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	event_base_free(r->base);
	return texts_teardown(state);
}

/* store.path is the rig's. */
static void
configure(struct rig *r)
{
	struct buf text;

	buf_init(&text, 1 << 16);
	buf_addf(&text, "%sstore: {path: %s}\n", conf_text, r->r.store_path);
	r->env = (struct status_env){ .conf = load_whole(&r->r.f,
		buf_cstr(&text)), .clock = &r->clock, .instance = "desk-1" };
	buf_clear(&text);
}

static void
put_many(struct rig *r, int n)
{
	char title[600];

	for (int i = 0; i < n; i++) {
		struct told_text t = { FEED, (uint64_t)i + 1, ITEM_FIRST,
			NOW_S - n + i, title, NULL, NULL, false };

		snprintf(title, sizeof(title), "peace %0500d", i);
		put_text(&r->r, &t);
	}
}

static void
on_chunk(struct evhttp_request *req, void *ctx)
{
	struct evbuffer *in = evhttp_request_get_input_buffer(req);
	struct client *c = ctx;
	size_t n = evbuffer_get_length(in);
	char *to = buf_reserve(&c->body, n);

	assert_non_null(to);
	c->body.n += (size_t)evbuffer_remove(in, to, n);
	to[n] = '\0';
	if (c->stops)
		(void)event_base_loopbreak(c->rig->base);
}

static void
on_end(struct evhttp_request *req, void *ctx)
{
	struct client *c = ctx;

	c->ended = true;
	c->code = req != NULL ? evhttp_request_get_response_code(req) : -1;
	if (req != NULL)
		on_chunk(req, c);
}

static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	fail_msg("nothing comes");
}

static void
ask(struct rig *r, struct client *c, const char *path, const char *body)
{
	struct evhttp_request *req = evhttp_request_new(on_end, c);
	struct sockaddr_in sin;
	socklen_t size = sizeof(sin);

	*c = (struct client){ .rig = r };
	buf_init(&c->body, 64 << 20);
	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(r->bound),
	    (struct sockaddr *)&sin, &size), 0);
	c->connection = evhttp_connection_base_new(r->base, NULL, "127.0.0.1",
	    ntohs(sin.sin_port));
	assert_non_null(c->connection);
	evhttp_request_set_chunked_cb(req, on_chunk);
	if (body[0] != '\0')
		assert_int_equal(evbuffer_add(
		    evhttp_request_get_output_buffer(req), body,
		    strlen(body)), 0);
	assert_int_equal(evhttp_make_request(c->connection, req,
	    body[0] != '\0' ? EVHTTP_REQ_POST : EVHTTP_REQ_GET, path), 0);
}

/* Until it has its answer, or, where it stops, some of it. */
static void
run(struct client *c)
{
	struct event *watch = evtimer_new(c->rig->base, on_watch, NULL);
	const struct timeval tv = { .tv_sec = WATCH_S };

	assert_int_equal(evtimer_add(watch, &tv), 0);
	while (!c->ended && !(c->stops && c->body.n > 0))
		event_base_loop(c->rig->base, EVLOOP_ONCE);
	event_free(watch);
}

static void
hang_up(struct client *c)
{
	evhttp_connection_free(c->connection);
	buf_clear(&c->body);
}

static size_t
lines_with(const struct client *c, const char *beginning)
{
	size_t n = 0;

	for (const char *p = buf_cstr(&c->body); p != NULL && *p != '\0';
	    p = strchr(p, '\n'), p = p != NULL ? p + 1 : NULL)
		n += strncmp(p, beginning, strlen(beginning)) == 0;
	return n;
}

static void
test_lines(void **state)
{
	struct rig *r = *state;
	struct client c;

	configure(r);
	put_many(r, MANY);
	ask(r, &c, "/backtest?limit=10000&topic=peace", "");
	run(&c);
	assert_int_equal(c.code, HTTP_OK);
	assert_true(lines_with(&c, "{\"progress\":") > 0);
	assert_int_equal(lines_with(&c, "{\"day\":"), 1);
	assert_int_equal(lines_with(&c, "{\"seen\":"), MANY);
	assert_int_equal(lines_with(&c, "{\"end\":"), 1);
	assert_non_null(strstr(buf_cstr(&c.body), "\"listed\":2000"));
	hang_up(&c);
	ask(r, &c, "/backtest?limit=1", "peace AND NOT war");
	run(&c);
	assert_int_equal(c.code, HTTP_OK);
	assert_int_equal(lines_with(&c, "{\"seen\":"), 1);
	assert_non_null(strstr(buf_cstr(&c.body), "\"topic\":\"query\""));
	hang_up(&c);
}

/* What topics may name, a query may: theirs is not counted with it. */
static void
test_names(void **state)
{
	struct rig *r = *state;
	struct client c;

	configure(r);
	put_many(r, MANY);
	ask(r, &c, "/backtest?limit=1", "topic:peace AND NOT topic:war");
	run(&c);
	assert_int_equal(c.code, HTTP_OK);
	assert_int_equal(lines_with(&c, "{\"day\":"), 1);
	assert_non_null(strstr(buf_cstr(&c.body),
	    "\"topic\":\"query\",\"alerts\":2000"));
	hang_up(&c);
	ask(r, &c, "/backtest?limit=1", "topic:war");
	run(&c);
	assert_int_equal(c.code, HTTP_OK);
	assert_non_null(strstr(buf_cstr(&c.body), "\"alerts\":0"));
	hang_up(&c);
}

static const struct {
	const char	*path, *body;
	int		 code;
	const char	*says;
} refusals[] = {
	{ "/backtest?since=0d", "", 400, "since" },
	{ "/backtest?since=401d", "", 400, "since" },
	{ "/backtest?limit=10001", "", 400, "limit" },
	{ "/backtest?limit=x", "", 400, "limit" },
	{ "/backtest?other=1", "", 400, "other is not known" },
	{ "/backtest?topic=paece", "", 404, "did you mean peace?" },
	{ "/backtest?topic=" LONG "n", "", 404, LONG "s?)\"" },
	{ "/backtest?topic=peace", "war", 400, "not both" },
	{ "/backtest", "peace talks", 400, "\"offset\":0" },
	{ "/backtest", "topic:paece", 400, "did you mean peace?" },
	{ "/backtest", "war AND list:none.txt", 400, "\"offset\":13" },
	{ "/backtest", "topic:peace war", 400, "\"offset\":0" },
	{ "/why", "", 400, "which item" },
	{ "/why?url=" URL "&limit=1001", "", 400, "limit" },
	{ "/why?url=" URL "&x=1", "", 400, "known" },
	{ "/why?url=" URL "&topic=paece", "", 404, "did you mean peace?" },
	{ "/why?url=http%3A//a.example/none", "", 404, "no item" },
};

static void
test_refusals(void **state)
{
	struct rig *r = *state;
	struct client c;

	configure(r);
	for (size_t i = 0; i < N(refusals); i++) {
		ask(r, &c, refusals[i].path, refusals[i].body);
		run(&c);
		if (c.code != refusals[i].code || strstr(buf_cstr(&c.body),
		    refusals[i].says) == NULL)
			fail_msg("%s: %d %s", refusals[i].path, c.code,
			    buf_cstr(&c.body));
		hang_up(&c);
	}
}

/* The first has begun and does not read on, so it cannot end. */
static void
test_one_at_a_time(void **state)
{
	struct rig *r = *state;
	struct client first, second;

	configure(r);
	put_many(r, MANY);
	ask(r, &first, "/backtest?limit=10000", "");
	first.stops = true;
	run(&first);
	ask(r, &second, "/backtest", "");
	second.stops = false;
	run(&second);
	/* Unless the loop has brought the first to its end meanwhile. */
	if (!first.ended)
		assert_int_equal(second.code, 409);
	hang_up(&second);
	hang_up(&first);
	do {
		ask(r, &second, "/backtest", "");
		run(&second);
		hang_up(&second);
	} while (second.code == 409);
	assert_int_equal(second.code, HTTP_OK);
}

/* With threads under way, and with requests that wait for them. */
static void
test_ends_at_any_time(void **state)
{
	struct rig *r = *state;
	struct client c[6];

	configure(r);
	put_many(r, MANY);
	ask(r, &c[0], "/backtest?limit=10000", "");
	for (size_t i = 1; i < N(c); i++)
		ask(r, &c[i], "/why?url=" URL, "");
	c[0].stops = true;
	run(&c[0]);
	hang_up(&c[1]);
	for (size_t i = 0; i < 3; i++)
		event_base_loop(r->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	/* The rest is under way when all is freed. */
	control_backtests_free(r->backtests);
	control_asides_free(r->asides);
	r->backtests = NULL;
	r->asides = NULL;
	evhttp_free(r->http);
	r->http = evhttp_new(r->base);
	hang_up(&c[0]);
	for (size_t i = 2; i < N(c); i++)
		hang_up(&c[i]);
}

/* Whoever asked is gone before the query is compiled, or all is. */
static void
test_hangs_up_before_it_begins(void **state)
{
	struct rig *r = *state;
	struct client c;

	configure(r);
	put_many(r, MANY);
	for (int i = 0; i < 10; i++) {
		ask(r, &c, "/backtest", "topic:peace");
		for (int turn = 0; turn < i; turn++)
			event_base_loop(r->base, EVLOOP_ONCE |
			    EVLOOP_NONBLOCK);
		hang_up(&c);
	}
	do {
		ask(r, &c, "/backtest", "topic:peace");
		run(&c);
		hang_up(&c);
	} while (c.code == 409);
	assert_int_equal(c.code, HTTP_OK);
	ask(r, &c, "/backtest", "topic:peace");
	for (int turn = 0; turn < 5; turn++)
		event_base_loop(r->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	control_backtests_free(r->backtests);
	r->backtests = NULL;
	evhttp_free(r->http);
	r->http = evhttp_new(r->base);
	hang_up(&c);
}

static void
test_why(void **state)
{
	struct rig *r = *state;
	struct client c[8];
	size_t n_found = 0;

	configure(r);
	put_many(r, 1);
	for (size_t i = 0; i < N(c); i++)
		ask(r, &c[i], "/why?url=" URL "&topic=peace", "");
	for (size_t i = 0; i < N(c); i++) {
		run(&c[i]);
		assert_true(c[i].code == HTTP_OK || c[i].code == 503);
		if (c[i].code == HTTP_OK)
			assert_non_null(strstr(buf_cstr(&c[i].body),
			    "\"n_held\":1"));
		n_found += c[i].code == HTTP_OK;
		hang_up(&c[i]);
	}
	assert_true(n_found >= 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		R(test_lines),
		R(test_names),
		R(test_refusals),
		R(test_one_at_a_time),
		R(test_ends_at_any_time),
		R(test_hangs_up_before_it_begins),
		R(test_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
