/* SPDX-License-Identifier: ISC */
/*
 * Which row goes next: reading the store, and what a sink's rate and its wish
 * to have alerts collected make of it.
 */
#include "alerts/delivery_queue_private.h"

#include <stdlib.h>

#include "alerts/delivery.h"
#include "alerts/outbox.h"
#include "alerts/outbox_edit.h"
#include "base/err.h"
#include "base/log.h"

enum {
	READ_AT_ONCE = 100,
	/* A receiver that rejects everything must not fill the memory. */
	MAX_PARKED = 100,
	/* Alerts read into a digest in one turn of the loop: other sinks wait
	 * for it. */
	GATHER_AT_ONCE = 256,
	STORE_RETRY_S = 5,	/* the store could not be read */
	LONGEST_HOLD_S = 24 * 3600
};

void
delivery_hold(struct delivery_queue *q, int64_t wait_s)
{
	int64_t until_us = delivery_mono_us(q) + wait_s * CLOCK_US_PER_S;

	if (until_us > q->hold_us)
		q->hold_us = until_us;
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
	int64_t now_s = delivery_wall_s(q);
	/* A try in the future: the clock was set back since. */
	int64_t from_s = r->tried_s > now_s ? r->tried_s : now_s;
	int64_t until_s = r->due_s < now_s ? r->due_s : now_s;

	if (r->tries == 0 || q->fresh)
		return;
	if (r->due_s > from_s)
		delivery_hold(q, r->due_s - from_s < LONGEST_HOLD_S ?
		    r->due_s - from_s : LONGEST_HOLD_S);
	if (q->failures > 0 || r->first_tried_s <= 0 ||
	    r->first_tried_s > until_s)
		return;
	q->failures = r->tries;
	q->failing_since_us = delivery_mono_us(q) -
	    (until_s - r->first_tried_s) * CLOCK_US_PER_S;
}

/*
 * An alert that was tried may have come, whatever was answered: it must not be
 * told once more under the id of a digest. The store knows of a try by its
 * mark, which stands there some milliseconds after the answer; a process that
 * is killed before leaves a row that looks untried.
 *
 * So where digests are made at most as many first tries are without a mark as
 * the sink takes messages at once (may_try). As rows are tried in order, those
 * are the first untried ones that the next process finds; it takes as many for
 * tried, and they go alone. (A note in the store before each try would tell
 * exactly which ones, for a commit more an alert and its delay. Where the sink
 * had no rate and no digest before the kill, and has been given one since, or
 * took more at once than it does now, more tries than those may be without a
 * mark.)
 */
static void
suspect(struct delivery_queue *q, struct delivery_row *r)
{
	int64_t longest_s = q->now.settings->digest_s;

	if (q->n_suspects == 0 || r->seq > q->suspects_to ||
	    r->what != DELIVERY_ALERT || !delivery_makes_digests(q))
		return;
	/* It was being collected still. */
	if (longest_s > 0 && r->time_s + longest_s > delivery_wall_s(q))
		return;
	r->what = DELIVERY_OTHER;
	r->suspected = true;
	q->n_suspects--;
}

static bool
is_marked(struct delivery_queue *q, int64_t seq)
{
	struct outbox_mark m;
	struct err err;

	if (outbox_find_mark(q->hub->reader, seq, &m, &err) == 0)
		return m.state != OUTBOX_WAITING || m.tried_s != 0;
	log_warn("outbox_unreadable", LOG_S("sink", q->name),
	    LOG_S("why", err.msg));
	delivery_hold(q, STORE_RETRY_S);
	return false;
}

/* False: after the look that follows when marks are in the store. */
static bool
may_try(struct delivery_queue *q)
{
	size_t n = 0;

	if (q->n_unmarked < q->now.n)
		return true;
	for (size_t i = 0; i < q->n_unmarked; i++)
		if (!is_marked(q, q->unmarked[i]))
			q->unmarked[n++] = q->unmarked[i];
	q->n_unmarked = n;
	return n < q->now.n;
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
	suspect(q, row);
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
	delivery_hold(q, STORE_RETRY_S);
}

