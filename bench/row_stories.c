/* SPDX-License-Identifier: ISC */
/*
 * stories: megabytes of article text in a CPU second, matched against 10,000
 * topics, signed, and looked up in a full window of items, against matching
 * alone: what lies between is the price of knowing copies and stories.
 *
 * stories-bytes: memory of a full window, bytes an item; seven items in ten are
 * a headline and a sentence or two, as in most feeds.
 *
 * stories-links: links in a million pairs of items that have nothing to do with
 * each other.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "bench/prose.h"
#include "bench/queries.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_parse.h"
#include "filters/story_sign.h"
#include "filters/story_window.h"
#include "filters/topic_set.h"
#include "filters/word_counts.h"

enum {
	SEED = 8001, TOPICS = 10000, ARTICLES = 1000, LEARNED_FROM = 1000,
	FILLERS = 10000, SHORT_PERCENT = 70, ARENA_MAX = 256 << 20,
	MAX_TEXT = 64 << 10,
	WINDOW = 1000000, QUICK_WINDOW = 100000, MOST_BYTES = 200,
	COMMON_WEIGHT = 9	/* parts below are those of other items too */
};

struct stories {
	struct arena		*arena;
	struct prose		*prose;
	struct buf		 scratch;
	struct document		 docs[ARTICLES];
	struct story_sign	 made[ARTICLES];
	int64_t			 bytes, round_us;
	struct word_counts	*counts;
	struct topic_set	*set;
	struct matcher		*matcher;
	struct story_signer	*signer;
	struct story_window	*window;
	size_t			 full;		/* items of it */
	uint64_t		 number;	/* of the last item */
	int64_t			 held, links;
	bool			 signs;
};

/*
 * Texts
 */

static struct str
keep(struct stories *s)
{
	return arena_copy(s->arena, buf_str(&s->scratch));
}

/* A headline and a sentence or two, or some 3 KB; with a number or two. */
static void
make_document(struct stories *s, struct document *doc, bool is_short)
{
	memset(doc, 0, sizeof(*doc));
	buf_reset(&s->scratch);
	prose_add_title(s->prose, &s->scratch);
	doc->text[FIELD_TITLE] = keep(s);
	buf_reset(&s->scratch);
	for (int i = is_short ? 9 : 0; i < 10; i++) {
		prose_add_paragraph(s->prose, &s->scratch,
		    100 + prose_below(s->prose, is_short ? 100 : 260));
		buf_addf(&s->scratch, " %u of %u\n\n",
		    prose_below(s->prose, 100), prose_below(s->prose, 9999));
	}
	doc->text[FIELD_CONTENT] = keep(s);
}

static int
learn_words(struct stories *s, struct err *err)
{
	struct document doc;

	for (int i = 0; i < LEARNED_FROM && !arena_failed(s->arena); i++) {
		make_document(s, &doc, false);
		word_counts_note(s->counts, &doc);
		arena_reset(s->arena);
	}
	return s->scratch.failed ? err_set(err, "out of memory") : 0;
}

static int
make_documents(struct stories *s, struct err *err)
{
	for (size_t i = 0; i < ARTICLES; i++) {
		make_document(s, &s->docs[i], false);
		for (int f = 0; f < FIELD_COUNT; f++)
			s->bytes += (int64_t)s->docs[i].text[f].n;
	}
	return arena_failed(s->arena) || s->scratch.failed ?
	    err_set(err, "out of memory") : 0;
}

/*
 * Topics
 */

static int
add_topic(struct stories *s, struct topic_set_builder *builder,
    struct arena *a, struct err *err)
{
	struct query_faults faults = { .n = 0 };
	struct query *q;

	buf_reset(&s->scratch);
	queries_add_watch(s->prose, &s->scratch, false);
	q = query_parse(a, buf_str(&s->scratch), NULL, &faults);
	return q != NULL && topic_set_builder_add(builder, q, &faults) != -1 ?
	    0 : err_set(err, "a topic is refused");
}

