/* SPDX-License-Identifier: ISC */
/* Which rows are held as pages, and the worker's loop for all of it. */
#include "daemon/pages.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "base/url.h"
#include "daemon/pages_private.h"
#include "daemon/robots_table.h"

enum { NO_MEMORY_S = 60 };

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

int64_t
pages_wall_s(const struct pages *p)
{
	return clock_wall_us(p->env.poll->fetch.clock) / CLOCK_US_PER_S;
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

/* What is in flight */

void
pages_go(struct pages *p, struct pages_feed *f)
{
	p->n_active++;
	f->n_active++;
}

void
pages_come(struct pages *p, struct pages_feed *f)
{
	p->n_active--;
	if (f->n_active-- == PAGES_A_FEED)
		page_hosts_release(p);
	/* The store has it by now. */
	if (f->n_active == 0)
		buf_clear(&f->lines);
	page_feeds_forget(p, f);
}

/* Pages */

static void
free_page(struct page *g)
{
	struct pages *p = g->pages;

	HASH_DELETE(hh, p->by_id, g);
	g->feed->n_pages--;
	page_feeds_forget(p, g->feed);
	buf_clear(&g->body);
	buf_clear(&g->text);
	for (size_t i = 0; i < PAGE_MAX_HOPS; i++)
		free(g->was[i]);
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
	if (was_active)
		pages_come(p, g->feed);
	free_page(g);
	look_for_more(p);
	if (was_active)
		p->on_idle(p->ctx);
}

struct page *
pages_find(struct pages *p, int64_t id)
{
	struct page *g;

	HASH_FIND(hh, p->by_id, &id, sizeof(id), g);
	return g;
}

/* Without a user: that is the document's, not ours. */
static char *
url_of(const struct page_wait *w)
{
	char *whole = strndup(w->url.p, w->url.n), *url = NULL;
	struct buf clean;

	if (whole == NULL)
		return NULL;
	buf_init(&clean, URL_MAX_BYTES);
	url_redact(&clean, whole);
	if (!clean.failed)
		url = strdup(buf_cstr(&clean));
	buf_clear(&clean);
	free(whole);
	return url;
}

/* NULL: memory is out. */
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
	g->url = url_of(w);
	HASH_ADD(hh, p->by_id, id, sizeof(g->id), g);
	if (g->url != NULL && pages_find(p, g->id) == g) {
		f->n_pages++;
		return g;
	}
	if (pages_find(p, g->id) == g)
		HASH_DELETE(hh, p->by_id, g);
	free(g->url);
	free(g);
	return NULL;
}

bool
pages_hold(struct pages *p, struct pages_feed *f, const struct page_wait *w)
{
	struct page *g;

	/* A scan may see what is committed before its batch is back. */
	if (pages_find(p, w->id) != NULL)
		return true;
	/* Those that were left come first. */
	p->was_full |= HASH_COUNT(p->by_id) >= PAGES_HELD;
	if (p->was_full)
		return false;
	if (!page_hosts_has_room(p, w->url))
		return false;
	if ((g = new_page(p, f, w)) != NULL && page_hosts_add(g, false))
		return true;
	/* No line that grows shorter will tell when there is memory again. */
	page_feeds_look_at(p, f, pages_steady_s(p) + NO_MEMORY_S);
	if (g != NULL)
		free_page(g);
	return false;
}

/* What is counted as asked already is asked, but for a feed that reads no
 * pages any more. */
static bool
may_go(struct pages *p, const struct page *g, const struct pages_feed *f)
{
	if (g->state != PAGE_WAITS || (f != NULL && g->feed != f))
		return false;
	return f == NULL || !g->is_begun || page_feeds_conf(p, f) == NULL;
}

void
pages_let_waiting_go(struct pages *p, const struct pages_feed *f)
{
	struct page *g, *next;

	HASH_ITER(hh, p->by_id, g, next)
		if (may_go(p, g, f))
			pages_let_go(g);
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
	page_feeds_turn(p);
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
		if (!page_rules_acknowledge(m) &&
		    !page_end_acknowledge_back(m))
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

static void
let_waiting_go(struct pages *p)
{
	p->draining = true;
	evtimer_del(p->turn);
	pages_let_waiting_go(p, NULL);
	page_hosts_free(p);
}

void
pages_drain(struct pages *p)
{
	if (p->draining)
		return;
	page_end_give_all_back(p);
	let_waiting_go(p);
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
	return p->n_active + p->n_keeping;
}

void
pages_free(struct pages *p)
{
	if (p == NULL)
		return;
	if (p->turn != NULL)
		let_waiting_go(p);
	page_feeds_free(p);
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
