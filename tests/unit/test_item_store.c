/* SPDX-License-Identifier: ISC */
/* The texts of items, over a real store: found, replaced, dropped by age. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/err.h"
#include "base/item.h"
#include "feeds/feed_store.h"
#include "feeds/item_store.h"

#define URL	"https://news.example.org/rss"
#define OTHER	"https://news.example.org/atom"

static struct err err;

static int
set_up(void **state)
{
	static const char *const steps[] = { feed_store_schema,
		feed_store_schema_2, item_store_schema, item_store_schema_2 };
	struct db *db = db_open(":memory:", DB_WRITER, &err);

	*state = db;
	return db != NULL ? db_migrate(db, steps, 4, &err) : -1;
}

static int
tear_down(void **state)
{
	db_close(*state);
	return 0;
}

static void
put(struct db *db, const char *url, uint64_t id, int64_t seen_s,
    const char *title)
{
	const struct item_text_row row = { .id_hash = id, .seen_s = seen_s,
		.published_s = ITEM_NO_TIME, .title = str_from(title) };

	assert_int_equal(item_store_put(db, url, &row, 1, &err), 0);
}

/* What each() got, copied. */
struct found {
	int			calls;
	struct item_text_row	row;
	char			url[64], title[64], text[64];
};

static int
note(const struct item_text_row *row, void *ctx)
{
	struct found *f = ctx;

	f->calls++;
	f->row = *row;
	snprintf(f->url, sizeof(f->url), "%.*s", STR_ARG(row->url));
	snprintf(f->title, sizeof(f->title), "%.*s", STR_ARG(row->title));
	snprintf(f->text, sizeof(f->text), "%.*s", STR_ARG(row->text));
	return 0;
}

static struct found
find(struct db *db, const char *url, uint64_t id)
{
	struct found f = { 0 };

	assert_int_equal(item_store_find(db, url, id, note, &f, &err), 0);
	return f;
}

/* The ids of URL that are left, as digits in the order of their numbers. */
static int
left(struct db *db)
{
	int n = 0;

	for (uint64_t id = 1; id < 10; id++)
		if (find(db, URL, id).calls == 1)
			n = n * 10 + (int)id;
	return n;
}

static void
a_text_comes_back_as_it_went(void **state)
{
	const struct item_text_row in = { .id_hash = UINT64_MAX - 1,
		.seen_s = 1795500000, .published_s = -86400,
		.url = STR("https://e.org/1"),
		.title = STR("d\xc3\xa9j\xc3\xa0"),
		.text = STR("one\n\ntwo") };
	struct found f;

	assert_int_equal(find(*state, URL, in.id_hash).calls, 0);
	assert_int_equal(item_store_put(*state, URL, &in, 1, &err), 0);
	f = find(*state, URL, in.id_hash);
	assert_int_equal(f.calls, 1);
	assert_true(f.row.id_hash == in.id_hash);
	assert_int_equal(f.row.seen_s, 1795500000);
	assert_int_equal(f.row.published_s, -86400);
	assert_string_equal(f.url, "https://e.org/1");
	assert_string_equal(f.title, "d\xc3\xa9j\xc3\xa0");
	assert_string_equal(f.text, "one\n\ntwo");
	assert_int_equal(find(*state, OTHER, in.id_hash).calls, 0);
}

/* Nothing said is not the same as a time or a word. */
static void
what_is_not_said_stays_so(void **state)
{
	struct found f;

	put(*state, URL, 0, 5, NULL);
	f = find(*state, URL, 0);
	assert_int_equal(f.calls, 1);
	assert_true(f.row.published_s == ITEM_NO_TIME);
	assert_int_equal(f.row.title.n, 0);
	assert_int_equal(f.row.text.n, 0);
}

