/* SPDX-License-Identifier: ISC */
#ifndef HEADLINED_TESTS_POST_RIG_H
#define HEADLINED_TESTS_POST_RIG_H

/*
 * Messages of all kinds with one text in each of their places, as they come out
 * of the outbox and as a sink is never given them; and what a message must
 * show.
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "alerts/alert_format.h"
#include "alerts/message.h"
#include "alerts/post.h"
#include "alerts/post_text.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hit.h"
#include "base/item.h"
#include "base/json.h"
#include "base/utf8.h"

enum { RIG_KINDS = 4, RIG_MAX = 1 << 20 };

struct post_rig {
	struct arena		*arena;
	struct buf		 around, url;
	struct hit		 hits[2];
	struct digest_topic	 topic;
	struct digest_alert	 alerts[3];
	struct message		 m;
	struct message_view	 v;
};

static inline void
rig_init(struct post_rig *r)
{
	memset(r, 0, sizeof(*r));
	r->arena = arena_new(64 << 20);
	buf_init(&r->around, RIG_MAX);
	buf_init(&r->url, RIG_MAX);
}

static inline void
rig_clear(struct post_rig *r)
{
	arena_free(r->arena);
	buf_clear(&r->around);
	buf_clear(&r->url);
}

static inline void
rig_make_alert(struct post_rig *r, struct str s)
{
	r->hits[0] = (struct hit){ .term = s, .field = "content", .text = s,
		.context = buf_str(&r->around) };
	r->hits[1] = (struct hit){ .term = s, .field = "content",
		.text = STR("peace"), .context = s };
	r->m.kind = MESSAGE_ALERT;
	r->m.alert = (struct alert){ .id = STR("msg_1"), .instance = s,
		.topic = s, .severity = SEVERITY_WARNING,
		.item = { .id = s, .title = s, .summary = s,
		    .url = buf_str(&r->url), .published_s = ITEM_NO_TIME },
		.feed = { .title = s, .site = s }, .hits = r->hits,
		.n_hits = 2 };
}

static inline void
rig_make_digest(struct post_rig *r, struct str s)
{
	r->topic = (struct digest_topic){ s, 3 };
	for (size_t i = 0; i < 3; i++)
		r->alerts[i] = (struct digest_alert){ .id = s, .topic = s,
			.title = s, .site = s, .url = buf_str(&r->url) };
	r->m.kind = MESSAGE_DIGEST;
	r->m.digest = (struct digest){ .id = STR("msg_1"), .instance = s,
		.sink = s, .severity = SEVERITY_CRIT, .count = 9,
		.topics = &r->topic, .n_topics = 1, .alerts = r->alerts,
		.n_alerts = 3 };
}

/* A message of this kind that says s wherever it can. */
static inline void
rig_make(struct post_rig *r, enum message_kind kind, struct str s)
{
	buf_reset(&r->around);
	buf_add_str(&r->around, s);
	buf_add_c(&r->around, " peace ");
	buf_add_str(&r->around, s);
	buf_reset(&r->url);
	buf_add_c(&r->url, "https://news.example.com/");
	buf_add_str(&r->url, s);
	switch (kind) {
	case MESSAGE_ALERT:
		rig_make_alert(r, s);
		break;
	case MESSAGE_NOTICE:
		r->m.kind = kind;
		r->m.notice = (struct notice){ .id = STR("msg_1"),
			.instance = s, .condition = s, .about = s,
			.message = s, .severity = SEVERITY_ERR };
		break;
	case MESSAGE_DIGEST:
		rig_make_digest(r, s);
		break;
	case MESSAGE_TRIAL:
		r->m.kind = kind;
		r->m.trial = (struct trial){ .id = STR("msg_1"),
			.instance = s, .sink = s, .message = s };
		break;
	}
}

static inline int
rig_to_json(struct buf *b, const struct message *m)
{
	switch (m->kind) {
	case MESSAGE_ALERT:
		return alert_to_json(b, &m->alert);
	case MESSAGE_NOTICE:
		return notice_to_json(b, &m->notice);
	case MESSAGE_DIGEST:
		return digest_to_json(b, &m->digest);
	case MESSAGE_TRIAL:
		break;
	}
	return trial_to_json(b, &m->trial);
}

