/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_DELIVERY_RIG_H
#define HEADLINED_TESTS_UNIT_DELIVERY_RIG_H

/*
 * Delivery over a real outbox and a clock that a test moves, to sinks that
 * answer as the test has written down. It brings its own table of kinds
 * (sink_find_kind), so that the linker takes none of the real ones.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "alerts/delivery.h"
#include "alerts/outbox_edit.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"

/*
 * A kind of sink that does as it is told
 */

struct step {
	enum send_result result;
	int64_t		 retry_after_s;
};

enum { MAX_LOG = 1024 };

struct sink {
	struct event_base	*base;
	bool			 later;		/* answers from the loop */
	const struct step	*steps;		/* then: delivered */
	size_t			 n_steps, n_sent;
	int			 log[MAX_LOG];	/* alerts, as they came */
	sink_done_fn		*done;
	void			*ctx;
	struct event		*timer;
	bool			 is_open, rejects;
	int			 answering;	/* done has not returned */
	int			 n_opened, n_cancelled;
	char			 name;		/* of the sink that uses it */
};

/* The devices a to e: `socket` says which one a sink uses, else its name. */
enum { N_FAKES = 5 };
static struct sink fakes[N_FAKES];

/* What a test says to a message that is none of add()'s: its number. */
static int (*fake_number)(const struct sink_message *);

/* What a test has all of them reject, whatever their steps say; or NULL. */
static bool (*fake_rejects)(const struct sink_message *);

/* What all of them took, in order. */
enum { MAX_DELIVERED = 8192 };
static struct { char sink; int alert; } delivered[MAX_DELIVERED];
static size_t n_delivered;

static inline void
fake_answer(struct sink *s)
{
	struct send_outcome o = { .result = SEND_DELIVERED };
	sink_done_fn *done = s->done;
	size_t at = s->n_sent - 1;

	if (at < s->n_steps) {
		o.result = s->steps[at].result;
		o.retry_after_s = s->steps[at].retry_after_s;
	}
	if (s->rejects)
		o.result = SEND_REJECTED;
	if (o.result != SEND_DELIVERED)
		snprintf(o.message, sizeof(o.message), "try %zu failed", at);
	assert_non_null(done);
	if (o.result == SEND_DELIVERED) {
		assert_true(n_delivered < MAX_DELIVERED);
		delivered[n_delivered].sink = s->name;
		delivered[n_delivered++].alert = s->log[at % MAX_LOG];
	}
	s->done = NULL;
	s->answering++;
	done(&o, s->ctx);
	s->answering--;
}

static inline void
fake_on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fake_answer(arg);
}

static inline struct sink *
fake_open(const struct sink_env *env, const struct sink_settings *settings,
    struct err *err)
{
	struct sink *s = &fakes[(settings->socket != NULL ? settings->socket :
	    settings->name)[0] - 'a'];

	/* One that takes several at once uses the devices behind it too. */
	while (settings->parallel > 1 && s->is_open && s < &fakes[N_FAKES - 1])
		s++;

	if (settings->url != NULL) {
		err_set(err, "%s", settings->url);
		return NULL;
	}
	assert_false(s->is_open);
	s->is_open = true;
	s->n_opened++;
	s->name = settings->name[0];
	s->base = env->base;
	s->timer = evtimer_new(env->base, fake_on_timer, s);
	return s;
}

/* Of one of add()'s, byte for byte. */
static inline int
read_number(const struct sink_message *m)
{
	char text[64];
	int n;

	snprintf(text, sizeof(text), "%.*s", (int)m->id.n - 4, m->id.p + 4);
	n = (int)strtol(text, NULL, 10);
	snprintf(text, sizeof(text), "{\"n\":%d}", n);
	assert_int_equal(m->body.n, strlen(text));
	assert_memory_equal(m->body.p, text, m->body.n);
	return n;
}

