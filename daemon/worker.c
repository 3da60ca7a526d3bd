/* SPDX-License-Identifier: ISC */
/*
 * One libevent timer stands for all feeds: it fires when the earliest in the
 * schedule is due. A feed is in the schedule or has a poll under way, never
 * both; a feed that answered 410 is in neither.
 *
 * Due times are kept in the store as wall time and in the schedule as
 * monotonic time, so that a jump of the wall clock polls nobody early.
 */
#include "daemon/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/http.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "base/url.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/ledger.h"
#include "daemon/manners.h"
#include "daemon/poll.h"
#include "daemon/watchdog.h"
#include "daemon/worker_feeds.h"
#include "feeds/claims.h"
#include "feeds/host_gate.h"
#include "feeds/schedule.h"
#include "filters/matcher.h"

enum { MAX_IN_FLIGHT = 256, IDLE_HTTP = 64, ROOM_RETRY_MS = 50,
    REFUSED_RETRY_S = 5, SCAN_FROM = 1000 };

struct worker {
	struct poll_env		 env;		/* conf: the reference */
	struct host_gate	*gate;		/* borrowed */
	struct heartbeat	*heartbeat;	/* borrowed */
	struct event_base	*base;
	struct event		*due_timer;	/* at the next due feed */
	struct event		*on_box, *on_order, *grace_timer, *beat;
	struct http		*http;
	struct mailbox		*box;		/* replies and wake-ups */
	struct mailbox		*orders;
	struct schedule		*schedule;
	struct matcher		*matcher;
	struct db		*reader;
	struct worker_feeds	 feeds;
	struct worker_feed_list	 leaving;	/* with a poll under way */
	size_t			 in_flight;	/* polls */
	pthread_t		 thread;
	bool			 started;
	bool			 draining;	/* the thread's own view */
	bool			 bounds_changed; /* by the order at hand */
	atomic_int		 grace_ms;	/* -1: not told to end */
};

static void	worker_on_due(evutil_socket_t, short, void *);
static void	worker_on_box(evutil_socket_t, short, void *);
static void	worker_on_order(evutil_socket_t, short, void *);
static void	worker_on_grace(evutil_socket_t, short, void *);
static void	worker_on_polled(bool, struct feed_state *, void *);

static const struct poll_ops poll_ops = { .on_end = worker_on_polled };

static int64_t
mono_us(const struct worker *w)
{
	return clock_mono_us(w->env.fetch.clock);
}

static void
arm_after(struct event *timer, int64_t real_us)
{
	const struct timeval tv = { real_us / CLOCK_US_PER_S,
		real_us % CLOCK_US_PER_S };

	if (evtimer_add(timer, &tv) == -1)
		log_error("timer_failed", LOG_S("of", "worker"));
}

/* Sets the one timer to the earliest due time. */
static void
arm_timer(struct worker *w)
{
	int64_t next = schedule_next_us(w->schedule);

	if (w->draining || next == INT64_MAX) {
		evtimer_del(w->due_timer);
		return;
	}
	if (w->in_flight >= MAX_IN_FLIGHT)
		return;		/* the next poll that ends looks again */
	arm_after(w->due_timer, clock_real_us(w->env.fetch.clock,
	    next - mono_us(w)));
}

static void
set_due(struct worker *w, struct worker_feed *f, int64_t wait_us)
{
	int64_t now = mono_us(w);
	int64_t due = wait_us > INT64_MAX - now ? INT64_MAX : now + wait_us;

	if (due == INT64_MAX || schedule_set(w->schedule, &f->entry, due) == 0)
		return;
	/* The heap only grows while a configuration brings new feeds. */
	log_error("feed_not_scheduled", LOG_S("feed", f->conf->url),
	    LOG_S("why", "out of memory"));
}

static int64_t
floor_s(const struct worker *w, const struct worker_feed *f)
{
	return f->conf->every_s > 0 ? f->conf->every_s :
	    w->env.conf->poll.min_s;
}

