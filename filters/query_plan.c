/* SPDX-License-Identifier: ISC */
/*
 * Building (query_plan_add), remembering what a document shows (sightings_*),
 * and evaluation. Recursion follows the brackets of a query, which the parser
 * bounds.
 *
 * A phrase is looked for from its rarest word outwards. At one position one
 * atom stands at most once, so from a place there is at most one way on and
 * one back, and a phrase of n words costs at most n steps for each sighting of
 * that word, whatever the text repeats.
 */
#include "filters/query_plan.h"

#include <stdlib.h>

#include "filters/query_ast.h"
#include "filters/token.h"

/* What evaluation carries along. */
struct view {
	const struct topic_set	*set;
	const struct plan_node	*nodes;
	struct sightings	*seen;
};

/* A phrase being looked for. */
struct search {
	const struct sightings	*seen;
	uint32_t		 atoms[QUERY_MAX_WORDS];
	size_t			 n;
	size_t			 rarest;
	uint32_t		 from, to;	/* where it stands: sightings */
};

/* Places gathered; cut to the first PLAN_MAX_PLACES when it is full. */
struct gathering {
	struct view		 view;
	struct plan_place	 place[8 * PLAN_MAX_PLACES];
	size_t			 n;
};

/*
 * Building.
 */

static void *
grow(void *old, uint32_t n, uint32_t *cap, size_t size)
{
	uint32_t more = *cap > 0 ? *cap * 2 : 64;
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

/* The number of a new node, or -1. */
static int64_t
add_node(struct query_plan *p, enum plan_kind kind)
{
	struct plan_node *nodes = grow(p->nodes, p->n_nodes, &p->cap_nodes,
	    sizeof(*nodes));

	if (nodes == NULL)
		return -1;
	p->nodes = nodes;
	nodes[p->n_nodes] = (struct plan_node){ .kind = (uint8_t)kind };
	return p->n_nodes++;
}

static int
add_term(struct query_plan *p, struct term_index *ix, const struct query *q)
{
	uint32_t atoms[QUERY_MAX_WORDS], arg, text;
	int64_t i = add_node(p, q->n_words == 1 ? PLAN_WORD : PLAN_PHRASE);

	if (i == -1 || term_pool_add(&p->texts, q->text, &text) == -1)
		return -1;
	for (size_t w = 0; w < q->n_words; w++)
		if (term_index_add_word(ix, &q->words[w], &atoms[w]) == -1)
			return -1;
	arg = atoms[0];
	if (q->n_words > 1 &&
	    term_index_add_phrase(ix, atoms, q->n_words, &arg) == -1)
		return -1;
	p->nodes[i].fields = (uint8_t)q->fields;
	p->nodes[i].arg = arg;
	p->nodes[i].text = text;
	p->fields = (uint8_t)(p->fields | q->fields);
	return 0;
}

static int
add_tree(struct query_plan *p, struct term_index *ix, const struct query *q)
{
	static const enum plan_kind kinds[] = { [QUERY_AND] = PLAN_AND,
	    [QUERY_OR] = PLAN_OR, [QUERY_NOT] = PLAN_NOT };
	int64_t i;

	if (q->kind == QUERY_TERM)
		return add_term(p, ix, q);
	i = add_node(p, kinds[q->kind]);
	if (i == -1)
		return -1;
	for (const struct query *c = q->first; c != NULL; c = c->next)
		if (add_tree(p, ix, c) == -1)
			return -1;
	p->nodes[i].arg = p->n_nodes;
	return 0;
}

int
query_plan_add(struct query_plan *p, struct term_index *ix,
    const struct query *q)
{
	uint32_t *topics = grow(p->topics, p->n_topics + 1, &p->cap_topics,
	    sizeof(*topics));

	if (topics == NULL)
		return -1;
	p->topics = topics;
	topics[p->n_topics] = p->n_nodes;
	if (add_tree(p, ix, q) == -1)
		return -1;
	topics[++p->n_topics] = p->n_nodes;
	return 0;
}

void
query_plan_freeze(struct query_plan *p)
{
	struct plan_node *nodes;

	term_pool_freeze(&p->texts, false);
	if (p->n_nodes == 0)
		return;
	nodes = realloc(p->nodes, p->n_nodes * sizeof(*nodes));
	if (nodes == NULL)
		return;
	p->nodes = nodes;
	p->cap_nodes = p->n_nodes;
}

void
query_plan_clear(struct query_plan *p)
{
	free(p->nodes);
	free(p->topics);
	term_pool_clear(&p->texts);
	memset(p, 0, sizeof(*p));
}

size_t
query_plan_bytes(const struct query_plan *p)
{
	return p->cap_nodes * sizeof(*p->nodes) +
	    p->cap_topics * sizeof(*p->topics) + term_pool_bytes(&p->texts);
}

/*
 * Sightings.
 */

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

static void
forget_runs(struct sightings *s)
{
	if (s->n_atoms > 0)
		memset(s->atoms, 0, s->n_atoms * sizeof(*s->atoms));
	if (s->n_phrases > 0)
		memset(s->phrases, 0, s->n_phrases * sizeof(*s->phrases));
	s->run = 1;
}

int
sightings_begin(struct sightings *s, const struct topic_set *set)
{
	struct atom_state *atoms = grow_states(s->atoms,
	    (size_t)set->index.n_atoms + 1, &s->n_atoms, sizeof(*atoms));
	struct phrase_state *phrases;

	if (atoms == NULL)
		return -1;
	s->atoms = atoms;
	phrases = grow_states(s->phrases, (size_t)set->index.phrases.n + 1,
	    &s->n_phrases, sizeof(*phrases));
	if (phrases == NULL)
		return -1;
	s->phrases = phrases;
	s->n = 0;
	if (++s->run == 0)
		forget_runs(s);
	return 0;
}

void
sightings_clear(struct sightings *s)
{
	free(s->atoms);
	free(s->phrases);
	free(s->list);
	memset(s, 0, sizeof(*s));
}

static void
begin_field(struct sightings *s, struct atom_state *a, enum field f)
{
	if (a->run != s->run)
		*a = (struct atom_state){ .run = s->run, .last = TERM_NONE };
	a->fields = (uint8_t)(a->fields | 1U << f);
	a->last_field = (uint8_t)f;
	a->n_field = 0;
	a->first[f] = s->n;
}

int
sightings_add(struct sightings *s, const struct topic_set *set, uint32_t atom,
    const struct token *t, enum field f)
{
	struct atom_state *a = &s->atoms[atom];
	struct sighting *list;

	if (a->run != s->run || a->last_field != f)
		begin_field(s, a, f);
	else if (a->n_field >= PLAN_MAX_KEPT &&
	    !set->index.atoms[atom].in_phrase)
		return 0;
	list = grow(s->list, s->n, &s->cap, sizeof(*list));
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

/*
 * Phrases.
 */

/* The sighting of atom that begins where sighting i ends, or TERM_NONE. */
static uint32_t
step_on(const struct sightings *s, uint32_t i, uint32_t atom)
{
	uint32_t end = s->list[i].position + s->list[i].span;

	for (i++; i < s->n && s->list[i].position <= end; i++)
		if (s->list[i].position == end && s->list[i].atom == atom)
			return i;
	return TERM_NONE;
}

/* The sighting of atom that ends where sighting i begins, or TERM_NONE. */
static uint32_t
step_back(const struct sightings *s, uint32_t i, uint32_t atom)
{
	uint32_t begin = s->list[i].position;

	while (i-- > 0 && s->list[i].position + TOKEN_MAX_PARTS >= begin)
		if (s->list[i].position + s->list[i].span == begin &&
		    s->list[i].atom == atom)
			return i;
	return TERM_NONE;
}

/* Whether the phrase stands around sighting i of its rarest word. */
static bool
stands_at(struct search *f, uint32_t i)
{
	f->from = f->to = i;
	for (size_t w = f->rarest; w > 0 && f->from != TERM_NONE; w--)
		f->from = step_back(f->seen, f->from, f->atoms[w - 1]);
	if (f->from == TERM_NONE)
		return false;
	for (size_t w = f->rarest + 1; w < f->n && f->to != TERM_NONE; w++)
		f->to = step_on(f->seen, f->to, f->atoms[w]);
	return f->to != TERM_NONE;
}

/* Reads the phrase, finds its rarest word; false: one was not seen. */
static bool
search_begin(struct search *f, const struct view *v, uint32_t phrase)
{
	f->seen = v->seen;
	f->rarest = 0;
	f->n = term_index_phrase(&v->set->index, phrase, f->atoms);
	for (size_t w = 0; w < f->n; w++) {
		if (!sightings_has(v->seen, f->atoms[w]))
			return false;
		if (v->seen->atoms[f->atoms[w]].n <
		    v->seen->atoms[f->atoms[f->rarest]].n)
			f->rarest = w;
	}
	return true;
}

/* The next place in this field, from sighting *i of the rarest word on. */
static bool
search_next(struct search *f, uint32_t *i, enum field field)
{
	const struct sighting *list = f->seen->list;
	uint32_t at;

	while (*i != TERM_NONE && list[*i].field == field) {
		at = *i;
		*i = list[at].next;
		if (stands_at(f, at))
			return true;
	}
	return false;
}

static uint32_t
search_first(const struct search *f, enum field field)
{
	const struct atom_state *a = &f->seen->atoms[f->atoms[f->rarest]];

	return (a->fields & 1U << field) != 0 ? a->first[field] : TERM_NONE;
}

/* The fields a phrase stands in; found once in a document. */
static uint8_t
phrase_fields(const struct view *v, uint32_t phrase)
{
	struct phrase_state *state = &v->seen->phrases[phrase];
	struct search f;

	if (state->run == v->seen->run)
		return state->fields;
	state->run = v->seen->run;
	state->fields = 0;
	if (!search_begin(&f, v, phrase))
		return 0;
	for (enum field field = 0; field < FIELD_COUNT; field++) {
		uint32_t i = search_first(&f, field);

		if (search_next(&f, &i, field))
			state->fields = (uint8_t)(state->fields | 1U << field);
	}
	return state->fields;
}

/*
 * Evaluation.
 */

static bool	holds(const struct view *, uint32_t);

/* Whether one child of the node at i holds, or does not. */
static bool
any_child(const struct view *v, uint32_t i, bool that)
{
	uint32_t c = i + 1, end = v->nodes[i].arg;

	for (; c < end; c = query_plan_next(&v->set->plan, c))
		if (holds(v, c) == that)
			return true;
	return false;
}

static bool
holds(const struct view *v, uint32_t i)
{
	const struct plan_node *node = &v->nodes[i];
	const struct atom_state *a;

	switch ((enum plan_kind)node->kind) {
	case PLAN_WORD:
		a = &v->seen->atoms[node->arg];
		return sightings_has(v->seen, node->arg) &&
		    (a->fields & node->fields) != 0;
	case PLAN_PHRASE:
		return (phrase_fields(v, node->arg) & node->fields) != 0;
	case PLAN_AND:
		return !any_child(v, i, false);
	case PLAN_OR:
		return any_child(v, i, true);
	case PLAN_NOT:
		return !holds(v, i + 1);
	}
	return false;
}

bool
query_plan_holds(const struct topic_set *set, struct sightings *seen,
    uint32_t topic)
{
	struct view v = { set, set->plan.nodes, seen };

	return holds(&v, set->plan.topics[topic]);
}

/*
 * Places.
 */

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
	return (a->node > b->node) - (a->node < b->node);
}

static bool
is_same_place(const struct plan_place *a, const struct plan_place *b)
{
	return a->field == b->field && a->offset == b->offset &&
	    a->length == b->length;
}

/* Sorted, each place once, the first ones. */
static void
settle(struct gathering *g)
{
	size_t kept = 0;

	qsort(g->place, g->n, sizeof(g->place[0]), compare_places);
	for (size_t i = 0; i < g->n && kept < PLAN_MAX_PLACES; i++)
		if (kept == 0 ||
		    !is_same_place(&g->place[kept - 1], &g->place[i]))
			g->place[kept++] = g->place[i];
	g->n = kept;
}

static void
add_place(struct gathering *g, const struct plan_node *node,
    const struct sighting *from, const struct sighting *to)
{
	if (g->n == sizeof(g->place) / sizeof(g->place[0]))
		settle(g);
	g->place[g->n++] = (struct plan_place){ .offset = from->offset,
	    .length = to->offset + to->length - from->offset,
	    .text = node->text, .field = (enum field)from->field,
	    .node = (uint32_t)(node - g->view.nodes) };
}

/*
 * Where two places of a term begin together only the first, which is the
 * longer, counts: pea* is both peace-keepers and the peace in it.
 */
static size_t
gather_word(struct gathering *g, const struct plan_node *node, enum field f)
{
	const struct sighting *list = g->view.seen->list, *last = NULL;
	const struct atom_state *a = &g->view.seen->atoms[node->arg];
	size_t n = 0;
	uint32_t i;

	if (!sightings_has(g->view.seen, node->arg) ||
	    (a->fields & 1U << f) == 0)
		return 0;
	for (i = a->first[f]; i != TERM_NONE && list[i].field == f &&
	    n < PLAN_MAX_PLACES; i = list[i].next) {
		if (last != NULL && last->offset == list[i].offset)
			continue;
		last = &list[i];
		add_place(g, node, last, last);
		n++;
	}
	return n;
}

static size_t
gather_phrase(struct gathering *g, const struct plan_node *node, enum field f)
{
	const struct sighting *list = g->view.seen->list;
	uint32_t i, last = TERM_NONE;
	struct search search;
	size_t n = 0;

	if ((phrase_fields(&g->view, node->arg) & 1U << f) == 0 ||
	    !search_begin(&search, &g->view, node->arg))
		return 0;
	i = search_first(&search, f);
	while (n < PLAN_MAX_PLACES && search_next(&search, &i, f)) {
		if (search.from == last)
			continue;
		last = search.from;
		add_place(g, node, &list[last], &list[search.to]);
		n++;
	}
	return n;
}

/* The first places of a term; later fields only while there is room. */
static void
gather_term(struct gathering *g, const struct plan_node *node)
{
	size_t n = 0;

	for (enum field f = 0; f < FIELD_COUNT && n < PLAN_MAX_PLACES; f++) {
		if ((node->fields & 1U << f) == 0)
			continue;
		n += node->kind == PLAN_WORD ? gather_word(g, node, f) :
		    gather_phrase(g, node, f);
	}
}

/* From a subtree that holds; what is under NOT made nothing true. */
static void
gather(struct gathering *g, uint32_t i)
{
	const struct plan_node *node = &g->view.nodes[i];
	uint32_t c;

	if (node->kind == PLAN_NOT)
		return;
	if (node->kind < PLAN_AND) {
		gather_term(g, node);
		return;
	}
	for (c = i + 1; c < node->arg; c = query_plan_next(
	    &g->view.set->plan, c))
		if (node->kind == PLAN_AND || holds(&g->view, c))
			gather(g, c);
}

size_t
query_plan_places(const struct topic_set *set, struct sightings *seen,
    uint32_t topic, struct plan_place out[PLAN_MAX_PLACES])
{
	struct gathering g;	/* its places are large: not zeroed */

	g.view = (struct view){ set, set->plan.nodes, seen };
	g.n = 0;
	gather(&g, set->plan.topics[topic]);
	settle(&g);
	memcpy(out, g.place, g.n * sizeof(out[0]));
	return g.n;
}
