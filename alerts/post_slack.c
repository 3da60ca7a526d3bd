/* SPDX-License-Identifier: ISC */
/*
 * Slack's incoming webhooks, in Block Kit. Texts go into rich_text elements and
 * plain_text objects: neither is read as mrkdwn, so that nothing needs an
 * escape and no mention, emoji or link can be written in a title. Only `text`,
 * which notifications show instead of blocks, is read for <!channel> and its
 * kin even without mrkdwn: there & < > are entities.
 *
 * A link that Slack cannot read costs the whole message: such an address stands
 * below the title as text.
 */
#include "alerts/post_table.h"

#include "alerts/post_address.h"
#include "alerts/post_json.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

enum {
	MAX_FALLBACK = 1000,
	MAX_TEXT = 3000,	/* of a text object; nothing says less here */
	MAX_TITLE = 1000,
	MAX_NAME = 200,
	MAX_URL = 3000,
	MAX_ODD_URL = 1000	/* as text */
};

static void
escape(struct buf *b, const struct post_char *c)
{
	char bytes[4];

	if (c->c == '&')
		buf_add_c(b, "&amp;");
	else if (c->c == '<')
		buf_add_c(b, "&lt;");
	else if (c->c == '>')
		buf_add_c(b, "&gt;");
	else
		buf_add(b, bytes, utf8_encode(c->c, bytes));
}

static const struct post_style plain = { .unit = POST_UTF16 };
static const struct post_style fallback = { .unit = POST_UTF16,
	.escape = escape };

static void
add_bold(struct json_out *j)
{
	json_key(j, "style");
	json_open_map(j);
	json_pair_bool(j, "bold", true);
	json_close_map(j);
}

static void
add_piece(struct str piece, bool is_hit, void *ctx)
{
	struct post_page *page = ctx;

	json_open_map(page->j);
	json_pair_str(page->j, "type", STR("text"));
	json_pair_str(page->j, "text", piece);
	if (is_hit)
		add_bold(page->j);
	json_close_map(page->j);
}

static void
open_section(struct json_out *j)
{
	json_open_map(j);
	json_pair_str(j, "type", STR("rich_text"));
	json_key(j, "elements");
	json_open_array(j);
	json_open_map(j);
	json_pair_str(j, "type", STR("rich_text_section"));
	json_key(j, "elements");
	json_open_array(j);
}

static void
close_section(struct json_out *j)
{
	json_close_array(j);
	json_close_map(j);
	json_close_array(j);
	json_close_map(j);
}

static void
add_title(struct post_page *page)
{
	struct json_out *j = page->j;
	bool link;

	open_section(j);
	json_open_map(j);
	buf_reset(page->text);
	link = post_address_add_link(page->text, page->v.url, MAX_URL);
	if (link) {
		json_pair_str(j, "type", STR("link"));
		post_json_pair_text(page, "url");
	} else
		json_pair_str(j, "type", STR("text"));
	post_json_pair(page, "text", &plain, page->v.title, MAX_TITLE);
	add_bold(j);
	json_close_map(j);
	if (!link && page->v.url.n > 0) {
		buf_add_char(page->text, '\n');
		(void)post_text_add_line(page->text, &plain, page->v.url,
		    MAX_ODD_URL);
		add_piece(buf_str(page->text), false, page);
		page->failed |= page->text->failed;
		buf_reset(page->text);
	}
	close_section(j);
}

static void
add_text(struct post_page *page)
{
	const struct post_source source = post_text_of(&page->v);

	buf_reset(page->text);
	if (post_text_add(page->text, &plain, &source, MAX_TEXT) == 0)
		return;
	open_section(page->j);
	post_text_split(buf_str(page->text), &source, add_piece, page);
	close_section(page->j);
	page->failed |= page->text->failed;
}

static void
add_meta(struct post_page *page)
{
	struct json_out *j = page->j;

	json_open_map(j);
	json_pair_str(j, "type", STR("context"));
	json_key(j, "elements");
	json_open_array(j);
	json_open_map(j);
	json_pair_str(j, "type", STR("plain_text"));
	json_pair_bool(j, "emoji", false);
	buf_reset(page->text);
	post_text_add_meta(page->text, &plain, &page->v, MAX_NAME);
	post_json_pair_text(page, "text");
	json_close_map(j);
	json_close_array(j);
	json_close_map(j);
}

static void
add_page(struct post_page *page)
{
	struct json_out *j = page->j;

	json_open_map(j);
	post_json_pair(page, "text", &fallback, page->v.title, MAX_FALLBACK);
	json_pair_bool(j, "mrkdwn", false);
	json_pair_str(j, "parse", STR("none"));
	json_pair_bool(j, "link_names", false);
	json_pair_bool(j, "unfurl_links", false);
	json_pair_bool(j, "unfurl_media", false);
	json_key(j, "blocks");
	json_open_array(j);
	add_title(page);
	add_text(page);
	add_meta(page);
	json_close_array(j);
	json_close_map(j);
}

static int
slack_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	return post_json_write(p, m, settings, add_page, err);
}

const struct post_format post_format_slack = {
	.name = "slack",
	.rate = 1,		/* docs.slack.dev/apis/web-api/rate-limits */
	.rate_s = 1,
	.write = slack_write,
};
