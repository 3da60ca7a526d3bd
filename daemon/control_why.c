/* SPDX-License-Identifier: ISC */
/*
 *	start -> a thread: why_run -> its mail -> on_box -> the answer
 *	on_close: whoever asked has hung up; the thread goes on to its end
 */
#include "daemon/control_why.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "base/json.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/conf_value.h"
#include "daemon/control_ask.h"
#include "daemon/status.h"
#include "daemon/topic_named.h"
#include "daemon/why.h"

enum { MAX_ANSWER = 256 << 20, AT_ONCE = 4 };

struct why_job {
	struct mail		 mail;		/* the first: the box's */
	LIST_ENTRY(why_job)	 link;
	struct control_whys	*whys;
	struct evhttp_request	*req;		/* NULL: hung up */
	pthread_t		 thread;

	/* The thread's, from start to mail. */
	struct why_ask		 ask;
	struct conf		*conf;		/* a reference */
	char			*store_path, *url, *instance;
	struct buf		 out;
	enum why_found		 found;
	struct err		 err;
};

struct control_whys {
	LIST_HEAD(, why_job)	 jobs;
	size_t			 n;
	struct mailbox		*box;
	struct event		*on_box;
};

/*
 * The thread
 */

static void *
why_run(void *arg)
{
	struct why_job *job = arg;
	struct db *db;

	/* For people who look at threads; it works without. */
	(void)pthread_setname_np(pthread_self(), "why");
	job->found = WHY_FAILED;
	db = db_open(job->store_path, DB_READER, &job->err);
	if (db != NULL)
		job->found = why_write(&job->ask, db, &job->out, &job->err);
	db_close(db);
	mailbox_put_always(job->whys->box, &job->mail);
	return NULL;
}

static void
job_free(struct why_job *job)
{
	conf_unref(job->conf);
	free(job->store_path);
	free(job->url);
	free(job->instance);
	buf_clear(&job->out);
	free(job);
}

/*
 * The main loop
 */

/* The request goes with its connection. */
static void
why_on_close(struct evhttp_connection *connection, void *arg)
{
	struct why_job *job = arg;

	(void)connection;
	job->req = NULL;
}

static void
answer(struct why_job *job)
{
	static const int codes[] = { [WHY_FOUND] = HTTP_OK,
		[WHY_NONE] = HTTP_NOTFOUND };

	evhttp_connection_set_closecb(evhttp_request_get_connection(job->req),
	    NULL, NULL);
	if (job->found == WHY_FAILED)
		control_refuse(job->req, HTTP_SERVUNAVAIL, job->err.msg);
	else
		control_send_json(job->req, codes[job->found],
		    buf_str(&job->out));
}

static void
end(struct why_job *job)
{
	(void)pthread_join(job->thread, NULL);	/* once: fine */
	LIST_REMOVE(job, link);
	job->whys->n--;
	job_free(job);
}

static void
why_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct control_whys *c = arg;
	struct mail *m = mailbox_take(c->box);

	(void)fd;
	(void)what;
	while (m != NULL) {
		struct why_job *job = (struct why_job *)(void *)m;

		m = m->next;
		if (job->req != NULL)
			answer(job);
		end(job);
	}
}

static int
begin(struct control_whys *c, struct why_job *job,
    struct evhttp_request *req)
{
	sigset_t before;
	int rc;

	job->whys = c;
	job->req = req;
	job->ask.url = job->url;
	job->ask.instance = job->instance;
	loop_block_signals(&before);
	rc = pthread_create(&job->thread, NULL, why_run, job);
	loop_unblock_signals(&before);
	if (rc != 0)
		return err_set(&job->err, "starting a thread: %s",
		    strerror(rc));
	LIST_INSERT_HEAD(&c->jobs, job, link);
	c->n++;
	evhttp_connection_set_closecb(evhttp_request_get_connection(req),
	    why_on_close, job);
	return 0;
}

/* What is asked for; false: `what` says why not, under `code`. */
struct question {
	const char	*url, *topic, *limit;
	int		 code;
	char		 what[192];
};

static bool
refuse(struct question *q, int code, const char *what)
{
	q->code = code;
	snprintf(q->what, sizeof(q->what), "%s", what);
	return false;
}

