/* SPDX-License-Identifier: ISC */
/*
 * Lines to the local syslog daemon, over a datagram socket of our own: libc's
 * syslog() waits when the daemon has stopped reading, and loses the line
 * without a word when the socket is gone. Here an alert is delivered when the
 * kernel has taken the datagram, and everything else makes the sink wait.
 *
 * A daemon that starts anew makes a new socket under the old path; the first
 * send that fails because of it connects again.
 */
#include "alerts/sink_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "alerts/message.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/time_text.h"
#include "base/utf8.h"

enum {
	MAX_LINE = 8192,	/* what rsyslog reads by default */
	MAX_FACILITY = 23,	/* local7; RFC 5424, 6.2.1 */
	MAX_ALERT_BYTES = 256 * 1024
};

struct sink {
	struct sockaddr_un	 address;
	int			 facility;
	int			 fd;		/* -1: not connected */
	struct arena		*arena;		/* of what is under way */
};

static void
syslog_free(struct sink *s)
{
	if (s == NULL)
		return;
	if (s->fd != -1)
		close(s->fd);
	arena_free(s->arena);
	free(s);
}

/* The socket itself may come later than we do. */
static struct sink *
syslog_open(const struct sink_env *env, const struct sink_settings *settings,
    struct err *err)
{
	const char *path = settings->socket != NULL ? settings->socket :
	    "/dev/log";
	struct sink *s;

	(void)env;
	if (strlen(path) >= sizeof(s->address.sun_path)) {
		err_set(err, "socket: %s: the path is too long (at most %zu "
		    "bytes)", path, sizeof(s->address.sun_path) - 1);
		return NULL;
	}
	if (settings->facility < 0 || settings->facility > MAX_FACILITY) {
		err_set(err, "facility: %d: no such facility (from 0 to %d)",
		    settings->facility, MAX_FACILITY);
		return NULL;
	}
	if ((s = calloc(1, sizeof(*s))) == NULL ||
	    (s->arena = arena_new(MAX_ALERT_BYTES)) == NULL) {
		free(s);
		err_set(err, "out of memory");
		return NULL;
	}
	s->fd = -1;
	s->facility = settings->facility;
	s->address.sun_family = AF_UNIX;
	memcpy(s->address.sun_path, path, strlen(path) + 1);
	return s;
}

static int
reconnect(struct sink *s)
{
	int error;

	if (s->fd != -1)
		close(s->fd);
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd == -1)
		return -1;
	if (connect(s->fd, (const struct sockaddr *)&s->address,
	    sizeof(s->address)) == 0)
		return 0;
	error = errno;
	close(s->fd);
	s->fd = -1;
	errno = error;
	return -1;
}

static int
try_send(const struct sink *s, struct str line)
{
	ssize_t n;

	do
		n = send(s->fd, line.p, line.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == -1 ? -1 : 0;	/* a datagram goes whole or not */
}

/* The receiver that we were connected to is no more. */
static bool
means_reconnect(int error)
{
	return error == ECONNREFUSED || error == ENOTCONN ||
	    error == ENOENT || error == ECONNRESET || error == EPIPE ||
	    error == EDESTADDRREQ;
}

/* 0, or -1 and errno. */
static int
send_line(struct sink *s, struct str line)
{
	if (s->fd == -1 && reconnect(s) == -1)
		return -1;
	if (try_send(s, line) == 0)
		return 0;
	if (!means_reconnect(errno) || reconnect(s) == -1)
		return -1;
	return try_send(s, line);
}

/*
 * RFC 3164 as local daemons read it: without a host name, the time as the
 * machine's zone has it, because they stamp and compare it so.
 */
static void
add_header(struct buf *b, const struct sink *s, enum severity severity)
{
	char text[TIME_TEXT_SIZE];
	int64_t now_s = clock_real_wall_s();
	time_t now = (time_t)now_s;
	struct tm local;
	int64_t offset_s = 0;

	if (localtime_r(&now, &local) != NULL)
		offset_s = local.tm_gmtoff;
	time_text_syslog(now_s + offset_s, text);
	buf_addf(b, "<%d>%s headlined[%ld]: ",
	    s->facility << 3 | (int)severity, text, (long)getpid());
}

static int
make_line(struct sink *s, struct str body, struct buf *line, struct err *err)
{
	struct message m;

	arena_reset(s->arena);
	if (message_read(s->arena, body, &m, err) == -1)
		return -1;
	add_header(line, s, message_severity(&m));
	message_to_logfmt(line, &m);
	return line->failed ? err_set(err, "out of memory") : 0;
}

static void
judge(const struct sink *s, int error, struct send_outcome *o)
{
	o->result = SEND_SINK_WAITS;
	if (error == EAGAIN || error == ENOBUFS) {
		/* It reads again soon, or it hangs: then waiting is cheap. */
		o->retry_after_s = 1;
		(void)snprintf(o->message, sizeof(o->message),
		    "the syslog daemon does not read");
	} else if (error == EMSGSIZE) {
		o->result = SEND_REJECTED;
		(void)snprintf(o->message, sizeof(o->message),
		    "the syslog socket does not take a line of this length");
	} else
		(void)snprintf(o->message, sizeof(o->message), "%.48s: %s",
		    s->address.sun_path, strerror(error));
}

/* Ends before it returns. */
static void
syslog_send(struct sink *s, const struct sink_message *m, sink_done_fn *done,
    void *ctx)
{
	struct send_outcome o = { .result = SEND_DELIVERED };
	struct buf line;
	struct err err;

	buf_init(&line, MAX_ALERT_BYTES);
	if (make_line(s, m->body, &line, &err) == -1) {
		o.result = SEND_REJECTED;
		(void)snprintf(o.message, sizeof(o.message), "%.95s",
		    err.msg);
	} else if (send_line(s, utf8_cut(buf_str(&line), MAX_LINE)) == -1)
		judge(s, errno, &o);
	buf_clear(&line);
	done(&o, ctx);
}

/* Nothing is ever under way. */
static void
syslog_cancel(struct sink *s)
{
	(void)s;
}

const struct sink_kind sink_kind_syslog = {
	.name = "syslog",
	.open = syslog_open,
	.send = syslog_send,
	.cancel = syslog_cancel,
	.free = syslog_free,
};
