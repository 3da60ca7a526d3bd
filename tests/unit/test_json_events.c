/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_events.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

enum { MAX_DEPTH = 5, MAX_TEXT = 20 };

/* -- What was read, as text ------------------------------------------------ */

static void
show_number(struct buf *b, const struct json_event *e)
{
	buf_addf(b, "%.*s=%g", STR_ARG(e->text), e->value);
	if (e->is_whole)
		buf_addf(b, "=%lld", (long long)e->whole);
	buf_add_char(b, ' ');
}

/* Keys that begin with skip or stop, and lists within one, say what next. */
static enum json_want
show(const struct json_event *e, void *ctx)
{
	static const char *const marks[] = { "{ ", "} ", "[ ", "] " };
	struct buf *b = ctx;

	switch (e->kind) {
	case JSON_MAP_BEGIN:
	case JSON_MAP_END:
	case JSON_ARRAY_BEGIN:
	case JSON_ARRAY_END:
		buf_add_c(b, marks[e->kind]);
		break;
	case JSON_KEY:
		buf_addf(b, "%.*s: ", STR_ARG(e->text));
		if (str_eq_c(e->text, "stop"))
			return JSON_STOP;
		return str_eq_c(e->text, "skip") ? JSON_SKIP : JSON_GO_ON;
	case JSON_STRING:
		buf_addf(b, "'%.*s' ", STR_ARG(e->text));
		break;
	case JSON_NUMBER:
		show_number(b, e);
		break;
	case JSON_BOOL:
		buf_add_c(b, e->truth ? "yes " : "no ");
		break;
	case JSON_NULL:
		buf_add_c(b, "null ");
		break;
	}
	return JSON_GO_ON;
}

static void
show_end(struct buf *b, enum json_events_state state, const struct err *err,
    const struct json_mends *m)
{
	static const char *const words[] = {
		"more", "done", "stopped", "too deep", "too long", "broken"
	};

	buf_add_c(b, words[state]);
	if (state >= JSON_EVENTS_TOO_DEEP)
		buf_addf(b, ": %s", err->msg);
	if (m->control_characters + m->bad_utf8 + m->bad_escapes +
	    m->stray_commas > 0)
		buf_addf(b, ", mended %zu %zu %zu", m->control_characters,
		    m->bad_utf8, m->bad_escapes);
	if (m->stray_commas > 0)
		buf_addf(b, " %zu", m->stray_commas);
}

static void
read_in_steps(struct str doc, size_t step, struct buf *out)
{
	struct json_events *r = json_events_new(show, out, MAX_DEPTH,
	    MAX_TEXT);
	enum json_events_state state = JSON_EVENTS_MORE;
	struct err err = { .msg = "" };

	assert_non_null(r);
	buf_reset(out);
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);
		/* Its own memory: a step past its end is seen. */
		char *own = malloc(piece.n);

		assert_non_null(own);
		memcpy(own, piece.p, piece.n);
		state = json_events_push(r, own, piece.n, &err);
		free(own);
	}
	if (state == JSON_EVENTS_MORE)
		state = json_events_finish(r, &err);
	show_end(out, state, &err, json_events_mends(r));
	json_events_free(r);
}

struct event_case {
	const char	*says, *doc, *expect;
};

static void
check(const struct event_case *cases, size_t n)
{
	struct buf out;

	buf_init(&out, 1 << 16);
	for (size_t i = 0; i < n; i++)
		for (size_t step = 1; step <= 64; step += step < 8 ? 1 : 56) {
			read_in_steps(str_from(cases[i].doc), step, &out);
			if (!str_eq_c(buf_str(&out), cases[i].expect))
				print_message("%s (steps of %zu)\n",
				    cases[i].says, step);
			assert_string_equal(buf_cstr(&out), cases[i].expect);
		}
	buf_clear(&out);
}

/* -- Tests ----------------------------------------------------------------- */

