/* SPDX-License-Identifier: ISC */
#include "feeds/page_facts.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/html_entity.h"
#include "feeds/markup.h"
#include "feeds/page_byline.h"
#include "feeds/page_facts_private.h"
#include "feeds/page_language.h"
#include "feeds/page_said.h"
#include "feeds/page_title.h"

#define S(lit)	{ (lit), sizeof(lit) - 1 }

enum {
	SITES_MAX = 12,
	URL_ROOM = 4 * URL_MAX_BYTES	/* %-escapes are three bytes */
};

/* What v says; empty: it points at what nobody named. */
static struct str
text_of(const struct page_facts *f, const struct page_value *v)
{
	if (!v->is_id)
		return v->s;
	for (size_t i = 0; i < f->n_named; i++)
		if (str_eq(f->named[i].id, v->s))
			return f->named[i].name;
	return STR_NONE;
}

static struct str
keep(struct page_facts *f, struct buf *b)
{
	struct str s = arena_copy(f->arena, buf_str(b));

	buf_clear(b);
	return s;
}

/* Does HTML part its paragraphs? Else the line ends do. */
static bool
has_blocks(struct str s)
{
	static const struct str tags[] = { S("<p"), S("<br"), S("</p"),
		S("<div"), S("<li"), S("<script"), S("<style"), S("&lt;p"),
		S("&lt;br"), S("&lt;div") };

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (memmem(s.p, s.n, tags[i].p, tags[i].n) != NULL)
			return true;
	return false;
}

/*
 * Systems put HTML into JSON and into summaries, but in a title's attribute
 * "<" is what it says; only references are often there once too often.
 */
static struct str
line_of(struct page_facts *f, size_t row, struct str s)
{
	bool is_html = page_sources[row].source <= SOURCE_LD_SITE ||
	    (page_sources[row].fact == FACT_SUMMARY && has_blocks(s));
	struct buf plain, line;

	buf_init(&plain, 4 * PAGE_SUMMARY_MAX);
	buf_init(&line, PAGE_SUMMARY_MAX + 4);
	if (is_html)
		markup_to_line(&plain, (struct text){ .s = s,
		    .kind = TEXT_HTML });
	else
		html_entity_decode_all(&plain, s);
	utf8_clean_line(&line, buf_str(&plain), PAGE_SUMMARY_MAX);
	f->failed = f->failed || plain.failed || line.failed;
	buf_clear(&plain);
	return keep(f, &line);
}

/* Each line becomes a paragraph; empty ones go. */
static void
add_lines(struct buf *out, struct str s)
{
	while (s.n > 0) {
		const char *end = memchr(s.p, '\n', s.n);
		size_t n = end != NULL ? (size_t)(end - s.p) : s.n;
		size_t before = out->n;

		if (before > 0)
			buf_add_c(out, "\n\n");
		markup_to_line(out, (struct text){ .s = str_sub(s, 0, n),
		    .kind = TEXT_HTML });
		if (before > 0 && out->n == before + 2)
			out->n = before;	/* an empty line */
		s = str_sub(s, n + 1, s.n);
	}
}

/* Plain text with its paragraphs, in HTML or not. */
static struct str
body_of(struct page_facts *f, struct str s)
{
	struct buf text;

	buf_init(&text, 4 * (size_t)PAGE_META_JSON_MAX);
	if (has_blocks(s))
		markup_to_text(&text, (struct text){ .s = s,
		    .kind = TEXT_HTML });
	else
		add_lines(&text, s);
	f->failed = f->failed || text.failed;
	if (text.failed || text.n == 0)
		return keep(f, &text);
	s = arena_take(f->arena, &text, utf8_cut(buf_str(&text),
	    PAGE_META_JSON_MAX));
	buf_clear(&text);		/* still ours where that failed */
	return s;
}

/* An http or https URL in its one spelling, to which others are compared. */
static bool
is_canonical_of(struct buf *out, const struct buf *url)
{
	struct url_parts parts;
	struct err ignored;

	return !url->failed &&
	    url_split(buf_cstr(url), &parts, &ignored) == 0 &&
	    !parts.has_user && url_canonical(out, buf_cstr(url));
}

/* Absolute, of http or https; else empty. */
static struct str
url_of(struct page_facts *f, struct str s)
{
	struct buf whole, line;
	bool is_url;

	buf_init(&whole, URL_ROOM);
	buf_init(&line, URL_ROOM);
	is_url = url_resolve(&whole, f->base, s) &&
	    is_canonical_of(&line, &whole);
	f->failed = f->failed || whole.failed || line.failed;
	buf_clear(&whole);
	if (!is_url)
		buf_reset(&line);
	return keep(f, &line);
}

/* "https://example.com/": what is behind the host is one character. */
static bool
is_root(struct str url)
{
	size_t n = 0;

	for (size_t i = 0; i < url.n; i++)
		n += url.p[i] == '/';
	return n == 3 && url.p[url.n - 1] == '/';
}

/*
 * Many a site says of all its pages that they are its first one; whoever takes
 * that for an identity has one article left.
 */
static bool
is_misled(struct page_facts *f, struct str canonical)
{
	struct str own = f->page_url != NULL ?
	    url_of(f, str_from(f->page_url)) : STR_NONE;

	return own.n > 0 && is_root(canonical) && !is_root(own);
}

