/* SPDX-License-Identifier: ISC */
/*
 * feeds/kept_text and base/squeeze: what went in comes back, what is too long
 * is cut and says so, what is damaged is told; the numbers of URLs.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/squeeze.h"
#include "base/utf8.h"
#include "feeds/item_store.h"
#include "feeds/kept_text.h"

static struct err err;

static int
setup(void **state)
{
	*state = kept_texts_new();
	return *state != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	kept_texts_free(*state);
	return 0;
}

/* n bytes that do not repeat. Heap. */
static char *
noise(size_t n)
{
	char *p = malloc(n);
	uint32_t x = 1;

	assert_non_null(p);
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (char)('!' + (x >> 24) % 90);
	}
	return p;
}

static void
every_field_comes_back(void **state)
{
	static const char bytes[] = "a\0b\xff\r\n'";
	struct kept_text in = { 0 }, out;
	struct item_text_row row = { .seq = 1 };
	char *long_one = noise(70000);

	for (int f = 0; f < KEPT_FIELDS; f++)
		in.field[f] = str_sub(STR("abcdefghijklmnop"), (size_t)f, 4);
	in.field[KEPT_SUMMARY] = (struct str){ bytes, sizeof(bytes) - 1 };
	in.field[KEPT_CONTENT] = (struct str){ long_one, 70000 };
	in.field[KEPT_TAGS] = STR_NONE;
	in.field[KEPT_CUT] = STR_NONE;
	assert_int_equal(kept_text_pack(*state, &in, &row), 0);
	assert_int_equal(kept_text_open(*state, &row, &out, &err), 0);
	for (int f = 0; f < KEPT_FIELDS; f++)
		assert_true(str_eq(in.field[f], out.field[f]));
	free(long_one);
}

static void
prose_takes_less_room(void **state)
{
	struct item_text_row row = { .seq = 1 };
	struct kept_text in = { 0 };
	struct buf prose;

	buf_init(&prose, 1 << 16);
	while (prose.n < 3000)
		buf_addf(&prose, "Sentence %zu says something of the world. ",
		    prose.n);
	in.field[KEPT_CONTENT] = buf_str(&prose);
	assert_int_equal(kept_text_pack(*state, &in, &row), 0);
	assert_in_range(row.packed.n, 1, prose.n / 2);
	buf_clear(&prose);
}

/* The largest part of what has no end is kept, at the end of a character. */
static void
what_is_too_long_is_cut(void **state)
{
	static const struct {
		const char	*says;
		enum kept_field	 field;
		size_t		 bytes, kept;
		size_t		 summary;	/* before it */
	} cases[] = {
		{ "content over the whole", KEPT_CONTENT,
		    KEPT_TEXT_MOST + 500, KEPT_TEXT_MOST, 0 },
		{ "content behind a summary", KEPT_CONTENT,
		    KEPT_TEXT_MOST, KEPT_TEXT_MOST - 1000, 1000 },
		{ "a title that is none", KEPT_TITLE, 200000, 65536, 0 },
		{ "a name likewise", KEPT_NAME, 65537, 65536, 0 },
		{ "just right", KEPT_CONTENT, KEPT_TEXT_MOST, KEPT_TEXT_MOST,
		    0 },
	};
	char *text = noise(KEPT_TEXT_MOST + 500);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct item_text_row row = { .seq = 1 };
		struct kept_text in = { 0 }, out;

		print_message("# %s\n", cases[i].says);
		in.field[KEPT_SUMMARY] = (struct str){ text,
		    cases[i].summary };
		in.field[cases[i].field] = (struct str){ text,
		    cases[i].bytes };
		assert_int_equal(kept_text_pack(*state, &in, &row), 0);
		assert_int_equal(kept_text_open(*state, &row, &out, &err), 0);
		assert_int_equal(out.field[cases[i].field].n, cases[i].kept);
		assert_int_equal(out.field[KEPT_CUT].n,
		    cases[i].kept < cases[i].bytes);
	}
	for (size_t i = 0; i + 2 <= KEPT_TEXT_MOST + 500; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	text[0] = 'x';
	memmove(text + 1, text + 2, KEPT_TEXT_MOST);
	{
		struct item_text_row row = { .seq = 1 };
		struct kept_text in = { 0 }, out;

		in.field[KEPT_CONTENT] = (struct str){ text,
		    KEPT_TEXT_MOST + 1 };
		assert_int_equal(kept_text_pack(*state, &in, &row), 0);
		assert_int_equal(kept_text_open(*state, &row, &out, &err), 0);
		assert_int_equal(out.field[KEPT_CONTENT].n,
		    KEPT_TEXT_MOST - 1);
		assert_true(utf8_is_valid(out.field[KEPT_CONTENT]));
	}
	free(text);
}

/* Its fields end before the last ones; or go on behind them. */
static void
a_record_of_another_version_is_read(void **state)
{
	struct squeezer *squeezer = squeezer_new();
	struct item_text_row row = { .seq = 1 };
	struct buf record, packed;
	struct kept_text out;

	assert_non_null(squeezer);
	buf_init(&record, 1024);
	buf_init(&packed, 1024);
	for (int fields = KEPT_LEFT_OUT - 1; fields < KEPT_FIELDS + 3;
	    fields++) {
		buf_reset(&record);
		buf_reset(&packed);
		buf_add_char(&record, 1);
		for (int f = 0; f < fields; f++) {
			buf_add_char(&record, 1);
			buf_add_char(&record, (char)('a' + f));
		}
		assert_int_equal(squeeze(squeezer, buf_str(&record), &packed),
		    0);
		row.packed = buf_str(&packed);
		if (fields < KEPT_LEFT_OUT) {
			assert_int_equal(kept_text_open(*state, &row, &out,
			    &err), -1);
			continue;
		}
		assert_int_equal(kept_text_open(*state, &row, &out, &err), 0);
		assert_true(str_eq_c(out.field[KEPT_TITLE], "a"));
		assert_int_equal(out.field[KEPT_LEFT_OUT].n,
		    fields > KEPT_LEFT_OUT);
	}
	buf_clear(&record);
	buf_clear(&packed);
	squeezer_free(squeezer);
}

