/* SPDX-License-Identifier: ISC */
/*
 * daemon/control_alerts and daemon/alerts_view: what was alerted over HTTP, in
 * pieces, and as it comes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <event2/event.h>
#include <event2/http.h>

#include "alerts/outbox.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mailbox.h"
#include "conf_fixture.h"
#include "control_rig.h"
#include "daemon/alerts_view.h"
#include "daemon/control_alerts.h"
#include "daemon/status.h"
#include "daemon/teller_store.h"
#include "texts_rig.h"

#define R(test)	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

struct rig {
	struct texts_rig	 r;		/* the first */
	struct event_base	*base;
	struct event		*tick;
	struct evhttp		*http;
	struct evhttp_bound_socket *bound;
	struct mailbox		*watcher;
	struct control_alerts	*alerts;
	struct clock		 clock;
	struct status_env	 env;
};

static void
on_request(struct evhttp_request *req, void *ctx)
{
	struct rig *r = ctx;

	control_alerts_start(r->alerts, req, &r->env);
}

static int
set_up(void **state)
{
	struct texts_rig *texts = NULL;
	struct rig *r;
	struct buf text;

	assert_int_equal(texts_setup((void **)&texts), 0);
	r = calloc(1, sizeof(*r));
	assert_non_null(r);
	r->r = *texts;
	free(texts);
	clock_init_manual(&r->clock, INT64_C(1) * NOW_S * CLOCK_US_PER_S);
	r->base = event_base_new();
	r->tick = client_tick(r->base);
	r->http = evhttp_new(r->base);
	r->bound = evhttp_bind_socket_with_handle(r->http, "127.0.0.1", 0);
	assert_non_null(r->bound);
	evhttp_set_gencb(r->http, on_request, r);
	r->watcher = mailbox_new(1);
	r->alerts = control_alerts_new(r->base, r->watcher);
	assert_non_null(r->alerts);
	buf_init(&text, 1 << 16);
	buf_addf(&text, "feeds: ['" FEED "']\ntopics: {peace: {match: peace}}"
	    "\nstore: {path: %s}\n", r->r.store_path);
	r->env = (struct status_env){ .conf = load_whole(&r->r.f,
		buf_cstr(&text)), .clock = &r->clock, .instance = "desk-1" };
	buf_clear(&text);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	control_alerts_free(r->alerts);
	evhttp_free(r->http);
	event_free(r->tick);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	event_base_free(r->base);
	mailbox_free(r->watcher);
	return texts_teardown(state);
}

/* "msg_N", n seconds before now. */
static void
put(struct rig *r, int n, const char *topic, int64_t age_s)
{
	static const struct str sinks[] = { { "desk", 4 } };
	char id[32], body[512];
	bool added;

	snprintf(id, sizeof(id), "msg_%d", n);
	snprintf(body, sizeof(body), "{\"data\":{\"severity\":\"notice\","
	    "\"item\":{\"title\":\"T%d\\n\",\"url\":\"U%d\"},\"feed\":{"
	    "\"title\":\"News\",\"site\":\"a.example\"},\"story\":{\"id\":"
	    "\"s%d\"}}}", n, n, n);
	assert_int_equal(db_begin(r->r.db, &r->r.err), 0);
	assert_int_equal(outbox_add(r->r.db, &(struct outbox_alert){
		.id = str_from(id), .topic = str_from(topic),
		.feed = STR(FEED), .time_s = NOW_S - age_s,
		.body = str_from(body) }, sinks, 1, &added, &r->r.err), 0);
	assert_int_equal(db_commit(r->r.db, &r->r.err), 0);
}

static void
ask(struct rig *r, struct client *c, const char *path)
{
	struct sockaddr_in sin;
	socklen_t size = sizeof(sin);

	assert_int_equal(getsockname(evhttp_bound_socket_get_fd(r->bound),
	    (struct sockaddr *)&sin, &size), 0);
	client_ask(c, (struct sockaddr *)&sin, size, "GET", path);
}

static void
turn(struct rig *r, struct client *c)
{
	client_turn(r->base, c);
}

static int
run(struct rig *r, struct client *c)
{
	return client_run(r->base, c);
}

