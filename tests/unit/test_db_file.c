/* SPDX-License-Identifier: ISC */
/* base/db_file: size and limit, what is damaged, a copy. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/db.h"
#include "base/err.h"

enum { PAGE = 4096 };

static struct err err;

struct place {
	char	dir[64];
	char	path[96];
	char	copy[96];
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return -1;
	snprintf(p->dir, sizeof(p->dir), "/tmp/test_db_file.XXXXXX");
	if (mkdtemp(p->dir) == NULL) {
		free(p);
		return -1;
	}
	snprintf(p->path, sizeof(p->path), "%s/store.db", p->dir);
	snprintf(p->copy, sizeof(p->copy), "%s/copy.db", p->dir);
	*state = p;
	return 0;
}

/* How many files are there; `away`: they are removed. */
static int
files_in(const struct place *p, bool away)
{
	DIR *d = opendir(p->dir);
	struct dirent *e;
	int n = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		if (away)
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	files_in(p, true);
	rmdir(p->dir);
	free(p);
	return 0;
}

/* In the order of their first pages: t at 2, w at 3, t_a at 4, children. */
static const char schema[] =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, c BLOB);"
    "CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
    "CREATE INDEX t_a ON t (a);"
    "CREATE TABLE child (t INTEGER REFERENCES t);"
    "CREATE INDEX t_half ON t (id) WHERE coalesce(a, c) IS NOT NULL;";

static struct db *
open_new(const struct place *p)
{
	const char *const steps[] = { schema };
	struct db *db = db_open(p->path, DB_WRITER, &err);

	assert_non_null(db);
	assert_int_equal(db_migrate(db, steps, 1, &err), 0);
	return db;
}

static void
fill(struct db *db, int rows)
{
	assert_int_equal(db_begin(db, &err), 0);
	for (int i = 0; i < rows; i++)
		assert_int_equal(db_run(db, "INSERT INTO t (a, c)"
		    " VALUES (?, zeroblob(3000))", DB_ARGS(DB_I(i)), &err), 0);
	assert_int_equal(db_run(db, "INSERT INTO w VALUES ('k', 'v')",
	    DB_NO_ARGS, &err), 0);
	assert_int_equal(db_commit(db, &err), 0);
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

/* Size and limit */

static void
size_tells_used_from_free(void **state)
{
	struct db *db = open_new(*state);
	struct db_size before, after;

	fill(db, 100);
	assert_int_equal(db_size(db, &before, &err), 0);
	assert_int_equal(before.page_bytes, PAGE);
	assert_true(before.used_bytes >= 100 * PAGE);
	assert_int_equal(before.free_bytes, 0);
	assert_int_equal(db_run(db, "DELETE FROM t WHERE a < 50", DB_NO_ARGS,
	    &err), 0);
	assert_int_equal(db_size(db, &after, &err), 0);
	assert_true(after.free_bytes >= 49 * PAGE);
	assert_int_equal(after.used_bytes + after.free_bytes,
	    before.used_bytes);
	db_close(db);
}

static int
fill_until_refused(struct db *db)
{
	int n = 0;

	while (n < 1000 && db_run(db, "INSERT INTO t (c)"
	    " VALUES (zeroblob(3000))", DB_NO_ARGS, &err) == 0)
		n++;
	return n;
}

static void
a_limit_holds_and_can_be_raised(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p);
	struct db_size size;
	int first;

	assert_int_equal(db_limit(db, 100 * PAGE + 17, &err), 0);
	first = fill_until_refused(db);
	assert_true(first > 80 && first < 100);
	assert_int_equal(db_last_fault(db), DB_FAULT_FULL);
	assert_int_equal(db_size(db, &size, &err), 0);
	assert_true(size.used_bytes <= 100 * PAGE);
	/* What was freed may be used again, and no more. */
	assert_int_equal(db_run(db, "DELETE FROM t WHERE id <= 10", DB_NO_ARGS,
	    &err), 0);
	assert_in_range(fill_until_refused(db), 9, 10);
	assert_int_equal(db_limit(db, 150 * PAGE, &err), 0);
	assert_in_range(fill_until_refused(db), 45, 50);
	assert_int_equal(db_limit(db, 0, &err), 0);
	assert_int_equal(fill_until_refused(db), 1000);
	/* It does not shrink what is there, but lets nothing more in. */
	assert_int_equal(db_limit(db, 1, &err), 0);
	assert_in_range(fill_until_refused(db), 0, 1);
	assert_int_equal(db_verify(db, true, &err), 0);
	db_close(db);
}

