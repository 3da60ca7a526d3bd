/* SPDX-License-Identifier: ISC */
/*
 * Four children a slot make the heap half as deep as two would, and the four
 * stand in one cache line: with a million feeds that is what a pop costs.
 */
#include "feeds/schedule.h"

#include <stdlib.h>

enum { CHILDREN = 4, FIRST_ROOM = 64 };

#define DAY_S		INT64_C(86400)
#define HOUR_S		INT64_C(3600)
/* Beyond every sensible wait, and small enough to be multiplied. */
#define LONGEST_S	(3650 * DAY_S)
/* A poll may begin so much later than it is due, and not in a skipped hour. */
#define LATE_S		INT64_C(60)

enum { HOURS = 24, DAYS = 7, ALL_HOURS = (1 << HOURS) - 1,
    ALL_DAYS = (1 << DAYS) - 1, THURSDAY = 4 };

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
	slot.entry->place = (uint32_t)place;
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
	if (s->n == SCHEDULE_NOWHERE)
		return -1;
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

/*
 * Half a gap late on the average, while items come; after a silence the next
 * item is hardly due sooner than a tenth of it, so that a feed that was dense
 * once and one whose dates say nothing are asked less and less often.
 */
static int64_t
wait_own(const struct schedule_input *in)
{
	int64_t s = larger(in->rhythm_s / 2, in->silence_s / 10);
	unsigned haste = in->haste < SCHEDULE_HASTE_MOST ? in->haste :
	    SCHEDULE_HASTE_MOST;

	s = larger(smaller(s, in->max_s), 0);
	s >>= (haste + SCHEDULE_HASTE_GAP - 1) / SCHEDULE_HASTE_GAP;
	return larger(smaller(s, LONGEST_S), smaller(in->min_s, LONGEST_S));
}

static int64_t
wait_well(const struct schedule_input *in)
{
	if (in->every_s > 0)
		return smaller(in->every_s, LONGEST_S);
	return larger(larger(wait_own(in), smaller(in->hint_s, DAY_S)), 0);
}

/*
 * What it was asked to wait, if it was, is both the least and, when it is more
 * than a day, the most; nor is a feed that is asked every week asked each day
 * because it fails.
 */
int64_t
schedule_told_off_s(const struct schedule_input *in)
{
	int64_t asked = smaller(in->retry_after_s, LONGEST_S);
	int64_t waited = larger(smaller(in->waited_s, LONGEST_S), 0), s;

	if (asked > 0)
		return asked;
	s = doubled(SCHEDULE_TOLD_OFF_S,
	    in->failures > 0 ? in->failures - 1 : 0, DAY_S);
	return larger(s, waited < DAY_S ? waited * 2 : waited);
}

static int64_t
wait_failed(const struct schedule_input *in, int64_t well)
{
	int64_t asked = smaller(in->retry_after_s, LONGEST_S);
	int64_t most = larger(well, DAY_S);

	return larger(asked, larger(doubled(well, in->failures, most),
	    smaller(in->waited_s, most)));
}

static int64_t
with_jitter(int64_t s, uint32_t random)
{
	return s + ((s * (int64_t)random / 10) >> 32);
}

/* The jitter of a failure at its limit may not undo that of the one before:
 * no gap is shorter than the last. */
static int64_t
not_below_last(const struct schedule_input *in, int64_t well, int64_t s)
{
	int64_t most = with_jitter(larger(well, DAY_S), UINT32_MAX);

	return in->end == POLL_FAILED ? larger(s, smaller(in->waited_s, most)) :
	    s;
}

/*
 * skipHours, skipDays
 */

struct skip {
	uint32_t	hours;
	uint8_t		days;
};

/* Who skips everything has not said when to come. */
static struct skip
skip_of(uint32_t hours, uint8_t days)
{
	struct skip skip = { hours & ALL_HOURS, days & ALL_DAYS };

	if (skip.hours == ALL_HOURS)
		skip.hours = 0;
	if (skip.days == ALL_DAYS)
		skip.days = 0;
	return skip;
}

static bool
skips_at(const struct skip *skip, int64_t wall_s)
{
	return (skip->hours != 0 || skip->days != 0) && wall_s >= 0 &&
	    wall_s < INT64_MAX - 3 * LONGEST_S;
}

static bool
is_skipped(const struct skip *skip, int64_t at_s)
{
	int64_t hour = at_s / HOUR_S % HOURS;
	int64_t day = (at_s / DAY_S + THURSDAY) % DAYS;	/* 1 January 1970 */

	return (skip->hours >> hour & 1) != 0 || (skip->days >> day & 1) != 0;
}

/* The first moment from at_s on that is not skipped; there is one within eight
 * days. */
static int64_t
first_open(const struct skip *skip, int64_t at_s)
{
	for (int i = 0; i <= (DAYS + 1) * HOURS && (is_skipped(skip, at_s) ||
	    is_skipped(skip, at_s + LATE_S)); i++)
		at_s = (at_s / HOUR_S + 1) * HOUR_S;
	return at_s;
}

/*
 * Moves the wait on to where the document may be asked for, and jitters it
 * there: a tenth of a night is longer than the hour that some leave open, and
 * who misses that waits for another day.
 */
static int64_t
jitter_in_open(const struct skip *skip, const struct schedule_input *in,
    int64_t s)
{
	int64_t open_s = first_open(skip, in->wall_s + s);
	int64_t wait = open_s - in->wall_s;
	int64_t more = with_jitter(wait, in->random) - wait;
	int64_t room = HOUR_S - LATE_S - open_s % HOUR_S;

	if (first_open(skip, open_s + more) != open_s + more)
		more = (larger(room, 0) * (int64_t)in->random) >> 32;
	return wait + more;
}

int64_t
schedule_next_s(const struct schedule_input *in)
{
	struct skip skip = skip_of(in->skip_hours, in->skip_days);
	int64_t well = wait_well(in), s = well;
	bool skips = in->every_s <= 0 && skips_at(&skip, in->wall_s);

	switch (in->end) {
	case POLL_FRESH:
	case POLL_UNCHANGED:
		break;
	case POLL_HELD:
		s = larger(well, smaller(in->retry_after_s, LONGEST_S));
		break;
	case POLL_TOLD_OFF:
		s = larger(well, schedule_told_off_s(in));
		break;
	case POLL_FAILED:
		s = wait_failed(in, well);
		break;
	case POLL_GONE:
		return INT64_MAX;
	}
	s = skips ? jitter_in_open(&skip, in, s) : with_jitter(s, in->random);
	s = not_below_last(in, well, s);
	return skips ? first_open(&skip, in->wall_s + s) - in->wall_s : s;
}

int64_t
schedule_open_s(uint32_t skip_hours, uint8_t skip_days, int64_t at_s)
{
	struct skip skip = skip_of(skip_hours, skip_days);

	return skips_at(&skip, at_s) ? first_open(&skip, at_s) : at_s;
}

unsigned
schedule_haste(unsigned before, int64_t listed, int64_t fresh)
{
	if (listed <= 0)
		return before;
	if (fresh >= listed)
		return before < SCHEDULE_HASTE_MOST - SCHEDULE_HASTE_GAP ?
		    before + SCHEDULE_HASTE_GAP : SCHEDULE_HASTE_MOST;
	return before > 0 && fresh <= listed / 2 ? before - 1 : before;
}
