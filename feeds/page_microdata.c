/* SPDX-License-Identifier: ISC */
#include "feeds/page_microdata.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "feeds/page_schema.h"

enum { SCOPES_MAX = 32, EARS_MAX = 8, TEXT_MAX = 1024 };

/* An item: its properties are said as those of `source`; where it is itself
 * somebody's property, only its name is. */
struct scope {
	size_t			depth;
	bool			counts;
	enum page_source	source;
	const char		*prop;		/* or NULL */
};

/* Who waits for an element's end. */
struct ear {
	size_t			depth;
	enum page_source	source;
	const char		*name;
	struct buf		text;
	bool			full;
};

struct page_microdata {
	struct page_facts	*facts;
	size_t			 depth;		/* open elements */
	struct scope		 scopes[SCOPES_MAX];
	size_t			 n_scopes;
	size_t			 lost_depth;	/* of the first item that found
						 * no place; 0: all have */
	bool			 has_article;
	struct ear		 ears[EARS_MAX];	/* outermost first */
	size_t			 n_ears;
	bool			 failed;
};

static const struct scope no_scope = { .counts = true,
	.source = SOURCE_ITEM_LOOSE };

/* Properties that are said; those in whose item the name is what counts. */
static const struct prop {
	struct str	name;
	const char	*said;
	bool		is_item;
} props[] = {
#define PROP(name, is_item)	{ { name, sizeof(name) - 1 }, name, is_item }
	PROP("headline", false), PROP("name", false),
	PROP("description", false), PROP("datePublished", false),
	PROP("dateCreated", false), PROP("inLanguage", false),
	PROP("articleBody", false), PROP("author", true),
	PROP("publisher", true),
#undef PROP
	/* Many write so, and mean the author. */
	{ { "creator", 7 }, "author", true },
};

static const struct prop *
find_prop(struct str token)
{
	for (size_t i = 0; i < sizeof(props) / sizeof(props[0]); i++)
		if (str_eq_nocase(token, props[i].name))
			return &props[i];
	return NULL;
}

static const struct scope *
scope_now(const struct page_microdata *m)
{
	return m->n_scopes > 0 ? &m->scopes[m->n_scopes - 1] : &no_scope;
}

/* -- Attributes ----------------------------------------------------------- */

/* The four that matter, in one walk: few elements have any. */
struct item_attrs {
	struct str	prop, type, content, datetime;
	bool		has_scope, has_content;
};

static void
take_attr(struct item_attrs *to, const struct html_attr *a)
{
	if (str_eq_c(a->name, "itemprop"))
		to->prop = a->value;
	else if (str_eq_c(a->name, "itemtype"))
		to->type = a->value;
	else if (str_eq_c(a->name, "itemscope"))
		to->has_scope = true;
	else if (str_eq_c(a->name, "content")) {
		to->content = a->value;
		to->has_content = true;
	} else if (str_eq_c(a->name, "datetime"))
		to->datetime = a->value;
}

/* -- Values --------------------------------------------------------------- */

void
page_microdata_listen(struct page_microdata *m, enum page_source source,
    const char *name)
{
	struct ear *ear;

	if (m->n_ears == EARS_MAX)
		return;
	ear = &m->ears[m->n_ears];
	ear->depth = m->depth;
	ear->source = source;
	ear->name = name;
	buf_reset(&ear->text);
	ear->full = false;
	m->n_ears++;
}

/*
 * The body is only taken from an attribute: in an element there is more than
 * the article, which feeds/article takes care of.
 */
static void
say_prop(struct page_microdata *m, const struct scope *scope,
    const char *name, const struct item_attrs *a)
{
	if (a->has_content)
		page_facts_say(m->facts, scope->source, str_from(name),
		    a->content);
	else if (a->datetime.n > 0)
		page_facts_say(m->facts, scope->source, str_from(name),
		    a->datetime);
	else if (strcmp(name, "articleBody") != 0)
		page_microdata_listen(m, scope->source, name);
}

