/* SPDX-License-Identifier: ISC */
/*
 * Operators beyond AND, OR and NOT: what holds and by which places; that their
 * work is linear, by its own count of steps; what explains a topic.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* The k-th of the queries is topic k; topic:k names it; list:metals is tin
 * OR "rare earth". */
static int64_t
find_topic(struct str name, struct buf *why, void *ctx)
{
	(void)why;
	(void)ctx;
	return name.n == 1 ? name.p[0] - '0' : -1;
}

static const struct query_set *
find_list(struct str name, struct buf *why, void *ctx)
{
	(void)name;
	(void)why;
	return ctx;
}

static const struct query_set *
make_metals(struct arena *a)
{
	const struct str terms[] = { STR("tin"), STR("rare earth") };
	struct query_set *set = arena_alloc(a, sizeof(*set));
	struct query_faults faults = { .n = 0 };
	size_t bad;

	*set = (struct query_set){ .id = "list:metals",
	    .any = query_from_terms(a, terms, 2, &bad, &faults) };
	assert_non_null(set->any);
	return set;
}

static struct topic_set *
compile(const char *const *queries, size_t n)
{
	struct topic_set_builder *b = topic_set_builder_new();
	struct arena *a = arena_new(16 << 20);
	struct query_names names = { .topic = find_topic, .list = find_list };
	static struct query_faults faults;
	struct topic_set *set;
	struct err err;

	names.ctx = (void *)(uintptr_t)make_metals(a);
	for (size_t i = 0; i < n; i++) {
		struct query *q = query_parse(a, str_from(queries[i]), &names,
		    &faults);

		if (q == NULL)
			fail_msg("%s: %s", queries[i],
			    faults.list[0].message);
		assert_int_equal(topic_set_builder_add(b, q, &faults), i);
	}
	arena_free(a);
	set = topic_set_compile(b, &err);
	assert_non_null(set);
	return set;
}

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct buf *out = ctx;

	buf_addf(out, "%u", topic);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "[%.1s%zu %.*s]", hits[i].field, hits[i].offset,
		    STR_ARG(hits[i].text));
	return 0;
}

static const struct matcher_ops ops = { .on_topic = on_topic };

