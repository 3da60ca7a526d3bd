/* SPDX-License-Identifier: ISC */
/*
 * linear: megabytes in a CPU second of a document twice as long, against those
 * of the same one half as long. 1 is linear time, 0.5 is quadratic; wanted is
 * that twice the bytes take at most 2.2 times the time. One line for each shape
 * of large or hostile input: documents through the whole parser, down to plain
 * text, markup through the converter alone, lists of feeds, HTML pages, the
 * articles in them.
 */
#include "bench/bench.h"

#include <stdio.h>

#include "base/err.h"
#include "base/html.h"
#include "bench/reader.h"
#include "feeds/article.h"
#include "feeds/markup.h"
#include "feeds/opml.h"

enum { MIB = 1 << 20, DOC_MAX = 64 * MIB, SMALL_CHUNK = 1460 };

struct linear;

/* `unit` again and again between open and close; each # in it is how many
 * there were before. */
struct shape {
	const char	*name;
	const char	*open, *unit, *close;
	int		 (*read)(struct linear *, struct str, struct err *);
	bool		 slow;		/* a fifth of the bytes will do */
};

#define OPEN	"<rss version='2.0'><channel><item><description>"
#define CLOSE	"</description></item></channel></rss>"
#define CDATA	OPEN "<![CDATA["
#define CDATA_CLOSE	"]]>" CLOSE
#define LIST	"<opml><body>"
#define LIST_CLOSE	"</body></opml>"
#define NEST10	"<n><n><n><n><n><n><n><n><n><n>"
#define NEST200	NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 \
	NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 \
	NEST10 NEST10

#define XMLNS10	"<n xmlns:a='a' xmlns:b='b'><n><n><n><n><n><n><n><n><n>"
#define XMLNS200	XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 \
	XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 \
	XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10

#define TEN(s)	s s s s s s s s s s
#define PARAGRAPH	"<p>" TEN("This is a long paragraph of an article. ")
#define ARTICLE	"<article>" PARAGRAPH PARAGRAPH PARAGRAPH

struct linear {
	const struct shape	*shape;
	struct reader		 reader;
	struct buf		 twice, once, text;
	int64_t			 round_us;
};

/* -- Who reads what -------------------------------------------------------- */

static int
read_feed(struct linear *l, struct str s, size_t chunk, struct err *err)
{
	l->reader.chunk = chunk;
	if (reader_read(&l->reader, s, err) == FEED_END_COMPLETE)
		return 0;
	return err_wrap(err, "linear_%s", l->shape->name);
}

static int
feed(struct linear *l, struct str s, struct err *err)
{
	return read_feed(l, s, READER_CHUNK, err);
}

static int
feed_bit_by_bit(struct linear *l, struct str s, struct err *err)
{
	return read_feed(l, s, SMALL_CHUNK, err);
}

static int
markup(struct linear *l, struct str s, struct err *err)
{
	buf_reset(&l->text);
	markup_to_text(&l->text, (struct text){ .s = s, .kind = TEXT_HTML });
	return l->text.failed ? err_set(err, "too much text") : 0;
}

static int
on_outline(const struct opml_feed *f, void *ctx)
{
	struct linear *l = ctx;

	l->text.n += f->url.n > 0;	/* what it says is of no matter */
	return 0;
}

static int
list(struct linear *l, struct str s, struct err *err)
{
	struct opml_counts counts;

	return opml_read(s, on_outline, l, &counts, err) == OPML_COMPLETE ? 0 :
	    err_wrap(err, "linear_%s", l->shape->name);
}

static int
page(struct linear *l, struct str s, struct err *err)
{
	static const struct html_ops ops = { .on_text = NULL };
	static const struct html_settings set = { .max_bytes = DOC_MAX,
	    .max_depth = 64, .max_raw = 64 << 10 };
	struct html *h = html_new(&set, &ops, l);

	if (h == NULL)
		return err_set(err, "out of memory");
	for (size_t at = 0; at < s.n; at += READER_CHUNK) {
		struct str piece = str_sub(s, at, READER_CHUNK);

		(void)html_push(h, piece.p, piece.n);
	}
	(void)html_finish(h);		/* hostile pages end in any way */
	html_free(h);
	return 0;
}

/* Down to the article's text; what is over its limit of 5 MiB is not read. */
static int
article(struct linear *l, struct str s, struct err *err)
{
	struct article *a = article_new(STR_NONE);
	const struct article_found *found;

	if (a == NULL)
		return err_set(err, "out of memory");
	for (size_t at = 0; at < s.n; at += READER_CHUNK) {
		struct str piece = str_sub(s, at, READER_CHUNK);

		(void)article_push(a, piece.p, piece.n);
	}
	found = article_finish(a);
	l->text.n = found != NULL ? found->text.n : 0;
	article_free(a);
	return found != NULL ? 0 : err_set(err, "out of memory");
}

