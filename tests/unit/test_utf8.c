/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

/* The code points of a text, U+FFFD for what is bad. */
static const struct {
	const char	*says;
	struct str	 text;
	bool		 valid;
	uint32_t	 want[8];	/* ends with 0, or is full */
} decoded[] = {
	{ "ASCII", { "aZ~", 3 }, true, { 'a', 'Z', '~' } },
	{ "the ends of two bytes", { "\xc2\x80\xdf\xbf", 4 }, true,
	    { 0x80, 0x7ff } },
	{ "the ends of three bytes", { "\xe0\xa0\x80\xef\xbf\xbf", 6 }, true,
	    { 0x800, 0xffff } },
	{ "the ends of four bytes", { "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8 },
	    true, { 0x10000, 0x10ffff } },
	{ "around the surrogates", { "\xed\x9f\xbf\xee\x80\x80", 6 }, true,
	    { 0xd7ff, 0xe000 } },
	{ "a U+FFFD that was written is valid", { "\xef\xbf\xbd", 3 }, true,
	    { 0xfffd } },
	{ "overlong slash in two", { "\xc0\xaf", 2 }, false,
	    { 0xfffd, 0xfffd } },
	{ "overlong in three", { "\xe0\x80\xaf", 3 }, false,
	    { 0xfffd, 0xfffd, 0xfffd } },
	{ "overlong in four", { "\xf0\x80\x80\xaf", 4 }, false,
	    { 0xfffd, 0xfffd, 0xfffd, 0xfffd } },
	{ "a surrogate", { "\xed\xa0\x80", 3 }, false,
	    { 0xfffd, 0xfffd, 0xfffd } },
	{ "over 10FFFF", { "\xf4\x90\x80\x80", 4 }, false,
	    { 0xfffd, 0xfffd, 0xfffd, 0xfffd } },
	{ "bytes that never occur", { "\xfe\xff\xf5", 3 }, false,
	    { 0xfffd, 0xfffd, 0xfffd } },
	{ "a stray continuation", { "\x80" "a", 2 }, false, { 0xfffd, 'a' } },
	{ "cut after one of two", { "\xc3", 1 }, false, { 0xfffd } },
	{ "cut after two of three", { "\xe2\x82", 2 }, false, { 0xfffd } },
	{ "three of four are one bad sequence of length 3",
	    { "\xf0\x9f\x98", 3 }, false, { 0xfffd } },
	{ "two bytes of EF BF BD are bad", { "\xef\xbf", 2 }, false,
	    { 0xfffd } },
	{ "Unicode 3.9, table 3-8: non-shortest forms",
	    { "\xc0\xaf\xe0\x80\xbf\xf0\x81\x82", 8 }, false,
	    { 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0xfffd,
	    0xfffd } },
	{ "Unicode 3.9, table 3-11: truncated ones are one each",
	    { "\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", 9 }, false,
	    { 0xfffd, 0xfffd, 0xfffd, 0xfffd, 0x41 } },
};

static void
decodes_each_sequence(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(decoded); i++) {
		struct str s = decoded[i].text;
		size_t at = 0, n = 0, len;

		for (; at < s.n && n < 8; at += len, n++) {
			uint32_t c = utf8_decode(s.p + at, s.n - at, &len);

			if (c != decoded[i].want[n] || len == 0)
				fail_msg("%s: character %zu is U+%04X",
				    decoded[i].says, n, (unsigned int)c);
		}
		if (at != s.n || (n < 8 && decoded[i].want[n] != 0))
			fail_msg("%s: %zu characters", decoded[i].says, n);
		if (utf8_is_valid(s) != decoded[i].valid)
			fail_msg("%s: validity", decoded[i].says);
	}
}

