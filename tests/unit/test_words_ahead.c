/* SPDX-License-Identifier: ISC */
/*
 * Words of large indexes come by another way than those of small ones: both
 * must be the same, and so must all that the matcher makes of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "filters/document.h"
#include "filters/matcher.h"
#include "filters/query_ast.h"
#include "filters/query_parse.h"
#include "filters/topic_set.h"
#include "filters/words_ahead.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

enum { MANY = 20000, TEXTS = 3000, MAX_NOTES = 4096 };

static uint32_t random_state;

static uint32_t
below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

/* What texts are made of: whole, cut, hyphenated, singly, beyond ASCII. */
static const char *const pieces[] = {
	"peace", "peace-keepers", "state-of-the-art", "Putin's", "AT&T",
	"U.S.", "US", "us", "1,000,000", "nytimes.com", "中国经济",
	"Straße", "ÉLYSÉE",
	"internationalisation", "incomprehensibilities", "eightlet",
	"nineletts", "a", "of", "the", "quarry", "stone", "embargo",
	"sanctions", "minister", "word17", "word4711", "word19999",
};

static void
add_text(struct buf *b, uint32_t most)
{
	static const char *const gaps[] = { " ", " ", " ", ", ", ". ", "\n\n",
		"-", "\x1e" };

	buf_reset(b);
	for (uint32_t n = below(most); n > 0; n--) {
		if (below(200) == 0)
			for (int i = 0; i < 300; i++)
				buf_add_char(b, 'x');
		buf_add_c(b, pieces[below(COUNT(pieces))]);
		buf_add_c(b, gaps[below(COUNT(gaps))]);
	}
}

/*
 * Words.
 */

static void
fill_index(struct term_index *ix, unsigned n)
{
	char word[32];

	for (unsigned i = 0; i < n; i++) {
		struct query_word w = { .folded = { word, 0 } };
		uint32_t atom;

		w.folded.n = (size_t)snprintf(word, sizeof(word), "word%u", i);
		assert_int_equal(term_index_add_word(ix, &w, &atom), 0);
	}
	assert_int_equal(term_index_seal(ix), 0);
}

static void
check_words(struct words_ahead *w, const struct term_index *ix,
    struct str text, bool lines_apart)
{
	static struct token_reader plain, read;
	struct token want, got;
	uint64_t hash;

	token_init(&plain, false);
	token_init(&read, false);
	token_begin(&plain, text, lines_apart);
	token_begin(&read, text, lines_apart);
	words_ahead_begin(w, &read, ix);
	while (token_next(&plain, &want)) {
		assert_true(words_ahead_next(w, &got, &hash));
		assert_int_equal(got.n_folded, want.n_folded);
		assert_memory_equal(got.folded, want.folded, want.n_folded);
		assert_int_equal(hash, term_hash(want.folded, want.n_folded));
		got.folded = want.folded;
		assert_int_equal(got.offset, want.offset);
		assert_int_equal(got.length, want.length);
		assert_int_equal(got.position, want.position);
		assert_int_equal(got.span, want.span);
		assert_int_equal(got.single, want.single);
		assert_int_equal(got.cut, want.cut);
	}
	assert_false(words_ahead_next(w, &got, &hash));
	assert_false(words_ahead_next(w, &got, &hash));
	assert_int_equal(read.position, plain.position);
}

static void
test_words_are_those_of_the_reader(void **state)
{
	static struct words_ahead w;
	struct term_index small = { 0 }, large = { 0 };
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 16);
	random_state = 1;
	fill_index(&small, 10);
	fill_index(&large, MANY);
	assert_false(term_index_is_large(&small));
	assert_true(term_index_is_large(&large));
	for (int i = 0; i < TEXTS; i++) {
		add_text(&text, 1 + below(40));
		check_words(&w, &small, buf_str(&text), i % 2 != 0);
		check_words(&w, &large, buf_str(&text), i % 2 != 0);
	}
	buf_clear(&text);
	term_index_clear(&small);
	term_index_clear(&large);
}

/* Nothing of a text that was not read to its end comes with the next. */
static void
test_begins_anew(void **state)
{
	static struct words_ahead w;
	static struct token_reader r;
	struct term_index large = { 0 };
	struct token t;
	uint64_t hash;

	(void)state;
	fill_index(&large, MANY);
	token_init(&r, false);
	token_begin(&r, STR("a b c d e f g h i j k l"), false);
	words_ahead_begin(&w, &r, &large);
	for (int i = 0; i < 3; i++)
		assert_true(words_ahead_next(&w, &t, &hash));
	assert_int_equal(t.folded[0], 'c');
	check_words(&w, &large, STR("x y z"), false);
	check_words(&w, &large, STR_NONE, false);
	term_index_clear(&large);
}

