/* SPDX-License-Identifier: ISC */
/* The rules: who takes, follows and gives back. */
#include "feeds/url_owner.h"

#include <stdlib.h>
#include <string.h>

#include "feeds/url_owner_private.h"

enum { MAX_FAILURES = 16 };

#define LONGEST_REST_S	INT64_C(86400)

/*
 * With the mutex held
 */

static bool
is_among(const char *url, const char *const *urls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(urls[i], url) == 0)
			return true;
	return false;
}

void
url_owner_release(struct url_owners *o, struct feed *f, const char *const *but,
    size_t n, bool reserved_only)
{
	struct doc *d, *next;

	for (d = LIST_FIRST(&f->owns); d != NULL; d = next) {
		next = LIST_NEXT(d, link);
		if (is_among(d->url, but, n) ||
		    (reserved_only && d->has_read))
			continue;
		url_owner_disown(d);
		url_owner_free_doc_if_idle(o, d);
	}
}

void
url_owner_note_read(struct doc *d, const char *reader,
    const struct url_owner_read *r)
{
	d->read = *r;
	if (d->reader != NULL && strcmp(d->reader, reader) == 0)
		return;
	free(d->reader);
	d->reader = strdup(reader);
}

static int
tell(const struct doc *d, const struct feed *f, struct url_owner_is *is)
{
	*is = (struct url_owner_is){ .has_read = d->has_read,
		.is_public = d->read.is_public, .read_s = d->read.read_s,
		.follows = f != NULL && f->follows == d };
	if (d->owner == NULL)
		return 0;
	is->owner = strdup(d->owner->name);
	return is->owner != NULL ? 0 : -1;
}

static enum url_owner
take(struct url_owners *o, const char *url, const char *name, int64_t now_s,
    struct url_owner_is *is)
{
	struct feed *f = url_owner_find_or_add_feed(o, name);
	struct doc *d = f != NULL ? url_owner_find_or_add_doc(o, url) : NULL;
	enum url_owner who = URL_OWNER_SELF;

	if (d == NULL)
		who = URL_OWNER_UNKNOWN;
	else if (d->owner == NULL && d->rests_until_s > now_s)
		who = URL_OWNER_RESTS;
	else if (d->owner == NULL)
		url_owner_own(d, f);
	else if (d->owner != f)
		who = tell(d, f, is) == 0 ? URL_OWNER_OTHER :
		    URL_OWNER_UNKNOWN;
	url_owner_free_if_idle(o, f);
	return who;
}

static bool
take_over(struct url_owners *o, struct doc *d, struct feed *f,
    struct feed *from)
{
	if (d == NULL || f == NULL || from == NULL || d->owner != from ||
	    f == from)
		return false;
	url_owner_disown(d);
	url_owner_own(d, f);
	/* Both documents stay: one is owned, and nobody parts from it. */
	if (from->follows != d) {
		url_owner_part(o, from);
		url_owner_hang_on(d, from);
	}
	return true;
}

/* Whose it was until now is another one, or nobody. */
static void
pass_on(struct url_owners *o, struct doc *d, struct feed *to)
{
	struct feed *from = d->owner;

	if (from != NULL)
		url_owner_disown(d);
	url_owner_own(d, to);
	url_owner_free_if_idle(o, from);
}

static bool
follow(struct url_owners *o, struct feed *f, const char *url,
    struct feed *owner)
{
	struct doc *d = url_owner_find_or_add_doc(o, url);
	bool passes;

	if (d == NULL)
		return false;
	passes = owner != NULL && d->owner != owner &&
	    (d->owner == NULL || strcmp(url, owner->name) == 0);
	if (url_owner_is_circle(f, passes ? owner : d->owner)) {
		url_owner_free_doc_if_idle(o, d);
		return false;
	}
	if (passes) {
		if (d->owner == f)	/* it stays: it follows */
			url_owner_disown(d);
		pass_on(o, d, owner);
	}
	if (f->follows != d) {
		url_owner_part(o, f);
		url_owner_hang_on(d, f);
	}
	return true;
}

/* Unless it follows another URL by now, or f is led to what that one reads. */
bool
url_owner_stays(const struct doc *d, const struct feed *f)
{
	return d->owner != NULL && d->owner != f &&
	    d->owner->follows == NULL &&
	    (f == NULL || !url_owner_is_circle(d->owner, f));
}

/* A configured feed is well again. */
static void
return_own(struct url_owners *o, struct doc *d, struct feed *f)
{
	if (url_owner_stays(d, f))
		url_owner_hang_on(d, d->owner);
	pass_on(o, d, f);
}

/* Until then it follows its own URL, if there are others who do. But what one
 * of them reads for itself, having begun to follow, is told to that one only:
 * the owner reads it once itself when it is well. */
static void
hang_on_own(struct url_owners *o, struct feed *f)
{
	struct doc *d = url_owner_find_doc(o, f->name);

	if (f->follows != NULL)
		return;
	if (d == NULL)		/* or what it is led to */
		LIST_FOREACH(d, &f->owns, link)
			if (!LIST_EMPTY(&d->followers))
				break;
	if (d != NULL && !LIST_EMPTY(&d->followers) && !d->is_joined)
		url_owner_hang_on(d, f);
}

static void
note_well(struct url_owners *o, struct feed *f, const char *url,
    const struct url_owner_read *r)
{
	struct doc *d = url_owner_find_doc(o, url);

	if (d != NULL && d->owner != f && strcmp(url, f->name) == 0)
		return_own(o, d, f);
	if (d == NULL || d->owner != f)
		return;
	d->has_read = true;
	d->is_joined = false;
	d->failures = 0;
	d->rests_until_s = 0;
	url_owner_note_read(d, f->name, r);
}

