/* SPDX-License-Identifier: ISC */
/* Notices in all their shapes, and what a hostile feed may put into them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "alerts/alert_format.h"
#include "alerts/notice.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/utf8.h"

#define NOON	INT64_C(1795435200)	/* 2026-11-23T12:00:00Z */

static struct notice
example(void)
{
	return (struct notice){
		.id = STR("msg_0123456789abcdef0123456789abcdef"),
		.instance = STR("desk-1"),
		.condition = STR("feed_failing"),
		.about = STR("https://news.example.com/rss?a=b"),
		.severity = SEVERITY_WARNING,
		.since_s = NOON - 86400,
		.time_s = NOON,
		.message = STR("no document for a day: HTTP 503"),
	};
}

/* The JSON of n in *out, which the caller clears. */
static struct str
to_json(struct buf *out, const struct notice *n)
{
	buf_init(out, 1 << 20);
	assert_int_equal(notice_to_json(out, n), 0);
	return buf_str(out);
}

static void
assert_str(struct str got, struct str want)
{
	if (!str_eq(got, want))
		fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(got),
		    STR_ARG(want));
}

/*
 * The id
 */

static const struct {
	const char	*says;
	struct notice	 n;
	bool		 same;
} ids[] = {
	{ "the same", { .instance = { "i", 1 }, .condition = { "c", 1 },
	    .about = { "a", 1 }, .since_s = 7 }, true },
	{ "later, in other words, graver", { .instance = { "i", 1 },
	    .condition = { "c", 1 }, .about = { "a", 1 }, .since_s = 7,
	    .severity = SEVERITY_CRIT, .time_s = 99, .message = { "m", 1 } },
	    true },
	{ "over", { .instance = { "i", 1 }, .condition = { "c", 1 },
	    .about = { "a", 1 }, .since_s = 7, .over = true }, false },
	{ "another instance", { .instance = { "j", 1 },
	    .condition = { "c", 1 }, .about = { "a", 1 }, .since_s = 7 },
	    false },
	{ "another condition", { .instance = { "i", 1 },
	    .condition = { "d", 1 }, .about = { "a", 1 }, .since_s = 7 },
	    false },
	{ "about another", { .instance = { "i", 1 }, .condition = { "c", 1 },
	    .about = { "b", 1 }, .since_s = 7 }, false },
	{ "about nothing", { .instance = { "i", 1 }, .condition = { "c", 1 },
	    .since_s = 7 }, false },
	{ "begun at another time", { .instance = { "i", 1 },
	    .condition = { "c", 1 }, .about = { "a", 1 }, .since_s = 8 },
	    false },
	{ "parts that are cut elsewhere", { .instance = { "ic", 2 },
	    .condition = { "", 0 }, .about = { "a", 1 }, .since_s = 7 },
	    false },
};

static void
test_id(void **state)
{
	char first[ALERT_ID_SIZE], id[ALERT_ID_SIZE];

	(void)state;
	notice_make_id(&ids[0].n, first);
	assert_int_equal(strlen(first), ALERT_ID_SIZE - 1);
	assert_memory_equal(first, "msg_", 4);
	assert_int_equal(strspn(first + 4, "0123456789abcdef"), 32);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		notice_make_id(&ids[i].n, id);
		if ((strcmp(id, first) == 0) != ids[i].same)
			fail_msg("%s", ids[i].says);
	}
}

/*
 * JSON
 */

static void
test_json_exactly(void **state)
{
	struct notice n = example();
	struct buf b;

	(void)state;
	assert_str(to_json(&b, &n), STR("{\"specversion\":\"1.0\","
	    "\"id\":\"msg_0123456789abcdef0123456789abcdef\","
	    "\"source\":\"urn:headlined:desk-1\","
	    "\"type\":\"io.headlined.health.v1\","
	    "\"subject\":\"feed_failing\","
	    "\"time\":\"2026-11-23T12:00:00Z\","
	    "\"timestamp\":\"2026-11-23T12:00:00Z\","
	    "\"datacontenttype\":\"application/json\","
	    "\"data\":{\"condition\":\"feed_failing\",\"state\":\"begun\","
	    "\"severity\":\"warning\","
	    "\"about\":\"https://news.example.com/rss?a=b\","
	    "\"since\":\"2026-11-22T12:00:00Z\","
	    "\"message\":\"no document for a day: HTTP 503\"}}"));
	buf_clear(&b);
}

