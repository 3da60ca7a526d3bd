/* SPDX-License-Identifier: ISC */
/*
 * Items stand as records of unequal length in one ring of 32-bit words, the
 * oldest at its tail; at[] tells where each begins. A record is what the
 * signature says, smaller, and the links of the chains that it is in:
 *
 *	record   | what | indexed parts | links | other parts | runs |
 *	          11      n               n + 3   3/4 n          3
 *
 * There is a chain for each part that is indexed, for the text, the story, and
 * the number. heads[] has the newest link of each, by hash: a chain has several
 * keys in it where hashes meet, and who follows it looks at the key. A link
 * names an item and which of its chains it is:
 *
 *	link     | item, modulo 2^27 | chain |
 *	           27 bits             5
 *
 * so nothing need be taken out of a chain: a link to what is forgotten ends it.
 * Links lead to older items only, or to lower chains of the same one where two
 * of its keys meet, whatever they say: each walk ends.
 */
#include "filters/story_window.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buf.h"
#include "filters/story_alike.h"
#include "filters/story_sign.h"

enum {
	MOST_ITEMS = 1 << 24, LEAST_ITEMS = 16,
	INDEXED = 8, CHAINS = INDEXED + 3,
	ITEM_BITS = 27, CHAIN_BITS = 5,
	WHAT_WORDS = 11,
	MIN_WORDS = STORY_SIGN_MIN / 4,	/* a byte of each is kept */
	TAIL_HASH_BITS = STORY_ALIKE_BITS,
	MAX_WORDS = WHAT_WORDS + INDEXED + CHAINS +
	    (3 * STORY_SIGN_MAX_PARTS + 3) / 4 + MIN_WORDS,

	/* What an item may cost. */
	MAX_STEPS = 12,			/* of a chain */
	MAX_ALL_STEPS = 40,
	MAX_WALKS = 20,			/* chains followed */
	MAX_TERM_WALKS = 8,
	MAX_FOUND = MAX_ALL_STEPS + MAX_WALKS,
	FOUND_SLOTS = 256,
	MAX_COMPARED = 6,
	MAX_MEMBERS = 128,		/* of a story, for its sites */
	LOOKED_WEIGHT = 8,		/* parts below: too many have them */
	POPULAR = 4,			/* what few have counts so often */
	LEAST_WEIGHT = 16		/* of parts shared, to be compared */
};

_Static_assert(MAX_WALKS <= 32, "a bit each");
_Static_assert(CHAINS <= 1 << CHAIN_BITS, "a link has room for it");
_Static_assert(MOST_ITEMS < 1 << (ITEM_BITS - 1), "old and new differ");

const struct story_window_limits story_window_defaults = {
	.max_items = 1000000, .max_bytes = 200000000, .keep_s = 72 * 3600
};

/* The first words of a record. */
struct what {
	uint64_t	text, story, number;
	uint32_t	time_s;		/* since the window's first item */
	uint32_t	site;
	uint32_t	root;		/* the first item of its text */
	uint16_t	items, copies;	/* of its story by then */
	uint8_t		sites;		/* likewise */
	uint8_t		days;
	uint8_t		n_others;	/* parts that are not indexed */
	uint8_t		n_indexed : 4, is_copy : 1, has_min : 1, is_short : 1;
};

/* What follows the last field is not kept. */
_Static_assert(offsetof(struct what, n_others) + 2 == WHAT_WORDS * 4,
    "as drawn above");
_Static_assert(INDEXED < 1 << 4 && STORY_MAX_SITES <= UINT8_MAX,
    "the fields have room for them");

/* An item that shares something: the walks that led to it, and how much. */
struct found {
	uint64_t	item;
	uint32_t	walks;		/* bits */
	uint32_t	weight;
};

struct story_window {
	struct story_window_limits limits;
	uint32_t	*ring;
	size_t		 n_ring, head;		/* words */
	size_t		 used;			/* of the ring, ever */
	uint32_t	*at;			/* by item & mask */
	uint32_t	*heads;
	size_t		 n_heads, mask;
	uint64_t	 first, next;		/* items: first .. next - 1 */
	int64_t		 origin_s, last_s;

	struct story_ready ready;		/* of the item at hand */
	struct found	 found[MAX_FOUND];
	size_t		 n_found;
	struct found	 best[MAX_COMPARED];	/* the heaviest of them */
	size_t		 n_best;
	uint16_t	 slots[FOUND_SLOTS];	/* into found, + 1 */
};

