/* SPDX-License-Identifier: ISC */
/*
 * Addresses that are not public, in every spelling that we know of, behind a
 * redirect: a listener on all addresses of this machine counts who comes. The
 * first hop is one that an administrator wrote, and may be private.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <locale.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/http.h"
#include "feeds/fetch.h"
#include "feeds/host_gate.h"
#include "loopback.h"

/*
 * The resolver: names that a stranger owns and lets point where he likes.
 */

static struct {
	const char	*name, *address;
} names[] = {
	{ "turns.guard.test", NULL },	/* as the test says */
	{ "v4.guard.test", "127.0.0.1" },
	{ "v6.guard.test", "::1" },
	{ "mapped.guard.test", "::ffff:127.0.0.1" },
	{ "any.guard.test", "0.0.0.0" },
	{ "ten.guard.test", "10.0.0.1" },
	{ "metadata.guard.test", "169.254.169.254" },
	{ "nat64.guard.test", "64:ff9b::7f00:1" },
};

typedef int resolve_fn(const char *, const char *, const struct addrinfo *,
    struct addrinfo **);

/* In front of the C library's: libcurl calls this one. */
int
getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **out)
{
	union {
		void		*object;
		resolve_fn	*function;
	} next = { .object = dlsym(RTLD_NEXT, "getaddrinfo") };

	for (size_t i = 0; name != NULL && i < sizeof(names) /
	    sizeof(names[0]); i++)
		if (strcmp(name, names[i].name) == 0)
			name = names[i].address;
	return next.function(name, service, hints, out);
}

/* Where turns.guard.test points from now on. */
static void
point(const char *address)
{
	names[0].address = address;
}

/* What libcurl remembers names by, in this version: it forgets them. */
static time_t ahead_s;

time_t
time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += ahead_s;
	if (out != NULL)
		*out = now.tv_sec;
	return now.tv_sec;
}

/*
 * The Internet: an address that anybody may have, at which this machine's
 * listeners are found. libcurl connects to it and reads who is there.
 */

#define PUBLIC	"93.184.216.34"

static unsigned char is_abroad[1024];	/* by descriptor */

static in_addr_t
public_address(void)
{
	struct in_addr a;

	assert_int_equal(inet_pton(AF_INET, PUBLIC, &a), 1);
	return a.s_addr;
}

/* By the names that the linker knows: the headers' types are the C library's
 * own. */
typedef int connect_fn(int, const struct sockaddr *, socklen_t);
typedef int peer_fn(int, struct sockaddr *, socklen_t *);
connect_fn	connect_abroad __asm__("connect");
peer_fn		name_abroad __asm__("getpeername");

int
connect_abroad(int fd, const struct sockaddr *to, socklen_t n)
{
	union {
		void		*object;
		connect_fn	*function;
	} next = { .object = dlsym(RTLD_NEXT, "connect") };
	struct sockaddr_in in;

	if (fd < 0 || fd >= (int)sizeof(is_abroad) || n != sizeof(in))
		return next.function(fd, to, n);
	memcpy(&in, to, sizeof(in));
	is_abroad[fd] = in.sin_family == AF_INET &&
	    in.sin_addr.s_addr == public_address();
	if (is_abroad[fd])
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return next.function(fd, (const struct sockaddr *)&in, n);
}

int
name_abroad(int fd, struct sockaddr *out, socklen_t *n)
{
	union {
		void		*object;
		peer_fn		*function;
	} next = { .object = dlsym(RTLD_NEXT, "getpeername") };
	int rc = next.function(fd, out, n);
	struct sockaddr_in in;

	if (rc == 0 && fd < (int)sizeof(is_abroad) && is_abroad[fd]) {
		memcpy(&in, out, sizeof(in));
		in.sin_addr.s_addr = public_address();
		memcpy(out, &in, sizeof(in));
	}
	return rc;
}

/*
 * The matrix: what stands between "Location: " and the line's end. %d is the
 * listener's port.
 */

