/* SPDX-License-Identifier: ISC */
/*
 * The main thread owns signals, the control socket and the order of things.
 * Workers stop first (nothing new comes in), then the courier (what is under
 * way ends, the rest waits in the store), then the ledger, which has then
 * heard from all of them.
 */
#include "daemon/app.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "alerts/outbox_edit.h"
#include "base/address_cap.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"
#include "base/lookup_slots.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/app_private.h"
#include "daemon/conf.h"
#include "daemon/control.h"
#include "daemon/control_http.h"
#include "daemon/counters.h"
#include "daemon/courier.h"
#include "daemon/extractor.h"
#include "daemon/faults.h"
#include "daemon/health.h"
#include "daemon/ledger.h"
#include "daemon/manners.h"
#include "daemon/notify.h"
#include "daemon/poll_next.h"
#include "daemon/reserve.h"
#include "daemon/robots_table.h"
#include "daemon/sink_counts.h"
#include "daemon/status.h"
#include "daemon/store.h"
#include "daemon/teller.h"
#include "daemon/tidy.h"
#include "daemon/watchdog.h"
#include "daemon/worker.h"
#include "feeds/claims.h"
#include "feeds/host_gate.h"
#include "feeds/url_owner.h"
#include "feeds/url_turn.h"

/* Real time; together well under the ten seconds that a stop may take. */
enum { WORKER_GRACE_MS = 2000, COURIER_GRACE_MS = 3000 };
_Static_assert(WORKER_GRACE_MS + COURIER_GRACE_MS <= 10000 / 2,
    "the end comes within ten seconds (headlined(8)), half of them to spare");

/* How long bringing an old store up to date may take, for the manager. */
enum { OPEN_PATIENCE_S = 600 };

/* Likewise for one part to end: the last commit of a slow disk takes longer
 * than what a part is given. It is said anew for each, so that a stop that gets
 * on is left alone, and one that hangs is killed: the store stands it. */
enum { DRAIN_PATIENCE_S = 60 };

struct hearts {
	struct heartbeat	*ledger, *courier, *extractor;
	struct heartbeat	**workers;	/* owned */
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

/* Main loop: SIGHUP. */
static void
app_on_hup(evutil_socket_t signal_number, short what, void *arg)
{
	(void)signal_number;
	(void)what;
	app_reload(arg);
}

/* Main loop: POST /reload. */
static void
control_on_reload(void *ctx)
{
	app_reload(ctx);
}

/* Main loop: POST /poll, POST /feed/keep-url. */
static void
control_on_wish(enum wish_kind kind, struct str feed, uint64_t ticket,
    void *ctx)
{
	app_wish(ctx, kind, feed, ticket);
}

static void
control_on_order(enum control_order order, const struct outbox_edit *edit,
    const char *sink, uint64_t ticket, void *ctx)
{
	app_order(ctx, order, edit, sink, ticket);
}

static const struct control_ops control_ops = {
	.on_reload = control_on_reload, .on_wish = control_on_wish,
	.on_order = control_on_order
};

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

void
app_fault_lines_free(char **lines, size_t n)
{
	for (size_t i = 0; lines != NULL && i < n; i++)
		free(lines[i]);
	free(lines);
}

/* "file:line:col: key: what is wrong", without what is not known. Heap; NULL:
 * memory is out. */
static char *
fault_line(const struct fault *f)
{
	const char *colon = f->key[0] != '\0' ? ": " : "";
	char place[32] = "", *line = NULL;

	if (f->line > 0 && f->col > 0)
		snprintf(place, sizeof(place), ":%d:%d", f->line, f->col);
	else if (f->line > 0)
		snprintf(place, sizeof(place), ":%d", f->line);
	if (asprintf(&line, "%s%s: %s%s%s", f->file, place, f->key, colon,
	    f->message) == -1)
		return NULL;
	return line;
}

char **
app_fault_lines(const struct faults *faults, size_t *n)
{
	const struct fault *f;
	size_t all = 0;
	char **lines;

	*n = 0;
	while (faults_at(faults, all) != NULL)
		all++;
	lines = calloc(all + 1, sizeof(*lines));
	for (size_t i = 0; lines != NULL && i < all; i++) {
		f = faults_at(faults, i);
		if (f->warning)
			continue;
		if ((lines[*n] = fault_line(f)) == NULL) {
			app_fault_lines_free(lines, *n);
			*n = 0;
			return NULL;
		}
		(*n)++;
	}
	return lines;
}

/* What `status` says was left out. */
static int
keep_faults(struct app *a, const struct faults *faults, const char *degraded,
    struct err *err)
{
	a->faults = app_fault_lines(faults, &a->n_faults);
	if (a->faults == NULL)
		return err_set(err, "out of memory");
	if (degraded == NULL && a->conf->left_out > 0)
		degraded = a->n_faults > 0 ? a->faults[0] :
		    "parts of it are left out";
	if (degraded == NULL)
		return 0;
	a->degraded = strdup(degraded);
	return a->degraded != NULL ? 0 : err_set(err, "out of memory");
}

/* After a reset, what was watched before begins with a baseline. */
static int
quiet_feeds(struct app *a, struct err *err)
{
	const char **urls = calloc(a->conf->n_feeds + 1, sizeof(*urls));
	int rc;

	if (urls == NULL)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < a->conf->n_feeds; i++)
		urls[i] = a->conf->feeds[i].url;
	rc = store_quiet_feeds(a->store, urls, a->conf->n_feeds, err);
	free(urls);
	return rc;
}

