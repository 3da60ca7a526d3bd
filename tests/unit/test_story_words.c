/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/str.h"
#include "filters/doc_freq.h"
#include "filters/story_words.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct story_letters
letters(const char *word)
{
	struct story_letters l = { .n = strlen(word) };

	memcpy(l.c, word, l.n);
	return l;
}

static const struct {
	const char	*says, *word, *stem;
} stems[] = {
	{ "plurals", "attacks", "attack" },
	{ "past", "attacked", "attack" },
	{ "and what goes on", "attacking", "attack" },
	{ "a doubled letter", "stopped", "stop" },
	{ "but not one of the word's own", "falling", "fall" },
	{ "-ies", "bodies", "body" },
	{ "-sses", "witnesses", "witness" },
	{ "a last e, as its plural loses it", "house", "hous" },
	{ "the plural", "houses", "hous" },
	{ "no plural", "crisis", "crisis" },
	{ "no plural either", "press", "press" },
	{ "short words stay", "was", "was" },
	{ "what is too short behind the ending", "king", "king" },
	{ "letters beyond ASCII: six of them",
	    "\xd1\x83\xd0\xba\xd1\x80\xd0\xb0\xd1\x97\xd0\xbd\xd0\xb0",
	    "\xd1\x83\xd0\xba\xd1\x80\xd0\xb0\xd1\x97\xd0\xbd" },
};

static void
endings_go(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(stems); i++) {
		struct story_letters l = letters(stems[i].word);

		story_words_stem(&l);
		if (!str_eq_c((struct str){ l.c, l.n }, stems[i].stem))
			fail_msg("%s: %s: %.*s", stems[i].says, stems[i].word,
			    (int)l.n, l.c);
	}
}

static struct story_word
find(const struct story_words *w, const char *word)
{
	struct story_letters l = letters(word);

	story_words_stem(&l);
	return story_words_find(w, story_words_hash(&l));
}

static void
words_of_a_row_are_one(void **state)
{
	struct story_words *w = story_words_new();

	(void)state;
	assert_int_equal(find(w, "killed").hash, find(w, "deaths").hash);
	assert_int_equal(find(w, "killed").rarity,
	    find(w, "perished").rarity);
	assert_int_equal(find(w, "killed").class, WORD_ROW);
	assert_int_not_equal(find(w, "killed").hash,
	    find(w, "wounded").hash);
	assert_int_equal(find(w, "ukrainian").hash, find(w, "kyiv").hash);
	assert_int_equal(find(w, "kyiv").class, WORD_PLACE);
	assert_true(find(w, "kyiv").hash < STORY_WORDS_PLACES);
	assert_true(find(w, "killed").hash >= STORY_WORDS_PLACES);
	story_words_free(w);
}

static void
places_differ_in_the_bits_that_are_kept(void **state)
{
	struct story_words *w = story_words_new();

	(void)state;
	assert_int_not_equal(find(w, "ukraine").hash >> 6,
	    find(w, "russia").hash >> 6);
	assert_int_not_equal(find(w, "ukraine").hash >> 6, 0);
	story_words_free(w);
}

static void
words_have_classes(void **state)
{
	struct story_words *w = story_words_new();

	(void)state;
	assert_int_equal(find(w, "said").class, WORD_SAYS_NOTHING);
	assert_int_equal(find(w, "seventeen").class, WORD_NUMBER);
	assert_int_equal(find(w, "seventeen").number, 17);
	assert_int_equal(find(w, "tuesday").class, WORD_DAY);
	assert_int_equal(find(w, "tuesday").number, 1);
	assert_false(find(w, "xylophonist").is_known);
	assert_int_equal(find(w, "xylophonist").rarity, STORY_RARITY_MOST);
	story_words_free(w);
}

static void
frequent_words_are_less_rare(void **state)
{
	struct story_words *w = story_words_new();

	(void)state;
	assert_true(find(w, "people").rarity < find(w, "embargo").rarity);
	assert_true(find(w, "embargo").rarity < STORY_RARITY_MOST);
	assert_int_equal(story_words_rarity(0), STORY_RARITY_MOST);
	assert_int_equal(story_words_rarity(1 << 16), 0);
	story_words_free(w);
}

static bool
is_row(const char *row)
{
	struct str list = str_from(row), word;
	bool has = false;

	while ((word = str_next_word(&list)).n > 0) {
		for (size_t i = 0; i < word.n; i++)
			if (word.p[i] >= 'A' && word.p[i] <= 'Z')
				return false;
		has = true;
	}
	return has;
}

static void
shipped_rows_are_folded_words(void **state)
{
	(void)state;
	assert_true(story_words_n_plain < story_words_n_rows);
	for (size_t i = 0; i < story_words_n_rows; i++)
		if (!is_row(story_words_rows[i]))
			fail_msg("row %zu: %s", i, story_words_rows[i]);
	for (size_t i = 0; i < doc_freq_n_rows; i++)
		if (!is_row(doc_freq_rows[i].stems) ||
		    doc_freq_rows[i].per_10000 > 10000)
			fail_msg("row %zu: %s", i, doc_freq_rows[i].stems);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endings_go),
		cmocka_unit_test(words_of_a_row_are_one),
		cmocka_unit_test(places_differ_in_the_bits_that_are_kept),
		cmocka_unit_test(words_have_classes),
		cmocka_unit_test(frequent_words_are_less_rare),
		cmocka_unit_test(shipped_rows_are_folded_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
