/* SPDX-License-Identifier: ISC */
/* The syslog sink against a datagram socket of the test's own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "alerts/alert_format.h"
#include "alerts/notice.h"
#include "alerts/sink.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/item.h"
#include "base/utf8.h"

enum { DAEMON = 3, LOCAL7 = 23 };

/* A syslog daemon, and the sink that writes to it. */
struct rig {
	char		 dir[40], path[64];
	int		 fd;		/* -1: the daemon is down */
	struct event_base *base;
	struct sink	*sink;
	const struct sink_kind *kind;
	int		 n_done;
	struct send_outcome outcome;
	char		 line[65536];
	struct buf	 body;
};

static void
daemon_start(struct rig *r)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memcpy(a.sun_path, r->path, strlen(r->path) + 1);
	r->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_true(r->fd != -1);
	assert_int_equal(bind(r->fd, (const struct sockaddr *)&a, sizeof(a)),
	    0);
}

static void
daemon_stop(struct rig *r)
{
	if (r->fd != -1)
		close(r->fd);
	unlink(r->path);
	r->fd = -1;
}

static struct sink *
open_sink(struct rig *r, int facility)
{
	struct sink_settings s = { .name = "syslog", .kind = "syslog",
		.socket = r->path, .facility = facility };
	struct sink_env env = { .base = r->base };
	struct err err;

	return r->kind->open(&env, &s, &err);
}

static int
set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (r == NULL)
		return -1;
	memcpy(r->dir, "/tmp/headlined-test-XXXXXX", 27);
	if (mkdtemp(r->dir) == NULL)
		return -1;
	snprintf(r->path, sizeof(r->path), "%s/log", r->dir);
	buf_init(&r->body, 1 << 20);
	r->kind = sink_find_kind("syslog");
	r->base = event_base_new();
	if (r->base == NULL)
		return -1;
	daemon_start(r);
	r->sink = open_sink(r, DAEMON);
	alarm(60);		/* a sink that blocks must not block us */
	return r->sink != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	alarm(0);
	r->kind->free(r->sink);
	event_base_free(r->base);
	daemon_stop(r);
	rmdir(r->dir);
	buf_clear(&r->body);
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

/* Was it done with at once? */
static bool
offer_body(struct rig *r, struct str body)
{
	struct sink_message m = { .id = STR("msg_1"), .body = body };
	int before = r->n_done;

	r->kind->send(r->sink, &m, on_done, r);
	assert_true(r->n_done == before || r->n_done == before + 1);
	return r->n_done != before;
}

static enum send_result
send_body(struct rig *r, struct str body)
{
	assert_true(offer_body(r, body));
	return r->outcome.result;
}

static void
make_alert(struct rig *r, enum severity severity)
{
	struct alert a = { .id = STR("msg_1"), .topic = STR("t"),
		.severity = severity, .time_s = 1000,
		.item.title = STR("A \"title\""),
		.item.published_s = ITEM_NO_TIME };

	buf_reset(&r->body);
	assert_int_equal(alert_to_json(&r->body, &a), 0);
}

static enum send_result
send_alert(struct rig *r, enum severity severity)
{
	make_alert(r, severity);
	return send_body(r, buf_str(&r->body));
}

/* Alerts until one has to wait: how many went. The bytes of what waits are
 * gone from where they were given. */
static int
fill_socket(struct rig *r)
{
	int delivered = 0;

	for (;;) {
		make_alert(r, SEVERITY_ERR);
		if (!offer_body(r, buf_str(&r->body)))
			break;
		assert_int_equal(r->outcome.result, SEND_DELIVERED);
		assert_true(++delivered < 1000000);
	}
	memset(r->body.p, 'x', r->body.n);
	assert_true(delivered > 0);
	return delivered;
}

