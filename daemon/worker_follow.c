/* SPDX-License-Identifier: ISC */
/*
 * A worker takes up another configuration: what is known of a feed stays with
 * it, polls under way end with the configuration they began with.
 */
#include "daemon/worker_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/pages.h"
#include "daemon/poll_due.h"
#include "feeds/claims.h"
#include "feeds/feed_store.h"
#include "feeds/schedule.h"

/* So many new feeds are looked up one by one; more are found in one scan. */
enum { SCAN_FROM = 1000 };

/* Worker's loop: the configuration that runs from now on has it no more. */
static void
feed_leaves(struct worker_feed *f, void *ctx)
{
	struct worker *w = ctx;
	struct worker_live *live;

	schedule_remove(w->schedule, &f->entry);
	worker_count_feed(w, f, -1);
	if (!worker_feed_is_asked(f)) {
		worker_feed_free(&w->feeds, f);
		return;
	}
	live = f->live;
	/* Without memory for it a return begins as a stranger: claims hold. */
	live->url = strdup(f->conf->url);
	live->leaving = true;
	f->conf = NULL;
	LIST_INSERT_HEAD(&w->leaving, live, link);
}

static int64_t
due_within(const struct worker *w, const struct conf *conf,
    const struct conf_feed *feed, const struct feed_state *st,
    bool same_wall)
{
	struct poll_due in = { .conf = conf, .feed = feed, .st = st,
		.same_wall = same_wall,
		.wall_ahead_s = clock_wall_ahead_s(w->env.fetch.clock) };

	if (feed->set->file == NULL)
		in.claim_hint_s = claims_find(w->env.claims,
		    feed->url).hint_s;
	return poll_due_within(&in);
}

/* Without memory for it the time stands that it had. */
void
worker_keep_within_bounds(struct worker *w, struct worker_feed *f)
{
	struct feed_state st;
	int64_t due_s;

	if (worker_feed_is_asked(f)) {
		f->live->bounds_changed = true;
		return;
	}
	worker_feed_peek(f, &st);
	due_s = due_within(w, w->env.conf, f->conf, &st, true);
	if (due_s != st.due_s)
		(void)worker_feed_set_due(f, due_s);
	worker_set_due(w, f);
}

static void
feed_stays(struct worker_feed *f, const struct conf_feed *next, void *ctx)
{
	bool changed = f->conf->set->every_s != next->set->every_s;
	struct worker *w = ctx;

	f->conf = next;
	if (changed || (w->bounds_changed && next->set->file == NULL))
		worker_keep_within_bounds(w, f);
}

/* One that left and comes back before its poll has ended goes on with it: what
 * that poll learns is the feed's. */
static struct worker_feed *
feed_comes(struct worker_feed *f, void *ctx)
{
	struct worker *w = ctx;
	struct worker_live *old;

	LIST_FOREACH(old, &w->leaving, link)
		if (old->url != NULL && strcmp(old->url, f->conf->url) == 0)
			break;
	if (old == NULL) {
		worker_count_feed(w, f, 1);
		worker_set_due(w, f);
		return f;
	}
	LIST_REMOVE(old, link);
	old->leaving = false;
	old->bounds_changed = true;	/* or it changes nothing */
	free(old->url);
	old->url = NULL;
	worker_feed_free(&w->feeds, f);
	worker_count_feed(w, old->feed, 1);
	return old->feed;
}

static const struct worker_feeds_ops feeds_ops = { .leave = feed_leaves,
	.stay = feed_stays, .come = feed_comes };

/*
 * What the store remembers, read into new feeds. It was made due by what was
 * configured then: what has changed since holds as after a reload. Of clocks
 * less is known.
 */
struct reading {
	struct worker			*w;
	const struct conf		*conf;	/* that is to be followed */
	const struct worker_feeds_plan	*next;
	struct worker_feeds_slot	*wanted; /* whose row it is */
	bool				 no_memory;
};

static bool
wants_row(struct str url, void *ctx)
{
	struct reading *r = ctx;

	r->wanted = worker_feeds_plan_find(r->next, url);
	return r->wanted != NULL && r->wanted->is_new;
}

