/* SPDX-License-Identifier: ISC */
/*
 * match-postgresql: megabytes of article text in a CPU second, all of 10,000
 * queries looked for, beside PostgreSQL's to_tsvector @@ to_tsquery on the same
 * articles and queries, in a session of its own (bench/peer_postgresql.py).
 *
 * The queries are of match-10k's kind. An article in which the two do not find
 * as many is left out on both sides; there is a word in it that they read in
 * different ways.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "bench/corpus.h"
#include "bench/peer.h"
#include "bench/prose.h"
#include "bench/queries.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"
#include "filters/word_counts.h"

enum { SEED = 7002, N_QUERIES = 10000, MAX_ARTICLES = 400,
    LEARNED_FROM = 1000,
    MAX_TEXT = 64 << 10, MAX_QUERIES_BYTES = 16 << 20,
    ARENA_MAX = 64 << 20 };

struct beside {
	struct prose		*prose;
	struct word_counts	*counts;	/* of other articles */
	struct topic_set_builder *builder;	/* until compiled */
	struct topic_set	*set;
	struct matcher		*matcher;
	struct corpus		 corpus;	/* queries, then articles */
	struct peer		 peer;
	int64_t			*theirs;	/* queries that hold */
	int64_t			 bytes;		/* of one pass */
	int64_t			 our_held, their_held;	/* likewise */
	int64_t			 held;		/* so far */
	int64_t			 round_us;
	struct buf		 mine, other;	/* a query, in both ways */
};

/*
 * Articles
 */

static void
write_article(struct beside *b, struct buf *text)
{
	for (int p = 0; p < 10; p++) {
		if (p > 0)
			buf_add_c(text, "\n\n");
		prose_add_paragraph(b->prose, text,
		    100 + prose_below(b->prose, 300));
	}
}

static int
make_articles(struct beside *b, struct err *err)
{
	for (size_t i = 1; i < b->corpus.n; i++) {
		write_article(b, &b->corpus.docs[i].text);
		if (b->corpus.docs[i].text.failed)
			return err_set(err, "out of memory");
	}
	return 0;
}

/* What the daemon has learned after a while. */
static void
learn_words(struct beside *b)
{
	struct document doc = { .language = STR("en") };

	for (int i = 0; i < LEARNED_FROM; i++) {
		buf_reset(&b->mine);
		write_article(b, &b->mine);
		doc.text[FIELD_CONTENT] = buf_str(&b->mine);
		word_counts_note(b->counts, &doc);
	}
}

/*
 * Queries
 */

/* A word or words that both read in one way: letters without marks, no word in
 * capitals, and none, as "can", that is the start of another with an
 * apostrophe. */
static bool
is_plain(struct str s)
{
	bool inside = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != ' ' && (s.p[i] < 'a' || s.p[i] > 'z') &&
		    (inside || s.p[i] < 'A' || s.p[i] > 'Z'))
			return false;
		inside = s.p[i] != ' ';
	}
	return s.n > 3;
}

/* 'asset' <-> 'freeze' */
static void
add_phrase(struct buf *b, struct str words)
{
	buf_add_c(b, "('");
	for (size_t i = 0; i < words.n; i++)
		if (words.p[i] == ' ')
			buf_add_c(b, "' <-> '");
		else
			buf_add_char(b, words.p[i]);
	buf_add_c(b, "')");
}

static void
add_word(struct buf *b, struct str word)
{
	if (str_eq_c(word, "AND"))
		buf_add_char(b, '&');
	else if (str_eq_c(word, "OR"))
		buf_add_char(b, '|');
	else if (str_eq_c(word, "NOT"))
		buf_add_c(b, "& !");
	else
		add_phrase(b, word);
}

