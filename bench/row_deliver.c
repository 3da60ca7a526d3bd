/* SPDX-License-Identifier: ISC */
/*
 * deliver: signed webhooks that a second of CPU time pays for, all threads of
 * the complete daemon counted, out of an outbox that was filled before, to one
 * sink with eight at once; against a bare libcurl loop that posts as many such
 * bodies at once, unsigned, to the same receiver. Each delivery is read from
 * the store and marked in it.
 */
#include "bench/bench.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "alerts/alert_format.h"
#include "alerts/outbox.h"
#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "bench/asker.h"
#include "bench/child.h"
#include "bench/prose.h"
#include "bench/receiver.h"
#include "bench/setup.h"
#include "daemon/store.h"

enum { PARALLEL = 8, SETTLE_MS = 100, MAX_URL = 64, MAX_PATH = SETUP_PATH_SIZE,
    ROWS = 400000, ROWS_QUICK = 150000, N_BODIES = 64 };

struct deliver {
	struct setup	 setup;
	struct receiver	*receiver;
	struct asker	 asker;
	char		 url_bytes[MAX_URL], key[MAX_PATH];
	const char	*urls[1];
	struct buf	 bodies[N_BODIES];
	int64_t		 bytes;		/* of all of them */
	int		 rows, window_ms;
	pid_t		 server, daemon, peer;
};

/* Alerts as the daemon makes them, of about a page of text each. */
static int
make_bodies(struct deliver *d, struct err *err)
{
	struct prose *p = prose_new(9001);
	struct buf title, text;
	int rc = p != NULL ? 0 : -1;

	buf_init(&title, 4096);
	buf_init(&text, 8192);
	for (int i = 0; i < N_BODIES && rc == 0; i++) {
		struct hit hit = { .term = STR("sanctions"), .field =
			"title", .text = STR("Sanctions") };
		struct alert a = { .id = STR("msg_0123456789abcdef0123456789"
			"abcdef"), .instance = STR("bench"),
			.topic = STR("sanctions"),
			.severity = SEVERITY_NOTICE, .time_s = 1790000000,
			.item.url = STR("https://news.example.com/world/2026/"
			"11/a-summit-and-what-came-of-it"),
			.item.language = STR("en"),
			.item.text_from = STR("feed"),
			.feed.title = STR("Example News"),
			.feed.url = STR("https://news.example.com/rss"),
			.feed.site = STR("news.example.com"),
			.hits = &hit, .n_hits = 1 };

		buf_reset(&title);
		buf_reset(&text);
		prose_add_title(p, &title);
		prose_add_paragraph(p, &text, 300);
		a.item.title = buf_str(&title);
		a.item.summary = hit.context = buf_str(&text);
		buf_init(&d->bodies[i], ALERT_MAX_JSON);
		rc = alert_to_json(&d->bodies[i], &a);
		d->bytes += (int64_t)d->bodies[i].n;
	}
	buf_clear(&title);
	buf_clear(&text);
	prose_free(p);
	return rc == 0 ? 0 : err_set(err, "out of memory");
}

static int
put_rows(const struct deliver *d, struct db *db, struct err *err)
{
	static const struct str sink = { "desk", 4 };
	bool added;

	if (db_begin(db, err) == -1)
		return -1;
	for (int i = 0; i < d->rows; i++) {
		char id[64];
		const struct outbox_alert a = {
			.id = (snprintf(id, sizeof(id), "msg_%032x",
			(unsigned)i), str_from(id)), .topic =
			STR("sanctions"), .feed =
			STR("https://news.example.com/rss"),
			.time_s = bench_unix_us() / 1000000,
			.body = buf_str(&d->bodies[i % N_BODIES]) };

		if (outbox_add(db, &a, &sink, 1, &added, err) == -1)
			return -1;
	}
	return db_commit(db, err);
}

static int
fill_store(const struct deliver *d, struct err *err)
{
	const struct store_options options = { .reset = false };
	struct store *s;
	struct db *db;
	int rc;

	setup_remove_store(&d->setup);
	s = store_open(d->setup.store, &options, err);
	if (s == NULL)
		return -1;
	db = store_take_writer(s);
	rc = put_rows(d, db, err);
	db_close(db);
	store_close(s);
	return rc;
}

static int
write_file(const char *path, const char *text, struct err *err)
{
	FILE *f = fopen(path, "w");
	bool written = f != NULL && fputs(text, f) >= 0;

	if (f != NULL && fclose(f) == 0 && written && chmod(path, 0600) == 0)
		return 0;
	return err_set(err, "%s cannot be written", path);
}

