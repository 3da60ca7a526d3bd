/* SPDX-License-Identifier: ISC */
/*
 * reload-delay: for how many milliseconds a reload that brings 100,000 topics,
 * or takes them away, holds up a worker, against 20 ms: 1,000 polls a second
 * come in meanwhile, each with a new item. A window from SIGHUP until the
 * daemon says that it runs with them, and a little longer, since the old ones
 * are freed then; beside it a window as long without a reload. In each, the
 * longest time in which no request came: what is held up comes so late at most.
 * One worker does it all, or the gaps of two would have to be told apart.
 */
#include "bench/bench.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "bench/answerer.h"
#include "bench/arrivals.h"
#include "bench/child.h"
#include "bench/prose.h"
#include "bench/queries.h"
#include "bench/setup.h"

/* The daemon's clock runs a thousand times as fast, so that its whole seconds
 * are milliseconds here: due times lie as close as that. */
enum { SEED = 7007, N_TOPICS = 100000, N_FEEDS = 2000,
    PERIOD_S = 2, SCALE = 1000, LEAD_S = 1000, ITEM_BYTES = 3000,
    MAX_ARRIVALS = 1000000, MAX_ROUNDS = 12, AFTER_MS = 500,
    RELOAD_MS = 60000, LOOK_MS = 2, ALLOWED_MS = 20,
    MAX_FILE = 64 << 20 };

static const char every[] = "2000s", scale[] = "1000";

struct reloading {
	struct setup	 setup;
	struct answerer	*answerer;
	struct arrivals	*arrivals;
	struct buf	 text;
	char		 topics[SETUP_PATH_SIZE];
	pid_t		 server, daemon;
	int		 n_reloads;
	double		 with_ms[MAX_ROUNDS], without_ms[MAX_ROUNDS];
};

/* The feeds: in the server's process */

static void
add_document(struct buf *out, long long number, void *ctx)
{
	const struct reloading *r = ctx;

	buf_add_c(out, "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel>"
	    "<title>Bench</title>\n");
	buf_addf(out, "<item><title>No. %lld</title>"
	    "<guid isPermaLink=\"false\">%lld</guid>"
	    "<description>%lld: %s</description></item></channel></rss>\n",
	    number, number, number, buf_cstr(&r->text));
}

static void
note_request(size_t feed, void *ctx)
{
	const struct reloading *r = ctx;

	arrivals_on_request(feed, r->arrivals);
}

static int
make_text(struct reloading *r, struct err *err)
{
	struct prose *prose = prose_new(SEED);

	if (prose == NULL)
		return err_set(err, "out of memory");
	prose_add_paragraph(prose, &r->text, ITEM_BYTES);
	prose_free(prose);
	return 0;
}

/* The configurations */

static int
write_whole(const char *path, const char *how, const struct buf *text,
    struct err *err)
{
	FILE *f = text->failed ? NULL : fopen(path, how);
	size_t n = f == NULL ? 0 : fwrite(text->p, 1, text->n, f);

	if (f == NULL || fclose(f) != 0 || n != text->n)
		return err_set(err, "%s cannot be written", path);
	return 0;
}

static int
write_topics(const struct reloading *r, struct err *err)
{
	struct prose *prose = prose_new(SEED + 1);
	struct buf out, query;
	struct json_out *j;
	char name[32];
	int rc = -1;

	buf_init(&out, MAX_FILE);
	buf_init(&query, 4096);
	j = json_out_new(&out, false);
	if (prose == NULL || j == NULL) {
		err_set(err, "out of memory");
		goto out;
	}
	json_open_map(j);
	json_key(j, "topics");
	json_open_map(j);
	for (int i = 0; i < N_TOPICS; i++) {
		buf_reset(&query);
		queries_add_watch(prose, &query, true);
		(void)snprintf(name, sizeof(name), "topic-%d", i);
		json_key(j, name);
		json_open_map(j);
		json_pair_str(j, "match", buf_str(&query));
		json_close_map(j);
	}
	json_close_map(j);
	json_close_map(j);
	rc = json_out_finish(j) == -1 ? err_set(err, "out of memory") :
	    write_whole(r->topics, "w", &out, err);
out:
	prose_free(prose);
	buf_clear(&query);
	buf_clear(&out);
	return rc;
}

static int
write_conf(const struct reloading *r, bool many, struct err *err)
{
	struct buf more;
	int rc = setup_write_conf(&r->setup, err);

	if (rc == -1 || !many)
		return rc;
	buf_init(&more, 2 * SETUP_PATH_SIZE);
	buf_addf(&more, "include: %s\n", r->topics);
	rc = write_whole(r->setup.conf, "a", &more, err);
	buf_clear(&more);
	return rc;
}

/* The daemon */

