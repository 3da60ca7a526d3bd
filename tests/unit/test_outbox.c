/* SPDX-License-Identifier: ISC */
/* Alerts from their birth to sent, given up or dropped, over a real store. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "alerts/outbox.h"
#include "base/db.h"
#include "base/err.h"

#include "outbox_agrees.h"

static struct err err;

/* The store's single values, where fingerprints are kept. */
static const char meta_schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
    " WITHOUT ROWID;";

static int
set_up(void **state)
{
	const char *const steps[] = { outbox_schema, meta_schema,
		outbox_schema_2, outbox_count_schema };
	struct db *db = db_open(":memory:", DB_WRITER, &err);

	*state = db;
	return db != NULL ? db_migrate(db, steps, 4, &err) : -1;
}

static int
tear_down(void **state)
{
	assert_int_equal(outbox_disagrees(*state), 0);
	db_close(*state);
	return 0;
}

/* Adds "msg_<n>" of the time 1000 + n for the sinks; true when it was new. */
static bool
add(struct db *db, int n, const char *const *names, size_t n_names)
{
	struct str sinks[8];
	char id[32], body[32];
	bool added = false;

	snprintf(id, sizeof(id), "msg_%d", n);
	snprintf(body, sizeof(body), "{\"n\":%d}", n);
	for (size_t i = 0; i < n_names; i++)
		sinks[i] = str_from(names[i]);
	assert_int_equal(outbox_add(db, &(struct outbox_alert){
		.id = str_from(id), .topic = STR("topic"),
		.feed = STR("https://e.org/f"), .time_s = 1000 + n,
		.body = str_from(body) }, sinks, n_names, &added, &err), 0);
	return added;
}

static const char *const both[] = { "a", "b" };

/* What each_waiting gave. */
struct seen {
	size_t			n;
	struct outbox_row	row[16];
	char			id[16][32], body[16][32];
};

static void
note(const struct outbox_row *r, void *ctx)
{
	struct seen *s = ctx;

	assert_true(s->n < 16);
	s->row[s->n] = *r;
	snprintf(s->id[s->n], 32, "%.*s", STR_ARG(r->alert_id));
	snprintf(s->body[s->n], 32, "%.*s", STR_ARG(r->body));
	s->n++;
}

static struct seen
waiting(struct db *db, const char *sink, int64_t after, size_t limit)
{
	struct seen s = { 0 };

	assert_int_equal(outbox_each_waiting(db, sink, after, limit, note, &s,
	    &err), 0);
	return s;
}

static struct outbox_counts
counts(struct db *db, const char *sink)
{
	struct outbox_counts n;

	assert_int_equal(outbox_count(db, sink, &n, &err), 0);
	return n;
}

static void
apply(struct db *db, const struct outbox_mark *m)
{
	assert_int_equal(outbox_apply(db, m, 1, &err), 0);
}

static void
test_add(void **state)
{
	struct db *db = *state;
	struct seen s;

	assert_true(add(db, 1, both, 2));
	assert_true(add(db, 2, both, 1));
	s = waiting(db, "a", 0, 10);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.id[0], "msg_1");
	assert_string_equal(s.body[0], "{\"n\":1}");
	assert_int_equal(s.row[0].time_s, 1001);
	assert_int_equal(s.row[0].tries, 0);
	assert_int_equal(s.row[0].first_tried_s, 0);
	assert_int_equal(s.row[0].due_s, 0);
	assert_string_equal(s.id[1], "msg_2");
	assert_true(s.row[1].seq > s.row[0].seq);
	assert_int_equal(waiting(db, "b", 0, 10).n, 1);
	assert_int_equal(waiting(db, "nobody", 0, 10).n, 0);
}

/* "A topic alerts once per item", whatever became of the first. */
static void
test_find_time(void **state)
{
	struct db *db = *state;
	int64_t at_s = -1;

	assert_true(add(db, 1, both, 2));
	assert_true(add(db, 2, both, 0));
	assert_int_equal(outbox_find_time(db, STR("msg_1"), &at_s, &err), 0);
	assert_int_equal(at_s, 1001);
	assert_int_equal(outbox_find_time(db, STR("msg_2"), &at_s, &err), 0);
	assert_int_equal(at_s, 1002);
	assert_int_equal(outbox_find_time(db, STR("msg_3"), &at_s, &err), 0);
	assert_int_equal(at_s, 0);
}

