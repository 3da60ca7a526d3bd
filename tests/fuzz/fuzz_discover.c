/* SPDX-License-Identifier: ISC */
/*
 * A page from a stranger. Beside what the sanitizers see, it must read alike
 * whole and in pieces, elements must end as often as they begin, and what is
 * listed must be fit for a terminal: clean lines, each address once.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/html.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feeds/discover.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { MAX_PAGE = 1 << 20, MAX_DEPTH = 64, MAX_RAW = 40 };

struct reading {
	struct buf	all;		/* what was read, as text */
	long		open;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

/* -- base/html ------------------------------------------------------------ */

static int
on_start(struct str name, const struct html_attr *a, size_t n, void *ctx)
{
	struct reading *r = ctx;

	require(n <= HTML_ATTRS_MAX && ++r->open <= MAX_DEPTH);
	buf_addf(&r->all, "<%.*s", STR_ARG(name));
	for (size_t i = 0; i < n; i++) {
		require(utf8_is_valid(a[i].value));
		require(a[i].value.n <= HTML_ATTR_MAX);
		buf_addf(&r->all, " %.*s=%.*s", STR_ARG(a[i].name),
		    STR_ARG(a[i].value));
	}
	buf_add_c(&r->all, ">\n");
	return 0;
}

static int
on_end(struct str name, void *ctx)
{
	struct reading *r = ctx;

	require(--r->open >= 0);
	buf_addf(&r->all, "</%.*s>\n", STR_ARG(name));
	return 0;
}

static int
on_text(struct str s, void *ctx)
{
	struct reading *r = ctx;

	require(utf8_is_valid(s));
	buf_add_str(&r->all, s);
	return 0;
}

static void
read_html(struct reading *r, struct str page, size_t step)
{
	static const struct html_ops ops = { .on_start = on_start,
		.on_end = on_end, .on_text = on_text };
	static const struct html_settings set = { .max_bytes = MAX_PAGE,
		.max_depth = MAX_DEPTH, .max_raw = MAX_RAW };
	struct html *h = html_new(&set, &ops, r);
	enum html_state state;

	if (h == NULL)
		return;
	r->open = 0;
	for (size_t at = 0; at < page.n; at += step) {
		struct str piece = str_sub(page, at, step);

		if (html_push(h, piece.p, piece.n) != HTML_MORE)
			break;
	}
	state = html_finish(h);
	require(state != HTML_MORE || r->open == 0);
	buf_addf(&r->all, "state %d\n", (int)state);
	html_free(h);
}

/* -- feeds/discover ------------------------------------------------------- */

static void
require_clean(struct str s, size_t max)
{
	struct buf line;

	buf_init(&line, max + 4);
	utf8_clean_line(&line, s, max);
	require(str_eq(buf_str(&line), s));
	buf_clear(&line);
}

static void
note_feed(struct reading *r, const struct discover *d, size_t index)
{
	const struct discover_feed *f = discover_feed(d, index);

	require(f->url.n > 0);
	require_clean(f->url, URL_MAX_BYTES);
	require_clean(f->type, f->type.n + 1);
	require_clean(f->title, f->title.n + 1);
	for (size_t i = 0; i < index; i++) {
		require(!str_eq(discover_feed(d, i)->url, f->url));
		require(discover_feed(d, i)->is_guess == f->is_guess);
	}
	buf_addf(&r->all, "%.*s|%.*s|%.*s\n", STR_ARG(f->url),
	    STR_ARG(f->type), STR_ARG(f->title));
}

static void
note(struct reading *r, const struct discover *d)
{
	struct err err = { .msg = "" };

	for (size_t i = 0; discover_feed(d, i) != NULL; i++)
		note_feed(r, d, i);
	require(discover_say(d, &err) == -1);
	require_clean(str_from(err.msg), sizeof(err.msg));
	buf_addf(&r->all, "%s\n", err.msg);
}

static void
discover_in_steps(struct reading *r, const struct discover_settings *set,
    struct str page, size_t step)
{
	struct discover *d = discover_new(set);

	if (d == NULL)
		return;
	for (size_t at = 0; at < page.n; at += step) {
		struct str piece = str_sub(page, at, step);

		if (!discover_push(d, piece.p, piece.n))
			break;
	}
	discover_finish(d);
	note(r, d);
	discover_free(d);
}

/* Everything, into r->all. */
static void
read_in_steps(struct reading *r, struct str page, size_t step)
{
	static const struct discover_settings based = {
		.base_url = "http://fuzz.example/a/b", .max_bytes = MAX_PAGE
	};

	buf_reset(&r->all);
	read_html(r, page, step);
	discover_in_steps(r, &based, page, step);
	discover_in_steps(r, &discover_in_passing, page, step);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str page = { (const char *)data, n };
	static const size_t steps[] = { 1, 1460 };
	struct reading whole = { .open = 0 }, pieces = { .open = 0 };
	struct discover *d;

	buf_init(&whole.all, SIZE_MAX / 2);
	buf_init(&pieces.all, SIZE_MAX / 2);
	read_in_steps(&whole, page, n + 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		read_in_steps(&pieces, page, steps[i]);
		require(str_eq(buf_str(&whole.all), buf_str(&pieces.all)));
	}
	d = discover_page(&discover_defaults, page, STR("text/html"));
	if (d != NULL)
		note(&whole, d);
	discover_free(d);
	buf_clear(&whole.all);
	buf_clear(&pieces.all);
	return 0;
}
