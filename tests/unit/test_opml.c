/* SPDX-License-Identifier: ISC */
/* feeds/opml: what is read, what is refused, what is written. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "feeds/opml.h"

#define N(a)		(sizeof(a) / sizeof((a)[0]))
#define BODY(x)		"<opml version='2.0'><head><title>T</title></head>" \
			"<body>" x "</body></opml>"

/* "1 http://a.example/f A|home [World,Asia]" */
static int
show_feed(const struct opml_feed *f, void *ctx)
{
	struct buf *b = ctx;

	assert_true(f->url.n > 0 && utf8_is_valid(f->url));
	buf_addf(b, "%u %.*s%s %.*s", f->line, STR_ARG(str_sub(f->url, 0, 60)),
	    f->url.n > 60000 ? "(huge)" : f->url.n > 60 ? "(long)" : "",
	    STR_ARG(f->title));
	if (f->home_url.n > 0)
		buf_addf(b, "|%.*s", STR_ARG(f->home_url));
	buf_add_c(b, " [");
	for (size_t i = 0; i < f->n_tags; i++)
		buf_addf(b, "%s%.*s", i > 0 ? "," : "", STR_ARG(f->tags[i]));
	buf_add_c(b, "]\n");
	return 0;
}

static enum opml_end
read_in_steps(struct str doc, size_t step, const struct opml_settings *set,
    struct buf *out)
{
	static const char *const ends[] = {
		"complete", "truncated", "strange", "failed"
	};
	struct opml *o = opml_new(show_feed, out, set);
	struct err err = { .msg = "" };
	const struct opml_counts *c;
	enum opml_end end;

	assert_non_null(o);
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		if (opml_push(o, piece.p, piece.n, &err) != 0)
			break;
	}
	end = opml_finish(o, &err);
	c = opml_counts(o);
	buf_addf(out, "%s %zu/%zu/%zu/%zu", ends[end], c->outlines, c->feeds,
	    c->comments, c->skipped);
	if (end != OPML_COMPLETE)
		buf_addf(out, ": %s", err.msg);
	buf_add_char(out, '\n');
	opml_free(o);
	return end;
}

/* Whole, as packets bring it, and byte by byte: all must be alike. */
static void
assert_reads(struct str doc, const struct opml_settings *set,
    const char *want, const char *says)
{
	static const size_t steps[] = { SIZE_MAX / 2, 1460, 61, 1 };
	struct buf out;

	buf_init(&out, SIZE_MAX / 2);
	for (size_t i = 0; i < N(steps); i++) {
		buf_reset(&out);
		(void)read_in_steps(doc, steps[i], set, &out);
		if (strcmp(buf_cstr(&out), want) != 0)
			fail_msg("%s, in steps of %zu:\n%s\nwant:\n%s", says,
			    steps[i], buf_cstr(&out), want);
	}
	buf_clear(&out);
}

/* -- What is read --------------------------------------------------------- */

