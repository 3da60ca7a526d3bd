/* SPDX-License-Identifier: ISC */
/*
 * daemon/ledger over a store that is full, locked or broken, and then is not:
 * nothing is refused, nothing is doubled, the order holds.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <cmocka.h>

#include "ledger_rig.h"

/* Makes the store full and posts a group that it has no room for; the reply of
 * the gate has come then. */
static void
fill_up(struct fixture *f, struct job *jobs, size_t n)
{
	struct ledger_job *got[2];
	struct gate gate;
	struct job full;

	post(f, &full, FULL_FROM_NOW);
	wait_replies(f, got, 1);
	gate_close(f, &gate);
	for (size_t i = 0; i < n; i++)
		post_job(f, &jobs[i]);
	gate_open(&gate);
	wait_replies(f, got, 1);
	gate_free(&gate);
}

static void
a_full_store_holds_and_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct job jobs[3] = {
		{ .sql = "INSERT INTO meta VALUES ('first', '1')" },
		{ .sql = BIG, .before = ROOM_AGAIN, .written = f->written },
		{ .sql = "INSERT INTO meta VALUES ('last', '1')" },
	};
	struct job later;
	struct ledger_job *got[4];
	struct err why;

	fill_up(f, jobs, 3);
	/* At once, with the reserve's room; then again as somebody posts. */
	wait_writes(f, &jobs[1], 2);
	assert_true(ledger_is_paused(f->ledger, &why));
	assert_non_null(strstr(why.msg, "full"));
	assert_non_null(strstr(why.msg, "free room"));
	assert_false(ledger_has_room(f->ledger, 1));
	post(f, &later, "INSERT INTO meta VALUES ('later', '1')");
	wait_writes(f, &jobs[1], 3);
	assert_null(mailbox_take(f->box));
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 0);
	atomic_store(&jobs[1].cured, true);
	wait_replies(f, got, 4);
	for (size_t i = 0; i < 3; i++)
		assert_ptr_equal(got[i], &jobs[i].job);
	assert_ptr_equal(got[3], &later.job);
	for (size_t i = 0; i < 4; i++) {
		const struct job *j = (const struct job *)got[i];

		assert_true(got[i]->committed);
		assert_int_equal(j->refusals, 0);
		/* Each writing but the last one was undone. */
		assert_int_equal(j->undone, j->writes - 1);
	}
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 4);
	wait_turn(f);
	assert_false(ledger_is_paused(f->ledger, NULL));
	assert_true(ledger_has_room(f->ledger, 1));
}

static void
it_tries_again_with_nobody_posting(void **state)
{
	struct fixture *f = *state;
	struct job big = { .sql = BIG, .before = ROOM_AGAIN,
		.written = f->written };
	struct ledger_job *got[1];

	fill_up(f, &big, 1);
	wait_writes(f, &big, 3);	/* the third is the second's */
	atomic_store(&big.cured, true);
	wait_replies(f, got, 1);
	assert_true(big.job.committed);
}

static void
a_refused_job_stays_refused_while_its_group_is_held(void **state)
{
	struct fixture *f = *state;
	struct job jobs[2] = {
		{ .sql = "INSERT INTO no_such_table VALUES (1)" },
		{ .sql = BIG, .before = ROOM_AGAIN, .written = f->written },
	};
	struct ledger_job *got[2];

	fill_up(f, jobs, 2);
	wait_writes(f, &jobs[1], 2);
	assert_null(mailbox_take(f->box));
	atomic_store(&jobs[1].cured, true);
	wait_replies(f, got, 2);
	assert_ptr_equal(got[0], &jobs[0].job);
	assert_true(jobs[0].job.refused);
	assert_int_equal(jobs[0].refusals, 1);
	assert_int_equal(jobs[0].writes, 1);
	assert_int_equal(jobs[0].undone, 1);
	assert_true(jobs[1].job.committed);
	assert_int_equal(jobs[1].undone, jobs[1].writes - 1);
}

/* What SQLite said last is of the store; this failure is not. */
static void
a_failure_of_its_own_after_a_full_store_is_no_store_fault(void **state)
{
	struct fixture *f = *state;
	struct job big = { .sql = BIG, .before = ROOM_AGAIN,
		.written = f->written };
	struct job oom = { .sql = NULL };
	struct ledger_job *got[1];

	fill_up(f, &big, 1);
	wait_writes(f, &big, 2);
	atomic_store(&big.cured, true);
	wait_replies(f, got, 1);
	post_job(f, &oom);
	wait_replies(f, got, 1);
	assert_true(oom.job.refused);
	assert_int_equal(oom.writes, 1);
	assert_string_equal(oom.job.err.msg, "no memory for this one");
}

/* Under store.max_size only the job that drops old texts can help, and it was
 * posted last. */
