/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_HTTP_PAUSE_RIG_H
#define HEADLINED_TESTS_UNIT_HTTP_PAUSE_RIG_H

/*
 * A server with one answer, and a client that pauses at chosen moments and
 * fails when a byte is not in its place or comes while paused. After cmocka.h.
 *
 * The body tells its own place: BLOCK bytes that repeat the block's number.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/http.h"
#include "loopback.h"

enum { BLOCK = 4 + 258 };

struct seen {
	struct http_transfer	*transfer;
	size_t			 got;		/* bytes, all in place */
	unsigned		 n_head, n_body, n_end;
	bool			 inside;	/* a callback is running */
	bool			 paused;	/* by what follows: */
	struct http_result	 result;
	bool			 done;

	/* What the callbacks do. */
	bool			 pause_at_header, pause_at_head;
	unsigned		 pause_at_body;	/* so many times */
	bool			 resume_at_once;
	size_t			 stop_at;	/* bytes */
	struct http_transfer	*pause_other, *resume_other, *cancel_other;
};

struct world {
	struct event_base	*base;
	struct server		 server;
	struct http		*http;
	char			 url[128];
	char			*answer;	/* of /x */
	size_t			 answer_n;
	size_t			 cut;		/* bytes that never come */
};

/*
 * Bodies
 */

static inline char
byte_at(size_t i)
{
	return (char)(i / BLOCK >> (i % BLOCK % 4 * 8));
}

struct bits {
	uint8_t		*p;
	size_t		 n;
};

/* The highest bit first, as codes stand in deflate (RFC 1951, 3.1.1). */
static inline void
add_code(struct bits *b, unsigned code, unsigned width)
{
	while (width-- > 0) {
		if (code >> width & 1)
			b->p[b->n / 8] |= (uint8_t)(1 << b->n % 8);
		b->n++;
	}
}

static inline void
add_literal(struct bits *b, uint8_t c)
{
	if (c < 144)
		add_code(b, 0x30u + c, 8);
	else
		add_code(b, 0x190u + c - 144, 9);
}

static inline uint32_t
crc_of(size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t at = 0; at < n; at++) {
		crc ^= (uint8_t)byte_at(at);
		for (int i = 0; i < 8; i++)
			crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
	}
	return ~crc;
}

/* gzip (RFC 1952) in one block of fixed codes: a number as four literals, then
 * 258 bytes from 4 before. */
static inline size_t
put_gzip(char *out, size_t n)
{
	static const char head[] = "\x1f\x8b\x08\0\0\0\0\0\0\xff";
	struct bits b = { .p = (uint8_t *)out, .n = (sizeof(head) - 1) * 8 };
	uint32_t tail[2] = { crc_of(n), (uint32_t)n };

	assert_int_equal(n % BLOCK, 0);
	memcpy(out, head, sizeof(head) - 1);
	add_code(&b, 6, 3);
	for (size_t at = 0; at < n; at += BLOCK) {
		for (size_t i = 0; i < 4; i++)
			add_literal(&b, (uint8_t)byte_at(at + i));
		add_code(&b, 0xc5, 8);
		add_code(&b, 3, 5);
	}
	add_code(&b, 0, 7);
	b.n = (b.n + 7) / 8;
	for (size_t i = 0; i < 8; i++)
		b.p[b.n++] = (uint8_t)(tail[i / 4] >> i % 4 * 8);
	return b.n;
}

static inline size_t
put_plain(char *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = byte_at(i);
	return n;
}

enum { LENGTH, CHUNKED, TO_THE_END };

/* Two codings may make any number of bytes of one: another way through. */
#define GZIP	"Content-Encoding: gzip\r\n"
#define TWO	"Content-Encoding: identity, gzip\r\n"
#define NONE	"Content-Encoding: identity, identity\r\n"
#define TWICE	"Content-Encoding: identity\r\ncontent-encoding: gzip\r\n"

/* Chunks of sizes that fit nothing, a trailer behind them. */
static inline size_t
put_chunks(char *out, const char *body, size_t n)
{
	size_t at = 0, i, step;

	for (i = 0; i < n; i += step) {
		step = 1 + i % 9973;
		step = step < n - i ? step : n - i;
		at += (size_t)snprintf(out + at, 16, "%zx\r\n", step);
		memcpy(out + at, body + i, step);
		memcpy(out + at + step, "\r\n", 2);
		at += step + 2;
	}
	memcpy(out + at, "0\r\nX-Late: 1\r\n\r\n", 16);
	return at + 16;
}

static inline bool
is_gzip(const char *coded)
{
	return coded != NULL && strstr(coded, "gzip") != NULL;
}

