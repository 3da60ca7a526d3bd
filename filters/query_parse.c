/* SPDX-License-Identifier: ISC */
/*
 * Recursive descent, one function for each level of the grammar, tightest
 * last: parse_or, parse_and, parse_run (where terms stand side by side, which
 * is an error that deserves a good hint), parse_near, parse_primary.
 *
 * A fault never stops the parser: it goes on as if the missing piece were
 * there, so that one run tells all. What it cannot make a node of is NULL.
 */
#include "filters/query_parse.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "filters/document.h"
#include "filters/query_ast.h"
#include "filters/query_lex.h"

#define BIT(f)		(1U << (f))
#define BODY		(BIT(FIELD_SUMMARY) | BIT(FIELD_CONTENT))
#define ALL_TEXT	(BIT(FIELD_TITLE) | BODY)

enum { SHOWN_BYTES = 24, SHOWN_TERMS = 3, HINT_BYTES = 320, RUN_KEPT = 16 };

struct parser {
	struct arena		*arena;
	struct query_lexer	 lex;
	struct lexeme		 now, last;
	struct query_faults	*faults;
	unsigned		 fields;	/* of the terms being read */
	bool			 match_case;
	bool			 later;		/* below what comes later */
	bool			 stopped;	/* nested too deeply */
	int			 depth;
};

/* What a level hands up. */
struct operand {
	struct query	*node;		/* NULL after a fault */
	struct str	 at;		/* with brackets and field */
	struct str	 inner;		/* of a word or phrase */
	bool		 simple;	/* a bare word or phrase */
	bool		 chain;		/* an AND without brackets */
};

/* Terms that stand side by side. */
struct run {
	struct operand	item[RUN_KEPT];
	size_t		n;
};

enum field_kind { FIELD_KIND_TEXT, FIELD_KIND_CASE, FIELD_KIND_LATER };

static const struct field_row {
	const char	*name;
	enum field_kind	 kind;
	unsigned	 fields;
} field_rows[] = {
	{ "title",	FIELD_KIND_TEXT,	BIT(FIELD_TITLE) },
	{ "intitle",	FIELD_KIND_TEXT,	BIT(FIELD_TITLE) },
	{ "body",	FIELD_KIND_TEXT,	BODY },
	{ "author",	FIELD_KIND_TEXT,	BIT(FIELD_AUTHOR) },
	{ "tag",	FIELD_KIND_TEXT,	BIT(FIELD_TAG) },
	{ "url",	FIELD_KIND_TEXT,	BIT(FIELD_URL) },
	{ "case",	FIELD_KIND_CASE,	0 },
	{ "raw",	FIELD_KIND_LATER,	0 },
	{ "lead",	FIELD_KIND_LATER,	0 },
	{ "feed",	FIELD_KIND_LATER,	0 },
	{ "site",	FIELD_KIND_LATER,	0 },
	{ "source",	FIELD_KIND_LATER,	0 },
	{ "domain",	FIELD_KIND_LATER,	0 },
	{ "lang",	FIELD_KIND_LATER,	0 },
	{ "age",	FIELD_KIND_LATER,	0 },
	{ "words",	FIELD_KIND_LATER,	0 },
	{ "topic",	FIELD_KIND_LATER,	0 },
	{ "list",	FIELD_KIND_LATER,	0 },
	{ "entity",	FIELD_KIND_LATER,	0 },
	{ "country",	FIELD_KIND_LATER,	0 },
	{ "person",	FIELD_KIND_LATER,	0 },
	{ "org",	FIELD_KIND_LATER,	0 },
	{ "place",	FIELD_KIND_LATER,	0 },
};

enum { FIELD_ROWS = sizeof(field_rows) / sizeof(field_rows[0]) };

static struct operand	parse_or(struct parser *);
static struct operand	parse_near(struct parser *);
static struct operand	parse_primary(struct parser *);

#define FAULT(p, at, ...)						\
	query_add_error((p)->faults, (p)->lex.text, (at), __VA_ARGS__)
#define LATER(p, at, what)						\
	FAULT((p), (at), "%s is not available in this version", (what))

static void
advance(struct parser *p)
{
	p->last = p->now;
	p->now = query_lex_next(&p->lex);
}

static bool
accept(struct parser *p, enum lexeme_kind kind)
{
	if (p->now.kind != kind)
		return false;
	advance(p);
	return true;
}

/* Either may be missing. */
static struct str
span(struct str from, struct str to)
{
	if (from.p == NULL || to.p == NULL)
		return from.p == NULL ? to : from;
	return (struct str){ from.p, (size_t)(to.p + to.n - from.p) };
}

