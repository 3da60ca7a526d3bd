/* SPDX-License-Identifier: ISC */
/* The records of a window, and the chains through them. */
#include "filters/story_window_private.h"

#include <stdlib.h>
#include <sys/mman.h>

const struct story_window_limits story_window_defaults = {
	.max_items = 1000000, .max_bytes = 200000000, .keep_s = 72 * 3600
};

static uint64_t
number_key(uint64_t number)
{
	return mix(number) | UINT64_C(1) << 60;
}

static uint64_t
text_key(uint64_t text)
{
	return text | UINT64_C(1) << 62;
}

static size_t
power_of_two(size_t n)
{
	size_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

static size_t
fixed_bytes(const struct story_window *w)
{
	return sizeof(*w) + w->n_heads * sizeof(*w->heads) +
	    (w->mask + 1) * sizeof(*w->at);
}

static bool
size_up(struct story_window *w, const struct story_window_limits *limits)
{
	size_t items = limits->max_items;

	if (items < LEAST_ITEMS || items > MOST_ITEMS || limits->keep_s < 0)
		return false;
	w->limits = *limits;
	w->mask = power_of_two(items) - 1;
	w->n_heads = 2 * (w->mask + 1);
	if (limits->max_bytes < fixed_bytes(w) + 4 * (4 * MAX_WORDS))
		return false;
	w->n_ring = (limits->max_bytes - fixed_bytes(w)) / sizeof(*w->ring);
	if (w->n_ring > (size_t)MAX_WORDS * items)
		w->n_ring = (size_t)MAX_WORDS * items;
	return w->n_ring <= UINT32_MAX;
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
	w->at = reserve(w->mask + 1);
	w->heads = reserve(w->n_heads);
	w->first = w->next = 1;
	if (w->ring == NULL || w->at == NULL || w->heads == NULL) {
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
	give_back(w->at, w->mask + 1);
	give_back(w->heads, w->n_heads);
	free(w);
}

size_t
story_window_items(const struct story_window *w)
{
	return (size_t)(w->next - w->first);
}

size_t
story_window_bytes(const struct story_window *w)
{
	return fixed_bytes(w) + w->used * sizeof(*w->ring);
}

/*
 * Records
 */

/* Five bits of six: what is more than they hold counts as that; of names half
 * the weight, and their lowest bit, which is no weight. */
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
story_ring_unpack(const struct story_window *w, uint64_t item,
    struct story_sign *sign)
{
	const uint32_t *r = record_of(w, item);
	const uint8_t *others;
	struct story_what what;
	size_t n = 0;

	read_record(r, &what);
	r += WHAT_WORDS;
	for (; n < what.n_indexed; n++)
		sign->part[n] = *r++;
	r += what.n_indexed + 3;
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

void
story_ring_forget_first(struct story_window *w)
{
	w->first++;
	if (w->first == w->next)
		w->head = 0;
}

/* Where a record of so many words may stand now; false: not yet. */
static bool
has_room(const struct story_window *w, size_t n, size_t *at)
{
	size_t tail;

	*at = w->head;
	if (w->first == w->next)
		return true;
	tail = w->at[w->first & w->mask];
	if (w->head > tail && w->n_ring - w->head >= n)
		return true;
	if (w->head > tail) {
		*at = 0;
		return tail > n;
	}
	return tail - w->head > n;
}

static uint32_t *
make_room(struct story_window *w, size_t n)
{
	size_t at;

	while (story_window_items(w) >= w->limits.max_items ||
	    !has_room(w, n, &at))
		story_ring_forget_first(w);
	w->at[w->next & w->mask] = (uint32_t)at;
	w->head = at + n;
	w->used = w->head > w->used ? w->head : w->used;
	return &w->ring[at];
}

static uint32_t
link_to(uint64_t item, size_t chain)
{
	return (uint32_t)(item << CHAIN_BITS) | (uint32_t)chain;
}

static uint32_t
chain(struct story_window *w, uint64_t key, uint64_t item, size_t chain_number)
{
	uint32_t *head = head_of(w, key), before = *head;

	*head = link_to(item, chain_number);
	return before;
}

void
story_ring_put(struct story_window *w, struct story_addition *a)
{
	size_t n = record_words(&a->what), others = a->what.n_others;
	uint32_t *r = make_room(w, n);
	uint64_t item = w->next++;
	uint8_t *bytes;

	memset(r, 0, n * sizeof(*r));
	if (a->what.is_copy)
		r[n - 1] = (uint32_t)a->root;
	memcpy(r, &a->what, WHAT_WORDS * sizeof(*r));
	r += WHAT_WORDS;
	for (size_t i = 0; i < a->n_indexed; i++)
		r[i] = a->sign->part[a->order[i]];
	r += a->n_indexed;
	for (size_t i = 0; i < a->n_indexed; i++)
		r[i] = chain(w, part_key(a->sign->part[a->order[i]]), item, i);
	r += a->n_indexed;
	*r++ = chain(w, text_key(a->what.text), item, a->n_indexed);
	*r++ = chain(w, story_key(a->what.story), item, a->n_indexed + 1);
	*r++ = chain(w, number_key(a->what.number), item, a->n_indexed + 2);
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
	*k = (struct story_walk){ .w = w, .link = *head_of(w, key),
		.before = w->next << CHAIN_BITS };
}

/* The next link's item and chain; 0: there is none. */
uint64_t
story_walk_step(struct story_walk *k, size_t *chain_number)
{
	const uint32_t *r;
	struct story_what what;
	uint64_t item = k->link == 0 ? 0 : item_of(k->w,
	    k->link >> CHAIN_BITS, ITEM_BITS);

	*chain_number = k->link & ((1 << CHAIN_BITS) - 1);
	if (item == 0 || (item << CHAIN_BITS | *chain_number) >= k->before)
		return 0;
	r = record_of(k->w, item);
	read_record(r, &what);
	if (*chain_number >= (size_t)what.n_indexed + 3)
		return 0;
	k->steps++;
	k->before = item << CHAIN_BITS | *chain_number;
	k->link = r[WHAT_WORDS + what.n_indexed + *chain_number];
	return item;
}

uint64_t
story_ring_find_text(const struct story_window *w, uint64_t text)
{
	struct story_what what;
	struct story_walk k;
	uint64_t item;
	size_t c;

	if (text == 0)
		return 0;
	story_walk_begin(&k, w, text_key(text));
	while (k.steps < MAX_STEPS && (item = story_walk_step(&k, &c)) != 0) {
		read_what(w, item, &what);
		if (c == what.n_indexed && what.text == text)
			return item;
	}
	return 0;
}

uint64_t
story_ring_find_number(const struct story_window *w, uint64_t number)
{
	struct story_what what;
	struct story_walk k;
	uint64_t item;
	size_t c;

	story_walk_begin(&k, w, number_key(number));
	while (k.steps < MAX_NUMBER_STEPS &&
	    (item = story_walk_step(&k, &c)) != 0) {
		read_what(w, item, &what);
		if (c == (size_t)what.n_indexed + 2 && what.number == number)
			return item;
	}
	return 0;
}

uint64_t
story_walk_next_of_story(struct story_walk *k, uint64_t story,
    struct story_what *what)
{
	uint64_t item;
	size_t c;

	while (k->steps < 2 * MAX_MEMBERS &&
	    (item = story_walk_step(k, &c)) != 0) {
		read_what(k->w, item, what);
		if (c == (size_t)what->n_indexed + 1 && what->story == story)
			return item;
	}
	return 0;
}
