/* SPDX-License-Identifier: ISC */
/* Which places made it true. */
#include "filters/evaluate_private.h"

#include <stdlib.h>
#include <string.h>

#include "filters/query_plan.h"
#include "filters/regex.h"

enum { SORTED_AS_FEW = 12 };

/* Places gathered; cut to PLAN_MAX_PLACES when it is full. */
struct gathering {
	struct view		 view;
	struct plan_place	 place[8 * PLAN_MAX_PLACES];
	size_t			 n;
	uint32_t		 rank;
};

static void	gather(struct gathering *, const struct plan_node *);

static int
compare_places(const void *va, const void *vb)
{
	const struct plan_place *a = va, *b = vb;

	if (a->field != b->field)
		return a->field < b->field ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->length != b->length)
		return a->length > b->length ? -1 : 1;
	return (a->rank > b->rank) - (a->rank < b->rank);
}

static bool
is_same_place(const struct plan_place *a, const struct plan_place *b)
{
	return a->field == b->field && a->offset == b->offset &&
	    a->length == b->length;
}

/* Most topics have two or three. */
static void
sort_few(struct plan_place *place, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct plan_place p = place[i];
		size_t k = i;

		for (; k > 0 && compare_places(&place[k - 1], &p) > 0; k--)
			place[k] = place[k - 1];
		place[k] = p;
	}
}

/* Sorted, each place once. */
static void
sort_places(struct gathering *g)
{
	size_t kept = 0;

	if (g->n <= SORTED_AS_FEW)
		sort_few(g->place, g->n);
	else
		qsort(g->place, g->n, sizeof(g->place[0]), compare_places);
	for (size_t i = 0; i < g->n; i++)
		if (kept == 0 ||
		    !is_same_place(&g->place[kept - 1], &g->place[i]))
			g->place[kept++] = g->place[i];
	g->n = kept;
}

static bool
has_text(const uint32_t *texts, size_t n, uint32_t text)
{
	for (size_t i = 0; i < n; i++)
		if (texts[i] == text)
			return true;
	return false;
}

/* The first place of each term, so that none is hidden behind one that stands
 * there often; then those in front. */
static void
cut_places(struct gathering *g)
{
	bool is_first[sizeof(g->place) / sizeof(g->place[0])] = { false };
	uint32_t texts[PLAN_MAX_PLACES];
	size_t n = 0, kept = 0, others;

	for (size_t i = 0; i < g->n && n < PLAN_MAX_PLACES; i++) {
		is_first[i] = !has_text(texts, n, g->place[i].text);
		if (is_first[i])
			texts[n++] = g->place[i].text;
	}
	others = PLAN_MAX_PLACES - n;
	for (size_t i = 0; i < g->n; i++) {
		if (!is_first[i] && others == 0)
			continue;
		others -= !is_first[i];
		g->place[kept++] = g->place[i];
	}
	g->n = kept;
}

static void
settle(struct gathering *g)
{
	sort_places(g);
	if (g->n > PLAN_MAX_PLACES)
		cut_places(g);
}

static void
add_place(struct gathering *g, enum field f, const struct place *p)
{
	/* The hit will ask for its name. */
	__builtin_prefetch(&g->view.set->plan.texts.ends[p->text]);
	if (g->n == sizeof(g->place) / sizeof(g->place[0]))
		settle(g);
	g->place[g->n++] = (struct plan_place){ .offset = p->offset,
	    .length = p->stop - p->offset, .text = p->text, .field = f,
	    .rank = g->rank };
}

/* The places of a run that have all these marks, the first ones. */
static uint32_t
add_run(struct gathering *g, enum field f, struct place_run run,
    uint32_t marks)
{
	const struct place *at = g->view.seen->places.at + run.from;
	const struct place *last = NULL;
	uint32_t n = 0;

	for (uint32_t i = 0; i < run.n && n < PLAN_MAX_PLACES; i++) {
		if ((at[i].marks & marks) != marks || (last != NULL &&
		    last->begin == at[i].begin && last->text == at[i].text))
			continue;
		last = &at[i];
		add_place(g, f, last);
		n++;
	}
	return n;
}

/* The first places of a word in a field, as they were read. */
static uint32_t
add_sightings(struct gathering *g, const struct plan_node *node, enum field f)
{
	const struct sightings *s = g->view.seen;
	uint32_t i = sightings_of(s, node->arg)->first[f];
	uint32_t n = 0, last = PLACE_NONE;

	for (; i != TERM_NONE && n < PLAN_MAX_PLACES &&
	    s->list[i].field == f; i = s->list[i].next) {
		const struct sighting *x = &s->list[i];

		if (x->position == last)
			continue;
		last = x->position;
		add_place(g, f, &(struct place){ .offset = x->offset,
		    .stop = x->offset + x->length, .text = node->text });
		n++;
	}
	return n;
}

/* What most terms are, a word in whole fields: no list of places is made. */
static void
gather_word(struct gathering *g, const struct plan_node *node)
{
	unsigned fields = evaluate_word_fields(&g->view, node->arg,
	    node->fields);
	uint32_t n = 0;

	g->rank++;
	for (; fields != 0 && n < PLAN_MAX_PLACES; fields &= fields - 1)
		n += add_sightings(g, node,
		    (enum field)__builtin_ctz(fields));
}

