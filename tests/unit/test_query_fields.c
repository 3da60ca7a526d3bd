/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/query_rig.h"

static const struct query_set ukraine = { "country:Q212", NULL };
static const struct query_set metals = { "list:metals", NULL };

static int64_t
name_topic(struct str name, struct buf *why, void *ctx)
{
	(void)ctx;
	if (str_eq_c(name, "peace-talks"))
		return 7;
	buf_add_c(why, "no such topic (did you mean peace-talks?)");
	return -1;
}

static const struct query_set *
name_list(struct str name, struct buf *why, void *ctx)
{
	(void)why;
	(void)ctx;
	return str_eq_c(name, "metals") ? &metals : NULL;
}

static const struct query_set *
name_entity(enum query_entity kind, struct str name, struct buf *why,
    void *ctx)
{
	++*(int *)ctx;
	if (kind == QUERY_ENTITY_COUNTRY && str_eq_c(name, "The Ukraine"))
		return &ukraine;
	if (kind == QUERY_ENTITY_ANY && str_eq_c(name, "Q212"))
		return &ukraine;
	buf_add_c(why, "could be a or b");
	return NULL;
}

static int asked;
static const struct query_names names = { name_topic, name_list, name_entity,
	&asked };

static const struct tree_case trees[] = {
	{ "lead and feed are text", "lead:a AND feed:\"b c\"",
	    "and(lead:a, feed:\"b c\")" },
	{ "a lone * is any word", "\"a * b * * c\"", "\"a * b * * c\"" },
	{ "also beside a line end", "\"a\n*\tb\"", "\"a * b\"" },
	{ "~n", "\"a b ccc*\"~0 OR \"d e\"~50",
	    "or(\"a b ccc*\"~0, \"d e\"~50)" },
	{ "? is one letter", "wom?n AND ?olour? AND ab?*",
	    "and(wom?n, ?olour?, ab?*)" },
	{ "? beyond ASCII, folded", "Кры?у AND É?é", "and(кры?у, e?e)" },
	{ "? in capitals compares case", "UNE??O", "=UNE??O" },
	{ "? in a phrase before a letter", "\"wom?n here\" AND \"who? me\"",
	    "and(\"wom?n here\", \"who me\")" },
	{ "? at the end of a phrase is none", "\"who is it?\" AND \"a ???\"",
	    "and(\"who is it\", a)" },
	{ "? before the last * of a phrase", "\"rare ear?*\"",
	    "\"rare ear?*\"" },
	{ "? in a hyphenated word", "wo?ld-w?de",
	    "or(\"wo?ld w?de\", wo?ldw?de)" },
	{ "raw: keeps signs", "raw:\"C++\" AND raw:AT&T",
	    "and(raw'C++', raw'AT&T')" },
	{ "raw: knows no * and ?", "raw:What? OR raw:\"a*\"",
	    "or(raw'What?', raw'a*')" },
	{ "raw: is not joined", "raw:peace-talks", "raw'peace-talks'" },
	{ "raw: in a field", "title:raw:x.y", "title:raw'x.y'" },
	{ "case: with a prefix", "case:Polis*", "=Polis*" },
	{ "a regex, where", "title:/a b+/i AND lead:/c\\/d/ AND e",
	    "and(title:/a b+/i, lead:/c\\/d/, e)" },
	{ "a regex in a field's brackets", "x AND body:(y OR /z/)",
	    "and(x, or(summary:content:y, summary:content:/z/))" },
	{ "sites, each way", "site:WWW.Example.org OR source:a.org OR "
	    "domain:b.org OR site:\"c.org.\"", "or(site:example.org, "
	    "site:a.org, site:b.org, site:c.org)" },
	{ "www. is no part of a site", "site:www.a.org", "site:a.org" },
	{ "sites in brackets", "a AND site:(b.org OR c.org)",
	    "and(a, or(site:b.org, site:c.org))" },
	{ "languages", "lang:EN OR lang:pt-BR OR lang:zh-Hant-TW",
	    "or(lang:en, lang:pt-br, lang:zh-hant-tw)" },
	{ "ages in every unit", "age:<2s OR age:<=2m OR age:>2h OR age:>=2d "
	    "OR age:=2w", "or(age<2, age<=120, age>7200, age>=172800, "
	    "age=1209600)" },
	{ "words", "words:>300 AND words:<= 500",
	    "and(words>300, words<=500)" },
	{ "comparisons in brackets", "age:(>1h AND <2h)",
	    "and(age>3600, age<7200)" },
	{ "the greatest number", "age:<999999999w", "age<604799999395200" },
	{ "a topic", "topic:peace-talks AND a",
	    "and(topic:peace-talks#7, a)" },
	{ "a list", "list:metals OR title:list:\"metals\"",
	    "or({list:metals}, title:{list:metals})" },
	{ "an entity by kind", "country:\"The Ukraine\"", "{country:Q212}" },
	{ "an entity of any kind", "entity:Q212", "{country:Q212}" },
	{ "entities in brackets and fields",
	    "lead:(entity:(Q212 OR Q212) AND a)",
	    "and(or(lead:{country:Q212}, lead:{country:Q212}), lead:a)" },
	{ "sets have places", "ATLEAST/2 list:metals AND entity:Q212 NEAR/5 a",
	    "and(atleast/2({list:metals}), near({country:Q212} /5 a))" },
};

