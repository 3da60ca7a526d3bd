/* SPDX-License-Identifier: ISC */
/*
 * Trees become rows. A row grows in p->nodes, as on a stack: a set that is met
 * on the way is a row of its own on top of it, which is put away first.
 * Recursion follows the brackets of a query, which the parser bounds.
 */
#include "filters/query_plan.h"

#include <stdlib.h>

#include "filters/regex.h"
#include "filters/token.h"

struct build {
	struct query_plan	*p;
	struct term_index	*ix;
	enum plan_fault		 fault;
};

static bool	add_tree(struct build *, const struct query *, uint16_t number);

static bool
fail(struct build *b, enum plan_fault fault)
{
	b->fault = fault;
	return false;
}

/* The number of a new node of the row. */
static bool
add_node(struct build *b, enum plan_kind kind, uint16_t number, uint32_t *at)
{
	struct query_plan *p = b->p;
	struct plan_node *nodes = term_pool_grow(p->nodes, p->n_nodes,
	    &p->cap_nodes, sizeof(*nodes));

	if (nodes == NULL)
		return fail(b, PLAN_NO_MEMORY);
	p->nodes = nodes;
	nodes[p->n_nodes] = (struct plan_node){ .kind = (uint8_t)kind,
	    .number = number };
	*at = p->n_nodes++;
	return true;
}

/* A leaf: what hits call it, what it is. */
static bool
add_leaf(struct build *b, const struct query *q, uint16_t number,
    const struct plan_node *leaf)
{
	uint32_t at, text;

	if (term_pool_add(&b->p->texts, q->text, &text) == -1)
		return fail(b, PLAN_NO_MEMORY);
	if (!add_node(b, (enum plan_kind)leaf->kind, number, &at))
		return false;
	b->p->nodes[at].fields = leaf->fields;
	b->p->nodes[at].arg = leaf->arg;
	b->p->nodes[at].text = text;
	b->p->nodes[at].needs = leaf->needs;
	return true;
}

/*
 * Fields to be read. The lead is read as what it is the beginning of.
 */
static void
ask_for(struct build *b, unsigned fields)
{
	static const unsigned body = 1U << FIELD_SUMMARY |
	    1U << FIELD_CONTENT;

	if ((fields & 1U << FIELD_LEAD) != 0) {
		b->p->measured = true;
		fields |= body;
	}
	b->p->fields = (uint8_t)(b->p->fields |
	    (fields & ~(1U << FIELD_LEAD)));
}

/* Bytes of a raw text before its first word. */
static size_t
raw_lead(struct str raw)
{
	struct token_reader reader;
	struct token t;

	token_init(&reader, true);
	token_begin(&reader, raw, false);
	return token_next(&reader, &t) ? t.offset : 0;
}

static bool
add_term(struct build *b, const struct query *q, uint16_t number)
{
	uint32_t atoms[QUERY_MAX_WORDS] = { 0 };
	struct term_phrase phrase = { .atoms = atoms, .n = q->n_words,
		.loose = q->loose, .distance = q->slack, .raw = q->raw };
	struct plan_node leaf = { .kind = PLAN_WORD,
		.fields = (uint8_t)q->fields };
	int rc = 0;

	for (size_t w = 0; w < q->n_words && rc == 0; w++)
		if (q->words[w].any)
			atoms[w] = TERM_NONE;
		else
			rc = term_index_add_word(b->ix, &q->words[w],
			    &atoms[w]);
	if (rc != 0)
		return fail(b, rc == -1 ? PLAN_NO_MEMORY : PLAN_SHAPES_FULL);
	ask_for(b, q->fields);
	leaf.arg = leaf.needs = atoms[0];
	if (q->n_words > 1 || q->raw.n > 0) {
		leaf.kind = PLAN_PHRASE;
		if (q->raw.n > 0)
			phrase.raw_lead = raw_lead(q->raw);
		if (term_index_add_phrase(b->ix, &phrase, &leaf.arg) == -1)
			return fail(b, PLAN_NO_MEMORY);
	}
	return add_leaf(b, q, number, &leaf);
}

/* Puts the row from node `from` on away. */
static bool
put_away(struct build *b, uint32_t from, uint32_t *expr)
{
	struct query_plan *p = b->p;
	struct str row = { (const char *)(p->nodes + from),
		(p->n_nodes - from) * sizeof(*p->nodes) };

	p->n_nodes = from;
	if (term_pool_add(&p->exprs, row, expr) == -1)
		return fail(b, PLAN_NO_MEMORY);
	return true;
}

