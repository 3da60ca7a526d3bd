/* SPDX-License-Identifier: ISC */
/*
 * One page, from its turn to its end:
 *
 *	start -> job (begun) -> request -> extraction -> judged -> job (ended)
 *	           |              |  \
 *	           |              |   a redirect -> job (led) -> into the line
 *	           |              |                    |      of its host, begun
 *	           |              |                    |      as it is
 *	           +- known ------+-- no article ------+- known: ended
 *
 * A page that is in flight has one thing under way, whose end calls back here.
 */
#include "daemon/pages_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/http.h"
#include "base/log.h"
#include "base/url.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "feeds/article.h"
#include "feeds/file_magic.h"
#include "feeds/page_name.h"

enum { TOO_MANY_REQUESTS = 429 };

static int	begin_write(struct ledger_job *, struct db *, struct err *);
static int	lead_write(struct ledger_job *, struct db *, struct err *);

/* Text */

/* Nothing is wrong with the page: once more, but not for ever. No try was spent
 * on a page that another item has asked for. */
static void
end_unjudged(struct page *g, const char *why)
{
	bool is_known = g->begun.way == PAGE_KNOWN;
	bool is_old = pages_wall_s(g->pages) - g->seen_s >= PAGES_ROBOTS_S;

	log_error("page_not_judged", LOG_U("feed", g->feed->url),
	    LOG_U("url", g->url), LOG_S("why", why));
	page_end_send(g, is_known && is_old ? page_end_of(PAGE_FAILED) :
	    page_end_failed(g, 0));
}

/* What the item is with this text. */
static void
judge(struct page *g, struct str text, const struct page_meta_said *said)
{
	enum page_outcome outcome;
	struct err err;

	if (page_judge(g, text, said, &outcome, &err) == -1)
		end_unjudged(g, err.msg);
	else
		page_end_send(g, page_end_of(outcome));
}

static struct page_end
end_of_barrier(enum article_barrier barrier)
{
	switch (barrier) {
	case ARTICLE_CONSENT:
		return page_end_of(PAGE_CONSENT);
	case ARTICLE_PAYWALL:
		return page_end_of(PAGE_PAYWALL);
	case ARTICLE_BOT_WALL:
		return page_end_of(PAGE_BOT_WALL);
	case ARTICLE_OPEN:
		break;
	}
	return page_end_of(PAGE_NO_ARTICLE);
}

/* For others who link to the page, whatever it is for this item. Without it
 * they have its outcome only. */
static void
keep_text(struct page *g, struct str text)
{
	buf_init(&g->text, PAGE_TEXT_MOST);
	buf_add_str(&g->text, utf8_cut(text, PAGE_TEXT_MOST));
	if (g->text.failed)
		buf_clear(&g->text);
}

void
page_read_extracted(struct page *g)
{
	struct article *article = g->extraction.article;
	const struct article_found *found = g->extraction.found;

	if (article == NULL && atomic_load(&g->extraction.is_cancelled)) {
		pages_let_go(g);
		return;
	}
	if (article == NULL)
		end_unjudged(g, "out of memory");
	else if (found->barrier != ARTICLE_OPEN || found->text.n == 0)
		page_end_send(g, end_of_barrier(found->barrier));
	else {
		keep_text(g, found->text);
		g->is_named = page_name_is_claimed(g->base_url,
		    found->said->canonical);
		judge(g, found->text, found->said);
	}
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
	g->end = page_end_of(outcome);
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

	page_rules_obey(g->pages, status, meta, url);
}

/* Worker's loop. What it leads to is looked up first, and waits in the line of
 * its host, whose rules and gate are its own. */
static enum fetch_way
page_on_redirect(const char *url, void *ctx)
{
	struct page *g = ctx;

	if (keep(&g->next_url, url) == -1)
		(void)stop(g, PAGE_FAILED);	/* on_end ends it */
	return FETCH_LEAVE;
}

