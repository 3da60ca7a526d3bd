/* SPDX-License-Identifier: ISC */
/* Syslog to elsewhere over UDP: what is refused, before, during and after. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>

#include "base/clock.h"
#include "syslog_rig.h"

static int
set_up(void **state)
{
	struct rig *r = make_rig(SOCK_DGRAM);

	*state = r;
	open_sink(r, "udp");
	return 0;
}

/* The ids in r->got, each with a space behind it. */
static const char *
ids_of(struct rig *r)
{
	static char ids[8192];
	size_t used = 0;
	const char *at = r->got;

	ids[0] = '\0';
	while ((at = strstr(at, " id=\"")) != NULL) {
		at += 5;
		used += (size_t)snprintf(ids + used, sizeof(ids) - used,
		    "%.*s ", (int)strcspn(at, "\""), at);
	}
	return ids;
}

static void
forget(struct rig *r)
{
	r->n = 0;
	r->got[0] = '\0';
}

/*
 * What a host or a router says, with the first n bytes of the datagram at
 * `line`. To say it takes a raw socket: without the right to have one the test
 * is skipped.
 */
struct unreachable {
	struct icmphdr	icmp;
	struct iphdr	ip;
	struct udphdr	udp;
	char		quoted[2048];
};

static uint16_t
sum_of(const void *p, size_t n)
{
	const unsigned char *b = p;
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (uint32_t)b[i] << (i % 2 == 0 ? 8 : 0);
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void
say_unreachable(struct rig *r, uint8_t code, const char *line, size_t n)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct unreachable u = { .icmp = { .type = ICMP_DEST_UNREACH,
		.code = code }, .ip = { .version = 4, .ihl = 5, .ttl = 64,
		.protocol = IPPROTO_UDP, .saddr = to.sin_addr.s_addr,
		.daddr = to.sin_addr.s_addr } };
	size_t size = offsetof(struct unreachable, quoted) + n;
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

	if (fd == -1)
		skip();
	u.udp.source = r->from.sin_port;
	u.udp.dest = htons((uint16_t)strtoul(r->port, NULL, 10));
	u.udp.len = htons((uint16_t)(sizeof(u.udp) + n));
	u.ip.tot_len = htons((uint16_t)(sizeof(u.ip) + sizeof(u.udp) + n));
	u.ip.check = sum_of(&u.ip, sizeof(u.ip));
	memcpy(u.quoted, line, n);
	u.icmp.checksum = sum_of(&u, size);
	assert_int_equal(sendto(fd, &u, size, 0, (struct sockaddr *)&to,
	    sizeof(to)), (ssize_t)size);
	close(fd);
}

static void
test_arrives(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	assert_memory_equal(r->got, "<28>1 1970-01-01T00:16:40Z ", 27);
	assert_non_null(strstr(r->got, " id=\"m1\"] \xef\xbb\xbf"
	    "alert topic=t "));
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, r->n + 1);
	assert_string_equal(ids_of(r), "m1 m2 ");
}

/* Only the first of many is held: the others go at once. */
static void
test_many(void **state)
{
	enum { N = 300 };
	struct rig *r = *state;
	int64_t from_ms = clock_real_mono_ms();
	char id[16];

	for (int i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		assert_int_equal(send_id(r, id), SEND_DELIVERED);
		forget(r);
		receive(r, 1);
		snprintf(id, sizeof(id), "m%d ", i);
		assert_string_equal(ids_of(r), id);
	}
	assert_true(clock_real_mono_ms() - from_ms < N * 200 / 2);
}

/* Refused while it is sent: not delivered, however often it is tried. */
static void
test_down(void **state)
{
	struct rig *r = *state;

	receiver_stop(r);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(send_id(r, "m1"), SEND_SINK_WAITS);
		assert_string_equal(r->outcome.message,
		    "127.0.0.1: Connection refused");
	}
	receiver_start(r);
	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	assert_string_equal(ids_of(r), "m1 ");
}

