/* SPDX-License-Identifier: ISC */
/*
 * A line of pages for each host, so that one that must wait holds up no other.
 * A host stands in the schedule when its first page may be looked at; not
 * while its robots.txt is fetched, nor when nobody is in its line.
 */
#include "daemon/pages_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/ledger.h"
#include "daemon/refusal.h"
#include "daemon/robots_table.h"
#include "feeds/host_gate.h"
#include "feeds/page_robots.h"

enum { ROOM_RETRY_MS = 50, NO_MEMORY_S = 60 };

static struct pages_host *
find_host(struct pages *p, const char *name)
{
	struct pages_host *h;

	HASH_FIND_STR(p->hosts, name, h);
	return h;
}

static struct pages_host *
new_host(struct pages *p, const char *name)
{
	size_t n = strlen(name);
	struct pages_host *h = calloc(1, sizeof(*h) + n + 1);

	if (h == NULL)
		return NULL;
	memcpy(h->name, name, n + 1);
	h->pages = p;
	h->entry.place = SCHEDULE_NOWHERE;
	TAILQ_INIT(&h->line);
	HASH_ADD_KEYPTR(hh, p->hosts, h->name, n, h);
	if (find_host(p, name) == h)
		return h;
	free(h);			/* uthash had no memory */
	return NULL;
}

static void
forget(struct pages_host *h)
{
	if (h->n_pages > 0 || h->robots != NULL)
		return;
	schedule_remove(h->pages->due_hosts, &h->entry);
	HASH_DEL(h->pages->hosts, h);
	free(h);
}

/* Its turn: unless it waits for robots.txt or the ledger, nobody waits for it,
 * or nobody who does may go. */
static void
set_turn(struct pages_host *h, int64_t wait_us)
{
	struct pages *p = h->pages;

	if (TAILQ_EMPTY(&h->line) || h->robots != NULL || h->awaits ||
	    h->begins || h->is_held_up)
		schedule_remove(p->due_hosts, &h->entry);
	/* As many as there are hosts: without memory for it the next page of
	 * this host tries again. */
	else if (schedule_set(p->due_hosts, &h->entry,
	    pages_mono_us(p) + wait_us) == -1)
		log_error("page_not_scheduled", LOG_S("host", h->name),
		    LOG_S("why", "out of memory"));
}

static bool
host_name(struct str url, char *out, size_t size)
{
	char text[URL_MAX_BYTES + 1];
	struct err err;

	if (url.n >= sizeof(text))
		return false;
	memcpy(text, url.p, url.n);
	text[url.n] = '\0';
	return fetch_host_of(text, out, size, &err) == 0;
}

bool
page_hosts_has_room(struct pages *p, struct str url)
{
	char name[URL_MAX_BYTES];
	struct pages_host *h;

	if (!host_name(url, name, sizeof(name)))
		return false;
	h = find_host(p, name);
	if (h == NULL)
		return true;
	/* Those that were left come first. */
	h->was_full |= h->n_pages >= PAGES_A_HOST;
	return !h->was_full;
}

/* By due time, then by id; new ones come last nearly always. */
static void
insert(struct pages_host *h, struct page *g)
{
	struct page *before = TAILQ_LAST(&h->line, page_line);

	while (before != NULL && (before->due_s > g->due_s ||
	    (before->due_s == g->due_s && before->id > g->id)))
		before = TAILQ_PREV(before, page_line, link);
	if (before == NULL)
		TAILQ_INSERT_HEAD(&h->line, g, link);
	else
		TAILQ_INSERT_AFTER(&h->line, before, g, link);
}

bool
page_hosts_add(struct page *g, bool first)
{
	char name[URL_MAX_BYTES];
	struct pages_host *h;
	bool was_empty;

	if (!host_name(str_from(g->url), name, sizeof(name)))
		return false;
	h = find_host(g->pages, name);
	if (h == NULL && (h = new_host(g->pages, name)) == NULL)
		return false;
	was_empty = TAILQ_EMPTY(&h->line);
	g->host = h;
	g->state = PAGE_WAITS;
	h->n_pages++;
	if (first)
		TAILQ_INSERT_HEAD(&h->line, g, link);
	else
		insert(h, g);
	if (was_empty || h->is_held_up) {
		h->is_held_up = false;
		set_turn(h, 0);
	}
	return true;
}

