/* SPDX-License-Identifier: ISC */
/* base/db on files of its own in a new directory for each test. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/db.h"
#include "base/err.h"

static struct err err;

struct place {
	char	dir[64];
	char	path[96];
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	snprintf(p->dir, sizeof(p->dir), "/tmp/test_db.XXXXXX");
	if (mkdtemp(p->dir) == NULL) {
		free(p);
		return -1;
	}
	snprintf(p->path, sizeof(p->path), "%s/store.db", p->dir);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	DIR *d = opendir(p->dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	if (d != NULL)
		closedir(d);
	rmdir(p->dir);
	free(p);
	return 0;
}

static struct db *
open_table(struct place *p)
{
	struct db *db = db_open(p->path, DB_WRITER, &err);

	assert_non_null(db);
	assert_int_equal(db_exec(db, "CREATE TABLE IF NOT EXISTS t"
	    "(a INTEGER, b TEXT, c BLOB)", &err), 0);
	return db;
}

static int64_t
ask(struct db *db, const char *sql)
{
	struct db_stmt *s = db_query(db, sql, DB_NO_ARGS, &err);
	int64_t i;

	assert_non_null(s);
	assert_int_equal(db_next(s, &err), DB_ROW);
	i = db_int(s, 0);
	db_done(s);
	return i;
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* Opening */

