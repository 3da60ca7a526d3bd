/* SPDX-License-Identifier: ISC */
/*
 * Two tables: feeds by name, and the URLs they own. A feed stands here as long
 * as it owns a URL, follows or is followed:
 *
 *	urls	M ------> A <------ B, C	followers of A
 *	feeds	A, B, C
 *
 * Who follows is one step from whom it follows, so the way up is a list and
 * there is no circle: follow sees to that.
 */
#include "feeds/url_owner.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* Else uthash ends the process when memory is out. */
#define HASH_NONFATAL_OOM	1
#include <uthash.h>

struct owned {
	UT_hash_handle		 hh;
	LIST_ENTRY(owned)	 link;		/* of its feed's */
	struct feed		*feed;
	char			 url[];
};

struct feed {
	UT_hash_handle		 hh;
	LIST_HEAD(, owned)	 owns;
	struct feed		*follows;	/* or NULL */
	LIST_HEAD(, feed)	 followers;
	LIST_ENTRY(feed)	 link;		/* of whom it follows */
	char			 name[];
};

struct url_owners {
	pthread_mutex_t	 mutex;		/* guards all below */
	struct feed	*feeds;
	struct owned	*urls;
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
	struct owned *u, *next_url;
	struct feed *f, *next;

	if (o == NULL)
		return;
	HASH_ITER(hh, o->urls, u, next_url) {
		HASH_DEL(o->urls, u);
		free(u);
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

static struct owned *
find_url(const struct url_owners *o, const char *url)
{
	struct owned *u;

	HASH_FIND_STR(o->urls, url, u);
	return u;
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

static bool
add_url(struct url_owners *o, struct feed *f, const char *url)
{
	size_t n = strlen(url);
	struct owned *u = calloc(1, sizeof(*u) + n + 1);

	if (u == NULL)
		return false;
	memcpy(u->url, url, n + 1);
	u->feed = f;
	HASH_ADD_KEYPTR(hh, o->urls, u->url, n, u);
	if (find_url(o, url) != u) {
		free(u);	/* as above */
		return false;
	}
	LIST_INSERT_HEAD(&f->owns, u, link);
	return true;
}

static void
free_url(struct url_owners *o, struct owned *u)
{
	LIST_REMOVE(u, link);
	HASH_DEL(o->urls, u);
	free(u);
}

static void
free_if_idle(struct url_owners *o, struct feed *f)
{
	if (f == NULL || f->follows != NULL || !LIST_EMPTY(&f->owns) ||
	    !LIST_EMPTY(&f->followers))
		return;
	HASH_DEL(o->feeds, f);
	free(f);
}

static void
part(struct url_owners *o, struct feed *f)
{
	struct feed *owner = f->follows;

	if (owner == NULL)
		return;
	LIST_REMOVE(f, link);
	f->follows = NULL;
	free_if_idle(o, owner);
}

static bool
stands_above(const struct feed *f, const struct feed *below)
{
	for (; below != NULL; below = below->follows)
		if (below == f)
			return true;
	return false;
}

static bool
follow(struct url_owners *o, struct feed *f, struct feed *owner)
{
	if (f == NULL || owner == NULL || stands_above(f, owner))
		return false;
	if (f->follows == owner)
		return true;
	part(o, f);		/* owner is another one: it stays */
	f->follows = owner;
	LIST_INSERT_HEAD(&owner->followers, f, link);
	return true;
}

static bool
is_among(const char *url, const char *const *urls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(urls[i], url) == 0)
			return true;
	return false;
}

static void
keep(struct url_owners *o, struct feed *f, const char *const *urls, size_t n)
{
	struct owned *u, *next;

	for (u = LIST_FIRST(&f->owns); u != NULL; u = next) {
		next = LIST_NEXT(u, link);
		if (!is_among(u->url, urls, n))
			free_url(o, u);
	}
}

static void
drop(struct url_owners *o, struct feed *f)
{
	struct feed *follower;

	keep(o, f, NULL, 0);
	while ((follower = LIST_FIRST(&f->followers)) != NULL) {
		LIST_REMOVE(follower, link);
		follower->follows = NULL;
		free_if_idle(o, follower);
	}
	part(o, f);
	free_if_idle(o, f);
}

/* The one after f in the tree below root, parents first; NULL: it was the
 * last. */
static const struct feed *
next_below(const struct feed *root, const struct feed *f)
{
	if (!LIST_EMPTY(&f->followers))
		return LIST_FIRST(&f->followers);
	while (f != root && LIST_NEXT(f, link) == NULL)
		f = f->follows;
	return f != root ? LIST_NEXT(f, link) : NULL;
}

/* Room for n names: the pointers, then the texts they point to, of so many
 * bytes with their ends. */
static int
names_init(struct url_owner_names *out, size_t n, size_t bytes)
{
	*out = (struct url_owner_names){ 0 };
	if (n == 0)
		return 0;
	out->names = malloc(n * sizeof(*out->names) + bytes);
	return out->names != NULL ? 0 : -1;
}

/* Its text stands at `at`, the next one's at what is returned. */
static char *
names_add(struct url_owner_names *out, const struct feed *f, char *at)
{
	size_t size = strlen(f->name) + 1;

	out->names[out->n++] = memcpy(at, f->name, size);
	return at + size;
}

static int
copy_followers(const struct feed *root, struct url_owner_names *out)
{
	size_t n = 0, bytes = 0;
	const struct feed *f;
	char *at;

	for (f = next_below(root, root); f != NULL; f = next_below(root, f)) {
		bytes += strlen(f->name) + 1;
		n++;
	}
	if (names_init(out, n, bytes) == -1)
		return -1;
	at = (char *)(out->names + n);
	for (f = next_below(root, root); f != NULL; f = next_below(root, f))
		at = names_add(out, f, at);
	return 0;
}

static int
copy_all(const struct url_owners *o, struct url_owner_names *out)
{
	const struct feed *f;
	size_t bytes = 0;
	char *at;

	for (f = o->feeds; f != NULL; f = f->hh.next)
		bytes += strlen(f->name) + 1;
	if (names_init(out, HASH_COUNT(o->feeds), bytes) == -1)
		return -1;
	at = (char *)(out->names + HASH_COUNT(o->feeds));
	for (f = o->feeds; f != NULL; f = f->hh.next)
		at = names_add(out, f, at);
	return 0;
}

static enum url_owner
take(struct url_owners *o, const char *url, const char *name, char **owner)
{
	struct owned *u = find_url(o, url);
	struct feed *f;
	bool added;

	if (u != NULL && strcmp(u->feed->name, name) == 0)
		return URL_OWNER_SELF;
	if (u != NULL) {
		*owner = strdup(u->feed->name);
		return *owner != NULL ? URL_OWNER_OTHER : URL_OWNER_UNKNOWN;
	}
	f = find_or_add_feed(o, name);
	added = f != NULL && add_url(o, f, url);
	free_if_idle(o, f);
	return added ? URL_OWNER_SELF : URL_OWNER_UNKNOWN;
}

/*
 * Public face
 */

enum url_owner
url_owners_take(struct url_owners *o, const char *url, const char *feed,
    char **owner)
{
	enum url_owner who;

	*owner = NULL;
	pthread_mutex_lock(&o->mutex);
	who = take(o, url, feed, owner);
	pthread_mutex_unlock(&o->mutex);
	return who;
}

void
url_owners_keep(struct url_owners *o, const char *feed,
    const char *const *urls, size_t n)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	if ((f = find_feed(o, feed)) != NULL) {
		keep(o, f, urls, n);
		free_if_idle(o, f);
	}
	pthread_mutex_unlock(&o->mutex);
}

bool
url_owners_follow(struct url_owners *o, const char *feed, const char *owner)
{
	struct feed *f, *to;
	bool done;

	pthread_mutex_lock(&o->mutex);
	f = find_or_add_feed(o, feed);
	to = find_or_add_feed(o, owner);
	done = follow(o, f, to);
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
url_owners_drop(struct url_owners *o, const char *feed)
{
	struct feed *f;

	pthread_mutex_lock(&o->mutex);
	if ((f = find_feed(o, feed)) != NULL)
		drop(o, f);
	pthread_mutex_unlock(&o->mutex);
}

int
url_owners_followers(struct url_owners *o, const char *feed,
    struct url_owner_names *out)
{
	struct feed *f;
	int rc = 0;

	*out = (struct url_owner_names){ 0 };
	pthread_mutex_lock(&o->mutex);
	if ((f = find_feed(o, feed)) != NULL)
		rc = copy_followers(f, out);
	pthread_mutex_unlock(&o->mutex);
	return rc;
}

int
url_owners_names(struct url_owners *o, struct url_owner_names *out)
{
	int rc;

	pthread_mutex_lock(&o->mutex);
	rc = copy_all(o, out);
	pthread_mutex_unlock(&o->mutex);
	return rc;
}
