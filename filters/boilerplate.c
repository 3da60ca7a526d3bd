/* SPDX-License-Identifier: ISC */
/*
 * The table. To find is a look at what was learned; to learn, one at all
 * sightings: which lines of this item stand in which of those before. Start
 * reading at boilerplate_find and boilerplate_learn.
 */
#include "filters/boilerplate.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "filters/boilerplate_private.h"

enum {
	UPDATE_SHARE = 2,		/* half of a text, with the title */
	COPY_WORDS = 40,		/* nine tenths of one so long */
	COMMON_ITEMS = 8, COMMON_SHARE = 4, /* a word of so many titles tells
					 * none apart */
	SIEVE_BITS = 4096
};

_Static_assert(sizeof(struct boilerplate) <= BOILERPLATE_MOST_BYTES,
    "a table is small");

struct boilerplate *
boilerplate_new(void)
{
	return calloc(1, sizeof(struct boilerplate));
}

void
boilerplate_free(struct boilerplate *b)
{
	free(b);
}

/* A time that runs backwards forgets nothing. */
static bool
is_over(uint32_t seen_s, int64_t now_s)
{
	return now_s - (int64_t)seen_s > BOILERPLATE_KEEP_S;
}

/*
 * Found
 */

static const struct boilerplate_learned *
find_learned(const struct boilerplate *b, uint64_t hash, int64_t now_s)
{
	if (hash == 0)
		return NULL;
	for (size_t i = 0; i < b->n_learned; i++)
		if (b->learned[i].hash == hash)
			return is_over(b->learned[i].seen_s, now_s) ? NULL :
			    &b->learned[i];
	return NULL;
}

/* In less than half of the items: perhaps it is what they say. */
static bool
is_seldom(const struct boilerplate *b, const struct boilerplate_learned *it)
{
	return 2 * it->items < b->n_items;
}

/* Is it left out? What a text begins with is what it says, though each item
 * says it of another. */
static void
judge(struct boilerplate_unit *u, const struct boilerplate *b, int64_t now_s)
{
	const struct boilerplate_learned *it = find_learned(b, u->exact,
	    now_s);

	u->is_left_out = it != NULL || (u->offset > 0 &&
	    find_learned(b, u->template, now_s) != NULL);
	u->may_say_all = u->is_left_out && (it == NULL || u->is_masked ||
	    is_seldom(b, it));
}

/* Words that are left out. What is within something that is left out is not
 * looked at. */
static size_t
judge_all(struct boilerplate_reader *r, const struct boilerplate *b,
    int64_t now_s)
{
	size_t words = 0, behind = 0;
	unsigned field = 0;

	for (size_t i = 0; i < r->n_units; i++) {
		struct boilerplate_unit *u = &r->units[i];

		u->is_left_out = u->may_say_all = false;
		if (u->field != field || u->offset >= behind)
			judge(u, b, now_s);
		if (u->is_left_out) {
			field = u->field;
			behind = u->offset + u->length;
		}
		words += u->is_left_out ? u->words : 0;
	}
	return words;
}

static void
add_span(struct boilerplate_reader *r, const struct boilerplate_unit *u)
{
	struct boilerplate_span *last;
	void *p = r->spans;

	last = r->n_spans > 0 ? &r->spans[r->n_spans - 1] : NULL;
	if (last != NULL && last->field == u->field &&
	    last->offset + last->length == u->offset) {
		last->length += u->length;
		return;
	}
	/* Without memory for it, it stays. */
	if (!boilerplate_grow(&p, &r->room_spans, r->n_spans, sizeof(*last)))
		return;
	r->spans = p;
	r->spans[r->n_spans++] = (struct boilerplate_span){
		.field = u->field, .offset = u->offset,
		.length = u->length };
}

const struct boilerplate_span *
boilerplate_find(struct boilerplate_reader *r, const struct boilerplate *b,
    int64_t now_s, size_t *n)
{
	size_t words = 0;
	bool is_all;

	r->n_spans = 0;
	if (b->n_learned > 0)
		words = judge_all(r, b, now_s);
	is_all = words > 0 && words >= r->text_words;
	for (size_t i = 0; words > 0 && i < r->n_units; i++)
		if (r->units[i].is_left_out &&
		    !(is_all && r->units[i].may_say_all))
			add_span(r, &r->units[i]);
	*n = r->n_spans;
	return r->spans;
}

/*
 * Learned
 */

struct learning {
	struct boilerplate_reader	*r;
	struct boilerplate		*b;
	int64_t				 now_s;
	struct boilerplate_entry	 e[ITEM_PRINTS];
	size_t				 n;
	uint8_t				 by_print[ITEM_PRINTS];
	uint64_t			 sieve[SIEVE_BITS / 64];
	size_t				 words;		/* that are told
							 * apart by */
	size_t				 shared[BOILERPLATE_WINDOW];
	bool				 same_story[BOILERPLATE_WINDOW];
	bool				 is_common[TITLE_PRINTS];
	bool				 has_common;	/* the same, found */
	bool				 is_update;
	size_t				 window;	/* items that count,
							 * with this one */
};