void
delivery_read_again(struct delivery_queue *q)
{
	if (!q->storing)
		delivery_digest_undo(&q->digest, &q->rows);
	delivery_rows_lay_down(&q->rows);
	q->cursor = 0;
	q->more = true;
}

/*
 * Rows that were dropped by hand after they were read
 */

bool
delivery_still_waits(struct delivery_queue *q, struct delivery_row *r)
{
	struct err err;
	bool waits;

	if (r->seq > q->doubtful)
		return true;
	if (outbox_is_waiting(q->hub->reader, r->seq, &waits, &err) == -1) {
		log_warn("outbox_unreadable", LOG_S("sink", q->name),
		    LOG_S("why", err.msg));
		delivery_rows_put_back(&q->rows, r);
		delivery_hold(q, STORE_RETRY_S);
		return false;
	}
	if (!waits)
		free(r);
	return waits;
}

/*
 * Digests
 */

static bool
collects(const struct delivery_queue *q)
{
	return q->now.settings->digest_s > 0;
}

/* When the oldest alert has waited long enough. A time to come was written by a
 * clock that was set back since. */
static void
note_digest_due(struct delivery_queue *q, int64_t oldest_s)
{
	int64_t longest_s = q->now.settings->digest_s;
	int64_t left_s = oldest_s + longest_s - delivery_wall_s(q);

	if (left_s > longest_s)
		left_s = longest_s;
	q->digest_due_us = delivery_mono_us(q) +
	    (left_s > 0 ? left_s * CLOCK_US_PER_S : 0);
}

static void
drop_digest(struct delivery_queue *q, const struct err *why)
{
	log_warn("digest_failed", LOG_S("sink", q->name),
	    LOG_S("why", why->msg));
	delivery_read_again(q);
	delivery_hold(q, STORE_RETRY_S);
}

/* So many that they go first: the memory is not for all that wait. */
static bool
has_others(const struct delivery_queue *q)
{
	return delivery_rows_count(&q->rows, DELIVERY_OTHER) >= READ_AT_ONCE;
}

/* All alerts that wait, in the store as well, leave the ready rows. False: not
 * all of them yet. */
static bool
take_alerts(struct delivery_queue *q)
{
	size_t most = q->digest.n + GATHER_AT_ONCE;
	struct delivery_row *r;
	struct err err;
	int rc = 0;

	while (rc != -1 && q->digest.n < DELIVERY_DIGEST_MOST) {
		if (q->digest.n == most)
			return false;
		r = q->hold_us > delivery_mono_us(q) ? NULL :
		    delivery_rows_take_what(&q->rows, DELIVERY_ALERT);
		if (r == NULL && (!q->more || has_others(q) ||
		    q->hold_us > delivery_mono_us(q)))
			break;
		if (r == NULL) {
			load(q);
			continue;
		}
		if (!delivery_still_waits(q, r))
			continue;
		if (q->digest.n == 0)
			note_digest_due(q, r->time_s);
		rc = delivery_digest_add(&q->digest, r, &err);
		if (rc != 1)
			delivery_rows_put_back(&q->rows, r);
	}
	if (rc == -1)
		drop_digest(q, &err);
	return true;
}

/* Nothing is sent until the store has it. */
static void
ask_for_digest(struct delivery_queue *q)
{
	struct err err;

	q->storing = delivery_digest_end(&q->digest, q->name,
	    delivery_wall_s(q), &err) == 0 && q->hub->ops->on_digest(
	    &q->digest.out, q->hub->ctx, &err) == 0;
	if (!q->storing)
		drop_digest(q, &err);
}

