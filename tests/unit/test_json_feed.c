/* SPDX-License-Identifier: ISC */
/* JSON Feed, through the parser that everybody uses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "feeds/feed_parser.h"

#define FEED_SHOWN_BASE	""

#include "tests/unit/feed_shown.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define V11	"\"version\":\"https://jsonfeed.org/version/1.1\""
#define FEED(inside)	"{" V11 "," inside "}"
#define ITEM(inside)	FEED("\"items\":[{" inside "}]")

/* -- Reading --------------------------------------------------------------- */

static const struct feed_parser_settings settings = {
	.base_url = "http://b.example/dir/feed.json",
	.now_s = 1795000000,			/* 2026-11-18 */
	.max_document_bytes = 1 << 20,
	.max_item_bytes = 200,
	.max_depth = 8
};

struct feed_case {
	const char	*says, *doc, *expect;
};

/* Whole, as packets come, and byte by byte. */
static void
check(const struct feed_case *cases, size_t n, int what)
{
	static const size_t steps[] = { SIZE_MAX / 2, 1460, 7, 1 };
	struct buf out;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < N(steps); k++) {
			buf_reset(&out);
			read_document(str_from(cases[i].doc), steps[k],
			    &settings, what, &out);
			if (!str_eq_c(buf_str(&out), cases[i].expect))
				print_message("%s (steps of %zu)\n",
				    cases[i].says, steps[k]);
			assert_string_equal(buf_cstr(&out), cases[i].expect);
		}
	buf_clear(&out);
}

/* -- What a feed says of itself -------------------------------------------- */

static void
reads_the_feed(void **state)
{
	static const struct feed_case cases[] = {
		{ "1.1, all of it",
		    FEED("\"title\":\"T &amp; x\",\"home_page_url\":"
		    "\"https://e.example/\",\"feed_url\":\"f.json\","
		    "\"description\":\"D\",\"user_comment\":\"U\","
		    "\"next_url\":\"n\",\"icon\":\"/i.png\","
		    "\"favicon\":\"/f.ico\",\"authors\":[{\"name\":\"Jo\","
		    "\"url\":\"/jo\",\"avatar\":\"a\"},{\"name\":\"Al\"}],"
		    "\"language\":\"en-GB\",\"expired\":true,\"hubs\":[{"
		    "\"type\":\"WebSub\",\"url\":\"https://h.example/\"}],"
		    "\"items\":[]"),
		    "feed json\nencoding=utf-8\ntitle=T &amp; x\n"
		    "home=https://e.example/\n"
		    "self=http://b.example/dir/f.json\n"
		    "hub=https://h.example/\ndescription(plain)=D\n"
		    "base=http://b.example/dir/feed.json\nlang=en-GB\n"
		    "icon=http://b.example/i.png\n"
		    "author=Jo||http://b.example/jo\nauthor=Al||\n" },
		{ "1.0 has one author",
		    "{\"version\":\"https://jsonfeed.org/version/1\",\"title\":"
		    "\"T\",\"author\":{\"name\":\"Jo\"}}",
		    "feed json\nencoding=utf-8\ntitle=T\nauthor=Jo||\n" },
		{ "what stands behind the items counts",
		    "{\"items\":[{\"id\":\"1\"}],\"title\":\"T\"," V11 "}",
		    "feed json\nencoding=utf-8\ntitle=T\n" },
		{ "an icon is better than a favicon, the first title than a "
		    "second", FEED("\"favicon\":\"http://f.example/\",\"icon\":"
		    "\"http://i.example/\",\"title\":\"\",\"title\":\"T\","
		    "\"title\":\"U\""),
		    "feed json\nencoding=utf-8\ntitle=T\n"
		    "icon=http://i.example/\n" },
		{ "rssCloud is no hub of ours", FEED("\"hubs\":[{\"type\":"
		    "\"rssCloud\",\"url\":\"http://c.example/\"},{\"url\":"
		    "\"http://h.example/\",\"type\":\"websub\"}]"),
		    "feed json\nencoding=utf-8\nhub=http://h.example/\n" },
		{ "http, capitals and white space before it",
		    "\n {\"version\": \"HTTP://JSONFeed.org/version/1.1\"}",
		    "feed json\nencoding=utf-8\n" },
		{ "a byte order mark", "\xef\xbb\xbf" FEED("\"title\":\"T\""),
		    "feed json\nencoding=utf-8\ntitle=T\n" },
		{ "titles and the like in extensions are not the feed's",
		    FEED("\"_x\":{\"title\":\"X\",\"items\":[{\"id\":\"x\"}]},"
		    "\"title\":\"T\""),
		    "feed json\nencoding=utf-8\ntitle=T\n" },
	};

	(void)state;
	check(cases, N(cases), SHOW_FEED);
}

