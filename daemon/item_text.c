/* SPDX-License-Identifier: ISC */
/* Two markups to text and two lists to lines, in buffers used again. */
#include "daemon/item_text.h"

#include "feeds/markup.h"

enum { ITEM_TEXT_MAX = 32 << 20 };

void
item_text_init(struct item_text *t)
{
	buf_init(&t->summary, ITEM_TEXT_MAX);
	buf_init(&t->content, ITEM_TEXT_MAX);
	buf_init(&t->authors, ITEM_TEXT_MAX);
	buf_init(&t->tags, ITEM_TEXT_MAX);
}

void
item_text_clear(struct item_text *t)
{
	buf_clear(&t->summary);
	buf_clear(&t->content);
	buf_clear(&t->authors);
	buf_clear(&t->tags);
}

static void
add_line(struct buf *b, struct str s)
{
	if (s.n == 0)
		return;
	if (b->n > 0)
		buf_add_char(b, '\n');
	buf_add_str(b, s);
}

static struct str
read_text(struct buf *b, struct text t)
{
	if (t.kind == TEXT_PLAIN)
		return str_trim(t.s);
	markup_to_text(b, t);
	return buf_str(b);
}

struct str
item_text_author(const struct item_person *p)
{
	return p->name.n > 0 ? p->name : p->email;
}

int
item_text_fill(struct item_text *t, const struct item *it,
    struct document *doc)
{
	buf_reset(&t->summary);
	buf_reset(&t->content);
	buf_reset(&t->authors);
	buf_reset(&t->tags);
	for (size_t i = 0; i < it->n_authors; i++)
		add_line(&t->authors, item_text_author(&it->authors[i]));
	for (size_t i = 0; i < it->n_tags; i++)
		add_line(&t->tags, it->tags[i]);
	doc->text[FIELD_TITLE] = it->title;
	doc->text[FIELD_SUMMARY] = read_text(&t->summary, it->summary);
	doc->text[FIELD_CONTENT] = read_text(&t->content, it->content);
	doc->text[FIELD_AUTHOR] = buf_str(&t->authors);
	doc->text[FIELD_TAG] = buf_str(&t->tags);
	doc->text[FIELD_URL] = it->url;
	return t->summary.failed || t->content.failed || t->authors.failed ||
	    t->tags.failed ? -1 : 0;
}