static const struct {
	const char	*says, *doc, *want;
} cases[] = {
	{ "a feed", BODY("<outline type='rss' text='A' "
	    "xmlUrl='http://a.example/f' htmlUrl='http://a.example/'/>"),
	    "1 http://a.example/f A|http://a.example/ []\n"
	    "complete 1/1/0/0\n" },
	{ "OPML 1.0, title before text", "<?xml version='1.0'?>\n<opml "
	    "version='1.0'><body>\n<outline text='t' title='A' type='rss' "
	    "version='RSS' xmlUrl='http://a.example/f'></outline></body>"
	    "</opml>", "3 http://a.example/f A []\ncomplete 1/1/0/0\n" },
	{ "nested outlines are tags, outermost first",
	    BODY("<outline text='World'>\n<outline text='Asia' title='x'>\n"
	    "<outline xmlUrl='http://a.example/'/>\n</outline>\n"
	    "<outline xmlUrl='http://b.example/'/></outline>\n"
	    "<outline xmlUrl='http://c.example/'/>"),
	    "3 http://a.example/  [World,Asia]\n"
	    "5 http://b.example/  [World]\n6 http://c.example/  []\n"
	    "complete 5/3/0/0\n" },
	{ "categories are tags, each segment of a path",
	    BODY("<outline text='World'><outline xmlUrl='http://a.example/' "
	    "category='/press/daily,World, free ,,/,//x/'/></outline>"),
	    "1 http://a.example/  [World,press,daily,free,x]\n"
	    "complete 2/1/0/0\n" },
	{ "a feed that holds feeds is their tag",
	    BODY("<outline text='A' xmlUrl='http://a.example/'>"
	    "<outline text='B' xmlUrl='http://b.example/'/></outline>"),
	    "1 http://a.example/ A []\n1 http://b.example/ B [A]\n"
	    "complete 2/2/0/0\n" },
	{ "names in any letter case", "<OPML><Body><Outline TEXT='A' "
	    "XMLURL='http://a.example/'/><outline xmlurl='http://b.example/'"
	    "/><OUTLINE xmlURL='http://c.example/'/></Body></OPML>",
	    "1 http://a.example/ A []\n1 http://b.example/  []\n"
	    "1 http://c.example/  []\ncomplete 3/3/0/0\n" },
	{ "url where the type is a feed's",
	    BODY("<outline type='rss' url='http://a.example/'/>"
	    "<outline type='feed' url='http://b.example/'/>"
	    "<outline type='RSS' xmlUrl='' url='http://c.example/'/>"
	    "<outline type='song' url='http://d.example/feed'/>"),
	    "1 http://a.example/  []\n1 http://b.example/  []\n"
	    "1 http://c.example/  []\ncomplete 4/3/0/1\n" },
	{ "url of a link, or without a type, where it looks like a feed's",
	    BODY("<outline type='link' url='http://a.example/page.html'/>"
	    "<outline type='link' url='http://b.example/feed/'/>"
	    "<outline type='LINK' url='http://c.example/?format=rss'/>"
	    "<outline url='http://d.example/'/>"
	    "<outline url='http://e.example/news.rss'/>"
	    "<outline type='link' url='feed://f.example/'/>"
	    "<outline text='x' url=''/>"),
	    "1 http://b.example/feed/  []\n"
	    "1 http://c.example/?format=rss  []\n"
	    "1 http://e.example/news.rss  []\n1 http://f.example/  []\n"
	    "complete 7/4/0/3\n" },
	{ "other lists are not followed",
	    BODY("<outline type='link' url='http://a.example/l.OPML'/>"
	    "<outline type='include' url='http://a.example/l'/>"),
	    "complete 2/0/0/2\n" },
	{ "comments and all inside of them are passed over",
	    BODY("<outline isComment='true' text='old'><outline "
	    "xmlUrl='http://a.example/'/></outline><outline "
	    "iscomment='TRUE' xmlUrl='http://b.example/'/><outline "
	    "isComment='false' xmlUrl='http://c.example/'/>"),
	    "1 http://c.example/  []\ncomplete 4/1/3/0\n" },
	{ "an empty folder is no feed", BODY("<outline text='World'/>"),
	    "complete 1/0/0/1\n" },
	{ "blanks and line ends in attributes",
	    BODY("<outline text=' A\n B&#10;&#9;C ' "
	    "xmlUrl='  http://a.example/&#10; '/>"),
	    "1 http://a.example/ A  B  C []\ncomplete 1/1/0/0\n" },
	{ "an address is no name", BODY("<outline text='http://a.example/?a="
	    "1&amp;b' xmlUrl='http://a.example/?a=1&amp;b'/>"),
	    "1 http://a.example/?a=1&b  []\ncomplete 1/1/0/0\n" },
	{ "feed: means http", BODY("<outline xmlUrl='feed://a.example/f'/>"
	    "<outline xmlUrl='FEED:https://b.example/f'/>"
	    "<outline xmlUrl='itpc: //c.example/f'/>"
	    "<outline xmlUrl='pcast://d.example/f'/>"
	    "<outline xmlUrl='feed:'/><outline xmlUrl='feedx://e.example'/>"),
	    "1 http://a.example/f  []\n1 https://b.example/f  []\n"
	    "1 http://c.example/f  []\n1 http://d.example/f  []\n"
	    "1 feed:  []\n1 feedx://e.example  []\n"
	    "complete 6/6/0/0\n" },
	{ "lines behind a declaration, comments and CDATA",
	    "\n\n<?xml version='1.0'?>\r\n<!-- <outline/>\n -->\r<opml>"
	    "<!-- -- <outline> --\n><outline> --><body><![CDATA[\n<outline/>]"
	    "] ]]>\n<outline\n\ttext='A'\n\txmlUrl='http://a.example/'\n/>\n\r"
	    "\n<o:outline xmlUrl='http://b.example/'/></body></opml>",
	    "9 http://a.example/ A []\n14 http://b.example/  []\n"
	    "complete 2/2/0/0\n" },
	{ "nothing outside of outlines counts",
	    "<opml><head xmlUrl='http://a.example/'/><body "
	    "xmlUrl='http://b.example/'/></opml>", "complete 0/0/0/0\n" },
	{ "attributes of other namespaces mean nothing",
	    "<opml xmlns:x='urn:x'><body><outline x:xmlUrl='http://a.example/'"
	    " text='A'/></body></opml>", "complete 1/0/0/1\n" },
	{ "trailing junk", BODY("<outline xmlUrl='http://a.example/'/>")
	    "junk <outline xmlUrl='http://b.example/'/>",
	    "1 http://a.example/  []\ncomplete 1/1/0/0\n" },
};

