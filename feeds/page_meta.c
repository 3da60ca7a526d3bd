/* SPDX-License-Identifier: ISC */
/*
 * Elements are handed to those who know them; all that is said comes together
 * in the facts (feeds/page_facts), where the sources have their ranks.
 */
#include "feeds/page_meta.h"

#include <stdlib.h>

#include "feeds/page_facts.h"
#include "feeds/page_json_ld.h"
#include "feeds/page_microdata.h"

struct page_meta {
	struct page_facts	*facts;
	struct page_json_ld	*json_ld;
	struct page_microdata	*microdata;
	bool			 in_raw;	/* in a script, a style */
	bool			 in_json_ld;	/* in a script of that type */
	bool			 has_title, has_h1;
	size_t			 n_svg, n_articles;	/* open ones */
	struct page_meta_said	 said;
};

/* -- Words ---------------------------------------------------------------- */

static bool
has_attr(const struct html_attr *a, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq_c(a[i].name, name))
			return true;
	return false;
}

/* -- Elements ------------------------------------------------------------- */

static void
take_html(struct page_meta *m, const struct html_attr *a, size_t n)
{
	struct str lang = html_attr_of(a, n, "lang");

	if (lang.n == 0)
		lang = html_attr_of(a, n, "xml:lang");
	page_facts_say(m->facts, SOURCE_ELEMENT, STR("html"), lang);
	if (has_attr(a, n, "amp"))
		page_facts_set_amp(m->facts);
}

/*
 * AMP pages may write the sign of a flash in place of "amp", which libxml2
 * takes for no name; this one all of them must have.
 */
static void
take_style(struct page_meta *m, const struct html_attr *a, size_t n)
{
	m->in_raw = true;
	if (has_attr(a, n, "amp-boilerplate"))
		page_facts_set_amp(m->facts);
}

static void
take_base(struct page_meta *m, const struct html_attr *a, size_t n)
{
	page_facts_set_base(m->facts, html_attr_of(a, n, "href"));
}

static void
note_meta(struct page_meta *m, struct str name, struct str content)
{
	if (str_eq_nocase(name, STR("og:type")) &&
	    (str_eq_nocase(content, STR("article")) ||
	    str_eq_nocase(content, STR("news")) ||
	    str_eq_nocase(content, STR("newsarticle"))))
		page_facts_set_article(m->facts);
	/* Facebook's: free, metered or locked. */
	if (str_eq_nocase(name, STR("article:content_tier")) &&
	    str_eq_nocase(content, STR("locked")))
		page_facts_set_paid(m->facts);
}

/*
 * One is enough, but some write name for property and the other way round, and
 * some put several words into one. itemprop is microdata's.
 */
static void
take_meta(struct page_meta *m, const struct html_attr *a, size_t n)
{
	static const char *const names[] = { "property", "name",
		"http-equiv" };
	struct str content = str_trim(html_attr_of(a, n, "content"));

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct str list = html_attr_of(a, n, names[i]), name;

		while (content.n > 0 && (name = str_next_word(&list)).n > 0) {
			page_facts_say(m->facts, SOURCE_META, name, content);
			note_meta(m, name, content);
		}
	}
}

/*
 * A link that is for another language or screen says where else something is,
 * not what this page is.
 */
static void
take_link(struct page_meta *m, const struct html_attr *a, size_t n)
{
	struct str rel = html_attr_of(a, n, "rel");
	struct str href = html_attr_of(a, n, "href");

	if (has_attr(a, n, "hreflang") || has_attr(a, n, "media"))
		return;
	if (str_has_word(rel, STR("canonical")))
		page_facts_say(m->facts, SOURCE_LINK, STR("canonical"), href);
	if (str_has_word(rel, STR("amphtml")))
		page_facts_say(m->facts, SOURCE_LINK, STR("amphtml"), href);
}

static void
take_title(struct page_meta *m, const struct html_attr *a, size_t n)
{
	(void)a;
	(void)n;
	if (m->n_svg == 0 && !m->has_title)
		page_microdata_listen(m->microdata, SOURCE_ELEMENT, "title");
	m->has_title = m->has_title || m->n_svg == 0;
}

static void
take_h1(struct page_meta *m, const struct html_attr *a, size_t n)
{
	(void)a;
	(void)n;
	page_microdata_listen(m->microdata, SOURCE_ELEMENT, "h1");
	m->has_h1 = true;
}

/*
 * The first in an article, or behind a headline, is mostly its own; one before
 * is of the teaser at the top of the page.
 */
static void
take_time(struct page_meta *m, const struct html_attr *a, size_t n)
{
	struct str datetime = html_attr_of(a, n, "datetime");
	struct str class = html_attr_of(a, n, "class");

	if (m->n_articles == 0 && !m->has_h1)
		return;
	if (has_attr(a, n, "pubdate") ||
	    str_find_nocase(class, STR("publish")) < class.n ||
	    str_find_nocase(class, STR("entry-date")) < class.n)
		page_facts_say(m->facts, SOURCE_ELEMENT,
		    STR("time published"), datetime);
	page_facts_say(m->facts, SOURCE_ELEMENT, STR("time"), datetime);
}

