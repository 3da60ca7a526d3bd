/* SPDX-License-Identifier: ISC */
/* What was alerted as a list: in pieces, since when, of a topic, and where each
 * alert went. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alerts/alert_brief.h"
#include "alerts/outbox_list.h"
#include "base/db.h"
#include "base/err.h"
#include "base/json.h"

static struct err err;

static int
set_up(void **state)
{
	const char *const steps[] = { outbox_schema, outbox_schema_2,
		outbox_list_schema, outbox_count_schema };
	struct db *db = db_open(":memory:", DB_WRITER, &err);

	*state = db;
	return db != NULL ? db_migrate(db, steps, 4, &err) : -1;
}

static int
tear_down(void **state)
{
	db_close(*state);
	return 0;
}

static void
add(struct db *db, int n, const char *topic, int64_t time_s)
{
	const struct str sinks[] = { STR("b"), STR("a") };
	char id[32];
	bool added;

	snprintf(id, sizeof(id), "msg_%d", n);
	assert_int_equal(outbox_add(db, &(struct outbox_alert){
		.id = str_from(id), .topic = str_from(topic),
		.feed = STR("f"), .time_s = time_s, .body = STR("{}") },
	    sinks, 2, &added, &err), 0);
	assert_true(added);
}

/* What a list gave: "1 2 3". */
struct seen {
	char	what[256];
	size_t	n, stop_at;
};

static int
note(const struct outbox_listed *row, void *ctx)
{
	struct seen *s = ctx;
	size_t at = strlen(s->what);

	assert_true(str_starts(row->id, STR("msg_")));
	assert_string_equal(row->body.p, "{}");
	snprintf(s->what + at, sizeof(s->what) - at, "%s%.*s",
	    at > 0 ? " " : "", STR_ARG(str_sub(row->id, 4, row->id.n)));
	return ++s->n == s->stop_at;
}

static void
expect(struct db *db, struct outbox_list *l, size_t stop_at,
    const char *what, bool is_end)
{
	struct seen s = { .stop_at = stop_at };

	assert_int_equal(outbox_list_each(db, l, note, &s, &err), 0);
	assert_string_equal(s.what, what);
	assert_int_equal(l->is_end, is_end);
}

#define ALL	INT64_MIN

static void
a_list_comes_in_pieces(void **state)
{
	struct outbox_list l = { .after = 0, .since_s = ALL, .most = 100 };

	for (int i = 1; i <= 5; i++)
		add(*state, i, "t", 100 + i);
	expect(*state, &l, 2, "1 2", false);
	assert_int_equal(l.last, 2);
	l.after = l.last;
	expect(*state, &l, 99, "3 4 5", true);
	l.after = l.last;
	expect(*state, &l, 99, "", true);
	assert_int_equal(l.last, 5);
}

/* Whatever is not listed is looked at, too: that has a bound. */
static void
no_more_is_looked_at(void **state)
{
	struct outbox_list l = { .after = 0, .since_s = 1000, .most = 3 };

	for (int i = 1; i <= 5; i++)
		add(*state, i, "t", i == 5 ? 1000 : 5);
	expect(*state, &l, 99, "", false);
	assert_int_equal(l.last, 3);
	l.after = l.last;
	expect(*state, &l, 99, "5", true);
}

static void
one_topic_alone(void **state)
{
	struct outbox_list l = { .since_s = ALL, .topic = STR("u"),
		.most = 2 };
	bool has = false;

	for (int i = 1; i <= 6; i++)
		add(*state, i, i % 3 == 0 ? "u" : "t", i);
	/* The rows of others are not even looked at. */
	expect(*state, &l, 2, "3 6", false);
	l.after = 3;
	expect(*state, &l, 2, "6", true);
	assert_int_equal(outbox_list_has_topic(*state, STR("u"), &has, &err),
	    0);
	assert_true(has);
	assert_int_equal(outbox_list_has_topic(*state, STR("v"), &has, &err),
	    0);
	assert_false(has);
}

