/* SPDX-License-Identifier: ISC */
/*
 * Rows of the store are held from when they are due. A feed with rows that are
 * not held is hungry: it is scanned from the first of them on, when a new row
 * has come, when there is room again, and when the next of them is due. One
 * feed a turn of the loop, so many rows of it.
 */
#include "daemon/pages.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/pages_private.h"
#include "daemon/robots_table.h"

enum { SCAN_ROWS = 256, SCAN_BYTES = 64 << 20 };

static void	pages_on_turn(evutil_socket_t, short, void *);
static void	pages_on_job(evutil_socket_t, short, void *);
static void	pages_on_extracted(evutil_socket_t, short, void *);

int64_t
pages_mono_us(const struct pages *p)
{
	return clock_mono_us(p->env.poll->fetch.clock);
}

int64_t
pages_steady_s(const struct pages *p)
{
	return clock_steady_s(p->env.poll->fetch.clock);
}

/* Time */

static void
arm(struct pages *p, int64_t real_us)
{
	const struct timeval tv = { real_us / CLOCK_US_PER_S,
		real_us % CLOCK_US_PER_S };

	if (evtimer_add(p->turn, &tv) == -1)
		log_error("timer_failed", LOG_S("of", "pages"));
}

static int64_t
next_us(const struct pages *p)
{
	int64_t feeds_us = schedule_next_us(p->due_feeds);
	int64_t hosts_us = INT64_MAX;

	/* Where no more may be in flight, one that ends looks again. */
	if (p->n_active < PAGES_IN_FLIGHT)
		hosts_us = schedule_next_us(p->due_hosts);
	return feeds_us < hosts_us ? feeds_us : hosts_us;
}

void
pages_look(struct pages *p)
{
	int64_t at_us = next_us(p), wait_us = 0;

	if (p->draining)
		return;
	if (p->n_scans == 0) {
		if (at_us == INT64_MAX) {
			evtimer_del(p->turn);
			return;
		}
		wait_us = at_us - pages_mono_us(p);
	}
	/* Rounded up, or it would come a moment too soon. */
	arm(p, wait_us <= 0 ? 0 :
	    clock_real_us(p->env.poll->fetch.clock, wait_us) + 1);
}

static int64_t
mono_of_steady_us(const struct pages *p, int64_t steady_s)
{
	int64_t ahead_us = clock_steady_us(p->env.poll->fetch.clock) -
	    pages_mono_us(p);

	return steady_s >= INT64_MAX / CLOCK_US_PER_S ? INT64_MAX / 2 :
	    steady_s * CLOCK_US_PER_S - ahead_us;
}

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
	free(f);
}

/* Nothing is known of it that the store does not know. */
static void
forget_feed(struct pages *p, struct pages_feed *f)
{
	if (f->n_pages == 0 && !f->is_hungry && !f->near &&
	    f->closed_s <= pages_steady_s(p) &&
	    f->entry.place == SCHEDULE_NOWHERE)
		free_feed(p, f);
}

void
pages_look_at_feed(struct pages *p, struct pages_feed *f, int64_t steady_s)
{
	if (f->entry.place != SCHEDULE_NOWHERE && f->look_s <= steady_s)
		return;
	f->look_s = steady_s;
	/* Without memory for it the next new row of the feed finds them. */
	if (schedule_set(p->due_feeds, &f->entry,
	    mono_of_steady_us(p, steady_s)) == -1)
		log_error("page_not_scheduled", LOG_S("feed", f->url),
		    LOG_S("why", "out of memory"));
}

const struct conf_feed *
pages_conf_feed(const struct pages *p, const struct pages_feed *f)
{
	const struct conf_feed *c = conf_find_feed(p->env.poll->conf, f->url);

	return c != NULL && c->set->reads_pages ? c : NULL;
}

/* Pages */

static void
free_page(struct page *g)
{
	struct pages *p = g->pages;

	HASH_DELETE(hh, p->by_id, g);
	g->feed->n_pages--;
	forget_feed(p, g->feed);
	buf_clear(&g->body);
	free(g->next_url);
	free(g->base_url);
	free(g->content_type);
	free(g->url);
	free(g);
}

/* There is room again for rows that were left in the store. */
static void
look_for_more(struct pages *p)
{
	if (p->was_full && HASH_COUNT(p->by_id) <= PAGES_HELD / 2) {
		p->was_full = false;
		p->n_scans = p->n_hungry;
	}
	pages_look(p);
}

void
pages_let_go(struct page *g)
{
	struct pages *p = g->pages;
	bool was_active = g->state != PAGE_WAITS;

	page_hosts_remove(g);
	free_page(g);
	if (was_active)
		p->n_active--;
	look_for_more(p);
	if (was_active)
		p->on_idle(p->ctx);
}

