/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_COUNTERS_H
#define HEADLINED_DAEMON_COUNTERS_H

/*
 * What every thread counts and anybody may read: since the start of the
 * process. Relaxed order is enough: nobody decides anything by them.
 *
 * Zeroed storage counts; counters_init gives it its histograms as well.
 */

#include <stdatomic.h>
#include <stdint.h>

#include "daemon/histogram.h"

/* poll_results is by enum poll_end (feeds/schedule.h), poll_answers by the
 * first digit of the HTTP status: 0 where there was none. */
enum { COUNTERS_RESULTS = 6, COUNTERS_ANSWERS = 6 };

struct counters {
	_Atomic int64_t	polls;
	_Atomic int64_t	polls_failed;
	_Atomic int64_t	poll_results[COUNTERS_RESULTS];
	_Atomic int64_t	poll_answers[COUNTERS_ANSWERS];
	_Atomic int64_t	body_bytes;	/* of documents, decoded */
	_Atomic int64_t	feed_gaps;	/* documents that share nothing with
					 * the one before: possible losses */
	_Atomic int64_t	hosts_told_off;	/* answers 429 */
	_Atomic int64_t	items_seen;	/* those new or edited */
	_Atomic int64_t	texts_matched;	/* looks of the topics at a text */
	_Atomic int64_t	topic_hits;	/* topics that held, told or not */
	_Atomic int64_t	regexes_cut_off; /* looks at a text, at a bound */
	_Atomic int64_t	searches_cut_off; /* of words near each other */
	_Atomic int64_t	alerts_raised;
	_Atomic int64_t	alerts_held;	/* of copies, told stories */
	_Atomic int64_t	commits_refused;
	_Atomic int64_t	pages_ended;	/* nobody waits for them any more */
	_Atomic int64_t	pages_read;	/* of those: their text was matched */

	/* These go up and down: feeds that failed last time, that are gone for
	 * good, that were never asked to an end. */
	_Atomic int64_t	feeds_failing, feeds_gone, feeds_waiting;

	struct histogram polls_took;	/* start to the end of the document */
	struct histogram polls_late;	/* after they were due */
};

/* Zeroed storage, before any other thread sees it. */
void	counters_init(struct counters *);

static inline void
counters_add(_Atomic int64_t *counter, int64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static inline int64_t
counters_get(_Atomic int64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif
