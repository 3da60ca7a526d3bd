/* SPDX-License-Identifier: ISC */
/* The webhook sink against a real receiver on loopback. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "alerts/sink.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/http.h"

#define NOW_S	INT64_C(784111777)	/* Sun, 06 Nov 1994 08:49:37 GMT */
#define ID	"msg_0123"

/* The receiver, what it shall answer, and what it was asked. */
struct rig {
	struct event_base	*base;
	struct evhttp		*server;
	struct clock		 clock;
	struct sink_env		 env;
	const struct sink_kind	*kind;
	struct sink		*sink;
	char			 url[64];

	int			 status;
	const char		*header, *value;	/* NULL: none */
	const char		*body;

	int			 n_asked;
	enum evhttp_cmd_type	 method;
	char			 path[64];
	char			 content_type[64], id[64], timestamp[64];
	char			 signature[256], user_agent[64];
	char			 authorization[64];
	bool			 is_signed;
	struct buf		 got;

	int			 n_done;
	struct send_outcome	 outcome;
	int			 send_again;	/* from within done */
};

static void
keep(struct evhttp_request *request, const char *name, char *out, size_t max)
{
	const char *v = evhttp_find_header(
	    evhttp_request_get_input_headers(request), name);

	snprintf(out, max, "%s", v != NULL ? v : "");
}

static void
on_asked(struct evhttp_request *request, void *arg)
{
	struct rig *r = arg;
	struct evbuffer *in = evhttp_request_get_input_buffer(request);
	struct evbuffer *out;

	r->n_asked++;
	r->method = evhttp_request_get_command(request);
	snprintf(r->path, sizeof(r->path), "%s",
	    evhttp_request_get_uri(request));
	keep(request, "Content-Type", r->content_type, 64);
	keep(request, "webhook-id", r->id, 64);
	keep(request, "webhook-timestamp", r->timestamp, 64);
	keep(request, "webhook-signature", r->signature, 256);
	keep(request, "User-Agent", r->user_agent, 64);
	keep(request, "Authorization", r->authorization, 64);
	r->is_signed = evhttp_find_header(evhttp_request_get_input_headers(
	    request), "webhook-signature") != NULL;
	buf_reset(&r->got);
	buf_add(&r->got, evbuffer_pullup(in, -1), evbuffer_get_length(in));
	if (r->header != NULL)
		evhttp_add_header(evhttp_request_get_output_headers(request),
		    r->header, r->value);
	out = evbuffer_new();
	evbuffer_add(out, r->body, strlen(r->body));
	evhttp_send_reply(request, r->status, "x", out);
	evbuffer_free(out);
}

static struct sink *
open_sink(struct rig *r, struct str secret, struct err *err)
{
	struct sink_settings s = { .name = "newsroom", .kind = "webhook",
		.url = r->url, .secret = secret, .format = "cloudevents" };

	return r->kind->open(&r->env, &s, err);
}

static int
set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct evhttp_bound_socket *bound;
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	struct err err;

	*state = r;
	if (r == NULL)
		return -1;
	r->base = event_base_new();
	r->server = evhttp_new(r->base);
	evhttp_set_allowed_methods(r->server, 0xffff);
	evhttp_set_gencb(r->server, on_asked, r);
	bound = evhttp_bind_socket_with_handle(r->server, "127.0.0.1", 0);
	if (bound == NULL || getsockname(evhttp_bound_socket_get_fd(bound),
	    (struct sockaddr *)&a, &n) == -1)
		return -1;
	snprintf(r->url, sizeof(r->url), "http://127.0.0.1:%d/in?x=1",
	    ntohs(a.sin_port));
	clock_init_manual(&r->clock, NOW_S * CLOCK_US_PER_S);
	r->env = (struct sink_env){ .base = r->base,
		.http = http_new(r->base, 4), .clock = &r->clock,
		.user_agent = "headlined/9.9" };
	r->kind = sink_find_kind("webhook");
	r->sink = open_sink(r, STR_NONE, &err);
	r->status = 204;
	r->body = "";
	buf_init(&r->got, 1 << 20);
	alarm(60);
	return r->sink != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	alarm(0);
	r->kind->free(r->sink);
	http_free(r->env.http);
	evhttp_free(r->server);
	event_base_free(r->base);
	buf_clear(&r->got);
	free(r);
	return 0;
}

