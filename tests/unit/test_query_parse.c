/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "filters/query_ast.h"
#include "filters/query_parse.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct query_faults faults;

/* Trees as query_print writes them; = marks a word that compares case. */
static const struct {
	const char	*says;
	const char	*query, *want;
} trees[] = {
	{ "a word", "peace", "peace" },
	{ "a phrase", "\"Rare  Earth\"", "\"rare earth\"" },
	{ "curly quotes are quotes, mixed too", "“rare earth\" AND „x y”",
	    "and(\"rare earth\", \"x y\")" },
	{ "a prefix", "peacekeep*", "peacekeep*" },
	{ "a phrase may end in a prefix", "\"rare eart*\"",
	    "\"rare eart*\"" },
	{ "AND binds tighter than OR", "a OR b AND c OR d",
	    "or(a, and(b, c), d)" },
	{ "NOT joins what stands before it", "a NOT b OR c",
	    "or(and(a, not(b)), c)" },
	{ "AND NOT is NOT", "a AND NOT b", "and(a, not(b))" },
	{ "-x is NOT x", "a -b AND -\"c d\" -(e OR f)",
	    "and(a, not(b), not(\"c d\"), not(or(e, f)))" },
	{ "a hyphen inside is no NOT", "COVID-19a AND t-bone",
	    "and(or(\"=COVID 19a\", covid19a), or(\"t bone\", tbone))" },
	{ "NOT may come first where something is looked for", "NOT a AND b",
	    "and(not(a), b)" },
	{ "brackets", "(a OR b) AND (c)", "and(or(a, b), c)" },
	{ "chains are one node", "a AND b AND c AND d", "and(a, b, c, d)" },
	{ "a field is for what it stands before", "title:a AND b",
	    "and(title:a, b)" },
	{ "a field may have brackets", "title:(a OR \"b c\") OR d",
	    "or(or(title:a, title:\"b c\"), d)" },
	{ "space may follow a field", "title: a", "title:a" },
	{ "body is summary and content", "body:x", "summary:content:x" },
	{ "intitle is title", "intitle:x", "title:x" },
	{ "the other text fields", "author:a OR tag:b OR url:c",
	    "or(author:a, tag:b, url:c)" },
	{ "a URL is no field", "url:https://x.org/a_b",
	    "url:\"https x org a b\"" },
	{ "a time is no field", "10:30", "\"10 30\"" },
	{ "capitals compare case, also in phrases", "WHO OR \"US troops\"",
	    "or(=WHO, \"=US troops\")" },
	{ "one capital does not", "Who OR I OR G20 OR iOS",
	    "or(who, i, g20, ios)" },
	{ "capitals of other scripts do", "США OR Ж", "or(=США, ж)" },
	{ "case: does", "case:polish OR case:\"Big Deal\"",
	    "or(=polish, \"=Big =Deal\")" },
	{ "case: within a field", "title:case:Polish", "title:=Polish" },
	{ "what is one word in a text is one here",
	    "U.S. OR AT&T OR 1,000 OR Putin's OR O’Brien",
	    "or(=US, =AT&T, 1000, putin, o'brien)" },
	{ "signs of money and percent count for nothing", "$500 AND 50%",
	    "and(500, 50)" },
	{ "a hyphenated word is a phrase or one word", "peace-keep*",
	    "or(\"peace keep*\", peacekeep*)" },
	{ "in a phrase it is its parts", "\"un peace-keepers\"",
	    "\"un peace keepers\"" },
	{ "Han is a phrase of characters, its * says nothing", "東京*",
	    "\"東 京\"" },
	{ "accents and sharp s fold", "Café OR Straße OR ЁЛКА",
	    "or(cafe, strasse, =ЕЛКА)" },
	{ "lines that begin with # are comments",
	    "# one (((\na\n  # two \"\nAND b\n#three", "and(a, b)" },
	{ "a # elsewhere is a sign", "a AND #tag", "and(a, tag)" },
	{ "small and, or, not may be words", "and AND or AND not",
	    "and(and, or, not)" },
	{ "pasted white space parts", "a\xc2\xa0" "AND\xe3\x80\x80" "b",
	    "and(a, b)" },
	{ "operators need no space at brackets", "a AND(b)OR(c)",
	    "or(and(a, b), c)" },
};