static const struct {
	const char	*says, *query, *content, *want;
} cases[] = {
	{ "NEAR holds with as many words between", "a NEAR/2 b", "a x x b",
	    "0[c0 a][c6 b]" },
	{ "and not with one more", "a NEAR/2 b", "a x x x b", "" },
	{ "its order is free", "a NEAR/1 b", "b x a", "0[c0 b][c4 a]" },
	{ "ONEAR's is not", "a ONEAR/1 b", "b x a", "" },
	{ "only what is near is told", "a NEAR/1 b", "a x x x a b",
	    "0[c8 a][c10 b]" },
	{ "an operand is another word", "a NEAR/5 a", "a x", "" },
	{ "of which there may be two", "a NEAR/5 a", "a x a",
	    "0[c0 a][c4 a]" },
	{ "in a chain too", "a NEAR/5 b NEAR/5 a", "a b", "" },
	{ "where there are three", "a NEAR/5 b NEAR/5 a", "a b a",
	    "0[c0 a][c2 b][c4 a]" },
	{ "each neighbour of a chain is near", "a NEAR/1 b NEAR/1 c",
	    "a b x x c", "" },
	{ "a phrase counts by its nearer end", "\"a b c\" NEAR/1 d",
	    "a b c x d", "0[c0 a b c][c8 d]" },
	{ "groups stand beside NEAR", "(a OR c) NEAR/1 (b OR d)", "c x d a",
	    "0[c0 c][c4 d][c6 a]" },
	{ "a hyphenated word is its parts to a NEAR", "pea* NEAR/1 keepers",
	    "peace-keepers", "0[c0 peace][c6 keepers]" },
	{ "in one sentence", "a NEAR/s b", "A xx. Yy b yy. Zz a b.",
	    "0[c18 a][c20 b]" },
	{ "ONEAR in one sentence", "a ONEAR/s b", "B a xx. A b.",
	    "0[c8 A][c10 b]" },
	{ "in one paragraph", "a NEAR/p b", "A x. Y b.\n\nA.",
	    "0[c0 A][c7 b]" },
	{ "not across paragraphs", "a NEAR/p b", "A x.\n\nY b.", "" },
	{ "ATLEAST counts places", "ATLEAST/3 a", "a x a a",
	    "0[c0 a][c4 a][c6 a]" },
	{ "and fewer are too few", "ATLEAST/3 a", "a x a", "" },
	{ "of a group it sums them", "ATLEAST/3 (a OR b)", "a b a",
	    "0[c0 a][c2 b][c4 a]" },
	{ "the same place once", "ATLEAST/2 (peace OR peac*)", "peace", "" },
	{ "a hyphenated word once", "ATLEAST/2 peace-keepers",
	    "peace-keepers", "" },
	{ "a * is a word", "\"a * b\"", "a x b", "0[c0 a x b]" },
	{ "and one alone", "\"a * b\"", "a b a x x b", "" },
	{ "two are two", "\"a * * b\"", "a x x b", "0[c0 a x x b]" },
	{ "a loose phrase in any order", "\"a b c\"~2", "c x a x b",
	    "0[c0 c x a x b]" },
	{ "has no more between", "\"a b c\"~1", "c x a x b", "" },
	{ "and not the same word twice", "\"a a b\"~5", "a b x", "" },
	{ "words that stand for each other's", "\"peace peac*\"~1",
	    "peace peacock", "0[c0 peace peacock]" },
	{ "in either order", "\"peace peac*\"~1", "peacock peace",
	    "0[c0 peacock peace]" },
	{ "a stretch is near by its longer end too", "\"a b\"~3 NEAR/1 c",
	    "a b x b c", "0[c0 a b x b][c8 c]" },
	{ "a loose phrase of a hyphenated word", "\"un peacekeepers\"~0",
	    "peace-keepers UN", "0[c0 peace-keepers UN]" },
	{ "a ? is a letter", "wom?n", "women womn woman",
	    "0[c0 women][c11 woman]" },
	{ "raw compares punctuation", "raw:\"C++\"", "C c++ C++ C#",
	    "0[c6 C++]" },
	{ "before the word as well", "raw:\".NET\"", "NET .net .NET",
	    "0[c9 .NET]" },
	{ "a run of space is any", "raw:\"A, B\"", "A B A,\n B",
	    "0[c4 A,\n B]" },
	{ "the lead ends with its paragraph", "lead:b", "a b.\n\nc b.",
	    "0[c2 b]" },
	{ "what is behind it is no lead", "lead:b", "a.\n\nc b.", "" },
	{ "nor a phrase half in it", "lead:\"a c\"", "a\n\nc.\n\nx", "" },
	{ "a regex is told by its match", "body:/b+c/ AND a", "a bbbc",
	    "0[c0 a][c2 bbbc]" },
	{ "it may compare case", "body:/B/ AND a", "a b", "" },
	{ "or not", "body:/B/i AND a", "a b", "0[c0 a][c2 b]" },
	{ "words are counted", "words:=3", "a b-c", "0" },
	{ "more or fewer", "words:>3 OR words:<3", "a b-c", "" },
	{ "a site is those below it", "site:example.com", "a", "0" },
	{ "and no other", "site:ample.com", "a", "" },
	{ "a language is its kinds", "lang:en", "a", "0" },
	{ "and not the other way", "lang:en-US", "a", "" },
	{ "age", "age:<=60s", "a", "0" },
	{ "less", "age:<60s", "a", "" },
	{ "a list's terms by the name it has", "list:metals",
	    "tin rare earth", "0[c0 tin][c4 rare earth]" },
	{ "in its field", "title:list:metals OR x", "tin", "" },
	{ "beside NEAR", "list:metals NEAR/1 ore", "tin x x rare earth ore",
	    "0[c8 rare earth][c19 ore]" },
	{ "under ATLEAST", "ATLEAST/2 list:metals", "rare earth tin",
	    "0[c0 rare earth][c11 tin]" },
	{ "a feed's name is text", "feed:news", "a", "0[f8 News]" },
	{ "and so is another's that it is read for", "feed:wire", "a",
	    "0[f19 Wire]" },
	{ "a phrase of one of them", "feed:\"alpha wire\"", "a",
	    "0[f13 Alpha Wire]" },
	{ "no phrase of two", "feed:\"news alpha\"", "a", "" },
	{ "no distance over two", "feed:(news NEAR/9 alpha)", "a", "" },
	{ "each is a sentence", "feed:(news NEAR/s alpha)", "a", "" },
	{ "of its own", "feed:(wire NEAR/s alpha)", "a",
	    "0[f13 Alpha][f19 Wire]" },
};

