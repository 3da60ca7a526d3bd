/* SPDX-License-Identifier: ISC */
/*
 * NEAR, ONEAR and ATLEAST. What stands in them must have places in the text: a
 * term, a set, or an OR of these.
 */
#include "filters/query_parse_private.h"

/* What a NEAR says between two operands. */
struct link {
	enum query_near	near;
	bool		in_order;
	unsigned	distance;
	struct str	at;
};

/* NEAR 5 b: the number that should stand behind the slash is no operand. */
static void
skip_number(struct query_parser *p, const struct lexeme *operator)
{
	if (operator->inner.n == 0 && p->now.kind == LEX_WORD &&
	    query_read_number(p->now.at) != -1)
		query_advance(p);
}

#define DISTANCES "NEAR/5: 5 words between at most, 1 to 50; NEAR/s: in one " \
	"sentence; NEAR/p: in one paragraph"

static void
read_distance(struct query_parser *p, const struct lexeme *l,
    struct link *link)
{
	struct str s = l->inner;
	bool ordered = s.n > 1 && (s.p[s.n - 1] | 0x20) == 'f';
	const char *name = l->ordered ? "ONEAR" : "NEAR";
	int n = query_read_number(str_sub(s, 0, s.n - ordered));

	*link = (struct link){ .at = l->at, .distance = 1,
	    .in_order = l->ordered || ordered };
	if (s.n == 1 && (s.p[0] == 's' || s.p[0] == 'p'))
		link->near = s.p[0] == 's' ? QUERY_NEAR_SENTENCE :
		    QUERY_NEAR_PARAGRAPH;
	else if (s.n == 0)
		QUERY_FAULT(p, l->at, "%s without a distance (%s)", name,
		    DISTANCES);
	else if (n == -1)
		QUERY_FAULT(p, l->at, "%s with a distance that is none (%s)",
		    name, DISTANCES);
	else if (n < 1 || n > QUERY_MAX_DISTANCE)
		QUERY_FAULT(p, l->at, "distance out of range (1 to %d words; "
		    "%s/s for one sentence, %s/p for one paragraph)",
		    QUERY_MAX_DISTANCE, name, name);
	else
		link->distance = (unsigned)n;
}

static void
check_link(struct query_parser *p, const struct link *first,
    const struct link *link)
{
	if (link->in_order != first->in_order)
		QUERY_FAULT(p, link->at, "NEAR and ONEAR in one chain (one of "
		    "them, or two chains: a NEAR/5 b AND b ONEAR/5 c)");
	else if (link->near != first->near)
		QUERY_FAULT(p, link->at, "words, sentences and paragraphs in "
		    "one chain (one of them, or two chains: a NEAR/5 b AND "
		    "b NEAR/s c)");
}

/* The part of it that has no places in the text, or NULL. */
static const struct query *
find_placeless(const struct query *q)
{
	const struct query *found = NULL;

	if (q->kind == QUERY_TERM || q->kind == QUERY_SET)
		return NULL;
	if (q->kind != QUERY_OR)
		return q;
	for (const struct query *c = q->first; c != NULL && found == NULL;
	    c = c->next)
		found = find_placeless(c);
	return found;
}

static const char *
kind_name(const struct query *q)
{
	static const char *const names[] = {
		[QUERY_AND] = "AND", [QUERY_NOT] = "NOT",
		[QUERY_NEAR] = "NEAR", [QUERY_ATLEAST] = "ATLEAST",
		[QUERY_REGEX] = "a regular expression",
		[QUERY_SOURCE] = "a source", [QUERY_NUMBER] = "a comparison",
		[QUERY_TOPIC] = "a topic",
	};

	for (const struct query *c = q->first; q->kind == QUERY_AND &&
	    c != NULL; c = c->next)
		if (c->kind == QUERY_NOT)
			return names[QUERY_NOT];
	return names[q->kind];
}

/* Whether it may stand beside NEAR; reports. */
static bool
check_beside_near(struct query_parser *p, const struct query_operand *op)
{
	const struct query *q = op->node != NULL ? find_placeless(op->node) :
	    NULL;

	if (q == NULL)
		return op->node != NULL;
	if (q->kind == QUERY_NEAR)
		QUERY_FAULT(p, op->at, "NEAR in brackets beside NEAR (one "
		    "chain, a NEAR/5 b NEAR/5 c, or AND between them)");
	else
		QUERY_FAULT(p, op->at, "%s beside NEAR (brackets around the "
		    "NEAR, the rest outside: (a NEAR/5 b) %s c)",
		    kind_name(q), q->kind == QUERY_AND &&
		    kind_name(q)[0] == 'N' ? "NOT" : "AND");
	return false;
}

