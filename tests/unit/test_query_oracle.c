/* SPDX-License-Identifier: ISC */
/*
 * A slow evaluator straight from the grammar, over the tokens of each field,
 * beside the matcher: random queries, random documents, all operators, several
 * scripts. The oracle tries every combination of places; it shares nothing with
 * the matcher but the tokeniser, which has tests of its own.
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
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/token.h"
#include "filters/topic_set.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { MAX_TOKENS = 256, MAX_WORDS = 12, MAX_PLACES = 4096, MAX_NODES = 128,
    MAX_KIDS = 4, TEXT_BYTES = 64 };

/* In the order of themes, as the words and prefixes below. */
static const char *const spellings[] = {
	"peace", "Peace", "peace", "keepers", "peace-keepers", "peacekeepers",
	"Peace-Keepers-led", "x",
	"US", "us", "U.S.", "a", "A", "tin", "rare", "earth", "women", "Woman",
	"womn", "x",
	"Ёлка", "ёлки", "Ελλάδα", "ΕΛΛΆΔΑ", "οδός", "ΟΔΟΣ", "سلام", "سـلام",
	"東京", "京", "カタ", "ガ", "ไทย",
	"café", "CAFÉ", "Straße's", "STRASSE", "1,000", "1000", "3.5", "C++",
	"c", "AT&T", ".NET", "net", "don't",
};

static const char *const gaps[] = { " ", " ", " ", ", ", ". ", "! ", "\n\n",
	" – ", "\n", "; ", "。" };

/* caps: two capitals or more, so that case counts. */
struct word {
	const char	*written;
	bool		 caps;
	bool		 pattern;
};

static const struct word words[] = {
	{ "peace", false, false }, { "keepers", false, false },
	{ "peacekeepers", false, false }, { "peace-keepers", false, false },
	{ "?eace", false, true }, { "peac?keepers", false, true },
	{ "kee?ers", false, true }, { "x", false, false },
	{ "US", true, false }, { "us", false, false }, { "U.S.", true, false },
	{ "a", false, false }, { "tin", false, false },
	{ "rare", false, false }, { "earth", false, false },
	{ "wom?n", false, true }, { "absent", false, false },
	{ "елка", false, false }, { "ёл?а", false, true },
	{ "ΕΛΛΑΔΑ", true, false }, { "ελλάδα", false, false },
	{ "οδός", false, false }, { "سلام", false, false },
	{ "東京", false, false }, { "京", false, false },
	{ "カ", false, false }, { "ไ", false, false },
	{ "cafe", false, false }, { "CAFÉ", true, false },
	{ "strasse", false, false }, { "1000", false, false },
	{ "3.5", false, false }, { "AT&T", true, false },
	{ "net", false, false }, { "don't", false, false },
};

static const struct word prefixes[] = {
	{ "peac", false, false }, { "peace-keep", false, false },
	{ "keep", false, false }, { "p?ac", false, true },
	{ "wom?", false, true }, { "wom", false, false },
	{ "ёлк", false, false }, { "ΕΛΛ", true, false },
	{ "caf", false, false },
};

/* Where the words of one theme begin and end: few, so that they meet. */
static const struct theme {
	size_t	spelling[2], word[2], prefix[2];
} themes[] = {
	{ { 0, COUNT(spellings) }, { 0, COUNT(words) },
	    { 0, COUNT(prefixes) } },
	{ { 0, 8 }, { 0, 8 }, { 0, 4 } },
	{ { 8, 20 }, { 7, 17 }, { 4, 6 } },
	{ { 20, 33 }, { 17, 27 }, { 6, 8 } },
	{ { 33, COUNT(spellings) }, { 27, COUNT(words) },
	    { 8, COUNT(prefixes) } },
};

static const char *const raws[] = { "C++", ".NET", "AT&T", "peace-keepers",
	"U.S.", "Peace", "1,000", "Straße's" };
static const char *const literals[] = { "eace", "keepers", "tin", "C\\+\\+",
	"rare" };
static const char *const sites[] = { "example.com", "www.example.com",
	"news.example.com", "ample.com" };
