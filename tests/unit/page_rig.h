/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_UNIT_PAGE_RIG_H
#define HEADLINED_TESTS_UNIT_PAGE_RIG_H

/*
 * Reads a page with base/html for feeds/page_meta, and shows one thing of what
 * it said:
 *
 *	page_said(page, "http://p.example/a", "title", &out)	"Oil falls"
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/html.h"
#include "base/utf8.h"
#include "feeds/page_meta.h"

static int
page_on_start(struct str name, const struct html_attr *a, size_t n, void *ctx)
{
	return page_meta_start(ctx, name, a, n);
}

static int
page_on_end(struct str name, void *ctx)
{
	return page_meta_end(ctx, name);
}

static int
page_on_text(struct str s, void *ctx)
{
	return page_meta_text(ctx, s);
}

/* NULL when memory is out. */
static struct page_meta *
page_read(struct str page, const char *url)
{
	static const struct html_ops ops = { page_on_start, page_on_end,
		page_on_text };
	static const struct html_settings set = { .max_bytes = 16 << 20,
		.max_depth = 512, .max_raw = PAGE_META_JSON_MAX };
	struct page_meta *m = page_meta_new(str_from(url));
	struct html *h = m != NULL ? html_new(&set, &ops, m) : NULL;
	bool ok = h != NULL;

	if (ok) {
		(void)html_push(h, page.p, page.n);	/* finish says it */
		ok = html_finish(h) != HTML_STOPPED;
		ok = page_meta_finish(m) == 0 && ok;
	}
	html_free(h);
	if (ok)
		return m;
	page_meta_free(m);
	return NULL;
}

/* "Jane Doe;John Roe" */
static inline void
page_show_authors(struct buf *out, const struct page_meta_said *said)
{
	for (size_t i = 0; i < said->n_authors; i++)
		buf_addf(out, "%s%.*s", i > 0 ? ";" : "",
		    STR_ARG(said->authors[i]));
}

static inline void
page_show_flags(struct buf *out, const struct page_meta_said *said)
{
	buf_addf(out, "%s%s%s", said->is_article ? "article " : "",
	    said->is_amp ? "amp " : "", said->is_paid ? "paid " : "");
}

static inline void
page_show_date(struct buf *out, const struct page_meta_said *said)
{
	if (said->has_published)
		buf_addf(out, "%lld", (long long)said->published_s);
}

static inline void
page_show(struct buf *out, const struct page_meta_said *said,
    const char *what)
{
	const struct {
		const char	*name;
		struct str	 value;
	} texts[] = {
		{ "title", said->title }, { "summary", said->summary },
		{ "language", said->language },
		{ "canonical", said->canonical }, { "amp", said->amp },
		{ "site", said->site }, { "body", said->article_body },
	};

	if (strcmp(what, "authors") == 0)
		page_show_authors(out, said);
	else if (strcmp(what, "published") == 0)
		page_show_date(out, said);
	else if (strcmp(what, "flags") == 0)
		page_show_flags(out, said);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(what, texts[i].name) == 0)
			buf_add_str(out, texts[i].value);
}

struct page_case {
	const char	*says, *what, *page, *want;
};

static inline void
page_check(const struct page_case *cases, size_t n)
{
	struct buf got;

	buf_init(&got, 4 << 20);
	for (size_t i = 0; i < n; i++) {
		struct page_meta *m = page_read(str_from(cases[i].page),
		    "http://p.example/d/page");

		assert_non_null(m);
		buf_reset(&got);
		page_show(&got, page_meta_get(m), cases[i].what);
		if (strcmp(buf_cstr(&got), cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].says, buf_cstr(&got));
		page_meta_free(m);
	}
	buf_clear(&got);
}

#endif
