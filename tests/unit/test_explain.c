/* SPDX-License-Identifier: ISC */
/* daemon/explain: what goes out comes back; what is harmed is empty. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "daemon/explain.h"
#include "filters/document.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static void
assert_str(struct str have, struct str want)
{
	if (!str_eq(have, want))
		fail_msg("\"%.*s\", not \"%.*s\"", STR_ARG(have),
		    STR_ARG(want));
}

/* Out and in; what `back` has is as old as the tree. */
static struct json_tree *
go(const struct matcher_node *node, struct matcher_node *back,
    struct hit *hits)
{
	struct json_tree *tree;
	struct json_out *j;
	struct buf text;
	struct err err;

	buf_init(&text, 1 << 20);
	j = json_out_new(&text, false);
	assert_non_null(j);
	explain_write(j, node);
	assert_int_equal(json_out_finish(j), 0);
	tree = json_parse(buf_str(&text), &err);
	assert_non_null(tree);
	explain_read(json_root(tree), back, hits);
	buf_clear(&text);
	return tree;
}

static void
test_every_kind(void **state)
{
	struct hit hits[MATCHER_MAX_HITS];
	struct matcher_node back;

	(void)state;
	for (int k = QUERY_TERM; k <= QUERY_TOPIC; k++) {
		const struct matcher_node node = { .depth = (unsigned)k,
			.kind = (enum query_kind)k, .text = STR("a \"b\""),
			.held = k % 2 == 0 };
		struct json_tree *tree = go(&node, &back, hits);

		assert_int_equal(back.kind, k);
		assert_int_equal(back.depth, k);
		assert_int_equal(back.held, k % 2 == 0);
		assert_int_equal(back.n_hits, 0);
		assert_str(back.text, node.text);
		json_tree_free(tree);
	}
}

static void
test_hits(void **state)
{
	static const char context[] = "peace talks on peace";
	const struct hit in[] = {
		{ STR("peace"), field_name(FIELD_TITLE), { context, 5 },
		    { context, sizeof(context) - 1 }, 0 },
		{ STR("talk*"), field_name(FIELD_SUMMARY), { context + 6, 5 },
		    { context, sizeof(context) - 1 }, 6 },
		{ STR("pea*"), field_name(FIELD_CONTENT), { context + 15, 5 },
		    { context, sizeof(context) - 1 }, 115 },
		/* Cut out of its sentence. */
		{ STR("x"), field_name(FIELD_URL), STR("x"), STR("y"), 7 },
	};
	const struct matcher_node node = { .kind = QUERY_TERM,
		.text = STR("peace"), .held = true, .hits = in,
		.n_hits = N(in) };
	struct hit hits[MATCHER_MAX_HITS];
	struct matcher_node back;
	struct json_tree *tree = go(&node, &back, hits);

	(void)state;
	assert_int_equal(back.n_hits, N(in));
	for (size_t i = 0; i < N(in); i++) {
		assert_str(back.hits[i].term, in[i].term);
		assert_str(back.hits[i].text, in[i].text);
		assert_str(back.hits[i].context, in[i].context);
		assert_string_equal(back.hits[i].field, in[i].field);
		assert_int_equal(back.hits[i].offset, in[i].offset);
	}
	/* The second peace of the sentence, not the first. */
	assert_ptr_equal(back.hits[0].text.p, back.hits[0].context.p);
	assert_ptr_equal(back.hits[1].text.p, back.hits[1].context.p + 6);
	assert_ptr_equal(back.hits[2].text.p, back.hits[2].context.p + 15);
	json_tree_free(tree);
}

static const struct {
	const char	*says, *json;
	size_t		 n_hits;
} harmed[] = {
	{ "nothing", "{}", 0 },
	{ "no map", "[1]", 0 },
	{ "numbers that are none", "{\"depth\":-5,\"kind\":7,\"text\":[]}", 0 },
	{ "a depth over all", "{\"depth\":99999999999}", 0 },
	{ "hits that are none", "{\"hits\":{\"a\":1}}", 0 },
	{ "an empty hit", "{\"hits\":[{}]}", 1 },
	{ "a place behind its sentence", "{\"hits\":[{\"text\":\"ab\","
	    "\"context\":\"ab\",\"context_offset\":1,\"offset\":-1}]}", 1 },
	{ "a place far behind it", "{\"hits\":[{\"text\":\"ab\","
	    "\"context\":\"ab\",\"context_offset\":99,\"field\":\"x\"}]}", 1 },
};

static void
test_harmed(void **state)
{
	struct hit hits[MATCHER_MAX_HITS];
	struct matcher_node node;
	struct err err;

	(void)state;
	for (size_t i = 0; i < N(harmed); i++) {
		struct json_tree *tree = json_parse(str_from(harmed[i].json),
		    &err);

		assert_non_null(tree);
		explain_read(json_root(tree), &node, hits);
		if (node.depth != 0 || node.n_hits != harmed[i].n_hits)
			fail_msg("%s", harmed[i].says);
		for (size_t k = 0; k < node.n_hits; k++) {
			assert_string_equal(hits[k].field, "");
			assert_int_equal(hits[k].offset, 0);
		}
		json_tree_free(tree);
	}
}

static void
test_no_more_hits_than_fit(void **state)
{
	struct hit hits[MATCHER_MAX_HITS];
	struct json_tree *tree;
	struct matcher_node node;
	struct buf text;
	struct err err;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_add_c(&text, "{\"hits\":[{}");
	for (int i = 0; i < 3 * MATCHER_MAX_HITS; i++)
		buf_add_c(&text, ",{}");
	buf_add_c(&text, "]}");
	tree = json_parse(buf_str(&text), &err);
	assert_non_null(tree);
	explain_read(json_root(tree), &node, hits);
	assert_int_equal(node.n_hits, MATCHER_MAX_HITS);
	json_tree_free(tree);
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_hits),
		cmocka_unit_test(test_harmed),
		cmocka_unit_test(test_no_more_hits_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
