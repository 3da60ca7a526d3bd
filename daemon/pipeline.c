/* SPDX-License-Identifier: ISC */
/*
 * The way of one item, from its end tag to the batch that carries it. Start
 * reading at on_item.
 */
#include "daemon/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/url.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/item_text.h"
#include "daemon/judge.h"
#include "daemon/keeper.h"
#include "daemon/left_out.h"
#include "daemon/parties.h"
#include "daemon/sources.h"
#include "feeds/feed_tail.h"
#include "feeds/full_text.h"
#include "feeds/identity.h"
#include "filters/boilerplate.h"

/*
 * A known item is written again once a day while the feed lists it. The longest
 * feeds of honest publishers list some thousands of items.
 */
enum {
	MAX_ITEMS = 20000, RENEW_SEEN_S = 86400, SHOWN_MOST = 4096
};

/* So many of its newest dates say how often a feed publishes now. */
enum { RHYTHM_DATES = 10, DAY_S = 86400 };

struct pipeline {
	struct pipeline_env	 env;
	const struct pipeline_ops *ops;
	void			*ctx;
	struct feed_parser	*parser;
	struct identity		*identity;
	struct batch		*batch;		/* being filled, or NULL */
	struct judge		*judge;
	struct item_text	 text;		/* of the item under way, */
	struct document		 doc;		/* as fields, */
	struct left_out_item	 seen;		/* and what topics see */
	struct left_out		*left_out;	/* NULL: no item was fresh */
	bool			 learned;	/* one was new */
	struct buf		 saved, shown;	/* of it, in the end */
	struct buf		 site;
	struct buf		 names, sites;	/* with others' */
	struct buf		 page;		/* URL of one */
	bool			 asks_pages;
	int64_t			 wall_s;
	struct pipeline_result	 result;
	int64_t			 dates[RHYTHM_DATES];	/* newest first */
	size_t			 n_dates;
	bool			 has_hours;	/* not all at one time of
						 * day */
	struct err		 err;		/* why an item stopped it */
	bool			 failed;
	bool			 finishing;	/* the last bytes are in */
	bool			 doubts;	/* on_doubt was called */
	bool			 wrote;		/* a known row */
	bool			 all_exact;	/* as identity_result has it */
	bool			 has_future;	/* a date: it will mean another
						 * thing later */
	int64_t			 oldest_seen_s;	/* of its items */
	size_t			 alerts;	/* of this document */
};

static int	on_item(const struct item *, void *);
static int	on_identified(struct identified *, void *);

static const struct feed_parser_ops parser_ops = { .on_item = on_item };
static const struct identity_ops identity_ops = { .on_item = on_identified };

/* Does any topic look at it? Else its pages would be asked for in vain. */
static bool
is_looked_at(const struct pipeline_env *env)
{
	if (env->wanted == NULL)
		return env->conf->n_topics > 0;
	for (size_t i = 0; i < (env->conf->n_topics + 63) / 64; i++)
		if (env->wanted[i] != 0)
			return true;
	return false;
}

struct pipeline *
pipeline_new(const struct pipeline_env *env, const struct pipeline_ops *ops,
    void *ctx)
{
	struct feed_parser_settings settings = feed_parser_defaults;
	struct pipeline *p = calloc(1, sizeof(*p));
	static const struct sources nobody;
	const struct judge_env judge = { .conf = env->conf,
		.matcher = env->matcher, .learner = env->learner,
		.signer = env->signer,
		.counters = env->counters, .instance = env->instance,
		.feed = env->feed };

	if (p == NULL)
		return NULL;
	p->env = *env;
	if (env->others == NULL)
		p->env.others = &nobody;
	p->oldest_seen_s = INT64_MAX - RENEW_SEEN_S;
	p->ops = ops;
	p->ctx = ctx;
	buf_init(&p->site, URL_MAX_BYTES);
	buf_init(&p->sites, SIZE_MAX);
	buf_init(&p->names, SIZE_MAX);
	buf_init(&p->page, URL_MAX_BYTES);
	buf_init(&p->saved, BOILERPLATE_MOST_BYTES);
	buf_init(&p->shown, SHOWN_MOST);
	item_text_init(&p->text);
	p->asks_pages = env->feed->set->reads_pages && is_looked_at(env);
	sources_add_site(&p->site, env->feed);
	settings.base_url = env->base_url;
	settings.content_type = env->content_type;
	settings.content_language = env->content_language;
	settings.now_s = env->begun_s;
	settings.max_document_bytes = env->conf->poll.max_body_bytes;
	settings.notes_tail = env->makes_memo;
	if (env->memo != NULL)
		settings.known_tail = env->memo->chain;
	p->parser = feed_parser_new(&parser_ops, p, &settings);
	p->identity = identity_new(env->known, env->ids_change, &identity_ops,
	    p);
	p->judge = judge_new(&judge);
	if (p->parser == NULL || p->identity == NULL || p->judge == NULL) {
		pipeline_free(p);
		return NULL;
	}
	return p;
}