static void
writer_creates_a_private_file(void **state)
{
	struct place *p = *state;
	mode_t old = umask(0);
	struct db *db = open_table(p);
	char wal[128];
	struct stat st;

	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	snprintf(wal, sizeof(wal), "%s-wal", p->path);
	assert_int_equal(stat(wal, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	umask(old);
	db_close(db);
}

static void
writer_is_set_up_to_be_durable(void **state)
{
	struct db *db = open_table(*state);
	struct db_stmt *s;

	assert_int_equal(ask(db, "PRAGMA synchronous"), 2);
	assert_int_equal(ask(db, "PRAGMA foreign_keys"), 1);
	s = db_query(db, "PRAGMA journal_mode", DB_NO_ARGS, &err);
	assert_int_equal(db_next(s, &err), DB_ROW);
	assert_true(str_eq_c(db_str(s, 0), "wal"));
	db_done(s);
	db_close(db);
}

static void
reader_of_nothing_says_so(void **state)
{
	struct place *p = *state;

	assert_null(db_open(p->path, DB_READER, &err));
	assert_non_null(strstr(err.msg, p->path));
	assert_non_null(strstr(err.msg, strerror(ENOENT)));
	assert_int_equal(access(p->path, F_OK), -1);
}

static void
what_is_no_database_is_refused(void **state)
{
	struct place *p = *state;

	write_file(p->path, "once upon a time there was a file of text, long "
	    "enough to have a header of a hundred bytes, and more than that");
	assert_null(db_open(p->path, DB_WRITER, &err));
	assert_non_null(strstr(err.msg, "not a database"));
	assert_null(db_open(p->path, DB_READER, &err));
	assert_non_null(strstr(err.msg, "not a database"));
	assert_null(db_open(p->dir, DB_WRITER, &err));
	assert_null(db_open("", DB_WRITER, &err));
	assert_null(db_open("/proc/no/such/place.db", DB_WRITER, &err));
	assert_non_null(strstr(err.msg, strerror(ENOENT)));
}

static void
reader_sees_what_was_written_and_writes_nothing(void **state)
{
	struct place *p = *state;
	struct db *w = open_table(p), *r;

	r = db_open(p->path, DB_READER, &err);
	assert_non_null(r);
	assert_int_equal(ask(r, "SELECT count(*) FROM t"), 0);
	assert_int_equal(db_run(w, "INSERT INTO t(a) VALUES(1)", DB_NO_ARGS,
	    &err), 0);
	assert_int_equal(ask(r, "SELECT count(*) FROM t"), 1);
	assert_int_equal(db_run(r, "INSERT INTO t(a) VALUES(2)", DB_NO_ARGS,
	    &err), -1);
	assert_int_equal(db_last_fault(r), DB_FAULT_READONLY);
	db_close(r);
	db_close(w);
}

/* Statements */

static void
values_come_back_as_they_went(void **state)
{
	struct db *db = open_table(*state);
	const char bytes[] = { 0, 1, (char)0xff, 0, 'x' };
	struct str blob = { bytes, sizeof(bytes) };
	struct db_stmt *s;

	assert_int_equal(db_run(db, "INSERT INTO t VALUES(?, ?, ?)",
	    DB_ARGS(DB_I(INT64_MIN), DB_S(STR("d\xc3\xa9j\xc3\xa0")),
	    DB_B(blob)), &err), 0);
	assert_int_equal(db_last_id(db), 1);
	assert_int_equal(db_run(db, "INSERT INTO t VALUES(?, ?, ?)",
	    DB_ARGS(DB_NULL, DB_S(STR_NONE), DB_B(STR_NONE)), &err), 0);
	s = db_query(db, "SELECT a, b, c, typeof(b), typeof(c) FROM t "
	    "ORDER BY rowid", DB_NO_ARGS, &err);
	assert_int_equal(db_next(s, &err), DB_ROW);
	assert_true(db_int(s, 0) == INT64_MIN);
	assert_true(str_eq_c(db_str(s, 1), "d\xc3\xa9j\xc3\xa0"));
	assert_true(str_eq(db_str(s, 2), blob));
	assert_int_equal(db_next(s, &err), DB_ROW);
	assert_true(db_is_null(s, 0));
	assert_int_equal(db_str(s, 0).n, 0);
	assert_false(db_is_null(s, 1));
	assert_true(str_eq_c(db_str(s, 3), "text"));
	assert_true(str_eq_c(db_str(s, 4), "blob"));
	assert_int_equal(db_next(s, &err), DB_END);
	assert_int_equal(db_next(s, &err), DB_END);
	db_done(s);
	db_close(db);
}

static void
arguments_are_copied(void **state)
{
	struct db *db = open_table(*state);
	char text[] = "before";
	struct db_stmt *s = db_query(db, "SELECT ?",
	    DB_ARGS(DB_S(((struct str){ text, 6 }))), &err);

	memset(text, 'x', 6);
	assert_int_equal(db_next(s, &err), DB_ROW);
	assert_true(str_eq_c(db_str(s, 0), "before"));
	db_done(s);
	db_close(db);
}

static const char count_up[] =
    "WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n "
    "WHERE i < 3) SELECT i FROM n";

static void
one_text_may_be_read_twice_at_a_time(void **state)
{
	struct db *db = open_table(*state);
	struct db_stmt *outer, *inner, *again;

	outer = db_query(db, count_up, DB_ARGS(DB_I(1)), &err);
	assert_int_equal(db_next(outer, &err), DB_ROW);
	inner = db_query(db, count_up, DB_ARGS(DB_I(3)), &err);
	assert_ptr_not_equal(inner, outer);
	assert_int_equal(db_next(inner, &err), DB_ROW);
	assert_int_equal(db_int(inner, 0), 3);
	assert_int_equal(db_next(inner, &err), DB_END);
	db_done(inner);
	assert_int_equal(db_next(outer, &err), DB_ROW);
	assert_int_equal(db_int(outer, 0), 2);
	db_done(outer);
	again = db_query(db, count_up, DB_ARGS(DB_I(3)), &err);
	assert_ptr_equal(again, outer);
	assert_int_equal(db_next(again, &err), DB_ROW);
	assert_int_equal(db_int(again, 0), 3);
	db_done(again);
	db_close(db);
}

static void
new_text_at_an_old_address_is_noticed(void **state)
{
	struct db *db = open_table(*state);
	char sql[32] = "SELECT 1";

	assert_int_equal(ask(db, sql), 1);
	snprintf(sql, sizeof(sql), "SELECT 12");
	assert_int_equal(ask(db, sql), 12);
	db_close(db);
}

static void
failures_are_told(void **state)
{
	static const char *const bad[] = { "SELEKT 1", "SELECT * FROM none",
		"", "  ;", "SELECT 1; SELECT 2", "SELECT ?" };
	struct db *db = open_table(*state);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err.msg[0] = '\0';
		assert_null(db_query(db, bad[i], DB_NO_ARGS, &err));
		assert_true(err.msg[0] != '\0');
		assert_int_equal(db_last_fault(db), DB_FAULT_OTHER);
		assert_int_equal(db_run(db, bad[i], DB_NO_ARGS, &err), -1);
	}
	snprintf(err.msg, sizeof(err.msg), "kept");
	assert_int_equal(db_next(NULL, &err), DB_FAILED);
	assert_string_equal(err.msg, "kept");
	db_done(NULL);
	db_close(NULL);
	db_close(db);
}

static void
changes_are_those_of_the_last_run(void **state)
{
	struct db *db = open_table(*state);

	assert_int_equal(db_run(db, "INSERT INTO t(a) VALUES(1), (2), (3)",
	    DB_NO_ARGS, &err), 0);
	assert_int_equal(db_changes(db), 3);
	assert_int_equal(db_run(db, "UPDATE t SET b = 'x' WHERE a > ?",
	    DB_ARGS(DB_I(1)), &err), 0);
	assert_int_equal(db_changes(db), 2);
	assert_int_equal(db_run(db, "UPDATE t SET b = 'x' WHERE a > ?",
	    DB_ARGS(DB_I(9)), &err), 0);
	assert_int_equal(db_changes(db), 0);
	assert_int_equal(db_run(db, "DELETE FROM t WHERE a = 1", DB_NO_ARGS,
	    &err), 0);
	assert_int_equal(db_run(db, "SELECT * FROM t", DB_NO_ARGS, &err), 0);
	assert_int_equal(db_changes(db), 0);
	db_close(db);
}

static void
a_failed_run_can_be_run_again(void **state)
{
	struct db *db = open_table(*state);
	static const char insert[] = "INSERT INTO u VALUES(?)";

	assert_int_equal(db_exec(db, "CREATE TABLE u(k INTEGER PRIMARY KEY)",
	    &err), 0);
	assert_int_equal(db_run(db, insert, DB_ARGS(DB_I(1)), &err), 0);
	assert_int_equal(db_run(db, insert, DB_ARGS(DB_I(1)), &err), -1);
	assert_non_null(strstr(err.msg, "UNIQUE"));
	assert_int_equal(db_run(db, insert, DB_ARGS(DB_I(2)), &err), 0);
	assert_int_equal(ask(db, "SELECT count(*) FROM u"), 2);
	db_close(db);
}

/* Transactions */

static void
rollback_takes_back_and_commit_keeps(void **state)
{
	struct place *p = *state;
	struct db *db = open_table(p);
	static const char insert[] = "INSERT INTO t(a) VALUES(?)";

	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, insert, DB_ARGS(DB_I(1)), &err), 0);
	db_rollback(db);
	db_rollback(db);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, insert, DB_ARGS(DB_I(2)), &err), 0);
	assert_int_equal(db_commit(db, &err), 0);
	db_close(db);
	db = open_table(p);
	assert_int_equal(ask(db, "SELECT sum(a) FROM t"), 2);
	db_close(db);
}