static void
test_add_again(void **state)
{
	struct db *db = *state;
	struct outbox_mark sent = { .state = OUTBOX_SENT, .tries = 1 };

	assert_true(add(db, 1, both, 1));
	assert_false(add(db, 1, both, 2));
	assert_int_equal(waiting(db, "a", 0, 10).n, 1);
	assert_int_equal(waiting(db, "b", 0, 10).n, 0);
	sent.seq = waiting(db, "a", 0, 10).row[0].seq;
	apply(db, &sent);
	assert_false(add(db, 1, both, 2));
	assert_int_equal(waiting(db, "a", 0, 10).n, 0);
}

static void
test_add_odd_sinks(void **state)
{
	static const char *const twice[] = { "a", "a" };
	struct db *db = *state;

	assert_true(add(db, 1, twice, 2));
	assert_int_equal(waiting(db, "a", 0, 10).n, 1);
	assert_true(add(db, 2, NULL, 0));
	assert_false(add(db, 2, both, 1));
	assert_int_equal(waiting(db, "a", 0, 10).n, 1);
}

static void
test_cursor(void **state)
{
	struct db *db = *state;
	struct seen all, s;

	for (int i = 1; i <= 5; i++)
		add(db, i, both, 2);
	all = waiting(db, "a", 0, 10);
	assert_int_equal(all.n, 5);
	s = waiting(db, "a", 0, 2);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.id[1], "msg_2");
	s = waiting(db, "a", s.row[1].seq, 2);
	assert_string_equal(s.id[0], "msg_3");
	assert_int_equal(waiting(db, "a", all.row[4].seq, 10).n, 0);
}

/* A reader's cursor would never see a number that came back. */
static void
test_numbers_do_not_come_back(void **state)
{
	struct db *db = *state;
	int64_t last;

	add(db, 1, both, 1);
	last = waiting(db, "a", 0, 10).row[0].seq;
	assert_int_equal(db_exec(db, "DELETE FROM outbox; DELETE FROM alert",
	    &err), 0);
	add(db, 2, both, 1);
	assert_int_equal(waiting(db, "a", last, 10).n, 1);
}

static void
test_waiting_mark(void **state)
{
	struct db *db = *state;
	struct outbox_mark m = { .state = OUTBOX_WAITING, .tries = 1,
		.tried_s = 2000, .due_s = 2005, .error = "HTTP 503" };
	struct seen s;

	add(db, 1, both, 1);
	m.seq = waiting(db, "a", 0, 1).row[0].seq;
	apply(db, &m);
	m.tries = 2;
	m.tried_s = 2005;
	m.due_s = 2015;
	apply(db, &m);
	s = waiting(db, "a", 0, 1);
	assert_int_equal(s.row[0].tries, 2);
	assert_int_equal(s.row[0].first_tried_s, 2000);
	assert_int_equal(s.row[0].due_s, 2015);
}

/* What a sink that was switched off leaves behind: a fresh start. */
static void
test_mark_with_no_tries(void **state)
{
	struct db *db = *state;
	struct outbox_mark m = { .state = OUTBOX_WAITING, .tries = 3,
		.tried_s = 2000, .due_s = 2005, .error = "HTTP 503" };
	struct seen s;

	add(db, 1, both, 1);
	m.seq = waiting(db, "a", 0, 1).row[0].seq;
	apply(db, &m);
	m.tries = 0;
	m.due_s = 0;
	apply(db, &m);
	s = waiting(db, "a", 0, 1);
	assert_int_equal(s.row[0].tries, 0);
	assert_int_equal(s.row[0].first_tried_s, 0);
	assert_int_equal(s.row[0].due_s, 0);
}

