/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "feeds/scrub.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define B(lit)	{ lit, sizeof(lit) - 1 }
#define FFFD	"\xEF\xBF\xBD"

#define NOTHING	SCRUB_N_MENDS

static const struct {
	const char		*says;
	struct str		 in;
	const char		*want;
	enum scrub_mend		 mend;
	size_t			 times;
} cases[] = {
	{ "well-formed XML passes", B("<a b=\"1\" c = '2'\n><d/>x &lt; &#38; "
	    "&#x2019;\xC3\xA9\xF0\x9F\x98\x80 ]] <![CDATA[<&]]]></a>"),
	    "<a b=\"1\" c = '2'\n><d/>x &lt; &#38; "
	    "&#x2019;\xC3\xA9\xF0\x9F\x98\x80 ]] <![CDATA[<&]]]></a>",
	    NOTHING, 0 },
	{ "what stands around the root goes", B("<?xml version='1.0'?>\n"
	    "<!-- c --><?pi x?><a>b</a> <!-- d - -- --->\n<?pi y>?>"),
	    "<a>b</a>", NOTHING, 0 },
	{ "white space, comments and PIs may begin it", B(" \n<!-- c --><?pi "
	    "x?><?xml-stylesheet y?><a/>"), "<a/>", NOTHING, 0 },
	{ "white space before the declaration", B("\n<?xml version='1.0'?>"
	    "<a/>"), "<a/>", SCRUB_LEADING_JUNK, 1 },
	{ "a comment before the declaration", B("<!-- b --><?xml version='1.0'"
	    "?><a/>"), "<a/>", SCRUB_LEADING_JUNK, 1 },
	{ "a PI before the declaration", B("<?b c?><?xml version='1.0'?><a/>"),
	    "<a/>", SCRUB_LEADING_JUNK, 1 },
	{ "a byte order mark in the wrong place", B("\n\xEF\xBB\xBF<a/>"),
	    "<a/>", SCRUB_LEADING_JUNK, 1 },
	{ "text before the root goes", B("Warning: 1 < 2\n<a/>"), "<a/>",
	    SCRUB_LEADING_JUNK, 1 },
	{ "PIs, comments and notices before it go", B(" \n<!-- a --><?b c?>"
	    "Notice: d\n<?xml version='1.0'?><a/>"), "<a/>",
	    SCRUB_LEADING_JUNK, 1 },
	{ "junk behind the root goes", B("<a>b</a></html>\n<!-- 0.1 s -->"
	    "<script>x</script>"), "<a>b</a>", SCRUB_TRAILING_JUNK, 1 },
	{ "a second root behind it", B("<a/>\n<!-- b --><c/>"), "<a/>",
	    SCRUB_TRAILING_JUNK, 1 },
	{ "text behind it", B("<a></a>\n<?b?> c"), "<a></a>",
	    SCRUB_TRAILING_JUNK, 1 },
	{ "zero bytes behind it", B("<a></a>\n\0\0"), "<a></a>",
	    SCRUB_TRAILING_JUNK, 1 },
	{ "what is no comment behind it", B("<a/><!- b -->"), "<a/>",
	    SCRUB_TRAILING_JUNK, 1 },
	{ "a section behind it", B("<a/><![CDATA[b]]>"), "<a/>",
	    SCRUB_TRAILING_JUNK, 1 },
	{ "a comment behind it, cut off", B("<a/> <!-- <b> --"), "<a/>",
	    NOTHING, 0 },
	{ "a second declaration goes", B("<?xml version='1.0'?>\n<?xml "
	    "version='1.0' encoding='x'?><a>b<?xml version='1.0'?>c</a>"),
	    "<a>bc</a>", SCRUB_LEADING_JUNK, 1 },
	{ "comments and PIs within go", B("<a>b<!-- <c> -- -->d<?e <f>?>g"
	    "</a>"), "<a>bdg</a>", NOTHING, 0 },
	{ "Word's namespace PI ends early", B("<a>b<?xml:namespace x />c"
	    "</a>"), "<a>bc</a>", NOTHING, 0 },
	{ "a DOCTYPE goes", B("<!DOCTYPE rss PUBLIC \"a>b\" 'c'><a/>"),
	    "<a/>", NOTHING, 0 },
	{ "with all that it declares", B("<!DOCTYPE a [<!ENTITY b \"]>\">"
	    "<!-- ' ]> --><!ELEMENT c ANY>]><a>&b;</a>"), "<a>&amp;b;</a>",
	    SCRUB_DECLARATIONS, 1 },
	{ "a DOCTYPE in small letters", B("<!doctype html><a/>"), "<a/>",
	    NOTHING, 0 },
	{ "a DOCTYPE within is text", B("<a><!DOCTYPE b></a>"),
	    "<a>&lt;!DOCTYPE b></a>", SCRUB_STRAY_LESS_THAN, 1 },

	{ "control characters go", B("<a>b\1c\0d\x1F\te</a>"),
	    "<a>bcd\te</a>", SCRUB_CONTROL, 3 },
	{ "in CDATA too", B("<a><![CDATA[b\x0C" "c]]></a>"),
	    "<a><![CDATA[bc]]></a>", SCRUB_CONTROL, 1 },
	{ "in values too", B("<a b='\x08x'/>"), "<a b='x'/>", SCRUB_CONTROL,
	    1 },
	{ "no section ends by one", B("<a><![CDATA[x]\0]>y]]\1>z]]></a>"),
	    "<a><![CDATA[x]]]><![CDATA[]>y]]]]><![CDATA[>z]]></a>",
	    SCRUB_CONTROL, 2 },
	{ "bad UTF-8 is replaced", B("<a>\xC3(\xE2\x82.\xFF</a>"),
	    "<a>" FFFD "(" FFFD "." FFFD "</a>", SCRUB_BAD_UTF8, 3 },
	{ "overlong forms and surrogates are bad",
	    B("<a>\xC0\xAF\xED\xA0\x80</a>"),
	    "<a>" FFFD FFFD FFFD FFFD FFFD "</a>", SCRUB_BAD_UTF8, 5 },
	{ "U+FFFE and U+FFFF are not XML", B("<a>\xEF\xBF\xBE\xEF\xBF\xBF"
	    "\xEF\xBF\xBD</a>"), "<a>" FFFD FFFD FFFD "</a>", SCRUB_BAD_UTF8,
	    2 },
	{ "bad UTF-8 in values", B("<a b='\xE9' c=\"\xE2\x82\" d=\xFF/>"),
	    "<a b='" FFFD "' c=\"" FFFD "\" d=\"" FFFD "/\">",
	    SCRUB_BAD_UTF8, 3 },
	{ "bad UTF-8 in CDATA", B("<a><![CDATA[\xE9]]></a>"),
	    "<a><![CDATA[" FFFD "]]></a>", SCRUB_BAD_UTF8, 1 },

	{ "C1 controls are windows-1252 in disguise",
	    B("<a>don\xC2\x92t \xC2\x80\xC2\x9F</a>"),
	    "<a>don\xE2\x80\x99t \xE2\x82\xAC\xC5\xB8</a>", SCRUB_C1, 3 },
	{ "in CDATA too", B("<a><![CDATA[\xC2\x93x\xC2\x94]]></a>"),
	    "<a><![CDATA[\xE2\x80\x9Cx\xE2\x80\x9D]]></a>", SCRUB_C1, 2 },
	{ "in values too", B("<a b='\xC2\x85' c=\"\xC2\x85\"/>"),
	    "<a b='\xE2\x80\xA6' c=\"\xE2\x80\xA6\"/>", SCRUB_C1, 2 },
	{ "but five of them mean nothing", B("<a>\xC2\x81\xC2\x8D\xC2\x8F"
	    "\xC2\x90\xC2\x9D\xC2\xA0</a>"), "<a>\xC2\x81\xC2\x8D\xC2\x8F"
	    "\xC2\x90\xC2\x9D\xC2\xA0</a>", NOTHING, 0 },

	{ "HTML's names become characters", B("<a>&nbsp;&eacute;</a>"),
	    "<a>\xC2\xA0\xC3\xA9</a>", SCRUB_HTML_ENTITY, 2 },
	{ "in values too", B("<a b='&eacute;'/>"), "<a b='\xC3\xA9'/>",
	    SCRUB_HTML_ENTITY, 1 },
	{ "but never markup", B("<a>&LT;b&AMP;&QUOT;</a>"),
	    "<a>&#60;b&#38;&#34;</a>", SCRUB_HTML_ENTITY, 3 },
	{ "CDATA holds no references", B("<a><![CDATA[&nbsp;&x]]></a>"),
	    "<a><![CDATA[&nbsp;&x]]></a>", NOTHING, 0 },
	{ "escaped HTML stays escaped", B("<a>&amp;nbsp;&amp;eacute;&lt;b&gt;"
	    "</a>"), "<a>&amp;nbsp;&amp;eacute;&lt;b&gt;</a>", NOTHING, 0 },
	{ "a bare ampersand is escaped", B("<a>AT&T & ?a=1&copy=2&</a>"),
	    "<a>AT&amp;T &amp; ?a=1&amp;copy=2&amp;</a>",
	    SCRUB_BARE_AMPERSAND, 4 },
	{ "in values too", B("<a b='?c=1&d=2'/>"), "<a b='?c=1&amp;d=2'/>",
	    SCRUB_BARE_AMPERSAND, 1 },
	{ "names nobody knows", B("<a>&bogus;</a>"), "<a>&amp;bogus;</a>",
	    SCRUB_BARE_AMPERSAND, 1 },
	{ "names too long for one",
	    B("<a>&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;</a>"),
	    "<a>&amp;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;"
	    "</a>", SCRUB_BARE_AMPERSAND, 1 },
	{ "a number without its semicolon", B("<a>&#8217 x&#65</a>"),
	    "<a>\xE2\x80\x99 xA</a>", SCRUB_BAD_REFERENCE, 2 },
	{ "numbers of windows-1252", B("<a>&#146;</a>"),
	    "<a>\xE2\x80\x99</a>", SCRUB_BAD_REFERENCE, 1 },
	{ "numbers that are no character", B("<a>&#x110000;&#xD800;"
	    "&#xFFFF;</a>"), "<a>" FFFD FFFD FFFD "</a>",
	    SCRUB_BAD_REFERENCE, 3 },
	{ "numbers of control characters", B("<a>b&#0;c&#x1;d</a>"),
	    "<a>bcd</a>", SCRUB_BAD_REFERENCE, 2 },
	{ "a markup character by a bad number", B("<a>&#60 b&#38 c]]&#62</a>"),
	    "<a>&#60; b&#38; c]]&#62;</a>", SCRUB_BAD_REFERENCE, 3 },
	{ "in values too", B("<a b=\"&#34 x\" c='&#39 '/>"),
	    "<a b=\"&#34; x\" c='&#39; '/>", SCRUB_BAD_REFERENCE, 2 },
	{ "XML wants a small x", B("<a>&#X41;</a>"), "<a>A</a>",
	    SCRUB_BAD_REFERENCE, 1 },
	{ "no digits", B("<a>&#;&#x;</a>"), "<a>&amp;#;&amp;#x;</a>",
	    SCRUB_BARE_AMPERSAND, 2 },
	{ "endless digits",
	    B("<a>&#00000000000000000000000000000000000000000065;</a>"),
	    "<a>&amp;#00000000000000000000000000000000000000000065;</a>",
	    SCRUB_BARE_AMPERSAND, 1 },

	{ "a stray less-than is escaped", B("<a>1 < 2 <3 <=></></a>"),
	    "<a>1 &lt; 2 &lt;3 &lt;=>&lt;/></a>", SCRUB_STRAY_LESS_THAN, 4 },
	{ "in values too", B("<a b='c<d'/>"), "<a b='c&lt;d'/>",
	    SCRUB_STRAY_LESS_THAN, 1 },
	{ "a name must be ASCII", B("<a><\xC3\xA9></a>"),
	    "<a>&lt;\xC3\xA9></a>", SCRUB_STRAY_LESS_THAN, 1 },
	{ "arrows, hearts and shifts", B("<a>i <3 u <- << x <<b>y</b></a>"),
	    "<a>i &lt;3 u &lt;- &lt;&lt; x &lt;<b>y</b></a>",
	    SCRUB_STRAY_LESS_THAN, 5 },
	{ "a letter behind makes no tag of it",
	    B("<a><t>x <b and c</t>y<z</a>"),
	    "<a><t>x &lt;b and c</t>y&lt;z</a>", SCRUB_STRAY_LESS_THAN, 2 },
	{ "unless what follows looks like one", B("<a>x <b c='d'</a>"),
	    "<a>x <b c='d'></b></a>", SCRUB_BAD_TAG, 1 },
	{ "nearly CDATA", B("<a><![CDATB[x]]></a>"),
	    "<a>&lt;![CDATB[x]]&gt;</a>", SCRUB_STRAY_LESS_THAN, 1 },

	{ "a section's end in text", B("<a>x]]>y]]<!-- c -->>]&rsqb;>"
	    "<![CDATA[]]]]>></a>"), "<a>x]]&gt;y]]&gt;]]&gt;<![CDATA[]]]]>>"
	    "</a>", SCRUB_STRAY_SECTION_END, 3 },

	{ "values without quotes", B("<a b=c d=e/f>x</a>"),
	    "<a b=\"c\" d=\"e/f\">x</a>", SCRUB_BAD_TAG, 2 },
	{ "a quote in such a value", B("<a b=c\"d>x</a>"),
	    "<a b=\"c&quot;d\">x</a>", SCRUB_BAD_TAG, 1 },
	{ "attributes without a value", B("<a b c = >x</a>"),
	    "<a b =\"\" c = \"\">x</a>", SCRUB_BAD_TAG, 2 },
	{ "no space between attributes", B("<a b='1'c='2'/>"),
	    "<a b='1' c='2'/>", SCRUB_BAD_TAG, 1 },
	{ "junk between attributes", B("<a \"b='1' % c='2'/>"),
	    "<a b='1'  c='2'/>", SCRUB_BAD_TAG, 2 },
	{ "the second of two attributes goes",
	    B("<a b='1' c='2' b='3' B='4'/>"),
	    "<a b='1' c='2'  B='4'/>", SCRUB_BAD_TAG, 1 },
	{ "one colon is a namespace's, two are none", B("<a:b:c d:e:f='1'>"
	    "</a:b:c>"), "<a:b_c d:e_f='1'></a:b_c>", SCRUB_BAD_TAG, 3 },
	{ "a tag in a tag", B("<a><b <c/></b></a>"),
	    "<a><b ><c/></b></a>", SCRUB_BAD_TAG, 1 },
	{ "spaces and junk in an end tag", B("<a></a b >"), "<a></a>",
	    NOTHING, 0 },

	{ "unclosed elements are closed", B("<a><b><c>x</a>"),
	    "<a><b><c>x</c></b></a>", SCRUB_UNCLOSED_TAG, 2 },
	{ "end tags of nothing go", B("<a>x</b></c>y</a>"), "<a>xy</a>",
	    SCRUB_STRAY_END_TAG, 2 },
	{ "crossed tags are put right", B("<a><b><i>x</b></i></a>"),
	    "<a><b><i>x</i></b></a>", SCRUB_STRAY_END_TAG, 1 },
	{ "an end tag before the root", B("</x><a/>"), "<a/>",
	    SCRUB_STRAY_END_TAG, 1 },
	{ "HTML's empty elements are closed", B("<a>x<br>y<img src='z'></a>"),
	    "<a>x<br/>y<img src='z'/></a>", SCRUB_UNCLOSED_TAG, 2 },
	{ "closed, they are XML", B("<a><br></br><hr/><BR></BR\n>x</a>"),
	    "<a><br></br><hr/><BR></BR>x</a>", NOTHING, 0 },
	{ "nearly closed, they are not", B("<a><br></break>x</br></a>"),
	    "<a><br/>x</a>", SCRUB_STRAY_END_TAG, 2 },
	{ "paragraphs need no end", B("<a><p>x<p>y</a>"),
	    "<a><p>x<p>y</p></p></a>", SCRUB_UNCLOSED_TAG, 2 },
	{ "nor a begin", B("<a>x</p>y</p></a>"), "<a>xy</a>",
	    SCRUB_STRAY_END_TAG, 2 },
	{ "a case of its own is a name of its own", B("<a><B><b></b></B></a>"),
	    "<a><B><b></b></B></a>", NOTHING, 0 },
	{ "but closes when nothing else can", B("<a><t>x</T><i></A>"),
	    "<a><t>x</t><i></i></a>", SCRUB_BAD_TAG, 2 },

	{ "cut off in a reference", B("<a>x &am"), "<a>x &amp;am",
	    NOTHING, 0 },
	{ "cut off in a character", B("<a>x\xE2\x82"), "<a>x" FFFD,
	    NOTHING, 0 },
	{ "cut off in CDATA", B("<a><![CDATA[x]"), "<a><![CDATA[x]]]>",
	    NOTHING, 0 },
	{ "cut off behind a less-than", B("<a>x<"), "<a>x&lt;",
	    NOTHING, 0 },
	{ "cut off before CDATA", B("<a>x<![CDA"), "<a>x&lt;![CDA",
	    NOTHING, 0 },
	{ "nothing at all", B(""), "", NOTHING, 0 },
};