int64_t
app_claims_keep_s(const struct conf *conf)
{
	int64_t longest_s = conf->poll.min_s, every_s;

	for (size_t i = 0; i < conf->n_feeds; i++) {
		every_s = conf->feeds[i].set->every_s;
		longest_s = every_s > longest_s ? every_s : longest_s;
	}
	return manners_claim_end_s(longest_s);
}

static const char *
feed_url_at(size_t i, void *ctx)
{
	const struct conf *conf = ctx;

	return i < conf->n_feeds ? conf->feeds[i].url : NULL;
}

static int
open_claims(struct app *a, struct err *err)
{
	const struct claims_age age = { clock_steady_s(&a->clock),
		app_claims_keep_s(a->conf) };
	const struct claims_known known = { feed_url_at, a->conf };
	char *path;

	if (asprintf(&path, "%s.claims", a->conf->store.path) == -1)
		return err_set(err, "out of memory");
	a->claims = claims_open_known(path, a->conf->n_feeds, &age, &known,
	    err);
	free(path);
	return a->claims != NULL ? 0 : -1;
}

static int
open_store(struct app *a, bool reset, struct err *err)
{
	const struct store_options options = { .reset = reset,
		.max_bytes = (int64_t)a->conf->store.max_bytes };

	notify_patience(OPEN_PATIENCE_S);	/* a migration may take long */
	a->store = store_open(a->conf->store.path, &options, err);
	if (a->store == NULL || store_keep_time(a->store, &a->clock, err) == -1)
		return -1;
	a->instance = store_instance(a->store, a->conf->instance, err);
	if (a->instance == NULL || quiet_feeds(a, err) == -1)
		return -1;
	a->reader = store_reader(a->store, err);
	if (a->reader == NULL)
		return -1;
	return open_claims(a, err);
}

/* Everybody's heart, before any of them begins to beat. */
static int
add_heartbeats(struct app *a, struct hearts *h, struct err *err)
{
	struct heartbeat *main_loop;
	char name[32];

	a->watchdog = watchdog_new(a->base, notify_watchdog_us());
	h->workers = calloc(a->n_workers, sizeof(*h->workers));
	if (a->watchdog == NULL || h->workers == NULL)
		return err_set(err, "out of memory");
	main_loop = watchdog_add(a->watchdog, "main");
	h->ledger = watchdog_add(a->watchdog, "ledger");
	h->courier = watchdog_add(a->watchdog, "courier");
	h->extractor = watchdog_add(a->watchdog, "extractor");
	if (main_loop == NULL || h->ledger == NULL || h->courier == NULL ||
	    h->extractor == NULL)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < a->n_workers; i++) {
		snprintf(name, sizeof(name), "worker-%zu", i);
		h->workers[i] = watchdog_add(a->watchdog, name);
		if (h->workers[i] == NULL)
			return err_set(err, "out of memory");
	}
	a->beat = heartbeat_attach(main_loop, a->base);
	return a->beat != NULL ? 0 : err_set(err, "out of memory");
}

/* Before the first item comes. */
static int
remember_stories(struct app *a, struct err *err)
{
	a->teller = teller_new(&story_window_defaults);
	return a->teller == NULL ? err_set(err, "out of memory") :
	    teller_restore(a->teller, a->reader,
	    clock_wall_us(&a->clock) / CLOCK_US_PER_S, err);
}

