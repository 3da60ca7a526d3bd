/* SPDX-License-Identifier: ISC */
/* Digests of alerts in all their shapes, and that they always fit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "alerts/alert_format.h"
#include "alerts/digest.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/utf8.h"

#define NOON	INT64_C(1795435200)	/* 2026-11-23T12:00:00Z */

static const struct digest_topic topics[] = {
	{ { "ukraine", 7 }, 80 }, { { "sanctions", 9 }, 40 },
};

static const struct digest_alert alerts[] = {
	{ .id = { "msg_a", 5 }, .topic = { "ukraine", 7 },
	    .title = { "Peace, says Macron", 18 },
	    .url = { "https://news.example.com/1", 26 },
	    .site = { "news.example.com", 16 },
	    .severity = SEVERITY_WARNING, .time_s = NOON - 3600 },
	{ .id = { "msg_b", 5 }, .topic = { "sanctions", 9 },
	    .title = { "Embargo", 7 }, .severity = SEVERITY_INFO,
	    .time_s = ITEM_NO_TIME },
};

static struct digest
example(void)
{
	return (struct digest){ .id = STR("msg_1"), .instance = STR("desk-1"),
		.sink = STR("newsroom"), .severity = SEVERITY_WARNING,
		.time_s = NOON, .count = 120, .since_s = NOON - 3600,
		.until_s = NOON, .topics = topics, .n_topics = 2,
		.alerts = alerts, .n_alerts = 2 };
}

static void
test_id(void **state)
{
	char first[ALERT_ID_SIZE], id[ALERT_ID_SIZE];
	struct digest d = example();

	(void)state;
	digest_make_id(&d, STR("a"), STR("b"), first);
	assert_int_equal(strlen(first), ALERT_ID_SIZE - 1);
	digest_make_id(&d, STR("a"), STR("b"), id);
	assert_string_equal(id, first);
	d.time_s++;
	digest_make_id(&d, STR("a"), STR("b"), id);
	assert_string_not_equal(id, first);
	d = example();
	digest_make_id(&d, STR("a"), STR("c"), id);
	assert_string_not_equal(id, first);
	digest_make_id(&d, STR("c"), STR("b"), id);
	assert_string_not_equal(id, first);
	d.count++;
	digest_make_id(&d, STR("a"), STR("b"), id);
	assert_string_not_equal(id, first);
	d = example();
	d.sink = STR("other");
	digest_make_id(&d, STR("a"), STR("b"), id);
	assert_string_not_equal(id, first);
}

static void
test_json_exactly(void **state)
{
	struct digest d = example();
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	assert_int_equal(digest_to_json(&b, &d), 0);
	assert_string_equal(buf_cstr(&b), "{\"specversion\":\"1.0\","
	    "\"id\":\"msg_1\",\"source\":\"urn:headlined:desk-1\","
	    "\"type\":\"io.headlined.digest.v1\",\"subject\":\"newsroom\","
	    "\"time\":\"2026-11-23T12:00:00Z\","
	    "\"timestamp\":\"2026-11-23T12:00:00Z\","
	    "\"datacontenttype\":\"application/json\","
	    "\"data\":{\"count\":120,\"severity\":\"warning\","
	    "\"since\":\"2026-11-23T11:00:00Z\","
	    "\"until\":\"2026-11-23T12:00:00Z\","
	    "\"topics\":[{\"topic\":\"ukraine\",\"count\":80},"
	    "{\"topic\":\"sanctions\",\"count\":40}],"
	    "\"alerts\":[{\"id\":\"msg_a\",\"topic\":\"ukraine\","
	    "\"severity\":\"warning\",\"title\":\"Peace, says Macron\","
	    "\"url\":\"https://news.example.com/1\","
	    "\"site\":\"news.example.com\","
	    "\"time\":\"2026-11-23T11:00:00Z\"},"
	    "{\"id\":\"msg_b\",\"topic\":\"sanctions\","
	    "\"severity\":\"info\",\"title\":\"Embargo\",\"url\":\"\","
	    "\"site\":\"\"}]}}");
	buf_clear(&b);
}

