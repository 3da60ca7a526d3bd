/* SPDX-License-Identifier: ISC */
/*
 * Two tables: documents by URL, and the feeds that have to do with them. A
 * document stands here as long as it is owned or followed, a feed as long as
 * it owns or follows one:
 *
 *	docs	M --owner--> A
 *		M <--follows-- B, C
 *
 * Who follows is one step from whom it follows, by way of a document, and
 * follow sees to it that there is no circle; a take-over may make one for the
 * time of a poll, so steps are counted.
 */
#include "feeds/url_owner.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

enum { MAX_STEPS = 64, MAX_DEPTH = 8, MAX_FAILURES = 16 };

#define LONGEST_REST_S	INT64_C(86400)

struct doc {
	UT_hash_handle		 hh;
	LIST_ENTRY(doc)		 link;		/* of its owner's */
	struct feed		*owner;		/* or NULL */
	bool			 has_read;	/* the owner has */
	char			*reader;	/* who did last; or NULL */
	struct url_owner_read	 read;		/* then */
	unsigned		 failures;	/* in a row, of whomever */
	int64_t			 rests_until_s;	/* for them; 0 */
	LIST_HEAD(, feed)	 followers;
	char			 url[];
};

struct feed {
	UT_hash_handle		 hh;
	LIST_HEAD(, doc)	 owns;
	struct doc		*follows;	/* or NULL */
	LIST_ENTRY(feed)	 link;		/* of its followers */
	char			 name[];
};

struct url_owners {
	pthread_mutex_t	 mutex;		/* guards all below */
	struct feed	*feeds;
	struct doc	*docs;
};

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

/*
 * With the mutex held
 */

static struct feed *
find_feed(const struct url_owners *o, const char *name)
{
	struct feed *f;

	HASH_FIND_STR(o->feeds, name, f);
	return f;
}

static struct doc *
find_doc(const struct url_owners *o, const char *url)
{
	struct doc *d;

	HASH_FIND_STR(o->docs, url, d);
	return d;
}

static struct feed *
find_or_add_feed(struct url_owners *o, const char *name)
{
	struct feed *f = find_feed(o, name);
	size_t n = strlen(name);

	if (f != NULL || (f = calloc(1, sizeof(*f) + n + 1)) == NULL)
		return f;
	memcpy(f->name, name, n + 1);
	HASH_ADD_KEYPTR(hh, o->feeds, f->name, n, f);
	if (find_feed(o, name) == f)
		return f;
	free(f);		/* uthash had no memory */
	return NULL;
}

static struct doc *
find_or_add_doc(struct url_owners *o, const char *url)
{
	struct doc *d = find_doc(o, url);
	size_t n = strlen(url);

	if (d != NULL || (d = calloc(1, sizeof(*d) + n + 1)) == NULL)
		return d;
	memcpy(d->url, url, n + 1);
	HASH_ADD_KEYPTR(hh, o->docs, d->url, n, d);
	if (find_doc(o, url) == d)
		return d;
	free(d);		/* as above */
	return NULL;
}

static void
free_doc_if_idle(struct url_owners *o, struct doc *d)
{
	if (d == NULL || d->owner != NULL || !LIST_EMPTY(&d->followers))
		return;
	HASH_DEL(o->docs, d);
	free(d->reader);
	free(d);
}

static void
free_if_idle(struct url_owners *o, struct feed *f)
{
	if (f == NULL || f->follows != NULL || !LIST_EMPTY(&f->owns))
		return;
	HASH_DEL(o->feeds, f);
	free(f);
}

/* Neither the feed nor the document goes. */
static void
own(struct doc *d, struct feed *f)
{
	d->owner = f;
	d->has_read = false;
	LIST_INSERT_HEAD(&f->owns, d, link);
}

static void
disown(struct doc *d)
{
	LIST_REMOVE(d, link);
	d->owner = NULL;
	d->has_read = false;
}

static void
part(struct url_owners *o, struct feed *f)
{
	struct doc *d = f->follows;

	if (d == NULL)
		return;
	LIST_REMOVE(f, link);
	f->follows = NULL;
	free_doc_if_idle(o, d);
}

