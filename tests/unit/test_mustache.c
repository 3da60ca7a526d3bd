/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerts/mustache.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* What a template makes of a value: in out, or in err and -1. */
static int
render(const char *template, const char *json, enum mustache_escape escape,
    struct buf *out, struct err *err)
{
	struct mustache *m = mustache_compile(str_from(template), NULL, escape,
	    NULL, err);
	struct json_tree *t = json_parse(str_from(json), err);
	const struct json *root;
	int rc = -1;

	if (m != NULL && t != NULL) {
		root = json_root(t);
		rc = mustache_render(m, &root, 1, out, err);
	}
	json_tree_free(t);
	mustache_free(m);
	return rc;
}

/* The sections of the specification, by what they are about. */
static const struct {
	const char	*says;
	const char	*template, *json, *want;
} renderings[] = {
	{ "text stands as it is", "a }} { b\n", "{}", "a }} { b\n" },
	{ "nothing makes nothing", "", "{}", "" },
	{ "a value", "Hi {{a}}!", "{\"a\": \"you\"}", "Hi you!" },
	{ "a number as it is written", "{{a}} {{b}}",
	    "{\"a\": 1.210, \"b\": -12e3}", "1.210 -12e3" },
	{ "booleans have words", "{{a}}{{b}}",
	    "{\"a\": true, \"b\": false}", "truefalse" },
	{ "null is empty", "({{a}})", "{\"a\": null}", "()" },
	{ "what is absent is empty", "({{a}})", "{}", "()" },
	{ "white space within a tag counts for nothing", "|{{  a  }}|",
	    "{\"a\": 1}", "|1|" },
	{ "nor before a sign", "|{{ # a }}x{{ / a }}|", "{\"a\": 1}", "|x|" },
	{ "a tag over two lines", "{{a\n}}{{\n&b}}", "{\"a\": 1, \"b\": 2}",
	    "12" },
	{ "a value takes no line", "  {{a}}\n", "{\"a\": 1}", "  1\n" },
	{ "dots go down", "{{a.b.c}}", "{\"a\": {\"b\": {\"c\": \"d\"}}}",
	    "d" },
	{ "a chain that breaks is empty", "({{a.b.c}})", "{\"a\": {}}", "()" },
	{ "a chain is not taken up further out", "{{#a}}({{b.c}}){{/a}}",
	    "{\"a\": {\"b\": {}}, \"b\": {\"c\": \"no\"}}", "()" },
	{ "a value is not expanded", "{{a}}{{&a}}",
	    "{\"a\": \"{{b}}\", \"b\": 1}", "{{b}}{{b}}" },
	{ "names may be other than ASCII", "{{gr\xc3\xb6\xc3\x9f" "e}}",
	    "{\"gr\xc3\xb6\xc3\x9f" "e\": 3}", "3" },

	{ "true runs", "({{#a}}x{{/a}})", "{\"a\": true}", "(x)" },
	{ "false does not", "({{#a}}x{{/a}})", "{\"a\": false}", "()" },
	{ "null does not", "({{#a}}x{{/a}})", "{\"a\": null}", "()" },
	{ "absent does not", "({{#a}}x{{/a}})", "{}", "()" },
	{ "an empty text does not", "({{#a}}x{{/a}})", "{\"a\": \"\"}", "()" },
	{ "0 does not", "({{#a}}x{{/a}}{{#b}}y{{/b}})",
	    "{\"a\": 0, \"b\": -0.0e5}", "()" },
	{ "other numbers do", "({{#a}}x{{/a}}{{#b}}y{{/b}})",
	    "{\"a\": 0.01, \"b\": 10}", "(xy)" },
	{ "a text does, and is what it is at", "({{#a}}-{{.}}-{{/a}})",
	    "{\"a\": \"t\"}", "(-t-)" },
	{ "a map's names", "{{#a}}{{b}} {{c}}{{/a}}",
	    "{\"a\": {\"b\": 1}, \"b\": 2, \"c\": 3}", "1 3" },
	{ "an empty map runs once", "({{#a}}x{{/a}})", "{\"a\": {}}", "(x)" },
	{ "each of a list", "{{#a}}{{b}}, {{/a}}",
	    "{\"a\": [{\"b\": 1}, {\"b\": 2}, {}], \"b\": 9}", "1, 2, 9, " },
	{ "each, false or not", "{{#a}}({{.}}){{/a}}",
	    "{\"a\": [0, \"\", false, 7]}", "(0)()(false)(7)" },
	{ "an empty list does not run", "({{#a}}x{{/a}})", "{\"a\": []}",
	    "()" },
	{ "lists in lists", "{{#a}}<{{#.}}{{.}}{{/.}}>{{/a}}",
	    "{\"a\": [[1, 2], [], [3]]}", "<12><><3>" },
	{ "sections in sections",
	    "{{#a}}{{x}}{{#b}}{{x}}{{y}}{{#c}}{{x}}{{y}}{{z}}{{/c}}"
	    "{{y}}{{/b}}{{x}}{{/a}}",
	    "{\"a\": {\"x\": 1, \"b\": {\"y\": 2, \"c\": {\"z\": 3}}}}",
	    "11212321" },
	{ "a dotted section", "{{#a.b}}{{c}}{{/a.b}}",
	    "{\"a\": {\"b\": {\"c\": 1}}}", "1" },
	{ "the same name twice, one behind the other",
	    "{{#a}}1{{/a}}{{t}}{{#a}}2{{/a}}", "{\"a\": true, \"t\": \"-\"}",
	    "1-2" },
	{ "what did not run leaves nothing behind",
	    "{{#a}}{{#b}}x{{/b}}{{/a}}{{c}}",
	    "{\"a\": [{\"b\": []}, {\"b\": [1]}], \"c\": 5}", "x5" },

	{ "inverted: false runs", "({{^a}}x{{/a}})", "{\"a\": false}", "(x)" },
	{ "inverted: an empty list runs", "({{^a}}x{{/a}})", "{\"a\": []}",
	    "(x)" },
	{ "inverted: absent runs", "({{^a.b}}x{{/a.b}})", "{\"a\": {}}",
	    "(x)" },
	{ "inverted: a map does not", "({{^a}}x{{/a}})", "{\"a\": {}}", "()" },
	{ "inverted: names are those around it",
	    "{{#l}}{{^b}}{{a}}{{/b}}{{/l}}",
	    "{\"l\": [{\"a\": 1}, {\"a\": 2, \"b\": 1}, {\"a\": 3}]}", "13" },

	{ "a comment is nothing", "1{{! {{ no tag\n }}2", "{}", "12" },
	{ "a comment alone takes its line", "1\n  {{! c }}\n2\n", "{}",
	    "1\n2\n" },
	{ "a comment of lines takes them", "1\n {{!\nc\n}}  \n2\n", "{}",
	    "1\n2\n" },
	{ "a comment not alone does not", "  1 {{! c }}\n", "{}", "  1 \n" },

	{ "a section alone on a line takes it",
	    "|\n{{#a}}\n|\n{{/a}}\n|\n", "{\"a\": 1}", "|\n|\n|\n" },
	{ "with blanks around it", "|\n \t{{#a}}\t \n|\n  {{/a}}  \n|",
	    "{\"a\": 1}", "|\n|\n|" },
	{ "with other line ends", "|\r\n{{#a}}\r\n{{/a}}\r\n|", "{\"a\": 1}",
	    "|\r\n|" },
	{ "at the beginning", "  {{#a}}\n#{{/a}}\n/", "{\"a\": 1}", "#\n/" },
	{ "at the end", "#{{#a}}\n/\n  {{/a}}", "{\"a\": 1}", "#\n/\n" },
	{ "two on a line are not alone", " {{#a}}Y{{/a}}\n{{#a}}{{/a}} \n",
	    "{\"a\": 1}", " Y\n \n" },
	{ "a value beside it", "{{x}} {{#a}}\n{{/a}}\n",
	    "{\"a\": 1, \"x\": 2}", "2 \n" },
	{ "a carriage return alone ends no line", "{{#a}}\rx{{/a}}",
	    "{\"a\": 1}", "\rx" },

	{ "other delimiters", "{{=<% %>=}}(<%a%>)({{a}})", "{\"a\": 1}",
	    "(1)({{a}})" },
	{ "and back", "{{=| |=}}|a||={{ }}=|{{a}}", "{\"a\": 1}", "11" },
	{ "they hold in and behind sections",
	    "{{#a}}{{=| |=}}|.||/a||b|", "{\"a\": [1, 2], \"b\": 3}", "123" },
	{ "with blanks", "{{=   @   @   =}}@a@", "{\"a\": 1}", "1" },
	{ "alone on a line", "1\n  {{=@ @=}}\n2\n", "{}", "1\n2\n" },
	{ "three braces among them", "{{=<< >>=}}<<{a}>>{{{a}}}",
	    "{\"a\": \"x\"}", "x{{{a}}}" },
};

static void
renders_as_the_specification_says(void **state)
{
	struct err err = { .msg = "" };
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	for (size_t i = 0; i < N(renderings); i++) {
		buf_reset(&out);
		if (render(renderings[i].template, renderings[i].json,
		    MUSTACHE_PLAIN, &out, &err) == -1 ||
		    strcmp(buf_cstr(&out), renderings[i].want) != 0)
			fail_msg("%s: %s %s", renderings[i].says,
			    buf_cstr(&out), err.msg);
	}
	buf_clear(&out);
}

static const struct {
	enum mustache_escape escape;
	const char *json, *want, *raw;
} escapes[] = {
	{ MUSTACHE_PLAIN, "\"<b>\\\"&'\"", "<b>\"&'", "<b>\"&'" },
	{ MUSTACHE_HTML, "\"<b>\\\"&'=\"", "&lt;b&gt;&quot;&amp;&#39;=",
	    "<b>\"&'=" },
	{ MUSTACHE_JSON, "\"a\\\"b\\\\c\\nd\\u0001\\u007f/\xc3\xa9\"",
	    "a\\\"b\\\\c\\nd\\u0001\\u007f/\xc3\xa9",
	    "a\"b\\c\nd\x01\x7f/\xc3\xa9" },
	{ MUSTACHE_PERCENT, "\"a-b.c_d~e f&g=h+\xc3\xa9\"",
	    "a-b.c_d~e%20f%26g%3Dh%2B%C3%A9", "a-b.c_d~e f&g=h+\xc3\xa9" },
};