static const struct {
	const char		*says;
	enum outbox_state	 before, mark, want;
} transitions[] = {
	{ "a waiting row is sent", OUTBOX_WAITING, OUTBOX_SENT, OUTBOX_SENT },
	{ "a waiting row is given up", OUTBOX_WAITING, OUTBOX_GIVEN_UP,
	    OUTBOX_GIVEN_UP },
	{ "a row dropped under way was sent all the same", OUTBOX_DROPPED,
	    OUTBOX_SENT, OUTBOX_SENT },
	{ "a late failure does not bring a dropped row back", OUTBOX_DROPPED,
	    OUTBOX_WAITING, OUTBOX_DROPPED },
	{ "nor one that was given up", OUTBOX_GIVEN_UP, OUTBOX_WAITING,
	    OUTBOX_GIVEN_UP },
	{ "what was sent stays sent", OUTBOX_SENT, OUTBOX_WAITING,
	    OUTBOX_SENT },
	{ "what was sent is not given up", OUTBOX_SENT, OUTBOX_GIVEN_UP,
	    OUTBOX_SENT },
};

static enum outbox_state
stored(struct db *db, int64_t seq)
{
	struct db_stmt *q = db_query(db, "SELECT state FROM outbox"
	    " WHERE seq = ?", DB_ARGS(DB_I(seq)), &err);
	enum outbox_state got;

	assert_int_equal(db_next(q, &err), DB_ROW);
	got = (enum outbox_state)db_int(q, 0);
	db_done(q);
	return got;
}

static void
test_transitions(void **state)
{
	struct db *db = *state;

	for (size_t i = 0; i < sizeof(transitions) / sizeof(transitions[0]);
	    i++) {
		struct outbox_mark m = { .tries = 1, .tried_s = 9 };

		add(db, (int)i, both, 1);
		m.seq = db_last_id(db);
		m.state = transitions[i].before;
		apply(db, &m);
		m.state = transitions[i].mark;
		apply(db, &m);
		if (stored(db, m.seq) != transitions[i].want)
			fail_msg("%s", transitions[i].says);
	}
}

static void
test_marks_of_gone_rows(void **state)
{
	const struct outbox_mark m[] = {
		{ .seq = 777, .state = OUTBOX_SENT, .tries = 1 },
		{ .seq = 1, .state = OUTBOX_SENT, .tries = 1 },
	};
	struct db *db = *state;

	add(db, 1, both, 1);
	assert_int_equal(outbox_apply(db, m, 2, &err), 0);
	assert_int_equal(counts(db, "a").sent, 1);
	assert_int_equal(outbox_apply(db, m, 0, &err), 0);
}

static void
test_count(void **state)
{
	struct db *db = *state;
	struct outbox_counts n = counts(db, "a");
	struct outbox_mark m = { .state = OUTBOX_SENT, .tries = 1 };

	assert_int_equal(n.waiting + n.sent + n.given_up + n.oldest_s, 0);
	for (int i = 1; i <= 4; i++)
		add(db, i, both, 2);
	m.seq = waiting(db, "a", 0, 1).row[0].seq;
	apply(db, &m);
	m.state = OUTBOX_GIVEN_UP;
	m.seq = waiting(db, "a", 0, 1).row[0].seq;
	apply(db, &m);
	n = counts(db, "a");
	assert_int_equal(n.waiting, 2);
	assert_int_equal(n.sent, 1);
	assert_int_equal(n.given_up, 1);
	assert_int_equal(n.oldest_s, 1003);
	assert_int_equal(counts(db, "b").waiting, 4);
	assert_int_equal(counts(db, "b").oldest_s, 1001);
}

static void
test_give_up(void **state)
{
	struct db *db = *state;
	struct outbox_mark m = { .state = OUTBOX_SENT, .tries = 1 };

	for (int i = 1; i <= 3; i++)
		add(db, i, both, 2);
	m.seq = waiting(db, "a", 0, 1).row[0].seq;
	apply(db, &m);
	assert_int_equal(outbox_give_up(db, "a", "no answer for 7 d", 5000,
	    &err), 0);
	assert_int_equal(counts(db, "a").given_up, 2);
	assert_int_equal(counts(db, "a").sent, 1);
	assert_int_equal(counts(db, "a").waiting, 0);
	assert_int_equal(counts(db, "b").waiting, 3);
}