/* Whoever asked for a test has had an error when the last process ended; it
 * must not arrive now. A store that cannot be written is no reason to stop. */
static void
forget_tests(struct db *writer)
{
	struct err err;
	size_t n;

	if (outbox_forget_trials(writer, &n, &err) == -1)
		log_warn("tests_not_forgotten", LOG_S("why", err.msg));
	else if (n > 0)
		log_info("tests_forgotten", LOG_I("tests", (int64_t)n),
		    LOG_S("why", "they waited when the last process ended, "
		    "and nobody waits for them any more"));
}

static int
start_ledger(struct app *a, struct heartbeat *heart, struct err *err)
{
	struct ledger_env env = { .db = store_take_writer(a->store),
		.reserve = reserve_new(a->conf->store.path),
		.deliverer = courier_mailbox(a->courier),
		.watcher = a->watcher, .heartbeat = heart };

	forget_tests(env.db);
	a->ledger = ledger_start(&env, err);
	return a->ledger != NULL ? 0 : -1;
}

static int
start_delivery(struct app *a, const struct hearts *h, struct err *err)
{
	struct db *reader = store_reader(a->store, err);

	if (reader == NULL)
		return -1;
	a->courier = courier_new(reader, &a->clock, h->courier,
	    a->sink_counts, err);
	if (a->courier == NULL || remember_stories(a, err) == -1 ||
	    start_ledger(a, h->ledger, err) == -1)
		return -1;
	return courier_start(a->courier, a->ledger, err);
}

/* Main loop: health asks. */
static bool
store_is_over(void *ctx)
{
	struct app *a = ctx;

	return tidy_is_over(a->tidy);
}

/* What looks after the store and the daemon itself, on the main loop. */
static int
start_care(struct app *a, struct err *err)
{
	const struct tidy_settings tidy = { .keep_s = a->conf->store.keep_s,
		.max_bytes = a->conf->store.max_bytes, .conf = a->conf };
	struct health_env env = { .base = a->base, .clock = &a->clock,
		.ledger = a->ledger, .reader = a->reader,
		.instance = a->instance, .conf = a->conf, .next = a->next,
		.store_is_over = store_is_over, .ctx = a };

	a->tidy = tidy_new(a->base, a->ledger, &a->clock, &tidy);
	if (a->tidy == NULL)
		return err_set(err, "out of memory");
	a->note = app_note_new(a, err);
	if (a->note == NULL)
		return -1;
	a->health = health_new(&env, err);
	if (a->health == NULL)
		return -1;
	if (a->degraded != NULL)
		health_set_degraded(a->health, a->degraded);
	return 0;
}

static int
start_extractor(struct app *a, const struct hearts *h, struct err *err)
{
	a->extractor = extractor_start(h->extractor, err);
	return a->extractor != NULL ? 0 : -1;
}

static int
start_workers(struct app *a, const struct hearts *h, struct err *err)
{
	const struct worker_env env = { .clock = &a->clock,
		.ledger = a->ledger, .teller = a->teller, .gate = a->gate,
		.claims = a->claims,
		.owners = a->owners, .turns = a->turns,
		.robots = a->robots, .extractor = a->extractor,
		.addresses = a->addresses, .lookups = a->lookups,
		.counters = &a->counters, .instance = a->instance };

	for (size_t i = 0; i < a->n_workers; i++) {
		const struct worker_part part = { .index = i,
			.reader = store_reader(a->store, err),
			.heartbeat = h->workers[i] };

		if (part.reader == NULL)
			return -1;
		a->workers[i] = worker_start(&env, &part, err);
		if (a->workers[i] == NULL)
			return -1;
	}
	return 0;
}

static int
make_shared(struct app *a, struct err *err)
{
	const struct host_gate_settings gate = {
		.per_host = a->conf->poll.per_host,
		.gap_us = a->conf->poll.host_gap_us,
	};

	a->n_workers = a->conf->workers;
	a->workers = calloc(a->n_workers, sizeof(*a->workers));
	a->gate = host_gate_new(&gate);
	a->owners = url_owners_new();
	a->turns = url_turns_new();
	a->robots = robots_table_new();
	a->addresses = address_cap_new(conf_per_address(a->conf));
	a->lookups = lookup_slots_new(0);
	return a->workers != NULL && a->gate != NULL && a->owners != NULL &&
	    a->turns != NULL && a->robots != NULL && a->addresses != NULL &&
	    a->lookups != NULL ? 0 : err_set(err, "out of memory");
}

