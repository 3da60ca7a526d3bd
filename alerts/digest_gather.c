/* SPDX-License-Identifier: ISC */
/*
 * Topics are counted in a hash table, as ten thousand alerts may be of as many
 * topics; at the end the most frequent are kept, by name where they are as
 * frequent, so that the same alerts always make the same digest.
 */
/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM 1

#include "alerts/digest_gather.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "alerts/alert_event.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"

enum {
	ARENA_MAX = 16 << 20,
	SCRATCH_MAX = 1 << 20,
	MAX_TITLE = 512,	/* bytes kept; the digest cuts further */
	MAX_URL = 4096,
	MAX_NAME = 256
};

struct topic {
	UT_hash_handle	 hh;
	struct str	 name;
	int64_t		 count;
};

struct digest_gather {
	struct arena		*arena;
	struct arena		*scratch;	/* of the alert being added */
	struct topic		*topics;
	struct digest		 digest;
	struct digest_alert	 alerts[DIGEST_MAX_ALERTS];
	struct str		 first_id;
	char			 last[ALERT_ID_SIZE];
	char			 id[ALERT_ID_SIZE];
};

struct digest_gather *
digest_gather_new(void)
{
	struct digest_gather *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->digest.alerts = g->alerts;
	g->digest.severity = SEVERITY_DEBUG;
	g->arena = arena_new(ARENA_MAX);
	g->scratch = arena_new(SCRATCH_MAX);
	if (g->arena != NULL && g->scratch != NULL)
		return g;
	digest_gather_free(g);
	return NULL;
}

void
digest_gather_free(struct digest_gather *g)
{
	if (g == NULL)
		return;
	HASH_CLEAR(hh, g->topics);	/* they are the arena's */
	arena_free(g->arena);
	arena_free(g->scratch);
	free(g);
}

static struct topic *
find_topic(struct digest_gather *g, struct str name)
{
	struct topic *t, *in;

	HASH_FIND(hh, g->topics, name.p, name.n, t);
	if (t != NULL)
		return t;
	t = arena_alloc(g->arena, sizeof(*t));
	name = arena_copy(g->arena, name);
	if (t == NULL || name.p == NULL)
		return NULL;
	t->name = name;
	HASH_ADD_KEYPTR(hh, g->topics, t->name.p, t->name.n, t);
	/* uthash had no memory: it is not in. */
	HASH_FIND(hh, g->topics, name.p, name.n, in);
	return in;
}

static struct str
keep(struct digest_gather *g, struct str s, size_t max)
{
	return arena_copy(g->arena, utf8_cut(s, max));
}

static void
keep_alert(struct digest_gather *g, const struct alert_event *e,
    const struct json *data)
{
	const struct json *item = json_get(data, "item");
	struct digest_alert *a = &g->alerts[g->digest.n_alerts++];

	a->id = keep(g, e->id, MAX_NAME);
	a->topic = keep(g, e->subject, MAX_NAME);
	a->title = keep(g, json_get_str(item, "title"), MAX_TITLE);
	/* A URL that was cut leads elsewhere. */
	if (json_get_str(item, "url").n <= MAX_URL)
		a->url = keep(g, json_get_str(item, "url"), MAX_URL);
	a->site = keep(g, json_get_str(json_get(data, "feed"), "site"),
	    MAX_NAME);
	a->severity = e->severity;
	a->time_s = e->time_s;
}

static void
count_alert(struct digest_gather *g, const struct alert_event *e)
{
	struct digest *d = &g->digest;
	struct topic *t = find_topic(g, utf8_cut(e->subject, MAX_NAME));

	if (t != NULL)
		t->count++;
	if (d->count++ == 0) {
		d->instance = keep(g, e->instance, MAX_NAME);
		g->first_id = keep(g, e->id, MAX_NAME);
		d->since_s = d->until_s = e->time_s;
	}
	if (e->severity < d->severity)
		d->severity = e->severity;
	if (e->time_s < d->since_s)
		d->since_s = e->time_s;
	if (e->time_s > d->until_s)
		d->until_s = e->time_s;
	(void)snprintf(g->last, sizeof(g->last), "%.*s", STR_ARG(e->id));
}

int
digest_gather_add(struct digest_gather *g, struct str json, struct err *err)
{
	struct json_tree *tree = json_parse(json, err);
	const struct json *root;
	struct alert_event e;

	if (tree == NULL)
		return 0;	/* goes alone: broken, or no memory now */
	root = json_root(tree);
	arena_reset(g->scratch);
	if (!alert_event_is(root, &alert_event_of_alert) ||
	    alert_event_read(g->scratch, root, &e, err) == -1) {
		json_tree_free(tree);
		return 0;
	}
	count_alert(g, &e);
	if (g->digest.n_alerts < DIGEST_MAX_ALERTS)
		keep_alert(g, &e, json_get(root, "data"));
	json_tree_free(tree);
	if (arena_failed(g->arena) || arena_failed(g->scratch))
		return err_set(err, "making a digest: out of memory");
	return 1;
}

static int
compare_topics(const void *va, const void *vb)
{
	const struct digest_topic *a = va, *b = vb;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return str_order(a->topic, b->topic);
}

/* Without memory for them the topics stay unnamed. */
static void
list_topics(struct digest_gather *g)
{
	struct digest *d = &g->digest;
	struct digest_topic *list = arena_array(g->arena,
	    HASH_CNT(hh, g->topics), sizeof(*list));
	size_t n = 0;

	if (list == NULL)
		return;
	for (const struct topic *t = g->topics; t != NULL; t = t->hh.next)
		list[n++] = (struct digest_topic){ t->name, t->count };
	if (n > 0)
		qsort(list, n, sizeof(*list), compare_topics);
	d->topics = list;
	d->n_topics = n < DIGEST_MAX_TOPICS ? n : DIGEST_MAX_TOPICS;
}

const struct digest *
digest_gather_end(struct digest_gather *g, struct str sink, int64_t now_s)
{
	g->digest.sink = sink;
	g->digest.time_s = now_s;
	list_topics(g);
	digest_make_id(&g->digest, g->first_id, str_from(g->last), g->id);
	g->digest.id = str_from(g->id);
	return &g->digest;
}