static void
a_row_of_an_older_version_is_read(void **state)
{
	const struct item_text_row row = { .title = STR("t"),
		.text = STR("one\n\ntwo"), .url = STR("http://e.org/1") };
	struct kept_text out;

	assert_int_equal(kept_text_open(*state, &row, &out, &err), 0);
	assert_true(str_eq_c(out.field[KEPT_TITLE], "t"));
	assert_true(str_eq_c(out.field[KEPT_CONTENT], "one\n\ntwo"));
	assert_true(str_eq_c(out.field[KEPT_URL], "http://e.org/1"));
	assert_int_equal(out.field[KEPT_SUMMARY].n, 0);
	assert_int_equal(out.field[KEPT_NAME].n, 0);
}

/* As a disk may make it: never more than a message. */
static void
what_is_damaged_is_told(void **state)
{
	struct item_text_row row = { .seq = 1 }, bad = { .seq = 1 };
	struct kept_text in = { 0 }, out;
	char copy[512];
	size_t n, told = 0;

	in.field[KEPT_CONTENT] = STR("Leaders meet, and meet again.");
	assert_int_equal(kept_text_pack(*state, &in, &row), 0);
	n = row.packed.n;
	assert_in_range(n, 20, sizeof(copy));
	for (size_t i = 0; i < n; i++) {
		memcpy(copy, row.packed.p, n);
		copy[i] ^= 0x55;
		bad.packed = (struct str){ copy, n };
		told += kept_text_open(*state, &bad, &out, &err) == -1;
		bad.packed = (struct str){ copy, i };
		if (i > 0)
			assert_int_equal(kept_text_open(*state, &bad, &out,
			    &err), -1);
	}
	assert_in_range(told, 10, n);	/* a letter of the text is no harm */
	assert_int_equal(kept_text_open(*state, &row, &out, &err), 0);
}

/* Frames that lie, and records whose lengths do. */
static void
what_lies_is_told(void **state)
{
	const struct {
		const char	*says;
		struct str	 record;
	} cases[] = {
		{ "another version", STR("\2\0\0\0\0\0\0\0\0\0\0\0") },
		{ "no field", STR("\1") },
		{ "a field is missing", STR("\1\0\0\0\0\0\0\0\0\0\0") },
		{ "longer than what follows",
		    STR("\1\5\0\0\0\0\0\0\0\0\0\0") },
		{ "a length without an end",
		    STR("\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff") },
	};
	struct squeezer *s = squeezer_new();
	struct item_text_row row = { .seq = 1 };
	struct kept_text out;
	struct buf frame;
	char *large = calloc(1, 4 << 20);

	assert_non_null(s);
	assert_non_null(large);
	buf_init(&frame, 8 << 20);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("# %s\n", cases[i].says);
		buf_reset(&frame);
		assert_int_equal(squeeze(s, cases[i].record, &frame), 0);
		row.packed = buf_str(&frame);
		assert_int_equal(kept_text_open(*state, &row, &out, &err),
		    -1);
	}
	buf_reset(&frame);
	assert_int_equal(squeeze(s, (struct str){ large, 4 << 20 }, &frame),
	    0);
	row.packed = buf_str(&frame);
	assert_int_equal(kept_text_open(*state, &row, &out, &err), -1);
	assert_non_null(strstr(err.msg, "too large"));
	free(large);
	buf_clear(&frame);
	squeezer_free(s);
}

static void
urls_have_numbers(void **state)
{
	static const struct {
		const char	*a, *b;
		bool		 same, same_host;
	} cases[] = {
		{ "https://e.org/1", "HTTPS://E.org:443/1#top", true, true },
		{ "https://e.org/1", "https://e.org/1?utm_source=x", true,
		    true },
		{ "https://e.org/1", "https://e.org/2", false, true },
		{ "https://e.org/1", "https://e.org/1?id=2", false, true },
		{ "https://e.org/1", "https://www.e.org/1", false, false },
	};
	static const char *const none[] = { "", "urn:uuid:1", "tag:e.org,1",
		"mailto:a@e.org", "no url", "https://" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t a = kept_text_url_key(str_from(cases[i].a));
		uint64_t b = kept_text_url_key(str_from(cases[i].b));

		print_message("# %s\n", cases[i].b);
		assert_true(a != 0);
		assert_int_equal(a == b, cases[i].same);
		assert_int_equal(a >> 32 == b >> 32, cases[i].same_host);
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_true(kept_text_url_key(str_from(none[i])) == 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_field_comes_back),
		TEST(prose_takes_less_room),
		TEST(what_is_too_long_is_cut),
		TEST(a_record_of_another_version_is_read),
		TEST(a_row_of_an_older_version_is_read),
		TEST(what_is_damaged_is_told),
		TEST(what_lies_is_told),
		TEST(urls_have_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
