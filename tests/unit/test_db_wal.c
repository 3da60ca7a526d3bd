/* SPDX-License-Identifier: ISC */
/*
 * base/db_wal: what is left after a kill or a power cut is gone on with, a log
 * of another database or a damaged one is not; and the log stays small. A kill
 * is played by copying the files of a connection that is still open.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/db.h"
#include "base/err.h"

enum { PAGE = 4096, HEADER = 32, FRAME = 24 + PAGE, MAX_FILE = 8 << 20 };

static struct err err;

struct place {
	char		 dir[64];
	char		*bytes;		/* room to move a file through */
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL || (p->bytes = malloc(MAX_FILE)) == NULL)
		return -1;
	snprintf(p->dir, sizeof(p->dir), "/tmp/test_db_wal.XXXXXX");
	*state = p;
	return mkdtemp(p->dir) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	char command[96];
	int rc;

	snprintf(command, sizeof(command), "rm -r %s", p->dir);
	rc = system(command);
	free(p->bytes);
	free(p);
	return rc;
}

struct name {
	char	path[128];
};

static struct name
in(const struct place *p, const char *name, const char *part)
{
	struct name n;

	snprintf(n.path, sizeof(n.path), "%s/%s%s", p->dir, name, part);
	return n;
}

static size_t
load(struct place *p, struct name n)
{
	int fd = open(n.path, O_RDONLY);
	ssize_t got;

	if (fd == -1)
		return 0;
	got = read(fd, p->bytes, MAX_FILE);
	close(fd);
	assert_true(got >= 0 && got < MAX_FILE);
	return (size_t)got;
}

static void
save(struct place *p, struct name n, size_t bytes)
{
	int fd = open(n.path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, p->bytes, bytes), bytes);
	close(fd);
}

/* What a kill would leave of `from`. */
static void
kill_into(struct place *p, const char *from, const char *to)
{
	save(p, in(p, to, ""), load(p, in(p, from, "")));
	save(p, in(p, to, "-wal"), load(p, in(p, from, "-wal")));
}

static struct db *
open_new(const struct place *p, const char *name)
{
	static const char *const steps[] = { "CREATE TABLE t (n INTEGER, c)" };
	struct db *db = db_open(in(p, name, "").path, DB_WRITER, &err);

	assert_non_null(db);
	assert_int_equal(db_migrate(db, steps, 1, &err), 0);
	return db;
}

static void
commit(struct db *db, int n)
{
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, "INSERT INTO t VALUES (?, zeroblob(2000))",
	    DB_ARGS(DB_I(n)), &err), 0);
	assert_int_equal(db_commit(db, &err), 0);
}

static void
commit_each(struct db *db, int from, int to)
{
	for (int i = from; i < to; i++)
		commit(db, i);
}

/* All of the log goes into the file; the next transaction begins it anew. */
static void
checkpoint(struct db *db)
{
	assert_int_equal(db_exec(db, "PRAGMA wal_checkpoint(PASSIVE)", &err),
	    0);
}

static enum db_fault
look(const struct place *p, const char *name)
{
	enum db_fault fault;
	struct db *db = db_open_or_tell(in(p, name, "").path, DB_READER,
	    &fault, &err);

	if (db == NULL)
		return fault;
	fault = db_verify(db, true, &err) == -1 ? db_last_fault(db) :
	    DB_FAULT_NONE;
	db_close(db);
	return fault;
}

static int64_t
rows(const struct place *p, const char *name)
{
	struct db *db = db_open(in(p, name, "").path, DB_READER, &err);
	struct db_stmt *s;
	int64_t n;

	assert_non_null(db);
	s = db_query(db, "SELECT count(*) FROM t", DB_NO_ARGS, &err);
	assert_int_equal(db_next(s, &err), DB_ROW);
	n = db_int(s, 0);
	db_done(s);
	db_close(db);
	return n;
}

/* Whose it is */