static const char *const spellings[] = {
	/* loopback */
	"http://127.0.0.1:%d/y",
	"http://127.0.0.1.:%d/y",
	"http://127.255.255.254:%d/y",
	"http://2130706433:%d/y",
	"http://0x7f000001:%d/y",
	"http://0x7F000001:%d/y",
	"http://017700000001:%d/y",
	"http://0177.0.0.1:%d/y",
	"http://0177.0.0.01:%d/y",
	"http://0x7f.0.0.1:%d/y",
	"http://0x7f.0x0.0x0.0x1:%d/y",
	"http://0x7f.1:%d/y",
	"http://0X7F.1:%d/y",
	"http://127.1:%d/y",
	"http://127.0.1:%d/y",
	"http://127.0x0.1:%d/y",
	"http://0:%d/y",
	"http://0x0:%d/y",
	"http://0.0.0.0:%d/y",
	"http://00000000.0.0.0:%d/y",
	/* private and special */
	"http://10.0.0.1:%d/y",
	"http://012.0.0.1:%d/y",
	"http://167772161:%d/y",
	"http://172.16.0.1:%d/y",
	"http://172.31.255.255:%d/y",
	"http://192.168.1.1:%d/y",
	"http://0xc0a80101:%d/y",
	"http://192.168.257:%d/y",
	"http://169.254.169.254:%d/y",
	"http://0xa9fea9fe:%d/y",
	"http://2852039166:%d/y",
	"http://100.64.0.1:%d/y",
	"http://198.18.0.1:%d/y",
	"http://192.0.2.1:%d/y",
	"http://224.0.0.1:%d/y",
	"http://240.0.0.1:%d/y",
	"http://255.255.255.255:%d/y",
	/* IPv6 */
	"http://[::1]:%d/y",
	"http://[0:0:0:0:0:0:0:1]:%d/y",
	"http://[0000:0000:0000:0000:0000:0000:0000:0001]:%d/y",
	"http://[::1%%25lo]:%d/y",
	"http://[::]:%d/y",
	"http://[::127.0.0.1]:%d/y",
	"http://[fc00::1]:%d/y",
	"http://[fd12:3456::1]:%d/y",
	"http://[fe80::1]:%d/y",
	"http://[fe80::1%%25lo]:%d/y",
	"http://[fe80::1%%251]:%d/y",
	"http://[ff02::1]:%d/y",
	"http://[2001:db8::1]:%d/y",
	/* IPv4 in IPv6 */
	"http://[::ffff:127.0.0.1]:%d/y",
	"http://[::ffff:7f00:1]:%d/y",
	"http://[::FFFF:7F00:0001]:%d/y",
	"http://[0:0:0:0:0:ffff:127.0.0.1]:%d/y",
	"http://[::ffff:10.0.0.1]:%d/y",
	"http://[::ffff:0.0.0.0]:%d/y",
	"http://[64:ff9b::127.0.0.1]:%d/y",
	"http://[64:ff9b::7f00:1]:%d/y",
	"http://[64:ff9b:1::7f00:1]:%d/y",
	"http://[2002:7f00:1::]:%d/y",
	"http://[2002:c0a8:101::1]:%d/y",
	"http://[2001:0:53aa:64c:0:0:80ff:fffe]:%d/y",
	/* what looks like another host */
	"http://public.example@127.0.0.1:%d/y",
	"http://public.example:80@127.0.0.1:%d/y",
	"http://public.example%%40x:y@127.0.0.1:%d/y",
	"http://:@127.0.0.1:%d/y",
	"http://127%%2e0%%2e0%%2e1:%d/y",
	"http://%%31%%32%%37.0.0.1:%d/y",
	"http://%%6c%%6f%%63alhost:%d/y",
	"http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1:%d/y",
	"http://127\xe3\x80\x82" "0\xe3\x80\x82" "0\xe3\x80\x82" "1:%d/y",
	"http://\xe2\x91\xa0\xe2\x91\xa1\xe2\x91\xa6.0.0.1:%d/y",
	"http://l\xe2\x93\x9e\143alhost:%d/y",
	"//127.0.0.1:%d/y",
	"http:/127.0.0.1:%d/y",
	"http:\\\\127.0.0.1:%d/y",
	"\thttp://127.0.0.1:%d/y",
	"HTTP://127.0.0.1:%d/y",
	/* names */
	"http://localhost:%d/y",
	"http://LocalHost:%d/y",
	"http://localhost.:%d/y",
	"http://a.localhost:%d/y",
	"http://v4.guard.test:%d/y",
	"http://V4.GUARD.TEST:%d/y",
	"http://v6.guard.test:%d/y",
	"http://mapped.guard.test:%d/y",
	"http://any.guard.test:%d/y",
	"http://ten.guard.test:%d/y",
	"http://metadata.guard.test:%d/y",
	"http://nat64.guard.test:%d/y",
	/* other schemes */
	"https://127.0.0.1:%d/y",
	"ftp://127.0.0.1:%d/y",
	"file:///etc/hostname?%d",
	"file://127.0.0.1:%d/etc/hostname",
	"gopher://127.0.0.1:%d/_GET",
	"dict://127.0.0.1:%d/d:x",
	"ldap://127.0.0.1:%d/",
	"telnet://127.0.0.1:%d/",
	"ws://127.0.0.1:%d/y",
	"scp://127.0.0.1:%d/y",
	"smb://127.0.0.1:%d/y",
	"data:text/xml,%d",
	"javascript:%d",
};