static void
test_comes_back(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct notice n = example(), back;
	struct err err;
	struct buf b, again;

	(void)state;
	n.over = true;
	n.instance = STR("desk 1/%\xc3\xa9");
	assert_int_equal(notice_from_json(arena, to_json(&b, &n), &back,
	    &err), 1);
	assert_str(back.id, n.id);
	assert_str(back.instance, n.instance);
	assert_str(back.condition, n.condition);
	assert_str(back.about, n.about);
	assert_true(back.over);
	assert_int_equal(back.severity, n.severity);
	assert_int_equal(back.since_s, n.since_s);
	assert_int_equal(back.time_s, n.time_s);
	assert_str(back.message, n.message);
	assert_str(to_json(&again, &back), buf_str(&b));
	buf_clear(&b);
	buf_clear(&again);
	arena_free(arena);
}

static void
test_without_what_may_be_absent(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct notice n = { .id = STR("msg_1"), .condition = STR("degraded"),
		.severity = SEVERITY_ERR, .since_s = ITEM_NO_TIME,
		.time_s = 0 }, back;
	struct err err;
	struct buf b;

	(void)state;
	assert_int_equal(notice_from_json(arena, to_json(&b, &n), &back,
	    &err), 1);
	assert_int_equal(back.since_s, ITEM_NO_TIME);
	assert_int_equal(back.time_s, 0);
	assert_false(back.over);
	assert_int_equal(back.about.n, 0);
	assert_int_equal(back.message.n, 0);
	buf_clear(&b);
	arena_free(arena);
}

#define EVENT	"\"type\":\"io.headlined.health.v1\",\"id\":\"msg_1\","	\
	"\"time\":\"2026-11-23T12:00:00Z\""

static const struct {
	const char	*says;
	const char	*text;
	int		 want;
} bodies[] = {
	{ "the least there is", "{" EVENT ",\"data\":{\"state\":\"begun\","
	    "\"severity\":\"err\"}}", 1 },
	{ "an alert", "{\"type\":\"io.headlined.alert.v1\",\"id\":\"msg_1\","
	    "\"time\":\"2026-11-23T12:00:00Z\",\"data\":"
	    "{\"severity\":\"info\"}}", 0 },
	{ "something to come", "{\"type\":\"io.headlined.test.v1\"}", 0 },
	{ "no type", "{}", 0 },
	{ "no map", "[1,2]", 0 },
	{ "a type that is no text", "{\"type\":1}", 0 },
	{ "nothing", "", -1 },
	{ "no JSON", "{\"type\":", -1 },
	{ "no data", "{" EVENT "}", -1 },
	{ "no state", "{" EVENT ",\"data\":{\"severity\":\"err\"}}", -1 },
	{ "another state", "{" EVENT ",\"data\":{\"state\":\"ended\","
	    "\"severity\":\"err\"}}", -1 },
	{ "no severity", "{" EVENT ",\"data\":{\"state\":\"over\"}}", -1 },
	{ "a severity that is none", "{" EVENT ",\"data\":{\"state\":"
	    "\"over\",\"severity\":\"bad\"}}", -1 },
	{ "a since that is none", "{" EVENT ",\"data\":{\"state\":\"over\","
	    "\"severity\":\"err\",\"since\":\"2026-02-30 10:00\"}}", -1 },
	{ "no id", "{\"type\":\"io.headlined.health.v1\","
	    "\"time\":\"2026-11-23T12:00:00Z\",\"data\":"
	    "{\"state\":\"over\",\"severity\":\"err\"}}", -1 },
	{ "no time", "{\"type\":\"io.headlined.health.v1\",\"id\":\"msg_1\","
	    "\"data\":{\"state\":\"over\",\"severity\":\"err\"}}", -1 },
	{ "odd kinds", "{" EVENT ",\"source\":7,\"data\":{\"state\":\"over\","
	    "\"severity\":\"err\",\"about\":[],\"message\":{},"
	    "\"condition\":null,\"since\":9}}", 1 },
};

