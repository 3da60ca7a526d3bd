/* SPDX-License-Identifier: ISC */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "filters/regex.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char	*says;
	const char	*pattern;
	bool		 caseless;
	const char	*text;
	size_t		 from;
	const char	*want;		/* the match; NULL: none */
} finds[] = {
	{ "somewhere", "b+", false, "abbc", 0, "bb" },
	{ "nowhere", "x", false, "abbc", 0, NULL },
	{ "case counts", "B", false, "abbc", 0, NULL },
	{ "or not", "B", true, "abbc", 0, "b" },
	{ "by Unicode too", "ЁЛКА", true, "это ёлка", 0, "ёлка" },
	{ "\\w by Unicode", "\\w{4}", false, "- é2бж -", 0, "é2бж" },
	{ "from a place on", "b", false, "bab", 1, "b" },
	{ "what stands before it is seen", "\\bb", false, "ab", 1, NULL },
	{ "^ is the text's start", "^b", false, "a\nb", 0, NULL },
	{ "unless it says otherwise", "(?m)^b", false, "a\nb", 0, "b" },
	{ ". is no line end", "a.b", false, "a\nb", 0, NULL },
	{ "the end", "$", false, "ab", 0, "" },
	{ "an empty text", "^$", false, "", 0, "" },
	{ "looks behind", "(?<=a)b", false, "bab", 0, "b" },
};

static void
test_finds(void **state)
{
	struct regex_finder *f = regex_finder_new();

	(void)state;
	assert_non_null(f);
	for (size_t i = 0; i < COUNT(finds); i++) {
		struct regex_fault fault;
		struct regex *re = regex_new(str_from(finds[i].pattern),
		    finds[i].caseless, &fault);
		struct str match = STR_NONE;
		enum regex_result r;

		if (re == NULL)
			fail_msg("%s: %s", finds[i].says, fault.message);
		r = regex_find(re, f, str_from(finds[i].text), finds[i].from,
		    &match);
		if (r != (finds[i].want != NULL ? REGEX_FOUND : REGEX_NONE))
			fail_msg("%s: %d", finds[i].says, r);
		if (r == REGEX_FOUND && !str_eq_c(match, finds[i].want))
			fail_msg("%s: %.*s", finds[i].says, STR_ARG(match));
		regex_free(re);
	}
	regex_finder_free(f);
}

static const struct {
	const char	*says;
	struct str	 pattern;
	size_t		 offset;
} refused[] = {
	{ "a bracket left open", { "ab(c", 4 }, 4 },
	{ "a set out of order", { "[z-a]", 5 }, 3 },
	{ "nothing to repeat", { "*a", 2 }, 0 },
	{ "half a character", { "a\xd0", 2 }, 1 },
	{ "single bytes", { "a\\C", 3 }, 3 },
};

static void
test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct regex_fault fault, same;

		if (regex_check(refused[i].pattern, false, &fault))
			fail_msg("%s: taken", refused[i].says);
		assert_null(regex_new(refused[i].pattern, false, &same));
		assert_string_equal(fault.message, same.message);
		assert_true(fault.message[0] != '\0');
		if (fault.offset != refused[i].offset)
			fail_msg("%s: at %zu, %s", refused[i].says,
			    fault.offset, fault.message);
	}
}

/* n times the same, then what ends it. */
static void
fill(struct buf *b, const char *unit, size_t n, const char *end)
{
	buf_reset(b);
	while (b->n < n)
		buf_add_c(b, unit);
	buf_add_c(b, end);
}

static enum regex_result
find(const char *pattern, const struct buf *b, struct str *match)
{
	struct regex_finder *f = regex_finder_new();
	struct regex_fault fault;
	struct regex *re = regex_new(str_from(pattern), false, &fault);
	enum regex_result r;

	assert_non_null(f);
	assert_non_null(re);
	*match = STR_NONE;
	r = regex_find(re, f, buf_str(b), 0, match);
	regex_free(re);
	regex_finder_free(f);
	return r;
}

/* Texts longer than a window, and matches that reach over its end. */
static void
test_long_texts(void **state)
{
	struct str m;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 21);
	for (size_t n = 4000; n < 9000; n += 7) {
		fill(&b, "é ", n, "x12y");
		assert_int_equal(find("x\\d+y", &b, &m), REGEX_FOUND);
		assert_ptr_equal(m.p, b.p + b.n - 4);
		assert_int_equal(find("y$", &b, &m), REGEX_FOUND);
		assert_ptr_equal(m.p, b.p + b.n - 1);
	}
	fill(&b, "b", 100000, "c");
	buf_add_c(&b, "tail");
	assert_int_equal(find("b+ct", &b, &m), REGEX_FOUND);
	assert_int_equal(m.n, b.n - 3);
	assert_int_equal(find("(?s)^.*l$", &b, &m), REGEX_FOUND);
	assert_int_equal(m.n, b.n);
	assert_int_equal(find("z", &b, &m), REGEX_NONE);
	assert_int_equal(find("$", &b, &m), REGEX_FOUND);
	assert_ptr_equal(m.p, b.p + b.n);
	buf_clear(&b);
}

/* What would take for ever is given up; what is only long is not. */
static void
test_limits(void **state)
{
	struct str m;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 21);
	fill(&b, "a", 3000, "!");
	assert_int_equal(find("(a+)+$", &b, &m), REGEX_LIMIT);
	assert_int_equal(find("(a|aa)+$", &b, &m), REGEX_LIMIT);
	fill(&b, "ab", 1 << 20, "!");
	assert_int_equal(find("[ab]*x", &b, &m), REGEX_LIMIT);
	assert_int_equal(find("(?:a|b)*?[^ab]x", &b, &m), REGEX_LIMIT);
	fill(&b, "word word, ", 1 << 20, "!");
	assert_int_equal(find("\\w+\\d\\w+", &b, &m), REGEX_NONE);
	assert_int_equal(find("word{3}", &b, &m), REGEX_NONE);
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
