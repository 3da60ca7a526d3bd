/* SPDX-License-Identifier: ISC */
#include "tests/unit/page_rig.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define SCRIPT(s)	"<script type='application/ld+json'>" s "</script>"
#define LD(members)	SCRIPT("{\"@type\":\"NewsArticle\"," members "}")

static const struct page_case types[] = {
	{ "kin of Article", "title", SCRIPT("{\"@type\":\"ReportageNewsArticle"
	    "\",\"headline\":\"a\"}"), "a" },
	{ "several types", "title", SCRIPT("{\"@type\":[\"Thing\","
	    "\"NewsArticle\"],\"headline\":\"a\"}"), "a" },
	{ "a type with its address, which comes last", "title",
	    SCRIPT("{\"headline\":\"a\",\"@type\":"
	    "\"http://schema.org/Article\"}"), "a" },
	{ "type for @type", "title", SCRIPT("{\"type\":\"Article\","
	    "\"headline\":\"a\"}"), "a" },
	{ "a list of articles is not this one", "title",
	    SCRIPT("{\"@type\":\"ItemList\",\"itemListElement\":[{\"@type\":"
	    "\"Article\",\"headline\":\"a\"}]}"), "" },
	{ "nor is what an article mentions", "title", LD("\"mentions\":"
	    "{\"@type\":\"Article\",\"headline\":\"a\"}"), "" },
	{ "a video is none", "title", SCRIPT("{\"@type\":\"VideoObject\","
	    "\"headline\":\"a\"}"), "" },
	{ "@graph", "title", SCRIPT("{\"@graph\":[{\"@type\":\"WebPage\","
	    "\"name\":\"x\"},{\"@type\":\"Article\",\"headline\":\"a\"}]}"),
	    "a" },
	{ "an array", "title", SCRIPT("[{\"@type\":\"WebSite\"},[{\"@type\":"
	    "\"Article\",\"headline\":\"a\"}]]"), "a" },
	{ "what a page is about", "title", SCRIPT("{\"@type\":\"WebPage\","
	    "\"headline\":\"x\",\"mainEntity\":{\"@type\":\"Article\","
	    "\"headline\":\"a\"}}"), "a" },
	{ "several scripts", "title", SCRIPT("{\"@type\":\"WebSite\"}")
	    LD("\"headline\":\"a\""), "a" },
	{ "several values in one", "title", SCRIPT("{\"@type\":\"WebSite\"},\n"
	    "{\"@type\":\"Article\",\"headline\":\"a\"}"), "a" },
	{ "a script of another type", "title", "<script type=application/json>"
	    "{\"@type\":\"Article\",\"headline\":\"a\"}</script>", "" },
	{ "a type with a charset", "title", "<script type='Application/LD+JSON"
	    "; charset=utf-8'>{\"@type\":\"Article\",\"headline\":\"a\"}"
	    "</script>", "a" },
	{ "the first of two articles", "authors", LD("\"headline\":\"a\"")
	    LD("\"headline\":\"b\",\"author\":\"Jane Doe\""), "" },
	{ "the same written twice", "authors", LD("\"headline\":\"a\"")
	    LD("\"headline\":\"a\",\"author\":\"Jane Doe\""), "Jane Doe" },
};