/* What s begins with: a word, a phrase with its quotes, or one other byte. */
static struct str
first_token(struct str s)
{
	size_t n = 0;

	if (s.p[0] == '"') {
		const char *end = memchr(s.p + 1, '"', s.n - 1);

		return str_sub(s, 0, end != NULL ? (size_t)(end - s.p) + 1 :
		    s.n);
	}
	while (n < s.n && strchr(" ()\"", s.p[n]) == NULL)
		n++;
	return str_sub(s, 0, n > 0 ? n : 1);
}

/* As to_tsquery has it; false: a term of it is not plain. */
static bool
translate(struct buf *b, struct str query)
{
	struct str token;

	for (; query.n > 0; query = str_sub(query, token.n, SIZE_MAX)) {
		token = first_token(query);
		if (strchr(" ()", token.p[0]) != NULL)
			buf_add_str(b, token);
		else if (token.p[0] != '"')
			add_word(b, token);
		else if (is_plain(str_sub(token, 1, token.n - 2)))
			add_phrase(b, str_sub(token, 1, token.n - 2));
		else
			return false;
	}
	return true;
}

/* One that can hold: false, and another must be made. */
static bool
take_query(struct beside *b, struct arena *a)
{
	struct query_faults faults = { .n = 0 };
	const struct query *q;

	buf_reset(&b->mine);
	buf_reset(&b->other);
	queries_add_watch(b->prose, &b->mine, false);
	if (!translate(&b->other, buf_str(&b->mine)))
		return false;
	q = query_parse(a, buf_str(&b->mine), NULL, &faults);
	return q != NULL &&
	    topic_set_builder_add(b->builder, q, &faults) != -1;
}

static int
make_queries(struct beside *b, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct buf *lines = &b->corpus.docs[0].text;
	int made = 0, tries = 0;

	b->builder = topic_set_builder_new();
	if (b->builder != NULL)
		topic_set_builder_use_counts(b->builder, b->counts);
	while (a != NULL && b->builder != NULL && made < N_QUERIES &&
	    tries++ < 2 * N_QUERIES) {
		if (take_query(b, a)) {
			buf_add_str(lines, buf_str(&b->other));
			buf_add_char(lines, '\n');
			made++;
		}
		arena_reset(a);
	}
	arena_free(a);
	if (made < N_QUERIES || lines->failed)
		return err_set(err, "only %d queries could be made", made);
	b->set = topic_set_compile(b->builder, err);
	b->builder = NULL;
	return b->set != NULL ? 0 : -1;
}

/*
 * Rounds
 */

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct beside *b = ctx;

	(void)topic;
	(void)hits;
	(void)n;
	b->held++;
	return 0;
}

static int
match(struct beside *b, size_t i, struct err *err)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	struct document doc = { .language = STR("en") };

	doc.text[FIELD_CONTENT] = buf_str(&b->corpus.docs[i].text);
	return matcher_run(b->matcher, b->set, &doc, NULL, &ops, b, err);
}

static int
pass(struct beside *b, struct err *err)
{
	for (size_t i = 1; i < b->corpus.n; i++)
		if (!b->corpus.docs[i].left_out && match(b, i, err) == -1)
			return -1;
	return 0;
}

static int
measure_ours(void *ctx, double *figure, struct err *err)
{
	struct beside *b = ctx;
	int64_t start = bench_cpu_us(), spent = 0, passes = 0;

	b->held = 0;
	while (spent < b->round_us) {
		if (pass(b, err) == -1)
			return -1;
		passes++;
		spent = bench_cpu_us() - start;
	}
	if (b->held != passes * b->our_held)
		return err_set(err, "other queries hold than before");
	*figure = (double)(passes * b->bytes) / (double)spent;
	return 0;
}

static int
measure_theirs(void *ctx, double *figure, struct err *err)
{
	struct beside *b = ctx;
	struct peer_figures f;

	if (peer_round(&b->peer, b->round_us, &f, err) == -1)
		return -1;
	if (f.items != b->their_held * (f.bytes / b->bytes))
		return err_set(err, "the peer finds other queries than before");
	*figure = (double)f.bytes / (double)f.cpu_us;
	return 0;
}

