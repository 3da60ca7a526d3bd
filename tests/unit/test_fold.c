/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/utf8.h"
#include "filters/fold.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*says;
	const char	*text, *folded, *cased;
} folds[] = {
	{ "ASCII loses its case", "aBZ09", "abz09", "aBZ09" },
	{ "accents go, composed", "ÉéÑç", "eenc", "EeNc" },
	{ "accents go, decomposed", "e\xcc\x81", "e", "e" },
	{ "sharp s is ss", "Straße", "strasse", "Strasse" },
	{ "capital sharp s is ss", "ẞ", "ss", "SS" },
	{ "yo is ye", "Ёлка ё", "елка е", "Елка е" },
	{ "a final sigma is a sigma", "ΟΔΟΣ ὁδός", "οδοσ οδοσ",
	    "ΟΔΟΣ οδοσ" },
	{ "the dotted capital I is an i", "İ", "i", "I" },
	{ "the dotless i is an i", "ı", "i", "i" },
	{ "stroked letters lose the stroke", "Łódź Øre đ", "lodz ore d",
	    "Lodz Ore d" },
	{ "ligatures are their letters", "ﬁ Œ æ", "fi oe ae", "fi OE ae" },
	{ "full width is ASCII", "ＡＢ１", "ab1", "AB1" },
	{ "mathematical capitals lose their case", "𝐀", "a", "A" },
	{ "Arabic harakat and hamza seats go", "أَ", "ا", "ا" },
	{ "vowel signs of Devanagari stay", "की", "की", "की" },
	{ "voicing of kana stays, half width is full", "ガ ｶﾞ",
	    "カ\xe3\x82\x99 カ\xe3\x82\x99", "カ\xe3\x82\x99 カ\xe3\x82\x99" },
	{ "Hangul syllables stay whole", "한국", "한국", "한국" },
	{ "a soft hyphen is nothing", "a\xc2\xad" "b", "ab", "ab" },
	{ "apostrophes are one", "’ʼ＇'", "''''", "''''" },
};

static void
fold_all(const char *s, bool keep_case, char *out)
{
	size_t n = strlen(s), len, at = 0;
	struct fold_char c;

	for (size_t i = 0; i < n; i += len) {
		fold_char(utf8_decode(s + i, n - i, &len), keep_case, &c);
		assert_true(c.n <= FOLD_MAX_BYTES);
		memcpy(out + at, c.bytes, c.n);
		at += c.n;
	}
	out[at] = '\0';
}

static void
test_folds(void **state)
{
	char got[256];

	(void)state;
	for (size_t i = 0; i < COUNT(folds); i++) {
		fold_all(folds[i].text, false, got);
		if (strcmp(got, folds[i].folded) != 0)
			fail_msg("%s: %s", folds[i].says, got);
		fold_all(folds[i].text, true, got);
		if (strcmp(got, folds[i].cased) != 0)
			fail_msg("%s, case kept: %s", folds[i].says, got);
	}
}

