/* SPDX-License-Identifier: ISC */
/*
 * Objects that matter are kept on a stack while they are open; each has told
 * what it is only when it ends. Arrays need no place there: their elements are
 * values of the key before them.
 *
 *	{"@graph": [{"@type": "NewsArticle",	level 0: no type
 *	  "author": [{"name": "Jane Doe"},	level 1: the article
 *	             "John Roe"]}]}		level 2: Jane Doe
 *
 * A value's bytes are pushed up to the next closing bracket, so that it is
 * known where the value ends and the next may begin.
 */
#include "feeds/page_json_ld.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/json_events.h"
#include "feeds/page_facts.h"
#include "feeds/page_said.h"
#include "feeds/page_schema.h"

enum {
	LEVELS_MAX = 16, VALUES_MAX = 256, DEPTH_MAX = 64,
	HEADLINE_MAX = 512,	/* as much as is compared */
	PEOPLE_MAX = 2 * PAGE_META_AUTHORS_MAX,
	ARENA_MAX = 16 << 20	/* the least string takes as much as it says;
				 * it never comes to that */
};

/* Texts of a node, of each the first. */
enum slot {
	LD_ID, LD_NAME, LD_HEADLINE, LD_DESCRIPTION, LD_BODY, LD_TEXT,
	LD_PUBLISHED, LD_CREATED, LD_URL, LD_LANGUAGE, N_TEXTS,
	LD_MAIN_PAGE = N_TEXTS,	/* from here on also an object */
	LD_PUBLISHER, N_REFS,
	LD_AUTHOR = N_REFS, LD_CREATOR,
	LD_NODES,		/* what is inside may be the article */
	LD_TYPE, LD_FREE, LD_NONE
};

static const struct key {
	struct str	name;
	enum slot	slot;
} keys[] = {
#define KEY(name, slot)	{ { name, sizeof(name) - 1 }, slot }
	KEY("@type", LD_TYPE), KEY("@id", LD_ID), KEY("@graph", LD_NODES),
	/* schema.org's context has these as other words for the same. */
	KEY("type", LD_TYPE), KEY("id", LD_ID),
	KEY("name", LD_NAME), KEY("headline", LD_HEADLINE),
	KEY("description", LD_DESCRIPTION), KEY("articleBody", LD_BODY),
	KEY("text", LD_TEXT), KEY("datePublished", LD_PUBLISHED),
	KEY("dateCreated", LD_CREATED), KEY("url", LD_URL),
	KEY("inLanguage", LD_LANGUAGE), KEY("author", LD_AUTHOR),
	KEY("creator", LD_CREATOR), KEY("publisher", LD_PUBLISHER),
	KEY("mainEntityOfPage", LD_MAIN_PAGE), KEY("mainEntity", LD_NODES),
	KEY("isAccessibleForFree", LD_FREE),
#undef KEY
};

/* As page_facts has them. */
static const char *const slot_names[N_TEXTS] = {
	[LD_NAME] = "name", [LD_HEADLINE] = "headline",
	[LD_DESCRIPTION] = "description", [LD_BODY] = "articleBody",
	[LD_TEXT] = "text", [LD_PUBLISHED] = "datePublished",
	[LD_CREATED] = "dateCreated", [LD_URL] = "url",
	[LD_LANGUAGE] = "inLanguage"
};

struct person {
	enum slot	slot;		/* LD_AUTHOR, LD_CREATOR */
	struct str	name, id;
};

/* Somebody or something by its name, or by what points at it. */
struct ref {
	struct str	name, id;
};

struct node {
	enum slot		role;	/* the key it is a value of */
	enum slot		key;	/* the one just read in it */
	enum schema_class	class;
	struct str		texts[N_TEXTS];
	struct ref		main_page, publisher;
	struct person		people[PEOPLE_MAX];
	size_t			n_people;
	bool			is_paid;
};

struct page_json_ld {
	struct page_facts	*facts;
	struct arena		*arena;		/* the value's texts */
	struct json_events	*events;	/* NULL between values */
	struct str		*latest;	/* a text just kept; or NULL */
	struct node		 levels[LEVELS_MAX];
	size_t			 n_levels;
	size_t			 n_bytes, n_values;
	char			 headline[HEADLINE_MAX];
	size_t			 n_headline;	/* of the page's article */
	bool			 failed;
};

static struct node *
innermost(struct page_json_ld *ld)
{
	return &ld->levels[ld->n_levels - 1];
}

/* -- What a node says ----------------------------------------------------- */

static void
say_ref(struct page_json_ld *ld, enum page_source source, const char *name,
    const struct ref *ref)
{
	if (ref->name.n > 0)
		page_facts_say(ld->facts, source, str_from(name), ref->name);
	else
		page_facts_refer(ld->facts, source, str_from(name), ref->id);
}

static void
say_people(struct page_json_ld *ld, enum page_source source,
    const struct node *n)
{
	for (size_t i = 0; i < n->n_people; i++) {
		const struct person *p = &n->people[i];
		struct ref ref = { p->name, p->id };

		say_ref(ld, source, p->slot == LD_AUTHOR ? "author" :
		    "creator", &ref);
	}
}

