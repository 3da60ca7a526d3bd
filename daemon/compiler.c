/* SPDX-License-Identifier: ISC */
/*
 * A thread for each compilation; it shares nothing but the mailbox into which
 * it puts what it made, and ends. All else is the main thread's:
 *
 *	compiler_ask -> reading: thread -- result --> box -> compiler_on_box
 *	compiler_ask -> (busy) again = true
 *
 *	compiler_on_box: nobody asked again -> on_done
 *	                 somebody did -> the result is dropped unseen, one
 *	                 more thread reads the file as it is now
 *
 * So however often it is asked meanwhile, one more reading answers all, and no
 * on_done tells of a file that was read before the last question. While it is
 * asked without end, faster than it reads, the old configuration runs on.
 */
#include "daemon/compiler.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "base/str.h"
#include "daemon/conf.h"
#include "daemon/faults.h"

enum { NICE = 5 };

struct compiler {
	char				*path;
	const struct compiler_ops	*ops;
	void				*ctx;
	struct mailbox			*box;
	struct event			*on_box;
	pthread_t			 thread;	/* while busy */
	bool				 busy, again;
};

/* What goes to the thread and comes back. */
struct result {
	struct mail	 mail;		/* the first: the box's */
	const char	*path;		/* the compiler's */
	struct mailbox	*box;
	struct conf	*conf;
	struct faults	*faults;
};

static void	compiler_on_box(evutil_socket_t, short, void *);

static void
result_free(struct result *r)
{
	if (r == NULL)
		return;
	conf_unref(r->conf);
	faults_free(r->faults);
	free(r);
}

static struct result *
result_new(const struct compiler *c)
{
	struct result *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->path = c->path;
	r->box = c->box;
	r->faults = faults_new();
	if (r->faults != NULL)
		return r;
	result_free(r);
	return NULL;
}

struct compiler *
compiler_new(struct event_base *base, const char *path,
    const struct compiler_ops *ops, void *ctx, struct err *err)
{
	struct compiler *c = calloc(1, sizeof(*c));

	if (c == NULL)
		goto fail;
	c->ops = ops;
	c->ctx = ctx;
	c->path = str_dup(str_from(path));
	c->box = mailbox_new(1);
	if (c->path == NULL || c->box == NULL)
		goto fail;
	c->on_box = loop_on_mail(base, c->box, compiler_on_box, c);
	if (c->on_box != NULL)
		return c;
fail:
	compiler_free(c);
	err_set(err, "making the compiler: out of memory or descriptors");
	return NULL;
}

/* Compiler's thread. */
static void *
compiler_run(void *arg)
{
	struct result *r = arg;

	/* For people who look at threads; it works without. */
	(void)pthread_setname_np(pthread_self(), "compiler");
	/* Nearly a second of work for 100,000 topics: what comes in goes
	 * first, and the reload is not starved either where much else runs.
	 * It works without as well. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	r->conf = conf_load(r->path, r->faults);
	/* Reading took three times what is kept (of 100,000 feeds, 60 MB);
	 * the arena of a thread that ends would hold on to it. */
	(void)malloc_trim(0);		/* nothing to give back is fine */
	mailbox_put_always(r->box, &r->mail);
	return NULL;
}

static int
start_thread(struct compiler *c, struct result *r)
{
	sigset_t before;
	int rc;

	loop_block_signals(&before);
	rc = pthread_create(&c->thread, NULL, compiler_run, r);
	loop_unblock_signals(&before);
	return rc;
}

static int
start(struct compiler *c, struct err *err)
{
	struct result *r = result_new(c);
	int rc;

	if (r == NULL)
		return err_set(err, "reading the configuration: out of "
		    "memory");
	rc = start_thread(c, r);
	if (rc != 0) {
		result_free(r);
		return err_set(err, "starting a thread to read the "
		    "configuration: %s", strerror(rc));
	}
	c->busy = true;
	c->again = false;
	return 0;
}

int
compiler_ask(struct compiler *c, struct err *err)
{
	if (!c->busy)
		return start(c, err);
	c->again = true;
	return 0;
}

bool
compiler_is_busy(const struct compiler *c)
{
	return c->busy;
}

/* The thread's result, when it has ended; NULL: none came. */
static struct result *
take_result(struct compiler *c)
{
	struct mail *mail = mailbox_take(c->box);

	if (mail == NULL)
		return NULL;
	/* It put its result and had nothing more to do: this waits for
	 * nothing. It cannot fail for a thread that runs and is joined once. */
	(void)pthread_join(c->thread, NULL);
	c->busy = false;
	return (struct result *)(void *)mail;
}

/* What was read is older than the last question, and the file cannot be read
 * once more: then there is nothing to run, and that is why. */
static void
spoil(struct result *r, const struct err *err)
{
	conf_unref(r->conf);
	r->conf = NULL;
	faults_add(r->faults, NULL, 0, 0, 1, false, r->path, "%s", err->msg);
}

/*
 * Main loop: the thread has put its result. Ends in on_done, or in another
 * thread whose result comes here.
 */
static void
compiler_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct compiler *c = arg;
	struct result *r = take_result(c);
	struct conf *conf;
	struct err err;

	(void)fd;
	(void)what;
	if (r == NULL)
		return;
	if (c->again) {
		if (start(c, &err) == 0) {
			result_free(r);
			return;
		}
		c->again = false;
		spoil(r, &err);
	}
	conf = r->conf;
	r->conf = NULL;
	c->ops->on_done(conf, r->faults, c->ctx);
	result_free(r);
}

void
compiler_free(struct compiler *c)
{
	if (c == NULL)
		return;
	while (c->busy) {
		(void)mailbox_wait(c->box, -1);	/* no result: once more */
		result_free(take_result(c));
	}
	loop_event_free(c->on_box);
	mailbox_free(c->box);
	free(c->path);
	free(c);
}
