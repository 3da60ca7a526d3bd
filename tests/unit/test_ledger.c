/* SPDX-License-Identifier: ISC */
/*
 * daemon/ledger: order, group commit, a job that fails alone, the stop, the
 * heartbeat; and daemon/batch: what was refused drags its poll along. A store
 * that cannot be written is test_ledger_full's.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "daemon/watchdog_private.h"
#include "ledger_rig.h"

enum { ROOM = 1024 };

/* A store that takes */

static void
jobs_come_back_committed_in_order(void **state)
{
	struct fixture *f = *state;
	struct job *jobs = calloc(900, sizeof(*jobs));
	struct ledger_job *got[900];

	assert_non_null(jobs);
	for (size_t i = 0; i < 900; i++)
		post(f, &jobs[i], "INSERT INTO meta SELECT count(*), 'x'"
		    " FROM meta");
	wait_replies(f, got, 900);
	for (size_t i = 0; i < 900; i++) {
		assert_ptr_equal(got[i], &jobs[i].job);
		assert_true(got[i]->committed);
		assert_false(got[i]->refused);
	}
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 900);
	free(jobs);
}

static void
a_job_that_fails_is_undone_alone(void **state)
{
	struct fixture *f = *state;
	struct job good, bad, after;
	struct ledger_job *got[3];

	post(f, &good, "INSERT INTO meta VALUES ('a', '1')");
	post(f, &bad, "INSERT INTO meta VALUES ('b', '1');"
	    "INSERT INTO meta VALUES ('a', '2')");
	post(f, &after, "INSERT INTO meta VALUES ('c', '1')");
	wait_replies(f, got, 3);
	assert_true(good.job.committed);
	assert_false(bad.job.committed);
	assert_int_equal(bad.refusals, 1);
	assert_non_null(strstr(bad.job.err.msg, "UNIQUE"));
	assert_true(after.job.committed);
	assert_int_equal(after.refusals, 0);
	assert_int_equal(count(f, "SELECT count(*) FROM meta WHERE key IN"
	    " ('a', 'c')"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM meta WHERE key = 'b'"),
	    0);
	assert_false(ledger_is_paused(f->ledger, NULL));
}

/* A deferred foreign key makes the COMMIT itself fail, for all of its group. */
static void
a_commit_that_fails_refuses_the_one_at_fault(void **state)
{
	struct fixture *f = *state;
	struct gate gate;
	struct job tables, one, bad, two;
	struct ledger_job *got[4];

	post(f, &tables, "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
	    "CREATE TABLE child (id INTEGER REFERENCES parent(id)"
	    " DEFERRABLE INITIALLY DEFERRED)");
	wait_replies(f, got, 1);
	assert_true(tables.job.committed);
	gate_close(f, &gate);
	post(f, &one, "INSERT INTO meta VALUES ('one', '1')");
	post(f, &bad, "INSERT INTO child VALUES (1)");
	post(f, &two, "INSERT INTO meta VALUES ('two', '1')");
	gate_open(&gate);
	wait_replies(f, got, 4);
	gate_free(&gate);
	assert_ptr_equal(got[1], &one.job);
	assert_ptr_equal(got[2], &bad.job);
	assert_ptr_equal(got[3], &two.job);
	assert_true(one.job.committed);
	assert_true(two.job.committed);
	assert_false(bad.job.committed);
	assert_int_equal(bad.refusals, 1);
	assert_non_null(strstr(bad.job.err.msg, "FOREIGN KEY"));
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 2);
	/* The ledger is fit for the next one. */
	post(f, &bad, "INSERT INTO parent VALUES (1);"
	    "INSERT INTO child VALUES (1)");
	wait_replies(f, got, 1);
	assert_true(bad.job.committed);
	assert_int_equal(count(f, "SELECT count(*) FROM child"), 1);
}

/* As SQLite does when memory is out: the transaction is gone under a job. */
static void
a_lost_transaction_takes_only_its_cause_with_it(void **state)
{
	struct fixture *f = *state;
	struct gate gate;
	struct job one, bad, two;
	struct ledger_job *got[4];

	gate_close(f, &gate);
	post(f, &one, "INSERT INTO meta VALUES ('one', '1')");
	post(f, &bad, "INSERT INTO meta VALUES ('bad', '1');"
	    "INSERT OR ROLLBACK INTO meta VALUES ('bad', '2')");
	post(f, &two, "INSERT INTO meta VALUES ('two', '1')");
	gate_open(&gate);
	wait_replies(f, got, 4);
	gate_free(&gate);
	assert_true(one.job.committed);
	assert_true(bad.job.refused);
	assert_int_equal(bad.refusals, 1);
	assert_int_equal(bad.writes, 1);
	assert_true(two.job.committed);
	assert_ptr_equal(got[2], &bad.job);
	assert_int_equal(count(f, "SELECT count(*) FROM meta WHERE key IN"
	    " ('one', 'two')"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 2);
}

/* A lone one, a few behind it, and more than a commit waits for. */
static void
patient_jobs_are_written_in_order_too(void **state)
{
	static const size_t sizes[] = { 1, 7, 300 };
	struct fixture *f = *state;
	struct job *jobs = calloc(300, sizeof(*jobs));
	struct ledger_job *got[300];

	assert_non_null(jobs);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (size_t i = 0; i < sizes[s]; i++) {
			jobs[i] = (struct job){ .sql = "INSERT INTO meta"
			    " SELECT count(*), 'x' FROM meta" };
			jobs[i].job.patient = i % 8 != 7;
			post_job(f, &jobs[i]);
		}
		wait_replies(f, got, sizes[s]);
		for (size_t i = 0; i < sizes[s]; i++) {
			assert_ptr_equal(got[i], &jobs[i].job);
			assert_true(got[i]->committed);
		}
	}
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 308);
	free(jobs);
}

