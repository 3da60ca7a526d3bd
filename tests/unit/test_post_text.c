/* SPDX-License-Identifier: ISC */
/* Texts cut to a service's measure, escaped and marked; URLs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "alerts/message.h"
#include "alerts/post.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/hit.h"
#include "base/utf8.h"

#define SMILE	"\xf0\x9f\x98\x80"
#define DOTS	"\xe2\x80\xa6"

/* Every star by a backslash, and a number sign where a line begins. */
static void
escape(struct buf *b, const struct post_char *c)
{
	char bytes[4];

	if (c->c == '*' || (c->c == '#' && c->at_start))
		buf_add_char(b, '\\');
	if (c->c == '@' && c->next == 'a')
		buf_add_c(b, "AT ");
	else
		buf_add(b, bytes, utf8_encode(c->c, bytes));
}

static const struct post_style in_bytes = { .unit = POST_BYTES };
static const struct post_style in_chars = { .unit = POST_CHARACTERS };
static const struct post_style in_utf16 = { .unit = POST_UTF16 };
static const struct post_style marked = { .unit = POST_CHARACTERS,
	.escape = escape, .hit = "**", .hit_end = "**" };
static const struct post_style in_tags = { .unit = POST_CHARACTERS,
	.hit = "<b>", .hit_end = "</b>" };

static const struct hit hits[] = {
	{ .text = { "peace", 5 } }, { .text = { "peace talks", 11 } },
	{ .text = { "*x*", 3 } },
};

static const struct {
	const char			*says;
	const struct post_style		*style;
	const char			*text;
	bool				 lines;
	size_t				 max;
	const char			*want;
	size_t				 units;
} texts[] = {
	{ "nothing", &in_bytes, "", false, 9, "", 0 },
	{ "as it stands", &in_bytes, "a b", false, 3, "a b", 3 },
	{ "cleaned", &in_bytes, " a\n\x1b[1m\xff\xe2\x80\xae b ", false, 99,
	    "a [1m\xef\xbf\xbd b", 10 },
	{ "one byte over", &in_bytes, "abcdef", false, 5, "ab" DOTS, 5 },
	{ "no room for dots", &in_bytes, "abcdef", false, 2, "", 0 },
	{ "no room at all", &in_bytes, "a", false, 0, "", 0 },
	{ "characters", &in_chars, SMILE SMILE SMILE, false, 3,
	    SMILE SMILE SMILE, 3 },
	{ "one character over", &in_chars, SMILE SMILE SMILE, false, 2,
	    SMILE DOTS, 2 },
	{ "two units each", &in_utf16, SMILE SMILE SMILE, false, 6,
	    SMILE SMILE SMILE, 6 },
	{ "a pair is not cut", &in_utf16, SMILE SMILE SMILE, false, 4,
	    SMILE DOTS, 3 },
	{ "bytes of a pair", &in_bytes, SMILE SMILE, false, 7, SMILE DOTS, 7 },
	{ "line feeds are spaces", &in_bytes, "a\nb", false, 9, "a b", 3 },
	{ "line feeds break", &in_bytes, "\n\na \n \n b\n", true, 9, "a\nb",
	    3 },
	{ "cut in a later line", &in_chars, "a\nbcd", true, 4, "a\nb" DOTS,
	    4 },
	{ "escaped", &marked, "2*3", false, 9, "2\\*3", 4 },
	{ "an escape counts", &marked, "2*3", false, 3, "2" DOTS, 2 },
	{ "an escape is not cut", &marked, "***", false, 4, "\\*" DOTS, 3 },
	{ "where a line begins", &marked, "1# #\n# #", true, 99,
	    "1\\# #\n\\# #", 10 },
	{ "by what follows", &marked, "@a @b", false, 99, "AT a @b", 7 },
	{ "marked", &marked, "a peace b", false, 99, "a **peace** b", 13 },
	{ "the longest", &marked, "peace talks", false, 99,
	    "**peace talks**", 15 },
	{ "no part of a word", &marked, "peaceful", false, 99, "peaceful", 8 },
	{ "escaped, then marked", &marked, "a *x* b", false, 99,
	    "a **\\*x\\*** b", 13 },
	{ "a mark to the end fits", &in_tags, "peace", false, 12,
	    "<b>peace</b>", 12 },
	{ "a cut mark is closed", &in_tags, "peace", false, 11,
	    "<b>pea</b>" DOTS, 11 },
	{ "no mark without its end", &in_tags, "peace", false, 7, DOTS, 1 },
	{ "two marks", &in_tags, "peace peace", false, 25,
	    "<b>peace</b> <b>peace</b>", 25 },
};

static void
test_texts(void **state)
{
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct post_source source = { .hits = hits, .n_hits = 3,
			.text = str_from(texts[i].text),
			.lines = texts[i].lines };
		size_t n;

		buf_init(&b, 1 << 16);
		buf_add_c(&b, "before ");
		n = post_text_add(&b, texts[i].style, &source, texts[i].max);
		if (strcmp(buf_cstr(&b) + 7, texts[i].want) != 0 ||
		    n != texts[i].units)
			fail_msg("%s: %zu \"%s\"", texts[i].says, n,
			    buf_cstr(&b) + 7);
		buf_clear(&b);
	}
}