static int
gather(const char *p, size_t n, void *ctx)
{
	buf_add(ctx, p, n);
	return 0;
}

static enum scrub_result
push_in_steps(struct scrub *s, struct str in, size_t step)
{
	for (size_t at = 0; at < in.n; at += step) {
		struct str piece = str_sub(in, at, step);

		(void)scrub_push(s, piece.p, piece.n);	/* see result */
	}
	return scrub_finish(s);
}

static void
check_case(size_t i, size_t step, struct buf *out)
{
	struct scrub *s = scrub_new(16, gather, out);

	assert_non_null(s);
	(void)push_in_steps(s, cases[i].in, step);
	if (!str_eq_c(buf_str(out), cases[i].want))
		fail_msg("%s (by %zu): %s", cases[i].says, step,
		    buf_cstr(out));
	if (cases[i].mend != NOTHING &&
	    scrub_mended(s, cases[i].mend) != cases[i].times)
		fail_msg("%s (by %zu): %zu times", cases[i].says, step,
		    scrub_mended(s, cases[i].mend));
	for (int m = 0; cases[i].mend == NOTHING && m < (int)NOTHING; m++)
		if (scrub_mended(s, (enum scrub_mend)m) != 0)
			fail_msg("%s: %s", cases[i].says,
			    scrub_mend_word((enum scrub_mend)m));
	scrub_free(s);
	buf_reset(out);
}

