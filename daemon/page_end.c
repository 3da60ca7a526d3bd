/* SPDX-License-Identifier: ISC */
/* How a page's way ends, or is put off, and the jobs that say so. */
#include "daemon/pages_private.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "daemon/counters.h"
#include "daemon/led_poll.h"

enum { REFUSED_S = 60 };	/* until it is tried again */

static int	end_write(struct ledger_job *, struct db *, struct err *);

struct page_end
page_end_of(enum page_outcome outcome)
{
	return (struct page_end){ .outcome = outcome };
}

static struct page_end
put_off(const struct page *g, int64_t wait_s)
{
	return (struct page_end){
		.again_s = pages_steady_s(g->pages) + wait_s };
}

/* Once more, if it was the first time. */
struct page_end
page_end_failed(const struct page *g, int64_t said_s)
{
	if (g->tries >= PAGE_TRIES)
		return page_end_of(PAGE_FAILED);
	return put_off(g,
	    said_s > PAGES_RETRY_S ? said_s : PAGES_RETRY_S);
}

/* At its own host a feed may be near, which nobody knows until its document is
 * read in this life of the process. */
struct page_end
page_end_private(const struct page *g)
{
	const struct conf_feed *c = page_feeds_conf(g->pages, g->feed);

	if (c != NULL && !g->feed->near && g->tries < PAGE_TRIES &&
	    pages_wall_s(g->pages) - g->seen_s < PAGES_ROBOTS_S &&
	    led_poll_is_at_own_host(c, g->url))
		return put_off(g, PAGES_RETRY_S);
	return page_end_of(PAGE_PRIVATE);
}

static void
end_undone(struct ledger_job *job)
{
	struct page *g = (struct page *)job;

	if (g->batch != NULL)
		g->batch->job.on_undone(&g->batch->job);
}

void
page_end_post(struct page *g, int (*write)(struct ledger_job *, struct db *,
    struct err *))
{
	g->job = (struct ledger_job){ .write = write,
		.on_undone = end_undone, .reply = g->pages->jobs, .rows = 4 };
	g->steady_s = pages_steady_s(g->pages);
	if (g->batch != NULL) {
		g->job.has_alerts = g->batch->job.has_alerts;
		g->job.rows += g->batch->job.rows;
	}
	ledger_post(g->pages->env.poll->ledger, &g->job);
}

void
page_end_send(struct page *g, struct page_end end)
{
	buf_clear(&g->body);
	g->state = PAGE_ENDS;
	g->end = end;
	log_debug("page", LOG_U("feed", g->feed->url), LOG_U("url", g->url),
	    LOG_S("outcome", end.again_s != 0 ? "later" :
	    page_outcome_word(end.outcome)));
	page_end_post(g, end_write);
}

/* On the ledger's thread, inside the transaction. */
static int
end_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct page *g = (struct page *)job;
	bool tried = g->is_begun && !g->end.gives_back;

	if (g->end.gives_back &&
	    page_store_take_back(db, g->id, g->began_s, err) == -1)
		return -1;
	if (g->end.again_s != 0)
		return page_store_put_off(db, g->id, g->end.again_s, tried,
		    err);
	if (g->text.n > 0 && page_store_keep_text(db, g->id,
	    buf_str(&g->text), err) == -1)
		return -1;
	if (g->is_named && page_store_name(db, g->id, str_from(g->base_url),
	    err) == -1)
		return -1;
	if (g->batch != NULL &&
	    g->batch->job.write(&g->batch->job, db, err) == -1)
		return -1;
	return page_store_end(db, g->id, g->end.outcome, g->steady_s, err);
}

/* The row stays as it was. */
void
page_end_refused(struct page *g)
{
	log_error("page_not_stored", LOG_U("feed", g->feed->url),
	    LOG_U("url", g->url), LOG_S("why", g->job.err.msg));
	counters_add(&g->pages->env.poll->counters->commits_refused, 1);
	page_feeds_look_at(g->pages, g->feed,
	    pages_steady_s(g->pages) + REFUSED_S);
}

static void
count_alerts(struct counters *counters, const struct batch *b)
{
	counters_add(&counters->alerts_raised, b->raised);
	counters_add(&counters->alerts_held, b->held);
}

void
page_end_acknowledge(struct page *g)
{
	struct counters *counters = g->pages->env.poll->counters;

	if (!g->job.committed)
		page_end_refused(g);
	else if (g->end.again_s != 0)
		page_feeds_look_at(g->pages, g->feed, g->end.again_s);
	else {
		counters_add(&counters->pages_ended, 1);
		counters_add(&counters->pages_read,
		    g->end.outcome == PAGE_READ);
		if (g->batch != NULL)
			count_alerts(counters, g->batch);
	}
	batch_free(g->batch);
	g->batch = NULL;
	pages_let_go(g);
}

/* Tries back */

struct giving_back {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct pages		*pages;
	size_t			 n;
	struct begun {
		int64_t	id, at_s;
	}			 list[];
};

/* On the ledger's thread, inside the transaction. */
static int
give_back_write(struct ledger_job *job, struct db *db, struct err *err)
{
	const struct giving_back *b = (const struct giving_back *)job;

	for (size_t i = 0; i < b->n; i++)
		if (page_store_take_back(db, b->list[i].id,
		    b->list[i].at_s, err) == -1)
			return -1;
	return 0;
}

/* Without memory for it those tries are lost. */
static struct giving_back *
new_giving_back(struct pages *p, size_t most)
{
	struct giving_back *b = calloc(1, sizeof(*b) +
	    most * sizeof(b->list[0]));

	if (b == NULL)
		return NULL;
	b->pages = p;
	b->job = (struct ledger_job){ .write = give_back_write,
		.reply = p->jobs };
	return b;
}

static void
note_begun(struct giving_back *b, const struct page *g)
{
	b->list[b->n++] = (struct begun){ g->id, g->began_s };
	b->job.rows += 3;
}

static void
post_giving_back(struct giving_back *b)
{
	b->pages->n_keeping++;
	ledger_post(b->pages->env.poll->ledger, &b->job);
}

void
page_end_give_back(struct page *g)
{
	struct giving_back *b = new_giving_back(g->pages, 1);

	if (b == NULL)
		return;
	note_begun(b, g);
	post_giving_back(b);
}

static bool
is_begun_only(const struct page *g)
{
	return g->state == PAGE_WAITS && g->is_begun && g->n_hops == 0;
}

void
page_end_give_all_back(struct pages *p)
{
	struct giving_back *b;
	struct page *g, *next;
	size_t n = 0;

	HASH_ITER(hh, p->by_id, g, next)
		n += is_begun_only(g);
	if (n == 0 || (b = new_giving_back(p, n)) == NULL)
		return;
	HASH_ITER(hh, p->by_id, g, next)
		if (is_begun_only(g))
			note_begun(b, g);
	post_giving_back(b);
}

bool
page_end_acknowledge_back(struct mail *m)
{
	struct ledger_job *job = (struct ledger_job *)(void *)m;
	struct pages *p;

	if (job->write != give_back_write)
		return false;
	p = ((struct giving_back *)job)->pages;
	if (!job->committed)
		log_warn("page_tries_not_given_back",
		    LOG_S("why", job->err.msg));
	free(job);
	p->n_keeping--;
	p->on_idle(p->ctx);
	return true;
}
