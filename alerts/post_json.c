/* SPDX-License-Identifier: ISC */
#include "alerts/post_json.h"

#include "alerts/post_text.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum { MAX_ARENA = 512 * 1024 };

void
post_json_pair_text(struct post_page *page, const char *key)
{
	json_pair_str(page->j, key, buf_str(page->text));
	page->failed |= page->text->failed;
	buf_reset(page->text);
}

void
post_json_pair(struct post_page *page, const char *key,
    const struct post_style *style, struct str text, size_t max)
{
	buf_reset(page->text);
	(void)post_text_add_line(page->text, style, text, max);
	post_json_pair_text(page, key);
}

void
post_json_pair_whole(struct post_page *page, const char *key,
    const struct post_style *style, size_t max_text, size_t max_name)
{
	const struct post_source source = post_text_of(&page->v);

	buf_reset(page->text);
	if (post_text_add(page->text, style, &source, max_text) > 0)
		buf_add_char(page->text, '\n');
	post_text_add_meta(page->text, style, &page->v, max_name);
	post_json_pair_text(page, key);
}

static int
write_page(struct buf *body, struct post_page *page, post_page_fn *fn)
{
	struct buf text;
	int rc;

	if ((page->j = json_out_new(body, false)) == NULL)
		return -1;
	buf_init(&text, POST_MAX_BODY);
	page->text = &text;
	fn(page);
	rc = json_out_finish(page->j);
	buf_clear(&text);
	return rc == 0 && !page->failed ? 0 : -1;
}

int
post_json_write(struct post *p, const struct message *m,
    const struct post_settings *settings, post_page_fn *fn, struct err *err)
{
	struct post_page page = { .m = m, .settings = settings };
	struct arena *arena;
	int rc = -1;

	if (settings->url == NULL)
		return err_set(err, "no URL");
	p->content_type = "application/json";
	buf_add_c(&p->url, settings->url);
	if ((arena = arena_new(MAX_ARENA)) != NULL &&
	    message_view(arena, m, &page.v) == 0)
		rc = write_page(&p->body, &page, fn);
	arena_free(arena);
	if (rc == -1 || p->url.failed || p->body.failed)
		return err_set(err, "writing a message: out of memory");
	return 0;
}
