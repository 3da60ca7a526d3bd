/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "filters/query_ast.h"
#include "filters/term_index.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static uint32_t
add(struct term_index *ix, const char *folded, const char *cased, bool prefix)
{
	struct query_word w = { .folded = str_from(folded),
		.cased = str_from(cased), .prefix = prefix };
	uint32_t atom = TERM_NONE;

	assert_int_equal(term_index_add_word(ix, &w, &atom), 0);
	return atom;
}

/* In two steps, as who reads ahead asks; found as in one. */
static void
check_in_two(const struct term_index *ix, struct str folded, bool cut,
    const uint32_t *want, size_t n)
{
	uint32_t found[TERM_MAX_FOUND];
	uint64_t hash = term_index_fetch(ix, folded);

	assert_int_equal(term_index_find_hashed(ix, folded, hash, cut, found),
	    n);
	assert_memory_equal(found, want, n * sizeof(found[0]));
}

/* Every atom of every key that is found, case not looked at. */
static bool
finds(const struct term_index *ix, const char *token, bool cut, uint32_t atom)
{
	uint32_t found[TERM_MAX_FOUND];
	char folded[64 + TERM_READ_AHEAD];
	size_t n = strlen(token);
	struct str s = { folded, n };

	/* What stands behind a token must not matter. */
	assert_true(n <= 64);
	memset(folded, 'p', sizeof(folded));
	memcpy(folded, token, n);
	n = term_index_find(ix, s, cut, found);
	check_in_two(ix, s, cut, found, n);
	for (size_t i = 0; i < n; i++)
		for (uint32_t a = found[i]; a != TERM_NONE;
		    a = ix->atoms[a].next)
			if (a == atom)
				return true;
	return false;
}

static void
test_words_and_prefixes(void **state)
{
	struct term_index ix = { 0 };
	uint32_t peace, peac, pea, peacekeep, us, big_us, rus;

	(void)state;
	peace = add(&ix, "peace", NULL, false);
	peac = add(&ix, "peac", NULL, true);
	pea = add(&ix, "pea", NULL, true);
	peacekeep = add(&ix, "peacekeep", NULL, true);
	us = add(&ix, "us", NULL, false);
	big_us = add(&ix, "us", "US", false);
	rus = add(&ix, "рус", NULL, true);
	assert_int_equal(add(&ix, "peace", NULL, false), peace);
	assert_int_equal(add(&ix, "us", "US", false), big_us);
	assert_int_not_equal(add(&ix, "peace", NULL, true), peace);
	assert_int_equal(term_index_seal(&ix), 0);

	assert_true(finds(&ix, "peace", false, peace));
	assert_true(finds(&ix, "peace", false, peac));
	assert_true(finds(&ix, "peace", false, pea));
	assert_false(finds(&ix, "peace", false, peacekeep));
	assert_true(finds(&ix, "peacekeepers", false, peacekeep));
	assert_true(finds(&ix, "peacekeepers", false, pea));
	assert_false(finds(&ix, "peacekeepers", false, peace));
	assert_true(finds(&ix, "peac", false, peac));
	assert_false(finds(&ix, "pe", false, pea));
	assert_false(finds(&ix, "", false, pea));
	assert_true(finds(&ix, "us", false, us));
	assert_true(finds(&ix, "us", false, big_us));
	assert_true(finds(&ix, "русский", false, rus));
	/* A word that was cut is not the word, but has its beginning. */
	assert_false(finds(&ix, "peace", true, peace));
	assert_true(finds(&ix, "peace", true, peac));
	term_index_clear(&ix);
}

static void
test_case(void **state)
{
	struct term_index ix = { 0 };
	uint32_t any = add(&ix, "us", NULL, false);
	uint32_t us = add(&ix, "us", "US", false);
	uint32_t nato = add(&ix, "nato", "NATO", true);

	(void)state;
	assert_true(term_index_case_agrees(&ix, any, STR("uS")));
	assert_true(term_index_case_agrees(&ix, us, STR("US")));
	assert_false(term_index_case_agrees(&ix, us, STR("Us")));
	assert_false(term_index_case_agrees(&ix, us, STR("USA")));
	assert_true(term_index_case_agrees(&ix, nato, STR("NATOs")));
	assert_false(term_index_case_agrees(&ix, nato, STR("NATions")));
	term_index_clear(&ix);
}

