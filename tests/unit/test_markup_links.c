/* SPDX-License-Identifier: ISC */
/* Links within HTML, made absolute; all else byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "feeds/markup_links.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static const struct link_case {
	const char	*says, *in, *want;
} cases[] = {
	{ "a path", "<a href=\"/x\">a</a>",
	    "<a href=\"http://e.org/x\">a</a>" },
	{ "a neighbour, single quotes", "<img src='y.png' alt='z'>",
	    "<img src=\"http://e.org/a/y.png\" alt='z'>" },
	{ "no quotes", "<a href=../x b>c", "<a href=\"http://e.org/x\" b>c" },
	{ "a query with an ampersand, well written", "<a href='?a&amp;b=\"'>",
	    "<a href=\"http://e.org/a/b?a&amp;b=&quot;\">" },
	{ "and as people write it", "<a href='?a=1&b=2'>",
	    "<a href=\"http://e.org/a/b?a=1&amp;b=2\">" },
	{ "another host, this scheme", "<a href=//f.org/>",
	    "<a href=\"http://f.org/\">" },
	{ "white space around", "<a href=' x '>",
	    "<a href=\"http://e.org/a/x\">" },
	{ "other schemes stay",
	    "<a href='mailto:a@e.org'><a href=HTTPS://f.org>"
	    "<img src='data:,x'>", "<a href='mailto:a@e.org'>"
	    "<a href=HTTPS://f.org><img src='data:,x'>" },
	{ "other attributes stay", "<a title='/x' xhref='/y' href=''>",
	    "<a title='/x' xhref='/y' href=''>" },
	{ "every attribute that is a link", "<q cite=c><form action=d><video "
	    "poster=e>", "<q cite=\"http://e.org/a/c\"><form action=\""
	    "http://e.org/a/d\"><video poster=\"http://e.org/a/e\">" },
	{ "in capitals", "<A HREF=x>", "<A HREF=\"http://e.org/a/x\">" },
	{ "text is no tag", "href='/x' < a href='/x'>", "href='/x' < a href="
	    "'/x'>" },
	{ "comments stay", "<!-- <a href='/x'> --><a href='/x'>",
	    "<!-- <a href='/x'> --><a href=\"http://e.org/x\">" },
	{ "a declaration stays", "<!DOCTYPE><a href=x>", "<!DOCTYPE><a href=\""
	    "http://e.org/a/x\">" },
	{ "a tag cut off", "<a href='/x", "<a href='/x" },
	{ "a tag cut off behind its value", "a<a href=/x", "a<a href=\""
	    "http://e.org/x\"" },
	{ "nothing", "", "" },
};

static void
resolves_links(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < N(cases); i++) {
		struct text t = { .s = str_from(cases[i].in),
		    .kind = TEXT_HTML, .base = STR("http://e.org/a/b") };

		buf_reset(&b);
		markup_resolve_links(&b, t);
		if (strcmp(buf_cstr(&b), cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].says, buf_cstr(&b));
	}
	buf_clear(&b);
}

static void
needs_html_and_a_base(void **state)
{
	struct text t = { .s = STR("<a href='/x'>"), .kind = TEXT_PLAIN,
	    .base = STR("http://e.org/") };
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	markup_resolve_links(&b, t);
	assert_string_equal(buf_cstr(&b), "<a href='/x'>");
	buf_reset(&b);
	t.kind = TEXT_HTML;
	t.base = STR_NONE;
	markup_resolve_links(&b, t);
	assert_string_equal(buf_cstr(&b), "<a href='/x'>");
	buf_clear(&b);
}

/* What costs time is bounded: of eight megabytes of links half are resolved. */
static void
resolves_so_much(void **state)
{
	enum { ONE = 1000, TIMES = 8000 };
	char link[ONE + 1];
	struct buf in, out;
	size_t resolved = 0;
	const char *p;

	(void)state;
	buf_init(&in, 16 << 20);
	buf_init(&out, 16 << 20);
	memset(link, 'x', ONE);
	link[ONE] = '\0';
	for (int i = 0; i < TIMES; i++)
		buf_addf(&in, "<a href=%s>", link);
	markup_resolve_links(&out, (struct text){ .s = buf_str(&in),
	    .kind = TEXT_HTML, .base = STR("http://e.org/") });
	assert_false(out.failed);
	for (p = buf_cstr(&out); (p = strstr(p, "http://e.org/")) != NULL; p++)
		resolved++;
	assert_int_equal(resolved, (4 << 20) /
	    (ONE + sizeof("http://e.org/") - 1));
	buf_clear(&in);
	buf_clear(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves_links),
		cmocka_unit_test(needs_html_and_a_base),
		cmocka_unit_test(resolves_so_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
