/* SPDX-License-Identifier: ISC */
/*
 * match: megabytes of article text in a CPU second, all of 1,000 topics
 * looked for, against the product's own tokeniser with one look-up of each
 * token in the topics' vocabulary and nothing else. What lies between the two
 * is the price of the query language.
 */
#include "bench/bench.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "bench/prose.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_ast.h"
#include "filters/query_parse.h"
#include "filters/term_index.h"
#include "filters/token.h"
#include "filters/topic_set.h"

enum { SEED = 7001, N_TOPICS = 1000, MAX_ARTICLES = 2000,
    MAX_TEXT = 64 << 10, ARENA_MAX = 256 << 20 };

struct match {
	struct arena		*arena;		/* texts of articles */
	struct document		 docs[MAX_ARTICLES];
	size_t			 n_docs;
	int64_t			 bytes;		/* of all of them */
	struct prose		*prose;
	struct topic_set_builder *builder;	/* until compiled */
	struct topic_set	*set;
	struct matcher		*matcher;
	struct term_pool	 vocabulary;
	struct token_reader	 reader;
	struct buf		 scratch;
	int64_t			 round_us;
	int64_t			 held, hits;	/* by the last pass */
	int64_t			 tokens, known;
};

/*
 * Topics: the kinds that people write
 */

/* A word that is neither in every text nor in none. */
static const char *
topical_word(struct match *m)
{
	return prose_word(m->prose, 150 + prose_below(m->prose, 12000));
}

static const char *const *
topical_name(struct match *m)
{
	return prose_name(m->prose, prose_below(m->prose, PROSE_NAMES));
}

/* Of one of the names, one spelling; as a phrase where it needs to be. */
static void
add_name(struct match *m, struct buf *b)
{
	const char *const *spellings = topical_name(m);
	uint32_t n = 0;

	while (n < PROSE_MAX_SPELLINGS && spellings[n] != NULL)
		n++;
	buf_addf(b, "\"%s\"", spellings[prose_below(m->prose, n)]);
}

/* (Kyiv OR Kiev): all spellings, as who wants to miss nothing writes it. */
static void
add_spellings(struct match *m, struct buf *b)
{
	const char *const *spellings = topical_name(m);

	for (uint32_t i = 0; i < PROSE_MAX_SPELLINGS && spellings[i] != NULL;
	    i++)
		buf_addf(b, "%s\"%s\"", i == 0 ? "(" : " OR ", spellings[i]);
	buf_add_char(b, ')');
}

/* A word that may end in *, which needs three letters. */
static void
add_prefix(struct match *m, struct buf *b)
{
	struct str word = str_from(topical_word(m));

	buf_add_str(b, str_sub(word, 0, word.n > 7 ? 6 : word.n));
	if (word.n >= 3)
		buf_add_char(b, '*');
}

static void
add_query(struct match *m, struct buf *b)
{
	switch (prose_below(m->prose, 6)) {
	case 0:
		add_spellings(m, b);
		buf_addf(b, " AND %s", topical_word(m));
		break;
	case 1:
		buf_addf(b, "(%s OR %s OR ", topical_word(m), topical_word(m));
		add_prefix(m, b);
		buf_addf(b, ") AND (%s OR ", topical_word(m));
		add_name(m, b);
		buf_addf(b, ") NOT %s", topical_word(m));
		break;
	case 2:
		buf_addf(b, "\"%s %s\" OR \"%s of the %s\"", topical_word(m),
		    topical_word(m), topical_word(m), topical_word(m));
		break;
	case 3:
		buf_addf(b, "title:%s AND ", topical_word(m));
		add_prefix(m, b);
		break;
	case 4:
		add_name(m, b);
		buf_addf(b, " AND (%s OR %s)", topical_word(m),
		    topical_word(m));
		break;
	default:
		add_prefix(m, b);
		buf_add_c(b, " AND ");
		add_spellings(m, b);
		buf_addf(b, " AND (%s OR \"%s %s\")", topical_word(m),
		    topical_word(m), topical_word(m));
	}
}