static int
make_topics(struct stories *s, struct err *err)
{
	struct topic_set_builder *builder = topic_set_builder_new();
	struct arena *a = arena_new(ARENA_MAX);
	int rc = builder == NULL || a == NULL ?
	    err_set(err, "out of memory") : 0;

	if (rc == 0)
		topic_set_builder_use_counts(builder, s->counts);
	for (int i = 0; i < TOPICS && rc == 0; i++)
		rc = add_topic(s, builder, a, err);
	arena_free(a);
	if (rc == -1) {
		topic_set_builder_free(builder);
		return -1;
	}
	s->set = topic_set_compile(builder, err);
	return s->set != NULL ? 0 : -1;
}

/*
 * The window
 */

static bool
add(struct stories *s, const struct story_sign *sign)
{
	struct story_item item = { .number = ++s->number, .key = s->number,
		.time_s = 0, .site = s->number % 5000 };
	struct story_verdict v;

	story_window_add(s->window, &item, sign, &v);
	return v.link != LINK_NONE;
}

/* The same item as another event tells it: what is common stays, all else are
 * other words. */
static struct story_sign
turn(const struct story_sign *sign, uint32_t n)
{
	struct story_sign s = *sign;
	uint32_t other = n * UINT32_C(2654435761) & 0x7fff0000;

	for (size_t i = 0; i < s.n_parts; i++)
		if (story_part_weight(s.part[i]) >= COMMON_WEIGHT &&
		    !story_part_is_place(s.part[i]))
			s.part[i] ^= other & ~UINT32_C(0x1000000);
	for (size_t i = 0; i < STORY_SIGN_MIN; i++)
		s.min[i] = (uint8_t)(s.min[i] ^ (other >> 16 & 0x7f));
	s.text ^= (uint64_t)other << 20 | n;
	return s;
}

static int
fill_window(struct stories *s, struct err *err)
{
	struct story_sign *signs = calloc(FILLERS, sizeof(*signs)), sign;
	struct document doc;

	if (signs == NULL)
		return err_set(err, "out of memory");
	for (size_t i = 0; i < FILLERS; i++) {
		arena_reset(s->arena);
		make_document(s, &doc, i % 100 < SHORT_PERCENT);
		story_sign_make(s->signer, &doc, s->counts, NULL, 0,
		    &signs[i]);
	}
	for (size_t i = 0; i < s->full; i++) {
		sign = turn(&signs[i % FILLERS], (uint32_t)(i / FILLERS));
		s->links += add(s, &sign);
	}
	free(signs);
	arena_reset(s->arena);
	return 0;
}

/*
 * Rounds
 */

static int
on_topic(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct stories *s = ctx;

	(void)topic;
	(void)hits;
	(void)n;
	s->held++;
	return 0;
}

/* A worker matches an item and signs it; the teller, a thread of its own, has
 * the window. */
static int
pass(struct stories *s, struct err *err)
{
	static const struct matcher_ops ops = { .on_topic = on_topic };

	for (size_t i = 0; i < ARTICLES; i++) {
		if (matcher_run(s->matcher, s->set, &s->docs[i], NULL, &ops, s,
		    err) == -1)
			return -1;
		if (s->signs)
			story_sign_make(s->signer, &s->docs[i], s->counts,
			    NULL, 0, &s->made[i]);
	}
	for (size_t i = 0; i < ARTICLES && s->signs; i++) {
		s->made[i] = turn(&s->made[i],
		    (uint32_t)(s->number / ARTICLES));
		s->links += add(s, &s->made[i]);
	}
	return s->held > 0 ? 0 : err_set(err, "no topic held at all");
}

static int
measure(struct stories *s, double *figure, struct err *err)
{
	int64_t start = bench_cpu_us(), spent = 0, bytes = 0;

	while (spent < s->round_us) {
		if (pass(s, err) == -1)
			return -1;
		bytes += s->bytes;
		spent = bench_cpu_us() - start;
	}
	*figure = (double)bytes / (double)spent;
	return 0;
}