/* However short: never more than max, never half a character. */
static void
test_every_length(void **state)
{
	static const struct post_style *const styles[] = { &in_bytes,
		&in_chars, &in_utf16, &marked, &in_tags };
	const struct post_source source = { .hits = hits, .n_hits = 3,
		.text = STR("#1 peace talks " SMILE "*x* peace\n@a " SMILE),
		.lines = true };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	for (size_t s = 0; s < sizeof(styles) / sizeof(styles[0]); s++)
		for (size_t max = 0; max < 80; max++) {
			buf_reset(&b);
			assert_true(post_text_add(&b, styles[s], &source,
			    max) <= max);
			assert_true(utf8_is_valid(buf_str(&b)));
			assert_true(styles[s] != &in_bytes || b.n <= max);
		}
	buf_clear(&b);
}

static void
add_piece(struct str piece, bool is_hit, void *ctx)
{
	buf_addf(ctx, "%c%.*s|", is_hit ? '!' : ' ', STR_ARG(piece));
}

static void
test_split(void **state)
{
	const struct post_source source = { .hits = hits, .n_hits = 2 };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	post_text_split(STR("peace and peace talks, peaceful"), &source,
	    add_piece, &b);
	assert_string_equal(buf_cstr(&b), "!peace|  and |!peace talks| , "
	    "peaceful|");
	buf_reset(&b);
	post_text_split(STR_NONE, &source, add_piece, &b);
	assert_string_equal(buf_cstr(&b), "");
	buf_clear(&b);
}

static void
test_meta(void **state)
{
	struct message_view v = { .severity = SEVERITY_WARNING,
		.time_s = 0, .label = STR("a*b"), .source = STR("News") };
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	post_text_add_meta(&b, &marked, &v, 100);
	assert_string_equal(buf_cstr(&b), "WARNING \xc2\xb7 a\\*b \xc2\xb7 "
	    "News \xc2\xb7 1970-01-01 00:00 UTC");
	buf_reset(&b);
	v.label = STR_NONE;
	v.source = STR_NONE;
	post_text_add_meta(&b, &marked, &v, 100);
	assert_string_equal(buf_cstr(&b), "WARNING \xc2\xb7 "
	    "1970-01-01 00:00 UTC");
	buf_clear(&b);
}

static const struct {
	const char	*says, *url, *also;
	size_t		 max;
	const char	*want;		/* NULL: none */
} urls[] = {
	{ "as it stands", "https://e.org/a?b=c&d#e", "", 99,
	    "https://e.org/a?b=c&d#e" },
	{ "empty", "", "", 99, NULL },
	{ "never in a URL", "http://e.org/a|b<c>\"d\" \x01`^{}\\", "", 99,
	    "http://e.org/a%7Cb%3Cc%3E%22d%22%20%01%60%5E%7B%7D%5C" },
	{ "not ASCII", "http://e.org/\xc3\xa9\xff", "", 99,
	    "http://e.org/%C3%A9%FF" },
	{ "escapes stay", "http://e.org/%7C%e9", "", 99,
	    "http://e.org/%7C%e9" },
	{ "no escapes", "http://e.org/5%-off%4", "", 99,
	    "http://e.org/5%25-off%254" },
	{ "what markup reads", "http://e.org/(a)_*", "()*_", 99,
	    "http://e.org/%28a%29%5F%2A" },
	{ "an IPv6 address", "http://[::1]/[a]", "[]", 99,
	    "http://[::1]/%5Ba%5D" },
	{ "as long as may be", "http://e.org/a", "", 14, "http://e.org/a" },
	{ "too long", "http://e.org/a", "", 13, NULL },
	{ "too long by escapes", "http://e.org/|", "", 15, NULL },
};

static void
test_urls(void **state)
{
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		bool added;

		buf_init(&b, 1 << 16);
		added = post_text_add_url(&b, str_from(urls[i].url),
		    urls[i].also, urls[i].max);
		if (added != (urls[i].want != NULL) ||
		    strcmp(buf_cstr(&b), added ? urls[i].want : "") != 0)
			fail_msg("%s: \"%s\"", urls[i].says, buf_cstr(&b));
		buf_clear(&b);
	}
}

static void
test_small_memory(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 3);
	(void)post_text_add_line(&b, &in_bytes, STR("abcdef"), 99);
	assert_true(b.failed);
	buf_clear(&b);
	buf_init(&b, 3);
	assert_false(post_text_add_url(&b, STR("http://e.org"), "", 99));
	assert_true(b.failed);
	buf_clear(&b);
}

/* The table finds what it lists, and nothing else. */
static void
test_formats(void **state)
{
	const struct post_format *format;

	(void)state;
	for (size_t i = 0; (format = post_format_at(i)) != NULL; i++) {
		assert_ptr_equal(post_find_format(format->name), format);
		assert_int_equal(format->needs & ~format->may, 0);
		assert_non_null(format->write);
	}
	assert_null(post_find_format("cloudevents"));
	assert_null(post_find_format(""));
	assert_null(post_find_format(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_meta),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_small_memory),
		cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
