/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "feeds/html_entity.h"
#include "feeds/html_entity_table.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*says, *in, *want;
	size_t		 used;
} decodes[] = {
	{ "a name with its semicolon", "&eacute;s", "\xC3\xA9", 8 },
	{ "an old name without one", "&eacutes", "\xC3\xA9", 7 },
	{ "the longest old prefix", "&notit;", "\xC2\xAC", 4 },
	{ "the whole name goes before a prefix", "&notin;", "\xE2\x88\x89",
	    7 },
	{ "a new name needs its semicolon", "&hearts", "", 0 },
	{ "case counts", "&Eacute;", "\xC3\x89", 8 },
	{ "two code points", "&nvlt;", "<\xE2\x83\x92", 6 },
	{ "the longest name of all", "&CounterClockwiseContourIntegral;",
	    "\xE2\x88\xB3", 33 },
	{ "no such name", "&bogus;", "", 0 },
	{ "a lone ampersand", "&", "", 0 },
	{ "an ampersand before a space", "& b", "", 0 },
	{ "a decimal number", "&#8217;s", "\xE2\x80\x99", 7 },
	{ "a hexadecimal number", "&#x2019;s", "\xE2\x80\x99", 8 },
	{ "a capital X", "&#X2019;", "\xE2\x80\x99", 8 },
	{ "a number without its semicolon", "&#65b", "A", 4 },
	{ "no digits", "&#;", "", 0 },
	{ "no hexadecimal digits", "&#xg;", "", 0 },
	{ "windows-1252 by number", "&#146;", "\xE2\x80\x99", 6 },
	{ "zero is no character", "&#0;", "\xEF\xBF\xBD", 4 },
	{ "a surrogate is no character", "&#xD800;", "\xEF\xBF\xBD", 8 },
	{ "beyond Unicode", "&#x110000;", "\xEF\xBF\xBD", 10 },
	{ "a number that overflows 32 bits", "&#4294967361;",
	    "\xEF\xBF\xBD", 13 },
	{ "a control character", "&#1;", "\xEF\xBF\xBD", 4 },
	{ "the last plane", "&#x10FFFF;", "\xF4\x8F\xBF\xBF", 10 },
};

static void
decodes_references(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(decodes); i++) {
		char out[HTML_ENTITY_MAX_BYTES];
		size_t n = 0, used;

		used = html_entity_decode(str_from(decodes[i].in), out, &n);
		if (used != decodes[i].used)
			fail_msg("%s: used %zu", decodes[i].says, used);
		if (used > 0 && !str_eq((struct str){ out, n },
		    str_from(decodes[i].want)))
			fail_msg("%s: %.*s", decodes[i].says, (int)n, out);
	}
}

/* Binary search is right only on a sorted table, and buffers fit the names. */
static void
table_is_in_order(void **state)
{
	(void)state;
	assert_int_equal(html_entity_n_rows, 2125);
	for (size_t i = 0; i < html_entity_n_rows; i++) {
		assert_true(strlen(html_entity_rows[i].name) <=
		    HTML_ENTITY_MAX_NAME);
		if (i > 0)
			assert_true(strcmp(html_entity_rows[i - 1].name,
			    html_entity_rows[i].name) < 0);
	}
}

static void
finds_every_name(void **state)
{
	char out[HTML_ENTITY_MAX_BYTES];

	(void)state;
	for (size_t i = 0; i < html_entity_n_rows; i++)
		assert_true(html_entity_find(
		    str_from(html_entity_rows[i].name), out) > 0);
	assert_int_equal(html_entity_find(STR("eacut"), out), 0);
	assert_int_equal(html_entity_find(STR("eacuteX"), out), 0);
	assert_int_equal(html_entity_find(STR(""), out), 0);
}

static void
knows_windows_1252(void **state)
{
	(void)state;
	assert_int_equal(html_entity_c1(0x80), 0x20AC);
	assert_int_equal(html_entity_c1(0x9F), 0x0178);
	assert_int_equal(html_entity_c1(0x81), 0x81);
	assert_int_equal(html_entity_c1(0xA0), 0xA0);
	assert_int_equal(html_entity_c1('A'), 'A');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_references),
		cmocka_unit_test(table_is_in_order),
		cmocka_unit_test(finds_every_name),
		cmocka_unit_test(knows_windows_1252),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
