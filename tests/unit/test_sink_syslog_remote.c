/* SPDX-License-Identifier: ISC */
/* Syslog to elsewhere over TCP and TLS, against receivers of the test's own. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>

#include "syslog_rig.h"
#include "tls_rig.h"

static int
set_up_tcp(void **state)
{
	struct rig *r = make_rig(SOCK_STREAM);

	*state = r;
	open_sink(r, "tcp");
	return 0;
}

static int
set_up_tls(void **state)
{
	*state = make_rig(SOCK_STREAM);
	return 0;
}

/* What a reader of RFC 6587's frames makes of r->got: the ids, each with a
 * space behind it. */
static const char *
ids_of(struct rig *r)
{
	static char ids[4096];
	size_t at = 0, used = 0;

	ids[0] = '\0';
	while (at < r->n) {
		char *end;
		size_t n = strtoul(r->got + at, &end, 10);
		const char *id;

		assert_int_equal(*end, ' ');
		end++;
		at = (size_t)(end - r->got) + n;
		assert_true(at <= r->n);
		assert_memory_equal(end, "<28>1 1970-01-01T00:16:40Z ", 27);
		id = memmem(end, n, " id=\"", 5);
		assert_non_null(id);
		used += (size_t)snprintf(ids + used, sizeof(ids) - used,
		    "%.*s ", (int)strcspn(id + 5, "\""), id + 5);
	}
	return ids;
}

/*
 * TCP
 */

static void
test_tcp(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, 1);
	assert_string_equal(ids_of(r), "m1 m2 ");
}

static void
test_tcp_down(void **state)
{
	struct rig *r = *state;

	receiver_stop(r);
	assert_int_equal(send_id(r, "m1"), SEND_SINK_WAITS);
	assert_string_equal(r->outcome.message,
	    "127.0.0.1: Connection refused");
	receiver_start(r);
	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	assert_string_equal(ids_of(r), "m1 ");
}

/* Read, ended in order: the last lines come again, before the next one. */
static void
test_tcp_restart(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	receiver_stop(r);
	receiver_start(r);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, r->n + 1);
	assert_string_equal(ids_of(r), "m1 m1 m2 ");
}

/* Acknowledged, but never read: it comes again without another alert. */
static void
test_tcp_reset(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	r->peer = accept(r->listener, NULL, NULL);
	receiver_stop(r);
	receiver_start(r);
	receive(r, 1);
	assert_string_equal(ids_of(r), "m1 m2 ");
	assert_int_equal(r->n_done, 2);
	assert_int_equal(send_id(r, "m3"), SEND_DELIVERED);
	receive(r, r->n + 1);
	assert_string_equal(ids_of(r), "m1 m2 m3 ");
}

/* A server that always ends is not told the same for ever. */
static void
test_tcp_always_resets(void **state)
{
	struct rig *r = *state;
	int times = 0;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	for (;;) {
		time_t deadline = time(NULL) + (times < 4 ? 20 : 3);

		while ((r->peer = accept4(r->listener, NULL, NULL,
		    SOCK_NONBLOCK)) == -1 && time(NULL) < deadline)
			event_base_loop(r->base, EVLOOP_NONBLOCK);
		if (r->peer == -1)
			break;
		receive(r, r->n + 1);
		times++;
		peer_reset_now(r);
	}
	assert_int_equal(times, 4);
	assert_string_equal(ids_of(r), "m1 m1 m1 m1 ");
}

/* It ended while nothing was under way, and the next send has not seen it. */
static void
test_tcp_ended_unseen(void **state)
{
	struct rig *r = *state;

	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	receive(r, 1);
	peer_gone(r);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	receive(r, r->n + 1);
	assert_string_equal(ids_of(r), "m1 m1 m2 ");
}

/*
 * A server that stops reading: the loop never waits, what it has not taken is
 * not delivered. Then it is killed, and its kernel forgets what it had: the
 * next one gets all of it.
 */