static uint32_t
print_at(const struct boilerplate *b, size_t i)
{
	const uint8_t *p = b->prints + i * PRINT_BYTES;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static void
put_print(struct boilerplate *b, uint32_t print)
{
	uint8_t *p = b->prints + b->n_prints++ * PRINT_BYTES;

	p[0] = (uint8_t)print;
	p[1] = (uint8_t)(print >> 8);
	p[2] = (uint8_t)(print >> 16);
}

/* Drops the n oldest items. */
static void
drop_items(struct boilerplate *b, size_t n)
{
	size_t prints = 0;

	for (size_t i = 0; i < n; i++)
		prints += b->items[i].n_prints;
	b->n_items = (uint16_t)(b->n_items - n);
	b->n_prints = (uint16_t)(b->n_prints - prints);
	memmove(b->items, b->items + n, b->n_items * sizeof(b->items[0]));
	memmove(b->prints, b->prints + prints * PRINT_BYTES,
	    b->n_prints * (size_t)PRINT_BYTES);
}

static void
forget(struct boilerplate *b, int64_t now_s)
{
	size_t n = 0, kept = 0;

	while (n < b->n_items && is_over(b->items[n].seen_s, now_s))
		n++;
	if (n > 0)
		drop_items(b, n);
	for (size_t i = 0; i < b->n_learned; i++)
		if (!is_over(b->learned[i].seen_s, now_s))
			b->learned[kept++] = b->learned[i];
	b->n_learned = (uint16_t)kept;
}

/* Room for one more item with so many prints. */
static void
make_room(struct boilerplate *b, size_t prints)
{
	size_t n = b->n_items == BOILERPLATE_WINDOW, freed = 0;

	if (n > 0)
		freed = b->items[0].n_prints;
	while (b->n_prints - freed + prints > MOST_PRINTS)
		freed += b->items[n++].n_prints;
	if (n > 0)
		drop_items(b, n);
}

/* What may be learned of the item, each once. */

static void
add_entry(struct learning *l, uint64_t hash, size_t unit, bool is_template)
{
	const struct boilerplate_unit *u = &l->r->units[unit];
	uint8_t need = is_template ? NEED_PART : u->need;

	if (hash == 0)
		return;
	for (size_t i = 0; i < l->n; i++)
		if (l->e[i].hash == hash)
			return;
	l->e[l->n++] = (struct boilerplate_entry){ .hash = hash,
		.print = (uint32_t)(hash >> 41) & PRINT_MASK,
		.unit = (uint32_t)unit, .need = need,
		.is_template = is_template };
}

/* As many as a unit may have must still fit. */
static void
gather(struct learning *l, size_t from, size_t to, size_t most)
{
	for (size_t i = from; i < to && l->n + 2 <= most; i++) {
		add_entry(l, l->r->units[i].exact, i, false);
		add_entry(l, l->r->units[i].template, i, true);
	}
}

/* From which unit on the last ones fit. */
static size_t
tail_begin(const struct boilerplate_reader *r, size_t head, size_t most)
{
	size_t i = r->n_units, n = 0;

	while (i > head && n + 2 <= most) {
		i--;
		n += (r->units[i].exact != 0) + (r->units[i].template != 0);
	}
	return i;
}

static void
gather_entries(struct learning *l)
{
	size_t head = 0, n = 0;

	while (head < l->r->n_units && n + 2 <= ITEM_HEAD) {
		n += (l->r->units[head].exact != 0) +
		    (l->r->units[head].template != 0);
		head++;
	}
	gather(l, 0, head, ITEM_HEAD);
	gather(l, tail_begin(l->r, head, ITEM_PRINTS - ITEM_HEAD),
	    l->r->n_units, ITEM_PRINTS);
}

/* Where they stand already */

static void
sort_prints(struct learning *l)
{
	for (size_t i = 0; i < l->n; i++) {
		uint32_t print = l->e[i].print;
		size_t at = i;

		for (; at > 0 && l->e[l->by_print[at - 1]].print > print; at--)
			l->by_print[at] = l->by_print[at - 1];
		l->by_print[at] = (uint8_t)i;
		l->sieve[print % SIEVE_BITS / 64] |=
		    UINT64_C(1) << print % 64;
	}
}

static bool
may_have(const struct learning *l, uint32_t print)
{
	return (l->sieve[print % SIEVE_BITS / 64] >> print % 64 & 1) != 0;
}

static struct boilerplate_entry *
find_entry(struct learning *l, uint32_t print)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (l->e[l->by_print[mid]].print < print)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->n && l->e[l->by_print[low]].print == print ?
	    &l->e[l->by_print[low]] : NULL;
}