/* Asks, and expects these alerts ("1 2"), where to go on, and whether to. */
static void
expect(struct rig *r, const char *path, const char *ids, int64_t next,
    bool more)
{
	const struct json *list;
	struct client c;
	char found[256] = "";

	ask(r, &c, path);
	assert_int_equal(run(r, &c), HTTP_OK);
	list = json_get(c.root, "alerts");
	for (size_t i = 0; i < json_length(list); i++) {
		struct str id = json_get_str(json_at(list, i), "id");
		size_t at = strlen(found);

		snprintf(found + at, sizeof(found) - at, "%s%.*s",
		    at > 0 ? " " : "", STR_ARG(str_sub(id, 4, id.n)));
	}
	if (strcmp(found, ids) != 0)
		fail_msg("%s: %s, not %s", path, found, ids);
	assert_int_equal(json_get_int(c.root, "next", -1), next);
	assert_int_equal(json_get_bool(c.root, "more"), more);
	client_end(&c);
}

static void
pieces_begin_where_others_end(void **state)
{
	struct rig *r = *state;

	expect(r, "/alerts", "", 0, false);
	put(r, 1, "peace", 2 * DAY_S);
	put(r, 2, "war", 7200);
	put(r, 3, "peace", 60);
	put(r, 4, "war", 5);
	expect(r, "/alerts", "2 3 4", 4, false);
	expect(r, "/alerts?since=3d", "1 2 3 4", 4, false);
	expect(r, "/alerts?since=1h", "3 4", 4, false);
	expect(r, "/alerts?after=0&limit=3", "1 2 3", 3, true);
	expect(r, "/alerts?after=3&limit=3", "4", 4, false);
	expect(r, "/alerts?after=4", "", 4, false);
	expect(r, "/alerts?after=0&since=1h", "3 4", 4, false);
	/* What others have alerted since is behind it. */
	expect(r, "/alerts?after=0&topic=peace", "1 3", 4, false);
	expect(r, "/alerts?after=0&topic=war&limit=1", "2", 2, true);
	/* Of a store that was there before. */
	expect(r, "/alerts?after=900", "", 4, false);
}

/* Many that are left out, because a clock was set back, end a piece, too. */
static void
what_is_left_out_has_a_bound(void **state)
{
	struct rig *r = *state;
	struct client c;

	put(r, 1, "peace", 5);
	assert_int_equal(db_exec(r->r.db, "WITH RECURSIVE n (i) AS (SELECT 2"
	    " UNION ALL SELECT i + 1 FROM n WHERE i < 30000)"
	    " INSERT INTO alert (id, topic, feed, time, body)"
	    " SELECT 'old_' || i, 'peace', 'f', 5, '{}' FROM n", &r->r.err),
	    0);
	put(r, 2, "peace", 1);
	ask(r, &c, "/alerts");
	assert_int_equal(run(r, &c), HTTP_OK);
	assert_int_equal(json_length(json_get(c.root, "alerts")), 1);
	assert_true(json_get_bool(c.root, "more"));
	assert_in_range(json_get_int(c.root, "next", 0), 10000, 29999);
	client_end(&c);
	/* Whoever waits is not told of an empty piece. */
	expect(r, "/alerts?since=1d&after=1&wait=60s", "2", 30001, false);
}

static void
hold(struct rig *r, const char *id, uint64_t told, bool is_copy)
{
	const struct held_row row = { .alert = str_from(id),
		.time_s = NOW_S, .story = 5, .is_copy = is_copy,
		.told = told, .title = STR("H"), .url = STR("http://h/"),
		.feed = STR(OTHER), .site = STR("b.example") };

	assert_int_equal(story_store_put_held(r->r.db, &row, &r->r.err), 0);
}

