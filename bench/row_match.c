/* SPDX-License-Identifier: ISC */
/*
 * match, match-N: megabytes of article text in a CPU second, all topics looked
 * for, against the product's own tokeniser with one look-up of each token in
 * the topics' vocabulary and nothing else. What lies between the two is the
 * price of the query language.
 *
 * match-growth and match-placed compare two sets of topics over the same
 * articles: 100 with 100,000, and plain ones with such as one in five of which
 * asks for places or case. match-lines: the same topics and articles, with and
 * without a look at which lines the feed repeats.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "bench/prose.h"
#include "bench/queries.h"
#include "filters/boilerplate.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_ast.h"
#include "filters/query_parse.h"
#include "filters/term_index.h"
#include "filters/token.h"
#include "filters/topic_set.h"
#include "filters/word_counts.h"

enum { SEED = 7001, MAX_ARTICLES = 2000, MAX_TEXT = 64 << 10,
    ARENA_MAX = 256 << 20, PLACED_PERCENT = 20, LEARNED_FROM = 1000 };

/* What topics are like: see queries.h. */
enum kind { WRITTEN, WATCH, SELECTIVE, PLACED };

struct topics {
	enum kind		 kind;
	int			 n;
	struct topic_set	*set;
	int64_t			 held, hits;	/* by the last pass */
};

struct match {
	struct arena		*arena;		/* texts of articles */
	struct document		 docs[MAX_ARTICLES];
	size_t			 n_docs;
	int64_t			 bytes;		/* of all of them */
	struct prose		*prose;
	struct topic_set_builder *builder;	/* until compiled */
	struct topics		 topics[2];	/* ours; and theirs, if any */
	struct topics		*now;
	struct matcher		*matcher;
	struct word_counts	*counts;	/* of other articles */
	struct term_pool	 vocabulary;
	struct token_reader	 reader;
	struct buf		 scratch;
	int64_t			 round_us;
	int64_t			 tokens, known;
	/* Of the row that learns lines, else NULL. */
	struct boilerplate	*lines;
	struct boilerplate_reader *line_reader;
};

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

static void
add_query(struct match *m, enum kind kind)
{
	switch (kind) {
	case WRITTEN:
		queries_add_written(m->prose, &m->scratch);
		break;
	case WATCH:
	case SELECTIVE:
		queries_add_watch(m->prose, &m->scratch, kind == SELECTIVE);
		break;
	case PLACED:
		if (prose_chance(m->prose, PLACED_PERCENT))
			queries_add_placed(m->prose, &m->scratch);
		else
			queries_add_watch(m->prose, &m->scratch, false);
	}
}

static int
add_one_topic(struct match *m, enum kind kind, struct arena *a,
    struct err *err)
{
	struct query_faults faults = { .n = 0 };

	buf_reset(&m->scratch);
	add_query(m, kind);
	return add_topic(m, query_parse(a, buf_str(&m->scratch), NULL, &faults),
	    &faults, err);
}

static int
make_topics(struct match *m, struct topics *t, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	int rc = 0;

	m->builder = topic_set_builder_new();
	if (a == NULL || m->builder == NULL)
		rc = err_set(err, "out of memory");
	else
		topic_set_builder_use_counts(m->builder, m->counts);
	for (int i = 0; i < t->n && rc == 0; i++) {
		rc = add_one_topic(m, t->kind, a, err);
		arena_reset(a);
	}
	arena_free(a);
	if (rc == -1)
		return -1;
	t->set = topic_set_compile(m->builder, err);
	m->builder = NULL;
	return t->set != NULL ? 0 : -1;
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
	doc->sites = STR("news.example.com");
	doc->language = STR("en");
}

/* What the daemon has learned after a while, from articles of their own. */
static int
learn_words(struct match *m, struct err *err)
{
	struct document doc;

	for (int i = 0; i < LEARNED_FROM && !arena_failed(m->arena); i++) {
		memset(&doc, 0, sizeof(doc));
		make_article(m, &doc);
		word_counts_note(m->counts, &doc);
		arena_reset(m->arena);
	}
	m->bytes = 0;
	return m->scratch.failed ? err_set(err, "making articles: out of "
	    "memory") : 0;
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
	struct topics *t = ctx;

	(void)topic;
	(void)hits;
	t->held++;
	t->hits += (int64_t)n;
	return 0;
}

