/* SPDX-License-Identifier: ISC */
/* A test message in each of its shapes; see notice.c, which is like it. */
#include "alerts/trial.h"

#include <inttypes.h>
#include <stdio.h>

#include "alerts/alert_event.h"
#include "alerts/alert_format.h"
#include "alerts/alert_text.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/utf8.h"

enum { MAX_SINK = 256, MAX_MESSAGE = 1000 };

void
trial_make_id(const struct trial *t, uint64_t nonce, char out[ALERT_ID_SIZE])
{
	char when[64];

	(void)snprintf(when, sizeof(when), "%" PRId64 " %" PRIu64, t->time_s,
	    nonce);
	alert_hash_id((const struct str[]){ str_from(alert_event_of_trial.type),
	    t->instance, t->sink, str_from(when) }, 4, out);
}

/* What was read, or what it says when it is written. */
static void
add_message(struct buf *b, const struct trial *t)
{
	if (t->message.n > 0) {
		utf8_clean_line(b, t->message, MAX_MESSAGE);
		return;
	}
	buf_add_c(b, "A test of the sink ");
	utf8_clean_line(b, t->sink, MAX_SINK);
	buf_add_c(b, ", asked for by headlinectl.");
}

/*
 * JSON
 */

static void
write_data(struct json_out *j, struct buf *text, const void *ctx)
{
	const struct trial *t = ctx;

	json_pair_str(j, "severity", str_from(severity_word(TRIAL_SEVERITY)));
	json_pair_str(j, "sink", alert_event_clean(text, t->sink, MAX_SINK));
	buf_rewind(text);
	add_message(text, t);
	json_pair_str(j, "message", buf_str(text));
}

int
trial_to_json(struct buf *out, const struct trial *t)
{
	const struct alert_event event = { .type = alert_event_of_trial.type,
		.id = t->id, .instance = t->instance, .subject = t->sink,
		.time_s = t->time_s };

	return alert_event_write(out, ALERT_MAX_JSON, &event, write_data, t);
}

static int
read_trial(struct arena *arena, const struct json *root, void *into,
    struct err *err)
{
	const struct json *data = json_get(root, "data");
	struct trial *t = into;
	struct alert_event event;

	*t = (struct trial){ .message = STR_NONE };
	if (alert_event_read(arena, root, &event, err) == -1)
		return -1;
	t->id = event.id;
	t->instance = event.instance;
	t->time_s = event.time_s;
	t->sink = arena_copy(arena, json_get_str(data, "sink"));
	t->message = arena_copy(arena, json_get_str(data, "message"));
	return 0;
}

const struct alert_event_kind alert_event_of_trial = {
	.type = "io.headlined.test.v1",
	.name = "a test message",
	.read = read_trial,
};

int
trial_from_json(struct arena *arena, struct str json, struct trial *t,
    struct err *err)
{
	return alert_event_from_json(arena, json, &alert_event_of_trial, t,
	    err);
}

/*
 * For eyes
 */

void
trial_to_logfmt(struct buf *b, const struct trial *t)
{
	struct buf message;

	buf_init(&message, 2 * MAX_MESSAGE);
	add_message(&message, t);
	b->failed |= message.failed;
	buf_add_c(b, "test");
	alert_text_add_word(b, "sink", t->sink, MAX_SINK);
	buf_addf(b, " severity=%s", severity_word(TRIAL_SEVERITY));
	alert_text_add_word(b, "id", t->id, ALERT_ID_SIZE);
	alert_text_add_quoted(b, "message", buf_str(&message), MAX_MESSAGE);
	buf_clear(&message);
}

/*
 *	▌ NOTICE  headlined: test
 *	  A test of the sink newsroom, asked for by headlinectl.
 *	  2026-11-23 10:00 UTC
 */
void
trial_to_terminal(struct buf *b, const struct trial *t, bool colour)
{
	const struct alert_style *style = alert_text_style(colour);

	alert_text_add_head(b, TRIAL_SEVERITY, STR("headlined: test"), colour);
	buf_add_c(b, "  ");
	add_message(b, t);
	buf_addf(b, "\n  %s", style->dim);
	alert_text_add_time(b, t->time_s);
	buf_addf(b, "%s\n\n", style->off);
}
