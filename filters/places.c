/* SPDX-License-Identifier: ISC */
/*
 * Nearness in words: a place of `to` asks for the last end before its begin,
 * and the first begin behind its end, among the marked places of `from`. Both
 * lists are in order of begin, so the second is a cursor that hardly moves
 * back; for the first the ends are put in order too, which they nearly are.
 * In sentences, that `from` stands apart from `to` is a matter of the first
 * end and the last begin in the sentence.
 *
 * A chain is found forwards: a place is good when a good place of the operand
 * before is near. Following the notes back gives one place for each operand;
 * neighbours are apart, and where all are there is a chain. Else (a NEAR b
 * NEAR a) it is searched for among the good places, backwards, with a bound.
 */
#include "filters/places.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CHAIN = 16, STEPS_A_PLACE = 64, LEAST_STEPS = 4096 };

void
places_add(struct places *l, const struct place *p)
{
	uint32_t cap = l->cap > 0 ? l->cap * 2 : 256;
	struct place *at;

	if (l->n == l->cap) {
		at = l->cap > UINT32_MAX / 4 ? NULL :
		    realloc(l->at, cap * sizeof(*at));
		if (at == NULL) {
			l->failed = true;
			return;
		}
		l->at = at;
		l->cap = cap;
	}
	l->at[l->n++] = *p;
	l->steps++;
}

void
places_forget(struct places *l)
{
	uint64_t steps = l->steps;

	places_clear(l);
	l->steps = steps;
}

void
places_clear(struct places *l)
{
	free(l->at);
	free(l->spare);
	memset(l, 0, sizeof(*l));
}

/*
 * Settling.
 */

static bool
stands_before(const struct place *a, const struct place *b)
{
	return a->begin != b->begin ? a->begin < b->begin : a->end > b->end;
}

static bool
make_spare(struct places *l, uint32_t n)
{
	struct place *spare;

	if (n <= l->cap_spare)
		return true;
	spare = realloc(l->spare, n * sizeof(*spare));
	if (spare == NULL) {
		l->failed = true;
		return false;
	}
	l->spare = spare;
	l->cap_spare = n;
	return true;
}

/* Where the run that begins at i ends. */
static uint32_t
run_end(const struct place *at, uint32_t i, uint32_t n)
{
	for (i++; i < n && !stands_before(&at[i], &at[i - 1]); i++)
		;
	return i;
}

/* at[0 .. mid] and at[mid .. n] into one; the first of equals stays first. */
static void
merge_two(struct places *l, struct place *at, uint32_t mid, uint32_t n)
{
	uint32_t i = 0, k = mid, out = 0;

	memcpy(l->spare, at, mid * sizeof(*at));
	while (i < mid && k < n)
		at[out++] = stands_before(&at[k], &l->spare[i]) ? at[k++] :
		    l->spare[i++];
	memcpy(at + out, l->spare + i, (mid - i) * sizeof(*at));
	l->steps += n;
}

/* Neighbouring runs become one; how many there were. */
static uint32_t
merge_pairs(struct places *l, struct place *at, uint32_t n)
{
	uint32_t i = 0, runs = 0, mid, end;

	while (i < n) {
		mid = run_end(at, i, n);
		end = mid < n ? run_end(at, mid, n) : n;
		runs += mid < n ? 2 : 1;
		if (mid < n)
			merge_two(l, at + i, mid - i, end - i);
		i = end;
	}
	l->steps += n;
	return runs;
}

void
places_sort(struct places *l, uint32_t from)
{
	uint32_t n = l->n - from;

	if (n == 0 || !make_spare(l, n))
		return;
	while (merge_pairs(l, l->at + from, n) > 2)
		;
}

void
places_settle(struct places *l, uint32_t from)
{
	struct place *at = l->at + from;
	uint32_t n = l->n - from, kept = 0;

	places_sort(l, from);
	for (uint32_t i = 0; i < n; i++)
		if (kept == 0 || at[kept - 1].begin != at[i].begin ||
		    at[kept - 1].end != at[i].end)
			at[kept++] = at[i];
	l->n = from + kept;
}

/*
 * Nearness.
 */

bool
places_are_near(const struct place *a, const struct place *b,
    const struct nearness *how)
{
	uint32_t between;

	if (b->begin >= a->end) {
		if (!how->behind)
			return false;
		between = b->begin - a->end;
	} else if (a->begin >= b->end) {
		if (!how->before)
			return false;
		between = a->begin - b->end;
	} else
		return false;
	if (how->in_unit)
		return a->unit != PLACE_NONE && a->unit == b->unit;
	return between <= how->distance;
}

static void
mark(struct place *p, uint32_t from, uint32_t bit)
{
	p->marks |= bit;
	if (bit == PLACE_AHEAD)
		p->from = from;
}

