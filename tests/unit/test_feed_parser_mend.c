/* SPDX-License-Identifier: ISC */
/* feeds/feed_parser: what is broken, and what is no feed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "feed_parser_rig.h"

static const struct feed_case end_cases[] = {
	{ "a whole feed", RSS("<title>T</title>"), "end complete\n" },
	{ "blank control characters before it", " \v\f" RSS("<item/>"),
	    "end complete\n" },
	{ "a feed cut off", "<rss><channel>",
	    "end truncated\nwarning truncated 1\n" },
	{ "mends are counted", ITEM("<title>a & b & c\1</title>"
	    "<pubDate>soon</pubDate>"), "end complete\nwarning bad_date 1\n"
	    "warning control_character 1\nwarning bare_ampersand 2\n" },
	{ "bytes that the charset lacks", "<?xml version='1.0' encoding="
	    "'euc-kr'?>" RSS("<item/>\xFF"),
	    "end complete\nwarning bad_charset 1\n" },
	{ "nothing", "", "end not a feed: an empty document, not a feed\n" },
	{ "white space", " \r\n\t",
	    "end not a feed: an empty document, not a feed\n" },
	{ "an HTML page", "<!DOCTYPE html>\n<html><head><title>x</title>"
	    "</head></html>", NO_FEED "an HTML page, not a feed; it announces "
	    "none\n" },
	{ "one without its html tag", "<!doctype html>\nhello",
	    NO_FEED "an HTML page, not a feed; it announces none\n"
	    "warning leading_junk 1\n" },
	{ "one without a DOCTYPE", "<HTML><body>x",
	    NO_FEED "an HTML page, not a feed; it announces none\n" },
	{ "one that announces a feed", "<!DOCTYPE html>\n<html lang='en'><head>"
	    "<title>x</title><link rel='alternate' type='application/rss+xml' "
	    "href='../rss' title='The News'><body>x", NO_FEED "an HTML page, "
	    "not a feed; it announces http://base.example/rss (The News)\n" },
	{ "one that begins with the link", "<!doctype html><link rel='feed' "
	    "href='a'>", NO_FEED "an HTML page, not a feed; it announces "
	    "http://base.example/feeds/a\n" },
	{ "one with scripts first", "<script>if (a < b && c) {}</script><link "
	    "rel=feed href=a>", NO_FEED "an HTML page, not a feed; it "
	    "announces http://base.example/feeds/a\n" },
	{ "a bot wall", "<!DOCTYPE html><html><head><title>Just a moment..."
	    "</title>", NO_FEED "a bot wall (Cloudflare challenge), not a "
	    "feed\n" },
	{ "a feed with an HTML page in it", "<!-- <html> -->" RSS("<item>"
	    "<title>&lt;html></title><description><html><head><title>Just a "
	    "moment...</title></head></html></description></item>"),
	    "end complete\n" },
	{ "a PDF file", "%PDF-1.4 <rss><channel/></rss>",
	    NO_FEED "a PDF file, not a feed\n" },
	{ "JSON", " {\"version\": 1}",
	    "end not a feed: a JSON document without items, "
	    "not a feed\n" },
	{ "other XML", "<note><to>you</to></note>", "end not a feed: an XML "
	    "document of another kind (<note>), not a feed\n" },
	{ "its tag goes with the parser that it stops",
	    "<note date='2026-11-27T00:00:00Z'><to>you</to></note>",
	    NO_FEED "an XML document of another kind (<note>), not a feed\n" },
	{ "OPML", "<opml version='2.0'/>",
	    NO_FEED "an OPML list of feeds, not a feed (it goes into the "
	    "configuration as \"- opml: FILE\")\n" },
	{ "RDF that is no feed", "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/"
	    "02/22-rdf-syntax-ns#'><rdf:Description/></rdf:RDF>",
	    "end not a feed: an RDF document without a channel, not a feed\n" },
	{ "text", "hello, world", "end not a feed: text without an XML "
	    "element, not a feed\nwarning leading_junk 1\n" },
	{ "a first tag cut off", "<rss version='2.0",
	    "end not a feed: text without an XML element, not a feed\n" },
};

#define PHP	"<br />\n<b>Warning</b>:  include(x): failed in <b>/a.php" \
	"</b> on line <b>2</b><br />\n"
#define XML10	"<?xml version=\"1.0\"?>\n"
#define T	"<title>T</title>"
#define LEADING	"end complete\nwarning leading_junk 1\n"
#define BEHIND	"end complete\nwarning trailing_junk 1\n"
#define WRONG	"end complete\nwarning wrong_charset 1\n"
#define NOTHING	"end complete\nwarning nothing_read 1\n"
#define PAGE	NO_FEED "an HTML page, not a feed; it announces none\n"

/* Each repair is said, and nothing that is none. */
static const struct feed_case warning_cases[] = {
	{ "white space before the declaration", "\n" XML10 RSS(T), LEADING },
	{ "a mark behind white space", " \xEF\xBB\xBF" XML10 RSS(T), LEADING },
	{ "a comment before the declaration", "<!-- a -->" XML10 RSS(T),
	    LEADING },
	{ "white space, and no declaration", " \n\t" RSS(T),
	    "end complete\n" },
	{ "a mark", "\xEF\xBB\xBF" XML10 RSS(T), "end complete\n" },
	{ "a comment, and no declaration", "<!-- a -->" RSS(T),
	    "end complete\n" },
	{ "PHP's notices", PHP XML10 RSS(T), LEADING },
	{ "in any case, with text before them", "Notice <B>x</B>" RSS(T),
	    LEADING },
	{ "before Atom", "<p>x</p>" ATOM(T), LEADING },
	{ "before RDF", "<div class='rss'>x</div>" RDF("<channel>" T
	    "</channel>"), LEADING },
	{ "and nothing behind them", PHP "<b>The end</b>", PAGE },
	{ "which may be cut off", "<p>x</p><rs", PAGE },
	{ "a page with a feed in it", "<!DOCTYPE html><p><rss></rss>", PAGE },
	{ "a page without a DOCTYPE likewise", "<html><rss></rss>", PAGE },
	{ "an element of another namespace", "<b:x/><rss/>", NO_FEED "an XML "
	    "document of another kind (<x>), not a feed\n" },

	{ "HTML behind the end", RSS(T) "\n<script>x</script>", BEHIND },
	{ "a second feed", RSS(T) "\n" XML10 RSS(T), BEHIND },
	{ "a second feed without a declaration", RSS(T) RSS(T), BEHIND },
	{ "text, which is not decoded as the feed's", "<?xml version='1.0' "
	    "encoding='euc-kr'?>" RSS(T) "\n\xFF\xFF", BEHIND },
	{ "text that might have been a charset's", RSS(T) "\xCF\xF0\xE8",
	    BEHIND },
	{ "a comment behind the end", RSS(T) "\n<!-- 0.2 s, \xCF\xF0 -->\n",
	    "end complete\n" },
	{ "a PI behind the end", RSS(T) "<?cache <hit>?>", "end complete\n" },

	{ "a charset nobody knows", "<?xml version='1.0' encoding='bogus'?>"
	    RSS(T), WRONG },
	{ "a charset that cannot be", "<?xml version='1.0' encoding='utf-16'?>"
	    RSS(T), WRONG },
	{ "a mark that says otherwise", "\xEF\xBB\xBF<?xml version='1.0' "
	    "encoding='koi8-r'?>" RSS(T), WRONG },
	{ "Latin 1 that is windows-1252", "<?xml version='1.0' encoding="
	    "'iso-8859-1'?>" RSS("<title>\x93\x94</title>"),
	    "end complete\n" },

	{ "an empty channel", RSS(""), NOTHING },
	{ "no channel", "<rss/>", NOTHING },
	{ "all in a namespace nobody knows", "<rss><channel><x:title xmlns:x="
	    "'urn:x'>T</x:title><x:item xmlns:x='urn:x'/></channel></rss>",
	    NOTHING },
	{ "so in Atom", ATOM("<x:entry xmlns:x='urn:x'>" T "</x:entry>"),
	    NOTHING },
	{ "an item with nothing in it", RSS("<item/>"), "end complete\n" },
};