static inline void
fake_send(struct sink *s, const struct sink_message *m, sink_done_fn *done,
    void *ctx)
{
	const struct timeval now = { 0, 0 };

	assert_true(s->is_open);
	assert_null(s->done);			/* one at a time */
	assert_memory_equal(m->id.p, "msg_", 4);
	s->log[s->n_sent % MAX_LOG] = fake_number != NULL ? fake_number(m) :
	    read_number(m);
	s->n_sent++;
	s->rejects = fake_rejects != NULL && fake_rejects(m);
	s->done = done;
	s->ctx = ctx;
	if (s->later)
		evtimer_add(s->timer, &now);
	else
		fake_answer(s);
}

static inline void
fake_cancel(struct sink *s)
{
	if (s->done == NULL)
		return;
	s->done = NULL;
	s->n_cancelled++;
	evtimer_del(s->timer);
}

static inline void
fake_free(struct sink *s)
{
	if (s == NULL)
		return;
	assert_null(s->done);
	assert_int_equal(s->answering, 0);
	event_free(s->timer);
	s->is_open = false;
}

static const struct sink_kind fake_kind = {
	"fake", fake_open, fake_send, fake_cancel, fake_free
};

const struct sink_kind *
sink_find_kind(const char *name)
{
	return strcmp(name, "fake") == 0 ? &fake_kind : NULL;
}

const struct sink_kind *
sink_kind_for(const struct sink_settings *s)
{
	return sink_find_kind(s->kind);
}

const struct sink_kind *
sink_kind_at(size_t index)
{
	return index == 0 ? &fake_kind : NULL;
}

/*
 * A courier: store, clock, loop, and the marks as they came
 */

static const struct sink_settings settings[3] = {
	{ .name = "a", .kind = "fake", .keep_trying_s = 3600 },
	{ .name = "b", .kind = "fake", .keep_trying_s = 3600 },
	{ .name = "c", .kind = "fake", .keep_trying_s = 3600 },
};

struct rig {
	struct event_base	*base;
	struct db		*db;
	struct clock		 clock;
	struct delivery		*delivery;
	bool			 lazy;		/* marks are not written, */
	bool			 lost;		/* never will be, */
	bool			 lazy_off;	/* nor that a sink is off */
	size_t			 n_marks;
	struct outbox_mark	 last;
	char			 last_sink[8];
	int64_t			 last_age_us;
	int			 n_off;
	char			 off_sink[8];
	struct outbox_sink_state off;
	bool			 off_give_up;
	/* The digest that was asked for; written at the next look, unless
	 * the ledger is slow. */
	const struct outbox_digest *digest;
	bool			 slow_ledger;
	bool			 no_split;
	int			 n_digests;
	int			 n_left_out;
	char			 left_out[128];
};

static struct err err;

static inline int
on_mark(const char *sink, const struct outbox_mark *m, int64_t age_us,
    void *ctx)
{
	struct rig *r = ctx;

	r->n_marks++;
	r->last = *m;
	snprintf(r->last_sink, sizeof(r->last_sink), "%s", sink);
	r->last_age_us = age_us;
	if (!r->lazy)
		assert_int_equal(outbox_apply(r->db, m, 1, &err), 0);
	return r->lost ? -1 : 0;
}

static inline void
on_sink_off(const char *sink, const struct outbox_sink_state *s, bool give_up,
    void *ctx)
{
	struct rig *r = ctx;

	r->n_off++;
	snprintf(r->off_sink, sizeof(r->off_sink), "%s", sink);
	r->off = *s;
	r->off_give_up = give_up;
	if (r->lazy_off)
		return;
	if (give_up)
		assert_int_equal(outbox_give_up(r->db, sink, s->reason,
		    s->since_s, &err), 0);
	assert_int_equal(outbox_save_sink(r->db, sink, s, &err), 0);
}

static inline int
on_digest(const struct outbox_digest *d, void *ctx, struct err *why)
{
	struct rig *r = ctx;

	(void)why;
	assert_null(r->digest);
	r->digest = d;
	r->n_digests++;
	return 0;
}