static void
a_savepoint_goes_alone(void **state)
{
	struct db *db = open_table(*state);
	static const char insert[] = "INSERT INTO t(a) VALUES(?)";

	assert_int_equal(db_savepoint(db, &err), -1);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, insert, DB_ARGS(DB_I(1)), &err), 0);
	assert_int_equal(db_savepoint(db, &err), 0);
	assert_int_equal(db_run(db, insert, DB_ARGS(DB_I(10)), &err), 0);
	db_rollback_savepoint(db);
	assert_int_equal(db_savepoint(db, &err), 0);
	assert_int_equal(db_run(db, insert, DB_ARGS(DB_I(100)), &err), 0);
	assert_int_equal(db_release(db, &err), 0);
	assert_int_equal(db_release(db, &err), -1);
	assert_int_equal(db_commit(db, &err), 0);
	assert_int_equal(ask(db, "SELECT sum(a) FROM t"), 101);
	db_close(db);
}

static void
a_refused_commit_rolls_back(void **state)
{
	struct db *db = open_table(*state);

	assert_int_equal(db_exec(db, "CREATE TABLE p(id INTEGER PRIMARY KEY);"
	    "CREATE TABLE k(p REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED)",
	    &err), 0);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, "INSERT INTO k VALUES(7)", DB_NO_ARGS,
	    &err), 0);
	assert_int_equal(db_commit(db, &err), -1);
	assert_non_null(strstr(err.msg, "FOREIGN KEY"));
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_commit(db, &err), 0);
	assert_int_equal(ask(db, "SELECT count(*) FROM k"), 0);
	db_close(db);
}

/* Faults */

static void
a_second_writer_is_busy(void **state)
{
	struct place *p = *state;
	struct db *one = open_table(p), *two = open_table(p);

	assert_int_equal(db_exec(two, "PRAGMA busy_timeout = 0", &err), 0);
	assert_int_equal(db_begin(one, &err), 0);
	assert_int_equal(db_begin(two, &err), -1);
	assert_int_equal(db_last_fault(two), DB_FAULT_BUSY);
	assert_int_equal(db_commit(one, &err), 0);
	assert_int_equal(db_begin(two, &err), 0);
	assert_int_equal(db_commit(two, &err), 0);
	db_close(two);
	db_close(one);
}