static void
mends(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	for (size_t i = 0; i < N(cases); i++)
		for (size_t step = 1; step <= 256; step = step * 2 + 1)
			check_case(i, step, &out);
	buf_clear(&out);
}

static void
reads_bad_bytes_as_1252_when_guessing(void **state)
{
	struct buf out;
	struct scrub *s = scrub_new(16, gather, &out);

	(void)state;
	assert_non_null(s);
	buf_init(&out, 100);
	scrub_guess_1252(s);
	(void)push_in_steps(s, STR("<a>\x93\xE9\x94\xC3\xA9\xEF\xBF\xBE</a>"),
	    1);
	assert_string_equal(buf_cstr(&out), "<a>\xE2\x80\x9C\xC3\xA9"
	    "\xE2\x80\x9D\xC3\xA9" FFFD "</a>");
	scrub_free(s);
	buf_clear(&out);
}

/* Notes where the output was cut: "|" behind each piece. */
static int
gather_cuts(const char *p, size_t n, void *ctx)
{
	buf_add(ctx, p, n);
	buf_add_char(ctx, '|');
	return 0;
}

static void
cuts_behind_items(void **state)
{
	static const char want[] = "<rss>|<y/>|<item>1</item>|<x>2</x><item>3"
	    "</item>|</rss>|";
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t step = 1; step < 80; step++) {
		struct scrub *s = scrub_new(16, gather_cuts, &out);

		assert_non_null(s);
		assert_int_equal(push_in_steps(s, STR("<rss><y/><item>1</item>"
		    "<x>2</x><item>3</item></rss>"), step), SCRUB_DONE);
		assert_string_equal(buf_cstr(&out), want);
		scrub_free(s);
		buf_reset(&out);
	}
	buf_clear(&out);
}

