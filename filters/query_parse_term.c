/* SPDX-License-Identifier: ISC */
/*
 * Words and phrases that are looked for in the text, and what people write in
 * them that means something elsewhere.
 */
#include "filters/query_parse_private.h"

static void
report_term(struct query_parser *p, struct str at, enum query_term_fault fault)
{
	switch (fault) {
	case QUERY_TERM_FINE:
		break;
	case QUERY_TERM_EMPTY:
		QUERY_FAULT(p, at, "no letter or digit to look for (a word "
		    "has one at least)");
		break;
	case QUERY_TERM_TOO_MANY:
		QUERY_FAULT(p, at, "too long a phrase (at most %d words)",
		    QUERY_MAX_WORDS);
		break;
	case QUERY_TERM_TOO_LONG:
		QUERY_FAULT(p, at, "too long a word (at most %d bytes, %d "
		    "before a *)", QUERY_MAX_WORD_BYTES,
		    QUERY_MAX_PREFIX_BYTES);
		break;
	case QUERY_TERM_SHORT_PREFIX:
		QUERY_FAULT(p, at, "fewer than three letters before the * "
		    "(write more of the word)");
		break;
	case QUERY_TERM_EDGE_ANY:
		QUERY_FAULT(p, at, "a lone * first or last in a phrase (it "
		    "stands for one word between others)");
		break;
	case QUERY_TERM_FEW_LETTERS:
		QUERY_FAULT(p, at, "fewer than two letters beside ? (each ? is "
		    "one letter; write more of the word)");
		break;
	case QUERY_TERM_NO_MEMORY:
		QUERY_FAULT(p, at, "the query is too large (memory is out)");
		break;
	}
}

/* Whether the * at i of a phrase has space or an end on both sides. */
static bool
is_lone_star(struct str s, size_t i)
{
	struct str before = str_sub(s, 0, i);
	bool left = i == 0;

	for (size_t n = 1; n <= 3 && n <= before.n && !left; n++)
		left = query_lex_space(str_sub(before, before.n - n, n)) == n;
	return left && (i + 1 == s.n ||
	    query_lex_space(str_sub(s, i + 1, 3)) > 0);
}

/* A * that stands elsewhere than at the end. False: there is one. */
static bool
check_stars(struct query_parser *p, const struct lexeme *l)
{
	struct str s = l->inner;
	const char *star = s.n == 0 ? NULL : memchr(s.p, '*', s.n);

	for (; star != NULL; star = memchr(star + 1, '*',
	    (size_t)(s.p + s.n - star - 1)))
		if (l->kind != LEX_PHRASE ||
		    !is_lone_star(s, (size_t)(star - s.p)))
			break;
	if (star == NULL)
		return true;
	if (star == s.p)
		QUERY_FAULT(p, l->at, "a * at the start (it may only end a "
		    "word, after three letters or more)");
	else
		QUERY_FAULT(p, l->at, "a * inside (it may only end a word, or "
		    "the last word of a phrase; alone in a phrase it is any "
		    "word)");
	return false;
}

/* "a b"* : the star is out of the quotes. */
static bool
is_behind_quotes(const struct query_parser *p)
{
	return p->now.kind == LEX_WORD && str_eq_c(p->now.at, "*") &&
	    p->last.kind == LEX_PHRASE &&
	    p->last.at.p + p->last.at.n == p->now.at.p;
}

/* word~2, word^2: s is what stands from the sign on. */
static bool
is_suffix(struct str s)
{
	for (size_t i = 1; i < s.n; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '.')
			return false;
	return true;
}

static const char *
find_in(struct str s, char c)
{
	return s.n > 1 ? memchr(s.p + 1, c, s.n - 1) : NULL;
}

/* What other programs let people write in a word. False: it was reported. */
static bool
check_foreign(struct query_parser *p, const struct lexeme *l)
{
	const char *bar = find_in(l->at, '|'), *tilde = find_in(l->at, '~');
	const char *caret = find_in(l->at, '^');
	const char *end = l->at.p + l->at.n;

	if (bar != NULL)
		QUERY_FAULT(p, l->at, "a | inside a word (OR stands between "
		    "words: a OR b)");
	else if (tilde != NULL &&
	    is_suffix((struct str){ tilde, (size_t)(end - tilde) }))
		QUERY_FAULT(p, l->at, "~ behind a word (it stands behind a "
		    "phrase: \"a b\"~5; other endings are word*, other "
		    "letters wo?d)");
	else if (caret != NULL &&
	    is_suffix((struct str){ caret, (size_t)(end - caret) }))
		QUERY_FAULT(p, l->at, "^ behind a word (words have no weights "
		    "here)");
	else
		return p->scope.fields != QUERY_ALL_TEXT ||
		    !query_lacks_colon(p, l);
	return false;
}

