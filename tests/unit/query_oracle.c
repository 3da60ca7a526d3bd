/* SPDX-License-Identifier: ISC */
/* The evaluator: places, and what holds. */
#include "query_oracle.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "filters/token.h"

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
	for (size_t k = 0; node->kind == LIST && k < COUNT(oracle_metals);
	    k++) {
		struct term t;

		oracle_read_metal(&t, k);
		find_both(o, &t, node->where, every, out);
	}
	for (int k = 0; node->kind == OR && k < node->n_kids; k++)
		find_spots(o, node->kid[k], every, out);
}

/*
 * The oracle: what holds.
 */

bool
oracle_is_near(const struct node *node, int link, const struct spot *a,
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
		bool fits = k == 0 || oracle_is_near(node, k, chosen[k - 1], p);

		for (int c = 0; c < k && fits; c++)
			fits = chosen[c]->end <= p->begin ||
			    p->end <= chosen[c]->begin;
		chosen[k] = p;
		if (fits && has_chain(node, spots, k + 1, chosen))
			return true;
	}
	return false;
}

bool
oracle_near_holds(const struct oracle *o, const struct node *node,
    struct spots operands[MAX_KIDS])
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
	const char *literal = oracle_literals[(size_t)node->number %
	    COUNT(oracle_literals)];
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
	return number < 2 || str_eq_c(o->doc.sites, "news.example.com");
}

static bool
lang_holds(const struct oracle *o, int number)
{
	return number == 0 || (number == 1 && str_eq_c(o->doc.language,
	    "en-GB"));
}

static struct spots operands[MAX_KIDS];

bool
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
		return oracle_near_holds(o, node, operands);
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
		return compare(n, oracle_comparisons[node->distance[0]],
		    node->number);
	}
	return false;
}