static void
note_topic(struct str topic, void *ctx)
{
	char *seen = ctx;

	snprintf(seen + strlen(seen), 64 - strlen(seen), "%.*s ",
	    STR_ARG(topic));
}

static void
topics_are_told_once(void **state)
{
	char seen[64] = "";

	assert_int_equal(outbox_list_topics(*state, 9, note_topic, seen,
	    &err), 0);
	assert_string_equal(seen, "");
	for (int i = 1; i <= 6; i++)
		add(*state, i, i % 3 == 0 ? "u" : i == 4 ? "a" : "t", i);
	assert_int_equal(outbox_list_topics(*state, 9, note_topic, seen,
	    &err), 0);
	assert_string_equal(seen, "a t u ");
	seen[0] = '\0';
	assert_int_equal(outbox_list_topics(*state, 2, note_topic, seen,
	    &err), 0);
	assert_string_equal(seen, "a t ");
}

static int
count(const struct outbox_listed *row, void *ctx)
{
	size_t *n = ctx;

	assert_int_equal(row->body.n, 20000);
	++*n;
	return 0;
}

/* Bytes that this process has read, of any file; 0: the kernel does not
 * count. */
static unsigned long long
bytes_read(void)
{
	FILE *f = fopen("/proc/self/io", "r");
	char line[64] = "";

	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	return str_starts(str_from(line), STR("rchar: ")) ?
	    strtoull(line + strlen("rchar: "), NULL, 10) : 0;
}

/* 20 MB of bodies that are too old, and one that is not. */
static void
bodies_are_read_of_what_is_listed(void **state)
{
	const char *const steps[] = { outbox_schema, outbox_schema_2,
		outbox_list_schema, outbox_count_schema };
	struct outbox_list l = { .since_s = 1000, .most = 2000 };
	char path[] = "/tmp/test_outbox_list.XXXXXX";
	unsigned long long before;
	struct db *db;
	size_t n = 0;

	(void)state;
	assert_non_null(mkdtemp(path));
	assert_int_equal(chdir(path), 0);
	db = db_open("store.db", DB_WRITER, &err);
	assert_non_null(db);
	assert_int_equal(db_migrate(db, steps, 4, &err), 0);
	assert_int_equal(db_exec(db, "WITH RECURSIVE n (i) AS (SELECT 1"
	    " UNION ALL SELECT i + 1 FROM n WHERE i < 1001)"
	    " INSERT INTO alert (id, topic, feed, time, body)"
	    " SELECT 'msg_' || i, 't', 'f', i, hex(zeroblob(10000)) FROM n",
	    &err), 0);
	db_close(db);
	db = db_open("store.db", DB_READER, &err);
	assert_non_null(db);
	before = bytes_read();
	assert_int_equal(outbox_list_each(db, &l, count, &n, &err), 0);
	assert_int_equal(n, 2);		/* 1000 and 1001 */
	assert_true(l.is_end);
	if (before > 0)
		assert_in_range(bytes_read() - before, 0, 8 << 20);
	db_close(db);
	assert_int_equal(unlink("store.db"), 0);
	(void)unlink("store.db-wal");	/* closed: they may be gone */
	(void)unlink("store.db-shm");
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(path), 0);
}

/* A clock that was set back has left a later time in the middle. */
static void
a_list_begins_by_time(void **state)
{
	int64_t after = -1, last = -1;

	assert_int_equal(outbox_list_begin(*state, 0, &after, &err), 0);
	assert_int_equal(after, 0);
	assert_int_equal(outbox_list_last(*state, &last, &err), 0);
	assert_int_equal(last, 0);
	add(*state, 1, "t", 10);
	add(*state, 2, "t", 30);
	add(*state, 3, "t", 20);
	assert_int_equal(outbox_list_begin(*state, 20, &after, &err), 0);
	assert_int_equal(after, 1);
	assert_int_equal(outbox_list_begin(*state, 31, &after, &err), 0);
	assert_int_equal(after, 3);
	assert_int_equal(outbox_list_begin(*state, 0, &after, &err), 0);
	assert_int_equal(after, 0);
}

