/* SPDX-License-Identifier: ISC */
#include "bench/arrivals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "bench/bench.h"
#include "bench/setup.h"

static const int64_t second_us = 1000000;

struct arrivals *
arrivals_new(size_t max, struct err *err)
{
	struct arrivals *a = mmap(NULL, sizeof(*a) + max * sizeof(a->v[0]),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (a == MAP_FAILED) {
		err_set(err, "shared memory: %s", strerror(errno));
		return NULL;
	}
	a->max = max;
	return a;
}

void
arrivals_on_request(size_t feed, void *ctx)
{
	struct arrivals *a = ctx;
	size_t i = atomic_load(&a->n);

	if (i < a->max)
		a->v[i] = (struct arrival){ .feed = feed,
			.at_us = bench_unix_us() };
	atomic_store(&a->n, i + 1);
}

static int64_t
next_whole_second(int64_t us)
{
	return (us + second_us - 1) / second_us * second_us;
}

static int
compare_doubles(const void *va, const void *vb)
{
	const double *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

/* late_ms has room for all, last_us is zeroed and has room for each feed. */
static void
judge_all(const struct arrivals *a, const struct plan *plan, int64_t *last_us,
    double *late_ms, struct lateness *l)
{
	size_t n = atomic_load(&a->n);
	int64_t not_before, due;

	for (size_t i = 0; i < n; i++) {
		const struct arrival *it = &a->v[i];
		double ms, *latest;

		if (it->feed >= plan->n_feeds)
			continue;
		not_before = last_us[it->feed] == 0 ? second_us *
		    setup_due_s(it->feed, plan->first_s, plan->spread_s) :
		    last_us[it->feed] + second_us * plan->every_s;
		due = next_whole_second(not_before);
		last_us[it->feed] = it->at_us;
		l->early += it->at_us < not_before;
		ms = it->at_us < due ? 0 : (double)(it->at_us - due) / 1000;
		late_ms[l->n++] = ms;
		latest = &l->second_ms[it->feed % (size_t)plan->spread_s];
		*latest = ms > *latest ? ms : *latest;
	}
}

int
arrivals_judge(const struct arrivals *a, const struct plan *plan,
    struct lateness *l, struct err *err)
{
	size_t n = atomic_load(&a->n);
	int64_t *last_us = calloc(plan->n_feeds, sizeof(*last_us));
	double *late_ms = calloc(n + 1, sizeof(*late_ms));
	int rc = -1;

	*l = (struct lateness){ .n = 0 };
	if (last_us == NULL || late_ms == NULL) {
		err_set(err, "out of memory");
	} else if (n == 0 || n > a->max) {
		err_set(err, "%zu requests came, of at most %zu", n, a->max);
	} else {
		judge_all(a, plan, last_us, late_ms, l);
		rc = l->n > 0 ? 0 : err_set(err, "no request came");
	}
	if (rc == 0) {
		qsort(late_ms, l->n, sizeof(*late_ms), compare_doubles);
		l->p50_ms = late_ms[l->n / 2];
		l->p99_ms = late_ms[(l->n - 1) * 99 / 100];
		l->max_ms = late_ms[l->n - 1];
	}
	free(last_us);
	free(late_ms);
	return rc;
}