/* As exporters write it. */
static const struct {
	const char	*says, *doc, *want;
} broken[] = {
	{ "bare ampersands", BODY("<outline text='AT&T & Co' "
	    "xmlUrl='http://a.example/?a=1&b=2&copy=3'/>"),
	    "1 http://a.example/?a=1&b=2&copy=3 AT&T & Co []\n"
	    "complete 1/1/0/0\n" },
	{ "ampersands that are escaped, by name and number",
	    BODY("<outline text='&#38;&amp;&#x26;' "
	    "xmlUrl='http://a.example/?a=1&#38;b=2'/>"),
	    "1 http://a.example/?a=1&b=2 &&& []\ncomplete 1/1/0/0\n" },
	{ "HTML's entities", BODY("<outline text='Caf&eacute;&nbsp;&mdash;' "
	    "xmlUrl='http://a.example/'/>"),
	    "1 http://a.example/ Caf\xc3\xa9\xc2\xa0\xe2\x80\x94 []\n"
	    "complete 1/1/0/0\n" },
	{ "a byte order mark", "\xef\xbb\xbf<?xml version='1.0' "
	    "encoding='iso-8859-1'?>" BODY("<outline text='\xc3\xa9' "
	    "xmlUrl='http://a.example/'/>"),
	    "1 http://a.example/ \xc3\xa9 []\ncomplete 1/1/0/0\n" },
	{ "windows-1252, declared as iso-8859-1",
	    "<?xml version='1.0' encoding='ISO-8859-1'?>"
	    BODY("<outline text='\x93\xe9\x94' xmlUrl='http://a.example/'/>"),
	    "1 http://a.example/ \xe2\x80\x9c\xc3\xa9\xe2\x80\x9d []\n"
	    "complete 1/1/0/0\n" },
	{ "windows-1252, not declared at all",
	    BODY("<outline text='\x93\xe9\x94' xmlUrl='http://a.example/'/>"),
	    "1 http://a.example/ \xe2\x80\x9c\xc3\xa9\xe2\x80\x9d []\n"
	    "complete 1/1/0/0\n" },
	{ "a charset nobody knows", "<?xml version='1.0' encoding='x-mine'?>"
	    BODY("<outline text='\xc3\xa9' xmlUrl='http://a.example/'/>"),
	    "1 http://a.example/ \xc3\xa9 []\ncomplete 1/1/0/0\n" },
	{ "attributes without quotes and twice, stray <",
	    BODY("<outline text=A text='B' xmlUrl=http://a.example/f >"
	    "</outline>a < b<outline text='a<b' xmlUrl='http://b.example/'/>"),
	    "1 http://a.example/f A []\n1 http://b.example/ a<b []\n"
	    "complete 2/2/0/0\n" },
	{ "control characters", BODY("<outline text='A\x01\x08' "
	    "xmlUrl='http://a.example/'/>"),
	    "1 http://a.example/ A []\ncomplete 1/1/0/0\n" },
	{ "folders that are not closed",
	    "<opml><body><outline text='W'><outline "
	    "xmlUrl='http://a.example/'/></body></opml>",
	    "1 http://a.example/  [W]\ncomplete 2/1/0/0\n" },
	{ "cut off between outlines", "<opml><body><outline "
	    "xmlUrl='http://a.example/'/>\n",
	    "1 http://a.example/  []\ntruncated 1/1/0/0: the document ends "
	    "before its </opml>\n" },
	{ "cut off in a tag", "<opml><body><outline "
	    "xmlUrl='http://a.example/'/><outline xmlUrl='http://b.exa",
	    "1 http://a.example/  []\ntruncated 1/1/0/0: the document ends "
	    "before its </opml>\n" },
};