static int
measure_stories(void *ctx, double *figure, struct err *err)
{
	struct stories *s = ctx;

	s->signs = true;
	return measure(s, figure, err);
}

static int
measure_matching(void *ctx, double *figure, struct err *err)
{
	struct stories *s = ctx;

	s->signs = false;
	return measure(s, figure, err);
}

/*
 * Unrelated items: each has a name, a number and words of its own and what the
 * language has in common.
 */
static int
measure_links(struct stories *s, const struct bench *b, struct err *err)
{
	const struct bench_row row = { .name = "stories-links",
		.unit = "links/1M-pairs", .of = "1", .target = 1.0 };
	size_t n = b->quick ? 1500 : 5000;
	struct story_sign sign;
	struct document doc;
	double links;

	story_window_free(s->window);
	s->window = story_window_new(&story_window_defaults);
	if (s->window == NULL)
		return err_set(err, "out of memory");
	s->links = 0;
	for (size_t i = 0; i < n; i++) {
		arena_reset(s->arena);
		make_document(s, &doc, i % 100 < SHORT_PERCENT);
		story_sign_make(s->signer, &doc, s->counts, NULL, 0, &sign);
		s->links += add(s, &sign);
	}
	links = (double)s->links * 1e6 / ((double)n * (double)(n - 1) / 2);
	bench_say("stories-links: %lld of %zu items were linked",
	    (long long)s->links, n);
	/* None at all is as good as one. */
	bench_report(&row, links, links < 1 ? 1 : 1 / links);
	return 0;
}

static int
compare(struct stories *s, const struct bench *b, struct err *err)
{
	const struct bench_sides sides = { measure_stories, measure_matching };
	const struct bench_row row = { .name = "stories", .unit = "MB/cpu-s",
		.of = "matching", .target = 0.77,
		.rounds = b->quick ? 7 : 15 };
	const struct bench_row bytes = { .name = "stories-bytes",
		.unit = "bytes/item", .of = "200", .target = 1.0 };
	double each;

	if (fill_window(s, err) == -1)
		return -1;
	each = (double)story_window_bytes(s->window) /
	    (double)story_window_items(s->window);
	bench_say("stories: a window of %zu items, %zu bytes, %lld linked",
	    story_window_items(s->window), story_window_bytes(s->window),
	    (long long)s->links);
	bench_report(&bytes, each, MOST_BYTES / each);
	if (make_documents(s, err) == -1 ||
	    bench_compare(&row, &sides, s, err) == -1)
		return -1;
	return measure_links(s, b, err);
}

static int
begin(struct stories *s, const struct bench *b, struct err *err)
{
	struct story_window_limits limits = story_window_defaults;

	s->full = b->quick ? QUICK_WINDOW : WINDOW;
	s->round_us = b->quick ? 150000 : 400000;
	limits.max_items = s->full;
	s->arena = arena_new(ARENA_MAX);
	s->prose = prose_new(SEED);
	s->matcher = matcher_new();
	s->counts = word_counts_new();
	s->signer = story_signer_new();
	s->window = story_window_new(&limits);
	buf_init(&s->scratch, MAX_TEXT);
	return s->arena == NULL || s->prose == NULL || s->matcher == NULL ||
	    s->counts == NULL || s->signer == NULL || s->window == NULL ?
	    err_set(err, "out of memory") : 0;
}

int
row_stories(const struct bench *b, struct err *err)
{
	struct stories *s = calloc(1, sizeof(*s));
	int rc;

	if (s == NULL)
		return err_set(err, "out of memory");
	rc = begin(s, b, err);
	if (rc == 0)
		rc = learn_words(s, err);
	if (rc == 0)
		rc = make_topics(s, err);
	if (rc == 0)
		rc = compare(s, b, err);
	topic_set_unref(s->set);
	matcher_free(s->matcher);
	word_counts_free(s->counts);
	story_signer_free(s->signer);
	story_window_free(s->window);
	buf_clear(&s->scratch);
	prose_free(s->prose);
	arena_free(s->arena);
	free(s);
	return rc;
}
