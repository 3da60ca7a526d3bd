/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "filters/document.h"
#include "filters/story_sign.h"
#include "filters/word_counts.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static struct story_signer *signer;

static void
sign_of(const char *title, const char *body, struct story_sign *sign)
{
	struct document doc = { .text[FIELD_TITLE] = str_from(title),
		.text[FIELD_CONTENT] = str_from(body) };

	story_sign_make(signer, &doc, NULL, NULL, 0, sign);
}

/* How many parts of a kind two texts share. */
static size_t
shared(const char *a, const char *b, enum story_part kind)
{
	struct story_sign sa, sb;
	size_t n = 0;

	sign_of("", a, &sa);
	sign_of("", b, &sb);
	for (size_t i = 0; i < sa.n_parts; i++)
		for (size_t k = 0; k < sb.n_parts; k++)
			n += sa.part[i] >> 6 == sb.part[k] >> 6 &&
			    story_part_kind(sa.part[i]) == kind;
	return n;
}

static const struct {
	const char	*says, *a, *b;
	enum story_part	 kind;
	size_t		 n;
} parts[] = {
	{ "a number however it is grouped", "they had 3,000 tonnes",
	    "some 3000 more", PART_NUMBER, 1 },
	{ "a number in words", "they found seventeen", "all 17 were",
	    PART_NUMBER, 1 },
	{ "a decimal without its last nothing", "at 4.750 a piece", "of 4.75",
	    PART_NUMBER, 1 },
	{ "an ordinal", "on the 17th", "were 17", PART_NUMBER, 1 },
	{ "not another number", "were 174", "were 173", PART_NUMBER, 0 },
	{ "a group that is none", "lots 12,34 or so", "lots 1234 or so",
	    PART_NUMBER, 0 },
	{ "runs within quotes, of any kind of marks",
	    "he said \"we will not wait\" then",
	    "\xe2\x80\x9cWe will not wait\xe2\x80\x9d, he said", PART_QUOTE,
	    2 },
	{ "words without quotes are none", "he said we will not wait",
	    "\"we will not wait\"", PART_QUOTE, 0 },
	{ "no run goes over a quote's edge", "\"we will\" \"not wait\"",
	    "\"we will not wait\"", PART_QUOTE, 0 },
	{ "a name amid a sentence", "they met Moptia there",
	    "for Moptia it was", PART_NAME, 1 },
	{ "a name that begins one, where no list has it",
	    "Moptia was there", "in Moptia then", PART_NAME, 1 },
	{ "its possessive", "by Moptia's men", "in Moptia then", PART_NAME, 1 },
	{ "what is also written small is none", "The Moptia of moptia men",
	    "in Moptia then", PART_NAME, 0 },
	{ "a country and its people", "the Ukrainian side", "in Ukraine",
	    PART_NAME, 1 },
	{ "dots of an abbreviation", "the U.N. said", "the UN said",
	    PART_NAME, 1 },
	{ "US is not us", "with US help", "with the American",
	    PART_NAME, 1 },
	{ "us is not US", "with us all", "with the American",
	    PART_NAME, 0 },
	{ "initials", "the European Central Bank has", "when ECB staff",
	    PART_NAME, 1 },
	{ "initials over small words", "the Bank of North Moptia has",
	    "when BNM staff", PART_NAME, 1 },
	{ "stems", "they babbled about it", "who babbles again", PART_TERM,
	    1 },
	{ "words of one row", "they perished", "were killed", PART_TERM, 1 },
	{ "words that say nothing", "this is that", "this was that",
	    PART_TERM, 0 },
	{ "Han, two characters at a time", "\xe7\xbb\xb4\xe5\x92\x8c\xe9\x83"
	    "\xa8\xe9\x98\x9f", "\xe7\xbb\xb4\xe5\x92\x8c\xe4\xba\xba",
	    PART_TERM, 1 },
};

static void
parts_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		size_t n = shared(parts[i].a, parts[i].b, parts[i].kind);

		if (n != parts[i].n)
			fail_msg("%s: %s | %s: %zu", parts[i].says, parts[i].a,
			    parts[i].b, n);
	}
}

#define BODY "Rescuers were still looking for two traders in the evening, " \
	"said the head of the fire brigade of the town by the river"

static const struct {
	const char	*says, *title_a, *a, *title_b, *b;
	bool		 same;
} texts[] = {
	{ "copies get a title of their own", "One", BODY, "Two", BODY, true },
	{ "case, accents and marks count for nothing", "One", BODY, "One",
	    "RESCU\xc3\x89RS were still looking for two traders in the evening "
	    "(said the head of the fire brigade of the town by the river).",
	    true },
	{ "each word counts", "One", BODY, "One", BODY " now", false },
	{ "a few words are not all of a text", "Storm", "Read more", "War",
	    "Read more", false },
	{ "of a headline alone it is what is compared", "Storm nears", "",
	    "STORM NEARS", "", true },
};

