/* SPDX-License-Identifier: ISC */
#include "daemon/control_why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/buf.h"
#include "base/err.h"
#include "daemon/conf.h"
#include "daemon/conf_value.h"
#include "daemon/control_aside.h"
#include "daemon/control_ask.h"
#include "daemon/status.h"
#include "daemon/topic_named.h"
#include "daemon/why.h"

enum { MAX_ANSWER = 256 << 20 };

struct why_job {
	struct why_ask	 ask;
	struct conf	*conf;		/* a reference */
	char		*url, *instance;
};

static enum control_found
job_write(void *arg, struct db *db, struct buf *out, struct err *err)
{
	const struct why_job *job = arg;

	switch (why_write(&job->ask, db, out, err)) {
	case WHY_FOUND:
		return CONTROL_FOUND;
	case WHY_NONE:
		return CONTROL_NONE;
	case WHY_FAILED:
		break;
	}
	return CONTROL_FAILED;
}

static void
job_free(void *arg)
{
	struct why_job *job = arg;

	conf_unref(job->conf);
	free(job->url);
	free(job->instance);
	free(job);
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
	job->ask.conf = job->conf = conf_ref(env->conf);
	job->ask.url = job->url = strdup(q->url);
	job->ask.instance = job->instance = strdup(env->instance);
	if (job->url == NULL || job->instance == NULL)
		(void)refuse(q, HTTP_SERVUNAVAIL, "out of memory");
	else if (fill_ask(q, &job->ask))
		return job;
	job_free(job);
	return NULL;
}

void
control_why(struct control_asides *asides, struct evhttp_request *req,
    const struct status_env *env)
{
	const char *query = evhttp_uri_get_query(
	    evhttp_request_get_evhttp_uri(req));
	struct question q = { .code = 0 };
	struct why_job *job = NULL;
	struct evkeyvalq pairs;

	TAILQ_INIT(&pairs);
	if (query != NULL && evhttp_parse_query_str(query, &pairs) == -1)
		(void)refuse(&q, HTTP_BADREQUEST, "what stands behind the ? "
		    "cannot be read");
	else if (read_pairs(&q, &pairs))
		job = make_job(&q, env);
	evhttp_clear_headers(&pairs);
	if (job == NULL)
		control_refuse(req, q.code, q.what);
	else
		control_asides_start(asides, req, env->conf->store.path,
		    &(struct control_question){ .write = job_write,
		    .free = job_free, .ask = job, .max_bytes = MAX_ANSWER });
}