static void
run(struct topic_set *set, struct matcher *m, struct str content,
    struct buf *out)
{
	struct document d = { .text[FIELD_CONTENT] = content,
		.text[FIELD_FEED] = STR("Example News\nAlpha Wire"),
		.age_s = 60,
		.sites = STR("news.example.com"), .language = STR("en-GB") };
	struct err err;

	buf_reset(out);
	assert_int_equal(matcher_run(m, set, &d, NULL, &ops, out, &err), 0);
}

static void
test_operators(void **state)
{
	struct matcher *m = matcher_new();
	size_t wrong = 0;
	struct buf out;

	(void)state;
	buf_init(&out, 65536);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct topic_set *set = compile(&cases[i].query, 1);

		run(set, m, str_from(cases[i].content), &out);
		if (strcmp(buf_cstr(&out), cases[i].want) != 0) {
			print_error("%s: %s over <%s>: %s, not %s\n",
			    cases[i].says, cases[i].query, cases[i].content,
			    buf_cstr(&out), cases[i].want);
			wrong++;
		}
		topic_set_unref(set);
	}
	assert_int_equal(wrong, 0);
	buf_clear(&out);
	matcher_free(m);
}

static void
test_topics_in_topics(void **state)
{
	static const char *const queries[] = { "topic:1 NOT c", "a OR b",
	    "topic:0 AND d", "a OR b", "title:topic OR topic:0" };
	struct topic_set *set = compile(queries, COUNT(queries));
	struct matcher *m = matcher_new();
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	run(set, m, STR("b d"), &out);
	assert_string_equal(buf_cstr(&out),
	    "0[c0 b]1[c0 b]2[c0 b][c2 d]3[c0 b]4[c0 b]");
	run(set, m, STR("b c d"), &out);
	assert_string_equal(buf_cstr(&out), "1[c0 b]3[c0 b]");
	buf_clear(&out);
	matcher_free(m);
	topic_set_unref(set);
}

/* Each topic names the one before 16 times: to gather its places as often is
 * 16^9 times the work. This would not end. */
static void
test_named_often(void **state)
{
	const char *queries[10] = { "b" };
	struct matcher *m = matcher_new();
	struct topic_set *set;
	struct buf named[10], out;

	(void)state;
	for (int i = 1; i < 10; i++) {
		buf_init(&named[i], 1024);
		for (int k = 0; k < 16; k++)
			buf_addf(&named[i], "%stopic:%d", k == 0 ? "" :
			    " AND ", i - 1);
		queries[i] = buf_cstr(&named[i]);
	}
	buf_init(&out, 4096);
	set = compile(queries, COUNT(queries));
	run(set, m, STR("a b"), &out);
	assert_non_null(strstr(buf_cstr(&out), "9[c2 b]"));
	for (int i = 1; i < 10; i++)
		buf_clear(&named[i]);
	buf_clear(&out);
	matcher_free(m);
	topic_set_unref(set);
}

