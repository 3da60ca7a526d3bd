/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_DAEMON_COUNTERS_H
#define HEADLINED_DAEMON_COUNTERS_H

/*
 * What every thread counts and anybody may read: since the start of the
 * process. Relaxed order is enough: nobody decides anything by them.
 */

#include <stdatomic.h>
#include <stdint.h>

struct counters {
	_Atomic int64_t	polls;
	_Atomic int64_t	polls_failed;
	_Atomic int64_t	items_seen;	/* those new or edited */
	_Atomic int64_t	regexes_cut_off; /* looks at a text, at a bound */
	_Atomic int64_t	searches_cut_off; /* of words near each other */
	_Atomic int64_t	alerts_raised;
	_Atomic int64_t	alerts_held;	/* of copies, told stories */
	_Atomic int64_t	commits_refused;
	_Atomic int64_t	pages_ended;	/* nobody waits for them any more */
	_Atomic int64_t	pages_read;	/* of those: their text was matched */
};

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
