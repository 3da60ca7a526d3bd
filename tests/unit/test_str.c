/* SPDX-License-Identifier: ISC */
/* base/str, and base/err, which is as small. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*says;
	struct str	 a, b;
	bool		 eq, eq_nocase;
} pairs[] = {
	{ "alike", { "abc", 3 }, { "abc", 3 }, true, true },
	{ "empty ones, wherever they point", { NULL, 0 }, { "x", 0 }, true,
	    true },
	{ "a prefix is not the whole", { "abc", 3 }, { "abcd", 4 }, false,
	    false },
	{ "case", { "aBc", 3 }, { "AbC", 3 }, false, true },
	{ "only letters have case: @ and `", { "@", 1 }, { "`", 1 }, false,
	    false },
	{ "[ and {", { "[", 1 }, { "{", 1 }, false, false },
	{ "bytes over 127 have none", { "\xc9", 1 }, { "\xe9", 1 }, false,
	    false },
	{ "a NUL is a byte like others", { "a\0b", 3 }, { "a\0c", 3 }, false,
	    false },
};

static void
compares(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(pairs); i++)
		if (str_eq(pairs[i].a, pairs[i].b) != pairs[i].eq ||
		    str_eq_nocase(pairs[i].a, pairs[i].b) !=
		    pairs[i].eq_nocase)
			fail_msg("%s", pairs[i].says);
	assert_true(str_eq_c(STR("abc"), "abc"));
	assert_false(str_eq_c(STR("abc"), "ab"));
	assert_true(str_eq_c(STR_NONE, NULL));
	assert_true(str_same(NULL, NULL));
	assert_true(str_same("", ""));
	assert_false(str_same(NULL, ""));
	assert_false(str_same("a", NULL));
	assert_false(str_same("a", "b"));
}

static void
bytes_give_an_order(void **state)
{
	static const char *const sorted[] = { "", "a", "ab", "b", "\xc3" };

	(void)state;
	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 5; k++) {
			int rc = str_order(str_from(sorted[i]),
			    str_from(sorted[k]));

			assert_int_equal((rc > 0) - (rc < 0),
			    (i > k) - (i < k));
		}
	assert_int_equal(str_order(STR_NONE, str_from("")), 0);
}

static void
parts_are_clipped(void **state)
{
	struct str s = STR("headline");

	(void)state;
	assert_true(str_eq_c(str_sub(s, 0, 4), "head"));
	assert_true(str_eq_c(str_sub(s, 4, 99), "line"));
	assert_true(str_eq_c(str_sub(s, 4, SIZE_MAX), "line"));
	assert_int_equal(str_sub(s, 8, 1).n, 0);
	assert_int_equal(str_sub(s, SIZE_MAX, SIZE_MAX).n, 0);
	assert_int_equal(str_sub(STR_NONE, 3, 3).n, 0);
	assert_true(str_starts(s, STR("head")));
	assert_true(str_starts(s, STR_NONE));
	assert_true(str_starts(s, s));
	assert_false(str_starts(s, STR("headlined")));
	assert_false(str_starts(s, STR("line")));
	assert_false(str_starts(STR_NONE, STR("a")));
}

static void
trims_what_xml_calls_space(void **state)
{
	(void)state;
	assert_true(str_eq_c(str_trim(STR(" \t\r\na b\n ")), "a b"));
	assert_true(str_eq_c(str_trim(STR("\v\f")), "\v\f"));
	assert_int_equal(str_trim(STR(" \n ")).n, 0);
	assert_int_equal(str_trim(STR_NONE).n, 0);
}

static void
duplicates_end_with_a_nul(void **state)
{
	char *whole = str_dup(str_sub(STR("headline"), 0, 4));
	char *none = str_dup(STR_NONE);

	(void)state;
	assert_string_equal(whole, "head");
	assert_string_equal(none, "");
	free(whole);
	free(none);
}

static void
errors_gather_context(void **state)
{
	struct err e;
	char longest[2000];

	(void)state;
	assert_int_equal(err_at(&e, "f.yaml", 3, 7, "unknown key \"%s\"", "x"),
	    -1);
	assert_string_equal(e.msg, "unknown key \"x\"");
	assert_int_equal(err_wrap(&e, "topic %d", 5), -1);
	assert_string_equal(e.msg, "topic 5: unknown key \"x\"");
	assert_string_equal(e.file, "f.yaml");
	assert_int_equal(e.line, 3);
	assert_int_equal(e.col, 7);
	assert_int_equal(err_set(&e, "full"), -1);
	assert_null(e.file);
	assert_int_equal(e.line, 0);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	err_set(&e, "%s", longest);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	err_wrap(&e, "short");
	assert_memory_equal(e.msg, "short: xxx", 10);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	err_wrap(&e, "%s", longest);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	for (size_t n = sizeof(e.msg) - 6; n < sizeof(e.msg) + 3; n++) {
		err_set(&e, "old");
		err_wrap(&e, "%.*s", (int)n, longest);
		assert_true(strlen(e.msg) < sizeof(e.msg));
	}
}

static const struct {
	const char	*says;
	struct str	 s, word;
	size_t		 at;
} finds[] = {
	{ "at the front", { "abc", 3 }, { "AB", 2 }, 0 },
	{ "at the end", { "xxAbc", 5 }, { "abc", 3 }, 2 },
	{ "the first of two", { "-ab-ab", 6 }, { "ab", 2 }, 1 },
	{ "behind its own beginning", { "aab", 3 }, { "ab", 2 }, 1 },
	{ "not all of it", { "xab", 3 }, { "abc", 3 }, 3 },
	{ "longer than all", { "ab", 2 }, { "abc", 3 }, 2 },
	{ "in nothing", { NULL, 0 }, { "a", 1 }, 0 },
	{ "behind a NUL", { "a\0b", 3 }, { "B", 1 }, 2 },
};

static void
finds_a_word_case_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(finds); i++)
		if (str_find_nocase(finds[i].s, finds[i].word) != finds[i].at)
			fail_msg("%s", finds[i].says);
}

static const struct {
	const char	*says;
	struct str	 list;
	const char	*want;			/* each in brackets */
} lists[] = {
	{ "nothing", { NULL, 0 }, "" },
	{ "blanks only", { " \t\n", 3 }, "" },
	{ "one", { "one", 3 }, "[one]" },
	{ "blanks around and between", { "  a \t b\r\n", 9 }, "[a][b]" },
	{ "a form feed and a NUL part as well", { "a\fb\0c", 5 },
	    "[a][b][c]" },
	{ "other bytes do not", { "a\xc2\xa0" "b,c", 6 },
	    "[a\xc2\xa0" "b,c]" },
};

