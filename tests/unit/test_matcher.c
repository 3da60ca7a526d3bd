/* SPDX-License-Identifier: ISC */
/*
 * The matcher against cases written by hand, and against a judge of its own:
 * random queries and texts over a vocabulary whose words come with what they
 * are as tokens, evaluated straight from the grammar, with places.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* What on_topic was told, as text: "0[title:4 "Rare earth" (rare earth*)]". */
struct told {
	struct buf	out;
	size_t		topics;
	int		stop_after;
	bool		contexts;
};

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct told *told = ctx;

	buf_addf(&told->out, "%s%u", told->topics > 0 ? " " : "", topic);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&told->out, "[%s:%zu %.*s]", hits[i].field,
		    hits[i].offset, STR_ARG(hits[i].text));
		if (told->contexts)
			buf_addf(&told->out, "{%.*s}",
			    STR_ARG(hits[i].context));
	}
	told->topics++;
	return told->stop_after > 0 &&
	    told->topics == (size_t)told->stop_after;
}

static const struct matcher_ops ops = { .on_topic = on_topic };

static struct topic_set *
compile(const char *const *queries, size_t n)
{
	struct topic_set_builder *b = topic_set_builder_new();
	struct arena *arena = arena_new(16 << 20);
	static struct query_faults faults;
	struct topic_set *set;
	struct err err;

	assert_non_null(b);
	for (size_t i = 0; i < n; i++) {
		struct query *q = query_parse(arena, str_from(queries[i]),
		    NULL, &faults);

		if (faults.errors > 0)
			fail_msg("%s: %s", queries[i],
			    faults.list[0].message);
		assert_int_equal(topic_set_builder_add(b, q, &faults), i);
	}
	arena_free(arena);
	set = topic_set_compile(b, &err);
	assert_non_null(set);
	return set;
}

static struct document
document_of(const char *title, const char *summary, const char *content)
{
	struct document d = { .text[FIELD_FEED] = STR("f") };

	d.text[FIELD_TITLE] = str_from(title);
	d.text[FIELD_SUMMARY] = str_from(summary);
	d.text[FIELD_CONTENT] = str_from(content);
	return d;
}

static void
run(struct topic_set *set, const struct document *d, const uint64_t *wanted,
    struct told *told)
{
	struct matcher *m = matcher_new();
	struct err err;

	assert_non_null(m);
	buf_init(&told->out, 1 << 20);
	assert_int_equal(matcher_run(m, set, d, wanted, &ops, told, &err), 0);
	matcher_free(m);
}

