/* SPDX-License-Identifier: ISC */
/*
 * daemon/watchdog: who is silent, who was allowed to be, and what the service
 * manager hears. Time is given by the tests, but for the last ones, which let
 * real loops turn with an interval of milliseconds.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/mailbox.h"
#include "daemon/watchdog.h"
#include "daemon/watchdog_private.h"

#define S		INT64_C(1000000)

enum { LIMIT_S = 60, TICK_S = 15 };

struct fixture {
	struct event_base	*base;
	struct watchdog		*dog;
	struct heartbeat	*worker, *ledger;
	int64_t			 now;
	/* The service manager's. */
	char			 dir[64];
	struct sockaddr_un	 addr;
	int			 fd;
	int			 heard;		/* WATCHDOG=1, since told() */
};

static void
open_manager(struct fixture *f)
{
	snprintf(f->dir, sizeof(f->dir), "/tmp/headlined-watchdog-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->addr.sun_family = AF_UNIX;
	snprintf(f->addr.sun_path, sizeof(f->addr.sun_path), "%s/notify",
	    f->dir);
	f->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(f->fd >= 0);
	assert_int_equal(bind(f->fd, (const struct sockaddr *)&f->addr,
	    sizeof(f->addr)), 0);
	assert_int_equal(setenv("NOTIFY_SOCKET", f->addr.sun_path, 1), 0);
}

static int
setup_limit(void **state, int64_t limit_us)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	open_manager(f);
	f->base = event_base_new();
	assert_non_null(f->base);
	f->dog = watchdog_new(f->base, limit_us);
	assert_non_null(f->dog);
	f->worker = watchdog_add(f->dog, "worker");
	f->ledger = watchdog_add(f->dog, "ledger");
	assert_non_null(f->worker);
	assert_non_null(f->ledger);
	f->now = watchdog_now_us();
	heartbeat_beat_at(f->worker, f->now);
	heartbeat_beat_at(f->ledger, f->now);
	*state = f;
	return 0;
}

static int
setup(void **state)
{
	return setup_limit(state, LIMIT_S * S);
}

static int
setup_unwatched(void **state)
{
	return setup_limit(state, 0);
}

static int
setup_short(void **state)
{
	return setup_limit(state, S / 10);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	watchdog_free(f->dog);
	event_base_free(f->base);
	unsetenv("NOTIFY_SOCKET");
	close(f->fd);
	(void)unlink(f->addr.sun_path);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

/* Takes what the manager was told: its socket holds ten, and then the teller
 * waits. */
static void
listen_in(struct fixture *f)
{
	char said[64];
	ssize_t n;

	while ((n = recv(f->fd, said, sizeof(said) - 1, 0)) > 0) {
		said[n] = '\0';
		assert_string_equal(said, "WATCHDOG=1");
		f->heard++;
	}
}

/* How often the manager heard that all is well, since it was last asked. */
static int
told(struct fixture *f)
{
	int times;

	listen_in(f);
	times = f->heard;
	f->heard = 0;
	return times;
}

/* Time passes, tick by tick; the name that the last look gave. */
static const char *
pass(struct fixture *f, int seconds)
{
	const char *silent = NULL;

	for (int i = 0; i < seconds / TICK_S; i++) {
		f->now += TICK_S * S;
		silent = watchdog_look(f->dog, f->now);
		listen_in(f);
	}
	f->now += seconds % TICK_S * S;
	return silent;
}

static void
who_beats_is_well_and_the_manager_hears_it(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 20; i++) {
		heartbeat_beat_at(f->worker, f->now);
		heartbeat_beat_at(f->ledger, f->now);
		assert_null(pass(f, TICK_S));
		assert_int_equal(told(f), 1);
	}
}

static void
one_silent_thread_is_named_and_stops_the_telling(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < LIMIT_S / TICK_S; i++) {
		heartbeat_beat_at(f->ledger, f->now);
		assert_null(pass(f, TICK_S));	/* up to its limit */
	}
	assert_int_equal(told(f), LIMIT_S / TICK_S);
	heartbeat_beat_at(f->ledger, f->now);
	assert_string_equal(pass(f, TICK_S), "worker");
	assert_string_equal(watchdog_silent_at(f->dog, f->now), "worker");
	assert_int_equal(told(f), 0);
	/* It turns again, and all is well. */
	heartbeat_beat_at(f->worker, f->now);
	assert_null(watchdog_silent_at(f->dog, f->now));
	assert_null(pass(f, TICK_S));
	assert_int_equal(told(f), 1);
}