static void
what_a_kill_leaves_is_whole(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p, "a");

	/* Over the growing file, logs that begin anew, and its first ones. */
	for (int i = 0; i < 60; i++) {
		kill_into(p, "a", "dead");
		if (look(p, "dead") != DB_FAULT_NONE)
			fail_msg("after %d commits: %s", i, err.msg);
		assert_int_equal(rows(p, "dead"), i);
		if (i % 7 == 6)
			checkpoint(db);
		commit(db, i);
	}
	db_close(db);
}

/* A process that is killed again and again appends to one log for ever. */
static void
many_kills_in_one_log_are_no_foreign_log(void **state)
{
	struct place *p = *state;
	static const char *const names[] = { "one", "two" };
	struct db *db = open_new(p, names[0]);

	commit(db, 0);
	for (int i = 1; i < 40; i++) {
		const char *from = names[(i + 1) % 2], *to = names[i % 2];

		kill_into(p, from, to);
		db_close(db);
		if (look(p, to) != DB_FAULT_NONE)
			fail_msg("after %d kills: %s", i, err.msg);
		db = db_open(in(p, to, "").path, DB_WRITER, &err);
		assert_non_null(db);
		commit(db, i);
		if (i % 10 == 0)
			checkpoint(db);
	}
	assert_int_equal(rows(p, names[1]), 40);
	db_close(db);
}

static void
a_log_of_another_database_is_foreign(void **state)
{
	struct place *p = *state;
	struct db *a = open_new(p, "a"), *b = open_new(p, "b");
	size_t n;

	commit_each(a, 0, 20);
	commit_each(b, 0, 20);
	kill_into(p, "a", "mixed");
	n = load(p, in(p, "b", "-wal"));
	save(p, in(p, "mixed", "-wal"), n);
	assert_int_equal(look(p, "mixed"), DB_FAULT_CORRUPT);
	assert_non_null(strstr(err.msg, "another"));
	/* Who only looks has changed nothing. */
	assert_int_equal(load(p, in(p, "a", "")), load(p, in(p, "mixed", "")));
	assert_int_equal(load(p, in(p, "mixed", "-wal")), n);
	db_close(a);
	db_close(b);
}

static void
a_log_beside_another_age_of_its_database_is_foreign(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p, "a");

	commit_each(db, 0, 5);
	checkpoint(db);
	save(p, in(p, "old", ""), load(p, in(p, "a", "")));
	commit_each(db, 5, 10);
	save(p, in(p, "young", "-wal"), load(p, in(p, "a", "-wal")));
	checkpoint(db);
	commit_each(db, 10, 15);
	checkpoint(db);
	commit_each(db, 15, 20);
	checkpoint(db);
	save(p, in(p, "young", ""), load(p, in(p, "a", "")));
	commit_each(db, 20, 25);
	save(p, in(p, "old", "-wal"), load(p, in(p, "a", "-wal")));
	assert_int_equal(look(p, "old"), DB_FAULT_CORRUPT);
	assert_int_equal(look(p, "young"), DB_FAULT_CORRUPT);
	db_close(db);
}

/* The copy was in use for a while: it has a log's mode, but not this log. */
static void
a_log_left_beside_a_restored_copy_is_foreign(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p, "a"), *copy;

	commit_each(db, 0, 5);
	assert_int_equal(db_backup(db, in(p, "copy", "").path, &err), 0);
	assert_int_equal(look(p, "copy"), DB_FAULT_NONE);
	copy = db_open(in(p, "copy", "").path, DB_WRITER, &err);
	assert_non_null(copy);
	db_close(copy);
	commit_each(db, 5, 10);
	save(p, in(p, "copy", "-wal"), load(p, in(p, "a", "-wal")));
	assert_int_equal(look(p, "copy"), DB_FAULT_CORRUPT);
	db_close(db);
}

/* Whether it is whole */

