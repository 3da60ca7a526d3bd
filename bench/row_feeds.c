/* SPDX-License-Identifier: ISC */
/*
 * feeds: what a daemon weighs that watches N feeds and polls none of them: its
 * resident memory once it has come to rest, and the seconds from exec to
 * READY=1, for N of a thousand, ten thousand, a hundred thousand and a million.
 * The store knows all of them, with validators and ten known items each, and
 * each is due on another day. A line for each N and figure; the ratio is what
 * is wanted over what is, for 100,000 and 1,000,000, which have a target.
 *
 * The page cache is warm, as after a kill.
 */
#include "bench/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "bench/child.h"
#include "daemon/store.h"
#include "feeds/feed_store.h"
#include "feeds/known_item.h"

enum { KNOWN_PER_FEED = 10, FEEDS_PER_HOST = 4, PATH_SIZE = 4096,
    FEEDS_A_COMMIT = 5000, ROUNDS = 3 };

/* At rest: so many looks one after the other at which it has done next to
 * nothing since the one before; looked for at most so often. */
enum { LOOK_MS = 250, QUIET_US = 20000, QUIET_LOOKS = 6, MOST_LOOKS = 480 };

static const struct size {
	int	n_feeds;
	double	want_mb, want_s;	/* 0: no target of its own */
} sizes[] = {
	{ 1000,		0,	0 },
	{ 10000,	0,	0 },
	{ 100000,	40,	2 },
	{ 1000000,	280,	10 },
};

struct herd {
	char	store[PATH_SIZE], conf[PATH_SIZE], log[PATH_SIZE],
		socket[PATH_SIZE];
	int	n;
	int64_t	now_s;
};

/* 40 bytes in the mean, as the URLs of real feeds have, several to a host. */
static void
feed_url(int i, char *out, size_t size)
{
	int host = i / FEEDS_PER_HOST, part = i % FEEDS_PER_HOST * 37;

	switch (host % 4) {
	case 0:
		(void)snprintf(out, size, "https://www.paper%d.example/world/"
		    "%d.xml", host, part);
		return;
	case 1:
		(void)snprintf(out, size, "https://paper%d.example/feeds/%d/"
		    "atom.xml", host, part);
		return;
	case 2:
		(void)snprintf(out, size, "http://blog%d.example/category/%d/"
		    "feed/", host, part);
		return;
	default:
		(void)snprintf(out, size, "https://news%d.example/rss?"
		    "section=%d", host, part);
	}
}

static int
put_feed(struct db *db, const struct herd *h, int i, struct err *err)
{
	char url[64], title[64], etag[40], date[40];
	struct feed_state st = { .title = title, .etag = etag,
		.last_modified = date, .body_hash = 0x5bd1e995 + i,
		.first_asked_s = h->now_s - 8640000 - i % 1000,
		.last_asked_s = h->now_s - i % 3600,
		.last_good_s = h->now_s - i % 3600,
		.listed_s = h->now_s - i % 86400,
		.due_s = h->now_s + 86400 + i % 3600, .rhythm_s = i % 9000,
		.items_total = i % 5000, .items_listed = KNOWN_PER_FEED,
		.items_new = i % 3, .status = i % 3 == 0 ? 200 : 304,
		.baseline_done = true };
	struct known_item known[KNOWN_PER_FEED];

	(void)snprintf(title, sizeof(title), "Example News of Town %d", i);
	(void)snprintf(etag, sizeof(etag), "\"%x-61a8d2c7%05x\"", i % 65536,
	    i);
	(void)snprintf(date, sizeof(date), "Mon, 02 Mar 2026 %02d:%02d:%02d "
	    "GMT", i % 24, i % 60, i % 59);
	for (int k = 0; k < KNOWN_PER_FEED; k++) {
		uint64_t n = (uint64_t)i * KNOWN_PER_FEED + (uint64_t)k + 1;

		/* Scattered, as hashes are. */
		known[k] = (struct known_item){
			.id_hash = n * UINT64_C(0x9e3779b97f4a7c15),
			.content_hash = n * UINT64_C(0xbf58476d1ce4e5b9),
			.seen_s = h->now_s - 3600 };
	}
	feed_url(i, url, sizeof(url));
	if (feed_store_save(db, url, &st, err) == -1)
		return -1;
	return feed_store_add_known(db, url, known, KNOWN_PER_FEED, err);
}

static int
fill(struct db *db, const struct herd *h, struct err *err)
{
	int i = 0, end;

	while (i < h->n) {
		if (db_begin(db, err) == -1)
			return -1;
		end = i + FEEDS_A_COMMIT < h->n ? i + FEEDS_A_COMMIT : h->n;
		for (; i < end; i++)
			if (put_feed(db, h, i, err) == -1)
				return -1;
		if (db_commit(db, err) == -1)
			return -1;
	}
	return 0;
}

static int
make_store(const struct herd *h, struct err *err)
{
	static const struct store_options options = { .reset = false };
	struct store *s = store_open(h->store, &options, err);
	struct db *db;
	int rc;

	if (s == NULL)
		return -1;
	db = store_take_writer(s);
	rc = fill(db, h, err);
	db_close(db);
	store_close(s);
	return rc;
}