/* What failed before it came to that says nothing of it. */
static void
note_failed(struct url_owners *o, const struct feed *f,
    const struct url_owner_failed *how)
{
	struct doc *d = url_owner_find_doc(o, how->url);
	int64_t rest_s;

	if (d == NULL || (d->owner != f && strcmp(d->url, f->name) != 0))
		return;
	if (d->failures < MAX_FAILURES)
		d->failures++;
	rest_s = how->patience_s < LONGEST_REST_S ?
	    how->patience_s << d->failures : LONGEST_REST_S;
	d->rests_until_s = how->now_s + (rest_s < LONGEST_REST_S ? rest_s :
	    LONGEST_REST_S);
}

/* Whose URL was taken over while it was being asked follows it by now. */
static void
part_if_alone(struct url_owners *o, struct feed *f, const char *url,
    bool alone)
{
	struct doc *d = f->follows;

	if (alone || d == NULL || d->owner == NULL || d->owner == f ||
	    strcmp(d->url, url) != 0)
		url_owner_part(o, f);
}

/*
 * Public face
 */

enum url_owner
url_owners_take(struct url_owners *o, const char *url, const char *feed,
    int64_t now_s, struct url_owner_is *is)
{
	enum url_owner who;

	*is = (struct url_owner_is){ 0 };
	pthread_mutex_lock(&o->mutex);
	who = take(o, url, feed, now_s, is);
	pthread_mutex_unlock(&o->mutex);
	return who;
}

int
url_owners_look(struct url_owners *o, const char *url, const char *feed,
    struct url_owner_is *is)
{
	struct doc *d;
	int rc = 0;

	*is = (struct url_owner_is){ 0 };
	pthread_mutex_lock(&o->mutex);
	if ((d = url_owner_find_doc(o, url)) != NULL)
		rc = tell(d, url_owner_find_feed(o, feed), is);
	pthread_mutex_unlock(&o->mutex);
	return rc;
}

bool
url_owners_take_over(struct url_owners *o, const char *url, const char *feed,
    const char *owner)
{
	struct feed *f;
	bool done;

	pthread_mutex_lock(&o->mutex);
	f = url_owner_find_or_add_feed(o, feed);
	done = take_over(o, url_owner_find_doc(o, url), f,
	    url_owner_find_feed(o, owner));
	url_owner_free_if_idle(o, f);
	pthread_mutex_unlock(&o->mutex);
	return done;
}

enum url_owner_circle
url_owners_circle(struct url_owners *o, const char *feed, const char *owner)
{
	enum url_owner_circle is = URL_OWNER_NO_CIRCLE;
	struct feed *f, *to;

	pthread_mutex_lock(&o->mutex);
	f = url_owner_find_feed(o, feed);
	to = url_owner_find_feed(o, owner);
	if (f != NULL && to != NULL)
		is = url_owner_circle(f, to);
	pthread_mutex_unlock(&o->mutex);
	return is;
}

bool
url_owners_follow(struct url_owners *o, const char *feed, const char *url,
    const char *owner)
{
	struct feed *f, *to;
	bool done;

	pthread_mutex_lock(&o->mutex);
	f = url_owner_find_or_add_feed(o, feed);
	to = owner != NULL ? url_owner_find_or_add_feed(o, owner) : NULL;
	done = f != NULL && (to != NULL || owner == NULL) &&
	    follow(o, f, url, to);
	if (to != f)
		url_owner_free_if_idle(o, to);
	url_owner_free_if_idle(o, f);
	pthread_mutex_unlock(&o->mutex);
	return done;
}

bool
url_owners_join(struct url_owners *o, const char *feed, const char *url,
    const char *owner)
{
	bool done = url_owners_follow(o, feed, url, owner);
	struct doc *d;

	pthread_mutex_lock(&o->mutex);
	if (done && (d = url_owner_find_doc(o, url)) != NULL)
		d->is_joined = true;
	pthread_mutex_unlock(&o->mutex);
	return done;
}

void
url_owners_part(struct url_owners *o, const char *feed)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	if ((f = url_owner_find_feed(o, feed)) != NULL) {
		url_owner_part(o, f);
		url_owner_free_if_idle(o, f);
	}
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_read(struct url_owners *o, const char *feed,
    const char *const *urls, size_t n, const struct url_owner_read *r)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	f = url_owner_find_feed(o, feed);
	if (f == NULL && url_owner_find_doc(o, feed) != NULL)
		f = url_owner_find_or_add_feed(o, feed);
	if (f != NULL) {
		for (size_t i = 0; i < n; i++)
			note_well(o, f, urls[i], r);
		url_owner_release(o, f, urls, n, false);
		if (!r->follows)
			part_if_alone(o, f, n > 0 ? urls[n - 1] : "",
			    r->alone);
		url_owner_free_if_idle(o, f);
	}
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_release(struct url_owners *o, const char *feed,
    const struct url_owner_failed *how)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	f = url_owner_find_feed(o, feed);
	if (f == NULL && url_owner_find_doc(o, feed) != NULL)
		f = url_owner_find_or_add_feed(o, feed);
	if (f != NULL) {
		note_failed(o, f, how);
		hang_on_own(o, f);
		url_owner_release(o, f, NULL, 0, false);
		url_owner_free_if_idle(o, f);
	}
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_give_back(struct url_owners *o, const char *feed)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	if ((f = url_owner_find_feed(o, feed)) != NULL) {
		url_owner_release(o, f, NULL, 0, true);
		url_owner_free_if_idle(o, f);
	}
	pthread_mutex_unlock(&o->mutex);
}

