/* SPDX-License-Identifier: ISC */
/* The public face: an item is looked for, decided about, and put. */
#include "filters/story_window.h"

#include "base/buf.h"
#include "filters/story_window_private.h"

/* Those that are rare; terms that are not as well. */
static bool
is_indexed(uint32_t part, bool rare, uint8_t *n)
{
	static const uint8_t most[] = { [PART_QUOTE] = 1, [PART_NUMBER] = 2,
		[PART_NAME] = 3, [PART_TERM] = INDEXED };
	enum story_part kind = story_part_kind(part);

	if (n[kind] == most[kind] || is_rare(part) != rare ||
	    (!rare && kind != PART_TERM))
		return false;
	n[kind]++;
	return true;
}

/* Which parts are indexed: the heaviest of each kind, what few items have
 * first, terms at the end. */
static void
choose_indexed(struct story_addition *a)
{
	const struct story_sign *sign = a->sign;
	bool taken[STORY_SIGN_MAX_PARTS] = { false };
	uint8_t n[PART_QUOTE + 1] = { 0 };
	size_t all;

	for (int rare = 1; rare >= 0; rare--)
		for (size_t i = 0; i < sign->n_parts &&
		    a->n_indexed < INDEXED; i++)
			if (is_indexed(sign->part[i], rare != 0, n)) {
				taken[i] = true;
				a->order[a->n_indexed++] = (uint8_t)i;
			}
	all = a->n_indexed;
	for (size_t i = 0; i < sign->n_parts; i++)
		if (!taken[i])
			a->order[all++] = (uint8_t)i;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
story_window_forget(struct story_window *w, int64_t now_s)
{
	struct story_what what;

	while (w->n_items > 0) {
		read_what(w, w->tail, &what);
		if (now_s - w->origin_s - (int64_t)what.time_s <=
		    w->limits.keep_s)
			return;
		story_ring_forget_first(w);
	}
}

/* Also where the clock was far ahead and is set back: what came meanwhile would
 * not be forgotten before that day, nor what comes. */
static void
begin_anew(struct story_window *w, int64_t now_s)
{
	story_ring_forget_all(w);
	w->has_begun = true;
	w->origin_s = w->last_s = now_s;
}

static void
begin_addition(struct story_window *w, const struct story_item *item,
    const struct story_sign *sign, struct story_addition *a)
{
	if (!w->has_begun || item->time_s < w->last_s - w->limits.keep_s)
		begin_anew(w, item->time_s);
	w->last_s = later(w->last_s, item->time_s);
	story_window_forget(w, w->last_s);
	memset(a, 0, sizeof(*a));
	a->item = item;
	a->sign = sign;
	choose_indexed(a);
	a->what = (struct story_what){ .text = sign->text,
		.number = item->number,
		.time_s = (uint32_t)(w->last_s - w->origin_s),
		.site = story_window_site(item->site),
		.days = sign->days, .n_indexed = a->n_indexed & 15,
		.n_others = (uint8_t)(sign->n_parts - a->n_indexed),
		.has_min = sign->has_min,
		.is_short = sign->words < STORY_SIGN_SHORT };
}

/* Is the site that of no other item of the story but copies? */
static bool
is_new_site(const struct story_window *w, const struct story_what *mine)
{
	struct story_what what;
	struct story_walk k;

	story_walk_begin(&k, w, story_key(mine->story));
	while (story_walk_next_of_story(&k, mine->story, &what) != 0)
		if (what.site == mine->site && !what.is_copy)
			return false;
	return true;
}

static uint16_t
one_more(uint16_t n, bool more)
{
	return (uint16_t)(n + (more && n < UINT16_MAX));
}

/* Counts of the story: those that its newest item knew, and this one. */
static void
count_story(const struct story_window *w, struct story_what *mine)
{
	bool is_copy = mine->is_copy;
	struct story_what newest = { 0 };
	struct story_walk k;

	story_walk_begin(&k, w, story_key(mine->story));
	if (story_walk_next_of_story(&k, mine->story, &newest) == 0)
		memset(&newest, 0, sizeof(newest));
	mine->items = one_more(newest.items, true);
	mine->copies = one_more(newest.copies, is_copy);
	mine->sites = newest.sites;
	if (!is_copy && newest.sites < STORY_MAX_SITES &&
	    is_new_site(w, mine))
		mine->sites++;
}

static uint32_t
root_of(const struct story_window *w, uint32_t place)
{
	struct story_what what;
	uint32_t root;

	read_what(w, place, &what);
	if (!what.is_copy)
		return place;
	root = record_at(w, place)[record_words(&what) - 1];
	return is_kept(w, root) && age_of(w, root) > age_of(w, place) ? root :
	    place;
}

static uint8_t
percent(float f)
{
	return f <= 0 ? 0 : f >= 1 ? 100 : (uint8_t)(f * 100 + 0.5F);
}

static void
tell_link(const struct story_window *w, const struct story_best *best,
    struct story_verdict *v)
{
	const struct story_alike *a = &best->alike;
	struct story_what what;

	v->link = best->link;
	if (best->link == LINK_NONE)
		return;
	read_what(w, best->place, &what);
	v->to = what.number;
	v->story = what.story;
	v->evidence = (struct story_evidence){ .numbers = a->n_numbers,
		.quotes = a->n_quotes, .names = a->n_called,
		.terms = a->n_terms, .cosine = percent(a->cosine),
		.runs = percent(a->runs) };
	v->is_copy = best->link != LINK_EVENT;
	if (v->is_copy) {
		read_what(w, root_of(w, best->place), &what);
		v->copy_of = what.number;
	}
}

/* What will be written to. */
static void
fetch_ends(const struct story_window *w, const struct story_item *item)
{
	const char *r = (const char *)record_at(w, w->head);

	__builtin_prefetch(head_of(w, number_key(item->number)), 1);
	for (size_t i = 0; i < TYPICAL_BYTES; i += 64)
		__builtin_prefetch(r + i, 1);
}

void
story_window_add(struct story_window *w, const struct story_item *item,
    const struct story_sign *sign, struct story_verdict *v)
{
	struct story_best best = { .link = LINK_TEXT };
	struct story_addition a;

	memset(v, 0, sizeof(*v));
	fetch_ends(w, item);
	begin_addition(w, item, sign, &a);
	story_window_find_candidates(w, sign, item->key);
	best.place = story_ring_find_text(w, sign->text);
	if (best.place == 0)
		story_window_find_best(w, sign, &best);
	v->story = item->key;
	tell_link(w, &best, v);
	a.what.story = v->story;
	a.root = v->is_copy ? root_of(w, best.place) : 0;
	a.what.is_copy = v->is_copy;
	count_story(w, &a.what);
	v->items = a.what.items;
	v->copies = a.what.copies;
	v->sites = a.what.sites;
	story_ring_put(w, &a);
}

bool
story_window_find(const struct story_window *w, uint64_t number,
    struct story_verdict *v)
{
	uint32_t place = story_ring_find_number(w, number);
	struct story_what what, newest;
	struct story_walk k;

	memset(v, 0, sizeof(*v));
	if (place == 0)
		return false;
	read_what(w, place, &what);
	v->story = what.story;
	v->is_copy = what.is_copy;
	read_what(w, root_of(w, place), &newest);
	v->copy_of = v->is_copy ? newest.number : 0;
	story_walk_begin(&k, w, story_key(what.story));
	if (story_walk_next_of_story(&k, what.story, &newest) == 0)
		newest = what;
	v->items = newest.items;
	v->copies = newest.copies;
	v->sites = newest.sites;
	return true;
}

static bool
has_site(const uint32_t *sites, size_t n, uint32_t site)
{
	for (size_t i = 0; i < n; i++)
		if (sites[i] == site)
			return true;
	return false;
}

size_t
story_window_sites(const struct story_window *w, uint64_t story,
    uint32_t *sites, size_t n)
{
	struct story_what what;
	struct story_walk k;
	size_t found = 0;

	story_walk_begin(&k, w, story_key(story));
	while (found < n && story_walk_next_of_story(&k, story, &what) != 0)
		if (!what.is_copy && !has_site(sites, found, what.site))
			sites[found++] = what.site;
	return found;
}

void
story_window_restore(struct story_window *w, const struct story_item *item,
    const struct story_sign *sign, const struct story_verdict *v)
{
	struct story_addition a;

	begin_addition(w, item, sign, &a);
	if (v->is_copy)
		a.root = story_ring_find_number(w, v->copy_of);
	a.what.story = v->story;
	a.what.is_copy = v->is_copy;
	count_story(w, &a.what);
	story_ring_put(w, &a);
}

/*
 * Words
 */

static void
say_same(struct buf *b, unsigned n, const char *what, bool *said)
{
	if (n == 0)
		return;
	buf_add_c(b, *said ? ", " : "");
	if (n == 1)
		buf_addf(b, "same %s", what);
	else
		buf_addf(b, "same %u %ss", n, what);
	*said = true;
}

void
story_why(struct buf *b, const struct story_verdict *v)
{
	const struct story_evidence *e = &v->evidence;
	bool said = false;

	switch (v->link) {
	case LINK_NONE:
		return;
	case LINK_TEXT:
		buf_add_c(b, "same words");
		return;
	case LINK_RUNS:
		buf_addf(b, "%u %% of the runs of words are the same",
		    e->runs);
		return;
	case LINK_FACTS:
	case LINK_EVENT:
		break;
	}
	say_same(b, e->numbers, "number", &said);
	say_same(b, e->quotes, "quoted run", &said);
	say_same(b, e->names, "name", &said);
	say_same(b, e->terms, "term", &said);
	buf_addf(b, " (%u %% alike)", e->cosine);
}