static int
pass_topics(struct match *m, struct err *err)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	struct topics *t = m->now;

	t->held = t->hits = 0;
	for (size_t i = 0; i < m->n_docs; i++)
		if (matcher_run(m->matcher, t->set, &m->docs[i], NULL, &ops, t,
		    err) == -1)
			return -1;
	return t->held > 0 || t != m->topics ? 0 : err_set(err, "no topic "
	    "held at all");
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
pass_probe(struct match *m, struct err *err)
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
	struct match *m = ctx;

	m->now = &m->topics[0];
	return measure(m, pass_topics, figure, err);
}

static int
measure_probe(void *ctx, double *figure, struct err *err)
{
	return measure(ctx, pass_probe, figure, err);
}

static int
measure_others(void *ctx, double *figure, struct err *err)
{
	struct match *m = ctx;

	m->now = &m->topics[1];
	return measure(m, pass_topics, figure, err);
}

/* As the daemon does it for an item that is new. */
static int
learn_lines(struct match *m, const struct document *doc, struct err *err)
{
	const struct boilerplate_item it = {
		.title = doc->text[FIELD_TITLE],
		.field = { doc->text[FIELD_SUMMARY],
		    doc->text[FIELD_CONTENT] } };
	size_t n;

	if (boilerplate_read(m->line_reader, &it) == -1)
		return err_set(err, "out of memory");
	(void)boilerplate_find(m->line_reader, m->lines, 0, &n);
	boilerplate_learn(m->line_reader, m->lines, 0);
	return 0;
}

static int
pass_lines(struct match *m, struct err *err)
{
	for (size_t i = 0; i < m->n_docs; i++)
		if (learn_lines(m, &m->docs[i], err) == -1)
			return -1;
	return pass_topics(m, err);
}

static int
measure_lines(void *ctx, double *figure, struct err *err)
{
	struct match *m = ctx;

	m->now = &m->topics[0];
	return measure(m, pass_lines, figure, err);
}

static void
say_topics(const struct match *m, const char *name, const struct topics *t)
{
	double n = (double)m->n_docs;

	bench_say("%s: %d topics of %.0f bytes each, %zu articles of %.1f KB; "
	    "%.2f topics hold in an article, with %.1f hits", name, t->n,
	    (double)topic_set_bytes(t->set) / t->n, m->n_docs,
	    (double)m->bytes / n / 1000, (double)t->held / n,
	    (double)t->hits / n);
}

static int
compare(struct match *m, const struct bench_row *row, struct err *err)
{
	bool probed = m->topics[1].n == 0;
	const struct bench_sides sides = { measure_ours,
		probed ? measure_probe : measure_others };
	double n = (double)m->n_docs;

	if (bench_compare(row, &sides, m, err) == -1)
		return -1;
	say_topics(m, row->name, &m->topics[0]);
	if (probed)
		bench_say("%s: an article has %.0f tokens, %.0f of them in the "
		    "vocabulary of %u words", row->name, (double)m->tokens / n,
		    (double)m->known / n, m->vocabulary.n);
	else
		say_topics(m, row->name, &m->topics[1]);
	return 0;
}

static void
free_match(struct match *m)
{
	topic_set_builder_free(m->builder);
	topic_set_unref(m->topics[0].set);
	topic_set_unref(m->topics[1].set);
	matcher_free(m->matcher);
	word_counts_free(m->counts);
	term_pool_clear(&m->vocabulary);
	buf_clear(&m->scratch);
	prose_free(m->prose);
	arena_free(m->arena);
	boilerplate_free(m->lines);
	boilerplate_reader_free(m->line_reader);
	free(m);
}

static struct match *
new_match(const struct bench *b)
{
	struct match *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->n_docs = b->quick ? 500 : MAX_ARTICLES;
	m->round_us = b->quick ? 150000 : 400000;
	m->arena = arena_new(ARENA_MAX);
	m->prose = prose_new(SEED);
	m->matcher = matcher_new();
	m->counts = word_counts_new();
	buf_init(&m->scratch, MAX_TEXT);
	token_init(&m->reader, false);
	if (m->arena == NULL || m->prose == NULL ||
	    m->matcher == NULL || m->counts == NULL) {
		free_match(m);
		return NULL;
	}
	return m;
}

