/* SPDX-License-Identifier: ISC */
/* An alert in each of its shapes, also when a feed means harm. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "alerts/alert_format.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/json.h"
#include "base/utf8.h"

#define NOON	1795435200	/* 2026-11-23T12:00:00Z */

static const struct hit hits[] = {
	{ { "peacekeep*", 10 }, "title", { "Peacekeepers", 12 },
	    { "Peacekeepers for Ukraine", 24 }, 0 },
	{ { "macron", 6 }, "summary", { "Macron", 6 },
	    { "Macron said \"yes\".", 18 }, 7 },
};
static const struct alert_entity entities[] = {
	{ { "Q212", 4 }, { "country", 7 }, { "Ukraine", 7 }, 3 },
	{ { "Q7747", 5 }, { "person", 6 }, { "Vladimir Putin", 14 }, 1 },
};
static const struct str authors[] = { { "A. Writer", 9 }, { "B", 1 } };
static const struct str sites[] = { { "news.example.com", 16 } };

static struct alert
example(void)
{
	return (struct alert){
		.id = STR("msg_0123456789abcdef0123456789abcdef"),
		.instance = STR("desk-1"),
		.topic = STR("ukraine-peacekeepers"),
		.severity = SEVERITY_WARNING,
		.time_s = NOON,
		.item = {
			.id = STR("urn:1"),
			.url = STR("https://news.example.com/1?a=b"),
			.title = STR("Peacekeepers for Ukraine"),
			.summary = STR("Macron said \"yes\"."),
			.language = STR("en"),
			.authors = authors, .n_authors = 2,
			.published_s = NOON - 60,
			.first_seen_s = NOON - 1,
			.text_from = STR("feed"),
		},
		.feed = {
			.title = STR("Example News"),
			.url = STR("https://news.example.com/rss"),
			.site = STR("news.example.com"),
		},
		.hits = hits, .n_hits = 2,
		.entities = entities, .n_entities = 2,
		.story = { .id = STR("abc"), .copies = 2,
		    .sites = sites, .n_sites = 1 },
	};
}

static struct alert
bare(void)
{
	return (struct alert){ .id = STR("msg_1"), .topic = STR("t"),
		.severity = SEVERITY_NOTICE, .time_s = NOON,
		.item.published_s = ITEM_NO_TIME, .item.first_seen_s = NOON };
}

/* To JSON; the text is freed by the next call. */
static struct str
to_json(const struct alert *a)
{
	static struct buf b;

	buf_clear(&b);
	buf_init(&b, 1 << 20);
	assert_int_equal(alert_to_json(&b, a), 0);
	return buf_str(&b);
}

