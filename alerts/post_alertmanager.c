/* SPDX-License-Identifier: ISC */
/*
 * Prometheus' Alertmanager, POST /api/v2/alerts (prometheus.io/docs/alerting,
 * "Alerts API"): a list of one alert.
 *
 *	labels		what makes an alert the same one; one without a value
 *			is none
 *	annotations	texts; those that came last count
 *	startsAt	RFC 3339
 *	endsAt		not before it: from then on it is resolved. Without it
 *			that is so resolve_timeout (5m by default) after it
 *			came last
 *	generatorURL	as Go's url.ParseRequestURI takes it: for another one
 *			the whole request is refused
 *
 * A notice's labels are those that stay until it is over: neither its id nor
 * its severity is among them. Texts are plain.
 */
#include "alerts/post_table.h"

#include "alerts/post_address.h"
#include "alerts/post_json.h"
#include "alerts/post_text.h"
#include "base/buf.h"
#include "base/item.h"
#include "base/json.h"

enum {
	MAX_WORD = 255,
	MAX_ABOUT = 4096,
	MAX_TITLE = 1000,
	MAX_TEXT = 4000,
	MAX_URL = 4096
};

static const struct post_style plain = { .unit = POST_BYTES };

static const char *const kinds[] = {
	[MESSAGE_ALERT] = "alert", [MESSAGE_NOTICE] = "health",
	[MESSAGE_DIGEST] = "digest", [MESSAGE_TRIAL] = "test"
};

static void
add_label(struct post_page *page, const char *key, struct str value, size_t max)
{
	if (value.n > 0)
		post_json_pair(page, key, &plain, value, max);
}

/* There is always one. */
static void
add_name(struct post_page *page, struct str name)
{
	add_label(page, "alertname", name.n > 0 ? name : STR("headlined"),
	    MAX_WORD);
}

static void
add_alert_labels(struct post_page *page)
{
	const struct alert *a = &page->m->alert;

	add_name(page, a->topic);
	add_label(page, "topic", a->topic, MAX_WORD);
	add_label(page, "site", a->feed.site, MAX_WORD);
	add_label(page, "instance", a->instance, MAX_WORD);
}

static void
add_own_labels(struct post_page *page)
{
	const struct message *m = page->m;

	switch (m->kind) {
	case MESSAGE_ALERT:
		add_alert_labels(page);
		break;
	case MESSAGE_NOTICE:
		add_name(page, m->notice.condition);
		add_label(page, "about", m->notice.about, MAX_ABOUT);
		add_label(page, "instance", m->notice.instance, MAX_WORD);
		return;
	case MESSAGE_DIGEST:
		add_name(page, STR("headlined_digest"));
		add_label(page, "instance", m->digest.instance, MAX_WORD);
		break;
	case MESSAGE_TRIAL:
		add_name(page, STR("headlined_test"));
		add_label(page, "instance", m->trial.instance, MAX_WORD);
		break;
	}
	add_label(page, "id", page->v.id, MAX_WORD);
	json_pair_str(page->j, "severity",
	    str_from(severity_word(page->v.severity)));
}

static void
add_labels(struct post_page *page)
{
	json_key(page->j, "labels");
	json_open_map(page->j);
	json_pair_str(page->j, "job", STR("headlined"));
	json_pair_str(page->j, "kind", str_from(kinds[page->m->kind]));
	add_own_labels(page);
	json_close_map(page->j);
}

static void
add_annotations(struct post_page *page)
{
	json_key(page->j, "annotations");
	json_open_map(page->j);
	post_json_pair(page, "title", &plain, page->v.title, MAX_TITLE);
	post_json_pair_whole(page, "summary", &plain, MAX_TEXT, MAX_WORD);
	if (page->v.source.n > 0)
		post_json_pair(page, "source", &plain, page->v.source,
		    MAX_WORD);
	if (post_text_add_url(page->text, page->v.url, "", MAX_URL))
		post_json_pair_text(page, "url");
	json_close_map(page->j);
}

static void
add_times(struct post_page *page)
{
	const struct notice *n = page->m->kind == MESSAGE_NOTICE ?
	    &page->m->notice : NULL;
	int64_t begun_s = page->v.time_s;

	if (n != NULL && n->since_s != ITEM_NO_TIME && n->since_s < begun_s)
		begun_s = n->since_s;
	json_pair_time(page->j, "startsAt", begun_s);
	if (n != NULL && n->over)
		json_pair_time(page->j, "endsAt", page->v.time_s);
}

static void
add_page(struct post_page *page)
{
	json_open_array(page->j);
	json_open_map(page->j);
	add_labels(page);
	add_annotations(page);
	add_times(page);
	if (post_address_add_link(page->text, page->v.url, MAX_URL))
		post_json_pair_text(page, "generatorURL");
	json_close_map(page->j);
	json_close_array(page->j);
}

static int
alertmanager_write(struct post *p, const struct message *m,
    const struct post_settings *settings, struct err *err)
{
	if (settings->token.n > 0 && post_address_add_header(p,
	    "Authorization", "Bearer ", settings->token, err) == -1)
		return -1;
	if (post_json_write(p, m, settings, add_page, err) == -1)
		return -1;
	return post_address_set(p, settings->url, "/api/v2/alerts", err);
}

const struct post_format post_format_alertmanager = {
	.name = "alertmanager",
	.may = POST_TOKEN,
	.write = alertmanager_write,
};