/* What comes of the one that waits. */
static enum send_result
await_done(struct rig *r)
{
	int before = r->n_done;

	while (r->n_done == before)
		assert_int_equal(event_base_loop(r->base, EVLOOP_ONCE), 0);
	assert_int_equal(r->n_done, before + 1);
	return r->outcome.result;
}

/* The next line that arrived, or NULL. */
static const char *
receive(struct rig *r)
{
	ssize_t n = recv(r->fd, r->line, sizeof(r->line) - 1, 0);

	if (n == -1)
		return NULL;
	r->line[n] = '\0';
	return r->line;
}

static void
write_stamp(char out[32])
{
	time_t now = time(NULL);
	struct tm tm;

	assert_non_null(localtime_r(&now, &tm));
	strftime(out, 32, "%b %e %H:%M:%S", &tm);
}

/* "<PRI>Mon dd hh:mm:ss headlined[pid]: alert ...", in the local zone. */
static void
test_framing(void **state)
{
	struct rig *r = *state;
	char before[32], after[32], want[2][256];
	const char *line;

	setenv("TZ", "XYZ-05:30", 1);
	tzset();
	write_stamp(before);
	assert_int_equal(send_alert(r, SEVERITY_WARNING), SEND_DELIVERED);
	write_stamp(after);
	unsetenv("TZ");
	tzset();
	for (int i = 0; i < 2; i++)
		snprintf(want[i], sizeof(want[i]), "<28>%s headlined[%ld]: "
		    "alert topic=t severity=warning id=msg_1 "
		    "title=\"A \\\"title\\\"\" url=\"\" feed=\"\" site=\"\" "
		    "entities=\"\" story=\"\" copies=0",
		    i == 0 ? before : after, (long)getpid());
	line = receive(r);
	assert_non_null(line);
	if (strcmp(line, want[0]) != 0)
		assert_string_equal(line, want[1]);
	assert_null(receive(r));
	assert_string_equal(r->outcome.message, "");
}

static const struct {
	const char	*says;
	int		 facility;
	enum severity	 severity;
	const char	*want;
} priorities[] = {
	{ "kern and emerg are 0", 0, SEVERITY_EMERG, "<0>" },
	{ "daemon at debug", DAEMON, SEVERITY_DEBUG, "<31>" },
	{ "user at notice", 1, SEVERITY_NOTICE, "<13>" },
	{ "local7 at debug is the last", LOCAL7, SEVERITY_DEBUG, "<191>" },
};

static void
test_priority(void **state)
{
	struct rig *r = *state;
	const char *line;

	for (size_t i = 0; i < sizeof(priorities) / sizeof(priorities[0]);
	    i++) {
		r->kind->free(r->sink);
		r->sink = open_sink(r, priorities[i].facility);
		assert_non_null(r->sink);
		assert_int_equal(send_alert(r, priorities[i].severity),
		    SEND_DELIVERED);
		line = receive(r);
		assert_non_null(line);
		if (strncmp(line, priorities[i].want,
		    strlen(priorities[i].want)) != 0)
			fail_msg("%s: %.10s", priorities[i].says, line);
	}
}

/* At its own severity and the sink's facility; a server wrote the text. */
static void
test_notice(void **state)
{
	const struct notice n = { .id = STR("msg_n"),
		.condition = STR("feed_failing"),
		.about = STR("https://e.org/rss"), .over = true,
		.severity = SEVERITY_NOTICE, .since_s = 0, .time_s = 1000,
		.message = STR("HTTP 500\n<0>forged \x1b[2J\xe2\x80\xae") };
	struct rig *r = *state;
	const char *line;

	buf_reset(&r->body);
	assert_int_equal(notice_to_json(&r->body, &n), 0);
	assert_int_equal(send_body(r, buf_str(&r->body)), SEND_DELIVERED);
	line = receive(r);
	assert_non_null(line);
	assert_memory_equal(line, "<29>", 4);	/* daemon, notice */
	assert_non_null(strstr(line, "]: health condition=feed_failing"
	    " state=over severity=notice about=\"https://e.org/rss\""
	    " since=1970-01-01T00:00:00Z id=msg_n"
	    " message=\"HTTP 500 <0>forged [2J\""));
	assert_null(receive(r));
}

