/* SPDX-License-Identifier: ISC */
/*
 * A feed by its URL, in a configuration that many threads hold: open addressing
 * at two thirds of load, six bytes a feed, by the hash of the URL's one
 * spelling (url_canonical). A slot is a feed's place in the configuration, from
 * 1; 0: free. Nothing of the hash is kept: who looks finds a free slot, or the
 * feed, at the second or third, so that a scan over the rows of a million feeds
 * may ask for each.
 */
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/conf_load.h"

/* Room for what libcurl escapes. */
enum { MAX_SPELLED = 4 * URL_MAX_BYTES };

/* The slot where a look for this document begins: the upper half of the hash,
 * spread over the room. */
static size_t
first_slot(const struct conf *c, const char *url)
{
	struct buf spelled;
	uint64_t hash;

	if (url_is_canonical(url))
		hash = digest_hash64(c->by_url_seed, str_from(url));
	else {
		buf_init(&spelled, MAX_SPELLED);
		(void)url_canonical(&spelled, url);	/* else as it stands */
		hash = digest_hash64(c->by_url_seed, buf_str(&spelled));
		buf_clear(&spelled);
	}
	return (size_t)((hash >> 32) * c->by_url_room >> 32);
}

static size_t
next_slot(const struct conf *c, size_t at)
{
	return at + 1 < c->by_url_room ? at + 1 : 0;
}

static bool
asks_for_the_same(const char *a, const char *b)
{
	struct buf one, other;
	bool same;

	if (strcmp(a, b) == 0)
		return true;
	if (url_is_canonical(a) && url_is_canonical(b))
		return false;
	buf_init(&one, MAX_SPELLED);
	buf_init(&other, MAX_SPELLED);
	(void)url_canonical(&one, a);		/* else as they stand */
	(void)url_canonical(&other, b);
	same = !one.failed && !other.failed &&
	    str_eq(buf_str(&one), buf_str(&other));
	buf_clear(&one);
	buf_clear(&other);
	return same;
}

bool
conf_index_feeds(struct conf *c, struct arena *arena)
{
	uint32_t *slots;
	size_t at;

	if (c->n_feeds > UINT32_MAX / 4)
		return false;
	if (getrandom(&c->by_url_seed, sizeof(c->by_url_seed),
	    GRND_NONBLOCK) == -1)
		c->by_url_seed = (uint64_t)(uintptr_t)c;
	c->by_url_room = c->n_feeds + c->n_feeds / 4 + 1;
	slots = arena_array(arena, c->by_url_room, sizeof(*slots));
	if (slots == NULL)
		return false;
	for (size_t i = 0; i < c->n_feeds; i++) {
		at = first_slot(c, c->feeds[i].url);
		while (slots[at] != 0)
			at = next_slot(c, at);
		slots[at] = (uint32_t)i + 1;
	}
	c->by_url = slots;
	return true;
}

const struct conf_feed *
conf_find_document(const struct conf *c, const char *url)
{
	const struct conf_feed *f;

	if (c->by_url == NULL)
		return NULL;
	for (size_t at = first_slot(c, url); c->by_url[at] != 0;
	    at = next_slot(c, at)) {
		f = &c->feeds[c->by_url[at] - 1];
		if (asks_for_the_same(f->url, url))
			return f;
	}
	return NULL;
}

const char *
conf_name_document(const struct conf *c, const char *url)
{
	const struct conf_feed *f = conf_find_document(c, url);

	return f != NULL ? f->url : url;
}

const struct conf_feed *
conf_find_feed(const struct conf *c, const char *url)
{
	const struct conf_feed *f = conf_find_document(c, url);

	return f != NULL && strcmp(f->url, url) == 0 ? f : NULL;
}

const struct conf_feed *
conf_find_url(const struct conf *c, struct str url)
{
	char copy[URL_MAX_BYTES + 1];

	/* No configured one is longer. */
	if (url.n > URL_MAX_BYTES)
		return NULL;
	memcpy(copy, url.p, url.n);
	copy[url.n] = '\0';
	return conf_find_feed(c, copy);
}
