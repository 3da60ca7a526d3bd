/* SPDX-License-Identifier: ISC */
/*
 * lateness: 300 polls a second in real time, their due times spread: how many
 * milliseconds after it was due a poll reaches the server, 99th percentile,
 * against one second. None may come early. Due times are whole seconds, so that
 * 300 are due at a time.
 */
#include "bench/bench.h"


#include "base/clock.h"
#include "base/err.h"
#include "bench/answerer.h"
#include "bench/arrivals.h"
#include "bench/child.h"
#include "bench/setup.h"

/* A feed is due every tenth second: its interval, rounded up to the next. */
enum { RATE = 300, PERIOD_S = 10, LEAD_S = 3, MAX_ARRIVALS = 100000 };

struct watch {
	struct setup	 setup;
	struct answerer	*answerer;
	struct arrivals	*arrivals;
	struct plan	 plan;
	int		 run_s;
	pid_t		 server, daemon;
};

static int
start(struct watch *w, const struct bench *b, struct err *err)
{
	w->answerer = answerer_listen(ANSWERER_MAX_HOSTS, err);
	w->arrivals = arrivals_new(MAX_ARRIVALS, err);
	if (w->answerer == NULL || w->arrivals == NULL)
		return -1;
	w->answerer->on_request = arrivals_on_request;
	w->answerer->ctx = w->arrivals;
	w->setup.port = w->answerer->port;
	w->plan = (struct plan){ .n_feeds = w->setup.n_feeds,
		.first_s = clock_real_wall_s() + LEAD_S, .spread_s = PERIOD_S,
		.every_s = PERIOD_S - 1 };
	if (setup_write_conf(&w->setup, err) == -1 ||
	    setup_fill_store(&w->setup, w->plan.first_s, PERIOD_S, err) == -1)
		return -1;
	w->server = child_fork(answerer_run, w->answerer, err);
	if (w->server == -1)
		return -1;
	w->daemon = setup_start(&w->setup, b, NULL, err);
	if (w->daemon == -1)
		return -1;
	return clock_real_wall_s() < w->plan.first_s ? 0 : err_set(err,
	    "it was slow to start: feeds were due before it was ready");
}

static int
report(const struct watch *w, struct err *err)
{
	const struct bench_row row = { .name = "lateness", .unit = "ms",
		.of = "1s", .target = 1.0 };
	struct lateness l;
	double ratio;

	if (arrivals_judge(w->arrivals, &w->plan, &l, err) == -1)
		return -1;
	bench_say("lateness: %zu polls of %zu feeds in %d s: p50 %.1f, p99 "
	    "%.1f, at most %.1f ms; %zu early", l.n, w->setup.n_feeds,
	    w->run_s, l.p50_ms, l.p99_ms, l.max_ms, l.early);
	/* What never came is late as well, and stands in no percentile. */
	if (l.n < (size_t)RATE * (size_t)w->run_s * 9 / 10)
		return err_set(err, "only %zu of %d polls came", l.n,
		    RATE * w->run_s);
	ratio = l.early > 0 ? 0 : 1000 / (l.p99_ms > 0.1 ? l.p99_ms : 0.1);
	bench_report(&row, l.p99_ms, ratio);
	return 0;
}

int
row_lateness(const struct bench *b, struct err *err)
{
	struct watch w = { .run_s = b->quick ? 14 : 40 };
	int rc;

	setup_init(&w.setup, "lateness", b);
	w.setup.n_feeds = (size_t)RATE * PERIOD_S;
	w.setup.n_hosts = ANSWERER_MAX_HOSTS;
	w.setup.every = "9s";
	rc = start(&w, b, err);
	if (rc == 0) {
		while (clock_real_wall_s() < w.plan.first_s + w.run_s)
			bench_pause_ms(50);
		rc = child_is_alive(w.daemon) ? report(&w, err) :
		    err_set(err, "the daemon ended (see %s)", w.setup.log);
	}
	child_kill(w.daemon);
	child_kill(w.server);
	return rc;
}
