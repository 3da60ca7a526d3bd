/* SPDX-License-Identifier: ISC */
/*
 *	start -> ask --> the thread: reader_run --> on_box -> answer
 *	           ^                                  |
 *	           |          nothing yet, and it waits
 *	           +-- on_gather <- on_watcher        v
 *	                                  wait_for_more -> on_patience -> answer
 *	answer -> on_sent: its place is free
 *	on_close, on_hang_up: whoever asked is gone
 */
#include "daemon/control_alerts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/alerts_question.h"
#include "daemon/alerts_view.h"
#include "daemon/conf.h"
#include "daemon/control_ask.h"
#include "daemon/status.h"
#include "daemon/topic_named.h"

/* What a flood commits in that time goes out in one answer. */
static const struct timeval gather = { 0, 100000 };

struct alerts_job {
	struct mail		 mail;		/* the first: the boxes' */
	LIST_ENTRY(alerts_job)	 link;
	struct control_alerts	*owner;
	struct evhttp_request	*req;		/* NULL: hung up */
	bool			 waits, late;	/* late: it has waited enough */
	bool			 leaves;	/* it is being sent */
	struct event		*patience;	/* if it waits at all */
	struct event		*hang_up;	/* while it waits */
	uint64_t		 wakes;		/* when it was given away */
	struct alerts_question	 q;		/* the thread reads its ask */

	/* The thread's, until it is back. */
	struct buf		 out;
	struct alerts_page	 page;
	bool			 failed;
	struct err		 err;
};

LIST_HEAD(alerts_jobs, alerts_job);

struct control_alerts {
	struct event_base	*base;
	struct alerts_jobs	 jobs;
	size_t			 n_asking, n_waiting;
	uint64_t		 wakes;		/* commits heard of */
	void			(*tell)(void *ctx);	/* or NULL */
	void			*tell_ctx;
	struct mailbox		*watcher;	/* borrowed, or NULL */
	struct mailbox		*box;		/* of what is read */
	struct event		*on_box, *on_watcher, *on_gather;

	pthread_t		 thread;
	bool			 started;
	char			*store_path;	/* the thread's, since then */
	struct mailbox		*asked;
	atomic_bool		 stopping;
};

/*
 * The thread
 */

static void
read_job(struct alerts_job *job, struct db *db)
{
	buf_reset(&job->out);
	job->failed = db == NULL || alerts_view_write(&job->q.ask, db,
	    &job->out, &job->page, &job->err) == -1;
}

/* A store that could not be opened is tried again for the next one. */
static void
read_all(struct control_alerts *c, struct db **db)
{
	struct mail *m = mailbox_take(c->asked);

	while (m != NULL && !atomic_load(&c->stopping)) {
		struct alerts_job *job = (struct alerts_job *)(void *)m;

		m = m->next;
		if (*db == NULL)
			*db = db_open(c->store_path, DB_READER, &job->err);
		read_job(job, *db);
		mailbox_put_always(c->box, &job->mail);
	}
	if (*db != NULL)
		db_rest(*db);
}

static void *
reader_run(void *arg)
{
	struct control_alerts *c = arg;
	struct db *db = NULL;

	/* For people who look at threads; it works without. */
	(void)pthread_setname_np(pthread_self(), "alerts");
	while (!atomic_load(&c->stopping)) {
		(void)mailbox_wait(c->asked, -1);	/* EINTR: looks */
		read_all(c, &db);
	}
	db_close(db);
	return NULL;
}

static int
start_reader(struct control_alerts *c, const char *store_path,
    struct err *err)
{
	sigset_t before;
	int rc;

	if (c->started)
		return 0;
	free(c->store_path);
	c->store_path = strdup(store_path);
	if (c->store_path == NULL)
		return err_set(err, "out of memory");
	loop_block_signals(&before);
	rc = pthread_create(&c->thread, NULL, reader_run, c);
	loop_unblock_signals(&before);
	c->started = rc == 0;
	return rc == 0 ? 0 : err_set(err, "starting a thread: %s",
	    strerror(rc));
}

/*
 * The main loop
 */

static void
stop_waiting(struct alerts_job *job)
{
	loop_event_free(job->hang_up);
	job->hang_up = NULL;
	job->waits = false;
}

static size_t *
places_of(struct control_alerts *c, const struct alerts_job *job)
{
	return job->q.wait_s > 0 ? &c->n_waiting : &c->n_asking;
}

/* False: there is none. */
static bool
take_place(struct control_alerts *c, struct alerts_job *job,
    struct evhttp_request *req)
{
	size_t *n = places_of(c, job);