static void
hang_on(struct doc *d, struct feed *f)
{
	f->follows = d;
	LIST_INSERT_HEAD(&d->followers, f, link);
}

static bool
is_among(const char *url, const char *const *urls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(urls[i], url) == 0)
			return true;
	return false;
}

/* What the feed owns, but for these, or only what it has reserved. */
static void
release(struct url_owners *o, struct feed *f, const char *const *but,
    size_t n, bool reserved_only)
{
	struct doc *d, *next;

	for (d = LIST_FIRST(&f->owns); d != NULL; d = next) {
		next = LIST_NEXT(d, link);
		if (is_among(d->url, but, n) ||
		    (reserved_only && d->has_read))
			continue;
		disown(d);
		free_doc_if_idle(o, d);
	}
}

static enum url_owner_circle
circle(const struct feed *f, const struct feed *owner)
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

static bool
is_circle(const struct feed *f, const struct feed *owner)
{
	return circle(f, owner) != URL_OWNER_NO_CIRCLE;
}

static void
note_read(struct doc *d, const char *reader, const struct url_owner_read *r)
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
	struct feed *f = find_or_add_feed(o, name);
	struct doc *d = f != NULL ? find_or_add_doc(o, url) : NULL;
	enum url_owner who = URL_OWNER_SELF;

	if (d == NULL)
		who = URL_OWNER_UNKNOWN;
	else if (d->owner == NULL && d->rests_until_s > now_s)
		who = URL_OWNER_RESTS;
	else if (d->owner == NULL)
		own(d, f);
	else if (d->owner != f)
		who = tell(d, f, is) == 0 ? URL_OWNER_OTHER :
		    URL_OWNER_UNKNOWN;
	free_if_idle(o, f);
	return who;
}

static bool
take_over(struct url_owners *o, struct doc *d, struct feed *f,
    struct feed *from)
{
	if (d == NULL || f == NULL || from == NULL || d->owner != from ||
	    f == from)
		return false;
	disown(d);
	own(d, f);
	/* Both documents stay: one is owned, and nobody parts from it. */
	if (from->follows != d) {
		part(o, from);
		hang_on(d, from);
	}
	return true;
}

/* Whose it was until now is another one, or nobody. */
static void
pass_on(struct url_owners *o, struct doc *d, struct feed *to)
{
	struct feed *from = d->owner;

	if (from != NULL)
		disown(d);
	own(d, to);
	free_if_idle(o, from);
}

static bool
follow(struct url_owners *o, struct feed *f, const char *url,
    struct feed *owner)
{
	struct doc *d = find_or_add_doc(o, url);
	bool passes;

	if (d == NULL)
		return false;
	passes = owner != NULL && d->owner != owner &&
	    (d->owner == NULL || strcmp(url, owner->name) == 0);
	if (is_circle(f, passes ? owner : d->owner)) {
		free_doc_if_idle(o, d);
		return false;
	}
	if (passes) {
		if (d->owner == f)	/* it stays: it follows */
			disown(d);
		pass_on(o, d, owner);
	}
	if (f->follows != d) {
		part(o, f);
		hang_on(d, f);
	}
	return true;
}

/* A configured feed is well again: who read its URL in the meantime follows,
 * unless it is led to what that one reads. */
static void
return_own(struct url_owners *o, struct doc *d, struct feed *f)
{
	if (d->owner != NULL && d->owner->follows == NULL &&
	    !is_circle(d->owner, f))
		hang_on(d, d->owner);
	pass_on(o, d, f);
}

/* Until then it follows its own URL, if there are others who do. */
static void
hang_on_own(struct url_owners *o, struct feed *f)
{
	struct doc *d = find_doc(o, f->name);

	if (f->follows != NULL)
		return;
	if (d == NULL)		/* or what it is led to */
		LIST_FOREACH(d, &f->owns, link)
			if (!LIST_EMPTY(&d->followers))
				break;
	if (d != NULL && !LIST_EMPTY(&d->followers))
		hang_on(d, f);
}

static void
note_well(struct url_owners *o, struct feed *f, const char *url,
    const struct url_owner_read *r)
{
	struct doc *d = find_doc(o, url);

	if (d != NULL && d->owner != f && strcmp(url, f->name) == 0)
		return_own(o, d, f);
	if (d == NULL || d->owner != f)
		return;
	d->has_read = true;
	d->failures = 0;
	d->rests_until_s = 0;
	note_read(d, f->name, r);
}