static void
tells_events(void **state)
{
	static const struct event_case cases[] = {
		{ "every kind of value",
		    "{\"s\":\"x\",\"n\":-1.5e1,\"t\":true,\"f\":false,"
		    "\"z\":null,\"a\":[1,\"b\",{}],\"m\":{\"k\":[]}}",
		    "{ s: 'x' n: -1.5e1=-15=-15 t: yes f: no z: null "
		    "a: [ 1=1=1 'b' { } ] m: { k: [ ] } } done" },
		{ "white space is free", " {\r\n\t\"a\" : [ 1 , 2 ] }\n",
		    "{ a: [ 1=1=1 2=2=2 ] } done" },
		{ "empty strings and keys", "{\"\":\"\"}", "{ : '' } done" },
		{ "an outermost scalar", "\"x\"", "'x' done" },
		{ "an outermost number ends with the document", "12",
		    "12=12=12 done" },
		{ "what follows the end is ignored", "[1]]}{\"", "[ 1=1=1 ] "
		    "done" },
	};

	(void)state;
	check(cases, N(cases));
}

static void
tells_numbers(void **state)
{
	static const struct event_case cases[] = {
		{ "the ends of int64", "[9223372036854775807,"
		    "-9223372036854775808]",
		    "[ 9223372036854775807=9.22337e+18=9223372036854775807 "
		    "-9223372036854775808=-9.22337e+18=-9223372036854775808 ]"
		    " done" },
		{ "past them it is no whole number", "[9223372036854775808]",
		    "[ 9223372036854775808=9.22337e+18 ] done" },
		{ "a fraction", "[0.5]", "[ 0.5=0.5 ] done" },
		{ "whole in another dress", "[1234.0,1E3]",
		    "[ 1234.0=1234=1234 1E3=1000=1000 ] done" },
		{ "a double does not count exactly there", "[1e16]",
		    "[ 1e16=1e+16 ] done" },
		{ "too big for a double", "[1e999]", "[ 1e999=inf ] done" },
		{ "no number begins with 0 or +", "[01]", "[ 0=0=0 broken: "
		    "JSON: parse error: after array element, I expect ',' or "
		    "']' (line 1, column 2)" },
	};

	(void)state;
	check(cases, N(cases));
}

static void
reads_texts(void **state)
{
	static const struct event_case cases[] = {
		{ "every escape", "[\"\\\"\\\\\\/\\n\\r\\t\\u0041\"]",
		    "[ '\"\\/\n\r\tA' ] done" },
		{ "a pair of surrogates", "[\"\\ud83d\\uDE00\"]",
		    "[ '\xf0\x9f\x98\x80' ] done" },
		{ "half a pair, before an end, a text, an escape, another",
		    "[\"\\ud83d\",\"\\ud83dx\",\"\\ud83d\\n\","
		    "\"\\ud83d\\ud83d\\ude00\"]",
		    "[ '\xef\xbf\xbd' '\xef\xbf\xbdx' '\xef\xbf\xbd\n' "
		    "'\xef\xbf\xbd\xf0\x9f\x98\x80' ] done, mended 0 0 4" },
		{ "the other half alone", "[\"\\ude00x\"]",
		    "[ '\xef\xbf\xbdx' ] done, mended 0 0 1" },
		{ "NUL and its kin go", "[\"a\\u0000b\\u001fc\\bd\"]",
		    "[ 'abcd' ] done, mended 3 0 0" },
		{ "a form feed parts words", "[\"a\\fb\\u000Cc\"]",
		    "[ 'a b c' ] done, mended 2 0 0" },
		{ "bare control characters", "[\"a\tb\nc\x01\x1b[0m\r\"]",
		    "[ 'a\tb\nc[0m\r' ] done, mended 5 0 0" },
		{ "a letter that needs no escape", "[\"it\\'s \\x\"]",
		    "[ 'it's x' ] done, mended 0 0 2" },
		{ "an escaped line end", "[\"a\\\nb\"]",
		    "[ 'a\nb' ] done, mended 1 0 1" },
		{ "too few digits", "[\"\\u12G4\",\"\\u\"]",
		    "[ '\xef\xbf\xbdG4' '\xef\xbf\xbd' ] done, mended 0 0 2" },
		{ "no UTF-8", "[\"a\xff\xe2\x82z\",\"\xed\xa0\x80\"]",
		    "[ 'a\xef\xbf\xbd\xef\xbf\xbdz' '\xef\xbf\xbd\xef\xbf\xbd"
		    "\xef\xbf\xbd' ] done, mended 0 2 0" },
		{ "a character may be cut anywhere",
		    "[\"\xf0\x9f\x98\x80\xe2\x82\xac\"]",
		    "[ '\xf0\x9f\x98\x80\xe2\x82\xac' ] done" },
		{ "keys are texts", "{\"\\u0061\\ud800\":1}",
		    "{ a\xef\xbf\xbd: 1=1=1 } done, mended 0 0 1" },
	};

	(void)state;
	check(cases, N(cases));
}

