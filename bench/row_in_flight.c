/* SPDX-License-Identifier: ISC */
/*
 * in-flight, in-flight-tls: megabytes of resident memory that 1,000 transfers
 * take which all wait for an answer, above those of the same daemon just before
 * they were due; against what they may take. The server reads each request and
 * leaves it; the daemon has eight workers, so that each has room for its part.
 */
#include "bench/bench.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "bench/answerer.h"
#include "bench/child.h"
#include "bench/setup.h"
#include "bench/tls_answerer.h"
#include "bench/tls_site.h"

enum { TRANSFERS = 1000, WORKERS = 8, LEAD_S = 4, LIMIT_MS = 25000,
    SETTLE_MS = 300, MB = 1000000 };

struct waiting {
	struct setup	 setup;
	struct answerer	*answerer;
	int		(*serve)(void *);
	void		*serve_ctx;
	int64_t		 idle_bytes, busy_bytes;
	pid_t		 server, daemon;
};

static int
await_all(const struct waiting *w, struct err *err)
{
	for (int ms = 0; ms < LIMIT_MS; ms += 20) {
		if (atomic_load(&w->answerer->held) >= TRANSFERS)
			return 0;
		if (!child_is_alive(w->daemon))
			return err_set(err, "the daemon ended (see %s)",
			    w->setup.log);
		bench_pause_ms(20);
	}
	return err_set(err, "only %lld of %d transfers were under way at "
	    "once", atomic_load(&w->answerer->held), TRANSFERS);
}

static int
start(struct waiting *w, const struct bench *b, struct err *err)
{
	/* Time to start, and to be idle for a moment. */
	if (setup_write_conf(&w->setup, err) == -1 ||
	    setup_fill_store(&w->setup, clock_real_wall_s() + LEAD_S, 1,
	    err) == -1)
		return -1;
	w->server = child_fork(w->serve, w->serve_ctx, err);
	if (w->server == -1)
		return -1;
	w->daemon = setup_start(&w->setup, b, NULL, err);
	return w->daemon != -1 ? 0 : -1;
}

static int
measure(struct waiting *w, const struct bench *b, struct err *err)
{
	if (start(w, b, err) == -1)
		return -1;
	bench_pause_ms(SETTLE_MS);
	w->idle_bytes = child_rss_bytes(w->daemon, err);
	if (w->idle_bytes == -1)
		return -1;
	if (atomic_load(&w->answerer->connections) > 0)
		return err_set(err, "it was slow to start: feeds were due "
		    "before it was idle");
	if (await_all(w, err) == -1)
		return -1;
	w->busy_bytes = child_rss_bytes(w->daemon, err);
	return w->busy_bytes != -1 ? 0 : -1;
}

static int
report(const struct waiting *w, const struct bench_row *row, int allowed_mb)
{
	int64_t more = w->busy_bytes - w->idle_bytes;
	double mb = (double)(more > 0 ? more : 1) / MB;

	bench_say("%s: %d transfers under way on %zu hosts, %d workers; idle "
	    "%.1f MB, then %.1f MB: %.1f KB a transfer", row->name, TRANSFERS,
	    w->setup.n_hosts, WORKERS, (double)w->idle_bytes / MB,
	    (double)w->busy_bytes / MB, mb * 1000 / TRANSFERS);
	bench_report(row, mb, allowed_mb / mb);
	return 0;
}

static void
init(struct waiting *w, const char *name, const struct bench *b)
{
	*w = (struct waiting){ .server = 0 };
	setup_init(&w->setup, name, b);
	w->setup.n_feeds = TRANSFERS;
	w->setup.n_hosts = ANSWERER_MAX_HOSTS;
	w->setup.workers = WORKERS;
	w->setup.every = "1h";
}

static int
run(struct waiting *w, const struct bench *b, struct err *err)
{
	int rc;

	w->answerer->holds = true;
	rc = measure(w, b, err);
	child_kill(w->daemon);
	child_kill(w->server);
	return rc;
}

static int
run_plain(const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "in-flight", .unit = "MB",
		.of = "50MB", .target = 1.0 };
	struct waiting w;

	init(&w, row.name, b);
	w.answerer = answerer_listen(ANSWERER_MAX_HOSTS, err);
	if (w.answerer == NULL)
		return -1;
	w.setup.port = w.answerer->port;
	w.serve = answerer_run;
	w.serve_ctx = w.answerer;
	return run(&w, b, err) == 0 ? report(&w, &row, 50) : -1;
}

static int
run_tls(const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "in-flight-tls", .unit = "MB",
		.of = "100MB", .target = 1.0 };
	struct tls_site site;
	enum apart_end end;
	struct waiting w;
	int rc = -1;

	init(&w, row.name, b);
	end = tls_site_open(&site, &w.setup, err);
	if (end == APART_OK) {
		w.answerer = site.server->answerer;
		w.serve = tls_answerer_run;
		w.serve_ctx = site.server;
		rc = run(&w, b, err) == 0 ? report(&w, &row, 100) : -1;
	} else if (end == APART_REFUSED) {
		bench_say("%s: left out, %s", row.name, err->msg);
		rc = 0;
	}
	tls_site_close(&site);
	return rc;
}

int
row_in_flight(const struct bench *b, struct err *err)
{
	return run_plain(b, err) == 0 ? run_tls(b, err) : -1;
}
