/* SPDX-License-Identifier: ISC */
/*
 * Lines on standard output: in colour on a terminal (unless NO_COLOR is set,
 * no-color.org), plain elsewhere.
 *
 * Who reads them may stop (Ctrl-S, a pager), and must not hold up other sinks.
 * A terminal and a pipe are shared with other programs, so O_NONBLOCK must not
 * be set on them: they are opened a second time. What the reader did not take
 * of an alert is kept, and goes out first when the alert is tried again.
 */
#include "alerts/sink_table.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerts/message.h"
#include "alerts/terminal_wrap.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum { MAX_TEXT = 256 * 1024 };

struct sink {
	int		 fd;
	bool		 owned;		/* opened a second time */
	bool		 is_socket;	/* systemd's journal, for one */
	bool		 colour;
	struct arena	*arena;		/* of the alert under way */
	struct buf	 lines;		/* its lines, before they are broken */
	struct buf	 text;		/* the alert under way, */
	size_t		 written;	/* so much of it is out; */
	struct buf	 id;		/* and whose it is */
};

static void
terminal_free(struct sink *s)
{
	if (s == NULL)
		return;
	if (s->owned)
		close(s->fd);
	arena_free(s->arena);
	buf_clear(&s->lines);
	buf_clear(&s->text);
	buf_clear(&s->id);
	free(s);
}

static bool
wants_colour(int fd)
{
	const char *no = getenv("NO_COLOR");

	return isatty(fd) == 1 && (no == NULL || *no == '\0');
}

/* Where it cannot be opened again (another user's) the first one serves. */
static int
open_output(struct sink *s, struct err *err)
{
	struct stat st;
	int fd;

	if (fstat(STDOUT_FILENO, &st) == -1)
		return err_set(err, "standard output: %s", strerror(errno));
	s->fd = STDOUT_FILENO;
	s->is_socket = S_ISSOCK(st.st_mode);
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return 0;
	fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC |
	    O_NOCTTY);
	if (fd != -1) {
		s->fd = fd;
		s->owned = true;
	}
	return 0;
}

static struct sink *
terminal_open(const struct sink_env *env,
    const struct sink_settings *settings, struct err *err)
{
	struct sink *s = calloc(1, sizeof(*s));

	(void)env;
	(void)settings;
	if (s == NULL || (s->arena = arena_new(MAX_TEXT)) == NULL) {
		free(s);
		err_set(err, "out of memory");
		return NULL;
	}
	buf_init(&s->lines, MAX_TEXT);
	buf_init(&s->text, MAX_TEXT);
	buf_init(&s->id, MAX_TEXT);
	if (open_output(s, err) == -1) {
		terminal_free(s);
		return NULL;
	}
	s->colour = wants_colour(STDOUT_FILENO);
	return s;
}

/* As much as goes without waiting; -1 and errno. */
static ssize_t
write_some(const struct sink *s, const char *p, size_t n)
{
	struct pollfd ready = { .fd = s->fd, .events = POLLOUT };

	if (s->is_socket)
		return send(s->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&ready, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(s->fd, p, n);
}

static int
write_rest(struct sink *s)
{
	ssize_t n;

	while (s->written < s->text.n) {
		n = write_some(s, s->text.p + s->written,
		    s->text.n - s->written);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		s->written += (size_t)n;
	}
	return 0;
}

/* It may be another with each alert; 0: what it is not known of, a pipe. */
static unsigned
columns_of(const struct sink *s)
{
	struct winsize size;

	return ioctl(s->fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static int
add_message(struct sink *s, struct str body, struct err *err)
{
	unsigned columns = columns_of(s);	/* may set errno: first */
	struct message m;

	arena_reset(s->arena);
	buf_reset(&s->lines);
	if (message_read(s->arena, body, &m, err) == -1)
		return -1;
	message_to_terminal(&s->lines, &m, s->colour);
	terminal_wrap(&s->text, buf_str(&s->lines), columns);
	s->text.failed |= s->lines.failed;
	return 0;
}

/* Lays the message out behind what is left of another one. 0, or -1, *err and
 * errno as message_read has it. */
static int
lay_out(struct sink *s, const struct sink_message *m, struct err *err)
{
	if (str_eq(buf_str(&s->id), m->id) && s->written < s->text.n)
		return 0;		/* the same again: its rest */
	if (s->written == s->text.n) {
		buf_reset(&s->text);
		s->written = 0;
	}
	if (add_message(s, m->body, err) == -1)
		return -1;
	buf_reset(&s->id);
	buf_add_str(&s->id, m->id);
	if (!s->text.failed && !s->id.failed)
		return 0;
	buf_reset(&s->text);
	s->written = 0;
	return err_set(err, "out of memory");
}

/* Ends before it returns. */
static void
terminal_send(struct sink *s, const struct sink_message *m,
    sink_done_fn *done, void *ctx)
{
	struct send_outcome o = { .result = SEND_DELIVERED };
	struct err err;

	if (lay_out(s, m, &err) == -1) {
		o.result = sink_refusal();
		(void)snprintf(o.message, sizeof(o.message), "%.95s",
		    err.msg);
	} else if (write_rest(s) == -1) {
		o.result = SEND_SINK_WAITS;
		o.retry_after_s = errno == EAGAIN ? 1 : 0;
		(void)snprintf(o.message, sizeof(o.message),
		    "standard output: %s", strerror(errno));
	}
	done(&o, ctx);
}

/* Nothing is ever under way. */
static void
terminal_cancel(struct sink *s)
{
	(void)s;
}

const struct sink_kind sink_kind_terminal = {
	.name = "terminal",
	.open = terminal_open,
	.send = terminal_send,
	.cancel = terminal_cancel,
	.free = terminal_free,
};
