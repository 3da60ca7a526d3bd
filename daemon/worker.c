/* SPDX-License-Identifier: ISC */
/*
 * One libevent timer stands for all feeds: it fires when the earliest in the
 * schedule is due. A feed is in the schedule or has a poll under way, never
 * both; in neither is one that answered 410, nor one whose move is being taken
 * back just now (daemon/worker_wish.c).
 *
 * Due times are kept in the store as steady time, which goes on over a restart,
 * and in the schedule as monotonic time; the difference of both never changes,
 * so that a jump of the wall clock moves nobody's turn.
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
#include "base/loop.h"
#include "base/mailbox.h"
#include "base/url.h"
#include "daemon/batch.h"
#include "daemon/conf.h"
#include "daemon/counters.h"
#include "daemon/keeper.h"
#include "daemon/learner.h"
#include "daemon/ledger.h"
#include "daemon/manners.h"
#include "daemon/pages.h"
#include "daemon/poll.h"
#include "daemon/refusal.h"
#include "daemon/watchdog.h"
#include "daemon/worker_private.h"
#include "daemon/worker_wish.h"
#include "feeds/claims.h"
#include "feeds/host_gate.h"
#include "feeds/schedule.h"
#include "feeds/url_owner.h"
#include "feeds/url_turn.h"
#include "filters/matcher.h"
#include "filters/story_sign.h"

enum { MAX_IN_FLIGHT = 256, MAX_WAITING = 1024, IDLE_HTTP = 64,
    ROOM_RETRY_MS = 50, BURST = 8, REFUSED_RETRY_S = 5 };

static void	worker_on_due(evutil_socket_t, short, void *);
static void	worker_on_box(evutil_socket_t, short, void *);
static void	worker_on_order(evutil_socket_t, short, void *);
static void	worker_on_wish(evutil_socket_t, short, void *);
static void	worker_on_grace(evutil_socket_t, short, void *);
static void	worker_on_wait(bool, void *);
static void	worker_on_pages(void *);
static void	worker_on_polled(bool, struct feed_state *, void *);

static const struct poll_ops poll_ops = { .on_wait = worker_on_wait,
	.on_end = worker_on_polled };

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

/* Those that wait for a gate or a connection are not in the way of others, up
 * to a bound: an address that hangs may have a thousand names. */
static bool
is_full(const struct worker *w)
{
	size_t waiting = w->waiting < MAX_WAITING ? w->waiting : MAX_WAITING;

	return w->in_flight - waiting >= MAX_IN_FLIGHT;
}

void
worker_arm_timer(struct worker *w)
{
	int64_t next = schedule_next_us(w->schedule);

	if (w->draining || next == INT64_MAX) {
		evtimer_del(w->due_timer);
		return;
	}
	if (is_full(w))
		return;		/* the next poll that ends looks again */
	arm_after(w->due_timer, clock_real_us(w->env.fetch.clock,
	    next - mono_us(w)));
}

static bool
is_idle(const struct worker *w)
{
	return w->in_flight == 0 && pages_in_flight(w->pages) == 0;
}

void
worker_go_on(struct worker *w)
{
	if (!w->draining)
		worker_arm_timer(w);
	else if (is_idle(w))
		event_base_loopbreak(w->base);
}

/* Worker's loop: a page has ended. */
static void
worker_on_pages(void *ctx)
{
	struct worker *w = ctx;

	if (w->draining && is_idle(w))
		event_base_loopbreak(w->base);
}

/* After a restart, or a wait for the host, it may be an hour that the document
 * skips: the wait goes on to its end. */
static int64_t
past_skipped_us(const struct worker *w, const struct worker_feed *f,
    int64_t wait_us)
{
	int64_t now = clock_wall_us(w->env.fetch.clock), at_s, open_s;
	struct feed_state st;

	worker_feed_peek(f, &st);
	if ((st.skip_hours == 0 && st.skip_days == 0) ||
	    f->conf->set->every_s > 0 || wait_us > INT64_MAX / 2 - now)
		return wait_us;
	at_s = (now + wait_us) / CLOCK_US_PER_S;
	open_s = schedule_open_s(st.skip_hours, st.skip_days, at_s);
	return open_s > at_s ? open_s * CLOCK_US_PER_S - now : wait_us;
}

static void
set_due(struct worker *w, struct worker_feed *f, int64_t wait)
{
	int64_t wait_us = past_skipped_us(w, f, wait);
	int64_t now = mono_us(w);
	int64_t due = wait_us > INT64_MAX - now ? INT64_MAX : now + wait_us;

	if (worker_is_being_kept(w, f))
		return;
	if (due == INT64_MAX || schedule_set(w->schedule, &f->entry, due) == 0)
		return;
	/* The heap only grows while a configuration brings new feeds. */
	log_error("feed_not_scheduled", LOG_U("feed", f->conf->url),
	    LOG_S("why", "out of memory"));
}