static const struct shape shapes[] = {
	{ "cdata", CDATA, "<p>Some text &amp; more of it, # times</p>\n",
	    CDATA_CLOSE, feed, false },
	{ "cdata_small_chunks", CDATA,
	    "<p>Some text &amp; more of it, # times</p>\n", CDATA_CLOSE,
	    feed_bit_by_bit, false },
	{ "cdata_brackets", CDATA, "]", CDATA_CLOSE, feed, true },
	{ "text", OPEN, "Some text and more of it, # times\n", CLOSE,
	    feed, false },
	{ "text_small_chunks", OPEN, "Some text and more of it, # times\n",
	    CLOSE, feed_bit_by_bit, false },
	{ "escaped", OPEN, "&lt;p&gt;Some text &amp;amp; more&lt;/p&gt;\n",
	    CLOSE, feed, false },
	{ "bare", OPEN, "& < ", CLOSE, feed, true },
	{ "items", "<rss version='2.0'><channel>", "<item><guid>g#</guid>"
	    "<title>T #</title></item>\n", "</channel></rss>", feed, false },
	{ "empty_items", "<rss><channel>", "<item/>", "</channel></rss>",
	    feed, true },
	{ "attributes", "<rss><channel><item", " a#='v'",
	    "/></channel></rss>", feed, false },
	{ "same_attribute", "<rss><channel><item", " a='v'",
	    "/></channel></rss>", feed, false },
	{ "attribute", "<rss><channel><item a='", "v &amp; ",
	    "'/></channel></rss>", feed, false },
	{ "namespaces", "<rss><channel>", "<x xmlns:n='urn:n'/>",
	    "</channel></rss>", feed, false },
	{ "nested_namespaces", "<rss><channel>", "<m>" XMLNS200 "</m>",
	    "</channel></rss>", feed, true },
	{ "long_name", "<rss><channel><", "name", "/></channel></rss>",
	    feed, false },
	{ "nesting", "<rss><channel>", "<m>" NEST200 "</m>",
	    "</channel></rss>", feed, true },
	{ "nested_markup", OPEN, "<m>" NEST200 "</m>", CLOSE, feed,
	    true },
	{ "stray_ends", "<rss><channel>" NEST200, "</stray>",
	    "</channel></rss>", feed, true },
	{ "comment", "<rss><channel><!--", "- -", "--></channel></rss>",
	    feed, false },
	{ "doctype", "<!DOCTYPE rss [", "<!ENTITY e# '&e0;&e0;'>",
	    "]><rss><channel/></rss>", feed, false },
	{ "references", OPEN, "&e;&nbsp;&#8217;&#x;", CLOSE, feed,
	    true },
	{ "markup_text", "", "<p>Some <b>text</b> &amp; more, # times</p>\n",
	    "", markup, false },
	{ "markup_less_than", "", "<", "", markup, false },
	{ "markup_ampersands", "", "&", "", markup, false },
	{ "markup_references", "", "&aaaaaaaa", "", markup, false },
	{ "markup_open_quotes", "", "<a href=\"x", "", markup, false },
	{ "markup_odd_quotes", "", "<a b='\">", "", markup, false },
	{ "markup_comments", "", "<!--", "", markup, false },
	{ "markup_scripts", "", "<script", "", markup, false },
	{ "markup_open_scripts", "", "<script>", "", markup, false },
	{ "markup_raw_texts", "", "<style><script><!--<template>", "", markup, false },
	{ "markup_tables", "", "<table><tr><td>x", "", markup, false },
	{ "markup_ends", "", "</", "", markup, false },
	{ "markup_spaces", "", " \n\t", "x", markup, false },
	{ "json_string", "{\"items\":[{\"content_html\":\"",
	    "<p>Some text\\n", "\"}]}", feed_bit_by_bit, false },
	{ "json_items", "{\"items\":[", "{\"id\":#,\"title\":\"T\"},",
	    "{}]}", feed, false },
	{ "json_skipped", "{\"_x\":[", "[1,{\"a\":\"\\u00e9\"}],",
	    "0],\"items\":[]}", feed, true },
	{ "opml_feeds", LIST, "<outline text='A &amp; B' xmlUrl="
	    "'http://a.example/#' category='/a/b,c'/>\n", LIST_CLOSE, list,
	    true },
	{ "opml_folders", LIST, "<outline text='x'><outline text='y'/>"
	    "</outline>", LIST_CLOSE, list, true },
	{ "opml_attributes", LIST "<outline", " a='b'", "/>" LIST_CLOSE, list,
	    true },
	{ "page_text", "<p>", "Some text, # times. ", "", page, true },
	{ "page_attributes", "<a ", "b1 c2 d3 e4 f5 g6 h7 i8 j9 k0 ", "", page,
	    true },
	{ "page_ends", "<b><b><b><b><b><b><b><b>", "</i>", "", page, true },
	{ "page_open_tags", "", "<b>", "", page, true },
	{ "page_value", "<a b='", "x", "", page, true },
	{ "page_comment", "<!--", "--!", "", page, true },
	{ "page_script", "<script>", "</s", "", page, true },
	{ "page_references", "", "&amp;&x", "", page, true },
	{ "page_tables", "", "<table><tr><td>", "", page, true },
	{ "article_text", "<p>", "Some text, # times. ", "", article, true },
	{ "article_paragraphs", "", "<p>Some text, # times, and more of it, "
	    "so that it is a paragraph of some length.</p>", "", article,
	    true },
	{ "article_empty", "", "<p>", "", article, true },
	{ "article_words", "<body class='", "related-post commentBody ", "'>",
	    article, true },
	{ "article_classes", "", "<p class='article body-text a1'>x", "",
	    article, true },
	{ "article_nesting", "", "<div><p>Words of a text, # times, and so "
	    "on and on.</div></div>", "", article, true },
	{ "article_bodies", "", "<div class=article-body><p>Words of a text "
	    "that is long enough to count, # times.</p></div>", "", article,
	    true },
	{ "article_headings", "", "<h2>T #</h2>", "", article, true },
	{ "article_cut_headings", ARTICLE "<div class=ad>",
	    "<h2 class=ad>x</h2>", "</div></article>", article, true },
	{ "article_headings_over_nothing", ARTICLE,
	    "<h2><span class=ad>x</span></h2>", "<p>Words.</article>",
	    article, true },
	{ "article_spans", "<p>", "<span class=caption>x # </span>", "",
	    article, true },
	{ "article_repeated", "", "<div><p>Words of a text that is long "
	    "enough to be told again, and it is told again.</p></div>", "",
	    article, true },
};