static void
escapes_for_its_kind_of_text(void **state)
{
	struct err err;
	struct buf out;
	char json[200];

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < N(escapes); i++) {
		(void)snprintf(json, sizeof(json), "{\"a\": %s}",
		    escapes[i].json);
		buf_reset(&out);
		assert_int_equal(render("{{a}}", json, escapes[i].escape, &out,
		    &err), 0);
		assert_string_equal(buf_cstr(&out), escapes[i].want);
		buf_reset(&out);
		assert_int_equal(render("{{{a}}}{{#a}}{{&.}}{{/a}}", json,
		    escapes[i].escape, &out, &err), 0);
		assert_int_equal(out.n, 2 * strlen(escapes[i].raw));
		assert_memory_equal(out.p, escapes[i].raw, out.n / 2);
		assert_memory_equal(out.p + out.n / 2, escapes[i].raw,
		    out.n / 2);
	}
	buf_clear(&out);
}

static void
escapes_go_by_the_content_type(void **state)
{
	static const struct {
		const char *type;
		enum mustache_escape want;
	} rows[] = {
		{ "application/json", MUSTACHE_JSON },
		{ "Application/JSON; charset=utf-8", MUSTACHE_JSON },
		{ "application/cloudevents+json", MUSTACHE_JSON },
		{ "text/html ;charset=utf-8", MUSTACHE_HTML },
		{ "application/xml", MUSTACHE_HTML },
		{ "text/xml", MUSTACHE_HTML },
		{ "application/soap+xml", MUSTACHE_HTML },
		{ "application/x-www-form-urlencoded", MUSTACHE_PERCENT },
		{ "text/plain", MUSTACHE_PLAIN },
		{ "text/plain; x=/json", MUSTACHE_PLAIN },
		{ "", MUSTACHE_PLAIN },
		{ NULL, MUSTACHE_PLAIN },
	};

	(void)state;
	for (size_t i = 0; i < N(rows); i++)
		assert_int_equal(mustache_escape_of(rows[i].type),
		    rows[i].want);
}