static const struct {
	uint32_t	cp;
	enum fold_class	class;
} classes[] = {
	{ 'a', FOLD_LETTER }, { 'Z', FOLD_LETTER }, { '0', FOLD_DIGIT },
	{ '9', FOLD_DIGIT }, { '@', FOLD_OTHER }, { '[', FOLD_OTHER },
	{ '`', FOLD_OTHER }, { '{', FOLD_OTHER }, { '/', FOLD_OTHER },
	{ ':', FOLD_OTHER }, { ' ', FOLD_OTHER }, { '_', FOLD_OTHER },
	{ 0, FOLD_OTHER }, { 0x7f, FOLD_OTHER }, { '\n', FOLD_NEWLINE },
	{ '\'', FOLD_APOSTROPHE }, { '-', FOLD_HYPHEN }, { '.', FOLD_DOT },
	{ '&', FOLD_AMPERSAND }, { ',', FOLD_COMMA },
	{ 0xe9, FOLD_LETTER }, { 0x451, FOLD_LETTER },
	{ 0x2019, FOLD_APOSTROPHE }, { 0x2011, FOLD_HYPHEN },
	{ 0x2013, FOLD_OTHER }, { 0x2014, FOLD_OTHER },
	{ 0x301, FOLD_MARK }, { 0xad, FOLD_IGNORED },
	{ 0x200b, FOLD_OTHER }, { 0x200d, FOLD_IGNORED },
	{ 0x3164, FOLD_IGNORED },	/* a letter that shows nothing */
	{ 0x4e00, FOLD_SINGLE }, { 0x9fff, FOLD_SINGLE },
	{ 0x3042, FOLD_SINGLE }, { 0x30ab, FOLD_SINGLE },
	{ 0x30fb, FOLD_OTHER },		/* the middle dot between names */
	{ 0x3001, FOLD_OTHER }, { 0x3002, FOLD_OTHER },
	{ 0xe01, FOLD_SINGLE }, { 0xe31, FOLD_MARK },
	{ 0x20000, FOLD_SINGLE }, { 0xac00, FOLD_LETTER },
	{ 0x661, FOLD_DIGIT }, { 0xff11, FOLD_DIGIT },
	{ 0x1f600, FOLD_OTHER }, { 0xfffd, FOLD_OTHER },
	{ 0x10ffff, FOLD_OTHER },
};

static void
test_classes(void **state)
{
	struct fold_char c;

	(void)state;
	for (size_t i = 0; i < COUNT(classes); i++) {
		fold_char(classes[i].cp, false, &c);
		if (c.class != (uint8_t)classes[i].class)
			fail_msg("U+%04X is %d, not %d", classes[i].cp,
			    c.class, (int)classes[i].class);
	}
}

/* Slots are shared: what was there before must not show. */
static void
test_cache_agrees(void **state)
{
	static struct fold_cache cache;
	struct fold_char plain;

	(void)state;
	for (int round = 0; round < 2; round++)
		for (uint32_t cp = 0x80; cp < 0x110000; cp += 1 + cp % 7) {
			const struct fold_char *c = fold_cached(&cache, cp);

			fold_char(cp, false, &plain);
			assert_int_equal(c->cp, cp);
			assert_int_equal(c->class, plain.class);
			assert_int_equal(c->n, plain.n);
			assert_memory_equal(c->bytes, plain.bytes, plain.n);
		}
}

/* Every code point: valid UTF-8 comes out, and folding it again is itself. */
static void
test_folding_settles(void **state)
{
	char once[FOLD_MAX_BYTES + 1], twice[16 * FOLD_MAX_BYTES];
	struct fold_char c;
	size_t differ = 0;

	(void)state;
	for (uint32_t cp = 1; cp < 0x110000; cp++) {
		if (cp >= 0xd800 && cp < 0xe000)
			continue;
		fold_char(cp, false, &c);
		memcpy(once, c.bytes, c.n);
		once[c.n] = '\0';
		assert_true(utf8_is_valid((struct str){ once, c.n }));
		assert_true(c.n > 0 || (!fold_is_word(c.class) &&
		    c.class != FOLD_SINGLE));
		fold_all(once, false, twice);
		differ += strcmp(once, twice) != 0;
	}
	assert_int_equal(differ, 0);
}

static void
test_case(void **state)
{
	(void)state;
	assert_true(fold_is_upper('A'));
	assert_true(fold_is_upper(0x410));
	assert_false(fold_is_upper('a'));
	assert_false(fold_is_upper('1'));
	assert_false(fold_is_upper(0x4e00));
	assert_true(fold_is_lower(0x430));
	assert_false(fold_is_lower('A'));
	assert_false(fold_is_lower(0x4e00));
	assert_int_equal(fold_ascii('A'), 'a');
	assert_int_equal(fold_ascii('Z'), 'z');
	assert_int_equal(fold_ascii('@'), '@');
	assert_int_equal(fold_ascii('['), '[');
	assert_int_equal((uint8_t)fold_ascii((char)0xc1), 0xc1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folds),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_cache_agrees),
		cmocka_unit_test(test_folding_settles),
		cmocka_unit_test(test_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