enum { N_SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static void
add_unit(struct buf *b, const char *unit, size_t number)
{
	for (; *unit != '\0'; unit++) {
		if (*unit == '#')
			buf_addf(b, "%zu", number);
		else
			buf_add_char(b, *unit);
	}
}

static void
make(struct buf *b, const struct shape *s, size_t bytes)
{
	buf_reset(b);
	buf_add_c(b, s->open);
	for (size_t i = 0; b->n < bytes && !b->failed; i++)
		add_unit(b, s->unit, i);
	buf_add_c(b, s->close);
}

static int
measure(struct linear *l, const struct buf *b, double *figure, struct err *err)
{
	int64_t start = bench_cpu_us(), spent = 0, bytes = 0;

	do {
		if (l->shape->read(l, buf_str(b), err) == -1)
			return -1;
		bytes += (int64_t)b->n;
		spent = bench_cpu_us() - start;
	} while (spent < l->round_us);
	*figure = (double)bytes / (double)spent;
	return 0;
}

static int
measure_twice(void *ctx, double *figure, struct err *err)
{
	struct linear *l = ctx;

	return measure(l, &l->twice, figure, err);
}

static int
measure_once(void *ctx, double *figure, struct err *err)
{
	struct linear *l = ctx;

	return measure(l, &l->once, figure, err);
}

static int
run_shape(struct linear *l, const struct bench *b, struct err *err)
{
	char name[64];
	const struct bench_row row = { .name = name, .unit = "MB/cpu-s",
		.of = "half-as-long", .target = 1 / 1.1,
		.rounds = b->quick ? 5 : 9 };
	const struct bench_sides sides = { measure_twice, measure_once };
	size_t bytes = l->shape->slow ? MIB : 5 * MIB;

	(void)snprintf(name, sizeof(name), "linear_%s", l->shape->name);
	make(&l->once, l->shape, bytes);
	make(&l->twice, l->shape, 2 * bytes);
	if (l->once.failed || l->twice.failed)
		return err_set(err, "out of memory");
	return bench_compare(&row, &sides, l, err);
}

int
row_linear(const struct bench *b, struct err *err)
{
	struct linear l = { .round_us = b->quick ? 20000 : 100000 };
	int rc = 0;

	reader_init(&l.reader);
	l.reader.settings.max_document_bytes = DOC_MAX;
	l.reader.settings.max_item_bytes = DOC_MAX;
	buf_init(&l.once, DOC_MAX);
	buf_init(&l.twice, DOC_MAX);
	buf_init(&l.text, DOC_MAX);
	for (size_t i = 0; i < N_SHAPES && rc == 0; i++) {
		l.shape = &shapes[i];
		rc = run_shape(&l, b, err);
	}
	buf_clear(&l.once);
	buf_clear(&l.twice);
	buf_clear(&l.text);
	reader_clear(&l.reader);
	return rc;
}