/* Has this try been there? Else it is once more at its gate. */
static bool
was_there(const struct page *g, const char *url)
{
	bool was = strcmp(g->url, url) == 0;

	for (unsigned i = 0; i < g->n_hops; i++)
		was |= strcmp(g->was[i], url) == 0;
	return was;
}

/* A stop asks nothing more: its request has ended with us. */
static void
ask_where_it_leads(struct page *g)
{
	if (g->n_hops == PAGE_MAX_HOPS || was_there(g, g->next_url))
		page_end_send(g, page_end_of(PAGE_FAILED));
	else if (g->pages->draining)
		pages_let_go(g);
	else {
		g->state = PAGE_LED;
		page_end_post(g, lead_write);
	}
}

/* Its turn comes there. */
static void
go_there(struct page *g)
{
	struct pages *p = g->pages;

	page_hosts_remove(g);
	g->was[g->n_hops++] = g->url;
	g->url = g->next_url;
	g->next_url = NULL;
	if (!page_hosts_add(g, true)) {
		page_end_send(g, page_end_of(PAGE_FAILED));
		return;
	}
	pages_come(p, g->feed);
	pages_look(p);
}

static struct page_end
end_of_status(const struct page *g, const struct fetch_result *res)
{
	int64_t said_s = http_meta_retry_s(res->meta, pages_wall_s(g->pages),
	    SCHEDULE_SAID_MOST_S);

	if (res->meta->is_wall)
		return page_end_of(PAGE_BOT_WALL);
	switch (res->status) {
	case 401:
	case 403:
	case 451:
		return page_end_of(PAGE_REFUSED);
	case 404:
	case 410:
		return page_end_of(PAGE_GONE);
	case TOO_MANY_REQUESTS:
		return page_end_failed(g, said_s);
	default:
		return res->status >= 500 ? page_end_failed(g, said_s) :
		    page_end_of(PAGE_FAILED);
	}
}

/* Where it was no whole answer: redirects lead nowhere the next time, too. */
static struct page_end
end_of_failure(const struct page *g, const struct fetch_result *res)
{
	if (strcmp(res->word, http_end_word(HTTP_END_PRIVATE)) == 0)
		return page_end_private(g);
	if (str_starts(str_from(res->word), STR("redirect_")))
		return page_end_of(PAGE_FAILED);
	return page_end_failed(g, 0);
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
			page_end_send(g, g->is_judged ? g->end :
			    page_end_failed(g, 0));
		return;
	case FETCH_LEFT:
		if (g->is_judged)
			page_end_send(g, g->end);
		else
			ask_where_it_leads(g);
		return;
	case FETCH_NOT_MODIFIED:
	case FETCH_GONE:
	case FETCH_TOLD_OFF:
	case FETCH_REFUSED:
		page_end_send(g, end_of_status(g, res));
		return;
	case FETCH_HELD:
		page_end_send(g, page_end_failed(g, 0));
		return;
	case FETCH_FAILED:
		page_end_send(g, end_of_failure(g, res));
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
	const struct conf_feed *c = page_feeds_conf(p, g->feed);

	poll_user_agent(conf, agent, size);
	r->own_url = g->feed->url;
	r->own_near = g->feed->near;
	r->proxy = c != NULL ? c->set->proxy : NULL;
	r->user_agent = agent;
	r->timeout_ms = conf->poll.timeout_s * 1000;
	r->max_body_bytes = 0;		/* on_body stops */
}

