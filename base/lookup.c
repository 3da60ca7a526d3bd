/* SPDX-License-Identifier: ISC */
/*
 * The record belongs to two, the loop and the thread; whoever leaves last
 * frees it. The thread writes its answer before it writes to the eventfd, the
 * loop reads the answer after it was woken by that.
 */
#include "base/lookup.h"

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/loop.h"

struct lookup {
	atomic_int	 owners;
	int		 fd;		/* an eventfd: there is an answer */
	char		*host, *port;
	int		 socktype;

	int		 rc;		/* the thread's, until it answers */
	struct addrinfo	*found;

	struct event	*answered;	/* the loop's */
	lookup_done_fn	*done;
	void		*ctx;
};

static atomic_int under_way;

static void
leave(struct lookup *l)
{
	if (atomic_fetch_sub(&l->owners, 1) > 1)
		return;
	if (l->found != NULL)
		freeaddrinfo(l->found);
	if (l->fd != -1)
		close(l->fd);
	free(l->host);
	free(l->port);
	free(l);
}

static void *
look_up(void *arg)
{
	struct lookup *l = arg;
	const struct addrinfo hints = { .ai_socktype = l->socktype,
		.ai_family = AF_UNSPEC,
		.ai_flags = AI_NUMERICSERV };
	const uint64_t one = 1;

	l->rc = getaddrinfo(l->host, l->port, &hints, &l->found);
	if (l->rc != 0)
		l->found = NULL;
	/* Eight bytes into an eventfd of 0 cannot fail. */
	(void)!write(l->fd, &one, sizeof(one));
	leave(l);
	atomic_fetch_sub(&under_way, 1);
	return NULL;
}

/* Runs on the loop's thread; ends the look-up. */
static void
on_answer(evutil_socket_t fd, short what, void *arg)
{
	struct lookup *l = arg;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
		return;
	loop_event_free(l->answered);
	l->done(l->found, l->found != NULL ? NULL : gai_strerror(l->rc),
	    l->ctx);
	leave(l);
}

static int
start_thread(struct lookup *l)
{
	pthread_attr_t attr;
	sigset_t before;
	pthread_t thread;
	int rc;

	if (pthread_attr_init(&attr) != 0)
		return -1;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	loop_block_signals(&before);
	rc = pthread_create(&thread, &attr, look_up, l);
	loop_unblock_signals(&before);
	(void)pthread_attr_destroy(&attr);
	return rc == 0 ? 0 : -1;
}

static int
prepare(struct lookup *l, struct event_base *base,
    const struct lookup_question *q)
{
	l->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->fd == -1)
		return -1;
	l->host = strdup(q->host);
	l->port = strdup(q->port);
	l->socktype = q->socktype;
	l->answered = event_new(base, l->fd, EV_READ | EV_PERSIST, on_answer,
	    l);
	if (l->host == NULL || l->port == NULL || l->answered == NULL ||
	    event_add(l->answered, NULL) == -1)
		return -1;
	return 0;
}

struct lookup *
lookup_start(struct event_base *base, const struct lookup_question *q,
    lookup_done_fn *done, void *ctx)
{
	struct lookup *l;

	if (atomic_fetch_add(&under_way, 1) >= LOOKUP_MOST ||
	    (l = calloc(1, sizeof(*l))) == NULL) {
		atomic_fetch_sub(&under_way, 1);
		return NULL;
	}
	atomic_init(&l->owners, 2);
	l->fd = -1;
	l->done = done;
	l->ctx = ctx;
	if (prepare(l, base, q) == 0 && start_thread(l) == 0)
		return l;
	atomic_fetch_sub(&under_way, 1);
	loop_event_free(l->answered);
	leave(l);
	leave(l);		/* there is no thread */
	return NULL;
}

void
lookup_cancel(struct lookup *l)
{
	if (l == NULL)
		return;
	loop_event_free(l->answered);
	leave(l);
}
