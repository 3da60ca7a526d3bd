/* SPDX-License-Identifier: ISC */
/* The terminal sink against a pipe and a terminal of the test's own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "alerts/alert_format.h"
#include "alerts/notice.h"
#include "alerts/sink.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"

struct rig {
	int		 fd;		/* what the sink wrote comes out here */
	struct sink	*sink;
	const struct sink_kind *kind;
	int		 n_done;
	struct send_outcome outcome;
	struct buf	 body, text;
};

/* The sink takes standard output as it is when it is opened. */
static struct sink *
open_onto(struct rig *r, int fd)
{
	const struct sink_settings s = { .name = "terminal",
		.kind = "terminal" };
	const struct sink_env env = { 0 };
	struct sink *sink;
	struct err err;
	int saved;

	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_true(saved != -1);
	assert_true(dup2(fd, STDOUT_FILENO) != -1);
	sink = r->kind->open(&env, &s, &err);
	assert_true(dup2(saved, STDOUT_FILENO) != -1);
	close(saved);
	return sink;
}

static int
set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	int ends[2];

	*state = r;
	if (r == NULL || pipe(ends) == -1)
		return -1;
	alarm(60);		/* a sink that blocks must not block us */
	buf_init(&r->body, 1 << 20);
	buf_init(&r->text, 1 << 20);
	r->fd = ends[0];
	fcntl(r->fd, F_SETFL, O_NONBLOCK);
	r->kind = sink_find_kind("terminal");
	r->sink = open_onto(r, ends[1]);
	close(ends[1]);
	return r->sink != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	alarm(0);
	r->kind->free(r->sink);
	close(r->fd);
	buf_clear(&r->body);
	buf_clear(&r->text);
	free(r);
	return 0;
}

static void
on_done(const struct send_outcome *o, void *ctx)
{
	struct rig *r = ctx;

	r->n_done++;
	r->outcome = *o;
}

static enum send_result
send_body(struct rig *r, const char *id)
{
	struct sink_message m = { .id = str_from(id),
		.body = buf_str(&r->body) };
	int before = r->n_done;

	r->kind->send(r->sink, &m, on_done, r);
	assert_int_equal(r->n_done, before + 1);
	return r->outcome.result;
}

static enum send_result
send_alert(struct rig *r, const char *id, struct str title)
{
	struct alert a = { .id = str_from(id), .topic = STR("t"),
		.severity = SEVERITY_NOTICE, .item.title = title,
		.item.published_s = ITEM_NO_TIME };

	buf_reset(&r->body);
	assert_int_equal(alert_to_json(&r->body, &a), 0);
	return send_body(r, id);
}

static enum send_result
send_notice(struct rig *r, struct str message)
{
	struct notice n = { .id = STR("msg_n"),
		.condition = STR("sink_disabled"), .about = STR("newsroom"),
		.severity = SEVERITY_ERR, .since_s = 0, .message = message };

	buf_reset(&r->body);
	assert_int_equal(notice_to_json(&r->body, &n), 0);
	return send_body(r, "msg_n");
}

/* All that came out since the last call. */
static const char *
output(struct rig *r)
{
	char some[4096];
	ssize_t n;

	buf_reset(&r->text);
	while ((n = read(r->fd, some, sizeof(some))) > 0)
		buf_add(&r->text, some, (size_t)n);
	return buf_cstr(&r->text);
}

static void
test_alert(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_alert(r, "msg_1", STR("A title")),
	    SEND_DELIVERED);
	assert_string_equal(output(r), "\xe2\x96\x8c NOTICE  t\n"
	    "  A title\n  1970-01-01 00:00 UTC\n\n");
}

static void
test_notice(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_notice(r, STR("HTTP 410\n\x1b[2Jgone")),
	    SEND_DELIVERED);
	assert_string_equal(output(r),
	    "\xe2\x96\x8c ERR  headlined: sink disabled\n"
	    "  HTTP 410 [2Jgone\n  newsroom\n"
	    "  since 1970-01-01 00:00 UTC\n\n");
	assert_int_equal(send_alert(r, "msg_1", STR("A title")),
	    SEND_DELIVERED);
	assert_non_null(strstr(output(r), "A title"));
}

/* Each level is called what the configuration calls it. */
static void
test_levels(void **state)
{
	struct rig *r = *state;

	for (int i = 0; i < SEVERITY_COUNT; i++) {
		struct notice n = { .id = STR("msg_n"), .condition = STR("c"),
			.severity = (enum severity)i, .since_s = 0 };
		const char *word = severity_word(n.severity), *shown;
		size_t n_word;

		buf_reset(&r->body);
		assert_int_equal(notice_to_json(&r->body, &n), 0);
		assert_int_equal(send_body(r, "msg_n"), SEND_DELIVERED);
		shown = output(r);
		/* Behind the bar, up to the title. */
		n_word = strlen(word);
		assert_int_equal(strncasecmp(shown + 4, word, n_word), 0);
		assert_int_equal(strncmp(shown + 4 + n_word, "  ", 2), 0);
	}
}

