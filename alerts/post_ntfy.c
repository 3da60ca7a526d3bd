/* SPDX-License-Identifier: ISC */
/*
 * ntfy, published as JSON (docs.ntfy.sh/publish): to the server's root, with
 * the topic in the body. What a server takes by default:
 *
 *	topic		1 to 64 of A-Z a-z 0-9 _ -
 *	message		under 4,096 bytes; what is longer becomes a file
 *	whole body	8,192 bytes, twice a message's
 *	priority	1 to 5, 3 where none is said; 5 rings
 *	tags		the names of emojis show as these
 *	rate		60 at once, then one in 5 s
 *
 * Title and message are plain text: markdown is read only where a message asks
 * for it.
 */
#include "alerts/post_table.h"

#include "alerts/post_address.h"
#include "alerts/post_json.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

/* Bytes. */
enum {
	MAX_TOPIC = 64,
	MAX_TITLE = 250,
	MAX_TEXT = 2000,
	MAX_NAME = 150,
	MAX_URL = 2000,
	MAX_META = 2 * MAX_NAME + 60,
	MAX_REST = 300
};

_Static_assert(MAX_TEXT + 1 + MAX_META < 4096, "a message");
_Static_assert(2 * (MAX_TITLE + MAX_TEXT + 1 + MAX_META) + MAX_URL +
    MAX_REST <= 8192, "a body with every quote and line end escaped");

static const struct post_style plain = { .unit = POST_BYTES };

static const struct {
	int		 priority;
	const char	*tag;
} levels[SEVERITY_COUNT] = {
	[SEVERITY_EMERG] = { 5, "rotating_light" },
	[SEVERITY_ALERT] = { 5, "rotating_light" },
	[SEVERITY_CRIT] = { 5, "rotating_light" },
	[SEVERITY_ERR] = { 4, "red_circle" },
	[SEVERITY_WARNING] = { 4, "warning" },
	[SEVERITY_NOTICE] = { 3, "newspaper" },
	[SEVERITY_INFO] = { 2, "information_source" },
	[SEVERITY_DEBUG] = { 1, "mag" }
};

static bool
is_topic(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') ||
		    (s.p[i] >= 'A' && s.p[i] <= 'Z') ||
		    (s.p[i] >= '0' && s.p[i] <= '9') ||
		    s.p[i] == '_' || s.p[i] == '-'))
			return false;
	return s.n > 0 && s.n <= MAX_TOPIC;
}

/* https://ntfy.sh/mytopic is https://ntfy.sh/ and mytopic. False: no topic. */
static bool
split_url(const char *url, struct str *root, struct str *topic)
{
	struct str s = str_from(url);
	size_t scheme = str_find_nocase(s, STR("://")), at;

	if (s.n > 0 && s.p[s.n - 1] == '/')
		s.n--;
	for (at = s.n; at > 0 && s.p[at - 1] != '/'; )
		at--;
	*root = str_sub(s, 0, at);
	*topic = str_sub(s, at, s.n);
	return at > scheme + 3 && is_topic(*topic);
}

static void
add_page(struct post_page *page)
{
	struct str root, topic;

	(void)split_url(page->settings->url, &root, &topic);	/* it is so */
	json_open_map(page->j);
	json_pair_str(page->j, "topic", topic);
	post_json_pair(page, "title", &plain, page->v.title, MAX_TITLE);
	post_json_pair_whole(page, "message", &plain, MAX_TEXT, MAX_NAME);
	json_pair_int(page->j, "priority", levels[page->v.severity].priority);
	json_key(page->j, "tags");
	json_open_array(page->j);
	json_cstr(page->j, levels[page->v.severity].tag);
	json_close_array(page->j);
	if (post_text_add_url(page->text, page->v.url, "", MAX_URL))
		post_json_pair_text(page, "click");
	json_close_map(page->j);
}

static int
ntfy_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	struct str root, topic;

	if (!split_url(settings->url, &root, &topic))
		return err_set(err, "an ntfy URL without a topic at its end, "
		    "1 to %d of A-Z a-z 0-9 _ - (https://ntfy.sh/mytopic, for "
		    "example)", MAX_TOPIC);
	if (settings->token.n > 0 && post_address_add_header(p,
	    "Authorization", "Bearer ", settings->token, err) == -1)
		return -1;
	if (post_json_write(p, m, settings, add_page, err) == -1)
		return -1;
	buf_reset(&p->url);
	buf_add_str(&p->url, root);
	return 0;
}

const struct post_format post_format_ntfy = {
	.name = "ntfy",
	.may = POST_TOKEN,
	.rate = 60,
	.rate_s = 300,
	.write = ntfy_write,
};
