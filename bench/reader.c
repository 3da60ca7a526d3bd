/* SPDX-License-Identifier: ISC */
#include "bench/reader.h"

#include "base/err.h"

void
reader_init(struct reader *r)
{
	*r = (struct reader){ .settings = feed_parser_defaults,
		.chunk = READER_CHUNK };
	r->settings.base_url = "https://news.example.com/feed";
	r->settings.content_type = STR("text/xml");
	item_text_init(&r->text);
}

void
reader_clear(struct reader *r)
{
	item_text_clear(&r->text);
}

static int
on_item(const struct item *it, void *ctx)
{
	struct reader *r = ctx;
	struct document doc = { .age_s = 0 };

	if (item_text_fill(&r->text, it, &doc) == -1)
		return -1;
	r->items++;
	for (int f = 0; f < FIELD_COUNT; f++)
		r->text_bytes += (int64_t)doc.text[f].n;
	return 0;
}

enum feed_end
reader_read(struct reader *r, struct str s, struct err *err)
{
	static const struct feed_parser_ops ops = { .on_item = on_item };
	struct feed_parser *fp = feed_parser_new(&ops, r, &r->settings);
	enum feed_end end;

	if (fp == NULL) {
		err_set(err, "out of memory");
		return FEED_END_FAILED;
	}
	for (size_t at = 0; at < s.n; at += r->chunk) {
		struct str chunk = str_sub(s, at, r->chunk);

		if (feed_parser_push(fp, chunk.p, chunk.n, err) == -1)
			break;		/* finish says it again */
	}
	end = feed_parser_finish(fp, err);
	feed_parser_free(fp);
	return end;
}