static void	on_done(const struct send_outcome *, void *);

static void
begin(struct rig *r, const char *body)
{
	const struct sink_message m = { STR(ID), str_from(body) };

	r->kind->send(r->sink, &m, on_done, r);
}

static void
on_done(const struct send_outcome *o, void *ctx)
{
	struct rig *r = ctx;

	r->n_done++;
	r->outcome = *o;
	if (r->send_again-- > 0)
		begin(r, "again");
	else
		event_base_loopbreak(r->base);
}

static enum send_result
send_one(struct rig *r, const char *body)
{
	int before = r->n_done;

	begin(r, body);
	if (r->n_done == before)
		event_base_dispatch(r->base);
	assert_int_equal(r->n_done, before + 1);
	return r->outcome.result;
}

static void
test_request(void **state)
{
	static const char body[] = "{\"a\":\"\xe2\x82\xac\",\r\n \"b\" : 1}\n";
	struct rig *r = *state;
	int64_t before = time(NULL), at;

	assert_int_equal(send_one(r, body), SEND_DELIVERED);
	assert_int_equal(r->method, EVHTTP_REQ_POST);
	assert_string_equal(r->path, "/in?x=1");
	assert_string_equal(r->content_type, "application/cloudevents+json");
	assert_string_equal(r->user_agent, "headlined/9.9");
	assert_string_equal(r->id, ID);
	at = strtoll(r->timestamp, NULL, 10);
	assert_true(at >= before);
	assert_true(at <= time(NULL));
	assert_false(r->is_signed);
	assert_string_equal(buf_cstr(&r->got), body);
	assert_string_equal(r->outcome.message, "");
}

/* What a receiver computes: HMAC-SHA256 over "id.timestamp.body". */
static void
sign_as_receiver(const struct rig *r, const char *key, char out[64])
{
	uint8_t mac[DIGEST_SHA256_BYTES];
	struct buf text;

	buf_init(&text, 1 << 20);
	buf_addf(&text, "%s.%s.%s", r->id, r->timestamp, buf_cstr(&r->got));
	digest_hmac_sha256(str_from(key), buf_str(&text), mac);
	memcpy(out, "v1,", 3);
	digest_base64(mac, sizeof(mac), out + 3);
	buf_clear(&text);
}

#define KEY	"abcdefghijklmnopqrstuvwxyz"
#define KEY_64	"YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo="
#define OLD	"zyxwvutsrqponmlkjihgfedcba"
#define OLD_64	"enl4d3Z1dHNycXBvbm1sa2ppaGdmZWRjYmE="

static void
test_signature(void **state)
{
	struct rig *r = *state;
	char new[64], old[64], both[130];
	struct err err;

	r->kind->free(r->sink);
	r->sink = open_sink(r, STR("whsec_" KEY_64 "\n" OLD_64 "\n"), &err);
	assert_non_null(r->sink);
	assert_int_equal(send_one(r, "{\"n\":1}"), SEND_DELIVERED);
	sign_as_receiver(r, KEY, new);
	sign_as_receiver(r, OLD, old);
	snprintf(both, sizeof(both), "%s %s", new, old);
	assert_string_equal(r->signature, both);
}

