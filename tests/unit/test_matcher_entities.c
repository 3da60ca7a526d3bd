/* SPDX-License-Identifier: ISC */
/* Entities in queries: where they are meant, beside whatever else is asked. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/yaml.h"
#include "filters/document.h"
#include "filters/entity_count.h"
#include "filters/entity_index.h"
#include "filters/entity_sense.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const char pack[] =
    "entities:\n"
    "- {id: Q212, kind: country, name: Ukraine, codes: UA, seats: Kyiv,\n"
    "   demonyms: Ukrainian, group: east}\n"
    "- {id: Q159, kind: country, name: Russia, group: [g20, east],\n"
    "   seats: [the Kremlin]}\n"
    "- {id: Q30, kind: country, name: United States, names: [US],\n"
    "   group: [G7, g20]}\n"
    "- {id: Q1032, kind: country, name: Niger}\n"
    "- {id: Q230, kind: country, name: Georgia, weak:\n"
    "   [{name: Georgia, case: yes, deny: [Atlanta]}], rivals: Q1428}\n"
    "- {id: Q1428, kind: place, name: State of Georgia, weak:\n"
    "   [{name: Georgia, need: [Atlanta]}]}\n"
    "- {id: Q7747, kind: person, name: Vladimir Putin, weak:\n"
    "   [{name: Putin, introduced: yes}]}\n";

static void
no_fault(const struct entity_fault *f, void *ctx)
{
	(void)ctx;
	fail_msg("%d:%d: %s: %s", f->at->line, f->at->col, f->key, f->message);
}

static struct entity_index *
read_pack(void)
{
	static const struct entity_pack_ops ops = { NULL, no_fault, NULL };
	struct entity_index *x = entity_index_new();
	struct entity_counts counts;
	struct err err;

	assert_non_null(x);
	assert_int_equal(entity_index_read(x, "p", str_from(pack), &ops,
	    &counts, &err), 0);
	return x;
}

static const struct query_set *
find(enum query_entity kind, struct str name, struct buf *why, void *ctx)
{
	return entity_index_find(ctx, kind, name, why);
}

static struct topic_set *
compile(const char *const *queries, size_t n)
{
	struct entity_index *x = read_pack();
	const struct query_names names = { .entity = find, .ctx = x };
	struct topic_set_builder *b = topic_set_builder_new();
	struct arena *arena = arena_new(16 << 20);
	static struct query_faults faults;
	struct entity_senses *senses;
	struct topic_set *set;
	struct err err;

	for (size_t i = 0; i < n; i++) {
		struct query *q = query_parse(arena, str_from(queries[i]),
		    &names, &faults);

		if (faults.errors > 0)
			fail_msg("%s: %s", queries[i],
			    faults.list[0].message);
		assert_int_equal(topic_set_builder_add(b, q, &faults), i);
	}
	senses = entity_index_take_senses(x, &err);
	assert_non_null(senses);
	topic_set_builder_use_senses(b, senses);
	entity_senses_unref(senses);
	set = topic_set_compile(b, &err);
	assert_non_null(set);
	entity_index_free(x);
	arena_free(arena);
	return set;
}

/* "0[title:4 Kyiv] 1", as test_matcher writes them. */
static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct buf *out = ctx;

	buf_addf(out, "%s%u", out->n > 0 ? " " : "", topic);
	for (size_t i = 0; i < n; i++)
		buf_addf(out, "[%s:%zu %.*s]", hits[i].field, hits[i].offset,
		    STR_ARG(hits[i].text));
	return 0;
}

static const struct matcher_ops ops = { .on_topic = on_topic };

static struct document
document_of(const char *title, const char *summary, const char *content)
{
	struct document d = { .text[FIELD_FEED] = STR("f") };

	d.text[FIELD_TITLE] = str_from(title);
	d.text[FIELD_SUMMARY] = str_from(summary);
	d.text[FIELD_CONTENT] = str_from(content);
	return d;
}

