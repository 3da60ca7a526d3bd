/* SPDX-License-Identifier: ISC */
/* A few lines each, in one place so that they stay alike. */
#include "base/loop.h"

#include <pthread.h>
#include <stddef.h>

#include "base/mailbox.h"

struct event *
loop_on_mail(struct event_base *base, const struct mailbox *box,
    event_callback_fn fn, void *arg)
{
	struct event *ev;

	if (box == NULL)
		return NULL;
	ev = event_new(base, mailbox_fd(box), EV_READ | EV_PERSIST, fn, arg);
	if (ev != NULL && event_add(ev, NULL) == -1) {
		event_free(ev);
		return NULL;
	}
	return ev;
}

int
loop_set_timer(struct event *ev, int ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = ms % 1000 * 1000 };

	return evtimer_add(ev, &tv);
}

void
loop_event_free(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

/* Neither can fail. */
void
loop_block_signals(sigset_t *before)
{
	sigset_t stop;

	(void)sigemptyset(&stop);
	(void)sigaddset(&stop, SIGTERM);
	(void)sigaddset(&stop, SIGINT);
	(void)sigaddset(&stop, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &stop, before);
}

void
loop_unblock_signals(const sigset_t *before)
{
	(void)pthread_sigmask(SIG_SETMASK, before, NULL);
}
