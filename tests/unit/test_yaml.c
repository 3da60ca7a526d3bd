/* SPDX-License-Identifier: ISC */
/* base/yaml: events, what is refused and where, places inside of scalars. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/yaml.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static struct yaml *
open_text(const char *text)
{
	struct err err;
	struct yaml *y = yaml_open_text("conf.yaml", str_from(text), &err);

	if (y == NULL)
		fail_msg("%s", err.msg);
	return y;
}

/* Events as one line: { } [ ] and scalars between their style's marks. */
static void
trace(struct buf *b, const struct yaml_event *ev)
{
	static const char *const marks[] = { "'", "\"", "|", ">" };

	switch (ev->kind) {
	case YAML_SCALAR:
		buf_addf(b, "%s%.*s%s ", marks[ev->style], STR_ARG(ev->text),
		    marks[ev->style]);
		assert_int_equal(ev->text.p[ev->text.n], '\0');
		break;
	case YAML_SEQ:
		buf_add_c(b, "[ ");
		break;
	case YAML_SEQ_END:
		buf_add_c(b, "] ");
		break;
	case YAML_MAP:
		buf_add_c(b, "{ ");
		break;
	case YAML_MAP_END:
		buf_add_c(b, "} ");
		break;
	case YAML_END:
		buf_add_c(b, "end");
		break;
	}
}

static const struct {
	const char	*says;
	const char	*source;
	const char	*events;
} readable[] = {
	{ "an empty file ends at once", "", "end" },
	{ "so does one of comments", "# a\n\n# b\n", "end" },
	{ "a map of lists", "a: [b, c]\nd:\n  - e\n",
	    "{ 'a' [ 'b' 'c' ] 'd' [ 'e' ] } end" },
	{ "words stay words: NO is a country, 1.10 a version",
	    "[NO, 1.10, true, ~]", "[ 'NO' '1.10' 'true' '~' ] end" },
	{ "nothing is an empty plain scalar", "a:\nb: ''\n",
	    "{ 'a' '' 'b' \"\" } end" },
	{ "a literal keeps lines and number signs",
	    "m: |\n  # no comment\n\n   x\n", "{ 'm' |# no comment\n\n x\n| } "
	    "end" },
	{ "a folded block joins lines", "m: >-\n  a\n  b\n",
	    "{ 'm' >a b> } end" },
	{ "JSON", "{\"a\": [1, \"\\u00e9\\n\"], \"b\": {}}",
	    "{ \"a\" [ '1' \"\xc3\xa9\n\" ] \"b\" { } } end" },
	{ "a byte order mark is no text", "\xef\xbb\xbf" "a: b", "{ 'a' 'b' } "
	    "end" },
	{ "lines may end in CR LF", "a: |\r\n  x\r\n  y\r\nb: c\r\n",
	    "{ 'a' |x\ny\n| 'b' 'c' } end" },
	{ "the same key twice is for the reader to find", "a: 1\na: 2\n",
	    "{ 'a' '1' 'a' '2' } end" },
	{ "a document may end with dots", "--- \na: b\n...\n",
	    "{ 'a' 'b' } end" },
};

static void
gives_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(readable); i++) {
		struct yaml *y = open_text(readable[i].source);
		struct yaml_event ev;
		struct err err;
		struct buf b;

		buf_init(&b, 4096);
		do {
			if (yaml_next(y, &ev, &err) == -1)
				fail_msg("%s: %s", readable[i].says, err.msg);
			trace(&b, &ev);
		} while (ev.kind != YAML_END);
		if (strcmp(buf_cstr(&b), readable[i].events) != 0)
			fail_msg("%s: %s", readable[i].says, buf_cstr(&b));
		assert_int_equal(yaml_next(y, &ev, &err), 0);
		assert_int_equal(ev.kind, YAML_END);
		buf_clear(&b);
		yaml_close(y);
	}
}

#define HINT	"write `match: |`"