/* Stops once, behind the name, whatever was pushed with it; what is left goes
 * on as if nothing had been. */
static void
stops_at_the_first_item(void **state)
{
	static const char doc[] = "<rss><y>an item</y><entry>1</entry><item>2"
	    "</item></rss>";
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t step = 1; step < 80; step++) {
		struct scrub *s = scrub_new(16, gather, &out);
		size_t n, at = 0, left, stops = 0;
		enum scrub_result r = SCRUB_MORE;

		assert_non_null(s);
		scrub_stop_at_item(s);
		while (at < sizeof(doc) - 1) {
			n = sizeof(doc) - 1 - at < step ? sizeof(doc) - 1 - at :
			    step;
			r = scrub_push(s, doc + at, n);
			at += n;
			if (r != SCRUB_AT_ITEM)
				continue;
			left = scrub_n_left(s);
			stops++;
			assert_string_equal(buf_cstr(&out),
			    "<rss><y>an item</y>");
			assert_true(str_eq_c(scrub_item_name(s), "entry"));
			assert_int_equal(at - left, strlen(
			    "<rss><y>an item</y><entry"));
			r = scrub_push(s, doc + at - left, left);
		}
		assert_int_equal(r, SCRUB_DONE);
		assert_string_equal(buf_cstr(&out), doc);
		assert_true(stops == 1 || step < sizeof(doc) - 1);
		scrub_free(s);
		buf_reset(&out);
	}
	buf_clear(&out);
}

