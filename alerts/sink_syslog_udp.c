/* SPDX-License-Identifier: ISC */
/*
 * Messages to a syslog server over UDP (RFC 5426): one datagram each, cut at
 * 2048 octets. It is delivered when the kernel has taken it. Nothing tells
 * whether it arrived, but for a host that says that nobody listens (ICMP),
 * which the kernel tells at the next send: then the sink waits. Where an alert
 * must not get lost, TCP or TLS is the way.
 *
 * The name is looked up again when the socket has failed, or is older than
 * five minutes: a server that has moved says nothing either.
 */
#include "alerts/sink_table.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alerts/syslog_5424.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/lookup.h"
#include "base/loop.h"

enum {
	MAX_ALERT_BYTES = 256 * 1024,
	SOCKET_LIFE_MS = 5 * 60 * 1000,
	LOOKUP_MS = 5000
};

struct sink {
	struct event_base	*base;
	const char		*host, *port;	/* the settings' */
	struct syslog_origin	 origin;
	struct arena		*arena;
	int			 fd;		/* -1: not connected */
	int64_t			 since_ms;	/* of fd */
	struct lookup		*lookup;
	struct event		*limit;		/* of the look-up */
	struct buf		 line;		/* under way */
	sink_done_fn		*done;
	void			*ctx;
};

static void	on_found(const struct addrinfo *, const char *, void *);
static void	on_limit(evutil_socket_t, short, void *);

static void
close_socket(struct sink *s)
{
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
}

static void
udp_cancel(struct sink *s)
{
	lookup_cancel(s->lookup);
	s->lookup = NULL;
	(void)evtimer_del(s->limit);
}

static void
udp_free(struct sink *s)
{
	if (s == NULL)
		return;
	if (s->limit != NULL) {
		udp_cancel(s);
		event_free(s->limit);
	}
	close_socket(s);
	buf_clear(&s->line);
	arena_free(s->arena);
	free(s);
}

static struct sink *
udp_open(const struct sink_env *env, const struct sink_settings *settings,
    struct err *err)
{
	struct sink *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	s->base = env->base;
	s->host = settings->remote;
	s->port = settings->port;
	s->fd = -1;
	buf_init(&s->line, SYSLOG_MAX_DATAGRAM);
	s->limit = evtimer_new(env->base, on_limit, s);
	s->arena = arena_new(MAX_ALERT_BYTES);
	if (s->limit == NULL || s->arena == NULL) {
		err_set(err, "out of memory");
		udp_free(s);
		return NULL;
	}
	if (syslog_origin_init(&s->origin, settings->facility, err) == -1) {
		udp_free(s);
		return NULL;
	}
	return s;
}

/* Calls done, and does nothing after that. */
static void
finish(struct sink *s, enum send_result result, const char *why)
{
	struct send_outcome o = { .result = result };

	if (why != NULL)
		(void)snprintf(o.message, sizeof(o.message), "%.60s: %.32s",
		    s->host, why);
	s->done(&o, s->ctx);
}

/* 0, or -1 and errno. */
static int
connect_to(struct sink *s, const struct addrinfo *a)
{
	s->fd = socket(a->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (s->fd == -1)
		return -1;
	if (connect(s->fd, a->ai_addr, a->ai_addrlen) == 0)
		return 0;
	close_socket(s);
	return -1;
}

/* It cannot be known which of the addresses listens: the first that there is
 * a way to. */
static void
connect_first(struct sink *s, const struct addrinfo *a)
{
	for (; a != NULL; a = a->ai_next)
		if (connect_to(s, a) == 0)
			break;
	s->since_ms = clock_real_mono_ms();
}

/* The end of it: what is in s->line goes out, or waits. */
static void
send_line(struct sink *s)
{
	ssize_t n;

	do
		n = send(s->fd, s->line.p, s->line.n,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n != -1) {
		finish(s, SEND_DELIVERED, NULL);
		return;
	}
	if (errno != EAGAIN && errno != ENOBUFS)
		close_socket(s);
	finish(s, SEND_SINK_WAITS, strerror(errno));
}

/* From the loop. */
static void
on_found(const struct addrinfo *found, const char *why, void *ctx)
{
	struct sink *s = ctx;

	s->lookup = NULL;
	(void)evtimer_del(s->limit);
	if (found != NULL)
		connect_first(s, found);
	if (s->fd != -1)
		send_line(s);
	else
		finish(s, SEND_SINK_WAITS, why != NULL ? why :
		    strerror(errno));
}

/* Runs on the loop: the look-up takes too long. */
static void
on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;

	(void)fd;
	(void)what;
	udp_cancel(s);
	finish(s, SEND_SINK_WAITS, "the name is still not found");
}

static void
look_up(struct sink *s)
{
	const struct lookup_question q = { s->host, s->port, SOCK_DGRAM };
	const struct timeval tv = { .tv_sec = LOOKUP_MS / 1000 };

	close_socket(s);
	s->lookup = lookup_start(s->base, &q, on_found, s);
	if (s->lookup == NULL)
		finish(s, SEND_SINK_WAITS, "no name can be looked up now");
	else
		(void)evtimer_add(s->limit, &tv);
}

static void
udp_send(struct sink *s, const struct sink_message *m, sink_done_fn *done,
    void *ctx)
{
	struct err err;

	s->done = done;
	s->ctx = ctx;
	buf_reset(&s->line);
	if (syslog_5424_from_json(&s->line, &s->origin, s->arena, m->body,
	    SYSLOG_MAX_DATAGRAM, &err) == -1)
		finish(s, SEND_REJECTED, err.msg);
	else if (s->fd != -1 &&
	    clock_real_mono_ms() - s->since_ms < SOCKET_LIFE_MS)
		send_line(s);
	else
		look_up(s);
}

const struct sink_kind sink_kind_syslog_udp = {
	.name = "syslog",
	.open = udp_open,
	.send = udp_send,
	.cancel = udp_cancel,
	.free = udp_free,
};
