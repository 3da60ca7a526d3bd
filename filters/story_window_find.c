/* SPDX-License-Identifier: ISC */
/*
 * Which items are worth a comparison, found by following chains of an item's
 * parts, the rare ones first; and which of them it is linked to.
 */
#include "filters/story_window_private.h"

enum { AHEAD = 2 };

static void
note_found(struct story_window *w, uint32_t place, unsigned walk)
{
	size_t i = place * UINT32_C(0x9e3779b1) >> 24;

	while (w->slots[i] != 0 && w->found[w->slots[i] - 1].place != place)
		i = (i + 1) % FOUND_SLOTS;
	if (w->slots[i] == 0) {
		w->found[w->n_found++] = (struct story_found){ .place = place };
		w->slots[i] = (uint16_t)w->n_found;
	}
	w->found[w->slots[i] - 1].walks |= UINT32_C(1) << walk;
}

_Static_assert(FOUND_SLOTS == 1 << (32 - 24), "as note_found takes them");

/* What the next step of a chain will look at. */
static void
fetch_step(const struct story_walk *k)
{
	size_t c = k->link & ((1 << CHAIN_BITS) - 1);

	__builtin_prefetch(record_at(k->w, k->link >> CHAIN_BITS) +
	    link_at(c));
}

/* One step of a chain. False: it has ended. */
static bool
follow(struct story_window *w, struct story_walk *k)
{
	uint32_t place = story_walk_step(k);

	if (place == 0)
		return false;
	fetch_step(k);
	if (k->chain < INDEXED && part_key(record_at(w, place)[part_at(
	    k->chain)]) == part_key(k->part))
		note_found(w, place, k->number);
	return true;
}

/* Places lead nowhere; terms that many items have only where few do not. */
static bool
is_walked(uint32_t part, bool rare, size_t *terms)
{
	bool is_term = story_part_kind(part) == PART_TERM;

	if (story_part_weight(part) < LOOKED_WEIGHT || is_rare(part) != rare)
		return false;
	return is_term ? ++*terms <= MAX_TERM_WALKS : rare;
}

static size_t
choose_walks(const struct story_window *w, const struct story_sign *sign,
    uint32_t *parts)
{
	size_t n = 0, terms = 0;

	for (size_t i = 0; i < 2 * (size_t)sign->n_parts && n < MAX_WALKS;
	    i++) {
		uint32_t part = sign->part[i % sign->n_parts];

		if (!is_walked(part, i < sign->n_parts, &terms))
			continue;
		parts[n++] = part;
		__builtin_prefetch(head_of(w, part_key(part)));
	}
	return n;
}

/* A chain that ended is of what few items have: that says more. */
static void
weigh_found(struct story_window *w, const uint32_t *parts, uint32_t ended)
{
	for (size_t f = 0; f < w->n_found; f++)
		for (uint32_t k = 0, bits = w->found[f].walks; bits != 0;
		    k++, bits >>= 1)
			if ((bits & 1) != 0)
				w->found[f].weight +=
				    story_part_weight(parts[k]) *
				    ((ended >> k & 1) != 0 ? FEW_TIMES : 1);
}

static void
begin_ahead(const struct story_window *w, const struct story_sign *sign,
    uint64_t story, struct story_walk ahead[AHEAD])
{
	story_walk_begin(&ahead[0], w, text_key(sign->text));
	story_walk_begin(&ahead[1], w, story_key(story));
	fetch_step(&ahead[0]);
	fetch_step(&ahead[1]);
}

static void
step_ahead(struct story_walk ahead[AHEAD])
{
	for (int i = 0; i < AHEAD; i++)
		if (story_walk_step(&ahead[i]) != 0)
			fetch_step(&ahead[i]);
}

/* All chains side by side, a step of each in turn: what is rare is found, as
 * its chains are short, before what is not has taken all steps. And memory is
 * waited for once a step, not once an item: what will be looked at later, the
 * items of the text and the story, is fetched meanwhile. */
