/* SPDX-License-Identifier: ISC */
/*
 * Building: what only a look at whole topics shows (contradictions, words that
 * stand everywhere, topics in a circle), and what is listed once all are there.
 */
#include "filters/topic_set.h"

#include <stdlib.h>

#include "base/err.h"
#include "filters/entity_sense.h"
#include "filters/query_ast.h"
#include "filters/query_fault.h"
#include "filters/query_plan.h"
#include "filters/topic_block.h"
#include "filters/topic_filing.h"
#include "filters/topic_order.h"

enum { MAX_REQUIRED = 64 };		/* looked at for contradictions */

struct topic_set_builder {
	struct topic_set	*set;
	const struct word_counts *counts;	/* or NULL */
	bool			 failed;	/* memory is out */
};

struct topic_set_builder *
topic_set_builder_new(void)
{
	struct topic_set_builder *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->set = calloc(1, sizeof(*b->set));
	if (b->set == NULL) {
		free(b);
		return NULL;
	}
	atomic_init(&b->set->refs, 1);
	return b;
}

void
topic_set_builder_free(struct topic_set_builder *b)
{
	if (b == NULL)
		return;
	topic_set_unref(b->set);
	free(b);
}

void
topic_set_builder_use_counts(struct topic_set_builder *b,
    const struct word_counts *counts)
{
	b->counts = counts;
}

void
topic_set_builder_use_senses(struct topic_set_builder *b,
    struct entity_senses *senses)
{
	entity_senses_unref(b->set->senses);
	b->set->senses = entity_senses_ref(senses);
}

/*
 * Contradictions: a term that must stand in a field and must not stand in any
 * of several, that field among them.
 */

struct required {
	const struct plan_node	*term[MAX_REQUIRED];
	size_t			 n;
};

static bool
is_term(const struct plan_node *node)
{
	return node->kind == PLAN_WORD || node->kind == PLAN_PHRASE ||
	    node->kind == PLAN_SET;
}

static void
collect_required(const struct plan_node *node, struct required *r)
{
	const struct plan_node *c;

	if (is_term(node) && r->n < MAX_REQUIRED)
		r->term[r->n++] = node;
	if (node->kind != PLAN_AND)
		return;
	for (c = node + 1; c < plan_end(node); c = plan_next(c))
		collect_required(c, r);
}

static bool
is_forbidden(const struct plan_node *node, const struct required *r)
{
	const struct plan_node *c;

	for (size_t t = 0; is_term(node) && t < r->n; t++)
		if (r->term[t]->kind == node->kind &&
		    r->term[t]->arg == node->arg &&
		    (r->term[t]->fields & ~node->fields) == 0)
			return true;
	if (node->kind != PLAN_OR)
		return false;
	for (c = node + 1; c < plan_end(node); c = plan_next(c))
		if (is_forbidden(c, r))
			return true;
	return false;
}

/* The NOT that excludes what the query asks for, or NULL. */
static const struct plan_node *
find_contradiction(const struct plan_node *node)
{
	struct required r = { .n = 0 };
	const struct plan_node *c;

	if (node->kind != PLAN_AND)
		return NULL;
	collect_required(node, &r);
	for (c = node + 1; c < plan_end(node); c = plan_next(c))
		if (c->kind == PLAN_NOT && is_forbidden(c + 1, &r))
			return c;
	return NULL;
}

/* What of the tree a child of its AND was made of. */
static const struct query *
find_child(const struct query *q, const struct plan_node *child)
{
	const struct query *c = q->first;

	for (unsigned i = 0; i < child->number && c->next != NULL; i++)
		c = c->next;
	return c;
}

/*
 * Warnings.
 */

/* A word alone, in any case, that nearly every text has. */
static bool
is_everywhere(const struct topic_set_builder *b, const struct query *q)
{
	static const unsigned most = 1U << FIELD_CONTENT;
	const struct query_word *w = q->words;

	return q->kind == QUERY_TERM && (q->fields & most) != 0 &&
	    q->n_words == 1 && q->raw.n == 0 && !w->prefix && !w->pattern &&
	    w->cased.n == 0 && topic_filing_is_common(b->counts, w->folded);
}

/* The first such word that is asked for by itself, not under a NOT. */
static const struct query *
find_everywhere(const struct topic_set_builder *b, const struct query *q)
{
	const struct query *found = NULL;

	if (q->kind != QUERY_AND && q->kind != QUERY_OR)
		return is_everywhere(b, q) ? q : NULL;
	for (const struct query *c = q->first; c != NULL && found == NULL;
	    c = c->next)
		found = find_everywhere(b, c);
	return found;
}

