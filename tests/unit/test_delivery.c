/* SPDX-License-Identifier: ISC */
/*
 * The rule of waiting, and the queues: over a real outbox, with sinks that
 * answer as a test has written down. (How sinks change: test_delivery_set.c.)
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "delivery_rig.h"

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
	{ "from the ninth on 15 min at most", SEND_SINK_WAITS, 0, 0, 9, 1275,
	    DELIVERY_SINK_WAITS, 600, 900 },
	{ "for as many as there are", SEND_SINK_WAITS, 0, 0, 4000000000U,
	    2000, DELIVERY_SINK_WAITS, 600, 900 },
	{ "Retry-After is obeyed exactly", SEND_SINK_WAITS, 7, 0, 9, 1275,
	    DELIVERY_SINK_WAITS, 7, 7 },
	{ "up to a day", SEND_SINK_WAITS, 86400, 0, 1, 0,
	    DELIVERY_SINK_WAITS, 86400, 86400 },
	{ "and no longer", SEND_SINK_WAITS, INT64_MAX, 0, 1, 0,
	    DELIVERY_SINK_WAITS, 86400, 86400 },
	{ "a negative Retry-After says nothing", SEND_SINK_WAITS, INT64_MIN,
	    0, 1, 0, DELIVERY_SINK_WAITS, 4, 6 },
	{ "just before keep_trying it waits", SEND_SINK_WAITS, 0, 0, 9,
	    7 * 86400 - 1, DELIVERY_SINK_WAITS, 600, 900 },
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
	assert_int_equal(min_s, 600);
	assert_int_equal(max_s, 900);
	assert_in_range(sum_s / 4010, 740, 760);
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

/* A mark says whose row it was, and how long after its commit: over tries, in
 * the steady clock; of a row from before the start as well as its alert's own
 * time tells. */
static void
test_age(void **state)
{
	static const struct step down[] = { { SEND_SINK_WAITS, 0 } };
	struct rig *r = *state;

	look(r);
	add(r, 1, 1, "a");
	look(r);
	assert_string_equal(r->last_sink, "a");
	assert_int_equal(r->last_age_us, 0);
	fakes[1].steps = down;
	fakes[1].n_steps = 1;
	add(r, 2, 3, "b");
	look(r);
	assert_int_equal(r->last.state, OUTBOX_WAITING);
	assert_string_equal(r->last_sink, "b");
	add(r, 4, 4, "b");
	clock_advance(&r->clock, 3 * CLOCK_US_PER_S + 250);
	look(r);
	clock_advance(&r->clock, 4 * CLOCK_US_PER_S);
	r->lazy = true;			/* the last one's mark comes last */
	look(r);
	assert_int_equal(r->last.state, OUTBOX_SENT);
	assert_log(&fakes[1], "2 2 3 4");
	assert_int_equal(r->last_age_us, 4 * CLOCK_US_PER_S);
	restart(r, 1);
	add(r, 5, 5, "a");
	clock_advance(&r->clock, 999 * CLOCK_US_PER_S + 500000);
	look(r);
	assert_log(&fakes[0], "1 5");
	assert_int_equal(r->last_age_us, 1006 * CLOCK_US_PER_S);
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
		TEST(test_unreadable_store),
		TEST(test_age),
		TEST(test_own_timer),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
