/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "feeds/discover.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define RSS	"<link rel=alternate type=application/rss+xml href=/rss>"

/* One line a feed: address, type, title, "?" for a guess. */
static void
show(struct buf *out, const struct discover *d)
{
	const struct discover_feed *f;

	buf_reset(out);
	for (size_t i = 0; (f = discover_feed(d, i)) != NULL; i++)
		buf_addf(out, "%.*s|%.*s|%.*s%s\n", STR_ARG(f->url),
		    STR_ARG(f->type), STR_ARG(f->title),
		    f->is_guess ? "?" : "");
}

static struct discover *
read_page(const struct discover_settings *set, struct str page, size_t step)
{
	struct discover *d = discover_new(set);

	assert_non_null(d);
	for (size_t at = 0; at < page.n; at += step) {
		struct str piece = str_sub(page, at, step);

		if (!discover_push(d, piece.p, piece.n))
			break;
	}
	discover_finish(d);
	return d;
}

static const struct page_case {
	const char	*says, *page, *want;
} cases[] = {
	{ "the usual announcement", "<!DOCTYPE html><html><head>"
	    "<link rel=\"alternate\" type=\"application/rss+xml\" "
	    "title=\"Example &raquo; Feed\" href=\"https://e.org/feed/\" />",
	    "https://e.org/feed/|application/rss+xml|Example \xC2\xBB Feed\n" },
	{ "every type", "<link rel=alternate type=application/atom+xml href=a>"
	    "<link rel=alternate type=application/feed+json href=b>"
	    "<link rel=alternate type=application/rdf+xml href=news.rdf>"
	    "<link rel=alternate type=text/xml href=rss.xml>"
	    "<link rel=alternate type=application/json href=feed.json>",
	    "http://p.example/d/a|application/atom+xml|\n"
	    "http://p.example/d/b|application/feed+json|\n"
	    "http://p.example/d/news.rdf|application/rdf+xml|\n"
	    "http://p.example/d/rss.xml|text/xml|\n"
	    "http://p.example/d/feed.json|application/json|\n" },
	{ "upper case, and more words in rel", "<LINK REL='HOME\tAlternate' "
	    "TYPE='Application/RSS+XML; charset=utf-8' HREF='/R' TITLE='T'>",
	    "http://p.example/R|application/rss+xml|T\n" },
	{ "a form feed parts words, and ends none for ever",
	    "<link rel='x\falternate\f' type=application/atom+xml href=a>",
	    "http://p.example/d/a|application/atom+xml|\n" },
	{ "rel feed needs no type", "<link rel=feed href=x>",
	    "http://p.example/d/x||\n" },
	{ "no quotes, odd quotes", "<link rel=alternate href=/a?b='c' "
	    "type=application/rss+xml><link href='/b' rel = \"alternate\"type="
	    "'application/rss+xml'>",
	    "http://p.example/a?b='c'|application/rss+xml|\n"
	    "http://p.example/b|application/rss+xml|\n" },
	{ "what is something else", "<link rel=stylesheet href=/rss.css>"
	    "<link rel=alternate hreflang=de href=/de/>"
	    "<link rel=alternate type=text/html href=/feed>"
	    "<link rel=alternate type=application/json+oembed href=/feed?o>"
	    "<link rel=alternate type=application/json href=/wp-json/wp/v2/p/2>"
	    "<link rel=alternate type=text/xml title=Sitemap href=/map.xml>"
	    "<link rel=alternate type=application/rdf+xml title=FOAF href=/me>"
	    "<link rel=EditURI type=application/rsd+xml href=/rsd>"
	    "<link rel=alternated type=application/rss+xml href=/x>"
	    "<link type=application/rss+xml href=/y>", "" },
	{ "relative addresses", "<link rel=feed href=../a><link rel=feed "
	    "href='?b'><link rel=feed href=//other.example/c><link rel=feed "
	    "href='&#10;d '>", "http://p.example/a||\nhttp://p.example/d/page?b"
	    "||\nhttp://other.example/c||\nhttp://p.example/d/d||\n" },
	{ "a base element, also behind them", "<link rel=feed href=a>"
	    "<base target=x><base href=/base/><base href=/second/>",
	    "http://p.example/base/a||\n" },
	{ "an absolute base", "<base href='https://cdn.example/x/y'>" RSS,
	    "https://cdn.example/rss|application/rss+xml|\n" },
	{ "no address, or none to ask", "<link rel=feed><link rel=feed href=''>"
	    "<link rel=feed href='javascript:feed()'><link rel=feed "
	    "href='data:application/rss+xml,x'><link rel=feed href='http://'>"
	    "<link rel=feed href='#rss'>", "" },
	{ "the old feed scheme", "<link rel=feed href='feed://f.example/a'>"
	    "<link rel=feed href='feed:https://f.example/b'>",
	    "http://f.example/a||\nhttps://f.example/b||\n" },
	{ "each once", RSS "<link rel=feed title=again href="
	    "'http://p.example/rss#x'>" RSS,
	    "http://p.example/rss|application/rss+xml|\n" },
	{ "comments last, else in order", "<link rel=feed href=/comments/feed>"
	    "<link rel=feed href=/a><link rel=feed title='Comments on it' "
	    "href=/c><link rel=feed href=/b>", "http://p.example/a||\n"
	    "http://p.example/b||\nhttp://p.example/comments/feed||\n"
	    "http://p.example/c||Comments on it\n" },
	{ "links in the body count", "<body><p>x</p><div>" RSS "</div>",
	    "http://p.example/rss|application/rss+xml|\n" },
	{ "not in comments, scripts and values", "<!-- " RSS " --><script>'"
	    RSS "'</script><p title='" RSS "'>", "" },
	{ "titles are one clean line", "<link rel=feed href=/a title='a&#10; "
	    "b&#x202E;c'>", "http://p.example/a||a bc\n" },
	{ "addresses bear no controls", "<link rel=feed href='/a\033[1m&#x202E;"
	    "b'>", "http://p.example/a[1m%e2%80%aeb||\n" },
	{ "a guess where nothing is announced", "<a href=/about>x</a>"
	    "<a href='/feed/' title=T>y</a><a href=rss.xml>z</a><a href="
	    "'/?feed=rss2'>q</a><a href=/news.rss>r</a><a href=/sitemap.xml>s"
	    "</a><a href=https://share.example/dialog/feed?x>f</a>"
	    "<a href=/feedback>t</a><a href=atom>u</a>",
	    "http://p.example/feed/||T?\nhttp://p.example/d/rss.xml||?\n"
	    "http://p.example/?feed=rss2||?\nhttp://p.example/news.rss||?\n"
	    "http://p.example/d/atom||?\n" },
	{ "no guess beside an announcement", "<a href=/feed>x</a>" RSS,
	    "http://p.example/rss|application/rss+xml|\n" },
	{ "guesses of comments last", "<a href=/comments/feed>x</a>"
	    "<a href=/feed>y</a>", "http://p.example/feed||?\n"
	    "http://p.example/comments/feed||?\n" },
	{ "text", "hello, world", "" },
	{ "nothing", "", "" },
};

