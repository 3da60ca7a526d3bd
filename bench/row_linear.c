/* SPDX-License-Identifier: ISC */
/*
 * linear: megabytes in a CPU second of a document twice as long, against those
 * of the same one half as long. 1 is linear time, 0.5 is quadratic; wanted is
 * that twice the bytes take at most 2.2 times the time. One line for each shape
 * of large or hostile input: documents through the whole parser, down to plain
 * text, and markup through the converter alone.
 */
#include "bench/bench.h"

#include <stdio.h>

#include "base/err.h"
#include "bench/reader.h"
#include "feeds/markup.h"

enum { MIB = 1 << 20, DOC_MAX = 64 * MIB, SMALL_CHUNK = 1460 };

/* `unit` again and again between open and close; each # in it is how many
 * there were before. */
struct shape {
	const char	*name;
	const char	*open, *unit, *close;
	size_t		 chunk;		/* 0: markup, in one piece */
	bool		 slow;		/* a fifth of the bytes will do */
};

#define OPEN	"<rss version='2.0'><channel><item><description>"
#define CLOSE	"</description></item></channel></rss>"
#define CDATA	OPEN "<![CDATA["
#define CDATA_CLOSE	"]]>" CLOSE
#define NEST10	"<n><n><n><n><n><n><n><n><n><n>"
#define NEST200	NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 \
	NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 NEST10 \
	NEST10 NEST10

#define XMLNS10	"<n xmlns:a='a' xmlns:b='b'><n><n><n><n><n><n><n><n><n>"
#define XMLNS200	XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 \
	XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 \
	XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10 XMLNS10

static const struct shape shapes[] = {
	{ "cdata", CDATA, "<p>Some text &amp; more of it, # times</p>\n",
	    CDATA_CLOSE, READER_CHUNK, false },
	{ "cdata_small_chunks", CDATA,
	    "<p>Some text &amp; more of it, # times</p>\n", CDATA_CLOSE,
	    SMALL_CHUNK, false },
	{ "cdata_brackets", CDATA, "]", CDATA_CLOSE, READER_CHUNK, true },
	{ "text", OPEN, "Some text and more of it, # times\n", CLOSE,
	    READER_CHUNK, false },
	{ "text_small_chunks", OPEN, "Some text and more of it, # times\n",
	    CLOSE, SMALL_CHUNK, false },
	{ "escaped", OPEN, "&lt;p&gt;Some text &amp;amp; more&lt;/p&gt;\n",
	    CLOSE, READER_CHUNK, false },
	{ "bare", OPEN, "& < ", CLOSE, READER_CHUNK, true },
	{ "items", "<rss version='2.0'><channel>", "<item><guid>g#</guid>"
	    "<title>T #</title></item>\n", "</channel></rss>", READER_CHUNK, false },
	{ "empty_items", "<rss><channel>", "<item/>", "</channel></rss>",
	    READER_CHUNK, true },
	{ "attributes", "<rss><channel><item", " a#='v'",
	    "/></channel></rss>", READER_CHUNK, false },
	{ "same_attribute", "<rss><channel><item", " a='v'",
	    "/></channel></rss>", READER_CHUNK, false },
	{ "attribute", "<rss><channel><item a='", "v &amp; ",
	    "'/></channel></rss>", READER_CHUNK, false },
	{ "namespaces", "<rss><channel>", "<x xmlns:n='urn:n'/>",
	    "</channel></rss>", READER_CHUNK, false },
	{ "nested_namespaces", "<rss><channel>", "<m>" XMLNS200 "</m>",
	    "</channel></rss>", READER_CHUNK, true },
	{ "long_name", "<rss><channel><", "name", "/></channel></rss>",
	    READER_CHUNK, false },
	{ "nesting", "<rss><channel>", "<m>" NEST200 "</m>",
	    "</channel></rss>", READER_CHUNK, true },
	{ "nested_markup", OPEN, "<m>" NEST200 "</m>", CLOSE, READER_CHUNK,
	    true },
	{ "stray_ends", "<rss><channel>" NEST200, "</stray>",
	    "</channel></rss>", READER_CHUNK, true },
	{ "comment", "<rss><channel><!--", "- -", "--></channel></rss>",
	    READER_CHUNK, false },
	{ "doctype", "<!DOCTYPE rss [", "<!ENTITY e# '&e0;&e0;'>",
	    "]><rss><channel/></rss>", READER_CHUNK, false },
	{ "references", OPEN, "&e;&nbsp;&#8217;&#x;", CLOSE, READER_CHUNK,
	    true },
	{ "markup_text", "", "<p>Some <b>text</b> &amp; more, # times</p>\n",
	    "", 0, false },
	{ "markup_less_than", "", "<", "", 0, false },
	{ "markup_ampersands", "", "&", "", 0, false },
	{ "markup_references", "", "&aaaaaaaa", "", 0, false },
	{ "markup_open_quotes", "", "<a href=\"x", "", 0, false },
	{ "markup_odd_quotes", "", "<a b='\">", "", 0, false },
	{ "markup_comments", "", "<!--", "", 0, false },
	{ "markup_scripts", "", "<script", "", 0, false },
	{ "markup_open_scripts", "", "<script>", "", 0, false },
	{ "markup_raw_texts", "", "<style><script><!--<template>", "", 0, false },
	{ "markup_tables", "", "<table><tr><td>x", "", 0, false },
	{ "markup_ends", "", "</", "", 0, false },
	{ "markup_spaces", "", " \n\t", "x", 0, false },
};

enum { N_SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

struct linear {
	const struct shape	*shape;
	struct reader		 reader;
	struct buf		 twice, once, text;
	int64_t			 round_us;
};

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
read_once(struct linear *l, const struct buf *b, struct err *err)
{
	struct text t = { .s = buf_str(b), .kind = TEXT_HTML };

	if (l->shape->chunk == 0) {
		buf_reset(&l->text);
		markup_to_text(&l->text, t);
		return l->text.failed ? err_set(err, "too much text") : 0;
	}
	l->reader.chunk = l->shape->chunk;
	if (reader_read(&l->reader, buf_str(b), err) == FEED_END_COMPLETE)
		return 0;
	return err_wrap(err, "linear_%s", l->shape->name);
}

static int
measure(struct linear *l, const struct buf *b, double *figure, struct err *err)
{
	int64_t start = bench_cpu_us(), spent = 0, bytes = 0;

	do {
		if (read_once(l, b, err) == -1)
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