/* A word, a phrase, or what else may begin an operand. */
static bool
begins_operand(const struct parser *p)
{
	static const bool begins[] = {
		[LEX_OPEN] = true, [LEX_WORD] = true, [LEX_PHRASE] = true,
		[LEX_FIELD] = true, [LEX_ATLEAST] = true, [LEX_REGEX] = true,
		[LEX_COMPARE] = true,
	};

	return begins[p->now.kind];
}

/*
 * Words and phrases.
 */

static void
report_term(struct parser *p, struct str at, enum query_term_fault fault)
{
	switch (fault) {
	case QUERY_TERM_FINE:
		break;
	case QUERY_TERM_EMPTY:
		FAULT(p, at, "no letter or digit to look for (a word has "
		    "one at least)");
		break;
	case QUERY_TERM_TOO_MANY:
		FAULT(p, at, "too long a phrase (at most %d words)",
		    QUERY_MAX_WORDS);
		break;
	case QUERY_TERM_TOO_LONG:
		FAULT(p, at, "too long a word (at most %d bytes, %d before "
		    "a *)", QUERY_MAX_WORD_BYTES, QUERY_MAX_PREFIX_BYTES);
		break;
	case QUERY_TERM_SHORT_PREFIX:
		FAULT(p, at, "fewer than three letters before the * (write "
		    "more of the word)");
		break;
	case QUERY_TERM_NO_MEMORY:
		FAULT(p, at, "the query is too large (memory is out)");
		break;
	}
}

/* A * that stands elsewhere than at the end. False: there is one. */
static bool
check_stars(struct parser *p, const struct lexeme *l)
{
	const char *star = l->inner.n == 0 ? NULL :
	    memchr(l->inner.p, '*', l->inner.n);
	struct str s = l->inner;

	if (star == NULL)
		return true;
	if (l->kind == LEX_PHRASE && s.n > 1 &&
	    (star == s.p || star[-1] == ' ') &&
	    (star == s.p + s.n - 1 || star[1] == ' '))
		LATER(p, l->at, "a * for any word of a phrase");
	else if (star == s.p)
		FAULT(p, l->at, "a * at the start (it may only end a word, "
		    "after three letters or more)");
	else
		FAULT(p, l->at, "a * inside (it may only end a word, or the "
		    "last word of a phrase)");
	return false;
}

static bool
check_word(struct parser *p, const struct lexeme *l)
{
	if (l->kind == LEX_WORD && memchr(l->at.p, '?', l->at.n) != NULL) {
		LATER(p, l->at, "? for one letter");
		return false;
	}
	if (l->unclosed) {
		FAULT(p, str_sub(l->at, 0, (size_t)(l->inner.p - l->at.p)),
		    "this quote is never closed (phrases stand in \"…\")");
		return false;
	}
	if (l->distance) {
		LATER(p, l->at, "~n behind a phrase");
		return false;
	}
	return check_stars(p, l);
}

static struct operand
parse_term(struct parser *p)
{
	struct lexeme l = p->now;
	struct operand op = { .at = l.at, .inner = l.inner, .simple = true };
	struct query_term_how how = { .fields = p->fields, .prefix = l.star,
	    .match_case = p->match_case, .phrase = l.kind == LEX_PHRASE };
	struct str shown = { l.inner.p, l.inner.n + l.star };

	advance(p);
	if (check_word(p, &l))
		report_term(p, l.at, query_term_new(p->arena, l.inner, shown,
		    &how, &op.node));
	return op;
}

/*
 * Fields and brackets.
 */

static void
report_unknown_field(struct parser *p, const struct lexeme *l)
{
	const char *names[FIELD_ROWS], *near;
	struct str shown = utf8_cut(l->inner, SHOWN_BYTES);

	for (size_t i = 0; i < FIELD_ROWS; i++)
		names[i] = field_rows[i].name;
	near = nearest_name(l->inner, names, FIELD_ROWS);
	if (near != NULL)
		FAULT(p, l->at, "%.*s: no such field (did you mean %s:?)",
		    STR_ARG(shown), near);
	else
		FAULT(p, l->at, "%.*s: no such field (title, body, author, "
		    "tag, url; quotes around what is text)", STR_ARG(shown));
}

static const struct field_row *
find_field(struct str name)
{
	for (size_t i = 0; i < FIELD_ROWS; i++)
		if (str_eq_c(name, field_rows[i].name))
			return &field_rows[i];
	return NULL;
}

