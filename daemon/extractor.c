/* SPDX-License-Identifier: ISC */
#include "daemon/extractor.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "daemon/watchdog.h"
#include "feeds/article.h"

/* Bounds nothing: what is posted is never refused. Workers bound it by what
 * they have in flight. */
enum { ROOM = 64 };

struct extractor {
	struct mailbox		*box;
	struct heartbeat	*heartbeat;	/* borrowed */
	pthread_t		 thread;
	atomic_bool		 stopping;
};

static void
extract(struct extraction *e)
{
	e->found = NULL;
	e->article = NULL;
	if (!atomic_load(&e->is_cancelled))
		e->article = article_of_page(e->base_url, e->page,
		    e->content_type, &e->found);
	mailbox_put_always(e->reply, &e->mail);
}

static void *
extractor_run(void *arg)
{
	struct extractor *x = arg;
	int ms = x->heartbeat != NULL ?
	    heartbeat_period_ms(x->heartbeat) : -1;
	struct mail *next;

	while (!atomic_load(&x->stopping)) {
		(void)mailbox_wait(x->box, ms);	/* false: only the beat */
		for (struct mail *m = mailbox_take(x->box); m != NULL;
		    m = next) {
			next = m->next;
			heartbeat_beat(x->heartbeat);
			extract((struct extraction *)(void *)m);
		}
		heartbeat_beat(x->heartbeat);
	}
	heartbeat_retire(x->heartbeat);
	return NULL;
}

struct extractor *
extractor_start(struct heartbeat *heartbeat, struct err *err)
{
	struct extractor *x = calloc(1, sizeof(*x));
	int rc;

	if (x == NULL || (x->box = mailbox_new(ROOM)) == NULL) {
		free(x);
		err_set(err, "out of memory");
		return NULL;
	}
	x->heartbeat = heartbeat;
	atomic_init(&x->stopping, false);
	rc = pthread_create(&x->thread, NULL, extractor_run, x);
	if (rc != 0) {
		err_set(err, "starting the extractor: %s", strerror(rc));
		mailbox_free(x->box);
		free(x);
		return NULL;
	}
	(void)pthread_setname_np(x->thread, "extractor");	/* for people */
	return x;
}

void
extractor_post(struct extractor *x, struct extraction *e)
{
	mailbox_put_always(x->box, &e->mail);
}

void
extractor_cancel(struct extraction *e)
{
	atomic_store(&e->is_cancelled, true);
}

void
extractor_stop(struct extractor *x)
{
	if (x == NULL)
		return;
	atomic_store(&x->stopping, true);
	mailbox_wake(x->box);
	pthread_join(x->thread, NULL);
	mailbox_free(x->box);
	free(x);
}