struct damage {
	const char	*says;
	long		 at;		/* from here; < 0: from the end */
	long		 n;		/* so many bytes */
	unsigned char	 with;
	bool		 cut;		/* the file ends there instead */
	enum db_fault	 found;
};

/* Of a log of twenty transactions, two frames each or more. */
static const struct damage damages[] = {
	{ "nothing", 0, 0, 0, false, DB_FAULT_NONE },
	{ "a page in the middle", HEADER + 9 * FRAME + 100, 50, 0xee, false,
	    DB_FAULT_CORRUPT },
	{ "a frame's header in the middle", HEADER + 9 * FRAME + 16, 8, 0xee,
	    false, DB_FAULT_CORRUPT },
	{ "the first frame", HEADER, FRAME, 0, false, DB_FAULT_CORRUPT },
	{ "another kind of file", 0, HEADER + 40 * FRAME, 'x', false,
	    DB_FAULT_CORRUPT },
	{ "the header's checksum", 24, 8, 0xee, false, DB_FAULT_CORRUPT },
	{ "no header", 0, HEADER, 0, false, DB_FAULT_CORRUPT },
	{ "the last transaction, torn", -100, 50, 0xee, false,
	    DB_FAULT_NONE },
	{ "the last transaction, cut", -100, 0, 0, true, DB_FAULT_NONE },
	{ "an empty log", 0, 0, 0, true, DB_FAULT_NONE },
	{ "half a header", 17, 0, 0, true, DB_FAULT_NONE },
	{ "a header and half a frame", HEADER + 100, 0, 0, true,
	    DB_FAULT_NONE },
};

static void
spoil(struct place *p, struct name n, const struct damage *d)
{
	size_t size = load(p, n);
	size_t at = d->at < 0 ? size - (size_t)-d->at : (size_t)d->at;
	size_t end = at + (size_t)d->n;

	if (d->cut)
		size = at;
	else
		memset(p->bytes + at, d->with, end <= size ? (size_t)d->n :
		    size - at);
	save(p, n, size);
}

static void
a_damaged_log_is_told_from_a_torn_one(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p, "a");

	commit_each(db, 0, 20);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		kill_into(p, "a", "dead");
		spoil(p, in(p, "dead", "-wal"), &damages[i]);
		unlink(in(p, "dead", "-shm").path);
		err.msg[0] = '\0';
		if (look(p, "dead") != damages[i].found)
			fail_msg("%s: %s", damages[i].says, err.msg);
	}
	db_close(db);
}

/*
 * A power cut while the log begins anew: the header half there, of the first
 * transaction this much or that much, behind it what the old log said, all of
 * which is in the database.
 */
static void
a_log_that_was_torn_while_it_began_is_empty(void **state)
{
	static const struct damage torn[] = {
		{ "half a header", 20, 12, 0, false, DB_FAULT_NONE },
		{ "no header", 0, HEADER, 0, false, DB_FAULT_NONE },
		{ "its page torn", HEADER + 300, 3000, 0xee, false,
		    DB_FAULT_NONE },
		{ "its end torn", HEADER + FRAME - 50, 2 * FRAME, 0xee, false,
		    DB_FAULT_NONE },
	};
	struct place *p = *state;
	struct db *db = open_new(p, "a");

	commit_each(db, 0, 20);
	checkpoint(db);
	for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++) {
		/* Before, and after, the first transaction of the new log. */
		kill_into(p, "a", "before");
		commit(db, 20);
		kill_into(p, "a", "after");
		spoil(p, in(p, "before", "-wal"), &torn[i]);
		spoil(p, in(p, "after", "-wal"), &torn[i]);
		if (look(p, "before") != DB_FAULT_NONE ||
		    look(p, "after") != DB_FAULT_NONE)
			fail_msg("%s: %s", torn[i].says, err.msg);
		assert_true(rows(p, "before") >= 20);
		checkpoint(db);
	}
	db_close(db);
}

/* How long it gets */