/* -- Items ----------------------------------------------------------------- */

static void
reads_items(void **state)
{
	static const struct feed_case cases[] = {
		{ "1.1, all of it",
		    ITEM("\"id\":\"i\",\"url\":\"/u\",\"title\":\"T\","
		    "\"content_html\":\"<p>C\",\"summary\":\"S\","
		    "\"date_published\":\"2026-11-01T10:00:00Z\","
		    "\"date_modified\":\"2026-11-01T11:00:00+01:00\","
		    "\"authors\":[{\"name\":\"Jo\"}],\"tags\":[\"a\",\"b\"],"
		    "\"language\":\"de\",\"image\":\"x\",\"attachments\":[{"
		    "\"url\":\"a.mp3\",\"mime_type\":\"audio/mpeg\","
		    "\"size_in_bytes\":1234,\"duration_in_seconds\":5}]"),
		    "item\nid=i\nurl=http://b.example/u\ntitle=T\n"
		    "summary(plain)=S\nbase=http://b.example/dir/feed.json\n"
		    "content(html)=<p>C\nbase=http://b.example/dir/feed.json\n"
		    "lang=de\npublished=1793527200\nupdated=1793527200\n"
		    "author=Jo||\ntag=a\ntag=b\n"
		    "file=http://b.example/dir/a.mp3|audio/mpeg|1234\n" },
		{ "each is its own", FEED("\"items\":[{\"id\":\"1\",\"tags\":["
		    "\"a\"]},{\"id\":\"2\"}]"),
		    "item\nid=1\ntag=a\nitem\nid=2\n" },
		{ "a number is an id too", ITEM("\"id\":17"),
		    "item\nid=17\n" },
		{ "as written", ITEM("\"id\":1.50"), "item\nid=1.50\n" },
		{ "HTML before text, in either order",
		    FEED("\"items\":[{\"content_text\":\"t\","
		    "\"content_html\":\"h\"},{\"content_html\":\"h\","
		    "\"content_text\":\"t\"},{\"content_text\":\"a<b\"},"
		    "{\"content_html\":\"\",\"content_text\":\"t\"}]"),
		    "item\ncontent(html)=h\n"
		    "base=http://b.example/dir/feed.json\n"
		    "item\ncontent(html)=h\n"
		    "base=http://b.example/dir/feed.json\n"
		    "item\ncontent(plain)=a<b\n"
		    "base=http://b.example/dir/feed.json\n"
		    "item\ncontent(plain)=t\n"
		    "base=http://b.example/dir/feed.json\n" },
		{ "url before external_url, in either order",
		    FEED("\"items\":[{\"external_url\":\"http://e.example/\","
		    "\"url\":\"http://u.example/\"},{\"url\":"
		    "\"http://u.example/\",\"external_url\":"
		    "\"http://e.example/\"},{\"external_url\":"
		    "\"http://e.example/\"}]"),
		    "item\nurl=http://u.example/\nitem\nurl=http://u.example/\n"
		    "item\nurl=http://e.example/\n" },
		{ "author and authors are one person",
		    ITEM("\"author\":{\"name\":\"Jo\"},\"authors\":[{\"name\":"
		    "\"Jo\",\"url\":\"http://jo.example/\"},{\"name\":\"Al\"},"
		    "{},{\"name\":\"Jo\",\"url\":\"http://other.example/\"}]"),
		    "item\nauthor=Jo||http://jo.example/\nauthor=Al||\n"
		    "author=Jo||http://other.example/\n" },
		{ "names instead of persons, one instead of many",
		    ITEM("\"authors\":[\"Jo\",\"Al <al@e.example>\"],"
		    "\"author\":\"Jo\",\"tags\":\"a\",\"attachments\":{\"url\":"
		    "\"http://a.example/\"}"),
		    "item\nauthor=Jo||\nauthor=Al|al@e.example|\ntag=a\n"
		    "file=http://a.example/||0\n" },
		{ "sizes in other dresses", ITEM("\"attachments\":[{\"url\":"
		    "\"http://a.example/1\",\"size_in_bytes\":\"12\"},{\"url\":"
		    "\"http://a.example/2\",\"size_in_bytes\":1.2e1},{\"url\":"
		    "\"http://a.example/3\",\"size_in_bytes\":-1},{"
		    "\"size_in_bytes\":5}]"),
		    "item\nfile=http://a.example/1||12\n"
		    "file=http://a.example/2||12\n"
		    "file=http://a.example/3||0\n" },
		{ "values of a wrong kind say nothing",
		    ITEM("\"id\":null,\"title\":{\"rendered\":\"x\"},\"url\":"
		    "true,\"tags\":[null,{\"name\":\"x\"},[\"y\"],\"z\"],"
		    "\"summary\":[\"S\"],\"authors\":null"),
		    "item\nsummary(plain)=S\n"
		    "base=http://b.example/dir/feed.json\ntag=z\n" },
		{ "extensions at any depth",
		    ITEM("\"_x\":{\"id\":\"x\",\"_y\":[{\"title\":\"y\"}]},"
		    "\"id\":\"i\""), "item\nid=i\n" },
		{ "a title is one line of plain text",
		    ITEM("\"title\":\" a\\n  <b> &lt; \""),
		    "item\ntitle=a <b> &lt;\n" },
		{ "what is among the items and is no map is passed over",
		    FEED("\"items\":[1,\"x\",null,[{\"id\":\"no\"}],{\"id\":"
		    "\"i\"}]"), "item\nid=i\n" },
		{ "lists of items add up", FEED("\"items\":[{\"id\":\"1\"}],"
		    "\"items\":[{\"id\":\"2\"}]"),
		    "item\nid=1\nitem\nid=2\n" },
	};

	(void)state;
	check(cases, N(cases), SHOW_ITEMS);
}

