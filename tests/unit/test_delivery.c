/* SPDX-License-Identifier: ISC */
/*
 * The rule of waiting, and the queues: over a real outbox, with sinks that
 * answer as a test has written down. This file brings its own table of kinds
 * (sink_find_kind), so that the linker takes none of the real ones.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "alerts/delivery.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/log.h"

/*
 * The rule
 */

static const struct {
	const char		*says;
	enum send_result	 result;
	int64_t			 retry_after_s;
	unsigned		 rejections, failures;
	int64_t			 failing_for_s;
	enum delivery_step	 want;
	int64_t			 min_s, max_s;
} rules[] = {
	{ "delivered is sent", SEND_DELIVERED, 0, 0, 0, 0,
	    DELIVERY_SENT, 0, 0 },
	{ "delivered after rejection is sent", SEND_DELIVERED, 0, 1, 0, 0,
	    DELIVERY_SENT, 0, 0 },
	{ "the first failure waits 5 s", SEND_SINK_WAITS, 0, 0, 1, 0,
	    DELIVERY_SINK_WAITS, 4, 6 },
	{ "the second 10 s", SEND_SINK_WAITS, 0, 0, 2, 5,
	    DELIVERY_SINK_WAITS, 8, 12 },
	{ "the third 20 s", SEND_SINK_WAITS, 0, 0, 3, 15,
	    DELIVERY_SINK_WAITS, 16, 24 },
	{ "the eighth 640 s", SEND_SINK_WAITS, 0, 0, 8, 635,
	    DELIVERY_SINK_WAITS, 512, 768 },
	{ "from the ninth on 15 min", SEND_SINK_WAITS, 0, 0, 9, 1275,
	    DELIVERY_SINK_WAITS, 720, 1080 },
	{ "for as many as there are", SEND_SINK_WAITS, 0, 0, 4000000000U,
	    2000, DELIVERY_SINK_WAITS, 720, 1080 },
	{ "Retry-After is obeyed exactly", SEND_SINK_WAITS, 7, 0, 9, 1275,
	    DELIVERY_SINK_WAITS, 7, 7 },
	{ "up to a day", SEND_SINK_WAITS, 86400, 0, 1, 0,
	    DELIVERY_SINK_WAITS, 86400, 86400 },
	{ "and no longer", SEND_SINK_WAITS, INT64_MAX, 0, 1, 0,
	    DELIVERY_SINK_WAITS, 86400, 86400 },
	{ "a negative Retry-After says nothing", SEND_SINK_WAITS, INT64_MIN,
	    0, 1, 0, DELIVERY_SINK_WAITS, 4, 6 },
	{ "just before keep_trying it waits", SEND_SINK_WAITS, 0, 0, 9,
	    7 * 86400 - 1, DELIVERY_SINK_WAITS, 720, 1080 },
	{ "at keep_trying it is given up", SEND_SINK_WAITS, 0, 0, 9,
	    7 * 86400, DELIVERY_SINK_GIVEN_UP, 0, 0 },
	{ "whatever Retry-After says", SEND_SINK_WAITS, 60, 0, 9,
	    8 * 86400, DELIVERY_SINK_GIVEN_UP, 0, 0 },
	{ "a rejected alert is tried after a minute", SEND_REJECTED, 0, 1, 0,
	    0, DELIVERY_ROW_LATER, 60, 60 },
	{ "and then given up", SEND_REJECTED, 0, 2, 0, 0,
	    DELIVERY_ROW_GIVEN_UP, 0, 0 },
	{ "gone is off at once", SEND_SINK_GONE, 30, 0, 0, 0,
	    DELIVERY_SINK_OFF, 0, 0 },
};

static void
test_rule(void **state)
{
	int64_t wait_s;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct delivery_try t = {
			.outcome = { .result = rules[i].result,
			    .retry_after_s = rules[i].retry_after_s },
			.row_rejections = rules[i].rejections,
			.sink_failures = rules[i].failures,
			.failing_for_s = rules[i].failing_for_s,
			.keep_trying_s = 7 * 86400,
		};

		for (uint32_t r = 0; r < 2000; r++) {
			t.random = r * UINT32_C(2654435761);
			if (delivery_next(&t, &wait_s) != rules[i].want)
				fail_msg("%s: another step", rules[i].says);
			if (wait_s < rules[i].min_s ||
			    wait_s > rules[i].max_s)
				fail_msg("%s: waits %lld s", rules[i].says,
				    (long long)wait_s);
		}
	}
}