static int
make_conf(const struct herd *h, struct err *err)
{
	FILE *f = fopen(h->conf, "w");
	char url[64];
	int rc;

	if (f == NULL)
		return err_set(err, "%s cannot be written", h->conf);
	(void)fprintf(f, "topics:\n  sanctions: [sanctions, embargo]\n"
	    "store: {path: %s}\ncontrol: {socket: %s}\nfeeds:\n",
	    h->store, h->socket);
	for (int i = 0; i < h->n; i++) {
		feed_url(i, url, sizeof(url));
		(void)fprintf(f, "  - %s\n", url);
	}
	/* fclose tells of every write before it. */
	rc = ferror(f) != 0 ? -1 : 0;
	if (fclose(f) != 0 || rc == -1)
		return err_set(err, "%s cannot be written", h->conf);
	return 0;
}

/* Resident memory in 10^6 bytes, as /proc tells it; -1 and *err. */
static int
read_rss(pid_t pid, double *mb, struct err *err)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f != NULL && kib == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtoul(line + 6, NULL, 10);
	if (f != NULL)
		(void)fclose(f);	/* it was read only */
	if (kib == 0)
		return err_set(err, "%s tells no VmRSS", path);
	*mb = (double)kib * 1024 / 1e6;
	return 0;
}

/* Waits until it has nothing more to do. */
static int
rest(pid_t pid, struct err *err)
{
	int64_t before = child_cpu_us(pid, err), now;
	int quiet = 0;

	for (int i = 0; i < MOST_LOOKS && quiet < QUIET_LOOKS; i++) {
		bench_pause_ms(LOOK_MS);
		now = child_cpu_us(pid, err);
		if (before == -1 || now == -1)
			return -1;
		quiet = now - before < QUIET_US ? quiet + 1 : 0;
		before = now;
	}
	return quiet == QUIET_LOOKS ? 0 :
	    err_set(err, "the daemon comes to no rest");
}

static int
live(const struct herd *h, const struct bench *b, double *s, double *mb,
    struct err *err)
{
	const struct child_daemon d = { .program = b->headlined,
		.conf = h->conf, .log = h->log };
	int64_t us;
	pid_t pid = child_start_daemon(&d, &us, err);
	int rc;

	if (pid == -1)
		return -1;
	rc = rest(pid, err);
	if (rc == 0)
		rc = read_rss(pid, mb, err);
	child_kill(pid);
	*s = (double)us / 1e6;
	return rc;
}

static void
report(const char *what, const struct size *size, const char *unit,
    double value, double want)
{
	char name[64], of[64];
	const struct bench_row row = { .name = name, .unit = unit, .of = of,
		.target = want > 0 ? 1.0 : 0 };

	(void)snprintf(name, sizeof(name), "feeds-%s-%d", what,
	    size->n_feeds);
	/* What has no target is told beside that of a hundred thousand. */
	if (want == 0)
		want = strcmp(unit, "s") == 0 ? sizes[2].want_s :
		    sizes[2].want_mb;
	(void)snprintf(of, sizeof(of), "%g%s", want, unit);
	bench_report(&row, value, want / value);
}

static int
measure(const struct herd *h, const struct bench *b, const struct size *size,
    struct err *err)
{
	double s[ROUNDS], mb[ROUNDS], first_s, first_mb;

	/* The first start also stores the configuration. */
	if (live(h, b, &first_s, &first_mb, err) == -1)
		return -1;
	for (int i = 0; i < ROUNDS; i++)
		if (live(h, b, &s[i], &mb[i], err) == -1)
			return -1;
	report("rss", size, "MB", bench_median(mb, ROUNDS), size->want_mb);
	report("start", size, "s", bench_median(s, ROUNDS), size->want_s);
	bench_say("feeds: %d idle feeds, %d known items; first start %.3f s, "
	    "%.1f MB; then from %.3f to %.3f s, from %.1f to %.1f MB in %d "
	    "rounds", h->n, h->n * KNOWN_PER_FEED, first_s, first_mb, s[0],
	    s[ROUNDS - 1], mb[0], mb[ROUNDS - 1], ROUNDS);
	return 0;
}

static int
measure_size(const struct bench *b, const struct size *size, struct err *err)
{
	struct herd h = { .n = size->n_feeds, .now_s = clock_real_wall_s() };

	(void)snprintf(h.store, sizeof(h.store), "%s/feeds-%d.db", b->scratch,
	    h.n);
	(void)snprintf(h.conf, sizeof(h.conf), "%s/feeds-%d.yaml", b->scratch,
	    h.n);
	(void)snprintf(h.log, sizeof(h.log), "%s/feeds.log", b->scratch);
	(void)snprintf(h.socket, sizeof(h.socket), "%s/control.sock",
	    b->scratch);
	if (make_store(&h, err) == -1 || make_conf(&h, err) == -1)
		return -1;
	return measure(&h, b, size, err);
}

int
row_feeds(const struct bench *b, struct err *err)
{
	size_t n = sizeof(sizes) / sizeof(sizes[0]) - b->quick;

	for (size_t i = 0; i < n; i++)
		if (measure_size(b, &sizes[i], err) == -1)
			return err_wrap(err, "%d feeds", sizes[i].n_feeds);
	return 0;
}
