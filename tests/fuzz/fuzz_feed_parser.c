/* SPDX-License-Identifier: ISC */
/*
 * A feed from a stranger. Beside what the sanitizers see, it must read alike
 * whole and in pieces, and its items must be texts that others can take:
 * within the caps and plain text where they say so.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"
#include "feeds/feed_parser.h"
#include "feeds/markup.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { MAX_ITEM = 1 << 16 };

struct reading {
	struct buf	all;		/* what was read, as text */
	struct buf	plain;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
note(struct buf *b, struct str s)
{
	require(utf8_is_valid(s));
	buf_add_str(b, s);
	buf_add_char(b, '\n');
}

static void
note_text(struct reading *r, struct text t)
{
	buf_reset(&r->plain);
	markup_to_text(&r->plain, t);
	require(!r->plain.failed && r->plain.n <= 4 * t.s.n);
	note(&r->all, t.s);
	note(&r->all, buf_str(&r->plain));
}

static int
on_item(const struct item *it, void *ctx)
{
	struct reading *r = ctx;

	buf_addf(&r->all, "item %lld %lld\n", (long long)it->published,
	    (long long)it->updated);
	note(&r->all, it->id);
	note(&r->all, it->url);
	note(&r->all, it->title);
	note_text(r, it->summary);
	note_text(r, it->content);
	note(&r->all, it->language);
	for (size_t i = 0; i < it->n_authors; i++) {
		note(&r->all, it->authors[i].name);
		note(&r->all, it->authors[i].email);
		note(&r->all, it->authors[i].url);
	}
	for (size_t i = 0; i < it->n_tags; i++)
		note(&r->all, it->tags[i]);
	for (size_t i = 0; i < it->n_attachments; i++) {
		note(&r->all, it->attachments[i].url);
		note(&r->all, it->attachments[i].type);
	}
	return 0;
}

static void
note_feed(struct reading *r, const struct feed_info *f)
{
	note(&r->all, str_from(feed_format_word(f->format)));
	note(&r->all, f->encoding);
	note(&r->all, f->id);
	note(&r->all, f->title);
	note(&r->all, f->home_url);
	note(&r->all, f->self_url);
	note(&r->all, f->hub_url);
	note_text(r, f->description);
	note(&r->all, f->language);
	note(&r->all, f->rights);
	note(&r->all, f->generator);
	note(&r->all, f->icon_url);
	for (size_t i = 0; i < f->n_authors; i++)
		note(&r->all, f->authors[i].name);
}

static void
read_in_steps(struct reading *r, struct str doc, size_t step)
{
	static const struct feed_parser_ops ops = { on_item };
	const struct feed_parser_settings set = {
		.base_url = "http://fuzz.example/a/b",
		.max_document_bytes = 1 << 20,
		.max_item_bytes = MAX_ITEM,
		.max_depth = 32
	};
	struct feed_parser *p = feed_parser_new(&ops, r, &set);
	struct err err = { .msg = "" };
	const char *word;
	size_t times;

	if (p == NULL)
		return;
	buf_reset(&r->all);
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		if (feed_parser_push(p, piece.p, piece.n, &err) != 0)
			break;
	}
	buf_addf(&r->all, "end %d\n", (int)feed_parser_finish(p, &err));
	note(&r->all, str_from(err.msg));
	note_feed(r, feed_parser_info(p));
	for (size_t i = 0; (word = feed_parser_warning(p, i, &times)) != NULL;
	    i++)
		buf_addf(&r->all, "%s %zu\n", word, times);
	feed_parser_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str doc = { (const char *)data, n };
	static const size_t steps[] = { 1, 61, 1460 };
	struct reading whole, pieces;

	buf_init(&whole.all, SIZE_MAX / 2);
	buf_init(&whole.plain, SIZE_MAX / 2);
	buf_init(&pieces.all, SIZE_MAX / 2);
	buf_init(&pieces.plain, SIZE_MAX / 2);
	read_in_steps(&whole, doc, n + 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		read_in_steps(&pieces, doc, steps[i]);
		require(str_eq(buf_str(&whole.all), buf_str(&pieces.all)));
	}
	buf_clear(&whole.all);
	buf_clear(&whole.plain);
	buf_clear(&pieces.all);
	buf_clear(&pieces.plain);
	return 0;
}
