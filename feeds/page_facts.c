/* SPDX-License-Identifier: ISC */
/*
 * Each row of the table keeps what its source said first; settling goes over
 * the rows of one fact from the best to the worst and takes the first that
 * still says something once it is made clean.
 */
#include "feeds/page_facts.h"

#include <stdlib.h>

#include "base/item.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/feed_date.h"
#include "feeds/page_byline.h"
#include "feeds/page_facts_private.h"
#include "feeds/page_language.h"
#include "feeds/page_said.h"

enum {
	ID_MAX = 1024,
	/* All rows filled, JSON-LD's text twice: more than there can be. */
	ARENA_MAX = 8 << 20
};

/* Bytes of a value; longer ones are cut where that leaves something, else
 * they are none. */
static const struct {
	size_t	max;
	bool	may_cut;
} limits[] = {
	[FACT_TITLE] = { PAGE_TITLE_MAX, true },
	[FACT_SUMMARY] = { PAGE_SUMMARY_MAX, true },
	[FACT_AUTHOR] = { PAGE_BYLINE_MAX, false },
	[FACT_PUBLISHED] = { 128, false },
	[FACT_LANGUAGE] = { PAGE_LANGUAGE_MAX, false },
	[FACT_CANONICAL] = { URL_MAX_BYTES, false },
	[FACT_AMP] = { URL_MAX_BYTES, false },
	[FACT_SITE] = { PAGE_SITE_MAX, false },
	[FACT_BODY] = { PAGE_META_JSON_MAX, true }
};

/* -- What can be one ------------------------------------------------------ */

/* The first newspaper is of 1605; systems write the year 1 for none. */
int64_t
page_facts_date(struct str s)
{
	static const int64_t first_s = INT64_C(-11518156800);
	int64_t date = feed_date_parse(s);

	return date != ITEM_NO_TIME && date >= first_s ? date : ITEM_NO_TIME;
}

/* Handles and addresses are no names of sites. */
static bool
is_site(struct str s)
{
	return s.p[0] != '@' && memmem(s.p, s.n, "://", 3) == NULL;
}

static bool
can_be(enum page_fact fact, struct str s)
{
	switch (fact) {
	case FACT_PUBLISHED:
		return page_facts_date(s) != ITEM_NO_TIME;
	case FACT_LANGUAGE:
		return page_language_is(s);
	case FACT_SITE:
		return is_site(s);
	case FACT_TITLE:
	case FACT_SUMMARY:
	case FACT_AUTHOR:
	case FACT_CANONICAL:
	case FACT_AMP:
	case FACT_BODY:
		break;
	}
	return true;
}

/* -- Saying --------------------------------------------------------------- */

static void
append(struct page_facts *f, size_t row, struct str s, bool is_id)
{
	struct page_value **at = &f->said[row];
	struct page_value *v = arena_alloc(f->arena, sizeof(*v));

	if (v == NULL)
		return;
	v->s = arena_copy(f->arena, s);
	v->is_id = is_id;
	while (*at != NULL)		/* sixteen at most */
		at = &(*at)->next;
	*at = v;
	f->n_said[row]++;
}

static void
offer(struct page_facts *f, size_t row, struct str s, bool is_id)
{
	enum page_fact fact = page_sources[row].fact;
	size_t max = is_id ? ID_MAX : limits[fact].max;

	if (f->n_said[row] >= (fact == FACT_AUTHOR ?
	    PAGE_META_AUTHORS_MAX : 1))
		return;
	if (s.n > max && (is_id || !limits[fact].may_cut))
		return;
	s = utf8_cut(s, max);
	if (is_id || can_be(fact, s))
		append(f, row, s, is_id);
}

static void
tell(struct page_facts *f, enum page_source source, struct str name,
    struct str s, bool is_id)
{
	s = str_trim(s);
	if (s.n == 0)
		return;
	for (size_t i = 0; i < page_n_sources; i++)
		if (page_sources[i].source == source &&
		    str_eq_nocase(name, str_from(page_sources[i].name)))
			offer(f, i, s, is_id);
}

void
page_facts_say(struct page_facts *f, enum page_source source, struct str name,
    struct str value)
{
	tell(f, source, name, value, false);
}

void
page_facts_refer(struct page_facts *f, enum page_source source,
    struct str name, struct str id)
{
	tell(f, source, name, id, true);
}

void
page_facts_name(struct page_facts *f, struct str id, struct str name)
{
	if (f->n_named == PAGE_NAMED_MAX || id.n == 0 || id.n > ID_MAX ||
	    name.n == 0 || name.n > PAGE_SITE_MAX)
		return;
	f->named[f->n_named++] = (struct page_named){ arena_copy(f->arena, id),
	    arena_copy(f->arena, name) };
}

void
page_facts_set_base(struct page_facts *f, struct str href)
{
	href = str_trim(href);
	if (f->base_href.n == 0 && href.n <= URL_MAX_BYTES)
		f->base_href = arena_copy(f->arena, href);
}

void
page_facts_set_article(struct page_facts *f)
{
	f->is_article = true;
}

void
page_facts_set_amp(struct page_facts *f)
{
	f->is_amp = true;
}

void
page_facts_set_paid(struct page_facts *f)
{
	f->is_paid = true;
}

bool
page_facts_failed(const struct page_facts *f)
{
	return f->failed || arena_failed(f->arena);
}

/* -- Life ----------------------------------------------------------------- */

struct page_facts *
page_facts_new(struct str base_url)
{
	struct page_facts *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->arena = arena_new(ARENA_MAX);
	if (f->arena == NULL) {
		free(f);
		return NULL;
	}
	if (base_url.n > 0 && base_url.n <= URL_MAX_BYTES)
		f->page_url = arena_copy(f->arena, base_url).p;
	return f;
}

void
page_facts_free(struct page_facts *f)
{
	if (f == NULL)
		return;
	arena_free(f->arena);
	free(f);
}