/*
 * Topics.
 */

static const char *const queries[] = {
	"peace AND (minister OR embargo) NOT quarry",
	"\"quarry stone\" OR \"stone quarry\" OR word17",
	"peacekeepers OR internationalisation OR eightlet",
	"inter* AND nineletts", "peac*", "case:US OR case:Straße",
	"incomprehensibilities NEAR/3 sanctions", "ATLEAST/2 (stone OR 中国)",
	"strasse AND elysee", "title:minister OR lead:embargo",
	"\"state of the art\"", "st?ne AND \"nytimes com\"",
	"a NOT (word4711 OR word19999)", "\"a stone\"~4", "1000000 AND at&t",
};

struct notes {
	char	 at[MAX_NOTES][48];
	size_t	 n;
};

/* Topics by the number of queries; the others are left out. */
static int
note(uint32_t topic, const struct hit *hits, size_t n, void *ctx)
{
	struct notes *notes = ctx;

	if (topic >= COUNT(queries))
		return 0;
	for (size_t i = 0; i <= n && notes->n < MAX_NOTES; i++)
		(void)snprintf(notes->at[notes->n++], sizeof(notes->at[0]),
		    "%u %s %zu %zu %zu", topic, i < n ? hits[i].field : "-",
		    i < n ? hits[i].offset : 0, i < n ? hits[i].text.n : n,
		    i < n ? hits[i].context.n : 0);
	return 0;
}

static void
add_topic(struct topic_set_builder *b, struct arena *a, struct str query)
{
	static struct query_faults faults;
	const struct query *q = query_parse(a, query, NULL, &faults);

	if (q == NULL || topic_set_builder_add(b, q, &faults) == -1)
		fail_msg("%.*s: %s", STR_ARG(query), faults.list[0].message);
	arena_reset(a);
}

/* The queries, and behind them so many that ask for a word or two. */
static struct topic_set *
compile(unsigned others)
{
	struct topic_set_builder *b = topic_set_builder_new();
	struct arena *a = arena_new(1 << 20);
	struct topic_set *set;
	struct err err;
	char text[48];

	for (size_t i = 0; i < COUNT(queries); i++)
		add_topic(b, a, str_from(queries[i]));
	for (unsigned i = 0; i < others; i++) {
		(void)snprintf(text, sizeof(text), "word%u OR peace AND "
		    "other%u", i, i / 2);
		add_topic(b, a, str_from(text));
	}
	set = topic_set_compile(b, &err);
	assert_non_null(set);
	arena_free(a);
	return set;
}

static void
test_large_sets_hold_as_small_ones(void **state)
{
	static const struct matcher_ops ops = { .on_topic = note };
	static struct notes notes[2];
	struct topic_set *sets[] = { compile(0), compile(MANY) };
	struct matcher *m = matcher_new();
	struct document doc = { .language = STR("en") };
	struct buf text[FIELD_CONTENT + 1];
	size_t held = 0;
	struct err err;

	(void)state;
	random_state = 2;
	for (int f = 0; f <= FIELD_CONTENT; f++)
		buf_init(&text[f], 1 << 16);
	for (int i = 0; i < TEXTS; i++) {
		for (int f = 0; f <= FIELD_CONTENT; f++) {
			add_text(&text[f], f == FIELD_CONTENT ? 60 : 12);
			doc.text[f] = buf_str(&text[f]);
		}
		for (int s = 0; s < 2; s++) {
			notes[s].n = 0;
			assert_int_equal(matcher_run(m, sets[s], &doc, NULL,
			    &ops, &notes[s], &err), 0);
		}
		assert_int_equal(notes[0].n, notes[1].n);
		for (size_t k = 0; k < notes[0].n; k++)
			assert_string_equal(notes[0].at[k], notes[1].at[k]);
		held += notes[0].n;
	}
	assert_true(held > TEXTS);
	for (int f = 0; f <= FIELD_CONTENT; f++)
		buf_clear(&text[f]);
	topic_set_unref(sets[0]);
	topic_set_unref(sets[1]);
	matcher_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_those_of_the_reader),
		cmocka_unit_test(test_begins_anew),
		cmocka_unit_test(test_large_sets_hold_as_small_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