/* Not all at 80 %, and on the middle at 100 %. */
static void
test_rule_spreads(void **state)
{
	struct delivery_try t = { .outcome.result = SEND_SINK_WAITS,
		.sink_failures = 20, .keep_trying_s = 86400 };
	int64_t wait_s, min_s = INT64_MAX, max_s = 0, sum_s = 0;

	(void)state;
	for (uint32_t r = 0; r < 4010; r++) {
		t.random = r;
		delivery_next(&t, &wait_s);
		min_s = wait_s < min_s ? wait_s : min_s;
		max_s = wait_s > max_s ? wait_s : max_s;
		sum_s += wait_s;
	}
	assert_int_equal(min_s, 720);
	assert_int_equal(max_s, 1080);
	assert_in_range(sum_s / 4010, 890, 910);
}

/*
 * A kind of sink that does as it is told
 */

struct step {
	enum send_result result;
	int64_t		 retry_after_s;
};

enum { MAX_LOG = 1024 };

struct sink {
	const char		*name;
	struct event_base	*base;
	bool			 later;		/* answers from the loop */
	const struct step	*steps;		/* then: delivered */
	size_t			 n_steps, n_sent;
	int			 log[MAX_LOG];	/* numbers, as they came */
	sink_done_fn		*done;
	void			*ctx;
	struct event		*timer;
	bool			 is_open;
	int			 n_cancelled;
};

static struct sink fakes[3] = {
	{ .name = "a" }, { .name = "b" }, { .name = "c" },
};

static void
fake_answer(struct sink *s)
{
	struct send_outcome o = { .result = SEND_DELIVERED };
	sink_done_fn *done = s->done;
	size_t at = s->n_sent - 1;

	if (at < s->n_steps) {
		o.result = s->steps[at].result;
		o.retry_after_s = s->steps[at].retry_after_s;
	}
	if (o.result != SEND_DELIVERED)
		snprintf(o.message, sizeof(o.message), "try %zu failed", at);
	assert_non_null(done);
	s->done = NULL;
	done(&o, s->ctx);
}

static void
fake_on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fake_answer(arg);
}

static struct sink *
fake_open(const struct sink_env *env, const struct sink_settings *settings,
    struct err *err)
{
	struct sink *s = &fakes[settings->name[0] - 'a'];

	if (settings->url != NULL) {
		err_set(err, "%s", settings->url);
		return NULL;
	}
	assert_false(s->is_open);
	s->is_open = true;
	s->base = env->base;
	s->timer = evtimer_new(env->base, fake_on_timer, s);
	return s;
}

static void
fake_send(struct sink *s, const struct sink_message *m, sink_done_fn *done,
    void *ctx)
{
	const struct timeval now = { 0, 0 };
	char body[64];

	assert_true(s->is_open);
	assert_null(s->done);			/* one at a time */
	assert_true(s->n_sent < MAX_LOG);
	assert_memory_equal(m->id.p, "msg_", 4);
	snprintf(body, sizeof(body), "%.*s", (int)m->id.n - 4, m->id.p + 4);
	s->log[s->n_sent++] = (int)strtol(body, NULL, 10);
	snprintf(body, sizeof(body), "{\"n\":%d}", s->log[s->n_sent - 1]);
	assert_int_equal(m->body.n, strlen(body));
	assert_memory_equal(m->body.p, body, m->body.n);
	s->done = done;
	s->ctx = ctx;
	if (s->later)
		evtimer_add(s->timer, &now);
	else
		fake_answer(s);
}

static void
fake_cancel(struct sink *s)
{
	if (s->done == NULL)
		return;
	s->done = NULL;
	s->n_cancelled++;
	evtimer_del(s->timer);
}

static void
fake_free(struct sink *s)
{
	if (s == NULL)
		return;
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
	bool			 lazy;		/* marks are not written */
	size_t			 n_marks;
	struct outbox_mark	 last;
	int			 n_off;
	char			 off_sink[8];
	struct outbox_sink_state off;
	bool			 off_give_up;
};

static struct err err;

static void
on_mark(const struct outbox_mark *m, void *ctx)
{
	struct rig *r = ctx;

	r->n_marks++;
	r->last = *m;
	if (!r->lazy)
		assert_int_equal(outbox_apply(r->db, m, 1, &err), 0);
}

