/* SPDX-License-Identifier: ISC */
/*
 *	start -> READING (the thread) --> on_box -- nothing new --> IDLE
 *	            ^                       |                        |
 *	            |                    a piece                 on_alerts
 *	            |                       v                        |
 *	            +--- there is more -- WRITING -> on_written      |
 *	            +------------------------------------------------+
 *	on_close, on_hang_up: whoever followed is gone
 */
#include "daemon/control_stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/alerts_view.h"
#include "daemon/conf.h"
#include "daemon/control_alerts.h"
#include "daemon/control_ask.h"
#include "daemon/question.h"
#include "daemon/status.h"

enum { PIECE = 100 };			/* alerts, at most */

enum stream_state { READING, WRITING, IDLE };

struct stream {
	struct mail		 mail;		/* the first: the boxes' */
	LIST_ENTRY(stream)	 link;
	struct control_streams	*owner;
	struct evhttp_request	*req;		/* NULL: hung up */
	struct event		*hang_up;
	enum stream_state	 state;

	/* The thread's while it reads. */
	struct alerts_ask	 ask;
	uint64_t		 wakes;		/* when it was given away */
	struct buf		 out;
	struct alerts_page	 page;
	bool			 failed;
};

struct control_streams {
	struct event_base	*base;
	LIST_HEAD(, stream)	 streams;
	size_t			 n;
	uint64_t		 wakes;		/* commits heard of */
	struct mailbox		*box;		/* of what is read */
	struct event		*on_box, *on_beat;

	pthread_t		 thread;
	bool			 started;
	char			*store_path;	/* the thread's, since then */
	struct mailbox		*asked;
	atomic_bool		 stopping;

	/* The thread's: what it read last, and for whom. */
	struct buf		 read;
	struct alerts_ask	 read_ask;
	struct alerts_page	 read_page;
	uint64_t		 read_wakes;
	bool			 has_read;
};

static void	stream_on_written(struct evhttp_connection *, void *);

/*
 * The thread
 */

static bool
is_read(const struct control_streams *c, const struct stream *s)
{
	return c->has_read && c->read_wakes == s->wakes &&
	    c->read_ask.after == s->ask.after &&
	    c->read_ask.newest == s->ask.newest;
}

static void
read_stream(struct control_streams *c, struct stream *s, struct db *db)
{
	struct err err;		/* the store's health tells of it */

	buf_reset(&s->out);
	if (!is_read(c, s)) {
		buf_reset(&c->read);
		c->has_read = db != NULL && alerts_view_write(&s->ask, db,
		    &c->read, &c->read_page, &err) == 0;
		c->read_ask = s->ask;
		c->read_wakes = s->wakes;
	}
	if (c->has_read) {
		buf_add_str(&s->out, buf_str(&c->read));
		s->page = c->read_page;
	}
	s->failed = !c->has_read || s->out.failed;
}

/* A store that could not be opened is tried again for the next one. */
static void
read_all(struct control_streams *c, struct db **db)
{
	struct mail *m = mailbox_take(c->asked);
	struct err err;

	while (m != NULL && !atomic_load(&c->stopping)) {
		struct stream *s = (struct stream *)(void *)m;

		m = m->next;
		if (*db == NULL)
			*db = db_open(c->store_path, DB_READER, &err);
		read_stream(c, s, *db);
		mailbox_put_always(c->box, &s->mail);
	}
	if (*db != NULL)
		db_rest(*db);
}

static void *
reader_run(void *arg)
{
	struct control_streams *c = arg;
	struct db *db = NULL;

	/* For people who look at threads; it works without. */
	(void)pthread_setname_np(pthread_self(), "stream");
	while (!atomic_load(&c->stopping)) {
		(void)mailbox_wait(c->asked, -1);	/* EINTR: looks */
		read_all(c, &db);
	}
	db_close(db);
	return NULL;
}

static bool
start_reader(struct control_streams *c, const char *store_path)
{
	sigset_t before;

	if (c->started)
		return true;
	free(c->store_path);
	c->store_path = strdup(store_path);
	if (c->store_path == NULL)
		return false;
	loop_block_signals(&before);
	c->started = pthread_create(&c->thread, NULL, reader_run, c) == 0;
	loop_unblock_signals(&before);
	return c->started;
}

/*
 * The main loop
 */

