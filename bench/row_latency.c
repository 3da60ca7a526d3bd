/* SPDX-License-Identifier: ISC */
/*
 * latency: milliseconds from the moment at which a server has written the last
 * byte of an item to a document that the daemon is reading, to the moment at
 * which a process has read the alert: as a whole webhook, and as a line from
 * the socket of a syslog daemon. Both sinks get every alert, a hundred a
 * second; 99th percentile, against what is wanted.
 *
 * latency-hung: the same with one webhook more, whose endpoint accepts and
 * never answers, against the same without it, by turns.
 */
#include "bench/bench.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "bench/answerer.h"
#include "bench/child.h"
#include "bench/log_socket.h"
#include "bench/press.h"
#include "bench/receiver.h"
#include "bench/setup.h"
#include "bench/trail.h"

enum { FEEDS = 20, A_SECOND = 100, LATE_MS = 20000, LOOK_MS = 20,
    MAX_ROUNDS = 9 };

struct wire {
	const struct bench *bench;
	struct setup	 setup;
	struct trail	*trail;
	struct press	*press;
	struct receiver	*receiver;
	struct log_socket log;
	struct receiver	*hung;		/* listens, and nobody runs it */
	char		 socket[SETUP_PATH_SIZE], key[SETUP_PATH_SIZE];
	char		 topics[4 * SETUP_PATH_SIZE];
	pid_t		 printer, desk, logger, daemon;
};

static const struct {
	const char	*name, *hung_name, *of;
	double		 wanted_ms;
} ends[TRAIL_ENDS] = {
	[TRAIL_WEBHOOK] = { "latency-webhook", "latency-hung-webhook",
	    "250ms", 250 },
	[TRAIL_SYSLOG] = { "latency-syslog", "latency-hung-syslog",
	    "50ms", 50 },
};

static void
wire_on_webhook(const char *bytes, size_t n, void *ctx)
{
	trail_note_came(ctx, TRAIL_WEBHOOK, bytes, n);
}

static void
wire_on_line(const char *line, size_t n, void *ctx)
{
	trail_note_came(ctx, TRAIL_SYSLOG, line, n);
}

static int
write_key(const char *path, struct err *err)
{
	FILE *f = fopen(path, "w");
	bool written = f != NULL &&
	    fputs("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", f) >= 0;

	if (f != NULL && fclose(f) == 0 && written && chmod(path, 0600) == 0)
		return 0;
	return err_set(err, "%s cannot be written", path);
}

/* What all runs share. Copies alert as well: each item is to. */
static int
prepare(struct wire *w, const char *name, const struct bench *b, int seconds,
    struct err *err)
{
	*w = (struct wire){ .bench = b };
	setup_init(&w->setup, name, b);
	w->setup.n_feeds = w->setup.n_hosts = FEEDS;
	w->setup.every = "1h";
	w->setup.poll = ", timeout: 10m";
	w->setup.topics = w->topics;
	(void)snprintf(w->socket, sizeof(w->socket), "%s/log", b->scratch);
	(void)snprintf(w->key, sizeof(w->key), "%s/%s.key", b->scratch, name);
	w->trail = trail_new((size_t)seconds * A_SECOND, err);
	w->press = press_new(err);
	w->receiver = receiver_listen(err);
	w->hung = receiver_listen(err);
	if (w->trail == NULL || w->press == NULL || w->receiver == NULL ||
	    w->hung == NULL ||
	    log_socket_open(&w->log, w->socket, err) == -1)
		return -1;
	w->press->sockets = answerer_listen(FEEDS, err);
	if (w->press->sockets == NULL)
		return -1;
	w->press->trail = w->trail;
	w->press->a_second = A_SECOND;
	w->setup.port = w->press->sockets->port;
	w->receiver->on_message = wire_on_webhook;
	w->log.on_line = wire_on_line;
	w->receiver->ctx = w->log.ctx = w->trail;
	bench_say_disk(name, b->scratch);
	return write_key(w->key, err);
}

