/* SPDX-License-Identifier: ISC */
/*
 * Open addressing at two thirds of load. A slot is a feed's place in the
 * configuration, from 1; 0: free. Nothing of the hash is kept: who looks finds
 * a free slot, or the feed, at the second or third.
 */
#include "daemon/feed_lookup.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/digest.h"
#include "daemon/conf.h"

struct feed_lookup {
	const struct conf	*conf;	/* borrowed */
	size_t			 room;
	uint32_t		 slots[];
};

/* The upper half of the hash, spread over the room. */
static size_t
first_slot(const struct feed_lookup *l, struct str url)
{
	return (size_t)((digest_hash64(0, url) >> 32) * l->room >> 32);
}

static size_t
next_slot(const struct feed_lookup *l, size_t at)
{
	return at + 1 < l->room ? at + 1 : 0;
}

static void
add(struct feed_lookup *l, size_t place)
{
	size_t at = first_slot(l, str_from(l->conf->feeds[place].url));

	while (l->slots[at] != 0)
		at = next_slot(l, at);
	l->slots[at] = (uint32_t)place + 1;
}

struct feed_lookup *
feed_lookup_new(const struct conf *conf)
{
	struct feed_lookup *l;
	size_t room;

	if (conf->n_feeds > UINT32_MAX / 4)
		return NULL;
	room = conf->n_feeds + conf->n_feeds / 2 + 1;
	l = calloc(1, sizeof(*l) + room * sizeof(l->slots[0]));
	if (l == NULL)
		return NULL;
	l->conf = conf;
	l->room = room;
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
	for (size_t at = first_slot(l, url); l->slots[at] != 0;
	    at = next_slot(l, at)) {
		const struct conf_feed *f =
		    &l->conf->feeds[l->slots[at] - 1];

		if (str_eq_c(url, f->url))
			return f;
	}
	return NULL;
}
