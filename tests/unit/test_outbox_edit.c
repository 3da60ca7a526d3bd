/* SPDX-License-Identifier: ISC */
/* alerts/outbox_edit: rows replayed and dropped, in steps; sinks switched on
 * and off by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "alerts/outbox.h"
#include "alerts/outbox_edit.h"
#include "alerts/outbox_list.h"
#include "base/db.h"
#include "base/err.h"

#include "outbox_agrees.h"

static struct err err;

static int
set_up(void **state)
{
	const char *const steps[] = { outbox_schema, outbox_schema_2,
		outbox_list_schema, outbox_count_schema };
	struct db *db = db_open(":memory:", DB_WRITER, &err);

	*state = db;
	return db != NULL ? db_migrate(db, steps, 4, &err) : -1;
}

static int
tear_down(void **state)
{
	assert_int_equal(outbox_disagrees(*state), 0);
	db_close(*state);
	return 0;
}

/* Alert n, raised at second n; seq of its rows: 2n - 1 for a, 2n for b. */
static void
add(struct db *db, int n)
{
	const struct str sinks[] = { STR("a"), STR("b") };
	char id[32];
	bool added;

	snprintf(id, sizeof(id), "msg_%d", n);
	assert_int_equal(outbox_add(db, &(struct outbox_alert){
		.id = str_from(id), .topic = STR("t"), .feed = STR("f"),
		.time_s = n, .body = STR("{}") }, sinks, 2, &added, &err), 0);
	assert_true(added);
}

static void
set_state(struct db *db, int64_t seq, enum outbox_state to)
{
	assert_int_equal(db_run(db, "UPDATE outbox SET state = ?, tries = 3,"
	    " first_tried = 5, tried = 6, due = 7, error = 'HTTP 500'"
	    " WHERE seq = ?", DB_ARGS(DB_I(to), DB_I(seq)), &err), 0);
}

static void
note(const struct outbox_row *row, void *ctx)
{
	char *to = ctx;
	size_t at = strlen(to);

	assert_int_equal(row->tries, 0);
	assert_int_equal(row->first_tried_s, 0);
	assert_int_equal(row->due_s, 0);
	snprintf(to + at, 256 - at, "%s%.*s", at > 0 ? " " : "",
	    STR_ARG(str_sub(row->alert_id, 4, row->alert_id.n)));
}

static void
expect_waiting(struct db *db, const char *sink, const char *ids)
{
	char found[256] = "";

	assert_int_equal(outbox_each_waiting(db, sink, 0, 100, note, found,
	    &err), 0);
	assert_string_equal(found, ids);
}

#define ALL	.to = INT64_MAX, .since_s = INT64_MIN

static void
what_was_given_up_waits_again_behind_all_others(void **state)
{
	struct outbox_edit e = { ALL, .sink = STR("a") };
	struct db *db = *state;

	for (int n = 1; n <= 5; n++)
		add(db, n);
	set_state(db, 1, OUTBOX_GIVEN_UP);
	set_state(db, 3, OUTBOX_SENT);
	set_state(db, 5, OUTBOX_DROPPED);
	set_state(db, 6, OUTBOX_GIVEN_UP);
	assert_int_equal(outbox_replay(db, &e, &err), 0);
	assert_true(e.is_done);
	assert_int_equal(e.n, 2);
	expect_waiting(db, "a", "4 5 1 3");
	expect_waiting(db, "b", "1 2 4 5");
	/* Once more: they wait, so there is nothing to do. */
	e = (struct outbox_edit){ ALL, .sink = STR("a") };
	assert_int_equal(outbox_replay(db, &e, &err), 0);
	assert_int_equal(e.n, 0);
}

/* A mark of the row that was there before says nothing about the new one. */
static void
a_late_mark_finds_nothing(void **state)
{
	const struct outbox_mark late = { .seq = 1, .state = OUTBOX_SENT,
		.tries = 4, .tried_s = 9 };
	struct outbox_edit e = { ALL };
	struct db *db = *state;

	add(db, 1);
	set_state(db, 1, OUTBOX_GIVEN_UP);
	assert_int_equal(outbox_replay(db, &e, &err), 0);
	assert_int_equal(outbox_apply(db, &late, 1, &err), 0);
	expect_waiting(db, "a", "1");
}