static void
test_tcp_never_reads(void **state)
{
	struct rig *r = *state;
	char id[16], all[1024] = "";
	size_t used = 0;
	int n = 0;

	do
		snprintf(id, sizeof(id), "m%d", ++n);
	while (n < 100 && send_id(r, id) == SEND_DELIVERED);
	assert_int_equal(r->outcome.result, SEND_SINK_WAITS);
	assert_non_null(strstr(r->outcome.message, "not acknowledged"));
	assert_true(n > 2 && n < 100);
	r->peer = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK);
	assert_true(r->peer != -1);
	peer_gone(r);
	begin_send(r, id);
	while (!r->done) {
		receive(r, r->n);
		event_base_loop(r->base, EVLOOP_NONBLOCK);
	}
	assert_int_equal(r->outcome.result, SEND_DELIVERED);
	receive(r, r->n);
	for (int i = 1; i <= n; i++)
		used += (size_t)snprintf(all + used, sizeof(all) - used,
		    "m%d ", i);
	assert_string_equal(ids_of(r), all);
}

/* The length of the frame that comes. The rest stays unread: a window that is
 * full has not acknowledged it. */
static unsigned long
accept_and_read_length(struct rig *r)
{
	unsigned long n;

	peer_gone(r);
	r->peer = wait_for_peer(r);
	r->n = 0;
	do {
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		if (recv(r->peer, r->got + r->n, 1, MSG_DONTWAIT) == 1)
			r->n++;
	} while (r->n == 0 || r->got[r->n - 1] != ' ');
	n = strtoul(r->got, NULL, 10);
	assert_true(n > 0);
	return n;
}

/* Two hang-ups on a long alert: it goes short, and the next one whole. */
static void
test_tcp_hangs_up_on_long(void **state)
{
	static char url[2000 + 1] = "http://h/";
	struct rig *r = *state;

	memset(url + 9, 'x', sizeof(url) - 1 - 9);
	r->url = str_from(url);
	for (int i = 0; i < 2; i++) {
		begin_send(r, "m1");
		assert_true(accept_and_read_length(r) > 4000);
		peer_reset_now(r);
		loop_until(r->base, &r->done);
		assert_int_equal(r->outcome.result, SEND_SINK_WAITS);
	}
	begin_send(r, "m1");
	assert_int_equal(accept_and_read_length(r), 2048);
	receive(r, 5 + 2048);
	loop_until(r->base, &r->done);
	assert_int_equal(r->outcome.result, SEND_DELIVERED);
	assert_string_equal(ids_of(r), "m1 ");
	r->n = 0;
	begin_send(r, "m2");
	receive(r, 4000);
	loop_until(r->base, &r->done);
	assert_int_equal(r->outcome.result, SEND_DELIVERED);
	assert_string_equal(ids_of(r), "m2 ");
}

static void
test_tcp_cancel(void **state)
{
	struct rig *r = *state;

	begin_send(r, "m1");
	r->kind->cancel(r->sink);
	loop_drain(r->base);
	assert_int_equal(r->n_done, 0);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	begin_send(r, "m3");
	r->kind->cancel(r->sink);
	loop_drain(r->base);
	assert_int_equal(r->n_done, 1);
	assert_int_equal(send_id(r, "m4"), SEND_DELIVERED);
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
	open_sink(r, r->settings.transport);
	assert_int_equal(send_id(r, "m1"), SEND_SINK_WAITS);
	assert_memory_equal(r->outcome.message, "a..b: ", 6);
}

/*
 * TLS
 */

static struct tls_id ca, server_id, other_id;

static void
start_tls(struct rig *r, struct tls_server *s, const struct tls_id *id)
{
	receiver_stop(r);
	tls_server_start(s, id, NULL, 0);
	snprintf(r->port, sizeof(r->port), "%d", s->port);
	r->settings.ca = str_from(ca.cert_pem);
	open_sink(r, "tls");
}

static void
test_tls(void **state)
{
	struct rig *r = *state;
	struct tls_server s;
	const char *ids;

	start_tls(r, &s, &server_id);
	assert_int_equal(send_id(r, "m1"), SEND_DELIVERED);
	assert_int_equal(send_id(r, "m2"), SEND_DELIVERED);
	r->kind->free(r->sink);
	r->sink = NULL;
	tls_server_stop(&s);
	memcpy(r->got, s.got, s.n);
	r->n = s.n;
	ids = ids_of(r);
	assert_string_equal(ids, "m1 m2 ");
	assert_int_equal(atomic_load(&s.accepted), 1);
}