/* Of an item that is to be added. */
struct addition {
	const struct story_item	*item;
	const struct story_sign	*sign;
	uint8_t		 order[STORY_SIGN_MAX_PARTS];	/* indexed first */
	size_t		 n_indexed;
	struct what	 what;
};

static uint64_t
mix(uint64_t h)
{
	h ^= h >> 31;
	h *= UINT64_C(0x9e3779b97f4a7c15);
	h ^= h >> 29;
	return h * UINT64_C(0xbf58476d1ce4e5b9);
}

static uint32_t *
head_of(const struct story_window *w, uint64_t key)
{
	return &w->heads[mix(key) >> 16 & (w->n_heads - 1)];
}

/* Keys of chains; those of parts differ from the rest by their size. */
static uint64_t
part_key(uint32_t part)
{
	return (part >> 8) << 2 | (uint32_t)story_part_kind(part);
}

static uint64_t
text_key(uint64_t text)
{
	return text | UINT64_C(1) << 62;
}

static uint64_t
story_key(uint64_t story)
{
	return mix(story) | UINT64_C(1) << 61;
}

static uint64_t
number_key(uint64_t number)
{
	return mix(number) | UINT64_C(1) << 60;
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

static uint32_t *
record_of(const struct story_window *w, uint64_t item)
{
	return &w->ring[w->at[item & w->mask]];
}

static void
read_record(const uint32_t *r, struct what *what)
{
	memcpy(what, r, WHAT_WORDS * sizeof(*r));
}

static void
read_what(const struct story_window *w, uint64_t item, struct what *what)
{
	read_record(record_of(w, item), what);
}

/* The item that the low bits of are known; 0: it is forgotten. */
static uint64_t
item_of(const struct story_window *w, uint32_t low, unsigned bits)
{
	uint64_t mask = (UINT64_C(1) << bits) - 1;
	uint64_t age = (w->next - low) & mask;

	return age != 0 && age <= w->next - w->first ? w->next - age : 0;
}

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
static void
unpack(const struct story_window *w, uint64_t item, struct story_sign *sign)
{
	const uint32_t *r = record_of(w, item);
	const uint8_t *others;
	struct what what;
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

static size_t
record_words(const struct addition *a)
{
	return WHAT_WORDS + 2 * a->n_indexed + 3 +
	    (3 * (a->sign->n_parts - a->n_indexed) + 3) / 4 +
	    (a->sign->has_min ? MIN_WORDS : 0);
}

static void
forget_first(struct story_window *w)
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
		forget_first(w);
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

static void
put_record(struct story_window *w, struct addition *a)
{
	size_t n = record_words(a), others = a->sign->n_parts - a->n_indexed;
	uint32_t *r = make_room(w, n);
	uint64_t item = w->next++;
	uint8_t *bytes;

	memset(r, 0, n * sizeof(*r));
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

struct walk {
	const struct story_window *w;
	uint32_t	 part;		/* that all of it have */
	unsigned	 number;
	uint32_t	 link;
	uint64_t	 before;	/* the last item and its chain: the next
					 * is older, or of the same item a
					 * chain that was linked earlier */
	size_t		 steps;
};

static void
begin_walk(struct walk *k, const struct story_window *w, uint64_t key)
{
	*k = (struct walk){ .w = w, .link = *head_of(w, key),
		.before = w->next << CHAIN_BITS };
}

/* The next link's item and chain; 0: there is none. */
static uint64_t
step(struct walk *k, size_t *chain_number)
{
	const uint32_t *r;
	struct what what;
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

/* The newest item of that text, of that story; 0: none. */
static uint64_t
find_text(const struct story_window *w, uint64_t text)
{
	struct what what;
	struct walk k;
	uint64_t item;
	size_t c;

	if (text == 0)
		return 0;
	begin_walk(&k, w, text_key(text));
	while (k.steps < MAX_STEPS && (item = step(&k, &c)) != 0) {
		read_what(w, item, &what);
		if (c == what.n_indexed && what.text == text)
			return item;
	}
	return 0;
}

static uint64_t
next_of_story(struct walk *k, uint64_t story, struct what *what)
{
	uint64_t item;
	size_t c;

	while (k->steps < 2 * MAX_MEMBERS && (item = step(k, &c)) != 0) {
		read_what(k->w, item, what);
		if (c == (size_t)what->n_indexed + 1 && what->story == story)
			return item;
	}
	return 0;
}

/*
 * Candidates
 */

static void
note_found(struct story_window *w, uint64_t item, unsigned walk)
{
	size_t i = item * UINT64_C(0x9e3779b97f4a7c15) >> 56;

	while (w->slots[i] != 0 && w->found[w->slots[i] - 1].item != item)
		i = (i + 1) % FOUND_SLOTS;
	if (w->slots[i] == 0) {
		w->found[w->n_found++] = (struct found){ .item = item };
		w->slots[i] = (uint16_t)w->n_found;
	}
	w->found[w->slots[i] - 1].walks |= UINT32_C(1) << walk;
}

_Static_assert(FOUND_SLOTS == 1 << (64 - 56), "as note_found takes them");

/* One step of a chain; what it leads to next is on its way to the cache
 * meanwhile. False: it has ended. */
static bool
follow(struct story_window *w, struct walk *k)
{
	uint64_t item, next, key = part_key(k->part);
	const uint32_t *r;
	struct what what;
	size_t c;

	item = step(k, &c);
	if (item == 0)
		return false;
	r = record_of(w, item);
	read_record(r, &what);
	if (c < what.n_indexed && part_key(r[WHAT_WORDS + c]) == key)
		note_found(w, item, k->number);
	next = item_of(w, k->link >> CHAIN_BITS, ITEM_BITS);
	if (next != 0)
		__builtin_prefetch(record_of(w, next));
	return true;
}

/* What leads to few items. */
static bool
is_rare(uint32_t part)
{
	switch (story_part_kind(part)) {
	case PART_NAME:
		return story_part_is_rare(part);
	case PART_NUMBER:
		return story_part_weight(part) >= LOOKED_WEIGHT;
	case PART_QUOTE:
	case PART_TERM:
		break;
	}
	return true;
}

/* Places, and terms that many items have, lead nowhere. */
static bool
is_looked_for(uint32_t part, size_t *terms)
{
	if (story_part_weight(part) < LOOKED_WEIGHT)
		return false;
	if (story_part_kind(part) == PART_TERM)
		return ++*terms <= MAX_TERM_WALKS;
	return is_rare(part);
}

static size_t
choose_walks(const struct story_window *w, const struct story_sign *sign,
    uint32_t *parts)
{
	size_t n = 0, terms = 0;

	for (size_t i = 0; i < sign->n_parts && n < MAX_WALKS; i++)
		if (is_looked_for(sign->part[i], &terms)) {
			parts[n++] = sign->part[i];
			__builtin_prefetch(head_of(w,
			    part_key(sign->part[i])));
		}
	return n;
}

/* What many items have says less. */
static void
weigh_found(struct story_window *w, const uint32_t *parts, uint32_t ended)
{
	for (size_t f = 0; f < w->n_found; f++)
		for (uint32_t k = 0, bits = w->found[f].walks; bits != 0;
		    k++, bits >>= 1)
			if ((bits & 1) != 0)
				w->found[f].weight +=
				    story_part_weight(parts[k]) *
				    ((ended >> k & 1) != 0 ? POPULAR : 1);
}

/* All chains side by side, a step of each in turn: what is rare is found, as
 * its chains are short, before what is not has taken all steps. */
static void
find_candidates(struct story_window *w, const struct story_sign *sign)
{
	struct walk walks[MAX_WALKS];
	uint32_t parts[MAX_WALKS], ended = 0;
	size_t n = choose_walks(w, sign, parts), all = 0;

	w->n_found = 0;
	memset(w->slots, 0, sizeof(w->slots));
	for (unsigned i = 0; i < n; i++) {
		begin_walk(&walks[i], w, part_key(parts[i]));
		walks[i].part = parts[i];
		walks[i].number = i;
	}
	for (size_t steps = 0; steps < MAX_STEPS && all < MAX_ALL_STEPS &&
	    n > 0; steps++)
		for (size_t i = 0; i < n; all++) {
			if (follow(w, &walks[i])) {
				i++;
				continue;
			}
			ended |= UINT32_C(1) << walks[i].number;
			walks[i] = walks[--n];
		}
	weigh_found(w, parts, ended);
}

static bool
is_better(const struct found *a, const struct found *b)
{
	return a->weight != b->weight ? a->weight > b->weight :
	    a->item > b->item;
}

static void
choose_best(struct story_window *w)
{
	w->n_best = 0;
	for (size_t f = 0; f < w->n_found; f++) {
		const struct found *found = &w->found[f];
		size_t i = w->n_best;

		if (found->weight < LEAST_WEIGHT ||
		    (i == MAX_COMPARED && !is_better(found, &w->best[i - 1])))
			continue;
		if (i == MAX_COMPARED)
			i--;
		else
			w->n_best++;
		for (; i > 0 && is_better(found, &w->best[i - 1]); i--)
			w->best[i] = w->best[i - 1];
		w->best[i] = *found;
	}
}

/* The best link of an item, so far. */
struct best {
	enum story_link		link;
	uint64_t		item;
	float			score;
	struct story_alike	alike;
};

static void
judge(const struct story_alike *a, uint64_t item, struct best *best)
{
	bool no = story_alike_contradict(a);
	float copy = no ? -1 : story_alike_copy(a);
	float event = story_alike_event(a);
	bool was_copy = best->link != LINK_NONE && best->link != LINK_EVENT;
	enum story_link link = copy > 0 ? LINK_FACTS :
	    !no && story_alike_runs(a) ? LINK_RUNS : event > 0 ? LINK_EVENT :
	    LINK_NONE;
	float score = link == LINK_FACTS ? copy :
	    link == LINK_RUNS ? a->runs : event;
	bool is_copy = link == LINK_FACTS || link == LINK_RUNS;

	if (link == LINK_NONE || (was_copy && !is_copy) ||
	    (was_copy == is_copy && best->link != LINK_NONE &&
	    score <= best->score))
		return;
	*best = (struct best){ link, item, score, *a };
}

static void
find_best(struct story_window *w, const struct story_sign *sign,
    struct best *best)
{
	struct story_sign other;
	struct story_alike alike;

	*best = (struct best){ .link = LINK_NONE };
	find_candidates(w, sign);
	choose_best(w);
	if (w->n_best > 0)
		story_ready_make(&w->ready, sign);
	for (size_t i = 0; i < w->n_best; i++) {
		unpack(w, w->best[i].item, &other);
		story_compare(&w->ready, &other, &alike);
		judge(&alike, w->best[i].item, best);
	}
}

/*
 * Adding
 */

/* Which parts are indexed: the heaviest of each kind, terms at the end. */
static void
choose_indexed(struct addition *a)
{
	static const uint8_t most[] = { [PART_QUOTE] = 1, [PART_NUMBER] = 2,
		[PART_NAME] = 3, [PART_TERM] = INDEXED };
	const struct story_sign *sign = a->sign;
	size_t n[PART_QUOTE + 1] = { 0 }, others = 0;
	uint8_t rest[STORY_SIGN_MAX_PARTS];

	for (size_t i = 0; i < sign->n_parts; i++) {
		uint32_t part = sign->part[i];
		enum story_part kind = story_part_kind(part);

		if (a->n_indexed < INDEXED && n[kind] < most[kind] &&
		    is_rare(part)) {
			n[kind]++;
			a->order[a->n_indexed++] = (uint8_t)i;
		} else
			rest[others++] = (uint8_t)i;
	}
	memcpy(a->order + a->n_indexed, rest, others);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
story_window_forget(struct story_window *w, int64_t now_s)
{
	struct what what;

	while (w->first < w->next) {
		read_what(w, w->first, &what);
		if (now_s - w->origin_s - (int64_t)what.time_s <=
		    w->limits.keep_s)
			return;
		forget_first(w);
	}
}

static void
begin_addition(struct story_window *w, const struct story_item *item,
    const struct story_sign *sign, struct addition *a)
{
	if (w->next == 1)
		w->origin_s = w->last_s = item->time_s;
	w->last_s = later(w->last_s, item->time_s);
	story_window_forget(w, w->last_s);
	memset(a, 0, sizeof(*a));
	a->item = item;
	a->sign = sign;
	choose_indexed(a);
	a->what = (struct what){ .text = sign->text, .number = item->number,
		.time_s = (uint32_t)(w->last_s - w->origin_s),
		.site = story_window_site(item->site),
		.days = sign->days, .n_indexed = a->n_indexed & 15,
		.n_others = (uint8_t)(sign->n_parts - a->n_indexed),
		.has_min = sign->has_min,
		.is_short = sign->words < STORY_SIGN_SHORT };
}

/* Is the site that of no other item of the story but copies? */
static bool
is_new_site(const struct story_window *w, const struct what *mine)
{
	struct what what;
	struct walk k;

	begin_walk(&k, w, story_key(mine->story));
	while (next_of_story(&k, mine->story, &what) != 0)
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
count_story(const struct story_window *w, struct what *mine)
{
	bool is_copy = mine->is_copy;
	struct what newest = { 0 };
	struct walk k;

	begin_walk(&k, w, story_key(mine->story));
	if (next_of_story(&k, mine->story, &newest) == 0)
		memset(&newest, 0, sizeof(newest));
	mine->items = one_more(newest.items, true);
	mine->copies = one_more(newest.copies, is_copy);
	mine->sites = newest.sites;
	if (!is_copy && newest.sites < STORY_MAX_SITES &&
	    is_new_site(w, mine))
		mine->sites++;
}

static uint64_t
root_of(const struct story_window *w, uint64_t item)
{
	struct what what;
	uint64_t root;

	read_what(w, item, &what);
	root = item_of(w, what.root, 32);
	return root != 0 ? root : item;
}

static uint8_t
percent(float f)
{
	return f <= 0 ? 0 : f >= 1 ? 100 : (uint8_t)(f * 100 + 0.5F);
}

static void
tell_link(const struct story_window *w, const struct best *best,
    struct story_verdict *v)
{
	const struct story_alike *a = &best->alike;
	struct what what;

	v->link = best->link;
	if (best->link == LINK_NONE)
		return;
	read_what(w, best->item, &what);
	v->to = what.number;
	v->story = what.story;
	v->evidence = (struct story_evidence){ .numbers = a->n_numbers,
		.quotes = a->n_quotes, .names = a->n_names,
		.terms = a->n_terms, .cosine = percent(a->cosine),
		.runs = percent(a->runs) };
	v->is_copy = best->link != LINK_EVENT;
	if (v->is_copy) {
		read_what(w, root_of(w, best->item), &what);
		v->copy_of = what.number;
	}
}

void
story_window_add(struct story_window *w, const struct story_item *item,
    const struct story_sign *sign, struct story_verdict *v)
{
	struct best best = { .link = LINK_TEXT };
	struct addition a;

	memset(v, 0, sizeof(*v));
	begin_addition(w, item, sign, &a);
	best.item = find_text(w, sign->text);
	if (best.item == 0)
		find_best(w, sign, &best);
	v->story = item->key;
	tell_link(w, &best, v);
	a.what.story = v->story;
	a.what.root = (uint32_t)(v->is_copy ? root_of(w, best.item) :
	    w->next);
	a.what.is_copy = v->is_copy;
	count_story(w, &a.what);
	v->items = a.what.items;
	v->copies = a.what.copies;
	v->sites = a.what.sites;
	put_record(w, &a);
}

/* The item of that number; 0: none. */
static uint64_t
find_number(const struct story_window *w, uint64_t number)
{
	struct what what;
	struct walk k;
	uint64_t item;
	size_t c;

	begin_walk(&k, w, number_key(number));
	while (k.steps < MAX_STEPS && (item = step(&k, &c)) != 0) {
		read_what(w, item, &what);
		if (c == (size_t)what.n_indexed + 2 && what.number == number)
			return item;
	}
	return 0;
}

bool
story_window_find(const struct story_window *w, uint64_t number,
    struct story_verdict *v)
{
	uint64_t item = find_number(w, number);
	struct what what, newest;
	struct walk k;

	memset(v, 0, sizeof(*v));
	if (item == 0)
		return false;
	read_what(w, item, &what);
	v->story = what.story;
	v->is_copy = what.is_copy;
	read_what(w, root_of(w, item), &newest);
	v->copy_of = v->is_copy ? newest.number : 0;
	begin_walk(&k, w, story_key(what.story));
	if (next_of_story(&k, what.story, &newest) == 0)
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
	struct what what;
	struct walk k;
	size_t found = 0;

	begin_walk(&k, w, story_key(story));
	while (found < n && next_of_story(&k, story, &what) != 0)
		if (!what.is_copy &&
		    !has_site(sites, found, what.site))
			sites[found++] = what.site;
	return found;
}

void
story_window_restore(struct story_window *w, const struct story_item *item,
    const struct story_sign *sign, const struct story_verdict *v)
{
	struct addition a;
	uint64_t first = 0;

	begin_addition(w, item, sign, &a);
	if (v->is_copy)
		first = find_number(w, v->copy_of);
	a.what.story = v->story;
	a.what.root = (uint32_t)(first != 0 ? first : w->next);
	a.what.is_copy = v->is_copy;
	count_story(w, &a.what);
	put_record(w, &a);
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
