/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static struct err err;

static void
writes_a_document(void **state)
{
	struct buf b;
	struct json_out *o;

	(void)state;
	buf_init(&b, 1000);
	o = json_out_new(&b, false);
	json_open_map(o);
	json_pair_str(o, "s", STR("x"));
	json_pair_str(o, "empty", STR_NONE);
	json_pair_opt_str(o, "left_out", STR_NONE);
	json_pair_opt_str(o, "opt", STR("y"));
	json_pair_url(o, "u", STR("https://example.org/x"));
	json_pair_url(o, "w", STR("https://desk:secret@example.org/x"));
	json_pair_int(o, "i", -1);
	json_pair_bool(o, "b", true);
	json_pair_time(o, "t", 1795514400);
	json_pair_time(o, "no", ITEM_NO_TIME);
	json_key(o, "a");
	json_open_array(o);
	json_bool(o, false);
	json_null(o);
	json_cstr(o, NULL);
	json_cstr(o, "z");
	json_close_array(o);
	json_close_map(o);
	assert_int_equal(json_out_finish(o), 0);
	assert_string_equal(buf_cstr(&b), "{\"s\":\"x\",\"empty\":\"\","
	    "\"opt\":\"y\",\"u\":\"https://example.org/x\","
	    "\"w\":\"https://example.org/x\",\"i\":-1,\"b\":true,"
	    "\"t\":\"2026-11-24T10:00:00Z\",\"no\":null,"
	    "\"a\":[false,null,null,\"z\"]}");
	buf_clear(&b);
}

static void
pretty_is_for_people(void **state)
{
	struct buf b;
	struct json_out *o;

	(void)state;
	buf_init(&b, 1000);
	o = json_out_new(&b, true);
	json_open_map(o);
	json_pair_int(o, "a", 1);
	json_close_map(o);
	assert_int_equal(json_out_finish(o), 0);
	assert_string_equal(buf_cstr(&b), "{\n  \"a\": 1\n}\n");
	buf_clear(&b);
}

/* Strings out. */
static const struct {
	const char	*says;
	struct str	 text;
	const char	*want;
} strings[] = {
	{ "quotes and backslashes", { "a\"b\\c", 5 }, "\"a\\\"b\\\\c\"" },
	{ "control characters", { "\n\t\x01\x1f", 4 },
	    "\"\\n\\t\\u0001\\u001F\"" },
	{ "a NUL does not end it", { "a\0b", 3 }, "\"a\\u0000b\"" },
	{ "UTF-8 as it is", { "\xc3\xa9\xf0\x9f\x98\x80", 6 },
	    "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
	{ "bad bytes become U+FFFD", { "caf\xe9!", 5 },
	    "\"caf\xef\xbf\xbd!\"" },
	{ "each stray byte becomes one", { "\x80\x80", 2 },
	    "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ "a surrogate in UTF-8", { "\xed\xa0\x80", 3 },
	    "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
};

static void
strings_are_escaped_and_mended(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < N(strings); i++) {
		struct json_out *o = json_out_new(&b, false);

		buf_reset(&b);
		json_str(o, strings[i].text);
		assert_int_equal(json_out_finish(o), 0);
		if (strcmp(buf_cstr(&b), strings[i].want) != 0)
			fail_msg("%s: %s", strings[i].says, buf_cstr(&b));
	}
	buf_clear(&b);
}

static void
integers_are_exact(void **state)
{
	static const int64_t numbers[] = { 0, 1, -1, INT64_MAX, INT64_MIN,
		INT64_C(9007199254740993), INT64_C(-9007199254740993) };
	char want[64];
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < N(numbers); i++) {
		struct json_out *o = json_out_new(&b, false);
		struct json_tree *t;

		buf_reset(&b);
		json_open_map(o);
		json_pair_int(o, "i", numbers[i]);
		json_close_map(o);
		assert_int_equal(json_out_finish(o), 0);
		snprintf(want, sizeof(want), "{\"i\":%" PRId64 "}", numbers[i]);
		assert_string_equal(buf_cstr(&b), want);
		t = json_parse(buf_str(&b), &err);
		assert_true(json_get_int(json_root(t), "i", 77) == numbers[i]);
		json_tree_free(t);
	}
	buf_clear(&b);
}

