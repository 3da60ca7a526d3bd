/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_SYSLOG_RIG_H
#define HEADLINED_TESTS_UNIT_SYSLOG_RIG_H

/*
 * A syslog server of the test's own, at a port that stays its own while it is
 * down, and a sink that sends to it.
 */

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "alerts/alert_format.h"
#include "alerts/sink.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "loopback.h"

struct rig {
	struct event_base	*base;
	const struct sink_kind	*kind;
	struct sink		*sink;
	struct sink_settings	 settings;
	int			 type;		/* SOCK_STREAM or SOCK_DGRAM */
	int			 listener;	/* -1: down */
	int			 peer;		/* -1: none accepted */
	char			 port[8];
	bool			 done;
	int			 n_done;
	struct str		 url;		/* of what is sent */
	struct send_outcome	 outcome;
	char			 got[1 << 20];
	size_t			 n;
	struct sockaddr_in	 from;		/* who sent last, over UDP */
};

static inline void
receiver_start(struct rig *r)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)strtoul(r->port,
		    NULL, 10)) };
	socklen_t size = sizeof(in);
	int one = 1, small = 4096;

	r->listener = socket(AF_INET,
	    r->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (r->type == SOCK_STREAM)
		setsockopt(r->listener, SOL_SOCKET, SO_RCVBUF, &small,
		    sizeof(small));
	assert_int_equal(bind(r->listener, (const struct sockaddr *)&in,
	    sizeof(in)), 0);
	if (r->type == SOCK_STREAM)
		assert_int_equal(listen(r->listener, 8), 0);
	assert_int_equal(getsockname(r->listener, (struct sockaddr *)&in,
	    &size), 0);
	snprintf(r->port, sizeof(r->port), "%d", ntohs(in.sin_port));
}

static inline void
peer_gone(struct rig *r)
{
	if (r->peer != -1)
		close(r->peer);
	r->peer = -1;
}

/* An RST, whatever was read. */
static inline void
peer_reset_now(struct rig *r)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(r->peer, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	peer_gone(r);
}

static inline void
receiver_stop(struct rig *r)
{
	peer_gone(r);
	if (r->listener != -1)
		close(r->listener);
	r->listener = -1;
}

static inline void
open_sink(struct rig *r, const char *transport)
{
	const struct sink_env env = { .base = r->base };
	struct err err;

	r->settings.name = r->settings.kind = "syslog";
	r->settings.facility = 3;
	if (r->settings.remote == NULL)
		r->settings.remote = "127.0.0.1";
	r->settings.port = r->port;
	r->settings.transport = transport;
	r->kind = sink_kind_for(&r->settings);
	r->sink = r->kind->open(&env, &r->settings, &err);
	if (r->sink == NULL)
		fail_msg("%s", err.msg);
}

static inline struct rig *
make_rig(int type)
{
	struct rig *r = calloc(1, sizeof(*r));

	r->base = event_base_new();
	r->type = type;
	r->listener = r->peer = -1;
	memcpy(r->port, "0", 2);
	receiver_start(r);
	return r;
}

static inline void
on_done(const struct send_outcome *o, void *ctx)
{
	struct rig *r = ctx;

	r->done = true;
	r->n_done++;
	r->outcome = *o;
}

static inline void
begin_send(struct rig *r, const char *id)
{
	struct alert a = { .id = str_from(id), .topic = STR("t"),
		.severity = SEVERITY_WARNING, .time_s = 1000,
		.item = { .url = r->url, .published_s = ITEM_NO_TIME } };
	struct sink_message m = { .id = a.id };
	struct buf body;

	buf_init(&body, 1 << 16);
	assert_int_equal(alert_to_json(&body, &a), 0);
	m.body = buf_str(&body);
	r->done = false;
	r->kind->send(r->sink, &m, on_done, r);
	buf_clear(&body);
}

static inline enum send_result
send_id(struct rig *r, const char *id)
{
	int before = r->n_done;

	begin_send(r, id);
	loop_until(r->base, &r->done);
	assert_int_equal(r->n_done, before + 1);
	return r->outcome.result;
}

static inline int
tear_down(void **state)
{
	struct rig *r = *state;

	if (r->kind != NULL)
		r->kind->free(r->sink);
	receiver_stop(r);
	event_base_free(r->base);
	free(r);
	return 0;
}

/* Over TCP. -1: nobody came. */
static inline int
wait_for_peer(struct rig *r)
{
	time_t deadline = time(NULL) + 20;
	int fd;

	while ((fd = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK)) == -1 &&
	    time(NULL) < deadline)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
	return fd;
}

/* Accepts where nobody is, reads all that comes until *until or the time is
 * over; the loop runs meanwhile. */
static inline void
receive(struct rig *r, size_t at_least)
{
	time_t deadline = time(NULL) + 20;

	if (r->peer == -1 && r->type == SOCK_STREAM)
		r->peer = wait_for_peer(r);
	do {
		socklen_t size = sizeof(r->from);
		ssize_t n = recvfrom(r->type == SOCK_STREAM ? r->peer :
		    r->listener, r->got + r->n, sizeof(r->got) - r->n - 1,
		    MSG_DONTWAIT, (struct sockaddr *)&r->from, &size);

		if (n > 0)
			r->n += (size_t)n;
		else if (r->n >= at_least)
			break;
		event_base_loop(r->base, EVLOOP_NONBLOCK);
	} while (time(NULL) < deadline);
	r->got[r->n] = '\0';
	assert_true(r->n >= at_least);
}

#endif