/* A long text in which characters of all lengths meet the cuts. */
static void
make_long(struct buf *b, const char *open, const char *close)
{
	buf_add_c(b, open);
	for (size_t i = 0; i < 3000; i++)
		buf_addf(b, "%zu\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80]] ", i);
	buf_add_c(b, close);
}

static int
check_piece(const char *p, size_t n, void *ctx)
{
	struct buf *joined = ctx;
	struct str piece = { p, n };
	static const struct str open = { "<![CDATA[", 9 };

	assert_true(n <= 4096 + 16);
	assert_false(((unsigned char)p[0] & 0xC0) == 0x80);
	/* A section begun anew is the one that the cut before ended. */
	if (str_starts(piece, open) && joined->n > 3 &&
	    memcmp(joined->p + joined->n - 3, "]]>", 3) == 0) {
		joined->n -= 3;
		piece = str_sub(piece, open.n, n);
	}
	buf_add_str(joined, piece);
	return 0;
}

static void
cuts_between_characters(void **state)
{
	static const char *const tags[][2] = {
		{ "<a>", "</a>" }, { "<a><![CDATA[", "]]></a>" },
		{ "<a b='", "'></a>" }
	};
	struct buf in, out;

	(void)state;
	buf_init(&in, 200000);
	buf_init(&out, 200000);
	for (size_t i = 0; i < N(tags); i++) {
		struct scrub *s = scrub_new(16, check_piece, &out);

		assert_non_null(s);
		buf_reset(&in);
		buf_reset(&out);
		make_long(&in, tags[i][0], tags[i][1]);
		assert_int_equal(push_in_steps(s, buf_str(&in), 1460),
		    SCRUB_DONE);
		assert_true(str_eq(buf_str(&in), buf_str(&out)));
		scrub_free(s);
	}
	buf_clear(&in);
	buf_clear(&out);
}

