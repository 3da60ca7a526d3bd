/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_CONTROL_RIG_H
#define HEADLINED_TESTS_UNIT_CONTROL_RIG_H

/*
 * One that asks a server on this thread's loop, which has an event every few
 * milliseconds (client_tick), so that a turn of it ends. Behind <cmocka.h>.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum { CLIENT_PATIENCE = 6000 };	/* turns of 10 ms */

struct client {
	int		fd;
	struct buf	in;
	bool		ended;
	struct json_tree *tree;		/* of the answer's body */
	const struct json *root;
};

static inline void
client_on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static inline struct event *
client_tick(struct event_base *base)
{
	static const struct timeval often = { 0, 10000 };
	struct event *tick = event_new(base, -1, EV_PERSIST, client_on_tick,
	    NULL);

	assert_non_null(tick);
	assert_int_equal(event_add(tick, &often), 0);
	return tick;
}

static inline void
client_ask(struct client *c, const struct sockaddr *to, socklen_t size,
    const char *method, const char *path)
{
	char text[512];

	*c = (struct client){ .fd = socket(to->sa_family, SOCK_STREAM, 0) };
	assert_int_not_equal(c->fd, -1);
	buf_init(&c->in, 64 << 20);
	assert_int_equal(connect(c->fd, to, size), 0);
	snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 0\r\nConnection: close\r\n\r\n", method, path);
	assert_int_equal(send(c->fd, text, strlen(text), 0),
	    (ssize_t)strlen(text));
}

/* A turn of the loop, and what has come of the answer. c: or NULL. */
static inline void
client_turn(struct event_base *base, struct client *c)
{
	char bytes[16 << 10];
	ssize_t n;

	event_base_loop(base, EVLOOP_ONCE);
	while (c != NULL && !c->ended && (n = recv(c->fd, bytes,
	    sizeof(bytes), MSG_DONTWAIT)) >= 0) {
		buf_add(&c->in, bytes, (size_t)n);
		c->ended = n == 0;
	}
}

/* Its status, when the whole answer is there. */
static inline int
client_run(struct event_base *base, struct client *c)
{
	const char *body;
	struct err err;

	for (int i = 0; !c->ended; i++) {
		if (i == CLIENT_PATIENCE)
			fail_msg("nothing comes");
		client_turn(base, c);
	}
	assert_true(str_starts(buf_str(&c->in), STR("HTTP/1.1 ")));
	body = strstr(buf_cstr(&c->in), "\r\n\r\n");
	assert_non_null(body);
	c->tree = json_parse(str_from(body + 4), &err);
	if (c->tree == NULL)
		fail_msg("%s: %s", err.msg, body);
	c->root = json_root(c->tree);
	return (int)strtol(buf_cstr(&c->in) + strlen("HTTP/1.1 "), NULL, 10);
}

static inline void
client_end(struct client *c)
{
	close(c->fd);
	buf_clear(&c->in);
	json_tree_free(c->tree);
}

#endif
