/* SPDX-License-Identifier: ISC */
/* Names looked up aside; no name here needs a network. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <event2/event.h>

#include "base/lookup.h"
#include "loopback.h"

/* Look-ups of this one hang while the test has the mutex: the linker sends
 * base/lookup's here (--wrap). */
static const char	slow[] = "127.0.0.3";
static pthread_mutex_t	hang = PTHREAD_MUTEX_INITIALIZER;

int	__real_getaddrinfo(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **);
int	__wrap_getaddrinfo(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **);

int
__wrap_getaddrinfo(const char *host, const char *port,
    const struct addrinfo *hints, struct addrinfo **found)
{
	if (strcmp(host, slow) == 0) {
		pthread_mutex_lock(&hang);
		pthread_mutex_unlock(&hang);
	}
	return __real_getaddrinfo(host, port, hints, found);
}

struct answer {
	bool			 came, found;
	char			 why[128];
	struct sockaddr_in	 sa;
	int			 socktype;
};

static void
on_done(const struct addrinfo *found, const char *why, void *ctx)
{
	struct answer *a = ctx;

	assert_false(a->came);
	a->came = true;
	a->found = found != NULL;
	assert_true((found == NULL) == (why != NULL));
	if (why != NULL)
		snprintf(a->why, sizeof(a->why), "%s", why);
	if (found != NULL && found->ai_family == AF_INET)
		memcpy(&a->sa, found->ai_addr, sizeof(a->sa));
	if (found != NULL)
		a->socktype = found->ai_socktype;
}

static void
ask(struct answer *a, const char *host, int socktype)
{
	const struct lookup_question q = { host, "514", socktype };
	struct event_base *base = event_base_new();

	memset(a, 0, sizeof(*a));
	assert_non_null(lookup_start(base, &q, on_done, a));
	assert_false(a->came);
	loop_until(base, &a->came);
	event_base_free(base);
}

static void
test_address(void **state)
{
	struct answer a;

	(void)state;
	ask(&a, "127.0.0.2", SOCK_DGRAM);
	assert_true(a.found);
	assert_int_equal(ntohl(a.sa.sin_addr.s_addr), 0x7f000002);
	assert_int_equal(ntohs(a.sa.sin_port), 514);
	assert_int_equal(a.socktype, SOCK_DGRAM);
	ask(&a, "::1", SOCK_STREAM);
	assert_true(a.found);
}

static void
test_name(void **state)
{
	struct answer a;

	(void)state;
	ask(&a, "localhost", SOCK_STREAM);
	assert_true(a.found);
	assert_int_equal(a.socktype, SOCK_STREAM);
}

/* No resolver asks anybody for this one. */
static void
test_no_name(void **state)
{
	struct answer a;

	(void)state;
	ask(&a, "a..b", SOCK_STREAM);
	assert_false(a.found);
	assert_true(a.why[0] != '\0');
}

/* What was cancelled says nothing, and makes room again once it has ended. */
static void
test_cancelled(void **state)
{
	const struct lookup_question q = { "127.0.0.1", "514", SOCK_STREAM };
	struct event_base *base = event_base_new();
	struct answer a = { 0 }, b = { 0 };
	struct lookup *l;

	(void)state;
	for (int i = 0; i < 20 * LOOKUP_MOST; i++) {
		while ((l = lookup_start(base, &q, on_done, &a)) == NULL)
			event_base_loop(base, EVLOOP_NONBLOCK);
		lookup_cancel(l);
	}
	while (lookup_start(base, &q, on_done, &b) == NULL)
		event_base_loop(base, EVLOOP_NONBLOCK);
	loop_until(base, &b.came);
	assert_false(a.came);
	lookup_cancel(NULL);
	event_base_free(base);
}

/* So many at once, and no more: one that was cancelled counts until it ends. */
static void
test_most(void **state)
{
	const struct lookup_question q = { slow, "514", SOCK_STREAM };
	struct event_base *base = event_base_new();
	struct answer a[LOOKUP_MOST] = { 0 };
	struct lookup *l[LOOKUP_MOST];

	(void)state;
	pthread_mutex_lock(&hang);
	/* Those of the tests before may be at their end still. */
	for (int i = 0; i < LOOKUP_MOST; i++)
		while ((l[i] = lookup_start(base, &q, on_done, &a[i])) == NULL)
			event_base_loop(base, EVLOOP_NONBLOCK);
	assert_null(lookup_start(base, &q, on_done, &a[0]));
	lookup_cancel(l[0]);
	assert_null(lookup_start(base, &q, on_done, &a[0]));
	pthread_mutex_unlock(&hang);
	for (int i = 1; i < LOOKUP_MOST; i++)
		loop_until(base, &a[i].came);
	assert_false(a[0].came);
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_no_name),
		cmocka_unit_test(test_cancelled),
		cmocka_unit_test(test_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
