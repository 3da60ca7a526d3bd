/* SPDX-License-Identifier: ISC */
/* Each rule by a small page of its own: what is found, what is left out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "feeds/article.h"
#include "feeds/article_rules.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* Paragraphs of some length, each said once. */
#define ONE	"The council met on Monday to talk about the harbour, which " \
	"has been closed since the storm in March, and agreed on little."
#define TWO	"Members of both sides said that the money for a new wall, " \
	"some four million, would have to come from somewhere else."
#define THREE	"A decision is not expected before the summer, when a report " \
	"of the engineers, ordered last year, is to be published."
#define FOUR	"Fishermen, who have had to sell their catch in another " \
	"town, said that they could not wait for another year."
#define OTHER	"Elsewhere a museum has opened a show of maps, among them " \
	"three that were thought to be lost, and visitors are many."
#define P(s)	"<p>" s "</p>\n"
#define GAP	"\n\n"
#define BODY	P(ONE) P(TWO) P(THREE) P(FOUR)
#define TEXT	ONE GAP TWO GAP THREE GAP FOUR
#define HEAD	"<!DOCTYPE html><html lang=en><head><meta charset=utf-8>" \
	"<title>Harbour stays closed</title></head><body>"
#define PAGE(s)	HEAD "<div><h1>Harbour stays closed</h1>" s "</div>"

struct page_case {
	const char		*says;
	const char		*html;
	const char		*text;
	enum article_way	 way;
};

static struct article *
find(struct str page, size_t step, const struct article_found **found)
{
	struct article *a = article_new(STR("https://news.example.com/a/b"));

	assert_non_null(a);
	for (size_t at = 0; at < page.n; at += step) {
		struct str piece = str_sub(page, at, step);

		if (!article_push(a, piece.p, piece.n))
			break;
	}
	*found = article_finish(a);
	assert_non_null(*found);
	return a;
}

/* Is it so, however the page comes? Says what is not. */
static bool
holds(const struct page_case *c)
{
	static const size_t steps[] = { SIZE_MAX / 2, 1460, 7, 1 };
	const struct article_found *f;
	bool holds = true;

	for (size_t i = 0; i < N(steps) && holds; i++) {
		struct article *a = find(str_from(c->html), steps[i], &f);

		holds = str_eq_c(f->text, c->text) && f->way == c->way;
		if (!holds)
			print_error("%s (by %zu): %s:\n%.*s\ninstead of\n%s\n",
			    c->says, steps[i], article_way_name(f->way),
			    STR_ARG(f->text), c->text);
		article_free(a);
	}
	return holds;
}

static void
check_all(const struct page_case *cases, size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += holds(&cases[i]) ? 0 : 1;
	assert_int_equal(wrong, 0);
}

/* -- Where the article is ------------------------------------------------- */

#define LD(body)	"<script type=application/ld+json>{\"@context\":" \
	"\"https://schema.org\",\"@type\":\"NewsArticle\",\"articleBody\":\"" \
	body "\"}</script>"

