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
#include <event2/keyvalq_struct.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "daemon/alerts_view.h"
#include "daemon/conf.h"
#include "daemon/conf_value.h"
#include "daemon/control_ask.h"
#include "daemon/status.h"

enum { DAY_S = 86400, MOST_DAYS = 400, USUAL_LIMIT = 100, USUAL_HELD = 20,
    MOST_WAIT_S = 60, MAX_TYPED = 60 };

/* What a flood commits in that time goes out in one answer. */
static const struct timeval gather = { 0, 100000 };

struct alerts_job {
	struct mail		 mail;		/* the first: the boxes' */
	LIST_ENTRY(alerts_job)	 link;
	struct control_alerts	*owner;
	struct evhttp_request	*req;		/* NULL: hung up */
	char			*topic;		/* or NULL */
	char			*near;		/* the configured one that is
						 * nearest, or NULL */
	bool			 is_unknown;	/* it is not configured */
	int64_t			 wait_s;	/* 0: it does not */
	bool			 waits, late;	/* late: it has waited enough */
	bool			 leaves;	/* it is being sent */
	struct event		*patience;	/* if it waits at all */
	struct event		*hang_up;	/* while it waits */
	uint64_t		 wakes;		/* when it was given away */

	/* The thread's, until it is back. */
	struct alerts_ask	 ask;
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
	job->failed = db == NULL || alerts_view_write(&job->ask, db,
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
	return job->wait_s > 0 ? &c->n_waiting : &c->n_asking;
}

/* False: there is none. */
static bool
take_place(struct control_alerts *c, struct alerts_job *job,
    struct evhttp_request *req)
{
	size_t *n = places_of(c, job);

