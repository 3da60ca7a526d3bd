/* SPDX-License-Identifier: ISC */
/*
 * A table that is too small or harmed is not mended in place: what makes sense
 * and still says something is copied to a new file, perhaps of the same size,
 * which takes the old one's name. Nothing is synced: see the header for what a
 * power cut may do.
 */
#include "feeds/claims.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"
#include "feeds/claims_private.h"

enum {
	MIN_FEEDS = 512,
	MAX_FEEDS = 1 << 26,		/* 2 GiB of table */
	SHRINK_AT = 4			/* times as large as is needed */
};

struct claims {
	pthread_mutex_t	 lock;		/* guards the table; a leaf */
	struct claims_table	 table;
	int64_t		 keep_s;	/* 0: for ever */
	char		*path, *new_path;
};

/* A new file of so many slots, with what the old one holds. */
static int
renew(struct claims *cl, uint64_t capacity, const struct claims_age *age,
    const struct claims_known *known, struct err *err)
{
	struct claims_table fresh = { 0 };

	if (capacity > claims_table_capacity(MAX_FEEDS))
		return err_set(err, "%s: more than %d feeds", cl->path,
		    MAX_FEEDS);
	if (claims_file_create(cl->new_path, capacity, &cl->table,
	    &fresh) == -1)
		goto fail;
	if (cl->table.plain)
		claims_table_copy_known(&fresh, &cl->table, known, age);
	else
		claims_table_copy(&fresh, &cl->table, age);
	if (rename(cl->new_path, cl->path) == -1)
		goto fail;
	claims_file_unmap(&cl->table);
	cl->table = fresh;
	return 0;
fail:
	err_set(err, "%s: cannot be made: %s", cl->new_path, strerror(errno));
	claims_file_unmap(&fresh);
	(void)unlink(cl->new_path);	/* perhaps never made */
	return -1;
}

/* The table is full: as large again where half of it says nothing any more,
 * so that the next time is far off; else twice what does. */
static int
make_room(struct claims *cl, int64_t now_s, struct err *err)
{
	const struct claims_age age = { now_s, cl->keep_s };
	uint64_t live = claims_table_count(&cl->table, &age);

	return renew(cl, live <= claims_table_room(&cl->table) / 2 ?
	    cl->table.capacity : claims_table_capacity(live * 2), &age,
	    NULL, err);
}

/*
 * Public face
 */

/* NULL: memory is out. */
static struct claims *
claims_new(const char *path)
{
	struct claims *cl = calloc(1, sizeof(*cl));
	size_t size = strlen(path) + sizeof(".new");

	if (cl == NULL)
		return NULL;
	if (pthread_mutex_init(&cl->lock, NULL) != 0) {
		free(cl);
		return NULL;
	}
	cl->path = str_dup(str_from(path));
	cl->new_path = malloc(size);
	if (cl->path == NULL || cl->new_path == NULL) {
		claims_close(cl);
		return NULL;
	}
	snprintf(cl->new_path, size, "%s.new", path);
	return cl;
}

/* For so many feeds and what there is, or as many to come again. */
static uint64_t
room_wanted(uint64_t feeds, uint64_t live)
{
	uint64_t n = feeds < MAX_FEEDS ? feeds : MAX_FEEDS;

	n += n > live ? n : live;
	return n > MIN_FEEDS ? n : MIN_FEEDS;
}

/* Is another file needed, for so many? What is over is counted off only where
 * it would matter: the table would grow, or could be much smaller. */
static bool
is_renewal_due(const struct claims_table *t, uint64_t feeds,
    const struct claims_age *age, uint64_t *wanted)
{
	uint64_t room = claims_table_room(t);

	*wanted = room_wanted(feeds, t->used);
	if (room < *wanted || room / SHRINK_AT > room_wanted(feeds, 0))
		*wanted = room_wanted(feeds, claims_table_count(t, age));
	return t->map == NULL || t->harmed || t->plain || room < *wanted ||
	    room / SHRINK_AT > *wanted;
}

/* A whole one that cannot be renewed today still serves. */
static int
open_table(struct claims *cl, size_t feeds, const struct claims_age *age,
    const struct claims_known *known, struct err *err)
{
	struct claims_table *t = &cl->table;
	uint64_t wanted;

	if (claims_file_open(&cl->table, cl->path, err) == -1)
		return -1;
	if (t->plain && known == NULL)
		claims_file_unmap(t);
	if (!is_renewal_due(t, feeds, age, &wanted) ||
	    renew(cl, claims_table_capacity(wanted), age, known, err) == 0)
		return 0;
	return t->map == NULL || t->harmed || t->plain ? -1 : 0;
}

struct claims *
claims_open_known(const char *path, size_t feeds,
    const struct claims_age *age, const struct claims_known *known,
    struct err *err)
{
	static const struct claims_age for_ever = { 0, 0 };
	struct claims *cl = claims_new(path);