static void
bounds_a_tag(void **state)
{
	struct buf in, out;
	struct scrub *s = scrub_new(16, gather, &out);

	(void)state;
	assert_non_null(s);
	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 20);
	buf_add_c(&in, "<a x='");
	for (size_t i = 0; i < 100000; i++)
		buf_add_c(&in, "&lt;");
	buf_add_c(&in, "'");
	for (size_t i = 0; i < 1000; i++)
		buf_addf(&in, " b%zu='c'", i);
	buf_add_c(&in, "/>");
	assert_int_equal(push_in_steps(s, buf_str(&in), 1000), SCRUB_DONE);
	assert_true(out.n < 70000);
	assert_true(str_eq(str_sub(buf_str(&out), out.n - 2, 2), STR("/>")));
	assert_true(scrub_mended(s, SCRUB_ATTR_OVER_CAP) > 0);
	scrub_free(s);
	buf_clear(&in);
	buf_clear(&out);
}

/* However long, a name is cut the same way in both of its tags. */
static void
bounds_a_name(void **state)
{
	struct buf in, out;
	struct scrub *s = scrub_new(16, gather, &out);

	(void)state;
	assert_non_null(s);
	buf_init(&in, 10000);
	buf_init(&out, 10000);
	for (size_t i = 0; i < 2; i++) {
		buf_add_c(&in, i == 0 ? "<" : "x</");
		for (size_t k = 0; k < 1000; k++)
			buf_add_char(&in, 'n');
		buf_add_char(&in, '>');
	}
	assert_int_equal(push_in_steps(s, buf_str(&in), 100), SCRUB_DONE);
	assert_int_equal(out.n, 255 * 2 + 6);
	assert_int_equal(scrub_mended(s, SCRUB_LONG_NAME), 2);
	scrub_free(s);
	buf_clear(&in);
	buf_clear(&out);
}