static const char *const languages[] = { "en", "en-GB", "eng", "en-US" };
static const char *const comparisons[] = { "<", "<=", ">", ">=", "=" };
static const char *const metals[] = { "tin", "rare earth", "peace-keepers" };

/* One word that a term asks for. */
struct want {
	char	folded[TEXT_BYTES], cased[TEXT_BYTES];
	bool	prefix, pattern, match_case, any;
};

struct term {
	struct want	word[MAX_WORDS];
	size_t		n;
	bool		joined;		/* or this, as one word */
	struct want	joined_word;
	bool		loose;
	unsigned	slack;
	const char	*raw;
	size_t		raw_lead;
};

enum kind { TERM, LIST, AND, OR, NOT, NEAR, ATLEAST, REGEX, SITE, LANG,
    WORDS };

enum where { ANYWHERE, TITLE, BODY, LEAD, AUTHOR };
static const char *const where_names[] = { "", "title:", "body:", "lead:",
	"author:" };

struct node {
	enum kind	kind;
	int		kid[MAX_KIDS];
	int		n_kids;
	enum where	where;
	struct term	term;
	char		written[TEXT_BYTES * 8];
	bool		in_order;
	char		near;		/* 'w', 's', 'p' */
	unsigned	distance[MAX_KIDS];
	int		number;		/* or index */
};

struct seen_token {
	char		folded[TEXT_BYTES], cased[TEXT_BYTES];
	uint32_t	begin, end, offset, stop;
	int		field;
	int		sentence, paragraph;
};

struct spot {
	int		field;
	uint32_t	begin, end, offset, stop;
	int		sentence, paragraph;	/* -1: more than one */
};

struct spots {
	struct spot	at[MAX_PLACES];
	size_t		n;
};

struct oracle {
	unsigned		seed;
	const struct theme	*theme;
	struct seen_token	token[MAX_TOKENS];
	size_t			n_tokens;
	struct node		node[MAX_NODES];
	int			n_nodes;
	struct buf		text[FIELD_COUNT];
	struct buf		query;
	struct document		doc;
	struct arena		*arena;
	struct matcher		*matcher;
	struct query_set	metals;
	size_t			held, refused, near_held;
	/* What the matcher told. */
	bool			told;
	uint32_t		told_offset[MATCHER_MAX_HITS];
	int			told_field[MATCHER_MAX_HITS];
	size_t			n_told;
};

static size_t
pick(struct oracle *o, size_t n)
{
	return (size_t)rand_r(&o->seed) % n;
}

static size_t
pick_from(struct oracle *o, const size_t range[2])
{
	return range[0] + pick(o, range[1] - range[0]);
}

static const struct word *
pick_word(struct oracle *o, bool prefix)
{
	return prefix ? &prefixes[pick_from(o, o->theme->prefix)] :
	    &words[pick_from(o, o->theme->word)];
}

/*
 * Documents.
 */

static void
copy_text(char out[TEXT_BYTES], const char *p, size_t n)
{
	assert_true(n < TEXT_BYTES);
	memcpy(out, p, n);
	out[n] = '\0';
}

static int
unit_at(struct str text, size_t offset, bool paragraph,
    enum token_layout layout)
{
	size_t end = 0;
	int n = -1;

	do {
		end = paragraph ? token_paragraph_end(text, end, layout) :
		    token_sentence_end(text, end, layout);
		n++;
	} while (end <= offset);
	return n;
}

static void
read_tokens(struct oracle *o, int f)
{
	static struct token_reader folded, cased;
	struct str text = o->doc.text[f];
	enum token_layout layout = f == FIELD_TITLE ? TOKEN_WHOLE :
	    f == FIELD_AUTHOR ? TOKEN_LINES : token_layout(text);
	struct token t, c;

	token_init(&folded, false);
	token_init(&cased, true);
	token_begin(&folded, text, f == FIELD_AUTHOR);
	token_begin(&cased, text, f == FIELD_AUTHOR);
	while (token_next(&folded, &t) && token_next(&cased, &c)) {
		struct seen_token *s = &o->token[o->n_tokens++];

		assert_true(o->n_tokens < MAX_TOKENS);
		copy_text(s->folded, t.folded, t.n_folded);
		copy_text(s->cased, c.folded, c.n_folded);
		s->begin = t.position;
		s->end = t.position + t.span;
		s->offset = t.offset;
		s->stop = t.offset + t.length;
		s->field = f;
		s->sentence = unit_at(text, t.offset, false, layout);
		s->paragraph = unit_at(text, t.offset, true, layout);
	}
}

