/* SPDX-License-Identifier: ISC */
/* The records of a window, and the chains through them. */
#include "filters/story_window_private.h"

#include <stdlib.h>
#include <sys/mman.h>

const struct story_window_limits story_window_defaults = {
	.max_items = 1000000, .max_bytes = 200000000, .keep_s = 72 * 3600
};

/* The first word is none's: links to it are empty. */
enum { FIRST_PLACE = 1 };

static size_t
power_of_two(size_t n)
{
	size_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

static size_t
all_heads(const struct story_window *w)
{
	return w->n_heads + w->n_ones;
}

static size_t
fixed_bytes(const struct story_window *w)
{
	return sizeof(*w) + all_heads(w) * sizeof(*w->heads);
}

static bool
size_up(struct story_window *w, const struct story_window_limits *limits)
{
	size_t items = limits->max_items;

	if (items < LEAST_ITEMS || items > MOST_ITEMS || limits->keep_s < 0)
		return false;
	w->limits = *limits;
	w->n_heads = 2 * power_of_two(items);
	w->n_ones = w->n_heads / 4;
	if (limits->max_bytes < fixed_bytes(w) + 4 * (4 * MAX_WORDS))
		return false;
	w->n_ring = (limits->max_bytes - fixed_bytes(w)) / sizeof(*w->ring);
	if (w->n_ring > MAX_WORDS * (items + 1))
		w->n_ring = MAX_WORDS * (items + 1);
	if (w->n_ring > MOST_WORDS)
		w->n_ring = MOST_WORDS;
	return true;
}

/* Zeroed, and had from the system as it is touched. Looks go here and there in
 * it: large pages spare each a walk through the page tables. */
static uint32_t *
reserve(size_t n)
{
	void *p = mmap(NULL, n * sizeof(uint32_t), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	/* Where the system has none, small ones will do. */
	(void)madvise(p, n * sizeof(uint32_t), MADV_HUGEPAGE);
	return p;
}

static void
give_back(uint32_t *p, size_t n)
{
	if (p != NULL)
		munmap(p, n * sizeof(*p));
}

struct story_window *
story_window_new(const struct story_window_limits *limits)
{
	struct story_window *w = calloc(1, sizeof(*w));

	if (w == NULL || !size_up(w, limits)) {
		free(w);
		return NULL;
	}
	w->ring = reserve(w->n_ring);
	w->heads = reserve(all_heads(w));
	w->head = w->tail = FIRST_PLACE;
	if (w->ring == NULL || w->heads == NULL) {
		story_window_free(w);
		return NULL;
	}
	return w;
}

void
story_window_free(struct story_window *w)
{
	if (w == NULL)
		return;
	give_back(w->ring, w->n_ring);
	give_back(w->heads, all_heads(w));
	free(w);
}

size_t
story_window_items(const struct story_window *w)
{
	return w->n_items;
}

size_t
story_window_bytes(const struct story_window *w)
{
	return fixed_bytes(w) + w->most_used * sizeof(*w->ring);
}

/*
 * Records
 */

/*
 * Five bits of six. Of names a quarter of the weight, 15 at most, and the
 * lowest bit, which says that few items have it. Of all else the weight, 31 at
 * most: that bit of a heavy term is lost, as it is asked of parts alone that
 * are indexed, and those are whole.
 */
static uint32_t
pack_weight(uint32_t part)
{
	unsigned weight = story_part_weight(part);

	if (story_part_kind(part) == PART_NAME)
		return (weight / 4 < 15 ? weight / 4 : 15) << 1 | (weight & 1);
	return weight < 31 ? weight : 31;
}

static uint32_t
unpack_weight(uint32_t kind, uint32_t packed)
{
	return kind == PART_NAME ? (packed >> 1) * 4 + (packed & 1) : packed;
}

/* The parts of a record as those of a signature; for runs, those too. */
void
story_ring_unpack(const struct story_window *w, uint32_t place,
    struct story_sign *sign)
{
	const uint32_t *r = record_at(w, place);
	const uint8_t *others;
	struct story_what what;
	size_t n = 0;

	read_what(w, place, &what);
	for (; n < what.n_indexed; n++)
		sign->part[n] = r[part_at(n)];
	r += part_at(n);
	others = (const uint8_t *)r;
	for (size_t i = 0; i < what.n_others; i++, others += 3) {
		uint32_t v = (uint32_t)others[0] | (uint32_t)others[1] << 8 |
		    (uint32_t)others[2] << 16;

		sign->part[n++] = (v >> 7) << (32 - TAIL_HASH_BITS) |
		    (v >> 5 & 3) << 6 | unpack_weight(v >> 5 & 3, v & 31);
	}
	sign->n_parts = (uint8_t)n;
	sign->days = what.days;
	sign->words = what.is_short ? 1 : UINT16_MAX;
	sign->has_min = what.has_min;
	others = (const uint8_t *)(r + (3 * what.n_others + 3) / 4);
	for (size_t i = 0; sign->has_min && i < STORY_SIGN_MIN; i++)
		sign->min[i] = others[i];
}

/* A part that is not indexed: 17 bits of its hash, its kind and its weight. */
static void
pack_other(uint8_t *to, uint32_t part)
{
	uint32_t v = part >> (32 - TAIL_HASH_BITS) << 7 |
	    (uint32_t)story_part_kind(part) << 5 | pack_weight(part);

	to[0] = (uint8_t)v;
	to[1] = (uint8_t)(v >> 8);
	to[2] = (uint8_t)(v >> 16);
}

static uint32_t
link_to(uint32_t place, size_t chain)
{
	return place << CHAIN_BITS | (uint32_t)chain;
}

/* The key of a record's chain. */
static uint64_t
key_of(const uint32_t *r, const struct story_what *what, size_t chain)
{
	switch (chain) {
	case CHAIN_TEXT:
		return text_key(what->text);
	case CHAIN_STORY:
		return story_key(what->story);
	case CHAIN_NUMBER:
		return number_key(what->number);
	}
	return part_key(r[part_at(chain)]);
}

/* All chains of a record, one after another. */
static size_t
next_chain(const struct story_what *what, size_t chain)
{
	return chain + 1 == what->n_indexed ? CHAIN_TEXT : chain + 1;
}

static size_t
first_chain(const struct story_what *what)
{
	return what->n_indexed == 0 ? CHAIN_TEXT : 0;
}

/* Of the record at the tail: that is the next to be forgotten. */
static void
fetch_heads(const struct story_window *w)
{
	struct story_what what;

	read_what(w, w->tail, &what);
	for (size_t c = first_chain(&what); c < CHAINS;
	    c = next_chain(&what, c))
		__builtin_prefetch(head_of(w, key_of(record_at(w, w->tail),
		    &what, c)));
}

void
story_ring_forget_all(struct story_window *w)
{
	if (w->n_items > 0)
		memset(w->heads, 0, all_heads(w) * sizeof(*w->heads));
	w->n_items = 0;
	w->head = w->tail = FIRST_PLACE;
	w->end = 0;
}

void
story_ring_forget_first(struct story_window *w)
{
	const uint32_t *r = record_at(w, w->tail);
	struct story_what what;
	uint32_t *head;

	read_what(w, w->tail, &what);
	for (size_t c = first_chain(&what); c < CHAINS;
	    c = next_chain(&what, c)) {
		head = head_of(w, key_of(r, &what, c));
		if (*head == link_to(w->tail, c))
			*head = 0;
	}
	w->tail += (uint32_t)record_words(&what);
	if (w->tail == w->end) {
		w->tail = FIRST_PLACE;
		w->end = 0;
	}
	if (--w->n_items == 0)
		w->head = w->tail = FIRST_PLACE;
	else
		fetch_heads(w);
}

/* Where a record of so many words may stand now; 0: not yet. While there are
 * items the head never comes to stand at the tail: their ages would be 0. */
static uint32_t
find_room(const struct story_window *w, size_t n)
{
	if (w->n_items == 0)
		return w->head;
	if (w->end != 0)
		return w->tail - w->head > n ? w->head : 0;
	if (w->n_ring - w->head >= n)
		return w->head;
	return w->tail > FIRST_PLACE + n ? FIRST_PLACE : 0;
}

static uint32_t
make_room(struct story_window *w, size_t n)
{
	uint32_t place;

	while (w->n_items >= w->limits.max_items ||
	    (place = find_room(w, n)) == 0)
		story_ring_forget_first(w);
	if (place < w->head)
		w->end = w->head;
	w->head = place + (uint32_t)n;
	if (w->head > w->most_used)
		w->most_used = w->head;
	w->n_items++;
	return place;
}

static uint32_t
chain(struct story_window *w, uint64_t key, uint32_t place, size_t chain_number)
{
	uint32_t *head = head_of(w, key), before = *head;

	*head = link_to(place, chain_number);
	return before;
}

void
story_ring_put(struct story_window *w, struct story_addition *a)
{
	size_t n = record_words(&a->what), others = a->what.n_others;
	uint32_t place = make_room(w, n), *r = record_at(w, place);
	uint8_t *bytes;

	memset(r, 0, n * sizeof(*r));
	if (a->what.is_copy)
		r[n - 1] = a->root;
	memcpy(r, &a->what, WHAT_WORDS * sizeof(*r));
	for (size_t i = 0; i < a->n_indexed; i++)
		r[part_at(i)] = a->sign->part[a->order[i]];
	for (size_t c = first_chain(&a->what); c < CHAINS;
	    c = next_chain(&a->what, c))
		r[link_at(c)] = chain(w, key_of(r, &a->what, c), place, c);
	r += part_at(a->n_indexed);
	bytes = (uint8_t *)r;
	for (size_t i = 0; i < others; i++)
		pack_other(bytes + 3 * i,
		    a->sign->part[a->order[a->n_indexed + i]]);
	bytes = (uint8_t *)(r + (3 * others + 3) / 4);
	for (size_t i = 0; a->sign->has_min && i < STORY_SIGN_MIN; i++)
		bytes[i] = a->sign->min[i];
}

/*
 * Chains
 */

void
story_walk_begin(struct story_walk *k, const struct story_window *w,
    uint64_t key)
{
	*k = (struct story_walk){ .w = w, .link = *head_of(w, key) };
}

/* The next link's item; 0: there is none. */
uint32_t
story_walk_step(struct story_walk *k)
{
	uint32_t place = k->link >> CHAIN_BITS, age;
	uint32_t chain_number = k->link & ((1 << CHAIN_BITS) - 1);

	if (!is_kept(k->w, place))
		return 0;
	age = age_of(k->w, place);
	if (age < k->age || (age == k->age && chain_number >= k->chain))
		return 0;
	k->steps++;
	k->age = age;
	k->chain = chain_number;
	k->link = record_at(k->w, place)[link_at(chain_number)];
	return place;
}

uint32_t
story_ring_find_text(const struct story_window *w, uint64_t text)
{
	struct story_what what;
	struct story_walk k;
	uint32_t place;

	if (text == 0)
		return 0;
	story_walk_begin(&k, w, text_key(text));
	while (k.steps < MAX_ONE_STEPS &&
	    (place = story_walk_step(&k)) != 0) {
		read_what(w, place, &what);
		if (k.chain == CHAIN_TEXT && what.text == text)
			return place;
	}
	return 0;
}

uint32_t
story_ring_find_number(const struct story_window *w, uint64_t number)
{
	struct story_what what;
	struct story_walk k;
	uint32_t place;

	story_walk_begin(&k, w, number_key(number));
	while (k.steps < MAX_ONE_STEPS &&
	    (place = story_walk_step(&k)) != 0) {
		read_what(w, place, &what);
		if (k.chain == CHAIN_NUMBER && what.number == number)
			return place;
	}
	return 0;
}

uint32_t
story_walk_next_of_story(struct story_walk *k, uint64_t story,
    struct story_what *what)
{
	uint32_t place;

	while (k->steps < 2 * MAX_MEMBERS &&
	    (place = story_walk_step(k)) != 0) {
		read_what(k->w, place, what);
		if (k->chain == CHAIN_STORY && what->story == story)
			return place;
	}
	return 0;
}