static const struct {
	const char	*says;
	const char	*source;
	size_t		 n;		/* 0: up to the NUL */
	int		 line, col;
	const char	*message;
	bool		 hint;
} refused[] = {
	{ "aliases", "a: b\nc: *a\n", 0, 2, 4, "aliases", false },
	{ "anchors", "a: &x b\n", 0, 1, 4, "anchors", false },
	{ "anchors of lists", "a: &x [b]\n", 0, 1, 4, "anchors", false },
	{ "tags", "a: !!int 1\n", 0, 1, 4, "tags", false },
	{ "keys that are lists", "? [a]\n: b\n", 0, 1, 3, "key", false },
	{ "a second document", "a: b\n---\nc: d\n", 0, 2, 1, "second", false },
	{ "a NUL in the file: all behind it would be lost", "a: b\n\0c: d\n",
	    11, 2, 1, "U+0000", false },
	{ "a NUL by escape", "a: \"x\\0y\"\n", 0, 1, 4, "NUL", false },
	{ "bytes that are not UTF-8", "a: b\nc: d\xff\n", 0, 2, 5, "UTF-8",
	    false },
	{ "half a character at the end", "a: \xc3", 0, 1, 4, "UTF-8", false },
	{ "control characters", "a: \x1b[1m\n", 0, 1, 4, "U+001B", false },
	{ "columns are bytes, after an accent too", "\xc3\xa9: @x\n", 0, 1, 5,
	    "@", false },
	{ "a quote inside of a query",
	    "topics:\n  x:\n    match: \"a\" AND b\n", 0, 3, 16, "quoted",
	    true },
	{ "a query that begins with *", "x:\n  match: *foo\n", 0, 2, 10,
	    "alias", true },
	{ "a query with a colon and a space", "x:\n  match: title: foo\n", 0, 2,
	    15, "", true },
	{ "a query that begins with @", "x:\n  match: @foo\n", 0, 2, 10, "@",
	    true },
	{ "a query in braces", "x: {match: \"a\" OR b}\n", 0, 1, 16, "", true },
	{ "a query that goes on below its quotes",
	    "x:\n  match: \"a\"\n    AND b\n", 0, 3, 5, "", true },
	{ "no hint for what follows a good query",
	    "x:\n  match: foo\n  y: @z\n", 0, 3, 6, "@", false },
	{ "no hint for a key that is not match", "x:\n  name: @foo\n", 0, 2, 9,
	    "@", false },
	{ "a block that is not indented would swallow the next keys",
	    "t:\n  match: |\n  feeds: x\n  until: y\n", 0, 3, 3, "indented",
	    true },
	{ "in a list too", "t:\n  - |\n  - x\n", 0, 3, 3, "indented", false },
	{ "two doubled quotes side by side, which libfyaml reads wrong",
	    "a: 'b '''' c'\n", 0, 1, 4, "double quotes", false },
	{ "empty lines behind a line end that is none, likewise",
	    "a: \"b\\\n\n\n  cd\"\n", 0, 1, 6, "write \\n for each", false },
	{ "an open bracket", "a: [b\n", 0, 2, 1, "", false },
};

/* 0: it could be read. */
static int
read_all(const char *text, size_t n, struct err *err, struct yaml **y)
{
	struct yaml_event ev;

	*y = yaml_open_text("conf.yaml", (struct str){ text, n }, err);
	if (*y == NULL)
		return -1;
	do {
		if (yaml_next(*y, &ev, err) == -1)
			return -1;
	} while (ev.kind != YAML_END);
	return 0;
}

static void
refuses_with_place_and_hint(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(refused); i++) {
		size_t n = refused[i].n != 0 ? refused[i].n :
		    strlen(refused[i].source);
		struct yaml *y;
		struct err err;

		if (read_all(refused[i].source, n, &err, &y) == 0)
			fail_msg("%s: was read", refused[i].says);
		if (err.line != refused[i].line || err.col != refused[i].col)
			fail_msg("%s: at %d:%d: %s", refused[i].says, err.line,
			    err.col, err.msg);
		if (strstr(err.msg, refused[i].message) == NULL ||
		    (strstr(err.msg, HINT) != NULL) != refused[i].hint)
			fail_msg("%s: %s", refused[i].says, err.msg);
		assert_string_equal(err.file, "conf.yaml");
		yaml_close(y);
	}
}

static void
allows_64_levels(void **state)
{
	char text[256];
	struct yaml *y;
	struct err err;

	(void)state;
	for (size_t depth = 64; depth <= 65; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(read_all(text, 2 * depth, &err, &y),
		    depth == 64 ? 0 : -1);
		yaml_close(y);
	}
	assert_non_null(strstr(err.msg, "64 levels"));
	assert_int_equal(err.col, 65);
}

/* The nth scalar of the document; the event's text lives with the yaml. */
static struct yaml_event
find_scalar(struct yaml *y, size_t nth)
{
	struct yaml_event ev;
	struct err err;

	do {
		if (yaml_next(y, &ev, &err) == -1 || ev.kind == YAML_END)
			fail_msg("no such scalar: %s", err.msg);
	} while (ev.kind != YAML_SCALAR || nth-- > 0);
	return ev;
}

