/* SPDX-License-Identifier: ISC */
/* feeds/robots_store: what is known comes back, and does not grow for ever. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "feeds/robots_store.h"

enum { NOW = 1795500000 };

static struct err err;

static int
set_up(void **state)
{
	static const char *const steps[] = { robots_store_schema };
	struct db *db = db_open(":memory:", DB_WRITER, &err);

	*state = db;
	return db != NULL ? db_migrate(db, steps, 1, &err) : -1;
}

static int
tear_down(void **state)
{
	db_close(*state);
	return 0;
}

static void
put(struct db *db, const char *origin, const char *saved, int64_t now_s)
{
	if (robots_store_put(db, origin, str_from(saved), now_s, &err) == -1)
		fail_msg("%s", err.msg);
}

static void
assert_known(struct db *db, const char *origin, const char *saved)
{
	struct buf out;

	buf_init(&out, 1024);
	if (robots_store_find(db, origin, &out, &err) == -1)
		fail_msg("%s", err.msg);
	assert_string_equal(buf_cstr(&out), saved);
	buf_clear(&out);
}

static void
the_last_word_counts(void **state)
{
	assert_known(*state, "http://a.example", "");
	put(*state, "http://a.example", "1 5 -1 -1\n", NOW);
	put(*state, "https://a.example", "1 6 -1 -1\n", NOW);
	put(*state, "http://a.example", "1 7 -1 -1\nallow:/\n", NOW + 1);
	assert_known(*state, "http://a.example", "1 7 -1 -1\nallow:/\n");
	assert_known(*state, "https://a.example", "1 6 -1 -1\n");
}

static void
what_is_old_goes(void **state)
{
	put(*state, "http://old.example", "x", NOW);
	put(*state, "http://a.example", "y", NOW + ROBOTS_STORE_KEEP_S);
	assert_known(*state, "http://old.example", "x");
	put(*state, "http://a.example", "y", NOW + ROBOTS_STORE_KEEP_S + 1);
	assert_known(*state, "http://old.example", "");
	assert_known(*state, "http://a.example", "y");
}

static void
the_oldest_make_room(void **state)
{
	char origin[64];

	for (int i = 0; i < ROBOTS_STORE_MOST + 3; i++) {
		snprintf(origin, sizeof(origin), "http://h%d.example", i);
		put(*state, origin, "x", NOW + i);
	}
	assert_known(*state, "http://h2.example", "");
	assert_known(*state, "http://h3.example", "x");
	assert_known(*state, origin, "x");
}

static void
one_is_dropped_alone(void **state)
{
	put(*state, "http://a.example", "x", NOW);
	put(*state, "http://b.example", "y", NOW);
	for (int i = 0; i < 2; i++)
		assert_int_equal(robots_store_drop(*state,
		    "http://a.example", &err), 0);
	assert_known(*state, "http://a.example", "");
	assert_known(*state, "http://b.example", "y");
}

static void
a_failure_is_told(void **state)
{
	struct buf out;

	assert_int_equal(db_exec(*state, "DROP TABLE robots", &err), 0);
	assert_int_equal(robots_store_put(*state, "http://a.example",
	    STR("x"), NOW, &err), -1);
	assert_true(str_starts(str_from(err.msg),
	    STR("keeping a robots.txt: ")));
	assert_int_equal(robots_store_drop(*state, "http://a.example",
	    &err), -1);
	assert_true(str_starts(str_from(err.msg),
	    STR("forgetting a robots.txt: ")));
	buf_init(&out, 64);
	assert_int_equal(robots_store_find(*state, "http://a.example", &out,
	    &err), -1);
	assert_true(str_starts(str_from(err.msg),
	    STR("reading a robots.txt: ")));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_last_word_counts),
		TEST(what_is_old_goes),
		TEST(the_oldest_make_room),
		TEST(one_is_dropped_alone),
		TEST(a_failure_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