void
pipeline_free(struct pipeline *p)
{
	if (p == NULL)
		return;
	feed_parser_free(p->parser);
	identity_free(p->identity);
	batch_free(p->batch);
	judge_free(p->judge);
	item_text_clear(&p->text);
	left_out_free(p->left_out);
	buf_clear(&p->saved);
	buf_clear(&p->shown);
	buf_clear(&p->site);
	buf_clear(&p->sites);
	buf_clear(&p->names);
	buf_clear(&p->page);
	free(p);
}

int
pipeline_push(struct pipeline *p, const char *bytes, size_t n, int64_t wall_s,
    struct err *err)
{
	p->wall_s = wall_s;
	if (feed_parser_push(p->parser, bytes, n, err) == 0)
		return 0;
	if (p->failed)
		*err = p->err;
	return -1;
}

static int64_t
steady_s(const struct pipeline *p)
{
	return p->wall_s + p->env.steady_ahead_s;
}

/* The larger of what ttl and sy:* ask for. */
static int64_t
hint_of(const struct feed_info *info)
{
	int64_t ttl_s = info->ttl_minutes > 0 &&
	    info->ttl_minutes < 1000000 ? info->ttl_minutes * 60 : 0;

	return ttl_s > info->sy_period_s ? ttl_s : info->sy_period_s;
}

/*
 * The newest dates count, each once: what came in one go was to be had with
 * one poll, and what a feed did years ago says little. Dates that are all of
 * one time of day are days, not times; polls will find out more.
 */
static int64_t
rhythm_of(const struct pipeline *p)
{
	if (p->n_dates < 2 || !p->has_hours)
		return 0;
	return (p->dates[0] - p->dates[p->n_dates - 1]) /
	    (int64_t)(p->n_dates - 1);
}

/* Items may be held back still, of a broken document too; but once one could
 * not be dealt with the others come with the next. */
static void
finish_items(struct pipeline *p)
{
	struct identity_result ids;

	p->finishing = true;
	if (!p->failed && identity_finish(p->identity, &p->err) == -1) {
		p->failed = true;
		p->result.end = FEED_END_FAILED;
	}
	identity_result(p->identity, &ids);
	p->result.ids_moved = ids.ids_moved;
	p->result.duplicate_ids = ids.duplicates;
	p->all_exact = ids.exact == p->result.items;
}

/* As if its items had been read. */
static void
recall_items(struct pipeline *p)
{
	p->result.skipped = true;
	p->result.items = (int64_t)feed_tail_items(p->env.memo->chain);
	p->result.rhythm_s = p->env.memo->rhythm_s;
}

/*
 * Will the same items in the same state of the store make as little of
 * themselves again? Only what is beyond doubt: each is known under its own id,
 * has said the same and needed no writing, and no date of it was still to come.
 */
static void
make_memo(struct pipeline *p)
{
	struct str chain = feed_parser_tail(p->parser);

	if (!p->env.makes_memo || p->result.end != FEED_END_COMPLETE ||
	    p->result.items == 0 || !p->all_exact || p->wrote ||
	    p->has_future || p->result.duplicate_ids > 0 ||
	    (int64_t)feed_tail_items(chain) != p->result.items)
		return;
	p->result.memo = (struct feed_memo){ .chain = chain,
		.until_s = p->oldest_seen_s + RENEW_SEEN_S,
		.rhythm_s = p->result.rhythm_s };
}

