/* SPDX-License-Identifier: ISC */
/*
 * Gotify's POST /message (gotify.net/api-docs, gotify.net/docs/msgextras), with
 * an application's token in X-Gotify-Key.
 *
 *	message		must not be empty
 *	priority	0 to 10: an app makes a sound from 4 on, and shows it
 *			over all else from 8 on
 *	extras		client::display says that it is plain text, not
 *			markdown; client::notification what a tap opens
 *
 * The server sets no limits of length: these are for who reads it.
 */
#include "alerts/post_table.h"

#include "alerts/post_address.h"
#include "alerts/post_json.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/json.h"

enum { MAX_TITLE = 250, MAX_TEXT = 4000, MAX_NAME = 200, MAX_URL = 2048 };

static const struct post_style plain = { .unit = POST_BYTES };

static const int priorities[SEVERITY_COUNT] = {
	[SEVERITY_EMERG] = 10, [SEVERITY_ALERT] = 9, [SEVERITY_CRIT] = 8,
	[SEVERITY_ERR] = 7, [SEVERITY_WARNING] = 6, [SEVERITY_NOTICE] = 4,
	[SEVERITY_INFO] = 2, [SEVERITY_DEBUG] = 1
};

static void
add_click(struct post_page *page)
{
	if (!post_text_add_url(page->text, page->v.url, "", MAX_URL))
		return;
	json_key(page->j, "client::notification");
	json_open_map(page->j);
	json_key(page->j, "click");
	json_open_map(page->j);
	post_json_pair_text(page, "url");
	json_close_map(page->j);
	json_close_map(page->j);
}

static void
add_page(struct post_page *page)
{
	json_open_map(page->j);
	post_json_pair(page, "title", &plain, page->v.title, MAX_TITLE);
	post_json_pair_whole(page, "message", &plain, MAX_TEXT, MAX_NAME);
	json_pair_int(page->j, "priority", priorities[page->v.severity]);
	json_key(page->j, "extras");
	json_open_map(page->j);
	json_key(page->j, "client::display");
	json_open_map(page->j);
	json_pair_str(page->j, "contentType", STR("text/plain"));
	json_close_map(page->j);
	add_click(page);
	json_close_map(page->j);
	json_close_map(page->j);
}

static int
gotify_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	if (post_json_write(p, m, settings, add_page, err) == -1 ||
	    post_address_set(p, settings->url, "/message", err) == -1)
		return -1;
	return post_address_add_header(p, "X-Gotify-Key", "",
	    settings->token, err);
}

const struct post_format post_format_gotify = {
	.name = "gotify",
	.needs = POST_TOKEN,
	.may = POST_TOKEN,
	.write = gotify_write,
};
