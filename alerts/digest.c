/* SPDX-License-Identifier: ISC */
/*
 * A digest in each of its shapes. As with an alert's JSON, whatever comes in at
 * most ALERT_MAX_JSON bytes leave: it is written with generous limits on its
 * texts, again with narrower ones, then with fewer alerts until it fits.
 */
#include "alerts/digest.h"

#include <inttypes.h>
#include <stdio.h>

#include "alerts/alert_event.h"
#include "alerts/alert_format.h"
#include "alerts/alert_text.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/utf8.h"

/* Bytes of text before escaping. */
static const struct limits {
	size_t	topic, title, url, site;
} limits[] = {
	{ 256, 1000, 4096, 255 },
	{ 100, 200, 1000, 100 },
	{ 100, 100, 300, 100 },
};

enum {
	N_LIMITS = sizeof(limits) / sizeof(limits[0]),
	MAX_SINK = 256,
	MAX_TOPIC = 256,
	MAX_TITLE = 1000,
	MAX_URL = 2048,
	MAX_SITE = 255,
	MAX_LINE = 4000,
	SHOWN_ALERTS = 20,
	SHOWN_TOPICS = 10,
	TOPIC_EXTRA = 40	/* of JSON around a topic */
};

_Static_assert(DIGEST_MAX_TOPICS * (2 * 100 + TOPIC_EXTRA) + 2000 <
    ALERT_MAX_JSON, "without alerts it always fits");

void
digest_make_id(const struct digest *d, struct str first_id, struct str last_id,
    char out[ALERT_ID_SIZE])
{
	char numbers[64];

	(void)snprintf(numbers, sizeof(numbers), "%" PRId64 " %" PRId64,
	    d->count, d->time_s);
	alert_hash_id((const struct str[]){
	    str_from(alert_event_of_digest.type), d->instance, d->sink,
	    first_id, last_id, str_from(numbers) }, 6, out);
}

/*
 * JSON
 */

/* One try. */
struct writer {
	const struct digest	*d;
	const struct limits	*max;
	size_t			 n_alerts;
};

static size_t
at_most(size_t n, size_t max)
{
	return n < max ? n : max;
}

static void
write_topics(struct json_out *j, struct buf *text, const struct writer *w)
{
	const struct digest *d = w->d;

	json_key(j, "topics");
	json_open_array(j);
	for (size_t i = 0; i < at_most(d->n_topics, DIGEST_MAX_TOPICS); i++) {
		json_open_map(j);
		json_pair_str(j, "topic", alert_event_clean(text,
		    d->topics[i].topic, w->max->topic));
		json_pair_int(j, "count", d->topics[i].count);
		json_close_map(j);
	}
	json_close_array(j);
}

static void
write_alert(struct json_out *j, struct buf *text, const struct writer *w,
    const struct digest_alert *a)
{
	json_open_map(j);
	json_pair_str(j, "id", alert_event_clean(text, a->id, ALERT_ID_SIZE));
	json_pair_str(j, "topic",
	    alert_event_clean(text, a->topic, w->max->topic));
	json_pair_str(j, "severity", str_from(severity_word(a->severity)));
	json_pair_str(j, "title",
	    alert_event_clean(text, a->title, w->max->title));
	/* An address that was cut leads elsewhere: whole, or none. */
	json_pair_str(j, "url", alert_event_clean(text,
	    a->url.n <= w->max->url ? a->url : STR_NONE, w->max->url));
	json_pair_str(j, "site",
	    alert_event_clean(text, a->site, w->max->site));
	if (a->time_s != ITEM_NO_TIME)
		json_pair_time(j, "time", a->time_s);
	json_close_map(j);
}

static void
write_data(struct json_out *j, struct buf *text, const void *ctx)
{
	const struct writer *w = ctx;
	const struct digest *d = w->d;

	json_pair_int(j, "count", d->count);
	json_pair_str(j, "severity", str_from(severity_word(d->severity)));
	if (d->since_s != ITEM_NO_TIME)
		json_pair_time(j, "since", d->since_s);
	if (d->until_s != ITEM_NO_TIME)
		json_pair_time(j, "until", d->until_s);
	write_topics(j, text, w);
	json_key(j, "alerts");
	json_open_array(j);
	for (size_t i = 0; i < w->n_alerts; i++)
		write_alert(j, text, w, &d->alerts[i]);
	json_close_array(j);
}