static void
an_alert_says_where_it_went_and_what_it_held(void **state)
{
	const struct told_row told = { .key = 7, .time_s = NOW_S,
		.owners = STR("o"), .alert = STR("msg_1") };
	const struct outbox_mark mark = { .seq = 1, .tries = 2,
		.tried_s = NOW_S, .due_s = NOW_S + 20, .error = "HTTP 500" };
	struct rig *r = *state;
	const struct json *a, *held, *sink, *item;
	struct client c;

	put(r, 1, "peace", 5);
	assert_int_equal(outbox_apply(r->r.db, &mark, 1, &r->r.err), 0);
	assert_int_equal(story_store_put_told(r->r.db, &told, &r->r.err), 0);
	hold(r, "msg_7", 7, false);
	hold(r, "msg_8", 7, true);
	hold(r, "msg_9", 7, true);
	ask(r, &c, "/alerts?held=2");
	assert_int_equal(run(r, &c), HTTP_OK);
	a = json_at(json_get(c.root, "alerts"), 0);
	assert_int_equal(json_get_int(a, "seq", 0), 1);
	assert_true(str_eq_c(json_get_str(a, "topic"), "peace"));
	assert_true(str_eq_c(json_get_str(a, "severity"), "notice"));
	assert_true(str_eq_c(json_get_str(a, "title"), "T1\n"));
	assert_true(str_eq_c(json_get_str(a, "url"), "U1"));
	assert_true(str_eq_c(json_get_str(a, "story"), "s1"));
	assert_true(str_eq_c(json_get_str(json_get(a, "feed"), "url"), FEED));
	assert_true(str_eq_c(json_get_str(json_get(a, "feed"), "site"),
	    "a.example"));
	sink = json_at(json_get(a, "sinks"), 0);
	assert_true(str_eq_c(json_get_str(sink, "state"), "waiting"));
	assert_int_equal(json_get_int(sink, "tries", 0), 2);
	assert_true(str_eq_c(json_get_str(sink, "error"), "HTTP 500"));
	assert_true(json_get_str(sink, "next").n > 0);
	held = json_get(a, "held");
	assert_int_equal(json_get_int(held, "copies", 0), 2);
	assert_int_equal(json_get_int(held, "story", 0), 1);
	assert_int_equal(json_length(json_get(held, "items")), 2);
	item = json_at(json_get(held, "items"), 0);
	assert_true(str_eq_c(json_get_str(item, "why"), "copy"));
	assert_true(str_eq_c(json_get_str(item, "id"), "msg_9"));
	assert_true(str_eq_c(json_get_str(item, "title"), "H"));
	assert_true(str_eq_c(json_get_str(item, "feed"), OTHER));
	client_end(&c);
}

/* The longest there may be: a thousand items, in the longest texts that are
 * kept, each byte of which is escaped. Whoever reads gets by it. */
static void
the_longest_answer_fits(void **state)
{
	static const char sql[] = "WITH RECURSIVE n (i) AS (SELECT 1"
	    " UNION ALL SELECT i + 1 FROM n WHERE i < 1100)"
	    " INSERT INTO story_held (alert, time, story, is_copy, told_by,"
	    " title, url, feed, site) SELECT 'msg_h' || i, 5, 7, 1, 'msg_1',"
	    " replace(hex(zeroblob(150)), '0', char(1)), long, long,"
	    " replace(hex(zeroblob(127)), '0', char(1)) FROM n,"
	    " (SELECT replace(hex(zeroblob(1024)), '0', char(1)) AS long)";
	struct rig *r = *state;
	struct client c;

	_Static_assert(HELD_MOST_TITLE == 2 * 150 && HELD_MOST_URL == 2 * 1024,
	    "as above");
	put(r, 1, "peace", 5);
	put(r, 2, "peace", 4);
	assert_int_equal(db_exec(r->r.db, sql, &r->r.err), 0);
	ask(r, &c, "/alerts?held=1000");
	assert_int_equal(run(r, &c), HTTP_OK);
	assert_int_equal(json_length(json_get(json_get(json_at(json_get(c.root,
	    "alerts"), 0), "held"), "items")), ALERTS_MOST_HELD);
	assert_int_equal(json_get_int(c.root, "next", 0), 1);
	assert_true(json_get_bool(c.root, "more"));
	client_end(&c);
	expect(r, "/alerts?held=1000&after=1", "2", 2, false);
}

/* Damaged, or of another version: it is listed, without words. */
static void
an_alert_that_cannot_be_read_is_listed(void **state)
{
	struct rig *r = *state;

	put(r, 1, "peace", 5);
	assert_int_equal(db_exec(r->r.db, "UPDATE alert SET body = '{'",
	    &r->r.err), 0);
	expect(r, "/alerts", "1", 1, false);
}