static void
make_document(struct oracle *o)
{
	static const int fields[] = { FIELD_TITLE, FIELD_SUMMARY,
		FIELD_CONTENT, FIELD_AUTHOR };

	memset(&o->doc, 0, sizeof(o->doc));
	o->n_tokens = 0;
	for (size_t i = 0; i < COUNT(fields); i++) {
		int f = fields[i];
		size_t n = pick(o, f == FIELD_CONTENT ? 14 : 6);

		buf_reset(&o->text[f]);
		if (pick(o, 20) == 0)
			buf_add_c(&o->text[f], "\n ");
		for (size_t k = 0; k < n; k++) {
			if (k > 0)
				buf_add_c(&o->text[f],
				    gaps[pick(o, COUNT(gaps))]);
			buf_add_c(&o->text[f],
			    spellings[pick_from(o,
			    o->theme->spelling)]);
		}
		/* Now and then a lead that is cut at its 50th word. */
		if (f == FIELD_CONTENT && pick(o, 50) == 0)
			for (size_t k = 0; k < 60; k++)
				buf_addf(&o->text[f], " %s", spellings[
				    pick_from(o, o->theme->spelling)]);
		o->doc.text[f] = buf_str(&o->text[f]);
		read_tokens(o, f);
	}
	o->doc.site = pick(o, 2) ? STR("news.example.com") :
	    STR("example.com");
	o->doc.language = pick(o, 2) ? STR("en") : STR("en-GB");
}

/*
 * Queries.
 */

static void
read_word(struct term *t, const struct word *w, bool match_case, bool prefix,
    bool phrase)
{
	static struct token_reader folded, cased;
	struct str text = str_from(w->written);
	char plain[TEXT_BYTES];
	struct token f, c;
	size_t from = t->n;

	/* A ? parts words for the tokeniser: a letter stands for it. */
	copy_text(plain, text.p, text.n);
	for (char *p = plain; *p != '\0'; p++)
		if (*p == '?')
			*p = 'q';
	token_init(&folded, false);
	token_init(&cased, true);
	token_begin(&folded, str_from(plain), false);
	token_begin(&cased, str_from(plain), false);
	while (token_next(&folded, &f) && token_next(&cased, &c)) {
		struct want *to = f.span > 1 ? &t->joined_word :
		    &t->word[t->n++];

		*to = (struct want){ .match_case = match_case || w->caps,
		    .pattern = w->pattern };
		copy_text(to->folded, f.folded, f.n_folded);
		copy_text(to->cased, c.folded, c.n_folded);
		for (char *p = to->folded; w->pattern && *p != '\0'; p++)
			if (*p == 'q')
				*p = '?';
		for (char *p = to->cased; w->pattern && *p != '\0'; p++)
			if (*p == 'q')
				*p = '?';
		if (f.span > 1)
			t->joined = !phrase;
	}
	t->joined = t->joined && t->n - from > 1;
	if (prefix) {
		t->word[t->n - 1].prefix = true;
		t->joined_word.prefix = true;
	}
}

static int
new_node(struct oracle *o, enum kind kind)
{
	assert_true(o->n_nodes < MAX_NODES);
	memset(&o->node[o->n_nodes], 0, sizeof(o->node[0]));
	o->node[o->n_nodes].kind = kind;
	return o->n_nodes++;
}

static void
make_raw(struct oracle *o, struct node *node)
{
	struct word w = { .written = raws[pick(o, COUNT(raws))] };

	node->term.raw = w.written;
	node->term.raw_lead = w.written[0] == '.';
	read_word(&node->term, &w, true, false, true);
	snprintf(node->written, sizeof(node->written), "raw:\"%s\"",
	    w.written);
}

