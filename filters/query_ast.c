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
#include "filters/token.h"

/* Stand in for ? while the tokeniser reads: letters that nobody writes. */
static const struct str stand_ins[] = {
	{ "\xe1\x9a\xa0", 3 }, { "\xe1\x9a\xa2", 3 }, { "\xe1\x9a\xa6", 3 },
	{ "\xe1\x9a\xb1", 3 },
};

enum { N_STAND_INS = sizeof(stand_ins) / sizeof(stand_ins[0]) };

/* A term being read. Its readers are large: they are not zeroed. */
struct reading {
	struct arena		*arena;
	bool			 match_case;
	struct token_reader	 folded, cased;
	struct query_word	 words[QUERY_MAX_WORDS];
	size_t			 n;
	struct query_word	 joined;	/* a hyphenated word as one */
	uint8_t			 joined_span;	/* 0: none */
	bool			 ends_single;
	struct str		 letter;	/* what stands for ?, or none */
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

static size_t
count_characters(struct str s)
{
	size_t count = 0;

	for (size_t i = 0; i < s.n; i++)
		count += ((uint8_t)s.p[i] & 0xc0) != 0x80;
	return count;
}

/* A copy with each ? again where a letter stood in for it; how many. */
static struct str
copy_word(struct reading *r, struct str s, size_t *wild)
{
	struct str copy = arena_copy(r->arena, s);
	char *to;

	*wild = 0;
	if (r->letter.n == 0 || copy.n == 0)
		return copy;
	to = arena_alloc(r->arena, s.n);
	if (to == NULL)
		return STR_NONE;
	copy = (struct str){ to, 0 };
	for (size_t i = 0; i < s.n; i++) {
		if (str_starts(str_sub(s, i, SIZE_MAX), r->letter)) {
			to[copy.n++] = '?';
			i += r->letter.n - 1;
			++*wild;
		} else
			to[copy.n++] = s.p[i];
	}
	return copy;
}

/* cased: NULL where no word can be one that compares case. */
static enum query_term_fault
read_word(struct reading *r, const struct token *folded,
    const struct token *cased, struct query_word *word)
{
	struct str s = { folded->folded, folded->n_folded };
	size_t wild;

	memset(word, 0, sizeof(*word));
	if (folded->cut)
		return QUERY_TERM_TOO_LONG;
	word->folded = copy_word(r, s, &wild);
	word->pattern = wild > 0;
	if (word->folded.n > QUERY_MAX_WORD_BYTES)
		return QUERY_TERM_TOO_LONG;
	if (wild > 0 && count_characters(word->folded) - wild <
	    QUERY_MIN_LETTERS)
		return QUERY_TERM_FEW_LETTERS;
	if (cased != NULL) {
		s = (struct str){ cased->folded, cased->n_folded };
		if (r->match_case || is_in_capitals(s))
			word->cased = copy_word(r, s, &wild);
	}
	return arena_failed(r->arena) ? QUERY_TERM_NO_MEMORY :
	    QUERY_TERM_FINE;
}

/* False: no word of it is in capitals. */
static bool
may_have_capitals(struct str s)
{
	size_t capitals = 0;

	for (size_t i = 0; i < s.n; i++) {
		if ((uint8_t)s.p[i] >= 0x80)
			return true;
		capitals += s.p[i] >= 'A' && s.p[i] <= 'Z';
	}
	return capitals >= 2;
}

static enum query_term_fault
read_words(struct reading *r, struct str text)
{
	bool with_case = r->match_case || may_have_capitals(text);
	enum query_term_fault fault = QUERY_TERM_FINE;
	struct token folded, cased;
	struct query_word *to;

	token_begin(&r->folded, text, false);
	token_begin(&r->cased, text, false);
	while (fault == QUERY_TERM_FINE && token_next(&r->folded, &folded)) {
		if (with_case && !token_next(&r->cased, &cased))
			break;
		r->ends_single = folded.single;
		if (folded.span == 1 && r->n == QUERY_MAX_WORDS)
			return QUERY_TERM_TOO_MANY;
		to = folded.span > 1 ? &r->joined : &r->words[r->n];
		fault = read_word(r, &folded, with_case ? &cased : NULL, to);
		if (folded.span > 1)
			r->joined_span = folded.span;
		else
			r->n++;
	}
	return fault;
}

/* What stands between lone stars, each of which is any word. */
static enum query_term_fault
read_pieces(struct reading *r, struct str text)
{
	enum query_term_fault fault;
	const char *star;
	struct str piece;

	for (;;) {
		star = text.n > 0 ? memchr(text.p, '*', text.n) : NULL;
		piece = star != NULL ?
		    str_sub(text, 0, (size_t)(star - text.p)) : text;
		fault = read_words(r, piece);
		if (fault != QUERY_TERM_FINE || star == NULL)
			break;
		if (r->n == 0)
			return QUERY_TERM_EDGE_ANY;
		if (r->n == QUERY_MAX_WORDS)
			return QUERY_TERM_TOO_MANY;
		memset(&r->words[r->n], 0, sizeof(r->words[0]));
		r->words[r->n++].any = true;
		text = str_sub(text, piece.n + 1, SIZE_MAX);
	}
	if (fault == QUERY_TERM_FINE && r->n > 0 && r->words[r->n - 1].any)
		return QUERY_TERM_EDGE_ANY;
	return fault;
}

static bool
is_word_at(struct str s, size_t i)
{
	struct fold_char c;
	size_t len;

	if (i >= s.n)
		return false;
	fold_char(utf8_decode(s.p + i, s.n - i, &len), true, &c);
	return fold_is_word(c.class) || c.class == FOLD_SINGLE;
}

/* Whether the ? at i of a phrase is a letter, or ends a question. */
static bool
is_letter(struct str s, size_t i, bool prefix)
{
	while (i < s.n && s.p[i] == '?')
		i++;
	return i == s.n ? prefix : is_word_at(s, i);
}

static bool
holds_slice(struct str s, struct str part)
{
	for (size_t i = 0; i + part.n <= s.n; i++)
		if (memcmp(s.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

/* The text with a letter for each ? that is one. */
static struct str
put_letters(struct reading *r, struct str s, const struct query_term_how *how)
{
	char *to = arena_array(r->arena, s.n + 1, stand_ins[0].n);
	size_t n = 0, which = 0;

	while (which + 1 < N_STAND_INS && holds_slice(s, stand_ins[which]))
		which++;
	r->letter = stand_ins[which];
	if (to == NULL)
		return STR_NONE;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '?' && (!how->phrase ||
		    is_letter(s, i, how->prefix))) {
			memcpy(to + n, r->letter.p, r->letter.n);
			n += r->letter.n;
		} else
			to[n++] = s.p[i];
	}
	return (struct str){ to, n };
}

static enum query_term_fault
read_term(struct reading *r, struct str text, const struct query_term_how *how)
{
	bool literal = how->literal || how->raw;
	enum query_term_fault fault;

	r->match_case = how->match_case || how->raw;
	token_init(&r->folded, false);
	token_init(&r->cased, true);
	if (!literal && text.n > 0 && memchr(text.p, '?', text.n) != NULL)
		text = put_letters(r, text, how);
	fault = how->phrase && !literal ? read_pieces(r, text) :
	    read_words(r, text);
	if (arena_failed(r->arena))
		return QUERY_TERM_NO_MEMORY;
	if (fault == QUERY_TERM_FINE && r->n == 0)
		return QUERY_TERM_EMPTY;
	return fault;
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
new_term(struct arena *arena, const struct reading *r, struct str shown,
    const struct query_term_how *how)
{
	struct query_word *copy = arena_array(arena, r->n, sizeof(*copy));
	struct query *q = query_new(arena, QUERY_TERM);

	if (q == NULL || copy == NULL)
		return NULL;
	memcpy(copy, r->words, r->n * sizeof(*copy));
	q->words = copy;
	q->n_words = r->n;
	q->text = shown;
	q->fields = how->fields;
	q->loose = how->loose;
	q->slack = how->slack;
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
	enum query_term_fault fault;
	struct reading r;

	r.arena = arena;
	r.n = r.joined_span = 0;
	r.ends_single = false;
	r.letter = STR_NONE;
	r.joined = (struct query_word){ 0 };
	*out = NULL;
	fault = read_term(&r, text, how);
	if (fault == QUERY_TERM_FINE && how->prefix)
		fault = end_in_prefix(&r);
	if (fault != QUERY_TERM_FINE)
		return fault;
	*out = new_term(arena, &r, shown, how);
	if (!how->phrase && !how->raw && r.joined_span > 1 &&
	    r.joined_span == r.n) {
		r.words[0] = r.joined;
		r.n = 1;
		*out = new_alternatives(arena, *out, new_term(arena, &r,
		    shown, how));
	} else if (how->raw && *out != NULL)
		(*out)->raw = text;
	return *out != NULL ? QUERY_TERM_FINE : QUERY_TERM_NO_MEMORY;
}

/*
 * Printing.
 */

static void
print_fields(struct buf *b, unsigned fields)
{
	static const unsigned text_fields = 1U << FIELD_TITLE |
	    1U << FIELD_SUMMARY | 1U << FIELD_CONTENT;

	for (int f = 0; fields != text_fields && f <= FIELD_LEAD; f++)
		if ((fields & 1U << f) != 0)
			buf_addf(b, "%s:", field_name((enum field)f));
}

static void
print_word(struct buf *b, const struct query_word *w)
{
	if (w->any) {
		buf_add_char(b, '*');
		return;
	}
	if (w->cased.n > 0)
		buf_add_char(b, '=');
	buf_add_str(b, w->cased.n > 0 ? w->cased : w->folded);
	if (w->prefix)
		buf_add_char(b, '*');
}

static void
print_term(struct buf *b, const struct query *q)
{
	print_fields(b, q->fields);
	if (q->raw.n > 0) {
		buf_addf(b, "raw'%.*s'", STR_ARG(q->raw));
		return;
	}
	if (q->n_words > 1)
		buf_add_char(b, '"');
	for (size_t i = 0; i < q->n_words; i++) {
		if (i > 0)
			buf_add_char(b, ' ');
		print_word(b, &q->words[i]);
	}
	if (q->n_words > 1)
		buf_add_char(b, '"');
	if (q->loose)
		buf_addf(b, "~%u", q->slack);
}

/* and(a, b), near(a /5 b), atleast/3(a) */
static void
print_operator(struct buf *b, const struct query *q)
{
	static const char *const names[] = {
		[QUERY_AND] = "and", [QUERY_OR] = "or", [QUERY_NOT] = "not",
		[QUERY_NEAR] = "near", [QUERY_ATLEAST] = "atleast/",
	};
	bool near = q->kind == QUERY_NEAR;

	buf_addf(b, "%s%s", near && q->in_order ? "o" : "", names[q->kind]);
	if (q->kind == QUERY_ATLEAST)
		buf_addf(b, "%lld", (long long)q->number);
	buf_add_char(b, '(');
	for (const struct query *c = q->first; c != NULL; c = c->next) {
		if (c != q->first && !near)
			buf_add_c(b, ", ");
		else if (c != q->first && c->near == QUERY_NEAR_WORDS)
			buf_addf(b, " /%u ", c->distance);
		else if (c != q->first)
			buf_add_c(b, c->near == QUERY_NEAR_SENTENCE ? " /s " :
			    " /p ");
		query_print(b, c);
	}
	buf_add_char(b, ')');
}

static void
print_number(struct buf *b, const struct query *q)
{
	static const char *const orders[] = {
		[QUERY_LT] = "<", [QUERY_LE] = "<=", [QUERY_GT] = ">",
		[QUERY_GE] = ">=", [QUERY_EQ] = "=",
	};

	buf_addf(b, "%s%s%lld", q->what == QUERY_AGE ? "age" : "words",
	    orders[q->order], (long long)q->number);
}

void
query_print(struct buf *b, const struct query *q)
{
	switch (q->kind) {
	case QUERY_TERM:
		print_term(b, q);
		break;
	case QUERY_SET:
		print_fields(b, q->fields);
		buf_addf(b, "{%s}", q->set->id);
		break;
	case QUERY_REGEX:
		print_fields(b, q->fields);
		buf_addf(b, "/%.*s/%s", STR_ARG(q->text),
		    q->caseless ? "i" : "");
		break;
	case QUERY_SOURCE:
		buf_addf(b, "%s:%.*s", q->source == QUERY_SITE ? "site" :
		    "lang", STR_ARG(q->text));
		break;
	case QUERY_NUMBER:
		print_number(b, q);
		break;
	case QUERY_TOPIC:
		buf_addf(b, "topic:%.*s#%u", STR_ARG(q->text),
		    (unsigned)q->topic);
		break;
	case QUERY_AND:
	case QUERY_OR:
	case QUERY_NOT:
	case QUERY_NEAR:
	case QUERY_ATLEAST:
		print_operator(b, q);
		break;
	}
}