static void
test_trees(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < COUNT(trees); i++) {
		struct query *q = query_parse(arena,
		    str_from(trees[i].query), NULL, &faults);

		if (q == NULL)
			fail_msg("%s: %s", trees[i].says,
			    faults.list[0].message);
		buf_reset(&b);
		query_print(&b, q);
		if (strcmp(buf_cstr(&b), trees[i].want) != 0)
			fail_msg("%s: %s", trees[i].says, buf_cstr(&b));
	}
	buf_clear(&b);
	arena_free(arena);
}

static void
test_term_text(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct query *q = query_parse(arena, STR("title:\"Rare earth*\""), NULL,
	    &faults);

	(void)state;
	assert_non_null(q);
	assert_true(str_eq_c(q->text, "Rare earth*"));
	q = query_parse(arena, STR("Peacekeep*"), NULL, &faults);
	assert_true(str_eq_c(q->text, "Peacekeep*"));
	arena_free(arena);
}

/* Faults: where, and words the message must hold (parted by |). */
static const struct {
	const char	*says;
	const char	*query;
	struct {
		size_t		 offset, length;
		const char	*holds;
	} want[4];
} errors[] = {
	{ "an empty query", "", { { 0, 0, "empty" } } },
	{ "only space", " \n ", { { 3, 0, "empty|one word at least" } } },
	{ "only space and comments", " \n# a\n ", { { 2, 3, "empty" } } },
	{ "a hash tag is a comment", "#peace AND a",
	    { { 0, 12, "empty|is a comment" } } },
	{ "a comparison without its colon", "a AND age<2d",
	    { { 6, 6, "without its colon|write age:<2d" } } },
	{ "another", "words>=5 AND a", { { 0, 8, "write words:>=5" } } },
	{ "a field with a sign in its place", "a AND lang=en",
	    { { 6, 7, "write lang:en" } } },
	{ "two terms: the phrase, the AND and the OR are shown",
	    "rare earth", { { 0, 10, "\"rare earth\"|rare AND earth|"
	    "rare OR earth" } } },
	{ "many terms are one fault", "a AND (b c d e f)",
	    { { 7, 9, "\"b c d …\"|b AND c AND d AND …" } } },
	{ "two phrases", "\"a b\" \"c d\"",
	    { { 0, 11, "\"a b c d\"|\"a b\" AND \"c d\"" } } },
	{ "a * at the end stays there", "kyiv ukrain*",
	    { { 0, 12, "\"kyiv ukrain*\"|kyiv AND ukrain*" } } },
	{ "inside a phrase there is none", "ukrain* kyiv",
	    { { 0, 12, "write ukrain* AND kyiv, or" } } },
	{ "nor is a loose one a phrase", "\"a b\"~2 c",
	    { { 0, 9, "write \"a b\"~2 AND c, or" } } },
	{ "brackets have no phrase", "(a OR b) c",
	    { { 0, 10, "write (a OR b) AND c, or (a OR b) OR c" } } },
	{ "a small and is explained", "rare and earth",
	    { { 5, 3, "capitals|rare AND earth" } } },
	{ "so is a small not", "a not b",
	    { { 2, 3, "capitals|a NOT b" } } },
	{ "a small or among others", "a or b c",
	    { { 2, 2, "a OR b" }, { 5, 3, "b AND c" } } },
	{ "only NOT", "NOT a", { { 0, 5, "only NOT" } } },
	{ "only NOT, in brackets", "a AND (NOT b)",
	    { { 7, 5, "only NOT" } } },
	{ "only NOT, in an OR", "a OR -b", { { 5, 2, "only NOT" } } },
	{ "two faults at once", "*foo AND (ab* OR c",
	    { { 0, 4, "at the start" }, { 10, 3, "three letters" },
	    { 9, 1, "never closed" } } },
	{ "a * alone", "a AND *", { { 6, 1, "at the start" } } },
	{ "a * inside", "f*o", { { 0, 3, "inside" } } },
	{ "a * inside a phrase", "\"ra* earth\"",
	    { { 0, 11, "inside" } } },
	{ "too few letters before a phrase's *", "\"rare ea*\"",
	    { { 0, 10, "three letters" } } },
	{ "letters are counted folded, without dots", "U.S.*",
	    { { 0, 5, "three letters" } } },
	{ "an unknown field and its nearest", "a AND titel:b",
	    { { 6, 6, "titel: no such field|title:" } } },
	{ "an unknown field far from all", "zzzzzz:b",
	    { { 0, 7, "no such field" } } },
	{ "a field of a field", "title:body:x",
	    { { 0, 11, "field of a field" } } },
	{ "case: before brackets", "case:(a OR b)",
	    { { 0, 6, "one word or phrase" } } },
	{ "brackets never closed", "((a)", { { 0, 1, "never closed" } } },
	{ "brackets never opened", "a) AND b)",
	    { { 1, 1, "never opened" }, { 8, 1, "never opened" } } },
	{ "empty brackets", "a AND ()", { { 6, 2, "nothing" } } },
	{ "a quote at the end", "a AND \"", { { 6, 1, "never closed" } } },
	{ "a quote never closed", "a AND “b c",
	    { { 6, 3, "never closed" } } },
	{ "an operator at the start", "AND a",
	    { { 0, 3, "nothing stands before AND" } } },
	{ "an operator at the end", "a OR",
	    { { 2, 2, "nothing stands behind OR" } } },
	{ "two operators", "a AND OR b",
	    { { 2, 3, "nothing stands behind AND" } } },
	{ "a field with nothing", "title: AND a",
	    { { 0, 6, "nothing stands behind title:" } } },
	{ "no letter in a word", "a AND ...", { { 6, 3, "no letter" } } },
	{ "no warning of its signs beside it", "a AND ++",
	    { { 6, 2, "no letter" } } },
	{ "no letter in a phrase", "\"!\" AND a", { { 0, 3, "no letter" } } },
};