static void
test_bodies(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct notice n;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		err.msg[0] = '\0';
		if (notice_from_json(arena, str_from(bodies[i].text), &n,
		    &err) != bodies[i].want)
			fail_msg("%s", bodies[i].says);
		if ((err.msg[0] != '\0') != (bodies[i].want == -1))
			fail_msg("%s: \"%s\" is said", bodies[i].says,
			    err.msg);
	}
	arena_free(arena);
}

/* An alert is not taken for a notice, nor a notice for an alert. */
static void
test_not_an_alert(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct notice n = example();
	struct alert a;
	struct err err;
	struct buf b;

	(void)state;
	assert_int_equal(alert_from_json(arena, to_json(&b, &n), &a, &err),
	    -1);
	buf_clear(&b);
	arena_free(arena);
}

static void
test_small_memory(void **state)
{
	struct arena *arena = arena_new(64);
	struct notice n = example(), back;
	struct buf b, small;
	struct err err;

	(void)state;
	assert_int_equal(notice_from_json(arena, to_json(&b, &n), &back,
	    &err), -1);
	buf_init(&small, 100);
	assert_int_equal(notice_to_json(&small, &n), -1);
	buf_clear(&small);
	buf_clear(&b);
	arena_free(arena);
}

/*
 * For eyes
 */

static void
check_logfmt(const struct notice *n, const char *want)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	notice_to_logfmt(&b, n);
	assert_false(b.failed);
	assert_string_equal(buf_cstr(&b), want);
	buf_clear(&b);
}

static void
test_logfmt(void **state)
{
	struct notice n = example();

	(void)state;
	check_logfmt(&n, "health condition=feed_failing state=begun"
	    " severity=warning about=\"https://news.example.com/rss?a=b\""
	    " since=2026-11-22T12:00:00Z"
	    " id=msg_0123456789abcdef0123456789abcdef"
	    " message=\"no document for a day: HTTP 503\"");
	n = (struct notice){ .id = STR("msg_1"), .over = true,
		.condition = STR("degraded"), .severity = SEVERITY_NOTICE,
		.since_s = ITEM_NO_TIME };
	check_logfmt(&n, "health condition=degraded state=over"
	    " severity=notice about=\"\" since=\"\" id=msg_1 message=\"\"");
}

/* A server must not forge a field or a line with its error text. */
static void
test_logfmt_quotes(void **state)
{
	struct notice n = { .id = STR("msg_1"), .condition = STR("c d"),
		.severity = SEVERITY_NOTICE, .since_s = 0 };

	(void)state;
	n.about = STR("http://e.org/\" severity=emerg");
	n.message = STR("HTTP 500\n<0>forged \\ \x1b[2J\xe2\x80\xae" "x\xff");
	check_logfmt(&n, "health condition=\"c d\" state=begun"
	    " severity=notice about=\"http://e.org/\\\" severity=emerg\""
	    " since=1970-01-01T00:00:00Z id=msg_1"
	    " message=\"HTTP 500 <0>forged \\\\ [2Jx\xef\xbf\xbd\"");
}

static void
check_terminal(const struct notice *n, const char *want)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	notice_to_terminal(&b, n, false);
	assert_false(b.failed);
	assert_string_equal(buf_cstr(&b), want);
	buf_clear(&b);
}

static void
test_terminal(void **state)
{
	struct notice n = example();

	(void)state;
	check_terminal(&n, "\xe2\x96\x8c WARNING  headlined: feed failing\n"
	    "  no document for a day: HTTP 503\n"
	    "  https://news.example.com/rss?a=b\n"
	    "  since 2026-11-22 12:00 UTC\n\n");
	n = (struct notice){ .id = STR("msg_1"), .over = true,
		.condition = STR("store_full"), .severity = SEVERITY_NOTICE,
		.since_s = ITEM_NO_TIME };
	check_terminal(&n, "\xe2\x96\x8c NOTICE  headlined: store full (over)"
	    "\n\n");
}

static void
test_terminal_colour(void **state)
{
	struct notice n = example();
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	notice_to_terminal(&b, &n, true);
	assert_non_null(strstr(buf_cstr(&b), "\033[1;33m\xe2\x96\x8c WARNING"
	    "\033[0m  \033[1mheadlined: feed failing\033[0m\n"));
	assert_non_null(strstr(buf_cstr(&b),
	    "\033[2mhttps://news.example.com/rss?a=b\033[0m\n"));
	buf_clear(&b);
}

