/* SPDX-License-Identifier: ISC */
/* feeds/known_set: four ways to an item, growth, hashes that want one slot. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "feeds/known_set.h"

static void
put_alias(struct known_set *k, uint64_t id, uint64_t content, uint64_t alias)
{
	const struct known_item item = { .id_hash = id,
		.content_hash = content, .seen_s = 7, .alias = alias };

	assert_int_equal(known_set_put(k, &item), 0);
}

static void
put(struct known_set *k, uint64_t id, uint64_t content)
{
	put_alias(k, id, content, 0);
}

static bool
knows(const struct known_set *k, uint64_t id, uint64_t content)
{
	const struct known_slot *slot = known_set_find(k, id);

	return slot != NULL && slot->item.content_hash == content;
}

static void
an_empty_set_knows_nothing(void **state)
{
	struct known_set k = { 0 };
	bool alone;

	(void)state;
	assert_null(known_set_find(&k, 1));
	assert_null(known_set_find_alias(&k, 1, &alone));
	assert_null(known_set_find_text(&k, 1, 1));
	assert_null(known_set_find_content(&k, 1, &alone));
	known_set_clear(&k);
}

static void
a_later_item_replaces(void **state)
{
	struct known_set k = { 0 };

	(void)state;
	put(&k, 5, 100);
	assert_true(knows(&k, 5, 100));
	put(&k, 5, 101);
	assert_true(knows(&k, 5, 101));
	assert_int_equal(k.n, 1);
	assert_int_equal(known_set_find(&k, 5)->item.seen_s, 7);
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
		assert_true(knows(&k, i << 32, i));
	assert_null(known_set_find(&k, UINT64_C(20) << 32));
	known_set_clear(&k);
}

static void
nothing_is_lost_when_it_grows(void **state)
{
	static const uint64_t spread = UINT64_C(0x9E3779B97F4A7C15);
	struct known_set k = { 0 };
	bool alone;

	(void)state;
	for (uint64_t i = 0; i < 10000; i++)
		put_alias(&k, i * spread, i, ~(i * spread));
	assert_int_equal(k.n, 10000);
	for (uint64_t i = 0; i < 10000; i++) {
		assert_true(knows(&k, i * spread, i));
		assert_int_equal(known_set_find_alias(&k, ~(i * spread),
		    &alone)->item.id_hash, i * spread);
		assert_int_equal(known_set_find_text(&k, ~(i * spread),
		    i)->item.id_hash, i * spread);
	}
	assert_true(k.size >= 2 * k.n);
	assert_true(k.ways_size >= 2 * k.n_ways);
	known_set_clear(&k);
}

static void
an_alias_of_two_is_not_alone(void **state)
{
	struct known_set k = { 0 };
	bool alone;

	(void)state;
	put_alias(&k, 1, 10, 77);
	assert_non_null(known_set_find_alias(&k, 77, &alone));
	assert_true(alone);
	put_alias(&k, 2, 20, 77);
	assert_non_null(known_set_find_alias(&k, 77, &alone));
	assert_false(alone);
	/* What they said tells them apart all the same. */
	assert_int_equal(known_set_find_text(&k, 77, 10)->item.id_hash, 1);
	assert_int_equal(known_set_find_text(&k, 77, 20)->item.id_hash, 2);
	assert_null(known_set_find_text(&k, 77, 30));
	known_set_clear(&k);
}

static void
an_alias_moves_from_item_to_item(void **state)
{
	struct known_set k = { 0 };
	bool alone;

	(void)state;
	put_alias(&k, 1, 10, 77);
	put_alias(&k, 1, 10, 0);
	assert_null(known_set_find_alias(&k, 77, &alone));
	put_alias(&k, 2, 11, 77);
	assert_int_equal(known_set_find_alias(&k, 77, &alone)->item.id_hash,
	    2);
	assert_true(alone);
	assert_non_null(known_set_find_text(&k, 77, 10));	/* it said so */
	known_set_clear(&k);
}

static void
what_it_said_leads_to_it_while_it_says_so(void **state)
{
	struct known_set k = { 0 };
	bool alone;

	(void)state;
	put(&k, 9, 10);			/* without an alias: not found so */
	put_alias(&k, 1, 10, 77);
	assert_int_equal(known_set_find_content(&k, 10, &alone)->item.id_hash,
	    1);
	assert_true(alone);
	assert_null(known_set_find_content(&k, 77, &alone));
	assert_null(known_set_find_alias(&k, 10, &alone));
	put_alias(&k, 1, 11, 77);
	assert_null(known_set_find_content(&k, 10, &alone));
	assert_non_null(known_set_find_content(&k, 11, &alone));
	put_alias(&k, 1, 11, 0);
	assert_null(known_set_find_content(&k, 11, &alone));
	put_alias(&k, 2, 11, 78);
	put_alias(&k, 3, 11, 79);
	assert_non_null(known_set_find_content(&k, 11, &alone));
	assert_false(alone);
	known_set_clear(&k);
}

static void
a_name_is_copied(void **state)
{
	struct known_set k = { 0 };
	char name[] = "guid-1";
	struct known_item item = { .id_hash = 1, .name = { name, 6 } };

	(void)state;
	assert_int_equal(known_set_put(&k, &item), 0);
	name[0] = 'x';
	assert_true(str_eq_c(known_set_find(&k, 1)->item.name, "guid-1"));
	item.name = STR_NONE;
	assert_int_equal(known_set_put(&k, &item), 0);
	assert_int_equal(known_set_find(&k, 1)->item.name.n, 0);
	known_set_clear(&k);
}

static void
each_document_lists_anew(void **state)
{
	struct known_set k = { 0 };

	(void)state;
	put(&k, 1, 10);
	assert_false(known_set_is_listed(&k, known_set_find(&k, 1)));
	known_set_begin(&k);
	assert_false(known_set_is_listed(&k, known_set_find(&k, 1)));
	known_set_list(&k, 1, 5, 6);
	assert_true(known_set_is_listed(&k, known_set_find(&k, 1)));
	assert_int_equal(known_set_find(&k, 1)->look, 5);
	known_set_begin(&k);
	assert_false(known_set_is_listed(&k, known_set_find(&k, 1)));
	known_set_clear(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_set_knows_nothing),
		cmocka_unit_test(a_later_item_replaces),
		cmocka_unit_test(hashes_of_one_slot_stay_apart),
		cmocka_unit_test(nothing_is_lost_when_it_grows),
		cmocka_unit_test(an_alias_of_two_is_not_alone),
		cmocka_unit_test(an_alias_moves_from_item_to_item),
		cmocka_unit_test(what_it_said_leads_to_it_while_it_says_so),
		cmocka_unit_test(a_name_is_copied),
		cmocka_unit_test(each_document_lists_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
