/* SPDX-License-Identifier: ISC */
/*
 * Compiling: queries become rows of nodes as they are added; at the end each
 * topic is filed under the cheapest group of atoms one of which a document
 * must have. For an AND that is its cheapest part, for an OR all of its parts
 * together, for a phrase its cheapest word:
 *
 *	(sanctions OR embargo) AND "rare earth*" AND NOT who
 *	 512+1024                   1024 | 128	-> filed under earth*
 *
 * What an atom costs is how often it may stand in a text, which its length and
 * a short list of the commonest words guess, and how many topics are filed
 * under it already, so that topics built alike spread out.
 */
#include "filters/topic_set.h"

#include <stdlib.h>

#include "base/err.h"
#include "filters/query_ast.h"
#include "filters/query_fault.h"
#include "filters/query_plan.h"

/* Rough chances; only their order matters. */
enum {
	COST_COMMON = 1 << 16,
	COST_SHORTEST = 1 << 13,	/* halved with each letter */
	COST_LEAST = 16,
	COST_FILED = 8,			/* for each topic under it */
	MAX_REQUIRED = 64		/* looked at for contradictions */
};

struct topic_set_builder {
	struct topic_set	*set;
	bool			 failed;	/* memory is out */
};

struct filing {
	uint32_t	atom, topic;
};

/* The state of compiling. */
struct compile {
	struct topic_set	*set;
	uint64_t		*cost;		/* by atom */
	struct filing		*filings;
	size_t			 n, cap;
	bool			 failed;
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

/*
 * Contradictions: a term that must stand in a field and must not stand in any
 * of several, that field among them.
 */

struct required {
	const struct plan_node	*term[MAX_REQUIRED];
	size_t			 n;
};

static void
collect_required(const struct query_plan *p, uint32_t i, struct required *r)
{
	const struct plan_node *node = &p->nodes[i];

	if (node->kind < PLAN_AND && r->n < MAX_REQUIRED)
		r->term[r->n++] = node;
	if (node->kind != PLAN_AND)
		return;
	for (uint32_t c = i + 1; c < node->arg; c = query_plan_next(p, c))
		collect_required(p, c, r);
}

static bool
is_forbidden(const struct query_plan *p, uint32_t i, const struct required *r)
{
	const struct plan_node *node = &p->nodes[i];

	for (size_t t = 0; node->kind < PLAN_AND && t < r->n; t++)
		if (r->term[t]->kind == node->kind &&
		    r->term[t]->arg == node->arg &&
		    (r->term[t]->fields & ~node->fields) == 0)
			return true;
	if (node->kind != PLAN_OR)
		return false;
	for (uint32_t c = i + 1; c < node->arg; c = query_plan_next(p, c))
		if (is_forbidden(p, c, r))
			return true;
	return false;
}

static bool
contradicts_itself(const struct query_plan *p, uint32_t i)
{
	const struct plan_node *node = &p->nodes[i];
	struct required r = { .n = 0 };

	if (node->kind != PLAN_AND)
		return false;
	collect_required(p, i, &r);
	for (uint32_t c = i + 1; c < node->arg; c = query_plan_next(p, c))
		if (p->nodes[c].kind == PLAN_NOT && is_forbidden(p, c + 1, &r))
			return true;
	return false;
}

static int
refuse(struct query_faults *faults, const char *why)
{
	faults->n = faults->errors = 0;
	query_add_error(faults, STR_NONE, STR_NONE, "%s", why);
	return -1;
}

int
topic_set_builder_add(struct topic_set_builder *b, const struct query *q,
    struct query_faults *faults)
{
	struct query_plan *p = &b->set->plan;
	uint32_t topic = p->n_topics;

