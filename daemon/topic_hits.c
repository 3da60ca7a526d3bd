/* SPDX-License-Identifier: ISC */
/*
 * Hours are numbered from 1970 on. A topic's counts stand in a ring, hour h in
 * h % 24, and `hour` says which one is the last that was counted:
 *
 *	hour 26   by_hour:  24 25 26 3 4 5 ... 22 23
 *
 * What lies between that hour and now is zero.
 */
#define HASH_NONFATAL_OOM	1
#include "daemon/topic_hits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "alerts/outbox_list.h"
#include "base/err.h"

enum { HOUR_S = 3600 };

struct counted {
	UT_hash_handle	 hh;
	char		*topic;
	int64_t		 hour, last_s;
	uint32_t	 by_hour[TOPIC_HITS_HOURS];
};

struct topic_hits {
	pthread_mutex_t	 lock;		/* of all below; a leaf */
	struct counted	*topics;	/* uthash */
	int64_t		 seq;		/* of the last alert; -1: none read */
	int64_t		 now_hour;
	bool		 failed;	/* memory is out */
};

static struct counted *
find(const struct topic_hits *h, struct str topic)
{
	struct counted *c;

	HASH_FIND(hh, h->topics, topic.p, topic.n, c);
	return c;
}

static struct counted *
add(struct topic_hits *h, struct str topic)
{
	struct counted *c = calloc(1, sizeof(*c));

	if (c == NULL || (c->topic = str_dup(topic)) == NULL) {
		free(c);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, h->topics, c->topic, topic.n, c);
	if (c->hh.tbl != NULL)
		return c;
	/* uthash had no memory: it is not in. */
	free(c->topic);
	free(c);
	return NULL;
}

static void
drop(struct topic_hits *h, struct counted *c)
{
	HASH_DEL(h->topics, c);
	free(c->topic);
	free(c);
}

/* Later hours than the last are zero as yet. */
static void
turn_to(struct counted *c, int64_t hour)
{
	if (hour - c->hour >= TOPIC_HITS_HOURS)
		memset(c->by_hour, 0, sizeof(c->by_hour));
	else
		for (int64_t h = c->hour + 1; h <= hour; h++)
			c->by_hour[h % TOPIC_HITS_HOURS] = 0;
	if (hour > c->hour)
		c->hour = hour;
}

/* A clock that was set back tells of hours to come: they count as now. */
static int
on_alert(int64_t seq, int64_t time_s, struct str topic, void *ctx)
{
	struct topic_hits *h = ctx;
	int64_t hour = time_s / HOUR_S;
	struct counted *c;

	h->seq = seq;
	if (hour > h->now_hour)
		hour = h->now_hour;
	if (hour < 0 || h->now_hour - hour >= TOPIC_HITS_HOURS)
		return 0;
	c = find(h, topic);
	if (c == NULL && (c = add(h, topic)) == NULL) {
		h->failed = true;
		return 1;
	}
	turn_to(c, hour);
	if (c->hour - hour < TOPIC_HITS_HOURS)
		c->by_hour[hour % TOPIC_HITS_HOURS]++;
	if (time_s > c->last_s)
		c->last_s = time_s;
	return 0;
}

static void
forget_all(struct topic_hits *h)
{
	struct counted *c, *next;

	HASH_ITER(hh, h->topics, c, next)
		drop(h, c);
	h->seq = -1;
}

static void
forget_old(struct topic_hits *h)
{
	struct counted *c, *next;

	HASH_ITER(hh, h->topics, c, next)
		if (h->now_hour - c->hour >= TOPIC_HITS_HOURS)
			drop(h, c);
}

static int
read_new(struct topic_hits *h, struct db *db, int64_t now_s, struct err *err)
{
	int64_t hour = now_s / HOUR_S;

	if (hour < h->now_hour)
		forget_all(h);		/* the clock was set back */
	h->now_hour = hour;
	h->failed = false;
	if (h->seq == -1 && outbox_list_begin(db,
	    (hour - TOPIC_HITS_HOURS + 1) * HOUR_S, &h->seq, err) == -1)
		return -1;
	if (outbox_list_times(db, h->seq, on_alert, h, err) == -1)
		return -1;
	forget_old(h);
	if (!h->failed)
		return 0;
	forget_all(h);
	return err_set(err, "out of memory");
}

int
topic_hits_look(struct topic_hits *h, struct db *db, int64_t now_s,
    struct err *err)
{
	int rc;

	pthread_mutex_lock(&h->lock);
	rc = read_new(h, db, now_s, err);
	if (rc == -1)
		pthread_mutex_unlock(&h->lock);
	return rc;
}

void
topic_hits_of(const struct topic_hits *h, struct str topic,
    struct topic_hits_day *day)
{
	const struct counted *c = find(h, topic);
	int64_t first = h->now_hour - TOPIC_HITS_HOURS + 1;

	*day = (struct topic_hits_day){ .last_s = 0 };
	if (c == NULL)
		return;
	day->last_s = c->last_s;
	for (int64_t i = 0; i < TOPIC_HITS_HOURS; i++)
		if (first + i >= 0 && first + i <= c->hour) {
			day->by_hour[i] = c->by_hour[(first + i) %
			    TOPIC_HITS_HOURS];
			day->sum += day->by_hour[i];
		}
}

void
topic_hits_rest(struct topic_hits *h)
{
	pthread_mutex_unlock(&h->lock);
}

struct topic_hits *
topic_hits_new(void)
{
	struct topic_hits *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	pthread_mutex_init(&h->lock, NULL);	/* cannot fail */
	h->seq = -1;
	return h;
}

void
topic_hits_free(struct topic_hits *h)
{
	if (h == NULL)
		return;
	forget_all(h);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
