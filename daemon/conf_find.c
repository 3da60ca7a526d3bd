/* SPDX-License-Identifier: ISC */
/*
 * A feed by its URL, in a configuration that many threads hold: places sorted
 * by a hash of the URL, four bytes a feed. The hash itself is not kept: a look
 * is for the URL of a redirect, and takes twenty of them at most.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "daemon/conf.h"
#include "daemon/conf_load.h"

struct pair {
	uint64_t	hash;
	uint32_t	place;
};

static uint64_t
hash_of(const char *url)
{
	return digest_hash64(0, str_from(url));
}

static int
compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

bool
conf_find_finish(struct conf_loader *l)
{
	struct conf *c = l->conf;
	struct pair *pairs = calloc(c->n_feeds + 1, sizeof(*pairs));
	uint32_t *by_url = arena_array(l->arena, c->n_feeds + 1,
	    sizeof(*by_url));
	bool ok = pairs != NULL && by_url != NULL && c->n_feeds < UINT32_MAX;

	for (size_t i = 0; ok && i < c->n_feeds; i++)
		pairs[i] = (struct pair){ hash_of(c->feeds[i].url),
			(uint32_t)i };
	if (ok) {
		qsort(pairs, c->n_feeds, sizeof(*pairs), compare);
		for (size_t i = 0; i < c->n_feeds; i++)
			by_url[i] = pairs[i].place;
		c->by_url = by_url;
	}
	free(pairs);
	return ok;
}

const struct conf_feed *
conf_find_feed(const struct conf *c, const char *url)
{
	uint64_t hash = hash_of(url);
	size_t from = 0, to = c->by_url != NULL ? c->n_feeds : 0;
	size_t n = to;

	/* The first with this hash; two URLs may share it. */
	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (hash_of(c->feeds[c->by_url[middle]].url) < hash)
			from = middle + 1;
		else
			to = middle;
	}
	for (; from < n; from++) {
		const struct conf_feed *f = &c->feeds[c->by_url[from]];

		if (strcmp(f->url, url) == 0)
			return f;
		if (hash_of(f->url) != hash)
			break;
	}
	return NULL;
}
