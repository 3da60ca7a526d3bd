/* SPDX-License-Identifier: ISC */
/*
 * Telegram's sendMessage (core.telegram.org/bots/api, with its HTML style), at
 * URL/botTOKEN/sendMessage.
 *
 *	text		1 to 4,096 UTF-16 units once markup and entities are
 *			read; a link's address does not count
 *	rate		20 a minute in a group, one a second in a chat
 *
 * It makes links of bare addresses, @names, #tags, $TAGS and /commands, too: in
 * a text from a feed a U+200B stands behind what such a thing begins with or is
 * held together by, so that it shows as it stands and leads nowhere. The title
 * is the one link, to the item; an address that Telegram might not read stands
 * below it as text.
 */
#include "alerts/post_table.h"

#include <string.h>

#include "alerts/post_address.h"
#include "alerts/post_json.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/utf8.h"

#define BREAK	"\xe2\x80\x8b"		/* U+200B */

/* UTF-16 units as they are written, which are more than are shown. */
enum {
	MAX_TITLE = 900,
	MAX_TEXT = 2200,
	MAX_NAME = 250,
	MAX_ODD_URL = 300,
	MAX_URL = 2048,		/* bytes */
	MAX_TOKEN = 256,
	MAX_CHAT = 64
};

_Static_assert(MAX_TITLE + MAX_TEXT + MAX_ODD_URL + 2 * MAX_NAME + 100 <=
    4096, "a text");

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
	if (c->c < 0x80 && memchr("@#$/.:", (int)c->c, 6) != NULL &&
	    c->next != ' ' && c->next != 0)
		buf_add_c(b, BREAK);
}

static const struct post_style html = { .unit = POST_UTF16,
	.escape = escape, .hit = "<b>", .hit_end = "</b>" };

/* In an address that has no quotes or brackets. */
static void
add_attribute(struct buf *b, struct str url)
{
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] == '&')
			buf_add_c(b, "&amp;");
		else
			buf_add_char(b, url.p[i]);
}

static void
add_title(struct post_page *page)
{
	struct buf url;
	bool link;

	buf_init(&url, MAX_URL + 4);
	link = post_address_add_link(&url, page->v.url, MAX_URL);
	buf_add_c(page->text, "<b>");
	if (link) {
		buf_add_c(page->text, "<a href=\"");
		add_attribute(page->text, buf_str(&url));
		buf_add_c(page->text, "\">");
	}
	(void)post_text_add_line(page->text, &html, page->v.title, MAX_TITLE);
	buf_add_c(page->text, link ? "</a></b>\n" : "</b>\n");
	if (!link && page->v.url.n > 0) {
		(void)post_text_add_line(page->text, &html, page->v.url,
		    MAX_ODD_URL);
		buf_add_char(page->text, '\n');
	}
	buf_clear(&url);
}

static void
add_page(struct post_page *page)
{
	const struct post_source text = post_text_of(&page->v);

	json_open_map(page->j);
	json_pair_str(page->j, "chat_id", str_from(page->settings->chat));
	json_pair_str(page->j, "parse_mode", STR("HTML"));
	json_key(page->j, "link_preview_options");
	json_open_map(page->j);
	json_pair_bool(page->j, "is_disabled", true);
	json_close_map(page->j);
	add_title(page);
	if (post_text_add(page->text, &html, &text, MAX_TEXT) > 0)
		buf_add_char(page->text, '\n');
	buf_add_c(page->text, "<i>");
	post_text_add_meta(page->text, &html, &page->v, MAX_NAME);
	buf_add_c(page->text, "</i>");
	post_json_pair_text(page, "text");
	json_close_map(page->j);
}

/* "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11" goes into the path. */
static bool
is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') ||
		    (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
		    (s.p[i] >= '0' && s.p[i] <= '9') ||
		    s.p[i] == '_' || s.p[i] == '-' || s.p[i] == ':'))
			return false;
	return s.n > 0 && s.n <= MAX_TOKEN && memchr(s.p, ':', s.n) != NULL;
}

static int
check_settings(const struct post_settings *s, struct err *err)
{
	if (!is_token(s->token))
		return err_set(err, "no token of a Telegram bot (a number, a "
		    "colon and letters, as BotFather gave it)");
	if (s->chat == NULL || *s->chat == '\0' || strlen(s->chat) > MAX_CHAT)
		return err_set(err, "no chat (a number or @channel)");
	return 0;
}

static int
telegram_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	if (check_settings(settings, err) == -1 ||
	    post_json_write(p, m, settings, add_page, err) == -1 ||
	    post_address_set(p, settings->url, "", err) == -1)
		return -1;
	buf_add_c(&p->url, "/bot");
	buf_add_str(&p->url, settings->token);
	buf_add_c(&p->url, "/sendMessage");
	return p->url.failed ? err_set(err, "a URL: out of memory") : 0;
}

const struct post_format post_format_telegram = {
	.name = "telegram",
	.needs = POST_TOKEN | POST_CHAT,
	.may = POST_TOKEN | POST_CHAT,
	.default_url = "https://api.telegram.org",
	.rate = 20,
	.rate_s = 60,
	.write = telegram_write,
};