static int
start(struct reloading *r, const struct bench *b, struct err *err)
{
	int64_t first_s;

	r->answerer = answerer_listen(ANSWERER_MAX_HOSTS, err);
	r->arrivals = arrivals_new(MAX_ARRIVALS, err);
	if (r->answerer == NULL || r->arrivals == NULL ||
	    make_text(r, err) == -1)
		return -1;
	r->answerer->document = add_document;
	r->answerer->on_request = note_request;
	r->answerer->ctx = r;
	r->setup.port = r->answerer->port;
	first_s = clock_real_wall_s() + LEAD_S;
	if (write_topics(r, err) == -1 || write_conf(r, false, err) == -1 ||
	    setup_fill_store(&r->setup, first_s, PERIOD_S * SCALE, err) == -1)
		return -1;
	r->server = child_fork(answerer_run, r->answerer, err);
	if (r->server == -1)
		return -1;
	r->daemon = setup_start(&r->setup, b, scale, err);
	return r->daemon == -1 ? -1 : 0;
}

/* How often the log says it; -1 and *err: a reload was refused. */
static int
count_reloads(const struct reloading *r, struct err *err)
{
	FILE *f = fopen(r->setup.log, "r");
	char *line = NULL;
	size_t size = 0;
	int n = 0;

	if (f == NULL)
		return 0;
	while (n != -1 && getline(&line, &size, f) != -1) {
		if (strstr(line, "reload_refused") != NULL)
			n = err_set(err, "refused: %.300s", line);
		else
			n += strstr(line, "reloaded") != NULL;
	}
	free(line);
	(void)fclose(f);		/* it was read */
	return n;
}

static int
wait_reload(struct reloading *r, struct err *err)
{
	int64_t until_us = bench_wall_us() + RELOAD_MS * INT64_C(1000);
	int n;

	while (bench_wall_us() < until_us) {
		n = count_reloads(r, err);
		if (n == -1)
			return -1;
		if (n > r->n_reloads) {
			r->n_reloads = n;
			return 0;
		}
		if (!child_is_alive(r->daemon))
			return err_set(err, "the daemon ended (see %s)",
			    r->setup.log);
		bench_pause_ms(LOOK_MS);
	}
	return err_set(err, "no reload in %d s", RELOAD_MS / 1000);
}

/* The longest time without a request; -1 and *err: there were
 * too few to tell. */
static int
find_gap(const struct reloading *r, int64_t from_us, int64_t to_us,
    double *ms, struct err *err)
{
	int64_t last_us = from_us, longest_us = 0;
	size_t n = atomic_load(&r->arrivals->n), in = 0;

	if (n > r->arrivals->max)
		return err_set(err, "more requests than there is room for");
	for (size_t i = 0; i < n; i++) {
		const struct arrival *it = &r->arrivals->v[i];

		if (it->at_us < from_us || it->at_us >= to_us)
			continue;
		in++;
		if (it->at_us - last_us > longest_us)
			longest_us = it->at_us - last_us;
		last_us = it->at_us;
	}
	*ms = (double)longest_us / 1000;
	/* Without requests there are no gaps. */
	return (int64_t)in * 1000000 * PERIOD_S * 4 >=
	    N_FEEDS * (to_us - from_us) ? 0 : err_set(err, "only %zu "
	    "polls came in %" PRId64 " ms", in, (to_us - from_us) / 1000);
}

/* A window with a reload, and one as long without. */
static int
measure_round(struct reloading *r, int round, struct err *err)
{
	int64_t from_us, to_us, end_us;

	if (write_conf(r, round % 2 == 0, err) == -1)
		return -1;
	from_us = bench_unix_us();
	if (kill(r->daemon, SIGHUP) == -1 || wait_reload(r, err) == -1)
		return -1;
	bench_pause_ms(AFTER_MS);
	to_us = bench_unix_us();
	bench_pause_ms((int)((to_us - from_us) / 1000));
	end_us = bench_unix_us();
	if (find_gap(r, from_us, to_us, &r->with_ms[round], err) == -1)
		return -1;
	return find_gap(r, to_us, end_us, &r->without_ms[round], err);
}

static void
report(struct reloading *r, int rounds)
{
	const struct bench_row row = { .name = "reload-delay", .unit = "ms",
		.of = "20-ms", .target = 1.0 };
	double with = bench_median(r->with_ms, (size_t)rounds);
	double without = bench_median(r->without_ms, (size_t)rounds);

	bench_say("reload-delay: longest gap of a window, median (worst) of "
	    "%d: with a reload %.1f (%.1f), without %.1f (%.1f) ms", rounds,
	    with, r->with_ms[rounds - 1], without,
	    r->without_ms[rounds - 1]);
	bench_report(&row, with, ALLOWED_MS / with);
}

int
row_reload(const struct bench *b, struct err *err)
{
	struct reloading r = { .server = 0 };
	int rounds = b->quick ? 4 : MAX_ROUNDS, rc;

	setup_init(&r.setup, "reload", b);
	r.setup.n_feeds = N_FEEDS;
	r.setup.n_hosts = ANSWERER_MAX_HOSTS;
	r.setup.every = every;
	r.setup.workers = 1;
	buf_init(&r.text, 2 * ITEM_BYTES);
	(void)snprintf(r.topics, sizeof(r.topics), "%s/topics.json",
	    b->scratch);
	rc = start(&r, b, err);
	if (rc == 0)
		bench_pause_ms(3 * PERIOD_S * 1000);
	for (int i = 0; i < rounds && rc == 0; i++)
		rc = measure_round(&r, i, err);
	if (rc == 0)
		report(&r, rounds);
	child_kill(r.daemon);
	child_kill(r.server);
	buf_clear(&r.text);
	return rc;
}