static const struct mustache_name hit_names[] = {
	{ "term", MUSTACHE_TEXT, NULL }, { "field", MUSTACHE_TEXT, NULL },
	{ NULL, MUSTACHE_TEXT, NULL }
}, story_names[] = {
	{ "copies", MUSTACHE_TEXT, NULL }, { "sites", MUSTACHE_LIST, NULL },
	{ NULL, MUSTACHE_TEXT, NULL }
}, data_names[] = {
	{ "hits", MUSTACHE_LIST, hit_names },
	{ "story", MUSTACHE_MAP, story_names },
	{ NULL, MUSTACHE_TEXT, NULL }
}, names[] = {
	{ "title", MUSTACHE_TEXT, NULL }, { "url", MUSTACHE_TEXT, NULL },
	{ "over", MUSTACHE_FLAG, NULL }, { "data", MUSTACHE_MAP, data_names },
	{ NULL, MUSTACHE_TEXT, NULL }
};

static const char *const good[] = {
	"{{title}}{{&url}}{{{title}}}{{data.story.copies}}{{over}}",
	"{{#data}}{{#hits}}{{term}}{{title}}{{/hits}}{{story.copies}}{{/data}}",
	"{{#data.story.sites}}{{.}}{{title}}{{/data.story.sites}}",
	"{{#url}}{{.}} {{title}}{{/url}}{{^url}}{{title}}{{/url}}",
	"{{#over}}{{#data.story}}{{copies}}{{/data.story}}{{/over}}",
};

static const struct {
	const char	*template;
	int		 line, col;
	const char	*want;		/* is in the message */
} faults[] = {
	{ "a\n {{title", 2, 2, "not closed (}} closes it)" },
	{ "{{{title}}", 1, 1, "(}}} closes it)" },
	{ "{{=<% %>=}}<%{title%>", 1, 12, "(}%> closes it)" },
	{ "{{! no end", 1, 1, "not closed" },
	{ "{{}}", 1, 1, "without a name" },
	{ "{{#}}", 1, 1, "without a name" },
	{ "{{ti tle}}", 1, 3, "other characters" },
	{ "{{data..story}}", 1, 3, "other characters" },
	{ "{{.title}}", 1, 3, "other characters" },
	{ "{{title.}}", 1, 3, "other characters" },
	{ "{{ tilte }}", 1, 4, "no name tilte here (title?)" },
	{ "{{data.story.copie}}", 1, 3, "(data.story.copies?)" },
	{ "\n\n  {{copies}}", 3, 5, "(data.story.copies?)" },
	{ "{{dta.story.copies}}", 1, 3, "(data.story.copies?)" },
	{ "{{story.copies}}", 1, 3, "(data.story.copies?)" },
	{ "{{data.xyz}}", 1, 3, "(hits, for example)" },
	{ "{{term}}", 1, 3, "no name term here" },
	{ "{{title.x}}", 1, 3, "title is a text" },
	{ "{{data.hits.term}}", 1, 3, "data.hits is a list" },
	{ "{{data.hits}}", 1, 3, "{{#data.hits}}...{{/data.hits}} goes" },
	{ "{{data.story}}", 1, 3, "(data.story.copies, for example)" },
	{ "{{.}}", 1, 3, "{{.}} is no text here (title, for example)" },
	{ "{{#data.hits}}{{.}}{{/data.hits}}", 1, 17, "(term, for example)" },
	{ "{{#data.story}}{{/data}}", 1, 16, "{{/data.story}} closes" },
	{ "{{/data}}", 1, 1, "closes nothing" },
	{ "a\n{{#title}}b", 2, 4, "({{/title}} closes it)" },
	{ "{{^title}}{{#url}}{{/url}}", 1, 4, "({{/title}} closes it)" },
	{ "{{>footer}}", 1, 1, "partials are not offered" },
	{ "{{$block}}{{/block}}", 1, 1, "not offered" },
	{ "{{<parent}}", 1, 1, "not offered" },
	{ "{{=<% %>}}", 1, 1, "(=}} closes it)" },
	{ "{{=<%=}}", 1, 1, "two words" },
	{ "{{=a b c=}}", 1, 1, "two words" },
	{ "{{=12345678901234567 }=}}", 1, 1, "two words of at most 16" },
};

