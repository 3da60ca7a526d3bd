/* SPDX-License-Identifier: ISC */
/*
 * Discord's webhooks: one embed, with no mention allowed. Title and description
 * are read as markdown, where a backslash takes the meaning from any character
 * that is no letter, digit or space; the footer is not read so.
 *
 * A URL that Discord cannot read costs the whole message: such an address is a
 * field of its own, as text.
 */
#include "alerts/post_table.h"

#include <string.h>

#include "alerts/post_address.h"
#include "alerts/post_json.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

enum {
	MAX_TITLE = 256,	/* the embed's limits; 6000 for all together */
	MAX_DESCRIPTION = 4096,
	MAX_NAME = 200,
	MAX_URL = 2048,
	MAX_ODD_URL = 1000	/* as text; of a field's 1024 */
};

_Static_assert(MAX_TITLE + MAX_DESCRIPTION + MAX_ODD_URL + 2 * MAX_NAME + 100 <=
    6000, "title, description, field and footer of one embed");

/* A colon alone is none of an emoji, a time or a link. */
static bool
is_markup(const struct post_char *c)
{
	if (c->c >= 0x80 || c->c == 0)
		return false;
	if (c->c == ':')
		return c->next != ' ' && c->next != 0;
	return strchr("\\`*_~|<>@[]", (int)c->c) != NULL ||
	    (c->at_start && strchr("#-+.)", (int)c->c) != NULL);
}

static void
escape(struct buf *b, const struct post_char *c)
{
	char bytes[4];

	if (is_markup(c))
		buf_add_char(b, '\\');
	buf_add(b, bytes, utf8_encode(c->c, bytes));
}

static const struct post_style plain = { .unit = POST_UTF16 };
static const struct post_style markdown = { .unit = POST_UTF16,
	.escape = escape, .hit = "**", .hit_end = "**" };

static void
add_odd_url(struct post_page *page)
{
	struct json_out *j = page->j;

	json_key(j, "fields");
	json_open_array(j);
	json_open_map(j);
	json_pair_str(j, "name", STR("URL"));
	post_json_pair(page, "value", &markdown, page->v.url, MAX_ODD_URL);
	json_close_map(j);
	json_close_array(j);
}

static void
add_embed(struct post_page *page)
{
	const struct post_source source = post_text_of(&page->v);
	struct json_out *j = page->j;

	post_json_pair(page, "title", &markdown, page->v.title, MAX_TITLE);
	if (post_address_add_link(page->text, page->v.url, MAX_URL))
		post_json_pair_text(page, "url");
	else if (page->v.url.n > 0)
		add_odd_url(page);
	if (post_text_add(page->text, &markdown, &source,
	    MAX_DESCRIPTION) > 0)
		post_json_pair_text(page, "description");
	json_pair_int(j, "color", post_text_colour(page->v.severity));
	json_key(j, "footer");
	json_open_map(j);
	post_text_add_meta(page->text, &plain, &page->v, MAX_NAME);
	post_json_pair_text(page, "text");
	json_close_map(j);
}

static void
add_page(struct post_page *page)
{
	struct json_out *j = page->j;

	json_open_map(j);
	json_key(j, "allowed_mentions");
	json_open_map(j);
	json_key(j, "parse");
	json_open_array(j);
	json_close_array(j);
	json_close_map(j);
	json_key(j, "embeds");
	json_open_array(j);
	json_open_map(j);
	add_embed(page);
	json_close_map(j);
	json_close_array(j);
	json_close_map(j);
}

static int
discord_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	return post_json_write(p, m, settings, add_page, err);
}

const struct post_format post_format_discord = {
	.name = "discord",
	.rate = 30,		/* a webhook's messages in a minute */
	.rate_s = 60,
	.write = discord_write,
};
