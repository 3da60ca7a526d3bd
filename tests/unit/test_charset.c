/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "feeds/charset.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define XML	"<?xml version=\"1.0\" encoding="
#define B(lit)	{ lit, sizeof(lit) - 1 }

static const struct {
	const char	*says, *header;
	struct str	 in;
	const char	*name;
	struct str	 want;
	bool		 is_guess;
	size_t		 n_bad;
} cases[] = {
	{ "nothing said: a guess, unchecked", "", B("<a>\xE9</a>"), "utf-8",
	    B("<a>\xE9</a>"), true, 0 },
	{ "UTF-8's mark goes", "", B("\xEF\xBB\xBF<a>"), "utf-8", B("<a>"),
	    false, 0 },
	{ "a mark beats the header", "text/xml; charset=iso-8859-1",
	    B("\xEF\xBB\xBF<a>\xC3\xA9"), "utf-8", B("<a>\xC3\xA9"), false,
	    0 },
	{ "a mark beats the declaration", "",
	    B("\xEF\xBB\xBF" XML "'koi8-r'?>\xC3\xA9"), "utf-8",
	    B(XML "'koi8-r'?>\xC3\xA9"), false, 0 },
	{ "the header beats the declaration", "text/xml; charset=\"utf-8\"",
	    B(XML "'koi8-r'?>\xC3\xA9"), "utf-8",
	    B(XML "'koi8-r'?>\xC3\xA9"), false, 0 },
	{ "the header's label is found among others",
	    "text/xml; x=y; Charset = UTF-8 ; z", B("<a>"), "utf-8",
	    B("<a>"), false, 0 },
	{ "latin 1 is windows-1252", "", B(XML "'iso-8859-1'?>\x93\xE9\x94"),
	    "windows-1252",
	    B(XML "'iso-8859-1'?>\xE2\x80\x9C\xC3\xA9\xE2\x80\x9D"), false,
	    0 },
	{ "so is US-ASCII", "text/xml; charset=us-ascii", B("<a>\x80"),
	    "windows-1252", B("<a>\xE2\x82\xAC"), false, 0 },
	{ "declarations in double quotes and capitals", "",
	    B(XML "\"KOI8-R\" ?>\xC1"), "koi8-r",
	    B(XML "\"KOI8-R\" ?>\xD0\xB0"), false, 0 },
	{ "a declaration behind white space and a comment", "",
	    B("\n <!-- x --> " XML "'koi8-r'?>\xC1"), "koi8-r",
	    B("\n <!-- x --> " XML "'koi8-r'?>\xD0\xB0"), false, 0 },
	{ "an unknown label is no answer", "", B(XML "'x-secret'?>\xC3\xA9"),
	    "utf-8", B(XML "'x-secret'?>\xC3\xA9"), true, 0 },
	{ "nor one that iconv would know", "", B(XML "'utf-7'?>+AGE-"),
	    "utf-8", B(XML "'utf-7'?>+AGE-"), true, 0 },
	{ "nor one with a suffix for iconv", "",
	    B(XML "'koi8-r//TRANSLIT'?>a"), "utf-8",
	    B(XML "'koi8-r//TRANSLIT'?>a"), true, 0 },
	{ "an unknown header, a known declaration", "text/xml; charset=none",
	    B(XML "'koi8-r'?>\xC1"), "koi8-r", B(XML "'koi8-r'?>\xD0\xB0"),
	    false, 0 },
	{ "bytes that can be read are not UTF-16", "",
	    B(XML "'utf-16'?>\xC3\xA9"), "utf-8", B(XML "'utf-16'?>\xC3\xA9"),
	    true, 0 },
	{ "UTF-16 little endian with its mark", "",
	    B("\xFF\xFE<\0\xE9\0=\xD8\0\xDE"), "utf-16le",
	    B("<\xC3\xA9\xF0\x9F\x98\x80"), false, 0 },
	{ "UTF-16 big endian with its mark", "",
	    B("\xFE\xFF\0<\0\xE9"), "utf-16be", B("<\xC3\xA9"), false, 0 },
	{ "UTF-16 by its zeros", "", B("<\0r\0>\0"), "utf-16le", B("<r>"),
	    false, 0 },
	{ "big endian by its zeros, whatever the header says",
	    "text/xml; charset=utf-8", B("\0<\0r\0>"), "utf-16be", B("<r>"),
	    false, 0 },
	{ "surrogates alone are bad", "",
	    B("\xFF\xFE\0\xD8\0\xD8" "a\0\0\xDC"), "utf-16le",
	    B("\xEF\xBF\xBD\xEF\xBF\xBD" "a\xEF\xBF\xBD"), false, 3 },
	{ "half a unit at the end is bad", "", B("\xFF\xFE<\0a"), "utf-16le",
	    B("<\xEF\xBF\xBD"), false, 1 },
	{ "a surrogate at the end is bad", "", B("\xFF\xFE<\0\0\xD8"),
	    "utf-16le", B("<\xEF\xBF\xBD"), false, 1 },
	{ "UTF-32 with its mark", "", B("\xFF\xFE\0\0<\0\0\0\0\xF6\1\0"),
	    "utf-32le", B("<\xF0\x9F\x98\x80"), false, 0 },
	{ "UTF-32 by its zeros", "", B("\0\0\0<\0\0\0a"), "utf-32be",
	    B("<a"), false, 0 },
	{ "UTF-32 beyond Unicode", "", B("\0\0\0<\0\x11\0\0\0\0\xD8\0"),
	    "utf-32be", B("<\xEF\xBF\xBD\xEF\xBF\xBD"), false, 2 },
	{ "Shift JIS", "", B(XML "'Shift_JIS'?>\x93\xFA\x96\x7B"),
	    "shift_jis",
	    B(XML "'Shift_JIS'?>\xE6\x97\xA5\xE6\x9C\xAC"), false, 0 },
	{ "GB 2312 is read as GB 18030", "text/xml; charset=gb2312",
	    B("<a>\xD6\xD0\x81\x30\x84\x36"), "gb18030",
	    B("<a>\xE4\xB8\xAD\xC2\xA5"), false, 0 },
	{ "a byte that the charset does not have", "",
	    B(XML "'euc-kr'?>\xB0\xA1\xFF\x61\xB0\xA1"), "euc-kr",
	    B(XML "'euc-kr'?>\xEA\xB0\x80\xEF\xBF\xBD" "a\xEA\xB0\x80"),
	    false, 1 },
	{ "half a character at the end", "", B(XML "'euc-jp'?>a\xB0"),
	    "euc-jp", B(XML "'euc-jp'?>a\xEF\xBF\xBD"), false, 1 },
	{ "a charset with states", "",
	    B(XML "'iso-2022-jp'?>\x1B$BF|\x1B(Ba"), "iso-2022-jp",
	    B(XML "'iso-2022-jp'?>\xE6\x97\xA5" "a"), false, 0 },
	{ "a character that iconv keeps back to the end", "",
	    B(XML "'windows-1258'?>a"), "windows-1258",
	    B(XML "'windows-1258'?>a"), false, 0 },
	{ "three bytes are enough", "", B("<a>"), "utf-8", B("<a>"), true,
	    0 },
	{ "an empty document", "", B(""), "utf-8", B(""), true, 0 },
};