/* Of a sink that wants alerts collected; what is none waits for nobody. */
static struct delivery_row *
choose_collected(struct delivery_queue *q, int64_t *at_us)
{
	bool all = take_alerts(q);
	struct delivery_row *r;

	r = delivery_rows_take_what(&q->rows, DELIVERY_OTHER);
	if (r != NULL || q->digest.n == 0)
		return r;
	if (!all) {
		*at_us = delivery_mono_us(q);
		return NULL;
	}
	if (q->digest_due_us > delivery_mono_us(q) &&
	    q->digest.n < DELIVERY_DIGEST_MOST) {
		*at_us = q->digest_due_us;
		return NULL;
	}
	r = delivery_digest_take_only(&q->digest);
	if (r == NULL)
		ask_for_digest(q);
	return r;
}

/* Of one that takes so many messages and no more: the last token of now goes
 * to all that wait. */
static struct delivery_row *
choose_limited(struct delivery_queue *q, int64_t *at_us)
{
	struct delivery_row *r = TAILQ_FIRST(&q->rows.ready);

	if (q->digest.n == 0 &&
	    (quota_left(&q->quota, delivery_mono_us(q)) > 1 ||
	    (r != NULL && r->what == DELIVERY_OTHER) ||
	    delivery_rows_count(&q->rows, DELIVERY_ALERT) <= 1))
		return delivery_rows_take(&q->rows);
	if (!take_alerts(q)) {
		*at_us = delivery_mono_us(q);
		return NULL;
	}
	if (q->digest.n == 0)	/* dropped, or unreadable: the others go */
		return delivery_rows_take(&q->rows);
	r = delivery_digest_take_only(&q->digest);
	if (r == NULL)
		ask_for_digest(q);
	return r;
}

/* A digest goes first, as it holds what is oldest. */
static struct delivery_row *
choose_shaped(struct delivery_queue *q, int64_t *at_us)
{
	struct delivery_row *r = delivery_rows_take_what(&q->rows,
	    DELIVERY_DIGEST);
	int64_t due_us = INT64_MAX;

	if (r != NULL)
		return r;
	if (collects(q))
		r = choose_collected(q, &due_us);
	else
		r = choose_limited(q, &due_us);
	if (r != NULL && (r->what == DELIVERY_ALERT || r->suspected) &&
	    !may_try(q)) {
		delivery_rows_put_back(&q->rows, r);
		r = NULL;
	}
	if (q->hold_us > delivery_mono_us(q) && q->hold_us < due_us)
		due_us = q->hold_us;
	if (due_us < *at_us)
		*at_us = due_us;
	return r;
}

/* A digest is made of two alerts or more. */
static bool
wants_more(const struct delivery_queue *q)
{
	return TAILQ_EMPTY(&q->rows.ready) || (q->quota.period_us > 0 &&
	    delivery_rows_count(&q->rows, DELIVERY_ALERT) <= 1 &&
	    delivery_rows_count(&q->rows, DELIVERY_OTHER) < READ_AT_ONCE);
}

struct delivery_row *
delivery_choose(struct delivery_queue *q, int64_t *at_us)
{
	struct delivery_row *r;

	if (quota_next(&q->quota, delivery_mono_us(q)) > delivery_mono_us(q)) {
		*at_us = quota_next(&q->quota, delivery_mono_us(q));
		return NULL;
	}
	r = delivery_rows_take_parked(&q->rows, delivery_mono_us(q), at_us);
	if (r != NULL || q->rows.n_parked >= MAX_PARKED)
		return r;
	/* A whole reading may be of rows whose marks are on their way. */
	while (wants_more(q) && q->more && q->hold_us <= delivery_mono_us(q))
		load(q);
	if (q->hold_us > delivery_mono_us(q)) {	/* load may have said so */
		*at_us = q->hold_us;
		return NULL;
	}
	return delivery_makes_digests(q) ? choose_shaped(q, at_us) :
	    delivery_rows_take(&q->rows);
}
