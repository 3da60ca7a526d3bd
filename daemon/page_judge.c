/* SPDX-License-Identifier: ISC */
/*
 * An item once more, with the text of its page in the place of its content.
 * The summary stays, so that a query may hold over both. The row is read from
 * the store only now.
 */
#include "daemon/pages_private.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "daemon/conf.h"
#include "daemon/item_text.h"
#include "daemon/judge.h"
#include "daemon/keeper.h"
#include "daemon/led_poll.h"
#include "daemon/left_out.h"
#include "daemon/sources.h"
#include "feeds/boilerplate_store.h"
#include "feeds/item_store.h"
#include "feeds/page_meta.h"
#include "filters/boilerplate.h"

enum { ROW_BYTES = 4 << 20, SHOWN_MOST = 4096 };

struct judging {
	struct page		*page;
	const struct conf_feed	*feed;
	struct str		 text;
	const struct page_meta_said *said;	/* or NULL */
	int64_t			 wall_s;
	uint64_t		*wanted;	/* owned; or NULL */
	struct sources		 others;	/* that follow the feed */
	struct buf		 names, sites;	/* theirs, too */
	enum page_outcome	 outcome;
	struct err		*err;
	bool			 failed;
};

/* Topics */

struct uniting {
	const struct conf	*conf;
	const struct conf_feed	*feed;
	struct judging		*to;
	bool			 all;		/* of some feed all look */
};

static int
add_wanted(struct uniting *u, const uint64_t *set)
{
	size_t words = u->conf->n_topics / 64 + 1;

	if (u->to->wanted == NULL)
		u->to->wanted = calloc(words, sizeof(*u->to->wanted));
	if (u->to->wanted == NULL)
		return -1;
	for (size_t i = 0; i < words; i++)
		u->to->wanted[i] |= set[i];
	return 0;
}

static int
unite_with(const char *follower, bool served, void *ctx)
{
	struct uniting *u = ctx;
	const struct conf_feed *f = conf_find_feed(u->conf, follower);

	if (f == NULL || !served || !led_poll_are_alike(f, u->feed))
		return 0;
	sources_add(&u->to->others, f);
	u->all |= f->set->wanted == NULL;
	return u->all ? 0 : add_wanted(u, f->set->wanted);
}

/* As its document is read for all who follow the feed, so is its page; they are
 * j->others. NULL: all topics look. -1: memory is out. */
static int
unite_wanted(struct judging *j, const uint64_t **wanted)
{
	const struct poll_env *env = j->page->pages->env.poll;
	const struct led_poll led = { .conf = env->conf,
		.owners = env->owners, .feed = j->feed };
	struct uniting u = { env->conf, j->feed, j,
		j->feed->set->wanted == NULL };

	*wanted = NULL;
	if ((!u.all && add_wanted(&u, j->feed->set->wanted) == -1) ||
	    led_poll_each_party(&led, unite_with, &u) != 0 ||
	    j->others.names.failed || j->others.sites.failed)
		return -1;
	*wanted = u.all ? NULL : j->wanted;
	return 0;
}

/* The item */

/* What a page says of days to come is no news. */
static void
fill_gaps(const struct judging *j, struct item *it)
{
	const struct page_meta_said *said = j->said;

	if (said == NULL)
		return;
	if (it->published == ITEM_NO_TIME && said->has_published &&
	    said->published_s <= j->wall_s)
		it->published = said->published_s;
	if (it->n_authors > 0)
		return;
	for (size_t i = 0; i < said->n_authors && i < ITEM_MAX_AUTHORS; i++)
		it->authors[it->n_authors++].name = said->authors[i];
}

static void
make_item(const struct judging *j, const struct page_wait *w,
    struct item *it)
{
	*it = w->item;
	if (it->summary.s.n == 0)
		it->summary = it->content;
	it->content = (struct text){ .s = j->text, .kind = TEXT_PLAIN };
	fill_gaps(j, it);
}

static struct str
language_of(const struct judging *j, const struct page_wait *w)
{
	return w->language.n > 0 || j->said == NULL ? w->language :
	    j->said->language;
}

/* Topics see it, and the store keeps what they saw. */
static int
judge_with(struct judging *j, const struct judge_item *item, uint64_t id_hash,
    struct err *err)
{
	const struct poll_env *env = j->page->pages->env.poll;
	const struct judge_env judge_env = { .conf = env->conf,
		.matcher = env->matcher, .learner = env->learner,
		.signer = env->signer,
		.counters = env->counters, .instance = env->instance,
		.feed = j->feed };
	const struct keeper_how how = { .id_hash = id_hash,
		.part = ITEM_PAGE };
	struct judge *judge = judge_new(&judge_env);
	size_t n_alerts;
	int rc;

	if (judge == NULL)
		rc = err_set(err, "out of memory");
	else
		rc = judge_item(judge, item, j->page->batch, &n_alerts, err);
	if (rc == 0 && keeper_add(env->keeper, item, &how, j->page->batch) ==
	    -1)
		rc = err_set(err, "out of memory");
	judge_free(judge);
	return rc;
}