/* Whether no document is without a word that it asks for. */
static bool
asks_for_no_word(const struct query *q)
{
	const struct query *c = q->first;

	switch (q->kind) {
	case QUERY_REGEX:
	case QUERY_SOURCE:
	case QUERY_NUMBER:
	case QUERY_NOT:
		return true;
	case QUERY_AND:
		while (c != NULL && asks_for_no_word(c))
			c = c->next;
		return c == NULL;
	case QUERY_OR:
		while (c != NULL && !asks_for_no_word(c))
			c = c->next;
		return c != NULL;
	case QUERY_TERM:
	case QUERY_SET:
	case QUERY_TOPIC:
	case QUERY_NEAR:
	case QUERY_ATLEAST:
		break;
	}
	return false;
}

/* The parser warned of it: it stands where nothing asks for a word. */
static bool
has_regex(const struct query *q)
{
	const struct query *c = q->first;

	while (c != NULL && !has_regex(c))
		c = c->next;
	return q->kind == QUERY_REGEX || c != NULL;
}

static void
warn_of(const struct topic_set_builder *b, const struct query *q,
    struct query_faults *faults)
{
	const struct query *word = find_everywhere(b, q);

	if (asks_for_no_word(q) && !has_regex(q))
		query_add_warning_of(faults, q, "no word is required: every "
		    "item is looked at (add a word that must stand in it)");
	if (word != NULL)
		query_add_warning_of(faults, word, "nearly every item "
		    "contains \"%.*s\" (leave it out, or write the phrase it "
		    "belongs to)", STR_ARG(word->text));
}

static int
refuse(struct query_faults *faults, const struct query *q, const char *why)
{
	faults->n = faults->errors = 0;
	query_add_error_of(faults, q, "%s", why);
	return -1;
}

static int
refuse_plan(struct topic_set_builder *b, enum plan_fault fault,
    const struct query *q, struct query_faults *faults)
{
	switch (fault) {
	case PLAN_SHAPES_FULL:
		return refuse(faults, q, "the topics use ? in too many ways "
		    "(at most 256 lengths and places of it in all topics: use "
		    "* or write the words)");
	case PLAN_BAD_REGEX:
		return refuse(faults, q, "a regular expression is refused");
	case PLAN_FINE:
	case PLAN_NO_MEMORY:
		break;
	}
	b->failed = true;
	return refuse(faults, q, "too many terms: memory is out");
}

int
topic_set_builder_add(struct topic_set_builder *b, const struct query *q,
    struct query_faults *faults)
{
	struct query_plan *p = &b->set->plan;
	enum plan_fault fault = PLAN_NO_MEMORY;
	const struct plan_node *root, *never;
	uint32_t expr, topic = p->n_topics;

	if (!b->failed && topic < INT32_MAX)
		fault = query_plan_add_query(p, &b->set->index, q, &expr);
	if (fault != PLAN_FINE)
		return refuse_plan(b, fault, q, faults);
	root = query_plan_root(p, expr);
	never = find_contradiction(root);
	if (never != NULL)
		return refuse(faults, find_child(q, never), "nothing can ever "
		    "match: the same term is asked for and excluded (leave "
		    "one of them out)");
	if (query_plan_add_topic(p, expr) == -1)
		return refuse_plan(b, PLAN_NO_MEMORY, q, faults);
	warn_of(b, q, faults);
	return (int)topic;
}

/*
 * Topics that name topics.
 */

enum { DEEPEST = 32 };

/* How deep topics name topics from this expression on; over DEEPEST: stop. */
static unsigned
depth_of(const struct query_plan *p, uint8_t *depth, uint32_t expr,
    unsigned level)
{
	const struct plan_node *node = query_plan_root(p, expr);
	const struct plan_node *end = query_plan_end(p, expr);
	unsigned most = 0, d;

	if (depth[expr] > 0 || level > DEEPEST)
		return depth[expr] > 0 ? depth[expr] : level;
	for (; node < end; node++) {
		if (node->kind != PLAN_TOPIC)
			continue;
		if (node->arg >= p->n_topics)
			return DEEPEST + 1;
		d = depth_of(p, depth, p->topic_expr[node->arg], level + 1);
		most = d > most ? d : most;
		if (most > DEEPEST)
			break;
	}
	depth[expr] = (uint8_t)(most + 1);
	return most + 1;
}