void
page_hosts_remove(struct page *g)
{
	struct pages_host *h = g->host;
	struct pages *p = g->pages;

	if (h == NULL)
		return;
	g->host = NULL;
	h->n_pages--;
	if (g->state == PAGE_WAITS)
		TAILQ_REMOVE(&h->line, g, link);
	if (h->was_full && h->n_pages <= PAGES_A_HOST / 2) {
		h->was_full = false;
		p->n_scans = p->n_hungry;
	}
	forget(h);
}

/* What becomes of the first page of a host */

static void
take_from_line(struct page *g)
{
	TAILQ_REMOVE(&g->host->line, g, link);
	g->state = PAGE_BEGINS;
	pages_go(g->pages, g->feed);
}

void
page_hosts_end(struct page *g, struct page_end end)
{
	take_from_line(g);
	page_end_send(g, end);
}

/*
 * This host is not to be asked yet. One whose request another host has answered
 * has spent the try, which may have been the last. Else it has not, though it
 * may be begun: the rules were known then.
 */
static struct page_end
end_here(const struct page *g, int64_t wait_s)
{
	if (g->n_hops > 0)
		return page_end_failed(g, wait_s);
	return (struct page_end){ .gives_back = g->is_begun,
		.again_s = pages_steady_s(g->pages) + wait_s };
}

/* Rules that cannot be read may be there later; the news may be old then. */
static struct page_end
end_without_rules(const struct page *g)
{
	if (pages_wall_s(g->pages) - g->seen_s >= PAGES_ROBOTS_S)
		return page_end_of(PAGE_FAILED);
	return end_here(g, PAGE_ROBOTS_RETRY_S);
}

/* µs to wait, or 0: the gate is entered. */
static int64_t
enter_gate(struct pages_host *h)
{
	struct pages *p = h->pages;
	int64_t wait_us = host_gate_enter(p->env.poll->fetch.gate, h->name,
	    pages_mono_us(p));

	return wait_us >= 0 ? wait_us : CLOCK_US_PER_S;
}

/*
 * The store knows of it before it enters the gate: a slow commit between the
 * gate and the request would bring two requests nearer than the gap. But not
 * before the gate is open: who waits there for long would lose his try with the
 * process, without ever being asked.
 */
static int64_t
start_page(struct pages_host *h, struct page *g)
{
	struct pages *p = h->pages;
	int64_t wait_us;

	if (!g->is_begun) {
		wait_us = host_gate_look(p->env.poll->fetch.gate, h->name,
		    pages_mono_us(p));
		if (wait_us > 0)
			return wait_us;
		take_from_line(g);
		h->begins = true;
		page_read_begin(g);
		return 0;
	}
	wait_us = enter_gate(h);
	if (wait_us > 0)
		return wait_us;
	take_from_line(g);
	page_read_ask(g);
	return 0;
}

void
page_hosts_begun(struct page *g, bool is_asked)
{
	struct pages_host *h = g->host;

	h->begins = false;
	if (is_asked) {
		g->state = PAGE_WAITS;
		g->is_begun = true;
		TAILQ_INSERT_HEAD(&h->line, g, link);
		pages_come(g->pages, g->feed);
	}
	set_turn(h, 0);
}

/* The table has given it to us to fetch. */
static int64_t
start_robots(struct pages_host *h, struct page *g, const char *origin)
{
	struct pages *p = h->pages;
	int64_t again_s = page_feeds_rules_at(p, g->feed), wait_us;

	if (again_s != 0) {
		robots_table_give_up(p->env.robots, origin);
		page_hosts_end(g, end_here(g, again_s - pages_steady_s(p)));
		return 0;
	}
	wait_us = enter_gate(h);
	if (wait_us > 0) {
		robots_table_give_up(p->env.robots, origin);
		return wait_us;
	}
	if (page_rules_start(g, origin) == -1)
		return NO_MEMORY_S * CLOCK_US_PER_S;
	page_feeds_count_rules(p, g->feed);
	return 0;
}

static enum robots_way
ask_rules(const struct page *g, const char *origin)
{
	struct pages *p = g->pages;

	return robots_table_ask(p->env.robots, origin,
	    page_robots_path(g->url), pages_steady_s(p), p->jobs);
}

/* What a life before knew may still hold. What this one knew, and is too old
 * now, is newer than that. */