static const struct page_case places[] = {
	{ "a page with an article and little else",
	    PAGE(BODY), TEXT, ARTICLE_SCORED },
	{ "posts of a live page: the time that each begins with takes none "
	    "of them away",
	    HEAD "<article><h1>Harbour stays closed</h1>"
	    "<div class=post><time>10:05</time>" P(ONE) "</div>"
	    "<div class=post><time>10:04</time>" P(TWO) "</div>"
	    "<div class=post>Share" P(THREE) "</div>"
	    "<div class=post><b>Agency</b>" P(FOUR) "</div></article>",
	    "10:05" GAP ONE GAP "10:04" GAP TWO GAP "Share" GAP THREE GAP
	    "Agency" GAP FOUR, ARTICLE_ELEMENT },
	{ "an empty page", "", "", ARTICLE_NONE },
	{ "a page without words", HEAD "<p> <div>\n</div>", "", ARTICLE_NONE },
	{ "text that the page gives to machines, where scripts fill it in",
	    HEAD LD(ONE "\\n\\n" TWO) "<div id=app></div>", ONE GAP TWO,
	    ARTICLE_JSON_LD },
	{ "the same beside the text, where both agree",
	    HEAD LD(ONE "\\n\\n" TWO "\\n\\n" THREE "\\n\\n" FOUR)
	    "<p>Go to the news page</p>" BODY, TEXT, ARTICLE_JSON_LD },
	{ "but not where it is the beginning only",
	    HEAD LD(ONE) BODY, TEXT, ARTICLE_SCORED },
	{ "nor where it has no paragraphs and the page has",
	    HEAD LD(ONE " " TWO " " THREE " " FOUR) BODY, TEXT,
	    ARTICLE_SCORED },
	{ "what microdata call its body", PAGE(P(OTHER)
	    "<div itemprop=articleBody>" BODY "</div>" P(OTHER)), TEXT,
	    ARTICLE_MICRODATA },
	{ "what a class calls its body", PAGE(P(OTHER)
	    "<div class='story__text wide'>" BODY "</div>" P(OTHER)), TEXT,
	    ARTICLE_SCORED },
	{ "and words that are written together", PAGE(P(OTHER)
	    "<div id=articleBody>" BODY "</div>" P(OTHER)), TEXT,
	    ARTICLE_SCORED },
	{ "a body in two parts, what is between them left out",
	    PAGE("<article><div><div class=article-body>" P(ONE) P(TWO)
	    "</div></div><div class=ad>Buy this now, it is cheap.</div><div>"
	    "<div class=article-body>" P(THREE) P(FOUR)
	    "</div></div></article>"), TEXT, ARTICLE_SCORED },
	{ "but one that begins with the headline is whole", HEAD
	    "<div><div class=post-body><h1>Harbour stays closed</h1>" BODY
	    "</div><div class=post-body>" P(OTHER) "</div></div>", TEXT,
	    ARTICLE_SCORED },
	{ "articles that are called what is beside others elsewhere",
	    PAGE("<article class='modal'>" BODY "</article><article "
	    "class='modal'>" P(OTHER "1") P(OTHER "2") P(OTHER "3")
	    P(OTHER "4") P(OTHER "5") "</article>"), TEXT, ARTICLE_ELEMENT },
	{ "the article element", PAGE(P(OTHER) "<article>" BODY
	    "</article>" P(OTHER)), TEXT, ARTICLE_ELEMENT },
	{ "an article in a page without a body tag", "<html><title>Harbour "
	    "stays closed</title><meta name=x><article><h1>Harbour stays "
	    "closed</h1>" BODY "</article>", TEXT, ARTICLE_ELEMENT },
	{ "the first of several articles", PAGE("<article>" BODY "</article>"
	    "<article>" P(OTHER) P(OTHER) P(OTHER) P(OTHER) P(OTHER)
	    "</article>"), TEXT, ARTICLE_ELEMENT },
	{ "a ticker: the parts of one article below its headline", PAGE("<div>"
	    "<article>" P(ONE) "</article><article>" P(TWO) "</article>"
	    "<article>" P(THREE) "</article><article>" P(FOUR) "</article>"
	    "</div>"), TEXT, ARTICLE_ELEMENT },
	{ "the article that begins with the headline, not the first",
	    HEAD "<article><h2>A museum</h2>" P(OTHER "1") P(OTHER "2")
	    P(OTHER "3") "</article><article><h1>Harbour stays closed</h1>"
	    BODY "</article>", TEXT, ARTICLE_ELEMENT },
	{ "not the longest text, but the one below the headline",
	    HEAD "<div><div>" P(OTHER) P(ONE) P(OTHER) "</div><div>"
	    "<h1>Harbour stays closed</h1>" P(TWO) P(THREE) P(FOUR)
	    "</div></div>", TWO GAP THREE GAP FOUR, ARTICLE_SCORED },
	{ "a page whose paragraphs are parted by br", PAGE("<div>" ONE
	    "<br><br>" TWO "<br/>\n<br/>" THREE "</div>"),
	    ONE GAP TWO GAP THREE, ARTICLE_SCORED },
	{ "a page all of which is a form", HEAD "<form class=wide>" BODY
	    "<input name=x></form>", TEXT, ARTICLE_SCORED },
	{ "a page that is called after what it has", HEAD
	    "<div class='sidebar popup social'><div>" BODY
	    "</div></div>", TEXT, ARTICLE_SCORED },
	{ "an article that is filed under sponsors and comments",
	    PAGE("<article class='post category-sponsors tag-comments'>"
	    BODY "</article>"), TEXT, ARTICLE_ELEMENT },
	{ "words that are all in boxes of one name, which here means nothing",
	    PAGE("<div class=widget>" P(ONE) "</div><div class=widget>" P(TWO)
	    "</div><div class=widget>" P(THREE) P(FOUR) "</div>"), TEXT,
	    ARTICLE_SCORED },
	{ "comments that are longer than the article",
	    HEAD "<div>" P(ONE) P(TWO) P(THREE) P(FOUR) "</div>"
	    "<div id=comments>" P(OTHER "1") P(OTHER "2") P(OTHER "3")
	    P(OTHER "4") P(OTHER "5") P(OTHER "6") P(OTHER "7") "</div>",
	    TEXT, ARTICLE_SCORED },
	{ "lines that are all short", HEAD "<div><p>The sea is wide</p>"
	    "<p>the wall is low</p><p>and one is gone</p><p>who was my "
	    "friend</p><p>and still is</p></div>", "The sea is wide" GAP
	    "the wall is low" GAP "and one is gone" GAP "who was my friend"
	    GAP "and still is", ARTICLE_SCORED },
	{ "comments in articles of their own", PAGE("<article>" BODY
	    "</article><article class=comment>" P(OTHER) P(OTHER) P(OTHER)
	    P(OTHER) P(OTHER) P(OTHER) "</article>"), TEXT,
	    ARTICLE_ELEMENT },
};