/* Nothing was learned where nothing was new. */
static void
save_lines(struct pipeline *p)
{
	struct boilerplate_row *row = &p->result.lines;

	if (!p->learned)
		return;
	buf_reset(&p->saved);
	left_out_save(p->left_out, &p->saved);
	row->seen_s = steady_s(p);
	row->lines = (int64_t)left_out_show(p->left_out, row->seen_s,
	    &p->shown);
	row->shown = buf_str(&p->shown);
	if (!p->saved.failed)
		row->saved = buf_str(&p->saved);
}

void
pipeline_finish(struct pipeline *p, struct pipeline_result *result,
    struct err *err)
{
	const struct feed_info *info;

	p->result.end = feed_parser_finish(p->parser, err);
	finish_items(p);
	if (p->failed)
		*err = p->err;
	p->result.stranger = feed_parser_stranger(p->parser);
	info = feed_parser_info(p->parser);
	if (info->title.n > 0)
		p->result.title = info->title.p;
	p->result.hint_s = hint_of(info);
	p->result.skip_hours = info->skip_hours;
	p->result.skip_days = info->skip_days;
	p->result.rhythm_s = rhythm_of(p);
	if (feed_parser_skipped(p->parser))
		recall_items(p);
	else
		make_memo(p);
	save_lines(p);
	*result = p->result;
}

/* The batch under way, made when there is none. */
static struct batch *
batch_of(struct pipeline *p)
{
	if (p->batch == NULL)
		p->batch = batch_new(p->env.token, p->env.feed->url);
	return p->batch;
}

struct batch *
pipeline_take_batch(struct pipeline *p)
{
	struct batch *b = batch_of(p);

	p->batch = NULL;
	return b;
}

static int
out_of_memory(struct pipeline *p)
{
	p->failed = true;
	return err_set(&p->err, "out of memory");
}

/* Keeps the newest in order, each once; the oldest goes when there is no room.
 */
static void
keep_date(struct pipeline *p, int64_t s)
{
	size_t at = p->n_dates;

	while (at > 0 && p->dates[at - 1] < s)
		at--;
	if ((at > 0 && p->dates[at - 1] == s) || at == RHYTHM_DATES)
		return;
	if (p->n_dates < RHYTHM_DATES)
		p->n_dates++;
	memmove(p->dates + at + 1, p->dates + at,
	    (p->n_dates - at - 1) * sizeof(*p->dates));
	p->dates[at] = s;
}

/* Dates in the past say how often the feed publishes. */
static void
note_date(struct pipeline *p, const struct item *it)
{
	int64_t s = it->published != ITEM_NO_TIME ? it->published :
	    it->updated;

	p->has_future = p->has_future || it->in_future ||
	    (s != ITEM_NO_TIME && s > p->wall_s);
	if (s == ITEM_NO_TIME || s > p->wall_s || s <= 0 || it->in_future)
		return;
	if (p->n_dates > 0 && (s - p->dates[0]) % DAY_S != 0)
		p->has_hours = true;
	keep_date(p, s);
}

/* An item without a date counts as new: better one alert too many than none. */
static bool
is_too_old(const struct pipeline *p, const struct item *it)
{
	int64_t s = it->published != ITEM_NO_TIME ? it->published :
	    it->updated;
	int64_t first_s = p->env.conf->poll.first_s;

	if (!p->env.baseline || (first_s == INT64_MAX && !p->env.quiet))
		return false;
	if (first_s == 0 || p->env.quiet)
		return true;
	return s != ITEM_NO_TIME && s < p->wall_s - first_s;
}

static const char *
feed_title(const struct pipeline *p)
{
	const struct feed_info *info = feed_parser_info(p->parser);

	if (p->env.feed->name != NULL)
		return p->env.feed->name;
	if (info->title.n > 0)
		return info->title.p;
	return p->env.title != NULL ? p->env.title : p->env.feed->url;
}

