/* SPDX-License-Identifier: ISC */
/*
 * Recursive descent, one function for each level of the grammar, tightest
 * last: parse_or, parse_and, parse_run (where terms stand side by side, which
 * is an error that deserves a good hint), query_parse_near, parse_unary,
 * query_parse_primary.
 *
 * A fault never stops the parser: it goes on as if the missing piece were
 * there, so that one run tells all. What it cannot make a node of is NULL.
 */
#include "filters/query_parse.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "filters/fold.h"
#include "filters/query_parse_private.h"

/* The operands of an OR, the first ones, for the warning. */
struct or_shown {
	struct str	at[QUERY_RUN_KEPT];
	bool		chain[QUERY_RUN_KEPT];
	size_t		n;			/* all */
	bool		mixed;
};

static struct query_operand	parse_or(struct query_parser *);

/* w/5 -> NEAR/5: what the operator is called here. */
static void
report_elsewhere(struct query_parser *p, const struct lexeme *l)
{
	static const char *const names[] = {
		[LEX_AND] = "AND", [LEX_OR] = "OR", [LEX_NOT] = "NOT",
		[LEX_ATLEAST] = "ATLEAST/", [LEX_NEAR] = "NEAR/",
	};
	struct str at = query_shown(l->at);
	bool ordered = l->ordered && (l->inner.p[l->inner.n - 1] | 0x20) != 'f';
	char inner[8] = "";

	for (size_t i = 0; i < l->inner.n && i + 1 < sizeof(inner); i++)
		inner[i] = fold_ascii(l->inner.p[i]);
	if (l->kind != LEX_NEAR && l->kind != LEX_ATLEAST)
		inner[0] = '\0';
	QUERY_FAULT(p, l->at, "\"%.*s\" is no operator here (write %s%s%s)",
	    STR_ARG(at), ordered ? "O" : "", names[l->kind], inner);
}

void
query_advance(struct query_parser *p)
{
	p->last = p->now;
	p->now = query_lex_next(&p->lex);
	if (p->now.elsewhere)
		report_elsewhere(p, &p->now);
}

bool
query_accept(struct query_parser *p, enum lexeme_kind kind)
{
	if (p->now.kind != kind)
		return false;
	query_advance(p);
	return true;
}

struct str
query_shown(struct str s)
{
	return utf8_cut(s, QUERY_SHOWN_BYTES);
}

struct str
query_span(struct str from, struct str to)
{
	if (from.p == NULL || to.p == NULL)
		return from.p == NULL ? to : from;
	return (struct str){ from.p, (size_t)(to.p + to.n - from.p) };
}

bool
query_begins_operand(const struct query_parser *p)
{
	static const bool begins[] = {
		[LEX_OPEN] = true, [LEX_WORD] = true, [LEX_PHRASE] = true,
		[LEX_FIELD] = true, [LEX_ATLEAST] = true, [LEX_REGEX] = true,
		[LEX_COMPARE] = true,
	};

	return begins[p->now.kind];
}

int
query_read_number(struct str s)
{
	int number = 0;

	if (s.n == 0 || s.n > 4)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		number = number * 10 + (s.p[i] - '0');
	}
	return number;
}

/*
 * Brackets, and what is missing.
 */

static struct query_operand
stop_nesting(struct query_parser *p)
{
	QUERY_FAULT(p, p->now.at, "brackets nest too deeply (at most %d)",
	    QUERY_MAX_DEPTH);
	p->stopped = true;
	p->lex.at = p->lex.text.n;
	query_advance(p);
	return (struct query_operand){ .at = p->last.at };
}

struct query_operand
query_parse_brackets(struct query_parser *p)
{
	struct lexeme open = p->now;
	struct query_operand op;

	if (p->depth == QUERY_MAX_DEPTH)
		return stop_nesting(p);
	p->depth++;
	query_advance(p);
	op = parse_or(p);
	p->depth--;
	op.chain = op.simple = false;
	op.at = query_span(open.at, p->now.at);
	if (!query_accept(p, LEX_CLOSE) && !p->stopped)
		QUERY_FAULT(p, open.at, "this bracket is never closed");
	return op;
}

