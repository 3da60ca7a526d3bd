/* SPDX-License-Identifier: ISC */
/* How a page's way ends, or is put off, and the jobs that say so. */
#include "daemon/pages_private.h"

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

struct page_end
page_end_put_off(const struct page *g, int64_t wait_s)
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
	return page_end_put_off(g,
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
		return page_end_put_off(g, PAGES_RETRY_S);
	return page_end_of(PAGE_PRIVATE);
}

void
page_end_post(struct page *g, int (*write)(struct ledger_job *, struct db *,
    struct err *))
{
	g->job = (struct ledger_job){ .write = write,
		.reply = g->pages->jobs, .rows = 4 };
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
	log_debug("page", LOG_S("feed", g->feed->url), LOG_S("url", g->url),
	    LOG_S("outcome", end.again_s != 0 ? "later" :
	    page_outcome_word(end.outcome)));
	page_end_post(g, end_write);
}

/* On the ledger's thread, inside the transaction. */
static int
end_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct page *g = (struct page *)job;

	if (g->end.again_s != 0)
		return page_store_put_off(db, g->id, g->end.again_s, err);
	if (g->batch != NULL &&
	    g->batch->job.write(&g->batch->job, db, err) == -1)
		return -1;
	return page_store_end(db, g->id, g->end.outcome, g->steady_s, err);
}

/* The row stays as it was. */
void
page_end_refused(struct page *g)
{
	log_error("page_not_stored", LOG_S("feed", g->feed->url),
	    LOG_S("url", g->url), LOG_S("why", g->job.err.msg));
	counters_add(&g->pages->env.poll->counters->commits_refused, 1);
	page_feeds_look_at(g->pages, g->feed,
	    pages_steady_s(g->pages) + REFUSED_S);
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
			counters_add(&counters->alerts_raised,
			    g->batch->raised);
	}
	batch_free(g->batch);
	g->batch = NULL;
	pages_let_go(g);
}