static void
on_sink_off(const char *sink, const struct outbox_sink_state *s, bool give_up,
    void *ctx)
{
	struct rig *r = ctx;

	r->n_off++;
	snprintf(r->off_sink, sizeof(r->off_sink), "%s", sink);
	r->off = *s;
	r->off_give_up = give_up;
	if (give_up)
		assert_int_equal(outbox_give_up(r->db, sink, s->reason,
		    s->since_s, &err), 0);
	assert_int_equal(outbox_save_sink(r->db, sink, s, &err), 0);
}

static const struct delivery_ops ops = { on_mark, on_sink_off };

/* As after a start of the process: nothing but the store is left. */
static void
restart(struct rig *r, size_t n_sinks)
{
	/* delivery keeps no pointer to it */
	struct sink_env env = { .base = r->base, .clock = &r->clock };

	delivery_free(r->delivery);
	r->delivery = delivery_new(&env, r->db, &ops, r);
	assert_non_null(r->delivery);
	for (size_t i = 0; i < n_sinks; i++)
		assert_int_equal(delivery_add_sink(r->delivery, &settings[i],
		    &err), 0);
}

static int
set_up(void **state)
{
	const char *const steps[] = { outbox_schema };
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (r == NULL)
		return -1;
	for (int i = 0; i < 3; i++)
		fakes[i] = (struct sink){ .name = settings[i].name };
	r->base = event_base_new();
	r->db = db_open(":memory:", DB_WRITER, &err);
	if (r->db == NULL || db_migrate(r->db, steps, 1, &err) == -1)
		return -1;
	clock_init_manual(&r->clock, 1000000 * CLOCK_US_PER_S);
	restart(r, 2);
	alarm(60);
	return 0;
}