/* C++ and C# are C. */
static void
warn_sign(struct query_parser *p, const struct lexeme *l)
{
	struct str shown = query_shown(l->at);

	query_add_warning(p->faults, p->lex.text, l->at, "the signs at its "
	    "end count for nothing (raw:\"%.*s\" finds it with them)",
	    STR_ARG(shown));
}

/* terroris! finds longer words elsewhere. */
static void
warn_exclamation(struct query_parser *p, const struct lexeme *l)
{
	struct str shown = query_shown(str_sub(l->at, 0, l->at.n - 1));

	query_add_warning(p->faults, p->lex.text, l->at, "a ! counts for "
	    "nothing (%.*s* finds longer words, raw:\"%.*s!\" the sign)",
	    STR_ARG(shown), STR_ARG(shown));
}

static bool
check_slack(struct query_parser *p, const struct lexeme *l,
    struct query_term_how *how)
{
	int n = query_read_number(l->tail);

	if (!l->distance)
		return true;
	how->loose = true;
	how->slack = n >= 0 ? (unsigned)n : 0;
	if (how->raw)
		QUERY_FAULT(p, l->at, "~n behind raw: (what is raw stands as "
		    "it is written)");
	else if (l->tail.n == 0)
		QUERY_FAULT(p, l->at, "no number behind ~ (\"a b\"~5: at "
		    "most 5 other words among them)");
	else if (n == -1 || n > QUERY_MAX_DISTANCE)
		QUERY_FAULT(p, l->at, "distance out of range (0 to %d words "
		    "behind ~)", QUERY_MAX_DISTANCE);
	else if (l->inner.n > 0 && memchr(l->inner.p, '*', l->inner.n) != NULL)
		QUERY_FAULT(p, l->at, "a lone * beside ~n (which lets other "
		    "words stand between anyway)");
	else
		return true;
	return false;
}

bool
query_check_closed(struct query_parser *p, const struct lexeme *l)
{
	if (!l->unclosed)
		return true;
	QUERY_FAULT(p, str_sub(l->at, 0, (size_t)(l->inner.p - l->at.p)),
	    "this quote is never closed (phrases stand in \"…\")");
	return false;
}

static bool
check_word(struct query_parser *p, const struct lexeme *l,
    struct query_term_how *how)
{
	if (!query_check_closed(p, l) || !check_slack(p, l, how))
		return false;
	if (how->raw)
		return true;
	if (l->kind == LEX_WORD && !check_foreign(p, l))
		return false;
	return check_stars(p, l);
}

static struct query *
make_term(struct query_parser *p, const struct lexeme *l)
{
	bool raw = p->scope.raw;
	struct query_term_how how = { .fields = p->scope.fields,
	    .prefix = l->star && !raw, .raw = raw,
	    .match_case = p->scope.match_case,
	    .phrase = l->kind == LEX_PHRASE };
	struct str shown = { l->inner.p, l->inner.n + l->star };
	struct query *q = NULL;

	if (!check_word(p, l, &how))
		return NULL;
	report_term(p, l->at, query_term_new(p->arena, raw ? shown : l->inner,
	    shown, &how, &q));
	if (q != NULL && how.loose && q->n_words == 1)
		QUERY_FAULT(p, l->at, "~n behind one word (it is for phrases "
		    "of two or more)");
	if (q == NULL || l->kind != LEX_WORD || raw)
		return q;
	if (l->at.p[l->at.n - 1] == '!')
		warn_exclamation(p, l);
	else if (l->at.p[l->at.n - 1] == '+' || l->at.p[l->at.n - 1] == '#')
		warn_sign(p, l);
	return q;
}

struct query_operand
query_parse_term(struct query_parser *p)
{
	struct lexeme l = p->now;
	struct query_operand op = { .at = l.at, .inner = l.inner,
	    .star = l.star, .simple = l.tail.n == 0 };

	if (is_behind_quotes(p)) {
		QUERY_FAULT(p, l.at, "a * behind the quotes (it stands inside "
		    "them: \"rare earth*\")");
		query_advance(p);
		return (struct query_operand){ .node = NULL };
	}
	query_advance(p);
	op.node = make_term(p, &l);
	return op;
}

struct query *
query_parse_literal(struct query_parser *p, struct str term)
{
	struct lexeme l = { .kind = LEX_WORD, .at = term, .inner = term };
	struct query_term_how how = { .fields = QUERY_ALL_TEXT,
	    .literal = true };
	struct query *q = NULL;
	struct str shown;

	p->lex.text = term;
	l.kind = LEX_PHRASE;
	query_lex_split_star(&l);
	l.kind = LEX_WORD;		/* no * inside */
	shown = (struct str){ l.inner.p, l.inner.n + l.star };
	how.prefix = l.star;
	if (check_stars(p, &l))
		report_term(p, term, query_term_new(p->arena, l.inner, shown,
		    &how, &q));
	return q;
}