static const char *const literals[] = {
	"m: |\n  foo AND\n  bar\n",
	"m: |\n\n\n  # comment\n\n      deeper\n  back\n\nn: x\n",
	"m: |+\n  keep\n\n\nn: x\n",
	"m: |-\n  strip\n\n",
	"m: |2\n    two more than two\n  x\n",
	"m:   |   # a comment at the head\n\n        far in\n",
	"a:\n  b:\n  - m: |\n      in a list\n      \xc3\xa9 and on\n",
	"m: |\r\n  lines\r\n\r\n    of CR LF\r\n",
	"m: |\n  trailing blanks   \n  \tand a tab\n",
};

/* Each byte is found again in the source. */
static void
places_literals_exactly(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(literals); i++) {
		struct yaml *y = open_text(literals[i]);
		struct yaml_event ev = find_scalar(y, 1);
		int line, col;

		while (ev.style != YAML_LITERAL)
			ev = find_scalar(y, 0);
		for (size_t k = 0; k < ev.text.n; k++) {
			struct str s;

			yaml_place(&ev, k, &line, &col);
			s = yaml_source_line(y, line);
			if (ev.text.p[k] == '\n')
				assert_true((size_t)col == s.n + 1 ||
				    s.n == strspn(s.p, " "));
			else if ((size_t)col > s.n ||
			    s.p[col - 1] != ev.text.p[k])
				fail_msg("%s: byte %zu at %d:%d", literals[i],
				    k, line, col);
		}
		yaml_close(y);
	}
}

static const struct {
	const char	*says;
	const char	*source;
	const char	*word;		/* of the second scalar's text */
	int		 line, col;
} spots[] = {
	{ "behind blank lines and comments of the query",
	    "m: |\n\n  # x\n\n    foo\n  bar\n", "bar", 6, 3 },
	{ "plain", "m: foo AND bar\n", "bar", 1, 12 },
	{ "plain, over lines", "m: foo\n   AND\n     bar\n", "bar", 3, 6 },
	{ "on the line below its key", "m:\n    foo bar\n", "bar", 2, 9 },
	{ "quoted", "m: \"foo bar\"\n", "bar", 1, 9 },
	{ "behind escaped quotes", "m: \"\\\"a b\\\" AND bar\"\n", "bar",
	    1, 17 },
	{ "behind an escaped character", "m: \"\\u00e9 bar\"\n", "bar", 1, 12 },
	{ "behind doubled quotes", "m: 'it''s bar'\n", "bar", 1, 11 },
	{ "quoted, over lines", "m: \"foo\n\n  bar\"\n", "bar", 3, 3 },
	{ "behind a pair of surrogates", "m: \"\\ud83d\\ude00 bar\"\n", "bar",
	    1, 18 },
	{ "behind the same character in one escape",
	    "m: \"\\U0001f600 bar\"\n", "bar", 1, 16 },
	{ "behind the same character as it is",
	    "m: \"\xf0\x9f\x98\x80 bar\"\n", "bar", 1, 10 },
	{ "behind a blank and an escaped line end", "m: \"foo \\n bar\"\n",
	    "bar", 1, 12 },
	{ "behind escaped blanks among blanks",
	    "m: \"a \\t\\n\\n  \\t bar\"\n", "bar", 1, 18 },
	{ "behind a line end that is escaped", "m: \"foo \\\n   AND bar\"\n",
	    "bar", 2, 8 },
	{ "an escaped line end, then folded lines",
	    "m: \"a \\n b  \n  c\\\n  \\  d bar\"\n", "bar", 3, 8 },
	{ "behind a character of three bytes", "m: \"\\L bar\"\n", "bar", 1,
	    8 },
	{ "single quotes know no escapes", "m: 'a\\n bar'\n", "bar", 1, 9 },
	{ "JSON", "{\"m\": \"\\\"a\\\" \\n bar\"}", "bar", 1, 17 },
	{ "JSON, behind a pair of surrogates",
	    "{\n \"m\":\n  \"\\ud83d\\ude00 bar\"}", "bar", 3, 17 },
	{ "folded", "m: >\n  foo\n  bar\n", "bar", 3, 3 },
	{ "the first word of a folded block", "m: >\n    foo\n", "foo", 2, 5 },
};

static void
places_words_of_other_styles(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(spots); i++) {
		struct yaml *y = open_text(spots[i].source);
		struct yaml_event ev = find_scalar(y, 1);
		const char *word = strstr(ev.text.p, spots[i].word);
		int line, col;

		if (word == NULL)
			fail_msg("%s: %s", spots[i].says, ev.text.p);
		yaml_place(&ev, (size_t)(word - ev.text.p), &line, &col);
		if (line != spots[i].line || col != spots[i].col)
			fail_msg("%s: at %d:%d", spots[i].says, line, col);
		yaml_close(y);
	}
}

