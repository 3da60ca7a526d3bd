/* SPDX-License-Identifier: ISC */
/*
 * daemon/control over its socket: sinks, the outbox's rows in pieces, and the
 * orders that change them as somebody else gets them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/un.h>

#include <event2/http.h>

#include "alerts/outbox.h"
#include "alerts/outbox_edit.h"
#include "base/clock.h"
#include "conf_fixture.h"
#include "control_rig.h"
#include "daemon/control.h"
#include "daemon/status.h"
#include "texts_rig.h"

#define R(test)	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

struct rig {
	struct texts_rig	 r;		/* the first */
	struct event_base	*base;
	struct event		*tick;
	struct control		*control;
	struct sockaddr_un	 sun;
	struct clock		 clock;
	struct status_env	 env;
	/* The last order */
	int			 n_orders;
	enum control_order	 order;
	struct outbox_edit	 edit;
	char			 sink[64], id[64];
};

static void
on_order(enum control_order order, const struct outbox_edit *edit,
    const char *sink, uint64_t ticket, void *ctx)
{
	struct rig *r = ctx;

	r->n_orders++;
	r->order = order;
	r->sink[0] = r->id[0] = '\0';
	if (edit != NULL) {
		r->edit = *edit;
		snprintf(r->sink, sizeof(r->sink), "%.*s",
		    STR_ARG(edit->sink));
		snprintf(r->id, sizeof(r->id), "%.*s",
		    STR_ARG(edit->alert_id));
	} else
		snprintf(r->sink, sizeof(r->sink), "%s", sink);
	control_answer(r->control, ticket, HTTP_OK, STR("{\"ok\":true}"));
}

static const struct control_ops ops = { .on_order = on_order };

static int
set_up(void **state)
{
	struct texts_rig *texts = NULL;
	char path[PATH_MAX];
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
	buf_init(&text, 1 << 16);
	buf_addf(&text, "feeds: ['" FEED "']\n"
	    "topics: {peace: {match: peace, notify: [desk, bell]}}\n"
	    "sinks: {desk: {webhook: 'http://127.0.0.1:1/'}, bell: {webhook: "
	    "'http://127.0.0.1:1/'}}\nstore: {path: %s}\n", r->r.store_path);
	r->env = (struct status_env){ .conf = load_whole(&r->r.f,
		buf_cstr(&text)), .clock = &r->clock, .reader = r->r.db,
		.instance = "desk-1" };
	buf_clear(&text);
	in_dir(&r->r.f, "control.sock", path);
	r->sun.sun_family = AF_UNIX;
	assert_true(strlen(path) < sizeof(r->sun.sun_path));
	memcpy(r->sun.sun_path, path, strlen(path));
	r->control = control_new(r->base, path, &r->env, &ops, r, &r->r.err);
	if (r->control == NULL)
		fail_msg("%s", r->r.err.msg);
	*state = r;
	return 0;
}

static int
tear_down(void **state)
{
	struct rig *r = *state;

	control_free(r->control);
	event_free(r->tick);
	event_base_loop(r->base, EVLOOP_NONBLOCK);
	event_base_free(r->base);
	return texts_teardown(state);
}

/* Alert n, for both sinks: the rows 2n - 1 (desk) and 2n (bell). */
static void
put(struct rig *r, int n, int64_t age_s)
{
	static const struct str sinks[] = { { "desk", 4 }, { "bell", 4 } };
	char id[32], body[128];
	bool added;

	snprintf(id, sizeof(id), "msg_%d", n);
	snprintf(body, sizeof(body), "{\"data\":{\"severity\":\"notice\","
	    "\"item\":{\"title\":\"T%d\",\"url\":\"U%d\"}}}", n, n);
	assert_int_equal(outbox_add(r->r.db, &(struct outbox_alert){
		.id = str_from(id), .topic = STR("peace"), .feed = STR(FEED),
		.time_s = NOW_S - age_s, .body = str_from(body) }, sinks, 2,
		&added, &r->r.err), 0);
}

static int
ask(struct rig *r, struct client *c, const char *method, const char *path)
{
	client_ask(c, (struct sockaddr *)&r->sun, sizeof(r->sun), method,
	    path);
	return client_run(r->base, c);
}

