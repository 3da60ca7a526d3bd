/* SPDX-License-Identifier: ISC */
/*
 * Words of class and id are what people who build sites have called things for
 * twenty years; the lists that readability, boilerpipe and trafilatura publish
 * agree on most of them.
 */
#include "feeds/article_rules.h"

#include <stdlib.h>
#include <string.h>

#define N(a)	(sizeof(a) / sizeof((a)[0]))

enum { MAX_WORD = 24, MAX_KIN = 4 };

/* -- Elements ------------------------------------------------------------- */

/* Sorted by name. What is not in it flows in its line. Where a page has no
 * body tag libxml2 leaves article and main in the head. */
static const struct element {
	struct str	 name;
	enum article_tag tag;
} elements[] = {
#define ROW(name, tag)	{ { name, sizeof(name) - 1 }, ARTICLE_##tag }
	ROW("a", A), ROW("address", ADDRESS), ROW("amp-ad", UNSEEN),
	ROW("article", ARTICLE),
	ROW("aside", ASIDE), ROW("audio", UNSEEN), ROW("blockquote", QUOTE),
	ROW("body", BODY), ROW("br", BR), ROW("button", UNSEEN),
	ROW("canvas", UNSEEN), ROW("caption", CAPTION), ROW("center", DIV),
	ROW("datalist", UNSEEN), ROW("dd", LI), ROW("details", DIV),
	ROW("dialog", ASIDE), ROW("dir", LIST), ROW("div", DIV),
	ROW("dl", LIST), ROW("dt", LI), ROW("fieldset", FORM),
	ROW("figcaption", CAPTION), ROW("figure", FIGURE),
	ROW("footer", FOOTER), ROW("form", FORM), ROW("frameset", UNSEEN),
	ROW("h1", H1), ROW("h2", HEADING), ROW("h3", HEADING),
	ROW("h4", HEADING), ROW("h5", HEADING), ROW("h6", HEADING),
	ROW("head", DIV), ROW("header", HEADER), ROW("hr", DIV),
	ROW("html", DIV), ROW("iframe", UNSEEN), ROW("label", UNSEEN),
	ROW("legend", UNSEEN), ROW("li", LI), ROW("main", MAIN),
	ROW("map", UNSEEN), ROW("math", UNSEEN), ROW("menu", LIST),
	ROW("nav", NAV), ROW("noembed", UNSEEN), ROW("noframes", UNSEEN),
	ROW("noscript", UNSEEN), ROW("object", UNSEEN), ROW("ol", LIST),
	ROW("option", UNSEEN), ROW("p", P), ROW("picture", UNSEEN),
	ROW("pre", PRE), ROW("script", UNSEEN), ROW("section", SECTION),
	ROW("select", UNSEEN), ROW("style", UNSEEN), ROW("summary", DIV),
	ROW("svg", UNSEEN), ROW("table", TABLE), ROW("tbody", DIV),
	ROW("td", CELL), ROW("template", UNSEEN), ROW("textarea", UNSEEN),
	ROW("tfoot", DIV), ROW("th", CELL), ROW("thead", DIV),
	ROW("time", TIME), ROW("title", UNSEEN), ROW("tr", ROW),
	ROW("ul", LIST), ROW("video", UNSEEN),
#undef ROW
};

