/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"

static void
grows_and_keeps_a_nul_behind(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	assert_string_equal(buf_cstr(&b), "");
	assert_int_equal(buf_str(&b).n, 0);
	for (int i = 0; i < 5000; i++) {
		buf_add_c(&b, "ab");
		buf_add_str(&b, STR("cd"));
		buf_add_char(&b, 'e');
		buf_addf(&b, "%d", i % 10);
		assert_int_equal(b.p[b.n], '\0');
	}
	assert_false(b.failed);
	assert_int_equal(b.n, 30000);
	for (size_t i = 0; i < b.n; i += 6) {
		assert_memory_equal(b.p + i, "abcde", 5);
		assert_int_equal(b.p[i + 5], '0' + i / 6 % 10);
	}
	buf_clear(&b);
	buf_clear(NULL);
}

static void
the_ceiling_holds_and_failure_sticks(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	buf_add_c(&b, "12345678");
	assert_false(b.failed);
	buf_add_char(&b, '9');
	assert_true(b.failed);
	assert_string_equal(buf_cstr(&b), "12345678");
	buf_add(&b, NULL, 0);
	assert_true(b.failed);
	buf_reset(&b);
	assert_false(b.failed);
	assert_string_equal(buf_cstr(&b), "");
	buf_add_c(&b, "123456789");
	assert_true(b.failed);
	buf_rewind(&b);
	assert_true(b.failed);
	buf_add_c(&b, "1");
	assert_int_equal(b.n, 0);
	buf_clear(&b);
}

static void
a_format_that_does_not_fit_adds_nothing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 8);
	buf_addf(&b, "%s-%d", "ab", 12);
	assert_string_equal(buf_cstr(&b), "ab-12");
	buf_addf(&b, "%04d", 7);
	assert_true(b.failed);
	assert_string_equal(buf_cstr(&b), "ab-12");
	buf_clear(&b);
}

static void
zeroed_storage_holds_nothing(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_string_equal(buf_cstr(&b), "");
	buf_add(&b, NULL, 0);
	assert_false(b.failed);
	buf_add_char(&b, 'x');
	assert_true(b.failed);
	buf_clear(&b);
}

static void
reserved_room_is_the_callers(void **state)
{
	struct buf b;
	char *room;

	(void)state;
	buf_init(&b, 1000);
	room = buf_reserve(&b, 100);
	assert_non_null(room);
	assert_string_equal(buf_cstr(&b), "");
	memset(room, 'x', 100);
	b.n += 3;
	assert_string_equal(buf_cstr(&b), "xxx");
	room = buf_reserve(&b, 997);
	assert_non_null(room);
	memset(room, 'y', 997);
	b.n += 997;
	assert_int_equal(strlen(buf_cstr(&b)), 1000);
	assert_null(buf_reserve(&b, 1));
	assert_true(b.failed);
	buf_clear(&b);
}

static void
sizes_that_overflow_are_refused(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX - 1);
	buf_add_c(&b, "abc");
	assert_null(buf_reserve(&b, SIZE_MAX));
	assert_true(b.failed);
	buf_reset(&b);
	assert_null(buf_reserve(&b, SIZE_MAX - 1));
	buf_clear(&b);
	buf_init(&b, SIZE_MAX);
	buf_add_c(&b, "abc");
	assert_string_equal(buf_cstr(&b), "abc");
	assert_null(buf_reserve(&b, SIZE_MAX - 3));
	assert_null(buf_reserve(&b, PTRDIFF_MAX));
	assert_true(b.failed);
	buf_clear(&b);
}

static void
clear_keeps_the_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_add_c(&b, "1234");
	buf_clear(&b);
	buf_add_c(&b, "4321");
	assert_string_equal(buf_cstr(&b), "4321");
	buf_add_char(&b, '5');
	assert_true(b.failed);
	buf_clear(&b);
}

static void
steps_bound_what_is_unused(void **state)
{
	struct buf b;

	(void)state;
	buf_init_stepped(&b, 1 << 20, 100);
	for (size_t n = 0; n < 1000; n++) {
		assert_int_equal(b.n, n);
		buf_add_char(&b, 'x');
		assert_true(b.cap > b.n && b.cap <= b.n + 100);
	}
	assert_non_null(buf_reserve(&b, 500));
	assert_true(b.cap > b.n + 500 && b.cap <= b.n + 600);
	buf_clear(&b);
	buf_add_char(&b, 'x');
	assert_int_equal(b.cap, 100);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_keeps_a_nul_behind),
		cmocka_unit_test(the_ceiling_holds_and_failure_sticks),
		cmocka_unit_test(a_format_that_does_not_fit_adds_nothing),
		cmocka_unit_test(zeroed_storage_holds_nothing),
		cmocka_unit_test(reserved_room_is_the_callers),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(clear_keeps_the_ceiling),
		cmocka_unit_test(steps_bound_what_is_unused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
