/* SPDX-License-Identifier: ISC */
#include "tests/unit/page_rig.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define META(name, content) \
	"<meta property='" name "' content=\"" content "\">"
#define ARTICLE	"itemscope itemtype='https://schema.org/NewsArticle'"
#define LD(json)	"<script type='application/ld+json'>" json "</script>"

static const struct page_case titles[] = {
	{ "an article's headline before what is made for sharing", "title",
	    META("og:title", "You will not believe it") LD("{\"@type\":"
	    "\"NewsArticle\",\"headline\":\"Oil falls\"}"), "Oil falls" },
	{ "og:title before <title>", "title", "<title>Oil falls today</title>"
	    META("og:title", "Oil falls"), "Oil falls" },
	{ "microdata before the trackers'", "title", META("sailthru.title",
	    "x") "<div " ARTICLE "><h1 itemprop=headline>Oil <b>falls"
	    "</b><br>again</h1></div>", "Oil falls again" },
	{ "Dublin Core", "title", "<title>x</title>" META("DC.title",
	    "Oil falls"), "Oil falls" },
	{ "twitter's, by name", "title", "<title>x</title><meta name="
	    "'twitter:title' content='Oil falls'>", "Oil falls" },
	{ "<title>, when nothing else is said", "title",
	    "<h1>Example</h1><title> Oil\n falls </title>", "Oil falls" },
	{ "the first <title>, not a picture's", "title", "<svg><title>logo"
	    "</title></svg><title>Oil falls</title><title>x</title>",
	    "Oil falls" },
	{ "the first heading at last", "title", "<body><h1>Oil falls</h1>"
	    "<h1>x</h1>", "Oil falls" },
	{ "no script in it", "title", "<h1>Oil <script>x</script><style>y"
	    "</style>falls</h1>", "Oil falls" },
	{ "an empty one is none", "title", META("og:title", " ")
	    "<title>Oil falls</title>", "Oil falls" },
	{ "references that were written twice", "title", META("og:title",
	    "Bike &amp;amp; Style &amp;#8217;"),
	    "Bike & Style \xE2\x80\x99" },
	{ "tags are text in an attribute", "title", META("og:title",
	    "Why &lt;b&gt; is bold"), "Why <b> is bold" },
	{ "no overrides, one line", "title", META("og:title", "a&#10;&#x202E;"
	    "b"), "a b" },
	{ "without the site that og:site_name names", "title",
	    "<title>Oil falls | Markets - The Example</title>"
	    META("og:site_name", "Example"), "Oil falls | Markets" },
	{ "without the publisher", "title", "<title>Oil falls - Example Post"
	    "</title>" LD("{\"@type\":\"Report\",\"publisher\":{\"name\":"
	    "\"Example Post\"}}"), "Oil falls" },
	{ "without the host's name", "title", "<title>Oil falls \xE2\x80\x93 "
	    "p.example</title>", "Oil falls" },
	{ "with a name that is not the site's", "title",
	    "<title>Oil falls - Reuters</title>" META("og:site_name", "Ex"),
	    "Oil falls - Reuters" },
	{ "a title that is the site's name", "title", "<title>Example</title>"
	    META("og:site_name", "Example"), "Example" },
	{ "a headline that was cut", "title", "<title>Oil falls and falls - "
	    "Example</title>" META("og:title", "Oil falls and ...")
	    META("og:site_name", "Example"), "Oil falls and falls" },
};

static const struct page_case summaries[] = {
	{ "og:description before the search engines'", "summary",
	    "<meta name=description content=x>" META("og:description", "It "
	    "fell."), "It fell." },
	{ "description, in any case", "summary", "<META NAME=Description "
	    "CONTENT='It fell.'>", "It fell." },
	{ "plain text of HTML", "summary", META("og:description",
	    "&lt;p&gt;It &amp;amp; we&lt;/p&gt; fell."), "It & we fell." },
	{ "JSON-LD's at last", "summary", LD("{\"@type\":\"Article\","
	    "\"description\":\"<b>It</b> fell.\"}"), "It fell." },
};