/* 0; -1 and *err: they go round in a circle, too deep, or nowhere. */
static int
check_topics(const struct query_plan *p, struct err *err)
{
	uint8_t *depth = calloc((size_t)p->exprs.n + 1, 1);
	uint32_t t = 0;

	if (depth == NULL)
		return err_set(err, "compiling topics: memory is out");
	while (t < p->n_topics &&
	    depth_of(p, depth, p->topic_expr[t], 0) <= DEEPEST)
		t++;
	free(depth);
	return t == p->n_topics ? 0 : err_set(err, "compiling topics: topics "
	    "name each other in a circle, or more than %d deep", DEEPEST);
}

/* The expressions: their rows, what is filed under them. */
static void
fill_exprs(struct topic_set *set)
{
	const struct query_plan *p = &set->plan;
	size_t n_atoms = set->index.n_atoms;
	uint32_t *at;

	for (uint32_t e = 0; e <= p->exprs.n; e++) {
		set->exprs[e].filed = set->filed_at[n_atoms + e];
		if (p->exprs.n > 0)
			set->exprs[e].row = p->exprs.ends[e] /
			    (uint32_t)sizeof(struct plan_node);
	}
	at = realloc(set->filed_at, (n_atoms + 1) * sizeof(*at));
	set->filed_at = at != NULL ? at : set->filed_at;
}

/* From expr by topic to the topics of each expr. */
static int
list_exprs(struct topic_set *set)
{
	const struct query_plan *p = &set->plan;
	struct plan_expr *at;

	set->exprs = calloc((size_t)p->exprs.n + 2, sizeof(*at));
	set->topics = calloc((size_t)p->n_topics + 1, sizeof(*set->topics));
	if (set->exprs == NULL || set->topics == NULL)
		return -1;
	at = set->exprs + 1;		/* at[e] ends up where e + 1 begins */
	for (uint32_t t = 0; t < p->n_topics; t++)
		at[p->topic_expr[t] + 1].topics++;
	for (uint32_t e = 1; e <= p->exprs.n; e++)
		at[e].topics += at[e - 1].topics;
	for (uint32_t t = 0; t < p->n_topics; t++)
		set->topics[at[p->topic_expr[t]].topics++] = t;
	fill_exprs(set);
	return 0;
}

static int
number_entities(struct topic_set *set)
{
	return set->senses == NULL ? 0 : entity_atoms_make(&set->entities,
	    &set->index, set->senses);
}

struct topic_set *
topic_set_compile(struct topic_set_builder *b, struct err *err)
{
	struct topic_set *set = NULL;

	if (!b->failed && check_topics(&b->set->plan, err) == -1)
		goto out;
	if (b->failed || topic_order_atoms(b->set, b->counts) == -1 ||
	    term_index_seal(&b->set->index) == -1 ||
	    number_entities(b->set) == -1 ||
	    topic_filing_make(b->set, b->counts) == -1 ||
	    list_exprs(b->set) == -1) {
		err_set(err, "compiling topics: memory is out");
		goto out;
	}
	query_plan_freeze(&b->set->plan);
	topic_block_settle(b->set);
	set = b->set;
	b->set = NULL;
out:
	topic_set_builder_free(b);
	return set;
}

struct topic_set *
topic_set_ref(struct topic_set *set)
{
	atomic_fetch_add_explicit(&set->refs, 1, memory_order_relaxed);
	return set;
}

void
topic_set_unref(struct topic_set *set)
{
	if (set == NULL || atomic_fetch_sub_explicit(&set->refs, 1,
	    memory_order_acq_rel) != 1)
		return;
	topic_block_clear(set);
	query_plan_clear(&set->plan);
	term_index_clear(&set->index);
	entity_atoms_clear(&set->entities);
	entity_senses_unref(set->senses);
	free(set->filed_at);
	free(set->filed);
	free(set->always);
	free(set->exprs);
	free(set->topics);
	free(set);
}

size_t
topic_set_count(const struct topic_set *set)
{
	return set->plan.n_topics;
}

size_t
topic_set_bytes(const struct topic_set *set)
{
	size_t n_exprs = set->plan.exprs.n;
	size_t numbers = (size_t)set->index.n_atoms + 1 + set->n_always +
	    set->plan.n_topics;

	return sizeof(*set) + term_index_bytes(&set->index) +
	    entity_atoms_bytes(&set->entities) +
	    query_plan_bytes(&set->plan) + numbers * sizeof(uint32_t) +
	    (n_exprs + 2) * sizeof(*set->exprs) +
	    set->exprs[n_exprs].filed * sizeof(*set->filed);
}