static void
stream_free(struct stream *s)
{
	LIST_REMOVE(s, link);
	s->owner->n--;
	loop_event_free(s->hang_up);
	buf_clear(&s->out);
	free(s);
}

/* The connection goes; with the request, or the request is ours. */
static void
stream_on_close(struct evhttp_connection *connection, void *arg)
{
	struct stream *s = arg;

	(void)connection;
	if (evhttp_request_get_connection(s->req) == NULL)
		evhttp_request_free(s->req);
	s->req = NULL;
	if (s->state != READING)
		stream_free(s);		/* else when it is back */
	else
		(void)event_del(s->hang_up);	/* its descriptor goes */
}

static void
cut_off(struct stream *s)
{
	/* Calls stream_on_close. */
	evhttp_connection_free(evhttp_request_get_connection(s->req));
}

/* Nobody reads the connection: this looks whether it is there still. */
static void
stream_on_hang_up(evutil_socket_t unused, short what, void *arg)
{
	(void)unused;
	(void)what;
	cut_off(arg);
}

static void
give_to_reader(struct stream *s)
{
	s->state = READING;
	s->wakes = s->owner->wakes;
	mailbox_put_always(s->owner->asked, &s->mail);
}

/* Of what was committed since it was read nobody tells any more. */
static void
go_on(struct stream *s)
{
	if (s->page.more || s->wakes != s->owner->wakes)
		give_to_reader(s);
	else
		s->state = IDLE;
}

/* False: memory is out, and it is cut off. */
static bool
send_text(struct stream *s, struct str text,
    void (*on_written)(struct evhttp_connection *, void *))
{
	struct evbuffer *out = evbuffer_new();
	bool is_sent = out != NULL && evbuffer_add(out, text.p, text.n) == 0;

	if (is_sent)
		evhttp_send_reply_chunk_with_cb(s->req, out, on_written, s);
	if (out != NULL)
		evbuffer_free(out);
	if (!is_sent)
		cut_off(s);
	return is_sent;
}

/* What the thread has found. */
static void
take_stream(struct stream *s)
{
	if (s->req == NULL) {
		stream_free(s);
		return;
	}
	s->state = IDLE;
	if (s->failed) {
		cut_off(s);		/* it asks again, and goes on */
		return;
	}
	s->ask.after = s->page.next;
	s->ask.newest = 0;
	if (s->page.n == 0) {
		go_on(s);
		return;
	}
	s->state = WRITING;
	if (send_text(s, buf_str(&s->out), stream_on_written))
		buf_clear(&s->out);	/* libevent has its own */
}

/* Main loop: whoever follows has the piece, or the kernel for it. */
static void
stream_on_written(struct evhttp_connection *connection, void *arg)
{
	(void)connection;
	go_on(arg);
}

static void
stream_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct control_streams *c = arg;
	struct mail *m = mailbox_take(c->box);

	(void)fd;
	(void)what;
	while (m != NULL) {
		struct stream *s = (struct stream *)(void *)m;

		m = m->next;
		take_stream(s);
	}
}

/* Main loop: a commit holds alerts. */
static void
stream_on_alerts(void *ctx)
{
	struct control_streams *c = ctx;
	struct stream *s;

	c->wakes++;
	LIST_FOREACH(s, &c->streams, link)
		if (s->state == IDLE)
			give_to_reader(s);
}

/* Main loop: so that proxies, and we, know who is there. */
static void
stream_on_beat(evutil_socket_t unused, short what, void *arg)
{
	struct control_streams *c = arg;
	struct stream *s, *next;

	(void)unused;
	(void)what;
	for (s = LIST_FIRST(&c->streams); s != NULL; s = next) {
		next = LIST_NEXT(s, link);
		if (s->state == IDLE)
			(void)send_text(s, STR(":\n\n"), NULL);
	}
}

/* after -1 and newest 0: from now on. */
static bool
read_ask(struct alerts_ask *ask, struct evhttp_request *req,
    char what[QUESTION_WHAT_SIZE])
{
	const char *after = NULL, *last = NULL, *header = evhttp_find_header(
	    evhttp_request_get_input_headers(req), "Last-Event-ID");
	const struct question_pair known[] = { { "after", &after },
		{ "last", &last } };
	struct evkeyvalq pairs;
	bool is_fine = question_read(what, &pairs, evhttp_uri_get_query(
	    evhttp_request_get_evhttp_uri(req)), known, 2);

	*ask = (struct alerts_ask){ .since_s = INT64_MIN, .after = -1,
		.from_end = true, .limit = PIECE, .as_events = true };
	if (header != NULL && *header != '\0')
		after = header;
	is_fine = is_fine && question_number(what, "after", after,
	    INT64_MAX, "the id of the last event", &ask->after) &&
	    question_number(what, "last", last, CONTROL_STREAMS_MOST_LAST,
	    "alerts, at most 1000", &ask->newest);
	evhttp_clear_headers(&pairs);
	return is_fine;
}