static int
write_conf(struct wire *w, bool with_hung, struct err *err)
{
	char hung[2 * SETUP_URL_SIZE] = "";

	if (with_hung)
		(void)snprintf(hung, sizeof(hung), "  hung: {webhook: "
		    "\"http://127.0.0.1:%d/in\"}\n", w->hung->port);
	(void)snprintf(w->topics, sizeof(w->topics),
	    "topics: {sanctions: {match: sanctions, alert_per: item, "
	    "notify: [desk, syslog%s]}}\n"
	    "sinks:\n  desk: {webhook: \"http://127.0.0.1:%d/in\", "
	    "secret_file: %s}\n%s  syslog: {socket: %s}\n",
	    with_hung ? ", hung" : "", w->receiver->port, w->key, hung,
	    w->socket);
	return setup_write_conf(&w->setup, err);
}

/* The daemon first, so that nobody asks a server that is gone. */
static void
stop(struct wire *w)
{
	child_kill(w->daemon);
	child_kill(w->printer);
	child_kill(w->desk);
	child_kill(w->logger);
	w->daemon = w->printer = w->desk = w->logger = 0;
}

/* All feeds are due at once; one that is asked waits until its server is. */
static int
start(struct wire *w, bool with_hung, struct err *err)
{
	trail_clear(w->trail);
	atomic_store(&w->press->state, PRESS_WAITS);
	if (write_conf(w, with_hung, err) == -1 ||
	    setup_fill_store(&w->setup, clock_real_wall_s(), 1, err) == -1)
		return -1;
	w->printer = child_fork(press_run, w->press, err);
	w->desk = child_fork(receiver_run, w->receiver, err);
	w->logger = child_fork(log_socket_run, &w->log, err);
	if (w->printer == -1 || w->desk == -1 || w->logger == -1)
		return -1;
	w->daemon = setup_start(&w->setup, w->bench, NULL, err);
	return w->daemon != -1 ? 0 : -1;
}

static bool
has_all(const struct trail *t)
{
	for (int end = 0; end < TRAIL_ENDS; end++)
		if (atomic_load(&t->came[end]) < t->n)
			return false;
	return true;
}

/* What comes later than LATE_MS behind the last item never comes. */
static int
await_all(const struct wire *w, struct err *err)
{
	int late_ms = 0, state;

	while (!has_all(w->trail) && late_ms < LATE_MS) {
		if (!child_is_alive(w->daemon))
			return err_set(err, "the daemon ended (see %s)",
			    w->setup.log);
		state = atomic_load(&w->press->state);
		if (state == PRESS_BROKEN)
			return err_set(err, "items could not be sent");
		late_ms += state == PRESS_DONE ? LOOK_MS : 0;
		bench_pause_ms(LOOK_MS);
	}
	return 0;
}

/* What was sent to the sink that hangs; nobody has accepted, but the kernel.
 * The daemon is gone by now. */
static int
check_hung(const struct wire *w, bool with_hung, struct err *err)
{
	int posts = 0, fd;
	char start[4];

	while ((fd = accept4(w->hung->fd, NULL, NULL, SOCK_CLOEXEC)) != -1) {
		posts += recv(fd, start, sizeof(start), MSG_DONTWAIT) == 4 &&
		    memcmp(start, "POST", 4) == 0;
		close(fd);
	}
	return (posts > 0) == with_hung ? 0 : err_set(err, "the sink that "
	    "hangs was tried %d times", posts);
}

static int
run(struct wire *w, bool with_hung, struct trail_times out[TRAIL_ENDS],
    struct err *err)
{
	int rc = start(w, with_hung, err);