static void
test_json_exactly(void **state)
{
	static const char want[] =
	    "{\"specversion\":\"1.0\","
	    "\"id\":\"msg_0123456789abcdef0123456789abcdef\","
	    "\"source\":\"urn:headlined:desk-1\","
	    "\"type\":\"io.headlined.alert.v1\","
	    "\"subject\":\"ukraine-peacekeepers\","
	    "\"time\":\"2026-11-23T12:00:00Z\","
	    "\"timestamp\":\"2026-11-23T12:00:00Z\","
	    "\"datacontenttype\":\"application/json\","
	    "\"data\":{\"topic\":\"ukraine-peacekeepers\","
	    "\"severity\":\"warning\","
	    "\"item\":{\"id\":\"urn:1\","
	    "\"url\":\"https://news.example.com/1?a=b\","
	    "\"title\":\"Peacekeepers for Ukraine\","
	    "\"summary\":\"Macron said \\\"yes\\\".\","
	    "\"authors\":[\"A. Writer\",\"B\"],"
	    "\"published\":\"2026-11-23T11:59:00Z\","
	    "\"first_seen\":\"2026-11-23T11:59:59Z\","
	    "\"language\":\"en\",\"text_from\":\"feed\"},"
	    "\"feed\":{\"title\":\"Example News\","
	    "\"url\":\"https://news.example.com/rss\","
	    "\"site\":\"news.example.com\"},"
	    "\"matches\":[{\"term\":\"peacekeep*\",\"field\":\"title\","
	    "\"text\":\"Peacekeepers\","
	    "\"context\":\"Peacekeepers for Ukraine\"},"
	    "{\"term\":\"macron\",\"field\":\"summary\","
	    "\"text\":\"Macron\",\"context\":\"Macron said \\\"yes\\\".\"}],"
	    "\"entities\":[{\"id\":\"Q212\",\"kind\":\"country\","
	    "\"name\":\"Ukraine\",\"mentions\":3},"
	    "{\"id\":\"Q7747\",\"kind\":\"person\","
	    "\"name\":\"Vladimir Putin\",\"mentions\":1}],"
	    "\"story\":{\"id\":\"abc\",\"copies\":2,"
	    "\"sites\":[\"news.example.com\"]}}}";
	struct alert a = example();
	struct str got = to_json(&a);

	(void)state;
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

/* What stands in the buffer before stays. */
static void
test_json_appends(void **state)
{
	struct alert a = bare();
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	buf_add_c(&b, "before");
	assert_int_equal(alert_to_json(&b, &a), 0);
	assert_memory_equal(b.p, "before{", 7);
	buf_clear(&b);
	buf_init(&b, 50);
	assert_int_equal(alert_to_json(&b, &a), -1);
	buf_clear(&b);
}

static void
test_json_leaves_out_what_is_absent(void **state)
{
	static const char *const absent[] = {
		"published", "summary", "language", "null",
	};
	struct alert a = bare();
	struct str got = to_json(&a);

	(void)state;
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (memmem(got.p, got.n, absent[i], strlen(absent[i])))
			fail_msg("%s stands in %.*s", absent[i],
			    STR_ARG(got));
	assert_non_null(memmem(got.p, got.n, "\"matches\":[]", 12));
	assert_non_null(memmem(got.p, got.n, "\"url\":\"\"", 8));
}

static const struct {
	const char	*says;
	const char	*instance;
	const char	*want;
} sources[] = {
	{ "a plain name stands as it is", "desk-1.a_b~c",
	    "urn:headlined:desk-1.a_b~c" },
	{ "what would end a URN is coded", "a b?c#d/e%41",
	    "urn:headlined:a%20b%3Fc%23d%2Fe%2541" },
	{ "so is what is not ASCII", "b\xc3\xbcro", "urn:headlined:b%C3%BCro" },
};

static void
test_source(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct alert a = bare(), back;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		struct json_tree *t;

		a.instance = str_from(sources[i].instance);
		t = json_parse(to_json(&a), &err);
		assert_non_null(t);
		if (!str_eq_c(json_get_str(json_root(t), "source"),
		    sources[i].want))
			fail_msg("%s", sources[i].says);
		json_tree_free(t);
		assert_int_equal(alert_from_json(arena, to_json(&a), &back,
		    &err), 0);
		if (!str_eq(back.instance, a.instance))
			fail_msg("%s: does not come back", sources[i].says);
	}
	arena_free(arena);
}

static void
assert_str(struct str got, struct str want)
{
	if (!str_eq(got, want))
		fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(got),
		    STR_ARG(want));
}

/* The title says what the key looks like; a quote in it is escaped. */
static void
test_json_set_story(void **state)
{
	static const struct str found[] = { { "b.example", 9 },
		{ "c.example", 9 } };
	const struct alert_story story = { STR("0123456789abcdef"), 7, found,
		2 };
	struct alert a = example(), b;
	struct arena *arena = arena_new(1 << 20);
	struct str before;
	struct buf out;
	struct err err;

	(void)state;
	a.item.title = STR("\"story\":{\"id\":\"x\"}}}");
	before = to_json(&a);
	buf_init(&out, 1 << 16);
	assert_int_equal(alert_json_set_story(&out, before, &story), 0);
	assert_int_equal(alert_from_json(arena, buf_str(&out), &b, &err), 0);
	assert_str(b.item.title, a.item.title);
	assert_int_equal(b.n_entities, 2);
	assert_str(b.story.id, story.id);
	assert_int_equal(b.story.copies, 7);
	assert_int_equal(b.story.n_sites, 2);
	assert_str(b.story.sites[1], found[1]);
	buf_clear(&out);
	arena_free(arena);
}