static void
faults_are_found_at_compiling(void **state)
{
	struct mustache *m;
	struct err err;

	(void)state;
	for (size_t i = 0; i < N(good); i++) {
		m = mustache_compile(str_from(good[i]), NULL, MUSTACHE_PLAIN,
		    names, &err);
		if (m == NULL)
			fail_msg("%s: %s", good[i], err.msg);
		mustache_free(m);
	}
	for (size_t i = 0; i < N(faults); i++) {
		m = mustache_compile(str_from(faults[i].template), "f",
		    MUSTACHE_PLAIN, names, &err);
		if (m != NULL || strstr(err.msg, faults[i].want) == NULL ||
		    err.line != faults[i].line || err.col != faults[i].col ||
		    strcmp(err.file, "f") != 0)
			fail_msg("%s: %d:%d: %s", faults[i].template, err.line,
			    err.col, m != NULL ? "compiled" : err.msg);
	}
}

static void
all_of_it_is_bounded(void **state)
{
	struct err err = { .msg = "" };
	struct buf b, out;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_init(&out, 100);
	for (size_t i = 0; i <= MUSTACHE_MAX_BYTES; i++)
		buf_add_char(&b, 'x');
	assert_null(mustache_compile(buf_str(&b), NULL, MUSTACHE_PLAIN, NULL,
	    &err));
	assert_non_null(strstr(err.msg, "(at most 65536)"));

	buf_reset(&b);
	for (size_t i = 0; i <= MUSTACHE_MAX_NESTING; i++)
		buf_add_c(&b, i % 2 == 0 ? "{{#a}}" : "{{^a}}");
	assert_null(mustache_compile(buf_str(&b), NULL, MUSTACHE_PLAIN, NULL,
	    &err));
	assert_non_null(strstr(err.msg, "nested"));

	assert_int_equal(render("{{#a}}1234567890{{/a}}",
	    "{\"a\": [1,1,1,1,1,1,1,1,1,1]}", MUSTACHE_PLAIN, &out, &err), 0);
	assert_int_equal(out.n, 100);
	assert_int_equal(render("1", "{}", MUSTACHE_PLAIN, &out, &err), -1);
	assert_non_null(strstr(err.msg, "over 100 bytes"));
	buf_clear(&b);
	buf_clear(&out);
}

/* 10 to the 16th runs of nothing. */
static void
lists_in_lists_come_to_an_end(void **state)
{
	struct err err = { .msg = "" };
	struct buf b, out;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_init(&out, 100);
	for (size_t i = 0; i < MUSTACHE_MAX_NESTING; i++)
		buf_add_c(&b, "{{#a}}");
	for (size_t i = 0; i < MUSTACHE_MAX_NESTING; i++)
		buf_add_c(&b, "{{/a}}");
	assert_int_equal(render(buf_cstr(&b), "{\"a\": [1,1,1,1,1,1,1,1,1,1]}",
	    MUSTACHE_PLAIN, &out, &err), -1);
	assert_non_null(strstr(err.msg, "steps"));
	buf_clear(&b);
	buf_clear(&out);
}

static void
the_last_context_goes_first(void **state)
{
	struct err err;
	struct buf out;
	struct json_tree *a = json_parse(STR("{\"x\": 1, \"y\": 2}"), &err);
	struct json_tree *b = json_parse(STR("{\"x\": 3}"), &err);
	struct mustache *m = mustache_compile(STR("{{x}}{{y}}"), NULL,
	    MUSTACHE_PLAIN, NULL, &err);
	const struct json *both[2];

	(void)state;
	assert_true(a != NULL && b != NULL && m != NULL);
	both[0] = json_root(a);
	both[1] = json_root(b);
	buf_init(&out, 100);
	assert_int_equal(mustache_render(m, both, 2, &out, &err), 0);
	assert_string_equal(buf_cstr(&out), "32");
	mustache_free(m);
	json_tree_free(a);
	json_tree_free(b);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(renders_as_the_specification_says),
		cmocka_unit_test(escapes_for_its_kind_of_text),
		cmocka_unit_test(escapes_go_by_the_content_type),
		cmocka_unit_test(faults_are_found_at_compiling),
		cmocka_unit_test(all_of_it_is_bounded),
		cmocka_unit_test(lists_in_lists_come_to_an_end),
		cmocka_unit_test(the_last_context_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
