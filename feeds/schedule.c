/* SPDX-License-Identifier: ISC */
/*
 * Four children a slot make the heap half as deep as two would, and the four
 * stand in one cache line: with a million feeds that is what a pop costs.
 */
#include "feeds/schedule.h"

#include <stdlib.h>

enum { CHILDREN = 4, FIRST_ROOM = 64 };

#define DAY_S		INT64_C(86400)
/* Beyond every sensible wait, and small enough to be multiplied. */
#define LONGEST_S	(3650 * DAY_S)

struct slot {
	int64_t			 due_us;
	struct schedule_entry	*entry;
};

struct schedule {
	struct slot	*slots;
	size_t		 n, room;
};

struct schedule *
schedule_new(void)
{
	return calloc(1, sizeof(struct schedule));
}

void
schedule_free(struct schedule *s)
{
	if (s == NULL)
		return;
	free(s->slots);
	free(s);
}

static void
put(struct schedule *s, size_t place, struct slot slot)
{
	s->slots[place] = slot;
	slot.entry->place = place;
}

/* Fills the hole at `place` with slot or with what must stand above it. */
static void
sift_up(struct schedule *s, size_t place, struct slot slot)
{
	while (place > 0) {
		size_t parent = (place - 1) / CHILDREN;

		if (s->slots[parent].due_us <= slot.due_us)
			break;
		put(s, place, s->slots[parent]);
		place = parent;
	}
	put(s, place, slot);
}

/* The earliest child of place, or SCHEDULE_NOWHERE for a leaf. */
static size_t
first_child(const struct schedule *s, size_t place)
{
	size_t child = place * CHILDREN + 1, best = child;

	if (child >= s->n)
		return SCHEDULE_NOWHERE;
	for (size_t end = child + CHILDREN; child < s->n && child < end;
	    child++)
		if (s->slots[child].due_us < s->slots[best].due_us)
			best = child;
	return best;
}

static void
sift_down(struct schedule *s, size_t place, struct slot slot)
{
	size_t child;

	while ((child = first_child(s, place)) != SCHEDULE_NOWHERE &&
	    s->slots[child].due_us < slot.due_us) {
		put(s, place, s->slots[child]);
		place = child;
	}
	put(s, place, slot);
}

/* A slot whose time is not that of its place goes up or down. */
static void
settle(struct schedule *s, size_t place, struct slot slot)
{
	if (place > 0 &&
	    slot.due_us < s->slots[(place - 1) / CHILDREN].due_us)
		sift_up(s, place, slot);
	else
		sift_down(s, place, slot);
}

/* True also tells zeroed storage, which says 0, from the entry at slot 0. */
static bool
is_in(const struct schedule *s, const struct schedule_entry *e)
{
	return e->place < s->n && s->slots[e->place].entry == e;
}

static int
grow(struct schedule *s)
{
	size_t room = s->room > 0 ? s->room * 2 : FIRST_ROOM;
	struct slot *slots;

	if (s->n < s->room)
		return 0;
	slots = reallocarray(s->slots, room, sizeof(*slots));
	if (slots == NULL)
		return -1;
	s->slots = slots;
	s->room = room;
	return 0;
}

int
schedule_set(struct schedule *s, struct schedule_entry *e, int64_t due_us)
{
	struct slot slot = { due_us, e };

	if (is_in(s, e)) {
		settle(s, e->place, slot);
		return 0;
	}
	if (grow(s) == -1)
		return -1;
	sift_up(s, s->n++, slot);
	return 0;
}

void
schedule_remove(struct schedule *s, struct schedule_entry *e)
{
	size_t place = e->place;

	if (is_in(s, e)) {
		s->n--;
		if (place < s->n)
			settle(s, place, s->slots[s->n]);
	}
	e->place = SCHEDULE_NOWHERE;
}

struct schedule_entry *
schedule_pop_due(struct schedule *s, int64_t now_us)
{
	struct schedule_entry *e;

	if (s->n == 0 || s->slots[0].due_us > now_us)
		return NULL;
	e = s->slots[0].entry;
	schedule_remove(s, e);
	return e;
}

int64_t
schedule_next_us(const struct schedule *s)
{
	return s->n > 0 ? s->slots[0].due_us : INT64_MAX;
}

size_t
schedule_count(const struct schedule *s)
{
	return s->n;
}

/*
 * The rule
 */

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* s * 2^times, as far as limit. */
static int64_t
doubled(int64_t s, unsigned times, int64_t limit)
{
	while (times-- > 0 && s > 0 && s < limit)
		s *= 2;
	return smaller(s, limit);
}

static int64_t
wait_well(const struct schedule_input *in)
{
	int64_t own;

	if (in->every_s > 0)
		return smaller(in->every_s, LONGEST_S);
	/* Twice as often as it has news: half a gap late on the average. */
	own = smaller(larger(in->rhythm_s / 2, in->min_s), in->max_s);
	own = larger(own, smaller(in->hint_s, DAY_S));
	return smaller(larger(own, 0), LONGEST_S);
}

/*
 * What it was asked to wait, if it was, is both the least and, when it is more
 * than a day, the most; nor is a feed that is asked every week asked each day
 * because it fails.
 */
static int64_t
wait_told_off(const struct schedule_input *in, int64_t well)
{
	int64_t asked = smaller(in->retry_after_s, LONGEST_S);

	if (asked > 0)
		return larger(asked, well);
	return larger(well, doubled(SCHEDULE_TOLD_OFF_S,
	    in->failures > 0 ? in->failures - 1 : 0, DAY_S));
}

static int64_t
wait_failed(const struct schedule_input *in, int64_t well)
{
	int64_t asked = smaller(in->retry_after_s, LONGEST_S);

	return larger(asked, doubled(well, in->failures, larger(well, DAY_S)));
}

/* Feeds that started together drift apart. */
static int64_t
with_jitter(int64_t s, uint32_t random)
{
	return s + ((s * (int64_t)random / 10) >> 32);
}

int64_t
schedule_next_s(const struct schedule_input *in)
{
	int64_t well = wait_well(in), s = well;

	switch (in->end) {
	case POLL_FRESH:
	case POLL_UNCHANGED:
		break;
	case POLL_TOLD_OFF:
		s = wait_told_off(in, well);
		break;
	case POLL_FAILED:
		s = wait_failed(in, well);
		break;
	case POLL_GONE:
		return INT64_MAX;
	}
	return with_jitter(s, in->random);
}
