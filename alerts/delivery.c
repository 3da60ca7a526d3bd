/* SPDX-License-Identifier: ISC */
/*
 * The queues, one a name, and how another set of sinks takes their place. What
 * can fail is done first, on the side: each sink that is wanted gets a plan,
 *
 *	keep		the queue runs on these settings
 *	open		it gets a new outlet, once what is under way has ended
 *	leave out	the sink cannot work
 *
 * and only when all are made do the queues change, which cannot fail. A queue
 * that no plan names loses its outlet; it stays, without one, for the time its
 * name comes back (delivery_queue.h).
 */
#include "alerts/delivery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#include "alerts/delivery_queue.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

struct member {
	SLIST_ENTRY(member)	 link;
	struct delivery_queue	*queue;		/* owned */
	bool			 wanted;	/* while plans are followed */
};

struct delivery {
	struct delivery_hub	 hub;
	SLIST_HEAD(, member)	 members;
};

enum action { ACTION_KEEP, ACTION_OPEN, ACTION_LEAVE_OUT };

struct plan {
	const struct sink_settings *wanted;	/* borrowed */
	enum action		 action;
	struct member		*member;
	bool			 is_new;	/* the member: owned */
	bool			 off;		/* so the store says */
	struct delivery_outlet	 outlet;	/* owned; of ACTION_OPEN */
};

struct delivery *
delivery_new(const struct sink_env *env, struct db *reader,
    const struct delivery_ops *ops, void *ctx)
{
	struct delivery *d = calloc(1, sizeof(*d));
	uint64_t *random;

	if (d == NULL)
		return NULL;
	SLIST_INIT(&d->members);
	d->hub.env = *env;
	d->hub.reader = reader;
	d->hub.ops = ops;
	d->hub.ctx = ctx;
	random = &d->hub.random;
	if (getrandom(random, sizeof(*random), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(*random))
		*random = (uint64_t)clock_real_wall_s();
	return d;
}

static void
member_free(struct member *m)
{
	if (m == NULL)
		return;
	delivery_queue_free(m->queue);
	free(m);
}

static struct member *
find_member(const struct delivery *d, const char *name)
{
	struct member *m;

	SLIST_FOREACH(m, &d->members, link)
		if (strcmp(delivery_queue_name(m->queue), name) == 0)
			return m;
	return NULL;
}

/* Plans */

static void
plan_clear(struct plan *p)
{
	delivery_outlet_clear(&p->outlet);
	if (p->is_new)
		member_free(p->member);
	*p = (struct plan){ 0 };
}

static struct member *
make_member(struct delivery *d, const char *name)
{
	struct member *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->queue = delivery_queue_new(&d->hub, name);
	if (m->queue != NULL)
		return m;
	free(m);
	return NULL;
}

/* A sink that was switched off takes nothing until it is switched on. */
static int
read_state(struct delivery *d, struct plan *p, struct err *err)
{
	struct outbox_sink_state state;

	if (outbox_load_sink(d->hub.reader, p->wanted->name, &state, err) ==
	    -1)
		return -1;
	p->off = state.disabled;
	/* One that runs was told when it was switched off. */
	if (p->off && p->member == NULL)
		log_warn("sink_is_disabled", LOG_S("sink", p->wanted->name),
		    LOG_S("why", state.reason));
	return 0;
}

/* All but the sink itself. */
static int
make_plan(struct delivery *d, const struct sink_settings *wanted,
    struct plan *p, struct err *err)
{
	p->wanted = wanted;
	p->member = find_member(d, wanted->name);
	sink_settings_fingerprint(wanted, p->outlet.print);
	if (read_state(d, p, err) == -1)
		return -1;
	if (p->member != NULL &&
	    delivery_queue_has(p->member->queue, p->outlet.print)) {
		p->action = ACTION_KEEP;
		return 0;
	}
	p->action = ACTION_OPEN;
	p->is_new = p->member == NULL;
	if (p->is_new)
		p->member = make_member(d, wanted->name);
	p->outlet.settings = sink_settings_copy(wanted);
	if (p->member == NULL || p->outlet.settings == NULL)
		return err_set(err, "out of memory");
	return 0;
}

static int
refuse_kind(const char *name, struct err *err)
{
	const struct sink_kind *kind;
	char list[128] = "";
	size_t n = 0;

	for (size_t i = 0; (kind = sink_kind_at(i)) != NULL; i++) {
		if (n + strlen(kind->name) + 2 >= sizeof(list))
			break;
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
		    i > 0 ? " " : "", kind->name);
	}
	return err_set(err, "%s: no such kind of sink (there are: %s)",
	    name != NULL ? name : "none named", list);
}

