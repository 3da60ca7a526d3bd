/* SPDX-License-Identifier: ISC */
/* Each count is of its own span alone, so that an addition touches two words;
 * sums are made when somebody reads. */
#include "daemon/histogram.h"

static const int64_t most_us = INT64_C(366) * 86400 * 1000000;

void
histogram_init(struct histogram *h, const struct histogram_bounds *bounds)
{
	h->bounds = bounds;
	for (size_t i = 0; i <= HISTOGRAM_MOST_BOUNDS; i++)
		atomic_init(&h->counts[i], 0);
	atomic_init(&h->sum_us, 0);
}

void
histogram_add(struct histogram *h, int64_t us)
{
	size_t i = 0;

	if (h->bounds == NULL)
		return;
	us = us < 0 ? 0 : us > most_us ? most_us : us;
	while (i < h->bounds->n && us > h->bounds->us[i])
		i++;
	atomic_fetch_add_explicit(&h->counts[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum_us, us, memory_order_relaxed);
}

void
histogram_read(struct histogram *h, struct histogram_reading *r)
{
	static const struct histogram_bounds none = { .n = 0 };
	int64_t sum = 0;

	r->bounds = h->bounds != NULL ? h->bounds : &none;
	for (size_t i = 0; i <= r->bounds->n; i++) {
		sum += atomic_load_explicit(&h->counts[i],
		    memory_order_relaxed);
		r->cumulative[i] = sum;
	}
	r->sum_us = atomic_load_explicit(&h->sum_us, memory_order_relaxed);
}
