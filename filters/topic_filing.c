/* SPDX-License-Identifier: ISC */
/*
 * What an atom costs is in how many texts it may stand: what was learned of
 * those that came by, or else what its length and a short list of the commonest
 * words guess. A guess grows with each expression that is filed under it, so
 * that topics built alike spread out.
 *
 * Sets are filed once, and what needs one stands under it: a set of a thousand
 * names in a thousand topics is two thousand entries, not a million.
 */
#include "filters/topic_filing.h"

#include <stdlib.h>
#include <string.h>

#include "filters/query_plan.h"
#include "filters/topic_order.h"
#include "filters/word_counts.h"

/* Of WORD_SHARE_ALL texts; only their order matters. */
#define COST_NEVER	UINT64_MAX	/* there is no such group */

enum {
	COST_COMMON = WORD_SHARE_ALL,
	COST_SHORTEST = 1 << 13,	/* halved with each letter */
	COST_LEAST = 16,
	COST_FILED = 8,			/* for each topic under it */
	COST_ENTITY = WORD_SHARE_ALL / 64,
	COST_WIDE = WORD_SHARE_ALL / 4,	/* a kind, a group */
	COMMON_SHARE = WORD_SHARE_ALL / 4 * 3
};

enum { MAX_WITNESS = 1 << 30 };

/* key: an atom, or behind them an expression. */
struct filing {
	uint32_t	key;
	struct plan_filing what;
};

struct filer {
	struct topic_set	*set;
	const struct word_counts *counts;	/* or NULL */
	uint64_t		*cost;		/* by atom */
	uint64_t		*expr_cost;	/* 0: not known yet */
	bool			*is_filed;	/* by expr */
	struct filing		*filings;
	size_t			 n, cap;
	bool			 failed;
};

static uint64_t	cost_of(struct filer *, const struct plan_node *);
static void	file_expr(struct filer *, uint32_t expr);

/* Words that stand in most English texts; a topic that has another uses it. */
static bool
is_listed(struct str s)
{
	static const char *const words[] = {
		"a", "after", "all", "also", "an", "and", "are", "as", "at",
		"be", "been", "but", "by", "for", "from", "had", "has", "have",
		"he", "her", "his", "in", "is", "it", "its", "more", "new",
		"not", "of", "on", "one", "or", "said", "says", "she", "than",
		"that", "the", "their", "they", "this", "to", "was", "were",
		"which", "who", "will", "with", "would", "year",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq_c(s, words[i]))
			return true;
	return false;
}

static bool
knows(const struct word_counts *counts)
{
	return counts != NULL &&
	    word_counts_documents(counts) >= WORD_COUNTS_FEW;
}

bool
topic_filing_is_common(const struct word_counts *counts, struct str word)
{
	return knows(counts) ? word_counts_share(counts, word, 0) >
	    COMMON_SHARE : is_listed(word);
}

static uint64_t
guess_cost(const struct term_atom *a, struct str key)
{
	uint64_t cost = COST_SHORTEST;

	if (entity_atom_is(key))
		return entity_atom_is_wide(key) ? COST_WIDE : COST_ENTITY;
	if (!a->prefix && is_listed(key))
		cost = COST_COMMON;
	for (size_t i = 1; i < key.n && cost > COST_LEAST &&
	    cost <= COST_SHORTEST; i++)
		if (((uint8_t)key.p[i] & 0xc0) != 0x80)
			cost /= 2;
	return a->prefix ? cost * 4 : cost;
}

/* A prefix or pattern is many words, of which none was counted as such. */
static uint64_t
word_cost(const struct filer *c, uint32_t atom)
{
	const struct term_atom *a = &c->set->index.atoms[atom];
	struct str key = term_index_key(&c->set->index, atom);
	uint64_t cost = guess_cost(a, key);

	if (knows(c->counts) && !a->prefix && !a->pattern &&
	    !entity_atom_is(key))
		cost = word_counts_share(c->counts, key, (uint32_t)cost) + 1;
	return a->cased != TERM_NONE ? cost / 2 + 1 : cost;
}