static int
start_control(struct app *a, struct err *err)
{
	a->next = poll_next_new(a->conf, a->claims, &a->clock);
	a->watcher = mailbox_new(1);
	a->sink_counts = sink_counts_new();
	if (a->next == NULL || a->watcher == NULL || a->sink_counts == NULL)
		return err_set(err, "out of memory");
	a->status = (struct status_env){ .conf = a->conf, .clock = &a->clock,
		.reader = a->reader, .counters = &a->counters,
		.claims = a->claims, .next = a->next, .watcher = a->watcher,
		.instance = a->instance,
		.started_mono_us = clock_mono_us(&a->clock),
		.started_wall_us = clock_wall_us(&a->clock),
		.sink_counts = a->sink_counts,
		.faults = (const char *const *)a->faults,
		.n_faults = a->n_faults };
	a->control = control_new(a->base, a->conf->control.socket,
	    &a->status, &control_ops, a, err);
	if (a->control == NULL)
		return -1;
	a->http = control_http_new(a->base, a->conf->control.socket);
	if (a->http == NULL)
		return err_set(err, "out of memory");
	control_http_begin(a->http, a->conf->control.http);
	return 0;
}

/* The parts that `status` asks, now that they are there. */
static void
fill_status(struct app *a)
{
	a->status.n_workers = a->n_workers;
	a->status.ledger = a->ledger;
	a->status.health = a->health;
	a->status.watchdog = a->watchdog;
	a->status.gate = a->gate;
	a->status.reload = &a->reload.last;
	a->status.needs_restart = a->reload.needs;
}

/* What `systemctl status` shows: the same facts as `headlinectl status`. */
static void
describe(const struct app *a, char *out, size_t size)
{
	struct err why;
	const char *hint = "";

	if (ledger_is_paused(a->ledger, &why))
		hint = " (PAUSED: the store cannot be written)";
	else if (health_degraded(a->health) != NULL)
		hint = " (degraded: see headlinectl status)";
	snprintf(out, size, "%zu feeds, %zu topics, %zu sinks%s",
	    a->conf->n_feeds, a->conf->n_topics, a->conf->n_sinks, hint);
}

void
app_announce(struct app *a)
{
	describe(a, a->announced, sizeof(a->announced));
	notify_ready(a->announced);
}

/* Main loop, every few seconds: has what the manager shows become untrue? A
 * pause is a matter for health, too. */
static void
app_on_look(evutil_socket_t fd, short what, void *arg)
{
	struct app *a = arg;
	char now[sizeof(a->announced)];
	bool paused = ledger_is_paused(a->ledger, NULL);

	(void)fd;
	(void)what;
	if (paused != a->was_paused)
		health_look(a->health);
	a->was_paused = paused;
	describe(a, now, sizeof(now));
	if (strcmp(now, a->announced) == 0)
		return;
	memcpy(a->announced, now, sizeof(now));
	notify_status(now);
}

/* Real time: it is for people who look now. */
static int
start_looking(struct app *a, struct err *err)
{
	static const struct timeval every = { 2, 0 };

	a->on_look = event_new(a->base, -1, EV_PERSIST, app_on_look, a);
	if (a->on_look == NULL || event_add(a->on_look, &every) == -1)
		return err_set(err, "out of memory");
	return 0;
}

/* What taking up a configuration needed, and what runs does not: at once, as
 * the allocator gives back only what lies at the end of its heaps. */
void
app_rest(struct app *a)
{
	claims_rest(a->claims);
	(void)malloc_trim(0);		/* nothing to give back is fine */
}

static int
start_threads(struct app *a, struct err *err)
{
	struct hearts hearts = { 0 };
	sigset_t before;
	int rc = -1;

	loop_block_signals(&before);
	if (make_shared(a, err) == 0 && add_heartbeats(a, &hearts, err) == 0 &&
	    start_delivery(a, &hearts, err) == 0 && start_care(a, err) == 0 &&
	    app_wish_init(a, err) == 0 &&
	    (a->outbox = app_outbox_new(a, err)) != NULL &&
	    start_extractor(a, &hearts, err) == 0 &&
	    start_workers(a, &hearts, err) == 0 &&
	    app_reload_init(a, err) == 0 && app_follow(a, err) == 0)
		rc = start_looking(a, err) == 0 ?
		    watchdog_start(a->watchdog, err) : -1;
	loop_unblock_signals(&before);
	free(hearts.workers);
	return rc;
}

