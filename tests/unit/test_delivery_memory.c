/* SPDX-License-Identifier: ISC */
/*
 * Memory that runs out at any one place between an alert's row in the outbox
 * and its receiver's yes: no crash, nothing lost, nothing rejected that is not
 * the alert's own fault, and never half a message. One delivery runs again and
 * again, in each format, as a digest and to syslog; in run n the n-th
 * allocation fails (and in a second round the n-th and all after it), those of
 * SQLite included.
 * Then there is memory, and all must arrive as if nothing had been.
 *
 * The linker sends our rooms' allocations through the functions below
 * (--wrap); libcurl, libevent and yajl keep theirs. What the ledger does has
 * its own test (test_out_of_memory.c): here it always has memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <sqlite3.h>

#include "alerts/delivery.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/err.h"
#include "base/http.h"
#include "base/log.h"

enum {
	MOST_ALLOCATIONS = 5000,
	MOST_BODY = 64 * 1024,
	SUMMARY = 3000,		/* longer than what an arena begins with */
	FIRST_WAIT_S = 6,	/* 5 s and a fifth of it */
	NOW_S = 1000000
};

/* Failing; one thread */

static long	to_go = -1;	/* until one fails; -1: none does */
static bool	for_good;	/* all after it fail, too */

static bool
fails(void)
{
	if (to_go < 0 || (to_go == 0 && !for_good))
		return false;
	if (to_go > 0 && --to_go > 0)
		return false;
	errno = ENOMEM;
	return true;
}

void	*__real_malloc(size_t);
void	*__real_calloc(size_t, size_t);
void	*__real_realloc(void *, size_t);
void	*__wrap_malloc(size_t);
void	*__wrap_calloc(size_t, size_t);
void	*__wrap_realloc(void *, size_t);
char	*__wrap_strdup(const char *);

void *
__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

char *
__wrap_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = fails() ? NULL : __real_malloc(n);

	return copy != NULL ? memcpy(copy, s, n) : NULL;
}

static sqlite3_mem_methods	sqlite_memory;

static void *
sqlite_malloc(int n)
{
	return fails() ? NULL : sqlite_memory.xMalloc(n);
}

static void *
sqlite_realloc(void *p, int n)
{
	return fails() ? NULL : sqlite_memory.xRealloc(p, n);
}

/* Memory for what is not under test; says what is to be restored. */
static long
spare(void)
{
	long before = to_go;

	to_go = -1;
	return before;
}

/* One delivery */

struct rig {
	struct event_base	*base;
	struct evhttp		*server;
	struct http		*http;
	struct clock		 clock;
	struct db		*db;
	struct delivery		*delivery;
	struct sink_settings	 settings;
	char			 url[64];
	const char		*says;		/* for a failure's message */
	long			 n;

	/* What came: each the same id and the same body. */
	int			 n_asked;
	char			 id[64];
	char			 body[MOST_BODY];
	size_t			 body_n;
	char			 want[MOST_BODY];	/* with memory */
	size_t			 want_n;

	int			 n_sent, n_digests;	/* so the store has */
	const struct outbox_digest *digest;
};

static struct err	err;

#define FAIL(r, ...)							\
	do {								\
		fprintf(stderr, "%s, allocation %ld%s: ", (r)->says,	\
		    (r)->n, for_good ? " and on" : "");			\
		fail_msg(__VA_ARGS__);					\
	} while (0)

/* r->body has come whole. */
static void
arrived(struct rig *r, const char *id)
{
	r->n_asked++;
	snprintf(r->id, sizeof(r->id), "%s", id);
	if (r->want_n > 0 && (r->body_n != r->want_n ||
	    memcmp(r->body, r->want, r->want_n) != 0))
		FAIL(r, "half a message: %.*s", (int)r->body_n, r->body);
}

static void
on_asked(struct evhttp_request *request, void *arg)
{
	long before = spare();
	struct rig *r = arg;
	struct evbuffer *in = evhttp_request_get_input_buffer(request);
	const char *id = evhttp_find_header(
	    evhttp_request_get_input_headers(request), "webhook-id");

	assert_non_null(id);
	r->body_n = evbuffer_get_length(in);
	assert_true(r->body_n <= MOST_BODY);
	evbuffer_remove(in, r->body, r->body_n);
	arrived(r, id);
	evhttp_send_reply(request, 204, "x", NULL);
	to_go = before;
}

/* A line of syslog is in r->body: its id stands in it. */
static void
line_arrived(struct rig *r)
{
	r->body[r->body_n] = '\0';
	arrived(r, strstr(r->body, "id=msg_1 ") != NULL ? "msg_1" : "another");
}

/* Of the header, whose time goes on, nothing is kept. */
static void
on_datagram(evutil_socket_t fd, short what, void *arg)
{
	long before = spare();
	struct rig *r = arg;
	char line[16384], *text;
	ssize_t n = recv(fd, line, sizeof(line) - 1, MSG_DONTWAIT);

	(void)what;
	assert_true(n > 0);
	line[n] = '\0';
	text = strstr(line, "alert topic=");
	assert_non_null(text);
	r->body_n = strlen(text);
	memcpy(r->body, text, r->body_n);
	line_arrived(r);
	to_go = before;
}

/* LENGTH SP LINE */
static void
on_stream(struct bufferevent *b, void *arg)
{
	long before = spare();
	struct evbuffer *in = bufferevent_get_input(b);
	struct rig *r = arg;
	char head[8] = "";
	size_t n, length;

	for (;;) {
		(void)evbuffer_copyout(in, head, sizeof(head) - 1);
		n = strspn(head, "0123456789") + 1;
		length = strtoul(head, NULL, 10);
		assert_true(length < MOST_BODY);
		if (length == 0 || evbuffer_get_length(in) < n + length)
			break;
		evbuffer_drain(in, n);
		evbuffer_remove(in, r->body, length);
		r->body_n = length;
		line_arrived(r);
	}
	to_go = before;
}

static void
on_stream_end(struct bufferevent *b, short what, void *arg)
{
	(void)what;
	(void)arg;
	bufferevent_free(b);
}

static void
on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *from,
    int n, void *arg)
{
	struct rig *r = arg;
	struct bufferevent *b = bufferevent_socket_new(r->base, fd,
	    BEV_OPT_CLOSE_ON_FREE);

	(void)l;
	(void)from;
	(void)n;
	bufferevent_setcb(b, on_stream, NULL, on_stream_end, r);
	bufferevent_enable(b, EV_READ);
}

/* What failed for want of memory is the whole sink's failure: tried again in a
 * few seconds, and not counted as the alert's rejection (a minute). */
static int
on_mark(const char *sink, const struct outbox_mark *m, int64_t age_us,
    void *ctx)
{
	long before = spare();
	struct rig *r = ctx;

	(void)sink;
	(void)age_us;
	r->n_sent += m->state == OUTBOX_SENT;
	if (m->state != OUTBOX_SENT && (m->state != OUTBOX_WAITING ||
	    m->due_s - m->tried_s > FIRST_WAIT_S))
		FAIL(r, "state %d, again after %d s: %s", (int)m->state,
		    (int)(m->due_s - m->tried_s), m->error);
	if (m->state == OUTBOX_WAITING && strstr(m->error, "memory") == NULL)
		FAIL(r, "says: %s", m->error);
	assert_int_equal(outbox_apply(r->db, m, 1, &err), 0);
	to_go = before;
	return 0;
}

static void
on_sink_off(const char *sink, const struct outbox_sink_state *s, bool give_up,
    void *ctx)
{
	(void)give_up;
	FAIL((struct rig *)ctx, "%s is off: %s", sink, s->reason);
}

static int
on_digest(const struct outbox_digest *d, void *ctx, struct err *why)
{
	(void)why;
	((struct rig *)ctx)->digest = d;
	return 0;
}

/* No receiver here rejects a digest. */
static int
on_split(const struct outbox_split *s, void *ctx, struct err *why)
{
	(void)s;
	(void)why;
	FAIL((struct rig *)ctx, "a digest is split");
	return -1;
}

static const struct delivery_ops ops = { on_mark, on_sink_off, on_digest,
	on_split };

/* As the ledger would. */
static void
store_digest(struct rig *r)
{
	long before = spare();

	assert_int_equal(outbox_add_digest(r->db, r->digest, &err), 0);
	r->digest = NULL;
	r->n_digests++;
	to_go = before;
	delivery_digest_stored(r->delivery, "desk");
}

static void
listen_here(struct rig *r)
{
	struct evhttp_bound_socket *bound;
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	r->server = evhttp_new(r->base);
	evhttp_set_gencb(r->server, on_asked, r);
	bound = evhttp_bind_socket_with_handle(r->server, "127.0.0.1", 0);
	assert_non_null(bound);
	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(bound),
	    (struct sockaddr *)&a, &n), 0);
	snprintf(r->url, sizeof(r->url), "http://127.0.0.1:%d/hook",
	    ntohs(a.sin_port));
}