static void
say_all(struct page_json_ld *ld, enum page_source source,
    const struct node *n)
{
	for (size_t i = 0; i < N_TEXTS; i++)
		if (slot_names[i] != NULL)
			page_facts_say(ld->facts, source,
			    str_from(slot_names[i]), n->texts[i]);
	say_people(ld, source, n);
	say_ref(ld, source, "publisher", &n->publisher);
	/* The page's identifier is its address, by custom. */
	page_facts_say(ld->facts, source, STR("mainEntityOfPage"),
	    n->main_page.id.n > 0 ? n->main_page.id : n->main_page.name);
	if (n->is_paid)
		page_facts_set_paid(ld->facts);
}

/* Some pages write the same article twice, some write those beside it. */
static bool
is_another(const struct page_json_ld *ld, struct str headline)
{
	struct str known = { ld->headline, ld->n_headline };

	return known.n > 0 && headline.n > 0 && !str_eq(headline, known);
}

static void
say_article(struct page_json_ld *ld, const struct node *n)
{
	struct str headline = str_sub(n->texts[LD_HEADLINE], 0, HEADLINE_MAX);

	if (is_another(ld, headline))
		return;
	if (headline.n > 0) {
		memcpy(ld->headline, headline.p, headline.n);
		ld->n_headline = headline.n;
	}
	page_facts_set_article(ld->facts);
	say_all(ld, SOURCE_LD_ARTICLE, n);
}

static void
say_node(struct page_json_ld *ld, const struct node *n)
{
	page_facts_name(ld->facts, n->texts[LD_ID], n->texts[LD_NAME]);
	switch (n->class) {
	case SCHEMA_ARTICLE:
		say_article(ld, n);
		break;
	case SCHEMA_PAGE:
		say_all(ld, SOURCE_LD_PAGE, n);
		break;
	case SCHEMA_SITE:
		page_facts_say(ld->facts, SOURCE_LD_SITE, STR("name"),
		    n->texts[LD_NAME]);
		break;
	case SCHEMA_OTHER:
		break;
	}
}

static void
add_person(struct node *n, enum slot slot, struct str name, struct str id)
{
	if (n->n_people < PEOPLE_MAX && name.n + id.n > 0)
		n->people[n->n_people++] = (struct person){ slot, name, id };
}

/* Into the object around it. */
static void
lend(struct node *to, const struct node *n)
{
	struct ref ref = { n->texts[LD_NAME], n->texts[LD_ID] };

	if (ref.id.n == 0 && n->role == LD_MAIN_PAGE)
		ref.id = n->texts[LD_URL];
	if (n->role == LD_AUTHOR || n->role == LD_CREATOR) {
		add_person(to, n->role, ref.name, ref.id);
		for (size_t i = 0; i < n->n_people; i++)
			add_person(to, n->role, n->people[i].name, STR_NONE);
	} else if (n->role == LD_PUBLISHER && to->publisher.name.n == 0) {
		to->publisher = ref;
	} else if (n->role == LD_MAIN_PAGE && to->main_page.id.n == 0) {
		to->main_page.id = ref.id;
	} else if (n->role == LD_LANGUAGE && to->texts[LD_LANGUAGE].n == 0) {
		to->texts[LD_LANGUAGE] = ref.name;
	}
}

static void
close_node(struct page_json_ld *ld)
{
	const struct node *n = innermost(ld);

	ld->n_levels--;
	if (n->role == LD_NODES)
		say_node(ld, n);
	else
		lend(innermost(ld), n);
}

/* -- The walk ------------------------------------------------------------- */

static enum json_want
open_node(struct page_json_ld *ld)
{
	enum slot role = ld->n_levels == 0 ? LD_NODES : innermost(ld)->key;

	if (ld->n_levels == LEVELS_MAX || (role < LD_MAIN_PAGE &&
	    role != LD_LANGUAGE) || role > LD_NODES)
		return JSON_SKIP;
	memset(&ld->levels[ld->n_levels], 0, sizeof(ld->levels[0]));
	ld->n_levels++;
	innermost(ld)->role = role;
	innermost(ld)->key = LD_NONE;
	return JSON_GO_ON;
}

static enum json_want
take_key(struct page_json_ld *ld, struct str key)
{
	struct node *n = innermost(ld);

	n->key = LD_NONE;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq(key, keys[i].name)) {
			n->key = keys[i].slot;
			return JSON_GO_ON;
		}
	return JSON_SKIP;
}

static struct str
copy(struct page_json_ld *ld, struct str s)
{
	s = str_trim(s);
	return s.n > 0 ? arena_copy(ld->arena, s) : STR_NONE;
}

static void
take_class(struct node *n, struct str type)
{
	enum schema_class class = page_schema_class(type);

	if (class > n->class)
		n->class = class;
}

/* Where a text of the key just read goes, the first of them. */
static struct str *
place_of(struct node *n)
{
	struct str *place = NULL;

	if (n->key < N_TEXTS)
		place = &n->texts[n->key];
	else if (n->key == LD_PUBLISHER)
		place = &n->publisher.name;
	else if (n->key == LD_MAIN_PAGE)
		place = &n->main_page.id;
	return place != NULL && place->n == 0 ? place : NULL;
}

