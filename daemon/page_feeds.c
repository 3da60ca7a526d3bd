/* SPDX-License-Identifier: ISC */
/*
 * Rows of the store are held from when they are due. A feed with rows that are
 * not held is hungry: it is scanned from the first of them on, when a new row
 * has come, when there is room again, and when the next of them is due. One
 * feed a turn of the loop, so many rows of it.
 */
#include "daemon/pages_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/conf.h"
#include "filters/boilerplate.h"

enum {
	DAY_S = 86400,
	SCAN_ROWS = 256,
	SCAN_RETRY_S = 60		/* what was wrong may have passed */
};

/* Feeds */

static struct pages_feed *
find_feed(struct pages *p, const char *url)
{
	struct pages_feed *f;

	HASH_FIND_STR(p->feeds, url, f);
	return f;
}

/* NULL: memory is out. */
static struct pages_feed *
feed_of(struct pages *p, const char *url)
{
	struct pages_feed *f = find_feed(p, url);
	size_t n = strlen(url);

	if (f != NULL)
		return f;
	f = calloc(1, sizeof(*f) + n + 1);
	if (f == NULL)
		return NULL;
	memcpy(f->url, url, n + 1);
	f->entry.place = SCHEDULE_NOWHERE;
	buf_init(&f->lines, BOILERPLATE_MOST_BYTES);
	HASH_ADD_KEYPTR(hh, p->feeds, f->url, n, f);
	if (find_feed(p, url) == f)
		return f;
	free(f);			/* uthash had no memory */
	return NULL;
}

static void
make_hungry(struct pages *p, struct pages_feed *f, int64_t after)
{
	if (f->is_hungry) {
		f->after = after < f->after ? after : f->after;
		return;
	}
	f->is_hungry = true;
	f->after = after;
	TAILQ_INSERT_TAIL(&p->hungry, f, link);
	p->n_hungry++;
}

static void
make_full(struct pages *p, struct pages_feed *f)
{
	if (!f->is_hungry)
		return;
	f->is_hungry = false;
	TAILQ_REMOVE(&p->hungry, f, link);
	p->n_hungry--;
	if (p->n_scans > p->n_hungry)
		p->n_scans = p->n_hungry;
}

static void
free_feed(struct pages *p, struct pages_feed *f)
{
	make_full(p, f);
	schedule_remove(p->due_feeds, &f->entry);
	HASH_DEL(p->feeds, f);
	buf_clear(&f->lines);
	free(f);
}

static unsigned
rules_of_day(const struct pages_feed *f, int64_t day)
{
	return f->rules_day == day ? f->n_rules : 0;
}

/* Nothing is known of it that the store does not know. */
void
page_feeds_forget(struct pages *p, struct pages_feed *f)
{
	int64_t now_s = pages_steady_s(p);
	bool has_asked = rules_of_day(f, now_s / DAY_S) > 0;

	if (f->n_pages == 0 && f->n_active == 0 && !f->is_hungry && !f->near &&
	    f->closed_s <= now_s && !has_asked &&
	    f->entry.place == SCHEDULE_NOWHERE)
		free_feed(p, f);
}

static int64_t
mono_of_steady_us(const struct pages *p, int64_t steady_s)
{
	int64_t ahead_us = clock_steady_us(p->env.poll->fetch.clock) -
	    pages_mono_us(p);

	return steady_s >= INT64_MAX / CLOCK_US_PER_S ? INT64_MAX / 2 :
	    steady_s * CLOCK_US_PER_S - ahead_us;
}

void
page_feeds_look_at(struct pages *p, struct pages_feed *f, int64_t steady_s)
{
	if (f->entry.place != SCHEDULE_NOWHERE && f->look_s <= steady_s)
		return;
	f->look_s = steady_s;
	/* Without memory for it the next new row of the feed finds them. */
	if (schedule_set(p->due_feeds, &f->entry,
	    mono_of_steady_us(p, steady_s)) == -1)
		log_error("page_not_scheduled", LOG_U("feed", f->url),
		    LOG_S("why", "out of memory"));
}

const struct conf_feed *
page_feeds_conf(const struct pages *p, const struct pages_feed *f)
{
	const struct conf_feed *c = conf_find_feed(p->env.poll->conf, f->url);

	return c != NULL && c->set->reads_pages ? c : NULL;
}