static void
test_sink_state(void **state)
{
	const struct outbox_sink_state off = { .disabled = true,
		.since_s = 4000, .reason = "HTTP 410" };
	struct outbox_sink_state got;
	struct db *db = *state;

	assert_int_equal(outbox_load_sink(db, "a", &got, &err), 0);
	assert_false(got.disabled);
	assert_int_equal(outbox_save_sink(db, "a", &off, &err), 0);
	assert_int_equal(outbox_load_sink(db, "a", &got, &err), 0);
	assert_true(got.disabled);
	assert_int_equal(got.since_s, 4000);
	assert_string_equal(got.reason, "HTTP 410");
	assert_int_equal(outbox_load_sink(db, "b", &got, &err), 0);
	assert_false(got.disabled);
	assert_string_equal(got.reason, "");
}

/* A disabled sink keeps what comes; and comes back on. */
static void
test_sink_off_and_on(void **state)
{
	struct outbox_sink_state s = { .disabled = true };
	struct db *db = *state;

	assert_int_equal(outbox_save_sink(db, "a", &s, &err), 0);
	assert_true(add(db, 1, both, 2));
	assert_int_equal(counts(db, "a").waiting, 1);
	assert_int_equal(outbox_load_sink(db, "a", &s, &err), 0);
	assert_true(s.disabled);
	s = (struct outbox_sink_state){ 0 };
	assert_int_equal(outbox_save_sink(db, "a", &s, &err), 0);
	assert_int_equal(outbox_load_sink(db, "a", &s, &err), 0);
	assert_false(s.disabled);
	assert_int_equal(counts(db, "a").waiting, 1);
}

/*
 * Fingerprints
 */

static bool
note_sink(struct db *db, const char *sink, const char *print)
{
	bool enabled = false;

	assert_int_equal(outbox_note_sink(db, sink, print, &enabled, &err), 0);
	return enabled;
}

static bool
is_disabled(struct db *db, const char *sink)
{
	struct outbox_sink_state s;

	assert_int_equal(outbox_load_sink(db, sink, &s, &err), 0);
	assert_true(s.disabled || s.reason[0] == '\0');
	return s.disabled;
}

static void
switch_off(struct db *db, const char *sink)
{
	const struct outbox_sink_state off = { .disabled = true,
		.since_s = 4000, .reason = "HTTP 410" };

	assert_int_equal(outbox_save_sink(db, sink, &off, &err), 0);
}

static void
test_note_sink(void **state)
{
	struct db *db = *state;

	assert_false(note_sink(db, "a", "1"));	/* it was on */
	switch_off(db, "a");
	switch_off(db, "b");
	assert_false(note_sink(db, "a", "1"));	/* nothing was changed */
	assert_true(is_disabled(db, "a"));
	assert_true(note_sink(db, "a", "2"));
	assert_false(is_disabled(db, "a"));
	assert_false(note_sink(db, "a", "1"));
	assert_false(is_disabled(db, "a"));
	assert_true(is_disabled(db, "b"));
	assert_true(note_sink(db, "b", "1"));	/* never seen before */
	assert_false(is_disabled(db, "b"));
}

/* A store that the first version wrote: its fingerprints are found. */
static void
test_note_sink_in_an_old_store(void **state)
{
	struct db *db = *state;

	assert_int_equal(db_exec(db, "INSERT INTO meta VALUES"
	    " ('sink:a', '1'), ('instance', 'desk-1')", &err), 0);
	switch_off(db, "a");
	assert_false(note_sink(db, "a", "1"));
	assert_true(is_disabled(db, "a"));
	assert_true(note_sink(db, "a", "2"));
}

