/* SPDX-License-Identifier: ISC */
/*
 * Two arrays sorted alike are merged: what stands in both stays. A table that
 * is written at reloads only needs no hashing structure beside it: 24 bytes a
 * feed and one sort.
 */
#include "daemon/worker_feeds.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "daemon/conf.h"

static int
compare(const void *a, const void *b)
{
	const struct worker_feeds_slot *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return strcmp(x->conf->url, y->conf->url);
}

struct worker_feeds_slot *
worker_feeds_find(const struct worker_feeds *feeds, struct str url)
{
	uint64_t hash = digest_hash64(0, url);
	size_t from = 0, to = feeds->n;

	/* The first with this hash; two URLs may share it. */
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (feeds->slots[middle].hash < hash)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < feeds->n && feeds->slots[from].hash == hash; from++)
		if (str_eq_c(url, feeds->slots[from].conf->url))
			return &feeds->slots[from];
	return NULL;
}

void
worker_feed_free(struct worker_feed *f)
{
	if (f == NULL)
		return;
	feed_state_clear(&f->state);
	free(f->url);
	free(f);
}

void
worker_feeds_clear(struct worker_feeds *feeds)
{
	for (size_t i = 0; i < feeds->n; i++)
		worker_feed_free(feeds->slots[i].feed);
	free(feeds->slots);
	*feeds = (struct worker_feeds){ 0 };
}

void
worker_feeds_discard(struct worker_feeds *next)
{
	for (size_t i = 0; i < next->n; i++)
		if (next->slots[i].is_new)
			worker_feed_free(next->slots[i].feed);
	free(next->slots);
	*next = (struct worker_feeds){ 0 };
}

static struct worker_feed *
make_feed(const struct conf_feed *conf)
{
	struct worker_feed *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->entry.place = SCHEDULE_NOWHERE;
	f->conf = conf;
	return f;
}

/* Gives each slot of *next its feed: that of *now, or a new one. */
static int
fill(const struct worker_feeds *now, struct worker_feeds *next)
{
	size_t old = 0;

	for (size_t i = 0; i < next->n; i++) {
		struct worker_feeds_slot *s = &next->slots[i];

		while (old < now->n && compare(&now->slots[old], s) < 0)
			old++;
		if (old < now->n && compare(&now->slots[old], s) == 0) {
			s->feed = now->slots[old].feed;
			continue;
		}
		s->is_new = true;
		if ((s->feed = make_feed(s->conf)) == NULL)
			return -1;
	}
	return 0;
}

int
worker_feeds_plan(const struct worker_feeds *now,
    const struct conf_feed *const *feeds, size_t n, struct worker_feeds *next)
{
	next->n = 0;
	next->slots = calloc(n > 0 ? n : 1, sizeof(*next->slots));
	if (next->slots == NULL)
		return -1;
	next->n = n;
	for (size_t i = 0; i < n; i++) {
		next->slots[i].conf = feeds[i];
		next->slots[i].hash = digest_hash64(0,
		    str_from(feeds[i]->url));
	}
	qsort(next->slots, n, sizeof(*next->slots), compare);
	if (fill(now, next) == 0)
		return 0;
	worker_feeds_discard(next);
	return -1;
}

/* Those of *now that *next does not have. */
static void
let_go(const struct worker_feeds *now, const struct worker_feeds *next,
    const struct worker_feeds_ops *ops)
{
	size_t i = 0;

	for (size_t old = 0; old < now->n; old++) {
		while (i < next->n &&
		    compare(&next->slots[i], &now->slots[old]) < 0)
			i++;
		if (i == next->n ||
		    compare(&next->slots[i], &now->slots[old]) != 0)
			ops->leave(now->slots[old].feed);
	}
}

void
worker_feeds_adopt(struct worker_feeds *now, struct worker_feeds *next,
    const struct worker_feeds_ops *ops)
{
	let_go(now, next, ops);
	for (size_t i = 0; i < next->n; i++) {
		struct worker_feeds_slot *s = &next->slots[i];

		if (s->is_new)
			s->feed = ops->come(s->feed);
		else
			ops->stay(s->feed, s->conf);
		s->feed->conf = s->conf;
		s->is_new = false;
	}
	free(now->slots);
	*now = *next;
	*next = (struct worker_feeds){ 0 };
}