static void
a_full_store_is_told_and_survived(void **state)
{
	struct db *db = open_table(*state);
	static const char insert[] = "INSERT INTO t(c) VALUES(zeroblob(9999))";
	int result = 0;

	assert_int_equal(db_exec(db, "PRAGMA max_page_count = 40", &err), 0);
	assert_int_equal(db_begin(db, &err), 0);
	for (int i = 0; i < 100 && result == 0; i++)
		result = db_run(db, insert, DB_NO_ARGS, &err);
	assert_int_equal(result, -1);
	assert_int_equal(db_last_fault(db), DB_FAULT_FULL);
	db_rollback(db);
	assert_int_equal(db_last_fault(db), DB_FAULT_FULL);
	assert_int_equal(ask(db, "SELECT count(*) FROM t"), 0);
	assert_int_equal(db_run(db, insert, DB_NO_ARGS, &err), 0);
	db_close(db);
}

static void
a_damaged_file_is_corrupt(void **state)
{
	struct place *p = *state;
	struct db *db = open_table(p);
	char junk[4096];
	int fd;

	for (int i = 0; i < 50; i++)
		assert_int_equal(db_run(db, "INSERT INTO t(c) "
		    "VALUES(zeroblob(3000))", DB_NO_ARGS, &err), 0);
	db_close(db);
	memset(junk, 0xee, sizeof(junk));
	fd = open(p->path, O_WRONLY);
	assert_int_not_equal(fd, -1);
	assert_int_equal(pwrite(fd, junk, sizeof(junk), 4096), sizeof(junk));
	close(fd);
	db = db_open(p->path, DB_READER, &err);
	assert_non_null(db);
	assert_int_equal(db_run(db, "SELECT sum(length(c)) FROM t", DB_NO_ARGS,
	    &err), -1);
	assert_int_equal(db_last_fault(db), DB_FAULT_CORRUPT);
	db_close(db);
}

/* Files of this process may have so many bytes; 0: as before. */
static void
limit_files(rlim_t bytes)
{
	static struct rlimit before;
	struct rlimit now;

	if (bytes > 0)
		assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	now = before;
	if (bytes > 0)
		now.rlim_cur = bytes;
	signal(SIGXFSZ, bytes > 0 ? SIG_IGN : SIG_DFL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
}

static void
a_write_that_fails_is_told_and_survived(void **state)
{
	struct db *db = open_table(*state);
	static const char insert[] = "INSERT INTO t(c) VALUES(zeroblob(99999))";

	assert_int_equal(db_run(db, insert, DB_NO_ARGS, &err), 0);
	limit_files(200000);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, insert, DB_NO_ARGS, &err), 0);
	assert_int_equal(db_commit(db, &err), -1);
	assert_int_equal(db_last_fault(db), DB_FAULT_IO);
	assert_non_null(strstr(err.msg, strerror(EFBIG)));
	limit_files(0);
	assert_int_equal(ask(db, "SELECT count(*) FROM t"), 1);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, insert, DB_NO_ARGS, &err), 0);
	assert_int_equal(db_commit(db, &err), 0);
	assert_int_equal(ask(db, "SELECT count(*) FROM t"), 2);
	db_close(db);
}

/* SQLite undoes the whole; what comes after must not stand alone. */
static void
a_lost_transaction_takes_nothing_more(void **state)
{
	struct db *db = open_table(*state);
	static const char fill[] = "INSERT INTO t(c) VALUES(zeroblob(999999))";
	static const char small[] = "INSERT INTO t(a) VALUES(1)";

	assert_int_equal(db_limit(db, 40 * 4096, &err), 0);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_savepoint(db, &err), 0);
	assert_int_equal(db_run(db, small, DB_NO_ARGS, &err), 0);
	assert_int_equal(db_release(db, &err), 0);
	assert_int_equal(db_savepoint(db, &err), 0);
	assert_int_equal(db_run(db, fill, DB_NO_ARGS, &err), -1);
	assert_int_equal(db_last_fault(db), DB_FAULT_FULL);
	db_rollback_savepoint(db);
	err.msg[0] = '\0';
	assert_int_equal(db_savepoint(db, &err), -1);
	assert_int_equal(db_last_fault(db), DB_FAULT_FULL);
	assert_non_null(strstr(err.msg, "full"));
	assert_int_equal(db_run(db, small, DB_NO_ARGS, &err), -1);
	assert_int_equal(db_exec(db, small, &err), -1);
	assert_int_equal(db_commit(db, &err), -1);
	assert_int_equal(db_last_fault(db), DB_FAULT_FULL);
	assert_int_equal(ask(db, "SELECT count(*) FROM t"), 0);
	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_run(db, small, DB_NO_ARGS, &err), 0);
	assert_int_equal(db_commit(db, &err), 0);
	assert_int_equal(ask(db, "SELECT count(*) FROM t"), 1);
	db_close(db);
}

