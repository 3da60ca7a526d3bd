/* SPDX-License-Identifier: ISC */
#include "filters/term_index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "filters/query_ast.h"
#include "filters/term_hash.h"
#include "filters/term_index_private.h"

/* A prefix has three bytes at least and QUERY_MAX_PREFIX_BYTES at most. */
enum { FEW_SLOTS = 16, MIN_LENGTHS = 64, MAX_LENGTHS = 1 << 16, SHORTEST = 3,
    FILTER_BITS = 16,		/* for each key: one in 16 is set */
    MANY_SLOTS = 1 << 14 };	/* as many bytes as a core's own cache */

#define MOST_BITS	(UINT64_C(1) << 31)

static int
add_key(struct term_keys *keys, struct str folded, uint32_t *key)
{
	uint32_t known = keys->pool.n, *first;

	if (term_pool_add(&keys->pool, folded, key) == -1)
		return -1;
	if (*key < known)
		return 0;
	first = term_pool_grow(keys->first, *key, &keys->cap, sizeof(*first));
	if (first == NULL)
		return -1;
	keys->first = first;
	first[*key] = TERM_NONE;
	return 0;
}

static int
add_atom(struct term_index *ix, struct term_keys *keys, uint32_t key,
    uint32_t cased, bool prefix, uint32_t *out)
{
	struct term_atom *atoms;

	for (*out = keys->first[key]; *out != TERM_NONE;
	    *out = ix->atoms[*out].next)
		if (ix->atoms[*out].cased == cased)
			return 0;
	atoms = term_pool_grow(ix->atoms, ix->n_atoms, &ix->cap_atoms,
	    sizeof(*atoms));
	if (atoms == NULL)
		return -1;
	ix->atoms = atoms;
	*out = ix->n_atoms++;
	atoms[*out] = (struct term_atom){ .next = keys->first[key],
	    .cased = cased, .key = key, .prefix = prefix,
	    .pattern = keys == &ix->patterns };
	keys->first[key] = *out;
	return 0;
}