/* What may stand behind this field; reports the rest. */
static void
check_behind_field(struct parser *p, const struct lexeme *l,
    const struct field_row *row)
{
	const struct field_row *next = p->now.kind == LEX_FIELD ?
	    find_field(p->now.inner) : NULL;

	if (row->kind == FIELD_KIND_CASE) {
		if (begins_operand(p) && p->now.kind != LEX_WORD &&
		    p->now.kind != LEX_PHRASE)
			FAULT(p, span(l->at, p->now.at),
			    "case: takes one word or phrase");
	} else if (next != NULL && next->kind != FIELD_KIND_CASE &&
	    !str_eq_c(p->now.inner, "raw"))
		FAULT(p, span(l->at, p->now.at), "a field of a field (one of "
		    "the two)");
}

static struct operand
parse_field(struct parser *p)
{
	struct lexeme l = p->now;
	const struct field_row *row = find_field(l.inner);
	struct parser outer = *p;
	struct operand op;

	advance(p);
	if (row == NULL)
		report_unknown_field(p, &l);
	else
		check_behind_field(p, &l, row);
	if (row != NULL && row->kind == FIELD_KIND_LATER) {
		FAULT(p, l.at, "%s: is not available in this version",
		    row->name);
		p->later = true;
	} else if (row != NULL && row->kind == FIELD_KIND_CASE)
		p->match_case = true;
	else if (row != NULL)
		p->fields = row->fields;
	op = parse_primary(p);
	p->fields = outer.fields;
	p->match_case = outer.match_case;
	p->later = outer.later;
	op.at = span(l.at, op.at);
	op.simple = false;
	return op;
}

static struct operand
stop_nesting(struct parser *p)
{
	FAULT(p, p->now.at, "brackets nest too deeply (at most %d)",
	    QUERY_MAX_DEPTH);
	p->stopped = true;
	p->lex.at = p->lex.text.n;
	advance(p);
	return (struct operand){ .at = p->last.at };
}

/* With match_case and later off: they are for the one term behind them. */
static struct operand
parse_brackets(struct parser *p)
{
	struct lexeme open = p->now;
	struct operand op;
	bool later = p->later, match_case = p->match_case;

	if (p->depth == QUERY_MAX_DEPTH)
		return stop_nesting(p);
	p->depth++;
	p->later = p->match_case = false;
	advance(p);
	op = parse_or(p);
	p->depth--;
	p->later = later;
	p->match_case = match_case;
	op.chain = op.simple = false;
	op.at = span(open.at, p->now.at);
	if (!accept(p, LEX_CLOSE) && !p->stopped)
		FAULT(p, open.at, "this bracket is never closed");
	return op;
}

/* Where a term should stand and none does. */
static struct operand
report_missing(struct parser *p)
{
	struct str now = utf8_cut(p->now.at, SHOWN_BYTES);
	struct str last = utf8_cut(p->last.at, SHOWN_BYTES);

	/* A bracket that ends the query is reported where it opens. */
	if (p->stopped ||
	    (p->last.kind == LEX_OPEN && p->now.kind == LEX_END))
		return (struct operand){ .node = NULL };
	if (p->last.kind == LEX_OPEN && p->now.kind == LEX_CLOSE)
		FAULT(p, span(p->last.at, p->now.at),
		    "nothing stands in the brackets");
	else if (last.n == 0 || p->last.kind == LEX_OPEN)
		FAULT(p, p->now.at, "nothing stands before %.*s (a word or a "
		    "phrase)", STR_ARG(now));
	else
		FAULT(p, p->last.at, "nothing stands behind %.*s (a word or "
		    "a phrase)", STR_ARG(last));
	return (struct operand){ .node = NULL };
}

static struct operand
parse_primary(struct parser *p)
{
	struct operand op = { .at = p->now.at };

	if (p->now.kind == LEX_WORD || p->now.kind == LEX_PHRASE)
		return parse_term(p);
	if (p->now.kind == LEX_FIELD)
		return parse_field(p);
	if (p->now.kind == LEX_OPEN)
		return parse_brackets(p);
	if (p->now.kind != LEX_REGEX && p->now.kind != LEX_COMPARE)
		return report_missing(p);
	if (!p->later && p->now.kind == LEX_REGEX)
		LATER(p, p->now.at, "a regular expression");
	else if (!p->later)
		LATER(p, p->now.at, "a comparison");
	advance(p);
	return op;
}

/*
 * Operators, tightest first.
 */

static struct operand
parse_unary(struct parser *p)
{
	while (p->now.kind == LEX_ATLEAST) {
		LATER(p, p->now.at, "ATLEAST");
		advance(p);
	}
	return parse_primary(p);
}

