/* SPDX-License-Identifier: ISC */
/*
 * Recursion follows the brackets of a query, which the parser bounds, and
 * topics that name topics, which topic_set_compile bounds.
 */
#include "filters/evaluate.h"

#include <string.h>

#include "base/utf8.h"
#include "filters/evaluate_private.h"
#include "filters/phrase.h"
#include "filters/query_plan.h"
#include "filters/regex.h"

static bool	holds(const struct view *, const struct plan_node *);

/*
 * Where terms stand: fields.
 */

/* FIELD_LEAD as the field that it is the beginning of. */
static unsigned
real_fields(const struct view *v, unsigned fields)
{
	if ((fields & 1U << FIELD_LEAD) == 0)
		return fields;
	return (fields & ~(1U << FIELD_LEAD)) |
	    1U << sightings_body(v->seen);
}

/* Whether the first sighting of the field lies before the lead's end. */
static bool
is_in_lead(const struct view *v, const struct atom_state *a)
{
	enum field f = sightings_body(v->seen);
	const struct sighting *list = v->seen->list;
	uint32_t i, end, position;

	if ((a->fields & 1U << f) == 0)
		return false;
	end = sightings_lead_end(v->seen);
	i = a->first[f];
	position = list[i].position;
	for (; i != TERM_NONE && list[i].position == position &&
	    list[i].field == f; i = list[i].next)
		if (list[i].offset + list[i].length <= end)
			return true;
	return false;
}

unsigned
evaluate_word_fields(const struct view *v, uint32_t atom, unsigned asked)
{
	const struct atom_state *a;
	unsigned fields;

	if (!sightings_has(v->seen, atom))
		return 0;
	a = sightings_of(v->seen, atom);
	fields = a->fields & asked;
	if ((asked & 1U << FIELD_LEAD) != 0 && is_in_lead(v, a))
		fields |= 1U << sightings_body(v->seen);
	return fields;
}

static unsigned
leaf_fields(const struct view *v, const struct plan_node *node, unsigned asked)
{
	if (!sightings_has(v->seen, node->needs))
		return 0;
	if (node->kind == PLAN_WORD)
		return evaluate_word_fields(v, node->arg, asked);
	return real_fields(v, phrase_fields(v->set, v->seen, node->arg,
	    (uint8_t)asked));
}

/* Whether its words were seen; for a phrase that is not yet all. */
static bool
may_stand(const struct view *v, const struct plan_node *node)
{
	if (!sightings_has(v->seen, node->needs))
		return false;
	return node->kind == PLAN_WORD || term_index_phrase_may(
	    &v->set->index, node->arg, v->seen->has);
}

static void
note_leaf(const struct view *v, struct set_state *state,
    const struct plan_node *node)
{
	struct sightings *s = v->seen;
	const struct plan_node **leaves;

	if (!may_stand(v, node))
		return;
	leaves = sightings_grow(s, s->leaves, s->n_leaves, &s->cap_leaves,
	    sizeof(*leaves));
	if (leaves == NULL)
		return;
	s->leaves = leaves;
	leaves[s->n_leaves++] = node;
	state->n++;
}

/* The terms of a set that may stand in the document, found once. */
static const struct set_state *
set_leaves(const struct view *v, uint32_t expr)
{
	struct set_state *state = &v->seen->sets[expr];
	const struct plan_node *node = topic_set_row(v->set, expr);
	const struct plan_node *end = topic_set_row(v->set, expr + 1);

	if (state->run == v->seen->run)
		return state;
	state->run = v->seen->run;
	state->first = v->seen->n_leaves;
	state->n = 0;
	for (; node < end; node++)
		if (node->kind == PLAN_WORD || node->kind == PLAN_PHRASE)
			note_leaf(v, state, node);
	return state;
}

static unsigned
set_fields(const struct view *v, const struct plan_node *node)
{
	const struct set_state *state = set_leaves(v, node->arg);
	unsigned all = real_fields(v, node->fields), fields = 0;

	v->seen->steps += state->n;
	for (uint32_t i = 0; i < state->n && fields != all; i++)
		fields |= leaf_fields(v, v->seen->leaves[state->first + i],
		    node->fields);
	return fields;
}

/* The fields that something with places stands in. */
unsigned
evaluate_term_fields(const struct view *v, const struct plan_node *node)
{
	const struct plan_node *c;
	unsigned fields = 0;

	if (node->kind == PLAN_SET)
		return set_fields(v, node);
	if (node->kind != PLAN_OR)
		return leaf_fields(v, node, node->fields);
	for (c = node + 1; c < plan_end(node); c = plan_next(c))
		fields |= evaluate_term_fields(v, c);
	return fields;
}

