/* SPDX-License-Identifier: ISC */
/*
 * article, article_real: megabytes of news pages in a CPU second, from bytes
 * to the article's text and what the page says of itself, against what
 * libxml2's HTML parser alone takes for the same bytes: SAX with handlers that
 * do nothing. Both get chunks of 16 KiB, as a page does that is fetched.
 *
 * Made pages have what real ones have in about the same parts: half of one is
 * scripts and styles, a tenth its article.
 */
#include "bench/bench.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/HTMLparser.h>

#include "base/buf.h"
#include "base/err.h"
#include "bench/prose.h"
#include "feeds/article.h"

enum {
	CHUNK = 16384, MAX_PAGE = 8 << 20, MAX_PAGES = 256, SEED = 20260401,
	MADE = 12, SCRIPTS = 24, LINKS = 120, PARAGRAPHS = 16
};

struct page {
	struct buf	html;
	struct buf	text;		/* to be found; or empty */
};

struct pages {
	struct page	*list;
	size_t		 n;
	int64_t		 bytes;
	int64_t		 round_us;
	int64_t		 found;		/* bytes of text in a pass */
	int64_t		 expected;	/* likewise; -1: not known yet */
};

static struct page *
add_page(struct pages *p)
{
	struct page *page;

	if (p->list == NULL)
		p->list = calloc(MAX_PAGES, sizeof(*p->list));
	if (p->list == NULL || p->n == MAX_PAGES)
		return NULL;
	page = &p->list[p->n++];
	buf_init(&page->html, MAX_PAGE);
	buf_init(&page->text, MAX_PAGE);
	return page;
}

static void
clear(struct pages *p)
{
	for (size_t i = 0; i < p->n; i++) {
		buf_clear(&p->list[i].html);
		buf_clear(&p->list[i].text);
	}
	free(p->list);
}

/*
 * Made pages
 */

static void
add_script(struct prose *prose, struct buf *b)
{
	buf_add_c(b, "<script>(function(w,d){var q=w.q||[];");
	for (int i = 0; i < 20; i++)
		buf_addf(b, "q.push({id:%u,name:'%s',run:function(e){if(e<%u"
		    "&&d.getElementById('x%u'))e.next();}});\n",
		    prose_below(prose, 9999), prose_word(prose,
		    prose_below(prose, PROSE_WORDS)), prose_below(prose, 99),
		    prose_below(prose, 999));
	buf_add_c(b, "}(window,document));</script>\n");
}

static void
add_links(struct prose *prose, struct buf *b, const char *class, int n)
{
	buf_addf(b, "<div class=\"%s\"><ul>\n", class);
	for (int i = 0; i < n; i++) {
		buf_addf(b, "<li class=\"item item-%d\"><a href=\"https://"
		    "news.example.com/%u\" data-track=\"%s\">", i,
		    prose_below(prose, 99999), class);
		prose_add_title(prose, b);
		buf_add_c(b, "</a></li>\n");
	}
	buf_add_c(b, "</ul></div>\n");
}

static void
add_head(struct prose *prose, struct buf *b)
{
	buf_add_c(b, "<!DOCTYPE html><html lang=\"en\"><head><meta charset="
	    "\"utf-8\"><title>");
	prose_add_title(prose, b);
	buf_add_c(b, "</title>\n<link rel=canonical href=\"https://"
	    "news.example.com/a\"><script type=\"application/ld+json\">"
	    "{\"@context\":\"https://schema.org\",\"@type\":\"NewsArticle\","
	    "\"datePublished\":\"2026-11-23T10:00:00Z\",\"author\":{\"@type\":"
	    "\"Person\",\"name\":\"A. Writer\"}}</script>\n");
	for (int i = 0; i < SCRIPTS / 2; i++)
		add_script(prose, b);
	buf_add_c(b, "</head>\n");
}

