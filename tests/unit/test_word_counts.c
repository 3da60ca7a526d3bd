/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "filters/document.h"
#include "filters/word_counts.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
note(struct word_counts *w, const char *title, const char *content, int times)
{
	struct document doc = { .text[FIELD_TITLE] = str_from(title),
		.text[FIELD_CONTENT] = str_from(content),
		.text[FIELD_URL] = STR("http://hidden.example/") };

	for (int i = 0; i < times; i++)
		word_counts_note(w, &doc);
}

/* In percent, as if there were no guess. */
static unsigned
percent(const struct word_counts *w, const char *word)
{
	uint64_t n = word_counts_documents(w);

	return (unsigned)((word_counts_share(w, str_from(word), 0) *
	    (n + 16) * 100 / n + WORD_SHARE_ALL / 2) / WORD_SHARE_ALL);
}

static const struct {
	const char	*says, *word;
	unsigned	 percent;
} shares[] = {
	{ "a word of each document", "war", 100 },
	{ "a word of every fourth", "peace", 25 },
	{ "of the title", "news", 100 },
	{ "a word that stands twice counts once", "bank", 75 },
	{ "folded as all are", "zurich", 75 },
	{ "and not as it is written", "Zürich", 0 },
	{ "a word that was never seen", "xylophone", 0 },
	{ "what topics do not look at", "hidden", 0 },
};

static void
test_shares(void **state)
{
	struct word_counts *w = word_counts_new();

	(void)state;
	note(w, "News", "war bank, bank Zürich", 300);
	note(w, "News", "War. Peace!", 100);
	assert_int_equal(word_counts_documents(w), 400);
	for (size_t i = 0; i < COUNT(shares); i++)
		if (percent(w, shares[i].word) != shares[i].percent)
			fail_msg("%s: %s: %u", shares[i].says, shares[i].word,
			    percent(w, shares[i].word));
	word_counts_free(w);
}

/* The guess is all while nothing was seen, and fades. */
static void
test_guess(void **state)
{
	struct word_counts *w = word_counts_new();
	uint32_t last;

	(void)state;
	assert_int_equal(word_counts_share(w, STR("war"), 1000), 1000);
	last = word_counts_share(w, STR("peace"), 1000);
	for (int i = 0; i < 5; i++) {
		note(w, "", "war", 10);
		assert_true(word_counts_share(w, STR("peace"), 1000) < last);
		last = word_counts_share(w, STR("peace"), 1000);
	}
	assert_in_range(word_counts_share(w, STR("war"), 1000),
	    WORD_SHARE_ALL / 2, WORD_SHARE_ALL);
	word_counts_free(w);
}

/*
 * Never too small, and of 10,000 words hardly one too large by a hundredth of
 * the documents.
 */
static void
test_many_words(void **state)
{
	enum { DOCUMENTS = 200, WORDS = 50 };
	struct word_counts *w = word_counts_new();
	size_t large = 0;
	struct buf text;
	char word[32];

	(void)state;
	buf_init(&text, 65536);
	for (int d = 0; d < DOCUMENTS; d++) {
		buf_reset(&text);
		for (int i = 0; i < WORDS; i++)
			buf_addf(&text, "w%dx ", d * WORDS + i);
		note(w, "all", buf_cstr(&text), 1);
	}
	for (int i = 0; i < DOCUMENTS * WORDS; i++) {
		snprintf(word, sizeof(word), "w%dx", i);
		assert_true(word_counts_share(w, str_from(word), 0) > 0);
		large += percent(w, word) > 1;
	}
	assert_true(large < 10);
	assert_int_equal(percent(w, "all"), 100);
	buf_clear(&text);
	word_counts_free(w);
}

static void
test_fading(void **state)
{
	struct word_counts *w = word_counts_new();

	(void)state;
	note(w, "", "old", 70000);
	assert_in_range(word_counts_documents(w), 30000, 60000);
	assert_int_equal(percent(w, "old"), 100);
	note(w, "", "new", 100000);
	assert_in_range(word_counts_documents(w), 30000, 60000);
	assert_in_range(percent(w, "old"), 10, 50);
	assert_in_range(percent(w, "new"), 50, 90);
	word_counts_free(w);
}

static void
test_adding(void **state)
{
	struct word_counts *a = word_counts_new(), *b = word_counts_new();

	(void)state;
	note(a, "", "war", 100);
	note(b, "", "peace", 300);
	word_counts_add(a, b);
	assert_int_equal(word_counts_documents(a), 400);
	assert_int_equal(percent(a, "war"), 25);
	assert_int_equal(percent(a, "peace"), 75);
	note(b, "", "peace", 59700);
	note(a, "", "war", 59600);
	word_counts_add(a, b);
	assert_in_range(word_counts_documents(a), 30000, 60000);
	assert_in_range(percent(a, "war"), 49, 51);
	word_counts_free(a);
	word_counts_free(b);
}

static void
test_blob(void **state)
{
	struct word_counts *a = word_counts_new(), *b = word_counts_new();
	struct buf blob;

	(void)state;
	buf_init(&blob, 2 * WORD_COUNTS_BYTES);
	note(a, "", "war", 300);
	note(a, "", "peace", 100);
	word_counts_write(a, &blob);
	assert_int_equal(blob.n, WORD_COUNTS_BYTES);
	assert_int_equal(word_counts_read(b, buf_str(&blob)), 0);
	assert_int_equal(word_counts_documents(b), 400);
	assert_int_equal(percent(b, "war"), 75);
	assert_int_equal(percent(b, "peace"), 25);
	/* A damaged one changes nothing. */
	assert_int_equal(word_counts_read(b, str_sub(buf_str(&blob), 0,
	    WORD_COUNTS_BYTES - 1)), -1);
	assert_int_equal(word_counts_read(b, STR_NONE), -1);
	for (size_t i = 0; i < 16; i++) {
		blob.p[i] ^= 1;
		assert_int_equal(word_counts_read(b, buf_str(&blob)), -1);
		blob.p[i] ^= 1;
	}
	/* More documents with a word than there are. */
	blob.p[WORD_COUNTS_BYTES - 1] = 0x7f;
	assert_int_equal(word_counts_read(b, buf_str(&blob)), -1);
	assert_int_equal(percent(b, "war"), 75);
	buf_clear(&blob);
	word_counts_free(a);
	word_counts_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_guess),
		cmocka_unit_test(test_many_words),
		cmocka_unit_test(test_fading),
		cmocka_unit_test(test_adding),
		cmocka_unit_test(test_blob),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