static const struct {
	const char	*says;
	const char	*query, *title, *summary, *content;
	const char	*want;
} cases[] = {
	{ "a word is found in every text field, in their order",
	    "peace", "Peace", "no peace", "war and peace",
	    "0[title:0 Peace][summary:3 peace][content:8 peace]" },
	{ "a prefix shows the whole word",
	    "peacekeep*", NULL, NULL, "UN peacekeepers leave",
	    "0[content:3 peacekeepers]" },
	{ "a phrase shows what stands from its first word to its last",
	    "\"rare earth*\"", "China's rare, earths", NULL, NULL,
	    "0[title:8 rare, earths]" },
	{ "a phrase does not reach from title to summary",
	    "\"rare earth\"", "rare", "earth", NULL, "" },
	{ "the word order of a phrase counts",
	    "\"earth rare\"", "rare earth", NULL, NULL, "" },
	{ "AND needs both, wherever they stand",
	    "peace AND war", "peace", NULL, "war",
	    "0[title:0 peace][content:0 war]" },
	{ "what stands under NOT is no hit",
	    "peace NOT war", "peace", NULL, "piece",
	    "0[title:0 peace]" },
	{ "NOT keeps a topic out",
	    "peace NOT war", "peace", NULL, "war", "" },
	{ "of an OR the parts that hold are shown",
	    "(a AND b) OR c", "a c", NULL, NULL, "0[title:2 c]" },
	{ "title: looks nowhere else",
	    "title:war", "peace", "war", "war", "" },
	{ "title: has no hits elsewhere",
	    "title:war AND x", "war", "war", "x",
	    "0[title:0 war][content:0 x]" },
	{ "body: is summary and content",
	    "body:war", "war", "war", "the war",
	    "0[summary:0 war][content:4 war]" },
	{ "two capitals or more compare case",
	    "US", "us", "Us", "the US", "0[content:4 US]" },
	{ "an abbreviation is its letters",
	    "US", "U.S. troops", NULL, "u.s.", "0[title:0 U.S.]" },
	{ "case: compares case",
	    "case:Polish", "polish", "POLISH", "Polish",
	    "0[content:0 Polish]" },
	{ "a prefix in capitals compares case",
	    "NATO*", "natonal NATO-led NATOs", NULL, NULL,
	    "0[title:8 NATO-led][title:17 NATOs]" },
	{ "a hyphenated word is found joined, parted and as written",
	    "peace-keepers", "peacekeepers", "peace keepers",
	    "Peace-keepers", "0[title:0 peacekeepers]"
	    "[summary:0 peace keepers][content:0 Peace-keepers]" },
	{ "a word is found hyphenated",
	    "peacekeepers", "peace-keepers", NULL, NULL,
	    "0[title:0 peace-keepers]" },
	{ "a phrase goes on behind a hyphenated word, either way",
	    "\"peacekeepers arrive\" AND \"peace keepers arrive\"",
	    "peace-keepers arrive", NULL, NULL,
	    "0[title:0 peace-keepers arrive]" },
	{ "a phrase goes on before a hyphenated word, either way",
	    "\"un peacekeep*\" AND \"un peace keep*\"",
	    "UN peace-keepers", NULL, NULL, "0[title:0 UN peace-keepers]" },
	{ "Han is found at every character",
	    "京都", "東京都", NULL, NULL, "0[title:3 京都]" },
	{ "the same place is told once",
	    "peace AND (peace OR peace*)", "peace", NULL, NULL,
	    "0[title:0 peace]" },
	{ "a longer place comes first",
	    "rare AND \"rare earth\"", "rare earth", NULL, NULL,
	    "0[title:0 rare earth][title:0 rare]" },
	{ "a phrase may repeat a word",
	    "\"a b a\"", "a b a b a", NULL, NULL,
	    "0[title:0 a b a][title:4 a b a]" },
	{ "an empty document holds nothing",
	    "a OR b", NULL, NULL, NULL, "" },
	{ "bytes that are no UTF-8 part words",
	    "ab AND cd", "ab\xff" "cd", NULL, "\xe2\x80",
	    "0[title:0 ab][title:3 cd]" },
};

static void
test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct topic_set *set = compile(&cases[i].query, 1);
		struct document d = document_of(cases[i].title,
		    cases[i].summary, cases[i].content);
		struct told told = { .stop_after = 0 };

		run(set, &d, NULL, &told);
		if (strcmp(buf_cstr(&told.out), cases[i].want) != 0)
			fail_msg("%s: got %s, not %s", cases[i].says,
			    buf_cstr(&told.out), cases[i].want);
		buf_clear(&told.out);
		topic_set_unref(set);
	}
}

/* A term that stands there a hundred times hides none of the others. */
static void
test_many_hits(void **state)
{
	const char *queries[] = { "gaza OR rafah OR \"new plan\"" };
	struct topic_set *set = compile(queries, 1);
	struct told told = { .topics = 0 };
	struct document d;
	size_t hits = 0;
	struct buf text;

	(void)state;
	buf_init(&text, 4096);
	for (int i = 0; i < 100; i++)
		buf_add_c(&text, "gaza ");
	buf_add_c(&text, "rafah new plan");
	d = document_of("gaza", NULL, buf_cstr(&text));
	run(set, &d, NULL, &told);
	for (const char *p = buf_cstr(&told.out); *p != '\0'; p++)
		hits += *p == '[';
	assert_int_equal(hits, MATCHER_MAX_HITS);
	assert_non_null(strstr(buf_cstr(&told.out),
	    "0[title:0 gaza][content:0 gaza][content:5 gaza]"));
	assert_non_null(strstr(buf_cstr(&told.out),
	    " gaza][content:500 rafah][content:506 new plan]"));
	topic_set_unref(set);
	buf_clear(&told.out);
	buf_clear(&text);
}