static void
set_due_from_state(struct worker *w, struct worker_feed *f)
{
	int64_t now_us = clock_wall_us(w->env.fetch.clock);
	struct manners m = { .now_s = now_us / CLOCK_US_PER_S,
		.last_asked_s = f->state.last_asked_s,
		.due_s = f->state.due_s, .floor_s = floor_s(w, f) };
	int64_t due_s;

	if (f->state.gone)
		return;
	if (f->conf->file == NULL)
		m.claim = claims_find(w->env.claims, f->conf->url);
	due_s = manners_allowed_s(&m);
	if (due_s > INT64_MAX / CLOCK_US_PER_S)
		set_due(w, f, INT64_MAX);
	else if (due_s * CLOCK_US_PER_S <= now_us)
		set_due(w, f, 0);
	else
		set_due(w, f, due_s * CLOCK_US_PER_S - now_us);
}

/* The interval was configured anew; what a server asked for holds on. */
static void
renew_due(struct worker *w, struct worker_feed *f)
{
	struct feed_state *st = &f->state;

	if (st->failures == 0 && st->last_asked_s > 0)
		st->due_s = st->last_asked_s + floor_s(w, f) + 1;
	set_due_from_state(w, f);
}

/*
 * Worker's loop: a poll is over. A refused one told us nothing: the feed is
 * as it was, and is polled again without validators, since what its document
 * held may not be known.
 */
static void
worker_on_polled(bool committed, struct feed_state *state, void *ctx)
{
	struct worker_feed *f = ctx;
	struct worker *w = f->worker;

	f->poll = NULL;
	w->in_flight--;
	if (f->leaving) {
		LIST_REMOVE(f, link);
		worker_feed_free(f);
		goto out;
	}
	if (committed) {
		feed_state_clear(&f->state);
		f->state = *state;
		*state = (struct feed_state){ 0 };
	} else {
		free(f->state.etag);
		free(f->state.last_modified);
		f->state.etag = f->state.last_modified = NULL;
		f->state.due_s = clock_wall_us(w->env.fetch.clock) /
		    CLOCK_US_PER_S + REFUSED_RETRY_S;
	}
	if (f->every_changed)
		renew_due(w, f);
	else
		set_due_from_state(w, f);
	f->every_changed = false;
out:
	if (!w->draining)
		arm_timer(w);
	else if (w->in_flight == 0)
		event_base_loopbreak(w->base);
}

/* A watched file whose stamp is the stored one needs no poll. */
static bool
is_unchanged_file(const struct worker_feed *f)
{
	char stamp[96];
	struct err err;

	return f->conf->file != NULL && f->state.etag != NULL &&
	    f->state.failures == 0 &&
	    poll_file_stamp(f->conf->file, stamp, sizeof(stamp), &err) &&
	    strcmp(stamp, f->state.etag) == 0;
}

/* 0: the gate is entered; else how long to wait, in µs. */
static int64_t
enter_gate(struct worker *w, const struct worker_feed *f)
{
	char host[URL_MAX_BYTES];
	struct err err;

	if (f->conf->file != NULL ||
	    fetch_host_of(f->conf->url, host, sizeof(host), &err) == -1)
		return 0;	/* poll_start says what is wrong with it */
	return host_gate_enter(w->gate, host, mono_us(w));
}

static void
start_poll(struct worker *w, struct worker_feed *f)
{
	int64_t every_s = f->conf->every_s > 0 ? f->conf->every_s : 1;
	struct err err;
	int64_t wait;

	if (is_unchanged_file(f)) {
		set_due(w, f, every_s * CLOCK_US_PER_S);
		return;
	}
	wait = enter_gate(w, f);
	if (wait == 0) {
		f->poll = poll_start(&w->env, f->conf, &f->state, &poll_ops,
		    f, &err);
		w->in_flight += f->poll != NULL;
		if (f->poll != NULL)
			return;
		log_error("poll_not_started", LOG_S("feed", f->conf->url),
		    LOG_S("why", err.msg));
		wait = w->env.conf->poll.min_s * CLOCK_US_PER_S;
	}
	set_due(w, f, wait > 0 ? wait : CLOCK_US_PER_S);
}

/*
 * Worker's loop: the due timer fired. Starts what is due and arms the timer
 * for what is next; never waits. Polls end in worker_on_polled, on this same
 * loop.
 */