static bool
add_set(struct build *b, const struct query *q, uint16_t number)
{
	struct query_plan *p = b->p;
	struct plan_node leaf = { .kind = PLAN_SET,
		.fields = (uint8_t)q->fields };
	uint32_t known = p->sets.n, set, *exprs, from = p->n_nodes;

	ask_for(b, q->fields);
	if (term_pool_add(&p->sets, str_from(q->set->id), &set) == -1)
		return fail(b, PLAN_NO_MEMORY);
	if (set == known) {
		exprs = term_pool_grow(p->set_expr, set, &p->cap_sets,
		    sizeof(*exprs));
		if (exprs == NULL)
			return fail(b, PLAN_NO_MEMORY);
		p->set_expr = exprs;
		exprs[set] = TERM_NONE;
	}
	if (p->set_expr[set] == TERM_NONE && (!add_tree(b, q->set->any, 0) ||
	    !put_away(b, from, &p->set_expr[set])))
		return false;
	leaf.arg = p->set_expr[set];
	return add_leaf(b, q, number, &leaf);
}

static bool
add_regex(struct build *b, const struct query *q, uint16_t number)
{
	struct query_plan *p = b->p;
	struct plan_node leaf = { .kind = PLAN_REGEX,
		.fields = (uint8_t)q->fields };
	uint32_t known = p->patterns.n;
	struct regex_fault fault;
	struct regex **regexes;
	struct str key;
	char *text = malloc(q->text.n + 1);
	int rc;

	if (text == NULL)
		return fail(b, PLAN_NO_MEMORY);
	text[0] = q->caseless ? 'i' : '-';
	if (q->text.n > 0)
		memcpy(text + 1, q->text.p, q->text.n);
	key = (struct str){ text, q->text.n + 1 };
	rc = term_pool_add(&p->patterns, key, &leaf.arg);
	free(text);
	if (rc == -1)
		return fail(b, PLAN_NO_MEMORY);
	if (leaf.arg == known) {
		regexes = term_pool_grow(p->regexes, known, &p->cap_regexes,
		    sizeof(*regexes));
		if (regexes == NULL)
			return fail(b, PLAN_NO_MEMORY);
		p->regexes = regexes;
		regexes[known] = regex_new(q->text, q->caseless, &fault);
	}
	if (p->regexes[leaf.arg] == NULL)
		return fail(b, PLAN_BAD_REGEX);
	if ((q->fields & 1U << FIELD_LEAD) != 0)
		ask_for(b, 1U << FIELD_LEAD);
	return add_leaf(b, q, number, &leaf);
}

static bool
add_number(struct build *b, const struct query *q, uint16_t number)
{
	struct plan_node leaf = { .kind = PLAN_NUMBER,
		.fields = (uint8_t)((unsigned)q->what |
		    (unsigned)q->order << 4) };
	struct str bytes = { (const char *)&q->number, sizeof(q->number) };

	if (term_pool_add(&b->p->numbers, bytes, &leaf.arg) == -1)
		return fail(b, PLAN_NO_MEMORY);
	if (q->what == QUERY_WORDS)
		ask_for(b, 1U << FIELD_LEAD);
	return add_leaf(b, q, number, &leaf);
}

/*
 * What a child costs to ask: 0 for one look, 2 for what must read the text.
 */
static int
weight(const struct query *q)
{
	int most = 1, w;

	switch (q->kind) {
	case QUERY_TERM:
		return q->n_words > 1 || q->raw.n > 0;
	case QUERY_SET:
	case QUERY_SOURCE:
	case QUERY_NUMBER:
		return 0;
	case QUERY_REGEX:
		return 2;
	case QUERY_AND:
	case QUERY_OR:
	case QUERY_NOT:
	case QUERY_NEAR:
	case QUERY_ATLEAST:
	case QUERY_TOPIC:
		break;
	}
	for (const struct query *c = q->first; c != NULL; c = c->next)
		if ((w = weight(c)) > most)
			most = w;
	return most;
}

/* In the order of weights; each keeps the number it was written with. */
static bool
add_and(struct build *b, const struct query *q)
{
	for (int now = 0; now <= 2; now++) {
		uint16_t i = 0;

		for (const struct query *c = q->first; c != NULL;
		    c = c->next) {
			if (weight(c) == now && !add_tree(b, c, i))
				return false;
			i = (uint16_t)(i < UINT16_MAX ? i + 1 : i);
		}
	}
	return true;
}

/* All places of the row's terms from node `from` on will be asked for. */
static void
ask_places(struct build *b, const struct plan_node *node,
    const struct plan_node *end)
{
	const struct query_plan *p = b->p;

	for (; node < end; node++) {
		if (node->kind == PLAN_WORD)
			b->ix->atoms[node->arg].placed = true;
		if (node->kind == PLAN_SET)
			ask_places(b, query_plan_root(p, node->arg),
			    query_plan_end(p, node->arg));
	}
}