/* New settings have all their time, and begin at once. */
static void
test_note_sink_forgets_tries(void **state)
{
	struct db *db = *state;
	struct outbox_mark m = { .state = OUTBOX_WAITING, .tries = 7,
		.tried_s = 2000, .due_s = 2900, .error = "HTTP 503" };
	struct seen s;

	note_sink(db, "a", "1");
	note_sink(db, "b", "1");
	add(db, 1, both, 2);
	m.seq = waiting(db, "a", 0, 1).row[0].seq;
	apply(db, &m);
	m.seq = waiting(db, "b", 0, 1).row[0].seq;
	apply(db, &m);
	note_sink(db, "a", "1");
	assert_int_equal(waiting(db, "a", 0, 1).row[0].tries, 7);
	note_sink(db, "a", "2");
	s = waiting(db, "a", 0, 1);
	assert_int_equal(s.row[0].tries, 0);
	assert_int_equal(s.row[0].first_tried_s, 0);
	assert_int_equal(s.row[0].due_s, 0);
	s = waiting(db, "b", 0, 1);
	assert_int_equal(s.row[0].tries, 7);
	assert_int_equal(s.row[0].due_s, 2900);
}

/* The old settings' first try is not the new ones'. */
static void
test_first_try_counts_anew(void **state)
{
	struct db *db = *state;
	struct outbox_mark m = { .state = OUTBOX_WAITING, .tries = 7,
		.tried_s = 2000, .due_s = 2900 };

	add(db, 1, both, 1);
	m.seq = waiting(db, "a", 0, 1).row[0].seq;
	apply(db, &m);
	m.tries = 1;
	m.tried_s = 9000;
	apply(db, &m);
	assert_int_equal(waiting(db, "a", 0, 1).row[0].first_tried_s, 9000);
}

/*
 * Forgetting
 */

static int64_t
count_alerts(struct db *db)
{
	struct db_stmt *q = db_query(db, "SELECT count(*) FROM alert",
	    DB_NO_ARGS, &err);
	int64_t n;

	assert_int_equal(db_next(q, &err), DB_ROW);
	n = db_int(q, 0);
	db_done(q);
	return n;
}

/* Does alert n stand in the store? */
static bool
stands(struct db *db, int n)
{
	struct db_stmt *q;
	enum db_step step;
	char id[32];

	snprintf(id, sizeof(id), "msg_%d", n);
	q = db_query(db, "SELECT 1 FROM alert WHERE id = ?",
	    DB_ARGS(DB_S(str_from(id))), &err);
	step = db_next(q, &err);
	db_done(q);
	return step == DB_ROW;
}

static void
mark_first(struct db *db, const char *sink, enum outbox_state s)
{
	struct outbox_mark m = { .state = s, .tries = 1, .tried_s = 1500 };

	m.seq = waiting(db, sink, 0, 1).row[0].seq;
	apply(db, &m);
}

static void
forget(struct db *db, int64_t before_s)
{
	assert_int_equal(outbox_forget(db, before_s, &err), 0);
}

static const struct {
	const char		*says;
	const char		*sinks[2];
	enum outbox_state	 state[2];
	bool			 kept;
} fates[] = {
	{ "sent to its sink it goes", { "a" }, { OUTBOX_SENT }, false },
	{ "given up it goes as well", { "a" }, { OUTBOX_GIVEN_UP }, false },
	{ "and dropped", { "a" }, { OUTBOX_DROPPED }, false },
	{ "for no sink at all too", { NULL }, { OUTBOX_WAITING }, false },
	{ "what waits is kept", { "a" }, { OUTBOX_WAITING }, true },
	{ "also when one of two has it", { "a", "b" },
	    { OUTBOX_SENT, OUTBOX_WAITING }, true },
	{ "or one of two gave it up", { "a", "b" },
	    { OUTBOX_WAITING, OUTBOX_GIVEN_UP }, true },
	{ "both have it", { "a", "b" }, { OUTBOX_SENT, OUTBOX_GIVEN_UP },
	    false },
	{ "a sink that is off keeps it no longer", { "off" },
	    { OUTBOX_WAITING }, false },
	{ "one that is on beside it does", { "off", "a" },
	    { OUTBOX_WAITING, OUTBOX_WAITING }, true },
};

