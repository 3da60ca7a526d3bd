/* SPDX-License-Identifier: ISC */
/* Rounds, medians, lines. A round whose figure is not above 0 is a fault. */
#include "bench/bench.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <time.h>

#include <linux/magic.h>

#include "base/err.h"

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts = { 0, 0 };

	(void)clock_gettime(id, &ts);	/* 0 of one that is gone */
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
bench_unix_us(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t
bench_cpu_of_us(pid_t pid)
{
	clockid_t id;

	return clock_getcpuclockid(pid, &id) == 0 ? read_clock(id) : 0;
}

int64_t
bench_cpu_us(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

int64_t
bench_wall_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

void
bench_pause_ms(int ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&ts, &ts) == -1 && errno == EINTR)
		continue;		/* the rest of it */
}

void
bench_say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)fputs("# ", stderr);	/* nobody is left to tell */
	(void)vfprintf(stderr, format, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
}

void
bench_say_disk(const char *row, const char *folder)
{
	struct statfs fs;

	if (statfs(folder, &fs) == 0 && fs.f_type == TMPFS_MAGIC)
		bench_say("%s: %s lies in memory: nothing is synced there "
		    "(set TMPDIR to a folder on a disk)", row, folder);
}

static int
compare_doubles(const void *va, const void *vb)
{
	const double *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

double
bench_median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare_doubles);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

void
bench_report(const struct bench_row *row, double value, double ratio)
{
	printf("bench %s %.*f %s ratio=%.3f of=%s", row->name,
	    value < 10 ? 3 : value < 1000 ? 1 : 0, value, row->unit, ratio,
	    row->of);
	if (row->documents > 0)
		printf(" documents=%zu left_out=%zu", row->documents,
		    row->left_out);
	printf("\n");
	(void)fflush(stdout);		/* rows are minutes apart */
	if (row->target > 0)
		bench_say("%s: wanted %.2f: %s", row->name, row->target,
		    ratio >= row->target ? "met" : "MISSED");
}

static int
run_side(int (*side)(void *, double *, struct err *), void *ctx,
    double *figure, struct err *err)
{
	*figure = 0;
	if (side(ctx, figure, err) == -1)
		return -1;
	return *figure > 0 ? 0 : err_set(err, "a round measured nothing");
}

/* After bench_median has sorted them. */
static void
say_spread(const struct bench_row *row, const char *who, const double *v,
    size_t n)
{
	bench_say("%s: %s: median %.6g %s, from %.6g to %.6g in %zu rounds",
	    row->name, who, n % 2 == 1 ? v[n / 2] :
	    (v[n / 2 - 1] + v[n / 2]) / 2, row->unit, v[0], v[n - 1], n);
}

int
bench_compare(const struct bench_row *row, const struct bench_sides *sides,
    void *ctx, struct err *err)
{
	double ours[BENCH_MAX_ROUNDS], theirs[BENCH_MAX_ROUNDS];
	double ratios[BENCH_MAX_ROUNDS], unused, value, ratio;
	size_t n = row->rounds < BENCH_MAX_ROUNDS ? (size_t)row->rounds :
	    BENCH_MAX_ROUNDS;

	if (run_side(sides->ours, ctx, &unused, err) == -1 ||
	    run_side(sides->theirs, ctx, &unused, err) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (run_side(sides->ours, ctx, &ours[i], err) == -1 ||
		    run_side(sides->theirs, ctx, &theirs[i], err) == -1)
			return -1;
		ratios[i] = ours[i] / theirs[i];
	}
	value = bench_median(ours, n);
	(void)bench_median(theirs, n);		/* sorts */
	ratio = bench_median(ratios, n);
	say_spread(row, "ours", ours, n);
	say_spread(row, row->of, theirs, n);
	bench_say("%s: ratio from %.3f to %.3f", row->name, ratios[0],
	    ratios[n - 1]);
	bench_report(row, value, ratio);
	return 0;
}
