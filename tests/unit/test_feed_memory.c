/* SPDX-License-Identifier: ISC */
/*
 * What a document in flight costs: the most heap that a parser holds while it
 * reads, beyond the largest item's own bytes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "feeds/feed_parser.h"
#include "tests/unit/heap_rig.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* A start tag is given to libxml2 as a whole, and kept there in parts: one
 * of 64 KiB (feeds/scrub's limit) costs more for as long as it is read. */
enum { KIB = 1024, IN_FLIGHT_MAX = 64 * KIB, IN_TAG_MAX = 384 * KIB };

/* What libxml2 holds of its input: twice for a moment where realloc copies. */
enum { XML_INPUT = 16 * KIB };

/* -- Reading -------------------------------------------------------------- */

static size_t
bytes_of(const struct item *it)
{
	size_t n = it->id.n + it->url.n + it->title.n + it->summary.s.n +
	    it->content.s.n + it->language.n;

	for (size_t i = 0; i < it->n_authors; i++)
		n += it->authors[i].name.n + it->authors[i].email.n +
		    it->authors[i].url.n;
	for (size_t i = 0; i < it->n_tags; i++)
		n += it->tags[i].n;
	for (size_t i = 0; i < it->n_attachments; i++)
		n += it->attachments[i].url.n + it->attachments[i].type.n;
	return n;
}

struct seen {
	size_t	items, largest;
};

static int
on_item(const struct item *it, void *ctx)
{
	struct seen *s = ctx;
	size_t n = bytes_of(it);

	s->items++;
	s->largest = n > s->largest ? n : s->largest;
	return 0;
}

static size_t	worst;		/* that was seen in a test */

/* The heap that reading took at its height, less the largest item. */
static size_t
cost_of(struct str doc, size_t step, struct seen *seen)
{
	static const struct feed_parser_ops ops = { on_item };
	struct feed_parser_settings set = feed_parser_defaults;
	struct feed_parser *p;
	struct err err;
	size_t before = heap_live;

	*seen = (struct seen){ 0 };
	set.base_url = "https://news.example.com/feed";
	heap_most = heap_live;
	p = feed_parser_new(&ops, seen, &set);
	assert_non_null(p);
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		if (feed_parser_push(p, piece.p, piece.n, &err) == -1)
			break;
	}
	(void)feed_parser_finish(p, &err);
	feed_parser_free(p);
	return heap_most - before > seen->largest ?
	    heap_most - before - seen->largest : 0;
}

static void
check_document(const char *says, struct str doc, size_t limit)
{
	static const size_t steps[] = { 1460, 16384 };
	struct seen seen;
	size_t cost;

	for (size_t i = 0; i < N(steps); i++) {
		cost = cost_of(doc, steps[i], &seen);
		worst = cost > worst ? cost : worst;
		if (cost > limit + REALLOC_COPIES * (seen.largest + XML_INPUT))
			fail_msg("%s (by %zu): %zu bytes beside the largest "
			    "item's %zu", says, steps[i], cost, seen.largest);
	}
}

/* -- Documents ------------------------------------------------------------ */

struct shape {
	const char	*says, *open, *unit, *close;
	size_t		 times, limit;
};

#define RSS	"<rss version='2.0'><channel><title>T</title>"
#define OPEN	RSS "<item><title>T</title><description>"
#define CLOSE	"</description></item></channel></rss>"
#define WORDS	"Words of a text that goes on for long, &amp; more. "

static const struct shape shapes[] = {
	{ "an empty feed", RSS, "", "</channel></rss>", 0, IN_FLIGHT_MAX },
	{ "small items", RSS, "<item><guid>g</guid><title>T</title>"
	    "<description>" WORDS "</description></item>", "</channel></rss>",
	    2000, IN_FLIGHT_MAX },
	{ "items of 5 KB", RSS "<item><description>" WORDS, WORDS,
	    CLOSE, 100, IN_FLIGHT_MAX },
	{ "a text of 50 KB", OPEN, WORDS, CLOSE, 1000, IN_FLIGHT_MAX },
	{ "a text of 100 KB", OPEN, WORDS, CLOSE, 2000, IN_FLIGHT_MAX },
	{ "a text of 1 MB", OPEN, WORDS, CLOSE, 20000, IN_FLIGHT_MAX },
	{ "a text of 3 MB", OPEN, WORDS, CLOSE, 60000, IN_FLIGHT_MAX },
	{ "CDATA of 50 KB", OPEN "<![CDATA[", WORDS, "]]>" CLOSE,
	    1000, IN_FLIGHT_MAX },
	{ "CDATA of 3 MB", OPEN "<![CDATA[", WORDS, "]]>" CLOSE,
	    60000, IN_FLIGHT_MAX },
	{ "escaped markup", OPEN, "&lt;p&gt;" WORDS "&lt;/p&gt;", CLOSE,
	    2000, IN_FLIGHT_MAX },
	{ "markup in a text", OPEN, "<p class='x'>" WORDS "</p>", CLOSE,
	    2000, IN_FLIGHT_MAX },
	{ "many tags", RSS "<item>", "<category>a tag</category>",
	    "</item></channel></rss>", 3000, IN_FLIGHT_MAX },
	{ "many attributes", RSS "<item", " a='" WORDS "'",
	    "/></channel></rss>", 3000, IN_TAG_MAX },
	{ "one attribute", RSS "<item a='", WORDS, "'/></channel></rss>",
	    3000, IN_TAG_MAX },
	{ "a comment", RSS "<!--", WORDS, "--></channel></rss>",
	    3000, IN_FLIGHT_MAX },
	{ "many names", RSS, "<a><b><c><d/></c></b></a>", "</channel></rss>",
	    3000, IN_FLIGHT_MAX },
};

