/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/query_plan.h"
#include "filters/topic_set.h"
#include "filters/word_counts.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct query_faults faults;

/* The topic's number, or -1 and faults. The tree is gone when it returns. */
static int
add(struct topic_set_builder *b, const char *query)
{
	struct arena *arena = arena_new(1 << 20);
	struct query *q = query_parse(arena, str_from(query), NULL, &faults);
	int n;

	if (q == NULL)
		fail_msg("%s: %s", query, faults.list[0].message);
	n = topic_set_builder_add(b, q, &faults);
	arena_free(arena);
	return n;
}

static struct topic_set *
compile(struct topic_set_builder *b)
{
	struct err err;
	struct topic_set *set = topic_set_compile(b, &err);

	assert_non_null(set);
	return set;
}

/* The words that a topic is filed under, in order of first use. */
static void
print_filed(struct buf *out, const struct topic_set *set, uint32_t topic)
{
	const struct term_index *ix = &set->index;

	for (uint32_t a = 0; a < ix->n_atoms; a++)
		for (uint32_t i = set->filed_at[a]; i < set->filed_at[a + 1];
		    i++) {
			if (set->filed[i].expr != set->plan.topic_expr[topic])
				continue;
			buf_add_c(out, out->n > 0 ? " " : "");
			buf_add_str(out, term_index_key(ix, a));
		}
}

static const struct {
	const char	*says;
	const char	*query, *want;
} filings[] = {
	{ "a word under itself", "war", "war" },
	{ "an AND under its rarest word", "the AND sanctions AND war",
	    "sanctions" },
	{ "a phrase under its rarest word", "\"the state of emergency\"",
	    "emergency" },
	{ "an OR under each of its parts", "war OR peace", "war peace" },
	{ "an AND of ORs under the cheaper one",
	    "(war OR peace OR un) AND (sanctions OR embargoes)",
	    "sanctions embargoes" },
	{ "an AND beside an OR under the cheaper",
	    "(sanctions OR embargoes) AND peacekeepers", "peacekeepers" },
	{ "a word rather than a prefix as long", "peacekee* AND sanction",
	    "sanction" },
	{ "what is under NOT is no way in", "the NOT sanctions", "the" },
	{ "also where it stands first", "NOT sanctions AND the", "the" },
	{ "a NEAR under its rarest operand",
	    "the NEAR/5 (war OR peace) NEAR/5 peacekeepers", "peacekeepers" },
	{ "an ATLEAST under what it counts", "ATLEAST/3 (war OR peace)",
	    "war peace" },
	{ "a pattern under itself", "wom?n AND the", "wom?n" },
	{ "a loose phrase under its rarest word", "\"the sanctions\"~3",
	    "sanctions" },
	{ "beside a number, a source and a regex",
	    "age:<2d AND site:example.com AND title:/x+/ AND war", "war" },
	{ "numbers and sources under nothing", "words:>5 AND lang:en", "" },
	{ "an OR with one of these under nothing", "war OR words:>5", "" },
	{ "ORs of ANDs under one of each",
	    "(war AND sanctions) OR peacekeepers",
	    "sanctions peacekeepers" },
};

static void
test_filing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT(filings); i++) {
		struct topic_set_builder *builder = topic_set_builder_new();
		struct topic_set *set;

		assert_int_equal(add(builder, filings[i].query), 0);
		set = compile(builder);
		buf_reset(&b);
		print_filed(&b, set, 0);
		if (strcmp(buf_cstr(&b), filings[i].want) != 0)
			fail_msg("%s: %s", filings[i].says, buf_cstr(&b));
		topic_set_unref(set);
	}
	buf_clear(&b);
}

/* A way in is looked for once on each level of brackets. To look at the one
 * that was chosen once more is 2^30 steps over the ORs: this would not end. */
static void
test_deep_filing(void **state)
{
	struct topic_set_builder *builder = topic_set_builder_new();
	struct topic_set *set;
	struct buf query, filed;

	(void)state;
	buf_init(&query, 4096);
	buf_init(&filed, 4096);
	for (int i = 0; i < 30; i++)
		buf_addf(&query, "words:>1 AND (peace%d OR (", i);
	buf_add_c(&query, "war");
	for (int i = 0; i < 30; i++)
		buf_add_c(&query, "))");
	assert_int_equal(add(builder, buf_cstr(&query)), 0);
	set = compile(builder);
	print_filed(&filed, set, 0);
	assert_non_null(strstr(buf_cstr(&filed), "peace29"));
	assert_non_null(strstr(buf_cstr(&filed), "war"));
	topic_set_unref(set);
	buf_clear(&query);
	buf_clear(&filed);
}

