/* SPDX-License-Identifier: ISC */
/* So many at once, so far apart; time is a number that the test chooses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>

#include "feeds/host_gate.h"

#define S	INT64_C(1000000)

static struct host_gate *
gate(unsigned per_host, int64_t gap_us)
{
	struct host_gate_settings set = { per_host, gap_us };
	struct host_gate *g = host_gate_new(&set);

	assert_non_null(g);
	return g;
}

static void
test_gap(void **state)
{
	struct host_gate *g = gate(2, S);

	(void)state;
	assert_int_equal(host_gate_enter(g, "a:80", 10 * S), 0);
	assert_int_equal(host_gate_enter(g, "a:80", 10 * S), S);
	assert_int_equal(host_gate_enter(g, "a:80", 10 * S + 300000), 700000);
	assert_int_equal(host_gate_enter(g, "a:80", 11 * S), 0);
	host_gate_free(g);
	host_gate_free(NULL);
}

/* Who looks learns what he would hear, and changes nothing. */
static void
test_look(void **state)
{
	struct host_gate *g = gate(1, S);

	(void)state;
	assert_int_equal(host_gate_look(g, "a:80", 0), 0);
	assert_int_equal(host_gate_count(g), 0);
	assert_int_equal(host_gate_look(g, "a:80", 0), 0);
	assert_int_equal(host_gate_enter(g, "a:80", 0), 0);
	assert_int_equal(host_gate_look(g, "a:80", 400000), 600000);
	assert_int_equal(host_gate_look(g, "a:80", S), S);
	host_gate_leave(g, "a:80", S);
	assert_int_equal(host_gate_look(g, "a:80", S), 0);
	assert_int_equal(host_gate_enter(g, "a:80", S), 0);
	host_gate_free(g);
}

/* A request that ended does not shorten the time to the next start. */
static void
test_gap_after_leaving(void **state)
{
	struct host_gate *g = gate(1, S);

	(void)state;
	assert_int_equal(host_gate_enter(g, "a:80", 0), 0);
	host_gate_leave(g, "a:80", 1000);
	assert_int_equal(host_gate_enter(g, "a:80", 1000), S - 1000);
	assert_int_equal(host_gate_enter(g, "a:80", S), 0);
	host_gate_free(g);
}

static void
test_at_once(void **state)
{
	struct host_gate *g = gate(2, S);

	(void)state;
	assert_int_equal(host_gate_enter(g, "a:80", 0), 0);
	assert_int_equal(host_gate_enter(g, "a:80", 1 * S), 0);
	assert_true(host_gate_enter(g, "a:80", 9 * S) > 0);
	host_gate_leave(g, "a:80", 9 * S);
	assert_int_equal(host_gate_enter(g, "a:80", 9 * S), 0);
	assert_true(host_gate_enter(g, "a:80", 20 * S) > 0);
	host_gate_free(g);
}

static void
test_hosts_are_apart(void **state)
{
	struct host_gate *g = gate(1, S);

	(void)state;
	assert_int_equal(host_gate_enter(g, "a:80", 0), 0);
	assert_int_equal(host_gate_enter(g, "a:443", 0), 0);
	assert_int_equal(host_gate_enter(g, "b:80", 0), 0);
	assert_true(host_gate_enter(g, "b:80", 0) > 0);
	assert_int_equal(host_gate_count(g), 3);
	host_gate_free(g);
}

static void
test_no_gap(void **state)
{
	struct host_gate *g = gate(0, 0);	/* 0 at once means 1 */

	(void)state;
	assert_int_equal(host_gate_enter(g, "a:80", 0), 0);
	assert_true(host_gate_enter(g, "a:80", 0) > 0);
	host_gate_leave(g, "a:80", 0);
	assert_int_equal(host_gate_enter(g, "a:80", 0), 0);
	host_gate_free(g);
}