static const struct discover_settings usual = {
	.base_url = "http://p.example/d/page", .max_bytes = 2 << 20
};

static void
test_cases(void **state)
{
	static const size_t steps[] = { SIZE_MAX / 2, 11, 1 };
	struct buf got;

	(void)state;
	buf_init(&got, 1 << 20);
	for (size_t i = 0; i < N(cases) * N(steps); i++) {
		const struct page_case *c = &cases[i / N(steps)];
		struct discover *d = read_page(&usual, str_from(c->page),
		    steps[i % N(steps)]);

		show(&got, d);
		if (strcmp(buf_cstr(&got), c->want) != 0)
			fail_msg("%s:\n%s", c->says, buf_cstr(&got));
		assert_null(discover_wall(d));
		discover_free(d);
	}
	buf_clear(&got);
}

/* Addresses stay as they stand where nobody knows the page's. */
static void
test_no_base(void **state)
{
	static const struct discover_settings set = { .max_bytes = 1 << 16 };
	struct discover *d = read_page(&set, STR(RSS "<link rel=feed "
	    "href='javascript:x'><link rel=feed href=https://e.org/b>"
	    "<link rel=feed href=a?b:c>"), 100);
	struct buf got;

	(void)state;
	buf_init(&got, 1 << 20);
	show(&got, d);
	assert_string_equal(buf_cstr(&got), "/rss|application/rss+xml|\n"
	    "https://e.org/b||\na?b:c||\n");
	discover_free(d);
	buf_clear(&got);
}

