/* SPDX-License-Identifier: ISC */
/*
 * A reload in four steps, all on the main loop:
 *
 *	app_reload		ask the compiler, tell the manager
 *	reload_on_compiled	a fault: nothing changes; else orders go out
 *	on_*_orders		each worker and the courier have followed
 *	finish			this configuration runs; who asked is answered
 *
 * Between the second and the last both configurations are alive: a document
 * under way ends with the one it began with.
 */
#include "daemon/app_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/address_cap.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "daemon/compiler.h"
#include "daemon/conf.h"
#include "daemon/control.h"
#include "daemon/control_http.h"
#include "daemon/courier.h"
#include "daemon/faults.h"
#include "daemon/health.h"
#include "daemon/led_feeds.h"
#include "daemon/notify.h"
#include "daemon/poll_next.h"
#include "daemon/tidy.h"
#include "daemon/worker.h"
#include "feeds/claims.h"
#include "feeds/host_gate.h"

enum { MAX_ANSWER = 1 << 20 };

static void	reload_on_compiled(struct conf *, const struct faults *,
		    void *);
static void	on_worker_orders(evutil_socket_t, short, void *);
static void	on_courier_orders(evutil_socket_t, short, void *);

static const struct compiler_ops compiler_ops = {
	.on_done = reload_on_compiled
};

/* Orders */

/* Where the feeds of a configuration are led, before any worker has them. */
static int
learn_owners(struct app *a, const struct conf *conf)
{
	struct err err;

	if (led_feeds_learn(a->owners, a->reader, conf, &err) == 0)
		return 0;
	log_error("owners_unknown", LOG_S("why", err.msg));
	return -1;
}

/* All or none: nothing has changed when memory runs out here; what the table of
 * owners has learned by then of feeds to come hurts nobody. */
static int
send_orders(struct app *a, struct conf *conf, struct err *err)
{
	struct worker_order **orders = calloc(a->n_workers, sizeof(*orders));
	struct courier_order *sinks = courier_order_new(conf);
	struct app_reload *r = &a->reload;

	if (orders == NULL || sinks == NULL ||
	    worker_orders_new(conf, orders, a->n_workers) == -1)
		goto fail;
	if (learn_owners(a, conf) == -1) {
		for (size_t i = 0; i < a->n_workers; i++)
			worker_order_free(orders[i]);
		goto fail;
	}
	claims_keep(a->claims, app_claims_keep_s(conf));
	for (size_t i = 0; i < a->n_workers; i++) {
		orders[i]->reply = r->from_workers;
		worker_take(a->workers[i], orders[i]);
	}
	sinks->reply = r->from_courier;
	sinks->of_reload = true;
	courier_take(a->courier, sinks);
	r->waiting = a->n_workers + 1;
	free(orders);
	return 0;
fail:
	courier_order_free(sinks);
	free(orders);
	return err_set(err, "out of memory");
}

/* Of the newest configuration, which may be another one by now. */
void
app_tell_courier(struct app *a)
{
	struct courier_order *o = courier_order_new(a->reload.next != NULL ?
	    a->reload.next : a->conf);

	if (o == NULL) {
		log_error("sinks_not_taken_up", LOG_S("why",
		    "out of memory: reload once more"));
		return;
	}
	o->reply = a->reload.from_courier;
	courier_take(a->courier, o);
}

static void
note_order(struct app *a, bool failed, const struct err *err)
{
	struct app_reload *r = &a->reload;

	if (r->waiting > 0)
		r->waiting--;
	if (!failed)
		return;
	r->failed = true;
	log_error("not_followed", LOG_S("why", err->msg));
}

static void
take_worker_orders(struct app *a)
{
	struct mail *next;

	for (struct mail *m = mailbox_take(a->reload.from_workers); m != NULL;
	    m = next) {
		struct worker_order *o = (struct worker_order *)(void *)m;

		next = m->next;
		note_order(a, o->failed, &o->err);
		worker_order_free(o);
	}
}

/* Orders of app_tell_courier come back here too: nobody waits for them. */
static void
take_courier_orders(struct app *a)
{
	struct mail *next;

	for (struct mail *m = mailbox_take(a->reload.from_courier); m != NULL;
	    m = next) {
		struct courier_order *o = (struct courier_order *)(void *)m;

		next = m->next;
		if (o->of_reload) {
			a->reload.courier_back = true;
			note_order(a, o->failed, &o->err);
		} else if (o->failed)
			log_error("sinks_not_taken_up",
			    LOG_S("why", o->err.msg));
		courier_order_free(o);
	}
}