void
story_window_find_candidates(struct story_window *w,
    const struct story_sign *sign, uint64_t story)
{
	struct story_walk walks[MAX_WALKS], ahead[AHEAD];
	uint32_t parts[MAX_WALKS], ended = 0;
	size_t n = choose_walks(w, sign, parts), all = 0;

	w->n_found = 0;
	memset(w->slots, 0, sizeof(w->slots));
	begin_ahead(w, sign, story, ahead);
	for (unsigned i = 0; i < n; i++) {
		story_walk_begin(&walks[i], w, part_key(parts[i]));
		walks[i].part = parts[i];
		walks[i].number = i;
		fetch_step(&walks[i]);
	}
	for (size_t steps = 0; steps < MAX_STEPS && all < MAX_ALL_STEPS &&
	    n > 0; steps++) {
		step_ahead(ahead);
		for (size_t i = 0; i < n; all++) {
			if (follow(w, &walks[i])) {
				i++;
				continue;
			}
			ended |= UINT32_C(1) << walks[i].number;
			walks[i] = walks[--n];
		}
	}
	weigh_found(w, parts, ended);
}

static bool
is_better(const struct story_window *w, const struct story_found *a,
    const struct story_found *b)
{
	return a->weight != b->weight ? a->weight > b->weight :
	    age_of(w, a->place) < age_of(w, b->place);
}

static void
choose_best(struct story_window *w)
{
	w->n_best = 0;
	for (size_t f = 0; f < w->n_found; f++) {
		const struct story_found *found = &w->found[f];
		size_t i = w->n_best;

		if (found->weight < LEAST_WEIGHT ||
		    (i == MAX_COMPARED &&
		    !is_better(w, found, &w->best[i - 1])))
			continue;
		if (i == MAX_COMPARED)
			i--;
		else
			w->n_best++;
		for (; i > 0 && is_better(w, found, &w->best[i - 1]); i--)
			w->best[i] = w->best[i - 1];
		w->best[i] = *found;
	}
}

static void
judge(const struct story_alike *a, uint32_t place, struct story_best *best)
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
	*best = (struct story_best){ link, place, score, *a };
}

static void
fetch_record(const struct story_window *w, uint32_t place)
{
	const char *r = (const char *)record_at(w, place);

	for (size_t i = 0; i < TYPICAL_BYTES; i += 64)
		__builtin_prefetch(r + i);
}

/* One item may be alike by chance: others of its story are asked, too. */
static bool
is_of_story(const struct story_window *w, const struct story_best *best)
{
	struct story_what what;
	struct story_alike alike;
	struct story_sign sign;
	struct story_walk k;
	float sum = 0;
	uint64_t story;
	uint32_t place;
	size_t n = 0;

	read_what(w, best->place, &what);
	story = what.story;
	story_walk_begin(&k, w, story_key(story));
	while (n < MAX_ASKED && k.steps < MAX_ALL_STEPS &&
	    (place = story_walk_next_of_story(&k, story, &what)) != 0) {
		if (place == best->place || what.is_copy)
			continue;
		story_ring_unpack(w, place, &sign);
		story_compare(&w->ready, &sign, &alike);
		sum += story_alike_event_sum(&alike);
		n++;
	}
	return n == 0 || story_alike_joins(best->score, sum / (float)n);
}

void
story_window_find_best(struct story_window *w, const struct story_sign *sign,
    struct story_best *best)
{
	struct story_sign other;
	struct story_alike alike;

	*best = (struct story_best){ .link = LINK_NONE };
	choose_best(w);
	for (size_t i = 0; i < w->n_best; i++)
		fetch_record(w, w->best[i].place);
	if (w->n_best > 0)
		story_ready_make(&w->ready, sign);
	for (size_t i = 0; i < w->n_best; i++) {
		story_ring_unpack(w, w->best[i].place, &other);
		story_compare(&w->ready, &other, &alike);
		judge(&alike, w->best[i].place, best);
	}
	if (best->link == LINK_EVENT && !is_of_story(w, best))
		*best = (struct story_best){ .link = LINK_NONE };
}