static void
make_word(struct oracle *o, struct node *node)
{
	bool prefix = pick(o, 4) == 0, match_case = pick(o, 6) == 0;
	const struct word *w = pick_word(o, prefix);

	read_word(&node->term, w, match_case, prefix, false);
	snprintf(node->written, sizeof(node->written), "%s%s%s",
	    match_case ? "case:" : "", w->written, prefix ? "*" : "");
}

static void
make_phrase(struct oracle *o, struct node *node)
{
	struct term *t = &node->term;
	size_t n = 2 + pick(o, 2);
	struct buf b;

	t->loose = pick(o, 3) == 0;
	t->slack = (unsigned)pick(o, 5);
	buf_init(&b, sizeof(node->written) - 1);
	for (size_t i = 0; i < n; i++) {
		bool last = i + 1 == n, prefix = last && pick(o, 4) == 0;
		const struct word *w = pick_word(o, prefix);

		if (i > 0 && !t->loose && pick(o, 6) == 0) {
			t->word[t->n++] = (struct want){ .any = true };
			buf_add_c(&b, " *");
		}
		read_word(t, w, false, prefix, true);
		buf_addf(&b, "%s%s%s", i > 0 ? " " : "", w->written,
		    prefix ? "*" : "");
	}
	snprintf(node->written, sizeof(node->written), "\"%s\"", buf_cstr(&b));
	if (t->loose)
		snprintf(node->written, sizeof(node->written), "\"%s\"~%u",
		    buf_cstr(&b), t->slack);
	buf_clear(&b);
}

static int
grow_term(struct oracle *o)
{
	static const enum where wheres[] = { ANYWHERE, ANYWHERE, ANYWHERE,
		ANYWHERE, TITLE, BODY, LEAD, AUTHOR };
	int i = new_node(o, TERM);
	struct node *node = &o->node[i];
	size_t what = pick(o, 12);

	node->where = wheres[pick(o, COUNT(wheres))];
	if (what == 0) {
		node->kind = LIST;
		snprintf(node->written, sizeof(node->written), "list:metals");
	} else if (what == 1)
		make_raw(o, node);
	else if (what < 8)
		make_word(o, node);
	else
		make_phrase(o, node);
	return i;
}

/* A term, or an OR of these. */
static int
grow_operand(struct oracle *o)
{
	int i;

	if (pick(o, 4) > 0)
		return grow_term(o);
	i = new_node(o, OR);
	for (int k = 0; k < 2; k++) {
		int kid = grow_term(o);

		o->node[i].kid[o->node[i].n_kids++] = kid;
	}
	return i;
}

static int
grow_near(struct oracle *o)
{
	static const char nears[] = "wwwsp";
	int i = new_node(o, NEAR), n = pick(o, 4) > 0 ? 2 : 3;

	o->node[i].near = nears[pick(o, 5)];
	o->node[i].in_order = pick(o, 3) == 0;
	for (int k = 0; k < n; k++) {
		int kid = grow_operand(o);

		o->node[i].distance[k] = 1 + (unsigned)pick(o, 5);
		o->node[i].kid[o->node[i].n_kids++] = kid;
	}
	return i;
}

static int
grow_fact(struct oracle *o)
{
	static const enum kind kinds[] = { REGEX, SITE, LANG, WORDS };
	int i = new_node(o, kinds[pick(o, COUNT(kinds))]);
	struct node *node = &o->node[i];

	node->number = (int)pick(o, 16);
	node->where = pick(o, 2) ? TITLE : BODY;
	node->distance[0] = (unsigned)pick(o, COUNT(comparisons));
	return i;
}

