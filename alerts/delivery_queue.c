/* SPDX-License-Identifier: ISC */
/*
 * Rows are read behind a cursor, a hundred at a time, and one is under way at
 * any moment in each lane, of which there are as many as the sink takes at
 * once:
 *
 *	store --load--> ready --send--> lane --delivered--> mark
 *	                  ^              |
 *	                  |<-sink waits--|      (hold: nobody is sent)
 *	                  |              v
 *	                  `--a minute-- parked    (rejected: others go on)
 *
 * Where alerts are to go out as a digest they leave the ready ones for it, and
 * nothing is sent until the store has it in their place; it is then the row
 * that goes first.
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
#include "alerts/delivery_queue_private.h"
#include "alerts/outbox.h"
#include "alerts/outbox_edit.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

enum {
	/* Sends in one turn of the loop, for sinks that answer at once. */
	BURST = 256,
	/* Digests in a row: then this receiver takes none. */
	REJECTED_DIGESTS = 3,
	SPLIT_RETRY_S = 60
};

static void	pump(struct delivery_queue *);

/* splitmix64: only so that many sinks do not knock in step. */
static uint32_t
next_random(struct delivery_hub *hub)
{
	uint64_t z = hub->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z >> 32);
}

/* At least a millisecond: the loop's clock may be a little behind ours. */
static void
arm(struct delivery_queue *q, int64_t until_us)
{
	int64_t us = clock_real_us(q->hub->env.clock,
	    until_us - delivery_mono_us(q));
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

/* What became of a try */

static int64_t
age_us(const struct delivery_queue *q, const struct delivery_row *r)
{
	int64_t us = arrivals_age_us(&q->hub->arrivals, r->seq,
	    delivery_mono_us(q));

	if (us == -1)
		us = (delivery_wall_s(q) - r->time_s) * CLOCK_US_PER_S;
	return us > 0 ? us : 0;
}

static void
forget_unmarked(struct delivery_queue *q, int64_t seq)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n_unmarked; i++)
		if (q->unmarked[i] != seq)
			q->unmarked[n++] = q->unmarked[i];
	q->n_unmarked = n;
}

static void
mark(struct delivery_queue *q, const struct delivery_row *r,
    enum outbox_state state, int64_t wait_s, const char *error)
{
	struct outbox_mark m = { .seq = r->seq, .state = state,
		.tries = r->tries };

	m.tried_s = delivery_wall_s(q);
	m.due_s = wait_s > 0 ? m.tried_s + wait_s : 0;
	(void)snprintf(m.error, sizeof(m.error), "%s", error);
	if (q->hub->ops->on_mark(q->name, &m, age_us(q, r),
	    q->hub->ctx) == -1)
		forget_unmarked(q, r->seq);	/* or it is waited for */
}

/* What waits stays in the store; only this process stops looking. What is given
 * up it must not take again while that is on its way to the store. */
static void
switch_off(struct delivery_queue *q, const char *why, bool give_up)
{
	struct outbox_sink_state state = { .disabled = true };

	state.since_s = delivery_wall_s(q);
	(void)snprintf(state.reason, sizeof(state.reason), "%s%s",
	    give_up ? "kept failing: " : "", why);
	q->off = true;
	delivery_read_again(q);
	if (give_up)
		delivery_rows_clear(&q->rows);
	q->hub->ops->on_sink_off(q->name, &state, give_up, q->hub->ctx);
}

/* Messages that were under way when another one failed fail with it. */
static bool
is_same_failure(const struct delivery_queue *q, const struct lane *lane)
{
	return q->failures > 0 && lane->since_us <= q->failed_us &&
	    q->now.n > 1;
}

