/* SPDX-License-Identifier: ISC */
/* A list: sinks are what one administrator names, some tens. */
#include "daemon/sink_counts.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct sink_counts {
	pthread_mutex_t		 lock;		/* guards head and the links */
	struct sink_count	*head;
};

/* 50 ms and 250 ms are what syslog and a webhook are promised; behind a minute
 * lies what an endpoint that is down makes of it, up to a day. */
static const struct histogram_bounds took = { .n = 18, .us = {
	5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000,
	5000000, 10000000, 30000000, 60000000, 300000000, 900000000,
	INT64_C(3600000000), INT64_C(14400000000), INT64_C(86400000000) } };

struct sink_counts *
sink_counts_new(void)
{
	struct sink_counts *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	if (pthread_mutex_init(&all->lock, NULL) == 0)
		return all;
	free(all);
	return NULL;
}

void
sink_counts_free(struct sink_counts *all)
{
	struct sink_count *next;

	if (all == NULL)
		return;
	for (struct sink_count *c = all->head; c != NULL; c = next) {
		next = c->next;
		free(c->name);
		free(c);
	}
	pthread_mutex_destroy(&all->lock);
	free(all);
}

static struct sink_count *
make_count(const char *name)
{
	struct sink_count *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->name = strdup(name);
	if (c->name == NULL) {
		free(c);
		return NULL;
	}
	histogram_init(&c->took, &took);
	return c;
}

struct sink_count *
sink_counts_find(struct sink_counts *all, const char *name)
{
	struct sink_count *c;

	pthread_mutex_lock(&all->lock);
	for (c = all->head; c != NULL; c = c->next)
		if (strcmp(c->name, name) == 0)
			break;
	if (c == NULL && (c = make_count(name)) != NULL) {
		c->next = all->head;
		all->head = c;
	}
	pthread_mutex_unlock(&all->lock);
	return c;
}
