/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

static bool
is_aligned(const void *p)
{
	return (uintptr_t)p % alignof(max_align_t) == 0;
}

static void
pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct arena *a = arena_new(1 << 20);
	unsigned char *piece[200];

	(void)state;
	/* Twice: after a reset the memory holds what stood there before. */
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < 200; i++) {
			piece[i] = arena_alloc(a, i * 7);
			assert_non_null(piece[i]);
			assert_true(is_aligned(piece[i]));
			for (size_t k = 0; k < i * 7; k++)
				assert_int_equal(piece[i][k], 0);
			memset(piece[i], (int)i, i * 7);
		}
		for (size_t i = 0; i < 200; i++)
			for (size_t k = 0; k < i * 7; k++)
				assert_int_equal(piece[i][k], i);
		assert_int_equal(arena_bytes(a), 7 * 199 * 200 / 2);
		arena_reset(a);
		assert_int_equal(arena_bytes(a), 0);
	}
	arena_free(a);
}

static void
the_ceiling_holds_and_failure_sticks(void **state)
{
	struct arena *a = arena_new(100);

	(void)state;
	assert_non_null(arena_alloc(a, 60));
	assert_non_null(arena_alloc(a, 40));
	assert_false(arena_failed(a));
	assert_null(arena_alloc(a, 1));
	assert_true(arena_failed(a));
	assert_null(arena_alloc(a, 0));
	assert_null(arena_copy(a, STR("x")).p);
	arena_reset(a);
	assert_false(arena_failed(a));
	assert_non_null(arena_alloc(a, 100));
	arena_free(a);
}

static void
copies_have_a_nul_behind(void **state)
{
	struct arena *a = arena_new(1000);
	char text[] = "peacekeepers";
	struct str s = arena_copy(a, (struct str){ text, 5 });
	struct str none = arena_copy(a, STR_NONE);

	(void)state;
	memset(text, '-', sizeof(text));
	assert_string_equal(s.p, "peace");
	assert_int_equal(s.n, 5);
	assert_int_equal(none.n, 0);
	assert_string_equal(none.p, "");
	assert_true(is_aligned(arena_alloc(a, 1)));
	arena_free(a);
}

static void
sizes_that_overflow_are_refused(void **state)
{
	static const struct {
		size_t	count, size;
	} cases[] = {
		{ SIZE_MAX, 2 }, { 2, SIZE_MAX }, { SIZE_MAX / 2 + 1, 2 },
		{ SIZE_MAX, SIZE_MAX }, { SIZE_MAX, 1 }, { SIZE_MAX - 40, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *a = arena_new(SIZE_MAX);

		assert_null(arena_array(a, cases[i].count, cases[i].size));
		assert_true(arena_failed(a));
		arena_free(a);
	}
}

static void
arrays_may_be_empty(void **state)
{
	struct arena *a = arena_new(1000);

	(void)state;
	assert_non_null(arena_array(a, 0, 8));
	assert_non_null(arena_array(a, 8, 0));
	assert_non_null(arena_array(a, 10, 100));
	assert_null(arena_array(a, 1, 1));
	arena_free(a);
	arena_free(NULL);
}

static void
a_large_piece_fits_beside_small_ones(void **state)
{
	struct arena *a = arena_new(64 << 20);
	char *small = arena_alloc(a, 8), *large = arena_alloc(a, 8 << 20);
	char *after = arena_alloc(a, 8);

	(void)state;
	assert_non_null(small);
	assert_non_null(large);
	assert_non_null(after);
	memset(large, 'x', 8 << 20);
	assert_int_equal(*small, 0);
	assert_int_equal(*after, 0);
	arena_free(a);
}

static void
takes_a_buffer_without_copying(void **state)
{
	struct arena *a = arena_new(20);
	const char *was;
	struct buf b;
	struct str s;

	(void)state;
	buf_init(&b, 100);
	for (int round = 0; round < 3; round++) {
		buf_add_c(&b, " 0123456789 ");
		was = b.p;
		s = arena_take(a, &b, str_sub(buf_str(&b), 1, 10));
		assert_ptr_equal(s.p, was + 1);
		assert_string_equal(s.p, "0123456789");
		assert_null(b.p);
		assert_int_equal(arena_bytes(a), 11);
		arena_reset(a);
	}
	arena_free(a);
	buf_clear(&b);
}

static void
takes_no_buffer_over_the_ceiling(void **state)
{
	struct arena *a = arena_new(10);
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_add_c(&b, "0123456789");
	assert_int_equal(arena_take(a, &b, buf_str(&b)).n, 0);
	assert_true(arena_failed(a));
	assert_string_equal(buf_cstr(&b), "0123456789");
	arena_free(a);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(the_ceiling_holds_and_failure_sticks),
		cmocka_unit_test(copies_have_a_nul_behind),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(arrays_may_be_empty),
		cmocka_unit_test(a_large_piece_fits_beside_small_ones),
		cmocka_unit_test(takes_a_buffer_without_copying),
		cmocka_unit_test(takes_no_buffer_over_the_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
