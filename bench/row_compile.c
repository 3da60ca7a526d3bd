/* SPDX-License-Identifier: ISC */
/*
 * compile-yaml, compile-json: CPU seconds in which a configuration of 100,000
 * topics becomes the one that runs: read, checked, compiled, as a reload does
 * it aside. compile-bytes: what the compiled set takes for each topic.
 * compile-pack: the same with 1,000 topics that name entities of a pack with
 * 100,000 names, and two that look for all of them.
 */
#include "bench/bench.h"

#include <limits.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "bench/prose.h"
#include "daemon/conf.h"
#include "daemon/faults.h"
#include "filters/topic_set.h"

enum { SEED = 7002, N_TOPICS = 100000, MAX_ROUNDS = 9, MOST_BYTES = 500,
    N_ENTITIES = 11112,		/* of nine names each */
    N_NAMING = 1000 };

/* What is allowed. */
static const struct limit {
	const char	*name, *of;
	double		 s;
} yaml = { "compile-yaml", "2.0-cpu-s", 2.0 },
    json = { "compile-json", "0.7-cpu-s", 0.7 },
    pack = { "compile-pack", "1.0-cpu-s", 1.0 };

struct compile {
	struct prose	*prose;
	struct buf	 query;
	char		 path[PATH_MAX];
	size_t		 n_topics;	/* in it */
	size_t		 set_bytes;
};

static const char *
word(struct compile *c)
{
	return prose_word(c->prose, 150 + prose_below(c->prose, 12000));
}

/* Of the kinds that people write; no character that JSON or a YAML block would
 * have to escape but the quotes. */
static void
write_query(struct compile *c, const char *quote)
{
	struct buf *b = &c->query;

	buf_reset(b);
	switch (prose_below(c->prose, 5)) {
	case 0:
		buf_addf(b, "%s AND %s", word(c), word(c));
		break;
	case 1:
		buf_addf(b, "%s%s %s%s AND (%s OR %s)", quote, word(c),
		    word(c), quote, word(c), word(c));
		break;
	case 2:
		buf_addf(b, "%s NEAR/10 %s", word(c), word(c));
		break;
	case 3:
		buf_addf(b, "title:%s AND NOT %s", word(c), word(c));
		break;
	default:
		buf_addf(b, "(%s OR %s OR %s) AND %s", word(c), word(c),
		    word(c), word(c));
	}
}

static void
write_yaml(struct compile *c, FILE *to)
{
	(void)fputs("feeds: https://a.example/feed\ntopics:\n", to);
	for (int i = 0; i < N_TOPICS; i++) {
		write_query(c, "\"");
		(void)fprintf(to, "  topic-%d:\n    match: |\n      %s\n"
		    "    severity: warning\n", i, buf_cstr(&c->query));
	}
}

static void
write_json(struct compile *c, FILE *to)
{
	(void)fputs("{\"feeds\": \"https://a.example/feed\", \"topics\": {\n",
	    to);
	for (int i = 0; i < N_TOPICS; i++) {
		write_query(c, "\\\"");
		(void)fprintf(to, "%s\"topic-%d\": {\"match\": \"%s\", "
		    "\"severity\": \"warning\"}", i > 0 ? ",\n" : "", i,
		    buf_cstr(&c->query));
	}
	(void)fputs("\n}}\n", to);
}

static void
write_pack(struct compile *c, FILE *to)
{
	static const char *const kinds[] = { "country", "person", "org",
		"place" };

	(void)fputs("entities:\n", to);
	for (int i = 0; i < N_ENTITIES; i++) {
		(void)fprintf(to, "- {id: E%d, kind: %s, name: \"%s of %s\", "
		    "names: [", i, kinds[i % 4], word(c), word(c));
		for (int n = 0; n < 5; n++)
			(void)fprintf(to, "%s %s, ", word(c), word(c));
		(void)fprintf(to, "\"%s %s{\u0430,\u0443,\u043e\u043c}\""
		    "]}\n", word(c), word(c));
	}
}

