/* SPDX-License-Identifier: ISC */
/*
 * match-aliases: megabytes of article text in a CPU second, 100,000 names of
 * 20,000 entities looked for by as many topics (entity:E17), against topics
 * that ask for the same names as plain phrases ("ada bell" OR "bell, ada").
 * What lies between the two is the price of telling who is meant. The names of
 * one entity in five stand under a rule.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/yaml.h"
#include "bench/prose.h"
#include "filters/document.h"
#include "filters/entity_index.h"
#include "filters/entity_sense.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"

enum { SEED = 8001, N_ENTITIES = 20000, N_NAMES = 5, MAX_ARTICLES = 1000,
    MAX_TEXT = 64 << 20, ARENA_MAX = 256 << 20 };

struct aliases {
	struct prose	*prose;
	struct arena	*arena;			/* articles, names */
	struct buf	 scratch;
	const char	*names[N_ENTITIES][N_NAMES];
	struct document	 docs[MAX_ARTICLES];
	size_t		 n_docs;
	int64_t		 bytes, round_us;
	struct entity_index *index;
	struct topic_set *as_entities, *as_phrases;
	struct matcher	*matcher;
	int64_t		 held, held_plain;
};

/* Names: those that the articles have in several spellings, and pairs of
 * words. */

static int
make_names(struct aliases *a, int entity)
{
	const char *const *known = entity < PROSE_NAMES ?
	    prose_name(a->prose, (uint32_t)entity) : NULL;

	for (int i = 0; i < N_NAMES; i++) {
		buf_reset(&a->scratch);
		if (known != NULL && *known != NULL)
			buf_add_c(&a->scratch, *known++);
		else
			buf_addf(&a->scratch, "%s %s", prose_word(a->prose,
			    120 + prose_below(a->prose, 12000)),
			    prose_word(a->prose,
			    120 + prose_below(a->prose, 12000)));
		a->names[entity][i] = arena_copy(a->arena,
		    buf_str(&a->scratch)).p;
	}
	return arena_failed(a->arena) ? -1 : 0;
}

static void
write_entity(struct aliases *a, int entity)
{
	static const char *const kinds[] = { "country", "person", "org",
	    "place" };
	bool ruled = entity % 5 == 0;

	buf_addf(&a->scratch, "- id: E%d\n  kind: %s\n  name: \"%s\"\n"
	    "  names:\n", entity, kinds[entity % 4], a->names[entity][0]);
	for (int i = 1; i < N_NAMES; i++)
		if (ruled)
			buf_addf(&a->scratch, "  - {name: \"%s\", deny: "
			    "[%s]}\n", a->names[entity][i],
			    prose_word(a->prose, 5000 + (uint32_t)entity % 500));
		else
			buf_addf(&a->scratch, "  - \"%s\"\n",
			    a->names[entity][i]);
}

static void
on_fault(const struct entity_fault *f, void *ctx)
{
	(void)ctx;
	if (!f->warning)	/* two spellings of a name may be one word */
		bench_say("match-aliases: %d: %s: %s", f->at->line, f->key,
		    f->message);
}

static int
read_pack(struct aliases *a, struct err *err)
{
	const struct entity_pack_ops ops = { NULL, on_fault, NULL };
	struct entity_counts counts;

	buf_reset(&a->scratch);
	buf_add_c(&a->scratch, "entities:\n");
	for (int e = 0; e < N_ENTITIES; e++)
		write_entity(a, e);
	if (entity_index_read(a->index, "pack", buf_str(&a->scratch), &ops,
	    &counts, err) == -1)
		return -1;
	return counts.left_out == 0 ? 0 : err_set(err, "entities left out");
}

/* Topics */

static const struct query_set *
find(enum query_entity kind, struct str name, struct buf *why, void *ctx)
{
	return entity_index_find(ctx, kind, name, why);
}

static void
write_query(struct aliases *a, int entity, bool plain)
{
	buf_reset(&a->scratch);
	if (!plain)
		buf_addf(&a->scratch, "entity:E%d", entity);
	for (int i = 0; plain && i < N_NAMES; i++)
		buf_addf(&a->scratch, "%s\"%s\"", i > 0 ? " OR " : "",
		    a->names[entity][i]);
}

static struct topic_set *
compile(struct aliases *a, bool plain, struct err *err)
{
	const struct query_names names = { .entity = find, .ctx = a->index };
	struct topic_set_builder *b = topic_set_builder_new();
	struct arena *trees = arena_new(ARENA_MAX);
	struct query_faults faults = { .n = 0 };
	struct entity_senses *senses;
	int rc = b != NULL && trees != NULL ? 0 : err_set(err, "out of memory");

	for (int e = 0; e < N_ENTITIES && rc == 0; e++) {
		struct query *q;

		write_query(a, e, plain);
		q = query_parse(trees, buf_str(&a->scratch), &names, &faults);
		if (q == NULL || topic_set_builder_add(b, q, &faults) == -1)
			rc = err_set(err, "a topic is refused: %s",
			    faults.n > 0 ? faults.list[0].message : "");
		arena_reset(trees);
	}
	if (rc == 0 && !plain) {
		senses = entity_index_take_senses(a->index, err);
		rc = senses != NULL ? 0 : -1;
		if (rc == 0)
			topic_set_builder_use_senses(b, senses);
		entity_senses_unref(senses);
	}
	arena_free(trees);
	if (rc == 0)
		return topic_set_compile(b, err);
	topic_set_builder_free(b);
	return NULL;
}

