/* SPDX-License-Identifier: ISC */
/*
 * The table is the truth: each look reads it anew, so that a restart, a refused
 * job or a kill in between needs no care. One job goes to the ledger and comes
 * back; while it is away nothing is looked at, else a thing were told twice.
 *
 *	timer -> look -> job -> ledger -> box -> (again) -> timer ...
 */
#include "daemon/health.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "alerts/outbox.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mailbox.h"
#include "base/utf8.h"
#include "daemon/conf.h"
#include "daemon/health_private.h"
#include "daemon/ledger.h"

/* LOOK_MIN_US: real time, so that a clock that runs very fast leaves the main
 * loop to others as well. */
enum { LOOK_EVERY_S = 60, LOOK_MIN_US = 20000, MAX_ARENA = 256 << 20,
    MAX_WHY = 512 };

struct health {
	struct ledger_job	 job;		/* first: the ledger casts */
	struct health_env	 env;
	struct event		*timer, *on_box;
	struct mailbox		*box;		/* where the job comes back */
	struct arena		*arena;		/* of the look, then the job */
	size_t			 count;
	bool			 posted;	/* the job is with the ledger */
	bool			 again;		/* look when it is back */
	bool			 blind;		/* the last look failed */
	bool			 is_degraded;
	char			 degraded[MAX_WHY];
	/* Of the job: */
	const struct health_change *changes;
	const struct str	*sinks;
	size_t			 n_sinks;
	int64_t			 now_s;
};

static void	health_on_timer(evutil_socket_t, short, void *);
static void	health_on_box(evutil_socket_t, short, void *);

static void
arm(struct health *h, int64_t us)
{
	const struct timeval tv = { us / CLOCK_US_PER_S,
		us % CLOCK_US_PER_S };

	if (evtimer_add(h->timer, &tv) == -1)
		log_error("timer_failed", LOG_S("of", "health"));
}

static void
arm_next(struct health *h)
{
	int64_t us = clock_real_us(h->env.clock,
	    LOOK_EVERY_S * CLOCK_US_PER_S);

	arm(h, us > LOOK_MIN_US ? us : LOOK_MIN_US);
}

/* The job */

static int
add_notice(struct db *db, const struct health *h,
    const struct health_change *c, struct err *err)
{
	bool of_feed = health_rules[c->kind].subject == HEALTH_OF_FEED;
	const struct outbox_alert notice = { .id = c->id,
		.topic = STR(HEALTH_TOPIC),
		.feed = of_feed ? c->about : STR_NONE, .time_s = h->now_s,
		.body = c->body };
	bool added;

	return outbox_add(db, &notice, h->sinks, h->n_sinks, &added, err);
}

/* On the ledger's thread, inside the transaction; perhaps more than once. */
static int
health_write(struct ledger_job *job, struct db *db, struct err *err)
{
	const struct health *h = (const struct health *)job;
	bool changed;

	for (const struct health_change *c = h->changes; c != NULL;
	    c = c->next) {
		if (health_save_change(db, c, h->now_s, &changed, err) == -1)
			return -1;
		if (changed && c->body.n > 0 &&
		    add_notice(db, h, c, err) == -1)
			return -1;
	}
	return 0;
}

/* Copies, as the configuration may be another before the job is back. */
static int
take_sinks(struct health *h, struct err *err)
{
	const struct conf *conf = h->env.conf;
	struct str *sinks = arena_array(h->arena, conf->health.n_sinks,
	    sizeof(*sinks));

	for (size_t i = 0; sinks != NULL && i < conf->health.n_sinks; i++)
		sinks[i] = arena_copy(h->arena, str_from(
		    conf->sinks[conf->health.sinks[i]].name));
	if (arena_failed(h->arena))
		return err_set(err, "out of memory");
	h->sinks = sinks;
	h->n_sinks = conf->health.n_sinks;
	return 0;
}

static void
post(struct health *h, const struct health_look *look)
{
	h->changes = look->first;
	h->now_s = look->now_s;
	h->again = look->more;
	h->job.has_alerts = h->n_sinks > 0;
	h->posted = true;
	ledger_post(h->env.ledger, &h->job);
}