static bool
server_has(struct tls_server *s, const char *id)
{
	char want[32];
	bool has;

	snprintf(want, sizeof(want), " id=\"%s\"", id);
	pthread_mutex_lock(&s->mutex);
	has = memmem(s->got, s->n, want, strlen(want)) != NULL;
	pthread_mutex_unlock(&s->mutex);
	return has;
}

/* The server ends each connection after a line; what its kernel had and it has
 * not read comes again, if need be after the last alert. */
static void
test_tls_closing(void **state)
{
	struct rig *r = *state;
	time_t deadline;
	struct tls_server s;
	char id[16];

	start_tls(r, &s, &server_id);
	s.close_after = 1;
	for (int i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		while (send_id(r, id) != SEND_DELIVERED)
			assert_int_equal(r->outcome.result, SEND_SINK_WAITS);
	}
	deadline = time(NULL) + 20;
	for (int i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "m%d", i);
		while (!server_has(&s, id) && time(NULL) < deadline)
			event_base_loop(r->base, EVLOOP_NONBLOCK);
		assert_true(server_has(&s, id));
	}
	r->kind->free(r->sink);
	r->sink = NULL;
	tls_server_stop(&s);
}

static void
test_tls_bad_certificate(void **state)
{
	struct rig *r = *state;
	struct tls_server s;

	start_tls(r, &s, &other_id);
	assert_int_equal(send_id(r, "m1"), SEND_SINK_WAITS);
	assert_memory_equal(r->outcome.message, "127.0.0.1: certificate: ",
	    24);
	r->kind->free(r->sink);
	r->sink = NULL;
	tls_server_stop(&s);
	assert_int_equal(s.n, 0);
}

/* Settings */

static void
test_open_refuses(void **state)
{
	const struct sink_env env = { .base = event_base_new() };
	struct sink_settings s = { .name = "syslog", .kind = "syslog",
		.remote = "h", .port = "1", .facility = 24 };
	static const char *const transports[] = { "udp", "tcp", "tls" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		s.transport = transports[i];
		assert_null(sink_kind_for(&s)->open(&env, &s, &err));
		assert_non_null(strstr(err.msg, "24: no such facility"));
	}
	s.facility = 3;
	s.ca = STR("no PEM");
	assert_null(sink_kind_for(&s)->open(&env, &s, &err));
	assert_non_null(strstr(err.msg, "no certificates of a CA"));
	event_base_free(env.base);
}

static void
test_kinds(void **state)
{
	struct sink_settings s = { .kind = "syslog" };

	(void)state;
	assert_ptr_equal(sink_kind_for(&s), sink_find_kind("syslog"));
	s.kind = "terminal";
	assert_ptr_equal(sink_kind_for(&s), sink_find_kind("terminal"));
	s.kind = "none";
	assert_null(sink_kind_for(&s));
}

static int
make_ids(void **state)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)state;
	sigaction(SIGPIPE, &ignore, NULL);
	tls_id_make(&ca, NULL, NULL);
	tls_id_make(&server_id, "IP:127.0.0.1", &ca);
	tls_id_make(&other_id, "DNS:localhost", &ca);
	return 0;
}

static int
clear_ids(void **state)
{
	(void)state;
	tls_id_clear(&ca);
	tls_id_clear(&server_id);
	tls_id_clear(&other_id);
	return 0;
}

#define TCP(t)	cmocka_unit_test_setup_teardown(t, set_up_tcp, tear_down)
#define TLS(t)	cmocka_unit_test_setup_teardown(t, set_up_tls, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TCP(test_tcp),
		TCP(test_tcp_down),
		TCP(test_tcp_restart),
		TCP(test_tcp_reset),
		TCP(test_tcp_always_resets),
		TCP(test_tcp_ended_unseen),
		TCP(test_tcp_never_reads),
		TCP(test_tcp_hangs_up_on_long),
		TCP(test_tcp_cancel),
		TCP(test_unreadable),
		TCP(test_no_name),
		TLS(test_tls),
		TLS(test_tls_closing),
		TLS(test_tls_bad_certificate),
		cmocka_unit_test(test_open_refuses),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, make_ids, clear_ids);
}