static const struct {
	const char	*says;
	const char	*query, *want;
} learned[] = {
	{ "a long word that stands everywhere is no way in",
	    "gout AND government", "gout" },
	{ "of a phrase neither", "\"gout government\"", "gout" },
	{ "nor of an OR", "(gout OR felt) AND (government OR talks)",
	    "gout felt" },
	{ "of words that never stood anywhere the guess decides",
	    "peacekeepers AND un", "peacekeepers" },
	{ "case halves", "Talks AND case:Talks", "talks" },
};

/* What came by decides what topics are filed under, and which are warned of. */
static void
test_learned(void **state)
{
	struct word_counts *counts = word_counts_new();
	const struct document doc = { .text[FIELD_CONTENT] =
		STR("the government talks") };
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (int i = 0; i < 1000; i++)
		word_counts_note(counts, &doc);
	for (size_t i = 0; i < COUNT(learned); i++) {
		struct topic_set_builder *builder = topic_set_builder_new();
		struct topic_set *set;

		topic_set_builder_use_counts(builder, counts);
		assert_int_equal(add(builder, learned[i].query), 0);
		set = compile(builder);
		buf_reset(&b);
		print_filed(&b, set, 0);
		if (strcmp(buf_cstr(&b), learned[i].want) != 0)
			fail_msg("%s: %s", learned[i].says, buf_cstr(&b));
		topic_set_unref(set);
	}
	buf_clear(&b);
	word_counts_free(counts);
}

static void
test_learned_warnings(void **state)
{
	struct topic_set_builder *builder = topic_set_builder_new();
	struct word_counts *counts = word_counts_new();
	const struct document doc = { .text[FIELD_CONTENT] =
		STR("government talks") };

	(void)state;
	topic_set_builder_use_counts(builder, counts);
	for (int i = 0; i < 1000; i++)
		word_counts_note(counts, &doc);
	assert_int_equal(add(builder, "war OR government"), 0);
	assert_int_equal(faults.n, 1);
	assert_int_equal(faults.list[0].offset, 7);
	assert_int_equal(add(builder, "war OR the"), 1);
	assert_int_equal(faults.n, 0);
	topic_set_builder_free(builder);
	word_counts_free(counts);
}

/* 1,000 topics with the same two words do not all wait for the same one. */
static void
test_filing_spreads(void **state)
{
	enum { TOPICS = 1000 };
	struct topic_set_builder *builder = topic_set_builder_new();
	struct topic_set *set;
	uint32_t most = 0;
	char query[64];

	(void)state;
	for (int i = 0; i < TOPICS; i++) {
		snprintf(query, sizeof(query), "ukraine AND country NOT "
		    "word%d", i);
		assert_int_equal(add(builder, query), i);
	}
	set = compile(builder);
	assert_int_equal(set->filed_at[set->index.n_atoms], TOPICS);
	for (uint32_t a = 0; a < set->index.n_atoms; a++)
		if (set->filed_at[a + 1] - set->filed_at[a] > most)
			most = set->filed_at[a + 1] - set->filed_at[a];
	assert_true(most < TOPICS * 6 / 10);
	topic_set_unref(set);
}

static const struct {
	const char	*query;
	bool		 never;
	size_t		 offset, length;	/* of what is wrong */
} contradictions[] = {
	{ "a NOT a", true, 2, 5 },
	{ "a AND b NOT (c OR b)", true, 8, 12 },
	{ "(a AND (b AND c)) NOT c", true, 18, 5 },
	{ "\"a b\" NOT \"A B\"", true, 6, 9 },
	{ "title:a NOT a", true, 8, 5 },
	{ "title:/x/ NOT a AND a", true, 10, 5 },
	{ "a NOT title:a", false, 0, 0 },
	{ "a NOT (a AND b)", false, 0, 0 },
	{ "(a OR b) NOT a", false, 0, 0 },
	{ "\"a b\" NOT a", false, 0, 0 },
	{ "US NOT us", false, 0, 0 },
};

static void
test_contradictions(void **state)
{
	struct topic_set_builder *builder = topic_set_builder_new();
	struct topic_set *set;
	int n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(contradictions); i++) {
		int got = add(builder, contradictions[i].query);

		if ((got == -1) != contradictions[i].never)
			fail_msg("%s", contradictions[i].query);
		if (got == -1) {
			assert_int_equal(faults.errors, 1);
			assert_non_null(strstr(faults.list[0].message,
			    "nothing can ever match"));
			assert_int_equal(faults.list[0].offset,
			    contradictions[i].offset);
			assert_int_equal(faults.list[0].length,
			    contradictions[i].length);
		} else
			assert_int_equal(got, n++);
	}
	set = compile(builder);
	assert_int_equal(topic_set_count(set), n);
	topic_set_unref(set);
}

