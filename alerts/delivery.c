/* SPDX-License-Identifier: ISC */
/*
 * A queue for each sink. Rows are read behind a cursor, a hundred at a time,
 * and one is under way at any moment:
 *
 *	store --load--> ready --send--> sending --delivered--> mark
 *	                  ^                |
 *	                  |<--sink waits---|      (hold: nobody is sent)
 *	                  |                v
 *	                  `--a minute-- parked    (rejected: others go on)
 *
 * `pump` moves a queue as far as it goes and arms the queue's one timer for
 * what must wait. Sinks may answer inside send; then pump's loop goes on, so
 * that a long queue does not become deep recursion.
 */
#include "alerts/delivery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

enum {
	READ_AT_ONCE = 100,
	/* A receiver that rejects everything must not fill the memory. */
	MAX_PARKED = 100,
	/* Sends in one turn of the loop, for sinks that answer at once. */
	BURST = 256,
	STORE_RETRY_S = 5,	/* the store could not be read */

	FIRST_WAIT_S = 5,
	LONGEST_WAIT_S = 15 * 60,
	LONGEST_RETRY_AFTER_S = 24 * 3600,
	ROW_WAIT_S = 60,
	MAX_REJECTIONS = 2
};

/* Pure: the rule of waiting */

/* 5 s, 10 s, 20 s ... 15 min; 80 % to 120 % of it. */
static int64_t
back_off(unsigned failures, uint32_t random)
{
	int64_t wait_s = FIRST_WAIT_S;

	for (unsigned i = 1; i < failures && wait_s < LONGEST_WAIT_S; i++)
		wait_s *= 2;
	if (wait_s > LONGEST_WAIT_S)
		wait_s = LONGEST_WAIT_S;
	return wait_s * (800 + random % 401) / 1000;
}

static enum delivery_step
after_failure(const struct delivery_try *t, int64_t *wait_s)
{
	int64_t said_s = t->outcome.retry_after_s;

	if (t->failing_for_s >= t->keep_trying_s)
		return DELIVERY_SINK_GIVEN_UP;
	if (said_s <= 0)
		*wait_s = back_off(t->sink_failures, t->random);
	else if (said_s < LONGEST_RETRY_AFTER_S)
		*wait_s = said_s;
	else
		*wait_s = LONGEST_RETRY_AFTER_S;
	return DELIVERY_SINK_WAITS;
}

enum delivery_step
delivery_next(const struct delivery_try *t, int64_t *wait_s)
{
	*wait_s = 0;
	switch (t->outcome.result) {
	case SEND_DELIVERED:
		return DELIVERY_SENT;
	case SEND_SINK_GONE:
		return DELIVERY_SINK_OFF;
	case SEND_REJECTED:
		if (t->row_rejections >= MAX_REJECTIONS)
			return DELIVERY_ROW_GIVEN_UP;
		*wait_s = ROW_WAIT_S;
		return DELIVERY_ROW_LATER;
	case SEND_SINK_WAITS:
		break;
	}
	return after_failure(t, wait_s);
}

/* Queues */

struct row {
	TAILQ_ENTRY(row) link;
	int64_t		 seq;
	unsigned	 tries;		/* ever, as the store counts */
	unsigned	 rejections;	/* in this process */
	int64_t		 due_us;	/* parked: mono */
	size_t		 id_n, body_n;
	char		 data[];	/* id, body */
};

TAILQ_HEAD(rows, row);

struct queue {
	struct queue		*next;
	struct delivery		*delivery;
	const struct sink_settings *settings;	/* borrowed */
	const struct sink_kind	*kind;
	struct sink		*sink;		/* owned */
	struct event		*timer;		/* owned: pump again */
	struct rows		 ready, parked;
	size_t			 n_parked;
	struct row		*sending;	/* under way, or NULL */
	int64_t			 cursor;	/* last seq that was read */
	bool			 more;		/* the store may hold more */
	bool			 off;
	bool			 pumping;
	int64_t			 hold_us;	/* mono: nothing before it */
	unsigned		 failures;	/* in a row */
	int64_t			 failing_since_us;	/* mono */
};

struct delivery {
	struct sink_env		 env;		/* its own copy */
	struct db		*reader;	/* borrowed */
	const struct delivery_ops *ops;
	void			*ctx;
	struct queue		*queues;
	uint64_t		 random;
	bool			 stopped;
};

static void	pump(struct queue *);

static int64_t
mono_us(const struct queue *q)
{
	return clock_mono_us(q->delivery->env.clock);
}