static void
test_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(trees); i++)
		check_tree(&trees[i], &names);
}

static const struct fault_case faults[] = {
	{ "an unknown topic", "topic:peace-talk",
	    { { 6, 10, "topic:peace-talk: no such topic|mean peace-talks" } } },
	{ "an unknown list without a reason", "list:x",
	    { { 5, 1, "list:x: nothing has this name" } } },
	{ "an ambiguous entity", "person:\"John Smith\"",
	    { { 7, 12, "person:John Smith: could be a or b" } } },
	{ "a name is not made of operators", "country:/x/ AND topic:<5",
	    { { 8, 3, "country: takes a name" },
	    { 22, 2, "topic: takes a name" } } },
	{ "an empty name", "list:\"\"", { { 5, 2, "an empty name" } } },
	{ "a name with a distance", "list:\"a b\"~5",
	    { { 5, 7, "~n behind a name" } } },
	{ "a name not closed", "list:\"a b", { { 5, 1, "never closed" } } },
	{ "sites that are none", "site:*.a.org OR site:https://a.org/b OR "
	    "site:a..b", { { 5, 7, "hosts below it" },
	    { 21, 15, "is no host" }, { 45, 4, "is no host" } } },
	{ "languages that are none", "lang:english OR lang:e",
	    { { 5, 7, "english is no code|lang:en" }, { 21, 1, "no code" } } },
	{ "an age without its unit", "age:<2",
	    { { 4, 2, "without its unit|age:<2d" } } },
	{ "an unknown unit", "age:<2y", { { 4, 3, "y is no unit" } } },
	{ "words have no unit", "words:<2d",
	    { { 6, 3, "takes a number alone" } } },
	{ "no comparison", "age:2d OR words:many",
	    { { 4, 2, "age: takes a comparison|age:<2d" },
	    { 16, 4, "words: takes a comparison" } } },
	{ "no number", "words:>x OR words:<> 5 OR words:<-1",
	    { { 6, 2, "no comparison" }, { 18, 4, "no comparison" },
	    { 32, 3, "no comparison" } } },
	{ "too large a number", "words:>1234567890",
	    { { 6, 11, "at most nine digits" } } },
	{ "a comparison without a field", "a AND <5",
	    { { 6, 2, "behind age: or words:" } } },
	{ "a regex without a field", "/a/ AND b",
	    { { 0, 3, "stands behind a field|title:/text/" } } },
	{ "a regex never closed", "title:/a b",
	    { { 6, 2, "never closed" }, { 0, 10, "no operator" } } },
	{ "a regex with other letters", "url:/a/b",
	    { { 4, 4, "b behind a regular expression|path" } } },
	{ "an empty regex", "title:(a OR //)",
	    { { 12, 2, "an empty regular expression" } } },
	{ "what PCRE2 refuses, at its place", "x AND title:/ab(c/",
	    { { 17, 1, "that is none|parenthes" } } },
	{ "inside it too", "x AND title:/a[z-b]c/",
	    { { 17, 1, "out of order" } } },
	{ "a field of a field", "title:body:x",
	    { { 0, 11, "field of a field" } } },
	{ "case: before a field", "case:title:x",
	    { { 0, 11, "title:case:" } } },
	{ "case: and raw:", "case:raw:x", { { 0, 9, "one of the two" } } },
	{ "raw: before brackets", "raw:(a OR b)",
	    { { 0, 5, "raw: takes one word or phrase" } } },
	{ "raw: before a regex", "raw:/a/",
	    { { 4, 3, "raw: takes a word or phrase" } } },
	{ "raw: without a letter", "raw:\"++\"", { { 4, 4, "no letter" } } },
	{ "raw: with a distance", "raw:\"a b\"~3",
	    { { 4, 7, "~n behind raw:" } } },
	{ "NOT behind a field", "title:-x",
	    { { 0, 7, "NOT title:x" } } },
	{ "behind an unknown field anything may stand",
	    "titel:/x/ AND wrods:<5", { { 0, 6, "title:" },
	    { 14, 6, "words:" } } },
	/* Phrases and words. */
	{ "~ without a number", "\"a b\"~",
	    { { 0, 6, "no number behind ~" } } },
	{ "~ out of range", "\"a b\"~51", { { 0, 8, "0 to 50" } } },
	{ "~ with something else", "\"a b\"~5f",
	    { { 0, 8, "out of range" } } },
	{ "~ behind one word", "\"a\"~5", { { 0, 5, "behind one word" } } },
	{ "~ and a lone *", "\"a * b\"~5", { { 0, 9, "a lone * beside ~n" } } },
	{ "~ behind a word", "roam~2 AND roam~",
	    { { 0, 6, "~ behind a word" }, { 11, 5, "~ behind a word" } } },
	{ "^ behind a word", "roam^2", { { 0, 6, "no weights" } } },
	{ "| inside a word", "a|b", { { 0, 3, "a OR b" } } },
	{ "a lone * first", "\"* a\"", { { 0, 5, "lone * first or last" } } },
	{ "a lone * last", "\"a *\"", { { 0, 5, "lone * first or last" } } },
	{ "a * behind the quotes", "\"rare earth\"*",
	    { { 12, 1, "inside them" } } },
	{ "? alone", "?? OR a? OR ?a*", { { 0, 2, "two letters beside ?" },
	    { 6, 2, "two letters" }, { 12, 3, "two letters" } } },
	{ "? counts before the *", "a?*", { { 0, 3, "two letters" } } },
};