static struct operand
parse_near(struct parser *p)
{
	struct operand op = parse_unary(p);

	while (p->now.kind == LEX_NEAR) {
		LATER(p, p->now.at, p->now.at.p[0] == 'O' ? "ONEAR" : "NEAR");
		op.simple = false;
		advance(p);
		if (begins_operand(p))
			op.at = span(op.at, parse_unary(p).at);
	}
	return op;
}

static bool
is_small_operator(const struct operand *op)
{
	return op->simple && (str_eq_c(op->at, "and") ||
	    str_eq_c(op->at, "or") || str_eq_c(op->at, "not"));
}

/* a JOIN b JOIN c, each cut to what fits a message. */
static void
add_joined(struct buf *b, const struct operand *item, size_t n,
    const char *join, bool inner)
{
	for (size_t i = 0; i < n && i < SHOWN_TERMS; i++) {
		if (i > 0)
			buf_add_c(b, join);
		utf8_clean_line(b, inner ? item[i].inner : item[i].at,
		    SHOWN_BYTES);
	}
	if (n > SHOWN_TERMS)
		buf_addf(b, "%s…", join);
}

/* n > 1 terms without an operator among them. */
static void
report_side_by_side(struct parser *p, const struct operand *item, size_t n)
{
	bool phrase = true;
	struct buf b;

	buf_init(&b, HINT_BYTES);
	for (size_t i = 0; i < n; i++)
		phrase = phrase && item[i].simple;
	if (phrase) {
		buf_add_c(&b, "\"");
		add_joined(&b, item, n, " ", true);
		buf_add_c(&b, "\" for the phrase, ");
	}
	add_joined(&b, item, n, " AND ", false);
	buf_add_c(&b, ", or ");
	add_joined(&b, item, n, " OR ", false);
	FAULT(p, span(item[0].at, item[n - 1].at),
	    "no operator between these terms (write %s)", buf_cstr(&b));
	buf_clear(&b);
}

static void
report_small_operator(struct parser *p, const struct operand *item)
{
	const char *word = str_eq_c(item->at, "and") ? "AND" :
	    str_eq_c(item->at, "or") ? "OR" : "NOT";
	struct buf b;

	buf_init(&b, HINT_BYTES);
	utf8_clean_line(&b, item[-1].at, SHOWN_BYTES);
	buf_addf(&b, " %s ", word);
	utf8_clean_line(&b, item[1].at, SHOWN_BYTES);
	FAULT(p, item->at, "\"%.*s\" is a word like others (operators stand "
	    "in capitals: write %s)", STR_ARG(item->at), buf_cstr(&b));
	buf_clear(&b);
}

/* Parts the run at and, or, not between terms; what is left lacks one. */
static void
report_run(struct parser *p, const struct run *run)
{
	size_t from = 0, i;

	for (i = 1; i + 1 < run->n; i++) {
		if (!is_small_operator(&run->item[i]) || i == from)
			continue;
		report_small_operator(p, &run->item[i]);
		if (i - from > 1)
			report_side_by_side(p, run->item + from, i - from);
		from = i + 1;
	}
	if (run->n - from > 1)
		report_side_by_side(p, run->item + from, run->n - from);
}

static struct operand
parse_run(struct parser *p)
{
	struct run run = { .n = 1 };
	struct operand next;
	struct str end;

	run.item[0] = parse_near(p);
	end = run.item[0].at;
	while (begins_operand(p)) {
		next = parse_near(p);
		end = span(end, next.at);
		if (next.at.p != NULL && run.n < RUN_KEPT)
			run.item[run.n++] = next;
	}
	if (run.n > 1) {
		report_run(p, &run);
		run.item[0].at = end;
		run.item[0].simple = false;
	}
	return run.item[0];
}

static struct query *
wrap_not(struct parser *p, struct query *child)
{
	struct query *q = child != NULL ? query_new(p->arena, QUERY_NOT) :
	    NULL;

	if (q != NULL)
		q->first = child;
	return q;
}

static struct operand
parse_and(struct parser *p)
{
	struct query *all = query_new(p->arena, QUERY_AND), **tail = NULL;
	struct str from = p->now.at;
	bool positive = false, negative;
	struct operand op;
	size_t n = 0;

	if (all != NULL)
		tail = &all->first;
	do {
		negative = accept(p, LEX_NOT);
		op = parse_run(p);
		if (tail != NULL)
			query_append(&tail, negative ?
			    wrap_not(p, op.node) : op.node);
		positive = positive || !negative;
		n++;
	} while (accept(p, LEX_AND) || p->now.kind == LEX_NOT);
	if (n == 1 && positive)
		return op;
	op = (struct operand){ .node = all, .chain = true,
	    .at = span(from, op.at) };
	if (!positive)
		FAULT(p, op.at, "only NOT: it would find whatever lacks this "
		    "(write what to look for before it: a NOT b)");
	return op;
}