static void
note_way(const struct outbox_way *w, void *ctx)
{
	char *out = ctx;
	size_t at = strlen(out);

	snprintf(out + at, 128 - at, "%.*s %s %u %d %d %.*s;",
	    STR_ARG(w->sink), outbox_state_word(w->state), w->tries,
	    (int)w->tried_s, (int)w->due_s, STR_ARG(w->error));
}

static void
each_sink_says_how_far_it_is(void **state)
{
	const struct outbox_mark marks[] = {
		{ .seq = 1, .state = OUTBOX_SENT, .tries = 1, .tried_s = 7 },
		{ .seq = 2, .tries = 2, .tried_s = 8, .due_s = 9,
		    .error = "HTTP 500" },
	};
	char ways[128] = "";

	add(*state, 1, "t", 1);
	add(*state, 2, "t", 1);
	assert_int_equal(outbox_apply(*state, marks, 2, &err), 0);
	assert_int_equal(outbox_list_ways(*state, 1, note_way, ways, &err), 0);
	assert_string_equal(ways, "a waiting 2 8 9 HTTP 500;b sent 1 7 0 ;");
	ways[0] = '\0';
	assert_int_equal(outbox_give_up(*state, "a", "too old", 20, &err), 0);
	assert_int_equal(db_exec(*state, "UPDATE outbox SET state = 3"
	    " WHERE seq = 3", &err), 0);
	assert_int_equal(outbox_list_ways(*state, 2, note_way, ways, &err), 0);
	assert_string_equal(ways,
	    "a given_up 0 20 0 too old;b dropped 0 0 0 ;");
}

static void
a_brief_is_read_from_the_body(void **state)
{
	struct alert_brief b;
	struct json_tree *tree;

	(void)state;
	tree = alert_brief_read(STR("{\"data\":{\"severity\":\"warning\","
	    "\"item\":{\"title\":\"T\",\"url\":\"U\"},\"feed\":{\"title\":"
	    "\"F\",\"site\":\"S\"},\"story\":{\"id\":\"I\"}}}"), &b, &err);
	assert_non_null(tree);
	assert_true(str_eq_c(b.severity, "warning"));
	assert_true(str_eq_c(b.title, "T"));
	assert_true(str_eq_c(b.url, "U"));
	assert_true(str_eq_c(b.feed_title, "F"));
	assert_true(str_eq_c(b.site, "S"));
	assert_true(str_eq_c(b.story, "I"));
	json_tree_free(tree);
	tree = alert_brief_read(STR("{\"data\":7}"), &b, &err);
	assert_non_null(tree);
	assert_int_equal(b.title.n, 0);
	json_tree_free(tree);
	assert_null(alert_brief_read(STR("{"), &b, &err));
	assert_int_equal(b.title.n, 0);
}

/* Rows of the outbox */

static int
note_entry(const struct outbox_entry *e, void *ctx)
{
	struct seen *s = ctx;
	size_t at = strlen(s->what);

	assert_string_equal(e->body.p, "{}");
	snprintf(s->what + at, sizeof(s->what) - at, "%s%d%.*s%.*s",
	    at > 0 ? " " : "", (int)e->seq, STR_ARG(e->sink),
	    STR_ARG(str_sub(e->id, 4, e->id.n)));
	return ++s->n == s->stop_at;
}

static void
expect_rows(struct db *db, struct outbox_rows *rows, size_t stop_at,
    const char *what, bool is_end)
{
	struct seen s = { .stop_at = stop_at };

	assert_int_equal(outbox_rows_each(db, rows, note_entry, &s, &err), 0);
	assert_string_equal(s.what, what);
	assert_int_equal(rows->is_end, is_end);
	rows->after = rows->next;
}

#define EVERY	(1U << OUTBOX_WAITING | 1U << OUTBOX_SENT |		\
    1U << OUTBOX_GIVEN_UP | 1U << OUTBOX_DROPPED)