static void
test_circle(void **state)
{
	static const char *const queries[] = { "topic:1 AND a",
	    "topic:0 OR b" };
	struct topic_set_builder *b = topic_set_builder_new();
	struct arena *a = arena_new(1 << 20);
	struct query_names names = { .topic = find_topic };
	static struct query_faults faults;
	struct err err;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(topic_set_builder_add(b, query_parse(a,
		    str_from(queries[i]), &names, &faults), &faults), i);
	assert_null(topic_set_compile(b, &err));
	arena_free(a);
}

/* Text that asks most of a query: n times the pieces, then m times more. */
static const struct {
	const char	*query;
	const char	*piece[2];
} works[] = {
	{ "a NEAR/50 b", { "a ", "b " } },
	{ "a NEAR/50 b", { "a b ", "" } },
	{ "a ONEAR/50 b", { "b ", "a " } },
	{ "a ONEAR/3 b ONEAR/3 c ONEAR/3 d", { "a b c ", "d a " } },
	{ "a NEAR/9 b NEAR/9 a NEAR/9 b NEAR/9 c", { "a b ", "x c " } },
	{ "a NEAR/9 b NEAR/9 a",
	    { "a b x x x x x x x x x x x x x x x x x x x x ", "" } },
	{ "a NEAR/s b", { "a ", "b " } },
	{ "a ONEAR/s b", { "b ", "a " } },
	{ "a NEAR/s b NEAR/s a", { "b ", "" } },
	{ "a NEAR/p b", { "A x. ", "B x.\n\n" } },
	{ "\"a b\"~50", { "a ", "b " } },
	{ "\"a a a b\"~50", { "a ", "x " } },
	{ "\"aaaa a?aa aa?a b\"~50", { "aaaa ", "x " } },
	{ "\"aaaa a?aa aa?a aaaa b\"~50", { "aaaa b ", "x " } },
	{ "\"a a a a a a a b\"", { "a ", "x " } },
	{ "\"a * * a b\"", { "a ", "x " } },
	{ "ATLEAST/1000 (a OR \"a b\")", { "a b ", "x " } },
	{ "raw:\"a-b\" NEAR/5 c", { "a-b ", "c " } },
	{ "\"peac?s peace keep*\"~9 NEAR/3 peace-keepers",
	    { "peace-keepers ", "x " } },
};

static uint64_t
work(size_t i, int n, uint64_t *limits)
{
	const char *query = works[i].query;
	struct topic_set *set;
	struct matcher *m = matcher_new();
	struct matcher_counters counters;
	struct buf text, out;

	buf_init(&text, 16 << 20);
	buf_init(&out, 65536);
	for (int p = 0; p < 2; p++)
		for (int k = 0; k < n; k++)
			buf_add_c(&text, works[i].piece[p]);
	set = compile(&query, 1);
	run(set, m, buf_str(&text), &out);
	counters = matcher_counters(m);
	*limits = counters.search_limits;
	buf_clear(&text);
	buf_clear(&out);
	matcher_free(m);
	topic_set_unref(set);
	return counters.steps;
}

