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
	{ "latin 1 is windows-1252 by another name", "",
	    B(XML "'iso-8859-1'?>\x93\xE9\x94"), "iso-8859-1",
	    B(XML "'iso-8859-1'?>\xE2\x80\x9C\xC3\xA9\xE2\x80\x9D"), false,
	    0 },
	{ "so is US-ASCII", "text/xml; charset=us-ascii", B("<a>\x80"),
	    "us-ascii", B("<a>\xE2\x82\xAC"), false, 0 },
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
	{ "half a unit at the end is cut off", "", B("\xFF\xFE<\0a"),
	    "utf-16le", B("<\xEF\xBF\xBD"), false, 0 },
	{ "a surrogate at the end is half a character", "",
	    B("\xFF\xFE<\0\0\xD8"), "utf-16le", B("<\xEF\xBF\xBD"), false,
	    0 },
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
	    "euc-jp", B(XML "'euc-jp'?>a\xEF\xBF\xBD"), false, 0 },
	{ "a charset with states", "",
	    B(XML "'iso-2022-jp'?>\x1B$BF|\x1B(Ba"), "iso-2022-jp",
	    B(XML "'iso-2022-jp'?>\xE6\x97\xA5" "a"), false, 0 },
	{ "a character that iconv keeps back to the end", "",
	    B(XML "'windows-1258'?>a"), "windows-1258",
	    B(XML "'windows-1258'?>a"), false, 0 },
	{ "aliases go by the name that IANA prefers", "",
	    B(XML "'Latin1'?>"), "iso-8859-1", B(XML "'Latin1'?>"), false,
	    0 },
	{ "utf8 is one too", "text/xml;charset=UTF8", B("<a>\xC3\xA9"),
	    "utf-8", B("<a>\xC3\xA9"), false, 0 },
	{ "latin 5 keeps its name beside windows-1254", "",
	    B(XML "'iso-8859-9'?>\xFD\x80"), "iso-8859-9",
	    B(XML "'iso-8859-9'?>\xC4\xB1\xE2\x82\xAC"), false, 0 },

	{ "an underscore is a dash", "", B(XML "'Windows_1251'?>\xCF"),
	    "windows-1251", B(XML "'Windows_1251'?>\xD0\x9F"), false, 0 },
	{ "for iconv too", "", B(XML "'hp_roman8'?>\xA1"), "hp-roman8",
	    B(XML "'hp_roman8'?>\xC3\x80"), false, 0 },
	{ "an ISO 8859 has many forms", "", B(XML "'ISO_8859-5:1988'?>\xBF"),
	    "iso-8859-5", B(XML "'ISO_8859-5:1988'?>\xD0\x9F"), false, 0 },
	{ "with fewer dashes", "text/xml; charset=iso8859_2", B("<a>\xE8"),
	    "iso-8859-2", B("<a>\xC4\x8D"), false, 0 },
	{ "with none", "text/xml; charset=ISO885915", B("<a>\xA4"),
	    "iso-8859-15", B("<a>\xE2\x82\xAC"), false, 0 },
	{ "Hebrew in its order", "text/xml; charset=iso-8859-8-i",
	    B("<a>\xE0"), "iso-8859-8", B("<a>\xD7\x90"), false, 0 },
	{ "text without a charset is ASCII when it is, whatever it says",
	    "text/xml", B(XML "'iso-8859-1'?><a>"), "us-ascii",
	    B(XML "'iso-8859-1'?><a>"), false, 0 },
	{ "the header's empty parameter changes nothing", "text/rss+xml;",
	    B("<a>"), "us-ascii", B("<a>"), true, 0 },
	{ "nor does a charset nobody knows",
	    "text/xml-external-parsed-entity; charset=x-none", B("<a>"),
	    "us-ascii", B("<a>"), true, 0 },
	{ "text that is not ASCII is what it declares", "TEXT/xml",
	    B(XML "'koi8-r'?><a>\xC1"), "koi8-r",
	    B(XML "'koi8-r'?><a>\xD0\xB0"), false, 0 },
	{ "or what its bytes say", "text/xml", B("<a>\xE2\x82\xAC"), "utf-8",
	    B("<a>\xE2\x82\xAC"), true, 0 },
	{ "a mark is not ASCII", "text/xml", B("\xEF\xBB\xBF<a>"), "utf-8",
	    B("<a>"), false, 0 },
	{ "nor is UTF-16", "text/xml", B("<\0a\0>\0"), "utf-16le", B("<a>"),
	    false, 0 },
	{ "nor are shifts", "text/xml",
	    B(XML "'iso-2022-jp'?>\x1B$BF|\x1B(B"), "iso-2022-jp",
	    B(XML "'iso-2022-jp'?>\xE6\x97\xA5"), false, 0 },
	{ "applications are UTF-8", "application/atom+xml", B("<a>"), "utf-8",
	    B("<a>"), true, 0 },
	{ "or what they declare", "application/xml",
	    B(XML "'iso-8859-1'?><a>"), "iso-8859-1",
	    B(XML "'iso-8859-1'?><a>"), false, 0 },

	{ "what only iconv knows goes by its label", "",
	    B(XML "'CP437'?>\x80"), "cp437", B(XML "'CP437'?>\xC3\x87"),
	    false, 0 },
	{ "in the header too", "text/xml; charset=mac-centraleurope",
	    B("<a>\x80"), "mac-centraleurope", B("<a>\xC3\x84"), false, 0 },
	{ "an accent of its own joins its letter", "",
	    B(XML "'tcvn'?>a\xB5"), "tcvn", B(XML "'tcvn'?>a\xC3\xA0"),
	    false, 0 },
	{ "Johab, whose backslash is the won", "", B(XML "'johab'?>\x88\x61"),
	    "johab", B(XML "'johab'?>\xEA\xB0\x80"), false, 0 },
	{ "shifts that iconv knows", "", B(XML "'iso-2022-kr'?>a"),
	    "iso-2022-kr", B(XML "'iso-2022-kr'?>a"), false, 0 },
	{ "not EBCDIC: the label was ASCII", "", B(XML "'cp037'?>a"), "utf-8",
	    B(XML "'cp037'?>a"), true, 0 },
	{ "not a national seven-bit set", "", B(XML "'iso646-de'?>[a]"),
	    "utf-8", B(XML "'iso646-de'?>[a]"), true, 0 },
	{ "not a charset of wide units", "", B(XML "'ucs-4'?>abcd"), "utf-8",
	    B(XML "'ucs-4'?>abcd"), true, 0 },
	{ "not what is no name, such as the locale's", "text/xml; charset=''",
	    B("<a>\xC3\xA9\xE2\x82\xAC"), "utf-8",
	    B("<a>\xC3\xA9\xE2\x82\xAC"), true, 0 },

	{ "a header of UTF-8 yields where the bytes are not",
	    "text/xml; charset=utf-8",
	    B(XML "'windows-1251'?><a>\xCF\xF0\xE8</a>"), "windows-1251",
	    B(XML "'windows-1251'?><a>\xD0\x9F\xD1\x80\xD0\xB8</a>"),
	    false, 0 },
	{ "it stands where they are", "text/xml; charset=utf-8",
	    B(XML "'windows-1251'?><a>\xD0\x9F</a>"), "utf-8",
	    B(XML "'windows-1251'?><a>\xD0\x9F</a>"), false, 0 },
	{ "and where the declaration knows nothing better",
	    "text/xml; charset=utf-8", B(XML "'x-secret'?><a>\xCF\xF0"),
	    "utf-8", B(XML "'x-secret'?><a>\xCF\xF0"), false, 0 },
	{ "a header of Latin 1 yields to declared UTF-8 that is",
	    "text/xml; charset=iso-8859-1",
	    B(XML "'utf-8'?><a>\xC3\xA9</a>"), "utf-8",
	    B(XML "'utf-8'?><a>\xC3\xA9</a>"), false, 0 },
	{ "it stands where the bytes are not UTF-8",
	    "text/xml; charset=iso-8859-1",
	    B(XML "'utf-8'?><a>\xE9</a>"), "iso-8859-1",
	    B(XML "'utf-8'?><a>\xC3\xA9</a>"), false, 0 },
	{ "and where nothing is declared", "text/xml; charset=iso-8859-1",
	    B("<a>\xC3\xA9</a>"), "iso-8859-1",
	    B("<a>\xC3\x83\xC2\xA9</a>"), false, 0 },
	{ "what is cut at its end is not held against UTF-8",
	    "text/xml; charset=us-ascii", B(XML "'utf-8'?>\xC3\xA9\xE2\x82"),
	    "utf-8", B(XML "'utf-8'?>\xC3\xA9\xE2\x82"), false, 0 },

	{ "UTF-16 that declares the other order", "",
	    B("\0<\0?\0x\0 \0l\0e"), "utf-16be", B("<?x le"), false, 0 },
	{ "UTF-16 behind white space", "", B("\n\0<\0"), "utf-16le", B("\n<"),
	    false, 0 },
	{ "UTF-32 behind white space", "", B("\n\0\0\0<\0\0\0"), "utf-32le",
	    B("\n<"), false, 0 },
	{ "a header of UTF-16 over bytes that can be read",
	    "text/xml; charset=utf-16", B(XML "'koi8-r'?>\xC1"), "koi8-r",
	    B(XML "'koi8-r'?>\xD0\xB0"), false, 0 },
	{ "UTF-16 declared over a header that knows better",
	    "text/xml; charset=koi8-r", B(XML "'utf-16'?>\xC1"), "koi8-r",
	    B(XML "'utf-16'?>\xD0\xB0"), false, 0 },
	{ "an illegal pair is one character", "",
	    B(XML "'gbk'?>\xD6\xD0\xD6\xFF\xD6\xD0<"), "gbk",
	    B(XML "'gbk'?>\xE4\xB8\xAD\xEF\xBF\xBD\xE4\xB8\xAD<"), false,
	    1 },
	{ "three illegal bytes are", "", B(XML "'euc-jp'?>\x8F\xB0\xFF<"),
	    "euc-jp", B(XML "'euc-jp'?>\xEF\xBF\xBD<"), false, 1 },
	{ "a tag that a cut character would take at the end", "",
	    B(XML "'euc-jp'?>\x8F<"), "euc-jp",
	    B(XML "'euc-jp'?>\xEF\xBF\xBD<"), false, 1 },
	{ "a cut character of four bytes is one", "",
	    B(XML "'gb18030'?>\x81\x30\x84"), "gb18030",
	    B(XML "'gb18030'?>\xEF\xBF\xBD"), false, 0 },
	{ "half a unit behind half a pair is one", "",
	    B("\xFF\xFE<\0\0\xD8\0"), "utf-16le", B("<\xEF\xBF\xBD"), false,
	    0 },
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