static const struct {
	const char		*says;
	int			 status;
	enum send_result	 want;
} statuses[] = {
	{ "OK", 200, SEND_DELIVERED },
	{ "created", 201, SEND_DELIVERED },
	{ "accepted", 202, SEND_DELIVERED },
	{ "any 2xx", 299, SEND_DELIVERED },
	{ "not modified is no answer to a POST", 304, SEND_SINK_WAITS },
	{ "bad request: this alert", 400, SEND_REJECTED },
	{ "unauthorized: the sink's", 401, SEND_SINK_WAITS },
	{ "forbidden: the sink's", 403, SEND_SINK_WAITS },
	{ "not found: the sink's", 404, SEND_SINK_WAITS },
	{ "request timeout", 408, SEND_SINK_WAITS },
	{ "gone", 410, SEND_SINK_GONE },
	{ "too large: this alert", 413, SEND_REJECTED },
	{ "URI too long: this alert", 414, SEND_REJECTED },
	{ "media type: this alert", 415, SEND_REJECTED },
	{ "unprocessable: this alert", 422, SEND_REJECTED },
	{ "too many requests", 429, SEND_SINK_WAITS },
	{ "server error", 500, SEND_SINK_WAITS },
	{ "unavailable", 503, SEND_SINK_WAITS },
	{ "a status nobody knows", 799, SEND_SINK_WAITS },
};

static void
test_statuses(void **state)
{
	struct rig *r = *state;
	char want[32];

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		r->status = statuses[i].status;
		if (send_one(r, "x") != statuses[i].want)
			fail_msg("%s (%d) gives %d", statuses[i].says,
			    r->status, (int)r->outcome.result);
		if (statuses[i].want == SEND_DELIVERED)
			continue;
		snprintf(want, sizeof(want), "HTTP %d", r->status);
		assert_string_equal(r->outcome.message, want);
	}
}

static void
test_redirects_are_not_followed(void **state)
{
	static const int redirects[] = { 301, 302, 303, 307, 308 };
	struct rig *r = *state;

	r->header = "Location";
	r->value = "/elsewhere";
	for (int i = 0; i < 5; i++) {
		r->status = redirects[i];
		assert_int_equal(send_one(r, "x"), SEND_SINK_WAITS);
		assert_int_equal(r->n_asked, i + 1);
		assert_string_equal(r->path, "/in?x=1");
	}
}

/* Whereto helps to mend the address; a path may be a secret. */
static const struct {
	const char	*leads;
	const char	*want;
} redirects[] = {
	{ "https://hooks.example.org/T0/secret",
	    "HTTP 301: redirects are not followed (to "
	    "https://hooks.example.org)" },
	{ "HTTPS://h:8443", "HTTP 301: redirects are not followed (to "
	    "HTTPS://h:8443)" },
	{ "https://h?key=secret", "HTTP 301: redirects are not followed (to "
	    "https://h)" },
	{ "https://name:secret@h/", "HTTP 301: redirects are not followed" },
	{ "/elsewhere", "HTTP 301: redirects are not followed" },
	{ "", "HTTP 301: redirects are not followed" },
	{ "https://a.name.that.is.much.longer.than.there.is.room.for.example/",
	    "HTTP 301: redirects are not followed" },
};

static void
test_redirects_say_where_to(void **state)
{
	struct rig *r = *state;

	r->header = "Location";
	r->status = 301;
	for (size_t i = 0; i < sizeof(redirects) / sizeof(redirects[0]); i++) {
		r->value = redirects[i].leads;
		assert_int_equal(send_one(r, "x"), SEND_SINK_WAITS);
		assert_string_equal(r->outcome.message, redirects[i].want);
	}
}