static int
grow_query(struct oracle *o, int depth)
{
	size_t what = depth == 0 ? pick(o, 7) : pick(o, 14);
	int i, kid;

	if (what < 3)
		return grow_term(o);
	if (what < 5)
		return grow_near(o);
	if (what == 5) {
		i = new_node(o, ATLEAST);
		o->node[i].number = 1 + (int)pick(o, 4);
		kid = grow_operand(o);
		o->node[i].kid[o->node[i].n_kids++] = kid;
		return i;
	}
	if (what == 6)
		return grow_fact(o);
	i = new_node(o, what < 11 ? AND : OR);
	kid = grow_query(o, depth - 1);
	o->node[i].kid[o->node[i].n_kids++] = kid;
	kid = grow_query(o, depth - 1);
	if (what == 10) {
		int not = new_node(o, NOT);

		o->node[not].kid[o->node[not].n_kids++] = kid;
		kid = not;
	}
	o->node[i].kid[o->node[i].n_kids++] = kid;
	return i;
}

static void	write_query(struct oracle *, int);

static void
write_near(struct oracle *o, const struct node *node)
{
	for (int k = 0; k < node->n_kids; k++) {
		if (k > 0 && node->near == 'w')
			buf_addf(&o->query, " %s/%u ", node->in_order ?
			    "ONEAR" : "NEAR", node->distance[k]);
		else if (k > 0)
			buf_addf(&o->query, " %s/%c ", node->in_order ?
			    "ONEAR" : "NEAR", node->near);
		write_query(o, node->kid[k]);
	}
}

static void
write_query(struct oracle *o, int i)
{
	const struct node *node = &o->node[i];
	struct buf *b = &o->query;

	switch (node->kind) {
	case TERM:
	case LIST:
		buf_addf(b, "%s%s", where_names[node->where], node->written);
		break;
	case REGEX:
		buf_addf(b, "%s/%s/", where_names[node->where],
		    literals[(size_t)node->number % COUNT(literals)]);
		break;
	case SITE:
		buf_addf(b, "site:%s", sites[node->number % 4]);
		break;
	case LANG:
		buf_addf(b, "lang:%s", languages[node->number % 4]);
		break;
	case WORDS:
		buf_addf(b, "words:%s%d", comparisons[node->distance[0]],
		    node->number);
		break;
	case NOT:
		buf_add_c(b, "NOT ");
		write_query(o, node->kid[0]);
		break;
	case NEAR:
		buf_add_c(b, "(");
		write_near(o, node);
		buf_add_c(b, ")");
		break;
	case ATLEAST:
		buf_addf(b, "ATLEAST/%d ", node->number);
		write_query(o, node->kid[0]);
		break;
	case AND:
	case OR:
		buf_add_c(b, "(");
		write_query(o, node->kid[0]);
		buf_add_c(b, node->kind == OR ? " OR " : o->node[
		    node->kid[1]].kind == NOT ? " " : " AND ");
		write_query(o, node->kid[1]);
		buf_add_c(b, ")");
		break;
	}
}

/*
 * The oracle: places.
 */

/* Letter by letter; a ? is any one. */
static bool
is_like(const char *text, const char *want, bool prefix)
{
	while (*want != '\0') {
		if (*text == '\0')
			return false;
		if (*want == '?') {
			text++;
			while (((uint8_t)*text & 0xc0) == 0x80)
				text++;
			want++;
		} else if (*text++ != *want++)
			return false;
	}
	return prefix || *text == '\0';
}

static bool
is_word(const struct seen_token *t, const struct want *w)
{
	return is_like(t->folded, w->folded, w->prefix) &&
	    (!w->match_case || is_like(t->cased, w->cased, w->prefix));
}

static void
add_new(struct spots *out, const struct spot *p)
{
	for (size_t k = 0; k < out->n; k++)
		if (out->at[k].field == p->field &&
		    out->at[k].begin == p->begin && out->at[k].end == p->end)
			return;
	assert_true(out->n < MAX_PLACES);
	out->at[out->n++] = *p;
}

static void
add_spot(struct spots *s, const struct seen_token *a,
    const struct seen_token *b)
{
	add_new(s, &(struct spot){ .field = a->field, .begin = a->begin,
	    .end = b->end, .offset = a->offset, .stop = b->stop,
	    .sentence = a->sentence == b->sentence ? a->sentence : -1,
	    .paragraph = a->paragraph == b->paragraph ? a->paragraph : -1 });
}

