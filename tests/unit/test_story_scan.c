/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "filters/story_scan.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * Words as they come, each with its signs: C capital, A acronym, # number, <
 * begins a sentence or a quote, " quoted, | apart from the last, - touches it.
 */
static void
scan(struct str text, struct buf *b)
{
	static struct fold_cache cache;
	struct story_scan s;
	struct story_token t;

	buf_reset(b);
	story_scan_begin(&s, text, &cache);
	while (story_scan_next(&s, &t)) {
		if (b->n > 0)
			buf_add_char(b, ' ');
		buf_add_c(b, t.apart ? "|" : "");
		buf_add_c(b, t.touches ? "-" : "");
		buf_add_c(b, t.begins ? "<" : "");
		buf_add_c(b, t.quoted ? "\"" : "");
		buf_add_c(b, t.is_number ? "#" : "");
		buf_add_c(b, t.written == CASE_CAPITAL ? "C:" :
		    t.written == CASE_ACRONYM ? "A:" : "");
		buf_add(b, t.letters.c, t.letters.n);
	}
}

static const struct {
	const char	*says, *text, *words;
} cases[] = {
	{ "words, and where a sentence begins", "We go. They stay",
	    "|<C:we -go <C:they -stay" },
	{ "capitals amid a sentence", "in Old Mopt", "|<in -C:old -C:mopt" },
	{ "acronyms, with and without dots", "the U.N. and EU",
	    "|<the -A:un -and -A:eu" },
	{ "an initial is none", "J. Smith", "|<C:j <C:smith" },
	{ "apostrophes and hyphens part", "Moptia's peace-keepers",
	    "|<C:moptia s -peace keepers" },
	{ "groups and decimals", "1,000 3.50 12,34 7.0", "|<#1000 -#3.5 -#12 "
	    "#34 -#7" },
	{ "what hangs on a number", "17th 90kg", "|<#17 -#90" },
	{ "a full stop behind a number", "in 2026. Then", "|<in -#2026 "
	    "<C:then" },
	{ "quotes", "he \"is there\" now", "|<he |<\"is -\"there |now" },
	{ "curly quotes", "\xe2\x80\x9cis\xe2\x80\x9d it",
	    "|<\"is |it" },
	{ "a quote ends with its line", "\"is\nit", "|<\"is |<it" },
	{ "accents fold", "\xc3\x89ire", "|<C:eire" },
	{ "Han, a character at a time", "\xe4\xb8\xad\xe5\x9b\xbd",
	    "|<\xe4\xb8\xad -\xe5\x9b\xbd" },
	{ "a word is cut", "abcdefghijklmnopqrst", "|<abcdefghijklmnop" },
	{ "a word longer than a block", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ends",
	    "|<aaaaaaaaaaaaaaaa -ends" },
	{ "what folds to more than it is", "aaaaaaaaaaaaaaa\xef\xac\x83"
	    " \xc5\x89" "a Stra\xc3\x9f" "e", "|<aaaaaaaaaaaaaaaf -'na "
	    "-C:strasse" },
	{ "nothing", "", "" },
	{ "marks alone", "... \xff \" , ", "" },
};

static void
words_have_their_signs(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (size_t i = 0; i < COUNT(cases); i++) {
		scan(str_from(cases[i].text), &b);
		if (strcmp(buf_cstr(&b), cases[i].words) != 0)
			fail_msg("%s: %s", cases[i].says, buf_cstr(&b));
	}
	buf_clear(&b);
}

/* The words of a text behind so many spaces, in memory that ends with it. */
static void
scan_shifted(struct str text, size_t spaces, struct buf *b)
{
	struct str s = { .n = spaces + text.n };
	char *copy = malloc(s.n + (s.n == 0));

	assert_non_null(copy);
	memset(copy, ' ', spaces);
	memcpy(copy + spaces, text.p, text.n);
	s.p = copy;
	scan(s, b);
	free(copy);
}

/* Bytes are looked at by blocks: where a block begins makes no difference, nor
 * where the text ends. */
static void
blocks_have_no_edges(void **state)
{
	enum { SHIFTS = 2 * 64 + 1 };
	struct buf all, here, there;

	(void)state;
	buf_init(&all, 1 << 16);
	buf_init(&here, 1 << 16);
	buf_init(&there, 1 << 16);
	for (size_t i = 0; i < COUNT(cases); i++)
		buf_addf(&all, "%s ", cases[i].text);
	scan_shifted((struct str){ all.p, all.n }, 0, &here);
	assert_true(here.n > all.n / 2);
	for (size_t shift = 1; shift < SHIFTS; shift++) {
		scan_shifted((struct str){ all.p, all.n }, shift, &there);
		if (strcmp(buf_cstr(&here), buf_cstr(&there)) != 0)
			fail_msg("behind %zu spaces: %s", shift,
			    buf_cstr(&there));
	}
	for (size_t n = 0; n < all.n; n++) {
		scan_shifted((struct str){ all.p, n }, 0, &here);
		scan_shifted((struct str){ all.p, n }, 37, &there);
		if (strcmp(buf_cstr(&here), buf_cstr(&there)) != 0)
			fail_msg("%zu bytes: %s", n, buf_cstr(&there));
	}
	buf_clear(&all);
	buf_clear(&here);
	buf_clear(&there);
}

static void
offsets_are_those_of_the_text(void **state)
{
	static struct fold_cache cache;
	struct story_scan s;
	struct story_token t;

	(void)state;
	story_scan_begin(&s, STR("\xc3\x89t\xc3\xa9, 17 Moptia"), &cache);
	assert_true(story_scan_next(&s, &t));
	assert_int_equal(t.offset, 0);
	assert_true(story_scan_next(&s, &t));
	assert_int_equal(t.offset, 7);
	assert_true(story_scan_next(&s, &t));
	assert_int_equal(t.offset, 10);
	assert_false(story_scan_next(&s, &t));
	assert_false(story_scan_next(&s, &t));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_have_their_signs),
		cmocka_unit_test(blocks_have_no_edges),
		cmocka_unit_test(offsets_are_those_of_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
