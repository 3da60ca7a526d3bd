/* SPDX-License-Identifier: ISC */
/*
 * ready: seconds from exec to READY=1 of a daemon that was killed (SIGKILL)
 * while it worked, over a store with many feeds and ten times as many known
 * items; against one second. The page cache is warm, as after a kill.
 *
 * One feed in a hundred is due when the daemon first starts, so that there is
 * something in the write-ahead log when it is killed. Nobody answers at the
 * feeds' address: port 9 of this machine.
 */
#include "bench/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "bench/child.h"
#include "daemon/store.h"
#include "feeds/feed_store.h"
#include "feeds/known_item.h"

enum { KNOWN_PER_FEED = 10, DUE_EVERY = 100, PATH_SIZE = 4096,
    FEEDS_A_COMMIT = 5000, WORK_MS = 300 };

struct ready {
	char	store[PATH_SIZE], conf[PATH_SIZE], log[PATH_SIZE];
	int	n_feeds;
	int	rounds;
};

/* About as long as the mean URL of real feeds, 39 bytes. */
static void
feed_url(int i, char *out, size_t size)
{
	(void)snprintf(out, size, "http://127.0.%d.%d:9/world/news-%d.xml",
	    i / 250 % 250, 1 + i % 250, i);
}

static int
put_feed(struct db *db, int i, int64_t now_s, struct err *err)
{
	char url[64], title[] = "Example News of the World",
	    etag[] = "\"5f3c-61a8d2c7e4b40\"",
	    date[] = "Mon, 02 Mar 2026 08:00:00 GMT";
	const struct feed_state st = { .title = title, .etag = etag,
		.last_modified = date, .first_asked_s = now_s - 86400,
		.last_asked_s = now_s - 3600, .last_good_s = now_s - 3600,
		.due_s = i % DUE_EVERY == 0 ? now_s - 60 : now_s + 86400,
		.rhythm_s = 3600, .items_total = KNOWN_PER_FEED,
		.status = 200, .baseline_done = true };
	struct known_item known[KNOWN_PER_FEED];

	for (int k = 0; k < KNOWN_PER_FEED; k++) {
		uint64_t n = (uint64_t)i * KNOWN_PER_FEED + (uint64_t)k + 1;

		/* Scattered, as hashes are. */
		known[k] = (struct known_item){
			.id_hash = n * UINT64_C(0x9e3779b97f4a7c15),
			.content_hash = n * UINT64_C(0xbf58476d1ce4e5b9),
			.seen_s = now_s - 3600 };
	}
	feed_url(i, url, sizeof(url));
	if (feed_store_save(db, url, &st, err) == -1)
		return -1;
	return feed_store_add_known(db, url, known, KNOWN_PER_FEED, err);
}

static int
fill(struct db *db, int n, struct err *err)
{
	int64_t now_s = clock_real_wall_s();
	int i = 0, end;

	while (i < n) {
		if (db_begin(db, err) == -1)
			return -1;
		end = i + FEEDS_A_COMMIT < n ? i + FEEDS_A_COMMIT : n;
		for (; i < end; i++)
			if (put_feed(db, i, now_s, err) == -1)
				return -1;
		if (db_commit(db, err) == -1)
			return -1;
	}
	return 0;
}

static int
make_store(const struct ready *r, struct err *err)
{
	static const struct store_options options = { .reset = false };
	struct store *s = store_open(r->store, &options, err);
	struct db *db;
	int rc;

	if (s == NULL)
		return -1;
	db = store_take_writer(s);
	rc = fill(db, r->n_feeds, err);
	db_close(db);
	store_close(s);
	return rc;
}

static int
make_conf(const struct ready *r, const char *scratch, struct err *err)
{
	FILE *f = fopen(r->conf, "w");
	char url[64];
	int rc;

	if (f == NULL)
		return err_set(err, "%s cannot be written", r->conf);
	(void)fprintf(f, "topics:\n  sanctions: [sanctions, embargo]\n"
	    "poll: {per_host: 1000, host_gap: 0s}\n"
	    "store: {path: %s}\ncontrol: {socket: %s/control.sock}\nfeeds:\n",
	    r->store, scratch);
	for (int i = 0; i < r->n_feeds; i++) {
		feed_url(i, url, sizeof(url));
		(void)fprintf(f, "  - %s\n", url);
	}
	/* fclose tells of every write before it. */
	rc = ferror(f) != 0 ? -1 : 0;
	if (fclose(f) != 0 || rc == -1)
		return err_set(err, "%s cannot be written", r->conf);
	return 0;
}

/* Starts it, lets it work, kills it. */
static int
live_and_die(const struct ready *r, const char *program, int64_t *ready_us,
    struct err *err)
{
	const struct child_daemon d = { .program = program, .conf = r->conf,
		.log = r->log };
	pid_t pid = child_start_daemon(&d, ready_us, err);

	if (pid == -1)
		return -1;
	bench_pause_ms(WORK_MS);
	if (!child_is_alive(pid)) {
		child_kill(pid);
		return err_set(err, "the daemon ended (see %s)", r->log);
	}
	child_kill(pid);
	return 0;
}

static int
measure(const struct ready *r, const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "ready", .unit = "s",
		.of = "1s", .target = 1.0 };
	double v[BENCH_MAX_ROUNDS], first, median;
	int64_t us;

	if (live_and_die(r, b->headlined, &us, err) == -1)
		return -1;
	first = (double)us / 1e6;
	for (int i = 0; i < r->rounds; i++) {
		if (live_and_die(r, b->headlined, &us, err) == -1)
			return -1;
		v[i] = (double)us / 1e6;
	}
	median = bench_median(v, (size_t)r->rounds);
	bench_say("ready: %d feeds, %d known items; first start %.3f s, after "
	    "kill -9 from %.3f to %.3f s in %d rounds", r->n_feeds,
	    r->n_feeds * KNOWN_PER_FEED, first, v[0], v[r->rounds - 1],
	    r->rounds);
	bench_report(&row, median, 1.0 / median);
	return 0;
}

int
row_ready(const struct bench *b, struct err *err)
{
	struct ready r = { .n_feeds = b->quick ? 10000 : 100000,
		.rounds = b->quick ? 3 : 7 };

	(void)snprintf(r.store, sizeof(r.store), "%s/ready.db", b->scratch);
	(void)snprintf(r.conf, sizeof(r.conf), "%s/ready.yaml", b->scratch);
	(void)snprintf(r.log, sizeof(r.log), "%s/ready.log", b->scratch);
	if (make_store(&r, err) == -1 || make_conf(&r, b->scratch, err) == -1)
		return -1;
	return measure(&r, b, err);
}