static void
check_fault(const char *says, size_t i, const char *holds)
{
	char part[128];

	while (*holds != '\0') {
		size_t n = strcspn(holds, "|");

		memcpy(part, holds, n);
		part[n] = '\0';
		if (strstr(faults.list[i].message, part) == NULL)
			fail_msg("%s: \"%s\" is not in \"%s\"", says, part,
			    faults.list[i].message);
		holds += n + (holds[n] == '|');
	}
}

static void
test_errors(void **state)
{
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < COUNT(errors); i++) {
		size_t n = 0;

		if (query_parse(arena, str_from(errors[i].query), NULL,
		    &faults) != NULL)
			fail_msg("%s: no fault", errors[i].says);
		for (; n < 4 && errors[i].want[n].holds != NULL; n++) {
			if (n >= faults.n)
				fail_msg("%s: too few", errors[i].says);
			check_fault(errors[i].says, n,
			    errors[i].want[n].holds);
			if (faults.list[n].offset != errors[i].want[n].offset ||
			    faults.list[n].length != errors[i].want[n].length)
				fail_msg("%s: at %zu+%zu", errors[i].says,
				    faults.list[n].offset,
				    faults.list[n].length);
		}
		if (faults.n != n || faults.errors != n)
			fail_msg("%s: too many, %s", errors[i].says,
			    faults.list[n].message);
	}
	arena_free(arena);
}