static off_t
size_of(struct name n)
{
	struct stat st = { 0 };

	assert_int_equal(stat(n.path, &st), 0);
	return st.st_size;
}

/* Two MiB at a time. */
static void
write_much(struct db *db, int times)
{
	for (int i = 0; i < times; i++) {
		assert_int_equal(db_begin(db, &err), 0);
		assert_int_equal(db_run(db, "REPLACE INTO t (rowid, c)"
		    " VALUES (?, zeroblob(2097152))", DB_ARGS(DB_I(i % 4)),
		    &err), 0);
		assert_int_equal(db_commit(db, &err), 0);
	}
}

static void
the_log_stays_small(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p, "a");

	write_much(db, 40);
	assert_true(size_of(in(p, "a", "-wal")) < 24 << 20);
	db_close(db);
}

static void
a_log_that_grew_under_a_reader_is_cut_again(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p, "a"), *reader;
	struct db_stmt *s;

	commit_each(db, 0, 5);
	reader = db_open(in(p, "a", "").path, DB_READER, &err);
	s = db_query(reader, "SELECT n FROM t", DB_NO_ARGS, &err);
	assert_int_equal(db_next(s, &err), DB_ROW);
	write_much(db, 15);
	assert_true(size_of(in(p, "a", "-wal")) > 24 << 20);
	db_done(s);
	write_much(db, 15);
	assert_true(size_of(in(p, "a", "-wal")) < 24 << 20);
	db_close(reader);
	db_close(db);
}

/* Two threads that take turns: each looks anew while the other still looks. */
struct relay {
	struct db	*readers[2];
	atomic_uint	 turn;
	atomic_bool	 stop;
};

struct runner {
	struct relay	*relay;
	unsigned	 me;
	bool		 failed;
};

static void *
run_relay(void *arg)
{
	struct runner *r = arg;
	struct relay *relay = r->relay;
	struct db_stmt *s = NULL;
	struct err why;

	while (!atomic_load(&relay->stop)) {
		if (atomic_load(&relay->turn) % 2 != r->me) {
			sched_yield();
			continue;
		}
		db_done(s);
		s = db_query(relay->readers[r->me], "SELECT n FROM t",
		    DB_NO_ARGS, &why);
		r->failed |= db_next(s, &why) != DB_ROW;
		atomic_fetch_add(&relay->turn, 1);
	}
	db_done(s);
	return NULL;
}

static void
readers_without_a_gap_do_not_keep_it_growing(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p, "a");
	struct relay relay = { .turn = 0 };
	struct runner runners[2];
	pthread_t threads[2];

	commit_each(db, 0, 5);
	for (unsigned i = 0; i < 2; i++) {
		relay.readers[i] = db_open(in(p, "a", "").path, DB_READER,
		    &err);
		runners[i] = (struct runner){ &relay, i, false };
		assert_int_equal(pthread_create(&threads[i], NULL, run_relay,
		    &runners[i]), 0);
	}
	while (atomic_load(&relay.turn) < 2)
		sched_yield();
	write_much(db, 100);
	atomic_store(&relay.stop, true);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_false(runners[i].failed);
		db_close(relay.readers[i]);
	}
	assert_true(size_of(in(p, "a", "-wal")) < 100 << 20);
	db_close(db);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_a_kill_leaves_is_whole),
		TEST(many_kills_in_one_log_are_no_foreign_log),
		TEST(a_log_of_another_database_is_foreign),
		TEST(a_log_beside_another_age_of_its_database_is_foreign),
		TEST(a_log_left_beside_a_restored_copy_is_foreign),
		TEST(a_damaged_log_is_told_from_a_torn_one),
		TEST(a_log_that_was_torn_while_it_began_is_empty),
		TEST(the_log_stays_small),
		TEST(a_log_that_grew_under_a_reader_is_cut_again),
		TEST(readers_without_a_gap_do_not_keep_it_growing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