/* Of n bytes, for /x; coded as its headers say. */
static inline void
make_answer(struct world *w, size_t n, const char *coded, int frame)
{
	char *body = calloc(1, n + 64), *out = calloc(1, 3 * n + 512);
	size_t body_n = is_gzip(coded) ? put_gzip(body, n) :
	    put_plain(body, n);
	size_t at = (size_t)snprintf(out, 128, "HTTP/1.1 200 OK\r\n%s",
	    coded != NULL ? coded : "");

	if (frame == LENGTH)
		at += (size_t)snprintf(out + at, 64, "Content-Length: %zu\r\n"
		    "\r\n", body_n);
	else
		at += (size_t)snprintf(out + at, 64, "%s\r\n", frame ==
		    CHUNKED ? "Transfer-Encoding: chunked\r\n" : "");
	if (frame == CHUNKED)
		at += put_chunks(out + at, body, body_n);
	else {
		memcpy(out + at, body, body_n);
		at += body_n;
	}
	free(body);
	free(w->answer);
	w->answer = out;
	w->answer_n = at;
}

/*
 * The client
 */

static inline void
pause_me(struct seen *s)
{
	http_pause(s->transfer);
	s->paused = true;
	if (!s->resume_at_once)
		return;
	s->paused = false;
	http_resume(s->transfer);
}

static inline int
on_header(struct str name, struct str value, void *ctx)
{
	struct seen *s = ctx;

	(void)name;
	(void)value;
	if (s->pause_at_header)
		pause_me(s);
	s->pause_at_header = false;
	return 0;
}

static inline int
on_headers_end(int status, void *ctx)
{
	struct seen *s = ctx;

	assert_int_equal(status, 200);
	s->n_head++;
	if (s->pause_at_head)
		pause_me(s);
	return 0;
}

static inline int
on_body(const char *p, size_t n, void *ctx)
{
	struct seen *s = ctx;

	assert_false(s->paused);
	assert_false(s->inside);
	assert_false(s->done);
	s->inside = true;
	for (size_t i = 0; i < n; i++, s->got++)
		if (p[i] != byte_at(s->got))
			fail_msg("byte %zu is another one", s->got);
	s->n_body++;
	if (s->pause_at_body > 0) {
		s->pause_at_body--;
		pause_me(s);
	}
	if (s->pause_other != NULL)
		http_pause(s->pause_other);
	if (s->resume_other != NULL)
		http_resume(s->resume_other);
	if (s->cancel_other != NULL)
		http_cancel(s->cancel_other);
	s->pause_other = s->resume_other = s->cancel_other = NULL;
	s->inside = false;
	return s->stop_at > 0 && s->got >= s->stop_at;
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
	snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%d/x",
	    w->server.port);
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
	free(w->answer);
	free(w);
	return 0;
}

static inline struct http_request
get(struct world *w)
{
	return (struct http_request){ .url = w->url, .user_agent = "test/1",
		.timeout_ms = 20000 };
}

static inline struct http_transfer *
start(struct world *w, const struct http_request *r, struct seen *s)
{
	struct err err;

	s->transfer = http_start(w->http, r, &ops, s, &err);
	assert_non_null(s->transfer);
	return s->transfer;
}

/* From outside; nothing comes before the loop runs. */
static inline void
resume(struct seen *s)
{
	unsigned before = s->n_body;

	s->paused = false;
	http_resume(s->transfer);
	assert_int_equal(s->n_body, before);
	assert_false(s->done);
}

/* To the end; a pause is a long one, as far as this loop can tell. */
static inline void
finish(struct world *w, struct seen *s)
{
	time_t begun = time(NULL);

	while (!s->done) {
		if (s->paused) {
			loop_drain(w->base);
			if (!s->done)
				resume(s);
		}
		event_base_loop(w->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		assert_true(time(NULL) - begun < 60);
	}
	assert_int_equal(s->n_end, 1);
}

/* Until all that may come while paused has come. */
static inline void
settle(struct world *w)
{
	for (int i = 0; i < 20; i++)
		loop_drain(w->base);
}

/* One answer of n bytes; the transfer is at its first pause then. */
static inline void
start_coded(struct world *w, struct route *route, const char *coded, size_t n,
    struct seen *s)
{
	struct http_request r = get(w);

	make_answer(w, n, coded, LENGTH);
	*route = (struct route){ "/x", w->answer, w->answer_n - w->cut,
		KEEP_OPEN };
	w->server.routes = route;
	s->pause_at_body = 1;
	start(w, &r, s);
	while (!s->paused)
		event_base_loop(w->base, EVLOOP_ONCE);
	settle(w);
}

static inline void
start_paused(struct world *w, struct route *route, size_t n, struct seen *s)
{
	start_coded(w, route, NULL, n, s);
}

#endif