/* What the log says stands on standard error. */
static void
each_hang_is_logged_once(void **state)
{
	struct fixture *f = *state;
	char path[96], text[4096];
	int keep = dup(STDERR_FILENO);
	FILE *log;
	size_t n;

	snprintf(path, sizeof(path), "%s/log", f->dir);
	log = fopen(path, "w+");
	assert_non_null(log);
	(void)unlink(path);
	assert_true(dup2(fileno(log), STDERR_FILENO) >= 0);
	for (int i = 0; i < 10; i++) {
		heartbeat_beat_at(f->ledger, f->now);
		pass(f, TICK_S);
	}
	heartbeat_beat_at(f->worker, f->now);
	for (int i = 0; i < 3; i++)
		pass(f, TICK_S);
	assert_true(dup2(keep, STDERR_FILENO) >= 0);
	close(keep);
	rewind(log);
	n = fread(text, 1, sizeof(text) - 1, log);
	text[n] = '\0';
	fclose(log);
	assert_string_equal(text,
	    "<3>thread_hangs thread=worker silent_s=75\n"
	    "<6>thread_turns_again thread=worker\n");
}

static void
an_allowance_covers_its_time_and_ends_with_a_beat(void **state)
{
	struct fixture *f = *state;

	heartbeat_retire(f->ledger);
	heartbeat_allow_at(f->worker, 300, f->now);
	assert_null(pass(f, 300));
	assert_string_equal(pass(f, TICK_S), "worker");
	heartbeat_allow_at(f->worker, 300, f->now);
	assert_null(pass(f, 2 * TICK_S));
	heartbeat_beat_at(f->worker, f->now);
	assert_null(pass(f, LIMIT_S));
	assert_string_equal(pass(f, TICK_S), "worker");
	/* A short one does not shorten the limit. */
	heartbeat_allow_at(f->worker, 1, f->now);
	assert_null(pass(f, LIMIT_S));
	assert_string_equal(pass(f, TICK_S), "worker");
	heartbeat_allow_at(f->worker, -5, f->now);
	assert_null(pass(f, LIMIT_S));
	heartbeat_allow_at(f->worker, INT32_MAX, f->now);
	assert_null(pass(f, 3600));
}

static void
one_that_has_ended_is_not_missed(void **state)
{
	struct fixture *f = *state;

	heartbeat_retire(f->worker);
	heartbeat_retire(f->ledger);
	assert_null(pass(f, 3600));
	assert_int_equal(told(f), 3600 / TICK_S);
}

/* SIGSTOP and SIGCONT, a debugger, a virtual machine that was put to sleep:
 * when the main loop looks again everybody is silent, and nobody hangs. */
static void
time_that_stood_still_for_all_counts_for_nobody(void **state)
{
	struct fixture *f = *state;

	assert_null(pass(f, TICK_S));
	f->now += 10 * LIMIT_S * S;
	assert_null(watchdog_silent_at(f->dog, f->now));
	assert_null(watchdog_look(f->dog, f->now));
	/* They turn again and are well; the worker does not. */
	heartbeat_beat_at(f->ledger, f->now);
	assert_null(pass(f, TICK_S));
	heartbeat_beat_at(f->ledger, f->now);
	assert_string_equal(pass(f, 2 * TICK_S), "worker");
	/* What was taken off ends with the first beat. */
	heartbeat_retire(f->worker);
	heartbeat_beat_at(f->ledger, f->now);
	assert_null(pass(f, LIMIT_S));
	assert_string_equal(pass(f, TICK_S), "ledger");
}

/* Each gap is taken off but for one tick of it: a busy main loop finds a hang
 * later, and finds it. */
static void
a_main_loop_that_is_always_late_still_finds_it(void **state)
{
	struct fixture *f = *state;
	const char *silent = NULL;

	for (int i = 0; i < 10 && silent == NULL; i++) {
		heartbeat_beat_at(f->ledger, f->now);
		f->now += 3 * TICK_S * S;
		silent = watchdog_look(f->dog, f->now);
	}
	assert_non_null(silent);
	assert_string_equal(silent, "worker");
}

static void
without_a_manager_it_looks_and_tells_nobody(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(heartbeat_period_ms(f->worker),
	    WATCHDOG_DEFAULT_S * 1000 / 4);
	heartbeat_beat_at(f->ledger, f->now);
	assert_null(pass(f, WATCHDOG_DEFAULT_S));
	assert_string_equal(pass(f, TICK_S), "worker");
	assert_int_equal(told(f), 0);
}