/* What feeds/scrub mends, as it reads in the end. */
static const struct feed_case mend_cases[] = {
	{ "a less-than before a letter", ITEM("<description>a <b and c"
	    "</description>"), "item\nsummary(html)=a <b and c\n" },
	{ "hearts and arrows", ITEM("<title>i <3 u <- x << y</title>"),
	    "item\ntitle=i <3 u <- x << y\n" },
	{ "HTML's names, escaped once and twice", ITEM("<description>a&nbsp;b"
	    "&amp;nbsp;c &amp;amp;nbsp;</description>"),
	    "item\nsummary(html)=a\xC2\xA0" "b&nbsp;c &amp;nbsp;\n" },
	{ "HTML's names in CDATA", ITEM("<description><![CDATA[&nbsp;&x]]>"
	    "</description>"), "item\nsummary(html)=&nbsp;&x\n" },
	{ "HTML's names in values", ITEM("<enclosure url='http://e.org/?a=1&b="
	    "&eacute;' type='x'/>"),
	    "item\nfile=http://e.org/?a=1&b=\xC3\xA9|x|0\n" },
	{ "HTML that nobody escaped", ITEM("<description>a<br>b<img src=x>c"
	    "<hr>d<p>e<p>f</p></i></description><title>T</title>"),
	    "item\ntitle=T\nsummary(html)=a<br>b<img src=\"x\">c<hr>d<p>e<p>"
	    "f</p></p>\n" },
	{ "end tags in the other case", ITEM("<title>T</TITLE><guid>g</Guid>"),
	    "item\nid=g\ntitle=T\n" },
	{ "windows-1252 in disguise", ITEM("<title>don\xC2\x92t</title>"),
	    "item\ntitle=don\xE2\x80\x99t\n" },
	{ "bad UTF-8 of a feed that says it is", "<?xml version='1.0' "
	    "encoding='utf-8'?>" ITEM("<title>a\xE9z<![CDATA[\xE9]]></title>"
	    "<guid isPermaLink='\xE9'>g</guid>"),
	    "item\nid=g\ntitle=a\xEF\xBF\xBDz\xEF\xBF\xBD\n" },
	{ "junk and comments before the declaration", " \n<!-- a --><?b ?>"
	    "Notice: c\n<?xml version='1.0'?>" ITEM("<title>T</title>"),
	    "item\ntitle=T\n" },
	{ "two declarations, and junk behind", "<?xml version='1.0'?><?xml "
	    "version='1.0' encoding='utf-8'?>" ITEM("<title>T</title>")
	    "</rss><!-- x --><html>y", "item\ntitle=T\n" },
	{ "a section's end in text", ITEM("<title>a]]>b</title>"),
	    "item\ntitle=a]]>b\n" },
	{ "two attributes of a name", ITEM("<enclosure url='http://e.org/1' "
	    "url='http://e.org/2'/>"), "item\nfile=http://e.org/1||0\n" },
};