static void
test_forget(void **state)
{
	struct db *db = *state;

	switch_off(db, "off");
	for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
		size_t n = 0;

		assert_int_equal(db_exec(db, "DELETE FROM outbox;"
		    "DELETE FROM alert; DELETE FROM raised", &err), 0);
		while (n < 2 && fates[i].sinks[n] != NULL)
			n++;
		add(db, 1, fates[i].sinks, n);
		for (size_t k = 0; k < n; k++)
			if (fates[i].state[k] != OUTBOX_WAITING)
				mark_first(db, fates[i].sinks[k],
				    fates[i].state[k]);
		forget(db, 1001);		/* of this very second */
		if (!stands(db, 1))
			fail_msg("%s: too early", fates[i].says);
		forget(db, 1002);
		if (stands(db, 1) != fates[i].kept)
			fail_msg("%s", fates[i].says);
	}
}

/* A topic alerts once per item: also when nobody remembers the alert. */
static void
test_forgotten_is_not_raised_again(void **state)
{
	struct db *db = *state;

	add(db, 1, both, 1);
	mark_first(db, "a", OUTBOX_SENT);
	forget(db, 2000);
	assert_false(stands(db, 1));
	assert_false(add(db, 1, both, 2));
	assert_false(stands(db, 1));
	assert_int_equal(counts(db, "a").waiting, 0);
	assert_true(add(db, 2, both, 1));
}

static void
test_forget_leaves_no_way(void **state)
{
	struct db *db = *state;

	add(db, 1, both, 2);
	add(db, 2, both, 2);
	mark_first(db, "a", OUTBOX_SENT);
	mark_first(db, "b", OUTBOX_GIVEN_UP);
	forget(db, 2000);
	assert_int_equal(counts(db, "a").sent, 0);
	assert_int_equal(counts(db, "b").given_up, 0);
	assert_int_equal(counts(db, "a").waiting, 1);
	assert_int_equal(counts(db, "b").waiting, 1);
	forget(db, INT64_MIN);
	assert_int_equal(count_alerts(db), 1);
}

/* Many, with some between them that wait. */
static void
test_forget_many(void **state)
{
	struct db *db = *state;

	for (int i = 1; i <= 2500; i++)
		add(db, i, both, i % 100 == 0);	/* every 100th waits */
	forget(db, 1000 + 2001);
	assert_int_equal(count_alerts(db), 500 + 20);
	assert_true(stands(db, 2000));
	assert_false(stands(db, 1999));
	assert_true(stands(db, 2001));
	forget(db, 1000 + 2001);
	assert_int_equal(count_alerts(db), 500 + 20);
}

/*
 * A clock ran ahead for a while and was set back: what it wrote stands before
 * what is older, and hides nothing.
 */
static void
test_forget_after_a_wild_clock(void **state)
{
	struct db *db = *state;

	for (int i = 1; i <= 1200; i++)
		add(db, 1000000 + i, NULL, 0);
	for (int i = 1; i <= 20; i++)
		add(db, i, NULL, 0);
	forget(db, 1000 + 11);
	assert_false(stands(db, 1));
	assert_false(stands(db, 10));
	assert_true(stands(db, 11));
	assert_int_equal(count_alerts(db), 1200 + 10);
}

static void
test_forget_nothing(void **state)
{
	struct db *db = *state;

	forget(db, INT64_MAX);
	add(db, 1, NULL, 0);
	forget(db, INT64_MAX);
	assert_int_equal(count_alerts(db), 0);
}

static void
test_hostile_text(void **state)
{
	static const char nasty[] = "'; DROP TABLE outbox; --\0hidden\xff";
	struct str body = { nasty, sizeof(nasty) - 1 };
	struct str sink = STR("a'\"b");
	struct db *db = *state;
	bool added;
	struct seen s;

	assert_int_equal(outbox_add(db, &(struct outbox_alert){
		.id = STR("x"), .topic = STR(""), .feed = STR(""),
		.body = body }, &sink, 1, &added, &err), 0);
	assert_true(added);
	s = waiting(db, "a'\"b", 0, 10);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.row[0].body.n, body.n);
}