static const struct {
	const char	*path;
	int		 code;
	const char	*says;
} refusals[] = {
	{ "/alerts?since=0d", 400, "since: \\\"0d\\\" is no time at all (" },
	{ "/alerts?since=401d", 400, "since: \\\"401d\\\" is too long (" },
	{ "/alerts?since=401d", 400, "7d or 1h30m; at most 400d)" },
	{ "/alerts?since=24", 400, "since: \\\"24\\\" lacks its unit (" },
	{ "/alerts?since=", 400, "since: \\\"\\\" is not a duration (" },
	{ "/alerts?since=yesterday%0a%1b%5b2J", 400,
	    "since: \\\"yesterday [2J\\\" is not a duration (" },
	{ "/alerts?since=1h2d", 400, "the largest first" },
	{ "/alerts?limit=0", 400, "limit: \\\"0\\\" is no such number" },
	{ "/alerts?limit=1001", 400, "(alerts, 1 to 1000)" },
	{ "/alerts?held=1001", 400, "(items, 0 to 1000)" },
	{ "/alerts?after=-1", 400, "after: \\\"-1\\\" is no such number" },
	{ "/alerts?wait=61s", 400, "wait: \\\"61s\\\" is too long (" },
	{ "/alerts?wait=0", 400, "wait: \\\"0\\\" is no time at all (" },
	{ "/alerts?wait=30", 400, "as 30s or 1m; at most 60s)" },
	{ "/alerts?sinse=1h", 400, "\\\"sinse\\\" is not known (did you mean "
	    "since?)" },
	{ "/alerts?other=1", 400, "\\\"other\\\" is not known (since, topic, "
	    "limit, held, after and wait are)" },
	{ "/alerts?since", 400, "NAME=VALUE" },
	{ "/alerts?topic=", 400, "topic: it needs a name" },
	{ "/alerts?topic=paece", 404, "did you mean peace?" },
	{ "/alerts?topic=paece&wait=60s", 404, "did you mean peace?" },
	/* It alerted, and is configured no more. */
	{ "/alerts?topic=embargos", 404, "did you mean embargo?" },
	{ "/alerts?topic=paeced", 404, "did you mean peaced?" },
	{ "/alerts?topic=nowhere", 404, "no topic is called nowhere\"" },
};

static void
wrong_questions_are_refused(void **state)
{
	struct rig *r = *state;
	struct client c;

	put(r, 1, "peaced", 9);
	put(r, 2, "embargo", 8);
	put(r, 3, "embargo", 7);
	for (size_t i = 0; i < N(refusals); i++) {
		ask(r, &c, refusals[i].path);
		if (run(r, &c) != refusals[i].code ||
		    strstr(buf_cstr(&c.in), refusals[i].says) == NULL)
			fail_msg("%s: %s", refusals[i].path,
			    buf_cstr(&c.in));
		client_end(&c);
	}
}

/* Whoever follows a topic that has not alerted yet asks again and again. */
static void
names_are_compared_for_who_mistypes(void **state)
{
	struct rig *r = *state;
	struct alerts_ask ask = { .since_s = INT64_MIN, .after = -1,
		.topic = "paeced", .near = "paces", .limit = 1 };
	struct alerts_page page;
	struct buf out;

	put(r, 1, "peaced", 9);
	buf_init(&out, 4096);
	assert_int_equal(alerts_view_write(&ask, r->r.db, &out, &page,
	    &r->r.err), 0);
	assert_true(page.no_topic);
	assert_string_equal(page.near, "");
	ask.suggests = true;
	assert_int_equal(alerts_view_write(&ask, r->r.db, &out, &page,
	    &r->r.err), 0);
	assert_true(page.no_topic);
	assert_string_equal(page.near, "peaced");
	buf_clear(&out);
}

/* Some turns, in which nothing comes. */
static void
nothing_comes(struct rig *r, struct client *c)
{
	for (int i = 0; i < 30; i++)
		turn(r, c);
	assert_int_equal(c->in.n, 0);
}

static void
whoever_waits_is_told(void **state)
{
	struct rig *r = *state;
	struct client c, other;

	put(r, 1, "peace", 5);
	ask(r, &c, "/alerts?after=1&wait=60s");
	ask(r, &other, "/alerts?after=1&topic=peace&wait=60s");
	nothing_comes(r, &c);
	put(r, 2, "war", 5);
	mailbox_wake(r->watcher);
	assert_int_equal(run(r, &c), HTTP_OK);
	assert_int_equal(json_length(json_get(c.root, "alerts")), 1);
	assert_int_equal(json_get_int(c.root, "next", 0), 2);
	client_end(&c);
	nothing_comes(r, &other);
	put(r, 3, "peace", 50000);	/* a clock that was set back */
	mailbox_wake(r->watcher);
	assert_int_equal(run(r, &other), HTTP_OK);
	assert_int_equal(json_length(json_get(other.root, "alerts")), 1);
	assert_int_equal(json_get_int(other.root, "next", 0), 3);
	client_end(&other);
	/* In vain, until its time is over. */
	expect(r, "/alerts?after=3&wait=1s", "", 3, false);
}