/*
 * The marked places of a run, twice: by begin in order[0 .. n], by end in
 * order[n .. 2n]; in the spare room, as (begin or end, place).
 */
struct edge {
	uint32_t	at, place;
};

static uint32_t
sort_edges(struct places *l, struct place_run run, uint32_t bit,
    struct edge **begins, struct edge **ends)
{
	struct edge *b, *e;
	uint32_t n = 0, k;

	/* Both stand in the room for as many places. */
	_Static_assert(2 * sizeof(struct edge) <= sizeof(struct place),
	    "a place has room for two edges");
	if (!make_spare(l, run.n))
		return 0;
	b = (struct edge *)(void *)l->spare;
	e = b + run.n;
	for (uint32_t i = run.from; i < run.from + run.n; i++) {
		const struct place *p = &l->at[i];

		if ((p->marks & bit) == 0)
			continue;
		b[n] = (struct edge){ p->begin, i };
		for (k = n; k > 0 && e[k - 1].at > p->end; k--)
			e[k] = e[k - 1];
		e[k] = (struct edge){ p->end, i };
		l->steps += 1 + n - k;
		n++;
	}
	*begins = b;
	*ends = e;
	return n;
}

/* The first edge that is not before `at`; i is where the last one was. */
static uint32_t
seek(struct places *l, const struct edge *edges, uint32_t n, uint32_t i,
    uint32_t at)
{
	for (; i < n && edges[i].at < at; i++)
		l->steps++;
	for (; i > 0 && edges[i - 1].at >= at; i--)
		l->steps++;
	return i;
}

static uint32_t
mark_by_distance(struct places *l, struct place_run from, struct place_run to,
    const struct nearness *how, uint32_t bit)
{
	struct edge *begins, *ends;
	uint32_t n = sort_edges(l, from, bit, &begins, &ends);
	uint32_t behind = 0, before = 0, marked = 0;

	for (uint32_t i = to.from; n > 0 && i < to.from + to.n; i++) {
		struct place *p = &l->at[i];
		uint32_t near = PLACE_NONE;

		l->steps++;
		if (how->behind) {
			behind = seek(l, ends, n, behind, p->begin + 1);
			if (behind > 0 && p->begin - ends[behind - 1].at <=
			    how->distance)
				near = ends[behind - 1].place;
		}
		if (how->before && near == PLACE_NONE) {
			before = seek(l, begins, n, before, p->end);
			if (before < n && begins[before].at - p->end <=
			    how->distance)
				near = begins[before].place;
		}
		if (near == PLACE_NONE)
			continue;
		mark(p, near, bit);
		marked++;
	}
	return marked;
}

/* Of one unit's marked places the one that ends first and begins last. */
struct unit_edges {
	uint32_t	unit;
	uint32_t	first_end, last_begin;	/* places, or PLACE_NONE */
};

/* Reads on to the unit, and over it; i is where the last one ended. */
static uint32_t
read_unit(struct places *l, struct place_run run, uint32_t i, uint32_t bit,
    struct unit_edges *u)
{
	const struct place *at = l->at;

	for (; i < run.from + run.n; i++) {
		const struct place *p = &at[i];

		if (p->unit != PLACE_NONE && p->unit > u->unit)
			break;
		l->steps++;
		if (p->unit != u->unit || (p->marks & bit) == 0)
			continue;
		if (u->first_end == PLACE_NONE ||
		    p->end < at[u->first_end].end)
			u->first_end = i;
		u->last_begin = i;
	}
	return i;
}

static uint32_t
mark_by_unit(struct places *l, struct place_run from, struct place_run to,
    const struct nearness *how, uint32_t bit)
{
	struct unit_edges u = { PLACE_NONE, PLACE_NONE, PLACE_NONE };
	uint32_t next = from.from, marked = 0;

	for (uint32_t i = to.from; i < to.from + to.n; i++) {
		struct place *at = l->at, *p = &at[i];

		l->steps++;
		if (p->unit == PLACE_NONE)
			continue;
		if (p->unit != u.unit) {
			u = (struct unit_edges){ p->unit, PLACE_NONE,
			    PLACE_NONE };
			next = read_unit(l, from, next, bit, &u);
		}
		if (u.first_end == PLACE_NONE)
			continue;
		if (how->behind && at[u.first_end].end <= p->begin)
			mark(p, u.first_end, bit);
		else if (how->before && at[u.last_begin].begin >= p->end)
			mark(p, u.last_begin, bit);
		else
			continue;
		marked++;
	}
	return marked;
}

uint32_t
places_mark_near(struct places *l, struct place_run from, struct place_run to,
    const struct nearness *how, uint32_t bit)
{
	return how->in_unit ? mark_by_unit(l, from, to, how, bit) :
	    mark_by_distance(l, from, to, how, bit);
}

/*
 * Chains.
 */