static void
a_job_that_makes_room_is_written_before_what_is_held(void **state)
{
	struct fixture *f = *state;
	struct job filler, jobs[2] = {
		{ .sql = "INSERT INTO meta VALUES ('small', '1')" },
		{ .sql = BIG, .written = f->written },
	};
	struct job maker = { .sql = "DELETE FROM meta WHERE key = 'old'",
		.job = { .makes_room = true } };
	struct ledger_job *got[3];

	post(f, &filler, "INSERT INTO meta VALUES ('old',"
	    " zeroblob(1100000))");
	wait_replies(f, got, 1);
	fill_up(f, jobs, 2);
	wait_writes(f, &jobs[1], 2);
	post_job(f, &maker);
	wait_replies(f, got, 3);
	assert_ptr_equal(got[0], &maker.job);
	assert_ptr_equal(got[1], &jobs[0].job);
	assert_ptr_equal(got[2], &jobs[1].job);
	for (size_t i = 0; i < 3; i++)
		assert_true(got[i]->committed);
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 2);
}

static void
the_reserve_is_spent_and_made_again(void **state)
{
	struct fixture *f = *state;
	struct job big = { .sql = BIG, .before = ROOM_AGAIN,
		.written = f->written };
	struct ledger_job *got[1];

	assert_true(exists(f->reserve));
	fill_up(f, &big, 1);
	wait_writes(f, &big, 2);
	assert_false(exists(f->reserve));
	atomic_store(&big.cured, true);
	wait_replies(f, got, 1);
	wait_turn(f);
	assert_true(exists(f->reserve));
	assert_false(ledger_is_paused(f->ledger, NULL));
}

static void
without_its_reserve_it_begins_paused(void **state)
{
	struct fixture *f = *state;
	struct ledger_job *got[1];
	struct err why;
	struct job job;

	assert_int_equal(mkdir(f->reserve, 0700), 0);	/* in its place */
	start(f, make_store(f), true);
	open_reader(f);
	assert_true(ledger_is_paused(f->ledger, &why));
	assert_non_null(strstr(why.msg, f->reserve));
	assert_false(ledger_has_room(f->ledger, 1));
	post(f, &job, "INSERT INTO meta VALUES ('a', '1')");
	wait_replies(f, got, 1);
	assert_true(job.job.committed);
	wait_turn(f);
	assert_true(ledger_is_paused(f->ledger, NULL));
	assert_int_equal(rmdir(f->reserve), 0);
	wait_turn(f);
	assert_false(ledger_is_paused(f->ledger, NULL));
	assert_true(ledger_has_room(f->ledger, 1));
}

/* BEGIN itself fails, for as long as somebody else writes. */
static void
a_locked_store_holds_until_it_is_let_go(void **state)
{
	struct fixture *f = *state;
	struct ledger_job *got[1];
	struct job job;
	struct err err, why;
	struct db *other = db_open(f->path, DB_WRITER, &err);

	assert_non_null(other);
	assert_int_equal(db_begin(other, &err), 0);
	post(f, &job, "INSERT INTO meta VALUES ('a', '1')");
	while (!ledger_is_paused(f->ledger, &why))
		assert_false(mailbox_wait(f->box, 10));
	assert_non_null(strstr(why.msg, "locked"));
	assert_int_equal(job.refusals, 0);
	assert_true(exists(f->reserve));	/* it would not help */
	db_rollback(other);
	wait_replies(f, got, 1);
	assert_true(job.job.committed);
	db_close(other);
}

/* Here it is the COMMIT that fails: with EFBIG, of which SQLite knows only that
 * the write went wrong. */
static void
a_write_error_holds_until_it_is_gone(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct rlimit limit, low;
	struct fixture *f = *state;
	struct ledger_job *got[1];
	struct job job;
	struct err why;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(sigaction(SIGXFSZ, &ignore, &before), 0);
	low = limit;
	low.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	post(f, &job, "INSERT INTO meta VALUES ('a', '1')");
	while (!ledger_is_paused(f->ledger, &why))
		assert_false(mailbox_wait(f->box, 10));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_non_null(strstr(why.msg, "I/O error"));
	assert_non_null(strstr(why.msg, "check its disk"));
	wait_replies(f, got, 1);
	assert_true(job.job.committed);
	assert_int_equal(job.refusals, 0);
	assert_true(atomic_load(&job.writes) > 1);
	wait_turn(f);
	assert_false(ledger_is_paused(f->ledger, NULL));
	assert_true(exists(f->reserve));
	assert_int_equal(sigaction(SIGXFSZ, &before, NULL), 0);
}

static void
fill_disk(struct fixture *f, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct statvfs fs;

	assert_true(fd >= 0);
	assert_int_equal(statvfs(f->dir, &fs), 0);
	assert_int_equal(posix_fallocate(fd, 0,
	    (off_t)(fs.f_bavail * fs.f_frsize)), 0);
	close(fd);
}

