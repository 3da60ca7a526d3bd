/* SPDX-License-Identifier: ISC */
/*
 * Messages to a syslog server over TCP (RFC 6587, octet counting) or TLS (RFC
 * 5425): "LENGTH SP MESSAGE", at most 8192 octets each.
 *
 * Syslog has no answer. An alert is delivered when the server's kernel has
 * acknowledged its last byte and the connection was still there; until then it
 * waits in the outbox. What the server's kernel has and its program has not
 * read is lost when that program ends, and the end is all we see of it. So the
 * last lines are kept here, and written once more to the next connection,
 * before all else:
 *
 *	reset			the server had unread bytes: the lines of the
 *				last 15 s
 *	not acknowledged	it hangs, and may have read nothing for as long
 *	within 15 s		before: those of the last 30 s
 *	ended in order, or	it may have read them, or not: those of the
 *	anything else		last 2 s
 *
 * at most 128, each until it was acknowledged three times more. So after a
 * restart of the server the last lines may be there twice, with the same id and
 * still in order. What is kept so goes with the process; the outbox has it as
 * sent. For more than that a protocol with answers is needed.
 *
 * A server need take no more than 2048 octets (RFC 5425, 4.3.1), and some hang
 * up on more. Whoever did so on an alert again and again gets that one short.
 */
#include "alerts/sink_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/alert.h"
#include "alerts/syslog_5424.h"
#include "alerts/syslog_lines.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/stream.h"
#include "base/tls_client.h"

enum {
	MAX_ALERT_BYTES = 256 * 1024,
	MAX_TIMES = 4,
	RESET_MS = 15000,
	TIMEOUT_MS = STREAM_WRITE_MS + RESET_MS,
	END_MS = 2000,
	FIRST_AGAIN_S = 1,
	MAX_AGAIN_S = 60,
	MAX_HANG_UPS = 2	/* on a new connection each */
};

/* An alert that is longer than a server need take, and how often one hung up
 * on it. */
struct hung {
	char		id[ALERT_ID_SIZE];
	unsigned	times;
};

struct sink {
	struct event_base	*base;
	const char		*host, *port;	/* the settings' */
	struct tls_client	*tls;		/* NULL: TCP */
	struct syslog_origin	 origin;
	struct arena		*arena;
	struct syslog_lines	 lines;
	struct stream		*stream;	/* NULL: none */
	bool			 ready;		/* it may be written to */
	bool			 fresh;		/* made for the current one */
	char			 id[ALERT_ID_SIZE];	/* the current one's */
	struct hung		 hung;
	struct event		*again;		/* there is something owed */
	int			 again_s;
	sink_done_fn		*done;		/* NULL: nothing is under way */
	void			*ctx;
};

static void	on_again(evutil_socket_t, short, void *);
static void	on_ready(void *);
static void	on_acked(void *);
static void	on_end(enum stream_end, const char *, void *);

static const struct stream_ops stream_ops = { on_ready, on_acked, on_end };

/*
 * Life
 */

/* Nothing is owed any more: whoever cancels or frees has it in the outbox, or
 * wants no more of it. */
static void
stream_sink_cancel(struct sink *s)
{
	stream_free(s->stream);
	s->stream = NULL;
	s->ready = false;
	s->done = NULL;
	syslog_lines_clear(&s->lines);
	(void)evtimer_del(s->again);
}

static void
stream_sink_free(struct sink *s)
{
	if (s == NULL)
		return;
	if (s->again != NULL) {
		stream_sink_cancel(s);
		event_free(s->again);
	}
	tls_client_free(s->tls);
	arena_free(s->arena);
	free(s);
}

static int
set_up(struct sink *s, const struct sink_env *env,
    const struct sink_settings *settings, struct err *err)
{
	const struct tls_files files = { settings->ca, settings->client_cert,
		settings->client_key };

	s->base = env->base;
	s->host = settings->remote;
	s->port = settings->port;
	s->again_s = FIRST_AGAIN_S;
	s->arena = arena_new(MAX_ALERT_BYTES);
	s->again = evtimer_new(env->base, on_again, s);
	if (s->arena == NULL || s->again == NULL)
		return err_set(err, "out of memory");
	if (syslog_origin_init(&s->origin, settings->facility, err) == -1)
		return -1;
	if (str_same(settings->transport, "tls") &&
	    (s->tls = tls_client_new(&files, err)) == NULL)
		return -1;
	return 0;
}

static struct sink *
stream_sink_open(const struct sink_env *env,
    const struct sink_settings *settings, struct err *err)
{
	struct sink *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	if (set_up(s, env, settings, err) == -1) {
		stream_sink_free(s);
		return NULL;
	}
	return s;
}

/*
 * Sending
 */

/* Calls done, and does nothing after that. */
static void
finish(struct sink *s, enum send_result result, const char *why)
{
	struct send_outcome o = { .result = result };
	sink_done_fn *done = s->done;

	s->done = NULL;
	if (why != NULL)
		(void)snprintf(o.message, sizeof(o.message), "%.40s: %.52s",
		    s->host, why);
	done(&o, s->ctx);
}

static bool
begin_connect(struct sink *s)
{
	const struct stream_peer peer = { s->host, s->port, s->tls };

	s->ready = false;
	syslog_lines_rewind(&s->lines, 0);
	s->stream = stream_open(s->base, &peer, &stream_ops, s);
	return s->stream != NULL;
}

/*
 * What does not go into the stream now goes with the next acknowledgement; none
 * comes where nothing went in. Calls back only then.
 */
