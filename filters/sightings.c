/* SPDX-License-Identifier: ISC */
#include "filters/sightings.h"

#include <stdlib.h>
#include <string.h>

#include "filters/query_plan.h"

/* A fraction of a second, for what is no ordinary article. */
enum { STEPS_A_DOCUMENT = 16 << 20, STEPS_A_BYTE = 64 };

void *
sightings_grow(struct sightings *s, void *old, uint32_t n, uint32_t *cap,
    size_t size)
{
	uint32_t more = *cap > 0 ? *cap * 2 : 64;
	void *new;

	if (n < *cap)
		return old;
	new = *cap > UINT32_MAX / 4 ? NULL : realloc(old, more * size);
	if (new == NULL)
		s->failed = true;
	else
		*cap = more;
	return new;
}

/* At least n elements, the new ones zeroed; a run is never 0. */
static void *
grow_states(void *old, size_t n, size_t *have, size_t size)
{
	char *new;

	if (n <= *have)
		return old;
	new = realloc(old, n * size);
	if (new == NULL)
		return NULL;
	memset(new + *have * size, 0, (n - *have) * size);
	*have = n;
	return new;
}

static int
make_room(struct sightings *s, const struct topic_set *set)
{
	uint32_t *number = grow_states(s->number,
	    (size_t)set->index.n_atoms + 1, &s->n_numbers, sizeof(*number));
	struct field_state *states;
	size_t n_exprs = (size_t)set->plan.exprs.n + 1;
	struct expr_mark *marks;
	struct set_state *sets;
	uint64_t *has;

	if (number == NULL)
		return -1;
	s->number = number;
	has = grow_states(s->has, (size_t)set->index.n_atoms / 64 + 1,
	    &s->n_has, sizeof(*has));
	if (has == NULL)
		return -1;
	s->has = has;
	states = grow_states(s->phrases, (size_t)set->index.phrases.n + 1,
	    &s->n_phrases, sizeof(*states));
	if (states == NULL)
		return -1;
	s->phrases = states;
	states = grow_states(s->regexes, (size_t)set->plan.patterns.n + 1,
	    &s->n_regexes, sizeof(*states));
	if (states == NULL)
		return -1;
	s->regexes = states;
	marks = grow_states(s->marks, n_exprs, &s->n_marks, sizeof(*marks));
	if (marks == NULL)
		return -1;
	s->marks = marks;
	sets = grow_states(s->sets, n_exprs, &s->n_sets, sizeof(*sets));
	if (sets == NULL)
		return -1;
	s->sets = sets;
	return 0;
}

static void
forget_runs(struct sightings *s)
{
	memset(s->phrases, 0, s->n_phrases * sizeof(*s->phrases));
	memset(s->regexes, 0, s->n_regexes * sizeof(*s->regexes));
	memset(s->sets, 0, s->n_sets * sizeof(*s->sets));
	for (int f = 0; f < FIELD_COUNT; f++)
		s->ends[0][f].run = s->ends[1][f].run = 0;
	memset(s->shown, 0, sizeof(s->shown));
	s->run = 1;
}

uint64_t
sightings_steps(const struct sightings *s)
{
	return s->steps + s->places.steps + s->events.steps;
}

bool
sightings_may_search(struct sightings *s)
{
	if (sightings_steps(s) < s->steps_end)
		return true;
	s->search_limits++;
	return false;
}

static size_t
bytes_of(const struct document *doc)
{
	size_t n = 0;

	for (int f = 0; f < FIELD_COUNT; f++)
		n += doc->text[f].n;
	return n;
}