/* What the reserve is for: what was under way when the disk filled up. */
static void
on_a_full_disk_the_reserve_is_what_is_written_into(void **state)
{
	struct fixture *f = *state;
	struct ledger_job *got[1];
	char filler[96];
	struct job job, after;

	if (!f->mounted)
		skip();
	snprintf(filler, sizeof(filler), "%s/filler", f->dir);
	start(f, make_store(f), true);
	assert_false(ledger_is_paused(f->ledger, NULL));
	fill_disk(f, filler);
	post(f, &job, BIG);
	wait_replies(f, got, 1);
	assert_true(job.job.committed);
	assert_int_equal(atomic_load(&job.writes), 2);
	assert_false(exists(f->reserve));
	wait_turn(f);
	assert_true(ledger_is_paused(f->ledger, NULL));
	post(f, &after, "INSERT INTO meta VALUES ('after', '1')");
	wait_replies(f, got, 1);
	assert_true(after.job.committed);
	assert_int_equal(unlink(filler), 0);
	wait_turn(f);
	assert_false(ledger_is_paused(f->ledger, NULL));
	assert_true(exists(f->reserve));
}

/* Workers stop first, and wait for their answers before the ledger ends. */
static void
what_is_held_goes_back_when_a_drain_begins(void **state)
{
	struct fixture *f = *state;
	struct job jobs[2] = {
		{ .sql = "INSERT INTO meta VALUES ('first', '1')" },
		{ .sql = BIG, .written = f->written },
	};
	struct ledger_job *got[2];

	fill_up(f, jobs, 2);
	wait_writes(f, &jobs[1], 2);
	ledger_drain(f->ledger);
	wait_replies(f, got, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_ptr_equal(got[i], &jobs[i].job);
		assert_false(got[i]->committed);
		assert_int_equal(jobs[i].refusals, 1);
	}
}

static void
what_is_held_at_the_stop_goes_back_refused(void **state)
{
	struct fixture *f = *state;
	struct job jobs[3] = {
		{ .sql = "INSERT INTO meta VALUES ('first', '1')" },
		{ .sql = "INSERT INTO no_such_table VALUES (1)" },
		{ .sql = BIG, .written = f->written },
	};
	struct ledger_job *got[3];
	int writes;

	fill_up(f, jobs, 3);
	wait_writes(f, &jobs[2], 2);
	writes = atomic_load(&jobs[2].writes);
	ledger_stop(f->ledger);
	f->ledger = NULL;
	assert_true(atomic_load(&jobs[2].writes) > writes);
	wait_replies(f, got, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_ptr_equal(got[i], &jobs[i].job);
		assert_false(got[i]->committed);
		assert_int_equal(jobs[i].refusals, 1);
	}
	assert_non_null(strstr(jobs[0].job.err.msg, "full"));
	assert_non_null(strstr(jobs[1].job.err.msg, "no_such_table"));
	assert_int_equal(count(f, "SELECT count(*) FROM meta"), 0);
}

/* A poll whose first part was refused goes on so while its group is held. */
static void
a_batch_follows_also_when_its_group_is_held(void **state)
{
	struct fixture *f = *state;
	struct poll_token token = { false };
	struct batch *one = make_batch(f, &token, 1);
	struct batch *two = make_batch(f, &token, 2);
	struct job full, big = { .sql = BIG, .before = ROOM_AGAIN,
		.written = f->written };
	struct ledger_job *got[4];
	struct gate gate;

	post(f, &full, FULL_FROM_NOW);
	wait_replies(f, got, 1);
	gate_close(f, &gate);
	one->job.write = write_that_fails;
	ledger_post(f->ledger, &one->job);
	ledger_post(f->ledger, &two->job);
	post_job(f, &big);
	gate_open(&gate);
	wait_writes(f, &big, 2);
	atomic_store(&big.cured, true);
	wait_replies(f, got, 4);
	gate_free(&gate);
	assert_true(one->job.refused);
	assert_true(two->job.refused);
	assert_true(two->job.follows);
	assert_true(big.job.committed);
	assert_int_equal(count(f, "SELECT count(*) FROM known"), 0);
	batch_free(one);
	batch_free(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_store_holds_and_loses_nothing),
		TEST(it_tries_again_with_nobody_posting),
		TEST(a_refused_job_stays_refused_while_its_group_is_held),
		TEST(a_batch_follows_also_when_its_group_is_held),
		TEST(a_failure_of_its_own_after_a_full_store_is_no_store_fault),
		TEST(a_job_that_makes_room_is_written_before_what_is_held),
		TEST_WITH(the_reserve_is_spent_and_made_again,
		    setup_with_reserve),
		TEST_WITH(without_its_reserve_it_begins_paused, setup_files),
		TEST_WITH(a_locked_store_holds_until_it_is_let_go,
		    setup_with_reserve),
		TEST_WITH(a_write_error_holds_until_it_is_gone,
		    setup_with_reserve),
		TEST_WITH(on_a_full_disk_the_reserve_is_what_is_written_into,
		    setup_disk),
		TEST(what_is_held_goes_back_when_a_drain_begins),
		TEST(what_is_held_at_the_stop_goes_back_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