int
digest_to_json(struct buf *out, const struct digest *d)
{
	const struct alert_event event = { .type = alert_event_of_digest.type,
		.id = d->id, .instance = d->instance, .subject = d->sink,
		.time_s = d->time_s };
	struct writer w = { .d = d,
		.n_alerts = at_most(d->n_alerts, DIGEST_MAX_ALERTS) };
	int rc = -1;

	for (size_t i = 0; i < N_LIMITS && rc == -1 && !out->failed; i++) {
		w.max = &limits[i];
		rc = alert_event_write(out, ALERT_MAX_JSON, &event, write_data,
		    &w);
	}
	while (rc == -1 && w.n_alerts > 0 && !out->failed) {
		w.n_alerts -= w.n_alerts / 8 + 1;
		rc = alert_event_write(out, ALERT_MAX_JSON, &event, write_data,
		    &w);
	}
	return rc;
}

static struct str
copy(struct arena *arena, const struct json *map, const char *key)
{
	return arena_copy(arena, json_get_str(map, key));
}

/* None is fine, but not one that is no time. */
static int
read_time(const struct json *map, const char *key, int64_t *out,
    struct err *err)
{
	struct str text = json_get_str(map, key);

	*out = ITEM_NO_TIME;
	if (text.n > 0 && !alert_event_read_time(text, out))
		return err_set(err, "%s: a time is not RFC 3339", key);
	return 0;
}

static void
read_topics(struct arena *arena, const struct json *list, struct digest *d)
{
	size_t n = at_most(json_length(list), DIGEST_MAX_TOPICS);
	struct digest_topic *topics = arena_array(arena, n, sizeof(*topics));

	if (topics == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		topics[i].topic = copy(arena, json_at(list, i), "topic");
		topics[i].count = json_get_int(json_at(list, i), "count", 0);
	}
	d->topics = topics;
	d->n_topics = n;
}

static int
read_alert(struct arena *arena, const struct json *map, struct digest_alert *a,
    struct err *err)
{
	int severity = severity_parse(json_get_str(map, "severity"));

	if (severity == -1)
		return err_set(err, "an alert without a severity");
	a->severity = (enum severity)severity;
	a->id = copy(arena, map, "id");
	a->topic = copy(arena, map, "topic");
	a->title = copy(arena, map, "title");
	a->url = copy(arena, map, "url");
	a->site = copy(arena, map, "site");
	return read_time(map, "time", &a->time_s, err);
}

static int
read_alerts(struct arena *arena, const struct json *list, struct digest *d,
    struct err *err)
{
	size_t n = at_most(json_length(list), DIGEST_MAX_ALERTS);
	struct digest_alert *alerts = arena_array(arena, n, sizeof(*alerts));

	for (size_t i = 0; alerts != NULL && i < n; i++)
		if (read_alert(arena, json_at(list, i), &alerts[i], err) == -1)
			return -1;
	d->alerts = alerts;
	d->n_alerts = alerts != NULL ? n : 0;
	return 0;
}

static int
read_digest(struct arena *arena, const struct json *root, void *into,
    struct err *err)
{
	const struct json *data = json_get(root, "data");
	struct digest *d = into;
	struct alert_event event;

	*d = (struct digest){ .severity = SEVERITY_DEBUG };
	if (alert_event_read(arena, root, &event, err) == -1)
		return -1;
	d->id = event.id;
	d->instance = event.instance;
	d->sink = event.subject;
	d->severity = event.severity;
	d->time_s = event.time_s;
	d->count = json_get_int(data, "count", -1);
	if (d->count < 0)
		return err_set(err, "no count");
	if (read_time(data, "since", &d->since_s, err) == -1 ||
	    read_time(data, "until", &d->until_s, err) == -1)
		return -1;
	read_topics(arena, json_get(data, "topics"), d);
	return read_alerts(arena, json_get(data, "alerts"), d, err);
}