static void
test_goes_down(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	receiver_stop(r);
	assert_int_equal(send_id(r, "m2"), SEND_SINK_WAITS);
	assert_int_equal(send_id(r, "m2"), SEND_SINK_WAITS);
	receiver_start(r);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, r->n + 1);
	assert_string_equal(ids_of(r), "m1 m2 ");
}

/* What was refused later, and what went out after it, goes again by itself. */
static void
test_refused_later(void **state)
{
	struct rig *r = *state;
	char m2[2048];
	size_t n;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	forget(r);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, 1);
	n = r->n;
	assert_true(n < sizeof(m2));
	memcpy(m2, r->got, n);
	assert_int_equal(send_id(r, "m3"), SEND_DELIVERED);
	receive(r, r->n + 1);
	forget(r);
	say_unreachable(r, ICMP_PORT_UNREACH, m2, n);
	receive(r, n + 1);
	assert_string_equal(ids_of(r), "m2 m3 ");
	assert_int_equal(r->n_done, 3);
	assert_int_equal(send_id(r, "m4"), SEND_DELIVERED);
	receive(r, r->n + 1);
	assert_string_equal(ids_of(r), "m2 m3 m4 ");
}

/* A host that takes a line, and refuses it each time once it has counted as
 * delivered, does not get it for ever. */
static void
test_refused_for_ever(void **state)
{
	struct rig *r = *state;
	char line[2048];
	int64_t until_ms;
	size_t n;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	for (int i = 0; i < 4; i++) {
		receive(r, 1);
		n = r->n;
		assert_true(n < sizeof(line));
		memcpy(line, r->got, n);
		forget(r);
		until_ms = clock_real_mono_ms() + 300;	/* it is held 200 */
		while (clock_real_mono_ms() < until_ms)
			event_base_loop(r->base, EVLOOP_NONBLOCK);
		say_unreachable(r, ICMP_PORT_UNREACH, line, n);
		loop_drain(r->base);
	}
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, 1);
	assert_string_equal(ids_of(r), "m2 ");
}

/* Some quote no more than RFC 792 wants: then it may have been any. */
static void
test_nothing_quoted(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, 1);
	assert_string_equal(ids_of(r), "m1 m2 ");
	say_unreachable(r, ICMP_PORT_UNREACH, "", 0);
	receive(r, r->n + 1);
	while (strcmp(ids_of(r), "m1 m2 m1 m2 ") != 0)
		receive(r, r->n + 1);
}

/* A quotation of what was never sent makes nothing go again. */
static void
test_stranger(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	say_unreachable(r, ICMP_PORT_UNREACH, "<28>1 x", 7);
	loop_drain(r->base);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, r->n + 1);
	assert_string_equal(ids_of(r), "m1 m2 ");
}

/* A machine that is off is told of seconds later: the next try waits so long
 * before it counts. */
static void
test_no_way(void **state)
{
	struct rig *r = *state;
	int64_t from_ms;

	begin_send(r, "m1");
	receive(r, 1);
	assert_false(r->done);
	say_unreachable(r, ICMP_HOST_UNREACH, r->got, 100);
	loop_until(r->base, &r->done);
	assert_int_equal(r->outcome.result, SEND_SINK_WAITS);
	assert_string_equal(r->outcome.message,
	    "127.0.0.1: No route to host");
	from_ms = clock_real_mono_ms();
	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	assert_true(clock_real_mono_ms() - from_ms >= 3900);
	receive(r, r->n);
	assert_string_equal(ids_of(r), "m1 m1 ");
}

/* What comes back to us is dropped. */
static void
test_talks(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	for (int i = 0; i < 200; i++)
		sendto(r->listener, "x", 1, 0, (struct sockaddr *)&r->from,
		    sizeof(r->from));
	loop_drain(r->base);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, r->n + 1);
	assert_string_equal(ids_of(r), "m1 m2 ");
}