/* The first places of terms; later fields only while there is room. */
static void
gather_terms(struct gathering *g, const struct plan_node *node)
{
	const struct view *v = &g->view;
	unsigned fields = evaluate_term_fields(v, node);
	struct collect how = { .max = PLAN_MAX_PLACES };
	uint32_t n = 0, before = v->seen->places.n;

	g->rank++;
	for (; fields != 0 && n < PLAN_MAX_PLACES; fields &= fields - 1) {
		how.field = (enum field)__builtin_ctz(fields);
		n += add_run(g, how.field, evaluate_collect(v, node, &how), 0);
		v->seen->places.n = before;
	}
}

/* From the last operand back: which places a whole chain goes through. */
static void
mark_back(const struct view *v, const struct chain *chain)
{
	struct places *l = &v->seen->places;
	const struct place_run *last = &chain->run[chain->n - 1];

	for (uint32_t i = 0; i < last->n; i++)
		l->at[last->from + i].marks |= PLACE_BACK;
	for (size_t i = chain->n - 1; i-- > 0;) {
		struct nearness link = chain->link[i];

		link.before = chain->link[i].behind;
		link.behind = chain->link[i].before;
		places_mark_near(l, chain->run[i + 1], chain->run[i], &link,
		    PLACE_BACK);
	}
}

static void
gather_near(struct gathering *g, const struct plan_node *node)
{
	const struct view *v = &g->view;
	unsigned fields = evaluate_near_fields(v, node);
	uint32_t before = v->seen->places.n;
	struct chain chain;

	g->rank++;
	for (; fields != 0; fields &= fields - 1) {
		enum field f = (enum field)__builtin_ctz(fields);

		if (evaluate_near_in(v, node, f, &chain)) {
			mark_back(v, &chain);
			for (size_t i = 0; i < chain.n; i++)
				add_run(g, f, chain.run[i],
				    PLACE_AHEAD | PLACE_BACK);
		}
		v->seen->places.n = before;
	}
}

static void
gather_regex(struct gathering *g, const struct plan_node *node)
{
	const struct view *v = &g->view;
	struct str match;

	g->rank++;
	for (unsigned left = node->fields; left != 0; left &= left - 1) {
		enum field f = (enum field)__builtin_ctz(left);
		enum field real = f == FIELD_LEAD ?
		    sightings_body(v->seen) : f;
		struct place p = { .text = node->text };

		if (evaluate_regex(v, node->arg, f, &match) != REGEX_FOUND ||
		    match.n == 0)
			continue;
		p.offset = (uint32_t)(match.p - v->seen->doc->text[real].p);
		p.stop = p.offset + (uint32_t)match.n;
		add_place(g, real, &p);
	}
}

/* What gives no places where it does not hold. */
static bool
is_term(const struct plan_node *node)
{
	return node->kind <= PLAN_SET;
}

/* A word or phrase of which nothing was seen, as most of a topic is. */
static bool
is_missing(const struct gathering *g, const struct plan_node *node)
{
	return node->kind <= PLAN_PHRASE &&
	    !sightings_has(g->view.seen, node->needs);
}

/*
 * Another topic's query, once in each gathering: it has the same places however
 * often it is named, and topics that name one twice, one above the other, would
 * double the work with each level. (A number that is met again after 2^32
 * gatherings loses places that are shown, and no more.)
 */
static void
gather_topic(struct gathering *g, uint32_t expr)
{
	struct sightings *s = g->view.seen;

	if (s->sets[expr].gathered == s->gatherings)
		return;
	s->sets[expr].gathered = s->gatherings;
	gather(g, topic_set_row(g->view.set, expr));
}

/* From a subtree that holds; what is under NOT made nothing true. */
static void
gather(struct gathering *g, const struct plan_node *node)
{
	const struct view *v = &g->view;
	const struct plan_node *c;

	switch ((enum plan_kind)node->kind) {
	case PLAN_WORD:
		if ((node->fields & 1U << FIELD_LEAD) == 0)
			gather_word(g, node);
		else
			gather_terms(g, node);
		break;
	case PLAN_PHRASE:
	case PLAN_SET:
		gather_terms(g, node);
		break;
	case PLAN_ATLEAST:
		gather_terms(g, node + 1);
		break;
	case PLAN_NEAR:
		gather_near(g, node);
		break;
	case PLAN_REGEX:
		gather_regex(g, node);
		break;
	case PLAN_TOPIC:
		gather_topic(g, v->set->plan.topic_expr[node->arg]);
		break;
	case PLAN_AND:
	case PLAN_OR:
		for (c = node + 1; c < plan_end(node); c = plan_next(c))
			if (!is_missing(g, c) && (node->kind == PLAN_AND ||
			    is_term(c) || evaluate_node(v->set, v->seen, c)))
				gather(g, c);
		break;
	case PLAN_NOT:
	case PLAN_SOURCE:
	case PLAN_NUMBER:
		break;
	}
}

size_t
evaluate_places(const struct topic_set *set, struct sightings *seen,
    const struct plan_node *node, struct plan_place out[PLAN_MAX_PLACES])
{
	struct gathering g;	/* its places are large: not zeroed */

	g.view = (struct view){ set, seen };
	g.n = 0;
	g.rank = 0;
	if (++seen->gatherings == 0)
		seen->gatherings = 1;
	gather(&g, node);
	settle(&g);
	memcpy(out, g.place, g.n * sizeof(out[0]));
	return g.n;
}