static int
open_sink(struct delivery *d, struct plan *p, struct err *err)
{
	struct delivery_outlet *o = &p->outlet;
	int n = o->settings->parallel;

	o->kind = sink_kind_for(o->settings);
	if (o->kind == NULL)
		return refuse_kind(o->settings->kind, err);
	if (n > SINK_MAX_PARALLEL)
		return err_set(err, "parallel: %d: too many (from 1 to %d)", n,
		    SINK_MAX_PARALLEL);
	do {
		o->sinks[o->n] = o->kind->open(&d->hub.env, o->settings, err);
		if (o->sinks[o->n] == NULL)
			return -1;
		o->n++;
	} while (o->n < (size_t)(n > 0 ? n : 1));
	return 0;
}

static bool
is_named_before(const struct sink_settings *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(list[k].name, list[i].name) == 0)
			return true;
	return false;
}

/* What is wrong with one of them, told to left_out. */
struct complaints {
	void	(*left_out)(const char *, const struct err *, void *);
	void	*ctx;
};

static void
leave_out(struct plan *p, const struct complaints *c, const struct err *why)
{
	const char *name = p->wanted->name;

	plan_clear(p);
	p->action = ACTION_LEAVE_OUT;
	if (c->left_out != NULL)
		c->left_out(name, why, c->ctx);
}

static void
open_sinks(struct delivery *d, const struct sink_settings *list,
    struct plan *plans, size_t n, const struct complaints *c)
{
	struct err err;

	for (size_t i = 0; i < n; i++) {
		if (is_named_before(list, i)) {
			err_set(&err, "another sink has this name");
			leave_out(&plans[i], c, &err);
		} else if (plans[i].action == ACTION_OPEN &&
		    open_sink(d, &plans[i], &err) == -1)
			leave_out(&plans[i], c, &err);
	}
}

static void
follow_plan(struct delivery *d, struct plan *p)
{
	if (p->action == ACTION_LEAVE_OUT)
		return;
	p->member->wanted = true;
	if (p->action == ACTION_KEEP) {
		delivery_queue_keep(p->member->queue, p->outlet.print, p->off);
		return;
	}
	if (p->is_new)
		SLIST_INSERT_HEAD(&d->members, p->member, link);
	p->is_new = false;
	delivery_queue_set_outlet(p->member->queue, &p->outlet, p->off);
}

static void
follow_plans(struct delivery *d, struct plan *plans, size_t n)
{
	struct delivery_outlet none = { 0 };
	struct member *m;

	SLIST_FOREACH(m, &d->members, link)
		m->wanted = false;
	for (size_t i = 0; i < n; i++)
		follow_plan(d, &plans[i]);
	SLIST_FOREACH(m, &d->members, link)
		if (!m->wanted)
			delivery_queue_set_outlet(m->queue, &none, false);
}

int
delivery_set_sinks(struct delivery *d, const struct sink_settings *list,
    size_t n, void (*left_out)(const char *, const struct err *, void *),
    void *ctx, struct err *err)
{
	const struct complaints c = { left_out, ctx };
	struct plan *plans = calloc(n > 0 ? n : 1, sizeof(*plans));
	int rc = 0;

	if (plans == NULL)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = make_plan(d, &list[i], &plans[i], err);
	if (rc == 0) {
		open_sinks(d, list, plans, n, &c);
		follow_plans(d, plans, n);
	}
	for (size_t i = 0; i < n; i++)
		plan_clear(&plans[i]);
	free(plans);
	return rc;
}

/* All queues */

/* Where the store cannot be read nothing is sent either. */
static void
note_arrivals(struct delivery *d)
{
	int64_t seq;
	struct err err;

	if (outbox_find_last(d->hub.reader, &seq, &err) == 0)
		arrivals_note(&d->hub.arrivals, seq,
		    clock_mono_us(d->hub.env.clock));
}

void
delivery_look(struct delivery *d)
{
	struct member *m;

	note_arrivals(d);
	SLIST_FOREACH(m, &d->members, link)
		delivery_queue_look(m->queue);
}

size_t
delivery_doubt(struct delivery *d)
{
	struct member *m;
	size_t n = 0;

	SLIST_FOREACH(m, &d->members, link)
		n += delivery_queue_doubt(m->queue);
	return n;
}

void
delivery_digest_stored(struct delivery *d, const char *sink)
{
	struct member *m = find_member(d, sink);

	if (m != NULL)
		delivery_queue_digest_stored(m->queue);
}

void
delivery_stop(struct delivery *d)
{
	struct member *m;

	d->hub.stopped = true;
	SLIST_FOREACH(m, &d->members, link)
		delivery_queue_stop(m->queue);
}

bool
delivery_is_idle(const struct delivery *d)
{
	const struct member *m;

	SLIST_FOREACH(m, &d->members, link)
		if (delivery_queue_is_sending(m->queue))
			return false;
	return true;
}

void
delivery_free(struct delivery *d)
{
	struct member *m;

	if (d == NULL)
		return;
	while ((m = SLIST_FIRST(&d->members)) != NULL) {
		SLIST_REMOVE_HEAD(&d->members, link);
		member_free(m);
	}
	free(d);
}