/* What failed before it came to that says nothing of it. */
static void
note_failed(struct url_owners *o, const struct feed *f,
    const struct url_owner_failed *how)
{
	struct doc *d = find_doc(o, how->url);
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
		part(o, f);
}

static void
drop(struct url_owners *o, struct feed *f)
{
	release(o, f, NULL, 0, false);
	part(o, f);
	free_if_idle(o, f);
}

/* Pointers, and the texts they point to: counted first, then copied. */
struct naming {
	const struct url_owners	*owners;
	size_t			 n, bytes;
	const char		**names;
	char			*text;
};

static void
add_name(struct naming *na, const char *name)
{
	size_t size = strlen(name) + 1;

	if (na->names != NULL) {
		na->names[na->n] = memcpy(na->text, name, size);
		na->text += size;
	}
	na->n++;
	na->bytes += sizeof(*na->names) + size;
}

/* NOLINTNEXTLINE(misc-no-recursion): by depth */
static void
add_followers(struct naming *na, const struct doc *d, int depth)
{
	const struct feed *f;
	const struct doc *led, *own;

	if (d == NULL || depth == MAX_DEPTH)
		return;
	LIST_FOREACH(f, &d->followers, link) {
		if (f == d->owner)	/* it takes what it followed */
			continue;
		add_name(na, f->name);
		own = find_doc(na->owners, f->name);
		if (own != d)		/* it hangs on its own */
			add_followers(na, own, depth + 1);
		LIST_FOREACH(led, &f->owns, link)
			if (led != own)
				add_followers(na, led, depth + 1);
	}
}

/* Who has read the feed's own URL in its place is about to follow. */
static void
add_all(struct naming *na, const struct doc *d, const char *feed)
{
	if (d->owner != NULL && strcmp(d->owner->name, feed) != 0)
		add_name(na, d->owner->name);
	add_followers(na, d, 0);
}

static int
copy_names(const struct url_owners *o, const struct doc *d,
    const char *feed, struct url_owner_names *out)
{
	struct naming na = { .owners = o };

	add_all(&na, d, feed);
	if (na.n == 0)
		return 0;
	out->names = malloc(na.bytes);
	if (out->names == NULL)
		return -1;
	na.names = out->names;
	na.text = (char *)(out->names + na.n);
	na.n = 0;
	add_all(&na, d, feed);
	out->n = na.n;
	return 0;
}

static int
add_reader(const struct doc *d, const char *feed,
    struct url_owner_reader *out, size_t *n)
{
	char *name;

	if (d->reader == NULL || strcmp(d->reader, feed) == 0)
		return 0;
	name = strdup(d->reader);
	if (name == NULL)
		return -1;
	out[(*n)++] = (struct url_owner_reader){ name, d->read.read_s };
	return 0;
}

static bool
is_own(const struct doc *d, const char *feed)
{
	return d != NULL && (strcmp(d->url, feed) == 0 ||
	    (d->owner != NULL && strcmp(d->owner->name, feed) == 0));
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
	if ((d = find_doc(o, url)) != NULL)
		rc = tell(d, find_feed(o, feed), is);
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
	f = find_or_add_feed(o, feed);
	done = take_over(o, find_doc(o, url), f, find_feed(o, owner));
	free_if_idle(o, f);
	pthread_mutex_unlock(&o->mutex);
	return done;
}

enum url_owner_circle
url_owners_circle(struct url_owners *o, const char *feed, const char *owner)
{
	enum url_owner_circle is = URL_OWNER_NO_CIRCLE;
	struct feed *f, *to;

	pthread_mutex_lock(&o->mutex);
	f = find_feed(o, feed);
	to = find_feed(o, owner);
	if (f != NULL && to != NULL)
		is = circle(f, to);
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
	f = find_or_add_feed(o, feed);
	to = owner != NULL ? find_or_add_feed(o, owner) : NULL;
	done = f != NULL && (to != NULL || owner == NULL) &&
	    follow(o, f, url, to);
	if (to != f)
		free_if_idle(o, to);
	free_if_idle(o, f);
	pthread_mutex_unlock(&o->mutex);
	return done;
}