static void
finds_the_article(void **state)
{
	(void)state;
	check_all(places, N(places));
}

/* -- What is left out ----------------------------------------------------- */

#define AROUND(says, before, amid, behind) \
	{ says, PAGE("<div class=article-body>" before P(ONE) P(TWO) amid \
	    P(THREE) P(FOUR) behind "</div>"), TEXT, ARTICLE_SCORED }

static const struct page_case around[] = {
	AROUND("the headline, again", "<h2>Harbour Stays Closed</h2>", "", ""),
	AROUND("another headline", "<h1>Of walls and ships</h1>", "", ""),
	AROUND("a byline", "<p class=byline>By A. Writer, our reporter in the "
	    "town by the sea, who has written this.</p>", "", ""),
	AROUND("names and dates in front", "<div>By A. Writer</div>"
	    "<time>Monday</time><div>Updated 10:00</div>", "", ""),
	AROUND("lines below the headline", "<div class=dek>All that is to be "
	    "known of the closed harbour and of its wall.</div>", "", ""),
	AROUND("a caption", "", "<figure><img src=x><figcaption>The harbour, "
	    "seen from the hill above it.</figcaption></figure>", ""),
	AROUND("a caption by its class", "", "<div class='wp-caption'><p>The "
	    "harbour, seen from the hill above it.</p></div>", ""),
	AROUND("words around a picture", "", "<figure><img src=x>The harbour "
	    "in spring</figure>", ""),
	AROUND("related articles", "", "<div class='related-articles'>"
	    P(OTHER) "</div>", "<div class=recommended>" P(OTHER) "</div>"),
	AROUND("a list of links", "", "<ul><li><a href=/1>A wall of stone</a>"
	    "<li><a href=/2>A ship of iron</a></ul>", ""),
	AROUND("a line that is a link", "",
	    "<p><a href=/1>Why the wall broke, and who knew.</a></p>", ""),
	AROUND("a teaser: a heading that is a link, with its words", "",
	    "<div><h3><a href=/1>The wall</a></h3><p>Why it broke, and who "
	    "had known of it for years.</p></div>", ""),
	AROUND("share bars", "<div class=share-bar>Tell your friends of this "
	    "article, on all networks.</div>", "",
	    "<ul class='social'><li>Send it to a friend, or two.</ul>"),
	AROUND("a form for letters", "", "<div class=newsletter-signup><p>Get "
	    "the best of each week by mail, on Friday evening.</p><form>"
	    "<label>Address</label><input></form></div>", ""),
	AROUND("a form, whatever it is for", "", "<form><p>How do you like "
	    "the harbour? Tell us, and win a basket of fish.</p></form>", ""),
	AROUND("a sentence that offers one", "", "<p>Get the best of each "
	    "week: sign up for our free newsletter.</p>", ""),
	AROUND("cookie texts", "<div class=cookie-notice><p>This site keeps "
	    "small files, as all sites do.</p></div>", "", ""),
	AROUND("cookie texts by their words", "", "", "<p>We use cookies to "
	    "make this site better, and share what we learn.</p>"),
	AROUND("advertisements", "", "<div class='ad-slot'>Buy this now, it is "
	    "very cheap.</div><p>Advertisement</p>", ""),
	AROUND("an aside, navigation, a footer", "<nav>Home, news, more, and "
	    "the weather.</nav>", "<aside>" P(OTHER) "</aside>",
	    "<footer>" P(OTHER) "</footer>"),
	AROUND("tags", "", "", "<div class=tags>Filed under this and that, "
	    "and something else.</div>"),
	AROUND("what is hidden", "", "<div style='color:red;display: none'>"
	    P(OTHER) "</div><p hidden>" OTHER "</p><p aria-hidden=true>" OTHER
	    "</p>", "<span class=sr-only>" OTHER "</span>"),
	AROUND("scripts, styles, templates, controls", "<style>p { x: y }"
	    "</style><template>" P(OTHER) "</template>", "<script>var x = "
	    "'<p>x</p>';</script><noscript>Turn scripts on.</noscript>"
	    "<button>Press</button><select><option>A</select>", "<svg><text>"
	    "x</text></svg><textarea>x</textarea><iframe>x</iframe>"),
	AROUND("labels, whatever element they are in", "", "<h3>Read more: A "
	    "wall</h3><div>SHARE THIS</div><p>Image copyright</p>",
	    "<div>Follow us on all networks</div>"),
	AROUND("all behind the comments", "", "", "<h3>12 Comments</h3><div>"
	    "<p>" OTHER "</p></div><div><p>So it is, I say.</p></div>"),
	AROUND("all behind what else is to be read", "", "", "<h4>You may also "
	    "like</h4><div><p>" OTHER "</p></div>"),
	AROUND("the box of what else is to be read, amid it", "",
	    "<div><div><h4>Related stories</h4></div><p>A wall of stone, "
	    "built long ago.</p></div>", ""),
	AROUND("a box that begins with a link", "", "<div><div><a href=/1>A "
	    "wall of stone</a></div><div>Why it broke, and who had known of "
	    "it for years.</div></div>", ""),
	AROUND("the page's own address, in front",
	    "<div>https://news.example.com/2026/11/27/the-harbour-stays-"
	    "closed-for-another-year-14848175.html</div>", "", ""),
	AROUND("a heading over nothing", "", "", "<h3>The latest</h3>"),
	AROUND("what was said elsewhere in the page", "", "", "<div><div><p>"
	    ONE "</p></div></div>"),
};