static void
one_or_a_range_is_replayed(void **state)
{
	static const struct {
		const char		*says;
		struct outbox_edit	 edit;
		size_t			 n;
		bool			 met;
	} cases[] = {
		{ "one row", { .from = 3, .to = 3, .since_s = INT64_MIN,
		    .sent_too = true }, 1, true },
		{ "one that is not there", { .from = 70, .to = 70,
		    .since_s = INT64_MIN }, 0, false },
		{ "a range", { .from = 2, .to = 5, .since_s = INT64_MIN }, 4,
		    true },
		{ "an alert, to all its sinks", { ALL,
		    .alert_id = { "msg_2", 5 } }, 2, true },
		{ "an alert, to one", { ALL, .alert_id = { "msg_2", 5 },
		    .sink = { "b", 1 } }, 1, true },
		{ "an alert that is not there", { ALL,
		    .alert_id = { "msg_9", 5 } }, 0, false },
		{ "an alert, on no way to that sink", { ALL,
		    .alert_id = { "msg_2", 5 }, .sink = { "c", 1 } }, 0,
		    true },
		{ "a sink that is not there", { ALL, .sink = { "c", 1 } },
		    0, true },
		{ "since", { .to = INT64_MAX, .since_s = 3 }, 2, true },
		{ "a range without rows", { .from = 70, .to = 90,
		    .since_s = INT64_MIN }, 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct outbox_edit e = cases[i].edit;
		struct db *db;

		assert_int_equal(set_up((void **)&db), 0);
		for (int n = 1; n <= 3; n++)
			add(db, n);
		for (int n = 1; n <= 6; n++)
			set_state(db, n, OUTBOX_GIVEN_UP);
		assert_int_equal(outbox_replay(db, &e, &err), 0);
		if (e.n != cases[i].n || !e.is_done ||
		    e.met != cases[i].met)
			fail_msg("%s: %zu", cases[i].says, e.n);
		db_close(db);
	}
	(void)state;
}

static void
what_was_sent_is_replayed_only_if_asked(void **state)
{
	static const enum outbox_state sent[] = { OUTBOX_SENT,
	    OUTBOX_IN_DIGEST };
	static const int64_t row[] = { 1, 4 };	/* 3 is the first's again */
	struct db *db = *state;

	for (int n = 1; n <= 2; n++) {
		struct outbox_edit e = { .from = row[n - 1], .to = row[n - 1],
			.since_s = INT64_MIN };

		add(db, n);
		set_state(db, row[n - 1], sent[n - 1]);
		assert_int_equal(outbox_replay(db, &e, &err), 0);
		assert_int_equal(e.n, 0);
		e = (struct outbox_edit){ .from = row[n - 1], .to = row[n - 1],
			.since_s = INT64_MIN, .sent_too = true };
		assert_int_equal(outbox_replay(db, &e, &err), 0);
		assert_int_equal(e.n, 1);
	}
	expect_waiting(db, "a", "1 2");
}

static void
many_take_several_steps(void **state)
{
	struct outbox_edit e = { ALL };
	struct db *db = *state;
	size_t steps = 0;

	assert_int_equal(db_exec(db, "INSERT INTO sink (name) VALUES ('a');"
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < 5000) INSERT INTO alert (id, topic, feed, time, body)"
	    " SELECT 'x' || i, 't', 'f', 1, '{}' FROM n;"
	    "INSERT INTO outbox (alert, sink, state) SELECT seq, 1, 2"
	    " FROM alert", &err), 0);
	do {
		assert_int_equal(outbox_replay(db, &e, &err), 0);
		assert_true(++steps < 10);
	} while (!e.is_done);
	assert_int_equal(steps, 3);
	assert_int_equal(e.n, 5000);
	/* And all of them are dropped. */
	e = (struct outbox_edit){ ALL, .sink = STR("a") };
	do
		assert_int_equal(outbox_drop(db, &e, &err), 0);
	while (!e.is_done);
	assert_int_equal(e.n, 5000);
}

static void
what_waits_is_dropped_and_told(void **state)
{
	struct outbox_edit e = { .from = 1, .to = 3, .since_s = INT64_MIN };
	struct db *db = *state;
	bool waits;

	for (int n = 1; n <= 2; n++)
		add(db, n);
	set_state(db, 2, OUTBOX_GIVEN_UP);
	assert_int_equal(outbox_drop(db, &e, &err), 0);
	assert_int_equal(e.n, 2);
	expect_waiting(db, "a", "");
	expect_waiting(db, "b", "2");
	assert_int_equal(outbox_is_waiting(db, 3, &waits, &err), 0);
	assert_false(waits);
	assert_int_equal(outbox_is_waiting(db, 4, &waits, &err), 0);
	assert_true(waits);
	assert_int_equal(outbox_is_waiting(db, 99, &waits, &err), 0);
	assert_false(waits);
}

