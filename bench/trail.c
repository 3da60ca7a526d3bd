/* SPDX-License-Identifier: ISC */
#include "bench/trail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "bench/bench.h"

enum { MAX_DIGITS = 9 };

static size_t
size_of(size_t n)
{
	const struct trail *t = NULL;

	return sizeof(*t) + n * sizeof(t->v[0]);
}

struct trail *
trail_new(size_t n, struct err *err)
{
	struct trail *t = mmap(NULL, size_of(n), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (t == MAP_FAILED) {
		err_set(err, "shared memory: %s", strerror(errno));
		return NULL;
	}
	t->n = n;
	return t;
}

void
trail_clear(struct trail *t)
{
	for (int end = 0; end < TRAIL_ENDS; end++)
		atomic_store(&t->came[end], 0);
	atomic_store(&t->again, 0);
	atomic_store(&t->unknown, 0);
	for (size_t i = 0; i < t->n; i++) {
		atomic_store(&t->v[i].sent_us, 0);
		for (int end = 0; end < TRAIL_ENDS; end++)
			atomic_store(&t->v[i].came_us[end], 0);
	}
}

void
trail_note_sent(struct trail *t, size_t item)
{
	atomic_store(&t->v[item].sent_us, bench_wall_us());
}

/* t->n: no item's number stands in it. */
static size_t
find_item(const struct trail *t, const char *message, size_t n)
{
	static const char name[] = "/bulletin-";
	const char *p = memmem(message, n, name, sizeof(name) - 1);
	const char *end = message + n;
	size_t item = 0, digits = 0;

	if (p == NULL)
		return t->n;
	p += sizeof(name) - 1;
	for (; p < end && *p >= '0' && *p <= '9' && digits < MAX_DIGITS; p++) {
		item = item * 10 + (size_t)(*p - '0');
		digits++;
	}
	return digits > 0 && item < t->n ? item : t->n;
}

void
trail_note_came(struct trail *t, enum trail_end end, const char *message,
    size_t n)
{
	int64_t now_us = bench_wall_us();
	size_t item = find_item(t, message, n);

	if (item == t->n || atomic_load(&t->v[item].sent_us) == 0) {
		atomic_fetch_add(&t->unknown, 1);
		return;
	}
	if (atomic_load(&t->v[item].came_us[end]) != 0) {
		atomic_fetch_add(&t->again, 1);
		return;
	}
	atomic_store(&t->v[item].came_us[end], now_us);
	atomic_fetch_add(&t->came[end], 1);
}

/* What never came stands in no percentile: then there is none. */
static int
gather(const struct trail *t, enum trail_end end, double *ms, struct err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		long long came_us = atomic_load(&t->v[i].came_us[end]);

		if (came_us == 0)
			return err_set(err, "only %zu of %zu alerts came",
			    atomic_load(&t->came[end]), t->n);
		ms[i] = (double)(came_us - atomic_load(&t->v[i].sent_us)) /
		    1000;
	}
	return 0;
}

int
trail_judge(const struct trail *t, enum trail_end end, struct trail_times *out,
    struct err *err)
{
	double *ms = calloc(t->n + 1, sizeof(*ms));
	int rc = ms != NULL ? gather(t, end, ms, err) :
	    err_set(err, "out of memory");

	if (rc == 0) {
		out->p50_ms = bench_median(ms, t->n);	/* sorts */
		out->p99_ms = ms[(t->n - 1) * 99 / 100];
		out->max_ms = ms[t->n - 1];
	}
	free(ms);
	return rc;
}