/* A word is a phrase of one. */
static void
read_term(const struct filer *c, const struct plan_node *node,
    uint32_t atoms[QUERY_MAX_WORDS], struct term_phrase *ph)
{
	atoms[0] = node->arg;
	*ph = (struct term_phrase){ .n = 1, .atoms = atoms };
	if (node->kind == PLAN_PHRASE)
		term_index_phrase(&c->set->index, node->arg, atoms, ph);
}

/* The cheapest of its atoms, but this one; or TERM_NONE. */
static uint32_t
cheapest_but(const struct filer *c, const struct term_phrase *ph,
    uint32_t but)
{
	const uint32_t *atoms = ph->atoms;
	uint32_t best = TERM_NONE;

	for (size_t i = 0; i < ph->n; i++)
		if (atoms[i] != TERM_NONE && atoms[i] != but &&
		    (best == TERM_NONE || c->cost[atoms[i]] < c->cost[best]))
			best = atoms[i];
	return best;
}

static uint32_t
cheapest_word(const struct filer *c, const struct plan_node *node)
{
	uint32_t atoms[QUERY_MAX_WORDS];
	struct term_phrase ph;

	read_term(c, node, atoms, &ph);
	return cheapest_but(c, &ph, TERM_NONE);
}

/* Where b stands wherever the phrase does, as seen from one of its a. */
static enum plan_beside
beside(const struct term_phrase *ph, uint32_t a, uint32_t b)
{
	for (size_t i = 1; i < ph->n && !ph->loose; i++) {
		if (ph->atoms[i - 1] == a && ph->atoms[i] == b)
			return PLAN_BEHIND;
		if (ph->atoms[i - 1] == b && ph->atoms[i] == a)
			return PLAN_BEFORE;
	}
	return PLAN_ANYWHERE;
}

/* One whose number is too large for it is none. */
static void
set_witness(struct plan_filing *what, uint32_t atom, enum plan_beside where)
{
	if (atom >= MAX_WITNESS)
		return;
	what->witness = atom & (MAX_WITNESS - 1);
	what->beside = where;
}

/* The child of an AND or NEAR to file it under, and its cost: to ask for that
 * once more would double the work with each level of brackets. */
static const struct plan_node *
cheapest_child(struct filer *c, const struct plan_node *node, uint64_t *least)
{
	const struct plan_node *k, *best = node + 1;
	uint64_t cost;

	*least = COST_NEVER;
	for (k = node + 1; k < plan_end(node); k = plan_next(k)) {
		cost = cost_of(c, k);
		if (cost < *least) {
			*least = cost;
			best = k;
		}
	}
	return best;
}

static uint64_t
cost_of_all(struct filer *c, const struct plan_node *node)
{
	uint64_t sum = 0, cost;
	const struct plan_node *k;

	for (k = node + 1; k < plan_end(node); k = plan_next(k)) {
		cost = cost_of(c, k);
		if (cost == COST_NEVER)
			return COST_NEVER;
		sum += cost;
	}
	return sum;
}

static uint64_t
cost_of_expr(struct filer *c, uint32_t expr)
{
	if (c->expr_cost[expr] == 0)
		c->expr_cost[expr] = cost_of(c, query_plan_root(
		    &c->set->plan, expr));
	return c->expr_cost[expr];
}

static uint32_t
expr_of(const struct filer *c, const struct plan_node *node)
{
	return node->kind == PLAN_SET ? node->arg :
	    c->set->plan.topic_expr[node->arg];
}

static uint64_t
cost_of(struct filer *c, const struct plan_node *node)
{
	uint64_t least;

	switch ((enum plan_kind)node->kind) {
	case PLAN_WORD:
	case PLAN_PHRASE:
		return c->cost[cheapest_word(c, node)];
	case PLAN_SET:
	case PLAN_TOPIC:
		return cost_of_expr(c, expr_of(c, node));
	case PLAN_REGEX:
	case PLAN_SOURCE:
	case PLAN_NUMBER:
	case PLAN_NOT:
		return COST_NEVER;
	case PLAN_AND:
	case PLAN_NEAR:
		(void)cheapest_child(c, node, &least);	/* not which */
		return least;
	case PLAN_OR:
		return cost_of_all(c, node);
	case PLAN_ATLEAST:
		return cost_of(c, node + 1);
	}
	return COST_NEVER;
}