static void
encoding_is_decoded_to_the_same(void **state)
{
	char out[4];
	size_t n, len;

	(void)state;
	for (uint32_t c = 0; c <= 0x110000; c++) {
		bool odd = (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff;

		n = utf8_encode(c, out);
		if (utf8_decode(out, n, &len) != (odd ? UTF8_REPLACEMENT : c) ||
		    len != n || !utf8_is_valid((struct str){ out, n }))
			fail_msg("U+%04X", (unsigned int)c);
	}
	assert_int_equal(utf8_encode(UINT32_MAX, out), 3);
}

static const struct {
	const char	*says;
	struct str	 text;
	size_t		 max;
	const char	*want;
} lines[] = {
	{ "plain text stays", { "Rate cut", 8 }, 99, "Rate cut" },
	{ "nothing gives nothing", { NULL, 0 }, 99, "" },
	{ "spaces only give nothing", { " \t\r\n ", 5 }, 99, "" },
	{ "white space is one space, none at the ends",
	    { "\n a \t\r\n b\v\f", 12 }, 99, "a b" },
	{ "NUL, ESC, BEL and DEL are gaps", { "a\0b\033[31mc\a\x7f" "d", 12 },
	    99, "a b [31mc d" },
	{ "C1 controls are gaps", { "a\xc2\x9b" "31m\xc2\x85" "b", 9 }, 99,
	    "a 31m b" },
	{ "line and paragraph separators are gaps",
	    { "a\xe2\x80\xa8\xe2\x80\xa9" "b", 8 }, 99, "a b" },
	{ "spaces of other widths are spaces",
	    { "a\xc2\xa0" "b\xe3\x80\x80" "c\xe2\x80\x83", 11 }, 99, "a b c" },
	{ "no override: U+202E", { "a\xe2\x80\xae" "b", 5 }, 99, "ab" },
	{ "no embedding and its end: U+202A, U+202C",
	    { "\xe2\x80\xaa" "a\xe2\x80\xac", 7 }, 99, "a" },
	{ "no isolates: U+2066, U+2069",
	    { "\xe2\x81\xa6" "a\xe2\x81\xa9" "b", 8 }, 99, "ab" },
	{ "no marks: U+200E, U+200F, U+061C",
	    { "a\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c" "b", 10 }, 99, "ab" },
	{ "no zero-width no-break space", { "\xef\xbb\xbf" "a", 4 }, 99, "a" },
	{ "no tags", { "a\xf3\xa0\x81\xa1" "b", 6 }, 99, "ab" },
	{ "what is unseen between spaces makes no second space",
	    { "a \xe2\x80\xae b", 7 }, 99, "a b" },
	{ "joiners stay: Persian and emoji need them",
	    { "\xe2\x80\x8c\xe2\x80\x8d", 6 }, 99,
	    "\xe2\x80\x8c\xe2\x80\x8d" },
	{ "bad bytes are mended", { "caf\xe9 \xf0\x9f\x98!", 9 }, 99,
	    "caf\xef\xbf\xbd \xef\xbf\xbd!" },
	{ "what just fits is not cut", { "abcdefgh", 8 }, 8, "abcdefgh" },
	{ "what does not is cut with an ellipsis", { "abcdefghi", 9 }, 8,
	    "abcde\xe2\x80\xa6" },
	{ "a cut leaves no space before the ellipsis", { "abcd efghi", 10 },
	    8, "abcd\xe2\x80\xa6" },
	{ "a character is not cut in two", { "abcd\xc3\xa9" "fghi", 10 }, 8,
	    "abcd\xe2\x80\xa6" },
	{ "trailing space does not count", { "abcdefgh   ", 11 }, 8,
	    "abcdefgh" },
	{ "room for the ellipsis alone", { "abcdefghi", 9 }, 3,
	    "\xe2\x80\xa6" },
	{ "no room for the ellipsis", { "abcdefghi", 9 }, 2, "ab" },
	{ "no room for a character", { "\xc3\xa9\xc3\xa9", 4 }, 1, "" },
	{ "no room at all", { "abc", 3 }, 0, "" },
};

static void
lines_are_made_harmless(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < N(lines); i++) {
		buf_reset(&b);
		buf_add_c(&b, "> ");
		utf8_clean_line(&b, lines[i].text, lines[i].max);
		if (strcmp(buf_cstr(&b) + 2, lines[i].want) != 0)
			fail_msg("%s: \"%s\"", lines[i].says, buf_cstr(&b));
		if (b.n - 2 > lines[i].max)
			fail_msg("%s: %zu bytes", lines[i].says, b.n - 2);
	}
	buf_clear(&b);
}