static const struct {
	const char	*says, *word;
	bool		 rare;
} terms[] = {
	{ "a word that no list has", "the babbling", true },
	{ "of one row, all as rare as the commonest", "a coup", true },
	{ "a word of many items", "the government", false },
	{ "of its row, too", "by cabinets", false },
};

static void
rare_terms_say_so(void **state)
{
	struct story_sign s;

	(void)state;
	for (size_t i = 0; i < COUNT(terms); i++) {
		sign_of("", terms[i].word, &s);
		assert_int_equal(s.n_parts, 1);
		assert_int_equal(story_part_kind(s.part[0]), PART_TERM);
		if (story_part_is_rare(s.part[0]) != terms[i].rare)
			fail_msg("%s: %s", terms[i].says, terms[i].word);
	}
}

/* What newsrooms have a row for weighs more than what is rare. */
static void
words_of_rows_weigh_most(void **state)
{
	struct story_sign row, rare;

	(void)state;
	sign_of("", "were killed", &row);
	sign_of("", "were babbling", &rare);
	assert_true(story_part_weight(row.part[0]) >
	    story_part_weight(rare.part[0]));
}

static void
texts_are_known_again(void **state)
{
	struct story_sign a, b;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		sign_of(texts[i].title_a, texts[i].a, &a);
		sign_of(texts[i].title_b, texts[i].b, &b);
		if ((a.text == b.text) != texts[i].same)
			fail_msg("%s", texts[i].says);
	}
	sign_of("", "", &a);
	assert_int_equal(a.text, 0);
	assert_int_equal(a.n_parts, 0);
}

static void
days_are_bits(void **state)
{
	struct story_sign a;

	(void)state;
	sign_of("Talks on Monday", "They were to begin on Sunday.", &a);
	assert_int_equal(a.days, 1 << 0 | 1 << 6);
}

/* Where there are facts they say more; where not, runs of words. */
static void
runs_are_kept_where_facts_are_few(void **state)
{
	struct story_sign a, b;
	size_t same = 0;

	(void)state;
	sign_of("", BODY, &a);
	assert_true(a.has_min);
	sign_of("", "As was heard, " BODY, &b);
	for (size_t i = 0; i < STORY_SIGN_MIN; i++)
		same += a.min[i] == b.min[i];
	assert_true(same >= STORY_SIGN_MIN / 2);
	sign_of("", BODY " with 12,345 of 67,890 and 8.75 and 9,321", &a);
	assert_false(a.has_min);
}

/* A longer text than is read: what is behind counts by its length alone. */
static void
a_text_is_read_up_to_a_bound(void **state)
{
	size_t n = STORY_SIGN_MAX_READ + 1000;
	char *body = malloc(n + 1);
	struct story_sign a, b;

	(void)state;
	assert_non_null(body);
	for (size_t i = 0; i < n; i++)
		body[i] = "word \0"[i % 5];
	body[n] = '\0';
	sign_of("", body, &a);
	memcpy(body + n - 10, "EVENT 4711", 10);
	sign_of("", body, &b);
	assert_int_equal(a.text, b.text);
	assert_int_equal(a.n_parts, b.n_parts);
	body[n - 1] = '\0';
	sign_of("", body, &b);
	assert_int_not_equal(a.text, b.text);
	free(body);
}

/* More different words than there is room for. */
static void
a_text_of_many_words_is_bounded(void **state)
{
	struct story_sign a;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; b.n < STORY_SIGN_MAX_READ; i++)
		buf_addf(&b, "%c%c ", 'a' + i % 26, 'a' + i / 26 % 26);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d \"a b c d%d\" ", 1000 + i, i);
	sign_of("", buf_cstr(&b), &a);
	assert_true(a.n_parts <= STORY_SIGN_MAX_PARTS);
	assert_true(a.n_parts >= 30);
	buf_clear(&b);
}