/* A word that stands so often that its places are not gone through before the
 * topic is looked at; and one of which the last place alone will do. */
static void
test_often_before_a_phrase(void **state)
{
	static const char *const queries[] = { "\"gaza plan\"",
	    "\"plan gaza\"", "\"new gaza plan\"" };
	struct topic_set *set = compile(queries, COUNT(queries));

	(void)state;
	for (int n = 1; n <= 40; n += 3) {
		struct told told = { .topics = 0 };
		struct document d;
		struct buf text;

		buf_init(&text, 4096);
		for (int i = 0; i < n; i++)
			buf_add_c(&text, "plan a gaza a ");
		buf_add_c(&text, "gaza plan new");
		d = document_of("t", NULL, buf_cstr(&text));
		run(set, &d, NULL, &told);
		assert_int_equal(told.topics, 1);
		assert_int_equal(strncmp(buf_cstr(&told.out), "0[", 2), 0);
		buf_clear(&told.out);
		buf_clear(&text);
	}
	topic_set_unref(set);
}

static void
test_other_fields(void **state)
{
	static const char *const queries[] = { "author:\"ann lee\"",
	    "author:\"lee bob\"", "tag:\"rare earth\"", "url:ukraine-war",
	    "url:example.com", "ann", "url:\"news ukraine\"" };
	struct topic_set *set = compile(queries, COUNT(queries));
	struct document d = document_of("t", "s", "c");
	struct told told = { .stop_after = 0 };

	(void)state;
	d.text[FIELD_AUTHOR] = STR("Ann Lee\nBob");
	d.text[FIELD_TAG] = STR("rare\nearth");
	d.text[FIELD_URL] = STR("https://example.com/news/ukraine-war?x=1");
	run(set, &d, NULL, &told);
	assert_string_equal(buf_cstr(&told.out), "0[author:0 Ann Lee] "
	    "3[url:25 ukraine-war] 4[url:8 example.com] "
	    "6[url:20 news/ukraine]");
	buf_clear(&told.out);
	topic_set_unref(set);
}

static void
test_order_and_wanted(void **state)
{
	static const char *const queries[] = { "zebra", "a", "b OR a", "b",
	    "a b*" };
	const char *both[70];
	struct document d = document_of("b zebra", NULL, "a");
	uint64_t wanted[2] = { UINT64_C(1) << 3, UINT64_C(1) << 5 };
	struct told told = { .stop_after = 0 };
	struct topic_set *set = compile(queries, 4);

	(void)state;
	run(set, &d, NULL, &told);
	assert_string_equal(buf_cstr(&told.out), "0[title:2 zebra] "
	    "1[content:0 a] 2[title:0 b][content:0 a] 3[title:0 b]");
	buf_clear(&told.out);
	topic_set_unref(set);

	for (size_t i = 0; i < COUNT(both); i++)
		both[i] = "zebra";
	set = compile(both, COUNT(both));
	told = (struct told){ .stop_after = 0 };
	run(set, &d, wanted, &told);
	assert_string_equal(buf_cstr(&told.out),
	    "3[title:2 zebra] 69[title:2 zebra]");
	buf_clear(&told.out);
	topic_set_unref(set);
}

static void
test_stops(void **state)
{
	static const char *const queries[] = { "a", "b", "a OR b" };
	struct topic_set *set = compile(queries, 3);
	struct document d = document_of("a b", NULL, NULL);
	struct told told = { .stop_after = 2 };
	struct matcher *m = matcher_new();
	struct err err;

	(void)state;
	buf_init(&told.out, 4096);
	assert_int_equal(matcher_run(m, set, &d, NULL, &ops, &told, &err), -1);
	assert_int_equal(told.topics, 2);
	buf_clear(&told.out);
	matcher_free(m);
	topic_set_unref(set);
}