#define TEXT_XML(charset)	"text/xml; charset=" charset

static const struct {
	const char	*says, *header;
	struct str	 in;
	bool		 want;
} label_cases[] = {
	{ "none at all", "", B("<a>\xE9"), false },
	{ "none, and a mark", "text/xml", B("\xEF\xBB\xBF<a>"), false },
	{ "none, and UTF-16", "", B("\xFF\xFE<\0a\0>\0"), false },
	{ "an empty one", TEXT_XML(""), B(XML "''?><a>"), false },
	{ "a true one", "", B(XML "'koi8-r'?><a>\xC1"), false },
	{ "two that agree", TEXT_XML("UTF8"), B(XML "'utf-8'?><a>"), false },
	{ "two names of one", TEXT_XML("gb2312"), B(XML "'GBK'?><a>"), false },
	{ "two of iconv's", TEXT_XML("hp_roman8"), B(XML "'hp-roman8'?><a>"),
	    false },
	{ "Latin 1, which is windows-1252", TEXT_XML("windows-1252"),
	    B(XML "'iso-8859-1'?>\x93"), false },
	{ "ASCII text that declares another", "text/xml",
	    B(XML "'iso-8859-1'?><a>"), false },
	{ "UTF-16 that says it is", TEXT_XML("utf-16"),
	    B("\xFF\xFE<\0a\0>\0"), false },
	{ "with its order", TEXT_XML("UTF-16LE"), B("\xFF\xFE<\0a\0>\0"),
	    false },
	{ "and by its declaration", "", B("\xFE\xFF\0<\0?\0x\0m\0l\0 \0e\0n"
	    "\0c\0o\0d\0i\0n\0g\0=\0'\0u\0t\0f\0-\0001\0006\0'\0?\0>"), false },

	{ "one that nobody knows", "", B(XML "'bogus'?><a>"), true },
	{ "in the header", TEXT_XML("bogus"), B("<a>"), true },
	{ "too long for one", TEXT_XML("0123456789012345678901234567890123456"
	    "7890123456789012345678901234567890123456789"), B("<a>"), true },
	{ "UTF-16 declared over bytes that can be read", "",
	    B(XML "'utf-16'?><a>"), true },
	{ "in the header too", TEXT_XML("utf-16"), B("<a>"), true },
	{ "EBCDIC, declared in ASCII", "", B(XML "'cp037'?><a>"), true },
	{ "a mark against the declaration", "",
	    B("\xEF\xBB\xBF" XML "'koi8-r'?><a>"), true },
	{ "a mark against the header", TEXT_XML("iso-8859-1"),
	    B("\xEF\xBB\xBF<a>"), true },
	{ "UTF-16 against its declaration", "", B("<\0?\0x\0m\0l\0 \0e\0n\0c"
	    "\0o\0d\0i\0n\0g\0=\0'\0u\0t\0f\0-\0008\0'\0?\0>\0"), true },
	{ "UTF-16 of the other order", TEXT_XML("utf-16be"),
	    B("\xFF\xFE<\0a\0>\0"), true },
	{ "UTF-32 against UTF-16", TEXT_XML("utf-16"), B("\0\0\0<\0\0\0a"),
	    true },
	{ "the header wins", TEXT_XML("utf-8"), B(XML "'koi8-r'?>\xD0\x9F"),
	    true },
	{ "the declaration wins", TEXT_XML("utf-8"),
	    B(XML "'windows-1251'?>\xCF\xF0\xE8"), true },
	{ "the header has no rival", TEXT_XML("koi8-r"),
	    B(XML "'utf-8'?>\xC1"), true },
};