/* Bytes that are no text, and a NUL, must not end what is kept. */
static void
hostile_bytes_are_kept_as_they_are(void **state)
{
	static const char bytes[] = "a\0b\xff'; DROP TABLE item_text; --";
	const struct item_text_row in = { .id_hash = 1, .seen_s = 1,
		.text = { bytes, sizeof(bytes) - 1 } };
	struct found f;

	assert_int_equal(item_store_put(*state, "x'--", &in, 1, &err), 0);
	f = find(*state, "x'--", 1);
	assert_int_equal(f.calls, 1);
	assert_int_equal(f.row.text.n, sizeof(bytes) - 1);
}

/* Titles in the order they come, one letter each. */
struct order {
	char	titles[16];
	size_t	n, most;
	bool	is_wrong;	/* one came with another feed's URL */
};

static int
note_order(const struct item_text_row *row, void *ctx)
{
	struct order *o = ctx;

	o->titles[o->n++] = row->title.p[0];
	o->is_wrong |= !str_eq_c(row->feed_url, URL);
	return o->n == o->most;
}

static void
put_row(struct db *db, struct item_text_row row, const char *title)
{
	row.title = str_from(title);
	assert_int_equal(item_store_put(db, URL, &row, 1, &err), 0);
}

static void
the_parts_of_an_item_stand_side_by_side(void **state)
{
	struct order o = { .most = 9 };

	put_row(*state, (struct item_text_row){ .id_hash = 1, .seen_s = 300,
	    .part = ITEM_PAGE }, "p");
	put_row(*state, (struct item_text_row){ .id_hash = 1, .seen_s = 100,
	    .part = ITEM_FIRST }, "f");
	put_row(*state, (struct item_text_row){ .id_hash = 1, .seen_s = 200,
	    .part = ITEM_EDITED }, "x");
	put_row(*state, (struct item_text_row){ .id_hash = 1, .seen_s = 400,
	    .part = ITEM_EDITED }, "e");
	put_row(*state, (struct item_text_row){ .id_hash = 2, .seen_s = 1 },
	    "o");
	assert_int_equal(item_store_find(*state, URL, 1, note_order, &o,
	    &err), 0);
	assert_string_equal(o.titles, "fep");
	o = (struct order){ .most = 9 };
	assert_int_equal(item_store_find_any(*state, 1, note_order, &o, &err),
	    0);
	assert_string_equal(o.titles, "epf");
	assert_false(o.is_wrong);
}

static void
all_that_is_kept_comes_newest_first(void **state)
{
	static const struct {
		int64_t		before, since_s, n;
		size_t		most;
		const char	*titles;
	} cases[] = {
		{ INT64_MAX, 0, 9, 9, "cba" },
		{ INT64_MAX, 200, 9, 9, "cb" },
		{ INT64_MAX, 0, 2, 9, "cb" },
		{ INT64_MAX, 0, 9, 1, "c" },
		{ INT64_C(300) << 24, 0, 9, 9, "ba" },
		{ INT64_C(100) << 24, 0, 9, 9, "" },
		{ INT64_MAX, INT64_MAX, 9, 9, "" },
		{ INT64_MAX, INT64_MIN, 9, 9, "cba" },
	};

	put(*state, URL, 1, 100, "a");
	put(*state, URL, 2, 200, "b");
	put(*state, URL, 3, 300, "c");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct order o = { .most = cases[i].most };

		assert_int_equal(item_store_each_before(*state,
		    cases[i].before, cases[i].since_s, cases[i].n, note_order,
		    &o, &err), 0);
		assert_string_equal(o.titles, cases[i].titles);
	}
}