static void
file_under(struct filer *c, uint32_t key, const struct plan_filing *what)
{
	struct filing *more;

	if (c->n == c->cap) {
		c->cap = c->cap > 0 ? c->cap * 2 : 1024;
		more = realloc(c->filings, c->cap * sizeof(*more));
		if (more == NULL) {
			c->failed = true;
			c->cap = c->n;
			return;
		}
		c->filings = more;
	}
	c->filings[c->n++] = (struct filing){ key, *what };
	if (key < c->set->index.n_atoms && !knows(c->counts))
		c->cost[key] += COST_FILED;
}

/* The cheapest word of another child of an AND or NEAR; or what was. */
static void
find_witness(const struct filer *c, const struct plan_node *node,
    const struct plan_node *but, struct plan_filing *what)
{
	uint32_t witness = what->beside == PLAN_NO_WITNESS ? TERM_NONE :
	    what->witness;
	const struct plan_node *k;
	uint32_t atom;

	for (k = node + 1; k < plan_end(node); k = plan_next(k)) {
		if (k == but || (k->kind != PLAN_WORD &&
		    k->kind != PLAN_PHRASE))
			continue;
		atom = cheapest_word(c, k);
		if (witness == TERM_NONE || c->cost[atom] < c->cost[witness])
			witness = atom;
	}
	set_witness(what, witness, PLAN_ANYWHERE);
}

static void
file_term(struct filer *c, const struct plan_node *node,
    struct plan_filing what)
{
	uint32_t atoms[QUERY_MAX_WORDS], key, other;
	struct term_phrase ph;

	read_term(c, node, atoms, &ph);
	key = cheapest_but(c, &ph, TERM_NONE);
	other = cheapest_but(c, &ph, key);
	set_witness(&what, other, beside(&ph, key, other));
	file_under(c, key, &what);
}

/* Under what the node needs, which is something. */
static void
file_node(struct filer *c, const struct plan_node *node,
    struct plan_filing what)
{
	const struct plan_node *k;
	uint64_t least;

	if (c->failed)
		return;
	switch ((enum plan_kind)node->kind) {
	case PLAN_WORD:
	case PLAN_PHRASE:
		file_term(c, node, what);
		break;
	case PLAN_SET:
	case PLAN_TOPIC:
		file_expr(c, expr_of(c, node));
		file_under(c, c->set->index.n_atoms + expr_of(c, node),
		    &what);
		break;
	case PLAN_AND:
	case PLAN_NEAR:
		k = cheapest_child(c, node, &least);
		find_witness(c, node, k, &what);
		file_node(c, k, what);
		break;
	case PLAN_OR:
	case PLAN_ATLEAST:
		for (k = node + 1; k < plan_end(node); k = plan_next(k))
			file_node(c, k, what);
		break;
	case PLAN_REGEX:
	case PLAN_SOURCE:
	case PLAN_NUMBER:
	case PLAN_NOT:
		break;
	}
}

static void
file_expr(struct filer *c, uint32_t expr)
{
	const struct plan_node *root = query_plan_root(&c->set->plan, expr);

	if (c->is_filed[expr])
		return;
	c->is_filed[expr] = true;
	if (cost_of(c, root) == COST_NEVER)
		c->set->always[c->set->n_always++] = expr;
	else
		file_node(c, root, (struct plan_filing){ .expr = expr });
}

