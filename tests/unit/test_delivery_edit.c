/* SPDX-License-Identifier: ISC */
/*
 * Rows that are replayed and dropped by hand, and sinks that are switched off,
 * while a delivery runs over the same outbox.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "delivery_rig.h"

#include "alerts/outbox_edit.h"
#include "base/log.h"

static struct outbox_edit
edit_rows(int64_t from, int64_t to)
{
	return (struct outbox_edit){ .from = from, .to = to,
		.since_s = INT64_MIN, .sent_too = true };
}

/* What the courier does then: how many are under way all the same. */
static size_t
drop(struct rig *r, int64_t from, int64_t to)
{
	struct outbox_edit e = edit_rows(from, to);

	assert_int_equal(outbox_drop(r->db, &e, &err), 0);
	assert_true(e.is_done);
	return delivery_doubt(r->delivery);
}

static void
replay(struct rig *r, int64_t from, int64_t to)
{
	struct outbox_edit e = edit_rows(from, to);

	assert_int_equal(outbox_replay(r->db, &e, &err), 0);
	assert_true(e.is_done);
}

/* The first of 1 to 3 is under way, the others are read. */
static void
begin_slowly(struct rig *r)
{
	add(r, 1, 3, "a");
	fakes[0].later = true;
	delivery_look(r->delivery);
	assert_false(delivery_is_idle(r->delivery));
}

static void
what_was_read_and_dropped_is_not_sent(void **state)
{
	struct rig *r = *state;

	begin_slowly(r);
	assert_int_equal(drop(r, 2, 2), 0);
	add(r, 4, 4, "a");
	look(r);
	assert_log(&fakes[0], "1 3 4");
	assert_int_equal(counts(r, "a").waiting, 0);
}

static void
what_is_under_way_is_told_and_its_arrival_too(void **state)
{
	struct rig *r = *state;

	begin_slowly(r);
	assert_int_equal(drop(r, 1, 3), 1);
	look(r);
	assert_log(&fakes[0], "1");
	assert_int_equal(counts(r, "a").sent, 1);
	assert_int_equal(counts(r, "a").waiting, 0);
}

/* It was dropped while its sink did not take it: not tried again. */
static void
what_is_held_is_dropped(void **state)
{
	static const struct step down[] = { { SEND_SINK_WAITS, 0 } };
	struct rig *r = *state;

	fakes[0].steps = down;
	fakes[0].n_steps = 1;
	add(r, 1, 2, "a");
	look(r);
	assert_int_equal(drop(r, 1, 1), 0);
	pass(r, 60);
	assert_log(&fakes[0], "1 2");
	assert_int_equal(counts(r, "a").sent, 1);
}

static void
what_is_parked_is_dropped(void **state)
{
	static const struct step no[] = { { SEND_REJECTED, 0 } };
	struct rig *r = *state;

	fakes[0].steps = no;
	fakes[0].n_steps = 1;
	add(r, 1, 2, "a");
	look(r);
	assert_log(&fakes[0], "1 2");
	assert_int_equal(drop(r, 1, 1), 0);
	pass(r, 120);
	assert_log(&fakes[0], "1 2");
}

/* Behind the cursor of a delivery that runs. */
static void
what_was_sent_is_replayed_once(void **state)
{
	struct rig *r = *state;

	add(r, 1, 3, "a");
	look(r);
	replay(r, 1, 2);
	look(r);
	look(r);
	assert_log(&fakes[0], "1 2 3 1 2");
	assert_int_equal(counts(r, "a").sent, 3);
}

static void
what_was_dropped_under_way_is_replayed(void **state)
{
	struct rig *r = *state;

	begin_slowly(r);
	assert_int_equal(drop(r, 1, 3), 1);
	replay(r, 2, 3);
	look(r);
	assert_log(&fakes[0], "1 2 3");
	assert_int_equal(counts(r, "a").sent, 3);
}

/* Given up, with the marks still on their way to the store when it is switched
 * on and replayed. */
static void
what_was_given_up_arrives_in_order(void **state)
{
	static const struct step down[] = {
		{ SEND_SINK_WAITS, 0 }, { SEND_SINK_WAITS, 0 },
	};
	struct outbox_edit e = edit_rows(0, INT64_MAX);
	struct rig *r = *state;
	bool changed;

	fakes[0].steps = down;
	fakes[0].n_steps = 2;
	add(r, 1, 3, "a");
	look(r);
	pass(r, 7200);
	assert_true(r->off_give_up);
	assert_int_equal(counts(r, "a").given_up, 3);
	add(r, 4, 4, "a");
	assert_int_equal(outbox_replay(r->db, &e, &err), 0);
	assert_int_equal(outbox_enable_sink(r->db, "a", &changed, &err), 0);
	assert_true(changed);
	assert_int_equal(delivery_set_sinks(r->delivery, settings, 2,
	    on_left_out, r, &err), 0);
	look(r);
	assert_log(&fakes[0], "1 1 4 1 2 3");
}

/* What is under way when a sink is switched off may fail: that gives up
 * nothing, whatever its keep_trying says. */
static void
what_is_off_by_hand_is_not_given_up(void **state)
{
	static const struct step down[] = {
		{ SEND_SINK_WAITS, 0 }, { SEND_SINK_WAITS, 0 },
	};
	struct rig *r = *state;
	bool changed;

	fakes[0].steps = down;
	fakes[0].n_steps = 2;
	add(r, 1, 2, "a");
	look(r);
	fakes[0].later = true;
	clock_advance(&r->clock, INT64_C(7200) * CLOCK_US_PER_S);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	delivery_look(r->delivery);
	assert_false(delivery_is_idle(r->delivery));
	assert_int_equal(outbox_disable_sink(r->db, "a", "by hand", 5,
	    &changed, &err), 0);
	assert_int_equal(delivery_set_sinks(r->delivery, settings, 2,
	    on_left_out, r, &err), 0);
	look(r);
	assert_log(&fakes[0], "1 1");
	assert_int_equal(r->n_off, 0);
	assert_int_equal(counts(r, "a").waiting, 2);
}

#define T(test)	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_read_and_dropped_is_not_sent),
		T(what_is_under_way_is_told_and_its_arrival_too),
		T(what_is_held_is_dropped),
		T(what_is_parked_is_dropped),
		T(what_was_sent_is_replayed_once),
		T(what_was_dropped_under_way_is_replayed),
		T(what_was_given_up_arrives_in_order),
		T(what_is_off_by_hand_is_not_given_up),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