static const struct {
	const char	*says, *query;
	size_t		 offset, length;
	const char	*message;	/* NULL: no warning */
} warnings[] = {
	{ "a word of every text", "war OR the", 7, 3, "nearly every item" },
	{ "in brackets", "war AND (x OR (said))", 15, 4,
	    "nearly every item" },
	{ "behind a field", "body:who AND war", 0, 8, "nearly every item" },
	{ "alone", "said", 0, 4, "nearly every item" },
	{ "not in capitals", "WHO OR war", 0, 0, NULL },
	{ "not its beginning", "said*", 0, 0, NULL },
	{ "not excluded", "war NOT the", 0, 0, NULL },
	{ "not in a phrase", "\"the war\"", 0, 0, NULL },
	{ "not in a title", "title:the AND war", 0, 0, NULL },
	{ "no word at all", "lang:en AND words:>5", 0, 20, "no word" },
	{ "one way without", " war OR age:<2h ", 1, 14, "no word" },
	{ "a regex was told by the parser", "title:/x/", 0, 0, NULL },
};

/* The builder's own, at their places in the text. */
static void
test_warnings(void **state)
{
	struct topic_set_builder *builder = topic_set_builder_new();

	(void)state;
	for (size_t i = 0; i < COUNT(warnings); i++) {
		const struct query_fault *f = &faults.list[0];
		struct arena *arena = arena_new(1 << 20);
		struct query *q = query_parse(arena,
		    str_from(warnings[i].query), NULL, &faults);

		assert_non_null(q);
		faults.n = 0;
		assert_int_equal(topic_set_builder_add(builder, q, &faults),
		    i);
		arena_free(arena);
		if (faults.n != (warnings[i].message != NULL))
			fail_msg("%s: %zu warnings", warnings[i].says,
			    faults.n);
		if (faults.n > 0 && (!f->warning ||
		    f->offset != warnings[i].offset ||
		    f->length != warnings[i].length ||
		    strstr(f->message, warnings[i].message) == NULL))
			fail_msg("%s: %zu+%zu %s", warnings[i].says,
			    f->offset, f->length, f->message);
	}
	topic_set_builder_free(builder);
}

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct buf *b = ctx;

	buf_addf(b, "%u", topic);
	for (size_t i = 0; i < n; i++)
		buf_addf(b, " %.*s", STR_ARG(hits[i].term));
	return 0;
}

/* The topics of a text, and what hits call their terms. */
static void
assert_held(struct topic_set *set, const char *text, const char *want)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	struct document doc = { .text[FIELD_CONTENT] = str_from(text) };
	struct matcher *m = matcher_new();
	struct err err;
	struct buf b;

	buf_init(&b, 1 << 10);
	assert_int_equal(matcher_run(m, set, &doc, NULL, &ops, &b, &err), 0);
	assert_string_equal(buf_cstr(&b), want);
	buf_clear(&b);
	matcher_free(m);
}

/* Topics share their words and phrases; a topic costs 500 bytes at most. What
 * documents ask of so many lies together. */
static void
test_size(void **state)
{
	enum { TOPICS = 10000 };
	struct topic_set_builder *builder = topic_set_builder_new();
	struct topic_set *set;
	char query[200];

	(void)state;
	for (int i = 0; i < TOPICS; i++) {
		snprintf(query, sizeof(query), "(word%d OR \"rare earth%d\" "
		    "OR name%d*) AND (ukraine OR russia OR \"european "
		    "union\") AND minister%d NOT sport", i, i % 100, i, i);
		assert_int_equal(add(builder, query), i);
	}
	set = compile(builder);
	assert_int_equal(set->index.phrases.n, 101);
	assert_true(topic_set_bytes(set) < TOPICS * 500);
	assert_non_null(set->block.p);
	assert_held(set, "Minister7 of Ukraine: word7, name7s", "7 "
	    "minister7 ukraine word7 name7*");
	assert_held(set, "minister99 russia the rare earth99", "99 minister99 "
	    "russia rare earth99");
	topic_set_unref(set);
}

static void
test_counting(void **state)
{
	struct topic_set *set = compile(topic_set_builder_new());

	(void)state;
	assert_int_equal(topic_set_count(set), 0);
	assert_true(topic_set_bytes(set) > 0);
	assert_ptr_equal(topic_set_ref(set), set);
	topic_set_unref(set);
	assert_int_equal(topic_set_count(set), 0);
	topic_set_unref(set);
	topic_set_unref(NULL);
	topic_set_builder_free(NULL);
	topic_set_builder_free(topic_set_builder_new());
}