static void
output_that_failed_says_so(void **state)
{
	struct buf b;
	struct json_out *o;

	(void)state;
	buf_init(&b, 10);
	o = json_out_new(&b, false);
	json_cstr(o, "much longer than ten");
	assert_int_equal(json_out_finish(o), -1);
	buf_clear(&b);

	buf_init(&b, 10000);
	o = json_out_new(&b, false);
	json_open_map(o);
	assert_int_equal(json_out_finish(o), -1);

	o = json_out_new(&b, false);
	json_close_array(o);
	assert_int_equal(json_out_finish(o), -1);

	o = json_out_new(&b, false);
	assert_int_equal(json_out_finish(o), -1);

	o = json_out_new(&b, false);
	json_open_map(o);
	json_int(o, 1);
	json_close_map(o);
	assert_int_equal(json_out_finish(o), -1);

	o = json_out_new(&b, false);
	for (int i = 0; i < 1000; i++)
		json_open_array(o);
	for (int i = 0; i < 1000; i++)
		json_close_array(o);
	assert_int_equal(json_out_finish(o), -1);
	buf_clear(&b);
}

static void
reads_a_tree(void **state)
{
	struct str text = STR(" {\"s\": \"a\\u00e9\\n\", \"i\": 12, \"f\": 1.5,"
	    "\"e\": 1e3, \"big\": 9223372036854775808, \"t\": true,"
	    "\"n\": null, \"a\": [1, \"two\", [], {\"deep\": \"x\"}],"
	    "\"nul\": \"a\\u0000b\", \"s\": \"second\"} ");
	struct json_tree *t = json_parse(text, &err);
	const struct json *root, *a;

	(void)state;
	assert_non_null(t);
	root = json_root(t);
	assert_true(str_eq_c(json_get_str(root, "s"), "a\xc3\xa9\n"));
	assert_true(str_eq(json_get_str(root, "nul"),
	    (struct str){ "a\0b", 3 }));
	assert_int_equal(json_get_int(root, "i", -1), 12);
	assert_int_equal(json_get_int(root, "f", -1), -1);
	assert_int_equal(json_get_int(root, "e", -1), -1);
	assert_int_equal(json_get_int(root, "big", -1), -1);
	assert_int_equal(json_get_int(root, "s", -1), -1);
	assert_int_equal(json_get_int(root, "none", -1), -1);
	assert_true(json_get_bool(root, "t"));
	assert_false(json_get_bool(root, "n"));
	assert_false(json_get_bool(root, "i"));
	assert_int_equal(json_get_str(root, "i").n, 0);
	a = json_get(root, "a");
	assert_int_equal(json_length(a), 4);
	assert_true(str_eq_c(json_as_str(json_at(a, 1)), "two"));
	assert_int_equal(json_length(json_at(a, 2)), 0);
	assert_true(str_eq_c(json_get_str(json_at(a, 3), "deep"), "x"));
	assert_null(json_at(a, 4));
	assert_null(json_at(root, 0));
	assert_null(json_get(a, "deep"));
	assert_int_equal(json_length(root), 0);
	json_tree_free(t);
}

static void
values_have_kinds_and_texts(void **state)
{
	static const struct {
		const char	*json;
		enum json_kind	 kind;
		const char	*text;
	} rows[] = {
		{ "null", JSON_NULL, "" },
		{ "true", JSON_BOOL, "true" },
		{ "false", JSON_BOOL, "false" },
		{ "-1.50e3", JSON_NUMBER, "-1.50e3" },
		{ "\"a\"", JSON_STRING, "a" },
		{ "[1]", JSON_ARRAY, "" },
		{ "{\"a\": 1}", JSON_MAP, "" },
	};
	struct json_tree *t;

	(void)state;
	for (size_t i = 0; i < N(rows); i++) {
		t = json_parse(str_from(rows[i].json), &err);
		assert_non_null(t);
		assert_int_equal(json_kind_of(json_root(t)), rows[i].kind);
		assert_true(str_eq_c(json_as_text(json_root(t)),
		    rows[i].text));
		json_tree_free(t);
	}
	t = json_parse(STR("{\"ab\": 1}"), &err);
	assert_null(json_find(json_root(t), STR("a")));
	assert_non_null(json_find(json_root(t), str_sub(STR("abc"), 0, 2)));
	json_tree_free(t);
	assert_int_equal(json_kind_of(NULL), JSON_NULL);
	assert_int_equal(json_as_text(NULL).n, 0);
}