/* Nobody calls db_done, as a write function that leaves early may forget. */
static void
a_query_left_open_holds_nothing_up(void **state)
{
	struct place *p = *state;
	struct db *one = open_table(p), *two = open_table(p);
	struct db_stmt *s;

	assert_int_equal(db_exec(two, "PRAGMA busy_timeout = 0", &err), 0);
	assert_int_equal(db_begin(one, &err), 0);
	s = db_query(two, "INSERT INTO t(a) VALUES(1)", DB_NO_ARGS, &err);
	assert_int_equal(db_next(s, &err), DB_FAILED);
	assert_int_equal(db_last_fault(two), DB_FAULT_BUSY);
	assert_int_equal(db_commit(one, &err), 0);
	assert_int_equal(db_begin(two, &err), 0);
	assert_int_equal(db_commit(two, &err), 0);
	assert_int_equal(db_next(s, &err), DB_FAILED);
	db_done(s);
	assert_int_equal(ask(two, "SELECT count(*) FROM t"), 0);
	db_close(two);
	db_close(one);
}

static void
a_file_that_cannot_be_written_is_no_writers(void **state)
{
	struct place *p = *state;
	enum db_fault fault;
	struct db *db = open_table(p);
	uid_t me = geteuid();

	db_close(db);
	assert_int_equal(chmod(p->dir, 0755), 0);
	assert_int_equal(chmod(p->path, 0444), 0);
	if (me == 0)	/* whom modes do not stop */
		assert_int_equal(seteuid(65534), 0);
	db = db_open_or_tell(p->path, DB_WRITER, &fault, &err);
	if (me == 0)
		assert_int_equal(seteuid(me), 0);
	assert_null(db);
	assert_int_equal(fault, DB_FAULT_READONLY);
	assert_non_null(strstr(err.msg, p->path));
}

/* Schema */

static const char *const steps[] = {
	"CREATE TABLE one(a); INSERT INTO one VALUES(1)",
	"ALTER TABLE one ADD COLUMN b; UPDATE one SET b = 2",
	"CREATE TABLE three(x); SELECT no_such_column FROM one",
};

static void
migration_runs_each_step_once(void **state)
{
	struct place *p = *state;
	struct db *db = db_open(p->path, DB_WRITER, &err);

	assert_int_equal(db_migrate(db, steps, 1, &err), 0);
	assert_int_equal(ask(db, "PRAGMA user_version"), 1);
	assert_int_equal(db_migrate(db, steps, 2, &err), 0);
	assert_int_equal(db_migrate(db, steps, 2, &err), 0);
	assert_int_equal(ask(db, "SELECT sum(a + b) FROM one"), 3);
	db_close(db);
	db = db_open(p->path, DB_READER, &err);
	assert_int_equal(db_migrate(db, steps, 2, &err), 0);
	assert_int_equal(db_migrate(db, steps, 3, &err), -1);
	db_close(db);
}

static void
a_failed_migration_changes_nothing(void **state)
{
	struct place *p = *state;
	struct db *db = db_open(p->path, DB_WRITER, &err);

	assert_int_equal(db_migrate(db, steps, 3, &err), -1);
	assert_non_null(strstr(err.msg, "schema step 3"));
	assert_int_equal(ask(db, "PRAGMA user_version"), 0);
	assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema"), 0);
	assert_int_equal(db_migrate(db, steps, 2, &err), 0);
	db_close(db);
}

/* The second step has no end: the process is killed in the middle of it. */
static const char *const endless[] = {
	"CREATE TABLE one(a); INSERT INTO one VALUES(1)",
	"ALTER TABLE one ADD COLUMN b; UPDATE one SET b = 2;"
	"CREATE TABLE two(c);"
	"INSERT INTO two WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
	"SELECT i + 1 FROM n) SELECT zeroblob(3000) FROM n",
};