/*
 * Whatever comes
 */

static bool
is_clean(struct str s)
{
	size_t len;
	uint32_t c;

	for (size_t i = 0; i < s.n; i += len) {
		c = utf8_decode(s.p + i, s.n - i, &len);
		if (c < 0x20 || (c >= 0x7f && c <= 0x9f) ||
		    (c >= 0x202a && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069) || c == 0x2028 || c == 0x2029)
			return false;
	}
	return utf8_is_valid(s);
}

static const struct str nasty[] = {
	{ "\"", 1 }, { "\\", 1 }, { "\0", 1 }, { "\n", 1 },
	{ "\x1b[31m", 5 }, { "\xe2\x80\xae", 3 }, { "\xff", 1 },
	{ "\xf0\x9f\x98\x80", 4 }, { "\xed\xa0\x80", 3 }, { "a ", 2 },
	{ "\xe2\x80\xa8", 3 }, { "\xf4\x8f", 2 }, { "/", 1 }, { "_", 1 },
};

enum { N_NASTY = sizeof(nasty) / sizeof(nasty[0]), LONG = 60000 };

/* One text of a kind over and over, or all kinds in turn. */
static struct str
make_nasty(char *p, size_t kind, size_t want)
{
	size_t n = 0;

	for (size_t i = 0; n < want; i++) {
		const struct str *s = &nasty[kind < N_NASTY ? kind :
		    i % N_NASTY];

		memcpy(p + n, s->p, s->n);
		n += s->n;
	}
	return (struct str){ p, n };
}

static void
check_nasty(struct str text)
{
	struct notice n = { .id = text, .instance = text, .condition = text,
		.about = text, .message = text, .severity = SEVERITY_ERR,
		.since_s = INT64_MAX, .time_s = -1 }, back;
	struct arena *arena = arena_new(1 << 20);
	struct buf b, line;
	struct err err;

	assert_true(to_json(&b, &n).n <= ALERT_MAX_JSON);
	assert_true(is_clean(buf_str(&b)));
	if (notice_from_json(arena, buf_str(&b), &back, &err) != 1)
		assert_non_null(strstr(err.msg, "no id"));
	buf_init(&line, 1 << 20);
	notice_to_logfmt(&line, &n);
	assert_false(line.failed);
	assert_true(is_clean(buf_str(&line)));
	buf_reset(&line);
	notice_to_terminal(&line, &n, false);
	assert_false(line.failed);
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\n')
			line.p[i] = ' ';	/* the only one allowed */
	assert_true(is_clean(buf_str(&line)));
	buf_clear(&line);
	buf_clear(&b);
	arena_free(arena);
}

static void
test_whatever_comes(void **state)
{
	char *p = malloc(LONG + 16);

	(void)state;
	assert_non_null(p);
	for (size_t kind = 0; kind <= N_NASTY; kind++)
		for (size_t want = 1; want <= LONG; want *= 3)
			check_nasty(make_nasty(p, kind, want));
	check_nasty(make_nasty(p, 0, LONG));
	free(p);
}

/* Cut or bent anywhere, what was written is refused or read, no more. */
static void
test_bent_json(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct notice n = example(), back;
	struct buf b;
	struct err err;

	(void)state;
	to_json(&b, &n);
	for (size_t i = 0; i < b.n; i++) {
		char was = b.p[i];

		arena_reset(arena);
		assert_int_equal(notice_from_json(arena,
		    (struct str){ b.p, i }, &back, &err), -1);
		b.p[i] = (char)(was ^ 0x15);
		notice_from_json(arena, buf_str(&b), &back, &err);
		b.p[i] = was;
	}
	buf_clear(&b);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_json_exactly),
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_without_what_may_be_absent),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_not_an_alert),
		cmocka_unit_test(test_small_memory),
		cmocka_unit_test(test_logfmt),
		cmocka_unit_test(test_logfmt_quotes),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_terminal_colour),
		cmocka_unit_test(test_whatever_comes),
		cmocka_unit_test(test_bent_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