/* Where nearly all is used sites are left out; what is no alert is none. */
static void
test_json_set_story_fits(void **state)
{
	static const char *const others[] = { "", "{}", "}}}",
		"{\"data\":{\"story\":{}}", "\"story\":{}}}" };
	struct str many[64];
	struct alert_story story = { STR("0123456789abcdef"), 7, many, 64 };
	struct buf out, json;

	(void)state;
	for (size_t i = 0; i < 64; i++)
		many[i] = STR("a-site-with-a-long-name.example.org");
	buf_init(&json, 1 << 16);
	buf_init(&out, 1 << 16);
	buf_add_c(&json, "{\"data\":{\"title\":\"");
	while (json.n < ALERT_MAX_JSON - 400)
		buf_add_char(&json, 'x');
	buf_add_c(&json, "\",\"story\":{}}}");
	assert_int_equal(alert_json_set_story(&out, buf_str(&json), &story),
	    0);
	assert_in_range(out.n, ALERT_MAX_JSON - 300, ALERT_MAX_JSON);
	assert_non_null(strstr(buf_cstr(&out), "\"copies\":7,\"sites\":["
	    "\"a-site-with-a-long-name.example.org\""));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		buf_reset(&out);
		assert_int_equal(alert_json_set_story(&out,
		    str_from(others[i]), &story), -1);
		assert_int_equal(out.n, 0);
	}
	buf_clear(&out);
	buf_clear(&json);
}

static void
test_comes_back(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct alert a = example(), b;
	struct err err;

	(void)state;
	assert_int_equal(alert_from_json(arena, to_json(&a), &b, &err), 0);
	assert_str(b.id, a.id);
	assert_str(b.instance, a.instance);
	assert_str(b.topic, a.topic);
	assert_int_equal(b.severity, a.severity);
	assert_int_equal(b.time_s, a.time_s);
	assert_str(b.item.id, a.item.id);
	assert_str(b.item.url, a.item.url);
	assert_str(b.item.title, a.item.title);
	assert_str(b.item.summary, a.item.summary);
	assert_str(b.item.language, a.item.language);
	assert_str(b.item.text_from, a.item.text_from);
	assert_int_equal(b.item.n_authors, 2);
	assert_str(b.item.authors[1], authors[1]);
	assert_int_equal(b.item.published_s, a.item.published_s);
	assert_int_equal(b.item.first_seen_s, a.item.first_seen_s);
	assert_str(b.feed.title, a.feed.title);
	assert_str(b.feed.url, a.feed.url);
	assert_str(b.feed.site, a.feed.site);
	assert_int_equal(b.n_hits, 2);
	assert_str(b.hits[1].term, hits[1].term);
	assert_string_equal(b.hits[1].field, "summary");
	assert_str(b.hits[1].text, hits[1].text);
	assert_str(b.hits[1].context, hits[1].context);
	assert_int_equal(b.n_entities, 2);
	assert_str(b.entities[0].id, entities[0].id);
	assert_str(b.entities[0].kind, entities[0].kind);
	assert_str(b.entities[0].name, entities[0].name);
	assert_int_equal(b.entities[0].mentions, 3);
	assert_str(b.story.id, a.story.id);
	assert_int_equal(b.story.copies, 2);
	assert_int_equal(b.story.n_sites, 1);
	assert_str(b.story.sites[0], sites[0]);
	arena_free(arena);
}

/* Written, read and written again it is the same, byte for byte. */
static void
test_json_is_stable(void **state)
{
	const struct alert all[] = { example(), bare() };
	struct arena *arena = arena_new(1 << 20);
	struct alert back;
	struct str first;
	struct err err;
	char *copy;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		first = to_json(&all[i]);
		copy = str_dup(first);
		assert_non_null(copy);
		assert_int_equal(alert_from_json(arena, first, &back, &err),
		    0);
		assert_str(to_json(&back), str_from(copy));
		free(copy);
	}
	arena_free(arena);
}

