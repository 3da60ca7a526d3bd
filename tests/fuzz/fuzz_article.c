/* SPDX-License-Identifier: ISC */
/*
 * A news page from a stranger. Beside what the sanitizers see, it must give
 * the same whole and in pieces of 1,460 bytes and of one, in time and memory
 * that the page bounds; the text is UTF-8, its paragraphs clean.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "feeds/article.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* No control characters but line ends, no empty paragraphs. */
static void
require_clean(struct str s)
{
	require(utf8_is_valid(s));
	require(s.n == 0 || (s.p[0] > ' ' || (s.p[0] & 0x80) != 0));
	for (size_t i = 0; i < s.n; i++)
		require((unsigned char)s.p[i] >= ' ' || s.p[i] == '\n');
	require(memmem(s.p != NULL ? s.p : "", s.n, "\n\n\n", 3) == NULL);
}

/* Everything, as text. */
static void
note(struct buf *all, const struct article_found *f, size_t n_page)
{
	const struct page_meta_said *said = f->said;

	/* A byte that is no UTF-8 becomes three. */
	require(f->text.n <= 4 * n_page + 4);
	require((f->text.n == 0) == (f->way == ARTICLE_NONE));
	require((f->wall != NULL) == (f->barrier == ARTICLE_BOT_WALL));
	if (f->way != ARTICLE_JSON_LD)
		require_clean(f->text);
	buf_addf(all, "%s %s %s %d\n%.*s\n", article_way_name(f->way),
	    article_barrier_name(f->barrier), f->wall != NULL ? f->wall : "-",
	    f->is_cut, STR_ARG(f->text));
	buf_addf(all, "%.*s|%.*s|%.*s\n", STR_ARG(said->title),
	    STR_ARG(said->canonical), STR_ARG(said->language));
}

/* False: memory is out. */
static bool
read_in_steps(struct buf *all, struct str page, size_t step)
{
	struct article *a = article_new(STR("http://fuzz.example/a/b"));
	const struct article_found *f;

	buf_reset(all);
	if (a == NULL)
		return false;
	for (size_t at = 0; at < page.n; at += step) {
		struct str piece = str_sub(page, at, step);

		if (!article_push(a, piece.p, piece.n))
			break;
	}
	f = article_finish(a);
	if (f != NULL)
		note(all, f, page.n);
	article_free(a);
	return f != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str page = { (const char *)data, n };
	static const size_t steps[] = { 1, 1460 };
	const struct article_found *f;
	struct buf whole, pieces;
	struct article *a;

	buf_init(&whole, SIZE_MAX / 2);
	buf_init(&pieces, SIZE_MAX / 2);
	if (read_in_steps(&whole, page, n + 1))
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
			require(!read_in_steps(&pieces, page, steps[i]) ||
			    str_eq(buf_str(&whole), buf_str(&pieces)));
	/* UTF-32 becomes no longer; one byte may become three. */
	a = article_of_page(STR_NONE, page, STR("text/html"), &f);
	if (a != NULL)
		note(&whole, f, 4 * n);
	article_free(a);
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