/* Twice the text, no more than twice the steps and some. */
static void
test_linear(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(works); i++) {
		uint64_t limits, one = work(i, 10000, &limits);
		uint64_t two = work(i, 20000, &limits);

		if (two > one * 22 / 10 + 1000 || one > 10000 * 2000) {
			print_error("%s: %llu steps, then %llu\n",
			    works[i].query, (unsigned long long)one,
			    (unsigned long long)two);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* Each topic is linear; of so many of them the document takes no more than its
 * share, and what needs no search holds as before. */
static void
test_bounded_in_all(void **state)
{
	enum { NEARS = 1000, WORDS = 20000 };
	static const char *queries[NEARS + 1];
	static char texts[NEARS][64];
	struct matcher *m = matcher_new();
	struct matcher_counters counters;
	struct topic_set *set;
	struct buf text, out;

	(void)state;
	for (int i = 0; i < NEARS; i++) {
		snprintf(texts[i], sizeof(texts[i]), "a NEAR/%d b NEAR/%d c",
		    i % 50 + 1, i / 50 + 1);
		queries[i] = texts[i];
	}
	queries[NEARS] = "c AND a";
	buf_init(&text, 1 << 20);
	buf_init(&out, 65536);
	for (int i = 0; i < WORDS; i++)
		buf_add_c(&text, "a x ");
	for (int i = 0; i < WORDS; i++)
		buf_add_c(&text, "b x ");
	buf_add_c(&text, "c");
	set = compile(queries, COUNT(queries));
	run(set, m, buf_str(&text), &out);
	counters = matcher_counters(m);
	print_message("# %llu steps, %llu given up\n",
	    (unsigned long long)counters.steps,
	    (unsigned long long)counters.search_limits);
	assert_in_range(counters.search_limits, 1, NEARS);
	assert_true(counters.steps < 40 << 20);
	assert_non_null(strstr(buf_cstr(&out), "1000["));
	/* The next one has its own. */
	buf_reset(&out);
	run(set, m, STR("a b c"), &out);
	assert_non_null(strstr(buf_cstr(&out), "999["));
	assert_int_equal(matcher_counters(m).search_limits,
	    counters.search_limits);
	buf_clear(&text);
	buf_clear(&out);
	matcher_free(m);
	topic_set_unref(set);
}

static int
on_node(const struct matcher_node *node, void *ctx)
{
	struct buf *out = ctx;

	buf_addf(out, "%u%c%.*s", node->depth, node->held ? '+' : '-',
	    STR_ARG(node->text));
	for (size_t i = 0; i < node->n_hits; i++)
		buf_addf(out, "[%zu]", node->hits[i].offset);
	buf_add_char(out, '\n');
	return 0;
}

/* Who stands for several feeds is of each one's site. */
static void
test_several_sites(void **state)
{
	static const char *const query[] = { "site:b.example",
		"site:a.example", "a NOT site:c.example", "site:www.b.example",
		"site:d.example", "site:example", "site:x.c.example" };
	struct topic_set *set = compile(query, COUNT(query));
	struct document d = { .text[FIELD_CONTENT] = STR("a"),
		.sites = STR("a.example news.b.example www.c.example") };
	struct matcher *m = matcher_new();
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 4096);
	assert_int_equal(matcher_run(m, set, &d, NULL, &ops, &out, &err), 0);
	assert_string_equal(buf_cstr(&out), "0135");
	buf_clear(&out);
	matcher_free(m);
	topic_set_unref(set);
}

static void
test_explain(void **state)
{
	static const char *const query[] = { "body:/x+/ AND a AND (title:b OR "
	    "c NEAR/5 \"d e\") AND ATLEAST/2 a NOT site:example.com" };
	struct topic_set *set = compile(query, 1);
	struct document d = { .text[FIELD_CONTENT] = STR("a c xx d e a"),
		.sites = STR("example.com") };
	struct matcher *m = matcher_new();
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 4096);
	assert_int_equal(matcher_explain(m, set, &d, 0, on_node, &out, &err),
	    0);
	assert_string_equal(buf_cstr(&out), "0-AND\n1+body:/x+/[4]\n"
	    "1+a[0][11]\n1+OR\n2-title:b\n2+NEAR/5[2][7]\n3+c[2]\n"
	    "3+\"d e\"[7]\n1+ATLEAST/2[0][11]\n2+a[0][11]\n1-NOT\n"
	    "2+site:example.com\n");
	buf_clear(&out);
	matcher_free(m);
	topic_set_unref(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_topics_in_topics),
		cmocka_unit_test(test_named_often),
		cmocka_unit_test(test_circle),
		cmocka_unit_test(test_linear),
		cmocka_unit_test(test_bounded_in_all),
		cmocka_unit_test(test_several_sites),
		cmocka_unit_test(test_explain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