int
sightings_begin(struct sightings *s, const struct topic_set *set,
    const struct document *doc)
{
	for (uint32_t i = 0; i < s->n_met; i++)
		s->has[s->met[i] / 64] = 0;
	if (make_room(s, set) == -1)
		return -1;
	s->n = s->n_leaves = s->n_met = 0;
	s->places.n = s->events.n = 0;
	s->places.failed = s->events.failed = s->failed = false;
	s->doc = doc;
	s->steps_end = sightings_steps(s) + STEPS_A_DOCUMENT +
	    (uint64_t)STEPS_A_BYTE * bytes_of(doc);
	s->has_lead = false;
	s->checked = s->valid = 0;
	memset(s->words, 0, sizeof(s->words));
	memset(s->has_layout, 0, sizeof(s->has_layout));
	if (++s->run == 0)
		forget_runs(s);
	if (s->mark_run++ == MARK_RUNS) {
		memset(s->marks, 0, s->n_marks * sizeof(*s->marks));
		s->mark_run = 1;
	}
	return 0;
}

void
sightings_clear(struct sightings *s)
{
	for (int f = 0; f < FIELD_COUNT; f++) {
		free(s->ends[0][f].at);
		free(s->ends[1][f].at);
	}
	free(s->number);
	free(s->states);
	free(s->has);
	free(s->met);
	free(s->phrases);
	free(s->regexes);
	free(s->marks);
	free(s->sets);
	free(s->list);
	free(s->leaves);
	places_clear(&s->places);
	places_clear(&s->events);
	memset(s, 0, sizeof(*s));
}

/* Its first sighting in the document. */
static int
meet(struct sightings *s, uint32_t atom)
{
	uint32_t *met = sightings_grow(s, s->met, s->n_met, &s->cap_met,
	    sizeof(*met));
	struct atom_state *states;

	if (met == NULL)
		return -1;
	s->met = met;
	states = sightings_grow(s, s->states, s->n_met, &s->cap_states,
	    sizeof(*states));
	if (states == NULL)
		return -1;
	s->states = states;
	s->has[atom / 64] |= UINT64_C(1) << atom % 64;
	s->number[atom] = s->n_met;
	states[s->n_met].n = 0;
	states[s->n_met].fields = 0;
	states[s->n_met].last = TERM_NONE;
	met[s->n_met++] = atom;
	return 0;
}

static void
begin_field(struct sightings *s, struct atom_state *a, enum field f)
{
	a->fields = (uint8_t)(a->fields | 1U << f);
	a->n_field = 0;
	a->first[f] = s->n;
}

int
sightings_add(struct sightings *s, const struct topic_set *set, uint32_t atom,
    const struct token *t, enum field f)
{
	struct sighting *list;
	struct atom_state *a;

	if (!sightings_has(s, atom) && meet(s, atom) == -1)
		return -1;
	a = sightings_of(s, atom);
	if ((a->fields & 1U << f) == 0)
		begin_field(s, a, f);
	else if (a->n_field >= PLAN_MAX_KEPT &&
	    !set->index.atoms[atom].placed)
		return 0;
	list = sightings_grow(s, s->list, s->n, &s->cap, sizeof(*list));
	if (list == NULL)
		return -1;
	s->list = list;
	list[s->n] = (struct sighting){ .next = TERM_NONE, .atom = atom,
	    .position = t->position, .offset = t->offset,
	    .length = t->length, .span = t->span, .field = (uint8_t)f };
	if (a->last != TERM_NONE)
		list[a->last].next = s->n;
	a->last = s->n++;
	a->n++;
	a->n_field++;
	return 0;
}

enum field
sightings_body(const struct sightings *s)
{
	return s->words[FIELD_CONTENT] > 0 ? FIELD_CONTENT : FIELD_SUMMARY;
}

/* A title is one sentence, and so are a URL and each line of names. */
enum token_layout
sightings_layout(struct sightings *s, enum field f)
{
	if (s->has_layout[f])
		return s->layout[f];
	s->has_layout[f] = true;
	if (f == FIELD_TITLE || f == FIELD_URL)
		s->layout[f] = TOKEN_WHOLE;
	else if (f == FIELD_AUTHOR || f == FIELD_TAG || f == FIELD_FEED)
		s->layout[f] = TOKEN_LINES;
	else
		s->layout[f] = token_layout(s->doc->text[f]);
	return s->layout[f];
}