/* A store with n alerts that wait, and a sink for them. */
static void
open_delivery(struct rig *r, int n)
{
	const char *const tables[] = { outbox_schema, outbox_schema_2,
		outbox_count_schema };
	const struct str desk = STR("desk");
	struct sink_env env = { .base = r->base, .http = r->http,
		.clock = &r->clock, .user_agent = "headlined/9.9" };
	char id[16], body[MOST_BODY];
	bool added;

	clock_init_manual(&r->clock, NOW_S * CLOCK_US_PER_S);
	r->db = db_open(":memory:", DB_WRITER, &err);
	assert_non_null(r->db);
	assert_int_equal(db_migrate(r->db, tables, 3, &err), 0);
	for (int i = 1; i <= n; i++) {
		snprintf(id, sizeof(id), "msg_%d", i);
		snprintf(body, sizeof(body), "{\"specversion\":\"1.0\","
		    "\"type\":\"io.headlined.alert.v1\",\"id\":\"%s\","
		    "\"source\":\"/headlined/test\",\"subject\":\"t\","
		    "\"time\":\"2026-11-23T12:00:00Z\",\"data\":{"
		    "\"topic\":\"t\",\"severity\":\"err\",\"item\":{"
		    "\"title\":\"Peace & quiet <%d>\",\"summary\":\"Long %0*d"
		    "\",\"url\":\"https://e.org/%d\"},\"feed\":{\"title\":"
		    "\"News\",\"site\":\"e.org\"},\"matches\":[{\"term\":"
		    "\"peace\",\"field\":\"content\",\"text\":\"Peace\","
		    "\"context\":\"They spoke of Peace.\"}],\"entities\":[{"
		    "\"id\":\"Q212\",\"kind\":\"place\",\"name\":\"Ukraine"
		    "\",\"mentions\":2}],\"story\":{\"id\":\"s%d\","
		    "\"copies\":3,\"sites\":[\"e.org\"]}}}", id, i, SUMMARY, i,
		    i, i);
		assert_int_equal(outbox_add(r->db, &(struct outbox_alert){
			.id = str_from(id), .time_s = NOW_S, .topic = STR("t"),
			.body = str_from(body) }, &desk, 1, &added, &err), 0);
	}
	r->delivery = delivery_new(&env, r->db, &ops, r);
	assert_non_null(r->delivery);
	assert_int_equal(delivery_set_sinks(r->delivery, &r->settings, 1,
	    NULL, NULL, &err), 0);
	r->n_sent = r->n_digests = r->n_asked = 0;
}

static void
close_delivery(struct rig *r)
{
	delivery_free(r->delivery);
	db_close(r->db);
}

/* Until nothing is under way. */
static void
look(struct rig *r)
{
	delivery_look(r->delivery);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	while (!delivery_is_idle(r->delivery)) {
		if (r->digest != NULL)
			store_digest(r);
		else
			event_base_loop(r->base, EVLOOP_ONCE);
	}
}

static struct outbox_counts
count(struct rig *r)
{
	struct outbox_counts n;

	assert_int_equal(outbox_count(r->db, "desk", &n, &err), 0);
	return n;
}

/* With memory, and as much time as a few failures cost; a rate has a token
 * then. Each alert has arrived, alone or in a digest: one that found no memory
 * when a digest was made goes alone. */
static void
finish(struct rig *r, int alerts)
{
	const int64_t step_s = r->settings.rate > 0 ? r->settings.rate_s : 10;
	struct outbox_counts n = count(r);

	for (int i = 0; i < 20 && n.waiting > 0; i++) {
		clock_advance(&r->clock, step_s * CLOCK_US_PER_S);
		look(r);
		n = count(r);
	}
	/* Syslog has no answer: what was sent may be on its way. */
	while (r->n_asked < r->n_sent)
		event_base_loop(r->base, EVLOOP_ONCE);
	if (n.waiting > 0 || n.given_up > 0 || n.sent != r->n_sent ||
	    n.sent - r->n_digests + n.in_digest != alerts)
		FAIL(r, "%d wait, %d sent with %d digests of %d, %d asked",
		    (int)n.waiting, (int)n.sent, r->n_digests,
		    (int)n.in_digest, r->n_asked);
}

/* The delivery of n alerts as one message, with one failure after another.
 * Alerts that are collected are due at once: they wait since long. */
static long
fail_everywhere(struct rig *r, int alerts)
{
	bool failed = true;

	r->want_n = 0;
	r->n = -1;
	open_delivery(r, alerts);
	finish(r, alerts);
	assert_int_equal(r->n_digests, alerts > 1);
	close_delivery(r);
	/* A digest has the time at which it was made: others than this. */
	r->want_n = alerts == 1 ? r->body_n : 0;
	memcpy(r->want, r->body, r->want_n);
	for (r->n = 1; failed; r->n++) {
		assert_true(r->n < MOST_ALLOCATIONS);
		open_delivery(r, alerts);
		if (alerts > 1)
			clock_advance(&r->clock, 60 * CLOCK_US_PER_S);
		to_go = r->n;
		look(r);
		failed = to_go == 0;
		to_go = -1;
		finish(r, alerts);
		if (alerts == 1)
			assert_string_equal(r->id, "msg_1");
		close_delivery(r);
	}
	return r->n;
}