/* localhost may be ::1 first, where nobody listens. */
static void
test_next_address(void **state)
{
	struct rig *r = *state;

	r->kind->free(r->sink);
	r->settings.remote = "localhost";
	open_sink(r, "udp");
	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	assert_string_equal(ids_of(r), "m1 ");
}

static void
test_cancel(void **state)
{
	struct rig *r = *state;

	begin_send(r, "m1");
	r->kind->cancel(r->sink);
	loop_drain(r->base);
	assert_int_equal(r->n_done, 0);
	begin_send(r, "m2");
	receive(r, 1);
	r->kind->cancel(r->sink);	/* held */
	loop_drain(r->base);
	assert_int_equal(r->n_done, 0);
	assert_int_equal(send_id(r, "m3"), SEND_DELIVERED);
}

static void
test_unreadable(void **state)
{
	struct rig *r = *state;
	struct sink_message m = { STR("x"), STR("{}") };

	r->kind->send(r->sink, &m, on_done, r);
	assert_int_equal(r->n_done, 1);
	assert_int_equal(r->outcome.result, SEND_REJECTED);
	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
}

static void
test_no_name(void **state)
{
	struct rig *r = *state;

	r->kind->free(r->sink);
	r->settings.remote = "a..b";
	open_sink(r, "udp");
	assert_int_equal(send_id(r, "m1"), SEND_SINK_WAITS);
	assert_memory_equal(r->outcome.message, "a..b: ", 6);
}

/*
 * A timer for which there is no memory: libevent's heap of them is full, and
 * cannot grow.
 */

static bool	no_growth;

static void *
grow(void *p, size_t n)
{
	return no_growth ? NULL : realloc(p, n);
}

static void
no_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* A try that nothing would end has to end at once: of a look-up first, then of
 * a datagram that is held. */
static void
test_no_timer(void **state)
{
	enum { HEAP = 8 };		/* so many go into the first one */
	const struct timeval hour = { .tv_sec = 3600 };
	struct event *others[HEAP], *high;
	struct rig *r = *state;
	int fd = dup2(r->listener, 200);
	int64_t from_ms;

	high = event_new(r->base, fd, EV_READ, no_timer, NULL);
	event_add(high, NULL);		/* room for descriptors */
	no_growth = true;
	begin_send(r, "m1");
	assert_true(r->done);
	assert_int_equal(r->outcome.result, SEND_SINK_WAITS);
	no_growth = false;
	event_free(high);
	close(fd);
	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	from_ms = clock_real_mono_ms();
	while (clock_real_mono_ms() - from_ms < 1100)	/* a silence */
		loop_drain(r->base);
	for (int i = 0; i < HEAP; i++) {
		others[i] = evtimer_new(r->base, no_timer, NULL);
		evtimer_add(others[i], &hour);
	}
	no_growth = true;
	begin_send(r, "m2");
	assert_true(r->done);
	assert_int_equal(r->outcome.result, SEND_SINK_WAITS);
	assert_non_null(strstr(r->outcome.message, "memory"));
	no_growth = false;
	for (int i = 0; i < HEAP; i++)
		event_free(others[i]);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, 1);
	assert_string_equal(ids_of(r), "m1 m2 m2 ");
}

#define RIGGED(t)	cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_arrives),
		RIGGED(test_many),
		RIGGED(test_down),
		RIGGED(test_goes_down),
		RIGGED(test_refused_later),
		RIGGED(test_refused_for_ever),
		RIGGED(test_nothing_quoted),
		RIGGED(test_stranger),
		RIGGED(test_no_way),
		RIGGED(test_talks),
		RIGGED(test_next_address),
		RIGGED(test_cancel),
		RIGGED(test_unreadable),
		RIGGED(test_no_name),
		RIGGED(test_no_timer),
	};

	event_set_mem_functions(malloc, grow, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
