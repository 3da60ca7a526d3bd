/* SPDX-License-Identifier: ISC */
/*
 * Nodes of a query, and how a word or phrase becomes one: it is read by the
 * tokeniser that reads the texts, twice, with its case folded and kept, so that
 * whatever parts or joins words there does so here.
 */
#include "filters/query_ast.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "filters/document.h"
#include "filters/fold.h"
#include "filters/query_fault.h"
#include "filters/token.h"

/* A term being read. */
struct reading {
	struct arena		*arena;
	struct token_reader	 folded, cased;
	struct query_word	 words[QUERY_MAX_WORDS];
	size_t			 n;
	struct query_word	 joined;	/* a hyphenated word as one */
	uint8_t			 joined_span;	/* 0: none */
	bool			 match_case;
	bool			 ends_single;
};

struct query *
query_new(struct arena *arena, enum query_kind kind)
{
	struct query *q = arena_alloc(arena, sizeof(*q));

	if (q != NULL)
		q->kind = kind;
	return q;
}

void
query_append(struct query ***tail, struct query *child)
{
	if (child == NULL)
		return;
	**tail = child;
	*tail = &child->next;
}

/* WHO, US, ICE, MH17: two capitals or more and no small letter. */
static bool
is_in_capitals(struct str s)
{
	size_t len, capitals = 0;
	uint32_t cp;

	for (size_t i = 0; i < s.n; i += len) {
		cp = utf8_decode(s.p + i, s.n - i, &len);
		if (fold_is_lower(cp))
			return false;
		capitals += fold_is_upper(cp);
	}
	return capitals >= 2;
}

static enum query_term_fault
read_word(struct reading *r, const struct token *folded,
    const struct token *cased, struct query_word *word)
{
	struct str as_written = { cased->folded, cased->n_folded };

	if (folded->cut || folded->n_folded > QUERY_MAX_WORD_BYTES)
		return QUERY_TERM_TOO_LONG;
	word->folded = arena_copy(r->arena, (struct str){ folded->folded,
	    folded->n_folded });
	if (r->match_case || is_in_capitals(as_written))
		word->cased = arena_copy(r->arena, as_written);
	return arena_failed(r->arena) ? QUERY_TERM_NO_MEMORY :
	    QUERY_TERM_FINE;
}

static enum query_term_fault
read_words(struct reading *r, struct str text)
{
	enum query_term_fault fault = QUERY_TERM_FINE;
	struct token folded, cased;
	struct query_word *to;

	token_init(&r->folded, false);
	token_init(&r->cased, true);
	token_begin(&r->folded, text, false);
	token_begin(&r->cased, text, false);
	while (fault == QUERY_TERM_FINE && token_next(&r->folded, &folded) &&
	    token_next(&r->cased, &cased)) {
		r->ends_single = folded.single;
		if (folded.span == 1 && r->n == QUERY_MAX_WORDS)
			return QUERY_TERM_TOO_MANY;
		to = folded.span > 1 ? &r->joined : &r->words[r->n];
		fault = read_word(r, &folded, &cased, to);
		if (folded.span > 1)
			r->joined_span = folded.span;
		else
			r->n++;
	}
	if (fault == QUERY_TERM_FINE && r->n == 0)
		return QUERY_TERM_EMPTY;
	return fault;
}

static size_t
count_characters(struct str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.n; i++)
		count += ((uint8_t)s.p[i] & 0xc0) != 0x80;
	return count;
}

/*
 * A * behind a character that is a word by itself says nothing: the text
 * matches at every character anyway.
 */
static enum query_term_fault
end_in_prefix(struct reading *r)
{
	struct query_word *last = &r->words[r->n - 1];

	if (r->ends_single)
		return QUERY_TERM_FINE;
	if (count_characters(last->folded) < QUERY_MIN_PREFIX)
		return QUERY_TERM_SHORT_PREFIX;
	if (last->folded.n > QUERY_MAX_PREFIX_BYTES)
		return QUERY_TERM_TOO_LONG;
	last->prefix = true;
	r->joined.prefix = true;
	if (r->joined.folded.n > QUERY_MAX_PREFIX_BYTES)
		r->joined_span = 0;
	return QUERY_TERM_FINE;
}

static struct query *
new_term(struct arena *arena, const struct query_word *words, size_t n,
    struct str shown, unsigned fields)
{
	struct query_word *copy = arena_array(arena, n, sizeof(*copy));
	struct query *q = query_new(arena, QUERY_TERM);

	if (q == NULL || copy == NULL)
		return NULL;
	memcpy(copy, words, n * sizeof(*copy));
	q->words = copy;
	q->n_words = n;
	q->text = shown;
	q->fields = fields;
	return q;
}

/* parts OR joined */
static struct query *
new_alternatives(struct arena *arena, struct query *parts,
    struct query *joined)
{
	struct query *either = query_new(arena, QUERY_OR);
	struct query **tail;

	if (either == NULL || parts == NULL || joined == NULL)
		return NULL;
	tail = &either->first;
	query_append(&tail, parts);
	query_append(&tail, joined);
	return either;
}

enum query_term_fault
query_term_new(struct arena *arena, struct str text, struct str shown,
    const struct query_term_how *how, struct query **out)
{
	struct reading r = { .arena = arena, .match_case = how->match_case };
	enum query_term_fault fault = read_words(&r, text);

	*out = NULL;
	if (fault == QUERY_TERM_FINE && how->prefix)
		fault = end_in_prefix(&r);
	if (fault != QUERY_TERM_FINE)
		return fault;
	*out = new_term(arena, r.words, r.n, shown, how->fields);
	if (!how->phrase && r.joined_span > 1 && r.joined_span == r.n)
		*out = new_alternatives(arena, *out, new_term(arena,
		    &r.joined, 1, shown, how->fields));
	return *out != NULL ? QUERY_TERM_FINE : QUERY_TERM_NO_MEMORY;
}

static void
print_term(struct buf *b, const struct query *q)
{
	static const unsigned text_fields = 1U << FIELD_TITLE |
	    1U << FIELD_SUMMARY | 1U << FIELD_CONTENT;

	for (int f = 0; q->fields != text_fields && f < FIELD_COUNT; f++)
		if ((q->fields & 1U << f) != 0)
			buf_addf(b, "%s:", field_name((enum field)f));
	if (q->n_words > 1)
		buf_add_char(b, '"');
	for (size_t i = 0; i < q->n_words; i++) {
		const struct query_word *w = &q->words[i];

		if (i > 0)
			buf_add_char(b, ' ');
		if (w->cased.n > 0)
			buf_add_c(b, "=");
		buf_add_str(b, w->cased.n > 0 ? w->cased : w->folded);
		if (w->prefix)
			buf_add_char(b, '*');
	}
	if (q->n_words > 1)
		buf_add_char(b, '"');
}

void
query_print(struct buf *b, const struct query *q)
{
	static const char *const names[] = {
		[QUERY_AND] = "and(", [QUERY_OR] = "or(", [QUERY_NOT] = "not(",
	};

	if (q->kind == QUERY_TERM) {
		print_term(b, q);
		return;
	}
	buf_add_c(b, names[q->kind]);
	for (const struct query *c = q->first; c != NULL; c = c->next) {
		if (c != q->first)
			buf_add_c(b, ", ");
		query_print(b, c);
	}
	buf_add_char(b, ')');
}