struct app *
app_open(struct conf *conf, const struct faults *faults,
    const struct app_options *options, struct err *err)
{
	struct app *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	counters_init(&a->counters);
	a->conf = conf_ref(conf);
	a->began = conf_brief(conf);
	if (a->began == NULL) {
		err_set(err, "out of memory");
		app_close(a);
		return NULL;
	}
	/* The socket before any thread: a start that fails has polled
	 * nobody. */
	if (clock_init(&a->clock, err) == 0 && make_loop(a, err) == 0 &&
	    keep_faults(a, faults, options->degraded, err) == 0 &&
	    open_store(a, options->reset_store, err) == 0 &&
	    start_control(a, err) == 0 && start_threads(a, err) == 0) {
		fill_status(a);
		app_rest(a);
		app_note_post(a->note, conf, a->degraded == NULL &&
		    conf->n_feeds > 0 && conf->n_topics > 0);
		return a;
	}
	app_close(a);
	return NULL;
}

static void
drain(struct app *a)
{
	ledger_drain(a->ledger);
	for (size_t i = 0; i < a->n_workers; i++)
		worker_drain(a->workers[i], WORKER_GRACE_MS);
	for (size_t i = 0; i < a->n_workers; i++) {
		notify_patience(DRAIN_PATIENCE_S);
		worker_stop(a->workers[i]);
		a->workers[i] = NULL;
	}
	notify_patience(DRAIN_PATIENCE_S);
	courier_drain(a->courier, COURIER_GRACE_MS);
	courier_stop(a->courier);
	notify_patience(DRAIN_PATIENCE_S);	/* for app_close: the ledger */
}

void
app_run(struct app *a)
{
	log_info("ready", LOG_S("version", HEADLINED_VERSION),
	    LOG_S("instance", a->instance),
	    LOG_I("feeds", a->conf->n_feeds),
	    LOG_I("topics", a->conf->n_topics),
	    LOG_I("sinks", a->conf->n_sinks),
	    LOG_I("workers", a->n_workers));
	app_announce(a);
	event_base_dispatch(a->base);
	notify_stopping();
	/* Who interrupts a second time means now: the store stands it. */
	event_del(a->on_int);
	drain(a);
	log_info("stopped", LOG_I("alerts_raised",
	    counters_get(&a->counters.alerts_raised)));
}

/* The ledger after all who post to it; what has a job there, or an order with
 * a worker, after them. */
static void
stop_threads(struct app *a)
{
	if (a->ledger != NULL)
		ledger_drain(a->ledger);
	for (size_t i = 0; a->workers != NULL && i < a->n_workers; i++)
		worker_stop(a->workers[i]);
	extractor_stop(a->extractor);
	if (a->courier != NULL)
		courier_drain(a->courier, 0);
	courier_stop(a->courier);
	ledger_stop(a->ledger);
	teller_free(a->teller);
	courier_free(a->courier);	/* the ledger woke its mailbox, */
	mailbox_free(a->watcher);	/* and this one */
	app_reload_clear(a);
	app_wish_clear(a);
	app_outbox_free(a->outbox);
	health_free(a->health);
	tidy_free(a->tidy);
	app_note_free(a->note);
	free(a->workers);
}

void
app_close(struct app *a)
{
	if (a == NULL)
		return;
	control_http_free(a->http);
	control_free(a->control);
	stop_threads(a);
	host_gate_free(a->gate);
	url_owners_free(a->owners);
	url_turns_free(a->turns);
	robots_table_free(a->robots);
	address_cap_free(a->addresses);
	lookup_slots_free(a->lookups);
	poll_next_free(a->next);
	sink_counts_free(a->sink_counts);
	claims_close(a->claims);
	db_close(a->reader);
	store_close(a->store);
	loop_event_free(a->beat);
	loop_event_free(a->on_look);
	watchdog_free(a->watchdog);
	loop_event_free(a->on_term);
	loop_event_free(a->on_int);
	loop_event_free(a->on_hup);
	if (a->base != NULL)
		event_base_free(a->base);
	app_fault_lines_free(a->faults, a->n_faults);
	free(a->degraded);
	free(a->instance);
	conf_unref(a->conf);
	conf_unref(a->began);
	free(a);
}
