/* SPDX-License-Identifier: ISC */
/*
 *	LOOKUP -> CONNECT (each address) -> HANDSHAKE -> TRIAL -> OPEN
 *	                                 \--------------------/
 *	                                          TCP
 *
 * One timer is the limit of the state at hand, and in OPEN that of the bytes
 * under way. Another looks whether they are acknowledged: the kernel tells
 * nobody, so it is asked, at first every millisecond, then less often.
 *
 * A callback of the loop ends in at most one call to the owner, or in the end.
 */
#include "base/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/sockios.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/lookup.h"
#include "base/loop.h"
#include "base/tls_client.h"

enum { MAX_ADDRESSES = 8, MAX_ASK_MS = 64, READ_BYTES = 4096,
	WORD_BYTES = 128 /* what a record without text counts for */ };

enum state { LOOKUP, CONNECT, HANDSHAKE, TRIAL, OPEN };

struct address {
	struct sockaddr_storage	 sa;
	socklen_t		 n;
	int			 family;
};

struct stream {
	struct event_base	*base;
	const struct stream_ops	*ops;
	void			*ctx;
	struct tls_client	*tls;
	char			*host;
	enum state		 state;
	struct lookup		*lookup;
	struct address		 addresses[MAX_ADDRESSES];
	size_t			 n_addresses, tried;
	int			 fd;		/* -1: none */
	struct tls_session	*session;
	struct event		*readable, *writable;	/* of fd; or NULL */
	struct event		*limit, *ask;
	struct buf		 out;
	size_t			 written;	/* of out */
	size_t			 n_in;
	bool			 owes_ack;	/* something is under way */
	int			 ask_ms;
};

static void	next_address(struct stream *, const char *why);
static void	on_readable(evutil_socket_t, short, void *);
static void	on_writable(evutil_socket_t, short, void *);

/*
 * The end
 */

static void
close_socket(struct stream *s)
{
	loop_event_free(s->readable);
	loop_event_free(s->writable);
	s->readable = s->writable = NULL;
	tls_session_free(s->session);
	s->session = NULL;
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	lookup_cancel(s->lookup);
	close_socket(s);
	loop_event_free(s->limit);
	loop_event_free(s->ask);
	buf_clear(&s->out);
	free(s->host);
	free(s);
}

/* The last thing that a callback does. */
static void
end(struct stream *s, enum stream_end how, const char *why)
{
	s->ops->on_end(how, why, s->ctx);
	stream_free(s);
}

static void
end_errno(struct stream *s, int error)
{
	if (error == ETIMEDOUT)
		end(s, STREAM_TIMEOUT, "the connection is dead");
	else
		end(s, STREAM_RESET, strerror(error));
}

/* false: the stream has ended, and is gone. */
static bool
set_limit(struct stream *s, int ms)
{
	if (loop_set_timer(s->limit, ms) == 0)
		return true;
	end(s, STREAM_FAILED, "out of memory");
	return false;
}

/* Runs on the loop: the state, or what is under way, took too long. */
static void
on_limit(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;

	(void)fd;
	(void)what;
	switch (s->state) {
	case LOOKUP:
		end(s, STREAM_DNS, "the name is still not found");
		return;
	case CONNECT:
		next_address(s, "no answer");
		return;
	case HANDSHAKE:
		end(s, STREAM_TIMEOUT, "TLS: no answer");
		return;
	case TRIAL:		/* nobody has complained */
		s->state = OPEN;
		s->ops->on_ready(s->ctx);
		return;
	case OPEN:
		end(s, STREAM_TIMEOUT, "what was sent is not acknowledged");
		return;
	}
}

/*
 * TCP and TLS in the words of TLS
 */

static enum tls_step
step_of_tcp(ssize_t n, size_t *done)
{
	*done = n > 0 ? (size_t)n : 0;
	if (n > 0)
		return TLS_DONE;
	return n == 0 ? TLS_CLOSED : TLS_RESET;
}

static enum tls_step
read_some(struct stream *s, char *p, size_t n, size_t *done, struct err *err)
{
	enum tls_step step;

	if (s->session != NULL)
		return tls_session_read(s->session, p, n, done, err);
	step = step_of_tcp(recv(s->fd, p, n, MSG_DONTWAIT), done);
	return step == TLS_RESET && (errno == EAGAIN || errno == EINTR) ?
	    TLS_WANTS_READ : step;
}

static enum tls_step
write_some(struct stream *s, size_t *done, struct err *err)
{
	const char *p = s->out.p + s->written;
	size_t n = s->out.n - s->written;
	enum tls_step step;

	if (s->session != NULL)
		return tls_session_write(s->session, p, n, done, err);
	step = step_of_tcp(send(s->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL),
	    done);
	return step == TLS_RESET && (errno == EAGAIN || errno == EINTR) ?
	    TLS_WANTS_WRITE : step;
}

