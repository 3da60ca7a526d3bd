/* SPDX-License-Identifier: ISC */
/* Test messages in all their shapes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "alerts/trial.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/utf8.h"

#define NOON	INT64_C(1795435200)	/* 2026-11-23T12:00:00Z */

static struct trial
example(void)
{
	return (struct trial){ .id = STR("msg_1"), .instance = STR("desk-1"),
		.sink = STR("newsroom"), .time_s = NOON };
}

static void
test_id(void **state)
{
	char first[ALERT_ID_SIZE], id[ALERT_ID_SIZE];
	struct trial t = example();

	(void)state;
	trial_make_id(&t, 1, first);
	assert_int_equal(strlen(first), ALERT_ID_SIZE - 1);
	trial_make_id(&t, 1, id);
	assert_string_equal(id, first);
	trial_make_id(&t, 2, id);
	assert_string_not_equal(id, first);
	t.time_s++;
	trial_make_id(&t, 1, id);
	assert_string_not_equal(id, first);
	t = example();
	t.sink = STR("other");
	trial_make_id(&t, 1, id);
	assert_string_not_equal(id, first);
}

#define TEXT	"A test of the sink newsroom, asked for by headlinectl."

static void
test_json(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	struct trial t = example(), back;
	struct err err;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	assert_int_equal(trial_to_json(&b, &t), 0);
	assert_string_equal(buf_cstr(&b), "{\"specversion\":\"1.0\","
	    "\"id\":\"msg_1\",\"source\":\"urn:headlined:desk-1\","
	    "\"type\":\"io.headlined.test.v1\",\"subject\":\"newsroom\","
	    "\"time\":\"2026-11-23T12:00:00Z\","
	    "\"timestamp\":\"2026-11-23T12:00:00Z\","
	    "\"datacontenttype\":\"application/json\","
	    "\"data\":{\"severity\":\"notice\",\"sink\":\"newsroom\","
	    "\"message\":\"" TEXT "\"}}");
	assert_int_equal(trial_from_json(arena, buf_str(&b), &back, &err), 1);
	assert_true(str_eq(back.id, t.id));
	assert_true(str_eq(back.instance, t.instance));
	assert_true(str_eq(back.sink, t.sink));
	assert_int_equal(back.time_s, NOON);
	assert_true(str_eq_c(back.message, TEXT));
	buf_clear(&b);
	arena_free(arena);
}

static const struct {
	const char	*says, *text;
	int		 want;
} bodies[] = {
	{ "the least there is", "{\"type\":\"io.headlined.test.v1\","
	    "\"id\":\"m\",\"time\":\"2026-11-23T12:00:00Z\","
	    "\"data\":{\"severity\":\"notice\"}}", 1 },
	{ "a notice", "{\"type\":\"io.headlined.health.v1\"}", 0 },
	{ "no map", "[]", 0 },
	{ "no JSON", "{", -1 },
	{ "no data", "{\"type\":\"io.headlined.test.v1\",\"id\":\"m\","
	    "\"time\":\"2026-11-23T12:00:00Z\"}", -1 },
	{ "no id", "{\"type\":\"io.headlined.test.v1\","
	    "\"time\":\"2026-11-23T12:00:00Z\","
	    "\"data\":{\"severity\":\"notice\"}}", -1 },
	{ "a time that is none", "{\"type\":\"io.headlined.test.v1\","
	    "\"id\":\"m\",\"time\":\"noon\","
	    "\"data\":{\"severity\":\"notice\"}}", -1 },
};

static void
test_bodies(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	struct trial t;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		err.msg[0] = '\0';
		if (trial_from_json(arena, str_from(bodies[i].text), &t,
		    &err) != bodies[i].want)
			fail_msg("%s", bodies[i].says);
		if ((err.msg[0] != '\0') != (bodies[i].want == -1))
			fail_msg("%s: \"%s\" is said", bodies[i].says,
			    err.msg);
	}
	arena_free(arena);
}

static void
test_small_memory(void **state)
{
	struct arena *arena = arena_new(8);
	struct trial t = example(), back;
	struct err err;
	struct buf b, small;

	(void)state;
	buf_init(&b, 1 << 16);
	buf_init(&small, 100);
	assert_int_equal(trial_to_json(&b, &t), 0);
	assert_int_equal(trial_to_json(&small, &t), -1);
	assert_int_equal(trial_from_json(arena, buf_str(&b), &back, &err), -1);
	assert_non_null(strstr(err.msg, "out of memory"));
	buf_clear(&b);
	buf_clear(&small);
	arena_free(arena);
}

static void
test_for_eyes(void **state)
{
	struct trial t = example();
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 16);
	trial_to_logfmt(&b, &t);
	assert_string_equal(buf_cstr(&b), "test sink=newsroom severity=notice"
	    " id=msg_1 message=\"" TEXT "\"");
	buf_reset(&b);
	trial_to_terminal(&b, &t, false);
	assert_string_equal(buf_cstr(&b), "\xe2\x96\x8c NOTICE  headlined: "
	    "test\n  " TEXT "\n  2026-11-23 12:00 UTC\n\n");
	buf_clear(&b);
}

/* A name may be as long and as odd as it likes. */
static void
test_odd_name(void **state)
{
	static char name[50000];
	struct trial t = example();
	struct buf b;

	(void)state;
	memset(name, '"', sizeof(name));
	memcpy(name, "\x1b[31m\n\xff\xe2\x80\xae", 10);
	t.sink = (struct str){ name, sizeof(name) };
	buf_init(&b, 20000);
	assert_int_equal(trial_to_json(&b, &t), 0);
	assert_true(utf8_is_valid(buf_str(&b)));
	assert_null(memchr(b.p, '\x1b', b.n));
	buf_reset(&b);
	trial_to_logfmt(&b, &t);
	trial_to_terminal(&b, &t, false);
	assert_false(b.failed);
	assert_null(memchr(b.p, '\x1b', b.n));
	assert_null(strstr(buf_cstr(&b), "\xe2\x80\xae"));
	buf_clear(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_id),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_small_memory),
		cmocka_unit_test(test_for_eyes),
		cmocka_unit_test(test_odd_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