static struct page *
find_page(struct pages *p, int64_t id)
{
	struct page *g;

	HASH_FIND(hh, p->by_id, &id, sizeof(id), g);
	return g;
}

static struct page *
new_page(struct pages *p, struct pages_feed *f, const struct page_wait *w)
{
	struct page *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->pages = p;
	g->feed = f;
	g->id = w->id;
	g->due_s = w->due_s;
	g->seen_s = w->seen_s;
	g->tries = w->tries;
	g->url = strndup(w->url.p, w->url.n);
	HASH_ADD(hh, p->by_id, id, sizeof(g->id), g);
	if (g->url != NULL && find_page(p, g->id) == g) {
		f->n_pages++;
		return g;
	}
	if (find_page(p, g->id) == g)
		HASH_DELETE(hh, p->by_id, g);
	free(g->url);
	free(g);
	return NULL;
}

/* False: it stays in the store. */
static bool
hold(struct pages *p, struct pages_feed *f, const struct page_wait *w)
{
	struct page *g;

	if (HASH_COUNT(p->by_id) >= PAGES_HELD) {
		p->was_full = true;
		return false;
	}
	if (!page_hosts_has_room(p, w->url) ||
	    (g = new_page(p, f, w)) == NULL)
		return false;
	if (page_hosts_add(g, false))
		return true;
	free_page(g);
	return false;
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
	if (find_page(s->pages, w->id) != NULL)
		return 0;
	if (w->due_s > s->now_s) {
		if (w->due_s < s->next_s)
			s->next_s = w->due_s;
		return 0;
	}
	if (!hold(s->pages, s->feed, w) && s->first_left == 0)
		s->first_left = w->id;
	return 0;
}

static int
scan_rows(struct scan *s, struct err *err)
{
	struct arena *arena = arena_new(SCAN_BYTES);
	int rc;

	if (arena == NULL)
		return err_set(err, "out of memory");
	rc = page_store_each(s->pages->env.poll->reader, s->feed->url,
	    s->feed->after, SCAN_ROWS, arena, on_row, s, err);
	arena_free(arena);
	return rc;
}

/* What was not read is looked for at the next occasion. */
static void
settle_scan(struct pages *p, struct pages_feed *f, const struct scan *s)
{
	bool has_more = s->n == SCAN_ROWS;
	int64_t after = s->first_left != 0 ? s->first_left - 1 : s->last;

	make_full(p, f);
	if (s->next_s != INT64_MAX)
		pages_look_at_feed(p, f, s->next_s);
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
		pages_look_at_feed(p, f, f->closed_s);
		return;
	}
	if (scan_rows(&s, &err) == -1) {
		log_error("pages_not_read", LOG_S("feed", f->url),
		    LOG_S("why", err.msg));
		return;
	}
	settle_scan(p, f, &s);
	forget_feed(p, f);
}

/* The next of them: those that stay hungry go to the line's end. */
static void
scan_next(struct pages *p)
{
	struct pages_feed *f = TAILQ_FIRST(&p->hungry);

	if (p->n_scans == 0)
		return;
	p->n_scans--;
	if (f == NULL)
		return;
	TAILQ_REMOVE(&p->hungry, f, link);
	TAILQ_INSERT_TAIL(&p->hungry, f, link);
	scan(p, f);
}

/* Rows of it may have become due anywhere. */
static void
wake_feeds(struct pages *p)
{
	struct schedule_entry *e;

	while ((e = schedule_pop_due(p->due_feeds, pages_mono_us(p))) !=
	    NULL) {
		make_hungry(p, (struct pages_feed *)(void *)e, 0);
		p->n_scans = p->n_hungry;
	}
}

/* Worker's loop: something is due. */
static void
pages_on_turn(evutil_socket_t fd, short what, void *arg)
{
	struct pages *p = arg;

	(void)fd;
	(void)what;
	if (p->draining)
		return;
	wake_feeds(p);
	scan_next(p);
	page_hosts_turn(p);
	pages_look(p);
}

/* Worker's loop: jobs came back from the ledger, or robots.txt is there that
 * another worker has asked for. */
static void
pages_on_job(evutil_socket_t fd, short what, void *arg)
{
	struct pages *p = arg;
	struct mail *next;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(p->jobs); m != NULL; m = next) {
		next = m->next;
		page_read_acknowledge((struct page *)(void *)m);
	}
	page_hosts_on_wake(p);
	pages_look(p);
}

/* Worker's loop: articles. */
static void
pages_on_extracted(evutil_socket_t fd, short what, void *arg)
{
	struct pages *p = arg;
	struct mail *next;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(p->extracted); m != NULL;
	    m = next) {
		char *e = (char *)m;

		next = m->next;
		page_read_extracted((struct page *)(void *)(e -
		    offsetof(struct page, extraction)));
	}
}

