/* SPDX-License-Identifier: ISC */
/*
 * JSON of a stranger, once event by event and once as a feed. It must read
 * alike whole and in pieces; texts must be UTF-8 without control characters,
 * and within the caps.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json_events.h"
#include "base/utf8.h"
#include "feeds/feed_parser.h"

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

enum { MAX_ITEM = 1 << 12, MAX_DEPTH = 16 };

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
note(struct buf *b, struct str s)
{
	require(utf8_is_valid(s) && s.n <= MAX_ITEM);
	for (size_t i = 0; i < s.n; i++)
		require((unsigned char)s.p[i] >= 0x20 || s.p[i] == '\t' ||
		    s.p[i] == '\n' || s.p[i] == '\r');
	buf_add_str(b, s);
	buf_add_char(b, '\n');
}

/* -- Events ---------------------------------------------------------------- */

struct listener {
	struct buf	*all;
	unsigned	 depth;
};

static enum json_want
on_event(const struct json_event *e, void *ctx)
{
	struct listener *l = ctx;

	if (e->kind == JSON_MAP_BEGIN || e->kind == JSON_ARRAY_BEGIN)
		require(l->depth++ < MAX_DEPTH);
	if (e->kind == JSON_MAP_END || e->kind == JSON_ARRAY_END)
		require(l->depth-- > 0);
	buf_addf(l->all, "%d %d %d %lld %g\n", (int)e->kind, e->truth,
	    e->is_whole, (long long)e->whole, e->value);
	note(l->all, e->text);
	return e->kind == JSON_KEY && str_starts(e->text, STR("_")) ?
	    JSON_SKIP : JSON_GO_ON;
}

static void
read_events(struct buf *all, struct str doc, size_t step)
{
	struct listener l = { .all = all };
	struct json_events *r = json_events_new(on_event, &l, MAX_DEPTH,
	    MAX_ITEM);
	enum json_events_state state = JSON_EVENTS_MORE;
	const struct json_mends *m;
	struct err err = { .msg = "" };

	if (r == NULL)
		return;
	for (size_t at = 0; at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		state = json_events_push(r, piece.p, piece.n, &err);
	}
	state = json_events_finish(r, &err);
	m = json_events_mends(r);
	require(state != JSON_EVENTS_STOPPED);
	require(state != JSON_EVENTS_DONE || l.depth == 0);
	buf_addf(all, "state %d %zu %zu %zu %zu %s\n", (int)state,
	    m->control_characters, m->bad_utf8, m->bad_escapes,
	    m->stray_commas, err.msg);
	json_events_free(r);
}

/* -- Items ----------------------------------------------------------------- */

static int
on_item(const struct item *it, void *ctx)
{
	struct buf *b = ctx;

	buf_addf(b, "item %lld %lld\n", (long long)it->published,
	    (long long)it->updated);
	note(b, it->id);
	note(b, it->url);
	note(b, it->title);
	note(b, it->summary.s);
	note(b, it->content.s);
	note(b, it->language);
	for (size_t i = 0; i < it->n_authors; i++) {
		note(b, it->authors[i].name);
		note(b, it->authors[i].email);
		note(b, it->authors[i].url);
	}
	for (size_t i = 0; i < it->n_tags; i++)
		note(b, it->tags[i]);
	for (size_t i = 0; i < it->n_attachments; i++) {
		note(b, it->attachments[i].url);
		note(b, it->attachments[i].type);
		require(it->attachments[i].bytes >= 0);
	}
	return 0;
}

static void
note_feed(struct buf *b, const struct feed_info *f)
{
	note(b, str_from(feed_format_word(f->format)));
	note(b, f->title);
	note(b, f->home_url);
	note(b, f->self_url);
	note(b, f->hub_url);
	note(b, f->description.s);
	note(b, f->language);
	note(b, f->icon_url);
	for (size_t i = 0; i < f->n_authors; i++)
		note(b, f->authors[i].name);
}

/* The document begins with a brace, or it would be taken for XML. */
static void
read_feed(struct buf *all, struct str doc, size_t step)
{
	static const struct feed_parser_ops ops = { on_item };
	const struct feed_parser_settings set = {
		.base_url = "http://fuzz.example/a/b",
		.content_type = STR("application/feed+json; charset=utf-8"),
		.max_document_bytes = 1 << 20,
		.max_item_bytes = MAX_ITEM,
		.max_depth = MAX_DEPTH
	};
	struct feed_parser *p = feed_parser_new(&ops, all, &set);
	struct err err = { .msg = "" };
	const char *word;
	size_t times;
	int rc;

	if (p == NULL)
		return;
	rc = feed_parser_push(p, "{", 1, &err);
	for (size_t at = 0; rc == 0 && at < doc.n; at += step) {
		struct str piece = str_sub(doc, at, step);

		rc = feed_parser_push(p, piece.p, piece.n, &err);
	}
	buf_addf(all, "end %d\n", (int)feed_parser_finish(p, &err));
	buf_add_c(all, err.msg);
	note_feed(all, feed_parser_info(p));
	for (size_t i = 0; (word = feed_parser_warning(p, i, &times)) != NULL;
	    i++)
		buf_addf(all, "%s %zu\n", word, times);
	feed_parser_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str doc = { (const char *)data, n };
	static const size_t steps[] = { 1, 61, 1460 };
	struct buf whole, pieces;

	if (n > 0 && doc.p[0] == '{')
		doc = str_sub(doc, 1, n);
	buf_init(&whole, SIZE_MAX / 2);
	buf_init(&pieces, SIZE_MAX / 2);
	read_events(&whole, (struct str){ (const char *)data, n }, n + 1);
	read_feed(&whole, doc, n + 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		buf_reset(&pieces);
		read_events(&pieces, (struct str){ (const char *)data, n },
		    steps[i]);
		read_feed(&pieces, doc, steps[i]);
		require(str_eq(buf_str(&whole), buf_str(&pieces)));
	}
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
