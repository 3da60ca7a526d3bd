/* SPDX-License-Identifier: ISC */
/*
 * A document in some charset; its first byte chooses what the header says of
 * it. It must read alike whole and in pieces; what was converted must be
 * UTF-8, what was not must be what came in; and no '<' may be lost, for a tag
 * begins there.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "feeds/charset.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char *const headers[] = {
	"", "text/xml", "application/atom+xml", "text/xml; charset=utf-8",
	"application/xml; charset=iso-8859-1", "text/plain; charset=us-ascii",
	"text/xml; charset=utf-16", "application/rss+xml; charset=x-none",
	"text/xml; charset=gb2312", "text/xml; charset=euc-jp",
	"text/xml; charset='Shift_JIS'", "text/xml; charset=\"big5\"",
	"text/xml; charset=iso-2022-jp", "text/xml; charset=johab",
	"text/xml; charset=tcvn", "text/xml; charset=koi8-r"
};

struct reading {
	struct buf	 out;
	char		 name[64];
	bool		 is_guess;
	size_t		 n_bad;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static int
gather(const char *p, size_t n, void *ctx)
{
	buf_add(ctx, p, n);
	return 0;
}

static void
read_in_steps(struct reading *r, const char *header, struct str doc,
    size_t step)
{
	struct charset *c;
	struct str name;

	buf_reset(&r->out);
	c = charset_new(str_from(header), gather, &r->out);
	require(c != NULL);
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		require(charset_push(c, piece.p, piece.n) == 0);
	}
	require(charset_finish(c) == 0 && !r->out.failed);
	name = str_from(charset_name(c));
	require(name.n > 0 && name.n < sizeof(r->name));
	memcpy(r->name, name.p, name.n + 1);
	r->is_guess = charset_is_guess(c);
	r->n_bad = charset_n_bad(c);
	charset_free(c);
}

static size_t
count_tags(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '<';
	return n;
}

/* Its characters may have the byte of '<' in them. */
static bool
may_hide_tags(struct str name)
{
	static const char *const hide[] = {
		"utf-16", "utf-32", "iso-2022", "johab", "cp1361", "mscp1361"
	};

	for (size_t i = 0; i < sizeof(hide) / sizeof(hide[0]); i++)
		if (str_starts(name, str_from(hide[i])))
			return true;
	return false;
}

static void
check(const struct reading *r, struct str doc)
{
	struct str out = buf_str(&r->out), name = str_from(r->name);

	if (r->is_guess || str_eq_c(name, "utf-8")) {
		require(out.n <= doc.n && doc.n - out.n <= 3);
		require(str_eq(out, str_sub(doc, doc.n - out.n, out.n)));
		require(r->n_bad == 0);
	} else {
		require(utf8_is_valid(out));
	}
	if (!may_hide_tags(name))
		require(count_tags(out) >= count_tags(doc));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const size_t steps[] = { 1, 7, 1460 };
	const char *header;
	struct reading whole, pieces;
	struct str doc;

	if (n == 0)
		return 0;
	header = headers[data[0] % (sizeof(headers) / sizeof(headers[0]))];
	doc = (struct str){ (const char *)data + 1, n - 1 };
	buf_init(&whole.out, SIZE_MAX / 2);
	buf_init(&pieces.out, SIZE_MAX / 2);
	read_in_steps(&whole, header, doc, n);
	check(&whole, doc);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		read_in_steps(&pieces, header, doc, steps[i]);
		require(str_eq(buf_str(&whole.out), buf_str(&pieces.out)));
		require(str_eq_c(str_from(whole.name), pieces.name));
		require(whole.is_guess == pieces.is_guess);
		require(whole.n_bad == pieces.n_bad);
	}
	buf_clear(&whole.out);
	buf_clear(&pieces.out);
	return 0;
}
