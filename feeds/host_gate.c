/* SPDX-License-Identifier: ISC */
/*
 * A table of hosts. Those with nothing open stand in a line as well; each call
 * looks at the first few of that line and forgets those whose gap is over, so
 * that the table never needs a timer nor a walk over all of it.
 */
#include "feeds/host_gate.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

enum { LOOK_AT = 4 };

/* How soon to ask again where no gap is kept and all places are taken. */
#define BUSY_US		INT64_C(100000)

struct host {
	UT_hash_handle		hh;
	TAILQ_ENTRY(host)	line;		/* while open == 0 */
	int64_t			next_us;	/* earliest next start */
	unsigned		open;
	char			name[];
};

struct host_gate {
	pthread_mutex_t			 mutex;	/* guards hosts and idle */
	struct host			*hosts;
	TAILQ_HEAD(idle, host)		 idle;
	struct host_gate_settings	 set;
};

struct host_gate *
host_gate_new(const struct host_gate_settings *set)
{
	struct host_gate *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	if (pthread_mutex_init(&g->mutex, NULL) != 0) {
		free(g);
		return NULL;
	}
	TAILQ_INIT(&g->idle);
	host_gate_set(g, set);
	return g;
}

void
host_gate_set(struct host_gate *g, const struct host_gate_settings *set)
{
	pthread_mutex_lock(&g->mutex);
	g->set = *set;
	if (g->set.per_host == 0)
		g->set.per_host = 1;
	pthread_mutex_unlock(&g->mutex);
}

void
host_gate_free(struct host_gate *g)
{
	struct host *h, *next;

	if (g == NULL)
		return;
	HASH_ITER(hh, g->hosts, h, next) {
		HASH_DEL(g->hosts, h);
		free(h);
	}
	pthread_mutex_destroy(&g->mutex);
	free(g);
}

/*
 * With the mutex held
 */

static struct host *
find(struct host_gate *g, const char *name)
{
	struct host *h;

	HASH_FIND_STR(g->hosts, name, h);
	return h;
}

static struct host *
add(struct host_gate *g, const char *name)
{
	size_t n = strlen(name);
	struct host *h = calloc(1, sizeof(*h) + n + 1);

	if (h == NULL)
		return NULL;
	memcpy(h->name, name, n + 1);
	h->next_us = INT64_MIN;
	HASH_ADD_KEYPTR(hh, g->hosts, h->name, n, h);
	if (find(g, name) != h) {	/* uthash had no memory */
		free(h);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&g->idle, h, line);
	return h;
}

static struct host *
find_or_add(struct host_gate *g, const char *name)
{
	struct host *h = find(g, name);

	return h != NULL ? h : add(g, name);
}

static void
forget_some(struct host_gate *g, int64_t now_us)
{
	struct host *h;

	for (int i = 0; i < LOOK_AT; i++) {
		if ((h = TAILQ_FIRST(&g->idle)) == NULL)
			return;
		TAILQ_REMOVE(&g->idle, h, line);
		if (h->next_us > now_us) {
			TAILQ_INSERT_TAIL(&g->idle, h, line);
			continue;
		}
		HASH_DEL(g->hosts, h);
		free(h);
	}
}

static int64_t
wait_of(const struct host_gate *g, const struct host *h, int64_t now_us)
{
	if (now_us < h->next_us)
		return h->next_us - now_us;
	if (h->open >= g->set.per_host)
		return g->set.gap_us > 0 ? g->set.gap_us : BUSY_US;
	return 0;
}

static int64_t
try_enter(struct host_gate *g, struct host *h, int64_t now_us)
{
	int64_t wait_us = wait_of(g, h, now_us);

	if (wait_us > 0)
		return wait_us;
	if (h->open++ == 0)
		TAILQ_REMOVE(&g->idle, h, line);
	h->next_us = now_us + g->set.gap_us;
	return 0;
}

static void
do_leave(struct host_gate *g, const char *name)
{
	struct host *h = find(g, name);

	if (h != NULL && h->open > 0 && --h->open == 0)
		TAILQ_INSERT_TAIL(&g->idle, h, line);
}

/*
 * Public face
 */

int64_t
host_gate_enter(struct host_gate *g, const char *name, int64_t now_us)
{
	struct host *h;
	int64_t wait_us = -1;

	pthread_mutex_lock(&g->mutex);
	forget_some(g, now_us);
	if ((h = find_or_add(g, name)) != NULL)
		wait_us = try_enter(g, h, now_us);
	pthread_mutex_unlock(&g->mutex);
	return wait_us;
}

int64_t
host_gate_look(struct host_gate *g, const char *name, int64_t now_us)
{
	const struct host *h;
	int64_t wait_us;

	pthread_mutex_lock(&g->mutex);
	h = find(g, name);
	wait_us = h != NULL ? wait_of(g, h, now_us) : 0;
	pthread_mutex_unlock(&g->mutex);
	return wait_us;
}

void
host_gate_leave(struct host_gate *g, const char *name, int64_t now_us)
{
	pthread_mutex_lock(&g->mutex);
	do_leave(g, name);
	forget_some(g, now_us);
	pthread_mutex_unlock(&g->mutex);
}

void
host_gate_close_until(struct host_gate *g, const char *name, int64_t until_us)
{
	struct host *h;

	pthread_mutex_lock(&g->mutex);
	/* Without memory the host stays open: no worse than an unknown one. */
	if ((h = find_or_add(g, name)) != NULL && h->next_us < until_us)
		h->next_us = until_us;
	pthread_mutex_unlock(&g->mutex);
}

size_t
host_gate_count(struct host_gate *g)
{
	size_t n;

	pthread_mutex_lock(&g->mutex);
	n = HASH_COUNT(g->hosts);
	pthread_mutex_unlock(&g->mutex);
	return n;
}

size_t
host_gate_count_closed(struct host_gate *g, int64_t now_us)
{
	const struct host *h;
	size_t n = 0;

	pthread_mutex_lock(&g->mutex);
	for (h = g->hosts; h != NULL; h = h->hh.next)
		n += h->next_us > now_us && h->next_us - now_us >
		    g->set.gap_us;
	pthread_mutex_unlock(&g->mutex);
	return n;
}