	if (b->failed || topic == INT32_MAX ||
	    query_plan_add(p, &b->set->index, q) == -1) {
		b->failed = true;
		return refuse(faults, "too many terms: memory is out");
	}
	if (contradicts_itself(p, p->topics[topic])) {
		p->n_topics = topic;
		p->n_nodes = p->topics[topic];
		return refuse(faults, "nothing can ever match: the same term "
		    "is asked for and excluded (leave one of them out)");
	}
	return (int)topic;
}

/*
 * Filing.
 */

/* Words that stand in most English texts; a topic that has another uses it. */
static bool
is_common(struct str s)
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

static uint64_t
guess_cost(const struct term_index *ix, uint32_t atom)
{
	const struct term_atom *a = &ix->atoms[atom];
	struct str key = term_pool_str(a->prefix ? &ix->prefixes.pool :
	    &ix->words.pool, a->key);
	uint64_t cost = COST_SHORTEST;

	if (!a->prefix && is_common(key))
		cost = COST_COMMON;
	for (size_t i = 1; i < key.n && cost > COST_LEAST &&
	    cost <= COST_SHORTEST; i++)
		if (((uint8_t)key.p[i] & 0xc0) != 0x80)
			cost /= 2;
	if (a->prefix)
		cost *= 4;
	return a->cased != TERM_NONE ? cost / 2 : cost;
}

static uint32_t
cheapest_word(const struct compile *c, const struct plan_node *node)
{
	uint32_t atoms[QUERY_MAX_WORDS], best;
	size_t n;

	if (node->kind == PLAN_WORD)
		return node->arg;
	n = term_index_phrase(&c->set->index, node->arg, atoms);
	best = atoms[0];
	for (size_t i = 1; i < n; i++)
		if (c->cost[atoms[i]] < c->cost[best])
			best = atoms[i];
	return best;
}

static uint64_t	cost_of(const struct compile *, uint32_t);

/* The child of an AND to file it under. */
static uint32_t
cheapest_child(const struct compile *c, uint32_t i)
{
	const struct query_plan *p = &c->set->plan;
	uint64_t cost, least = UINT64_MAX;
	uint32_t best = i + 1, k = i + 1;

	for (; k < p->nodes[i].arg; k = query_plan_next(p, k)) {
		cost = p->nodes[k].kind == PLAN_NOT ? UINT64_MAX :
		    cost_of(c, k);
		if (cost < least) {
			least = cost;
			best = k;
		}
	}
	return best;
}

static uint64_t
cost_of(const struct compile *c, uint32_t i)
{
	const struct query_plan *p = &c->set->plan;
	const struct plan_node *node = &p->nodes[i];
	uint64_t sum = 0;

	if (node->kind < PLAN_AND)
		return c->cost[cheapest_word(c, node)];
	if (node->kind == PLAN_AND)
		return cost_of(c, cheapest_child(c, i));
	for (uint32_t k = i + 1; k < node->arg; k = query_plan_next(p, k))
		sum += cost_of(c, k);
	return sum;
}

static void
file_under(struct compile *c, uint32_t atom, uint32_t topic)
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
	c->filings[c->n++] = (struct filing){ atom, topic };
	c->cost[atom] += COST_FILED;
}

static void
file_topic(struct compile *c, uint32_t i, uint32_t topic)
{
	const struct query_plan *p = &c->set->plan;
	const struct plan_node *node = &p->nodes[i];

	if (c->failed)
		return;
	if (node->kind < PLAN_AND)
		file_under(c, cheapest_word(c, node), topic);
	else if (node->kind == PLAN_AND)
		file_topic(c, cheapest_child(c, i), topic);
	else
		for (uint32_t k = i + 1; k < node->arg;
		    k = query_plan_next(p, k))
			file_topic(c, k, topic);
}

/* From pairs to the runs that filed_at points into. */
static int
sort_filings(struct compile *c)
{
	struct topic_set *set = c->set;
	size_t n_atoms = set->index.n_atoms;
	uint32_t *at;

	if (c->n > UINT32_MAX)
		return -1;
	set->filed_at = calloc(n_atoms + 2, sizeof(*set->filed_at));
	set->filed = calloc(c->n + 1, sizeof(*set->filed));
	if (set->filed_at == NULL || set->filed == NULL)
		return -1;
	at = set->filed_at + 1;		/* at[a] ends up where a + 1 begins */
	for (size_t i = 0; i < c->n; i++)
		at[c->filings[i].atom + 1]++;
	for (size_t a = 1; a <= n_atoms; a++)
		at[a] += at[a - 1];
	for (size_t i = 0; i < c->n; i++)
		set->filed[at[c->filings[i].atom]++] = c->filings[i].topic;
	return 0;
}

static int
file_all(struct topic_set *set)
{
	struct compile c = { .set = set };
	int rc = -1;

	c.cost = calloc((size_t)set->index.n_atoms + 1, sizeof(*c.cost));
	if (c.cost == NULL)
		return -1;
	for (uint32_t a = 0; a < set->index.n_atoms; a++)
		c.cost[a] = guess_cost(&set->index, a);
	for (uint32_t t = 0; t < set->plan.n_topics; t++)
		file_topic(&c, set->plan.topics[t], t);
	if (!c.failed)
		rc = sort_filings(&c);
	free(c.cost);
	free(c.filings);
	return rc;
}

struct topic_set *
topic_set_compile(struct topic_set_builder *b, struct err *err)
{
	struct topic_set *set = NULL;

	if (b->failed || term_index_seal(&b->set->index) == -1 ||
	    file_all(b->set) == -1) {
		err_set(err, "compiling topics: memory is out");
		goto out;
	}
	query_plan_freeze(&b->set->plan);
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
	query_plan_clear(&set->plan);
	term_index_clear(&set->index);
	free(set->filed_at);
	free(set->filed);
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
	size_t n_atoms = set->index.n_atoms;
	size_t n_filed = set->filed_at[n_atoms];

	return sizeof(*set) + term_index_bytes(&set->index) +
	    query_plan_bytes(&set->plan) +
	    (n_atoms + 2 + n_filed) * sizeof(uint32_t);
}