static bool
watch_hang_up(struct control_streams *c, struct stream *s)
{
	struct bufferevent *connection = evhttp_connection_get_bufferevent(
	    evhttp_request_get_connection(s->req));

	s->hang_up = event_new(c->base, bufferevent_getfd(connection),
	    EV_CLOSED, stream_on_hang_up, s);
	return s->hang_up != NULL && event_add(s->hang_up, NULL) == 0;
}

static void
begin(struct control_streams *c, struct stream *s)
{
	evhttp_connection_set_closecb(evhttp_request_get_connection(s->req),
	    stream_on_close, s);
	evhttp_add_header(evhttp_request_get_output_headers(s->req),
	    "Content-Type", "text/event-stream");
	evhttp_send_reply_start(s->req, HTTP_OK, NULL);
	s->state = IDLE;
	if (!watch_hang_up(c, s))
		cut_off(s);
	else if (send_text(s, STR(":\n\n"), NULL))
		give_to_reader(s);
}

void
control_streams_start(struct control_streams *c, struct evhttp_request *req,
    const struct status_env *env)
{
	char what[QUESTION_WHAT_SIZE];
	struct alerts_ask ask;
	struct stream *s;

	if (!read_ask(&ask, req, what)) {
		control_refuse(req, HTTP_BADREQUEST, what);
		return;
	}
	if (c->n >= CONTROL_STREAMS_MOST) {
		control_refuse(req, HTTP_SERVUNAVAIL, "too many follow: ask "
		    "again in a moment");
		return;
	}
	s = start_reader(c, env->conf->store.path) ? calloc(1, sizeof(*s)) :
	    NULL;
	if (s == NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, "out of memory");
		return;
	}
	s->owner = c;
	s->req = req;
	s->ask = ask;
	buf_init(&s->out, ALERTS_MAX_BYTES);
	LIST_INSERT_HEAD(&c->streams, s, link);
	c->n++;
	begin(c, s);
}

struct control_streams *
control_streams_new(struct event_base *base, struct control_alerts *alerts)
{
	static const struct timeval beat = { CONTROL_STREAMS_BEAT_S, 0 };
	struct control_streams *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	LIST_INIT(&c->streams);
	buf_init(&c->read, ALERTS_MAX_BYTES);
	c->base = base;
	c->box = mailbox_new(CONTROL_STREAMS_MOST);
	c->asked = mailbox_new(CONTROL_STREAMS_MOST);
	c->on_box = loop_on_mail(base, c->box, stream_on_box, c);
	c->on_beat = event_new(base, -1, EV_PERSIST, stream_on_beat, c);
	if (c->asked != NULL && c->on_box != NULL && c->on_beat != NULL &&
	    event_add(c->on_beat, &beat) == 0) {
		control_alerts_tell(alerts, stream_on_alerts, c);
		return c;
	}
	control_streams_free(c);
	return NULL;
}

void
control_streams_free(struct control_streams *c)
{
	struct stream *s;

	if (c == NULL)
		return;
	if (c->started) {
		atomic_store(&c->stopping, true);
		mailbox_wake(c->asked);
		(void)pthread_join(c->thread, NULL);	/* once: fine */
	}
	/* Mail of the streams below. */
	if (c->box != NULL)
		(void)mailbox_take(c->box);
	if (c->asked != NULL)
		(void)mailbox_take(c->asked);
	while ((s = LIST_FIRST(&c->streams)) != NULL) {
		if (s->req != NULL)
			evhttp_connection_set_closecb(
			    evhttp_request_get_connection(s->req), NULL,
			    NULL);
		stream_free(s);
	}
	loop_event_free(c->on_box);
	loop_event_free(c->on_beat);
	mailbox_free(c->box);
	mailbox_free(c->asked);
	buf_clear(&c->read);
	free(c->store_path);
	free(c);
}
