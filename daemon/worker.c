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
#include "daemon/poll.h"
#include "feeds/host_gate.h"
#include "feeds/schedule.h"
#include "filters/matcher.h"

enum { MAX_IN_FLIGHT = 256, IDLE_HTTP = 64, ROOM_RETRY_MS = 50,
    REFUSED_RETRY_S = 5 };

struct worker_feed {
	struct schedule_entry	 entry;		/* first: the worker casts */
	struct worker		*worker;
	const struct conf_feed	*conf;
	struct feed_state	 state;
	struct poll		*poll;		/* under way, or NULL */
};

struct worker {
	struct poll_env		 env;
	struct host_gate	*gate;		/* borrowed */
	struct event_base	*base;
	struct event		*due_timer;	/* at the next due feed */
	struct event		*on_box, *grace_timer;
	struct http		*http;
	struct mailbox		*box;		/* replies and wake-ups */
	struct schedule		*schedule;
	struct matcher		*matcher;
	struct db		*reader;
	struct worker_feed	*feeds;
	size_t			 n_feeds;
	size_t			 in_flight;	/* polls */
	pthread_t		 thread;
	bool			 started;
	bool			 draining;	/* the thread's own view */
	atomic_int		 grace_ms;	/* -1: not told to end */
};

static void	worker_on_due(evutil_socket_t, short, void *);
static void	worker_on_box(evutil_socket_t, short, void *);
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
	/* The heap only grows while it is filled at the start. */
	log_error("feed_not_scheduled", LOG_S("feed", f->conf->url),
	    LOG_S("why", "out of memory"));
}

/* From the stored due time, which is wall time. */
static void
set_due_from_state(struct worker *w, struct worker_feed *f)
{
	int64_t now_us = clock_wall_us(w->env.fetch.clock);
	int64_t due_s = f->state.due_s;

	if (f->state.gone)
		return;
	if (due_s > INT64_MAX / CLOCK_US_PER_S)
		set_due(w, f, INT64_MAX);
	else if (due_s * CLOCK_US_PER_S <= now_us)
		set_due(w, f, 0);
	else
		set_due(w, f, due_s * CLOCK_US_PER_S - now_us);
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
	if (committed) {
		feed_state_clear(&f->state);
		f->state = *state;
		*state = (struct feed_state){ 0 };
		set_due_from_state(w, f);
	} else {
		free(f->state.etag);
		free(f->state.last_modified);
		f->state.etag = f->state.last_modified = NULL;
		set_due(w, f, REFUSED_RETRY_S * CLOCK_US_PER_S);
	}
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

	(void)fd;
	(void)what;
	for (size_t i = 0; i < w->n_feeds; i++)
		if (w->feeds[i].poll != NULL)
			poll_cancel(w->feeds[i].poll);
}

/* Reads what is remembered of each feed and schedules it. */
static int
load_feeds(struct worker *w, struct err *err)
{
	for (size_t i = 0; i < w->n_feeds; i++) {
		struct worker_feed *f = &w->feeds[i];

		if (feed_store_load(w->reader, f->conf->url, &f->state,
		    err) == -1)
			return err_wrap(err, "reading the state of %s",
			    f->conf->url);
		set_due_from_state(w, f);
	}
	return 0;
}

static void *
worker_run(void *arg)
{
	struct worker *w = arg;

	arm_timer(w);
	event_base_dispatch(w->base);
	return NULL;
}

static void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	http_free(w->http);
	if (w->due_timer != NULL)
		event_free(w->due_timer);
	if (w->on_box != NULL)
		event_free(w->on_box);
	if (w->grace_timer != NULL)
		event_free(w->grace_timer);
	if (w->base != NULL)
		event_base_free(w->base);
	mailbox_free(w->box);
	schedule_free(w->schedule);
	matcher_free(w->matcher);
	for (size_t i = 0; i < w->n_feeds; i++)
		feed_state_clear(&w->feeds[i].state);
	free(w->feeds);
	db_close(w->reader);
	free(w);
}

static bool
make_parts(struct worker *w)
{
	w->base = event_base_new();
	w->box = mailbox_new(1024);
	w->schedule = schedule_new();
	w->matcher = matcher_new();
	if (w->base == NULL || w->box == NULL || w->schedule == NULL ||
	    w->matcher == NULL)
		return false;
	w->http = http_new(w->base, IDLE_HTTP);
	w->due_timer = evtimer_new(w->base, worker_on_due, w);
	w->grace_timer = evtimer_new(w->base, worker_on_grace, w);
	w->on_box = event_new(w->base, mailbox_fd(w->box),
	    EV_READ | EV_PERSIST, worker_on_box, w);
	return w->http != NULL && w->due_timer != NULL &&
	    w->grace_timer != NULL && w->on_box != NULL &&
	    event_add(w->on_box, NULL) == 0;
}

static bool
take_feeds(struct worker *w, const struct conf_feed *const *feeds, size_t n)
{
	w->feeds = calloc(n > 0 ? n : 1, sizeof(*w->feeds));
	if (w->feeds == NULL)
		return false;
	w->n_feeds = n;
	for (size_t i = 0; i < n; i++) {
		w->feeds[i].entry.place = SCHEDULE_NOWHERE;
		w->feeds[i].worker = w;
		w->feeds[i].conf = feeds[i];
	}
	return true;
}

static void
fill_env(struct worker *w, const struct worker_env *env)
{
	w->gate = env->gate;
	w->env = (struct poll_env){
		.fetch = { w->base, w->http, env->gate, env->clock },
		.conf = env->conf, .reader = w->reader,
		.ledger = env->ledger, .replies = w->box,
		.matcher = w->matcher, .counters = env->counters,
		.instance = env->instance, .user_agent = env->user_agent,
	};
}

struct worker *
worker_start(const struct worker_env *env, struct db *reader,
    const struct conf_feed *const *feeds, size_t n, struct err *err)
{
	struct worker *w = calloc(1, sizeof(*w));
	int rc;

	if (w == NULL) {
		db_close(reader);
		err_set(err, "out of memory");
		return NULL;
	}
	w->reader = reader;
	atomic_init(&w->grace_ms, -1);
	if (!take_feeds(w, feeds, n) || !make_parts(w)) {
		err_set(err, "making a worker: out of memory or descriptors");
		goto fail;
	}
	fill_env(w, env);
	if (load_feeds(w, err) == -1)
		goto fail;
	rc = pthread_create(&w->thread, NULL, worker_run, w);
	if (rc == 0) {
		w->started = true;
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
