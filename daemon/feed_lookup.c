/* SPDX-License-Identifier: ISC */
/*
 * Open addressing at half load or less. A slot keeps some bits of the hash, so
 * that hardly any URL is looked at in vain:
 *
 *	slot	tag   place
 *		9f3c  17	feeds[16]
 *		-     0		free
 */
#include "daemon/feed_lookup.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/digest.h"
#include "daemon/conf.h"

struct slot {
	uint32_t	tag;
	uint32_t	place;		/* in conf->feeds, from 1; 0: free */
};

struct feed_lookup {
	const struct conf	*conf;	/* borrowed */
	size_t			 mask;
	struct slot		 slots[];
};

static void
add(struct feed_lookup *l, size_t place)
{
	uint64_t hash = digest_hash64(0, str_from(l->conf->feeds[place].url));
	size_t at = hash & l->mask;

	while (l->slots[at].place != 0)
		at = (at + 1) & l->mask;
	l->slots[at] = (struct slot){ (uint32_t)(hash >> 32),
		(uint32_t)place + 1 };
}

struct feed_lookup *
feed_lookup_new(const struct conf *conf)
{
	struct feed_lookup *l;
	size_t room = 16;

	if (conf->n_feeds > UINT32_MAX / 4)
		return NULL;
	while (room < 2 * conf->n_feeds)
		room *= 2;
	l = calloc(1, sizeof(*l) + room * sizeof(l->slots[0]));
	if (l == NULL)
		return NULL;
	l->conf = conf;
	l->mask = room - 1;
	for (size_t i = 0; i < conf->n_feeds; i++)
		add(l, i);
	return l;
}

void
feed_lookup_free(struct feed_lookup *l)
{
	free(l);
}

const struct conf_feed *
feed_lookup_find(const struct feed_lookup *l, struct str url)
{
	uint64_t hash = digest_hash64(0, url);
	size_t at = hash & l->mask;

	for (; l->slots[at].place != 0; at = (at + 1) & l->mask) {
		const struct conf_feed *f =
		    &l->conf->feeds[l->slots[at].place - 1];

		if (l->slots[at].tag == (uint32_t)(hash >> 32) &&
		    str_eq_c(url, f->url))
			return f;
	}
	return NULL;
}
