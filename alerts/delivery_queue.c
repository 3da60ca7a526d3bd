/* SPDX-License-Identifier: ISC */
/*
 * Rows are read behind a cursor, a hundred at a time, and one is under way at
 * any moment:
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
#include "alerts/delivery_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "alerts/delivery.h"
#include "alerts/delivery_rows.h"
#include "alerts/outbox.h"
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
	LONGEST_HOLD_S = 24 * 3600
};

struct delivery_queue {
	struct delivery_hub	*hub;		/* borrowed */
	char			*name;		/* owned */
	struct delivery_outlet	 now, next;	/* owned */
	struct event		*timer;		/* owned: pump again */
	struct delivery_rows	 rows;
	struct delivery_row	*sending;	/* under way, or NULL */
	int64_t			 cursor;	/* last seq that was read */
	bool			 more;		/* the store may hold more */
	bool			 off;		/* disabled */
	bool			 changing;	/* to `next`, when idle */
	bool			 next_off;
	bool			 used;		/* had an outlet before */
	bool			 fresh;		/* stored tries do not count */
	bool			 pumping;
	int64_t			 hold_us;	/* mono: nothing before it */
	unsigned		 failures;	/* in a row */
	int64_t			 failing_since_us;	/* mono */
};

static void	pump(struct delivery_queue *);

static int64_t
mono_us(const struct delivery_queue *q)
{
	return clock_mono_us(q->hub->env.clock);
}

static int64_t
wall_s(const struct delivery_queue *q)
{
	return clock_wall_us(q->hub->env.clock) / CLOCK_US_PER_S;
}

/* splitmix64: only so that many sinks do not knock in step. */
static uint32_t
next_random(struct delivery_hub *hub)
{
	uint64_t z = hub->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z >> 32);
}

static void
hold(struct delivery_queue *q, int64_t wait_s)
{
	int64_t until_us = mono_us(q) + wait_s * CLOCK_US_PER_S;

	if (until_us > q->hold_us)
		q->hold_us = until_us;
}

/* At least a millisecond: the loop's clock may be a little behind ours. */
static void
arm(struct delivery_queue *q, int64_t until_us)
{
	int64_t us = clock_real_us(q->hub->env.clock, until_us - mono_us(q));
	struct timeval tv;

	if (us < 1000)
		us = 1000;
	tv.tv_sec = (time_t)(us / CLOCK_US_PER_S);
	tv.tv_usec = (suseconds_t)(us % CLOCK_US_PER_S);
	if (evtimer_add(q->timer, &tv) == -1)
		log_error("delivery_stuck", LOG_S("sink", q->name),
		    LOG_S("why", "no timer; the next alert wakes it"));
}

/* From the next turn of the loop on. */
static void
wake(struct delivery_queue *q)
{
	if (!q->hub->stopped)
		event_active(q->timer, EV_TIMEOUT, 0);
}

/* Reading */

struct load {
	struct delivery_queue	*queue;
	size_t			 n;
	bool			 failed;	/* memory */
};

/*
 * A row that was tried before this process began: its sink was failing, so it
 * is held until the time that was set then, and counts on from there. What
 * lies between that time and now nobody tried; it does not count. Nor does what
 * a sink's former settings met.
 */
static void
remember(struct delivery_queue *q, const struct outbox_row *r)
{
	int64_t now_s = wall_s(q);
	/* A try in the future: the clock was set back since. */
	int64_t from_s = r->tried_s > now_s ? r->tried_s : now_s;
	int64_t until_s = r->due_s < now_s ? r->due_s : now_s;

	if (r->tries == 0 || q->fresh)
		return;
	if (r->due_s > from_s)
		hold(q, r->due_s - from_s < LONGEST_HOLD_S ?
		    r->due_s - from_s : LONGEST_HOLD_S);
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
	struct delivery_queue *q = l->queue;
	struct delivery_row *row;

	if (l->failed)
		return;
	if (delivery_rows_read(&q->rows, r, &row) == -1) {
		l->failed = true;
		return;
	}
	l->n++;
	q->cursor = r->seq;
	if (row == NULL)
		return;
	if (q->fresh)
		row->tries = 0;
	remember(q, r);
}

static void
load(struct delivery_queue *q)
{
	struct load l = { .queue = q };
	struct err err;

	q->more = false;
	if (outbox_each_waiting(q->hub->reader, q->name, q->cursor,
	    READ_AT_ONCE, take_row, &l, &err) == 0 && !l.failed) {
		q->more = l.n == READ_AT_ONCE;
		if (!q->more)
			delivery_rows_end(&q->rows);
		return;
	}
	log_warn("outbox_unreadable", LOG_S("sink", q->name),
	    LOG_S("why", l.failed ? "out of memory" : err.msg));
	q->more = true;
	hold(q, STORE_RETRY_S);
}