static void
any_interval_of_the_managers_is_borne(void **state)
{
	static const struct {
		const char *says;
		int64_t limit_us;
		int period_ms;
	} cases[] = {
		{ "a microsecond", 1, 1 },
		{ "a second", S, 250 },
		{ "for ever: a day will do", INT64_MAX, 21600000 },
		{ "negative: none", -1, WATCHDOG_DEFAULT_S * 250 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct watchdog *w = watchdog_new(f->base, cases[i].limit_us);
		struct heartbeat *h = watchdog_add(w, "one");
		struct err err;

		print_message("%s\n", cases[i].says);
		assert_non_null(h);
		assert_int_equal(heartbeat_period_ms(h), cases[i].period_ms);
		heartbeat_beat(h);
		heartbeat_allow(h, INT32_MAX);
		assert_null(watchdog_silent(w));
		assert_int_equal(watchdog_start(w, &err), 0);
		watchdog_free(w);
	}
	watchdog_free(NULL);
}

static void
a_thread_that_nobody_watches_may_beat(void **state)
{
	struct fixture *f = *state;
	struct event *ev = heartbeat_attach(NULL, f->base);

	assert_non_null(ev);
	event_free(ev);
	heartbeat_beat(NULL);
	heartbeat_allow(NULL, 5);
	heartbeat_retire(NULL);
	assert_true(heartbeat_period_ms(NULL) > 0);
}

/* Real loops */

/* A thread with a loop of its own, as a worker; it can be held up. */
struct thread {
	pthread_t		 id;
	struct event_base	*base;
	struct heartbeat	*heart;
	struct mailbox		*orders;	/* it stops turning */
	struct mailbox		*release;	/* and turns again */
	struct event		*on_order, *beat;
	bool			 ends;
};

static void
thread_on_order(evutil_socket_t fd, short what, void *arg)
{
	struct thread *t = arg;

	(void)fd;
	(void)what;
	(void)mailbox_take(t->orders);
	if (t->ends) {
		event_base_loopbreak(t->base);
		return;
	}
	(void)mailbox_wait(t->release, 20000);
	(void)mailbox_take(t->release);
}

static void *
thread_run(void *arg)
{
	struct thread *t = arg;

	event_base_dispatch(t->base);
	heartbeat_retire(t->heart);
	return NULL;
}

static void
thread_start(struct thread *t, struct heartbeat *heart)
{
	t->heart = heart;
	t->base = event_base_new();
	t->orders = mailbox_new(1);
	t->release = mailbox_new(1);
	t->on_order = event_new(t->base, mailbox_fd(t->orders),
	    EV_READ | EV_PERSIST, thread_on_order, t);
	assert_int_equal(event_add(t->on_order, NULL), 0);
	t->beat = heartbeat_attach(heart, t->base);
	assert_non_null(t->beat);
	assert_int_equal(pthread_create(&t->id, NULL, thread_run, t), 0);
}

static void
thread_stop(struct thread *t)
{
	t->ends = true;
	mailbox_wake(t->orders);
	assert_int_equal(pthread_join(t->id, NULL), 0);
	event_free(t->beat);
	event_free(t->on_order);
	event_base_free(t->base);
	mailbox_free(t->orders);
	mailbox_free(t->release);
}

/* The main loop turns until somebody (nobody) is silent: who. */
static const char *
turn_until(struct fixture *f, bool silent)
{
	const char *name;

	while (((name = watchdog_silent(f->dog)) != NULL) != silent) {
		assert_int_not_equal(event_base_loop(f->base, EVLOOP_ONCE),
		    -1);
		listen_in(f);
	}
	return name;
}

static void
a_thread_that_is_held_up_is_found_and_found_again(void **state)
{
	struct fixture *f = *state;
	struct thread t = { 0 };
	struct err err;

	heartbeat_retire(f->ledger);
	thread_start(&t, f->worker);
	assert_int_equal(watchdog_start(f->dog, &err), 0);
	assert_null(turn_until(f, false));
	mailbox_wake(t.orders);
	assert_string_equal(turn_until(f, true), "worker");
	mailbox_wake(t.release);
	assert_null(turn_until(f, false));
	(void)told(f);
	while (told(f) == 0)
		assert_int_not_equal(event_base_loop(f->base, EVLOOP_ONCE),
		    -1);
	thread_stop(&t);
	/* Long after its end. */
	assert_null(watchdog_silent_at(f->dog, watchdog_now_us() + 3600 * S));
}

#define TEST(name, how)							\
	cmocka_unit_test_setup_teardown(name, how, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_beats_is_well_and_the_manager_hears_it, setup),
		TEST(one_silent_thread_is_named_and_stops_the_telling, setup),
		TEST(each_hang_is_logged_once, setup),
		TEST(an_allowance_covers_its_time_and_ends_with_a_beat, setup),
		TEST(one_that_has_ended_is_not_missed, setup),
		TEST(time_that_stood_still_for_all_counts_for_nobody, setup),
		TEST(a_main_loop_that_is_always_late_still_finds_it, setup),
		TEST(without_a_manager_it_looks_and_tells_nobody,
		    setup_unwatched),
		TEST(any_interval_of_the_managers_is_borne, setup),
		TEST(a_thread_that_nobody_watches_may_beat, setup),
		TEST(a_thread_that_is_held_up_is_found_and_found_again,
		    setup_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
