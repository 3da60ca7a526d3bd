/* SPDX-License-Identifier: ISC */
/* RFC 5424 as it leaves, byte for byte, and what must never leave. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/alert_format.h"
#include "alerts/message.h"
#include "alerts/syslog_5424.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/utf8.h"

#define BOM	"\xef\xbb\xbf"

static const struct syslog_origin origin = { 3, 4711, "desk-1" };

static struct message
an_alert(void)
{
	return (struct message){ .kind = MESSAGE_ALERT, .alert = {
		.id = STR("msg_1"), .topic = STR("t"), .time_s = 1000,
		.severity = SEVERITY_WARNING,
		.item = { .title = STR("A \"title\""),
		    .url = STR("https://e.org/a?b=[c]"),
		    .published_s = ITEM_NO_TIME },
		.feed = { .title = STR("E"), .site = STR("e.org") },
		.story = { .id = STR("s1") } } };
}

static struct str
write_it(struct buf *b, const struct message *m, size_t max)
{
	buf_reset(b);
	syslog_5424_write(b, &origin, m, max);
	assert_false(b->failed);
	return buf_str(b);
}

static void
assert_written(const struct message *m, const char *want)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	(void)write_it(&b, m, SYSLOG_MAX_FRAME);
	assert_string_equal(buf_cstr(&b), want);
	buf_clear(&b);
}

static void
test_alert(void **state)
{
	struct message m = an_alert();

	(void)state;
	assert_written(&m, "<28>1 1970-01-01T00:16:40Z desk-1 headlined 4711 "
	    "alert [headlined@32473 topic=\"t\" severity=\"warning\" "
	    "id=\"msg_1\" url=\"https://e.org/a?b=[c\\]\" site=\"e.org\" "
	    "feed=\"E\" story=\"s1\"] " BOM
	    "alert topic=t severity=warning id=msg_1 "
	    "title=\"A \\\"title\\\"\" url=https://e.org/a?b=[c] feed=\"E\" "
	    "site=e.org entities=\"\" story=s1 copies=0");
}

/* 6.3.3; and what is empty is left out. */
static void
test_escapes(void **state)
{
	struct message m = an_alert();
	struct buf b;
	struct str got;

	(void)state;
	m.alert.topic = STR("a\"b\\c]d[e=f");
	m.alert.item.url = m.alert.feed.site = m.alert.feed.title =
	    m.alert.story.id = STR_NONE;
	buf_init(&b, 1 << 16);
	got = write_it(&b, &m, SYSLOG_MAX_FRAME);
	assert_non_null(strstr(got.p, " [headlined@32473 "
	    "topic=\"a\\\"b\\\\c\\]d[e=f\" severity=\"warning\" "
	    "id=\"msg_1\"] " BOM "alert "));
	buf_clear(&b);
}

static void
test_other_kinds(void **state)
{
	struct message m = { .kind = MESSAGE_NOTICE, .notice = {
		.id = STR("msg_n"), .condition = STR("feed_failing"),
		.about = STR("https://e.org/rss"), .over = true,
		.severity = SEVERITY_NOTICE, .time_s = 0,
		.message = STR("HTTP 500") } };

	(void)state;
	assert_written(&m, "<29>1 1970-01-01T00:00:00Z desk-1 headlined 4711 "
	    "health [headlined@32473 condition=\"feed_failing\" "
	    "state=\"over\" severity=\"notice\" id=\"msg_n\" "
	    "about=\"https://e.org/rss\"] " BOM
	    "health condition=feed_failing state=over severity=notice "
	    "about=\"https://e.org/rss\" since=1970-01-01T00:00:00Z id=msg_n "
	    "message=\"HTTP 500\"");
	m = (struct message){ .kind = MESSAGE_DIGEST, .digest = {
		.id = STR("msg_d"), .sink = STR("desk"), .count = 12,
		.severity = SEVERITY_ERR } };
	assert_written(&m, "<27>1 1970-01-01T00:00:00Z desk-1 headlined 4711 "
	    "digest [headlined@32473 sink=\"desk\" count=\"12\" "
	    "severity=\"err\" id=\"msg_d\"] " BOM
	    "digest sink=desk count=12 severity=err id=msg_d topics=\"\"");
	m = (struct message){ .kind = MESSAGE_TRIAL, .trial = {
		.id = STR("msg_t"), .sink = STR("desk"),
		.message = STR("A test.") } };
	assert_written(&m, "<29>1 1970-01-01T00:00:00Z desk-1 headlined 4711 "
	    "test [headlined@32473 sink=\"desk\" severity=\"notice\" "
	    "id=\"msg_t\"] " BOM
	    "test sink=desk severity=notice id=msg_t message=\"A test.\"");
}

