/* SPDX-License-Identifier: ISC */
/* daemon/store: one process at a time, a name that stays, clear refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/db.h"
#include "base/err.h"
#include "daemon/store.h"

struct fixture {
	char		 dir[64];
	char		 path[128];
	struct err	 err;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-store-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/a/b/store.db", f->dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", f->dir);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static void
directories_and_database_are_private(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_open(f->path, &f->err);
	struct stat st;

	assert_non_null(s);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	*strrchr(f->path, '/') = '\0';
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	store_close(s);
}

static void
a_second_instance_is_refused_until_the_first_ends(void **state)
{
	struct fixture *f = *state;
	struct store *first = store_open(f->path, &f->err), *second;

	assert_non_null(first);
	assert_null(store_open(f->path, &f->err));
	assert_non_null(strstr(f->err.msg, "in use by another headlined"));
	store_close(first);
	second = store_open(f->path, &f->err);
	assert_non_null(second);
	store_close(second);
}

static void
an_instance_is_named_once(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_open(f->path, &f->err);
	char *made = store_instance(s, NULL, &f->err), *kept, *named;

	assert_non_null(made);
	store_close(s);
	s = store_open(f->path, &f->err);
	kept = store_instance(s, NULL, &f->err);
	assert_string_equal(kept, made);
	named = store_instance(s, "desk-1", &f->err);
	assert_string_equal(named, "desk-1");
	free(kept);
	kept = store_instance(s, NULL, &f->err);
	assert_string_equal(kept, "desk-1");
	store_close(s);
	free(made);
	free(kept);
	free(named);
}

static void
what_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;
	FILE *file;

	assert_int_equal(store_make_parent(f->path, &f->err), 0);
	file = fopen(f->path, "w");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is no database\n", file);
	fclose(file);
	assert_null(store_open(f->path, &f->err));
	assert_non_null(strstr(f->err.msg, f->path));
}

static void
a_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *s = store_open(f->path, &f->err);
	struct db *db = store_take_writer(s);

	assert_int_equal(db_exec(db, "PRAGMA user_version = 999", &f->err), 0);
	db_close(db);
	store_close(s);
	assert_null(store_open(f->path, &f->err));
	assert_non_null(strstr(f->err.msg, "newer"));
}

static void
a_file_in_the_way_of_a_directory_is_named(void **state)
{
	struct fixture *f = *state;
	char way[128];
	FILE *file;

	snprintf(way, sizeof(way), "%s/a", f->dir);
	file = fopen(way, "w");
	assert_non_null(file);
	fclose(file);
	assert_null(store_open(f->path, &f->err));
	assert_non_null(strstr(f->err.msg, way));
}

int
main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(directories_and_database_are_private),
		TEST(a_second_instance_is_refused_until_the_first_ends),
		TEST(an_instance_is_named_once),
		TEST(what_is_no_database_is_refused),
		TEST(a_newer_schema_is_refused),
		TEST(a_file_in_the_way_of_a_directory_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