static int64_t
floor_s(const struct worker *w, const struct worker_feed *f)
{
	return f->conf->set->every_s > 0 ? f->conf->set->every_s :
	    w->env.conf->poll.min_s;
}

static int64_t
steady_s(const struct worker *w)
{
	return clock_steady_s(w->env.fetch.clock);
}

void
worker_fill_manners(const struct worker *w, const struct worker_feed *f,
    const struct feed_state *st, struct manners *m)
{
	*m = (struct manners){ .now_s = steady_s(w),
		.last_asked_s = st->last_asked_s, .due_s = st->due_s,
		.floor_s = floor_s(w, f) };
	if (f->conf->set->file == NULL)
		m->claim = claims_find(w->env.claims, f->conf->url);
}

void
worker_set_due_at(struct worker *w, struct worker_feed *f, int64_t due_s)
{
	int64_t now_us = clock_steady_us(w->env.fetch.clock);

	if (due_s > INT64_MAX / CLOCK_US_PER_S)
		set_due(w, f, INT64_MAX);
	else if (due_s * CLOCK_US_PER_S <= now_us)
		set_due(w, f, 0);
	else
		set_due(w, f, due_s * CLOCK_US_PER_S - now_us);
}

void
worker_set_due(struct worker *w, struct worker_feed *f)
{
	struct feed_state st;
	struct manners m;

	worker_feed_peek(f, &st);
	if (st.gone)
		return;
	worker_fill_manners(w, f, &st, &m);
	worker_set_due_at(w, f, manners_allowed_s(&m));
}

void
worker_count_feed(struct worker *w, const struct worker_feed *f, int64_t one)
{
	struct counters *c = w->env.counters;
	struct feed_state st;

	worker_feed_peek(f, &st);
	if (st.gone)
		counters_add(&c->feeds_gone, one);
	else if (st.failures > 0)
		counters_add(&c->feeds_failing, one);
	else if (st.last_good_s == 0)
		counters_add(&c->feeds_waiting, one);
}

/*
 * Worker's loop: a poll is over. A refused one told us nothing: the feed is
 * as it was, and is polled again without validators, since what its document
 * held may not be known.
 */
static void
worker_on_polled(bool committed, struct feed_state *state, void *ctx)
{
	struct worker_live *live = ctx;
	struct worker_feed *f = live->feed;
	struct worker *w = live->worker;

	live->poll = NULL;
	w->in_flight--;
	if (live->leaving) {
		LIST_REMOVE(live, link);
		/* It may have been led elsewhere since the reload. */
		if (live->url != NULL)
			url_owners_drop(w->env.owners, live->url);
		worker_feed_free(&w->feeds, f);
		goto out;
	}
	if (committed) {
		worker_count_feed(w, f, -1);
		feed_state_clear(&live->state);
		live->state = *state;
		*state = (struct feed_state){ 0 };
		worker_count_feed(w, f, 1);
	} else {
		free(live->state.etag);
		free(live->state.last_modified);
		live->state.etag = live->state.last_modified = NULL;
		/* A server is not asked earlier for it: its claim holds. */
		if (f->conf->set->file != NULL)
			live->state.due_s = steady_s(w) + REFUSED_RETRY_S;
	}
	if (live->bounds_changed)
		worker_keep_within_bounds(w, f);
	else
		worker_set_due(w, f);
	live->bounds_changed = false;
	worker_feed_rest(f);
out:
	worker_resume_wishes(w);
	worker_go_on(w);
}

/* Worker's loop: a poll waits, or goes on. */
static void
worker_on_wait(bool waits, void *ctx)
{
	struct worker *w = ((const struct worker_live *)ctx)->worker;

	if (!waits) {
		w->waiting--;
		return;
	}
	w->waiting++;
	if (!w->draining)
		worker_arm_timer(w);
}

/* A watched file whose stamp is the stored one needs no poll. */
static bool
is_unchanged_file(struct worker *w, struct worker_feed *f)
{
	const struct worker_live *live;
	char stamp[96];
	struct err err;
	bool unchanged;

	if (f->conf->set->file == NULL ||
	    (live = worker_feed_wake(f, w)) == NULL)
		return false;
	unchanged = live->state.etag != NULL && live->state.failures == 0 &&
	    poll_file_stamp(f->conf->set->file, stamp, sizeof(stamp), &err) &&
	    strcmp(stamp, live->state.etag) == 0;
	worker_feed_rest(f);
	return unchanged;
}