static const struct {
	const char	*says;
	struct str	 text;
	const char	*want;
} texts[] = {
	{ "nothing", { "", 0 }, "" },
	{ "lines, tabs and blanks stay", { "\ta  b\n\n c \n", 11 },
	    "\ta  b\n\n c \n" },
	{ "no sequence of a terminal's", { "a\x1b[2Jb\x07", 7 }, "a [2Jb " },
	{ "nor of eight bits", { "a\xc2\x9b" "2Jb", 6 }, "a 2Jb" },
	{ "NUL, carriage return, DEL", { "a\0b\rc\x7f" "d", 7 },
	    "a b c d" },
	{ "separators of lines", { "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c", 9 },
	    "a b c" },
	{ "an override, an isolate, a mark",
	    { "a\xe2\x80\xae" "b\xe2\x81\xa6" "c\xe2\x80\x8f" "d", 13 },
	    "abcd" },
	{ "a tag, a mark of byte order",
	    { "a\xf3\xa0\x81\x81" "b\xef\xbb\xbf" "c", 10 }, "abc" },
	{ "a space that does not break stays", { "a\xc2\xa0" "b", 4 },
	    "a\xc2\xa0" "b" },
	{ "what is no UTF-8", { "a\xff" "b\xc3", 4 },
	    "a\xef\xbf\xbd" "b\xef\xbf\xbd" },
};

static void
a_text_is_safe_and_keeps_its_lines(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 256);
	for (size_t i = 0; i < N(texts); i++) {
		buf_reset(&b);
		utf8_clean_text(&b, texts[i].text);
		if (!str_eq_c(buf_str(&b), texts[i].want))
			fail_msg("%s: '%s'", texts[i].says, buf_cstr(&b));
	}
	buf_clear(&b);
}

static void
any_bytes_give_a_clean_line(void **state)
{
	char noise[64];
	uint64_t x = 88172645463325252;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t round = 0; round < 20000; round++) {
		for (size_t i = 0; i < sizeof(noise); i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			noise[i] = (char)(x >> 32 | (x & 1 ? 0x80 : 0));
		}
		buf_reset(&b);
		utf8_clean_line(&b, (struct str){ noise, sizeof(noise) },
		    round % 80);
		assert_true(b.n <= round % 80);
		assert_true(utf8_is_valid(buf_str(&b)));
		for (size_t i = 0; i < b.n; i++)
			assert_true((unsigned char)b.p[i] >= ' ');
	}
	buf_clear(&b);
}

static void
a_full_buffer_fails_and_ends(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	utf8_clean_line(&b, STR("abcdefgh"), 100);
	assert_true(b.failed);
	assert_true(b.n <= 4);
	buf_clear(&b);
}

static const struct {
	const char	*says;
	struct str	 text;
	size_t		 n, want;
} cuts[] = {
	{ "shorter than asked for", { "abc", 3 }, 5, 3 },
	{ "exactly as long", { "abc", 3 }, 3, 3 },
	{ "between letters", { "abc", 3 }, 2, 2 },
	{ "before a character of two", { "a\xc3\xa9", 3 }, 2, 1 },
	{ "after it", { "a\xc3\xa9" "b", 4 }, 3, 3 },
	{ "inside a character of four, at 3", { "\xf0\x9f\x98\x80", 4 }, 3, 0 },
	{ "inside a character of four, at 1", { "\xf0\x9f\x98\x80", 4 }, 1, 0 },
	{ "nothing", { "abc", 3 }, 0, 0 },
	{ "stray continuations are each their own",
	    { "\x80\x80\x80\x80\x80\x80", 6 }, 5, 5 },
	{ "a continuation too many is its own",
	    { "\xc3\xa9\x80\x80", 4 }, 3, 3 },
	{ "a bad sequence stays whole", { "a\xe2\x82" "b", 4 }, 2, 1 },
};

static void
cuts_at_characters(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(cuts); i++) {
		struct str got = utf8_cut(cuts[i].text, cuts[i].n);

		if (got.n != cuts[i].want)
			fail_msg("%s: %zu bytes", cuts[i].says, got.n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_each_sequence),
		cmocka_unit_test(encoding_is_decoded_to_the_same),
		cmocka_unit_test(lines_are_made_harmless),
		cmocka_unit_test(any_bytes_give_a_clean_line),
		cmocka_unit_test(a_text_is_safe_and_keeps_its_lines),
		cmocka_unit_test(a_full_buffer_fails_and_ends),
		cmocka_unit_test(cuts_at_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