static const struct {
	const char	*says;
	const char	*text;
} broken[] = {
	{ "nothing", "" },
	{ "no JSON", "{\"id\":" },
	{ "another kind of document", "[1, 2]" },
	{ "an event of another type", "{\"type\":\"io.headlined.test.v1\","
	    "\"id\":\"msg_1\",\"data\":{\"severity\":\"info\"}}" },
	{ "no severity", "{\"type\":\"io.headlined.alert.v1\","
	    "\"id\":\"msg_1\",\"time\":\"2026-11-23T12:00:00Z\","
	    "\"data\":{}}" },
	{ "no id", "{\"type\":\"io.headlined.alert.v1\","
	    "\"time\":\"2026-11-23T12:00:00Z\","
	    "\"data\":{\"severity\":\"info\"}}" },
	{ "no time", "{\"type\":\"io.headlined.alert.v1\","
	    "\"id\":\"msg_1\",\"data\":{\"severity\":\"info\"}}" },
	{ "a month that is none", "{\"type\":\"io.headlined.alert.v1\","
	    "\"id\":\"msg_1\",\"time\":\"2026-13-23T12:00:00Z\","
	    "\"data\":{\"severity\":\"info\"}}" },
	{ "a time with letters", "{\"type\":\"io.headlined.alert.v1\","
	    "\"id\":\"msg_1\",\"time\":\"2026-1x-23T12:00:00Z\","
	    "\"data\":{\"severity\":\"info\"}}" },
};

static void
test_broken_json(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct alert a;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		err.msg[0] = '\0';
		if (alert_from_json(arena, str_from(broken[i].text), &a,
		    &err) != -1 || err.msg[0] == '\0')
			fail_msg("%s is taken", broken[i].says);
	}
	arena_free(arena);
}

/* Kinds that are not as expected read as absent, and never crash. */
static void
test_odd_kinds(void **state)
{
	static const char text[] = "{\"type\":\"io.headlined.alert.v1\","
	    "\"id\":\"msg_1\",\"time\":\"2026-11-23T12:00:00Z\","
	    "\"source\":\"urn:headlined:%4\",\"data\":{\"severity\":\"err\","
	    "\"topic\":7,\"item\":[],\"feed\":null,\"matches\":{\"a\":1},"
	    "\"entities\":[1,\"x\",null,{}],\"story\":{\"sites\":[[]]}}}";
	struct arena *arena = arena_new(1 << 20);
	struct alert a;
	struct err err;

	(void)state;
	assert_int_equal(alert_from_json(arena, str_from(text), &a, &err), 0);
	assert_int_equal(a.topic.n, 0);
	assert_int_equal(a.item.title.n, 0);
	assert_int_equal(a.n_hits, 0);
	assert_int_equal(a.n_entities, 4);
	assert_int_equal(a.story.n_sites, 1);
	assert_str(a.instance, STR("%4"));
	arena_free(arena);
}

static void
test_small_arena(void **state)
{
	struct arena *arena = arena_new(100);
	struct alert a = example(), b;
	struct err err;

	(void)state;
	assert_int_equal(alert_from_json(arena, to_json(&a), &b, &err), -1);
	arena_free(arena);
}

/*
 * Hostile texts
 */

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
	return *seed >> 8;
}