#define N	(sizeof(spellings) / sizeof(spellings[0]))

/*
 * The world
 */

#define FEED "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<rss/>"

struct world {
	struct event_base	*base;
	struct server		 server, inside;
	int			 inside_port;
	struct http		*http;
	struct host_gate	*gate;
	struct clock		 clock;
	struct fetch_env	 env;
};

struct seen {
	enum fetch_outcome	 outcome;
	char			 word[32], message[160];
	bool			 opened, done, peer_public, for_good;
	const char		*then;		/* where the name points after
						 * a redirect */
};

static int
on_open(const struct http_meta *meta, const char *url, void *ctx)
{
	struct seen *s = ctx;

	(void)meta;
	(void)url;
	s->opened = true;
	return 0;
}

static int
on_body(const char *p, size_t n, void *ctx)
{
	(void)p;
	(void)n;
	(void)ctx;
	return 0;
}

static void
on_end(const struct fetch_result *res, void *ctx)
{
	struct seen *s = ctx;

	s->outcome = res->outcome;
	s->peer_public = res->peer_public;
	s->for_good = res->moved_for_good;
	snprintf(s->word, sizeof(s->word), "%s", res->word);
	snprintf(s->message, sizeof(s->message), "%s", res->message);
	s->done = true;
}

/* Long after the answer, the name's owner has another idea. */
static enum fetch_way
on_redirect(const char *url, void *ctx)
{
	struct seen *s = ctx;

	(void)url;
	if (s->then != NULL) {
		point(s->then);
		ahead_s += 3600;
	}
	return FETCH_FOLLOW;
}

static const struct fetch_ops ops = { .on_open = on_open,
	.on_body = on_body, .on_redirect = on_redirect, .on_end = on_end };

/* On every address, of both families where there are two. */
static void
listen_everywhere(struct world *w)
{
	struct sockaddr_in6 all6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in all4 = { .sin_family = AF_INET };
	union {
		struct sockaddr		any;
		struct sockaddr_in	in4;
		struct sockaddr_in6	in6;
	} here;
	socklen_t size = sizeof(here);
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd != -1 && bind(fd, (const struct sockaddr *)&all6,
	    sizeof(all6)) == 0)
		server_listen(&w->inside, w->base,
		    (const struct sockaddr *)&all6, sizeof(all6));
	else
		server_listen(&w->inside, w->base,
		    (const struct sockaddr *)&all4, sizeof(all4));
	if (fd != -1)
		close(fd);
	getsockname(evconnlistener_get_fd(w->inside.listener), &here.any,
	    &size);
	w->inside_port = ntohs(here.any.sa_family == AF_INET ?
	    here.in4.sin_port : here.in6.sin6_port);
}

