/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_FEED_SHOWN_H
#define HEADLINED_TESTS_FEED_SHOWN_H

/*
 * What a feed parser gives, as lines of text that a test can compare: its
 * items, what it says of the feed, how it ended and what was mended. Include
 * it once, behind cmocka.h, with FEED_SHOWN_BASE defined: a base that is not
 * worth a line.
 */

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "feeds/feed_parser.h"

static void
show(struct buf *b, const char *name, struct str s)
{
	if (s.n > 0)
		buf_addf(b, "%s=%.*s\n", name, STR_ARG(s));
}

static void
show_text(struct buf *b, const char *name, struct text t)
{
	static const char *const kinds[] = { "none", "plain", "html" };

	if (t.s.n > 0)
		buf_addf(b, "%s(%s)=%.*s\n", name, kinds[t.kind],
		    STR_ARG(t.s));
	if (t.s.n > 0 && !str_eq_c(t.base, FEED_SHOWN_BASE))
		show(b, "base", t.base);
}

static void
show_number(struct buf *b, const char *name, int64_t v, int64_t absent)
{
	if (v != absent)
		buf_addf(b, "%s=%lld\n", name, (long long)v);
}

static void
show_people(struct buf *b, const struct item_person *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "author=%.*s|%.*s|%.*s\n", STR_ARG(p[i].name),
		    STR_ARG(p[i].email), STR_ARG(p[i].url));
}

static int
show_item(const struct item *it, void *ctx)
{
	struct buf *b = ctx;

	buf_add_c(b, "item\n");
	show(b, "id", it->id);
	show(b, "url", it->url);
	show(b, "title", it->title);
	show_text(b, "summary", it->summary);
	show_text(b, "content", it->content);
	show(b, "lang", it->language);
	show_number(b, "published", it->published, ITEM_NO_TIME);
	show_number(b, "updated", it->updated, ITEM_NO_TIME);
	if (it->in_future)
		buf_add_c(b, "in future\n");
	show_people(b, it->authors, it->n_authors);
	for (size_t i = 0; i < it->n_tags; i++)
		show(b, "tag", it->tags[i]);
	for (size_t i = 0; i < it->n_attachments; i++)
		buf_addf(b, "file=%.*s|%.*s|%lld\n",
		    STR_ARG(it->attachments[i].url),
		    STR_ARG(it->attachments[i].type),
		    (long long)it->attachments[i].bytes);
	return 0;
}

static void
show_feed(struct buf *b, const struct feed_info *f)
{
	buf_addf(b, "feed %s\n", feed_format_word(f->format));
	show(b, "encoding", f->encoding);
	show(b, "id", f->id);
	show(b, "title", f->title);
	show(b, "home", f->home_url);
	show(b, "self", f->self_url);
	show(b, "hub", f->hub_url);
	show_text(b, "description", f->description);
	show(b, "lang", f->language);
	show(b, "rights", f->rights);
	show(b, "generator", f->generator);
	show(b, "icon", f->icon_url);
	show_number(b, "published", f->published, ITEM_NO_TIME);
	show_number(b, "updated", f->updated, ITEM_NO_TIME);
	show_number(b, "ttl", f->ttl_minutes, 0);
	show_number(b, "sy", f->sy_period_s, 0);
	show_number(b, "hours", f->skip_hours, 0);
	show_number(b, "days", f->skip_days, 0);
	show_people(b, f->authors, f->n_authors);
}

static void
show_end(struct buf *b, const struct feed_parser *p, enum feed_end end,
    const struct err *err)
{
	static const char *const ends[] = {
		"complete", "truncated", "not a feed", "failed"
	};
	const char *word;
	size_t times;

	buf_addf(b, "end %s", ends[end]);
	if (end == FEED_END_NOT_A_FEED || end == FEED_END_FAILED)
		buf_addf(b, ": %s", err->msg);
	buf_add_char(b, '\n');
	for (size_t i = 0; (word = feed_parser_warning(p, i, &times)) != NULL;
	    i++)
		buf_addf(b, "warning %s %zu\n", word, times);
}

enum show { SHOW_ITEMS = 1, SHOW_FEED = 2, SHOW_END = 4, SHOW_ALL = 7 };

/* Reads a document in pieces of `step` bytes; what is shown goes to out. */
static void
read_document(struct str doc, size_t step,
    const struct feed_parser_settings *set, int what, struct buf *out)
{
	static const struct feed_parser_ops ops = { show_item };
	struct err err = { .msg = "" };
	struct buf sink;
	struct feed_parser *p;
	enum feed_end end;

	buf_init(&sink, SIZE_MAX / 2);
	p = feed_parser_new(&ops, what & SHOW_ITEMS ? out : &sink, set);
	assert_non_null(p);
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		if (feed_parser_push(p, piece.p, piece.n, &err) != 0)
			break;
	}
	end = feed_parser_finish(p, &err);
	if (what & SHOW_FEED)
		show_feed(out, feed_parser_info(p));
	if (what & SHOW_END)
		show_end(out, p, end, &err);
	feed_parser_free(p);
	buf_clear(&sink);
}

#endif