static void
test_never_there(void **state)
{
	struct rig *r = *state;

	daemon_stop(r);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_SINK_WAITS);
	assert_non_null(strstr(r->outcome.message, r->path));
	assert_non_null(strstr(r->outcome.message, strerror(ENOENT)));
	daemon_start(r);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	assert_non_null(receive(r));
}

/* The daemon starts anew while we are connected to the old socket. */
static void
test_replaced(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	daemon_stop(r);
	daemon_start(r);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	assert_non_null(receive(r));
	assert_null(receive(r));
}

static void
test_gone_and_back(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	daemon_stop(r);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_SINK_WAITS);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_SINK_WAITS);
	daemon_start(r);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	assert_non_null(receive(r));
}

static int
count_lines(struct rig *r)
{
	int n = 0;

	while (receive(r) != NULL)
		n++;
	return n;
}

/* A daemon that hangs; the alarm ends a sink that would wait for it. */
static void
test_hangs(void **state)
{
	struct rig *r = *state;
	int delivered = fill_socket(r);

	assert_int_equal(await_done(r), SEND_SINK_WAITS);
	assert_true(r->outcome.retry_after_s > 0);
	assert_non_null(strstr(r->outcome.message, "does not read"));
	assert_int_equal(count_lines(r), delivered);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	assert_int_equal(count_lines(r), 1);
}

/* A burst is more than the socket holds: that is no failure, each goes when
 * there is room. */
static void
test_full(void **state)
{
	struct rig *r = *state;
	int delivered = fill_socket(r), received = 0;
	const char *line;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(event_base_loop(r->base, EVLOOP_NONBLOCK), 0);
		assert_non_null(receive(r));
		received++;
		assert_int_equal(await_done(r), SEND_DELIVERED);
		delivered++;
		make_alert(r, SEVERITY_ERR);
		assert_false(offer_body(r, buf_str(&r->body)));
	}
	while ((line = receive(r)) != NULL) {
		assert_non_null(strstr(line, "alert topic=t severity=err"));
		received++;
	}
	assert_int_equal(received, delivered);
	assert_int_equal(await_done(r), SEND_DELIVERED);
	assert_int_equal(count_lines(r), 1);
}

/* The daemon that does not read is replaced meanwhile, or gone. */
static void
test_full_and_replaced(void **state)
{
	struct rig *r = *state;

	fill_socket(r);
	daemon_stop(r);
	daemon_start(r);
	assert_int_equal(await_done(r), SEND_DELIVERED);
	assert_int_equal(count_lines(r), 1);
	fill_socket(r);
	daemon_stop(r);
	assert_int_equal(await_done(r), SEND_SINK_WAITS);
	assert_non_null(strstr(r->outcome.message, r->path));
}

static void
test_full_and_cancelled(void **state)
{
	struct rig *r = *state;
	int delivered = fill_socket(r), done = r->n_done;

	r->kind->cancel(r->sink);
	assert_int_equal(count_lines(r), delivered);
	assert_int_equal(event_base_loop(r->base, EVLOOP_NONBLOCK), 1);
	assert_int_equal(r->n_done, done);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	assert_int_equal(count_lines(r), 1);
	fill_socket(r);		/* and is freed so */
}