/* Asks, and expects these rows ("1 2"), where to go on, and whether to. */
static void
expect(struct rig *r, const char *path, const char *rows, int64_t next,
    bool more)
{
	const struct json *list;
	struct client c;
	char found[256] = "";

	assert_int_equal(ask(r, &c, "GET", path), HTTP_OK);
	list = json_get(c.root, "outbox");
	for (size_t i = 0; i < json_length(list); i++) {
		size_t at = strlen(found);

		snprintf(found + at, sizeof(found) - at, "%s%d",
		    at > 0 ? " " : "",
		    (int)json_get_int(json_at(list, i), "seq", 0));
	}
	if (strcmp(found, rows) != 0)
		fail_msg("%s: %s, not %s", path, found, rows);
	assert_int_equal(json_get_int(c.root, "next", -1), next);
	assert_int_equal(json_get_bool(c.root, "more"), more);
	client_end(&c);
}

static void
rows_come_in_pieces(void **state)
{
	struct rig *r = *state;

	expect(r, "/outbox", "", 0, false);
	for (int n = 1; n <= 4; n++)
		put(r, n, n < 4 ? 7200 : 5);
	assert_int_equal(db_exec(r->r.db, "UPDATE outbox SET state ="
	    " CASE WHEN seq < 3 THEN 1 WHEN seq < 5 THEN 2 WHEN seq = 5 THEN 3"
	    " ELSE 0 END", &r->r.err), 0);
	/* What waits and what was given up. */
	expect(r, "/outbox", "3 4 6 7 8", 8, false);
	expect(r, "/outbox?limit=2", "3 4", 5, true);
	expect(r, "/outbox?limit=2&after=5", "6 7", 7, true);
	expect(r, "/outbox?limit=2&after=7", "8", 8, false);
	expect(r, "/outbox?state=sent", "1 2", 2, false);
	expect(r, "/outbox?state=dropped", "5", 5, false);
	assert_int_equal(db_exec(r->r.db, "UPDATE outbox SET state = 4"
	    " WHERE seq = 5", &r->r.err), 0);
	expect(r, "/outbox?state=in_digest", "5", 5, false);
	expect(r, "/outbox?sink=bell", "4 6 8", 8, false);
	expect(r, "/outbox?since=1h", "7 8", 8, false);
	expect(r, "/outbox?topic=peace&state=given_up", "3 4", 4, false);
}

/* The main loop, whose connection is left out here, reads neither of them. */
static void
long_answers_are_read_aside(void **state)
{
	struct rig *r = *state;
	struct client c;

	for (int n = 1; n <= 4; n++)
		put(r, n, 5);
	r->env.reader = NULL;
	expect(r, "/outbox?sink=bell", "2 4 6 8", 8, false);
	assert_int_equal(ask(r, &c, "GET", "/sinks"), HTTP_OK);
	assert_int_equal(json_get_int(json_at(c.root, 1), "waiting", 0), 4);
	client_end(&c);
}

/* Too many are told so; whoever hangs up, or asks at the end, costs nothing. */
static void
questions_aside_have_a_bound(void **state)
{
	enum { N = 30 };
	struct rig *r = *state;
	struct client clients[N];
	int answered = 0, refused = 0;

	for (int i = 0; i < N; i++)
		client_ask(&clients[i], (struct sockaddr *)&r->sun,
		    sizeof(r->sun), "GET", "/sinks");
	close(clients[0].fd);
	buf_clear(&clients[0].in);
	for (int i = 1; i < N; i++) {
		int code = client_run(r->base, &clients[i]);

		answered += code == HTTP_OK;
		refused += code == HTTP_SERVUNAVAIL;
		client_end(&clients[i]);
	}
	assert_int_equal(answered + refused, N - 1);
	assert_true(answered > 0);
	assert_true(refused > 0);
	for (int i = 0; i < 3; i++)
		client_ask(&clients[i], (struct sockaddr *)&r->sun,
		    sizeof(r->sun), "GET", "/outbox");
	event_base_loop(r->base, EVLOOP_ONCE);
	for (int i = 0; i < 3; i++) {
		close(clients[i].fd);
		buf_clear(&clients[i].in);
	}
}

