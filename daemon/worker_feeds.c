/* SPDX-License-Identifier: ISC */
/*
 * Two arrays sorted alike are merged: what stands in both stays. A table that
 * is written at reloads only needs no hashing structure beside it: 8 bytes a
 * feed and one sort.
 */
#include "daemon/worker_feeds.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "daemon/conf.h"
#include "feeds/feed_pack.h"

enum { HASH_BITS = 31 };

static uint32_t
hash_of(struct str url)
{
	return (uint32_t)(digest_hash64(0, url) >> (64 - HASH_BITS));
}

static int
compare(uint32_t hash, const char *url, uint32_t other_hash,
    const char *other_url)
{
	if (hash != other_hash)
		return hash < other_hash ? -1 : 1;
	return strcmp(url, other_url);
}

static int
compare_slots(const void *a, const void *b)
{
	const struct worker_feeds_slot *x = a, *y = b;

	return compare(x->hash, x->conf->url, y->hash, y->conf->url);
}

static int
compare_to_slot(const struct worker_feed *f, const struct worker_feeds_slot *s)
{
	return compare(f->hash, f->conf->url, s->hash, s->conf->url);
}

/* Finding */

struct range {
	size_t	from, to;
};

/* Of a list in order of hashes: that of the i-th. */
typedef uint32_t hash_at(const void *list, size_t i);

static uint32_t
hash_in_plan(const void *list, size_t i)
{
	return ((const uint32_t *)list)[i];
}

static uint32_t
hash_of_feed(const void *list, size_t i)
{
	return ((struct worker_feed *const *)list)[i]->hash;
}

/* Hashes are spread evenly, so that the first with this one stands near the
 * same fraction of n: hardly ever further off than two roots of n. */
static inline struct range
guess(const void *list, size_t n, hash_at *hash_in, uint32_t hash)
{
	size_t step = 4, at = (size_t)((uint64_t)hash * n >> HASH_BITS);
	struct range r;

	while (step * step < 4 * n)
		step *= 2;
	r = (struct range){ at > step ? at - step : 0,
		n - at > step ? at + step : n };
	if (r.from > 0 && hash_in(list, r.from - 1) >= hash)
		r.from = 0;
	if (r.to < n && hash_in(list, r.to) < hash)
		r.to = n;
	return r;
}

/* Where the first with this hash stands, or would; two URLs may share it. */
static inline size_t
first_with(const void *list, size_t n, hash_at *hash_in, uint32_t hash)
{
	struct range r = guess(list, n, hash_in, hash);

	while (r.from < r.to) {
		size_t middle = r.from + (r.to - r.from) / 2;

		if (hash_in(list, middle) < hash)
			r.from = middle + 1;
		else
			r.to = middle;
	}
	return r.from;
}

struct worker_feeds_slot *
worker_feeds_plan_find(const struct worker_feeds_plan *plan, struct str url)
{
	uint32_t hash = hash_of(url);
	size_t i = first_with(plan->hashes, plan->n, hash_in_plan, hash);

	for (; i < plan->n && plan->hashes[i] == hash; i++)
		if (str_eq_c(url, plan->slots[i].conf->url))
			return &plan->slots[i];
	return NULL;
}

struct worker_feed *
worker_feeds_find(const struct worker_feeds *feeds, struct str url)
{
	uint32_t hash = hash_of(url);
	size_t i = first_with(feeds->list, feeds->n, hash_of_feed, hash);

	for (; i < feeds->n && feeds->list[i]->hash == hash; i++)
		if (str_eq_c(url, feeds->list[i]->conf->url))
			return feeds->list[i];
	return NULL;
}

/* One feed */

static void
live_free(struct worker_live *live)
{
	feed_state_clear(&live->state);
	free(live->url);
	free(live);
}

static void
free_feed(struct pool *pool, struct worker_feed *f)
{
	if (f == NULL)
		return;
	if (f->is_live)
		live_free(f->live);
	else
		feed_pack_free(f->pack);
	pool_put(pool, f, sizeof(*f));
}

void
worker_feed_free(struct worker_feeds *feeds, struct worker_feed *f)
{
	free_feed(&feeds->pool, f);
}

struct worker_live *
worker_feed_wake(struct worker_feed *f, struct worker *w)
{
	struct worker_live *live;

	if (f->is_live)
		return f->live;
	live = calloc(1, sizeof(*live));
	if (live == NULL)
		return NULL;
	if (feed_pack_open(f->pack, &live->state) == -1) {
		free(live);
		return NULL;
	}
	feed_pack_free(f->pack);
	live->feed = f;
	live->worker = w;
	f->live = live;
	f->is_live = true;
	return live;
}

void
worker_feed_rest(struct worker_feed *f)
{
	struct feed_pack *pack = NULL;

	if (!f->is_live || feed_pack_set(&pack, &f->live->state) == -1)
		return;
	live_free(f->live);
	f->pack = pack;
	f->is_live = false;
}