/* 0: the gate is entered; else how long to wait, in µs. */
static int64_t
enter_gate(struct worker *w, const struct worker_live *live)
{
	const struct conf_feed *conf = live->feed->conf;
	char host[URL_MAX_BYTES];
	struct err err;
	int64_t wait;

	if (conf->set->file != NULL ||
	    fetch_host_of(poll_first_url(&w->env, conf, &live->state), host,
	    sizeof(host), &err) == -1)
		return 0;	/* poll_start says what is wrong with it */
	wait = refusal_host_wait_us(&w->env.fetch, w->env.claims, host);
	return wait > 0 ? wait : host_gate_enter(w->gate, host, mono_us(w));
}

/*
 * How long the feed's URL is to be left alone, in µs: since its turn was
 * planned others may have been led there, and told off; or it is the turn of
 * one who is.
 */
static int64_t
claim_wait_us(const struct worker *w, const struct worker_live *live)
{
	const struct conf_feed *conf = live->feed->conf;
	int64_t until_s, turn_s, gone_s;
	struct manners m;

	if (conf->set->file != NULL)
		return 0;
	worker_fill_manners(w, live->feed, &live->state, &m);
	if (m.floor_s > w->env.conf->poll.min_s)
		m.floor_s = w->env.conf->poll.min_s;
	until_s = manners_claimed_s(&m);
	/* Of a poll that this process knows the state has it. */
	if (m.claim.asked_s > live->state.last_asked_s &&
	    (gone_s = poll_gone_until_s(&w->env, conf)) > until_s)
		until_s = gone_s;
	turn_s = url_turns_until_s(w->env.turns, conf->url, conf->url,
	    m.now_s);
	if (turn_s > until_s)
		until_s = turn_s;
	if (until_s <= m.now_s)
		return 0;
	if (until_s > INT64_MAX / CLOCK_US_PER_S)
		until_s = INT64_MAX / CLOCK_US_PER_S;
	/* To the moment: a second later it is another's again. */
	return until_s * CLOCK_US_PER_S -
	    clock_steady_us(w->env.fetch.clock);
}

/* How long after its time it began: the daemon was off, or had too much to do,
 * or others were asked at its host. A file is only looked at. */
static void
note_late(struct worker *w, const struct worker_live *live)
{
	const struct feed_state *st = &live->state;

	if (live->feed->conf->set->file == NULL && st->last_asked_s > 0 &&
	    st->due_s > 0 && st->due_s <= INT64_MAX / CLOCK_US_PER_S)
		histogram_add(&w->env.counters->polls_late,
		    clock_steady_us(w->env.fetch.clock) -
		    st->due_s * CLOCK_US_PER_S);
}

/* 0: its poll is under way; else how long to wait, in µs. */
static int64_t
begin_poll(struct worker *w, struct worker_live *live)
{
	const struct conf_feed *conf = live->feed->conf;
	int64_t wait = claim_wait_us(w, live);
	struct err err;

	if (wait == 0)
		wait = enter_gate(w, live);
	if (wait != 0)
		return wait > 0 ? wait : CLOCK_US_PER_S;
	live->poll = poll_start(&w->env, conf, &live->state, &poll_ops, live,
	    &err);
	if (live->poll != NULL) {
		w->in_flight++;
		note_late(w, live);
		return 0;
	}
	log_error("poll_not_started", LOG_U("feed", conf->url),
	    LOG_S("why", err.msg));
	return w->env.conf->poll.min_s * CLOCK_US_PER_S;
}

static void
start_poll(struct worker *w, struct worker_feed *f)
{
	int64_t every_s = f->conf->set->every_s > 0 ? f->conf->set->every_s : 1;
	struct worker_live *live;
	int64_t wait = CLOCK_US_PER_S;

	if (is_unchanged_file(w, f)) {
		set_due(w, f, every_s * CLOCK_US_PER_S);
		return;
	}
	live = worker_feed_wake(f, w);
	if (live != NULL) {
		wait = begin_poll(w, live);
		if (wait == 0)
			return;
		worker_feed_rest(f);
	} else
		log_error("poll_not_started", LOG_U("feed", f->conf->url),
		    LOG_S("why", "out of memory"));
	set_due(w, f, wait);
}

/*
 * Worker's loop: the due timer fired. Starts what is due and arms the timer
 * for what is next; never waits. Polls end in worker_on_polled, on this same
 * loop.
 *
 * A few at a time, and what servers have answered meanwhile comes between:
 * were all begun at once, fast ones would answer all at once, and hundreds of
 * documents be half read at a time, each with its parser.
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
	for (int n = 0; n < BURST && !is_full(w); n++) {
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
	worker_arm_timer(w);
}

static void
begin_drain(struct worker *w, int grace_ms)
{
	if (w->draining)
		return;
	w->draining = true;
	evtimer_del(w->due_timer);
	pages_drain(w->pages);
	if (is_idle(w))
		event_base_loopbreak(w->base);
	else
		arm_after(w->grace_timer, (int64_t)grace_ms * 1000);
}

static void
acknowledge(struct worker *w, struct batch *b)
{
	if (b->job.committed)
		pages_add(w->pages, b);
	poll_acknowledge(b);
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
		acknowledge(w, (struct batch *)(void *)m);
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
	struct worker_live *live, *next;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < w->feeds.n; i++)
		if (worker_feed_is_asked(w->feeds.list[i]))
			poll_cancel(w->feeds.list[i]->live->poll);
	for (live = LIST_FIRST(&w->leaving); live != NULL; live = next) {
		next = LIST_NEXT(live, link);	/* it may go */
		poll_cancel(live->poll);
	}
	pages_cancel(w->pages);
}