/* One matcher over sets of different sizes, back and forth. */
static void
test_changing_sets(void **state)
{
	static const char *const few[] = { "alpha", "\"alpha beta\"" };
	static const char *const many[] = { "gamma", "beta", "alpha AND beta",
	    "\"beta alpha\"", "delta", "\"beta alpha beta\"", "title:beta" };
	struct topic_set *small = compile(few, COUNT(few));
	struct topic_set *large = compile(many, COUNT(many));
	struct document d = document_of("alpha beta", NULL, NULL);
	struct told told = { .stop_after = 0 };
	struct matcher *m = matcher_new();
	struct err err;

	(void)state;
	buf_init(&told.out, 4096);
	for (int i = 0; i < 3; i++) {
		told.topics = 0;
		buf_reset(&told.out);
		assert_int_equal(matcher_run(m, small, &d, NULL, &ops, &told,
		    &err), 0);
		assert_string_equal(buf_cstr(&told.out),
		    "0[title:0 alpha] 1[title:0 alpha beta]");
		told.topics = 0;
		buf_reset(&told.out);
		assert_int_equal(matcher_run(m, large, &d, NULL, &ops, &told,
		    &err), 0);
		assert_string_equal(buf_cstr(&told.out), "1[title:6 beta] "
		    "2[title:0 alpha][title:6 beta] 6[title:6 beta]");
	}
	buf_clear(&told.out);
	matcher_free(m);
	topic_set_unref(small);
	topic_set_unref(large);
}

static void
test_context(void **state)
{
	static const char *const query[] = { "peace*" };
	struct topic_set *set = compile(query, 1);
	struct document d = document_of("War. Peace. Trade.", NULL,
	    "Gen. Smith spoke. He said \"no peace. not now.\" Then he left.");
	struct told told = { .contexts = true };

	(void)state;
	run(set, &d, NULL, &told);
	assert_string_equal(buf_cstr(&told.out), "0[title:5 Peace]"
	    "{War. Peace. Trade.}[content:30 peace]"
	    "{He said \"no peace. not now.\"}");
	buf_clear(&told.out);
	topic_set_unref(set);
}

/*
 * The judge. A vocabulary says of each spelling what tokens it is; a text is a
 * list of spellings; a query is a tree of the test's own, written out with as
 * few brackets as the grammar allows.
 */
struct spelling {
	const char	*text;
	const char	*part[3], *cased[3];	/* folded; with their case */
	const char	*joined, *joined_cased;
	size_t		 at[3], len[3];		/* of the parts, in bytes */
};

static const struct spelling vocabulary[] = {
	{ "peace", { "peace" }, { "peace" }, NULL, NULL, { 0 }, { 5 } },
	{ "Peace", { "peace" }, { "Peace" }, NULL, NULL, { 0 }, { 5 } },
	{ "keepers", { "keepers" }, { "keepers" }, NULL, NULL, { 0 }, { 7 } },
	{ "peace-keepers", { "peace", "keepers" }, { "peace", "keepers" },
	    "peacekeepers", "peacekeepers", { 0, 6 }, { 5, 7 } },
	{ "peacekeepers", { "peacekeepers" }, { "peacekeepers" }, NULL, NULL,
	    { 0 }, { 12 } },
	{ "US", { "us" }, { "US" }, NULL, NULL, { 0 }, { 2 } },
	{ "us", { "us" }, { "us" }, NULL, NULL, { 0 }, { 2 } },
	{ "U.S.", { "us" }, { "US" }, NULL, NULL, { 0 }, { 4 } },
	{ "US-led", { "us", "led" }, { "US", "led" }, "usled", "USled",
	    { 0, 3 }, { 2, 3 } },
	{ "Ёлка", { "елка" }, { "Елка" }, NULL, NULL, { 0 }, { 8 } },
	{ "ёлки", { "елки" }, { "елки" }, NULL, NULL, { 0 }, { 8 } },
	{ "東京", { "東", "京" }, { "東", "京" }, NULL, NULL, { 0, 3 },
	    { 3, 3 } },
	{ "京", { "京" }, { "京" }, NULL, NULL, { 0 }, { 3 } },
	{ "Straße's", { "strasse" }, { "Strasse" }, NULL, NULL, { 0 },
	    { 9 } },
	{ "CAFÉ", { "cafe" }, { "CAFE" }, NULL, NULL, { 0 }, { 5 } },
	{ "1,000", { "1000" }, { "1000" }, NULL, NULL, { 0 }, { 5 } },
};

