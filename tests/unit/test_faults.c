/* SPDX-License-Identifier: ISC */
/* daemon/faults: order, counts, and what people see. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/yaml.h"
#include "daemon/faults.h"

static struct yaml *
open_text(const char *text)
{
	struct err err;
	struct yaml *y = yaml_open_text("h.yaml", str_from(text), &err);

	if (y == NULL)
		fail_msg("%s", err.msg);
	return y;
}

/* What is printed; the caller frees it. */
static char *
print(const struct faults *f, bool colour)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	assert_non_null(to);
	faults_print(f, to, colour);
	assert_int_equal(fclose(to), 0);
	return text;
}

static void
assert_printed(const struct faults *f, const char *want)
{
	char *got = print(f, false);

	assert_string_equal(got, want);
	free(got);
}

/* A fault may lie on a line with a secret, and what is shown be logged. */
static void
hides_passwords(void **state)
{
	static const struct {
		const char	*says, *line, *want;
	} cases[] = {
		{ "of a proxy", "proxy: http://u:sEcret@h:1",
		    "proxy: http://u:******@h:1" },
		{ "up to the last @", "a: \"https://u:p@ss@h/x@y:z\"",
		    "a: \"https://u:****@h/x@y:z\"" },
		{ "each of a line", "a: [http://a:b@c, http://d:ef@g/]",
		    "a: [http://a:*@c, http://d:**@g/]" },
		{ "a user alone is none", "a: http://user@h:80/",
		    "a: http://user@h:80/" },
		{ "no URL", "a: b:c@d", "a: b:c@d" },
	};
	char *text, *at;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct yaml *y = open_text(cases[i].line);
		struct faults *f = faults_new();

		assert_non_null(f);
		faults_add(f, y, 1, 1, 1, true, "a", "odd");
		text = print(f, false);
		at = strstr(text, cases[i].want);
		if (at == NULL)
			fail_msg("%s: %s", cases[i].says, text);
		free(text);
		faults_free(f);
		yaml_close(y);
	}
}

/* Nor where the line is so long that only a part of it is shown. */
static void
hides_a_password_that_is_cut(void **state)
{
	char line[2000];
	struct faults *f = faults_new();
	struct yaml *y;
	char *text;
	int n;

	(void)state;
	assert_non_null(f);
	n = snprintf(line, sizeof(line), "a: http://u:");
	memset(line + n, 's', 600);
	snprintf(line + n + 600, sizeof(line) - (size_t)n - 600,
	    "@host/ # and on");
	y = open_text(line);
	faults_add(f, y, 1, 560, 1, true, "a", "odd");
	text = print(f, false);
	assert_non_null(strstr(text, "*@host/"));
	assert_null(strstr(text, "ss"));
	free(text);
	faults_free(f);
	yaml_close(y);
}

static void
prints_as_a_compiler_would(void **state)
{
	struct yaml *y = open_text("a: b\npoll: {mni: 5m}\n");
	struct faults *f = faults_new();

	(void)state;
	assert_non_null(f);
	faults_add(f, y, 2, 8, 3, false, "poll.mni",
	    "no such key (did you mean %s?)", "min");
	faults_add(f, y, 2, 13, 0, true, "poll", "careful");
	assert_printed(f,
	    "h.yaml:2:8: poll.mni: no such key (did you mean min?)\n"
	    "  poll: {mni: 5m}\n"
	    "         ^~~\n"
	    "h.yaml:2:13: poll: warning: careful\n"
	    "  poll: {mni: 5m}\n"
	    "              ^\n");
	faults_free(f);
	yaml_close(y);
}

static void
keeps_the_order_of_places(void **state)
{
	struct yaml *y = open_text("a\nb\nc\n");
	struct faults *f = faults_new();
	static const char *const want[] = { "none", "1:1", "2:1", "2:3 first",
	    "2:3 second", "3:1" };

	(void)state;
	faults_add(f, y, 3, 1, 1, false, "", "3:1");
	faults_add(f, y, 2, 3, 1, true, "", "2:3 first");
	faults_add(f, y, 2, 1, 1, false, "", "2:1");
	faults_add(f, y, 2, 3, 1, false, "", "2:3 second");
	faults_add(f, y, 0, 0, 1, true, "", "none");
	faults_add(f, y, 1, 1, 1, false, "", "1:1");
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(faults_at(f, i)->message, want[i]);
	assert_null(faults_at(f, 6));
	assert_int_equal(faults_errors(f), 4);
	assert_int_equal(faults_warnings(f), 2);
	faults_free(f);
	yaml_close(y);
}

static void
does_without_a_place_or_a_text(void **state)
{
	struct yaml *y = open_text("a: b\n");
	struct faults *f = faults_new();

	(void)state;
	faults_add(f, NULL, 0, 0, 1, false, "/etc/x.yaml", "cannot open");
	faults_add(f, y, 0, 0, 1, true, "feeds", "nothing to watch");
	faults_add(f, y, 9, 1, 1, false, "", "beyond the end");
	assert_printed(f,
	    "/etc/x.yaml: cannot open\n"
	    "h.yaml: feeds: warning: nothing to watch\n"
	    "h.yaml:9:1: beyond the end\n");
	assert_string_equal(faults_at(f, 0)->key, "");
	assert_string_equal(faults_at(f, 0)->source, "");
	faults_free(f);
	yaml_close(y);
}

