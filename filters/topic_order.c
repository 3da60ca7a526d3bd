/* SPDX-License-Identifier: ISC */
#include "filters/topic_order.h"

#include <stdlib.h>

#include "filters/query_plan.h"
#include "filters/word_counts.h"

static int
compare_numbers(const void *va, const void *vb)
{
	const uint64_t *a = va, *b = vb;

	return (*a > *b) - (*a < *b);
}

/* Sorts n numbers of 32 bits by what stands in their upper halves, and is
 * unique by the lower ones; order: the lower ones. */
static void
settle(uint64_t *ranked, uint32_t n, uint32_t *order)
{
	qsort(ranked, n, sizeof(*ranked), compare_numbers);
	for (uint32_t i = 0; i < n; i++)
		order[i] = (uint32_t)ranked[i];
}

/* A prefix or pattern is many words, of which none was counted as such. */
static uint32_t
share_of(const struct term_index *ix, uint32_t atom,
    const struct word_counts *counts)
{
	const struct term_atom *a = &ix->atoms[atom];

	return a->prefix || a->pattern ? 0 :
	    word_counts_share(counts, term_index_key(ix, atom), 0);
}

static void
rename_words(struct query_plan *p, const uint32_t *now)
{
	size_t n;
	struct plan_node *node = query_plan_nodes(p, &n);

	for (size_t i = 0; i < n; i++) {
		if (node[i].kind == PLAN_WORD)
			node[i].arg = now[node[i].arg];
		if (node[i].kind == PLAN_WORD || node[i].kind == PLAN_PHRASE)
			node[i].needs = now[node[i].needs];
	}
}

int
topic_order_atoms(struct topic_set *set, const struct word_counts *counts)
{
	struct term_index *ix = &set->index;
	uint32_t n = ix->n_atoms, *order, *now;
	uint64_t *ranked;
	int rc = -1;

	if (counts == NULL || word_counts_documents(counts) < WORD_COUNTS_FEW)
		return 0;
	ranked = calloc((size_t)n + 1, sizeof(*ranked));
	order = calloc((size_t)n + 1, sizeof(*order));
	now = calloc((size_t)n + 1, sizeof(*now));
	if (ranked != NULL && order != NULL && now != NULL) {
		for (uint32_t a = 0; a < n; a++)
			ranked[a] = (uint64_t)(UINT32_MAX -
			    share_of(ix, a, counts)) << 32 | a;
		settle(ranked, n, order);
		rc = term_index_renumber(ix, order, now);
	}
	if (rc == 0)
		rename_words(&set->plan, now);
	free(ranked);
	free(order);
	free(now);
	return rc;
}

static void
rename_exprs(struct query_plan *p, const uint32_t *now)
{
	size_t n;
	struct plan_node *node = query_plan_nodes(p, &n);

	for (uint32_t t = 0; t < p->n_topics; t++)
		p->topic_expr[t] = now[p->topic_expr[t]];
	for (size_t i = 0; i < n; i++)
		if (node[i].kind == PLAN_SET)
			node[i].arg = now[node[i].arg];
}

int
topic_order_exprs(struct topic_set *set, const uint32_t *home, uint32_t *now)
{
	struct query_plan *p = &set->plan;
	uint32_t n = p->exprs.n;
	uint64_t *ranked = calloc((size_t)n + 1, sizeof(*ranked));
	uint32_t *order = calloc((size_t)n + 1, sizeof(*order));
	int rc = -1;

	if (ranked != NULL && order != NULL) {
		for (uint32_t e = 0; e < n; e++)
			ranked[e] = (uint64_t)home[e] << 32 | e;
		settle(ranked, n, order);
		rc = term_pool_reorder(&p->exprs, order, now);
	}
	if (rc == 0)
		rename_exprs(p, now);
	free(ranked);
	free(order);
	return rc;
}