static void
crowded_is_nineteen_twentieths(void **state)
{
	struct db *db = open_new(*state);
	bool crowded = true;

	assert_int_equal(db_is_crowded(db, &crowded, &err), 0);
	assert_false(crowded);
	assert_int_equal(db_limit(db, 200 * PAGE, &err), 0);
	fill(db, 150);
	assert_int_equal(db_is_crowded(db, &crowded, &err), 0);
	assert_false(crowded);
	fill_until_refused(db);
	assert_int_equal(db_is_crowded(db, &crowded, &err), 0);
	assert_true(crowded);
	/* Free pages are room. */
	assert_int_equal(db_run(db, "DELETE FROM t WHERE id < 15", DB_NO_ARGS,
	    &err), 0);
	assert_int_equal(db_is_crowded(db, &crowded, &err), 0);
	assert_false(crowded);
	db_close(db);
}

/* Checking */

struct damage {
	const char	*says;
	bool		 large;		/* more than is read as a whole */
	bool		 cut;		/* the file ends at `at`, else */
	off_t		 at;		/* a page of junk from here on */
};

static const struct damage damages[] = {
	{ "the file's first bytes", false, false, 0 },
	{ "the root of a table", false, false, 1 * PAGE },
	{ "the root of a table without rowid", false, false, 2 * PAGE },
	{ "the root of an index", false, false, 3 * PAGE },
	{ "a leaf in the middle of a small file", false, false, 60 * PAGE },
	{ "a small file that ends too early", false, true, 60 * PAGE },
	{ "the root of a table of a large file", true, false, 1 * PAGE },
	{ "the root of a table without rowid, large", true, false, 2 * PAGE },
	{ "the root of an index of a large file", true, false, 3 * PAGE },
	{ "a large file that ends too early", true, true, 4000 * PAGE },
};

static void
spoil(const char *path, const struct damage *d)
{
	char junk[PAGE];
	int fd = open(path, O_WRONLY);

	memset(junk, 0xee, sizeof(junk));
	assert_int_not_equal(fd, -1);
	if (d->cut)
		assert_int_equal(ftruncate(fd, d->at), 0);
	else
		assert_int_equal(pwrite(fd, junk, PAGE, d->at), PAGE);
	close(fd);
}

/* As a start does: a reader looks, whoever finds it. */
static enum db_fault
fault_found(const char *path)
{
	enum db_fault fault;
	struct db *db = db_open_or_tell(path, DB_READER, &fault, &err);

	if (db == NULL)
		return fault;
	fault = db_verify(db, true, &err) == -1 ? db_last_fault(db) :
	    DB_FAULT_NONE;
	db_close(db);
	return fault;
}

static void
damage_is_found_before_work_begins(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct db *db = open_new(p);

		fill(db, damages[i].large ? 6000 : 100);
		db_close(db);
		assert_int_equal(fault_found(p->path), DB_FAULT_NONE);
		spoil(p->path, &damages[i]);
		err.msg[0] = '\0';
		if (fault_found(p->path) != DB_FAULT_CORRUPT)
			fail_msg("%s: %s", damages[i].says, err.msg);
		files_in(p, true);
	}
}

/* A large file is whole with each kind of index that a schema may have. */
static void
a_large_file_is_whole_whatever_its_indexes(void **state)
{
	static const char *const indexes[] = {
		"CREATE INDEX x ON t (a)",
		"CREATE UNIQUE INDEX x ON t (a)",
		"CREATE INDEX x ON t (a) WHERE a > 2",
		"CREATE UNIQUE INDEX x ON t (id) WHERE a IS NOT NULL",
		"CREATE INDEX x ON t (a + 1, id)",
		"CREATE INDEX x ON t (a DESC)",
		"CREATE INDEX x ON w (v)",
		"CREATE INDEX x ON w (v) WHERE v IS NULL",
		"CREATE INDEX \"a \"\"name\" ON t (a) WHERE c IS NULL",
	};
	struct place *p = *state;
	struct db *db = open_new(p);
	struct db_size size;

	fill(db, 6000);
	assert_int_equal(db_size(db, &size, &err), 0);
	assert_true(size.used_bytes > 16 << 20);
	for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
		assert_int_equal(db_run(db, indexes[i], DB_NO_ARGS, &err), 0);
		if (db_verify(db, true, &err) == -1)
			fail_msg("%s: %s", indexes[i], err.msg);
		assert_int_equal(db_run(db, strchr(indexes[i], '"') != NULL ?
		    "DROP INDEX \"a \"\"name\"" : "DROP INDEX x",
		    DB_NO_ARGS, &err), 0);
	}
	db_close(db);
}