static int
gather(const char *p, size_t n, void *ctx)
{
	buf_add(ctx, p, n);
	return 0;
}

static void
convert(size_t i, size_t step, struct buf *out)
{
	struct charset *c = charset_new(str_from(cases[i].header), gather,
	    out);
	struct str in = cases[i].in;

	assert_non_null(c);
	for (size_t at = 0; at < in.n; at += step) {
		struct str piece = str_sub(in, at, step);

		assert_int_equal(charset_push(c, piece.p, piece.n), 0);
	}
	assert_int_equal(charset_finish(c), 0);
	if (!str_eq(buf_str(out), cases[i].want))
		fail_msg("%s (by %zu): %s", cases[i].says, step,
		    buf_cstr(out));
	if (!str_eq_c(str_from(charset_name(c)), cases[i].name))
		fail_msg("%s: %s", cases[i].says, charset_name(c));
	if (charset_is_guess(c) != cases[i].is_guess)
		fail_msg("%s: guess", cases[i].says);
	if (charset_n_bad(c) != cases[i].n_bad)
		fail_msg("%s: %zu bad", cases[i].says, charset_n_bad(c));
	charset_free(c);
	buf_reset(out);
}

static void
finds_and_converts(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < N(cases); i++)
		for (size_t step = 1; step <= 64; step *= 2)
			convert(i, step, &out);
	buf_clear(&out);
}

/* Past the room for the head and for output, in every charset of the table. */
static void
converts_long_documents(void **state)
{
	static const char *const labels[] = {
		"utf-8", "windows-1252", "koi8-r", "gb18030", "euc-jp",
		"windows-1258", "big5"
	};
	static const char text[] = "plain enough for all of them ";
	struct buf in, out;
	struct charset *c;

	(void)state;
	buf_init(&in, 100000);
	buf_init(&out, 100000);
	for (size_t i = 0; i < N(labels); i++) {
		buf_reset(&in);
		buf_reset(&out);
		buf_addf(&in, XML "'%s'?>", labels[i]);
		for (size_t k = 0; k < 1000; k++)
			buf_add_c(&in, text);
		c = charset_new(STR_NONE, gather, &out);
		assert_non_null(c);
		assert_int_equal(charset_push(c, in.p, in.n), 0);
		assert_int_equal(charset_finish(c), 0);
		assert_true(str_eq(buf_str(&in), buf_str(&out)));
		assert_string_equal(charset_name(c), labels[i]);
		charset_free(c);
	}
	buf_clear(&in);
	buf_clear(&out);
}

/* A declaration that never ends must not be waited for. */
static void
gives_up_on_an_endless_head(void **state)
{
	struct buf out;
	struct charset *c;

	(void)state;
	buf_init(&out, 10000);
	c = charset_new(STR_NONE, gather, &out);
	assert_non_null(c);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(charset_push(c, "<?xml version", 13), 0);
	assert_int_equal(out.n, 200 * 13);
	charset_free(c);
	buf_clear(&out);
}

static int
stop(const char *p, size_t n, void *ctx)
{
	(void)p;
	(void)n;
	++*(int *)ctx;
	return 7;
}

static void
stops_when_told(void **state)
{
	int calls = 0;
	struct charset *c = charset_new(STR("a/b; charset=koi8-r"), stop,
	    &calls);

	(void)state;
	assert_non_null(c);
	assert_int_equal(charset_push(c, "<abcde", 6), 7);
	assert_int_equal(charset_push(c, "f", 1), 7);
	assert_int_equal(charset_finish(c), 7);
	assert_int_equal(calls, 1);
	charset_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_and_converts),
		cmocka_unit_test(converts_long_documents),
		cmocka_unit_test(gives_up_on_an_endless_head),
		cmocka_unit_test(stops_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