/* Bytes of the character at p; n is at least 1. */
static size_t
letter_bytes(const char *p, size_t n)
{
	size_t len = 1;

	while (len < n && ((uint8_t)p[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static void
shape_of(const struct query_word *w, struct term_shape *shape)
{
	unsigned n = 0;

	memset(shape, 0, sizeof(*shape));
	shape->prefix = w->prefix;
	for (size_t i = 0; i < w->folded.n && n < TERM_MAX_LETTERS; n++) {
		if (w->folded.p[i] == '?')
			shape->free[n / 64] |= UINT64_C(1) << n % 64;
		i += letter_bytes(w->folded.p + i, w->folded.n - i);
	}
	shape->n = (uint8_t)n;
}

static bool
is_same_shape(const struct term_shape *a, const struct term_shape *b)
{
	return a->n == b->n && a->prefix == b->prefix &&
	    a->free[0] == b->free[0] && a->free[1] == b->free[1];
}

static int
add_shape(struct term_index *ix, const struct query_word *w)
{
	struct term_shape shape, *shapes;

	shape_of(w, &shape);
	for (uint32_t i = 0; i < ix->n_shapes; i++)
		if (is_same_shape(&ix->shapes[i], &shape))
			return 0;
	if (ix->n_shapes == TERM_MAX_SHAPES)
		return TERM_SHAPES_FULL;
	shapes = term_pool_grow(ix->shapes, ix->n_shapes, &ix->cap_shapes,
	    sizeof(*shapes));
	if (shapes == NULL)
		return -1;
	ix->shapes = shapes;
	shapes[ix->n_shapes++] = shape;
	return 0;
}

/* A pattern's key tells a prefix from a word by a * at its end. */
static int
add_pattern(struct term_index *ix, const struct query_word *w, uint32_t *key)
{
	char text[QUERY_MAX_WORD_BYTES + 1];
	struct str s = { text, w->folded.n };
	int rc = add_shape(ix, w);

	if (rc != 0)
		return rc;
	memcpy(text, w->folded.p, w->folded.n);
	if (w->prefix)
		text[s.n++] = '*';
	return add_key(&ix->patterns, s, key);
}

int
term_index_add_word(struct term_index *ix, const struct query_word *w,
    uint32_t *atom)
{
	struct term_keys *keys = w->pattern ? &ix->patterns :
	    w->prefix ? &ix->prefixes : &ix->words;
	uint32_t key, cased = TERM_NONE;
	int rc;

	assert(w->folded.n <= QUERY_MAX_WORD_BYTES);
	assert(!w->prefix || (w->folded.n >= SHORTEST &&
	    w->folded.n <= QUERY_MAX_PREFIX_BYTES));
	rc = w->pattern ? add_pattern(ix, w, &key) :
	    add_key(keys, w->folded, &key);
	if (rc != 0)
		return rc;
	if (w->cased.n > 0 && term_pool_add(&ix->cased, w->cased,
	    &cased) == -1)
		return -1;
	return add_atom(ix, keys, key, cased, w->prefix, atom);
}

/*
 * Renumbering
 */

struct renumbering {
	struct term_atom	*atoms;
	uint32_t		*first;		/* of the words */
	uint32_t		*key_order, *key_now;
};

static bool
renumbering_init(struct renumbering *r, const struct term_index *ix)
{
	size_t n_keys = (size_t)ix->words.pool.n + 1;

	r->atoms = calloc((size_t)ix->n_atoms + 1, sizeof(*r->atoms));
	r->first = calloc(n_keys, sizeof(*r->first));
	r->key_order = calloc(n_keys, sizeof(*r->key_order));
	r->key_now = calloc(n_keys, sizeof(*r->key_now));
	return r->atoms != NULL && r->first != NULL &&
	    r->key_order != NULL && r->key_now != NULL;
}

static bool
is_word(const struct term_atom *a)
{
	return !a->prefix && !a->pattern;
}

/* A word comes with the first of its atoms. */
static int
reorder_words(struct renumbering *r, struct term_index *ix,
    const uint32_t *order)
{
	uint32_t n = 0, n_keys = ix->words.pool.n;

	memset(r->key_now, 0xff, n_keys * sizeof(*r->key_now));
	for (uint32_t i = 0; i < ix->n_atoms; i++) {
		const struct term_atom *a = &ix->atoms[order[i]];

		if (!is_word(a) || r->key_now[a->key] != TERM_NONE)
			continue;
		r->key_now[a->key] = n;
		r->key_order[n++] = a->key;
	}
	assert(n == n_keys);
	return term_pool_reorder(&ix->words.pool, r->key_order, r->key_now);
}

static void
rename_first(struct term_keys *keys, const uint32_t *now)
{
	for (uint32_t k = 0; k < keys->pool.n; k++)
		keys->first[k] = term_index_renamed(now, keys->first[k]);
}

static void
rename_atoms(struct renumbering *r, struct term_index *ix,
    const uint32_t *order, const uint32_t *now)
{
	for (uint32_t i = 0; i < ix->n_atoms; i++) {
		struct term_atom *a = &r->atoms[i];

		*a = ix->atoms[order[i]];
		a->next = term_index_renamed(now, a->next);
		if (is_word(a))
			a->key = r->key_now[a->key];
	}
	for (uint32_t k = 0; k < ix->words.pool.n; k++)
		r->first[k] = term_index_renamed(now,
		    ix->words.first[r->key_order[k]]);
	rename_first(&ix->prefixes, now);
	rename_first(&ix->patterns, now);
	term_index_rename_in_phrases(ix, now);
}

int
term_index_renumber(struct term_index *ix, const uint32_t *order,
    uint32_t *now)
{
	struct renumbering r;
	int rc = renumbering_init(&r, ix) ? 0 : -1;

	for (uint32_t i = 0; rc == 0 && i < ix->n_atoms; i++)
		now[order[i]] = i;
	if (rc == 0)
		rc = reorder_words(&r, ix, order);
	if (rc == 0) {
		rename_atoms(&r, ix, order, now);
		free(ix->atoms);
		free(ix->words.first);
		ix->atoms = r.atoms;
		ix->words.first = r.first;
		ix->cap_atoms = ix->n_atoms;
		ix->words.cap = ix->words.pool.n;
	} else {
		free(r.atoms);
		free(r.first);
	}
	free(r.key_order);
	free(r.key_now);
	return rc;
}

/*
 * Filters. The low bits of a hash number its bit; the tables use the low bits
 * for slots too, which harms neither.
 */

static int
filter_init(struct term_filter *f, uint32_t n_keys)
{
	uint64_t bits = 64;

	while (bits < (uint64_t)n_keys * FILTER_BITS && bits < MOST_BITS)
		bits *= 2;
	free(f->bits);
	f->bits = calloc((size_t)(bits / 64), sizeof(*f->bits));
	f->mask = (uint32_t)(bits - 1);
	return f->bits != NULL ? 0 : -1;
}

static void
filter_add(struct term_filter *f, uint64_t h)
{
	uint32_t bit = (uint32_t)h & f->mask;

	f->bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

static bool
filter_has(const struct term_filter *f, uint64_t h)
{
	uint32_t bit = (uint32_t)h & f->mask;

	return (f->bits[bit / 64] >> bit % 64 & 1) != 0;
}

/* Of the three bytes that a prefix has at least. */
static uint64_t
hash_three(uint64_t first_eight)
{
	return term_hash_mix(first_eight & 0xffffff);
}

static uint64_t
hash_beginning(struct str key)
{
	return hash_three(str_le(key, 0, SHORTEST));
}

/* At most two thirds of the slots are full. */
static int
make_slots(struct term_index *ix)
{
	uint64_t n = FEW_SLOTS;

	while (n / 3 * 2 < ix->words.pool.n)
		n *= 2;
	free(ix->slots);
	ix->slots = n <= MOST_BITS ? malloc(n * sizeof(*ix->slots)) : NULL;
	if (ix->slots == NULL)
		return -1;
	ix->n_slots = (uint32_t)n;
	for (uint32_t i = 0; i < ix->n_slots; i++)
		ix->slots[i] = (struct term_slot){ 0, TERM_NONE, TERM_NONE };
	return 0;
}

static void
fill_slot(struct term_index *ix, uint32_t word, size_t length, uint64_t h)
{
	uint32_t mask = ix->n_slots - 1, i = (uint32_t)(h >> 32) & mask;

	while (ix->slots[i].atom != TERM_NONE)
		i = (i + 1) & mask;
	ix->slots[i] = (struct term_slot){ h, ix->words.first[word],
	    length <= TERM_HASH_SHORT ? TERM_NONE : word };
}

static int
seal_words(struct term_index *ix)
{
	const struct term_pool *p = &ix->words.pool;

	if (filter_init(&ix->word_filter, p->n) == -1 ||
	    make_slots(ix) == -1)
		return -1;
	for (uint32_t i = 0; i < p->n; i++) {
		struct str s = term_pool_str(p, i);
		uint64_t h = term_hash(s.p, s.n);

		filter_add(&ix->word_filter, h);
		fill_slot(ix, i, s.n, h);
	}
	free(ix->words.first);		/* they stand in the slots now */
	ix->words.first = NULL;
	ix->words.cap = 0;
	return 0;
}

/* The first atom of a whole word, or TERM_NONE. */
static inline uint32_t
find_word(const struct term_index *ix, struct str s, uint64_t h)
{
	uint32_t mask = ix->n_slots - 1, i = (uint32_t)(h >> 32) & mask;
	const struct term_slot *slot;

	for (;; i = (i + 1) & mask) {
		slot = &ix->slots[i];
		if (slot->atom == TERM_NONE)
			return TERM_NONE;
		if (slot->hash != h || (s.n <= TERM_HASH_SHORT) !=
		    (slot->string == TERM_NONE))
			continue;
		if (s.n <= TERM_HASH_SHORT || str_eq(s,
		    term_pool_str(&ix->words.pool, slot->string)))
			return slot->atom;
	}
}

static int
seal_prefixes(struct term_index *ix)
{
	const struct term_pool *p = &ix->prefixes.pool;

	ix->n_lengths = MIN_LENGTHS;
	while (ix->n_lengths < MAX_LENGTHS && ix->n_lengths / 4 < p->n)
		ix->n_lengths *= 2;
	free(ix->lengths);
	ix->lengths = calloc(ix->n_lengths, sizeof(*ix->lengths));
	if (ix->lengths == NULL ||
	    filter_init(&ix->prefix_filter, p->n) == -1)
		return -1;
	for (uint32_t i = 0; i < p->n; i++) {
		struct str s = term_pool_str(p, i);
		uint64_t h = hash_beginning(s);

		filter_add(&ix->prefix_filter, h);
		ix->lengths[h >> 32 & (ix->n_lengths - 1)] |=
		    UINT64_C(1) << (s.n - SHORTEST);
	}
	return 0;
}

static void
freeze_keys(struct term_keys *keys, bool findable)
{
	term_pool_freeze(&keys->pool, findable);
	keys->cap = keys->pool.n;
	keys->first = term_pool_fit(keys->first,
	    keys->cap * sizeof(*keys->first));
}

static int
seal_atoms(struct term_index *ix)
{
	ix->plain = calloc((size_t)ix->n_atoms + 1, 1);
	if (ix->plain == NULL)
		return -1;
	for (uint32_t a = 0; a < ix->n_atoms; a++)
		ix->plain[a] = ix->atoms[a].next == TERM_NONE &&
		    ix->atoms[a].cased == TERM_NONE;
	return 0;
}

int
term_index_seal(struct term_index *ix)
{
	freeze_keys(&ix->words, false);
	freeze_keys(&ix->prefixes, true);
	freeze_keys(&ix->patterns, true);
	term_pool_freeze(&ix->cased, false);
	term_pool_freeze(&ix->phrases, false);
	ix->cap_atoms = ix->n_atoms;
	ix->atoms = term_pool_fit(ix->atoms,
	    ix->cap_atoms * sizeof(*ix->atoms));
	return seal_words(ix) == -1 || seal_prefixes(ix) == -1 ||
	    seal_atoms(ix) == -1 ? -1 : 0;
}

/* Prefixes of s at the lengths that prefixes with its beginning have. */
static size_t
find_prefixes(const struct term_index *ix, struct str s, uint64_t beginning,
    uint32_t *found)
{
	uint64_t lengths = ix->lengths[beginning >> 32 & (ix->n_lengths - 1)];
	size_t count = 0, n;
	uint32_t key;

	for (; lengths != 0; lengths &= lengths - 1) {
		n = SHORTEST + (size_t)__builtin_ctzll(lengths);
		if (n > s.n)
			break;
		key = term_pool_find_hashed(&ix->prefixes.pool,
		    (struct str){ s.p, n }, term_hash_token(s.p, n));
		if (key != TERM_NONE)
			found[count++] = ix->prefixes.first[key];
	}
	return count;
}

/* The first n letters of a token, those that are free written as ?. */
static uint32_t
find_shape(const struct term_index *ix, const struct term_shape *shape,
    struct str s, const uint16_t *starts)
{
	char text[TERM_MAX_LETTERS * 4 + 1];
	struct str key = { text, 0 };

	for (unsigned i = 0; i < shape->n; i++) {
		size_t len = (size_t)(starts[i + 1] - starts[i]);

		if ((shape->free[i / 64] >> i % 64 & 1) != 0)
			text[key.n++] = '?';
		else if (key.n + len < sizeof(text)) {
			memcpy(text + key.n, s.p + starts[i], len);
			key.n += len;
		} else
			return TERM_NONE;
	}
	if (shape->prefix)
		text[key.n++] = '*';
	return term_pool_find(&ix->patterns.pool, key);
}

/* Apart from term_index_find, which most sets need without it. */
static __attribute__((noinline)) size_t
find_patterns(const struct term_index *ix, struct str s, bool cut,
    uint32_t *found)
{
	uint16_t starts[TERM_MAX_LETTERS + 1] = { 0 };
	size_t at = 0, count = 0;
	unsigned n = 0;
	uint32_t key;

	while (at < s.n && n < TERM_MAX_LETTERS) {
		at += letter_bytes(s.p + at, s.n - at);
		starts[++n] = (uint16_t)at;
	}
	for (uint32_t i = 0; i < ix->n_shapes; i++) {
		const struct term_shape *shape = &ix->shapes[i];

		if (shape->prefix ? n < shape->n :
		    cut || n != shape->n || at < s.n)
			continue;
		key = find_shape(ix, shape, s, starts);
		if (key != TERM_NONE)
			found[count++] = ix->patterns.first[key];
	}
	return count;
}

size_t
term_index_find_hashed(const struct term_index *ix, struct str folded,
    uint64_t h, bool cut, uint32_t found[TERM_MAX_FOUND])
{
	uint64_t beginning = hash_three(term_hash_load(folded.p));
	bool prefix = filter_has(&ix->prefix_filter, beginning);
	bool word = filter_has(&ix->word_filter, h);
	uint32_t atom = TERM_NONE;
	size_t n = 0;

	if (!(word | prefix | (ix->n_shapes > 0)))
		return 0;
	if (word && !cut)
		atom = find_word(ix, folded, h);
	if (atom != TERM_NONE)
		found[n++] = atom;
	if (prefix && folded.n >= SHORTEST)
		n += find_prefixes(ix, folded, beginning, found + n);
	if (ix->n_shapes > 0)
		n += find_patterns(ix, folded, cut, found + n);
	return n;
}

/* Most words are there, where topics are many: their slot is wanted. */
static inline void
fetch_slot(const struct term_index *ix, uint64_t h)
{
	__builtin_prefetch(&ix->slots[(uint32_t)(h >> 32) &
	    (ix->n_slots - 1)]);
}

size_t
term_index_find(const struct term_index *ix, struct str folded, bool cut,
    uint32_t found[TERM_MAX_FOUND])
{
	uint64_t h = term_hash_token(folded.p, folded.n);

	fetch_slot(ix, h);
	return term_index_find_hashed(ix, folded, h, cut, found);
}

bool
term_index_is_large(const struct term_index *ix)
{
	return ix->n_slots >= MANY_SLOTS;
}

uint64_t
term_index_fetch(const struct term_index *ix, struct str folded)
{
	uint64_t h = term_hash_token(folded.p, folded.n);

	__builtin_prefetch(&ix->word_filter.bits[((uint32_t)h &
	    ix->word_filter.mask) / 64]);
	fetch_slot(ix, h);
	return h;
}

uint32_t
term_index_find_word(const struct term_index *ix, struct str folded)
{
	uint64_t h = term_hash_token(folded.p, folded.n);

	__builtin_prefetch(&ix->slots[(uint32_t)(h >> 32) &
	    (ix->n_slots - 1)]);
	return filter_has(&ix->word_filter, h) ? find_word(ix, folded, h) :
	    TERM_NONE;
}

/* Character by character; a ? in want is any. */
static bool
agrees_with_pattern(struct str s, struct str want, bool prefix)
{
	size_t i = 0, k = 0, len;

	while (k < want.n && i < s.n) {
		len = letter_bytes(s.p + i, s.n - i);
		if (want.p[k] == '?') {
			i += len;
			k++;
			continue;
		}
		if (!str_starts(str_sub(want, k, want.n),
		    str_sub(s, i, len)))
			return false;
		i += len;
		k += len;
	}
	return k == want.n && (prefix || i == s.n);
}

bool
term_index_case_agrees(const struct term_index *ix, uint32_t atom,
    struct str cased)
{
	const struct term_atom *a = &ix->atoms[atom];
	struct str want;

	if (a->cased == TERM_NONE)
		return true;
	want = term_pool_str(&ix->cased, a->cased);
	if (a->pattern)
		return agrees_with_pattern(cased, want, a->prefix);
	return a->prefix ? str_starts(cased, want) : str_eq(cased, want);
}

struct str
term_index_key(const struct term_index *ix, uint32_t atom)
{
	const struct term_atom *a = &ix->atoms[atom];

	return term_pool_str(a->pattern ? &ix->patterns.pool :
	    a->prefix ? &ix->prefixes.pool : &ix->words.pool, a->key);
}

void
term_index_clear(struct term_index *ix)
{
	term_pool_clear(&ix->words.pool);
	term_pool_clear(&ix->prefixes.pool);
	term_pool_clear(&ix->patterns.pool);
	term_pool_clear(&ix->cased);
	term_pool_clear(&ix->phrases);
	free(ix->words.first);
	free(ix->prefixes.first);
	free(ix->patterns.first);
	free(ix->shapes);
	free(ix->atoms);
	free(ix->plain);
	free(ix->lengths);
	free(ix->slots);
	free(ix->word_filter.bits);
	free(ix->prefix_filter.bits);
	memset(ix, 0, sizeof(*ix));
}

size_t
term_index_bytes(const struct term_index *ix)
{
	return term_pool_bytes(&ix->words.pool) +
	    term_pool_bytes(&ix->prefixes.pool) +
	    term_pool_bytes(&ix->patterns.pool) +
	    term_pool_bytes(&ix->cased) + term_pool_bytes(&ix->phrases) +
	    (ix->words.cap + ix->prefixes.cap + ix->patterns.cap) *
	    sizeof(uint32_t) +
	    ix->cap_atoms * (sizeof(*ix->atoms) + sizeof(*ix->plain)) +
	    ix->cap_shapes * sizeof(*ix->shapes) +
	    ix->n_lengths * sizeof(*ix->lengths) +
	    ix->n_slots * sizeof(*ix->slots) +
	    ix->word_filter.mask / 8 + ix->prefix_filter.mask / 8;
}
