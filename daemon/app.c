/* SPDX-License-Identifier: ISC */
/*
 * The main thread owns signals, the control socket and the order of things.
 * The worker stops first (nothing new comes in), then the courier (what is
 * under way ends, the rest waits in the store), then the ledger, which has
 * then heard from all of them.
 */
#include "daemon/app.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/db.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/log.h"
#include "daemon/conf.h"
#include "daemon/control.h"
#include "daemon/counters.h"
#include "daemon/courier.h"
#include "daemon/faults.h"
#include "daemon/ledger.h"
#include "daemon/notify.h"
#include "daemon/status.h"
#include "daemon/store.h"
#include "daemon/tidy.h"
#include "daemon/worker.h"
#include "feeds/host_gate.h"

/* Real time; together well under the ten seconds that a stop may take. */
enum { WORKER_GRACE_MS = 2000, COURIER_GRACE_MS = 3000 };

struct app {
	struct conf		*conf;
	struct clock		 clock;
	struct counters		 counters;
	struct event_base	*base;
	struct event		*on_term, *on_int, *on_hup;
	struct store		*store;
	char			*instance;
	char			*user_agent;
	struct ledger		*ledger;
	struct courier		*courier;
	struct host_gate	*gate;
	struct worker		*worker;
	struct db		*reader;	/* the main thread's */
	struct status_env	 status;
	char			**faults;
	size_t			 n_faults;
	struct control		*control;
	struct tidy		*tidy;
};

/* Main loop: SIGTERM or SIGINT. */
static void
app_on_stop(evutil_socket_t signal_number, short what, void *arg)
{
	struct app *a = arg;

	(void)what;
	log_info("stopping", LOG_I("signal", signal_number));
	event_base_loopbreak(a->base);
}

/* Main loop: SIGHUP must not end the watch, whatever it was meant for. */
static void
app_on_hup(evutil_socket_t signal_number, short what, void *arg)
{
	(void)signal_number;
	(void)what;
	(void)arg;
	log_warn("not_reloaded", LOG_S("why", "this version reads its "
	    "configuration at the start only: restart it"));
}

static int
make_loop(struct app *a, struct err *err)
{
	a->base = event_base_new();
	if (a->base == NULL)
		return err_set(err, "making an event loop: out of memory or "
		    "descriptors");
	a->on_term = evsignal_new(a->base, SIGTERM, app_on_stop, a);
	a->on_int = evsignal_new(a->base, SIGINT, app_on_stop, a);
	a->on_hup = evsignal_new(a->base, SIGHUP, app_on_hup, a);
	if (a->on_term == NULL || a->on_int == NULL || a->on_hup == NULL ||
	    event_add(a->on_term, NULL) == -1 ||
	    event_add(a->on_int, NULL) == -1 ||
	    event_add(a->on_hup, NULL) == -1)
		return err_set(err, "handling signals: out of memory");
	return 0;
}

/* What `status` says was left out: one line each. */
static int
keep_faults(struct app *a, const struct faults *faults, struct err *err)
{
	const struct fault *f;
	size_t n = 0;

	while (faults_at(faults, n) != NULL)
		n++;
	a->faults = calloc(n + 1, sizeof(*a->faults));
	if (a->faults == NULL)
		return err_set(err, "out of memory");
	for (size_t i = 0; (f = faults_at(faults, i)) != NULL; i++) {
		if (f->warning)
			continue;
		if (asprintf(&a->faults[a->n_faults], "%s:%d:%d: %s: %s",
		    f->file, f->line, f->col, f->key, f->message) == -1)
			return err_set(err, "out of memory");
		a->n_faults++;
	}
	return 0;
}

static int
make_user_agent(struct app *a, struct err *err)
{
	const char *url = a->conf->poll.user_agent_url;
	int n = url != NULL ?
	    asprintf(&a->user_agent, "headlined/%s (+%s)", HEADLINED_VERSION,
	    url) : asprintf(&a->user_agent, "headlined/%s",
	    HEADLINED_VERSION);

	if (n != -1)
		return 0;
	a->user_agent = NULL;
	return err_set(err, "out of memory");
}

/* A sink whose settings were changed is tried again. */
static int
note_sinks(struct app *a, struct err *err)
{
	char hex[2 * DIGEST_SHA256_BYTES + 1];
	uint8_t sha[DIGEST_SHA256_BYTES];

	for (size_t i = 0; i < a->conf->n_sinks; i++) {
		const struct sink_settings *s = &a->conf->sinks[i];
		const struct str parts[] = { str_from(s->kind),
			str_from(s->socket), str_from(s->url), s->secret,
			{ (const char *)&s->keep_trying_s,
			sizeof(s->keep_trying_s) } };

		digest_sha256(parts, sizeof(parts) / sizeof(parts[0]), sha);
		digest_hex(sha, sizeof(sha), hex);
		if (store_note_sink(a->store, s->name, hex, err) == -1)
			return -1;
	}
	return 0;
}

static int
open_store(struct app *a, struct err *err)
{
	a->store = store_open(a->conf->store.path, err);
	if (a->store == NULL)
		return -1;
	a->instance = store_instance(a->store, a->conf->instance, err);
	if (a->instance == NULL || note_sinks(a, err) == -1)
		return -1;
	a->reader = store_reader(a->store, err);
	return a->reader != NULL ? 0 : -1;
}

/* A sink that cannot work is left out and named; the others run. */
static void
add_sinks(struct app *a)
{
	struct err err;

	for (size_t i = 0; i < a->conf->n_sinks; i++)
		if (courier_add_sink(a->courier, &a->conf->sinks[i], &err) ==
		    -1)
			log_error("sink_left_out",
			    LOG_S("sink", a->conf->sinks[i].name),
			    LOG_S("why", err.msg));
}