	if (*n >= (job->q.wait_s > 0 ? CONTROL_ALERTS_WAITING :
	    CONTROL_ALERTS_AT_ONCE))
		return false;
	job->owner = c;
	job->req = req;
	LIST_INSERT_HEAD(&c->jobs, job, link);
	++*n;
	return true;
}

static void
job_free(struct alerts_job *job)
{
	if (job->owner != NULL) {
		LIST_REMOVE(job, link);
		--*places_of(job->owner, job);
	}
	stop_waiting(job);
	loop_event_free(job->patience);
	alerts_question_clear(&job->q);
	buf_clear(&job->out);
	free(job);
}

/* The request goes with its connection. */
static void
alerts_on_close(struct evhttp_connection *connection, void *arg)
{
	struct alerts_job *job = arg;

	(void)connection;
	job->req = NULL;
	if (job->waits || job->leaves)
		job_free(job);		/* else when it is back */
}

static bool
is_of_no_topic(const struct alerts_job *job)
{
	return job->page.no_topic && job->q.is_unknown;
}

static void
refuse_topic(struct alerts_job *job)
{
	char what[TOPIC_NAMED_SIZE];

	topic_named_refuse(job->q.topic, job->page.near[0] != '\0' ?
	    job->page.near : NULL, what, sizeof(what));
	control_refuse(job->req, HTTP_NOTFOUND, what);
}

static void
leave_request(struct evhttp_request *req)
{
	evhttp_request_set_on_complete_cb(req, NULL, NULL);
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    NULL, NULL);
}

static void
alerts_on_sent(struct evhttp_request *req, void *arg)
{
	leave_request(req);
	job_free(arg);
}

/* Whoever reads slowly keeps its place: the answer stays in memory. */
static void
answer(struct alerts_job *job)
{
	stop_waiting(job);
	job->leaves = true;
	evhttp_request_set_on_complete_cb(job->req, alerts_on_sent, job);
	if (job->failed)
		control_refuse(job->req, HTTP_SERVUNAVAIL, job->err.msg);
	else if (is_of_no_topic(job))
		refuse_topic(job);
	else
		control_send_json(job->req, HTTP_OK, buf_str(&job->out));
	buf_clear(&job->out);		/* libevent has its own */
}

/* It has waited long enough, however often it was looked for meanwhile: the
 * answer is empty, unless the thread is about to give one. */
static void
alerts_on_patience(evutil_socket_t unused, short what, void *arg)
{
	struct alerts_job *job = arg;

	(void)unused;
	(void)what;
	job->late = true;
	if (job->waits)
		answer(job);		/* else it is read, or it is sent */
}

/* Nobody reads the connection while it waits: this looks whether it is there
 * still. Calls alerts_on_close. */
static void
alerts_on_hang_up(evutil_socket_t unused, short what, void *arg)
{
	struct alerts_job *job = arg;

	(void)unused;
	(void)what;
	evhttp_connection_free(evhttp_request_get_connection(job->req));
}

static void
give_to_reader(struct control_alerts *c, struct alerts_job *job)
{
	stop_waiting(job);
	job->wakes = c->wakes;
	mailbox_put_always(c->asked, &job->mail);
}

/* False: memory is out, so it is answered as soon as it is read. */
static bool
begin_patience(struct control_alerts *c, struct alerts_job *job)
{
	const struct timeval wait = { (time_t)job->q.wait_s, 0 };

	job->patience = evtimer_new(c->base, alerts_on_patience, job);
	return job->patience != NULL && evtimer_add(job->patience, &wait) == 0;
}

/* Where a hang-up cannot be seen the connection lasts until the answer. */
static void
wait_for_more(struct control_alerts *c, struct alerts_job *job)
{
	struct bufferevent *connection = evhttp_connection_get_bufferevent(
	    evhttp_request_get_connection(job->req));

	job->hang_up = event_new(c->base, bufferevent_getfd(connection),
	    EV_CLOSED, alerts_on_hang_up, job);
	if (job->hang_up != NULL)
		(void)event_add(job->hang_up, NULL);
	job->waits = true;
}

/* What the thread has found. What was committed since it looked is looked for
 * at once: of that nobody tells any more. */
static void
take_job(struct control_alerts *c, struct alerts_job *job)
{
	bool is_empty = !job->failed && job->page.n == 0 &&
	    !is_of_no_topic(job);

	if (job->req == NULL) {
		job_free(job);
		return;
	}
	if (job->q.wait_s == 0 || job->late || !is_empty) {
		answer(job);
		return;
	}
	job->q.ask.after = job->page.next;
	if (job->page.more || job->wakes != c->wakes)
		give_to_reader(c, job);
	else
		wait_for_more(c, job);
}