/* Where a term should stand and none does. */
static struct query_operand
report_missing(struct query_parser *p)
{
	struct str now = query_shown(p->now.at), last = query_shown(p->last.at);

	/* A bracket that ends the query is reported where it opens. */
	if (p->stopped ||
	    (p->last.kind == LEX_OPEN && p->now.kind == LEX_END))
		return (struct query_operand){ .node = NULL };
	if (p->last.kind == LEX_OPEN && p->now.kind == LEX_CLOSE)
		QUERY_FAULT(p, query_span(p->last.at, p->now.at),
		    "nothing stands in the brackets");
	else if (last.n == 0 || p->last.kind == LEX_OPEN)
		QUERY_FAULT(p, p->now.at, "nothing stands before %.*s (a word "
		    "or a phrase)", STR_ARG(now));
	else if (p->last.kind == LEX_FIELD && p->now.kind == LEX_NOT)
		QUERY_FAULT(p, query_span(p->last.at, p->now.at), "NOT behind "
		    "a field (it stands before it: NOT %.*sx; quotes around "
		    "what is text)", STR_ARG(last));
	else
		QUERY_FAULT(p, p->last.at, "nothing stands behind %.*s (a "
		    "word or a phrase)", STR_ARG(last));
	return (struct query_operand){ .node = NULL };
}

struct query_operand
query_parse_primary(struct query_parser *p)
{
	if (p->now.kind == LEX_FIELD)
		return query_parse_field(p);
	if (p->now.kind == LEX_OPEN)
		return query_parse_brackets(p);
	if (query_begins_operand(p) && p->now.kind != LEX_ATLEAST)
		return query_parse_value(p);
	return report_missing(p);
}

/*
 * Operators. Each node is told where it stands, without brackets around it.
 */

static void
place(struct query_parser *p, struct query *q, struct str at)
{
	if (q == NULL || at.p == NULL || q->length > 0)
		return;
	q->offset = (size_t)(at.p - p->lex.text.p);
	q->length = at.n;
}

static struct query_operand
parse_run(struct query_parser *p)
{
	struct query_operand first = query_parse_near(p), next;
	struct query_operand item[QUERY_RUN_KEPT];
	struct str end = first.at;
	size_t n = 0;

	if (!query_begins_operand(p))
		return first;
	item[n++] = first;
	while (query_begins_operand(p)) {
		next = query_parse_near(p);
		end = query_span(end, next.at);
		if (next.at.p != NULL && n < QUERY_RUN_KEPT)
			item[n++] = next;
	}
	if (n > 1) {
		query_report_run(p, item, n);
		first.at = end;
		first.simple = false;
	}
	return first;
}

static struct query *
wrap_not(struct query_parser *p, struct query *child)
{
	struct query *q = child != NULL ? query_new(p->arena, QUERY_NOT) :
	    NULL;

	if (q != NULL)
		q->first = child;
	return q;
}

/* An operand of AND, with the NOT before it. */
static struct query_operand
parse_signed(struct query_parser *p, bool *negative)
{
	struct query_operand op;
	struct str sign = p->now.at;

	*negative = query_accept(p, LEX_NOT);
	while (p->now.kind == LEX_NOT && *negative) {
		QUERY_FAULT(p, query_span(sign, p->now.at), "NOT twice (one "
		    "of the two)");
		query_advance(p);
	}
	op = parse_run(p);
	place(p, op.node, op.at);
	if (*negative) {
		op.node = wrap_not(p, op.node);
		place(p, op.node, query_span(sign, op.at));
	}
	return op;
}

static struct query_operand
parse_and(struct query_parser *p)
{
	struct query *all, **tail = NULL;
	struct str from = p->now.at;
	struct query_operand op;
	bool positive, negative;

	op = parse_signed(p, &negative);
	if (!negative && p->now.kind != LEX_AND && p->now.kind != LEX_NOT)
		return op;
	positive = !negative;
	all = query_new(p->arena, QUERY_AND);
	if (all != NULL)
		tail = &all->first;
	if (tail != NULL)
		query_append(&tail, op.node);
	while (query_accept(p, LEX_AND) || p->now.kind == LEX_NOT) {
		op = parse_signed(p, &negative);
		if (tail != NULL)
			query_append(&tail, op.node);
		positive = positive || !negative;
	}
	op = (struct query_operand){ .node = all, .chain = true,
	    .at = query_span(from, op.at) };
	place(p, all, op.at);
	if (!positive)
		QUERY_FAULT(p, op.at, "only NOT: it would find whatever lacks "
		    "this (write what to look for before it: a NOT b)");
	return op;
}

static void
show_operand(struct or_shown *shown, const struct query_operand *op)
{
	shown->mixed = shown->mixed || op->chain;
	if (shown->n < QUERY_RUN_KEPT) {
		shown->at[shown->n] = op->at;
		shown->chain[shown->n] = op->chain;
	}
	shown->n++;
}