static int
setup(void **state)
{
	static const struct host_gate_settings set = { 1, 0 };
	struct world *w = calloc(1, sizeof(*w));
	struct err err;

	w->base = event_base_new();
	server_start(&w->server, w->base);
	listen_everywhere(w);
	w->http = http_new(w->base, 8);
	w->gate = host_gate_new(&set);
	assert_int_equal(clock_init(&w->clock, &err), 0);
	w->env = (struct fetch_env){ w->base, w->http, w->gate, &w->clock };
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	http_free(w->http);
	loop_drain(w->base);
	server_stop(&w->server);
	server_stop(&w->inside);
	host_gate_free(w->gate);
	event_base_free(w->base);
	free(w);
	return 0;
}

/* own: as configured; NULL: url. near: its document lay near. */
static void
run_for(struct world *w, const char *url, const char *own, bool near,
    struct seen *s)
{
	const struct fetch_request r = { .url = url, .own_url = own,
		.own_near = near, .user_agent = "test/1", .timeout_ms = 10000,
		.max_body_bytes = 4096 };
	struct err err;
	char host[300];

	assert_int_equal(fetch_host_of(url, host, sizeof(host), &err), 0);
	assert_int_equal(host_gate_enter(w->gate, host,
	    clock_mono_us(&w->clock)), 0);
	assert_non_null(fetch_start(&w->env, &r, &ops, s, &err));
	loop_until(w->base, &s->done);
	loop_drain(w->base);
}

static void
run(struct world *w, const char *url, struct seen *s)
{
	*s = (struct seen){ .done = false };
	run_for(w, url, NULL, false, s);
}

/* A fetch whose first hop redirects to where. */
static void
run_redirected(struct world *w, const char *where, struct seen *s)
{
	char go[512], url[64];
	const struct route routes[] = { { "/x", go, 0, CLOSE }, { 0 } };

	snprintf(go, sizeof(go), "HTTP/1.1 302 Go\r\nLocation: %s\r\n"
	    "Content-Length: 0\r\n\r\n", where);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", w->server.port);
	w->server.routes = routes;
	run(w, url, s);
	assert_int_equal(w->server.n_requests, 1);
	free(w->server.requests[--w->server.n_requests]);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void
spell(char *out, size_t size, const char *spelling, int port)
{
	snprintf(out, size, spelling, port);
}
#pragma GCC diagnostic pop

static const struct route inside_routes[] = {
	{ "/y", FEED, 0, KEEP_OPEN }, { 0 }
};

/* Refused before anything was sent, not just without luck. */
static bool
is_refusal(const struct seen *s)
{
	return s->outcome == FETCH_FAILED && !s->opened &&
	    (strcmp(s->word, "private") == 0 ||
	    strcmp(s->word, "redirect_bad") == 0 ||
	    strcmp(s->word, "dns") == 0);
}

/* What an administrator writes may be private: the listener is there, and the
 * resolver of this test is asked. */
static void
test_reached_when_written(void **state)
{
	static const char *const written[] = {
		"http://127.1:%d/y", "http://v4.guard.test:%d/y",
		"http://0x7f000001:%d/y"
	};
	struct world *w = *state;
	struct seen s;
	char url[64];

	w->inside.routes = inside_routes;
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++) {
		spell(url, sizeof(url), written[i], w->inside_port);
		run(w, url, &s);
		assert_int_equal(s.outcome, FETCH_FRESH);
		assert_int_equal(w->inside.n_requests, i + 1);
	}
}