static void
test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++)
		check_faults(&faults[i], &names);
}

/* A query that stands alone names nothing. */
static void
test_no_names(void **state)
{
	static const struct fault_case alone = { "alone",
		"topic:a OR list:b OR person:c", { { 6, 1, "nothing has" },
		{ 16, 1, "nothing has" }, { 28, 1, "nothing has" } } };
	static const struct query_names none = { NULL, NULL, NULL, NULL };

	(void)state;
	check_faults(&alone, NULL);
	check_faults(&alone, &none);
}

static const struct {
	const char	*says;
	const char	*query;
	size_t		 offset, length;
	const char	*holds;		/* NULL: no warning */
} warnings[] = {
	{ "a regex alone", "title:/a/", 7, 1, "nothing beside it" },
	{ "beside OR", "a OR title:/bc/", 12, 2, "nothing beside it" },
	{ "beside what needs no word", "age:<2d AND title:/b/ NOT c", 19, 1,
	    "nothing beside it" },
	{ "beside a word", "a AND title:/b/", 0, 0, NULL },
	{ "deep beside a word", "a AND (title:/b/ OR title:/c/)", 0, 0, NULL },
	{ "beside a NEAR, an ATLEAST", "(a NEAR/2 b AND url:/c/) OR "
	    "(ATLEAST/2 d AND url:/e/)", 0, 0, NULL },
	{ "a ! behind a word", "terroris!", 0, 9, "terroris*" },
	{ "not in quotes", "\"Yahoo!\" AND raw:Yahoo!", 0, 0, NULL },
};

static void
test_warnings(void **state)
{
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < COUNT(warnings); i++) {
		const struct query_fault *f = &rig_faults.list[0];

		assert_non_null(query_parse(arena,
		    str_from(warnings[i].query), NULL, &rig_faults));
		assert_int_equal(rig_faults.errors, 0);
		if (rig_faults.n != (warnings[i].holds != NULL))
			fail_msg("%s: %zu", warnings[i].says, rig_faults.n);
		if (rig_faults.n == 0)
			continue;
		assert_true(f->warning);
		check_message(warnings[i].says, 0, warnings[i].holds);
		if (f->offset != warnings[i].offset ||
		    f->length != warnings[i].length)
			fail_msg("%s: at %zu+%zu", warnings[i].says,
			    f->offset, f->length);
	}
	arena_free(arena);
}

/* What query_print does not show. */
static void
test_nodes(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct query *q = query_parse(arena, STR("country:\"The Ukraine\""),
	    &names, &rig_faults);

	(void)state;
	assert_non_null(q);
	assert_ptr_equal(q->set, &ukraine);
	assert_true(str_eq_c(q->text, "country:The Ukraine"));
	assert_true(asked > 0);
	q = query_parse(arena, STR("raw:\"C++ a\""), &names, &rig_faults);
	assert_int_equal(q->n_words, 2);
	assert_true(str_eq_c(q->words[0].cased, "C"));
	assert_true(str_eq_c(q->words[0].folded, "c"));
	assert_true(str_eq_c(q->words[1].cased, "a"));
	q = query_parse(arena, STR("\"wom?n * x\""), &names, &rig_faults);
	assert_true(q->words[0].pattern);
	assert_true(q->words[1].any);
	assert_false(q->words[2].pattern);
	arena_free(arena);
}

/* Fields one in another, as many as a query may hold. */
static void
test_many_fields(void **state)
{
	struct arena *arena = arena_new(32 << 20);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	while (b.n < QUERY_MAX_BYTES - 8)
		buf_add_c(&b, "title:");
	buf_add_c(&b, "a");
	assert_null(query_parse(arena, buf_str(&b), NULL, &rig_faults));
	check_message("fields", 0, "field of a field");
	buf_clear(&b);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_no_names),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_nodes),
		cmocka_unit_test(test_many_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