static void
reads_what_is_mended(void **state)
{
	(void)state;
	check_cases(mend_cases, N(mend_cases), SHOW_ITEMS);
}

/* Whichever end tag of the second item's is lost, the others stay whole. */
static void
harms_one_item_only(void **state)
{
	static const struct str before = STR_OF("<rss><channel><item><title>1"
	    "</title></item>"), second = STR_OF("<item><title>2</title><link>"
	    "http://e.org/2</link><description>a<b>c</b></description><guid>g"
	    "</guid></item>"), after = STR_OF("<item><title>3</title></item>"
	    "</channel></rss>");
	static const char first[] = "item\ntitle=1\nitem\n";
	static const char last[] = "item\ntitle=3\n";
	struct buf doc, got;
	size_t lost = 0;

	(void)state;
	buf_init(&doc, 1 << 10);
	buf_init(&got, 1 << 20);
	for (size_t at = 0; at < second.n; at++) {
		struct str rest = str_sub(second, at, second.n);
		const char *end = memchr(rest.p, '>', rest.n);

		if (!str_starts(rest, STR("</")))
			continue;
		lost++;
		buf_reset(&doc);
		buf_reset(&got);
		buf_add_str(&doc, before);
		buf_add(&doc, second.p, at);
		buf_add(&doc, end + 1, (size_t)(rest.p + rest.n - end) - 1);
		buf_add_str(&doc, after);
		read_document(buf_str(&doc), SIZE_MAX / 2, default_settings(),
		    SHOW_ITEMS, &got);
		assert_true(str_starts(buf_str(&got), str_from(first)));
		assert_true(got.n > sizeof(last) && strcmp(got.p + got.n -
		    (sizeof(last) - 1), last) == 0);
	}
	assert_int_equal(lost, 6);
	buf_clear(&doc);
	buf_clear(&got);
}