/* The gate is entered. */
void
page_read_ask(struct page *g)
{
	struct fetch_request request = { .accept =
		"Accept: text/html, application/xhtml+xml, */*;q=0.5" };
	char agent[512];
	struct err err;

	page_read_fill_request(g, agent, sizeof(agent), &request);
	request.url = g->url;
	g->state = PAGE_ASKED;
	g->is_cut = g->is_judged = false;
	g->fetch = fetch_start(&g->pages->env.poll->fetch, &request,
	    &fetch_ops, g, &err);
	if (g->fetch == NULL) {
		log_error("page_not_asked", LOG_U("feed", g->feed->url),
		    LOG_U("url", g->url), LOG_S("why", err.msg));
		page_end_send(g, page_end_failed(g, 0));
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

/* Likewise. */
static int
lead_write(struct ledger_job *job, struct db *db, struct err *err)
{
	struct page *g = (struct page *)job;

	return page_store_lead(db, g->id, str_from(g->next_url), g->steady_s,
	    &g->begun, err);
}

void
page_read_begin(struct page *g)
{
	const struct conf_feed *c = page_feeds_conf(g->pages, g->feed);

	g->limit = c != NULL ? c->set->page_limit : 0;
	page_end_post(g, begin_write);
}

static void
take_text(struct str text, void *ctx)
{
	buf_add_str(ctx, text);
}

/* It is for this item what it was for the other. */
static struct page_end
end_as_the_first(const struct page *g)
{
	bool had_text = g->begun.outcome == PAGE_READ ||
	    g->begun.outcome == PAGE_SHORT;

	return page_end_of(had_text ? PAGE_LEFT : g->begun.outcome);
}

/* Another item has led to this page, whose text may be kept. */
static void
read_known(struct page *g)
{
	struct err err;
	struct buf text;

	buf_init(&text, PAGE_TEXT_MOST);
	if (page_store_find_text(g->pages->env.poll->reader, g->begun.first,
	    take_text, &text, &err) == -1)
		end_unjudged(g, err.msg);
	else if (text.n == 0)
		page_end_send(g, end_as_the_first(g));
	else
		judge(g, buf_str(&text), NULL);
	buf_clear(&text);
}

/* What the store has said, where the page is not to be asked. */
static void
settle(struct page *g)
{
	struct pages *p = g->pages;

	switch (g->begun.way) {
	case PAGE_ASK:
		return;
	case PAGE_KNOWN:
		if (g->begun.first_waits)
			page_end_send(g, (struct page_end){
				.again_s = g->begun.again_s });
		else
			read_known(g);
		return;
	case PAGE_NOBODYS:
		page_end_send(g, page_end_of(PAGE_SHARED));
		return;
	case PAGE_OVER_LIMIT:
		page_feeds_close(p, g->feed, g->begun.again_s);
		pages_let_go(g);
		return;
	case PAGE_TRIED:
		page_end_send(g, page_end_of(PAGE_FAILED));
		return;
	}
}

/* In a drain nothing is asked any more. */
static void
acknowledge_begin(struct page *g)
{
	bool is_asked = g->job.committed && g->begun.way == PAGE_ASK;
	bool draining = g->pages->draining;

	g->began_s = g->steady_s;
	page_hosts_begun(g, is_asked && !draining);
	if (!g->job.committed)
		page_end_refused(g);
	else if (is_asked && draining)
		page_end_give_back(g);
	g->tries += is_asked;
	if (!g->job.committed || draining)
		pages_let_go(g);
	else
		settle(g);
}

static void
acknowledge_lead(struct page *g)
{
	bool is_asked = g->job.committed && g->begun.way == PAGE_ASK;

	if (!g->job.committed)
		page_end_refused(g);
	if (!g->job.committed || g->pages->draining)
		pages_let_go(g);
	else if (is_asked)
		go_there(g);
	else
		settle(g);
}

void
page_read_acknowledge(struct page *g)
{
	if (g->state == PAGE_ENDS)
		page_end_acknowledge(g);
	else if (g->state == PAGE_LED)
		acknowledge_lead(g);
	else
		acknowledge_begin(g);
}

void
page_read_cancel(struct page *g)
{
	if (g->state == PAGE_EXTRACTED)
		extractor_cancel(&g->extraction);
	if (g->state != PAGE_ASKED)
		return;
	fetch_cancel(g->fetch);
	g->fetch = NULL;
	pages_let_go(g);
}