static const struct {
	const char	*says;
	const char	*value;
	int64_t		 want;
} waits[] = {
	{ "seconds", "120", 120 },
	{ "no wait", "0", 0 },
	{ "a number beyond all measure is a long wait",
	    "99999999999999999999999", 1000000000 },
	{ "a date", "Sun, 06 Nov 1994 08:50:37 GMT", 60 },
	{ "a date of RFC 850", "Sunday, 06-Nov-94 09:49:37 GMT", 3600 },
	{ "a date of asctime", "Sun Nov  6 08:49:39 1994", 2 },
	{ "a date that is over", "Sun, 06 Nov 1994 08:49:30 GMT", 0 },
	{ "a date of another century", "Fri, 06 Nov 2194 08:49:37 GMT",
	    INT64_C(6311433600) },
	{ "negative seconds", "-5", 0 },
	{ "a fraction", "1.5", 0 },
	{ "no number", "soon", 0 },
	{ "nothing", "", 0 },
	{ "a day that is none", "Sun, 46 Nov 1994 08:50:37 GMT", 0 },
	{ "a month that is none", "Sun, 06 Nox 1994 08:50:37 GMT", 0 },
	{ "an hour that is none", "Sun, 06 Nov 1994 28:50:37 GMT", 0 },
	{ "a date without its time", "Sun, 06 Nov 2094", 0 },
};

static void
test_retry_after(void **state)
{
	struct rig *r = *state;

	r->status = 503;
	r->header = "retry-AFTER";
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		r->value = waits[i].value;
		assert_int_equal(send_one(r, "x"), SEND_SINK_WAITS);
		if (r->outcome.retry_after_s != waits[i].want)
			fail_msg("%s: %lld", waits[i].says,
			    (long long)r->outcome.retry_after_s);
	}
	r->header = NULL;
	send_one(r, "x");
	assert_int_equal(r->outcome.retry_after_s, 0);
}

static const struct {
	const char	*says;
	const char	*answer;
	int64_t		 want;
} said_waits[] = {
	{ "Telegram's", "{\"ok\":false,\"error_code\":429,\"description\":"
	    "\"Too Many Requests: retry after 35\",\"parameters\":"
	    "{\"retry_after\":35}}", 35 },
	{ "Discord's", "{\"message\": \"You are being rate limited.\", "
	    "\"retry_after\": 64.57, \"global\": false}", 65 },
	{ "a number beyond all measure", "{\"retry_after\":"
	    "99999999999999999999999}", 1000000000 },
	{ "negative", "{\"retry_after\":-5}", 0 },
	{ "no number", "{\"retry_after\":\"soon\"}", 0 },
	{ "cut off", "{\"retry_after\":", 0 },
	{ "nothing", "", 0 },
};

static void
test_retry_after_in_the_body(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(said_waits) / sizeof(said_waits[0]);
	    i++) {
		r->status = 429;
		r->body = said_waits[i].answer;
		assert_int_equal(send_one(r, "x"), SEND_SINK_WAITS);
		if (r->outcome.retry_after_s != said_waits[i].want)
			fail_msg("%s: %lld", said_waits[i].says,
			    (long long)r->outcome.retry_after_s);
		r->status = 500;
		(void)send_one(r, "x");
		assert_int_equal(r->outcome.retry_after_s, 0);
	}
	/* The header is meant where there are both. */
	r->status = 429;
	r->header = "Retry-After";
	r->value = "7";
	r->body = said_waits[0].answer;
	(void)send_one(r, "x");
	assert_int_equal(r->outcome.retry_after_s, 7);
}

static void
test_answer_in_the_message(void **state)
{
	struct rig *r = *state;
	char want[96];

	r->status = 422;
	r->body = " no such\r\n\x1b[31mchannel\xe2\x80\xae\xff";
	assert_int_equal(send_one(r, "x"), SEND_REJECTED);
	assert_string_equal(r->outcome.message,
	    "HTTP 422: no such [31mchannel\xef\xbf\xbd");
	r->body = "0123456789012345678901234567890123456789012345678901234567"
	    "89012345678901234567890123456789012345678901234567890123456789";
	send_one(r, "x");
	snprintf(want, sizeof(want), "HTTP 422: %.82s\xe2\x80\xa6", r->body);
	assert_string_equal(r->outcome.message, want);
}

