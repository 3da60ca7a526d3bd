/* SPDX-License-Identifier: ISC */
/*
 * names: feeds of 1,000 host names, which dnsmasq answers in a network
 * namespace of this row, and one more of a name that is never answered. How
 * many milliseconds later than in the same run without that name the latest
 * poll of another host comes, against 50 ms: of those due in the same second,
 * in the second in which that is most. Where there are several rounds the least
 * of them, since what a name holds up it holds up in each.
 *
 * names-cpu: CPU seconds for 10,000 polls when each takes a look-up, against
 * numeric addresses of the same server.
 */
#include "bench/bench.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "bench/answerer.h"
#include "bench/apart.h"
#include "bench/arrivals.h"
#include "bench/child.h"
#include "bench/setup.h"

/* The dead name is due first; its poll's time is over within the spread. */
#define TIMEOUT	", timeout: 3s"

enum { NAMES = 1000, LEAD_S = 2, SPREAD_S = 5, MAX_ARRIVALS = 10000,
    SILENT_PORT = 5399, NO_FEED = 999999, RESOLVER_MS = 10000, POLLS = 10000 };

enum kind { NUMBERS, ANSWERED, ONE_DEAD, N_KINDS };

struct names {
	struct setup	 setup;
	struct answerer	*answerer;
	struct arrivals	*arrivals;
	struct plan	 plan;
	struct lateness	 late[N_KINDS];
	double		 cpu_s[N_KINDS];	/* for 10,000 polls */
	char		 dead_url[SETUP_URL_SIZE];
	int		 silent;	/* socket; nobody reads it */
	pid_t		 server, resolver, daemon;
};

/* Where questions for the dead name end. */
static int
open_silent(struct err *err)
{
	const struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(SILENT_PORT),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&sin, sizeof(sin)) == -1)
		err_set(err, "port %d cannot be had", SILENT_PORT);
	return fd;
}

static int
use_resolver(const struct names *n, struct err *err)
{
	char path[SETUP_PATH_SIZE];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/resolv.conf",
	    n->setup.scratch);
	f = fopen(path, "we");
	if (f == NULL || fputs("nameserver 127.0.0.1\n", f) == EOF ||
	    fclose(f) != 0)
		return err_set(err, "%s cannot be written", path);
	return apart_cover("/etc/resolv.conf", path, err);
}

/* The one way in which the daemon's libcurl asks, too. */
static int
await_resolver(const struct names *n, struct err *err)
{
	struct addrinfo *found;

	for (int ms = 0; ms < RESOLVER_MS; ms += 50) {
		if (getaddrinfo("h0.feeds.test", NULL, NULL, &found) == 0) {
			freeaddrinfo(found);
			return 0;
		}
		if (!child_is_alive(n->resolver))
			return err_set(err, "dnsmasq ended");
		bench_pause_ms(50);
	}
	return err_set(err, "dnsmasq does not answer");
}

static int
start_resolver(struct names *n, struct err *err)
{
	char hosts[SETUP_PATH_SIZE + 16];
	/* Of all modes only this one leaves user and groups as they are. */
	const char *const argv[] = { "dnsmasq", "--no-daemon",
		"--conf-file=/dev/null", "--no-resolv", "--no-hosts",
		"--listen-address=127.0.0.1", "--bind-interfaces",
		"--server=/dead.test/127.0.0.1#5399", hosts, NULL };

	(void)snprintf(hosts, sizeof(hosts), "--addn-hosts=%s",
	    n->setup.hosts);
	if (setup_write_hosts(&n->setup, err) == -1 ||
	    use_resolver(n, err) == -1)
		return -1;
	n->silent = open_silent(err);
	if (n->silent == -1)
		return -1;
	n->resolver = child_exec(argv, err);
	return n->resolver != -1 ? await_resolver(n, err) : -1;
}

static int
start_server(struct names *n, struct err *err)
{
	n->answerer = answerer_listen(ANSWERER_MAX_HOSTS, err);
	n->arrivals = arrivals_new(MAX_ARRIVALS, err);
	if (n->answerer == NULL || n->arrivals == NULL)
		return -1;
	n->answerer->on_request = arrivals_on_request;
	n->answerer->ctx = n->arrivals;
	n->setup.port = n->answerer->port;
	(void)snprintf(n->dead_url, sizeof(n->dead_url),
	    "http://silent.dead.test:%d/world/news-%d.xml", n->setup.port,
	    NO_FEED);
	n->server = child_fork(answerer_run, n->answerer, err);
	return n->server != -1 ? 0 : -1;
}

/* Somebody asked for the dead name, or the row shows nothing. Empties it. */
static int
check_silent(const struct names *n, struct err *err)
{
	char question[512];
	int asked = 0;

	while (recv(n->silent, question, sizeof(question), MSG_DONTWAIT) > 0)
		asked++;
	return asked > 0 ? 0 : err_set(err, "the dead name was not asked for");
}