/* The item's, else the document's, else as configured; for the feed first. */
static struct str
item_language(const struct pipeline *p, const struct item *it)
{
	const struct feed_info *info = feed_parser_info(p->parser);

	if (it->language.n > 0)
		return it->language;
	if (info->language.n > 0)
		return info->language;
	return str_from(p->env.feed->set->lang != NULL ?
	    p->env.feed->set->lang : p->env.others->lang);
}

/* As identity has read it: plain text. */
static int
item_of(struct pipeline *p, const struct identified *who,
    struct judge_item *it)
{
	*it = (struct judge_item){ .item = who->item, .name = who->name,
		.feed_title = str_from(feed_title(p)),
		.site = buf_str(&p->site),
		.language = item_language(p, who->item), .text = &p->seen,
		.text_from = STR("feed"), .wall_s = p->wall_s,
		.first_seen_s = p->wall_s, .alerts_before = p->alerts,
		.id_hash = who->known.id_hash,
		.is_new = who->verdict == IDENTITY_NEW };
	it->names = sources_join(&p->names, it->feed_title, '\n',
	    &p->env.others->names);
	it->sites = sources_join(&p->sites, it->site, ' ',
	    &p->env.others->sites);
	return p->names.failed || p->sites.failed ? out_of_memory(p) : 0;
}

static int
match_item(struct pipeline *p, const struct identified *who)
{
	struct judge_item it;
	size_t n;
	int rc;

	if (item_of(p, who, &it) == -1)
		return -1;
	it.wanted = p->env.parties == NULL ? p->env.wanted :
	    parties_wanted(p->env.parties, &who->known);
	rc = judge_item(p->judge, &it, p->batch, &n, &p->err);
	p->alerts += n;
	p->failed = p->failed || rc == -1;
	return rc;
}

/* What the item said, as topics saw it, is kept beside its hashes. */
static int
keep_text(struct pipeline *p, const struct identified *who, bool passed_over)
{
	struct judge_item it;
	const struct keeper_how how = { .id_hash = who->known.id_hash,
		.part = who->verdict == IDENTITY_NEW ? ITEM_FIRST :
		    ITEM_EDITED, .passed_over = passed_over };

	return item_of(p, who, &it) == -1 ? -1 :
	    keeper_add(p->env.keeper, &it, &how, p->batch);
}

/* Is its page to be read? Only of what is new: a page is asked for once. */
static bool
wants_page(const struct pipeline *p, const struct identified *who)
{
	return p->asks_pages && who->verdict == IDENTITY_NEW &&
	    !full_text_is_there(who->item);
}

/* p->page becomes its URL. False: there is none, or memory is out for it. */
static bool
find_page(struct pipeline *p, struct str link)
{
	char *url;
	bool is_web;

	buf_reset(&p->page);
	if (link.n == 0 || link.n > URL_MAX_BYTES ||
	    memchr(link.p, '\0', link.n) != NULL ||
	    (url = str_dup(link)) == NULL)
		return false;
	is_web = url_canonical(&p->page, url);
	free(url);
	return is_web && !p->page.failed;
}

static int
wait_for_page(struct pipeline *p, const struct identified *who)
{
	const struct page_wait wait = { .id_hash = who->known.id_hash,
		.name = who->name, .url = buf_str(&p->page),
		.seen_s = p->wall_s,
		.due_s = steady_s(p),
		.feed_title = str_from(feed_title(p)),
		.site = buf_str(&p->site),
		.language = item_language(p, who->item),
		.item = *who->item,
		.most = p->env.feed->set->page_limit };

	return batch_add_page(p->batch, &wait);
}

/* An alert waits for nothing, the rest until it is worth a transaction. What
 * comes after the document's end leaves with its last batch. */
static void
hand_on(struct pipeline *p)
{
	if (!p->finishing &&
	    (p->batch->n_alerts > 0 || batch_is_full(p->batch)))
		p->ops->on_batch(pipeline_take_batch(p), p->ctx);
}

/* With the document's first fresh item. */
static int
open_lines(struct pipeline *p)
{
	int rc = 0;

	if (p->left_out != NULL)
		return 0;
	p->left_out = left_out_new();
	if (p->left_out == NULL)
		return out_of_memory(p);
	if (p->ops->on_lines != NULL)
		rc = p->ops->on_lines(&p->saved, p->ctx, &p->err);
	if (rc == 0 && left_out_open(p->left_out, buf_str(&p->saved)) == -1)
		rc = out_of_memory(p);
	if (rc == 0)
		return 0;
	p->failed = true;
	left_out_free(p->left_out);
	p->left_out = NULL;
	return -1;
}

