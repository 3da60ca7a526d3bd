/* SPDX-License-Identifier: ISC */
/*
 * One page, from its turn to its end:
 *
 *	start -> job (begun) -> request -> extraction -> judged -> job (ended)
 *	           |              |  \
 *	           |              |   a redirect to another origin: into the
 *	           |              |   line of that host, begun as it is
 *	           +- known ------+-- no article: ended
 *
 * A page that is in flight has one thing under way, whose end calls back here.
 */
#include "daemon/pages_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/http.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/url.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/led_poll.h"
#include "daemon/refusal.h"
#include "daemon/robots_table.h"
#include "feeds/article.h"
#include "feeds/file_magic.h"
#include "feeds/item_store.h"
#include "feeds/page_robots.h"

enum {
	MAX_HOPS = 5,
	AGAIN_S = 60,		/* what another one is about to know, or the
				 * store has refused */
	TOO_MANY_REQUESTS = 429
};

static int	begin_write(struct ledger_job *, struct db *, struct err *);
static int	end_write(struct ledger_job *, struct db *, struct err *);

static int64_t
now_s(const struct page *g)
{
	return pages_steady_s(g->pages);
}

static int64_t
wall_s(const struct page *g)
{
	return clock_wall_us(g->pages->env.poll->fetch.clock) /
	    CLOCK_US_PER_S;
}

static void
leave_gate(struct page *g)
{
	if (g->in_gate)
		fetch_leave_gate(&g->pages->env.poll->fetch, g->url);
	g->in_gate = false;
}

/* Manners */

void
page_read_obey(struct pages *p, int status, const struct http_meta *meta,
    const char *url)
{
	int64_t wall = clock_wall_us(p->env.poll->fetch.clock) /
	    CLOCK_US_PER_S;
	int64_t said_s = http_meta_retry_s(meta, wall,
	    SCHEDULE_SAID_MOST_S);

	if (status == TOO_MANY_REQUESTS)
		refusal_close_host(&p->env.poll->fetch, p->env.poll->claims,
		    url, said_s > 0 ? said_s : SCHEDULE_TOLD_OFF_S);
}

bool
page_read_is_unwelcome(const struct pages *p, const char *url)
{
	char host[URL_MAX_BYTES];
	struct err err;

	return fetch_host_of(url, host, sizeof(host), &err) == 0 &&
	    refusal_host_wait_us(&p->env.poll->fetch, p->env.poll->claims,
	    host) > 0;
}

/* Ends */

static struct page_end
ended(enum page_outcome outcome)
{
	return (struct page_end){ .outcome = outcome };
}

static struct page_end
put_off(const struct page *g, int64_t wait_s)
{
	return (struct page_end){ .again_s = now_s(g) + wait_s };
}

/* Once more, if it was the first time. */
static struct page_end
failed(const struct page *g, int64_t said_s)
{
	if (g->tries >= PAGE_TRIES)
		return ended(PAGE_FAILED);
	return put_off(g, said_s > PAGES_RETRY_S ? said_s : PAGES_RETRY_S);
}

/* At its own host a feed may be near, which nobody knows until its document is
 * read in this life of the process. */
struct page_end
page_read_private_end(const struct page *g)
{
	const struct conf_feed *c = pages_conf_feed(g->pages, g->feed);

	if (c != NULL && !g->feed->near && g->tries < PAGE_TRIES &&
	    wall_s(g) - g->seen_s < PAGES_ROBOTS_S &&
	    led_poll_is_at_own_host(c, g->url))
		return put_off(g, PAGES_RETRY_S);
	return ended(PAGE_PRIVATE);
}

static void
post(struct page *g, int (*write)(struct ledger_job *, struct db *,
    struct err *))
{
	g->job = (struct ledger_job){ .write = write,
		.reply = g->pages->jobs, .rows = 4 };
	g->steady_s = now_s(g);
	if (g->batch != NULL) {
		g->job.has_alerts = g->batch->job.has_alerts;
		g->job.rows += g->batch->job.rows;
	}
	ledger_post(g->pages->env.poll->ledger, &g->job);
}