/* Some receivers say which path they do not know: a secret, with some. */
static void
test_no_secret_in_the_message(void **state)
{
	struct rig *r = *state;
	size_t n = strlen(r->url);

	r->status = 404;
	r->body = "no route POST /hooks/T0123-secret here";
	send_one(r, "x");
	assert_string_equal(r->outcome.message,
	    "HTTP 404: no route POST /hooks/T0123-secret here");
	while (n > 0 && r->url[n - 1] != '/')
		n--;
	snprintf(r->url + n, sizeof(r->url) - n, "hooks/T0123-secret");
	r->kind->free(r->sink);
	r->sink = open_sink(r, STR_NONE, &(struct err){ .msg = "" });
	assert_non_null(r->sink);
	send_one(r, "x");
	assert_string_equal(r->path, "/hooks/T0123-secret");
	assert_string_equal(r->outcome.message, "HTTP 404");
}

static void
test_one_after_another(void **state)
{
	struct rig *r = *state;

	r->send_again = 20;
	begin(r, "first");
	event_base_dispatch(r->base);
	assert_int_equal(r->n_done, 21);
	assert_int_equal(r->n_asked, 21);
	assert_string_equal(buf_cstr(&r->got), "again");
}

static void
test_cancel(void **state)
{
	struct rig *r = *state;

	begin(r, "x");
	r->kind->cancel(r->sink);
	r->kind->cancel(r->sink);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	assert_int_equal(r->n_done, 0);
	assert_int_equal(send_one(r, "y"), SEND_DELIVERED);
	begin(r, "z");		/* freed by tear_down while under way */
	event_base_loop(r->base, EVLOOP_NONBLOCK);
}

/*
 * Receivers that are not even HTTP
 */

struct raw {
	struct evconnlistener *listener;
	struct bufferevent *stream;
	const char	*answer;
	bool		 endless;	/* the answer, and zeros for ever */
};

static void
raw_close(struct raw *raw)
{
	if (raw->stream != NULL)
		bufferevent_free(raw->stream);
	raw->stream = NULL;
}

static void
on_raw_out(struct bufferevent *stream, void *arg)
{
	static const char zeros[65536];
	struct raw *raw = arg;

	if (raw->endless)
		bufferevent_write(stream, zeros, sizeof(zeros));
	else
		raw_close(raw);
}

/* The whole request is here (it ends in the body, "xyz"). */
static void
on_raw_in(struct bufferevent *stream, void *arg)
{
	struct raw *raw = arg;
	struct evbuffer *in = bufferevent_get_input(stream);

	if (evbuffer_search(in, "xyz", 3, NULL).pos == -1)
		return;
	evbuffer_drain(in, evbuffer_get_length(in));
	bufferevent_setcb(stream, on_raw_in, on_raw_out, NULL, arg);
	if (raw->answer[0] == '\0')
		raw_close(raw);
	else
		bufferevent_write(stream, raw->answer, strlen(raw->answer));
}

static void
on_raw_event(struct bufferevent *stream, short what, void *arg)
{
	(void)stream;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		raw_close(arg);
}

static void
on_raw_accept(struct evconnlistener *l, evutil_socket_t fd,
    struct sockaddr *a, int n, void *arg)
{
	struct raw *raw = arg;