static const struct {
	const char	*says;
	const char	*query, *title, *summary, *content;
	const char	*want;
} cases[] = {
	{ "any name of it, where it stands",
	    "country:UA", "Kyiv waits", "Ukraine", "a Ukrainian said",
	    "0[title:0 Kyiv][summary:0 Ukraine][content:2 Ukrainian]" },
	{ "in a word with an elided one", "country:UA", "L'Ukraine vote",
	    "Paix d\u2019Ukraine", "visite en Ukraine",
	    "0[title:2 Ukraine][summary:9 Ukraine][content:10 Ukraine]" },
	{ "in a word with a Turkish ending", "country:UA ONEAR/1 peace",
	    "Kyiv'de peace", NULL, NULL,
	    "0[title:0 Kyiv][title:8 peace]" },
	{ "a word is still the whole of it", "ukraine", "L'Ukraine vote",
	    NULL, NULL, "" },
	{ "words decide", "country:niger", "Nigeria", NULL, "Nigerien", "" },
	{ "a rule lets it count",
	    "country:georgia", "Georgia votes", NULL, NULL,
	    "0[title:0 Georgia]" },
	{ "a rule denies it",
	    "country:georgia", "Georgia votes in Atlanta", NULL, NULL, "" },
	{ "to its rival",
	    "place:Q1428", "Georgia votes in Atlanta", NULL, NULL,
	    "0[title:0 Georgia]" },
	{ "a weak name once the full one stood",
	    "person:putin", NULL, NULL, "Putin came. Vladimir Putin left. "
	    "Putin said so.",
	    "0[content:12 Vladimir Putin][content:33 Putin]" },
	{ "the full one where no topic looks", "title:person:putin",
	    "Putin left", NULL, "Vladimir Putin came",
	    "0[title:0 Putin]" },
	{ "any of a kind", "country:any", "US and Russia", NULL, "Niger",
	    "0[title:0 US][title:7 Russia][content:0 Niger]" },
	{ "another kind", "person:any", "US and Russia", NULL, NULL, "" },
	{ "all of a group", "group:g20", "US, Niger and Russia", NULL, NULL,
	    "0[title:0 US][title:14 Russia]" },
	{ "a group by any spelling", "group:G20 AND group:g7", "US", NULL,
	    NULL, "0[title:0 US]" },
	{ "a field", "title:country:UA", "Kyiv", "Kyiv", "Kyiv",
	    "0[title:0 Kyiv]" },
	{ "not that field", "title:country:UA", "Lviv", "Kyiv", "Kyiv", "" },
	{ "the lead", "lead:country:UA", NULL, NULL,
	    "Talks.\n\nThen Kyiv.", "" },
	{ "in the lead", "lead:country:UA", NULL, NULL,
	    "Kyiv talks.\n\nThen Kyiv.", "0[content:0 Kyiv]" },
	{ "near", "peace NEAR/1 country:UA", "Peace for Kyiv", NULL, NULL,
	    "0[title:0 Peace][title:10 Kyiv]" },
	{ "not near enough", "peace NEAR/1 country:UA",
	    "Peace talks for Kyiv", NULL, NULL, "" },
	{ "near the end of a name of several words",
	    "person:putin ONEAR/1 spoke", NULL, NULL,
	    "Vladimir Putin then spoke", "0[content:0 Vladimir Putin]"
	    "[content:20 spoke]" },
	{ "a word too far behind it", "person:putin ONEAR/1 spoke", NULL,
	    NULL, "Vladimir Putin then also spoke", "" },
	{ "near, behind fields that were read before",
	    "war NEAR/1 country:russia", "one two three", "four five",
	    "six-seven War in Russia",
	    "0[content:10 War][content:17 Russia]" },
	{ "a word too far before it, behind such fields",
	    "war NEAR/1 country:russia", "one two three", "four five",
	    "six-seven War in the Russia", "" },
	{ "near does not reach across fields",
	    "peace NEAR/5 country:UA", "Peace", "Kyiv", NULL, "" },
	{ "in order", "country:UA ONEAR/3 country:russia",
	    "Russia meets Ukraine", NULL, NULL, "" },
	{ "in one sentence", "country:UA NEAR/s peace", NULL, NULL,
	    "Kyiv waits. Peace is far.", "" },
	{ "so many times", "ATLEAST/3 country:any", "US", "Niger",
	    "the Kremlin",
	    "0[title:0 US][summary:0 Niger][content:0 the Kremlin]" },
	{ "not so many", "ATLEAST/4 country:any", "US", "Niger",
	    "the Kremlin", "" },
	{ "two of a group in one place count once",
	    "ATLEAST/2 country:any", "Kyiv", NULL, NULL, "" },
	{ "not", "talks NOT country:russia", "Talks in Kyiv", NULL, NULL,
	    "0[title:0 Talks]" },
	{ "not there", "talks NOT country:russia", "Talks", NULL,
	    "the Kremlin", "" },
	{ "beside a phrase that ends the text",
	    "\"left at last\" AND country:UA", NULL, NULL,
	    "Kyiv. They left at last",
	    "0[content:0 Kyiv][content:11 left at last]" },
	{ "what only looks like its word is none",
	    "country:UA", "\x01" "country:Q212 any:country", NULL, NULL, "" },
};