static void
room_counts_what_is_being_written(void **state)
{
	struct fixture *f = *state;
	struct job *jobs = calloc(ROOM, sizeof(*jobs));
	struct ledger_job *got[ROOM];
	struct gate gate;

	assert_non_null(jobs);
	assert_true(ledger_has_room(f->ledger, ROOM));
	assert_false(ledger_has_room(f->ledger, ROOM + 1));
	assert_false(ledger_has_room(f->ledger, SIZE_MAX));
	gate_close(f, &gate);
	for (size_t i = 0; i < ROOM - 2; i++)
		post(f, &jobs[i], "SELECT 1");
	assert_true(ledger_has_room(f->ledger, 1));
	assert_false(ledger_has_room(f->ledger, 2));
	post(f, &jobs[ROOM - 2], "SELECT 1");
	assert_false(ledger_has_room(f->ledger, 1));
	gate_open(&gate);
	wait_replies(f, got, ROOM);
	gate_free(&gate);
	assert_true(ledger_has_room(f->ledger, ROOM));
	free(jobs);
}
static void
what_is_posted_before_the_stop_is_written(void **state)
{
	struct fixture *f = *state;
	struct job jobs[600];
	struct ledger_job *got[600];

	for (size_t i = 0; i < 600; i++)
		post(f, &jobs[i], "INSERT INTO meta SELECT count(*), 'x'"
		    " FROM meta");
	ledger_stop(f->ledger);
	f->ledger = NULL;
	wait_replies(f, got, 600);
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 600);
}

static int
write_nothing(struct ledger_job *job, struct db *db, struct err *err)
{
	(void)job;
	(void)db;
	(void)err;
	return 0;
}

/* Who watches alerts come is woken by a commit that holds some, and by no
 * other. */
static void
a_watcher_is_told_of_alerts(void **state)
{
	struct fixture *f = *state;
	struct mailbox *watcher = mailbox_new(1);
	struct ledger_env env = { .deliverer = f->box, .watcher = watcher };
	struct ledger_job job = { .write = write_nothing, .reply = f->box };
	struct ledger_job *got[1];
	struct err err;

	assert_non_null(watcher);
	env.db = make_store(f);
	f->ledger = ledger_start(&env, &err);
	assert_non_null(f->ledger);
	ledger_post(f->ledger, &job);
	wait_replies(f, got, 1);
	assert_false(mailbox_wait(watcher, 0));
	job = (struct ledger_job){ .write = write_nothing, .reply = f->box,
		.has_alerts = true };
	ledger_post(f->ledger, &job);
	wait_replies(f, got, 1);
	assert_true(mailbox_wait(watcher, 0));
	assert_null(mailbox_take(watcher));
	ledger_stop(f->ledger);
	f->ledger = NULL;
	mailbox_free(watcher);
}
/* Its heart */

/* Time passes for the watchdog only, tick by tick, up to `end`. */
static const char *
look_until(struct watchdog *w, int64_t from, int64_t end, int64_t step)
{
	const char *silent = NULL;

	for (int64_t t = from; t <= end; t += step)
		silent = watchdog_look(w, t);
	return silent;
}

static void
an_idle_ledger_beats_and_an_ended_one_is_not_missed(void **state)
{
	enum { LIMIT_US = 40000 };
	struct fixture *f = *state;
	struct ledger_env env = { .deliverer = f->box };
	struct err err;
	int64_t t0;

	f->base = event_base_new();
	f->watchdog = watchdog_new(f->base, LIMIT_US);
	env.heartbeat = watchdog_add(f->watchdog, "ledger");
	assert_non_null(env.heartbeat);
	env.db = make_store(f);
	f->ledger = ledger_start(&env, &err);
	assert_non_null(f->ledger);
	t0 = watchdog_now_us();
	/* A beat by t0 is too old by then: it ends with a new one. */
	while (look_until(f->watchdog, t0, t0 + 2 * LIMIT_US, LIMIT_US / 4) !=
	    NULL)
		assert_false(mailbox_wait(f->box, 10));
	ledger_stop(f->ledger);
	f->ledger = NULL;
	assert_null(look_until(f->watchdog, t0, t0 + 100 * LIMIT_US,
	    LIMIT_US / 4));
}
/* Batches */