/* An entity that was found is one name, however it is written. */
static void
entities_are_names(void **state)
{
	const char *a = "then the old prince came", *b = "then Aki Mopt came";
	const struct story_mention in_a = { .id = 4711, .offset = 5,
		.length = 14, .field = FIELD_CONTENT };
	const struct story_mention in_b = { .id = 4711, .offset = 5,
		.length = 8, .field = FIELD_CONTENT };
	struct document doc = { .text[FIELD_CONTENT] = str_from(a) };
	struct story_sign sa, sb;
	size_t same = 0, prince;

	(void)state;
	story_sign_make(signer, &doc, NULL, NULL, 0, &sa);
	prince = sa.n_parts;
	story_sign_make(signer, &doc, NULL, &in_a, 1, &sa);
	doc.text[FIELD_CONTENT] = str_from(b);
	story_sign_make(signer, &doc, NULL, &in_b, 1, &sb);
	for (size_t i = 0; i < sa.n_parts; i++)
		for (size_t k = 0; k < sb.n_parts; k++)
			same += sa.part[i] == sb.part[k] &&
			    story_part_kind(sa.part[i]) == PART_NAME;
	assert_int_equal(same, 1);
	assert_true(sa.n_parts <= prince);
	assert_int_equal(sb.n_parts, 1);
}

/* What the lists do not know is as rare as it was learned to be. */
static void
learned_words_weigh_less(void **state)
{
	struct word_counts *counts = word_counts_new();
	struct document doc = { .text[FIELD_CONTENT] =
		STR("they met Moptia there") };
	struct story_sign before, after;

	(void)state;
	assert_non_null(counts);
	for (int i = 0; i < 200; i++)
		word_counts_note(counts, &doc);
	story_sign_make(signer, &doc, NULL, NULL, 0, &before);
	story_sign_make(signer, &doc, counts, NULL, 0, &after);
	assert_int_equal(before.part[0] >> 6, after.part[0] >> 6);
	assert_true(story_part_weight(after.part[0]) <
	    story_part_weight(before.part[0]));
	word_counts_free(counts);
}

static void
blobs_come_back(void **state)
{
	struct story_sign a, b;
	struct buf blob;

	(void)state;
	buf_init(&blob, STORY_SIGN_MAX_BYTES);
	for (int facts = 0; facts < 2; facts++) {
		buf_reset(&blob);
		sign_of("Blast kills 114 in Moptia", facts ? "\"We will not go "
		    "away,\" said Aki Mopt on Friday of 3,456 and 7.25" : BODY,
		    &a);
		story_sign_write(&a, &blob);
		assert_false(blob.failed);
		assert_int_equal(story_sign_read(&b, buf_str(&blob)), 0);
		assert_int_equal(a.text, b.text);
		assert_int_equal(a.words, b.words);
		assert_int_equal(a.days, b.days);
		assert_int_equal(a.n_parts, b.n_parts);
		assert_int_equal(a.has_min, b.has_min);
		assert_memory_equal(a.part, b.part, sizeof(a.part));
		assert_memory_equal(a.min, b.min, sizeof(a.min));
		for (size_t n = 0; n < blob.n; n++)
			assert_int_equal(story_sign_read(&b, str_sub(
			    buf_str(&blob), 0, n)), -1);
		buf_add_char(&blob, 0);
		assert_int_equal(story_sign_read(&b, buf_str(&blob)), -1);
		blob.n--;
		blob.p[0]++;
		assert_int_equal(story_sign_read(&b, buf_str(&blob)), -1);
		assert_int_equal(b.n_parts, 0);
	}
	buf_clear(&blob);
}

/*
 * Texts put together at random, of all that texts are made of: words of the
 * lists and others, endings, names, numbers, quotes, other scripts, marks,
 * bytes that are none.
 */
static const char *const pieces[] = {
	"the", "of", "said", "and", "for", "killed", "killing", "attacks",
	"attacked", "bridges", "stopped", "falling", "pressed", "press",
	"policies", "classes", "goes", "is", "us", "US", "U.S.", "U.N.", "UN",
	"NATO", "European Central Bank", "Bank of England", "Ukraine",
	"Ukrainian", "Kyiv", "France", "Georgia", "Tuesday", "friday",
	"Moptia", "moptia", "Gorla Vens", "Oskaven", "OSKAVEN", "drannic",
	"quellable", "minister", "president", "earthquake", "election", "seven",
	"twenty", "one", "1", "7", "17", "174", "3,000", "3000", "1.750",
	"12,34", "4:52", "2026", "2,500,000", "17th", "90km", "0.25", "5-4",
	"\"", "\"", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xc2\xab",
	"\xc2\xbb", ".", ",", "!", ":", "\n", "\n\n", "\t", "-", "'s",
	"\xe2\x80\xa6", "(", ")", "J.", "A", "I", "\xc3\x89t\xc3\xa9",
	"Z\xc3\xbcrich", "stra\xc3\x9f" "e", "co\xc3\xb6perates",
	"\xd0\x9a\xd0\xb8\xd1\x97\xd0\xb2",
	"\xd1\x83\xd0\xb4\xd0\xb0\xd1\x80\xd0\xb8",
	"\xe4\xb8\xad\xe5\x9b\xbd\xe9\x98\x9f", "\xe3\x80\x82",
	"\xff", "\x80", "\xe2\x82", "\xef\xac\x83", "\xe2\x80\x99s",
	"internationalisation", "abcdefghijklmnop", "abcdefghijklmnopq",
	"incomprehensibilities", "x", "e", "s", "ed", "ing", "sing", "bee",
};