static void
warn_mixed(struct query_parser *p, const struct or_shown *shown, struct str at)
{
	bool more = shown->n > QUERY_RUN_KEPT;
	struct buf b;

	buf_init(&b, QUERY_HINT_BYTES);
	for (size_t i = 0; i < shown->n && i < QUERY_RUN_KEPT; i++) {
		buf_add_c(&b, i > 0 ? " OR " : "");
		buf_add_c(&b, shown->chain[i] ? "(" : "");
		utf8_clean_line(&b, shown->at[i], 2 * QUERY_SHOWN_BYTES);
		buf_add_c(&b, shown->chain[i] ? ")" : "");
	}
	query_add_warning(p->faults, p->lex.text, at, "AND and OR on one "
	    "level: read as %s%s (write the brackets)", buf_cstr(&b),
	    b.failed || more ? "…" : "");
	buf_clear(&b);
}

static struct query_operand
parse_or(struct query_parser *p)
{
	struct query_operand op = parse_and(p), next;
	struct or_shown shown;
	struct query *any, **tail;

	if (p->now.kind != LEX_OR)
		return op;
	shown.n = 0;
	shown.mixed = false;
	any = query_new(p->arena, QUERY_OR);
	tail = any != NULL ? &any->first : NULL;
	if (tail != NULL)
		query_append(&tail, op.node);
	show_operand(&shown, &op);
	while (query_accept(p, LEX_OR)) {
		next = parse_and(p);
		show_operand(&shown, &next);
		if (tail != NULL)
			query_append(&tail, next.node);
		op.at = query_span(op.at, next.at);
	}
	if (shown.mixed && p->faults->errors == 0)
		warn_mixed(p, &shown, op.at);
	place(p, any, op.at);
	return (struct query_operand){ .node = any, .at = op.at };
}

static void
report_empty(struct query_parser *p)
{
	struct str comments = str_trim(p->lex.text);

	if (comments.n == 0)
		QUERY_FAULT(p, p->now.at, "the query is empty (write one word "
		    "at least)");
	else
		QUERY_FAULT(p, comments, "the query is empty (a line that "
		    "begins with # is a comment; write the word without it)");
}

static struct query *
parse_all(struct query_parser *p)
{
	struct query_operand op;

	query_advance(p);
	if (p->now.kind == LEX_END) {
		report_empty(p);
		return NULL;
	}
	op = parse_or(p);
	while (p->now.kind != LEX_END) {
		if (p->now.kind == LEX_CLOSE)
			QUERY_FAULT(p, p->now.at, "this bracket was never "
			    "opened");
		query_advance(p);	/* and over an operator behind it */
		if (query_begins_operand(p))
			parse_or(p);
	}
	return op.node;
}

struct query *
query_parse(struct arena *arena, struct str text,
    const struct query_names *names, struct query_faults *faults)
{
	struct query_parser p = { .arena = arena, .lex.text = text,
	    .faults = faults, .names = names,
	    .scope.fields = QUERY_ALL_TEXT };
	struct query *q;

	faults->n = faults->errors = 0;
	if (text.n > QUERY_MAX_BYTES) {
		QUERY_FAULT(&p, str_sub(text, 0, 1), "too long a query (at "
		    "most %d bytes)", QUERY_MAX_BYTES);
		return NULL;
	}
	q = parse_all(&p);
	if (faults->errors == 0 && (q == NULL || arena_failed(arena)))
		QUERY_FAULT(&p, text, "the query is too large (memory is "
		    "out)");
	if (faults->errors > 0)
		return NULL;
	if (p.has_regex)
		query_warn_regex(&p, q);
	return q;
}

struct query *
query_from_terms(struct arena *arena, const struct str *terms, size_t n,
    size_t *bad, struct query_faults *faults)
{
	struct query_parser p = { .arena = arena, .faults = faults };
	struct query *any = query_new(arena, QUERY_OR), *q = NULL, **tail;

	*bad = 0;
	faults->n = faults->errors = 0;
	if (any == NULL || n == 0) {
		QUERY_FAULT(&p, p.lex.text, n == 0 ? "no words to look for" :
		    "the query is too large (memory is out)");
		return NULL;
	}
	tail = &any->first;
	for (*bad = 0; *bad < n; ++*bad) {
		q = query_parse_literal(&p, terms[*bad]);
		if (faults->errors > 0) {
			faults->list[0].part = *bad;
			return NULL;
		}
		if (q != NULL) {
			q->part = *bad;
			q->length = terms[*bad].n;
		}
		query_append(&tail, q);
	}
	return n == 1 ? q : any;
}