static bool
add_inner(struct build *b, const struct query *q, uint16_t number)
{
	static const enum plan_kind kinds[] = { [QUERY_AND] = PLAN_AND,
	    [QUERY_OR] = PLAN_OR, [QUERY_NOT] = PLAN_NOT,
	    [QUERY_NEAR] = PLAN_NEAR, [QUERY_ATLEAST] = PLAN_ATLEAST };
	struct query_plan *p = b->p;
	uint32_t at;

	if (!add_node(b, kinds[q->kind], number, &at))
		return false;
	if (q->kind == QUERY_AND && !add_and(b, q))
		return false;
	if (q->kind != QUERY_AND)
		for (const struct query *c = q->first; c != NULL; c = c->next)
			if (!add_tree(b, c, q->kind == QUERY_NEAR ?
			    (uint16_t)c->distance : 0))
				return false;
	p->nodes[at].arg = p->n_nodes - at;
	if (q->kind == QUERY_NEAR)
		p->nodes[at].fields = (uint8_t)((unsigned)q->near |
		    (q->in_order ? PLAN_IN_ORDER : 0U));
	if (q->kind == QUERY_ATLEAST)
		p->nodes[at].text = (uint32_t)q->number;
	if (q->kind == QUERY_NEAR || q->kind == QUERY_ATLEAST)
		ask_places(b, p->nodes + at, p->nodes + p->n_nodes);
	return true;
}

static bool
add_tree(struct build *b, const struct query *q, uint16_t number)
{
	struct plan_node leaf = { .fields = 0 };

	switch (q->kind) {
	case QUERY_TERM:
		return add_term(b, q, number);
	case QUERY_SET:
		return add_set(b, q, number);
	case QUERY_AND:
	case QUERY_OR:
	case QUERY_NOT:
	case QUERY_NEAR:
	case QUERY_ATLEAST:
		return add_inner(b, q, number);
	case QUERY_REGEX:
		return add_regex(b, q, number);
	case QUERY_SOURCE:
		leaf.kind = PLAN_SOURCE;
		leaf.fields = (uint8_t)q->source;
		return add_leaf(b, q, number, &leaf);
	case QUERY_NUMBER:
		return add_number(b, q, number);
	case QUERY_TOPIC:
		leaf.kind = PLAN_TOPIC;
		leaf.arg = q->topic;
		return add_leaf(b, q, number, &leaf);
	}
	return false;
}

enum plan_fault
query_plan_add_query(struct query_plan *p, struct term_index *ix,
    const struct query *q, uint32_t *expr)
{
	struct build b = { .p = p, .ix = ix };

	p->n_nodes = 0;
	if (add_tree(&b, q, 0))
		put_away(&b, 0, expr);
	return b.fault;
}

int
query_plan_add_topic(struct query_plan *p, uint32_t expr)
{
	uint32_t *exprs = term_pool_grow(p->topic_expr, p->n_topics,
	    &p->cap_topics, sizeof(*exprs));

	if (exprs == NULL)
		return -1;
	p->topic_expr = exprs;
	exprs[p->n_topics++] = expr;
	return 0;
}

void
query_plan_freeze(struct query_plan *p)
{
	uint32_t *exprs;

	term_pool_freeze(&p->texts, false);
	term_pool_freeze(&p->exprs, false);
	free(p->exprs.ends);
	p->exprs.ends = NULL;
	p->exprs.cap = 0;
	term_pool_clear(&p->sets);
	free(p->set_expr);
	p->set_expr = NULL;
	free(p->nodes);
	p->nodes = NULL;
	p->n_nodes = p->cap_nodes = p->cap_sets = 0;
	if (p->n_topics == 0)
		return;
	exprs = realloc(p->topic_expr, p->n_topics * sizeof(*exprs));
	if (exprs == NULL)
		return;
	p->topic_expr = exprs;
	p->cap_topics = p->n_topics;
}

void
query_plan_clear(struct query_plan *p)
{
	for (uint32_t i = 0; i < p->patterns.n && i < p->cap_regexes; i++)
		regex_free(p->regexes[i]);
	free(p->regexes);
	free(p->nodes);
	free(p->topic_expr);
	free(p->set_expr);
	term_pool_clear(&p->exprs);
	term_pool_clear(&p->texts);
	term_pool_clear(&p->sets);
	term_pool_clear(&p->patterns);
	term_pool_clear(&p->numbers);
	memset(p, 0, sizeof(*p));
}

size_t
query_plan_bytes(const struct query_plan *p)
{
	return p->cap_nodes * sizeof(*p->nodes) +
	    (p->cap_topics + p->cap_sets) * sizeof(uint32_t) +
	    p->cap_regexes * sizeof(struct regex *) +
	    term_pool_bytes(&p->numbers) + term_pool_bytes(&p->texts) +
	    term_pool_bytes(&p->exprs) + term_pool_bytes(&p->sets) +
	    term_pool_bytes(&p->patterns);
}
