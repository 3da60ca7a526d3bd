/* SPDX-License-Identifier: ISC */
#include "daemon/query_aside.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/faults.h"
#include "filters/topic_set.h"

enum { NICE = 5 };

struct query_aside {
	struct mail			 mail;	/* the first: the box's */
	struct mailbox			*box;
	char				*path, *query;
	pthread_t			 thread;
	bool				 started, ended;
	struct query_aside_result	 result;
};

/* The configuration could not be read at all. */
static void
tell_first(struct err *err, const struct faults *faults)
{
	const struct fault *f;

	for (size_t i = 0; (f = faults_at(faults, i)) != NULL; i++)
		if (!f->warning)
			break;
	if (f == NULL)
		err_set(err, "out of memory");
	else
		err_set(err, "the configuration, whose names the query needs, "
		    "cannot be read: %s:%d: %s", f->file, f->line, f->message);
}

/* What else is wrong with the configuration is not the query's fault, and a
 * topic that was left out for it is told where it is named. */
static void
compile(struct query_aside *a, struct faults *faults)
{
	struct query_aside_result *r = &a->result;
	struct conf_asked asked = { .query = a->query, .faults = &r->faults };
	struct conf *conf = conf_load_and_ask(a->path, faults, &asked);

	if (conf == NULL) {
		tell_first(&r->err, faults);
		return;
	}
	if (asked.topic >= 0) {
		r->set = topic_set_ref(conf->topic_set);
		r->number = (size_t)asked.topic;
	}
	conf_unref(conf);
}

/* Its thread. */
static void *
query_aside_run(void *arg)
{
	struct query_aside *a = arg;
	struct faults *faults = faults_new();

	/* For people who look at threads; what comes in goes first, but
	 * somebody waits for this, also where much else runs. It works
	 * without. */
	(void)pthread_setname_np(pthread_self(), "query");
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	if (faults == NULL)
		err_set(&a->result.err, "out of memory");
	else
		compile(a, faults);
	faults_free(faults);
	mailbox_put_always(a->box, &a->mail);
	return NULL;
}

static int
start_thread(struct query_aside *a, struct err *err)
{
	sigset_t before;
	int rc;

	loop_block_signals(&before);
	rc = pthread_create(&a->thread, NULL, query_aside_run, a);
	loop_unblock_signals(&before);
	a->started = rc == 0;
	return a->started ? 0 : err_set(err, "starting a thread: %s",
	    strerror(rc));
}

struct query_aside *
query_aside_start(const char *path, struct str query, struct mailbox *box,
    struct err *err)
{
	struct query_aside *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	a->box = box;
	a->path = str_dup(str_from(path));
	a->query = str_dup(query);
	if (a->path == NULL || a->query == NULL)
		err_set(err, "out of memory");
	else if (start_thread(a, err) == 0)
		return a;
	query_aside_free(a);
	return NULL;
}

const struct query_aside_result *
query_aside_end(struct query_aside *a)
{
	if (!a->ended) {
		/* It has put its mail and does no more. */
		(void)pthread_join(a->thread, NULL);
		a->ended = true;
	}
	return &a->result;
}

void
query_aside_free(struct query_aside *a)
{
	if (a == NULL)
		return;
	if (a->started && !a->ended) {
		while (mailbox_take(a->box) == NULL)
			(void)mailbox_wait(a->box, -1);	/* EINTR: again */
		(void)query_aside_end(a);
	}
	topic_set_unref(a->result.set);
	free(a->path);
	free(a->query);
	free(a);
}