static void
items_are_found_by_url_and_by_host(void **state)
{
	static const uint64_t here = UINT64_C(0xfedcba98) << 32,
	    there = UINT64_C(0xfedcba99) << 32;
	struct order o = { .most = 9 };

	put_row(*state, (struct item_text_row){ .id_hash = 1, .seen_s = 1,
	    .url_key = here | 7, .packed = STR("p") }, "a");
	put_row(*state, (struct item_text_row){ .id_hash = 2, .seen_s = 2,
	    .url_key = here | UINT32_MAX, .packed = STR("p") }, "b");
	put_row(*state, (struct item_text_row){ .id_hash = 3, .seen_s = 3,
	    .url_key = there, .packed = STR("p") }, "c");
	put_row(*state, (struct item_text_row){ .id_hash = 4, .seen_s = 4,
	    .url = STR("https://e.org/4") }, "d");
	assert_int_equal(item_store_find_url(*state, here | 7,
	    STR("https://e.org/4"), 9, note_order, &o, &err), 0);
	assert_string_equal(o.titles, "da");
	o = (struct order){ .most = 9 };
	assert_int_equal(item_store_find_host(*state, here | 99, 9,
	    note_order, &o, &err), 0);
	assert_string_equal(o.titles, "ba");
	o = (struct order){ .most = 9 };
	assert_int_equal(item_store_find_host(*state, here, 1, note_order, &o,
	    &err), 0);
	assert_string_equal(o.titles, "b");
	o = (struct order){ .most = 9 };
	assert_int_equal(item_store_find_url(*state, 0, STR(""), 9,
	    note_order, &o, &err), 0);
	assert_string_equal(o.titles, "");
}

/* A store of before has rows without what was not kept then. */
static void
rows_of_the_first_schema_stay_readable(void **state)
{
	static const char *const steps[] = { feed_store_schema,
		feed_store_schema_2, item_store_schema, item_store_schema_2 };
	struct db *db = db_open(":memory:", DB_WRITER, &err);
	struct order o = { .most = 9 };
	struct found f;

	(void)state;
	assert_int_equal(db_migrate(db, steps, 3, &err), 0);
	assert_int_equal(db_exec(db, "INSERT INTO feed (id, url)"
	    " VALUES (1, '" URL "');"
	    "INSERT INTO item_text VALUES (5 << 24, 1, -2, NULL,"
	    " 'https://e.org/1', 'title', 'text')", &err), 0);
	assert_int_equal(db_migrate(db, steps, 4, &err), 0);
	f = find(db, URL, UINT64_MAX - 1);
	assert_int_equal(f.calls, 1);
	assert_int_equal(f.row.part, ITEM_FIRST);
	assert_false(f.row.passed_over);
	assert_int_equal(f.row.seen_s, 5);
	assert_int_equal(f.row.packed.n, 0);
	assert_string_equal(f.title, "title");
	assert_string_equal(f.text, "text");
	assert_int_equal(item_store_find_url(db, 77, STR("https://e.org/1"), 9,
	    note_order, &o, &err), 0);
	assert_string_equal(o.titles, "t");
	db_close(db);
}

