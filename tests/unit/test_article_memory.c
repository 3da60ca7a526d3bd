/* SPDX-License-Identifier: ISC */
/*
 * Memory that runs out at any one place between a page's first byte and its
 * article: said, or of no matter, and nothing is lost. In run n the n-th
 * allocation of ours fails, in a second round all after it too (--wrap;
 * libxml2 keeps its own).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "feeds/article.h"

enum { MOST_ALLOCATIONS = 5000, PARAGRAPHS = 700 };

static long	to_go = -1;		/* until one fails; -1: none does */
static bool	for_good;		/* all after it fail too */

static bool
fails(void)
{
	if (to_go < 0)
		return false;
	if (to_go == 0)
		return for_good;
	return to_go-- == 1;
}

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);
char	*__wrap_strdup(const char *);

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

char *
__wrap_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = fails() ? NULL : __real_malloc(n);

	return copy != NULL ? memcpy(copy, s, n) : NULL;
}

/* More nodes than one chunk holds, and what all parts look for. */
static void
make(struct buf *page, struct buf *text)
{
	buf_init(page, 1 << 20);
	buf_init(text, 1 << 20);
	buf_add_c(page, "<html lang=en><title>Harbour</title><meta property="
	    "og:title content=Harbour><link rel=canonical href=/a><script "
	    "type=application/ld+json>{\"@type\":\"NewsArticle\",\"author\":"
	    "{\"name\":\"A. Writer\"}}</script><article><h1>Harbour</h1>");
	for (int i = 0; i < PARAGRAPHS; i++) {
		buf_addf(page, "<p>The council met for the %dth time, to talk "
		    "about the harbour, and agreed on little.</p>", i);
		buf_addf(text, "%sThe council met for the %dth time, to talk "
		    "about the harbour, and agreed on little.",
		    i > 0 ? "\n\n" : "", i);
	}
	buf_add_c(page, "</article>");
}

/* Was there memory to the end? */
static bool
runs(struct str page, struct str text, long n)
{
	const struct article_found *found;
	struct article *a;
	bool whole;

	to_go = n;
	a = article_of_page(STR("https://news.example.com/x"), page,
	    STR("text/html"), &found);
	whole = to_go > 0;
	to_go = -1;
	if (a != NULL)
		assert_true(str_eq(found->text, text));
	assert_true(!whole || a != NULL);
	article_free(a);
	return whole;
}

static void
says_so(void **state)
{
	struct buf page, text;
	long n;

	(void)state;
	make(&page, &text);
	for (int round = 0; round < 2; round++) {
		for_good = round == 1;
		for (n = 1; n < MOST_ALLOCATIONS; n++)
			if (runs(buf_str(&page), buf_str(&text), n))
				break;
		assert_in_range(n, 20, MOST_ALLOCATIONS - 1);
		print_message("# %ld allocations\n", n);
	}
	buf_clear(&page);
	buf_clear(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(says_so) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