static void
what_is_absent_may_be_passed_on(void **state)
{
	(void)state;
	assert_null(json_get(NULL, "x"));
	assert_null(json_at(NULL, 0));
	assert_int_equal(json_length(NULL), 0);
	assert_int_equal(json_get_str(NULL, "x").n, 0);
	assert_int_equal(json_as_str(NULL).n, 0);
	assert_int_equal(json_get_int(NULL, "x", 5), 5);
	assert_false(json_get_bool(NULL, "x"));
	json_tree_free(NULL);
}

static const struct {
	const char	*says;
	struct str	 text;
} not_json[] = {
	{ "nothing", { NULL, 0 } },
	{ "white space", { " \n", 2 } },
	{ "an open map", { "{\"a\":1", 6 } },
	{ "an open string", { "\"abc", 4 } },
	{ "a bare word", { "yes", 3 } },
	{ "something behind it", { "{} {}", 5 } },
	{ "a comma too many", { "[1,]", 4 } },
	{ "a comment", { "/* x */ 1", 9 } },
	{ "a line comment", { "// x\n1", 6 } },
	{ "a NUL behind it", { "{}\0", 3 } },
	{ "a key that is no string", { "{1:2}", 5 } },
	{ "a control character in a string", { "\"a\nb\"", 5 } },
	{ "bad UTF-8", { "\"\xe9\"", 3 } },
	{ "mismatched brackets", { "[}", 2 } },
	{ "a leading zero", { "[01]", 4 } },
};

static void
what_is_not_json_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(not_json); i++) {
		struct json_tree *t;

		err.msg[0] = '\0';
		t = json_parse(not_json[i].text, &err);
		if (t != NULL || err.msg[0] == '\0' ||
		    strchr(err.msg, '\n') != NULL)
			fail_msg("%s: %s", not_json[i].says, err.msg);
	}
}

static struct json_tree *
parse_nested(size_t levels, const char *open, const char *close)
{
	struct json_tree *t;
	struct buf b;

	buf_init(&b, 10 << 20);
	for (size_t i = 0; i < levels; i++)
		buf_add_c(&b, open);
	buf_add_c(&b, "1");
	for (size_t i = 0; i < levels; i++)
		buf_add_c(&b, close);
	t = json_parse(buf_str(&b), &err);
	buf_clear(&b);
	return t;
}

static void
nesting_has_an_end(void **state)
{
	struct json_tree *t = parse_nested(64, "[", "]");
	const struct json *v;
	size_t levels = 0;

	(void)state;
	assert_non_null(t);
	for (v = json_root(t); json_length(v) == 1; v = json_at(v, 0))
		levels++;
	assert_int_equal(levels, 64);
	json_tree_free(t);
	assert_null(parse_nested(65, "[", "]"));
	assert_non_null(strstr(err.msg, "nested"));
	assert_null(parse_nested(65, "{\"a\":", "}"));
	assert_null(parse_nested(1000000, "[", "]"));
	t = json_parse(STR("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[\"]"), &err);
	assert_non_null(t);
	json_tree_free(t);
}

static void
many_members_are_found_at_once(void **state)
{
	enum { MANY = 200000 };
	struct json_tree *t;
	struct json_out *o;
	struct buf b;

	(void)state;
	buf_init(&b, 10 << 20);
	o = json_out_new(&b, false);
	json_open_array(o);
	for (int i = 0; i < MANY; i++)
		json_int(o, i);
	json_close_array(o);
	assert_int_equal(json_out_finish(o), 0);
	t = json_parse(buf_str(&b), &err);
	assert_int_equal(json_length(json_root(t)), MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_non_null(json_at(json_root(t), i));
	json_tree_free(t);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_a_document),
		cmocka_unit_test(pretty_is_for_people),
		cmocka_unit_test(strings_are_escaped_and_mended),
		cmocka_unit_test(integers_are_exact),
		cmocka_unit_test(output_that_failed_says_so),
		cmocka_unit_test(reads_a_tree),
		cmocka_unit_test(values_have_kinds_and_texts),
		cmocka_unit_test(what_is_absent_may_be_passed_on),
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(many_members_are_found_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