/* Configurations */

/* Those that wait; what is in flight goes on. */
static void
let_waiting_go(struct pages *p, const struct pages_feed *f)
{
	struct page *g, *next;

	HASH_ITER(hh, p->by_id, g, next)
		if (g->state == PAGE_WAITS && (f == NULL || g->feed == f))
			pages_let_go(g);
}

void
pages_close_feed(struct pages *p, struct pages_feed *f, int64_t steady_s)
{
	f->closed_s = steady_s;
	pages_look_at_feed(p, f, steady_s);
	let_waiting_go(p, f);
}

static void
drop_strangers(struct pages *p)
{
	struct pages_feed *f, *next;

	HASH_ITER(hh, p->feeds, f, next) {
		f->closed_s = 0;	/* page_limit may be another one */
		if (pages_conf_feed(p, f) != NULL) {
			pages_look_at_feed(p, f, pages_steady_s(p));
			continue;
		}
		f->n_pages++;		/* it goes here, not with them */
		let_waiting_go(p, f);
		f->n_pages--;
		make_full(p, f);
		schedule_remove(p->due_feeds, &f->entry);
		f->near = false;
		forget_feed(p, f);
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
on_feed(struct str url, void *ctx)
{
	struct names *names = ctx;
	struct name *n = calloc(1, sizeof(*n) + url.n + 1), *found;

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
	if (f->is_hungry || f->closed_s > pages_steady_s(p) || !hold(p, f, w))
		make_hungry(p, f, w->id - 1);
}

void
pages_add(struct pages *p, const struct batch *b)
{
	struct pages_feed *f = find_feed(p, b->feed_url);

	if (p->draining)
		return;
	if (f == NULL && (b->n_pages > 0 || b->came_from == BATCH_NEAR) &&
	    (f = feed_of(p, b->feed_url)) == NULL) {
		log_error("page_not_scheduled", LOG_S("feed", b->feed_url),
		    LOG_S("why", "out of memory"));
		return;
	}
	if (f == NULL)
		return;
	if (b->came_from != BATCH_UNKNOWN)
		f->near = b->came_from == BATCH_NEAR;
	for (size_t i = 0; i < b->n_pages; i++)
		add_row(p, f, &b->pages[i]);
	forget_feed(p, f);
	pages_look(p);
}

/* Life and end */

static bool
make_parts(struct pages *p)
{
	struct event_base *base = p->env.poll->fetch.base;

	p->jobs = mailbox_new(PAGES_IN_FLIGHT);
	p->extracted = mailbox_new(PAGES_IN_FLIGHT);
	p->due_hosts = schedule_new();
	p->due_feeds = schedule_new();
	p->turn = evtimer_new(base, pages_on_turn, p);
	p->on_job = loop_on_mail(base, p->jobs, pages_on_job, p);
	p->on_extracted = loop_on_mail(base, p->extracted,
	    pages_on_extracted, p);
	return p->due_hosts != NULL && p->due_feeds != NULL &&
	    p->turn != NULL && p->on_job != NULL && p->on_extracted != NULL;
}

struct pages *
pages_new(const struct pages_env *env, pages_idle_fn *on_idle, void *ctx)
{
	struct pages *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->env = *env;
	p->on_idle = on_idle;
	p->ctx = ctx;
	TAILQ_INIT(&p->hungry);
	if (make_parts(p))
		return p;
	pages_free(p);
	return NULL;
}

void
pages_drain(struct pages *p)
{
	if (p->draining)
		return;
	p->draining = true;
	evtimer_del(p->turn);
	let_waiting_go(p, NULL);
	page_hosts_free(p);
}

void
pages_cancel(struct pages *p)
{
	struct page *g, *next;

	HASH_ITER(hh, p->by_id, g, next)
		page_read_cancel(g);
}

size_t
pages_in_flight(const struct pages *p)
{
	return p->n_active;
}

void
pages_free(struct pages *p)
{
	struct pages_feed *f, *next;

	if (p == NULL)
		return;
	if (p->turn != NULL)
		pages_drain(p);
	HASH_ITER(hh, p->feeds, f, next)
		free_feed(p, f);
	if (p->jobs != NULL)
		robots_table_leave(p->env.robots, p->jobs);
	loop_event_free(p->turn);
	loop_event_free(p->on_job);
	loop_event_free(p->on_extracted);
	schedule_free(p->due_hosts);
	schedule_free(p->due_feeds);
	mailbox_free(p->jobs);
	mailbox_free(p->extracted);
	free(p);
}
