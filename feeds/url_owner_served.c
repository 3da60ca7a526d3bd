/* SPDX-License-Identifier: ISC */
/* Whom what a feed reads is read for, and whose knowledge it has. */
#include "feeds/url_owner_private.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 8 };

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
		own = url_owner_find_doc(na->owners, f->name);
		if (own != d)		/* it hangs on its own */
			add_followers(na, own, depth + 1);
		LIST_FOREACH(led, &f->owns, link)
			if (led != own)
				add_followers(na, led, depth + 1);
	}
}

/* Who has read the feed's own URL in its place is about to follow; or reads on
 * by itself, and would be told once more. */
static void
add_all(struct naming *na, const struct doc *d, const char *feed)
{
	if (url_owner_stays(d, url_owner_find_feed(na->owners, feed)))
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
add_reader(const struct doc *d, const char *feed, bool for_it,
    struct url_owner_reader *out, size_t *n)
{
	char *name;

	if (d->reader == NULL || strcmp(d->reader, feed) == 0)
		return 0;
	name = strdup(d->reader);
	if (name == NULL)
		return -1;
	out[(*n)++] = (struct url_owner_reader){ name, d->read.read_s,
		for_it, d->is_joined };
	return 0;
}

static bool
is_own(const struct doc *d, const char *feed)
{
	return d != NULL && (strcmp(d->url, feed) == 0 ||
	    (d->owner != NULL && strcmp(d->owner->name, feed) == 0));
}

int
url_owners_followers(struct url_owners *o, const char *feed, const char *url,
    struct url_owner_names *out)
{
	struct doc *d;
	int rc = 0;

	*out = (struct url_owner_names){ 0 };
	pthread_mutex_lock(&o->mutex);
	d = url_owner_find_doc(o, url);
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
	f = url_owner_find_feed(o, feed);
	d = url != NULL ? url_owner_find_doc(o, url) :
	    f != NULL ? f->follows : NULL;
	if (url != NULL && !is_own(d, feed))
		d = NULL;
	for (int i = 0; d != NULL && i < URL_OWNER_MOST_READERS; i++) {
		if (add_reader(d, feed, url == NULL ||
		    (f != NULL && f->follows == d), out, n) == -1)
			rc = -1;
		d = url == NULL && d->owner != NULL ? d->owner->follows :
		    NULL;
	}
	pthread_mutex_unlock(&o->mutex);
	return rc;
}

char *
url_owners_followed(struct url_owners *o, const char *feed)
{
	struct feed *f;
	char *url = NULL;

	pthread_mutex_lock(&o->mutex);
	f = url_owner_find_feed(o, feed);
	if (f != NULL && f->follows != NULL)
		url = strdup(f->follows->url);
	pthread_mutex_unlock(&o->mutex);
	return url;
}
