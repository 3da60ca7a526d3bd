/* SPDX-License-Identifier: ISC */
/*
 * What a host has said: its refusals and its rules. The request for an origin's
 * robots.txt (RFC 9309, 2.3), with the rights of
 * the page that needs it. What has come is the table's to understand; what says
 * nothing of the origin, but something of us or of the feed that led there, is
 * not told to it.
 */
#include "daemon/pages_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/http.h"
#include "base/log.h"
#include "base/robots.h"
#include "base/url.h"
#include "daemon/conf.h"
#include "daemon/refusal.h"
#include "daemon/robots_table.h"
#include "feeds/robots_store.h"

enum { HELD_S = 300, REDIRECTION = 300, CLIENT_ERROR = 400,
    TOO_MANY_REQUESTS = 429, SERVER_ERROR = 500 };

struct page_rules_fetch {
	struct pages		*pages;
	struct pages_host	*host;
	struct fetch		*fetch;
	int64_t			 page_id;	/* whose rights they are */
	struct buf		 body;
	bool			 unwelcome;	/* where it redirects to */
	char			 origin[];
};

void
page_rules_obey(struct pages *p, int status, const struct http_meta *meta,
    const char *url)
{
	int64_t said_s = http_meta_retry_s(meta, pages_wall_s(p),
	    SCHEDULE_SAID_MOST_S);

	if (status == TOO_MANY_REQUESTS)
		refusal_close_host(&p->env.poll->fetch, p->env.poll->claims,
		    url, said_s > 0 ? said_s : SCHEDULE_TOLD_OFF_S);
}

static bool
is_unwelcome(const struct pages *p, const char *url)
{
	char host[URL_MAX_BYTES];
	struct err err;

	return fetch_host_of(url, host, sizeof(host), &err) == 0 &&
	    refusal_host_wait_us(&p->env.poll->fetch, p->env.poll->claims,
	    host) > 0;
}

static int
on_open(const struct http_meta *meta, const char *url, void *ctx)
{
	(void)meta;
	(void)url;
	(void)ctx;
	return 0;
}

/* One byte more than is read tells that there is more. */
static int
on_body(const char *p, size_t n, void *ctx)
{
	struct page_rules_fetch *r = ctx;
	size_t room = ROBOTS_MAX + 1 - r->body.n;

	buf_add(&r->body, p, n < room ? n : room);
	return n >= room || r->body.failed;
}

static void
on_answer(int status, const struct http_meta *meta, const char *url,
    void *ctx)
{
	struct page_rules_fetch *r = ctx;

	page_rules_obey(r->pages, status, meta, url);
}

static enum fetch_way
on_redirect(const char *url, void *ctx)
{
	struct page_rules_fetch *r = ctx;

	r->unwelcome = is_unwelcome(r->pages, url);
	return r->unwelcome ? FETCH_UNWELCOME : FETCH_FOLLOW;
}

/* Of the last hop, as the table wants it; a body cut short is no answer. */
static int
status_of(const struct fetch_result *res)
{
	switch (res->outcome) {
	case FETCH_FRESH:
	case FETCH_STOPPED:
	case FETCH_NOT_MODIFIED:
	case FETCH_GONE:
	case FETCH_TOLD_OFF:
	case FETCH_REFUSED:
		return res->status;
	case FETCH_FAILED:
		/* One redirect too many. */
		return res->status >= REDIRECTION &&
		    res->status < CLIENT_ERROR ? res->status : 0;
	case FETCH_LEFT:
	case FETCH_HELD:
		break;
	}
	return 0;
}

/* The feed may not ask there; another one may. */
static bool
is_private(const struct fetch_result *res)
{
	return res->outcome == FETCH_FAILED && res->n_hops == 1 &&
	    strcmp(res->word, http_end_word(HTTP_END_PRIVATE)) == 0;
}

static void
end_private(const struct page_rules_fetch *r)
{
	struct page *g;

	HASH_FIND(hh, r->pages->by_id, &r->page_id, sizeof(r->page_id), g);
	if (g != NULL && g->state == PAGE_WAITS)
		page_hosts_end(g, page_end_private(g));
}

/* To the store */

struct keeping {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct pages		*pages;
	struct buf		 saved;
	bool			 is_saved;	/* else it is too large */
	int64_t			 now_s;
	char			 origin[];
};

/* On the ledger's thread, inside the transaction. */
static int
keeping_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct keeping *k = (struct keeping *)job;

	if (!k->is_saved)
		return robots_store_drop(db, k->origin, err);
	return robots_store_put(db, k->origin, buf_str(&k->saved), k->now_s,
	    err);
}

static void
free_keeping(struct keeping *k)
{
	buf_clear(&k->saved);
	free(k);
}

/* What is not kept, whyever, is asked for anew after a restart: what was kept
 * before is older, and goes. */
static void
keep(struct pages *p, const char *origin)
{
	size_t n = strlen(origin) + 1;
	struct keeping *k = calloc(1, sizeof(*k) + n);

	if (k == NULL)
		return;
	memcpy(k->origin, origin, n);
	buf_init(&k->saved, ROBOTS_STORE_BYTES);
	k->is_saved = robots_table_save(p->env.robots, origin, &k->saved);
	k->pages = p;
	k->now_s = pages_steady_s(p);
	k->job = (struct ledger_job){ .write = keeping_write,
		.reply = p->jobs, .rows = 1, .patient = true };
	p->n_keeping++;
	ledger_post(p->env.poll->ledger, &k->job);
}