/*
 * Where terms stand: places.
 */

/* The byte behind which nothing of the field is asked for; 0: none is. */
static uint32_t
stop_of(const struct view *v, const struct collect *c, unsigned fields)
{
	if ((fields & 1U << c->field) != 0)
		return UINT32_MAX;
	if ((fields & 1U << FIELD_LEAD) != 0 &&
	    sightings_body(v->seen) == c->field)
		return sightings_lead_end(v->seen);
	return 0;
}

/*
 * Where two places of a word begin together only the first, which is the
 * longer, is told and counted: pea* is both peace-keepers and the peace in it.
 */
static void
collect_word(const struct view *v, const struct plan_node *node,
    const struct collect *c, uint32_t stop)
{
	const struct sighting *list = v->seen->list;
	const struct atom_state *a;
	uint32_t i, n = 0, last = PLACE_NONE;

	if (!sightings_has(v->seen, node->arg))
		return;
	a = sightings_of(v->seen, node->arg);
	if ((a->fields & 1U << c->field) == 0)
		return;
	for (i = a->first[c->field]; i != TERM_NONE && n < c->max &&
	    list[i].field == c->field; i = list[i].next) {
		const struct sighting *x = &list[i];

		if (x->offset + x->length > stop ||
		    (!c->every && x->position == last))
			continue;
		last = x->position;
		n++;
		places_add(&v->seen->places, &(struct place){
		    .begin = x->position, .end = x->position + x->span,
		    .offset = x->offset, .stop = x->offset + x->length,
		    .text = c->of_set ? c->text : node->text });
	}
}

static void
collect_leaf(const struct view *v, const struct plan_node *node,
    const struct collect *c)
{
	uint32_t stop = stop_of(v, c, c->of_set ? c->fields : node->fields);
	struct phrase_ask ask = { .field = c->field, .stop = stop,
		.max = c->max, .every = c->every,
		.text = c->of_set ? c->text : node->text };

	if (stop == 0)
		return;
	if (node->kind == PLAN_WORD)
		collect_word(v, node, c, stop);
	else
		phrase_places(v->set, v->seen, node->arg, &ask);
}

static void
collect(const struct view *v, const struct plan_node *node,
    const struct collect *how)
{
	const struct set_state *state;
	struct collect c = *how;
	const struct plan_node *k;

	if (node->kind == PLAN_OR) {
		for (k = node + 1; k < plan_end(node); k = plan_next(k))
			collect(v, k, how);
		return;
	}
	if (node->kind != PLAN_SET) {
		collect_leaf(v, node, how);
		return;
	}
	state = set_leaves(v, node->arg);
	v->seen->steps += state->n;
	c.of_set = true;
	c.fields = node->fields;
	c.text = node->text;
	for (uint32_t i = 0; i < state->n; i++)
		collect_leaf(v, v->seen->leaves[state->first + i], &c);
}

/* The places of the node and what is below it, in order, each of them once;
 * they live in v->seen->places until it is cut back. */
struct place_run
evaluate_collect(const struct view *v, const struct plan_node *node,
    const struct collect *how)
{
	struct places *l = &v->seen->places;
	struct place_run run = { .from = l->n };

	collect(v, node, how);
	places_settle(l, run.from);
	run.n = l->n - run.from;
	return run;
}

/*
 * NEAR and ATLEAST.
 */

static void
find_units(const struct view *v, struct place_run run, enum field f,
    bool paragraph)
{
	struct place *at = v->seen->places.at + run.from;
	uint32_t near = 0;

	for (uint32_t i = 0; i < run.n; i++)
		at[i].unit = sightings_unit(v->seen, f, paragraph, &at[i],
		    &near);
}

/* The operands' places in a field. False: one has none. */
static bool
lay_out(const struct view *v, const struct plan_node *node, enum field f,
    struct chain *chain)
{
	enum query_near kind = (enum query_near)(node->fields &
	    ~(unsigned)PLAN_IN_ORDER);
	const struct collect how = { .field = f, .every = true,
		.max = UINT32_MAX };
	const struct plan_node *c;

	chain->n = 0;
	for (c = node + 1; c < plan_end(node); c = plan_next(c)) {
		size_t i = chain->n++;

		chain->run[i] = evaluate_collect(v, c, &how);
		if (chain->run[i].n == 0)
			return false;
		if (kind != QUERY_NEAR_WORDS)
			find_units(v, chain->run[i], f,
			    kind == QUERY_NEAR_PARAGRAPH);
		if (i > 0)
			chain->link[i - 1] = (struct nearness){
			    .in_unit = kind != QUERY_NEAR_WORDS,
			    .distance = c->number, .behind = true,
			    .before = (node->fields & PLAN_IN_ORDER) == 0 };
	}
	return !v->seen->places.failed;
}

