/* SPDX-License-Identifier: ISC */
#include "feeds/url_turn.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

/* Redirects invent URLs: with so many more than were worth keeping, those that
 * are over go. */
enum { SWEEP_AT = 256 };

/* Whose turn it is may be late: it asks his own URL first. */
enum { LATE_S = 30, LATE_PART = 16 };

struct turn {
	UT_hash_handle	 hh;
	char		*feed;		/* whose it is; NULL: nobody's */
	int64_t		 from_s, until_s;
	int64_t		 floor_s;
	int64_t		 next_s;	/* no other one before */
	char		 url[];
};

struct url_turns {
	pthread_mutex_t	 mutex;		/* guards all below */
	struct turn	*turns;
	size_t		 sweep_at;
};

struct url_turns *
url_turns_new(void)
{
	struct url_turns *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	if (pthread_mutex_init(&o->mutex, NULL) != 0) {
		free(o);
		return NULL;
	}
	o->sweep_at = SWEEP_AT;
	return o;
}

static void
forget(struct url_turns *o, struct turn *t)
{
	HASH_DEL(o->turns, t);
	free(t->feed);
	free(t);
}

void
url_turns_free(struct url_turns *o)
{
	struct turn *t, *next;

	if (o == NULL)
		return;
	HASH_ITER(hh, o->turns, t, next)
		forget(o, t);
	pthread_mutex_destroy(&o->mutex);
	free(o);
}

/*
 * With the mutex held
 */

static struct turn *
find(const struct url_turns *o, const char *url)
{
	struct turn *t;

	HASH_FIND_STR(o->turns, url, t);
	return t;
}

static void
sweep(struct url_turns *o, int64_t now_s)
{
	struct turn *t, *next;

	if (HASH_COUNT(o->turns) < o->sweep_at)
		return;
	HASH_ITER(hh, o->turns, t, next)
		if (t->until_s <= now_s && t->next_s <= now_s)
			forget(o, t);
	o->sweep_at = 2 * (size_t)HASH_COUNT(o->turns) + SWEEP_AT;
}

static struct turn *
find_or_add(struct url_turns *o, const char *url, int64_t now_s)
{
	struct turn *t = find(o, url);
	size_t n = strlen(url);

	if (t != NULL)
		return t;
	sweep(o, now_s);
	t = calloc(1, sizeof(*t) + n + 1);
	if (t == NULL)
		return NULL;
	memcpy(t->url, url, n + 1);
	HASH_ADD_KEYPTR(hh, o->turns, t->url, n, t);
	if (find(o, url) == t)
		return t;
	free(t);		/* uthash had no memory */
	return NULL;
}

static bool
is_anothers(const struct turn *t, const char *feed, int64_t now_s)
{
	return t->feed != NULL && now_s < t->until_s &&
	    strcmp(t->feed, feed) != 0;
}

static int64_t
late_s(int64_t floor_s)
{
	return (floor_s < LATE_S ? floor_s : LATE_S) + floor_s / LATE_PART + 1;
}

static void
announce(struct url_turns *o, const char *url, const char *feed,
    const struct url_turn_plan *plan)
{
	struct turn *t = find_or_add(o, url, plan->now_s);
	char *copy;

	if (t == NULL || is_anothers(t, feed, plan->now_s) ||
	    plan->at_s < t->next_s || (copy = strdup(feed)) == NULL)
		return;
	free(t->feed);
	t->feed = copy;
	t->floor_s = plan->floor_s;
	t->from_s = plan->at_s - plan->floor_s - 1;
	t->until_s = plan->at_s + late_s(plan->floor_s);
}

/* Room for another's request, a floor after this one, and a floor before the
 * next turn. */
static void
end_turn(struct turn *t, int64_t now_s)
{
	free(t->feed);
	t->feed = NULL;
	t->until_s = now_s;
	t->next_s = now_s + 2 * (t->floor_s + 2);
}

/*
 * Public face
 */

void
url_turns_announce(struct url_turns *o, const char *url, const char *feed,
    const struct url_turn_plan *plan)
{
	pthread_mutex_lock(&o->mutex);
	announce(o, url, feed, plan);
	pthread_mutex_unlock(&o->mutex);
}

int64_t
url_turns_until_s(struct url_turns *o, const char *url, const char *feed,
    int64_t now_s)
{
	const struct turn *t;
	int64_t until_s = 0;

	pthread_mutex_lock(&o->mutex);
	t = find(o, url);
	if (t != NULL && is_anothers(t, feed, now_s) && now_s >= t->from_s)
		until_s = t->until_s;
	pthread_mutex_unlock(&o->mutex);
	return until_s;
}

void
url_turns_take(struct url_turns *o, const char *url, const char *feed,
    int64_t now_s)
{
	struct turn *t;

	pthread_mutex_lock(&o->mutex);
	t = find(o, url);
	if (t != NULL && t->feed != NULL && strcmp(t->feed, feed) == 0)
		end_turn(t, now_s);
	pthread_mutex_unlock(&o->mutex);
}

size_t
url_turns_count(struct url_turns *o)
{
	size_t n;

	pthread_mutex_lock(&o->mutex);
	n = HASH_COUNT(o->turns);
	pthread_mutex_unlock(&o->mutex);
	return n;
}
