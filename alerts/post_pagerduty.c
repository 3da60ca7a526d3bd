/* SPDX-License-Identifier: ISC */
/*
 * PagerDuty's Events API v2 (developer.pagerduty.com, "Send an alert event").
 *
 *	routing_key	the integration's key
 *	event_action	trigger, or resolve by the same dedup_key
 *	dedup_key	at most 255 characters
 *	payload		summary (at most 1,024 characters), source, severity
 *			(critical, error, warning, info), timestamp
 *	rate		120 a minute for one integration
 *
 * An alert's key is its id, so that a repeat opens nothing new. A notice's is
 * made of what it is about: the one that says it is over resolves the one that
 * said it began. Texts are plain.
 */
#include "alerts/post_table.h"

#include "alerts/post_address.h"
#include "alerts/post_json.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum {
	MAX_SUMMARY = 1024,
	MAX_WORD = 255,
	MAX_TEXT = 4000,
	MAX_URL = 2048
};

static const struct post_style plain = { .unit = POST_UTF16 };

static const char *const severities[SEVERITY_COUNT] = {
	[SEVERITY_EMERG] = "critical", [SEVERITY_ALERT] = "critical",
	[SEVERITY_CRIT] = "critical", [SEVERITY_ERR] = "error",
	[SEVERITY_WARNING] = "warning", [SEVERITY_NOTICE] = "info",
	[SEVERITY_INFO] = "info", [SEVERITY_DEBUG] = "info"
};

static void
add_action(struct post_page *page)
{
	const struct message *m = page->m;
	bool over = m->kind == MESSAGE_NOTICE && m->notice.over;
	char key[ALERT_ID_SIZE];

	json_pair_str(page->j, "event_action", over ? STR("resolve") :
	    STR("trigger"));
	if (m->kind != MESSAGE_NOTICE) {
		post_json_pair(page, "dedup_key", &plain, page->v.id,
		    MAX_WORD);
		return;
	}
	alert_hash_id((const struct str[]){ STR("pagerduty"),
	    m->notice.instance, m->notice.condition, m->notice.about }, 4, key);
	json_pair_str(page->j, "dedup_key", str_from(key));
}

static void
add_details(struct post_page *page)
{
	json_key(page->j, "custom_details");
	json_open_map(page->j);
	post_json_pair_whole(page, "text", &plain, MAX_TEXT, MAX_WORD);
	post_json_pair(page, "id", &plain, page->v.id, MAX_WORD);
	if (post_text_add_url(page->text, page->v.url, "", MAX_URL))
		post_json_pair_text(page, "url");
	json_close_map(page->j);
}

static void
add_payload(struct post_page *page)
{
	const struct message_view *v = &page->v;

	json_key(page->j, "payload");
	json_open_map(page->j);
	post_json_pair(page, "summary", &plain, v->title, MAX_SUMMARY);
	post_json_pair(page, "source", &plain, v->source.n > 0 ? v->source :
	    STR("headlined"), MAX_WORD);
	json_pair_str(page->j, "severity", str_from(severities[v->severity]));
	json_pair_time(page->j, "timestamp", v->time_s);
	if (v->label.n > 0)
		post_json_pair(page, "group", &plain, v->label, MAX_WORD);
	add_details(page);
	json_close_map(page->j);
}

static void
add_links(struct post_page *page)
{
	if (!post_address_add_link(page->text, page->v.url, MAX_URL))
		return;
	json_key(page->j, "links");
	json_open_array(page->j);
	json_open_map(page->j);
	post_json_pair_text(page, "href");
	post_json_pair(page, "text", &plain, page->v.title, MAX_WORD);
	json_close_map(page->j);
	json_close_array(page->j);
}

static void
add_page(struct post_page *page)
{
	json_open_map(page->j);
	json_pair_str(page->j, "routing_key", page->settings->token);
	add_action(page);
	json_pair_str(page->j, "client", STR("headlined"));
	add_links(page);
	add_payload(page);
	json_close_map(page->j);
}

static int
pagerduty_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	if (settings->token.n == 0)
		return err_set(err, "no routing key");
	return post_json_write(p, m, settings, add_page, err);
}

const struct post_format post_format_pagerduty = {
	.name = "pagerduty",
	.needs = POST_TOKEN,
	.may = POST_TOKEN,
	.default_url = "https://events.pagerduty.com/v2/enqueue",
	.rate = 120,
	.rate_s = 60,
	.write = pagerduty_write,
};
