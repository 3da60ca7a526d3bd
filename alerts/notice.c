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
#include "base/digest.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/time_text.h"
#include "base/utf8.h"

#define EVENT_TYPE	"io.headlined.health.v1"

enum {
	ID_BYTES = 16,		/* 128 of SHA-256's 256 bits */
	MAX_CONDITION = 64,
	MAX_ABOUT = 4096,
	MAX_MESSAGE = 2000
};

_Static_assert(ALERT_ID_SIZE == 4 + 2 * ID_BYTES + 1, "msg_, hex, NUL");
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
	uint8_t digest[DIGEST_SHA256_BYTES];

	(void)snprintf(since, sizeof(since), "%" PRId64, n->since_s);
	digest_sha256((const struct str[]){ STR(EVENT_TYPE), n->instance,
	    n->condition, n->about, str_from(since), state_word(n) }, 6,
	    digest);
	memcpy(out, "msg_", 4);
	digest_hex(digest, ID_BYTES, out + 4);
}

/*
 * JSON
 */

static void
write_data(struct json_out *j, struct buf *text, const struct notice *n)
{
	json_key(j, "data");
	json_open_map(j);
	json_pair_str(j, "condition",
	    alert_event_clean(text, n->condition, MAX_CONDITION));
	json_pair_str(j, "state", state_word(n));
	json_pair_str(j, "severity", str_from(severity_word(n->severity)));
	json_pair_str(j, "about", alert_event_clean(text, n->about, MAX_ABOUT));
	if (n->since_s != ITEM_NO_TIME)
		json_pair_time(j, "since", n->since_s);
	json_pair_str(j, "message",
	    alert_event_clean(text, n->message, MAX_MESSAGE));
	json_close_map(j);
}

int
notice_to_json(struct buf *out, const struct notice *n)
{
	const struct alert_event event = { .type = EVENT_TYPE, .id = n->id,
		.instance = n->instance, .subject = n->condition,
		.time_s = n->time_s };
	struct buf whole, text;
	struct json_out *j;
	int rc = -1;

	buf_init(&whole, ALERT_MAX_JSON);
	buf_init(&text, ALERT_MAX_JSON);
	if ((j = json_out_new(&whole, false)) != NULL) {
		alert_event_begin(j, &text, &event);
		write_data(j, &text, n);
		json_close_map(j);
		rc = json_out_finish(j);
	}
	if (rc == 0 && !text.failed)
		buf_add_str(out, buf_str(&whole));
	else
		rc = -1;
	buf_clear(&text);
	buf_clear(&whole);
	return rc == 0 && !out->failed ? 0 : -1;
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
read_notice(struct arena *arena, const struct json *root, struct notice *n,
    struct err *err)
{
	const struct json *data = json_get(root, "data");
	int severity = severity_parse(json_get_str(data, "severity"));
	struct alert_event event;

	if (severity == -1 || json_get_str(root, "id").n == 0)
		return err_set(err, "not a notice: no id, or no severity");
	if (!read_state(json_get_str(data, "state"), &n->over))
		return err_set(err, "not a notice: neither begun nor over");
	n->severity = (enum severity)severity;
	alert_event_read(arena, root, &event);
	n->id = event.id;
	n->instance = event.instance;
	n->time_s = event.time_s;
	if (n->time_s == ITEM_NO_TIME ||
	    !read_since(json_get_str(data, "since"), &n->since_s))
		return err_set(err, "not a notice: a time is not RFC 3339");
	n->condition = copy(arena, data, "condition");
	n->about = copy(arena, data, "about");
	n->message = copy(arena, data, "message");
	if (arena_failed(arena))
		return err_set(err, "reading a notice: out of memory");
	return 1;
}

int
notice_from_json(struct arena *arena, struct str json, struct notice *n,
    struct err *err)
{
	struct json_tree *tree = json_parse(json, err);
	int rc = 0;

	*n = (struct notice){ .severity = SEVERITY_DEBUG,
		.since_s = ITEM_NO_TIME };
	if (tree == NULL)
		return err_wrap(err, "reading a notice");
	if (alert_event_is(json_root(tree), EVENT_TYPE))
		rc = read_notice(arena, json_root(tree), n, err);
	json_tree_free(tree);
	return rc;
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

/* "headlined: feed failing", and "headlined: feed failing (over)". */
static void
add_head(struct buf *b, const struct notice *n, bool colour)
{
	struct buf title;

	buf_init(&title, 2 * MAX_CONDITION);
	buf_add_c(&title, "headlined: ");
	utf8_clean_line(&title, n->condition, MAX_CONDITION);
	for (size_t i = 0; i < title.n; i++)
		if (title.p[i] == '_')
			title.p[i] = ' ';
	if (n->over)
		buf_add_c(&title, " (over)");
	b->failed |= title.failed;
	alert_text_add_head(b, n->severity, buf_str(&title), colour);
	buf_clear(&title);
}

static void
add_line(struct buf *b, struct str text, size_t max,
    const struct alert_style *style)
{
	if (text.n == 0)
		return;
	buf_addf(b, "  %s", style->dim);
	utf8_clean_line(b, text, max);
	buf_addf(b, "%s\n", style->off);
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
	if (n->message.n > 0) {
		buf_add_c(b, "  ");
		utf8_clean_line(b, n->message, MAX_MESSAGE);
		buf_add_char(b, '\n');
	}
	add_line(b, n->about, MAX_ABOUT, style);
	if (n->since_s != ITEM_NO_TIME) {
		buf_addf(b, "  %ssince ", style->dim);
		alert_text_add_time(b, n->since_s);
		buf_addf(b, "%s\n", style->off);
	}
	buf_add_char(b, '\n');
}
