/* SPDX-License-Identifier: ISC */
/* One sense an item: which of several entities keeps a name. */
#include "filters/entity_finder_private.h"

/* Of ids, in an item; no name loses after them. */
enum { MOST_COMPARED = 1 << 24 };

static bool
names_rival(const struct entity *e, const struct entity *other)
{
	for (size_t i = 0; i < e->n_rivals; i++)
		if (str_eq_c(e->rivals[i], other->id))
			return true;
	return false;
}

static bool
are_rivals(const struct entity_finder *f, const struct sense_claim *a,
    const struct sense_claim *b)
{
	const struct entity *x = entity_of(f, a), *y = entity_of(f, b);

	if (a->entity == b->entity)
		return false;
	return (a->name->use == ENTITY_WEAK && b->name->use == ENTITY_WEAK) ||
	    names_rival(x, y) || names_rival(y, x);
}

/* The entity that alone may be meant, or SENSE_NONE. */
static uint32_t
only_entity(const struct entity_finder *f, const struct span *s)
{
	uint32_t only = SENSE_NONE;

	for (uint32_t c = f->senses->nodes[s->node].claims; c != SENSE_NONE;
	    c = f->senses->claims[c].next) {
		uint32_t e = f->senses->claims[c].entity;

		if (only != SENSE_NONE && only != e)
			return SENSE_NONE;
		only = e;
	}
	return only;
}

/* Whether a comes before b: for the whole item the same answer. */
static bool
is_before(struct entity_finder *f, uint32_t a, uint32_t b)
{
	const struct tally *x = finder_tally(f, a), *y = finder_tally(f, b);

	if (x->own != y->own)
		return x->own > y->own;
	if (x->needed != y->needed)
		return x->needed > y->needed;
	return a < b;
}

static void
count_own(struct entity_finder *f)
{
	for (uint32_t i = 0; i < f->readings.n; i++) {
		const struct reading *r = reading_at(f, i);
		uint32_t e = only_entity(f, span_at(f, r->span));

		if (r->standing == STANDS && e != SENSE_NONE)
			finder_tally(f, e)->own++;
	}
}

/* The entity that a longer name joined to the span alone means, where another
 * may be meant by the span: in "Congo and DR Congo" they are two. */
static uint32_t
joined_entity(const struct entity_finder *f, uint32_t span)
{
	const struct span *s = span_at(f, span), *x = NULL;
	uint32_t joined;

	if (s->n_readings < 2)
		return SENSE_NONE;
	if (span > 0 && around_are_joined(f, s - 1, s))
		x = s - 1;
	else if (span + 1 < f->spans.n && around_are_joined(f, s, s + 1))
		x = s + 1;
	if (x == NULL || !around_is_sibling(f, s, x->word, x->n))
		return SENSE_NONE;
	joined = only_entity(f, x);
	for (uint32_t i = 0; i < s->n_readings; i++) {
		const struct reading *r = reading_at(f, s->readings + i);

		if (r->standing == STANDS &&
		    claim_of(f, r)->entity != joined)
			return joined;
	}
	return SENSE_NONE;
}

/* Does it lose against another one of the span? */
static bool
loses(struct entity_finder *f, const struct span *s,
    const struct sense_claim *a, uint32_t joined)
{
	for (uint32_t k = 0; k < s->n_readings; k++) {
		const struct reading *o = reading_at(f, s->readings + k);
		const struct sense_claim *b = claim_of(f, o);

		f->n_compared += 1 + entity_of(f, a)->n_rivals +
		    entity_of(f, b)->n_rivals;
		if (f->n_compared > MOST_COMPARED)
			return false;
		if (o->standing == STANDS && b->entity != joined &&
		    are_rivals(f, a, b) && is_before(f, b->entity, a->entity))
			return true;
	}
	return false;
}

/* A loser does not take a third one with it: who lost is asked of all. */
static void
part(struct entity_finder *f, uint32_t span)
{
	const struct span *s = span_at(f, span);
	uint32_t joined = joined_entity(f, span);

	for (uint32_t i = 0; i < s->n_readings; i++) {
		struct reading *r = reading_at(f, s->readings + i);

		if (r->standing == STANDS)
			r->lost = claim_of(f, r)->entity == joined ||
			    loses(f, s, claim_of(f, r), joined);
	}
}

/* One mention of an entity for a span, however many of its names it is: they
 * stand together, as entities were added one after the other. */
static bool
is_told(const struct entity_finder *f, const struct reading *r,
    const struct span *s)
{
	const struct reading *first = reading_at(f, s->readings);

	for (const struct reading *o = r; o > first; o--) {
		if (claim_of(f, o - 1)->entity != claim_of(f, r)->entity)
			return false;
		if (o[-1].standing == STANDS && !o[-1].lost)
			return true;
	}
	return false;
}

static void
tell(struct entity_finder *f, const struct reading *r)
{
	const struct span *s = span_at(f, r->span);
	const struct word *from = word_at(f, s->word), *to = from + s->n - 1;
	struct entity_mention *m;

	if (r->standing != STANDS || r->lost || is_told(f, r, s))
		return;
	m = finder_add(f, &f->mentions, sizeof(*m));
	if (m != NULL)
		*m = (struct entity_mention){ entity_of(f, claim_of(f, r)),
			claim_of(f, r)->entity, claim_of(f, r)->name,
			(enum field)from->field, from->offset, to->offset +
			to->length - from->offset, from->position,
			(uint8_t)(to->position - from->position + 1) };
}

void
rivals_part(struct entity_finder *f)
{
	count_own(f);
	for (uint32_t i = 0; i < f->spans.n; i++)
		part(f, i);
	for (uint32_t i = 0; i < f->readings.n; i++)
		tell(f, reading_at(f, i));
}
