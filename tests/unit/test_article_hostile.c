/* SPDX-License-Identifier: ISC */
/*
 * Pages that are made to cost much: what is kept of them has its bounds, and
 * the heap never holds more than twelve times the page.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "feeds/article.h"
#include "tests/unit/heap_rig.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

enum {
	KIB = 1024, MIB = 1024 * KIB,
	TIMES = 12,			/* the page: at most so much heap */
	AT_LEAST = 256 * KIB		/* what any page may take */
};

#define TEN(s)	s s s s s s s s s s
#define WORDS	"Words of a text that goes on for long, and more of them. "
#define ARTICLE	"<article><p>" TEN(WORDS) "<p>" TEN(WORDS) "<p>" TEN(WORDS)

struct shape {
	const char	*says, *open, *unit, *close;
	size_t		 bytes;
	bool		 is_cut;
};

static const struct shape shapes[] = {
	{ "an article", "<article>", "<p>" WORDS WORDS "</p>\n", "</article>",
	    200 * KIB, false },
	{ "an article of 1 MiB", "<article>", "<p>" WORDS WORDS "</p>\n",
	    "</article>", MIB, false },
	{ "paragraphs of a letter", "", "<p>a", "", MIB, true },
	{ "fewer of them", "", "<p>a", "", 100 * KIB, false },
	{ "5 MiB of <p>", "", TEN("<p>"), "", 5 * MIB, false },
	{ "more than 5 MiB", "<p>", WORDS, "", 6 * MIB, true },
	{ "one text of 5 MB", "<p>", WORDS, "", 5000000, false },
	{ "one word of 5 MB", "<p>", TEN("abcdef"), "", 5000000, false },
	{ "white space", "<p>", TEN(" \n"), "x", 5000000, false },
	{ "1 MiB of open tags", "", "<div>", "", MIB, true },
	{ "open tags with letters", "", "<div>a", "", MIB, true },
	{ "tags in a line", "<p>", "<b>a</b>", "", 256 * KIB, false },
	{ "tags in a line that stay open", "", "<b>a", "", MIB, true },
	{ "spans with a meaning", "<p>", "<a class=ad>a</a>", "", 256 * KIB,
	    false },
	{ "a million attributes", "<p ", TEN("a=b "), ">" WORDS, 4000000,
	    false },
	{ "classes", "<p class='", "ad-slot ", "'>" WORDS, 256 * KIB, false },
	{ "stray ends", "<p>" WORDS, "</div>", "", 256 * KIB, false },
	{ "an end for each", "", "<div><i>a</div>", "", 256 * KIB, false },
	{ "line ends", "<p>", "a<br>", "", 256 * KIB, false },
	{ "empty lines", "<p>", "a<br><br>", "", 256 * KIB, false },
	{ "references", "<p>", "&amp;&#x41;&nbsp;", "", 256 * KIB, false },
	{ "bytes that are no UTF-8", "<p>", "\xFF\xFE", "", 2 * MIB, true },
	{ "headings", "", "<h2>a</h2>", "", 256 * KIB, false },
	{ "headings in a box that is cut", ARTICLE "<div class=ad>",
	    "<h2 class=ad>x</h2>", "</div></article>", MIB, false },
	{ "headings over nothing", ARTICLE, "<h2><span class=ad>x</span></h2>",
	    "<p>Words.</article>", MIB, false },
	{ "lists in lists", "", "<ul><li>a", "", MIB, true },
	{ "tables in tables", "", "<table><tr><td>a", "", MIB, true },
	{ "articles", "", "<article><p>" WORDS "</article>", "", 256 * KIB,
	    false },
	{ "bodies", "", "<div class=article-body><p>" WORDS "</div>", "",
	    256 * KIB, false },
	{ "labels of an end", "", "<p>" WORDS "<p>related", "", 256 * KIB,
	    false },
	{ "JSON", "<script type=application/ld+json>{\"@type\":\"Article\","
	    "\"articleBody\":\"", WORDS, "\"}</script>", 256 * KIB, false },
	{ "scripts", "", "<script>var a;</script>", "", 256 * KIB, false },
	{ "a comment", "<!--", "-> ", "-->" WORDS, 256 * KIB, false },
};

static void
make(struct buf *b, const struct shape *s)
{
	buf_reset(b);
	buf_add_c(b, s->open);
	while (b->n + strlen(s->unit) + strlen(s->close) <= s->bytes)
		buf_add_c(b, s->unit);
	buf_add_c(b, s->close);
	assert_false(b->failed);
}

/* The heap at its height, over what there was. */
static size_t
read_page(const struct shape *s, struct str page, size_t step)
{
	const struct article_found *f;
	size_t before = heap_live;
	struct article *a;

	heap_most = heap_live;
	a = article_new(STR("https://news.example.com/"));
	assert_non_null(a);
	for (size_t at = 0; at < page.n; at += step) {
		struct str piece = str_sub(page, at, step);

		if (!article_push(a, piece.p, piece.n))
			break;
	}
	f = article_finish(a);
	assert_non_null(f);
	if (f->is_cut != s->is_cut)
		fail_msg("%s: %s", s->says, f->is_cut ? "cut" : "not cut");
	assert_true(f->text.n <= page.n * 3);
	article_free(a);
	return heap_most - before;
}

static void
costs_twelve_times_the_page(void **state)
{
	struct buf page;

	(void)state;
	buf_init(&page, 8 * MIB);
	for (size_t i = 0; i < N(shapes); i++) {
		size_t cost, most;

		make(&page, &shapes[i]);
		cost = read_page(&shapes[i], buf_str(&page), 16 * KIB);
		most = TIMES * page.n + AT_LEAST;
		print_message("# %-32s %6.2f\n", shapes[i].says,
		    (double)cost / (double)page.n);
		if (cost > most)
			fail_msg("%s: %zu bytes of heap for %zu",
			    shapes[i].says, cost, page.n);
	}
	buf_clear(&page);
}

/* The beginning of a page that goes wrong is still found. */
static void
finds_what_stands_before(void **state)
{
	static const struct shape wrong[] = {
		{ "open tags", "<article><p>" WORDS WORDS "</p></article>",
		    "<div>", "", MIB, true },
		{ "more than is read", "<article><p>" WORDS WORDS
		    "</p></article><!--", "x", "", 6 * MIB, true },
	};
	const struct article_found *f;
	struct article *a;
	struct buf page;

	(void)state;
	buf_init(&page, 8 * MIB);
	for (size_t i = 0; i < N(wrong); i++) {
		make(&page, &wrong[i]);
		a = article_of_page(STR_NONE, buf_str(&page), STR("text/html"),
		    &f);
		assert_non_null(a);
		assert_true(f->is_cut);
		assert_true(str_starts(f->text, STR("Words of a text")));
		article_free(a);
	}
	buf_clear(&page);
}

int
main(void)
{
	const struct article_found *found;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(costs_twelve_times_the_page),
		cmocka_unit_test(finds_what_stands_before),
	};

	if (heap_watch() == 0)
		return 1;
	/* What the libraries make once and keep. */
	article_free(article_of_page(STR("https://news.example.com/"),
	    STR("<p>a"), STR_NONE, &found));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