static void
a_sink_is_switched_off_and_on_by_hand(void **state)
{
	struct outbox_sink_state s;
	struct db *db = *state;
	bool changed;

	add(db, 1);
	set_state(db, 1, OUTBOX_WAITING);
	assert_int_equal(outbox_disable_sink(db, "a", "by hand", 50, &changed,
	    &err), 0);
	assert_true(changed);
	assert_int_equal(outbox_disable_sink(db, "a", "again", 60, &changed,
	    &err), 0);
	assert_false(changed);
	assert_int_equal(outbox_load_sink(db, "a", &s, &err), 0);
	assert_true(s.disabled);
	assert_int_equal(s.since_s, 50);
	assert_string_equal(s.reason, "by hand");
	assert_int_equal(outbox_enable_sink(db, "a", &changed, &err), 0);
	assert_true(changed);
	expect_waiting(db, "a", "1");		/* as if untried */
	assert_int_equal(outbox_load_sink(db, "a", &s, &err), 0);
	assert_false(s.disabled);
	assert_int_equal(outbox_enable_sink(db, "a", &changed, &err), 0);
	assert_false(changed);
}

/* What a delivery has marked is told; one that is gone counts as dropped. */
static void
a_test_is_a_row_and_leaves_nothing(void **state)
{
	const struct outbox_alert trial = { .id = STR("msg_t"),
		.time_s = 5, .body = STR("{}") };
	const struct outbox_mark failed = { .tries = 1, .tried_s = 6,
		.due_s = 9, .error = "HTTP 500" };
	struct outbox_mark m = failed;
	struct db *db = *state;
	int64_t seq, n;

	add(db, 1);
	assert_int_equal(outbox_add_trial(db, &trial, STR("a"), &seq, &err),
	    0);
	assert_int_equal(seq, 3);
	m.seq = seq;
	assert_int_equal(outbox_apply(db, &m, 1, &err), 0);
	memset(&m, 0, sizeof(m));
	assert_int_equal(outbox_find_mark(db, seq, &m, &err), 0);
	assert_int_equal(m.state, OUTBOX_WAITING);
	assert_int_equal(m.tries, 1);
	assert_string_equal(m.error, "HTTP 500");
	assert_int_equal(outbox_forget_trial(db, STR("msg_t"), &err), 0);
	assert_int_equal(outbox_find_mark(db, seq, &m, &err), 0);
	assert_int_equal(m.state, OUTBOX_DROPPED);
	assert_int_equal(outbox_list_last(db, &n, &err), 0);
	assert_int_equal(n, 1);
	/* Of an alert it forgets nothing. */
	assert_int_equal(outbox_forget_trial(db, STR("msg_1"), &err), 0);
	expect_waiting(db, "a", "1");
}

/* After a start: whatever else waits stays, and what was sent is left to who
 * forgets what is old. */
static void
tests_that_wait_are_forgotten(void **state)
{
	struct db *db = *state;
	char id[16];
	int64_t seq;
	size_t n;

	add(db, 1);
	for (int i = 0; i < 200; i++) {
		snprintf(id, sizeof(id), "msg_t%d", i);
		assert_int_equal(outbox_add_trial(db, &(struct outbox_alert){
			.id = str_from(id), .topic = STR(""), .feed = STR(""),
			.body = i == 7 ? STR("{\"type\":\"io.headlined."
			    "health.v1\",\"title\":\"\\\"type\\\":"
			    "\\\"io.headlined.test.v1\"}") :
			    STR("{\"type\":\"io.headlined.test.v1\"}") },
			STR("a"), &seq, &err), 0);
		if (i == 9)
			set_state(db, seq, OUTBOX_SENT);
	}
	assert_int_equal(outbox_forget_trials(db, &n, &err), 0);
	assert_int_equal(n, 198);
	expect_waiting(db, "a", "1 t7");
	assert_int_equal(outbox_forget_trials(db, &n, &err), 0);
	assert_int_equal(n, 0);
}

#define T(test)	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_given_up_waits_again_behind_all_others),
		T(a_late_mark_finds_nothing),
		cmocka_unit_test(one_or_a_range_is_replayed),
		T(what_was_sent_is_replayed_only_if_asked),
		T(many_take_several_steps),
		T(what_waits_is_dropped_and_told),
		T(a_sink_is_switched_off_and_on_by_hand),
		T(a_test_is_a_row_and_leaves_nothing),
		T(tests_that_wait_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
