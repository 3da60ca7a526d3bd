/* SPDX-License-Identifier: ISC */
#include "daemon/counters.h"

#include "feeds/schedule.h"

_Static_assert(POLL_GONE + 1 == COUNTERS_RESULTS, "each end is counted");

/* A 304 from nearby takes 10 ms; nobody waits longer than poll.timeout, but for
 * a host's turn. */
static const struct histogram_bounds took = { .n = 12, .us = {
	10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
	10000000, 30000000, 60000000 } };

/* Due times are whole seconds. */
static const struct histogram_bounds late = { .n = 10, .us = {
	1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000,
	900000000, INT64_C(3600000000), INT64_C(14400000000) } };

void
counters_init(struct counters *c)
{
	histogram_init(&c->polls_took, &took);
	histogram_init(&c->polls_late, &late);
}