static int64_t
wall_s(const struct queue *q)
{
	return clock_wall_us(q->delivery->env.clock) / CLOCK_US_PER_S;
}

/* splitmix64: only so that many sinks do not knock in step. */
static uint32_t
next_random(struct delivery *d)
{
	uint64_t z = d->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z >> 32);
}

static void
hold(struct queue *q, int64_t wait_s)
{
	int64_t until_us = mono_us(q) + wait_s * CLOCK_US_PER_S;

	if (until_us > q->hold_us)
		q->hold_us = until_us;
}

/* At least a millisecond: the loop's clock may be a little behind ours. */
static void
arm(struct queue *q, int64_t until_us)
{
	int64_t us = clock_real_us(q->delivery->env.clock,
	    until_us - mono_us(q));
	struct timeval tv;

	if (us < 1000)
		us = 1000;
	tv.tv_sec = (time_t)(us / CLOCK_US_PER_S);
	tv.tv_usec = (suseconds_t)(us % CLOCK_US_PER_S);
	if (evtimer_add(q->timer, &tv) == -1)
		log_error("delivery_stuck", LOG_S("sink", q->settings->name),
		    LOG_S("why", "no timer; the next alert wakes it"));
}

static void
drop_rows(struct rows *rows)
{
	struct row *r;

	while ((r = TAILQ_FIRST(rows)) != NULL) {
		TAILQ_REMOVE(rows, r, link);
		free(r);
	}
}

/* Reading */

struct load {
	struct queue	*queue;
	size_t		 n;
	bool		 failed;	/* memory */
};

/*
 * A row that was tried before this process began: its sink was failing, so it
 * is held until the time that was set then, and counts on from there. What
 * lies between that time and now nobody tried; it does not count.
 */
static void
remember(struct queue *q, const struct outbox_row *r)
{
	int64_t now_s = wall_s(q);
	int64_t until_s = r->due_s < now_s ? r->due_s : now_s;

	if (r->tries == 0)
		return;
	if (r->due_s > now_s)
		hold(q, r->due_s - now_s < LONGEST_RETRY_AFTER_S ?
		    r->due_s - now_s : LONGEST_RETRY_AFTER_S);
	if (q->failures > 0 || r->first_tried_s <= 0 ||
	    r->first_tried_s > until_s)
		return;
	q->failures = r->tries;
	q->failing_since_us = mono_us(q) -
	    (until_s - r->first_tried_s) * CLOCK_US_PER_S;
}

static void
take_row(const struct outbox_row *r, void *ctx)
{
	struct load *l = ctx;
	struct row *row;

	if (l->failed)
		return;
	row = malloc(sizeof(*row) + r->alert_id.n + r->body.n);
	if (row == NULL) {
		l->failed = true;
		return;
	}
	*row = (struct row){ .seq = r->seq, .tries = r->tries,
		.id_n = r->alert_id.n, .body_n = r->body.n };
	if (row->id_n > 0)
		memcpy(row->data, r->alert_id.p, row->id_n);
	if (row->body_n > 0)
		memcpy(row->data + row->id_n, r->body.p, row->body_n);
	remember(l->queue, r);
	TAILQ_INSERT_TAIL(&l->queue->ready, row, link);
	l->queue->cursor = r->seq;
	l->n++;
}

static void
load(struct queue *q)
{
	struct load l = { .queue = q };
	struct err err;

	q->more = false;
	if (outbox_each_waiting(q->delivery->reader, q->settings->name,
	    q->cursor, READ_AT_ONCE, take_row, &l, &err) == 0 && !l.failed) {
		q->more = l.n == READ_AT_ONCE;
		return;
	}
	log_warn("outbox_unreadable", LOG_S("sink", q->settings->name),
	    LOG_S("why", l.failed ? "out of memory" : err.msg));
	q->more = true;
	hold(q, STORE_RETRY_S);
}

/* What became of a try */

static void
mark(struct queue *q, const struct row *r, enum outbox_state state,
    int64_t wait_s, const char *error)
{
	struct outbox_mark m = { .seq = r->seq, .state = state,
		.tries = r->tries };

	m.tried_s = wall_s(q);
	m.due_s = wait_s > 0 ? m.tried_s + wait_s : 0;
	(void)snprintf(m.error, sizeof(m.error), "%s", error);
	q->delivery->ops->on_mark(&m, q->delivery->ctx);
}

