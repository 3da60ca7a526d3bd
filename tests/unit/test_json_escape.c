/* SPDX-License-Identifier: ISC */
/* base/json_escape: RFC 8259, 7. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/json_escape.h"

static void
each_letter_is_one_of_eight_or_none(void **state)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";

	(void)state;
	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		assert_int_equal(json_escape_letter(letters[i]), meant[i]);
	for (int c = 0; c < 256; c++)
		if (c == 0 || strchr(letters, c) == NULL)
			assert_int_equal(json_escape_letter((char)c), -1);
}

static void
each_digit_has_its_value(void **state)
{
	static const char digits[] = "0123456789abcdef", capital[] = "ABCDEF";
	int found = 0;

	(void)state;
	for (int i = 0; i < 16; i++)
		assert_int_equal(json_escape_hex(digits[i]), i);
	for (int i = 0; i < 6; i++)
		assert_int_equal(json_escape_hex(capital[i]), 10 + i);
	for (int c = 0; c < 256; c++)
		found += json_escape_hex((char)c) != -1;
	assert_int_equal(found, 22);
}

static void
halves_make_a_character(void **state)
{
	static const struct {
		uint32_t	high, low, whole;
	} pairs[] = {
		{ 0xd800, 0xdc00, 0x10000 }, { 0xd83d, 0xde00, 0x1f600 },
		{ 0xdbff, 0xdfff, 0x10ffff },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_true(json_escape_is_high(pairs[i].high));
		assert_true(json_escape_is_low(pairs[i].low));
		assert_false(json_escape_is_high(pairs[i].low));
		assert_false(json_escape_is_low(pairs[i].high));
		assert_int_equal(json_escape_pair(pairs[i].high,
		    pairs[i].low), pairs[i].whole);
	}
	assert_false(json_escape_is_high(0xd7ff));
	assert_false(json_escape_is_low(0xe000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_letter_is_one_of_eight_or_none),
		cmocka_unit_test(each_digit_has_its_value),
		cmocka_unit_test(halves_make_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
