/* SPDX-License-Identifier: ISC */
/*
 * A worker takes up another configuration: what is known of a feed stays with
 * it, polls under way end with the configuration they began with.
 */
#include "daemon/worker_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mailbox.h"
#include "daemon/conf.h"
#include "daemon/poll_state.h"
#include "feeds/feed_store.h"
#include "feeds/schedule.h"

/* So many new feeds are looked up one by one; more are found in one scan. */
enum { SCAN_FROM = 1000 };

/* Worker's loop: the configuration that runs from now on has it no more. */
static void
feed_leaves(struct worker_feed *f)
{
	struct worker *w = f->worker;

	schedule_remove(w->schedule, &f->entry);
	if (f->poll == NULL) {
		worker_feed_free(f);
		return;
	}
	/* Without memory for it a return begins as a stranger: claims hold. */
	f->url = strdup(f->conf->url);
	f->left_every_s = f->conf->set->every_s;
	f->conf = NULL;
	f->leaving = true;
	LIST_INSERT_HEAD(&w->leaving, f, link);
}

/* poll.min and poll.max hold from now on for feeds that have no interval of
 * their own, within what their documents ask for; what a failure or a refusal
 * made due stays. */
static void
keep_within_bounds(struct worker_feed *f)
{
	struct feed_state *st = &f->state;
	struct poll_span span;

	if (f->conf->set->every_s > 0 || f->poll != NULL || st->failures > 0 ||
	    st->last_asked_s == 0)
		return;
	span = poll_state_span(f->worker->env.conf, f->conf, st,
	    clock_wall_ahead_s(f->worker->env.fetch.clock));
	if (st->due_s < span.least_s)
		st->due_s = span.least_s;
	if (st->due_s > span.most_s)
		st->due_s = span.most_s;
	worker_set_due(f->worker, f);
}

static void
feed_stays(struct worker_feed *f, const struct conf_feed *next)
{
	bool changed = f->conf->set->every_s != next->set->every_s;

	f->conf = next;
	if (!changed && f->worker->bounds_changed)
		keep_within_bounds(f);
	if (!changed)
		return;
	if (f->poll != NULL)
		f->every_changed = true;
	else
		worker_renew_due(f->worker, f);
}

/* One that left and comes back before its poll has ended goes on with it: what
 * that poll learns is the feed's. */
static struct worker_feed *
feed_comes(struct worker_feed *f)
{
	struct worker_feed *old;

	LIST_FOREACH(old, &f->worker->leaving, link)
		if (old->url != NULL && strcmp(old->url, f->conf->url) == 0)
			break;
	if (old == NULL) {
		worker_set_due(f->worker, f);
		return f;
	}
	LIST_REMOVE(old, link);
	old->leaving = false;
	old->every_changed |= old->left_every_s != f->conf->set->every_s;
	free(old->url);
	old->url = NULL;
	worker_feed_free(f);
	return old;
}

static const struct worker_feeds_ops feeds_ops = { .leave = feed_leaves,
	.stay = feed_stays, .come = feed_comes };

static bool
wants_row(struct str url, void *ctx)
{
	struct worker_feeds_slot *s = worker_feeds_find(ctx, url);

	return s != NULL && s->is_new;
}

static void
take_row(struct str url, struct feed_state *state, void *ctx)
{
	struct worker_feeds_slot *s = worker_feeds_find(ctx, url);

	s->feed->state = *state;
	*state = (struct feed_state){ 0 };
}

static const struct feed_store_scan scan = { .wants = wants_row,
	.each = take_row };

/*
 * What is remembered of the feeds that are new to this worker: a few are
 * looked up, many (a start) are found in one scan.
 */
static int
load_feeds(struct worker *w, struct worker_feeds *next, struct err *err)
{
	size_t n_new = 0;

	for (size_t i = 0; i < next->n; i++) {
		next->slots[i].feed->worker = w;
		n_new += next->slots[i].is_new;
	}
	if (n_new > SCAN_FROM)
		return feed_store_each(w->reader, &scan, next, err);
	for (size_t i = 0; i < next->n; i++) {
		struct worker_feed *f = next->slots[i].feed;

		if (!next->slots[i].is_new)
			continue;
		if (feed_store_load(w->reader, f->conf->url, &f->state,
		    err) == -1)
			return err_wrap(err, "reading the state of %s",
			    f->conf->url);
	}
	return 0;
}

static int
follow(struct worker *w, struct worker_order *o, struct err *err)
{
	struct worker_feeds next;
	struct conf *old = w->env.conf;

	if (worker_feeds_plan(&w->feeds, o->feeds, o->n_feeds, &next) == -1)
		return err_set(err, "out of memory");
	if (load_feeds(w, &next, err) == -1) {
		worker_feeds_discard(&next);
		return -1;
	}
	w->bounds_changed = old != NULL &&
	    (old->poll.min_s != o->conf->poll.min_s ||
	    old->poll.max_s != o->conf->poll.max_s);
	w->env.conf = o->conf;
	o->conf = NULL;
	worker_feeds_adopt(&w->feeds, &next, &feeds_ops);
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
		o->failed = follow(w, o, &o->err) == -1;
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