/* What became of a try */

static void
mark(struct delivery_queue *q, const struct delivery_row *r,
    enum outbox_state state, int64_t wait_s, const char *error)
{
	struct outbox_mark m = { .seq = r->seq, .state = state,
		.tries = r->tries };

	m.tried_s = wall_s(q);
	m.due_s = wait_s > 0 ? m.tried_s + wait_s : 0;
	(void)snprintf(m.error, sizeof(m.error), "%s", error);
	q->hub->ops->on_mark(&m, q->hub->ctx);
}

/* What waits stays in the store; only this process stops looking. What is given
 * up it must not take again while that is on its way to the store. */
static void
switch_off(struct delivery_queue *q, const char *why, bool give_up)
{
	struct outbox_sink_state state = { .disabled = true };

	state.since_s = wall_s(q);
	(void)snprintf(state.reason, sizeof(state.reason), "%s%s",
	    give_up ? "kept failing: " : "", why);
	q->off = true;
	if (give_up)
		delivery_rows_clear(&q->rows);
	else
		delivery_rows_lay_down(&q->rows);
	q->hub->ops->on_sink_off(q->name, &state, give_up, q->hub->ctx);
}

/* Says once that a sink fails, and once that it works again. */
static void
count(struct delivery_queue *q, struct delivery_row *r,
    const struct send_outcome *o)
{
	r->tries++;
	r->rejections += o->result == SEND_REJECTED;
	if (o->result == SEND_SINK_WAITS) {
		if (q->failures++ > 0)
			return;
		q->failing_since_us = mono_us(q);
		log_warn("sink_fails", LOG_S("sink", q->name),
		    LOG_S("why", o->message));
		return;
	}
	if (q->failures > 0 && o->result != SEND_SINK_GONE)
		log_info("sink_works_again", LOG_S("sink", q->name));
	q->failures = 0;
}

static enum delivery_step
decide(struct delivery_queue *q, const struct delivery_row *r,
    const struct send_outcome *o, int64_t *wait_s)
{
	struct delivery_try t = {
		.outcome = *o,
		.row_rejections = r->rejections,
		.sink_failures = q->failures,
		.keep_trying_s = q->now.settings->keep_trying_s,
		.random = next_random(q->hub),
	};
	enum delivery_step step;

	if (q->failures > 0)
		t.failing_for_s = (mono_us(q) - q->failing_since_us) /
		    CLOCK_US_PER_S;
	step = delivery_next(&t, wait_s);
	/* What the old settings met must not end the new ones. */
	if (q->changing && (step == DELIVERY_SINK_OFF ||
	    step == DELIVERY_SINK_GIVEN_UP))
		return DELIVERY_SINK_WAITS;
	return step;
}