static const struct {
	const char	*says, *page, *want;
} sayings[] = {
	{ "one", "<link rel=feed href=/a title='The News'>",
	    "an HTML page, not a feed; it announces http://p.example/a (The "
	    "News)" },
	{ "three", "<link rel=feed href=/a><link rel=feed href=/b>"
	    "<link rel=feed href=/c title=C>", "an HTML page, not a feed; it "
	    "announces http://p.example/a, http://p.example/b, "
	    "http://p.example/c (C)" },
	{ "more than three", "<link rel=feed href=/a><link rel=feed href=/b>"
	    "<link rel=feed href=/c><link rel=feed href=/d><link rel=feed "
	    "href=/e>", "an HTML page, not a feed; it announces "
	    "http://p.example/a, http://p.example/b, http://p.example/c and 2 "
	    "more" },
	{ "none", "<title>x</title>", "an HTML page, not a feed; it announces "
	    "none" },
	{ "guesses", "<a href=/feed>x</a>", "an HTML page, not a feed; it "
	    "announces none, but links to http://p.example/feed" },
	{ "an address that is too long to tell", "<link rel=feed href="
	    "/0123456789012345678901234567890123456789012345678901234567890123"
	    "456789012345678901234567890123456789012345678901234567890123>",
	    "an HTML page, not a feed; it announces 1 feed of long address" },
	{ "a bot wall", "<title>Just a moment...</title>",
	    "a bot wall (Cloudflare challenge), not a feed" },
	{ "one by what it says", "<title>x</title><h1>Access Denied</h1><p>You "
	    "don't have permission\nto access this", "a bot wall (Akamai "
	    "refusal), not a feed" },
	{ "one by its script", "<title>Einen Moment</title><script>window."
	    "_cf_chl_opt={}</script>", "a bot wall (Cloudflare challenge), not "
	    "a feed" },
	{ "one by an attribute", "<div id=px-captcha></div>",
	    "a bot wall (PerimeterX captcha), not a feed" },
	{ "a page about them", "<title>Robots</title>" RSS "<p>Checking your "
	    "browser before accessing", "an HTML page, not a feed; it "
	    "announces http://p.example/rss" },
	{ "a title in a picture", "<svg><title>Just a moment...</title></svg>",
	    "an HTML page, not a feed; it announces none" },
};

static void
test_sayings(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(sayings); i++) {
		struct discover *d = read_page(&usual,
		    str_from(sayings[i].page), 1);
		struct err err;

		assert_int_equal(-1, discover_say(d, &err));
		if (strcmp(err.msg, sayings[i].want) != 0)
			fail_msg("%s:\n%s", sayings[i].says, err.msg);
		discover_free(d);
	}
}

/* The longest message fits, however long its parts: it ends with the count. */
static void
test_long_sayings(void **state)
{
	struct discover *d;
	struct buf page;
	struct err err;

	(void)state;
	buf_init(&page, 1 << 20);
	for (int i = 0; i < 20; i++)
		buf_addf(&page, "<link rel=feed href=/%d%090d title='%0300d'>",
		    i, 0, 0);
	d = read_page(&usual, buf_str(&page), 1460);
	assert_int_equal(-1, discover_say(d, &err));
	assert_non_null(strstr(err.msg, " and 17 more"));
	assert_true(utf8_is_valid(str_from(err.msg)));
	discover_free(d);
	buf_clear(&page);
}

/* A great many links: the first 64 are listed. */
static void
test_many(void **state)
{
	struct discover *d;
	struct buf page;

	(void)state;
	buf_init(&page, 2 << 20);
	for (int i = 0; page.n < (1 << 20); i++)
		buf_addf(&page, "<link rel=feed href=/%d>", i);
	d = read_page(&usual, buf_str(&page), 1460);
	assert_non_null(discover_feed(d, 63));
	assert_null(discover_feed(d, 64));
	discover_free(d);
	buf_clear(&page);
}