struct chase {
	struct places		*list;
	const struct place_run	*run;
	const struct nearness	*link;
	size_t			 n;
	uint32_t		 longest;	/* of all places, in words */
	const struct place	*chosen[MAX_CHAIN];
	uint64_t		 until;		/* steps */
	bool			 gave_up;
};

static bool
are_apart(const struct place *a, const struct place *b)
{
	return a->end <= b->begin || b->end <= a->begin;
}

/* Whether the place is apart from those chosen behind operand i. */
static bool
fits(const struct chase *c, size_t i, const struct place *p)
{
	for (size_t k = i + 1; k < c->n; k++)
		if (!are_apart(c->chosen[k], p))
			return false;
	return true;
}

/* Whether the places that notes lead to from the last one on are apart. */
static bool
notes_lead_back(struct chase *c, uint32_t last)
{
	for (size_t i = c->n; i-- > 0; last = c->list->at[last].from) {
		c->chosen[i] = &c->list->at[last];
		c->list->steps++;
		if (!fits(c, i, c->chosen[i]))
			return false;
	}
	return true;
}

static bool	choose(struct chase *, size_t);

/* Whether the chain goes on with this place as operand i. */
static bool
try_place(struct chase *c, size_t i, const struct place *p)
{
	if (c->gave_up || ++c->list->steps > c->until) {
		c->gave_up = true;
		return false;
	}
	if ((p->marks & PLACE_AHEAD) == 0 ||
	    !places_are_near(p, c->chosen[i + 1], &c->link[i]) ||
	    !fits(c, i, p))
		return false;
	c->chosen[i] = p;
	return choose(c, i);
}

/* Whether a place so far from the chosen one can still be near it. */
static bool
is_in_reach(const struct chase *c, size_t i, const struct place *p)
{
	const struct place *next = c->chosen[i + 1];

	if (c->gave_up)
		return false;
	if (c->link[i].in_unit)
		return p->unit == PLACE_NONE || p->unit == next->unit;
	if (p->begin >= next->end)
		return p->begin - next->end <= c->link[i].distance;
	return p->begin >= next->begin || next->begin - p->begin <=
	    c->link[i].distance + c->longest;
}

/* The first place of the run that does not begin before `begin`. */
static uint32_t
lower_bound(struct places *l, struct place_run run, uint32_t begin)
{
	uint32_t low = run.from, high = run.from + run.n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		l->steps++;
		if (l->at[mid].begin < begin)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Places for the operands before i, which has its own. */
static bool
choose(struct chase *c, size_t i)
{
	const struct place *at = c->list->at;
	struct place_run run;
	uint32_t mid, k;

	if (i == 0)
		return true;
	run = c->run[--i];
	mid = lower_bound(c->list, run, c->chosen[i + 1]->begin);
	for (k = mid; k-- > run.from && is_in_reach(c, i, &at[k]);)
		if (try_place(c, i, &at[k]))
			return true;
	for (k = mid; k < run.from + run.n && is_in_reach(c, i, &at[k]); k++)
		if (try_place(c, i, &at[k]))
			return true;
	return false;
}

static bool
search(struct chase *c)
{
	struct place_run last = c->run[c->n - 1];
	uint64_t places = 0;

	for (size_t r = 0; r < c->n; r++)
		for (uint32_t i = 0; i < c->run[r].n; i++) {
			const struct place *p = &c->list->at[c->run[r].from +
			    i];

			if (p->end - p->begin > c->longest)
				c->longest = p->end - p->begin;
			places++;
		}
	c->until = c->list->steps + STEPS_A_PLACE * places + LEAST_STEPS;
	for (uint32_t i = 0; i < last.n && !c->gave_up; i++) {
		c->chosen[c->n - 1] = &c->list->at[last.from + i];
		if ((c->chosen[c->n - 1]->marks & PLACE_AHEAD) != 0 &&
		    choose(c, c->n - 1))
			return true;
	}
	return false;
}

bool
places_have_chain(struct places *l, const struct place_run *run, size_t n,
    const struct nearness *link, bool *gave_up)
{
	struct chase c = { .list = l, .run = run, .link = link, .n = n };
	struct place_run last = run[n - 1];

	for (uint32_t i = 0; i < run[0].n; i++)
		l->at[run[0].from + i].marks |= PLACE_AHEAD;
	for (size_t i = 0; i + 1 < n; i++)
		if (places_mark_near(l, run[i], run[i + 1], &link[i],
		    PLACE_AHEAD) == 0)
			return false;
	if (n == 2)
		return true;
	for (uint32_t i = 0; i < last.n; i++)
		if ((l->at[last.from + i].marks & PLACE_AHEAD) != 0 &&
		    notes_lead_back(&c, last.from + i))
			return true;
	if (search(&c))
		return true;
	*gave_up = *gave_up || c.gave_up;
	return false;
}
