/* SPDX-License-Identifier: ISC */
/* What comes from the store, and what goes with the configuration. */
#include "feeds/url_owner_private.h"

#include <stdlib.h>
#include <string.h>

static void
drop(struct url_owners *o, struct feed *f)
{
	url_owner_release(o, f, NULL, 0, false);
	url_owner_part(o, f);
	url_owner_free_if_idle(o, f);
}

void
url_owners_drop(struct url_owners *o, const char *feed)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	if ((f = url_owner_find_feed(o, feed)) != NULL)
		drop(o, f);
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_retain(struct url_owners *o,
    bool (*is_configured)(const char *, const void *), const void *ctx)
{
	struct feed *f, *next;
	struct doc *d, *next_doc;

	pthread_mutex_lock(&o->mutex);
	HASH_ITER(hh, o->feeds, f, next)
		if (!is_configured(f->name, ctx))
			drop(o, f);
	HASH_ITER(hh, o->docs, d, next_doc)
		url_owner_free_doc_if_idle(o, d);
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_learn(struct url_owners *o, const char *feed, const char *url,
    bool owns, const struct url_owner_read *r)
{
	struct feed *f;
	struct doc *d;

	pthread_mutex_lock(&o->mutex);
	f = url_owner_find_or_add_feed(o, feed);
	d = f != NULL ? url_owner_find_or_add_doc(o, url) : NULL;
	if (d != NULL && d->owner == NULL && d->reader == NULL) {
		url_owner_note_read(d, feed, r);
		/* Else it stays for a follower that is learned next. */
		if (owns)
			url_owner_own(d, f);
		d->has_read = owns;
	}
	url_owner_free_if_idle(o, f);
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_make_public(struct url_owners *o, const char *url)
{
	struct doc *d;

	pthread_mutex_lock(&o->mutex);
	if ((d = url_owner_find_doc(o, url)) != NULL)
		d->read.is_public = true;
	pthread_mutex_unlock(&o->mutex);
}

bool
url_owners_knows(struct url_owners *o, const char *feed)
{
	bool knows;

	pthread_mutex_lock(&o->mutex);
	knows = url_owner_find_feed(o, feed) != NULL;
	pthread_mutex_unlock(&o->mutex);
	return knows;
}

size_t
url_owners_count(struct url_owners *o)
{
	size_t n;

	pthread_mutex_lock(&o->mutex);
	n = HASH_COUNT(o->feeds);
	pthread_mutex_unlock(&o->mutex);
	return n;
}