static const struct {
	const char	*says, *doc, *want;
} strangers[] = {
	{ "nothing", "", "an empty document" },
	{ "blanks", " \n\t", "an empty document" },
	{ "a page", "<!DOCTYPE html><html><body/></html>", "an HTML page" },
	{ "the beginning of a page", "<!DOCTYPE html>", "an HTML page" },
	{ "JSON", " {\"a\": 1}", "a JSON document" },
	{ "a feed", "<rss version='2.0'><channel/></rss>", "a feed" },
	{ "an Atom feed", "<feed xmlns='http://www.w3.org/2005/Atom'/>",
	    "a feed" },
	{ "a sitemap", "<urlset/>", "a sitemap" },
	{ "other XML", "<note><to>you</to></note>",
	    "an XML document of another kind (<note>)" },
	{ "text", "http://a.example/\nhttp://b.example/\n",
	    "text without an XML element" },
};

static void
reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_reads(str_from(cases[i].doc), &opml_defaults,
		    cases[i].want, cases[i].says);
}

static void
mends(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(broken); i++)
		assert_reads(str_from(broken[i].doc), &opml_defaults,
		    broken[i].want, broken[i].says);
}

static void
names_what_it_is_instead(void **state)
{
	char want[256];

	(void)state;
	for (size_t i = 0; i < N(strangers); i++) {
		snprintf(want, sizeof(want), "strange 0/0/0/0: %s, not an "
		    "OPML list of feeds\n", strangers[i].want);
		assert_reads(str_from(strangers[i].doc), &opml_defaults, want,
		    strangers[i].says);
	}
}

/* UTF-16 has two bytes a character, and lines are those of the text. */
static void
reads_utf_16(void **state)
{
	static const char text[] = "<?xml version='1.0' encoding='UTF-16'?>\n"
	    BODY("\n<outline text='A' xmlUrl='http://a.example/'/>");
	struct buf doc;

	(void)state;
	buf_init(&doc, 4096);
	buf_add(&doc, "\xff\xfe", 2);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		buf_add_char(&doc, text[i]);
		buf_add_char(&doc, '\0');
	}
	assert_reads(buf_str(&doc), &opml_defaults,
	    "3 http://a.example/ A []\ncomplete 1/1/0/0\n", "UTF-16");
	buf_clear(&doc);
}

/* -- Caps ----------------------------------------------------------------- */

static void
add_times(struct buf *b, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		buf_add_c(b, s);
}