/* Who answered, of a new connection and of a kept one; nobody did. */
static void
test_peer_public(void **state)
{
	static const struct {
		const char	*says, *address;
		bool		 is_public;
	} cases[] = {
		{ "an address of anybody's", PUBLIC, true },
		{ "one of this machine", "127.0.0.1", false },
	};
	struct world *w = *state;
	struct seen s;
	char url[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("  %s\n", cases[i].says);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
		w = *state;
		w->inside.routes = inside_routes;
		point(cases[i].address);
		spell(url, sizeof(url), "http://turns.guard.test:%d/y",
		    w->inside_port);
		for (size_t n = 1; n <= 2; n++) {
			run(w, url, &s);
			assert_int_equal(s.outcome, FETCH_FRESH);
			assert_int_equal(s.peer_public, cases[i].is_public);
			assert_int_equal(w->inside.n_connections, 1);
		}
	}
	server_stop(&w->inside);
	listen_everywhere(w);
	w->inside.greeting = "nonsense";
	point(PUBLIC);
	spell(url, sizeof(url), "http://turns.guard.test:%d/y",
	    w->inside_port);
	run(w, url, &s);
	assert_int_equal(s.outcome, FETCH_FAILED);
	assert_false(s.peer_public);
}

static void
test_matrix(void **state)
{
	struct world *w = *state;
	size_t reached = 0;
	struct seen s;
	char where[256];

	w->inside.routes = inside_routes;
	for (size_t i = 0; i < N; i++) {
		spell(where, sizeof(where), spellings[i], w->inside_port);
		run_redirected(w, where, &s);
		print_message("  %-52s %s\n", where, s.word);
		if (!is_refusal(&s))
			fail_msg("%s: %s: %s", where, s.word, s.message);
		reached += w->inside.n_connections;
	}
	assert_true(N >= 40);
	assert_int_equal(reached, 0);
}

/* Where the environment's characters are those of the digits, libcurl folds
 * wide and circled ones to ASCII. */
static void
test_matrix_in_utf8(void **state)
{
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		skip();
	test_matrix(state);
	setlocale(LC_CTYPE, "C");
}

/* The same with connections to that listener at hand, under the names that the
 * redirects use: no socket is opened, and the guard must see it still. */
static void
test_matrix_reused(void **state)
{
	static const char *const kept[] = {
		"http://127.0.0.1:%d/y", "http://localhost:%d/y",
		"http://v4.guard.test:%d/y"
	};
	struct world *w = *state;
	struct seen s;
	char where[256];

	w->inside.routes = inside_routes;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		spell(where, sizeof(where), kept[i], w->inside_port);
		run(w, where, &s);
		assert_int_equal(s.outcome, FETCH_FRESH);
		run(w, where, &s);
		assert_int_equal(w->inside.n_connections, i + 1);
		run_redirected(w, where, &s);
		assert_string_equal(s.word, "private");
		assert_int_equal(w->inside.n_requests, 2 * (i + 1));
	}
	for (size_t i = 0; i < N; i++) {
		spell(where, sizeof(where), spellings[i], w->inside_port);
		run_redirected(w, where, &s);
		if (!is_refusal(&s))
			fail_msg("%s: %s: %s", where, s.word, s.message);
	}
	assert_int_equal(w->inside.n_connections, 3);
	assert_int_equal(w->inside.n_requests, 6);
}

/*
 * A name whose owner is not the administrator, and who changes his mind
 */