static void
says_how_it_ended(void **state)
{
	(void)state;
	check_cases(end_cases, N(end_cases), SHOW_END);
}

static void
says_what_was_mended(void **state)
{
	(void)state;
	check_cases(warning_cases, N(warning_cases), SHOW_END);
}

/* A feed without a fault has none but that its end is missing. */
static void
says_only_that_it_was_cut_off(void **state)
{
	static const struct str docs[] = {
		STR_OF(XML10 RSS("<title>T &amp; &#x2019;\xE2\x82\xAC</title>"
		    "<item><title><![CDATA[a <b> ]] & c]]></title><br/><br>"
		    "</br><pubDate>01 Jan 2004 19:48:21 GMT</pubDate><!-- a -->"
		    "<a b='c &lt; d' e=\"f\"/></item>")),
		STR_OF("<?xml version='1.0' encoding='euc-kr'?>" RSS("<title>"
		    "\xB0\xA1\xB0\xA1</title>")),
		STR_OF("\xFF\xFE<\0r\0s\0s\0>\0<\0i\0t\0e\0m\0>\0=\xD8\0\xDE"
		    "<\0/\0i\0t\0e\0m\0>\0<\0/\0r\0s\0s\0>\0"),
		STR_OF("{\"version\": \"https://jsonfeed.org/version/1.1\", "
		    "\"title\": \"T \\u00e9 \xC3\xA9\", \"items\": [{\"id\": "
		    "\"1\\n\", \"content_text\": \"x\"}]}"),
	};
	struct buf got;

	(void)state;
	buf_init(&got, 1 << 20);
	for (size_t i = 0; i < N(docs); i++)
		for (size_t n = 0; n < docs[i].n; n++) {
			buf_reset(&got);
			read_document(str_sub(docs[i], 0, n), SIZE_MAX / 2,
			    default_settings(), SHOW_END, &got);
			if (strcmp(buf_cstr(&got), "end truncated\nwarning "
			    "truncated 1\n") != 0 &&
			    !str_starts(buf_str(&got), STR(NO_FEED)))
				fail_msg("document %zu, %zu bytes:\n%s", i, n,
				    buf_cstr(&got));
		}
	buf_clear(&got);
}

/* Only the first 4 KiB are searched for a feed behind HTML. */
static void
looks_so_far_for_a_feed(void **state)
{
	static const struct {
		size_t		 before;	/* the feed begins there */
		const char	*want;
	} cases[] = {
		{ 4096 - 5, LEADING }, { 4096 - 4, PAGE }
	};
	struct buf doc;

	(void)state;
	buf_init(&doc, 1 << 14);
	for (size_t i = 0; i < N(cases); i++) {
		buf_reset(&doc);
		buf_add_c(&doc, "<p>");
		while (doc.n < cases[i].before)
			buf_add_char(&doc, 'x');
		buf_add_c(&doc, "<rss ><channel>" T "</channel></rss>");
		check_cap("HTML before it", buf_str(&doc), cases[i].want,
		    default_settings());
	}
	buf_clear(&doc);
}

static void
reads_alike_in_pieces(void **state)
{
	(void)state;
	check_steps_of(end_cases, N(end_cases));
	check_steps_of(mend_cases, N(mend_cases));
	check_steps_of(warning_cases, N(warning_cases));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_is_mended),
		cmocka_unit_test(harms_one_item_only),
		cmocka_unit_test(says_how_it_ended),
		cmocka_unit_test(says_what_was_mended),
		cmocka_unit_test(says_only_that_it_was_cut_off),
		cmocka_unit_test(looks_so_far_for_a_feed),
		cmocka_unit_test(reads_alike_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