	if (*n >= (job->wait_s > 0 ? CONTROL_ALERTS_WAITING :
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
	free(job->topic);
	free(job->near);
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
	return job->page.no_topic && job->is_unknown;
}

static void
refuse_topic(struct alerts_job *job)
{
	char what[CONTROL_NO_TOPIC_SIZE];

	control_no_topic(job->topic, job->page.near[0] != '\0' ?
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
	const struct timeval wait = { (time_t)job->wait_s, 0 };

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
	if (job->wait_s == 0 || job->late || !is_empty) {
		answer(job);
		return;
	}
	job->ask.after = job->page.next;
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
}

/*
 * What is asked for
 */

/* false: `what` says why not. */
struct question {
	const char	*since, *topic, *limit, *held, *after, *wait;
	char		 what[320];
};

#define SPANS	"write numbers with w, d, h, m or s, the largest first, "

static bool
refuse(struct question *q, const char *what)
{
	snprintf(q->what, sizeof(q->what), "%s", what);
	return false;
}

/* What was typed, what is wrong with it, and what would be right. */
static bool
refuse_value(struct question *q, const char *key, const char *typed,
    const char *wrong, const char *right)
{
	struct buf word;

	buf_init(&word, MAX_TYPED);
	utf8_clean_line(&word, str_from(typed), MAX_TYPED);
	snprintf(q->what, sizeof(q->what), "%s: \"%s\" %s (%s)", key,
	    buf_cstr(&word), wrong, right);
	buf_clear(&word);
	return false;
}

static bool
refuse_key(struct question *q, const char *typed, const char *const *names,
    size_t n)
{
	const char *near = nearest_name(str_from(typed), names, n);
	char meant[64];

	snprintf(meant, sizeof(meant), "did you mean %s?", near);
	return refuse_value(q, "parameter", typed, "is not known",
	    near != NULL ? meant : "since, topic, limit, held, after and "
	    "wait are");
}

static bool
read_pairs(struct question *q, const struct evkeyvalq *pairs)
{
	static const char *const names[] = { "since", "topic", "limit",
		"held", "after", "wait" };
	const char **const values[] = { &q->since, &q->topic, &q->limit,
		&q->held, &q->after, &q->wait };
	enum { N_NAMES = sizeof(names) / sizeof(names[0]) };
	struct evkeyval *p;
	size_t i;

	for (p = pairs->tqh_first; p != NULL; p = p->next.tqe_next) {
		for (i = 0; i < N_NAMES; i++)
			if (strcmp(p->key, names[i]) == 0)
				break;
		if (i == N_NAMES)
			return refuse_key(q, p->key, names, N_NAMES);
		*values[i] = p->value;
	}
	return true;
}

/* *n stays where nothing is asked. right: which numbers are. */
static bool
read_number(struct question *q, const char *key, const char *text,
    int64_t most, const char *right, int64_t *n)
{
	if (text == NULL || (conf_value_number(str_from(text), n) == 0 &&
	    *n <= most))
		return true;
	return refuse_value(q, key, text, "is no such number", right);
}

/* right: how it is written, and its most. */
static bool
read_span(struct question *q, const char *key, const char *text,
    int64_t most_s, const char *right, int64_t *s)
{
	int64_t n;

	if (text == NULL)
		return true;
	if (conf_value_number(str_from(text), &n) == 0 && n != 0)
		return refuse_value(q, key, text, "lacks its unit", right);
	if (conf_value_duration(str_from(text), &n) == -1)
		return refuse_value(q, key, text, "is not a duration", right);
	if (n == 0)
		return refuse_value(q, key, text, "is no time at all", right);
	if (n > most_s)
		return refuse_value(q, key, text, "is too long", right);
	*s = n;
	return true;
}

static bool
fill_ask(struct question *q, struct alerts_job *job, int64_t now_s)
{
	int64_t since_s = q->after == NULL ? DAY_S : 0;
	int64_t limit = USUAL_LIMIT, held = USUAL_HELD, after = -1;

	if (!read_span(q, "since", q->since, INT64_C(1) * MOST_DAYS * DAY_S,
	    SPANS "as 12h, 7d or 1h30m; at most 400d", &since_s) ||
	    !read_number(q, "limit", q->limit, ALERTS_MOST, "alerts, 1 to "
	    "1000", &limit) ||
	    !read_number(q, "held", q->held, ALERTS_MOST_HELD, "items, 0 to "
	    "1000", &held) ||
	    !read_number(q, "after", q->after, INT64_MAX, "what the answer "
	    "before calls next", &after) ||
	    !read_span(q, "wait", q->wait, MOST_WAIT_S,
	    SPANS "as 30s or 1m; at most 60s", &job->wait_s))
		return false;
	if (limit == 0)
		return refuse_value(q, "limit", q->limit, "is no such number",
		    "alerts, 1 to 1000");
	job->ask.since_s = since_s > 0 ? now_s - since_s : INT64_MIN;
	job->ask.limit = (size_t)limit;
	job->ask.held = (size_t)held;
	job->ask.after = after;
	return true;
}

/* One that is configured no more may have alerted. */
static bool
fill_topic(struct question *q, struct alerts_job *job,
    const struct conf *conf)
{
	const char *near;
	size_t number;

	if (q->topic == NULL)
		return true;
	if (q->topic[0] == '\0')
		return refuse(q, "topic: it needs a name (leave it out for "
		    "the alerts of all topics)");
	job->topic = strdup(q->topic);
	if (job->topic == NULL)
		return refuse(q, "out of memory");
	job->ask.topic = job->topic;
	near = control_nearest_topic(conf, q->topic, &number);
	job->is_unknown = number == SIZE_MAX;
	/* The configuration may go before the thread looks. */
	job->near = near != NULL ? strdup(near) : NULL;
	job->ask.near = job->near;
	return true;
}

static bool
read_question(struct question *q, const struct evhttp_request *req,
    struct alerts_job *job, const struct status_env *env)
{
	const char *query = evhttp_uri_get_query(
	    evhttp_request_get_evhttp_uri(req));
	struct evkeyvalq pairs;
	bool ok;

	TAILQ_INIT(&pairs);
	if (query != NULL && evhttp_parse_query_str(query, &pairs) == -1)
		ok = refuse(q, "what stands behind the ? is no list of "
		    "NAME=VALUE, with & between them");
	else
		ok = read_pairs(q, &pairs) && fill_ask(q, job,
		    clock_wall_us(env->clock) / CLOCK_US_PER_S) &&
		    fill_topic(q, job, env->conf);
	evhttp_clear_headers(&pairs);
	return ok;
}

void
control_alerts_start(struct control_alerts *c, struct evhttp_request *req,
    const struct status_env *env)
{
	struct question q = { .since = NULL };
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
	if (!read_question(&q, req, job, env)) {
		control_refuse(req, HTTP_BADREQUEST, q.what);
		job_free(job);
		return;
	}
	if (!take_place(c, job, req)) {
		control_refuse(req, HTTP_SERVUNAVAIL, job->wait_s > 0 ?
		    "too many wait for alerts: ask again in a moment" :
		    "too many ask for alerts: ask again in a moment");
		job_free(job);
		return;
	}
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    alerts_on_close, job);
	if (job->wait_s > 0 && !begin_patience(c, job))
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