static uint64_t
draw(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed * UINT64_C(0x2545f4914f6cdd1d) >> 32;
}

static void
add_pieces(struct buf *b, uint64_t *seed, size_t n)
{
	static const char *const between[] = { " ", " ", " ", " ", " ", "",
		"  ", ", " };
	size_t most = draw(seed) % 3 == 0 ? 45 : COUNT(pieces);

	for (size_t i = 0; i < n; i++) {
		buf_add_c(b, pieces[draw(seed) % most]);
		if (draw(seed) % 300 == 0)
			buf_add_char(b, (char)draw(seed));
		buf_add_c(b, between[draw(seed) % COUNT(between)]);
	}
}

/* Two in four items have names that are found, which may overlap words. */
static size_t
add_mentions(struct story_mention *m, size_t max, uint64_t *seed)
{
	size_t n = draw(seed) % 2 == 0 ? 0 : draw(seed) % (max + 1);
	uint32_t at = 0;

	for (size_t i = 0; i < n; i++) {
		at += (uint32_t)(draw(seed) % 90);
		m[i] = (struct story_mention){ .id = draw(seed) % 7,
			.field = FIELD_CONTENT, .is_place = draw(seed) % 3 == 0,
			.offset = at, .length = 3 + (uint32_t)(draw(seed) % 20)
		};
		at += m[i].length;
	}
	return n;
}

static void
sign_one(struct word_counts *counts, struct buf *title, struct buf *body,
    uint64_t *seed, struct buf *blob)
{
	struct story_mention mentions[6];
	size_t n = add_mentions(mentions, COUNT(mentions), seed);
	struct story_sign sign;
	struct document doc = { .age_s = 0 };

	buf_reset(title);
	buf_reset(body);
	buf_reset(blob);
	add_pieces(title, seed, draw(seed) % 14);
	add_pieces(body, seed, draw(seed) % 4 == 0 ? draw(seed) % 9 :
	    draw(seed) % 260);
	doc.text[FIELD_TITLE] = buf_str(title);
	doc.text[draw(seed) % 5 == 0 ? FIELD_SUMMARY : FIELD_CONTENT] =
	    buf_str(body);
	story_sign_make(signer, &doc, draw(seed) % 3 == 0 ? NULL : counts,
	    mentions, n, &sign);
	story_sign_write(&sign, blob);
	word_counts_note(counts, &doc);
}

/*
 * Signatures are kept, and compared with those that are made later. So whoever
 * changes what one says of a text changes the version of blobs, and this; and
 * nobody else.
 */
static void
signatures_stay_what_they_are(void **state)
{
	enum { ITEMS = 10000 };
	struct word_counts *counts = word_counts_new();
	uint64_t seed = 8008, digest = UINT64_C(0xcbf29ce484222325);
	struct buf title, body, blob;

	(void)state;
	assert_non_null(counts);
	buf_init(&title, 1 << 16);
	buf_init(&body, 1 << 16);
	buf_init(&blob, STORY_SIGN_MAX_BYTES);
	for (size_t i = 0; i < ITEMS; i++) {
		sign_one(counts, &title, &body, &seed, &blob);
		assert_false(title.failed || body.failed || blob.failed);
		for (size_t k = 0; k < blob.n; k++)
			digest = (digest ^ (uint8_t)blob.p[k]) *
			    UINT64_C(0x100000001b3);
	}
	if (digest != UINT64_C(0xb8580bb1ec9162f9))
		fail_msg("of %d items: %#llx", ITEMS,
		    (unsigned long long)digest);
	buf_clear(&title);
	buf_clear(&body);
	buf_clear(&blob);
	word_counts_free(counts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_found),
		cmocka_unit_test(rare_terms_say_so),
		cmocka_unit_test(words_of_rows_weigh_most),
		cmocka_unit_test(texts_are_known_again),
		cmocka_unit_test(days_are_bits),
		cmocka_unit_test(runs_are_kept_where_facts_are_few),
		cmocka_unit_test(a_text_is_read_up_to_a_bound),
		cmocka_unit_test(a_text_of_many_words_is_bounded),
		cmocka_unit_test(entities_are_names),
		cmocka_unit_test(learned_words_weigh_less),
		cmocka_unit_test(blobs_come_back),
		cmocka_unit_test(signatures_stay_what_they_are),
	};
	int rc;

	signer = story_signer_new();
	rc = signer == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
	story_signer_free(signer);
	return rc;
}
