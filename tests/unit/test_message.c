/* SPDX-License-Identifier: ISC */
/* One reading for all four kinds of message, and what they have in common. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "alerts/alert_format.h"
#include "alerts/message.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"

#define NOON	INT64_C(1795435200)	/* 2026-11-23T12:00:00Z */

struct fixture {
	struct arena		*arena;
	struct buf		 body;
	struct message		 m;
	struct message_view	 v;
};

static int
set_up(void **state)
{
	static struct fixture f;

	f.arena = arena_new(1 << 20);
	buf_init(&f.body, 1 << 20);
	*state = &f;
	return f.arena != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	arena_free(f->arena);
	buf_clear(&f->body);
	return 0;
}

/* Reads the body back and takes its view. */
static void
view(struct fixture *f, enum message_kind kind)
{
	struct err err;

	if (message_read(f->arena, buf_str(&f->body), &f->m, &err) == -1)
		fail_msg("%s", err.msg);
	assert_int_equal(f->m.kind, kind);
	assert_int_equal(message_view(f->arena, &f->m, &f->v), 0);
	assert_true(str_eq_c(message_id(&f->m), "msg_1"));
	assert_true(str_eq_c(f->v.id, "msg_1"));
	assert_int_equal(f->v.severity, message_severity(&f->m));
}

static void
assert_str(struct str got, const char *want)
{
	if (!str_eq_c(got, want))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(got), want);
}

static void
check_lines(struct fixture *f, const char *logfmt, const char *terminal)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	message_to_logfmt(&b, &f->m);
	assert_memory_equal(buf_cstr(&b), logfmt, strlen(logfmt));
	buf_reset(&b);
	message_to_terminal(&b, &f->m, false);
	assert_non_null(strstr(buf_cstr(&b), terminal));
	buf_clear(&b);
}

static const struct hit hits[] = {
	{ .term = { "peace", 5 }, .field = "title", .text = { "Peace", 5 },
	    .context = { "Peace in Kyiv", 13 } },
	{ .term = { "envoy", 5 }, .field = "content", .text = { "envoy", 5 },
	    .context = { "An envoy came.", 14 } },
};

static struct alert
example_alert(void)
{
	return (struct alert){ .id = STR("msg_1"), .instance = STR("desk-1"),
		.topic = STR("ukraine"), .severity = SEVERITY_WARNING,
		.time_s = NOON,
		.item = { .title = STR("Peace in Kyiv"),
		    .url = STR("https://news.example.com/1"),
		    .summary = STR("In short"), .published_s = ITEM_NO_TIME,
		    .first_seen_s = NOON },
		.feed = { .title = STR("Example News"),
		    .site = STR("news.example.com") },
		.hits = hits, .n_hits = 2 };
}

static void
view_alert(struct fixture *f, const struct alert *a)
{
	buf_reset(&f->body);
	assert_int_equal(alert_to_json(&f->body, a), 0);
	view(f, MESSAGE_ALERT);
}

static void
test_alert(void **state)
{
	struct fixture *f = *state;
	struct alert a = example_alert();

	view_alert(f, &a);
	assert_int_equal(f->v.severity, SEVERITY_WARNING);
	assert_int_equal(f->v.time_s, NOON);
	assert_str(f->v.title, "Peace in Kyiv");
	assert_str(f->v.url, "https://news.example.com/1");
	assert_str(f->v.label, "ukraine");
	assert_str(f->v.source, "Example News");
	assert_str(f->v.text, "An envoy came.");
	assert_int_equal(f->v.n_hits, 2);
	check_lines(f, "alert topic=ukraine", "WARNING  ukraine");
	a.feed.title = STR_NONE;
	a.n_hits = 1;
	view_alert(f, &a);
	assert_str(f->v.source, "news.example.com");
	assert_str(f->v.text, "In short");
}

static const struct {
	const char	*url;
	bool		 kept;
} urls[] = {
	{ "https://e.org/a?b=c", true },
	{ "HTTP://e.org", true },
	{ "javascript:alert(1)", false },
	{ "data:text/html,x", false },
	{ "ftp://e.org/", false },
	{ "/relative", false },
	{ "https://", false },
	{ "x", false },
	{ "", false },
};

