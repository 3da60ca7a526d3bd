/* SPDX-License-Identifier: ISC */
/*
 * A phrase is looked for from its rarest word outwards. At one position one
 * atom stands at most once (a prefix twice, but that is the last word), so
 * from a place there is at most one way on and one back, and a phrase of n
 * words costs at most n steps for each sighting of that word, whatever the
 * text repeats.
 *
 * A loose phrase is looked for from each sighting of one of its words on, once
 * a count of what lies in reach says that nothing lacks. Each word is taken
 * where it stands first: no later place could end sooner. There is a choice
 * only where one word of the text could stand for two of the phrase, or a
 * hyphenated one counts for several; such choices are tried within a bound.
 */
#include "filters/phrase.h"

#include <limits.h>
#include <string.h>

#include "filters/query_plan.h"
#include "filters/sightings.h"

enum { STEPS_AN_EVENT = 256, LEAST_STEPS = 4096, MAX_TOUCHES = 16 };

/* Where a mirror stands: behind all positions, with room behind it. */
#define MIRROR	(UINT32_MAX - 4096)

/* A phrase being looked for. */
struct search {
	struct sightings	*seen;
	struct term_phrase	 ph;
	uint32_t		 atoms[QUERY_MAX_WORDS];
	size_t			 rarest;
	unsigned		 fields;	/* that all of them stand in */
	uint32_t		 from, to;	/* where it stands: sightings */
	struct str		 text;		/* of the field, if raw */
};

/* Reads the phrase, finds its rarest word; false: one is not there. */
static bool
search_begin(struct search *f, const struct topic_set *set,
    struct sightings *seen, uint32_t phrase)
{
	const struct atom_state *rarest = NULL;

	if (!term_index_phrase_may(&set->index, phrase, seen->has))
		return false;
	f->seen = seen;
	f->fields = UINT_MAX;
	term_index_phrase(&set->index, phrase, f->atoms, &f->ph);
	for (size_t w = 0; w < f->ph.n; w++) {
		const struct atom_state *a;

		if (f->atoms[w] == TERM_NONE)
			continue;
		a = sightings_of(seen, f->atoms[w]);
		f->fields &= a->fields;
		if (rarest == NULL || a->n < rarest->n) {
			rarest = a;
			f->rarest = w;
		}
	}
	return f->fields != 0;
}

/*
 * Words one behind the other.
 */

/* The sighting of atom that begins `skip` words behind sighting i. */
static uint32_t
step_on(struct sightings *s, uint32_t i, uint32_t skip, uint32_t atom)
{
	uint32_t at = s->list[i].position + s->list[i].span + skip;

	for (i++; i < s->n_words && s->list[i].position <= at; i++) {
		s->steps++;
		if (s->list[i].position == at && s->list[i].atom == atom)
			return i;
	}
	return TERM_NONE;
}

/* The sighting of atom that ends `skip` words before sighting i. */
static uint32_t
step_back(struct sightings *s, uint32_t i, uint32_t skip, uint32_t atom)
{
	uint32_t at = s->list[i].position;

	if (at < skip)
		return TERM_NONE;
	at -= skip;
	while (i-- > 0 && s->list[i].position + TOKEN_MAX_PARTS >= at) {
		s->steps++;
		if (s->list[i].position + s->list[i].span == at &&
		    s->list[i].atom == atom)
			return i;
	}
	return TERM_NONE;
}

bool
phrase_may_touch(struct sightings *s, uint32_t atom, uint32_t other,
    bool behind)
{
	const struct atom_state *a = sightings_of(s, atom);
	uint32_t i = a->first[__builtin_ctz(a->fields)];

	if (a->n > MAX_TOUCHES)
		return true;
	for (; i != TERM_NONE; i = s->list[i].next)
		if ((behind ? step_on(s, i, 0, other) :
		    step_back(s, i, 0, other)) != TERM_NONE)
			return true;
	return false;
}