/* The words of a query, as texts will show them. Depth: as the parser's. */
static int
note_words(struct match *m, const struct query *q)
{
	uint32_t number;

	for (size_t i = 0; i < q->n_words; i++)
		if (term_pool_add(&m->vocabulary, q->words[i].folded,
		    &number) == -1)
			return -1;
	for (const struct query *c = q->first; c != NULL; c = c->next)
		if (note_words(m, c) == -1)
			return -1;
	return 0;
}

static int
add_topic(struct match *m, const struct query *q, struct query_faults *faults,
    struct err *err)
{
	if (q == NULL || topic_set_builder_add(m->builder, q, faults) == -1)
		return err_set(err, "a topic is refused: %s", faults->n > 0 ?
		    faults->list[0].message : "no reason given");
	return note_words(m, q) == 0 ? 0 : err_set(err, "out of memory");
}

/* [sanctions, embargo, asset freeze, rare earth*] */
static int
add_short_form(struct match *m, struct arena *a, struct err *err)
{
	const struct str terms[] = { str_from(topical_word(m)),
		str_from(topical_word(m)), STR("rare earth*"),
		str_from(topical_name(m)[0]) };
	struct query_faults faults = { .n = 0 };
	size_t n = 2 + prose_below(m->prose, 3), bad;

	return add_topic(m, query_from_terms(a, terms, n, &bad, &faults),
	    &faults, err);
}

static int
add_one_topic(struct match *m, struct arena *a, struct err *err)
{
	struct query_faults faults = { .n = 0 };

	if (prose_chance(m->prose, 15))
		return add_short_form(m, a, err);
	buf_reset(&m->scratch);
	add_query(m, &m->scratch);
	return add_topic(m, query_parse(a, buf_str(&m->scratch), NULL, &faults),
	    &faults, err);
}

static int
make_topics(struct match *m, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	int rc = 0;

	m->builder = topic_set_builder_new();
	if (a == NULL || m->builder == NULL)
		rc = err_set(err, "out of memory");
	for (int i = 0; i < N_TOPICS && rc == 0; i++) {
		rc = add_one_topic(m, a, err);
		arena_reset(a);
	}
	arena_free(a);
	if (rc == -1)
		return -1;
	term_pool_freeze(&m->vocabulary, true);
	m->set = topic_set_compile(m->builder, err);
	m->builder = NULL;
	return m->set != NULL ? 0 : -1;
}

/*
 * Articles
 */

static void
keep(struct match *m, struct document *doc, enum field f)
{
	doc->text[f] = arena_copy(m->arena, buf_str(&m->scratch));
	m->bytes += (int64_t)doc->text[f].n;
}

/* A title, a teaser, and some ten paragraphs: about 3 KB. */
static void
make_article(struct match *m, struct document *doc)
{
	buf_reset(&m->scratch);
	prose_add_title(m->prose, &m->scratch);
	keep(m, doc, FIELD_TITLE);
	buf_reset(&m->scratch);
	prose_add_paragraph(m->prose, &m->scratch, 100);
	keep(m, doc, FIELD_SUMMARY);
	buf_reset(&m->scratch);
	for (int i = 0; i < 10; i++) {
		if (i > 0)
			buf_add_c(&m->scratch, "\n\n");
		prose_add_paragraph(m->prose, &m->scratch,
		    100 + prose_below(m->prose, 260));
	}
	keep(m, doc, FIELD_CONTENT);
	doc->text[FIELD_FEED] = STR("Example News");
	doc->site = STR("news.example.com");
	doc->language = STR("en");
}

static int
make_articles(struct match *m, struct err *err)
{
	for (size_t i = 0; i < m->n_docs; i++)
		make_article(m, &m->docs[i]);
	return arena_failed(m->arena) || m->scratch.failed ?
	    err_set(err, "making articles: out of memory") : 0;
}

/*
 * Rounds
 */

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct match *m = ctx;

	(void)topic;
	(void)hits;
	m->held++;
	m->hits += (int64_t)n;
	return 0;
}

