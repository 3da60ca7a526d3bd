/* SPDX-License-Identifier: ISC */
/* daemon/notify: what arrives at the manager's socket, to the letter. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "daemon/notify.h"

struct manager {
	char			dir[64];
	struct sockaddr_un	addr;
	int			fd;
	char			said[4096];	/* its last datagram */
};

static int
setup(void **state)
{
	struct manager *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	snprintf(m->dir, sizeof(m->dir), "/tmp/headlined-notify-XXXXXX");
	assert_non_null(mkdtemp(m->dir));
	m->addr.sun_family = AF_UNIX;
	snprintf(m->addr.sun_path, sizeof(m->addr.sun_path), "%s/notify",
	    m->dir);
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(m->fd >= 0);
	assert_int_equal(bind(m->fd, (const struct sockaddr *)&m->addr,
	    sizeof(m->addr)), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", m->addr.sun_path, 1), 0);
	*state = m;
	return 0;
}

static int
teardown(void **state)
{
	struct manager *m = *state;

	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	close(m->fd);
	(void)unlink(m->addr.sun_path);
	assert_int_equal(rmdir(m->dir), 0);
	free(m);
	return 0;
}

/* The one datagram that waits; "" when there is none. */
static const char *
heard(struct manager *m)
{
	ssize_t n = recv(m->fd, m->said, sizeof(m->said) - 1, 0);

	m->said[n > 0 ? n : 0] = '\0';
	return m->said;
}

static void
each_state_has_its_words(void **state)
{
	struct manager *m = *state;

	notify_ready("1 feed, 2 topics");
	assert_string_equal(heard(m), "READY=1\nSTATUS=1 feed, 2 topics");
	notify_status("store full");
	assert_string_equal(heard(m), "STATUS=store full");
	notify_alive();
	assert_string_equal(heard(m), "WATCHDOG=1");
	notify_patience(90);
	assert_string_equal(heard(m), "EXTEND_TIMEOUT_USEC=90000000");
	notify_patience(INT32_MAX);
	assert_string_equal(heard(m), "EXTEND_TIMEOUT_USEC=2147483647000000");
	notify_stopping();
	assert_string_equal(heard(m), "STOPPING=1\nSTATUS=draining");
	assert_string_equal(heard(m), "");
	notify_patience(0);
	notify_patience(-1);
	assert_string_equal(heard(m), "");
}

static int64_t
mono_us(void)
{
	struct timespec ts;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &ts), 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Also with a scaled clock: the manager knows nothing of ours. */
static void
a_reload_bears_the_monotonic_time(void **state)
{
	static const char begin[] = "RELOADING=1\nMONOTONIC_USEC=";
	struct manager *m = *state;
	int64_t before = mono_us(), said;
	const char *text;
	char *end;

	assert_int_equal(setenv("HEADLINED_TIME_SCALE", "3600", 1), 0);
	notify_reloading();
	unsetenv("HEADLINED_TIME_SCALE");
	text = heard(m);
	assert_int_equal(strncmp(text, begin, sizeof(begin) - 1), 0);
	said = strtoll(text + sizeof(begin) - 1, &end, 10);
	assert_int_equal(*end, '\0');
	assert_true(said >= before);
	assert_true(said <= mono_us());
}

static void
a_status_is_one_clean_line(void **state)
{
	static const struct {
		const char *says, *status, *want;
	} cases[] = {
		{ "a line break begins no field", "bad\nMAINPID=1",
		    "STATUS=bad MAINPID=1" },
		{ "nor does a carriage return", "a\r\nSTOPPING=1",
		    "STATUS=a STOPPING=1" },
		{ "an escape reaches no terminal", "a\033[31mb",
		    "STATUS=a [31mb" },
		{ "what is no UTF-8 is made so", "a\xff" "b",
		    "STATUS=a\xef\xbf\xbd" "b" },
		{ "a percent sign is no format", "%s %n 100%",
		    "STATUS=%s %n 100%" },
		{ "nothing is said as nothing", "", "STATUS=" },
	};
	struct manager *m = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].says);
		notify_status(cases[i].status);
		assert_string_equal(heard(m), cases[i].want);
	}
}

static void
a_long_status_is_cut_and_still_ready(void **state)
{
	struct manager *m = *state;
	char *status = calloc(1, 100001);

	assert_non_null(status);
	memset(status, 'x', 100000);
	notify_ready(status);
	assert_int_equal(strncmp(heard(m), "READY=1\nSTATUS=xxx", 18), 0);
	assert_true(strlen(m->said) > 500);
	assert_true(strlen(m->said) < 1100);
	free(status);
}

static void
without_a_manager_nothing_happens(void **state)
{
	struct manager *m = *state;

	unsetenv("NOTIFY_SOCKET");
	notify_ready("ready");
	notify_reloading();
	notify_status("status");
	notify_alive();
	notify_patience(5);
	notify_stopping();
	assert_string_equal(heard(m), "");
	/* One that is gone. */
	assert_int_equal(setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1), 0);
	notify_ready("ready");
	notify_alive();
}

static void
the_watchdog_interval_is_the_managers(void **state)
{
	char self[16], other[16];
	const struct {
		const char *says, *us, *pid;
		int64_t want;
	} cases[] = {
		{ "none is set", NULL, NULL, 0 },
		{ "a minute, for anybody", "60000000", NULL, 60000000 },
		{ "a minute, for us", "60000000", self, 60000000 },
		{ "for another process", "60000000", other, 0 },
		{ "zero is none", "0", NULL, 0 },
		{ "what is no number is none", "soon", NULL, 0 },
		{ "negative is none", "-5", NULL, 0 },
		{ "nearly 2^64 is for ever", "18446744073709551614", NULL,
		    INT64_MAX },
		{ "2^64 and more is none", "18446744073709551616", NULL, 0 },
		{ "whose process is no number", "60000000", "me", 0 },
	};

	(void)state;
	snprintf(self, sizeof(self), "%d", (int)getpid());
	snprintf(other, sizeof(other), "%d", (int)getppid());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].says);
		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (cases[i].us != NULL)
			setenv("WATCHDOG_USEC", cases[i].us, 1);
		if (cases[i].pid != NULL)
			setenv("WATCHDOG_PID", cases[i].pid, 1);
		assert_int_equal(notify_watchdog_us(), cases[i].want);
	}
}

#define TEST(name)							\
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_state_has_its_words),
		TEST(a_reload_bears_the_monotonic_time),
		TEST(a_status_is_one_clean_line),
		TEST(a_long_status_is_cut_and_still_ready),
		TEST(without_a_manager_nothing_happens),
		TEST(the_watchdog_interval_is_the_managers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