static void
test_close_until(void **state)
{
	struct host_gate *g = gate(2, S);

	(void)state;
	host_gate_close_until(g, "a:80", 3600 * S);
	host_gate_close_until(g, "a:80", 60 * S);	/* the later holds */
	assert_int_equal(host_gate_enter(g, "a:80", 600 * S), 3000 * S);
	assert_int_equal(host_gate_enter(g, "b:80", 600 * S), 0);
	assert_int_equal(host_gate_enter(g, "a:80", 3600 * S), 0);

	/* Also while a request is open; it leaves as ever. */
	host_gate_close_until(g, "a:80", 7200 * S);
	host_gate_leave(g, "a:80", 3601 * S);
	assert_int_equal(host_gate_enter(g, "a:80", 3602 * S), 3598 * S);
	host_gate_free(g);
}

static void
test_leave_of_a_stranger(void **state)
{
	struct host_gate *g = gate(1, S);

	(void)state;
	host_gate_leave(g, "a:80", 0);
	assert_int_equal(host_gate_count(g), 0);
	assert_int_equal(host_gate_enter(g, "a:80", 0), 0);
	host_gate_leave(g, "a:80", 0);
	host_gate_leave(g, "a:80", 0);
	assert_int_equal(host_gate_enter(g, "a:80", S), 0);
	assert_true(host_gate_enter(g, "a:80", 5 * S) > 0);
	host_gate_free(g);
}

static void
test_forgets(void **state)
{
	struct host_gate *g = gate(1, S);
	char name[32];

	(void)state;
	assert_int_equal(host_gate_enter(g, "open:80", 0), 0);
	host_gate_close_until(g, "closed:80", 1000000 * S);
	for (int i = 0; i < 100000; i++) {
		int64_t now = i * (S / 100);

		snprintf(name, sizeof(name), "h%d:80", i);
		assert_int_equal(host_gate_enter(g, name, now), 0);
		host_gate_leave(g, name, now + S / 200);
		/* 100 starts a second, each kept for a second. */
		assert_true(host_gate_count(g) < 250);
	}
	assert_true(host_gate_enter(g, "open:80", 2000 * S) > 0);
	assert_true(host_gate_enter(g, "closed:80", 2000 * S) > 0);
	host_gate_free(g);
}

static void
test_forgets_at_once_when_past(void **state)
{
	struct host_gate *g = gate(1, S);

	(void)state;
	assert_int_equal(host_gate_enter(g, "a:80", 0), 0);
	host_gate_leave(g, "a:80", S / 2);
	assert_int_equal(host_gate_count(g), 1);
	assert_int_equal(host_gate_enter(g, "b:80", S), 0);
	assert_int_equal(host_gate_count(g), 1);
	host_gate_leave(g, "b:80", 3 * S);
	assert_int_equal(host_gate_count(g), 0);
	host_gate_free(g);
}

/*
 * Many threads: never more at once than allowed
 */

enum { THREADS = 4, ROUNDS = 20000, AT_ONCE = 2 };

struct crowd {
	struct host_gate	*gate;
	pthread_mutex_t		 mutex;	/* guards open, most */
	int			 open, most;
};

static void *
crowd_run(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < ROUNDS; i++) {
		if (host_gate_enter(c->gate, "a:80", i) != 0)
			continue;
		pthread_mutex_lock(&c->mutex);
		if (++c->open > c->most)
			c->most = c->open;
		pthread_mutex_unlock(&c->mutex);
		pthread_mutex_lock(&c->mutex);
		c->open--;
		pthread_mutex_unlock(&c->mutex);
		host_gate_leave(c->gate, "a:80", i);
	}
	return NULL;
}

static void
test_threads(void **state)
{
	struct crowd c = { .gate = gate(AT_ONCE, 0),
		.mutex = PTHREAD_MUTEX_INITIALIZER };
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_run,
		    &c), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(c.open, 0);
	assert_in_range(c.most, 1, AT_ONCE);
	host_gate_free(c.gate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_look),
		cmocka_unit_test(test_gap_after_leaving),
		cmocka_unit_test(test_at_once),
		cmocka_unit_test(test_hosts_are_apart),
		cmocka_unit_test(test_no_gap),
		cmocka_unit_test(test_close_until),
		cmocka_unit_test(test_leave_of_a_stranger),
		cmocka_unit_test(test_forgets),
		cmocka_unit_test(test_forgets_at_once_when_past),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
