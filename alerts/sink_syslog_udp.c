/* SPDX-License-Identifier: ISC */
/*
 * Messages to a syslog server over UDP (RFC 5426): one datagram each, cut at
 * 2048 octets. Nothing tells whether one arrived. But it may be told that one
 * did not: a host says by ICMP that nobody listens, a router or our own
 * neighbour table that there is no way, and the kernel hands that to us with
 * the beginning of the datagram (IP_RECVERR, ip(7)). So:
 *
 *	- The first datagram after a second's silence is held: it counts as
 *	  delivered when no refusal has come for 0.2 s. The next ones go at
 *	  once.
 *	- What went out is kept for 5 s, at most 128 lines. A refusal in that
 *	  time makes the refused one and all after it go again, in order, as
 *	  soon as one is not refused; a line that counted as delivered four
 *	  times goes no more, as whoever refuses it may have it.
 *	- After "no way" (not "nobody listens") the first is held for 4 s: so
 *	  long it takes until a neighbour that is off is known to be.
 *
 * What is kept so goes with the process; the outbox has it as sent. A server
 * that is off behind a router that says nothing, or whose network drops what
 * it says, takes all and has nothing. Where an alert must not get lost, TCP or
 * TLS is the way.
 *
 * The name is looked up again when a datagram was refused, or the socket is
 * older than five minutes: a server that has moved says nothing either. Of
 * several addresses the next one is tried after a refusal.
 *
 *	idle -> (look-up ->) sending -> held -> sending ... -> idle
 */
#include "alerts/sink_table.h"

#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>

#include "alerts/syslog_5424.h"
#include "alerts/syslog_lines.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/lookup.h"
#include "base/loop.h"

enum {
	MAX_ALERT_BYTES = 256 * 1024,
	SOCKET_LIFE_MS = 5 * 60 * 1000,
	LOOKUP_MS = 5000,
	HOLD_MS = 200,		/* there and back, by far */
	NO_WAY_MS = 4000,	/* three tries of ARP, a second each */
	SILENCE_MS = 1000,
	KEEP_MS = 5000,
	FIRST_AGAIN_S = 1,
	MAX_AGAIN_S = 60,
	MAX_ADDRESSES = 32,	/* of a name */
	MAX_TIMES = 4,
	MAX_HEARD = 32		/* in one turn of the loop */
};

struct sink {
	struct event_base	*base;
	const char		*host, *port;	/* the settings' */
	struct syslog_origin	 origin;
	struct arena		*arena;
	struct syslog_lines	 lines;
	int			 fd;		/* -1: not connected */
	int64_t			 since_ms;	/* of fd */
	struct event		*heard;		/* of fd */
	struct lookup		*lookup;	/* NULL: none */
	bool			 holds;		/* a datagram is held */
	struct event		*limit;		/* of lookup, or of what is
						 * held */
	bool			 trusted;	/* one was not refused, */
	int64_t			 last_ms;	/* and the last was then */
	int			 hold_ms;
	unsigned		 turn;		/* of the addresses */
	unsigned		 others;	/* not yet tried this time */
	struct event		*again;		/* there is something owed */
	int			 again_s;
	sink_done_fn		*done;		/* NULL: nothing is under way */
	void			*ctx;
};

static void	look_up(struct sink *);
static void	on_again(evutil_socket_t, short, void *);
static void	on_heard(evutil_socket_t, short, void *);
static void	on_limit(evutil_socket_t, short, void *);
static void	send_lines(struct sink *);

/*
 * Life
 */

static void
close_socket(struct sink *s)
{
	loop_event_free(s->heard);
	s->heard = NULL;
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
	s->trusted = false;
}

/* Nothing is under way or owed any more. */
static void
udp_cancel(struct sink *s)
{
	lookup_cancel(s->lookup);
	s->lookup = NULL;
	s->holds = false;
	s->done = NULL;
	(void)evtimer_del(s->limit);
	(void)evtimer_del(s->again);
	syslog_lines_clear(&s->lines);
}