static void
a_batch_writes_items_alerts_and_state_at_once(void **state)
{
	static const struct str sinks[] = { { "syslog", 6 }, { "desk", 4 } };
	const struct batch_alert alert = { .alert = { .id = STR("msg_1"),
		.topic = STR("t"), .feed = STR("http://127.0.0.1/feed"),
		.time_s = 5, .body = STR("{}") }, .sinks = sinks,
		.n_sinks = 2, .story = BATCH_NO_STORY };
	struct fixture *f = *state;
	struct poll_token token = { false };
	struct batch *b = make_batch(f, &token, 1);
	struct feed_state st = { 0 };
	struct ledger_job *got[1];
	struct err err;

	assert_int_equal(batch_add_alert(b, &alert), 0);
	assert_int_equal(batch_add_alert(b, &alert), 0);
	b->ends_poll = true;
	b->state.due_s = 1234;
	ledger_post(f->ledger, &b->job);
	wait_replies(f, got, 1);
	assert_true(b->job.committed);
	/* The second has the id of the first: a topic alerts once an item. */
	assert_int_equal(b->raised, 1);
	assert_int_equal(count(f, "SELECT count(*) FROM outbox"), 2);
	assert_int_equal(feed_store_load(f->reader, "http://127.0.0.1/feed",
	    &st, &err), 0);
	assert_int_equal(st.due_s, 1234);
	feed_state_clear(&st);
	batch_free(b);
}

/* What is known waits for its page, or neither is. */
static void
a_batch_gives_pages_their_rows(void **state)
{
	struct page_wait page = { .id_hash = 7, .name = STR("g-1"),
		.url = STR("http://127.0.0.1/1"), .most = 1, .item = {
		    .published = ITEM_NO_TIME, .updated = ITEM_NO_TIME } };
	struct fixture *f = *state;
	struct poll_token token = { false };
	struct batch *b = make_batch(f, &token, 1);
	struct ledger_job *got[1];

	assert_int_equal(batch_add_page(b, &page), 0);
	assert_int_equal(batch_add_page(b, &page), 0);
	assert_int_equal(b->pages[0].id, 0);
	ledger_post(f->ledger, &b->job);
	wait_replies(f, got, 1);
	assert_true(b->job.committed);
	assert_int_equal(b->pages[0].id, 1);
	/* One may wait, by its limit: the other is left. */
	assert_int_equal(b->pages[1].id, 0);
	assert_int_equal(count(f, "SELECT waiting FROM page_feed"), 1);
	assert_int_equal(count(f, "SELECT n_left FROM page_feed"), 1);
	batch_free(b);
	token.refused = true;
	b = make_batch(f, &token, 2);
	assert_int_equal(batch_add_page(b, &page), 0);
	ledger_post(f->ledger, &b->job);
	wait_replies(f, got, 1);
	assert_true(b->job.refused);
	assert_int_equal(count(f, "SELECT count(*) FROM page"), 1);
	batch_free(b);
}

static void
a_refused_batch_drags_the_rest_of_its_poll_along(void **state)
{
	struct fixture *f = *state;
	struct poll_token token = { false }, other = { false };
	struct batch *one = make_batch(f, &token, 1);
	struct batch *two = make_batch(f, &token, 2);
	struct batch *three = make_batch(f, &other, 3);
	struct ledger_job *got[3];

	one->job.write = write_that_fails;
	two->ends_poll = true;
	two->state.due_s = 99;
	ledger_post(f->ledger, &one->job);
	ledger_post(f->ledger, &two->job);
	ledger_post(f->ledger, &three->job);
	wait_replies(f, got, 3);
	assert_false(one->job.committed);
	assert_false(one->job.follows);
	assert_false(two->job.committed);
	assert_true(two->job.follows);
	assert_true(three->job.committed);
	assert_int_equal(count(f, "SELECT count(*) FROM known"), 1);
	batch_free(one);
	batch_free(two);
	batch_free(three);
}
int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(jobs_come_back_committed_in_order),
		TEST(a_job_that_fails_is_undone_alone),
		TEST(a_commit_that_fails_refuses_the_one_at_fault),
		TEST(a_lost_transaction_takes_only_its_cause_with_it),
		TEST(patient_jobs_are_written_in_order_too),
		TEST(room_counts_what_is_being_written),
		TEST(what_is_posted_before_the_stop_is_written),
		TEST_WITH(a_watcher_is_told_of_alerts, setup_files),
		TEST_WITH(an_idle_ledger_beats_and_an_ended_one_is_not_missed,
		    setup_files),
		TEST(a_batch_writes_items_alerts_and_state_at_once),
		TEST(a_batch_gives_pages_their_rows),
		TEST(a_refused_batch_drags_the_rest_of_its_poll_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
