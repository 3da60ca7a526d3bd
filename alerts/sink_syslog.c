/* SPDX-License-Identifier: ISC */
/*
 * Lines to the local syslog daemon, or entries with fields to systemd's journal
 * where there is one and no socket was asked for. Both over a datagram socket
 * of our own: libc's syslog() waits when the daemon has stopped reading, and
 * loses the line without a word when the socket is gone. Here an alert is
 * delivered when the kernel has taken the datagram, and everything else makes
 * the sink wait.
 *
 * A socket has room for a few datagrams only: ten, where the kernel's setting
 * is its own (net.unix.max_dgram_qlen). A burst of alerts fills it while the
 * daemon reads as fast as it can. So one that is full is no failure yet: the
 * alert goes as soon as the kernel says that there is room.
 *
 * A daemon that starts anew makes a new socket under the old path; the first
 * send that fails because of it connects again. Which of the two it is to be is
 * seen then: a system may have got, or lost, its journal.
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

#include <event2/event.h>

#include "alerts/message.h"
#include "alerts/message_fields.h"
#include "alerts/syslog_5424.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/journal.h"
#include "base/loop.h"
#include "base/time_text.h"
#include "base/utf8.h"

enum {
	MAX_LINE = 8192,	/* what rsyslog reads by default */
	MAX_ALERT_BYTES = 256 * 1024,
	MAX_FIELD = 2048,
	ROOM_MS = 1000		/* who reads nothing for so long hangs */
};

struct sink {
	struct sockaddr_un	 socket;
	struct sockaddr_un	 journal;	/* no path: not to be used */
	int			 facility;
	int			 fd;		/* -1: not connected */
	bool			 is_journal;	/* fd */
	struct arena		*arena;		/* of what is under way */
	struct event_base	*base;
	struct event		*on_room;	/* pending: body waits */
	int64_t			 give_up_ms;	/* monotonic; 0: no wait yet */
	struct buf		 body;
	sink_done_fn		*done;
	void			*ctx;
};

static void	syslog_on_room(evutil_socket_t, short, void *);

static void
syslog_free(struct sink *s)
{
	if (s == NULL)
		return;
	loop_event_free(s->on_room);
	if (s->fd != -1)
		close(s->fd);
	buf_clear(&s->body);
	arena_free(s->arena);
	free(s);
}

static int
set_path(struct sockaddr_un *a, const char *path, struct err *err)
{
	size_t n = strlen(path);

	if (n >= sizeof(a->sun_path))
		return err_set(err, "socket: %s: the path is too long (at most "
		    "%zu bytes)", path, sizeof(a->sun_path) - 1);
	a->sun_family = AF_UNIX;
	memcpy(a->sun_path, path, n + 1);
	return 0;
}

static int
set_paths(struct sink *s, const struct sink_settings *settings,
    struct err *err)
{
	const char *path = settings->socket, *journal = settings->journal;

	if (path == NULL)
		path = "/dev/log";
	if (journal == NULL && settings->socket == NULL)
		journal = JOURNAL_SOCKET;
	if (journal != NULL && set_path(&s->journal, journal, err) == -1)
		return -1;
	return set_path(&s->socket, path, err);
}

/* The socket itself may come later than we do. */
static struct sink *
syslog_open(const struct sink_env *env, const struct sink_settings *settings,
    struct err *err)
{
	struct sink *s;

	if (syslog_check_facility(settings->facility, err) == -1)
		return NULL;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	s->fd = -1;
	s->facility = settings->facility;
	s->base = env->base;
	buf_init(&s->body, MAX_ALERT_BYTES);
	s->arena = arena_new(MAX_ALERT_BYTES);
	s->on_room = event_new(s->base, -1, 0, syslog_on_room, s);
	if (s->arena == NULL || s->on_room == NULL) {
		syslog_free(s);
		err_set(err, "out of memory");
		return NULL;
	}
	if (set_paths(s, settings, err) == -1) {
		syslog_free(s);
		return NULL;
	}
	return s;
}

static int
connect_to(struct sink *s, const struct sockaddr_un *to)
{
	int error;

	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd == -1)
		return -1;
	if (connect(s->fd, (const struct sockaddr *)to, sizeof(*to)) == 0)
		return 0;
	error = errno;
	close(s->fd);
	s->fd = -1;
	errno = error;
	return -1;
}

static int
reconnect(struct sink *s)
{
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
	s->is_journal = s->journal.sun_path[0] != '\0' &&
	    connect_to(s, &s->journal) == 0;
	return s->is_journal ? 0 : connect_to(s, &s->socket);
}