static void
copies_all_it_is_given(void **state)
{
	char key[] = "poll", word[] = "word";
	struct yaml *y = open_text("poll: x\n");
	struct faults *f = faults_new();

	(void)state;
	faults_add(f, y, 1, 7, 1, false, key, "%s", word);
	yaml_close(y);
	memset(key, 'x', 4);
	memset(word, 'x', 4);
	assert_printed(f, "h.yaml:1:7: poll: word\n  poll: x\n        ^\n");
	faults_free(f);
}

static void
counts_characters_not_bytes_to_the_caret(void **state)
{
	struct yaml *y = open_text("\xc3\xa9\xc3\xa9: \xe2\x82\xac\xe2\x82\xac "
	    "x\n");
	struct faults *f = faults_new();

	(void)state;
	faults_add(f, y, 1, 7, 6, false, "", "two euros");
	assert_printed(f, "h.yaml:1:7: two euros\n"
	    "  \xc3\xa9\xc3\xa9: \xe2\x82\xac\xe2\x82\xac x\n"
	    "      ^~\n");
	faults_free(f);
	yaml_close(y);
}

/* A tab, and an override that would turn the line round. */
static void
shows_hidden_characters_as_spaces(void **state)
{
	struct yaml *y = open_text("a:\tb\xe2\x80\xae c\n");
	struct faults *f = faults_new();

	(void)state;
	faults_add(f, y, 1, 4, 1, false, "k\x1b[1m", "m\n\x1b[2Jx");
	assert_printed(f, "h.yaml:1:4: k [1m: m [2Jx\n  a: b  c\n     ^\n");
	faults_free(f);
	yaml_close(y);
}

static void
cuts_long_lines_around_the_place(void **state)
{
	char line[5001];
	struct yaml *y;
	struct faults *f = faults_new();
	const char *source;
	char *text, *caret, *row;

	(void)state;
	memset(line, 'a', 5000);
	memcpy(line + 2999, "HERE", 4);
	line[5000] = '\0';
	y = open_text(line);
	faults_add(f, y, 1, 3000, 4, false, "", "x");
	source = faults_at(f, 0)->source;
	assert_true(strlen(source) < 300);
	assert_non_null(strstr(source, "HERE"));
	text = print(f, false);
	row = strchr(text, '\n') + 1;
	caret = strchr(row, '\n') + 1;
	assert_int_equal(strcspn(caret, "^"), strcspn(row, "H"));
	assert_non_null(strstr(caret, "^~~~\n"));
	free(text);
	faults_free(f);
	yaml_close(y);
}

static void
cuts_long_messages_and_keys(void **state)
{
	char huge[5001];
	struct faults *f = faults_new();
	struct yaml *y = open_text("a\n");

	(void)state;
	memset(huge, 'x', 5000);
	huge[5000] = '\0';
	faults_add(f, y, 1, 1, SIZE_MAX, false, huge, "%s", huge);
	assert_true(strlen(faults_at(f, 0)->key) <= 204);
	assert_true(strlen(faults_at(f, 0)->message) <= 1004);
	free(print(f, false));
	faults_free(f);
	yaml_close(y);
}

static void
keeps_a_thousand_and_counts_the_rest(void **state)
{
	struct yaml *y = open_text("a\n");
	struct faults *f = faults_new();
	char *text;

	(void)state;
	for (int i = 0; i < 1500; i++)
		faults_add(f, y, 1, 1, 1, i % 3 == 0, "", "fault %d", i);
	assert_int_equal(faults_errors(f), 1000);
	assert_int_equal(faults_warnings(f), 500);
	assert_string_equal(faults_at(f, 999)->message, "fault 999");
	assert_null(faults_at(f, 1000));
	text = print(f, false);
	assert_non_null(strstr(text, "\n... and 500 more\n"));
	free(text);
	faults_free(f);
	yaml_close(y);
}

static void
colours_only_when_asked(void **state)
{
	struct yaml *y = open_text("a\n");
	struct faults *f = faults_new();
	char *plain, *coloured;

	(void)state;
	faults_add(f, y, 1, 1, 1, true, "k", "m");
	plain = print(f, false);
	coloured = print(f, true);
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(coloured, "\033["));
	assert_non_null(strstr(coloured, "\033[0m"));
	free(plain);
	free(coloured);
	faults_free(f);
	faults_free(NULL);
	yaml_close(y);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hides_passwords),
		cmocka_unit_test(hides_a_password_that_is_cut),
		cmocka_unit_test(prints_as_a_compiler_would),
		cmocka_unit_test(keeps_the_order_of_places),
		cmocka_unit_test(does_without_a_place_or_a_text),
		cmocka_unit_test(copies_all_it_is_given),
		cmocka_unit_test(counts_characters_not_bytes_to_the_caret),
		cmocka_unit_test(shows_hidden_characters_as_spaces),
		cmocka_unit_test(cuts_long_lines_around_the_place),
		cmocka_unit_test(cuts_long_messages_and_keys),
		cmocka_unit_test(keeps_a_thousand_and_counts_the_rest),
		cmocka_unit_test(colours_only_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