/* A person of several names is several people who share an object. */
static bool
is_person(const struct node *n)
{
	return n->key == LD_AUTHOR || n->key == LD_CREATOR ||
	    (n->key == LD_NAME && n->role == LD_AUTHOR);
}

static void
take_person(struct page_json_ld *ld, struct node *n, struct str s)
{
	size_t i = n->n_people;

	add_person(n, n->key, copy(ld, s), STR_NONE);
	if (n->n_people > i)
		ld->latest = &n->people[i].name;
}

static void
take_text(struct page_json_ld *ld, struct str s)
{
	struct node *n = innermost(ld);
	struct str *place = place_of(n);

	if (place != NULL) {
		*place = copy(ld, s);
		ld->latest = place;
	} else if (is_person(n))
		take_person(ld, n, s);
	else if (n->key == LD_TYPE)
		take_class(n, s);
	else if (n->key == LD_FREE)
		n->is_paid = str_eq_nocase(str_trim(s), STR("false"));
}

static enum json_want
on_event(const struct json_event *e, void *ctx)
{
	struct page_json_ld *ld = ctx;

	ld->latest = NULL;
	switch (e->kind) {
	case JSON_MAP_BEGIN:
		return open_node(ld);
	case JSON_MAP_END:
		close_node(ld);
		break;
	case JSON_KEY:
		return take_key(ld, e->text);
	case JSON_STRING:
	case JSON_NUMBER:
		if (ld->n_levels > 0)
			take_text(ld, e->text);
		break;
	case JSON_BOOL:
		if (ld->n_levels > 0 && innermost(ld)->key == LD_FREE)
			innermost(ld)->is_paid = !e->truth;
		break;
	case JSON_ARRAY_BEGIN:
	case JSON_ARRAY_END:
	case JSON_NULL:
		break;
	}
	return JSON_GO_ON;
}

/* -- Values in a script --------------------------------------------------- */

static void
begin_value(struct page_json_ld *ld)
{
	ld->n_values++;
	ld->latest = NULL;
	ld->events = json_events_new(on_event, ld, DEPTH_MAX,
	    PAGE_META_JSON_MAX);
	ld->failed = ld->failed || ld->events == NULL;
}

/* Broken or cut off: what is still open has said something all the same. */
static void
end_value(struct page_json_ld *ld)
{
	while (ld->n_levels > 0)
		close_node(ld);
	ld->failed = ld->failed || arena_failed(ld->arena);
	arena_reset(ld->arena);
	json_events_free(ld->events);
	ld->events = NULL;
}

/*
 * What can be pushed at once: up to where a value may begin, and with what may
 * end one. CDATA marks look like the beginning of an array; what comes next
 * does not.
 */
static size_t
piece_of(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '}' || s.p[i] == ']')
			return i + 1;
		if (i > 0 && (s.p[i] == '{' || s.p[i] == '['))
			return i;
	}
	return s.n;
}

/* A quote that was not escaped ends a text too early. */
static void
drop_latest(struct page_json_ld *ld)
{
	if (ld->latest != NULL)
		*ld->latest = STR_NONE;
}

static void
take_piece(struct page_json_ld *ld, struct str s)
{
	enum json_events_state state;
	struct err ignored;

	if (ld->events == NULL && (s.p[0] == '{' || s.p[0] == '[') &&
	    ld->n_values < VALUES_MAX)
		begin_value(ld);
	if (ld->events == NULL)
		return;
	state = json_events_push(ld->events, s.p, s.n, &ignored);
	if (state == JSON_EVENTS_BROKEN)
		drop_latest(ld);
	if (state != JSON_EVENTS_MORE)
		end_value(ld);
}

int
page_json_ld_push(struct page_json_ld *ld, struct str s)
{
	s = str_sub(s, 0, PAGE_META_JSON_MAX - ld->n_bytes);
	ld->n_bytes += s.n;
	while (s.n > 0 && !ld->failed) {
		size_t n = piece_of(s);

		take_piece(ld, str_sub(s, 0, n));
		s = str_sub(s, n, s.n);
	}
	return ld->failed ? -1 : 0;
}

int
page_json_ld_end(struct page_json_ld *ld)
{
	if (ld->events != NULL)
		end_value(ld);
	return ld->failed ? -1 : 0;
}

/* -- Life ----------------------------------------------------------------- */

struct page_json_ld *
page_json_ld_new(struct page_facts *facts)
{
	struct page_json_ld *ld = calloc(1, sizeof(*ld));

	if (ld == NULL)
		return NULL;
	ld->facts = facts;
	ld->arena = arena_new(ARENA_MAX);
	if (ld->arena != NULL)
		return ld;
	free(ld);
	return NULL;
}

void
page_json_ld_free(struct page_json_ld *ld)
{
	if (ld == NULL)
		return;
	json_events_free(ld->events);
	arena_free(ld->arena);
	free(ld);
}