/* Pieces that grow when escaped, that must go, and that break at a cut. */
static struct str
hostile_text(struct arena *arena, uint32_t *seed, size_t max)
{
	static const struct str pieces[] = {
		{ "\"", 1 }, { "\\", 1 }, { "\0", 1 }, { "\n", 1 },
		{ "\x1b[31m", 5 }, { "\x7f", 1 }, { "\xe2\x80\xae", 3 },
		{ "\xff", 1 }, { "\xf0\x9f\x98\x80", 4 }, { "\xed\xa0\x80", 3 },
		{ "\xe6\x97\xa5", 3 }, { "\xc3", 1 }, { "a", 1 }, { " ", 1 },
		{ "/", 1 }, { "\"\"\"\"\"\"\"\"", 8 }, { "\xf4\x8f", 2 },
		{ "\xe2\x80\xa8", 3 }, { "=", 1 }, { "</script>", 9 },
	};
	enum { N = sizeof(pieces) / sizeof(pieces[0]) };
	size_t want = next_random(seed) % (max + 1), n = 0;
	bool one_kind = next_random(seed) % 2 == 0;
	size_t kind = next_random(seed) % N;
	char *p = arena_alloc(arena, want + 16);

	assert_non_null(p);
	while (n < want) {
		const struct str *s = &pieces[one_kind ? kind :
		    next_random(seed) % N];

		memcpy(p + n, s->p, s->n);
		n += s->n;
	}
	return (struct str){ p, n };
}

static struct str *
hostile_names(struct arena *arena, uint32_t *seed, size_t max, size_t *n)
{
	struct str *names;

	*n = next_random(seed) % 80;
	names = arena_array(arena, *n, sizeof(*names));
	for (size_t i = 0; i < *n; i++)
		names[i] = hostile_text(arena, seed, max);
	return names;
}

static void
hostile_hits(struct arena *arena, uint32_t *seed, size_t max, struct alert *a)
{
	struct alert_entity *e;
	struct hit *h;

	a->n_hits = next_random(seed) % 400;
	a->hits = h = arena_array(arena, a->n_hits, sizeof(*h));
	for (size_t i = 0; i < a->n_hits; i++) {
		h[i].term = hostile_text(arena, seed, max / 100);
		h[i].field = i % 2 > 0 ? "title" : NULL;
		h[i].context = hostile_text(arena, seed, max / 20);
		h[i].text = str_sub(h[i].context, h[i].context.n / 3,
		    next_random(seed) % 100);
	}
	a->n_entities = next_random(seed) % 100;
	a->entities = e = arena_array(arena, a->n_entities, sizeof(*e));
	for (size_t i = 0; i < a->n_entities; i++) {
		e[i].id = hostile_text(arena, seed, max / 100);
		e[i].kind = hostile_text(arena, seed, max / 100);
		e[i].name = hostile_text(arena, seed, max / 20);
		e[i].mentions = i % 2 > 0 ? INT64_MIN : INT64_MAX;
	}
}

static struct alert
hostile_alert(struct arena *arena, uint32_t *seed)
{
	size_t max = next_random(seed) % 2 > 0 ? 30000 : 300;
	struct alert a = {
		.id = hostile_text(arena, seed, max),
		.instance = hostile_text(arena, seed, max),
		.topic = hostile_text(arena, seed, max),
		.severity = next_random(seed) % SEVERITY_COUNT,
		.time_s = NOON,
	};
	struct str *names;

	a.item.id = hostile_text(arena, seed, max);
	a.item.url = hostile_text(arena, seed, max / 5);
	a.item.title = hostile_text(arena, seed, max);
	a.item.summary = hostile_text(arena, seed, max * 10);
	a.item.language = hostile_text(arena, seed, max);
	a.item.text_from = hostile_text(arena, seed, max);
	a.item.published_s = INT64_MAX;
	a.item.first_seen_s = -1;
	a.feed.title = hostile_text(arena, seed, max);
	a.feed.url = hostile_text(arena, seed, max / 5);
	a.feed.site = hostile_text(arena, seed, max);
	a.story.id = hostile_text(arena, seed, max);
	a.story.copies = INT64_MIN;
	a.item.authors = hostile_names(arena, seed, max / 20,
	    &a.item.n_authors);
	names = hostile_names(arena, seed, max / 20, &a.story.n_sites);
	a.story.sites = names;
	hostile_hits(arena, seed, max, &a);
	return a;
}

