/* SPDX-License-Identifier: ISC */
/*
 * A feed by its URL, in a configuration that many threads hold: open addressing
 * at two thirds of load, six bytes a feed. A slot is a feed's place in the
 * configuration, from 1; 0: free. Nothing of the hash is kept: who looks finds
 * a free slot, or the feed, at the second or third, so that a scan over the
 * rows of a million feeds may ask for each.
 */
#include "base/arena.h"
#include "base/digest.h"
#include "daemon/conf.h"
#include "daemon/conf_load.h"

/* The upper half of the hash, spread over the room. */
static size_t
first_slot(const struct conf *c, struct str url)
{
	return (size_t)((digest_hash64(0, url) >> 32) * c->by_url_room >> 32);
}

static size_t
next_slot(const struct conf *c, size_t at)
{
	return at + 1 < c->by_url_room ? at + 1 : 0;
}

bool
conf_index_feeds(struct conf *c, struct arena *arena)
{
	uint32_t *slots;
	size_t at;

	if (c->n_feeds > UINT32_MAX / 4)
		return false;
	c->by_url_room = c->n_feeds + c->n_feeds / 2 + 1;
	slots = arena_array(arena, c->by_url_room, sizeof(*slots));
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < c->n_feeds; i++) {
		at = first_slot(c, str_from(c->feeds[i].url));
		while (slots[at] != 0)
			at = next_slot(c, at);
		slots[at] = (uint32_t)i + 1;
	}
	c->by_url = slots;
	return true;
}

const struct conf_feed *
conf_find_url(const struct conf *c, struct str url)
{
	const struct conf_feed *f;

	if (c->by_url == NULL)
		return NULL;
	for (size_t at = first_slot(c, url); c->by_url[at] != 0;
	    at = next_slot(c, at)) {
		f = &c->feeds[c->by_url[at] - 1];
		if (str_eq_c(url, f->url))
			return f;
	}
	return NULL;
}

const struct conf_feed *
conf_find_feed(const struct conf *c, const char *url)
{
	return conf_find_url(c, str_from(url));
}