static int
start_delivery(struct app *a, struct err *err)
{
	struct db *reader = store_reader(a->store, err);

	if (reader == NULL)
		return -1;
	a->courier = courier_new(reader, &a->clock, err);
	if (a->courier == NULL)
		return -1;
	add_sinks(a);
	a->ledger = ledger_start(store_take_writer(a->store),
	    courier_mailbox(a->courier), err);
	if (a->ledger == NULL)
		return -1;
	a->tidy = tidy_new(a->base, a->ledger, &a->clock,
	    a->conf->store.keep_s);
	if (a->tidy == NULL)
		return err_set(err, "out of memory");
	return courier_start(a->courier, a->ledger, err);
}

static int
start_worker(struct app *a, struct err *err)
{
	const struct host_gate_settings gate = {
		.per_host = a->conf->poll.per_host,
		.gap_us = a->conf->poll.host_gap_us,
	};
	const struct worker_env env = { .conf = a->conf, .clock = &a->clock,
		.ledger = a->ledger, .counters = &a->counters,
		.instance = a->instance, .user_agent = a->user_agent,
		.gate = a->gate = host_gate_new(&gate) };
	const struct conf_feed **feeds;
	struct db *reader;

	if (a->gate == NULL)
		return err_set(err, "out of memory");
	reader = store_reader(a->store, err);
	if (reader == NULL)
		return -1;
	feeds = calloc(a->conf->n_feeds + 1, sizeof(*feeds));
	if (feeds == NULL) {
		db_close(reader);
		return err_set(err, "out of memory");
	}
	for (size_t i = 0; i < a->conf->n_feeds; i++)
		feeds[i] = &a->conf->feeds[i];
	a->worker = worker_start(&env, reader, feeds, a->conf->n_feeds, err);
	free(feeds);
	return a->worker != NULL ? 0 : -1;
}

static int
start_control(struct app *a, struct err *err)
{
	a->status = (struct status_env){ .conf = a->conf, .clock = &a->clock,
		.reader = a->reader, .counters = &a->counters,
		.instance = a->instance,
		.started_mono_us = clock_mono_us(&a->clock),
		.faults = (const char *const *)a->faults,
		.n_faults = a->n_faults };
	a->control = control_new(a->base, a->conf->control.socket,
	    &a->status, err);
	return a->control != NULL ? 0 : -1;
}

/*
 * Threads must not take the signals that the main loop waits for: they are
 * blocked while threads are made, who inherit that.
 */
static int
start_threads(struct app *a, struct err *err)
{
	sigset_t stop, old;
	int rc;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGHUP);
	(void)pthread_sigmask(SIG_BLOCK, &stop, &old);	/* cannot fail */
	rc = start_delivery(a, err);
	if (rc == 0)
		rc = start_worker(a, err);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

struct app *
app_open(struct conf *conf, const struct faults *faults, struct err *err)
{
	struct app *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	a->conf = conf_ref(conf);
	/* The socket before any thread: a start that fails has polled
	 * nobody. */
	if (clock_init(&a->clock, err) == 0 && make_loop(a, err) == 0 &&
	    keep_faults(a, faults, err) == 0 &&
	    make_user_agent(a, err) == 0 && open_store(a, err) == 0 &&
	    start_control(a, err) == 0 && start_threads(a, err) == 0)
		return a;
	app_close(a);
	return NULL;
}

static void
announce(const struct app *a)
{
	char status[128];

	log_info("ready", LOG_S("version", HEADLINED_VERSION),
	    LOG_S("instance", a->instance),
	    LOG_I("feeds", a->conf->n_feeds),
	    LOG_I("topics", a->conf->n_topics),
	    LOG_I("sinks", a->conf->n_sinks));
	snprintf(status, sizeof(status), "%zu feeds, %zu topics, %zu sinks%s",
	    a->conf->n_feeds, a->conf->n_topics, a->conf->n_sinks,
	    a->conf->left_out > 0 ? " (degraded: see headlinectl status)" :
	    "");
	notify_ready(status);
}

void
app_run(struct app *a)
{
	announce(a);
	event_base_dispatch(a->base);
	notify_stopping();
	/* Who interrupts a second time means now: the store stands it. */
	event_del(a->on_int);
	worker_drain(a->worker, WORKER_GRACE_MS);
	worker_stop(a->worker);
	a->worker = NULL;
	courier_drain(a->courier, COURIER_GRACE_MS);
	courier_stop(a->courier);
	a->courier = NULL;
	log_info("stopped", LOG_I("alerts_raised",
	    counters_get(&a->counters.alerts_raised)));
}

void
app_close(struct app *a)
{
	if (a == NULL)
		return;
	control_free(a->control);
	worker_stop(a->worker);
	/* The ledger wakes the courier's mailbox until it is stopped. */
	if (a->courier != NULL)
		courier_drain(a->courier, 0);
	courier_stop(a->courier);
	ledger_stop(a->ledger);
	tidy_free(a->tidy);
	host_gate_free(a->gate);
	db_close(a->reader);
	store_close(a->store);
	if (a->on_term != NULL)
		event_free(a->on_term);
	if (a->on_int != NULL)
		event_free(a->on_int);
	if (a->on_hup != NULL)
		event_free(a->on_hup);
	if (a->base != NULL)
		event_base_free(a->base);
	for (size_t i = 0; i < a->n_faults; i++)
		free(a->faults[i]);
	free(a->faults);
	free(a->user_agent);
	free(a->instance);
	conf_unref(a->conf);
	free(a);
}