	if (rc == 0)
		rc = await_all(w, err);
	stop(w);
	for (int end = 0; end < TRAIL_ENDS && rc == 0; end++)
		rc = trail_judge(w->trail, end, &out[end], err);
	if (rc == 0)
		rc = check_hung(w, with_hung, err);
	if (rc == 0 && atomic_load(&w->trail->unknown) +
	    atomic_load(&w->trail->again) > 0)
		rc = err_set(err, "%zu messages came twice, %zu of no item",
		    atomic_load(&w->trail->again),
		    atomic_load(&w->trail->unknown));
	return rc;
}

static void
clear(struct wire *w)
{
	stop(w);
	setup_remove_store(&w->setup);
}

int
row_latency(const struct bench *b, struct err *err)
{
	struct trail_times times[TRAIL_ENDS];
	struct wire w;
	int rc = prepare(&w, "latency", b, b->quick ? 12 : 40, err);

	if (rc == 0)
		rc = run(&w, false, times, err);
	for (int end = 0; end < TRAIL_ENDS && rc == 0; end++) {
		const struct bench_row row = { .name = ends[end].name,
			.unit = "ms", .of = ends[end].of, .target = 1.0 };
		const struct trail_times *t = &times[end];

		bench_say("%s: %zu alerts in %.1f s, %d feeds: p50 %.1f, p99 "
		    "%.1f, at most %.1f ms", row.name, w.trail->n,
		    (double)atomic_load(&w.press->took_us) / 1e6, FEEDS,
		    t->p50_ms, t->p99_ms, t->max_ms);
		bench_report(&row, t->p99_ms, ends[end].wanted_ms / t->p99_ms);
	}
	clear(&w);
	return rc;
}

/*
 * One sink hangs
 */

struct rounds {
	size_t	n;
	double	with_ms[TRAIL_ENDS][MAX_ROUNDS];
	double	without_ms[TRAIL_ENDS][MAX_ROUNDS];
	double	ratios[TRAIL_ENDS][MAX_ROUNDS];
};

/* Each goes first in every second round. */
static int
run_round(struct wire *w, struct rounds *r, struct err *err)
{
	struct trail_times times[2][TRAIL_ENDS];
	bool first = r->n % 2 == 1;

	if (run(w, first, times[first], err) == -1 ||
	    run(w, !first, times[!first], err) == -1)
		return -1;
	for (int end = 0; end < TRAIL_ENDS; end++) {
		double with_ms = times[1][end].p99_ms;
		double without_ms = times[0][end].p99_ms;

		bench_say("%s: round %zu: p50 %.1f beside %.1f, p99 %.1f "
		    "beside %.1f, at most %.1f beside %.1f ms",
		    ends[end].hung_name, r->n + 1, times[1][end].p50_ms,
		    times[0][end].p50_ms, with_ms, without_ms,
		    times[1][end].max_ms, times[0][end].max_ms);
		r->with_ms[end][r->n] = with_ms;
		r->without_ms[end][r->n] = without_ms;
		r->ratios[end][r->n] = without_ms / with_ms;
	}
	r->n++;
	return 0;
}

int
row_latency_hung(const struct bench *b, struct err *err)
{
	const size_t n = b->quick ? 3 : MAX_ROUNDS;
	struct rounds r = { .n = 0 };
	struct wire w;
	int rc = prepare(&w, "latency-hung", b, b->quick ? 10 : 20, err);

	while (rc == 0 && r.n < n)
		rc = run_round(&w, &r, err);
	for (int end = 0; end < TRAIL_ENDS && rc == 0; end++) {
		const struct bench_row row = { .name = ends[end].hung_name,
			.unit = "ms", .of = "without", .target = 1 / 1.1 };

		bench_say("%s: medians of p99: %.1f ms, without %.1f ms",
		    row.name, bench_median(r.with_ms[end], n),
		    bench_median(r.without_ms[end], n));
		bench_report(&row, bench_median(r.with_ms[end], n),
		    bench_median(r.ratios[end], n));
	}
	clear(&w);
	return rc;
}