static void
make(struct buf *b, const struct shape *s)
{
	buf_reset(b);
	buf_add_c(b, s->open);
	for (size_t i = 0; i < s->times; i++)
		buf_add_c(b, s->unit);
	buf_add_c(b, s->close);
	assert_false(b->failed);
}

static void
costs_little(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 16 << 20);
	for (size_t i = 0; i < N(shapes); i++) {
		make(&b, &shapes[i]);
		check_document(shapes[i].says, buf_str(&b),
		    shapes[i].limit);
	}
	buf_clear(&b);
}

/* All of them at a cut in the middle of an item. */
static void
costs_as_many_times(void **state)
{
	enum { MANY = 16, STEP = 1460, ITEM = 94000 };
	static const struct feed_parser_ops ops = { on_item };
	struct feed_parser *p[MANY];
	struct seen seen = { 0 };
	size_t before = heap_live;
	struct err err;
	struct buf b;

	(void)state;
	buf_init(&b, 16 << 20);
	make(&b, &shapes[4]);
	before = heap_most = heap_live;
	for (size_t i = 0; i < MANY; i++) {
		p[i] = feed_parser_new(&ops, &seen, &feed_parser_defaults);
		assert_non_null(p[i]);
	}
	for (size_t at = 0; at + STEP < b.n; at += STEP)
		for (size_t i = 0; i < MANY; i++)
			assert_int_equal(feed_parser_push(p[i], b.p + at,
			    STEP, &err), 0);
	assert_true(heap_live - before > MANY * (size_t)ITEM);
	assert_true(heap_live - before <=
	    MANY * (size_t)(ITEM + IN_FLIGHT_MAX));
	for (size_t i = 0; i < MANY; i++)
		feed_parser_free(p[i]);
	buf_clear(&b);
}

static void
check_file(const char *path)
{
	struct buf doc;
	FILE *f = fopen(path, "rb");
	char *to;
	size_t n;

	assert_non_null(f);
	buf_init(&doc, 64 << 20);
	while ((to = buf_reserve(&doc, 65536)) != NULL &&
	    (n = fread(to, 1, 65536, f)) > 0)
		doc.n += n;
	assert_int_equal(fclose(f), 0);
	check_document(path, buf_str(&doc), IN_FLIGHT_MAX);
	buf_clear(&doc);
}

/* Feeds from outside, where HEADLINED_SUITES names a folder of them. */
static void
costs_little_for_real_feeds(void **state)
{
	const char *suites = getenv("HEADLINED_SUITES");
	char path[1024];
	struct dirent *e;
	size_t n = 0;
	DIR *dir;

	(void)state;
	worst = 0;
	if (suites == NULL) {
		/* cmocka's skip() is no skip in TAP. */
		print_message("# HEADLINED_SUITES names no folder: only "
		    "fixtures of our own were read\n");
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/real-feeds", suites);
	dir = opendir(path);
	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		if (strstr(e->d_name, ".xml") == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s/real-feeds/%s", suites,
		    e->d_name);
		check_file(path);
		n++;
	}
	assert_int_equal(closedir(dir), 0);
	assert_true(n > 0);
	print_message("# %zu feeds: at most %zu bytes\n", n, worst);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(costs_little),
		cmocka_unit_test(costs_as_many_times),
		cmocka_unit_test(costs_little_for_real_feeds),
	};
	struct seen seen;

	if (heap_watch() == 0)
		return 1;
	/* What the libraries make once and keep. */
	(void)cost_of(STR("<rss/>"), 1, &seen);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
