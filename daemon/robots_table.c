/* SPDX-License-Identifier: ISC */
/*
 * Fetches are few at a time (a worker's pages are): a list of them, each with
 * those who wait.
 */
#include "daemon/robots_table.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/mailbox.h"
#include "base/robots.h"
#include "feeds/page_robots.h"

/* Origins of some thousands of sites; rules of most are under 1 KiB. */
enum { MAX_ORIGINS = 8192, MAX_BYTES = 16 << 20 };

struct waiter {
	LIST_ENTRY(waiter)	 link;
	struct mailbox		*box;		/* borrowed */
};

struct asking {
	LIST_ENTRY(asking)	 link;
	LIST_HEAD(waiters, waiter) waiters;
	char			 origin[];
};

struct robots_table {
	pthread_mutex_t		 mutex;		/* of all below */
	struct page_robots	*known;
	LIST_HEAD(askings, asking) askings;
};

struct robots_table *
robots_table_new(void)
{
	static const struct page_robots_settings set = { "headlined",
		MAX_ORIGINS, MAX_BYTES };
	struct robots_table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	LIST_INIT(&t->askings);
	t->known = page_robots_new(&set);
	if (t->known == NULL || pthread_mutex_init(&t->mutex, NULL) != 0) {
		page_robots_free(t->known);
		free(t);
		return NULL;
	}
	return t;
}

/*
 * With the mutex held
 */

static struct asking *
find(struct robots_table *t, const char *origin)
{
	struct asking *a;

	LIST_FOREACH(a, &t->askings, link)
		if (strcmp(a->origin, origin) == 0)
			break;
	return a;
}

static struct asking *
add(struct robots_table *t, const char *origin)
{
	size_t n = strlen(origin) + 1;
	struct asking *a = calloc(1, sizeof(*a) + n);

	if (a == NULL)
		return NULL;
	memcpy(a->origin, origin, n);
	LIST_INIT(&a->waiters);
	LIST_INSERT_HEAD(&t->askings, a, link);
	return a;
}

static void
end(struct asking *a)
{
	struct waiter *w;

	while ((w = LIST_FIRST(&a->waiters)) != NULL) {
		LIST_REMOVE(w, link);
		if (w->box != NULL)
			mailbox_wake(w->box);
		free(w);
	}
	LIST_REMOVE(a, link);
	free(a);
}

/* Without memory for it nobody waits: the origin cannot be asked now. */
static enum robots_way
wait_for(struct asking *a, struct mailbox *box)
{
	struct waiter *w;

	LIST_FOREACH(w, &a->waiters, link)
		if (w->box == box)
			return ROBOTS_WAIT;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return ROBOTS_UNREACHABLE;
	w->box = box;
	LIST_INSERT_HEAD(&a->waiters, w, link);
	return ROBOTS_WAIT;
}

static enum robots_way
begin_or_wait(struct robots_table *t, const char *origin, struct mailbox *box)
{
	struct asking *a = find(t, origin);

	if (a != NULL)
		return wait_for(a, box);
	return add(t, origin) != NULL ? ROBOTS_FETCH : ROBOTS_UNREACHABLE;
}

/* What page_robots_look says; *rules as there. */
static enum robots_way
look(struct robots_table *t, const char *origin, int64_t now_s,
    struct mailbox *box, struct robots **rules)
{
	switch (page_robots_look(t->known, origin, now_s, rules)) {
	case PAGE_ROBOTS_ALLOWED:
		return ROBOTS_ALLOWED;
	case PAGE_ROBOTS_FORBIDDEN:
		return ROBOTS_FORBIDDEN;
	case PAGE_ROBOTS_UNREACHABLE:
		return ROBOTS_UNREACHABLE;
	case PAGE_ROBOTS_MUST_FETCH:
		break;
	}
	return begin_or_wait(t, origin, box);
}

/*
 * Public face
 */

void
robots_table_free(struct robots_table *t)
{
	struct asking *a;

	if (t == NULL)
		return;
	while ((a = LIST_FIRST(&t->askings)) != NULL)
		end(a);
	page_robots_free(t->known);
	pthread_mutex_destroy(&t->mutex);
	free(t);
}

enum robots_way
robots_table_ask(struct robots_table *t, const char *origin, struct str path,
    int64_t now_s, struct mailbox *box)
{
	struct robots *rules;
	enum robots_way way;

	pthread_mutex_lock(&t->mutex);
	way = look(t, origin, now_s, box, &rules);
	pthread_mutex_unlock(&t->mutex);
	if (rules != NULL && !robots_allows(rules, path))
		way = ROBOTS_FORBIDDEN;
	robots_unref(rules);
	return way;
}

int
robots_table_got(struct robots_table *t, const char *origin, int status,
    struct str body, int64_t now_s)
{
	struct asking *a;
	int rc;

	pthread_mutex_lock(&t->mutex);
	rc = page_robots_got(t->known, origin, status, body, now_s);
	if ((a = find(t, origin)) != NULL)
		end(a);
	pthread_mutex_unlock(&t->mutex);
	return rc;
}

void
robots_table_give_up(struct robots_table *t, const char *origin)
{
	struct asking *a;

	pthread_mutex_lock(&t->mutex);
	if ((a = find(t, origin)) != NULL)
		end(a);
	pthread_mutex_unlock(&t->mutex);
}

bool
robots_table_knows(struct robots_table *t, const char *origin)
{
	bool is_known;

	pthread_mutex_lock(&t->mutex);
	is_known = page_robots_knows(t->known, origin);
	pthread_mutex_unlock(&t->mutex);
	return is_known;
}

bool
robots_table_save(struct robots_table *t, const char *origin,
    struct buf *out)
{
	bool is_known;

	pthread_mutex_lock(&t->mutex);
	is_known = page_robots_save(t->known, origin, out);
	pthread_mutex_unlock(&t->mutex);
	return is_known;
}

int
robots_table_load(struct robots_table *t, const char *origin,
    struct str saved)
{
	int rc;

	pthread_mutex_lock(&t->mutex);
	rc = page_robots_load(t->known, origin, saved);
	pthread_mutex_unlock(&t->mutex);
	return rc;
}

void
robots_table_leave(struct robots_table *t, const struct mailbox *box)
{
	struct asking *a;
	struct waiter *w;

	pthread_mutex_lock(&t->mutex);
	LIST_FOREACH(a, &t->askings, link)
		LIST_FOREACH(w, &a->waiters, link)
			if (w->box == box)
				w->box = NULL;
	pthread_mutex_unlock(&t->mutex);
}
