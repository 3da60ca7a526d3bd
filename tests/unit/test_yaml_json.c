/* SPDX-License-Identifier: ISC */
/*
 * base/yaml_json: JSON gives what libfyaml gives for the same text, which a
 * comment before it keeps from being JSON; what is neither is told as JSON in a
 * file of that name.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/yaml.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

enum { N_RANDOM = 3000, DEEPEST = 6 };

static const char comment[] = "# a line\n";

/* The event but for its text, and the same in the file with a line before. */
static void
require_same(const char *says, const struct yaml_event *a,
    const struct yaml_event *b)
{
	if (a->kind != b->kind || a->style != b->style ||
	    !str_eq(a->text, b->text))
		fail_msg("%s: %d \"%.*s\" and %d \"%.*s\"", says, a->kind,
		    STR_ARG(a->text), b->kind, STR_ARG(b->text));
	/* Where a collection or the file ends nobody asks. */
	if (a->kind > YAML_SEQ && a->kind != YAML_MAP)
		return;
	if (a->line != b->line - 1 || a->col != b->col ||
	    a->source_offset != b->source_offset - (sizeof(comment) - 1))
		fail_msg("%s: %d:%d and %d:%d: %.*s", says, a->line, a->col,
		    b->line - 1, b->col, STR_ARG(a->text));
}

static void
compare(const char *json)
{
	struct yaml_event a, b;
	struct yaml *one, *other;
	struct err err;
	struct buf text;

	buf_init(&text, SIZE_MAX);
	buf_add_c(&text, comment);
	buf_add_c(&text, json);
	one = yaml_open_text("t.json", str_from(json), &err);
	other = yaml_open_text("t.yaml", buf_str(&text), &err);
	assert_non_null(one);
	assert_non_null(other);
	do {
		if (yaml_next(one, &a, &err) == -1 ||
		    yaml_next(other, &b, &err) == -1)
			fail_msg("%s: %s", json, err.msg);
		require_same(json, &a, &b);
		if (a.kind == YAML_SCALAR)
			assert_int_equal(a.text.p[a.text.n], '\0');
	} while (a.kind != YAML_END);
	assert_int_equal(yaml_next(one, &a, &err), 0);
	assert_int_equal(a.kind, YAML_END);
	yaml_close(one);
	yaml_close(other);
	buf_clear(&text);
}

static const char *const documents[] = {
	"{}", "[]", " [ ] ", "\n\n{\n}\n", "[[],{},[{}]]",
	"{\"a\": 1, \"b\": [true, false, null], \"c\": {\"d\": \"e\"}}",
	"{\"a\" : \"b\" , \"c\" : \"d\" }",
	"[0, -0, 12, -1.5, 1e3, 2E-7, 1.25e+10]",
	"[\"\", \"\\\"\", \"\\\\\", \"\\/\", \"\\b\\f\\n\\r\\t\"]",
	"[\"\\u00e9\\u20ac\\ud83d\\ude00\", \"\xc3\xa9\xf0\x9f\x98\x80\"]",
	"{\"\": \"\", \"a b\": \" c \"}",
	"{\r\n\"a\":\r\n[1,\r\n2]\r\n}\r\n",
	"{\"a\": 1, \"a\": 2}",		/* for the reader to find */
	"[\"# no comment\", \"a: b\", \"*x\", \"&y\", \"{\"]",
	"[\"1234567\\\\\", \"12345678\\\"9\", \"123456789\\n\"]",
	/* YAML, of which the beginning is JSON as well. */
	"{\"a\": 1, b: 2}", "[1, 'two']", "[1, 2,]", "{\"a\": [1, x y]}",
	"{\"a\": \"b\n  c\"}", "[\"a\\x41\"]", "[01, .5, 1.]",
	"[\"a\": 1]", "[\"a\" : \"b\", 1 : 2]", "{\"a\": 1 2}",
	"{\"a\": [1\n 2]}", "{\"a\": 1 # one\n}", "[{\"a\": 1}, null x]",
	"{\"a\": 1} # done\n", "[\"a\tb\"]", "{\"a\": }",
};

static void
gives_what_yaml_gives(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(documents); i++)
		compare(documents[i]);
}

static unsigned
below(uint64_t *state, unsigned n)
{
	*state = *state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)((*state >> 33) % n);
}

static void
add_blanks(struct buf *b, uint64_t *r)
{
	static const char *const blanks[] = { "", "", "", " ", "\n", "  \n ",
		"\r\n" };

	buf_add_c(b, blanks[below(r, N(blanks))]);
}

static void
add_string(struct buf *b, uint64_t *r)
{
	static const char *const parts[] = { "a", "word", "\\n", "\\u00e9",
		"\\ud83d\\udE00", "\xc3\xa9", " ", "\\\"", "\\\\", "\\/", "#",
		": ", "longer than eight", "\\u000a", "\xe4\xb8\xad" };

	buf_add_char(b, '"');
	for (unsigned n = below(r, 8); n > 0; n--)
		buf_add_c(b, parts[below(r, N(parts))]);
	buf_add_char(b, '"');
}