void
page_read_end(struct page *g, struct page_end end)
{
	leave_gate(g);
	buf_clear(&g->body);
	g->state = PAGE_ENDS;
	g->end = end;
	log_debug("page", LOG_S("feed", g->feed->url), LOG_S("url", g->url),
	    LOG_S("outcome", end.again_s != 0 ? "later" :
	    page_outcome_word(end.outcome)));
	post(g, end_write);
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
static void
refused(struct page *g)
{
	log_error("page_not_stored", LOG_S("feed", g->feed->url),
	    LOG_S("url", g->url), LOG_S("why", g->job.err.msg));
	counters_add(&g->pages->env.poll->counters->commits_refused, 1);
	leave_gate(g);
	pages_look_at_feed(g->pages, g->feed, now_s(g) + AGAIN_S);
}

static void
has_ended(struct page *g)
{
	struct counters *counters = g->pages->env.poll->counters;

	if (!g->job.committed)
		refused(g);
	else if (g->end.again_s != 0)
		pages_look_at_feed(g->pages, g->feed, g->end.again_s);
	else {
		counters_add(&counters->pages, 1);
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

/* Text */

/* What the item is with this text. */
static void
judge(struct page *g, struct str text, const struct page_meta_said *said)
{
	enum page_outcome outcome;
	struct err err;

	if (page_judge(g, text, said, &outcome, &err) == -1) {
		log_error("page_not_judged", LOG_S("feed", g->feed->url),
		    LOG_S("url", g->url), LOG_S("why", err.msg));
		outcome = PAGE_FAILED;
	}
	page_read_end(g, ended(outcome));
}

static enum page_outcome
outcome_of_barrier(enum article_barrier barrier)
{
	switch (barrier) {
	case ARTICLE_CONSENT:
		return PAGE_CONSENT;
	case ARTICLE_PAYWALL:
		return PAGE_PAYWALL;
	case ARTICLE_BOT_WALL:
		return PAGE_BOT_WALL;
	case ARTICLE_OPEN:
		break;
	}
	return PAGE_NO_ARTICLE;
}

void
page_read_extracted(struct page *g)
{
	struct article *article = g->extraction.article;
	const struct article_found *found = g->extraction.found;

	if (article == NULL) {
		log_error("page_not_judged", LOG_S("feed", g->feed->url),
		    LOG_S("url", g->url), LOG_S("why", "out of memory"));
		page_read_end(g, ended(PAGE_FAILED));
	} else if (found->barrier != ARTICLE_OPEN || found->text.n == 0)
		page_read_end(g, ended(outcome_of_barrier(found->barrier)));
	else
		judge(g, found->text, found->said);
	article_free(article);
}

static void
extract(struct page *g)
{
	g->state = PAGE_EXTRACTED;
	g->extraction = (struct extraction){
		.reply = g->pages->extracted,
		.base_url = str_from(g->base_url),
		.page = buf_str(&g->body),
		.content_type = str_from(g->content_type),
	};
	extractor_post(g->pages->env.extractor, &g->extraction);
}

/* The answer */

/* Without a type the bytes tell. */
static bool
is_html(const char *content_type)
{
	static const char *const types[] = { "text/html",
		"application/xhtml+xml" };
	struct str type = str_from(content_type);
	size_t n = 0;

	while (n < type.n && type.p[n] != ';' && type.p[n] != ' ')
		n++;
	type = str_sub(type, 0, n);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq_nocase(type, str_from(types[i])))
			return true;
	return type.n == 0;
}

static int
stop(struct page *g, enum page_outcome outcome)
{
	g->is_judged = true;
	g->end = ended(outcome);
	return -1;
}

/* Heap; NULL stays NULL. -1: memory is out. */
static int
keep(char **to, const char *text)
{
	free(*to);
	*to = text != NULL ? strdup(text) : NULL;
	return text == NULL || *to != NULL ? 0 : -1;
}

static int
page_on_open(const struct http_meta *meta, const char *url, void *ctx)
{
	struct page *g = ctx;

	if (!is_html(meta->content_type))
		return stop(g, PAGE_NOT_HTML);
	buf_clear(&g->body);
	buf_init(&g->body, ARTICLE_PAGE_MAX);
	return keep(&g->base_url, url) == 0 &&
	    keep(&g->content_type, meta->content_type) == 0 ? 0 : -1;
}

static int
page_on_body(const char *p, size_t n, void *ctx)
{
	struct page *g = ctx;
	size_t before = g->body.n, room = ARTICLE_PAGE_MAX - before;

	g->is_cut = n > room;
	buf_add(&g->body, p, g->is_cut ? room : n);
	if (g->body.failed || g->is_cut)
		return -1;
	if (before < FILE_MAGIC_BYTES && g->body.n >= FILE_MAGIC_BYTES &&
	    file_magic_name(buf_str(&g->body)) != NULL)
		return stop(g, PAGE_NOT_HTML);
	return 0;
}

static void
page_on_answer(int status, const struct http_meta *meta, const char *url,
    void *ctx)
{
	struct page *g = ctx;

	page_read_obey(g->pages, status, meta, url);
}

/* A redirect within the origin, whose rules are known. */
static enum fetch_way
way_by_rules(struct page *g, const char *origin, const char *url)
{
	struct pages *p = g->pages;

	switch (robots_table_ask(p->env.robots, origin,
	    page_robots_path(url), now_s(g), p->jobs)) {
	case ROBOTS_FORBIDDEN:
		(void)stop(g, PAGE_ROBOTS);	/* on_end ends it */
		return FETCH_LEAVE;
	case ROBOTS_UNREACHABLE:
		(void)stop(g, PAGE_FAILED);
		return FETCH_LEAVE;
	case ROBOTS_FETCH:	/* they were known a moment ago */
		robots_table_give_up(p->env.robots, origin);
		break;
	case ROBOTS_ALLOWED:
	case ROBOTS_WAIT:
		break;
	}
	return FETCH_FOLLOW;
}

/* Worker's loop. Another origin has rules, a gate and a line of its own. */
static enum fetch_way
page_on_redirect(const char *url, void *ctx)
{
	enum fetch_way way = FETCH_LEAVE;
	struct page *g = ctx;
	struct buf from, to;

	if (page_read_is_unwelcome(g->pages, url))
		return FETCH_UNWELCOME;
	buf_init(&from, URL_MAX_BYTES);
	buf_init(&to, URL_MAX_BYTES);
	if (!page_robots_origin(&from, g->url) ||
	    !page_robots_origin(&to, url))
		(void)stop(g, PAGE_FAILED);	/* on_end ends it */
	else if (str_eq(buf_str(&from), buf_str(&to)))
		way = way_by_rules(g, buf_cstr(&to), url);
	else if (keep(&g->next_url, url) == -1)
		(void)stop(g, PAGE_FAILED);
	buf_clear(&from);
	buf_clear(&to);
	return way;
}

/* It has led to another origin: its turn comes there. */
static void
move(struct page *g, const struct fetch_result *res)
{
	struct pages *p = g->pages;

	g->n_hops += (unsigned)res->n_hops;
	if (g->n_hops > MAX_HOPS) {
		page_read_end(g, ended(PAGE_FAILED));
		return;
	}
	if (p->draining) {
		pages_let_go(g);
		return;
	}
	page_hosts_remove(g);
	free(g->url);
	g->url = g->next_url;
	g->next_url = NULL;
	if (!page_hosts_add(g, true)) {
		page_read_end(g, ended(PAGE_FAILED));
		return;
	}
	p->n_active--;
	pages_look(p);
}

static struct page_end
end_of_status(const struct page *g, const struct fetch_result *res)
{
	int64_t said_s = http_meta_retry_s(res->meta, wall_s(g),
	    SCHEDULE_SAID_MOST_S);

	if (res->meta->is_wall)
		return ended(PAGE_BOT_WALL);
	switch (res->status) {
	case 401:
	case 403:
	case 451:
		return ended(PAGE_REFUSED);
	case 404:
	case 410:
		return ended(PAGE_GONE);
	case TOO_MANY_REQUESTS:
		return failed(g, said_s);
	default:
		return res->status >= 500 ? failed(g, said_s) :
		    ended(PAGE_FAILED);
	}
}

/* Where it was no whole answer: redirects lead nowhere the next time, too. */
static struct page_end
end_of_failure(const struct page *g, const struct fetch_result *res)
{
	if (strcmp(res->word, http_end_word(HTTP_END_PRIVATE)) == 0)
		return page_read_private_end(g);
	if (str_starts(str_from(res->word), STR("redirect_")))
		return ended(PAGE_FAILED);
	return failed(g, 0);
}

/* Worker's loop: the request is over, however. */
static void
page_on_end(const struct fetch_result *res, void *ctx)
{
	struct page *g = ctx;

	g->fetch = NULL;
	switch (res->outcome) {
	case FETCH_FRESH:
		extract(g);
		return;
	case FETCH_STOPPED:
		if (g->is_cut)
			extract(g);
		else
			page_read_end(g, g->is_judged ? g->end :
			    failed(g, 0));
		return;
	case FETCH_LEFT:
		if (g->is_judged)
			page_read_end(g, g->end);
		else
			move(g, res);
		return;
	case FETCH_NOT_MODIFIED:
	case FETCH_GONE:
	case FETCH_TOLD_OFF:
	case FETCH_REFUSED:
		page_read_end(g, end_of_status(g, res));
		return;
	case FETCH_HELD:
		page_read_end(g, failed(g, 0));
		return;
	case FETCH_FAILED:
		page_read_end(g, end_of_failure(g, res));
		return;
	}
}

static const struct fetch_ops fetch_ops = { .on_open = page_on_open,
	.on_body = page_on_body, .on_answer = page_on_answer,
	.on_redirect = page_on_redirect, .on_end = page_on_end };

/* The question */

void
page_read_fill_request(const struct page *g, char *agent, size_t size,
    struct fetch_request *r)
{
	const struct pages *p = g->pages;
	const struct conf *conf = p->env.poll->conf;
	const struct conf_feed *c = pages_conf_feed(p, g->feed);

	poll_user_agent(conf, agent, size);
	r->own_url = g->feed->url;
	r->own_near = g->feed->near;
	r->proxy = c != NULL ? c->set->proxy : NULL;
	r->user_agent = agent;
	r->timeout_ms = conf->poll.timeout_s * 1000;
	r->max_body_bytes = 0;		/* on_body stops */
}

/* The gate is entered; a user in the link is the document's, not ours. */
static void
ask(struct page *g)
{
	struct fetch_request request = { .accept =
		"Accept: text/html, application/xhtml+xml, */*;q=0.5" };
	char agent[512];
	struct buf url;
	struct err err;

	buf_init(&url, URL_MAX_BYTES);
	url_redact(&url, g->url);
	page_read_fill_request(g, agent, sizeof(agent), &request);
	request.url = buf_cstr(&url);
	g->state = PAGE_ASKED;
	g->in_gate = false;		/* the fetch leaves it */
	g->is_cut = g->is_judged = false;
	g->fetch = fetch_start(&g->pages->env.poll->fetch, &request,
	    &fetch_ops, g, &err);
	buf_clear(&url);
	if (g->fetch == NULL) {
		log_error("page_not_asked", LOG_S("feed", g->feed->url),
		    LOG_S("url", g->url), LOG_S("why", err.msg));
		page_read_end(g, failed(g, 0));
	}
}

/* Whose claim is it? */

/* On the ledger's thread, inside the transaction. */
static int
begin_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct page *g = (struct page *)job;

	return page_store_begin(db, g->id, g->limit, g->steady_s, &g->begun,
	    err);
}

void
page_read_start(struct page *g)
{
	const struct conf_feed *c = pages_conf_feed(g->pages, g->feed);

	if (g->is_begun) {
		ask(g);
		return;
	}
	g->limit = c != NULL ? c->set->page_limit : 0;
	post(g, begin_write);
}

static void
take_text(const struct item_text_row *row, void *ctx)
{
	struct buf *text = ctx;

	buf_add_str(text, row->text);
}

/* Another item has led to this page: its text is kept under that. */
static void
read_known(struct page *g)
{
	struct err err;
	struct buf text;

	buf_init(&text, ARTICLE_PAGE_MAX);
	if (item_store_find_row(g->pages->env.poll->reader,
	    g->begun.from_feed, g->begun.from_hash, take_text, &text,
	    &err) == -1) {
		log_error("page_not_judged", LOG_S("feed", g->feed->url),
		    LOG_S("url", g->url), LOG_S("why", err.msg));
		page_read_end(g, ended(PAGE_FAILED));
	} else if (text.n == 0)
		page_read_end(g, ended(PAGE_NO_ARTICLE));
	else
		judge(g, buf_str(&text), NULL);
	buf_clear(&text);
}

static void
has_begun(struct page *g)
{
	struct pages *p = g->pages;

	switch (g->begun.way) {
	case PAGE_ASK:
		g->tries++;
		g->is_begun = true;
		ask(g);
		return;
	case PAGE_KNOWN:
		leave_gate(g);
		if (g->begun.from_waits)
			page_read_end(g, put_off(g, AGAIN_S));
		else
			read_known(g);
		return;
	case PAGE_OVER_LIMIT:
		leave_gate(g);
		pages_close_feed(p, g->feed, g->begun.again_s);
		pages_let_go(g);
		return;
	case PAGE_TRIED:
		page_read_end(g, ended(PAGE_FAILED));
		return;
	}
}

void
page_read_acknowledge(struct page *g)
{
	if (g->state == PAGE_ENDS)
		has_ended(g);
	else if (!g->job.committed) {
		refused(g);
		pages_let_go(g);
	} else if (g->cancelled) {
		leave_gate(g);
		pages_let_go(g);
	} else
		has_begun(g);
}

void
page_read_cancel(struct page *g)
{
	if (g->state == PAGE_BEGINS)
		g->cancelled = true;
	if (g->state != PAGE_ASKED)
		return;
	fetch_cancel(g->fetch);
	g->fetch = NULL;
	pages_let_go(g);
}