static void
entities_are_found(void **state)
{
	struct matcher *m = matcher_new();
	struct err err;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct topic_set *set = compile(&cases[i].query, 1);
		struct document d = document_of(cases[i].title,
		    cases[i].summary, cases[i].content);

		buf_reset(&out);
		assert_int_equal(matcher_run(m, set, &d, NULL, &ops, &out,
		    &err), 0);
		if (!str_eq_c(buf_str(&out), cases[i].want))
			print_error("%s\n", cases[i].says);
		assert_string_equal(buf_cstr(&out), cases[i].want);
		topic_set_unref(set);
	}
	buf_clear(&out);
	matcher_free(m);
}

static int
tell_mentions(struct matcher *m, struct buf *out)
{
	const struct entity_mention *list;
	struct entity_census census = { .n = 0 };
	struct err err;
	size_t n;

	assert_int_equal(matcher_mentions(m, &list, &n, &err), 0);
	assert_int_equal(entity_count_make(&census, list, n), 0);
	for (size_t i = 0; i < census.n; i++)
		buf_addf(out, "%s%s %zu", i > 0 ? ", " : "",
		    census.list[i].entity->id, census.list[i].mentions);
	entity_count_clear(&census);
	return 0;
}

/* Who is mentioned is found whether a topic asks for it or not. */
static void
mentions_are_counted(void **state)
{
	static const char *const queries[2][1] = { { "talks" },
		{ "talks AND country:UA" } };
	struct matcher *m = matcher_new();
	struct document d = document_of("US talks", "Kyiv and Russia",
	    "Russia, Ukraine. Niger. Georgia: Atlanta.");
	struct document none = document_of("talks", NULL, NULL);
	struct err err;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	for (size_t i = 0; i < 2; i++) {
		struct topic_set *set = compile(queries[i], 1);

		buf_reset(&out);
		assert_int_equal(matcher_run(m, set, &d, NULL, &ops, &out,
		    &err), 0);
		assert_true(out.n > 0);
		buf_reset(&out);
		tell_mentions(m, &out);
		assert_string_equal(buf_cstr(&out), "Q212 2, Q159 2, Q30 1, "
		    "Q1032 1, Q1428 1");
		buf_reset(&out);
		assert_int_equal(matcher_run(m, set, &none, NULL, &ops, &out,
		    &err), 0);
		buf_reset(&out);
		tell_mentions(m, &out);
		assert_string_equal(buf_cstr(&out), "");
		topic_set_unref(set);
	}
	buf_clear(&out);
	matcher_free(m);
}

/* A set without packs has none, also when the one before it had. */
static void
without_packs_nobody_is_found(void **state)
{
	static const char *const query = "country:UA";
	struct topic_set_builder *b = topic_set_builder_new();
	struct topic_set *with = compile(&query, 1), *without;
	struct document d = document_of("Kyiv", NULL, NULL);
	struct matcher *m = matcher_new();
	struct err err;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	without = topic_set_compile(b, &err);
	assert_non_null(without);
	assert_int_equal(matcher_run(m, with, &d, NULL, &ops, &out, &err), 0);
	assert_string_equal(buf_cstr(&out), "0[title:0 Kyiv]");
	buf_reset(&out);
	assert_int_equal(matcher_run(m, without, &d, NULL, &ops, &out, &err),
	    0);
	tell_mentions(m, &out);
	assert_string_equal(buf_cstr(&out), "");
	topic_set_unref(with);
	topic_set_unref(without);
	buf_clear(&out);
	matcher_free(m);
}

/* Many topics of many entities: each finds what is its own. */
static void
many_topics_share_names(void **state)
{
	static const char *const queries[] = { "country:UA", "country:russia",
		"country:UA OR country:russia", "country:any NOT group:g20",
		"title:group:east", "entity:Q212 NEAR/2 country:russia",
		"kyiv AND country:russia" };
	struct topic_set *set = compile(queries, COUNT(queries));
	struct document d = document_of("Russia", NULL, "Kyiv");
	struct matcher *m = matcher_new();
	struct err err;
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 16);
	assert_int_equal(matcher_run(m, set, &d, NULL, &ops, &out, &err), 0);
	assert_string_equal(buf_cstr(&out), "0[content:0 Kyiv] "
	    "1[title:0 Russia] 2[title:0 Russia][content:0 Kyiv] "
	    "4[title:0 Russia] 6[title:0 Russia][content:0 Kyiv]");
	topic_set_unref(set);
	buf_clear(&out);
	matcher_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entities_are_found),
		cmocka_unit_test(mentions_are_counted),
		cmocka_unit_test(without_packs_nobody_is_found),
		cmocka_unit_test(many_topics_share_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
