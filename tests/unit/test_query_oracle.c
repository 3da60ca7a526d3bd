/* SPDX-License-Identifier: ISC */
/*
 * The matcher beside the oracle (query_oracle.h): random pairs of a query and a
 * document.
 *
 * HEADLINED_ORACLE_PAIRS: how many pairs with the fixed seed (20,000 without
 * it). As many again are tried with a seed of the moment, which is printed;
 * HEADLINED_ORACLE_SEED asks for one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"
#include "query_oracle.h"

/* Of the NEAR whose hits are looked at. */
static struct spots operands[MAX_KIDS];

/*
 * Hits of a NEAR of two: where the places begin that are near each other.
 */

static bool
is_told(const struct oracle *o, const struct spot *p)
{
	for (size_t i = 0; i < o->n_told; i++)
		if (o->told_field[i] == p->field &&
		    o->told_offset[i] == p->offset)
			return true;
	return false;
}

static bool
has_neighbour(const struct node *node, int k, const struct spot *p)
{
	const struct spots *others = &operands[1 - k];

	for (size_t i = 0; i < others->n; i++)
		if (k == 0 ? oracle_is_near(node, 1, p, &others->at[i]) :
		    oracle_is_near(node, 1, &others->at[i], p))
			return true;
	return false;
}

static void
check_hits(struct oracle *o, const struct node *node)
{
	assert_true(oracle_near_holds(o, node, operands));
	o->near_held++;
	if (o->n_told == MATCHER_MAX_HITS)
		return;
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < operands[k].n; i++) {
			const struct spot *p = &operands[k].at[i];

			if (has_neighbour(node, k, p) && !is_told(o, p))
				fail_msg("%s over <%s>: no hit at %u",
				    buf_cstr(&o->query),
				    buf_cstr(&o->text[p->field]), p->offset);
		}
	for (size_t h = 0; h < o->n_told; h++) {
		bool known = false;

		for (int k = 0; k < 2; k++)
			for (size_t i = 0; i < operands[k].n; i++)
				known = known || (operands[k].at[i].offset ==
				    o->told_offset[h] &&
				    operands[k].at[i].field ==
				    o->told_field[h] && has_neighbour(node,
				    k, &operands[k].at[i]));
		if (!known)
			fail_msg("%s over <%s>: a hit at %u",
			    buf_cstr(&o->query),
			    buf_cstr(&o->text[o->told_field[h]]),
			    o->told_offset[h]);
	}
}

/*
 * Pairs.
 */

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct oracle *o = ctx;

	(void)topic;
	o->told = true;
	o->n_told = n;
	for (size_t i = 0; i < n; i++) {
		o->told_offset[i] = (uint32_t)hits[i].offset;
		for (int f = 0; f < FIELD_COUNT; f++)
			if (strcmp(hits[i].field, field_name((enum field)f)) ==
			    0)
				o->told_field[i] = f;
	}
	return 0;
}

static const struct query_set *
find_list(struct str name, struct buf *why, void *ctx)
{
	struct oracle *o = ctx;
	struct query_faults faults = { .n = 0 };
	struct str terms[COUNT(oracle_metals)];
	size_t bad;

	(void)name;
	(void)why;
	for (size_t i = 0; i < COUNT(oracle_metals); i++)
		terms[i] = str_from(oracle_metals[i]);
	o->metals = (struct query_set){ .id = "list:metals",
	    .any = query_from_terms(o->arena, terms, COUNT(oracle_metals), &bad,
	    &faults) };
	return &o->metals;
}

static void
ask_matcher(struct oracle *o, struct topic_set *set)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	struct err err;

	o->told = false;
	o->n_told = 0;
	assert_int_equal(matcher_run(o->matcher, set, &o->doc, NULL, &ops, o,
	    &err), 0);
}

/* NULL: it was refused, which only what never holds is. */
static struct topic_set *
compile(struct oracle *o)
{
	static struct query_faults faults;
	struct query_names names = { .list = find_list, .ctx = o };
	struct topic_set_builder *b = topic_set_builder_new();
	struct query *q;
	struct err err;

	arena_reset(o->arena);
	q = query_parse(o->arena, buf_str(&o->query), &names, &faults);
	if (q == NULL)
		fail_msg("%s: %s", buf_cstr(&o->query),
		    faults.list[0].message);
	if (topic_set_builder_add(b, q, &faults) == -1) {
		topic_set_builder_free(b);
		return NULL;
	}
	return topic_set_compile(b, &err);
}

static void
try_pair(struct oracle *o)
{
	struct topic_set *set;
	bool want;
	int root;

	root = oracle_make_pair(o);
	want = oracle_holds(o, root);
	set = compile(o);
	if (set == NULL) {
		assert_false(want);
		o->refused++;
		return;
	}
	ask_matcher(o, set);
	topic_set_unref(set);
	if (o->told != want)
		fail_msg("%s\nover <%s><%s><%s><%s> from %.*s in %.*s\n"
		    "the oracle says %s", buf_cstr(&o->query),
		    buf_cstr(&o->text[FIELD_TITLE]),
		    buf_cstr(&o->text[FIELD_SUMMARY]),
		    buf_cstr(&o->text[FIELD_CONTENT]),
		    buf_cstr(&o->text[FIELD_AUTHOR]), STR_ARG(o->doc.sites),
		    STR_ARG(o->doc.language), want ? "yes" : "no");
	o->held += want;
	if (want && o->node[root].kind == NEAR && o->node[root].n_kids == 2)
		check_hits(o, &o->node[root]);
}

static size_t
count_pairs(void)
{
	const char *pairs = getenv("HEADLINED_ORACLE_PAIRS");

	return pairs != NULL ? (size_t)strtoul(pairs, NULL, 10) : 20000;
}

static void
try_pairs(unsigned seed)
{
	static struct oracle o;
	size_t n = count_pairs();

	memset(&o, 0, sizeof(o));
	o.seed = seed;
	o.arena = arena_new(1 << 20);
	o.matcher = matcher_new();
	for (int f = 0; f < FIELD_COUNT; f++)
		buf_init(&o.text[f], 65536);
	buf_init(&o.query, 65536);
	for (size_t i = 0; i < n; i++)
		try_pair(&o);
	assert_int_equal(matcher_counters(o.matcher).search_limits, 0);
	print_message("%zu pairs, seed %u: %zu hold, %zu by a NEAR alone\n",
	    n, seed, o.held, o.near_held);
	/* Both verdicts must be common for the test to mean something. */
	assert_in_range(o.held, n / 10, n * 9 / 10);
	assert_true(o.refused < n / 20 && o.near_held > n / 200);
	for (int f = 0; f < FIELD_COUNT; f++)
		buf_clear(&o.text[f]);
	buf_clear(&o.query);
	matcher_free(o.matcher);
	arena_free(o.arena);
}

static void
test_fixed_seed(void **state)
{
	(void)state;
	try_pairs(20261127);
}

static void
test_new_seed(void **state)
{
	const char *seed = getenv("HEADLINED_ORACLE_SEED");
	unsigned now = seed != NULL ? (unsigned)strtoul(seed, NULL, 10) :
	    (unsigned)time(NULL);

	(void)state;
	print_message("seed %u\n", now);
	try_pairs(now);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_seed),
		cmocka_unit_test(test_new_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