/* Gives r to where the step puts it; every try leaves one mark. */
static void
follow(struct delivery_queue *q, struct delivery_row *r,
    const struct send_outcome *o)
{
	int64_t wait_s;

	switch (decide(q, r, o, &wait_s)) {
	case DELIVERY_SENT:
		mark(q, r, OUTBOX_SENT, 0, "");
		break;
	case DELIVERY_SINK_WAITS:
		mark(q, r, OUTBOX_WAITING, wait_s, o->message);
		hold(q, wait_s);
		delivery_rows_put_back(&q->rows, r);
		return;
	case DELIVERY_ROW_LATER:
		mark(q, r, OUTBOX_WAITING, wait_s, o->message);
		delivery_rows_park(&q->rows, r, mono_us(q) +
		    wait_s * CLOCK_US_PER_S);
		return;
	case DELIVERY_ROW_GIVEN_UP:
		mark(q, r, OUTBOX_GIVEN_UP, 0, o->message);
		log_warn("alert_given_up", LOG_S("sink", q->name),
		    LOG_I("seq", r->seq), LOG_S("why", o->message));
		break;
	case DELIVERY_SINK_OFF:
		/* As if untried: once switched on it has its whole time. */
		r->tries = 0;
		mark(q, r, OUTBOX_WAITING, 0, o->message);
		delivery_rows_leave(&q->rows, r);
		switch_off(q, o->message, false);
		return;
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
	struct delivery_queue *q = ctx;
	struct delivery_row *r = q->sending;

	q->sending = NULL;
	count(q, r, o);
	follow(q, r, o);
	if (q->changing)
		wake(q);	/* the sink must not die in its own callback */
	else
		pump(q);
}

/* Moving on */

/* The row to send now, out of its list; NULL: none, with the time in *at_us
 * when there may be one (INT64_MAX: after a look). */
static struct delivery_row *
next_row(struct delivery_queue *q, int64_t *at_us)
{
	struct delivery_row *r = delivery_rows_take_parked(&q->rows,
	    mono_us(q), at_us);

	if (r != NULL || q->rows.n_parked >= MAX_PARKED)
		return r;
	/* A whole reading may be of rows whose marks are on their way. */
	while (TAILQ_EMPTY(&q->rows.ready) && q->more &&
	    q->hold_us <= mono_us(q))
		load(q);
	if (q->hold_us > mono_us(q)) {	/* load may have said so */
		*at_us = q->hold_us;
		return NULL;
	}
	return delivery_rows_take(&q->rows);
}

static void
send_row(struct delivery_queue *q, struct delivery_row *r)
{
	struct sink_message m = {
		.id = { r->data, r->id_n },
		.body = { r->data + r->id_n, r->body_n },
	};

	q->sending = r;
	q->now.kind->send(q->now.sink, &m, queue_on_done, q);
}

static bool
can_send(const struct delivery_queue *q)
{
	return q->now.sink != NULL && !q->changing && !q->off &&
	    q->sending == NULL && !q->hub->stopped;
}

static void
pump(struct delivery_queue *q)
{
	int64_t at_us = q->hold_us;
	struct delivery_row *r = NULL;

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

/* Changing */

void
delivery_outlet_clear(struct delivery_outlet *o)
{
	if (o->sink != NULL) {
		o->kind->cancel(o->sink);
		o->kind->free(o->sink);
	}
	sink_settings_free(o->settings);
	*o = (struct delivery_outlet){ 0 };
}

/* Reads all that waits anew, as if nothing had been tried. */
static void
begin_afresh(struct delivery_queue *q)
{
	delivery_rows_lay_down(&q->rows);
	q->cursor = 0;
	q->more = true;
	q->fresh = true;
	q->hold_us = 0;
	q->failures = 0;
}

/* Nothing is under way. */
static void
change(struct delivery_queue *q)
{
	if (q->now.sink != NULL)
		log_info(q->next.sink != NULL ? "sink_changed" : "sink_removed",
		    LOG_S("sink", q->name));
	delivery_outlet_clear(&q->now);
	q->now = q->next;
	q->next = (struct delivery_outlet){ 0 };
	q->off = q->next_off;
	q->changing = false;
	if (q->used)
		begin_afresh(q);
	q->used = true;
}

/* The courier's thread: the time to go on has come, or what was under way ended
 * while the sink is to be changed. Ends in queue_on_done. */
static void
queue_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct delivery_queue *q = arg;

	(void)fd;
	(void)what;
	if (q->changing && q->sending == NULL)
		change(q);
	pump(q);
}

/* The face */

struct delivery_queue *
delivery_queue_new(struct delivery_hub *hub, const char *name)
{
	struct delivery_queue *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	delivery_rows_init(&q->rows);
	q->hub = hub;
	q->name = strdup(name);
	q->timer = evtimer_new(hub->env.base, queue_on_timer, q);
	if (q->name != NULL && q->timer != NULL)
		return q;
	delivery_queue_free(q);
	return NULL;
}

void
delivery_queue_free(struct delivery_queue *q)
{
	if (q == NULL)
		return;
	delivery_outlet_clear(&q->now);
	delivery_outlet_clear(&q->next);
	if (q->timer != NULL)
		event_free(q->timer);
	delivery_rows_clear(&q->rows);
	free(q->sending);
	free(q->name);
	free(q);
}

const char *
delivery_queue_name(const struct delivery_queue *q)
{
	return q->name;
}

static bool
runs_on(const struct delivery_queue *q, const char *print)
{
	return q->now.sink != NULL && strcmp(q->now.print, print) == 0;
}

bool
delivery_queue_has(const struct delivery_queue *q, const char *print)
{
	return runs_on(q, print) || (q->next.sink != NULL &&
	    strcmp(q->next.print, print) == 0);
}

void
delivery_queue_set_outlet(struct delivery_queue *q,
    struct delivery_outlet *outlet, bool off)
{
	delivery_outlet_clear(&q->next);
	q->next = *outlet;
	*outlet = (struct delivery_outlet){ 0 };
	q->next_off = off;
	q->changing = true;
	if (q->sending != NULL)
		return;			/* queue_on_done goes on */
	change(q);
	wake(q);
}

void
delivery_queue_keep(struct delivery_queue *q, const char *print, bool off)
{
	if (!runs_on(q, print)) {
		q->next_off = off;
		return;
	}
	delivery_outlet_clear(&q->next);
	q->changing = false;
	if (q->off && !off)
		begin_afresh(q);
	q->off = off;
	wake(q);
}

void
delivery_queue_look(struct delivery_queue *q)
{
	q->more = true;
	pump(q);
}

void
delivery_queue_stop(struct delivery_queue *q)
{
	(void)evtimer_del(q->timer);	/* cannot fail */
}

bool
delivery_queue_is_sending(const struct delivery_queue *q)
{
	return q->sending != NULL;
}