/* Each field at its longest, and all characters of three bytes at the end. */
static void
test_long_line(void **state)
{
	struct rig *r = *state;
	char quotes[4097], names[3004] = "";
	const char *line;
	struct str got;

	for (size_t i = 0; i + 1 < sizeof(quotes); i += 2)
		memcpy(quotes + i, "\\\"", 2);
	quotes[4096] = '\0';
	for (size_t i = 0; i < 1000; i++)
		memcpy(names + 3 * i, "\xe6\x97\xa5", 4);
	buf_reset(&r->body);
	buf_addf(&r->body, "{\"type\":\"io.headlined.alert.v1\","
	    "\"id\":\"%s\",\"time\":\"2026-11-23T12:00:00Z\","
	    "\"data\":{\"severity\":\"err\",\"topic\":\"%s\","
	    "\"item\":{\"title\":\"%s\",\"url\":\"%s\"},"
	    "\"feed\":{\"title\":\"%s\",\"site\":\"%s\"},\"entities\":[",
	    quotes, quotes, quotes, quotes, quotes, quotes);
	for (int i = 0; i < 10; i++)
		buf_addf(&r->body, "%s{\"name\":\"%s\"}", i > 0 ? "," : "",
		    names);
	buf_add_c(&r->body, "]}}");
	assert_int_equal(send_body(r, buf_str(&r->body)), SEND_DELIVERED);
	line = receive(r);
	assert_non_null(line);
	got = str_from(line);
	assert_true(got.n <= 8192);
	assert_true(got.n > 8192 - 4);
	assert_true(utf8_is_valid(got));
	assert_null(strstr(line, "copies="));
}

static void
test_unreadable_body(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_body(r, STR("{\"type\":")), SEND_REJECTED);
	assert_true(r->outcome.message[0] != '\0');
	assert_int_equal(send_body(r,
	    STR("{\"type\":\"io.headlined.health.v1\"}")), SEND_REJECTED);
	assert_non_null(strstr(r->outcome.message, "not a notice"));
	assert_int_equal(send_body(r,
	    STR("{\"type\":\"io.headlined.test.v1\"}")), SEND_REJECTED);
	assert_non_null(strstr(r->outcome.message, "not a test message"));
	assert_int_equal(send_body(r,
	    STR("{\"type\":\"io.headlined.other.v1\"}")), SEND_REJECTED);
	assert_non_null(strstr(r->outcome.message, "not a message"));
	assert_null(receive(r));
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
}

static void
test_open_refuses(void **state)
{
	struct rig *r = *state;
	char path[200];
	struct sink_settings s = { .kind = "syslog", .socket = path };
	struct sink_env env = { .base = r->base };
	struct err err;

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_null(r->kind->open(&env, &s, &err));
	assert_non_null(strstr(err.msg, "too long"));
	s.socket = NULL;
	s.facility = 24;
	assert_null(r->kind->open(&env, &s, &err));
	assert_non_null(strstr(err.msg, "facility"));
	s.facility = -1;
	assert_null(r->kind->open(&env, &s, &err));
	r->kind->free(NULL);
}

/* Descriptors do not leak while the daemon comes and goes. */
static void
test_descriptors(void **state)
{
	struct rig *r = *state;
	int first, last;

	daemon_stop(r);
	send_alert(r, SEVERITY_ERR);
	first = open("/dev/null", O_RDONLY);
	close(first);
	for (int i = 0; i < 100; i++) {
		send_alert(r, SEVERITY_ERR);
		daemon_start(r);
		send_alert(r, SEVERITY_ERR);
		daemon_stop(r);
		send_alert(r, SEVERITY_ERR);
	}
	last = open("/dev/null", O_RDONLY);
	close(last);
	assert_int_equal(first, last);
}

/*
 * The journal
 */

