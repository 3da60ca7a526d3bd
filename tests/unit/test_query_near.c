/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/query_rig.h"

static const struct tree_case trees[] = {
	{ "NEAR", "a NEAR/5 b", "near(a /5 b)" },
	{ "a chain, link by link", "a NEAR/5 b NEAR/50 \"c d\"",
	    "near(a /5 b /50 \"c d\")" },
	{ "ONEAR", "a ONEAR/1 b", "onear(a /1 b)" },
	{ "NEAR/3f is ONEAR/3", "a NEAR/3f b ONEAR/4 c",
	    "onear(a /3 b /4 c)" },
	{ "a sentence", "a NEAR/s b", "near(a /s b)" },
	{ "paragraphs, in order", "a ONEAR/p b ONEAR/p c",
	    "onear(a /p b /p c)" },
	{ "NEAR binds tighter than NOT and AND",
	    "a AND b NEAR/2 c NOT d NEAR/3 e",
	    "and(a, near(b /2 c), not(near(d /3 e)))" },
	{ "groups stand beside NEAR", "(a OR b) NEAR/2 (c OR (\"d e\" OR f))",
	    "near(or(a, b) /2 or(c, or(\"d e\", f)))" },
	{ "hyphenated words are groups", "a-b NEAR/2 c",
	    "near(or(\"a b\", ab) /2 c)" },
	{ "an operand may have a field", "title:a NEAR/2 b",
	    "near(title:a /2 b)" },
	{ "a field may have a NEAR", "lead:(a NEAR/2 b)",
	    "near(lead:a /2 lead:b)" },
	{ "a loose phrase keeps its slack beside a distance",
	    "a NEAR/2 \"b c\"~7", "near(a /2 \"b c\"~7)" },
	{ "brackets do not bind a NEAR", "(a) NEAR/2 (b)", "near(a /2 b)" },
	{ "ATLEAST", "ATLEAST/3 a", "atleast/3(a)" },
	{ "ATLEAST of a group", "ATLEAST/1000 (a OR \"b c\") AND d",
	    "and(atleast/1000(or(a, \"b c\")), d)" },
	{ "ATLEAST may be denied", "a NOT ATLEAST/2 b",
	    "and(a, not(atleast/2(b)))" },
	{ "a field may have an ATLEAST", "title:(ATLEAST/2 a)",
	    "atleast/2(title:a)" },
};

static void
test_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(trees); i++)
		check_tree(&trees[i], NULL);
}

