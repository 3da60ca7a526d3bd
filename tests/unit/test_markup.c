/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "feeds/markup.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*says, *in, *text, *line;
} cases[] = {
	{ "plain words", "a b", "a b", "a b" },
	{ "white space collapses", " a \n\t b ", "a b", "a b" },
	{ "one space stays, long runs too",
	    "the quick brown fox jumps over the lazy dog  twice",
	    "the quick brown fox jumps over the lazy dog twice",
	    "the quick brown fox jumps over the lazy dog twice" },
	{ "paragraphs are parted", "<p>a</p><p>b</p>", "a\n\nb", "a b" },
	{ "no gap at either end", "<div><p>a</p></div>", "a", "a" },
	{ "br ends a line", "a<br/>b<BR>c", "a\nb\nc", "a b c" },
	{ "a block beats a br", "a<br></p>b", "a\n\nb", "a b" },
	{ "inline tags leave no gap", "a<b>b</b>c", "abc", "abc" },
	{ "cells are parted by a space", "<tr><td>a</td><td>b</td></tr>",
	    "a b", "a b" },
	{ "items of a list are blocks", "<ul><li>a<li>b</ul>", "a\n\nb",
	    "a b" },
	{ "references are decoded once", "AT&amp;amp;T &eacute;&#8217;",
	    "AT&amp;T \xC3\xA9\xE2\x80\x99", "AT&amp;T \xC3\xA9\xE2\x80\x99" },
	{ "a decoded '<' is text", "a &lt;b&gt; c", "a <b> c", "a <b> c" },
	{ "old references without semicolon", "a &copy 2026",
	    "a \xC2\xA9 2026", "a \xC2\xA9 2026" },
	{ "no-break spaces are spaces", "&nbsp;a\xC2\xA0&#160;b&nbsp;",
	    "a b", "a b" },
	{ "characters that share nbsp's first byte",
	    "\xC2\xA9 2026 \xC2\xAB\xC2\xBB", "\xC2\xA9 2026 \xC2\xAB\xC2\xBB",
	    "\xC2\xA9 2026 \xC2\xAB\xC2\xBB" },
	{ "scripts and styles go",
	    "a<script>if (x<y) '</p>'</script>b<style>p{}</style>c", "abc",
	    "abc" },
	{ "their end tags in any case", "a<SCRIPT>x</ScRiPt >b", "ab", "ab" },
	{ "templates go", "a<template><p>x</p></template>b", "ab", "ab" },
	{ "an unclosed script hides the rest", "a<script>b", "a", "a" },
	{ "comments go", "a<!-- <p>x</p> -->b", "ab", "ab" },
	{ "the shortest comment", "a<!-->b", "ab", "ab" },
	{ "an unclosed comment hides the rest", "a<!-- b", "a", "a" },
	{ "a doctype and a PI go", "<!doctype html>a<?php x ?>b", "ab", "ab" },
	{ "CDATA is its text", "a<![CDATA[b &amp; c]]>d", "ab & cd",
	    "ab & cd" },
	{ "alt texts are kept", "a<img src=x alt='the cat'>b", "a the cat b",
	    "a the cat b" },
	{ "alt texts are decoded", "<img alt=\"A&amp;B\">", "A&B", "A&B" },
	{ "other elements' alt is nothing", "<area alt='x'>a", "a", "a" },
	{ "a '>' in a quoted value", "<a title='1>0'>b</a>", "b", "b" },
	{ "a quote that never comes", "<a title='1>b", "b", "b" },
	{ "a stray less-than is text", "1 < 2 <3", "1 < 2 <3", "1 < 2 <3" },
	{ "a less-than at the end", "a <", "a <", "a <" },
	{ "a tag cut off at the end", "a <a href=\"http", "a", "a" },
	{ "an end tag of nothing", "a</>b", "a</>b", "a</>b" },
	{ "unknown tags go", "a<o:p>b</o:p>c<x-y/>d", "abcd", "abcd" },
	{ "a name that begins like a block", "a<para>b", "ab", "ab" },
	{ "names in capitals", "<P>a<P>b", "a\n\nb", "a b" },
	{ "escaped twice", "&lt;p&gt;a &amp;amp; b&lt;/p&gt;&lt;p&gt;c",
	    "a & b\n\nc", "<p>a &amp; b</p><p>c" },
	{ "escaped twice, with a break and a quote", "a&lt;br /&gt;b&lt;a href="
	    "&quot;x&quot;&gt;c", "a\nbc", "a<br />b<a href=\"x\">c" },
	{ "about HTML", "the &lt;b&gt; tag", "the <b> tag", "the <b> tag" },
	{ "about HTML, with a tag", "<i>the</i> &lt;b&gt; &lt;/b&gt; tag",
	    "the <b> </b> tag", "the <b> </b> tag" },
	{ "no names of HTML", "List&lt;String&gt; and Map&lt;/k&gt;",
	    "List<String> and Map</k>", "List<String> and Map</k>" },
	{ "less than, twice", "a &lt;b and c &lt;/b", "a <b and c </b",
	    "a <b and c </b" },
	{ "a long run of words and then a space before a tag",
	    "0123456789abcde <b>f</b> 0123456789abcdef g  h",
	    "0123456789abcde f 0123456789abcdef g h",
	    "0123456789abcde f 0123456789abcdef g h" },
	{ "a no-break space at every place", "a\xC2\xA0" "b 12345678901234\xC2"
	    "\xA0" "c 123456789012345\xC2\xA0" "d \xC2\xA9 e",
	    "a b 12345678901234 c 123456789012345 d \xC2\xA9 e",
	    "a b 12345678901234 c 123456789012345 d \xC2\xA9 e" },
	{ "nothing", "", "", "" },
	{ "only tags", "<p><br></p>", "", "" },
};

