/* SPDX-License-Identifier: ISC */
/* Standard error goes into a pipe while a line is written. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static char got[8192];

/* What log_write says of these fields; empty when it says nothing. */
static void
capture(enum log_level level, const char *event,
    const struct log_field *fields)
{
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_not_equal(saved, -1);
	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_not_equal(dup2(ends[1], STDERR_FILENO), -1);
	log_write(level, event, fields);
	assert_int_not_equal(dup2(saved, STDERR_FILENO), -1);
	close(saved);
	close(ends[1]);
	n = read(ends[0], got, sizeof(got) - 1);
	close(ends[0]);
	got[n > 0 ? n : 0] = '\0';
}

static const struct {
	const char	*says;
	const char	*value, *want;
} values[] = {
	{ "a plain value", "https://example.org/x?a#b",
	    "https://example.org/x?a#b" },
	{ "none", NULL, "-" },
	{ "an empty one", "", "\"\"" },
	{ "spaces need quotes", "disk full", "\"disk full\"" },
	{ "so does the sign between key and value", "a=b", "\"a=b\"" },
	{ "quotes are escaped", "say \"hi\"", "\"say \\\"hi\\\"\"" },
	{ "so are backslashes", "a\\b", "\"a\\\\b\"" },
	{ "a new line starts no line", "a\n<3>forged", "\"a\\x0a<3>forged\"" },
	{ "an escape sequence speaks to no terminal", "\033[2J",
	    "\"\\x1b[2J\"" },
	{ "nor do the controls C1", "a\xc2\x9b" "2J", "\"a\\xc2\\x9b2J\"" },
	{ "DEL", "a\x7f", "\"a\\x7f\"" },
	{ "letters beyond ASCII stay", "d\xc3\xa9j\xc3\xa0",
	    "d\xc3\xa9j\xc3\xa0" },
	{ "a no-break space is no control", "a\xc2\xa0" "b", "a\xc2\xa0" "b" },
	{ "half a character at the end", "a\xc2", "a\xc2" },
	{ "a continuation alone", "\x9b", "\x9b" },
};

static void
values_are_escaped(void **state)
{
	char want[200];

	(void)state;
	for (size_t i = 0; i < N(values); i++) {
		const struct log_field fields[] = {
			LOG_S("k", values[i].value), LOG_I("n", 7),
			{ 0, 0, 0, LOG_TYPE_END } };

		capture(LOG_LEVEL_WARN, "event", fields);
		snprintf(want, sizeof(want), "<4>event k=%s n=7\n",
		    values[i].want);
		if (strcmp(got, want) != 0)
			fail_msg("%s: %s", values[i].says, got);
	}
}

static const struct {
	const char	*url, *want;
} urls[] = {
	{ "https://example.org/x", "https://example.org/x" },
	{ "https://desk:secret@example.org/x", "https://example.org/x" },
	{ "//desk:secret@example.org", "//example.org" },
	{ "https://desk:se cret@example.org/a b",
	    "\"https://example.org/a b\"" },
	{ "https://a\nb@example.org/?q=1", "\"https://example.org/?q=1\"" },
	{ "", "\"\"" },
	{ NULL, "-" },
};

static void
urls_have_no_password(void **state)
{
	char want[200], longest[6000] = "https://desk:";

	(void)state;
	for (size_t i = 0; i < N(urls); i++) {
		const struct log_field fields[] = { LOG_U("feed", urls[i].url),
			{ 0, 0, 0, LOG_TYPE_END } };

		capture(LOG_LEVEL_WARN, "event", fields);
		snprintf(want, sizeof(want), "<4>event feed=%s\n",
		    urls[i].want);
		assert_string_equal(got, want);
	}
	memset(longest + 13, 's', sizeof(longest) - 13);
	memcpy(longest + sizeof(longest) - 8, "@host/x", 8);
	capture(LOG_LEVEL_WARN, "event", (const struct log_field[]){
	    LOG_U("feed", longest), { 0, 0, 0, LOG_TYPE_END } });
	assert_string_equal(got, "<4>event feed=https://host/x\n");
}

static void
levels_have_priorities_and_a_bound(void **state)
{
	static const struct {
		enum log_level	 level, highest;
		const char	*want;
	} cases[] = {
		{ LOG_LEVEL_ERROR, LOG_LEVEL_ERROR, "<3>e i=-5\n" },
		{ LOG_LEVEL_WARN, LOG_LEVEL_ERROR, "" },
		{ LOG_LEVEL_INFO, LOG_LEVEL_INFO, "<6>e i=-5\n" },
		{ LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, "" },
		{ LOG_LEVEL_DEBUG, LOG_LEVEL_DEBUG, "<7>e i=-5\n" },
	};
	const struct log_field fields[] = { LOG_I("i", -5),
		{ 0, 0, 0, LOG_TYPE_END } };

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		log_set_level(cases[i].highest);
		capture(cases[i].level, "e", fields);
		assert_string_equal(got, cases[i].want);
	}
	log_set_level(LOG_LEVEL_INFO);
}

static void
a_long_line_is_cut_and_ends(void **state)
{
	char longest[6000];
	const struct log_field fields[] = { LOG_S("k", longest),
		LOG_S("k", "lost"), { 0, 0, 0, LOG_TYPE_END } };
	size_t n;

	(void)state;
	memset(longest, '\n', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	capture(LOG_LEVEL_ERROR, "event", fields);
	n = strlen(got);
	assert_true(n > 1000 && n < 6000);
	assert_ptr_equal(strchr(got, '\n'), got + n - 1);
}

static void
errno_is_left_alone(void **state)
{
	const struct log_field fields[] = { LOG_I("i", INT64_MIN),
		{ 0, 0, 0, LOG_TYPE_END } };
	int saved = dup(STDERR_FILENO), after;

	(void)state;
	close(STDERR_FILENO);
	errno = ENOSPC;
	log_write(LOG_LEVEL_ERROR, "nobody_reads", fields);
	after = errno;
	errno = ENOSPC;
	log_write(LOG_LEVEL_DEBUG, "not_even_written", fields);
	if (errno != ENOSPC)
		after = errno;
	assert_int_not_equal(dup2(saved, STDERR_FILENO), -1);
	close(saved);
	assert_int_equal(after, ENOSPC);
	capture(LOG_LEVEL_ERROR, "e", fields);
	assert_string_equal(got, "<3>e i=-9223372036854775808\n");
}

static void
macros_end_their_fields(void **state)
{
	int ends[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_not_equal(dup2(ends[1], STDERR_FILENO), -1);
	log_info("started", LOG_S("version", "1"), LOG_I("feeds", 2));
	log_debug("not_shown", LOG_I("x", 1));
	assert_int_not_equal(dup2(saved, STDERR_FILENO), -1);
	close(saved);
	close(ends[1]);
	n = read(ends[0], got, sizeof(got) - 1);
	close(ends[0]);
	assert_true(n > 0);
	got[n] = '\0';
	assert_string_equal(got, "<6>started version=1 feeds=2\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_escaped),
		cmocka_unit_test(urls_have_no_password),
		cmocka_unit_test(levels_have_priorities_and_a_bound),
		cmocka_unit_test(a_long_line_is_cut_and_ends),
		cmocka_unit_test(errno_is_left_alone),
		cmocka_unit_test(macros_end_their_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