/* Articles */

static struct str
keep(struct aliases *a)
{
	struct str s = arena_copy(a->arena, buf_str(&a->scratch));

	a->bytes += (int64_t)s.n;
	buf_reset(&a->scratch);
	return s;
}

static void
make_article(struct aliases *a, struct document *doc)
{
	memset(doc, 0, sizeof(*doc));
	buf_reset(&a->scratch);
	prose_add_title(a->prose, &a->scratch);
	doc->text[FIELD_TITLE] = keep(a);
	for (int i = 0; i < 12; i++) {
		prose_add_paragraph(a->prose, &a->scratch, 240);
		buf_add_c(&a->scratch, "\n\n");
	}
	doc->text[FIELD_CONTENT] = keep(a);
}

/* Rounds */

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	(void)topic;
	(void)hits;
	(void)n;
	++*(int64_t *)ctx;
	return 0;
}

static int
measure(struct aliases *a, struct topic_set *set, int64_t *held,
    double *figure, struct err *err)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };
	int64_t start = bench_cpu_us(), spent = 0, bytes = 0;

	while (spent < a->round_us) {
		*held = 0;
		for (size_t i = 0; i < a->n_docs; i++)
			if (matcher_run(a->matcher, set, &a->docs[i], NULL,
			    &ops, held, err) == -1)
				return -1;
		bytes += a->bytes;
		spent = bench_cpu_us() - start;
	}
	*figure = (double)bytes / (double)spent;
	return *held > 0 ? 0 : err_set(err, "no topic held at all");
}

static int
measure_entities(void *ctx, double *figure, struct err *err)
{
	struct aliases *a = ctx;

	return measure(a, a->as_entities, &a->held, figure, err);
}

static int
measure_phrases(void *ctx, double *figure, struct err *err)
{
	struct aliases *a = ctx;

	return measure(a, a->as_phrases, &a->held_plain, figure, err);
}

static int
make_all(struct aliases *a, struct err *err)
{
	for (int e = 0; e < N_ENTITIES; e++)
		if (make_names(a, e) == -1)
			return err_set(err, "out of memory");
	if (read_pack(a, err) == -1 ||
	    (a->as_phrases = compile(a, true, err)) == NULL ||
	    (a->as_entities = compile(a, false, err)) == NULL)
		return -1;
	for (size_t i = 0; i < a->n_docs; i++)
		make_article(a, &a->docs[i]);
	return a->scratch.failed || arena_failed(a->arena) ?
	    err_set(err, "out of memory") : 0;
}

static void
free_aliases(struct aliases *a)
{
	topic_set_unref(a->as_entities);
	topic_set_unref(a->as_phrases);
	entity_index_free(a->index);
	matcher_free(a->matcher);
	prose_free(a->prose);
	buf_clear(&a->scratch);
	arena_free(a->arena);
	free(a);
}

int
row_match_aliases(const struct bench *b, struct err *err)
{
	struct bench_row row = { .name = "match-aliases", .unit = "MB/cpu-s",
		.of = "plain-phrases", .target = 1 / 1.5,
		.rounds = b->quick ? 7 : 15 };
	const struct bench_sides sides = { measure_entities,
		measure_phrases };
	struct aliases *a = calloc(1, sizeof(*a));
	int rc;

	if (a == NULL)
		return err_set(err, "out of memory");
	a->n_docs = b->quick ? 300 : MAX_ARTICLES;
	a->round_us = b->quick ? 150000 : 400000;
	a->arena = arena_new(ARENA_MAX);
	a->prose = prose_new(SEED);
	a->index = entity_index_new();
	a->matcher = matcher_new();
	buf_init(&a->scratch, MAX_TEXT);
	rc = a->arena != NULL && a->prose != NULL && a->index != NULL &&
	    a->matcher != NULL ? make_all(a, err) : err_set(err,
	    "out of memory");
	if (rc == 0)
		rc = bench_compare(&row, &sides, a, err);
	if (rc == 0)
		bench_say("match-aliases: %d names of %d entities, %zu "
		    "articles of %.1f KB; %.1f topics hold in one, of the "
		    "plain ones %.1f", N_ENTITIES * N_NAMES, N_ENTITIES,
		    a->n_docs, (double)a->bytes / (double)a->n_docs / 1000,
		    (double)a->held / (double)a->n_docs,
		    (double)a->held_plain / (double)a->n_docs);
	free_aliases(a);
	return rc;
}
