/* SPDX-License-Identifier: ISC */
/* Random documents, and random queries over the same few words. */
#include "query_oracle.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters/token.h"

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

static const char *const where_names[] = { "", "title:", "body:", "lead:",
	"author:" };

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
	o->doc.sites = pick(o, 2) ? STR("news.example.com") :
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
	node->distance[0] = (unsigned)pick(o, COUNT(oracle_comparisons));
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
		    oracle_literals[(size_t)node->number %
		    COUNT(oracle_literals)]);
		break;
	case SITE:
		buf_addf(b, "site:%s", oracle_sites[node->number % 4]);
		break;
	case LANG:
		buf_addf(b, "lang:%s", oracle_languages[node->number % 4]);
		break;
	case WORDS:
		buf_addf(b, "words:%s%d", oracle_comparisons[node->distance[0]],
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

void
oracle_read_metal(struct term *t, size_t k)
{
	const struct word w = { .written = oracle_metals[k] };

	*t = (struct term){ .n = 0 };
	read_word(t, &w, false, false, k == 1);
}

int
oracle_make_pair(struct oracle *o)
{
	int root;

	o->theme = &themes[pick(o, COUNT(themes))];
	make_document(o);
	o->n_nodes = 0;
	root = grow_query(o, (int)pick(o, 4));
	buf_reset(&o->query);
	write_query(o, root);
	return root;
}
