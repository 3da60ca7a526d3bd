/* SPDX-License-Identifier: ISC */
/* feeds/known_set: verdicts, growth, hashes that want the same slot. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "feeds/known_set.h"

static void
put(struct known_set *k, uint64_t id, uint64_t content)
{
	assert_int_equal(known_set_put(k,
	    &(struct known_item){ id, content, 7 }), 0);
}

static enum known_verdict
judge(const struct known_set *k, uint64_t id, uint64_t content)
{
	return known_set_judge(k, &(struct known_item){ id, content, 0 });
}

static void
an_empty_set_knows_nothing(void **state)
{
	struct known_set k = { 0 };

	(void)state;
	assert_int_equal(judge(&k, 1, 1), KNOWN_NEW);
	assert_int_equal(known_set_seen_s(&k, 1), 0);
	known_set_clear(&k);
}

static void
an_item_is_new_then_same_then_edited(void **state)
{
	struct known_set k = { 0 };

	(void)state;
	put(&k, 5, 100);
	assert_int_equal(judge(&k, 5, 100), KNOWN_SAME);
	assert_int_equal(judge(&k, 5, 101), KNOWN_EDITED);
	put(&k, 5, 101);
	assert_int_equal(judge(&k, 5, 101), KNOWN_SAME);
	assert_int_equal(k.n, 1);
	assert_int_equal(known_set_seen_s(&k, 5), 7);
	known_set_clear(&k);
}

static void
hashes_of_one_slot_stay_apart(void **state)
{
	struct known_set k = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 20; i++)
		put(&k, i << 32, i);	/* the low bits are alike */
	for (uint64_t i = 0; i < 20; i++)
		assert_int_equal(judge(&k, i << 32, i), KNOWN_SAME);
	assert_int_equal(judge(&k, UINT64_C(20) << 32, 0), KNOWN_NEW);
	known_set_clear(&k);
}

static void
nothing_is_lost_when_it_grows(void **state)
{
	struct known_set k = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 10000; i++)
		put(&k, i * UINT64_C(0x9E3779B97F4A7C15), i);
	assert_int_equal(k.n, 10000);
	for (uint64_t i = 0; i < 10000; i++)
		assert_int_equal(judge(&k, i * UINT64_C(0x9E3779B97F4A7C15),
		    i), KNOWN_SAME);
	assert_true(k.size >= 2 * k.n);
	known_set_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_set_knows_nothing),
		cmocka_unit_test(an_item_is_new_then_same_then_edited),
		cmocka_unit_test(hashes_of_one_slot_stay_apart),
		cmocka_unit_test(nothing_is_lost_when_it_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