/* Whether the NEAR holds in the field; leaves the places, marked. */
bool
evaluate_near_in(const struct view *v, const struct plan_node *node,
    enum field f, struct chain *chain)
{
	bool gave_up = false, rc;

	if (!sightings_may_search(v->seen) || !lay_out(v, node, f, chain))
		return false;
	rc = places_have_chain(&v->seen->places, chain->run, chain->n,
	    chain->link, &gave_up);
	v->seen->search_limits += gave_up;
	return rc;
}

/* The fields where all operands stand. */
unsigned
evaluate_near_fields(const struct view *v, const struct plan_node *node)
{
	unsigned fields = (1U << FIELD_COUNT) - 1;
	const struct plan_node *c;

	for (c = node + 1; c < plan_end(node) && fields != 0;
	    c = plan_next(c))
		fields &= evaluate_term_fields(v, c);
	return fields;
}

static bool
near_holds(const struct view *v, const struct plan_node *node)
{
	unsigned fields = evaluate_near_fields(v, node);
	uint32_t before = v->seen->places.n;
	struct chain chain;
	bool rc = false;

	for (; fields != 0 && !rc; fields &= fields - 1) {
		rc = evaluate_near_in(v, node,
		    (enum field)__builtin_ctz(fields), &chain);
		v->seen->places.n = before;
	}
	return rc;
}

static bool
atleast_holds(const struct view *v, const struct plan_node *node)
{
	unsigned fields = evaluate_term_fields(v, node + 1);
	struct collect how = { .max = UINT32_MAX };
	uint32_t before = v->seen->places.n;
	uint64_t n = 0;

	for (; fields != 0 && n < node->text &&
	    sightings_may_search(v->seen); fields &= fields - 1) {
		how.field = (enum field)__builtin_ctz(fields);
		n += evaluate_collect(v, node + 1, &how).n;
		v->seen->places.n = before;
	}
	return n >= node->text;
}

/*
 * What has no places, or none in words.
 */

static struct str
regex_text(const struct view *v, enum field f)
{
	struct str text;

	if (f != FIELD_LEAD)
		return v->seen->doc->text[f];
	text = v->seen->doc->text[sightings_body(v->seen)];
	return str_sub(text, 0, sightings_lead_end(v->seen));
}

enum regex_result
evaluate_regex(const struct view *v, uint32_t regex, enum field f,
    struct str *match)
{
	struct sightings *s = v->seen;
	unsigned bit = 1U << (f == FIELD_LEAD ? sightings_body(s) : f);
	struct str text = regex_text(v, f);

	if ((s->checked & bit) == 0 && utf8_is_valid(s->doc->text[
	    f == FIELD_LEAD ? sightings_body(s) : f]))
		s->valid = (uint8_t)(s->valid | bit);
	s->checked = (uint8_t)(s->checked | bit);
	if ((s->valid & bit) == 0)
		return REGEX_NONE;
	return regex_find(v->set->plan.regexes[regex], s->finder, text, 0,
	    match);
}

static bool
regex_holds(const struct view *v, const struct plan_node *node)
{
	struct field_state *state = &v->seen->regexes[node->arg];
	enum regex_result got;
	struct str match;
	unsigned left;

	if (state->run != v->seen->run)
		*state = (struct field_state){ .run = v->seen->run };
	left = node->fields & ~(unsigned)state->asked;
	for (; left != 0 && (state->fields & node->fields) == 0;
	    left &= left - 1) {
		int f = __builtin_ctz(left);

		state->asked = (uint8_t)(state->asked | 1U << f);
		got = evaluate_regex(v, node->arg, (enum field)f, &match);
		v->seen->regex_limits += got == REGEX_LIMIT;
		if (got == REGEX_FOUND)
			state->fields = (uint8_t)(state->fields | 1U << f);
	}
	return (state->fields & node->fields) != 0;
}

static struct str
without_www(struct str host)
{
	if (str_eq_nocase(str_sub(host, 0, 4), STR("www.")))
		return str_sub(host, 4, host.n);
	return host;
}

/* news.example.com is a site of example.com. */
static bool
is_site_of(struct str site, struct str want)
{
	site = without_www(site);
	if (want.n == 0 || site.n < want.n)
		return false;
	if (site.n > want.n && site.p[site.n - want.n - 1] != '.')
		return false;
	return str_eq_nocase(str_sub(site, site.n - want.n, want.n), want);
}