static int
take_state(const struct reading *r, const struct worker_feeds_slot *s,
    struct feed_state *st)
{
	st->due_s = due_within(r->w, r->conf, s->conf, st, false);
	return worker_feed_set_state(s->feed, st);
}

static void
take_row(struct str url, struct feed_state *state, void *ctx)
{
	struct reading *r = ctx;

	(void)url;
	r->no_memory |= take_state(r, r->wanted, state) == -1;
}

static const struct feed_store_scan scan = { .wants = wants_row,
	.each = take_row };

static int
load_feed(const struct reading *r, const struct worker_feeds_slot *s,
    struct err *err)
{
	struct feed_state st;
	int rc = feed_store_load(r->w->reader, s->conf->url, &st, err);

	if (rc == 0 && take_state(r, s, &st) == -1)
		rc = err_set(err, "out of memory");
	feed_state_clear(&st);
	return rc == 0 ? 0 : err_wrap(err, "reading the state of %s",
	    s->conf->url);
}

static int
scan_feeds(struct reading *r, struct err *err)
{
	int rc;

	db_begin_scan(r->w->reader);
	rc = feed_store_each(r->w->reader, &scan, r, err);
	db_end_scan(r->w->reader);
	if (rc == -1)
		return -1;
	return r->no_memory ? err_set(err, "out of memory") : 0;
}

/*
 * What is remembered of the feeds that are new to this worker: a few are
 * looked up, many (a start) are found in one scan.
 */
static int
load_feeds(struct reading *r, struct err *err)
{
	const struct worker_feeds_plan *next = r->next;
	size_t n_new = 0;

	for (size_t i = 0; i < next->n; i++)
		n_new += next->slots[i].is_new;
	if (n_new > SCAN_FROM)
		return scan_feeds(r, err);
	for (size_t i = 0; i < next->n; i++)
		if (next->slots[i].is_new &&
		    load_feed(r, &next->slots[i], err) == -1)
			return -1;
	return 0;
}

/* What they cannot read now they find at the next start. */
static void
follow_with_pages(struct worker *w, const struct worker_order *o)
{
	struct err err;

	if (pages_follow(w->pages, o->feeds, o->n_feeds, &err) == -1)
		log_error("pages_not_read", LOG_S("why", err.msg));
}

static int
follow_order(struct worker *w, struct worker_order *o, struct err *err)
{
	struct worker_feeds_plan next;
	struct reading r = { .w = w, .conf = o->conf, .next = &next };
	struct conf *old = w->env.conf;

	if (worker_feeds_plan(&w->feeds, o->feeds, o->n_feeds, &next) == -1)
		return err_set(err, "out of memory");
	if (load_feeds(&r, err) == -1) {
		worker_feeds_discard(&next);
		return -1;
	}
	w->bounds_changed = old != NULL &&
	    (old->poll.min_s != o->conf->poll.min_s ||
	    old->poll.max_s != o->conf->poll.max_s);
	w->env.conf = o->conf;
	o->conf = NULL;
	worker_feeds_adopt(&w->feeds, &next, &feeds_ops, w);
	follow_with_pages(w, o);
	conf_unref(old);
	worker_arm_timer(w);
	return 0;
}

void
worker_follow_orders(struct worker *w)
{
	struct mail *next;

	for (struct mail *m = mailbox_take(w->orders); m != NULL; m = next) {
		struct worker_order *o = (struct worker_order *)(void *)m;

		next = m->next;
		o->failed = follow_order(w, o, &o->err) == -1;
		mailbox_put_always(o->reply, &o->mail);
	}
}

void
worker_return_orders(struct worker *w)
{
	struct mail *next;

	for (struct mail *m = mailbox_take(w->orders); m != NULL; m = next) {
		struct worker_order *o = (struct worker_order *)(void *)m;

		next = m->next;
		o->failed = true;
		err_set(&o->err, "the worker has ended");
		mailbox_put_always(o->reply, &o->mail);
	}
}