/* A step that ends the stream. */
static void
end_step(struct stream *s, enum tls_step step, const struct err *err)
{
	int error = errno;

	if (step == TLS_CLOSED)
		end(s, s->state == OPEN ? STREAM_CLOSED : STREAM_TLS,
		    "the server has closed the connection");
	else if (step == TLS_RESET)
		end_errno(s, error);
	else	/* once it is open: a server that wants no more of us */
		end(s, s->state == OPEN ? STREAM_RESET : STREAM_TLS,
		    err->msg);
}

static bool
is_over(enum tls_step step)
{
	return step == TLS_CLOSED || step == TLS_RESET || step == TLS_FAILED;
}

/*
 * Open
 */

static void
watch_writable(struct stream *s, bool on)
{
	if (on)
		(void)event_add(s->writable, NULL);
	else
		(void)event_del(s->writable);
}

/* false: the stream has ended, and is gone. */
static bool
flush(struct stream *s)
{
	enum tls_step step = TLS_DONE;
	struct err err;
	size_t n;

	while (step == TLS_DONE && s->written < s->out.n) {
		step = write_some(s, &n, &err);
		s->written += n;
	}
	if (is_over(step)) {
		end_step(s, step, &err);
		return false;
	}
	if (s->written == s->out.n) {
		buf_reset(&s->out);
		s->written = 0;
	}
	watch_writable(s, step == TLS_WANTS_WRITE);
	return true;
}

static bool
is_acked(const struct stream *s)
{
	int n = 0;

	return s->out.n == 0 && ioctl(s->fd, SIOCOUTQ, &n) == 0 && n == 0;
}

/* What the peer says is dropped. One read each time: the loop comes again.
 * least: what it counts for where it is no text but words of TLS, which may be
 * said for ever. false: the stream has ended, and is gone. */
static bool
drop_input(struct stream *s, size_t least)
{
	char bytes[READ_BYTES];
	enum tls_step step;
	struct err err;
	size_t n;

	step = read_some(s, bytes, sizeof(bytes), &n, &err);
	if (is_over(step)) {
		end_step(s, step, &err);
		return false;
	}
	s->n_in += n > least ? n : least;
	if (s->n_in > STREAM_MAX_IN) {
		end(s, STREAM_RESET, "the server talks, and should listen");
		return false;
	}
	return true;
}

/*
 * Runs on the loop by its timer. A connection that is found to have ended is
 * no acknowledgement, whatever the count says.
 */
static void
on_ask(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;

	(void)fd;
	(void)what;
	if (!flush(s))
		return;
	if (!is_acked(s)) {
		s->ask_ms = s->ask_ms < MAX_ASK_MS ? 2 * s->ask_ms :
		    MAX_ASK_MS;
		if (loop_set_timer(s->ask, s->ask_ms) == -1)
			end(s, STREAM_FAILED, "out of memory");
		return;
	}
	if (!drop_input(s, 0))
		return;
	s->owes_ack = false;
	(void)evtimer_del(s->limit);
	s->ops->on_acked(s->ctx);
}

int
stream_write(struct stream *s, struct str bytes)
{
	if (s->out.n + bytes.n > STREAM_MAX_OUT ||
	    buf_reserve(&s->out, bytes.n) == NULL)
		return -1;
	if (!s->owes_ack && loop_set_timer(s->limit, STREAM_WRITE_MS) == -1)
		return -1;
	if (loop_set_timer(s->ask, 0) == -1) {	/* writes, from the loop */
		if (!s->owes_ack)
			(void)evtimer_del(s->limit);
		return -1;
	}
	buf_add_str(&s->out, bytes);
	s->owes_ack = true;
	s->ask_ms = 1;
	return 0;
}

/*
 * TLS
 */

/* Also from on_readable, once the server has spoken. */
static void
leave_trial(struct stream *s)
{
	if (tls_session_is_on_trial(s->session))
		return;
	(void)evtimer_del(s->limit);
	s->state = OPEN;
	s->ops->on_ready(s->ctx);
}

static void
shake_hands(struct stream *s)
{
	struct err err;
	enum tls_step step = tls_session_handshake(s->session, &err);

	if (is_over(step)) {
		end_step(s, step, &err);
		return;
	}
	watch_writable(s, step == TLS_WANTS_WRITE);
	if (step != TLS_DONE)
		return;
	s->state = TRIAL;
	if (set_limit(s, STREAM_TRIAL_MS))
		leave_trial(s);
}