/* What waits stays in the store; only this process stops looking. */
static void
switch_off(struct queue *q, const char *why, bool give_up)
{
	struct outbox_sink_state state = { .disabled = true };

	state.since_s = wall_s(q);
	(void)snprintf(state.reason, sizeof(state.reason), "%s%s",
	    give_up ? "kept failing: " : "", why);
	q->off = true;
	drop_rows(&q->ready);
	drop_rows(&q->parked);
	q->n_parked = 0;
	q->delivery->ops->on_sink_off(q->settings->name, &state, give_up,
	    q->delivery->ctx);
}

static void
park(struct queue *q, struct row *r, int64_t wait_s)
{
	r->due_us = mono_us(q) + wait_s * CLOCK_US_PER_S;
	TAILQ_INSERT_TAIL(&q->parked, r, link);
	q->n_parked++;
}

/* Says once that a sink fails, and once that it works again. */
static void
count(struct queue *q, struct row *r, const struct send_outcome *o)
{
	r->tries++;
	r->rejections += o->result == SEND_REJECTED;
	if (o->result == SEND_SINK_WAITS) {
		if (q->failures++ > 0)
			return;
		q->failing_since_us = mono_us(q);
		log_warn("sink_fails", LOG_S("sink", q->settings->name),
		    LOG_S("why", o->message));
		return;
	}
	if (q->failures > 0 && o->result != SEND_SINK_GONE)
		log_info("sink_works_again",
		    LOG_S("sink", q->settings->name));
	q->failures = 0;
}

static enum delivery_step
decide(struct queue *q, const struct row *r, const struct send_outcome *o,
    int64_t *wait_s)
{
	struct delivery_try t = {
		.outcome = *o,
		.row_rejections = r->rejections,
		.sink_failures = q->failures,
		.keep_trying_s = q->settings->keep_trying_s,
		.random = next_random(q->delivery),
	};

	if (q->failures > 0)
		t.failing_for_s = (mono_us(q) - q->failing_since_us) /
		    CLOCK_US_PER_S;
	return delivery_next(&t, wait_s);
}

/* Gives r to where the step puts it; every try leaves one mark. */
static void
follow(struct queue *q, struct row *r, const struct send_outcome *o)
{
	int64_t wait_s;

	switch (decide(q, r, o, &wait_s)) {
	case DELIVERY_SENT:
		mark(q, r, OUTBOX_SENT, 0, "");
		break;
	case DELIVERY_SINK_WAITS:
		mark(q, r, OUTBOX_WAITING, wait_s, o->message);
		hold(q, wait_s);
		TAILQ_INSERT_HEAD(&q->ready, r, link);
		return;
	case DELIVERY_ROW_LATER:
		mark(q, r, OUTBOX_WAITING, wait_s, o->message);
		park(q, r, wait_s);
		return;
	case DELIVERY_ROW_GIVEN_UP:
		mark(q, r, OUTBOX_GIVEN_UP, 0, o->message);
		log_warn("alert_given_up", LOG_S("sink", q->settings->name),
		    LOG_I("seq", r->seq), LOG_S("why", o->message));
		break;
	case DELIVERY_SINK_OFF:
		/* As if untried: once switched on it has its whole time. */
		r->tries = 0;
		mark(q, r, OUTBOX_WAITING, 0, o->message);
		switch_off(q, o->message, false);
		break;
	case DELIVERY_SINK_GIVEN_UP:
		mark(q, r, OUTBOX_GIVEN_UP, 0, o->message);
		switch_off(q, o->message, true);
		break;
	}
	free(r);
}

/* The courier's thread: from inside send, or from the loop. */
static void
queue_on_done(const struct send_outcome *o, void *ctx)
{
	struct queue *q = ctx;
	struct row *r = q->sending;

	q->sending = NULL;
	count(q, r, o);
	follow(q, r, o);
	pump(q);
}

/* Moving on */

/* The row to send now, out of its list; NULL: none, with the time in *at_us
 * when there may be one (INT64_MAX: after a look). */
static struct row *
next_row(struct queue *q, int64_t *at_us)
{
	struct row *parked = TAILQ_FIRST(&q->parked), *r;

	*at_us = parked != NULL ? parked->due_us : INT64_MAX;
	if (parked != NULL && parked->due_us <= mono_us(q)) {
		TAILQ_REMOVE(&q->parked, parked, link);
		q->n_parked--;
		return parked;
	}
	if (q->n_parked >= MAX_PARKED)
		return NULL;
	if (TAILQ_EMPTY(&q->ready) && q->more)
		load(q);
	if (q->hold_us > mono_us(q)) {	/* load may have said so */
		*at_us = q->hold_us;
		return NULL;
	}
	if ((r = TAILQ_FIRST(&q->ready)) != NULL)
		TAILQ_REMOVE(&q->ready, r, link);
	return r;
}