/*
 * What topic_set.h promises: a document costs what stands in it, whatever
 * topics ask and texts repeat.
 */

static struct topic_set *
compile_all(const char *const *queries, size_t n)
{
	struct topic_set_builder *b = topic_set_builder_new();

	for (size_t i = 0; i < n; i++)
		assert_int_equal(add(b, queries[i]), i);
	return compile(b);
}

/* Hits are the first 32, each within the document, context around it. */
struct check {
	const struct document	*doc;
	size_t			 calls, hits;
};

static bool
lies_in(struct str part, struct str whole)
{
	return part.p >= whole.p && part.p + part.n <= whole.p + whole.n;
}

static int
check_hits(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct check *check = ctx;
	struct str text = check->doc->text[FIELD_CONTENT];

	(void)topic;
	assert_true(n <= MATCHER_MAX_HITS);
	for (size_t i = 0; i < n; i++) {
		assert_ptr_equal(hits[i].text.p, text.p + hits[i].offset);
		assert_true(lies_in(hits[i].text, text));
		assert_true(lies_in(hits[i].context, text));
		assert_true(hits[i].context.n <= MATCHER_MAX_CONTEXT);
		if (i > 0)
			assert_true(hits[i].offset > hits[i - 1].offset);
	}
	check->calls++;
	check->hits += n;
	return 0;
}

/*
 * What would be quadratic would not end here: 100,000 times the same word, a
 * phrase of that word, and one that fails at its last word each time.
 */
static void
test_repeated_word(void **state)
{
	enum { WORDS = 100000, PHRASES = 200 };
	static const struct matcher_ops check_ops = { .on_topic = check_hits };
	char *queries[PHRASES + 3];
	char *text = malloc(2 * WORDS + 8);
	struct document d = { .age_s = 0 };
	struct check check = { .doc = &d };
	struct matcher *m = matcher_new();
	struct topic_set *set;
	struct err err;

	(void)state;
	for (size_t i = 0; i < WORDS; i++)
		memcpy(text + 2 * i, "a ", 2);
	memcpy(text + 2 * (size_t)WORDS, "b", 2);
	d.text[FIELD_CONTENT] = str_from(text);
	queries[0] = strdup("\"a a a a a a a a a a a a a a a a\"");
	queries[1] = strdup("\"a a a a a a a a a a a a b a\"");
	queries[2] = strdup("a");
	for (int i = 0; i < PHRASES; i++) {
		queries[i + 3] = malloc(64);
		snprintf(queries[i + 3], 64, "\"a a a a word%d a\" OR b", i);
	}
	set = compile_all((const char *const *)queries, COUNT(queries));
	assert_int_equal(matcher_run(m, set, &d, NULL, &check_ops, &check,
	    &err), 0);
	assert_int_equal(check.calls, PHRASES + 2);
	assert_int_equal(check.hits, PHRASES + 2 * MATCHER_MAX_HITS);
	matcher_free(m);
	topic_set_unref(set);
	for (size_t i = 0; i < COUNT(queries); i++)
		free(queries[i]);
	free(text);
}

/* Any bytes at all: nothing is read outside the text (sanitizers look). */
static void
test_random_bytes(void **state)
{
	static const char *const queries[] = { "a", "\"a b\"", "aaa*",
	    "東", "case:A", "A-B", "1,000", "U.S.", "é" };
	static const char bits[] = "aAb-'.,&1 \n\xc3\xa9\xe6\x9d\xb1\xe2\x80"
	    "\x99\xad\xcc\x81\xff\xf0\xe3\x82\xab";
	static const struct matcher_ops check_ops = { .on_topic = check_hits };
	struct topic_set *set = compile_all(queries, COUNT(queries));
	struct matcher *m = matcher_new();
	struct document d = { .age_s = 0 };
	struct check check = { .doc = &d };
	unsigned seed = 7;
	struct err err;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t n = (size_t)rand_r(&seed) % 200;
		char *text = malloc(n + 1);

		for (size_t i = 0; i < n; i++)
			text[i] = bits[(size_t)rand_r(&seed) %
			    (sizeof(bits) - 1)];
		text = realloc(text, n > 0 ? n : 1);
		d.text[FIELD_CONTENT] = (struct str){ text, n };
		assert_int_equal(matcher_run(m, set, &d, NULL, &check_ops,
		    &check, &err), 0);
		free(text);
	}
	assert_true(check.hits > 1000);
	matcher_free(m);
	topic_set_unref(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filing),
		cmocka_unit_test(test_deep_filing),
		cmocka_unit_test(test_learned),
		cmocka_unit_test(test_learned_warnings),
		cmocka_unit_test(test_filing_spreads),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_repeated_word),
		cmocka_unit_test(test_random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