int64_t
page_feeds_rules_at(const struct pages *p, const struct pages_feed *f)
{
	const struct conf_feed *c = page_feeds_conf(p, f);
	int64_t day = pages_steady_s(p) / DAY_S;

	return c == NULL || rules_of_day(f, day) < c->set->page_limit ? 0 :
	    (day + 1) * DAY_S;
}

void
page_feeds_count_rules(const struct pages *p, struct pages_feed *f)
{
	int64_t day = pages_steady_s(p) / DAY_S;

	f->n_rules = rules_of_day(f, day) + 1;
	f->rules_day = day;
}

/* Scans */

struct scan {
	struct pages		*pages;
	struct pages_feed	*feed;
	int64_t			 now_s;
	int64_t			 next_s;	/* when the first is due that
						 * is not */
	int64_t			 first_left;	/* id; 0: none */
	int64_t			 last;
	size_t			 n;
};

static int
on_row(const struct page_wait *w, void *ctx)
{
	struct scan *s = ctx;

	s->n++;
	s->last = w->id;
	if (pages_find(s->pages, w->id) != NULL)
		return 0;
	if (w->due_s > s->now_s) {
		if (w->due_s < s->next_s)
			s->next_s = w->due_s;
		return 0;
	}
	if (!pages_hold(s->pages, s->feed, w) && s->first_left == 0)
		s->first_left = w->id;
	return 0;
}

/* What was not read is looked for at the next occasion. */
static void
settle_scan(struct pages *p, struct pages_feed *f, const struct scan *s)
{
	bool has_more = s->n == SCAN_ROWS;
	int64_t after = s->first_left != 0 ? s->first_left - 1 : s->last;

	make_full(p, f);
	if (s->next_s != INT64_MAX)
		page_feeds_look_at(p, f, s->next_s);
	if (s->first_left != 0 || has_more)
		make_hungry(p, f, after);
	/* What stands behind a row that found no room may find some. */
	if (has_more && s->first_left == 0)
		p->n_scans++;
}

/* One hungry feed's. */
static void
scan(struct pages *p, struct pages_feed *f)
{
	struct scan s = { .pages = p, .feed = f, .last = f->after,
		.now_s = pages_steady_s(p), .next_s = INT64_MAX };
	struct err err;

	if (f->closed_s > s.now_s) {
		make_full(p, f);
		page_feeds_look_at(p, f, f->closed_s);
		return;
	}
	if (page_store_each_row(p->env.poll->reader, f->url, f->after,
	    SCAN_ROWS, on_row, &s, &err) == -1) {
		log_error("pages_not_read", LOG_U("feed", f->url),
		    LOG_S("why", err.msg));
		page_feeds_look_at(p, f, s.now_s + SCAN_RETRY_S);
		return;
	}
	settle_scan(p, f, &s);
	page_feeds_forget(p, f);
}

/* The next of them: those that stay hungry go to the line's end. */
static void
scan_next(struct pages *p)
{
	struct pages_feed *f = TAILQ_FIRST(&p->hungry);

	if (p->was_full)
		p->n_scans = 0;		/* all again when there is room */
	if (p->n_scans == 0)
		return;
	p->n_scans--;
	if (f == NULL)
		return;
	TAILQ_REMOVE(&p->hungry, f, link);
	TAILQ_INSERT_TAIL(&p->hungry, f, link);
	scan(p, f);
}

/* Rows of them may have become due anywhere. */
static void
wake(struct pages *p)
{
	struct schedule_entry *e;

	while ((e = schedule_pop_due(p->due_feeds, pages_mono_us(p))) !=
	    NULL) {
		make_hungry(p, (struct pages_feed *)(void *)e, 0);
		p->n_scans = p->n_hungry;
	}
}

/* Configurations */

void
page_feeds_close(struct pages *p, struct pages_feed *f, int64_t steady_s)
{
	f->closed_s = steady_s;
	page_feeds_look_at(p, f, steady_s);
	pages_let_waiting_go(p, f);
}