/* The way of the outbox. */
static inline void
rig_store(struct post_rig *r)
{
	struct buf b;
	struct err err;

	buf_init(&b, RIG_MAX);
	assert_int_equal(rig_to_json(&b, &r->m), 0);
	assert_int_equal(message_read(r->arena, buf_str(&b), &r->m, &err), 0);
	buf_clear(&b);
}

/* Tries check with s as a whole in all kinds, stored and not. */
typedef void	rig_check_fn(struct post_rig *, void *ctx);

static inline void
rig_try(struct post_rig *r, struct str s, rig_check_fn *check, void *ctx)
{
	for (int kind = 0; kind < RIG_KINDS; kind++)
		for (int stored = 0; stored < 2; stored++) {
			arena_reset(r->arena);
			rig_make(r, (enum message_kind)kind, s);
			if (stored)
				rig_store(r);
			assert_int_equal(message_view(r->arena, &r->m,
			    &r->v), 0);
			check(r, ctx);
		}
}

/* No control character and none that turns or hides text, but for the escapes
 * of JSON; valid UTF-8. */
static inline void
rig_check_clean(struct str s)
{
	size_t len;
	uint32_t c;

	assert_true(utf8_is_valid(s));
	for (size_t i = 0; i < s.n; i += len) {
		c = utf8_decode(s.p + i, s.n - i, &len);
		assert_false(c < 0x20 || (c >= 0x7f && c <= 0x9f));
		assert_false(c >= 0x200e && c <= 0x200f);
		assert_false(c == 0x2028 || c == 0x2029 || c == 0x61c);
		assert_false(c >= 0x202a && c <= 0x202e);
		assert_false(c >= 0x2066 && c <= 0x2069);
		assert_false(c == 0xfeff || (c >= 0xe0000 && c <= 0xe007f));
		/* No such character as an escape, either. */
		if (c == '\\' && i + 1 < s.n) {
			assert_true(strchr("\"\\/n", s.p[i + 1]) != NULL);
			len = 2;
		}
	}
}

/* What a reader of the message should see of a text. */
static inline void
rig_expect(struct buf *b, struct str text, bool lines)
{
	const char *end;
	size_t n, before;

	for (; text.n > 0; text = str_sub(text, n + 1, text.n)) {
		end = lines ? memchr(text.p, '\n', text.n) : NULL;
		n = end != NULL ? (size_t)(end - text.p) : text.n;
		before = b->n;
		buf_add_c(b, before > 0 ? "\n" : "");
		utf8_clean_line(b, str_sub(text, 0, n), RIG_MAX / 2);
		if (b->n == before + (before > 0))
			b->n = before;
	}
	assert_false(b->failed);
}

/* Without U+200B, which formats put in to break words. */
static inline void
rig_drop_breaks(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (b->n - i >= 3 && memcmp(b->p + i, "\xe2\x80\x8b", 3) == 0)
			i += 2;
		else
			b->p[n++] = b->p[i];
	}
	b->n = n;
}

/* The text that is shown is the one that should be, or its begin and U+2026. */
static inline void
rig_check_shown(struct buf *shown, struct str text, bool lines)
{
	struct str dots = STR("\xe2\x80\xa6");
	struct buf want;
	bool cut;

	buf_init(&want, RIG_MAX);
	rig_expect(&want, text, lines);
	rig_drop_breaks(&want);
	rig_drop_breaks(shown);
	cut = shown->n >= dots.n && str_eq(str_sub(buf_str(shown),
	    shown->n - dots.n, dots.n), dots) && shown->n < want.n;
	if (cut ? !str_starts(buf_str(&want), str_sub(buf_str(shown), 0,
	    shown->n - dots.n)) : !str_eq(buf_str(shown), buf_str(&want)))
		fail_msg("\"%.*s\" shows as \"%.*s\"", (int)want.n, want.p,
		    (int)shown->n, shown->p);
	buf_clear(&want);
}

/* An address of http or https in which no markup can end it or begin. */
static inline void
rig_check_url(struct str url)
{
	assert_true(str_starts(url, STR("https://news.example.com/")));
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] > '~' ||
		    strchr("|<>\"`\\^{}", url.p[i]) != NULL)
			fail_msg("%.*s", STR_ARG(url));
}

#endif