/* What a term's word asks: a token's form; what it may be matched by. */
struct want {
	const char	*written;
	const char	*folded, *cased;	/* cased: NULL, any */
	bool		 prefix;		/* last word only */
};

static const struct want wants[] = {
	{ "peace", "peace", NULL, false },
	{ "keepers", "keepers", NULL, false },
	{ "peacekeepers", "peacekeepers", NULL, false },
	{ "US", "us", "US", false },
	{ "us", "us", NULL, false },
	{ "led", "led", NULL, false },
	{ "елка", "елка", NULL, false },
	{ "京", "京", NULL, false },
	{ "東", "東", NULL, false },
	{ "strasse", "strasse", NULL, false },
	{ "café", "cafe", NULL, false },
	{ "CAFE", "cafe", "CAFE", false },
	{ "1000", "1000", NULL, false },
	{ "peac*", "peac", NULL, true },
	{ "keep*", "keep", NULL, true },
	{ "ёлк*", "елк", NULL, true },
	{ "absent", "absent", NULL, false },
};

enum { MAX_TOKENS = 64, MAX_NODES = 64, MAX_PLACES = 512 };

struct judge_token {
	const char	*folded, *cased;
	size_t		 begin, end;		/* positions */
	size_t		 offset, length;
	int		 field;
};

struct judge_node {
	enum { TERM, AND, OR, NOT } kind;
	int	left, right;			/* AND, OR; NOT: left */
	int	word[3], n_words;
	int	where;				/* 0 anywhere 1 title 2 body */
};

struct judge_place {
	int	field;
	size_t	offset, length;
	int	term;				/* first word of it */
};

struct judge {
	struct judge_token	token[MAX_TOKENS];
	size_t			n_tokens;
	struct judge_node	node[MAX_NODES];
	int			n_nodes;
	struct judge_place	place[MAX_PLACES];
	size_t			n_places;
	unsigned		seed;
};

static int
pick(struct judge *j, size_t n)
{
	return (int)((size_t)rand_r(&j->seed) % n);
}

static void
add_token(struct judge *j, struct judge_token t)
{
	assert_true(j->n_tokens < MAX_TOKENS);
	j->token[j->n_tokens++] = t;
}

/* Appends a spelling to a field's text, and what it is to the tokens. */
static void
add_spelling(struct judge *j, struct buf *text, int field, size_t *position)
{
	const struct spelling *s = &vocabulary[pick(j, COUNT(vocabulary))];
	static const char *const gaps[] = { " ", ", ", ". ", "\n\n", " – " };
	size_t offset, n = 0;

	if (text->n > 0)
		buf_add_c(text, gaps[pick(j, COUNT(gaps))]);
	offset = text->n;
	buf_add_c(text, s->text);
	while (n < 3 && s->part[n] != NULL)
		n++;
	for (size_t i = 0; i < n; i++)
		add_token(j, (struct judge_token){ s->part[i], s->cased[i],
		    *position + i, *position + i + 1, offset + s->at[i],
		    i == 0 && n == 1 ? strlen(s->text) : s->len[i], field });
	if (s->joined != NULL)
		add_token(j, (struct judge_token){ s->joined, s->joined_cased,
		    *position, *position + n, offset, strlen(s->text),
		    field });
	*position += n;
}

static bool
is_word(const struct judge_token *t, const struct want *w)
{
	if (w->cased != NULL && strcmp(t->cased, w->cased) != 0)
		return false;
	return w->prefix ? strncmp(t->folded, w->folded,
	    strlen(w->folded)) == 0 : strcmp(t->folded, w->folded) == 0;
}