static void
add_value(struct buf *b, uint64_t *r, int depth)
{
	static const char *const words[] = { "true", "false", "null", "0",
		"-12", "3.25e-4" };
	unsigned kind = below(r, depth < DEEPEST ? 4 : 2);
	bool map = kind == 3;

	if (kind == 0)
		buf_add_c(b, words[below(r, N(words))]);
	if (kind == 1)
		add_string(b, r);
	if (kind < 2)
		return;
	buf_add_char(b, map ? '{' : '[');
	add_blanks(b, r);
	for (unsigned i = 0, n = below(r, 5); i < n; i++) {
		if (i > 0)
			buf_add_char(b, ',');
		add_blanks(b, r);
		if (map) {
			add_string(b, r);
			buf_add_c(b, below(r, 2) == 0 ? ":" : " : ");
		}
		add_value(b, r, depth + 1);
		add_blanks(b, r);
	}
	buf_add_char(b, map ? '}' : ']');
}

static void
gives_the_same_for_random_documents(void **state)
{
	uint64_t r = 7;

	(void)state;
	for (int i = 0; i < N_RANDOM; i++) {
		struct buf b;

		buf_init(&b, SIZE_MAX);
		add_blanks(&b, &r);
		buf_add_c(&b, "[");
		add_value(&b, &r, 0);
		buf_add_c(&b, "]");
		add_blanks(&b, &r);
		compare(buf_cstr(&b));
		buf_clear(&b);
	}
}

static const struct {
	const char	*says;
	const char	*source;
	int		 line, col;
	const char	*message;
} refused[] = {
	{ "no comma between values", "{\"a\": \"x\"\n \"b\": 1}", 2, 2,
	    "expected a comma, or } as the end" },
	{ "no comma in a list", "[\"a\" \"b\"]", 1, 6,
	    "expected a comma, or ] as the end" },
	{ "the wrong bracket", "{\"a\": [1}}", 1, 9,
	    "expected a comma, or ] as the end" },
	{ "no colon", "{\"a\" \"b\": 1}", 1, 6, "expected a colon" },
	{ "quotes inside of a query", "{\"x\": {\n\"match\": \"a\" OR b}}", 2,
	    14, "expected a comma, or } as the end" },
	{ "half a pair of surrogates", "[\"a\\ud83d b\"]", 1, 4,
	    "half a pair of surrogates" },
	{ "the second half alone", "[\"\\ude00\"]", 1, 3,
	    "half a pair of surrogates" },
	{ "bad digits", "[\"\\u00g0\"]", 1, 3, "hexadecimal" },
	{ "a bad escape", "[\"a\\q\"]", 1, 4, "no such escape" },
	{ "a NUL by escape", "[\"a\\u0000\"]", 1, 4, "NUL" },
	{ "a text that is not closed", "{\"a\": \"b", 1, 7,
	    "without its closing quote" },
	{ "a backslash at the end", "[\"a\\", 1, 2,
	    "without its closing quote" },
	{ "a bracket that is not closed", "{\"a\": [1,\n", 2, 1,
	    "too early" },
	{ "a map that is not closed", "{\"a\": 1\n", 2, 1, "too early" },
	{ "a key of nothing", "{\"a\"", 1, 5, "expected a colon" },
	{ "something behind the end", "{\"a\": 1}\n{}", 2, 1,
	    "something follows" },
};

/* NULL: it could be read. */
static const char *
failure(const char *name, const char *text, struct err *err)
{
	struct yaml *y = yaml_open_text(name, str_from(text), err);
	struct yaml_event ev = { .kind = YAML_SCALAR };
	int rc = 0;

	assert_non_null(y);
	while (rc == 0 && ev.kind != YAML_END)
		rc = yaml_next(y, &ev, err);
	yaml_close(y);
	return rc == -1 ? err->msg : NULL;
}

static void
tells_what_is_no_json(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < N(refused); i++) {
		const char *what = failure("t.json", refused[i].source, &err);

		if (what == NULL)
			fail_msg("%s: was read", refused[i].says);
		if (err.line != refused[i].line || err.col != refused[i].col ||
		    strstr(what, refused[i].message) == NULL)
			fail_msg("%s: at %d:%d: %s", refused[i].says, err.line,
			    err.col, what);
		assert_null(strstr(what, "match: |"));
	}
}

/* In another file YAML has the word, with its hint. */
static void
tells_of_yaml_elsewhere(void **state)
{
	struct err err;

	(void)state;
	assert_non_null(strstr(failure("t.yaml",
	    "{\"match\": \"a\" OR b}", &err), "match: |"));
	assert_int_equal(err.col, 15);
	assert_null(strstr(failure("json", "{\"a\": \"b", &err),
	    "not JSON"));
}

static void
allows_64_levels(void **state)
{
	char text[256] = "";
	struct err err;

	(void)state;
	for (size_t depth = 64; depth <= 65; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		text[2 * depth] = '\0';
		assert_true((failure("t.json", text, &err) == NULL) ==
		    (depth == 64));
	}
	assert_non_null(strstr(err.msg, "64 levels"));
	assert_int_equal(err.col, 65);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_what_yaml_gives),
		cmocka_unit_test(gives_the_same_for_random_documents),
		cmocka_unit_test(tells_what_is_no_json),
		cmocka_unit_test(tells_of_yaml_elsewhere),
		cmocka_unit_test(allows_64_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