static void
udp_free(struct sink *s)
{
	if (s == NULL)
		return;
	if (s->limit != NULL && s->again != NULL)
		udp_cancel(s);
	loop_event_free(s->limit);
	loop_event_free(s->again);
	close_socket(s);
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
	s->hold_ms = HOLD_MS;
	s->again_s = FIRST_AGAIN_S;
	s->limit = evtimer_new(env->base, on_limit, s);
	s->again = evtimer_new(env->base, on_again, s);
	s->arena = arena_new(MAX_ALERT_BYTES);
	if (s->limit == NULL || s->again == NULL || s->arena == NULL) {
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

/*
 * The end of a try
 */

/* Calls done, and does nothing after that. */
static void
finish(struct sink *s, const struct send_outcome *o)
{
	sink_done_fn *done = s->done;

	s->done = NULL;
	if (done != NULL)
		done(o, s->ctx);
}

static void
finish_as(struct sink *s, enum send_result result, const char *why)
{
	struct send_outcome o = { .result = result };

	(void)snprintf(o.message, sizeof(o.message), "%.40s: %.52s", s->host,
	    why);
	finish(s, &o);
}

/* The outbox has the current one; for the others we try again ourselves, or,
 * where the timer finds no memory, with the next alert. */
static void
give_back(struct sink *s, const char *why)
{
	if (s->done != NULL)
		syslog_lines_drop_last(&s->lines);
	if (s->lines.written < s->lines.n) {
		(void)loop_set_timer(s->again, s->again_s * 1000);
		s->again_s = 2 * s->again_s < MAX_AGAIN_S ? 2 * s->again_s :
		    MAX_AGAIN_S;
	}
	finish_as(s, SEND_SINK_WAITS, why);
}

/* It was told that a datagram did not arrive. */
static void
refused(struct sink *s, int error)
{
	s->holds = false;
	(void)evtimer_del(s->limit);
	close_socket(s);
	syslog_lines_drop_often(&s->lines, MAX_TIMES);
	s->hold_ms = error == ECONNREFUSED ? HOLD_MS : NO_WAY_MS;
	s->turn++;
	if (s->others > 0) {
		s->others--;
		look_up(s);
	} else
		give_back(s, strerror(error));
}

/*
 * What the kernel has heard
 */

/* Of whom a line is cannot be told where less was quoted than it takes to tell
 * two apart: the first that begins so, then. */
static void
rewind_to(struct syslog_lines *l, const char *quoted, size_t n)
{
	for (size_t i = 0; i < l->written; i++) {
		const struct syslog_line *line = &l->list[i];

		if (memcmp(line->p, quoted, n < line->n ? n : line->n) == 0) {
			syslog_lines_rewind(l, i);
			return;
		}
	}
}

/* 0: nothing of ICMP's. */
static int
error_of(struct msghdr *m)
{
	struct sock_extended_err e;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (!(c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_RECVERR) &&
		    !(c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		return (int)e.ee_errno;
	}
	return 0;
}

/* 0, or the errno of a refusal; -1: there is no more. */
static int
hear_one(struct sink *s)
{
	char quoted[SYSLOG_MAX_DATAGRAM];
	union {
		struct cmsghdr	header;		/* aligns */
		char		bytes[512];
	} control;
	struct iovec iov = { quoted, sizeof(quoted) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(s->fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT);
	int error;

	if (n == -1)
		return errno == EINTR ? 0 : -1;
	error = error_of(&m);
	if (error != 0)
		rewind_to(&s->lines, quoted, (size_t)n);
	return error;
}

/* Nobody has anything to say to us: it is dropped. */
static void
drop_input(struct sink *s)
{
	char byte;

	for (int i = 0; i < MAX_HEARD; i++)
		if (recv(s->fd, &byte, 1, MSG_DONTWAIT) == -1)
			return;
}

/* 0, or the errno of a refusal: then `written` is before the refused line. */
static int
hear(struct sink *s)
{
	int error = 0, one;

	for (int i = 0; i < MAX_HEARD && (one = hear_one(s)) != -1; i++)
		error = one != 0 ? one : error;
	return error;
}

/* Runs on the loop. */
static void
on_heard(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;
	int error = hear(s);

	(void)fd;
	(void)what;
	if (error != 0)
		refused(s, error);
	else
		drop_input(s);
}

/*
 * Sending
 */

/* Not held any more, or never: what is out has arrived, as far as is known. */
static void
count_as_arrived(struct sink *s)
{
	syslog_lines_arrived(&s->lines);
	s->last_ms = clock_real_mono_ms();
}

/* 0, or errno. */
static int
send_next(struct sink *s)
{
	const struct syslog_line *l = &s->lines.list[s->lines.written];
	ssize_t n;

	do
		n = send(s->fd, l->p, l->n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return errno;
	syslog_lines_wrote(&s->lines);
	return 0;
}

/* On with the next: true. */
static bool
send_one(struct sink *s)
{
	int error = send_next(s), heard;

	/* On this machine it is refused before send returns, and an earlier
	 * one's refusal makes send fail. */
	heard = hear(s);
	if (heard != 0) {
		refused(s, heard);
		return false;
	}
	if (error == EAGAIN || error == ENOBUFS) {
		give_back(s, "the network does not keep up");
		return false;
	}
	if (error != 0) {
		if (error == ECONNREFUSED)	/* which one is not known */
			syslog_lines_rewind(&s->lines, 0);
		refused(s, error);
		return false;
	}
	if (s->trusted) {
		count_as_arrived(s);
		return true;
	}
	s->holds = loop_set_timer(s->limit, s->hold_ms) == 0;
	if (!s->holds)			/* it would be held for good */
		give_back(s, "out of memory");
	return false;
}

static void
send_lines(struct sink *s)
{
	const struct send_outcome delivered = { .result = SEND_DELIVERED };

	if (clock_real_mono_ms() - s->last_ms > SILENCE_MS)
		s->trusted = false;
	while (s->lines.written < s->lines.n)
		if (!send_one(s))
			return;
	syslog_lines_trim(&s->lines);
	finish(s, &delivered);
}

/* Runs on the loop: nothing was heard, from the resolver or of a datagram. */
static void
on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;

	(void)fd;
	(void)what;
	if (s->lookup != NULL) {
		lookup_cancel(s->lookup);
		s->lookup = NULL;
		give_back(s, "the name is still not found");
		return;
	}
	s->holds = false;
	s->trusted = true;
	s->others = 0;
	s->hold_ms = HOLD_MS;
	s->again_s = FIRST_AGAIN_S;
	count_as_arrived(s);
	send_lines(s);
}

/*
 * Connecting
 */

/* Where the kernel does not hand us what it hears it fails the next send. */
static void
ask_for_errors(int fd, int family)
{
	int one = 1;

	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &one,
		    sizeof(one));
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &one,
		    sizeof(one));
}

/* 0, or -1 and errno. */
static int
connect_to(struct sink *s, const struct addrinfo *a)
{
	int error;

	s->fd = socket(a->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (s->fd == -1)
		return -1;
	ask_for_errors(s->fd, a->ai_family);
	s->heard = event_new(s->base, s->fd, EV_READ | EV_PERSIST, on_heard,
	    s);
	errno = ENOMEM;
	if (s->heard != NULL && event_add(s->heard, NULL) == 0 &&
	    connect(s->fd, a->ai_addr, a->ai_addrlen) == 0) {
		s->since_ms = clock_real_mono_ms();
		return 0;
	}
	error = errno;
	close_socket(s);
	errno = error;
	return -1;
}

/* From the one whose turn it is, the first that there is a way to. */
static int
connect_first(struct sink *s, const struct addrinfo *found, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct addrinfo *a = found;

		for (unsigned k = s->turn % n; k > 0; k--)
			a = a->ai_next;
		if (connect_to(s, a) == 0)
			return 0;
		s->turn++;
	}
	return -1;
}

/* From the loop. */
static void
on_found(const struct addrinfo *found, const char *why, void *ctx)
{
	struct sink *s = ctx;
	const struct addrinfo *a;
	unsigned n = 0;

	s->lookup = NULL;
	(void)evtimer_del(s->limit);
	for (a = found; a != NULL && n < MAX_ADDRESSES; a = a->ai_next)
		n++;
	if (n > 0 && s->others >= n)
		s->others = n - 1;
	if (n > 0 && connect_first(s, found, n) == 0)
		send_lines(s);
	else
		give_back(s, why != NULL ? why : strerror(errno));
}

static void
look_up(struct sink *s)
{
	const struct lookup_question q = { s->host, s->port, SOCK_DGRAM };

	close_socket(s);
	s->lookup = lookup_start(s->base, &q, on_found, s);
	if (s->lookup != NULL && loop_set_timer(s->limit, LOOKUP_MS) == 0)
		return;
	lookup_cancel(s->lookup);
	s->lookup = NULL;
	give_back(s, "no name can be looked up now");
}

static void
start(struct sink *s)
{
	if (s->fd != -1 &&
	    clock_real_mono_ms() - s->since_ms < SOCKET_LIFE_MS) {
		s->others = 0;
		send_lines(s);
		return;
	}
	s->others = MAX_ADDRESSES;	/* on_found knows how many */
	look_up(s);
}

static bool
is_busy(const struct sink *s)
{
	return s->lookup != NULL || s->holds;
}

/* Runs on the loop. */
static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;

	(void)fd;
	(void)what;
	if (!is_busy(s) && s->lines.written < s->lines.n)
		start(s);
}

static void
udp_send(struct sink *s, const struct sink_message *m, sink_done_fn *done,
    void *ctx)
{
	struct buf line;
	struct err err;

	s->done = done;
	s->ctx = ctx;
	buf_init(&line, SYSLOG_MAX_DATAGRAM);
	if (syslog_5424_from_json(&line, &s->origin, s->arena, m->body,
	    SYSLOG_MAX_DATAGRAM, &err) == -1) {
		finish_as(s, sink_refusal(), err.msg);
		buf_clear(&line);
		return;
	}
	syslog_lines_drop_older(&s->lines, KEEP_MS, UINT_MAX);
	syslog_lines_add(&s->lines, &line);
	if (!is_busy(s))
		start(s);
}

const struct sink_kind sink_kind_syslog_udp = {
	.name = "syslog",
	.open = udp_open,
	.send = udp_send,
	.cancel = udp_cancel,
	.free = udp_free,
};