static const struct page_case people[] = {
	{ "a string", "authors", LD("\"author\":\"By Jane Doe\""),
	    "Jane Doe" },
	{ "an object", "authors", LD("\"author\":{\"@type\":\"Person\","
	    "\"name\":\"Jane Doe\",\"url\":\"/x\"}"), "Jane Doe" },
	{ "an array of both", "authors", LD("\"author\":[{\"name\":\"Jane "
	    "Doe\"},\"John Roe\",null,3]"), "Jane Doe;John Roe" },
	{ "several names of one object", "authors", LD("\"author\":{\"name\":"
	    "[\"Jane Doe\",\"John Roe\"]}"), "Jane Doe;John Roe" },
	{ "a reference to what stands behind", "authors",
	    SCRIPT("{\"@graph\":[{\"@type\":\"Article\",\"author\":{\"@id\":"
	    "\"#j\"}},{\"@type\":\"Person\",\"@id\":\"#j\",\"name\":\"Jane "
	    "Doe\"}]}"), "Jane Doe" },
	{ "a reference into another script", "authors",
	    SCRIPT("{\"@type\":\"Person\",\"@id\":\"#j\",\"name\":\"Jane "
	    "Doe\"}") LD("\"author\":[{\"@id\":\"#j\"},{\"@id\":\"#k\"}]"),
	    "Jane Doe" },
	{ "a reference to nothing", "authors", LD("\"author\":{\"@id\":\"#j\""
	    "}") "<meta name=author content='Jane Doe'>", "Jane Doe" },
	{ "creator where there is no author", "authors", LD("\"creator\":"
	    "[\"Jane Doe\"]"), "Jane Doe" },
	{ "author before creator", "authors", LD("\"creator\":\"Desk\","
	    "\"author\":\"Jane Doe\""), "Jane Doe" },
	{ "an address is nobody", "authors", LD("\"author\":"
	    "\"https://p.example/jane\""), "" },
	{ "the publisher", "site", LD("\"publisher\":[{\"@type\":"
	    "\"Organization\",\"name\":\"Example\",\"logo\":{\"name\":\"x\"}}]"
	    ), "Example" },
	{ "a publisher by reference", "site", SCRIPT("[{\"@type\":\"Article\","
	    "\"publisher\":{\"@id\":\"#o\"}},{\"@type\":\"Organization\","
	    "\"@id\":\"#o\",\"name\":\"Example\"}]"), "Example" },
};

static const struct page_case members[] = {
	{ "the body, its paragraphs kept", "body", LD("\"articleBody\":"
	    "\"One.\\n\\nTwo.\""), "One.\n\nTwo." },
	{ "line ends part paragraphs, where no tag does", "body",
	    LD("\"articleBody\":\" A &amp; b. <i>C</i>\r\n \n\nD.\\nE.\""),
	    "A & b. C\n\nD.\n\nE." },
	{ "a body of HTML", "body", LD("\"articleBody\":\"<p>A &amp; b.<\\/p>"
	    "<p>C.<\\/p>\""), "A & b.\n\nC." },
	{ "a body of escaped HTML", "body", LD("\"articleBody\":\"&lt;p&gt;A."
	    "&lt;/p&gt;&lt;p&gt;B.&lt;/p&gt;\""), "A.\n\nB." },
	{ "an empty body is none", "body", LD("\"articleBody\":\" \",\"text\":"
	    "\"One.\""), "One." },
	{ "a headline with references", "title", LD("\"headline\":\"A &#8211; "
	    "&quot;b&quot;\""), "A \xE2\x80\x93 \"b\"" },
	{ "a name where there is no headline", "title", LD("\"name\":\"a\""),
	    "a" },
	{ "milliseconds", "published", LD("\"datePublished\":1085751075000"),
	    "1085751075" },
	{ "a date in an array", "published", LD("\"datePublished\":"
	    "[\"2004-05-28T13:31:15Z\"]"), "1085751075" },
	{ "begun, where nothing says when it came out", "published",
	    LD("\"dateCreated\":\"2004-05-28T13:31:15Z\""), "1085751075" },
	{ "a language", "language", LD("\"inLanguage\":{\"@type\":\"Language\""
	    ",\"name\":\"de\"}"), "de" },
	{ "its address", "canonical", LD("\"mainEntityOfPage\":\"/m\","
	    "\"url\":\"/u\""), "http://p.example/m" },
	{ "its url", "canonical", LD("\"mainEntityOfPage\":true,\"url\":"
	    "\"/u\""), "http://p.example/u" },
	{ "a page without an identifier", "canonical",
	    LD("\"mainEntityOfPage\":{\"@type\":\"WebPage\",\"url\":\"/m\"}"),
	    "http://p.example/m" },
	{ "paid for", "flags", LD("\"isAccessibleForFree\":false"),
	    "article paid " },
	{ "paid for, in a word", "flags", LD("\"isAccessibleForFree\":"
	    "\"False\""), "article paid " },
	{ "free", "flags", LD("\"isAccessibleForFree\":true"), "article " },
	{ "a part that is not", "flags", LD("\"hasPart\":{"
	    "\"isAccessibleForFree\":false}"), "article " },
};