/* What the pages of this feed repeat. The one before may not be stored yet. */
static int
open_lines(const struct judging *j, struct left_out *l, struct err *err)
{
	struct pages_feed *f = j->page->feed;

	if (f->lines.n == 0 && boilerplate_store_find(
	    j->page->pages->env.poll->reader, f->url, true, &f->lines,
	    err) == -1)
		return -1;
	return left_out_open(l, buf_str(&f->lines)) == 0 ? 0 :
	    err_set(err, "out of memory");
}

static void
save_lines(const struct judging *j, const struct left_out *l)
{
	struct pages_feed *f = j->page->feed;
	struct boilerplate_row row = {
		.seen_s = pages_steady_s(j->page->pages) };
	struct buf shown;

	buf_init(&shown, SHOWN_MOST);
	buf_reset(&f->lines);
	left_out_save(l, &f->lines);
	row.lines = (int64_t)left_out_show(l, row.seen_s, &shown);
	row.shown = buf_str(&shown);
	row.saved = buf_str(&f->lines);
	if (f->lines.failed || shown.failed)
		buf_clear(&f->lines);
	else
		batch_set_lines(j->page->batch, &row, true);
	buf_clear(&shown);
}

/* As text: less the lines that other pages of the feed have as well. */
static int
judge_text(struct judging *j, struct judge_item *item, uint64_t id_hash,
    const struct document *doc, struct err *err)
{
	struct left_out_item seen = { .whole = doc, .rest = doc };
	struct left_out *l = left_out_new();
	int rc = l != NULL ? 0 : err_set(err, "out of memory");

	item->text = &seen;
	if (rc == 0 && !j->feed->set->keeps_lines) {
		rc = open_lines(j, l, err);
		if (rc == 0 && left_out_look(l, doc,
		    pages_steady_s(j->page->pages), true, &seen) == -1)
			rc = err_set(err, "out of memory");
		if (rc == 0)
			save_lines(j, l);
	}
	if (rc == 0)
		rc = judge_with(j, item, id_hash, err);
	left_out_free(l);
	return rc;
}

static int
judge_page(struct judging *j, const struct page_wait *w,
    const struct item *it, struct err *err)
{
	struct judge_item item = { .item = it, .name = w->name,
		.feed_title = w->feed_title, .site = w->site,
		.language = language_of(j, w), .text_from = STR("page"),
		.wall_s = j->wall_s, .first_seen_s = w->seen_s,
		.id_hash = w->id_hash };

	struct document doc = { .age_s = 0 };
	struct item_text text;
	int rc;

	if (unite_wanted(j, &item.wanted) == -1)
		return err_set(err, "out of memory");
	item.names = sources_join(&j->names, item.feed_title, '\n',
	    &j->others.names);
	item.sites = sources_join(&j->sites, item.site, ' ',
	    &j->others.sites);
	if (j->names.failed || j->sites.failed)
		return err_set(err, "out of memory");
	item_text_init(&text);
	rc = item_text_fill(&text, it, &doc) == 0 ?
	    judge_text(j, &item, w->id_hash, &doc, err) :
	    err_set(err, "out of memory");
	item_text_clear(&text);
	return rc;
}

/* Does the page say more than the feed did? */
static bool
says_more(const struct judging *j, const struct item *it)
{
	return j->text.n > it->summary.s.n && j->text.n > it->content.s.n;
}

static int
judge_row(struct judging *j, const struct page_wait *w)
{
	struct page *g = j->page;
	struct item it;

	j->outcome = PAGE_SHORT;
	if (!says_more(j, &w->item))
		return 0;
	make_item(j, w, &it);
	g->batch = batch_new(&g->token, g->feed->url);
	if (g->batch == NULL)
		return err_set(j->err, "out of memory");
	g->batch->teller = j->page->pages->env.poll->teller;
	j->outcome = PAGE_READ;
	return judge_page(j, w, &it, j->err);
}

static int
on_row(const struct page_wait *w, void *ctx)
{
	struct judging *j = ctx;

	if (w->id == j->page->id)
		j->failed = judge_row(j, w) == -1;
	return 1;
}

int
page_judge(struct page *g, struct str text,
    const struct page_meta_said *said, enum page_outcome *outcome,
    struct err *err)
{
	const struct poll_env *env = g->pages->env.poll;
	struct judging j = { .page = g, .text = text, .said = said,
		.feed = page_feeds_conf(g->pages, g->feed), .err = err,
		.wall_s = pages_wall_s(g->pages),
		.outcome = PAGE_LEFT };	/* its row, or its feed, has gone */
	struct arena *arena;
	int rc;

	*outcome = PAGE_LEFT;
	if (j.feed == NULL)
		return 0;
	if ((arena = arena_new(ROW_BYTES)) == NULL)
		return err_set(err, "out of memory");
	sources_init(&j.others);
	buf_init(&j.names, SIZE_MAX);
	buf_init(&j.sites, SIZE_MAX);
	rc = page_store_each(env->reader, g->feed->url, g->id - 1, 1, arena,
	    on_row, &j, err);
	arena_free(arena);
	free(j.wanted);
	sources_clear(&j.others);
	buf_clear(&j.names);
	buf_clear(&j.sites);
	*outcome = j.outcome;
	if (rc == 0 && !j.failed)
		return 0;
	batch_free(g->batch);		/* half of it is none */
	g->batch = NULL;
	return -1;
}