static const struct page_case authors[] = {
	{ "JSON-LD before meta elements", "authors", "<meta name=author "
	    "content='Example Media'>" LD("{\"@type\":\"Article\",\"author\":"
	    "\"Jane Doe\"}"), "Jane Doe" },
	{ "microdata: a person's name", "authors", "<div " ARTICLE "><p "
	    "itemprop=author itemscope itemtype='http://schema.org/Person'>"
	    "By <b itemprop=name>Jane Doe</b><i itemprop=jobTitle>x</i></p>"
	    "</div>", "Jane Doe" },
	{ "microdata: only text", "authors", "<div " ARTICLE "><p itemprop="
	    "'author creator'>By <a href=/x>Jane Doe</a></p></div>",
	    "Jane Doe" },
	{ "microdata: two", "authors", "<div " ARTICLE "><p itemprop=author>"
	    "Jane Doe</p><p itemprop=author>John Roe</p></div>",
	    "Jane Doe;John Roe" },
	{ "not who wrote a comment", "authors", "<div " ARTICLE "><div "
	    "itemprop=comment itemscope itemtype=http://schema.org/Comment>"
	    "<i itemprop=author>x y</i><i itemprop=author itemscope><b "
	    "itemprop=name>z</b></i></div><meta itemprop=author content="
	    "'Jane Doe'></div>", "Jane Doe" },
	{ "not the site's picture, nor its name", "authors", "<div " ARTICLE
	    "><p itemprop=publisher itemscope><b itemprop=name>Ex</b></p>"
	    "<p itemprop=image itemscope><b itemprop=author>x</b></p></div>",
	    "" },
	{ "a second article on the page counts less", "authors", "<div "
	    ARTICLE "><b itemprop=author>Jane Doe</b></div><div " ARTICLE
	    "><b itemprop=author>John Roe</b></div>", "Jane Doe" },
	{ "several meta elements of one name", "authors",
	    META("article:author", "Jane Doe") META("article:author",
	    "John Roe"), "Jane Doe;John Roe" },
	{ "an address is nobody's name", "authors", META("article:author",
	    "https://facebook.example/jane") "<meta name=author content='Jane "
	    "Doe'>", "Jane Doe" },
	{ "parsely, sailthru before author", "authors", "<meta name=author "
	    "content=x><meta name=parsely-author content='Jane Doe'>",
	    "Jane Doe" },
	{ "one line of two", "authors", "<meta name=byl content='By Jane Doe "
	    "and John Roe'>", "Jane Doe;John Roe" },
	{ "the same once", "authors", META("author", "Jane Doe")
	    META("author", "JANE DOE"), "Jane Doe" },
	{ "rel=author below the headline", "authors", "<a rel=author>x y</a>"
	    "<h1>a</h1><a href=/j rel='nofollow author'>Jane Doe</a>",
	    "Jane Doe" },
};

static const struct page_case dates[] = {
	{ "JSON-LD", "published", META("article:published_time", "2001")
	    LD("{\"@type\":\"Article\",\"datePublished\":"
	    "\"2004-05-28T13:31:15Z\"}"), "1085751075" },
	{ "one that is no date is passed over", "published",
	    LD("{\"@type\":\"Article\",\"datePublished\":\"{{date}}\"}")
	    META("article:published_time", "2004-05-28T15:31:15+02:00"),
	    "1085751075" },
	{ "the year 1 is none", "published", LD("{\"@type\":\"Article\","
	    "\"datePublished\":\"0001-01-01T00:00:00Z\"}"), "" },
	{ "an archive's is one", "published", META("article:published_time",
	    "1851-09-18"), "-3732825600" },
	{ "of the first that is one", "published", "<div " ARTICLE "><meta "
	    "itemprop=datePublished content='{{x}}'><meta itemprop="
	    "datePublished content='2004-05-28T13:31:15Z'></div>",
	    "1085751075" },
	{ "microdata: datetime before the text", "published", "<div " ARTICLE
	    "><time itemprop=datePublished datetime='2004-05-28T13:31:15Z'>"
	    "today</time></div>", "1085751075" },
	{ "microdata: text", "published", "<div " ARTICLE "><b itemprop="
	    "datePublished>28 May 2004 13:31:15</b></div>", "1085751075" },
	{ "the article's, not the one of a page about it", "published",
	    LD("{\"@graph\":[{\"@type\":\"WebPage\",\"datePublished\":"
	    "\"2001\"},{\"@type\":\"Article\",\"datePublished\":"
	    "\"2004-05-28T13:31:15Z\"}]}"), "1085751075" },
	{ "never when it was changed", "published",
	    META("article:modified_time", "2004-05-28T13:31:15Z")
	    LD("{\"@type\":\"Article\",\"dateModified\":\"2004-05-28\"}"),
	    "" },
	{ "Dublin Core", "published", "<meta name='DC.date.issued' content="
	    "'2004-05-28T13:31:15Z'>", "1085751075" },
	{ "<time> behind the headline", "published", "<time datetime=2001>x"
	    "</time><h1>a</h1><time datetime='2004-05-28T13:31:15Z'>y</time>",
	    "1085751075" },
	{ "<time> that says what it is", "published", "<article><time "
	    "datetime=2001>x</time><time class=entry-published datetime="
	    "'2004-05-28T13:31:15Z'>y</time></article>", "1085751075" },
	{ "<time> of a teaser", "published", "<time datetime=2001>x</time>",
	    "" },
};

static const struct page_case languages[] = {
	{ "<html lang>", "language", "<html lang=de>", "de" },
	{ "xml:lang", "language", "<html xml:lang='PT-br'>", "pt-BR" },
	{ "the article's own before the template's", "language",
	    "<html lang=en>" LD("{\"@type\":\"Article\",\"inLanguage\":\"de\"}"
	    ), "de" },
	{ "a header's twin", "language", "<meta http-equiv=Content-Language "
	    "content=cs>", "cs" },
	{ "og:locale at last", "language", META("og:locale", "zh_hant_TW"),
	    "zh-Hant-TW" },
	{ "a word is none", "language", "<html lang=English>"
	    "<meta name=language content='en, de'>" META("og:locale",
	    "en_GB"), "en-GB" },
	{ "that of another page is not ours", "language", "<link rel=alternate"
	    " hreflang=fr href=/fr><a hreflang=it lang=it href=/it>x</a>", ""
	},
};