static void
a_list_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(lists); i++) {
		struct str left = lists[i].list, word;
		char got[64] = "";
		size_t n = 0;

		while ((word = str_next_word(&left)).n > 0)
			n += (size_t)snprintf(got + n, sizeof(got) - n,
			    "[%.*s]", STR_ARG(word));
		if (strcmp(got, lists[i].want) != 0 || left.n != 0)
			fail_msg("%s: %s", lists[i].says, got);
	}
	assert_true(str_has_word(STR("alternate Feed"), STR("feed")));
	assert_false(str_has_word(STR("feeds a-feed"), STR("feed")));
	assert_false(str_has_word(STR(" "), STR("")));
}

static void
only_one_is_no_plural(void **state)
{
	(void)state;
	assert_string_equal(str_plural(1), "");
	assert_string_equal(str_plural(0), "s");
	assert_string_equal(str_plural(2), "s");
	assert_string_equal(str_plural(-1), "s");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(bytes_give_an_order),
		cmocka_unit_test(parts_are_clipped),
		cmocka_unit_test(finds_a_word_case_apart),
		cmocka_unit_test(a_list_has_words),
		cmocka_unit_test(trims_what_xml_calls_space),
		cmocka_unit_test(duplicates_end_with_a_nul),
		cmocka_unit_test(only_one_is_no_plural),
		cmocka_unit_test(errors_gather_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