static void
counts_depth(void **state)
{
	struct buf out;
	struct scrub *s;

	(void)state;
	buf_init(&out, 100);
	s = scrub_new(3, gather, &out);
	assert_non_null(s);
	assert_int_equal(scrub_push(s, "<a><b><c></c><c/><c>", 20),
	    SCRUB_MORE);
	assert_int_equal(scrub_push(s, "<d>", 3), SCRUB_TOO_DEEP);
	assert_int_equal(scrub_push(s, "</d>", 4), SCRUB_TOO_DEEP);
	scrub_free(s);
	buf_clear(&out);
}

static int
stop(const char *p, size_t n, void *ctx)
{
	(void)p;
	(void)n;
	++*(int *)ctx;
	return 1;
}

static void
stops_when_told(void **state)
{
	int calls = 0;
	struct scrub *s = scrub_new(16, stop, &calls);

	(void)state;
	assert_non_null(s);
	assert_int_equal(scrub_push(s, "<a>x", 4), SCRUB_STOPPED);
	assert_int_equal(scrub_push(s, "<item></item>", 13), SCRUB_STOPPED);
	assert_int_equal(scrub_finish(s), SCRUB_STOPPED);
	assert_int_equal(calls, 1);
	scrub_free(s);
}

static void
sees_the_doctype_of_html(void **state)
{
	static const struct {
		const char	*in;
		bool		 want;
	} types[] = {
		{ "<!DOCTYPE html><p>", true },
		{ "<!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>", true },
		{ "<!DOCTYPE rss PUBLIC 'html'><rss>", false },
		{ "<html>", false }
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < N(types); i++) {
		struct scrub *s = scrub_new(16, gather, &out);

		assert_non_null(s);
		(void)push_in_steps(s, str_from(types[i].in), 3);
		assert_int_equal(scrub_saw_html(s), types[i].want);
		scrub_free(s);
	}
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mends),
		cmocka_unit_test(reads_bad_bytes_as_1252_when_guessing),
		cmocka_unit_test(cuts_behind_items),
		cmocka_unit_test(stops_at_the_first_item),
		cmocka_unit_test(cuts_between_characters),
		cmocka_unit_test(bounds_a_tag),
		cmocka_unit_test(bounds_a_name),
		cmocka_unit_test(counts_depth),
		cmocka_unit_test(stops_when_told),
		cmocka_unit_test(sees_the_doctype_of_html),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