static void
mends_and_warns(void **state)
{
	static const struct feed_case cases[] = {
		{ "a whole feed has no warning", ITEM("\"id\":\"1\""),
		    "item\nid=1\nend complete\n" },
		{ "bare control characters and escaped ones",
		    ITEM("\"id\":\"a\tb\\u0000\x01\""),
		    "item\nid=a\tb\nend complete\n"
		    "warning control_character 3\n" },
		{ "no UTF-8, half a pair of surrogates",
		    ITEM("\"id\":\"a\xff\",\"title\":\"\\ud83d\""),
		    "item\nid=a\xef\xbf\xbd\ntitle=\xef\xbf\xbd\nend complete\n"
		    "warning bad_utf8 1\nwarning bad_reference 1\n" },
		{ "C1 controls are windows-1252, other letters with C2 stay",
		    ITEM("\"id\":\"\xc2\xa9 don\xc2\x92t \\u009b\xc2\xa9\""),
		    "item\nid=\xc2\xa9 don\xe2\x80\x99t \xe2\x80\xba\xc2\xa9\n"
		    "end complete\nwarning c1_control 2\n" },
		{ "dates that are none, and of next year",
		    ITEM("\"date_published\":\"soon\",\"date_modified\":"
		    "\"2027-11-18T00:00:00Z\""),
		    "item\nupdated=1795000000\nin future\nend complete\n"
		    "warning bad_date 1\nwarning future_date 1\n" },
		{ "17 authors", ITEM("\"authors\":[\"1\",\"2\",\"3\",\"4\","
		    "\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\","
		    "\"13\",\"14\",\"15\",\"16\",{\"name\":\"17\"}]"),
		    "item\nauthor=1||\nauthor=2||\nauthor=3||\nauthor=4||\n"
		    "author=5||\nauthor=6||\nauthor=7||\nauthor=8||\n"
		    "author=9||\nauthor=10||\nauthor=11||\nauthor=12||\n"
		    "author=13||\nauthor=14||\nauthor=15||\nauthor=16||\n"
		    "end complete\nwarning too_many_parts 1\n" },
		{ "last commas", "{\"items\":[{\"id\":\"1\",},],}",
		    "item\nid=1\nend complete\nwarning stray_comma 3\n" },
		{ "junk behind the end", ITEM("\"id\":\"1\"") "]]>\xff{\"x",
		    "item\nid=1\nend complete\n" },
		{ "cut within an item: those before it count",
		    "{" V11 ",\"items\":[{\"id\":\"1\"},{\"id\":\"2\",",
		    "item\nid=1\nend truncated\nwarning truncated 1\n" },
		{ "cut before the items", "{" V11 ",\"tit",
		    "end truncated\nwarning truncated 1\n" },
	};

	(void)state;
	check(cases, N(cases), SHOW_ITEMS | SHOW_END);
}