bool
worker_feed_is_asked(const struct worker_feed *f)
{
	return f->is_live && f->live->poll != NULL;
}

void
worker_feed_peek(const struct worker_feed *f, struct feed_state *st)
{
	if (f->is_live)
		*st = f->live->state;
	else
		feed_pack_peek(f->pack, st);
}

int
worker_feed_set_state(struct worker_feed *f, const struct feed_state *st)
{
	return feed_pack_set(&f->pack, st);
}

int
worker_feed_set_due(struct worker_feed *f, int64_t due_s)
{
	struct feed_state st;
	int rc;

	if (f->is_live) {
		f->live->state.due_s = due_s;
		return 0;
	}
	if (feed_pack_open(f->pack, &st) == -1)
		return -1;
	st.due_s = due_s;
	rc = feed_pack_set(&f->pack, &st);
	feed_state_clear(&st);
	return rc;
}

/* All of them */

void
worker_feeds_clear(struct worker_feeds *feeds)
{
	for (size_t i = 0; i < feeds->n; i++)
		free_feed(&feeds->pool, feeds->list[i]);
	free(feeds->list);
	pool_clear(&feeds->pool);
	*feeds = (struct worker_feeds){ 0 };
}

void
worker_feeds_discard(struct worker_feeds_plan *next)
{
	for (size_t i = 0; i < next->n; i++)
		if (next->slots[i].is_new)
			free_feed(next->pool, next->slots[i].feed);
	free(next->slots);
	free(next->hashes);
	free(next->list);
	*next = (struct worker_feeds_plan){ 0 };
}

static struct worker_feed *
make_feed(struct pool *pool, const struct worker_feeds_slot *s)
{
	struct worker_feed *f = pool_get(pool, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->entry.place = SCHEDULE_NOWHERE;
	f->hash = s->hash & (UINT32_MAX >> 1);
	f->conf = s->conf;
	return f;
}

/* Gives each slot of *next its feed: that of *now, or a new one. */
static int
fill(const struct worker_feeds *now, struct worker_feeds_plan *next)
{
	size_t old = 0;

	for (size_t i = 0; i < next->n; i++) {
		struct worker_feeds_slot *s = &next->slots[i];

		while (old < now->n && compare_to_slot(now->list[old], s) < 0)
			old++;
		if (old < now->n && compare_to_slot(now->list[old], s) == 0) {
			s->feed = now->list[old];
			continue;
		}
		s->is_new = true;
		if ((s->feed = make_feed(next->pool, s)) == NULL)
			return -1;
	}
	return 0;
}

int
worker_feeds_plan(struct worker_feeds *now,
    const struct conf_feed *const *feeds, size_t n,
    struct worker_feeds_plan *next)
{
	*next = (struct worker_feeds_plan){ .pool = &now->pool,
		.slots = calloc(n > 0 ? n : 1, sizeof(*next->slots)),
		.hashes = calloc(n > 0 ? n : 1, sizeof(*next->hashes)),
		.list = calloc(n > 0 ? n : 1, sizeof(*next->list)) };
	if (next->slots == NULL || next->hashes == NULL ||
	    next->list == NULL) {
		worker_feeds_discard(next);
		return -1;
	}
	next->n = n;
	for (size_t i = 0; i < n; i++) {
		next->slots[i].conf = feeds[i];
		next->slots[i].hash = hash_of(str_from(feeds[i]->url));
	}
	qsort(next->slots, n, sizeof(*next->slots), compare_slots);
	for (size_t i = 0; i < n; i++)
		next->hashes[i] = next->slots[i].hash;
	if (fill(now, next) == 0)
		return 0;
	worker_feeds_discard(next);
	return -1;
}

/* Those of *now that *next does not have. */
static void
let_go(const struct worker_feeds *now, const struct worker_feeds_plan *next,
    const struct worker_feeds_ops *ops, void *ctx)
{
	size_t i = 0;

	for (size_t old = 0; old < now->n; old++) {
		struct worker_feed *f = now->list[old];

		while (i < next->n && compare_to_slot(f, &next->slots[i]) > 0)
			i++;
		if (i == next->n || compare_to_slot(f, &next->slots[i]) != 0)
			ops->leave(f, ctx);
	}
}

void
worker_feeds_adopt(struct worker_feeds *now, struct worker_feeds_plan *next,
    const struct worker_feeds_ops *ops, void *ctx)
{
	let_go(now, next, ops, ctx);
	for (size_t i = 0; i < next->n; i++) {
		struct worker_feeds_slot *s = &next->slots[i];

		if (s->is_new)
			s->feed = ops->come(s->feed, ctx);
		else
			ops->stay(s->feed, s->conf, ctx);
		s->feed->conf = s->conf;
		next->list[i] = s->feed;
	}
	free(now->list);
	free(next->slots);
	free(next->hashes);
	now->list = next->list;
	now->n = next->n;
	*next = (struct worker_feeds_plan){ 0 };
}