static void
test_comes_back(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	struct digest d = example(), back;
	struct err err;
	struct buf b, again;

	(void)state;
	buf_init(&b, 1 << 16);
	buf_init(&again, 1 << 16);
	assert_int_equal(digest_to_json(&b, &d), 0);
	assert_int_equal(digest_from_json(arena, buf_str(&b), &back, &err), 1);
	assert_int_equal(back.count, 120);
	assert_int_equal(back.n_topics, 2);
	assert_int_equal(back.topics[1].count, 40);
	assert_int_equal(back.n_alerts, 2);
	assert_int_equal(back.alerts[0].severity, SEVERITY_WARNING);
	assert_int_equal(back.alerts[1].time_s, ITEM_NO_TIME);
	assert_int_equal(digest_to_json(&again, &back), 0);
	assert_string_equal(buf_cstr(&again), buf_cstr(&b));
	buf_clear(&b);
	buf_clear(&again);
	arena_free(arena);
}

#define EVENT	"{\"type\":\"io.headlined.digest.v1\",\"id\":\"m\","	\
	"\"time\":\"2026-11-23T12:00:00Z\",\"data\":"

static const struct {
	const char	*says, *text;
	int		 want;
} bodies[] = {
	{ "the least there is", EVENT "{\"severity\":\"err\",\"count\":0}}",
	    1 },
	{ "odd kinds", EVENT "{\"severity\":\"err\",\"count\":3,"
	    "\"topics\":[1,{\"topic\":2,\"count\":\"x\"}],\"alerts\":{}}}",
	    1 },
	{ "a test message", "{\"type\":\"io.headlined.test.v1\"}", 0 },
	{ "no JSON", "{", -1 },
	{ "no count", EVENT "{\"severity\":\"err\"}}", -1 },
	{ "under none", EVENT "{\"severity\":\"err\",\"count\":-2}}", -1 },
	{ "no severity", EVENT "{\"count\":1}}", -1 },
	{ "a since that is none", EVENT "{\"severity\":\"err\",\"count\":1,"
	    "\"since\":\"noon\"}}", -1 },
	{ "an alert without severity", EVENT "{\"severity\":\"err\","
	    "\"count\":1,\"alerts\":[{\"title\":\"x\"}]}}", -1 },
	{ "an alert at no time", EVENT "{\"severity\":\"err\",\"count\":1,"
	    "\"alerts\":[{\"severity\":\"err\",\"time\":\"x\"}]}}", -1 },
};

static void
test_bodies(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	struct digest d;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		err.msg[0] = '\0';
		if (digest_from_json(arena, str_from(bodies[i].text), &d,
		    &err) != bodies[i].want)
			fail_msg("%s", bodies[i].says);
		if ((err.msg[0] != '\0') != (bodies[i].want == -1))
			fail_msg("%s: \"%s\" is said", bodies[i].says,
			    err.msg);
	}
	arena_free(arena);
}

/*
 * Whatever comes
 */

enum { LONG = 50000, MANY = 300 };

static const struct str nasty[] = {
	{ "a", 1 }, { "\"", 1 }, { "\\", 1 }, { "\xf0\x9f\x98\x80", 4 },
	{ "\xff", 1 }, { "\x1b[2J ", 5 }, { "\xe2\x80\xae", 3 },
	{ "\xed\xa0\x80", 3 },
};

static void
check_fits(struct str text, size_t n)
{
	static struct digest_topic t[MANY];
	static struct digest_alert a[MANY];
	struct arena *arena = arena_new(1 << 20);
	struct digest d = { .id = STR("msg_1"), .instance = text,
		.sink = text, .severity = SEVERITY_EMERG, .time_s = NOON,
		.count = INT64_MAX,
		.since_s = NOON, .until_s = NOON, .topics = t, .n_topics = n,
		.alerts = a, .n_alerts = n }, back;
	struct err err;
	struct buf b;

	for (size_t i = 0; i < n; i++) {
		t[i] = (struct digest_topic){ text, INT64_MAX };
		a[i] = (struct digest_alert){ .id = text, .topic = text,
			.title = text, .url = text, .site = text,
			.time_s = NOON };
	}
	buf_init(&b, 1 << 20);
	assert_int_equal(digest_to_json(&b, &d), 0);
	assert_true(b.n <= ALERT_MAX_JSON);
	assert_true(utf8_is_valid(buf_str(&b)));
	assert_int_equal(digest_from_json(arena, buf_str(&b), &back, &err), 1);
	buf_reset(&b);
	digest_to_logfmt(&b, &d);
	digest_to_terminal(&b, &d, false);
	assert_false(b.failed);
	assert_true(utf8_is_valid(buf_str(&b)));
	assert_null(memchr(buf_cstr(&b), '\x1b', b.n));
	assert_null(strstr(buf_cstr(&b), "\xe2\x80\xae"));
	buf_clear(&b);
	arena_free(arena);
}