/* What a transaction has taken back was never counted. */
static void
test_count_is_undone(void **state)
{
	struct db *db = *state;

	add(db, 1, both, 2);
	assert_int_equal(db_begin(db, &err), 0);
	add(db, 2, both, 2);
	assert_int_equal(outbox_give_up(db, "a", "e", 5000, &err), 0);
	assert_int_equal(counts(db, "a").given_up, 2);
	db_rollback(db);
	assert_int_equal(counts(db, "a").waiting, 1);
	assert_int_equal(counts(db, "a").given_up, 0);
	assert_int_equal(counts(db, "b").waiting, 1);
}

/* A store from before they were kept: what is there is counted once. */
static void
test_count_of_an_old_store(void **state)
{
	const char *const steps[] = { outbox_schema, meta_schema,
		outbox_schema_2, outbox_count_schema };
	struct db *db = db_open(":memory:", DB_WRITER, &err);

	(void)state;
	assert_non_null(db);
	assert_int_equal(db_migrate(db, steps, 3, &err), 0);
	for (int i = 1; i <= 3; i++)
		add(db, i, both, 2);
	assert_int_equal(outbox_give_up(db, "b", "e", 5000, &err), 0);
	assert_int_equal(db_migrate(db, steps, 4, &err), 0);
	add(db, 4, both, 2);
	assert_int_equal(counts(db, "a").waiting, 4);
	assert_int_equal(counts(db, "b").given_up, 3);
	assert_int_equal(counts(db, "b").waiting, 1);
	assert_int_equal(outbox_disagrees(db), 0);
	db_close(db);
}

/* It costs the same however many there are: no row of theirs is gone over. */
static void
test_count_reads_no_rows(void **state)
{
	struct outbox_counts n;
	struct db *db = *state;

	add(db, 1, both, 2);
	assert_int_equal(db_exec(db, "UPDATE outbox_count SET n = 300000"
	    " WHERE state = 0", &err), 0);
	assert_int_equal(outbox_count(db, "a", &n, &err), 0);
	assert_int_equal(n.waiting, 300000);
	assert_int_equal(n.oldest_s, 1001);
	assert_int_equal(db_exec(db, "UPDATE outbox_count SET n = 1"
	    " WHERE state = 0", &err), 0);
}

static void
test_without_tables(void **state)
{
	struct db *db = db_open(":memory:", DB_WRITER, &err);
	struct outbox_mark m = { .seq = 1 };
	struct outbox_counts n;
	bool enabled = true;

	(void)state;
	assert_non_null(db);
	assert_int_equal(outbox_apply(db, &m, 1, &err), -1);
	assert_int_equal(outbox_count(db, "a", &n, &err), -1);
	assert_int_equal(outbox_forget(db, 1, &err), -1);
	assert_int_equal(outbox_note_sink(db, "a", "1", &enabled, &err), -1);
	assert_false(enabled);
	assert_non_null(strstr(err.msg, "no such table"));
	assert_int_equal(outbox_find_time(db, STR("1"), &(int64_t){ 0 }, &err),
	    -1);
	db_close(db);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_add),
		TEST(test_find_time),
		TEST(test_add_again),
		TEST(test_add_odd_sinks),
		TEST(test_cursor),
		TEST(test_numbers_do_not_come_back),
		TEST(test_waiting_mark),
		TEST(test_mark_with_no_tries),
		TEST(test_transitions),
		TEST(test_marks_of_gone_rows),
		TEST(test_count),
		TEST(test_count_is_undone),
		TEST(test_count_of_an_old_store),
		TEST(test_count_reads_no_rows),
		TEST(test_give_up),
		TEST(test_sink_state),
		TEST(test_sink_off_and_on),
		TEST(test_note_sink),
		TEST(test_note_sink_in_an_old_store),
		TEST(test_note_sink_forgets_tries),
		TEST(test_first_try_counts_anew),
		TEST(test_forget),
		TEST(test_forgotten_is_not_raised_again),
		TEST(test_forget_leaves_no_way),
		TEST(test_forget_many),
		TEST(test_forget_after_a_wild_clock),
		TEST(test_forget_nothing),
		TEST(test_hostile_text),
		cmocka_unit_test(test_without_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