/* -- What is no feed, and what is too much -------------------------------- */

static void
names_strangers(void **state)
{
	static const struct feed_case cases[] = {
		{ "an API's answer with a list of items",
		    "{\"total\":3,\"items\":[{\"id\":1,\"title\":\"T\"}]}",
		    "feed unknown\nencoding=utf-8\nend not a feed: a JSON "
		    "document without a JSON Feed's version, not a feed\n" },
		{ "an error with an empty list of items",
		    "{\"items\":[],\"error\":{\"code\":403}}",
		    "feed unknown\nencoding=utf-8\nend not a feed: an error "
		    "message in JSON, not a feed\n" },
		{ "items that say nothing", "{\"items\":[{\"name\":\"a\"}]}",
		    "feed unknown\nencoding=utf-8\nend not a feed: a JSON "
		    "document without a JSON Feed's version, not a feed\n" },
		{ "a map", "{\"a\":1}", "feed unknown\nencoding=utf-8\nend not "
		    "a feed: a JSON document without items, not a feed\n" },
		{ "an empty one", "{}", "feed unknown\nencoding=utf-8\nend not "
		    "a feed: a JSON document without items, not a feed\n" },
		{ "an array", "[{\"id\":1,\"title\":\"x\"}]",
		    "feed unknown\nencoding=utf-8\n"
		    "end not a feed: a JSON array, not a feed\n" },
		{ "an empty array", "[]", "feed unknown\nencoding=utf-8\n"
		    "end not a feed: a JSON array, not a feed\n" },
		{ "an error message", "{\"code\":404,\"error\":{\"items\":[{}]"
		    "}}", "feed unknown\nencoding=utf-8\nend not a feed: an "
		    "error message in JSON, not a feed\n" },
		{ "items that are none", "{\"items\":[1,2]}",
		    "feed unknown\nencoding=utf-8\nend not a feed: a JSON "
		    "document without items, not a feed\n" },
		{ "items in a map", "{\"items\":{\"id\":1}}",
		    "feed unknown\nencoding=utf-8\nend not a feed: a JSON "
		    "document without items, not a feed\n" },
		{ "another's version", "{\"version\":\"https://other.example/"
		    "version/1\"}", "feed unknown\nencoding=utf-8\nend not a "
		    "feed: a JSON document without items, not a feed\n" },
		{ "no items in the list, no version", "{\"items\":[]}",
		    "feed json\nencoding=utf-8\nend complete\n" },
		{ "no JSON at all", "{]", "feed unknown\nencoding=utf-8\nend "
		    "not a feed: not a feed: JSON: parse error: invalid object "
		    "key (must be a string) (line 1, column 2)\n" },
		{ "text in brackets", "[Error] no database",
		    "feed unknown\nencoding=utf-8\nend not a feed: not a feed: "
		    "JSON: lexical error: invalid char in json text. (line 1, "
		    "column 2)\n" },
		{ "cut before it can be known", "{\"title\":\"x\",\"items\":[",
		    "feed unknown\nencoding=utf-8\ntitle=x\nend not a feed: "
		    "JSON cut short before any item, not a feed\n" },
	};

	(void)state;
	check(cases, N(cases), SHOW_FEED | SHOW_END);
}

