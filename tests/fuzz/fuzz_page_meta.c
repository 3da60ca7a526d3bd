/* SPDX-License-Identifier: ISC */
/*
 * What a page of a stranger says of itself. Beside what the sanitizers see: it
 * says the same however its texts were cut, names and titles are clean lines,
 * addresses are what can be asked in their one spelling, languages are tags.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/html.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/page_language.h"
#include "feeds/page_meta.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { MAX_PAGE = 1 << 20, MAX_DEPTH = 256 };

struct reading {
	struct page_meta	*meta;
	size_t			 step;	/* of a text at once */
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static int
on_start(struct str name, const struct html_attr *a, size_t n, void *ctx)
{
	struct reading *r = ctx;

	return page_meta_start(r->meta, name, a, n);
}

static int
on_end(struct str name, void *ctx)
{
	struct reading *r = ctx;

	return page_meta_end(r->meta, name);
}

/* base/html cuts at characters; so does this. */
static int
on_text(struct str s, void *ctx)
{
	struct reading *r = ctx;

	while (s.n > 0) {
		struct str piece = utf8_cut(s, r->step);

		if (piece.n == 0)
			piece = utf8_cut(s, 4);
		if (page_meta_text(r->meta, piece) != 0)
			return -1;
		s = str_sub(s, piece.n, s.n);
	}
	return 0;
}

static void
require_line(struct str s)
{
	struct buf line;

	buf_init(&line, s.n + 4);
	utf8_clean_line(&line, s, s.n);
	require(str_eq(buf_str(&line), s));
	buf_clear(&line);
}

static void
require_address(struct str s)
{
	struct url_parts parts;
	struct err ignored;

	if (s.n == 0)
		return;
	require_line(s);
	require(s.p[s.n] == '\0' && url_split(s.p, &parts, &ignored) == 0);
	require(!parts.has_user);
}

static void
require_fit(const struct page_meta_said *said)
{
	require_line(said->title);
	require_line(said->summary);
	require_line(said->site);
	for (size_t i = 0; i < said->n_authors; i++) {
		require(said->authors[i].n > 0);
		require_line(said->authors[i]);
	}
	require_address(said->canonical);
	require_address(said->amp);
	require(said->language.n == 0 || page_language_is(said->language));
	require(utf8_is_valid(said->article_body));
	require(said->article_body.n <= PAGE_META_JSON_MAX);
}

static void
note(struct buf *out, const struct page_meta_said *said)
{
	const struct str texts[] = { said->title, said->summary, said->site,
		said->canonical, said->amp, said->language,
		said->article_body };

	buf_reset(out);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buf_addf(out, "%.*s\n", STR_ARG(texts[i]));
	for (size_t i = 0; i < said->n_authors; i++)
		buf_addf(out, "%.*s;", STR_ARG(said->authors[i]));
	buf_addf(out, "%lld %d %d %d %d", (long long)said->published_s,
	    said->has_published, said->is_article, said->is_amp,
	    said->is_paid);
}

static void
read_page(struct buf *out, struct str page, size_t step)
{
	static const struct html_ops ops = { on_start, on_end, on_text };
	static const struct html_settings set = { .max_bytes = MAX_PAGE,
		.max_depth = MAX_DEPTH, .max_raw = PAGE_META_JSON_MAX };
	struct reading r = {
		page_meta_new(STR("http://fuzz.example/a/b")), step };
	struct html *h = html_new(&set, &ops, &r);

	require(r.meta != NULL && h != NULL);
	(void)html_push(h, page.p, page.n);	/* finish says it too */
	(void)html_finish(h);			/* any end is fine */
	require(page_meta_finish(r.meta) == 0);
	require_fit(page_meta_get(r.meta));
	note(out, page_meta_get(r.meta));
	html_free(h);
	page_meta_free(r.meta);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str page = { (const char *)data, n };
	struct buf whole, pieces;

	buf_init(&whole, SIZE_MAX / 2);
	buf_init(&pieces, SIZE_MAX / 2);
	read_page(&whole, page, n + 4);
	read_page(&pieces, page, 1);
	require(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
