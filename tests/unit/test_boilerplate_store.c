/* SPDX-License-Identifier: ISC */
/* feeds/boilerplate_store: a row for a feed's text, one for its pages. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/db.h"
#include "base/err.h"
#include "feeds/boilerplate_store.h"
#include "feeds/feed_store.h"

#define A	"http://a.example/"
#define B	"http://b.example/"

static struct err err;

static int
set_up(void **state)
{
	const char *const steps[] = { feed_store_schema, feed_store_schema_2,
		feed_store_schema_3, feed_store_schema_4,
		feed_store_schema_5, feed_store_schema_6,
		boilerplate_store_schema };
	struct db *db = db_open(":memory:", DB_WRITER, &err);

	*state = db;
	return db != NULL ? db_migrate(db, steps, 7, &err) : -1;
}

static int
tear_down(void **state)
{
	db_close(*state);
	return 0;
}

static void
put(struct db *db, const char *feed, bool of_pages, struct str saved,
    int64_t seen_s)
{
	const struct boilerplate_row row = { .saved = saved, .lines = 2,
		.shown = STR("5 Buy\n3 Follow\n"), .seen_s = seen_s };

	if (boilerplate_store_put(db, feed, of_pages, &row, &err) == -1)
		fail_msg("%s", err.msg);
}

static void
assert_known(struct db *db, const char *feed, bool of_pages, struct str saved)
{
	struct buf out;

	buf_init(&out, 1024);
	if (boilerplate_store_find(db, feed, of_pages, &out, &err) == -1)
		fail_msg("%s", err.msg);
	assert_true(str_eq(buf_str(&out), saved));
	buf_clear(&out);
}

static void
each_feed_has_its_own_and_its_pages(void **state)
{
	const struct str bytes = { "a\0b\xff", 4 };

	assert_known(*state, A, false, STR(""));
	put(*state, A, false, bytes, 10);
	put(*state, B, true, STR("pages"), 10);
	assert_known(*state, A, false, bytes);
	assert_known(*state, A, true, STR(""));
	assert_known(*state, B, false, STR(""));
	assert_known(*state, B, true, STR("pages"));
	put(*state, A, false, STR("later"), 11);
	assert_known(*state, A, false, STR("later"));
}

static void
what_is_shown_comes_without_the_table(void **state)
{
	int64_t id = feed_store_find_or_make(*state, A, &err), lines = 9;
	struct buf out;

	buf_init(&out, 1024);
	assert_int_equal(boilerplate_store_show(*state, id, false, &lines,
	    &out, &err), 0);
	assert_int_equal(lines, 0);
	put(*state, A, false, STR("table"), 10);
	assert_int_equal(boilerplate_store_show(*state, id, false, &lines,
	    &out, &err), 0);
	assert_int_equal(lines, 2);
	assert_string_equal(buf_cstr(&out), "5 Buy\n3 Follow\n");
	assert_int_equal(boilerplate_store_show(*state, id, true, &lines,
	    &out, &err), 0);
	assert_int_equal(lines, 0);
	buf_clear(&out);
}

/* In steps, as feeds are gone through. */
static void
what_is_old_is_dropped(void **state)
{
	int64_t a, b;

	put(*state, A, false, STR("old"), 10);
	put(*state, A, true, STR("young"), 20);
	put(*state, B, false, STR("old too"), 10);
	a = feed_store_find_or_make(*state, A, &err);
	b = feed_store_find_or_make(*state, B, &err);
	assert_true(a < b);
	assert_int_equal(boilerplate_store_forget(*state, 15, 0, b, &err), 0);
	assert_known(*state, A, false, STR(""));
	assert_known(*state, A, true, STR("young"));
	assert_known(*state, B, false, STR("old too"));
	assert_int_equal(boilerplate_store_forget(*state, 15, b, 0, &err), 0);
	assert_known(*state, B, false, STR(""));
}

#define T(test)	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_feed_has_its_own_and_its_pages),
		T(what_is_shown_comes_without_the_table),
		T(what_is_old_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
