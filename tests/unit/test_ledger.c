/* SPDX-License-Identifier: ISC */
/*
 * daemon/ledger: order, group commit, a job that fails alone, a commit that
 * fails for all; and daemon/batch: what was refused drags its poll along.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "alerts/outbox.h"
#include "base/db.h"
#include "base/err.h"
#include "daemon/batch.h"
#include "daemon/ledger.h"
#include "daemon/store.h"
#include "feeds/feed_store.h"

struct fixture {
	char		 dir[64], path[96];
	struct store	*store;
	struct mailbox	*box;		/* replies and the deliverer's */
	struct ledger	*ledger;
	struct db	*reader;
};

struct job {
	struct ledger_job	 job;
	const char		*sql;
	bool			 refused_called;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-ledger-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/store.db", f->dir);
	f->store = store_open(f->path, &err);
	assert_non_null(f->store);
	f->reader = store_reader(f->store, &err);
	assert_non_null(f->reader);
	f->box = mailbox_new(64);
	f->ledger = ledger_start(store_take_writer(f->store), f->box, &err);
	assert_non_null(f->ledger);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	static const char *const ends[] = { "", "-wal", "-shm", ".lock" };
	struct fixture *f = *state;
	char name[128];

	db_close(f->reader);
	ledger_stop(f->ledger);
	mailbox_free(f->box);
	store_close(f->store);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", f->path, ends[i]);
		(void)unlink(name);
	}
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static int
job_write(struct ledger_job *j, struct db *db, struct err *err)
{
	return db_exec(db, ((struct job *)j)->sql, err);
}

static void
job_on_refused(struct ledger_job *j)
{
	((struct job *)j)->refused_called = true;
}

static void
post(struct fixture *f, struct job *j, const char *sql)
{
	*j = (struct job){ .sql = sql };
	j->job.write = job_write;
	j->job.on_refused = job_on_refused;
	j->job.reply = f->box;
	ledger_post(f->ledger, &j->job);
}

/* Waits until n replies have come, in the order in which they come. */
static void
wait_replies(struct fixture *f, struct ledger_job **got, size_t n)
{
	size_t have = 0;

	while (have < n) {
		assert_true(mailbox_wait(f->box, 10000));
		for (struct mail *m = mailbox_take(f->box), *next; m != NULL;
		    m = next) {
			next = m->next;
			assert_true(have < n);
			got[have++] = (struct ledger_job *)(void *)m;
		}
	}
}

static int64_t
count(struct fixture *f, const char *sql)
{
	struct err err;
	struct db_stmt *q = db_query(f->reader, sql, DB_NO_ARGS, &err);
	int64_t n;

	assert_int_equal(db_next(q, &err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

static void
jobs_come_back_committed_in_order(void **state)
{
	struct fixture *f = *state;
	struct job jobs[300];
	struct ledger_job *got[300];

	for (size_t i = 0; i < 300; i++)
		post(f, &jobs[i], "INSERT INTO meta SELECT count(*), 'x'"
		    " FROM meta");
	wait_replies(f, got, 300);
	for (size_t i = 0; i < 300; i++) {
		assert_ptr_equal(got[i], &jobs[i].job);
		assert_true(got[i]->committed);
	}
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 300);
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
	assert_true(bad.refused_called);
	assert_true(bad.job.err.msg[0] != '\0');
	assert_true(after.job.committed);
	assert_false(after.refused_called);
	assert_int_equal(count(f, "SELECT count(*) FROM meta WHERE key IN"
	    " ('a', 'c')"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM meta WHERE key = 'b'"),
	    0);
}

/* A deferred foreign key makes the COMMIT itself fail. */
static void
a_commit_that_fails_refuses_its_whole_group(void **state)
{
	struct fixture *f = *state;
	struct job job, retry;
	struct ledger_job *got[1];

	post(f, &job, "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
	    "CREATE TABLE child (id INTEGER REFERENCES parent(id)"
	    " DEFERRABLE INITIALLY DEFERRED)");
	wait_replies(f, got, 1);
	assert_true(job.job.committed);
	post(f, &job, "INSERT INTO child VALUES (1)");
	wait_replies(f, got, 1);
	assert_false(job.job.committed);
	assert_true(job.refused_called);
	/* The ledger is fit for the next one. */
	post(f, &retry, "INSERT INTO parent VALUES (1);"
	    "INSERT INTO child VALUES (1)");
	wait_replies(f, got, 1);
	assert_true(retry.job.committed);
	assert_int_equal(count(f, "SELECT count(*) FROM child"), 1);
}

static struct batch *
make_batch(struct fixture *f, struct poll_token *token, uint64_t id)
{
	struct batch *b = batch_new(token, "http://127.0.0.1/feed");

	assert_non_null(b);
	assert_int_equal(batch_add_known(b, &(struct known_item){ id, id, 1 }),
	    0);
	b->job.reply = f->box;
	return b;
}

static void
a_batch_writes_items_alerts_and_state_at_once(void **state)
{
	static const struct str sinks[] = { { "syslog", 6 }, { "desk", 4 } };
	const struct outbox_alert alert = { .id = STR("msg_1"),
		.topic = STR("t"), .feed = STR("http://127.0.0.1/feed"),
		.time_s = 5, .body = STR("{}") };
	struct fixture *f = *state;
	struct poll_token token = { false };
	struct batch *b = make_batch(f, &token, 1);
	struct feed_state st = { 0 };
	struct ledger_job *got[1];
	struct err err;

	assert_int_equal(batch_add_alert(b, &alert, sinks, 2), 0);
	assert_int_equal(batch_add_alert(b, &alert, sinks, 2), 0);
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

/* Fails as a full disk would: inside the transaction, in the middle. */
static int
write_that_fails(struct ledger_job *j, struct db *db, struct err *err)
{
	(void)j;
	return db_exec(db, "INSERT INTO no_such_table VALUES (1)", err);
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
	assert_false(two->job.committed);
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
		cmocka_unit_test_setup_teardown(
		    jobs_come_back_committed_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_job_that_fails_is_undone_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_commit_that_fails_refuses_its_whole_group, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_batch_writes_items_alerts_and_state_at_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_refused_batch_drags_the_rest_of_its_poll_along, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
