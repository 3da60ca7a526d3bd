/* SPDX-License-Identifier: ISC */
/* Streams over TCP and TLS to listeners that behave, and that do not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>

#include <event2/event.h>

#include "base/err.h"
#include "base/stream.h"
#include "base/tls_client.h"
#include "loopback.h"
#include "tls_rig.h"

/* A listener whose connections the test reads itself, and a stream. */
struct rig {
	struct event_base	*base;
	int			 listener, peer;	/* peer: -1: none */
	char			 port[8];
	struct stream		*stream;
	bool			 ready, acked, ended;
	int			 n_acked;
	enum stream_end		 end;
	char			 why[256];
};

static void
on_ready(void *ctx)
{
	struct rig *r = ctx;

	assert_false(r->ready);
	r->ready = true;
}

static void
on_acked(void *ctx)
{
	struct rig *r = ctx;

	r->acked = true;
	r->n_acked++;
}

static void
on_end(enum stream_end end, const char *why, void *ctx)
{
	struct rig *r = ctx;

	assert_false(r->ended);
	r->ended = true;
	r->end = end;
	r->stream = NULL;
	snprintf(r->why, sizeof(r->why), "%s", why);
}

static const struct stream_ops ops = { on_ready, on_acked, on_end };

static int
set_up(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(in);
	struct rig *r = calloc(1, sizeof(*r));
	int small = 4096;

	*state = r;
	if (r == NULL)
		return -1;
	r->base = event_base_new();
	r->peer = -1;
	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(r->listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (bind(r->listener, (const struct sockaddr *)&in, sizeof(in)) == -1 ||
	    listen(r->listener, 4) == -1 ||
	    getsockname(r->listener, (struct sockaddr *)&in, &size) == -1)
		return -1;
	snprintf(r->port, sizeof(r->port), "%d", ntohs(in.sin_port));
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	stream_free(r->stream);
	if (r->peer != -1)
		close(r->peer);
	close(r->listener);
	event_base_free(r->base);
	free(r);
	return 0;
}

static void
open_to(struct rig *r, const char *host, const char *port,
    struct tls_client *tls)
{
	const struct stream_peer peer = { host, port, tls };

	r->ready = r->acked = r->ended = false;
	r->stream = stream_open(r->base, &peer, &ops, r);
	assert_non_null(r->stream);
	assert_false(r->ready || r->ended);
}

static void
connect_it(struct rig *r)
{
	open_to(r, "127.0.0.1", r->port, NULL);
	loop_until(r->base, &r->ready);
	r->peer = accept(r->listener, NULL, NULL);
	assert_true(r->peer != -1);
}

static void
write_acked(struct rig *r, struct str bytes)
{
	r->acked = false;
	assert_int_equal(stream_write(r->stream, bytes), 0);
	assert_false(r->acked);
	loop_until(r->base, &r->acked);
}

static void
test_write(void **state)
{
	struct rig *r = *state;
	char got[16];

	connect_it(r);
	write_acked(r, STR("one"));
	write_acked(r, STR("two"));
	assert_int_equal(recv(r->peer, got, sizeof(got), 0), 6);
	assert_memory_equal(got, "onetwo", 6);
	assert_int_equal(r->n_acked, 2);
	assert_false(r->ended);
}

/* More than sockets hold: nothing is acknowledged before it was read, and all
 * of it comes, in order, in many pieces. */
static void
test_slow_reader(void **state)
{
	enum { N = 1000 * 1000 };
	struct rig *r = *state;
	char *bytes = malloc(N), *got = malloc(N);
	size_t n = 0, reads = 0;

	for (size_t i = 0; i < N; i++)
		bytes[i] = (char)(i * 2654435761U >> 13);
	connect_it(r);
	assert_int_equal(stream_write(r->stream, (struct str){ bytes, N }), 0);
	for (int i = 0; i < 200; i++)
		event_base_loop(r->base, EVLOOP_ONCE);
	assert_false(r->acked);
	while (n < N) {
		ssize_t k = recv(r->peer, got + n, N - n, MSG_DONTWAIT);

		if (k > 0) {
			n += (size_t)k;
			reads++;
		} else
			event_base_loop(r->base, EVLOOP_ONCE);
	}
	assert_memory_equal(got, bytes, N);
	assert_true(reads > 10);
	if (!r->acked)
		loop_until(r->base, &r->acked);
	assert_int_equal(r->n_acked, 1);
	free(got);
	free(bytes);
}

static void
test_ceiling(void **state)
{
	struct rig *r = *state;
	char *bytes = calloc(1, STREAM_MAX_OUT);

	connect_it(r);
	assert_int_equal(stream_write(r->stream, (struct str){ bytes,
	    STREAM_MAX_OUT }), 0);
	assert_int_equal(stream_write(r->stream, STR("x")), -1);
	free(bytes);
}

/* Waits for the limit, which is real time. */
static void
test_never_reads(void **state)
{
	struct rig *r = *state;
	char *bytes = calloc(1, STREAM_MAX_OUT);

	connect_it(r);
	assert_int_equal(stream_write(r->stream, (struct str){ bytes,
	    STREAM_MAX_OUT }), 0);
	free(bytes);
	loop_until(r->base, &r->ended);
	assert_int_equal(r->end, STREAM_TIMEOUT);
	assert_false(r->acked);
}

static void
test_closed(void **state)
{
	struct rig *r = *state;

	connect_it(r);
	close(r->peer);
	r->peer = -1;
	loop_until(r->base, &r->ended);
	assert_int_equal(r->end, STREAM_CLOSED);
}

/* Acknowledged, and not read: Linux says so at the end. */
static void
test_closed_unread(void **state)
{
	struct rig *r = *state;

	connect_it(r);
	write_acked(r, STR("one"));
	close(r->peer);
	r->peer = -1;
	loop_until(r->base, &r->ended);
	assert_int_equal(r->end, STREAM_RESET);
	assert_string_equal(r->why, strerror(ECONNRESET));
}

/* It has ended, and nobody has noticed when the bytes are written. */
static void
test_write_after_end(void **state)
{
	struct rig *r = *state;

	connect_it(r);
	close(r->peer);
	r->peer = -1;
	assert_int_equal(stream_write(r->stream, STR("one")), 0);
	loop_until(r->base, &r->ended);
	assert_false(r->acked);
	assert_true(r->end == STREAM_CLOSED || r->end == STREAM_RESET);
}

static void
test_talks(void **state)
{
	struct rig *r = *state;
	char bytes[8192] = "";

	connect_it(r);
	fcntl(r->peer, F_SETFL, O_NONBLOCK);
	while (!r->ended) {
		(void)!send(r->peer, bytes, sizeof(bytes), MSG_NOSIGNAL);
		event_base_loop(r->base, EVLOOP_ONCE);
	}
	assert_int_equal(r->end, STREAM_RESET);
	assert_non_null(strstr(r->why, "talks"));
}

/* Of all descriptors the one that is connected to the listener. */
static int
find_stream_fd(struct rig *r)
{
	for (int fd = 3; fd < 256; fd++) {
		struct sockaddr_in in;
		socklen_t n = sizeof(in);

		if (getpeername(fd, (struct sockaddr *)&in, &n) == 0 &&
		    in.sin_family == AF_INET &&
		    ntohs(in.sin_port) == strtoul(r->port, NULL, 10))
			return fd;
	}
	return -1;
}

/* A server that is gone without a word is found to be, too. */
static void
test_kept_alive(void **state)
{
	struct rig *r = *state;
	int on = 0, idle_s = 0;
	socklen_t n = sizeof(on);

	connect_it(r);
	assert_int_equal(getsockopt(find_stream_fd(r), SOL_SOCKET,
	    SO_KEEPALIVE, &on, &n), 0);
	assert_int_equal(getsockopt(find_stream_fd(r), IPPROTO_TCP,
	    TCP_KEEPIDLE, &idle_s, &n), 0);
	assert_int_equal(on, 1);
	assert_int_equal(idle_s, 60);
}

static void
test_refused(void **state)
{
	struct rig *r = *state;
	char port[8];

	snprintf(port, sizeof(port), "%d", unused_port());
	open_to(r, "127.0.0.1", port, NULL);
	loop_until(r->base, &r->ended);
	assert_int_equal(r->end, STREAM_CONNECT);
	assert_string_equal(r->why, strerror(ECONNREFUSED));
	assert_false(r->ready);
}

/* localhost may be ::1 first, where nobody listens. */
static void
test_next_address(void **state)
{
	struct rig *r = *state;

	open_to(r, "localhost", r->port, NULL);
	loop_until(r->base, &r->ready);
	assert_false(r->ended);
}

static void
test_no_name(void **state)
{
	struct rig *r = *state;

	open_to(r, "a..b", r->port, NULL);
	loop_until(r->base, &r->ended);
	assert_int_equal(r->end, STREAM_DNS);
	assert_true(r->why[0] != '\0');
}

/* In whatever state it is, it goes without a word. */
static void
test_freed(void **state)
{
	struct rig *r = *state;

	for (int turns = 0; turns < 12; turns++) {
		open_to(r, "127.0.0.1", r->port, NULL);
		for (int i = 0; i < turns && !r->ready; i++)
			event_base_loop(r->base, EVLOOP_NONBLOCK);
		if (r->ready)
			assert_int_equal(stream_write(r->stream, STR("x")), 0);
		stream_free(r->stream);
		r->stream = NULL;
		loop_drain(r->base);
		assert_false(r->acked || r->ended);
	}
}

/*
 * TLS
 */

static struct tls_id ca, other_ca, server_id, other_id, client_id;

static const struct {
	const char		*says;
	const char		*host;
	const struct tls_id	*server, *trusted;
	const struct tls_id	*own;		/* our certificate */
	const struct tls_id	*wanted;	/* the CA it must be of */
	int			 version;
	bool			 ready;
	const char		*why;
} handshakes[] = {
	{ "a certificate for the address", "127.0.0.1", &server_id, &ca, NULL,
	    NULL, 0, true, NULL },
	{ "a certificate for the name", "localhost", &server_id, &ca, NULL,
	    NULL, 0, true, NULL },
	{ "TLS 1.2", "127.0.0.1", &server_id, &ca, NULL, NULL, TLS1_2_VERSION,
	    true, NULL },
	{ "TLS 1.1", "127.0.0.1", &server_id, &ca, NULL, NULL, TLS1_1_VERSION,
	    false, "TLS" },
	{ "somebody else's CA", "127.0.0.1", &server_id, &other_ca, NULL, NULL,
	    0, false, "certificate: " },
	{ "the system's CAs", "127.0.0.1", &server_id, NULL, NULL, NULL, 0,
	    false, "certificate: " },
	{ "another address", "127.0.0.1", &other_id, &ca, NULL, NULL, 0,
	    false, "certificate: " },
	{ "another name", "localhost", &other_id, &ca, NULL, NULL, 0, false,
	    "certificate: " },
	{ "our certificate is wanted", "127.0.0.1", &server_id, &ca,
	    &client_id, &ca, 0, true, NULL },
	{ "and is there in TLS 1.2", "127.0.0.1", &server_id, &ca, &client_id,
	    &ca, TLS1_2_VERSION, true, NULL },
	{ "wanted and not there", "127.0.0.1", &server_id, &ca, NULL, &ca, 0,
	    false, "certificate" },
	{ "nor in TLS 1.2", "127.0.0.1", &server_id, &ca, NULL, &ca,
	    TLS1_2_VERSION, false, "TLS" },
	{ "of the wrong CA", "127.0.0.1", &server_id, &ca, &client_id,
	    &other_ca, 0, false, "TLS" },
};

static struct tls_client *
make_client(const struct tls_id *trusted, const struct tls_id *own)
{
	struct tls_files f = { STR_NONE, STR_NONE, STR_NONE };
	struct tls_client *c;
	struct err err;

	if (trusted != NULL)
		f.ca = str_from(trusted->cert_pem);
	if (own != NULL) {
		f.cert = str_from(own->cert_pem);
		f.key = str_from(own->key_pem);
	}
	c = tls_client_new(&f, &err);
	if (c == NULL)
		fail_msg("%s", err.msg);
	return c;
}

static void
try_handshake(struct rig *r, size_t i)
{
	struct tls_client *c = make_client(handshakes[i].trusted,
	    handshakes[i].own);
	struct tls_server s;
	char port[8];

	tls_server_start(&s, handshakes[i].server, handshakes[i].wanted,
	    handshakes[i].version);
	snprintf(port, sizeof(port), "%d", s.port);
	open_to(r, handshakes[i].host, port, c);
	while (!r->ready && !r->ended)
		event_base_loop(r->base, EVLOOP_ONCE);
	if (r->ready != handshakes[i].ready)
		fail_msg("%s: %s", handshakes[i].says, r->why);
	if (r->ready) {
		write_acked(r, STR("line"));
		while (!tls_server_has(&s, STR("line")))
			event_base_loop(r->base, EVLOOP_NONBLOCK);
	} else {
		assert_int_equal(r->end, STREAM_TLS);
		if (strstr(r->why, handshakes[i].why) == NULL)
			fail_msg("%s: %s", handshakes[i].says, r->why);
	}
	stream_free(r->stream);
	r->stream = NULL;
	tls_server_stop(&s);
	tls_client_free(c);
}

static void
test_handshakes(void **state)
{
	for (size_t i = 0; i < sizeof(handshakes) / sizeof(handshakes[0]);
	    i++)
		try_handshake(*state, i);
}

/* TCP answers, TLS never does; then the limit ends it. */
static void
test_no_tls(void **state)
{
	struct rig *r = *state;
	struct tls_client *c = make_client(&ca, NULL);

	open_to(r, "127.0.0.1", r->port, c);
	loop_until(r->base, &r->ended);
	assert_int_equal(r->end, STREAM_TIMEOUT);
	assert_false(r->ready);
	tls_client_free(c);
}

/* A server that shakes hands anew, or says for ever what is no text, keeps us
 * busy for nothing: it is left. */
static void
leaves_player(struct rig *r, enum tls_play play, int version)
{
	struct tls_client *c = make_client(&ca, NULL);
	struct tls_server s;
	char port[8];

	tls_server_start(&s, &server_id, NULL, version);
	atomic_store(&s.play, play);
	snprintf(port, sizeof(port), "%d", s.port);
	open_to(r, "127.0.0.1", port, c);
	loop_until(r->base, &r->ready);
	assert_int_equal(stream_write(r->stream, STR("line")), 0);
	loop_until(r->base, &r->ended);
	tls_server_stop(&s);
	tls_client_free(c);
}

static void
test_renegotiates(void **state)
{
	leaves_player(*state, TLS_RENEGOTIATES, TLS1_2_VERSION);
}

static void
test_updates_keys(void **state)
{
	struct rig *r = *state;

	leaves_player(r, TLS_UPDATES_KEYS, 0);
	assert_int_equal(r->end, STREAM_RESET);
	assert_non_null(strstr(r->why, "talks"));
}

/* The dot that ends a name for a resolver is in no certificate. */
static void
test_name_with_dot(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct tls_client *c = make_client(&ca, NULL);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct tls_session *session;
	struct tls_server s;
	struct err err = { .msg = "" };

	(void)state;
	tls_server_start(&s, &server_id, NULL, 0);
	in.sin_port = htons((uint16_t)s.port);
	assert_int_equal(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	session = tls_session_new(c, fd, "localhost.");
	assert_non_null(session);
	if (tls_session_handshake(session, &err) != TLS_DONE)
		fail_msg("%s", err.msg);
	tls_session_free(session);
	close(fd);
	tls_server_stop(&s);
	tls_client_free(c);
}

static void
test_bad_files(void **state)
{
	static const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n"
	    "-----END CERTIFICATE-----\n";
	static char half[8192], half_own[8192];
	const struct {
		struct tls_files	 f;
		const char		*why;
	} cases[] = {
		{ { STR("no PEM"), STR_NONE, STR_NONE },
		    "no certificates of a CA" },
		{ { { half, strlen(ca.cert_pem) + strlen(broken) }, STR_NONE,
		    STR_NONE }, "a certificate in PEM is broken" },
		{ { STR_NONE, { half_own, strlen(client_id.cert_pem) +
		    strlen(broken) }, str_from(client_id.key_pem) },
		    "no certificate in PEM, or a broken one" },
		{ { STR_NONE, STR("no PEM"), STR("no PEM") },
		    "no certificate in PEM" },
		{ { STR_NONE, str_from(client_id.cert_pem), STR("no PEM") },
		    "no key in PEM" },
		{ { STR_NONE, str_from(client_id.cert_pem), STR_NONE },
		    "no key in PEM" },
		{ { STR_NONE, str_from(client_id.cert_pem),
		    str_from(server_id.key_pem) },
		    "the key is not the certificate's" },
	};
	struct err err;

	(void)state;
	snprintf(half, sizeof(half), "%s%s", ca.cert_pem, broken);
	snprintf(half_own, sizeof(half_own), "%s%s", client_id.cert_pem,
	    broken);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(tls_client_new(&cases[i].f, &err));
		if (strstr(err.msg, cases[i].why) == NULL)
			fail_msg("%zu: %s", i, err.msg);
	}
}

static int
make_ids(void **state)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)state;
	sigaction(SIGPIPE, &ignore, NULL);
	tls_id_make(&ca, NULL, NULL);
	tls_id_make(&other_ca, NULL, NULL);
	tls_id_make(&server_id, "DNS:localhost,IP:127.0.0.1", &ca);
	tls_id_make(&other_id, "DNS:localhost.example,IP:127.0.0.2", &ca);
	tls_id_make(&client_id, "DNS:client.example", &ca);
	return 0;
}

static int
clear_ids(void **state)
{
	(void)state;
	tls_id_clear(&ca);
	tls_id_clear(&other_ca);
	tls_id_clear(&server_id);
	tls_id_clear(&other_id);
	tls_id_clear(&client_id);
	return 0;
}

#define RIGGED(t)	cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIGGED(test_write),
		RIGGED(test_slow_reader),
		RIGGED(test_ceiling),
		RIGGED(test_never_reads),
		RIGGED(test_closed),
		RIGGED(test_closed_unread),
		RIGGED(test_write_after_end),
		RIGGED(test_talks),
		RIGGED(test_kept_alive),
		RIGGED(test_refused),
		RIGGED(test_next_address),
		RIGGED(test_no_name),
		RIGGED(test_freed),
		RIGGED(test_handshakes),
		RIGGED(test_no_tls),
		RIGGED(test_renegotiates),
		RIGGED(test_updates_keys),
		cmocka_unit_test(test_name_with_dot),
		cmocka_unit_test(test_bad_files),
	};

	return cmocka_run_group_tests(tests, make_ids, clear_ids);
}