static void
log_change(const struct health_change *c)
{
	const char *word = health_rules[c->kind].word;

	if (c->step == HEALTH_BEGUN)
		log_warn("health_begun", LOG_S("condition", word),
		    LOG_S("about", c->shown.p), LOG_S("message",
		    c->message.p));
	else if (c->step == HEALTH_OVER)
		log_info("health_over", LOG_S("condition", word),
		    LOG_S("about", c->shown.p), LOG_S("message",
		    c->message.p));
}

/* Main loop: the job is back. Who asked meanwhile gets a look of his own; a
 * refused job is made anew by the next one. */
static void
health_on_box(evutil_socket_t fd, short what, void *arg)
{
	struct health *h = arg;
	struct err err;

	(void)fd;
	(void)what;
	if (mailbox_take(h->box) == NULL)
		return;
	h->posted = false;
	if (!h->job.committed) {
		log_error("health_not_told", LOG_S("why", h->job.err.msg));
		return;
	}
	for (const struct health_change *c = h->changes; c != NULL;
	    c = c->next)
		log_change(c);
	if (health_count_told(h->env.reader, &h->count, &err) == -1)
		log_warn("health_look_failed", LOG_S("why", err.msg));
	if (h->again)
		arm(h, 0);
}

/* The look */

/* Copies what is found into the job. 0, or -1 and *err. */
static int
look_once(struct health *h, struct err *err)
{
	struct health_look look = { .env = &h->env, .arena = h->arena,
		.degraded = h->is_degraded ? h->degraded : NULL };
	int rc;

	arena_reset(h->arena);
	rc = take_sinks(h, err);
	if (rc == 0)
		rc = health_look_run(&look, err);
	health_look_end(&look);
	if (rc == 0 && look.n > 0)
		post(h, &look);
	return rc;
}

/* Says once that it cannot look. */
static void
look(struct health *h)
{
	struct err err;

	if (look_once(h, &err) == 0) {
		h->blind = false;
		return;
	}
	if (!h->blind)
		log_warn("health_look_failed", LOG_S("why", err.msg));
	h->blind = true;
}

/* Main loop: a minute has passed, or somebody asked. */
static void
health_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct health *h = arg;

	(void)fd;
	(void)what;
	arm_next(h);
	if (h->posted)
		h->again = true;
	else
		look(h);
}

void
health_look(struct health *h)
{
	arm(h, 0);
}

/* Life */

static int
start(struct health *h, struct err *err)
{
	h->box = mailbox_new(1);
	h->arena = arena_new(MAX_ARENA);
	h->timer = evtimer_new(h->env.base, health_on_timer, h);
	h->on_box = loop_on_mail(h->env.base, h->box, health_on_box, h);
	if (h->arena == NULL || h->timer == NULL || h->on_box == NULL)
		return err_set(err, "looking after health: out of memory or "
		    "descriptors");
	h->job.write = health_write;
	h->job.reply = h->box;
	return health_count_told(h->env.reader, &h->count, err);
}

struct health *
health_new(const struct health_env *env, struct err *err)
{
	struct health *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		err_set(err, "out of memory");
		return NULL;
	}
	h->env = *env;
	if (start(h, err) == -1) {
		health_free(h);
		return NULL;
	}
	arm(h, 0);
	return h;
}

void
health_set_conf(struct health *h, struct conf *conf)
{
	h->env.conf = conf;
	arm(h, 0);
}

void
health_set_degraded(struct health *h, const char *why)
{
	struct str cut = utf8_cut(str_from(why), sizeof(h->degraded) - 1);

	h->is_degraded = why != NULL;
	(void)snprintf(h->degraded, sizeof(h->degraded), "%.*s",
	    STR_ARG(cut));		/* fits: it was cut */
	arm(h, 0);
}

const char *
health_degraded(const struct health *h)
{
	return h->is_degraded ? h->degraded : NULL;
}

size_t
health_count(const struct health *h)
{
	return h->count;
}

void
health_free(struct health *h)
{
	if (h == NULL)
		return;
	loop_event_free(h->timer);
	loop_event_free(h->on_box);
	if (h->box != NULL)
		(void)mailbox_take(h->box);	/* the job, which is ours */
	mailbox_free(h->box);
	arena_free(h->arena);
	free(h);
}