/* Words by which items are told apart: each once, and no boilerplate. */
static size_t
weight(const struct learning *l, const struct boilerplate_entry *e)
{
	const struct boilerplate_unit *u = &l->r->units[e->unit];

	return e->is_template || u->has_sentences || u->is_joined ||
	    find_learned(l->b, e->hash, l->now_s) != NULL ? 0 : u->words;
}

/* Of each entry, in how many items it stands; of each item, how much of the
 * text stands in it. */
static void
count_sightings(struct learning *l)
{
	const struct boilerplate *b = l->b;
	size_t weights[ITEM_PRINTS], at = 0;

	for (size_t i = 0; i < l->n; i++)
		l->words += weights[i] = weight(l, &l->e[i]);
	for (size_t i = 0; i < b->n_items; i++)
		for (size_t k = 0; k < b->items[i].n_prints; k++) {
			uint32_t print = print_at(b, at++);
			struct boilerplate_entry *e;

			if (!may_have(l, print & PRINT_MASK) || (e =
			    find_entry(l, print & PRINT_MASK)) == NULL)
				continue;
			e->count += (print & PRINT_COUNTS) != 0;
			l->shared[i] += weights[e - l->e];
		}
}

/* Which of them are of the same story */

static bool
has_word(const struct boilerplate_seen *s, uint16_t word)
{
	for (size_t i = 0; i < s->n_title; i++)
		if (s->title[i] == word)
			return true;
	return false;
}

/* Has each item the same title, but for digits and short words? */
static bool
titles_are_one(const struct learning *l)
{
	const struct boilerplate *b = l->b;

	for (size_t k = 0; k < b->n_items; k++) {
		if (b->items[k].n_title != l->r->n_title_prints)
			return false;
		for (size_t i = 0; i < l->r->n_title_prints; i++)
			if (!has_word(&b->items[k], l->r->title_prints[i]))
				return false;
	}
	return b->n_items > 0;
}

/* Words that many titles have, such as the site's name. */
static void
find_common(struct learning *l)
{
	const struct boilerplate *b = l->b;

	if (b->n_items < COMMON_ITEMS) {
		memset(l->is_common, titles_are_one(l),
		    sizeof(l->is_common));
		return;
	}
	for (size_t i = 0; i < l->r->n_title_prints; i++) {
		size_t n = 0;

		for (size_t k = 0; k < b->n_items; k++)
			n += has_word(&b->items[k], l->r->title_prints[i]);
		l->is_common[i] = n * COMMON_SHARE >= b->n_items;
	}
}

static bool
titles_are_alike(struct learning *l, const struct boilerplate_seen *s)
{
	size_t n = 0, shared = 0, least;

	if (!l->has_common)
		find_common(l);
	l->has_common = true;
	for (size_t i = 0; i < l->r->n_title_prints; i++) {
		if (l->is_common[i])
			continue;
		n++;
		shared += has_word(s, l->r->title_prints[i]);
	}
	least = n < s->n_title ? n : s->n_title;
	return shared >= 2 && 2 * shared >= least;
}

static void
find_story(struct learning *l)
{
	for (size_t i = 0; i < l->b->n_items; i++) {
		size_t shared = l->shared[i];

		l->same_story[i] = shared > 0 &&
		    ((l->words >= COPY_WORDS &&
		    10 * shared >= 9 * l->words) ||
		    (UPDATE_SHARE * shared >= l->words &&
		    titles_are_alike(l, &l->b->items[i])));
		l->is_update = l->is_update || l->same_story[i];
		l->window += !l->b->items[i].is_update;
	}
	l->window += !l->is_update;
}

static void
find_related(struct learning *l)
{
	struct boilerplate_entry *e;
	size_t at = 0;

	for (size_t i = 0; i < l->b->n_items; i++) {
		size_t n = l->b->items[i].n_prints;

		for (size_t k = 0; l->same_story[i] && k < n; k++)
			if ((e = find_entry(l, print_at(l->b, at + k) &
			    PRINT_MASK)) != NULL)
				e->is_related = true;
		at += n;
	}
	for (size_t i = 0; i < l->n; i++)
		l->e[i].count += !l->e[i].is_related;
}

/* What is boilerplate from now on */

static struct boilerplate_learned *
known(const struct learning *l, uint64_t hash)
{
	for (size_t i = 0; i < l->b->n_learned; i++)
		if (l->b->learned[i].hash == hash)
			return &l->b->learned[i];
	return NULL;
}

