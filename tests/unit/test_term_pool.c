/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "filters/term_hash.h"
#include "filters/term_pool.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_pool_numbers(void **state)
{
	static const char *const words[] = { "", "a", "b", "ab", "ba", "abc",
	    "abcd", "abcde", "abcdefgh", "abcdefghi", "abcdefghijklmnop",
	    "abcdefghijklmnopq", "aaaaaaaa", "aaaaaaaaa", "東京" };
	struct term_pool pool = { 0 };
	uint32_t id;

	(void)state;
	assert_int_equal(term_pool_find(&pool, STR("a")), TERM_NONE);
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < COUNT(words); i++) {
			assert_int_equal(term_pool_add(&pool,
			    str_from(words[i]), &id), 0);
			assert_int_equal(id, i);
		}
	assert_int_equal(pool.n, COUNT(words));
	for (uint32_t i = 0; i < COUNT(words); i++)
		assert_true(str_eq_c(term_pool_str(&pool, i), words[i]));
	assert_int_equal(term_pool_find(&pool, STR("abcdefghj")), TERM_NONE);
	assert_int_equal(term_pool_find(&pool, STR("bcd")), TERM_NONE);
	term_pool_clear(&pool);
	assert_int_equal(term_pool_find(&pool, STR("a")), TERM_NONE);
}

/* Bytes count, NULs too; growth keeps what was there. */
static void
test_pool_grows(void **state)
{
	enum { STRINGS = 50000 };
	struct term_pool pool = { 0 };
	char text[32];
	uint32_t id;

	(void)state;
	for (uint32_t i = 0; i < STRINGS; i++) {
		memset(text, 0, sizeof(text));
		memcpy(text, &i, sizeof(i));
		assert_int_equal(term_pool_add(&pool, (struct str){ text,
		    4 + i % 20 }, &id), 0);
		assert_int_equal(id, i);
	}
	for (uint32_t i = 0; i < STRINGS; i++) {
		memset(text, 0, sizeof(text));
		memcpy(text, &i, sizeof(i));
		assert_int_equal(term_pool_find(&pool, (struct str){ text,
		    4 + i % 20 }), i);
		assert_int_equal(term_pool_find(&pool, (struct str){ text,
		    25 }), TERM_NONE);
	}
	assert_true(term_pool_bytes(&pool) < STRINGS * 100);
	term_pool_clear(&pool);
}

/* The hash of a word is one, however it is read. */
static void
test_hashes_agree(void **state)
{
	static const char text[] = "abcdefghijklmnopqrstuvwxyz\0\0\0\0\0\0\0";

	(void)state;
	for (size_t from = 0; from < 4; from++)
		for (size_t n = 0; n <= 20; n++)
			assert_true(term_hash(text + from, n) ==
			    term_hash_token(text + from, n));
}

/* Strings keep their bytes and get new numbers; then they are found by those,
 * and by none once their table is gone. */
static void
test_pool_is_reordered(void **state)
{
	static const char *const words[] = { "one", "two", "", "three" };
	static const uint32_t order[] = { 3, 0, 2, 1 };
	struct term_pool pool = { 0 };
	uint32_t id, now[COUNT(words)];

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		assert_int_equal(term_pool_add(&pool, str_from(words[i]),
		    &id), 0);
	assert_int_equal(term_pool_reorder(&pool, order, now), 0);
	term_pool_freeze(&pool, true);
	for (uint32_t i = 0; i < COUNT(words); i++) {
		struct str s = str_from(words[order[i]]);

		assert_int_equal(now[order[i]], i);
		assert_true(str_eq(term_pool_str(&pool, i), s));
		assert_int_equal(term_pool_find(&pool, s), i);
		assert_int_equal(term_pool_find_hashed(&pool, s,
		    term_hash(s.p, s.n)), i);
	}
	term_pool_freeze(&pool, false);
	assert_int_equal(term_pool_find(&pool, STR("one")), TERM_NONE);
	assert_true(str_eq_c(term_pool_str(&pool, 1), "one"));
	term_pool_clear(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pool_numbers),
		cmocka_unit_test(test_pool_grows),
		cmocka_unit_test(test_hashes_agree),
		cmocka_unit_test(test_pool_is_reordered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
