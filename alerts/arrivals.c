/* SPDX-License-Identifier: ISC */
#include "alerts/arrivals.h"

static const struct arrival *
at(const struct arrivals *a, size_t i)
{
	return &a->ring[(a->first + i) % ARRIVALS_KEPT];
}

static void
forget_first(struct arrivals *a)
{
	a->base = at(a, 0)->seq;
	a->first = (a->first + 1) % ARRIVALS_KEPT;
	a->n--;
}

void
arrivals_note(struct arrivals *a, int64_t last_seq, int64_t now_us)
{
	if (!a->has_base) {
		a->has_base = true;
		a->base = last_seq;
		return;
	}
	if (last_seq <= (a->n > 0 ? at(a, a->n - 1)->seq : a->base))
		return;
	if (a->n == ARRIVALS_KEPT)
		forget_first(a);
	a->ring[(a->first + a->n++) % ARRIVALS_KEPT] =
	    (struct arrival){ last_seq, now_us };
}

/* The first note that covers the row is of its commit. */
int64_t
arrivals_age_us(const struct arrivals *a, int64_t seq, int64_t now_us)
{
	size_t low = 0, high = a->n, middle;

	if (!a->has_base || seq <= a->base)
		return -1;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (at(a, middle)->seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < a->n ? now_us - at(a, low)->at_us : 0;
}