/*
 * ATLEAST.
 */

static int
read_least(struct query_parser *p, const struct lexeme *l)
{
	int n = query_read_number(l->inner);

	if (l->inner.n == 0)
		QUERY_FAULT(p, l->at, "ATLEAST without a number (write "
		    "ATLEAST/3: three times at least)");
	else if (n < 1 || n > QUERY_MAX_ATLEAST)
		QUERY_FAULT(p, l->at, "ATLEAST with a number out of range "
		    "(1 to %d)", QUERY_MAX_ATLEAST);
	return n;
}

static void
wrap_atleast(struct query_parser *p, struct query_operand *op, int n)
{
	const struct query *placeless = op->node != NULL ?
	    find_placeless(op->node) : NULL;
	struct query *q;

	if (placeless != NULL)
		QUERY_FAULT(p, op->at, "%s inside ATLEAST, which counts words "
		    "and phrases (ATLEAST/3 (a OR b), or ATLEAST/3 a AND "
		    "ATLEAST/3 b)", kind_name(placeless));
	q = op->node != NULL && placeless == NULL ?
	    query_new(p->arena, QUERY_ATLEAST) : NULL;
	if (q != NULL) {
		q->number = n;
		q->first = op->node;
	}
	op->node = q;
}

static struct query_operand
parse_unary(struct query_parser *p)
{
	struct str from = p->now.at;
	struct query_operand op;
	struct lexeme l = p->now;
	int n;

	if (l.kind != LEX_ATLEAST)
		return query_parse_primary(p);
	n = read_least(p, &l);
	query_advance(p);
	skip_number(p, &l);
	while (p->now.kind == LEX_ATLEAST) {
		QUERY_FAULT(p, query_span(from, p->now.at), "ATLEAST twice "
		    "(one of the two)");
		query_advance(p);
	}
	op = query_parse_primary(p);
	wrap_atleast(p, &op, n);
	op.simple = op.chain = false;
	op.at = query_span(from, op.at);
	return op;
}

/*
 * Chains.
 */

/* The operand behind a NEAR, without the NOT that must not stand there. */
static struct query_operand
parse_behind(struct query_parser *p, struct str near)
{
	while (p->now.kind == LEX_NOT) {
		QUERY_FAULT(p, query_span(near, p->now.at), "NOT beside NEAR "
		    "(brackets around the NEAR, NOT outside: (a NEAR/5 b) "
		    "NOT c)");
		query_advance(p);
		if (!query_begins_operand(p))
			return (struct query_operand){ .node = NULL };
	}
	return parse_unary(p);
}

static void
append_linked(struct query ***tail, const struct query_operand *op,
    const struct link *link)
{
	struct query *q = op->node;

	if (q == NULL)
		return;
	q->near = link->near;
	q->in_order = link->in_order;
	q->distance = link->distance;
	if (*tail != NULL)
		query_append(tail, q);
}

static struct query_operand
parse_chain(struct query_parser *p, struct query_operand op)
{
	struct query *chain = query_new(p->arena, QUERY_NEAR);
	struct query **tail = chain != NULL ? &chain->first : NULL;
	struct link first = { .at = STR_NONE }, link;
	struct query_operand next;
	struct lexeme l;
	size_t n = 1;

	if (check_beside_near(p, &op) && tail != NULL)
		query_append(&tail, op.node);
	while (p->now.kind == LEX_NEAR) {
		l = p->now;
		read_distance(p, &l, &link);
		if (n == 1)
			first = link;
		else
			check_link(p, &first, &link);
		query_advance(p);
		skip_number(p, &l);
		next = parse_behind(p, link.at);
		if (check_beside_near(p, &next))
			append_linked(&tail, &next, &link);
		op.at = query_span(op.at, next.at.p != NULL ? next.at :
		    link.at);
		n++;
	}
	if (n > QUERY_MAX_CHAIN)
		QUERY_FAULT(p, op.at, "too long a chain (at most %d operands)",
		    QUERY_MAX_CHAIN);
	if (chain != NULL) {
		chain->near = first.near;
		chain->in_order = first.in_order;
	}
	return (struct query_operand){ .node = chain, .at = op.at };
}

struct query_operand
query_parse_near(struct query_parser *p)
{
	struct query_operand op = parse_unary(p);

	return p->now.kind == LEX_NEAR ? parse_chain(p, op) : op;
}
