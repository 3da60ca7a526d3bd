/* SPDX-License-Identifier: ISC */
/* The two tables, and who hangs where; with the mutex held but at the ends. */
#include "feeds/url_owner_private.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_STEPS = 64 };

struct url_owners *
url_owners_new(void)
{
	struct url_owners *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	if (pthread_mutex_init(&o->mutex, NULL) != 0) {
		free(o);
		return NULL;
	}
	return o;
}

void
url_owners_free(struct url_owners *o)
{
	struct doc *d, *next_doc;
	struct feed *f, *next;

	if (o == NULL)
		return;
	HASH_ITER(hh, o->docs, d, next_doc) {
		HASH_DEL(o->docs, d);
		free(d->reader);
		free(d);
	}
	HASH_ITER(hh, o->feeds, f, next) {
		HASH_DEL(o->feeds, f);
		free(f);
	}
	pthread_mutex_destroy(&o->mutex);
	free(o);
}

struct feed *
url_owner_find_feed(const struct url_owners *o, const char *name)
{
	struct feed *f;

	HASH_FIND_STR(o->feeds, name, f);
	return f;
}

struct doc *
url_owner_find_doc(const struct url_owners *o, const char *url)
{
	struct doc *d;

	HASH_FIND_STR(o->docs, url, d);
	return d;
}

struct feed *
url_owner_find_or_add_feed(struct url_owners *o, const char *name)
{
	struct feed *f = url_owner_find_feed(o, name);
	size_t n = strlen(name);

	if (f != NULL || (f = calloc(1, sizeof(*f) + n + 1)) == NULL)
		return f;
	memcpy(f->name, name, n + 1);
	HASH_ADD_KEYPTR(hh, o->feeds, f->name, n, f);
	if (url_owner_find_feed(o, name) == f)
		return f;
	free(f);		/* uthash had no memory */
	return NULL;
}

struct doc *
url_owner_find_or_add_doc(struct url_owners *o, const char *url)
{
	struct doc *d = url_owner_find_doc(o, url);
	size_t n = strlen(url);

	if (d != NULL || (d = calloc(1, sizeof(*d) + n + 1)) == NULL)
		return d;
	memcpy(d->url, url, n + 1);
	HASH_ADD_KEYPTR(hh, o->docs, d->url, n, d);
	if (url_owner_find_doc(o, url) == d)
		return d;
	free(d);		/* as above */
	return NULL;
}

void
url_owner_free_doc_if_idle(struct url_owners *o, struct doc *d)
{
	if (d == NULL || d->owner != NULL || !LIST_EMPTY(&d->followers))
		return;
	HASH_DEL(o->docs, d);
	free(d->reader);
	free(d);
}

void
url_owner_free_if_idle(struct url_owners *o, struct feed *f)
{
	if (f == NULL || f->follows != NULL || !LIST_EMPTY(&f->owns))
		return;
	HASH_DEL(o->feeds, f);
	free(f);
}

void
url_owner_own(struct doc *d, struct feed *f)
{
	d->owner = f;
	d->has_read = false;
	LIST_INSERT_HEAD(&f->owns, d, link);
}

void
url_owner_disown(struct doc *d)
{
	LIST_REMOVE(d, link);
	d->owner = NULL;
	d->has_read = false;
}

void
url_owner_part(struct url_owners *o, struct feed *f)
{
	struct doc *d = f->follows;

	if (d == NULL)
		return;
	LIST_REMOVE(f, link);
	f->follows = NULL;
	url_owner_free_doc_if_idle(o, d);
}

void
url_owner_hang_on(struct doc *d, struct feed *f)
{
	f->follows = d;
	LIST_INSERT_HEAD(&d->followers, f, link);
}

enum url_owner_circle
url_owner_circle(const struct feed *f, const struct feed *owner)
{
	const struct doc *by = NULL;

	for (int i = 0; owner != NULL && i < MAX_STEPS; i++) {
		if (owner == f)
			return by == NULL || strcmp(by->url, f->name) == 0 ?
			    URL_OWNER_CIRCLE : URL_OWNER_LED_CIRCLE;
		/* One that hangs on its own URL was failing: whoever reads
		 * that gives it back. */
		if (owner->follows == NULL ||
		    strcmp(owner->follows->url, owner->name) == 0)
			return URL_OWNER_NO_CIRCLE;
		by = owner->follows;
		owner = by->owner;
	}
	return owner != NULL ? URL_OWNER_CIRCLE : URL_OWNER_NO_CIRCLE;
}

bool
url_owner_is_circle(const struct feed *f, const struct feed *owner)
{
	return url_owner_circle(f, owner) != URL_OWNER_NO_CIRCLE;
}