static void
write_naming(struct compile *c, FILE *to)
{
	(void)fputs("feeds: https://a.example/feed\nentities: pack.yaml\n"
	    "topics:\n  a: {match: \"country:any NEAR/6 person:any\"}\n"
	    "  b: {match: \"org:any AND place:any\"}\n", to);
	for (int i = 0; i < N_NAMING; i++)
		(void)fprintf(to, "  t%d: {match: \"entity:E%u AND %s\"}\n", i,
		    prose_below(c->prose, N_ENTITIES), word(c));
}

static int
write_file(struct compile *c, const struct bench *b, const char *name,
    void (*write)(struct compile *, FILE *), struct err *err)
{
	FILE *to;

	(void)snprintf(c->path, sizeof(c->path), "%s/%s", b->scratch, name);
	prose_free(c->prose);
	c->prose = prose_new(SEED);	/* both files say the same */
	if (c->prose == NULL)
		return err_set(err, "out of memory");
	to = fopen(c->path, "w");
	if (to != NULL)
		write(c, to);
	return to != NULL && fclose(to) == 0 && !c->query.failed ? 0 :
	    err_set(err, "%s: cannot write", c->path);
}

/* *s: CPU seconds from the file to the configuration that could run. */
static int
load(struct compile *c, double *s, struct err *err)
{
	struct faults *faults = faults_new();
	int64_t start_us = bench_cpu_us();
	struct conf *conf = faults != NULL ? conf_load(c->path, faults) : NULL;
	int rc = 0;

	*s = (double)(bench_cpu_us() - start_us) / 1e6;
	if (conf == NULL || faults_errors(faults) > 0 ||
	    conf->n_topics != c->n_topics)
		rc = err_set(err, "%s: not all topics were read", c->path);
	else
		c->set_bytes = topic_set_bytes(conf->topic_set);
	conf_unref(conf);
	faults_free(faults);
	return rc;
}

static int
measure(struct compile *c, const struct bench *b, const struct limit *limit,
    struct err *err)
{
	const struct bench_row row = { .name = limit->name, .unit = "cpu-s",
		.of = limit->of, .target = 1.0 };
	int rounds = b->quick ? 3 : MAX_ROUNDS;
	double v[MAX_ROUNDS], s, first;

	if (load(c, &first, err) == -1)		/* lays out the memory */
		return -1;
	for (int i = 0; i < rounds; i++)
		if (load(c, &v[i], err) == -1)
			return -1;
	s = bench_median(v, (size_t)rounds);
	bench_say("%s: %zu topics, CPU s from %.2f to %.2f in %d rounds, %.2f "
	    "in the first", limit->name, c->n_topics, v[0], v[rounds - 1],
	    rounds, first);
	bench_report(&row, s, limit->s / s);
	return 0;
}

static void
report_bytes(const struct compile *c)
{
	const struct bench_row row = { .name = "compile-bytes",
		.unit = "B/topic", .of = "500-B", .target = 1.0 };
	double each = (double)c->set_bytes / N_TOPICS;

	bench_report(&row, each, MOST_BYTES / each);
}

int
row_compile(const struct bench *b, struct err *err)
{
	struct compile c = { .n_topics = N_TOPICS };
	int rc;

	buf_init(&c.query, 4096);
	rc = write_file(&c, b, "topics.yaml", write_yaml, err);
	if (rc == 0)
		rc = measure(&c, b, &yaml, err);
	if (rc == 0)
		rc = write_file(&c, b, "topics.json", write_json, err);
	if (rc == 0)
		rc = measure(&c, b, &json, err);
	if (rc == 0)
		report_bytes(&c);
	c.n_topics = N_NAMING + 2;
	if (rc == 0)
		rc = write_file(&c, b, "pack.yaml", write_pack, err);
	if (rc == 0)
		rc = write_file(&c, b, "naming.yaml", write_naming, err);
	if (rc == 0)
		rc = measure(&c, b, &pack, err);
	prose_free(c.prose);
	buf_clear(&c.query);
	return rc;
}