static void
cuts_long_texts(void **state)
{
	struct buf doc, want;

	(void)state;
	buf_init(&doc, 1 << 20);
	buf_init(&want, 1 << 20);
	/* 1 + 2 * 128 bytes: the last whole character ends at 255, 127. */
	buf_add_c(&doc, "<opml><body><outline text='x");
	add_times(&doc, 200, "\xc3\xa9");
	buf_add_c(&doc, "'><outline xmlUrl='http://a.example/' title='x");
	add_times(&doc, 200, "\xc3\xa9");
	buf_add_c(&doc, "' category='y");
	add_times(&doc, 200, "\xc3\xa9");
	buf_add_c(&doc, "'/></outline></body></opml>");
	buf_add_c(&want, "1 http://a.example/ x");
	add_times(&want, 127, "\xc3\xa9");
	buf_add_c(&want, " [x");
	add_times(&want, 63, "\xc3\xa9");
	buf_add_c(&want, ",y");
	add_times(&want, 63, "\xc3\xa9");
	buf_add_c(&want, "]\ncomplete 2/1/0/0\n");
	assert_reads(buf_str(&doc), &opml_defaults, buf_cstr(&want),
	    "long texts");
	buf_clear(&doc);
	buf_clear(&want);
}

/* feeds/scrub keeps 64 KiB of a tag: all of an address that may be one, and
 * enough of another to be refused. */
static void
bounds_attributes(void **state)
{
	struct buf doc;

	(void)state;
	buf_init(&doc, 8 << 20);
	buf_add_c(&doc, "<opml><body><outline xmlUrl='http://a.example/' "
	    "text='A' description='");
	add_times(&doc, 500000, "0123456789");
	buf_add_c(&doc, "' category='x'/>\n<outline "
	    "xmlUrl='http://b.example/");
	add_times(&doc, 10000, "0123456789");
	buf_add_c(&doc, "'/>\n<outline xmlUrl='http://c.example/");
	add_times(&doc, 800, "0123456789");
	buf_add_c(&doc, "'/>\n<outline xmlUrl='http://d.example/'/></body>"
	    "</opml>");
	assert_reads(buf_str(&doc), &opml_defaults,
	    "1 http://a.example/ A []\n"
	    "2 http://b.example/0123456789012345678901234567890123456789012"
	    "(huge)  []\n"
	    "3 http://c.example/0123456789012345678901234567890123456789012"
	    "(long)  []\n"
	    "4 http://d.example/  []\ncomplete 4/4/0/0\n", "attributes");
	buf_clear(&doc);
}

static void
takes_so_many_tags(void **state)
{
	struct buf doc, want;

	(void)state;
	buf_init(&doc, 1 << 20);
	buf_init(&want, 1 << 20);
	buf_add_c(&doc, "<opml><body><outline xmlUrl='http://a.example/' "
	    "category='");
	buf_add_c(&want, "1 http://a.example/  [");
	for (int i = 0; i < 1000; i++) {
		buf_addf(&doc, "%d,", i);
		if (i < OPML_TAGS_MAX)
			buf_addf(&want, "%s%d", i > 0 ? "," : "", i);
	}
	buf_add_c(&doc, "'/></body></opml>");
	buf_add_c(&want, "]\ncomplete 1/1/0/0\n");
	assert_reads(buf_str(&doc), &opml_defaults, buf_cstr(&want), "tags");
	buf_clear(&doc);
	buf_clear(&want);
}

static void
stops_at_its_caps(void **state)
{
	static const struct opml_settings few = { 1 << 20, 2, 9, 80 },
	    flat = { 1 << 20, 10, 9, 3 }, small = { 60, 10, 9, 80 },
	    bare = { 1 << 20, 10, 3, 80 };
	static const char three[] = BODY("<outline "
	    "xmlUrl='http://a.example/'/><outline/>\n<outline/>");

	(void)state;
	assert_reads(str_from(three), &few, "1 http://a.example/  []\n"
	    "failed 2/1/0/1: over 2 outlines\n", "outlines");
	assert_reads(str_from(BODY("<outline><outline/></outline>")), &flat,
	    "failed 1/0/0/0: outlines stand in outlines over 3 levels deep\n",
	    "depth");
	assert_reads(str_from(BODY("<outline text='a'><outline text='b'>"
	    "<outline xmlUrl='http://a.example/'/><outline "
	    "xmlUrl='http://b.example/'/></outline></outline>")), &bare,
	    "1 http://a.example/  [a,b]\nfailed 4/1/0/0: over 3 tags of all "
	    "feeds together\n", "tags");
	assert_reads(str_from(three), &small, "failed 0/0/0/0: over 60 bytes\n",
	    "bytes");
}

