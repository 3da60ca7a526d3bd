/* SPDX-License-Identifier: ISC */
#include "daemon/poll_due.h"

#include "daemon/conf.h"
#include "daemon/poll_state.h"
#include "feeds/feed_store.h"

static struct poll_span
span_of(const struct poll_due *d)
{
	return poll_state_span(d->conf, d->feed, d->st, d->wall_ahead_s);
}

/* Was it ever asked, and is it to be asked again? */
static bool
has_span(const struct feed_state *st)
{
	return st->last_asked_s > 0 && !st->gone;
}

/* What made it due must be known, which it is not in the row of an older store
 * until its next poll. `every` replaces what a document skips. */
static bool
may_go_back(const struct poll_due *d)
{
	const struct feed_state *st = d->st;

	return st->failures == 0 && st->news_s > 0 &&
	    (d->feed->set->every_s > 0 || d->same_wall ||
	    (st->skip_hours == 0 && st->skip_days == 0));
}

/* Not before a hint, unless `every` replaces it; it takes nothing further back
 * than it was. */
static int64_t
not_before_hint(const struct poll_due *d, int64_t due_s)
{
	int64_t stood_s = d->st->due_s;

	if (due_s >= stood_s || d->feed->set->every_s > 0 ||
	    d->feed->set->file != NULL || d->claim_hint_s <= due_s)
		return due_s;
	return d->claim_hint_s < stood_s ? d->claim_hint_s : stood_s;
}

int64_t
poll_due_within(const struct poll_due *d)
{
	int64_t due_s = d->st->due_s;
	struct poll_span span;

	if (!has_span(d->st))
		return due_s;
	span = span_of(d);
	if (due_s < span.least_s)
		return span.least_s;
	return due_s > span.most_s && may_go_back(d) ?
	    not_before_hint(d, span.least_s) : due_s;
}