static const struct {
	const char	*says;
	const char	*query;
	const char	*holds;		/* NULL: no warning */
} warnings[] = {
	{ "AND and OR on one level", "a AND b OR c", "(a AND b) OR c" },
	{ "either way round", "a OR b AND c", "a OR (b AND c)" },
	{ "NOT is an AND", "a OR b NOT c", "a OR (b NOT c)" },
	{ "with fields and phrases", "title:a OR \"b c\" AND d",
	    "title:a OR (\"b c\" AND d)" },
	{ "in brackets too", "x AND (a OR b AND c)", "a OR (b AND c)" },
	{ "signs that are passed over", "C++ AND a", "raw:\"C++\"" },
	{ "another", "c#", "raw:\"c#\"" },
	{ "not where they count", "raw:C++ OR raw:\"C#\"", NULL },
	{ "not with a sign within, behind no field", "a=b OR ages<2", NULL },
	{ "not in a field of text", "url:title=5", NULL },
	{ "not with brackets", "(a AND b) OR c", NULL },
	{ "not with AND alone", "a AND b NOT c", NULL },
	{ "not with OR alone", "a OR b OR c", NULL },
};

static void
test_warnings(void **state)
{
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < COUNT(warnings); i++) {
		assert_non_null(query_parse(arena,
		    str_from(warnings[i].query), NULL, &faults));
		assert_int_equal(faults.errors, 0);
		if (faults.n != (warnings[i].holds != NULL))
			fail_msg("%s: %zu", warnings[i].says, faults.n);
		if (faults.n == 0)
			continue;
		assert_true(faults.list[0].warning);
		check_fault(warnings[i].says, 0, warnings[i].holds);
	}
	arena_free(arena);
}

static void
test_many_faults(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (int i = 0; i < 50; i++)
		buf_addf(&b, "%sab*", i > 0 ? " AND " : "");
	assert_null(query_parse(arena, buf_str(&b), NULL, &faults));
	assert_int_equal(faults.n, QUERY_MAX_FAULTS);
	assert_int_equal(faults.errors, 50);
	buf_clear(&b);
	arena_free(arena);
}

static void
test_limits(void **state)
{
	struct arena *arena = arena_new(32 << 20);
	struct arena *tiny = arena_new(100);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int depth = QUERY_MAX_DEPTH; depth <= QUERY_MAX_DEPTH + 1;
	    depth++) {
		buf_reset(&b);
		for (int i = 0; i < depth; i++)
			buf_add_c(&b, "(");
		buf_add_c(&b, "a");
		for (int i = 0; i < depth; i++)
			buf_add_c(&b, ")");
		if (depth == QUERY_MAX_DEPTH) {
			assert_non_null(query_parse(arena, buf_str(&b),
			    NULL, &faults));
			continue;
		}
		assert_null(query_parse(arena, buf_str(&b), NULL, &faults));
		assert_int_equal(faults.errors, 1);
		check_fault("depth", 0, "too deeply");
	}
	buf_reset(&b);
	while (b.n < QUERY_MAX_BYTES - 1)
		buf_add_c(&b, "(");
	assert_null(query_parse(arena, buf_str(&b), NULL, &faults));
	buf_reset(&b);
	while (b.n <= QUERY_MAX_BYTES)
		buf_add_c(&b, "a ");
	assert_null(query_parse(arena, buf_str(&b), NULL, &faults));
	check_fault("size", 0, "too long a query");
	buf_reset(&b);
	for (int i = 0; i <= QUERY_MAX_WORDS; i++)
		buf_add_c(&b, i == 0 ? "\"a" : " a");
	buf_add_c(&b, "\"");
	assert_null(query_parse(arena, buf_str(&b), NULL, &faults));
	check_fault("words", 0, "too long a phrase");
	buf_reset(&b);
	while (b.n <= QUERY_MAX_WORD_BYTES)
		buf_add_c(&b, "a");
	assert_null(query_parse(arena, buf_str(&b), NULL, &faults));
	check_fault("word", 0, "too long a word");
	assert_null(query_parse(tiny, STR("a AND b"), NULL, &faults));
	check_fault("memory", 0, "memory is out");
	buf_clear(&b);
	arena_free(tiny);
	arena_free(arena);
}