/* Worker's loop: a configuration has come. */
static void
worker_on_order(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	worker_follow_orders(arg);
}

/* Worker's loop: somebody wants something of a feed. */
static void
worker_on_wish(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	worker_grant_wishes(arg);
}

void
worker_wish(struct worker *w, struct worker_wish *wish)
{
	mailbox_put_always(w->wishes, &wish->job.mail);
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
worker_free(struct worker *w)
{
	struct worker_live *live;

	if (w == NULL)
		return;
	if (w->orders != NULL)
		worker_return_orders(w);
	if (w->wishes != NULL)
		worker_return_wishes(w);
	pages_free(w->pages);
	http_free(w->http);
	loop_event_free(w->due_timer);
	loop_event_free(w->on_box);
	loop_event_free(w->on_order);
	loop_event_free(w->on_wish);
	loop_event_free(w->grace_timer);
	loop_event_free(w->beat);
	if (w->base != NULL)
		event_base_free(w->base);
	mailbox_free(w->box);
	mailbox_free(w->orders);
	mailbox_free(w->wishes);
	schedule_free(w->schedule);
	matcher_free(w->matcher);
	learner_free(w->learner);
	story_signer_free(w->signer);
	keeper_free(w->keeper);
	while ((live = LIST_FIRST(&w->leaving)) != NULL) {
		LIST_REMOVE(live, link);
		worker_feed_free(&w->feeds, live->feed);
	}
	worker_feeds_clear(&w->feeds);
	conf_unref(w->env.conf);
	db_close(w->reader);
	free(w);
}

static bool
make_parts(struct worker *w)
{
	w->base = event_base_new();
	w->box = mailbox_new(1024);
	w->orders = mailbox_new(4);
	w->wishes = mailbox_new(64);
	w->schedule = schedule_new();
	w->matcher = matcher_new();
	w->learner = learner_new();
	w->signer = story_signer_new();
	w->keeper = keeper_new();
	if (w->base == NULL || w->box == NULL || w->orders == NULL ||
	    w->wishes == NULL || w->schedule == NULL || w->matcher == NULL ||
	    w->learner == NULL || w->signer == NULL || w->keeper == NULL)
		return false;
	w->http = http_new(w->base, IDLE_HTTP);
	w->due_timer = evtimer_new(w->base, worker_on_due, w);
	w->grace_timer = evtimer_new(w->base, worker_on_grace, w);
	w->on_box = loop_on_mail(w->base, w->box, worker_on_box, w);
	w->on_order = loop_on_mail(w->base, w->orders, worker_on_order, w);
	w->on_wish = loop_on_mail(w->base, w->wishes, worker_on_wish, w);
	w->beat = heartbeat_attach(w->heartbeat, w->base);
	return w->http != NULL && w->due_timer != NULL &&
	    w->grace_timer != NULL && w->on_box != NULL &&
	    w->on_order != NULL && w->on_wish != NULL && w->beat != NULL;
}

static void
fill_env(struct worker *w, const struct worker_env *env)
{
	w->gate = env->gate;
	http_share_limits(w->http, env->addresses, env->lookups);
	w->env = (struct poll_env){
		.fetch = { w->base, w->http, env->gate, env->clock },
		.reader = w->reader, .ledger = env->ledger,
		.claims = env->claims, .owners = env->owners,
		.turns = env->turns,
		.replies = w->box,
		.matcher = w->matcher, .learner = w->learner,
		.signer = w->signer,
		.keeper = w->keeper, .teller = env->teller,
		.counters = env->counters, .instance = env->instance,
	};
}

static bool
take_env(struct worker *w, const struct worker_env *env)
{
	const struct pages_env pages_env = { .poll = &w->env,
		.robots = env->robots, .extractor = env->extractor };

	fill_env(w, env);
	w->pages = pages_new(&pages_env, worker_on_pages, w);
	return w->pages != NULL;
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
	w->held_last = &w->held;
	w->reader = part->reader;
	w->heartbeat = part->heartbeat;
	atomic_init(&w->grace_ms, -1);
	if (!make_parts(w) || !take_env(w, env)) {
		err_set(err, "making a worker: out of memory or descriptors");
		goto fail;
	}
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