int
app_follow(struct app *a, struct err *err)
{
	struct app_reload *r = &a->reload;

	r->courier_back = false;
	r->failed = false;
	if (send_orders(a, a->conf, err) == -1)
		return -1;
	while (r->waiting > 0) {
		struct mailbox *box = r->courier_back ? r->from_workers :
		    r->from_courier;

		(void)mailbox_wait(box, -1);	/* EINTR: looks again */
		take_courier_orders(a);
		take_worker_orders(a);
	}
	return r->failed ? err_set(err, "the configuration could not be "
	    "taken up (see the log)") : 0;
}

/* How it ended */

/* {"ok": false, "faults": ["file:1:2: key: what is wrong"],
 * "needs_restart": "workers"} */
static void
answer(struct app *a, bool ok)
{
	const struct app_reload *r = &a->reload;
	struct json_out *j;
	struct buf out;

	buf_init(&out, MAX_ANSWER);
	j = json_out_new(&out, false);
	if (j != NULL) {
		json_open_map(j);
		json_pair_bool(j, "ok", ok);
		json_key(j, "faults");
		json_open_array(j);
		for (size_t i = 0; i < r->last.n_faults; i++)
			json_cstr(j, r->faults[i]);
		json_close_array(j);
		json_pair_str(j, "needs_restart", str_from(r->needs));
		json_close_map(j);
	}
	if (j == NULL || json_out_finish(j) == -1) {
		buf_reset(&out);
		buf_add_str(&out, STR("{}"));
	}
	control_reload_done(a->control, ok, buf_str(&out));
	buf_clear(&out);
}

static void
keep_lines(struct app_reload *r, char **lines, size_t n)
{
	app_fault_lines_free(r->faults, r->last.n_faults);
	r->faults = lines;
	r->last.faults = (const char *const *)lines;
	r->last.n_faults = n;
}

/* For a failure that no line of the configuration is at fault for. */
static void
keep_line(struct app_reload *r, const char *why)
{
	char **lines = calloc(1, sizeof(*lines));

	if (lines != NULL)
		lines[0] = strdup(why);
	if (lines != NULL && lines[0] == NULL) {
		free(lines);
		lines = NULL;
	}
	keep_lines(r, lines, lines != NULL ? 1 : 0);
}

/* The running configuration runs on, whatever was wrong with the other. */
static void
refuse(struct app *a)
{
	struct app_reload *r = &a->reload;
	char why[512];

	r->last.at_s = clock_wall_us(&a->clock) / CLOCK_US_PER_S;
	r->last.ok = false;
	r->last.bad++;
	snprintf(why, sizeof(why), "the last reload was refused: %s",
	    r->last.n_faults > 0 ? r->faults[0] : "out of memory");
	log_error("reload_refused", LOG_I("faults", r->last.n_faults),
	    LOG_S("first", r->last.n_faults > 0 ? r->faults[0] : ""),
	    LOG_S("running", "the configuration from before"));
	health_set_degraded(a->health, why);
	answer(a, false);
	app_announce(a);
}

static void
settle(struct app *a)
{
	const struct conf *c = a->conf;
	const struct host_gate_settings gate = {
		.per_host = c->poll.per_host, .gap_us = c->poll.host_gap_us,
	};
	const struct tidy_settings tidy = { .keep_s = c->store.keep_s,
		.max_bytes = c->store.max_bytes, .conf = a->conf };

	host_gate_set(a->gate, &gate);
	address_cap_set(a->addresses, conf_per_address(c));
	tidy_set(a->tidy, &tidy);
	a->status.conf = a->conf;
	poll_next_set_conf(a->next, a->conf);
	a->status.faults = NULL;
	a->status.n_faults = 0;
	app_fault_lines_free(a->faults, a->n_faults);
	a->faults = NULL;
	a->n_faults = 0;
	health_set_degraded(a->health, NULL);
	health_set_conf(a->health, a->conf);
	control_http_settle(a->http, true);
}

/* Every part has answered. */
static void
finish(struct app *a)
{
	struct app_reload *r = &a->reload;
	struct conf *old = a->conf;

	a->conf = r->next;
	r->next = NULL;
	settle(a);
	if (!r->failed)		/* else a worker may have them still */
		led_feeds_leave(a->owners, a->conf);
	conf_unref(old);
	app_rest(a);
	r->last.at_s = clock_wall_us(&a->clock) / CLOCK_US_PER_S;
	r->last.ok = !r->failed;
	if (r->last.ok) {
		r->last.good++;
		r->last.good_at_s = r->last.at_s;
	} else
		r->last.bad++;
	if (r->failed) {
		keep_line(r, "a part could not follow (see the log): reload "
		    "once more");
		health_set_degraded(a->health, "a part could not follow the "
		    "reload (see the log)");
	} else
		keep_lines(r, NULL, 0);
	if (r->last.ok)
		log_info("reloaded", LOG_I("feeds", a->conf->n_feeds),
		    LOG_I("topics", a->conf->n_topics),
		    LOG_I("sinks", a->conf->n_sinks));
	app_announce(a);
	if (!r->again) {
		answer(a, r->last.ok);
		return;
	}
	/* Whoever asked meanwhile asked for the file as it is now, and is
	 * answered for that. */
	r->again = false;
	app_reload(a);
}

