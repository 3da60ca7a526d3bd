/* SPDX-License-Identifier: ISC */
/*
 * Who follows whom, sorted by whom:
 *
 *	http://a/feed	http://a/atom
 *	http://a/feed	http://a/rss
 *	http://b/1	http://b/2
 */
#include "daemon/lookers.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "daemon/conf.h"
#include "daemon/led_poll.h"
#include "feeds/feed_store.h"

struct pair {
	char	*reader, *follower;
};

struct lookers {
	const struct conf	*conf;
	struct pair		*pairs;
	size_t			 n, room;
	bool			 failed;	/* memory is out */
	uint64_t		*set;
};

static int
by_reader(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return strcmp(x->reader, y->reader);
}

static void
note_led(const struct feed_store_led *led, void *ctx)
{
	struct lookers *l = ctx;
	struct pair *more;

	if (led->same_as.n == 0 || l->failed)
		return;
	if (l->n == l->room) {
		more = reallocarray(l->pairs, 2 * l->room + 16,
		    sizeof(*more));
		if ((l->failed = more == NULL))
			return;
		l->pairs = more;
		l->room = 2 * l->room + 16;
	}
	l->pairs[l->n] = (struct pair){ str_dup(led->same_as),
		str_dup(led->url) };
	l->failed = l->pairs[l->n].reader == NULL ||
	    l->pairs[l->n].follower == NULL;
	l->n++;
}

struct lookers *
lookers_new(const struct conf *conf, struct db *reader, struct err *err)
{
	struct lookers *l = calloc(1, sizeof(*l));

	if (l != NULL)
		l->set = calloc(conf->n_topics / 64 + 1, sizeof(*l->set));
	if (l == NULL || l->set == NULL) {
		lookers_free(l);
		err_set(err, "out of memory");
		return NULL;
	}
	l->conf = conf;
	if (feed_store_each_led(reader, note_led, l, err) == 0 && !l->failed) {
		if (l->n > 0)
			qsort(l->pairs, l->n, sizeof(*l->pairs), by_reader);
		return l;
	}
	if (l->failed)
		err_set(err, "out of memory");
	lookers_free(l);
	return NULL;
}

void
lookers_free(struct lookers *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++) {
		free(l->pairs[i].reader);
		free(l->pairs[i].follower);
	}
	free(l->pairs);
	free(l->set);
	free(l);
}

static void
add(struct lookers *l, const struct conf_feed *f)
{
	const uint64_t *wanted = f->set->wanted;

	for (size_t i = 0; i < l->conf->n_topics / 64 + 1; i++)
		l->set[i] |= wanted != NULL ? wanted[i] : UINT64_MAX;
}

/* The first pair of this reader, or where it would stand. */
static size_t
first_of(const struct lookers *l, const char *reader)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(l->pairs[mid].reader, reader) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void
add_followers(struct lookers *l, const struct conf_feed *reader)
{
	for (size_t i = first_of(l, reader->url); i < l->n &&
	    strcmp(l->pairs[i].reader, reader->url) == 0; i++) {
		const struct conf_feed *f = conf_find_feed(l->conf,
		    l->pairs[i].follower);

		if (f != NULL && led_poll_are_alike(f, reader))
			add(l, f);
	}
}

const uint64_t *
lookers_of(struct lookers *l, const char *feed_url, bool *watched)
{
	const struct conf_feed *f = conf_find_feed(l->conf, feed_url);

	memset(l->set, 0, (l->conf->n_topics / 64 + 1) * sizeof(*l->set));
	*watched = f != NULL;
	if (f == NULL)
		return l->set;
	add(l, f);
	add_followers(l, f);
	return l->set;
}