static enum robots_way
way_of(struct pages_host *h, const struct page *g, const char *origin)
{
	enum robots_way way = ask_rules(g, origin);

	if (way != ROBOTS_FETCH || h->is_loaded ||
	    robots_table_knows(g->pages->env.robots, origin))
		return way;
	h->is_loaded = true;	/* it may come here again before the gate */
	if (!page_rules_load(g->pages, origin))
		return way;
	robots_table_give_up(g->pages->env.robots, origin);
	return ask_rules(g, origin);
}

static int64_t
by_rules(struct pages_host *h, struct page *g, const char *origin)
{
	switch (way_of(h, g, origin)) {
	case ROBOTS_ALLOWED:
		return start_page(h, g);
	case ROBOTS_FORBIDDEN:
		page_hosts_end(g, page_end_of(PAGE_ROBOTS));
		return 0;
	case ROBOTS_UNREACHABLE:
		page_hosts_end(g, end_without_rules(g));
		return 0;
	case ROBOTS_FETCH:
		return start_robots(h, g, origin);
	case ROBOTS_WAIT:
		h->awaits = true;
		break;
	}
	return 0;
}

/* As much of the clock's time, which may run faster. */
static int64_t
real_ms(const struct pages *p, int ms)
{
	return (int64_t)(ms * 1000 * p->env.poll->fetch.clock->scale);
}

/* How long the host is to be left alone then, in µs. */
static int64_t
step(struct pages_host *h, struct page *g)
{
	const struct poll_env *env = h->pages->env.poll;
	int64_t wait_us = refusal_host_wait_us(&env->fetch, env->claims,
	    h->name);
	struct buf origin;

	if (wait_us > 0 && wait_us <= PAGES_RETRY_S * CLOCK_US_PER_S)
		return wait_us;
	/* What is begun must find room for its end. */
	if (!ledger_has_room(env->ledger, 2))
		return real_ms(h->pages, ROOM_RETRY_MS);
	if (wait_us > 0) {
		page_hosts_end(g, end_here(g, wait_us / CLOCK_US_PER_S + 1));
		return 0;
	}
	if (page_feeds_conf(h->pages, g->feed) == NULL) {
		page_hosts_end(g, page_end_of(PAGE_LEFT));
		return 0;
	}
	buf_init(&origin, URL_MAX_BYTES);
	wait_us = page_robots_origin(&origin, g->url) ?
	    by_rules(h, g, buf_cstr(&origin)) : NO_MEMORY_S * CLOCK_US_PER_S;
	buf_clear(&origin);
	return wait_us;
}

/* The first that may go. */
static struct page *
next_of(struct pages_host *h)
{
	struct page *g;

	TAILQ_FOREACH(g, &h->line, link)
		if (g->feed->n_active < PAGES_A_FEED)
			break;
	return g;
}

void
page_hosts_turn(struct pages *p)
{
	while (p->n_active < PAGES_IN_FLIGHT) {
		struct schedule_entry *e = schedule_pop_due(p->due_hosts,
		    pages_mono_us(p));
		struct pages_host *h = (struct pages_host *)(void *)e;
		struct page *g;

		if (e == NULL)
			return;
		g = next_of(h);
		h->is_held_up = g == NULL;
		if (g != NULL)
			set_turn(h, step(h, g));
	}
}

void
page_hosts_release(struct pages *p)
{
	struct pages_host *h, *next;

	HASH_ITER(hh, p->hosts, h, next)
		if (h->is_held_up) {
			h->is_held_up = false;
			set_turn(h, 0);
		}
}

/* robots.txt */

void
page_hosts_resume(struct pages_host *h, int64_t wait_us)
{
	struct pages *p = h->pages;

	h->robots = NULL;
	h->is_loaded = false;
	pages_come(p, h->robots_for);
	set_turn(h, wait_us);
	forget(h);
	pages_look(p);
	p->on_idle(p->ctx);
}

void
page_hosts_on_wake(struct pages *p)
{
	struct pages_host *h, *next;

	HASH_ITER(hh, p->hosts, h, next)
		if (h->awaits) {
			h->awaits = false;
			set_turn(h, 0);
		}
}

void
page_hosts_free(struct pages *p)
{
	struct pages_host *h, *next;

	HASH_ITER(hh, p->hosts, h, next) {
		if (h->robots == NULL)
			continue;
		page_rules_cancel(h->robots);
		h->robots = NULL;
		pages_come(p, h->robots_for);
		forget(h);
	}
}