static void
send_row(struct queue *q, struct row *r)
{
	struct sink_message m = {
		.id = { r->data, r->id_n },
		.body = { r->data + r->id_n, r->body_n },
	};

	q->sending = r;
	q->kind->send(q->sink, &m, queue_on_done, q);
}

static bool
can_send(const struct queue *q)
{
	return !q->delivery->stopped && !q->off && q->sending == NULL;
}

static void
pump(struct queue *q)
{
	int64_t at_us = q->hold_us;
	struct row *r = NULL;

	if (q->pumping)
		return;
	q->pumping = true;
	for (int i = 0; can_send(q); i++) {
		at_us = q->hold_us;
		if (at_us <= mono_us(q) && i < BURST)
			r = next_row(q, &at_us);
		if (r == NULL)
			break;
		send_row(q, r);
		r = NULL;
	}
	q->pumping = false;
	if (can_send(q) && at_us != INT64_MAX)
		arm(q, at_us);
}

/* The courier's thread: the time to go on has come. Ends in queue_on_done. */
static void
queue_on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	pump(arg);
}

/* The public face */

struct delivery *
delivery_new(const struct sink_env *env, struct db *reader,
    const struct delivery_ops *ops, void *ctx)
{
	struct delivery *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->env = *env;
	d->reader = reader;
	d->ops = ops;
	d->ctx = ctx;
	if (getrandom(&d->random, sizeof(d->random), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(d->random))
		d->random = (uint64_t)clock_real_wall_s();
	return d;
}

static void
queue_free(struct queue *q)
{
	if (q == NULL)
		return;
	if (q->sink != NULL)
		q->kind->cancel(q->sink);
	if (q->kind != NULL)
		q->kind->free(q->sink);
	if (q->timer != NULL)
		event_free(q->timer);
	drop_rows(&q->ready);
	drop_rows(&q->parked);
	free(q->sending);
	free(q);
}

static int
refuse_kind(const char *name, struct err *err)
{
	const struct sink_kind *kind;
	char list[128] = "";
	size_t n = 0;

	for (size_t i = 0; (kind = sink_kind_at(i)) != NULL; i++) {
		if (n + strlen(kind->name) + 2 >= sizeof(list))
			break;
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
		    i > 0 ? " " : "", kind->name);
	}
	return err_set(err, "%s: no such kind of sink (there are: %s)",
	    name != NULL ? name : "none named", list);
}

/* A sink that was switched off takes nothing until it is switched on. */
static int
read_state(struct queue *q, struct err *err)
{
	struct outbox_sink_state state;

	if (outbox_load_sink(q->delivery->reader, q->settings->name, &state,
	    err) == -1)
		return -1;
	q->off = state.disabled;
	if (q->off)
		log_warn("sink_is_disabled", LOG_S("sink", q->settings->name),
		    LOG_S("why", state.reason));
	return 0;
}

int
delivery_add_sink(struct delivery *d, const struct sink_settings *settings,
    struct err *err)
{
	const struct sink_kind *kind = sink_find_kind(settings->kind);
	struct queue *q;

	if (kind == NULL)
		return refuse_kind(settings->kind, err);
	if ((q = calloc(1, sizeof(*q))) == NULL)
		return err_set(err, "out of memory");
	TAILQ_INIT(&q->ready);
	TAILQ_INIT(&q->parked);
	q->delivery = d;
	q->settings = settings;
	q->kind = kind;
	q->timer = evtimer_new(d->env.base, queue_on_timer, q);
	if (q->timer == NULL)
		err_set(err, "out of memory");
	else if ((q->sink = kind->open(&d->env, settings, err)) != NULL &&
	    read_state(q, err) == 0) {
		q->next = d->queues;
		d->queues = q;
		return 0;
	}
	queue_free(q);
	return -1;
}

void
delivery_look(struct delivery *d)
{
	for (struct queue *q = d->queues; q != NULL; q = q->next) {
		q->more = true;
		pump(q);
	}
}

void
delivery_stop(struct delivery *d)
{
	d->stopped = true;
	for (struct queue *q = d->queues; q != NULL; q = q->next)
		(void)evtimer_del(q->timer);	/* cannot fail */
}

bool
delivery_is_idle(const struct delivery *d)
{
	for (const struct queue *q = d->queues; q != NULL; q = q->next)
		if (q->sending != NULL)
			return false;
	return true;
}

void
delivery_free(struct delivery *d)
{
	struct queue *next;

	if (d == NULL)
		return;
	for (struct queue *q = d->queues; q != NULL; q = next) {
		next = q->next;
		queue_free(q);
	}
	free(d);
}