/* However long they are, what is kept is bounded, and the first count. */
static void
test_long_links(void **state)
{
	const struct discover_settings *sets[] = { &usual,
		&discover_in_passing };

	(void)state;
	for (size_t i = 0; i < N(sets); i++) {
		struct discover_settings set = *sets[i];
		struct discover *d;
		struct buf page;
		size_t n = 0;

		set.base_url = "http://p.example/";
		buf_init(&page, 2 << 20);
		buf_addf(&page, "<base href='http://b.example/%0900d/'>", 0);
		for (int k = 0; k < 100; k++)
			buf_addf(&page, "<link rel=feed href='%d%0*d'>", k,
			    k % 2 > 0 ? 7000 : 700, 0);
		d = read_page(&set, buf_str(&page), 1460);
		while (discover_feed(d, n) != NULL)
			n++;
		assert_true(i == 0 ? n == 64 : n > 5 && n < 30);
		discover_free(d);
		buf_clear(&page);
	}
}

/* In passing: up to the body once something is announced, 256 KiB else. */
static void
test_in_passing(void **state)
{
	struct discover *d;
	struct buf page;

	(void)state;
	buf_init(&page, 1 << 20);
	buf_add_c(&page, "<head>" RSS "</head><body><link rel=feed href=/2>");
	d = read_page(&discover_in_passing, buf_str(&page), page.n);
	assert_non_null(discover_feed(d, 0));
	assert_null(discover_feed(d, 1));
	discover_free(d);

	buf_reset(&page);
	buf_add_c(&page, "<body>");
	while (page.n < 300 << 10)
		buf_add_c(&page, "<p>x</p>\n");
	buf_add_c(&page, RSS);
	d = discover_new(&discover_in_passing);
	assert_false(discover_push(d, page.p, page.n));
	discover_finish(d);
	assert_null(discover_feed(d, 0));
	discover_free(d);
	d = read_page(&usual, buf_str(&page), page.n);
	assert_non_null(discover_feed(d, 0));
	discover_free(d);
	buf_clear(&page);
}

#define TITLED(before, title)	before "<link rel=feed href=/a title='" title \
	"'>"

static void
test_charsets(void **state)
{
	static const struct {
		const char	*says, *page, *type, *want;
	} pages[] = {
		{ "the header", TITLED("<meta charset=koi8-r>", "\xE9"),
		    "text/html; charset=iso-8859-1", "\xC3\xA9" },
		{ "the page's own word", TITLED("<meta charset='koi8-r'>",
		    "\xE9"), "text/html", "\xD0\x98" },
		{ "the older form of it", TITLED("<META http-equiv=Content-Type"
		    " content='text/html;CHARSET=windows-1251'>", "\xE9"), "",
		    "\xD0\xB9" },
		{ "UTF-8 where nothing is said", TITLED("", "\xC3\xA9"), "",
		    "\xC3\xA9" },
		{ "windows-1252 where that cannot be", TITLED("", "\x93\xE9"),
		    "", "\xE2\x80\x9C\xC3\xA9" },
		{ "a word that is not true", TITLED("<meta charset=utf-16>",
		    "\xC3\xA9"), "", "\xC3\xA9" },
	};

	(void)state;
	for (size_t i = 0; i < N(pages); i++) {
		struct discover *d = discover_page(&usual,
		    str_from(pages[i].page), str_from(pages[i].type));
		const struct discover_feed *f;

		assert_non_null(d);
		f = discover_feed(d, 0);
		assert_non_null(f);
		if (!str_eq_c(f->title, pages[i].want))
			fail_msg("%s: %.*s", pages[i].says, STR_ARG(f->title));
		discover_free(d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_no_base),
		cmocka_unit_test(test_sayings),
		cmocka_unit_test(test_long_sayings),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_long_links),
		cmocka_unit_test(test_in_passing),
		cmocka_unit_test(test_charsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