void
url_owners_part(struct url_owners *o, const char *feed)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	if ((f = find_feed(o, feed)) != NULL) {
		part(o, f);
		free_if_idle(o, f);
	}
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_read(struct url_owners *o, const char *feed,
    const char *const *urls, size_t n, const struct url_owner_read *r)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	f = find_feed(o, feed);
	if (f == NULL && find_doc(o, feed) != NULL)
		f = find_or_add_feed(o, feed);
	if (f != NULL) {
		for (size_t i = 0; i < n; i++)
			note_well(o, f, urls[i], r);
		release(o, f, urls, n, false);
		if (!r->follows)
			part_if_alone(o, f, n > 0 ? urls[n - 1] : "",
			    r->alone);
		free_if_idle(o, f);
	}
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_learn(struct url_owners *o, const char *feed, const char *url,
    bool owns, const struct url_owner_read *r)
{
	struct feed *f;
	struct doc *d;

	pthread_mutex_lock(&o->mutex);
	f = find_or_add_feed(o, feed);
	d = f != NULL ? find_or_add_doc(o, url) : NULL;
	if (d != NULL && d->owner == NULL && d->reader == NULL) {
		note_read(d, feed, r);
		/* Else it stays for a follower that is learned next. */
		if (owns)
			own(d, f);
		d->has_read = owns;
	}
	free_if_idle(o, f);
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_make_public(struct url_owners *o, const char *url)
{
	struct doc *d;

	pthread_mutex_lock(&o->mutex);
	if ((d = find_doc(o, url)) != NULL)
		d->read.is_public = true;
	pthread_mutex_unlock(&o->mutex);
}

bool
url_owners_knows(struct url_owners *o, const char *feed)
{
	bool knows;

	pthread_mutex_lock(&o->mutex);
	knows = find_feed(o, feed) != NULL;
	pthread_mutex_unlock(&o->mutex);
	return knows;
}

void
url_owners_release(struct url_owners *o, const char *feed,
    const struct url_owner_failed *how)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	f = find_feed(o, feed);
	if (f == NULL && find_doc(o, feed) != NULL)
		f = find_or_add_feed(o, feed);
	if (f != NULL) {
		note_failed(o, f, how);
		hang_on_own(o, f);
		release(o, f, NULL, 0, false);
		free_if_idle(o, f);
	}
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_give_back(struct url_owners *o, const char *feed)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	if ((f = find_feed(o, feed)) != NULL) {
		release(o, f, NULL, 0, true);
		free_if_idle(o, f);
	}
	pthread_mutex_unlock(&o->mutex);
}

void
url_owners_drop(struct url_owners *o, const char *feed)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	if ((f = find_feed(o, feed)) != NULL)
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
		free_doc_if_idle(o, d);
	pthread_mutex_unlock(&o->mutex);
}

int
url_owners_followers(struct url_owners *o, const char *feed, const char *url,
    struct url_owner_names *out)
{
	struct doc *d;
	int rc = 0;

	*out = (struct url_owner_names){ 0 };
	pthread_mutex_lock(&o->mutex);
	d = find_doc(o, url);
	if (is_own(d, feed))
		rc = copy_names(o, d, feed, out);
	pthread_mutex_unlock(&o->mutex);
	return rc;
}

int
url_owners_readers(struct url_owners *o, const char *feed, const char *url,
    struct url_owner_reader *out, size_t *n)
{
	struct feed *f;
	struct doc *d;
	int rc = 0;

	*n = 0;
	pthread_mutex_lock(&o->mutex);
	f = find_feed(o, feed);
	d = url != NULL ? find_doc(o, url) : f != NULL ? f->follows : NULL;
	if (url != NULL && !is_own(d, feed))
		d = NULL;
	for (int i = 0; d != NULL && i < URL_OWNER_MOST_READERS; i++) {
		if (add_reader(d, feed, out, n) == -1)
			rc = -1;
		d = url == NULL && d->owner != NULL ? d->owner->follows :
		    NULL;
	}
	pthread_mutex_unlock(&o->mutex);
	return rc;
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