static void
write_lines(struct sink *s)
{
	struct syslog_lines *l = &s->lines;

	while (l->written < l->n) {
		const struct syslog_line *line = &l->list[l->written];

		if (stream_write(s->stream,
		    (struct str){ line->p, line->n }) == -1)
			break;
		syslog_lines_wrote(l);
	}
	if (l->written < l->n && l->acked == l->written) {
		stream_free(s->stream);
		on_end(STREAM_FAILED, "out of memory", s);
	}
}

/* From the stream. */
static void
on_ready(void *ctx)
{
	struct sink *s = ctx;

	s->ready = true;
	write_lines(s);
}

/* From the stream. */
static void
on_acked(void *ctx)
{
	struct sink *s = ctx;

	syslog_lines_arrived(&s->lines);
	s->again_s = FIRST_AGAIN_S;
	if (s->lines.written < s->lines.n) {
		write_lines(s);
		return;
	}
	syslog_lines_trim(&s->lines);
	if (s->done != NULL)
		finish(s, SEND_DELIVERED, NULL);
}

/* Something is owed, and nobody else sees to it. */
static void
wait_and_connect(struct sink *s)
{
	const struct timeval tv = { .tv_sec = s->again_s };

	(void)evtimer_add(s->again, &tv);
	s->again_s = 2 * s->again_s < MAX_AGAIN_S ? 2 * s->again_s :
	    MAX_AGAIN_S;
}

/* Runs on the loop. */
static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct sink *s = arg;

	(void)fd;
	(void)what;
	if (s->stream == NULL && s->lines.n > 0 && !begin_connect(s))
		wait_and_connect(s);
}

/* How far back a server may not have read what its kernel has. */
static int64_t
unread_ms(enum stream_end how)
{
	switch (how) {
	case STREAM_RESET:
		return RESET_MS;
	case STREAM_TIMEOUT:
		return TIMEOUT_MS;
	case STREAM_CLOSED:
	case STREAM_DNS:
	case STREAM_CONNECT:
	case STREAM_TLS:
	case STREAM_FAILED:
		break;
	}
	return END_MS;
}

/* The connection was there. Lines that went once more before the alert may
 * have been the reason; going short costs this one little. */
static void
note_hang_up(struct sink *s, enum stream_end how)
{
	const struct syslog_line *line = &s->lines.list[s->lines.n - 1];

	if (!s->ready || (how != STREAM_CLOSED && how != STREAM_RESET) ||
	    line->n <= SYSLOG_MIN_FRAME)
		return;
	if (strcmp(s->hung.id, s->id) != 0) {
		memcpy(s->hung.id, s->id, sizeof(s->id));
		s->hung.times = 0;
	}
	s->hung.times++;
}

/*
 * From the stream, which is gone. A connection that was there before the
 * current line came may have been dead all the time: a new one is tried at
 * once, and only once.
 */
static void
on_end(enum stream_end how, const char *why, void *ctx)
{
	struct sink *s = ctx;

	s->stream = NULL;
	syslog_lines_drop_older(&s->lines, unread_ms(how), MAX_TIMES);
	if (s->done != NULL && s->fresh)
		note_hang_up(s, how);
	syslog_lines_rewind(&s->lines, 0);
	s->ready = false;
	if (s->done != NULL && !s->fresh &&
	    (how == STREAM_CLOSED || how == STREAM_RESET)) {
		s->fresh = true;
		if (begin_connect(s))
			return;
	}
	if (s->done != NULL)
		syslog_lines_drop_last(&s->lines); /* the outbox has it */
	if (s->lines.n > 0)
		wait_and_connect(s);
	if (s->done != NULL)
		finish(s, SEND_SINK_WAITS, why);
}

static size_t
max_frame(const struct sink *s)
{
	return s->hung.times >= MAX_HANG_UPS && strcmp(s->hung.id, s->id) == 0 ?
	    SYSLOG_MIN_FRAME : SYSLOG_MAX_FRAME;
}

/* RFC 6587, 3.4.1. 0, or -1, *err and errno as message_read has it. */
static int
make_frame(struct sink *s, struct str body, struct buf *frame,
    struct err *err)
{
	struct buf line;
	int rc;

	buf_init(&line, SYSLOG_MAX_FRAME);
	rc = syslog_5424_from_json(&line, &s->origin, s->arena, body,
	    max_frame(s), err);
	if (rc == 0) {
		buf_addf(frame, "%zu ", line.n);
		buf_add_str(frame, buf_str(&line));
		rc = frame->failed ? err_set(err, "out of memory") : 0;
	}
	buf_clear(&line);
	return rc;
}

static void
stream_sink_send(struct sink *s, const struct sink_message *m,
    sink_done_fn *done, void *ctx)
{
	struct buf frame;
	struct err err;

	s->done = done;
	s->ctx = ctx;
	(void)snprintf(s->id, sizeof(s->id), "%.*s", (int)m->id.n, m->id.p);
	buf_init(&frame, SYSLOG_MAX_FRAME + 16);
	if (make_frame(s, m->body, &frame, &err) == -1) {
		finish(s, sink_refusal(), err.msg);
		buf_clear(&frame);
		return;
	}
	syslog_lines_drop_older(&s->lines, RESET_MS, MAX_TIMES);
	syslog_lines_add(&s->lines, &frame);
	s->fresh = !s->ready;
	if (s->ready) {
		write_lines(s);
	} else if (s->stream == NULL && !begin_connect(s)) {
		syslog_lines_drop_last(&s->lines);
		finish(s, SEND_SINK_WAITS, "out of memory or descriptors");
	}
}

const struct sink_kind sink_kind_syslog_stream = {
	.name = "syslog",
	.open = stream_sink_open,
	.send = stream_sink_send,
	.cancel = stream_sink_cancel,
	.free = stream_sink_free,
};