static void
forgives_last_commas(void **state)
{
	static const struct event_case cases[] = {
		{ "before either bracket", "{\"a\":[1,2,],\n}",
		    "{ a: [ 1=1=1 2=2=2 ] } done, mended 0 0 0 2" },
		{ "with blanks between", "[\"x\" ,\n ]",
		    "[ 'x' ] done, mended 0 0 0 1" },
		{ "where nothing stands before it", "[{,}]",
		    "[ { } ] done, mended 0 0 0 1" },
	};

	(void)state;
	check(cases, N(cases));
}

static void
skips_and_stops(void **state)
{
	static const struct event_case cases[] = {
		{ "the value of a key", "{\"skip\":\"x\",\"a\":1}",
		    "{ skip: a: 1=1=1 } done" },
		{ "a whole map, and no longer",
		    "{\"skip\":{\"stop\":[{}]},\"a\":{\"b\":[]}}",
		    "{ skip: a: { b: [ ] } } done" },
		{ "no cap holds, nothing is mended in what is skipped",
		    "{\"skip\":[\"a\\ud800\xff\x01 b c d e f g h i j k l m\"],"
		    "\"a\":1}", "{ skip: a: 1=1=1 } done" },
		{ "quotes in what is skipped", "{\"skip\":\"\\\"}\\\\\","
		    "\"a\":1}", "{ skip: a: 1=1=1 } done" },
		{ "faults count there as well", "{\"skip\":[1 2]}",
		    "{ skip: broken: JSON: parse error: after array element, "
		    "I expect ',' or ']' (line 1, column 12)" },
		{ "the reader has enough", "{\"a\":1,\"stop\":2,\"b\":3}",
		    "{ a: 1=1=1 stop: stopped" },
	};

	(void)state;
	check(cases, N(cases));
}

static void
keeps_caps(void **state)
{
	static const struct event_case cases[] = {
		{ "five deep is fine", "[[[[[]]]]]",
		    "[ [ [ [ [ ] ] ] ] ] done" },
		{ "six is not", "[[[[[[",
		    "[ [ [ [ [ too deep: JSON: nested more than 5 deep" },
		{ "nor in what is skipped", "{\"skip\":[[[[[",
		    "{ skip: too deep: JSON: nested more than 5 deep" },
		{ "20 bytes are fine", "[\"12345678901234567890\"]",
		    "[ '12345678901234567890' ] done" },
		{ "21 are not", "[\"123456789012345678901\"]",
		    "[ too long: JSON: a string of more than 20 bytes" },
		{ "nor when mending makes them", "[\"123456789012345678\xff\"]",
		    "[ too long: JSON: a string of more than 20 bytes, mended "
		    "0 1 0" },
		{ "nor in a key", "{\"123456789012345678901\":1}",
		    "{ too long: JSON: a string of more than 20 bytes" },
	};

	(void)state;
	check(cases, N(cases));
}