static int
write_conf(struct deliver *d, struct err *err)
{
	struct buf b;
	int rc;

	buf_init(&b, 65536);
	buf_addf(&b, "instance: bench\n"
	    "feeds: [{file: %s}]\n"
	    "topics: {sanctions: {match: sanctions, notify: [desk]}}\n"
	    "sinks: {desk: {webhook: \"%s\", secret_file: %s, parallel: %d}}\n"
	    "store: {path: %s}\ncontrol: {socket: %s/%s.sock}\nworkers: 1\n",
	    d->setup.log, d->url_bytes, d->key, PARALLEL, d->setup.store,
	    d->setup.scratch, d->setup.name);
	rc = write_file(d->setup.conf, buf_cstr(&b), err);
	buf_clear(&b);
	if (rc == 0)
		rc = write_file(d->key, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		    "\n", err);
	return rc;
}

/* The daemon begins as soon as it is ready: it is held then. */
static int
start(struct deliver *d, const struct bench *b, struct err *err)
{
	d->server = child_fork(receiver_run, d->receiver, err);
	if (d->server == -1)
		return -1;
	d->peer = child_fork(asker_run, &d->asker, err);
	if (d->peer == -1)
		return -1;
	child_hold(d->peer);
	d->daemon = setup_start(&d->setup, b, NULL, err);
	if (d->daemon == -1)
		return -1;
	child_hold(d->daemon);
	return 0;
}

static int
measure(struct deliver *d, pid_t pid, double *figure, struct err *err)
{
	int64_t before_us, after_us;
	long long before, after;

	child_go_on(pid);
	bench_pause_ms(SETTLE_MS);
	before_us = child_cpu_us(pid, err);
	before = atomic_load(&d->receiver->messages);
	bench_pause_ms(d->window_ms);
	after_us = child_cpu_us(pid, err);
	after = atomic_load(&d->receiver->messages);
	child_hold(pid);
	if (before_us == -1 || after_us == -1)
		return -1;
	if (!child_is_alive(pid) || !child_is_alive(d->server))
		return err_set(err, "a process ended while it was measured");
	if (after == before || after_us <= before_us)
		return err_set(err, "nothing was delivered");
	*figure = (double)(after - before) * 1e6 /
	    (double)(after_us - before_us);
	return 0;
}

static int
measure_ours(void *ctx, double *figure, struct err *err)
{
	struct deliver *d = ctx;

	if (atomic_load(&d->receiver->is_signed) > d->rows * 9 / 10)
		return err_set(err, "the outbox is nearly empty");
	return measure(d, d->daemon, figure, err);
}

static int
measure_theirs(void *ctx, double *figure, struct err *err)
{
	struct deliver *d = ctx;

	return measure(d, d->peer, figure, err);
}

static int
prepare(struct deliver *d, const struct bench *b, struct err *err)
{
	setup_init(&d->setup, "deliver", b);
	d->rows = b->quick ? ROWS_QUICK : ROWS;
	d->window_ms = b->quick ? 400 : 1000;
	if (snprintf(d->key, sizeof(d->key), "%s/deliver.key", b->scratch) >=
	    MAX_PATH)
		return err_set(err, "%s: too long a path", b->scratch);
	d->receiver = receiver_listen(err);
	if (d->receiver == NULL || make_bodies(d, err) == -1)
		return -1;
	(void)snprintf(d->url_bytes, sizeof(d->url_bytes),
	    "http://127.0.0.1:%d/in", d->receiver->port);
	d->urls[0] = d->url_bytes;
	d->asker = (struct asker){ .urls = d->urls, .n_urls = 1, .n_hosts = 1,
		.kept = true, .body = buf_cstr(&d->bodies[0]),
		.content_type = "application/cloudevents+json",
		.in_flight = PARALLEL };
	return fill_store(d, err) == -1 ? -1 : write_conf(d, err);
}

int
row_deliver(const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "deliver",
		.unit = "webhooks/cpu-s", .of = "bare-libcurl",
		.target = 0.5, .rounds = b->quick ? 7 : 9 };
	const struct bench_sides sides = { measure_ours, measure_theirs };
	struct deliver d = { .server = 0 };
	int rc = prepare(&d, b, err);

	if (rc == 0)
		rc = start(&d, b, err);
	if (rc == 0)
		rc = bench_compare(&row, &sides, &d, err);
	if (rc == 0)
		bench_say("deliver: bodies of %.0f bytes; %lld of %lld messages "
		    "were signed, %lld not understood", (double)d.bytes /
		    N_BODIES, atomic_load(&d.receiver->is_signed),
		    atomic_load(&d.receiver->messages),
		    atomic_load(&d.receiver->broken));
	child_kill(d.daemon);
	child_kill(d.peer);
	child_kill(d.server);
	setup_remove_store(&d.setup);
	for (int i = 0; i < N_BODIES; i++)
		buf_clear(&d.bodies[i]);
	return rc;
}