static bool
read_pairs(struct question *q, const struct evkeyvalq *pairs)
{
	struct evkeyval *p;

	for (p = pairs->tqh_first; p != NULL; p = p->next.tqe_next)
		if (strcmp(p->key, "url") == 0)
			q->url = p->value;
		else if (strcmp(p->key, "topic") == 0)
			q->topic = p->value;
		else if (strcmp(p->key, "limit") == 0)
			q->limit = p->value;
		else
			return refuse(q, HTTP_BADREQUEST, "only url, topic "
			    "and limit are known");
	if (q->url == NULL || q->url[0] == '\0')
		return refuse(q, HTTP_BADREQUEST, "which item? (?url=URL, "
		    "percent-encoded)");
	return true;
}

static bool
fill_ask(struct question *q, struct why_ask *ask)
{
	int64_t n;

	ask->topic = SIZE_MAX;
	ask->limit = WHY_USUAL_TOPICS;
	if (q->limit != NULL) {
		if (conf_value_number(str_from(q->limit), &n) == -1 ||
		    n > WHY_MOST_TOPICS)
			return refuse(q, HTTP_BADREQUEST, "limit: a number of "
			    "topics, at most 1000");
		ask->limit = (size_t)n;
	}
	if (q->topic == NULL || q->topic[0] == '\0')
		return true;
	if (topic_named_find(ask->conf, q->topic, &ask->topic, q->what,
	    sizeof(q->what)) == -1) {
		q->code = HTTP_NOTFOUND;
		return false;
	}
	return true;
}

/* NULL: q says why not. */
static struct why_job *
make_job(struct question *q, const struct status_env *env)
{
	struct why_job *job = calloc(1, sizeof(*job));

	if (job == NULL) {
		(void)refuse(q, HTTP_SERVUNAVAIL, "out of memory");
		return NULL;
	}
	buf_init(&job->out, MAX_ANSWER);
	job->ask.conf = job->conf = conf_ref(env->conf);
	job->store_path = strdup(env->conf->store.path);
	job->url = strdup(q->url);
	job->instance = strdup(env->instance);
	if (job->store_path == NULL || job->url == NULL ||
	    job->instance == NULL)
		(void)refuse(q, HTTP_SERVUNAVAIL, "out of memory");
	else if (fill_ask(q, &job->ask))
		return job;
	job_free(job);
	return NULL;
}

void
control_whys_start(struct control_whys *c, struct evhttp_request *req,
    const struct status_env *env)
{
	const char *query = evhttp_uri_get_query(
	    evhttp_request_get_evhttp_uri(req));
	struct question q = { .code = 0 };
	struct why_job *job = NULL;
	struct evkeyvalq pairs;

	if (c->n == AT_ONCE) {
		control_refuse(req, HTTP_SERVUNAVAIL, "several are under way: "
		    "ask again in a moment");
		return;
	}
	TAILQ_INIT(&pairs);
	if (query != NULL && evhttp_parse_query_str(query, &pairs) == -1)
		(void)refuse(&q, HTTP_BADREQUEST, "what stands behind the ? "
		    "cannot be read");
	else if (read_pairs(&q, &pairs))
		job = make_job(&q, env);
	evhttp_clear_headers(&pairs);
	if (job == NULL)
		control_refuse(req, q.code, q.what);
	else if (begin(c, job, req) == -1) {
		control_refuse(req, HTTP_SERVUNAVAIL, job->err.msg);
		job_free(job);
	}
}

struct control_whys *
control_whys_new(struct event_base *base)
{
	struct control_whys *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	LIST_INIT(&c->jobs);
	c->box = mailbox_new(AT_ONCE);
	c->on_box = loop_on_mail(base, c->box, why_on_box, c);
	if (c->on_box != NULL)
		return c;
	control_whys_free(c);
	return NULL;
}

void
control_whys_free(struct control_whys *c)
{
	struct why_job *job;

	if (c == NULL)
		return;
	LIST_FOREACH(job, &c->jobs, link) {
		(void)pthread_join(job->thread, NULL);	/* once: fine */
		if (job->req != NULL)
			evhttp_connection_set_closecb(
			    evhttp_request_get_connection(job->req), NULL,
			    NULL);
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