/* No control character, no bidirectional override, valid UTF-8. */
static bool
is_clean(struct str s)
{
	size_t len;
	uint32_t c;

	if (!utf8_is_valid(s))
		return false;
	for (size_t i = 0; i < s.n; i += len) {
		c = utf8_decode(s.p + i, s.n - i, &len);
		if (c < 0x20 || (c >= 0x7f && c <= 0x9f) ||
		    (c >= 0x202a && c <= 0x202e) ||
		    (c >= 0x2066 && c <= 0x2069) || c == 0x2028)
			return false;
	}
	return true;
}

/* JSON may write a control character as an escape: none of them either. */
static void
check_json(struct str json)
{
	struct err err;
	struct json_tree *t = json_parse(json, &err);

	if (t == NULL)
		fail_msg("%s: %.*s", err.msg, STR_ARG(json));
	assert_true(json.n <= ALERT_MAX_JSON);
	assert_true(is_clean(json));
	assert_null(memmem(json.p, json.n, "\\u", 2));
	assert_null(memmem(json.p, json.n, "\\n", 2));
	json_tree_free(t);
}

static void
test_json_whatever_comes(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 30);
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct alert a = hostile_alert(arena, &seed);

		check_json(to_json(&a));
		arena_reset(arena);
	}
	arena_free(arena);
}

/* Everything at its worst at once: only quotes, which double. */
static void
test_json_largest(void **state)
{
	static char quotes[100000];
	struct str big = { quotes, sizeof(quotes) };
	struct str url = { quotes, 1000 };
	static struct str names[200];
	static struct alert_entity e[200];
	static struct hit h[500];
	struct alert a;
	struct str got;

	(void)state;
	memset(quotes, '"', sizeof(quotes));
	for (size_t i = 0; i < 500; i++)
		h[i] = (struct hit){ big, "\"\"\"\"", big, big, 0 };
	for (size_t i = 0; i < 200; i++) {
		names[i] = big;
		e[i] = (struct alert_entity){ big, big, big, INT64_MIN };
	}
	a = (struct alert){ .id = big, .instance = big, .topic = big,
		.item = { big, url, big, big, big, names, 200, INT64_MAX,
		    INT64_MAX, big },
		.feed = { big, url, big }, .hits = h, .n_hits = 500,
		.entities = e, .n_entities = 200,
		.story = { big, INT64_MIN, names, 200 } };
	got = to_json(&a);
	check_json(got);
}

/* Ordinary alerts are not cut at all; large ones lose text before hits. */
static void
test_json_what_is_cut(void **state)
{
	static struct hit many[100];
	static char text[4000];
	struct arena *arena = arena_new(1 << 20);
	struct alert a = example(), b;
	struct err err;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + 2000, " macron ", 8);
	a.item.summary = (struct str){ text, sizeof(text) };
	assert_int_equal(alert_from_json(arena, to_json(&a), &b, &err), 0);
	assert_int_equal(b.item.summary.n, sizeof(text));

	for (size_t i = 0; i < 100; i++)
		many[i] = (struct hit){ STR("macron"), "content",
			STR("macron"), { text + 1800, 400 }, 0 };
	a.hits = many;
	a.n_hits = 40;
	assert_int_equal(alert_from_json(arena, to_json(&a), &b, &err), 0);
	assert_int_equal(b.n_hits, 40);
	assert_true(b.item.summary.n < sizeof(text));
	assert_true(b.item.summary.n > 1000);
	a.n_hits = 100;
	assert_int_equal(alert_from_json(arena, to_json(&a), &b, &err), 0);
	assert_true(b.n_hits >= 25);
	assert_true(b.n_hits < 100);
	arena_free(arena);
}