static void
alerts_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct control_alerts *c = arg;
	struct mail *m = mailbox_take(c->box);

	(void)fd;
	(void)what;
	while (m != NULL) {
		struct alerts_job *job = (struct alerts_job *)(void *)m;

		m = m->next;
		take_job(c, job);
	}
}

/* A commit holds alerts: who waits is answered soon. */
static void
alerts_on_watcher(evutil_socket_t fd, short what, void *arg)
{
	struct control_alerts *c = arg;

	(void)fd;
	(void)what;
	(void)mailbox_take(c->watcher);		/* it is only woken */
	c->wakes++;
	if (!evtimer_pending(c->on_gather, NULL))
		(void)evtimer_add(c->on_gather, &gather);
}

static void
alerts_on_gather(evutil_socket_t unused, short what, void *arg)
{
	struct control_alerts *c = arg;
	struct alerts_job *job;

	(void)unused;
	(void)what;
	LIST_FOREACH(job, &c->jobs, link)
		if (job->waits)
			give_to_reader(c, job);
	if (c->tell != NULL)
		c->tell(c->tell_ctx);
}

void
control_alerts_tell(struct control_alerts *c, void (*on_alerts)(void *ctx),
    void *ctx)
{
	c->tell = on_alerts;
	c->tell_ctx = ctx;
}

void
control_alerts_start(struct control_alerts *c, struct evhttp_request *req,
    const struct status_env *env)
{
	struct alerts_job *job;
	struct err err;

	if (start_reader(c, env->conf->store.path, &err) == -1) {
		control_refuse(req, HTTP_SERVUNAVAIL, err.msg);
		return;
	}
	job = calloc(1, sizeof(*job));
	if (job == NULL) {
		control_refuse(req, HTTP_SERVUNAVAIL, "out of memory");
		return;
	}
	buf_init(&job->out, ALERTS_MAX_BYTES);
	if (alerts_question_read(&job->q, evhttp_uri_get_query(
	    evhttp_request_get_evhttp_uri(req)), env->conf,
	    clock_wall_us(env->clock) / CLOCK_US_PER_S) == -1) {
		control_refuse(req, HTTP_BADREQUEST, job->q.what);
		job_free(job);
		return;
	}
	if (!take_place(c, job, req)) {
		control_refuse(req, HTTP_SERVUNAVAIL, job->q.wait_s > 0 ?
		    "too many wait for alerts: ask again in a moment" :
		    "too many ask for alerts: ask again in a moment");
		job_free(job);
		return;
	}
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    alerts_on_close, job);
	if (job->q.wait_s > 0 && !begin_patience(c, job))
		job->late = true;
	give_to_reader(c, job);
}

struct control_alerts *
control_alerts_new(struct event_base *base, struct mailbox *watcher)
{
	struct control_alerts *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	LIST_INIT(&c->jobs);
	c->base = base;
	c->watcher = watcher;
	c->box = mailbox_new(CONTROL_ALERTS_AT_ONCE + CONTROL_ALERTS_WAITING);
	c->asked = mailbox_new(CONTROL_ALERTS_AT_ONCE +
	    CONTROL_ALERTS_WAITING);
	c->on_box = loop_on_mail(base, c->box, alerts_on_box, c);
	c->on_gather = evtimer_new(base, alerts_on_gather, c);
	if (watcher != NULL)
		c->on_watcher = loop_on_mail(base, watcher, alerts_on_watcher,
		    c);
	if (c->on_box != NULL && c->asked != NULL && c->on_gather != NULL &&
	    (watcher == NULL || c->on_watcher != NULL))
		return c;
	control_alerts_free(c);
	return NULL;
}

static void
stop_reader(struct control_alerts *c)
{
	if (!c->started)
		return;
	atomic_store(&c->stopping, true);
	mailbox_wake(c->asked);
	(void)pthread_join(c->thread, NULL);	/* once: fine */
}

void
control_alerts_free(struct control_alerts *c)
{
	struct alerts_job *job;

	if (c == NULL)
		return;
	stop_reader(c);
	/* Mail of the jobs below. */
	if (c->box != NULL)
		(void)mailbox_take(c->box);
	if (c->asked != NULL)
		(void)mailbox_take(c->asked);
	while ((job = LIST_FIRST(&c->jobs)) != NULL) {
		if (job->req != NULL)
			leave_request(job->req);
		job_free(job);
	}
	loop_event_free(c->on_box);
	loop_event_free(c->on_watcher);
	loop_event_free(c->on_gather);
	mailbox_free(c->box);
	mailbox_free(c->asked);
	free(c->store_path);
	free(c);
}