static int
pass_ours(struct match *m, struct err *err)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };

	m->held = m->hits = 0;
	for (size_t i = 0; i < m->n_docs; i++)
		if (matcher_run(m->matcher, m->set, &m->docs[i], NULL, &ops, m,
		    err) == -1)
			return -1;
	return m->held > 0 ? 0 : err_set(err, "no topic held at all");
}

static void
probe(struct match *m, struct str text)
{
	struct token t;

	token_begin(&m->reader, text, false);
	while (token_next(&m->reader, &t)) {
		m->tokens++;
		m->known += term_pool_find(&m->vocabulary, (struct str){
		    t.folded, t.n_folded }) != TERM_NONE;
	}
}

static int
pass_theirs(struct match *m, struct err *err)
{
	m->tokens = m->known = 0;
	for (size_t i = 0; i < m->n_docs; i++) {
		m->reader.position = 0;
		probe(m, m->docs[i].text[FIELD_TITLE]);
		probe(m, m->docs[i].text[FIELD_SUMMARY]);
		probe(m, m->docs[i].text[FIELD_CONTENT]);
	}
	return m->known > 0 ? 0 : err_set(err, "no token is known");
}

static int
measure(struct match *m, int (*pass)(struct match *, struct err *),
    double *figure, struct err *err)
{
	int64_t start = bench_cpu_us(), spent = 0, bytes = 0;

	while (spent < m->round_us) {
		if (pass(m, err) == -1)
			return -1;
		bytes += m->bytes;
		spent = bench_cpu_us() - start;
	}
	*figure = (double)bytes / (double)spent;
	return 0;
}

static int
measure_ours(void *ctx, double *figure, struct err *err)
{
	return measure(ctx, pass_ours, figure, err);
}

static int
measure_theirs(void *ctx, double *figure, struct err *err)
{
	return measure(ctx, pass_theirs, figure, err);
}

static int
compare(struct match *m, const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "match", .unit = "MB/cpu-s",
		.of = "tokenise+probe", .target = 0.40,
		.rounds = b->quick ? 7 : 15 };
	const struct bench_sides sides = { measure_ours, measure_theirs };
	double n = (double)m->n_docs;

	if (pass_ours(m, err) == -1 || pass_theirs(m, err) == -1)
		return -1;
	bench_say("match: %d topics, %zu articles of %.1f KB; an article has "
	    "%.0f tokens, %.0f of them in the vocabulary of %u words, and "
	    "%.2f topics hold, with %.1f hits", N_TOPICS, m->n_docs,
	    (double)m->bytes / n / 1000, (double)m->tokens / n,
	    (double)m->known / n, m->vocabulary.n, (double)m->held / n,
	    (double)m->hits / n);
	return bench_compare(&row, &sides, m, err);
}

static struct match *
new_match(const struct bench *b)
{
	struct match *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->n_docs = b->quick ? 1000 : MAX_ARTICLES;
	m->round_us = b->quick ? 150000 : 400000;
	m->arena = arena_new(ARENA_MAX);
	m->prose = prose_new(SEED);
	m->matcher = matcher_new();
	buf_init(&m->scratch, MAX_TEXT);
	token_init(&m->reader, false);
	return m;
}

int
row_match(const struct bench *b, struct err *err)
{
	struct match *m = new_match(b);
	int rc;

	if (m == NULL || m->arena == NULL || m->prose == NULL ||
	    m->matcher == NULL)
		rc = err_set(err, "out of memory");
	else if ((rc = make_topics(m, err)) == 0 &&
	    (rc = make_articles(m, err)) == 0)
		rc = compare(m, b, err);
	if (m == NULL)
		return -1;
	topic_set_builder_free(m->builder);
	topic_set_unref(m->set);
	matcher_free(m->matcher);
	term_pool_clear(&m->vocabulary);
	buf_clear(&m->scratch);
	prose_free(m->prose);
	arena_free(m->arena);
	free(m);
	return rc;
}