static const struct page_case addresses[] = {
	{ "rel=canonical before og:url", "canonical", META("og:url",
	    "http://p.example/x") "<link href='/a?b=1#c' rel=canonical>",
	    "http://p.example/a?b=1" },
	{ "in its one spelling", "canonical", "<link rel=canonical "
	    "href='HTTPS://P.example:443/a/../b'>", "https://p.example/b" },
	{ "a base element, also behind it", "canonical", "<link rel=canonical "
	    "href=a><base href='//b.example/c/'><base href=/x>",
	    "http://b.example/c/a" },
	{ "no address of another kind", "canonical", "<link rel=canonical "
	    "href='javascript:x'>" META("og:url", "http://p.example/x"),
	    "http://p.example/x" },
	{ "no secret in it", "canonical", "<link rel=canonical "
	    "href='http://me:pw@p.example/x'>", "" },
	{ "that of another language is not this page's", "canonical",
	    "<link rel='alternate canonical' hreflang=de href=/de>"
	    "<link rel=alternate hreflang=fr href=/fr>", "" },
	{ "a site that calls each page its first", "canonical",
	    "<link rel=canonical href='http://p.example'>" META("og:url",
	    "http://p.example/d/page"), "http://p.example/d/page" },
	{ "what JSON-LD says", "canonical", LD("{\"@type\":\"Article\","
	    "\"mainEntityOfPage\":{\"@id\":\"http://p.example/x\"}}"),
	    "http://p.example/x" },
	{ "an AMP twin", "amp", "<link rel=amphtml href='/a/amp'>",
	    "http://p.example/a/amp" },
	{ "a screen's other page is no twin", "amp", "<link rel=amphtml "
	    "media=handheld href='/a/amp'>", "" },
	{ "an AMP page", "flags", "<html amp lang=en>", "amp " },
	{ "one that writes the sign", "flags", "<html \xE2\x9A\xA1>"
	    "<style amp-boilerplate>body{}</style>", "amp " },
	{ "one that bears another sign", "flags", "<html \xE2\x9A\xA2>", ""
	},
};

static const struct page_case others[] = {
	{ "the site", "site", META("og:site_name", "Example"), "Example" },
	{ "no address and no handle", "site", META("og:site_name",
	    "https://p.example") "<meta name=application-name content='@ex'>"
	    LD("{\"@type\":\"WebSite\",\"name\":\"Example\"}"), "Example" },
	{ "an article by og:type", "flags", META("og:type", "article"),
	    "article " },
	{ "one by microdata", "flags", "<div " ARTICLE "></div>", "article " },
	{ "none", "flags", META("og:type", "website") LD("{\"@type\":"
	    "\"WebPage\"}"), "" },
	{ "paid for", "flags", META("article:content_tier", "locked"),
	    "paid " },
	{ "metered is not", "flags", META("article:content_tier", "metered"),
	    "" },
	{ "a body in an attribute", "body", "<div " ARTICLE "><meta "
	    "itemprop=articleBody content='&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b&lt;"
	    "/p&gt;'></div>", "a\n\nb" },
	{ "an element's text is the extraction's matter", "body", "<div "
	    ARTICLE "><div itemprop=articleBody>a</div></div>", "" },
	{ "two words for one thing", "title", "<meta name=title property="
	    "'og:title' content=a><title>b</title>", "a" },
	{ "nothing", "title", "", "" },
};

static void
test_titles(void **state)
{
	(void)state;
	page_check(titles, N(titles));
}

static void
test_summaries(void **state)
{
	(void)state;
	page_check(summaries, N(summaries));
}

static void
test_authors(void **state)
{
	(void)state;
	page_check(authors, N(authors));
}

static void
test_dates(void **state)
{
	(void)state;
	page_check(dates, N(dates));
}

static void
test_languages(void **state)
{
	(void)state;
	page_check(languages, N(languages));
}

static void
test_addresses(void **state)
{
	(void)state;
	page_check(addresses, N(addresses));
}

static void
test_others(void **state)
{
	(void)state;
	page_check(others, N(others));
}

/* Relative ones lead nowhere where the page's own address is not known. */
static void
test_no_address(void **state)
{
	struct page_meta *m = page_read(STR("<link rel=canonical href=/a>"
	    "<link rel=amphtml href='http://p.example/b'>"), "");
	const struct page_meta_said *said = page_meta_get(m);

	(void)state;
	assert_int_equal(said->canonical.n, 0);
	assert_true(str_eq_c(said->amp, "http://p.example/b"));
	page_meta_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_titles),
		cmocka_unit_test(test_summaries),
		cmocka_unit_test(test_authors),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