static int
compare(struct str a, struct str b)
{
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

static int
compare_element(const void *key, const void *row)
{
	return compare(*(const struct str *)key,
	    ((const struct element *)row)->name);
}

enum article_tag
article_rules_tag(struct str name)
{
	const struct element *e = bsearch(&name, elements, N(elements),
	    sizeof(elements[0]), compare_element);

	if (e != NULL)
		return e->tag;
	/* Elements of a site's own are mostly blocks. */
	return memchr(name.p, '-', name.n) != NULL ? ARTICLE_DIV :
	    ARTICLE_OTHER;
}

bool
article_rules_parts(enum article_tag tag)
{
	return tag > ARTICLE_UNSEEN && tag != ARTICLE_TIME;
}

/* -- Words of class and id ------------------------------------------------ */

/* Two words that together name the text: "article-body", "post_content". */
enum { SUBJECT = 1 << 28, PART = 1 << 29 };

/* Sorted by word. ROW: the word itself; ANY: or what begins with it; MAKES:
 * one of two. */
static const struct word {
	struct str	word;
	uint32_t	hints;
	bool		begins;
} words[] = {
#define ROW(word, hint)	{ { word, sizeof(word) - 1 }, ARTICLE_HINT_##hint, 0 }
#define ANY(word, hint)	{ { word, sizeof(word) - 1 }, ARTICLE_HINT_##hint, 1 }
#define MAKES(word, hint)	{ { word, sizeof(word) - 1 }, hint, 0 }
	ROW("abstract", DEK), ROW("ad", AD), ANY("adbox", AD),
	ANY("adcontainer", AD), ANY("addthis", SHARE), ANY("addtoany", SHARE),
	ROW("ads", AD), ANY("adsby", AD), ANY("adsense", AD), ANY("adslot", AD),
	ANY("adunit", AD), ROW("adv", AD), ANY("advert", AD), ANY("adwrap", AD),
	ROW("alsoread", RELATED), MAKES("article", SUBJECT),
	ANY("articlebody", BODY), ANY("articlecontent", BODY),
	ANY("articlecopy", BODY), ANY("articledetail", BODY),
	ANY("articletext", BODY), ROW("attribution", CAPTION),
	ANY("author", BYLINE), ROW("banner", AD), ROW("billboard", AD),
	ROW("bio", BYLINE), ROW("biography", BYLINE), MAKES("blog", SUBJECT),
	MAKES("body", PART), ANY("bodycopy", BODY), ANY("bodytext", BODY),
	ROW("bookmark", SHARE), ROW("bookmarks", SHARE), ANY("breadcrumb", NAV),
	ANY("byline", BYLINE), ANY("caption", CAPTION),
	ROW("carousel", CAPTION), ROW("categories", TAGS), ROW("ccpa", COOKIE),
	ROW("cmp", COOKIE), ANY("comment", COMMENT), ANY("consent", COOKIE),
	MAKES("content", PART), ANY("contentbody", BODY),
	MAKES("contents", PART), ANY("contributor", BYLINE),
	ANY("cookie", COOKIE), MAKES("copy", PART), ROW("copyright", CAPTION),
	ROW("coral", COMMENT), ROW("credit", CAPTION), ROW("credits", CAPTION),
	ROW("cutline", CAPTION), ROW("date", BYLINE), ROW("dateline", BYLINE),
	ROW("datetime", BYLINE), ROW("deck", DEK), ROW("dek", DEK),
	MAKES("detail", PART), MAKES("details", PART), ANY("dfp", AD),
	ROW("dianomi", RELATED), ANY("didomi", COOKIE), ROW("disclaimer", FOOT),
	ROW("discussion", COMMENT), ANY("disqus", COMMENT),
	ROW("donate", SIGNUP), ROW("donation", SIGNUP),
	ROW("donations", SIGNUP), ROW("embed", EMBED), ROW("engageya", RELATED),
	MAKES("entry", SUBJECT), ANY("entrycontent", BODY),
	ANY("entrytext", BODY), ROW("eyebrow", TITLE), MAKES("field", SUBJECT),
	ROW("follow", SHARE), ROW("followus", SHARE), ROW("footer", FOOT),
	ROW("gallery", CAPTION), ANY("gdpr", COOKIE), ROW("gpt", AD),
	ROW("headline", TITLE), ROW("hed", TITLE), ROW("hidden", HIDDEN),
	ROW("instagram", EMBED), ROW("instapaper", BODY),
	ROW("interstitial", COOKIE), ROW("invisible", HIDDEN),
	ROW("keywords", TAGS), ROW("kicker", TITLE), ROW("labels", TAGS),
	ROW("leaderboard", AD), ROW("lightbox", COOKIE),
	ANY("livefyre", COMMENT), ROW("login", SIGNUP),
	ANY("mailchimp", SIGNUP), ROW("mailing", SIGNUP), MAKES("main", PART),
	ROW("masthead", NAV), ROW("membership", SIGNUP), ROW("menu", NAV),
	ROW("meta", BYLINE), ROW("mgid", RELATED), ROW("modal", COOKIE),
	ROW("modified", BYLINE), ROW("morefrom", RELATED),
	ROW("morenews", RELATED), ROW("moreon", RELATED),
	ROW("morestories", RELATED), ANY("mostpopular", RELATED),
	ANY("mostread", RELATED), ROW("mpu", AD), ROW("nav", NAV),
	ANY("navbar", NAV), ANY("navigation", NAV), MAKES("news", SUBJECT),
	ANY("newsbody", BODY), ANY("newscontent", BODY),
	ANY("newsdetail", BODY), ANY("newsletter", SIGNUP),
	ANY("newstext", BODY), ROW("nextprev", RELATED), MAKES("node", SUBJECT),
	ROW("offscreen", HIDDEN), ANY("onetrust", COOKIE), ANY("optin", SIGNUP),
	ANY("outbrain", RELATED), ROW("overlay", COOKIE),
	ROW("overline", TITLE), ROW("pagenav", NAV), ROW("pager", NAV),
	ANY("pagination", NAV), ROW("paging", NAV), ANY("paywall", PAYWALL),
	ROW("photographer", CAPTION), ROW("plista", RELATED),
	ANY("popular", RELATED), ROW("popup", COOKIE), MAKES("post", SUBJECT),
	ANY("postbody", BODY), ANY("postcontent", BODY), ROW("posted", BYLINE),
	ROW("postmeta", BYLINE), ANY("posttext", BODY),
	ROW("prevnext", RELATED), ROW("printfriendly", SHARE),
	ROW("privacy", COOKIE), ROW("promo", RELATED), ROW("promos", RELATED),
	ROW("promoted", AD), ROW("pubdate", BYLINE), ROW("published", BYLINE),
	ROW("rail", NAV), ROW("reactions", COMMENT), ANY("readalso", RELATED),
	ANY("readmore", RELATED), ANY("readnext", RELATED),
	ROW("recent", RELATED), ANY("recirc", RELATED),
	ANY("recommend", RELATED), ROW("register", SIGNUP),
	ROW("registration", SIGNUP), ROW("regwall", PAYWALL),
	ANY("related", RELATED), ROW("replies", COMMENT),
	ROW("reporter", BYLINE), ROW("respond", COMMENT),
	ROW("revcontent", RELATED), ROW("search", NAV), ANY("seealso", RELATED),
	ROW("share", SHARE), ANY("shareaholic", SHARE), ROW("sharebar", SHARE),
	ROW("sharebuttons", SHARE), ROW("sharedaddy", SHARE),
	ROW("sharer", SHARE), ROW("shares", SHARE), ANY("sharethis", SHARE),
	ROW("sharetools", SHARE), ANY("sharing", SHARE), ANY("sidebar", NAV),
	ROW("signin", SIGNUP), ANY("signup", SIGNUP), ANY("similar", RELATED),
	ROW("skip", NAV), ANY("slideshow", CAPTION), ANY("social", SHARE),
	ANY("sponsor", AD), ANY("spotim", COMMENT), ROW("sr", HIDDEN),
	ROW("standfirst", DEK), MAKES("story", SUBJECT), ANY("storybody", BODY),
	ANY("storycontent", BODY), ANY("storytext", BODY), ROW("sub", DEK),
	ROW("subhead", DEK), ROW("subheading", DEK), ROW("subheadline", DEK),
	ANY("subscri", SIGNUP), ROW("subtitle", DEK), ROW("suggested", RELATED),
	ROW("suggestions", RELATED), ANY("taboola", RELATED), ROW("tag", TAGS),
	ROW("tagcloud", TAGS), ROW("taglist", TAGS), ROW("tags", TAGS),
	ROW("teads", AD), ROW("teaser", RELATED), ROW("teasers", RELATED),
	MAKES("text", PART), ROW("timestamp", BYLINE), ROW("toolbar", NAV),
	ROW("tools", SHARE), ROW("tooltip", COOKIE), ROW("topbar", NAV),
	ROW("topics", TAGS), ANY("trending", RELATED), ROW("tweet", EMBED),
	MAKES("txt", PART), ROW("updated", BYLINE), ROW("upnext", RELATED),
	ROW("vcard", BYLINE), ANY("viafoura", COMMENT),
	ROW("visuallyhidden", HIDDEN), ROW("widget", NAV), ROW("widgets", NAV),
	ROW("writer", BYLINE), ROW("yarpp", RELATED), ANY("zergnet", RELATED),
#undef ROW
#undef ANY
#undef MAKES
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* How many rows do not stand behind the word. */
static size_t
rows_up_to(struct str word)
{
	size_t low = 0, high = N(words);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare(words[middle].word, word) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What begins a word stands before it, and behind that only its longer kin:
 * a few rows. */
static uint32_t
hints_of_word(struct str word)
{
	size_t n = rows_up_to(word);

	if (n > 0 && str_eq(words[n - 1].word, word))
		return words[n - 1].hints;
	for (size_t i = n, tries = 0; i-- > 0 && tries < MAX_KIN; tries++)
		if (words[i].begins && str_starts(word, words[i].word))
			return words[i].hints;
	return 0;
}

/*
 * WordPress and its kin write on an element what is filed under what
 * ("category-sponsors"), and on the page what it has ("has-sidebar"); what
 * builds pages calls each of their parts a widget.
 */
static bool
is_of_contents(struct str name)
{
	static const struct str starts[] = {
#define ROW(name)	{ name, sizeof(name) - 1 }
		ROW("category-"), ROW("tag-"), ROW("has-"), ROW("no-"),
		ROW("with-"), ROW("not-"), ROW("type-"), ROW("format-"),
		ROW("status-"), ROW("topic-"), ROW("section-"),
		ROW("elementor"), ROW("et_pb_"), ROW("fl-"), ROW("vc_"),
		ROW("wpb_"), ROW("siteorigin"), ROW("so-"),
#undef ROW
	};
	static const char *const lists[] = { "tag-list", "tag-links",
		"tag-cloud", "tag-container", "tag-wrapper" };

	for (size_t i = 0; i < N(lists); i++)
		if (str_starts(name, str_from(lists[i])))
			return false;
	for (size_t i = 0; i < N(starts); i++)
		if (str_starts(name, starts[i]))
			return true;
	return false;
}

/* One name of a class: words parted by what is no letter, or by a capital. */
static uint32_t
hints_of_name(struct str name)
{
	char word[MAX_WORD];
	uint32_t hints, all = 0;
	size_t n = 0, n_parts = 0;

	for (size_t i = 0; i <= name.n; i++) {
		char c = i < name.n ? name.p[i] : '-';
		bool capital = c >= 'A' && c <= 'Z' && i > 0 &&
		    name.p[i - 1] >= 'a' && name.p[i - 1] <= 'z';

		if ((capital || !is_letter(c)) && n > 0) {
			hints = hints_of_word((struct str){ word, n });
			n_parts += (hints & PART) != 0;
			all |= hints;
			n = 0;
		}
		if (is_letter(c) && n < MAX_WORD)
			word[n++] = (char)(c | 0x20);
	}
	if (n_parts > 1 || ((all & SUBJECT) && n_parts > 0))
		all |= ARTICLE_HINT_BODY;
	return all & ~(uint32_t)(SUBJECT | PART);
}

static uint32_t
hints_of_names(struct str list)
{
	uint32_t hints = 0;
	struct str name;

	while ((name = str_next_word(&list)).n > 0)
		if (!is_of_contents(name))
			hints |= hints_of_name(name);
	return hints;
}

static uint32_t
hints_of_style(struct str style)
{
	return str_find_nocase(style, STR("display:none")) < style.n ||
	    str_find_nocase(style, STR("display: none")) < style.n ?
	    ARTICLE_HINT_HIDDEN : 0;
}

static uint32_t
hints_of_prop(struct str value)
{
	static const struct {
		const char	*name;
		uint32_t	 hint;
	} props[] = {
		{ "articleBody", ARTICLE_HINT_PROP },
		{ "reviewBody", ARTICLE_HINT_PROP },
		{ "headline", ARTICLE_HINT_TITLE },
		{ "description", ARTICLE_HINT_DEK },
		{ "author", ARTICLE_HINT_BYLINE },
		{ "datePublished", ARTICLE_HINT_BYLINE },
		{ "dateModified", ARTICLE_HINT_BYLINE },
		{ "comment", ARTICLE_HINT_COMMENT },
		{ "caption", ARTICLE_HINT_CAPTION },
		{ "keywords", ARTICLE_HINT_TAGS },
	};

	for (size_t i = 0; i < N(props); i++)
		if (str_eq_c(value, props[i].name))
			return props[i].hint;
	return 0;
}

static uint32_t
hints_of_role(struct str value)
{
	static const struct {
		const char	*name;
		uint32_t	 hint;
	} roles[] = {
		{ "navigation", ARTICLE_HINT_NAV },
		{ "complementary", ARTICLE_HINT_NAV },
		{ "banner", ARTICLE_HINT_NAV },
		{ "contentinfo", ARTICLE_HINT_NAV },
		{ "search", ARTICLE_HINT_NAV },
		{ "menu", ARTICLE_HINT_NAV },
		{ "dialog", ARTICLE_HINT_COOKIE },
		{ "alertdialog", ARTICLE_HINT_COOKIE },
	};

	for (size_t i = 0; i < N(roles); i++)
		if (str_eq_nocase(value, str_from(roles[i].name)))
			return roles[i].hint;
	return 0;
}

uint32_t
article_rules_hints(const struct html_attr *attrs, size_t n)
{
	uint32_t hints = 0;

	for (size_t i = 0; i < n; i++) {
		struct str name = attrs[i].name, value = attrs[i].value;

		if (str_eq_c(name, "class") || str_eq_c(name, "id"))
			hints |= hints_of_names(value);
		else if (str_eq_c(name, "style"))
			hints |= hints_of_style(value);
		else if (str_eq_c(name, "itemprop"))
			hints |= hints_of_prop(value);
		else if (str_eq_c(name, "role"))
			hints |= hints_of_role(value);
		else if (str_eq_c(name, "hidden") ||
		    (str_eq_c(name, "aria-hidden") &&
		    str_eq_c(value, "true")))
			hints |= ARTICLE_HINT_HIDDEN;
	}
	if (hints & ARTICLE_HINT_EMBED)
		hints &= ~(uint32_t)ARTICLE_HINT_SHARE;
	return hints;
}
