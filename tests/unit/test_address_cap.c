/* SPDX-License-Identifier: ISC */
/* So many connections at one numeric address, whoever opens them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/un.h>

#include "base/address_cap.h"

union address {
	struct sockaddr		any;
	struct sockaddr_in	in4;
	struct sockaddr_in6	in6;
	struct sockaddr_un	un;
};

static union address
address(const char *ip, int port)
{
	union address a;

	memset(&a, 0, sizeof(a));
	if (inet_pton(AF_INET, ip, &a.in4.sin_addr) == 1) {
		a.in4.sin_family = AF_INET;
		a.in4.sin_port = htons((uint16_t)port);
		return a;
	}
	assert_int_equal(inet_pton(AF_INET6, ip, &a.in6.sin6_addr), 1);
	a.in6.sin6_family = AF_INET6;
	a.in6.sin6_port = htons((uint16_t)port);
	a.in6.sin6_scope_id = (uint32_t)port;
	return a;
}

static bool
enter(struct address_cap *c, const char *ip, int port)
{
	union address a = address(ip, port);

	return address_cap_enter(c, &a.any);
}

static void
leave(struct address_cap *c, const char *ip)
{
	union address a = address(ip, 0);

	address_cap_leave(c, &a.any);
}

static bool
is_crowded(struct address_cap *c, const char *ip)
{
	union address a = address(ip, 0);

	return address_cap_is_crowded(c, &a.any);
}

static void
test_cap(void **state)
{
	struct address_cap *c = address_cap_new(2);

	(void)state;
	assert_true(enter(c, "192.0.2.1", 80));
	assert_true(enter(c, "192.0.2.1", 443));	/* ports are one */
	assert_false(enter(c, "192.0.2.1", 8080));
	assert_true(enter(c, "192.0.2.2", 80));
	leave(c, "192.0.2.1");
	assert_true(enter(c, "192.0.2.1", 80));
	assert_false(enter(c, "192.0.2.1", 80));
	address_cap_free(c);
	address_cap_free(NULL);
}

static void
test_families(void **state)
{
	static const struct {
		const char	*says, *first, *second;
		bool		 same;
	} cases[] = {
		{ "mapped IPv4 is that IPv4", "192.0.2.1", "::ffff:192.0.2.1",
		    true },
		{ "an IPv6 address in two spellings", "2001:db8::1",
		    "2001:0db8:0:0::0:1", true },
		{ "two of one network are two", "2001:db8::1", "2001:db8::2",
		    false },
		{ "compatible IPv4 is another", "192.0.2.1", "::192.0.2.1",
		    false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct address_cap *c = address_cap_new(1);

		print_message("  %s\n", cases[i].says);
		assert_true(enter(c, cases[i].first, 1));
		assert_int_equal(enter(c, cases[i].second, 2),
		    !cases[i].same);
		address_cap_free(c);
	}
}

/* Idle connections must leave half of the places to others. */
static void
test_crowded(void **state)
{
	struct address_cap *c = address_cap_new(4);

	(void)state;
	assert_false(is_crowded(c, "192.0.2.1"));
	enter(c, "192.0.2.1", 1);
	enter(c, "192.0.2.1", 1);
	assert_false(is_crowded(c, "192.0.2.1"));
	enter(c, "192.0.2.1", 1);
	assert_true(is_crowded(c, "192.0.2.1"));
	assert_false(is_crowded(c, "192.0.2.2"));
	address_cap_free(c);
}

/* With a cap of one the only one is always too many to keep. */
static void
test_crowded_by_one(void **state)
{
	struct address_cap *c = address_cap_new(1);

	(void)state;
	enter(c, "192.0.2.1", 1);
	assert_true(is_crowded(c, "192.0.2.1"));
	address_cap_free(c);
}

static void
test_changes(void **state)
{
	struct address_cap *c = address_cap_new(0);	/* taken for 1 */

	(void)state;
	assert_true(enter(c, "192.0.2.1", 1));
	assert_false(enter(c, "192.0.2.1", 1));
	address_cap_set(c, 3);
	assert_true(enter(c, "192.0.2.1", 1));
	assert_true(enter(c, "192.0.2.1", 1));
	address_cap_set(c, 1);
	assert_false(enter(c, "192.0.2.1", 1));
	leave(c, "192.0.2.1");
	leave(c, "192.0.2.1");
	assert_false(enter(c, "192.0.2.1", 1));
	leave(c, "192.0.2.1");
	assert_true(enter(c, "192.0.2.1", 1));
	address_cap_free(c);
}

static void
test_forgets(void **state)
{
	struct address_cap *c = address_cap_new(8);
	union address local = { .un = { .sun_family = AF_UNIX } };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		enter(c, "192.0.2.1", i);
		enter(c, "2001:db8::1", i);
		leave(c, "192.0.2.1");
		leave(c, "2001:db8::1");
	}
	assert_int_equal(address_cap_count(c), 0);
	leave(c, "192.0.2.1");			/* none was open */
	assert_int_equal(address_cap_count(c), 0);
	for (int i = 0; i < 100; i++)
		assert_true(address_cap_enter(c, &local.any));
	assert_int_equal(address_cap_count(c), 0);
	address_cap_free(c);
}

enum { N_THREADS = 4, ROUNDS = 20000, MOST = 3 };

static void *
come_and_go(void *arg)
{
	struct address_cap *c = arg;

	for (int i = 0; i < ROUNDS; i++)
		if (enter(c, "192.0.2.1", i))
			leave(c, "192.0.2.1");
	return NULL;
}

static void
test_threads(void **state)
{
	struct address_cap *c = address_cap_new(MOST);
	pthread_t threads[N_THREADS];

	(void)state;
	for (int i = 0; i < N_THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
		    come_and_go, c), 0);
	for (int i = 0; i < N_THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(address_cap_count(c), 0);
	address_cap_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_families),
		cmocka_unit_test(test_crowded),
		cmocka_unit_test(test_crowded_by_one),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_forgets),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
