/* SPDX-License-Identifier: ISC */
/*
 *	start -> a thread: aside_run -> its mail -> on_box -> the answer
 *	on_close: whoever asked has hung up; the thread goes on to its end
 */
#include "daemon/control_aside.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <event2/http.h>

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/control_ask.h"

enum { AT_ONCE = 8 };

struct aside_job {
	struct mail		 mail;		/* the first: the box's */
	LIST_ENTRY(aside_job)	 link;
	struct control_asides	*asides;
	struct evhttp_request	*req;		/* NULL: hung up */
	pthread_t		 thread;

	/* The thread's, from start to mail. */
	struct control_question	 q;
	char			*store_path;
	struct buf		 out;
	enum control_found	 found;
	struct err		 err;
};

struct control_asides {
	LIST_HEAD(, aside_job)	 jobs;
	size_t			 n;
	struct mailbox		*box;
	struct event		*on_box;
};

/*
 * The thread
 */

static void *
aside_run(void *arg)
{
	struct aside_job *job = arg;
	struct db *db;

	/* For people who look at threads; it works without. */
	(void)pthread_setname_np(pthread_self(), "control");
	db = db_open(job->store_path, DB_READER, &job->err);
	job->found = CONTROL_FAILED;
	if (db != NULL)
		job->found = job->q.write(job->q.ask, db, &job->out,
		    &job->err);
	db_close(db);
	mailbox_put_always(job->asides->box, &job->mail);
	return NULL;
}

/*
 * The main loop
 */

static void
job_free(struct aside_job *job)
{
	job->q.free(job->q.ask);
	free(job->store_path);
	buf_clear(&job->out);
	free(job);
}

static void
leave_request(struct aside_job *job)
{
	evhttp_connection_set_closecb(evhttp_request_get_connection(job->req),
	    NULL, NULL);
}

/* The request goes with its connection. */
static void
aside_on_close(struct evhttp_connection *connection, void *arg)
{
	struct aside_job *job = arg;

	(void)connection;
	job->req = NULL;
}

static void
answer(struct aside_job *job)
{
	static const int codes[] = { [CONTROL_FOUND] = HTTP_OK,
		[CONTROL_NONE] = HTTP_NOTFOUND };

	leave_request(job);
	if (job->found == CONTROL_FAILED)
		control_refuse(job->req, HTTP_SERVUNAVAIL, job->err.msg);
	else
		control_send_json(job->req, codes[job->found],
		    buf_str(&job->out));
}

static void
end(struct aside_job *job)
{
	(void)pthread_join(job->thread, NULL);	/* once: fine */
	LIST_REMOVE(job, link);
	job->asides->n--;
	job_free(job);
}

static void
aside_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct control_asides *c = arg;
	struct mail *m = mailbox_take(c->box);

	(void)fd;
	(void)what;
	while (m != NULL) {
		struct aside_job *job = (struct aside_job *)(void *)m;

		m = m->next;
		if (job->req != NULL)
			answer(job);
		end(job);
	}
}

static int
begin(struct control_asides *c, struct aside_job *job)
{
	sigset_t before;
	int rc;

	loop_block_signals(&before);
	rc = pthread_create(&job->thread, NULL, aside_run, job);
	loop_unblock_signals(&before);
	if (rc != 0)
		return err_set(&job->err, "starting a thread: %s",
		    strerror(rc));
	LIST_INSERT_HEAD(&c->jobs, job, link);
	c->n++;
	evhttp_connection_set_closecb(evhttp_request_get_connection(job->req),
	    aside_on_close, job);
	return 0;
}

void
control_asides_start(struct control_asides *c, struct evhttp_request *req,
    const char *store_path, const struct control_question *q)
{
	struct aside_job *job = c->n < AT_ONCE ? calloc(1, sizeof(*job)) :
	    NULL;

	if (job == NULL) {
		q->free(q->ask);
		control_refuse(req, HTTP_SERVUNAVAIL, c->n < AT_ONCE ?
		    "out of memory" : "several such questions are under way: "
		    "ask again in a moment");
		return;
	}
	job->asides = c;
	job->req = req;
	job->q = *q;
	buf_init(&job->out, q->max_bytes);
	job->store_path = strdup(store_path);
	if (job->store_path == NULL)
		err_set(&job->err, "out of memory");
	else if (begin(c, job) == 0)
		return;
	control_refuse(req, HTTP_SERVUNAVAIL, job->err.msg);
	job_free(job);
}

struct control_asides *
control_asides_new(struct event_base *base)
{
	struct control_asides *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	LIST_INIT(&c->jobs);
	c->box = mailbox_new(AT_ONCE);
	c->on_box = loop_on_mail(base, c->box, aside_on_box, c);
	if (c->on_box != NULL)
		return c;
	control_asides_free(c);
	return NULL;
}

void
control_asides_free(struct control_asides *c)
{
	struct aside_job *job;

	if (c == NULL)
		return;
	LIST_FOREACH(job, &c->jobs, link) {
		(void)pthread_join(job->thread, NULL);	/* once: fine */
		if (job->req != NULL)
			leave_request(job);
	}
	if (c->box != NULL)
		(void)mailbox_take(c->box);	/* mail of these jobs */
	while ((job = LIST_FIRST(&c->jobs)) != NULL) {
		LIST_REMOVE(job, link);
		job_free(job);
	}
	loop_event_free(c->on_box);
	mailbox_free(c->box);
	free(c);
}