static void
add_operand(struct buf *b, const struct operand *op)
{
	if (b->n > 0)
		buf_add_c(b, " OR ");
	buf_add_c(b, op->chain ? "(" : "");
	utf8_clean_line(b, op->at, 2 * SHOWN_BYTES);
	buf_add_c(b, op->chain ? ")" : "");
}

static struct operand
parse_or(struct parser *p)
{
	struct operand op = parse_and(p), next;
	struct query *any, **tail;
	bool mixed = op.chain;
	struct buf brackets;

	if (p->now.kind != LEX_OR)
		return op;
	any = query_new(p->arena, QUERY_OR);
	tail = any != NULL ? &any->first : NULL;
	if (tail != NULL)
		query_append(&tail, op.node);
	buf_init(&brackets, HINT_BYTES);
	add_operand(&brackets, &op);
	while (accept(p, LEX_OR)) {
		next = parse_and(p);
		mixed = mixed || next.chain;
		add_operand(&brackets, &next);
		if (tail != NULL)
			query_append(&tail, next.node);
		op.at = span(op.at, next.at);
	}
	if (mixed && p->faults->errors == 0)
		query_add_warning(p->faults, p->lex.text, op.at,
		    "AND and OR on one level: read as %s%s (write the "
		    "brackets)", buf_cstr(&brackets),
		    brackets.failed ? "…" : "");
	buf_clear(&brackets);
	return (struct operand){ .node = any, .at = op.at };
}

static struct query *
parse_all(struct parser *p)
{
	struct operand op;

	advance(p);
	if (p->now.kind == LEX_END) {
		FAULT(p, p->now.at, "the query is empty (write one word at "
		    "least)");
		return NULL;
	}
	op = parse_or(p);
	while (p->now.kind != LEX_END) {
		if (p->now.kind == LEX_CLOSE)
			FAULT(p, p->now.at, "this bracket was never opened");
		advance(p);	/* and over an operator behind it */
		if (begins_operand(p))
			parse_or(p);
	}
	return op.node;
}

struct query *
query_parse(struct arena *arena, struct str text, struct query_faults *faults)
{
	struct parser p = { .arena = arena, .lex.text = text,
	    .faults = faults, .fields = ALL_TEXT };
	struct query *q;

	faults->n = faults->errors = 0;
	if (text.n > QUERY_MAX_BYTES) {
		FAULT(&p, str_sub(text, 0, 1), "too long a query (at most %d "
		    "bytes)", QUERY_MAX_BYTES);
		return NULL;
	}
	q = parse_all(&p);
	if (faults->errors == 0 && (q == NULL || arena_failed(arena)))
		FAULT(&p, text, "the query is too large (memory is out)");
	return faults->errors == 0 ? q : NULL;
}

static struct query *
parse_literal(struct parser *p, struct str term)
{
	struct lexeme l = { .kind = LEX_PHRASE, .at = term, .inner = term };
	struct query_term_how how = { .fields = ALL_TEXT };
	struct query *q = NULL;
	struct str shown;

	p->lex.text = term;
	query_lex_split_star(&l);
	shown = (struct str){ l.inner.p, l.inner.n + l.star };
	how.prefix = l.star;
	if (check_stars(p, &l))
		report_term(p, term, query_term_new(p->arena, l.inner, shown,
		    &how, &q));
	return q;
}

struct query *
query_from_terms(struct arena *arena, const struct str *terms, size_t n,
    size_t *bad, struct query_faults *faults)
{
	struct parser p = { .arena = arena, .faults = faults };
	struct query *any = query_new(arena, QUERY_OR), *q = NULL, **tail;

	*bad = 0;
	faults->n = faults->errors = 0;
	if (any == NULL || n == 0) {
		FAULT(&p, p.lex.text, n == 0 ? "no words to look for" :
		    "the query is too large (memory is out)");
		return NULL;
	}
	tail = &any->first;
	for (*bad = 0; *bad < n; ++*bad) {
		q = parse_literal(&p, terms[*bad]);
		if (faults->errors > 0)
			return NULL;
		query_append(&tail, q);
	}
	return n == 1 ? q : any;
}