/* A million outlines in outlines. */
static void
survives_a_depth_bomb(void **state)
{
	struct buf doc;

	(void)state;
	buf_init(&doc, 64 << 20);
	buf_add_c(&doc, "<opml><body>");
	add_times(&doc, 1000000, "<outline text='x'>");
	assert_reads(buf_str(&doc), &opml_defaults, "failed 0/0/0/0: outlines "
	    "stand in outlines over 80 levels deep\n", "a depth bomb");
	buf_clear(&doc);
}

static void
refuses_declarations(void **state)
{
	static const char laughs[] = "<?xml version='1.0'?>\n"
	    "<!DOCTYPE opml [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'>"
	    "<!ENTITY c SYSTEM 'file:///etc/passwd'>]>\n"
	    BODY("<outline text='&b;&c;' xmlUrl='http://a.example/'/>");
	static const char outside[] = "<!DOCTYPE opml SYSTEM "
	    "'http://a.example/opml.dtd'>"
	    BODY("<outline text='&b;' xmlUrl='http://a.example/'/>");

	(void)state;
	assert_reads(str_from(laughs), &opml_defaults, "failed 0/0/0/0: its "
	    "DOCTYPE declares entities or elements of its own, which is "
	    "refused (no list of feeds needs them)\n", "entities");
	/* What is only named is never fetched, and stays as it is written. */
	assert_reads(str_from(outside), &opml_defaults,
	    "1 http://a.example/ &b; []\ncomplete 1/1/0/0\n", "a DTD");
}

static int
stop_at_once(const struct opml_feed *f, void *ctx)
{
	size_t *n = ctx;

	(void)f;
	(*n)++;
	return -1;
}

static void
stops_when_told(void **state)
{
	struct opml_counts counts;
	struct err err;
	size_t n = 0;

	(void)state;
	assert_int_equal(opml_read(STR(BODY("<outline xmlUrl='http://a/'/>"
	    "<outline xmlUrl='http://b/'/>")), stop_at_once, &n, &counts,
	    &err), OPML_FAILED);
	assert_int_equal(n, 1);
	assert_int_equal(counts.feeds, 1);
	assert_string_equal(err.msg, "stopped by the reader of its feeds");
}

/* What is dear where something is looked for again and again; bench has its
 * times. */
static const struct {
	const char	*says, *first, *again, *last;
} shapes[] = {
	{ "feeds", "<opml><body>", "<outline text='A &amp; B' "
	    "xmlUrl='http://a.example/' category='/a/b,c'/>\n", "</body>"
	    "</opml>" },
	{ "a folder of folders", "<opml><body>", "<outline text='x'>"
	    "<outline text='y'/></outline>", "</body></opml>" },
	{ "a comment that never ends", "<opml><body><!--", "<outline -- ", "" },
	{ "a tag that never ends", "<opml><body><outline text='", "<outline ",
	    "" },
	{ "ampersands", "<opml><body><outline text='", "&amp;&",
	    "'/></body></opml>" },
	{ "attributes", "<opml><body><outline", " a='b'",
	    "/></body></opml>" },
};