/* Every way the words from the i-th on stand behind token t. */
static void
follow(struct judge *j, const struct judge_node *node, int i,
    const struct judge_token *first, const struct judge_token *t)
{
	if (i == node->n_words) {
		assert_true(j->n_places < MAX_PLACES);
		j->place[j->n_places++] = (struct judge_place){ t->field,
		    first->offset, t->offset + t->length - first->offset,
		    (int)(node - j->node) };
		return;
	}
	for (size_t k = 0; k < j->n_tokens; k++) {
		const struct judge_token *next = &j->token[k];

		if (next->field == t->field && next->begin == t->end &&
		    is_word(next, &wants[node->word[i]]))
			follow(j, node, i + 1, first, next);
	}
}

static bool
is_in(const struct judge_node *node, int field)
{
	return node->where == 0 || (node->where == 1) == (field == 0);
}

static size_t
find_term(struct judge *j, const struct judge_node *node)
{
	size_t before = j->n_places;

	for (size_t k = 0; k < j->n_tokens; k++)
		if (is_in(node, j->token[k].field) &&
		    is_word(&j->token[k], &wants[node->word[0]]))
			follow(j, node, 1, &j->token[k], &j->token[k]);
	return j->n_places - before;
}

static bool
judge_holds(struct judge *j, int i)
{
	const struct judge_node *node = &j->node[i];
	size_t before = j->n_places;
	bool left, right, rc;

	if (node->kind == TERM)
		return find_term(j, node) > 0;
	left = judge_holds(j, node->left);
	if (node->kind == NOT) {
		j->n_places = before;
		return !left;
	}
	if (node->kind == OR && !left)
		j->n_places = before;
	before = node->kind == OR ? j->n_places : before;
	right = judge_holds(j, node->right);
	rc = node->kind == AND ? left && right : left || right;
	if (!right || !rc)
		j->n_places = before;
	return rc;
}

static int	grow_query(struct judge *, int depth);

static int
new_node(struct judge *j, int kind)
{
	assert_true(j->n_nodes < MAX_NODES);
	j->node[j->n_nodes] = (struct judge_node){ .kind = (unsigned)kind };
	return j->n_nodes++;
}

static int
grow_term(struct judge *j)
{
	int i = new_node(j, TERM);
	struct judge_node *node = &j->node[i];
	static const int fields[] = { 0, 0, 0, 0, 1, 2 };

	node->where = fields[pick(j, COUNT(fields))];
	node->n_words = pick(j, 5) < 3 ? 1 : 2 + pick(j, 2);
	for (int w = 0; w < node->n_words; w++)
		do
			node->word[w] = pick(j, COUNT(wants));
		while (wants[node->word[w]].prefix && w + 1 < node->n_words);
	return i;
}

static int
grow_query(struct judge *j, int depth)
{
	int kind = depth == 0 ? 0 : pick(j, 5), i, left, right;

	if (kind < 2)
		return grow_term(j);
	left = grow_query(j, depth - 1);
	right = grow_query(j, depth - 1);
	if (kind == 4) {
		i = new_node(j, NOT);
		j->node[i].left = right;
		right = i;
	}
	i = new_node(j, kind == 3 ? OR : AND);
	j->node[i].left = left;
	j->node[i].right = right;
	return i;
}

static void
write_term(struct buf *b, const struct judge_node *node)
{
	static const char *const fields[] = { "", "title:", "body:" };

	buf_add_c(b, fields[node->where]);
	buf_add_c(b, node->n_words > 1 ? "\"" : "");
	for (int w = 0; w < node->n_words; w++)
		buf_addf(b, "%s%s", w > 0 ? " " : "",
		    wants[node->word[w]].written);
	buf_add_c(b, node->n_words > 1 ? "\"" : "");
}