struct lines {
	size_t	n;
	char	first[512];
};

static void
count_line(const char *line, void *ctx)
{
	struct lines *l = ctx;

	if (l->n++ == 0)
		snprintf(l->first, sizeof(l->first), "%s", line);
}

static struct lines
check(struct db *db)
{
	struct lines l = { 0 };
	size_t wrong;

	assert_int_equal(db_check(db, true, count_line, &l, &wrong, &err), 0);
	assert_int_equal(wrong, l.n);
	return l;
}

static void
a_whole_check_finds_what_a_quick_one_passes(void **state)
{
	static const struct damage deep = { "", true, false, 4000 * PAGE };
	struct place *p = *state;
	struct db *db = open_new(p);

	fill(db, 6000);
	assert_int_equal(check(db).n, 0);
	db_close(db);
	spoil(p->path, &deep);
	assert_int_equal(fault_found(p->path), DB_FAULT_NONE);
	db = db_open(p->path, DB_READER, &err);
	assert_true(check(db).n > 0);
	db_close(db);
}

static void
a_reference_to_nothing_is_wrong(void **state)
{
	struct db *db = open_new(*state);
	struct lines l;

	assert_int_equal(db_exec(db, "PRAGMA foreign_keys = OFF;"
	    "INSERT INTO child VALUES (77)", &err), 0);
	l = check(db);
	assert_int_equal(l.n, 1);
	assert_non_null(strstr(l.first, "child"));
	db_close(db);
}

/* Copying */

static void
a_copy_is_of_one_moment(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p), *reader, *copy;
	unsigned char header[100];
	struct stat st;
	int fd;

	fill(db, 100);
	reader = db_open(p->path, DB_READER, &err);
	assert_int_equal(db_backup(reader, p->copy, &err), 0);
	db_close(reader);
	fill_until_refused(db);	/* the log goes on, the copy does not */
	assert_int_equal(stat(p->copy, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* One file: it can be carried away as it is. */
	fd = open(p->copy, O_RDONLY);
	assert_int_equal(read(fd, header, sizeof(header)), sizeof(header));
	close(fd);
	assert_int_equal(header[18], 1);
	assert_int_equal(header[19], 1);
	copy = db_open(p->copy, DB_WRITER, &err);
	assert_non_null(copy);
	assert_int_equal(ask(copy, "SELECT count(*) FROM t"), 100);
	assert_int_equal(ask(copy, "PRAGMA user_version"), 1);
	assert_int_equal(check(copy).n, 0);
	assert_int_not_equal(ask(copy, "PRAGMA application_id") >> 16,
	    ask(db, "PRAGMA application_id") >> 16);
	db_close(copy);
	db_close(db);
	assert_int_equal(files_in(p, false), 2);
}

static void
a_copy_replaces_nothing(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p);
	char nowhere[128];

	assert_int_equal(db_backup(db, p->path, &err), -1);
	assert_non_null(strstr(err.msg, "already"));
	snprintf(nowhere, sizeof(nowhere), "%s/no/copy.db", p->dir);
	assert_int_equal(db_backup(db, nowhere, &err), -1);
	assert_non_null(strstr(err.msg, nowhere));
	assert_int_equal(check(db).n, 0);
	db_close(db);
	assert_int_equal(files_in(p, false), 1);
}

static void
a_copy_that_fails_leaves_nothing(void **state)
{
	struct place *p = *state;
	struct db *db = open_new(p);
	struct rlimit before, now;
	int files;

	fill(db, 100);
	db_close(db);
	db = db_open(p->path, DB_READER, &err);
	files = files_in(p, false);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	now = before;
	now.rlim_cur = 200000;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &now), 0);
	assert_int_equal(db_backup(db, p->copy, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(files_in(p, false), files);
	assert_int_equal(db_backup(db, p->copy, &err), 0);
	assert_int_equal(files_in(p, false), files + 1);
	db_close(db);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(size_tells_used_from_free),
		TEST(a_limit_holds_and_can_be_raised),
		TEST(crowded_is_nineteen_twentieths),
		TEST(damage_is_found_before_work_begins),
		TEST(a_large_file_is_whole_whatever_its_indexes),
		TEST(a_whole_check_finds_what_a_quick_one_passes),
		TEST(a_reference_to_nothing_is_wrong),
		TEST(a_copy_is_of_one_moment),
		TEST(a_copy_replaces_nothing),
		TEST(a_copy_that_fails_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