static pid_t
migrate_in_a_child(const char *path)
{
	pid_t pid = fork();
	struct db *db;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		db = db_open(path, DB_WRITER, &err);
		if (db != NULL)
			(void)db_migrate(db, endless, 2, &err);	/* no end */
		_exit(1);
	}
	return pid;
}

static void
a_killed_migration_changes_nothing(void **state)
{
	struct place *p = *state;
	struct db *db = db_open(p->path, DB_WRITER, &err);
	struct stat st = { 0 };
	char wal[128];
	int status;
	pid_t pid;

	assert_int_equal(db_migrate(db, endless, 1, &err), 0);
	db_close(db);
	snprintf(wal, sizeof(wal), "%s-wal", p->path);
	pid = migrate_in_a_child(p->path);
	/* Far enough: pages that did not fit in memory are in the log. */
	while (waitpid(pid, &status, WNOHANG) == 0 &&
	    (stat(wal, &st) == -1 || st.st_size < 1 << 20))
		continue;
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	db = db_open(p->path, DB_WRITER, &err);
	assert_non_null(db);
	assert_int_equal(db_verify(db, true, &err), 0);
	assert_int_equal(ask(db, "PRAGMA user_version"), 1);
	assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema"), 1);
	assert_int_equal(ask(db, "SELECT count(*) FROM "
	    "pragma_table_info('one')"), 1);
	assert_int_equal(ask(db, "SELECT sum(a) FROM one"), 1);
	db_close(db);
}

static void
foreign_versions_are_refused(void **state)
{
	struct place *p = *state;
	struct db *db = db_open(p->path, DB_WRITER, &err);

	assert_int_equal(db_exec(db, "PRAGMA user_version = 9", &err), 0);
	assert_int_equal(db_migrate(db, steps, 2, &err), -1);
	assert_non_null(strstr(err.msg, "newer"));
	assert_int_equal(ask(db, "PRAGMA user_version"), 9);
	assert_int_equal(db_exec(db, "PRAGMA user_version = -3", &err), 0);
	assert_int_equal(db_migrate(db, steps, 2, &err), -1);
	db_close(db);
}

#define with_place(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* And the others are kept as before when the scan is over. */
static void
test_keeps_few_pages_over_a_scan(void **state)
{
	static const enum db_mode modes[] = { DB_WRITER, DB_READER };
	struct place *p = *state;

	for (size_t i = 0; i < 2; i++) {
		struct db *db = db_open(p->path, modes[i], &err);
		int64_t before;

		assert_non_null(db);
		before = -ask(db, "PRAGMA cache_size");
		assert_true(before >= 1000);
		db_begin_scan(db);
		assert_true(-ask(db, "PRAGMA cache_size") < 100);
		db_end_scan(db);
		assert_int_equal(-ask(db, "PRAGMA cache_size"), before);
		db_rest(db);
		assert_int_equal(-ask(db, "PRAGMA cache_size"), before);
		db_close(db);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_place(writer_creates_a_private_file),
		with_place(test_keeps_few_pages_over_a_scan),
		with_place(writer_is_set_up_to_be_durable),
		with_place(reader_of_nothing_says_so),
		with_place(what_is_no_database_is_refused),
		with_place(reader_sees_what_was_written_and_writes_nothing),
		with_place(values_come_back_as_they_went),
		with_place(arguments_are_copied),
		with_place(one_text_may_be_read_twice_at_a_time),
		with_place(new_text_at_an_old_address_is_noticed),
		with_place(failures_are_told),
		with_place(changes_are_those_of_the_last_run),
		with_place(a_failed_run_can_be_run_again),
		with_place(rollback_takes_back_and_commit_keeps),
		with_place(a_savepoint_goes_alone),
		with_place(a_refused_commit_rolls_back),
		with_place(a_second_writer_is_busy),
		with_place(a_full_store_is_told_and_survived),
		with_place(a_damaged_file_is_corrupt),
		with_place(a_write_that_fails_is_told_and_survived),
		with_place(a_lost_transaction_takes_nothing_more),
		with_place(a_query_left_open_holds_nothing_up),
		with_place(a_file_that_cannot_be_written_is_no_writers),
		with_place(migration_runs_each_step_once),
		with_place(a_failed_migration_changes_nothing),
		with_place(a_killed_migration_changes_nothing),
		with_place(foreign_versions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