static void
leaves_out(void **state)
{
	(void)state;
	check_all(around, N(around));
}

/* -- What is kept --------------------------------------------------------- */

#define KEPT(says, html, text) \
	{ says, PAGE("<div class=article-body>" P(ONE) P(TWO) html P(THREE) \
	    "</div>"), ONE GAP TWO GAP text GAP THREE, ARTICLE_SCORED }

static const struct page_case kept[] = {
	KEPT("links in a sentence", "<p>As <a href=/1>was said</a> by the "
	    "<a href=/2>mayor</a>, nothing is certain.</p>",
	    "As was said by the mayor, nothing is certain."),
	KEPT("what flows in a line, whatever it is called", "<p>The wall "
	    "<span class=tag>of stone</span> is the older one of <b>two</b>"
	    ".</p>", "The wall of stone is the older one of two."),
	KEPT("headings over something", "<h2>The money</h2><p>It is "
	    "short.</p>", "The money" GAP "It is short."),
	KEPT("headings over a picture and then something", "<h2>The money"
	    "</h2><figure><figcaption>" OTHER "</figcaption></figure><div "
	    "class=ad-slot>" OTHER "</div><p>It is short.</p>", "The money"
	    GAP "It is short."),
	KEPT("headings of the first kind amid the text", "<h1>The money</h1>"
	    "<p>It is short.</p>", "The money" GAP "It is short."),
	KEPT("lists", "<ul><li>A wall</li><li>A ship</li></ul>",
	    "A wall" GAP "A ship"),
	KEPT("quotations", "<blockquote><p>It is over, he said.</p>"
	    "</blockquote>", "It is over, he said."),
	KEPT("posts of elsewhere", "<blockquote class=twitter-tweet><p>Closed "
	    "again! What a day.</p>&mdash; A. Writer</blockquote>",
	    "Closed again! What a day." GAP "\xE2\x80\x94 A. Writer"),
	KEPT("tables", "<table><tr><td>Boats<td>12<tr><td>Nets<td>9</table>",
	    "Boats" GAP "12" GAP "Nets" GAP "9"),
	KEPT("line ends", "<p>It is over,<br>he said,\n and went.</p>",
	    "It is over,\nhe said, and went."),
	KEPT("text beside elements", "Some said so, <p>and others not.</p> Or "
	    "so it seems.", "Some said so," GAP "and others not." GAP
	    "Or so it seems."),
	KEPT("white space of all kinds as one", "<p> It\t is&nbsp; \n so"
	    "&shy;me\xE2\x80\x8Bthing. </p>", "It is something."),
	KEPT("steps that are repeated beside each other",
	    P("Stir the soup slowly, then let it rest on the table for about "
	    "a quarter of an hour.") P("Stir the soup slowly, then let it "
	    "rest on the table for about a quarter of an hour."),
	    "Stir the soup slowly, then let it rest on the table for about a "
	    "quarter of an hour." GAP "Stir the soup slowly, then let it rest "
	    "on the table for about a quarter of an hour."),
	KEPT("a site's own elements", "<x-para>It is over, he said.</x-para>"
	    "<x-para>So it is.</x-para>", "It is over, he said." GAP
	    "So it is."),
};