static void
drop_strangers(struct pages *p)
{
	struct pages_feed *f, *next;

	HASH_ITER(hh, p->feeds, f, next) {
		f->closed_s = 0;	/* page_limit may be another one */
		if (page_feeds_conf(p, f) != NULL) {
			page_feeds_look_at(p, f, pages_steady_s(p));
			continue;
		}
		f->n_pages++;		/* it goes here, not with them */
		pages_let_waiting_go(p, f);
		f->n_pages--;
		make_full(p, f);
		schedule_remove(p->due_feeds, &f->entry);
		f->near = false;
		page_feeds_forget(p, f);
	}
}

/* Feeds of the store, whoever's they are. */
struct names {
	struct name {
		UT_hash_handle	 hh;
		char		 url[];
	}	*list;
	bool	 no_memory;
};

static void
on_feed(struct str url, int64_t away_s, void *ctx)
{
	struct names *names = ctx;
	struct name *n = calloc(1, sizeof(*n) + url.n + 1), *found;

	(void)away_s;		/* what is away may have come back */
	if (n == NULL) {
		names->no_memory = true;
		return;
	}
	memcpy(n->url, url.p, url.n);
	HASH_ADD_KEYPTR(hh, names->list, n->url, url.n, n);
	HASH_FIND_STR(names->list, n->url, found);
	if (found != n) {		/* uthash had no memory */
		free(n);
		names->no_memory = true;
	}
}

static void
free_names(struct names *names)
{
	struct name *n, *next;

	HASH_ITER(hh, names->list, n, next) {
		HASH_DEL(names->list, n);
		free(n);
	}
}

static void
take_up(struct pages *p, struct names *names, const struct conf_feed *c)
{
	struct pages_feed *f;
	struct name *n;

	if (!c->set->reads_pages)
		return;
	HASH_FIND_STR(names->list, c->url, n);
	if (n == NULL)
		return;
	if ((f = feed_of(p, c->url)) != NULL)
		make_hungry(p, f, 0);
	else
		names->no_memory = true;
}

int
pages_follow(struct pages *p, const struct conf_feed *const *feeds, size_t n,
    struct err *err)
{
	struct names names = { 0 };
	int rc;

	drop_strangers(p);
	rc = page_store_each_feed(p->env.poll->reader, on_feed, &names, err);
	for (size_t i = 0; rc == 0 && names.list != NULL && i < n; i++)
		take_up(p, &names, feeds[i]);
	free_names(&names);
	p->n_scans = p->n_hungry;
	pages_look(p);
	if (rc == -1)
		return -1;
	return names.no_memory ? err_set(err, "out of memory") : 0;
}

/* A row that has just been stored. */
static void
add_row(struct pages *p, struct pages_feed *f, const struct page_wait *w)
{
	if (w->id == 0)
		return;
	if (f->closed_s > pages_steady_s(p) || !pages_hold(p, f, w))
		make_hungry(p, f, w->id - 1);
}

/* Is there anything in it that the store does not tell at the next start? */
static bool
says_something(const struct pages *p, const struct batch *b)
{
	const struct conf_feed *c;

	if (b->n_pages > 0)
		return true;
	if (b->came_from != BATCH_NEAR)
		return false;
	c = conf_find_feed(p->env.poll->conf, b->feed_url);
	return c != NULL && c->set->reads_pages;
}

void
pages_add(struct pages *p, const struct batch *b)
{
	struct pages_feed *f = find_feed(p, b->feed_url);

	if (p->draining || (f == NULL && !says_something(p, b)))
		return;
	if (f == NULL && (f = feed_of(p, b->feed_url)) == NULL) {
		log_error("page_not_scheduled", LOG_U("feed", b->feed_url),
		    LOG_S("why", "out of memory"));
		return;
	}
	if (b->came_from != BATCH_UNKNOWN)
		f->near = b->came_from == BATCH_NEAR;
	f->n_pages++;			/* it goes below, not with them */
	for (size_t i = 0; i < b->n_pages; i++)
		add_row(p, f, &b->pages[i]);
	f->n_pages--;
	page_feeds_forget(p, f);
	pages_look(p);
}

void
page_feeds_turn(struct pages *p)
{
	wake(p);
	scan_next(p);
}

void
page_feeds_free(struct pages *p)
{
	struct pages_feed *f, *next;

	HASH_ITER(hh, p->feeds, f, next)
		free_feed(p, f);
}