/* Alert n has the rows 2n - 1 (to b) and 2n (to a). */
static void
rows_of_all_sinks_come_in_one_order(void **state)
{
	struct outbox_rows rows = { .states = EVERY, .since_s = ALL,
		.limit = 3 };

	for (int i = 1; i <= 4; i++)
		add(*state, i, "t", 100 + i);
	assert_int_equal(db_exec(*state, "UPDATE outbox SET state = seq % 4",
	    &err), 0);
	expect_rows(*state, &rows, 99, "1b1 2a1 3b2", false);
	expect_rows(*state, &rows, 2, "4a2 5b3", false);
	expect_rows(*state, &rows, 99, "6a3 7b4 8a4", true);
	expect_rows(*state, &rows, 99, "", true);
}

static void
rows_are_picked(void **state)
{
	struct outbox_rows some = { .states = 1U << OUTBOX_GIVEN_UP,
		.since_s = ALL, .limit = 9 }, of_a, of_u, late;

	for (int i = 1; i <= 4; i++)
		add(*state, i, i % 2 == 0 ? "t" : "u", 100 + i);
	assert_int_equal(db_exec(*state, "UPDATE outbox SET state = 2 WHERE"
	    " seq > 2", &err), 0);
	of_a = of_u = late = some;
	expect_rows(*state, &some, 99, "3b2 4a2 5b3 6a3 7b4 8a4", true);
	of_a.sink = STR("a");
	expect_rows(*state, &of_a, 99, "4a2 6a3 8a4", true);
	of_u.topic = STR("u");
	expect_rows(*state, &of_u, 99, "5b3 6a3", true);
	late.since_s = 104;
	expect_rows(*state, &late, 99, "7b4 8a4", true);
	some.after = 0;
	some.sink = STR("none");
	expect_rows(*state, &some, 99, "", true);
}

/* One that is asked for stands behind thousands that are not; and what another
 * sink has behind those comes when they were looked at. */
static void
rows_looked_at_have_a_bound(void **state)
{
	struct outbox_rows rows = { .states = EVERY, .since_s = ALL,
		.topic = STR("t"), .limit = 9 };
	int pieces = 0;

	assert_int_equal(db_exec(*state, "INSERT INTO sink (name) VALUES"
	    " ('b');WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1"
	    " FROM n WHERE i < 5000) INSERT INTO alert (id, topic, feed, time,"
	    " body) SELECT 'x' || i, 'u', 'f', 1, '{}' FROM n;"
	    "INSERT INTO outbox (alert, sink) SELECT seq, 1 FROM alert",
	    &err), 0);
	add(*state, 1, "t", 1);
	for (; !rows.is_end && pieces < 9; pieces++) {
		struct seen s = { .stop_at = 99 };

		assert_int_equal(outbox_rows_each(*state, &rows, note_entry,
		    &s, &err), 0);
		rows.after = rows.next;
		assert_string_equal(s.what, rows.is_end ? "5001b1 5002a1" :
		    "");
	}
	assert_int_equal(pieces, 3);
}

/* What tests a sink is no alert. */
static void
tests_of_sinks_are_rows_and_no_alerts(void **state)
{
	struct outbox_list l = { .after = 0, .since_s = ALL, .most = 100 };
	struct outbox_rows rows = { .states = EVERY, .since_s = ALL,
		.limit = 9 };
	char topics[64] = "";

	add(*state, 1, "", 5);
	add(*state, 2, "t", 5);
	expect(*state, &l, 99, "2", true);
	expect_rows(*state, &rows, 99, "1b1 2a1 3b2 4a2", true);
	assert_int_equal(outbox_list_topics(*state, 9, note_topic, topics,
	    &err), 0);
	assert_string_equal(topics, "t ");
}

#define T(test)	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_list_comes_in_pieces),
		T(no_more_is_looked_at),
		T(one_topic_alone),
		T(topics_are_told_once),
		T(bodies_are_read_of_what_is_listed),
		T(a_list_begins_by_time),
		T(each_sink_says_how_far_it_is),
		T(a_brief_is_read_from_the_body),
		T(rows_of_all_sinks_come_in_one_order),
		T(rows_are_picked),
		T(rows_looked_at_have_a_bound),
		T(tests_of_sinks_are_rows_and_no_alerts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