static void
keeps(void **state)
{
	(void)state;
	check_all(kept, N(kept));
}

/* -- Names ---------------------------------------------------------------- */

static void
knows_what_names_mean(void **state)
{
	static const struct {
		const char	*attr, *value;
		uint32_t	 hints;
	} cases[] = {
		{ "class", "ad", ARTICLE_HINT_AD },
		{ "class", "zergnet_box", ARTICLE_HINT_RELATED },
		{ "class", "head bread address shared", 0 },
		{ "class", "x-AdSlot2", ARTICLE_HINT_AD },
		{ "class", "commentList", ARTICLE_HINT_COMMENT },
		{ "id", "Related.Stories", ARTICLE_HINT_RELATED },
		{ "class", "articleBody", ARTICLE_HINT_BODY },
		{ "class", "article-body", ARTICLE_HINT_BODY },
		{ "class", "article body", 0 },
		{ "class", "body-text", ARTICLE_HINT_BODY },
		{ "class", "post__content comment-count",
		    ARTICLE_HINT_BODY | ARTICLE_HINT_COMMENT },
		{ "class", "tag-sports category-cookies has-sidebar", 0 },
		{ "class", "tag-list", ARTICLE_HINT_TAGS },
		{ "class", "elementor-widget", 0 },
		{ "class", "widget", ARTICLE_HINT_NAV },
		{ "class", "embed social", ARTICLE_HINT_EMBED },
		{ "itemprop", "articleBody", ARTICLE_HINT_PROP },
		{ "itemprop", "articlebody", 0 },
		{ "role", "Navigation", ARTICLE_HINT_NAV },
		{ "style", "x:y;DISPLAY: none", ARTICLE_HINT_HIDDEN },
		{ "hidden", "", ARTICLE_HINT_HIDDEN },
		{ "aria-hidden", "false", 0 },
		{ "href", "comment", 0 },
		{ "class", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		const struct html_attr a = { str_from(cases[i].attr),
		    str_from(cases[i].value) };
		uint32_t hints = article_rules_hints(&a, 1);

		if (hints != cases[i].hints)
			fail_msg("%s=\"%s\": %x, not %x", cases[i].attr,
			    cases[i].value, hints, cases[i].hints);
	}
	assert_int_equal(article_rules_tag(STR("a")), ARTICLE_A);
	assert_int_equal(article_rules_tag(STR("video")), ARTICLE_UNSEEN);
	assert_int_equal(article_rules_tag(STR("h1")), ARTICLE_H1);
	assert_int_equal(article_rules_tag(STR("x-y")), ARTICLE_DIV);
	assert_int_equal(article_rules_tag(STR("strong")), ARTICLE_OTHER);
}

/* -- Walls ---------------------------------------------------------------- */

#define SHORT	P("Read on below.")

static const struct {
	const char		*says, *url, *html;
	enum article_barrier	 barrier;
	const char		*wall;
} walls[] = {
	{ "an article", "", PAGE(BODY BODY), ARTICLE_OPEN, NULL },
	{ "a bot wall, by its title", "", "<title>Just a moment...</title>"
	    SHORT, ARTICLE_BOT_WALL, "Cloudflare challenge" },
	{ "by an attribute", "", "<title>x</title><div id=px-captcha></div>",
	    ARTICLE_BOT_WALL, "PerimeterX captcha" },
	{ "by a script", "", "<script>window._cf_chl_opt={}</script>" SHORT,
	    ARTICLE_BOT_WALL, "Cloudflare challenge" },
	{ "by its text", "", "<p>Please verify you are human.</p>",
	    ARTICLE_BOT_WALL, "captcha" },
	{ "such words in an article", "", PAGE(BODY BODY
	    P("Please verify you are human.")), ARTICLE_OPEN, NULL },
	{ "a consent wall, by its words", "", "<title>News</title><h1>Before "
	    "you continue to News</h1><p>We and our partners use cookies."
	    "</p>", ARTICLE_CONSENT, NULL },
	{ "in another language", "", "<title>Mit Werbung und Tracking lesen"
	    "</title><p>Stimmen Sie zu.</p>", ARTICLE_CONSENT, NULL },
	{ "by where the page is", "https://consent.example.com/x", SHORT,
	    ARTICLE_CONSENT, NULL },
	{ "a cookie bar over an article", "", PAGE("<div class=cookie>Accept "
	    "all cookies</div>" BODY BODY BODY), ARTICLE_OPEN, NULL },
	{ "a cookie bar over a short article", "", PAGE("<div class=cookie>"
	    "Accept all cookies</div>" P(ONE) P(TWO) P(THREE)),
	    ARTICLE_OPEN, NULL },
	{ "a box for readers beside a short article", "", PAGE(P(ONE) P(TWO)
	    P(THREE) "<aside>Please verify you are human.</aside>"),
	    ARTICLE_OPEN, NULL },
	{ "a consent wall of many words", "", "<title>News</title><h1>Your "
	    "choice</h1><p>We and our partners store things on your device, "
	    "such as names and numbers, to show what you like, to count what "
	    "is read and to learn who reads it, wherever you go.</p><p>You "
	    "may say no at any time, in the settings of your account, to all "
	    "of it or to a part of it.</p>", ARTICLE_CONSENT, NULL },
	{ "a paywall, by what the page says", "",
	    "<script type=application/ld+json>{\"@type\":\"NewsArticle\","
	    "\"isAccessibleForFree\":false}</script>" P(ONE),
	    ARTICLE_PAYWALL, NULL },
	{ "by its class", "", P(ONE) "<div class=paywall-overlay>x</div>",
	    ARTICLE_PAYWALL, NULL },
	{ "by its words", "", P(ONE) P("Subscribe to continue reading."),
	    ARTICLE_PAYWALL, NULL },
};

static void
tells_walls(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(walls); i++) {
		const struct article_found *f;
		struct article *a = article_of_page(str_from(walls[i].url),
		    str_from(walls[i].html), STR("text/html;charset=utf-8"),
		    &f);

		assert_non_null(a);
		if (f->barrier != walls[i].barrier ||
		    !str_same(f->wall, walls[i].wall))
			fail_msg("%s: %s, %s", walls[i].says,
			    article_barrier_name(f->barrier),
			    f->wall != NULL ? f->wall : "no wall");
		article_free(a);
	}
}