/* tight: how tightly what is around binds; OR 0, AND 1, NOT 2. */
static void
write_query(struct judge *j, struct buf *b, int i, int tight)
{
	const struct judge_node *node = &j->node[i];
	int own = node->kind == OR ? 0 : 1;
	bool brackets = own < tight;

	if (node->kind == TERM) {
		write_term(b, node);
		return;
	}
	buf_add_c(b, brackets ? "(" : "");
	write_query(j, b, node->left, own);
	if (j->node[node->right].kind == NOT) {
		buf_add_c(b, pick(j, 2) ? " AND NOT " : " NOT ");
		write_query(j, b, j->node[node->right].left, 2);
	} else {
		buf_add_c(b, node->kind == OR ? " OR " : " AND ");
		/* a AND (b AND c) written flat means the same */
		write_query(j, b, node->right, own);
	}
	buf_add_c(b, brackets ? ")" : "");
}

static int
compare_places(const void *va, const void *vb)
{
	const struct judge_place *a = va, *b = vb;

	if (a->field != b->field)
		return a->field < b->field ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (a->length < b->length) - (a->length > b->length);
}

/* Two terms are one when they are written alike. */
static bool
is_same_term(const struct judge *j, int a, int b)
{
	const struct judge_node *x = &j->node[a], *y = &j->node[b];

	if (x->n_words != y->n_words)
		return false;
	for (int w = 0; w < x->n_words; w++)
		if (x->word[w] != y->word[w])
			return false;
	return true;
}

static bool
begin_together(const struct judge_place *a, const struct judge_place *b)
{
	return a->field == b->field && a->offset == b->offset;
}

/* Whether the same term stands here longer. */
static bool
is_shadowed(const struct judge *j, size_t i)
{
	const struct judge_place *p = &j->place[i];

	for (size_t k = 0; k < j->n_places; k++)
		if (begin_together(&j->place[k], p) &&
		    j->place[k].length > p->length &&
		    is_same_term(j, j->place[k].term, p->term))
			return true;
	return false;
}

/* Whether a place before this one says the same. */
static bool
is_told(const struct judge *j, size_t i)
{
	const struct judge_place *p = &j->place[i];

	for (size_t k = 0; k < i; k++)
		if (begin_together(&j->place[k], p) &&
		    j->place[k].length == p->length && !is_shadowed(j, k))
			return true;
	return false;
}

static void
write_verdict(struct judge *j, struct buf *b, bool verdict,
    const struct document *d)
{
	if (!verdict)
		return;
	qsort(j->place, j->n_places, sizeof(j->place[0]), compare_places);
	buf_add_char(b, '0');
	for (size_t i = 0, n = 0; i < j->n_places && n < MATCHER_MAX_HITS;
	    i++) {
		const struct judge_place *p = &j->place[i];

		if (is_shadowed(j, i) || is_told(j, i))
			continue;
		n++;
		buf_addf(b, "[%s:%zu %.*s]", field_name((enum field)p->field),
		    p->offset, STR_ARG(str_sub(d->text[p->field], p->offset,
		    p->length)));
	}
}

struct bench_of_judges {
	struct judge	 judge;
	struct arena	*arena;
	struct matcher	*matcher;
	struct buf	 text[3], query, want;
	struct told	 told;
	size_t		 held, contradictory;
};