static int
try_send(const struct sink *s, struct str line)
{
	ssize_t n;

	if (s->is_journal)
		return journal_send(s->fd, line);
	line = utf8_cut(line, MAX_LINE);
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

static void
add_text(struct buf *b, const char *name, struct str text)
{
	struct buf clean;

	buf_init(&clean, MAX_FIELD + 8);
	utf8_clean_line(&clean, text, MAX_FIELD);
	if (clean.n > 0)
		journal_add(b, name, buf_str(&clean));
	b->failed |= clean.failed;
	buf_clear(&clean);
}

/* HEADLINED_TOPIC of topic. */
static void
add_own(struct buf *b, const struct message_field *f)
{
	char name[48] = "HEADLINED_";
	size_t n = strlen(name);

	for (const char *p = f->name; *p != '\0' && n < sizeof(name) - 1; p++)
		name[n++] = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') :
		    *p;
	name[n] = '\0';
	if (!f->is_url || f->value.n <= MAX_FIELD)
		add_text(b, name, f->value);
}

/* systemd.journal-fields(7), and our own. */
static void
make_entry(struct buf *b, const struct sink *s, const struct message *m)
{
	struct message_fields fields;
	struct buf line;

	buf_init(&line, MAX_ALERT_BYTES);
	message_to_logfmt(&line, m);
	journal_add(b, "MESSAGE", buf_str(&line));
	b->failed |= line.failed;
	buf_clear(&line);
	buf_addf(b, "PRIORITY=%d\nSYSLOG_FACILITY=%d\n"
	    "SYSLOG_IDENTIFIER=headlined\nHEADLINED_KIND=%s\n",
	    (int)message_severity(m), s->facility, message_kind_word(m));
	message_list_fields(m, &fields);
	for (size_t i = 0; i < fields.n; i++)
		add_own(b, &fields.list[i]);
	if (m->kind == MESSAGE_ALERT)
		add_text(b, "HEADLINED_TITLE", m->alert.item.title);
}

/* In the form of the daemon that we are connected to. 0, or -1 and errno. */
static int
write_message(struct sink *s, const struct message *m)
{
	struct buf b;
	int rc = -1, error = ENOMEM;

	buf_init(&b, 2 * MAX_ALERT_BYTES);
	if (s->is_journal)
		make_entry(&b, s, m);
	else {
		add_header(&b, s, message_severity(m));
		message_to_logfmt(&b, m);
	}
	if (!b.failed) {
		rc = try_send(s, buf_str(&b));
		error = errno;
	}
	buf_clear(&b);
	errno = error;
	return rc;
}

/* 0, or -1 and errno. */
static int
send_message(struct sink *s, const struct message *m)
{
	if (s->fd == -1 && reconnect(s) == -1)
		return -1;
	if (write_message(s, m) == 0)
		return 0;
	if (!means_reconnect(errno) || reconnect(s) == -1)
		return -1;
	return write_message(s, m);
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
		    s->is_journal ? s->journal.sun_path : s->socket.sun_path,
		    strerror(error));
}

/* Until the kernel says that there is room, or time is up. The body stands in
 * s->body by then. False: time is up, or it cannot be waited for. */
static bool
await_room(struct sink *s)
{
	int64_t now_ms = clock_real_mono_ms(), left_ms;
	struct timeval tv;

	if (s->give_up_ms == 0)
		s->give_up_ms = now_ms + ROOM_MS;
	left_ms = s->give_up_ms - now_ms;
	if (left_ms <= 0 || event_assign(s->on_room, s->base, s->fd, EV_WRITE,
	    syslog_on_room, s) == -1)
		return false;
	tv = (struct timeval){ .tv_sec = left_ms / 1000,
		.tv_usec = left_ms % 1000 * 1000 };
	return event_add(s->on_room, &tv) == 0;
}

/* One try; false: it waits for room, and there will be another one. */
static bool
attempt(struct sink *s, struct str body, struct send_outcome *o)
{
	struct message read;
	struct err err;
	int error;

	*o = (struct send_outcome){ .result = SEND_DELIVERED };
	arena_reset(s->arena);
	if (message_read(s->arena, body, &read, &err) == -1) {
		o->result = sink_refusal();
		(void)snprintf(o->message, sizeof(o->message), "%.95s",
		    err.msg);
	} else if (send_message(s, &read) == -1) {
		error = errno;
		if (error == EAGAIN && await_room(s))
			return false;
		judge(s, error, o);
	}
	return true;
}

/* Courier's loop: there is room, or time is up. One more try in any case. */
static void
syslog_on_room(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;
	struct send_outcome o;

	(void)fd;
	(void)what;
	if (attempt(s, buf_str(&s->body), &o))
		s->done(&o, s->ctx);
}

/* Ends before it returns, unless the socket is full. */
static void
syslog_send(struct sink *s, const struct sink_message *m, sink_done_fn *done,
    void *ctx)
{
	struct send_outcome o;

	s->done = done;
	s->ctx = ctx;
	s->give_up_ms = 0;
	if (attempt(s, m->body, &o)) {
		done(&o, ctx);
		return;
	}
	buf_reset(&s->body);
	buf_add_str(&s->body, m->body);
	if (!s->body.failed)
		return;
	(void)event_del(s->on_room);	/* cannot fail once it was added */
	judge(s, EAGAIN, &o);
	done(&o, ctx);
}

static void
syslog_cancel(struct sink *s)
{
	(void)event_del(s->on_room);	/* likewise */
}

const struct sink_kind sink_kind_syslog = {
	.name = "syslog",
	.open = syslog_open,
	.send = syslog_send,
	.cancel = syslog_cancel,
	.free = syslog_free,
};
