/* SPDX-License-Identifier: ISC */
/*
 * A notice in each of its shapes. Its texts may be a server's (an error, a
 * feed's URL): they are cleaned here, and cut so that the longest notice fits
 * with every byte escaped.
 */
#include "alerts/notice.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alerts/alert_event.h"
#include "alerts/alert_format.h"
#include "alerts/alert_text.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/time_text.h"
#include "base/utf8.h"

enum {
	MAX_CONDITION = 64,
	MAX_ABOUT = 4096,
	MAX_MESSAGE = 2000
};

_Static_assert(2 * (3 * MAX_CONDITION + MAX_ABOUT + MAX_MESSAGE) + 2000 <
    ALERT_MAX_JSON, "a quote or a backslash takes two bytes");

static struct str
state_word(const struct notice *n)
{
	return n->over ? STR("over") : STR("begun");
}

/* The type is one of the parts, so that no alert can have this id. */
void
notice_make_id(const struct notice *n, char out[ALERT_ID_SIZE])
{
	char since[32];

	(void)snprintf(since, sizeof(since), "%" PRId64, n->since_s);
	alert_hash_id((const struct str[]){
	    str_from(alert_event_of_notice.type), n->instance, n->condition,
	    n->about, str_from(since), state_word(n) }, 6, out);
}

/*
 * JSON
 */

static void
write_data(struct json_out *j, struct buf *text, const void *ctx)
{
	const struct notice *n = ctx;

	json_pair_str(j, "condition",
	    alert_event_clean(text, n->condition, MAX_CONDITION));
	json_pair_str(j, "state", state_word(n));
	json_pair_str(j, "severity", str_from(severity_word(n->severity)));
	json_pair_str(j, "about", alert_event_clean(text, n->about, MAX_ABOUT));
	if (n->since_s != ITEM_NO_TIME)
		json_pair_time(j, "since", n->since_s);
	json_pair_str(j, "message",
	    alert_event_clean(text, n->message, MAX_MESSAGE));
}

int
notice_to_json(struct buf *out, const struct notice *n)
{
	const struct alert_event event = {
		.type = alert_event_of_notice.type, .id = n->id,
		.instance = n->instance, .subject = n->condition,
		.time_s = n->time_s };

	return alert_event_write(out, ALERT_MAX_JSON, &event, write_data, n);
}

static struct str
copy(struct arena *arena, const struct json *map, const char *key)
{
	return arena_copy(arena, json_get_str(map, key));
}

/* "begun" or "over"; false for all else. */
static bool
read_state(struct str word, bool *over)
{
	*over = str_eq_c(word, "over");
	return *over || str_eq_c(word, "begun");
}

/* A notice may have no `since`, but not one that is no time. */
static bool
read_since(struct str text, int64_t *since_s)
{
	*since_s = ITEM_NO_TIME;
	return text.n == 0 || alert_event_read_time(text, since_s);
}

static int
read_notice(struct arena *arena, const struct json *root, void *into,
    struct err *err)
{
	const struct json *data = json_get(root, "data");
	struct notice *n = into;
	struct alert_event event;

	*n = (struct notice){ .severity = SEVERITY_DEBUG,
		.since_s = ITEM_NO_TIME };
	if (alert_event_read(arena, root, &event, err) == -1)
		return -1;
	if (!read_state(json_get_str(data, "state"), &n->over))
		return err_set(err, "neither begun nor over");
	if (!read_since(json_get_str(data, "since"), &n->since_s))
		return err_set(err, "a time is not RFC 3339");
	n->severity = event.severity;
	n->id = event.id;
	n->instance = event.instance;
	n->time_s = event.time_s;
	n->condition = copy(arena, data, "condition");
	n->about = copy(arena, data, "about");
	n->message = copy(arena, data, "message");
	return 0;
}

const struct alert_event_kind alert_event_of_notice = {
	.type = "io.headlined.health.v1",
	.name = "a notice",
	.read = read_notice,
};

int
notice_from_json(struct arena *arena, struct str json, struct notice *n,
    struct err *err)
{
	return alert_event_from_json(arena, json, &alert_event_of_notice, n,
	    err);
}

/*
 * For eyes
 */

void
notice_to_logfmt(struct buf *b, const struct notice *n)
{
	char since[TIME_TEXT_SIZE] = "";

	if (n->since_s != ITEM_NO_TIME)
		time_text_rfc3339(n->since_s, since);
	buf_add_c(b, "health");
	alert_text_add_word(b, "condition", n->condition, MAX_CONDITION);
	alert_text_add_word(b, "state", state_word(n), MAX_CONDITION);
	buf_addf(b, " severity=%s", severity_word(n->severity));
	alert_text_add_quoted(b, "about", n->about, MAX_ABOUT);
	alert_text_add_word(b, "since", str_from(since), sizeof(since));
	alert_text_add_word(b, "id", n->id, ALERT_ID_SIZE);
	alert_text_add_quoted(b, "message", n->message, MAX_MESSAGE);
}

void
notice_add_name(struct buf *b, const struct notice *n)
{
	struct buf name;

	buf_init(&name, MAX_CONDITION);
	utf8_clean_line(&name, n->condition, MAX_CONDITION);
	for (size_t i = 0; i < name.n; i++)
		buf_add_char(b, name.p[i] == '_' ? ' ' : name.p[i]);
	if (n->over)
		buf_add_c(b, " (over)");
	b->failed |= name.failed;
	buf_clear(&name);
}

/* "headlined: feed failing", and "headlined: feed failing (over)". */
static void
add_head(struct buf *b, const struct notice *n, bool colour)
{
	struct buf title;

	buf_init(&title, 2 * MAX_CONDITION);
	buf_add_c(&title, "headlined: ");
	notice_add_name(&title, n);
	b->failed |= title.failed;
	alert_text_add_head(b, n->severity, buf_str(&title), colour);
	buf_clear(&title);
}

/*
 *	▌ WARNING  headlined: feed failing
 *	  no document for a day: HTTP 503
 *	  https://news.example.com/rss
 *	  since 2026-11-23 10:00 UTC
 */
void
notice_to_terminal(struct buf *b, const struct notice *n, bool colour)
{
	const struct alert_style *style = alert_text_style(colour);

	add_head(b, n, colour);
	alert_text_add_line(b, n->message, MAX_MESSAGE,
	    alert_text_style(false));
	alert_text_add_line(b, n->about, MAX_ABOUT, style);
	if (n->since_s != ITEM_NO_TIME) {
		buf_addf(b, "  %ssince ", style->dim);
		alert_text_add_time(b, n->since_s);
		buf_addf(b, "%s\n", style->off);
	}
	buf_add_char(b, '\n');
}