/* A place for one in so many items; NULL: all others are in more. */
static struct boilerplate_learned *
place_for(struct boilerplate *b, unsigned items)
{
	struct boilerplate_learned *least = &b->learned[0];

	if (b->n_learned < BOILERPLATE_LEARNED)
		return &b->learned[b->n_learned++];
	for (size_t i = 1; i < b->n_learned; i++)
		if (b->learned[i].items < least->items)
			least = &b->learned[i];
	return least->items < items ? least : NULL;
}

static void
remember(struct learning *l, const struct boilerplate_entry *e)
{
	const struct boilerplate_unit *u = &l->r->units[e->unit];
	struct boilerplate_learned *to = place_for(l->b, e->count);
	struct str text;

	if (to == NULL)
		return;
	text = utf8_cut(str_trim(str_sub(l->r->item.field[u->field],
	    u->offset, u->length)), BOILERPLATE_SAMPLE);
	*to = (struct boilerplate_learned){ .hash = e->hash,
		.seen_s = (uint32_t)l->now_s, .items = (uint16_t)e->count,
		.need = e->need, .n_sample = (uint8_t)text.n };
	memcpy(to->sample, text.p, text.n);
}

/* Seen again. */
static void
renew(struct learning *l, struct boilerplate_learned *it, unsigned count)
{
	if (2 * 100 * (size_t)count < it->need * l->window) {
		*it = l->b->learned[--l->b->n_learned];
		return;
	}
	it->seen_s = (uint32_t)l->now_s;
	it->items = (uint16_t)count;
}

static size_t
line_of(const struct boilerplate_reader *r, size_t unit)
{
	while (unit > 0 && r->units[unit].is_sentence)
		unit--;
	return unit;
}

/* Does what it is a sentence of say as much? */
static bool
is_spare(const struct learning *l, const struct boilerplate_entry *e)
{
	const struct boilerplate_unit *u = &l->r->units[e->unit];

	return u->is_sentence &&
	    known(l, l->r->units[line_of(l->r, e->unit)].exact) != NULL;
}

static void
settle(struct learning *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct boilerplate_entry *e = &l->e[i];
		struct boilerplate_learned *it = known(l, e->hash);

		if (it != NULL)
			renew(l, it, e->count);
		else if (e->count >= BOILERPLATE_LEAST_ITEMS &&
		    100 * (size_t)e->count >= e->need * l->window &&
		    !is_spare(l, e))
			remember(l, e);
	}
}

static void
note(struct learning *l)
{
	struct boilerplate *b = l->b;
	struct boilerplate_seen *s;

	make_room(b, l->n);
	s = &b->items[b->n_items++];
	*s = (struct boilerplate_seen){ .seen_s = (uint32_t)l->now_s,
		.n_prints = (uint8_t)l->n, .is_update = l->is_update,
		.n_title = l->r->n_title_prints };
	memcpy(s->title, l->r->title_prints, sizeof(s->title));
	for (size_t i = 0; i < l->n; i++)
		put_print(b, l->e[i].print |
		    (l->e[i].is_related ? 0 : PRINT_COUNTS));
}

void
boilerplate_learn(struct boilerplate_reader *r, struct boilerplate *b,
    int64_t now_s)
{
	struct learning l = { .r = r, .b = b, .now_s = now_s };

	forget(b, now_s);
	gather_entries(&l);
	sort_prints(&l);
	count_sightings(&l);
	find_story(&l);
	find_related(&l);
	settle(&l);
	note(&l);
}

/*
 * Shown
 */

/* Does one before it begin alike, as a line and its template do? */
static bool
is_shown(const struct boilerplate *b, size_t at)
{
	const struct boilerplate_learned *a = &b->learned[at], *o;

	for (size_t i = 0; i < at; i++) {
		o = &b->learned[i];
		if (o->n_sample == a->n_sample &&
		    memcmp(o->sample, a->sample, a->n_sample) == 0)
			return true;
	}
	return false;
}

static int
most_first(const void *va, const void *vb)
{
	const struct boilerplate_line *a = va, *b = vb;

	return (a->items < b->items) - (a->items > b->items);
}

size_t
boilerplate_list(const struct boilerplate *b, int64_t now_s,
    struct boilerplate_line *out, size_t n)
{
	struct boilerplate_line all[BOILERPLATE_LEARNED];
	size_t count = 0;

	for (size_t i = 0; i < b->n_learned; i++)
		if (!is_over(b->learned[i].seen_s, now_s) && !is_shown(b, i))
			all[count++] = (struct boilerplate_line){
				.text = { b->learned[i].sample,
				b->learned[i].n_sample },
				.items = b->learned[i].items };
	if (count > 1)
		qsort(all, count, sizeof(all[0]), most_first);
	for (size_t i = 0; i < count && i < n; i++)
		out[i] = all[i];
	return count;
}