/* What both find as many queries in, and what one pass over that has to do. */
static int
choose(struct beside *b, struct bench_row *row, struct err *err)
{
	for (size_t i = 1; i < b->corpus.n; i++) {
		struct corpus_doc *doc = &b->corpus.docs[i];

		b->held = 0;
		if (match(b, i, err) == -1)
			return -1;
		doc->left_out = b->held != b->theirs[i];
		row->left_out += doc->left_out;
		if (doc->left_out && peer_skip(&b->peer, i, err) == -1)
			return -1;
		if (doc->left_out)
			continue;
		row->documents++;
		b->bytes += (int64_t)doc->text.n;
		b->our_held += b->held;
		b->their_held += b->theirs[i];
	}
	if (row->documents < row->left_out * 20 || b->our_held == 0)
		return err_set(err, "they find other queries in %zu articles, "
		    "as many in %zu", row->left_out, row->documents);
	return 0;
}

static int
compare(struct beside *b, const struct bench *bench, struct bench_row *row,
    struct err *err)
{
	const struct bench_sides sides = { measure_ours, measure_theirs };

	learn_words(b);
	if (make_queries(b, err) == -1 || make_articles(b, err) == -1 ||
	    peer_start(&b->peer, bench->peer, &b->corpus, b->theirs, err) ==
	    -1 || choose(b, row, err) == -1)
		return -1;
	bench_say("%s: %d queries, %zu articles of %.1f KB, in each of which "
	    "%.2f hold; %zu more left out", row->name, N_QUERIES,
	    row->documents, (double)b->bytes / (double)row->documents / 1000,
	    (double)b->our_held / (double)row->documents, row->left_out);
	return bench_compare(row, &sides, b, err);
}

static bool
init(struct beside *b, size_t articles)
{
	b->prose = prose_new(SEED);
	b->counts = word_counts_new();
	b->matcher = matcher_new();
	b->theirs = calloc(articles + 1, sizeof(*b->theirs));
	b->corpus.docs = calloc(articles + 1, sizeof(*b->corpus.docs));
	buf_init(&b->mine, MAX_TEXT);
	buf_init(&b->other, MAX_TEXT);
	if (b->prose == NULL || b->counts == NULL || b->matcher == NULL ||
	    b->theirs == NULL || b->corpus.docs == NULL)
		return false;
	b->corpus.n = b->corpus.cap = articles + 1;
	buf_init(&b->corpus.docs[0].text, MAX_QUERIES_BYTES);
	for (size_t i = 1; i < b->corpus.n; i++)
		buf_init(&b->corpus.docs[i].text, MAX_TEXT);
	return true;
}

static void
clear(struct beside *b)
{
	peer_stop(&b->peer);
	topic_set_builder_free(b->builder);
	topic_set_unref(b->set);
	matcher_free(b->matcher);
	word_counts_free(b->counts);
	corpus_clear(&b->corpus);
	free(b->theirs);
	buf_clear(&b->mine);
	buf_clear(&b->other);
	prose_free(b->prose);
}

int
row_match_postgresql(const struct bench *bench, struct err *err)
{
	struct bench_row row = { .name = "match-postgresql",
		.unit = "MB/cpu-s", .of = "PostgreSQL", .target = 100,
		.rounds = bench->quick ? 3 : 9 };
	/* A pass of theirs takes a second: ours must span some time too. */
	struct beside b = { .round_us = 400000 };
	int rc;

	if (bench->peer == NULL) {
		bench_say("%s: left out, PostgreSQL is not installed (make "
		    "bench-peers)", row.name);
		return 0;
	}
	rc = init(&b, bench->quick ? MAX_ARTICLES / 4 : MAX_ARTICLES) ?
	    compare(&b, bench, &row, err) : err_set(err, "out of memory");
	clear(&b);
	return rc;
}