static void
test_phrases(void **state)
{
	struct term_index ix = { 0 };
	uint32_t ab[3], ba[2], out[QUERY_MAX_WORDS], one, two, again, gap;
	struct term_phrase ph;

	(void)state;
	ab[0] = ab[2] = ba[1] = add(&ix, "a", NULL, false);
	ab[1] = ba[0] = add(&ix, "b", NULL, false);
	assert_false(ix.atoms[ab[0]].placed);
	ph = (struct term_phrase){ .atoms = ab, .n = 2 };
	assert_int_equal(term_index_add_phrase(&ix, &ph, &one), 0);
	assert_int_equal(term_index_add_phrase(&ix, &ph, &again), 0);
	ph = (struct term_phrase){ .atoms = ba, .n = 2, .loose = true,
	    .distance = 7 };
	assert_int_equal(term_index_add_phrase(&ix, &ph, &two), 0);
	assert_int_not_equal(one, two);
	assert_int_equal(one, again);
	ab[1] = TERM_NONE;
	ph = (struct term_phrase){ .atoms = ab, .n = 3, .raw = STR("(a.a"),
	    .raw_lead = 1 };
	assert_int_equal(term_index_add_phrase(&ix, &ph, &gap), 0);
	term_index_phrase(&ix, two, out, &ph);
	assert_int_equal(ph.n, 2);
	assert_memory_equal(out, ba, sizeof(ba));
	assert_true(ph.loose);
	assert_int_equal(ph.distance, 7);
	assert_int_equal(ph.raw.n, 0);
	term_index_phrase(&ix, gap, out, &ph);
	assert_int_equal(ph.n, 3);
	assert_int_equal(out[1], TERM_NONE);
	assert_true(str_eq_c(ph.raw, "(a.a"));
	assert_int_equal(ph.raw_lead, 1);
	assert_true(ix.atoms[ab[0]].placed);
	term_index_clear(&ix);
}

static uint32_t
add_pattern(struct term_index *ix, const char *folded, bool prefix)
{
	struct query_word w = { .folded = str_from(folded), .prefix = prefix,
		.pattern = true };
	uint32_t atom = TERM_NONE;

	assert_int_equal(term_index_add_word(ix, &w, &atom), 0);
	return atom;
}

static const struct {
	const char	*says;
	const char	*pattern, *token;
	bool		 prefix, cut, want;
} patterns[] = {
	{ "a ? is one letter", "wom?n", "women", false, false, true },
	{ "a ? is not none", "wom?n", "womn", false, false, false },
	{ "a ? is not two", "wom?n", "womeen", false, false, false },
	{ "other letters count", "wom?n", "moman", false, false, false },
	{ "a ? is a letter of any script", "т?к", "ток", false, false, true },
	{ "and not a byte of it", "т?", "т", false, false, false },
	{ "one at each end", "?omm?", "tommy", false, false, true },
	{ "nothing stands behind a word", "wom?n", "womens", false, false,
	    false },
	{ "behind a prefix anything", "organi?*", "organisation", true, false,
	    true },
	{ "or nothing", "organi?*", "organiz", true, false, true },
	{ "but not less", "organi?*", "organi", true, false, false },
	{ "a word that was cut is no word", "wom?n", "women", false, true,
	    false },
	{ "but begins as a prefix does", "wom?n", "womensday", true, true,
	    true },
};

static void
test_patterns(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(patterns); i++) {
		struct term_index ix = { 0 };
		char key[64];
		uint32_t atom;

		snprintf(key, sizeof(key), "%s", patterns[i].pattern);
		if (key[strlen(key) - 1] == '*')
			key[strlen(key) - 1] = '\0';
		atom = add_pattern(&ix, key, patterns[i].prefix);
		assert_int_equal(add_pattern(&ix, key, patterns[i].prefix),
		    atom);
		assert_int_equal(ix.n_shapes, 1);
		assert_int_equal(term_index_seal(&ix), 0);
		if (finds(&ix, patterns[i].token, patterns[i].cut, atom) !=
		    patterns[i].want)
			fail_msg("%s", patterns[i].says);
		term_index_clear(&ix);
	}
}