static void
converts_html(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < N(cases); i++) {
		struct text t = { .s = str_from(cases[i].in),
		    .kind = TEXT_HTML };

		buf_reset(&b);
		markup_to_text(&b, t);
		if (strcmp(buf_cstr(&b), cases[i].text) != 0)
			fail_msg("%s: \"%s\"", cases[i].says, buf_cstr(&b));
		buf_reset(&b);
		markup_to_line(&b, t);
		if (strcmp(buf_cstr(&b), cases[i].line) != 0)
			fail_msg("line: %s: \"%s\"", cases[i].says,
			    buf_cstr(&b));
	}
	buf_clear(&b);
}

static void
leaves_plain_text_alone(void **state)
{
	struct text t = { .s = STR("  a  <b>\n\nc &amp; d "),
	    .kind = TEXT_PLAIN };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	markup_to_text(&b, t);
	assert_string_equal(buf_cstr(&b), "a  <b>\n\nc &amp; d");
	buf_reset(&b);
	markup_to_line(&b, t);
	assert_string_equal(buf_cstr(&b), "a <b> c &amp; d");
	buf_clear(&b);
}

/* What stands in the buffer before is no word that a gap could follow. */
static void
appends(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_add_c(&b, "title: ");
	markup_to_text(&b, (struct text){ .s = STR("<p>a"),
	    .kind = TEXT_HTML });
	assert_string_equal(buf_cstr(&b), "title: a");
	buf_clear(&b);
}

static void
stops_at_the_ceiling(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	markup_to_text(&b, (struct text){ .s = STR("<p>abc</p><p>def"),
	    .kind = TEXT_HTML });
	assert_true(b.failed);
	assert_true(b.n <= 4);
	buf_clear(&b);
}

/* Every two bytes that mean something, doubled: no gap, tag or reference may
 * be read past the end, and the output is bounded. */
static void
bounds_its_output(void **state)
{
	static const char bytes[] = "<>&;#/!?-'\"=x1 p\n\xC2\xA0]";
	char in[64];
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(bytes) * sizeof(bytes); i++) {
		size_t n = 0;

		for (size_t k = 0; k < 8; k++) {
			in[n++] = bytes[i / sizeof(bytes)];
			in[n++] = bytes[i % sizeof(bytes)];
			in[n++] = bytes[(i + k) % sizeof(bytes)];
		}
		buf_reset(&b);
		markup_to_text(&b, (struct text){ .s = { in, n },
		    .kind = TEXT_HTML });
		assert_false(b.failed);
		assert_true(b.n <= 4 * n);
	}
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(converts_html),
		cmocka_unit_test(leaves_plain_text_alone),
		cmocka_unit_test(appends),
		cmocka_unit_test(stops_at_the_ceiling),
		cmocka_unit_test(bounds_its_output),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