static const struct fault_case faults[] = {
	{ "no distance", "a NEAR b",
	    { { 2, 4, "NEAR without a distance|NEAR/5" } } },
	{ "an empty distance", "a ONEAR/ b",
	    { { 2, 6, "ONEAR without a distance" } } },
	{ "a distance behind a space is none", "a NEAR 5 b",
	    { { 2, 4, "NEAR without a distance" } } },
	{ "a distance that is none", "a NEAR/x b",
	    { { 2, 6, "a distance that is none|NEAR/s" } } },
	{ "too near", "a NEAR/0 b", { { 2, 6, "out of range|1 to 50" } } },
	{ "too far", "a ONEAR/51 b", { { 2, 8, "out of range" } } },
	{ "far too far", "a NEAR/99999999999 b",
	    { { 2, 16, "a distance that is none" } } },
	{ "NEAR and ONEAR", "a NEAR/5 b ONEAR/5 c",
	    { { 11, 7, "NEAR and ONEAR in one chain" } } },
	{ "NEAR/3 and NEAR/3f", "a NEAR/3 b NEAR/3f c",
	    { { 11, 7, "NEAR and ONEAR in one chain" } } },
	{ "words and sentences", "a NEAR/5 b NEAR/s c",
	    { { 11, 6, "words, sentences and paragraphs" } } },
	{ "AND beside NEAR", "(a AND b) NEAR/5 c",
	    { { 0, 9, "AND beside NEAR|(a NEAR/5 b) AND c" } } },
	{ "AND deeper in", "a NEAR/5 (b OR (c AND d))",
	    { { 9, 16, "AND beside NEAR" } } },
	{ "NOT in brackets", "(a NOT b) NEAR/5 c",
	    { { 0, 9, "NOT beside NEAR|(a NEAR/5 b) NOT c" } } },
	{ "NOT behind NEAR", "a NEAR/5 NOT b",
	    { { 2, 10, "NOT beside NEAR" } } },
	{ "- behind NEAR", "a NEAR/5 -b", { { 2, 8, "NOT beside NEAR" } } },
	{ "ATLEAST beside NEAR", "ATLEAST/2 a NEAR/5 b",
	    { { 0, 11, "ATLEAST beside NEAR" } } },
	{ "NEAR beside NEAR", "(a NEAR/2 b) NEAR/5 c",
	    { { 0, 12, "NEAR in brackets|a NEAR/5 b NEAR/5 c" } } },
	{ "a regex beside NEAR", "a NEAR/5 title:/x/",
	    { { 9, 9, "a regular expression beside NEAR" } } },
	{ "a comparison beside NEAR", "age:<2d NEAR/5 x",
	    { { 0, 7, "a comparison beside NEAR" } } },
	{ "a source beside NEAR", "x NEAR/5 site:a.org",
	    { { 9, 10, "a source beside NEAR" } } },
	{ "nothing before NEAR", "NEAR/5 a",
	    { { 0, 6, "nothing stands before NEAR/5" } } },
	{ "nothing behind NEAR", "a NEAR/5",
	    { { 2, 6, "nothing stands behind NEAR/5" } } },
	{ "ATLEAST without a number", "ATLEAST 3 a",
	    { { 0, 7, "ATLEAST without a number|ATLEAST/3" } } },
	{ "ATLEAST out of range", "ATLEAST/0 a AND ATLEAST/1001 b",
	    { { 0, 9, "out of range (1 to 1000)" },
	    { 16, 12, "out of range" } } },
	{ "AND in ATLEAST", "ATLEAST/3 (a AND b)",
	    { { 10, 9, "AND inside ATLEAST|ATLEAST/3 a AND" } } },
	{ "NEAR in ATLEAST", "ATLEAST/3 (a NEAR/2 b)",
	    { { 10, 12, "NEAR inside ATLEAST" } } },
	{ "ATLEAST twice", "ATLEAST/3 ATLEAST/2 a",
	    { { 0, 19, "ATLEAST twice" } } },
	/* As other programs write them. */
	{ "w/5", "a w/5 b", { { 2, 3, "\"w/5\" is no operator|NEAR/5" } } },
	{ "W/s", "a W/s b", { { 2, 3, "write NEAR/s" } } },
	{ "/5 and /p", "a /5 b AND c /p d",
	    { { 2, 2, "write NEAR/5" }, { 13, 2, "write NEAR/p" } } },
	{ "NEAR5 and NEAR~5", "a NEAR5 b OR c NEAR~5 d",
	    { { 2, 5, "write NEAR/5" }, { 15, 6, "write NEAR/5" } } },
	{ "near/5", "a near/5 b", { { 2, 6, "write NEAR/5" } } },
	{ "near alone", "a near b",
	    { { 2, 4, "capitals|write a NEAR/5 b" } } },
	{ "pre/3", "a pre/3 b", { { 2, 5, "write ONEAR/3" } } },
	{ "adj4", "a adj4 b", { { 2, 4, "write ONEAR/4" } } },
	{ "within 9", "a WITHIN/9 b", { { 2, 8, "write NEAR/9" } } },
	{ "NEAR:5", "a NEAR:5 b", { { 2, 6, "write NEAR/5" } } },
	{ "ATLEAST3", "ATLEAST3(a)", { { 0, 8, "write ATLEAST/3" } } },
	{ "NEAR out of range as well", "a NEAR99 b",
	    { { 2, 6, "write NEAR/99" }, { 2, 6, "out of range" } } },
};

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++)
		check_faults(&faults[i], NULL);
}

/* What only looks like an operator. */
static void
test_words_all_the_same(void **state)
{
	static const struct tree_case words[] = {
		{ "a time and a fraction", "24/7 AND near AND w5 AND adjs",
		    "and(\"24 7\", near, w5, adjs)" },
		{ "and in quotes", "\"w/5\" OR \"a & b\"",
		    "or(\"w 5\", \"a b\")" },
		{ "signs inside words", "AT&T AND +5", "and(=AT&T, 5)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		check_tree(&words[i], NULL);
}

static void
test_chain_length(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	buf_add_c(&b, "a");
	for (int n = 2; n <= QUERY_MAX_CHAIN; n++)
		buf_addf(&b, " NEAR/%d a", n);
	assert_non_null(query_parse(arena, buf_str(&b), NULL, &rig_faults));
	buf_add_c(&b, " NEAR/1 a");
	assert_null(query_parse(arena, buf_str(&b), NULL, &rig_faults));
	assert_int_equal(rig_faults.errors, 1);
	check_message("length", 0, "too long a chain");
	buf_clear(&b);
	arena_free(arena);
}

/* The chain and each operand behind the first know their link. */
static void
test_links(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct query *q = query_parse(arena, STR("a NEAR/5f b NEAR/7f c"),
	    NULL, &rig_faults);

	(void)state;
	assert_non_null(q);
	assert_int_equal(q->kind, QUERY_NEAR);
	assert_int_equal(q->near, QUERY_NEAR_WORDS);
	assert_true(q->in_order);
	assert_int_equal(q->first->next->distance, 5);
	assert_true(q->first->next->in_order);
	assert_int_equal(q->first->next->next->distance, 7);
	assert_null(q->first->next->next->next);
	q = query_parse(arena, STR("a NEAR/p b"), NULL, &rig_faults);
	assert_int_equal(q->near, QUERY_NEAR_PARAGRAPH);
	assert_int_equal(q->first->next->near, QUERY_NEAR_PARAGRAPH);
	assert_false(q->in_order);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_words_all_the_same),
		cmocka_unit_test(test_chain_length),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