/* Main loop: workers have followed. */
static void
on_worker_orders(evutil_socket_t fd, short what, void *arg)
{
	struct app *a = arg;

	(void)fd;
	(void)what;
	take_worker_orders(a);
	if (a->reload.next != NULL && a->reload.waiting == 0)
		finish(a);
}

/* Main loop: the courier has followed. */
static void
on_courier_orders(evutil_socket_t fd, short what, void *arg)
{
	struct app *a = arg;

	(void)fd;
	(void)what;
	take_courier_orders(a);
	if (a->reload.next != NULL && a->reload.waiting == 0)
		finish(a);
}

/* From the request on */

static void
begin(struct app *a, struct conf *conf)
{
	struct app_reload *r = &a->reload;
	struct err err;

	r->courier_back = false;
	r->failed = false;
	if (control_http_prepare(a->http, conf->control.http, &err) == -1 ||
	    send_orders(a, conf, &err) == -1) {
		control_http_settle(a->http, false);
		conf_unref(conf);
		keep_line(r, err.msg);
		refuse(a);
		return;
	}
	conf_needs_restart(a->began, conf, r->needs, sizeof(r->needs));
	if (r->needs[0] != '\0')
		log_warn("needs_restart", LOG_S("keys", r->needs),
		    LOG_S("why", "they hold from the next start on"));
	r->next = conf;
	app_note_post(a->note, conf, true);
}

/*
 * An editor that saves in two steps leaves an empty file for a moment, and a
 * lost include an empty list: neither must end the watch.
 */
static const char *
would_end_watch(const struct conf *now, const struct conf *next)
{
	if (next->n_feeds == 0 && now->n_feeds > 0)
		return "the file has no feed: nothing would be watched";
	if (next->n_topics == 0 && now->n_topics > 0)
		return "the file has no topic: nothing would be alerted";
	return NULL;
}

/* Main loop: the file was read, the topics are compiled. */
static void
reload_on_compiled(struct conf *conf, const struct faults *faults, void *ctx)
{
	struct app *a = ctx;
	const char *why;
	char **lines;
	size_t n;

	faults_print(faults, stderr, isatty(STDERR_FILENO) == 1);
	if (conf == NULL || faults_errors(faults) > 0) {
		lines = app_fault_lines(faults, &n);
		keep_lines(&a->reload, lines, n);
	} else if ((why = would_end_watch(a->conf, conf)) != NULL)
		keep_line(&a->reload, why);
	else {
		begin(a, conf);
		return;
	}
	conf_unref(conf);
	refuse(a);
}

/* A pipe that nobody writes to would keep the compiler for ever. */
static bool
is_file(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) == -1) {
		err_set(err, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, "%s: not a regular file: it cannot be read "
		    "again", path);
		return false;
	}
	return true;
}

void
app_reload(struct app *a)
{
	struct app_reload *r = &a->reload;
	struct err err;

	if (r->next != NULL) {
		r->again = true;	/* the file may have changed since */
		return;
	}
	notify_reloading();
	if (!is_file(a->conf->path, &err)) {
		keep_line(r, err.msg);
		refuse(a);
		return;
	}
	if (compiler_ask(r->compiler, &err) == 0)
		return;
	keep_line(r, err.msg);
	refuse(a);
}

int
app_reload_init(struct app *a, struct err *err)
{
	struct app_reload *r = &a->reload;

	r->from_workers = mailbox_new(64);
	r->from_courier = mailbox_new(4);
	r->on_workers = loop_on_mail(a->base, r->from_workers,
	    on_worker_orders, a);
	r->on_courier = loop_on_mail(a->base, r->from_courier,
	    on_courier_orders, a);
	if (r->on_workers == NULL || r->on_courier == NULL)
		return err_set(err, "out of memory or descriptors");
	r->compiler = compiler_new(a->base, a->conf->path, &compiler_ops, a,
	    err);
	return r->compiler != NULL ? 0 : -1;
}

void
app_reload_clear(struct app *a)
{
	struct app_reload *r = &a->reload;

	compiler_free(r->compiler);
	loop_event_free(r->on_workers);
	loop_event_free(r->on_courier);
	if (r->from_workers != NULL)
		take_worker_orders(a);
	if (r->from_courier != NULL)
		take_courier_orders(a);
	mailbox_free(r->from_workers);
	mailbox_free(r->from_courier);
	conf_unref(r->next);
	app_fault_lines_free(r->faults, r->last.n_faults);
	*r = (struct app_reload){ 0 };
}