static int
make_all(struct match *m, struct err *err)
{
	if (learn_words(m, err) == -1)
		return -1;
	for (int i = 0; i < 2; i++)
		if (m->topics[i].n > 0 &&
		    make_topics(m, &m->topics[i], err) == -1)
			return -1;
	term_pool_freeze(&m->vocabulary, true);
	return make_articles(m, err);
}

/* others: n 0: beside the tokeniser. */
static int
run_row(const struct bench *b, struct bench_row *row, struct topics ours,
    struct topics others, struct err *err)
{
	struct match *m = new_match(b);
	int rc;

	if (m == NULL)
		return err_set(err, "out of memory");
	row->unit = "MB/cpu-s";
	row->rounds = b->quick ? 7 : 15;
	m->topics[0] = ours;
	m->topics[1] = others;
	rc = make_all(m, err);
	if (rc == 0)
		rc = compare(m, row, err);
	free_match(m);
	return rc;
}

static int
run_probed(const struct bench *b, const char *name, double target,
    struct topics ours, struct err *err)
{
	struct bench_row row = { .name = name, .of = "tokenise+probe",
		.target = target };

	return run_row(b, &row, ours, (struct topics){ .n = 0 }, err);
}

int
row_match(const struct bench *b, struct err *err)
{
	return run_probed(b, "match", 0.50,
	    (struct topics){ .kind = WATCH, .n = 1000 }, err);
}

int
row_match_100(const struct bench *b, struct err *err)
{
	return run_probed(b, "match-100", 0.60,
	    (struct topics){ .kind = WATCH, .n = 100 }, err);
}

int
row_match_10k(const struct bench *b, struct err *err)
{
	return run_probed(b, "match-10k", 0.40,
	    (struct topics){ .kind = WATCH, .n = 10000 }, err);
}

int
row_match_100k(const struct bench *b, struct err *err)
{
	return run_probed(b, "match-100k", 0.25,
	    (struct topics){ .kind = WATCH, .n = 100000 }, err);
}

int
row_match_written(const struct bench *b, struct err *err)
{
	return run_probed(b, "match-written", 0.40,
	    (struct topics){ .kind = WRITTEN, .n = 1000 }, err);
}

/* At most three times as slow. */
int
row_match_growth(const struct bench *b, struct err *err)
{
	struct bench_row row = { .name = "match-growth",
		.of = "100-topics", .target = 1 / 3.0 };

	return run_row(b, &row,
	    (struct topics){ .kind = SELECTIVE, .n = 100000 },
	    (struct topics){ .kind = SELECTIVE, .n = 100 }, err);
}

/* At most 1.4 times as slow. */
int
row_match_placed(const struct bench *b, struct err *err)
{
	struct bench_row row = { .name = "match-placed",
		.of = "plain-topics", .target = 1 / 1.4 };

	return run_row(b, &row,
	    (struct topics){ .kind = PLACED, .n = 10000 },
	    (struct topics){ .kind = WATCH, .n = 10000 }, err);
}

/* With lines an item takes at most two and a half times as long. */
int
row_match_lines(const struct bench *b, struct err *err)
{
	static const struct bench_sides sides = { measure_lines,
		measure_ours };
	struct bench_row row = { .name = "match-lines", .of = "matching-alone",
		.unit = "MB/cpu-s", .target = 1 / 2.5,
		.rounds = b->quick ? 7 : 15 };
	struct match *m = new_match(b);
	int rc;

	if (m == NULL)
		return err_set(err, "out of memory");
	m->topics[0] = (struct topics){ .kind = WATCH, .n = 1000 };
	m->lines = boilerplate_new();
	m->line_reader = boilerplate_reader_new();
	rc = m->lines != NULL && m->line_reader != NULL ?
	    make_all(m, err) : err_set(err, "out of memory");
	if (rc == 0)
		rc = bench_compare(&row, &sides, m, err);
	free_match(m);
	return rc;
}