/* Whatever comes: an answer, and faults that lie within the text. */
static void
test_random_queries(void **state)
{
	static const char *const bits[] = { "a", "US", "word ", " ", "(", ")",
	    "\"", "“", "*", " AND ", " OR ", " NOT ", "-", "title:", "case:",
	    "foo:", "NEAR/3 ", "ATLEAST/2 ", "/", "?", "~3", "<", "#", "\n",
	    ".", "'", "東", "\xff", "é", "and ", ":", "raw:", "&" };
	struct arena *arena = arena_new(1 << 20);
	size_t good = 0, bad = 0;
	unsigned seed = 3;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (int round = 0; round < 30000; round++) {
		char *copy;
		struct query *q;

		buf_reset(&b);
		for (int n = rand_r(&seed) % 12; n >= 0; n--)
			buf_add_c(&b, bits[(size_t)rand_r(&seed) %
			    COUNT(bits)]);
		arena_reset(arena);
		copy = malloc(b.n);	/* exactly: sanitizers look */
		memcpy(copy, b.p, b.n);
		q = query_parse(arena, (struct str){ copy, b.n }, NULL,
		    &faults);
		assert_true((q == NULL) == (faults.errors > 0));
		for (size_t i = 0; i < faults.n; i++) {
			assert_true(faults.list[i].offset <= b.n);
			assert_true(faults.list[i].length <=
			    b.n - faults.list[i].offset);
			assert_true(faults.list[i].message[0] != '\0');
		}
		good += q != NULL;
		bad += q == NULL;
		free(copy);
	}
	assert_true(good > 1000);
	assert_true(bad > 1000);
	buf_clear(&b);
	arena_free(arena);
}

static void
test_literal_terms(void **state)
{
	static const struct str terms[] = { { "sanctions", 9 },
	    { "asset freeze", 12 }, { "rare earth*", 11 },
	    { "this AND (that)", 15 }, { "peace-keepers", 13 },
	    { "WHO", 3 } };
	struct arena *arena = arena_new(1 << 20);
	struct query *q;
	struct buf b;
	size_t bad;

	(void)state;
	buf_init(&b, 4096);
	q = query_from_terms(arena, terms, COUNT(terms), &bad, &faults);
	assert_non_null(q);
	query_print(&b, q);
	assert_string_equal(buf_cstr(&b), "or(sanctions, \"asset freeze\", "
	    "\"rare earth*\", \"this =AND that\", "
	    "or(\"peace keepers\", peacekeepers), =WHO)");
	buf_reset(&b);
	q = query_from_terms(arena, terms, 1, &bad, &faults);
	query_print(&b, q);
	assert_string_equal(buf_cstr(&b), "sanctions");
	buf_clear(&b);
	arena_free(arena);
}

static void
test_literal_faults(void **state)
{
	static const struct str terms[] = { { "fine", 4 }, { "ab*", 3 },
	    { "*", 1 } };
	struct arena *arena = arena_new(1 << 20);
	size_t bad;

	(void)state;
	assert_null(query_from_terms(arena, terms, 3, &bad, &faults));
	assert_int_equal(bad, 1);
	assert_int_equal(faults.list[0].offset, 0);
	assert_int_equal(faults.list[0].length, 3);
	check_fault("short", 0, "three letters");
	assert_null(query_from_terms(arena, terms + 2, 1, &bad, &faults));
	assert_int_equal(bad, 0);
	assert_null(query_from_terms(arena, terms, 0, &bad, &faults));
	assert_int_equal(faults.errors, 1);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_term_text),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_many_faults),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_random_queries),
		cmocka_unit_test(test_literal_terms),
		cmocka_unit_test(test_literal_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