static void
names_faults(void **state)
{
	static const struct event_case cases[] = {
		{ "line and column are the token's", "{\n\"a\": 1,\n  oops}",
		    "{ a: 1=1=1 broken: JSON: lexical error: invalid char in "
		    "json text. (line 3, column 3)" },
		{ "a line end in a text counts", "{\"a\nb\":\n x}",
		    "{ a\nb: broken: JSON: lexical error: invalid char in json "
		    "text. (line 3, column 2), mended 1 0 0" },
		{ "no comments", "[ /* no */ 1]",
		    "[ broken: JSON: lexical error: probable comment found in "
		    "input text, comments are not enabled. "
		    "(line 1, column 3)" },
		{ "a comma too many, where it stands", "[1 ,\n ,2]",
		    "[ 1=1=1 broken: JSON: parse error: unallowed token at "
		    "this point in JSON text (line 2, column 2)" },
		{ "a comma for a value", "{\"a\":,}", "{ a: broken: JSON: "
		    "parse error: unallowed token at this point in JSON text "
		    "(line 1, column 7), mended 0 0 0 1" },
		{ "a key without quotes", "{a:1}",
		    "{ broken: JSON: lexical error: invalid char in json "
		    "text. (line 1, column 2)" },
		{ "the wrong bracket", "[1}",
		    "[ 1=1=1 broken: JSON: parse error: after array element, "
		    "I expect ',' or ']' (line 1, column 3)" },
		{ "a string without its comma", "[\"a\" \"b\"]",
		    "[ 'a' broken: JSON: parse error: after array element, I "
		    "expect ',' or ']' (line 1, column 6)" },
		{ "a word without end", "[11111111111111111111111111111111111"
		    "111111111111111111111111111111111111111111111111111111111"
		    "11111111111111111111111111111111111111111111111111111111]",
		    "[ broken: JSON: a word too long for JSON (line 1, column "
		    "2)" },
	};

	(void)state;
	check(cases, N(cases));
}

static void
notices_the_missing_end(void **state)
{
	static const struct event_case cases[] = {
		{ "nothing at all", "", "more" },
		{ "in a list", "[1,", "[ 1=1=1 more" },
		{ "in a string", "[\"a", "[ more" },
		{ "in an escape", "[\"a\\", "[ more" },
		{ "in a word, which counts", "[true", "[ yes more" },
	};

	(void)state;
	check(cases, N(cases));
}

static enum json_want
count(const struct json_event *e, void *ctx)
{
	size_t *n = ctx;

	if (e->kind == JSON_STRING)
		*n += e->text.n;
	return JSON_GO_ON;
}

static void
reads_a_long_string(void **state)
{
	enum { LONG = 4 << 20, STEP = 1460 };
	size_t total = 0;
	struct json_events *r = json_events_new(count, &total, MAX_DEPTH,
	    LONG);
	char *doc = malloc(LONG + 4);
	struct err err;

	(void)state;
	assert_non_null(r);
	assert_non_null(doc);
	memset(doc, 'a', LONG + 4);
	memcpy(doc, "[\"", 2);
	memcpy(doc + LONG + 2, "\"]", 2);
	for (size_t at = 0; at < LONG + 4; at += STEP)
		(void)json_events_push(r, doc + at, LONG + 4 - at < STEP ?
		    LONG + 4 - at : STEP, &err);
	assert_int_equal(json_events_finish(r, &err), JSON_EVENTS_DONE);
	assert_int_equal(total, LONG);
	json_events_free(r);
	free(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_events),
		cmocka_unit_test(tells_numbers),
		cmocka_unit_test(reads_texts),
		cmocka_unit_test(forgives_last_commas),
		cmocka_unit_test(skips_and_stops),
		cmocka_unit_test(keeps_caps),
		cmocka_unit_test(names_faults),
		cmocka_unit_test(notices_the_missing_end),
		cmocka_unit_test(reads_a_long_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