static void
take_script(struct page_meta *m, const struct html_attr *a, size_t n)
{
	struct str type = str_trim(html_attr_of(a, n, "type"));
	struct str json = STR("application/ld+json");

	m->in_raw = true;
	m->in_json_ld = str_eq_nocase(str_sub(type, 0, json.n), json);
}

static void
take_svg(struct page_meta *m, const struct html_attr *a, size_t n)
{
	(void)a;
	(void)n;
	m->n_svg++;
}

static void
take_article(struct page_meta *m, const struct html_attr *a, size_t n)
{
	(void)a;
	(void)n;
	m->n_articles++;
}

/* rel=author is of a line that names who wrote it (WHATWG HTML, 4.6.6.3). */
static void
take_anchor(struct page_meta *m, const struct html_attr *a, size_t n)
{
	if (m->has_h1 && str_has_word(html_attr_of(a, n, "rel"), STR("author")))
		page_microdata_listen(m->microdata, SOURCE_ELEMENT, "author");
}

/* Words on both sides of it are two. */
static void
take_break(struct page_meta *m, const struct html_attr *a, size_t n)
{
	(void)a;
	(void)n;
	page_microdata_text(m->microdata, STR(" "));
}

static const struct element {
	struct str	name;
	void		(*take)(struct page_meta *, const struct html_attr *,
			    size_t n_attrs);
} elements[] = {
#define ELEMENT(name, take)	{ { name, sizeof(name) - 1 }, take }
	ELEMENT("a", take_anchor), ELEMENT("article", take_article),
	ELEMENT("base", take_base), ELEMENT("br", take_break),
	ELEMENT("div", take_break), ELEMENT("h1", take_h1),
	ELEMENT("html", take_html), ELEMENT("li", take_break),
	ELEMENT("link", take_link), ELEMENT("meta", take_meta),
	ELEMENT("p", take_break), ELEMENT("script", take_script),
	ELEMENT("style", take_style), ELEMENT("svg", take_svg),
	ELEMENT("time", take_time), ELEMENT("title", take_title),
#undef ELEMENT
};

static const struct element *
find_element(struct str name)
{
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (str_eq(name, elements[i].name))
			return &elements[i];
	return NULL;
}

/* -- Public face ---------------------------------------------------------- */

static int
has_failed(const struct page_meta *m)
{
	return page_facts_failed(m->facts) ||
	    page_microdata_failed(m->microdata) ? -1 : 0;
}

int
page_meta_start(struct page_meta *m, struct str name,
    const struct html_attr *attrs, size_t n_attrs)
{
	const struct element *e = find_element(name);

	page_microdata_start(m->microdata, attrs, n_attrs);
	if (e != NULL)
		e->take(m, attrs, n_attrs);
	return has_failed(m);
}

/* Both kinds have no elements in them: what ends now is it. */
static int
end_raw(struct page_meta *m)
{
	bool was_json_ld = m->in_json_ld;

	m->in_raw = false;
	m->in_json_ld = false;
	return was_json_ld ? page_json_ld_end(m->json_ld) : 0;
}

int
page_meta_end(struct page_meta *m, struct str name)
{
	page_microdata_end(m->microdata);
	if (m->n_svg > 0 && str_eq_c(name, "svg"))
		m->n_svg--;
	else if (m->n_articles > 0 && str_eq_c(name, "article"))
		m->n_articles--;
	if (m->in_raw && end_raw(m) != 0)
		return -1;
	return has_failed(m);
}

int
page_meta_text(struct page_meta *m, struct str s)
{
	if (m->in_json_ld)
		return page_json_ld_push(m->json_ld, s);
	if (!m->in_raw)
		page_microdata_text(m->microdata, s);
	return has_failed(m);
}

int
page_meta_finish(struct page_meta *m)
{
	if (page_json_ld_end(m->json_ld) != 0)
		return -1;
	page_facts_settle(m->facts, &m->said);
	return has_failed(m);
}

const struct page_meta_said *
page_meta_get(const struct page_meta *m)
{
	return &m->said;
}

struct page_meta *
page_meta_new(struct str base_url)
{
	struct page_meta *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->facts = page_facts_new(base_url);
	if (m->facts != NULL) {
		m->json_ld = page_json_ld_new(m->facts);
		m->microdata = page_microdata_new(m->facts);
	}
	if (m->json_ld != NULL && m->microdata != NULL)
		return m;
	page_meta_free(m);
	return NULL;
}

void
page_meta_free(struct page_meta *m)
{
	if (m == NULL)
		return;
	page_json_ld_free(m->json_ld);
	page_microdata_free(m->microdata);
	page_facts_free(m->facts);
	free(m);
}