/* Every way the words from the i-th on stand, the next at position at. */
static void
follow(const struct oracle *o, const struct term *t, size_t i, uint32_t at,
    const struct seen_token *first, const struct seen_token *last,
    struct spots *out)
{
	if (i == t->n) {
		add_spot(out, first, last);
		return;
	}
	if (t->word[i].any) {
		follow(o, t, i + 1, at + 1, first, last, out);
		return;
	}
	for (size_t k = 0; k < o->n_tokens; k++) {
		const struct seen_token *x = &o->token[k];

		if (is_word(x, &t->word[i]) && (first == NULL ||
		    (x->field == first->field && x->begin == at)))
			follow(o, t, i + 1, x->end, first != NULL ? first : x,
			    x, out);
	}
}

/* Every choice of different words of the text for the words from i on. */
static void
choose(const struct oracle *o, const struct term *t, size_t i,
    const struct seen_token **chosen, struct spots *out)
{
	const struct seen_token *a = chosen[0], *b = chosen[0];
	uint32_t covered = 0, reach = t->slack + (uint32_t)t->n *
	    TOKEN_MAX_PARTS;

	if (i == t->n) {
		for (size_t k = 0; k < i; k++) {
			covered += chosen[k]->end - chosen[k]->begin;
			a = chosen[k]->begin < a->begin ? chosen[k] : a;
			b = chosen[k]->end > b->end ? chosen[k] : b;
		}
		if (b->end - a->begin - covered <= t->slack)
			add_spot(out, a, b);
		return;
	}
	for (size_t k = 0; k < o->n_tokens; k++) {
		const struct seen_token *x = &o->token[k];
		bool apart = is_word(x, &t->word[i]);

		for (size_t c = 0; c < i && apart; c++)
			apart = chosen[c]->field == x->field &&
			    (chosen[c]->end <= x->begin ||
			    x->end <= chosen[c]->begin) &&
			    x->begin < chosen[c]->end + reach &&
			    chosen[c]->begin < x->end + reach;
		chosen[i] = x;
		if (apart)
			choose(o, t, i + 1, chosen, out);
	}
}

/* Whether a stretch could be shorter at its end; at both, for every. */
static bool
could_be_shorter(const struct spots *s, size_t i, bool every)
{
	bool at_end = false, at_begin = false;

	for (size_t k = 0; k < s->n; k++) {
		const struct spot *a = &s->at[k], *b = &s->at[i];

		if (a->field != b->field)
			continue;
		at_end = at_end || (a->begin == b->begin && a->end < b->end);
		at_begin = at_begin ||
		    (a->end == b->end && a->begin > b->begin);
	}
	return at_end && (!every || at_begin);
}

static bool
is_longest(const struct spots *s, size_t i)
{
	for (size_t k = 0; k < s->n; k++)
		if (s->at[k].field == s->at[i].field &&
		    s->at[k].begin == s->at[i].begin &&
		    s->at[k].end > s->at[i].end)
			return false;
	return true;
}

/* Whether the raw bytes stand there: the oracle's have no space. */
static bool
is_written(const struct oracle *o, const struct term *t, struct spot *p)
{
	struct str text = o->doc.text[p->field], raw = str_from(t->raw);

	if (p->offset < t->raw_lead || !str_eq(str_sub(text,
	    p->offset - t->raw_lead, raw.n), raw))
		return false;
	p->offset -= (uint32_t)t->raw_lead;
	p->stop = p->offset + (uint32_t)raw.n;
	return true;
}

/* The first paragraph with a word, 50 words of it. */
static bool
is_in_lead(const struct oracle *o, const struct spot *p)
{
	const struct seen_token *first = NULL;
	int body = FIELD_SUMMARY;

	for (size_t k = 0; k < o->n_tokens; k++)
		if (o->token[k].field == FIELD_CONTENT)
			body = FIELD_CONTENT;
	for (size_t k = o->n_tokens; k-- > 0;)
		if (o->token[k].field == body)
			first = &o->token[k];
	return p->field == body && first != NULL &&
	    p->paragraph == first->paragraph && p->end <= first->begin + 50;
}