static void
add_text(struct prose *prose, struct page *page)
{
	struct buf *b = &page->html;

	buf_add_c(b, "<div class=\"story\"><h1>");
	prose_add_title(prose, b);
	buf_add_c(b, "</h1><div class=\"byline\">By A. Writer</div>\n"
	    "<div class=\"story-body\">\n");
	for (int i = 0; i < PARAGRAPHS; i++) {
		size_t from;

		if (i > 0)
			buf_add_c(&page->text, "\n\n");
		from = page->text.n;
		prose_add_paragraph(prose, &page->text, 400);
		while (page->text.n > from &&
		    page->text.p[page->text.n - 1] == ' ')
			page->text.n--;
		buf_add_c(b, "<p>");
		buf_add_str(b, str_sub(buf_str(&page->text), from,
		    page->text.n));
		buf_add_c(b, "</p>\n<div class=\"ad-slot\"></div>\n");
	}
	buf_add_c(b, "</div></div>\n");
}

static void
make_page(struct prose *prose, struct page *page)
{
	struct buf *b = &page->html;

	add_head(prose, b);
	buf_add_c(b, "<body>\n");
	add_links(prose, b, "nav-menu", LINKS);
	add_text(prose, page);
	add_links(prose, b, "related-stories", LINKS / 2);
	for (int i = 0; i < SCRIPTS / 2; i++)
		add_script(prose, b);
	add_links(prose, b, "site-footer", LINKS);
	buf_add_c(b, "</body></html>\n");
}

static int
make_pages(struct pages *p, struct err *err)
{
	struct prose *prose = prose_new(SEED);

	if (prose == NULL)
		return err_set(err, "out of memory");
	for (int i = 0; i < MADE; i++) {
		struct page *page = add_page(p);

		if (page == NULL)
			break;
		make_page(prose, page);
		if (page->html.failed || page->text.failed)
			break;
	}
	prose_free(prose);
	return p->n == MADE && !p->list[MADE - 1].html.failed ? 0 :
	    err_set(err, "out of memory");
}

/*
 * Real pages: suites/articles/html, each a .html.gz
 */

static bool
is_page_name(const char *name)
{
	size_t n = strlen(name);

	return n > 8 && strcmp(name + n - 8, ".html.gz") == 0;
}

/* libxml2 unpacks what it opens. */
static int
read_page(struct pages *p, const char *folder, const char *name,
    struct err *err)
{
	struct page *page = add_page(p);
	xmlParserInputBufferPtr in;
	char path[4096];

	if (page == NULL)
		return err_set(err, "out of memory");
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	in = xmlParserInputBufferCreateFilename(path,
	    XML_CHAR_ENCODING_NONE);
	if (in == NULL)
		return err_set(err, "%s cannot be opened", path);
	while (xmlParserInputBufferGrow(in, CHUNK) > 0)
		continue;
	buf_add(&page->html, xmlBufContent(in->buffer),
	    xmlBufUse(in->buffer));
	xmlFreeParserInputBuffer(in);
	return page->html.failed || page->html.n == 0 ?
	    err_set(err, "%s cannot be read", path) : 0;
}

static int
read_pages(struct pages *p, const char *suites, struct err *err)
{
	char folder[2048];
	struct dirent *entry;
	DIR *dir;
	int rc = 0;

	(void)snprintf(folder, sizeof(folder), "%s/articles/html", suites);
	dir = opendir(folder);
	if (dir == NULL || !xmlHasFeature(XML_WITH_ZLIB)) {
		bench_say("article_real: left out, %s", dir == NULL ?
		    "no folder of pages" : "libxml2 does not unpack them");
		if (dir != NULL)
			closedir(dir);
		return 0;
	}
	while (rc == 0 && (entry = readdir(dir)) != NULL)
		if (is_page_name(entry->d_name))
			rc = read_page(p, folder, entry->d_name, err);
	closedir(dir);
	return rc;
}

/*
 * libxml2's
 */

static void
on_start(void *ctx, const xmlChar *name, const xmlChar **attrs)
{
	(void)ctx;
	(void)name;
	(void)attrs;
}

static void
on_end(void *ctx, const xmlChar *name)
{
	(void)ctx;
	(void)name;
}

static void
on_text(void *ctx, const xmlChar *text, int n)
{
	(void)ctx;
	(void)text;
	(void)n;
}

static void
on_error(void *ctx, xmlErrorPtr error)
{
	(void)ctx;
	(void)error;
}

