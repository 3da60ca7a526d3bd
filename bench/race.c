/* SPDX-License-Identifier: ISC */
#include "bench/race.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "bench/answerer.h"
#include "bench/bench.h"
#include "bench/child.h"

/* So fast that a second, and what rounding adds to it, is nothing. */
#define TIME_SCALE	"60"

enum { SETTLE_MS = 200, FIRST_POLLS_MS = 60000 };

static int
make_urls(struct race *r, struct err *err)
{
	size_t n = r->setup.n_feeds;

	r->setup.workers = 1;
	r->url_bytes = calloc(n, sizeof(*r->url_bytes));
	r->asker.urls = calloc(n, sizeof(*r->asker.urls));
	if (r->url_bytes == NULL || r->asker.urls == NULL)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < n; i++) {
		setup_url(&r->setup, i, r->url_bytes[i]);
		r->asker.urls[i] = r->url_bytes[i];
	}
	r->asker.n_urls = n;
	r->asker.n_hosts = r->setup.n_hosts;
	r->asker.etag = answerer_etag;
	r->asker.date = answerer_date;
	return 0;
}

/* Each feed is read once before anything is measured. */
static int
await_first_polls(const struct race *r, struct err *err)
{
	atomic_llong *fresh = &r->answerer->fresh;
	long long wanted = (long long)r->setup.n_feeds;

	for (int ms = 0; ms < FIRST_POLLS_MS; ms += 50) {
		if (atomic_load(fresh) >= wanted)
			return 0;
		if (!child_is_alive(r->daemon))
			return err_set(err, "the daemon ended (see %s)",
			    r->setup.log);
		bench_pause_ms(50);
	}
	return err_set(err, "only %lld of %lld feeds were read in a minute",
	    atomic_load(fresh), wanted);
}

int
race_start(struct race *r, const struct bench *b, struct err *err)
{
	r->setup.port = r->answerer->port;
	if (make_urls(r, err) == -1 ||
	    setup_write_conf(&r->setup, err) == -1)
		return -1;
	r->server = child_fork(r->serve, r->serve_ctx, err);
	if (r->server == -1)
		return -1;
	if (!r->alone) {
		r->peer = child_fork(asker_run, &r->asker, err);
		if (r->peer == -1)
			return -1;
		child_hold(r->peer);
	}
	r->daemon = setup_start(&r->setup, b, TIME_SCALE, err);
	if (r->daemon == -1 || await_first_polls(r, err) == -1)
		return -1;
	child_hold(r->daemon);
	return 0;
}

void
race_stop(struct race *r)
{
	child_kill(r->daemon);
	child_kill(r->peer);
	child_kill(r->server);
	r->daemon = r->peer = r->server = 0;
	free(r->asker.urls);
	free(r->url_bytes);
	r->asker.urls = NULL;
	r->url_bytes = NULL;
}

static int
measure(struct race *r, pid_t pid, double *figure, struct err *err)
{
	int64_t before_us, after_us;
	long long before, after;

	child_go_on(pid);
	bench_pause_ms(SETTLE_MS);
	before_us = child_cpu_us(pid, err);
	before = atomic_load(r->counter);
	bench_pause_ms(r->window_ms);
	after_us = child_cpu_us(pid, err);
	after = atomic_load(r->counter);
	child_hold(pid);
	if (before_us == -1 || after_us == -1)
		return -1;
	if (!child_is_alive(pid) || !child_is_alive(r->server))
		return err_set(err, "a process ended while it was measured");
	if (after_us > before_us)
		*figure = (double)(after - before) * 1e6 /
		    (double)(after_us - before_us);
	return 0;
}

int
race_measure_ours(void *ctx, double *figure, struct err *err)
{
	struct race *r = ctx;
	long long polls = atomic_load(r->counter);
	long long connections = atomic_load(&r->answerer->connections);
	int rc = measure(r, r->daemon, figure, err);

	r->our_polls += atomic_load(r->counter) - polls;
	r->our_connections += atomic_load(&r->answerer->connections) -
	    connections;
	return rc;
}

int
race_measure_theirs(void *ctx, double *figure, struct err *err)
{
	struct race *r = ctx;

	return measure(r, r->peer, figure, err);
}

int
race_say(const struct race *r, struct err *err)
{
	struct answerer *a = r->answerer;
	long long broken = atomic_load(&a->broken);

	bench_say("%s: %zu feeds on %zu hosts; %lld answers 200, %lld 304, "
	    "%lld requests not understood; ours: %lld polls over %lld new "
	    "connections", r->setup.name, r->setup.n_feeds, r->setup.n_hosts,
	    atomic_load(&a->fresh), atomic_load(&a->not_modified), broken,
	    r->our_polls, r->our_connections);
	return broken == 0 ? 0 : err_set(err, "requests came in pieces");
}