static void
a_row_says_what_it_met(void **state)
{
	const struct outbox_mark mark = { .seq = 1, .tries = 2,
		.tried_s = NOW_S, .due_s = NOW_S + 20, .error = "HTTP 500" };
	struct rig *r = *state;
	const struct json *row;
	struct client c;

	put(r, 1, 5);
	assert_int_equal(outbox_apply(r->r.db, &mark, 1, &r->r.err), 0);
	assert_int_equal(ask(r, &c, "GET", "/outbox?sink=desk"), HTTP_OK);
	row = json_at(json_get(c.root, "outbox"), 0);
	assert_true(str_eq_c(json_get_str(row, "sink"), "desk"));
	assert_true(str_eq_c(json_get_str(row, "state"), "waiting"));
	assert_true(str_eq_c(json_get_str(row, "id"), "msg_1"));
	assert_true(str_eq_c(json_get_str(row, "title"), "T1"));
	assert_true(str_eq_c(json_get_str(row, "topic"), "peace"));
	assert_true(str_eq_c(json_get_str(row, "kind"), "alert"));
	assert_int_equal(json_get_int(row, "tries", 0), 2);
	assert_true(str_eq_c(json_get_str(row, "error"), "HTTP 500"));
	assert_true(json_get_str(row, "next").n > 0);
	client_end(&c);
	/* The sink fails with it, since then. */
	assert_int_equal(ask(r, &c, "GET", "/sinks"), HTTP_OK);
	assert_int_equal(json_length(c.root), 2);
	row = json_at(c.root, 0);
	assert_true(str_eq_c(json_get_str(row, "name"), "desk"));
	assert_true(str_eq_c(json_get_str(row, "state"), "failing"));
	assert_true(str_eq_c(json_get_str(row, "reason"), "HTTP 500"));
	assert_true(json_get_str(row, "since").n > 0);
	assert_int_equal(json_get_int(row, "waiting", 0), 1);
	row = json_at(c.root, 1);
	assert_true(str_eq_c(json_get_str(row, "state"), "works"));
	client_end(&c);
}

/* What waits for a sink that the configuration does not name. */
static void
a_sink_that_is_gone_is_told_while_rows_wait(void **state)
{
	static const struct str gone[] = { { "old one", 7 }, { "done", 4 } };
	struct rig *r = *state;
	const struct json *row;
	struct client c;
	bool added;

	put(r, 1, 5);
	assert_int_equal(outbox_add(r->r.db, &(struct outbox_alert){
		.id = STR("msg_2"), .topic = STR("peace"), .feed = STR(FEED),
		.time_s = NOW_S, .body = STR("{}") }, gone, 2, &added,
		&r->r.err), 0);
	assert_int_equal(db_exec(r->r.db, "UPDATE outbox SET state = 1"
	    " WHERE seq = 4", &r->r.err), 0);
	assert_int_equal(ask(r, &c, "GET", "/sinks"), HTTP_OK);
	assert_int_equal(json_length(c.root), 3);
	row = json_at(c.root, 2);
	assert_true(str_eq_c(json_get_str(row, "name"), "old one"));
	assert_true(str_eq_c(json_get_str(row, "state"), "not configured"));
	assert_int_equal(json_get_int(row, "waiting", 0), 1);
	assert_int_equal(json_get_str(row, "kind").n, 0);
	client_end(&c);
	expect(r, "/outbox?sink=old%20one", "3", 3, false);
	assert_int_equal(ask(r, &c, "POST", "/outbox/drop?sink=old%20one"),
	    HTTP_OK);
	client_end(&c);
	assert_string_equal(r->sink, "old one");
	/* Nothing is to wait for it anew. */
	assert_int_equal(ask(r, &c, "POST", "/outbox/replay?sink=old%20one"),
	    HTTP_NOTFOUND);
	client_end(&c);
	assert_int_equal(r->n_orders, 1);
}

static void
orders_are_handed_over(void **state)
{
	struct rig *r = *state;
	struct client c;

	assert_int_equal(ask(r, &c, "POST", "/outbox/replay?id=msg_7"),
	    HTTP_OK);
	client_end(&c);
	assert_int_equal(r->order, ORDER_REPLAY);
	assert_string_equal(r->id, "msg_7");
	assert_true(r->edit.sent_too);
	assert_int_equal(ask(r, &c, "POST",
	    "/outbox/drop?id=3..9&sink=bell&since=1h"), HTTP_OK);
	client_end(&c);
	assert_int_equal(r->order, ORDER_DROP);
	assert_string_equal(r->sink, "bell");
	assert_int_equal(r->edit.from, 3);
	assert_int_equal(r->edit.to, 9);
	assert_int_equal(r->edit.since_s, NOW_S - 3600);
	assert_false(r->edit.sent_too);
	assert_int_equal(ask(r, &c, "POST", "/outbox/replay?id=5"), HTTP_OK);
	client_end(&c);
	assert_int_equal(r->edit.from, 5);
	assert_int_equal(r->edit.to, 5);
	assert_true(r->edit.sent_too);
	assert_int_equal(ask(r, &c, "POST", "/sinks/d%65sk/disable"),
	    HTTP_OK);
	client_end(&c);
	assert_int_equal(r->order, ORDER_SINK_DISABLE);
	assert_string_equal(r->sink, "desk");
	assert_int_equal(r->n_orders, 4);
}