/* What is looked at together is numbered together. */
static int
order_exprs(struct filer *c)
{
	uint32_t n = c->set->plan.exprs.n, n_atoms = c->set->index.n_atoms;
	uint32_t *home = malloc(((size_t)n + 1) * sizeof(*home));
	uint32_t *now = calloc((size_t)n + 1, sizeof(*now));
	int rc = -1;

	if (home != NULL && now != NULL) {
		memset(home, 0xff, n * sizeof(*home));
		for (size_t i = 0; i < c->n; i++) {
			const struct filing *f = &c->filings[i];

			if (f->key < home[f->what.expr])
				home[f->what.expr] = f->key;
		}
		rc = topic_order_exprs(c->set, home, now);
	}
	for (size_t i = 0; rc == 0 && i < c->n; i++) {
		struct filing *f = &c->filings[i];

		f->what.expr = now[f->what.expr];
		if (f->key >= n_atoms)
			f->key = n_atoms + now[f->key - n_atoms];
	}
	for (uint32_t i = 0; rc == 0 && i < c->set->n_always; i++)
		c->set->always[i] = now[c->set->always[i]];
	free(home);
	free(now);
	return rc;
}

static int
compare_filings(const void *va, const void *vb)
{
	const struct filing *a = va, *b = vb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->what.expr > b->what.expr) - (a->what.expr < b->what.expr);
}

/* From pairs to the runs that filed_at points into. */
static int
sort_filings(struct filer *c)
{
	struct topic_set *set = c->set;
	size_t n_keys = (size_t)set->index.n_atoms + set->plan.exprs.n, k = 0;

	if (c->n > UINT32_MAX)
		return -1;
	set->filed_at = calloc(n_keys + 2, sizeof(*set->filed_at));
	set->filed = calloc(c->n + 1, sizeof(*set->filed));
	if (set->filed_at == NULL || set->filed == NULL)
		return -1;
	if (c->n > 0)
		qsort(c->filings, c->n, sizeof(*c->filings), compare_filings);
	for (size_t i = 0; i < c->n; i++) {
		while (k <= c->filings[i].key)
			set->filed_at[k++] = (uint32_t)i;
		set->filed[i] = c->filings[i].what;
	}
	while (k <= n_keys + 1)
		set->filed_at[k++] = (uint32_t)c->n;
	return 0;
}

/* The costs of atoms, and by them what is looked at first of each phrase. */
static void
set_costs(struct filer *c)
{
	struct plan_node *node;
	size_t n;

	for (uint32_t a = 0; a < c->set->index.n_atoms; a++)
		c->cost[a] = word_cost(c, a);
	node = query_plan_nodes(&c->set->plan, &n);
	for (size_t i = 0; i < n; i++)
		if (node[i].kind == PLAN_PHRASE)
			node[i].needs = cheapest_word(c, &node[i]);
}

static int
make_room(struct filer *c)
{
	size_t n_exprs = (size_t)c->set->plan.exprs.n + 1;

	c->cost = calloc((size_t)c->set->index.n_atoms + 1, sizeof(*c->cost));
	c->expr_cost = calloc(n_exprs, sizeof(*c->expr_cost));
	c->is_filed = calloc(n_exprs, sizeof(*c->is_filed));
	c->set->always = calloc(n_exprs, sizeof(*c->set->always));
	return c->cost != NULL && c->expr_cost != NULL &&
	    c->is_filed != NULL && c->set->always != NULL ? 0 : -1;
}

int
topic_filing_make(struct topic_set *set, const struct word_counts *counts)
{
	struct filer c = { .set = set, .counts = counts };
	uint32_t *always;
	int rc = make_room(&c);

	if (rc == 0) {
		set_costs(&c);
		for (uint32_t t = 0; t < set->plan.n_topics; t++)
			file_expr(&c, set->plan.topic_expr[t]);
		rc = c.failed || order_exprs(&c) == -1 ? -1 :
		    sort_filings(&c);
		always = realloc(set->always, (size_t)(set->n_always + 1) *
		    sizeof(*always));
		set->always = always != NULL ? always : set->always;
	}
	free(c.cost);
	free(c.expr_cost);
	free(c.is_filed);
	free(c.filings);
	return rc;
}