/* The item's text, and what topics see of it. */
static int
read_text(struct pipeline *p, const struct identified *who)
{
	bool is_new = who->verdict == IDENTITY_NEW;

	p->doc = (struct document){ .age_s = 0 };
	p->seen = (struct left_out_item){ .whole = &p->doc,
		.rest = &p->doc };
	if (item_text_fill(&p->text, who->item, &p->doc) == -1)
		return out_of_memory(p);
	if (p->env.feed->set->keeps_lines)
		return 0;
	if (open_lines(p) == -1)
		return -1;
	p->learned = p->learned || is_new;
	return left_out_look(p->left_out, &p->doc, steady_s(p), is_new,
	    &p->seen) == 0 ? 0 : out_of_memory(p);
}

/* New or edited: what topics make of it, and its text. *named: it may have
 * alerts, now or with its page. */
static int
look_at(struct pipeline *p, const struct identified *who, bool *named)
{
	bool passes = is_too_old(p, who->item), waits;
	size_t before = p->alerts;

	p->result.fresh_items++;
	if (batch_of(p) == NULL)
		return out_of_memory(p);
	if (read_text(p, who) == -1)
		return -1;
	if (!passes && match_item(p, who) == -1)
		return -1;
	if (keep_text(p, who, passes) == -1)
		return out_of_memory(p);
	if (passes)
		return 0;
	waits = wants_page(p, who) && find_page(p, who->item->url);
	if (waits && wait_for_page(p, who) == -1)
		return out_of_memory(p);
	*named = waits || p->alerts > before;
	return 0;
}

/* From now on the item is known to the store, by the name of its alerts. */
static int
make_known(struct pipeline *p, struct identified *who, bool named)
{
	struct batch *b = batch_of(p);

	p->wrote = true;
	if (named && who->known.name.n == 0 &&
	    who->name.n <= IDENTITY_NAME_BYTES)
		who->known.name = who->name;
	who->known.seen_s = steady_s(p);
	if (b == NULL || batch_add_known(b, &who->known) == -1 ||
	    (who->has_left && batch_add_known(b, &who->left) == -1))
		return out_of_memory(p);
	return 0;
}

/*
 * An item, once it is clear which. A batch that holds an alert leaves at once,
 * together with the known row of its item, so that one transaction holds both.
 * The row comes last: an item that was not looked at to its end is not known,
 * and is looked at again with the next document.
 */
static int
on_identified(struct identified *who, void *ctx)
{
	struct pipeline *p = ctx;
	bool is_fresh = who->verdict != IDENTITY_SAME, named = false;

	p->result.new_items += who->verdict == IDENTITY_NEW;
	if (who->known.seen_s < p->oldest_seen_s)
		p->oldest_seen_s = who->known.seen_s;
	if (!is_fresh && !who->stale &&
	    who->known.seen_s >= steady_s(p) -
	    RENEW_SEEN_S)
		return 0;
	if (is_fresh && look_at(p, who, &named) == -1)
		return -1;
	if (make_known(p, who, named) == -1)
		return -1;
	hand_on(p);
	return 0;
}

/* The memo has not told all: what is known is looked at. */
static int
resolve_doubt(struct pipeline *p)
{
	if (p->doubts || p->env.memo == NULL)
		return 0;
	p->doubts = true;
	return p->ops->on_doubt(p->ctx, &p->err);
}

/* One complete item. */
static int
on_item(const struct item *it, void *ctx)
{
	struct pipeline *p = ctx;

	if (p->result.items++ == MAX_ITEMS) {
		p->failed = true;
		return err_set(&p->err, "more than %d items in one document",
		    MAX_ITEMS);
	}
	if (resolve_doubt(p) == -1) {
		p->failed = true;
		return -1;
	}
	note_date(p, it);
	if (identity_take(p->identity, it, &p->err) == 0)
		return 0;
	p->failed = true;
	return -1;
}