/* A long sentence is cut on both sides of its hit. */
static void
test_json_keeps_the_hit(void **state)
{
	static char text[3000];
	struct hit h = { STR("macron"), "content", STR("macron"),
		{ text, sizeof(text) }, 0 };
	struct arena *arena = arena_new(1 << 20);
	struct alert a = example(), b;
	struct err err;
	static const size_t places[] = { 0, 500, 1500, 2900, 2994 };

	(void)state;
	a.hits = &h;
	a.n_hits = 1;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		for (size_t k = 0; k < sizeof(text); k += 3)
			memcpy(text + k, "\xe6\x97\xa5", 3);
		for (size_t k = 0; k < 6; k++)
			text[places[i] / 3 * 3 + k] = "macron"[k];
		assert_int_equal(alert_from_json(arena, to_json(&a), &b,
		    &err), 0);
		assert_true(b.hits[0].context.n <= 500);
		assert_true(b.hits[0].context.n > 300);
		if (memmem(b.hits[0].context.p, b.hits[0].context.n,
		    "macron", 6) == NULL)
			fail_msg("the hit at %zu is cut off", places[i]);
		assert_null(memmem(b.hits[0].context.p, b.hits[0].context.n,
		    "\xef\xbf\xbd", 3));
	}
	arena_free(arena);
}

/* Half an address leads elsewhere. */
static void
test_long_url(void **state)
{
	static char url[9000] = "https://e.org/";
	struct arena *arena = arena_new(1 << 20);
	struct alert a = example(), b;
	struct err err;

	(void)state;
	memset(url + 14, 'x', sizeof(url) - 14);
	a.item.url = (struct str){ url, 2000 };
	assert_int_equal(alert_from_json(arena, to_json(&a), &b, &err), 0);
	assert_str(b.item.url, a.item.url);
	a.item.url.n = sizeof(url);
	assert_int_equal(alert_from_json(arena, to_json(&a), &b, &err), 0);
	assert_int_equal(b.item.url.n, 0);
	arena_free(arena);
}

/*
 * logfmt
 */

static void
check_logfmt(const struct alert *a, const char *want)
{
	struct buf b;

	buf_init(&b, 1 << 16);
	alert_to_logfmt(&b, a);
	assert_string_equal(buf_cstr(&b), want);
	buf_clear(&b);
}

static void
test_logfmt(void **state)
{
	struct alert a = example();

	(void)state;
	check_logfmt(&a, "alert topic=ukraine-peacekeepers severity=warning"
	    " id=msg_0123456789abcdef0123456789abcdef"
	    " title=\"Peacekeepers for Ukraine\""
	    " url=https://news.example.com/1?a=b feed=\"Example News\""
	    " site=news.example.com entities=\"Ukraine,Vladimir Putin\""
	    " story=abc copies=2");
	a = bare();
	check_logfmt(&a, "alert topic=t severity=notice id=msg_1 title=\"\""
	    " url=\"\" feed=\"\" site=\"\" entities=\"\" story=\"\""
	    " copies=0");
}

/* A feed must not forge a field or a line. */
static void
test_logfmt_quotes(void **state)
{
	struct alert a = bare();

	(void)state;
	a.item.title = STR("x\" severity=emerg\n<0>forged \\ \x1b[2J\x7f");
	a.item.url = STR("http://e.org/ topic=other");
	a.feed.title = STR("\xe2\x80\xae" "evil\xff");
	check_logfmt(&a, "alert topic=t severity=notice id=msg_1"
	    " title=\"x\\\" severity=emerg <0>forged \\\\ [2J\""
	    " url=\"http://e.org/ topic=other\""
	    " feed=\"evil\xef\xbf\xbd\" site=\"\" entities=\"\" story=\"\""
	    " copies=0");
}

static void
test_lines_whatever_comes(void **state)
{
	struct arena *arena = arena_new((size_t)1 << 30);
	uint32_t seed = 7;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 200; i++) {
		struct alert a = hostile_alert(arena, &seed);

		buf_reset(&b);
		alert_to_logfmt(&b, &a);
		assert_false(b.failed);
		assert_true(is_clean(buf_str(&b)));
		buf_reset(&b);
		alert_to_terminal(&b, &a, false);
		assert_false(b.failed);
		for (size_t k = 0; k < b.n; k++)
			if (b.p[k] == '\n')
				b.p[k] = ' ';	/* the only one allowed */
		assert_true(is_clean(buf_str(&b)));
		arena_reset(arena);
	}
	buf_clear(&b);
	arena_free(arena);
}

/*
 * The terminal
 */