	(void)a;
	(void)n;
	raw->stream = bufferevent_socket_new(evconnlistener_get_base(l), fd,
	    BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(raw->stream, on_raw_in, NULL, on_raw_event, raw);
	bufferevent_enable(raw->stream, EV_READ | EV_WRITE);
}

static const struct {
	const char		*says;
	const char		*answer;
	enum send_result	 want;
} answers[] = {
	{ "closed without a word", "", SEND_SINK_WAITS },
	{ "no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", SEND_SINK_WAITS },
	{ "headers without their end say nothing yet",
	    "HTTP/1.1 200 OK\r\nContent-Le", SEND_SINK_WAITS },
	{ "a truncated body after 200 is delivered",
	    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
	    SEND_DELIVERED },
	{ "a truncated body after 500 is not",
	    "HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nabc",
	    SEND_SINK_WAITS },
	{ "broken chunks after 202 are delivered",
	    "HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	    SEND_DELIVERED },
	{ "broken gzip after 200 is delivered",
	    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
	    "Content-Length: 5\r\n\r\nabcde", SEND_DELIVERED },
	{ "an early hint is no answer",
	    "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 422 No\r\n"
	    "Content-Length: 0\r\n\r\n", SEND_REJECTED },
};

/* Listens, and points the rig's sink there. */
static void
raw_open(struct raw *raw, struct rig *r)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	struct err err;

	*raw = (struct raw){ .listener = evconnlistener_new_bind(r->base,
	    on_raw_accept, raw, LEV_OPT_CLOSE_ON_FREE, -1,
	    (struct sockaddr *)&a, sizeof(a)) };
	assert_non_null(raw->listener);
	assert_int_equal(getsockname(evconnlistener_get_fd(raw->listener),
	    (struct sockaddr *)&a, &n), 0);
	snprintf(r->url, sizeof(r->url), "http://127.0.0.1:%d/",
	    ntohs(a.sin_port));
	r->kind->free(r->sink);
	r->sink = open_sink(r, STR_NONE, &err);
	assert_non_null(r->sink);
}

static void
test_raw_answers(void **state)
{
	struct rig *r = *state;
	struct raw raw;

	raw_open(&raw, r);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		raw.answer = answers[i].answer;
		if (send_one(r, "xyz") != answers[i].want)
			fail_msg("%s: %d, %s", answers[i].says,
			    (int)r->outcome.result, r->outcome.message);
		if (r->outcome.result == SEND_SINK_WAITS)
			assert_true(r->outcome.message[0] != '\0');
		raw_close(&raw);
	}
	evconnlistener_free(raw.listener);
	/* Now nobody listens on that port. */
	assert_int_equal(send_one(r, "xyz"), SEND_SINK_WAITS);
	assert_non_null(strstr(r->outcome.message, "127.0.0.1"));
}

/* An answer without an end: what the status said holds. */
static void
test_endless_answer(void **state)
{
	static const struct {
		const char		*answer;
		enum send_result	 want;
	} all[] = {
		{ "HTTP/1.1 200 OK\r\n\r\n", SEND_DELIVERED },
		{ "HTTP/1.1 500 No\r\n\r\n", SEND_SINK_WAITS },
		{ "HTTP/1.1 410 No\r\n\r\n", SEND_SINK_GONE },
	};
	struct rig *r = *state;
	int64_t before = time(NULL);
	struct raw raw;

	raw_open(&raw, r);
	raw.endless = true;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		raw.answer = all[i].answer;
		assert_int_equal(send_one(r, "xyz"), all[i].want);
		raw_close(&raw);
	}
	/* Cut at its size, not at the 15 seconds of a whole request. */
	assert_true(time(NULL) - before < 15);
	evconnlistener_free(raw.listener);
}

#define ALERT								\
	"{\"type\":\"io.headlined.alert.v1\",\"id\":\"" ID "\","	\
	"\"time\":\"2026-11-23T12:00:00Z\",\"data\":{\"topic\":\"t\","	\
	"\"severity\":\"err\",\"item\":{\"title\":\"Peace <!here>\"}}}"

/* Opens r->sink anew, with this of the settings. */
static void
reopen(struct rig *r, const struct sink_settings *settings)
{
	struct sink_settings s = *settings;
	struct err err;

	s.name = "newsroom";
	s.kind = "webhook";
	s.url = r->url;
	r->kind->free(r->sink);
	if ((r->sink = r->kind->open(&r->env, &s, &err)) == NULL)
		fail_msg("%s", err.msg);
}