static bool
is_asked(const struct oracle *o, enum where where, const struct spot *p)
{
	switch (where) {
	case ANYWHERE:
		return p->field <= FIELD_CONTENT;
	case TITLE:
		return p->field == FIELD_TITLE;
	case BODY:
		return p->field == FIELD_SUMMARY || p->field == FIELD_CONTENT;
	case LEAD:
		return is_in_lead(o, p);
	case AUTHOR:
		return p->field == FIELD_AUTHOR;
	}
	return false;
}

/* every: all places, for NEAR; else one from each begin, to be counted. */
static void
find_term(const struct oracle *o, const struct term *t, enum where where,
    bool every, struct spots *out)
{
	static struct spots all, asked;
	const struct seen_token *chosen[MAX_WORDS] = { NULL };

	all.n = asked.n = 0;
	if (t->loose)
		choose(o, t, 0, chosen, &all);
	else
		follow(o, t, 0, 0, NULL, NULL, &all);
	for (size_t i = 0; i < all.n; i++)
		if (is_asked(o, where, &all.at[i]) &&
		    (t->raw == NULL || is_written(o, t, &all.at[i])))
			add_new(&asked, &all.at[i]);
	for (size_t i = 0; i < asked.n; i++)
		if (t->loose ? !could_be_shorter(&asked, i, every) :
		    every || is_longest(&asked, i))
			add_new(out, &asked.at[i]);
}

static void
find_both(const struct oracle *o, const struct term *t, enum where where,
    bool every, struct spots *out)
{
	struct term joined = { .n = 1 };

	find_term(o, t, where, every, out);
	if (!t->joined)
		return;
	joined.word[0] = t->joined_word;
	find_term(o, &joined, where, every, out);
}

static void
find_spots(const struct oracle *o, int i, bool every, struct spots *out)
{
	const struct node *node = &o->node[i];

	if (node->kind == TERM)
		find_both(o, &node->term, node->where, every, out);
	for (size_t k = 0; node->kind == LIST && k < COUNT(metals); k++) {
		struct word w = { .written = metals[k] };
		struct term t = { .n = 0 };

		read_word(&t, &w, false, false, k == 1);
		find_both(o, &t, node->where, every, out);
	}
	for (int k = 0; node->kind == OR && k < node->n_kids; k++)
		find_spots(o, node->kid[k], every, out);
}

/*
 * The oracle: what holds.
 */

static bool
is_near(const struct node *node, int link, const struct spot *a,
    const struct spot *b)
{
	bool behind = b->begin >= a->end, before = a->begin >= b->end;
	uint32_t between = behind ? b->begin - a->end : a->begin - b->end;

	if (a->field != b->field || (!behind && !before) ||
	    (node->in_order && !behind))
		return false;
	if (node->near == 's')
		return a->sentence != -1 && a->sentence == b->sentence;
	if (node->near == 'p')
		return a->paragraph != -1 && a->paragraph == b->paragraph;
	return between <= node->distance[link];
}

/* Every choice of places, all apart, for the operands from k on. */
static bool
has_chain(const struct node *node, const struct spots *spots, int k,
    const struct spot **chosen)
{
	if (k == node->n_kids)
		return true;
	for (size_t i = 0; i < spots[k].n; i++) {
		const struct spot *p = &spots[k].at[i];
		bool fits = k == 0 || is_near(node, k, chosen[k - 1], p);

		for (int c = 0; c < k && fits; c++)
			fits = chosen[c]->end <= p->begin ||
			    p->end <= chosen[c]->begin;
		chosen[k] = p;
		if (fits && has_chain(node, spots, k + 1, chosen))
			return true;
	}
	return false;
}

static struct spots operands[MAX_KIDS];