static void
test_always_fits(void **state)
{
	static char text[LONG + 8];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(nasty) / sizeof(nasty[0]); i++) {
		for (n = 0; n < LONG; n += nasty[i].n)
			memcpy(text + n, nasty[i].p, nasty[i].n);
		check_fits((struct str){ text, n }, MANY);
		check_fits((struct str){ text, 60 }, MANY);
		check_fits((struct str){ text, n }, 0);
	}
}

/* What has room stays: titles are cut before alerts are left out. */
static void
test_titles_are_cut_first(void **state)
{
	static char title[900];
	struct digest_alert many[20];
	struct arena *arena = arena_new(1 << 20);
	struct digest d = example(), back;
	struct err err;
	struct buf b;

	(void)state;
	memset(title, 'x', sizeof(title));
	for (size_t i = 0; i < 20; i++)
		many[i] = (struct digest_alert){ .id = STR("msg_a"),
			.title = { title, sizeof(title) }, .time_s = NOON };
	d.alerts = many;
	d.n_alerts = 20;
	buf_init(&b, 1 << 20);
	assert_int_equal(digest_to_json(&b, &d), 0);
	assert_true(b.n <= ALERT_MAX_JSON);
	assert_int_equal(digest_from_json(arena, buf_str(&b), &back, &err), 1);
	assert_int_equal(back.n_alerts, 20);
	assert_int_equal(back.alerts[19].title.n, 200);
	buf_clear(&b);
	arena_free(arena);
}

static void
test_small_memory(void **state)
{
	struct arena *arena = arena_new(64);
	struct digest d = example(), back;
	struct err err;
	struct buf b, small;

	(void)state;
	buf_init(&b, 1 << 16);
	buf_init(&small, 100);
	assert_int_equal(digest_to_json(&b, &d), 0);
	assert_int_equal(digest_to_json(&small, &d), -1);
	assert_int_equal(digest_from_json(arena, buf_str(&b), &back, &err),
	    -1);
	buf_clear(&b);
	buf_clear(&small);
	arena_free(arena);
}

static void
test_for_eyes(void **state)
{
	struct digest d = example();
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	digest_to_logfmt(&b, &d);
	assert_string_equal(buf_cstr(&b), "digest sink=newsroom count=120"
	    " severity=warning id=msg_1 topics=\"ukraine 80, sanctions 40\"");
	buf_reset(&b);
	digest_to_terminal(&b, &d, false);
	assert_string_equal(buf_cstr(&b), "\xe2\x96\x8c WARNING  120 alerts "
	    "from 2026-11-23 11:00 UTC to 2026-11-23 12:00 UTC\n"
	    "  ukraine 80, sanctions 40\n"
	    "  Peace, says Macron \xc2\xb7 news.example.com\n"
	    "  https://news.example.com/1\n"
	    "  Embargo\n"
	    "  118 more\n\n");
	buf_reset(&b);
	d = (struct digest){ .id = STR("msg_1"), .count = 1,
		.since_s = ITEM_NO_TIME, .until_s = ITEM_NO_TIME,
		.alerts = alerts + 1, .n_alerts = 1 };
	digest_to_terminal(&b, &d, false);
	assert_string_equal(buf_cstr(&b), "\xe2\x96\x8c EMERG  1 alert\n"
	    "  Embargo\n\n");
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_json_exactly),
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_always_fits),
		cmocka_unit_test(test_titles_are_cut_first),
		cmocka_unit_test(test_small_memory),
		cmocka_unit_test(test_for_eyes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