static void
keeps_caps(void **state)
{
	static const char fifty[] =
	    "12345678901234567890123456789012345678901234567890";
	struct buf out, doc;
	static const size_t steps[] = { SIZE_MAX / 2, 1460, 1 };
	const struct {
		const char *says, *head, *unit, *tail, *expect;
		size_t n;
	} cases[] = {
		{ "a text of 150 bytes",
		    "{\"items\":[{\"id\":\"1\"},{\"id\":\"", fifty,
		    "\"}]}", "item\nid=1\nitem\nid=", 3 },
		{ "a text of more", "{\"items\":[{\"id\":\"1\"},{\"id\":\"",
		    fifty, "\"}]}", "item\nid=1\nend failed: an item over "
		    "max_item_bytes (200)\n", 5 },
		{ "many of them", "{\"items\":[{\"id\":\"1\"},{\"tags\":[\"\"",
		    ",\"12345678901234567890\",\"x2345678901234567890\","
		    "\"y2345678901234567890\",\"z2345678901234567890\","
		    "\"w2345678901234567890\",\"v2345678901234567890\","
		    "\"u2345678901234567890\",\"t2345678901234567890\","
		    "\"s2345678901234567890\",\"r2345678901234567890\","
		    "\"q2345678901234567890\",\"p2345678901234567890\"",
		    "]}]}", "item\nid=1\nend failed: an item over "
		    "max_item_bytes (200)\n", 1 },
		{ "parts of an attachment", "{\"items\":[{\"id\":\"1\"},{"
		    "\"attachments\":[{\"url\":\"http://a.example/", fifty,
		    "\",\"mime_type\":\"12345678901234567890123456789012345678"
		    "90\"}]}]}", "item\nid=1\nend failed: an item over "
		    "max_item_bytes (200)\n", 3 },
		{ "the feed's own texts", "{\"items\":[{\"id\":\"1\"}],"
		    "\"title\":\"", fifty, "\"}", "item\nid=1\nend failed: "
		    "what the feed says of itself over max_item_bytes "
		    "(200)\n", 5 },
		{ "an extension may be long", "{\"items\":[{\"id\":\"1\","
		    "\"_x\":\"", fifty, "\"}]}", "item\nid=1\nend complete\n",
		    40 },
		{ "depth, in extensions too", "{\"items\":[{\"id\":\"1\"},{"
		    "\"_x\":", "[", "", "item\nid=1\nend failed: over "
		    "max_depth (8)\n", 6 },
		{ "and in what may yet be a feed", "{\"_x\":", "[", "",
		    "end failed: over max_depth (8)\n", 8 },
	};

	(void)state;
	buf_init(&out, 1 << 20);
	buf_init(&doc, 1 << 20);
	for (size_t i = 0; i < N(cases); i++) {
		buf_reset(&doc);
		buf_add_c(&doc, cases[i].head);
		for (size_t k = 0; k < cases[i].n; k++)
			buf_add_c(&doc, cases[i].unit);
		buf_add_c(&doc, cases[i].tail);
		for (size_t k = 0; k < N(steps); k++) {
			buf_reset(&out);
			read_document(buf_str(&doc), steps[k], &settings,
			    SHOW_ITEMS | SHOW_END, &out);
			if (!str_starts(buf_str(&out),
			    str_from(cases[i].expect)))
				fail_msg("%s: %s", cases[i].says,
				    buf_cstr(&out));
		}
	}
	buf_clear(&out);
	buf_clear(&doc);
}

static void
breaks_where_it_breaks(void **state)
{
	static const struct feed_case cases[] = {
		{ "items before the fault count, and it has a place",
		    "{" V11 ",\n\"items\":[{\"id\":\"1\"},\n {\"id\":2 3}]}",
		    "item\nid=1\nend failed: JSON: parse error: after key and "
		    "value, inside map, I expect ',' or '}' (line 3, column "
		    "10)\n" },
		{ "known by its version alone", "{" V11 ",,\"",
		    "end failed: JSON: parse error: invalid object key (must "
		    "be a string) (line 1, column 47)\n" },
	};
	struct feed_parser_settings set = settings;
	struct buf out;

	(void)state;
	check(cases, N(cases), SHOW_ITEMS | SHOW_END);
	buf_init(&out, 1 << 16);
	set.max_document_bytes = 35;
	read_document(STR("{\"items\":[{\"id\":\"1\"},{\"id\":\"2\"}      ]}"),
	    1, &set, SHOW_ITEMS | SHOW_END, &out);
	assert_string_equal(buf_cstr(&out), "item\nid=1\nitem\nid=2\nend "
	    "failed: over max_document_bytes (35)\n");
	buf_reset(&out);
	set.max_document_bytes = 9;
	read_document(STR("{\"title\":\"before anything is known\"}"), 1,
	    &set, SHOW_ITEMS | SHOW_END, &out);
	assert_string_equal(buf_cstr(&out), "end failed: over "
	    "max_document_bytes (9)\n");
	buf_clear(&out);
}

