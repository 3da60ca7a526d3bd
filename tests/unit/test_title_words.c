/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "filters/title_words.h"
#include "filters/token.h"

static struct token_reader reader;

static const struct {
	const char	*says, *a, *b;
	bool		 vary;
} pairs[] = {
	{ "the same", "Dam bursts in Korvala", "Dam bursts in Korvala", false },
	{ "one word exchanged", "Yellow warning of wind",
	    "Yellow warning of rain", true },
	{ "a letter", "Recall of peanut butter, brand A",
	    "Recall of peanut butter, brand B", true },
	{ "a number", "Dam bursts, 1,240 flee", "Dam bursts, 1,310 flee",
	    true },
	{ "a number of a series", "CVE-2026-1234: overflow in libfoo",
	    "CVE-2026-1235: overflow in libfoo", true },
	{ "two of six", "Vessel Alpha Star attacked off Yemen",
	    "Vessel Beta Moon attacked off Yemen", true },
	{ "one of two", "Recall: Alfa", "Recall: Brightwell", true },
	{ "the other", "Kernel update", "Openssl update", true },
	{ "neither in its place", "Dam bursts", "Flood at dam", false },
	{ "both", "Dam bursts", "Thousands flee", false },
	{ "another headline", "Dam at Korvala bursts, 1,240 flee",
	    "Thousands run from water", false },
	{ "a longer one", "Dam bursts", "Dam bursts in Korvala", false },
	{ "case and a word that all have", "Dam bursts and thousands flee",
	    "DAM BURSTS, THOUSANDS FLEE", false },
	{ "half of it", "Dam bursts, thousands flee",
	    "Dam bursts, governor resigns", false },
	{ "in another order", "Leeds 2-1 Derby", "Leeds 1-2 Derby", false },
	{ "none", "", "Dam bursts", false },
	{ "a script without spaces", "\xe5\xa4\xa7\xe5\x9d\x9d\xe6\xba\x83"
	    "\xe5\x86\xb3", "\xe5\xa4\xa7\xe5\x9d\x9d\xe6\xba\x83\xe5\xa1\x8c",
	    true },
};

static void
series_are_told_from_copies(void **state)
{
	struct title_words a, b;

	(void)state;
	token_init(&reader, false);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		title_words_read(&a, &reader, str_from(pairs[i].a));
		title_words_read(&b, &reader, str_from(pairs[i].b));
		if (title_words_vary(&a, &b) != pairs[i].vary ||
		    title_words_vary(&b, &a) != pairs[i].vary)
			fail_msg("%s", pairs[i].says);
	}
}

static void
one_title_with_more_words(void **state)
{
	static const struct {
		const char	*says, *a, *b;
		bool		 same;
	} of[] = {
		{ "to the letter", "Dam bursts", "Dam bursts", true },
		{ "a word before it", "UPDATE Dam bursts in Korvala",
		    "Dam bursts in Korvala", true },
		{ "one of two words", "Ukraine", "Ukraine votes", true },
		{ "one of four", "Ukraine", "Ukraine strikes oil depot",
		    false },
		{ "other words", "Ukraine votes on budget",
		    "Ukraine strikes oil depot", false },
		{ "none at all", "", "Dam bursts", false },
	};
	struct title_words a, b;

	(void)state;
	token_init(&reader, false);
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		title_words_read(&a, &reader, str_from(of[i].a));
		title_words_read(&b, &reader, str_from(of[i].b));
		if (title_words_same(&a, &b) != of[i].same ||
		    title_words_same(&b, &a) != of[i].same)
			fail_msg("%s", of[i].says);
	}
}

/* Of a long one the beginning counts. */
static void
long_titles_are_cut(void **state)
{
	static const char words[] = "one1 two2 three3 four4 five5 six6 seven7 "
	    "eight8 nine9 ten10 eleven11 twelve12 thirteen13";
	struct title_words w;

	(void)state;
	token_init(&reader, false);
	title_words_read(&w, &reader, str_from(words));
	assert_int_equal(w.n, TITLE_WORDS_MOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(series_are_told_from_copies),
		cmocka_unit_test(one_title_with_more_words),
		cmocka_unit_test(long_titles_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