static inline int
on_split(const struct outbox_split *s, void *ctx, struct err *why)
{
	struct rig *r = ctx;
	size_t n;

	if (r->no_split)
		return err_set(why, "no memory");
	assert_int_equal(outbox_split_digest(r->db, s, &n, &err), 0);
	return 0;
}

static const struct delivery_ops ops = { on_mark, on_sink_off, on_digest,
	on_split };

/* As the ledger would. */
static inline void
store_digest(struct rig *r)
{
	char sink[2];

	if (r->digest == NULL)
		return;
	snprintf(sink, sizeof(sink), "%s", r->digest->sink);
	assert_int_equal(outbox_add_digest(r->db, r->digest, &err), 0);
	r->digest = NULL;
	delivery_digest_stored(r->delivery, sink);
}

static inline void
on_left_out(const char *sink, const struct err *why, void *ctx)
{
	struct rig *r = ctx;

	r->n_left_out++;
	snprintf(r->left_out, sizeof(r->left_out), "%.8s: %.99s", sink,
	    why->msg);
}

/* As after a start of the process: nothing but the store is left. */
static inline void
restart(struct rig *r, size_t n_sinks)
{
	/* delivery keeps no pointer to it */
	struct sink_env env = { .base = r->base, .clock = &r->clock };

	delivery_free(r->delivery);
	r->delivery = delivery_new(&env, r->db, &ops, r);
	assert_non_null(r->delivery);
	assert_int_equal(delivery_set_sinks(r->delivery, settings, n_sinks,
	    on_left_out, r, &err), 0);
	assert_int_equal(r->n_left_out, 0);
}

static inline int
set_up(void **state)
{
	const char *const tables[] = { outbox_schema, outbox_schema_2,
		outbox_count_schema };
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (r == NULL)
		return -1;
	memset(fakes, 0, sizeof(fakes));
	fake_number = NULL;
	fake_rejects = NULL;
	n_delivered = 0;
	r->base = event_base_new();
	r->db = db_open(":memory:", DB_WRITER, &err);
	if (r->db == NULL || db_migrate(r->db, tables, 3, &err) == -1)
		return -1;
	clock_init_manual(&r->clock, 1000000 * CLOCK_US_PER_S);
	restart(r, 2);
	alarm(60);
	return 0;
}

static inline int
tear_down(void **state)
{
	struct rig *r = *state;

	alarm(0);
	delivery_free(r->delivery);
	db_close(r->db);
	event_base_free(r->base);
	free(r);
	return 0;
}

/* Adds the alerts from..to for the sinks in names ("ab"). */
static inline void
add(struct rig *r, int from, int to, const char *names)
{
	struct str sinks[3];
	char id[16], body[32];
	bool added;

	for (size_t i = 0; names[i] != '\0'; i++)
		sinks[i] = (struct str){ names + i, 1 };
	for (int n = from; n <= to; n++) {
		snprintf(id, sizeof(id), "msg_%d", n);
		snprintf(body, sizeof(body), "{\"n\":%d}", n);
		assert_int_equal(outbox_add(r->db, &(struct outbox_alert){
			.id = str_from(id), .time_s = 1000000,
			.body = str_from(body) }, sinks, strlen(names),
			&added, &err), 0);
		assert_true(added);
	}
}

/* Looks, and lets the loop run as long as something is ready. */
static inline void
look(struct rig *r)
{
	delivery_look(r->delivery);
	for (int i = 0; i < 100; i++) {
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		if (!r->slow_ledger)
			store_digest(r);
	}
}

static inline void
pass(struct rig *r, int64_t s)
{
	clock_advance(&r->clock, s * CLOCK_US_PER_S);
	look(r);
}

static inline void
assert_log(const struct sink *s, const char *want)
{
	char got[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < s->n_sent && n < sizeof(got) - 16; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%d",
		    i > 0 ? " " : "", s->log[i]);
	assert_string_equal(got, want);
}

static inline struct outbox_counts
counts(struct rig *r, const char *sink)
{
	struct outbox_counts n;

	assert_int_equal(outbox_count(r->db, sink, &n, &err), 0);
	return n;
}

#endif