static void
judge_once(struct bench_of_judges *b)
{
	static struct query_faults faults;
	struct judge *j = &b->judge;
	struct topic_set_builder *builder = topic_set_builder_new();
	struct document d = document_of(NULL, NULL, NULL);
	struct topic_set *set;
	struct query *q;
	struct err err;
	size_t position = 0;
	bool verdict;
	int root, rc;

	j->n_tokens = j->n_places = 0;
	j->n_nodes = 0;
	for (int f = 0; f < 3; f++) {
		buf_reset(&b->text[f]);
		for (int n = pick(j, 7); n > 0; n--)
			add_spelling(j, &b->text[f], f, &position);
		d.text[f] = buf_str(&b->text[f]);
	}
	root = grow_query(j, 3);
	buf_reset(&b->query);
	buf_reset(&b->want);
	buf_reset(&b->told.out);
	b->told.topics = 0;
	write_query(j, &b->query, root, 0);
	verdict = judge_holds(j, root);
	write_verdict(j, &b->want, verdict, &d);
	b->held += verdict;

	arena_reset(b->arena);
	q = query_parse(b->arena, buf_str(&b->query), NULL,
	    &faults);
	if (q == NULL)
		fail_msg("%s: %s", buf_cstr(&b->query),
		    faults.list[0].message);
	rc = topic_set_builder_add(builder, q, &faults);
	b->contradictory += rc == -1;
	if (rc == -1)
		assert_false(verdict);
	set = topic_set_compile(builder, &err);
	assert_int_equal(matcher_run(b->matcher, set, &d, NULL, &ops,
	    &b->told, &err), 0);
	if (strcmp(buf_cstr(&b->told.out), buf_cstr(&b->want)) != 0)
		fail_msg("%s\nover <%s><%s><%s>\ngives %s\n  not %s",
		    buf_cstr(&b->query), buf_cstr(&b->text[0]),
		    buf_cstr(&b->text[1]), buf_cstr(&b->text[2]),
		    buf_cstr(&b->told.out), buf_cstr(&b->want));
	topic_set_unref(set);
}

static void
test_against_judge(void **state)
{
	enum { ROUNDS = 40000 };
	static struct bench_of_judges b;

	(void)state;
	b.judge.seed = 20261123;
	b.arena = arena_new(1 << 20);
	b.matcher = matcher_new();
	for (int f = 0; f < 3; f++)
		buf_init(&b.text[f], 4096);
	buf_init(&b.query, 65536);
	buf_init(&b.want, 65536);
	buf_init(&b.told.out, 65536);
	for (int i = 0; i < ROUNDS; i++)
		judge_once(&b);
	/* Both verdicts must be common for the test to mean something. */
	assert_in_range(b.held, ROUNDS / 5, ROUNDS * 4 / 5);
	assert_true(b.contradictory < ROUNDS / 20);
	for (int f = 0; f < 3; f++)
		buf_clear(&b.text[f]);
	buf_clear(&b.query);
	buf_clear(&b.want);
	buf_clear(&b.told.out);
	matcher_free(b.matcher);
	arena_free(b.arena);
}

/* Bits of the topics that were told to have missed. */
static void
on_miss(uint32_t topic, void *ctx)
{
	uint32_t *missed = ctx;

	assert_false(*missed >> topic & 1);
	*missed |= 1U << topic;
}

static int
on_none(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	(void)hits;
	(void)n;
	(void)ctx;
	return topic != 2;
}

/* Who was asked and does not hold, once each: neither who holds, nor who has
 * no word in the text, nor who is not wanted. */
static void
test_misses(void **state)
{
	static const char *const queries[] = {
		"peace NOT war", "peace NOT war",	/* the same, shared */
		"war", "zebra AND lion", "talks NOT peace",
		"words:<1", "peace NOT talks",
		"\"peace talks\""	/* both are there, apart */
	};
	static const struct matcher_ops told = { .on_topic = on_none,
		.on_miss = on_miss };
	struct topic_set *set = compile(queries, COUNT(queries));
	struct document d = document_of("peace", NULL, "war and talks");
	struct matcher *m = matcher_new();
	const uint64_t wanted = 0x3f;
	uint32_t missed = 0;
	struct err err;

	(void)state;
	assert_non_null(m);
	assert_int_equal(matcher_run(m, set, &d, NULL, &told, &missed, &err),
	    0);
	assert_int_equal(missed, 0xf3);
	missed = 0;
	assert_int_equal(matcher_run(m, set, &d, &wanted, &told, &missed,
	    &err), 0);
	assert_int_equal(missed, 0x33);
	matcher_free(m);
	topic_set_unref(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_many_hits),
		cmocka_unit_test(test_often_before_a_phrase),
		cmocka_unit_test(test_other_fields),
		cmocka_unit_test(test_order_and_wanted),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_changing_sets),
		cmocka_unit_test(test_context),
		cmocka_unit_test(test_misses),
		cmocka_unit_test(test_against_judge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