static void
test_pattern_case(void **state)
{
	struct term_index ix = { 0 };
	struct query_word w = { .folded = STR("wom?n"), .cased = STR("W?m?n"),
		.pattern = true };
	uint32_t atom = TERM_NONE;

	(void)state;
	assert_int_equal(term_index_add_word(&ix, &w, &atom), 0);
	assert_true(term_index_case_agrees(&ix, atom, STR("Women")));
	assert_true(term_index_case_agrees(&ix, atom, STR("Wömän")));
	assert_false(term_index_case_agrees(&ix, atom, STR("women")));
	assert_false(term_index_case_agrees(&ix, atom, STR("Womens")));
	assert_false(term_index_case_agrees(&ix, atom, STR("Wome")));
	term_index_clear(&ix);
}

/* 256 shapes are taken, one more is not; an old one is. */
static void
test_shapes_are_bounded(void **state)
{
	struct term_index ix = { 0 };
	struct query_word w = { .prefix = false, .pattern = true };
	char text[32];
	uint32_t atom;

	(void)state;
	for (unsigned i = 1; i <= TERM_MAX_SHAPES + 1; i++) {
		for (unsigned k = 0; k < 9; k++)
			text[k] = (i >> k & 1) != 0 ? '?' : 'a';
		w.folded = (struct str){ text, 9 };
		assert_int_equal(term_index_add_word(&ix, &w, &atom),
		    i <= TERM_MAX_SHAPES ? 0 : TERM_SHAPES_FULL);
	}
	w.folded = STR("?bbbbbbbb");
	assert_int_equal(term_index_add_word(&ix, &w, &atom), 0);
	assert_int_equal(term_index_seal(&ix), 0);
	assert_true(finds(&ix, "xbbbbbbbb", false, atom));
	term_index_clear(&ix);
}

/* All lengths a prefix may have are found in one token, and no more. */
static void
test_all_lengths(void **state)
{
	struct term_index ix = { 0 };
	char text[256 + TERM_READ_AHEAD];
	uint32_t found[TERM_MAX_FOUND];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t n = 3; n <= QUERY_MAX_PREFIX_BYTES; n++) {
		struct query_word w = { .folded = { text, n },
			.prefix = true };
		uint32_t atom;

		assert_int_equal(term_index_add_word(&ix, &w, &atom), 0);
	}
	assert_int_equal(term_index_seal(&ix), 0);
	assert_int_equal(term_index_find(&ix, (struct str){ text, 256 }, true,
	    found), QUERY_MAX_PREFIX_BYTES - 2);
	assert_int_equal(term_index_find(&ix, (struct str){ text, 10 }, false,
	    found), 8);
	text[2] = 'y';
	assert_int_equal(term_index_find(&ix, (struct str){ text, 256 }, true,
	    found), 0);
	term_index_clear(&ix);
}

static void
test_many_prefixes(void **state)
{
	enum { PREFIXES = 20000 };
	struct term_index ix = { 0 };
	static uint32_t atoms[PREFIXES];
	char word[32];

	(void)state;
	for (unsigned i = 0; i < PREFIXES; i++) {
		snprintf(word, sizeof(word), "%x-%u", i * 2654435761U, i);
		atoms[i] = add(&ix, word, NULL, true);
	}
	assert_int_equal(term_index_seal(&ix), 0);
	for (unsigned i = 0; i < PREFIXES; i++) {
		snprintf(word, sizeof(word), "%x-%u+", i * 2654435761U, i);
		assert_true(finds(&ix, word, false, atoms[i]));
	}
	assert_true(term_index_bytes(&ix) > PREFIXES * 20);
	term_index_clear(&ix);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_and_prefixes),
		cmocka_unit_test(test_case),
		cmocka_unit_test(test_phrases),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_pattern_case),
		cmocka_unit_test(test_shapes_are_bounded),
		cmocka_unit_test(test_all_lengths),
		cmocka_unit_test(test_many_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