static void
a_later_text_replaces_and_is_younger(void **state)
{
	int64_t n, oldest_s, dropped;

	put(*state, URL, 1, 100, "old");
	put(*state, URL, 2, 200, "two");
	put(*state, URL, 1, 300, "new");
	assert_string_equal(find(*state, URL, 1).title, "new");
	assert_int_equal(find(*state, URL, 1).row.seen_s, 300);
	assert_int_equal(item_store_count(*state, &n, &oldest_s, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(oldest_s, 200);
	assert_int_equal(item_store_drop_oldest(*state, 1, &dropped, &err),
	    0);
	assert_int_equal(left(*state), 1);
}

static void
the_oldest_go_first_in_whatever_order_they_came(void **state)
{
	int64_t dropped;

	put(*state, URL, 1, 300, "");
	put(*state, URL, 2, 100, "");
	put(*state, URL, 3, 200, "");
	put(*state, URL, 4, 200, "");
	put(*state, OTHER, 5, 50, "");
	assert_int_equal(item_store_drop_oldest(*state, 3, &dropped, &err),
	    0);
	assert_int_equal(dropped, 3);
	/* Of one second the one that came first. */
	assert_int_equal(left(*state), 14);
	assert_int_equal(item_store_drop_oldest(*state, 9, &dropped, &err),
	    0);
	assert_int_equal(dropped, 2);
	assert_int_equal(item_store_drop_oldest(*state, 9, &dropped, &err),
	    0);
	assert_int_equal(dropped, 0);
}

static void
no_number_drops_all(void **state)
{
	static const int64_t none[] = { 0, -1, INT64_MIN };
	int64_t dropped = 7;

	put(*state, URL, 1, 100, "");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(item_store_drop_oldest(*state, none[i],
		    &dropped, &err), 0);
		assert_int_equal(dropped, 0);
		assert_int_equal(item_store_forget(*state, 1000, none[i],
		    &dropped, &err), 0);
		assert_int_equal(dropped, 0);
	}
	assert_int_equal(left(*state), 1);
}

static void
what_is_too_old_is_forgotten_in_steps(void **state)
{
	int64_t dropped;

	for (int i = 1; i <= 6; i++)
		put(*state, URL, (uint64_t)i, 100 * i, "");
	assert_int_equal(item_store_forget(*state, 400, 2, &dropped, &err),
	    0);
	assert_int_equal(dropped, 2);
	assert_int_equal(left(*state), 3456);
	assert_int_equal(item_store_forget(*state, 400, 2, &dropped, &err),
	    0);
	assert_int_equal(dropped, 1);
	assert_int_equal(left(*state), 456);
	assert_int_equal(item_store_forget(*state, -5, 9, &dropped, &err), 0);
	assert_int_equal(dropped, 0);
}

/* A clock may say anything. */
static void
strange_times_lose_nothing(void **state)
{
	static const int64_t times[] = { INT64_MAX, INT64_MIN, -1, 0,
		INT64_MAX, INT64_C(1) << 40 };
	int64_t n, oldest_s, dropped;

	for (size_t i = 0; i < 6; i++)
		put(*state, URL, i + 1, times[i], "");
	assert_int_equal(left(*state), 123456);
	assert_int_equal(item_store_count(*state, &n, &oldest_s, &err), 0);
	assert_int_equal(n, 6);
	assert_int_equal(oldest_s, 0);
	assert_int_equal(item_store_forget(*state, 1, 9, &dropped, &err), 0);
	assert_int_equal(left(*state), 156);
	assert_int_equal(item_store_forget(*state, INT64_MAX, 9, &dropped,
	    &err), 0);
	assert_int_equal(item_store_drop_oldest(*state, 9, &dropped, &err),
	    0);
	assert_int_equal(item_store_count(*state, &n, &oldest_s, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(oldest_s, 0);
}

/* A thousand texts of some pages into room for a hundred. */
static void
a_text_makes_room_for_itself(void **state)
{
	enum { BYTES = 9000, TIMES = 1000, PAGES = 300 };
	char *text = calloc(1, BYTES);
	struct item_text_row row = { .text = { text, BYTES } };
	struct db_size size;
	int64_t n, oldest_s;

	assert_non_null(text);
	assert_int_equal(db_limit(*state, PAGES * 4096, &err), 0);
	assert_int_equal(db_begin(*state, &err), 0);
	for (int i = 0; i < TIMES; i++) {
		row.id_hash = (uint64_t)i;
		row.seen_s = 1000 + i / 7;
		assert_int_equal(item_store_put(*state, URL, &row, 1, &err), 0);
	}
	assert_int_equal(db_commit(*state, &err), 0);
	assert_int_equal(find(*state, URL, TIMES - 1).calls, 1);
	assert_int_equal(find(*state, URL, 0).calls, 0);
	assert_int_equal(item_store_count(*state, &n, &oldest_s, &err), 0);
	assert_in_range(n, 100, 130);
	assert_true(oldest_s > 1000 + TIMES / 2 / 7);
	/* What must not be lost has a twentieth. */
	assert_int_equal(db_size(*state, &size, &err), 0);
	assert_true(size.used_bytes <= (PAGES / 20 * 19 + 4) * 4096);
	free(text);
}

/* Their seconds in any order, one of them twice. */
static void
texts_that_come_together_are_as_those_that_do_not(void **state)
{
	const struct item_text_row rows[] = {
		{ .id_hash = 1, .seen_s = 200, .title = STR("b") },
		{ .id_hash = 2, .seen_s = 300, .title = STR("d") },
		{ .id_hash = 3, .seen_s = 200, .title = STR("x") },
		{ .id_hash = 4, .seen_s = 100, .title = STR("a") },
		{ .id_hash = 3, .seen_s = 200, .title = STR("c") },
		{ .id_hash = 5, .seen_s = 300, .title = STR("e") },
	};
	struct order o = { .most = 9 };
	int64_t n, oldest_s;

	assert_int_equal(item_store_put(*state, URL, NULL, 0, &err), 0);
	assert_int_equal(item_store_count(*state, &n, &oldest_s, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(item_store_put(*state, URL, rows,
	    sizeof(rows) / sizeof(rows[0]), &err), 0);
	put_row(*state, (struct item_text_row){ .id_hash = 6, .seen_s = 300 },
	    "f");
	assert_int_equal(item_store_each_before(*state, INT64_MAX, 0, 9,
	    note_order, &o, &err), 0);
	assert_string_equal(o.titles, "fedcba");
	assert_false(o.is_wrong);
}

/* Of what comes in a second that is full the last is kept. */
static void
a_second_has_so_many_places_and_no_more(void **state)
{
	const struct item_text_row rows[] = {
		{ .id_hash = 2, .seen_s = 10 }, { .id_hash = 3, .seen_s = 10 },
		{ .id_hash = 4, .seen_s = 10 }, { .id_hash = 5, .seen_s = 11 },
	};

	put(*state, URL, 1, 10, "before");
	assert_int_equal(db_exec(*state, "UPDATE item_text"
	    " SET seq = (11 << 24) - 2", &err), 0);
	assert_int_equal(item_store_put(*state, URL, rows, 4, &err), 0);
	assert_int_equal(left(*state), 145);
	assert_int_equal(find(*state, URL, 4).row.seen_s, 10);
	assert_int_equal(find(*state, URL, 5).row.seen_s, 11);
}

static void
a_failure_is_told(void **state)
{
	struct item_text_row row = { .id_hash = 1 };
	struct found f;
	int64_t n, m;

	assert_int_equal(db_exec(*state, "DROP TABLE item_text", &err), 0);
	assert_int_equal(item_store_put(*state, URL, &row, 1, &err), -1);
	assert_int_equal(item_store_find(*state, URL, 1, note, &f, &err), -1);
	assert_int_equal(item_store_forget(*state, 1, 1, &n, &err), -1);
	assert_int_equal(item_store_drop_oldest(*state, 1, &n, &err), -1);
	assert_int_equal(item_store_count(*state, &n, &m, &err), -1);
	assert_non_null(strstr(err.msg, "item_text"));
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_text_comes_back_as_it_went),
		TEST(what_is_not_said_stays_so),
		TEST(hostile_bytes_are_kept_as_they_are),
		TEST(the_parts_of_an_item_stand_side_by_side),
		TEST(all_that_is_kept_comes_newest_first),
		TEST(items_are_found_by_url_and_by_host),
		TEST(rows_of_the_first_schema_stay_readable),
		TEST(a_later_text_replaces_and_is_younger),
		TEST(the_oldest_go_first_in_whatever_order_they_came),
		TEST(no_number_drops_all),
		TEST(what_is_too_old_is_forgotten_in_steps),
		TEST(strange_times_lose_nothing),
		TEST(a_text_makes_room_for_itself),
		TEST(texts_that_come_together_are_as_those_that_do_not),
		TEST(a_second_has_so_many_places_and_no_more),
		TEST(a_failure_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