static void
take_prop(struct page_microdata *m, const struct prop *p,
    const struct item_attrs *a)
{
	const struct scope *scope = scope_now(m);

	if (!scope->counts || m->lost_depth > 0)
		return;
	if (scope->prop == NULL)
		say_prop(m, scope, p->said, a);
	else if (strcmp(p->said, "name") == 0)
		say_prop(m, scope, scope->prop, a);
}

/* -- Items ---------------------------------------------------------------- */

static const struct prop *
first_known(struct str list)
{
	const struct prop *p = NULL;
	struct str word;

	while (p == NULL && (word = str_next_word(&list)).n > 0)
		p = find_prop(word);
	return p;
}

static struct scope
scope_of(struct page_microdata *m, const struct prop *p,
    const struct item_attrs *a)
{
	enum schema_class class = page_schema_class_of_list(a->type);
	struct scope scope = *scope_now(m);

	scope.depth = m->depth;
	if (class == SCHEMA_ARTICLE) {
		scope.counts = true;
		scope.prop = NULL;
		scope.source = m->has_article ? SOURCE_ITEM_LOOSE :
		    SOURCE_ITEM;
		m->has_article = true;
		page_facts_set_article(m->facts);
	} else if (class == SCHEMA_PAGE && a->prop.n == 0) {
		scope.source = SOURCE_ITEM_LOOSE;
	} else {
		scope.counts = scope.counts && scope.prop == NULL &&
		    p != NULL && p->is_item;
		scope.prop = scope.counts ? p->said : NULL;
	}
	return scope;
}

static void
open_scope(struct page_microdata *m, const struct prop *p,
    const struct item_attrs *a)
{
	if (m->lost_depth > 0)
		return;
	if (m->n_scopes == SCOPES_MAX) {
		m->lost_depth = m->depth;
		return;
	}
	m->scopes[m->n_scopes] = scope_of(m, p, a);
	m->n_scopes++;
}

/* -- Public face ---------------------------------------------------------- */

void
page_microdata_start(struct page_microdata *m, const struct html_attr *attrs,
    size_t n_attrs)
{
	struct item_attrs a = { .has_scope = false };
	const struct prop *p;

	m->depth++;
	for (size_t i = 0; i < n_attrs; i++)
		take_attr(&a, &attrs[i]);
	if (a.prop.n == 0 && !a.has_scope)
		return;
	p = first_known(a.prop);
	if (a.has_scope)
		open_scope(m, p, &a);
	else if (p != NULL)
		take_prop(m, p, &a);
}

/* What comes after the place where it was cut has no place any more. */
static void
hear(struct ear *ear, struct str s)
{
	struct str fits = utf8_cut(s, ear->text.max - ear->text.n);

	if (ear->full)
		return;
	buf_add_str(&ear->text, fits);
	ear->full = fits.n < s.n;
}

void
page_microdata_text(struct page_microdata *m, struct str s)
{
	for (size_t i = 0; i < m->n_ears; i++) {
		hear(&m->ears[i], s);
		m->failed = m->failed || m->ears[i].text.failed;
	}
}

static void
close_ear(struct page_microdata *m)
{
	struct ear *ear = &m->ears[--m->n_ears];

	page_facts_say(m->facts, ear->source, str_from(ear->name),
	    buf_str(&ear->text));
}

void
page_microdata_end(struct page_microdata *m)
{
	while (m->n_ears > 0 && m->ears[m->n_ears - 1].depth == m->depth)
		close_ear(m);
	if (m->lost_depth == m->depth)
		m->lost_depth = 0;
	if (m->n_scopes > 0 && m->scopes[m->n_scopes - 1].depth == m->depth)
		m->n_scopes--;
	if (m->depth > 0)
		m->depth--;
}

bool
page_microdata_failed(const struct page_microdata *m)
{
	return m->failed;
}

struct page_microdata *
page_microdata_new(struct page_facts *facts)
{
	struct page_microdata *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->facts = facts;
	for (size_t i = 0; i < EARS_MAX; i++)
		buf_init(&m->ears[i].text, TEXT_MAX);
	return m;
}

void
page_microdata_free(struct page_microdata *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < EARS_MAX; i++)
		buf_clear(&m->ears[i].text);
	free(m);
}