static void
test_unreadable_body(void **state)
{
	static const char *const bodies[] = { "", "{\"type\":",
	    "{\"type\":\"io.headlined.test.v1\"}",
	    "{\"type\":\"io.headlined.health.v1\"}" };
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		buf_reset(&r->body);
		buf_add_c(&r->body, bodies[i]);
		assert_int_equal(send_body(r, "msg_1"), SEND_REJECTED);
		assert_true(r->outcome.message[0] != '\0');
	}
	assert_string_equal(output(r), "");
	assert_int_equal(send_alert(r, "msg_1", STR("t")), SEND_DELIVERED);
}

/* Nobody reads; then somebody does, and gets everything once and in order. */
static void
test_full(void **state)
{
	static char title[900];
	struct rig *r = *state;
	struct buf all;
	char id[32];
	int n = 0, shown = 0;

	buf_init(&all, 1 << 20);
	memset(title, 'x', sizeof(title));
	do {
		snprintf(id, sizeof(id), "msg_%d", ++n);
		assert_true(n < 10000);
	} while (send_alert(r, id, (struct str){ title, sizeof(title) }) ==
	    SEND_DELIVERED);
	assert_int_equal(r->outcome.result, SEND_SINK_WAITS);
	assert_true(r->outcome.retry_after_s > 0);
	assert_int_equal(send_body(r, id), SEND_SINK_WAITS);
	buf_add_c(&all, output(r));
	assert_int_equal(send_body(r, id), SEND_DELIVERED);
	assert_int_equal(send_notice(r, STR("the end")), SEND_DELIVERED);
	buf_add_c(&all, output(r));
	for (const char *p = buf_cstr(&all);
	    (p = strstr(p, "NOTICE")) != NULL; p++)
		shown++;
	assert_int_equal(shown, n);
	assert_non_null(strstr(buf_cstr(&all), "the end"));
	buf_clear(&all);
}

static int
open_terminal(int *other_end)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);
	char name[64];

	if (fd == -1)
		skip();			/* a build machine without any */
	assert_int_equal(grantpt(fd), 0);
	assert_int_equal(unlockpt(fd), 0);
	assert_int_equal(ptsname_r(fd, name, sizeof(name)), 0);
	*other_end = open(name, O_RDWR | O_NOCTTY);
	assert_true(*other_end != -1);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static void
check_colour(struct rig *r, bool want)
{
	int end, fd;

	fd = open_terminal(&end);
	r->kind->free(r->sink);
	close(r->fd);
	r->fd = fd;
	r->sink = open_onto(r, end);
	assert_non_null(r->sink);
	assert_int_equal(send_notice(r, STR("m")), SEND_DELIVERED);
	assert_int_equal(strstr(output(r), "\033[1;31m\xe2\x96\x8c ERR") !=
	    NULL, want);
	assert_non_null(strstr(buf_cstr(&r->text), "sink disabled"));
	close(end);
}

static void
test_colour(void **state)
{
	struct rig *r = *state;

	unsetenv("NO_COLOR");
	check_colour(r, true);
	setenv("NO_COLOR", "1", 1);
	check_colour(r, false);
	unsetenv("NO_COLOR");
}

/* Lines end where words do; what has no end in a line stays whole, and what
 * takes two columns counts so. */
static void
test_wrapping(void **state)
{
	static const struct {
		unsigned	 columns;
		const char	*title, *shown;
	} rows[] = {
		{ 0, "Peacekeepers for the whole of it", "  Peacekeepers for "
		    "the whole of it\r\n" },
		{ 24, "Peacekeepers for the whole of it", "  Peacekeepers for "
		    "the\r\n  whole of it\r\n" },
		{ 22, "Peacekeepers for the whole of it", "  Peacekeepers for "
		    "the\r\n  whole of it\r\n" },
		{ 21, "Peacekeepers for the whole of it", "  Peacekeepers for"
		    "\r\n  the whole of it\r\n" },
		{ 20, "A-word-that-is-longer-than-that is left", "  A-word-"
		    "that-is-longer-than-that\r\n  is left\r\n" },
		{ 20, "\u4e2d\u4e2d\u4e2d\u4e2d \u4e2d\u4e2d\u4e2d\u4e2d x",
		    "  \u4e2d\u4e2d\u4e2d\u4e2d \u4e2d\u4e2d\u4e2d\u4e2d\r\n"
		    "  x\r\n" },
		{ 1, "Peacekeepers for the whole", "  Peacekeepers for the "
		    "whole\r\n" },
	};
	struct rig *r = *state;
	int end, fd;

	setenv("NO_COLOR", "1", 1);
	fd = open_terminal(&end);
	r->kind->free(r->sink);
	close(r->fd);
	r->fd = fd;
	r->sink = open_onto(r, end);
	assert_non_null(r->sink);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct winsize size = { .ws_col =
			(unsigned short)rows[i].columns, .ws_row = 24 };

		assert_int_equal(ioctl(end, TIOCSWINSZ, &size), 0);
		assert_int_equal(send_alert(r, "msg_1",
		    str_from(rows[i].title)), SEND_DELIVERED);
		if (strstr(output(r), rows[i].shown) == NULL)
			fail_msg("row %zu: %s", i, buf_cstr(&r->text));
	}
	close(end);
	unsetenv("NO_COLOR");
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_alert),
		TEST(test_notice),
		TEST(test_levels),
		TEST(test_unreadable_body),
		TEST(test_full),
		TEST(test_colour),
		TEST(test_wrapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
