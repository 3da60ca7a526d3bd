/* SPDX-License-Identifier: ISC */
/* A linked list under a mutex, and an eventfd that says "look". */
#include "base/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
	pthread_mutex_t	  mutex;	/* guards all but room and fd */
	struct mail	 *first;
	struct mail	**last;		/* where the next one is linked */
	size_t		  waiting;
	size_t		  wake_at;	/* so many waiting wake the reader; 1
					 * unless it lingers */
	size_t		  room;
	int		  fd;
};

struct mailbox *
mailbox_new(size_t room)
{
	struct mailbox *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->fd == -1 || pthread_mutex_init(&m->mutex, NULL) != 0) {
		if (m->fd != -1)
			close(m->fd);
		free(m);
		return NULL;
	}
	m->last = &m->first;
	m->wake_at = 1;
	m->room = room;
	return m;
}

void
mailbox_free(struct mailbox *m)
{
	if (m == NULL)
		return;
	assert(m->first == NULL);
	pthread_mutex_destroy(&m->mutex);
	close(m->fd);
	free(m);
}

void
mailbox_wake(struct mailbox *m)
{
	uint64_t one = 1;
	ssize_t n;

	/* EAGAIN: the counter is at its end, so the reader is awake anyway. */
	do
		n = write(m->fd, &one, sizeof(one));
	while (n == -1 && errno == EINTR);
}

/* With the mutex held, the message counted. */
static bool
must_wake(struct mailbox *m, bool patient)
{
	if (m->waiting == m->wake_at)
		return true;
	/* At rest the first of them has woken it. */
	if (patient || m->wake_at == 1)
		return false;
	m->wake_at = 1;
	return true;
}

static bool
put(struct mailbox *m, struct mail *mail, size_t room, bool patient)
{
	bool fits;

	pthread_mutex_lock(&m->mutex);
	fits = m->waiting < room;
	if (fits) {
		mail->next = NULL;
		*m->last = mail;
		m->last = &mail->next;
		m->waiting++;
		/* Before the unlock: a reader that has seen its last message
		 * may free the mailbox right after. Never blocks. */
		if (must_wake(m, patient))
			mailbox_wake(m);
	}
	pthread_mutex_unlock(&m->mutex);
	return fits;
}

bool
mailbox_put(struct mailbox *m, struct mail *mail)
{
	return put(m, mail, m->room, false);
}

void
mailbox_put_always(struct mailbox *m, struct mail *mail)
{
	(void)put(m, mail, SIZE_MAX, false);	/* always fits */
}

void
mailbox_put_patient(struct mailbox *m, struct mail *mail)
{
	(void)put(m, mail, SIZE_MAX, true);	/* always fits */
}

bool
mailbox_has_room(struct mailbox *m, size_t n)
{
	bool room;

	pthread_mutex_lock(&m->mutex);
	room = m->waiting < m->room && n <= m->room - m->waiting;
	pthread_mutex_unlock(&m->mutex);
	return room;
}

size_t
mailbox_count(struct mailbox *m)
{
	size_t n;

	pthread_mutex_lock(&m->mutex);
	n = m->waiting;
	pthread_mutex_unlock(&m->mutex);
	return n;
}

struct mail *
mailbox_take(struct mailbox *m)
{
	struct mail *all;
	uint64_t count;
	ssize_t n;

	/* Before the list is taken: what comes later rings again. */
	do
		n = read(m->fd, &count, sizeof(count));
	while (n == -1 && errno == EINTR);
	pthread_mutex_lock(&m->mutex);
	all = m->first;
	m->first = NULL;
	m->last = &m->first;
	m->waiting = 0;
	pthread_mutex_unlock(&m->mutex);
	return all;
}

bool
mailbox_wait(struct mailbox *m, int timeout_ms)
{
	struct pollfd p = { .fd = m->fd, .events = POLLIN };
	int n;

	/* A signal may end a bounded wait early, never an unbounded one. */
	do
		n = poll(&p, 1, timeout_ms);
	while (n == -1 && errno == EINTR && timeout_ms < 0);
	return n > 0;
}

/* False: so many are there already. */
static bool
wake_at(struct mailbox *m, size_t n)
{
	bool fewer;

	pthread_mutex_lock(&m->mutex);
	fewer = m->waiting < n;
	m->wake_at = fewer ? n : 1;
	pthread_mutex_unlock(&m->mutex);
	return fewer;
}

void
mailbox_linger(struct mailbox *m, size_t n, int timeout_ms)
{
	if (!wake_at(m, n))
		return;
	(void)mailbox_wait(m, timeout_ms);	/* they are taken anyway */
	(void)wake_at(m, 0);
}

int
mailbox_fd(const struct mailbox *m)
{
	return m->fd;
}
