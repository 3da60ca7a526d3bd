/* SPDX-License-Identifier: ISC */
/*
 * The life of a configuration: one arena holds all that it points to, and goes
 * with the last reference.
 */
#include "daemon/conf.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "daemon/conf_load.h"
#include "filters/topic_set.h"

const char conf_default_path[] = HEADLINED_SYSCONFDIR "/headlined.yaml";
const char conf_default_store[] = HEADLINED_STATEDIR "/headlined.db";

const struct conf_feed_set conf_feed_plain = { .every_s = 0 };

struct counted {
	struct conf	 conf;		/* the first: what others hold */
	atomic_size_t	 references;
	struct arena	*arena;
	struct arena	*text;		/* of conf.text alone */
};

/* Cores this process may run on: a service may be bound to a few of many. */
static unsigned
count_cores(void)
{
	cpu_set_t cores;
	long n;

	/* Fails where a machine has more than a cpu_set_t has bits. */
	if (sched_getaffinity(0, sizeof(cores), &cores) == 0)
		n = CPU_COUNT(&cores);
	else
		n = sysconf(_SC_NPROCESSORS_ONLN);
	if (n < 1)
		return 1;
	return n > CONF_MAX_WORKERS ? CONF_MAX_WORKERS : (unsigned)n;
}

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
	c->poll.text = CONF_TEXT_FEED;
	c->poll.page_limit = 200;
	c->store.path = conf_default_store;
	c->store.keep_s = 30 * 24 * 3600;
	c->store.max_bytes = (size_t)4 << 30;
	c->workers = count_cores();
	c->control.socket = HEADLINED_RUNDIR "/control.sock";
}

struct conf *
conf_new(struct arena **arena)
{
	struct counted *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->arena = *arena = arena_new(SIZE_MAX);
	c->text = arena_new(SIZE_MAX);
	if (c->arena == NULL || c->text == NULL) {
		arena_free(c->arena);
		arena_free(c->text);
		free(c);
		return NULL;
	}
	atomic_init(&c->references, 1);
	set_defaults(&c->conf);
	return &c->conf;
}

unsigned
conf_per_address(const struct conf *c)
{
	enum { LEAST = 8 };

	return c->poll.per_host > LEAST ? c->poll.per_host : LEAST;
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
	arena_free(c->text);
	free(c);
}

bool
conf_keep_text(struct conf *conf, struct str text)
{
	struct counted *c = (struct counted *)(void *)conf;

	arena_reset(c->text);
	conf->text = arena_copy(c->text, text);
	return !arena_failed(c->text);
}

void
conf_forget_text(struct conf *conf)
{
	struct counted *c = (struct counted *)(void *)conf;

	conf->text = STR_NONE;
	arena_free(c->text);
	c->text = NULL;
}

static const char *
copy_or_null(struct arena *arena, const char *s)
{
	return s != NULL ? arena_copy(arena, str_from(s)).p : NULL;
}

struct conf *
conf_brief(const struct conf *began)
{
	struct arena *arena;
	struct conf *c = conf_new(&arena);

	if (c == NULL)
		return NULL;
	c->instance = copy_or_null(arena, began->instance);
	c->store.path = copy_or_null(arena, began->store.path);
	c->control.socket = copy_or_null(arena, began->control.socket);
	c->workers = began->workers;
	if (!arena_failed(arena))
		return c;
	conf_unref(c);
	return NULL;
}

static bool
is_other(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a != b;
	return strcmp(a, b) != 0;
}

void
conf_needs_restart(const struct conf *now, const struct conf *next, char *out,
    size_t size)
{
	const struct {
		const char	*key;
		bool		 changed;
	} keys[] = {
		{ "instance", is_other(now->instance, next->instance) },
		{ "store.path", is_other(now->store.path, next->store.path) },
		{ "control.socket", is_other(now->control.socket,
		    next->control.socket) },
		{ "workers", now->workers != next->workers },
	};
	size_t n = 0;

	if (size > 0)
		out[0] = '\0';
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].changed && n < size)
			n += (size_t)snprintf(out + n, size - n, "%s%s",
			    n > 0 ? ", " : "", keys[i].key);
}