static void
worker_on_due(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct schedule_entry *e;

	(void)fd;
	(void)what;
	if (w->draining)
		return;
	while (w->in_flight < MAX_IN_FLIGHT) {
		/* A poll in flight must find room for what it finds. */
		if (!ledger_has_room(w->env.ledger, 2)) {
			arm_after(w->due_timer, ROOM_RETRY_MS * 1000);
			return;
		}
		e = schedule_pop_due(w->schedule, mono_us(w));
		if (e == NULL)
			break;
		start_poll(w, (struct worker_feed *)(void *)e);
	}
	arm_timer(w);
}

static void
begin_drain(struct worker *w, int grace_ms)
{
	if (w->draining)
		return;
	w->draining = true;
	evtimer_del(w->due_timer);
	if (w->in_flight == 0)
		event_base_loopbreak(w->base);
	else
		arm_after(w->grace_timer, (int64_t)grace_ms * 1000);
}

/* Worker's loop: batches came back, or the time to end has come. */
static void
worker_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct mail *next;
	int grace_ms;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(w->box); m != NULL; m = next) {
		next = m->next;
		poll_acknowledge((struct batch *)(void *)m);
	}
	grace_ms = atomic_load(&w->grace_ms);
	if (grace_ms >= 0)
		begin_drain(w, grace_ms);
}

/* Worker's loop: requests still under way are given up. */
static void
worker_on_grace(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct worker_feed *f, *next;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < w->feeds.n; i++)
		if (w->feeds.slots[i].feed->poll != NULL)
			poll_cancel(w->feeds.slots[i].feed->poll);
	for (f = LIST_FIRST(&w->leaving); f != NULL; f = next) {
		next = LIST_NEXT(f, link);	/* it may go */
		poll_cancel(f->poll);
	}
}

/* An order */

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
	f->left_every_s = f->conf->every_s;
	f->conf = NULL;
	f->leaving = true;
	LIST_INSERT_HEAD(&w->leaving, f, link);
}

/* poll.min and poll.max hold from now on for feeds that have no interval of
 * their own; what a failure or a refusal made due stays. */
static void
keep_within_bounds(struct worker_feed *f)
{
	const struct conf *conf = f->worker->env.conf;
	struct feed_state *st = &f->state;
	int64_t most = conf->poll.max_s;

	if (f->conf->every_s > 0 || f->poll != NULL || st->failures > 0 ||
	    st->last_asked_s == 0)
		return;
	if (st->due_s < st->last_asked_s + conf->poll.min_s + 1)
		st->due_s = st->last_asked_s + conf->poll.min_s + 1;
	/* With the jitter that every interval has. */
	most += most / 10 + 1;
	if (st->due_s > st->last_asked_s + most)
		st->due_s = st->last_asked_s + most;
	set_due_from_state(f->worker, f);
}

static void
feed_stays(struct worker_feed *f, const struct conf_feed *next)
{
	bool changed = f->conf->every_s != next->every_s;

	f->conf = next;
	if (!changed && f->worker->bounds_changed)
		keep_within_bounds(f);
	if (!changed)
		return;
	if (f->poll != NULL)
		f->every_changed = true;
	else
		renew_due(f->worker, f);
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
		set_due_from_state(f->worker, f);
		return f;
	}
	LIST_REMOVE(old, link);
	old->leaving = false;
	old->every_changed |= old->left_every_s != f->conf->every_s;
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
	arm_timer(w);
	return 0;
}

/* Worker's loop: a configuration has come. */
static void
worker_on_order(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct mail *next;

	(void)fd;
	(void)what;
	for (struct mail *m = mailbox_take(w->orders); m != NULL; m = next) {
		struct worker_order *o = (struct worker_order *)(void *)m;

		next = m->next;
		o->failed = follow(w, o, &o->err) == -1;
		mailbox_put_always(o->reply, &o->mail);
	}
}

void
worker_take(struct worker *w, struct worker_order *o)
{
	mailbox_put_always(w->orders, &o->mail);
}

/* The thread */

static void *
worker_run(void *arg)
{
	struct worker *w = arg;

	event_base_dispatch(w->base);
	heartbeat_retire(w->heartbeat);
	return NULL;
}