/* As sites write it. */
static const struct page_case broken[] = {
	{ "a comment around it", "title", SCRIPT("<!--\n{\"@type\":\"Article"
	    "\",\"headline\":\"a\"}\n-->"), "a" },
	{ "CDATA marks around it", "title", SCRIPT("//<![CDATA[\n{\"@type\":"
	    "\"Article\",\"headline\":\"a\"}\n//]]>"), "a" },
	{ "a semicolon behind it", "title", SCRIPT("{\"@type\":\"Article\","
	    "\"headline\":\"a\"};"), "a" },
	{ "trailing commas", "title", SCRIPT("{\"@type\":[\"Article\",],"
	    "\"headline\":\"a\",}"), "a" },
	{ "a raw line end and a tab in a text", "title",
	    LD("\"headline\":\"a\n\tb\""), "a b" },
	{ "a control character in a text", "title",
	    LD("\"headline\":\"a\001b\""), "ab" },
	{ "an escape that is none", "title", LD("\"headline\":\"a\\'b\""),
	    "a'b" },
	{ "a text in single quotes: what stands before", "title",
	    LD("\"headline\":\"a\",\"author\":'x'"), "a" },
	{ "a quote within a text: what stands before", "authors",
	    LD("\"author\":{\"name\":\"Jane Doe\"},\"headline\":\"a \"b\" c\""
	    ), "Jane Doe" },
	{ "a quote within a text: not that text, which it cut", "title",
	    LD("\"author\":\"Jane Doe\",\"headline\":\"a \"b\" c\"")
	    "<title>a b c</title>", "a b c" },
	{ "a quote within a name: nobody is called so", "authors",
	    LD("\"author\":[\"Jane Doe\",\"John \"Joe\" Roe\"]"), "Jane Doe"
	},
	{ "broken inside of an author", "authors", LD("\"author\":{\"name\":"
	    "\"Jane Doe\",\"url\":}"), "Jane Doe" },
	{ "cut off", "title", SCRIPT("{\"@type\":\"Article\",\"headline\":"
	    "\"a\",\"articleBody\":\"bc"), "a" },
	{ "a broken value before a good one", "title", SCRIPT("{\"a\":,}")
	    LD("\"headline\":\"a\""), "a" },
	{ "a script of nothing", "title", SCRIPT("") LD("\"headline\":\"a\""),
	    "a" },
	{ "brackets in texts", "body", LD("\"articleBody\":\"a ]}[{ b\""),
	    "a ]}[{ b" },
	{ "a text for an object, an object for a text", "title",
	    LD("\"publisher\":\"x\",\"name\":{\"a\":\"b\"},\"headline\":\"a\""
	    ), "a" },
	{ "the page's end before the script's", "title",
	    "<script type=application/ld+json>{\"@type\":\"Article\","
	    "\"headline\":\"a\"}", "a" },
};

static void
test_types(void **state)
{
	(void)state;
	page_check(types, N(types));
}

static void
test_people(void **state)
{
	(void)state;
	page_check(people, N(people));
}

static void
test_members(void **state)
{
	(void)state;
	page_check(members, N(members));
}

static void
test_broken(void **state)
{
	(void)state;
	page_check(broken, N(broken));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_people),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