/* -- Charsets ------------------------------------------------------------- */

#define CYRILLIC	"\xD1\xEE\xE2\xE5\xF2 \xF1\xEE\xE1\xF0\xE0\xEB\xF1" \
	"\xFF \xE2 \xEF\xEE\xED\xE5\xE4\xE5\xEB\xFC\xED\xE8\xEA, " \
	"\xF7\xF2\xEE\xE1\xFB \xEE\xE1\xF1\xF3\xE4\xE8\xF2\xFC " \
	"\xE3\xE0\xE2\xE0\xED\xFC, \xEA\xEE\xF2\xEE\xF0\xE0\xFF " \
	"\xE7\xE0\xEA\xF0\xFB\xF2\xE0 \xF1 \xEC\xE0\xF0\xF2\xE0. "
/* "Sovet sobralsja", in UTF-8. */
#define IN_UTF8		"\xD0\xA1\xD0\xBE\xD0\xB2\xD0\xB5\xD1\x82 " \
	"\xD1\x81\xD0\xBE\xD0\xB1\xD1\x80\xD0\xB0\xD0\xBB\xD1\x81\xD1\x8F"

static void
reads_any_charset(void **state)
{
	static const struct {
		const char	*says, *type, *html, *begins;
	} cases[] = {
		{ "what the header says", "text/html; charset=windows-1251",
		    P(CYRILLIC CYRILLIC), IN_UTF8 },
		{ "what the page says", "text/html",
		    "<meta charset=windows-1251>" P(CYRILLIC CYRILLIC),
		    IN_UTF8 },
		{ "what nobody says", "", P(CYRILLIC CYRILLIC CYRILLIC CYRILLIC
		    CYRILLIC CYRILLIC CYRILLIC), IN_UTF8 },
		{ "bytes that are no UTF-8", "", P("Un caf\xE9 avec vue sur "
		    "la mer, et du pain, mais sans fromage ni tomates."),
		    "Un caf\xC3\xA9 avec" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		const struct article_found *f;
		struct article *a = article_of_page(STR_NONE,
		    str_from(cases[i].html), str_from(cases[i].type), &f);

		assert_non_null(a);
		if (!str_starts(f->text, str_from(cases[i].begins)))
			fail_msg("%s: %.*s", cases[i].says, STR_ARG(f->text));
		article_free(a);
	}
}

/* -- What the page says --------------------------------------------------- */

static void
tells_what_the_page_says(void **state)
{
	const struct article_found *f;
	struct article *a = find(STR("<!DOCTYPE html><html amp lang=pt-BR>"
	    "<head><title>Harbour</title><link rel=canonical href='/full'>"
	    "</head><body><amp-ad>" P(OTHER) "</amp-ad>" BODY), 100, &f);

	(void)state;
	assert_true(str_eq_c(f->text, TEXT));
	assert_true(f->said->is_amp);
	assert_true(str_eq_c(f->said->language, "pt-BR"));
	assert_true(str_eq_c(f->said->title, "Harbour"));
	assert_true(str_eq_c(f->said->canonical,
	    "https://news.example.com/full"));
	assert_false(f->is_cut);
	article_free(a);
}

static void
names_are_words(void **state)
{
	(void)state;
	assert_string_equal(article_way_name(ARTICLE_NONE), "none");
	assert_string_equal(article_way_name(ARTICLE_JSON_LD), "json-ld");
	assert_string_equal(article_way_name(ARTICLE_MICRODATA), "microdata");
	assert_string_equal(article_way_name(ARTICLE_ELEMENT), "element");
	assert_string_equal(article_way_name(ARTICLE_SCORED), "score");
	assert_string_equal(article_barrier_name(ARTICLE_OPEN), "open");
	assert_string_equal(article_barrier_name(ARTICLE_CONSENT), "consent");
	assert_string_equal(article_barrier_name(ARTICLE_PAYWALL), "paywall");
	assert_string_equal(article_barrier_name(ARTICLE_BOT_WALL),
	    "bot wall");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_article),
		cmocka_unit_test(leaves_out),
		cmocka_unit_test(keeps),
		cmocka_unit_test(knows_what_names_mean),
		cmocka_unit_test(tells_walls),
		cmocka_unit_test(reads_any_charset),
		cmocka_unit_test(tells_what_the_page_says),
		cmocka_unit_test(names_are_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