static bool
near_holds(const struct oracle *o, const struct node *node)
{
	const struct spot *chosen[MAX_KIDS];

	for (int k = 0; k < node->n_kids; k++) {
		operands[k].n = 0;
		find_spots(o, node->kid[k], true, &operands[k]);
	}
	return has_chain(node, operands, 0, chosen);
}

static bool
compare(int64_t have, const char *order, int64_t want)
{
	if (order[0] == '=')
		return have == want;
	if (order[0] == '<')
		return have < want || (order[1] == '=' && have == want);
	return have > want || (order[1] == '=' && have == want);
}

static int64_t
count_words(const struct oracle *o, int f)
{
	uint32_t first = UINT32_MAX, end = 0;

	for (size_t k = 0; k < o->n_tokens; k++) {
		const struct seen_token *t = &o->token[k];

		if (t->field != f)
			continue;
		first = t->begin < first ? t->begin : first;
		end = t->end > end ? t->end : end;
	}
	return end > 0 ? end - first : 0;
}

static bool
regex_holds(const struct oracle *o, const struct node *node)
{
	const char *literal = literals[(size_t)node->number % COUNT(literals)];
	struct str want = str_from(strcmp(literal, "C\\+\\+") == 0 ? "C++" :
	    literal);

	for (int f = 0; f <= FIELD_CONTENT; f++) {
		struct str text = o->doc.text[f];

		if ((f == FIELD_TITLE) != (node->where == TITLE))
			continue;
		for (size_t i = 0; i + want.n <= text.n; i++)
			if (str_eq(str_sub(text, i, want.n), want))
				return true;
	}
	return false;
}

static bool
site_holds(const struct oracle *o, int number)
{
	if (number == 3)
		return false;
	return number < 2 || str_eq_c(o->doc.site, "news.example.com");
}

static bool
lang_holds(const struct oracle *o, int number)
{
	return number == 0 || (number == 1 && str_eq_c(o->doc.language,
	    "en-GB"));
}

static bool
oracle_holds(const struct oracle *o, int i)
{
	const struct node *node = &o->node[i];
	static struct spots spots;
	int64_t n;

	switch (node->kind) {
	case TERM:
	case LIST:
		spots.n = 0;
		find_spots(o, i, true, &spots);
		return spots.n > 0;
	case AND:
		return oracle_holds(o, node->kid[0]) &&
		    oracle_holds(o, node->kid[1]);
	case OR:
		return oracle_holds(o, node->kid[0]) ||
		    oracle_holds(o, node->kid[1]);
	case NOT:
		return !oracle_holds(o, node->kid[0]);
	case NEAR:
		return near_holds(o, node);
	case ATLEAST:
		spots.n = 0;
		find_spots(o, node->kid[0], false, &spots);
		return spots.n >= (size_t)node->number;
	case REGEX:
		return regex_holds(o, node);
	case SITE:
		return site_holds(o, node->number % 4);
	case LANG:
		return lang_holds(o, node->number % 4);
	case WORDS:
		n = count_words(o, FIELD_CONTENT);
		if (n == 0)
			n = count_words(o, FIELD_SUMMARY);
		return compare(n, comparisons[node->distance[0]],
		    node->number);
	}
	return false;
}

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
		if (k == 0 ? is_near(node, 1, p, &others->at[i]) :
		    is_near(node, 1, &others->at[i], p))
			return true;
	return false;
}

static void
check_hits(struct oracle *o, const struct node *node)
{
	assert_true(near_holds(o, node));
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
	struct str terms[COUNT(metals)];
	size_t bad;

	(void)name;
	(void)why;
	for (size_t i = 0; i < COUNT(metals); i++)
		terms[i] = str_from(metals[i]);
	o->metals = (struct query_set){ .id = "list:metals",
	    .any = query_from_terms(o->arena, terms, COUNT(metals), &bad,
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

	o->theme = &themes[pick(o, COUNT(themes))];
	make_document(o);
	o->n_nodes = 0;
	root = grow_query(o, (int)pick(o, 4));
	buf_reset(&o->query);
	write_query(o, root);
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
		    buf_cstr(&o->text[FIELD_AUTHOR]), STR_ARG(o->doc.site),
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