/* Many packets, so that their ends fall everywhere. */
static void
reads_alike_however_cut(void **state)
{
	static const size_t steps[] = { 1, 7, 1460, 16384 };
	const int all = SHOW_ITEMS | SHOW_FEED | SHOW_END;
	struct feed_parser_settings set = settings;
	struct buf doc, whole, pieces;

	(void)state;
	set.max_item_bytes = 4096;
	buf_init(&doc, 1 << 20);
	buf_init(&whole, 1 << 20);
	buf_init(&pieces, 1 << 20);
	buf_add_c(&doc, "{\"items\":[");
	for (int i = 0; i < 300; i++)
		buf_addf(&doc, "{\"id\": %d.%d,\n\t\"title\":\"caf\xc3\xa9 "
		    "\\ud83d\\ude00%.*s \\ud83d\\n\xf0\x9f\x98\x80\xff\t\","
		    "\"_x\":[{\"\\\"\":[null,true,-1.5e3]},\"\\\\\"],"
		    "\"authors\":[{\"name\":\"\xe2\x82\xac%d\"},],},\n", i, i,
		    i % 20, "\\u00e9\\u00e9\\u00e9\\t", i);
	buf_add_c(&doc, "],\"title\":\"T\",\"authors\":[\"Jo\"]} junk");
	assert_false(doc.failed);
	read_document(buf_str(&doc), doc.n, &set, all, &whole);
	assert_non_null(strstr(buf_cstr(&whole), "id=299.299"));
	assert_non_null(strstr(buf_cstr(&whole), "title=T"));
	assert_non_null(strstr(buf_cstr(&whole), "warning stray_comma 601"));
	for (size_t k = 0; k < N(steps); k++) {
		buf_reset(&pieces);
		read_document(buf_str(&doc), steps[k], &set, all, &pieces);
		assert_string_equal(buf_cstr(&pieces), buf_cstr(&whole));
	}
	buf_clear(&doc);
	buf_clear(&whole);
	buf_clear(&pieces);
}

static int
refuse_item(const struct item *it, void *ctx)
{
	(void)it;
	(void)ctx;
	return 1;
}

static int
count_item(const struct item *it, void *ctx)
{
	size_t *n = ctx;

	(void)it;
	++*n;
	return 0;
}

/* The bracket that ends an item is enough. */
static void
gives_items_at_once(void **state)
{
	static const struct feed_parser_ops ops = { count_item },
	    refusing = { refuse_item };
	static const char doc[] = "{\"items\":[{\"id\":\"1\"}";
	struct err err = { .msg = "" };
	size_t n = 0;
	struct feed_parser *p = feed_parser_new(&ops, &n, &settings);

	(void)state;
	assert_non_null(p);
	/* Up to a kilobyte is kept back until the charset is known. */
	for (size_t i = 0; i < 1024; i++)
		assert_int_equal(feed_parser_push(p, " ", 1, &err), 0);
	assert_int_equal(feed_parser_push(p, doc, sizeof(doc) - 2, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(feed_parser_push(p, "}", 1, &err), 0);
	assert_int_equal(n, 1);
	feed_parser_free(p);

	p = feed_parser_new(&refusing, NULL, &settings);
	assert_non_null(p);
	(void)feed_parser_push(p, doc, sizeof(doc) - 1, &err);
	assert_int_equal(feed_parser_finish(p, &err), FEED_END_FAILED);
	assert_string_equal(err.msg, "stopped by the reader of its items");
	feed_parser_free(p);
}

static void
reads_a_long_item(void **state)
{
	enum { LONG = 3 << 20 };
	static const struct feed_parser_ops ops = { count_item };
	struct feed_parser_settings set = { .max_document_bytes = LONG + 100,
	    .max_item_bytes = LONG, .max_depth = 8 };
	size_t n_items = 0;
	struct feed_parser *p = feed_parser_new(&ops, &n_items, &set);
	struct err err;
	struct buf doc;

	(void)state;
	assert_non_null(p);
	buf_init(&doc, LONG + 100);
	buf_add_c(&doc, "{\"items\":[{\"content_html\":\"");
	while (doc.n < LONG)
		buf_add_c(&doc, "<p>Some text\\n");
	buf_add_c(&doc, "\"}]}");
	for (size_t at = 0; at < doc.n; at += 1460) {
		struct str piece = str_sub(buf_str(&doc), at, 1460);

		assert_int_equal(feed_parser_push(p, piece.p, piece.n, &err),
		    0);
	}
	assert_int_equal(feed_parser_finish(p, &err), FEED_END_COMPLETE);
	assert_int_equal(n_items, 1);
	feed_parser_free(p);
	buf_clear(&doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_feed),
		cmocka_unit_test(reads_items),
		cmocka_unit_test(mends_and_warns),
		cmocka_unit_test(names_strangers),
		cmocka_unit_test(keeps_caps),
		cmocka_unit_test(breaks_where_it_breaks),
		cmocka_unit_test(reads_alike_however_cut),
		cmocka_unit_test(gives_items_at_once),
		cmocka_unit_test(reads_a_long_item),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