/* From the daemon's being ready until all polls are over. */
static int
watch(struct names *n, enum kind kind, struct lateness *late, struct err *err)
{
	int64_t before_us = child_cpu_us(n->daemon, err), after_us;

	if (before_us == -1)
		return -1;
	if (clock_real_wall_s() >= n->plan.first_s)
		return err_set(err, "it was slow to start: feeds were due "
		    "before it was ready");
	while (clock_real_wall_s() <= n->plan.first_s + SPREAD_S)
		bench_pause_ms(20);
	after_us = child_cpu_us(n->daemon, err);
	if (after_us == -1 ||
	    arrivals_judge(n->arrivals, &n->plan, late, err) == -1)
		return -1;
	if (late->n != NAMES && kind != ONE_DEAD)
		return err_set(err, "%zu polls came instead of %d", late->n,
		    NAMES);
	if (late->n < NAMES) {
		bench_say("names: %zu polls had not come by the end",
		    NAMES - late->n);
		late->second_ms[SPREAD_S - 1] = SPREAD_S * 1000;
	}
	n->cpu_s[kind] = (double)(after_us - before_us) / 1e6 * POLLS / NAMES;
	return 0;
}

static int
run_once(struct names *n, const struct bench *b, enum kind kind,
    struct lateness *late, struct err *err)
{
	int rc;

	n->setup.names = kind != NUMBERS;
	n->setup.more_feed = kind == ONE_DEAD ? n->dead_url : NULL;
	n->plan = (struct plan){ .n_feeds = NAMES, .every_s = 3600,
		.first_s = clock_real_wall_s() + LEAD_S, .spread_s = SPREAD_S };
	atomic_store(&n->arrivals->n, 0);
	if (setup_write_conf(&n->setup, err) == -1 ||
	    setup_fill_store(&n->setup, n->plan.first_s, SPREAD_S, err) == -1)
		return -1;
	n->daemon = setup_start(&n->setup, b, NULL, err);
	if (n->daemon == -1)
		return -1;
	rc = watch(n, kind, late, err);
	child_kill(n->daemon);
	n->daemon = 0;
	if (rc == 0 && kind == ONE_DEAD)
		rc = check_silent(n, err);
	if (rc == 0)
		bench_say("names: %s: p50 %.1f, p99 %.1f, at most %.1f ms "
		    "late, %zu early; %.2f CPU s for 10,000 polls",
		    kind == NUMBERS ? "addresses" : kind == ANSWERED ?
		    "names" : "names and a dead one", late->p50_ms,
		    late->p99_ms, late->max_ms, late->early, n->cpu_s[kind]);
	return rc;
}

static double
held_up_ms(const struct names *n)
{
	double most = 0, ms;

	for (int i = 0; i < SPREAD_S; i++) {
		ms = n->late[ONE_DEAD].second_ms[i] -
		    n->late[ANSWERED].second_ms[i];
		bench_say("names: due in second %d: latest %.1f ms, with the "
		    "dead name %.1f", i, n->late[ANSWERED].second_ms[i],
		    n->late[ONE_DEAD].second_ms[i]);
		most = ms > most ? ms : most;
	}
	return most;
}

static int
measure(struct names *n, const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "names", .unit = "ms",
		.of = "50ms", .target = 1.0 };
	const struct bench_row cpu = { .name = "names-cpu",
		.unit = "cpu-s/10k", .of = "addresses" };
	double later, least = 1e9;

	for (int round = 0; round < (b->quick ? 1 : 3); round++) {
		for (int kind = 0; kind < N_KINDS; kind++)
			if (run_once(n, b, (enum kind)kind, &n->late[kind],
			    err) == -1)
				return -1;
		later = held_up_ms(n);
		least = later < least ? later : least;
	}
	/* Below a millisecond it is the machine's. */
	least = least > 1 ? least : 1;
	bench_report(&row, least, 50 / least);
	bench_report(&cpu, n->cpu_s[ANSWERED], n->cpu_s[NUMBERS] /
	    n->cpu_s[ANSWERED]);
	return 0;
}

static int
run(struct names *n, const struct bench *b, struct err *err)
{
	int rc;

	rc = start_resolver(n, err) == -1 || start_server(n, err) == -1 ||
	    measure(n, b, err) == -1 ? -1 : 0;
	child_kill(n->daemon);
	child_kill(n->server);
	child_kill(n->resolver);
	if (n->silent != -1)
		close(n->silent);
	return rc;
}

int
row_names(const struct bench *b, struct err *err)
{
	struct names n = { .silent = -1 };
	enum apart_end end;

	setup_init(&n.setup, "names", b);
	n.setup.n_feeds = n.setup.n_hosts = NAMES;
	n.setup.names = true;
	n.setup.every = "1h";
	n.setup.poll = TIMEOUT;
	if (!child_can_exec("dnsmasq")) {
		bench_say("names: left out, no dnsmasq (make bench-peers)");
		return 0;
	}
	end = apart_enter(true, err);
	if (end == APART_REFUSED) {
		bench_say("names: left out, %s", err->msg);
		return 0;
	}
	return end == APART_OK ? run(&n, b, err) : -1;
}