const struct alert_event_kind alert_event_of_digest = {
	.type = "io.headlined.digest.v1",
	.name = "a digest",
	.read = read_digest,
};

int
digest_from_json(struct arena *arena, struct str json, struct digest *d,
    struct err *err)
{
	return alert_event_from_json(arena, json, &alert_event_of_digest, d,
	    err);
}

/*
 * For eyes
 */

void
digest_add_title(struct buf *b, const struct digest *d)
{
	buf_addf(b, "%" PRId64 " alert%s", d->count, str_plural(d->count));
	if (d->since_s == ITEM_NO_TIME || d->until_s == ITEM_NO_TIME)
		return;
	buf_add_c(b, " from ");
	alert_text_add_time(b, d->since_s);
	buf_add_c(b, " to ");
	alert_text_add_time(b, d->until_s);
}

void
digest_add_topics(struct buf *b, const struct digest *d, size_t max)
{
	for (size_t i = 0; i < d->n_topics && i < max; i++) {
		buf_add_c(b, i > 0 ? ", " : "");
		utf8_clean_line(b, d->topics[i].topic, MAX_TOPIC);
		buf_addf(b, " %" PRId64, d->topics[i].count);
	}
	if (d->n_topics > max)
		buf_addf(b, ", +%zu more", d->n_topics - max);
}

void
digest_to_logfmt(struct buf *b, const struct digest *d)
{
	struct buf topics;

	buf_init(&topics, DIGEST_MAX_TOPICS * (MAX_TOPIC + TOPIC_EXTRA));
	digest_add_topics(&topics, d, DIGEST_MAX_TOPICS);
	b->failed |= topics.failed;
	buf_add_c(b, "digest");
	alert_text_add_word(b, "sink", d->sink, MAX_SINK);
	buf_addf(b, " count=%" PRId64 " severity=%s", d->count,
	    severity_word(d->severity));
	alert_text_add_word(b, "id", d->id, ALERT_ID_SIZE);
	alert_text_add_quoted(b, "topics", buf_str(&topics), MAX_LINE);
	buf_clear(&topics);
}

static void
add_alert(struct buf *b, const struct digest_alert *a,
    const struct alert_style *style)
{
	buf_add_c(b, "  ");
	utf8_clean_line(b, a->title, MAX_TITLE);
	if (a->site.n > 0) {
		buf_addf(b, "%s \xc2\xb7 ", style->dim);
		utf8_clean_line(b, a->site, MAX_SITE);
		buf_add_c(b, style->off);
	}
	buf_add_char(b, '\n');
	alert_text_add_line(b, a->url, MAX_URL, style);
}

/*
 *	▌ WARNING  120 alerts from 2026-11-23 09:00 UTC to 2026-11-23 10:00 UTC
 *	  ukraine 80, sanctions 40
 *	  Peacekeepers for Ukraine, says Macron · news.example.com
 *	  https://news.example.com/1
 *	  119 more
 */
void
digest_to_terminal(struct buf *b, const struct digest *d, bool colour)
{
	const struct alert_style *style = alert_text_style(colour);
	size_t n = at_most(d->n_alerts, SHOWN_ALERTS);
	struct buf title;

	buf_init(&title, MAX_LINE);
	digest_add_title(&title, d);
	alert_text_add_head(b, d->severity, buf_str(&title), colour);
	b->failed |= title.failed;
	buf_clear(&title);
	if (d->n_topics > 0) {
		buf_add_c(b, "  ");
		digest_add_topics(b, d, SHOWN_TOPICS);
		buf_add_char(b, '\n');
	}
	for (size_t i = 0; i < n; i++)
		add_alert(b, &d->alerts[i], style);
	if (d->count > (int64_t)n)
		buf_addf(b, "  %s%" PRId64 " more%s\n", style->dim,
		    d->count - (int64_t)n, style->off);
	buf_add_char(b, '\n');
}
