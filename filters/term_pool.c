/* SPDX-License-Identifier: ISC */
#include "filters/term_pool.h"

#include <stdlib.h>
#include <string.h>

#include "filters/term_hash.h"

enum { FEW_SLOTS = 16 };

static uint8_t
tag_of(uint64_t h)
{
	uint8_t tag = (uint8_t)(h >> 56);

	return tag != 0 ? tag : 1;
}

/* The slot that holds the string, or the free one where it would stand. */
static uint32_t
find_slot(const struct term_pool *p, const char *s, size_t n, uint64_t h)
{
	uint32_t mask = p->n_slots - 1, i = (uint32_t)h & mask;
	uint8_t tag = tag_of(h);

	for (; p->tags[i] != 0; i = (i + 1) & mask) {
		struct str have;

		if (p->tags[i] != tag)
			continue;
		have = term_pool_str(p, p->slots[i]);
		if (have.n == n && memcmp(have.p, s, n) == 0)
			break;
	}
	return i;
}

uint32_t
term_pool_find_hashed(const struct term_pool *p, struct str s, uint64_t h)
{
	uint32_t i;

	if (p->n_slots == 0)
		return TERM_NONE;
	i = find_slot(p, s.p, s.n, h);
	return p->tags[i] != 0 ? p->slots[i] : TERM_NONE;
}

uint32_t
term_pool_find(const struct term_pool *p, struct str s)
{
	return term_pool_find_hashed(p, s, term_hash(s.p, s.n));
}

static int
grow_slots(struct term_pool *p)
{
	struct term_pool new = *p;

	if (p->n_slots > UINT32_MAX / 4)
		return -1;
	new.n_slots = p->n_slots > 0 ? p->n_slots * 2 : FEW_SLOTS;
	new.tags = calloc(new.n_slots, sizeof(*new.tags));
	new.slots = calloc(new.n_slots, sizeof(*new.slots));
	if (new.tags == NULL || new.slots == NULL) {
		free(new.tags);
		free(new.slots);
		return -1;
	}
	for (uint32_t i = 0; i < p->n; i++) {
		struct str s = term_pool_str(p, i);
		uint64_t h = term_hash(s.p, s.n);
		uint32_t at = find_slot(&new, s.p, s.n, h);

		new.tags[at] = tag_of(h);
		new.slots[at] = i;
	}
	free(p->tags);
	free(p->slots);
	*p = new;
	return 0;
}

void *
term_pool_grow(void *old, uint32_t n, uint32_t *cap, size_t size)
{
	uint32_t more = *cap > 0 ? *cap * 2 : FEW_SLOTS;
	void *new;

	if (n < *cap)
		return old;
	if (*cap > UINT32_MAX / 4)
		return NULL;
	new = realloc(old, more * size);
	if (new != NULL)
		*cap = more;
	return new;
}

static int
grow_bytes(struct term_pool *p, size_t n)
{
	size_t used = p->n > 0 ? p->ends[p->n] : 0, cap = p->cap_bytes;
	char *bytes;

	if (n > UINT32_MAX / 2 || used > UINT32_MAX / 2)
		return -1;
	if (p->bytes != NULL && used + n <= cap)
		return 0;
	while (cap < used + n || cap == 0)
		cap = cap > 0 ? cap * 2 : 64;
	bytes = realloc(p->bytes, cap);
	if (bytes == NULL)
		return -1;
	p->bytes = bytes;
	p->cap_bytes = cap;
	return 0;
}

int
term_pool_add(struct term_pool *p, struct str s, uint32_t *out)
{
	uint64_t h = term_hash(s.p, s.n);
	uint32_t *ends, at;

	*out = term_pool_find_hashed(p, s, h);
	if (*out != TERM_NONE)
		return 0;
	if (p->n >= p->n_slots / 2 && grow_slots(p) == -1)
		return -1;
	ends = term_pool_grow(p->ends, p->n + 1, &p->cap, sizeof(*ends));
	if (ends == NULL)
		return -1;
	p->ends = ends;
	if (p->n == 0)
		ends[0] = 0;
	if (grow_bytes(p, s.n) == -1)
		return -1;
	if (s.n > 0)
		memcpy(p->bytes + ends[p->n], s.p, s.n);
	ends[p->n + 1] = ends[p->n] + (uint32_t)s.n;
	at = find_slot(p, s.p, s.n, h);
	p->tags[at] = tag_of(h);
	p->slots[at] = p->n;
	*out = p->n++;
	return 0;
}

void *
term_pool_fit(void *p, size_t n)
{
	void *fitting = n > 0 ? realloc(p, n) : NULL;

	return fitting != NULL ? fitting : p;
}

void
term_pool_freeze(struct term_pool *p, bool findable)
{
	if (p->n == 0)
		return;
	p->cap = p->n + 1;
	p->cap_bytes = p->ends[p->n];
	p->ends = term_pool_fit(p->ends, p->cap * sizeof(*p->ends));
	p->bytes = term_pool_fit(p->bytes, p->cap_bytes);
	if (findable)
		return;
	free(p->tags);
	free(p->slots);
	p->tags = NULL;
	p->slots = NULL;
	p->n_slots = 0;
}

void
term_pool_clear(struct term_pool *p)
{
	free(p->tags);
	free(p->slots);
	free(p->ends);
	free(p->bytes);
	memset(p, 0, sizeof(*p));
}

size_t
term_pool_bytes(const struct term_pool *p)
{
	return p->n_slots * (sizeof(*p->tags) + sizeof(*p->slots)) +
	    p->cap * sizeof(*p->ends) + p->cap_bytes;
}

int
term_pool_reorder(struct term_pool *p, const uint32_t *order, uint32_t *now)
{
	char *bytes = malloc(p->cap_bytes + 1);
	uint32_t *ends = calloc((size_t)p->cap + 1, sizeof(*ends));

	if (bytes == NULL || ends == NULL) {
		free(bytes);
		free(ends);
		return -1;
	}
	for (uint32_t i = 0; i < p->n; i++) {
		struct str s = term_pool_str(p, order[i]);

		if (s.n > 0)
			memcpy(bytes + ends[i], s.p, s.n);
		ends[i + 1] = ends[i] + (uint32_t)s.n;
		now[order[i]] = i;
	}
	for (uint32_t i = 0; i < p->n_slots; i++)
		if (p->tags[i] != 0)
			p->slots[i] = now[p->slots[i]];
	free(p->bytes);
	free(p->ends);
	p->bytes = bytes;
	p->ends = ends;
	return 0;
}