static void
reads_hostile_shapes(void **state)
{
	struct buf doc, out;

	(void)state;
	buf_init(&doc, 64 << 20);
	buf_init(&out, SIZE_MAX / 2);
	for (size_t i = 0; i < N(shapes); i++) {
		enum opml_end end;

		buf_reset(&doc);
		buf_reset(&out);
		buf_add_c(&doc, shapes[i].first);
		add_times(&doc, (1 << 20) / strlen(shapes[i].again),
		    shapes[i].again);
		buf_add_c(&doc, shapes[i].last);
		end = read_in_steps(buf_str(&doc), 1460, &opml_defaults, &out);
		if (end != (*shapes[i].last != '\0' ? OPML_COMPLETE :
		    OPML_TRUNCATED))
			fail_msg("%s: end %d", shapes[i].says, (int)end);
	}
	buf_clear(&doc);
	buf_clear(&out);
}

/* -- What is written ------------------------------------------------------ */

#define TAGS(...)	(const struct str[]){ __VA_ARGS__ }, \
			sizeof((const struct str[]){ __VA_ARGS__ }) / \
			sizeof(struct str)

static void
writes(void **state)
{
	const struct opml_feed feeds[] = {
		{ STR("http://z.example/"), STR("Z"), STR_NONE,
		    TAGS(STR("world"), STR("en")), 0 },
		{ STR("http://b.example/?a=1&b=\"2\""), STR("<B> & 'b'\n"),
		    STR("http://b.example/"), NULL, 0, 0 },
		{ STR("http://c.example/"), STR_NONE, STR_NONE,
		    TAGS(STR("en")), 0 },
		{ STR("http://d.example/"), STR("D\xff\x01"), STR_NONE,
		    TAGS(STR("world"), STR("a/b"), STR("x"), STR("y")), 0 },
		{ STR("http://e.example/"), STR("E"), STR_NONE,
		    TAGS(STR("world")), 0 },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	assert_int_equal(opml_write(&out, feeds, N(feeds)), 0);
	assert_string_equal(buf_cstr(&out),
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<opml version=\"2.0\">\n"
	    "  <head>\n"
	    "    <title>Feeds</title>\n"
	    "  </head>\n"
	    "  <body>\n"
	    "    <outline type=\"rss\" text=\"&lt;B&gt; &amp; 'b' \" "
	    "xmlUrl=\"http://b.example/?a=1&amp;b=&quot;2&quot;\" "
	    "htmlUrl=\"http://b.example/\"/>\n"
	    "    <outline text=\"en\">\n"
	    "      <outline type=\"rss\" text=\"http://c.example/\" "
	    "xmlUrl=\"http://c.example/\"/>\n"
	    "    </outline>\n"
	    "    <outline text=\"world\">\n"
	    "      <outline type=\"rss\" text=\"Z\" "
	    "xmlUrl=\"http://z.example/\" category=\"en\"/>\n"
	    "      <outline type=\"rss\" text=\"E\" "
	    "xmlUrl=\"http://e.example/\"/>\n"
	    "      <outline text=\"a/b\">\n"
	    "        <outline type=\"rss\" text=\"D\xef\xbf\xbd \" "
	    "xmlUrl=\"http://d.example/\" category=\"x,y\"/>\n"
	    "      </outline>\n"
	    "    </outline>\n"
	    "  </body>\n"
	    "</opml>\n");
	buf_clear(&out);
}

static void
says_what_does_not_fit(void **state)
{
	const struct opml_feed feed = { STR("http://a.example/"), STR("A"),
		STR_NONE, NULL, 0, 0 };
	struct buf out;

	(void)state;
	buf_init(&out, 1 << 20);
	assert_int_equal(opml_write(&out, NULL, 0), 0);
	assert_reads(buf_str(&out), &opml_defaults, "complete 0/0/0/0\n",
	    "an empty list");
	buf_clear(&out);
	buf_init(&out, 180);
	assert_int_equal(opml_write(&out, &feed, 1), -1);
	buf_clear(&out);
}

/* -- Written, then read --------------------------------------------------- */

enum { MOST_FEEDS = 40, MOST_TAGS = 6 };

/* A small generator of our own: the same lists on every machine. */
static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

struct list {
	struct opml_feed feeds[MOST_FEEDS];
	struct str	 tags[MOST_FEEDS][MOST_TAGS];
	char		 text[MOST_FEEDS][2][128];
	size_t		 n;
};

static bool
has_tag(const struct opml_feed *f, struct str tag)
{
	for (size_t i = 0; i < f->n_tags; i++)
		if (str_eq(f->tags[i], tag))
			return true;
	return false;
}

static void
draw_feed(struct list *l, size_t i, uint32_t *seed)
{
	static const char *const names[] = { "", "A", "AT&T <b>", "\"q\" 'r'",
		"\xc3\xa9\xe6\xbc\xa2", "a  b", "]]>", "&amp;",
		"#\xf0\x9f\x98\x80", "A, B/C" };
	static const char *const tags[] = { "world", "en", "a,b", "a/b", ",",
		"/", "<x>", "&", "\xc3\xa9", "World", "a b", "\"", "x&y;",
		"http://a.example/" };
	struct opml_feed *f = &l->feeds[i];
	size_t n = draw(seed, MOST_TAGS + 1);

	snprintf(l->text[i][0], sizeof(l->text[i][0]),
	    "https://%zu.example/?a=1&b=<%u>\"'", i, draw(seed, 10));
	snprintf(l->text[i][1], sizeof(l->text[i][1]), "%s",
	    names[draw(seed, N(names))]);
	*f = (struct opml_feed){ .url = str_from(l->text[i][0]),
		.title = str_from(l->text[i][1]), .tags = l->tags[i] };
	if (draw(seed, 2) == 0)
		f->home_url = STR("http://home.example/?x&y");
	for (size_t k = 0; k < n; k++) {
		struct str tag = str_from(tags[draw(seed, N(tags))]);

		if (!has_tag(f, tag))
			l->tags[i][f->n_tags++] = tag;
	}
}

struct seen {
	const struct list	*list;
	bool			 is_there[MOST_FEEDS];
	size_t			 n;
};

static int
find_again(const struct opml_feed *f, void *ctx)
{
	struct seen *s = ctx;
	size_t i = (size_t)strtoul(f->url.p + strlen("https://"), NULL, 10);
	const struct opml_feed *want = &s->list->feeds[i];

	assert_true(i < s->list->n && !s->is_there[i]);
	assert_true(str_eq(f->url, want->url));
	assert_true(str_eq(f->title, want->title));
	assert_true(str_eq(f->home_url, want->home_url));
	assert_int_equal(f->n_tags, want->n_tags);
	for (size_t k = 0; k < f->n_tags; k++)
		assert_true(str_eq(f->tags[k], want->tags[k]));
	assert_true(f->line > 6);
	s->is_there[i] = true;
	s->n++;
	return 0;
}

static void
reads_what_it_wrote(void **state)
{
	uint32_t seed = 20260101;
	struct opml_counts counts;
	struct list list;
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 1 << 20);
	for (int round = 0; round < 2000; round++) {
		struct seen seen = { .list = &list };

		list.n = draw(&seed, MOST_FEEDS + 1);
		for (size_t i = 0; i < list.n; i++)
			draw_feed(&list, i, &seed);
		buf_reset(&out);
		assert_int_equal(opml_write(&out, list.feeds, list.n), 0);
		assert_int_equal(opml_read(buf_str(&out), find_again, &seen,
		    &counts, &err), OPML_COMPLETE);
		assert_int_equal(seen.n, list.n);
		assert_int_equal(counts.skipped, 0);
	}
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(mends),
		cmocka_unit_test(names_what_it_is_instead),
		cmocka_unit_test(reads_utf_16),
		cmocka_unit_test(cuts_long_texts),
		cmocka_unit_test(bounds_attributes),
		cmocka_unit_test(takes_so_many_tags),
		cmocka_unit_test(stops_at_its_caps),
		cmocka_unit_test(survives_a_depth_bomb),
		cmocka_unit_test(refuses_declarations),
		cmocka_unit_test(stops_when_told),
		cmocka_unit_test(reads_hostile_shapes),
		cmocka_unit_test(writes),
		cmocka_unit_test(says_what_does_not_fit),
		cmocka_unit_test(reads_what_it_wrote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