/* Says once that a sink fails, and once that it works again. */
static void
count(struct delivery_queue *q, const struct lane *lane,
    struct delivery_row *r, const struct send_outcome *o)
{
	r->tries++;
	r->rejections += o->result == SEND_REJECTED;
	if (o->result == SEND_SINK_WAITS) {
		if (is_same_failure(q, lane))
			return;
		q->failed_us = delivery_mono_us(q);
		if (q->failures++ > 0)
			return;
		q->failing_since_us = delivery_mono_us(q);
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
		t.failing_for_s = (delivery_mono_us(q) - q->failing_since_us) /
		    CLOCK_US_PER_S;
	step = delivery_next(&t, wait_s);
	/* What the old settings met must not end the new ones, nor what is off
	 * by hand be given up. */
	if ((q->changing || q->off) && (step == DELIVERY_SINK_OFF ||
	    step == DELIVERY_SINK_GIVEN_UP))
		return DELIVERY_SINK_WAITS;
	return step;
}

/* No mark: the row goes, and its alerts come as new ones. */
static void
split(struct delivery_queue *q, struct delivery_row *r,
    const struct send_outcome *o)
{
	struct outbox_split s = { .seq = r->seq,
		.all = ++q->digests_rejected >= REJECTED_DIGESTS,
		.now_s = delivery_wall_s(q) };
	struct err err;

	(void)snprintf(s.error, sizeof(s.error), "%s", o->message);
	if (q->hub->ops->on_split(&s, q->hub->ctx, &err) == 0) {
		log_warn("digest_rejected", LOG_S("sink", q->name),
		    LOG_I("seq", r->seq), LOG_S("why", o->message),
		    LOG_S("then", s.all ? "its alerts go one by one" :
		    "the alerts that it names go one by one"));
		free(r);
		return;
	}
	log_warn("digest_failed", LOG_S("sink", q->name),
	    LOG_S("why", err.msg));
	delivery_rows_park(&q->rows, r, delivery_mono_us(q) +
	    SPLIT_RETRY_S * CLOCK_US_PER_S);
}

/* Gives r to where the step puts it; every try leaves one mark, but for a
 * digest's last. */
static void
follow(struct delivery_queue *q, struct delivery_row *r,
    const struct send_outcome *o)
{
	int64_t wait_s;

	switch (decide(q, r, o, &wait_s)) {
	case DELIVERY_SENT:
		mark(q, r, OUTBOX_SENT, 0, "");
		if (r->what == DELIVERY_DIGEST)
			q->digests_rejected = 0;
		break;
	case DELIVERY_SINK_WAITS:
		mark(q, r, OUTBOX_WAITING, wait_s, o->message);
		delivery_hold(q, wait_s);
		delivery_rows_put_back(&q->rows, r);
		return;
	case DELIVERY_ROW_LATER:
		mark(q, r, OUTBOX_WAITING, wait_s, o->message);
		delivery_rows_park(&q->rows, r, delivery_mono_us(q) +
		    wait_s * CLOCK_US_PER_S);
		return;
	case DELIVERY_ROW_GIVEN_UP:
		if (r->what == DELIVERY_DIGEST) {
			split(q, r, o);
			return;
		}
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
	struct lane *lane = ctx;
	struct delivery_queue *q = lane->queue;
	struct delivery_row *r = lane->row;

	lane->row = NULL;
	q->n_sending--;
	count(q, lane, r, o);
	follow(q, r, o);
	if (q->changing)
		wake(q);	/* the sink must not die in its own callback */
	else
		pump(q);
}

/* Moving on */

static void
send_row(struct delivery_queue *q, struct delivery_row *r)
{
	struct sink_message m = {
		.id = { r->data, r->id_n },
		.body = { r->data + r->id_n, r->body_n },
	};
	size_t i = 0;

	while (q->lanes[i].row != NULL)
		i++;
	q->lanes[i].row = r;
	q->lanes[i].since_us = delivery_mono_us(q);
	q->n_sending++;
	/* Until its mark stands in the store: delivery_choose.c. */
	if ((r->what == DELIVERY_ALERT || r->suspected) &&
	    delivery_makes_digests(q) && q->n_unmarked < SINK_MAX_PARALLEL)
		q->unmarked[q->n_unmarked++] = r->seq;
	/* It may have come whatever the answer says: not again under a digest's
	 * id. */
	if (r->what == DELIVERY_ALERT)
		r->what = DELIVERY_OTHER;
	r->suspected = false;
	q->tried_us = delivery_mono_us(q);
	(void)quota_take(&q->quota, q->tried_us);
	q->now.kind->send(q->now.sinks[i], &m, queue_on_done, &q->lanes[i]);
}

/* While a sink fails one message alone finds out whether it works again. */
static bool
can_send(const struct delivery_queue *q)
{
	return q->now.n > 0 && !q->changing && !q->off && !q->storing &&
	    q->n_sending < (q->failures > 0 ? 1 : q->now.n) &&
	    !q->hub->stopped;
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
		if (at_us <= delivery_mono_us(q) && i < BURST)
			r = delivery_choose(q, &at_us);
		if (r == NULL)
			break;
		if (delivery_still_waits(q, r))
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
	for (size_t i = 0; i < o->n; i++) {
		o->kind->cancel(o->sinks[i]);
		o->kind->free(o->sinks[i]);
	}
	sink_settings_free(o->settings);
	*o = (struct delivery_outlet){ 0 };
}

/* Reads all that waits anew, as if nothing had been tried. */
static void
begin_afresh(struct delivery_queue *q)
{
	delivery_read_again(q);
	q->fresh = true;
	q->hold_us = 0;
	q->failures = 0;
}

/*
 * What the last process left, of whom nobody knows how it ended.
 *
 * Whoever sends in a row, restarts and sends again must not have more than the
 * rate: at the last try nothing was left of it. When that was is not known
 * where rows wait, as a process that was killed has left no mark of its last
 * ones; so it was now. (Else one that was idle for long has its whole burst.)
 */
static void
look_back(struct delivery_queue *q)
{
	int64_t now_us = delivery_mono_us(q), now_s = delivery_wall_s(q);
	struct outbox_past past;
	struct err err;

	q->tried_us = now_us;
	q->suspects_to = INT64_MAX;
	q->n_suspects = q->now.n;
	if (outbox_find_past(q->hub->reader, q->name, &past, &err) == -1) {
		log_warn("outbox_unreadable", LOG_S("sink", q->name),
		    LOG_S("why", err.msg));
		return;
	}
	q->suspects_to = past.waits_to;
	if (past.waits_to != 0)
		return;
	if (past.tried_s <= 0)
		q->tried_us = INT64_MIN;
	else if (past.tried_s < now_s)
		q->tried_us -= (now_s - past.tried_s - 1) * CLOCK_US_PER_S;
}

static void
set_rate(struct delivery_queue *q)
{
	const struct sink_settings *s = q->now.settings;

	quota_init(&q->quota, s->rate, s->rate_s, s->burst);
	if (s->rate > 0 && q->tried_us != INT64_MIN)
		quota_resume(&q->quota, q->tried_us);
}

/* Nothing is under way. */
static void
change(struct delivery_queue *q)
{
	if (q->now.n > 0)
		log_info(q->next.n > 0 ? "sink_changed" : "sink_removed",
		    LOG_S("sink", q->name));
	delivery_outlet_clear(&q->now);
	q->now = q->next;
	q->next = (struct delivery_outlet){ 0 };
	q->off = q->next_off;
	q->changing = false;
	if (q->used)
		begin_afresh(q);
	else
		look_back(q);
	if (q->now.n > 0)
		set_rate(q);
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
	if (q->changing && q->n_sending == 0)
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
	for (size_t i = 0; i < SINK_MAX_PARALLEL; i++)
		q->lanes[i].queue = q;
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
	delivery_digest_clear(&q->digest);
	for (size_t i = 0; i < SINK_MAX_PARALLEL; i++)
		free(q->lanes[i].row);
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
	return q->now.n > 0 && strcmp(q->now.print, print) == 0;
}

bool
delivery_queue_has(const struct delivery_queue *q, const char *print)
{
	return runs_on(q, print) || (q->next.n > 0 &&
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
	if (q->n_sending > 0)
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

size_t
delivery_queue_doubt(struct delivery_queue *q)
{
	const struct lane *lane = q->lanes;
	struct err err;
	size_t n = 0;
	bool waits;

	q->doubtful = q->rows.high;
	if (!q->storing && q->digest.n > 0) {
		delivery_read_again(q);
		wake(q);
	}
	/* What cannot be read is taken for well: it is only told. */
	for (; lane < q->lanes + SINK_MAX_PARALLEL; lane++)
		n += lane->row != NULL && outbox_is_waiting(q->hub->reader,
		    lane->row->seq, &waits, &err) == 0 && !waits;
	return n;
}

void
delivery_queue_look(struct delivery_queue *q)
{
	q->more = true;
	pump(q);
}

void
delivery_queue_digest_stored(struct delivery_queue *q)
{
	q->storing = false;
	delivery_digest_clear(&q->digest);
	delivery_queue_look(q);
}

void
delivery_queue_stop(struct delivery_queue *q)
{
	(void)evtimer_del(q->timer);	/* cannot fail */
}

bool
delivery_queue_is_sending(const struct delivery_queue *q)
{
	return q->n_sending > 0 || q->storing;
}