static void
test_terminal_plain(void **state)
{
	struct alert a = example();
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	alert_to_terminal(&b, &a, false);
	assert_string_equal(buf_cstr(&b),
	    "\xe2\x96\x8c WARNING  ukraine-peacekeepers\n"
	    "  Peacekeepers for Ukraine\n"
	    "  Macron said \"yes\".\n"
	    "  Ukraine, Vladimir Putin\n"
	    "  Example News \xc2\xb7 news.example.com \xc2\xb7"
	    " 2026-11-23 11:59 UTC\n"
	    "  https://news.example.com/1?a=b\n"
	    "\n");
	buf_clear(&b);
}

/* Takes the SGR sequences out; what is left must be the plain text. */
static void
strip_colour(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (b->p[i] == '\033') {
			while (i < b->n && b->p[i] != 'm')
				i++;
			continue;
		}
		b->p[n++] = b->p[i];
	}
	b->n = n;
	b->p[n] = '\0';
}

/* Names beyond the sixth are counted, so that nobody takes six for all. */
static void
test_terminal_counts_names(void **state)
{
	struct alert_entity many[9];
	struct alert a = bare();
	struct buf b;

	(void)state;
	for (size_t i = 0; i < 9; i++)
		many[i] = entities[0];
	a.entities = many;
	buf_init(&b, 1 << 16);
	a.n_entities = 6;
	alert_to_terminal(&b, &a, false);
	assert_null(strstr(buf_cstr(&b), "more"));
	a.n_entities = 9;
	alert_to_terminal(&b, &a, false);
	assert_non_null(strstr(buf_cstr(&b), "Ukraine, +3 more\n"));
	buf_clear(&b);
}

static void
test_terminal_colour(void **state)
{
	struct alert a = example();
	struct buf colour, plain;

	(void)state;
	buf_init(&colour, 1 << 16);
	buf_init(&plain, 1 << 16);
	alert_to_terminal(&colour, &a, true);
	alert_to_terminal(&plain, &a, false);
	assert_non_null(strstr(buf_cstr(&colour),
	    "\033[1;33mPeacekeepers\033[0m"));
	assert_non_null(strstr(buf_cstr(&colour), "\033[1;33mMacron\033[0m"));
	strip_colour(&colour);
	assert_string_equal(buf_cstr(&colour), buf_cstr(&plain));
	buf_clear(&colour);
	buf_clear(&plain);
}

/* "ice" is a hit; the "ice" of "police" is none. */
static void
test_terminal_marks_words(void **state)
{
	struct hit h = { STR("ice"), "title", STR("ice"), STR_NONE, 0 };
	struct alert a = bare();
	struct buf b;

	(void)state;
	a.hits = &h;
	a.n_hits = 1;
	a.item.title = STR("police on ice, icebound");
	buf_init(&b, 1 << 16);
	alert_to_terminal(&b, &a, true);
	assert_non_null(strstr(buf_cstr(&b), "police on \033[0m\033[1;33mice"
	    "\033[0m\033[1m, icebound"));
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json_exactly),
		cmocka_unit_test(test_json_set_story),
		cmocka_unit_test(test_json_set_story_fits),
		cmocka_unit_test(test_json_appends),
		cmocka_unit_test(test_json_leaves_out_what_is_absent),
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_comes_back),
		cmocka_unit_test(test_json_is_stable),
		cmocka_unit_test(test_broken_json),
		cmocka_unit_test(test_odd_kinds),
		cmocka_unit_test(test_small_arena),
		cmocka_unit_test(test_json_whatever_comes),
		cmocka_unit_test(test_json_largest),
		cmocka_unit_test(test_json_what_is_cut),
		cmocka_unit_test(test_json_keeps_the_hit),
		cmocka_unit_test(test_long_url),
		cmocka_unit_test(test_logfmt),
		cmocka_unit_test(test_logfmt_quotes),
		cmocka_unit_test(test_lines_whatever_comes),
		cmocka_unit_test(test_terminal_plain),
		cmocka_unit_test(test_terminal_counts_names),
		cmocka_unit_test(test_terminal_colour),
		cmocka_unit_test(test_terminal_marks_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