/* Runs on the loop. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;
	bool on_trial;

	(void)fd;
	(void)what;
	if (s->state == HANDSHAKE) {
		shake_hands(s);
		return;
	}
	on_trial = s->state == TRIAL;
	if ((on_trial || s->state == OPEN) && drop_input(s, WORD_BYTES) &&
	    on_trial)		/* where false, there is no more s */
		leave_trial(s);
}

/*
 * Connecting
 */

/*
 * Without TCP_NODELAY an alert may wait for the last one's acknowledgement. The
 * others find a server that is gone without a word before the next alert does,
 * after a minute and a half of silence, and keep firewalls from forgetting us.
 */
static void
set_options(int fd)
{
	int one = 1, idle_s = 60, every_s = 10, times = 3;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s,
	    sizeof(idle_s));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s,
	    sizeof(every_s));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
}

static void
on_connected(struct stream *s)
{
	int error = 0;
	socklen_t n = sizeof(error);

	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n) == -1)
		error = errno;
	if (error != 0) {
		next_address(s, strerror(error));
		return;
	}
	set_options(s->fd);
	(void)event_add(s->readable, NULL);
	watch_writable(s, false);
	if (s->tls == NULL) {
		(void)evtimer_del(s->limit);
		s->state = OPEN;
		s->ops->on_ready(s->ctx);
		return;
	}
	s->session = tls_session_new(s->tls, s->fd, s->host);
	if (s->session == NULL) {
		end(s, STREAM_FAILED, "out of memory");
		return;
	}
	s->state = HANDSHAKE;
	if (set_limit(s, STREAM_HANDSHAKE_MS))
		shake_hands(s);
}

/* Runs on the loop. */
static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;

	(void)fd;
	(void)what;
	if (s->state == CONNECT)
		on_connected(s);
	else if (s->state == HANDSHAKE)
		shake_hands(s);
	else
		(void)flush(s);		/* where false, there is no more s */
}

/* 0, or -1 and errno. */
static int
connect_to(struct stream *s, const struct address *a)
{
	s->fd = socket(a->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (s->fd == -1)
		return -1;
	s->readable = event_new(s->base, s->fd, EV_READ | EV_PERSIST,
	    on_readable, s);
	s->writable = event_new(s->base, s->fd, EV_WRITE | EV_PERSIST,
	    on_writable, s);
	if (s->readable == NULL || s->writable == NULL ||
	    event_add(s->writable, NULL) == -1) {
		errno = ENOMEM;
		return -1;
	}
	return connect(s->fd, (const struct sockaddr *)&a->sa, a->n) == 0 ||
	    errno == EINPROGRESS ? 0 : -1;
}

/* Each has its share of the time. why: what was wrong with the last one. */
static void
next_address(struct stream *s, const char *why)
{
	while (s->tried < s->n_addresses) {
		close_socket(s);
		if (connect_to(s, &s->addresses[s->tried++]) == 0) {
			(void)set_limit(s, STREAM_CONNECT_MS /
			    (int)s->n_addresses);
			return;
		}
		why = strerror(errno);
	}
	end(s, STREAM_CONNECT, why);
}

/* From the loop. */
static void
on_found(const struct addrinfo *found, const char *why, void *ctx)
{
	struct stream *s = ctx;

	s->lookup = NULL;
	for (; found != NULL && s->n_addresses < MAX_ADDRESSES;
	    found = found->ai_next) {
		struct address *a = &s->addresses[s->n_addresses];

		if (found->ai_addrlen > sizeof(a->sa))
			continue;
		memcpy(&a->sa, found->ai_addr, found->ai_addrlen);
		a->n = found->ai_addrlen;
		a->family = found->ai_family;
		s->n_addresses++;
	}
	if (s->n_addresses == 0) {
		end(s, STREAM_DNS, why != NULL ? why : "it has no address");
		return;
	}
	s->state = CONNECT;
	next_address(s, "");
}

struct stream *
stream_open(struct event_base *base, const struct stream_peer *peer,
    const struct stream_ops *ops, void *ctx)
{
	const struct lookup_question q = { peer->host, peer->port,
		SOCK_STREAM };
	struct stream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->base = base;
	s->ops = ops;
	s->ctx = ctx;
	s->tls = peer->tls;
	s->fd = -1;
	buf_init(&s->out, STREAM_MAX_OUT);
	s->host = strdup(peer->host);
	s->limit = evtimer_new(base, on_limit, s);
	s->ask = evtimer_new(base, on_ask, s);
	if (s->host != NULL && s->limit != NULL && s->ask != NULL &&
	    loop_set_timer(s->limit, STREAM_CONNECT_MS) == 0)
		s->lookup = lookup_start(base, &q, on_found, s);
	if (s->lookup == NULL) {
		stream_free(s);
		return NULL;
	}
	return s;
}