static void
free_event(struct event *ev)
{
	if (ev != NULL)
		event_free(ev);
}

/* Orders that came too late go back. */
static void
return_orders(struct worker *w)
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

static void
worker_free(struct worker *w)
{
	struct worker_feed *f;

	if (w == NULL)
		return;
	if (w->orders != NULL)
		return_orders(w);
	http_free(w->http);
	free_event(w->due_timer);
	free_event(w->on_box);
	free_event(w->on_order);
	free_event(w->grace_timer);
	free_event(w->beat);
	if (w->base != NULL)
		event_base_free(w->base);
	mailbox_free(w->box);
	mailbox_free(w->orders);
	schedule_free(w->schedule);
	matcher_free(w->matcher);
	while ((f = LIST_FIRST(&w->leaving)) != NULL) {
		LIST_REMOVE(f, link);
		worker_feed_free(f);
	}
	worker_feeds_clear(&w->feeds);
	conf_unref(w->env.conf);
	db_close(w->reader);
	free(w);
}

static struct event *
on_mail(struct worker *w, const struct mailbox *box, event_callback_fn fn)
{
	struct event *ev = event_new(w->base, mailbox_fd(box),
	    EV_READ | EV_PERSIST, fn, w);

	if (ev != NULL && event_add(ev, NULL) == -1) {
		event_free(ev);
		return NULL;
	}
	return ev;
}

static bool
make_parts(struct worker *w)
{
	w->base = event_base_new();
	w->box = mailbox_new(1024);
	w->orders = mailbox_new(4);
	w->schedule = schedule_new();
	w->matcher = matcher_new();
	if (w->base == NULL || w->box == NULL || w->orders == NULL ||
	    w->schedule == NULL || w->matcher == NULL)
		return false;
	w->http = http_new(w->base, IDLE_HTTP);
	w->due_timer = evtimer_new(w->base, worker_on_due, w);
	w->grace_timer = evtimer_new(w->base, worker_on_grace, w);
	w->on_box = on_mail(w, w->box, worker_on_box);
	w->on_order = on_mail(w, w->orders, worker_on_order);
	w->beat = heartbeat_attach(w->heartbeat, w->base);
	return w->http != NULL && w->due_timer != NULL &&
	    w->grace_timer != NULL && w->on_box != NULL &&
	    w->on_order != NULL && w->beat != NULL;
}

static void
fill_env(struct worker *w, const struct worker_env *env)
{
	w->gate = env->gate;
	w->env = (struct poll_env){
		.fetch = { w->base, w->http, env->gate, env->clock },
		.reader = w->reader, .ledger = env->ledger,
		.claims = env->claims, .replies = w->box,
		.matcher = w->matcher, .counters = env->counters,
		.instance = env->instance,
	};
}

struct worker *
worker_start(const struct worker_env *env, const struct worker_part *part,
    struct err *err)
{
	struct worker *w = calloc(1, sizeof(*w));
	char name[16];
	int rc;

	if (w == NULL) {
		db_close(part->reader);
		err_set(err, "out of memory");
		return NULL;
	}
	LIST_INIT(&w->leaving);
	w->reader = part->reader;
	w->heartbeat = part->heartbeat;
	atomic_init(&w->grace_ms, -1);
	if (!make_parts(w)) {
		err_set(err, "making a worker: out of memory or descriptors");
		goto fail;
	}
	fill_env(w, env);
	rc = pthread_create(&w->thread, NULL, worker_run, w);
	if (rc == 0) {
		w->started = true;
		snprintf(name, sizeof(name), "worker-%zu", part->index);
		(void)pthread_setname_np(w->thread, name);	/* for people */
		return w;
	}
	err_set(err, "starting a worker: %s", strerror(rc));
fail:
	worker_free(w);
	return NULL;
}

void
worker_drain(struct worker *w, int grace_ms)
{
	atomic_store(&w->grace_ms, grace_ms);
	mailbox_wake(w->box);
}

void
worker_stop(struct worker *w)
{
	if (w == NULL)
		return;
	if (w->started) {
		if (atomic_load(&w->grace_ms) < 0)
			worker_drain(w, 0);
		pthread_join(w->thread, NULL);
	}
	worker_free(w);
}
