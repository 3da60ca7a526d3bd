/* SPDX-License-Identifier: ISC */
/*
 * The life of a configuration: one arena holds all that it points to, and goes
 * with the last reference.
 */
#include "daemon/conf.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "daemon/conf_load.h"
#include "filters/topic_set.h"

const char conf_default_path[] = HEADLINED_SYSCONFDIR "/headlined.yaml";

struct counted {
	struct conf	 conf;		/* the first: what others hold */
	atomic_size_t	 references;
	struct arena	*arena;
};

static void
set_defaults(struct conf *c)
{
	c->poll.min_s = 5 * 60;
	c->poll.max_s = 24 * 3600;
	c->poll.timeout_s = 30;
	c->poll.max_body_bytes = (size_t)10 << 20;
	c->poll.per_host = 2;
	c->poll.host_gap_us = 1000000;
	c->poll.first_s = 24 * 3600;
	c->store.path = HEADLINED_STATEDIR "/headlined.db";
	c->store.keep_s = 30 * 24 * 3600;
	c->control.socket = HEADLINED_RUNDIR "/control.sock";
}

struct conf *
conf_new(struct arena **arena)
{
	struct counted *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->arena = *arena = arena_new(SIZE_MAX);
	if (c->arena == NULL) {
		free(c);
		return NULL;
	}
	atomic_init(&c->references, 1);
	set_defaults(&c->conf);
	return &c->conf;
}

struct conf *
conf_ref(struct conf *conf)
{
	struct counted *c = (struct counted *)(void *)conf;

	atomic_fetch_add(&c->references, 1);
	return conf;
}

void
conf_unref(struct conf *conf)
{
	struct counted *c = (struct counted *)(void *)conf;

	if (c == NULL || atomic_fetch_sub(&c->references, 1) > 1)
		return;
	topic_set_unref(conf->topic_set);
	arena_free(c->arena);
	free(c);
}
