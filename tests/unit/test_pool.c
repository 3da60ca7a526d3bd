/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "base/pool.h"

enum { MANY = 3000 };

static bool
is_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* Each piece is zeroed when it is got, aligned, and nobody else's; so also
 * those that were put back and got again. */
static void
test_pieces(void **state)
{
	static const size_t sizes[] = { 1, 7, 8, 24, 25, 40, 20000 };
	static unsigned char *pieces[MANY];

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		const size_t size = sizes[s];
		const size_t n = size > 100 ? 10 : MANY;
		struct pool pool = { 0 };

		for (size_t round = 0; round < 3; round++) {
			for (size_t i = round == 0 ? 0 : 1; i < n;
			    i += round == 0 ? 1 : 2) {
				pieces[i] = pool_get(&pool, size);
				assert_non_null(pieces[i]);
				assert_int_equal((uintptr_t)pieces[i] %
				    sizeof(void *), 0);
				assert_true(is_zero(pieces[i], size));
				memset(pieces[i], (int)(i % 255) + 1, size);
			}
			for (size_t i = 0; i < n; i++) {
				assert_int_equal(pieces[i][0], i % 255 + 1);
				assert_int_equal(pieces[i][size - 1],
				    i % 255 + 1);
			}
			for (size_t i = 1; i < n; i += 2)
				pool_put(&pool, pieces[i], size);
			for (size_t i = 1; i < n && round == 2; i += 2)
				pieces[i] = NULL;
		}
		pool_clear(&pool);
	}
}

/* What was put back is got before more memory is asked for. */
static void
test_reuse(void **state)
{
	struct pool pool = { 0 };
	void *first = pool_get(&pool, 24), *second = pool_get(&pool, 24);

	(void)state;
	pool_put(&pool, first, 24);
	assert_ptr_equal(pool_get(&pool, 24), first);
	pool_put(&pool, second, 24);
	assert_ptr_equal(pool_get(&pool, 24), second);
	pool_put(&pool, NULL, 24);
	pool_clear(&pool);
	pool_clear(&pool);
	assert_non_null(pool_get(&pool, 24));
	pool_clear(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_reuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