/* The end of the first paragraph that has a word, of its 50th at most. */
static uint32_t
find_lead_end(struct sightings *s)
{
	enum field f = sightings_body(s);
	struct str text = str_sub(s->doc->text[f], 0, TOKEN_MAX_TEXT);
	enum token_layout layout = sightings_layout(s, f);
	uint32_t position;
	size_t end = 0;
	struct token t;

	s->reader->position = 0;
	token_begin(s->reader, text, false);
	if (!token_next(s->reader, &t))
		return 0;
	while (end <= t.offset)
		end = token_paragraph_end(text, end, layout);
	position = t.position;
	while (token_next(s->reader, &t) && t.offset < end)
		if (t.position - position >= DOCUMENT_LEAD_WORDS)
			return t.offset;
	return (uint32_t)end;
}

uint32_t
sightings_lead_end(struct sightings *s)
{
	if (!s->has_lead)
		s->lead_end = find_lead_end(s);
	s->has_lead = true;
	return s->lead_end;
}

static void
find_ends(struct sightings *s, enum field f, bool paragraph, struct ends *e)
{
	struct str text = str_sub(s->doc->text[f], 0, TOKEN_MAX_TEXT);
	enum token_layout layout = sightings_layout(s, f);
	size_t at = 0;
	uint32_t *ends;

	e->run = s->run;
	e->n = 0;
	while (at < text.n) {
		at = paragraph ? token_paragraph_end(text, at, layout) :
		    token_sentence_end(text, at, layout);
		ends = sightings_grow(s, e->at, e->n, &e->cap, sizeof(*ends));
		if (ends == NULL)
			return;
		e->at = ends;
		ends[e->n++] = (uint32_t)at;
	}
}

uint32_t
sightings_unit(struct sightings *s, enum field f, bool paragraph,
    const struct place *p, uint32_t *near)
{
	struct ends *e = &s->ends[paragraph][f];
	uint32_t i = *near;

	if (e->run != s->run)
		find_ends(s, f, paragraph, e);
	for (; i < e->n && e->at[i] <= p->offset; i++)
		s->steps++;
	for (; i > 0 && e->at[i - 1] > p->offset; i--)
		s->steps++;
	*near = i;
	return i < e->n && p->stop <= e->at[i] ? i : PLACE_NONE;
}

/* The first of the ends that lies behind a byte; or n. */
static uint32_t
end_behind(struct sightings *s, const struct ends *e, uint32_t at)
{
	uint32_t low = 0, high = e->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		s->steps++;
		if (e->at[middle] > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The sentences that offset .. stop stands in: *from .. *to. */
static void
find_sentences(struct sightings *s, enum field f, uint32_t offset,
    uint32_t stop, size_t *from, size_t *to)
{
	struct ends *e = &s->ends[false][f];
	uint32_t i;

	if (e->run != s->run)
		find_ends(s, f, false, e);
	i = end_behind(s, e, offset);
	*from = i > 0 ? e->at[i - 1] : 0;
	while (i < e->n && e->at[i] <= stop)
		i++;
	*to = i < e->n ? e->at[i] : s->doc->text[f].n;
}

static void
find_shown(struct sightings *s, struct shown *show)
{
	enum field f = (enum field)show->field;
	struct str whole = s->doc->text[f], around;
	size_t from, to;

	find_sentences(s, f, show->offset, show->offset + show->length, &from,
	    &to);
	around = token_around(whole, str_sub(whole, show->offset,
	    show->length), from, to, SIGHTINGS_MAX_AROUND);
	show->from = (uint32_t)(around.p - whole.p);
	show->n = (uint32_t)around.n;
}

static void
show(struct sightings *s, enum field f, uint32_t offset, uint32_t length,
    struct shown *show)
{
	show->run = s->run;
	show->offset = offset;
	show->length = length;
	show->field = (uint8_t)f;
	show->text = TERM_NONE;
	find_shown(s, show);
}

struct shown *
sightings_around(struct sightings *s, enum field f, uint32_t offset,
    uint32_t length)
{
	struct shown *slot = &s->shown[(offset ^ offset >> 10) % SHOWN_SLOTS];

	if (slot->run != s->run || slot->offset != offset ||
	    slot->length != length || slot->field != f)
		show(s, f, offset, length, slot);
	return slot;
}