static void
test_urls(void **state)
{
	struct fixture *f = *state;
	struct alert a = example_alert();

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		a.item.url = str_from(urls[i].url);
		view_alert(f, &a);
		assert_str(f->v.url, urls[i].kept ? urls[i].url : "");
	}
}

static void
test_notice(void **state)
{
	struct fixture *f = *state;
	struct notice n = { .id = STR("msg_1"), .instance = STR("desk-1"),
		.condition = STR("feed_failing"), .about = STR("http://e.org"),
		.over = true, .severity = SEVERITY_ERR, .since_s = NOON,
		.time_s = NOON + 1, .message = STR("It is back") };

	assert_int_equal(notice_to_json(&f->body, &n), 0);
	view(f, MESSAGE_NOTICE);
	assert_int_equal(f->v.severity, SEVERITY_ERR);
	assert_int_equal(f->v.time_s, NOON + 1);
	assert_str(f->v.title, "It is back");
	assert_str(f->v.url, "");
	assert_str(f->v.label, "feed failing (over)");
	assert_str(f->v.source, "desk-1");
	assert_str(f->v.text, "http://e.org");
	check_lines(f, "health condition=feed_failing", "feed failing (over)");
}

static void
test_digest(void **state)
{
	static const struct digest_topic topics[] = { { { "t", 1 }, 3 } };
	static const struct digest_alert alerts[] = {
		{ .title = { "One", 3 }, .site = { "e.org", 5 } },
		{ .title = { "Two", 3 } },
	};
	struct fixture *f = *state;
	struct digest d = { .id = STR("msg_1"), .instance = STR("desk-1"),
		.sink = STR("s"), .severity = SEVERITY_CRIT, .time_s = NOON,
		.count = 3, .since_s = NOON, .until_s = NOON + 60,
		.topics = topics, .n_topics = 1, .alerts = alerts,
		.n_alerts = 2 };

	assert_int_equal(digest_to_json(&f->body, &d), 0);
	view(f, MESSAGE_DIGEST);
	assert_int_equal(f->v.severity, SEVERITY_CRIT);
	assert_str(f->v.title, "3 alerts from 2026-11-23 12:00 UTC to "
	    "2026-11-23 12:01 UTC");
	assert_str(f->v.url, "");
	assert_str(f->v.label, "");
	assert_str(f->v.source, "desk-1");
	assert_str(f->v.text, "t 3\nOne \xc2\xb7 e.org\nTwo\n1 more");
	check_lines(f, "digest sink=s count=3", "CRIT  3 alerts");
}

static void
test_trial(void **state)
{
	struct fixture *f = *state;
	struct trial t = { .id = STR("msg_1"), .instance = STR("desk-1"),
		.sink = STR("s"), .time_s = NOON };

	assert_int_equal(trial_to_json(&f->body, &t), 0);
	view(f, MESSAGE_TRIAL);
	assert_int_equal(f->v.severity, SEVERITY_NOTICE);
	assert_str(f->v.title, "A test message of headlined");
	assert_str(f->v.source, "desk-1");
	assert_str(f->v.text,
	    "A test of the sink s, asked for by headlinectl.");
	check_lines(f, "test sink=s", "headlined: test");
}

static const char *const no_message[] = {
	"", "{", "[]", "{}", "7", "{\"type\":\"io.headlined.other.v1\"}",
	"{\"type\":\"io.headlined.alert.v1\"}",
	"{\"type\":\"io.headlined.health.v1\"}",
	"{\"type\":\"io.headlined.digest.v1\"}",
	"{\"type\":\"io.headlined.test.v1\"}",
};

static void
test_no_message(void **state)
{
	struct fixture *f = *state;
	struct err err;

	for (size_t i = 0; i < sizeof(no_message) / sizeof(no_message[0]);
	    i++) {
		err.msg[0] = '\0';
		if (message_read(f->arena, str_from(no_message[i]), &f->m,
		    &err) != -1 || err.msg[0] == '\0')
			fail_msg("%s", no_message[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_alert, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_urls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_notice, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_digest, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_trial, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_message, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