static int
parse_theirs(struct str s, struct err *err)
{
	htmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
	    .startElement = on_start, .endElement = on_end,
	    .characters = on_text, .ignorableWhitespace = on_text,
	    .cdataBlock = on_text, .serror = on_error };
	htmlParserCtxtPtr ctxt = htmlCreatePushParserCtxt(&sax, NULL, NULL, 0,
	    NULL, XML_CHAR_ENCODING_UTF8);

	if (ctxt == NULL)
		return err_set(err, "out of memory");
	for (size_t at = 0; at < s.n; at += CHUNK) {
		struct str chunk = str_sub(s, at, CHUNK);

		/* What it says of errors is no matter: all pages have some. */
		(void)htmlParseChunk(ctxt, chunk.p, (int)chunk.n, 0);
	}
	(void)htmlParseChunk(ctxt, NULL, 0, 1);
	htmlFreeParserCtxt(ctxt);
	return 0;
}

/*
 * Rounds
 */

static int
parse_ours(struct pages *p, const struct page *page, struct err *err)
{
	struct str s = buf_str(&page->html);
	const struct article_found *found;
	struct article *a = article_new(STR("https://news.example.com/a"));
	int rc = 0;

	if (a == NULL)
		return err_set(err, "out of memory");
	for (size_t at = 0; at < s.n; at += CHUNK) {
		struct str chunk = str_sub(s, at, CHUNK);

		if (!article_push(a, chunk.p, chunk.n))
			break;
	}
	found = article_finish(a);
	if (found == NULL)
		rc = err_set(err, "out of memory");
	else if (page->text.n > 0 && !str_eq(found->text,
	    buf_str(&page->text)))
		rc = err_set(err, "not the article that was made: %zu bytes "
		    "instead of %zu", found->text.n, page->text.n);
	else
		p->found += (int64_t)found->text.n;
	article_free(a);
	return rc;
}

static int
measure(struct pages *p, bool ours, double *figure, struct err *err)
{
	int64_t start = bench_cpu_us(), spent = 0, bytes = 0;

	while (spent < p->round_us) {
		p->found = 0;
		for (size_t i = 0; i < p->n; i++)
			if ((ours ? parse_ours(p, &p->list[i], err) :
			    parse_theirs(buf_str(&p->list[i].html), err)) ==
			    -1)
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
	struct pages *p = ctx;

	if (measure(p, true, figure, err) == -1)
		return -1;
	if (p->found == 0 || (p->expected != -1 && p->found != p->expected))
		return err_set(err, "%lld bytes of text instead of %lld",
		    (long long)p->found, (long long)p->expected);
	p->expected = p->found;
	return 0;
}

static int
measure_theirs(void *ctx, double *figure, struct err *err)
{
	return measure(ctx, false, figure, err);
}

static int
compare(struct pages *p, const struct bench *b, const char *name,
    struct err *err)
{
	struct bench_row row = { .name = name, .unit = "MB/cpu-s",
		.of = "libxml2-html-sax", .target = 0.25,
		.rounds = b->quick ? 7 : 15, .documents = p->n };
	const struct bench_sides sides = { measure_ours, measure_theirs };

	p->expected = -1;
	p->round_us = b->quick ? 150000 : 400000;
	for (size_t i = 0; i < p->n; i++)
		p->bytes += (int64_t)p->list[i].html.n;
	bench_say("%s: %zu pages, %lld KB", name, p->n,
	    (long long)p->bytes / 1000);
	return bench_compare(&row, &sides, p, err);
}

int
row_article(const struct bench *b, struct err *err)
{
	struct pages p = { .n = 0 };
	int rc = make_pages(&p, err);

	if (rc == 0)
		rc = compare(&p, b, "article", err);
	clear(&p);
	return rc;
}

int
row_article_real(const struct bench *b, struct err *err)
{
	struct pages p = { .n = 0 };
	int rc = 0;

	if (b->suites == NULL)
		bench_say("article_real: left out, no folder of real pages "
		    "(--suites, HEADLINED_SUITES)");
	else
		rc = read_pages(&p, b->suites, err);
	if (rc == 0 && p.n > 0)
		rc = compare(&p, b, "article_real", err);
	clear(&p);
	return rc;
}
