/* SPDX-License-Identifier: ISC */
/*
 * poll-tls: 304 answers that a second of CPU time pays for over verified TLS, a
 * new connection and a full handshake for each, 250 hosts; against a bare
 * libcurl loop that verifies the same (bench/race).
 *
 * poll-tls-resumed: the share of 250 hosts whose second connection resumes the
 * session of the first. The server says so.
 */
#include "bench/bench.h"

#include "base/err.h"
#include "bench/answerer.h"
#include "bench/child.h"
#include "bench/race.h"
#include "bench/tls_answerer.h"
#include "bench/tls_site.h"

enum { HOSTS = ANSWERER_MAX_HOSTS, FEEDS = 1000, PASSES_MS = 60000 };

/* Hosts that were met at least twice, and those of them that resumed. */
static size_t
count_second(struct tls_answerer *t, size_t *resumed)
{
	size_t met = 0;

	*resumed = 0;
	for (size_t i = 0; i < HOSTS; i++) {
		met += atomic_load(&t->of_host[i]) >= 2;
		*resumed += atomic_load(&t->second_resumed[i]);
	}
	return met;
}

static int
await_passes(const struct race *r, struct tls_answerer *t, size_t *resumed,
    struct err *err)
{
	for (int ms = 0; ms < PASSES_MS; ms += 50) {
		if (count_second(t, resumed) == HOSTS)
			return 0;
		if (!child_is_alive(r->daemon))
			return err_set(err, "the daemon ended (see %s)",
			    r->setup.log);
		bench_pause_ms(50);
	}
	return err_set(err, "only %zu of %d hosts were asked twice in a "
	    "minute", count_second(t, resumed), HOSTS);
}

/* One feed a host: no two connections of a host at a time. */
static int
measure_resumption(struct race *r, struct tls_site *site,
    const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "poll-tls-resumed",
		.unit = "%", .of = "all", .target = 0.95 };
	size_t resumed = 0;
	int rc;

	r->setup.n_feeds = HOSTS;
	r->alone = true;
	site->server->gives_tickets = true;
	rc = race_start(r, b, err);
	if (rc == 0) {
		child_go_on(r->daemon);
		rc = await_passes(r, site->server, &resumed, err);
	}
	race_stop(r);
	if (rc == -1)
		return -1;
	bench_say("poll-tls-resumed: %zu of %d hosts on the second pass; %lld "
	    "handshakes in all, %lld of them resumed", resumed, HOSTS,
	    atomic_load(&site->server->full) +
	    atomic_load(&site->server->resumed),
	    atomic_load(&site->server->resumed));
	bench_report(&row, 100.0 * (double)resumed / HOSTS,
	    (double)resumed / HOSTS);
	return 0;
}

static int
measure_full(struct race *r, struct tls_site *site, const struct bench *b,
    struct err *err)
{
	const struct bench_row row = { .name = "poll-tls",
		.unit = "polls/cpu-s", .of = "bare-libcurl", .target = 0.90,
		.rounds = b->quick ? 5 : 9 };
	const struct bench_sides sides = { race_measure_ours,
		race_measure_theirs };
	int rc;

	r->setup.n_feeds = FEEDS;
	r->alone = false;
	rc = race_start(r, b, err);
	if (rc == 0)
		rc = bench_compare(&row, &sides, r, err);
	if (rc == 0)
		rc = race_say(r, err);
	if (rc == 0 && atomic_load(&site->server->resumed) > 0)
		rc = err_set(err, "handshakes were resumed that cannot be");
	race_stop(r);
	return rc;
}

static void
take_server(struct race *r, struct tls_site *site)
{
	r->serve = tls_answerer_run;
	r->serve_ctx = site->server;
	r->answerer = site->server->answerer;
	r->counter = &r->answerer->not_modified;
}

static int
measure_both(struct race *r, struct tls_site *site, const struct bench *b,
    struct err *err)
{
	take_server(r, site);
	if (measure_resumption(r, site, b, err) == -1 ||
	    tls_site_renew(site, &r->setup, err) == -1)
		return -1;
	take_server(r, site);
	setup_remove_store(&r->setup);
	return measure_full(r, site, b, err);
}

int
row_poll_tls(const struct bench *b, struct err *err)
{
	struct race r = { .window_ms = b->quick ? 1000 : 2000 };
	struct tls_site site;
	enum apart_end end;
	int rc = 0;

	setup_init(&r.setup, "poll-tls", b);
	r.setup.n_hosts = HOSTS;
	end = tls_site_open(&site, &r.setup, err);
	if (end == APART_REFUSED)
		bench_say("poll-tls: left out, %s", err->msg);
	else
		rc = end == APART_OK ? measure_both(&r, &site, b, err) : -1;
	tls_site_close(&site);
	return rc;
}
