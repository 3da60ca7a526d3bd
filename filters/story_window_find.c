/* SPDX-License-Identifier: ISC */
/*
 * Which items are worth a comparison: those that share what few have, found by
 * following the chains of an item's rare parts.
 */
#include "filters/story_window_private.h"

static void
note_found(struct story_window *w, uint64_t item, unsigned walk)
{
	size_t i = item * UINT64_C(0x9e3779b97f4a7c15) >> 56;

	while (w->slots[i] != 0 && w->found[w->slots[i] - 1].item != item)
		i = (i + 1) % FOUND_SLOTS;
	if (w->slots[i] == 0) {
		w->found[w->n_found++] = (struct story_found){ .item = item };
		w->slots[i] = (uint16_t)w->n_found;
	}
	w->found[w->slots[i] - 1].walks |= UINT32_C(1) << walk;
}

_Static_assert(FOUND_SLOTS == 1 << (64 - 56), "as note_found takes them");

/* One step of a chain; what it leads to next is on its way to the cache
 * meanwhile. False: it has ended. */
static bool
follow(struct story_window *w, struct story_walk *k)
{
	uint64_t item, next, key = part_key(k->part);
	const uint32_t *r;
	struct story_what what;
	size_t c;

	item = story_walk_step(k, &c);
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
	struct story_walk walks[MAX_WALKS];
	uint32_t parts[MAX_WALKS], ended = 0;
	size_t n = choose_walks(w, sign, parts), all = 0;

	w->n_found = 0;
	memset(w->slots, 0, sizeof(w->slots));
	for (unsigned i = 0; i < n; i++) {
		story_walk_begin(&walks[i], w, part_key(parts[i]));
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
is_better(const struct story_found *a, const struct story_found *b)
{
	return a->weight != b->weight ? a->weight > b->weight :
	    a->item > b->item;
}

static void
choose_best(struct story_window *w)
{
	w->n_best = 0;
	for (size_t f = 0; f < w->n_found; f++) {
		const struct story_found *found = &w->found[f];
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

static void
judge(const struct story_alike *a, uint64_t item, struct story_best *best)
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
	*best = (struct story_best){ link, item, score, *a };
}

void
story_window_find_best(struct story_window *w, const struct story_sign *sign,
    struct story_best *best)
{
	struct story_sign other;
	struct story_alike alike;

	*best = (struct story_best){ .link = LINK_NONE };
	find_candidates(w, sign);
	choose_best(w);
	if (w->n_best > 0)
		story_ready_make(&w->ready, sign);
	for (size_t i = 0; i < w->n_best; i++) {
		story_ring_unpack(w, w->best[i].item, &other);
		story_compare(&w->ready, &other, &alike);
		judge(&alike, w->best[i].item, best);
	}
}
