/* SPDX-License-Identifier: ISC */
/*
 * Mattermost's incoming webhooks: one attachment, whose text is markdown.
 *
 * A backslash hides a character from the markdown but not from what is read
 * after it: @mentions, ~channels, #hashtags and :emoji: are looked for in the
 * text that is left. Behind these signs stands U+200B. And before all that,
 * <!channel> and <url|text> are read as Slack does: & < > are entities.
 */
#include "alerts/post_table.h"

#include <string.h>

#include "alerts/post_json.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

#define BREAK	"\xe2\x80\x8b"		/* U+200B */

enum {
	MAX_TITLE = 1000,
	MAX_TEXT = 3000,
	MAX_NAME = 200,
	MAX_URL = 2048
};

static bool
is_letter(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c >= 0x80;
}

/* Those that markdown has no backslash for, or that are read before it. */
static const char *
find_entity(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '$':			/* formulas */
		return "&#36;";
	case '=':			/* under a line: it is a heading */
		return "&#61;";
	default:
		return NULL;
	}
}

static bool
needs_backslash(const struct post_char *c)
{
	if (c->c >= 0x80 || c->c == 0)
		return false;
	if (c->c == '.')		/* www.example.com */
		return c->at_start || is_letter(c->next);
	return strchr("\\`*_{}[]|~#", (int)c->c) != NULL ||
	    (c->at_start && strchr("-+)", (int)c->c) != NULL);
}

static bool
needs_break(const struct post_char *c)
{
	if (c->c == '@' || c->c == '~' || c->c == '#')
		return true;
	return c->c == ':' && c->next != ' ' && c->next != 0;
}

static void
escape(struct buf *b, const struct post_char *c)
{
	const char *entity = find_entity(c->c);
	char bytes[4];

	if (entity != NULL) {
		buf_add_c(b, entity);
		return;
	}
	if (needs_backslash(c))
		buf_add_char(b, '\\');
	buf_add(b, bytes, utf8_encode(c->c, bytes));
	if (needs_break(c))
		buf_add_c(b, BREAK);
}

static const struct post_style markdown = { .unit = POST_CHARACTERS,
	.escape = escape, .hit = "**", .hit_end = "**" };

/* What markdown or Slack's ways could see in an address. */
static const char not_in_urls[] = "()[]*_~@!'$;";

static void
add_title(struct post_page *page)
{
	struct buf *b = page->text;
	size_t before = b->n;

	buf_add_c(b, "[");
	(void)post_text_add_line(b, &markdown, page->v.title, MAX_TITLE);
	buf_add_c(b, "](");
	if (post_text_add_url(b, page->v.url, not_in_urls, MAX_URL)) {
		buf_add_c(b, ")");
		return;
	}
	b->n = before;
	buf_add_c(b, "**");
	(void)post_text_add_line(b, &markdown, page->v.title, MAX_TITLE);
	buf_add_c(b, "**");
}

static void
add_text(struct post_page *page)
{
	const struct post_source source = post_text_of(&page->v);
	struct buf *b = page->text;

	buf_reset(b);
	add_title(page);
	if (page->v.text.n > 0) {
		buf_add_char(b, '\n');
		(void)post_text_add(b, &markdown, &source, MAX_TEXT);
	}
	buf_add_char(b, '\n');
	post_text_add_meta(b, &markdown, &page->v, MAX_NAME);
	post_json_pair_text(page, "text");
}

static void
add_page(struct post_page *page)
{
	struct json_out *j = page->j;

	json_open_map(j);
	json_key(j, "attachments");
	json_open_array(j);
	json_open_map(j);
	post_json_pair(page, "fallback", &markdown, page->v.title, MAX_TITLE);
	buf_addf(page->text, "#%06X", post_text_colour(page->v.severity));
	post_json_pair_text(page, "color");
	add_text(page);
	json_close_map(j);
	json_close_array(j);
	json_close_map(j);
}

static int
mattermost_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	return post_json_write(p, m, settings, add_page, err);
}

const struct post_format post_format_mattermost = {
	.name = "mattermost",
	.write = mattermost_write,
};