static void
sees_wrong_labels(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < N(label_cases); i++)
		for (size_t step = 1; step <= 64; step *= 4) {
			struct str in = label_cases[i].in;
			struct charset *c = charset_new(str_from(
			    label_cases[i].header), gather, &out);

			assert_non_null(c);
			for (size_t at = 0; at < in.n; at += step)
				assert_int_equal(charset_push(c, in.p + at,
				    str_sub(in, at, step).n), 0);
			assert_int_equal(charset_finish(c), 0);
			if (charset_has_wrong_label(c) != label_cases[i].want)
				fail_msg("%s (by %zu)", label_cases[i].says,
				    step);
			charset_free(c);
			buf_reset(&out);
		}
	buf_clear(&out);
}

/* What is behind the document's end goes on as it is and says nothing. */
static void
does_not_listen_when_frozen(void **state)
{
	struct buf out;
	struct charset *c;

	(void)state;
	buf_init(&out, 100);
	c = charset_new(STR("text/xml"), gather, &out);
	assert_non_null(c);
	assert_int_equal(charset_push(c, "<a>abc", 6), 0);
	charset_freeze(c);
	assert_int_equal(charset_push(c, "\xCF\xF0\xE8", 3), 0);
	assert_string_equal(buf_cstr(&out), "<a>abc\xCF\xF0\xE8");
	assert_string_equal(charset_name(c), "us-ascii");
	charset_free(c);
	buf_reset(&out);
	c = charset_new(STR("text/xml; charset=euc-kr"), gather, &out);
	assert_non_null(c);
	assert_int_equal(charset_push(c, "<a>\xFF" "b", 5), 0);
	charset_freeze(c);
	assert_int_equal(charset_push(c, "\xFF" "c", 2), 0);
	assert_int_equal(charset_n_bad(c), 1);
	charset_free(c);
	buf_clear(&out);
}