#define TEXT(lit)	{ lit, sizeof(lit) - 1 }

static const struct sink_settings formats[] = {
	{ .format = "cloudevents" },
	{ .format = "cloudevents", .secret = TEXT("whsec_"
	    "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=") },
	{ .format = "slack" },
	{ .format = "discord" },
	{ .format = "mattermost" },
	{ .format = "teams" },
	{ .format = "ntfy", .token = TEXT("tk_1") },
	{ .format = "telegram", .token = TEXT("123456:ABC-DEF_ghi"),
	    .chat = "@news" },
	{ .format = "pagerduty", .token = TEXT(
	    "0123456789abcdef0123456789abcdef") },
	{ .format = "gotify", .token = TEXT("abc") },
	{ .format = "alertmanager" },
	{ .format = "template", .template = "{\"t\":\"{{title}} {{text}} "
	    "{{#data}}{{#item}}{{summary}}{{/item}}{{/data}}\"}" },
};

static void
use(struct rig *r, size_t format)
{
	r->settings = formats[format];
	r->settings.name = "desk";
	r->settings.kind = "webhook";
	r->settings.url = r->url;
	r->settings.keep_trying_s = 86400;
	r->says = r->settings.format;
}

static void
use_syslog(struct rig *r, const char *says)
{
	r->settings = (struct sink_settings){ .name = "desk", .kind = "syslog",
		.facility = 3, .keep_trying_s = 86400 };
	r->says = says;
}

static void
test_syslog(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char dir[] = "/tmp/headlined-test-XXXXXX";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	struct rig *r = *state;
	struct event *ev;

	assert_non_null(mkdtemp(dir));
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/log", dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ev = event_new(r->base, fd, EV_READ | EV_PERSIST, on_datagram, r);
	event_add(ev, NULL);
	use_syslog(r, "syslog");
	r->settings.socket = a.sun_path;
	for_good = false;
	assert_true(fail_everywhere(r, 1) > 8);
	for_good = true;
	(void)fail_everywhere(r, 1);
	event_free(ev);
	close(fd);
	unlink(a.sun_path);
	rmdir(dir);
}

static void
test_syslog_over_tcp(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	struct rig *r = *state;
	struct evconnlistener *l = evconnlistener_new_bind(r->base, on_accept,
	    r, LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&a, sizeof(a));
	char port[8];

	assert_non_null(l);
	assert_int_equal(getsockname(evconnlistener_get_fd(l),
	    (struct sockaddr *)&a, &n), 0);
	snprintf(port, sizeof(port), "%d", ntohs(a.sin_port));
	use_syslog(r, "syslog over TCP");
	r->settings.remote = "127.0.0.1";
	r->settings.port = port;
	r->settings.transport = "tcp";
	for_good = false;
	assert_true(fail_everywhere(r, 1) > 8);
	for_good = true;
	(void)fail_everywhere(r, 1);
	event_base_loop(r->base, EVLOOP_NONBLOCK);	/* the last one's end */
	evconnlistener_free(l);
}

/* Each format, one alert. */
static void
test_formats(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		use(r, i);
		for_good = false;
		assert_true(fail_everywhere(r, 1) > 8);
		for_good = true;
		(void)fail_everywhere(r, 1);
	}
}

/* Collected alerts: made into one, stored, sent. */
static void
test_digest(void **state)
{
	struct rig *r = *state;

	for (size_t i = 0; i < 3; i++) {
		use(r, i);
		r->settings.digest_s = 30;
		for_good = false;
		assert_true(fail_everywhere(r, 3) > 8);
		for_good = true;
		(void)fail_everywhere(r, 3);
	}
}

/* What overflows a rate. */
static void
test_rate(void **state)
{
	struct rig *r = *state;

	use(r, 2);
	r->settings.rate = 1;
	r->settings.rate_s = 3600;
	for_good = false;
	assert_true(fail_everywhere(r, 3) > 8);
	for_good = true;
	(void)fail_everywhere(r, 3);
}

static int
set_up(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (r == NULL || (r->base = event_base_new()) == NULL)
		return -1;
	r->http = http_new(r->base, 4);
	listen_here(r);
	to_go = -1;
	alarm(300);
	return r->http != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	alarm(0);
	http_free(r->http);
	evhttp_free(r->server);
	event_base_free(r->base);
	free(r);
	return 0;
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_formats),
		TEST(test_digest),
		TEST(test_rate),
		TEST(test_syslog),
		TEST(test_syslog_over_tcp),
	};
	sqlite3_mem_methods failing;

	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory);
	failing = sqlite_memory;
	failing.xMalloc = sqlite_malloc;
	failing.xRealloc = sqlite_realloc;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
