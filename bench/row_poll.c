/* SPDX-License-Identifier: ISC */
/*
 * poll: 304 answers that a second of CPU time pays for, all threads of the
 * complete daemon counted, user and system, a new connection for each answer;
 * against a bare libcurl loop that asks the same of the same server.
 *
 * The daemon's clock runs fast, so that every feed is always due and it polls
 * as fast as it can. While one side is measured the other is held (SIGSTOP).
 * CPU time, not wall time: a machine that does other things too hurts less.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "bench/answerer.h"
#include "bench/asker.h"
#include "bench/child.h"

/* So fast that a second, and what rounding adds to it, is nothing. */
#define TIME_SCALE	"60"

enum { MAX_FEEDS = 4000, URL_SIZE = 96, PATH_SIZE = 4096,
    SETTLE_MS = 200, FIRST_POLLS_MS = 60000 };

struct polls {
	struct answerer	*answerer;
	struct asker	 asker;
	char		 url_bytes[MAX_FEEDS][URL_SIZE];
	const char	*urls[MAX_FEEDS];
	size_t		 n_feeds;
	char		 conf[PATH_SIZE], log[PATH_SIZE];
	int		 window_ms;
	pid_t		 server, daemon, peer;
};

static void
make_urls(struct polls *p)
{
	for (size_t i = 0; i < p->n_feeds; i++) {
		(void)snprintf(p->url_bytes[i], URL_SIZE,
		    "http://127.0.0.%zu:%d/world/news-%zu.xml",
		    1 + i % ANSWERER_HOSTS, p->answerer->port, i);
		p->urls[i] = p->url_bytes[i];
	}
	p->asker = (struct asker){ .urls = p->urls, .n_urls = p->n_feeds,
		.etag = answerer_etag, .date = answerer_date };
}

static int
make_conf(const struct polls *p, const char *scratch, struct err *err)
{
	FILE *f = fopen(p->conf, "w");
	int rc;

	if (f == NULL)
		return err_set(err, "%s cannot be written", p->conf);
	(void)fprintf(f, "topics:\n  sanctions: [sanctions, embargo]\n"
	    "poll: {per_host: 1000, host_gap: 0s}\n"
	    "store: {path: %s/poll.db}\n"
	    "control: {socket: %s/poll.sock}\nfeeds:\n", scratch, scratch);
	for (size_t i = 0; i < p->n_feeds; i++)
		(void)fprintf(f, "  - {url: \"%s\", every: 1s}\n", p->urls[i]);
	/* fclose tells of every write before it. */
	rc = ferror(f) != 0 ? -1 : 0;
	if (fclose(f) != 0 || rc == -1)
		return err_set(err, "%s cannot be written", p->conf);
	return 0;
}

/* Each feed is read once before anything is measured. */
static int
await_first_polls(const struct polls *p, struct err *err)
{
	for (int ms = 0; ms < FIRST_POLLS_MS; ms += 50) {
		if (atomic_load(&p->answerer->fresh) >=
		    (long long)p->n_feeds)
			return 0;
		if (!child_is_alive(p->daemon))
			return err_set(err, "the daemon ended (see %s)",
			    p->log);
		bench_pause_ms(50);
	}
	return err_set(err, "only %lld of %zu feeds were read in a minute",
	    atomic_load(&p->answerer->fresh), p->n_feeds);
}

static int
start_all(struct polls *p, const struct bench *b, struct err *err)
{
	const struct child_daemon d = { .program = b->headlined,
		.conf = p->conf, .log = p->log, .time_scale = TIME_SCALE };
	int64_t ready_us;

	p->answerer = answerer_listen(err);
	if (p->answerer == NULL)
		return -1;
	make_urls(p);
	if (make_conf(p, b->scratch, err) == -1)
		return -1;
	p->server = child_fork(answerer_run, p->answerer, err);
	if (p->server == -1)
		return -1;
	p->peer = child_fork(asker_run, &p->asker, err);
	if (p->peer == -1)
		return -1;
	child_hold(p->peer);
	p->daemon = child_start_daemon(&d, &ready_us, err);
	if (p->daemon == -1 || await_first_polls(p, err) == -1)
		return -1;
	child_hold(p->daemon);
	return 0;
}

static int
measure(struct polls *p, pid_t pid, double *figure, struct err *err)
{
	int64_t before_us, after_us;
	long long before, after;

	child_go_on(pid);
	bench_pause_ms(SETTLE_MS);
	before_us = child_cpu_us(pid, err);
	before = atomic_load(&p->answerer->not_modified);
	bench_pause_ms(p->window_ms);
	after_us = child_cpu_us(pid, err);
	after = atomic_load(&p->answerer->not_modified);
	child_hold(pid);
	if (before_us == -1 || after_us == -1)
		return -1;
	if (!child_is_alive(pid))
		return err_set(err, "a process ended while it was measured");
	if (after_us > before_us)
		*figure = (double)(after - before) * 1e6 /
		    (double)(after_us - before_us);
	return 0;
}

static int
measure_ours(void *ctx, double *figure, struct err *err)
{
	struct polls *p = ctx;

	return measure(p, p->daemon, figure, err);
}

static int
measure_theirs(void *ctx, double *figure, struct err *err)
{
	struct polls *p = ctx;

	return measure(p, p->peer, figure, err);
}

static int
compare(struct polls *p, const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "poll",
		.unit = "polls/cpu-s", .of = "bare-libcurl", .target = 0.60,
		.rounds = b->quick ? 7 : 9 };
	const struct bench_sides sides = { measure_ours, measure_theirs };
	long long broken;

	if (bench_compare(&row, &sides, p, err) == -1)
		return -1;
	broken = atomic_load(&p->answerer->broken);
	bench_say("poll: %zu feeds on %d hosts; %lld answers 200, %lld 304, "
	    "%lld requests not understood", p->n_feeds, ANSWERER_HOSTS,
	    atomic_load(&p->answerer->fresh),
	    atomic_load(&p->answerer->not_modified), broken);
	return broken == 0 ? 0 : err_set(err, "requests came in pieces");
}

int
row_poll(const struct bench *b, struct err *err)
{
	struct polls *p = calloc(1, sizeof(*p));
	int rc;

	if (p == NULL)
		return err_set(err, "out of memory");
	p->n_feeds = b->quick ? 1000 : MAX_FEEDS;
	p->window_ms = b->quick ? 1000 : 2000;
	(void)snprintf(p->conf, sizeof(p->conf), "%s/poll.yaml", b->scratch);
	(void)snprintf(p->log, sizeof(p->log), "%s/poll.log", b->scratch);
	rc = start_all(p, b, err);
	if (rc == 0)
		rc = compare(p, b, err);
	child_kill(p->daemon);
	child_kill(p->peer);
	child_kill(p->server);
	free(p);
	return rc;
}