/* Where the head ends: behind the bracket that no backslash escapes. */
static size_t
head_of(struct str s)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && s.p[i] == ']')
			return i + 1;
	}
	return 0;
}

static const struct {
	const char	*says;
	size_t		 max, url;
	bool		 has_url;
} lengths[] = {
	{ "a URL goes into a datagram's head", SYSLOG_MAX_DATAGRAM, 500,
	    true },
	{ "a long one would take too much of it", SYSLOG_MAX_DATAGRAM, 1000,
	    false },
	{ "a frame has room for that", SYSLOG_MAX_FRAME, 1000, true },
	{ "and for the longest", SYSLOG_MAX_FRAME, 2048, true },
	{ "which nothing cuts", SYSLOG_MAX_FRAME, 2049, false },
};

/* Both ends of the head stand, the line is cut at a character. */
static void
test_lengths(void **state)
{
	char url[2050], title[1001] = "", head[SYSLOG_MAX_FRAME];
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < 333; i++)
		memcpy(title + 3 * i, "\xe6\x97\xa5", 4);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct message m = an_alert();
		struct str got;
		size_t n;

		memset(url, 'u', sizeof(url));
		m.alert.item.url = (struct str){ url, lengths[i].url };
		m.alert.item.title = str_from(title);
		got = write_it(&b, &m, lengths[i].max);
		n = head_of(got);
		memcpy(head, got.p, n);
		head[n] = '\0';
		if (got.n > lengths[i].max || n == 0 ||
		    n > lengths[i].max / 2 + 1 || !utf8_is_valid(got) ||
		    (strstr(head, " url=\"u") != NULL) != lengths[i].has_url)
			fail_msg("%s: %zu bytes, head %zu", lengths[i].says,
			    got.n, n);
		assert_memory_equal(got.p + n, " " BOM "alert topic=t", 16);
	}
	buf_clear(&b);
}

/* A datagram that is full is full to the last character. */
static void
test_full_datagram(void **state)
{
	struct message m = an_alert();
	char title[1001] = "", url[2049];
	struct buf b;
	struct str got;

	(void)state;
	buf_init(&b, 1 << 16);
	for (size_t i = 0; i < 333; i++)
		memcpy(title + 3 * i, "\xe6\x97\xa5", 4);
	memset(url, 'u', sizeof(url));
	m.alert.item.title = str_from(title);
	m.alert.item.url = (struct str){ url, 2048 };
	got = write_it(&b, &m, SYSLOG_MAX_DATAGRAM);
	assert_in_range(got.n, SYSLOG_MAX_DATAGRAM - 3, SYSLOG_MAX_DATAGRAM);
	assert_true(utf8_is_valid(got));
	buf_clear(&b);
}

/*
 * Whatever a feed writes: valid UTF-8, no control character, no override, one
 * whole element of structured data, and a percent sign as it stood.
 */

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static struct str
hostile(struct arena *arena, uint32_t *seed, size_t max)
{
	static const char *const parts[] = {
		"\n", "\r", "\x1b[2J", "\x7f", "\xc2\x85", "\xe2\x80\xae",
		"\xe2\x81\xa6", "\xe2\x80\xa8", "\xff", "\xed\xa0\x80",
		"\xf0\x9f", "%n", "%s%s", "\"]", "\\", "]", "\" x=\"",
		"<0>1 - - - - - - ", "0 ", BOM, "\xf3\xa0\x81\x81", "word "
	};
	size_t n = next(seed) % max, used = 0;
	char *p = arena_alloc(arena, n + 32);

	assert_non_null(p);
	while (used < n) {
		const char *part = parts[next(seed) %
		    (sizeof(parts) / sizeof(parts[0]))];
		size_t len = strlen(part);

		memcpy(p + used, part, len);
		used += len;
		if (next(seed) % 50 == 0)
			p[used++] = '\0';
	}
	return (struct str){ p, used };
}