static int
bind_journal(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	memcpy(a.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Both daemons; the sink looks for the journal first. */
static int
start_journal(struct rig *r, char path[64])
{
	struct sink_settings s = { .name = "syslog", .kind = "syslog",
		.socket = r->path, .journal = path, .facility = DAEMON };
	struct sink_env env = { .base = r->base };
	struct err err;
	int fd;

	snprintf(path, 64, "%s/journal", r->dir);
	fd = bind_journal(path);
	r->kind->free(r->sink);
	r->sink = r->kind->open(&env, &s, &err);
	assert_non_null(r->sink);
	return fd;
}

static const char *
receive_entry(struct rig *r, int fd)
{
	ssize_t n = recv(fd, r->line, sizeof(r->line) - 1, 0);

	if (n == -1)
		return NULL;
	r->line[n] = '\0';
	return r->line;
}

static void
test_journal(void **state)
{
	static const struct alert a = { .id = { "msg_1", 5 },
		.topic = { "t", 1 }, .severity = SEVERITY_WARNING,
		.time_s = 1000, .item.published_s = ITEM_NO_TIME,
		.item.title = { "Two\nPRIORITY=0 \xe2\x80\xae lines", 24 },
		.item.url = { "https://e.org/a", 15 },
		.feed.site = { "e.org", 5 }, .story.id = { "s1", 2 } };
	struct rig *r = *state;
	char path[64];
	int fd = start_journal(r, path);

	buf_reset(&r->body);
	assert_int_equal(alert_to_json(&r->body, &a), 0);
	assert_int_equal(send_body(r, buf_str(&r->body)), SEND_DELIVERED);
	assert_null(receive(r));
	assert_string_equal(receive_entry(r, fd),
	    "MESSAGE=alert topic=t severity=warning id=msg_1 "
	    "title=\"Two PRIORITY=0 lines\" url=https://e.org/a feed=\"\" "
	    "site=e.org entities=\"\" story=s1 copies=0\n"
	    "PRIORITY=4\n"
	    "SYSLOG_FACILITY=3\n"
	    "SYSLOG_IDENTIFIER=headlined\n"
	    "HEADLINED_KIND=alert\n"
	    "HEADLINED_TOPIC=t\n"
	    "HEADLINED_SEVERITY=warning\n"
	    "HEADLINED_ID=msg_1\n"
	    "HEADLINED_URL=https://e.org/a\n"
	    "HEADLINED_SITE=e.org\n"
	    "HEADLINED_STORY=s1\n"
	    "HEADLINED_TITLE=Two PRIORITY=0 lines\n");
	assert_null(receive_entry(r, fd));
	close(fd);
	unlink(path);
}

/* Each connection finds out anew whether there is a journal. */
static void
test_journal_comes_and_goes(void **state)
{
	struct rig *r = *state;
	char path[64];
	int fd = start_journal(r, path);

	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	assert_memory_equal(receive_entry(r, fd), "MESSAGE=", 8);
	close(fd);
	unlink(path);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	assert_memory_equal(receive(r), "<27>", 4);
	daemon_stop(r);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_SINK_WAITS);
	assert_non_null(strstr(r->outcome.message, r->path));
	fd = bind_journal(path);
	assert_int_equal(send_alert(r, SEVERITY_ERR), SEND_DELIVERED);
	assert_memory_equal(receive_entry(r, fd), "MESSAGE=", 8);
	close(fd);
	unlink(path);
}

/* As any other that is full. */
static void
test_journal_full(void **state)
{
	struct rig *r = *state;
	char path[64];
	int fd = start_journal(r, path), delivered = fill_socket(r);

	assert_non_null(receive_entry(r, fd));
	assert_int_equal(await_done(r), SEND_DELIVERED);
	while (receive_entry(r, fd) != NULL)
		delivered--;
	assert_int_equal(delivered, 0);
	assert_null(receive(r));
	close(fd);
	unlink(path);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_framing),
		TEST(test_priority),
		TEST(test_notice),
		TEST(test_never_there),
		TEST(test_replaced),
		TEST(test_gone_and_back),
		TEST(test_hangs),
		TEST(test_full),
		TEST(test_full_and_replaced),
		TEST(test_full_and_cancelled),
		TEST(test_long_line),
		TEST(test_unreadable_body),
		TEST(test_open_refuses),
		TEST(test_descriptors),
		TEST(test_journal),
		TEST(test_journal_comes_and_goes),
		TEST(test_journal_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