/* Not only words: each letter is found again, and no byte before another. */
static const char *const quoted[] = {
	"m: \"a \\n b \\\\ c\\t d\\u00e9 e \\xe9f\"\n",
	"m: \"a\\ud83d\\ude00b \\ud83d\\ude00 c\"\n",
	"m: \"a b  \n\n   c\\\n\n  d \\\n   e\\n\n f\"\n",
	"m: 'it''s a  ''b''  \n  c ''d'' e'\n",
	"m: \"\\r\\na \\r\\n b\\_\\Nc\"\r\n",
	"{\"m\": \"a \\n \\/ b \\\" c\\td\"}",
};

static void
places_letters_in_quotes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(quoted); i++) {
		struct yaml *y = open_text(quoted[i]);
		struct yaml_event ev = find_scalar(y, 1);
		int line, col, last_line = 0, last_col = 0;

		for (size_t k = 0; k < ev.text.n; k++) {
			char c = ev.text.p[k];
			struct str s;

			yaml_place(&ev, k, &line, &col);
			if (line < last_line ||
			    (line == last_line && col < last_col))
				fail_msg("%s: back at %zu", quoted[i], k);
			last_line = line;
			last_col = col;
			s = yaml_source_line(y, line);
			if (c >= 'a' && c <= 'f' && ((size_t)col > s.n ||
			    s.p[col - 1] != c))
				fail_msg("%s: byte %zu at %d:%d", quoted[i],
				    k, line, col);
		}
		yaml_close(y);
	}
}

static void
places_the_end_of_a_literal_on_its_last_line(void **state)
{
	struct yaml *y = open_text("m: |\n  foo AND\nn: x\n");
	struct yaml_event ev = find_scalar(y, 1);
	int line, col;

	(void)state;
	yaml_place(&ev, ev.text.n, &line, &col);
	assert_int_equal(line, 2);
	assert_int_equal(col, 10);
	yaml_place(&ev, SIZE_MAX, &line, &col);
	assert_int_equal(line, 2);
	yaml_close(y);
}

static void
tells_where_events_begin(void **state)
{
	struct yaml *y = open_text("a:\n  \xc3\xa9: \"q\"\nb:\n  -\n  - c\n");
	static const struct { int line, col; } want[] = {
		{ 1, 1 }, { 2, 3 }, { 2, 7 }, { 3, 1 }, { 4, 3 }, { 5, 5 }
	};

	(void)state;
	for (size_t i = 0; i < N(want); i++) {
		struct yaml_event ev = find_scalar(y, 0);

		assert_int_equal(ev.line, want[i].line);
		assert_int_equal(ev.col, want[i].col);
	}
	yaml_close(y);
}

static void
skips_whole_values(void **state)
{
	struct yaml *y = open_text("a: {b: [1, {c: d}], e: {}}\nf: g\n");
	struct yaml_event ev;
	struct err err;

	(void)state;
	assert_int_equal(yaml_next(y, &ev, &err), 0);	/* the map */
	ev = find_scalar(y, 0);
	assert_true(str_eq_c(ev.text, "a"));
	assert_int_equal(yaml_skip(y, &ev, &err), 0);	/* a scalar: itself */
	assert_int_equal(yaml_next(y, &ev, &err), 0);
	assert_int_equal(ev.kind, YAML_MAP);
	assert_int_equal(yaml_skip(y, &ev, &err), 0);
	ev = find_scalar(y, 0);
	assert_true(str_eq_c(ev.text, "f"));
	yaml_close(y);
}

static void
keeps_texts_until_it_is_closed(void **state)
{
	struct yaml *y = open_text("first: 1\nsecond: 2\n");
	struct yaml_event first = find_scalar(y, 0);

	(void)state;
	(void)find_scalar(y, 2);
	assert_string_equal(first.text.p, "first");
	assert_string_equal(yaml_name(y), "conf.yaml");
	assert_true(str_eq_c(yaml_source_line(y, 2), "second: 2"));
	assert_int_equal(yaml_source_line(y, 4).n, 0);
	assert_int_equal(yaml_source_line(y, 0).n, 0);
	assert_int_equal(yaml_source_line(y, -1).n, 0);
	yaml_close(y);
	yaml_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_events),
		cmocka_unit_test(refuses_with_place_and_hint),
		cmocka_unit_test(allows_64_levels),
		cmocka_unit_test(places_literals_exactly),
		cmocka_unit_test(places_words_of_other_styles),
		cmocka_unit_test(places_letters_in_quotes),
		cmocka_unit_test(places_the_end_of_a_literal_on_its_last_line),
		cmocka_unit_test(tells_where_events_begin),
		cmocka_unit_test(skips_whole_values),
		cmocka_unit_test(keeps_texts_until_it_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