	if (cl == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	if (age == NULL)
		age = &for_ever;
	cl->keep_s = age->keep_s;
	if (open_table(cl, feeds, age, known, err) == 0)
		return cl;
	claims_close(cl);
	return NULL;
}

struct claims *
claims_open(const char *path, size_t feeds, const struct claims_age *age,
    struct err *err)
{
	return claims_open_known(path, feeds, age, NULL, err);
}

void
claims_close(struct claims *cl)
{
	if (cl == NULL)
		return;
	claims_file_unmap(&cl->table);
	pthread_mutex_destroy(&cl->lock);
	free(cl->new_path);
	free(cl->path);
	free(cl);
}

void
claims_keep(struct claims *cl, int64_t keep_s)
{
	pthread_mutex_lock(&cl->lock);
	cl->keep_s = keep_s;
	pthread_mutex_unlock(&cl->lock);
}

/* Under the lock. */
static struct claim
look(const struct claims *cl, uint64_t key)
{
	struct claim c = { 0 };
	struct claims_slot *s = claims_table_find(&cl->table, key);

	if (s != NULL)
		(void)claims_slot_read(s, &c);	/* what makes no sense is 0 */
	return c;
}

struct claim
claims_find(struct claims *cl, const char *url)
{
	struct claim c;

	pthread_mutex_lock(&cl->lock);
	c = look(cl, claims_table_url(&cl->table, url));
	pthread_mutex_unlock(&cl->lock);
	return c;
}

struct claim
claims_find_host(struct claims *cl, const char *host)
{
	struct claim c;

	pthread_mutex_lock(&cl->lock);
	c = look(cl, claims_table_host(&cl->table, host));
	pthread_mutex_unlock(&cl->lock);
	return c;
}

/*
 * A claim in the future is of another boot, whose clock was ahead: it is now
 * that the feed is asked. A refusal that is over by now, or that was said in
 * that other time, goes with it.
 */
static void
take_again(struct claims_slot *s, int64_t now_s)
{
	struct claim c;

	(void)claims_slot_read(s, &c);		/* what makes no sense is 0 */
	claims_slot_ask(s, now_s);	/* first: a kill may come between */
	if (c.hint_s != 0 || (c.not_before_s != 0 &&
	    (now_s >= c.not_before_s || c.asked_s > now_s)))
		claims_slot_forbid(s, 0);
}

/* The slot, made where there is none; NULL: there is no room for it. */
static struct claims_slot *
find_or_add(struct claims *cl, uint64_t key, const struct claim *c,
    struct err *err)
{
	struct claims_slot *s = claims_table_find(&cl->table, key);

	if (s != NULL)
		return s;
	if (cl->table.used >= claims_table_room(&cl->table) &&
	    make_room(cl, c->asked_s, err) == -1)
		return NULL;
	claims_table_add(&cl->table, key, c);
	return claims_table_find(&cl->table, key);
}

int
claims_take(struct claims *cl, const char *url, int64_t now_s,
    struct err *err)
{
	struct claim c = { .asked_s = now_s > 0 ? now_s : 1 };
	struct claims_slot *s;

	pthread_mutex_lock(&cl->lock);
	s = find_or_add(cl, claims_table_url(&cl->table, url), &c, err);
	if (s != NULL)
		take_again(s, c.asked_s);
	pthread_mutex_unlock(&cl->lock);
	return s != NULL ? 0 : -1;
}

/* A refusal never shortens one that holds already. */
void
claims_forbid(struct claims *cl, const char *url, int64_t until_s)
{
	struct claim c;
	struct claims_slot *s;

	pthread_mutex_lock(&cl->lock);
	s = claims_table_find(&cl->table, claims_table_url(&cl->table, url));
	if (s != NULL) {
		(void)claims_slot_read(s, &c);	/* what makes no sense is 0 */
		if (until_s > c.not_before_s)
			claims_slot_forbid(s, until_s);
	}
	pthread_mutex_unlock(&cl->lock);
}

void
claims_forbid_host(struct claims *cl, const char *host, int64_t now_s,
    int64_t until_s)
{
	struct claim c = { .asked_s = now_s > 0 ? now_s : 1 };
	struct claims_slot *s;
	struct err err;

	pthread_mutex_lock(&cl->lock);
	s = find_or_add(cl, claims_table_host(&cl->table, host), &c, &err);
	if (s != NULL) {
		take_again(s, c.asked_s);
		(void)claims_slot_read(s, &c);	/* what makes no sense is 0 */
		if (until_s > c.not_before_s)
			claims_slot_forbid(s, until_s);
	}
	pthread_mutex_unlock(&cl->lock);
}

void
claims_hint(struct claims *cl, const char *url, int64_t until_s)
{
	struct claim c;
	struct claims_slot *s;

	pthread_mutex_lock(&cl->lock);
	s = claims_table_find(&cl->table, claims_table_url(&cl->table, url));
	if (s != NULL) {
		(void)claims_slot_read(s, &c);	/* what makes no sense is 0 */
		if (c.not_before_s <= c.asked_s && until_s > c.asked_s)
			claims_slot_hint(s, until_s);
	}
	pthread_mutex_unlock(&cl->lock);
}

size_t
claims_count(struct claims *cl)
{
	size_t n;

	pthread_mutex_lock(&cl->lock);
	n = (size_t)cl->table.used;
	pthread_mutex_unlock(&cl->lock);
	return n;
}

void
claims_rest(struct claims *cl)
{
	pthread_mutex_lock(&cl->lock);
	/* Of a shared mapping of a file nothing is lost; a kernel that does
	 * not do it leaves all as it was. */
	(void)madvise(cl->table.map, cl->table.bytes, MADV_DONTNEED);
	pthread_mutex_unlock(&cl->lock);
}