static void
what_is_wrong_is_told(void **state)
{
	static const struct {
		const char	*method, *path;
		int		 code;
		const char	*says;
	} cases[] = {
		{ "GET", "/outbox?stat=sent", 400, "did you mean state?" },
		{ "GET", "/outbox?state=snt", 400, "did you mean sent?" },
		{ "GET", "/outbox?limit=201", 400, "1 to 200" },
		{ "GET", "/outbox?limit=0", 400, "1 to 200" },
		{ "GET", "/outbox?sink=dsk", 404, "did you mean desk?" },
		{ "GET", "/outbox?topic=peac", 404, "peace" },
		{ "POST", "/outbox/drop", 400, "which ones?" },
		{ "POST", "/outbox/drop?since=1h", 400, "which ones?" },
		{ "POST", "/outbox/drop?id=9..3", 400, "backwards" },
		{ "POST", "/outbox/drop?id=3..", 400, "is none" },
		{ "POST", "/outbox/drop?id=..", 400, "is none" },
		{ "POST", "/outbox/drop?id=-1", 400, "is none" },
		{ "POST", "/outbox/drop?id=99999999999999999999", 400,
		    "is none" },
		{ "POST", "/outbox/replay?sink=%1b%5b31m", 404, "no sink" },
		{ "POST", "/sinks/dsk/test", 404, "did you mean desk?" },
		{ "GET", "/sinks/desk/test", 405, "POST" },
		{ "GET", "/outbox/drop?id=1", 405, "this path takes POST" },
		{ "POST", "/sinks", 405, "this path takes GET" },
	};
	struct rig *r = *state;
	struct client c;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int code = ask(r, &c, cases[i].method, cases[i].path);
		struct str says = json_get_str(c.root, "message");

		if (code != cases[i].code || memmem(says.p, says.n,
		    cases[i].says, strlen(cases[i].says)) == NULL)
			fail_msg("%s: %d %.*s", cases[i].path, code,
			    STR_ARG(says));
		assert_null(memchr(says.p, '\033', says.n));
		client_end(&c);
	}
	assert_int_equal(r->n_orders, 0);
}

/* Of the only topic: its hours, the last one first, as "2 0 1"; the rest is
 * zero. */
static void
expect_hours(struct rig *r, int64_t alerts, const char *hours)
{
	const struct json *topic, *by_hour;
	char found[24 * 8] = "";
	struct client c;
	size_t n = 0, last = 0;

	assert_int_equal(ask(r, &c, "GET", "/topics"), 200);
	topic = json_at(json_get(c.root, "topics"), 0);
	assert_true(str_eq(json_get_str(topic, "name"), STR("peace")));
	assert_int_equal(json_get_int(topic, "alerts", -1), alerts);
	by_hour = json_get(topic, "by_hour");
	assert_int_equal(json_length(by_hour), 24);
	for (size_t i = 0; i < json_length(by_hour); i++) {
		struct str v = json_as_text(json_at(by_hour, 23 - i));

		n += (size_t)snprintf(found + n, sizeof(found) - n, "%s%.*s",
		    i > 0 ? " " : "", STR_ARG(v));
		if (!str_eq(v, STR("0")))
			last = n;
	}
	found[last] = '\0';
	assert_string_equal(found, hours);
	client_end(&c);
}

static void
topics_have_a_day_of_hours(void **state)
{
	struct rig *r = *state;
	int64_t hour_s = 3600, into_s = NOW_S % hour_s;

	expect_hours(r, 0, "");
	put(r, 1, into_s + 23 * hour_s + 1);	/* a second too old */
	put(r, 2, into_s + 2 * hour_s + 1);
	put(r, 3, 0);
	expect_hours(r, 2, "1 0 0 1");
	put(r, 4, 0);				/* since the last look */
	expect_hours(r, 3, "2 0 0 1");
	clock_advance(&r->clock, 21 * hour_s * CLOCK_US_PER_S);
	expect_hours(r, 2, "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2");
	clock_advance(&r->clock, 2 * hour_s * CLOCK_US_PER_S);
	expect_hours(r, 2, "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2");
	clock_advance(&r->clock, hour_s * CLOCK_US_PER_S);
	expect_hours(r, 0, "");
	put(r, 5, -24 * hour_s);		/* it is again */
	expect_hours(r, 1, "1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		R(rows_come_in_pieces),
		R(long_answers_are_read_aside),
		R(questions_aside_have_a_bound),
		R(a_row_says_what_it_met),
		R(a_sink_that_is_gone_is_told_while_rows_wait),
		R(orders_are_handed_over),
		R(what_is_wrong_is_told),
		R(topics_have_a_day_of_hours),
	};

	/* As the daemon does. */
	assert_int_equal(sigaction(SIGPIPE, &(struct sigaction){
		.sa_handler = SIG_IGN }, NULL), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