static struct str
clean(struct page_facts *f, size_t row, struct str s)
{
	struct str url;

	switch (page_sources[row].fact) {
	case FACT_TITLE:
	case FACT_SUMMARY:
	case FACT_AUTHOR:
	case FACT_SITE:
		return line_of(f, row, s);
	case FACT_CANONICAL:
		url = url_of(f, s);
		return is_misled(f, url) ? STR_NONE : url;
	case FACT_AMP:
		return url_of(f, s);
	case FACT_BODY:
		return body_of(f, s);
	case FACT_LANGUAGE:
	case FACT_PUBLISHED:
		break;
	}
	return s;
}

/* What the row's source said first, clean. */
static struct str
first_of(struct page_facts *f, size_t row)
{
	struct str s = f->said[row] != NULL ? text_of(f, f->said[row]) :
	    STR_NONE;

	return s.n > 0 ? clean(f, row, s) : STR_NONE;
}

/* The best source's, clean. */
static struct str
best_of(struct page_facts *f, enum page_fact fact)
{
	struct str s = STR_NONE;

	for (size_t i = 0; i < page_n_sources && s.n == 0; i++)
		if (page_sources[i].fact == fact)
			s = first_of(f, i);
	return s;
}

static struct str
language_of(struct page_facts *f)
{
	char tag[PAGE_LANGUAGE_MAX];

	return arena_copy(f->arena, page_language_spell(best_of(f,
	    FACT_LANGUAGE), tag));
}

static bool
is_known(const struct page_meta_said *said, struct str name)
{
	for (size_t i = 0; i < said->n_authors; i++)
		if (str_eq_nocase(said->authors[i], name))
			return true;
	return false;
}

static void
add_authors(struct page_meta_said *said, struct str line)
{
	struct str names[PAGE_META_AUTHORS_MAX];
	size_t n = page_byline_split(line, names, PAGE_META_AUTHORS_MAX);

	for (size_t i = 0; i < n; i++)
		if (said->n_authors < PAGE_META_AUTHORS_MAX &&
		    !is_known(said, names[i]))
			said->authors[said->n_authors++] = names[i];
}

static struct str
author_of(struct page_facts *f, size_t row, const struct page_value *v)
{
	struct str s = text_of(f, v);

	return s.n > 0 ? line_of(f, row, s) : STR_NONE;
}

/* All that one source names. */
static void
settle_authors(struct page_facts *f, struct page_meta_said *said)
{
	for (size_t i = 0; i < page_n_sources && said->n_authors == 0; i++) {
		if (page_sources[i].fact != FACT_AUTHOR)
			continue;
		for (const struct page_value *v = f->said[i]; v != NULL;
		    v = v->next)
			add_authors(said, author_of(f, i, v));
	}
}

/* Every name of the site that is said, the address's too. */
struct sites {
	struct str	all[SITES_MAX];
	size_t		n;
};

static void
add_site(struct sites *sites, struct str s)
{
	if (s.n > 0 && sites->n < SITES_MAX)
		sites->all[sites->n++] = s;
}

/* Of "https://www.example.co.uk/": example.co.uk, and example. */
static void
add_host(struct page_facts *f, struct sites *sites, struct str url)
{
	struct url_parts parts;
	struct err ignored;
	struct str site;
	const char *dot;
	struct buf b;

	if (url.n == 0 || url_split(url.p, &parts, &ignored) != 0)
		return;
	buf_init(&b, URL_ROOM);
	url_site(&b, parts.host);
	f->failed = f->failed || b.failed;
	site = keep(f, &b);
	add_site(sites, site);
	dot = site.n > 0 ? memchr(site.p, '.', site.n) : NULL;
	if (dot != NULL)
		add_site(sites, str_sub(site, 0, (size_t)(dot - site.p)));
}

static struct sites
sites_of(struct page_facts *f, const struct page_meta_said *said)
{
	struct sites sites = { .n = 0 };

	for (size_t i = 0; i < page_n_sources; i++)
		if (page_sources[i].fact == FACT_SITE)
			add_site(&sites, first_of(f, i));
	add_host(f, &sites, said->canonical);
	if (f->page_url != NULL)
		add_host(f, &sites, str_from(f->page_url));
	return sites;
}

/* The best source's; all of it, where another has more. */
static struct str
title_of(struct page_facts *f, const struct page_meta_said *said)
{
	struct sites sites = sites_of(f, said);
	struct str title = STR_NONE;

	for (size_t i = 0; i < page_n_sources; i++) {
		struct str other;

		if (page_sources[i].fact != FACT_TITLE)
			continue;
		other = page_title_without_site(first_of(f, i), sites.all,
		    sites.n);
		title = title.n > 0 ? page_title_uncut(title, other) : other;
	}
	return title;
}

/* A base element may itself be relative to the page's address. */
static void
settle_base(struct page_facts *f)
{
	struct str base;

	f->base = f->page_url;
	if (f->base_href.n == 0)
		return;
	base = url_of(f, f->base_href);
	if (base.n > 0)
		f->base = base.p;
}

void
page_facts_settle(struct page_facts *f, struct page_meta_said *said)
{
	struct str date = best_of(f, FACT_PUBLISHED);

	settle_base(f);
	said->canonical = best_of(f, FACT_CANONICAL);
	said->amp = best_of(f, FACT_AMP);
	said->site = best_of(f, FACT_SITE);
	said->title = title_of(f, said);
	said->summary = best_of(f, FACT_SUMMARY);
	settle_authors(f, said);
	said->language = language_of(f);
	said->article_body = best_of(f, FACT_BODY);
	said->has_published = date.n > 0;
	said->published_s = date.n > 0 ? page_facts_date(date) : 0;
	said->is_article = f->is_article;
	said->is_amp = f->is_amp;
	said->is_paid = f->is_paid;
}