bool
page_rules_acknowledge(struct mail *m)
{
	struct ledger_job *job = (struct ledger_job *)(void *)m;
	struct keeping *k;
	struct pages *p;

	if (job->write != keeping_write)
		return false;
	k = (struct keeping *)job;
	p = k->pages;
	if (!job->committed)
		log_warn("robots_not_kept", LOG_S("origin", k->origin),
		    LOG_S("why", job->err.msg));
	free_keeping(k);
	p->n_keeping--;
	p->on_idle(p->ctx);
	return true;
}

bool
page_rules_load(struct pages *p, const char *origin)
{
	struct buf saved;
	struct err err;
	bool found;

	buf_init(&saved, ROBOTS_STORE_BYTES);
	if (robots_store_find(p->env.poll->reader, origin, &saved,
	    &err) == -1)
		log_error("robots_not_read", LOG_S("origin", origin),
		    LOG_S("why", err.msg));
	found = saved.n > 0 && robots_table_load(p->env.robots, origin,
	    buf_str(&saved)) == 0;
	buf_clear(&saved);
	return found;
}

/* The end */

static void
dispose(struct page_rules_fetch *r)
{
	buf_clear(&r->body);
	free(r);
}

/* See page_robots_got: pages of the origin wait for rules then. */
static void
tell_of_unreachable(const struct page_rules_fetch *r,
    const struct fetch_result *res)
{
	int status = status_of(res);

	if (status == 0 || status == TOO_MANY_REQUESTS ||
	    status >= SERVER_ERROR)
		log_info("robots_unreachable", LOG_S("origin", r->origin),
		    LOG_S("why", res->word), LOG_S("message", res->message));
}

/* µs until the host is looked at again. */
static int64_t
settle(struct page_rules_fetch *r, const struct fetch_result *res)
{
	struct robots_table *table = r->pages->env.robots;
	bool is_held = res->outcome == FETCH_HELD && !r->unwelcome;

	log_debug("robots", LOG_S("origin", r->origin),
	    LOG_S("word", res->word), LOG_I("status", res->status),
	    LOG_I("bytes", (int64_t)r->body.n));
	if (is_private(res) || is_held || r->body.failed) {
		robots_table_give_up(table, r->origin);
		return is_private(res) ? 0 : HELD_S * CLOCK_US_PER_S;
	}
	if (robots_table_got(table, r->origin, status_of(res),
	    buf_str(&r->body), pages_steady_s(r->pages)) == -1)
		return HELD_S * CLOCK_US_PER_S;
	tell_of_unreachable(r, res);
	keep(r->pages, r->origin);
	return 0;
}

/* Worker's loop: robots.txt is over, however. */
static void
on_end(const struct fetch_result *res, void *ctx)
{
	struct page_rules_fetch *r = ctx;
	struct pages_host *host = r->host;
	int64_t wait_us = settle(r, res);

	if (is_private(res))
		end_private(r);
	dispose(r);
	page_hosts_resume(host, wait_us);
}

static const struct fetch_ops ops = { .on_open = on_open,
	.on_body = on_body, .on_answer = on_answer,
	.on_redirect = on_redirect, .on_end = on_end };

static int
start_fetch(struct page_rules_fetch *r, const struct page *g,
    struct err *err)
{
	const struct pages *p = r->pages;
	struct fetch_request request = {
		.accept = "Accept: text/plain, */*;q=0.5" };
	char agent[512], url[URL_MAX_BYTES];

	snprintf(url, sizeof(url), "%s/robots.txt", r->origin);
	page_read_fill_request(g, agent, sizeof(agent), &request);
	request.url = url;
	r->fetch = fetch_start(&p->env.poll->fetch, &request, &ops, r, err);
	return r->fetch != NULL ? 0 : -1;
}

static struct page_rules_fetch *
new_fetch(struct page *g, const char *origin)
{
	size_t n = strlen(origin) + 1;
	struct page_rules_fetch *r = calloc(1, sizeof(*r) + n);

	if (r == NULL) {
		fetch_leave_gate(&g->pages->env.poll->fetch, g->url);
		return NULL;
	}
	memcpy(r->origin, origin, n);
	r->pages = g->pages;
	r->host = g->host;
	r->page_id = g->id;
	buf_init(&r->body, ROBOTS_MAX + 1);
	return r;
}

int
page_rules_start(struct page *g, const char *origin)
{
	struct page_rules_fetch *r = new_fetch(g, origin);
	struct err err;

	if (r != NULL && start_fetch(r, g, &err) == 0) {
		g->host->robots = r;
		g->host->robots_for = g->feed;
		pages_go(g->pages, g->feed);
		return 0;
	}
	log_error("robots_not_asked", LOG_S("origin", origin),
	    LOG_S("why", r != NULL ? err.msg : "out of memory"));
	if (r != NULL)
		dispose(r);
	robots_table_give_up(g->pages->env.robots, origin);
	return -1;
}

void
page_rules_cancel(struct page_rules_fetch *r)
{
	fetch_cancel(r->fetch);
	robots_table_give_up(r->pages->env.robots, r->origin);
	dispose(r);
}
