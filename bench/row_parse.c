/* SPDX-License-Identifier: ISC */
/*
 * parse, parse_real: megabytes of feed documents in a CPU second, from bytes to
 * items with plain text, against what libxml2's push parser alone takes for the
 * same bytes: SAX with handlers that do nothing. Both get chunks of 16 KiB, as
 * a poll does.
 *
 * Documents that libxml2 does not read to their end are left out on both
 * sides: a parser that gives up early is a fast one.
 */
#include "bench/bench.h"

#include <string.h>

#include <libxml/parser.h>

#include "base/err.h"
#include "bench/corpus.h"
#include "bench/reader.h"

struct parse {
	struct corpus	 corpus;
	struct reader	 reader;	/* items, texts: of a pass */
	int64_t		 bytes;		/* of one pass */
	int64_t		 round_us;	/* least, of CPU time */
	int64_t		 expected;	/* items; -1: not known yet */
};

/*
 * libxml2's
 */

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int n_ns, const xmlChar **ns, int n_attrs,
    int n_defaulted, const xmlChar **attrs)
{
	(void)ctx;
	(void)name;
	(void)prefix;
	(void)uri;
	(void)n_ns;
	(void)ns;
	(void)n_attrs;
	(void)n_defaulted;
	(void)attrs;
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	(void)ctx;
	(void)name;
	(void)prefix;
	(void)uri;
}

static void
on_text(void *ctx, const xmlChar *text, int n)
{
	(void)ctx;
	(void)text;
	(void)n;
}

static int
push_theirs(xmlParserCtxt *ctxt, struct str s, struct err *err)
{
	int code = 0;

	for (size_t at = 0; at < s.n && code == 0; at += READER_CHUNK) {
		struct str chunk = str_sub(s, at, READER_CHUNK);

		code = xmlParseChunk(ctxt, chunk.p, (int)chunk.n, 0);
	}
	if (code == 0)
		code = xmlParseChunk(ctxt, NULL, 0, 1);
	return code == 0 && ctxt->wellFormed == 1 ? 0 :
	    err_set(err, "libxml2 cannot read it: error %d", code);
}

static int
parse_theirs(const struct corpus_doc *doc, struct err *err)
{
	xmlSAXHandler sax;
	xmlParserCtxt *ctxt;
	int rc;

	memset(&sax, 0, sizeof(sax));
	sax.initialized = XML_SAX2_MAGIC;
	sax.startElementNs = on_start;
	sax.endElementNs = on_end;
	sax.characters = on_text;
	sax.cdataBlock = on_text;
	sax.ignorableWhitespace = on_text;
	ctxt = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	if (ctxt == NULL)
		return err_set(err, "out of memory");
	(void)xmlCtxtUseOptions(ctxt, XML_PARSE_NONET);
	rc = push_theirs(ctxt, buf_str(&doc->text), err);
	xmlFreeParserCtxt(ctxt);
	return rc;
}

/*
 * Rounds
 */

static int
parse_ours(struct parse *p, const struct corpus_doc *doc, struct err *err)
{
	switch (reader_read(&p->reader, buf_str(&doc->text), err)) {
	case FEED_END_COMPLETE:
		return 0;
	case FEED_END_TRUNCATED:
		return err_set(err, "a document did not end well");
	case FEED_END_NOT_A_FEED:
	case FEED_END_FAILED:
		break;
	}
	return -1;
}

static int
pass(struct parse *p, bool ours, struct err *err)
{
	p->reader.items = p->reader.text_bytes = 0;
	for (size_t i = 0; i < p->corpus.n; i++) {
		const struct corpus_doc *doc = &p->corpus.docs[i];

		if (doc->left_out)
			continue;
		if ((ours ? parse_ours(p, doc, err) :
		    parse_theirs(doc, err)) == -1)
			return -1;
	}
	return 0;
}

static int
measure(struct parse *p, bool ours, double *figure, struct err *err)
{
	int64_t start = bench_cpu_us(), spent = 0, bytes = 0;

	while (spent < p->round_us) {
		if (pass(p, ours, err) == -1)
			return -1;
		bytes += p->bytes;
		spent = bench_cpu_us() - start;
	}
	*figure = (double)bytes / (double)spent;	/* MB/s = bytes/us */
	return 0;
}

static int
measure_ours(void *ctx, double *figure, struct err *err)
{
	struct parse *p = ctx;

	if (measure(p, true, figure, err) == -1)
		return -1;
	/* Speed bought with items is no speed. */
	if (p->expected != -1 && p->reader.items != p->expected)
		return err_set(err, "%lld items instead of %lld",
		    (long long)p->reader.items, (long long)p->expected);
	p->expected = p->reader.items;
	return p->reader.text_bytes > 0 ? 0 : err_set(err, "items without text");
}

static int
measure_theirs(void *ctx, double *figure, struct err *err)
{
	return measure(ctx, false, figure, err);
}

/*
 * Chooses the documents and counts what one pass has to do. What libxml2 reads
 * and we do not is no reason to leave a document out: it ends the row.
 */
static int
choose(struct parse *p, struct bench_row *row, struct err *err)
{
	int64_t items = 0;
	struct err why;

	for (size_t i = 0; i < p->corpus.n; i++) {
		struct corpus_doc *doc = &p->corpus.docs[i];

		items += doc->items;
		doc->left_out = parse_theirs(doc, &why) == -1;
		row->left_out += doc->left_out;
		if (doc->left_out)
			continue;
		row->documents++;
		p->bytes += (int64_t)doc->text.n;
		if (parse_ours(p, doc, err) == -1)
			return -1;
	}
	if (row->documents == 0)
		return err_set(err, "no document can be read: %s", why.msg);
	p->expected = row->left_out == 0 && items > 0 ? items : -1;
	bench_say("%s: %zu documents, %lld KB; %zu more left out, which "
	    "libxml2 does not read to the end", row->name, row->documents,
	    (long long)p->bytes / 1000, row->left_out);
	return 0;
}

static int
compare(struct parse *p, const struct bench *b, const char *name,
    struct err *err)
{
	struct bench_row row = { .name = name, .unit = "MB/cpu-s",
		.of = "libxml2-sax", .target = 0.50,
		.rounds = b->quick ? 7 : 15 };
	const struct bench_sides sides = { measure_ours, measure_theirs };
	int rc;

	p->round_us = b->quick ? 150000 : 400000;
	reader_init(&p->reader);
	rc = choose(p, &row, err);
	if (rc == 0)
		rc = bench_compare(&row, &sides, p, err);
	reader_clear(&p->reader);
	corpus_clear(&p->corpus);
	xmlCleanupParser();
	return rc;
}

int
row_parse(const struct bench *b, struct err *err)
{
	struct parse p = { .bytes = 0 };

	if (corpus_make(&p.corpus, b->quick ? 32 : 64, err) == -1) {
		corpus_clear(&p.corpus);
		return -1;
	}
	return compare(&p, b, "parse", err);
}

int
row_parse_real(const struct bench *b, struct err *err)
{
	struct parse p = { .bytes = 0 };

	if (b->suites == NULL) {
		bench_say("parse_real: left out, no folder of real feeds "
		    "(--suites, HEADLINED_SUITES)");
		return 0;
	}
	if (corpus_read_real(&p.corpus, b->suites, err) == -1) {
		corpus_clear(&p.corpus);
		return -1;
	}
	return compare(&p, b, "parse_real", err);
}