/* What is stored just when somebody asks is in this answer or makes it. */
static void
nothing_is_lost_between_two_looks(void **state)
{
	struct rig *r = *state;
	struct client c;

	for (int i = 1; i <= 50; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/alerts?after=%d&wait=60s",
		    i - 1);
		ask(r, &c, path);
		for (int k = 0; k < i % 4; k++)
			event_base_loop(r->base, EVLOOP_NONBLOCK);
		put(r, i, "peace", 5);
		mailbox_wake(r->watcher);
		assert_int_equal(run(r, &c), HTTP_OK);
		assert_int_equal(json_get_int(c.root, "next", 0), i);
		client_end(&c);
	}
}

/* Until a place is free. */
static void
is_answered_again(struct rig *r, const char *path)
{
	struct client c;
	int code = 0;

	for (int i = 0; i < CLIENT_PATIENCE && code != HTTP_OK; i++) {
		ask(r, &c, path);
		code = run(r, &c);
		client_end(&c);
	}
	assert_int_equal(code, HTTP_OK);
}

static void
is_refused(struct rig *r, const char *path)
{
	struct client c;

	ask(r, &c, path);
	assert_int_equal(run(r, &c), HTTP_SERVUNAVAIL);
	client_end(&c);
}

/* Too many are told so, and keep out nobody who only asks; who hangs up leaves
 * its place. Those that wait at the end go with it. */
static void
places_are_left_by_those_who_go(void **state)
{
	static struct client waiting[CONTROL_ALERTS_WAITING];
	struct rig *r = *state;

	for (size_t i = 0; i < N(waiting); i++)
		ask(r, &waiting[i], "/alerts?after=0&wait=60s");
	nothing_comes(r, &waiting[0]);
	is_refused(r, "/alerts?after=0&wait=60s");
	expect(r, "/alerts", "", 0, false);
	for (size_t i = 1; i < N(waiting); i++)
		client_end(&waiting[i]);
	is_answered_again(r, "/alerts?after=0&wait=1s");
	client_end(&waiting[0]);
}

/* An answer is in memory until it is read: whoever does not read keeps its
 * place, so that there are never more of them. */
static void
who_does_not_read_keeps_its_place(void **state)
{
	static struct client deaf[CONTROL_ALERTS_AT_ONCE];
	struct rig *r = *state;
	int small = 16384;
	char byte;

	/* Of those that are accepted, too: the system keeps little of it. */
	assert_int_equal(setsockopt(evhttp_bound_socket_get_fd(r->bound),
	    SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
	put(r, 1, "peace", 5);
	assert_int_equal(db_exec(r->r.db, "UPDATE alert SET body ="
	    " '{\"data\":{\"item\":{\"title\":\"' || hex(zeroblob(250000)) ||"
	    " '\"}}}'", &r->r.err), 0);
	for (size_t i = 0; i < N(deaf); i++)
		ask(r, &deaf[i], "/alerts");
	for (size_t i = 0; i < N(deaf); i++)
		while (recv(deaf[i].fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) != 1)
			turn(r, NULL);
	is_refused(r, "/alerts");
	for (size_t i = 1; i < N(deaf); i++)
		client_end(&deaf[i]);
	is_answered_again(r, "/alerts");
	client_end(&deaf[0]);
}

static void
it_ends_while_some_wait(void **state)
{
	struct rig *r = *state;
	static struct client waiting[4];

	for (size_t i = 0; i < N(waiting); i++)
		ask(r, &waiting[i], "/alerts?after=0&wait=60s");
	turn(r, &waiting[0]);
	control_alerts_free(r->alerts);
	r->alerts = NULL;
	for (size_t i = 0; i < N(waiting); i++)
		client_end(&waiting[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		R(pieces_begin_where_others_end),
		R(what_is_left_out_has_a_bound),
		R(an_alert_says_where_it_went_and_what_it_held),
		R(the_longest_answer_fits),
		R(an_alert_that_cannot_be_read_is_listed),
		R(wrong_questions_are_refused),
		R(names_are_compared_for_who_mistypes),
		R(whoever_waits_is_told),
		R(nothing_is_lost_between_two_looks),
		R(places_are_left_by_those_who_go),
		R(who_does_not_read_keeps_its_place),
		R(it_ends_while_some_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