static void
test_names_that_turn(void **state)
{
	static const char name[] = "turns.guard.test", here[] = "127.0.0.1";
	static const struct {
		const char	*says, *host, *first, *then;
		bool		 is_stored;	/* asked without the URL that
						 * was written */
		const char	*word;
		bool		 for_good;
		size_t		 n_asked;
	} cases[] = {
		{ "abroad, then here", name, PUBLIC, here, false, "private",
		    false, 1 },
		{ "abroad, then metadata", name, PUBLIC, "169.254.169.254",
		    false, "private", false, 1 },
		{ "abroad all the time", name, PUBLIC, PUBLIC, false, "ok",
		    true, 2 },
		{ "here all the time", name, here, here, false, "ok", false,
		    2 },
		{ "here, then abroad", name, here, PUBLIC, false, "ok", true,
		    2 },
		{ "written as a number", here, here, here, false, "ok", true,
		    2 },
		{ "written as localhost", "localhost", here, here, false,
		    "ok", true, 2 },
		{ "a stored move, here", name, here, here, true, "private",
		    false, 0 },
		{ "a stored move, abroad, then here", name, PUBLIC, here,
		    true, "private", false, 1 },
		{ "a stored move, abroad", name, PUBLIC, PUBLIC, true, "ok",
		    true, 2 },
		{ "a stored move, a number", here, here, here, true, "ok",
		    true, 2 },
	};
	static const struct route routes[] = {
		{ "/x", "HTTP/1.1 301 Go\r\nLocation: /y\r\nConnection: close"
		    "\r\nContent-Length: 0\r\n\r\n", 0, CLOSE },
		{ "/y", FEED, 0, CLOSE }, { 0 }
	};
	struct world *w;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen s = { .then = cases[i].then };
		char url[128], own[128];

		print_message("  %s\n", cases[i].says);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
		w = *state;
		w->inside.routes = routes;
		point(cases[i].first);
		snprintf(url, sizeof(url), "http://%s:%d/x", cases[i].host,
		    w->inside_port);
		snprintf(own, sizeof(own), "http://%s:%d/w", cases[i].host,
		    w->inside_port);
		run_for(w, url, cases[i].is_stored ? own : NULL,
		    false, &s);
		assert_string_equal(s.word, cases[i].word);
		if (s.outcome == FETCH_FRESH)
			assert_int_equal(s.for_good, cases[i].for_good);
		assert_int_equal(w->inside.n_requests, cases[i].n_asked);
	}
}

/* A first hop that no administrator wrote: only the feed's own host and port,
 * however its document came. */
static void
test_links(void **state)
{
	static const struct {
		const char	*says, *host, *own;
		bool		 same_port, was_near;
		const char	*word;
	} cases[] = {
		{ "a number, from a feed that is one", "127.0.0.1",
		    "127.0.0.1", true, false, "ok" },
		{ "another port of it", "127.0.0.1", "127.0.0.1", false, true,
		    "private" },
		{ "another spelling of it", "127.0.0.2", "127.0.0.1", true,
		    true, "private" },
		{ "a name that points here", "v4.guard.test", "127.0.0.1",
		    true, true, "private" },
		{ "a number, from a feed abroad", "127.0.0.1",
		    "turns.guard.test", true, false, "private" },
		{ "a number, from a feed with a name near", "127.0.0.1",
		    "v4.guard.test", true, true, "private" },
		{ "a name near, from a feed of that name",
		    "v4.guard.test", "v4.guard.test", true, true, "ok" },
		{ "another name near", "any.guard.test", "v4.guard.test", true,
		    true, "private" },
		{ "localhost, from a feed abroad", "localhost",
		    "turns.guard.test", true, false, "private" },
		{ "a number, from a watched file", "127.0.0.1", NULL, true,
		    false, "private" },
	};
	struct world *w = *state;

	point(PUBLIC);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen s = { .done = false };
		char url[128], own[128];

		print_message("  %s\n", cases[i].says);
		w->inside.routes = inside_routes;
		snprintf(url, sizeof(url), "http://%s:%d/y", cases[i].host,
		    w->inside_port);
		snprintf(own, sizeof(own), "file:///srv/wire.xml");
		if (cases[i].own != NULL)
			snprintf(own, sizeof(own), "http://%s:%d/w",
			    cases[i].own, cases[i].same_port ?
			    w->inside_port : w->server.port);
		run_for(w, url, own, cases[i].was_near, &s);
		assert_string_equal(s.word, cases[i].word);
		if (strcmp(cases[i].word, "ok") != 0)
			assert_false(s.opened);
	}
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_reached_when_written),
		EACH(test_peer_public),
		EACH(test_names_that_turn),
		EACH(test_links),
		EACH(test_matrix),
		EACH(test_matrix_in_utf8),
		EACH(test_matrix_reused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