static bool
is_one_of(struct str sites, struct str want)
{
	want = without_www(want);
	while (sites.n > 0) {
		const char *blank = memchr(sites.p, ' ', sites.n);
		size_t n = blank != NULL ? (size_t)(blank - sites.p) : sites.n;

		if (is_site_of(str_sub(sites, 0, n), want))
			return true;
		sites = str_sub(sites, n + 1, SIZE_MAX);
	}
	return false;
}

/* en-GB is a language of en; en_GB is written, too. */
static bool
is_language_of(struct str language, struct str want)
{
	if (want.n == 0 || language.n < want.n)
		return false;
	for (size_t i = 0; i < want.n; i++) {
		struct str a = str_sub(language, i, 1);
		struct str b = str_sub(want, i, 1);

		if (!str_eq_nocase(a.p[0] == '_' ? STR("-") : a,
		    b.p[0] == '_' ? STR("-") : b))
			return false;
	}
	return language.n == want.n || language.p[want.n] == '-' ||
	    language.p[want.n] == '_';
}

static bool
source_holds(const struct view *v, const struct plan_node *node)
{
	const struct document *doc = v->seen->doc;
	struct str want = term_pool_str(&v->set->plan.texts, node->text);

	switch ((enum query_source)node->fields) {
	case QUERY_SITE:
		return is_one_of(doc->sites, want);
	case QUERY_LANG:
		return is_language_of(doc->language, want);
	}
	return false;
}

static bool
number_holds(const struct view *v, const struct plan_node *node)
{
	const struct sightings *s = v->seen;
	struct str bytes = term_pool_str(&v->set->plan.numbers, node->arg);
	int64_t have = s->words[sightings_body(s)], want;

	memcpy(&want, bytes.p, sizeof(want));
	if ((enum query_number)(node->fields & 0xf) == QUERY_AGE)
		have = s->doc->age_s;
	switch ((enum query_order)(node->fields >> 4)) {
	case QUERY_LT:
		return have < want;
	case QUERY_LE:
		return have <= want;
	case QUERY_GT:
		return have > want;
	case QUERY_GE:
		return have >= want;
	case QUERY_EQ:
		return have == want;
	}
	return false;
}

/*
 * Evaluation.
 */

/* Whether one child of the node holds, or does not. */
static bool
any_child(const struct view *v, const struct plan_node *node, bool that)
{
	const struct plan_node *c;

	for (c = node + 1; c < plan_end(node); c = plan_next(c))
		if (holds(v, c) == that)
			return true;
	return false;
}

static bool
word_holds(const struct view *v, const struct plan_node *node)
{
	const struct atom_state *a;

	if (!sightings_has(v->seen, node->arg))
		return false;
	a = sightings_of(v->seen, node->arg);
	return (a->fields & node->fields) != 0 ||
	    ((node->fields & 1U << FIELD_LEAD) != 0 && is_in_lead(v, a));
}

static bool
holds(const struct view *v, const struct plan_node *node)
{
	switch ((enum plan_kind)node->kind) {
	case PLAN_WORD:
		return word_holds(v, node);
	case PLAN_PHRASE:
		return sightings_has(v->seen, node->needs) &&
		    phrase_fields(v->set, v->seen, node->arg,
		    node->fields) != 0;
	case PLAN_SET:
		return set_fields(v, node) != 0;
	case PLAN_TOPIC:
		return evaluate_expr(v->set, v->seen,
		    v->set->plan.topic_expr[node->arg]);
	case PLAN_REGEX:
		return regex_holds(v, node);
	case PLAN_SOURCE:
		return source_holds(v, node);
	case PLAN_NUMBER:
		return number_holds(v, node);
	case PLAN_AND:
		return !any_child(v, node, false);
	case PLAN_OR:
		return any_child(v, node, true);
	case PLAN_NOT:
		return !holds(v, node + 1);
	case PLAN_NEAR:
		return near_holds(v, node);
	case PLAN_ATLEAST:
		return atleast_holds(v, node);
	}
	return false;
}

bool
evaluate_expr(const struct topic_set *set, struct sightings *seen,
    uint32_t expr)
{
	uint8_t *answer = &seen->marks[expr].answer;
	struct view v = { set, seen };

	if (*answer / 2 != seen->mark_run)
		*answer = (uint8_t)(seen->mark_run * 2 +
		    holds(&v, topic_set_row(set, expr)));
	return *answer % 2 != 0;
}

bool
evaluate_node(const struct topic_set *set, struct sightings *seen,
    const struct plan_node *node)
{
	struct view v = { set, seen };

	return holds(&v, node);
}