/* Whether the phrase stands around sighting i of its rarest word. */
static bool
stands_at(struct search *f, uint32_t i)
{
	uint32_t skip = 0;
	size_t w;

	f->from = f->to = i;
	for (w = f->rarest; w > 0 && f->from != TERM_NONE; w--) {
		if (f->atoms[w - 1] == TERM_NONE) {
			skip++;
			continue;
		}
		f->from = step_back(f->seen, f->from, skip, f->atoms[w - 1]);
		skip = 0;
	}
	if (f->from == TERM_NONE)
		return false;
	for (w = f->rarest + 1; w < f->ph.n && f->to != TERM_NONE; w++) {
		if (f->atoms[w] == TERM_NONE) {
			skip++;
			continue;
		}
		f->to = step_on(f->seen, f->to, skip, f->atoms[w]);
		skip = 0;
	}
	return f->to != TERM_NONE;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Steps over a run of space, or one byte, in both; false: they differ. */
static bool
agree_on(struct str raw, size_t *i, struct str text, size_t *k)
{
	if (*k >= text.n)
		return false;
	if (!is_space(raw.p[*i]))
		return raw.p[(*i)++] == text.p[(*k)++];
	if (!is_space(text.p[*k]))
		return false;
	while (*i < raw.n && is_space(raw.p[*i]))
		++*i;
	while (*k < text.n && is_space(text.p[*k]))
		++*k;
	return true;
}

static bool
agree_back(struct str raw, size_t *i, struct str text, size_t *k)
{
	if (*k == 0)
		return false;
	if (!is_space(raw.p[*i - 1]))
		return raw.p[--*i] == text.p[--*k];
	if (!is_space(text.p[*k - 1]))
		return false;
	while (*i > 0 && is_space(raw.p[*i - 1]))
		--*i;
	while (*k > 0 && is_space(text.p[*k - 1]))
		--*k;
	return true;
}

/* Whether the bytes stand there too, and where: offset .. stop. */
static bool
is_written(const struct search *f, struct place *p)
{
	struct str raw = f->ph.raw, text = f->text;
	size_t i = f->ph.raw_lead, from = p->offset, to = p->offset;

	while (i > 0)
		if (!agree_back(raw, &i, text, &from))
			return false;
	for (i = f->ph.raw_lead; i < raw.n;)
		if (!agree_on(raw, &i, text, &to))
			return false;
	p->offset = (uint32_t)from;
	p->stop = (uint32_t)to;
	return true;
}

/* The phrase from f->from to this sighting; false: not as it was asked. */
static bool
make_place(const struct search *f, uint32_t to, const struct phrase_ask *ask,
    struct place *p)
{
	const struct sighting *list = f->seen->list;

	*p = (struct place){ .begin = list[f->from].position,
	    .end = list[to].position + list[to].span,
	    .offset = list[f->from].offset,
	    .stop = list[to].offset + list[to].length, .text = ask->text };
	return (f->ph.raw.n == 0 || is_written(f, p)) && p->stop <= ask->stop;
}

/* The same atom at the same position: the first part alone. */
static uint32_t
shorter(const struct sightings *s, uint32_t i)
{
	uint32_t next = s->list[i].next;

	return next != TERM_NONE && s->list[next].field == s->list[i].field &&
	    s->list[next].position == s->list[i].position ? next : TERM_NONE;
}

/* Adds what stands around sighting i; *last is where the last one began. */
static uint32_t
add_at(struct search *f, uint32_t i, const struct phrase_ask *ask,
    uint32_t *last)
{
	uint32_t to, n = 0;
	struct place p;

	if (!stands_at(f, i) ||
	    (!ask->every && f->seen->list[f->from].position == *last))
		return 0;
	for (to = f->to; to != TERM_NONE; to = shorter(f->seen, to)) {
		if (make_place(f, to, ask, &p)) {
			places_add(&f->seen->places, &p);
			*last = p.begin;
			n++;
			if (!ask->every)
				break;
		}
		if (f->rarest + 1 == f->ph.n)
			break;		/* they come by themselves */
	}
	return n;
}

static uint32_t
find_fixed(struct search *f, const struct phrase_ask *ask)
{
	const struct atom_state *a = sightings_of(f->seen,
	    f->atoms[f->rarest]);
	uint32_t i, n = 0, last = PLACE_NONE;

	if ((a->fields & 1U << ask->field) == 0)
		return 0;
	if (f->ph.raw.n > 0)
		f->text = f->seen->doc->text[ask->field];
	for (i = a->first[ask->field]; n < ask->max && i != TERM_NONE &&
	    f->seen->list[i].field == ask->field; i = f->seen->list[i].next)
		n += add_at(f, i, ask, &last);
	return n;
}

/*
 * Words in any order. An event is a sighting of one of them, as a place whose
 * `from` is the number of its word among the phrase's different words, and
 * whose `unit` is where the next begins that counts for several.
 */
struct loose {
	struct places	*list;
	struct place	*event;
	uint32_t	 n;
	uint8_t		 need[QUERY_MAX_WORDS];	/* of each different word */
	uint32_t	 atom[QUERY_MAX_WORDS];
	uint32_t	 n_words, n_different;
	unsigned	 slack;

	/* The window being grown. */
	uint32_t	 left;			/* words it lacks */
	bool		 wide;			/* some count for several */
	uint32_t	 best_end, best;	/* and the event that ends it */
	uint64_t	 until;			/* steps */
	bool		 gave_up;
};

static void
read_words(struct loose *w, const struct search *f)
{
	uint32_t k;

	w->slack = f->ph.distance;
	for (size_t i = 0; i < f->ph.n; i++) {
		if (f->atoms[i] == TERM_NONE)
			continue;
		for (k = 0; k < w->n_different && w->atom[k] != f->atoms[i];
		    k++)
			;
		w->atom[k] = f->atoms[i];
		w->need[k]++;
		w->n_different += k == w->n_different;
		w->n_words++;
	}
}

/* The sightings of word k in the field. False: there is none. */
static bool
add_events(struct loose *w, struct sightings *s, uint32_t k,
    const struct phrase_ask *ask)
{
	const struct atom_state *a = sightings_of(s, w->atom[k]);
	uint32_t before = w->list->n;

	if ((a->fields & 1U << ask->field) == 0)
		return false;
	for (uint32_t i = a->first[ask->field]; i != TERM_NONE &&
	    s->list[i].field == ask->field; i = s->list[i].next) {
		const struct sighting *x = &s->list[i];
		struct place p = { .begin = x->position,
			.end = x->position + x->span, .offset = x->offset,
			.stop = x->offset + x->length, .from = k };

		if (p.stop <= ask->stop)
			places_add(w->list, &p);
	}
	return w->list->n > before;
}

/* All events of the field, in order. False: a word is not there. */
static bool
gather_events(struct loose *w, struct sightings *s,
    const struct phrase_ask *ask)
{
	w->list = &s->events;
	w->list->n = 0;
	for (uint32_t k = 0; k < w->n_different; k++)
		if (!add_events(w, s, k, ask))
			return false;
	return !w->list->failed;
}

static void
order_events(struct loose *w)
{
	uint32_t wide = PLACE_NONE;

	places_sort(w->list, 0);
	w->event = w->list->at;
	w->n = w->list->n;
	for (uint32_t i = w->n; i-- > 0;) {
		if (w->event[i].end - w->event[i].begin > 1)
			wide = w->event[i].begin;
		w->event[i].unit = wide;
	}
	w->until = w->list->steps + (uint64_t)STEPS_AN_EVENT * w->n +
	    LEAST_STEPS;
}

/*
 * From event i on, words up to `pos` being taken or passed over, `others` of
 * them passed over: the soonest end of the window.
 */
static void
grow_window(struct loose *w, uint32_t i, uint32_t last, uint32_t others)
{
	uint32_t pos = w->event[last].end, tried = PLACE_NONE;

	if (w->left == 0 && pos < w->best_end) {
		w->best_end = pos;
		w->best = last;
	}
	for (; w->left > 0 && i < w->n && !w->gave_up; i++) {
		const struct place *e = &w->event[i];

		w->gave_up = ++w->list->steps > w->until;
		if (e->begin < pos)
			continue;
		if (e->begin - pos + others > w->slack ||
		    e->begin >= w->best_end ||
		    (!w->wide && tried != PLACE_NONE && e->begin != tried))
			return;
		if (w->need[e->from] == 0)
			continue;
		tried = e->begin;
		w->need[e->from]--;
		w->left--;
		grow_window(w, i + 1, i, others + e->begin - pos);
		w->left++;
		w->need[e->from]++;
	}
}

/* The shortest window that begins with event i, if it beats the best. */
static void
try_window(struct loose *w, uint32_t i)
{
	const struct place *e = &w->event[i];
	uint32_t reach = e->begin + w->slack + w->n_words;

	w->wide = e->unit < reach;
	w->left = w->n_words - 1;
	w->need[e->from]--;
	grow_window(w, i + 1, i, 0);
	w->need[e->from]++;
}

/* What lies in reach of a window's begin, counted. */
struct reach {
	uint32_t	count[QUERY_MAX_WORDS];
	uint32_t	enough;		/* different words of which there are */
	uint32_t	to;		/* events */
};

static void
count_event(const struct loose *w, struct reach *r, uint32_t i, bool in)
{
	uint32_t k = w->event[i].from;

	if (in && ++r->count[k] == w->need[k])
		r->enough++;
	if (!in && r->count[k]-- == w->need[k])
		r->enough--;
}

static void
reach_on(const struct loose *w, struct reach *r, uint32_t i)
{
	uint64_t end = (uint64_t)w->event[i].begin + w->slack +
	    (uint64_t)w->n_words * TOKEN_MAX_PARTS;

	for (; r->to < w->n && w->event[r->to].begin < end; r->to++)
		count_event(w, r, r->to, true);
}

/* The window from event i, or from one that begins where it does. */
static void
add_window(struct loose *w, uint32_t i, bool mirrored, struct places *out,
    const struct phrase_ask *ask)
{
	const struct place *a = &w->event[i], *b = &w->event[w->best], *t;

	if (mirrored) {
		t = a;
		a = b;
		b = t;
	}
	places_add(out, &(struct place){
	    .begin = mirrored ? MIRROR - a->end : a->begin,
	    .end = mirrored ? MIRROR - b->begin : b->end,
	    .offset = a->offset, .stop = b->stop, .text = ask->text });
}

/* A window from each begin. */
static uint32_t
find_windows(struct loose *w, bool mirrored, struct places *out,
    const struct phrase_ask *ask)
{
	struct reach r = { .enough = 0 };
	uint32_t n = 0, next, k;

	for (uint32_t i = 0; i < w->n && n < ask->max; i = next) {
		w->best_end = PLACE_NONE;
		reach_on(w, &r, i);
		for (next = i; next < w->n &&
		    w->event[next].begin == w->event[i].begin; next++)
			if (r.enough == w->n_different && !w->gave_up)
				try_window(w, next);
		for (k = i; k < next; k++)
			count_event(w, &r, k, false);
		if (w->best_end == PLACE_NONE)
			continue;
		add_window(w, i, mirrored, out, ask);
		n++;
	}
	return n;
}

/* Events seen in a mirror: the last one first. */
static void
mirror_events(struct loose *w)
{
	for (uint32_t i = 0; i < w->n / 2; i++) {
		struct place t = w->event[i];

		w->event[i] = w->event[w->n - 1 - i];
		w->event[w->n - 1 - i] = t;
	}
	for (uint32_t i = 0; i < w->n; i++) {
		uint32_t begin = w->event[i].begin;

		w->event[i].begin = MIRROR - w->event[i].end;
		w->event[i].end = MIRROR - begin;
	}
	order_events(w);
}

static void
reverse(struct places *l, uint32_t from)
{
	for (uint32_t i = from, k = l->n; i < k && i < --k; i++) {
		struct place t = l->at[i];

		l->at[i] = l->at[k];
		l->at[k] = t;
	}
}

static uint32_t
find_loose(struct search *f, const struct phrase_ask *ask)
{
	struct sightings *s = f->seen;
	struct loose w = { .n = 0 };
	uint32_t n, from;

	read_words(&w, f);
	if (!gather_events(&w, s, ask))
		return 0;
	order_events(&w);
	n = find_windows(&w, false, &s->places, ask);
	if (ask->every && n > 0) {
		from = s->places.n;
		mirror_events(&w);
		n += find_windows(&w, true, &s->places, ask);
		reverse(&s->places, from);
	}
	s->search_limits += w.gave_up;
	return n;
}

static uint32_t
find(struct search *f, const struct phrase_ask *ask)
{
	if (!sightings_may_search(f->seen))
		return 0;
	return f->ph.loose ? find_loose(f, ask) : find_fixed(f, ask);
}

uint32_t
phrase_places(const struct topic_set *set, struct sightings *seen,
    uint32_t phrase, const struct phrase_ask *ask)
{
	struct search f;	/* its atoms are many: not zeroed */

	return search_begin(&f, set, seen, phrase) ? find(&f, ask) : 0;
}

static bool
stands_in(struct search *f, int field)
{
	struct sightings *seen = f->seen;
	bool lead = field == FIELD_LEAD;
	struct phrase_ask ask = { .max = 1, .every = lead,
		.field = lead ? sightings_body(seen) : (enum field)field,
		.stop = lead ? sightings_lead_end(seen) : UINT32_MAX };
	uint32_t before = seen->places.n;
	bool rc;

	if ((f->fields & 1U << ask.field) == 0)
		return false;
	rc = find(f, &ask) > 0;
	seen->places.n = before;
	return rc;
}

uint8_t
phrase_fields(const struct topic_set *set, struct sightings *seen,
    uint32_t phrase, uint8_t asked)
{
	struct field_state *state = &seen->phrases[phrase];
	struct search f;	/* its atoms are many: not zeroed */
	unsigned left;

	if (!term_index_phrase_may(&set->index, phrase, seen->has))
		return 0;
	if (state->run != seen->run)
		*state = (struct field_state){ .run = seen->run };
	left = asked & ~(unsigned)state->asked;
	state->asked = state->asked | asked;
	if (left == 0 || !search_begin(&f, set, seen, phrase))
		return state->fields & asked;
	for (; left != 0; left &= left - 1) {
		int field = __builtin_ctz(left);

		if (stands_in(&f, field))
			state->fields = (uint8_t)(state->fields | 1U << field);
	}
	return state->fields & asked;
}