/* A format's body, media type and signature; the id and time stay. */
static void
test_format(void **state)
{
	const struct sink_settings s = { .format = "slack",
		.secret = STR("whsec_" KEY_64) };
	struct rig *r = *state;
	char signature[64];

	reopen(r, &s);
	assert_int_equal(send_one(r, ALERT), SEND_DELIVERED);
	assert_string_equal(r->path, "/in?x=1");
	assert_string_equal(r->content_type, "application/json");
	assert_string_equal(r->id, ID);
	assert_non_null(strstr(buf_cstr(&r->got), "\"blocks\":["));
	assert_non_null(strstr(buf_cstr(&r->got), "Peace &lt;!here&gt;"));
	sign_as_receiver(r, KEY, signature);
	assert_string_equal(r->signature, signature);
	/* What is no message is this one's fault alone. */
	assert_int_equal(send_one(r, "{}"), SEND_REJECTED);
	assert_non_null(strstr(r->outcome.message, "not a message"));
	assert_int_equal(r->n_asked, 1);
	assert_int_equal(send_one(r, ALERT), SEND_DELIVERED);
}

static void
test_template(void **state)
{
	const struct sink_settings s = { .format = "template",
		.template = "{\"t\":\"{{title}}\"}", .token = STR("abc") };
	const struct sink_settings plain = { .format = "template",
		.template = "{{title}}", .content_type = "text/plain" };
	struct rig *r = *state;

	reopen(r, &s);
	assert_int_equal(send_one(r, ALERT), SEND_DELIVERED);
	assert_string_equal(buf_cstr(&r->got), "{\"t\":\"Peace <!here>\"}");
	assert_string_equal(r->content_type, "application/json");
	assert_string_equal(r->authorization, "Bearer abc");
	assert_false(r->is_signed);
	reopen(r, &plain);
	assert_int_equal(send_one(r, ALERT), SEND_DELIVERED);
	assert_string_equal(buf_cstr(&r->got), "Peace <!here>");
	assert_string_equal(r->content_type, "text/plain");
	assert_string_equal(r->authorization, "");
}

static const struct {
	const char	*says;
	const char	*url, *format;
	struct str	 secret;
	const char	*want;		/* in the message */
} refused[] = {
	{ "another format names what there is", "https://e.org/", "slck",
	    { 0 }, "there are: cloudevents, slack" },
	{ "a format without what it needs", "https://e.org/", "template",
	    { 0 }, "format template needs template" },
	{ "no URL", NULL, NULL, { 0 }, "no URL" },
	{ "not http", "ftp://e.org/", NULL, { 0 }, "webhook" },
	{ "no URL at all", "newsroom", NULL, { 0 }, "webhook" },
	{ "a bad secret", "https://e.org/", NULL, { "hunter2", 7 },
	    "secret: line 1" },
	{ "an empty secret file", "https://e.org/", NULL, { "", 0 },
	    "no key" },
};

static void
test_open_refuses(void **state)
{
	struct rig *r = *state;
	struct err err;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct sink_settings s = { .kind = "webhook",
			.url = refused[i].url, .format = refused[i].format,
			.secret = refused[i].secret };

		if (r->kind->open(&r->env, &s, &err) != NULL)
			fail_msg("%s: taken", refused[i].says);
		if (strstr(err.msg, refused[i].want) == NULL ||
		    strstr(err.msg, "hunter2") != NULL)
			fail_msg("%s: %s", refused[i].says, err.msg);
	}
	r->kind->free(NULL);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_request),
		TEST(test_signature),
		TEST(test_format),
		TEST(test_template),
		TEST(test_statuses),
		TEST(test_redirects_are_not_followed),
		TEST(test_redirects_say_where_to),
		TEST(test_retry_after),
		TEST(test_retry_after_in_the_body),
		TEST(test_answer_in_the_message),
		TEST(test_no_secret_in_the_message),
		TEST(test_one_after_another),
		TEST(test_cancel),
		TEST(test_raw_answers),
		TEST(test_endless_answer),
		TEST(test_open_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