static void
assert_harmless(struct str s)
{
	size_t len, head = head_of(s);

	assert_true(utf8_is_valid(s));
	assert_true(head > 0);
	assert_true(head + 4 <= s.n);
	assert_memory_equal(s.p + head, " " BOM, 4);
	for (size_t i = 0; i < s.n; i += len) {
		uint32_t c = utf8_decode(s.p + i, s.n - i, &len);

		if (i == head + 1)
			continue;	/* the byte order mark itself */
		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x200e ||
		    c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff ||
		    (c >= 0xe0000 && c < 0xe0080))
			fail_msg("U+%04X at %zu of %.*s", c, i, (int)s.n, s.p);
	}
}

static void
test_hostile(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	uint32_t seed = 5424;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	for (int i = 0; i < 3000; i++) {
		struct message m = an_alert();
		size_t max = 1 + next(&seed) % 3000;

		arena_reset(arena);
		m.alert.topic = hostile(arena, &seed, max);
		m.alert.id = hostile(arena, &seed, max);
		m.alert.item.title = hostile(arena, &seed, max);
		m.alert.item.url = hostile(arena, &seed, max);
		m.alert.feed.title = hostile(arena, &seed, max);
		m.alert.feed.site = hostile(arena, &seed, max);
		m.alert.story.id = hostile(arena, &seed, max);
		assert_harmless(write_it(&b, &m, i % 2 == 0 ?
		    SYSLOG_MAX_DATAGRAM : SYSLOG_MAX_FRAME));
	}
	buf_clear(&b);
	arena_free(arena);
}

static void
test_percent(void **state)
{
	struct message m = an_alert();
	struct buf b;
	struct str got;

	(void)state;
	m.alert.topic = m.alert.item.title = STR("100%n %s %08x");
	buf_init(&b, 1 << 16);
	got = write_it(&b, &m, SYSLOG_MAX_FRAME);
	assert_non_null(strstr(got.p, "[headlined@32473 "
	    "topic=\"100%n %s %08x\" "));
	assert_non_null(strstr(got.p, " title=\"100%n %s %08x\" "));
	buf_clear(&b);
}

static void
test_from_json(void **state)
{
	struct arena *arena = arena_new(1 << 18);
	struct message m = an_alert();
	struct buf json, direct, read;
	struct err err;

	(void)state;
	buf_init(&json, 1 << 16);
	buf_init(&direct, 1 << 16);
	buf_init(&read, 1 << 16);
	assert_int_equal(alert_to_json(&json, &m.alert), 0);
	(void)write_it(&direct, &m, SYSLOG_MAX_FRAME);
	assert_int_equal(syslog_5424_from_json(&read, &origin, arena,
	    buf_str(&json), SYSLOG_MAX_FRAME, &err), 0);
	assert_string_equal(buf_cstr(&read), buf_cstr(&direct));
	assert_int_equal(syslog_5424_from_json(&read, &origin, arena,
	    STR("{}"), SYSLOG_MAX_FRAME, &err), -1);
	buf_clear(&read);
	buf_clear(&direct);
	buf_clear(&json);
	arena_free(arena);
}

static void
test_origin(void **state)
{
	struct syslog_origin o;
	char name[256];
	struct err err;

	(void)state;
	assert_int_equal(syslog_origin_init(&o, 23, &err), 0);
	assert_int_equal(o.facility, 23);
	assert_int_equal(o.procid, getpid());
	assert_int_equal(gethostname(name, sizeof(name)), 0);
	assert_string_equal(o.hostname, name);
	assert_int_equal(syslog_origin_init(&o, 24, &err), -1);
	assert_int_equal(syslog_origin_init(&o, -1, &err), -1);
	assert_non_null(strstr(err.msg, "-1: no such facility"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alert),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_full_datagram),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_from_json),
		cmocka_unit_test(test_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