/* Past the room for the head and for output, in every charset of the table. */
static void
converts_long_documents(void **state)
{
	static const char *const labels[] = {
		"utf-8", "cp437", "johab", "windows-1252", "koi8-r",
		"gb18030", "euc-jp", "windows-1258", "big5"
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

/*
 * No byte that begins a character takes the tag behind it along, at the end or
 * before it, in any charset of more bytes.
 */
static void
keeps_tags_behind_bad_bytes(void **state)
{
	static const char *const labels[] = {
		"utf-8", "iso-8859-1", "koi8-r", "windows-1255", "iso-8859-6",
		"gb18030", "gbk", "big5", "big5-hkscs", "euc-jp", "shift_jis",
		"windows-31j", "euc-kr", "windows-949", "euc-tw", "tcvn",
		"eucjp-ms", "mac-cyrillic"
	};
	static const char *const ends[] = { "<", "<b>x</b>" };
	struct buf in, out;

	(void)state;
	buf_init(&in, 1000);
	buf_init(&out, 1000);
	for (size_t i = 0; i < N(labels) * N(ends) * 128; i++) {
		const char *label = labels[i % N(labels)];
		const char *end = ends[i / N(labels) % N(ends)];
		struct charset *c = charset_new(STR_NONE, gather, &out);

		assert_non_null(c);
		buf_reset(&in);
		buf_reset(&out);
		buf_addf(&in, XML "'%s'?>", label);
		buf_add_char(&in, (char)(0x80 + i / N(labels) / N(ends)));
		buf_add_c(&in, end);
		assert_int_equal(charset_push(c, in.p, in.n), 0);
		assert_int_equal(charset_finish(c), 0);
		if (out.n < strlen(end) || strcmp(buf_cstr(&out) + out.n -
		    strlen(end), end) != 0)
			fail_msg("%s: %s", label, buf_cstr(&out));
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
		cmocka_unit_test(sees_wrong_labels),
		cmocka_unit_test(does_not_listen_when_frozen),
		cmocka_unit_test(converts_long_documents),
		cmocka_unit_test(keeps_tags_behind_bad_bytes),
		cmocka_unit_test(gives_up_on_an_endless_head),
		cmocka_unit_test(stops_when_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
