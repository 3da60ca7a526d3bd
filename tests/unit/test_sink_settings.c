/* SPDX-License-Identifier: ISC */
/* Settings of a sink: what tells them apart, and copies that share nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "alerts/sink.h"

/* Every field set, so that each can be changed. */
static const struct sink_settings whole = {
	.name = "newsroom",
	.kind = "webhook",
	.socket = "/run/log",
	.facility = 3,
	.url = "https://hooks.example.org/in",
	.secret = { "whsec_\0bytes", 12 },
	.format = "cloudevents",
	.keep_trying_s = 604800
};

/* What came after the first version: not set. */
#define UNPOSTED	{ NULL, 0 }, NULL, NULL, NULL
#define REMOTE	NULL, NULL, NULL, { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, \
	NULL, 0
#define FIRST	UNPOSTED, 0, 0, 0, 0, REMOTE

static const struct {
	const char		*says;
	struct sink_settings	 s;
} others[] = {
	{ "another name", { "n", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, FIRST } },
	{ "another kind", { "newsroom", "syslog", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, FIRST } },
	{ "another socket", { "newsroom", "webhook", "/run/lo", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, FIRST } },
	{ "no socket", { "newsroom", "webhook", NULL, 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, FIRST } },
	{ "an empty socket", { "newsroom", "webhook", "", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, FIRST } },
	{ "another facility", { "newsroom", "webhook", "/run/log", 4,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, FIRST } },
	{ "another URL", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/on", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, FIRST } },
	{ "a secret that differs behind a NUL", { "newsroom", "webhook",
	    "/run/log", 3, "https://hooks.example.org/in",
	    { "whsec_\0bytez", 12 }, "cloudevents", 604800, FIRST } },
	{ "a shorter secret", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 11 },
	    "cloudevents", 604800, FIRST } },
	{ "an empty secret", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "", 0 }, "cloudevents",
	    604800, FIRST } },
	{ "no secret", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { NULL, 0 }, "cloudevents",
	    604800, FIRST } },
	{ "another format", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 }, "slack",
	    604800, FIRST } },
	{ "another keep_trying", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604801, FIRST } },
	{ "one that differs by 2^32", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800 + (INT64_C(1) << 32), FIRST } },
	{ "a text that moved to the next field", { "newsroomw", "ebhook",
	    "/run/log", 3, "https://hooks.example.org/in",
	    { "whsec_\0bytes", 12 }, "cloudevents", 604800, FIRST } },
	{ "a token", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, { "x", 1 }, NULL, NULL, NULL,
	    0, 0, 0, 0, REMOTE } },
	{ "a chat", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, { NULL, 0 }, "x", NULL, NULL,
	    0, 0, 0, 0, REMOTE } },
	{ "a template", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, { NULL, 0 }, NULL, "x", NULL,
	    0, 0, 0, 0, REMOTE } },
	{ "a content type", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, { NULL, 0 }, NULL, NULL, "x",
	    0, 0, 0, 0, REMOTE } },
	{ "several at once", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, UNPOSTED, 4, 0, 0, 0, REMOTE } },
	{ "a rate", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, UNPOSTED, 0, 4, 0, 0, REMOTE } },
	{ "a rate's time", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, UNPOSTED, 0, 0, 4, 0, REMOTE } },
	{ "a digest", { "newsroom", "webhook", "/run/log", 3,
	    "https://hooks.example.org/in", { "whsec_\0bytes", 12 },
	    "cloudevents", 604800, UNPOSTED, 0, 0, 0, 4, REMOTE } },
	{ "a remote", { .remote = "x" } },
	{ "a port", { .port = "x" } },
	{ "a transport", { .transport = "x" } },
	{ "a CA", { .ca = { "x", 1 } } },
	{ "a client's certificate", { .client_cert = { "x", 1 } } },
	{ "a client's key", { .client_key = { "x", 1 } } },
	{ "a journal", { .journal = "x" } },
	{ "a burst", { .burst = 4 } },
	{ "nothing at all", { 0 } },
};

enum { N_OTHERS = sizeof(others) / sizeof(others[0]) };

static void
test_fingerprint(void **state)
{
	char print[SINK_FINGERPRINT_SIZE];

	(void)state;
	sink_settings_fingerprint(&whole, print);
	assert_int_equal(strlen(print), 64);
	assert_int_equal(strspn(print, "0123456789abcdef"), 64);
}

static void
test_fingerprints_differ(void **state)
{
	char prints[N_OTHERS + 1][SINK_FINGERPRINT_SIZE];

	(void)state;
	sink_settings_fingerprint(&whole, prints[N_OTHERS]);
	for (size_t i = 0; i < N_OTHERS; i++)
		sink_settings_fingerprint(&others[i].s, prints[i]);
	for (size_t i = 0; i < N_OTHERS; i++)
		for (size_t k = i + 1; k <= N_OTHERS; k++)
			if (strcmp(prints[i], prints[k]) == 0)
				fail_msg("%s is not told from %s",
				    others[i].says, k < N_OTHERS ?
				    others[k].says : "the whole");
}

/* It is kept in the store: it must not change between versions. */
static void
test_fingerprint_is_stable(void **state)
{
	static const struct sink_settings s = { .name = "syslog",
		.kind = "syslog", .facility = 3, .keep_trying_s = 604800 };
	char print[SINK_FINGERPRINT_SIZE];

	(void)state;
	sink_settings_fingerprint(&s, print);
	assert_string_equal(print, "be8fd68203410eafd3fa9f0dd5b842e1"
	    "6847c4188539ec506f25a9d1d261ab68");
}

static void
test_copy(void **state)
{
	struct sink_settings *copy = sink_settings_copy(&whole);
	char a[SINK_FINGERPRINT_SIZE], b[SINK_FINGERPRINT_SIZE];

	(void)state;
	assert_non_null(copy);
	assert_string_equal(copy->name, whole.name);
	assert_string_equal(copy->kind, whole.kind);
	assert_string_equal(copy->socket, whole.socket);
	assert_int_equal(copy->facility, whole.facility);
	assert_string_equal(copy->url, whole.url);
	assert_int_equal(copy->secret.n, whole.secret.n);
	assert_memory_equal(copy->secret.p, whole.secret.p, 12);
	assert_string_equal(copy->format, whole.format);
	assert_int_equal(copy->keep_trying_s, whole.keep_trying_s);
	assert_true(copy->name != whole.name);
	assert_true(copy->kind != whole.kind);
	assert_true(copy->socket != whole.socket);
	assert_true(copy->url != whole.url);
	assert_true(copy->secret.p != whole.secret.p);
	assert_true(copy->format != whole.format);
	sink_settings_fingerprint(&whole, a);
	sink_settings_fingerprint(copy, b);
	assert_string_equal(a, b);
	sink_settings_free(copy);
}

/* Each of the odd ones too: NULL stays NULL, empty stays empty. */
static void
test_copies_are_the_same(void **state)
{
	char a[SINK_FINGERPRINT_SIZE], b[SINK_FINGERPRINT_SIZE];

	(void)state;
	for (size_t i = 0; i < N_OTHERS; i++) {
		struct sink_settings *copy = sink_settings_copy(&others[i].s);

		assert_non_null(copy);
		sink_settings_fingerprint(&others[i].s, a);
		sink_settings_fingerprint(copy, b);
		if (strcmp(a, b) != 0)
			fail_msg("%s: the copy differs", others[i].says);
		sink_settings_free(copy);
	}
	sink_settings_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fingerprint),
		cmocka_unit_test(test_fingerprints_differ),
		cmocka_unit_test(test_fingerprint_is_stable),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_copies_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
