/* SPDX-License-Identifier: ISC */
/*
 * Which topics look at which feed, as one bit set per kind of feed. Feeds to
 * which the same selectors (tags and names that topics mention) apply share
 * one set: 100,000 feeds of three tags have at most eight sets.
 *
 *	selector "world"	number 1	topics 0, 4
 *	selector "en"		number 2	topics 4, 7
 *	a feed [world, en]	key (1, 2)	base | {0, 4} | {4, 7}
 *
 * base holds the topics that look at every feed.
 */
#include "daemon/conf_load.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "daemon/conf.h"

/* A topic that a selector selects. */
struct selected {
	struct selected	*next;
	size_t		 topic;
};

struct sets {
	struct conf_loader	*l;
	size_t			 words;		/* of a set */
	uint64_t		*base;
	size_t			 n_used;	/* selectors with a number */
	struct conf_name	**used;		/* by number - 1 */
	struct conf_names	 by_key;	/* data: the set */
	size_t			*key;		/* scratch: one feed's */
	size_t			 key_cap;
};

static void
set_bit(uint64_t *set, size_t i)
{
	set[i / 64] |= UINT64_C(1) << (i % 64);
}

/* The topic's selectors learn of it. */
static bool
file_topic(struct sets *s, const struct conf_raw_topic *t)
{
	for (size_t i = 0; i < t->feeds.n; i++) {
		struct conf_name *n = conf_names_find(&s->l->selectors,
		    t->feeds.list[i].text);
		struct selected *sel = arena_alloc(s->l->scratch, sizeof(*sel));

		if (n == NULL || sel == NULL)
			return n == NULL;
		if (n->number == 0)
			n->number = ++s->n_used;
		*sel = (struct selected){ .next = n->data, .topic = t->number };
		n->data = sel;
	}
	return true;
}

/* False when memory is out; s->n_used is 0 when no topic selects. */
static bool
file_topics(struct sets *s)
{
	struct conf_raw_topic *t;
	bool ok = true;

	for (t = s->l->topics.first; ok && t != NULL; t = t->next) {
		if (t->bad)
			continue;
		if (t->feeds.given)
			ok = file_topic(s, t);
		else
			set_bit(s->base, t->number);
	}
	s->used = arena_array(s->l->scratch, s->n_used + 1, sizeof(*s->used));
	if (!ok || s->used == NULL)
		return false;
	for (struct conf_name *n = s->l->selectors.head; n != NULL;
	    n = n->hh.next)
		if (n->number > 0)
			s->used[n->number - 1] = n;
	return true;
}

static int
compare_numbers(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
add_to_key(struct sets *s, const char *selector, size_t *n)
{
	struct conf_name *found;

	if (selector == NULL)
		return;
	found = conf_names_find(&s->l->selectors, str_from(selector));
	if (found != NULL && found->number > 0)
		s->key[(*n)++] = found->number;
}

/* The numbers of the feed's selectors, each once, in order. */
static bool
make_key(struct sets *s, const struct conf_feed *f, struct str *key)
{
	size_t n = 0, kept = 0, *room;

	if (f->set->n_tags + 1 > s->key_cap) {
		room = arena_array(s->l->scratch, 2 * (f->set->n_tags + 1),
		    sizeof(*room));
		if (room == NULL)
			return false;
		s->key = room;
		s->key_cap = 2 * (f->set->n_tags + 1);
	}
	for (size_t i = 0; i < f->set->n_tags; i++)
		add_to_key(s, f->set->tags[i], &n);
	add_to_key(s, f->name, &n);
	qsort(s->key, n, sizeof(*s->key), compare_numbers);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || s->key[kept - 1] != s->key[i])
			s->key[kept++] = s->key[i];
	*key = (struct str){ (const char *)s->key, kept * sizeof(*s->key) };
	return true;
}

static uint64_t *
make_set(struct sets *s, struct str key)
{
	uint64_t *set = arena_array(s->l->arena, s->words, sizeof(*set));

	if (set == NULL)
		return NULL;
	memcpy(set, s->base, s->words * sizeof(*set));
	for (size_t i = 0; i < key.n / sizeof(*s->key); i++)
		for (struct selected *sel = s->used[s->key[i] - 1]->data;
		    sel != NULL; sel = sel->next)
			set_bit(set, sel->topic);
	return set;
}

static bool
give_set(struct sets *s, struct conf_feed *f)
{
	struct conf_name *n;
	struct str key;

	if (!make_key(s, f, &key))
		return false;
	n = conf_names_find(&s->by_key, key);
	if (n == NULL) {
		n = conf_names_add(&s->by_key, s->l->scratch,
		    arena_copy(s->l->scratch, key));
		if (n == NULL || (n->data = make_set(s, key)) == NULL)
			return false;
	}
	f->set = conf_feed_set_wanted(s->l, f->set, n->data);
	return f->set != NULL;
}

bool
conf_wanted_finish(struct conf_loader *l)
{
	struct conf *c = l->conf;
	struct sets s = { .l = l, .words = c->n_topics / 64 + 1 };
	bool ok;

	s.base = arena_array(l->scratch, s.words, sizeof(*s.base));
	ok = s.base != NULL && file_topics(&s);
	for (size_t i = 0; ok && s.n_used > 0 && i < c->n_feeds; i++)
		ok = give_set(&s, &c->feeds[i]);
	conf_names_clear(&s.by_key);
	return ok;
}