static int
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
static void
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
static void
look(struct rig *r)
{
	delivery_look(r->delivery);
	for (int i = 0; i < 100; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

static void
pass(struct rig *r, int64_t s)
{
	clock_advance(&r->clock, s * CLOCK_US_PER_S);
	look(r);
}

static void
assert_log(const struct sink *s, const char *want)
{
	char got[512] = "";
	size_t n = 0;

	for (size_t i = 0; i < s->n_sent && n < sizeof(got) - 16; i++)
		n += (size_t)snprintf(got + n, sizeof(got) - n, "%s%d",
		    i > 0 ? " " : "", s->log[i]);
	assert_string_equal(got, want);
}

static struct outbox_counts
counts(struct rig *r, const char *sink)
{
	struct outbox_counts n;

	assert_int_equal(outbox_count(r->db, sink, &n, &err), 0);
	return n;
}

/*
 * Queues
 */

static void
test_order(void **state)
{
	struct rig *r = *state;

	fakes[1].later = true;
	add(r, 1, 5, "ab");
	look(r);
	assert_log(&fakes[0], "1 2 3 4 5");
	assert_log(&fakes[1], "1 2 3 4 5");
	assert_int_equal(counts(r, "a").sent, 5);
	assert_int_equal(counts(r, "b").sent, 5);
	assert_int_equal(r->last.tries, 1);
	assert_int_equal(r->last.tried_s, 1000000);
	assert_int_equal(r->last.due_s, 0);
	assert_string_equal(r->last.error, "");
	add(r, 6, 6, "b");
	look(r);
	assert_log(&fakes[1], "1 2 3 4 5 6");
	assert_int_equal(fakes[0].n_sent, 5);
}

/* More than are read at once, more than one turn of the loop sends. */
static void
test_long_queue(void **state)
{
	struct rig *r = *state;

	fakes[1].later = true;
	add(r, 0, 699, "ab");
	delivery_look(r->delivery);
	assert_true(fakes[0].n_sent < 700);
	while (fakes[0].n_sent < 700 || fakes[1].n_sent < 700)
		event_base_loop(r->base, EVLOOP_ONCE);
	for (int i = 0; i < 700; i++) {
		assert_int_equal(fakes[0].log[i], i);
		assert_int_equal(fakes[1].log[i], i);
	}
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	assert_int_equal(counts(r, "a").waiting, 0);
	assert_int_equal(counts(r, "b").waiting, 0);
}

static void
test_failing_sink_holds_up_no_other(void **state)
{
	static const struct step down[] = {
		{ SEND_SINK_WAITS, 0 }, { SEND_SINK_WAITS, 0 },
		{ SEND_SINK_WAITS, 0 },
	};
	struct rig *r = *state;

	fakes[0].steps = down;
	fakes[0].n_steps = 3;
	add(r, 1, 3, "ab");
	look(r);
	assert_log(&fakes[0], "1");
	assert_log(&fakes[1], "1 2 3");
	assert_int_equal(counts(r, "a").waiting, 3);
	pass(r, 3);			/* nearer than 5 s - 20 % */
	assert_log(&fakes[0], "1");
	pass(r, 3);
	assert_log(&fakes[0], "1 1");	/* the same first, order kept */
	pass(r, 7);			/* nearer than 10 s - 20 % */
	assert_log(&fakes[0], "1 1");
	pass(r, 5);
	assert_log(&fakes[0], "1 1 1");
	pass(r, 24);
	assert_log(&fakes[0], "1 1 1 1 2 3");
	assert_int_equal(counts(r, "a").sent, 3);
}

static void
test_failure_is_marked(void **state)
{
	static const struct step down[] = { { SEND_SINK_WAITS, 90 } };
	struct rig *r = *state;

	fakes[0].steps = down;
	fakes[0].n_steps = 1;
	add(r, 1, 2, "a");
	look(r);
	assert_int_equal(r->n_marks, 1);
	assert_int_equal(r->last.state, OUTBOX_WAITING);
	assert_int_equal(r->last.tries, 1);
	assert_int_equal(r->last.tried_s, 1000000);
	assert_int_equal(r->last.due_s, 1000090);
	assert_string_equal(r->last.error, "try 0 failed");
	pass(r, 89);
	assert_int_equal(fakes[0].n_sent, 1);
	pass(r, 1);
	assert_log(&fakes[0], "1 1 2");
	assert_int_equal(r->n_marks, 3);
}

/* Marks may take long to be written: nothing is sent again meanwhile. */
static void
test_not_taken_twice(void **state)
{
	struct rig *r = *state;

	r->lazy = true;
	fakes[1].later = true;
	add(r, 1, 3, "ab");
	delivery_look(r->delivery);
	delivery_look(r->delivery);
	look(r);
	look(r);
	add(r, 4, 4, "ab");
	look(r);
	assert_int_equal(counts(r, "a").waiting, 4);
	assert_log(&fakes[0], "1 2 3 4");
	assert_log(&fakes[1], "1 2 3 4");
	/* A new process knows nothing of it: at least once. */
	restart(r, 2);
	look(r);
	assert_log(&fakes[0], "1 2 3 4 1 2 3 4");
}

static void
test_rejected_alert(void **state)
{
	static const struct step bad[] = {
		{ SEND_DELIVERED, 0 }, { SEND_REJECTED, 0 },
		{ SEND_DELIVERED, 0 }, { SEND_REJECTED, 0 },
	};
	struct rig *r = *state;

	fakes[0].steps = bad;
	fakes[0].n_steps = 4;
	add(r, 1, 3, "a");
	look(r);
	assert_log(&fakes[0], "1 2 3");
	assert_int_equal(counts(r, "a").waiting, 1);
	pass(r, 59);
	assert_log(&fakes[0], "1 2 3");
	pass(r, 1);
	assert_log(&fakes[0], "1 2 3 2");
	assert_int_equal(r->last.state, OUTBOX_GIVEN_UP);
	assert_int_equal(r->last.tries, 2);
	assert_int_equal(counts(r, "a").given_up, 1);
	assert_int_equal(counts(r, "a").sent, 2);
	pass(r, 600);
	assert_int_equal(fakes[0].n_sent, 4);
	assert_int_equal(r->n_off, 0);
}

static void
test_rejected_then_taken(void **state)
{
	static const struct step bad[] = { { SEND_REJECTED, 0 } };
	struct rig *r = *state;

	fakes[0].steps = bad;
	fakes[0].n_steps = 1;
	add(r, 1, 2, "a");
	look(r);
	pass(r, 60);
	assert_log(&fakes[0], "1 2 1");
	assert_int_equal(counts(r, "a").sent, 2);
}

/* Memory is bounded: so many wait their minute, and the queue with them. */
static void
test_all_rejected(void **state)
{
	static struct step bad[MAX_LOG];
	struct rig *r = *state;
	size_t first;

	for (size_t i = 0; i < MAX_LOG; i++)
		bad[i].result = SEND_REJECTED;
	fakes[0].steps = bad;
	fakes[0].n_steps = MAX_LOG;
	add(r, 1, 300, "a");
	look(r);
	first = fakes[0].n_sent;
	assert_in_range(first, 50, 200);
	look(r);
	assert_int_equal(fakes[0].n_sent, first);
	for (int i = 0; i < 10; i++)
		pass(r, 60);
	assert_int_equal(fakes[0].n_sent, 600);
	assert_int_equal(counts(r, "a").given_up, 300);
}

/* The sink fails while rejected alerts wait their minute. */
static void
test_rejected_and_down(void **state)
{
	static const struct step bad[] = {
		{ SEND_REJECTED, 0 }, { SEND_SINK_WAITS, 100 },
	};
	struct rig *r = *state;

	fakes[0].steps = bad;
	fakes[0].n_steps = 2;
	add(r, 1, 2, "a");
	look(r);
	assert_log(&fakes[0], "1 2");
	pass(r, 60);
	assert_log(&fakes[0], "1 2");	/* the sink waits as a whole */
	pass(r, 40);
	assert_log(&fakes[0], "1 2 1 2");
	assert_int_equal(counts(r, "a").sent, 2);
}

static void
test_gone(void **state)
{
	static const struct step gone[] = {
		{ SEND_DELIVERED, 0 }, { SEND_SINK_GONE, 0 },
	};
	struct rig *r = *state;

	fakes[0].steps = gone;
	fakes[0].n_steps = 2;
	add(r, 1, 3, "ab");
	look(r);
	assert_log(&fakes[0], "1 2");
	assert_log(&fakes[1], "1 2 3");
	assert_int_equal(r->n_off, 1);
	assert_string_equal(r->off_sink, "a");
	assert_true(r->off.disabled);
	assert_int_equal(r->off.since_s, 1000000);
	assert_string_equal(r->off.reason, "try 1 failed");
	assert_false(r->off_give_up);
	assert_int_equal(counts(r, "a").waiting, 2);
	assert_int_equal(counts(r, "a").given_up, 0);
	add(r, 4, 4, "a");
	pass(r, 100000);
	assert_int_equal(fakes[0].n_sent, 2);
	restart(r, 2);
	pass(r, 100000);
	assert_int_equal(fakes[0].n_sent, 2);
	assert_int_equal(counts(r, "a").waiting, 3);
}

/* Switched on again, it has its whole time to fail anew. */
static void
test_gone_and_back(void **state)
{
	static const struct step gone[] = {
		{ SEND_SINK_GONE, 0 }, { SEND_SINK_WAITS, 0 },
	};
	const struct outbox_sink_state on = { 0 };
	struct rig *r = *state;

	fakes[0].steps = gone;
	fakes[0].n_steps = 2;
	add(r, 1, 2, "a");
	look(r);
	assert_int_equal(r->n_off, 1);
	clock_advance(&r->clock, 100000 * CLOCK_US_PER_S);
	assert_int_equal(outbox_save_sink(r->db, "a", &on, &err), 0);
	restart(r, 2);
	look(r);
	assert_log(&fakes[0], "1 1");
	assert_int_equal(r->n_off, 1);
	pass(r, 6);
	assert_log(&fakes[0], "1 1 1 2");
}

static void
test_given_up(void **state)
{
	static struct step down[MAX_LOG];
	struct rig *r = *state;
	int64_t waited_s = 0;

	for (size_t i = 0; i < MAX_LOG; i++)
		down[i].result = SEND_SINK_WAITS;
	fakes[0].steps = down;
	fakes[0].n_steps = MAX_LOG;
	add(r, 1, 300, "a");
	for (look(r); r->n_off == 0; waited_s += 10) {
		assert_true(waited_s < 3600 + 1080 + 10);
		assert_int_equal(counts(r, "a").waiting, 300);
		pass(r, 10);
	}
	assert_true(waited_s >= 3600);
	assert_in_range(fakes[0].n_sent, 9, 16);
	assert_true(r->off_give_up);
	assert_non_null(strstr(r->off.reason, "failed"));
	assert_int_equal(counts(r, "a").given_up, 300);
	add(r, 301, 301, "a");
	pass(r, 10000);
	assert_int_equal(counts(r, "a").waiting, 1);
	assert_in_range(fakes[0].n_sent, 9, 16);
}

/* One success, and the next failure counts from the beginning. */
static void
test_success_resets(void **state)
{
	static const struct step flaky[] = {
		{ SEND_SINK_WAITS, 3000 }, { SEND_DELIVERED, 0 },
		{ SEND_SINK_WAITS, 3000 }, { SEND_DELIVERED, 0 },
		{ SEND_SINK_WAITS, 0 },
	};
	struct rig *r = *state;

	fakes[0].steps = flaky;
	fakes[0].n_steps = 5;
	add(r, 1, 3, "a");
	look(r);
	pass(r, 3000);
	pass(r, 3000);
	assert_log(&fakes[0], "1 1 2 2 3");
	assert_int_equal(r->n_off, 0);
	pass(r, 6);
	assert_log(&fakes[0], "1 1 2 2 3 3");
}

static void
test_restart_keeps_the_due_time(void **state)
{
	static const struct step down[] = { { SEND_SINK_WAITS, 500 } };
	struct rig *r = *state;

	fakes[0].steps = down;
	fakes[0].n_steps = 1;
	add(r, 1, 2, "a");
	look(r);
	clock_advance(&r->clock, 100 * CLOCK_US_PER_S);
	restart(r, 2);
	look(r);
	assert_log(&fakes[0], "1");
	pass(r, 399);
	assert_log(&fakes[0], "1");
	pass(r, 1);
	assert_log(&fakes[0], "1 1 2");
}

/* A process that crashes every half an hour must not try for ever. */
static void
test_restart_keeps_the_first_failure(void **state)
{
	static struct step down[MAX_LOG];
	struct rig *r = *state;
	int64_t waited_s = 0;

	for (size_t i = 0; i < MAX_LOG; i++)
		down[i].result = SEND_SINK_WAITS;
	fakes[0].steps = down;
	fakes[0].n_steps = MAX_LOG;
	add(r, 1, 2, "a");
	for (look(r); r->n_off == 0; waited_s += 30) {
		assert_true(waited_s < 3600 + 1080 + 30);
		clock_advance(&r->clock, 30 * CLOCK_US_PER_S);
		restart(r, 2);
		look(r);
	}
	assert_true(waited_s >= 3600);
	/* Nor did each start begin with 5 s again. */
	assert_in_range(fakes[0].n_sent, 9, 16);
}

/* A machine that was off for long has not tried for long. */
static void
test_time_off_does_not_count(void **state)
{
	static const struct step down[] = { { SEND_SINK_WAITS, 0 },
		{ SEND_SINK_WAITS, 0 } };
	struct rig *r = *state;

	fakes[0].steps = down;
	fakes[0].n_steps = 2;
	add(r, 1, 1, "a");
	look(r);
	clock_advance(&r->clock, 7200 * CLOCK_US_PER_S);
	restart(r, 1);
	look(r);
	assert_log(&fakes[0], "1 1");
	assert_int_equal(r->n_off, 0);
	pass(r, 60);
	assert_log(&fakes[0], "1 1 1");
}

/* The store was written by a clock that was wrong by years. */
static void
test_restart_with_a_wild_clock(void **state)
{
	struct outbox_mark m = { .seq = 1, .state = OUTBOX_WAITING,
		.tries = 1, .tried_s = 1, .due_s = INT64_MAX };
	struct rig *r = *state;

	add(r, 1, 1, "a");
	assert_int_equal(outbox_apply(r->db, &m, 1, &err), 0);
	look(r);
	assert_int_equal(fakes[0].n_sent, 0);
	pass(r, 86400);			/* a day is the longest wait */
	assert_log(&fakes[0], "1");
}

static void
test_disabled_takes_nothing(void **state)
{
	const struct outbox_sink_state off = { .disabled = true,
		.reason = "HTTP 410" };
	struct rig *r = *state;

	assert_int_equal(outbox_save_sink(r->db, "a", &off, &err), 0);
	restart(r, 2);
	add(r, 1, 2, "ab");
	look(r);
	assert_int_equal(fakes[0].n_sent, 0);
	assert_log(&fakes[1], "1 2");
	assert_int_equal(counts(r, "a").waiting, 2);
	assert_int_equal(r->n_off, 0);
}

static void
test_stop(void **state)
{
	struct rig *r = *state;

	fakes[0].later = true;
	add(r, 1, 3, "a");
	assert_true(delivery_is_idle(r->delivery));
	delivery_look(r->delivery);
	assert_false(delivery_is_idle(r->delivery));
	delivery_stop(r->delivery);
	assert_false(delivery_is_idle(r->delivery));
	look(r);			/* what is under way ends */
	assert_true(delivery_is_idle(r->delivery));
	assert_log(&fakes[0], "1");
	assert_int_equal(r->n_marks, 1);
	pass(r, 1000);
	assert_log(&fakes[0], "1");
	assert_int_equal(counts(r, "a").waiting, 2);
}

static void
test_free_cancels(void **state)
{
	struct rig *r = *state;

	fakes[0].later = true;
	add(r, 1, 3, "a");
	delivery_look(r->delivery);
	delivery_free(r->delivery);
	r->delivery = NULL;
	assert_int_equal(fakes[0].n_cancelled, 1);
	assert_false(fakes[0].is_open);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	assert_int_equal(r->n_marks, 0);
	delivery_free(NULL);
}

static void
test_add_refuses(void **state)
{
	struct sink_settings s = { .name = "c", .kind = "pigeon" };
	struct rig *r = *state;

	assert_int_equal(delivery_add_sink(r->delivery, &s, &err), -1);
	assert_non_null(strstr(err.msg, "pigeon"));
	assert_non_null(strstr(err.msg, "fake"));
	s.kind = "fake";
	s.url = "what is wrong";
	assert_int_equal(delivery_add_sink(r->delivery, &s, &err), -1);
	assert_string_equal(err.msg, "what is wrong");
	add(r, 1, 1, "abc");
	look(r);
	assert_log(&fakes[0], "1");
	assert_int_equal(fakes[2].n_sent, 0);
}

/* The store cannot be read for a while; then it can. */
static void
test_unreadable_store(void **state)
{
	struct rig *r = *state;

	add(r, 1, 2, "a");
	assert_int_equal(db_exec(r->db, "ALTER TABLE outbox RENAME TO away",
	    &err), 0);
	look(r);
	assert_int_equal(fakes[0].n_sent, 0);
	assert_int_equal(db_exec(r->db, "ALTER TABLE away RENAME TO outbox",
	    &err), 0);
	pass(r, 5);
	assert_log(&fakes[0], "1 2");
}

/* Nobody looks: the queue's own timer goes on, on a clock that runs fast. */
static void
test_own_timer(void **state)
{
	static const struct step flaky[] = {
		{ SEND_SINK_WAITS, 0 }, { SEND_SINK_WAITS, 30 },
		{ SEND_REJECTED, 0 },
	};
	struct rig *r = *state;
	int64_t began_us;

	setenv("HEADLINED_TIME_SCALE", "2000", 1);
	assert_int_equal(clock_init(&r->clock, &err), 0);
	unsetenv("HEADLINED_TIME_SCALE");
	fakes[0].steps = flaky;
	fakes[0].n_steps = 3;
	add(r, 1, 2, "a");
	began_us = clock_mono_us(&r->clock);
	delivery_look(r->delivery);
	while (counts(r, "a").sent < 2)
		assert_int_equal(event_base_loop(r->base, EVLOOP_ONCE), 0);
	assert_log(&fakes[0], "1 1 1 2 1");
	assert_true(clock_mono_us(&r->clock) - began_us >=
	    (4 + 30 + 60) * CLOCK_US_PER_S);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rule),
		cmocka_unit_test(test_rule_spreads),
		TEST(test_order),
		TEST(test_long_queue),
		TEST(test_failing_sink_holds_up_no_other),
		TEST(test_failure_is_marked),
		TEST(test_not_taken_twice),
		TEST(test_rejected_alert),
		TEST(test_rejected_then_taken),
		TEST(test_all_rejected),
		TEST(test_rejected_and_down),
		TEST(test_gone),
		TEST(test_gone_and_back),
		TEST(test_given_up),
		TEST(test_success_resets),
		TEST(test_restart_keeps_the_due_time),
		TEST(test_restart_keeps_the_first_failure),
		TEST(test_time_off_does_not_count),
		TEST(test_restart_with_a_wild_clock),
		TEST(test_disabled_takes_nothing),
		TEST(test_stop),
		TEST(test_free_cancels),
		TEST(test_add_refuses),
		TEST(test_unreadable_store),
		TEST(test_own_timer),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
